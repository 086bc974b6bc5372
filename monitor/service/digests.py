"""What does a digest say beside the news in it, what would the next one say, and when does a channel get the table of
its portfolio?

The table is stored with the report when its hour comes, so that the message says the same whenever it is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from domain.alerts.bundles import BURST, bundles, is_digest
from domain.alerts.coverage_report import ReportState, closed, is_due
from domain.alerts.delivery import Delivery
from domain.alerts.digest_schedule import DigestSchedule
from domain.alerts.routing import Alert, Audience, Route, Watch
from domain.coded_text import CodedText, coded
from domain.documents import DocumentId
from domain.ports import Ahead, Notice, ReadTransaction
from domain.records.facets import Kind
from domain.records.record import Change, operational_change
from domain.terms import regime_of
from domain.upcoming import Upcoming, hearings, upcoming_of_regime
from monitor.service.context import Context
from monitor.service.coverage_reports import begin
from storage.reader import open_reader

if TYPE_CHECKING:
    from monitor.config.settings import Settings
    from storage.reader import Reader

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
    """Return the documents that a channel follows: those of its watches, in their order, then what its searches
    found."""
    watches = _watches(channel, audience)
    own = [watch.document for watch in watches if watch.document is not None and watch.search is None]
    searches = {watch.name for watch in watches if watch.search is not None}
    return [*own, *(match.document for match in (view.matches() if searches else ()) if match.watch in searches)]


def _watches(channel: str, audience: Audience) -> list[Watch]:
    routes = [route for route in audience.routes or (Route(channels=(channel,)),) if channel in route.channels]
    return [watch for watch in audience.watches if any(route.takes(watch) for route in routes)]


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


def streams(view: ReadTransaction, audience: Audience, waiting: Sequence[Delivery]) -> Callable[[Delivery], str | None]:
    """Return what names the feed, or the search, that alone brought one of these messages: what comes of one in numbers
    goes as one message."""
    searches = {watch.name for watch in audience.searching}
    names = view.watches_of(waiting) if searches and len(waiting) > BURST else {}

    def stream(delivery: Delivery) -> str | None:
        if delivery.document.feed is not None:
            return str(delivery.document.feed)
        watches = names.get(delivery.id, ())
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
        joined = {one.id for bundle in together for one in bundle}
        alone = [(one,) for one in mine if one.id not in joined]
        for bundle in (*together, *alone):
            alerts = tuple(alert for one in bundle for alert in one.alerts)
            notice = replace(view.notice(replace(bundle[0], alerts=alerts), zone), written_at=now)
            found.append(with_what_is_ahead(notice, view, channel, audience, now))
    return found


REPORT_INTERVAL = timedelta(minutes=1)
MOST_ROWS = 5000
"""Rows of one report: what is more is for `lexwatch export`."""


def send_portfolio_reports(settings: Settings, context: Context) -> timedelta:
    """Store the reports whose hour has come; returns the pause until the next look. StoreError when one cannot be
    stored: then it is still due."""
    now = context.clock()
    schedules = {name: at for name, at in settings.reports.items() if name in context.audience.recipients}
    for channel, schedule in schedules.items():
        with context.store.read(single=True) as view:
            account = view.account(_account(channel))
        if account is None or account.closed_at > now:
            begin(_account(channel), account, (), context.store, now)
        elif is_due(account, schedule, now):
            _store_report(settings, channel, schedule, account, context, now)
    return REPORT_INTERVAL


def _store_report(
    settings: Settings, channel: str, schedule: DigestSchedule, account: ReportState, context: Context, now: datetime
) -> None:
    with open_reader(settings.database) as reader:
        change = portfolio_change(settings, channel, context.audience, reader, now, account)
    reason = portfolio_reason(channel, schedule)
    alert = Alert(change.document, change.revision, channel, (), (change,), (reason,))
    with context.store.begin() as tx:
        if tx.account(account.channel) == account:
            tx.enqueue(alert, context.audience.recipients[channel], now)
            tx.save_account(closed(account, (), now))


def portfolio_reason(channel: str, schedule: DigestSchedule) -> CodedText:
    return coded("reason.portfolio_report", channel=channel, schedule=str(schedule))


def portfolio_change(
    settings: Settings,
    channel: str,
    audience: Audience,
    reader: Reader | None,
    now: datetime,
    since: ReportState | None = None,
) -> Change:
    """Return the report of a channel as a change of its own: how much is followed, and the table of it as data. It is
    about the time from the last one to its hour; without one about the days that run."""
    from monitor.portfolio import found_documents, in_order, last_news, next_date, portfolio_rows, watched

    zone, schedule = settings.timezone, settings.reports[channel]
    ran = (since.closed_at, schedule.before(now) - timedelta(seconds=1)) if since else (now, now)
    first, last = schedule.days(*ran)
    number = since.number + 1 if since else 1
    watches = _watches(channel, audience)
    names = {watch.name for watch in watches}
    of_searches = dict.fromkeys(found_documents(reader, [watch.name for watch in watches if watch.search is not None]))
    own = [document for document, watch in watched(settings).items() if watch.name in names or document in of_searches]
    others = [watch for watch in settings.watches if watch.name in names and (watch.document is None or watch.search)]
    documents = list(dict.fromkeys((*own, *of_searches)))
    found = portfolio_rows(settings, reader, now, documents=documents, watches=others, full=False)
    last_entries = [row["last_entry"]["id"] for row in found if row.get("last_entry")]
    seen = {entry.id: entry.first_seen_at for entry in reader.status_rows(last_entries)} if reader else {}
    rows = []
    for row in in_order(found, "priority", zone)[:MOST_ROWS]:
        entry = seen.get(str((row.get("last_entry") or {}).get("id")))
        news = entry.astimezone(ZoneInfo(zone)).date() if entry else last_news(row, zone)
        ahead = next_date(row, zone)
        dated = {"news_on": news and news.isoformat(), "next_on": ahead and ahead.isoformat(), **_term(row)}
        if row["kind"] == "search":
            row |= {"title": row["searches_for"], "url": None}  # what it found has rows of its own
        rows.append({name: row.get(name) for name in _MEMBERS} | dated | {"changed": bool(news and news >= first)})
    changed = sum(1 for row in rows if row["changed"] and row["kind"] != "search")
    followed = sum(1 for row in found if row["kind"] != "search")
    head = coded("portfolio.head", first=first.isoformat(), last=last.isoformat(), n=followed, changed=changed)
    table = coded("portfolio.table", rows=json.dumps(rows, ensure_ascii=False))
    said = (None, head.to_json(), table.to_json())
    return operational_change(Kind.RECEIPT, f"{channel}.portfolio", number, "portfolio", said, now, "lexwatch")


def _term(row: Mapping[str, Any]) -> dict[str, str]:
    """Return to when a running term goes, and to when it is renewed: days in the zone of its law; how an office is
    held that ends by law."""
    runs, after = row.get("term") or {}, row.get("next_term") or {}
    office = {"office": "office.past" if row["reason"] else "office.runs"} if row.get("by_law") and runs else {}
    if row.get("days_left") is None or not runs.get("ends_at"):
        return office
    renewed = row["next"]["state"] == "in_force_later" and after.get("ends_at")
    return office | {"ends_on": runs["ends_at"][:10]} | ({"renewed_to": after["ends_at"][:10]} if renewed else {})


def next_report(settings: Settings, channel: str, audience: Audience, reader: Reader, now: datetime) -> Notice:
    """Return the report of a channel as it would be written now."""
    change = portfolio_change(settings, channel, audience, reader, now)
    return Notice(
        delivery="preview",
        alerts=(),
        document=change.document,
        changes=(change,),
        reasons=(portfolio_reason(channel, settings.reports[channel]),),
        created_at=now,
        to=channel,
        zone=settings.timezone,
    )


_MEMBERS = (
    *("id", "kind", "watch", "title", "stage", "status", "status_on", "priority", "position", "owner", "tags", "note"),
    *("url", "found"),
)
"""Members of `status --json` that a report keeps of each row."""


def _account(channel: str) -> str:
    return f"portfolio of {channel}"
