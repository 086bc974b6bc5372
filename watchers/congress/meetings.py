"""What does the API say of one committee meeting: which bills, when, where, and does it still stand?

`meetingStatus` stays `Scheduled` after a meeting took place (LibraryOfCongress/api.congress.gov #177, #460): whether it
is over is for the clock to say, and is never told as news. Times are UTC with a zone; a meeting's day is Washington's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from domain.coded_text import Param, coded
from domain.documents import DocumentId
from domain.errors import Changed, mismatch
from domain.jurisdictions.us.names import ordinal, us_bill
from domain.records.facets import Entry
from watchers.client import decode_json
from watchers.congress.client import WASHINGTON, answer_members, clean_words, parse_stamp, required_member

SCHEDULED, RESCHEDULED, POSTPONED, CANCELLED = "scheduled", "rescheduled", "postponed", "cancelled"
_STATES = {
    "scheduled": SCHEDULED,
    "rescheduled": RESCHEDULED,
    "postponed": POSTPONED,
    "canceled": CANCELLED,
    "cancelled": CANCELLED,
}
_STANDS = (SCHEDULED, RESCHEDULED)


class _Row(msgspec.Struct, rename="camel"):
    event_id: str | int
    congress: int
    chamber: str | None = None
    update_date: str | None = None


class _Place(msgspec.Struct, rename="camel"):
    room: str | None = None
    building: str | None = None
    address: dict[str, str | None] | None = None


class _Committee(msgspec.Struct):
    name: str | None = None


class _Bill(msgspec.Struct):
    congress: int
    type: str
    number: str | int


class _Related(msgspec.Struct):
    bills: list[_Bill] | None = None


class _Item(msgspec.Struct, rename="camel"):
    event_id: str | int
    congress: int
    chamber: str | None = None
    type: str | None = None
    title: str | None = None
    meeting_status: str | None = None
    date: str | None = None
    location: _Place | None = None
    committees: list[_Committee] | None = None
    related_items: _Related | None = None


_ROW = msgspec.json.Decoder(_Row)
_ITEM = msgspec.json.Decoder(_Item)


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """One line of the list: `path` is `119/house/118123`, `touched` in seconds since 1970."""

    path: str
    touched: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting as the API states it. `starts_at` is aware, in Washington's time; None when no time is stated."""

    path: str
    kind: str
    title: str
    state: str
    starts_at: datetime | None
    place: str | None
    committees: tuple[str, ...]
    bills: tuple[DocumentId, ...]
    url: str

    @property
    def subject(self) -> str:
        """The identity of the meeting within a bill's facet `hearings`: `house/118123`."""
        return self.path.partition("/")[2]

    @property
    def stands(self) -> bool:
        """Say whether it takes place, or took place: neither put off nor called off."""
        return self.state in _STANDS

    def entry(self, *, dropped: bool = False) -> Entry:
        """Return the entry of the facet `hearings`. `dropped`: the meeting names the bill no longer.

        Its label changes when people have to hear of it: another time or place, or that it does not take place.
        """
        day = self.starts_at.date().isoformat() if self.starts_at else None
        return {
            "on": day,
            "text": self.title or None,
            "label": self._label(dropped),
            "state": "dropped" if dropped else self.state,
            "starts_at": self.starts_at.isoformat() if self.starts_at else None,
            "place": self.place,
            "type": self.kind,
            "committees": list(self.committees),
            "url": self.url,
        }

    def _label(self, dropped: bool) -> str:
        when = coded("meeting.no_time")
        if at := self.starts_at:
            when = coded("meeting.at", on=f"{at:%Y-%m-%d}", time=f"{at:%H:%M}", zone=f"{at:%Z}")
        where: tuple[Param, ...] = (when, *filter(None, ("; ".join(self.committees), self.place)))
        if not dropped and not self.stands:
            return coded("meeting.not_held", kind=self.kind, state=self.state, where=where).to_json()
        return coded("meeting.dropped" if dropped else "meeting.planned", kind=self.kind, where=where).to_json()


def parse_listed(rows: Sequence[bytes], where: str) -> Iterator[MeetingRow]:
    """Read the entries of /committee-meeting/{congress}."""
    for number, row in enumerate(rows):
        at = f"{where}.committeeMeetings[{number}]"
        read = decode_json(row, _ROW, at)
        touched = _moment(read.update_date, f"{at}.updateDate")
        yield MeetingRow(
            _path(read.congress, read.chamber, read.event_id, at), int(touched.timestamp()) if touched else 0
        )


def parse_meeting(body: bytes, path: str, status: int = 200) -> Meeting:
    """Read the answer of /committee-meeting/{congress}/{chamber}/{eventId}; Changed if it is about another one."""
    where = f"/committee-meeting/{path}"
    read = decode_json(required_member(answer_members(body, where, status), "committeeMeeting", where), _ITEM, where)
    found = _path(read.congress, read.chamber, read.event_id, where)
    if found != path:
        raise Changed(mismatch(where, "this meeting", found))
    starts_at = _moment(read.date, f"{where}.date")
    chamber, event = path.split("/")[1:]
    return Meeting(
        path=path,
        kind=clean_words(read.type) or "Meeting",  # said in the language of the reader, as the usual kinds are
        title=" ".join(clean_words(read.title).split()),
        state=_STATES.get((read.meeting_status or "scheduled").lower(), clean_words(read.meeting_status).lower()),
        starts_at=starts_at.astimezone(WASHINGTON) if starts_at else None,
        place=_place(read.location),
        committees=tuple(dict.fromkeys(clean_words(one.name) for one in read.committees or () if one.name)),
        bills=tuple(_bills(read, where)),
        url=f"https://www.congress.gov/event/{ordinal(read.congress)}-congress/{chamber}-event/{event}",
    )


def _path(congress: int, chamber: str | None, event: str | int, where: str) -> str:
    house, number = (chamber or "").lower(), str(event)
    if not (house.isascii() and house.isalpha() and number.isascii() and number.isalnum() and len(number) < 20):
        raise Changed(mismatch(where, "a chamber and an event's number", f"{chamber!r}, {number[:40]!r}"))
    return f"{congress}/{house}/{number}"


def _moment(text: str | None, where: str) -> datetime | None:
    """Read a time; updateDate comes as `2023-03-27 18:11:19+00:00` as well."""
    return parse_stamp(text.strip().replace(" ", "T", 1) if text else None, where)


def _place(location: _Place | None) -> str | None:
    if location is None:
        return None
    room = clean_words(location.room)
    if room.upper() == "WEBEX":
        return "online (Webex)"
    address = location.address or {}
    named = (room, clean_words(location.building), *(clean_words(address.get(part)) for part in _ADDRESS))
    return " ".join(word for word in named if word.strip("- ")) or None


_ADDRESS = ("buildingName", "streetAddress", "city", "state")


def _bills(read: _Item, where: str) -> Iterator[DocumentId]:
    for bill in (read.related_items and read.related_items.bills) or ():
        try:
            yield us_bill(bill.congress, bill.type, int(bill.number))
        except ValueError as error:
            at, found = f"{where}.relatedItems.bills", f"{bill.type} {bill.number}"[:60]
            raise Changed(mismatch(at, "a bill such as {example}", found, example="HR 6508")) from error
