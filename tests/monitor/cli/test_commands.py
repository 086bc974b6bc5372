"""What each command says, and its exit status."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from monitor.cli.lists import nothing_is_read
from monitor.cli.main import main
from monitor.config.editing import render_config
from monitor.config.loader import SHIPPED_CONFIG, load_config
from tests.helpers.http_server import Reply, serve
from tests.helpers.mail_server import serve_mail
from tests.helpers.sample_database import SEEN, write
from watchers import source

CANARY = "canary-b1946ac92492"
WATCHING = '[[watch]]\nbill = "us/bill/119/hr/6508"\nname = "NATO exit"\nnote = "US withdrawal from NATO"\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a configuration and no record; nothing of the user's own is in reach."""
    for name in ("LEXWATCH_CONFIG", "LEXWATCH_NOW", "CONGRESS_API_KEY", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text("[source.congress]\n" + WATCHING)
    return tmp_path


@pytest.fixture
def recorded(here: Path) -> Path:
    """The same with a record."""
    write(here / "lexwatch.db", extra=2)
    return here


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    result = main(arguments)
    out, err = capsys.readouterr()
    return result, out, err


def test_status_tells_everything_watched(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result, out, err = answer(capsys, "status")
    assert (result, err) == (0, "")
    headers, row = (re.split(r"  +", line) for line in out.splitlines())
    assert dict(zip(headers, row, strict=True)) == {
        "Document": "HR 6508 · 119th",
        "Status": "Reported by committee",
        "Changed": "2026-02-04",  # when the change was seen: it happened the day before
        "Title": "NATO Act",
        "Next": "-",
        "Priority": "-",
        "Owner": "-",
        "Tags": "-",
        "Position": "-",
        "Note": "US withdrawal from NATO",
        "Stage": "reported",
        "Checked": "2026-01-06 10:00",
    }


@pytest.mark.parametrize("command", [("status",), ("history", "HR 6508")], ids=" ".join)
def test_a_command_that_only_answers_asks_the_copy(
    command: tuple[str, ...], here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here / "copy.db")
    (here / "config.toml").write_text(f'[service]\ndatabase_read = "copy.db"\n[source.congress]\n{WATCHING}')
    result, out, err = answer(capsys, *command, "--json")
    assert result == 0
    assert "Ordered to be Reported" in out, "the database itself is not there: only the copy can have answered"
    assert re.search(r"read from the copy .*copy\.db, [0-9]+ s behind: as of 2026-01-06 10:00:00", err)


@pytest.mark.parametrize("what", ["HR 6508", "119-hr-6508", "NATO exit", "us/bill/119/hr/6508"])
def test_status_of_one_document_is_reported_at_length(
    what: str, recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result, out, err = answer(capsys, "status", what)
    assert result == 0
    assert "status       Reported by committee, since 2026-02-03" in out
    assert "record says  Ordered to be Reported" in out
    assert ("no Congress given, taken as HR 6508 · 119th (119th Congress, the one watched)" in err) == (
        what == "HR 6508"
    )


def test_json_goes_to_standard_output_alone(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result, out, err = answer(capsys, "status", "HR 6508", "nonsense", "--json")
    assert result == 1
    assert [row["watch"] for row in json.loads(out)] == ["NATO exit"]
    assert "'nonsense' names no document" in err


LISTS = {
    "status": ("status", "id"),
    "history": ("history HR6508", "change"),
    "alerts": ("alerts", "alert"),
    "sources": ("sources", "source"),
    "upcoming": ("upcoming", "on"),
    "mute": ("mute", None),
}


@pytest.mark.parametrize(("typed", "first"), LISTS.values(), ids=LISTS.keys())
def test_every_list_is_the_same_in_json_and_csv(
    recorded: Path, capsys: pytest.CaptureFixture[str], typed: str, first: str | None
) -> None:
    status, out, _ = answer(capsys, *typed.split(), "--csv")
    rows = json.loads(answer(capsys, *typed.split(), "--json")[1])
    read = list(csv.DictReader(io.StringIO(out)))
    assert (status, len(read)) == (0, len(rows))
    assert [list(row) for row in read] == [list(row) for row in rows]
    assert bool(rows) == (first is not None)
    assert [row[first] for row in read if first] == [row[first] for row in rows if first]


def test_the_summary_of_every_command_fits_a_terminal_of_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["--help"]) == 0
    commands = capsys.readouterr().out.partition("Commands:")[2].splitlines()
    assert [line for line in commands if line and not line.endswith(".")] == []
    assert [line for line in commands if line.endswith("...")] == []


def test_status_of_all_knows_more_than_the_watched(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = answer(capsys, "status", "--all", "--json")
    assert [row["id"] for row in json.loads(out)] == [
        "us/bill/119/hr/6508",
        "us/bill/118/hr/1",
        "us/bill/119/s/1",
        "us/bill/119/s/2",
    ]


def test_status_reads_back_on_both_axes(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = answer(capsys, "status", "--as-of", "2025-12-31", "--json")
    assert json.loads(out)[0]["status"] == "REFERRED"
    _, out, _ = answer(capsys, "status", "--known-at", "2026-01-07", "--json")
    assert json.loads(out)[0]["revision"] == 1
    _, out, _ = answer(capsys, "status", "--known-at", "2026-01-05", "--json")
    assert json.loads(out)[0]["revision"] is None


def test_the_clock_of_a_rehearsal_decides_what_has_lapsed(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = answer(capsys, "--now", "2027-02-01T00:00:00Z", "status", "--json", "NATO exit")
    (row,) = json.loads(out)
    assert (row["stage"], row["status"], row["ended_on"]) == ("lapsed", "REPORTED", "2027-01-03")


def test_a_bill_without_a_congress_that_nobody_watches_is_the_current_one(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result, out, err = answer(capsys, "--now", "2024-05-01", "status", "HR 1", "--json")
    assert result == 0
    assert json.loads(out)[0]["id"] == "us/bill/118/hr/1"
    assert "118th Congress, the current one" in err


def test_before_the_first_run_everything_watched_is_not_read_yet(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result, out, err = answer(capsys, "status")
    assert result == 0
    assert "not read yet" in out
    assert "nothing is recorded yet" in err
    assert json.loads(answer(capsys, "status", "--json")[1])[0]["status"] is None
    assert json.loads(answer(capsys, "alerts", "--json")[1]) == []
    assert json.loads(answer(capsys, "history", "NATO exit", "--json")[1]) == []
    assert json.loads(answer(capsys, "sources", "--json")[1])[0]["last_poll_at"] is None
    assert not (here / "lexwatch.db").exists()


UNKNOWN = {
    "nonsense": ("accepted: us/bill/119/hr/6508, HR 6508",),
    "hr99999999999": ("no such bill", "accepted:"),
    "hr١": ("not one of the digits 0-9", "accepted:"),
    "us/bill/119/hr/6507": ("neither watched nor in the record", "nearest known: us/bill/119/hr/6508"),
    "NATO exits": ("names no document", "nearest known: NATO exit"),
    "../../etc/passwd": ("names no document",),
}


@pytest.mark.parametrize(("what", "words"), UNKNOWN.items(), ids=UNKNOWN.keys())
@pytest.mark.parametrize("command", ["status", "history"])
def test_an_unknown_document_is_answered_with_the_nearest(
    command: str, what: str, words: tuple[str, ...], recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result, out, err = answer(capsys, command, what)
    assert (result, out) == (1, "")
    for part in words:
        assert part in err
    assert answer(capsys, command, what, "--json")[:2] == (1, "[]\n")


def test_history_shows_both_dates(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result, out, _ = answer(capsys, "history", "NATO exit")
    assert result == 0
    assert re.search(
        r"^2026-02-03  2026-02-04 11:00  status +Referred → Reported by committee +Ordered to be",
        out,
        re.MULTILINE,
    )


def test_history_of_a_source_is_no_unknown_document(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result, out, err = answer(capsys, "history", "source/congress")
    assert (result, out) == (0, "")
    assert "nothing is known of source congress yet" in err


def test_alerts_are_listed_by_state(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "pending" in answer(capsys, "alerts")[1]
    assert len(json.loads(answer(capsys, "alerts", "--json", "--state", "pending")[1])) == 1
    assert json.loads(answer(capsys, "alerts", "--json", "--state", "dead")[1]) == []
    assert answer(capsys, "alerts", "--state", "lost")[0] == 2


def test_dates_are_shown_in_the_configured_zone(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (recorded / "config.toml").write_text('[service]\ntimezone = "Europe/Kyiv"\n' + WATCHING)
    assert "2026-01-06 12:00" in answer(capsys, "status")[1]


def test_a_hostile_title_cannot_act_on_the_terminal(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    title = "\x1b]0;owned\x07\x1b[2J\u202eeltit\r\n[bold]"
    write(here / "lexwatch.db", hostile=title)
    for command in (["status"], ["status", "NATO exit"], ["history", "NATO exit"]):
        out = answer(capsys, *command)[1]
        assert not {"\x1b", "\x07", "\u202e", "\r"} & set(out)
        assert "owned" in out
    assert json.loads(answer(capsys, "status", "--json")[1])[0]["title"] == title


WRONG = {
    "no command by that name": ["frobnicate"],
    "an option nobody knows": ["status", "--colour"],
    "a time that is none": ["--now", "yesterday", "status"],
    "a day that is none": ["status", "--as-of", "2026-02-30"],
    "a moment that is none": ["status", "--known-at", "soon"],
    "a configuration that is not there": ["--config", "nowhere.toml", "status"],
    "history of nothing": ["history"],
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_command_exits_2_and_says_why(
    arguments: list[str], recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result, out, err = answer(capsys, *arguments)
    assert (result, out) == (2, "")
    assert err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", ["status", "check", "run", "sources", "alerts"])
def test_every_fault_of_the_configuration_is_one_line(
    command: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "config.toml").write_text('[service]\ntimezon = "UTC"\n[source.congress]\nevery = 5\n')
    result, out, err = answer(capsys, command)
    assert (result, out) == (2, "")
    lines = err.splitlines()
    assert lines[0] == "config.toml:2: service.timezon: unknown key timezon; did you mean timezone?"
    assert lines[1].startswith("config.toml:4: source.congress.every: expected a duration")
    assert len(lines) == 2
    assert not (here / "lexwatch.db").exists()


def test_a_database_of_something_else_exits_2(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "lexwatch.db").write_bytes(b"this is no database at all" * 100)
    for command in ("status", "sources", "check"):
        result, _, err = answer(capsys, command)
        assert result == 2
        assert "lexwatch.db" in err


def test_reading_misses_no_secret_and_running_does(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slack = '[[channel]]\nname = "room"\nkind = "slack"\nwebhook = { env = "NOWHERE_HOOK" }\n'
    (recorded / "config.toml").write_text(WATCHING + slack)
    assert answer(capsys, "status")[0] == 0
    for command in (["run", "--once"], ["check"], ["test-channel", "room"]):
        result, _, err = answer(capsys, *command)
        assert result == 2
        assert "the environment variable NOWHERE_HOOK is not set" in err


def test_check_says_who_is_alerted_of_what(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (recorded / "config.toml").write_text(
        '[service]\noperator = ["terminal"]\n[source.congress]\nevery = "2h"\n'
        + WATCHING
        + '[[watch]]\nbill = "S. 2174"\n'
        + '[[channel]]\nname = "terminal"\nkind = "console"\n'
        + '[[channel]]\nname = "desk"\nkind = "email"\nto = ["a@example.org"]\nsender = "b@example.org"\n'
        + 'server = "smtp://mail.example.org"\n'
        + '[[route]]\nwatch = ["NATO*"]\nkinds = ["text", "status"]\nchannels = ["desk"]\n'
    )
    result, out, err = answer(capsys, "--now", "2026-01-20", "check")
    assert result == 0
    assert "config.toml (the current folder)" in out
    assert re.search(r"^congress +2h +https://api.congress.gov/v3$", out, re.MULTILINE)
    assert re.search(r"^NATO exit +HR 6508 · 119th +desk +a@example.org +status, text$", out, re.MULTILINE)
    assert re.search(r"^S. 2174 +S 2174 · 119th +nobody +- +-$", out, re.MULTILINE)
    assert "reported to terminal" in out
    assert 'watch[2].bill: no Congress given: taken as S 2174 · 119th; write "us/bill/119/s/2174"' in err
    assert "CONGRESS_API_KEY is not set" in err
    assert "it must be written without --now" in err


def test_check_online_asks_each_source_and_keeps_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serve(lambda asked: Reply(503, b"{}")) as publisher:
        (here / "config.toml").write_text(
            '[http]\nallow_hosts = ["127.0.0.1"]\n'
            f'[source.congress]\nbase_url = "{publisher.url}/v3"\napi_key = {{ env = "CONGRESS_API_KEY" }}\n' + WATCHING
        )
        result, out, _ = answer(capsys, "check", "--online")
    assert result == 1
    assert "congress: unavailable:" in out
    assert publisher.asked
    assert not (here / "lexwatch.db").exists()


def test_check_names_a_folder_that_is_not_there(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "config.toml").write_text('[service]\ndatabase = "nowhere/lexwatch.db"\n' + WATCHING)
    result, _, err = answer(capsys, "check")
    assert result == 2
    assert "expected an existing folder" in err


def test_a_bill_written_without_its_congress_stays_with_the_record(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (recorded / "config.toml").write_text('[[watch]]\nname = "us/bill/119/hr/6508"\nbill = "HR 6508"\n')
    _, out, _ = answer(capsys, "--now", "2027-02-01", "status", "--json")
    assert json.loads(out)[0]["id"] == "us/bill/119/hr/6508"


def test_init_writes_the_shipped_default(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert render_config() == SHIPPED_CONFIG.read_text()
    result, out, err = answer(capsys, "init", "mine.toml")
    assert (result, out) == (0, "")
    assert "next: lexwatch --config mine.toml check" in err
    assert (here / "mine.toml").read_text() == SHIPPED_CONFIG.read_text()


def test_init_asks_the_sources_of_what_is_watched(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result, _, _ = answer(capsys, "init", "mine.toml", "--bill", "ca/bill/45-1/c-34")
    found = load_config(here / "mine.toml", now=SEEN, env={})
    assert (result, list(found.sources), found.warnings) == (0, ["legisinfo"], ())


def test_desk_27_one_command_makes_the_file_that_a_bill_and_a_decree_need(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result, _, err = answer(
        capsys, "init", "mine.toml", "--bill", "us/bill/119/hr/6508", "--regime", "воєнний стан",
        "--search", '"peace talks"', "--feed", "https://example.org/feed.xml", "--email", "a@example.org",
        "--sender", "lex@example.org", "--server", "smtp://mail.example.org:25",
    )  # fmt: skip
    assert result == 0
    assert "fill in" not in err
    assert "password" not in err
    found = load_config(here / "mine.toml", now=SEEN, env={"CONGRESS_API_KEY": "k"})
    assert found.warnings == ()
    assert [watch.name for watch in found.watches] == [
        "us/bill/119/hr/6508", "ua/regime/martial-law", '"peace talks"', "https://example.org/feed.xml",
    ]  # fmt: skip
    assert [name for name in found.sources if not name.startswith("feed/")] == ["congress", "rada"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((), "fill in the mail server (--server) and the sender (--sender): what stands there is an example"),
        (
            ("--server", "smtps://lex@mail.example.org"),
            "fill in the sender (--sender): what stands there is an example",
        ),
        (("--sender", "lex@example.org"), "fill in the mail server (--server): what stands there is an example"),
    ],
    ids=["nothing given", "the server given", "the sender given"],
)
def test_init_says_what_is_still_an_example(
    given: tuple[str, ...], expected: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result, _, err = answer(capsys, "init", "mine.toml", "--email", "a@example.org", *given)
    assert (result, expected in err) == (0, True)
    assert "SMTP_PASSWORD" in err


@pytest.mark.parametrize("name", ["congress", "rada"])
def test_the_shipped_default_asks_its_sources_as_they_declare_it(name: str) -> None:
    assert source(name).template.strip() in SHIPPED_CONFIG.read_text()


def test_init_fills_in_what_is_wished(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result, _, err = answer(
        capsys, "--now", "2026-01-20", "init", "mine.toml", "--bill", "S. 2174", "--bill", "hr1-118", "--note", 'a "b"',
        "--email", "a@example.org", "--email", "b@example.org", "--sender", "lex@example.org",
        "--server", "smtps://lex@mail.example.org:465", "--slack-env", "ROOM_HOOK", "--timezone", "Europe/Kyiv",
        "--contact", "desk@example.org", "--language", "uk",
    )  # fmt: skip
    assert result == 0
    assert "119th Congress, the current one" in err
    assert "ROOM_HOOK" in err
    env = {"SMTP_PASSWORD": "x", "ROOM_HOOK": "https://hooks.example.org/x", "CONGRESS_API_KEY": "k"}
    found = load_config(here / "mine.toml", now=SEEN, env=env)
    assert [(str(w.document), w.note) for w in found.watches] == [
        ("us/bill/119/s/2174", 'a "b"'),
        ("us/bill/118/hr/1", None),
    ]
    assert found.channels[1].to == ("a@example.org", "b@example.org")
    assert {channel.language for channel in found.channels} == {"uk"}
    assert (found.timezone, found.contact, found.operator) == (
        "Europe/Kyiv",
        "desk@example.org",
        ("desk", "policy-room"),
    )
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("arguments", "result", "words"),
    [
        (["init"], 2, "config.toml exists already: init never overwrites"),
        (["init", "x.toml", "--bill", "zz"], 1, "names no document"),
        (["init", "x.toml", "--timezone", "Mars"], 2, "--timezone: expected a time zone"),
        (["init", "x.toml", "--language", "xx"], 2, '--language: unknown language "xx"; expected one of en, uk'),
        (["init", "x.toml", "--email", "a@b@c"], 2, "--email: expected a bare address"),
        (["init", "no/such/x.toml"], 2, "cannot be written"),
        (
            ["init", "x.toml", "--email", "foo"],
            2,
            '--email: expected a bare address such as "desk@example.org", saw "foo"',
        ),
        (["init", "x.toml", "--email", "a@b.org", "--sender", "foo"], 2, "--sender: expected"),
        (
            ["init", "x.toml", "--email", "a@b.org", "--server", "mail"],
            2,
            "--server: expected",
        ),
        (
            ["init", "x.toml", "--email", "a@b.org", "--server", "smtps://a:b@c"],
            2,
            "--server: the password does not belong in the address",
        ),
        (["init", "x.toml", "--contact", "a b"], 2, "--contact: expected"),
        (["init", "x.toml", "--feed", "rada"], 2, "--feed: expected"),
        (["init", "x.toml", "--feed", "https://a:b@example.org/feed"], 2, "--feed: expected"),
        (["init", "x.toml", "--search", "NATO AND"], 2, "--search: "),
        (["init", "x.toml", "--regime", "curfew"], 1, '"curfew" is no regime: there are'),
        (["init", "x.toml", "--pack", "ukrain"], 2, "did you mean ukraine?"),
        (
            ["init", "x.toml", "--slack-env", "https://hooks.slack.example/services/T0/B0/secret"],
            2,
            "that is an address; --slack-env wants the name of a variable that holds it",
        ),
        (["init", "x.toml", "--slack-env", "xoxb-1234-abc"], 2, "--slack-env wants the name of a variable"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_init_refuses_and_writes_nothing(
    arguments: list[str], result: int, words: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (here / "config.toml").read_bytes()
    found, _, err = answer(capsys, *arguments)
    assert (found, words in err) == (result, True)
    assert (here / "config.toml").read_bytes() == before
    assert not (here / "x.toml").exists()


def test_backup_copies_and_never_overwrites(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "backup", "copy.db")[0] == 0
    assert (recorded / "copy.db").stat().st_size > 0
    result, _, err = answer(capsys, "backup", "copy.db")
    assert result == 2
    assert "never overwrites" in err


def test_test_channel_shows_the_answer_of_the_mail_server(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serve_mail() as mailbox:
        (here / "config.toml").write_text(
            '[http]\nallow_hosts = ["127.0.0.1"]\n[[channel]]\nname = "desk"\nkind = "email"\n'
            f'to = ["a@example.org", "b@example.org"]\nsender = "lex@example.org"\nserver = "{mailbox.server}"\n'
        )
        result, _, err = answer(capsys, "test-channel", "desk")
        assert result == 0
        assert "a@example.org: accepted: 250" in err
        assert [mail.recipients for mail in mailbox.accepted] == [("a@example.org",), ("b@example.org",)]
        mailbox.verdict = lambda mail: "550 no such person"
        result, _, err = answer(capsys, "test-channel", "desk")
        assert result == 1
        assert "a@example.org: not accepted:" in err
        assert "no such person" in err
    result, _, err = answer(capsys, "test-channel", "dsk")
    assert result == 2
    assert "did you mean desk?" in err


def test_test_channel_never_shows_the_webhook(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(lambda asked: Reply(404, b"no_service", "text/plain")) as slack:
        monkeypatch.setenv("HOOK", f"{slack.url}/services/{CANARY}")
        (here / "config.toml").write_text(
            '[http]\nallow_hosts = ["127.0.0.1"]\n'
            '[[channel]]\nname = "room"\nkind = "slack"\nwebhook = { env = "HOOK" }\n'
        )
        result, out, err = answer(capsys, "test-channel", "room")
    assert result == 1
    assert "not accepted" in err
    assert CANARY not in out + err


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({}, False),
        ({"congress": "ok"}, False),
        ({"congress": "unavailable"}, True),
        ({"congress": "unavailable", "rada": "blocked"}, True),
        ({"congress": "refused", "rada": "late"}, False),
        ({"congress": "starved"}, False),
        ({"once": "unavailable"}, False),
        ({"once": "ok", "rada": "changed"}, True),
    ],
    ids=lambda value: " ".join(map(" ".join, value.items())) if isinstance(value, dict) else "",
)
def test_desk_23_sources_fails_when_all_of_the_configuration_are_down(states: dict[str, str], expected: bool) -> None:
    rows = [{"source": name, "state": state} for name, state in states.items()]
    assert nothing_is_read(rows, ("congress", "rada")) is expected
