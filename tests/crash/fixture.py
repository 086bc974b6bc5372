"""Who is told what, by which channel and in which way, in the installations under test?

Two scenes: `PLAIN`, three channels that tell everything at once, and `FULL`, with every way a message can take: quiet
hours, a digest, a channel that hears only of texts, one whose receiver is often away, a terminal, a saved search over
the whole Congress, and a regime that is kept by hand and runs out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.crash.bills import CONGRESS

PEOPLE = ("ann@example.org", "ben@example.org")
NIGHT, DAILY = "nina@example.org", "dora@example.org"
ROOM, PRINTS = "policy-room", "print-room"
ARCHIVE, RELAY, TERMINAL = "archive", "relay", "terminal"

START = datetime(2026, 1, 6, 10, tzinfo=UTC)
REGIME_ENDS = START + timedelta(days=90, hours=12)

CHANNELS = """\
[[channel]]
name = "desk"
kind = "email"
to = {people}
sender = "lexwatch@example.org"
server = "{mail}"

[[channel]]
name = "policy-room"
kind = "slack"
webhook = {{ env = "SLACK_WEBHOOK_URL" }}

[[channel]]
name = "archive"
kind = "webhook"
webhook = {{ env = "ARCHIVE_URL" }}
secret = {{ env = "ARCHIVE_SECRET" }}
"""
"""The channels of every installation under test: mail, Slack and a webhook."""

_CONFIGURATION = """\
[service]
database = "lexwatch.db"
timezone = "UTC"
contact = "crash@example.org"
operator = {operator}

[http]
allow_hosts = ["127.0.0.1"]

[source.congress]
every = "{every}"
base_url = "{origin}"
api_key = {{ env = "CONGRESS_API_KEY" }}
whole = {whole}

"""

_AT_ONCE = """
[[route]]
watch = ["*"]
kinds = ["status", "action", "text"]
channels = ["desk", "policy-room", "archive"]
"""

_MORE = """
[[channel]]
name = "night"
kind = "email"
to = ["nina@example.org"]
sender = "lexwatch@example.org"
server = "{mail}"
quiet = "22:00-07:00"

[[channel]]
name = "daily"
kind = "email"
to = ["dora@example.org"]
sender = "lexwatch@example.org"
server = "{mail}"

[[channel]]
name = "relay"
kind = "webhook"
webhook = {{ env = "RELAY_URL" }}
secret = {{ env = "ARCHIVE_SECRET" }}

[[channel]]
name = "print-room"
kind = "slack"
webhook = {{ env = "PRINTS_URL" }}

[[channel]]
name = "terminal"
kind = "console"

[[route]]
watch = ["*"]
kinds = ["status", "action", "text", "appeared", "reminder"]
channels = ["desk", "policy-room", "archive", "night", "relay", "terminal"]

[[route]]
watch = ["*"]
kinds = ["status", "action", "text", "appeared", "reminder"]
channels = ["daily"]
when = "daily 08:00"

[[route]]
watch = ["*"]
kinds = ["text"]
channels = ["print-room"]

[[watch]]
search = "constructed"
name = "everything constructed"
congress = {congress}

[[watch]]
regime = "xx/regime/curfew"
"""

_REGIME = """\
# Constructed: no such regime exists.
regime = "xx/regime/curfew"
title = "Curfew in Constructed"
zone = "UTC"
reminders = [{ladder}]

[term]
length = "100 days"

[[instrument]]
name = "Order 1"
act = "introduction"
on = {known:%Y-%m-%d}
starts_at = "{starts:%Y-%m-%dT%H:%M}"
"""


@dataclass(frozen=True, slots=True)
class Fixture:
    """One configuration, but for the addresses. `recipients` must hear of everything, `narrow` of texts alone."""

    text: str
    recipients: tuple[str, ...]
    narrow: tuple[str, ...] = ()
    full: bool = False

    def write(self, folder: Path, *, every: str, origin: str, mail: str, bills: list[int]) -> None:
        """Write the configuration into a folder, with a watch for each bill."""
        text = self.text.format(
            operator=json.dumps(["desk"] if self.full else []),
            every=every,
            origin=origin,
            whole=json.dumps(self.full),
            people=json.dumps(PEOPLE),
            mail=mail,
            congress=CONGRESS,
        )
        watches = "".join(f'\n[[watch]]\nbill = "us/bill/{CONGRESS}/hr/{number}"\n' for number in bills)
        (folder / "config.toml").write_text(text + watches)
        if self.full:
            (folder / "regimes").mkdir()
            (folder / "regimes" / "xx-curfew.toml").write_text(curfew_file())


def curfew_file() -> str:
    starts = REGIME_ENDS - timedelta(days=100)
    ladder = ", ".join(str(days) for days in range(90, 0, -1))
    return _REGIME.format(ladder=ladder, known=starts, starts=starts)


def reminder_mark(days: int) -> str:
    """Return the mark of the reminder so many days before the end of the regime."""
    return f"RG{days:03d}"


def reminders_due(first: datetime, looked_at: list[datetime]) -> dict[str, datetime]:
    """Return the reminders that must have been told, with the moment each could be: those whose day held one of the
    moments at which lexwatch ran undisturbed. `first` is when it began; what was past then is no news."""
    due: dict[str, datetime] = {}
    for days in range(90, 0, -1):
        opens, closes = (REGIME_ENDS - timedelta(days=n) for n in (days, days - 1))
        within = [at for at in looked_at if opens <= at < closes]
        if within and opens > first:
            due[reminder_mark(days)] = within[0]
    return due


PLAIN = Fixture(_CONFIGURATION + CHANNELS + _AT_ONCE, (*PEOPLE, ROOM, ARCHIVE))
FULL = Fixture(
    _CONFIGURATION + CHANNELS + _MORE, (*PEOPLE, ROOM, ARCHIVE, NIGHT, DAILY, RELAY, TERMINAL), (PRINTS,), full=True
)
