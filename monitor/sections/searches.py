"""Which bills of a Congress does a saved search look for, and where in them?"""

from __future__ import annotations

from domain.identity import DocumentId, congress_on
from domain.search import PLACES, Search, SearchError, parse
from monitor import shape, values
from monitor.faults import Faults
from monitor.sections.context import Context
from monitor.settings import WatchSettings

FIRST_CONGRESS = 93
"""The oldest Congress (1973) of whose bills the publisher has a list with actions."""

_SHOWN = 30


def search(context: Context, key: str, raw: shape.Watch) -> WatchSettings | None:
    """Read a watch that is a search; without a Congress it is for the one that sits, and stays with it."""
    found = _parsed(context.faults, key, raw.search or "", _places(context.faults, key, raw))
    assumed = raw.congress is None
    congress = congress_on(context.today) if assumed else _congress(context, key, raw.congress)
    if found is None or congress is None:
        return None
    document = DocumentId("us", "bill", (str(congress),))
    name = raw.name or " ".join(found.written.split())
    return WatchSettings(name, document, note=raw.note, search=found, assumed=assumed)


def _congress(context: Context, key: str, raw: object) -> int | None:
    newest = congress_on(context.today) + 1
    if isinstance(raw, int) and not isinstance(raw, bool) and FIRST_CONGRESS <= raw <= newest:
        return raw
    context.faults.add(
        f"{key}.congress",
        f"expected the number of a Congress from {FIRST_CONGRESS} to {newest}, saw {values.shown(raw)}",
    )
    return None


def _places(faults: Faults, key: str, raw: shape.Watch) -> tuple[str, ...]:
    places = ["title"] if raw.places is None else raw.places
    unknown = [place for place in places if place not in PLACES]
    if unknown or not places:
        saw = values.shown(unknown[0]) if unknown else "an empty list"
        faults.add(f"{key}.in", f"expected some of {', '.join(PLACES)}, saw {saw}")
        return ("title",)
    return tuple(place for place in PLACES if place in places)


def _parsed(faults: Faults, key: str, written: str, places: tuple[str, ...]) -> Search | None:
    """Read the search itself; a fault shows the place where reading stopped."""
    try:
        return parse(written, places)
    except SearchError as error:
        rest = written[error.at : error.at + _SHOWN]
        where = f"before {values.shown(rest)}" if rest.strip() else "at its end"
        faults.add(f"{key}.search", f"{error} (character {error.at + 1}, {where})")
        return None
