"""How is a list read to its end when pages lie?

Counts have disagreed with what was delivered, pages were short by one, `next` led elsewhere or in circles, and lists
moved while they were read (LibraryOfCongress/api.congress.gov #126, #212, #334, #365, #399, #74). So addresses are
built here, never followed; each page begins with the last entry of the one before, which shows whether the list
moved in between; and a list that moved is read once more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec
from msgspec import Raw

from domain.errors import Changed
from domain.http import Response
from watchers.congress.answers import decode, member, members
from watchers.congress.asking import LIMIT

MOST_PAGES = 400
"""No list is longer: a Congress has fewer than 20,000 bills, a bill fewer than 2,000 actions."""

MOST_HOLES = 3
"""Empty pages in a row after which a count that promises more is no longer believed."""


class _Pagination(msgspec.Struct):
    count: int | None = None
    next: str | None = None


_PAGINATION = msgspec.json.Decoder(_Pagination | None)
_ROWS = msgspec.json.Decoder(list[Raw])


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page. `count` is the total the publisher names, `goes_on` whether it names a next page."""

    rows: tuple[bytes, ...]
    count: int | None = None
    goes_on: bool = False
    responses: tuple[Response, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as read. `settled` is false when it moved under our eyes both times: entries may be missing."""

    rows: tuple[bytes, ...]
    count: int | None
    settled: bool
    responses: tuple[Response, ...]

    @property
    def short(self) -> bool:
        """True when the publisher counts more entries than it delivers."""
        return self.count is not None and len(self.rows) < self.count


def parse_leaf(response: Response, name: str, where: str) -> Leaf:
    """Read one page of the list `name`; a missing list is Changed, a missing count is not."""
    found = members(response.body, where, response.status)
    pages = decode(found["pagination"], _PAGINATION, f"{where}.pagination") if "pagination" in found else None
    rows = tuple(bytes(row) for row in decode(member(found, name, where), _ROWS, f"{where}.{name}"))
    pages = pages or _Pagination()
    return Leaf(rows, pages.count, bool(pages.next), (response,))


Turn = Callable[[int], Leaf]
"""Returns the page that begins at an offset."""


def read_all(turn: Turn, first: Leaf) -> Listing:
    """Read a list whose first page is at hand; twice, if it moved while it was read."""
    listing = _pass(turn, first)
    if listing.settled or not listing.rows:
        return listing
    again = _pass(turn, turn(0))
    merged: Mapping[bytes, None] = dict.fromkeys((*listing.rows, *again.rows))
    if again.settled:
        return again
    return Listing(tuple(merged), again.count, False, (*listing.responses, *again.responses))


def _pass(turn: Turn, leaf: Leaf) -> Listing:
    leaves = [leaf]
    rows = list(leaf.rows)
    settled = True
    while continues(leaf, offset := (len(leaves) - 1) * (LIMIT - 1)):
        before, leaf = leaf, turn(offset + LIMIT - 1)
        if leaf.rows == before.rows and (leaf.rows or not any(one.rows for one in leaves[-MOST_HOLES:])):
            settled = False  # a publisher that ignores `offset`, or a count that nothing bears out
            break
        leaves.append(leaf)
        if len(leaves) > MOST_PAGES:
            raise Changed(f"expected a list of at most {MOST_PAGES} pages, saw no end")
        last = before.rows[-1:] if len(before.rows) == LIMIT else ()
        overlaps = bool(last) and leaf.rows[:1] == last
        settled = settled and (overlaps or not last or not leaf.rows)
        rows += leaf.rows[1:] if overlaps else leaf.rows
    counts = {one.count for one in leaves} - {None}
    responses = tuple(response for one in leaves for response in one.responses)
    return Listing(tuple(rows), leaf.count, settled and len(counts) <= 1, responses)


def continues(leaf: Leaf, offset: int) -> bool:
    """Say whether there may be more: the count says so even behind a short or empty page; `next` counts, and a
    missing pagination is no end, only behind a full page."""
    if leaf.count is not None and leaf.count > offset + LIMIT:
        return True
    return len(leaf.rows) >= LIMIT and (leaf.goes_on or leaf.count is None)
