"""What entries does a feed hold, whatever kind of feed it is?"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import islice
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from domain.coded_text import CodedText, Param, phrase
from domain.errors import NONE, Changed, mismatch, parse_fault
from watchers.feed.body import MAX_ENTRIES, MAX_MARKS, check_body, decode_body, too_many_entries, too_many_values
from watchers.feed.common_xml import read_common_feed
from watchers.feed.entries import FeedEntry
from watchers.feed.values import PublishedDate, page_link, parse_date, safe_link
from watchers.markup import without_impossible_references
from watchers.plain_text import clean_text, plain_text, strip_tags


@dataclass(frozen=True, slots=True)
class FeedContent:
    """The entries of one answer, in its order. `notes` say what of it was left out, and why: `whole` is false if that
    may hide an entry from us that was there before."""

    entries: tuple[FeedEntry, ...]
    notes: tuple[CodedText, ...] = ()
    whole: bool = True


def join_texts(summary: str, content: str) -> str:
    """Return both texts of an entry, or the longer one where it says what the other says."""
    short, long = sorted((summary, content), key=len)
    start = short.rstrip(" .…[]")
    return long if not start or start in long else f"{summary}\n{content}"


def is_json(body: bytes) -> bool:
    """Say whether a body is JSON rather than XML."""
    return _json_text(body[:64]).lstrip()[:1] in ("{", "[")


def _json_text(body: bytes) -> str:
    """Decode JSON, whose first bytes say which form of Unicode it is in (RFC 4627, 3)."""
    return body.decode(json.detect_encoding(body), "replace").removeprefix("\ufeff")


def parse_json_feed(body: bytes, now: datetime) -> FeedContent:
    """Read a feed; Changed for JSON that is no feed. An item that cannot be read is left out and noted."""
    feed = _loaded(body)
    version = feed.get("version") if isinstance(feed, dict) else None
    if not isinstance(feed, dict) or not isinstance(version, str) or "jsonfeed.org/version/" not in version:
        raise Changed(mismatch("", "a feed", _needs_reader(_json_seen(feed))))
    items = feed.get("items")
    if not isinstance(items, list):
        raise Changed(mismatch("", "a JSON Feed with a list `{name}`", type(items).__name__, name="items"))
    entries = [_json_entry(item, now) for item in items[:MAX_ENTRIES] if isinstance(item, dict)]
    notes: list[CodedText] = []
    if len(items) > MAX_ENTRIES:
        notes.append(too_many_entries(len(items)))
    if (odd := min(len(items), MAX_ENTRIES) - len(entries)) > 0:
        notes.append(phrase("{n} of {all} items are no JSON objects: they are not read", n=odd, all=len(items)))
    return FeedContent(tuple(entries), tuple(notes))


_MOST_NAMED = 6


def _needs_reader(saw: Param) -> CodedText:
    return phrase("{saw}; this publisher's data need a reader of their own", saw=saw)


def _json_seen(found: Any) -> CodedText:
    """Say what JSON it is: what its members are called, or those of the first object of a list."""
    if isinstance(found, dict):
        return phrase("JSON that is no feed (members: {names})", names=_members(found))
    if isinstance(found, list):
        first = next((item for item in found if isinstance(item, dict)), {})
        return phrase("JSON that is no feed: a list of {n} (members: {names})", n=len(found), names=_members(first))
    return phrase("JSON that is no feed")


def _members(found: Mapping[str, Any]) -> Param:
    names = tuple(clean_text(str(name))[:40] for name in islice(found, _MOST_NAMED))
    return (*names, "…") if len(found) > _MOST_NAMED else names or NONE


def _loaded(body: bytes) -> Any:
    marks = sum(body.count(mark) for mark in (b"{", b"[", b","))
    if marks > MAX_MARKS:
        raise Changed(mismatch("", "a JSON Feed", too_many_values(marks)))
    try:
        # An identity may be a number of any length, and Python converts only those up to a limit.
        return json.loads(_json_text(body), strict=False, parse_int=lambda said: int(said) if len(said) < 40 else said)
    except RecursionError:
        raise Changed(mismatch("", "a JSON Feed", phrase("thousands of nested brackets"))) from None
    except ValueError as error:
        raise Changed(mismatch("", "a JSON Feed", parse_fault(error))) from None


def _json_entry(item: Mapping[str, Any], now: datetime) -> FeedEntry:
    content = plain_text(_member_text(item, "content_html")) or strip_tags(_member_text(item, "content_text"))
    return FeedEntry(
        guid=clean_text(_identity(item.get("id"))) or None,
        link=safe_link(_member_text(item, "url")) or safe_link(_member_text(item, "external_url")),
        title=strip_tags(_member_text(item, "title")),
        text=join_texts(strip_tags(_member_text(item, "summary")), content),
        author=_json_author(item),
        published=parse_date(item.get("date_published"), now),
        updated=parse_date(item.get("date_modified"), now),
        categories=tuple(
            sorted({clean_text(tag) for tag in _member_list(item, "tags") if isinstance(tag, str) and tag.strip()})
        ),
    )


def _identity(value: object) -> str:
    """An identity should be text; a number is taken as the text it is written with (version 1.1, `id`)."""
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def _json_author(item: Mapping[str, Any]) -> str | None:
    people = _member_list(item, "authors") or [item.get("author")]
    names = (_member_text(person, "name") for person in people if isinstance(person, dict))
    return clean_text(", ".join(name for name in names if name)) or None


def _member_text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _member_list(item: Mapping[str, Any], name: str) -> list[Any]:
    value = item.get(name)
    return value if isinstance(value, list) else []


_NAMES = frozenset({"stage", "status", "state"})
_ENTRIES = frozenset({"item", "entry"})
_MAY_STATE = re.compile(rb"(?i)[\s:<](?:stage|status|state)[\s=>]")
_LONGEST_STATE = 200


def stated_states(body: bytes) -> Sequence[Mapping[str, str]]:
    """Return for each item or entry, in order, what it says under a name that means a state: attribute or child.

    Empty if there is nothing of the kind, or if the body is no well-formed XML. `body` must have passed the guard.
    """
    if not _MAY_STATE.search(body):
        return ()
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except (etree.XMLSyntaxError, ValueError):
        return ()
    entries = (e for e in root.iter() if isinstance(e.tag, str) and _local(e.tag) in _ENTRIES)
    return [_states_of(entry) for entry in entries]


def _states_of(entry: etree._Element) -> dict[str, str]:
    found = {_local(str(name)): str(value) for name, value in entry.attrib.items()}
    for child in entry:
        if isinstance(child.tag, str) and len(child) == 0 and child.text:
            found.setdefault(_local(child.tag), child.text)
    said = {name: clean_text(value)[:_LONGEST_STATE] for name, value in found.items() if name in _NAMES}
    return {name: value for name, value in said.items() if value}


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()


_MARKUP = frozenset({"text/html", "application/xhtml+xml"})
_STUMBLES = (AssertionError, AttributeError, LookupError, TypeError, ValueError, RecursionError)
"""What feedparser raises on input nobody foresaw; what is wrong with it is not ours to know."""

_TITLE = re.compile(rb"<title[^>]{0,200}>\s*([^<]{1,200})", re.IGNORECASE)


def parse_xml_feed(body: bytes, content_type: str, url: str, now: datetime) -> FeedContent:
    """Read a feed; Changed for what is none. `url` is where it came from, `now` aware UTC."""
    script = decode_body(body, content_type)
    safe_body = check_body(script.body)
    if safe_body is None:
        raise _no_feed(script.body, url)
    found = read_common_feed(safe_body.body, script.content_type)
    if found is None:
        parsed = run_feedparser(safe_body.body, script.content_type, url)
        if not parsed.get("version"):
            raise _no_feed(script.body, url)
        found = parsed.entries
    found = found[:MAX_ENTRIES]
    states = stated_states(safe_body.body)
    if len(states) != len(found):
        states = [{}] * len(found)
    entries = tuple(_xml_entry(entry, state, now) for entry, state in zip(found, states, strict=True))
    return FeedContent(entries, safe_body.notes, safe_body.whole)


def run_feedparser(body: bytes, content_type: str, url: str) -> Any:
    """Let feedparser read bytes: it never fetches or opens anything itself. Changed if it stumbles."""
    import feedparser  # a tenth of a second, and most feeds do not need it

    headers = {"content-location": url}
    if content_type:
        headers["content-type"] = content_type
    try:
        return feedparser.parse(BytesIO(without_impossible_references(body)), response_headers=headers)
    except _STUMBLES as error:
        raise Changed(mismatch("", "a feed", type(error).__name__)) from error


def _xml_entry(found: Mapping[str, Any], state: Mapping[str, str], now: datetime) -> FeedEntry:
    contents = [_said(content) for content in found.get("content") or ()]
    summary = _said(found.get("summary_detail") or {"value": found.get("summary")})
    return FeedEntry(
        guid=clean_text(str(found.get("id") or "")) or None,
        link=safe_link(page_link(found.get("links") or ())) or safe_link(found.get("link")),
        title=_said(found.get("title_detail") or {"value": found.get("title")}),
        text=join_texts(summary, " ".join(contents)),
        author=strip_tags(str(found.get("author") or "")) or None,
        published=_date(found, "published", "created", now=now),
        updated=_date(found, "updated", now=now),
        categories=_categories(found.get("tags") or ()),
        stated=state,
    )


def _said(detail: Mapping[str, Any]) -> str:
    value = str(detail.get("value") or "")
    return plain_text(value) if detail.get("type") in _MARKUP else strip_tags(value)


def _date(found: Mapping[str, Any], *names: str, now: datetime) -> PublishedDate | None:
    # feedparser answers a missing `updated` with `published`: only what is really there is asked for.
    return next(
        (read for name in names if dict.__contains__(found, name) if (read := parse_date(found[name], now))), None
    )


def _categories(tags: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    named = (clean_text(str(tag.get("label") or tag.get("term") or "")) for tag in tags)
    return tuple(sorted({name for name in named if name}))


def _no_feed(body: bytes, url: str) -> Changed:
    return Changed(mismatch("", "an RSS, Atom, RDF or JSON feed", _glimpse(body, url)))


_SIGNATURES = {
    b"%PDF": phrase("a PDF file"),
    b"PK\x03\x04": phrase("a zip archive"),
    b"\x1f\x8b": phrase("compressed bytes"),
    b"\x89PNG": phrase("a picture"),
    b"\xff\xd8\xff": phrase("a picture"),
    b"GIF8": phrase("a picture"),
}
_ROOT_ELEMENT = re.compile(rb"\A(?>\s+|<\?.*?\?>|<!--.*?-->|<!(?!--)[^>]*>)*+<([A-Za-z_][\w:.-]{0,80})", re.DOTALL)
"""Never tries one comment in two ways: that would double the time with each comment."""
_NAMED_FEED = re.compile(rb"<link\b[^>]{0,1000}>", re.IGNORECASE)
_FEED_TYPE = re.compile(rb"""type\s*=\s*["']?application/(?:rss|atom|rdf|feed)\+(?:xml|json)""", re.IGNORECASE)
_HREF = re.compile(rb"""href\s*=\s*["']?([^"'\s>]{1,2000})""", re.IGNORECASE)


