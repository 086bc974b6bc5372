"""Which documents does the database's RSS say were updated?

Pure: bytes of `laws/main/r.xml` to entries. feedparser repairs what it can, so what it must not repair is refused
before: a page instead of a feed, and documents that declare entities.
"""

from __future__ import annotations

import io
import time
from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser

from domain.errors import Changed
from domain.facets import short_digest
from watchers.rada.numbers import nreg_in
from watchers.rada.wording import decoded, shown

MOST = 5000
_OLDEST = datetime(1991, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Update:
    """One entry: the document's key, title, what the database says of its kind and issuer, and when it was touched.

    `key` changes whenever the database touches the document again.
    """

    nreg: str
    title: str
    issuer: str
    updated_at: datetime | None
    key: str


def parse_updates(body: bytes, now: datetime) -> tuple[Update, ...]:
    """Read the feed, newest first as it comes; Changed when it is none, is empty, or names no documents."""
    head = body[:4096].lower()
    if b"<!doctype" in head or b"<!entity" in body.lower():
        raise Changed("list of updates: expected an RSS feed, saw a document with a DOCTYPE")
    feed = feedparser.parse(io.BytesIO(_declared(body)), sanitize_html=False, resolve_relative_uris=False)
    if not feed.get("version"):
        raise Changed(f"list of updates: expected an RSS feed, saw {body[:40]!r}")
    entries = feed.entries[:MOST]
    if not entries:
        raise Changed("list of updates: expected entries, saw none")
    found = [update for entry in entries if (update := _update(entry, now))]
    if len(found) * 2 < len(entries):
        seen = entries[0].get("link", "no link")[:80]
        raise Changed(f"list of updates: expected links such as …/laws/show/793/2025, saw {seen!r}")
    return tuple(found)


def _update(entry: Any, now: datetime) -> Update | None:
    nreg = nreg_in(str(entry.get("link") or "")) or nreg_in(str(entry.get("id") or ""))
    if nreg is None:
        return None
    # Not by entry.get: it takes a missing member for another one, with a warning.
    stamp = str(dict.get(entry, "published") or dict.get(entry, "updated") or "")
    parsed = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    return Update(
        nreg=nreg,
        title=shown(str(entry.get("title") or "")),
        issuer=shown(str(entry.get("summary") or ""))[:300],
        updated_at=_moment(parsed, now),
        key=short_digest(f"{nreg} {stamp}"),
    )


def _moment(parsed: time.struct_time | None, now: datetime) -> datetime | None:
    """Return a stamp as aware UTC; one before Ukraine or after tomorrow is a typing error and says nothing."""
    if parsed is None:
        return None
    try:
        moment = datetime.fromtimestamp(timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if _OLDEST <= moment <= now + _AHEAD else None


def _declared(body: bytes) -> bytes:
    """Give a feed that declares no encoding the one it has: feedparser would take windows-1251 for Latin."""
    if b"encoding" in body[:200] or body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body
    return decoded(body).encode()
