"""Several workers on one PostgreSQL database: real processes of the command, a publisher whose log shows every poll."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import cast

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from domain.alerts.routing import Audience, Watch
from domain.errors import Locked, Occupied
from domain.observation import Page, PollRequest
from domain.ports import Http, Store, WorkerState
from domain.sources import Request, Response, SourceState
from monitor.config.settings import Settings
from monitor.service.context import ScheduledSource
from monitor.service.process import ShutdownSignals
from monitor.service.queue import SCHEMA, JobQueue, idle_pause, install_schema, run_shared
from monitor.service.runtime import Runtime, open_runtime
from monitor.service.service import QUEUES, STORE_PAUSE, Service
from monitor.service.workers import Fence, ServerClock
from storage.location import application_name
from storage.ownership import own_database
from storage.store import WRITE_LOCK, DatabaseStore, open_store
from tests.crash.workers import FIRST_FEED, TAKE_OVER, Machines
from tests.helpers.fakes import BILL, FakeWatcher, ManualClock, no_network, observation
from tests.helpers.paths import CHECKOUT
from tests.helpers.record_builders import NOW
from tests.helpers.stores import PostgreSQL, job_in_hand
from tests.helpers.timing import assert_soon, wait_until

AHEAD = """
import sys
from datetime import UTC, datetime, timedelta
import monitor.cli.session as session
session.system_clock = lambda: datetime.now(UTC) + timedelta(minutes=5)
from monitor.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("ahead", "seconds"),
    [
        pytest.param([], 5.0, id="nothing is to come"),
        pytest.param([3.0, 60.0], 3.0, id="the first that is due"),
        pytest.param([0.2], 1.0, id="no more often than once a second"),
        pytest.param([None, 60.0], 5.0, id="what others put there waits no longer than this"),
        pytest.param([-86400.0, 4.0], 4.0, id="what nobody here asks for was due long ago"),
    ],
)
def test_a_worker_without_a_job_rests_until_something_is_due(ahead: list[float | None], seconds: float) -> None:
    coming = [None if later is None else NOW + timedelta(seconds=later) for later in ahead]
    assert idle_pause(coming, NOW, 5.0) == seconds


@contextmanager
def job_queue(url: str, folder: Path) -> Iterator[tuple[JobQueue, Store, Settings]]:
    """Open a record without sources, and the queue of a worker that looks at it."""
    store = open_store(url, rehearsal=False, now=NOW)
    settings = Settings(path=folder / "config.toml", database=url)
    try:
        clock = ServerClock(store, ManualClock(NOW))
        runtime = Runtime(store, Audience(), clock, settings=settings, http=no_network, sources={}, notifiers={})
        yield JobQueue(Service(runtime, lambda: settings, ShutdownSignals(), shared=True), QUEUES), store, settings
    finally:
        store.close()


def test_a_source_that_nobody_asks_keeps_no_worker_awake(postgresql_url: str, tmp_path: Path) -> None:
    """That a changed configuration was refused once is kept like a source, and so is a feed that is watched no more."""
    with job_queue(postgresql_url, tmp_path) as (queue, store, settings):
        clock = queue.service.runtime.clock
        with store.begin() as tx:
            tx.put_in_force(settings.digest)
            tx.save_source(SourceState("configuration"))
            tx.save_source(SourceState("feed/gone", due_at=clock() - timedelta(days=9)))
            for name in queue._own_jobs:
                tx.plan(name, clock() + timedelta(hours=1))
        assert queue._look() == []
        assert queue._pause == settings.take_over.total_seconds() / 15


def test_a_frozen_worker_keeps_no_row_of_the_queue_from_others(postgresql_url: str, tmp_path: Path) -> None:
    """Between a statement and its commit it would: whoever took over would wait for the lock of its sign of life."""

    async def between_two_statements(queue: JobQueue) -> TransactionStatus:
        async with queue._app.open_async(), queue._app.connector.pool.connection() as connection:
            await connection.execute("SELECT procrastinate_update_heartbeat_v1(1)")
            return connection.info.transaction_status

    with job_queue(postgresql_url, tmp_path) as (queue, store, _):
        install_schema(store)
        assert asyncio.run(between_two_statements(queue)) is TransactionStatus.IDLE


