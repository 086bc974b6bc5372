"""What does the API say of a bill itself: in its own answer, and in the lists of a Congress?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from domain.coded_text import coded, phrase
from domain.documents import DocumentId, public_url
from domain.errors import Changed, mismatch
from domain.jurisdictions.us.names import us_bill
from domain.observation import Observation, ParseInput
from domain.records.facets import Facet, short_digest
from watchers.client import decode_json
from watchers.congress.actions import event_words
from watchers.congress.client import (
    SOURCE,
    answer_members,
    clean_words,
    convert_values,
    fetched_rows,
    parse_stamp,
    required_member,
    washington_day,
)
from watchers.congress.sublists import SUBLISTS

LIST_READER = "congress-list/1"

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ListRow:
    """A line of a list: its `name` as it stands there, the bill it is about, what it states. `newest` is its newest
    stamp, `certain` the moment the list is certain to filter it by, both in seconds since 1970."""

    name: str
    bill: DocumentId
    newest: int
    certain: int
    facets: Mapping[str, Facet]
    row: bytes

    def observation(self, evidence: str, *, stamped: bool, unread: bool = False) -> Observation:
        """State the line as read from the answer of that digest; `stamped`, with the publisher's stamp. Of a bill that
        is followed and `unread` it says that something moved."""
        facets = {name: stated for name, stated in self.facets.items() if (name == "movement") == unread}
        return Observation(
            document=self.bill,
            source=SOURCE,
            reader=LIST_READER,
            facets=facets,
            evidence=dict.fromkeys(facets, evidence),
            published_at=datetime.fromtimestamp(self.newest, UTC) if stamped and self.newest else None,
            url=public_url(self.bill),
        )


@dataclass(frozen=True, slots=True)
class ListDefinition:
    """A list: where it is asked, what its answer calls it, and how its lines are read."""

    path: str
    member: str
    read: Callable[[bytes, str, int], ListRow]
    name_of: Callable[[bytes], str]


def bills_of(congress: str) -> ListDefinition:
    """Return the list of the bills of a Congress."""
    return ListDefinition(f"/bill/{congress}", "bills", read_bill_row, _named)


def summaries_of(congress: str) -> ListDefinition:
    """Return the list of the summaries of the bills of a Congress."""
    return ListDefinition(f"/summaries/{congress}", "summaries", read_summary_row, _named_summary)


class _Latest(msgspec.Struct, rename="camel"):
    action_date: str | None = None
    text: str | None = None


class _Row(msgspec.Struct, rename="camel"):
    congress: int
    type: str
    number: str | int
    title: Raw = Raw()
    latest_action: Raw = Raw()
    update_date: str | None = None
    update_date_including_text: str | None = None


class _RowBill(msgspec.Struct):
    congress: int
    type: str
    number: str | int


class _Summary(msgspec.Struct, rename="camel"):
    bill: _RowBill
    version_code: str | None = None
    update_date: str | None = None
    last_summary_update_date: str | None = None


class _Nameless(msgspec.Struct, rename="camel"):
    type: Any = None
    number: Any = None
    version_code: Any = None
    bill: Any = None
    update_date: Any = None
    update_date_including_text: Any = None

    @property
    def touched(self) -> str:
        return f"{self.update_date}@{self.update_date_including_text}"


_ROW = msgspec.json.Decoder(_Row)
_TEXT: msgspec.json.Decoder[str | None] = msgspec.json.Decoder(str | None)
_LATEST: msgspec.json.Decoder[_Latest | None] = msgspec.json.Decoder(_Latest | None)
_SUMMARY = msgspec.json.Decoder(_Summary)
_NAMELESS = msgspec.json.Decoder(_Nameless)


def read_bill_row(row: bytes, where: str, now: int) -> ListRow:
    """Read a line of the list of bills; Changed when it cannot be read.

    `updateDate` may be a bare day: an entry with nothing else counts as touched until that day's end; no stamp is later
    than now (seconds since 1970).
    """
    read = decode_json(row, _ROW, where)
    plain = _seconds(read.update_date, f"{where}.updateDate")
    with_text = _seconds(read.update_date_including_text, f"{where}.updateDateIncludingText")
    whole_day = min(plain + 86_399, now) if read.update_date and len(read.update_date) == 10 else plain
    return ListRow(
        name=_named(row),
        bill=_bill(read.congress, read.type, read.number, where),
        newest=min(with_text or whole_day, now),
        certain=plain,
        facets=_stated(read, where),
        row=row,
    )


def _stated(read: _Row, where: str) -> dict[str, Facet]:
    """State title and latest action, each in a facet of its own; the action under the name it has among all actions.

    What cannot be read of them is left out: the line still says which bill was touched.
    """
    facets: dict[str, Facet] = {}
    title = clean_words(_readable(read.title, _TEXT, where))
    if title:
        facets["listed_title"] = {"display": {"text": title}}
    latest = _readable(read.latest_action, _LATEST, where)
    text = clean_words(latest.text) if latest else ""
    if latest and text:
        on = _day(latest.action_date, where)
        facets["listed"] = {f"{on or 'undated'}:{short_digest(event_words(text))}": {"on": on, "text": text}}
        facets["movement"] = facets["listed"]
    return facets


def _readable(raw: Raw, decoder: msgspec.json.Decoder[_T], where: str) -> _T | None:
    try:
        return decode_json(raw, decoder, where) if bytes(raw) else None
    except Changed:
        return None


def _day(text: str | None, where: str) -> str | None:
    try:
        return washington_day(text, where)
    except Changed:
        return None


def read_summary_row(row: bytes, where: str, now: int) -> ListRow:
    """Read a line of the list of summaries; Changed when it cannot be read."""
    read = decode_json(row, _SUMMARY, where)
    moments = [_seconds(read.update_date, where), _seconds(read.last_summary_update_date, where)]
    return ListRow(
        name=_named_summary(row),
        bill=_bill(read.bill.congress, read.bill.type, read.bill.number, where),
        newest=min(max(moments), now),
        certain=min(moments),
        facets={"summaries": SUBLISTS["summaries"].parse([row])},
        row=row,
    )


def _bill(congress: int, kind: str, number: str | int, where: str) -> DocumentId:
    try:
        return us_bill(congress, kind, int(number))
    except ValueError as error:
        found = f"{kind} {number}"[:60]
        raise Changed(mismatch(where, "a bill such as {example}", found, example="HR 6508")) from error


def _named(row: bytes) -> str:
    """Name a line, whatever else is wrong with it, by its bill and its stamps: a bill touched again is another line."""
    try:
        read = _NAMELESS.decode(row)
    except msgspec.DecodeError:
        return "?"
    return f"{read.type}/{read.number}@{read.touched}"


def _named_summary(row: bytes) -> str:
    try:
        read = _NAMELESS.decode(row)
    except msgspec.DecodeError:
        return "?"
    bill = read.bill if isinstance(read.bill, dict) else {}
    return f"{bill.get('type')}/{bill.get('number')}/{read.version_code}@{read.touched}"


def _seconds(text: str | None, where: str) -> int:
    moment = parse_stamp(text, where)
    return int(moment.timestamp()) if moment else 0


_STATED: Mapping[str, Callable[[bytes, str, int], ListRow]] = {
    "bills": read_bill_row,
    "summaries": read_summary_row,
}


def parse_list_lines(given: ParseInput) -> Iterator[Observation]:
    """Read the lines of a list about a bill (`congress-list/1`): what each states, without a stamp and with its own."""
    now = int(given.known_from.timestamp())
    for digest in dict.fromkeys(given.named.values()):
        page = given.archive.evidence(digest)
        found = answer_members(page.body, page.url)
        for name in _STATED.keys() & found.keys():
            for row in fetched_rows([page], name) or ():
                line = _STATED[name](row, page.url, now)
                if line.bill == given.document:
                    facets = {facet: stated for facet, stated in line.facets.items() if facet in given.named}
                    yield given.observation(facets)
                    yield given.observation(facets, datetime.fromtimestamp(line.newest, UTC) if line.newest else None)


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
    where = str(bill)
    found = required_member(answer_members(body, where, status), "bill", where)
    return _item(decode_json(found, _BILL, f"{where}.bill"), bill)


def convert_item(values: Mapping[str, Any], bill: DocumentId) -> BillItem:
    """Read a bill from plain values under the names of the API's answer."""
    return _item(convert_values(values, _Bill, str(bill)), bill)


def _item(read: _Bill, bill: DocumentId) -> BillItem:
    where = str(bill)
    stated = (str(read.congress), read.type.lower(), str(read.number))
    if stated != bill.parts:
        raise Changed(mismatch(f"{where}.bill", "{form}", "/".join(stated)[:60], form="/".join(bill.parts)))
    lists = {name: getattr(read, field) or _Count() for name, field in COUNTED.items()}
    if any(count.count < 0 for count in lists.values()):
        raise Changed(mismatch(f"{where}.bill", "counts from 0", phrase("a negative one")))
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
