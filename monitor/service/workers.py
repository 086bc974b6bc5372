"""What do several workers of one PostgreSQL database agree on? The clock, who has a job, and which configuration is in
force.

A worker that was given up may be alive and only cut off from the server. So it asks nothing without having made sure,
just before, that the job is still its own and that its last sign of life is fresh; and an answer has to come before
anybody could give it up. What it records begins with the same question, and so does each message that it sends
(decision 0096).

One configuration is in force: the one registered last. A worker with another waits as long as one with that
configuration lives, and the operator hears of it (decision 0097).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from domain.errors import TakenOver
from domain.observation import Evidence
from domain.ports import Clock, Http, Store, Transaction, WorkerState
from domain.records.detection import NewRevision
from domain.sources import Request, Response
from monitor.service.logs import log_event
from monitor.service.operator_alerts import alert_configuration_drift
from monitor.service.runtime import Runtime
from storage.location import SCHEMA_VERSIONS, worker_name
from storage.store import DatabaseStore

UNSURE = 1.0
"""A reading of the server's clock that took so many seconds tells nothing."""

GONE = timedelta(days=1)
"""How long `lexwatch check` still lists a worker that says nothing."""

DRIFT_PATIENCE = timedelta(minutes=2)
"""How long the machines may differ before the operator hears of it: a change reaches them one after the other."""

log = logging.getLogger("lexwatch")


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
        if found is not None and (self._read is None or time.monotonic() - asked < UNSURE):
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
        with store.read(single=True) as view:
            if not view.has_job(self.job, self.worker, self.within):
                raise TakenOver("another worker may have been given this source meanwhile")


@dataclass(frozen=True, slots=True)
class _FencedStore:
    store: Store
    fence: Fence

    @contextmanager
    def begin(
        self, ahead: Sequence[NewRevision | Evidence] = (), *, only: Sequence[str] | None = None
    ) -> Iterator[Transaction]:
        with self.store.begin(ahead, only=only) as tx:
            tx.demand_job(self.fence.job, self.fence.worker)
            yield tx

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


class Standing:
    """How a worker stands to the others: does it `stands_by` because another configuration is in force, and do they
    all have the same? `take_over` is in seconds."""

    def __init__(self, runtime: Runtime, queues: Sequence[str], take_over: float, *, stands_by: bool) -> None:
        self.stands_by = stands_by
        self._runtime, self._queues, self._take_over = runtime, tuple(queues), take_over
        self._configured_at = runtime.clock()
        self._differs_since: datetime | None = None
        self._waits_since: datetime | None = None
        self._lived_at = 0.0
        self._ended: set[WorkerState] = set()

    @property
    def differs(self) -> bool:
        """Say whether workers live whose configurations are not the same."""
        return self._differs_since is not None

    def judge(self, in_force: str | None, workers: Sequence[WorkerState], now: datetime) -> bool:
        """Stand by while a worker lives whose configuration is `in_force` and is not ours; one that has just put it in
        force may not have said so yet. Returns whether ours has to be put in force: nobody is left who has the other.
        """
        ours = self._runtime.settings.digest
        alive = {worker.configuration for worker in workers if self._is_alive(worker, now)}
        if in_force == ours:
            self._waits_since = None
        elif self._waits_since is None or in_force in alive:
            self._waits_since = now
        waits = self._waits_since is not None and now - self._waits_since < timedelta(seconds=self._take_over)
        stands_by = in_force != ours and waits
        if stands_by != self.stands_by:
            state = "stands by: another configuration is in force" if stands_by else "works"
            log_event(log, "worker", level=logging.WARNING, state=state)
        self.stands_by = stands_by
        return not stands_by and in_force != ours

    def end_silent(self, workers: Sequence[WorkerState], now: datetime) -> None:
        """End, once, what workers without a sign of life have open at the server: what they had in hand is others'."""
        silent = {one for one in workers if one.name != worker_name() and not self._is_alive(one, now)}
        if silent - self._ended:
            store = cast(DatabaseStore, self._runtime.store)
            store.end_connections(now - timedelta(seconds=self._take_over))
        self._ended = silent

    def live(self, workers: Sequence[WorkerState], now: datetime) -> None:
        """Give a sign of life with the digest of our configuration, when it is time for one, and see whether all have
        the same."""
        if time.monotonic() < self._lived_at:
            return
        self._lived_at = time.monotonic() + self._take_over / 15
        runtime, store = self._runtime, self._runtime.store
        digest = runtime.settings.digest
        me = WorkerState(worker_name(), now, self._configured_at, digest, SCHEMA_VERSIONS[-1], self._queues)
        alive = [me, *(one for one in workers if one.name != me.name and self._is_alive(one, now))]
        if len({one.configuration for one in alive}) < 2:
            self._differs_since = None
        elif self._differs_since is None:
            self._differs_since = now
        with store.begin(only=()) as tx:
            tx.save_worker(me)
            if any(now - one.seen_at > GONE for one in workers):
                tx.forget_workers(now - GONE)
        patience = timedelta(seconds=self._take_over) if self._differs_since is None else DRIFT_PATIENCE
        if not self.stands_by and now - (self._differs_since or self._configured_at) >= patience:
            # Before all could have given a sign of life again nothing says that they are the same.
            alert_configuration_drift(alive, runtime)

    def _is_alive(self, worker: WorkerState, now: datetime) -> bool:
        return now - worker.seen_at < timedelta(seconds=self._take_over)