@pytest.mark.parametrize(
    ("silent", "ended"),
    [pytest.param(76, True, id="that was given up"), pytest.param(74, False, id="that may still live")],
)
def test_what_a_frozen_worker_has_open_is_ended(
    postgresql_url: str, tmp_path: Path, silent: float, ended: bool
) -> None:
    """In the middle of a COPY the server waits for its rows without end, and all others for its locks."""
    other = "elsewhere/77"
    name = application_name(other)
    with (
        job_queue(postgresql_url, tmp_path) as (queue, store, settings),
        psycopg.connect(postgresql_url, application_name=name) as frozen,
    ):
        seen = queue.service.runtime.clock() - timedelta(seconds=silent)
        with store.begin() as tx:
            tx.put_in_force(settings.digest)
            tx.save_worker(WorkerState(other, seen, seen, settings.digest, "", QUEUES))
        with frozen.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE half (word text)")
            cursor.connection.pgconn.exec_(b"COPY half FROM STDIN")
            queue._look()
            queue._look()
        with psycopg.connect(postgresql_url, autocommit=True) as witness:
            count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"
            assert wait_until(lambda: witness.execute(count, (name,)).fetchone() == (0 if ended else 1,))
        frozen.close()


def test_a_worker_starts_beside_a_frozen_one_that_was_given_up(postgresql_url: str, tmp_path: Path) -> None:
    """It keeps the lock of the whole record, which a start needs."""
    other = "elsewhere/77"
    with (
        job_queue(postgresql_url, tmp_path) as (queue, store, settings),
        psycopg.connect(postgresql_url, application_name=application_name(other)) as frozen,
    ):
        clock = queue.service.runtime.clock
        with store.begin() as tx:
            tx.save_worker(WorkerState(other, clock() - settings.take_over, clock(), settings.digest, "", QUEUES))
        with frozen.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (WRITE_LOCK,))
            cursor.execute("CREATE TEMPORARY TABLE half (word text)")
            cursor.connection.pgconn.exec_(b"COPY half FROM STDIN")
            opened = open_runtime(settings, clock=ManualClock(NOW), rehearsal=False, server_clock=ServerClock)
        cast(DatabaseStore, opened.store).close()
        frozen.close()


def test_a_lock_that_another_worker_keeps_is_waited_for(postgresql_url: str, tmp_path: Path) -> None:
    """It may be frozen and not be given up yet."""
    settings = Settings(path=tmp_path / "config.toml", database=postgresql_url)
    signals = ShutdownSignals()
    errors = [Locked("kept"), Locked("kept")]

    def opening(*_: object, **__: object) -> Runtime:
        error = errors.pop()
        if not errors:
            signals.stopping.set()
        raise error

    assert run_shared(settings, opening, lambda: settings, signals, QUEUES) == 0
    assert not errors


def test_workers_share_the_polls_and_tell_everything_once(found: Machines) -> None:
    for worker in found.workers:
        worker.start()
    assert_soon(lambda: all(" poll " in worker.said() for worker in found.workers))
    assert found.wait_for(found.is_settled)
    for _ in range(3):
        found.publish_everywhere()
        assert found.wait_for(found.is_settled)
    found.assert_told_once()
    assert [worker.stop() for worker in found.workers] == [0, 0]
    assert found.rows(f"SELECT count(*) FROM {SCHEMA}.procrastinate_workers") == [(0,)]


def test_a_worker_takes_only_the_queues_it_is_given(found: Machines) -> None:
    polls, rest = found.workers
    polls.start("worker", "--queues", "polls")
    rest.start("worker", "--queues", "delivery,upkeep")
    assert found.wait_for(found.is_settled)
    found.publish_everywhere()
    assert found.wait_for(lambda: found.is_settled() and " delivery " in rest.said())
    assert " delivery " not in polls.said()
    assert " poll " not in rest.said()
    found.assert_told_once()


