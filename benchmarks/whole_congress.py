"""What does the whole of a Congress cost: requests, CPU, memory, and how long others wait to write?

    python -m benchmarks.whole_congress            all of it, some minutes
    python -m benchmarks.whole_congress requests   the requests of k touched bills alone

All answers are constructed and come from memory; the record is a real database in a temporary folder. Requests are held
to DESIGN §3, the write lock to 250 ms, the peak of memory to 120 MB.
"""

from __future__ import annotations

import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from domain.alerts.routing import Audience, Route, Watch
from domain.alerts.search import parse
from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.observation import Evidence
from domain.options import Secret
from domain.ports import Store, Transaction
from domain.records.detection import NewRevision
from domain.records.facets import DEFAULT_KINDS, Kind
from domain.sources import Request, Response, SourceState
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll, PollOutcome
from storage.store import open_store
from watchers.congress.watcher import CongressWatcher

NOW = datetime(2026, 1, 6, 10, tzinfo=UTC)
EVERY = timedelta(minutes=15)
KEY = Secret("constructed", "benchmark")
BILLS = 17_000
WATCHED = 10_000
LOCK_MS, PEAK_MB = 250, 120


@dataclass(slots=True)
class Publisher:
    """As many bills as a Congress has, each with three actions; `touched` holds when."""

    touched: list[datetime] = field(
        default_factory=lambda: [NOW - timedelta(days=30) + timedelta(seconds=n) for n in range(BILLS)]
    )
    now: datetime = NOW
    lists: int = 0
    others: int = 0

    def __call__(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        path = parts.path.removeprefix("/v3/").split("/")
        if path == ["bill", "119"]:
            self.lists += 1
            body = self._list(query)
        elif path[0] == "bill":
            self.others += 1
            body = self._actions(int(path[3])) if path[4:] == ["actions"] else self._item(int(path[3]))
        else:
            self.others += 1
            body = {path[0].replace("committee-meeting", "committeeMeetings"): [], "pagination": {"count": 0}}
        raw = json.dumps(body).encode()
        return Response(200, request.url, {"content-type": "application/json"}, raw, self.now)

    def _list(self, query: dict[str, str]) -> dict[str, Any]:
        since, limit, offset = datetime.fromisoformat(query["fromDateTime"]), int(query["limit"]), int(query["offset"])
        found = sorted((at, n) for n, at in enumerate(self.touched, start=1) if at >= since)
        pages: dict[str, Any] = {"count": len(found)}
        if offset + limit < len(found):
            pages["next"] = "elsewhere"
        return {"bills": [self._row(n) for _, n in found[offset : offset + limit]], "pagination": pages}

    def _row(self, n: int) -> dict[str, Any]:
        stamp = self.touched[n - 1].strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "congress": 119,
            "type": "HR",
            "number": str(n),
            "title": f"To amend title {n % 54} of the United States Code, and for other purposes ({n}, constructed).",
            "originChamber": "House",
            "latestAction": {"actionDate": "2025-12-09", "text": "Referred to the House Committee on Foreign Affairs."},
            "updateDate": stamp[:10],
            "updateDateIncludingText": stamp,
            "url": f"https://api.congress.gov/v3/bill/119/hr/{n}?format=json",
        }

    def _item(self, n: int) -> dict[str, Any]:
        sponsor = {"bioguideId": "A000001", "fullName": "Rep. Constructed, Ann [I-XX-1]", "party": "I", "state": "XX"}
        counts = {"actions": {"count": 3}, "titles": {"count": 3}}
        return {"bill": {**self._row(n), **counts, "introducedDate": "2025-12-09", "sponsors": [sponsor], "laws": []}}

    def _actions(self, n: int) -> dict[str, Any]:
        texts = ("Referred to the House Committee on Foreign Affairs.", "Introduced in House", "Introduced in House")
        codes = ("H11100", "Intro-H", "1000")
        lines = [
            {
                "actionCode": code,
                "actionDate": "2025-12-09",
                "text": text,
                "type": "IntroReferral",
                "sourceSystem": {"code": 2 if code == "H11100" else 9, "name": "constructed"},
            }
            for code, text in zip(codes, texts, strict=True)
        ]
        return {"actions": lines, "pagination": {"count": 3}}


@dataclass(slots=True)
class Held:
    """A store that measures for how long its write lock is held, in milliseconds."""

    store: Store
    longest: float = 0.0

    @contextmanager
    def begin(
        self, ahead: Sequence[NewRevision | Evidence] = (), *, only: Sequence[str] | None = None
    ) -> Iterator[Transaction]:
        with self.store.begin(ahead, only=only) as tx:
            since = time.perf_counter()
            yield tx
            begun = since
        self.longest = max(self.longest, (time.perf_counter() - begun) * 1000)

    def read(self, *, single: bool = False) -> Any:
        return self.store.read(single=single)

    def close(self) -> None:
        self.store.close()


