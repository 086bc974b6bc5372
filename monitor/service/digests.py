"""What does a digest say beside the news in it, and what would the next one say? What is ahead of all that its channel
follows; and a preview of what waits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.alerts.bundles import bundles, is_digest
from domain.alerts.delivery import Delivery
from domain.alerts.routing import Audience, Route
from domain.documents import DocumentId
from domain.ports import Ahead, Notice, ReadTransaction
from domain.terms import regime_of
from domain.upcoming import Upcoming, hearings, upcoming_of_regime

HEARINGS_AHEAD, ENDS_AHEAD = timedelta(days=14), timedelta(days=30)
"""How far a digest looks: hearings of the next two weeks, beginnings and ends of terms of the next month."""

MOST_AHEAD = 30
"""Things to come that one digest names, the next first."""

_OF_TERMS = ("start", "end", "anniversary")


def with_what_is_ahead(
    notice: Notice, view: ReadTransaction, channel: str, audience: Audience, now: datetime
) -> Notice:
    """Return a digest with what lies ahead of what its channel follows; any other notice as it is."""
    if notice.period is None:
        return notice
    documents = dict.fromkeys((*followed_by(channel, audience, view), *notice.documents))
    found = sorted(_ahead(view, list(documents), now), key=lambda one: (one.on, str(one.at or ""), str(one.document)))
    return replace(notice, ahead=tuple(found[:MOST_AHEAD]))


def followed_by(channel: str, audience: Audience, view: ReadTransaction) -> Sequence[DocumentId]:
    """Return the documents that a channel hears of: those of its watches, in their order, then what its searches
    found."""
    routes = [route for route in audience.routes or (Route(channels=(channel,)),) if channel in route.channels]
    watches = [watch for watch in audience.watches if any(route.takes(watch) for route in routes)]
    own = [watch.document for watch in watches if watch.document is not None and watch.search is None]
    searches = {watch.name for watch in watches if watch.search is not None}
    return [*own, *(match.document for match in (view.matches() if searches else ()) if match.watch in searches)]


def _ahead(view: ReadTransaction, documents: Sequence[DocumentId], now: datetime) -> Iterator[Ahead]:
    others = [document for document in documents if document.kind != "regime" and not document.is_feed]
    stated = view.facets(others, ("hearings",)) if others else {}
    for document in others:
        for one in hearings(stated.get(document, {})):
            if one.is_within(now, now + HEARINGS_AHEAD):
                yield _announced(document, one)
    for document, record in view.records([d for d in documents if d.kind == "regime"]).items():
        for one in upcoming_of_regime(regime_of(document, record.facets), record.facets, now):
            if one.kind in _OF_TERMS and one.is_within(now, now + ENDS_AHEAD):
                yield _announced(document, one)


def _announced(document: DocumentId, one: Upcoming) -> Ahead:
    return Ahead(document, one.on, one.at, one.what)


def streams(view: ReadTransaction, audience: Audience, zone: str) -> Callable[[Delivery], str | None]:
    """Return what names the feed, or the search, that alone brought a message: what comes of one in numbers goes as
    one message."""
    searches = {watch.name for watch in audience.searching}

    def stream(delivery: Delivery) -> str | None:
        if delivery.document.feed is not None:
            return str(delivery.document.feed)
        watches = view.notice(delivery, zone).watches if searches else ()
        return watches[0] if watches and searches.issuperset(watches) else None

    return stream


def next_digests(
    view: ReadTransaction, channel: str, audience: Audience, zone: str, now: datetime, keys: Collection[str] | None
) -> list[Notice]:
    """Return the messages of the digests of a channel that wait, as they stand: of all its schedules, or of those in
    `keys`. The first recipient stands for all."""
    waiting = [d for d in view.stranded(()) if d.channel == channel and d.is_untouched and is_digest(d.digest_key)]
    found: list[Notice] = []
    for key in dict.fromkeys(delivery.digest_key or "" for delivery in waiting):
        of_key = [delivery for delivery in waiting if delivery.digest_key == key and (keys is None or key in keys)]
        mine = [delivery for delivery in of_key if delivery.to == of_key[0].to]
        together = bundles(mine)
        alone = [(one,) for one in mine if not any(one in bundle for bundle in together)]
        for bundle in (*together, *alone):
            alerts = tuple(alert for one in bundle for alert in one.alerts)
            notice = replace(view.notice(replace(bundle[0], alerts=alerts), zone), written_at=now)
            found.append(with_what_is_ahead(notice, view, channel, audience, now))
    return found
