"""How are messages held back for a time? `lexwatch mute` and `lexwatch unmute`.

A short write beside the running service, which holds and frees by itself; detection goes on as ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import click

from domain.alerts.send_delays import Mute
from domain.dates import iso_utc
from domain.documents import label
from domain.errors import UnknownName
from domain.names import nearest
from domain.ports import Transaction
from monitor.cli.running import open_record
from monitor.cli.session import Session, as_typed, parse_instant
from monitor.cli.terminal import local_time, print_list, print_note

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
EXPECTED = (
    'expected a time to come such as "2026-01-20T10:00", a day (the end of it) or a duration such as "12h" or "7d"'
)


def mute(session: Session, what: str | None, *, until: str | None, form: str | None) -> int:
    """Hold messages about a document, or for a watch; without either, list the mutes in force."""
    if what is None:
        if until is not None:
            raise click.UsageError("mute --until TIME wants to know WHAT")
        return _list(session, form)
    if until is None:
        raise click.UsageError("mute WHAT wants to know --until TIME, such as 7d")
    now = session.clock()
    wanted = replace(_subject(session, what), until=moment(until, now, session.settings.timezone), created_at=now)
    with _writing(session) as tx:
        tx.mute(wanted)
        tx.settle(now)
    end = local_time(iso_utc(wanted.until), session.settings.timezone)
    print_note(f"{_called(wanted)} is muted until {end} ({session.settings.timezone}): messages are held and sent then")
    return 0


def unmute(session: Session, what: str) -> int:
    """Let go what was held; UnknownName when it is not muted."""
    now = session.clock()
    with _writing(session) as tx:
        mutes = tx.mutes(now)
        lifted = _meant(session, what, {mute.subject.casefold(): mute for mute in mutes if mute.watch is not None})
        if not any(lifted.subject == mute.subject and lifted.watch == mute.watch for mute in mutes):
            near = nearest(lifted.subject, [mute.subject for mute in mutes])
            raise UnknownName(
                f"{_called(lifted)} is not muted" + (f"\nnearest muted: {', '.join(near)}" if near else "")
            )
        tx.unmute(lifted)
        tx.settle(now)
    print_note(f"{_called(lifted)} is no longer muted: what was held is sent")
    return 0


def moment(text: str, now: datetime, zone: str) -> datetime:
    """Read a time to come as aware UTC: ISO 8601 (in `zone` without an offset), a day (its end there), or a duration
    from now; a usage error (exit 2) for anything else, the past included."""
    try:
        until = _read(text.strip(), now, zone)
    except (ValueError, OverflowError):
        until = None
    if until is None or until <= now:
        raise click.BadParameter(f"{EXPECTED}, saw {text[:60]!r}", param_hint="--until")
    return until


def _read(text: str, now: datetime, zone: str) -> datetime:
    if form := re.fullmatch(r"([0-9]{1,6})([smhd])", text):
        return now + timedelta(**{UNITS[form[2]]: int(form[1])})
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        next_day = date.fromisoformat(text) + timedelta(days=1)
        return parse_instant(datetime.combine(next_day, time(), ZoneInfo(zone)).isoformat(), zone)
    return parse_instant(text, zone)


def _list(session: Session, form: str | None) -> int:
    with session.reading() as reader:
        mutes = reader.mutes(session.clock()) if reader else ()
    zone = session.settings.timezone
    table = ((_called(m), local_time(iso_utc(m.until), zone), local_time(iso_utc(m.created_at), zone)) for m in mutes)
    print_list([_row(mute) for mute in mutes], form, ("Muted", "Until", "Since"), table, nothing="nothing is muted")
    return 0


def _row(mute: Mute) -> dict[str, str | None]:
    document = str(mute.document) if mute.document is not None else None
    return {"id": document, "watch": mute.watch, "until": iso_utc(mute.until), "created_at": iso_utc(mute.created_at)}


def _meant(session: Session, what: str, muted: dict[str, Mute]) -> Mute:
    """Return the mute of that watch, even of one that is no longer in the configuration, else what WHAT names."""
    return muted.get(_typed(what).casefold()) or _subject(session, what)


def _subject(session: Session, what: str) -> Mute:
    """Return a mute, its times not set yet, of the watch of that name or else of the document.

    A watch that has no name of its own is called by its document, and whoever names that means the document.
    """
    typed, unset = _typed(what), session.clock()
    for watch in session.settings.watches:
        if watch.name.casefold() == typed.casefold() and watch.name != str(watch.document) and not watch.assumed:
            return Mute(unset, unset, watch=watch.name)
    with session.reading() as reader:
        return Mute(unset, unset, document=session.document(typed, reader, print_note))


def _typed(text: str) -> str:
    return as_typed(text).strip()


def _called(mute: Mute) -> str:
    return f"the watch {mute.watch}" if mute.document is None else label(mute.document)


@contextmanager
def _writing(session: Session) -> Iterator[Transaction]:
    """Yield one transaction on the record, beside the service or without it."""
    with open_record(session) as store, store.begin() as tx:
        yield tx
