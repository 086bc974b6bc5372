"""What does the door cost beside a bare `requests` conditional GET, when nothing has changed?

Prints the CPU microseconds of both and their ratio, for a 304 and for a 200 with the same 20 KB. The origin is another
process, so only the asking side is counted; the best of several rounds is taken, in turns, in one run. Exits 1 when
the ratio is above the budget, 1.2 (the whole poll has 1.4).
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).parents[1]))

from domain.sources import Request
from monitor.http.client import HttpClient

BUDGET = 1.2
ROUNDS, CALLS = 7, 300
HEAD = b'ETag: "a"\r\nDate: Tue, 20 Jan 2026 10:00:00 GMT\r\nContent-Type: application/json\r\nServer: origin\r\n'
ANSWERS = {
    "304": b"HTTP/1.1 304 Not Modified\r\n" + HEAD + b"\r\n",
    "200": b"HTTP/1.1 200 OK\r\n" + HEAD + b"Content-Length: 20000\r\n\r\n" + b"x" * 20000,
}


def serve() -> None:
    """Answer one connection after the other, for ever; the port is printed first."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        with connection:
            asked = b""
            while got := connection.recv(65536):
                asked += got
                while b"\r\n\r\n" in asked:
                    head, _, asked = asked.partition(b"\r\n\r\n")
                    connection.sendall(ANSWERS[head.split(b" ")[1][1:].decode()])


def cpu(ask: Callable[[], object]) -> float:
    """Return CPU microseconds per call."""
    began = time.process_time()
    for _ in range(CALLS):
        ask()
    return (time.process_time() - began) / CALLS * 1e6


def measure(url: str) -> tuple[float, float]:
    """Return the best of bare requests and of the door."""
    door = HttpClient(contact="desk@example.org", clock=lambda: datetime.now(UTC), allow_hosts=["127.0.0.1"])
    request = Request(url, etag='"a"', accept=("application/json",))
    bare: list[float] = []
    ours: list[float] = []
    with requests.Session() as session:
        for _ in range(ROUNDS):
            bare.append(cpu(lambda: session.get(url, headers={"If-None-Match": '"a"'}, timeout=60).content))
            session.close()
            ours.append(cpu(lambda: door(request)))
            door.close()
    return min(bare), min(ours)


def main() -> int:
    origin = subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True)
    assert origin.stdout is not None
    try:
        url = f"http://127.0.0.1:{origin.stdout.readline().strip()}"
        worst = 0.0
        for status in ANSWERS:
            bare, ours = measure(f"{url}/{status}")
            worst = max(worst, ours / bare)
            print(f"unchanged_get answer={status} bare_us={bare:.0f} door_us={ours:.0f} ratio={ours / bare:.2f}")
    finally:
        origin.kill()
        origin.wait()
    return int(worst > BUDGET)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        sys.exit(main())
