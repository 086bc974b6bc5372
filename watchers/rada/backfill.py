"""Which documents of the days that no list in hand covers can still be found?

The 30-day list ends where it ends. Behind it lies only the list of all documents, whose order the publisher does not
promise: it is read newest first, a few pages at a time, as long as its days really descend, until they lie before
the gap. Where that cannot be done the gap stays open, and it is said.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from domain.errors import SourceError
from watchers.rada.asking import Asker
from watchers.rada.cursor import DAY, Gap
from watchers.rada.lists import parse_list
from watchers.rada.survey import Seen, add

PAGES_A_POLL = 20
AGAIN = DAY
"""Seconds after which a list that was of no use is tried once more."""

_LAST = 3
"""How many documents in a row, at the end of a page, must lie before the gap to end it: one may stand out of order."""

_SLACK = 7
"""Days by which neighbours in the list may stand in the wrong order."""


def fill(asker: Asker, gap: Gap, now: int) -> tuple[Gap | None, dict[str, Seen]]:
    """Read on in the list of all documents. Returns the gap that is left, None when it is closed, and what was seen."""
    seen: dict[str, Seen] = {}
    if gap.tried_at and now - gap.tried_at < AGAIN:
        return gap, seen
    for _ in range(PAGES_A_POLL):
        try:
            response = asker.list_page("a", gap.page)
            cards = parse_list(response.body, f"list of all, page {gap.page}").cards if response.status == 200 else ()
        except SourceError:
            return replace(gap, tried_at=now), seen
        days = sorted(card.touched_on for card in cards if card.touched_on)
        if not days or not _descends(gap, days[-1], now):
            return replace(gap, page=1, newest="", tried_at=now), seen
        add(seen, cards)
        if all((card.touched_on or "") < _day(gap.since) for card in cards[-_LAST:]):
            return None, seen
        gap = replace(gap, page=gap.page + 1, newest=days[-1])
    return gap, seen


def _descends(gap: Gap, newest: str, now: int) -> bool:
    """True if this page can be the next of a list that runs from today backwards."""
    if gap.page == 1:
        return newest >= _day(gap.until - _SLACK * DAY) and newest <= _day(now + 2 * DAY)
    return newest <= (datetime.fromisoformat(gap.newest) + timedelta(days=_SLACK)).date().isoformat()


def _day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
