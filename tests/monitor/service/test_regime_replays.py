"""The shipped regimes, held against the recorded chains and the dated examples."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from domain.documents import DocumentId
from domain.terms import Coverage, RegimeStatus, checks, local, regime_of, regime_state, terms
from monitor.cli.regime_report import regime_answers
from monitor.config.regime_file import read_regime_file
from monitor.service.regimes import regime_file_facets, shipped_regimes
from tests.helpers.regime_terms import recorded_terms

MOBILISATION = DocumentId.parse("ua/regime/mobilisation")


def chain(document: str, day: str = "2026-11-22") -> list[tuple[int | None, str, str, str]]:
    """What is shipped of a regime and was known on a day: number, start, end, confidence."""
    made = shipped_regimes()[DocumentId.parse(document)]
    known = made.observation(datetime.fromisoformat(f"{day}T20:00+00:00")).facets
    found = terms(made.regime, known)
    return [(t.number, t.starts_at.isoformat()[:16], t.ends_at.isoformat()[:16], t.confidence) for t in found]


def test_mobilisation_equals_the_recorded_chain_to_the_minute() -> None:
    """Acts and effect dates are those recorded. The record gives no term: the first day, and ninety days from each
    start to the next, fix it; in 2022 three laws took effect a day before their term. It numbers the two terms
    whose acts are unseen 18 and 19, although they are extensions 17 and 18 in a chain without gap."""
    made = shipped_regimes()[MOBILISATION]
    known = made.observation(datetime(2026, 11, 1, tzinfo=UTC)).facets
    found = terms(made.regime, known)
    rows = recorded_terms("mobilisation")
    assert len(found) == len(rows) == 19
    for number, (term, row) in enumerate(zip(found, rows, strict=True)):
        start = local("2022-02-24", "Europe/Kyiv") + timedelta(days=90 * number)
        assert (term.number, term.starts_at, term.ends_at) == (number, start, start + timedelta(days=90))
        if row["decree"]:
            law = f"ua/law/{row['law'].lower()}"
            assert (term.instrument, term.approval) == (f"ua/decree/{row['decree']}", law)
            assert known["instruments"][term.instrument]["on"] == row["signed_on"]
            assert known["approvals"][law]["on"] == row["adopted_on"]
        else:
            assert term.confidence == "inferred"
        if number:
            earlier = timedelta(days=1 if number in (1, 2, 3) else 0)
            assert date.fromisoformat(row["takes_effect_on"]) == start.date() - earlier


def test_the_renewals_of_both_regimes_are_of_the_same_day() -> None:
    martial = {
        i.get("on") for i in shipped_regimes()[DocumentId.parse("ua/regime/martial-law")].instruments if "id" in i
    }
    mobilised = {i.get("on") for i in shipped_regimes()[MOBILISATION].instruments if "id" in i}
    assert mobilised <= martial


@pytest.mark.parametrize("document", shipped_regimes(), ids=str)
def test_every_shipped_chain_runs_without_gap_or_overlap(document: DocumentId) -> None:
    made = shipped_regimes()[document]
    found = terms(made.regime, made.observation(datetime(2026, 11, 22, tzinfo=UTC)).facets)
    for before, after in pairwise(found):
        assert before.episode != after.episode or before.ends_at == after.starts_at


EXAMPLES = {
    "Ukraine (EO 13660) before the notice of 2024 was published: one term known": (
        "us/regime/emergency/eo-13660", "2024-03-04", 1, (0, "2014-03-06T00:00", "2015-03-06T00:00", "secondary")),
    "Ukraine (EO 13660) once it was, on the eve of the anniversary: the tenth continuation": (
        "us/regime/emergency/eo-13660", "2024-03-05", 11, (10, "2024-03-06T00:00", "2025-03-06T00:00", "official")),
    "Ukraine (EO 13660) by 19 February 2026": (
        "us/regime/emergency/eo-13660", "2026-02-19", 13, (12, "2026-03-06T00:00", "2027-03-06T00:00", "secondary")),
    "energy (EO 14156) continued for the first time on 12 January 2026": (
        "us/regime/emergency/eo-14156", "2026-01-12", 2, (1, "2026-01-20T00:00", "2027-01-20T00:00", "official")),
    "elections (EO 13848) continued on 2 September 2026": (
        "us/regime/emergency/eo-13848", "2026-09-02", 9, (8, "2026-09-12T00:00", "2027-09-12T00:00", "official")),
    "export control (EO 13222) continued on 14 August 2026": (
        "us/regime/emergency/eo-13222", "2026-08-14", 26, (25, "2026-08-17T00:00", "2027-08-17T00:00", "official")),
    "COVID-19, declared on 13 March and beginning on 1 March 2020, ended by law on 10 April 2023": (
        "us/regime/emergency/proclamation-9994", "2023-04-10", 4,
        (3, "2023-03-01T00:00", "2023-04-10T00:00", "secondary")),
    "EU economic sanctions decided on 30 June 2025, to the last moment of 31 January 2026": (
        "eu/regime/sanctions/russia-economic", "2025-06-30", 1,
        (None, "2025-08-01T00:00", "2026-02-01T00:00", "secondary")),
    "EU economic sanctions decided on 22 December 2025, to the last moment of 31 July 2026": (
        "eu/regime/sanctions/russia-economic", "2025-12-22", 2,
        (None, "2026-02-01T00:00", "2026-08-01T00:00", "secondary")),
}  # fmt: skip


@pytest.mark.parametrize(("document", "day", "count", "last"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_dated_examples(document: str, day: str, count: int, last: tuple[int | None, str, str, str]) -> None:
    found = chain(document, day)
    assert (len(found), found[-1]) == (count, last)


def test_the_law_of_2018_narrowed_its_decree() -> None:
    made = shipped_regimes()[DocumentId.parse("ua/regime/martial-law")]
    known = made.observation(datetime(2018, 12, 1, tzinfo=UTC)).facets
    first = terms(made.regime, known)[0]
    assert first.scope == ("inner waters of the Azov-Kerch area", "ten oblasts")
    assert "scope" not in known["instruments"][first.instrument]


DAYS = {
    "in a term whose act is unseen": ("2026-05-10", "IN_FORCE", "inferred", "none_seen"),
    "before it, when nobody could know of it": ("2026-02-10", "IN_FORCE", "official", "none_seen"),
    "between the decree and the law": ("2025-10-20", "IN_FORCE", "official", "decree_signed"),
    "after the lapse of 2018": ("2019-06-01", "ENDED", "official", "none_seen"),
}


@pytest.mark.parametrize(("day", "status", "confidence", "renewal"), DAYS.values(), ids=DAYS.keys())
def test_martial_law_as_of_a_day(day: str, status: str, confidence: str, renewal: str) -> None:
    document = DocumentId.parse("ua/regime/martial-law")
    row = regime_answers(None, [document], now=datetime(2026, 11, 22, tzinfo=UTC), as_of=date.fromisoformat(day))[
        document
    ]
    assert (row["status"], row["term"]["confidence"], row["next"]["state"]) == (status, confidence, renewal)


def test_the_state_of_emergency_of_2022_is_reckoned_from_its_row() -> None:
    """Decree 63/2022: from 00:00 on 24 February 2022 for 30 days, in some regions; approved the day before."""
    body = """
