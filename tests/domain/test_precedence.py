"""Two sources state one bill: each true event is told once, whoever comes first, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.observation import Observation
from domain.records.detection import advance
from domain.records.facets import Facet
from domain.records.precedence import DISPUTES, UNANSWERED_FOR
from domain.records.record import Change, Record

BILL = us_bill(119, "hr", 9001)
NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)
API, FILES = "congress", "govinfo"


def people(*names: str) -> Facet:
    return {name: {"text": f"Cosponsor: {name}", "label": name, "on": "2026-01-06"} for name in names}


def lines(*words: str) -> Facet:
    return {f"2026-01-06:{word}": {"text": word, "label": word, "on": "2026-01-06", "step": None} for word in words}


@dataclass(slots=True)
class MergedDocument:
    """The record of one bill, and every change that anybody could have been told."""

    document: DocumentId = BILL
    now: datetime = NOON
    record: Record | None = None
    told: list[Change] = field(default_factory=list)
    revisions: int = 0

    def hear(self, source: str, stated: Mapping[str, Facet], *, stamp: datetime | None = None) -> list[str | None]:
        published_at = stamp if stamp is not None else self.now
        observation = Observation(self.document, source, f"{source}/1", stated, published_at=published_at)
        step = advance(self.record, observation, self.now)
        if step is None:
            return []
        self.record = step.record
        self.revisions += 1
        changes = list(step.changes) if step.based_on else []
        self.told += changes
        return [change.after for change in changes]

    def later(self, span: timedelta) -> None:
        self.now += span

    def facet(self, name: str) -> Facet:
        assert self.record is not None
        return self.record.facets.get(name, {})

    def states(self) -> list[str]:
        return [str(entry["state"]) for entry in self.facet(DISPUTES).values()]


def merged(source: str = API, **facets: Facet) -> MergedDocument:
    made = MergedDocument()
    made.hear(source, facets)
    made.later(timedelta(hours=1))
    return made


def test_the_owners_word_stands_and_the_record_says_who_differs() -> None:
    at = merged(title={"display": {"text": "NATO Act"}})
    assert at.hear(FILES, {"title": {"display": {"text": "Another Act"}}}) == []
    assert at.facet("title")["display"]["text"] == "NATO Act"
    (dispute,) = at.facet(DISPUTES).values()
    assert (dispute["owner"], dispute["stands"]) == (API, "NATO Act")
    assert (dispute["source"], dispute["says"]) == (FILES, "Another Act")
    assert dispute["published_at"] == at.now.isoformat()
    assert at.told == []


def test_a_difference_that_is_gone_is_no_dispute() -> None:
    at = merged(cosponsors=people("A", "B"))
    at.hear(FILES, {"cosponsors": people("A")})
    assert at.states() == ["open"]
    at.hear(FILES, {"cosponsors": people("A", "B")})
    assert at.states() == []


def test_an_owner_that_comes_round_ends_the_dispute() -> None:
    at = merged(cosponsors=people("A"))
    at.hear(FILES, {"cosponsors": people("A", "B")})
    assert at.hear(API, {"cosponsors": people("A", "B")}) == ["B"]
    assert at.states() == []


def test_an_event_the_owner_does_not_list_is_reported_once() -> None:
    at = merged(actions=lines("introduced"))
    assert at.hear(FILES, {"actions": lines("introduced", "reported")}) == ["reported"]
    at.later(timedelta(hours=5))
    assert at.hear(API, {"actions": lines("introduced")}) == []
    assert at.hear(API, {"actions": lines("introduced", "reported")}) == []
    assert at.hear(FILES, {"actions": lines("introduced", "reported")}) == []


def test_the_words_of_the_owner_stand_for_an_event_both_know() -> None:
    cited = {"k": {"text": "Passed. (text: CR H1)", "label": "Passed. (text: CR H1)"}}
    at = merged(actions=cited)
    at.hear(FILES, {"actions": {"k": {"text": "Passed.", "label": "Passed."}}})
    assert at.facet("actions") == cited
    assert at.revisions == 1


def test_another_wording_of_the_owners_line_is_no_second_event() -> None:
    """The files were built while the API had an earlier wording, which we never saw there."""
    entry = {"on": "2026-01-06", "code": "5000", "source": 9, "codes": ["5000/9"], "committees": ["hsfa00"]}
    ours = "Reported by the Committee on Foreign Affairs. H. Rept. 119-10."
    theirs = "Reported by the Committee on Foriegn Affairs. H. Rept. 119-10."
    at = merged(actions={"2026-01-06:a": {**entry, "text": ours, "label": ours}})
    assert at.hear(FILES, {"actions": {"2026-01-06:b": {**entry, "text": theirs, "label": theirs}}}) == []
    assert list(at.facet("actions")) == ["2026-01-06:a"]
    assert at.states() == ["open"]


def test_a_summary_that_lags_is_not_taken_for_a_new_one() -> None:
    at = merged(summaries={"00": {"text": "new words", "label": "Introduced (2 words)"}})
    at.hear(FILES, {"summaries": {"00": {"text": "old", "label": "Introduced (1 words)"}}})
    at.later(timedelta(hours=4))
    at.hear(FILES, {"summaries": {"00": {"text": "new words", "label": "Introduced (2 words)"}}})
    assert at.told == []
    assert at.states() == []


def test_what_an_owner_leaves_unanswered_for_a_day_is_taken() -> None:
    at = merged(cosponsors=people("A"))
    stated = {"cosponsors": people("A", "B")}
    assert at.hear(FILES, stated) == []
    at.later(UNANSWERED_FOR / 2)
    assert at.hear(FILES, stated) == []
    at.later(UNANSWERED_FOR / 2)
    assert at.hear(FILES, stated) == ["B"]
    at.later(UNANSWERED_FOR)
    assert at.hear(FILES, stated) == []
    assert at.hear(API, stated) == []
    assert at.states() == []


def test_an_owner_that_was_read_has_answered_and_nothing_is_taken() -> None:
    """It was read, and what was asked of it did not move: its list stands although it was not read again."""
    at = merged(cosponsors=people("A"), title={"display": {"text": "NATO Act"}})
    at.hear(FILES, {"cosponsors": people("A", "B")})
    at.later(timedelta(hours=1))
    at.hear(API, {"title": {"display": {"text": "NATO Act"}}})
    assert at.states() == ["answered"]
    at.later(3 * UNANSWERED_FOR)
    assert at.hear(FILES, {"cosponsors": people("A", "B")}) == []
    assert list(at.facet("cosponsors")) == ["A"]
    at.hear(FILES, {"cosponsors": people("A", "B", "C")})
    assert sorted(at.states()) == ["answered", "open"], "another claim is another question"


def test_an_owner_that_comes_back_with_an_old_copy_takes_nothing_back() -> None:
    at = merged(cosponsors=people("A"))
    before = at.now
    at.later(timedelta(days=2))
    stated, stamp = {"cosponsors": people("A", "B")}, at.now
    at.hear(FILES, stated, stamp=stamp)
    at.later(UNANSWERED_FOR)
    assert at.hear(FILES, stated, stamp=stamp) == ["B"]
    assert at.hear(API, {"cosponsors": people("A")}, stamp=before) == []
    assert list(at.facet("cosponsors")) == ["A", "B"]
    at.later(timedelta(hours=1))
    assert at.hear(API, stated, stamp=at.now) == []
    assert at.states() == []


def test_an_owner_that_comes_back_with_a_newer_word_is_believed() -> None:
    at = merged(cosponsors=people("A"))
    at.hear(FILES, {"cosponsors": people("A", "B")})
    at.later(UNANSWERED_FOR)
    at.hear(FILES, {"cosponsors": people("A", "B")})
    at.later(timedelta(hours=1))
    at.hear(API, {"cosponsors": people("A")})
    assert [(c.before, c.after) for c in at.told] == [(None, "B"), ("B", None)]
    assert at.states() == []


def test_who_is_believed_first_becomes_the_owner_by_saying_the_same() -> None:
    at = merged(FILES, cosponsors=people("A", "B"))
    assert at.hear(API, {"cosponsors": people("A", "B")}) == []
    assert at.record is not None
    assert at.record.owners["cosponsors"] == API
    assert at.hear(FILES, {"cosponsors": {}}) == [], "an empty container says nothing against the owner"
    at.later(timedelta(hours=1))
    assert at.hear(API, {"cosponsors": people("A", "B")}) == []
    assert list(at.facet("cosponsors")) == ["A", "B"]


def test_what_the_owner_never_stated_is_anybodys() -> None:
    at = merged(title={"display": {"text": "NATO Act"}})
    at.hear(FILES, {"cosponsors": people("A")})
    assert at.hear(FILES, {"cosponsors": people("A", "B")}) == ["B"]


@pytest.mark.parametrize("document", ["ua/decree/793/2025", "feed/some/abc", "us/vote/119/house/2026/1"])
def test_other_documents_have_no_order(document: str) -> None:
    at = MergedDocument(DocumentId.parse(document))
    at.hear(API, {"title": {"display": {"text": "one"}}})
    assert at.hear(FILES, {"title": {"display": {"text": "two"}}}) == ["two"]
    assert at.facet(DISPUTES) == {}


# --- any history, any delays ------------------------------------------------------------------------------------------

KINDS = ("action", "cosponsor", "committee")
FACETS = {"action": "actions", "cosponsor": "cosponsors", "committee": "committees"}


def state(history: Sequence[str], upto: int) -> dict[str, Facet]:
    """Return what the bill is after so many events: nothing is ever taken back in these histories."""
    facets: dict[str, dict[str, Mapping[str, object]]] = {name: {} for name in FACETS.values()}
    for number, kind in enumerate(history[:upto]):
        name = f"{kind} {number}"
        facets[FACETS[kind]][name] = {"text": name, "label": name, "on": "2026-01-06"}
    return dict(facets)


quirks = st.sampled_from(["whole", "whole", "whole", "few facets", "empty containers", "nothing new", "details"])
readings = st.lists(
    st.tuples(st.sampled_from([API, FILES]), st.integers(1, 40), st.integers(0, 3), quirks), min_size=4, max_size=40
)


def quirky(facets: dict[str, Facet], quirk: str) -> dict[str, Facet]:
    """Leave out what a reading of GovInfo may leave out; an absent container is an empty one since schema 3.0.0."""
    if quirk == "few facets":
        return {"actions": facets["actions"]}
    if quirk == "empty containers":
        return {**facets, "cosponsors": {}, "committees": {}}
    if quirk == "details":
        return {name: {s: {**e, "on": "2026-01-07"} for s, e in facet.items()} for name, facet in facets.items()}
    return facets


@settings(max_examples=75, deadline=None)
@given(history=st.lists(st.sampled_from(KINDS), min_size=1, max_size=8), readings=readings)
def test_each_event_is_reported_once_and_nothing_else(
    history: list[str], readings: list[tuple[str, int, int, str]]
) -> None:
    """The API is ahead, GovInfo lags behind it by any number of events and has its quirks; the API answers daily."""
    at = MergedDocument()
    at.hear(API, state(history, 0))
    reached = 0
    for source, hours, lag, quirk in readings:
        at.later(timedelta(hours=min(hours, 20)))
        if source == API:
            reached = min(reached + lag, len(history))
            at.hear(API, state(history, reached))
        else:
            at.hear(FILES, quirky(state(history, max(reached - lag, 0)), quirk), stamp=NOON)
            at.hear(API, state(history, reached))
    told = Counter(change.after for change in at.told)
    assert told == Counter(f"{kind} {number}" for number, kind in enumerate(history[:reached]))


@settings(max_examples=50, deadline=None)
@given(events=st.integers(1, 6), silent=st.integers(0, 6), back=st.booleans(), hours=st.integers(2, 12))
def test_news_of_an_outage_come_once_through_the_other_source(events: int, silent: int, back: bool, hours: int) -> None:
    """The API falls silent after some events; GovInfo goes on, is read again and again, and the API returns or not."""
    history = ["action", "cosponsor"] * 3
    silent = min(silent, events)
    at = MergedDocument()
    at.hear(API, state(history, 0))
    for reached in range(silent + 1):
        at.later(timedelta(hours=hours))
        at.hear(API, state(history, reached))
    for reached in range(silent, events + 1):
        at.later(timedelta(hours=hours))
        at.hear(FILES, state(history, reached))
    while at.now < NOON + timedelta(days=6):
        at.later(timedelta(hours=hours))
        at.hear(FILES, state(history, events))
    if back:
        at.hear(API, state(history, events))
    told = Counter(change.after for change in at.told)
    assert told == Counter(f"{kind} {number}" for number, kind in enumerate(history[:events]))


def test_how_a_regime_is_reckoned_is_its_files_to_say() -> None:
    regime = MergedDocument(DocumentId("ua", "regime", ("martial-law",)))
    rules: Facet = {"": {"zone": "Europe/Kyiv", "two_keys": True, "lapse_after": 30}}
    little: Facet = {"": {"zone": "Europe/Kyiv", "two_keys": True}}
    regime.hear("rada", {"item": little})
    regime.hear("shipped", {"item": rules})
    regime.hear("rada", {"item": little, "steps": lines("in force")})
    assert regime.facet("item") == rules
    assert regime.facet("steps") == lines("in force")
    assert regime.revisions == 3
    regime.hear("rada", {"item": little})
    assert regime.revisions == 3, "saying it again is no revision"
