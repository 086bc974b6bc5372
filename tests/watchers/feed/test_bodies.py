"""What is made of bodies that lie, are cut, or are made to hurt. Cases 34 to 38, 40, 67 to 70, 83 to 85 and 97 of the
catalogue of faults."""

from __future__ import annotations

import codecs
import time
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Changed, SourceError
from domain.sources import Health
from tests.helpers.english import english
from tests.watchers.feed.feed_poller import Item, acts, following, rss
from watchers.feed.body import MAX_DEPTH, MAX_ENTRIES
from watchers.feed.parser import FeedContent, FeedEntry, parse_feed

NOW = datetime(2026, 1, 6, 10, tzinfo=UTC)
URL = "https://feeds.example/acts.xml"
XML = "application/rss+xml"
KYIV = "Про введення воєнного стану в Україні та затвердження указу Президента"
TEN = rss(acts(*range(1, 11)))


def entries(body: bytes, content_type: str = XML) -> tuple[FeedEntry, ...]:
    return parse_feed(body, content_type, URL, NOW).entries


def one(title: str, *, head: str = "", text: str = "x") -> str:
    return (
        f"{head}<rss version='2.0'><channel><title>f</title><item><guid>1</guid><title>{title}</title>"
        f"<description>{text}</description></item></channel></rss>"
    )


def declared(charset: str) -> str:
    return f"<?xml version='1.0' encoding='{charset}'?>"


@pytest.mark.parametrize("reference", ["&#xD800;", "&#55357;&#56832;", "&#x110000;", "&#0;"])
@pytest.mark.parametrize("place", ["title", "text", "guid"])
def test_a_reference_to_no_character_leaves_the_other_entries_readable(place: str, reference: str) -> None:
    body = TEN.replace(
        b"<item>", b"<item><guid>odd</guid><title>Odd</title><description>w</description></item><item>", 1
    )
    put = {"title": (b"Odd<", b"Odd %s<"), "text": (b">w<", b">w %s<"), "guid": (b">odd<", b">odd%s<")}[place]
    found = entries(body.replace(put[0], put[1] % reference.encode(), 1))
    assert len(found) == 11
    assert all(entry.title.encode() for entry in found)


CHARSETS = {
    "34 no charset in the header, UTF-8 in the body": (one(KYIV).encode(), "text/xml"),
    "34 no header at all": (one(KYIV).encode(), ""),
    "35 the header says latin-1 and it is UTF-8": (
        one(KYIV, head=declared("utf-8")).encode(),
        "text/xml; charset=iso-8859-1",
    ),
    "35 the declaration says latin-1 and it is UTF-8": (one(KYIV, head=declared("iso-8859-1")).encode(), "text/xml"),
    "35 the header names a charset that is none": (
        one(KYIV, head=declared("utf-8")).encode(),
        "text/xml; charset=klingon",
    ),
    "35 header and declaration disagree, the header is right": (
        one(KYIV, head=declared("utf-8")).encode("cp1251"),
        "application/xml; charset=windows-1251",
    ),
    "36 UTF-16 with a mark, whatever the header says": (
        codecs.BOM_UTF16_LE + one(KYIV, head=declared("utf-16")).encode("utf-16-le"),
        "text/xml; charset=iso-8859-1",
    ),
    "36 UTF-16 without a mark": (one(KYIV, head=declared("utf-16")).encode("utf-16-be"), "application/xml"),
    "36 UTF-8 with a mark": (codecs.BOM_UTF8 + one(KYIV).encode(), "text/xml"),
    "36 UTF-16 declared and UTF-8 written": (one(KYIV, head=declared("utf-16")).encode(), "text/xml"),
    "97 windows-1251 declared inside": (one(KYIV, head=declared("windows-1251")).encode("cp1251"), "application/xml"),
    "97 windows-1251 that nobody declared": (one(KYIV, text=KYIV * 4).encode("cp1251"), "application/xml"),
    "97 windows-1251 under a wrong name": (
        one(KYIV, head=declared("utf-8"), text=KYIV * 4).encode("cp1251"),
        "text/xml",
    ),
}


