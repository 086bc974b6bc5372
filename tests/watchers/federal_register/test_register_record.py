"""A title is only a hint, its text and the order it cites decide: the cases US-19 and US-20, and more of each kind.

Numbers and days of the notices are constructed; the wording is that of such notices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.documents import DocumentId
from domain.records.facets import Kind
from monitor.service.regimes import RegimeFile, parse_regime_file
from tests.watchers.federal_register.publisher import TITLES, Document, noise
from tests.watchers.federal_register.test_poll import UKRAINE, FederalRegisterPoller, desk
from watchers.federal_register.documents import EXTENSION, RegimeForms, orders_of, recognise
from watchers.federal_register.watcher import MOST_PAGES, MOST_TEXTS

DAY = timedelta(days=1)
TEXT = (
    "[Federal Register Volume 92, Number 34 (Friday, February 19, 2027)]\n[Presidential Documents]\n[Page 9002]\n\n"
    "Notice of February 18, 2027\n\n{title}\n\nOn {day}, by Executive Order {order}, the President declared a national "
    "emergency pursuant to the International Emergency Economic Powers Act; it was expanded by Executive Order 14065. "
    "Therefore, in accordance with section 202(d) of the National Emergencies Act (50 U.S.C. 1622(d)), I am continuing "
    "for 1 year the national emergency declared in Executive Order {order}."
)


def text_of(order: str, day: str = "March 6, 2014", title: str = "Continuation of the National Emergency") -> str:
    return TEXT.format(order=order, day=day, title=title)


NOTICE = Document(
    "2027-90002",
    "Continuation of the National Emergency With",
    "2027-02-19",
    "2027-02-18",
    citation="92 FR 9002",
    text=text_of("13660"),
)
CUT = {
    "cut off in its middle": NOTICE.title,
    "cut off after a word of the subject": "Continuation of the National Emergency With Respect to Ukr",
    "cut off early": "Continuation of the National",
    "cut off as a notice of": "Notice of Continuation of the National Emergency",
    "without the emergency's name": "Continuation of National Emergency",
    "of several emergencies": "Continuation of Certain National Emergencies",
    "of no more than a day": "Notice of February 18, 2027",
    "missing": "",
    "in other words": "Continuing the National Emergency With Respect to the Situation in Ukraine",
    "of an extension": "Extension of the National Emergency Concerning Ukraine",
    "of the emergency alone": "The National Emergency With Respect to Actions in Ukraine and Elsewhere",
}


@pytest.mark.parametrize("title", CUT.values(), ids=CUT)
def test_us_19_a_title_that_excludes_nothing_is_a_reason_to_read_the_text(title: str) -> None:
    made = desk("2027-02-16", replace(NOTICE, title=title), *noise("2027-02-12"))
    made.poll()
    for _ in range(30):
        made.poll(DAY)
    assert made.status() == "IN_FORCE"
    assert "us/fr/2027-90002" in made.record().facets["instruments"]
    assert made.told(Kind.REMINDER) == []
    assert len(made.told()) == 1


@pytest.mark.parametrize(
    ("title", "published"),
    [
        pytest.param(NOTICE.title, "2027-02-19", id="a title cut off"),
        pytest.param("", "2027-02-19", id="no title"),
    ],
)
def test_us_19_a_text_about_another_order_renews_nothing_and_is_read_once(title: str, published: str) -> None:
    other = replace(NOTICE, title=title, published=published, text=text_of("14024"))
    made = desk("2027-02-16", other, *noise("2027-02-12"))
    made.poll()
    asked = 0
    for _ in range(30):
        made.shelf.put(*noise((made.now + DAY).date().isoformat(), 1))
        made.poll(DAY)
        asked += sum("/text/" in url for url in made.shelf.asked)
    assert asked == 1
    assert made.status() == "EXPIRED_NO_SUCCESSOR_SEEN"


def test_us_19_no_expiry_is_stated_while_a_candidate_is_unread() -> None:
    made = desk("2027-02-16", NOTICE, *noise("2027-02-12"))
    made.poll()
    body = made.shelf.body
    made.shelf.body = lambda base, path, query: None if "/text/" in path else body(base, path, query)  # type: ignore[method-assign]
    for _ in range(25):
        made.poll(DAY)
    assert made.status() == "UNKNOWN"
    assert made.told() == []
    made.shelf.body = body  # type: ignore[method-assign]
    made.poll(DAY)
    assert made.status() == "IN_FORCE"
    assert len(made.told()) == 1


NAMED = {
    "another emergency in other words": "Continuing the National Emergency With Respect to the Situation in Lebanon",
    "the country without an emergency": "Day of Solidarity With Ukraine, 2027",
    "another emergency": "Continuation of the National Emergency With Respect to Lebanon",
    "a day": "National Day of Something, 2027",
    "another kind of document": "Blocking Property of Certain Persons",
}


@pytest.mark.parametrize("title", NAMED.values(), ids=NAMED)
def test_us_19_a_title_that_names_something_else_costs_no_request(title: str) -> None:
    made = desk("2027-02-16", replace(NOTICE, title=title), *noise("2027-02-12"))
    made.poll()
    made.poll(5 * DAY)
    assert not any("/text/" in url for url in made.shelf.asked)


IRAN = "Continuation of the National Emergency With Respect to Iran"
FILE = """
regime = "us/regime/{name}"
title  = "US national emergency: Iran (Executive Order {order})"
zone   = "America/New_York"
source = "federal_register"

