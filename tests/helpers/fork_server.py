"""How does a process of the command begin without waiting a second for its imports?

A process that has imported the program and runs no thread of its own. Told to, it forks: the child takes the arguments,
environment, folder and files it is given and is the command from its first line on; the rest waits for its end and
says how it ended. One line of JSON in, two lines out: the child's process id, then its exit status.

`python fork_server.py`, with further modules to import in `FORK_SERVER_MODULES`; the client's side is `ForkServer`.
Nothing of the harness is left in the child but this file. `run_command` is what most tests need: the command, in a
process of its own, to its end.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import random
import resource
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

_PACKAGES = ("domain", "watchers", "notifications")
_MODULES = (
    "monitor.cli.main",
    "monitor.cli.running",
    "monitor.cli.status",
    "monitor.service.coverage_reports",
    "monitor.service.scheduler",
    "monitor.service.service",
    "email.generator",
    "email.headerregistry",
    "email.policy",
    "encodings.unicode_escape",
    "encodings.utf_8_sig",
    "jinja2.sandbox",
)
"""What a command imports when it needs it, beside all modules of these packages."""


@dataclass(slots=True)
class ForkedProcess:
    """One process, as `subprocess.Popen` would show it."""

    fork_server: subprocess.Popen[bytes]
    pid: int
    returncode: int | None = None

    def poll(self) -> int | None:
        return self._listen(0)

    def wait(self, timeout: float | None = None) -> int:
        status = self._listen(timeout)
        if status is None:
            raise subprocess.TimeoutExpired("process", timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it is known to be dead."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _listen(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            said = self.fork_server.stdout
            assert said is not None
            ready, _, _ = select.select([said], [], [], timeout)
            if ready:
                self.returncode = int(said.readline())
        return self.returncode


@dataclass(slots=True)
class ForkServer:
    """The waiting process, as the harness sees it."""

    process: subprocess.Popen[bytes]

    def spawn(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        files: tuple[Path, Path],
        largest: int | None = None,
        mutant: str | None = None,
    ) -> ForkedProcess:
        """Begin a process; `files` take what it prints and logs, `largest` is how many bytes a file of its may have,
        `mutant` breaks it in one of the ways of `tests.crash.mutants`."""
        order = {
            "arguments": list(arguments),
            "folder": str(folder),
            "environment": dict(environment),
            "files": [str(path) for path in files],
            "largest": largest,
            "mutant": mutant,
        }
        orders, said = self.process.stdin, self.process.stdout
        assert orders is not None
        assert said is not None
        orders.write(json.dumps(order).encode() + b"\n")
        orders.flush()
        return ForkedProcess(self.process, int(said.readline()))


@contextmanager
def fork_server(environment: Mapping[str, str]) -> Iterator[ForkServer]:
    """Keep a process ready until the block ends."""
    line = [sys.executable, __file__]
    # Unbuffered, so that what `select` does not see is nowhere.
    with subprocess.Popen(line, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        try:
            yield ForkServer(process)
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.wait(120)


ROOT = Path(__file__).parents[2]
_one_at_a_time = Lock()


@cache
def shared_fork_server(name: str = "commands", modules: str = "") -> ForkServer:
    """Return a waiting process of this test process, which ends with it. Each has one child at a time."""
    stack = ExitStack()
    atexit.register(stack.close)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "FORK_SERVER_MODULES": modules}
    return stack.enter_context(fork_server(environment))


def run_command(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, without the second that its imports take, and wait for its end.
    `environment` is all that it gets."""
    with tempfile.TemporaryDirectory() as kept, _one_at_a_time:
        printed, logged = files = (Path(kept, "stdout"), Path(kept, "stderr"))
        process = shared_fork_server().spawn(words, folder=folder, environment=environment, files=files)
        try:
            status = process.wait(timeout)
        except BaseException:
            process.kill()
            process.wait()
            raise
        return subprocess.CompletedProcess(list(words), status, printed.read_text(), logged.read_text())


def _run_command(order: Mapping[str, Any]) -> int:
    """Be the command. What was inherited and would differ in a process of its own is made anew."""
    from monitor.cli.main import main as command
    from monitor.service import failpoints

    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    for number, (path, flags) in enumerate(
        ((os.devnull, os.O_RDONLY), *((path, os.O_WRONLY | os.O_CREAT | os.O_APPEND) for path in order["files"]))
    ):
        opened = os.open(path, flags, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    random.seed()
    failpoints.arm()
    if order["largest"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest"], resource.RLIM_INFINITY))
    if order["mutant"] is not None:
        from tests.crash.mutants import install

        install(order["mutant"])
    return command(order["arguments"])


def _import_program() -> None:
    """Import the program, and read what ships with it."""
    for package in _PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    for name in (*_MODULES, *os.environ.get("FORK_SERVER_MODULES", "").split()):
        importlib.import_module(name)
    from monitor.http.client import DEFAULT_CA_BUNDLE_PATH, _trusting
    from monitor.service.regimes import shipped_regimes
    from notifications.compose import compose
    from notifications.templates import SHIPPED, RenderOptions, sample_notices
    from notifications.translation import LANGUAGES, language_of

    shipped_regimes()
    _trusting(DEFAULT_CA_BUNDLE_PATH)
    for code in LANGUAGES:
        for notice in sample_notices(datetime.now(UTC)):
            message = compose(notice, RenderOptions(language_of(code)))
            for show in (SHIPPED.as_text, SHIPPED.as_html, SHIPPED.as_console, SHIPPED.as_short_text):
                show(message)


def main() -> int:
    _import_program()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while line := sys.stdin.buffer.readline():
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            return _run_command(json.loads(line))
        os.write(1, f"{pid}\n".encode())
        _, status = os.waitpid(pid, 0)
        os.write(1, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
