"""How is the real command run, killed and examined?

The process under test is `python -m monitor.cli --config … run`, in a folder of its own, with nothing of the harness
in it. What it can reach are the scripted publisher and the three receivers, which live in the test's own process.
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
from typing import Any

from tests.chaos.origin import CONGRESS, KEY, Origin, constructed, open_to_the_public
from tests.chaos.sinks import Sink, hook_sink, mail_sink, slack_sink
from tests.notifications.receiving import SECRET

CHECKOUT = Path(__file__).resolve().parents[2]
COMMAND = ("-m", "monitor.cli")
MUTANTS = str(Path(__file__).with_name("mutants.py"))
PEOPLE = ("ann@example.org", "ben@example.org")
ROOM = "policy-room"
ARCHIVE = "archive"
RECIPIENTS = (*PEOPLE, ROOM, ARCHIVE)

_CONFIGURATION = """\
[service]
database = "lexwatch.db"
timezone = "UTC"
contact = "chaos@example.org"
burst = "1s"

[http]
allow_hosts = ["127.0.0.1"]

[source.congress]
every = "{every}"
base_url = "{origin}"
api_key = {{ env = "CONGRESS_API_KEY" }}

[[channel]]
name = "desk"
kind = "email"
to = {people}
sender = "lexwatch@example.org"
server = "{mail}"

[[channel]]
name = "policy-room"
kind = "slack"
webhook = {{ env = "SLACK_WEBHOOK_URL" }}

[[channel]]
name = "archive"
kind = "webhook"
webhook = {{ env = "ARCHIVE_URL" }}
secret = {{ env = "ARCHIVE_SECRET" }}

[[route]]
watch = ["*"]
kinds = ["status", "action", "text"]
channels = ["desk", "policy-room", "archive"]
"""


@dataclass(frozen=True, slots=True)
class Autopsy:
    """What the database holds at one moment, read from a copy: SQLite's own verdict, how many documents are on
    record, and the state of each delivery, under every id that its message may bear."""

    integrity: str
    documents: int
    states: Mapping[str, str]

    def settled(self) -> set[str]:
        return {id for id, state in self.states.items() if state == "sent"}

    def unsettled(self) -> set[str]:
        return {id for id, state in self.states.items() if state in ("pending", "held", "ambiguous")}


@dataclass(slots=True)
class Running:
    """One life of the process under test."""

    process: subprocess.Popen[bytes]
    spawned: float
    asked_before: int

    def wait(self, seconds: float) -> int | None:
        """Return its exit status, or None when it still lives after so many seconds."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL, no clean-up."""
        self.process.kill()
        self.process.wait()

    def stop(self, seconds: float = 15.0) -> int | None:
        """Ask it to end; its exit status, or None when it had to be killed."""
        self.process.send_signal(signal.SIGTERM)
        status = self.wait(seconds)
        if status is None:
            self.kill()
        return status