@pytest.mark.parametrize("how", ["killed", pytest.param("frozen", marks=pytest.mark.slow)])
def test_what_a_worker_had_in_hand_is_taken_over_in_time(found: Machines, how: str) -> None:
    """Not before it could be given up, and within the time stated. One that comes back records nothing old."""
    first, second = found.workers
    first.start()
    assert found.wait_for(found.is_settled)
    found.publisher.latency = lambda: 1.0
    found.publish_everywhere()
    asked = len(found.publisher.polls)
    assert_soon(lambda: len(found.publisher.polls) > asked)
    found.publisher.latency = lambda: 0.05
    lost = time.monotonic()
    first.kill() if how == "killed" else first.process and first.process.send_signal(signal.SIGSTOP)
    second.start()
    assert found.wait_for(found.is_settled)
    took = time.monotonic() - lost
    print(f"taken over and told after {took:.1f} s")
    assert took > TAKE_OVER * 0.8
    assert how == "killed" or took < TAKE_OVER + 15, "what is stated, where nothing else keeps the machine busy"
    assert "taken_over" in second.said()
    if how == "frozen" and first.process is not None:
        first.process.send_signal(signal.SIGCONT)
        found.publish_everywhere()
        assert found.wait_for(found.is_settled)
        time.sleep(2)
    found.assert_told_once()


@pytest.mark.slow
@pytest.mark.parametrize("broken", [False, True], ids=["it goes on", "it is broken"])
def test_a_worker_cut_off_in_the_middle_of_slow_polls_overlaps_with_nobody(found: Machines, broken: bool) -> None:
    """Its answers come just before they would be too late, when others are about to take over; whatever becomes of its
    connection, it records nothing of them afterwards."""
    first, _ = found.workers
    for worker in found.workers:
        worker.start()
    assert_soon(lambda: all(" poll " in worker.said() for worker in found.workers))
    assert found.wait_for(found.is_settled)
    found.publisher.latency = lambda: TAKE_OVER * 0.8 - 0.3
    found.publish_everywhere()
    before = len(found.publisher.polls)
    assert_soon(lambda: len(found.publisher.polls) > before)
    first.proxy.cut()
    time.sleep(TAKE_OVER + 3)
    found.publisher.latency = lambda: 0.05
    first.proxy.heal(broken=broken)
    found.publish_everywhere()
    assert found.wait_for(found.is_settled)
    time.sleep(2)
    found.assert_told_once()


def test_a_message_in_the_hands_of_a_killed_worker_is_sent_by_another_and_marked(found: Machines) -> None:
    first, second = found.workers
    first.start()
    assert found.wait_for(found.is_settled)
    found.slack.ponder = lambda: 3.0
    number = FIRST_FEED
    mark = found.publisher.publish(number)
    assert_soon(lambda: any(mark in message.marks for message in found.slack.so_far()))
    first.kill()
    found.slack.ponder = lambda: 0.0
    second.start()
    assert found.wait_for(found.is_settled)
    copies = [message for message in found.slack.so_far() if mark in message.marks]
    assert [message.id for message in copies] == [copies[0].id] * 2
    assert len({message.digest for message in copies}) == 1
    assert found.rows(f"SELECT possible_repeat, attempts FROM delivery WHERE id = '{copies[0].id}'") == [(True, 2)]


@pytest.mark.slow
def test_clocks_five_minutes_apart_change_nothing(found: Machines) -> None:
    """Neither is a source polled more often than it should, nor is anything due too early or too late."""
    for worker in found.workers:
        found.configure(worker, every="4s")
    right, ahead = found.workers
    right.start()
    ahead.start(code=AHEAD)
    assert_soon(lambda: all(" poll " in worker.said() for worker in found.workers))
    found.publish_everywhere()
    assert found.wait_for(found.is_settled)
    time.sleep(5)
    found.assert_told_once()
    begun = sorted((poll.feed, poll.began) for poll in found.publisher.polls)
    pauses = [b[1] - a[1] for a, b in pairwise(begun) if a[0] == b[0]]
    assert len(pauses) > 4
    assert min(pauses) > 3.5
    assert max(pauses) < 9


def test_a_server_that_is_away_is_said_once_and_tried_again(found: Machines, postgresql: PostgreSQL) -> None:
    first, second = found.workers
    first.start()
    assert found.wait_for(found.is_settled)
    found.publish_everywhere()
    postgresql.crash()
    second.start()
    assert_soon(lambda: "cannot be reached" in second.said())
    time.sleep(3)
    postgresql.start_again()
    assert found.wait_for(found.is_settled)
    found.assert_told_once()
    assert first.said().count("trying again") == second.said().count("trying again") == 1
    assert " error store" not in first.said()


REFUSES = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
"""
REFUSES_ENTRIES = f"""
    {REFUSES}
    CREATE TRIGGER refuse BEFORE INSERT ON document FOR EACH ROW
    WHEN (NEW.identity LIKE 'feed/%') EXECUTE FUNCTION refuse()
