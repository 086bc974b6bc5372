"""How does a newcomer get a configuration? `lexwatch init`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from domain.names import resolve
from monitor.config import load
from monitor.presets import EXAMPLE_BILL, EXAMPLE_NOTE, EXAMPLE_REGIME, Wish, compose
from monitor.session import Session
from monitor.terminal import say


def init(
    session: Session,
    file: str,
    *,
    bills: Sequence[str],
    note: str | None,
    timezone: str,
    contact: str | None,
    emails: Sequence[str],
    sender: str | None,
    server: str | None,
    slack_env: str | None,
) -> int:
    """Write a configuration; nothing is written when something in it would be wrong or the name is taken."""
    today = session.clock_without_configuration()
    names = [resolve(bill, today=today().date()) for bill in bills]
    for name in names:
        if name.remark:
            say(name.remark)
    wanted = [(str(name.document), note if number == 0 else None) for number, name in enumerate(names)]
    wish = Wish(
        bills=wanted or ((EXAMPLE_BILL, note or EXAMPLE_NOTE),),
        regimes=() if wanted else (EXAMPLE_REGIME,),
        timezone=timezone,
        contact=contact,
        emails=emails,
        sender=sender,
        server=server,
        slack_env=slack_env,
    )
    text = compose(wish)
    _check(text, session)
    path = Path(file)
    _write(path, text)
    click.echo(f"wrote {path}", err=True)
    _next_steps(path, wish)
    return 0


def _check(text: str, session: Session) -> None:
    """Read the new text as a configuration first: what was given as an option may be wrong."""
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / "config.toml"
        trial.write_text(text)
        load(trial, now=session.clock_without_configuration()(), secrets=False)


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise click.UsageError(f"{path} exists already: init never overwrites, name another file") from None
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}") from None


def _next_steps(path: Path, wish: Wish) -> None:
    if wish.emails:
        say(f"put the password of the mail server into the environment as {wish.password_env}")
        if not wish.server or not wish.sender:
            say("fill in the mail server and the sender: they are examples")
    if wish.slack_env:
        say(f"put the address of the Slack webhook into the environment as {wish.slack_env}")
    where = "" if os.fspath(path) == "config.toml" else f" --config {path}"
    say(f"next: lexwatch{where} check")
