"""The command that imports: what it reads, what it says, who reads beside it, and that nobody is left behind."""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
import subprocess
import sys
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.cli.running import Progress, import_summary, progress_line
from monitor.service.bulk_import import FILES_WORTH_A_PROCESS, ImportCounts, parse_in_process, parse_pool
from storage.reader import open_reader
from tests.helpers.fork_server import run_command
from tests.watchers.govinfo.billstatus_files import written

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)


def test_readers_beside_us_say_the_same() -> None:
    bodies = [written(number=n) for n in range(1, 60)] + [b"<html/>"]
    with parse_pool(FILES_WORTH_A_PROCESS) as read:
        waiting = [read(bodies), read(bodies[:1]), read([])]
        assert [wait() for wait in waiting] == [parse_in_process(bodies)(), parse_in_process(bodies[:1])(), []]


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core: nobody reads beside us")
def test_a_reader_that_is_killed_loses_no_file() -> None:
    bodies = [written(number=n) for n in range(1, 60)]
    with parse_pool(FILES_WORTH_A_PROCESS) as read:
        read(bodies)()
        for child in multiprocessing.active_children():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
        assert read(bodies)() == parse_in_process(bodies)()
        assert read(bodies)() == parse_in_process(bodies)()


# --- the command ------------------------------------------------------------------------------------------------------


def command(folder: Path, *words: str, now: str | None = None) -> subprocess.CompletedProcess[str]:
    config = folder / "config.toml"
    config.write_text('[service]\ndatabase = "record.db"\n', encoding="utf-8")
    return run_command(["--config", str(config), *(("--now", now) if now else ()), *words], folder, os.environ)


def test_the_command_reads_folders_and_archives_and_names_what_it_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "bulk"
    (folder / "119" / "hr").mkdir(parents=True)
    (folder / "119" / "hr" / "BILLSTATUS-119hr9001.xml").write_bytes(written())
    (folder / "119" / "hr" / "broken.xml").write_bytes(written()[:500])
    (folder / "119" / "notes.txt").write_text("not ours")
    with zipfile.ZipFile(folder / "BILLSTATUS-119-hr.zip", "w") as archive:
        archive.writestr("BILLSTATUS-119hr9002.xml", written(number=9002))
    first = command(tmp_path, "import", "bulk")
    assert first.returncode == 1, first.stderr
    assert first.stdout == ""
    told = first.stderr.splitlines()
    assert [line.partition(":")[0].partition(" in ")[0] for line in told] == ["broken.xml", "3 files"]
    assert told[-1].endswith("2 new, 1 left out")
    (folder / "119" / "hr" / "broken.xml").unlink()
    second = command(tmp_path, "import", "bulk")
    assert (second.returncode, second.stderr.rpartition(": ")[2]) == (0, "2 read before\n")
    shown = command(tmp_path, "status", "hr9002-119", "--json")
    assert '"status": "REFERRED"' in shown.stdout
    assert '"url": "https://www.congress.gov/bill/119th-congress/house-bill/9002"' in shown.stdout


def test_the_command_respects_the_mark_of_a_rehearsal(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(written())
    assert command(tmp_path, "import", "a.xml", now="2026-01-10T12:00:00Z").returncode == 0
    refused = command(tmp_path, "import", "a.xml")
    assert refused.returncode == 2
    assert "--now" in refused.stderr
    with open_reader(tmp_path / "record.db") as reader:
        (standing,) = reader.status_rows(None, None, None)
    assert standing.first_seen_at.date() == NOW.date(), "seen by the program's own clock"


@pytest.mark.parametrize("words", [("import",), ("import", "nowhere.zip")], ids=["no path", "a path that is not there"])
def test_a_wrong_call_does_nothing(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = command(tmp_path, *words)
    assert done.returncode == 2
    assert not (tmp_path / "record.db").exists()


def test_progress_is_shown_on_a_terminal_alone() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        progress = Progress(1000, stream, began=time.monotonic() - 2)
        progress.report(ImportCounts(seen=500, new=500))
        progress.report(ImportCounts(seen=501, new=501))
        assert ("500 of 1,000 files" in stream.getvalue()) == shown
        assert "501" not in stream.getvalue(), "not more often than a person reads"


@pytest.mark.parametrize(
    ("tally", "seconds", "told"),
    [
        (ImportCounts(seen=1000), 4.0, "1,000 of 17,000 files, 250 a second, 64 s left"),
        (ImportCounts(seen=1000), 400.0, "1,000 of 17,000 files, 2 a second, 106 min left"),
        (ImportCounts(seen=17000), 60.0, "17,000 of 17,000 files, 283 a second"),
        (ImportCounts(seen=17001), 60.0, "17,001 of 17,001 files, 283 a second"),
        (ImportCounts(), 0.0, "0 of 17,000 files, 0 a second"),
    ],
    ids=["seconds left", "minutes left", "done", "more than was counted", "not begun"],
)
def test_how_far_it_is(tally: ImportCounts, seconds: float, told: str) -> None:
    assert progress_line(tally, 17_000, seconds) == told


def test_what_it_came_to() -> None:
    assert (
        import_summary(ImportCounts(seen=5, new=3, same=1, bad=1), 3.2)
        == "5 files in 3 s: 3 new, 1 with nothing new, 1 left out"
    )
    assert import_summary(ImportCounts(), 0.1) == "0 files in 0 s: nothing in it"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes as Linux shows them")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core: nobody reads beside us")
def test_nobody_is_left_behind_when_an_import_is_killed() -> None:
    code = (
        "import sys, time\nfrom monitor.service.bulk_import import FILES_WORTH_A_PROCESS, parse_pool\n"
        "if __name__ == '__main__':\n"
        "    import multiprocessing\n"
        "    with parse_pool(FILES_WORTH_A_PROCESS) as read:\n"
        "        read([b'<x/>'])()\n"
        "        print(*(c.pid for c in multiprocessing.active_children()), flush=True)\n"
        "        time.sleep(60)\n"
    )
    script = [sys.executable, "-c", code]
    importer = subprocess.Popen(script, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert importer.stdout is not None
    beside = [int(pid) for pid in importer.stdout.readline().split()]
    importer.kill()
    importer.wait()
    importer.stdout.close()
    assert beside
    deadline = time.monotonic() + 120
    while any(map(_runs, beside)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in beside if _runs(pid)]


def _runs(pid: int) -> bool:
    """True for a process that is more than an entry nobody has asked after."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