"""


@pytest.mark.slow
def test_a_source_whose_answer_cannot_be_stored_is_not_asked_every_second(found: Machines) -> None:
    worker, _ = found.workers
    worker.start()
    assert found.wait_for(found.is_settled)
    with psycopg.connect(found.url, autocommit=True) as connection:
        connection.execute(REFUSES_ENTRIES)
    found.publisher.publish(FIRST_FEED)
    assert_soon(lambda: "not this one" in worker.said())
    asked = sum(poll.feed == FIRST_FEED for poll in found.publisher.polls)
    time.sleep(6)
    assert sum(poll.feed == FIRST_FEED for poll in found.publisher.polls) == asked
    with psycopg.connect(found.url, autocommit=True) as connection:
        connection.execute("DROP TRIGGER refuse ON document")
    assert found.wait_for(found.is_settled)


REFUSES_CLAIMS = f"""
    {REFUSES}
    CREATE TRIGGER refuse BEFORE UPDATE ON delivery FOR EACH ROW
    WHEN (NEW.leased_until IS NOT NULL) EXECUTE FUNCTION refuse()
"""


@pytest.mark.slow
def test_a_channel_whose_messages_cannot_be_claimed_is_not_tried_every_second(found: Machines) -> None:
    worker, _ = found.workers
    worker.start()
    assert found.wait_for(found.is_settled)
    with psycopg.connect(found.url, autocommit=True) as connection:
        connection.execute(REFUSES_CLAIMS)
    found.publisher.publish(FIRST_FEED)
    channels = {"desk", "policy-room", "archive"}
    assert_soon(lambda: worker.said().count("not this one") >= len(channels))
    time.sleep(6)
    tried: dict[str, list[datetime]] = {}
    for at, channel in re.findall(r"^(\S+) error store during=(\S+) .*not this one", worker.said(), re.MULTILINE):
        tried.setdefault(channel, []).append(datetime.fromisoformat(at))
    assert set(tried) == channels
    assert all(later - earlier >= STORE_PAUSE for times in tried.values() for earlier, later in pairwise(times))
    with psycopg.connect(found.url, autocommit=True) as connection:
        connection.execute("DROP TRIGGER refuse ON delivery")
    assert found.wait_for(found.is_settled)
    found.assert_told_once()


ASKS_POLITELY = """
import sys
import monitor.http.client as client
begin = client.HttpClient.__init__
def without_exceptions(self, **options):
    begin(self, **options)
    self._allow_hosts = frozenset()
client.HttpClient.__init__ = without_exceptions
from monitor.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
"""A worker that may ask 127.0.0.1, but with pauses, as any other host."""


@pytest.mark.slow
def test_two_workers_together_ask_a_host_once_a_second(found: Machines) -> None:
    for worker in found.workers:
        worker.start(code=ASKS_POLITELY)
    assert_soon(lambda: all(" poll " in worker.said() for worker in found.workers))
    begun = len(found.publisher.polls)
    assert_soon(lambda: len(found.publisher.polls) >= begun + 8)
    asked = sorted(poll.began for poll in found.publisher.polls)
    assert len({poll.feed for poll in found.publisher.polls}) == len(found.publisher.feeds)
    assert min(b - a for a, b in pairwise(asked)) > 0.7, "a turn is a second, the way there takes its own time"
    assert (asked[-1] - asked[0]) / (len(asked) - 1) > 0.95
    assert found.publisher.overlaps() == []


@pytest.mark.slow
def test_a_worker_waits_for_whoever_needs_the_database_alone_after_a_restart(
    found: Machines, postgresql: PostgreSQL
) -> None:
    worker, _ = found.workers
    worker.start()
    assert found.wait_for(found.is_settled)
    worker.proxy.cut()
    postgresql.crash()
    postgresql.start_again()
    with own_database(found.url):
        worker.proxy.heal(broken=True)
        assert_soon(lambda: "trying again" in worker.said())
        time.sleep(3)
    found.publish_everywhere()
    assert found.wait_for(found.is_settled)
    found.assert_told_once()


@pytest.mark.slow
def test_it_ends_in_time_although_it_is_cut_off(found: Machines) -> None:
    worker, _ = found.workers
    worker.start()
    assert found.wait_for(found.is_settled)
    worker.proxy.cut()
    time.sleep(2)
    asked = time.monotonic()
    assert worker.stop(12) == 0
    assert time.monotonic() - asked < 10


