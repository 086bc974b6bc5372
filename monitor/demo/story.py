"""What is replayed, in which order, and how is it shown, day by day?

For each instant at which the record was touched the clock is set, the real one-shot run is made, and what it caused is
shown: e-mails, posts, or nothing. Days without a message are gathered and shown as one silence. What was published
stands in `data/story.json`, made from the official record by `tests.monitor.demo.record`, which says what is modelled.

Colour only on a terminal (`NO_COLOR` honoured), never more than 96 columns, letters and posts behind a bar at the
left so that long lines wrap where they stand.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from importlib.resources import files
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from domain.records.facets import Kind
from monitor.demo.servers import Mailbox, Recording, lines_of, text_of

WIDEST = 96
READING_SECONDS = 0.09
"""Pause per line shown: about as fast as one reads what one half expects."""


@dataclass(slots=True)
class Pace:
    """How much time a reader gets, and whether to go on at all.

    Pauses stop when `seconds` are used up, whatever is still to come. Once `stop` is set, the next pause raises
    KeyboardInterrupt: only there, because a signal that raises wherever it strikes is swallowed by the libraries.
    """

    seconds: float
    stop: threading.Event = field(default_factory=threading.Event)
    started_at: float = field(default_factory=time.monotonic)

    def pause(self, lines: int = 0) -> None:
        left = self.seconds - (time.monotonic() - self.started_at)
        if self.stop.wait(max(0.0, min(lines * READING_SECONDS, left))):
            raise KeyboardInterrupt


class Screen:
    """Prints the replay. Every method shows one thing and gives the reader time for it."""

    def __init__(self, pace: Pace, stream: TextIO | None = None) -> None:
        stream = stream or sys.stdout
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
        self.console = _Console(file=stream, highlight=False, soft_wrap=False)
        self.width = min(self.console.width, WIDEST)
        self.pace = pace
        self.bar = "│" if _speaks_unicode(stream) else "|"
        self.rule = "─" if _speaks_unicode(stream) else "-"
        self._below_message = False

    def say(self, text: str = "", style: str = "", indent: int = 2, after: int = 0) -> int:
        """Print a paragraph, wrapped; `after` is the indent of its further lines. Returns the lines used."""
        lines = self._wrap(text, self.width - indent - after) or [""]
        for number, line in enumerate(lines):
            self._line(" " * (indent + (after if number else 0)) + line, style)
        return len(lines)

    def table(self, rows: Iterable[tuple[str, str]], style: str = "", indent: int = 2, gap: int = 11) -> int:
        """Print names and values in two columns; values wrap in theirs."""
        used = 0
        for name, value in rows:
            for number, line in enumerate(self._wrap(value, self.width - indent - gap) or [""]):
                self._line(" " * indent + (name if number == 0 else "").ljust(gap), "dim", end="")
                self._line(line, style)
                used += 1
        return used

    def introduce(self, title: str, introduction: str, servers: Iterable[tuple[str, str]], modelled: str) -> None:
        """Say what is going to be shown, and what in it is the record's own."""
        self.blank()
        self.say(title, "bold")
        self.say(introduction)
        self.blank()
        self.table(servers)
        self.blank()
        self.say(modelled, "dim")
        self.blank()
        self.pace.pause(12)

    def heading(self, text: str) -> None:
        """Begin a part of the replay."""
        self._line(f"{self.rule * 2} {text} ".ljust(self.width, self.rule), "bold cyan")
        self._line()
        self.pace.pause(4)

    def day(self, text: str) -> None:
        """Name the day it is in the replay."""
        self._below_message = False
        self._line(text, "bold")

    def published(self, lines: Sequence[str]) -> None:
        """Show what the official record published."""
        self.pace.pause(self.table([("record" if n == 0 else "", line) for n, line in enumerate(lines)]))

    def answered(self, text: str, style: str = "dim") -> None:
        """Show what lexwatch made of it."""
        self.pace.pause(self.table([("lexwatch", text)], style))

    def message(self, title: str, head: Sequence[tuple[str, str]], body: Sequence[str], colour: str) -> None:
        """Show a message as its reader sees it: title, header lines, text."""
        self._line()
        self._barred([Text(title, style=f"bold {colour}")], colour)
        for name, value in head:
            for number, line in enumerate(self._wrap(value, self.width - 4 - 9)):
                words = ((name if number == 0 else "").ljust(9), "dim"), (line, "bold" if name == "Subject" else "")
                self._barred([Text.assemble(*words)], colour)
        if head and body:
            self._barred([Text()], colour)
        shown = [part for line in body for part in (self._wrap(line, self.width - 4) or [""])]
        self._barred([Text(line) for line in shown], colour)
        self._below_message = True
        self.pace.pause(len(head) + len(shown))

    def brief(self, title: str, line: str, colour: str) -> None:
        """Show of a message what an inbox shows: one line."""
        if self._below_message:
            self._line()
        for number, part in enumerate(self._wrap(line, self.width - 4 - 9)):
            words = Text.assemble(((title if number == 0 else "").ljust(9), f"bold {colour}"), part)
            self._barred([words], colour)
        self.pace.pause(3)

    def command(self, words: str) -> None:
        """Show a command as it would be typed."""
        self._line(f"$ lexwatch {words}", "bold green")

    def blank(self) -> None:
        self._line()

    def flush(self) -> None:
        """Hand everything over before somebody else writes to the same stream."""
        self.console.file.flush()

    def _barred(self, lines: Iterable[Text], colour: str) -> None:
        for line in lines:
            self.console.print(Text.assemble((f"  {self.bar} ", colour)).append_text(line), soft_wrap=True)

    def _line(self, text: str = "", style: str = "", end: str = "\n") -> None:
        self.console.print(Text(text, style=style), soft_wrap=True, end=end)

    def _wrap(self, text: str, width: int) -> list[str]:
        """Break a line between words, keeping its own indent; words longer than the line, such as addresses, stay
        whole so that they can be copied."""
        if len(text) <= width:
            return [text] if text else []
        indent = text[: len(text) - len(text.lstrip())]
        lines: list[str] = []
        line = indent
        for word in text.split():
            if line.strip() and len(line) + 1 + len(word) > max(width, 20):
                lines.append(line)
                line = indent + word
            else:
                line += word if not line.strip() else f" {word}"
        return [*lines, line] if line.strip() else lines


