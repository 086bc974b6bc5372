"""Several workers on one PostgreSQL database, what they ask and whom they tell: to be killed, cut off and watched.

The publisher serves constructed feeds and takes its time over each answer, so that its log shows when each poll was
under way, by whose connection it ended, and whether two were ever under way for one feed. Each worker is the real
command in a process of its own; it reaches the server through a proxy of its own on loopback, which can stop
forwarding, as a network does that loses every packet, or break every connection.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg

from tests.crash.checker import CheckResult, Expected, check, count_cut_offs
from tests.crash.fixture import ARCHIVE, CHANNELS, PEOPLE, ROOM
from tests.crash.messages import ReceivedMessage
from tests.crash.receivers import Receiver, mail_receiver, slack_receiver, webhook_receiver
from tests.helpers.fork_server import ForkedProcess, ForkServer, shared_fork_server
from tests.helpers.paths import CHECKOUT
from tests.helpers.stores import PostgreSQL
from tests.helpers.timing import NO_HANG_SECONDS
from tests.helpers.webhook_signature import SECRET

FIRST_FEED = 9001
TAKE_OVER = 5.0
"""Seconds without a sign of life after which a worker is given up here; the time stated is this and 15 s."""

MOST_LISTED = 40
"""Entries that a feed shows, the youngest."""

RECIPIENTS = (*PEOPLE, ROOM, ARCHIVE)

_FEED = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Constructed {number}</title><id>urn:feed:{number}</id>
<updated>2026-03-01T00:00:00Z</updated>{entries}</feed>"""
_ENTRY = """<entry><id>urn:{mark}</id><title>Act {mark} (constructed)</title>
<updated>{at:%Y-%m-%dT%H:%M:%SZ}</updated><link href="https://example.org/{mark}"/></entry>"""

_CONFIGURATION = """\
[service]
database = "{database}"
name = "crash"
contact = "crash@example.org"
operator = {operator}
take_over = "{take_over}"

[http]
allow_hosts = ["127.0.0.1"]

"""
_WATCH = """
[[watch]]
feed = "{url}/feeds/{number}"
name = "feed {number}"
every = "{every}"
"""


@dataclass(frozen=True, slots=True)
class PollInterval:
    """One poll as the publisher saw it: from the request until just before its answer, or until the asker was gone."""

    feed: int
    began: float
    ended: float
    answered: bool


@dataclass(slots=True)
class Publisher:
    """Constructed feeds. `latency` is the seconds it takes over each answer, `under_way` how many it is giving."""

    feeds: dict[int, list[tuple[str, datetime]]]
    latency: Callable[[], float] = lambda: 0.05
    url: str = ""
    under_way: int = 0
    served: dict[str, datetime] = field(default_factory=dict)
    polls: list[PollInterval] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def publish(self, number: int) -> str:
        with self.lock:
            mark = f"EV{number}X{len(self.feeds[number]) + 1:03d}"
            self.feeds[number].append((mark, datetime.now(UTC)))
            return mark

    def body(self, number: int) -> tuple[list[str], bytes]:
        with self.lock:
            listed = self.feeds[number][-MOST_LISTED:]
        entries = "".join(_ENTRY.format(mark=mark, at=at) for mark, at in reversed(listed))
        return [mark for mark, _ in listed], _FEED.format(number=number, entries=entries).encode()

    def overlaps(self) -> list[tuple[PollInterval, PollInterval]]:
        """Return the polls of one feed that were under way at once."""
        found, last = [], dict[int, PollInterval]()
        for poll in sorted(self.polls, key=lambda one: one.began):
            before = last.get(poll.feed)
            if before is not None and poll.began < before.ended:
                found.append((before, poll))
            last[poll.feed] = poll if before is None or poll.ended > before.ended else before
        return found


def constructed_feeds(count: int) -> Publisher:
    """Return a publisher of so many feeds, each with one entry."""
    long_ago = datetime.now(UTC) - timedelta(days=30)
    return Publisher({n: [(f"EV{n}X001", long_ago)] for n in range(FIRST_FEED, FIRST_FEED + count)})


