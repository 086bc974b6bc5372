"""What do `sources`, `status`, `check` and `alerts` cost with 1,000 and with 10,000 sources, watches and messages?

    python -m benchmarks.many_sources [FEWER MORE]

So many constructed feeds, each watched, with one entry and one message sent, are written by the storage itself, 250 in
a transaction. Then the CPU of each command less that of `lexwatch --version`, the least of five. Exits 1 when a row
costs more than twice as much with the larger number, or the larger number takes more than a second above start-up.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.status import cpu
from domain.alerts.delivery import Delivery, Frozen, State
from domain.alerts.routing import Alert, Watch
from domain.documents import DocumentId, named_feed
from domain.observation import Observation
from domain.records.detection import NewRevision, advance
from domain.records.facets import Kind
from domain.records.record import Change
from domain.sources import SourceState
from storage.store import DatabaseStore, open_store

COMMANDS = ("sources", "status", "check", "alerts")
MOST_PER_ROW, MOST_SECONDS = 2.0, 1.0
NOW = datetime(2026, 1, 6, 10, tzinfo=UTC)
LATER = "2026-01-06T12:00:00Z"
LEXWATCH = (sys.executable, "-m", "monitor.cli.main")
_PAGE = 250


def watches(number: int) -> list[Watch]:
    return [
        Watch(f"feed {n}", named_feed(f"feed {n}"), None, NOW, address=f"https://feeds.example/{n}")
        for n in range(number)
    ]


def write(store: DatabaseStore, number: int, *, messages: bool = True) -> None:
    """Register the watches, say of each source that it is well, record one entry of each and one message sent."""
    wanted = watches(number)
    with store.begin() as tx:
        tx.register(wanted, NOW)
    for start in range(0, number, _PAGE):
        page = wanted[start : start + _PAGE]
        steps = list(entries(page))
        with store.begin(steps) as tx:
            due = NOW + timedelta(hours=3)
            tx.save_poll_times([SourceState(str(one.document), due_at=due, last_good_at=NOW) for one in page])
            for step in steps:
                tx.save(step)
            for watch, step in zip(page, steps if messages else (), strict=messages):
                alert = Alert(step.record.document, 1, "terminal", (watch.name,), step.changes, ())
                alert = tx.enqueue(alert, ["terminal"], NOW)
        with store.begin() as tx:
            for delivery in tx.due("terminal", NOW, _PAGE):
                said = Frozen("A new act (constructed)", b"A new act of the office (constructed)", "text/plain")
                tx.finish(sent(delivery, said))


def sent(delivery: Delivery, said: Frozen) -> Delivery:
    return replace(delivery, state=State.SENT, sent_at=NOW, message=said)


def entries(page: list[Watch]) -> Iterator[NewRevision]:
    for watch in page:
        document = DocumentId.parse(f"{watch.document}/0000000000000001")
        title = f"Act 1 of the office of {watch.name} (constructed)"
        facets = {"title": {"display": {"text": title}}, "item": {"": {"link": f"{watch.address}/1", "author": None}}}
        step = advance(None, Observation(document, str(watch.document), "feed/1", facets, {}, NOW), NOW)
        assert step is not None
        yield replace(
            step, changes=(Change(document, 1, Kind.APPEARED, "document", None, title, title, None, NOW, ""),)
        )


def installation(folder: Path, number: int, database: str) -> list[str]:
    """Write the configuration and the record; return the command that asks this installation."""
    config = folder / "config.toml"
    head = f'[service]\ndatabase = "{database}"\n[[channel]]\nname = "terminal"\nkind = "console"\n'
    feeds = "".join(f'[[watch]]\nfeed = "{watch.address}"\nname = "{watch.name}"\n' for watch in watches(number))
    config.write_text(head + feeds, encoding="utf-8")
    began = time.perf_counter()
    store = open_store(database if "://" in database else folder / database, rehearsal=True, now=NOW)
    write(store, number)
    store.close()
    print(f"  {number} feeds written in {time.perf_counter() - began:.0f} s", flush=True)
    return [*LEXWATCH, "--config", str(config), "--now", LATER]


def measured(number: int, database: str = "benchmark.db") -> dict[str, float]:
    """Return the CPU seconds above start-up of each command with so many feeds."""
    with tempfile.TemporaryDirectory() as folder:
        command = installation(Path(folder), number, database)
        start = cpu(*LEXWATCH, "--version", runs=5)
        return {word: cpu(*command, word, runs=5) - start for word in COMMANDS}


def main(fewer: int, more: int) -> int:
    small, large = measured(fewer), measured(more)
    met = True
    for word in COMMANDS:
        ratio = (large[word] / more) / (small[word] / fewer)
        print(
            f"{word}: {fewer} {small[word]:.2f}s, {more} {large[word]:.2f}s, per row {ratio:.2f} "
            f"(budget {MOST_PER_ROW} and {MOST_SECONDS:.0f} s) load={os.getloadavg()[0]:.1f}"
        )
        met &= ratio <= MOST_PER_ROW and large[word] <= MOST_SECONDS
    return int(not met)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3] or ("1000", "10000"))))