class _Console(Console):
    """A console that leaves a closed pipe to the command line, which knows what to make of it."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def _speaks_unicode(stream: TextIO) -> bool:
    return (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "") in ("utf8", "utf16", "utf32")


MENDED_AFTER = timedelta(hours=1)
MAIL, SLACK = "blue", "magenta"


@dataclass(frozen=True, slots=True)
class Step:
    """One poll: what was published since the last one, a line each, and counted by noun (singular and plural); at the
    first poll of what nobody watched before, what was there."""

    at: datetime
    first: bool
    published: Sequence[str]
    counted: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the past of one publisher. `watch` joins the configuration before it, None where it is watched
    already; `verb` says what happened to the record when nothing came of it. On `mail_fails_on`, a day where the
    publisher is, the mail server is out of order. `remark` says what is not the record's own."""

    title: str
    place: str
    zone: ZoneInfo
    verb: str
    steps: Sequence[Step]
    watch: str | None
    mail_fails_on: str | None
    remark: str | None


@dataclass(frozen=True, slots=True)
class Story:
    """What ships with lexwatch: the parts, the configuration they are read with, and words of introduction."""

    parts: Sequence[Part]
    raw: Mapping[str, Any]


def load_story() -> Story:
    """Read the story that ships with lexwatch."""
    raw = json.loads((files("monitor.demo") / "data" / "story.json").read_text(encoding="utf-8"))
    return Story([_part(stated) for stated in raw["parts"]], raw)


def _part(stated: Mapping[str, Any]) -> Part:
    steps = [
        Step(
            datetime.fromisoformat(step["at"]),
            step["first"],
            step["published"],
            {(one, many): number for number, one, many in step["counted"]},
        )
        for step in stated["steps"]
    ]
    return Part(**{**stated, "zone": ZoneInfo(stated["zone"]), "steps": steps})


@dataclass(slots=True)
class Stage:
    """What the replay plays with. `run` makes one real run at `recording.now`.

    `mails_seen` and `posts_seen` count what was shown already, `…_before` what was shown when the present part began
    (-1 if it shows nothing whole), `silent` the runs that met a touched record and sent nothing, `troubles` those that
    did not end well.
    """

    screen: Screen
    mailbox: Mailbox
    recording: Recording
    config: Path
    run: Callable[[], int]
    mails_seen: int = 0
    posts_seen: int = 0
    mails_before: int = 0
    posts_before: int = 0
    runs: int = 0
    silent: int = 0
    troubles: int = 0

    def has_news(self) -> bool:
        """Say whether something has arrived that was not shown yet."""
        return len(self.mailbox.mails) > self.mails_seen or len(self.recording.posts) > self.posts_seen

    def run_at(self, at: datetime) -> None:
        """Set the clock and make one run."""
        self.recording.now = at
        self.runs += 1
        self.troubles += self.run() != 0
        self.screen.pace.pause()


