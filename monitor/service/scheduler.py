"""When does everything happen? The service, and its one-shot form for cron.

APScheduler is the clock and nothing else: one tick a second. What is due stands in our tables; the waiting is done by
two crews, one for sources and one for channels, so that a source that hangs or a channel that is dead delays nobody.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from domain.alerts.delivery import Delivery
from domain.errors import ConfigError, StoreError
from domain.ports import Clock, Notice, Notifier
from domain.sources import SourceState, is_due
from monitor.config.settings import Settings
from monitor.service import logs, operator_alerts
from monitor.service.coverage_reports import CoverageReports
from monitor.service.dispatch import DueBatch, collect_due, postpone_after_fault, reapply_holds, send
from monitor.service.failpoints import hit
from monitor.service.heartbeat import heartbeat_of
from monitor.service.logs import log_event
from monitor.service.poll import poll_source
from monitor.service.runtime import Runtime, build_runtime, open_runtime
from monitor.service.signals import ShutdownSignals, install_signal_handlers
from monitor.service.time_triggers import TimeTriggers
from monitor.service.worker_pool import WorkerPool
from storage.ownership import own_database

TICK_SECONDS = 1.0
STALLED_SECONDS = 5.0
GRACE_SECONDS = 8.0
REST_SECONDS = 15.0
ROUNDS = 2
"""How often one run looks for messages: for what is due, then for what the operator must hear of that. A receiver that
asks for a second's patience each time would keep it from ending."""
SOURCE_CREW = 8
MOST_READERS = 128
STRANDED_SECONDS = 600.0
"""How often it is looked for messages whose channel is gone."""
RELIEF_SECONDS = 3.0
"""A source that is in hand for longer does not count against the crew, so that those that hang delay nobody."""

log = logging.getLogger("lexwatch")


def run_service(
    settings: Settings,
    *,
    clock: Clock,
    rehearsal: bool,
    once: bool = False,
    reload: Callable[[], Settings],
    wishes: ShutdownSignals | None = None,
) -> int:
    """Run the service until it is told to stop, or once over all that is due. Returns the exit status.

    `wishes` are those of a caller who hears the signals already; without them they are heard here.
    """
    if wishes is None:
        with install_signal_handlers() as wishes:
            return run_service(settings, clock=clock, rehearsal=rehearsal, once=once, reload=reload, wishes=wishes)
    if once:
        settings = replace(settings, burst=timedelta(0))  # nothing more comes that a message could wait for
    with own_database(settings.database):
        app = open_runtime(settings, clock=clock, rehearsal=rehearsal)
        try:
            _release_leases(app)
            return run_once(app, wishes) if once else Service(app, reload, wishes).run()
        finally:
            app.store.close()


def _release_leases(app: Runtime) -> None:
    """Free what the last owner of this database had in hand when it ended."""
    with app.store.begin() as tx:
        for delivery in tx.release(app.clock()):
            log_event(log, "released", delivery=delivery.id, channel=delivery.channel, state=delivery.state)


def run_once(app: Runtime, wishes: ShutdownSignals) -> int:
    """Poll all that is due, send all that is due, and say whether everything went well (0) or not (1)."""
    service = Service(app, lambda: app.settings, wishes)
    service.start_polls()
    service.await_crew(service.sources)
    service.flush()
    service.reckon()
    service.give_receipts()
    service.free_what_was_held()
    for _ in range(ROUNDS):
        begun = app.clock()
        while not service.stopping.is_set() and service.start_sends(begun):
            service.await_crew(service.channels)
    service.go_home()
    return 1 if service.troubles else 0


