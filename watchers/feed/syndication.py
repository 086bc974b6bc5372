"""What does an RSS, Atom or RDF feed say?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import feedparser

from domain.errors import Changed
from watchers.feed.charset import readable
from watchers.feed.dates import Stamp, stamp
from watchers.feed.entry import Entry, Reading, joined
from watchers.feed.guard import MOST_ENTRIES, guarded
from watchers.feed.links import safe
from watchers.feed.plain import clean, plain, untagged
from watchers.feed.state import stated

_MARKUP = frozenset({"text/html", "application/xhtml+xml"})
_STUMBLES = (AssertionError, AttributeError, LookupError, TypeError, ValueError, RecursionError)
"""What feedparser raises on input nobody foresaw; what is wrong with it is not ours to know."""

_TITLE = re.compile(rb"<title[^>]{0,200}>\s*([^<]{1,200})", re.IGNORECASE)


def read_xml(body: bytes, content_type: str, url: str, now: datetime) -> Reading:
    """Read a feed; Changed for what is none. `url` is where it came from, `now` aware UTC."""
    script = readable(body, content_type)
    safe_body = guarded(script.body)
    if safe_body is None:
        raise _no_feed(script.body)
    parsed = understand(safe_body.body, script.content_type, url)
    if not parsed.get("version"):
        raise _no_feed(script.body)
    found = parsed.entries[:MOST_ENTRIES]
    states = stated(safe_body.body)
    if len(states) != len(found):
        states = [{}] * len(found)
    entries = tuple(_entry(entry, state, now) for entry, state in zip(found, states, strict=True))
    return Reading(entries, safe_body.notes, safe_body.whole)


def understand(body: bytes, content_type: str, url: str) -> Any:
    """Let feedparser read bytes: it never fetches or opens anything itself. Changed if it stumbles."""
    headers = {"content-location": url}
    if content_type:
        headers["content-type"] = content_type
    try:
        return feedparser.parse(BytesIO(body), response_headers=headers)
    except _STUMBLES as error:
        raise Changed(f"expected a feed, saw one that cannot be read ({type(error).__name__})") from error


def _entry(found: Mapping[str, Any], state: Mapping[str, str], now: datetime) -> Entry:
    contents = [_said(content) for content in found.get("content") or ()]
    summary = _said(found.get("summary_detail") or {"value": found.get("summary")})
    return Entry(
        guid=clean(str(found.get("id") or "")) or None,
        link=safe(found.get("link")),
        title=_said(found.get("title_detail") or {"value": found.get("title")}),
        text=joined(summary, " ".join(contents)),
        author=untagged(str(found.get("author") or "")) or None,
        published=_date(found, "published", "created", now=now),
        updated=_date(found, "updated", now=now),
        categories=_categories(found.get("tags") or ()),
        stated=state,
    )


def _said(detail: Mapping[str, Any]) -> str:
    value = str(detail.get("value") or "")
    return plain(value) if detail.get("type") in _MARKUP else untagged(value)


def _date(found: Mapping[str, Any], *names: str, now: datetime) -> Stamp | None:
    # feedparser answers a missing `updated` with `published`: only what is really there is asked for.
    return next((read for name in names if dict.__contains__(found, name) if (read := stamp(found[name], now))), None)


def _categories(tags: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    named = (clean(str(tag.get("label") or tag.get("term") or "")) for tag in tags)
    return tuple(sorted({name for name in named if name}))


def _no_feed(body: bytes) -> Changed:
    return Changed(f"expected an RSS, Atom, RDF or JSON feed, saw {_glimpse(body)}")


def _glimpse(body: bytes) -> str:
    """Say what stands there instead, as far as it can be told."""
    start = body[:2048].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        title = _TITLE.search(body)
        called = f" called {clean(title[1].decode('utf-8', 'replace'))!r}" if title else ""
        return f"a web page{called}"
    return repr(body[:40])
