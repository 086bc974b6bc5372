"""What does a poll that finds nothing cost beside a bare `requests` conditional GET?

The whole poll is counted: the watcher `congress` with one followed bill, the http, the comparison, and the write, once
a tick, that it took place, with full sync. The origin is another process; both are measured in turns in one run and the
best round of each is taken. The list answer is 20 KB and carries no validator, as api.congress.gov sends it. Prints the
CPU microseconds and the ratio; exits 1 above the budget, 1.0, or if a poll cost more than one request.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from domain.alerts.routing import Audience, Watch
from domain.jurisdictions.us.names import us_bill
from domain.sources import SourceState
from monitor.http.client import HttpClient
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll
from storage.store import open_store
from watchers.congress.watcher import CongressWatcher

BUDGET = 1.0
ROUNDS, POLLS = 7, 200
TICK = 8  # polls that share one write: sources of one service that were due in the same second
NOW = datetime(2026, 1, 20, 10, tzinfo=UTC)
BILL = us_bill(119, "hr", 6508)
STAMP = {"updateDate": "2026-01-06", "updateDateIncludingText": "2026-01-06T19:58:27Z"}
LISTED = {"congress": 119, "type": "HR", "title": "constructed, to fill the page", **STAMP}
ITEM = {
    "congress": 119,
    "type": "HR",
    "number": "6508",
    "title": "NATO Act",
    "introducedDate": "2025-12-09",
    "actions": {"count": 1},
    **STAMP,
}
ACTIONS = [{"actionDate": "2025-12-09", "text": "Introduced in House", "type": "IntroReferral", "actionCode": "1000"}]


class Origin(BaseHTTPRequestHandler):
    """Answers like api.congress.gov about one bill among many."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.endswith("/6508"):
            answer: object = {"bill": ITEM}
        elif path.endswith("/actions"):
            answer = {"actions": ACTIONS, "pagination": {"count": 1}}
        else:
            listed = [{**LISTED, "number": str(number)} for number in range(6400, 6530)]
            answer = {"bills": listed, "pagination": {"count": len(listed)}}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


def serve() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    print(server.server_port, flush=True)
    server.serve_forever()


def cpu(work: Callable[[], object], times: int) -> float:
    """Return CPU microseconds per poll."""
    began = time.process_time()
    work()
    return (time.process_time() - began) / times * 1e6


def main() -> int:
    logging.disable(logging.CRITICAL)
    origin = subprocess.Popen([sys.executable, "-m", __spec__.name, "serve"], stdout=subprocess.PIPE, text=True)
    assert origin.stdout is not None
    try:
        with tempfile.TemporaryDirectory() as folder:
            return measure(f"http://127.0.0.1:{origin.stdout.readline().strip()}", folder)
    finally:
        origin.terminate()
        origin.wait()


def measure(url: str, folder: str) -> int:
    store = open_store(f"{folder}/record.db", rehearsal=False, now=NOW)
    http = HttpClient(contact="desk@example.org", clock=lambda: NOW, allow_hosts=["127.0.0.1"])
    watcher = CongressWatcher(f"{url}/v3", None)
    audience = Audience((Watch("nato", BILL),))
    source = SourceState("congress")
    for _ in range(4):  # the baseline, and the readings that a first touch asks for
        source = (
            Poll(source, ScheduledSource(watcher, timedelta(minutes=15)), http, Context(store, audience, lambda: NOW))
            .run()
            .source
        )
    spent = source.requests

    def polls() -> None:
        nonlocal source
        quiet = []
        for number in range(POLLS):
            outcome = Poll(
                source,
                ScheduledSource(watcher, timedelta(minutes=15)),
                http,
                Context(store, audience, lambda: NOW),
            ).run()
            assert outcome.quiet, outcome
            source = outcome.source
            quiet.append(source)
            if number % TICK == TICK - 1:
                with store.begin() as tx:
                    tx.save_poll_times(quiet)
                quiet.clear()

    address = f"{url}/v3/bill/119?format=json&fromDateTime=2026-01-06T18:58:27Z&sort=updateDate+asc&limit=250&offset=0"
    headers = {"X-Api-Key": "DEMO_KEY", "If-None-Match": '"x"'}
    bare: list[float] = []
    ours: list[float] = []
    with requests.Session() as session:
        for _ in range(ROUNDS):
            ask = lambda: [session.get(address, headers=headers, timeout=60).content for _ in range(POLLS)]  # noqa: E731
            bare.append(cpu(ask, POLLS))
            ours.append(cpu(polls, POLLS))
    store.close()
    ratio = min(ours) / min(bare)
    per_poll = (source.requests - spent) / (ROUNDS * POLLS)
    print(f"bare {min(bare):.0f} us, whole poll {min(ours):.0f} us, ratio {ratio:.2f} (budget {BUDGET})")
    print(f"requests per poll {per_poll:.2f}")
    return 0 if ratio <= BUDGET and per_poll == 1 else 1


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        sys.exit(main())
