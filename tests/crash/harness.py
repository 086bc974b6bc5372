"""How is the real command run, killed and examined?

The process under test is `lexwatch --config … run`, in a folder of its own, with nothing of the harness in it: a new
interpreter, or forked from a process that has only imported the program (`fork_server`). What it can reach are the
scripted publisher and the receivers, which live in the test's own process.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.crash.bills import marks_in
from tests.crash.congress_server import KEY, CongressServer, constructed_bills, serve_congress
from tests.crash.fixture import ARCHIVE, PEOPLE, PLAIN, PRINTS, RELAY, ROOM, TERMINAL, Fixture
from tests.crash.messages import read_terminal, terminal_id
from tests.crash.receivers import Receiver, mail_receiver, slack_receiver, webhook_receiver
from tests.helpers.fork_server import ForkedProcess, ForkServer, shared_fork_server
from tests.helpers.timing import NO_HANG_SECONDS
from tests.helpers.webhook_signature import SECRET

__all__ = [
    "ARCHIVE",
    "PEOPLE",
    "RECIPIENTS",
    "ROOM",
    "DbSnapshot",
    "Harness",
    "RunningCommand",
    "read_snapshot",
    "start_harness",
]

CHECKOUT = Path(__file__).resolve().parents[2]
COMMAND = ("-m", "monitor.cli.main")
RECIPIENTS = PLAIN.recipients

_WAITING = ("pending", "held", "ambiguous")


@dataclass(frozen=True, slots=True)
class DbSnapshot:
    """What the database holds at one moment, read from a copy: what SQLite says of it, the scopes whose baseline was
    read, the state of each delivery under every id that its message may bear, the ids of possible repeats, of
    messages that are too long to show every change the marks of those that they only count, and what was given up: to
    whom, since when, how often it was tried, why."""

    integrity: str
    scopes: frozenset[str] = frozenset()
    states: Mapping[str, str] = field(default_factory=dict)
    marked: frozenset[str] = frozenset()
    counted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    given_up: tuple[str, ...] = ()

    def settled(self) -> set[str]:
        return {id for id, state in self.states.items() if state == "sent"}

    def unsettled(self) -> set[str]:
        return {id for id, state in self.states.items() if state in _WAITING}


@dataclass(slots=True)
class RunningCommand:
    """One process of the command under test."""

    process: subprocess.Popen[bytes] | ForkedProcess
    spawned: float
    asked_before: int

    def ended(self) -> bool:
        return self.process.poll() is not None

    def wait(self, seconds: float) -> int | None:
        """Return its exit status, or None when it still runs after so many seconds."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL, no clean-up."""
        self.process.kill()
        self.process.wait()

    def stop(self, seconds: float = NO_HANG_SECONDS) -> int | None:
        """Ask it to end; its exit status, or None when it had to be killed."""
        self.process.send_signal(signal.SIGTERM)
        status = self.wait(seconds)
        if status is None:
            self.kill()
        return status