regime = "ua/regime/emergency"
title  = "State of emergency in Ukraine"
zone   = "Europe/Kyiv"
[renewal]
steps = ["decree_signed", "law_adopted"]
keys  = ["decree_signed", "law_adopted"]
[[instrument]]
id          = "ua/decree/63/2022"
act         = "introduction"
on          = 2022-02-23
starts_at   = "2022-02-24T00:00"
length      = "30 days"
scope       = ["22 oblasts", "the city of Kyiv"]
approval    = "ua/law/2101-ix"
approved_on = 2022-02-23
"""
    regime, _, instruments = read_regime_file("ua-emergency.toml", body.encode())
    (term,) = terms(regime, regime_file_facets(regime, "", instruments, date(2022, 2, 25)))
    assert (term.approval, term.ends_at.isoformat()) == ("ua/law/2101-ix", "2022-03-26T00:00:00+02:00")
    assert term.scope == ("22 oblasts", "the city of Kyiv")


ELSEWHERE: dict[str, tuple[str, str, str, list[tuple[int | None, str, str]]]] = {
    "France 2015: twelve days by decree, then months by law, each from the end of the last": (
        "fr-emergency.toml", "Europe/Paris", """
[[instrument]]
act = "introduction"
on = 2015-11-14
starts_at = "2015-11-14"
length = "12 days"
[[instrument]]
act = "extension"
on = 2015-11-20
starts_at = "2015-11-26"
length = "3 months"
[[instrument]]
act = "extension"
on = 2016-02-19
starts_at = "2016-02-26"
length = "3 months"
""", [(0, "2015-11-14", "2015-11-26"), (1, "2015-11-26", "2016-02-26"), (2, "2016-02-26", "2016-05-26")]),
    "Mindanao 2017: sixty days, then to the last day of each year": (
        "ph-mindanao.toml", "Asia/Manila", """
