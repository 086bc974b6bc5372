"""Terms in wall time, validity by two keys, and the difference between an expiry and an outage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from domain.documents import DocumentId
from domain.records.facets import Facet
from domain.terms import (
    Coverage,
    Next,
    Regime,
    RegimeStatus,
    add_length,
    announce,
    local,
    regime_of,
    regime_state,
    terms,
)
from monitor.service.regimes import shipped_regimes
from tests.helpers.english import english
from tests.helpers.regime_terms import recorded_terms

MARTIAL_LAW = DocumentId("ua", "regime", ("martial-law",))
REGIME = Regime(MARTIAL_LAW, "Martial law in Ukraine", "Europe/Kyiv", two_keys=True)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def known(day: str) -> dict[str, Facet]:
    """What the shipped history says on the evening of a day."""
    return dict(shipped_regimes()[MARTIAL_LAW].observation(at(f"{day}T20:00+00:00")).facets)


LENGTHS = {
    "ninety days across the end of summer time": ("2022-08-23T05:30", "90 days", "2022-11-21T05:30+02:00"),
    "ninety days across its beginning": ("2026-02-03T05:30", "90 days", "2026-05-04T05:30+03:00"),
    "thirty days": ("2018-11-26T14:00", "30 days", "2018-12-26T14:00+02:00"),
    "three months from the last of November": ("2023-11-30T00:00", "3 months", "2024-02-29T00:00+02:00"),
    "a year": ("2024-02-29T00:00", "1 year", "2025-02-28T00:00+02:00"),
}


@pytest.mark.parametrize(("start", "length", "end"), LENGTHS.values(), ids=LENGTHS.keys())
def test_lengths_are_added_in_wall_time(start: str, length: str, end: str) -> None:
    assert add_length(local(start, "Europe/Kyiv"), length).isoformat(timespec="minutes") == end


def test_the_shipped_chain_equals_the_recorded_one_to_the_minute() -> None:
    facets = known("2026-11-01")
    rows = recorded_terms("martial-law")
    found = [(t.episode, str(t.number), t.starts_at.isoformat(), t.ends_at.isoformat()) for t in terms(REGIME, facets)]
    assert found == [(r["episode"], r["number"], r["starts_at"], r["ends_at"]) for r in rows]


def test_every_term_starts_at_the_minute_the_last_one_ended() -> None:
    chain = [t for t in terms(REGIME, known("2026-11-01")) if t.episode == "2022"]
    assert len(chain) == 21
    assert all(a.ends_at == b.starts_at for a, b in pairwise(chain))


def test_nothing_inferred_is_presented_as_official() -> None:
    by_number = {t.number: t.confidence for t in terms(REGIME, known("2026-11-01")) if t.episode == "2022"}
    assert (by_number[18], by_number[19], by_number[20]) == ("official", "inferred", "secondary")


FULL = Coverage(since=at("2018-01-01T00:00+00:00"), through=at("2030-01-01T00:00+00:00"))
NEVER = Coverage()

STANDINGS: dict[str, tuple[str, str, Coverage, RegimeStatus, int | None]] = {
    "in the middle of a term": ("2025-12-01", "2025-12-01T12:00+02:00", NEVER, RegimeStatus.IN_FORCE, 17),
    "a minute before a term ends": ("2026-02-03", "2026-02-03T05:29+02:00", FULL, RegimeStatus.IN_FORCE, 17),
    "the minute its successor starts": ("2026-02-03", "2026-02-03T05:30+02:00", FULL, RegimeStatus.IN_FORCE, 18),
    "after the 2018 lapse": ("2018-12-27", "2018-12-27T12:00+02:00", FULL, RegimeStatus.ENDED, 0),
    "before anything was introduced": ("2018-01-05", "2018-01-05T12:00+02:00", FULL, RegimeStatus.NOT_IN_FORCE, None),
    "after the last shipped term, nothing read": (
        "2026-11-22",
        "2026-11-22T12:00+02:00",
        NEVER,
        RegimeStatus.UNKNOWN,
        20,
    ),
    "after the last term, read since yesterday only": (
        "2026-11-22",
        "2026-11-22T12:00+02:00",
        Coverage(at("2026-11-21T00:00+00:00"), at("2026-11-22T10:00+00:00")),
        RegimeStatus.UNKNOWN,
        20,
    ),
    "after the last term, not read since before its end": (
        "2026-11-22",
        "2026-11-22T12:00+02:00",
        Coverage(at("2026-01-01T00:00+00:00"), at("2026-10-30T00:00+00:00")),
        RegimeStatus.UNKNOWN,
        20,
    ),
    "after the last term, read without a gap": (
        "2026-11-22",
        "2026-11-22T12:00+02:00",
        FULL,
        RegimeStatus.EXPIRED_NO_SUCCESSOR_SEEN,
        20,
    ),
}


@pytest.mark.parametrize(("day", "now", "coverage", "status", "number"), STANDINGS.values(), ids=STANDINGS.keys())
def test_standing(day: str, now: str, coverage: Coverage, status: RegimeStatus, number: int | None) -> None:
    found = regime_state(REGIME, known(day), coverage, at(now))
    assert found.status is status
    assert (found.term.number if found.term else None) == number
    assert (found.reason is not None) == (status is RegimeStatus.UNKNOWN)


RENEWALS = {
    "before the decree": ("2025-10-19", Next.NONE_SEEN, None),
    "when the decree is signed": ("2025-10-20", Next.DECREE_SIGNED, "ua/decree/793/2025"),
    "when the law is adopted": ("2025-10-21", Next.LAW_ADOPTED, "ua/decree/793/2025"),
}


@pytest.mark.parametrize(("day", "state", "instrument"), RENEWALS.values(), ids=RENEWALS.keys())
def test_the_renewal_of_november_2025(day: str, state: Next, instrument: str | None) -> None:
    found = regime_state(REGIME, known(day), FULL, at(f"{day}T21:00+03:00"))
    assert (found.next_state, found.next_instrument) == (state, instrument)
    assert found.term is not None
    assert found.term.number == 16
    if instrument:
        assert found.next_starts_at == at("2025-11-05T05:30+02:00")


def test_a_law_in_force_before_its_term_is_in_force_later() -> None:
    found = regime_state(REGIME, known("2026-01-28"), FULL, at("2026-01-29T12:00+02:00"))
    assert (found.next_state, found.next_instrument) == (Next.IN_FORCE_LATER, "ua/decree/40/2026")


def test_a_decree_without_its_law_extends_nothing() -> None:
    facets = known("2025-10-20")
    assert terms(REGIME, facets)[-1].number == 16
    assert terms(REGIME, facets, planned=True)[-1].number == 17


def test_an_act_that_ends_a_term_early_ends_it() -> None:
    facets: dict[str, Any] = known("2025-12-01")
    end = {"act": "end", "starts_at": "2025-12-10T00:00", "on": "2025-12-09"}
    facets["instruments"] = {**facets["instruments"], "constructed/end": end}
    found = regime_state(REGIME, facets, FULL, at("2025-12-11T00:00+02:00"))
    assert found.status is RegimeStatus.ENDED_EARLY


def test_what_was_inferred_gives_way_to_the_act_itself() -> None:
    facets: dict[str, Any] = known("2026-11-01")
    act = {"act": "extension", "starts_at": "2026-05-04T05:30", "length": "90 days", "on": "2026-04-27"}
    facets["instruments"] = {**facets["instruments"], "constructed/19": act}
    facets["approvals"] = {**facets["approvals"], "constructed/law": {"approves": "constructed/19"}}
    chain = terms(REGIME, facets)
    assert [(t.number, t.confidence) for t in chain][-3:] == [(18, "official"), (19, "official"), (20, "secondary")]


def test_a_missing_link_leaves_what_follows_unnumbered() -> None:
    facets: dict[str, Any] = known("2025-12-01")
    facets["instruments"] = {k: v for k, v in facets["instruments"].items() if k != "ua/decree/478/2025"}
    assert terms(REGIME, facets)[-1].number is None


def test_a_step_is_reported_with_its_number_and_to_the_minute() -> None:
    facets = known("2025-10-21")
    assert english(announce(MARTIAL_LAW, facets, "instruments", "ua/decree/793/2025")) == (
        "Decree 793/2025 signed: extension 17, 5 Nov 2025 05:30 to 3 Feb 2026 05:30 (Europe/Kyiv, 90 days)"
    )
    assert english(announce(MARTIAL_LAW, facets, "approvals", "ua/law/4643-ix")).startswith(
        "Law 4643-IX adopted: extension 17, 5 Nov 2025 05:30"
    )


@pytest.mark.parametrize("document", shipped_regimes(), ids=str)
def test_a_record_explains_how_it_is_reckoned(document: DocumentId) -> None:
    made = shipped_regimes()[document]
    assert regime_of(document, made.observation(at("2026-11-22T12:00+00:00")).facets) == made.regime


def test_ninety_days_are_not_always_the_same_number_of_hours() -> None:
    hours = {(t.ends_at.astimezone(UTC) - t.starts_at.astimezone(UTC)) for t in terms(REGIME, known("2026-11-01"))}
    assert timedelta(days=90, hours=1) in hours
    assert timedelta(days=90, hours=-1) in hours
