"""Which worker runs which job, where several share one PostgreSQL database? procrastinate hands the jobs out.

What is due stands in our tables; a job only says "look now". Each worker looks once a second and puts a job into the
queue for whatever is due and has none: so nothing is lost with the queue, and there is nobody to elect. A job has the
name of its source or channel as its lock, so that no source is polled by two at once, and no channel sends twice.

A worker that gives no sign of life for `service.take_over` is given up: its jobs are removed, and made anew because
what they were for is still due. It may be alive and only cut off from the server, so it asks nothing without having
made sure, just before, that the job is still its own and that its last sign of life is fresh; and an answer has to come
before anybody could give it up. What it records begins with the same question, and so does each message that it sends
(decision 0096).

One configuration is in force: the one registered last. Jobs lie in queues that bear its digest. A worker with another
waits as long as one with that configuration lives, and the operator hears of it (decision 0097).
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status

from domain.errors import LexwatchError, Occupied, SchemaMismatch, StoreError, TakenOver, Unreachable
from domain.observation import Evidence
from domain.ports import Clock, DueWork, Http, Store, Transaction, WorkerState
from domain.records.detection import NewRevision
from domain.sources import Request, Response
from monitor.config.settings import Settings
from monitor.service.logs import log_event
from monitor.service.operator_alerts import alert_configuration_drift
from monitor.service.process import ShutdownSignals, exit_at_once
from monitor.service.runtime import Runtime
from monitor.service.service import FAILED, GRACE_SECONDS, NOW, STORE_PAUSE, Service
from storage.location import CONNECTING, SCHEMA_VERSIONS, explaining
from storage.ownership import own_database
from storage.store import WRITE_LOCK, DatabaseStore

SCHEMA = "lexwatch_jobs"
"""The schema in which procrastinate's tables lie: apart from ours, in the same database."""

AT_ONCE = {"polls": 24, "delivery": 16, "upkeep": 2}
"""How many jobs of each queue one process has in hand: what they do is mostly wait."""

LOOK_EVERY = 1.0
"""Seconds between two looks at what is due."""

MOST_POLLS = 500
"""Polls that wait in the queue at once; the others are found again a second later."""

MOST_ROUNDS = 20
"""Batches that one job sends by its channel; then it is another's turn."""

PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before the server is tried again; the last for as long as it takes."""

GONE = timedelta(days=1)
"""How long `lexwatch check` still lists a worker that says nothing."""

DRIFT_PATIENCE = timedelta(minutes=2)
"""How long the machines may differ before the operator hears of it: a change reaches them one after the other."""

_WAITING = """
    SELECT id, lock, queue_name, status, worker_id FROM procrastinate_jobs
    WHERE status IN ('todo', 'doing') AND (lock = ANY(%(locks)s) OR NOT queue_name = ANY(%(queues)s))
