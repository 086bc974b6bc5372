"""What are the constructed bills, what happens to them, and how does their publisher write that down?"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

CONGRESS = 119
FIRST_NUMBER = 9001
FIRST_NEWCOMER = 9501
"""Bills from this number on are watched by nobody and found by the saved search alone."""
MOST_NEWCOMERS = 99

_MARK = re.compile(r"(EV|AP)(\d{4}X\d{3})(?:\s+(considered))?")
_REMINDER = re.compile(r"\b(\d+) days? left, no renewal")
_WASHINGTON = ZoneInfo("America/New_York")


def marks_in(text: str) -> frozenset[str]:
    """Return what a text tells of: a line put right counts as that alone, though its old words are quoted beside it."""
    found = {("CO" if right else sort) + rest for sort, rest, right in _MARK.findall(text)}
    quoted = {f"EV{mark[2:]}" for mark in found if mark.startswith("CO")}
    return frozenset(found - quoted) | {f"RG{int(days):03d}" for days in _REMINDER.findall(text)}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a bill: an action, a report (an action that moves its status), the publication of a
    text, or that it appeared. `at` is aware UTC; `corrected` says that its line was put right."""

    name: str
    number: int
    kind: str
    at: datetime
    corrected: bool = False

    @property
    def mark(self) -> str:
        """How a message that tells it as it now reads is known."""
        return f"CO{self.name[2:]}" if self.corrected else self.name


@dataclass(slots=True)
class Bill:
    """A constructed House bill as the publisher knows it. `updated` moves by whole seconds, like the publisher's."""

    number: int
    introduced: datetime
    updated: datetime
    events: list[Event] = field(default_factory=list)
    title: str = ""

    def entries(self, *kinds: str) -> list[Event]:
        """Return the events of some kinds, newest first as the publisher lists them."""
        return [event for event in reversed(self.events) if event.kind in kinds]

    def actions(self) -> list[Event]:
        return self.entries("action", "report")


def paged(name: str, entries: list[dict[str, Any]], query: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    limit = min(int(query.get("limit", ["20"])[0]), 250)
    offset = int(query.get("offset", ["0"])[0])
    pagination: dict[str, Any] = {"count": len(entries)}
    if offset + limit < len(entries):
        pagination["next"] = f"https://elsewhere.invalid/next?offset={offset + limit}"
    return {name: entries[offset : offset + limit], "pagination": pagination, "request": {"format": "json"}}


def listed(bill: Bill) -> dict[str, Any]:
    return {
        "congress": CONGRESS,
        "latestAction": _latest(bill),
        "number": str(bill.number),
        "originChamber": "House",
        "originChamberCode": "H",
        "title": title_of(bill),
        "type": "HR",
        "updateDate": bill.updated.date().isoformat(),
        "updateDateIncludingText": stamp(bill.updated),
        "url": f"https://api.congress.gov/v3/bill/{CONGRESS}/hr/{bill.number}?format=json",
    }


def item(bill: Bill) -> dict[str, Any]:
    texts, actions = len(bill.entries("text")), len(bill.actions()) + 1
    counted = {"actions": {"count": actions}, "titles": {"count": 1}}
    return {
        **listed(bill),
        **counted,
        **({"textVersions": {"count": texts}} if texts else {}),
        "introducedDate": _day(bill.introduced),
        "legislationUrl": f"https://www.congress.gov/bill/{CONGRESS}th-congress/stack-bill/{bill.number}",
        "sponsors": [{"bioguideId": "X000000", "fullName": "Constructed Sponsor"}],
        "updateDate": stamp(bill.updated),
    }


def _latest(bill: Bill) -> dict[str, str]:
    actions = bill.actions()
    newest = action(actions[0]) if actions else introduction(bill)
    return {"actionDate": newest["actionDate"], "text": newest["text"]}


def introduction(bill: Bill) -> dict[str, Any]:
    return {
        "actionCode": "1000",
        "actionDate": _day(bill.introduced),
        "text": "Introduced in House",
        "type": "IntroReferral",
        "sourceSystem": {"code": 9, "name": "Library of Congress"},
    }


def action(event: Event) -> dict[str, Any]:
    if event.kind == "report":
        return {
            "actionCode": "5000",
            "actionDate": _day(event.at),
            "text": f"Reported by the Committee on Constructed Affairs. {event.name}.",
            "type": "Committee",
            "sourceSystem": {"code": 9, "name": "Library of Congress"},
        }
    return {
        "actionCode": "H30000",
        "actionDate": _day(event.at),
        "text": f"Constructed step {event.name} {'considered' if event.corrected else 'considred'} in House.",
        "type": "Floor",
        "sourceSystem": {"code": 2, "name": "House floor actions"},
    }


def printing(event: Event) -> dict[str, Any]:
    midnight = datetime.combine(event.at.astimezone(_WASHINGTON).date(), datetime.min.time(), _WASHINGTON)
    address = f"https://www.govinfo.gov/content/pkg/constructed-{event.name}.xml"
    return {
        "date": stamp(midnight.astimezone(UTC)),
        "formats": [{"type": "Formatted XML", "url": address}],
        "type": f"Constructed print {event.name}",
    }


def title_of(bill: Bill) -> str:
    return bill.title or f"Constructed Act of crash test {bill.number}"


def _day(moment: datetime) -> str:
    return moment.astimezone(_WASHINGTON).date().isoformat()


def second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def as_json(answer: Mapping[str, Any]) -> bytes:
    return json.dumps(answer).encode()
