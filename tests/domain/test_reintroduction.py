"""Is a bill of a new Congress an old one introduced again? All later bills are constructed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.records.facets import Facet
from domain.records.reintroduction import entry_of, normalised, reintroduced
from tests.helpers.english import english, in_words

OLD = us_bill(119, "hr", 6508)
NATO = (
    "To require the President to give notice of denunciation of the North Atlantic Treaty for purposes of withdrawing "
    "the United States from the North Atlantic Treaty Organization, and for other purposes."
)
MASSIE = {"M001184": {"label": "Rep. Massie, Thomas [R-KY-4]"}}


def facets(title: str, *titles: str, sponsors: Facet | None = None, related: str | None = None) -> dict[str, Facet]:
    found: dict[str, Facet] = {"title": {"display": {"text": title}}}
    if titles:
        found["titles"] = {str(number): {"text": one} for number, one in enumerate(titles)}
    if sponsors:
        found["sponsors"] = sponsors
    if related:
        found["related"] = {related: {"label": "Related bill"}}
    return found


KNOWN = facets("NATO Act", NATO, "Not A Trusted Organization Act", sponsors=MASSIE)


@pytest.mark.parametrize(
    ("new", "stated", "reasons"),
    [
        pytest.param(us_bill(120, "hr", 12), facets(NATO), ("the same title",), id="the official title"),
        pytest.param(us_bill(120, "hr", 12), facets(NATO.upper()), ("the same title",), id="in capitals"),
        pytest.param(
            us_bill(120, "hr", 12),
            facets(NATO.replace(", and for other purposes", "")),
            ("the same title",),
            id="without other purposes",
        ),
        pytest.param(us_bill(120, "s", 3), facets(NATO), ("the same title",), id="in the other chamber"),
        pytest.param(us_bill(121, "hr", 3), facets(NATO), ("the same title",), id="a Congress later still"),
        pytest.param(
            us_bill(120, "hr", 12),
            facets("NATO Act", sponsors=MASSIE),
            ("the same title", "the same sponsor, Rep. Massie, Thomas [R-KY-4]"),
            id="a title of two words and the sponsor",
        ),
        pytest.param(us_bill(120, "hr", 12), facets("NATO Act"), None, id="a title of two words alone is no proof"),
        pytest.param(
            us_bill(120, "hr", 12),
            facets("Another Act of 2027", related=str(OLD)),
            ("the record names them as related",),
            id="named as related",
        ),
        pytest.param(us_bill(120, "hr", 12), facets("Other Act", sponsors=MASSIE), None, id="the sponsor alone"),
        pytest.param(us_bill(119, "s", 2174), facets(NATO), None, id="the companion of the same Congress"),
        pytest.param(us_bill(118, "hr", 12), facets(NATO), None, id="an earlier Congress"),
        pytest.param(us_bill(120, "hres", 12), facets(NATO), None, id="a resolution"),
        pytest.param(us_bill(120, "hr", 12), {}, None, id="nothing known"),
        pytest.param(DocumentId.parse("us/law/120/public/1"), facets(NATO), None, id="no bill"),
    ],
)
def test_what_makes_a_bill_the_same(new: DocumentId, stated: dict[str, Facet], reasons: tuple[str, ...] | None) -> None:
    match = reintroduced(OLD, KNOWN, new, stated)
    assert (tuple(map(english, match.reasons)) if match else None) == reasons


def test_two_reserved_numbers_are_not_the_same_bill() -> None:
    title = facets("Reserved for the Speaker of the House.")
    assert reintroduced(us_bill(117, "hr", 10), title, us_bill(118, "hr", 10), title) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NATO Act of 2025", "NATO Act of 2027"),
        ("2025 Farm Act", "2027 Farm Act"),
        ("Women’s Health Act", "Women's Health Act."),
        ("Anti–Fraud Act", "ANTI-FRAUD ACT"),
    ],
)
def test_titles_that_are_the_same(one: str, other: str) -> None:
    assert normalised(one) == normalised(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rule of 80 Act", "Rule of 85 Act"),
        ("Consolidated Appropriations Act, 2026", "Consolidated Appropriations Act, 2028"),
        (
            "National Defense Authorization Act for Fiscal Year 2026",
            "National Defense Authorization Act for Fiscal Year 2028",
        ),
    ],
)
def test_titles_of_different_measures(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(st.text(max_size=80))
def test_any_title_is_the_same_as_itself_in_capitals(title: str) -> None:
    assert normalised(title.casefold()) == normalised(title)


def test_the_entry_names_both_identities_and_the_reasons() -> None:
    match = reintroduced(OLD, KNOWN, us_bill(120, "hr", 12), facets("NATO Act", sponsors=MASSIE))
    assert match is not None
    assert in_words(entry_of(match, OLD)) == {
        "label": "HR 12 · 120th is HR 6508 · 119th introduced again: NATO Act",
        "text": "HR 12 · 120th and HR 6508 · 119th: the same title, the same sponsor, Rep. Massie, Thomas [R-KY-4]",
        "document": "us/bill/120/hr/12",
        "reasons": ["the same title", "the same sponsor, Rep. Massie, Thomas [R-KY-4]"],
    }
