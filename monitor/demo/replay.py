"""How is the past told, day by day?

For each instant at which the record was touched the clock is set, the real one-shot run is made, and what it caused
is shown: letters, posts, or nothing. Days without a message are gathered and told as one silence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from domain.records.facets import Kind
from monitor.demo.installation import ROOM, Watched
from monitor.demo.mailbox import Mailbox, text_of
from monitor.demo.screen import Screen
from monitor.demo.slack import Room, lines_of
from monitor.demo.telling import Step, moment, span

MENDED_AFTER = timedelta(hours=1)
MAIL, SLACK = "blue", "magenta"


class Course(Protocol):
    """A stretch of the past: when it is polled, and what its publisher had then. `place` and `zone` are the
    publisher's, `verb` says what happened to the record when nothing came of it."""

    @property
    def place(self) -> str: ...

    @property
    def zone(self) -> ZoneInfo: ...

    @property
    def verb(self) -> str: ...

    def steps(self) -> tuple[Step, ...]: ...

    def published(self, step: Step) -> list[str]: ...

    def counted(self, steps: Sequence[Step]) -> str:
        """Say in one clause what several polls found; empty for nothing at all."""
        ...


@dataclass(slots=True)
class Stage:
    """What the replay plays with. `watch` adds to the configuration, `run` makes one real run at `now`, `asked` says
    how many requests the publishers answered.

    `letters_seen` and `posts_seen` count what was shown already, `…_before` what was shown when the present course
    began (-1 if it shows nothing whole), `silent` the runs that met a touched record and told nobody, `troubles` those
    that did not end well.
    """

    screen: Screen
    mailbox: Mailbox
    room: Room
    config: Path
    watch: Callable[[Watched], None]
    run: Callable[[], int]
    asked: Callable[[], int]
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


def play(stage: Stage, course: Course, *, mail_fails_on: date | None = None, again: bool = False) -> None:
    """Replay one course of events from its first poll to its last; `again` if its like was shown before, so that no
    message of it has to be shown whole.

    On `mail_fails_on` (a day where the publisher is) the mail server is out of order for an hour: the one thing in
    the replay that did not happen, and said to be so.
    """
    stage.letters_before, stage.posts_before = (-1, -1) if again else (stage.letters_seen, stage.posts_seen)
    silence: list[Step] = []
    for step in course.steps():
        stage.mailbox.closed = step.at.astimezone(course.zone).date() == mail_fails_on
        stage.run_at(step.at)
        if step.after is not None and not stage.news():
            if silence and not course.counted([step]):
                _tell_silence(stage.screen, course, silence)
            silence.append(step)
            stage.silent += 1
            continue
        _tell_silence(stage.screen, course, silence)
        _tell_day(stage, course, step)
    _tell_silence(stage.screen, course, silence)


def _tell_silence(screen: Screen, course: Course, silence: list[Step]) -> None:
    """Tell of polls that found something, none of it for this desk; nothing if there were none. Empties the list."""
    if not silence:
        return
    found = course.counted(silence)
    often = {1: "once", 2: "twice"}.get(len(silence), f"{len(silence)} times")
    why = "nothing this desk asked for" if found else "a stamp that moved is not news"
    screen.day(span(silence[0].at, silence[-1].at, course.zone))
    screen.published([f"{course.verb} {often}: {found or 'nothing in it changed'}"])
    screen.answered(f"{why}: no message")
    screen.blank()
    silence.clear()


def _tell_day(stage: Stage, course: Course, step: Step) -> None:
    """Tell what was published, what lexwatch made of it, and what arrived."""
    screen = stage.screen
    screen.day(f"{moment(step.at, course.zone)} in {course.place}")
    screen.published(course.published(step))
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
        screen.day(f"{moment(stage.now, course.zone)} in {course.place}")
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
