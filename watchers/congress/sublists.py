"""Which amendments to a bill were offered?

An amendment is a document of its own (`us/amendment/119/samdt/2382`): that it was offered is news of the bill's
surroundings, like a related bill, and is of that kind. That it was agreed to or failed is told by the bill's own
actions and roll calls, so what the list says of an amendment's latest action is left out here. Lines that begin with
H.Amdt. or S.Amdt. never move the bill.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import msgspec

from domain.coded_text import coded
from domain.documents import label
from domain.errors import Changed, mismatch
from domain.jurisdictions.us.names import us_bill
from domain.records.facets import Facet, Kind, short_digest
from watchers.client import decode_json
from watchers.congress.client import clean_words, convert_values, washington_day
from watchers.plain_text import plain_text

_AMENDMENT_NAMES = {"hamdt": "H.Amdt.", "samdt": "S.Amdt.", "suamdt": "S.UP.Amdt."}
_LONGEST_PURPOSE = 300
"""Characters of a purpose that people still read; the Senate's can be the whole amendment."""


class _Amendment(msgspec.Struct):
    congress: int
    type: str
    number: str | int
    purpose: str | None = None
    description: str | None = None


def parse_amendments(rows: Sequence[_Amendment]) -> Facet:
    """Name amendments by identity, with their purpose, which is often filled in later: that is no news."""
    facet: dict[str, dict[str, Any]] = {}
    for number, read in enumerate(rows):
        where = f"amendments[{number}]"
        kind, place = read.type.lower(), str(read.number)
        if kind not in _AMENDMENT_NAMES or not (place.isascii() and place.isdigit() and len(place) < 7):
            found = f"{read.type} {place}"[:60]
            raise Changed(mismatch(where, "an amendment such as {example}", found, example="SAMDT 2382"))
        name = f"{_AMENDMENT_NAMES[kind]} {int(place)}"
        purpose = " ".join(clean_words(read.purpose or read.description).split())
        facet[f"us/amendment/{read.congress}/{kind}/{int(place)}"] = {
            "text": f"{name}: {purpose}" if purpose else name,
            "label": coded("entry.amendment", name=(name, _shortened(purpose)) if purpose else name).to_json(),
        }
    return facet


def _shortened(purpose: str) -> str:
    return purpose if len(purpose) <= _LONGEST_PURPOSE else purpose[: _LONGEST_PURPOSE - 1].rstrip() + "…"


_AFFILIATION = re.compile(r"\[([A-Z]{1,3})-([A-Z]{2})\b")
"""Party and state as a full name ends in them: `Rep. Luna, Anna Paulina [R-FL-13]`."""


class _Cosponsor(msgspec.Struct, rename="camel"):
    bioguide_id: str
    full_name: str | None = None
    party: str | None = None
    state: str | None = None
    sponsorship_date: str | None = None
    sponsorship_withdrawn_date: str | None = None
    is_original_cosponsor: bool | None = None


@dataclass(frozen=True, slots=True)
class _Sponsorship:
    """One time somebody stood behind the bill; days are `YYYY-MM-DD`, "" where not stated."""

    who: str
    name: str
    party: str
    state: str | None
    since: str
    until: str
    original: bool | None


def parse_cosponsors(rows: Sequence[_Cosponsor]) -> Facet:
    """Name cosponsors by their number in the Biographical Directory; a withdrawal is an entry of its own beside."""
    stays = [_sponsorship(row, f"cosponsors[{number}]") for number, row in enumerate(rows)]
    totals = _totals_by_day(stays)
    facet: dict[str, dict[str, Any]] = {}
    for stay in stays:
        known = facet.get(stay.who)
        if known is None or (known["on"] or "") < stay.since:  # one who left and joined again: the last word
            facet[stay.who] = _joined(stay, totals[stay.since])
        if stay.until:
            facet[f"{stay.who}/withdrawn"] = _withdrawn(stay, totals[stay.until])
    return facet


def _said(code: str, stay: _Sponsorship, parties: Mapping[str, int]) -> str:
    """Say who joined or left, and how many there are now by party, the largest first: `12 cosponsors: 8 R, 4 D`."""
    ranked = sorted(parties, key=lambda party: (-parties[party], party))
    by_party = tuple(f"{parties[party]} {party}" for party in ranked)
    total = coded("cosponsors.by_party" if by_party else "cosponsors", n=sum(parties.values()), parties=by_party)
    return coded(code, name=stay.name, party=stay.party, total=total).to_json()


