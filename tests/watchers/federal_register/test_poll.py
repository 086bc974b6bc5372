"""What a poll of the Federal Register costs, states, proves and does not believe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.alerts.routing import Audience, Watch
from domain.documents import DocumentId
from domain.records.detection import advance
from domain.records.facets import Kind
from domain.records.record import Change, Record
from domain.sources import SourceState
from domain.terms import regime_state, terms
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll, PollOutcome
from monitor.service.regimes import RegimeFile, regime_coverage, regime_rules, shipped_regimes
from tests.helpers.english import english
from tests.helpers.stores import TemporaryStore
from tests.watchers.federal_register.publisher import BASE, TITLES, Document, FederalRegisterServer, noise, register
from watchers.federal_register.watcher import FederalRegisterWatcher

UKRAINE = DocumentId.parse("us/regime/emergency/eo-13660")
ENERGY = DocumentId.parse("us/regime/emergency/eo-14156")
EVERY = timedelta(hours=1)


@dataclass
class FederalRegisterPoller:
    """A desk that follows regimes through the real poll, a clock set by hand."""

    shelf: FederalRegisterServer
    now: datetime
    regimes: tuple[DocumentId, ...] = (UKRAINE,)
    store: TemporaryStore = field(default_factory=TemporaryStore)
    state: SourceState = field(default_factory=lambda: SourceState("federal_register"))
    own: Mapping[DocumentId, RegimeFile] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.follow(*self.regimes)

    def follow(self, *regimes: DocumentId) -> None:
        with self.store.begin() as tx:
            watches = tx.register([Watch(str(regime), regime) for regime in regimes], self.now)
            for regime in regimes:
                known = self.own.get(regime) or shipped_regimes()[regime]
                if tx.record(regime) is None:
                    step = advance(None, known.observation(self.now), self.now)
                    assert step is not None
                    tx.keep(known.evidence(self.now))
                    tx.save(replace(step, changes=()))
        self.audience = Audience(watches=tuple(watches), recipients={"desk": ("desk@example.org",)})

    def poll(self, after: timedelta = EVERY) -> PollOutcome:
        self.now += after
        self.shelf.today = self.now.date().isoformat()
        self.shelf.asked.clear()
        watcher = FederalRegisterWatcher(BASE)
        outcome = Poll(
            self.state,
            ScheduledSource(watcher, EVERY),
            self.shelf.http,
            Context(self.store, self.audience, lambda: self.now),
        ).run()
        self.state = outcome.source
        return outcome

    def record(self, regime: DocumentId = UKRAINE) -> Record:
        with self.store.read() as view:
            found = view.record(regime)
        assert found is not None
        return found

    def told(self, kind: Kind = Kind.TERM) -> list[str]:
        with self.store.read() as view:
            waiting = view.due("desk", self.now + timedelta(days=9), 99)
            changes: list[Change] = [c for d in waiting for c in view.notice(d, "UTC").changes]
        return [english(change.after) for change in changes if change.kind is kind]

    def status(self, regime: DocumentId = UKRAINE) -> str:
        record = self.record(regime)
        with self.store.read() as view:
            covered = regime_coverage(record, lambda _: self.state)
            del view
        return regime_state(regime_rules(record), record.facets, covered, self.now).status.value


def desk(
    day: str,
    *documents: Document,
    regimes: tuple[DocumentId, ...] = (UKRAINE,),
    own: Mapping[DocumentId, RegimeFile] = {},
) -> FederalRegisterPoller:
    now = datetime.fromisoformat(f"{day}T15:00+00:00").astimezone(UTC)
    return FederalRegisterPoller(register(*documents), now, regimes, own=own)


NEXT = Document("2027-03333", TITLES["eo-13660"], "2027-02-22", "2027-02-19")


def test_nothing_new_costs_one_request() -> None:
    made = desk("2026-11-03")
    assert made.poll().requests == 1
    assert made.poll().requests == 1, "the first list reaches back further than the usual one"
    for _ in range(3):
        outcome = made.poll()
        assert (outcome.requests, outcome.pages, outcome.quiet) == (1, 1, True)


def test_nobody_who_follows_nothing_is_asked() -> None:
    made = desk("2026-11-03", regimes=())
    assert made.poll().requests == 0


def test_a_renewal_is_reported_once_with_its_anniversary() -> None:
    made = desk("2027-02-10", NEXT, noise("2027-02-09")[0])
    made.poll()
    assert made.told() == []
    made.poll(timedelta(days=13))
    assert len(made.told()) == 1
    assert "Notice of 19 February 2027" in made.told()[0]
    made.poll(timedelta(days=1))
    assert len(made.told()) == 1
    chain = terms(regime_rules(made.record()), made.record().facets)
    assert (chain[-1].number, chain[-1].instrument) == (13, "us/fr/2027-03333")
    assert chain[-1].starts_at.isoformat() == "2027-03-06T00:00:00-05:00"
    assert chain[-1].ends_at.isoformat() == "2028-03-06T00:00:00-05:00"


def test_the_first_reading_is_silent_whatever_it_brings() -> None:
    made = desk("2027-02-23", NEXT, noise("2027-02-09")[0])
    made.poll()
    assert made.told() == []
    assert "us/fr/2027-03333" in made.record().facets["instruments"]


def test_a_list_in_several_pages_is_read_to_its_end() -> None:
    made = desk("2027-02-23", NEXT, *noise("2027-02-09", 3), *noise("2027-02-22", 3))
    made.shelf.page_size = 5
    outcome = made.poll()
    assert outcome.error is None
    assert outcome.requests == 5
    assert "us/fr/2027-03333" in made.record().facets["instruments"]


def test_an_end_by_proclamation_ends_it() -> None:
    end = Document("2027-01234", "Termination of Emergency With Respect to Ukraine", "2027-01-13", "2027-01-12")
    made = desk("2027-01-10", end, *noise("2027-01-05"))
    made.poll()
    assert made.status() == "IN_FORCE"
    made.poll(timedelta(days=4))
    assert made.status() == "ENDED_EARLY"
    assert len(made.told()) == 1


def test_a_late_correction_is_reported_and_undoes_nothing() -> None:
    made = desk("2027-02-20", NEXT, *noise("2027-02-09"))
    made.poll()
    made.poll(timedelta(days=3))
    right = Document("C1-2027-03333", f"{TITLES['eo-13660']}; Correction", "2027-03-01", corrects="2027-03333")
    made.shelf.put(right)
    made.poll(timedelta(days=7))
    made.poll(timedelta(days=1))
    said = [line for line in made.told() if "Correction" in line]
    assert len(said) == 1
    assert said[0].startswith("Correction C1-2027-03333 published: extension 13")
    assert made.status() == "IN_FORCE"
    assert "us/fr/c1-2027-03333" not in made.record().facets["instruments"]


def test_a_day_corrected_in_the_list_is_a_correction_of_what_was_reported() -> None:
    made = desk("2027-02-20", NEXT, *noise("2027-02-09"))
    made.poll()
    made.poll(timedelta(days=3))
    made.shelf.put(replace(NEXT, signed="2027-02-18"))
    made.poll()
    assert made.record().facets["instruments"]["us/fr/2027-03333"]["on"] == "2027-02-18"
    with made.store.read() as view:
        assert any(change.kind is Kind.CORRECTION for change in view.past(UKRAINE))


def test_a_title_that_is_only_alike_needs_its_text() -> None:
    alike = replace(NEXT, title=f"{TITLES['eo-13660']} and Others", text="By Executive Order 13660 the President …; "
                    "therefore I am continuing for 1 year the national emergency.")  # fmt: skip
    made = desk("2027-02-20", alike, *noise("2027-02-09"))
    made.poll()
    made.poll(timedelta(days=3))
    assert len(made.told()) == 1
    assert sum("/text/" in url for url in made.shelf.asked) == 1


def test_a_title_that_is_only_alike_and_about_another_order_is_asked_about_once() -> None:
    other = replace(NEXT, title=f"{TITLES['eo-13660']} and Others", text="By Executive Order 14065 the President …; "
                    "therefore I am continuing for 1 year the national emergency.")  # fmt: skip
    made = desk("2027-02-20", other, *noise("2027-02-09"))
    made.poll()
    made.poll(timedelta(days=3))
    made.shelf.put(*noise("2027-02-24"))
    made.poll(timedelta(days=2))
    assert made.told() == []
    assert not any("/text/" in url for url in made.shelf.asked)


def test_a_regime_followed_later_is_read_from_its_own_beginning() -> None:
    made = desk("2026-11-03")
    made.poll()
    made.follow(UKRAINE, ENERGY)
    made.poll()
    assert made.state.error is None
    assert "published_on" in made.record(ENERGY).facets["instruments"]["us/fr/2026-00732"]
    assert made.told() == []


def test_an_outage_is_unknown_and_never_an_expiry() -> None:
    made = desk("2027-02-01", *noise("2027-01-20"))
    made.poll()
    made.shelf.down = True
    for _ in range(40):
        made.poll(timedelta(days=1))
    assert made.status() == "UNKNOWN"
    assert made.state.failures == 40


def test_silence_of_a_register_that_was_read_is_an_expiry() -> None:
    made = desk("2027-02-01", *noise("2027-01-20"))
    for _ in range(40):
        made.poll(timedelta(days=1))
    assert made.status() == "EXPIRED_NO_SUCCESSOR_SEEN"


def test_after_a_long_absence_the_list_reaches_back_to_it() -> None:
    made = desk("2026-11-03", NEXT)
    made.poll()
    made.shelf.put(*noise("2027-08-30"))
    made.poll(timedelta(days=310))
    assert "us/fr/2027-03333" in made.record().facets["instruments"]
    assert made.status() == "IN_FORCE"


BROKEN = {
    "an empty list": b'{"count": 0}',
    "a list shorter than it says": b'{"count": 5, "results": [{"document_number": "2026-1", "publication_date": '
    b'"2026-10-01"}]}',
    "no JSON": b"<html>Request Access</html>",
    "other JSON": b'{"errors": {"conditions": "invalid"}}',
    "brackets without end": b"[" * 5000,
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_the_list_is_not_believed(body: bytes) -> None:
    made = desk("2026-11-03")
    made.poll()
    before = made.state.cursor
    made.shelf.put(*noise("2026-11-03"))
    whole = made.shelf.body
    made.shelf.body = lambda base, path, query: body if int(query["page"][0]) == 1 else whole(base, path, query)  # type: ignore[method-assign]
    assert made.poll().source.state.value == "changed"
    assert made.state.cursor == before


def test_one_row_that_cannot_be_read_stops_nothing() -> None:
    made = desk("2027-02-20", NEXT, *noise("2027-02-09"))
    made.poll()
    made.shelf.put(replace(noise("2027-02-22")[0], published="", number="x"))
    made.shelf.listed = lambda since: made.shelf.documents  # type: ignore[method-assign]
    outcome = made.poll(timedelta(days=3))
    assert outcome.error is None
    assert [type(fault.error).__name__ for fault in outcome.faults] == ["Changed"]
    assert len(made.told()) == 1