@pytest.mark.parametrize(("body", "content_type"), CHARSETS.values(), ids=CHARSETS.keys())
def test_the_letters_are_right(body: bytes, content_type: str) -> None:
    assert entries(body, content_type)[0].title == KYIV


@pytest.mark.parametrize(
    ("title", "codec"),
    [
        ("戒厳令に関する公布文書の改正について知らせる", "shift_jis"),
        ("关于实施戒严令的公告以及国务院的决定", "gb18030"),
    ],
    ids=["97 Shift-JIS that nobody declared", "97 GB18030 that nobody declared"],
)
def test_97_eastern_letters_are_readable(title: str, codec: str) -> None:
    assert entries(one(title, text=title * 6).encode(codec))[0].title == title


def test_a_damaged_message_does_not_spoil_the_others() -> None:
    body = one(KYIV).encode().replace("Про".encode(), b"\xd0\x9f\xd1\xffo")
    assert entries(body)[0].title.endswith(KYIV[4:])


def test_a_cut_message_is_no_reason_to_guess_another_alphabet() -> None:
    assert KYIV[:-1] in entries(one(KYIV).encode().replace("а</title>".encode(), b"\xd0</title>"))[0].title


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "raw-unicode-escape"])
def test_a_charset_that_hides_its_tags_is_refused(charset: str) -> None:
    with pytest.raises(Changed, match="plain encoding"):
        entries(one("x", head=declared(charset)).encode(), "text/xml")
    with pytest.raises(Changed, match="plain encoding"):
        entries(one("x").encode(), f"text/xml; charset={charset}")


def test_37_controls_and_escapes_are_gone_before_anything_is_stored() -> None:
    found = entries(one("a\x00b\x1b[31mc\x07d&#x9b;e").encode())[0]
    assert all(character.isprintable() for character in found.title)
    assert found.title.replace(" ", "").startswith("ab")


def test_38_half_a_character_is_replaced() -> None:
    body = b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "a\\ud800b"}]}'
    assert entries(body, "application/feed+json")[0].title.encode() == b"a?b"


def test_40_a_title_of_eight_million_letters_is_stored_within_a_cap() -> None:
    desk = following(TEN)
    [change] = desk.news(rss([Item(11, title="word " * 1_600_000), *acts(*range(1, 11))]))
    assert len(change.after or "") == 1000
    assert len(change.text or "") == 50_000


LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10 if n else 'ha'}'>" for n in range(10))
BOMBS = {
    "67 a billion laughs": one("&l9;", head=f"<?xml version='1.0'?><!DOCTYPE rss [{LAUGHS}]>").encode(),
    "67 a quadratic blow-up": one("&a;" * 50_000, head=f"<!DOCTYPE rss [<!ENTITY a '{'a' * 50_000}'>]>").encode(),
    "67 in UTF-16": one("&l9;", head=f"<?xml version='1.0'?><!DOCTYPE rss [{LAUGHS}]>").encode("utf-16"),
    "67 behind a comment that looks like the beginning": one(
        "&l9;", head=f"<!-- <rss> --><!DOCTYPE rss [{LAUGHS}]>"
    ).encode(),
    "68 an external entity": one("&x;", head="<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>").encode(),
    "68 a parameter entity": one("x", head="<!DOCTYPE rss [<!ENTITY % x SYSTEM 'http://127.0.0.1:1/x'> %x;]>").encode(),
    "69 sixty thousand nested tags": one("x", text="<a>" * 60_000 + "</a>" * 60_000).encode(),
    "69 in escaped markup": one("x", text=escape("<div>" * 60_000)).encode(),
    "69 in character references": one("x", text="&#60;div&#62;" * 60_000).encode(),
    "69 in a CDATA section": one("x", text=f"<![CDATA[{'<div>' * 60_000}]]>").encode(),
    "69 items in items": one("x", text="<item>" * 60_000).encode(),
    "70 a hundred thousand entries without an end": one("x", text="<item><title>x" * 100_000).encode(),
    "comments that do not end": one("x", text=f"<![CDATA[{'<!--' * 100_000}]]>").encode(),
    "escaped comments that do not end": one("x", text=escape("<!--") * 100_000).encode(),
    "sections that do not end": one("x", text=escape("<![") * 100_000).encode(),
    "millions of breaks": one("x", text=escape("<br>") * 1_000_000).encode(),
    "millions of entities": one("x", text="&amp;" * 1_000_000).encode(),
    "a tag of a million attributes": one("x", text=escape(f"<a {'b=c ' * 1_000_000}>")).encode(),
    "attributes cut into pieces": one("x", text=escape(f"<a {('b ' * 15_000 + '&') * 10}>")).encode(),
    "a web page of fifteen megabytes": b"<html>" + b"<p>x" * 3_750_000,
    "a web page with an element called feed": b"<html><feed>" + b"<p>x" * 1_000_000,
    "millions of values": b'{"version": "https://jsonfeed.org/version/1", "items": ['
    + b'{"id": "1"},' * 500_000
    + b"{}]}",
    "thousands of nested brackets": b'{"version":' + b"[" * 200_000,
    "a number of six thousand digits": b'{"version": ' + b"9" * 6000 + b"}",
}


