"""Common feeds are read by lxml and not by feedparser: is what they say the same?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import SourceError
from tests.helpers.paths import CORPUS
from watchers.feed.body import check_body, decode_body
from watchers.feed.common_xml import read_common_feed
from watchers.feed.parser import FeedEntry, _xml_entry, is_json, run_feedparser

NOW = datetime(2026, 11, 22, tzinfo=UTC)
URL = "https://feeds.example/acts.xml"
FIXTURES = Path(__file__).parents[2] / "fixtures" / "feed"

RSS = '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Acts</title>{}</channel></rss>'
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>Acts</title>{}</feed>'
PLAIN = "<item><guid isPermaLink='false'>7</guid><link>https://x.example/7?a=1</link><title>Act &amp; 7</title>"

COMMON = {
    "RSS with a summary of markup": RSS.format(
        f"{PLAIN}<description>&lt;p&gt;On &lt;b&gt;salt&lt;/b&gt;</description></item>"
    ),
    "RSS with author, category and day": RSS.format(
        f"{PLAIN}<dc:creator>Office</dc:creator><category>Law</category><category>Law</category>"
        "<pubDate>Mon, 05 Jan 2026 12:00:00 GMT</pubDate></item>"
    ),
    "RSS whose guid is its link": RSS.format("<item><guid>https://x.example/7</guid><title>7</title></item>"),
    "Atom": ATOM.format(
        "<entry><id>urn:act:7</id><link href='https://x.example/7'/><title>Act</title>"
        "<updated>2026-01-05T12:00:00Z</updated><summary type='html'>&lt;i&gt;Salt&lt;/i&gt;</summary>"
        "<author><name>Office</name></author><category term='law'/></entry>"
    ),
}
UNCOMMON = {
    "a relative address": RSS.format("<item><link>/acts/7</link><title>7</title></item>"),
    "an address with steps back": RSS.format("<item><link>https://x.example/a/../7</link><title>7</title></item>"),
    "two titles": RSS.format(f"{PLAIN}<title>Another</title></item>"),
    "a title that may be markup": RSS.format("<item><title>&lt;b&gt;Act&lt;/b&gt;</title></item>"),
    "an element nobody knows": RSS.format(f"{PLAIN}<stage>first</stage></item>"),
    "markup that is nested": ATOM.format("<entry><title type='xhtml'><div>Act</div></title></entry>"),
    "letters encoded twice": RSS.format("<item><title>caf\u00c3\u00a9</title></item>"),
    "a declaration of its own": "<!DOCTYPE rss>" + RSS.format(f"{PLAIN}</item>"),
    "damage": RSS.format(PLAIN),
    "no entries": RSS.format(""),
    "a web page": "<html><body>down</body></html>",
}


def by_feedparser(body: bytes, content_type: str = "application/xml") -> list[FeedEntry]:
    return [_xml_entry(entry, {}, NOW) for entry in run_feedparser(body, content_type, URL).entries]


@pytest.mark.parametrize("text", COMMON.values(), ids=list(COMMON))
def test_a_common_feed_says_the_same_by_either_reader(text: str) -> None:
    found = read_common_feed(text.encode(), "application/xml")
    assert found is not None
    assert [_xml_entry(entry, {}, NOW) for entry in found] == by_feedparser(text.encode())


@pytest.mark.parametrize("text", UNCOMMON.values(), ids=list(UNCOMMON))
def test_an_uncommon_feed_is_left_to_feedparser(text: str) -> None:
    assert read_common_feed(text.encode(), "application/xml") is None


def bodies(folder: Path) -> Iterator[tuple[str, bytes, str]]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            decoded = decode_body(path.read_bytes(), "application/xml")
            safe = None if is_json(decoded.body) else check_body(decoded.body)
        except SourceError:
            continue
        if safe is not None:
            yield path.name, safe.body, decoded.content_type


@pytest.mark.parametrize(
    "folder",
    [
        pytest.param(FIXTURES, id="our fixtures"),
        pytest.param(CORPUS / "feeds", id="those of the corpus", marks=pytest.mark.corpus),
    ],
)
def test_recorded_feeds_say_the_same_by_either_reader(folder: Path) -> None:
    common = 0
    for name, body, content_type in bodies(folder):
        found = read_common_feed(body, content_type)
        if found is not None:
            common += 1
            assert [_xml_entry(entry, {}, NOW) for entry in found] == by_feedparser(body, content_type), name
    assert common
