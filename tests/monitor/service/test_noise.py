"""Polls full of noise with a true event now and then: each event is told once, and nothing else ever.

The real watcher of Congress reads a constructed bill from a publisher in memory; what it says goes through the poll
into a store. At every poll the publisher shuffles, repeats, echoes, cites and drops lines, as the real one does.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from domain.alerts.routing import Audience, Route, Watch
from domain.records.facets import Kind
from domain.sources import SourceState
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll
from tests.helpers.stores import TemporaryStore
from tests.watchers.congress.publisher import BASE, BILL, INTRODUCED, KEY, REFERRED, START, Publisher, paged, row
from watchers.congress.actions import event_words
from watchers.congress.watcher import CongressWatcher

LAGS = (0, 1, 12, 22, 76, -9)
"""Days between an event and its line; the last one is announced for a day to come."""

BASELINE = 3
"""Polls before the noise begins: what is hidden from a first reading is news when it comes."""

LADDER = (
    ("Reported by the Committee on Foreign Affairs. H. Rept. 119-999.", "5000", "status"),
    ("On passage Passed by the Yeas and Nays: 217 - 188 (Roll no. 304).", "8000", "status"),
    ("Received in the Senate.", "10000", None),
    ("Passed Senate without amendment by Unanimous Consent.", "17000", "status"),
    ("Presented to President.", "28000", None),
    ("Signed by President.", "36000", "status"),
)
"""Constructed lines of a bill that climbs; the third member says whether a new status comes of them."""


@dataclass
class Noise:
    """What the publisher shows of the lines that are true; `hidden` lines are back after so many polls."""

    luck: random.Random
    true: list[dict[str, Any]] = field(default_factory=lambda: [REFERRED, INTRODUCED])
    cited: set[int] = field(default_factory=set)
    echoed: set[int] = field(default_factory=set)
    hidden: dict[int, int] = field(default_factory=dict)

    def shown(self, turn: int) -> list[dict[str, Any]]:
        if turn > BASELINE:
            self._stir(turn)
        lines = []
        for number, true in enumerate(self.true):
            if self.hidden.get(number, 0) > turn:
                continue
            text = true["text"] + (f" (consideration: CR S{8766 + number})" if number in self.cited else "")
            lines.append({**true, "text": text.replace(" ", "  ") if self.luck.random() < 0.1 else text})
            if number in self.echoed:
                lines.append({**true, "actionCode": "28000", "sourceSystem": {"code": 9, "name": "Library"}})
            if self.luck.random() < 0.1:
                lines.append(dict(lines[-1]))
        if self.luck.random() < 0.5:
            self.luck.shuffle(lines)
        return lines

    def _stir(self, turn: int) -> None:
        number = self.luck.randrange(len(self.true))
        match self.luck.randrange(6):
            case 0:
                self.cited.add(number)
            case 1:
                self.echoed ^= {number}
            case 2 if not self.hidden or max(self.hidden.values()) <= turn:
                self.hidden = {number: turn + self.luck.randrange(1, 40)}


class ServiceHarness:
    def __init__(self, seed: int) -> None:
        self.luck = random.Random(seed)
        self.publisher = Publisher(turns=self._drifting)
        self.noise = Noise(self.luck)
        self.store = TemporaryStore()
        self.source = SourceState("congress")
        route = Route(("*",), frozenset(Kind), ("desk",))
        watch = Watch("nato", BILL, created_at=START - timedelta(days=1))
        self.audience = Audience((watch,), (route,), {"desk": ("desk@example.org",)})
        self.climbed = 0
        self.events: list[str] = []
        self.statuses = 0

    def poll(self, turn: int) -> None:
        self.publisher.now += timedelta(minutes=15)
        bill = self.publisher.bills[BILL]
        bill.lists["actions"] = self.noise.shown(turn)
        bill.updated = self.publisher.now if self.luck.random() < 0.8 else bill.updated
        self.publisher.headers = {"etag": f'"{self.luck.random()}"'}
        self.publisher.asked.clear()
        clock = lambda: self.publisher.now  # noqa: E731
        watcher = CongressWatcher(BASE, KEY)
        outcome = Poll(
            self.source,
            ScheduledSource(watcher, timedelta(minutes=15)),
            self.publisher,
            Context(self.store, self.audience, clock),
        ).run()
        self.source = outcome.source
        assert outcome.error is None

    def happens(self) -> None:
        """Let something true happen, and be published with some lag."""
        lag = LAGS[len(self.events) % len(LAGS)]
        on = (self.publisher.now - timedelta(days=lag)).date().isoformat()
        line = {**REFERRED, "actionDate": on, "committees": None}
        if self.luck.random() < 0.2 and self.climbed < len(LADDER) and lag == 0:
            text, code, status = LADDER[self.climbed]
            self.climbed += 1
            self.statuses += status is not None
            line |= {"text": text, "actionCode": code, "sourceSystem": {"code": 9, "name": "Library"}}
        else:
            text = f"Sponsor introductory remarks on measure, no. {len(self.events)}."
            line |= {"text": text, "actionCode": "B00100", "sourceSystem": {"code": 9, "name": "Library"}}
        self.noise.true.insert(0, line)
        self.noise.cited = {n + 1 for n in self.noise.cited}
        self.noise.echoed = {n + 1 for n in self.noise.echoed}
        self.noise.hidden = {n + 1: until for n, until in self.noise.hidden.items()}
        self.events.append(text)

    def _drifting(self, path: str, query: dict[str, str]) -> tuple[int, Any] | None:
        """The list of the Congress: rows twice, a wrong count, an order of its own."""
        if path.count("/") != 2 or self.luck.random() < 0.5:
            return None
        rows = [row(BILL, self.publisher.bills[BILL].updated)] * 2
        answer = paged("bills", rows, query)
        answer["pagination"]["count"] += self.luck.choice((-1, 0, 1))
        return 200, answer

    def told(self) -> Counter[tuple[str, str]]:
        return Counter((str(c.kind), event_words(c.text or "")) for alert in self.store.alerts for c in alert.changes)


def run(polls: int, seed: int, share: float) -> ServiceHarness:
    harness = ServiceHarness(seed)
    for turn in range(polls):
        if turn > BASELINE and harness.luck.random() < share:
            harness.happens()
        harness.poll(turn)
    for turn in range(polls, polls + 60):
        harness.poll(turn)
    return harness


@pytest.mark.parametrize(
    ("polls", "share"),
    [
        pytest.param(400, 0.05, id="400 polls, one in twenty true"),
        pytest.param(10_000, 0.01, id="10,000 polls, one in a hundred true", marks=pytest.mark.slow),
    ],
)
def test_every_true_event_is_reported_once_and_nothing_else(polls: int, share: float) -> None:
    harness = run(polls, seed=6508, share=share)
    told = harness.told()
    assert {text: n for (kind, text), n in told.items() if kind == "action"} == dict.fromkeys(harness.events, 1)
    assert sum(n for (kind, _), n in told.items() if kind == "status") == harness.statuses
    assert {kind for kind, _ in told} <= {"action", "status"}


@pytest.mark.parametrize("lag", LAGS)
def test_an_event_is_reported_once_however_late_its_line_comes(lag: int) -> None:
    harness = ServiceHarness(seed=lag)
    for turn in range(8):
        harness.poll(turn)
    harness.events = [""] * LAGS.index(lag)
    first, day = harness.publisher.now, (harness.publisher.now - timedelta(days=lag)).date().isoformat()
    harness.happens()
    for turn in range(8, 120):
        harness.poll(turn)
    (alert,) = harness.store.alerts
    (change,) = alert.changes
    assert (event_words(change.text or ""), change.kind) == (harness.events[-1], Kind.ACTION)
    assert change.happened_on == day
    assert change.seen_at > first
