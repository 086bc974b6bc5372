"""Which terms stand: two keys, early and partial ends, repeals, anniversaries, episodes."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from domain.terms import Coverage, Next, RegimeStatus, Term, announce, local, regime_state, terms
from tests.domain.instruments import HERE, extension, facets, intro, regime
from tests.helpers.english import english

TWO_KEYS = regime(two_keys=True)
READ = Coverage(datetime(2010, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
Acts = dict[str, dict[str, Any]]


def at(day: str) -> datetime:
    return local(day, "Europe/Kyiv")


def spans(found: tuple[Term, ...]) -> list[tuple[int | None, str, str]]:
    return [(t.number, t.starts_at.isoformat()[:10], t.ends_at.isoformat()[:10]) for t in found]


DECREE: Acts = {"decree": intro("2026-01-01", length="60 days", scope=["North", "South"])}

LAWS: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    "a law that says nothing of it leaves the decree's term": ({}, ("North", "South"), "2026-03-02"),
    "a law may name fewer regions": ({"scope": ["South"]}, ("South",), "2026-03-02"),
    "a law may shorten the term": ({"length": "30 days"}, ("North", "South"), "2026-01-31"),
    "a law may name the last day": ({"until": "2026-02-10"}, ("North", "South"), "2026-02-11"),
    "a law may do both": ({"length": "30 days", "scope": ["North"]}, ("North",), "2026-01-31"),
}


@pytest.mark.parametrize(("law", "scope", "end"), LAWS.values(), ids=LAWS.keys())
def test_what_stands_is_the_laws(law: dict[str, Any], scope: tuple[str, ...], end: str) -> None:
    known = facets(DECREE, {"law": {"approves": "decree", "on": "2026-01-01", **law}})
    (term,) = terms(TWO_KEYS, known)
    assert (term.scope, term.ends_at.date().isoformat(), term.approval) == (scope, end, "law")


REFUSED = {"approves": "decree", "on": "2026-01-02", "outcome": "rejected"}


def test_a_decree_whose_law_is_rejected_is_void() -> None:
    known = facets(DECREE, {"bill": REFUSED})
    assert terms(TWO_KEYS, known) == terms(TWO_KEYS, known, planned=True) == ()
    found = regime_state(TWO_KEYS, known, READ, at("2026-01-10"))
    assert (found.status, found.next_state) == (RegimeStatus.NOT_IN_FORCE, Next.NONE_SEEN)


def test_a_law_adopted_after_a_refusal_counts() -> None:
    known = facets(DECREE, {"bill": REFUSED, "law": {"approves": "decree", "on": "2026-01-05"}})
    assert [t.approval for t in terms(TWO_KEYS, known)] == ["law"]


def test_a_law_read_before_its_decree_sets_no_term_yet() -> None:
    known = facets({}, {"law": {"approves": "decree", "on": "2026-01-05"}})
    assert terms(TWO_KEYS, known) == ()
    assert english(announce(HERE, known, "approvals", "law")) == "Law"


STARTS: dict[str, tuple[dict[str, Any], Acts, str | None]] = {
    "retroactive: before it was signed": (
        {"starts_at": "2025-12-20T14:00", "on": "2026-01-03"}, {}, "2025-12-20T14:00:00+02:00"),
    "upon signature": ({"starts": "signature", "on": "2026-01-03"}, {}, "2026-01-03T00:00:00+02:00"),
    "from the day of publication": (
        {"starts": "publication", "on": "2026-01-03", "published_on": "2026-01-05"}, {}, "2026-01-05T00:00:00+02:00"),
    "from the day of publication, seen as a step": (
        {"starts": "publication", "on": "2026-01-03"},
        {"s": {"step": "published", "of": "a", "on": "2026-01-06"}}, "2026-01-06T00:00:00+02:00"),
    "from a publication nobody has seen": ({"starts": "publication", "on": "2026-01-03"}, {}, None),
    "in the future": ({"starts_at": "2027-01-01", "on": "2026-01-03"}, {}, "2027-01-01T00:00:00+02:00"),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "steps", "start"), STARTS.values(), ids=STARTS.keys())
def test_a_term_starts(facts: dict[str, Any], steps: Acts, start: str | None) -> None:
    act = {"act": "introduction", "length": "30 days", **facts}
    found = terms(regime(), facets({"a": act}, steps=steps))
    assert [t.starts_at.isoformat() for t in found] == ([start] if start else [])


CHAIN: Acts = {
    "0": intro("2026-01-01", length="30 days"),
    "1": extension("2026-01-31", length="30 days", on="2026-01-20"),
    "2": extension("2026-03-02", length="30 days", on="2026-02-10"),
}

ENDS: dict[str, tuple[dict[str, Any], list[tuple[int | None, str, str]]]] = {
    "an end cuts what runs and takes what was already decided": (
        {"starts_at": "2026-02-15T12:00", "on": "2026-02-14"},
        [(0, "2026-01-01", "2026-01-31"), (1, "2026-01-31", "2026-02-15")]),
    "an end without a start ends on the day it was signed": (
        {"on": "2026-02-14"}, [(0, "2026-01-01", "2026-01-31"), (1, "2026-01-31", "2026-02-14")]),
    "an act that repeals another by its number cuts that one alone": (
        {"starts_at": "2026-03-10", "on": "2026-02-14", "repeals": "2"},
        [(0, "2026-01-01", "2026-01-31"), (1, "2026-01-31", "2026-03-02"), (2, "2026-03-02", "2026-03-10")]),
    "an act repealed before its term sets none": (
        {"on": "2026-02-20", "repeals": ["2"]},
        [(0, "2026-01-01", "2026-01-31"), (1, "2026-01-31", "2026-03-02")]),
    "a repeal by number of another act changes nothing": (
        {"on": "2026-02-20", "repeals": "9"},
        [(0, "2026-01-01", "2026-01-31"), (1, "2026-01-31", "2026-03-02"), (2, "2026-03-02", "2026-04-01")]),
    "an end after the last term changes nothing": (
        {"on": "2026-04-20"},
        [(0, "2026-01-01", "2026-01-31"), (1, "2026-01-31", "2026-03-02"), (2, "2026-03-02", "2026-04-01")]),
}  # fmt: skip


@pytest.mark.parametrize(("end", "expected"), ENDS.values(), ids=ENDS.keys())
def test_early_ends(end: dict[str, Any], expected: list[tuple[int | None, str, str]]) -> None:
    assert spans(terms(regime(), facets({**CHAIN, "end": {"act": "end", **end}}))) == expected


def test_an_end_in_force_later_ends_on_that_day() -> None:
    step = {"step": "in_force", "of": "end", "on": "2026-02-18"}
    known = facets({**CHAIN, "end": {"act": "end", "on": "2026-02-14"}}, steps={"s": step})
    assert spans(terms(regime(), known))[-1] == (1, "2026-01-31", "2026-02-18")


def test_a_regime_ended_early_stays_so_although_an_extension_had_been_decided() -> None:
    known = facets({**CHAIN, "end": {"act": "end", "on": "2026-02-14"}})
    assert regime_state(regime(), known, READ, at("2026-02-14")).status is RegimeStatus.ENDED_EARLY
    later = regime_state(regime(), known, READ, at("2026-03-15"))
    assert (later.status, later.next_state) == (RegimeStatus.ENDED_EARLY, Next.NONE_SEEN)


def test_an_introduction_after_an_early_end_opens_an_episode() -> None:
    known = facets({**CHAIN, "end": {"act": "end", "on": "2026-02-14"}, "new": intro("2026-06-01", length="30 days")})
    assert [(t.episode, t.number) for t in terms(regime(), known)] == [("2026", 0), ("2026", 1), ("2026-2", 0)]


def test_a_partial_end_changes_the_scope_not_the_term() -> None:
    partial = {"act": "partial_end", "starts_at": "2026-01-10", "on": "2026-01-09", "scope": ["North"]}
    acts = {"a": intro("2026-01-01", length="30 days", scope=["North", "South"]), "b": partial}
    (term,) = terms(regime(), facets(acts))
    assert (term.ends_at.date().isoformat(), term.scope, term.ended_by) == ("2026-01-31", ("North", "South"), None)
    assert [(r.at.date().isoformat(), r.regions) for r in term.released] == [("2026-01-10", ("North",))]


def test_a_partial_end_of_all_that_is_left_ends_the_term() -> None:
    partial = {"act": "partial_end", "starts_at": "2026-01-10", "on": "2026-01-09", "scope": ["South"]}
    (term,) = terms(regime(), facets({"a": intro("2026-01-01", length="30 days", scope=["South"]), "b": partial}))
    assert (term.ends_at.date().isoformat(), term.ended_by) == ("2026-01-10", "b")


RIVALS: dict[str, tuple[Acts, list[str]]] = {
    "the later act for one start stands": (
        {"a": intro("2026-01-01", length="9 days"), "b": intro("2026-01-01", length="9 days", on="2026-01-02")}, ["b"]),
    "what was read stands over what was inferred": (
        {"a": intro("2026-01-01", length="30 days", confidence="inferred", on="2026-01-05"),
         "b": intro("2026-01-01", length="30 days")}, ["b"]),
    "an extension that begins early takes over": (
        {"a": intro("2026-01-01", length="30 days"), "b": extension("2026-01-30", length="30 days")}, ["a", "b"]),
    "an extension that ends with the running term adds nothing": (
        {"a": intro("2026-01-01", length="30 days"), "b": extension("2026-01-21", length="10 days")}, ["a"]),
    "of two acts for one start the one that was not repealed stands": (
        {"a": intro("2026-01-01", length="30 days"), "b": intro("2026-01-01", length="30 days", on="2026-01-02"),
         "end": {"act": "end", "on": "2026-01-09", "repeals": "b"}}, ["a"]),
    "an extension inside the running term adds nothing": (
        {"a": intro("2026-01-01", length="30 days"), "b": extension("2026-01-10", length="5 days")}, ["a"]),
}  # fmt: skip


@pytest.mark.parametrize(("acts", "standing_acts"), RIVALS.values(), ids=RIVALS.keys())
def test_of_two_acts_for_one_time(acts: Acts, standing_acts: list[str]) -> None:
    found = terms(regime(), facets(acts))
    assert [t.instrument for t in found] == standing_acts
    assert all(a.ends_at <= b.starts_at for a, b in pairwise(found))


ANNIVERSARY = regime("America/New_York", usual_length="1 year", anniversary=True, window="90 days")
NOTICES: dict[str, tuple[dict[str, str], str | None]] = {
    "a notice on the eve": ({"on": "2024-03-04", "published_on": "2024-03-05"}, "2024-03-06"),
    "a notice as early as it may be": ({"on": "2023-12-07"}, "2024-03-06"),
    "a notice a day too early": ({"on": "2023-12-06"}, None),
    "a notice published on the anniversary itself": ({"on": "2024-03-04", "published_on": "2024-03-06"}, None),
}


@pytest.mark.parametrize(("notice", "start"), NOTICES.values(), ids=NOTICES.keys())
def test_an_anniversary_is_renewed_by(notice: dict[str, str], start: str | None) -> None:
    acts = {"order": intro("2014-03-06", length="1 year"), "notice": {"act": "extension", **notice}}
    found = [t.starts_at.date().isoformat() for t in terms(ANNIVERSARY, facets(acts)) if t.instrument == "notice"]
    assert found == ([start] if start else [])


def test_a_notice_on_the_anniversary_is_too_late_for_it_and_counts_for_the_next() -> None:
    yearly = regime("America/New_York", usual_length="1 year", anniversary=True)
    acts = {"order": intro("2014-03-06", length="1 year"), "notice": {"act": "extension", "on": "2024-03-06"}}
    assert terms(yearly, facets(acts))[-1].starts_at.date().isoformat() == "2025-03-06"


def test_an_extension_from_the_moment_of_an_early_end_cannot_be_numbered() -> None:
    late = extension("2026-02-14", length="30 days", on="2026-02-20")
    known = facets({**CHAIN, "end": {"act": "end", "on": "2026-02-14"}, "late": late})
    assert spans(terms(regime(), known))[-1] == (None, "2026-02-14", "2026-03-16")


def test_a_law_that_states_a_length_replaces_the_decrees_last_day() -> None:
    decree = {"decree": intro("2026-01-01", until="2026-12-31")}
    known = facets(decree, {"law": {"approves": "decree", "on": "2026-01-01", "length": "30 days"}})
    assert spans(terms(TWO_KEYS, known)) == [(0, "2026-01-01", "2026-01-31")]


def test_a_leap_day_comes_back_on_its_twelfth_anniversary() -> None:
    acts = {"order": intro("2012-02-29", length="1 year"), "notice": {"act": "extension", "on": "2024-02-20"}}
    assert terms(ANNIVERSARY, facets(acts))[-1].starts_at.date().isoformat() == "2024-02-29"


def test_a_regime_that_continues_by_default_stays_in_force_until_an_act_ends_it() -> None:
    on = regime(continues=True)
    known = facets({"a": intro("2026-01-01", length="30 days")})
    found = regime_state(on, known, Coverage(), at("2027-01-01"))
    assert (found.status, "goes on until" in english(found.reason)) == (RegimeStatus.IN_FORCE, True)
    ended = facets({"a": intro("2026-01-01", length="30 days"), "end": {"act": "lapse", "on": "2026-01-31"}})
    assert regime_state(on, ended, Coverage(), at("2027-01-01")).status is RegimeStatus.ENDED


LATER = {
    "the day of the end": ("2026-02-01", "2026-02-01", RegimeStatus.EXPIRED_NO_SUCCESSOR_SEEN),
    "however long nothing follows, until a person or an act says so": (
        "2026-12-01", "2026-12-01", RegimeStatus.EXPIRED_NO_SUCCESSOR_SEEN,
    ),
    "read within a day": ("2026-02-10", "2026-02-11", RegimeStatus.EXPIRED_NO_SUCCESSOR_SEEN),
    "not read for longer": ("2026-02-10", "2026-02-11T00:00:01", RegimeStatus.UNKNOWN),
}  # fmt: skip


@pytest.mark.parametrize(("through", "now", "status"), LATER.values(), ids=LATER.keys())
def test_an_end_with_no_successor_stays_one_while_the_sources_are_read(
    through: str, now: str, status: RegimeStatus
) -> None:
    known = facets({"a": intro("2026-01-01", length="30 days")})
    heard = Coverage(at("2025-06-01"), at(through))
    assert regime_state(regime(lapse_after=30), known, heard, at(now)).status is status


def test_a_hole_in_the_chain_is_unknown_not_an_expiry() -> None:
    acts = {"a": intro("2026-01-01", length="30 days"), "c": extension("2026-03-02", length="30 days")}
    found = regime_state(regime(), facets(acts), READ, at("2026-02-15"))
    assert (found.status, "the act before that one is not known" in english(found.reason)) == (
        RegimeStatus.UNKNOWN,
        True,
    )


def test_the_next_renewal_is_the_first_one_that_goes_beyond_the_term() -> None:
    found = regime_state(regime(), facets(CHAIN), READ, at("2026-01-25"))
    assert (found.next_instrument, found.next_state) == ("1", Next.IN_FORCE_LATER), "one key is enough"


def test_a_decree_whose_start_has_passed_without_its_law_is_still_awaited() -> None:
    acts = {"a": intro("2026-01-01", length="30 days"), "b": extension("2026-01-31", length="30 days", on="2026-01-20")}
    known = facets(acts, {"law": {"approves": "a", "on": "2026-01-01"}})
    found = regime_state(TWO_KEYS, known, READ, at("2026-02-02"))
    assert (found.status, found.next_state, found.next_instrument) == (
        RegimeStatus.EXPIRED_NO_SUCCESSOR_SEEN,
        Next.DECREE_SIGNED,
        "b",
    )


REGIONS: dict[str, tuple[Acts, list[tuple[str, str, str]]]] = {
    "an act for one region leaves the whole country its time": (
        {"a": intro("2026-01-01", length="90 days"), "b": extension("2026-03-20", length="90 days", scope=["East"])},
        [("a", "2026-01-01", "2026-04-01"), ("b", "2026-04-01", "2026-06-18")]),
    "an act for fewer regions leaves the others theirs": (
        {"a": intro("2026-01-01", length="90 days", scope=["East", "West"]),
         "b": extension("2026-03-20", length="90 days", scope=["East"])},
        [("a", "2026-01-01", "2026-04-01"), ("b", "2026-04-01", "2026-06-18")]),
    "an act for more regions takes over": (
        {"a": intro("2026-01-01", length="90 days", scope=["East"]), "b": extension("2026-03-20", length="90 days")},
        [("a", "2026-01-01", "2026-03-20"), ("b", "2026-03-20", "2026-06-18")]),
    "of two acts for different regions the one that runs longer": (
        {"a": intro("2026-01-01", length="30 days"), "b": extension("2026-01-31", length="90 days", scope=["East"]),
         "c": extension("2026-01-31", length="10 days", scope=["West"])},
        [("a", "2026-01-01", "2026-01-31"), ("b", "2026-01-31", "2026-05-01")]),
    "of two acts for the same region the later one": (
        {"a": intro("2026-01-01", length="30 days"), "b": extension("2026-01-31", length="90 days", scope=["East"]),
         "c": extension("2026-01-31", length="10 days", scope=["East"])},
        [("a", "2026-01-01", "2026-01-31"), ("c", "2026-01-31", "2026-02-10")]),
    "an act for the whole country replaces one for a region that had not begun": (
        {"a": intro("2026-01-01", length="90 days"), "b": extension("2026-03-20", length="90 days", scope=["East"]),
         "c": extension("2026-03-25", length="90 days")},
        [("a", "2026-01-01", "2026-03-25"), ("c", "2026-03-25", "2026-06-23")]),
    "an act for the whole country from the same moment": (
        {"a": intro("2026-01-01", length="90 days"), "b": extension("2026-03-20", length="90 days", scope=["East"]),
         "c": extension("2026-04-01", length="90 days")},
        [("a", "2026-01-01", "2026-04-01"), ("c", "2026-04-01", "2026-06-30")]),
    "an act for a region goes on behind a shorter one for the whole country": (
        {"a": intro("2026-01-01", length="90 days"), "b": extension("2026-03-20", length="90 days", scope=["East"]),
         "c": extension("2026-04-01", length="30 days")},
        [("a", "2026-01-01", "2026-04-01"), ("c", "2026-04-01", "2026-05-01"), ("b", "2026-05-01", "2026-06-18")]),
    "of two acts for one region before the end of the wider term the later one": (
        {"a": intro("2026-01-01", length="90 days"), "b": extension("2026-03-20", length="90 days", scope=["East"]),
         "c": extension("2026-03-22", length="90 days", scope=["East"])},
        [("a", "2026-01-01", "2026-04-01"), ("c", "2026-04-01", "2026-06-20")]),
}  # fmt: skip


@pytest.mark.parametrize(("acts", "run"), REGIONS.values(), ids=REGIONS)
def test_acts_for_parts_of_the_territory(acts: Acts, run: list[tuple[str, str, str]]) -> None:
    found = terms(regime(zone="UTC"), facets(acts))
    assert [(t.instrument, t.starts_at.date().isoformat(), t.ends_at.date().isoformat()) for t in found] == run