@pytest.mark.parametrize("body", BOMBS.values(), ids=BOMBS.keys())
def test_what_is_made_to_hurt_is_refused_at_once(body: bytes) -> None:
    began = time.process_time()
    tracemalloc.start()
    with pytest.raises(Changed):
        entries(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.process_time() - began < 20
    assert peak < 50_000_000


def test_67_a_text_that_speaks_of_entities_is_no_bomb() -> None:
    body = one("x", text="<![CDATA[Write <!ENTITY a 'b'> in a DTD]]>").encode()
    assert entries(body)[0].title == "x"


def test_68_an_external_dtd_is_never_fetched() -> None:
    head = "<!DOCTYPE rss PUBLIC '-//X//DTD//EN' 'http://127.0.0.1:1/rss-0.91.dtd'>"
    assert entries(one("x", head=head).encode())[0].title == "x"


def test_the_bytes_are_never_taken_for_a_file_or_an_address() -> None:
    for body in (b"/etc/passwd", b"https://feeds.example/", b"pyproject.toml"):
        with pytest.raises(Changed, match="expected an RSS, Atom, RDF or JSON feed"):
            entries(body)


def test_69_lists_and_breaks_that_nobody_closes_are_no_depth() -> None:
    text = escape("<p>word<br><img src='x'><li>" * 5000)
    assert entries(one("x", text=text).encode())[0].text.startswith("word word")


def test_69_what_one_entry_does_not_close_does_not_count_in_the_next() -> None:
    items = [Item(n, text="<div><span>" * 20) for n in range(200)]
    assert len(entries(rss(items))) == 200 > 40 * MAX_DEPTH / 200


def test_70_of_too_many_entries_the_first_are_read_and_it_is_said() -> None:
    body = rss([Item(n, text="t", link=None, on=None) for n in range(MAX_ENTRIES + 300)])
    reading = parse_feed(body, XML, URL, NOW)
    assert (len(reading.entries), reading.whole) == (MAX_ENTRIES, True)
    assert [*map(english, reading.notes)] == [
        f"the feed has {MAX_ENTRIES + 300} entries: the first {MAX_ENTRIES} are read"
    ]


NO_FEEDS = {
    "83 a web page": (
        b"<!DOCTYPE html><html><head><title>Feed moved</title></head><body>x</body></html>",
        "Feed moved",
    ),
    "83 a page that says it is XML": (
        b"<?xml version='1.0'?><html><title>404</title></html>",
        "a web page called '404'",
    ),
    "83 an empty object": (
        b"{}",
        "saw JSON that is no feed (members: none); this publisher's data need a reader of their own",
    ),
    "83 JSON of another kind": (
        b'{"version": "2.0", "items": []}',
        "saw JSON that is no feed (members: version, items)",
    ),
    "83 a list": (b'[{"title": "x"}]', "a list of 1 (members: title)"),
    "83 a JSON Feed without items": (b'{"version": "https://jsonfeed.org/version/1"}', "a list `items`"),
    "83 XML of another kind": (b"<?xml version='1.0'?><bill><title>x</title></bill>", "expected an RSS"),
    "83 words": (b"Service temporarily unavailable", "Service temporarily"),
    "83 cut JSON": (b'{"version": "https://jsonfeed.org/version/1", "items": [{"id"', "cannot be parsed"),
    "binary": (bytes(range(256)) * 50, "expected"),
}


@pytest.mark.parametrize(("body", "said"), NO_FEEDS.values(), ids=NO_FEEDS.keys())
def test_what_is_no_feed_is_said_and_what_we_knew_stands(body: bytes, said: str) -> None:
    desk = following(TEN)
    outcome = desk.poll(body)
    assert outcome.source.state is Health.CHANGED
    assert said in str(outcome.error)
    assert desk.titles(rss(acts(*range(1, 12)))) == ["Act 11"]


@pytest.mark.parametrize("cut", [900, 1200, 1500, len(TEN) - 20])
def test_84_a_feed_cut_in_the_middle_gives_its_whole_entries_and_changes_none(cut: int) -> None:
    desk = following(TEN)
    outcome = desk.poll(TEN[:cut])
    assert (outcome.revisions, outcome.error) == (0, None)
    assert "ends in the middle" in str(outcome.source.error)
    assert desk.poll(TEN).revisions == 0
    assert desk.source.error is None


def test_84_a_cut_first_reading_is_no_baseline() -> None:
    desk = following(TEN[:900])
    assert desk.news(TEN) == []
    assert desk.titles(rss(acts(*range(1, 12)))) == ["Act 11"]


def test_84_a_feed_that_never_ends_becomes_a_baseline_all_the_same() -> None:
    end = b"</channel></rss>"
    desk = following(TEN.removesuffix(end), headers={"etag": '"1"'}, honours=True)
    assert desk.news() == []
    assert desk.titles(rss(acts(*range(1, 12))).removesuffix(end)) == ["Act 11"]


@pytest.mark.parametrize(
    "junk", [b"\n\n  ", b"<br />\n<b>Warning</b>: mysql_connect() in /var/www/feed.php\n", codecs.BOM_UTF8 * 2, b"\x00"]
)
def test_84_junk_before_the_declaration_is_passed_over(junk: bytes) -> None:
    assert [entry.title for entry in entries(junk + TEN)] == [f"Act {n}" for n in range(1, 11)]


HOSTILE = {
    "a script in a title": (Item(11, title="<script>alert(1)</script>Act"), "Act"),
    "an escaped script in a title": (Item(11, title="&lt;script>alert(1)&lt;/script>Act"), "Act"),
    "an image that throws": (Item(11, title="<img src=x onerror=alert(1)>Act"), "Act"),
    "less-than signs stay": (Item(11, title="Terms < 90 days & > 30 days"), "Terms < 90 days & > 30 days"),
    "entities are decoded once": (Item(11, title="AT&amp;T &amp;amp; more"), "AT&T &amp; more"),
    "a tag nobody knows stays": (Item(11, title="Use &lt;your name&gt; here"), "Use <your name> here"),
}


@pytest.mark.parametrize(("item", "title"), HOSTILE.values(), ids=HOSTILE.keys())
def test_85_what_is_stored_is_plain_text(item: Item, title: str) -> None:
    desk = following(TEN)
    [change] = desk.news(rss([item, *acts(*range(1, 11))]))
    assert change.after == title
    assert change.text == f"{title}\nWhat act 11 orders."


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "data:text/html,x", "java\nscript:x", "https://a@evil.example/", "//[", "mailto:a@b.c"],
)
def test_85_a_link_that_is_no_address_is_never_stored(link: str) -> None:
    desk = following(TEN)
    [change] = desk.news(rss([Item(11, link=link), *acts(*range(1, 11))]))
    with desk.store.read() as view:
        record = view.record(change.document)
    assert record is not None
    assert record.url is None
    assert record.facets["item"][""]["link"] is None


