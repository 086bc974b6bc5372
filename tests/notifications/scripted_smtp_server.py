"""A mail server on loopback that answers each step as its script says, and may go silent or hang up."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

HANG_UP = ""
SILENCE = "silence"
DRIPPING = "dripping"

POLITE = {
    "CONNECT": "220 ready",
    "EHLO": "250 mail.example.org",
    "HELO": "250 mail.example.org",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    ".": "250 queued as 1",
    "QUIT": "221 bye",
}


@dataclass(slots=True)
class Script:
    """`replies` maps a verb (`CONNECT` for the greeting, `.` for the final dot) to its reply line, to HANG_UP, to
    SILENCE or to DRIPPING. `verbs` and `body` grow with what was heard."""

    server: str
    replies: Mapping[str, str]
    verbs: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    body: bytes = b""
    done: threading.Event = field(default_factory=threading.Event)

    def reply(self, line: socket.socket, verb: str) -> bool:
        """Answer one step; false when the conversation is over."""
        words = self.replies[verb]
        if words == HANG_UP:
            return False
        if words == SILENCE:
            self.done.wait()
            return False
        if words == DRIPPING:
            while not self.done.wait(0.05):
                line.sendall(b"2")
            return False
        line.sendall(words.encode() + b"\r\n")
        return verb != "QUIT"


@contextmanager
def speak(**replies: str) -> Iterator[Script]:
    """Serve SMTP on 127.0.0.1 until the block ends; `dot` stands for the final dot."""
    heard = {("." if verb == "dot" else verb): words for verb, words in replies.items()}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        script = Script(f"smtp://127.0.0.1:{listener.getsockname()[1]}", {**POLITE, **heard})
        thread = threading.Thread(target=_serve, args=(listener, script), daemon=True)
        thread.start()
        try:
            yield script
        finally:
            script.done.set()
            # shutdown wakes the accept; close alone does not.
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def _serve(listener: socket.socket, script: Script) -> None:
    while True:
        try:
            line, _ = listener.accept()
        except OSError:
            return
        with line, line.makefile("rb") as heard:
            try:
                _converse(line, heard, script)
            except OSError:
                continue


def _converse(line: socket.socket, heard: Iterator[bytes], script: Script) -> None:
    if not script.reply(line, "CONNECT"):
        return
    for command in heard:
        verb = command.split()[0].decode().upper()
        script.verbs.append(verb)
        script.lines.append(command.decode().strip())
        if not script.reply(line, verb):
            return
        if verb == "DATA" and script.replies["DATA"].startswith("354"):
            for row in heard:
                if row == b".\r\n":
                    break
                script.body += row
            else:
                return
            script.verbs.append(".")
            if not script.reply(line, "."):
                return
