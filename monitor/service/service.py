"""What does the running service do, job by job? And its one-shot form for cron.

When which job runs is decided elsewhere: by `monitor.service.scheduler` in one process, by `monitor.service.queue` in
the several that share a PostgreSQL database. Sources are polled and messages sent by two pools of threads, so that a
source that hangs or a channel that is dead delays nobody; a third does what needs no waiting.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from domain.errors import ConfigError, StoreError, TakenOver, Unreachable
from domain.ports import Clock
from domain.sources import SourceState, is_due
from monitor.config.settings import Settings
from monitor.config.watch_tables import sessions_searched
from monitor.service.coverage_reports import CoverageReports
from monitor.service.digests import send_portfolio_reports
from monitor.service.dispatch import ChannelSender, of_channel, reapply_holds
from monitor.service.failpoints import hit
from monitor.service.logs import log_event, log_poll, log_standings, somebody_watches
from monitor.service.operator_alerts import (
    alert_database_lost,
    config_accepted,
    config_refused,
    handle_orphaned_deliveries,
)
from monitor.service.poll import Poll, PollOutcome
from monitor.service.process import (
    MINUTE,
    NOW,
    SECOND,
    Heartbeat,
    ShutdownSignals,
    WorkerPool,
    exit_at_once,
    heartbeat_of,
)
from monitor.service.runtime import Runtime, build_runtime, open_runtime
from monitor.service.time_triggers import TimeTriggers
from storage.location import locate
from storage.ownership import own_database

if TYPE_CHECKING:
    from monitor.service.scheduler import JobScheduler

QUEUES = ("polls", "delivery", "upkeep")
"""What a worker can take: polls of sources, sending by channels, and the service's own jobs."""

GRACE_SECONDS = 8.0
STORE_PAUSE = timedelta(seconds=15)
"""How long a job rests after the database could not be read or written."""

FAILED = 2
"""The exit status of a service whose database went away."""

ROUNDS = 2
"""How often one run looks for messages: for what is due, then for what the operator is alerted of that. A receiver that
asks for a second's patience each time would keep it from ending."""

SOURCE_WORKERS, MOST_SOURCE_WORKERS = 8, 128
STUCK_SECONDS = 3.0
"""A source that is in hand for longer does not count against the pool, so that those that hang delay nobody."""

ORPHANS_EVERY = 600.0
"""Seconds between two looks for messages whose channel is gone."""

log = logging.getLogger("lexwatch")


def run_service(
    settings: Settings,
    *,
    clock: Clock,
    rehearsal: bool,
    once: bool = False,
    reload: Callable[[], Settings],
    signals: ShutdownSignals | None = None,
    marker: Path | None = None,
    new_record: bool = False,
    queues: Sequence[str] = QUEUES,
) -> int:
    """Run the service until it is asked to stop, or once over all that is due. Returns the exit status.

    `signals` are those of a caller who handles them; without, nobody asks it to stop. `marker` is the file that
    remembers this database: one that was here and is not now is refused, unless a `new_record` is wanted. On a
    PostgreSQL server others may run beside it; `queues` says which jobs it takes.
    """
    signals = signals or ShutdownSignals()
    if once:
        settings = msgspec.structs.replace(settings, burst=timedelta(0))  # nothing comes that a message could wait for
    opening = partial(open_runtime, clock=clock, rehearsal=rehearsal, marker=marker, new_record=new_record)
    if locate(settings.database).file is None and not once:
        from monitor.service.queue import run_shared  # procrastinate is only needed here

        return run_shared(settings, opening, reload, signals, queues)
    with own_database(settings.database, marker=marker, new_record=new_record):
        runtime = opening(settings)
        try:
            _release_leases(runtime)
            service = Service(runtime, reload, signals)
            return service.run_once() if once else service.run()
        finally:
            runtime.store.close()


def _release_leases(runtime: Runtime, channel: str | None = None) -> None:
    """Free what the last owner of this database, or of one channel, had in hand when it ended."""
    with runtime.store.begin(only=None if channel is None else of_channel(channel)) as tx:
        for delivery in tx.release(runtime.clock(), channel):
            log_event(log, "released", delivery=delivery.id, channel=delivery.channel, state=delivery.state)