def play(stage: Stage, part: Part) -> None:
    """Replay one part from its first poll to its last. Of a part whose like was shown before no message is shown whole.

    On `mail_fails_on` the mail server is out of order for an hour: the one thing in the replay that did not happen, and
    said to be so.
    """
    stage.mails_before, stage.posts_before = (-1, -1) if part.watch is None else (stage.mails_seen, stage.posts_seen)
    silence: list[Step] = []
    for step in part.steps:
        stage.mailbox.closed = step.at.astimezone(part.zone).date().isoformat() == part.mail_fails_on
        stage.run_at(step.at)
        if not step.first and not stage.has_news():
            if silence and not step.counted:
                _show_silence(stage.screen, part, silence)
            silence.append(step)
            stage.silent += 1
            continue
        _show_silence(stage.screen, part, silence)
        _show_day(stage, part, step)
    _show_silence(stage.screen, part, silence)


def _show_silence(screen: Screen, part: Part, silence: list[Step]) -> None:
    """Show polls that found something, none of it for this desk; nothing if there were none. Empties the list."""
    if not silence:
        return
    sums: Counter[tuple[str, str]] = Counter()
    for step in silence:
        sums.update(step.counted)
    found = ", ".join(f"{n} {one if n == 1 else many}" if n else one for (one, many), n in sums.items())
    often = {1: "once", 2: "twice"}.get(len(silence), f"{len(silence)} times")
    why = "nothing this desk asked for" if found else "a stamp that moved is not news"
    screen.day(days_between(silence[0].at, silence[-1].at, part.zone))
    screen.published([f"{part.verb} {often}: {found or 'nothing in it changed'}"])
    screen.answered(f"{why}: no message")
    screen.blank()
    silence.clear()


def _show_day(stage: Stage, part: Part, step: Step) -> None:
    """Show what was published, what lexwatch made of it, and what arrived."""
    screen = stage.screen
    screen.day(f"{moment(step.at, part.zone)} in {part.place}")
    screen.published(step.published)
    if step.first:
        screen.answered("first reading: what is there already is the past, not news")
    else:
        screen.answered(_arrived(stage), "")
    if stage.mailbox.closed:
        screen.answered("mail server down (staged, not history): the e-mail is kept", "yellow")
    _show_messages(stage)
    if stage.mailbox.closed:
        stage.mailbox.closed = False
        stage.run_at(step.at + MENDED_AFTER)
        screen.blank()
        screen.day(f"{moment(stage.recording.now, part.zone)} in {part.place}")
        screen.answered(f"the mail server is back: {_arrived(stage)}", "")
        _show_messages(stage)
    screen.blank()


def _arrived(stage: Stage) -> str:
    """Count what arrived: `1 e-mail, 1 post in Slack`."""
    counts = (
        (len(stage.mailbox.mails) - stage.mails_seen, "e-mail"),
        (len(stage.recording.posts) - stage.posts_seen, "post in Slack"),
    )
    return ", ".join(f"{number} {what}" for number, what in counts if number)


def _show_messages(stage: Stage) -> None:
    """Show what arrived and was not shown yet: the first of a part and news of a status as a reader sees them, the rest
    as an inbox does."""
    for mail in stage.mailbox.mails[stage.mails_seen :]:
        if stage.mails_seen == stage.mails_before or Kind.STATUS in mail["X-Lexwatch-Kinds"].split():
            head = [(name, str(mail[name])) for name in ("From", "To", "Subject")]
            stage.screen.message("E-mail", head, _body(mail, whole=stage.mails_seen == 0), MAIL)
        else:
            stage.screen.brief("E-mail", str(mail["Subject"]), MAIL)
        stage.mails_seen += 1
    for post in stage.recording.posts[stage.posts_seen :]:
        lines = lines_of(post)
        if stage.posts_seen == stage.posts_before:
            stage.screen.message("Slack  #policy-room", [], lines, SLACK)
        else:
            stage.screen.brief("Slack", lines[0], SLACK)
        stage.posts_seen += 1


def _body(mail: EmailMessage, *, whole: bool) -> list[str]:
    """Return the lines of an e-mail, its small print cut to one line unless `whole`."""
    lines = text_of(mail)
    if whole or "--" not in lines:
        return lines
    return [*lines[: lines.index("--")], "-- why you got this, alert, evidence"]


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Write an instant as the clocks there showed it: `Thu 22 Jul 2021, 08:10`."""
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def days_between(first: datetime, last: datetime, zone: ZoneInfo) -> str:
    """Write the days from one instant to another: `17 Jun - 21 Jul 2021`, `11 Dec 2025`."""
    start, end = first.astimezone(zone), last.astimezone(zone)
    until = f"{end.day} {end:%b %Y}"
    if start.date() == end.date():
        return until
    return f"{start.day} {start:%b}{f' {start:%Y}' if start.year != end.year else ''} - {until}"
