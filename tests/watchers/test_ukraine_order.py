"""Three sources state one renewal, in whatever order and with whatever failing: each step is sent once."""

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


class Publishers:
    """What each source shows at each of four stages: nothing yet, decree and bill, law, in force."""

    def __init__(self) -> None:
        self.stage = 0
        self.database = RadaServer()
        self.database.put(AWARDED)

    def to(self, stage: int, installation: UkraineInstallation) -> None:
        self.stage = stage
        self.database.now = installation.now
        for act in {1: (PAPER,), 2: (LAW,)}.get(stage, ()):
            self.database.put(act)
            self.database.touch(act.nreg)
        if stage == 3:
            self.database.touch(LAW.nreg, status=5)

    def http(self, name: str, installation: UkraineInstallation, *, down: bool) -> Answers:
        def refuse(request: Request) -> Response:
            raise Unavailable("down (constructed)", status=503)

        if down:
            return refuse
        self.database.now = installation.now
        shown: dict[str, Answers] = {
            "rada": self.database,
            "president": site(decrees(AWARD) if self.stage == 0 else decrees(DECREE, AWARD)),
            "rada_bills": answering({0: EMPTY, 3: search(SIGNED)}.get(self.stage, search(OPEN))),
        }
        return shown[name]


POLLS = st.lists(st.tuples(st.sampled_from(sorted(WATCHERS)), st.booleans()), max_size=8)


@settings(max_examples=8, deadline=None)
@given(st.tuples(POLLS, POLLS, POLLS), st.permutations(sorted(WATCHERS)))
def test_each_step_is_reported_once_whoever_tells_it_first(
    stages: tuple[list[tuple[str, bool]], ...], last: list[str]
) -> None:
    installation, publishers = UkraineInstallation(), Publishers()
    reported: list[str] = []
    for name, watcher in WATCHERS.items():
        installation.poll(watcher, publishers.http(name, installation, down=False))
    for stage, polls in enumerate(stages, start=1):
        installation.now += timedelta(days=1)
        publishers.to(stage, installation)
        final = [(name, False) for name in last] * 2 if stage == 3 else []
        for name, down in (*polls, *final):
            changes = installation.changes(
                WATCHERS[name], publishers.http(name, installation, down=down), timedelta(hours=7)
            )
            reported += [change.subject for change in changes if change.kind is Kind.TERM]
            assert not any(change.kind is Kind.CORRECTION for change in changes)
    assert sorted(reported) == sorted(STEPS)
    standing = installation.standing()
    assert (standing.next_instrument, standing.next_state.value) == ("ua/decree/793/2025", "in_force_later")
