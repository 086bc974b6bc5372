"""What would a configuration have sent? `lexwatch rehearse`: the recorded past under another configuration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from domain.alerts.delivery import State
from domain.dates import iso_utc
from domain.errors import ConfigError, UnknownName
from monitor.cli.session import Session, time_option
from monitor.cli.terminal import local_time, one_line, print_json, print_note, print_rows
from monitor.config.loader import load_config
from monitor.config.settings import Settings
from monitor.config.watch_tables import pin_watches
from monitor.service.backtest import BacktestMessage, messages_sent, run_backtest
from storage.audit import AuditReader
from storage.location import locate

Json = dict[str, Any]

BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)


def backtest(session: Session, *, since: str | None, config: str | None, as_json: bool) -> int:
    """Say who would have got which messages; exit status 1 when nothing is on record yet."""
    settings = _settings(session, config)
    begin = time_option(since, settings.timezone, "--since") if since else BEGINNING
    until = session.clock()
    with session.reading() as reader:
        if reader is None:
            raise UnknownName(f"nothing is recorded yet in {locate(session.settings.database)}: start lexwatch run")
        archive = AuditReader.of(reader)
        found = run_backtest(archive, settings, begin, until)
        really = messages_sent(archive, begin, until)
    for name in found.unread:
        print_note(f"nothing is on record of what {name} follows: what it would have told is not known")
    rows = [_recipient(place, found.sent, really) for place in _places(found.sent, really)]
    if as_json:
        print_json(
            {
                "since": iso_utc(begin) if since else None,
                "until": iso_utc(until),
                "revisions": found.revisions,
                "unread": list(found.unread),
                "recipients": rows,
            }
        )
    else:
        _show(rows, settings.timezone)
    return 0


def _settings(session: Session, config: str | None) -> Settings:
    """Read the configuration to be tried out; the record is that of the one in force."""
    if config is None:
        return session.settings
    path = Path(config)
    if not path.is_file():
        raise ConfigError([f"{config}, named by --config, cannot be read: it does not exist"])
    settings = load_config(path, now=session.clock(), secrets=False)
    with session.reading() as reader:
        return pin_watches(settings, reader.watches() if reader else ())


def _places(sent: Iterable[BacktestMessage], really: Iterable[BacktestMessage]) -> Sequence[tuple[str, str]]:
    return sorted({(one.channel, one.to) for one in (*sent, *really)})


def _recipient(place: tuple[str, str], sent: Iterable[BacktestMessage], really: Iterable[BacktestMessage]) -> Json:
    mine = sorted((one for one in sent if (one.channel, one.to) == place), key=lambda one: one.at)
    theirs = [one for one in really if (one.channel, one.to) == place]
    now, then = _changes_in(mine), _changes_in(theirs)
    return {
        "channel": place[0],
        "to": place[1],
        "messages": len(mine),
        "really": len(theirs),
        "changes": sum(now.values()),
        "more": sorted((now - then).elements()),
        "fewer": sorted((then - now).elements()),
        "subjects": [_message(one) for one in mine],
    }


def _changes_in(sent: Iterable[BacktestMessage]) -> Counter[str]:
    return Counter(key for one in sent for _, keys in one.alerts for key in keys)


def _message(one: BacktestMessage) -> Json:
    return {
        "at": iso_utc(one.at),
        "state": "sent" if one.state is State.SENT else "waits",
        "subject": one.subject,
        "documents": list(dict.fromkeys(str(document) for document, _ in one.alerts)),
        "changes": [key for _, keys in one.alerts for key in keys],
    }


def _show(rows: Sequence[Json], zone: str) -> None:
    if not rows:
        print_note("nobody would have been told anything, and nobody was")
    for row in rows:
        sent, really = row["messages"], row["really"]
        click.echo(one_line(f"{row['to']} by {row['channel']}: {_counted(sent)}; really {_counted(really)}"))
        messages = [
            [local_time(m["at"], zone), m["state"], m["subject"] or ", ".join(m["documents"])] for m in row["subjects"]
        ]
        if messages:
            print_rows(("When", "State", "Subject"), messages, spare=("State",))
        if row["more"] or row["fewer"]:
            click.echo(f"  {len(row['more'])} changes more than really told, {len(row['fewer'])} fewer")
        click.echo()


def _counted(number: int) -> str:
    return f"{number} message{'' if number == 1 else 's'}"