def _glimpse(body: bytes, url: str) -> CodedText:
    """Say what stands there instead, as far as it can be told, and what would help."""
    start = body[:2048].lstrip().lower()
    root = _ROOT_ELEMENT.match(body[:16_384])
    is_xml = start.startswith(b"<?xml") and root is not None and root[1].lower() != b"html"
    if (not is_xml and b"<html" in start) or start.startswith(b"<!doctype html"):
        title = _TITLE.search(body)
        called = repr(clean_text(title[1].decode("utf-8", "replace"))) if title else ""
        page = phrase("a web page called {title}", title=called) if title else phrase("a web page")
        named = next(named_feeds(body, url), None)
        if not named:
            return phrase("{page}; it names no feed", page=page)
        return phrase("{page}; it names this feed: {feed}", page=page, feed=named)
    if not start:
        return phrase("an empty answer")
    if root is not None:
        return _needs_reader(phrase("XML that is no feed (root: {name})", name=root[1].decode("ascii", "replace")))
    known = next((name for mark, name in _SIGNATURES.items() if body.startswith(mark)), None)
    return known or _needs_reader(repr(clean_text(body[:60].decode("utf-8", "replace"))))


def named_feeds(body: bytes, url: str) -> Iterator[str]:
    """Yield the addresses of the feeds that a web page names in its head; `url` is where the page came from."""
    for link in _NAMED_FEED.findall(body[:262_144]):
        if _FEED_TYPE.search(link) and (href := _HREF.search(link)):
            try:
                address = urljoin(url, html.unescape(href[1].decode("utf-8", "replace")))
            except ValueError:
                continue
            if found := safe_link(address):
                yield found


def parse_feed(body: bytes, content_type: str, url: str, now: datetime) -> FeedContent:
    """Read an answer; Changed if it is no feed. `content_type` is the header, `url` where it came from, `now` UTC."""
    return parse_json_feed(body, now) if is_json(body) else parse_xml_feed(body, content_type, url, now)
