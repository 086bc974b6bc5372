"""What a desk with sixty watches sees: one line for each, the newest first, at any width, in plain words."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Protocol

import pytest

from domain.documents import DocumentId, label
from monitor.cli.main import main
from tests.helpers.sample_database import write
from tests.monitor.cli.test_terminal import Screen

NOW = "2026-02-10T12:00:00Z"
HEAD = """
[source.congress]
[source.rada]
[[channel]]
name = "desk"
kind = "console"
[[channel]]
name = "weekly"
kind = "email"
to = ["ana@example.org"]
sender = "lexwatch@example.org"
server = "smtp://mail.example.org"
"""
OTHERS = """
[[watch]]
bill = "us/bill/119/hr/6508"
tags = ["NATO"]
owner = "ana"
priority = "high"
[[watch]]
regime = "ua/regime/martial-law"
[[watch]]
search = "rates*"
name = "rates"
[[watch]]
feed = "https://feeds.example.org/acts"
name = "Acts of the ministry"
tags = ["client-a"]
"""


class Ask(Protocol):
    def __call__(self, *arguments: str, width: int = 0) -> tuple[int, str, str]: ...


BILLS = "".join(f'[[watch]]\nbill = "us/bill/119/s/{n}"\ntags = ["energy"]\n' for n in range(1, 58))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record of 58 bills (constructed, but for HR 6508), one of which moved, watched with a regime, a search and a
    feed."""
    folder = tmp_path_factory.mktemp("desk")
    write(folder / "lexwatch.db", extra=57)
    (folder / "config.toml").write_text(HEAD + BILLS + OTHERS)
    return folder


