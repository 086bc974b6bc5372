"""What a reader costs grows with what it is given, whatever repeats in it (all inputs constructed)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from domain.errors import Changed
from domain.jurisdictions.us.names import us_bill
from domain.sources import Response
from tests.watchers.govinfo.billstatus_files import written
from tests.watchers.rollcalls.publisher import house_paper, issue, senate_menu, senate_paper
from tests.watchers.ukraine_sources import decree_page, decrees, row, search
from watchers.congress.action_steps import read_step
from watchers.congress.actions import ActionLine, action_facets, event_words
from watchers.congress.client import parse_list_page
from watchers.congress.item import read_bill_row
from watchers.congress.meetings import parse_meeting
from watchers.congress.sublists import SUBLISTS
from watchers.federal_register.documents import RegimeForms, orders_of, parse_page, recognise
from watchers.feed.entries import match_entries
from watchers.feed.parser import parse_feed
from watchers.govinfo.billstatus import parse_billstatus
from watchers.govinfo.change_signals import parse_batches, parse_listing, parse_sitemap
from watchers.legisinfo import read_rows
from watchers.plain_text import comparable_text, plain_text
from watchers.rada.act_card import parse_list as parse_cards
from watchers.rada.act_text import read_decree, read_law
from watchers.rada.bills import parse_search
from watchers.rada.lists import parse_updates
from watchers.rada.president import parse_decree, parse_list
from watchers.rada.titles import _meaning, classify
from watchers.rollcalls.chambers import HouseRolls, SenateRolls, parse_menu, parse_table
from watchers.rollcalls.rolls import VotingSession
from watchers.texts.markup import paragraphs

NOW = datetime(2026, 3, 10, tzinfo=UTC)
BILL = us_bill(119, "hr", 6508)
SIZES = (500, 4000)
DOUBLINGS = 3
MOST = 3.2
"""Times the cost may grow when the input doubles, on the average of three doublings: twice is linear, four times is
quadratic."""

FLOOR = 0.004
"""Seconds below which a measurement is taken for noise."""

SESSION = VotingSession.of(119, 2)
FORMS = RegimeForms.of({"titles": ["Continuation of the National Emergency With Respect to Ukraine"]})


def held(count: int, time: str | None) -> list[ActionLine]:
    """Hearings of one moment, each by a committee of its own."""
    return [
        msgspec.convert(
            {"actionDate": "2026-02-10", "actionTime": time, "text": "Hearings held.", "actionCode": "4100",
             "committees": [{"systemCode": f"hs{k:05}"}]},
            ActionLine,
        )
        for k in range(count)
    ]  # fmt: skip


def copies(count: int) -> list[ActionLine]:
    """Lines of a chamber and the Library's copies of them, each on a day of its own."""
    words = ("", "Passed/agreed to in House: ")
    rows = [
        {"actionDate": f"{1500 + k // 144}-{k // 12 % 12 + 1:02}-{2 * (k % 12) + 1 + copy:02}", "actionCode": "8000",
         "text": f"{words[copy]}On passage Passed by voice vote.", "sourceSystem": {"code": 9 if copy else 2}}
        for k in range(count // 2)
        for copy in (0, 1)
    ]  # fmt: skip
    return msgspec.convert(rows, list[ActionLine])


def lines(count: int, text: Callable[[int], str]) -> list[ActionLine]:
    return [ActionLine(action_date="2026-02-10", text=text(n), action_code=f"H{n}") for n in range(count)]


def rows(member: str, make: Callable[[int], dict[str, Any]]) -> Callable[[int], Callable[[], object]]:
    def prepared(count: int) -> Callable[[], object]:
        listed = [json.dumps(make(n)).encode() for n in range(count)]
        return lambda: SUBLISTS[member].parse(listed)

    return prepared


def day(number: int) -> str:
    return (date(2000, 1, 1) + timedelta(days=number)).isoformat()


def feed(entries: str) -> Callable[[], object]:
    body = f'<rss version="2.0"><channel><title>x</title>{entries}</channel></rss>'.encode()
    return lambda: parse_feed(body, "application/rss+xml", "https://x.example/", NOW)


def once(function: Callable[..., object], *given: object) -> Callable[[], object]:
    return lambda: function(*given)


def classified(title: str) -> object:
    _meaning.cache_clear()
    return classify(title)


def matched(count: int, guid: Callable[[int], str]) -> Callable[[], object]:
    items = "".join(f"<item><guid>{guid(n)}</guid><title>t {n}</title></item>" for n in range(count))
    entries = parse_feed(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode(), "", "https://x.example/", NOW)
    known = {key: found for key, _, found in match_entries(entries.entries[::2], {}, ()).entries}
    return lambda: match_entries(entries.entries, known, list(known))


def bill_xml(body: str) -> bytes:
    return f"<bill><legis-body>{body}</legis-body></bill>".encode()


def beside(count: int) -> bytes:
    """A BILLSTATUS file of the form of before 2023: roll calls beside the actions that name them."""
    actions = "".join(
        f"<item><actionDate>2016-01-05</actionDate><text>Agreed to by voice vote {n} (Roll no. {n}).</text></item>"
        for n in range(count)
    )
    votes = "".join(
        f"<recordedVote><rollNumber>{n}</rollNumber><chamber>House</chamber><congress>114</congress>"
        f"<sessionNumber>2</sessionNumber><date>2016-01-05T00:00:00Z</date></recordedVote>"
        for n in range(count)
    )
    return (
        "<billStatus><bill><billNumber>1</billNumber><billType>HR</billType><congress>114</congress>"
        f"<actions>{actions}</actions><recordedVotes>{votes}</recordedVotes></bill></billStatus>"
    ).encode()


def documents(count: int) -> bytes:
    listed = [
        {
            "document_number": f"2026-{n}",
            "title": "Continuation of the National Emergency With Respect to Ukrania",
            "publication_date": "2026-03-05",
        }
        for n in range(count)
    ]
    return json.dumps({"count": count, "results": listed}).encode()


def decree_text(count: int) -> str:
    padding = "\n".join("Продовжити строк дії чогось іншого з 05 години 30 хвилин." for _ in range(count))
    return f"УКАЗ ПРЕЗИДЕНТА УКРАЇНИ №1/2026\nПро продовження строку дії воєнного стану в Україні\n{padding}\n"


def updates(count: int) -> bytes:
    items = "".join(
        f"<item><title>Про x {n}</title><link>https://data.rada.gov.ua/laws/show/{n + 1}/2026</link></item>"
        for n in range(count)
    )
    return f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()


def many(text: str, count: int) -> str:
    return "".join(text.format(n=n) for n in range(count))


COSTS: dict[str, Callable[[int], Callable[[], object]]] = {
    "citations behind an action": lambda n: once(event_words, "Passed." + " (CR H1234)" * n),
    "brackets that do not close": lambda n: once(event_words, "Passed." + " (text" * n),
    "words of an action": lambda n: once(read_step, "On motion to table " + "the amendment " * n, "H36510", BILL),
    "motions of one action": lambda n: once(read_step, "x agree with " + "agree with " * n, "H1B000", BILL),
    "outcomes of an action without a code": lambda n: once(read_step, "x passed agreed to " * n, None, BILL),
    "commas of an action": lambda n: once(
        read_step, "Cloture on the motion" + ", upon reconsideration" * n, None, BILL
    ),
    "lines of a bill": lambda n: once(action_facets, lines(n, lambda k: f"Mr. A spoke {k}."), BILL),
    "lines of one time by many committees": lambda n: once(action_facets, held(n, "10:00:00"), BILL),
    "lines without a time by many committees": lambda n: once(action_facets, held(n, None), BILL),
    "copies of many days": lambda n: once(action_facets, copies(n), BILL),
    "lines of the same words": lambda n: once(action_facets, lines(n, lambda k: "Considered as unfinished."), BILL),
    "lines of one code at other times": lambda n: once(
        action_facets,
        [
            ActionLine(
                action_date="2026-02-10", text="Considered.", action_code="H1",
                action_time=f"{k // 3600:02}:{k // 60 % 60:02}:{k % 60:02}",
            )
            for k in range(n)
        ],
        BILL,
    ),
    "text versions": rows("textVersions", lambda n: {"type": f"Version {n}", "date": f"{day(n)}T05:00:00Z"}),
    "text versions of one name": rows("textVersions", lambda n: {"type": "Reported", "date": f"{day(n)}T05:00:00Z"}),
    "titles": rows("titles", lambda n: {"title": f"Act {n}", "titleTypeCode": 6}),
    "cosponsors": rows("cosponsors", lambda n: {"bioguideId": f"A{n}", "party": "R", "sponsorshipDate": day(n)}),
    "cosponsors who left": rows(
        "cosponsors",
        lambda n: {"bioguideId": f"A{n}", "sponsorshipDate": day(n), "sponsorshipWithdrawnDate": day(n + 9)},
    ),
    "committees": rows("committees", lambda n: {"systemCode": f"hs{n}", "name": "x"}),
    "related bills": rows("relatedBills", lambda n: {"congress": 119, "type": "HR", "number": n + 1}),
    "summaries": rows("summaries", lambda n: {"versionCode": str(n), "text": "<p>x</p>"}),
    "amendments": rows("amendments", lambda n: {"congress": 119, "type": "SAMDT", "number": n + 1}),
    "activities of a committee": lambda n: once(
        SUBLISTS["committees"].parse,
        [json.dumps({"systemCode": "a", "activities": [{"date": day(k), "name": "x"} for k in range(n)]}).encode()],
    ),
    "rows of a list of the API": lambda n: once(
        parse_list_page, Response(200, "", {}, json.dumps({"bills": [{"number": k} for k in range(n)]}).encode(), NOW),
        "bills", "bills",
    ),
    "words of a title in a list": lambda n: once(
        read_bill_row,
        json.dumps({"congress": 119, "type": "HR", "number": "1", "title": "word " * n,
                    "latestAction": {"actionDate": "2026-01-05", "text": "Passed." + " (CR H1)" * n}}).encode(),
        "bills", 0,
    ),
    "bills of a meeting": lambda n: once(
        parse_meeting,
        json.dumps({"committeeMeeting": {
            "eventId": "1", "congress": 119, "chamber": "House",
            "relatedItems": {"bills": [{"congress": 119, "type": "HR", "number": k + 1} for k in range(n)]},
        }}).encode(),
        "119/house/1",
    ),
    "roll calls beside the actions of a file": lambda n: once(parse_billstatus, beside(n)),
    "actions of a file": lambda n: once(
        parse_billstatus,
        written(actions=tuple(("H1", "2", f"Mr. A spoke {k}.", None) for k in range(n))),
    ),
    "batches of the bulk data": lambda n: once(
        parse_batches, f"<rss><channel>{many('<item><guid>b{n}</guid></item>', n)}</channel></rss>".encode()
    ),
    "files of a listing": lambda n: once(
        parse_listing,
        json.dumps({"files": [{"name": f"BILLSTATUS-119hr{k + 1}.xml"} for k in range(n)]}).encode(), "listing",
    ),
    "files of a sitemap": lambda n: once(
        parse_sitemap,
        f"<urlset>{many('<url><loc>BILLSTATUS-119hr1{n}.xml</loc></url>', min(n, 8999))}</urlset>".encode(), "sitemap",
    ),
    "rows of the Clerk's table": lambda n: once(
        parse_table, f"<table>{many('<tr><td>{n}<td>10-Mar<td>H R 30</tr>', n)}</table>".encode()
    ),
    "rows of the Clerk's table, none closed": lambda n: once(
        parse_table, f"<table>{many('<tr><td>{n}<td>10-Mar<td>H R 30', n)}".encode()
    ),
    "words of a House paper": lambda n: once(
        HouseRolls().read, house_paper(7, vote_desc="word " * n), SESSION, 7, "https://x.example/"
    ),
    "senators of a paper": lambda n: once(
        SenateRolls().read,
        senate_paper(7).replace(
            b"<members>", b"<members>" + b"<member><party>R</party><vote_cast>Yea</vote_cast></member>" * n
        ),
        SESSION, 7, "https://x.example/",
    ),
    "votes of the Senate's list": lambda n: once(
        parse_menu, senate_menu({k + 1: issue("H.R. 30") for k in range(n)}), SESSION, None
    ),
    "sections of a text": lambda n: once(
        paragraphs, bill_xml(many("<section><enum>{n}</enum><text>It shall be.</text></section>", n))
    ),
    "struck words of a text": lambda n: once(
        paragraphs, bill_xml("<section><text>" + "is <deleted-phrase>not</deleted-phrase> " * n + "</text></section>")
    ),
    "paragraphs of a page": lambda n: once(paragraphs, b"<html><pre>" + b"SECTION 1. It shall be.\n\n" * n + b"</pre>"),
    "dashes and marks of a page": lambda n: once(paragraphs, b"<html><pre>" + b"x-\n<[[Page \n____\n" * n),
    "comments before a page's text": lambda n: once(paragraphs, b"<!-- a -->" * n + b" words"),
    "struck out and never ended": lambda n: once(paragraphs, b"<html><pre>be it enacted" + b"<DELETED>" * n),
    "empty lines before a page's text": lambda n: once(paragraphs, b"A BILL\n" + b"\n" * 40 * n),
    "documents of the Register": lambda n: once(parse_page, documents(n), 1),
    "words of a title of the Register": lambda n: once(
        recognise, "Continuation of the National Emergency With Respect to " + "Ukrania and " * n, FORMS
    ),
    "letters of a text of the Register": lambda n: once(orders_of, "continu" * n, "extension"),
    "entries of a feed": lambda n: feed(many("<item><guid>{n}</guid><title>x {n}</title></item>", min(n, 4999))),
    "entries of one guid": lambda n: matched(min(n, 4999), lambda k: "same"),
    "entries known before": lambda n: matched(min(n, 4999), lambda k: f"guid {k}"),
    "comments before what is no feed": lambda n: once(
        parse_feed, b"<!-- a -->" * n + b" words", "", "https://x.example/", NOW
    ),
    "elements of an entry": lambda n: feed("<item><title>x</title>" + "<category>x</category>" * n + "</item>"),
    "elements inside one another": lambda n: feed("<item>" + "<b>" * n + "</b>" * n + "</item>"),
    "tags of a text": lambda n: once(plain_text, "<p>word</p>" * n),
    "tags that do not end": lambda n: once(plain_text, "<p word " * n),
    "scripts inside one another": lambda n: once(plain_text, "<script>" * n),
    "numbers of a text": lambda n: once(comparable_text, "12,345 " * n),
    "counts of a text": lambda n: once(comparable_text, "last updated " * n),
    "paragraphs of a decree": lambda n: once(read_decree, decree_text(n)),
    "words of a decree's paragraph": lambda n: once(read_decree, "Продовжити воєнний стан в Україні " * n),
    "blank lines of a decree": lambda n: once(read_decree, "\n" * n),
    "blank lines of a law": lambda n: once(read_law, "Затвердити Указ Президента України №1/2026" + "\n" * n + "x"),
    "places of a law's reservation": lambda n: once(
        read_law, "Затвердити Указ Президента України №1/2026 з такими змінами: в " + "Сумській, " * n + "областях"
    ),
    "words of a decree's title": lambda n: once(classified, "Про продовження строку дії воєнного стану " * n),
    "places of a decree's title": lambda n: once(classified, "Про введення воєнного стану в " + "Сумській, " * n),
    "rows of the database's list": lambda n: once(
        parse_cards, json.dumps({"list": [{"nreg": f"{k}/2026", "nazva": "x"} for k in range(n)]}).encode(), "list"
    ),
    "entries of the list of updates": lambda n: once(parse_updates, updates(min(n, 4999)), NOW),
    "rows of the register of bills": lambda n: once(
        parse_search, search(*[row(str(k), "20.10.2025") for k in range(n)]).encode(), "https://x.example"
    ),
    "lines of the list of decrees": lambda n: once(
        parse_list, decrees(*[(f"{k + 1}/2025", "20 жовтня 2025 року", "Про x") for k in range(n)]).encode()
    ),
    "paragraphs of a decree's page": lambda n: once(
        parse_decree, decree_page("1/2025", "Про x", "<p>слово</p>" * n, "20 жовтня 2025 року").encode()
    ),
    "bills of a session": lambda n: once(
        read_rows.__wrapped__,
        json.dumps([
            {"ParliamentNumber": 45, "SessionNumber": 1, "NumberCode": f"C-{k + 1}", "StatusNameEn": "x"}
            for k in range(n)
        ]).encode(),
    ),
}  # fmt: skip


def seconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    with suppress(Changed):  # a bound with a clear word is as good
        run()
    return max(FLOOR, time.process_time() - start)


@pytest.mark.parametrize("make", COSTS.values(), ids=COSTS)
def test_cost_grows_with_the_input(make: Callable[[int], Callable[[], object]]) -> None:
    best = [float("inf")] * len(SIZES)
    for _ in range(4):  # a busy machine may spoil a measurement
        best = [min(cost, seconds(make(size))) for cost, size in zip(best, SIZES, strict=True)]
        growth = (best[-1] / best[0]) ** (1 / DOUBLINGS)
        if growth <= MOST:
            return
    pytest.fail(f"costs {', '.join(f'{cost:.3f}' for cost in best)} s at {SIZES}: {growth:.1f} times per doubling")
