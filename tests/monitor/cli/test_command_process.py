"""The command as the shell sees it: exit status, streams, pipes, terminals, and what it imports."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.helpers.sample_database import write
from tests.helpers.timing import NO_HANG_SECONDS

ROOT = Path(__file__).parents[3]
READING = [
    ["status"],
    ["status", "HR 6508"],
    ["status", "--all", "--json"],
    ["history", "HR 6508"],
    ["alerts"],
    ["sources"],
    ["export", "--format", "csv", "--tag", "nato"],
    ["check"],
]
HEAVY = (
    "sqlmodel",
    "sqlalchemy",
    "apscheduler",
    "requests",
    "urllib3",
    "pydantic",
    "alembic",
    "jinja2",
    "rich",
    "lxml",
    "feedparser",
    "psycopg",
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installation")
    write(folder / "lexwatch.db", extra=2500)
    (folder / "config.toml").write_text('[source.congress]\n[[watch]]\nbill = "us/bill/119/hr/6508"\ntags = ["nato"]\n')
    return folder


def surroundings(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return {**kept, "HOME": str(folder), "PYTHONPATH": str(ROOT), **more}


def lexwatch(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "monitor.cli.main", *arguments],
        cwd=folder,
        env=surroundings(folder, **(env or {})),
        capture_output=True,
        timeout=120,
        check=False,
    )


EACH = """
import sys
from monitor.cli.main import main
commands = " ".join(sys.argv[1:]).split(" , ")
print(*[main(words.split("+")) for words in commands], file=sys.stderr)
"""


def one_after_the_other(
    folder: Path, *commands: str, env: Mapping[str, str]
) -> tuple[list[int], subprocess.CompletedProcess[bytes]]:
    """Run commands, their words joined by +, in one new interpreter; return their exit statuses, and what they said
    together."""
    line = [sys.executable, "-c", EACH, " , ".join(commands)]
    done = subprocess.run(line, cwd=folder, env=surroundings(folder, **env), capture_output=True, check=False)
    return [int(word) for word in done.stderr.splitlines()[-1].split()], done


@pytest.mark.parametrize("arguments", READING, ids=[" ".join(a) for a in READING])
def test_whoever_asks_does_not_pay_for_what_writes(arguments: list[str], recorded: Path) -> None:
    program = (
        "import sys\nfrom monitor.cli.main import main\n"
        f"result = main({arguments!r})\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\nsys.exit(result)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=recorded, env=surroundings(recorded), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr.decode().splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["status"], 0),
        (["status", "nonsense"], 1),
        (["--config", "nowhere.toml", "status"], 2),
        (["frobnicate"], 2),
    ],
    ids=["help", "version", "an answer", "an unknown document", "no configuration", "no such command"],
)
def test_the_exit_status_tells(arguments: list[str], expected: int, recorded: Path) -> None:
    done = lexwatch(recorded, *arguments)
    assert done.returncode == expected
    assert b"Traceback" not in done.stderr
    assert bool(done.stdout) == (expected == 0)


def test_ctrl_c_while_it_starts_shows_no_traceback(recorded: Path) -> None:
    program = "import monitor.cli\nraise KeyboardInterrupt"
    done = subprocess.run([sys.executable, "-c", program], env=surroundings(recorded), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")


def test_json_is_the_same_in_every_surrounding(recorded: Path) -> None:
    plain = json.loads(lexwatch(recorded, "status", "--json").stdout)
    for env in ({"LANG": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"COLUMNS": "20"}):
        assert json.loads(lexwatch(recorded, "status", "--json", env=env).stdout) == plain


@pytest.mark.parametrize(
    "env",
    [
        {"LANG": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"COLUMNS": "20"},
        {"TERM": "dumb"},
        {"NO_COLOR": "1"},
    ],
    ids=["LANG=C", "no UTF-8 at all", "ASCII streams", "20 columns", "a dumb terminal", "NO_COLOR"],
)
def test_answers_in_any_surrounding(env: dict[str, str], recorded: Path) -> None:
    commands = ("status", "status+HR 6508", "history+HR 6508", "status+№ 1")
    found, done = one_after_the_other(recorded, *commands, env=env)
    assert found == [0, 0, 0, 1]
    assert b"Traceback" not in done.stderr
    assert b"\x1b" not in done.stdout


def test_a_closed_pipe_is_quiet(recorded: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "monitor.cli.main", "status", "--all"],
        cwd=recorded,
        env=surroundings(recorded),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as asking:
        assert asking.stdout is not None
        assert asking.stderr is not None
        assert asking.stdout.read(10)
        asking.stdout.close()
        assert asking.stderr.read() == b""
        assert asking.wait(NO_HANG_SECONDS) == 0


def on_a_terminal(folder: Path, *arguments: str, **env: str) -> str:
    """Run the command on a terminal of its own and return what it showed."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "monitor.cli.main", *arguments],
        cwd=folder,
        env=surroundings(folder, TERM="xterm-256color", **env),
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    ) as asking:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
        assert asking.wait(NO_HANG_SECONDS) == 0
    os.close(ours)
    return shown.decode()


