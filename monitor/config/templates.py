"""What does a new configuration look like? Blocks of commented TOML, put together.

The shipped default is what `compose()` gives when nobody asked for anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_HEAD = """\
# lexwatch: what is watched, and who is told.
#
# {promise}
#   lexwatch check     says what this file means, and what is wrong with it
#   lexwatch run       starts watching
#   lexwatch status    says where things stand
# Paths are relative to this file. Durations are written 90s, 15m, 2h, 1d. Every key: docs/reference/configuration.md

[service]
database = "lexwatch.db"             # the record: one SQLite file
{timezone:<36} # for the dates shown in messages, such as "Europe/Kyiv"
{contact:<36} # sent to publishers, so that they know whom to ask
{operator:<36} # channels that hear when a source or a channel is broken

[source.congress]                    # the bills of the US Congress, from api.congress.gov
every   = "15m"
# Get a key of your own at https://api.congress.gov/sign-up and put it into the environment; without one the
# public DEMO_KEY is used, which is good for 50 requests a day.
api_key = {{ env = "CONGRESS_API_KEY" }}
"""

_RADA = """
[source.rada]                        # the legislation of Ukraine, from data.rada.gov.ua; needs no key
every   = "30m"
"""

_REGIME = """
[[watch]]                            # a regime runs in terms: its renewals are told, step by step
regime = {regime:<27} # martial law in Ukraine
"""

_CONSOLE = """
[[channel]]                          # one of these for each way to tell people
name = "terminal"
kind = "console"
"""

_EMAIL = """
[[channel]]
name     = "desk"
kind     = "email"
to       = {to}
sender   = {sender}
server   = {server:<51} # or smtp://host:25, smtps://user@host:465
password = {{ env = {password} }}                           # or {{ file = "smtp-password" }}
"""

_SLACK = """
[[channel]]
name    = "policy-room"
kind    = "slack"
webhook = {{ env = {webhook} }}
"""

_ROUTE = """
# Without a route every channel hears the default kinds of everything. With routes, only what they carry is told.
# [[route]]
# watch    = ["*"]                                               # names of watches, or patterns
# kinds    = ["status", "text", "vote", "hearing", "term", "reminder", "appeared", "correction"]
# channels = {channels}
"""

EXAMPLE_BILL = "us/bill/119/hr/6508"
EXAMPLE_NOTE = "US withdrawal from NATO"
EXAMPLE_REGIME = "ua/regime/martial-law"


@dataclass(frozen=True, slots=True)
class NewConfig:
    """What a new configuration is to have. `bills` are identities, each with a note or None."""

    bills: Sequence[tuple[str, str | None]] = ((EXAMPLE_BILL, EXAMPLE_NOTE),)
    regimes: Sequence[str] = (EXAMPLE_REGIME,)
    timezone: str = "UTC"
    contact: str | None = None
    emails: Sequence[str] = ()
    sender: str | None = None
    server: str | None = None
    password_env: str = "SMTP_PASSWORD"
    slack_env: str | None = None


def render_config(wish: NewConfig | None = None) -> str:
    """Return the text of a configuration file."""
    return "".join(_blocks(wish or NewConfig()))


def _blocks(wish: NewConfig) -> Iterator[str]:
    told = [*(["desk"] if wish.emails else []), *(["policy-room"] if wish.slack_env else [])]
    usual = wish == NewConfig()
    yield _HEAD.format(
        promise="This file works as it stands: it follows a bill and a regime, and prints what changes."
        if usual
        else "Made by lexwatch init. Change it as you like; a running lexwatch takes up what you save.",
        timezone=f"timezone = {_toml(wish.timezone)}",
        contact=f"contact  = {_toml(wish.contact)}" if wish.contact else '# contact  = "desk@example.org"',
        operator=f"operator = {_toml(told)}" if told else '# operator = ["desk"]',
    )
    if wish.regimes:
        yield _RADA
    for number, (bill, note) in enumerate(wish.bills):
        yield _watch(bill, note, explain=number == 0)
    for regime in wish.regimes:
        yield _REGIME.format(regime=_toml(regime))
    yield from _channels(wish)
    yield _ROUTE.format(channels=_toml(told or ["desk", "policy-room"]))


def _watch(bill: str, note: str | None, *, explain: bool) -> str:
    lines = ["", "[[watch]]", f"bill = {_toml(bill)}"]
    if note:
        lines.append(f"note = {_toml(note)}")
    if explain:
        remarks = ["", "# one of these for each thing you follow", "# Congress, type, number"]
        remarks.append("# yours: comes with every message")
        lines = [f"{line:<36} {remark}".strip() for line, remark in zip(lines, remarks, strict=False)]
    return "\n".join(lines) + "\n"


def _channels(wish: NewConfig) -> Iterator[str]:
    email = _EMAIL.format(
        to=_toml(list(wish.emails) or ["desk@example.org"]),
        sender=_toml(wish.sender or "lexwatch@example.org"),
        server=_toml(wish.server or "smtp+starttls://lexwatch@mail.example.org:587"),
        password=_toml(wish.password_env),
    )
    slack = _SLACK.format(webhook=_toml(wish.slack_env or "SLACK_WEBHOOK_URL"))
    yield _CONSOLE
    yield email if wish.emails else _commented(email)
    yield slack if wish.slack_env else _commented(slack)


def _commented(block: str) -> str:
    return "".join(f"# {line}" if line.strip() else line for line in block.splitlines(keepends=True))


def _toml(value: str | list[str]) -> str:
    """Write text or a list of texts as TOML; JSON strings without lone surrogates are TOML strings."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
