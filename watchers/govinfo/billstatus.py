"""What does one BILLSTATUS file say of its bill, in the words of the API?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.coded_text import phrase
from domain.documents import DocumentId, public_url
from domain.errors import Changed, mismatch, parse_fault, seen
from domain.jurisdictions.us.names import us_bill
from domain.observation import Observation, ParseInput
from domain.records.facets import Facet
from watchers.congress.actions import action_facets, read_action_lines
from watchers.congress.item import convert_item
from watchers.congress.sublists import SUBLISTS
from watchers.markup import MALFORMED, Node, first_child, parse_xml

_DIGITS = re.compile(r"[0-9]{1,9}")
_ROOT = "billStatus"


def root_of(body: bytes) -> Node:
    """Return the outermost element of an XML file, without a document type; Changed if it is none."""
    try:
        root = parse_xml(body)
    except MALFORMED as error:
        raise Changed(mismatch("", "well-formed XML", parse_fault(error))) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Changed(mismatch("", "XML without a document type", phrase("one declared")))
    return root


def bill_of(body: bytes) -> Node:
    """Return the element `bill` of a file; Changed if it is none of ours."""
    if not body or body.isspace():
        raise Changed(mismatch("", "a BILLSTATUS file", phrase("an empty file")))
    root = root_of(body)
    bill = first_child(root, "bill") if root.tag == _ROOT else None
    if bill is None:
        raise Changed(mismatch("", "{form}", outline(root), form=f"<{_ROOT}><bill>"))
    return bill


def document_of(bill: Node) -> DocumentId:
    """Return the identity of a bill; `billNumber` and `billType` are the names before schema 3.0.0 (December 2022)."""
    kind = child_text(bill, "type") or child_text(bill, "billType") or ""
    number = child_text(bill, "number") or child_text(bill, "billNumber")
    congress, count = whole_number(child_text(bill, "congress"), "bill.congress"), whole_number(number, "bill.number")
    try:
        return us_bill(congress, kind, count)
    except ValueError as error:
        found = f"{kind[:20]} {count}, {congress}"
        raise Changed(mismatch("bill", "a bill such as {example}", found, example="HR 6508, 119")) from error


def children_of(node: Node, *names: str) -> Sequence[Node]:
    """Return the children of the first element down the path of `names`; none where there is no such element."""
    found = first_child(node, *names)
    return () if found is None else list(found)


def child_text(node: Node, *names: str) -> str | None:
    """Return the words of the first element down the path of `names`; None when it is absent or blank."""
    found = first_child(node, *names)
    words = None if found is None else found.text
    return words if words and not words.isspace() else None


def text_members(node: Node) -> Mapping[str, str]:
    """Return the children of a node that hold words, by name; the first of each name counts."""
    found: dict[str, str] = {}
    for child in node:
        words = child.text
        if words and not words.isspace():
            found.setdefault(child.tag, words)
    return found


def whole_number(words: str | None, where: str) -> int:
    """Read a number as these files write them; Changed, naming `where` it stands, when it is none."""
    if words is None or not _DIGITS.fullmatch(words.strip()):
        raise Changed(mismatch(where, "a number", seen(words)))
    return int(words)


def outline(root: Node) -> str:
    """Say what a file begins with: `<html><head>`."""
    first = root[0].tag if len(root) else None
    inside = f"<{first}>" if isinstance(first, str) else ""
    return f"<{root.tag}>{inside}"[:120]


ActionRow = dict[str, Any]

_TWELVE_HOURS = re.compile(r"(?:0?[1-9]|1[0-2]):[0-5]\d ?[AP]M", re.IGNORECASE)
_ROLL = {
    "House": re.compile(r"\bRoll no\. ?([0-9]{1,6})\b", re.IGNORECASE),
    "Senate": re.compile(r"\bRecord Vote Number: ?([0-9]{1,6})\b", re.IGNORECASE),
}
"""How a chamber's own line names its roll call."""


def action_rows(bill: Node) -> tuple[list[ActionRow], list[ActionRow]]:
    """Return the lines of `actions`, and lines that stand for roll calls no line of the record names.

    Until December 2022 roll calls were listed beside the actions; the API hangs them on the lines they belong to.
    """
    lines = [_line(node) for node in children_of(bill, "actions") if node.tag == "item"]
    return lines, list(_assigned(bill, lines))