@pytest.mark.parametrize("columns", ["20", "80", "200"])
def test_a_terminal_of_any_width_gets_an_answer(columns: str, recorded: Path) -> None:
    shown = on_a_terminal(recorded, "status", COLUMNS=columns)
    assert "HR 6508" in shown
    assert all(len(line) <= 400 for line in shown.splitlines())


def test_colour_is_for_terminals_that_want_it(recorded: Path) -> None:
    assert "\x1b[" in on_a_terminal(recorded, "status", COLUMNS="120")
    plain = on_a_terminal(recorded, "status", COLUMNS="120", NO_COLOR="1")
    assert "\x1b[3" not in plain
    assert "\x1b[38" not in plain


def test_the_shipped_default_answers_from_an_empty_home(tmp_path: Path) -> None:
    done = lexwatch(tmp_path, "status", "--json")
    assert done.returncode == 0
    assert [row["id"] for row in json.loads(done.stdout)] == ["us/bill/119/hr/6508", "ua/regime/martial-law"]
    assert str(tmp_path / ".local" / "state" / "lexwatch" / "lexwatch.db").encode() in done.stderr
    assert list(tmp_path.iterdir()) == [], "a question leaves nothing behind"


def test_a_planted_secret_is_in_no_output(recorded: Path, tmp_path: Path) -> None:
    canary = "canary-b1946ac92492"
    (tmp_path / "config.toml").write_text(
        '[service]\nheartbeat = { env = "BEAT" }\n[source.congress]\napi_key = { env = "KEY" }\nevery = "1s"\n'
        '[[channel]]\nname = "s"\nkind = "slack"\nwebhook = { env = "HOOK" }\n'
    )
    env = {"BEAT": canary, "KEY": canary, "HOOK": f"http://{canary}@127.0.0.1/{canary}"}
    found, done = one_after_the_other(tmp_path, "status", "check", "run+--once", "test-channel+s", env=env)
    assert found == [2, 2, 2, 2]
    assert canary.encode() not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGHUP, None)], ids=lambda value: str(value)
)
def test_a_signal_before_the_service_listens_ends_it_well_or_not_at_all(
    number: signal.Signals, status: int | None, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text("")
    service = subprocess.Popen(
        [sys.executable, "-m", "monitor.cli.main", "run"],
        cwd=tmp_path,
        env=surroundings(tmp_path, LEXWATCH_FAILPOINT="store.before_migrate:1:sleep"),
        stderr=subprocess.PIPE,
    )
    try:
        while not list(tmp_path.glob("*.db")):
            assert service.poll() is None
            time.sleep(0.02)
        service.send_signal(number)
        if status is None:
            with pytest.raises(subprocess.TimeoutExpired):
                service.wait(2)
        else:
            assert service.wait(NO_HANG_SECONDS) == status
    finally:
        service.kill()
        _, complaint = service.communicate()
    assert b"Traceback" not in complaint
