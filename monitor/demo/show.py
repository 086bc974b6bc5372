"""What is shown, in which order: two histories, then the questions a desk would ask."""

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
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from domain.errors import StoreError
from monitor.config import load as read_settings
from monitor.demo.history import Bill, load
from monitor.demo.installation import DESK, ROOM, Watched, install
from monitor.demo.mailbox import receive
from monitor.demo.origin import Origin, publish
from monitor.demo.replay import Stage, play
from monitor.demo.screen import Pace, Screen
from monitor.demo.slack import listen
from monitor.demo.telling import moment
from monitor.logs import LineFormatter
from monitor.service import run

PACE_SECONDS = 48.0
"""When the pauses end: leaves room for start and end within the promised minute."""

INTERRUPTED = 130
_TRIES = 50
_BEFORE_EVERYTHING = datetime(2021, 6, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Act:
    """One history of the replay. On `mail_fails_on`, a day in Washington, the mail server is out of order."""

    title: str
    bill: Bill
    name: str
    note: str
    mail_fails_on: date | None = None


def acts() -> tuple[Act, ...]:
    """Return what is replayed, oldest first."""
    return (
        Act(
            "1. A bill becomes law: H.R. 3919, 117th Congress",
            load("hr3919-117"),
            "Secure equipment",
            "telecom desk",
            mail_fails_on=date(2021, 10, 21),
        ),
        Act(
            "2. Four years on: H.R. 6508, 119th Congress",
            load("hr6508-119"),
            "NATO withdrawal",
            "US withdrawal from NATO",
        ),
    )


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
    """Open the publisher, the mailbox, the room and a folder; the stack closes and removes them."""
    folder = stack.enter_context(_folder())
    mailbox = stack.enter_context(receive())
    room = stack.enter_context(listen())
    origin = Origin([act.bill for act in acts()], now=lambda: stage.now)
    base_url = stack.enter_context(publish(origin))
    watched: list[Watched] = []
    # Away from the main thread a run leaves the signals alone: Ctrl-C is for the demo as a whole.
    away = stack.enter_context(ThreadPoolExecutor(1, "run"))

    def write(more: Watched) -> None:
        watched.append(more)
        install(folder, base_url=base_url, server=mailbox.address, webhook=room.webhook, watched=watched)

    def once() -> int:
        settings = read_settings(stage.config, now=stage.now)
        work = partial(run, settings, clock=lambda: stage.now, rehearsal=True, once=True, reload=lambda: settings)
        return away.submit(work).result()

    stage = Stage(
        screen=screen,
        origin=origin,
        mailbox=mailbox,
        room=room,
        config=folder / "config.toml",
        watch=write,
        run=once,
        now=_BEFORE_EVERYTHING,
    )
    return stage


def _perform(stage: Stage, played: Sequence[Act], diary: Sequence[str], started: float) -> int:
    _welcome(stage)
    for act in played:
        watched = Watched(act.bill.document, act.name, act.note)
        stage.screen.heading(act.title)
        stage.screen.say("config.toml says:", "dim")
        for line in watched.toml().strip().splitlines():
            stage.screen.say(line, "green", indent=6)
        stage.screen.blank()
        stage.watch(watched)
        play(stage, act.bill, mail_fails_on=act.mail_fails_on)
    _questions(stage)
    _farewell(stage, time.monotonic() - started)
    if stage.troubles:
        print(f"{stage.troubles} runs of the demo did not go well:", *diary, sep="\n", file=sys.stderr)
    return 1 if stage.troubles else 0


def _welcome(stage: Stage) -> None:
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
            ("record", "api.congress.gov as it answered then, an embedded web server"),
            ("mailbox", f"{DESK}, an embedded mail server"),
            ("Slack", f"#{ROOM}, an embedded webhook"),
        ]
    )
    screen.blank()
    screen.say(
        "Every action, vote, text and name is the official record's own. When a line became visible is not "
        "recorded: it is modelled as 08:00 in Washington on the next morning. The data says which is which.",
        "dim",
    )
    screen.blank()
    screen.pace.pause(12)


def _questions(stage: Stage) -> None:
    """Ask the real commands."""
    screen = stage.screen
    screen.heading("3. What the desk can ask at any time")
    for words in (["status"], ["history", "NATO withdrawal"]):
        screen.command(" ".join(f'"{word}"' if " " in word else word for word in words))
        screen.flush()
        _command(stage, words)
        screen.blank()
        screen.pace.pause(10)
    screen.say(f"The mailbox of {DESK}:", "bold")
    for letter in stage.mailbox.letters:
        screen.table([(str(letter["Date"].datetime.date()), str(letter["Subject"]))], indent=4, gap=12)
    screen.pace.pause(len(stage.mailbox.letters))


def _command(stage: Stage, words: Sequence[str]) -> None:
    """Give a real command, at the replay's present day."""
    from monitor.cli import main  # the command line knows the demo, not the other way round

    place = ["--config", str(stage.config), "--now", stage.now.isoformat()]
    stage.troubles += main([*place, *words]) != 0


def _farewell(stage: Stage, seconds: float) -> None:
    screen = stage.screen
    screen.blank()
    screen.say(
        f"{stage.runs} polls and {len(stage.origin.asked)} requests later it is {moment(stage.now)}: "
        f"{len(stage.mailbox.letters)} e-mails and {len(stage.room.posts)} Slack posts, each once; "
        f"{stage.silent} times the record moved and nobody was bothered. It took {seconds:.0f} s, and the temporary "
        "folder is removed now."
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