@contextmanager
def serve_feeds(publisher: Publisher) -> Iterator[Publisher]:
    """Serve the feeds on 127.0.0.1 until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            began, number = time.monotonic(), int(self.path.rpartition("/")[2])
            with publisher.lock:
                publisher.under_way += 1
            answered = self._patience(publisher.latency())
            marks, body = publisher.body(number)
            with publisher.lock:
                publisher.under_way -= 1
                publisher.polls.append(PollInterval(number, began, time.monotonic(), answered))
            if not answered:
                self.close_connection = True
                return
            etag = f'"{marks[-1]}"'
            if self.headers.get("If-None-Match") == etag:
                self.send_response(304)
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("ETag", etag)
            self.send_header("Content-Type", "application/atom+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            with publisher.lock:
                for mark in marks:
                    publisher.served.setdefault(mark, datetime.now(UTC))

        def _patience(self, seconds: float) -> bool:
            """Take so long over an answer; false when whoever asked is gone."""
            ready, _, _ = select.select([self.connection], [], [], seconds)
            return not ready

        def log_message(self, *_: object) -> None:
            return

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: object) -> None:
            """A reader killed in the middle of an answer is what these tests are about."""

    server = Quiet(("127.0.0.1", 0), Handler)
    publisher.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield publisher
    finally:
        server.shutdown()
        server.server_close()


class Proxy:
    """Forwards connections to a Unix socket. While it is cut nothing goes either way, and nothing is refused."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._open = threading.Event()
        self._open.set()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._open.clear()

    def heal(self, *, broken: bool) -> None:
        """Forward again; `broken` connections are reset first, others go on where they stood."""
        if broken:
            for end in [end for pair in self._pairs for end in pair]:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self._open.set()

    def close(self) -> None:
        self._listener.close()
        self.heal(broken=True)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        self._open.wait()
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self._target)
        except OSError:
            client.close()
            server.close()
            return
        with client, server:
            pair = (client, server)
            self._pairs.append(pair)
            back = threading.Thread(target=self._pump, args=(server, client), daemon=True)
            back.start()
            self._pump(client, server)
            back.join()
            with suppress(ValueError):
                self._pairs.remove(pair)

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                self._open.wait()
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@dataclass(slots=True)
class Worker:
    """One machine: a folder with a configuration, a way to the server, and the command when it runs."""

    folder: Path
    proxy: Proxy
    environment: dict[str, str]
    fork_server: ForkServer
    process: subprocess.Popen[bytes] | ForkedProcess | None = None

    @property
    def configuration(self) -> Path:
        return self.folder / "config.toml"

    @property
    def log(self) -> Path:
        return self.folder / "stderr.log"

    def ended(self) -> int:
        """Wait until the command ends by itself; returns its exit status."""
        assert self.process is not None
        return self.process.wait(NO_HANG_SECONDS)

    def start(self, *arguments: str, code: str | None = None) -> None:
        """Start `lexwatch worker`, or whatever the arguments say; `code` runs in place of the command's module."""
        if code is None:
            words = ["--config", str(self.configuration), *(arguments or ("worker",))]
            files = (self.folder / "stdout.txt", self.log)
            self.process = self.fork_server.spawn(
                words, folder=self.folder, environment={**os.environ, **self.environment}, files=files
            )
            return
        line = [sys.executable, "-c", code, "--config", str(self.configuration), *(arguments or ("worker",))]
        environment = {**os.environ, **self.environment, "PYTHONPATH": str(CHECKOUT)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                line, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log
            )

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self, seconds: float = NO_HANG_SECONDS) -> int | None:
        """Ask it to end; its exit status, None when it had to be killed."""
        if self.process is None:
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


