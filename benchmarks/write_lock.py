"""How long is the write lock held at a time, and how much of that is the commit?

    python -m benchmarks.write_lock [BILLS]

Records BILLS full bills (5,000 unless given) page by page as polls and imports do: recorded files under numbers they
never had (*constructed*), first without their last two lines, then twice a line more, in no order. Last a mute holds
1,500 waiting messages and lets them go. Prints for each kind of transaction how long the lock was held, in ms. Exits 1
when a 99th percentile is over 250 (rule 1); 2 where the recorded files are absent. A busy machine makes it longer: the
load is printed.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.alerts.routing import Alert
from domain.alerts.send_delays import Mute
from domain.coded_text import coded
from domain.jurisdictions.us.names import us_bill
from domain.observation import Evidence, Observation
from domain.records.detection import NewRevision, advance
from domain.records.facets import Facet, digest
from domain.records.record import Record
from monitor.service.bulk_import import FILES_PER_PAGE as IMPORTED_PAGE
from monitor.service.dispatch import reapply_holds
from storage.store import DatabaseStore, open_store
from watchers.govinfo.billstatus import parse_billstatus

RECORDED = Path(__file__).parents[2] / "shared" / "corpus" / "congress" / "billstatus"
PAGE = 250
MOST = 250
"""Milliseconds that the lock may be held at a time."""

WAITING = 1500
_START = datetime(2025, 1, 6, 10, tzinfo=UTC)

Facets = dict[str, Facet]


@dataclass
class Held:
    """Hears the store, and remembers for each kind of transaction how long the lock was held, and the commit took."""

    kind: str = ""
    since: float = 0.0
    ready: float = 0.0
    spans: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def __call__(self, point: str) -> None:
        if point == "store.after_begin":
            self.since = time.perf_counter()
        elif point == "store.before_commit":
            self.ready = time.perf_counter()
        elif point == "store.after_commit" and self.kind:
            now = time.perf_counter()
            self.spans.setdefault(self.kind, []).append((1000 * (now - self.since), 1000 * (now - self.ready)))


def bills() -> list[Facets]:
    """Return what the recorded files of the 117th Congress state."""
    bodies = (path.read_bytes() for path in sorted(RECORDED.rglob("*.xml")))
    return [dict(parse_billstatus(body).facets) for body in bodies if b"<congress>117</congress>" in body]


def stated(facets: Facets, state: int) -> Facets:
    """Return a state of a bill, 1 to 3: two, one, or none of its lines of actions are still to come."""
    lines = sorted(facets["actions"])
    return {**facets, "actions": {line: facets["actions"][line] for line in lines[: max(1, len(lines) - 3 + state)]}}


def pages(count: int, state: int, size: int, found: Sequence[Facets]) -> Iterator[list[tuple[int, Facets]]]:
    """Yield the numbers of bills with what is stated of them; only the first state comes in order."""
    numbers = list(range(1, count + 1))
    if state > 1:
        random.Random(state).shuffle(numbers)
    for start in range(0, count, size):
        yield [(number, stated(found[number % len(found)], state)) for number in numbers[start : start + size]]


def judged(page: Sequence[tuple[int, Facets]], store: DatabaseStore, evidence: str, now: datetime) -> list[NewRevision]:
    """Compare outside the transaction, as a poll does."""
    names = {us_bill(117, "hr", number): facets for number, facets in page}
    with store.read() as view:
        known: dict[object, Record] = dict(view.records(names))
    seen = (Observation(n, "congress", "congress/1", f, dict.fromkeys(f, evidence), now) for n, f in names.items())
    steps = (advance(known.get(observation.document), observation, now) for observation in seen)
    return [step for step in steps if step is not None]


def record(store: DatabaseStore, held: Held, count: int, found: Sequence[Facets]) -> None:
    for state, size in ((1, PAGE), (2, PAGE), (3, IMPORTED_PAGE)):
        held.kind = f"{'first' if state == 1 else 'next'}_page_of_{size}"
        now = _START + timedelta(days=state)
        for number, page in enumerate(pages(count, state, size, found)):
            body = random.Random(number).randbytes(40_000)
            evidence = Evidence(digest(body), "https://api.congress.gov/v3/bill", now, "application/json", body)
            steps = judged(page, store, evidence.digest, now)
            with store.begin([*steps, evidence]) as tx:
                tx.keep(evidence)
                for step in steps:
                    tx.save(step)


def mute(store: DatabaseStore, held: Held) -> None:
    """Hold what waits, and let it go."""
    bill = us_bill(117, "hr", 1)
    held.kind = ""
    with store.begin() as tx:
        change = advance(None, Observation(bill, "congress", "congress/1", {"item": {"": {}}}, {}), _START)
        assert change is not None
        for number in range(WAITING):
            about = replace(change.changes[0], subject=str(number), revision=1)
            tx.enqueue(
                Alert(bill, 1, f"channel {number}", ("all",), (about,), (coded("reason.test", channel="desk"),)),
                ["a@example.org"],
                _START,
            )
    for until in (_START + timedelta(days=9), _START):
        now = _START + timedelta(days=8)
        held.kind = ""
        with store.begin() as tx:
            tx.mute(Mute(until, now, document=bill))
        held.kind = f"settle_of_{WAITING}"
        reapply_holds(store, lambda now=now: now)  # type: ignore[misc]


def main(count: int) -> int:
    if not RECORDED.exists():
        print("write_lock: the recorded files are not beside the checkout")
        return 2
    held = Held()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "lexwatch.db", rehearsal=True, now=_START, trace=held)
        record(store, held, count, bills())
        mute(store, held)
        store.close()
    late = False
    for kind, spans in held.spans.items():
        whole, commits = ([round(span[n], 1) for span in spans] for n in (0, 1))
        ordered = sorted(whole)
        p99 = ordered[int(len(ordered) * 0.99)]
        late |= p99 > MOST
        print(
            f"write_lock {kind} n={len(whole)} median={statistics.median(whole):.0f} p99={p99:.0f} "
            f"longest={ordered[-1]:.0f} commit_median={statistics.median(commits):.0f} "
            f"commit_longest={max(commits):.0f} load={os.getloadavg()[0]:.1f} cpus={os.cpu_count()}"
        )
    return int(late)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000))
