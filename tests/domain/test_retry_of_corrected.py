"""What is told in the place of a message that was given up and put right since."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.alerts.delivery import Delivery, State
from domain.alerts.routing import operator_reason
from domain.jurisdictions.us.names import us_bill
from domain.ports import Notice
from domain.records.corrections import REPLACES_DEAD, outdated, replacement
from domain.records.facets import Kind
from domain.records.record import Change

BILL = us_bill(119, "hr", 6508)
NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)


def told(
    kind: Kind, subject: str, after: str | None, revision: int = 2, *, text: str = "", corrects: str | None = None
) -> Change:
    return Change(BILL, revision, kind, subject, None, after, text, "2026-01-05", NOON, "congress", corrects=corrects)


STATUS = told(Kind.STATUS, "REPORTED", "REPORTED", text="Reported (constructed).")
ACTION = told(Kind.ACTION, "line", "Reported (constructed).", text="Reported (constructed).")
HEARING = told(Kind.HEARING, "h", "a hearing", text="A hearing (constructed).")
RIGHT = told(Kind.CORRECTION, "c", "Reported (Amended)", 3, corrects=STATUS.key)
AGAIN = told(Kind.CORRECTION, "c", "Reported (Amended) by two", 4, corrects=RIGHT.key)
GONE = told(Kind.CORRECTION, "g", None, 5, corrects=HEARING.key)

DEAD = Delivery("dl-1", ("al-1",), BILL, "desk", "a@example.org", State.DEAD, 4, NOON, NOON)

CASES: dict[str, tuple[tuple[Change, ...], tuple[Change, ...], tuple[Change, ...] | None]] = {
    "nothing was put right": ((STATUS, ACTION), (STATUS, ACTION), None),
    "the last word is told, and the line of the status not again": (
        (STATUS, ACTION),
        (STATUS, ACTION, RIGHT),
        (RIGHT,),
    ),
    "a correction put right once more": ((STATUS,), (STATUS, RIGHT, AGAIN), (AGAIN,)),
    "what still stands is told with it": ((STATUS, HEARING), (STATUS, HEARING, RIGHT), (RIGHT, HEARING)),
    "what is gone is not told": ((STATUS, HEARING), (STATUS, HEARING, GONE), (STATUS,)),
    "nothing is left": ((HEARING,), (HEARING, GONE), ()),
}


WHY = (operator_reason("desk"),)


def notice(*changes: Change) -> Notice:
    return Notice(
        delivery="dl-1",
        alerts=("al-1",),
        document=BILL,
        changes=changes,
        reasons=WHY,
        created_at=NOON,
        to="a@example.org",
        watches=("nato",),
    )


@pytest.mark.parametrize(("said", "past", "expected"), CASES.values(), ids=CASES)
def test_what_is_reported_instead(
    said: tuple[Change, ...], past: tuple[Change, ...], expected: tuple[Change, ...] | None
) -> None:
    found = replacement(DEAD, notice(*said), past)
    if expected is None:
        assert found is None
        return
    assert found is not None
    assert (found.alert.changes if found.alert else ()) == expected
    if found.alert:
        assert [(r.code, r.get("reasons")) for r in found.alert.reasons] == [(REPLACES_DEAD, WHY)]
        assert found.alert.id not in DEAD.alerts


def test_whoever_may_have_it_was_alerted_of_the_correction_already() -> None:
    found = replacement(replace(DEAD, possible_repeat=True), notice(STATUS, HEARING), (STATUS, HEARING, RIGHT))
    assert found is not None
    assert found.alert is not None
    assert found.alert.changes == (HEARING,)


def test_what_is_outdated_is_only_what_was_put_right() -> None:
    assert outdated((STATUS, ACTION, HEARING), (RIGHT,)) == (STATUS, ACTION)
    assert outdated((STATUS, ACTION, HEARING), (GONE,)) == (HEARING,)