def _sponsorship(read: _Cosponsor, where: str) -> _Sponsorship:
    affiliation = _AFFILIATION.search(read.full_name or "")
    return _Sponsorship(
        who=read.bioguide_id,
        name=read.full_name or read.bioguide_id,
        party=read.party or (affiliation[1] if affiliation else "?"),
        state=read.state or (affiliation[2] if affiliation else None),
        since=washington_day(read.sponsorship_date, f"{where}.sponsorshipDate") or "",
        until=washington_day(read.sponsorship_withdrawn_date, f"{where}.sponsorshipWithdrawnDate") or "",
        original=read.is_original_cosponsor,
    )


def _joined(stay: _Sponsorship, parties: Mapping[str, int]) -> dict[str, Any]:
    return {
        "on": stay.since or None,
        "text": _said("cosponsor.joined", stay, parties),
        "label": stay.name,
        "party": stay.party,
        "state": stay.state,
        "original": stay.original,
        "withdrawn_on": stay.until or None,
        "totals": dict(parties),
    }


def _withdrawn(stay: _Sponsorship, parties: Mapping[str, int]) -> dict[str, Any]:
    return {
        "on": stay.until,
        "text": _said("cosponsor.left", stay, parties),
        "label": coded("cosponsor.withdrew", name=stay.name).to_json(),
        "totals": dict(parties),
    }


def _totals_by_day(stays: Sequence[_Sponsorship]) -> dict[str, dict[str, int]]:
    """Count the cosponsors of each party at the end of each day on which one joined or left; one pass over the days."""
    found: dict[str, dict[str, int]] = {}
    parties: Counter[str] = Counter()
    present: Counter[str] = Counter()
    party_of: dict[str, str] = {}
    joining = deque(sorted(stays, key=lambda stay: stay.since))
    leaving = deque(sorted((stay for stay in stays if stay.until), key=lambda stay: stay.until))
    for day in sorted({stay.since for stay in stays} | {stay.until for stay in leaving}):
        while joining and joining[0].since <= day:
            stay = joining.popleft()
            present[stay.who] += 1
            if present[stay.who] == 1:
                party_of[stay.who] = stay.party
                parties[stay.party] += 1
        while leaving and leaving[0].until <= day:
            stay = leaving.popleft()
            present[stay.who] -= 1
            if present[stay.who] == 0:
                parties[party_of[stay.who]] -= 1
        found[day] = {party: number for party, number in sorted(parties.items()) if number}
    return found


@dataclass(frozen=True, slots=True)
class SubList:
    """One list of a bill: asked at `path`, found under `member`, counted by the item under the same name, followed by
    who follows `kind`, stated as `facet`. `row` is the type of its entries, `state` what a whole list of them says."""

    facet: str
    kind: Kind
    path: str
    member: str
    row: type[msgspec.Struct]
    state: Callable[[Sequence[Any]], Facet]

    def parse(self, rows: Sequence[bytes]) -> Facet:
        """State a list whose entries are JSON."""
        decoder = _decoder(self.row)
        return self.state([decode_json(row, decoder, f"{self.member}[{n}]") for n, row in enumerate(rows)])

    def convert(self, rows: Iterable[Mapping[str, Any]]) -> Facet:
        """State a list whose entries are plain values under the same names; Changed where one is not as expected."""
        return self.state([convert_values(row, self.row, f"{self.member}[{n}]") for n, row in enumerate(rows)])


