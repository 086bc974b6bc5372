"""What does the whole service look like at work? True history replayed on one machine, with nothing left behind."""

from __future__ import annotations

import logging
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, redirect_stderr
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.errors import StoreError
from monitor.config.editing import render_config
from monitor.config.loader import load_config
from monitor.demo.servers import WEBHOOK, load_recording, publish, receive_mail
from monitor.demo.story import Pace, Screen, Stage, Story, load_story, moment, play
from monitor.service.logs import LineFormatter
from monitor.service.service import run_service

PACE_SECONDS = 48.0
"""When the pauses end: leaves room for start and end within the promised minute."""

INTERRUPTED = 130
_TRIES = 50
_BEFORE_EVERYTHING = datetime(2021, 6, 1, tzinfo=UTC)

Command = Callable[[Sequence[str]], int]
"""Runs one command of the command line and returns its exit status."""


def demo(fast: bool, command: Command) -> int:
    """Show the real service against an embedded copy of the past; returns the exit status.

    Takes under a minute, `fast` (no pauses for the reader) under 15 seconds. Nothing leaves this machine; everything
    is written to a temporary folder that is removed at the end, also on Ctrl-C or SIGTERM.
    """
    started = time.monotonic()
    pace = Pace(PACE_SECONDS if not fast and sys.stdout.isatty() else 0.0)
    screen = Screen(pace)
    try:
        with _interruptible(pace), _captured_log() as log, ExitStack() as stack:
            return _perform(load_story(), screen, stack, command, log, started)
    except KeyboardInterrupt:
        screen.blank()
        screen.say("Stopped. The temporary folder is gone; nothing was left behind.")
        return INTERRUPTED


def _perform(
    story: Story, screen: Screen, stack: ExitStack, command: Command, log: Sequence[str], started: float
) -> int:
    raw = story.raw
    screen.introduce(raw["title"], raw["introduction"], raw["servers"], raw["modelled"])
    watches: list[str] = []
    stage = _build(story, screen, stack, watches)
    for number, part in enumerate(story.parts, start=1):
        screen.heading(f"{number}. {part.title}")
        if part.remark:
            screen.say(part.remark, "dim")
            screen.blank()
        if part.watch:
            screen.say("config.toml says:", "dim")
            for line in part.watch.strip().splitlines():
                screen.say(line, "green", indent=6)
            screen.blank()
            watches.append(part.watch)
        play(stage, part)
    _ask_afterwards(stage, story, command)
    _farewell(stage, story, time.monotonic() - started)
    if stage.troubles:
        print(f"{stage.troubles} runs of the demo did not go well:", *log, sep="\n", file=sys.stderr)
    return 1 if stage.troubles else 0


def _build(story: Story, screen: Screen, stack: ExitStack, watches: Sequence[str]) -> Stage:
    """Open the publishers, the mail server, the webhook and a folder; the stack closes and removes them."""
    folder = stack.enter_context(_folder())
    mailbox = stack.enter_context(receive_mail())
    recording = load_recording(_BEFORE_EVERYTHING)
    base = stack.enter_context(publish(recording))
    config = folder / "config.toml"
    _write_secret(folder / "api.key", "a-key-that-only-the-demo-accepts")
    _write_secret(folder / "slack.webhook", f"{base}{WEBHOOK}")
    # Away from the main thread a run leaves the signals alone: Ctrl-C is for the demo as a whole.
    away = stack.enter_context(ThreadPoolExecutor(1, "run"))

    def run() -> int:
        text = story.raw["config"].replace("{base}", base).replace("{server}", mailbox.address)
        config.write_text("".join([text, *watches]), encoding="utf-8")
        settings = load_config(config, now=recording.now)
        work = partial(
            run_service, settings, clock=lambda: recording.now, rehearsal=True, once=True, reload=lambda: settings
        )
        return away.submit(work).result()

    return Stage(screen, mailbox, recording, config, run)


def _write_secret(path: Path, value: str) -> None:
    path.touch(mode=0o600)
    path.write_text(value + "\n", encoding="utf-8")


def _ask_afterwards(stage: Stage, story: Story, command: Command) -> None:
    """Ask the real commands: about a day beyond the replay, where what is no longer known is not guessed, and about
    what the replay left behind."""
    screen, later = stage.screen, story.raw["later"]
    now = datetime.fromisoformat(later["now"])
    clock = f"--now {now:%Y-%m-%dT%H:%M}"
    number = len(story.parts) + 1
    screen.heading(f"{number}. The record ends here: what if one asks on {now.day} {now:%B %Y}?")
    screen.say(later["gap"], "dim")
    _ask(stage, command, later["known"], stage.config, now, clock)
    screen.say(later["shipped"], "dim")
    fresh = stage.config.parent / "new" / "new.toml"
    fresh.parent.mkdir()
    fresh.write_text(render_config(), encoding="utf-8")
    for words in later["fresh"]:
        _ask(stage, command, words, fresh, now, f"--config {fresh.name} {clock}")
    screen.heading(f"{number + 1}. What the desk sees")
    for words in story.raw["afterwards"]:
        _ask(stage, command, words, stage.config, stage.recording.now)
    screen.say("The mailbox:", "bold")
    for mail in stage.mailbox.mails:
        screen.table([(str(mail["Date"].datetime.date()), str(mail["Subject"]))], indent=4, gap=12)
    screen.pace.pause(len(stage.mailbox.mails))


def _ask(stage: Stage, command: Command, words: Sequence[str], config: Path, now: datetime, options: str = "") -> None:
    """Give a real command, and show what a terminal shows."""
    typed = " ".join(f'"{word}"' if " " in word else word for word in words)
    stage.screen.command(f"{options} {typed}".strip())
    stage.screen.flush()
    with redirect_stderr(sys.stdout):
        stage.troubles += command(["--config", str(config), "--now", now.isoformat(), *words]) != 0
    stage.screen.blank()
    stage.screen.pace.pause(10)


def _farewell(stage: Stage, story: Story, seconds: float) -> None:
    """Count what happened."""
    screen = stage.screen
    screen.blank()
    screen.say(
        f"{stage.runs} polls and {stage.recording.asked} requests later it is "
        f"{moment(stage.recording.now, ZoneInfo(story.raw['zone']))}: {len(stage.mailbox.mails)} e-mails and "
        f"{len(stage.recording.posts)} Slack posts, each once; {stage.silent} times the record moved and nobody was "
        f"bothered, nor by any of {story.raw['other_updates']} updates of other acts. It took {seconds:.0f} s, and the "
        "temporary folder is removed now."
    )
    screen.say("Yours next:  lexwatch init  writes a configuration,  lexwatch run  starts.", "bold")
    screen.blank()


@contextmanager
def _folder() -> Iterator[Path]:
    """Make a folder and remove it, whatever an interrupted run may still be writing there for a moment."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="lexwatch-demo-"))
    except OSError as error:
        raise StoreError(f"the demo needs a temporary folder: {error.strerror or error}; $TMPDIR names one") from None
    try:
        yield folder
    finally:
        for _ in range(_TRIES):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
            time.sleep(0.1)


@contextmanager
def _captured_log() -> Iterator[list[str]]:
    """Keep the service's log off the screen, and at hand should something go wrong."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.setFormatter(LineFormatter())
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    log = logging.getLogger("lexwatch")
    before = log.propagate, log.level
    log.addHandler(handler)
    log.propagate = False
    log.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        log.removeHandler(handler)
        log.propagate, log.level = before


@contextmanager
def _interruptible(pace: Pace) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the demo at the next pause, less than a second away: orderly, folder removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: pace.stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