[[instrument]]
act = "introduction"
on = 2017-05-23
starts_at = "2017-05-23"
length = "60 days"
[[instrument]]
act = "extension"
on = 2017-07-22
starts_at = "2017-07-22"
until = 2017-12-31
[[instrument]]
act = "extension"
on = 2017-12-13
starts_at = "2018-01-01"
until = 2018-12-31
""", [(0, "2017-05-23", "2017-07-22"), (1, "2017-07-22", "2018-01-01"), (2, "2018-01-01", "2019-01-01")]),
}  # fmt: skip


@pytest.mark.parametrize(("name", "zone", "acts", "expected"), ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_regimes_of_other_countries_can_be_written_down(
    name: str, zone: str, acts: str, expected: list[tuple[int | None, str, str]]
) -> None:
    place, _, what = name.removesuffix(".toml").partition("-")
    body = f'regime = "{place}/regime/{what}"\ntitle = "{what}"\nzone = "{zone}"\n{acts}'
    regime, _, instruments = read_regime_file(name, body.encode())
    found = terms(regime, regime_file_facets(regime, "", instruments, date(2026, 1, 1)))
    assert [(t.number, t.starts_at.isoformat()[:10], t.ends_at.isoformat()[:10]) for t in found] == expected
    assert checks(regime, regime_file_facets(regime, "", instruments, date(2026, 1, 1))) == ()


MOMENTS = {
    "the last second before the anniversary": ("us/regime/emergency/eo-14156", "2027-01-20T04:59:59Z", "IN_FORCE"),
    "the first second of it": ("us/regime/emergency/eo-14156", "2027-01-20T05:00:00Z", "UNKNOWN"),
    "the last second of July in Brussels": ("eu/regime/sanctions/russia-economic", "2026-07-31T21:59:59Z", "IN_FORCE"),
    "the first second of 1 August there": ("eu/regime/sanctions/russia-economic", "2026-07-31T22:00:00Z", "UNKNOWN"),
    "the COVID-19 emergency on 9 April 2023": (
        "us/regime/emergency/proclamation-9994", "2023-04-09T12:00:00Z", "IN_FORCE"),
    "the COVID-19 emergency on the day it was ended": (
        "us/regime/emergency/proclamation-9994", "2023-04-10T12:00:00Z", "ENDED_EARLY"),
    "mobilisation in its last second": ("ua/regime/mobilisation", "2026-10-30T21:59:59Z", "IN_FORCE"),
    "mobilisation a second later, nothing read": ("ua/regime/mobilisation", "2026-10-30T22:00:00Z", "UNKNOWN"),
}  # fmt: skip


@pytest.mark.parametrize(("document", "moment", "status"), MOMENTS.values(), ids=MOMENTS.keys())
def test_status_at_the_second(document: str, moment: str, status: str) -> None:
    now = datetime.fromisoformat(moment)
    made = shipped_regimes()[DocumentId.parse(document)]
    known = made.observation(now).facets
    found = regime_state(regime_of(made.regime.document, known), known, Coverage(), now)
    assert found.status is RegimeStatus(status)
    assert (found.reason is not None) == (status == "UNKNOWN")


def test_an_emergency_without_its_notice_expires_on_the_anniversary_if_the_register_was_read() -> None:
    """What a reader of the Federal Register will prove; until there is one, the regime is kept by hand."""
    made = shipped_regimes()[DocumentId.parse("us/regime/emergency/eo-14156")]
    known = made.observation(datetime(2026, 6, 1, tzinfo=UTC)).facets
    covered = Coverage(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC))
    now = datetime(2027, 1, 20, 5, tzinfo=UTC)
    assert regime_state(made.regime, known, covered, now).status is RegimeStatus.EXPIRED_NO_SUCCESSOR_SEEN