_SHOWN_AT_START = 20
"""Documents of a source of which it is said on a terminal where they stand when it is first read."""


class Service:
    """A running installation: what is in hand, and the configuration in force. A job returns the pause until it wants
    to run again. `shared` says that other processes work on the same record: what they do is read anew each time."""

    def __init__(
        self, runtime: Runtime, reload: Callable[[], Settings], signals: ShutdownSignals, *, shared: bool = False
    ) -> None:
        self.runtime = runtime
        self.reload = reload
        self.signals = signals
        self.shared = shared
        threads = (0, 0, 0) if shared else (_source_workers(runtime), _channel_workers(runtime), 1)
        self.source_pool = WorkerPool("source", threads[0])
        self.channel_pool = WorkerPool("channel", threads[1])
        self.upkeep_pool = WorkerPool("upkeep", threads[2])
        self.heartbeat_pool = WorkerPool("heartbeat", threads[2])
        self.states = {} if shared else _load_states(runtime)
        self.quiet: list[SourceState] = []
        self.failing_channels: set[str] = set()
        self.shown: set[str] = set()
        self.minute_at = self.orphans_at = 0.0
        self.time_triggers = TimeTriggers()
        self.coverage_reports = CoverageReports()
        self.heartbeat = heartbeat_of(runtime.settings.heartbeat)
        self.troubles = 0
        self.lock = threading.Lock()
        self.configured = _stamp(runtime)
        self.lost: StoreError | None = None
        self.reschedule: Callable[[], None] = lambda: None
        self.take_up: Callable[[Settings], None] = self._take_up
        self.check_owner: Callable[[], None] = lambda: None

    def run(self) -> int:
        """Run every job when it is due until SIGTERM or SIGINT; finish or release what is in hand, then return 0.
        StoreError when the database went away."""
        from monitor.service.scheduler import JobScheduler  # a single run does without APScheduler

        scheduler = JobScheduler((self.source_pool, self.channel_pool, self.upkeep_pool))
        self.reschedule = partial(self._schedule, scheduler)
        self.say_started()
        self.reschedule()
        scheduler.start()
        while not self.signals.stopping.wait(1.0):
            scheduler.notice_clock_step()
        log_event(log, "stopping")
        scheduler.stop()
        self._stop()
        if self.lost is not None:
            raise self.lost
        return 0

    def say_started(self) -> None:
        """Log that the service runs, and that its configuration is good."""
        config_accepted(self.runtime)
        log_event(log, "started", sources=len(self.runtime.sources), watches=len(self.runtime.audience.watches))

    def run_once(self) -> int:
        """Poll all that is due, send all that is due, and say whether everything went well (0) or not (1). StoreError
        when the database went away."""
        for name in self.runtime.sources:
            self.source_pool.submit(partial(self.poll, name))
        self._await(self.source_pool)
        for job in (self.keep_up, self.check_time_triggers, self.send_coverage_reports, self.recheck_holds):
            job()
        for _ in range(ROUNDS):
            begun = self.runtime.clock()
            while not self.signals.stopping.is_set() and self.dispatch_all(begun):
                pass
        self._stop()
        if self.lost is not None:
            raise self.lost
        return 1 if self.troubles else 0

    def _schedule(self, scheduler: JobScheduler) -> None:
        """Have a job for each source and channel of the configuration in force, and the service's own."""
        own = {
            "time triggers": self.check_time_triggers,
            "coverage reports": self.send_coverage_reports,
            "holds": self.recheck_holds,
            "heartbeat": self.check_heartbeat,
            "upkeep": self.keep_up,
        }
        now = self.runtime.clock()
        sources = {f"source {name}": name for name in self.runtime.sources}
        channels = {f"channel {name}": name for name in self.runtime.notifiers}
        scheduler.keep_only({*own, *sources, *channels})
        for job, task in own.items():
            scheduler.add(job, task, self.upkeep_pool)
        for job, name in sources.items():
            scheduler.add(job, partial(self.poll, name), self.source_pool, _until_due(self.states[name], now))
        for job, name in channels.items():
            scheduler.add(job, partial(self.dispatch, name), self.channel_pool)

    # -- the jobs

    def poll(self, name: str, fenced: Callable[[Runtime], Runtime] = lambda runtime: runtime) -> timedelta:
        """Poll one source if it is due. Whatever its reader raises counts as a failure of the source.

        `fenced` keeps the poll from asking or recording anything once its source was given to another worker.
        """
        runtime = fenced(self.runtime)
        scheduled = runtime.sources.get(name)
        if scheduled is None:  # taken out of the configuration while it stood in the queue
            return MINUTE
        if self.shared and (pause := self.guarded(name, partial(self._read_state, name))) > NOW:
            return pause
        poll = Poll(self.states[name], scheduled, runtime.http, runtime)
        if not is_due(poll.state, runtime.clock()):
            return _until_due(poll.state, runtime.clock())
        pause = self.guarded(
            name,
            partial(self._poll, name, poll.run, runtime),
            lambda e: self._poll(name, partial(poll.fail, e), runtime),
        )
        return pause or _until_due(self.states[name], runtime.clock())

    def _read_state(self, name: str) -> timedelta:
        with self.runtime.store.read(single=True) as view:
            self.states[name] = view.source(name) or SourceState(name)
        return NOW

    def _poll(self, name: str, run: Callable[[], PollOutcome], runtime: Runtime) -> timedelta:
        started = time.monotonic()
        outcome = run()
        if outcome.quiet and self.shared:
            with runtime.store.begin(only=()) as tx:
                tx.save_poll_times([outcome.source])
        with self.lock:
            self.states[name] = outcome.source
            if outcome.quiet and not self.shared:
                self.quiet.append(outcome.source)
            self.troubles += not outcome.went_well
        if outcome.revisions:
            self.time_triggers.invalidate()
        if outcome.error is None and name not in self.shown and somebody_watches():
            self.shown.add(name)
            self._show(name, outcome.source, runtime)
        log_poll(name, outcome, time.monotonic() - started)
        return NOW

    def _show(self, name: str, source: SourceState, runtime: Runtime) -> None:
        """Say on a terminal where the first watched documents of a source stand: a quiet one shows nothing else."""
        watched = list(runtime.audience.asked_of(name, runtime.sources[name].watcher.handles))[:_SHOWN_AT_START]
        with runtime.store.read() as tx:
            known = tx.records(watched)
        log_standings((known[one] for one in watched if one in known), runtime.clock(), source.due_at)

    def dispatch(self, name: str, now: datetime | None = None) -> timedelta:
        """Send what one channel has to send now; `now` is the moment up to which messages count as due."""
        return self.guarded(name, partial(self._dispatch, name, now))

    def _dispatch(self, name: str, now: datetime | None) -> timedelta:
        notifier = self.runtime.notifiers.get(name)
        if notifier is None:
            return MINUTE
        stopping = self.signals.stopping.is_set
        return ChannelSender(notifier, self.runtime, self.guarded, stopping, self.failing_channels).run(now)

    def release_channel(self, name: str) -> timedelta:
        """Free what a worker had in hand when it was given up; nobody else may be sending by this channel now."""
        return self.guarded(name, partial(self._release_channel, name))

    def _release_channel(self, name: str) -> timedelta:
        with self.runtime.store.read(single=True) as view:
            leased = view.leased(name)
        if leased:
            _release_leases(self.runtime, name)
        return NOW

    def check_time_triggers(self) -> timedelta:
        """Record what the passing of time alone has made true."""
        if self.shared:
            self.time_triggers.invalidate()  # what other workers saw
        return self.guarded("time triggers", lambda: self.time_triggers.check(self.runtime.sources, self.runtime))

    def send_coverage_reports(self) -> timedelta:
        """Say what was counted, and where everything followed stands, to the channels whose hour has come."""
        runtime = self.runtime
        wanted = {name: at for name, at in runtime.settings.receipts.items() if name in runtime.notifiers}
        report = partial(self.coverage_reports.check, wanted, runtime.sources, runtime)
        portfolios = partial(send_portfolio_reports, runtime.settings, runtime)
        return min(self.guarded("coverage reports", report), self.guarded("portfolio reports", portfolios))

    def recheck_holds(self) -> timedelta:
        """Release what was held until now; a mute that comes or goes earlier is applied by whoever sets it."""
        return self.guarded("holds", self._recheck_holds)

    def _recheck_holds(self) -> timedelta:
        runtime = self.runtime
        with runtime.store.read(single=True) as view:
            over = view.has_ended_hold(runtime.clock())
        if over:
            reapply_holds(runtime.store, runtime.clock, partial(hit, "service.settled"))
        return SECOND

    def ask_switch(self) -> timedelta:
        """Ask the dead-man's switch, for the database can be locked for writing: that this job runs at all says that
        jobs are handed out."""
        return self.guarded("heartbeat", self._ask_after_write)

    def _ask_after_write(self) -> timedelta:
        if self.heartbeat is not None:
            with self.runtime.store.begin():
                pass
            self._ask_switch(self.heartbeat)
        return MINUTE

    def check_orphans(self) -> timedelta:
        """Look for messages that no channel can send."""
        return self.guarded("removed channels", self._check_orphans)

    def _check_orphans(self) -> timedelta:
        handle_orphaned_deliveries(self.runtime)
        return timedelta(seconds=ORPHANS_EVERY)

    def check_heartbeat(self) -> timedelta:
        """Ask the dead-man's switch once a healthy minute is over and the database can be locked for writing."""
        return self.guarded("heartbeat", self._check_heartbeat)

    def _check_heartbeat(self) -> timedelta:
        heartbeat = self.heartbeat
        if heartbeat is not None and heartbeat.tick():
            with self.runtime.store.begin():
                pass
            if self.heartbeat_pool.wait(0):  # a switch that hangs is asked once
                self.heartbeat_pool.submit(partial(self.guarded, "heartbeat", partial(self._ask_switch, heartbeat)))
        return SECOND

    def _ask_switch(self, heartbeat: Heartbeat) -> timedelta:
        heartbeat.ask(self.runtime.http)
        return NOW

    def keep_up(self) -> timedelta:
        """Write down quiet polls together, have workers enough, see that the database is still there, take up a changed
        configuration, and now and then look for messages that no channel can send."""
        return self.guarded("upkeep", self._keep_up)

    def _keep_up(self) -> timedelta:
        self.source_pool.add_worker_for_stuck(STUCK_SECONDS, MOST_SOURCE_WORKERS)
        if time.monotonic() >= self.minute_at:
            self.minute_at = time.monotonic() + MINUTE.total_seconds() / 2
            self._check_database()
        if self.lost is None:
            self._save_quiet_polls()
            self.take_up_configuration()
            if time.monotonic() >= self.orphans_at:
                self.orphans_at = time.monotonic() + ORPHANS_EVERY
                handle_orphaned_deliveries(self.runtime)
        return SECOND

    # -- what they share

    def guarded(
        self, name: str, task: Callable[[], timedelta], on_fault: Callable[[Exception], timedelta] | None = None
    ) -> timedelta:
        """The one boundary around our own faults: they are logged and counted, and the service goes on.

        A store that cannot be written (full disk, locked) gives the job a rest: nothing is lost, what was due stays
        due. Any other exception is handed to `on_fault`, which counts it where it belongs.
        """
        try:
            return task()
        except StoreError as error:
            self.troubles += 1
            if self.heartbeat is not None:
                self.heartbeat.fault()
            if self.shared and isinstance(error, TakenOver):
                log_event(log, "taken_over", level=logging.WARNING, during=name)
            elif not (self.shared and isinstance(error, Unreachable)):
                log_event(log, "store", level=logging.ERROR, during=name, error=error)
                return STORE_PAUSE
            return SECOND  # others have it now, or nothing is done before the server is back
        except Exception as error:
            self.troubles += 1
            log_event(log, "fault", level=logging.ERROR, during=name, error=repr(error), exc_info=True)
            return STORE_PAUSE if on_fault is None else self.guarded(name, partial(on_fault, error))

    def _save_quiet_polls(self) -> None:
        """Write together what the polls that found nothing have to say: that they took place."""
        with self.lock:
            quiet = tuple(self.quiet)
        if quiet:
            with self.runtime.store.begin() as tx:
                tx.save_poll_times(quiet)
            with self.lock:
                del self.quiet[: len(quiet)]

    def _check_database(self) -> None:
        """End when the file was taken away: what is written into it from now on is lost."""
        try:
            self.runtime.store.check_still_there()
        except StoreError as error:
            self.lost = error
            log_event(log, "database", level=logging.ERROR, state="lost", error=error)
            alert_database_lost(error, self.runtime.notifiers, self.runtime)
            self.signals.stopping.set()

    def dispatch_all(self, now: datetime) -> bool:
        """Let every channel send what is due by `now`; false when nothing was, or nothing more can be done."""
        pauses: list[timedelta] = []
        for name in self.runtime.notifiers:
            self.channel_pool.submit(partial(self._dispatch_into, pauses, name, now))
        self._await(self.channel_pool)
        return NOW in pauses

    def _dispatch_into(self, pauses: list[timedelta], name: str, now: datetime) -> None:
        pauses.append(self.dispatch(name, now))

    def _await(self, pool: WorkerPool) -> None:
        """Wait for a pool to finish, or for a signal to stop."""
        while not pool.wait(0.2) and not self.signals.stopping.is_set():
            self.source_pool.add_worker_for_stuck(STUCK_SECONDS, MOST_SOURCE_WORKERS)

    def _stop(self) -> None:
        """Finish what can be finished in time; give back the rest, marked if a receiver may already have it."""
        done = self.channel_pool.shutdown(GRACE_SECONDS / 2) & self.source_pool.shutdown(GRACE_SECONDS / 2)
        self.upkeep_pool.shutdown(1.0)
        self.heartbeat_pool.shutdown(0.0)
        if self.lost is None:
            self.guarded("stop", self._put_away)
        log_event(log, "stopped", finished=done)
        if not done:
            exit_at_once(0 if self.lost is None else FAILED)

    def _put_away(self) -> timedelta:
        self._save_quiet_polls()
        with self.runtime.store.begin() as tx:
            tx.release(self.runtime.clock())
        return NOW

    # -- a changed configuration

    def take_up_configuration(self) -> None:
        """Take up a changed configuration; a faulty one is refused, and the old one stays in force. While the store
        cannot be written it waits."""
        stamp = _stamp(self.runtime)
        if stamp == self.configured and not self.signals.reloading.is_set():
            return
        self.signals.reloading.clear()
        self.configured = None
        errors: tuple[str, ...] = ()
        try:
            settings = self.reload()
            if settings.database != self.runtime.settings.database:
                errors = ("service.database changed: restart",)
        except ConfigError as error:
            errors = error.faults
        if errors:
            for fault in errors:
                log_event(log, "reload", level=logging.ERROR, state="refused", error=fault)
            config_refused(self.runtime, errors)
        else:
            self.take_up(settings)
        self.configured = stamp

    def _take_up(self, settings: Settings) -> None:
        """Go on with another configuration; polls in hand end with the old one."""
        runtime = build_runtime(settings, self.runtime.store, self.runtime.clock)
        known = _load_states(runtime)
        with self.lock:
            self.states = {**known, **self.states}
        self.source_pool.grow(_source_workers(runtime))
        self.channel_pool.grow(_channel_workers(runtime))
        self.heartbeat = heartbeat_of(runtime.settings.heartbeat, self.heartbeat)
        self.orphans_at = 0.0
        self.runtime = runtime
        self.reschedule()
        config_accepted(runtime)
        log_event(log, "reload", state="ok", watches=len(runtime.audience.watches))


def _source_workers(runtime: Runtime) -> int:
    return max(1, min(SOURCE_WORKERS, len(runtime.sources)))


def _channel_workers(runtime: Runtime) -> int:
    """One for each channel: one that hangs delays no other."""
    return max(1, len(runtime.notifiers))


def _load_states(runtime: Runtime) -> dict[str, SourceState]:
    with runtime.store.read() as view:
        return {name: view.source(name) or SourceState(name) for name in runtime.sources}


def _until_due(state: SourceState, now: datetime) -> timedelta:
    """Return the pause until the next poll of a source."""
    return NOW if state.due_at is None or is_due(state, now) else state.due_at - now


def _stamp(runtime: Runtime) -> tuple[object, ...] | None:
    """Return what distinguishes a changed configuration from the one that was read, None where there is no file: the
    file, and the sessions that searches go on in."""
    try:
        found = os.stat(runtime.settings.path)
    except OSError:
        return None
    sessions = sessions_searched(runtime.clock().date()) if runtime.audience.searching else ()
    return found.st_mtime_ns, found.st_size, sessions
