"""A signed webhook from the configuration to the receiver: the real door and store, a receiver that cuts us off."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time
from typing import Any

import pytest

from domain.alerts.delivery import State
from domain.alerts.routing import Audience
from domain.ports import Notifier, Store
from monitor.cli.main import main
from monitor.config.loader import load_config
from monitor.service.context import Context
from monitor.service.dispatch import SendAttempt, collect_due, send
from monitor.service.logs import LineFormatter
from monitor.service.runtime import build_notifiers
from storage.store import open_store
from tests.helpers.fakes import ManualClock
from tests.helpers.record_builders import BILL, alert
from tests.helpers.webhook_signature import OTHER, SECRET, verifies
from tests.monitor.http.misbehaving_server import (
    Origin,
    Script,
    hangs,
    misbehave,
    open_client,
    raw,
    redirects,
    resets,
    says,
)

NOW = datetime(2026, 3, 20, 10, tzinfo=UTC)
PATH = "/in/T0PLANTED?key=k0PLANTED"
CONFIG = """
[service]
database = "record.db"
[http]
allow_hosts = ["127.0.0.1"]
[[watch]]
bill = "us/bill/119/hr/6508"
[[channel]]
name    = "archive"
kind    = "webhook"
webhook = { env = "ARCHIVE_URL" }
secret  = { env = "ARCHIVE_SECRET" }
"""


@dataclass(frozen=True, slots=True)
class Post:
    """One complete message as it arrived; header names in lower case."""

    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Archive:
    """A receiver that reads each message to its last byte and then does as `fate` says."""

    origin: Origin = field(default_factory=Origin)
    fate: Script = field(default_factory=lambda: says("204 No Content", length=None))
    posts: list[Post] = field(default_factory=list)

    def __call__(self, connection: Any) -> None:
        head, _, begun = self.origin.heads[-1].partition("\r\n\r\n")
        lines = (line.partition(": ") for line in head.split("\r\n")[1:])
        headers = {name.lower(): value for name, _, value in lines}
        body = begun.encode("latin-1")
        while len(body) < int(headers["content-length"]):
            body += connection.recv(65536)
        self.posts.append(Post(headers, body))
        self.fate(connection)


@dataclass(slots=True)
class Installation:
    archive: Archive
    folder: Path
    store: Store
    notifier: Notifier
    clock: ManualClock
    environment: dict[str, str]

    def send(self) -> list[SendAttempt]:
        audience = Audience(recipients={"archive": ("archive",)})
        batch = collect_due(self.notifier, Context(self.store, Audience(), self.clock))
        found = (
            send(d, batch.notices.get(d.id), self.notifier, Context(self.store, audience, self.clock))
            for d in batch.deliveries
        )
        return [attempt for attempt in found if attempt is not None]

    def enqueue(self) -> None:
        with self.store.begin() as tx:
            tx.enqueue(alert(BILL, 2, "archive"), ["archive"], self.clock())


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    """Return a builder of installations with one alert waiting."""
    with ExitStack() as stack:

        def build(*, secret: str = SECRET) -> Installation:
            archive = Archive()
            archive.origin = stack.enter_context(misbehave(archive))
            environment = {"ARCHIVE_URL": f"{archive.origin.url}{PATH}", "ARCHIVE_SECRET": secret}
            (tmp_path / "config.toml").write_text(CONFIG)
            settings = load_config(tmp_path / "config.toml", now=NOW, env=environment)
            door = stack.enter_context(open_client(allow_hosts=settings.allow_hosts))
            store = open_store(settings.database, rehearsal=True, now=NOW)
            stack.callback(store.close)
            (notifier,) = build_notifiers(settings, door).values()
            made = Installation(archive, tmp_path, store, notifier, ManualClock(NOW), environment)
            made.enqueue()
            return made

        yield build


TAKEN = {
    "204 and nothing": says("204 No Content", length=None),
    "200 and nothing": says("200 OK"),
    "200 and a page": says("200 OK", "Content-Type: text/html", body=b"<html>thanks</html>"),
    "201 with a place": says("201 Created", "Location: /in/1", body=b"{}"),
    "202 in chunks": raw(b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
    "205 and nothing": says("205 Reset Content"),
    "more than we read": says("200 OK", body=b"x" * 70_000),
    "in a coding nobody knows": says("200 OK", "Content-Encoding: constructed", body=b"x"),
}


@pytest.mark.parametrize("fate", TAKEN.values(), ids=TAKEN)
def test_taken_once(make: Callable[..., Installation], fate: Script) -> None:
    here = make()
    here.archive.fate = fate
    (attempt,) = here.send()
    assert (attempt.delivery.state, attempt.delivery.possible_repeat) == (State.SENT, False), attempt.answer
    here.clock.later(timedelta(days=1))
    assert here.send() == []
    assert len(here.archive.posts) == 1


# answer -> state afterwards, pause until the next attempt
ANSWERS: dict[str, tuple[Script, State, timedelta | None]] = {
    "gone for good, which a person can mend": (says("410 Gone"), State.PENDING, timedelta(seconds=30)),
    "not found, which a person can mend": (says("404 Not Found"), State.PENDING, timedelta(seconds=30)),
    "a message it cannot read": (says("400 Bad Request"), State.DEAD, None),
    "a message that is too large": (says("413 Content Too Large"), State.DEAD, None),
    "busy for five minutes": (says("503 Wait", "Retry-After: 300"), State.AMBIGUOUS, timedelta(minutes=5)),
    "too many until an instant": (
        says("429 Wait", "Retry-After: Tue, 20 Jan 2026 10:10:00 GMT"),  # the door's clock stands at 10:00
        State.PENDING,
        timedelta(minutes=10),
    ),
    "too early": (says("425 Too Early"), State.PENDING, timedelta(seconds=30)),
    "an error": (says("500 Oops"), State.AMBIGUOUS, timedelta(seconds=30)),
    "a gateway's guess": (says("504 Gateway Timeout"), State.AMBIGUOUS, timedelta(seconds=30)),
    "somewhere else, for good": (redirects("/elsewhere", "308 Permanent Redirect"), State.PENDING, None),
    "a challenge": (says("403 Forbidden", "cf-mitigated: challenge", body=b"<html>"), State.PENDING, None),
    "a cut instead of an answer": (resets(), State.AMBIGUOUS, None),
    "a cut in the middle of a yes": (resets(b"HTTP/1.1 20"), State.AMBIGUOUS, None),
    "a cut after a yes": (resets(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"), State.AMBIGUOUS, None),
    "silence": (hangs(), State.AMBIGUOUS, None),
}


@pytest.mark.parametrize(("fate", "state", "pause"), ANSWERS.values(), ids=ANSWERS)
def test_what_an_answer_makes_of_the_message(
    make: Callable[..., Installation], fate: Script, state: State, pause: timedelta | None
) -> None:
    here = make()
    here.archive.fate = fate
    (attempt,) = here.send()
    assert attempt.delivery.state is state, attempt.answer
    assert pause is None or NOW + pause <= attempt.delivery.due_at <= NOW + 1.2 * pause
    assert [head.split()[:2] for head in here.archive.origin.heads] == [["POST", PATH]], "no redirect is followed"
    assert "PLANTED" not in f"{attempt.answer} {attempt.delivery}"


def test_a_message_that_was_cut_off_comes_again_with_the_same_id_and_bytes(make: Callable[..., Installation]) -> None:
    here = make()
    here.archive.fate = resets()
    (first,) = here.send()
    assert first.delivery.state is State.AMBIGUOUS
    here.archive.fate = says("204 No Content", length=None)
    here.clock.later(timedelta(minutes=1))
    (second,) = here.send()
    assert (second.delivery.state, second.delivery.possible_repeat) == (State.SENT, True)
    one, two = here.archive.posts
    assert one.headers["webhook-id"] == two.headers["webhook-id"] == first.delivery.id
    assert one.body == two.body
    assert all(verifies(post.headers, post.body, now=time()) for post in here.archive.posts), "the world's clock"


def test_a_message_to_an_archive_in_a_private_network_is_not_sent(make: Callable[..., Installation]) -> None:
    """Written as https it passes for any other; where it leads is seen when the line is opened."""
    here = make()
    config = here.folder / "config.toml"
    config.write_text(CONFIG.replace('["127.0.0.1"]', "[]"))
    inside = here.environment["ARCHIVE_URL"].replace("http:", "https:")
    settings = load_config(config, now=NOW, env={**here.environment, "ARCHIVE_URL": inside})
    with open_client(allow_hosts=settings.allow_hosts) as door:
        (here.notifier,) = build_notifiers(settings, door).values()
        (attempt,) = here.send()
    assert attempt.delivery.state is State.PENDING
    assert "allow_hosts" in attempt.answer
    assert here.archive.origin.connections == 0


def test_the_body_has_the_members_of_alerts_and_history(
    make: Callable[..., Installation], capsys: pytest.CaptureFixture[str]
) -> None:
    here = make()
    here.send()
    (alerts,), history = (_asked(here, capsys, *words) for words in (["alerts"], ["history", str(BILL)]))
    body = json.loads(here.archive.posts[0].body)
    told = [change for change in history if change["change"] in alerts["changes"]]
    assert [change.keys() for change in body["changes"]] == [change.keys() for change in told]
    assert {change["change"]: change for change in body["changes"]} == {change["change"]: change for change in told}
    altering = {"state", "attempts", "sent_at", "possible_repeat", "error", "changes"}
    assert {name: body[name] for name in alerts.keys() - altering} == {
        name: value for name, value in alerts.items() if name not in altering
    }


def _asked(here: Installation, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main(["--config", str(here.folder / "config.toml"), *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_test_channel_shows_the_receivers_answer_and_no_secret(
    make: Callable[..., Installation], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = make()
    for name, value in here.environment.items():
        monkeypatch.setenv(name, value)
    here.archive.fate = says("200 OK", body=f"kept under {PATH}".encode())
    assert main(["--config", str(here.folder / "config.toml"), "test-channel", "archive"]) == 0
    printed = capsys.readouterr()
    assert "200 kept under" in printed.out + printed.err
    assert not [word for word in ("PLANTED", SECRET) if word in printed.out + printed.err]
    (post,) = here.archive.posts
    assert verifies(post.headers, post.body, now=time())


def test_no_secret_stands_in_the_record_or_could_stand_in_the_log(make: Callable[..., Installation]) -> None:
    here = make(secret=f"{OTHER} {SECRET}")
    here.archive.fate = says("500 Oops", body=f"{PATH} {SECRET}".encode())
    here.send()
    stored = b"".join(path.read_bytes() for path in here.folder.glob("record.db*"))
    assert not [word for word in (b"PLANTED", SECRET.encode(), OTHER.encode()) if word in stored]
    known = load_config(here.folder / "config.toml", now=NOW, env=here.environment).secrets()
    line = LineFormatter(known).format(logging.makeLogRecord({"msg": f"{PATH} {SECRET} and {OTHER}"}))
    assert not [word for word in ("PLANTED", SECRET, OTHER) if word in line]