@pytest.fixture
def run(desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Return what a command says: its exit status and both streams; on a terminal of a width where one is given."""
    monkeypatch.delenv("CONGRESS_API_KEY", raising=False)

    def ask(*arguments: str, width: int = 0) -> tuple[int, str, str]:
        screen = Screen()
        with monkeypatch.context() as patched:
            if width:
                patched.setenv("COLUMNS", str(width))
                patched.setattr("sys.stdout", screen)
            result = main(["--config", str(desk / "config.toml"), "--now", NOW, *arguments])
        out, err = capsys.readouterr()
        return result, screen.getvalue() if width else out, err

    return ask


@pytest.mark.parametrize("width", [80, 120])
def test_sixty_watches_fit_on_seventy_lines(run: Ask, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    _, out, _ = run("status", width=width)
    lines = out.splitlines()
    assert len(lines) == 1 + 61 <= 70
    assert max(map(len, lines)) <= width
    assert lines[1].startswith("HR 6508  "), "what changed last comes first"
    assert "Reported by committee" in lines[1]
    assert "NATO Act" in lines[1]
    assert all(any(name in line for line in lines) for name in ("rates", "Acts of the ministry", "UA martial law"))
    assert ("Owner" in lines[0]) == (width == 120)


@pytest.mark.parametrize("named", [[], ["rates"], ["Acts of the ministry"]], ids=["all", "a search", "a feed"])
def test_where_feeds_and_searches_stand_is_said_of_the_present_alone(run: Ask, named: list[str]) -> None:
    rows = json.loads(run("status", "--json", "--as-of", "2026-02-01", *named)[1])
    assert {row["kind"] for row in rows} <= {"bill", "regime"}


def test_a_running_term_says_its_end_and_its_renewal_in_one_line(run: Ask) -> None:
    _, out, _ = run("--now", "2026-01-30T10:00:00Z", "status", "--kind", "regime", "--kind", "feed", width=80)
    [line] = [line for line in out.splitlines() if "martial" in line]
    assert "In force to 3 Feb  " in line
    assert "renewed to 4 May" in line


def test_what_weighs_much_stands_out(run: Ask) -> None:
    _, out, _ = run("status", width=80)
    assert "\x1b[1mHR 6508\x1b[0m" in out
    assert out.count("\x1b[1m") == 2, "the headers, and the one watch of high priority"


NAMED = {
    "a tag": (["--tag", "nato"], ["us/bill/119/hr/6508"]),
    "an owner": (["--owner", "ANA"], ["us/bill/119/hr/6508"]),
    "a kind": (["--kind", "feed", "--kind", "search"], ["rates", "Acts of the ministry"]),
    "a stage as the screen writes it": (["--stage", "Reported"], ["us/bill/119/hr/6508"]),
    "news since a day": (["--since", "2026-02-01"], ["us/bill/119/hr/6508", "ua/regime/martial-law"]),
    "a word of the title": (["--text", "nato act"], ["us/bill/119/hr/6508"]),
    "two that exclude each other": (["--tag", "energy", "--owner", "ana"], []),
}


@pytest.mark.parametrize(("options", "names"), NAMED.values(), ids=NAMED)
def test_status_is_narrowed_in_every_form(run: Ask, options: list[str], names: list[str]) -> None:
    assert [row["watch"] for row in json.loads(run("status", "--json", *options)[1])] == names
    assert [row["watch"] for row in csv.DictReader(io.StringIO(run("status", "--csv", *options)[1]))] == names
    result, out, err = run("status", *options)
    assert result == 0
    assert len(out.splitlines()) == (len(names) + 1 if names else 0)
    assert bool(names) or "nothing of what is watched is like that" in err


def test_groups_have_headings_with_how_many_there_are(run: Ask) -> None:
    _, out, _ = run("status", "--group", "tag", "--sort", "name")
    headings = [line for line in out.splitlines() if line.endswith(")") and "  " not in line]
    assert headings == ["client-a (1)", "energy (57)", "NATO (1)", "no tag (2)"]
    assert out.index("S 9 ·") < out.index("S 10 ·"), "by number, not by letter"


WRONG = {
    "a tag": (["status", "--tag", "nado"], 'unknown tag "nado"; did you mean NATO?'),
    "a stage": (["status", "--stage", "reportd"], 'unknown stage "reportd"; did you mean reported?'),
    "a day": (["status", "--since", "soon"], "expected a day such as 2026-01-20, saw 'soon'"),
    "an order": (["status", "--sort", "age"], "'age' is not one of"),
    "a channel": (["alerts", "--channel", "dask"], 'unknown channel "dask"; did you mean desk?'),
    "a watch": (["alerts", "--watch", "ratse"], 'unknown watch "ratse"; did you mean rates?'),
    "a time": (["alerts", "--since", "soon"], "expected a time"),
}


@pytest.mark.parametrize(("arguments", "sentence"), WRONG.values(), ids=WRONG)
def test_a_filter_of_what_there_is_not_is_one_sentence_with_the_nearest(
    run: Ask, arguments: list[str], sentence: str
) -> None:
    result, out, err = run(*arguments)
    assert (result, out) == (2, "")
    assert sentence in err.splitlines()[-1]


def test_one_bill_is_a_screen_of_what_is_asked_next(run: Ask) -> None:
    _, out, _ = run("status", "HR 6508", width=80)
    assert len(out.splitlines()) <= 24
    for said in ("last action  2026-02-03: Ordered", "priority     high", "tags         NATO", "owner        ana"):
        assert said in out


REGIMES = {
    "us/regime/emergency/eo-13660": "US emergency EO 13660",
    "us/regime/emergency/proclamation-9994": "US emergency proclamation 9994",
    "ua/regime/martial-law": "UA martial law",
    "us/regime/term-of-office/president": "US President, term of office",
}


@pytest.mark.parametrize(("identity", "name"), REGIMES.items(), ids=REGIMES.values())
def test_desk_22_a_regime_is_named_as_a_person_writes_it(identity: str, name: str) -> None:
    assert label(DocumentId.parse(identity)) == name


SENT = {
    "nothing named": ([], 1),
    "its day": (["--since", "2026-02-04"], 1),
    "the day after": (["--since", "2026-02-05"], 0),
    "its channel, used once and configured no more": (["--channel", "Terminal"], 1),
    "another channel": (["--channel", "desk"], 0),
    "its watch": (["--watch", "us/bill/119/hr/6508"], 1),
    "the watch on a pasted number": (["--watch", "HR 6508"], 1),
    "another watch": (["--watch", "Rates"], 0),
}


@pytest.mark.parametrize(("options", "number"), SENT.values(), ids=SENT)
def test_alerts_are_narrowed(run: Ask, options: list[str], number: int) -> None:
    assert len(json.loads(run("alerts", "--json", *options)[1])) == number
    _, out, err = run("alerts", *options, width=80)
    assert len(out.splitlines()) == (2 if number else 0)
    assert bool(number) or "no alert like that" in err


def test_alerts_begin_with_the_time_and_say_what_is_not_written_yet(run: Ask) -> None:
    _, out, _ = run("alerts", width=80)
    header, line = out.splitlines()
    assert header.replace("\x1b[1m", "").startswith("Time  ")
    assert line.startswith("2026-02-04 11:00  pending  terminal")
    assert "HR 6508 · 119th: status" in line


def test_check_says_what_is_alike_in_one_line(run: Ask, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, out, err = run("check")
    assert result == 0, err
    [alike] = [line for line in out.splitlines() if line.startswith("58 bills  ")]
    assert alike.endswith("and 55 more")
    [way] = [line for line in out.splitlines() if line.startswith("desk and weekly  ")]
    assert way.endswith("  the default kinds  everything")
    assert out.count("ana@example.org") == 1
    assert "the default kinds: status, text, vote, hearing, appeared, term, reminder, correction" in out
    assert len(out.splitlines()) < 30