"""

Opening = Callable[..., Runtime]

log = logging.getLogger("lexwatch")


def run_shared(
    settings: Settings,
    opening: Opening,
    reload: Callable[[], Settings],
    signals: ShutdownSignals,
    queues: Sequence[str],
) -> int:
    """Be one of the workers on a server until asked to stop; returns the exit status.

    A server that is away is tried again for as long as it takes, said once, and so is one that somebody needs alone
    when it is back; a wrong password or database, a newer schema and another installation's record end it
    (StoreError). A changed configuration begins anew with it; one that was changed while the server was away is read
    when it is back. Whoever stood by goes on to do so after the server was away.
    """
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # what fails there is said once, here
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    failures, register = 0, True
    before: JobQueue | None = None
    while not signals.stopping.is_set():
        began = time.monotonic()
        try:
            with _opened(settings, opening, reload, signals, register) as service:
                if failures:
                    log_event(log, "database", state="ok")
                if before is not None:
                    service.configured = before.service.configured
                elif failures:
                    service.configured = None  # nobody looked at the file since it was read
                queue = before = JobQueue(service, queues, stands_by=not register)
                try:
                    queue.run()
                except SchemaMismatch as error:
                    log_event(log, "database", level=logging.ERROR, state="lost", error=error)
                    _leave_behind(FAILED)
                    raise
                finally:
                    register = not queue.stands_by
                if queue.changed is not None:
                    settings, register = queue.changed, True
        except (Unreachable, Occupied) as error:
            if isinstance(error, Occupied) and before is None:
                raise
            failures = 0 if time.monotonic() - began > sum(PAUSES) else failures
            if not failures:
                log_event(log, "database", level=logging.ERROR, state="unreachable, trying again", error=error)
            signals.stopping.wait(PAUSES[min(failures, len(PAUSES) - 1)])
            failures += 1
    _leave_behind(0)
    log_event(log, "stopped", finished=True)
    return 0


def _leave_behind(status: int) -> None:
    """Wait for what is in hand as long as a stop may take, and end without what is not finished then: others will
    notice."""
    end = time.monotonic() + GRACE_SECONDS
    for thread in threading.enumerate():
        if thread.name.startswith("queue"):
            thread.join(max(0.0, end - time.monotonic()))
    if any(thread.name.startswith("queue") for thread in threading.enumerate()):
        log_event(log, "stopped", finished=False)
        exit_at_once(status)


@contextmanager
def _opened(
    settings: Settings, opening: Opening, reload: Callable[[], Settings], signals: ShutdownSignals, register: bool
) -> Iterator[Service]:
    with own_database(settings.database, shared=True) as still_owned:
        runtime = opening(settings, server_clock=ServerClock, register=register)
        try:
            service = Service(runtime, reload, signals, shared=True)
            service.check_owner = still_owned
            yield service
        finally:
            runtime.store.close()


class ServerClock:
    """The clock of the database server, by which all workers go: their own may differ by minutes. Under `--now` it is
    the simulated one. Read again now and then by `adjust`; between two readings this machine counts the seconds."""

    def __init__(self, store: DatabaseStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._read: tuple[datetime, float] | None = None
        self.adjust()

    def adjust(self) -> None:
        """Read the server's clock; a reading that took long tells nothing."""
        asked = time.monotonic()
        found = self._store.server_time()
        if found is not None and (self._read is None or time.monotonic() - asked < LOOK_EVERY):
            self._read = found, asked

    def __call__(self) -> datetime:
        if self._read is None or self._store.is_rehearsal:
            return self._clock()
        at, since = self._read
        return at + timedelta(seconds=time.monotonic() - since)


@dataclass(frozen=True, slots=True)
class Fence:
    """Keeps whoever was given up from doing more: a job of the queue, the worker that has it, and how many seconds old
    its last sign of life may be."""

    job: int
    worker: int
    within: float

    def __call__(self, runtime: Runtime) -> Runtime:
        store = cast(Store, _FencedStore(runtime.store, self))
        return replace(runtime, store=store, http=partial(self._ask, runtime.http, runtime.store))

    def _ask(self, http: Http, store: Store, request: Request) -> Response:
        return http(replace(request, go_ahead=partial(self._demand, store)))

    def _demand(self, store: Store) -> None:
        with store.read() as view:
            if not view.has_job(self.job, self.worker, self.within):
                raise TakenOver("another worker may have been given this source meanwhile")


@dataclass(frozen=True, slots=True)
class _FencedStore:
    store: Store
    fence: Fence

    @contextmanager
    def begin(self, ahead: Sequence[NewRevision | Evidence] = (), *, alone: bool = True) -> Iterator[Transaction]:
        with self.store.begin(ahead, alone=alone) as tx:
            tx.demand_job(self.fence.job, self.fence.worker)
            yield tx

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


