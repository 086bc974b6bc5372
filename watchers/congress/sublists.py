"""What do a bill's further lists say: texts, titles, cosponsors, committees, related bills, summaries, amendments?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from domain.errors import Changed
from domain.facets import Facet, Kind, short_digest
from domain.identity import label, us_bill
from watchers.congress.amendments import parse_amendments
from watchers.congress.answers import decode, said, washington_day
from watchers.congress.cosponsors import parse_cosponsors
from watchers.feed.plain import plain

Rows = Sequence[bytes]


@dataclass(frozen=True, slots=True)
class SubList:
    """One list of a bill: asked at `path`, found under `member`, counted by the item under the same name, followed by
    who follows `kind`, stated as `facet`."""

    facet: str
    kind: Kind
    path: str
    member: str
    parse: Callable[[Rows], Facet]


class _Format(msgspec.Struct):
    type: str | None = None
    url: str | None = None


class _Text(msgspec.Struct):
    type: str | None = None
    date: str | None = None
    formats: list[_Format] | None = None


class _Title(msgspec.Struct, rename="camel"):
    title: str | None = None
    title_type: str | None = None
    title_type_code: int | str | None = None
    chamber_code: str | None = None


class _Activity(msgspec.Struct):
    name: str | None = None
    date: str | None = None


class _Subcommittee(msgspec.Struct, rename="camel"):
    system_code: str
    name: str | None = None
    activities: list[_Activity] | None = None


class _Committee(msgspec.Struct, rename="camel"):
    system_code: str
    name: str | None = None
    chamber: str | None = None
    activities: list[_Activity] | None = None
    subcommittees: list[_Subcommittee] | None = None


class _Relationship(msgspec.Struct, rename="camel"):
    type: str | None = None
    identified_by: str | None = None


class _Related(msgspec.Struct, rename="camel"):
    congress: int
    type: str
    number: int | str
    relationship_details: list[_Relationship] | None = None


class _Summary(msgspec.Struct, rename="camel"):
    version_code: str | None = None
    action_date: str | None = None
    action_desc: str | None = None
    text: str | None = None


_TEXT = msgspec.json.Decoder(_Text)
_TITLE = msgspec.json.Decoder(_Title)
_COMMITTEE = msgspec.json.Decoder(_Committee)
_RELATED = msgspec.json.Decoder(_Related)
_SUMMARY = msgspec.json.Decoder(_Summary)

_DISPLAY_TITLE = "45"


def parse_texts(rows: Rows) -> Facet:
    """Name text versions by what they are ("Introduced in House"), and by number where one comes twice.

    The date is not part of the name: the API publishes some versions undated and dates them later.
    """
    by_name: dict[str, list[dict[str, Any]]] = {}
    for number, row in enumerate(rows):
        where = f"textVersions[{number}]"
        read = decode(row, _TEXT, where)
        name = read.type or "Unnamed version"
        entry = {
            "on": washington_day(read.date, f"{where}.date"),
            "text": f"Text published: {name}",
            "label": name,
            "formats": _formats(read),
        }
        if entry not in by_name.setdefault(name, []):
            by_name[name].append(entry)
    facet = {}
    for name, entries in by_name.items():
        for number, entry in enumerate(sorted(entries, key=lambda e: e["on"] or "9999"), start=1):
            facet[name if number == 1 else f"{name} ({number})"] = entry
    return facet


def _formats(read: _Text) -> list[dict[str, str | None]]:
    urls = {f.type or "": f.url for f in read.formats or ()}
    return [{"type": kind, "url": urls[kind]} for kind in sorted(urls)]


def parse_titles(rows: Rows) -> Facet:
    """Name titles by type and words. The display title is left to the facet `title`: it would be told twice."""
    facet = {}
    for number, row in enumerate(rows):
        read = decode(row, _TITLE, f"titles[{number}]")
        kind = str(read.title_type_code if read.title_type_code is not None else read.title_type or "")
        title = said(read.title)
        if not title or kind == _DISPLAY_TITLE or read.title_type == "Display Title":
            continue
        words = " ".join(title.split())
        label_of = f"{read.title_type}: {words}" if read.title_type else words
        facet[f"{kind}:{short_digest(words)}"] = {"text": title, "label": label_of, "type": read.title_type}
    return facet


def parse_committees(rows: Rows) -> Facet:
    """Name committees and subcommittees by their system code, with what each did last."""
    facet: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows):
        where = f"committees[{number}]"
        read = decode(row, _COMMITTEE, where)
        code = read.system_code.lower()
        facet[code] = _committee(read.name or code, read.activities, where) | {"chamber": read.chamber}
        for place, part in enumerate(read.subcommittees or ()):
            at = f"{where}.subcommittees[{place}]"
            name = f"{part.name or part.system_code} ({read.name or code})"
            entry = _committee(name, part.activities, at) | {"chamber": read.chamber, "parent": code}
            facet[part.system_code.lower()] = entry
    return facet


def _committee(name: str, activities: Sequence[_Activity] | None, where: str) -> dict[str, Any]:
    days = sorted({(washington_day(a.date, f"{where}.activities.date") or "", a.name or "") for a in activities or ()})
    day, what = days[-1] if days else ("", "")
    last = ", ".join(filter(None, (what.lower(), day)))
    return {
        "on": min((day for day, _ in days if day), default=None),
        "text": f"Committee: {name}",
        "label": f"{name} ({last})" if last else name,
        "activities": [{"on": day or None, "name": what} for day, what in days],
    }


def parse_related(rows: Rows) -> Facet:
    """Name related bills by identity, with the relationship; their own titles and actions are their own news."""
    facet = {}
    for number, row in enumerate(rows):
        where = f"relatedBills[{number}]"
        read = decode(row, _RELATED, where)
        try:
            other = us_bill(read.congress, read.type, int(read.number))
        except ValueError as error:
            raise Changed(f"{where}: {error}") from error
        ways = sorted({r.type for r in read.relationship_details or () if r.type})
        words = "; ".join(ways) or "Related bill"
        facet[str(other)] = {
            "text": f"{words}: {label(other)}",
            "label": f"{label(other)}: {words}",
            "identified_by": sorted({r.identified_by for r in read.relationship_details or () if r.identified_by}),
        }
    return facet


def parse_summaries(rows: Rows) -> Facet:
    """Name summaries by version code; their words are plain text."""
    facet = {}
    for number, row in enumerate(rows):
        where = f"summaries[{number}]"
        read = decode(row, _SUMMARY, where)
        words = plain(read.text or "").split()
        facet[read.version_code or read.action_desc or "unnamed"] = {
            "on": washington_day(read.action_date, f"{where}.actionDate"),
            "text": " ".join(words),
            "label": f"{read.action_desc or 'Summary'} ({len(words)} words)",
        }
    return facet


SUBLISTS: Mapping[str, SubList] = {
    one.member: one
    for one in (
        SubList("texts", Kind.TEXT, "text", "textVersions", parse_texts),
        SubList("titles", Kind.TITLE, "titles", "titles", parse_titles),
        SubList("cosponsors", Kind.SPONSOR, "cosponsors", "cosponsors", parse_cosponsors),
        SubList("committees", Kind.COMMITTEE, "committees", "committees", parse_committees),
        SubList("related", Kind.RELATED, "relatedbills", "relatedBills", parse_related),
        SubList("summaries", Kind.SUMMARY, "summaries", "summaries", parse_summaries),
        SubList("amendments", Kind.RELATED, "amendments", "amendments", parse_amendments),
    )
}


@lru_cache(maxsize=64)
def followed(kinds: frozenset[Kind]) -> tuple[SubList, ...]:
    """Return the lists that somebody wants to hear of."""
    return tuple(one for one in SUBLISTS.values() if one.kind in kinds)