[term]
length      = "1 year"
anniversary = true
window      = "90 days"

[recognise]
titles  = ["Continuation of the National Emergency With Respect to Iran"]
phrases = ["I am continuing for 1 year the national emergency"]
{numbers}

[[instrument]]
act       = "introduction"
name      = "Executive Order {order}"
on        = {day}
starts_at = "{day}"

[[instrument]]
act       = "extension"
starts_at = "{last}"
length    = "1 year"
known_on  = {last}
"""


def own(name: str, order: str, day: str, last: str, *, numbered: bool = True) -> RegimeFile:
    numbers = f'numbers = ["Executive Order {order}"]' if numbered else ""
    body = FILE.format(name=name, order=order, day=day, last=last, numbers=numbers)
    return parse_regime_file(f"us-{name}.toml", body.encode(), own=True)


HOSTAGES = own("iran-12170", "12170", "1979-11-14", "2025-11-14")
MISSILES = own("iran-12957", "12957", "1995-03-15", "2026-03-15")
OWN = {one.regime.document: one for one in (HOSTAGES, MISSILES)}
FIRST, SECOND = OWN


def of_iran(order: str, published: str, number: str = "2026-24001", **says: str) -> Document:
    return Document(number, IRAN, published, published, text=text_of(order), **says)


def renewed(made: FederalRegisterPoller, known: Mapping[DocumentId, RegimeFile] = OWN) -> set[DocumentId]:
    """Poll for some weeks and return the regimes whose watches were told of a renewal."""
    made.poll()
    for _ in range(4):
        made.poll(4 * DAY)
    with made.store.read() as view:
        waiting = view.due("desk", made.now + 9 * DAY, 99)
        told = [change for one in waiting for change in view.notice(one, "UTC").changes if change.kind is Kind.TERM]
    assert len(told) == len({change.document for change in told})
    return {change.document for change in told} & set(known)


@pytest.mark.parametrize(
    ("notice", "start", "watched", "told"),
    [
        pytest.param(of_iran("12170", "2026-11-09"), "2026-11-05", (FIRST, SECOND), {FIRST}, id="the first one, both"),
        pytest.param(of_iran("12170", "2026-11-09"), "2026-11-05", (SECOND,), set(), id="the first, second watched"),
        pytest.param(of_iran("12170", "2026-11-09"), "2026-11-05", (FIRST,), {FIRST}, id="the first one, it alone"),
        pytest.param(of_iran("12957", "2027-03-08"), "2027-03-04", (FIRST, SECOND), {SECOND}, id="the second, both"),
        pytest.param(of_iran("12957", "2027-03-08"), "2027-03-04", (FIRST,), set(), id="the second, first watched"),
        pytest.param(of_iran("13660", "2026-11-09"), "2026-11-05", (FIRST, SECOND), set(), id="of neither"),
        pytest.param(of_iran("12957", "2026-11-09"), "2026-11-05", (FIRST, SECOND), {SECOND}, id="out of time"),
    ],
)
def test_us_20_the_first_order_that_the_text_cites_decides(
    notice: Document, start: str, watched: tuple[DocumentId, ...], told: set[DocumentId]
) -> None:
    made = desk(start, notice, *noise(start), regimes=watched, own=OWN)
    assert renewed(made) == told


BOTH = (
    "On November 14, 1979, by Executive Order 12170, and on March 15, 1995, by Executive Order 12957, the President "
    "declared national emergencies. Therefore, in accordance with section 202(d) of the National Emergencies Act, I am "
    "continuing for 1 year the national emergencies declared in {orders}. This notice shall be published in the "
    "Federal Register; it changes nothing in Executive Order 13846."
)
ENDED = "I hereby terminate the national emergencies declared in {orders}, and revoke Executive Order 13059."


@pytest.mark.parametrize(
    "title",
    [
        "Continuation of the National Emergencies With Respect to Iran",
        "Continuation of the National Emergencies With Respect to Iran and Lebanon",
        "Continuation of Certain National Emergencies",
        "Continuation of National Emergencies",
    ],
)
def test_a_notice_that_renews_several_emergencies_concerns_each(title: str) -> None:
    orders = "Executive Order 12170 and Executive Order 12957"
    notice = Document("2026-24001", title, "2026-11-09", "2026-11-09", text=BOTH.format(orders=orders))
    made = desk("2026-11-05", notice, *noise("2026-11-02"), regimes=(FIRST, SECOND), own=OWN)
    assert renewed(made) == {FIRST, SECOND}


def test_an_order_that_ends_several_emergencies_concerns_each() -> None:
    orders = "Executive Order 12170 of November 14, 1979, and Executive Order 12957 of March 15, 1995"
    title = "Termination of Emergencies With Respect to Iran and Modification of Executive Order 13846"
    notice = Document("2026-24001", title, "2026-11-09", "2026-11-09", text=ENDED.format(orders=orders))
    notice = replace(notice, subtype="Executive Order")
    made = desk("2026-11-05", notice, *noise("2026-11-02"), regimes=(FIRST, SECOND), own=OWN)
    assert renewed(made) == {FIRST, SECOND}


@pytest.mark.parametrize(
    ("orders", "named"),
    [
        ("Executive Order 12170", {"12170"}),
        ("Executive Orders 12170 and 12957", {"12170", "12957"}),
        ("Executive Order 12170 of November 14, 1979, and Executive Order 12957 of March 15, 1995", {"12170", "12957"}),
        ("Executive Order 12170 and the national emergency declared in Executive Order 12957", {"12170", "12957"}),
        ("Executive Order 12957, as amended by Executive Order 13637 of March 8, 2013", {"12957"}),
        ("Executive Order 12957, as expanded in scope by Executive Orders 13661 and 13662", {"12957"}),
        (
            "Executive Order 12957, with respect to which additional steps were taken in Executive Order 12959, and "
            "the national emergency declared in Executive Order 12170",
            {"12170", "12957"},
        ),
        ("that order", {"12170"}),
    ],
)
def test_the_operative_clause_says_which_emergencies_are_continued(orders: str, named: set[str]) -> None:
    assert orders_of(BOTH.format(orders=orders), EXTENSION) == named


def test_us_20_both_renewals_of_one_year_go_each_to_its_own_watch() -> None:
    notices = (of_iran("12170", "2026-11-09"), of_iran("12957", "2027-03-08", "2027-04002"))
    made = desk("2026-11-05", *notices, *noise("2026-11-02"), regimes=(FIRST, SECOND), own=OWN)
    for _ in range(35):
        made.poll(4 * DAY)
    for regime, number in ((FIRST, "2026-24001"), (SECOND, "2027-04002")):
        acts = made.record(regime).facets["instruments"]
        assert [name for name in acts if name.startswith("us/fr/")] == [f"us/fr/{number}"]


def test_us_20_the_end_of_one_emergency_is_not_that_of_the_other_of_its_name() -> None:
    end = of_iran("12957", "2026-11-09")
    end = replace(end, title="Termination of the National Emergency With Respect to Iran", subtype="Executive Order")
    made = desk("2026-11-05", end, *noise("2026-11-02"), regimes=(FIRST, SECOND), own=OWN)
    assert renewed(made) == {SECOND}


def test_us_20_a_regime_without_a_number_goes_by_its_name_or_by_the_title() -> None:
    named = own("emergency-eo-12170", "12170", "1979-11-14", "2025-11-14", numbered=False)
    nameless = own("iran", "12170", "1979-11-14", "2025-11-14", numbered=False)
    for file, order, told in ((named, "12170", True), (named, "12957", False), (nameless, "12957", True)):
        known = {file.regime.document: file, SECOND: MISSILES}
        made = desk("2026-11-05", of_iran(order, "2026-11-09"), *noise("2026-11-02"), regimes=tuple(known), own=known)
        assert (file.regime.document in renewed(made, known)) is told


def test_a_title_in_time_and_of_one_emergency_alone_costs_no_text() -> None:
    made = desk("2027-02-16", replace(NOTICE, title=TITLES["eo-13660"], text=""), *noise("2027-02-12"))
    made.poll()
    made.poll(5 * DAY)
    assert not any("/text/" in url for url in made.shelf.asked)
    assert len(made.told()) == 1


def test_texts_of_one_poll_stop_at_their_bound_and_the_rest_is_read_later() -> None:
    many = [replace(NOTICE, number=f"2027-8{n:04d}", text=text_of("14024")) for n in range(MOST_TEXTS + 10)]
    made = desk("2027-02-16", NOTICE, *many)
    made.poll()
    made.poll(5 * DAY)
    assert sum("/text/" in url for url in made.shelf.asked) == MOST_TEXTS
    made.poll(DAY)
    assert sum("/text/" in url for url in made.shelf.asked) == 11
    assert made.status() == "IN_FORCE"


def test_a_list_without_end_stops_at_its_bound_and_is_not_believed() -> None:
    made = desk("2026-11-03")
    made.poll()
    whole = made.shelf.body

    def endless(base: str, path: str, query: dict[str, list[str]]) -> bytes | None:
        page = (whole(base, path, query | {"page": ["1"]}) or b"").replace(
            b'"2026-', b'"20' + query["page"][0].encode()
        )
        return page.replace(b'"count": ', b'"count": 9999')

    made.shelf.body = endless  # type: ignore[method-assign]
    outcome = made.poll()
    assert outcome.source.state.value == "changed"
    assert outcome.requests <= MOST_PAGES + 1


def test_a_server_that_shows_the_same_page_again_and_again_is_not_believed() -> None:
    made = desk("2027-02-16", NOTICE, *noise("2027-02-12"))
    made.poll()
    whole = made.shelf.body
    made.shelf.page_size = 2
    made.shelf.body = lambda base, path, query: whole(base, path, query | {"page": ["1"]})  # type: ignore[method-assign]
    assert made.poll(5 * DAY).source.state.value == "changed"


def test_us_20_forms_without_a_day_allow_any_day() -> None:
    forms = RegimeForms.of({"titles": [IRAN]})
    assert forms.is_time("2026-07-01")
    assert recognise(IRAN, forms) is not None
    assert UKRAINE != FIRST