def test_a_relative_link_is_taken_from_where_the_feed_came() -> None:
    assert entries(rss([Item(1, link="/acts/1")]))[0].link == "https://feeds.example/acts/1"


JSON_FEED = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "Acts", "items": [
  {"id": 7, "url": "https://feeds.example/7?utm_source=x", "title": "Act <7>",
   "content_html": "<p>Words &amp; more</p>",
   "date_published": "2026-01-05T10:00:00+02:00", "tags": ["b", "a", 3], "authors": [{"name": "Desk"}]},
  {"id": "8", "content_text": "Only <text>", "date_published": "2026-13-40"}, "odd", null]}"""


def test_a_json_feed_is_read_beside() -> None:
    reading = parse_feed(JSON_FEED, "application/feed+json", URL, NOW)
    first, second = reading.entries
    assert (first.guid, first.link, first.text) == ("7", "https://feeds.example/7", "Words & more")
    assert (first.categories, first.author) == (("a", "b"), "Desk")
    assert first.published is not None
    assert first.published.at == datetime(2026, 1, 5, 8, tzinfo=UTC)
    assert (second.guid, second.title, second.published) == ("8", "", None)
    assert [*map(english, reading.notes)] == ["2 of 4 items are no JSON objects: they are not read"]


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_feed_or_a_source_error(noise: bytes) -> None:
    for body in (
        noise,
        TEN[:300] + noise + TEN[300:],
        b'{"version": "https://jsonfeed.org/version/1", "items": [' + noise,
    ):
        with suppress(SourceError):
            assert isinstance(parse_feed(body, XML, URL, NOW), FeedContent)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60), st.text(max_size=200))
def test_any_text_comes_out_printable_and_the_same_twice(title: str, text: str) -> None:
    body = rss([Item(1, title=escape(title), text=escape(text))])
    try:
        first = entries(body)
    except SourceError:
        return
    assert first == entries(body)
    assert all(c.isprintable() or c.isspace() or not c.isascii() for e in first for c in e.title + e.text)


@pytest.mark.parametrize(
    "name", ["utf-16", "utf-16le", "utf-32", "cp037", "hex", "rot13", "base64", "undefined", "no-such"]
)
@pytest.mark.parametrize("where", ["declaration", "header"])
def test_letters_of_ascii_are_read_whatever_other_encoding_is_declared(name: str, where: str) -> None:
    head = declared(name) if where == "declaration" else ""
    content_type = "text/xml" if where == "declaration" else f"text/xml; charset={name}"
    assert entries(one("Act 1", head=head).encode(), content_type)[0].title == "Act 1"


JSON = '{"version": "https://jsonfeed.org/version/1.1", "items": [%s]}'
JSON_FEEDS = {
    "UTF-16 with a mark": (JSON % '{"id": "1", "title": "Указ"}', "utf-16", "1"),
    "UTF-16 without a mark": (JSON % '{"id": "1", "title": "Указ"}', "utf-16-be", "1"),
    "UTF-8 with a mark": (JSON % '{"id": "1", "title": "Указ"}', "utf-8-sig", "1"),
    "a line break inside a title": (JSON % '{"id": "1", "title": "\n\tУказ\n"}', "utf-8", "1"),
    "a number as an identity": (JSON % '{"id": 17, "title": "Указ"}', "utf-8", "17"),
    "a number of thousands of digits": (JSON % f'{{"id": {"9" * 5000}, "title": "Указ"}}', "utf-8", "9" * 5000),
}


@pytest.mark.parametrize(("text", "encoding", "guid"), JSON_FEEDS.values(), ids=JSON_FEEDS)
def test_a_json_feed_is_read_as_it_is_written(text: str, encoding: str, guid: str) -> None:
    found = entries(text.encode(encoding), "application/feed+json")[0]
    assert (found.title, found.guid) == ("Указ", guid)
