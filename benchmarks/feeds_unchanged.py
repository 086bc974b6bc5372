"""What do a thousand feeds cost in which nothing has changed?

Polls them as the service does (configuration, door, watcher, database, one write a round) and prints the CPU
microseconds a feed beside those of a bare `requests` conditional GET of the same feeds, the peak of memory, and how
many answers were 304. The origin is another process, so only the asking side is counted; the best of several rounds is
taken, in turns, in one run. Exits 1 when the ratio is above 1.4, the peak above 120 MB, or a 304 was left unused.
"""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import requests

from monitor.service.context import Context

sys.path.insert(0, str(Path(__file__).parents[1]))

from domain.sources import SourceState
from monitor.config.loader import load_config
from monitor.http.client import HttpClient
from monitor.service.poll import poll_source
from monitor.service.runtime import Runtime, open_runtime

FEEDS, ROUNDS, ENTRIES = 1000, 7, 30
MOST_RATIO, MOST_MEGABYTES = 1.4, 120
NOW = datetime(2026, 1, 6, 10, tzinfo=UTC)
HEAD = (
    b'ETag: "a"\r\nLast-Modified: Mon, 05 Jan 2026 12:00:00 GMT\r\nDate: Tue, 06 Jan 2026 10:00:00 GMT\r\n'
    b"Content-Type: application/rss+xml; charset=UTF-8\r\nServer: origin\r\n"
)
CONDITIONS = {"If-None-Match": '"a"', "If-Modified-Since": "Mon, 05 Jan 2026 12:00:00 GMT"}
ITEM = "<item><guid>https://feeds.example/{n}</guid><link>https://feeds.example/{n}</link><title>Act {n} (constructed)"
ITEM += "</title><description>What act {n} orders, in some words.</description></item>"


def feed() -> bytes:
    items = "".join(ITEM.format(n=n) for n in range(ENTRIES))
    return f'<rss version="2.0"><channel><title>Acts</title>{items}</channel></rss>'.encode()


def serve() -> None:
    """Answer one connection after the other, for ever; the port is printed first. /count says how many were 304."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    body = feed()
    full = b"HTTP/1.1 200 OK\r\n" + HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    counts = {200: 0, 304: 0}
    while True:
        connection, _ = listener.accept()
        with connection:
            asked = b""
            while got := connection.recv(65536):
                asked += got
                while b"\r\n\r\n" in asked:
                    head, _, asked = asked.partition(b"\r\n\r\n")
                    if head.startswith(b"GET /count "):
                        said = f"{counts[200]} {counts[304]}".encode()
                        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said) + said)
                        continue
                    status = 304 if b'if-none-match: "a"' in head.lower() else 200
                    counts[status] += 1
                    connection.sendall(full if status == 200 else b"HTTP/1.1 304 Not Modified\r\n" + HEAD + b"\r\n")


def installation(folder: Path, origin: str) -> Runtime:
    watches = "".join(f'[[watch]]\nfeed = "{origin}/{n}"\nname = "feed {n}"\n' for n in range(FEEDS))
    path = folder / "config.toml"
    path.write_text(f'[service]\ndatabase = "b.db"\n[http]\nallow_hosts = ["127.0.0.1"]\n{watches}', encoding="utf-8")
    return open_runtime(load_config(path, now=NOW), clock=lambda: NOW, rehearsal=False)


def cpu(work: Callable[[], object]) -> float:
    """Return CPU microseconds a feed."""
    began = time.process_time()
    work()
    return (time.process_time() - began) / FEEDS * 1e6


def counts(origin: str) -> tuple[int, int]:
    full, unchanged = requests.get(f"{origin}/count", timeout=60).text.split()
    return int(full), int(unchanged)


def measure(folder: Path, origin: str) -> tuple[float, float, float]:
    """Return the best of bare requests and of our polls, and the share of 304s among the answers we could have had."""
    app = installation(folder, origin)
    known = {name: SourceState(name) for name in app.sources}

    def polls() -> None:
        quiet = []
        for name, beat in app.sources.items():
            outcome = poll_source(known[name], beat, app.http, Context(app.store, app.audience, app.clock))
            assert outcome.error is None, outcome.error
            known[name] = outcome.source
            quiet += [outcome.source] if outcome.quiet else []
        if quiet:
            with app.store.begin() as tx:
                tx.touch(quiet)
        close(app)

    print(f"feeds_unchanged first_us={cpu(polls):.0f} entries={FEEDS * ENTRIES}")
    bare: list[float] = []
    ours: list[float] = []
    full, unchanged = counts(origin)
    for _ in range(ROUNDS):
        bare.append(cpu(lambda: ask_bare(origin)))
        ours.append(cpu(polls))
    full_after, unchanged_after = counts(origin)
    app.store.close()
    used = unchanged_after - unchanged - ROUNDS * FEEDS
    return min(bare), min(ours), used / (used + full_after - full)


def ask_bare(origin: str) -> None:
    with requests.Session() as session:
        for number in range(FEEDS):
            assert session.get(f"{origin}/{number}", headers=CONDITIONS, timeout=60).status_code == 304


def close(app: Runtime) -> None:
    """The origin speaks with one at a time."""
    assert isinstance(app.http, HttpClient)
    app.http.close()


def main() -> int:
    origin = subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True)
    assert origin.stdout is not None
    try:
        with tempfile.TemporaryDirectory() as folder:
            bare, ours, used = measure(Path(folder), f"http://127.0.0.1:{origin.stdout.readline().strip()}")
    finally:
        origin.kill()
        origin.wait()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"feeds_unchanged feeds={FEEDS} bare_us={bare:.0f} poll_us={ours:.0f} ratio={ours / bare:.2f} "
        f"peak_mb={peak:.0f} used_304={used:.1%} cpus={os.cpu_count()}"
    )
    return int(ours / bare > MOST_RATIO or peak > MOST_MEGABYTES or used < 1)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        sys.exit(main())