@dataclass(slots=True)
class Harness:
    """A folder, a publisher, the receivers, and the command under test. `clock` is the world's time for all of them
    where `simulated`; else each has the machine's."""

    folder: Path
    origin: CongressServer
    mail: Receiver
    slack: Receiver
    archive: Receiver
    relay: Receiver
    prints: Receiver
    terminal: Receiver
    fixture: Fixture
    clock: Callable[[], datetime]
    simulated: bool
    fork_server: ForkServer
    mutant: str | None = None
    running: list[RunningCommand] = field(default_factory=list)
    mail_server: ExitStack = field(default_factory=ExitStack)
    printed: int = 0

    @contextmanager
    def no_mail(self) -> Iterator[None]:
        """Close the mail server's port for a while."""
        self.mail_server.close()
        try:
            yield
        finally:
            self.mail_server.enter_context(mail_receiver(self.mail))

    @property
    def database(self) -> Path:
        return self.folder / "lexwatch.db"

    @property
    def backup(self) -> Path:
        return self.folder / "backup"

    @property
    def log(self) -> Path:
        return self.folder / "stderr.log"

    @property
    def receivers(self) -> tuple[Receiver, ...]:
        return self.mail, self.slack, self.archive, self.relay, self.prints, self.terminal

    @property
    def taken(self) -> int:
        return sum(len(receiver.so_far()) for receiver in self.receivers)

    def received_ids(self) -> Counter[str]:
        """Return how often each message was taken so far."""
        return Counter(message.id for receiver in self.receivers for message in receiver.so_far())

    def start(
        self,
        *arguments: str,
        failpoint: str | None = None,
        now: datetime | None = None,
        fresh: bool = False,
        largest: int | None = None,
    ) -> RunningCommand:
        """Start the service (or whatever the arguments say) and return at once; `fresh` in an interpreter of its own,
        `largest` allows its files no more bytes."""
        if now is None and self.simulated:
            now = self.clock()
        before, spawned = len(self.origin.asked), time.monotonic()
        line, environment = self._arguments(arguments or ("run",), now), self._environment(failpoint)
        files = (self.folder / "stdout.txt", self.log)
        process: subprocess.Popen[bytes] | ForkedProcess
        if fresh and self.mutant is None:
            process = self._new_interpreter(line, environment, files)
        else:
            process = self.fork_server.spawn(
                line, folder=self.folder, environment=environment, files=files, largest=largest, mutant=self.mutant
            )
        command = RunningCommand(process, spawned, before)
        self.running = [*(started for started in self.running if not started.ended()), command]
        return command

    def save_backup(self, *, by_command: bool) -> None:
        """Have the command copy the database, or copy its files."""
        shutil.rmtree(self.backup, ignore_errors=True)
        self.backup.mkdir()
        if by_command:
            status = self.start("backup", str(self.backup / self.database.name)).wait(NO_HANG_SECONDS)
            assert status == 0, f"backup: exit status {status}, see {self.log}"
        else:
            for path in self._database_files():
                shutil.copy(path, self.backup)

    def restore_backup(self) -> None:
        """Put the backup in the place of the database, which nobody may have open."""
        for path in self._database_files():
            path.unlink()
        for path in self.backup.iterdir():
            shutil.copy(path, self.folder)

    @contextmanager
    def database_lost(self, *, emptied: bool) -> Iterator[None]:
        """Take the database away, or all that is in it, until the block ends."""
        kept = self.folder / "kept"
        kept.mkdir()
        for path in self._database_files():
            path.rename(kept / path.name)
        if emptied:
            self.database.touch()
        try:
            yield
        finally:
            for path in self._database_files():
                path.unlink()
            for path in kept.iterdir():
                path.rename(self.folder / path.name)
            kept.rmdir()

    def _database_files(self) -> list[Path]:
        names = (f"{self.database.name}{suffix}" for suffix in ("", "-wal", "-shm"))
        return [path for path in map(self.folder.joinpath, names) if path.exists()]

    def _new_interpreter(
        self, line: Sequence[str], environment: Mapping[str, str], files: tuple[Path, Path]
    ) -> subprocess.Popen[bytes]:
        with files[0].open("ab") as printed, files[1].open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *COMMAND, *line],
                cwd=self.folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=log,
            )

    def marked(self) -> set[str]:
        """Return what the record calls a possible repeat, by the ids that the messages bear."""
        return set(self.examine().marked)

    def own_faults(self) -> list[str]:
        """Return what the command logged as errors: of lexwatch itself, not of a publisher or receiver, which are
        warnings; of a crash, its last line."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        crashes = [number for number, line in enumerate(lines) if line.startswith("Traceback")]
        last = [next((line for line in lines[n + 1 :] if not line.startswith(" ")), "cut off") for n in crashes]
        return [line[:1200] for line in lines if line.split(" ")[1:2] == ["error"]] + last

    def asked_since(self, process: RunningCommand) -> bool:
        """Say whether this process has already asked the publisher something."""
        return len(self.origin.asked) > process.asked_before

    def collect_output(self) -> None:
        """Read what the last process printed; it must be dead."""
        path = self.folder / "stdout.txt"
        printed = path.read_bytes()[self.printed :] if path.exists() else b""
        self.printed += len(printed)
        for message in read_terminal(printed, TERMINAL, self.clock()):
            self.terminal.take(message)

    def examine(self) -> DbSnapshot:
        """Read a copy of the database and its log, so that the next process finds them as the last one left them."""
        self.collect_output()
        copies = self.folder / "snapshot"
        shutil.rmtree(copies, ignore_errors=True)
        copies.mkdir()
        for path in self._database_files():
            if not path.name.endswith("-shm"):
                shutil.copy(path, copies / path.name)
        return read_snapshot(copies / self.database.name)

    def _arguments(self, arguments: Sequence[str], now: datetime | None) -> list[str]:
        clock = ["--now", now.isoformat()] if now else []
        return ["--config", str(self.folder / "config.toml"), *clock, *arguments]

    def _environment(self, failpoint: str | None) -> dict[str, str]:
        """Nothing of the harness leaks in but what the command is told to know."""
        environment = {
            **bare_environment(self.folder),
            "CONGRESS_API_KEY": KEY,
            "SLACK_WEBHOOK_URL": self.slack.url,
            "PRINTS_URL": self.prints.url,
            "ARCHIVE_URL": self.archive.url,
            "RELAY_URL": self.relay.url,
            "ARCHIVE_SECRET": SECRET,
        }
        return {**environment, "LEXWATCH_FAILPOINT": failpoint} if failpoint else environment


def bare_environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "HOME": str(home), "PYTHONPATH": str(CHECKOUT)}


def read_snapshot(database: Path) -> DbSnapshot:
    """Open a database that nobody else uses, let SQLite recover it, and read what matters."""
    if not database.exists():
        return DbSnapshot("ok")
    with closing(sqlite3.connect(database)) as connection:
        (integrity,) = connection.execute("PRAGMA integrity_check").fetchone()
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if not {"v_scopes", "v_alerts"} <= tables:
            return DbSnapshot(integrity)
        scopes = frozenset(row[0] for row in connection.execute("SELECT scope FROM v_scopes"))
        rows = connection.execute("SELECT delivery, alerts, channel, state, possible_repeat FROM v_alerts").fetchall()
        counted = dict(_only_counted(connection))
        dead = connection.execute(_DEAD).fetchall()
    named = [(_names(delivery, json.loads(alerts), channel), *rest) for delivery, alerts, channel, *rest in rows]
    return DbSnapshot(
        integrity,
        scopes,
        {name: state for names, state, _ in named for name in names},
        frozenset(name for names, _, repeated in named if repeated for name in names),
        {name: counted[names[0]] for names, _, _ in named if names[0] in counted for name in names},
        tuple(sorted(" ".join(map(str, row)) for row in dead)),
    )


_DEAD = """
    SELECT delivery, channel, "to", created_at, attempts, error FROM v_alerts WHERE state = 'dead'
