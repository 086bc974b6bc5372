"""What can the desk ask when the replay is over, and what does it get? The real commands, on the replay's record."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import redirect_stderr
from datetime import datetime
from pathlib import Path

from monitor.config.templates import render_config
from monitor.demo.installation import DESK, ROOM
from monitor.demo.legislation import KYIV
from monitor.demo.programme import legislation, watched_from
from monitor.demo.replay import Stage
from monitor.demo.telling import moment

LATER = datetime(2026, 8, 20, 12, tzinfo=KYIV)
"""A day after the replay's own record, in the term that follows the one no document was found of."""

_MEANWHILE = "2026-06-01"


def welcome(stage: Stage) -> None:
    """Say what is going to be shown, and what in it is the record's own."""
    screen = stage.screen
    screen.blank()
    screen.say("lexwatch demo", "bold")
    screen.say(
        "The real service in fast-forward, against an embedded copy of the past: it polls, detects, "
        "remembers and tells. No network, no keys; all of it lives in a temporary folder that is removed at the end."
    )
    screen.blank()
    screen.table(
        [
            ("records", "api.congress.gov and data.rada.gov.ua as they answered then, embedded web servers"),
            ("mailbox", f"{DESK}, an embedded mail server"),
            ("Slack", f"#{ROOM}, an embedded webhook"),
        ]
    )
    screen.blank()
    screen.say(
        "Every action, vote, text and name of a bill is the official record's own, and so is every number and date of "
        "a Ukrainian act; the texts of those acts are constructed. When a line became visible is not recorded: it is "
        "modelled as 08:00 in Washington on the next morning, and as 18:00 in Kyiv on the same day. The data says "
        "which is which.",
        "dim",
    )
    screen.blank()
    screen.pace.pause(12)


def later(stage: Stage, title: str) -> None:
    """Ask about a day beyond the replay: what is no longer known is not guessed, what is inferred is said to be."""
    screen = stage.screen
    clock = f"--now {LATER:%Y-%m-%dT%H:%M}"
    screen.heading(title)
    screen.say("This desk, which has read nothing since January: a gap is not an end.", "dim")
    _ask(stage, ["status", "Martial law"], stage.config, clock)
    screen.say(
        "A new desk begins with the history that ships with lexwatch. Of the renewal of May 2026 no document was "
        "found; the terms before and after it fix it, and nothing inferred passes for official.",
        "dim",
    )
    fresh = stage.config.parent / "new" / "new.toml"
    fresh.parent.mkdir()
    fresh.write_text(render_config(), encoding="utf-8")
    for asked in (["status", "ua/regime/martial-law"], ["status", "ua/regime/martial-law", "--as-of", _MEANWHILE]):
        _ask(stage, asked, fresh, f"--config {fresh.name} {clock}")


def standing(stage: Stage, title: str) -> None:
    """Show where things stand, one past, and the mailbox."""
    screen = stage.screen
    screen.heading(title)
    _ask(stage, ["history", "NATO withdrawal"], stage.config)
    _ask(stage, ["status"], stage.config)
    screen.say(f"The mailbox of {DESK}:", "bold")
    for letter in stage.mailbox.letters:
        screen.table([(str(letter["Date"].datetime.date()), str(letter["Subject"]))], indent=4, gap=12)
    screen.pace.pause(len(stage.mailbox.letters))


def farewell(stage: Stage, seconds: float) -> None:
    """Count what happened."""
    screen = stage.screen
    updates = legislation().updates(watched_from(), stage.now)
    others = sum(paper not in legislation().renewals for paper, _ in updates)
    screen.blank()
    screen.say(
        f"{stage.runs} polls and {stage.asked()} requests later it is {moment(stage.now)}: "
        f"{len(stage.mailbox.letters)} e-mails and {len(stage.room.posts)} Slack posts, each once; "
        f"{stage.silent} times the record moved and nobody was bothered, nor by any of {others} updates of other "
        f"Ukrainian acts. It took {seconds:.0f} s, and the temporary folder is removed now."
    )
    screen.say("Yours next:  lexwatch init  writes a configuration,  lexwatch run  starts.", "bold")
    screen.blank()


def _ask(stage: Stage, words: Sequence[str], config: Path, options: str = "") -> None:
    """Give a real command, at the replay's present day unless `options` says another; show what a terminal shows."""
    from monitor.cli.main import main  # the command line knows the demo, not the other way round

    typed = " ".join(f'"{word}"' if " " in word else word for word in words)
    stage.screen.command(f"{options} {typed}".strip())
    stage.screen.flush()
    clock = LATER if "--now" in options else stage.now
    with redirect_stderr(sys.stdout):
        stage.troubles += main(["--config", str(config), "--now", clock.isoformat(), *words]) != 0
    stage.screen.blank()
    stage.screen.pace.pause(10)
