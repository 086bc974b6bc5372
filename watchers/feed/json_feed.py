"""What does a JSON Feed (version 1 or 1.1, jsonfeed.org) say?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.errors import Changed
from watchers.feed.dates import stamp
from watchers.feed.entry import Entry, Reading, joined
from watchers.feed.guard import MOST_ENTRIES, MOST_MARKS
from watchers.feed.links import safe
from watchers.feed.plain import clean, plain, untagged


def is_json(body: bytes) -> bool:
    """Say whether a body is JSON rather than XML."""
    return body[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def read_json(body: bytes, now: datetime) -> Reading:
    """Read a feed; Changed for JSON that is none. An item that cannot be read is left out and noted."""
    feed = _loaded(body)
    version = feed.get("version") if isinstance(feed, dict) else None
    if not isinstance(feed, dict) or not isinstance(version, str) or "jsonfeed.org/version/" not in version:
        raise Changed(f"expected a feed, saw JSON whose version is {str(version)[:60]!r} and no JSON Feed's")
    items = feed.get("items")
    if not isinstance(items, list):
        raise Changed(f"expected a JSON Feed with a list `items`, saw {type(items).__name__}")
    entries = [_entry(item, now) for item in items[:MOST_ENTRIES] if isinstance(item, dict)]
    notes = []
    if len(items) > MOST_ENTRIES:
        notes.append(f"the feed has {len(items)} entries: the first {MOST_ENTRIES} are read")
    if (odd := min(len(items), MOST_ENTRIES) - len(entries)) > 0:
        notes.append(f"{odd} of {len(items)} items are no JSON objects: they are not read")
    return Reading(tuple(entries), tuple(notes))


def _loaded(body: bytes) -> Any:
    marks = sum(body.count(mark) for mark in (b"{", b"[", b","))
    if marks > MOST_MARKS:
        raise Changed(f"expected a JSON Feed, saw {marks} values: more than {MOST_MARKS} are not read")
    try:
        return json.loads(body.decode("utf-8-sig", "replace"))
    except RecursionError:
        raise Changed("expected a JSON Feed of sane depth, saw thousands of nested brackets") from None
    except ValueError as error:
        raise Changed(f"expected a JSON Feed, saw JSON that cannot be read: {error}") from None


def _entry(item: Mapping[str, Any], now: datetime) -> Entry:
    content = plain(_text(item, "content_html")) or untagged(_text(item, "content_text"))
    return Entry(
        guid=clean(_identity(item.get("id"))) or None,
        link=safe(_text(item, "url")) or safe(_text(item, "external_url")),
        title=untagged(_text(item, "title")),
        text=joined(untagged(_text(item, "summary")), content),
        author=_author(item),
        published=stamp(item.get("date_published"), now),
        updated=stamp(item.get("date_modified"), now),
        categories=tuple(sorted({clean(tag) for tag in _list(item, "tags") if isinstance(tag, str) and tag.strip()})),
    )


def _identity(value: object) -> str:
    """An identity should be text; a number is taken as the text it is written with (version 1.1, `id`)."""
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def _author(item: Mapping[str, Any]) -> str | None:
    people = _list(item, "authors") or [item.get("author")]
    names = (_text(person, "name") for person in people if isinstance(person, dict))
    return clean(", ".join(name for name in names if name)) or None


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _list(item: Mapping[str, Any], name: str) -> list[Any]:
    value = item.get(name)
    return value if isinstance(value, list) else []
