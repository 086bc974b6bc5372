"""Is an event that two sources tell, each in a facet of its own, told once?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from domain.jurisdictions.us.names import us_bill
from domain.observation import Observation
from domain.records.detection import advance, past_changes
from domain.records.facets import Facet, Kind
from domain.records.record import Record

BILL = us_bill(119, "hr", 6508)
NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
ROLL = "us/vote/119/house/2026/314"
LINE: Facet = {
    ROLL: {"on": "2026-01-20", "text": "On passage Passed 221 - 205 (constructed).", "label": "House roll 314"}
}
TALLY: Facet = {ROLL: {"on": "2026-01-20", "text": "On Passage: Passed", "label": "House roll 314: Passed 221–205"}}
SAID = {"votes": ("congress", LINE), "tallies": ("clerk", TALLY)}


def say(facet: str, entries: Facet) -> Observation:
    return Observation(document=BILL, source=SAID[facet][0], reader="test/1", facets={facet: entries})


def begun() -> Record:
    step = advance(None, Observation(BILL, "congress", "test/1", {"votes": {}, "tallies": {}}), NOW)
    assert step is not None
    return step.record


def test_whichever_source_is_first_the_vote_is_reported_once() -> None:
    for order in permutations(SAID):
        record, told = begun(), []
        for after, facet in enumerate(order):
            step = advance(record, say(facet, SAID[facet][1]), NOW + timedelta(hours=after))
            assert step is not None
            record = step.record
            told += [(c.kind, c.subject, c.source) for c in step.changes]
        assert told == [(Kind.VOTE, ROLL, SAID[order[0]][0])]
        assert record.facets["votes"] == LINE
        assert record.facets["tallies"] == TALLY


def test_the_past_of_a_first_reading_holds_it_once() -> None:
    step = advance(None, Observation(BILL, "congress", "test/1", {"votes": LINE, "tallies": TALLY}), NOW)
    assert step is not None
    assert [c.subject for c in past_changes(step.record, "congress", None, {})] == [ROLL]


@given(st.lists(st.tuples(st.sampled_from(sorted(SAID)), st.sets(st.integers(1, 5), min_size=1)), max_size=12))
def test_any_history_tells_each_roll_call_once(history: list[tuple[str, set[int]]]) -> None:
    record, told = begun(), []
    for facet, rolls in history:
        entries = {f"us/vote/119/house/2026/{n}": {"text": f"{facet} {n}", "label": f"{n}"} for n in rolls}
        step = advance(record, say(facet, entries), NOW)
        if step:
            record = step.record
            told += [c.subject for c in step.changes]
    assert sorted(told) == sorted({f"us/vote/119/house/2026/{n}" for _, rolls in history for n in rolls})
