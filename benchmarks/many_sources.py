"""What do `sources`, `status`, `check` and `alerts` cost with 1,000 and with 10,000 sources, watches and messages?

    python -m benchmarks.many_sources [FEWER MORE]

So many constructed feeds are read once, then each has one entry more, which becomes one message on the console; all by
the program itself. CPU of each command less that of `lexwatch --version`, the least of five. Exits 1 when a row costs
more than twice as much with the larger number, or the larger number takes more than a second above start-up.
"""

from __future__ import annotations

import os
import re
import socketserver
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

COMMANDS = ("sources", "status", "check", "alerts")
MOST_PER_ROW, MOST_SECONDS = 2.0, 1.0
FIRST, LATER = "2026-01-06T10:00:00Z", "2026-01-06T12:00:00Z"
LEXWATCH = (sys.executable, "-m", "monitor.cli.main")
ITEM = "<item><guid>https://feeds.example/{feed}/{n}</guid><title>Act {n} of office {feed} (constructed)</title></item>"


class Origin(socketserver.StreamRequestHandler):
    """Answers GET /N with a feed of one entry, and of two once /next was asked for."""

    entries = 1

    def handle(self) -> None:
        while line := self.rfile.readline():
            while self.rfile.readline() not in (b"\r\n", b""):
                pass
            if line.startswith(b"GET /next"):
                Origin.entries = 2
            feed = re.findall(rb"/(\d+)", line)[0].decode()
            items = "".join(ITEM.format(feed=feed, n=n) for n in range(self.entries))
            body = f'<rss version="2.0"><channel><title>Office {feed}</title>{items}</channel></rss>'.encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body)


def serve() -> None:
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Origin) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


def cpu(*command: str) -> float:
    """Return the least CPU seconds of five runs; a status of 1 is an answer, too."""
    spent = []
    for _ in range(5):
        before = getrusage(RUSAGE_CHILDREN)
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        after = getrusage(RUSAGE_CHILDREN)
        assert done.returncode in (0, 1), done.stderr[-500:]
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(spent)


def installation(folder: Path, origin: str, number: int) -> list[str]:
    """Read the feeds, publish, read and send again; return the command that asks this installation."""
    watches = "".join(f'[[watch]]\nfeed = "{origin}/{n}"\nname = "feed {n}"\n' for n in range(number))
    channel = '[[channel]]\nname = "terminal"\nkind = "console"\n'
    config = folder / "config.toml"
    head = '[service]\ndatabase = "b.db"\n[http]\nallow_hosts = ["127.0.0.1"]\n'
    config.write_text(head + channel + watches, encoding="utf-8")
    command = [*LEXWATCH, "--config", str(config)]
    for now in (FIRST, LATER):
        began = time.perf_counter()
        subprocess.run([*command, "--now", now, "run", "--once"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        print(f"  {number} feeds, run --once: {time.perf_counter() - began:.0f} s", flush=True)
        urllib.request.urlopen(f"{origin}/next/0", timeout=60).read()
    return command


def measured(number: int) -> dict[str, float]:
    """Return the CPU seconds above start-up of each command with so many feeds."""
    origin = subprocess.Popen([sys.executable, "-m", __spec__.name, "serve"], stdout=subprocess.PIPE, text=True)
    assert origin.stdout is not None
    try:
        with tempfile.TemporaryDirectory() as folder:
            address = f"http://127.0.0.1:{origin.stdout.readline().strip()}"
            command = installation(Path(folder), address, number)
            start = cpu(*LEXWATCH, "--version")
            return {word: cpu(*command, "--now", LATER, word) - start for word in COMMANDS}
    finally:
        origin.kill()
        origin.wait()


def main(fewer: int, more: int) -> int:
    small, large = measured(fewer), measured(more)
    met = True
    for word in COMMANDS:
        ratio = (large[word] / more) / (small[word] / fewer)
        print(
            f"{word}: {fewer} {small[word]:.2f}s, {more} {large[word]:.2f}s, per row {ratio:.2f} "
            f"(budget {MOST_PER_ROW} and {MOST_SECONDS:.0f} s) load={os.getloadavg()[0]:.1f}"
        )
        met &= ratio <= MOST_PER_ROW and large[word] <= MOST_SECONDS
    return int(not met)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        sys.exit(main(*map(int, sys.argv[1:3] or ("1000", "10000"))))
