"""How does the replay look on a terminal, and on anything that is none?

Colour only on a terminal (`NO_COLOR` honoured), never more than 96 columns, letters and posts behind a bar at the
left so that long lines wrap where they stand.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper
from typing import TextIO

from rich.console import Console
from rich.text import Text

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
