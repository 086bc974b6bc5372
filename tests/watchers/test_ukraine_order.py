"""Three sources tell one renewal, in whatever order and with whatever failing: each step is told once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Unavailable
from domain.ports import Watcher
from domain.records.facets import Kind
from domain.sources import Request, Response
from tests.watchers.rada.publisher import BASE, RadaServer, decree, law
from tests.watchers.rada.test_bill_register import EMPTY, OPEN, SEARCH, SIGNED
from tests.watchers.test_president import AWARD, DECREE, SITE, site
from tests.watchers.ukraine_sources import Answers, UkraineInstallation, answering, decrees, search
from watchers.rada.president import PresidentWatcher
from watchers.rada.watcher import RadaWatcher

AWARDED = decree("1/2025", date(2025, 1, 2), title="Про відзначення державними нагородами України")
PAPER = decree("793/2025", date(2025, 10, 20), "05 години 30 хвилин 5 листопада 2025 року")
LAW = law("4643-20", date(2025, 10, 21), PAPER)
WATCHERS: Mapping[str, Watcher] = {
    "rada": RadaWatcher(BASE),
    "president": PresidentWatcher(SITE),
    "rada_bills": SEARCH,
}
STEPS = {
    "instruments/ua/decree/793/2025",
    "approvals/ua/law/4643-ix",
    "steps/bill_registered:ua/bill/14128",
    "steps/law_signed:ua/bill/14128",
    "steps/in_force:ua/law/4643-ix",
}


class World:
    """What each source shows at each of four stages: nothing yet, decree and bill, law, in force."""

    def __init__(self) -> None:
        self.stage = 0
        self.database = RadaServer()
        self.database.put(AWARDED)

    def to(self, stage: int, desk: UkraineInstallation) -> None:
        self.stage = stage
        self.database.now = desk.now
        for paper in {1: (PAPER,), 2: (LAW,)}.get(stage, ()):
            self.database.put(paper)
            self.database.touch(paper.nreg)
        if stage == 3:
            self.database.touch(LAW.nreg, status=5)

    def http(self, name: str, desk: UkraineInstallation, *, down: bool) -> Answers:
        def refuse(request: Request) -> Response:
            raise Unavailable("down (constructed)", status=503)

        if down:
            return refuse
        self.database.now = desk.now
        shown: dict[str, Answers] = {
            "rada": self.database,
            "president": site(decrees(AWARD) if self.stage == 0 else decrees(DECREE, AWARD)),
            "rada_bills": answering({0: EMPTY, 3: search(SIGNED)}.get(self.stage, search(OPEN))),
        }
        return shown[name]


POLLS = st.lists(st.tuples(st.sampled_from(sorted(WATCHERS)), st.booleans()), max_size=8)


@settings(max_examples=15, deadline=None)
@given(st.tuples(POLLS, POLLS, POLLS), st.permutations(sorted(WATCHERS)))
def test_each_step_is_reported_once_whoever_tells_it_first(
    stages: tuple[list[tuple[str, bool]], ...], last: list[str]
) -> None:
    desk, world = UkraineInstallation(), World()
    told: list[str] = []
    for name, watcher in WATCHERS.items():
        desk.poll(watcher, world.http(name, desk, down=False))
    for stage, polls in enumerate(stages, start=1):
        desk.now += timedelta(days=1)
        world.to(stage, desk)
        final = [(name, False) for name in last] * 2 if stage == 3 else []
        for name, down in (*polls, *final):
            changes = desk.changes(WATCHERS[name], world.http(name, desk, down=down), timedelta(hours=7))
            told += [change.subject for change in changes if change.kind is Kind.TERM]
            assert not any(change.kind is Kind.CORRECTION for change in changes)
    assert sorted(told) == sorted(STEPS)
    standing = desk.standing()
    assert (standing.next_instrument, standing.next_state.value) == ("ua/decree/793/2025", "in_force_later")
