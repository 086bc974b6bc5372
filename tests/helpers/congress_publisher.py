"""What did the official record say of a bill at a given instant?

A history is one JSON file in `data/`: the bill in the words of api.congress.gov, where every dated entry carries
`since`, the instant from which it is shown, and `until` where it was replaced. The file's `about` says where it comes
from and which instants are the record's own and which are modelled.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from tests.helpers.demo_http import Answer, Asked, serve
from tests.helpers.paths import FIXTURES

News = Mapping[str, Any]
"""One dated entry of a history, as the API words it."""

SECTIONS = ("actions", "titles", "textVersions", "cosponsors", "committees", "relatedBills", "summaries")
"""The lists of a history, named as in the API's answers."""


@dataclass(frozen=True, slots=True)
class BillAt:
    """The bill as of one instant: `item` without its counts, the lists newest first, and the last touch (aware UTC)."""

    item: Mapping[str, Any]
    lists: Mapping[str, list[dict[str, Any]]]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class BillHistory:
    """One bill and all that is known of its past."""

    raw: Mapping[str, Any]

    @property
    def document(self) -> DocumentId:
        item = self.raw["item"]
        return us_bill(item["congress"], item["type"], int(item["number"]))

    @property
    def about(self) -> tuple[str, ...]:
        """Where the history comes from, and what in it is modelled."""
        return tuple(self.raw["about"])

    def touches(self) -> tuple[datetime, ...]:
        """Return the instants at which the record was touched, oldest first."""
        return tuple(sorted(set(_instants(self.raw))))

    def at(self, now: datetime) -> BillAt | None:
        """Return what the record said at `now`; None before it said anything."""
        past = [touch for touch in self.touches() if touch <= now]
        if not past:
            return None
        item = dict(self.raw["item"])
        for member in _as_of(self.raw["members"], now):
            item.update(member)
        lists = {name: _as_of(self.raw[name], now) for name in SECTIONS}
        return BillAt(item, lists, past[-1])

    def between(self, after: datetime | None, until: datetime) -> dict[str, list[News]]:
        """Return, by list, the entries first shown after `after` and not later than `until`, in the
        API's order (actions and texts newest first).

        `members` are those of the item itself: title, policy area, laws.
        """
        return {
            name: [entry for entry in self.raw[name] if _began(entry, after, until)] for name in (*SECTIONS, "members")
        }


def load_history(name: str) -> BillHistory:
    """Read a history that ships with lexwatch: `hr3919-117` or `hr6508-119`."""
    text = (FIXTURES / "demo" / f"{name}.json").read_text(encoding="utf-8")
    return BillHistory(json.loads(text))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _instants(value: Any) -> Iterator[datetime]:
    """Yield every `since` and `until` inside a history, at any depth."""
    if isinstance(value, dict):
        for name in ("since", "until"):
            if name in value:
                yield _instant(value[name])
        for member in value.values():
            yield from _instants(member)
    elif isinstance(value, list):
        for member in value:
            yield from _instants(member)


def _as_of(value: Any, now: datetime) -> Any:
    """Return `value` without what was not shown at `now`, and without the replay's own members."""
    if isinstance(value, list):
        return [_as_of(entry, now) for entry in value if _is_shown(entry, now)]
    if isinstance(value, dict):
        return {name: _as_of(member, now) for name, member in value.items() if name not in ("since", "until")}
    return value


def _began(entry: News, after: datetime | None, until: datetime) -> bool:
    since = _instant(entry["since"])
    return since <= until and (after is None or since > after)


def _is_shown(entry: Any, now: datetime) -> bool:
    if not isinstance(entry, dict) or "since" not in entry:
        return True
    return _instant(entry["since"]) <= now and ("until" not in entry or now < _instant(entry["until"]))


PUBLIC = "https://api.congress.gov/v3"
"""Addresses inside answers name the public host, as the real ones do whoever asks."""

SUB_LISTS: Mapping[str, tuple[str, str]] = {
    "actions": ("actions", "actions"),
    "committees": ("committees", "committees"),
    "cosponsors": ("cosponsors", "cosponsors"),
    "relatedbills": ("relatedBills", "relatedBills"),
    "summaries": ("summaries", "summaries"),
    "text": ("textVersions", "textVersions"),
    "titles": ("titles", "titles"),
}
"""Last part of the path → the member of the answer, the member of the item that counts it."""

_DEFAULT_LIMIT, _GREATEST_LIMIT = 20, 250
_HOURLY_REQUESTS = 5000