@dataclass(slots=True)
class World:
    store: Held
    audience: Audience
    publisher: Publisher = field(default_factory=Publisher)
    source: SourceState = field(default_factory=lambda: SourceState("congress"))

    def poll(self, after: timedelta = EVERY) -> PollOutcome:
        self.publisher.now += after
        watcher = CongressWatcher("https://api.example.org/v3", KEY)
        clock = lambda: self.publisher.now  # noqa: E731
        outcome = Poll(
            self.source,
            ScheduledSource(watcher, EVERY),
            self.publisher,
            Context(self.store, self.audience, clock),
        ).run()
        self.source = outcome.source
        if outcome.error:
            raise outcome.error
        return outcome

    def touch(self, count: int, first: int = 0) -> None:
        for n in range(count):
            self.publisher.touched[first + n] = self.publisher.now + timedelta(milliseconds=50 * n)


def watching(bills: int, *, search: bool) -> Audience:
    kinds = DEFAULT_KINDS - {Kind.HEARING}  # whose list is asked once an hour beside
    watches = [Watch(f"hr{n}", us_bill(119, "hr", n), created_at=NOW) for n in range(1, bills + 1)]
    if search:
        watches.append(
            Watch("search", DocumentId.parse("us/bill/119"), created_at=NOW, search=parse("nato NOT budget"))
        )
    return Audience(tuple(watches), (Route(("*",), kinds, ("desk",)),), {"desk": ("desk@example.org",)})


@contextmanager
def world(bills: int, *, search: bool) -> Iterator[World]:
    with tempfile.TemporaryDirectory() as folder:
        store = Held(open_store(f"{folder}/record.db", rehearsal=False, now=NOW))
        yield World(store, watching(bills, search=search))
        store.close()


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def requests() -> bool:
    """Print what k touched bills cost in requests, with a search and 100 bills watched by name."""
    well = True
    with world(100, search=True) as it:
        it.poll()
        print(f"every bill once: {it.publisher.lists} list requests, {it.publisher.others} for 100 watched bills")
        for _ in range(5):
            it.poll(timedelta(hours=7))
        for k in (0, 1, 249, 250, 251, 1_000, 10_000):
            it.poll(timedelta(hours=5))
            it.touch(k)
            it.publisher.lists = it.publisher.others = 0
            it.poll(timedelta(minutes=10))
            most = -(-k // 250) + 1
            print(f"k = {k:6}: {it.publisher.lists} list requests (budget {most}), {it.publisher.others} for watched")
            well = well and it.publisher.lists <= most
            it.publisher.lists = 0
            it.poll()
            it.poll()
            well = well and it.publisher.lists <= 2 + 2 * most
            it.publisher.lists = 0
            it.poll(timedelta(minutes=1))
            print(f"            then {it.publisher.lists} for a poll that finds nothing")
            well = well and it.publisher.lists == 1
    return well


def unchanged() -> bool:
    """Print the CPU of a poll that finds nothing, with all bills on record and 10,000 watched."""
    with world(WATCHED, search=True) as it:
        _report("first poll of a Congress with 10,000 watched bills", it, it.poll)
        it.poll(timedelta(hours=3))
        it.poll(timedelta(minutes=1))
        before, polls = cpu(), 20
        answers = it.publisher.lists
        for _ in range(polls):
            it.poll(timedelta(seconds=1))
        used = (cpu() - before) / polls * 1000
        print(f"a poll that finds nothing: {used:.1f} ms CPU, {(it.publisher.lists - answers) / polls:.2f} requests")
    return _bounds(it)


def first() -> bool:
    """Print what the first reading of 10,000 watched bills costs."""
    with world(WATCHED, search=False) as it:
        _report("first poll of 10,000 watched bills", it, it.poll)
    return _bounds(it)


def lists() -> bool:
    """Print what the light records of every bill cost, and a touch of 10,000 that changes nothing."""
    with world(0, search=True) as it:
        _report("every bill of a Congress from its list", it, it.poll)
        it.poll(timedelta(hours=3))
        it.touch(10_000)
        _report("10,000 bills touched, nothing changed", it, lambda: it.poll(timedelta(minutes=20)))
    return _bounds(it)


def _report(what: str, it: World, work: Any) -> None:
    before, since = cpu(), time.perf_counter()
    it.store.longest = 0.0
    outcome = work()
    print(
        f"{what}: {cpu() - before:.1f} s CPU, {time.perf_counter() - since:.1f} s, {outcome.pages} pages, "
        f"{outcome.revisions} revisions, {outcome.alerts} alerts, lock {it.store.longest:.0f} ms, peak {peak():.0f} MB"
    )


def _bounds(it: World) -> bool:
    return it.store.longest <= LOCK_MS and peak() <= PEAK_MB


PARTS = {"requests": requests, "lists": lists, "first": first, "unchanged": unchanged}


def main() -> int:
    """Each part in a process of its own, for the peak of memory is that of a process."""
    failed = [
        name for name in PARTS if subprocess.run([sys.executable, "-m", __spec__.name, name], check=False).returncode
    ]
    print(f"over budget: {', '.join(failed)}" if failed else "within budget")
    return 1 if failed else 0


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.exit(main() if not sys.argv[1:] else 0 if PARTS[sys.argv[1]]() else 1)