@dataclass(slots=True)
class Machines:
    """The workers, the publisher and the receivers around one database."""

    url: str
    publisher: Publisher
    mail: Receiver
    slack: Receiver
    archive: Receiver
    workers: list[Worker]
    windows: Counter[str] = field(default_factory=Counter)
    seen: dict[int, int] = field(default_factory=dict)

    @property
    def receivers(self) -> tuple[Receiver, ...]:
        return self.mail, self.slack, self.archive

    def taken(self) -> list[ReceivedMessage]:
        return [message for receiver in self.receivers for message in receiver.so_far()]

    def configure(self, worker: Worker, *, every: str = "1s", take_over: str = "", more: str = "") -> None:
        text = (_CONFIGURATION + CHANNELS).format(
            database=f"postgresql://postgres@127.0.0.1:{worker.proxy.port}/{self.name}",
            operator='["desk"]' if more else "[]",
            take_over=take_over or f"{TAKE_OVER:g}s",
            people=json.dumps(PEOPLE),
            mail=self.mail.url,
        )
        text += f"{more}\n"
        feeds = sorted(self.publisher.feeds)
        text += "".join(_WATCH.format(url=self.publisher.url, number=number, every=every) for number in feeds)
        worker.configuration.write_text(text)

    @property
    def name(self) -> str:
        return self.url.partition("?")[0].rpartition("/")[2]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(sql).fetchall()  # type: ignore[call-overload, no-any-return]

    def count_windows(self) -> int:
        """Count what was accepted and is not on record as sent: at a moment when a worker, its connection or the
        server has just been taken away. What others are just sending counts too, once."""
        settled = {str(row[0]) for row in self.rows("SELECT id FROM delivery WHERE state = 'sent'")}
        return count_cut_offs(self._new_ids(), settled, self.windows)

    def _new_ids(self) -> Iterator[str]:
        for place, receiver in enumerate(self.receivers):
            taken = receiver.so_far()
            yield from (message.id for message in taken[self.seen.get(place, 0) :])
            self.seen[place] = len(taken)

    def is_settled(self) -> bool:
        """Say whether every entry was served, and no message waits."""
        events = {mark for listed in self.publisher.feeds.values() for mark, _ in listed}
        waiting = self.rows("SELECT count(*) FROM delivery WHERE state IN ('pending', 'ambiguous', 'held')")
        recorded = self.rows("SELECT count(*) FROM document WHERE identity LIKE 'feed/%/%'")
        return events <= set(self.publisher.served) and waiting[0][0] == 0 and recorded[0][0] == len(events)

    def wait_for(self, what: Callable[[], bool], seconds: float = NO_HANG_SECONDS) -> bool:
        """Wait until it is so; false when it was not within so many seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(psycopg.Error):
                if what():
                    return True
            time.sleep(0.1)
        return False

    def publish_everywhere(self) -> None:
        for number in self.publisher.feeds:
            self.publisher.publish(number)

    def assert_told_once(self) -> None:
        """Fail unless everything was told, once, and no two polls of a feed were under way at once. Where a worker was
        given up, be it only for a busy machine, what it had in hand may be told again, marked."""
        taken_over = any("taken_over" in worker.said() for worker in self.workers)
        self.windows = Counter({message.id for message in self.taken()} if taken_over else ())
        result = self.evaluate(frozenset(f"EV{number}X001" for number in self.publisher.feeds), timedelta(minutes=5))
        assert result.faults == (), result.faults
        assert taken_over or result.repeated == ()
        assert self.publisher.overlaps() == []

    def evaluate(self, past: frozenset[str], patience: timedelta) -> CheckResult:
        """Compare what was published with what was received; `past` is what may have been told or not."""
        events = {mark: at for listed in self.publisher.feeds.values() for mark, at in listed}
        due = {mark: max(at, self.publisher.served[mark]) for mark, at in events.items() if mark not in past}
        marked = {str(row[0]) for row in self.rows("SELECT id FROM delivery WHERE possible_repeat")}
        return check(Expected(due, RECIPIENTS, past), self.taken(), self.windows, marked, patience)


@contextmanager
def machines(folder: Path, postgresql: PostgreSQL, count: int = 3, feeds: int = 12) -> Iterator[Machines]:
    """Yield so many machines around an empty database; nothing runs yet. Their commands begin without waiting for their
    imports."""
    url = postgresql.database()
    with ExitStack() as stack:
        publisher = stack.enter_context(serve_feeds(constructed_feeds(feeds)))
        mail, slack, archive = Receiver(), Receiver(), Receiver()
        stack.enter_context(mail_receiver(mail))
        stack.enter_context(slack_receiver(slack, ROOM))
        stack.enter_context(webhook_receiver(archive, ARCHIVE))
        environment = {
            "SLACK_WEBHOOK_URL": slack.url,
            "ARCHIVE_URL": archive.url,
            "ARCHIVE_SECRET": SECRET,
        }
        workers = []
        for number in range(count):
            place = folder / f"machine{number}"
            place.mkdir()
            proxy = Proxy(postgresql.socket_path)
            stack.callback(proxy.close)
            forks = shared_fork_server(f"machine {number}", "monitor.service.queue")
            workers.append(Worker(place, proxy, {**environment, "XDG_STATE_HOME": str(place / "state")}, forks))
        found = Machines(url, publisher, mail, slack, archive, workers)
        for worker in workers:
            found.configure(worker)
            stack.callback(worker.kill)
        yield found
    postgresql.drop(url)
