"""How messages are held from the command line: beside the real command that sends them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

from domain.alerts.routing import Audience
from domain.alerts.send_delays import Mute
from monitor.cli.main import main
from monitor.cli.muting import moment
from monitor.config.settings import Settings
from monitor.service.process import ShutdownSignals
from monitor.service.runtime import Runtime
from monitor.service.service import Service
from storage.store import open_store
from tests.helpers.fakes import FakeNotifier, ManualClock, no_network
from tests.helpers.record_builders import BILL, alert
from tests.helpers.stores import TemporaryStore

NOW = datetime(2026, 3, 20, 10, tzinfo=UTC)
CONFIG = """[service]
database = "record.db"
timezone = "Europe/Kyiv"
[[watch]]
bill = "us/bill/119/hr/6508"
name = "nato"
[[watch]]
bill = "us/bill/119/s/1"
[[channel]]
name = "desk"
kind = "console"
"""


def at(**units: float) -> str:
    return (NOW + timedelta(**units)).isoformat()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("LEXWATCH_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path


def lexwatch(*words: str, now: str | None = None) -> int:
    return main(["--now", now or at(), *words])


def tell(folder: Path, revision: int = 2) -> None:
    """Store an alert for the desk, as a poll would."""
    store = open_store(folder / "record.db", rehearsal=True, now=NOW)
    with store.begin() as tx:
        tx.enqueue(alert(BILL, revision), ["desk"], NOW)
    store.close()


def states(capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    assert lexwatch("alerts", "--json") == 0
    return [row["state"] for row in json.loads(capsys.readouterr().out)]


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("7d", NOW + timedelta(days=7)),
        ("90m", NOW + timedelta(minutes=90)),
        ("2026-03-21", datetime(2026, 3, 21, 22, tzinfo=UTC)),
        ("2026-03-29", datetime(2026, 3, 29, 21, tzinfo=UTC)),
        ("2026-03-20T13:00", datetime(2026, 3, 20, 11, tzinfo=UTC)),
        ("2026-03-20T13:00:00Z", datetime(2026, 3, 20, 13, tzinfo=UTC)),
    ],
    ids=["days", "minutes", "the end of a day", "of the day the clocks change", "in the zone", "with an offset"],
)
def test_a_time_to_come_is_read(text: str, until: datetime) -> None:
    assert moment(text, NOW, "Europe/Kyiv") == until


@pytest.mark.parametrize(
    "text", ["", "0d", "soon", "2026-03-19", "2026-03-20T10:00:00Z", "9999999d", "9999-12-31", "-1d"]
)
def test_any_other_time_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="expected a time to come"):
        moment(text, NOW, "Europe/Kyiv")


@pytest.mark.parametrize("what", ["nato", "HR 6508"], ids=["the watch", "the document"])
def test_what_is_muted_is_sent_when_it_is_over(what: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tell(here, 2)
    assert lexwatch("mute", what, "--until", "2d") == 0
    assert "is muted until 2026-03-22 12:00 (Europe/Kyiv)" in capsys.readouterr().err
    tell(here, 3)
    assert states(capsys) == ["held", "held"]
    lexwatch("run", "--once", now=at(days=1.9))
    assert states(capsys) == ["held", "held"]
    lexwatch("run", "--once", now=at(days=2))
    assert states(capsys) == ["sent"], "what was held of one document goes as one message"


def test_a_lifted_mute_lets_go(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lexwatch("mute", "NATO", "--until", "2d")
    tell(here)
    assert lexwatch("unmute", "nato", now=at(hours=1)) == 0
    assert states(capsys) == ["pending"]
    assert lexwatch("unmute", "nato") == 1
    assert "the watch nato is not muted" in capsys.readouterr().err


def test_a_watch_that_is_gone_can_be_unmuted(here: Path) -> None:
    assert lexwatch("mute", "nato", "--until", "2d") == 0
    (here / "config.toml").write_text(CONFIG.replace('name = "nato"', 'name = "other"'))
    assert lexwatch("unmute", "nato") == 0


def test_the_mutes_are_listed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lexwatch("mute") == 0
    assert capsys.readouterr().err == "nothing is muted\n"
    lexwatch("mute", "us/bill/119/s/1", "--until", "12h")
    lexwatch("mute", "nato", "--until", "2026-03-21")
    capsys.readouterr()
    assert lexwatch("mute", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert sorted((row["id"] or "", row["watch"], row["until"]) for row in rows) == [
        ("", "nato", "2026-03-21T22:00:00Z"),
        ("us/bill/119/s/1", None, "2026-03-20T22:00:00Z"),
    ]
    assert lexwatch("mute") == 0
    assert "S 1 · 119th     2026-03-21 00:00  2026-03-20 12:00" in capsys.readouterr().out.splitlines()


def test_status_says_that_it_is_muted(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lexwatch("mute", "nato", "--until", "2d")
    capsys.readouterr()
    lexwatch("status", "HR 6508")
    assert re.search(r"muted +until 2026-03-22 12:00: messages are held", capsys.readouterr().out)
    lexwatch("status", "S 1")
    assert "muted" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["mute", "HR 6508"], 2),
        (["mute", "--until", "7d"], 2),
        (["mute", "HR 6508", "--until", "yesterday"], 2),
        (["mute", "HR 9999", "--until", "7d"], 1),
        (["unmute", "HR 6508"], 1),
    ],
    ids=["no time", "nothing named", "no time at all", "not watched and not known", "not muted"],
)
def test_what_makes_no_sense_is_refused(words: list[str], expected: int, here: Path) -> None:
    assert lexwatch(*words) == expected


def test_the_mark_of_a_rehearsal_is_respected(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tell(here)
    assert main(["mute", "nato", "--until", "7d"]) == 2
    assert "was written under --now" in capsys.readouterr().err


def test_a_mute_comes_beside_the_owner(here: Path) -> None:
    """The service holds its store open; the short write of the command waits for no one."""
    store = open_store(here / "record.db", rehearsal=True, now=NOW)
    assert lexwatch("mute", "nato", "--until", "7d") == 0
    with store.read() as view:
        (found,) = view.mutes(NOW + timedelta(minutes=1))
    store.close()
    assert isinstance(found, Mute)
    assert found.watch == "nato"


def test_a_running_service_holds_and_frees_by_itself() -> None:
    store, clock, notifier = TemporaryStore(), ManualClock(NOW), FakeNotifier()
    settings = Settings(path=Path("config.toml"), database="record.db")
    audience = Audience(recipients={"desk": notifier.recipients})
    app = Runtime(store, audience, clock, settings=settings, http=no_network, sources={}, notifiers={"desk": notifier})
    service = Service(app, lambda: settings, ShutdownSignals())
    with store.begin() as tx:
        tx.mute(Mute(NOW + timedelta(days=7), NOW, watch="nato"))
        for revision in (2, 3):
            tx.enqueue(alert(BILL, revision), notifier.recipients, NOW)
    for days in range(8):
        clock.now = NOW + timedelta(days=days)
        assert notifier.sent == [], f"nothing on day {days}"
        service.recheck_holds()
        service.dispatch("desk")
    assert [name for name, _, _ in notifier.sent] == [alert(BILL, 2).delivery_id("desk@example.org")]
    service.recheck_holds()
    service.dispatch("desk")
    assert (len(notifier.sent), service.troubles) == (1, 0)
    with store.read() as view:
        sent = view.delivery(notifier.sent[0][0])
    assert sent is not None
    assert sent.alerts == (alert(BILL, 2).id, alert(BILL, 3).id)
