"""Who stands behind a bill, since when, and how many of which party were they by then?

The totals of a day count all who had joined by its end and had not withdrawn; so the words of an entry do not depend on
what came later, and thirty who join on one day all carry the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from domain.facets import Facet
from watchers.congress.answers import decode, washington_day

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


_COSPONSOR = msgspec.json.Decoder(_Cosponsor)


@dataclass(frozen=True, slots=True)
class _Stay:
    """One time somebody stood behind the bill; days are `YYYY-MM-DD`, "" where not stated."""

    who: str
    name: str
    party: str
    state: str | None
    since: str
    until: str
    original: bool | None

    def counts_on(self, day: str) -> bool:
        return self.since <= day and not (self.until and self.until <= day)


def parse_cosponsors(rows: Sequence[bytes]) -> Facet:
    """Name cosponsors by their number in the Biographical Directory; a withdrawal is an entry of its own beside."""
    stays = [_read(row, f"cosponsors[{number}]") for number, row in enumerate(rows)]
    facet: dict[str, dict[str, Any]] = {}
    for stay in stays:
        known = facet.get(stay.who)
        if known is None or (known["on"] or "") < stay.since:  # one who left and joined again: the last word
            facet[stay.who] = _joined(stay, stays)
        if stay.until:
            facet[f"{stay.who}/withdrawn"] = _withdrawn(stay, stays)
    return facet


def totals(parties: Mapping[str, int]) -> str:
    """Say a number of people by party, the largest first: `12 cosponsors: 8 R, 4 D`."""
    number = sum(parties.values())
    ranked = sorted(parties, key=lambda party: (-parties[party], party))
    by_party = ", ".join(f"{parties[party]} {party}" for party in ranked)
    return f"{number} cosponsor{'' if number == 1 else 's'}" + (f": {by_party}" if by_party else "")


def _read(row: bytes, where: str) -> _Stay:
    read = decode(row, _COSPONSOR, where)
    affiliation = _AFFILIATION.search(read.full_name or "")
    return _Stay(
        who=read.bioguide_id,
        name=read.full_name or read.bioguide_id,
        party=read.party or (affiliation[1] if affiliation else "?"),
        state=read.state or (affiliation[2] if affiliation else None),
        since=washington_day(read.sponsorship_date, f"{where}.sponsorshipDate") or "",
        until=washington_day(read.sponsorship_withdrawn_date, f"{where}.sponsorshipWithdrawnDate") or "",
        original=read.is_original_cosponsor,
    )


def _joined(stay: _Stay, stays: Sequence[_Stay]) -> dict[str, Any]:
    parties = _standing(stay.since, stays)
    return {
        "on": stay.since or None,
        "text": f"Cosponsor: {stay.name} ({totals(parties)})",
        "label": stay.name,
        "party": stay.party,
        "state": stay.state,
        "original": stay.original,
        "withdrawn_on": stay.until or None,
        "totals": parties,
    }


def _withdrawn(stay: _Stay, stays: Sequence[_Stay]) -> dict[str, Any]:
    parties = _standing(stay.until, stays)
    return {
        "on": stay.until,
        "text": f"Cosponsor withdrew: {stay.name} ({totals(parties)})",
        "label": f"{stay.name} withdrew",
        "totals": parties,
    }


def _standing(day: str, stays: Sequence[_Stay]) -> dict[str, int]:
    counted = {stay.who: stay.party for stay in stays if stay.counts_on(day)}
    return dict(sorted(Counter(counted.values()).items()))
