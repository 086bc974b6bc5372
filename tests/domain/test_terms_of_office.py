"""Terms of office: they end by law, nobody misses a renewal, and nothing computed is shown as official."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from domain.documents import DocumentId
from domain.errors import ConfigError
from domain.jurisdictions import all_jurisdictions
from domain.records.facets import Facet
from domain.terms import Coverage, Regime, RegimeState, regime_of, regime_state, rules_of, terms
from domain.terms.checks import checks
from domain.terms.reminders import due_reminders
from domain.upcoming import upcoming_of_regime
from monitor.cli.regime_report import regime_answers
from monitor.service.regimes import parse_regime_file, shipped_regimes
from tests.helpers.english import english
from watchers import SOURCES, source

TERMS = {str(document): made for document, made in shipped_regimes().items() if made.regime.by_law}
PRESIDENT, RADA = "ua/regime/term-of-office/president", "ua/regime/term-of-office/rada"
CONGRESS, US_PRESIDENT = "us/regime/term-of-office/congress", "us/regime/term-of-office/president"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def known(name: str, now: datetime) -> tuple[Regime, dict[str, Facet]]:
    facets = dict(TERMS[name].observation(now).facets)
    return regime_of(DocumentId.parse(name), facets), facets


def state(name: str, moment: str) -> RegimeState:
    now = at(moment)
    return regime_state(*known(name, now), Coverage(), now)


@pytest.mark.parametrize(
    ("name", "moment", "ends", "confidence", "reason"),
    [
        (PRESIDENT, "2024-05-19T12:00+03:00", "2024-05-20T00:00:00+03:00", "inferred", None),
        (
            PRESIDENT, "2024-05-20T00:00+03:00", "2024-05-20T00:00:00+03:00", "inferred",
            "its term ended 20 May 2024 00:00, as computed from its length; by law it continues until a successor "
            "takes office",
        ),
        (RADA, "2024-08-28T23:59+03:00", "2024-08-29T00:00:00+03:00", "inferred", None),
        (
            RADA, "2026-11-30T12:00+02:00", "2024-08-29T00:00:00+03:00", "inferred",
            "its term ended 29 Aug 2024 00:00, as computed from its length; by law it continues while UA martial law "
            "is in force, and until a successor takes office",
        ),
        (CONGRESS, "2026-11-30T12:00-05:00", "2027-01-03T12:00:00-05:00", "official", None),
        (CONGRESS, "2027-01-03T11:59-05:00", "2027-01-03T12:00:00-05:00", "official", None),
        (CONGRESS, "2027-01-03T12:00-05:00", "2029-01-03T12:00:00-05:00", "inferred", None),
        (US_PRESIDENT, "2026-11-30T12:00-05:00", "2029-01-20T12:00:00-05:00", "official", None),
        (US_PRESIDENT, "2029-01-20T12:00-05:00", "2033-01-20T12:00:00-05:00", "inferred", None),
    ],
)  # fmt: skip
def test_how_a_term_of_office_stands(name: str, moment: str, ends: str, confidence: str, reason: str | None) -> None:
    found = state(name, moment)
    assert found.term is not None
    assert (str(found.status), found.term.ends_at.isoformat(), found.term.confidence) == ("IN_FORCE", ends, confidence)
    assert (found.reason and english(found.reason.to_json())) == reason


@pytest.mark.parametrize("name", TERMS)
def test_a_term_of_office_cites_what_it_says_and_needs_no_source(name: str) -> None:
    made = TERMS[name]
    assert made.regime.basis
    assert all(says.endswith(".") and address.startswith("https://") for says, _, address in made.regime.basis)
    assert all(re.search(r"Article|Amendment|U\.S\.C\.|article", where) for _, where, _ in made.regime.basis)
    assert not [one for one in SOURCES if source(one).handles(made.regime.document)]
    assert checks(made.regime, made.observation(at("2026-11-30T12:00+00:00")).facets) == ()
    assert regime_of(made.regime.document, made.observation(at("2026-11-30T12:00+00:00")).facets) == made.regime
    assert {document.jurisdiction for document in shipped_regimes()} - {"eu"} <= {
        law.code for law in all_jurisdictions()
    }


def test_what_lies_ahead_of_the_congress_is_its_end_and_no_alarm() -> None:
    now = at("2026-11-30T12:00+00:00")
    regime, facets = known(CONGRESS, now)
    found = [(one.on.isoformat(), one.kind, english(one.what)) for one in upcoming_of_regime(regime, facets, now)]
    assert ("2027-01-03", "end", "term of office ends 3 Jan 2027 12:00 (America/New_York); the law ends it") in found
    assert ("2026-12-27", "reminder", "7 days left, the law ends the term") in found
    assert [one[0] for one in found if one[1] == "election"] == ["2028-11-07"]
    assert not [words for _, _, words in found if "renewal" in words]


def test_elections_of_the_past_are_not_ahead_and_that_of_today_is() -> None:
    for day, expected in (("2026-11-03", 2), ("2026-11-04", 1)):
        now = at(f"{day}T12:00+00:00")
        assert sum(one.kind == "election" for one in upcoming_of_regime(*known(CONGRESS, now), now)) == expected


@pytest.mark.parametrize(
    ("name", "day", "expected"),
    [
        (CONGRESS, "2026-12-28", ["7 days left, the law ends the term"]),
        (CONGRESS, "2027-01-04", []),
        (US_PRESIDENT, "2026-12-28", []),
        (US_PRESIDENT, "2028-12-25", ["27 days left, the law ends the term"]),
        (PRESIDENT, "2024-05-14", ["6 days left, the law ends the term"]),
        (PRESIDENT, "2026-11-30", []),
        (RADA, "2024-09-30", []),
    ],
)
def test_a_reminder_says_that_the_law_ends_the_term_and_nothing_is_missed(
    name: str, day: str, expected: list[str]
) -> None:
    now = at(f"{day}T12:00+00:00")
    regime, facets = known(name, now)
    due = due_reminders(regime, facets, Coverage(), now - timedelta(days=400), now)
    assert [english(entry["label"]) for entry in due.reminders.values()][:1] == expected[:1]
    assert not due.doubts


def test_what_bars_an_election_is_shown_with_how_it_stands() -> None:
    document = DocumentId.parse(PRESIDENT)
    found = regime_answers(None, [document], now=at("2026-09-01T12:00+00:00"))[document]
    assert found["label"] == "Past the end of its term"
    assert found["status_on"] == found["term"]["ends_at"][:10]
    assert found["barred_while"] == {
        "id": "ua/regime/martial-law", "status": "IN_FORCE", "ends_at": "2026-10-31T05:30:00+02:00",
    }  # fmt: skip
    assert [one["article"] for one in found["basis"]] == [
        "Constitution of Ukraine, Article 103",
        "Constitution of Ukraine, Article 108",
        "Law 389-VIII on the legal regime of martial law, Article 19",
    ]


OWN = """regime = "xx/regime/term-of-office/assembly"
title = "Term of office of the Assembly"
zone = "Europe/Kyiv"
[term]
length = "4 years"
by_law = true
{term}
[[instrument]]
name = "First meeting"
act = "introduction"
on = 2026-06-01
starts_at = "2026-06-01"
{more}
"""


def own(term: str = "", more: str = "") -> Regime:
    body = OWN.format(term=term, more=more).encode()
    return parse_regime_file("xx-term-of-office-assembly.toml", body, own=True).regime


def test_a_user_may_write_one_and_its_rules_come_back_from_the_record() -> None:
    found = own(
        'continues = true\ncontinues_while = "xx/regime/curfew"',
        '[[law]]\nsays = "It sits."\narticle = "Charter, 1"\naddress = "https://example.org/"\n'
        '[[election]]\non = 2030-05-05\nwhat = "election"\narticle = "Charter, 2"',
    )
    assert (
        regime_of(found.document, {"item": {"": rules_of(found)}, "title": {"display": {"text": found.title}}}) == found
    )
    assert found.elections == (("2030-05-05", "election", "Charter, 2"),)
    assert terms(found, {}) == ()


@pytest.mark.parametrize(
    ("term", "more", "fault"),
    [
        ('continues_while = "xx/regime/curfew"', "", "expected continues = true beside it"),
        ('continues = true\ncontinues_while = "xx/law/1"', "", "expected a name such as"),
        ("", '[[law]]\nsays = "It sits."\naddress = "https://example.org/"', "law[1].article: missing"),
        ("", '[[law]]\nsays = "x"\narticle = "y"\naddress = "here"', "law[1].address: expected a web address"),
        ("", '[[election]]\non = "soon"\nwhat = "x"\narticle = "y"', "election[1].on: expected a day"),
        ("", "[[elections]]\non = 2030-05-05", "did you mean election?"),
    ],
)
def test_a_fault_in_one_is_named(term: str, more: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        own(term, more)
    assert fault in str(caught.value)
