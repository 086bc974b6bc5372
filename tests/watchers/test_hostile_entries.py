"""One bad entry is a fault, and the rest is read; what cannot be read at all is Changed (all inputs constructed)."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.errors import SourceError
from domain.jurisdictions.us.names import us_bill
from domain.sources import Response
from tests.watchers.govinfo.billstatus_files import written
from tests.watchers.rada.publisher import MARTIAL_LAW, RadaPoller, RadaServer, decree, noise
from tests.watchers.rollcalls.publisher import house_paper, issue, senate_menu, senate_paper
from tests.watchers.ukraine_sources import decree_page, decrees, row, search
from watchers.congress.client import parse_list_page
from watchers.congress.item import parse_item
from watchers.federal_register.documents import parse_page
from watchers.feed.parser import parse_feed
from watchers.govinfo.billstatus import parse_billstatus
from watchers.govinfo.change_signals import parse_batches, parse_listing, parse_sitemap
from watchers.legisinfo import read_rows
from watchers.rada.act_card import parse_list as parse_cards
from watchers.rada.bills import parse_search
from watchers.rada.lists import parse_updates
from watchers.rada.president import parse_decree, parse_list
from watchers.rollcalls.chambers import HouseRolls, SenateRolls, parse_menu, parse_table
from watchers.rollcalls.rolls import VotingSession
from watchers.texts.markup import paragraphs

NOW = datetime(2026, 3, 10, tzinfo=UTC)
SESSION = VotingSession.of(119, 2)
GOOD = "<item><title>Про відзначення</title><link>https://data.rada.gov.ua/laws/show/1/2026</link></item>"
BAD = {
    "an address that is none": "<item><title>x</title><link>http://[</link></item>",
    "half a character": "<item><title>x &#xD800; y</title><link>https://data.rada.gov.ua/laws/show/2/2026</link></item>",
    "a character that XML does not have": "<item><title>x &#0; y</title><link>https://a.example/b</link></item>",
    "an entity that nobody declared": "<item><title>воєнного&nbsp;стану &foo;</title><link>https://a.example/</link></item>",
    "a bare ampersand": "<item><title>R&D & co</title><link>https://a.example/</link></item>",
    "a tag that is not closed": "<item><title>x <b>y</title><link>https://a.example/</link></item>",
    "a date that cannot be": f"{GOOD[:-7]}<pubDate>99 Foo 99999 99:99:99</pubDate></item>",
    "an address of strange letters": "<item><title>x</title><link>https://\u2100.example/laws/show/\u2488</link></item>",
    "nothing in it": "<item/>",
}


def updates_feed(*items: str) -> bytes:
    joined = "".join(items)
    head = '<?xml version="1.0" encoding="utf-8"?>'
    return f'{head}<rss version="2.0"><channel><title>x</title>{joined}</channel></rss>'.encode()


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_entry_of_the_list_of_updates_leaves_the_others(bad: str) -> None:
    read = parse_updates(updates_feed(GOOD, bad, GOOD, GOOD), NOW)
    assert [entry.nreg for entry in read.entries].count("1/2026") >= 3
    assert {entry.title for entry in read.entries} >= {"Про відзначення"}


def test_an_entry_whose_address_is_none_is_a_fault() -> None:
    read = parse_updates(updates_feed(GOOD, BAD["an address that is none"]), NOW)
    assert len(read.faults) == 1
    assert "entry 2 cannot be read" in str(read.faults[0].error)


def test_bytes_that_are_no_letters_of_the_declared_encoding_leave_the_other_titles_as_they_are() -> None:
    body = updates_feed(GOOD, GOOD).replace("відзначення".encode(), "відзн\xff".encode("latin-1", "ignore"), 0)
    damaged = body.replace(b"</title><link>", b" \xff\xfe</title><link>", 1)
    titles = [entry.title for entry in parse_updates(damaged, NOW).entries]
    assert titles[1] == "Про відзначення"
    assert titles[0].startswith("Про відзначення")


def test_a_decree_is_reported_although_another_entry_is_broken() -> None:
    database = RadaServer()
    database.put(*noise(5))
    poller = RadaPoller(database)
    poller.poll()
    broken = database.body

    def serve(path: str) -> bytes | None:
        body = broken(path)
        bad = BAD["an address that is none"].encode()
        return body.replace(b"<item>", bad + b"<item>", 1) if body and path.endswith("r.xml") else body

    database.body = serve  # type: ignore[method-assign]
    signed = decree("793/2025", database.now.date(), "05 години 30 хвилин 5 листопада 2025 року")
    database.put(signed)
    database.touch(signed.nreg)
    assert poller.poll()
    assert "ua/decree/793/2025" in poller.record(MARTIAL_LAW).facets["instruments"]
    assert any("cannot be read" in str(fault.error) for fault in poller.outcome.faults)


def test_a_bad_row_of_the_federal_register_is_a_fault() -> None:
    def listed(**more: object) -> dict[str, object]:
        return {"document_number": "2026-1", "title": "x", "publication_date": "2026-03-05", **more}

    rows = [
        listed(),
        listed(correction_of="https://x.example/documents/a b?"),
        listed(publication_date="2026-02-31"),
        {},
    ]
    page = parse_page(json.dumps({"count": 4, "results": rows}).encode(), 1)
    assert (len(page.papers), len(page.faults), page.rows) == (1, 3, 4)


def test_a_bad_bill_of_a_session_is_a_fault() -> None:
    good = {"ParliamentNumber": 45, "SessionNumber": 1, "NumberCode": "C-34", "StatusNameEn": "x"}
    rows, faults = read_rows(json.dumps([good, {**good, "NumberCode": "?"}, 7, None]).encode())
    assert (len(rows), len(faults)) == (1, 3)


ANSWERS: dict[str, tuple[Callable[[bytes], Any], bytes]] = {
    "item": (
        lambda body: parse_item(body, us_bill(119, "hr", 1)),
        b'{"bill": {"congress": 119, "type": "HR", "number": "1", "title": "x"}}',
    ),
    "list": (
        lambda b: parse_list_page(Response(200, "", {}, b, NOW), "bills", "bills"),
        b'{"bills": [{"number": "1"}]}',
    ),
    "bulk file": (parse_billstatus, written()),
    "batches": (
        parse_batches,
        b"<rss><channel><item><guid>BILLSTATUS-2026-01-01T00:00:00Z</guid></item></channel></rss>",
    ),
    "listing": (lambda body: parse_listing(body, "x"), b'{"files": [{"name": "BILLSTATUS-119hr1.xml"}]}'),
    "sitemap": (lambda body: parse_sitemap(body, "x"), b"<urlset><url><loc>BILLSTATUS-119hr1.xml</loc></url></urlset>"),
    "table of the Clerk": (parse_table, b"<table><tr><td>1<td>10-Mar<td>H R 30</table>"),
    "paper of the House": (lambda body: HouseRolls().read(body, SESSION, 7, "https://x.example/"), house_paper(7)),
    "paper of the Senate": (lambda body: SenateRolls().read(body, SESSION, 7, "https://x.example/"), senate_paper(7)),
    "list of the Senate": (lambda body: parse_menu(body, SESSION, None), senate_menu({1: issue("H.R. 30")})),
    "text": (paragraphs, b"<bill><legis-body><section><text>It is.</text></section></legis-body></bill>"),
    "page of a text": (paragraphs, b"<html><pre>A BILL\n\nIt is.\n</pre></html>"),
    "documents": (lambda body: parse_page(body, 1), b'{"count": 1, "results": [{"document_number": "1"}]}'),
    "feed": (lambda body: parse_feed(body, "", "https://x.example/", NOW), updates_feed(GOOD)),
    "updates": (lambda body: parse_updates(body, NOW), updates_feed(GOOD)),
    "cards": (lambda body: parse_cards(body, "x"), b'{"list": [{"nreg": "1/2026", "nazva": "x"}]}'),
    "register of bills": (lambda b: parse_search(b, "https://x.example"), search(row("1", "20.10.2025")).encode()),
    "list of decrees": (parse_list, decrees(("1/2025", "20 жовтня 2025 року", "x")).encode()),
    "page of a decree": (parse_decree, decree_page("1/2025", "x", "y", "20 жовтня 2025 року").encode()),
    "session": (
        read_rows,
        b'[{"ParliamentNumber": 45, "SessionNumber": 1, "NumberCode": "C-34", "StatusNameEn": "x"}]',
    ),
}
DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda body: b"",
    "half": lambda body: body[: len(body) // 2],
    "half a character of XML": lambda body: body.replace(b">", b">&#xD800;", 3),
    "half a character of JSON": lambda body: body.replace(b'"', b'"\\ud800', 3),
    "bytes that are no letters": lambda body: body.replace(b"e", b"\xff\xfe", 5),
    "another encoding declared": lambda body: b'<?xml version="1.0" encoding="utf-16"?>' + body,
    "an encoding nobody knows": lambda body: b'<?xml version="1.0" encoding="x-none"?>' + body,
    "NUL": lambda body: body.replace(b"t", b"\0", 4),
    "brackets without end": lambda body: b"[" * 100_000,
    "elements without end": lambda body: b"<a>" * 100_000,
    "elements inside": lambda body: body.replace(b">", b">" + b"<b>" * 5000, 1),
    "numbers without end": lambda body: body.replace(b"1", b"9" * 5000),
    "a web page": lambda body: b"<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>",
    "an address that is none": lambda body: body.replace(b"https://", b"http://["),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize(("read", "body"), ANSWERS.values(), ids=ANSWERS)
def test_only_a_source_error_comes_out(
    read: Callable[[bytes], Any], body: bytes, damage: Callable[[bytes], bytes]
) -> None:
    read(body)
    with suppress(SourceError):
        read(damage(body))
