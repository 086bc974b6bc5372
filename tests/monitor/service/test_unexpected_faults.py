"""What nobody expected: a reader that raises, a database that is taken away. It is counted and said, never hidden."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.alerts.routing import Audience
from domain.errors import StoreError
from domain.observation import Page, PollRequest
from domain.ports import Http
from domain.records.facets import digest
from domain.sources import Health, Request, Response
from monitor.config.settings import Settings
from monitor.service.context import ScheduledSource
from monitor.service.process import ShutdownSignals
from monitor.service.runtime import Runtime
from monitor.service.service import Service
from storage.store import open_store
from tests.helpers.fakes import NOON, FakeNotifier, FakeWatcher, ManualClock, no_network

EVERY = timedelta(minutes=15)
BODY = b"<link>http://[</link>"


class RaisingWatcher(FakeWatcher):
    """A reader with a fault of its own: it asks, and falls over the answer."""

    def poll(self, ask: PollRequest, http: Http) -> Iterator[Page]:
        answer = http(Request("https://example.org/updates?key=planted"))
        yield from ()
        raise ValueError(f"Invalid IPv6 URL in {len(answer.body)} bytes")


@dataclass
class ServiceHarness:
    service: Service
    notifier: FakeNotifier
    clock: ManualClock
    database: Path

    def poll(self) -> timedelta:
        return self.service.poll("congress")


def answering(request: Request) -> Response:
    return Response(200, request.url, {"content-type": "application/rss+xml"}, BODY, NOON)


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[ServiceHarness]:
    database = tmp_path / "record.db"
    settings = Settings(path=tmp_path / "config.toml", database=str(database))
    store = open_store(database, rehearsal=False, now=NOON)
    clock, notifier = ManualClock(NOON), FakeNotifier(name="ops", recipients=("ops@example.org",))
    runtime = Runtime(
        store,
        Audience(recipients={"ops": notifier.recipients}, operator=("ops",)),
        clock,
        settings=settings,
        http=answering,
        sources={"congress": ScheduledSource(RaisingWatcher(), EVERY)},
        notifiers={"ops": notifier},
    )
    yield ServiceHarness(Service(runtime, lambda: settings, ShutdownSignals()), notifier, clock, database)
    store.close()


def test_an_exception_of_a_reader_is_a_failure_of_its_source(harness: ServiceHarness) -> None:
    pause = harness.poll()
    with harness.service.runtime.store.read() as view:
        state = view.source("congress")
        kept = view.evidence(digest(BODY))
    assert state is not None
    assert (state.state, state.failures, state.requests) == (Health.CHANGED, 1, 1)
    assert "ValueError: Invalid IPv6 URL" in (state.error or "")
    assert digest(BODY)[:12] in (state.error or ""), "the answer that it fell over is named"
    assert "planted" not in (state.error or "")
    assert kept is not None
    assert kept.body == BODY
    assert pause >= EVERY


def test_it_is_asked_ever_more_rarely_and_the_operator_is_alerted_once(harness: ServiceHarness) -> None:
    pauses = []
    for _ in range(5):
        pauses.append(harness.poll())
        harness.clock.later(pauses[-1])
    assert pauses == sorted(pauses)
    assert pauses[-1] > 2 * EVERY
    harness.service.dispatch("ops")
    assert [message for _, _, message in harness.notifier.sent if b"source" in message] != []
    assert len(harness.notifier.sent) == 1


def test_before_it_is_due_nothing_is_asked(harness: ServiceHarness) -> None:
    pause = harness.poll()
    harness.clock.later(pause / 2)
    harness.service.runtime = replace(harness.service.runtime, http=no_network)
    assert harness.poll() == pause - pause / 2


@pytest.mark.parametrize("taken_away", ["deleted", "moved", "another"])
def test_a_service_whose_database_is_gone_says_so_and_ends(harness: ServiceHarness, taken_away: str) -> None:
    service, ended = harness.service, []
    service.runtime = replace(service.runtime, sources={})

    def run() -> None:
        try:
            ended.append(service.run())
        except StoreError as error:
            ended.append(error)

    running = threading.Thread(target=run)
    running.start()
    if taken_away == "moved":
        harness.database.rename(harness.database.with_name("elsewhere.db"))
    else:
        harness.database.unlink()
    if taken_away == "another":
        harness.database.write_bytes(b"")
    service.minute_at = 0.0  # else it looks twice a minute
    running.join(120)
    assert not running.is_alive()
    (found,) = ended
    assert isinstance(found, StoreError)
    assert "record.db is " in str(found)
    assert len(harness.notifier.sent) == 1, "the operator is told by what still works"


def test_one_run_whose_database_is_gone_does_not_end_as_if_all_were_well(harness: ServiceHarness) -> None:
    harness.service.runtime = replace(harness.service.runtime, sources={})
    harness.database.unlink()
    with pytest.raises(StoreError, match=r"record\.db is gone"):
        harness.service.run_once()
    assert len(harness.notifier.sent) == 1


def test_a_database_that_is_there_is_no_news(harness: ServiceHarness) -> None:
    assert harness.service.keep_up() == timedelta(seconds=1)
    assert harness.service.lost is None
