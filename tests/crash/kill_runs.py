"""Is anything lost when the service is killed again and again, its backups restored, its database lost?

One run: read the baseline under fire, die at every named failpoint, die at random instants, then run undisturbed until
nothing is left to tell, and evaluate. While the service is down the publisher goes on publishing, and between two
processes minutes or hours may pass, so that bursts end, digests fall due, nights come and reminders are reached. Now
and then a backup is put back, or the database is gone: that must be refused. Everything random follows from the seed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.alerts.delivery import GIVE_UP_AFTER
from monitor.service.failpoints import NAMES
from tests.crash.bills import CONGRESS
from tests.crash.checker import Expected, Restore, check, count_cut_offs
from tests.crash.fixture import START, reminders_due
from tests.crash.harness import DbSnapshot, Harness, RunningCommand
from tests.crash.messages import ReceivedMessage
from tests.crash.publisher import (
    CORRECTED_SHARE,
    publish_continuously,
    publish_something,
    random_bad_answers,
    random_delay,
)
from tests.crash.receivers import Behaviour
from tests.crash.report import KillReport
from tests.helpers.timing import NO_HANG_SECONDS, FakeClock, wait_until

CYCLE_SECONDS = 1.3
"""One poll cycle: a second between ticks, and what is done in one."""
BUSY_SECONDS = 0.35
"""What comes first in a process: the poll, and what the one before had left to send."""
STARTUP_SECONDS, FORKED_SECONDS = 2.0, 0.15
NEW_INTERPRETER_SHARE = 0.08
"""The share of processes that begin as a new interpreter."""
PATIENCE = timedelta(days=6)

_EXIT_AT_FAILPOINT = 137
_SECONDS_TO_FAILPOINT = 30.0
_MOST_RUNS_PER_FAILPOINT = 8
_MOST_BASELINE_KILLS = 40
_MOST_FINAL_RUNS = 30
_NEW_DATABASE = "store.before_migrate"
"""Failpoints that only a new database reaches."""
_REMINDER_HOUR = 22
_HOUR_OF_FAILPOINT = {"service.settled": 8, "clock.": _REMINDER_HOUR}
"""Failpoints that are reached at an hour: when a digest becomes free while the service runs (at its start it was freed
before), and when a reminder is due."""
_CIRCUIT_FAILPOINT = "dispatch.circuit_saved"
_LONGEST_ABSENCE = GIVE_UP_AFTER / 2
"""What waits for longer than GIVE_UP_AFTER dies by design, and the operator hears of it."""
_AFTER_A_BURST = timedelta(minutes=6)
_SHORT_PLAN = (
    "store.before_migrate_commit",
    "store.between_change_and_outbox",
    "store.before_commit",
    "store.after_commit",
    "dispatch.after_claim",
    "dispatch.marked",
    "dispatch.after_send",
    "dispatch.after_finish",
)
_TWICE_REACHED = ("store.before_", "store.after_", "dispatch.after_claim", "dispatch.after_send")
"""Failpoints that processes are to reach a second time."""


@dataclass(frozen=True, slots=True)
class KillPlan:
    """What is to be done. `failpoints` are settings such as `store.before_commit:1:exit`. `restores` backups are put
    back, the database is lost `losses` times. Unless `continuous`, a few things happen before each process and nothing
    beside it, so that what happens does not depend on how fast the machine is."""

    seed: int
    kills: int
    failpoints: tuple[str, ...] = ()
    stops: int = 0
    restores: int = 0
    losses: int = 0
    bad_answers: float = 0.02
    absence: float = 0.06
    corrected: float = CORRECTED_SHARE
    continuous: bool = True

    @classmethod
    def short(cls, seed: int, kills: int) -> KillPlan:
        """Return a plan of seconds: where messages are written and sent, and no failpoint that has to be waited for."""
        failpoints = tuple(f"{name}:1:exit" for name in _SHORT_PLAN)
        return cls(seed, kills, failpoints, stops=1, restores=1, losses=1, continuous=False)

    @classmethod
    def whole(cls, seed: int, kills: int, *, twice: bool = False) -> KillPlan:
        """Return the usual plan: every failpoint at its first arrival, those of a new database first; if `twice`, the
        storing and sending ones at the second too: what they hold then is not what they held first."""
        first = [f"{name}:1:exit" for name in sorted(NAMES, key=lambda name: not name.startswith(_NEW_DATABASE))]
        later = [f"{name}:2:exit" for name in NAMES if name.startswith(_TWICE_REACHED) and not _new_database(name)]
        few = max(1, kills // 20)
        return cls(seed, kills, tuple(first + (later if twice else [])), stops=few, restores=few, losses=few)

    def first_failpoints(self) -> tuple[str, ...]:
        """Return the failpoints to be reached while there is no database yet."""
        return tuple(setting for setting in self.failpoints if _new_database(setting))

    def steps(self, rng: random.Random) -> list[str]:
        """Return what is done after the failpoints, in its order."""
        found = ["kill"] * self.kills + ["stop"] * self.stops + ["restore"] * self.restores + ["lose"] * self.losses
        found += ["backup"] * (2 * self.restores)
        rng.shuffle(found)
        return found


def _new_database(name: str) -> bool:
    return name.startswith(_NEW_DATABASE)


def run_kills(harness: Harness, plan: KillPlan, clock: FakeClock) -> KillReport:
    """Put the harness through the plan. Takes half a second to a second a death."""
    report = KillReport(
        f"seed {plan.seed}", plan.kills, len(plan.failpoints), recipients=len(harness.fixture.recipients)
    )
    began = time.monotonic()
    runner = KillRunner(harness, report, random.Random(plan.seed), clock, plan)
    harness.origin.ill = random_bad_answers(random.Random(plan.seed + 1), plan.bad_answers)
    for number, receiver in enumerate(harness.receivers, start=2):
        receiver.ponder = random_delay(random.Random(plan.seed + number))
    with runner.publishing():
        for setting in plan.first_failpoints():
            runner.kill_at_failpoint(setting, runs=1)
        past = runner.read_baseline(runner.kill_at_random)
        for setting in plan.failpoints[len(plan.first_failpoints()) :]:
            runner.kill_at_failpoint(setting)
        for step in plan.steps(runner.rng):
            runner.do(step)
    evaluate(runner, past, runner.run_until_idle())
    report.days, report.seconds = (clock() - clock.start) / timedelta(days=1), time.monotonic() - began
    return report


@dataclass(slots=True)
class KillRunner:
    """Starts the service, ends it, lets time pass, and looks at what was left. `undisturbed` are the moments at which
    it ran to its end, `baseline_at` is when everything was on record."""

    harness: Harness
    report: KillReport
    rng: random.Random
    clock: FakeClock
    plan: KillPlan
    seen: list[int] = field(default_factory=lambda: [0] * 6)
    found: DbSnapshot = field(default_factory=lambda: DbSnapshot("ok"))
    marked: set[str] = field(default_factory=set)
    counted: dict[str, frozenset[str]] = field(default_factory=dict)
    undisturbed: list[datetime] = field(default_factory=list)
    absent_since: datetime | None = None
    taken_before_return: int = 0
    saved_at: datetime | None = None
    restores: list[Restore] = field(default_factory=list)
    baseline_at: datetime = START

    def remembered(self) -> list[datetime]:
        """Return the moments at which it ran to its end of which no restore made it forget."""
        return [at for at in self.undisturbed if not any(r.erases(at) for r in self.restores)]

    def publishing(self) -> AbstractContextManager[None]:
        if not self.plan.continuous:
            return nullcontext()
        return publish_continuously(self.harness, random.Random(self.plan.seed + 9), self.plan.corrected)

    def do(self, step: str) -> None:
        steps = {
            "kill": self.kill_at_random,
            "stop": self.terminate_at_random,
            "backup": self.save_backup,
            "restore": self.restore_backup,
            "lose": self.lose_database,
        }
        steps[step]()

    def kill_at_failpoint(self, setting: str, runs: int = _MOST_RUNS_PER_FAILPOINT) -> None:
        """Let the service run into a failpoint, at the latest in one of so many runs; never to reach it is a fault of
        the plan."""
        if setting.startswith(_CIRCUIT_FAILPOINT):
            self.harness.relay.behave = lambda _to: Behaviour.REFUSE_LATER
        for _ in range(runs):
            hour = next((hour for name, hour in _HOUR_OF_FAILPOINT.items() if setting.startswith(name)), None)
            if not _new_database(setting):  # a day that passes would make the database
                self.clock.skip(_AFTER_A_BURST)
                self.advance_clock(hour)
                self.publish(corrections=1)
            process = self.harness.start(failpoint=setting)
            died = process.wait(_SECONDS_TO_FAILPOINT) == _EXIT_AT_FAILPOINT
            if not died:
                process.kill()
            self.examine(setting if died else f"kill, {setting} was not reached")
            if died:
                return
        self.report.unreached.append(setting)

    def kill_at_random(self) -> None:
        """Kill the service: one time in five while it starts, else at any instant of a poll cycle, most often where
        most is done."""
        self.advance_clock()
        self.publish_before_run()
        fresh = self.rng.random() < NEW_INTERPRETER_SHARE
        process = self.harness.start(fresh=fresh)
        starting = self.rng.random() < 0.2
        longest = BUSY_SECONDS if self.rng.random() < 0.8 else CYCLE_SECONDS
        delay = self.rng.uniform(0, (STARTUP_SECONDS if fresh else FORKED_SECONDS) if starting else longest)
        if not starting:
            self.await_first_poll(process, fresh=fresh)
        time.sleep(delay)
        process.kill()
        self.examine(f"kill {delay:.3f} s after its {'start' if starting else 'first request'}")

    def terminate_at_random(self) -> None:
        """Ask the service to end, at any instant of a poll cycle: what it had in hand is finished or given back."""
        self.advance_clock()
        self.publish_before_run()
        process = self.harness.start(fresh=True)
        self.await_first_poll(process, fresh=True)
        delay = self.rng.uniform(0, CYCLE_SECONDS)
        time.sleep(delay)
        self._terminate(process)
        self.examine(f"SIGTERM {delay:.3f} s after its first request")

    def save_backup(self) -> None:
        """Copy the database by the command, or its files as they lie there."""
        self.saved_at = self.clock()
        way = self.rng.choice(("command", "copied files"))
        self.harness.save_backup(by_command=way == "command")
        self.report.schedule.append(f"{self.clock():%d %H:%M} backup by {way}")

    def restore_backup(self) -> None:
        """Put the last backup back, as an operator does, while nothing runs."""
        if self.saved_at is None:
            self.save_backup()
            self.kill_at_random()
        assert self.saved_at is not None
        self.harness.restore_backup()
        self.restores.append(Restore(self.saved_at, self.clock()))
        self.report.restores += 1
        self.report.schedule.append(f"{self.clock():%d %H:%M} restored the backup of {self.saved_at:%d %H:%M}")

    def lose_database(self) -> None:
        """Take the database away, start the service, which must refuse and ask nobody, and put the database back."""
        self.advance_clock()
        way = self.rng.choice(("deleted", "emptied"))
        with self.harness.database_lost(emptied=way == "emptied"):
            process = self.harness.start("run", "--once")
            status = process.wait(NO_HANG_SECONDS)
            refused = status == 2 and not self.harness.asked_since(process)
        self.report.losses += 1
        self.report.refused += refused
        self.report.schedule.append(f"{self.clock():%d %H:%M} {way}: exit status {status}")

    def await_first_poll(self, process: RunningCommand, *, fresh: bool) -> None:
        """Wait for the first request of a process, and note how long it took; one that has to be patient with its
        source makes none."""
        patience = 8.0 if fresh else 1.5
        asked = wait_until(lambda: self.harness.asked_since(process) or process.ended(), patience, every=0.005)
        if asked:
            waits = self.report.first_polls if fresh and self.harness.mutant is None else self.report.forked
            waits.append(time.monotonic() - process.spawned)

    def publish_before_run(self) -> None:
        if not self.plan.continuous:
            self.publish(corrections=0)

    def publish(self, corrections: int) -> None:
        """Let a few things happen before a process begins, at least one of which has to be told."""
        numbers = sorted(self.harness.origin.numbers)
        for _ in range(2):
            self.harness.origin.publish(self.rng.choice(numbers))
        for _ in range(2):
            publish_something(self.harness, self.rng, self.plan.corrected)
        for _ in range(corrections):
            self.harness.origin.correct(self.rng)

    def advance_clock(self, hour: int | None = None) -> None:
        """Move the clock on: seconds, minutes or hours, now and then (with `hour` for certain) to the moment before a
        digest is due, a quiet night is over or a reminder is reached. Once a day the service runs undisturbed."""
        chance = self.rng.random()
        if hour is None and self.rng.random() < 0.04:
            hour = self.rng.choice((7, 8, 22))
        longest = 20 if chance < 0.4 else 900 if chance < 0.75 else 4 * 3600
        by = timedelta(seconds=self.rng.uniform(1, longest))
        if hour is not None:
            eve = timedelta(seconds=2 if hour == _REMINDER_HOUR else -1)
            by = max(self.clock.until(hour) + eve, timedelta())
        self._move_the_relay()
        if self.harness.database.exists() and (self.clock() + by).date() != self.clock().date():
            self.run_once()
            by -= timedelta(seconds=1) if hour not in (None, _REMINDER_HOUR) else timedelta()
        self.clock.skip(max(by, timedelta()))

    def run_until_idle(self) -> DbSnapshot:
        """Let the service run undisturbed until everything was served and nothing waits, then ask it to end."""
        self.harness.origin.ill = lambda _path: None
        self.harness.relay.behave = lambda _to: Behaviour.TAKE
        for number in range(_MOST_FINAL_RUNS):
            # Each evening has a reminder, each morning a digest that holds it: in between something always waits.
            evening, morning = self.clock.until(_REMINDER_HOUR, 5), self.clock.until(8, 1)
            self.clock.skip((evening, morning, timedelta(minutes=65))[number % 3])
            self.run_once()
            if number > 1 and self._all_served() and not self.found.unsettled():
                break
        else:
            unread = [
                event.mark for event in self.harness.origin.events if event.mark not in self.harness.origin.served
            ]
            self.report.schedule.append(f"not idle: never served {unread}, waiting {sorted(self.found.unsettled())}")
        process = self.harness.start(fresh=True)
        self.await_first_poll(process, fresh=True)
        self._terminate(process)
        return self._read_database()

    def run_once(self, failpoint: str | None = None) -> None:
        moment = self.clock()
        if self.harness.start("run", "--once", failpoint=failpoint).wait(NO_HANG_SECONDS) in (0, 1):
            self.undisturbed.append(moment)
        self.examine("ran to its end" if failpoint is None else failpoint)

    def _move_the_relay(self) -> None:
        """Let the receiver of the relay go away, or come back, now and then; at the latest before its messages die. It
        has been away until it took something: every process that ran while it was back may have been killed before."""
        relay = self.harness.relay
        away = relay.behave("") is not Behaviour.TAKE
        if away:
            self.absent_since = self.absent_since or self.clock()
        elif len(relay.so_far()) > self.taken_before_return:
            self.absent_since = None
        too_long = self.absent_since is not None and self.clock() - self.absent_since > _LONGEST_ABSENCE
        if away and (too_long or self.rng.random() < 2 * self.plan.absence):
            self.taken_before_return = len(relay.so_far())
            relay.behave = lambda _to: Behaviour.TAKE
        elif not away and not too_long and self.rng.random() < self.plan.absence:
            then = self.rng.choice((Behaviour.REFUSE_LATER, Behaviour.RESET_BEFORE))
            relay.behave = lambda _to: then

    def _terminate(self, process: RunningCommand) -> None:
        asked = time.monotonic()
        self.report.stops.append((process.stop(), time.monotonic() - asked))

    def _all_served(self) -> bool:
        return all(event.mark in self.harness.origin.served for event in self.harness.origin.events)

    def examine(self, ending: str) -> None:
        """Count the messages that were accepted and, at the moment of death, not recorded as sent."""
        self.found = self._read_database()
        cut = count_cut_offs(self._new_ids(), self.found.settled(), self.report.windows)
        self.report.deaths += 1
        self.report.sound += self.found.integrity == "ok"
        self.report.schedule.append(f"{self.clock():%d %H:%M} {ending}: {cut} cut off")

    def _read_database(self) -> DbSnapshot:
        """Open the database once the receivers have read whatever the dead process had already sent."""
        for receiver in self.harness.receivers:
            if receiver.url:
                receiver.read_what_the_dead_sent()
        found = self.harness.examine()
        self.marked |= found.marked
        self.counted |= found.counted
        return found

    def _new_ids(self) -> Iterator[str]:
        """Yield the ids of the messages taken since the last death."""
        for place, receiver in enumerate(self.harness.receivers):
            taken = receiver.so_far()
            yield from (message.id for message in taken[self.seen[place] :])
            self.seen[place] = len(taken)

    def read_baseline(self, run: Callable[[], None]) -> frozenset[str]:
        """Run again and again until every bill is on record. Whatever happened so far may be baseline or news, as the
        kills fell."""
        origin = self.harness.origin
        wanted = {f"congress/us/bill/{CONGRESS}/hr/{number}" for number in origin.numbers}
        wanted |= {f"congress/us/bill/{CONGRESS}/whole"} if self.harness.fixture.full else set()
        while not wanted <= {scope.partition("/20")[0] for scope in self.found.scopes}:
            if self.report.deaths >= _MOST_BASELINE_KILLS:
                missing = sorted(wanted - self.found.scopes)[:3]
                raise AssertionError(f"no baseline of {missing}; see {self.harness.log}")
            run()
        self.baseline_at = self.clock()
        names = {event.name for event in origin.events}
        return frozenset(names | {f"CO{name[2:]}" for name in names if name.startswith("EV")})


def evaluate(runner: KillRunner, past: frozenset[str], last: DbSnapshot) -> None:
    """Write into the report what became of everything."""
    harness, report = runner.harness, runner.report
    expected = expected_deliveries(harness, past, runner.remembered(), runner.baseline_at)
    received = [message for receiver in harness.receivers for message in receiver.so_far()]
    taken = list(_with_reports(harness, [m.with_unmarked(runner.counted.get(m.id, ())) for m in received]))
    report.counted = sum(len(counted.marks) - len(shown.marks) for shown, counted in zip(received, taken, strict=True))
    report.result = check(expected, taken, report.windows, runner.marked, PATIENCE, runner.restores)
    report.events, report.phantoms = len(harness.origin.events), len(harness.origin.phantoms)
    report.corrected = sum(event.corrected for event in harness.origin.events)
    report.waiting = len(last.unsettled())
    report.given_up = last.given_up
    report.own_faults = harness.own_faults()


def _with_reports(harness: Harness, received: Sequence[ReceivedMessage]) -> Iterator[ReceivedMessage]:
    """Yield the messages; one that says that a bill was reported tells it, though the mark is not in its words."""
    reports = {event.mark for event in harness.origin.events if event.kind == "report"}
    told = {(mark, message.to) for message in received for mark in message.marks}
    for message in received:
        if message.tells_of_a_report:
            message = message.with_unmarked(mark for mark in reports if (mark, message.to) not in told)
            told |= {(mark, message.to) for mark in message.marks}
        yield message


def expected_deliveries(
    harness: Harness,
    past: frozenset[str] = frozenset(),
    undisturbed: list[datetime] | None = None,
    baseline_at: datetime = START,
) -> Expected:
    """Return what had to be told: everything as it last read. What was put right may have been told before, and a
    reminder whose day began before `baseline_at` may be told or not: its regime may not have been known yet."""
    served, events = harness.origin.served, harness.origin.events
    due = {e.mark: max(e.at, served[e.mark]) for e in events if e.mark in served}
    reminders = reminders_due(baseline_at, undisturbed or []) if harness.fixture.full else {}
    told_early = {f"RG{days:03d}" for days in range(1, 91)} - set(reminders) if harness.fixture.full else set()
    texts = frozenset(event.name for event in events if event.kind == "text")
    outdated = frozenset(event.name for event in events if event.corrected)
    return Expected(
        {mark: at for mark, at in {**due, **reminders}.items() if mark not in past},
        harness.fixture.recipients,
        past | outdated | told_early,
        dict.fromkeys(harness.fixture.narrow, texts),
    )
