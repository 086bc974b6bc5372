"""What do a thousand feeds cost, read for the first time and unchanged, beside lemon24/reader?

    python -m benchmarks.feeds_against_reader [FEEDS]

Both programs run as a whole process (`lexwatch run --once`, `python -m reader update`) against one origin in another
process, in turns; the CPU seconds of the processes are compared. reader (`reader[cli]`) is installed into a virtual
environment of its own under build/; where that is not possible only our figures are printed. All feeds are constructed:
30 entries, some 25 kB each. Exits 1 when a ratio is above 1.0.
"""

from __future__ import annotations

import os
import re
import socketserver
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

BUDGET = 1.0
ROUNDS = 3
ENVIRONMENT = Path(__file__).parents[1] / "build" / "reader-venv"
FIRST, LATER = "2026-01-06T10:00:00Z", "2026-01-06T12:00:00Z"
ENTRIES, WORDS = 30, "What the act orders, for whom, from when on and by whom it is carried out. " * 8
ITEM = (
    "<item><guid>https://feeds.example/{feed}/{n}</guid><link>https://feeds.example/{feed}/{n}</link>"
    "<title>Act {n} of office {feed} (constructed)</title><pubDate>Mon, 05 Jan 2026 12:00:00 GMT</pubDate>"
    "<description>{words}</description></item>"
)
ADD = """
import sys
from reader import make_reader
reader = make_reader(sys.argv[1])
for number in range(int(sys.argv[3])):
    reader.add_feed(f"{sys.argv[2]}/{number}")
"""


class Origin(socketserver.StreamRequestHandler):
    """Answers every GET /N with the feed of that number, or 304 to its validator."""

    def handle(self) -> None:
        while line := self.rfile.readline():
            conditional = False
            while (header := self.rfile.readline()) not in (b"\r\n", b""):
                conditional |= header.lower().startswith(b"if-none-match:")
            number = int(re.findall(rb"/(\d+)", line)[0])
            head = f'ETag: "{number}"\r\nDate: Tue, 06 Jan 2026 10:00:00 GMT\r\nContent-Type: application/rss+xml\r\n'
            if conditional:
                self.wfile.write(f"HTTP/1.1 304 Not Modified\r\n{head}\r\n".encode())
            else:
                body = feed(number)
                self.wfile.write(f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


def feed(number: int) -> bytes:
    items = "".join(ITEM.format(feed=number, n=n, words=WORDS) for n in range(ENTRIES))
    channel = f"<title>Office {number}</title><link>https://feeds.example/</link><description>Acts</description>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{channel}{items}</channel></rss>'.encode()


def serve() -> None:
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Origin) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


def cpu(*command: str) -> float:
    """Return the CPU seconds of a command that has to succeed."""
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def reader_python() -> str | None:
    """Return the interpreter of an environment with reader in it, made now if it can be; None where it cannot."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
    known = subprocess.run([python, "-c", "import reader, click, sgmllib"], capture_output=True)
    if known.returncode:
        command = [python, "-m", "pip", "install", "-q", "reader[cli]", "sgmllib3k"]
        known = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return None if known.returncode else str(python)


def ours(folder: Path, origin: str, feeds: int) -> tuple[float, float]:
    """Return the CPU seconds of a first reading and of an unchanged cycle of lexwatch."""
    watches = "".join(f'[[watch]]\nfeed = "{origin}/{n}"\nname = "feed {n}"\n' for n in range(feeds))
    config = folder / "config.toml"
    config.write_text(f'[service]\ndatabase = "b.db"\n[http]\nallow_hosts = ["127.0.0.1"]\n{watches}')
    run = [sys.executable, "-m", "monitor.cli.main", "--config", str(config), "--now"]
    return cpu(*run, FIRST, "run", "--once"), cpu(*run, LATER, "run", "--once")


def theirs(python: str, folder: Path, origin: str, feeds: int) -> tuple[float, float]:
    database = str(folder / "reader.db")
    subprocess.run([python, "-c", ADD, database, origin, str(feeds)], check=True)
    update = [python, "-m", "reader", "--db", database, "update", "--no-scheduled"]
    return cpu(*update), cpu(*update)


def measure(origin: str, feeds: int) -> bool:
    python = reader_python()
    rounds: list[tuple[Sequence[float], Sequence[float]]] = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            rounds.append((ours(folder, origin, feeds), theirs(python, folder, origin, feeds) if python else ()))
    met = True
    for place, row in enumerate(("first reading", "unchanged cycle")):
        mine = min(found[0][place] for found in rounds)
        other = min(found[1][place] for found in rounds) if python else None
        compared = f"reader={other:.2f}s ratio={mine / other:.2f} (budget {BUDGET})" if other else "reader is not there"
        print(f"{row}: feeds={feeds} lexwatch={mine:.2f}s {compared} load={os.getloadavg()[0]:.1f}", flush=True)
        met &= other is None or mine / other <= BUDGET
    return met


def main(feeds: int) -> int:
    origin = subprocess.Popen([sys.executable, "-m", __spec__.name, "serve"], stdout=subprocess.PIPE, text=True)
    assert origin.stdout is not None
    try:
        return int(not measure(f"http://127.0.0.1:{origin.stdout.readline().strip()}", feeds))
    finally:
        origin.kill()
        origin.wait()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
