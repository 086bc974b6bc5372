"""Whatever is done to an answer, only a SourceError comes out."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import SourceError
from domain.jurisdictions.us.names import us_bill
from domain.jurisdictions.us.timeline import timeline
from domain.observation import PollRequest
from domain.records.facets import Kind, canonical
from domain.sources import Response
from tests.watchers.congress.publisher import BASE, BILL, INTRODUCED, KEY, REFERRED, START, TEXT, Bill, Publisher, row
from watchers.congress.actions import ACTION_LINE, action_facets
from watchers.congress.client import parse_list_page
from watchers.congress.item import parse_item
from watchers.congress.sublists import SUBLISTS
from watchers.congress.watcher import CongressWatcher

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
VOTE = {"chamber": "House", "congress": 119, "date": "2025-12-10T23:05:00Z", "rollNumber": 1, "sessionNumber": 1}
WHOLE: dict[str, Any] = {
    "bill": {
        **Bill().item(BILL),
        "laws": [{"number": "119-50", "type": "Public Law"}],
        "sponsors": [{"bioguideId": "M001184", "fullName": "Rep. Massie"}],
        "policyArea": {"name": "International Affairs"},
        "cosponsors": {"count": 1, "countIncludingWithdrawnCosponsors": 2},
    },
    "bills": [row(BILL, START)],
    "actions": [REFERRED, {**INTRODUCED, "recordedVotes": [VOTE]}],
    "textVersions": [TEXT, {**TEXT, "formats": [{"type": "PDF", "url": "https://x"}]}],
    "titles": [{"title": "NATO Act", "titleType": "Short", "titleTypeCode": 101}],
    "cosponsors": [{"bioguideId": "L000596", "fullName": "Rep. Luna", "sponsorshipDate": "2025-12-10"}],
    "committees": [{"systemCode": "hsfa00", "activities": [{"name": "x", "date": "2025-12-09T17:05:05Z"}]}],
    "relatedBills": [{"congress": 119, "number": 2174, "type": "S", "relationshipDetails": [{"type": "Identical"}]}],
    "summaries": [{"versionCode": "00", "actionDate": "2025-12-09", "actionDesc": "x", "text": "<p>y</p>"}],
    "pagination": {"count": 2, "next": "https://x"},
}


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, child in inner for path in paths(child, (*at, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


PATHS = paths(WHOLE)


def read_all(body: bytes) -> None:
    """Read one body as every answer there is; anything but a SourceError escapes."""
    for read in (_item, _actions, _lists, _polled):
        with suppress(SourceError):
            read(body)


def _item(body: bytes) -> None:
    for facet in parse_item(body, BILL).facets.values():
        canonical(facet)


def _actions(body: bytes) -> None:
    rows = parse_list_page(Response(200, "", {}, body, START), "actions", "actions").rows
    try:
        lines = [ACTION_LINE.decode(row) for row in rows]
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    actions, votes = action_facets(lines, BILL)
    canonical(actions)
    canonical(votes)
    timeline(BILL, {"actions": actions})


def _lists(body: bytes) -> None:
    for name, one in SUBLISTS.items():
        canonical(one.parse(parse_list_page(Response(200, "", {}, body, START), name, name).rows))


def _polled(body: bytes) -> None:
    publisher = Publisher(turns=lambda path, query: body)
    list(
        CongressWatcher(BASE, KEY).poll(
            PollRequest(None, {us_bill(119, "hr", 6508): frozenset(Kind)}, START), publisher
        )
    )


@given(st.sampled_from(PATHS), ANYTHING)
def test_any_value_in_any_place(path: tuple[Any, ...], value: Any) -> None:
    read_all(json.dumps(replaced(WHOLE, path, value)).encode())


@given(
    st.sampled_from(PATHS), st.sampled_from([10**18, -1, 2**63, 10**400, "9" * 5000, "\ud800", "0001-01-01T00:00:00Z"])
)
def test_extreme_values_in_any_place(path: tuple[Any, ...], value: Any) -> None:
    read_all(json.dumps(replaced(WHOLE, path, value)).encode())


@given(st.integers(min_value=0, max_value=len(json.dumps(WHOLE))))
def test_cut_anywhere(end: int) -> None:
    read_all(json.dumps(WHOLE).encode()[:end])


@given(st.binary(max_size=60))
def test_any_bytes(body: bytes) -> None:
    read_all(body)


@given(st.integers(min_value=0, max_value=len(json.dumps(WHOLE)) - 1), st.integers(min_value=0, max_value=255))
def test_any_byte_replaced(place: int, byte: int) -> None:
    body = bytearray(json.dumps(WHOLE).encode())
    body[place] = byte
    read_all(bytes(body))
