"""What did the publisher say, to whom was it completely said, and when?

A scripted api.congress.gov (v3) on loopback whose history is the truth of the crash tests. Its bills and events are
*constructed*: bill numbers from 9001, and every event carries a mark such as `EV9001X003` in its official words, by
which a message can be recognised as telling it. An action is published with a slip of the pen (`EV9001X003 considred`);
put right later, it reads `EV9001X003 considered`, and a message that says so bears the mark `CO9001X003`. A bill that
is introduced while lexwatch watches has the mark `AP9501X001` in its title.

An event counts as *served* once an answer that carries it has been written to its last byte. What was only ever in an
answer that was cut short was never said.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.crash.bills import (
    CONGRESS,
    FIRST_NEWCOMER,
    FIRST_NUMBER,
    MOST_NEWCOMERS,
    Bill,
    Event,
    action,
    as_json,
    introduction,
    item,
    listed,
    marks_in,
    paged,
    printing,
    second,
    stamp,
    title_of,
)

KEY = "constructed-key"

_SUBLISTS = {
    "actions": "actions",
    "text": "textVersions",
    "titles": "titles",
    "cosponsors": "cosponsors",
    "committees": "committees",
    "relatedbills": "relatedBills",
    "summaries": "summaries",
}


class BadAnswer(StrEnum):
    """How one answer goes wrong."""

    ERROR = "error"
    HTML = "html"
    CUT = "cut"
    DROP = "drop"


@dataclass(slots=True)
class CongressServer:
    """The publisher. `ill` is asked before every answer (path in, illness or None out)."""

    clock: Callable[[], datetime]
    bills: dict[int, Bill]
    ill: Callable[[str], BadAnswer | None] = lambda _path: None
    url: str = ""
    served: dict[str, datetime] = field(default_factory=dict)
    asked: list[tuple[datetime, str]] = field(default_factory=list)
    read: set[int] = field(default_factory=set)
    phantoms: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def publish(self, number: int, kind: str = "action") -> Event:
        """Let something happen to a bill now. The bill's stamp always moves by at least a second. It is reported once:
        a second report is one more action."""
        with self.lock:
            bill = self.bills[number]
            kind = "action" if kind == "report" and bill.entries(kind) else kind
            event = Event(f"EV{number}X{len(bill.events) + 1:03d}", number, kind, self.clock())
            bill.events.append(event)
            bill.updated = max(second(event.at), bill.updated + timedelta(seconds=1))
            return event

    def correct(self, rng: random.Random) -> Event | None:
        """Put right the words of one of the youngest lines; None when there is none left."""
        with self.lock:
            lines = [e for b in self.bills.values() for e in b.events if e.kind == "action" and not e.corrected]
            if not lines:
                return None
            event = rng.choice(sorted(lines, key=lambda e: e.at)[-12:])
            bill = self.bills[event.number]
            corrected = replace(event, corrected=True, at=self.clock())
            bill.events[bill.events.index(event)] = replace(event, corrected=True)
            bill.updated = max(second(corrected.at), bill.updated + timedelta(seconds=1))
            return corrected

    def introduce(self) -> Event | None:
        """Let a new bill appear that only the saved search finds; None when there are enough."""
        with self.lock:
            number = max(FIRST_NEWCOMER, max(self.bills) + 1)
            if number >= FIRST_NEWCOMER + MOST_NEWCOMERS:
                return None
            event = Event(f"AP{number}X001", number, "appeared", self.clock())
            title = f"Constructed Act of crash test {event.name}"
            self.bills[number] = Bill(number, event.at, second(event.at), [event], title)
            return event

    @property
    def numbers(self) -> list[int]:
        """The bills that somebody watches by their number."""
        with self.lock:
            return [number for number in self.bills if number < FIRST_NEWCOMER]

    def touch(self, number: int) -> None:
        """Move a bill's stamp without changing anything else: this is not news."""
        with self.lock:
            bill = self.bills[number]
            bill.updated = max(second(self.clock()), bill.updated + timedelta(seconds=1))

    @property
    def events(self) -> list[Event]:
        with self.lock:
            return [event for bill in self.bills.values() for event in bill.events]

    def note(self, path: str) -> None:
        with self.lock:
            self.asked.append((self.clock(), path))

    def wrote(self, path: str, body: bytes) -> None:
        """Remember that this body left completely."""
        now = self.clock()
        with self.lock:
            for mark in marks_in(body.decode()):
                self.served.setdefault(mark, now)
            if path.endswith("/actions"):
                self.read.add(int(path.split("/")[-2]))

    def answer(self, path: str, query: Mapping[str, Sequence[str]], ghost: bool = False) -> tuple[int, bytes]:
        """Return status and body for a path below the base address; a ghost answer holds an action that never was."""
        parts = path.strip("/").split("/")[1:]
        with self.lock:
            if parts == ["bill", str(CONGRESS)]:
                return 200, as_json(self._list(query))
            if len(parts) in (4, 5) and parts[:3] == ["bill", str(CONGRESS), "hr"] and parts[3].isdigit():
                bill = self.bills.get(int(parts[3]))
                if bill is not None and len(parts) == 4:
                    return 200, as_json({"bill": item(bill), "request": {"format": "json"}})
                if bill is not None and parts[4] in _SUBLISTS:
                    return 200, as_json(self._sublist(bill, parts[4], query, ghost))
        return 404, as_json({"error": f"Unknown resource: {path}"})

    def _list(self, query: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        since = query.get("fromDateTime", [""])[0]
        touched = [bill for bill in self.bills.values() if not since or stamp(bill.updated) >= since]
        touched.sort(key=lambda bill: bill.updated)
        return paged("bills", [listed(bill) for bill in touched], query)

    def _sublist(self, bill: Bill, name: str, query: Mapping[str, Sequence[str]], ghost: bool) -> dict[str, Any]:
        if name == "actions":
            entries = [action(event) for event in bill.actions()] + [introduction(bill)]
            if ghost:
                entries.insert(0, action(self._phantom(bill)))
        elif name == "text":
            entries = [printing(event) for event in bill.entries("text")]
        elif name == "titles":
            entries = [{"title": title_of(bill), "titleType": "Display Title", "titleTypeCode": 45}]
        else:
            entries = []
        return paged(_SUBLISTS[name], entries, query)

    def _phantom(self, bill: Bill) -> Event:
        event = Event(f"EV{bill.number}X{900 + len(self.phantoms) % 100}", bill.number, "action", self.clock())
        self.phantoms.add(event.mark)
        return event


def constructed_bills(count: int, clock: Callable[[], datetime]) -> CongressServer:
    """Return a publisher of so many constructed bills, introduced thirty days ago, to which nothing happened yet."""
    long_ago = clock() - timedelta(days=30)
    numbers = range(FIRST_NUMBER, FIRST_NUMBER + count)
    return CongressServer(
        clock, {n: Bill(n, long_ago, second(long_ago) + timedelta(hours=n - FIRST_NUMBER)) for n in numbers}
    )


@contextmanager
def serve_congress(origin: CongressServer) -> Iterator[CongressServer]:
    """Serve the origin on 127.0.0.1 until the block ends; `origin.url` is what `base_url` must be."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            origin.note(parts.path)
            ill = origin.ill(parts.path)
            if self.headers.get("X-Api-Key") != KEY:
                self._reply(403, as_json({"error": {"code": "API_KEY_MISSING", "message": "no key"}}), parts.path)
            elif ill is BadAnswer.DROP:
                self.close_connection = True
            elif ill is BadAnswer.ERROR:
                self._reply(500, as_json({"error": "constructed trouble"}), parts.path)
            elif ill is BadAnswer.HTML:
                self._reply(200, b"<!doctype html><title>constructed</title>", parts.path, "text/html")
            else:
                ghost = ill is BadAnswer.CUT
                self._reply(*origin.answer(parts.path, parse_qs(parts.query), ghost), parts.path, cut=ghost)

        def _reply(
            self, status: int, body: bytes, path: str, kind: str = "application/json", cut: bool = False
        ) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) * 2 // 3] if cut else body)
            self.wfile.flush()
            if cut:
                self.close_connection = True
            elif status == 200 and kind == "application/json":
                origin.wrote(path, body)

        def log_message(self, *_: object) -> None:
            return

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A reader killed in the middle of an answer is what these tests are about."""

    server = Quiet(("127.0.0.1", 0), Handler)
    origin.url = f"http://127.0.0.1:{server.server_port}/v3"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield origin
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