def _line(node: Node) -> ActionRow:
    said = text_members(node)
    parts = {child.tag: child for child in node if len(child)}
    named = [*parts.get("committees", ()), *([parts["committee"]] if "committee" in parts else [])]
    return {
        "actionCode": said.get("actionCode"),
        "actionDate": said.get("actionDate"),
        "actionTime": clock(said.get("actionTime")),
        "text": said.get("text"),
        "type": said.get("type"),
        "sourceSystem": text_members(parts["sourceSystem"]) if "sourceSystem" in parts else None,
        "committees": [text_members(one) for one in named],
        "recordedVotes": [_vote_row(one) for one in parts.get("recordedVotes", ())],
    }


def clock(stated: str | None) -> str | None:
    """Return a time of day with 24 hours; the files of 2015 and early 2016 write 05:10PM, and 12:09PM is noon."""
    if stated is None or not _TWELVE_HOURS.fullmatch(stated.strip()):
        return stated
    plain = stated.strip().upper().replace(" ", "")
    return datetime.strptime(plain, "%I:%M%p").strftime("%H:%M:%S")  # noqa: DTZ007 a wall time without a day


def _vote_row(node: Node) -> ActionRow:
    said = text_members(node)
    return {
        "chamber": said.get("chamber"),
        "congress": _whole_if(said, "congress"),
        "date": said.get("date"),
        "rollNumber": _whole_if(said, "rollNumber"),
        "sessionNumber": _whole_if(said, "sessionNumber"),
        "url": said.get("url"),
    }


def _whole_if(said: Mapping[str, str], name: str) -> int | str | None:
    """Return a number; what is none stands as it is, and makes its line unreadable, not the file."""
    words = said.get(name, "").strip()
    return int(words) if _DIGITS.fullmatch(words) else words or None


def _assigned(bill: Node, lines: list[ActionRow]) -> Iterator[ActionRow]:
    """Hang the roll calls listed beside the actions on the lines that name them; yield the others as lines."""
    naming: dict[tuple[str, str], list[ActionRow]] = {}
    for line in lines:
        for chamber, pattern in _ROLL.items():
            for number in dict.fromkeys(pattern.findall(line["text"] or "")):
                naming.setdefault((chamber, number), []).append(line)
    for node in children_of(bill, "recordedVotes"):
        vote = _vote_row(node)
        if vote["chamber"] not in _ROLL or vote["rollNumber"] is None:
            continue  # as where it hangs on a line: no chamber and number, no name
        named = naming.get((vote["chamber"], str(vote["rollNumber"])), ())
        for line in named:
            line["recordedVotes"].append(vote)
        if not named:
            words = child_text(node, "fullActionName")
            yield {"actionDate": (vote["date"] or "")[:10] or None, "text": words, "recordedVotes": [vote]}


ApiRow = dict[str, Any]

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


def item(bill: Node) -> ApiRow:
    """Return the bill itself as the API's item, without the counts of its lists."""
    said = text_members(bill)
    area = next(filter(None, (child_text(bill, *path) for path in _AREAS)), None)
    return {
        "congress": whole_number(said.get("congress"), "bill.congress"),
        "type": said.get("type") or said.get("billType"),
        "number": str(whole_number(said.get("number") or said.get("billNumber"), "bill.number")),
        "title": said.get("title"),
        "introducedDate": said.get("introducedDate"),
        "originChamber": said.get("originChamber"),
        "updateDate": said.get("updateDate"),
        "updateDateIncludingText": said.get("updateDateIncludingText"),
        "policyArea": {"name": area} if area else None,
        "sponsors": [_sponsor(text_members(node)) for node in children_of(bill, "sponsors")],
        "laws": [text_members(node) for node in children_of(bill, "laws")],
    }


_AREAS = (
    ("policyArea", "name"),
    ("subjects", "policyArea", "name"),
    ("subjects", "billSubjects", "policyArea", "name"),
    ("primarySubject", "name"),
)


def _sponsor(said: Mapping[str, str]) -> ApiRow:
    affiliation = _AFFILIATION.search(said.get("fullName", ""))
    return {
        "bioguideId": said.get("bioguideId"),
        "fullName": said.get("fullName"),
        "party": said.get("party") or (affiliation and affiliation[1]),
        "state": said.get("state") or (affiliation and affiliation[2]),
        "isByRequest": said.get("isByRequest") or ("Y" if said.get("byRequestType") else "N"),
    }


def text_versions(nodes: Sequence[Node]) -> Iterator[ApiRow]:
    for node in nodes:
        addresses = [child_text(one, "url") for one in children_of(node, "formats")]
        formats = [{"type": _FORMATS.get(url.rpartition(".")[2].lower()), "url": url} for url in addresses if url]
        yield {**text_members(node), "formats": formats}


