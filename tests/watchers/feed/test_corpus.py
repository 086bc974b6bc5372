"""Recorded feeds, and those of feedparser's own tests: each is read or refused, and says what it should."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree

from domain.errors import SourceError
from domain.records.facets import Kind
from tests.helpers.paths import CORPUS
from tests.watchers.feed.expectations import URL, Expectation, expectations
from tests.watchers.feed.feed_poller import following
from watchers.feed.entries import FeedEntry
from watchers.feed.parser import FeedContent, parse_feed, stated_states
from watchers.plain_text import plain_text

FOLDER = CORPUS / "feeds"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
WANTED = 0.95

pytestmark = pytest.mark.corpus


def files(folder: str) -> list[Path]:
    return sorted(path for path in (FOLDER / folder).rglob("*") if path.is_file())


def test_every_file_is_read_or_refused_with_a_reason() -> None:
    robust = files("robust")
    refused = [path.name for path in robust if not _read(path)]
    assert len(robust) == 419
    assert len(refused) <= 6, refused
    for path in files("official"):
        _read(path)


def _read(path: Path) -> bool:
    try:
        return isinstance(parse_feed(path.read_bytes(), "application/xml", URL, NOW), FeedContent)
    except SourceError:
        return False


MISSES = {
    "bozo_linenoise.xml": "noise: we keep what is UTF-8 in it and mark the rest, where feedparser reads windows-1252",
    "bozo_http_i18n.xml": "the error feedparser raises about an encoding does not arise: we had told it the right one",
    "doctype_contains_entity_decl.xml": "declares entities of its own: refused",
    "entry_id_no_normalization_4.xml": "feedparser 6.0 changes the case of an address",
    "entry_id_with_attributes.xml": "feedparser 6.0 loses an id with attributes",
    "atom10_id.xml": "feedparser 6.0 takes the id of an inner element",
    "entry_link_no_href_link_priority.xml": "feedparser 6.0 reads no link that is text",
    "entry_link_rel_enclosure_no_href.xml": "feedparser 6.0 reads no link that is text",
    "headers_content_location-relative.xml": "about an address of feedparser's own test server",
    "headers_etag.xml": "about a header of feedparser's own test server",
}
"""Files whose expectation does not hold, and why."""


def test_what_a_file_says_of_itself_holds() -> None:
    told = list(expectations(files("robust")))
    missed = {one.path.name for one in told if not _met(one)}
    print(f"feeds expectations={len(told)} met={len(told) - len(missed)} missed={sorted(missed)}")
    assert len(told) > 380
    assert 1 - len(missed) / len(told) >= WANTED
    assert missed <= MISSES.keys()


def _met(one: Expectation) -> bool:
    try:
        return one.is_met()
    except (SourceError, LookupError, AttributeError, TypeError):
        return False


_SIMPLE = re.compile(
    r"entries\[0\]\[['\"](title|summary|description)(?:_detail)?['\"]\](?:\[['\"]value['\"]\])?"
    r" == u?(['\"])((?:(?!\2).)*)\2\s*$"
)


def test_our_own_entries_say_the_same_in_plain_text() -> None:
    compared = missed = 0
    for one in expectations(files("robust")):
        form = _SIMPLE.search(one.holds)
        if form is None or one.path.name in MISSES or "\\" in form[3]:
            continue
        entry = parse_feed(one.path.read_bytes(), one.content_type, URL, NOW).entries[0]
        compared += 1
        missed += plain_text(form[3]) != (entry.title if form[1] == "title" else entry.text)
    print(f"feeds plain_text={compared} missed={missed}")
    assert compared > 40
    assert missed / compared <= 1 - WANTED


UK = FOLDER / "official" / "uk-bills-rss" / "uk-allbills-2025-11-11.rss"


def test_the_feed_of_all_uk_bills_shows_a_stage_that_the_guid_hides() -> None:
    body = UK.read_bytes()
    assert len(stated_states(body)) == len(feedparser.parse(UK.read_bytes()).entries) == 50
    desk = following(body)
    moved = body.replace(b'p4:stage="Consideration of Lords amendments"', b'p4:stage="Royal Assent"', 1)
    moved = moved.replace(b"2025-11-11T18:55:05Z", b"2025-11-12T10:00:00Z", 1)
    [change] = desk.news(moved)
    assert (change.kind, change.before, change.after) == (
        Kind.TEXT,
        "Consideration of Lords amendments",
        "Royal Assent",
    )
    assert (change.text or "").splitlines()[:2] == ["Stage: Royal Assent", "Planning and Infrastructure Bill"]
    assert change.happened_on == "2025-11-12"


def test_a_series_of_real_snapshots_tells_each_new_entry_once() -> None:
    """Six states of one feed, newest first by name. What came between two of them is told, and nothing else."""
    series = sorted((FOLDER / "official" / "us-whitehouse-thirdparty-rss-series").iterdir(), reverse=True)
    desk = following(series[0].read_bytes())
    links = set(_links(series[0]))
    for path in series[1:]:
        new = [link for link in _links(path) if link not in links]
        told = [change for change in desk.news(path.read_bytes()) if change.kind is Kind.APPEARED]
        assert len(told) == len(set(new))
        links |= set(new)


def _links(path: Path) -> list[str]:
    return [str(entry.link) for entry in feedparser.parse(path.read_bytes()).entries]


ATOM = "{http://www.w3.org/2005/Atom}"
NOT_YET_COUNTED = frozenset({"MANIFEST.json"})


def recorded() -> Iterator[tuple[str, bytes]]:
    """Yield every recorded answer and published file of the publishers of the world."""
    for folder in (CORPUS / "live" / "world", FOLDER / "official"):
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in NOT_YET_COUNTED):
            body = path.read_bytes()
            yield str(path.relative_to(CORPUS)), gzip.decompress(body) if path.suffix == ".gz" else body


def root_of(body: bytes) -> Any:
    """Read what may be a feed of XML; None for anything else, JSON Feeds among it (there is none in the corpus)."""
    try:
        root = etree.fromstring(body, etree.XMLParser(recover=True, resolve_entities=False))
    except (ValueError, etree.XMLSyntaxError):
        return None
    return root if root is not None and etree.QName(root).localname in ("rss", "feed", "RDF") else None


def test_every_recorded_answer_is_read_or_refused_in_words_that_help() -> None:
    feeds = entries = 0
    refusals: dict[str, str] = {}
    wrong: list[str] = []
    for name, body in recorded():
        root = root_of(body)
        try:
            found = parse_feed(body, "", "https://publisher.example/", NOW)
        except SourceError as error:
            refusals[name] = str(error)
            if root is not None:
                wrong.append(name)
            continue
        assert root is not None, f"{name} is no feed, and read as one"
        feeds += 1
        entries += len(found.entries)
        compare(name, root, found.entries)
    print(f"feeds recorded={feeds} entries={entries} refused={len(refusals)} exceptions=0")
    assert (feeds, len(refusals), wrong) == (35, 221, [])
    helps = re.compile(r"reader of their own|a web page.*; it names|a PDF file|a zip archive")
    assert [said for said in refusals.values() if not helps.search(said)] == []


def compare(name: str, root: Any, entries: tuple[FeedEntry, ...]) -> None:
    """Hold what was read against what lxml alone finds: how many, called what, of which day, leading where."""
    found = [*root.iter("item"), *root.iter(f"{ATOM}entry")]
    assert len(found) == len(entries), name
    for element, entry in zip(found, entries, strict=True):
        assert entry.title == plainly(first_of(element, "title")), name
        assert entry.link == expected_link(element), name
        on, at = expected_date(element)
        said = entry.published or entry.updated
        assert (said and said.on, said and said.at) == (on, at), name


def first_of(element: Any, *names: str) -> str:
    for name in names:
        for child in (element.find(name), element.find(f"{ATOM}{name}")):
            if child is not None and (text := "".join(child.itertext()).strip()):
                return str(text)
    return ""


def plainly(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", unescape(text)).split())


def expected_link(element: Any) -> str | None:
    if element.tag == "item":
        return first_of(element, "link", "guid") or None
    links = [link for link in element.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]
    for wanted in ((None, "text/html"), ("application/xhtml+xml",)):
        for link in links:
            if link.get("type") in wanted:
                return str(link.get("href"))
    return str(links[0].get("href")) if links else first_of(element, "id")


def expected_date(element: Any) -> tuple[str | None, datetime | None]:
    written = first_of(element, "pubDate", "published", "updated", "{http://www.w3.org/2005/Atom}updated")
    written = written or first_of(
        element, "{http://purl.org/dc/elements/1.1/}date", "{http://www.w3.org/2005/Atom}updated"
    )
    if not written:
        return None, None
    written = re.sub(r"([+-]\d\d)$", r"\g<1>00", written) if "," in written else written
    at = parsedate_to_datetime(written.replace(" Z", " +0000")) if "," in written else datetime.fromisoformat(written)
    return at.date().isoformat(), at.astimezone(UTC).replace(microsecond=0) if at.tzinfo else None


def test_the_survey_of_feeds_names_no_address_that_is_refused_as_a_page() -> None:
    """What 420 published feeds are called: none of their addresses is taken for the page of a document."""
    from domain.names import may_be_feed

    survey = json.dumps([path.read_text("utf-8") for path in (FOLDER / "official" / "feed-health-survey").iterdir()])
    addresses = set(re.findall(r"https?://[^\s\"|)\\\\]+", survey))
    assert len(addresses) > 300
    assert [address for address in addresses if not may_be_feed(address)] == []