@dataclass(slots=True)
class Rig:
    """A folder, a publisher, three receivers, and the command under test."""

    folder: Path
    origin: Origin
    mail: Sink
    slack: Sink
    archive: Sink
    command: Sequence[str] = COMMAND
    lives: list[Running] = field(default_factory=list)
    mail_door: ExitStack = field(default_factory=ExitStack)

    @contextmanager
    def no_mail(self) -> Iterator[None]:
        """Close the mail server's port for a while."""
        self.mail_door.close()
        try:
            yield
        finally:
            self.mail_door.enter_context(mail_sink(self.mail))

    @property
    def database(self) -> Path:
        return self.folder / "lexwatch.db"

    @property
    def log(self) -> Path:
        return self.folder / "stderr.log"

    @property
    def sinks(self) -> tuple[Sink, ...]:
        return self.mail, self.slack, self.archive

    @property
    def taken(self) -> int:
        return sum(len(sink.so_far()) for sink in self.sinks)

    def taken_ids(self) -> Counter[str]:
        """Return how often each message was taken so far."""
        return Counter(message.id for sink in self.sinks for message in sink.so_far())

    def untold(self, number: int) -> set[str]:
        """Return the events of a bill that no message to the room has carried yet."""
        told = {mark for message in self.slack.so_far() for mark in message.marks}
        return {event.mark for event in self.origin.events if event.number == number} - told

    def start(self, *arguments: str, failpoint: str | None = None, now: datetime | None = None) -> Running:
        """Start the service (or whatever the arguments say) and return at once."""
        before = len(self.origin.asked)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self._line(arguments or ("run",), now),
                cwd=self.folder,
                env=self._environment(failpoint),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        life = Running(process, time.monotonic(), before)
        self.lives.append(life)
        return life

    def ask(self, *arguments: str) -> Any:
        """Return what a command answers with `--json`."""
        answer = subprocess.run(
            self._line((*arguments, "--json"), None),
            cwd=self.folder,
            env=self._environment(None),
            capture_output=True,
            timeout=60,
            check=True,
        )
        return json.loads(answer.stdout)

    def waiting(self) -> bool:
        """Say whether the record still holds something to send, asked the way a person would ask."""
        return any(alert["state"] in ("pending", "held", "ambiguous") for alert in self.ask("alerts"))

    def marked(self) -> set[str]:
        """Return what `alerts` calls a possible repeat, by the ids that the messages bear."""
        told = [alert for alert in self.ask("alerts") if alert["possible_repeat"]]
        return {name for alert in told for name in _names(alert["delivery"], alert["alert"].split(), alert["channel"])}

    def own_faults(self) -> list[str]:
        """Return what the lives of the command logged as errors: of lexwatch itself, not of a publisher or receiver,
        which are warnings; of a crash, its last line."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        crashes = [number for number, line in enumerate(lines) if line.startswith("Traceback")]
        last = [next((line for line in lines[n + 1 :] if not line.startswith(" ")), "cut off") for n in crashes]
        return [line[:400] for line in lines if line.split(" ")[1:2] == ["error"]] + last

    def asked_since(self, life: Running) -> bool:
        """Say whether this life has already asked the publisher something."""
        return len(self.origin.asked) > life.asked_before

    def examine(self) -> Autopsy:
        """Read a copy of the database and its log, so that the next life finds them as the last one left them."""
        slab = self.folder / "autopsy"
        shutil.rmtree(slab, ignore_errors=True)
        slab.mkdir()
        for name in (self.database.name, f"{self.database.name}-wal"):
            if (self.folder / name).exists():
                shutil.copy(self.folder / name, slab / name)
        return autopsy(slab / self.database.name)

    def _line(self, arguments: Sequence[str], now: datetime | None) -> list[str]:
        clock = ["--now", now.isoformat()] if now else []
        return [sys.executable, *self.command, "--config", str(self.folder / "config.toml"), *clock, *arguments]

    def _environment(self, failpoint: str | None) -> dict[str, str]:
        """Nothing of the harness leaks in but what the command is told to know."""
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.folder),
            "PYTHONPATH": str(CHECKOUT),
            "CONGRESS_API_KEY": KEY,
            "SLACK_WEBHOOK_URL": self.slack.url,
            "ARCHIVE_URL": self.archive.url,
            "ARCHIVE_SECRET": SECRET,
        }
        return {**environment, "LEXWATCH_FAILPOINT": failpoint} if failpoint else environment


def autopsy(database: Path) -> Autopsy:
    """Open a database that nobody else uses, let SQLite recover it, and read what matters."""
    if not database.exists():
        return Autopsy("ok", 0, {})
    with closing(sqlite3.connect(database)) as connection:
        (integrity,) = connection.execute("PRAGMA integrity_check").fetchone()
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if not {"v_status", "v_alerts"} <= tables:
            return Autopsy(integrity, 0, {})
        (documents,) = connection.execute("SELECT count(*) FROM v_status").fetchone()
        rows = connection.execute("SELECT delivery, alerts, channel, state FROM v_alerts").fetchall()
    named = ((_names(delivery, json.loads(alerts), channel), state) for delivery, alerts, channel, state in rows)
    return Autopsy(integrity, documents, {name: state for names, state in named for name in names})


def _names(delivery: str, alerts: Sequence[str], channel: str) -> tuple[str, ...]:
    """Return the ids by which a message may be known: a room has one delivery an alert, so the alert's will do."""
    return (delivery, *(alerts if channel == ROOM else ()))


@contextmanager
def rig(
    folder: Path,
    bills: int,
    *,
    every: str = "1s",
    command: Sequence[str] = COMMAND,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[Rig]:
    """Set everything up below `folder`, which must be empty; whatever still runs at the end is killed."""
    origin = constructed(bills, clock)
    door = ExitStack()
    sinks = slack_sink(Sink(clock=clock)), hook_sink(Sink(clock=clock))
    with open_to_the_public(origin), door, sinks[0] as slack, sinks[1] as archive:
        mail = door.enter_context(mail_sink(Sink(clock=clock)))
        text = _CONFIGURATION.format(every=every, origin=origin.url, people=json.dumps(PEOPLE), mail=mail.url)
        watches = "".join(f'\n[[watch]]\nbill = "us/bill/{CONGRESS}/hr/{number}"\n' for number in origin.bills)
        (folder / "config.toml").write_text(text + watches)
        under_test = Rig(folder, origin, mail, slack, archive, command, mail_door=door)
        try:
            yield under_test
        finally:
            for life in under_test.lives:
                if life.process.poll() is None:
                    life.kill()
