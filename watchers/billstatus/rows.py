"""How would the API say what a file says?

Each function turns one list of a BILLSTATUS file of any schema since 2015 into the rows of the API's list of that
name, which the readers of the API's answers then read. So a bill read from either source comes to the same facets.

What the schemas differ in: until December 2022 (unversioned, then 1.0.0) `billCommittees` and `billSummaries` stand
between a list and its entries, actions of 2015 to 2019 name one `committee`, recorded votes stand beside the actions.
Since 3.0.0 an empty list is not there at all; before, an absent list is one that the schema did not have yet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from watchers.billstatus.document import inside, members, text, whole
from watchers.xml import Node, first

Row = dict[str, Any]

TITLE_TYPES: Mapping[str, int] = {
    "Official Title as Introduced": 6,
    "Official Titles as Amended by House": 7,
    "Official Titles as Amended by Senate": 8,
    "Official Title as Agreed to by House and Senate": 9,
    "Short Titles as Introduced": 14,
    "Short Titles as Passed House": 17,
    "Short Titles as Passed Senate": 18,
    "Short Titles as Enacted": 19,
    "Short Titles as Introduced for portions of this bill": 22,
    "Short Titles as Reported to House for portions of this bill": 23,
    "Short Titles as Reported to Senate for portions of this bill": 24,
    "Short Titles as Passed House for portions of this bill": 25,
    "Short Titles as Passed Senate for portions of this bill": 26,
    "Short Titles as Enacted for portions of this bill": 27,
    "Popular Title": 30,
    "Display Title": 45,
    "Short Title(s) as Introduced": 101,
    "Short Title(s) as Reported to House": 102,
    "Short Title(s) as Reported to Senate": 103,
    "Short Title(s) as Passed House": 104,
    "Short Title(s) as Passed Senate": 105,
    "Short Title(s) as Introduced for portions of this bill": 106,
    "Short Title(s) as Reported to House for portions of this bill": 107,
    "Short Title(s) as Reported to Senate for portions of this bill": 108,
    "Short Title(s) as Passed House for portions of this bill": 109,
    "Short Title(s) as Passed Senate for portions of this bill": 110,
    "Short Title(s) from ENR (Enrolled) bill text": 147,
    "Short Title(s) from Engrossed Amendment Senate": 250,
    "Short Title(s) from Engrossed Amendment House for portions of this bill": 253,
    "Short Title(s) from Engrossed Amendment Senate for portions of this bill": 254,
}
"""The codes of title types, which files before 2025 leave out (the API's documentation, bill endpoint, titles)."""

_FORMATS = {"xml": "Formatted XML", "htm": "Formatted Text", "pdf": "PDF"}
"""What the API calls the formats of a text, by the ending of its address; the files give the address alone."""

_AFFILIATION = re.compile(r"\[([A-Z]+)-([A-Z]{2})\b")
"""Party and state as a full name ends in them: the files of 2015 and 2016 say them nowhere else."""


def item(bill: Node) -> Row:
    """Return the bill itself as the API's item, without the counts of its lists."""
    said = members(bill)
    area = next(filter(None, (text(bill, *path) for path in _AREAS)), None)
    return {
        "congress": whole(said.get("congress"), "bill.congress"),
        "type": said.get("type") or said.get("billType"),
        "number": str(whole(said.get("number") or said.get("billNumber"), "bill.number")),
        "title": said.get("title"),
        "introducedDate": said.get("introducedDate"),
        "originChamber": said.get("originChamber"),
        "updateDate": said.get("updateDate"),
        "updateDateIncludingText": said.get("updateDateIncludingText"),
        "policyArea": {"name": area} if area else None,
        "sponsors": [_sponsor(members(node)) for node in inside(bill, "sponsors")],
        "laws": [members(node) for node in inside(bill, "laws")],
    }


_AREAS = (
    ("policyArea", "name"),
    ("subjects", "policyArea", "name"),
    ("subjects", "billSubjects", "policyArea", "name"),
    ("primarySubject", "name"),
)


def _sponsor(said: Mapping[str, str]) -> Row:
    affiliation = _AFFILIATION.search(said.get("fullName", ""))
    return {
        "bioguideId": said.get("bioguideId"),
        "fullName": said.get("fullName"),
        "party": said.get("party") or (affiliation and affiliation[1]),
        "state": said.get("state") or (affiliation and affiliation[2]),
        "isByRequest": said.get("isByRequest") or ("Y" if said.get("byRequestType") else "N"),
    }


def text_versions(nodes: Sequence[Node]) -> Iterator[Row]:
    for node in nodes:
        addresses = [text(one, "url") for one in inside(node, "formats")]
        formats = [{"type": _FORMATS.get(url.rpartition(".")[2].lower()), "url": url} for url in addresses if url]
        yield {**members(node), "formats": formats}


def titles(nodes: Sequence[Node]) -> Iterator[Row]:
    for node in nodes:
        said = members(node)
        stated = said.get("titleTypeCode")
        code = TITLE_TYPES.get(said.get("titleType", "")) if stated is None else whole(stated, "titles.titleTypeCode")
        yield {**said, "titleTypeCode": code}


def cosponsors(nodes: Sequence[Node]) -> Iterator[Row]:
    for node in nodes:
        said = members(node)
        original = said.get("isOriginalCosponsor")
        yield {
            **said,
            "bioguideId": said.get("bioguideId") or text(node, "identifiers", "bioguideId"),
            "isOriginalCosponsor": None if original is None else original.lower() == "true",
        }


def committees(nodes: Sequence[Node]) -> Iterator[Row]:
    for node in nodes:
        yield {
            **members(node),
            "activities": [members(one) for one in inside(node, "activities")],
            "subcommittees": list(committees(inside(node, "subcommittees"))),
        }


def related_bills(nodes: Sequence[Node]) -> Iterator[Row]:
    for node in nodes:
        said = members(node)
        yield {
            "type": re.sub(r"[. ]", "", said.get("type", "")),  # H.Res., H.R. in the files of 2015
            "number": whole(said.get("number"), "relatedBills.number"),
            "congress": whole(said.get("congress"), "relatedBills.congress"),
            "relationshipDetails": [members(one) for one in inside(node, "relationshipDetails")],
        }


def summaries(nodes: Sequence[Node]) -> Iterator[Row]:
    for node in nodes:
        said = members(node)
        yield {**said, "text": said.get("text") or text(node, "cdata", "text")}


def amendments(nodes: Sequence[Node]) -> Iterator[Row]:
    for node in nodes:
        said = members(node)
        yield {
            "congress": whole(said.get("congress"), "amendments.congress"),
            "type": said.get("type"),
            "number": whole(said.get("number"), "amendments.number"),
            "purpose": said.get("purpose"),
            "description": said.get("description"),
        }


Rows = Callable[[Sequence[Node]], Iterator[Row]]

LISTS: Mapping[str, Rows] = {
    "textVersions": text_versions,
    "titles": titles,
    "cosponsors": cosponsors,
    "committees": committees,
    "relatedBills": related_bills,
    "summaries": summaries,
    "amendments": amendments,
}
"""The lists by the names that the API and the files give them: how their rows are made."""

_ENTRIES = frozenset({"item", "summary", "amendment"})
_BETWEEN = {"committees": "billCommittees", "summaries": "billSummaries"}


def entries(bill: Node, name: str) -> Sequence[Node] | None:
    """Return the entries of a list; None if the file's schema did not have that list yet."""
    place = first(bill, name)
    if place is None:
        return () if first(bill, "number") is not None else None
    between = first(place, _BETWEEN[name]) if name in _BETWEEN else None
    return [node for node in (place if between is None else between) if node.tag in _ENTRIES]
