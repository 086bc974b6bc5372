"""What did the official record say of a bill at a given instant?

A history is one JSON file in `data/`: the bill in the words of api.congress.gov, where every dated entry carries
`since`, the instant from which it is shown, and `until` where it was replaced. The file's `about` says where it comes
from and which instants are the record's own and which are modelled.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill

News = Mapping[str, Any]
"""One dated entry of a history, as the API words it."""

SECTIONS = ("actions", "titles", "textVersions", "cosponsors", "committees", "relatedBills", "summaries")
"""The lists of a history, named as in the API's answers."""


@dataclass(frozen=True, slots=True)
class State:
    """The bill as of one instant: `item` without its counts, the lists newest first, and the last touch (aware UTC)."""

    item: Mapping[str, Any]
    lists: Mapping[str, list[dict[str, Any]]]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Bill:
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

    def at(self, now: datetime) -> State | None:
        """Return what the record said at `now`; None before it said anything."""
        past = [touch for touch in self.touches() if touch <= now]
        if not past:
            return None
        item = dict(self.raw["item"])
        for member in _as_of(self.raw["members"], now):
            item.update(member)
        lists = {name: _as_of(self.raw[name], now) for name in SECTIONS}
        return State(item, lists, past[-1])

    def between(self, after: datetime | None, until: datetime) -> dict[str, list[News]]:
        """Return, by list, the entries first shown after `after` and not later than `until`, in the
        API's order (actions and texts newest first).

        `members` are those of the item itself: title, policy area, laws.
        """
        return {
            name: [entry for entry in self.raw[name] if _began(entry, after, until)] for name in (*SECTIONS, "members")
        }


def load(name: str) -> Bill:
    """Read a history that ships with lexwatch: `hr3919-117` or `hr6508-119`."""
    text = (files("monitor.demo") / "data" / f"{name}.json").read_text(encoding="utf-8")
    return Bill(json.loads(text))


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
        return [_as_of(entry, now) for entry in value if _shown(entry, now)]
    if isinstance(value, dict):
        return {name: _as_of(member, now) for name, member in value.items() if name not in ("since", "until")}
    return value


def _began(entry: News, after: datetime | None, until: datetime) -> bool:
    since = _instant(entry["since"])
    return since <= until and (after is None or since > after)


def _shown(entry: Any, now: datetime) -> bool:
    if not isinstance(entry, dict) or "since" not in entry:
        return True
    return _instant(entry["since"]) <= now and ("until" not in entry or now < _instant(entry["until"]))