def titles(nodes: Sequence[Node]) -> Iterator[ApiRow]:
    for node in nodes:
        said = text_members(node)
        stated = said.get("titleTypeCode")
        code = (
            TITLE_TYPES.get(said.get("titleType", ""))
            if stated is None
            else whole_number(stated, "titles.titleTypeCode")
        )
        yield {**said, "titleTypeCode": code}


def cosponsors(nodes: Sequence[Node]) -> Iterator[ApiRow]:
    for node in nodes:
        said = text_members(node)
        original = said.get("isOriginalCosponsor")
        yield {
            **said,
            "bioguideId": said.get("bioguideId") or child_text(node, "identifiers", "bioguideId"),
            "isOriginalCosponsor": None if original is None else original.lower() == "true",
        }


def committees(nodes: Sequence[Node]) -> Iterator[ApiRow]:
    for node in nodes:
        yield {
            **text_members(node),
            "activities": [text_members(one) for one in children_of(node, "activities")],
            "subcommittees": list(committees(children_of(node, "subcommittees"))),
        }


def related_bills(nodes: Sequence[Node]) -> Iterator[ApiRow]:
    for node in nodes:
        said = text_members(node)
        yield {
            "type": re.sub(r"[. ]", "", said.get("type", "")),  # H.Res., H.R. in the files of 2015
            "number": whole_number(said.get("number"), "relatedBills.number"),
            "congress": whole_number(said.get("congress"), "relatedBills.congress"),
            "relationshipDetails": [text_members(one) for one in children_of(node, "relationshipDetails")],
        }


def summaries(nodes: Sequence[Node]) -> Iterator[ApiRow]:
    for node in nodes:
        said = text_members(node)
        yield {**said, "text": said.get("text") or child_text(node, "cdata", "text")}


def amendments(nodes: Sequence[Node]) -> Iterator[ApiRow]:
    for node in nodes:
        said = text_members(node)
        yield {
            "congress": whole_number(said.get("congress"), "amendments.congress"),
            "type": said.get("type"),
            "number": whole_number(said.get("number"), "amendments.number"),
            "purpose": said.get("purpose"),
            "description": said.get("description"),
        }


Rows = Callable[[Sequence[Node]], Iterator[ApiRow]]

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
    place = first_child(bill, name)
    if place is None:
        return () if first_child(bill, "number") is not None else None
    between = first_child(place, _BETWEEN[name]) if name in _BETWEEN else None
    return [node for node in (place if between is None else between) if node.tag in _ENTRIES]


SOURCE = "govinfo"
READER = "billstatus/1"


@dataclass(frozen=True, slots=True)
class BillStatus:
    """A bill as one file states it. `published_at` is the publisher's stamp of this state (aware UTC), `url` the page
    a person would open."""

    document: DocumentId
    facets: Mapping[str, Facet]
    published_at: datetime | None
    url: str | None

    def observation(self, evidence: str) -> Observation:
        """Return the reading as what GovInfo said; `evidence` is the digest of the file's bytes."""
        return Observation(
            document=self.document,
            source=SOURCE,
            reader=READER,
            facets=self.facets,
            evidence=dict.fromkeys(self.facets, evidence),
            published_at=self.published_at,
            url=self.url,
        )


def parse_billstatus(body: bytes) -> BillStatus:
    """Read one file; Changed says what was expected of it and what was seen."""
    bill = bill_of(body)
    document = document_of(bill)
    read = convert_item(item(bill), document)
    facets = dict(read.facets)
    facets |= _actions(bill, document)
    for name, rows in LISTS.items():
        nodes = entries(bill, name)
        if nodes is not None:
            facets[SUBLISTS[name].facet] = SUBLISTS[name].convert(rows(nodes))
    return BillStatus(document, facets, read.updated_at, public_url(document))


def _actions(bill: Node, document: DocumentId) -> dict[str, Facet]:
    printed, unnamed = (read_action_lines(rows, str(document)) for rows in action_rows(bill))
    facets = printed.facets(document)
    with_votes = [line for line in unnamed.lines if line.recorded_votes]
    return {**facets, "votes": {**action_facets(with_votes, document)[1], **facets["votes"]}}


def parse_file(given: ParseInput) -> Iterator[Observation]:
    """Read a file (`billstatus/1`); only those of its facets whose bytes are named."""
    for name in dict.fromkeys(given.named.values()):
        read = parse_billstatus(given.archive.evidence(name).body)
        facets = {name: facet for name, facet in read.facets.items() if name in given.named}
        yield given.observation(facets, read.published_at)
