"""Whatever becomes of the lines: every event is told once, and each who was told hears of what was put right.

Lines come late, are reworded, re-dated, vanish for an hour or for good, return, are shuffled and echoed. One recipient
is reached after every poll, one now and then, and a channel that carries nothing of this is never told anything.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from domain.alerts.routing import Audience, Route
from domain.records.facets import Entry, Facet, Kind
from domain.records.record import Change
from domain.sources import SourceState
from tests.helpers.fakes import BILL, FakeWatcher, ManualClock
from tests.helpers.stores import TemporaryStore
from tests.monitor.service.test_corrections import ALL, WATCH, ServiceHarness

NAMES = ("Adams", "Brown", "Clark", "Davis", "Evans")
SIGNED = "Signed by President."
PROMPT, SLOW = "prompt@example.org", "slow@example.org"


@dataclass
class Event:
    """One true event as the publisher tells it at the moment; `signs` makes the bill law."""

    name: str
    on: date
    yeas: int = 200
    shown: bool = True
    echoed: bool = False

    @property
    def text(self) -> str:
        return SIGNED if self.name == "sign" else f"Motion by {self.name} agreed to: {self.yeas} - 188."

    def entry(self) -> tuple[str, Entry]:
        step = "signed" if self.name == "sign" else None
        codes = ["8000/9", "H37100/2"] if self.echoed else ["8000/9"]
        told = {"on": self.on.isoformat(), "text": self.text, "label": self.text, "step": step, "codes": codes}
        return f"{self.on}:{self.text}", told


@dataclass(frozen=True)
class Turn:
    """What the publisher does between two polls, to which event, and how long it takes."""

    deed: str
    name: str
    days: int
    hours: int
    reached: bool


turns = st.builds(
    Turn,
    st.sampled_from(["come", "come", "reword", "redate", "hide", "show", "echo", "rest"]),
    st.sampled_from([*NAMES, "sign"]),
    st.integers(-76, 9),
    st.sampled_from([1, 5, 13, 30]),
    st.booleans(),
)


def act(turn: Turn, events: dict[str, Event]) -> None:
    event = events.get(turn.name)
    if event is None:
        if turn.deed == "come":
            events[turn.name] = Event(turn.name, date(2026, 1, 6) + timedelta(days=turn.days))
        return
    match turn.deed:
        case "reword":
            event.yeas += 1 + turn.days % 3
        case "redate" if event.shown:
            event.on += timedelta(days=1 + abs(turn.days) % 5)
        case "hide":
            event.shown = False
        case "show":
            event.shown = True
        case "echo":
            event.echoed = not event.echoed


def shown(events: dict[str, Event], luck: random.Random) -> Facet:
    """Return the lines in any order; the introduction is always there, for an empty list is not believed."""
    lines = [event.entry() for event in events.values() if event.shown]
    lines.append(("2026-01-02:Introduced", {"on": "2026-01-02", "text": "Introduced", "step": "introduced"}))
    luck.shuffle(lines)
    return dict(lines)


def named(change: Change) -> str:
    return next((name for name in NAMES if f"by {name} " in (change.text or "")), "sign")


class Heard:
    """What the two recipients were told, in order."""

    def __init__(self) -> None:
        self.by: dict[str, list[Change]] = defaultdict(list)

    def add(self, harness: ServiceHarness) -> None:
        for notice in harness.notices:
            self.by[notice.to] += notice.changes
        harness.notices.clear()


def live(history: list[Turn], seed: int) -> tuple[ServiceHarness, dict[str, Event], Heard]:
    harness = ServiceHarness(TemporaryStore(), ALL, (PROMPT, SLOW))
    harness.audience = Audience(
        (WATCH,),
        (ALL, Route(("*",), frozenset({Kind.TITLE}), ("elsewhere",))),
        {"desk": (PROMPT, SLOW), "elsewhere": ("nobody@example.org",)},
    )
    harness.watcher, harness.clock, harness.source = FakeWatcher(), ManualClock(), SourceState("congress")
    luck, events, heard = random.Random(seed), dict[str, Event](), Heard()
    harness.says(shown(events, luck))
    enacted = False
    for turn in history:
        act(turn, events)
        harness.says(shown(events, luck), by=timedelta(hours=turn.hours))
        harness.sends(but=() if turn.reached else (SLOW,))
        heard.add(harness)
        with harness.store.read() as view:
            record = view.record(BILL)
        assert record is not None
        assert record.last_status is not None
        now_enacted = record.last_status.status.startswith("ENACTED")
        assert now_enacted >= enacted, "a law is never undone"
        enacted = now_enacted
    harness.sends()
    heard.add(harness)
    return harness, events, heard


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(turns, min_size=3, max_size=14), st.integers(0, 9))
@example(
    [Turn("come", "Adams", 0, 1, False), Turn("redate", "Adams", 1, 1, False), Turn("redate", "Adams", 1, 1, True)], 0
)
def test_every_event_is_reported_once_and_corrected_for_those_who_were_alerted(history: list[Turn], seed: int) -> None:
    harness, events, heard = live(history, seed)
    with harness.store.read() as view:
        past = view.past(BILL)
    corrections = {change.key for change in past if change.kind is Kind.CORRECTION}
    prompt, slow = heard.by[PROMPT], heard.by[SLOW]
    assert set(heard.by) <= {PROMPT, SLOW}, "nobody else hears anything"
    told = [named(change) for change in prompt if change.kind is Kind.ACTION]
    assert sorted(told) == sorted(events), "each event is one action, told once"
    assert sorted(change.key for change in prompt if change.kind is Kind.CORRECTION) == sorted(corrections)
    for name, event in events.items():
        mine = [change for change in slow if named(change) == name and change.kind is not Kind.STATUS]
        if name != "sign":  # a line withdrawn before it was sent leaves its status behind, which is told
            assert [change.kind is Kind.ACTION for change in mine] == [n == 0 for n in range(len(mine))]
        assert len({change.key for change in mine}) == len(mine)
        if mine and event.shown:
            assert (mine[-1].text, mine[-1].happened_on) == (event.text, event.on.isoformat())