"""


def _only_counted(connection: sqlite3.Connection) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield messages that name some documents in an overview alone, with the marks of all that they stand for."""
    long = "SELECT id, counted_only FROM delivery WHERE counted_only IS NOT NULL AND counted_only <> '[]'"
    for delivery, overview in connection.execute(long).fetchall():
        (changes,) = connection.execute("SELECT changes FROM v_alerts WHERE delivery = ?", [delivery]).fetchone()
        keys = [key for key in json.loads(changes) if key in json.loads(overview)]
        words = []
        for key in keys:
            words += connection.execute("SELECT after, text FROM v_history WHERE change = ?", [key]).fetchall()
        yield delivery, frozenset(mark for row in words for mark in marks_in(" ".join(map(str, row))))


def _names(delivery: str, alerts: Sequence[str], channel: str) -> tuple[str, ...]:
    """Return the ids by which a message may be known: one on a terminal names its alerts alone."""
    return (delivery, *((terminal_id(alerts),) if channel == TERMINAL else ()))


@contextmanager
def start_harness(
    folder: Path,
    bills: int,
    *,
    every: str = "1s",
    fixture: Fixture = PLAIN,
    mutant: str | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    simulated: bool = False,
) -> Iterator[Harness]:
    """Set everything up below `folder`, which must be empty; whatever still runs at the end is killed."""
    origin = constructed_bills(bills, clock)
    with ExitStack() as stack:
        stack.enter_context(serve_congress(origin))
        mail_server = stack.enter_context(ExitStack())
        mail = mail_server.enter_context(mail_receiver(Receiver(clock=clock)))
        slack, prints = (stack.enter_context(slack_receiver(Receiver(clock=clock), room)) for room in (ROOM, PRINTS))
        archive, relay = (
            stack.enter_context(webhook_receiver(Receiver(clock=clock), name)) for name in (ARCHIVE, RELAY)
        )
        fixture.write(folder, every=every, origin=origin.url, mail=mail.url, bills=list(origin.bills))
        harness = Harness(
            folder,
            origin,
            mail,
            slack,
            archive,
            relay,
            prints,
            Receiver(clock=clock),
            fixture,
            clock,
            simulated,
            shared_fork_server(),
            mutant,
            mail_server=mail_server,
        )
        try:
            yield harness
        finally:
            for command in harness.running:
                if not command.ended():
                    command.kill()
