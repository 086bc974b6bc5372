"""How is the past told, day by day?

For each instant at which the record was touched the clock is set, the real one-shot run is made, and what it caused
is shown: letters, posts, or nothing. Days without a message are gathered and told as one silence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from monitor.demo.history import Bill
from monitor.demo.installation import Watched
from monitor.demo.mailbox import Mailbox, text_of
from monitor.demo.origin import Origin
from monitor.demo.screen import Screen
from monitor.demo.slack import Room, lines_of
from monitor.demo.telling import WASHINGTON, Step, counted, moment, published, span, steps

MENDED_AFTER = timedelta(hours=1)


@dataclass(slots=True)
class Stage:
    """What the replay plays with. `watch` adds a bill to the configuration, `run` makes one real run at `now`.

    `letters_seen` and `posts_seen` count what was shown already, `silent` the runs that found something and told
    nobody, `troubles` those that did not end well.
    """

    screen: Screen
    origin: Origin
    mailbox: Mailbox
    room: Room
    config: Path
    watch: Callable[[Watched], None]
    run: Callable[[], int]
    now: datetime
    letters_seen: int = 0
    posts_seen: int = 0
    runs: int = 0
    silent: int = 0
    troubles: int = 0

    def run_at(self, at: datetime) -> int:
        """Set the clock, run, and return how many requests it took."""
        self.now = at
        self.runs += 1
        before = len(self.origin.asked)
        self.troubles += self.run() != 0
        return len(self.origin.asked) - before


@dataclass(slots=True)
class Silence:
    """Polls that found something, none of it for this desk."""

    bill: Bill
    steps: list[Step] = field(default_factory=list)

    def end(self, screen: Screen) -> None:
        """Tell the silence, if there was any."""
        if not self.steps:
            return
        times = f"{len(self.steps)} times" if len(self.steps) > 1 else "once"
        found = counted(self.bill, self.steps)
        screen.day(span(self.steps[0].at, self.steps[-1].at))
        what = f"the record was touched {times}: {found or 'and nothing in it changed'}"
        screen.published([what])
        why = "nothing this desk asked for" if found else "a stamp that moved is not news"
        screen.answered(f"{why}: no message")
        screen.blank()
        self.steps.clear()


def play(stage: Stage, bill: Bill, *, mail_fails_on: date | None = None) -> None:
    """Replay one bill from its first day to the last one known.

    On `mail_fails_on` (a day in Washington) the mail server is out of order for an hour: the one thing in the replay
    that did not happen, and said to be so.
    """
    silence = Silence(bill)
    for step in steps(bill):
        stage.mailbox.closed = step.at.astimezone(WASHINGTON).date() == mail_fails_on
        requests = stage.run_at(step.at)
        if step.after is not None and not _waiting(stage):
            silence.steps.append(step)
            stage.silent += 1
            continue
        silence.end(stage.screen)
        stage.screen.day(f"{moment(step.at)} in Washington")
        stage.screen.published(published(bill, step))
        if step.after is None:
            stage.screen.answered(f"first reading ({requests} requests): what is there already is past, not news")
        _show(stage)
        if stage.mailbox.closed:
            _mend(stage)
        stage.screen.blank()
    silence.end(stage.screen)


def _waiting(stage: Stage) -> int:
    """Count what has arrived and was not shown yet."""
    return len(stage.mailbox.letters) - stage.letters_seen + len(stage.room.posts) - stage.posts_seen


def _mend(stage: Stage) -> None:
    """Tell of the refused message, put the mail server in order, and let the next run deliver."""
    stage.screen.answered(
        "the mail server is down (rehearsed here, not history): the e-mail is kept and tried again", "yellow"
    )
    stage.mailbox.closed = False
    stage.run_at(stage.now + MENDED_AFTER)
    stage.screen.blank()
    stage.screen.day(f"{moment(stage.now)} in Washington", "the mail server is back")
    _show(stage)


def _show(stage: Stage) -> None:
    for letter in stage.mailbox.letters[stage.letters_seen :]:
        head = [(name, str(letter[name])) for name in ("From", "To", "Subject")]
        stage.screen.letter("E-mail", head, text_of(letter).splitlines(), "blue")
    for post in stage.room.posts[stage.posts_seen :]:
        stage.screen.letter("Slack #policy-room", [], lines_of(post), "magenta")
    stage.letters_seen = len(stage.mailbox.letters)
    stage.posts_seen = len(stage.room.posts)
