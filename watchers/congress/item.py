"""What does the API say of a bill itself?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from domain.coded_text import coded
from domain.documents import DocumentId
from domain.errors import Changed
from domain.records.facets import Facet
from watchers.congress.client import (
    answer_members,
    clean_words,
    convert_values,
    decode_json,
    parse_stamp,
    required_member,
    washington_day,
)

COUNTED = {
    "actions": "actions",
    "textVersions": "text_versions",
    "titles": "titles",
    "cosponsors": "cosponsors",
    "committees": "committees",
    "relatedBills": "related_bills",
    "summaries": "summaries",
    "amendments": "amendments",
}
"""The sub-lists whose number of entries an item states → where they are read to. One not mentioned is empty."""


class _Count(msgspec.Struct, rename="camel"):
    count: int = 0
    count_including_withdrawn_cosponsors: int | None = None


class _Sponsor(msgspec.Struct, rename="camel"):
    bioguide_id: str | None = None
    full_name: str | None = None
    party: str | None = None
    state: str | None = None
    is_by_request: str | None = None


class _Law(msgspec.Struct):
    number: str | None = None
    type: str | None = None


class _Area(msgspec.Struct):
    name: str | None = None


class _Bill(msgspec.Struct, rename="camel"):
    congress: int
    type: str
    number: str | int
    title: str | None = None
    introduced_date: str | None = None
    origin_chamber: str | None = None
    update_date: str | None = None
    update_date_including_text: str | None = None
    policy_area: _Area | None = None
    sponsors: list[_Sponsor] | None = None
    laws: list[_Law] | None = None
    actions: _Count | None = None
    text_versions: _Count | None = None
    titles: _Count | None = None
    cosponsors: _Count | None = None
    committees: _Count | None = None
    related_bills: _Count | None = None
    summaries: _Count | None = None
    amendments: _Count | None = None


_BILL = msgspec.json.Decoder(_Bill)


@dataclass(frozen=True, slots=True)
class BillItem:
    """A bill without its lists. `counts` is by the names of COUNTED; `marks` holds the same numbers, except that a
    withdrawal among the cosponsors moves it too; `updated_at` is aware UTC."""

    facets: Mapping[str, Facet]
    counts: Mapping[str, int]
    marks: Mapping[str, int]
    updated_at: datetime | None


def parse_item(body: bytes, bill: DocumentId, status: int = 200) -> BillItem:
    """Read the answer of /bill/{congress}/{type}/{number}; Changed if it is about another bill."""
    where = f"item of {bill}"
    found = required_member(answer_members(body, where, status), "bill", where)
    return _item(decode_json(found, _BILL, f"{where}.bill"), bill)


def convert_item(values: Mapping[str, Any], bill: DocumentId) -> BillItem:
    """Read a bill from plain values under the names of the API's answer."""
    return _item(convert_values(values, _Bill, f"item of {bill}"), bill)


def _item(read: _Bill, bill: DocumentId) -> BillItem:
    where = f"item of {bill}"
    stated = (str(read.congress), read.type.lower(), str(read.number))
    if stated != bill.parts:
        raise Changed(f"{where}.bill: expected {'/'.join(bill.parts)}, saw {'/'.join(stated)}")
    lists = {name: getattr(read, field) or _Count() for name, field in COUNTED.items()}
    if any(count.count < 0 for count in lists.values()):
        raise Changed(f"{where}.bill: expected counts from 0, saw a negative one")
    return BillItem(
        facets=_facets(read, where),
        counts={name: count.count for name, count in lists.items()},
        marks={name: _count_mark(count) for name, count in lists.items()},
        updated_at=parse_stamp(
            read.update_date_including_text or read.update_date, f"{where}.bill.updateDateIncludingText"
        ),
    )


def _count_mark(count: _Count) -> int:
    """Fold both of a list's counts into one number: one who joins while another leaves moves it as well."""
    whole = count.count_including_withdrawn_cosponsors
    return count.count if whole is None or whole == count.count else whole * 10_000 + count.count


def _facets(read: _Bill, where: str) -> dict[str, Facet]:
    """State what the item states. Sponsor and title may be missing on a bill's first day (usgpo/bill-status #52, #89,
    #134, #169): then nothing is said of them, so that their arrival is no news."""
    area = read.policy_area.name if read.policy_area else None
    facets: dict[str, Facet] = {
        "item": {
            "": {
                "congress": read.congress,
                "type": read.type.lower(),
                "number": str(read.number),
                "introduced_on": washington_day(read.introduced_date, f"{where}.bill.introducedDate"),
                "chamber": read.origin_chamber,
            }
        },
        "subjects": {"policy_area": {"text": area}} if area else {},
        "laws": _laws(read),
    }
    if title := clean_words(read.title):
        facets["title"] = {"display": {"text": title}}
    sponsors = {s.bioguide_id: _sponsor(s) for s in read.sponsors or () if s.bioguide_id}
    if sponsors:
        facets["sponsors"] = sponsors
    return facets


def _sponsor(sponsor: _Sponsor) -> dict[str, object]:
    name = sponsor.full_name or sponsor.bioguide_id or ""
    return {
        "text": coded("sponsor.named", name=name).to_json(),
        "label": name,
        "party": sponsor.party,
        "state": sponsor.state,
        "by_request": sponsor.is_by_request == "Y",
    }


def _laws(read: _Bill) -> dict[str, dict[str, object]]:
    """Name laws by the number within their Congress: `119-50` is us/law/119/public/50."""
    found: dict[str, dict[str, object]] = {}
    for law in read.laws or ():
        congress, _, number = (law.number or "").partition("-")
        if congress.isascii() and congress.isdigit() and number.isascii() and number.isdigit():
            kind = "private" if "private" in (law.type or "").lower() else "public"
            label = f"{kind.capitalize()} Law {law.number}"
            found[f"us/law/{congress}/{kind}/{number}"] = {"text": label, "label": label}
    return found
