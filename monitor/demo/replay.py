"""How is the past told, day by day?

For each instant at which the record was touched the clock is set, the real one-shot run is made, and what it caused
is shown: letters, posts, or nothing. Days without a message are gathered and told as one silence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from domain.facets import Kind
from monitor.demo.history import Bill
from monitor.demo.installation import ROOM, Watched
from monitor.demo.mailbox import Mailbox, text_of
from monitor.demo.origin import Origin
from monitor.demo.screen import Screen
from monitor.demo.slack import Room, lines_of
from monitor.demo.telling import WASHINGTON, Step, counted, moment, published, span, steps

MENDED_AFTER = timedelta(hours=1)
MAIL, SLACK = "blue", "magenta"


@dataclass(slots=True)
class Stage:
    """What the replay plays with. `watch` adds a bill to the configuration, `run` makes one real run at `now`.

    `letters_seen` and `posts_seen` count what was shown already, `…_before` what was shown when the present history
    began, `silent` the runs that met a touched record and told nobody, `troubles` those that did not end well.
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
    letters_before: int = 0
    posts_before: int = 0
    runs: int = 0
    silent: int = 0
    troubles: int = 0

    def news(self) -> bool:
        """Say whether something has arrived that was not shown yet."""
        return len(self.mailbox.letters) > self.letters_seen or len(self.room.posts) > self.posts_seen

    def run_at(self, at: datetime) -> None:
        """Set the clock and make one run."""
        self.now = at
        self.runs += 1
        self.troubles += self.run() != 0
        self.screen.pace.pause()


def play(stage: Stage, bill: Bill, *, mail_fails_on: date | None = None) -> None:
    """Replay one bill from its first day to the last one known.

    On `mail_fails_on` (a day in Washington) the mail server is out of order for an hour: the one thing in the replay
    that did not happen, and said to be so.
    """
    stage.letters_before, stage.posts_before = stage.letters_seen, stage.posts_seen
    silence: list[Step] = []
    for step in steps(bill):
        stage.mailbox.closed = step.at.astimezone(WASHINGTON).date() == mail_fails_on
        stage.run_at(step.at)
        if step.after is not None and not stage.news():
            if silence and not counted(bill, [step]):
                _tell_silence(stage.screen, bill, silence)
            silence.append(step)
            stage.silent += 1
            continue
        _tell_silence(stage.screen, bill, silence)
        _tell_day(stage, bill, step)
    _tell_silence(stage.screen, bill, silence)


def _tell_silence(screen: Screen, bill: Bill, silence: list[Step]) -> None:
    """Tell of polls that found something, none of it for this desk; nothing if there were none. Empties the list."""
    if not silence:
        return
    found = counted(bill, silence)
    often = {1: "once", 2: "twice"}.get(len(silence), f"{len(silence)} times")
    why = "nothing this desk asked for" if found else "a stamp that moved is not news"
    screen.day(span(silence[0].at, silence[-1].at))
    screen.published([f"touched {often}: {found or 'nothing in it changed'}"])
    screen.answered(f"{why}: no message")
    screen.blank()
    silence.clear()


def _tell_day(stage: Stage, bill: Bill, step: Step) -> None:
    """Tell what was published, what lexwatch made of it, and what arrived."""
    screen = stage.screen
    screen.day(f"{moment(step.at)} in Washington")
    screen.published(published(bill, step))
    if step.after is None:
        screen.answered("first reading: what is there already is the past, not news")
    else:
        screen.answered(_told(stage), "")
    if stage.mailbox.closed:
        screen.answered("mail server down (rehearsed, not history): the e-mail is kept", "yellow")
    _show(stage)
    if stage.mailbox.closed:
        stage.mailbox.closed = False
        stage.run_at(stage.now + MENDED_AFTER)
        screen.blank()
        screen.day(f"{moment(stage.now)} in Washington")
        screen.answered(f"the mail server is back: {_told(stage)}", "")
        _show(stage)
    screen.blank()


def _told(stage: Stage) -> str:
    """Count what arrived: `1 e-mail, 1 post in Slack`."""
    counts = (
        (len(stage.mailbox.letters) - stage.letters_seen, "e-mail"),
        (len(stage.room.posts) - stage.posts_seen, "post in Slack"),
    )
    return ", ".join(f"{number} {what}" for number, what in counts if number)


def _show(stage: Stage) -> None:
    """Show what arrived and was not shown yet: the first of a bill and news of its status as a reader sees them,
    the rest as an inbox does."""
    for letter in stage.mailbox.letters[stage.letters_seen :]:
        if stage.letters_seen == stage.letters_before or Kind.STATUS in letter["X-Lexwatch-Kinds"].split():
            head = [(name, str(letter[name])) for name in ("From", "To", "Subject")]
            stage.screen.letter("E-mail", head, _body(letter, whole=stage.letters_seen == 0), MAIL)
        else:
            stage.screen.brief("E-mail", str(letter["Subject"]), MAIL)
        stage.letters_seen += 1
    for post in stage.room.posts[stage.posts_seen :]:
        lines = lines_of(post)
        if stage.posts_seen == stage.posts_before:
            stage.screen.letter(f"Slack  #{ROOM}", [], lines, SLACK)
        else:
            stage.screen.brief("Slack", lines[0], SLACK)
        stage.posts_seen += 1


def _body(letter: EmailMessage, *, whole: bool) -> list[str]:
    """Return the lines of a letter, its small print cut to one line unless `whole`."""
    lines = [line.rstrip() for line in text_of(letter).splitlines()]
    if whole or "--" not in lines:
        return lines
    return [*lines[: lines.index("--")], "-- why you got this, alert, evidence"]
