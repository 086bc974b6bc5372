"""Bills of the US Congress, from the API of the Library of Congress."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from domain import options
from domain.documents import DocumentId
from domain.jurisdictions.us.names import congress_on, is_bill
from domain.options import Key, KeyContext, Secret
from watchers.declaration import SourceDeclaration, SourceOptions

if TYPE_CHECKING:
    from domain.ports import Watcher

DEMO_KEY = Secret("DEMO_KEY", "shipped")
"""The public key of the api.data.gov gateway: 30 requests an hour, 50 a day and address."""

DEMO_READINGS = 24
"""Requests a day for reading bills under DEMO_KEY; as many again go to the list, asked hourly."""

REQUESTS_PER_BILL = 3
"""A bill with the kinds of news that are followed by default: itself, its actions, its texts."""

TEMPLATE = """
[source.congress]                    # the bills of the US Congress, from api.congress.gov
every   = "15m"
# Get a key of your own at https://api.congress.gov/sign-up and put it into the environment; without one the
# public DEMO_KEY is used, which is good for 50 requests a day.
api_key = { env = "CONGRESS_API_KEY" }
"""


def _api_key(raw: Any, context: KeyContext) -> Secret:
    """Read the key; an unset variable means the public DEMO_KEY, with a warning."""
    found = context.secret(raw, unset=DEMO_KEY)
    if found is DEMO_KEY and not context.own_host:
        context.warn(f"{raw['env']} is not set: asking with the public DEMO_KEY, inside its 50 requests a day")
    return found


class CongressOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of `[source.congress]`."""

    api_key: Annotated[
        Secret | None,
        Key(
            "an unset variable means the public `DEMO_KEY`, with a warning",
            _api_key,
            absent={"env": "CONGRESS_API_KEY"},
        ),
    ] = None
    whole: Annotated[
        bool,
        Key(
            "keep a light record of every bill of the Congress that sits, from the lists that are asked anyway "
            "([what it costs](sources.md#every-bill-of-a-congress)); a `search` does so for its own Congress",
            options.yes_no,
        ),
    ] = False


def handles(document: DocumentId) -> bool:
    """Say whether this is a bill, or a Congress as a whole (`us/bill/119`)."""
    return document.jurisdiction == "us" and document.kind == "bill" and len(document.parts) in (1, 3)


def _build(settings: SourceOptions) -> Watcher:
    from watchers.congress.watcher import CongressWatcher

    return CongressWatcher(settings.base_url, settings.options.api_key, whole=settings.options.whole)


def _costs(settings: Any, today: date) -> Iterator[str]:
    """Say what it takes to keep a record of every bill of a Congress, where somebody wants one, and to read many bills
    with the key everybody shares. `settings` are those of the whole configuration."""
    section = settings.sources["congress"].options
    bills = sum(1 for watch in settings.watches if watch.document is not None and is_bill(watch.document))
    requests = bills * REQUESTS_PER_BILL
    if section.api_key == DEMO_KEY and requests > DEMO_READINGS:
        days = math.ceil(requests / DEMO_READINGS)
        yield f"{bills} bills need about {requests} requests: {days} days with DEMO_KEY; a free key does it at once"
    searched: dict[int, set[str]] = {congress_on(today): set()} if section.whole else {}
    for watch in settings.watches:
        for place in (watch.document, *watch.also) if watch.search is not None else ():
            if place is not None and handles(place):
                searched.setdefault(int(place.parts[0]), set()).update(watch.search.places)
    for congress, places in sorted(searched.items()):
        yield f"every bill of Congress {congress}: {_cost(places, demo=section.api_key == DEMO_KEY)}"


def _cost(places: set[str], *, demo: bool) -> str:
    """Say what the lists of a Congress cost (docs/reference/sources.md)."""
    parts = ["some 70 requests once, spread over days with DEMO_KEY" if demo else "some 70 requests once"]
    parts.append("then no request beside the one that asks what was touched")
    parts.append(f"{REQUESTS_PER_BILL} for each bill that a search finds, once and when it moves")
    if demo:
        parts[-1] += f", {DEMO_READINGS // REQUESTS_PER_BILL} bills a day with DEMO_KEY"
    if "summary" in places:
        parts.append("for summaries 1 more for each poll, and at first 1 for each 250 of them")
    if "subject" in places:
        parts.append("for subjects none: they are known of bills read in full or imported")
    return "; ".join(parts)


CONGRESS = SourceDeclaration(
    name="congress",
    summary="the bills of the US Congress, from api.congress.gov",
    base_url="https://api.congress.gov/v3",
    every=timedelta(minutes=15),
    handles=handles,
    build=_build,
    readers={
        "congress/1": "watchers.congress.bill_reader:parse_bill",
        "congress-list/1": "watchers.congress.item:parse_list_lines",
        "congress-meetings/1": "watchers.congress.meeting_reader:parse_meetings",
    },
    primary=True,
    lists_all=True,
    options=CongressOptions,
    template=TEMPLATE,
    costs=_costs,
)
