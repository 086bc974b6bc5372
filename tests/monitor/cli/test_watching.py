"""How the command line changes what is watched, and when it does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from monitor.cli.main import main
from monitor.config.loader import load_config
from tests.helpers.http_server import Reply, serve
from tests.helpers.installation import installed
from tests.helpers.paths import CHECKOUT
from tests.helpers.timing import NO_HANG_SECONDS, wait_until
from tests.helpers.unprivileged import without_write_permission

START = """# ours
[service]
database = "record.db"   # beside this file

[source.congress]
[source.rada]

[[watch]]                # the first
bill = "us/bill/119/hr/6508"
note = 'US withdrawal'

# how we tell
[[channel]]
name = "t"
kind = "console"
"""
ROUTED = f'{START}[[route]]\nwatch = ["us/bill/119/hr/6508"]\nchannels = ["t"]\n'


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("LEXWATCH_CONFIG", "LEXWATCH_NOW", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "config.toml"
    path.write_text(START)
    return path


def lexwatch(*words: str) -> int:
    return main(["--now", "2026-01-06T10:00:00Z", *words])


@pytest.mark.parametrize(
    ("words", "written"),
    [
        (["S. 2174"], 'bill = "us/bill/119/s/2174"\n'),
        (["hr6508-118", "--note", 'said "no"'], 'bill = "us/bill/118/hr/6508"\nnote = "said \\"no\\""\n'),
        (["https://www.congress.gov/bill/118th-congress/senate-bill/7"], 'bill = "us/bill/118/s/7"\n'),
        (["ua/regime/martial-law"], 'regime = "ua/regime/martial-law"\n'),
        (["№793/2025", "--name", "Указ"], 'document = "ua/decree/793/2025"\nname = "Указ"\n'),
        (
            ["https://example.org/feed.xml", "--name", "Acts", "--words", "NATO", "--words", "North Atlantic"],
            'feed = "https://example.org/feed.xml"\nname = "Acts"\nwords = ["NATO", "North Atlantic"]\n',
        ),
        (
            ["HR 6508", "--words", "NATO", "--name", "NATO"],
            'bill = "us/bill/119/hr/6508"\nname = "NATO"\nwords = ["NATO"]\n',
        ),
    ],
    ids=["a bill", "a bill of another Congress", "an address", "a regime", "a decree", "a feed", "other words"],
)
def test_what_is_named_is_written_and_taken_out_again(words: list[str], written: str, config: Path) -> None:
    assert lexwatch("watch", *words) == 0
    assert config.read_text() == START.replace("withdrawal'\n", f"withdrawal'\n\n[[watch]]\n{written}")
    name = words[words.index("--name") + 1] if "--name" in words else words[0]
    assert lexwatch("unwatch", name) == 0
    assert config.read_text() == START


@pytest.mark.parametrize(
    ("words", "section"),
    [
        (["ua/regime/martial-law"], "rada"),
        (["--regime", "martial law"], "rada"),
        (["воєнний стан", "--regime"], "rada"),
        (["ua/law/4643-ix"], "rada"),
        (["14128 (IX)"], "rada_cards"),
        (["C-34"], "legisinfo"),
        (["S 1"], "congress"),
        (["NATO AND withdraw*", "--search"], "congress"),
        (["us/regime/emergency/eo-13660"], "federal_register"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_the_section_of_the_source_that_reads_it_is_added_and_said(
    words: list[str], section: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = START.replace("[source.congress]\n[source.rada]\n\n", "")
    config.write_text(bare)
    assert lexwatch("watch", *words) == 0
    text, err = config.read_text(), capsys.readouterr().err
    assert f"[source.{section}] was added, for nothing read this before" in err
    assert [line.split("]")[0] for line in text.splitlines() if line.startswith("[source")] == [f"[source.{section}"]
    assert all(line in text for line in bare.splitlines() if "#" in line)
    assert not [warning for warning in _warnings(config) if words[-1] in warning]


@pytest.mark.parametrize(
    ("words", "watched"),
    [
        (["HR", "897"], ["us/bill/119/hr/897"]),
        (["HR 897", "S 2174"], ["us/bill/119/hr/897", "us/bill/119/s/2174"]),
        (["H.R.", "897", "s", "2174", "hres5"], ["us/bill/119/hr/897", "us/bill/119/s/2174", "us/bill/119/hres/5"]),
        (["us/bill/118/hr/1", "ua/decree/793/2025"], ["us/bill/118/hr/1", "ua/decree/793/2025"]),
        (["NATO", "2030", "--search"], ["NATO 2030"]),
        (["martial", "law", "--regime"], ["ua/regime/martial-law"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_several_are_followed_by_one_command_and_a_bare_number_belongs_to_the_word_before(
    words: list[str], watched: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lexwatch("watch", *words, "--tag", "client-a") == 0
    written = load_config(config, now=datetime(2026, 1, 6, tzinfo=UTC), env={}).watches[-len(watched) :]
    assert [watch.search.written if watch.search else str(watch.document) for watch in written] == watched
    assert all(watch.tags == ("client-a",) for watch in written)
    assert capsys.readouterr().err.count("written to") == len(watched)


@pytest.mark.parametrize("command", ["history", "unmute", "unwatch", "status"])
def test_a_number_without_quotation_marks_is_one_what(
    command: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(START)
    lexwatch(command, "S.", "9999")
    assert "9999: no Congress given, taken as S 9999 · 119th" in capsys.readouterr().err


def _warnings(config: Path) -> list[str]:
    """Return what is said of watches that nothing reads."""
    settings = load_config(config, now=datetime(2026, 1, 6, tzinfo=UTC), env={})
    return [warning for warning in settings.warnings if "nothing reads" in warning]


@pytest.mark.parametrize("line", ["source = {}", "source = { rada_bills = {} }"], ids=["empty braces", "braces"])
def test_a_section_that_cannot_be_added_is_refused_with_its_lines(
    line: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"{line}\n" + START.replace("[source.congress]\n[source.rada]\n\n", "")
    config.write_text(text)
    assert lexwatch("watch", "ua/regime/martial-law") == 2
    assert "add these lines:\n[source.rada]" in capsys.readouterr().err
    assert config.read_text() == text


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("martial law", "did you mean ua/regime/martial-law (Martial law in Ukraine)?"),
        ("мобілізація", "ua/regime/mobilisation"),
        ("rada", "[source.rada], a source"),
        ("ukrain", "the starter pack: lexwatch packs ukraine"),
        ("Polish list", 'the watch "Polish lists"'),
        ("fisheries", "to follow what has these words: lexwatch watch fisheries --search"),
    ],
)
def test_an_unknown_phrase_gets_what_it_may_have_meant(
    typed: str, expected: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(START.replace("note = ", 'name = "Polish lists"\nnote = '))
    before = config.read_text()
    assert lexwatch("watch", typed) == 1
    assert expected in capsys.readouterr().err
    assert config.read_text() == before


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        ([], 2, "missing WHAT"),
        (["a", "--search", "b"], 2, "WHAT stands there twice"),
        (["a", "--search", "--feed"], 2, "--search, --feed: give them one by one"),
        (["--feed", "rada"], 2, "expected an address such as https://"),
        (["--regime", "HR 6508"], 1, "is no regime"),
        (["--regime", "zzz"], 1, "there are "),
        (["--search", "NATO AND ("], 2, "watch[2].search"),
        (["us/bill/200/hr/1"], 1, "the 200th Congress is that of 2187 to 2189; the current one is the 119th"),
        (["HR 1 (121)"], 1, "the 121st Congress is that of 2029 to 2031"),
        (["us/law/300/public/1"], 1, "the 300th Congress"),
        (["ca/bill/99-1/c-34"], 1, "session 99-1 is far off: 45-1 began on 2025-05-26"),
        (["ua/decree/1/2090"], 1, "there are no decrees of 2090 yet"),
        (["us/bill/120/hr/1"], 0, "watching HR 1 · 120th"),
        (["us/bill/93/hr/1"], 0, "watching HR 1 · 93rd"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_watched_is_refused_with_the_reason(
    words: list[str], code: int, expected: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lexwatch("watch", *words) == code
    assert expected in capsys.readouterr().err
    assert (config.read_text() == START) is (code != 0)


def test_the_congress_that_was_assumed_is_shown_and_written(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lexwatch("watch", "S 1") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "no Congress given, taken as S 1 · 119th" in err
    assert "watching S 1 · 119th (us/bill/119/s/1): written to" in err


@pytest.mark.parametrize("what", ["HR 6508", "us/bill/119/hr/6508", "119-hr-6508"])
def test_what_is_watched_already_is_said(what: str, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lexwatch("watch", what, "--note", "US withdrawal") == 0
    assert "is watched already" in capsys.readouterr().err
    assert config.read_text() == START


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--note", "again"], START.replace("'US withdrawal'", '"again"')),
        (
            ["--tag", "nato", "--tag", "client-a", "--owner", "ana"],
            START.replace("withdrawal'\n", 'withdrawal\'\nowner = "ana"\ntags = ["nato", "client-a"]\n'),
        ),
        (
            ["--priority", "high", "--note", "US withdrawal"],
            START.replace("withdrawal'\n", 'withdrawal\'\npriority = "high"\n'),
        ),
    ],
    ids=["another note", "tags and an owner", "a priority and the same note"],
)
def test_labels_given_with_what_is_watched_are_written(
    words: list[str], expected: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lexwatch("watch", "HR 6508", *words) == 0
    assert "is watched already; " in capsys.readouterr().err
    assert config.read_text() == expected


def test_unwatching_what_nobody_watches_names_the_nearest(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lexwatch("unwatch", "HR 6509") == 1
    assert "us/bill/119/hr/6509 is not watched\nnearest watched: us/bill/119/hr/6508" in capsys.readouterr().err
    assert lexwatch("unwatch", "https://example.org/feed.xml") == 1
    assert lexwatch("unwatch", "nonsense") == 1
    assert config.read_text() == START


def test_all_watches_on_a_document_go_together(config: Path) -> None:
    assert lexwatch("watch", "HR 6508", "--words", "NATO", "--name", "NATO") == 0
    assert lexwatch("unwatch", "119-hr-6508") == 0
    assert "[[watch]]" not in config.read_text()
    assert "# how we tell" in config.read_text()


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        (ROUTED, ["unwatch", "HR 6508"], 'route[1].watch: unknown watch "us/bill/119/hr/6508"'),
        (START, ["watch", "http://example.org/feed.xml"], "watch[2].feed: expected https://"),
        (START, ["watch", "S 1", "--name", "us/bill/119/hr/6508"], "a second watch called"),
        (START, ["watch", "source/congress"], "belongs to this installation"),
        (START.replace("kind", "kin"), ["watch", "S 1"], "did you mean kind?"),
    ],
    ids=["a route names it", "plain http", "the name is taken", "no document", "a file with a fault"],
)
def test_a_file_that_would_be_faulty_is_not_written(
    text: str, words: list[str], expected: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(text)
    assert lexwatch(*words) == 2
    assert expected in capsys.readouterr().err
    assert config.read_text() == text
    assert [path.name for path in config.parent.iterdir()] == ["config.toml"]


def test_the_shipped_default_is_not_edited(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.unlink()
    assert lexwatch("watch", "S 1") == 2
    assert lexwatch("unwatch", "HR 6508") == 2
    assert "run lexwatch init first" in capsys.readouterr().err


def test_permissions_and_a_link_survive(config: Path) -> None:
    real = config.parent / "real.toml"
    config.rename(real)
    real.chmod(0o640)
    config.symlink_to(real)
    assert lexwatch("watch", "S 1") == 0
    assert config.is_symlink()
    assert real.stat().st_mode & 0o7777 == 0o640
    assert "us/bill/119/s/1" in real.read_text()


def test_a_folder_nobody_may_write_leaves_the_file_as_it_was(
    config: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o755)
        monkeypatch.chdir(place)
        path = place / "config.toml"
        path.write_text(START)
        assert without_write_permission(lambda: lexwatch("watch", "S 1"), place) == 2
        assert path.read_text() == START
        assert [found.name for found in place.iterdir()] == ["config.toml"]
    assert "it is as it was" in capfd.readouterr().err


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(START)
    command = [sys.executable, "-m", "monitor.cli.main", "watch"]
    surroundings = {**os.environ, "PYTHONPATH": str(CHECKOUT), "LC_ALL": "C", "PYTHONUTF8": "0"}
    running = [
        subprocess.Popen([*command, f"119-s-{n}", "--note", "№ 1"], cwd=tmp_path, env=surroundings, stderr=-1)
        for n in range(1, 7)
    ]
    for done in running:
        _, err = done.communicate(timeout=120)
        assert done.returncode == 0, err.decode()
    text = (tmp_path / "config.toml").read_text()
    assert all(f'bill = "us/bill/119/s/{n}"\nnote = "№ 1"\n' in text for n in range(1, 7))
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


@pytest.mark.timeout(300)
def test_a_running_service_takes_it_up_by_itself(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with (
        serve(lambda _: Reply(503, b"{}")) as publisher,
        installed(tmp_path, publisher) as made,
        log.open("w") as stream,
    ):
        before = made.config.read_bytes()
        running = subprocess.Popen(
            [sys.executable, "-m", "monitor.cli.main", "--config", str(made.config), "run"],
            env={**os.environ, **made.environment, "PYTHONPATH": str(CHECKOUT)},
            cwd=tmp_path,
            stderr=stream,
        )
        try:
            assert wait_until(lambda: "started sources=1 watches=1" in log.read_text())
            assert made.run("watch", "S. 2174").returncode == 0
            assert wait_until(lambda: "reload state=ok watches=2" in log.read_text()), log.read_text()
            assert made.run("unwatch", "us/bill/119/s/2174").returncode == 0
            assert made.config.read_bytes() == before
            assert wait_until(lambda: "reload state=ok watches=1" in log.read_text()), log.read_text()
        finally:
            running.terminate()
            assert running.wait(NO_HANG_SECONDS) == 0


PAGES = {
    "https://legiscan.com/US/bill/SB1383/2025": "us/bill/119/s/1383",
    "https://legiscan.com/US/bill/HB6508/2025": "us/bill/119/hr/6508",
    "https://legiscan.com/US/text/HJR105/2026": "us/bill/119/hjres/105",
    "https://www.legiscan.com/US/bill/HR77/2024": "us/bill/118/hres/77",
    "https://legiscan.com/US/rollcall/SCR0003/id/1234": None,
    "https://legiscan.com/NY/bill/A00001/2025": None,
    "https://openstates.org/us/bills/119/HR6508/": "us/bill/119/hr/6508",
    "https://openstates.org/ny/bills/2025-2026/A1/": None,
    "https://www.govtrack.us/congress/bills/119/hr6508": "us/bill/119/hr/6508",
    "https://www.congress.gov/bill/119th-congress/house-bill/6508/all-actions": "us/bill/119/hr/6508",
    "https://www.congress.gov/committee/house-rules/hsru00": None,
    "https://www.federalregister.gov/documents/2026/01/05/2026-00001/notice": "us/fr/2026-00001",
    "https://www.federalregister.gov/d/E9-811": "us/fr/e9-811",
    "https://www.federalregister.gov/documents/2025/02/03/C1-2025-01395/x": "us/fr/c1-2025-01395",
    "https://www.federalregister.gov/api/v1/documents/2026-00001.json": "us/fr/2026-00001",
    "https://www.federalregister.gov/agencies/state-department": None,
    "https://itd.rada.gov.ua/billInfo/Bills/Card/12345": "ua/bill/card-12345",
    "https://www.kmu.gov.ua/npas/pro-zatverdzhennia-poriadku": None,
    "https://zakon.rada.gov.ua/laws/show/793/2025": "ua/decree/793/2025",
    "https://www.parl.ca/legisinfo/en/bill/45-1/c-34": "ca/bill/45-1/c-34",
    "https://www.parl.ca/legisinfo/en/overview": None,
}


@pytest.mark.parametrize(("address", "document"), PAGES.items())
def test_wr_6_a_page_is_its_document_or_refused(
    config: Path, capsys: pytest.CaptureFixture[str], address: str, document: str | None
) -> None:
    before = config.read_text()
    status = lexwatch("watch", address)
    said = capsys.readouterr().err
    if document is None:
        assert (status, config.read_text()) == (1, before)
        assert "names no document" in said
        assert "accepted: us/bill/119/hr/6508, HR 6508" in said
    else:
        assert (status, "feed" in config.read_text()) == (0, False)
        assert f'"{document}"' in config.read_text() or f"{document}) is watched already" in said


@pytest.mark.parametrize(
    "address",
    [
        "https://www.govinfo.gov/rss/bills.xml",
        "https://www.federalregister.gov/api/v1/documents.rss?conditions[type][]=PRESDOCU",
        "https://www.president.gov.ua/rss/documents.rss",
        "https://legiscan.com/gaits/feed/0123456789.rss",
        "https://bills.parliament.example/bills/3774",
        "https://acts.example.org/",
    ],
)
def test_wr_6_any_other_address_is_taken_for_a_feed_and_it_is_said(
    config: Path, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    assert lexwatch("watch", address) == 0
    assert f"{address} is taken for a feed; not tried: add --online to look" in capsys.readouterr().err
    assert f'feed = "{address}"' in config.read_text()


def test_wr_6_online_asks_first(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feed = b'<rss version="2.0"><channel><title>A</title><item><title>x</title></item></channel></rss>'
    page = b'<html><head><title>Gazette</title><link rel="alternate" type="application/rss+xml" href="/feed"></head>'
    with serve(lambda asked: Reply(200, feed if asked.path == "/feed" else page, "text/html")) as publisher:
        config.write_text(f'{START}[http]\nallow_hosts = ["127.0.0.1"]\n')
        before = config.read_text()
        assert lexwatch("watch", "--online", f"{publisher.url}/gazette") == 1
        said = capsys.readouterr().err
        assert "saw a web page called 'Gazette'" in said
        assert f"it names this feed: {publisher.url}/feed" in said
        assert config.read_text() == before
        assert lexwatch("watch", "--online", f"{publisher.url}/feed") == 0
        assert "/feed is a feed of 1 entry" in capsys.readouterr().err
        assert "/feed" in config.read_text()


def test_desk_9_status_says_which_section_is_missing(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(
        '[source.congress]\n[[watch]]\nbill = "us/bill/119/hr/6508"\n[[watch]]\ndocument = "ua/law/4643-ix"\n'
        '[[watch]]\nregime = "ua/regime/martial-law"\n[[watch]]\nregime = "ua/regime/term-of-office/rada"\n'
        '[[watch]]\nregime = "eu/regime/sanctions/russia-economic"\n[[watch]]\nbill = "ca/bill/45-1/c-34"\n'
    )
    assert lexwatch("status", "--json") == 0
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert {name: row["doubt"] for name, row in rows.items() if "nothing reads" in str(row["doubt"])} == {
        "ua/law/4643-ix": "nothing reads this: add [source.rada]",
        "ua/regime/martial-law": "nothing reads this: add [source.rada]",
        "ca/bill/45-1/c-34": "nothing reads this: add [source.legisinfo]",
    }
    assert lexwatch("status", "4643-IX") == 0
    assert "nothing reads this: add [source.rada]" in capsys.readouterr().out


def test_desk_10_online_asks_whether_the_publisher_has_the_bill(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    none_such = b'{"error": "No Bill matches the given query.", "request": {}}'
    empty = b'{"bills": [], "pagination": {"count": 0}, "request": {}}'
    with serve(
        lambda asked: Reply(*((404, none_such) if "/hr/" in asked.path else (200, empty)), "application/json")
    ) as publisher:
        here = f'[http]\nallow_hosts = ["127.0.0.1"]\n[source.congress]\nbase_url = "{publisher.url}"\n'
        text = START.replace("[source.congress]\n", here)
        config.write_text(text)
        assert lexwatch("watch", "HR 65088", "--online") == 1
        err = capsys.readouterr().err
        assert "HR 65088 · 119th is not written: congress says: no such bill" in err
        assert "one that is still to come is followed without --online" in err
        assert config.read_text() == text
        assert lexwatch("watch", "HR 65088") == 0
    assert "us/bill/119/hr/65088" in config.read_text()


def test_desk_30_a_page_that_nothing_reads_fails_the_check(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(START.replace('bill = "us/bill/119/hr/6508"', 'page = "https://example.org/register"'))
    assert lexwatch("check") == 1
    assert "https://example.org/register is never read: this version reads no pages" in capsys.readouterr().err
