"""Which of the rows of `status` are wanted, in which order, under which headings?

A row has the members of `status --json`. Nothing here asks a database, a file or a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from domain.options import PRIORITIES, as_written, suggest

if TYPE_CHECKING:
    from domain.alerts.routing import Labelled

Row = Mapping[str, Any]

SORTS = ("changed", "next", "priority", "name")
GROUPS = ("tag", "owner", "stage")
WATCH_KINDS = ("feed", "search", "page")
"""Kinds of rows that are no document."""

_TERM_STAGES = ("not_in_force", "in_force", "expired", "ended", "unknown")


@dataclass(frozen=True, slots=True)
class Filters:
    """What rows are wanted: with one of each that is named here, whatever the capitals; all where nothing is named.
    `since` is a day in `zone`, an IANA name; `text` stands in the name, title, note, status or tags."""

    tags: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: date | None = None
    text: str = ""
    zone: str = "UTC"


def select(rows: Iterable[Row], wanted: Filters) -> list[Row]:
    """Return the rows that are wanted, in their order."""
    asked = [
        ({one.casefold().replace(" ", "_") for one in names}, members)
        for names, members in (
            (wanted.tags, ("tags",)),
            (wanted.owners, ("owner",)),
            (wanted.stages, ("stage",)),
            (wanted.kinds, ("kind",)),
        )
        if names
    ]
    text = wanted.text.casefold()
    return [
        row
        for row in rows
        if all(not names.isdisjoint(_words(row, members)) for names, members in asked)
        and (not text or text in _text_of(row))
        and (wanted.since is None or (last_news(row, wanted.zone) or date.min) >= wanted.since)
    ]


def _words(row: Row, members: Sequence[str]) -> Iterator[str]:
    for member in members:
        value = row[member]
        for one in value if isinstance(value, list) else [value] if value else []:
            yield one.casefold().replace(" ", "_")


def _text_of(row: Row) -> str:
    members = ("id", "title", "watch", "note", "label", "status_text", "owner", "position")
    return "\n".join(filter(None, chain((row[member] for member in members), row["tags"]))).casefold()


def last_news(row: Row, zone: str = "UTC") -> date | None:
    """Return the day of the last news of a row: when its last change was seen, in `zone`; of one whose first reading
    was the last that brought anything, the day the record gives to its status."""
    latest = row.get("latest_action") or {}
    stated = max(filter(None, (row["status_on"], latest.get("on"))), default=None) or row["introduced_on"]
    changed = row["changed_at"] if (row["revision"] or 0) > 1 or not stated else None
    if changed is not None:
        return datetime.fromisoformat(changed).astimezone(ZoneInfo(zone)).date()
    return date.fromisoformat(stated) if stated else None


def next_date(row: Row, zone: str = "UTC") -> date | None:
    """Return the next day that matters of a row: a hearing, the end of a term, or the start of the one that follows."""
    hearing, term, after = (row.get(member) or {} for member in ("next_hearing", "term", "next"))
    moments = filter(None, (term.get("ends_at"), after.get("starts_at")))
    days = [datetime.fromisoformat(one).astimezone(ZoneInfo(zone)).date() for one in moments]
    if hearing.get("on"):
        days.append(date.fromisoformat(hearing["on"]))
    return min(days, default=None) if row["stage"] not in ("ended", "expired") else None


def in_order(rows: Iterable[Row], by: str, zone: str = "UTC") -> list[Row]:
    """Return rows by one of `SORTS`: the newest news first, the next date first, the weightiest first, or by name. Rows
    without a date come last; rows alike stay in the order of their news, then of their names."""
    found = sorted(rows, key=lambda row: str(row["watch"] or row["id"]).casefold())
    if by == "name":
        return found
    found.sort(key=lambda row: last_news(row, zone) or date.min, reverse=True)
    if by == "next":
        found.sort(key=lambda row: next_date(row, zone) or date.max)
    elif by == "priority":
        found.sort(key=weight)
    return found


def weight(row: Row) -> int:
    """Return the place of a row's priority, the weightiest first."""
    return PRIORITIES.index(str(row["priority"] or "normal"))


def grouped(rows: Iterable[Row], by: str) -> dict[str, list[Row]]:
    """Return rows under headings of one of `GROUPS`, by alphabet, "" (what has none) last. A row with several tags
    stands under each."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        value = row["tags" if by == "tag" else by]
        for heading in (value if isinstance(value, list) else [value]) or [""]:
            found.setdefault(heading or "", []).append(row)
    return {heading: found[heading] for heading in sorted(found, key=lambda one: (one == "", one.casefold()))}


def misnamed(wanted: Filters, watches: Iterable[Labelled]) -> str | None:
    """Say in a sentence which filter names what there is not, with the nearest that there is; None where all are
    known."""
    from domain.jurisdictions import all_jurisdictions  # whoever filters nothing does not pay for these

    labels = list(watches) if wanted.tags or wanted.owners else []
    laws = all_jurisdictions() if wanted.stages or wanted.kinds else ()
    known = {
        "tag": (wanted.tags, [tag for watch in labels for tag in watch.tags]),
        "owner": (wanted.owners, [watch.owner for watch in labels if watch.owner]),
        "stage": (wanted.stages, [*(stage for law in laws for stage in law.stages), *_TERM_STAGES]),
        "kind": (wanted.kinds, [*(kind for law in laws for kind in law.kinds), *WATCH_KINDS, "regime"]),
    }
    for what, (names, there) in known.items():
        spelled = {one.casefold() for one in there}
        for name in names:
            if name.casefold() not in spelled and name.casefold().replace(" ", "_") not in spelled:
                near = suggest(name, dict.fromkeys(there)) if there else f"no watch has any {what}"
                return f"unknown {what} {as_written(name)}; {near}"
    return None
