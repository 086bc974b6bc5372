"""Which worker runs which job, where several share one PostgreSQL database? procrastinate hands the jobs out.

What is due stands in our tables; a job only says "look now". Each worker looks at it again and again and puts a job
into the queue for whatever is due and has none: so nothing is lost with the queue, and there is nobody to elect. A job
has the name of its source or channel as its lock, so that no source is polled by two at once, and no channel sends
twice.

A worker that gives no sign of life for `service.take_over` is given up: its jobs are removed, and made anew because
what they were for is still due. What keeps it from doing more, and whose configuration is in force, stands in
`monitor.service.workers`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import procrastinate
import psycopg
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status

from domain.errors import LexwatchError, Locked, Occupied, SchemaMismatch, StoreError, Unreachable
from domain.ports import DueWork
from monitor.config.settings import Settings
from monitor.http.client import HttpClient
from monitor.service.logs import log_event
from monitor.service.process import NOW, ShutdownSignals, exit_at_once
from monitor.service.runtime import Runtime
from monitor.service.service import FAILED, GRACE_SECONDS, STORE_PAUSE, Service
from monitor.service.workers import Fence, ServerClock, Standing
from storage.location import CONNECTING, application_name, explaining, worker_name
from storage.ownership import own_database
from storage.store import WRITE_LOCK, DatabaseStore

SCHEMA = "lexwatch_jobs"
"""The schema in which procrastinate's tables lie: apart from ours, in the same database."""

AT_ONCE = {"polls": 24, "delivery": 16, "upkeep": 2}
"""How many jobs of each queue one process has in hand: what they do is mostly wait."""

LOOK_EVERY, FETCH_EVERY = 1.0, 5.0
"""Seconds between two looks at what is due, while anything is; and between two searches for a job that no notification
announced."""

MOST_POLLS = 500
"""Polls that wait in the queue at once; the others are found again a second later."""

MOST_ROUNDS = 20
"""Batches that one job sends by its channel; then it is another's turn."""

PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before the server is tried again; the last for as long as it takes."""

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

    A server that is away is tried again for as long as it takes, said once, and so is one where a lock is kept, or that
    somebody needs alone when it is back; a wrong password or database, a newer schema and another installation's
    record end it (StoreError). A changed configuration begins anew with it; one that was changed while the server was
    away is read when it is back. Whoever stood by goes on to do so after the server was away.
    """
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # what fails there is said once, here
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
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
        except (Unreachable, Occupied, Locked) as error:
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


class JobQueue:
    """One connection of this process to the queue, until it breaks, the configuration changes, or all shall end.

    `changed` holds a new configuration of this machine.
    """

    def __init__(self, service: Service, queues: Sequence[str], *, stands_by: bool = False) -> None:
        self.service = service
        self.store = cast(DatabaseStore, service.runtime.store)
        self.changed: Settings | None = None
        service.take_up = self._take_up
        settings = service.runtime.settings
        self._takes = tuple(queues)
        self._queues = {name: f"{name} {settings.digest[:12]}" for name in AT_ONCE}
        self._take_over = settings.take_over.total_seconds()
        self._pause = LOOK_EVERY
        self._standing = Standing(service.runtime, self._takes, self._take_over, stands_by=stands_by)
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

    @property
    def stands_by(self) -> bool:
        """Say whether another configuration is in force elsewhere."""
        return self._standing.stands_by

    def run(self) -> None:
        """Run jobs; returns when this process is to stop or has another configuration. Unreachable when the server is
        away, another StoreError when the database is not ours to write any more."""
        with explaining(self.store.location):
            install_schema(self.store)
        if isinstance(http := self.service.runtime.http, HttpClient):
            http.share_turns(self.store.take_turn)
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
            kwargs={"options": options, "application_name": application_name(worker_name()), **CONNECTING},
            configure=_commit_each_statement,
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
            fetch_job_polling_interval=FETCH_EVERY,
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
            await asyncio.sleep(self._pause)

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
            if self._standing.judge(work.configuration, workers, now):
                self._take_up(service.runtime.settings)  # nobody is left who has the other
            self._standing.end_silent(workers, now)
            self._standing.live(workers, now)
            self._pause = LOOK_EVERY
            if self.stands_by:
                return None
            jobs = self._jobs(work, now)
            if not jobs:
                coming = [work.next_at, *(at for name, at in work.jobs.items() if name in self._own_jobs)]
                self._pause = idle_pause(coming, now, self._take_over / 15)
            return jobs
        except (Unreachable, SchemaMismatch):
            raise
        except StoreError as error:
            log_event(log, "store", level=logging.ERROR, during="queue", error=error)
            return None

    def _take_up(self, settings: Settings) -> None:
        self.changed = settings
        self._stop()

    def _jobs(self, work: DueWork, now: datetime) -> list[Job]:
        runtime = self.service.runtime
        polls = [name for name in work.sources if name in runtime.sources][:MOST_POLLS]
        own = [name for name in self._own_jobs if work.jobs.get(name, now) <= now]
        if work.holds:
            own.append("holds")
        if self._standing.differs and "removed channels" in own:
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

    def _dispatch(self, _fence: Fence, name: str) -> timedelta:
        """Send all that a channel has to send. Whatever is in somebody's hands is so no more: the lock is ours."""
        pause = self.service.release_channel(name)
        for _ in range(MOST_ROUNDS):
            if pause > NOW or self.stands_by:
                break
            pause = self.service.dispatch(name)
        return pause

    def _run_own(self, _: Fence, name: str) -> timedelta:
        if name == "holds":
            return self.service.recheck_holds()
        pause = max(self._own_jobs[name](), timedelta(seconds=LOOK_EVERY))
        with self.store.begin(only=()) as tx:
            tx.plan(name, self.service.runtime.clock() + pause)
        return pause


def idle_pause(coming: Iterable[datetime | None], now: datetime, longest: float) -> float:
    """Return the seconds until the next look where no job is wanted: until something is due, but no longer than the
    `longest`, for what others put there meanwhile. A source that is configured no more may be due for ever."""
    seconds = [(at - now).total_seconds() for at in coming if at is not None and at > now]
    return max(LOOK_EVERY, min((longest, *seconds)))


async def _commit_each_statement(connection: psycopg.AsyncConnection[Any]) -> None:
    """Let no transaction be open between two statements: a process that is frozen there would keep its rows, such as
    its sign of life, from whoever takes over."""
    await connection.set_autocommit(True)


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
        driver.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        driver.execute(f"SET LOCAL search_path = {SCHEMA}")
        driver.execute("CREATE UNLOGGED TABLE IF NOT EXISTS host_turn (host text PRIMARY KEY, next_at timestamptz)")
        if not missing:
            return
        for path in [files / "schema.sql"] if done is None else [files / "migrations" / name for name in missing]:
            driver.execute(path.read_text())
        said = json.dumps(sorted({*known, *(done or ())}))
        driver.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{said}'")
