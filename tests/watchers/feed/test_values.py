"""Dates, links and plain text, one value at a time."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from watchers.feed.parser import join_texts
from watchers.feed.values import link_place, parse_date, safe_link
from watchers.plain_text import clean_text, comparable_text, plain_text, strip_tags

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "on", "at"),
    [
        ("2026-01-05", "2026-01-05", None),
        ("2026-01-05T10:00:00Z", "2026-01-05", "2026-01-05T10:00:00+00:00"),
        ("2026-01-05T23:30:00-05:00", "2026-01-05", "2026-01-06T04:30:00+00:00"),
        ("2026-01-05T23:30:00.123+0200", "2026-01-05", "2026-01-05T21:30:00+00:00"),
        ("2026-01-05T10:00:00", "2026-01-05", None),
        ("2026-12-31T23:59:60Z", None, None),
        ("2025-12-31T23:59:60Z", "2025-12-31", "2025-12-31T23:59:59+00:00"),
        ("Tue, 11 Nov 2025 22:15:31 Z", "2025-11-11", "2025-11-11T22:15:31+00:00"),
        ("Tue, 11 Nov 2025 22:15:31 +0200", "2025-11-11", "2025-11-11T20:15:31+00:00"),
        ("Tue, 11 Nov 2025 22:15:31 CEST", "2025-11-11", "2025-11-11T20:15:31+00:00"),
        ("11 Nov 2025", "2025-11-11", None),
        ("30 July 2026", "2026-07-30", None),
        ("19 Sep. 2025", "2025-09-19", None),
        ("2026-11-23", "2026-11-23", None),
        ("2026-11-22T18:00:00+09:00", "2026-11-22", "2026-11-22T09:00:00+00:00"),
        ("2026-11-22T11:00:00Z", "2026-11-22", None),
        ("2026-11-24", None, None),
        ("2026-13-40", None, None),
        ("2026-02-30T10:00:00Z", None, None),
        ("Mon, 32 Jan 2026 00:00:00 GMT", None, None),
        ("Wed, 5 Aug 2026 25:00:00 GMT", "2026-08-05", None),
        ("2199-01-01T00:00:00Z", None, None),
        ("0001-01-01T00:00:00Z", None, None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None, None),
        ("9999-12-31T23:59:59-14:00", None, None),
        ("31 February 2026", None, None),
        ("January 5, 2026", "2026-01-05", None),
        ("Monday, January 5, 2026 - 12:00", "2026-01-05", None),
        ("Jan 5, 2026 12:00 PM", "2026-01-05", None),
        ("Jan 5, 2026 12:00:00 GMT", "2026-01-05", "2026-01-05T12:00:00+00:00"),
        ("05.01.2026", "2026-01-05", None),
        ("5.1.2026 12:00:00 +0200", "2026-01-05", "2026-01-05T10:00:00+00:00"),
        ("05.13.2026", None, None),
        ("20260105", "2026-01-05", None),
        ("20260105T120000Z", "2026-01-05", "2026-01-05T12:00:00+00:00"),
        ("20261345", None, None),
        ("2026-0105", None, None),
        ("Пн, 05 січ 2026 12:00:00 +0200", "2026-01-05", "2026-01-05T10:00:00+00:00"),
        ("5 лютого 2026", "2026-02-05", None),
        ("lun., 05 févr. 2026 12:00:00 +0100", "2026-02-05", "2026-02-05T11:00:00+00:00"),
        ("jeu., 05 juin 2025 12:00:00 +0200", "2025-06-05", "2025-06-05T10:00:00+00:00"),
        ("sam., 05 juil. 2025 12:00:00 +0200", "2025-07-05", "2025-07-05T10:00:00+00:00"),
        ("Mo, 05 Mai 2025 12:00:00 +0200", "2025-05-05", "2025-05-05T10:00:00+00:00"),
        ("5. Dezember 2025", "2025-12-05", None),
        ("5 de diciembre de 2025", "2025-12-05", None),
        ("5 xyz 2026", None, None),
        ("Mon, 05 Jan 2026 12:00:00 EST5EDT", "2026-01-05", None),
        ("Mon, 05 Jan 2026 12:00 Europe/Kyiv", "2026-01-05", None),
        ("2026-01-05T12:00:00Z+02:00", "2026-01-05", None),
        ("Mon, 05 Jan 2026 12:00:00 GMT+0200", "2026-01-05", "2026-01-05T10:00:00+00:00"),
        ("Mon, 05 Jan 2026 12:00:00 +9999", "2026-01-05", None),
        ("Mon Jan  5 12:00:00 2026", "2026-01-05", None),
        ("5/6/2026", None, None),
        ("yesterday", None, None),
        ("", None, None),
        (None, None, None),
        (20260105, None, None),
        ("1" * 10_000, None, None),
    ],
)
def test_a_date_is_what_it_says_or_nothing(text: object, on: str | None, at: str | None) -> None:
    found = parse_date(text, NOW)
    assert (found.on if found else None) == on
    assert (found.at.isoformat() if found and found.at else None) == at


@pytest.mark.parametrize(
    ("link", "stored"),
    [
        ("https://a.example/x?id=1&utm_source=rss", "https://a.example/x?id=1"),
        ("https://a.example/x?utm_source=rss", "https://a.example/x"),
        ("https://a.example/x;jsessionid=AB12?p=1", "https://a.example/x?p=1"),
        ("https://a.example/x?q=a%20b&b=", "https://a.example/x?q=a%20b&b="),
        ("https://a.example/?p=1234#act-2", "https://a.example/?p=1234#act-2"),
        (" https://a.example/x ", "https://a.example/x"),
        ("https://a.example/Указ/1", "https://a.example/Указ/1"),
        ("ftp://a.example/x", None),
        ("javascript:alert(1)", None),
        ("https://a.example\\@evil.example/", None),
        ("https://a:b@a.example/", None),
        ("https://a.example/" + "x" * 3000, None),
        ("", None),
        (None, None),
    ],
)
def test_a_link_leads_somewhere_or_is_none(link: str | None, stored: str | None) -> None:
    assert safe_link(link) == stored


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://www.a.example/x/", "https://a.example/x", True),
        ("https://A.example/x", "https://a.example/x", True),
        ("https://a.example/x#xtor=RSS-1", "https://a.example/x", True),
        ("https://a.example/x#act-1", "https://a.example/x#act-2", False),
        ("https://a.example/x?id=1", "https://a.example/x?id=2", False),
        ("https://a.example/X", "https://a.example/x", False),
    ],
)
def test_two_links_lead_to_one_place(one: str, other: str, same: bool) -> None:
    assert (link_place(one) == link_place(other)) is same


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two</p>", "One Two"),
        ("H<sub>2</sub>O and <b>bo</b>ld", "H2O and bold"),
        ("one<br>two", "one two"),
        ("a<script>b<i>c</i></script>d", "a d"),
        ("a<style>b", "a"),
        ("a <!-- b <p> --> c", "a c"),
        ("<![CDATA[a]]> b", "a b"),
        ("a < b and c > d", "a < b and c > d"),
        ("AT&amp;amp;T", "AT&amp;T"),
        ("&lt;script&gt;x&lt;/script&gt;y", "y"),
        ("&lt;name&gt;", "<name>"),
        ("", ""),
    ],
)
def test_markup_says(markup: str, text: str) -> None:
    assert plain_text(markup) == text


def test_a_text_that_is_no_markup_keeps_its_entities() -> None:
    assert strip_tags("AT&amp;T <b>x</b>") == "AT&amp;T x"


def test_what_differs_in_substance_differs() -> None:
    for one, other in (("90 days", "30 days"), ("NATO", "nato"), ("Act 1", "Act 2"), ("1,000 troops", "2,000 troops")):
        assert comparable_text(one) != comparable_text(other)
    assert clean_text("a\u0000b\u2028c\ud800") == "a b c?"


@pytest.mark.parametrize(
    ("summary", "content", "text"),
    [
        ("Words", "", "Words"),
        ("", "Words", "Words"),
        ("The first words […]", "The first words of many", "The first words of many"),
        ("A teaser", "Quite another text", "A teaser\nQuite another text"),
        ("", "", ""),
    ],
)
def test_summary_and_content_are_said_once(summary: str, content: str, text: str) -> None:
    assert join_texts(summary, content) == text


@pytest.mark.parametrize("bad", ["<script>", "<!--", "<a ", "<", "</", "&lt;a ", "9 ", "9,", "views(", "last updated "])
def test_time_grows_with_the_length_and_not_with_its_square(bad: str) -> None:
    began = time.process_time()
    comparable_text(plain_text(bad * (1_000_000 // len(bad))))
    assert time.process_time() - began < 20
