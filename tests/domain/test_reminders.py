"""What the clock says of an end: the reminders worded by what is missing, expiry only on proof, each once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.documents import DocumentId
from domain.records.facets import Facet
from domain.terms import Coverage, Regime, local
from domain.terms.reminders import (
    IN_DOUBT,
    OUT_OF_DOUBT,
    PATIENCE,
    DueReminders,
    days_left,
    due_reminders,
    step_at,
    steps_ahead,
)
from tests.helpers.english import english

REGIME = Regime(
    DocumentId("ua", "regime", ("martial-law",)), "Martial law in Ukraine", "Europe/Kyiv", two_keys=True, lapse_after=30
)
END = local("2026-02-03T05:30", "Europe/Kyiv")
MARK = "2026-02-03T05:30"
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)

RUNNING: dict[str, Facet] = {
    "instruments": {
        "ua/decree/793/2025": {
            "act": "introduction", "on": "2025-10-20", "starts_at": "2025-11-05T05:30", "length": "90 days",
        }
    },
    "approvals": {"ua/law/4643-ix": {"approves": "ua/decree/793/2025", "on": "2025-10-21"}},
    "steps": {},
}  # fmt: skip
DECREE = {"act": "extension", "on": "2026-01-12", "starts_at": "2026-02-03T05:30", "length": "90 days"}
BILL: dict[str, Facet] = {"steps": {"bill": {"step": "bill_registered", "on": "2026-01-12"}}}
SIGNED: dict[str, Facet] = {"instruments": {"ua/decree/40/2026": DECREE}}
ADOPTED: dict[str, Facet] = {"approvals": {"ua/law/4757-ix": {"approves": "ua/decree/40/2026", "on": "2026-01-14"}}}
LAW_SIGNED: dict[str, Facet] = {"steps": {"s": {"step": "law_signed", "of": "ua/law/4757-ix", "on": "2026-01-26"}}}
IN_FORCE: dict[str, Facet] = {"steps": {"f": {"step": "in_force", "of": "ua/law/4757-ix", "on": "2026-01-28"}}}


def known(*more: dict[str, Facet]) -> dict[str, Facet]:
    facets = {name: dict(facet) for name, facet in RUNNING.items()}
    for part in more:
        for name, facet in part.items():
            facets.setdefault(name, {}).update(facet)
    return dict(facets)


def at(text: str) -> datetime:
    return local(text, "Europe/Kyiv").astimezone(UTC)


def read(since: datetime = LONG_AGO, through: datetime | None = None) -> Coverage:
    return Coverage(since, through)


def asked(
    now: datetime, facets: dict[str, Facet], coverage: Coverage | None = None, since: datetime = LONG_AGO
) -> DueReminders:
    return due_reminders(REGIME, facets, coverage or read(through=now), since, now)


def labels(found: DueReminders) -> dict[str, str]:
    return {subject: english(entry["label"]) for subject, entry in found.reminders.items()}


STEPS: dict[str, tuple[str, tuple[dict[str, Facet], ...], dict[str, str]]] = {
    "nothing 22 days before the end": ("2026-01-12T05:30", (), {}),
    "nothing a minute before the first step": ("2026-01-13T05:29", (), {}),
    "none seen at the minute of the first step": (
        "2026-01-13T05:30", (), {f"21d:{MARK}": "21 days left, no renewal seen"},
    ),
    "a bill is registered": (
        "2026-01-20T05:30", (BILL,), {f"14d:{MARK}": "14 days left, bill registered, no decree seen"},
    ),
    "a decree is signed": ("2026-01-20T05:30", (SIGNED,), {f"14d:{MARK}": "14 days left, decree signed, no law seen"}),
    "its law is adopted": (
        "2026-01-27T05:30", (SIGNED, ADOPTED), {f"7d:{MARK}": "7 days left, law adopted, no signature seen"},
    ),
    "its law is signed": (
        "2026-01-30T05:30", (SIGNED, ADOPTED, LAW_SIGNED), {f"4d:{MARK}": "4 days left, law signed, not yet in force"},
    ),
    "nothing once all keys are in force": ("2026-01-30T05:30", (SIGNED, ADOPTED, LAW_SIGNED, IN_FORCE), {}),
    "one day": ("2026-02-02T05:30", (), {f"1d:{MARK}": "1 day left, no renewal seen"}),
    "the last minute still says a day": ("2026-02-03T05:29", (), {f"1d:{MARK}": "1 day left, no renewal seen"}),
    "after a pause the latest step alone, with the days that are left": (
        "2026-01-29T12:00", (), {f"7d:{MARK}": "5 days left, no renewal seen"},
    ),
    "a step that was told": ("2026-01-29T12:00", ({"reminders": {f"7d:{MARK}": {}}},), {}),
    "a later step that was told, after the clock was set back": (
        "2026-01-29T12:00", ({"reminders": {f"4d:{MARK}": {}}},), {},
    ),
    "the step of another end does not count": (
        "2026-01-29T12:00", ({"reminders": {"7d:2026-01-01T05:30": {}}},),
        {f"7d:{MARK}": "5 days left, no renewal seen"},
    ),
    "an act that ends the term early needs no renewal, and stops the steps of the old end": (
        "2026-01-27T05:30",
        ({"instruments": {"ua/decree/50/2026": {"act": "end", "on": "2026-01-20", "starts_at": "2026-02-01T00:00"}}},),
        {},
    ),
    "a term that was made longer has the steps of its new end": (
        "2026-01-27T05:30",
        ({"instruments": {"ua/decree/793/2025": {
            "act": "introduction", "on": "2025-10-20", "starts_at": "2025-11-05T05:30", "length": "97 days",
        }}},),
        {"14d:2026-02-10T05:30": "14 days left, no renewal seen"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("now", "more", "told"), STEPS.values(), ids=STEPS.keys())
def test_the_timeline(now: str, more: tuple[dict[str, Facet], ...], told: dict[str, str]) -> None:
    assert labels(asked(at(now), known(*more))) == told


def test_a_step_before_the_record_began_is_past() -> None:
    now = at("2026-01-28T12:00")
    assert labels(asked(now, known(), since=at("2026-01-27T05:30"))) == {}
    assert list(asked(now, known(), since=at("2026-01-27T05:29")).reminders) == [f"7d:{MARK}"]


def test_the_text_states_the_end_to_the_minute_and_when_the_sources_were_read() -> None:
    (entry,) = asked(at("2026-01-20T05:30"), known()).reminders.values()
    assert "to 3 Feb 2026 05:30 (Europe/Kyiv, 90 days)" in english(entry["text"])
    assert english(entry["text"]).endswith("Sources last read 20 Jan 2026 05:30.")


def test_a_reminder_that_rests_on_old_readings_says_so() -> None:
    old = asked(at("2026-01-20T05:30"), known(), read(through=at("2026-01-10T12:00")))
    assert labels(old) == {f"14d:{MARK}": "14 days left, no renewal seen (sources last read 10 Jan 2026)"}
    never = asked(at("2026-01-20T05:30"), known(), Coverage())
    assert labels(never) == {f"14d:{MARK}": "14 days left, no renewal seen (its sources were not read)"}


HOUR = timedelta(hours=1)
EXPIRED = "Expired 3 Feb 2026 05:30, no successor seen"
AFTER: dict[str, tuple[datetime, tuple[dict[str, Facet], ...], Coverage, dict[str, str], list[str]]] = {
    "at the very end, read at that moment": (
        END, (), read(through=END), {f"expired:{MARK}": EXPIRED}, [],
    ),
    "just after the end, not read since before it": (END + HOUR, (), read(through=END - HOUR), {}, []),
    "six hours after the end, not read since": (END + PATIENCE, (), read(through=END - HOUR), {}, [MARK]),
    "read again after a gap that could hide a renewal": (
        END + PATIENCE, (), read(END - timedelta(days=2), END + HOUR), {}, [MARK],
    ),
    "never read": (END + PATIENCE, (), Coverage(), {}, [MARK]),
    "a decree without its law": (
        END + HOUR, (SIGNED,), read(through=END + HOUR),
        {f"expired:{MARK}": "Expired 3 Feb 2026 05:30, no successor in force (decree signed, no law seen)"}, [],
    ),
    "told already": (END + HOUR, ({"reminders": {f"expired:{MARK}": {}}},), read(through=END + HOUR), {}, []),
    "an outage after the expiry was told is the source's news": (
        END + HOUR, ({"reminders": {f"expired:{MARK}": {}}},), Coverage(), {}, [],
    ),
    "thirty days on, read all the while": (
        END + timedelta(days=30), ({"reminders": {f"expired:{MARK}": {}}},), read(through=END + timedelta(days=30)),
        {f"lapsed:{MARK}": "Lapse confirmed: ended 3 Feb 2026 05:30, nothing followed"}, [],
    ),
    "thirty days on, but not read since the second": (
        END + timedelta(days=30), ({"reminders": {f"expired:{MARK}": {}}},), read(through=END + timedelta(days=2)),
        {}, [],
    ),
    "an official word confirms at once": (
        END + HOUR, ({"instruments": {"lapse/2026-02-03": {"act": "lapse", "on": "2026-02-03"}}},), Coverage(),
        {f"lapsed:{MARK}": "Lapse confirmed: ended 3 Feb 2026 05:30, nothing followed"}, [],
    ),
    "renewed": (END + HOUR, (SIGNED, ADOPTED, IN_FORCE), read(through=END + HOUR), {}, []),
    "renewed, and not read": (END + HOUR, (SIGNED, ADOPTED, IN_FORCE), Coverage(), {}, []),
}  # fmt: skip


@pytest.mark.parametrize(("now", "more", "coverage", "told", "doubts"), AFTER.values(), ids=AFTER.keys())
def test_after_the_end(
    now: datetime, more: tuple[dict[str, Facet], ...], coverage: Coverage, told: dict[str, str], doubts: list[str]
) -> None:
    found = asked(now.astimezone(UTC), known(*more), coverage)
    assert labels(found) == told
    assert list(found.doubts) == doubts


def test_an_end_before_the_record_began_is_past() -> None:
    found = asked(END + PATIENCE, known(), Coverage(), since=END)
    assert (found.reminders, found.doubts) == ({}, {})


def test_an_early_end_is_reported_at_its_moment() -> None:
    end = {"ua/decree/50/2026": {"act": "end", "on": "2026-01-20", "starts_at": "2026-02-01T00:00"}}
    facets = known({"instruments": end})
    assert labels(asked(at("2026-01-31T23:59"), facets)) == {}
    assert labels(asked(at("2026-02-01T00:00"), facets)) == {
        "ended_early:2026-02-01T00:00": "Ended early, 1 Feb 2026 00:00"
    }


def test_a_doubt_is_over_once() -> None:
    doubt: dict[str, Facet] = {"doubts": {MARK: {"label": IN_DOUBT}}}
    found = asked(END + HOUR, known(doubt, SIGNED, ADOPTED, IN_FORCE))
    assert [entry["label"] for entry in found.doubts.values()] == [OUT_OF_DOUBT]
    assert english(found.doubts[f"{MARK}/over"]["text"]) == "Martial law in Ukraine: In force now."
    over: dict[str, Facet] = {"doubts": {MARK: {"label": IN_DOUBT}, f"{MARK}/over": {"label": OUT_OF_DOUBT}}}
    assert asked(END + HOUR, known(over, SIGNED, ADOPTED, IN_FORCE)).doubts == {}


def test_a_step_keeps_its_wall_time_across_a_change_of_clocks() -> None:
    end = local("2026-04-02T05:30", "Europe/Kyiv")
    assert step_at(end, 7).isoformat() == "2026-03-26T05:30:00+02:00"
    assert days_left(end, at("2026-03-26T05:30")) == 7
    assert days_left(end, at("2026-03-26T05:31")) == 7
    assert days_left(end, at("2026-03-27T05:30")) == 6


def test_steps_ahead_are_those_still_to_come() -> None:
    ahead = steps_ahead(REGIME, known(SIGNED), at("2026-01-27T05:30"))
    assert [(f"{when:%d %H:%M}", days, english(missing)) for when, days, missing in ahead] == [
        ("30 05:30", 4, "decree signed, no law seen"),
        ("02 05:30", 1, "decree signed, no law seen"),
    ]
    assert steps_ahead(REGIME, known(SIGNED, ADOPTED, IN_FORCE), at("2026-01-27T05:30")) == ()


OTHERS: dict[str, tuple[Regime, dict[str, str]]] = {
    "a regime has its own reminders": (
        replace(REGIME, reminder_days=(20, 10)),
        {f"20d:{MARK}": "15 days left, no renewal seen"},
    ),
    "one that goes on by itself needs no renewal": (replace(REGIME, continues=True), {}),
    "one kept by hand says so": (
        replace(REGIME, by_hand=True), {f"21d:{MARK}": "15 days left, no renewal seen (kept by hand)"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("regime", "told"), OTHERS.values(), ids=OTHERS.keys())
def test_rules_of_the_regime(regime: Regime, told: dict[str, str]) -> None:
    now = at("2026-01-19T05:30")
    assert labels(due_reminders(regime, known(), read(through=now), LONG_AGO, now)) == told


def test_where_only_a_person_can_say_so_no_lapse_is_confirmed() -> None:
    later = END + timedelta(days=400)
    found = due_reminders(replace(REGIME, lapse_after=None), known(), read(through=later), LONG_AGO, later)
    assert list(found.reminders) == [f"expired:{MARK}"]
    assert found.again_at is None


EXTRA: list[dict[str, Any]] = [BILL, SIGNED, ADOPTED, LAW_SIGNED, IN_FORCE]


@given(
    looks=st.lists(st.integers(min_value=-24 * 25, max_value=24 * 40), min_size=1, max_size=60),
    arrivals=st.lists(st.integers(min_value=-24 * 25, max_value=24 * 40), min_size=5, max_size=5),
    outage=st.tuples(st.integers(-24 * 25, 24 * 40), st.integers(0, 24 * 30)),
)
def test_whatever_the_order_each_is_reported_once_and_no_expiry_without_proof(
    looks: list[int], arrivals: list[int], outage: tuple[int, int]
) -> None:
    """Look at any hours, also backwards; acts arrive at any hour in any order; the sources are down for a while."""
    facets: dict[str, Facet] = known()
    told: list[str] = []
    down, up = outage[0], outage[0] + outage[1]
    for hour in looks:
        now = (END + timedelta(hours=hour)).astimezone(UTC)
        facets = known(*(part for part, when in zip(EXTRA, arrivals, strict=True) if when <= hour), *_said(told))
        gap = down <= hour < up
        since = END + timedelta(hours=up) if hour >= up else LONG_AGO
        through = END + timedelta(hours=down) if gap else now
        found = due_reminders(REGIME, facets, Coverage(since.astimezone(UTC), through.astimezone(UTC)), LONG_AGO, now)
        for subject in found.reminders:
            assert subject not in told
            if subject.startswith("expired"):
                assert hour >= 0
                assert not gap or down >= 0
                assert hour < up or up <= -24 * 30
        told += found.reminders
        assert len(told) == len(set(told))
    steps = [subject for subject in told if "d:" in subject]
    assert len(steps) <= 5


def _said(told: list[str]) -> list[dict[str, Facet]]:
    return [{"reminders": {subject: {"label": "told"} for subject in told}}]