@pytest.mark.slow
def test_one_run_over_all_that_is_due_needs_the_database_alone(found: Machines) -> None:
    once, worker = found.workers
    once.start("run", "--once")
    assert once.ended() == 0
    found.publish_everywhere()
    time.sleep(1)
    once.start("run", "--once")
    assert once.ended() == 0
    assert found.is_settled()
    worker.start("run")
    assert_soon(lambda: " started " in worker.said())
    once.start("run", "--once")
    assert once.ended() == 2
    assert "in use by another lexwatch" in once.said()
    found.publish_everywhere()
    assert found.wait_for(found.is_settled)
    found.assert_told_once()


def test_one_process_on_a_file_imports_nothing_of_the_queue() -> None:
    code = (
        "import sys, monitor.cli.running, monitor.service.service, monitor.service.scheduler, monitor.cli.check\n"
        "assert not {'procrastinate', 'psycopg'} & set(sys.modules), sorted(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_workers_share_a_database_that_a_copy_needs_alone(postgresql_url: str) -> None:
    with own_database(postgresql_url, shared=True), own_database(postgresql_url, shared=True):
        with pytest.raises(Occupied), own_database(postgresql_url):
            pass
    with own_database(postgresql_url), pytest.raises(Occupied), own_database(postgresql_url, shared=True):
        pass


def test_the_tables_of_the_queue_are_made_once_and_brought_up_to_date(postgresql_url: str) -> None:
    store = open_store(postgresql_url, rehearsal=False, now=NOW)
    try:
        install_schema(store)
        install_schema(store)
        with psycopg.connect(postgresql_url, autocommit=True) as connection:
            said = "SELECT obj_description(to_regnamespace(%s))"
            before = connection.execute(said, (SCHEMA,)).fetchone()
            last = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
            assert before is not None
            assert last in before[0]
            older = before[0].replace(f', "{last}"', "")
            connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{older}'")
            install_schema(store)
            assert connection.execute(said, (SCHEMA,)).fetchone() == before
    finally:
        store.close()


@pytest.mark.parametrize(
    ("taken_over", "requests", "revision"),
    [
        pytest.param(None, 1, 1, id="nobody took it over"),
        pytest.param("before", 0, 0, id="taken over before it could ask"),
        pytest.param("meanwhile", 1, 0, id="taken over while the publisher answered"),
    ],
)
def test_a_poll_that_was_taken_over_neither_asks_nor_records(
    postgresql_url: str, tmp_path: Path, taken_over: str | None, requests: int, revision: int
) -> None:
    """An older answer recorded after a newer one would read as if the publisher had taken something back."""
    store = open_store(postgresql_url, rehearsal=False, now=NOW)
    install_schema(store)
    asked: list[str] = []

    def answer(request: Request) -> Response:
        if taken_over == "before":
            give_up_everybody(postgresql_url)
        if request.go_ahead is not None:
            request.go_ahead()
        asked.append(request.url)
        if taken_over == "meanwhile":
            give_up_everybody(postgresql_url)
        return Response(200, request.url, {}, b"", NOW)

    class AskingWatcher(FakeWatcher):
        def poll(self, ask: PollRequest, http: Http) -> Iterator[Page]:
            http(Request("https://example.org/list"))
            yield Page(observations=(observation(BILL, title={"": {"text": "An act"}}),))

    try:
        with store.begin() as tx:
            job, worker = job_in_hand(tx, SCHEMA)
        settings = Settings(path=tmp_path / "config.toml", database=postgresql_url)
        watched = Audience((Watch("act", BILL, None),))
        sources = {"congress": ScheduledSource(AskingWatcher(), timedelta(minutes=15))}
        runtime = Runtime(
            store, watched, ManualClock(NOW), settings=settings, http=answer, sources=sources, notifiers={}
        )
        service = Service(runtime, lambda: settings, ShutdownSignals(), shared=True)
        service.poll("congress", Fence(job, worker, within=30.0))
        with store.read() as view:
            found, state = view.record(BILL), view.source("congress")
        assert len(asked) == requests
        assert (found.revision if found else 0) == revision
        assert (state is not None and state.checks == 1) is (taken_over is None)
    finally:
        store.close()


def give_up_everybody(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DELETE FROM {SCHEMA}.procrastinate_workers")
