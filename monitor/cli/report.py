"""What do we answer when somebody asks? The record, joined with the configuration, in the shape of the contract.

Everything here returns plain JSON values with the members the contract names, in its order. Times are UTC with `Z`,
days `YYYY-MM-DD`, absent is null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from domain.coded_text import is_coded
from domain.dates import iso_utc
from domain.documents import DocumentId, named_feed, public_url
from domain.jurisdictions import jurisdiction_of, status_label
from domain.sources import Health, SourceState, is_quiet
from monitor.config.settings import Settings, SourceSettings, WatchSettings

if TYPE_CHECKING:
    from domain.records.record import Change
    from storage.reader import DeliveryRow, DocumentHistory, StatusRow

Json = dict[str, Any]

LATE_AFTER = timedelta(minutes=5)
"""How long at least a poll may be overdue before its source counts as late: the service is slow, or not running. A
source asked more rarely may be late by one interval."""


def watched(settings: Settings) -> dict[DocumentId, WatchSettings]:
    """Map each watched document to its first watch, in the order of the configuration; a search names none."""
    found: dict[DocumentId, WatchSettings] = {}
    for watch in settings.watches:
        if watch.document is not None and watch.search is None:
            found.setdefault(watch.document, watch)
    return found


def status(
    documents: Iterable[DocumentId],
    standings: Iterable[StatusRow],
    watches: Mapping[DocumentId, WatchSettings],
    *,
    now: datetime,
    as_of: date | None = None,
    known_at: datetime | None = None,
    regimes: Mapping[DocumentId, Json] = MappingProxyType({}),
) -> list[Json]:
    """Say where each document stands, in the order asked; one not read yet appears with nulls.

    `regimes` holds what is to be said of the regimes among them beyond any document (`monitor.cli.regime_report`).

    The answer is about the day `as_of`, or the day it is at `now` in the document's jurisdiction: the end of a
    session is computed on reading, never stored. A poll after `known_at` is no part of what was known then.
    """
    by_id = {standing.id: standing for standing in standings}
    return [
        _status(
            document,
            by_id.get(str(document)),
            watches.get(document) or (document.is_feed and watches.get(_feed_of(document))) or None,
            as_of or jurisdiction_of(document).day(now),
            known_at,
        )
        | regimes.get(document, {})
        for document in documents
    ]


def _feed_of(entry: DocumentId) -> DocumentId:
    return DocumentId(entry.jurisdiction, entry.kind)


def status_of_watch(watch: WatchSettings, last: Json | None, read_by: Sequence[SourceState], now: datetime) -> Json:
    """Say where a watch stands that follows no single document: a feed, a page or a search. `last` is its last entry,
    or what it last alerted of (`id`, `title`, `on`, `url`), `read_by` are the states of the sources that read it."""
    subject = watch.subject or named_feed(watch.name)
    kind = "search" if watch.search is not None else "page" if watch.page else "feed"
    good = [state.last_good_at for state in read_by if state.last_good_at is not None]
    due = [state.due_at for state in read_by if state.due_at is not None]
    trouble = next(
        (f"{state.state}: {in_words(state.error)}" for state in read_by if state.state is not Health.OK), None
    )
    unread = None if good or trouble else "this version does not read a page yet" if watch.page else "not read yet"
    return _status(subject, None, watch, jurisdiction_of(subject).day(now), None) | {
        "kind": kind,
        "title": last and last["title"],
        "status_on": last and last["on"],
        "url": watch.feed or watch.page or (last and last["url"]),
        "checked_at": iso_utc(max(good, default=None)),
        "doubt": trouble or unread,
        "last_entry": last,
        "next_check_at": iso_utc(min(due, default=None)),
    }


def _status(
    document: DocumentId,
    standing: StatusRow | None,
    watch: WatchSettings | None,
    today: date,
    known_at: datetime | None,
) -> Json:
    row: Json = {"id": str(document), "kind": document.kind, "title": None}
    row |= {"watch": watch and watch.name, "note": watch and watch.note}
    law = jurisdiction_of(document)
    reached, since = (standing.status, standing.status_on) if standing else (None, None)
    row |= {
        "stage": law.stage(reached, document, today) if reached else None,
        "status": reached,
        "status_on": None,
        "status_text": None,
        "introduced_on": None,
        "ended_on": _day(law.ended_on(reached, since, document, today)) if reached else None,
        "law": None,
        "url": public_url(document),
        "revision": None,
        "first_seen_at": None,
        "changed_at": None,
        "checked_at": None,
        "term": None,
        "label": status_label(reached, document) if reached else None,
        "doubt": None,
        "tags": list(watch.tags) if watch else [],
        "priority": watch and watch.priority,
        "position": watch and watch.position,
        "owner": watch and watch.owner,
        "jurisdiction": document.jurisdiction,
    }
    if standing is not None:
        row |= {
            "title": standing.title,
            "status_on": standing.status_on,
            "status_text": standing.status_text,
            "introduced_on": standing.introduced_on,
            "law": standing.law or law.law_name(standing.status_text),
            "url": standing.url or row["url"],
            "revision": standing.revision,
            "first_seen_at": iso_utc(standing.first_seen_at),
            "changed_at": iso_utc(standing.changed_at),
            "checked_at": iso_utc(_by(standing.checked_at, known_at)),
            "doubt": _in_words(standing.doubt),
        }
    return row


def _in_words(doubt: str | None) -> str | None:
    """Say why a status is uncertain; most are not, and pay for no catalogue."""
    if doubt is None:
        return None
    from notifications.translation import ENGLISH

    return ENGLISH.render(doubt)


def _by(moment: datetime | None, limit: datetime | None) -> datetime | None:
    return moment if moment and (limit is None or moment <= limit) else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def history(past: DocumentHistory) -> list[Json]:
    """Tell every change known, oldest first: the past that the first reading carried, then what changed since."""
    from domain.records.detection import past_changes
    from notifications.wording import change_json  # only this question needs them, and they would slow the others

    known: tuple[Change, ...] = ()
    if past.first is not None:
        first = past.first
        known = past_changes(first.record, first.source, first.published_at, first.evidence)
    return [change_json(change) for change in (*known, *past.changes)]


def changes(found: Iterable[Change]) -> list[Json]:
    """Tell changes of several documents with the members of `history`."""
    from notifications.wording import change_json

    return [change_json(change) for change in found]


def alerts(reported: Iterable[DeliveryRow]) -> list[Json]:
    """List what was sent, waits or died: one entry per recipient. Several alerts in one message are named together."""
    from notifications.wording import reason_sentence  # only this question needs it

    return [
        {
            "alert": " ".join(message.alerts),
            "delivery": message.delivery,
            "id": message.id,
            "changes": list(message.changes),
            "watch": ", ".join(message.watches) or None,
            "channel": message.channel,
            "to": message.to,
            "state": str(message.state),
            "attempts": message.attempts,
            "created_at": iso_utc(message.created_at),
            "sent_at": iso_utc(message.sent_at),
            "reason": reason_sentence(message.reasons),
            "corrects": message.corrects,
            "possible_repeat": message.possible_repeat,
            "subject": message.subject,
            "error": in_words(message.error),
        }
        for message in reported
    ]


def in_words(text: str | None) -> str | None:
    """Return what the record keeps as a coded text in English; other words as they stand."""
    if not is_coded(text):
        return text
    from notifications.translation import ENGLISH  # whoever has nothing to put into words does not pay for it

    return ENGLISH.render(text or "")


def sources(
    states: Sequence[SourceState],
    configured: Mapping[str, SourceSettings],
    now: datetime,
    news: Mapping[str, Sequence[date]] = MappingProxyType({}),
) -> list[Json]:
    """Say how each source is: those of the configuration first, then those that were asked once.

    `news` holds the days on which each source last had something new, newest first.
    """
    by_name = {state.name: state for state in states}
    names = dict.fromkeys((*configured, *by_name))
    return [
        _source(by_name.get(name) or SourceState(name), configured.get(name), news.get(name, ()), now) for name in names
    ]


def _source(known: SourceState, configured: SourceSettings | None, news: Sequence[date], now: datetime) -> Json:
    health = _health(known, configured, now)
    return {
        "source": known.name,
        "state": str(Health.QUIET if health is Health.OK and is_quiet(news, now.date()) else health),
        "last_good_at": iso_utc(known.last_good_at),
        "last_poll_at": iso_utc(known.last_poll_at),
        "next_poll_at": iso_utc(known.due_at) if configured else None,
        "failures": known.failures,
        "error": in_words(known.error),
        "requests": known.requests,
        "lag": known.lag,
        "checks": known.checks,
        "failed": known.failed,
        "longest_gap": max(((until - since).total_seconds() for since, until in known.gaps), default=None),
    }


def _health(known: SourceState, configured: SourceSettings | None, now: datetime) -> Health:
    """A source that should have been asked by now and was not is late, whatever it said last."""
    if configured is None or known.state is not Health.OK:
        return known.state
    patience = max(LATE_AFTER, configured.every)
    return Health.LATE if known.due_at is None or known.due_at + patience < now else Health.OK
