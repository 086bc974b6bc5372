"""Who answers on 127.0.0.1 while the demo lasts? The recorded publishers, a mail server, a Slack webhook."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any
from urllib.parse import unquote, urlsplit

from aiosmtpd.controller import Controller

WEBHOOK = "/services/demo"
_FIELD = re.compile(r"^\*([^*\n]+)\*\n")
_LINK = re.compile(r"<([^|>]+)\|([^>]+)>")
_BARE_LINK = re.compile(r"<([^>]+)>")
_BOLD = re.compile(r"(?<!\w)\*([^*\n]+)\*(?!\w)")
_ITALIC = re.compile(r"(?<!\w)_([^_\n]+)_(?!\w)")

Version = tuple[datetime, int, str, str | None, str]
"""One answer of a publisher: the moment from which it was given, status, content type, Last-Modified, body."""


@dataclass(slots=True)
class Recording:
    """What the publishers answered, by path and moment. `now` is the moment it is in the demo; `asked` counts requests,
    `posts` grows with every message to Slack, oldest first."""

    versions: Mapping[str, list[Version]]
    now: datetime
    asked: int = 0
    posts: list[dict[str, Any]] = field(default_factory=list)

    def post(self, body: bytes) -> tuple[int, str, str | None, bytes]:
        self.posts.append(json.loads(body))
        return 200, "text/plain", None, b"ok"

    def get(self, path: str, unless: str | None) -> tuple[int, str, str | None, bytes]:
        """Return status, content type, Last-Modified and body of what was there at `now`."""
        self.asked += 1
        shown = [version for version in self.versions.get(path, ()) if version[0] <= self.now]
        if not shown:
            return 404, "application/json", None, b'{"error": "Unknown resource"}'
        _, status, content_type, modified, body = shown[-1]
        if modified is not None and modified == unless:
            return 304, content_type, modified, b""
        return status, content_type, modified, body.encode()


def load_recording(now: datetime) -> Recording:
    """Read the answers that ship with lexwatch."""
    packed = (files("monitor.demo") / "data" / "answers.json.gz").read_bytes()
    return Recording(
        {
            path: [(datetime.fromisoformat(since), *rest) for since, *rest in versions]
            for path, versions in json.loads(gzip.decompress(packed)).items()
        },
        now,
    )


@contextmanager
def publish(recording: Recording) -> Iterator[str]:
    """Serve a recording and the webhook on a free port until the block ends; yields `http://127.0.0.1:PORT`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body go in two writes: each answer would wait 40 ms for an ACK

        def _respond(self) -> None:
            path = unquote(urlsplit(self.path).path)
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            found = recording.post(sent) if path == WEBHOOK else recording.get(path, self.headers["If-Modified-Since"])
            status, content_type, modified, body = found
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            if modified is not None:
                self.send_header("Last-Modified", modified)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _respond

        def log_message(self, *_: object) -> None:
            """Say nothing: the terminal belongs to the demo."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(slots=True)
class Mailbox:
    """A mail server's end: `mails` grows with every accepted message, oldest first. While `closed` it answers as a
    server in trouble does, with a temporary refusal."""

    address: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    closed: bool = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take or refuse one message: called by aiosmtpd after the final dot."""
        if self.closed:
            return "451 4.3.0 Mailbox unavailable, please try again later"
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 2.0.0 OK"


@contextmanager
def receive_mail() -> Iterator[Mailbox]:
    """Accept mail on 127.0.0.1 until the block ends; `address` is what a channel's `server` names."""
    mailbox = Mailbox()
    with socket.socket() as free:  # aiosmtpd looks itself up under the number it was given, so 0 will not do
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    mailbox.address = f"smtp://127.0.0.1:{port}"
    try:
        yield mailbox
    finally:
        controller.stop()


def text_of(mail: EmailMessage) -> list[str]:
    """Return the lines of the plain-text part, as a mail reader without HTML shows it."""
    part = mail.get_body(("plain",))
    text = "" if part is None else str(part.get_content()).strip()
    return [line.rstrip() for line in text.splitlines()]


def lines_of(post: Mapping[str, Any]) -> list[str]:
    """Return a post to Slack as its readers see it: the text of its blocks without markup, or the fallback text."""
    shown = [line for block in post.get("blocks", ()) for line in _block(block)]
    return shown or _plain(str(post.get("text", ""))).splitlines()


def _block(block: Mapping[str, Any]) -> Iterator[str]:
    texts = [block["text"]] if "text" in block else []
    for text in [*texts, *block.get("fields", ()), *block.get("elements", ())]:
        inner = text.get("text", "")
        yield from _plain(inner["text"] if isinstance(inner, dict) else inner).splitlines()


def _plain(marked: str) -> str:
    """Take Slack's markup away: links become their words, bold and italics their letters, a field one line."""
    words = _BARE_LINK.sub(r"\1", _LINK.sub(r"\2", _FIELD.sub(r"\1: ", marked)))
    return unescape(_ITALIC.sub(r"\1", _BOLD.sub(r"\1", words)))
