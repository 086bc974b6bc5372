"""How is the demo set up, played and put away?"""

from __future__ import annotations

import logging
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from domain.errors import StoreError
from monitor.config.loader import load_config as read_settings
from monitor.demo import database, origin
from monitor.demo.installation import Addresses, Watched, install
from monitor.demo.mailbox import receive
from monitor.demo.programme import Act, acts, bills, legislation
from monitor.demo.questions import LATER, farewell, later, standing, welcome
from monitor.demo.replay import Stage, play
from monitor.demo.screen import Pace, Screen
from monitor.demo.slack import listen
from monitor.service.logs import LineFormatter
from monitor.service.service import run_service

PACE_SECONDS = 48.0
"""When the pauses end: leaves room for start and end within the promised minute."""

INTERRUPTED = 130
_TRIES = 50
_BEFORE_EVERYTHING = datetime(2021, 6, 1, tzinfo=UTC)


def show(fast: bool) -> int:
    """Play everything and return the exit status."""
    started = time.monotonic()
    pace = Pace(PACE_SECONDS if not fast and sys.stdout.isatty() else 0.0)
    screen = Screen(pace)
    try:
        with _interruptible(pace), _diary() as diary, ExitStack() as stack:
            stage = _build(screen, stack)
            return _perform(stage, acts(), diary, started)
    except KeyboardInterrupt:
        screen.blank()
        screen.say("Stopped. The temporary folder is gone; nothing was left behind.")
        return INTERRUPTED


def _build(screen: Screen, stack: ExitStack) -> Stage:
    """Open the publishers, the mailbox, the room and a folder; the stack closes and removes them."""
    folder = stack.enter_context(_folder())
    mailbox = stack.enter_context(receive())
    room = stack.enter_context(listen())
    congress = origin.Origin(bills(), now=lambda: stage.now)
    rada = database.Database(legislation(), now=lambda: stage.now)
    addresses = Addresses(
        congress=stack.enter_context(origin.publish(congress)),
        rada=stack.enter_context(database.publish(rada)),
        server=mailbox.address,
        webhook=room.webhook,
    )
    watched: list[Watched] = []
    # Away from the main thread a run leaves the signals alone: Ctrl-C is for the demo as a whole.
    away = stack.enter_context(ThreadPoolExecutor(1, "run"))

    def write(more: Watched) -> None:
        watched.append(more)
        install(folder, addresses, watched)

    def once() -> int:
        settings = read_settings(stage.config, now=stage.now)
        work = partial(
            run_service, settings, clock=lambda: stage.now, rehearsal=True, once=True, reload=lambda: settings
        )
        return away.submit(work).result()

    stage = Stage(
        screen=screen,
        mailbox=mailbox,
        room=room,
        config=folder / "config.toml",
        watch=write,
        run=once,
        asked=lambda: len(congress.asked) + len(rada.asked),
        now=_BEFORE_EVERYTHING,
    )
    return stage


def _perform(stage: Stage, played: Sequence[Act], diary: Sequence[str], started: float) -> int:
    welcome(stage)
    for number, act in enumerate(played, start=1):
        stage.screen.heading(f"{number}. {act.title}")
        if act.remark:
            stage.screen.say(act.remark, "dim")
            stage.screen.blank()
        if act.watched:
            stage.screen.say("config.toml says:", "dim")
            for line in act.watched.toml().strip().splitlines():
                stage.screen.say(line, "green", indent=6)
            stage.screen.blank()
            stage.watch(act.watched)
        play(stage, act.course, mail_fails_on=act.mail_fails_on, again=act.watched is None)
    later(stage, f"{len(played) + 1}. The record ends here: what if one asks on {LATER.day} {LATER:%B %Y}?")
    standing(stage, f"{len(played) + 2}. What the desk sees")
    farewell(stage, time.monotonic() - started)
    if stage.troubles:
        print(f"{stage.troubles} runs of the demo did not go well:", *diary, sep="\n", file=sys.stderr)
    return 1 if stage.troubles else 0


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
def _diary() -> Iterator[list[str]]:
    """Keep the service's log off the screen, and at hand should something go wrong."""
    lines: list[str] = []

    class Diary(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    log = logging.getLogger("lexwatch")
    before = log.propagate, log.level
    diary = Diary()
    diary.setFormatter(LineFormatter())
    log.addHandler(diary)
    log.propagate = False
    log.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        log.removeHandler(diary)
        log.propagate, log.level = before


@contextmanager
def _interruptible(pace: Pace) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the demo at the next pause, less than a second away: orderly, folder removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    wanted = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: pace.stop.set()) for number in wanted}
    try:
        yield
    finally:
        for number, answer in before.items():
            signal.signal(number, answer)
