"""An act that is known by name alone may be the renewal: then nobody can say that the regime ran out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.documents import DocumentId, label
from domain.records.facets import Facet
from domain.terms import Coverage, Next, RegimeStatus, regime_state
from domain.terms.reminders import IN_DOUBT, UNREAD, due_reminders
from domain.upcoming import upcoming_of_regime
from tests.domain.instruments import extension, facets, intro, regime
from tests.helpers.english import english

REGIME = regime(two_keys=True)
FIRST = {"1": intro("2026-01-01T05:30", length="30 days")}
FIRST_LAW = {"xx/law/1": {"approves": "1", "on": "2026-01-02"}}
END = datetime(2026, 1, 31, 3, 30, tzinfo=UTC)
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)

LAW = {"xx/law/2": {"approves": "2", "on": "2026-01-20"}}
LISTED = {"s": {"step": "seen", "of": "2", "on": "2026-01-19"}}
LISTED_LAW = {"s": {"step": "seen", "of": "xx/law/2", "on": "2026-01-20"}}
STARTLESS = {"2": {"act": "extension", "starts": "publication", "on": "2026-01-19"}}


def known(
    instruments: dict[str, Any] | None = None,
    approvals: dict[str, Any] | None = None,
    steps: dict[str, Any] | None = None,
) -> dict[str, Facet]:
    return facets({**FIRST, **(instruments or {})}, {**FIRST_LAW, **(approvals or {})}, steps)


def proven(now: datetime) -> Coverage:
    return Coverage(LONG_AGO, now)


NAMED = {
    "by a law that approves it": (known(approvals=LAW), "2", Next.LAW_ADOPTED),
    "by a law in force": (
        known(approvals=LAW, steps={"f": {"step": "in_force", "of": "xx/law/2"}}), "2", Next.LAW_SIGNED,
    ),
    "by the list, its text missing": (known(steps=LISTED), "2", Next.DECREE_SIGNED),
    "a law by the list": (known(steps=LISTED_LAW), "xx/law/2", Next.LAW_ADOPTED),
    "by itself, its start missing": (known(STARTLESS), "2", Next.DECREE_SIGNED),
}  # fmt: skip


@pytest.mark.parametrize(("seen", "act", "state"), NAMED.values(), ids=NAMED.keys())
def test_named(seen: dict[str, Facet], act: str, state: Next) -> None:
    before, after = END - timedelta(days=4), END + timedelta(days=3)
    running = regime_state(REGIME, seen, proven(before), before)
    assert (running.status, running.next_state, running.next_instrument) == (RegimeStatus.IN_FORCE, state, act)
    assert running.next_starts_at is None
    over = regime_state(REGIME, seen, proven(after), after)
    assert over.status is RegimeStatus.UNKNOWN
    act_name = label(DocumentId.parse(act)) if act.startswith("xx/") else act
    assert english(over.reason) == f"{act_name} is known by name alone: the term it stands for has not been read"
    (reminder,) = due_reminders(REGIME, seen, proven(before), LONG_AGO, before).reminders.values()
    assert english(reminder["label"]) == "4 days left, renewal seen, its term not read"
    told = due_reminders(REGIME, seen, proven(after), LONG_AGO, after)
    assert dict(told.reminders) == {}
    assert [doubt["label"] for doubt in told.doubts.values()] == [IN_DOUBT]
    assert next(upcoming_of_regime(REGIME, seen, before)).what.count(UNREAD.to_json()) == 1


EXPIRIES = {
    "nothing was seen": known(),
    "the law was refused": known(approvals={"xx/law/2": {"approves": "2", "on": "2026-01-20", "outcome": "rejected"}}),
    "its law approved it before the term": known(approvals={"xx/law/0": {"approves": "0", "on": "2025-12-30"}}),
    "the decree was read, no law was seen": known(
        {"2": extension("2026-01-31T05:30", length="30 days", on="2026-01-19")}, steps=LISTED
    ),
}


@pytest.mark.parametrize("seen", EXPIRIES.values(), ids=EXPIRIES.keys())
def test_it_expired_where(seen: dict[str, Facet]) -> None:
    after = END + timedelta(days=3)
    assert regime_state(REGIME, seen, proven(after), after).status is RegimeStatus.EXPIRED_NO_SUCCESSOR_SEEN


def test_what_begins_anew_after_a_lapse_is_not_over() -> None:
    lapse = {"l": {"act": "lapse", "on": "2026-01-31"}}
    after = END + timedelta(days=60)
    assert regime_state(REGIME, known(lapse, LAW), proven(after), after).status is RegimeStatus.ENDED
    anew = {"xx/law/9": {"approves": "9", "on": "2026-03-01"}}
    assert regime_state(REGIME, known(lapse, anew), proven(after), after).status is RegimeStatus.UNKNOWN


def test_the_renewal_once_read_takes_its_place() -> None:
    seen = known({"2": extension("2026-01-31T05:30", length="30 days", on="2026-01-19")}, LAW, LISTED)
    after = END + timedelta(days=3)
    assert regime_state(REGIME, seen, proven(after), after).status is RegimeStatus.IN_FORCE
