"""What would a configuration have sent? `lexwatch rehearse`: the recorded past under another configuration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from domain.delivery import State
from domain.errors import ConfigError, UnknownName
from domain.instants import stated
from monitor.commands.reading import shown
from monitor.config import load
from monitor.rehearsing import Sent, really_sent, rehearse
from monitor.session import Session, moment
from monitor.settings import Settings
from monitor.terminal import clean, print_json, print_rows, say
from storage.asking import Archive

Json = dict[str, Any]

BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)


def rehearsed(session: Session, *, since: str | None, config: str | None, as_json: bool) -> int:
    """Say who would have got which messages; exit status 1 when nothing is on record yet."""
    settings = _settings(session, config)
    begin = moment(since, settings.timezone, "--since") if since else BEGINNING
    until = session.clock()
    with session.reading() as reader:
        if reader is None:
            raise UnknownName(f"nothing is recorded yet in {session.settings.database}: start lexwatch run")
        archive = Archive.of(reader)
        found = rehearse(archive, settings, begin, until)
        really = really_sent(archive, begin, until)
    for name in found.unread:
        say(f"nothing is on record of what {name} follows: what it would have told is not known")
    rows = [_recipient(place, found.sent, really) for place in _places(found.sent, really)]
    if as_json:
        print_json(
            {
                "since": stated(begin) if since else None,
                "until": stated(until),
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
    return load(path, now=session.clock(), secrets=False)


def _places(sent: Iterable[Sent], really: Iterable[Sent]) -> Sequence[tuple[str, str]]:
    return sorted({(one.channel, one.to) for one in (*sent, *really)})


def _recipient(place: tuple[str, str], sent: Iterable[Sent], really: Iterable[Sent]) -> Json:
    mine = sorted((one for one in sent if (one.channel, one.to) == place), key=lambda one: one.at)
    theirs = [one for one in really if (one.channel, one.to) == place]
    now, then = _told(mine), _told(theirs)
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


def _told(sent: Iterable[Sent]) -> Counter[str]:
    return Counter(key for one in sent for _, keys in one.alerts for key in keys)


def _message(one: Sent) -> Json:
    return {
        "at": stated(one.at),
        "state": "sent" if one.state is State.SENT else "waits",
        "subject": one.subject,
        "documents": list(dict.fromkeys(str(document) for document, _ in one.alerts)),
        "changes": [key for _, keys in one.alerts for key in keys],
    }


def _show(rows: Sequence[Json], zone: str) -> None:
    if not rows:
        say("nobody would have been told anything, and nobody was")
    for row in rows:
        sent, really = row["messages"], row["really"]
        click.echo(clean(f"{row['to']} by {row['channel']}: {_counted(sent)}; really {_counted(really)}"))
        messages = [
            [shown(m["at"], zone), m["state"], m["subject"] or ", ".join(m["documents"])] for m in row["subjects"]
        ]
        if messages:
            print_rows(("When", "State", "Subject"), messages, spare=("State",))
        if row["more"] or row["fewer"]:
            click.echo(f"  {len(row['more'])} changes more than really told, {len(row['fewer'])} fewer")
        click.echo()


def _counted(number: int) -> str:
    return f"{number} message{'' if number == 1 else 's'}"