@dataclass(slots=True)
class CongressPublisher:
    """The publisher. `now` returns aware UTC; `asked` grows with every request, its path and parameters."""

    bills: Sequence[BillHistory]
    now: Callable[[], datetime]
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answer:
        """Answer one request, errors included, the way the API does."""
        self.asked.append(asked)
        if not (asked.headers.get("x-api-key") or asked.query.get("api_key")):
            fault = {"code": "API_KEY_MISSING", "message": "No api_key was supplied."}
            return _reply(403, {"error": fault}, len(self.asked))
        body = self._find(asked.path.strip("/").split("/"), asked.query)
        if body is None:
            return _reply(404, {"error": f"Unknown resource: {asked.path.removeprefix('/v3/')}"}, len(self.asked))
        return _reply(200, body, len(self.asked))

    def _find(self, path: Sequence[str], query: Mapping[str, str]) -> dict[str, Any] | None:
        match path:
            case ["v3", "bill", congress]:
                return self._list(congress, query)
            case ["v3", "bill", congress, kind, number]:
                state = self._state(congress, kind, number)
                return None if state is None else _item(state)
            case ["v3", "bill", congress, kind, number, name] if name in SUB_LISTS:
                state = self._state(congress, kind, number)
                return None if state is None else _sub_list(state, name, query)
        return None

    def _state(self, congress: str, kind: str, number: str) -> BillAt | None:
        for bill in self.bills:
            if bill.document.parts == (congress, kind.lower(), number):
                return bill.at(self.now())
        return None

    def _list(self, congress: str, query: Mapping[str, str]) -> dict[str, Any]:
        """List the bills of a Congress by the time of their last touch, within the window asked for."""
        since = datetime.fromisoformat(query.get("fromDateTime") or "1789-03-04T00:00:00Z")
        until = datetime.fromisoformat(query.get("toDateTime") or "9999-01-01T00:00:00Z")
        states = [bill.at(self.now()) for bill in self.bills if bill.document.parts[0] == congress]
        shown = [state for state in states if state and since <= state.updated_at <= until]
        shown.sort(key=lambda state: state.updated_at, reverse="asc" not in query.get("sort", "desc"))
        entries = [_summary(state) for state in shown]
        return _paged("bills", entries, query, f"{PUBLIC}/bill/{congress}", {"congress": congress})


@contextmanager
def serve_congress(origin: CongressPublisher) -> Iterator[str]:
    """Serve an origin on loopback until the block ends; yields its base address, up to and with `/v3`."""
    with serve(origin.answer) as address:
        yield f"{address}/v3"


def _item(state: BillAt) -> dict[str, Any]:
    """Return the answer of /bill/{congress}/{type}/{number}."""
    bill = dict(state.item)
    for name, (member, counted) in SUB_LISTS.items():
        if state.lists[member]:
            bill[counted] = {"count": len(state.lists[member]), "url": f"{_address(state)}/{name}?format=json"}
    if "cosponsors" in bill:
        bill["cosponsors"]["countIncludingWithdrawnCosponsors"] = bill["cosponsors"]["count"]
    bill["latestAction"] = _latest(state)
    bill["updateDate"] = bill["updateDateIncludingText"] = _stamp(state.updated_at)
    return {"bill": dict(sorted(bill.items())), "request": _request(state)}


def _summary(state: BillAt) -> dict[str, Any]:
    """Return a bill's entry in the list of its Congress, where `updateDate` is a bare day."""
    item = state.item
    return {
        "congress": item["congress"],
        "latestAction": _latest(state),
        "number": item["number"],
        "originChamber": item["originChamber"],
        "originChamberCode": item["originChamberCode"],
        "title": item["title"],
        "type": item["type"],
        "updateDate": _stamp(state.updated_at)[:10],
        "updateDateIncludingText": _stamp(state.updated_at),
        "url": f"{_address(state)}?format=json",
    }


def _sub_list(state: BillAt, name: str, query: Mapping[str, str]) -> dict[str, Any]:
    """Return the answer of a bill's sub-list, paged."""
    member = SUB_LISTS[name][0]
    request = {**_request(state), "billUrl": f"{_address(state)}?format=json"}
    return _paged(member, state.lists[member], query, f"{_address(state)}/{name}", request)


def _paged(
    member: str, entries: list[dict[str, Any]], query: Mapping[str, str], address: str, request: Mapping[str, str]
) -> dict[str, Any]:
    """Cut a list to the page asked for; `next` is absent on the last page."""
    limit = min(int(query.get("limit", _DEFAULT_LIMIT)), _GREATEST_LIMIT)
    offset = int(query.get("offset", 0))
    pagination: dict[str, Any] = {"count": len(entries)}
    if offset + limit < len(entries):
        pagination["next"] = f"{address}?offset={offset + limit}&limit={limit}&format=json"
    return {
        member: entries[offset : offset + limit],
        "pagination": pagination,
        "request": {"contentType": "application/json", "format": "json", **request},
    }


def _latest(state: BillAt) -> dict[str, str]:
    first = state.lists["actions"][0]
    return {name: first[name] for name in ("actionDate", "actionTime", "text") if name in first}


def _request(state: BillAt) -> dict[str, str]:
    item = state.item
    return {
        "billNumber": item["number"],
        "billType": item["type"].lower(),
        "congress": str(item["congress"]),
        "contentType": "application/json",
        "format": "json",
    }


def _address(state: BillAt) -> str:
    item = state.item
    return f"{PUBLIC}/bill/{item['congress']}/{item['type'].lower()}/{item['number']}"


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _reply(status: int, body: Mapping[str, Any], asked: int) -> Answer:
    left = max(_HOURLY_REQUESTS - asked, 0)
    limits = {"X-Ratelimit-Limit": str(_HOURLY_REQUESTS), "X-Ratelimit-Remaining": str(left)}
    return Answer(status, json.dumps(body, ensure_ascii=False).encode(), "application/json", limits)