class JobQueue:
    """One connection of this process to the queue, until it breaks, the configuration changes, or all shall end.

    `stands_by` says that another configuration is in force elsewhere, `changed` holds a new one of this machine.
    """

    def __init__(self, service: Service, queues: Sequence[str], *, stands_by: bool = False) -> None:
        self.service = service
        self.store = cast(DatabaseStore, service.runtime.store)
        self.stands_by = stands_by
        self.changed: Settings | None = None
        service.take_up = self._take_up
        settings = service.runtime.settings
        self._takes = tuple(queues)
        self._queues = {name: f"{name} {settings.digest[:12]}" for name in AT_ONCE}
        self._take_over = settings.take_over.total_seconds()
        self._configured_at = service.runtime.clock()
        self._differs_since: datetime | None = None
        self._waits_since: datetime | None = None
        self._lived_at = 0.0
        self._ids: set[int] = set()
        self._in_hand: set[int] = set()
        self._idle: set[int] = set()
        self._rests: dict[str | None, float] = {}
        self._over = threading.Event()
        self._failure: LexwatchError | None = None
        self._stop: Callable[[], object] = lambda: None
        self._own_jobs: Mapping[str, Callable[[], timedelta]] = {
            "time triggers": service.check_time_triggers,
            "coverage reports": service.send_coverage_reports,
            "heartbeat": service.ask_switch,
            "removed channels": service.check_orphans,
        }
        self._app = self._make_app()

    def run(self) -> None:
        """Run jobs; returns when this process is to stop or has another configuration. Unreachable when the server is
        away, another StoreError when the database is not ours to write any more."""
        with explaining(self.store.location):
            install_schema(self.store)
        with self.store.begin() as tx:
            tx.add_sources(self.service.runtime.sources)
        self.service.say_started()
        stopping = self.service.signals.stopping
        thread = threading.Thread(target=self._run_loop, name="queue", daemon=True)
        thread.start()
        while not self._over.wait(0.2) and not stopping.is_set():
            pass
        self._stop()
        if stopping.is_set():
            log_event(log, "stopping")
            _leave_behind(0)
        elif self._failure is not None:
            raise self._failure
        elif self.changed is None:
            raise Unreachable(f"{self.store.location}: the connection to the queue ended")

    # -- the queue's side: one thread with its own event loop

    def _make_app(self) -> procrastinate.App:
        options = f"-c search_path={SCHEMA} -c client_min_messages=warning"
        connector = procrastinate.PsycopgConnector(
            conninfo=self.store.location.url,
            kwargs={"options": options, "application_name": "lexwatch queue", **CONNECTING},
            min_size=1,
            max_size=4,
            timeout=10.0,
        )
        app = procrastinate.App(connector=connector)
        for name, task in (("poll", self._poll), ("dispatch", self._dispatch), ("own", self._run_own)):
            app.task(name=name, pass_context=True)(partial(self._run, task))
        return app

    def _run_loop(self) -> None:
        try:
            asyncio.run(self._serve())
        except (ConnectorException, OSError) as error:
            self._fail(Unreachable(f"{self.store.location}: the connection to the queue broke ({error})"))
        finally:
            self._over.set()

    async def _serve(self) -> None:
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        self._stop = partial(_call_soon, loop, over.set)
        loop.set_default_executor(ThreadPoolExecutor(sum(AT_ONCE.values()) + 2, "queue"))
        async with self._app.open_async():
            work = [asyncio.create_task(self._work(name)) for name in self._takes]
            tasks = [*work, asyncio.create_task(self._look_for_ever()), asyncio.create_task(over.wait())]
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                if isinstance(error := task.exception(), StoreError):
                    self._fail(error)
                elif error is not None and not isinstance(error, ConnectorException):
                    log_event(log, "fault", level=logging.ERROR, during="queue", error=repr(error))
            self._over.set()  # what is in hand ends by itself: nobody waits for it
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _fail(self, error: LexwatchError) -> None:
        self._failure = self._failure or error

    async def _work(self, name: str) -> None:
        await self._app.run_worker_async(
            queues=[self._queues[name]],
            name=name,
            concurrency=AT_ONCE[name],
            fetch_job_polling_interval=LOOK_EVERY,
            delete_jobs="always",
            install_signal_handlers=False,
            update_heartbeat_interval=self._take_over / 15,
            stalled_worker_timeout=self._take_over,
        )

    async def _look_for_ever(self) -> None:
        while True:
            found = await asyncio.to_thread(self._look)
            await self._give_up_the_silent()
            if found is not None:
                await self._defer(found)
            await asyncio.sleep(LOOK_EVERY)

    async def _give_up_the_silent(self) -> None:
        """Remove the jobs of workers without a sign of life. Such a worker is removed first, in one step with the look
        at its last sign: from then on it finds no job of its own, whatever it does."""
        manager = self._app.job_manager
        await manager.prune_stalled_workers(self._take_over)
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=self._take_over):
            if job.worker_id is None:
                log_event(log, "taken_over", level=logging.WARNING, job=job.lock)
                with suppress(ConnectorException):  # another worker was quicker
                    await manager.finish_job(job, Status.ABORTED, delete_job=True)

    async def _defer(self, wanted: Sequence[Job]) -> None:
        """Put these jobs into the queue, but for those that are there; remove what was meant for a configuration that
        is not in force any more."""
        manager = self._app.job_manager
        found = await self._app.connector.execute_query_all_async(
            _WAITING, locks=[job.lock for job in wanted], queues=list(self._queues.values())
        )
        for row in found:
            if row["status"] == "todo" and row["queue_name"] not in self._queues.values():
                await manager.cancel_job_by_id_async(row["id"], delete_job=True)
        await self._remove_forgotten(found)
        there = {row["lock"] for row in found}
        new = [job for job in wanted if job.lock not in there]
        if new:
            with suppress(AlreadyEnqueued):  # another worker looked at the same moment
                await manager.batch_defer_jobs_async(new)

    async def _remove_forgotten(self, found: Sequence[Mapping[str, Any]]) -> None:
        """Remove our own jobs that ended without their end on record: the connection broke just then. One that has only
        just begun or ended is seen so once, but not twice."""
        ours = {row["id"]: row for row in found if row["status"] == "doing" and row["worker_id"] in self._ids}
        idle = set(ours) - self._in_hand
        for job in idle & self._idle:
            log_event(log, "taken_over", level=logging.WARNING, job=ours[job]["lock"])
            row = ours[job]
            forgotten = Job(id=job, queue=row["queue_name"], lock=None, queueing_lock=None, task_name=row["lock"])
            with suppress(ConnectorException):
                await self._app.job_manager.finish_job(forgotten, Status.ABORTED, delete_job=True)
        self._idle = idle

    # -- our side: in threads

    def _look(self) -> Sequence[Job] | None:
        """Look at the database, the other workers and the configuration; returns the jobs for what is due, None while
        this worker stands by. What passes by itself is logged and looked at again."""
        service = self.service
        try:
            service.check_owner()
            self.store.check_still_there()
            cast(ServerClock, service.runtime.clock).adjust()
            service.take_up_configuration()
            now = service.runtime.clock()
            with self.store.read() as view:
                work, workers = view.due_work(now), view.workers()
            self._judge(work, workers, now)
            if time.monotonic() >= self._lived_at:
                self._lived_at = time.monotonic() + self._take_over / 15
                self._live(workers, now)
            return None if self.stands_by else self._jobs(work, now)
        except (Unreachable, SchemaMismatch):
            raise
        except StoreError as error:
            log_event(log, "store", level=logging.ERROR, during="queue", error=error)
            return None

    def _take_up(self, settings: Settings) -> None:
        self.changed = settings
        self._stop()

    def _judge(self, work: DueWork, workers: Sequence[WorkerState], now: datetime) -> None:
        """Stand by while a worker lives whose configuration is in force and is not ours; one that has just put it in
        force may not have said so yet."""
        ours = self.service.runtime.settings.digest
        alive = {worker.configuration for worker in workers if self._is_alive(worker, now)}
        if work.configuration == ours:
            self._waits_since = None
        elif self._waits_since is None or work.configuration in alive:
            self._waits_since = now
        waits = self._waits_since is not None and now - self._waits_since < timedelta(seconds=self._take_over)
        stands_by = work.configuration != ours and waits
        if stands_by != self.stands_by:
            state = "stands by: another configuration is in force" if stands_by else "works"
            log_event(log, "worker", level=logging.WARNING, state=state)
        if not stands_by and work.configuration != ours:
            self._take_up(self.service.runtime.settings)  # nobody is left who has the other
        self.stands_by = stands_by

    def _is_alive(self, worker: WorkerState, now: datetime) -> bool:
        return now - worker.seen_at < timedelta(seconds=self._take_over)

    def _live(self, workers: Sequence[WorkerState], now: datetime) -> None:
        """Give a sign of life with the digest of our configuration, and see whether all have the same."""
        me = WorkerState(
            f"{socket.gethostname()}/{os.getpid()}",
            now,
            self._configured_at,
            self.service.runtime.settings.digest,
            SCHEMA_VERSIONS[-1],
            self._takes,
        )
        alive = [me, *(one for one in workers if one.name != me.name and self._is_alive(one, now))]
        if len({one.configuration for one in alive}) < 2:
            self._differs_since = None
        elif self._differs_since is None:
            self._differs_since = now
        with self.store.begin(alone=False) as tx:
            tx.save_worker(me)
        if any(now - one.seen_at > GONE for one in workers):
            with self.store.begin() as tx:
                tx.forget_workers(now - GONE)
        patience = timedelta(seconds=self._take_over) if self._differs_since is None else DRIFT_PATIENCE
        if not self.stands_by and now - (self._differs_since or self._configured_at) >= patience:
            # Before all could have given a sign of life again nothing says that they are the same.
            alert_configuration_drift(alive, self.service.runtime)

    def _jobs(self, work: DueWork, now: datetime) -> list[Job]:
        runtime = self.service.runtime
        polls = [name for name in work.sources if name in runtime.sources][:MOST_POLLS]
        own = [name for name in self._own_jobs if work.jobs.get(name, now) <= now]
        if work.holds:
            own.append("holds")
        if self._differs_since is not None and "removed channels" in own:
            own.remove("removed channels")  # it may be configured elsewhere
        jobs = (
            *(self._job("delivery", "dispatch", name) for name in work.channels if name in runtime.notifiers),
            *(self._job("upkeep", "own", name) for name in own),
            *(self._job("polls", "poll", name) for name in polls),
        )
        return [job for job in jobs if self._rests.get(job.lock, 0.0) <= time.monotonic()]

    def _job(self, queue: str, task: str, name: str) -> Job:
        lock = f"{task} {name}"
        return Job(queue=self._queues[queue], lock=lock, queueing_lock=lock, task_name=task, task_kwargs={"name": name})

    def _run(self, task: Callable[[Fence, str], timedelta], context: procrastinate.JobContext, name: str) -> None:
        """Run a job, unless this connection is over: then it is somebody else's by now."""
        job, worker = context.job.id, context.job.worker_id
        assert job is not None
        assert worker is not None
        self._ids.add(worker)
        self._in_hand.add(job)
        try:
            if not self._over.is_set():
                fence = Fence(job, worker, within=self._take_over / 6)
                if self.service.guarded(name, partial(task, fence, name)) == STORE_PAUSE:
                    # What it asked for could not be written: it is still due, and would be asked again at once.
                    self._rests[context.job.lock] = time.monotonic() + STORE_PAUSE.total_seconds()
        finally:
            self._in_hand.discard(job)

    def _poll(self, fence: Fence, name: str) -> timedelta:
        return self.service.poll(name, fence)

    def _dispatch(self, _: Fence, name: str) -> timedelta:
        """Send all that a channel has to send. Whatever is in somebody's hands is so no more: the lock is ours."""
        service, rounds = self.service, 0
        if service.release_channel(name) == NOW:
            while rounds < MOST_ROUNDS and not self.stands_by and service.dispatch(name) == NOW:
                rounds += 1
        return NOW

    def _run_own(self, _: Fence, name: str) -> timedelta:
        if name == "holds":
            return self.service.recheck_holds()
        pause = max(self._own_jobs[name](), timedelta(seconds=LOOK_EVERY))
        with self.store.begin(alone=False) as tx:
            tx.plan(name, self.service.runtime.clock() + pause)
        return pause