class Service:
    """A running installation: what is in hand, and the configuration in force."""

    def __init__(self, app: Runtime, reload: Callable[[], Settings], wishes: ShutdownSignals) -> None:
        self.app = app
        self.reload = reload
        self.sources = WorkerPool("source", _readers(app))
        self.channels = WorkerPool("channel", _senders(app))
        self.states = _load_states(app)
        self.quiet: list[SourceState] = []
        self.resting: dict[str, float] = {}
        self.broken: set[str] = set()
        self.look_again_at = 0.0
        self.reckoning = TimeTriggers()
        self.receipts = CoverageReports()
        self.heart = WorkerPool("heartbeat", 1)
        self.heartbeat = heartbeat_of(app.settings.heartbeat)
        self.troubles = 0
        self.lock = threading.Lock()
        self.stopping = wishes.stopping
        self.reloading = wishes.reloading
        self.ticked_at = time.monotonic()
        self.configured = _stamp(app.settings)

    def run(self) -> int:
        """Tick until SIGTERM or SIGINT; finish or release what is in hand, then return 0."""
        scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(1)})
        scheduler.add_job(
            self.tick,
            "interval",
            seconds=TICK_SECONDS,
            id="tick",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            next_run_time=datetime.now(UTC),
        )
        operator_alerts.config_accepted(self.app.store, self.app.audience, self.app.clock)
        scheduler.start()
        log_event(log, "started", sources=len(self.app.sources), watches=len(self.app.audience.watches))
        while not self.stopping.wait(TICK_SECONDS):
            self._watch_the_clock(scheduler)
            self._watch_the_configuration()
        log_event(log, "stopping")
        scheduler.shutdown(wait=False)
        self.go_home()
        return 0

    def tick(self) -> None:
        """Write down quiet polls, and start what is due."""
        self.ticked_at = time.monotonic()
        self._guard("tick", self._tick)

    def _tick(self) -> None:
        self.flush()
        self.start_polls()
        self.reckon()
        self.give_receipts()
        self.free_what_was_held()
        self.start_sends()
        self.beat()

    def reckon(self) -> None:
        """Tell what the passing of time alone has made true."""
        app = self.app
        if not self._rests("clock"):
            self._guard("clock", lambda: self.reckoning.tick(app.store, app.audience, app.clock, app.sources))

    def give_receipts(self) -> None:
        """Say what was counted, to the channels whose hour has come."""
        app = self.app
        if not self._rests("receipts"):
            rhythms = {name: at for name, at in app.settings.receipts.items() if name in app.notifiers}
            give = partial(self.receipts.tick, rhythms, app.sources, app.store, app.audience, app.clock)
            self._guard("receipts", give)

    def free_what_was_held(self) -> None:
        """Let go what was held until now; a mute that comes or goes earlier is settled by who says so. Now and then
        look for messages that no channel can send."""
        app = self.app
        if time.monotonic() >= self.look_again_at:
            self.look_again_at = time.monotonic() + STRANDED_SECONDS
            operator_alerts.handle_orphaned_deliveries(app.store, app.audience, app.clock())
        with app.store.look() as view:
            over = view.has_ended_hold(app.clock())
        if over:
            reapply_holds(app.store, app.clock, partial(hit, "service.settled"))

    def beat(self) -> None:
        """Ask the dead-man's switch once a healthy minute is over and the record can be locked for writing."""
        heartbeat = self.heartbeat
        if heartbeat is not None and heartbeat.tick():
            with self.app.store.begin():
                pass
            self.heart.take("heartbeat", partial(self._guard, "heartbeat", partial(heartbeat.ask, self.app.http)))

    def start_polls(self) -> None:
        now = self.app.clock()
        self.sources.add_worker_for_stuck(RELIEF_SECONDS, MOST_READERS)
        for name in self.app.sources:
            if is_due(self.states[name], now) and not self._rests(name):
                self.sources.take(name, partial(self._guard, name, partial(self._poll, name)))

    def start_sends(self, now: datetime | None = None) -> bool:
        """Hand each channel what it has to send now; false when nothing is due anywhere."""
        app = self.app
        clock = app.clock if now is None else lambda: now
        found = False
        for name, notifier in app.notifiers.items():
            if self._rests(name):
                continue
            batch = collect_due(notifier, app.store, clock, app.settings.timezone)
            if batch.deliveries:
                found = True
                self.channels.take(name, partial(self._guard, name, partial(self._send, notifier, batch)))
        return found

    def flush(self) -> None:
        """Write together what the polls that found nothing have to say: that they took place."""
        with self.lock:
            quiet, self.quiet = self.quiet, []
        if quiet:
            with self.app.store.begin() as tx:
                tx.touch(quiet)

    def await_crew(self, crew: WorkerPool) -> None:
        """Wait for a crew to finish, or for a signal to stop."""
        while not crew.wait(0.2) and not self.stopping.is_set():
            self.sources.add_worker_for_stuck(RELIEF_SECONDS, MOST_READERS)

    def go_home(self) -> None:
        """Finish what can be finished in time; give back the rest, marked if a receiver may already have it."""
        done = self.channels.close(GRACE_SECONDS / 2) & self.sources.close(GRACE_SECONDS / 2)
        self._guard("stop", self._put_away)
        log_event(log, "stopped", finished=done)
        if not done:
            sys.stdout.flush()
            logging.shutdown()
            os._exit(0)

    def _put_away(self) -> None:
        self.flush()
        with self.app.store.begin() as tx:
            tx.release(self.app.clock())

    def _poll(self, name: str) -> None:
        app = self.app
        beat = app.sources.get(name)
        if beat is None:  # taken out of the configuration while it stood in the queue
            return
        started = time.monotonic()
        outcome = poll_source(self.states[name], beat.every, beat.watcher, app.store, app.http, app.audience, app.clock)
        with self.lock:
            self.states[name] = outcome.source
            if outcome.quiet:
                self.quiet.append(outcome.source)
            self.troubles += not outcome.went_well
        if outcome.revisions:
            self.reckoning.invalidate()
        logs.log_poll(name, outcome, time.monotonic() - started)

    def _send(self, notifier: Notifier, batch: DueBatch) -> None:
        for delivery in batch.deliveries:
            if self.stopping.is_set():
                return
            self._guard(
                notifier.name,
                partial(self._send_one, notifier, delivery, batch.notices.get(delivery.id)),
                partial(self._put_aside, delivery),
            )
            if self._rests(notifier.name) or notifier.name in self.broken:
                return

    def _send_one(self, notifier: Notifier, delivery: Delivery, notice: Notice | None) -> None:
        app = self.app
        attempt = send(delivery, notice, notifier, app.store, app.audience, app.clock)
        if attempt is None:
            return
        logs.log_attempt(attempt)
        logs.log_channel(notifier.name, attempt, notifier.name in self.broken)
        (self.broken.add if attempt.circuit.is_open else self.broken.discard)(notifier.name)

    def _put_aside(self, delivery: Delivery, error: Exception) -> None:
        app = self.app
        postpone_after_fault(delivery, error, app.store, app.audience, app.clock)

    def _guard(self, name: str, task: Callable[[], None], cleanup: Callable[[Exception], None] | None = None) -> None:
        """The one boundary around our own faults: they are logged and counted, and the service goes on.

        A store that cannot be written (full disk, locked) gives the source or channel a rest: nothing is lost, what
        was due stays due.
        """
        try:
            task()
        except StoreError as error:
            self.troubles += 1
            self.resting[name] = time.monotonic() + REST_SECONDS
            if self.heartbeat is not None:
                self.heartbeat.fault()
            log_event(log, "store", level=logging.ERROR, during=name, error=error)
        except Exception as error:
            self.troubles += 1
            log_event(log, "fault", level=logging.ERROR, during=name, error=repr(error), exc_info=True)
            if cleanup is None:
                self.resting[name] = time.monotonic() + REST_SECONDS
            else:
                self._guard(name, partial(cleanup, error))

    def _rests(self, name: str) -> bool:
        return time.monotonic() < self.resting.get(name, 0.0)

    def _watch_the_clock(self, scheduler: BackgroundScheduler) -> None:
        """Wake the scheduler if it no longer ticks: set back an hour, it sleeps for one (rule 7)."""
        if time.monotonic() - self.ticked_at > STALLED_SECONDS:
            self.ticked_at = time.monotonic()
            log_event(log, "stalled", level=logging.WARNING, waking=True)
            scheduler.modify_job("tick", next_run_time=datetime.now(UTC))

    def _watch_the_configuration(self) -> None:
        """Take up a changed configuration; a faulty one is refused, and the old one stays in force. While the store
        cannot be written it waits."""
        stamp = _stamp(self.app.settings)
        if (stamp == self.configured and not self.reloading.is_set()) or self._rests("reload"):
            return
        self.reloading.clear()
        self.configured = None
        self._guard("reload", partial(self._reload, stamp))

    def _reload(self, stamp: tuple[int, int] | None) -> None:
        faults: tuple[str, ...]
        try:
            settings = self.reload()
            moved = settings.database != self.app.settings.database
            faults = ("service.database changed: restart",) if moved else ()
        except ConfigError as error:
            faults = error.faults
        if faults:
            for fault in faults:
                log_event(log, "reload", level=logging.ERROR, state="refused", error=fault)
            operator_alerts.config_refused(self.app.store, self.app.audience, faults, self.app.clock)
            self.configured = stamp
            return
        app = build_runtime(settings, self.app.store, self.app.clock)
        self._take_up(app)
        operator_alerts.config_accepted(app.store, app.audience, app.clock)
        self.configured = stamp
        log_event(log, "reload", state="ok", watches=len(app.audience.watches))

    def _take_up(self, app: Runtime) -> None:
        """Go on with another configuration; polls in hand end with the old one."""
        known = _load_states(app)
        with self.lock:
            self.states = {**known, **self.states}
        self.sources.grow(_readers(app))
        self.channels.grow(_senders(app))
        self.heartbeat = heartbeat_of(app.settings.heartbeat, self.heartbeat)
        self.look_again_at = 0.0
        self.app = app


def _readers(app: Runtime) -> int:
    return max(1, min(SOURCE_CREW, len(app.sources)))


def _senders(app: Runtime) -> int:
    """One for each channel: one that hangs delays no other."""
    return max(1, len(app.notifiers))


def _load_states(app: Runtime) -> dict[str, SourceState]:
    with app.store.look() as view:
        return {name: view.source(name) or SourceState(name) for name in app.sources}


def _stamp(settings: Settings) -> tuple[int, int] | None:
    """Return what tells a changed configuration file from the one that was read, or None where there is none."""
    try:
        found = os.stat(settings.path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
