"""The command that reads bulk files: import."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from monitor.cli.running import prepare
from monitor.cli.session import Session
from monitor.cli.terminal import print_note
from monitor.service import bulk_files
from monitor.service.bulk_import import ImportCounts, import_files, parse_pool
from monitor.service.failpoints import hit
from storage.store import open_store

_EVERY = 0.2
"""Seconds between two looks at how far it is."""


@dataclass(slots=True)
class Progress:
    """Shows how far an import is, on a terminal; `seconds` is a clock that never goes back."""

    files: int
    stream: IO[str] = field(default_factory=lambda: sys.stderr)
    began: float = field(default_factory=time.monotonic)
    shown_at: float = 0.0
    shown: int = 0

    def report(self, tally: ImportCounts) -> None:
        now = time.monotonic()
        if self.stream.isatty() and now - self.shown_at >= _EVERY:
            self.shown_at = now
            self._show(sentence(tally, self.files, now - self.began))

    def complain(self, file: bulk_files.UnreadableFile) -> None:
        self.clear()
        print_note(f"{file.name}: left out: {file.reason}")

    def clear(self) -> None:
        if self.shown:
            self._show("")
            self.stream.write("\r")

    def _show(self, text: str) -> None:
        """Write over what was shown last."""
        self.stream.write(f"\r{text:<{self.shown}}")
        self.stream.flush()
        self.shown = len(text)


def import_(session: Session, paths: Sequence[str]) -> int:
    """Import; 1 when a file had to be left out."""
    settings = session.settings
    prepare(settings)
    places = [Path(path) for path in paths]
    store = open_store(settings.database, rehearsal=session.rehearsal, now=session.clock(), trace=hit)
    try:
        progress = Progress(bulk_files.count_files(places))
        with parse_pool(progress.files) as read:
            tally = import_files(
                bulk_files.read_files(places),
                store,
                session.clock,
                read=read,
                report=progress.report,
                complain=progress.complain,
            )
        progress.clear()
    finally:
        store.close()
    print_note(summary(tally, time.monotonic() - progress.began))
    return 1 if tally.bad else 0


def sentence(tally: ImportCounts, files: int, seconds: float) -> str:
    """Say how far an import is, how fast, and how long it will take at this pace."""
    rate = tally.seen / seconds if seconds > 0 else 0
    left = f", {_span((files - tally.seen) / rate)} left" if rate and files > tally.seen else ""
    return f"{tally.seen:,} of {max(files, tally.seen):,} files, {rate:,.0f} a second{left}"


def summary(tally: ImportCounts, seconds: float) -> str:
    """Say what an import came to."""
    counts = {
        "new": tally.new,
        "changed": tally.changed,
        "with nothing new": tally.same,
        "read before": tally.known,
        "left out": tally.bad,
    }
    told = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count) or "nothing in it"
    return f"{tally.seen:,} files in {_span(seconds)}: {told}"


def _span(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h"
