"""What is stated of one entry, in the words of the record?"""

from __future__ import annotations

from domain.facets import Facet, short_digest
from domain.identity import Alias, DocumentId
from domain.observation import Observation
from watchers.feed.dates import Stamp
from watchers.feed.entry import Entry
from watchers.feed.plain import essence

READER = "feed/1"

LONGEST_TITLE = 1000
LONGEST_TEXT = 50_000
"""Characters kept of what an entry says: an executive order has some thirty thousand."""


def observe(document: DocumentId, entry: Entry, source: str, evidence: str, *, known: bool) -> Observation:
    """Return what a feed says of an entry. `known` if it was seen before: then its day is that of the last change.

    The text always begins with the title, so that whoever asks for words finds them in either.
    """
    first, last = (entry.updated, entry.published) if known else (entry.published, entry.updated)
    stamp = first or last
    title = _cut(entry.title or entry.text or entry.link or "Untitled", LONGEST_TITLE)
    whole = f"{entry.title}\n{entry.text}".strip() or title
    facets: dict[str, Facet] = {
        "title": {"display": {"text": title}},
        "item": {"": _about(entry)},
        "content": {
            "body": {"text": _cut(whole, LONGEST_TEXT), "label": _measure(entry), "on": stamp.on if stamp else None}
        },
        "stated": {name: _state(name, value, whole, stamp) for name, value in entry.stated.items()},
    }
    return Observation(
        document=document,
        source=source,
        reader=READER,
        facets=facets,
        evidence=dict.fromkeys(facets, evidence),
        published_at=stamp.at if stamp else None,
        url=entry.link,
        aliases=(Alias("url", entry.link),) if entry.link else (),
    )


def _about(entry: Entry) -> dict[str, object]:
    return {
        "guid": _cut(entry.guid, LONGEST_TITLE) if entry.guid else None,
        "link": entry.link,
        "author": _cut(entry.author, LONGEST_TITLE) if entry.author else None,
        "categories": [_cut(name, 200) for name in entry.categories[:100]],
        "published_on": entry.published.on if entry.published else None,
        "updated_on": entry.updated.on if entry.updated else None,
    }


def _measure(entry: Entry) -> str:
    """Name a state of the text: how long it is, and a mark that tells it from another one of that length."""
    said = essence(f"{entry.title}\n{entry.text}")
    words = len(said.split())
    return f"{words} word{'' if words == 1 else 's'} ({short_digest(said)[:6]})"


def _state(name: str, value: str, whole: str, stamp: Stamp | None) -> dict[str, object]:
    text = f"{name.capitalize()}: {value}\n{whole}"
    return {"text": _cut(text, LONGEST_TEXT), "label": value, "on": stamp.on if stamp else None}


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
