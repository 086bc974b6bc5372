"""When the dead-man's switch is asked, and when it is not."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from domain.alerts.routing import Audience
from domain.errors import Refused, SourceError, StoreError, Unavailable
from domain.observation import Evidence
from domain.options import Secret
from domain.ports import Http, Store, Transaction
from domain.records.detection import NewRevision
from domain.sources import Request, Response, SourceState
from monitor.config.settings import Settings
from monitor.http.client import HttpClient
from monitor.service.process import Heartbeat, ShutdownSignals, heartbeat_of
from monitor.service.runtime import Runtime
from monitor.service.service import Service
from tests.helpers.fakes import NOON, ManualClock, no_network
from tests.helpers.http_server import Reply, serve
from tests.helpers.stores import TemporaryStore
from tests.helpers.timing import NO_HANG_SECONDS

ADDRESS = Secret("https://beat.example.org/k0-planted", "env:HEARTBEAT_URL")


@dataclass(slots=True)
class Seconds:
    """A monotonic clock in the test's hand."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Switch:
    """An `Http` that counts and fails as it is told."""

    fails: SourceError | None = None
    asked: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        if self.fails is not None:
            raise self.fails
        return Response(200, request.url, {}, b"", NOON)


class Failing(TemporaryStore):
    """A store that cannot be written for a while."""

    ill = False

    @contextmanager
    def begin(
        self, ahead: Sequence[NewRevision | Evidence] = (), *, only: Sequence[str] | None = None
    ) -> Iterator[Transaction]:
        if self.ill:
            raise StoreError("the disk is full (constructed)")
        with super().begin(ahead, only=only) as tx:
            yield tx


def runtime_of(settings: Settings, store: Store, http: Http) -> Runtime:
    return Runtime(store, Audience(), ManualClock(), settings=settings, http=http, sources={}, notifiers={})


class Running:
    """A service without sources or channels, ticking by hand, a second at a time."""

    def __init__(self) -> None:
        self.store, self.switch, self.seconds = Failing(), Switch(), Seconds()
        settings = Settings(path=Path("config.toml"), database="record.db", heartbeat=ADDRESS)
        app = runtime_of(settings, self.store, self.switch)
        self.service = Service(app, lambda: settings, ShutdownSignals())
        self.service.heartbeat = Heartbeat(ADDRESS, monotonic=self.seconds)

    def tick(self, times: int) -> int:
        """Tick so many seconds, one each; return how often the switch has been asked."""
        for _ in range(times):
            self.seconds.now += 1
            self.service.keep_up()
            self.service.check_heartbeat()
            assert self.service.heartbeat_pool.wait(NO_HANG_SECONDS)
        return len(self.switch.asked)


def test_it_is_asked_after_each_healthy_minute() -> None:
    running = Running()
    assert [running.tick(59), running.tick(1), running.tick(59), running.tick(1)] == [0, 1, 1, 2]
    (first, _) = running.switch.asked
    assert (first.method, first.url, first.body) == ("POST", ADDRESS.reveal(), b"")


def test_it_is_not_asked_while_the_record_cannot_be_written() -> None:
    running = Running()
    running.tick(30)
    running.store.ill = True
    assert running.tick(330) == 0
    running.store.ill = False
    assert running.tick(59) == 0
    assert running.tick(1) == 1


def test_a_fault_of_the_record_in_the_middle_begins_the_minute_anew() -> None:
    running = Running()
    running.tick(30)
    running.service.quiet.append(SourceState("congress"))
    running.store.ill = True
    running.tick(1)
    running.store.ill = False
    assert [running.tick(59), running.tick(1)] == [0, 1]


def test_a_minute_in_which_the_service_did_not_tick_does_not_count() -> None:
    running = Running()
    running.tick(30)
    running.seconds.now += 600
    assert [running.tick(60), running.tick(1)] == [0, 1]


def test_a_switch_that_hangs_delays_nothing_and_is_asked_once() -> None:
    running, gate, begun = Running(), threading.Event(), threading.Event()

    def hang(request: Request) -> Response:
        begun.set()
        gate.wait(NO_HANG_SECONDS)
        raise Unavailable("beat.example.org: no complete answer within 60 s")

    running.service.runtime = replace(running.service.runtime, http=hang)
    for _ in range(200):
        running.seconds.now += 1
        running.service.keep_up()
        running.service.check_heartbeat()
    assert begun.wait(NO_HANG_SECONDS)
    assert running.service.troubles == 0
    assert not running.service.heartbeat_pool.wait(0), "the one that hangs is the only one"
    gate.set()
    assert running.service.heartbeat_pool.wait(NO_HANG_SECONDS)
    running.service.runtime = replace(running.service.runtime, http=running.switch)
    assert running.tick(60) == 1


def test_its_failures_are_logged_when_they_change(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "lexwatch")
    beat, switch = Heartbeat(ADDRESS), Switch()
    unavailable, refused = Unavailable("beat.example.org: 503"), Refused("beat.example.org: 404")
    for fails in (None, unavailable, unavailable, refused, refused, None, None):
        switch.fails = fails
        beat.ask(switch)
    said = [(record.levelname, vars(record)["fields"]["state"]) for record in caplog.records]
    assert said == [("WARNING", "unavailable"), ("WARNING", "refused"), ("INFO", "ok")]


def test_the_address_is_in_no_error(caplog: pytest.LogCaptureFixture) -> None:
    with serve(lambda _: Reply(500, b"{}")) as switch:
        door = HttpClient(contact="", clock=ManualClock(), allow_hosts=["127.0.0.1"])
        Heartbeat(Secret(f"{switch.url}/k0-planted?key=k0-planted", "env:HEARTBEAT_URL")).ask(door)
        switch.answer = lambda _: Reply(204)
        Heartbeat(Secret(f"{switch.url}/k0-planted", "env:HEARTBEAT_URL")).ask(door)
        door.close()
    assert [(asked.method, asked.path, asked.body) for asked in switch.asked] == [("POST", "/k0-planted", b"")] * 2
    (record,) = caplog.records
    assert "500" in str(vars(record)["fields"]["error"])
    assert "planted" not in str(vars(record)["fields"])


def test_a_reload_keeps_what_did_not_change() -> None:
    before = heartbeat_of(ADDRESS)
    assert heartbeat_of(ADDRESS, before) is before
    assert heartbeat_of(None, before) is None
    other = heartbeat_of(Secret("https://beat.example.org/2", "env:HEARTBEAT_URL"), before)
    assert other is not None
    assert other is not before


def test_without_an_address_nothing_is_asked() -> None:
    settings = Settings(path=Path("config.toml"), database="record.db")
    service = Service(
        runtime_of(settings, TemporaryStore(), no_network),
        lambda: settings,
        ShutdownSignals(),
    )
    assert service.heartbeat is None
    service.keep_up()
    service.check_heartbeat()
    assert service.troubles == 0
