"""A rehearsal predicts exactly what the service then sends, under whatever configuration."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.alerts.delivery import State
from monitor.config.loader import load_config
from monitor.service.backtest import BacktestMessage, messages_sent, run_backtest
from storage.audit import open_audit_reader
from tests.helpers.demo_replay import DemoReplay, demo_acts, demo_replay
from tests.helpers.feed_installation import FeedInstallation, feed_installed

LATE = datetime(2027, 1, 1, tzinfo=UTC)
STRIDE = 5
"""Every so many steps of the past are polled, and the last: a suite has little time."""

EARLY = datetime(2021, 1, 1, tzinfo=UTC)

ROUTES = {
    "two channels, by kind and word": """
[[route]]
channels = ["desk"]
kinds = ["status", "term", "reminder"]
[[route]]
channels = ["policy-room"]
words = ["воєнного", "President", "law"]
""",
    "a daily digest beside what is critical at once": """
[[route]]
channels = ["policy-room"]
severity = "critical"
[[route]]
channels = ["desk"]
kinds = ["status", "action", "text", "term"]
when = "daily 08:00"
""",
    "stages, and a weekly digest": """
[[route]]
watch = ["Secure*"]
channels = ["desk"]
stages = ["passed_one_chamber", "enacted", "awaiting_president"]
[[route]]
channels = ["policy-room"]
when = "weekly monday 09:00"
""",
}


def told(sent: tuple[BacktestMessage, ...]) -> set[tuple[str, str, str, frozenset[str]]]:
    """Return what each recipient is told of each document by each channel."""
    return {
        (one.channel, one.to, str(document), frozenset(keys))
        for one in sent
        for document, keys in one.alerts
        if not document.is_operational
    }


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoReplay]:
    """The past, recorded under a configuration without routes."""
    with demo_replay(tmp_path_factory.mktemp("recorded")) as stage:
        stage.play(demo_acts(), every=STRIDE)
        yield stage


def test_the_same_configuration_would_send_what_was_sent(recorded: DemoReplay) -> None:
    with open_audit_reader(recorded.settings.database) as archive:
        found = run_backtest(archive, recorded.settings, EARLY, LATE)
        assert told(found.sent) == told(messages_sent(archive, EARLY, LATE))
        assert {one.state for one in found.sent} == {State.SENT}
        assert found.unread == ()


@pytest.mark.parametrize(
    "routes",
    [pytest.param(text, id=name, marks=[] if "daily" in name else [pytest.mark.slow]) for name, text in ROUTES.items()],
)
def test_another_configuration_then_sends_what_was_rehearsed(recorded: DemoReplay, tmp_path: Path, routes: str) -> None:
    """The past is recorded once with everything asked for; then it is replayed under the other configuration."""
    new = tmp_path / "new.toml"
    new.write_text(recorded.config.read_text() + routes)
    with open_audit_reader(recorded.settings.database) as archive:
        predicted = run_backtest(archive, load_config(new, now=LATE, secrets=False), EARLY, LATE)
    folder = tmp_path / "replayed"
    folder.mkdir()
    with demo_replay(folder, more=routes) as stage:
        stage.play(demo_acts(), every=STRIDE)
        with open_audit_reader(stage.settings.database) as archive:
            then = messages_sent(archive, EARLY, LATE)
    asked = {change for _, _, _, keys in told(predicted.sent) for change in keys}
    assert asked, "a rehearsal that predicts nothing proves nothing"
    assert told(predicted.sent) == told(then)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedInstallation]:
    with feed_installed(tmp_path, monkeypatch) as made:
        made.once("2026-03-28T10:00:00Z")
        made.acts.add("one", "two")
        made.once("2026-03-28T11:00:00Z")
        made.acts.titles["one"] = "Act one, amended (constructed)"
        made.once("2026-03-28T21:30:00Z")
        yield made


def test_the_command_says_per_recipient_what_would_have_come(office: FeedInstallation) -> None:
    done = office.run("rehearse", now="2026-03-30T00:00:00Z")
    assert done.returncode == 0
    assert "desk@example.org by desk: 3 messages; really 3 messages" in done.stdout
    assert "2026-03-28 13:00  sent   [acts] New on the record: Act one (constructed)" in done.stdout


def test_a_new_configuration_is_tried_before_it_is_saved(office: FeedInstallation) -> None:
    before = (office.folder / "record.db").read_bytes()
    text = office.config.read_text()
    new = office.folder / "new.toml"
    new.write_text(text.replace('channels = ["desk"]', 'channels = ["desk", "room"]\nwhen = "daily 08:00"'))
    answer = office.answer("rehearse", "--config", str(new), now="2026-03-30T00:00:00Z")
    found = {(row["channel"], row["to"]): row for row in answer["recipients"]}
    room = found["room", "room"]
    assert (room["messages"], room["really"], len(room["more"]), room["fewer"]) == (1, 0, 3, [])
    assert room["subjects"][0]["at"] == "2026-03-29T05:00:00Z"
    desk = found["desk", "desk@example.org"]
    assert (desk["messages"], desk["really"], desk["more"], desk["fewer"]) == (1, 3, [], [])
    assert (office.folder / "record.db").read_bytes() == before, "nothing is written"


def test_quiet_hours_move_a_message_and_a_moment_to_begin_with_leaves_out_what_was_before(
    office: FeedInstallation,
) -> None:
    new = office.folder / "new.toml"
    text = office.config.read_text()
    new.write_text(text.replace('sender = "lexwatch@example.org"', 'sender = "l@example.org"\nquiet = "22:00-07:00"'))
    answer = office.answer(
        "rehearse", "--config", str(new), "--since", "2026-03-28T12:00:00Z", now="2026-03-30T00:00:00Z"
    )
    (row, _) = answer["recipients"]
    assert [(m["at"], m["state"]) for m in row["subjects"]] == [("2026-03-29T04:00:00Z", "sent")]


def test_what_was_never_recorded_cannot_be_predicted_and_that_is_said(office: FeedInstallation) -> None:
    new = office.folder / "new.toml"
    new.write_text(office.config.read_text() + '\n[[watch]]\nregime = "ua/regime/martial-law"\nname = "Kyiv"\n')
    done = office.run("rehearse", "--config", str(new), now="2026-03-30T00:00:00Z")
    assert "nothing is on record of what Kyiv follows" in done.stderr


def test_what_still_waits_says_so(office: FeedInstallation) -> None:
    new = office.folder / "new.toml"
    new.write_text(
        office.config.read_text().replace('channels = ["desk"]', 'channels = ["desk"]\nwhen = "daily 08:00"')
    )
    answer = office.answer("rehearse", "--config", str(new), now="2026-03-28T22:00:00Z")
    assert {m["state"] for row in answer["recipients"] for m in row["subjects"]} == {"waits"}


@pytest.mark.parametrize(
    ("words", "status"),
    [(("--since", "yesterday"), 2), (("--config", "nowhere.toml"), 2)],
    ids=["no date", "no such file"],
)
def test_what_cannot_be_rehearsed_is_refused(office: FeedInstallation, words: tuple[str, ...], status: int) -> None:
    assert office.run("rehearse", *words).returncode == status
