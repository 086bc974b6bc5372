"""What did the API say, read once more from archived answers?

An answer about a bill states itself; a list may lie on several pages, in the order in which they were read, and in two
passes where it moved meanwhile. A line of a Congress's list is found by its bill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec import Raw

from domain.documents import DocumentId
from domain.observation import Evidence, Observation, ParseInput
from domain.records.facets import Facet
from watchers.congress.actions import ACTION_LINE, action_facets
from watchers.congress.bill_rows import ListRow, read_bill_row, read_summary_row
from watchers.congress.client import LIMIT, answer_members, decode_json, required_member
from watchers.congress.item import parse_item
from watchers.congress.meetings import parse_meeting
from watchers.congress.sublists import SUBLISTS

_ROWS = msgspec.json.Decoder(list[Raw])
_LISTS = {one.facet: one for one in SUBLISTS.values()}
_STATED: tuple[tuple[str, Callable[[bytes, str, int], ListRow]], ...] = (
    ("bills", read_bill_row),
    ("summaries", read_summary_row),
)


def reread(told: ParseInput) -> Iterator[Observation]:
    """Read item, actions and further lists of a bill again (`congress/1`)."""
    facets: dict[str, Facet] = {}
    published_at, stamped = None, False
    for name in told.facets():
        pages = told.pages(name)
        if name in ("actions", "votes"):
            facets[name] = _actions(told.document, pages)[name == "votes"]
        elif name in _LISTS:
            rows = _rows(pages, _LISTS[name].member)
            facets[name] = _LISTS[name].parse(rows) if rows is not None else {}
        else:
            item = parse_item(pages[0].body, told.document)
            published_at, stamped = item.updated_at, True
            if name in item.facets:
                facets[name] = item.facets[name]
    yield told.observation(facets, published_at, stamped=stamped)


def reread_list(told: ParseInput) -> Iterator[Observation]:
    """Read the lines of a list about a bill again (`congress-list/1`)."""
    for digest in dict.fromkeys(told.named.values()):
        page = told.archive.evidence(digest)
        found = answer_members(page.body, page.url)
        for name, read in _STATED:
            if name in found:
                yield from _lines(told, _decoded(found[name], page.url), page.url, read)


def _lines(
    told: ParseInput, rows: Iterable[bytes], where: str, read: Callable[[bytes, str, int], ListRow]
) -> Iterator[Observation]:
    """Yield what each line about the bill states, without a stamp and with its own."""
    now = int(told.known_from.timestamp())
    for row in rows:
        entry = read(row, where, now)
        if entry.bill == told.document:
            facets = {name: facet for name, facet in entry.facets.items() if name in told.named}
            stamp = datetime.fromtimestamp(entry.newest, UTC) if entry.newest else None
            yield told.observation(facets)
            yield told.observation(facets, stamp)


def reread_meetings(told: ParseInput) -> Iterator[Observation]:
    """Read committee meetings again (`congress-meetings/1`); one that names the bill no longer was dropped."""
    entries = {}
    for page in told.pages("hearings"):
        place = urlsplit(page.url).path.partition("/committee-meeting/")[2]
        meeting = parse_meeting(page.body, place)
        entries[meeting.subject] = meeting.entry(dropped=told.document not in meeting.bills)
    yield told.observation({"hearings": entries})


def _actions(bill: DocumentId, pages: Sequence[Evidence]) -> tuple[Facet, Facet]:
    rows = _rows(pages, "actions")
    lines = [decode_json(row, ACTION_LINE, f"actions of {bill}: actions[{n}]") for n, row in enumerate(rows or ())]
    return action_facets(lines, bill) if rows is not None else ({}, {})


def _rows(pages: Sequence[Evidence], name: str) -> tuple[bytes, ...] | None:
    """Return the entries of a list; None where the bill's own answer said that there are none."""
    passes: list[list[tuple[bytes, ...]]] = []
    for page in pages:
        found = answer_members(page.body, page.url)
        if "bill" in found and name not in found:
            return None
        rows = _decoded(required_member(found, name, page.url), page.url)
        if not passes or _offset(page.url) == 0:
            passes.append([])
        passes[-1].append(rows)
    joined = [_joined(leaves) for leaves in passes]
    return joined[0] if len(joined) == 1 else tuple(dict.fromkeys(row for rows in joined for row in rows))


def _joined(leaves: Sequence[tuple[bytes, ...]]) -> tuple[bytes, ...]:
    """Put pages together: each begins with the last entry of a full one before."""
    rows = list(leaves[0])
    for before, leaf in pairwise(leaves):
        overlaps = len(before) == LIMIT and leaf[:1] == before[-1:]
        rows += leaf[1:] if overlaps else leaf
    return tuple(rows)


def _decoded(raw: Raw, where: str) -> tuple[bytes, ...]:
    return tuple(bytes(row) for row in decode_json(raw, _ROWS, where))


def _offset(url: str) -> int:
    return int(parse_qs(urlsplit(url).query).get("offset", ["0"])[0])