def _call_soon(loop: asyncio.AbstractEventLoop, task: Callable[[], object]) -> None:
    with suppress(RuntimeError):  # the loop has ended already
        loop.call_soon_threadsafe(task)


def install_schema(store: DatabaseStore) -> None:
    """Make procrastinate's tables, or bring them up to date; one worker does it, the others find it done.

    Which of its migrations are in stands in the comment of the schema.
    """
    files = Path(procrastinate.__file__).with_name("sql")
    known = sorted(path.name for path in (files / "migrations").glob("*.sql"))
    with store.engine.connect() as connection, connection.begin():
        driver: Any = connection.connection.driver_connection
        driver.execute("SELECT pg_advisory_xact_lock(%s)", (WRITE_LOCK + 2,))
        row = driver.execute("SELECT obj_description(to_regnamespace(%s))", (SCHEMA,)).fetchone()
        done = json.loads(row[0]) if row and row[0] else None
        missing = known if done is None else [name for name in known if name not in done]
        if not missing:
            return
        driver.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        driver.execute(f"SET LOCAL search_path = {SCHEMA}")
        for path in [files / "schema.sql"] if done is None else [files / "migrations" / name for name in missing]:
            driver.execute(path.read_text())
        said = json.dumps(sorted({*known, *(done or ())}))
        driver.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{said}'")
