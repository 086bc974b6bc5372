"""Detection is a fold over what sources say, and only news comes out of it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.jurisdictions.us.names import us_bill
from domain.observation import Observation
from domain.records.detection import advance, past_changes
from domain.records.facets import Facet, Kind
from domain.records.record import Record

BILL = us_bill(119, "hr", 6508)
NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)


def action(on: str, text: str, step: str | None = None, **more: Any) -> dict[str, Any]:
    return {"on": on, "text": text, "label": text, "step": step, **more}


INTRODUCED = action("2025-12-09", "Introduced in House", "introduced")
REFERRED = action("2025-12-09", "Referred to the House Committee on Foreign Affairs.", "referred")
HELD = action("2026-02-11", "Committee Hearings Held")


def saying(**facets: Facet) -> Observation:
    return Observation(BILL, "congress", "congress/1", facets, dict.fromkeys(facets, "d" * 64))


def first(**facets: Facet) -> Record:
    step = advance(None, saying(**facets), NOON)
    assert step is not None
    return step.record


def told(record: Record, observation: Observation, now: datetime = NOON) -> list[tuple[Kind, str | None, str | None]]:
    step = advance(record, observation, now)
    return [(c.kind, c.before, c.after) for c in step.changes] if step else []


def test_a_document_never_seen_appears_and_its_past_is_not_news() -> None:
    step = advance(None, saying(title={"display": {"text": "NATO Act"}}, actions={"a": REFERRED}), NOON)
    assert step is not None
    assert [(c.kind, c.after) for c in step.changes] == [(Kind.APPEARED, "NATO Act")]
    assert (step.record.revision, step.based_on, step.record.first_seen_at) == (1, 0, NOON)


def test_its_past_can_be_reported_oldest_first() -> None:
    record = first(actions={"b": HELD, "a": REFERRED, "0": INTRODUCED})
    past = past_changes(record, "congress", None, {})
    assert [c.happened_on for c in past] == sorted(c.happened_on or "" for c in past)
    assert [c.after for c in past if c.kind is Kind.ACTION][-1] == "Committee Hearings Held"


SILENT = {
    "the same words again": ({"actions": {"a": REFERRED}}, {"actions": {"a": REFERRED}}),
    "a list in another order": (
        {"actions": {"a": REFERRED, "0": INTRODUCED}},
        {"actions": {"0": INTRODUCED, "a": REFERRED}},
    ),
    "all lines vanished": ({"actions": {"a": REFERRED, "0": INTRODUCED}}, {"actions": {}}),
    "a text version no longer listed": ({"texts": {"IH": {"text": "x", "label": "Introduced"}}}, {"texts": {}}),
    "a facet the source does not mention": ({"actions": {"a": REFERRED}, "texts": {}}, {"actions": {"a": REFERRED}}),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT.keys())
def test_is_no_revision(before: dict[str, Facet], after: dict[str, Facet]) -> None:
    assert advance(first(**before), saying(**after), NOON) is None


QUIET = {
    "a line that vanished": ({"actions": {"a": REFERRED, "0": INTRODUCED}}, {"actions": {"a": REFERRED}}),
    "a citation appended to an action": (
        {"actions": {"a": REFERRED}},
        {"actions": {"a": {**REFERRED, "text": REFERRED["text"] + " (text: CR H5112)"}}},
    ),
    "a policy area": ({"subjects": {}}, {"subjects": {"policy": {"text": "International Affairs"}}}),
    "a facet heard for the first time": ({"actions": {"a": REFERRED}}, {"cosponsors": {"M1": {"text": "Rep. M"}}}),
}


@pytest.mark.parametrize(("before", "after"), QUIET.values(), ids=QUIET.keys())
def test_is_a_revision_without_news(before: dict[str, Facet], after: dict[str, Facet]) -> None:
    step = advance(first(**before), saying(**after), NOON)
    assert step is not None
    assert step.changes == ()
    assert step.record.revision == 2


NEWS = {
    "a new action": (
        {"actions": {"a": REFERRED}},
        {"actions": {"a": REFERRED, "b": HELD}},
        [(Kind.ACTION, None, "Committee Hearings Held")],
    ),
    "an action dated before those we know": (
        {"actions": {"b": HELD}},
        {"actions": {"b": HELD, "z": action("2025-12-20", "Sponsor introductory remarks on measure.")}},
        [(Kind.ACTION, None, "Sponsor introductory remarks on measure.")],
    ),
    "a title that changed": (
        {"title": {"display": {"text": "To require the President"}}},
        {"title": {"display": {"text": "NATO Act"}}},
        [(Kind.TITLE, "To require the President", "NATO Act")],
    ),
    "a text version that was published": (
        {"texts": {}},
        {"texts": {"ih": {"text": "Text published: Introduced in House", "label": "Introduced in House"}}},
        [(Kind.TEXT, None, "Introduced in House")],
    ),
    "a cosponsor who withdrew": (
        {"cosponsors": {"M1": {"text": "Rep. M"}}},
        {"cosponsors": {}},
        [(Kind.SPONSOR, "Rep. M", None)],
    ),
}


@pytest.mark.parametrize(("before", "after", "expected"), NEWS.values(), ids=NEWS.keys())
def test_is_news(before: dict[str, Facet], after: dict[str, Facet], expected: list[Any]) -> None:
    assert told(first(**before), saying(**after)) == expected


def test_a_line_that_vanished_and_came_back_is_not_reported_twice() -> None:
    record = first(actions={"a": REFERRED})
    step = advance(record, saying(actions={"a": REFERRED, "b": HELD}), NOON)
    assert step is not None
    gone = advance(step.record, saying(actions={"a": REFERRED}), NOON)
    assert gone is not None
    assert advance(gone.record, saying(actions={"a": REFERRED}), NOON) is None, "it is noted once"
    back = advance(gone.record, saying(actions={"b": HELD, "a": REFERRED}), NOON)
    assert back is not None
    assert (gone.changes, back.changes) == ((), ())
    assert back.record.facets == step.record.facets


def test_known_from_never_decreases_when_the_clock_is_set_back() -> None:
    record = first(actions={"a": REFERRED})
    step = advance(record, saying(actions={"b": HELD}), NOON - timedelta(hours=1))
    assert step is not None
    assert step.record.known_from == NOON
    assert step.changes[0].seen_at == NOON


def test_a_change_carries_both_dates_its_words_and_its_evidence() -> None:
    observation = replace(saying(actions={"a": REFERRED, "b": HELD}), published_at=NOON - timedelta(hours=3))
    step = advance(first(actions={"a": REFERRED}), observation, NOON)
    assert step is not None
    (change,) = step.changes
    assert change.key == "us/bill/119/hr/6508@2:action:b"
    assert (change.happened_on, change.published_at, change.seen_at) == ("2026-02-11", NOON - timedelta(hours=3), NOON)
    assert (change.text, change.evidence) == ("Committee Hearings Held", "d" * 64)


def test_a_cosponsor_who_becomes_sponsor_is_two_changes_with_two_keys() -> None:
    member = {"M1": {"text": "Rep. M"}}
    step = advance(first(sponsors={}, cosponsors=member), saying(sponsors=member, cosponsors={}), NOON)
    assert step is not None
    assert len({c.key for c in step.changes}) == 2


_SUBJECTS = st.dictionaries(st.sampled_from("abcdefgh"), st.just(None), max_size=8)


@given(st.lists(_SUBJECTS, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_every_action_ever_stated_is_reported_exactly_once(
    polls: list[dict[str, None]], shuffle: random.Random
) -> None:
    """Whatever is added, dropped, repeated and reordered (I15): the multiset of news equals the set of lines."""
    record = first(actions={})
    heard: list[str] = []
    for number, subjects in enumerate(polls):
        lines = [(s, action("2026-01-01", f"Line {s}")) for s in subjects]
        shuffle.shuffle(lines)
        step = advance(record, saying(actions=dict(lines)), NOON + timedelta(minutes=number))
        if step is not None:
            record = step.record
            heard += [c.subject for c in step.changes]
    assert sorted(heard) == sorted({s for subjects in polls for s in subjects})