@cache
def _decoder(row: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(row)


class _Format(msgspec.Struct):
    type: str | None = None
    url: str | None = None


class _Text(msgspec.Struct):
    type: str | None = None
    date: str | None = None
    formats: list[_Format | None] | None = None


class _Title(msgspec.Struct, rename="camel"):
    title: str | None = None
    title_type: str | None = None
    title_type_code: int | str | None = None


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


_DISPLAY_TITLE = "45"


def parse_texts(rows: Sequence[_Text]) -> Facet:
    """Name text versions by what they are ("Introduced in House"), and by number where one comes twice.

    The date is not part of the name: the API publishes some versions undated and dates them later.
    """
    by_name: dict[str, dict[str, dict[str, Any]]] = {}
    for number, read in enumerate(rows):
        where = f"textVersions[{number}]"
        name = read.type or "unnamed"
        said = read.type or coded("text.unnamed_version").to_json()
        entry = {
            "on": washington_day(read.date, f"{where}.date"),
            "text": coded("entry.text_published", name=said).to_json(),
            "label": said,
            "formats": _formats(read),
        }
        by_name.setdefault(name, {}).setdefault(repr(entry), entry)
    facet = {}
    for name, entries in by_name.items():
        for number, entry in enumerate(sorted(entries.values(), key=lambda e: e["on"] or "9999"), start=1):
            facet[name if number == 1 else f"{name} ({number})"] = entry
    return facet


def _formats(read: _Text) -> list[dict[str, str | None]]:
    urls = {f.type or "": f.url for f in read.formats or () if f is not None and f.url}
    return [{"type": kind, "url": urls[kind]} for kind in sorted(urls)]


def parse_titles(rows: Sequence[_Title]) -> Facet:
    """Name titles by type and words. The display title is left to the facet `title`: it would be told twice."""
    facet = {}
    for read in rows:
        kind = str(read.title_type_code if read.title_type_code is not None else read.title_type or "")
        title = clean_words(read.title)
        if not title or kind == _DISPLAY_TITLE or read.title_type == "Display Title":
            continue
        words = " ".join(title.split())
        label_of = f"{read.title_type}: {words}" if read.title_type else words
        facet[f"{kind}:{short_digest(words)}"] = {"text": title, "label": label_of, "type": read.title_type}
    return facet


def parse_committees(rows: Sequence[_Committee]) -> Facet:
    """Name committees and subcommittees by their system code, with what each did last, which dates the entry: a
    referral of last year does not make today's mark-up late news."""
    facet: dict[str, dict[str, Any]] = {}
    for number, read in enumerate(rows):
        where = f"committees[{number}]"
        code = read.system_code.lower()
        facet[code] = _committee(read.name or code, read.activities, where) | {"chamber": read.chamber}
        for place, part in enumerate(read.subcommittees or ()):
            at = f"{where}.subcommittees[{place}]"
            name = f"{part.name or part.system_code} ({read.name or code})"
            entry = _committee(name, part.activities, at) | {"chamber": read.chamber, "parent": code}
            facet[part.system_code.lower()] = entry
    return facet


def _committee(name: str, activities: Sequence[_Activity] | None, where: str) -> dict[str, Any]:
    stamped = sorted((a.date or "", -place, a) for place, a in enumerate(activities or ()))  # the newest stands first
    dated = ((washington_day(one.date, f"{where}.activities.date") or "", one.name or "") for *_, one in stamped)
    days = list(dict.fromkeys(dated))
    day, what = days[-1] if days else ("", "")
    last = ", ".join(filter(None, (what.lower(), day)))
    return {
        "on": day or None,
        "text": coded("committee.added", after=name).to_json(),
        "label": f"{name} ({last})" if last else name,
        "activities": [{"on": day or None, "name": what} for day, what in days],
    }


def parse_related(rows: Sequence[_Related]) -> Facet:
    """Name related bills by identity, with the relationship; their own titles and actions are their own news."""
    facet = {}
    for number, read in enumerate(rows):
        where = f"relatedBills[{number}]"
        try:
            other = us_bill(read.congress, read.type, int(read.number))
        except ValueError as error:
            found = f"{read.type} {read.number}"[:60]
            raise Changed(mismatch(where, "a bill such as {example}", found, example="HR 6508")) from error
        ways = sorted({r.type for r in read.relationship_details or () if r.type})
        words = "; ".join(ways)
        facet[str(other)] = {
            "text": f"{words}: {label(other)}" if words else label(other),
            "label": f"{label(other)}: {words}" if words else label(other),
            "identified_by": sorted({r.identified_by for r in read.relationship_details or () if r.identified_by}),
        }
    return facet


def parse_summaries(rows: Sequence[_Summary]) -> Facet:
    """Name summaries by version code; their words are plain text."""
    facet = {}
    for number, read in enumerate(rows):
        where = f"summaries[{number}]"
        words = plain_text(read.text or "").split()
        facet[read.version_code or read.action_desc or "unnamed"] = {
            "on": washington_day(read.action_date, f"{where}.actionDate"),
            "text": " ".join(words),
            "label": coded("entry.summary", name=read.action_desc or coded("kind.summary"), n=len(words)).to_json(),
        }
    return facet


SUBLISTS: Mapping[str, SubList] = {
    one.member: one
    for one in (
        SubList("texts", Kind.TEXT, "text", "textVersions", _Text, parse_texts),
        SubList("titles", Kind.TITLE, "titles", "titles", _Title, parse_titles),
        SubList("cosponsors", Kind.SPONSOR, "cosponsors", "cosponsors", _Cosponsor, parse_cosponsors),
        SubList("committees", Kind.COMMITTEE, "committees", "committees", _Committee, parse_committees),
        SubList("related", Kind.RELATED, "relatedbills", "relatedBills", _Related, parse_related),
        SubList("summaries", Kind.SUMMARY, "summaries", "summaries", _Summary, parse_summaries),
        SubList("amendments", Kind.RELATED, "amendments", "amendments", _Amendment, parse_amendments),
    )
}


@lru_cache(maxsize=64)
def followed_lists(kinds: frozenset[Kind]) -> tuple[SubList, ...]:
    """Return the lists that somebody wants to hear of."""
    return tuple(one for one in SUBLISTS.values() if one.kind in kinds)
