"""Is anything lost when the service is killed again and again?

One ordeal: read the baseline under fire, die at every named failpoint, die at random instants, then run undisturbed
until nothing is left to tell, and judge. While the service is down the publisher goes on publishing, and between two
lives minutes or hours may pass, so that bursts end, digests fall due, nights come and reminders are reached. Everything
random follows from the seed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.alerts.delivery import GIVE_UP_AFTER
from monitor.service.failpoints import NAMES
from tests.crash.bills import CONGRESS
from tests.crash.checker import Expected, check, count_cut_offs
from tests.crash.fixture import START, reminders_due
from tests.crash.harness import DbSnapshot, Harness, RunningCommand
from tests.crash.publisher import CORRECTED_SHARE, publish_continuously, random_bad_answers, random_delay
from tests.crash.receivers import Behaviour
from tests.crash.report import KillReport
from tests.helpers.timing import FakeClock, wait_until

CYCLE_SECONDS = 1.3
"""One poll cycle: a second between ticks, and what is done in one."""
BUSY_SECONDS = 0.35
"""What comes first in a life: the poll, and what the one before had left to send."""
STARTUP_SECONDS, FORKED_SECONDS = 2.0, 0.15
NEW_INTERPRETER_SHARE = 0.08
"""The share of lives that begin as a new interpreter."""
PATIENCE = timedelta(days=6)

_EXIT_AT_FAILPOINT = 137
_MOST_RUNS_PER_FAILPOINT = 60
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
"""Failpoints that lives go on to reach."""


@dataclass(frozen=True, slots=True)
class KillPlan:
    """What is to be done. `failpoints` are settings such as `store.before_commit:1:exit`."""

    seed: int
    kills: int
    failpoints: tuple[str, ...] = ()
    stops: int = 0
    illness: float = 0.02
    away: float = 0.06
    righted: float = CORRECTED_SHARE

    @classmethod
    def short(cls, seed: int, kills: int) -> KillPlan:
        """Return a plan of seconds: where messages are written and sent, and no failpoint that has to be waited for."""
        return cls(seed, kills, tuple(f"{name}:1:exit" for name in _SHORT_PLAN), stops=1)

    @classmethod
    def drawn(cls, seed: int, kills: int, *, deeper: bool = False) -> KillPlan:
        """Return the usual plan: every failpoint at its first arrival, those of a birth first; if `deeper`, the storing
        and sending ones at the second too: what they hold then is not what they held first."""
        first = [f"{name}:1:exit" for name in sorted(NAMES, key=lambda name: not name.startswith(_NEW_DATABASE))]
        later = [
            f"{name}:2:exit" for name in NAMES if name.startswith(_TWICE_REACHED) and not name.startswith(_NEW_DATABASE)
        ]
        return cls(seed, kills, tuple(first + (later if deeper else [])), stops=max(1, kills // 20))

    def births(self) -> tuple[str, ...]:
        """Return the failpoints to be met while there is no database yet."""
        return tuple(setting for setting in self.failpoints if setting.startswith(_NEW_DATABASE))


def run_kills(rig: Harness, plan: KillPlan, dial: FakeClock) -> KillReport:
    """Put the rig through the plan. Takes half a second to a second a death."""
    report = KillReport(f"seed {plan.seed}", plan.kills, len(plan.failpoints), recipients=len(rig.scene.recipients))
    began = time.monotonic()
    executioner = KillRunner(rig, report, random.Random(plan.seed), dial, plan)
    rig.origin.ill = random_bad_answers(random.Random(plan.seed + 1), plan.illness)
    for number, sink in enumerate(rig.sinks, start=2):
        sink.ponder = random_delay(random.Random(plan.seed + number))
    with publish_continuously(rig, random.Random(plan.seed + 9), plan.righted):
        for setting in plan.births():
            executioner.kill_at_failpoint(setting, lives=1)
        spared = read_baseline(rig, executioner, executioner.kill_at_random)
        for setting in plan.failpoints[len(plan.births()) :]:
            executioner.kill_at_failpoint(setting)
        turns = ["kill"] * plan.kills + ["stop"] * plan.stops
        executioner.dice.shuffle(turns)
        for turn in turns:
            executioner.kill_at_random() if turn == "kill" else executioner.terminate_at_random()
    last = executioner.run_until_idle()
    evaluate(rig, report, spared, last, executioner.undisturbed)
    report.days, report.seconds = (dial() - dial.start) / timedelta(days=1), time.monotonic() - began
    return report


@dataclass(slots=True)
class KillRunner:
    """Starts the service, ends it, lets time pass, and looks at what was left. `undisturbed` are the moments at which
    it ran to its end."""

    rig: Harness
    report: KillReport
    dice: random.Random
    dial: FakeClock
    plan: KillPlan
    seen: list[int] = field(default_factory=lambda: [0] * 6)
    found: DbSnapshot = field(default_factory=lambda: DbSnapshot("ok"))
    undisturbed: list[datetime] = field(default_factory=list)
    away_since: datetime | None = None

    def kill_at_failpoint(self, setting: str, lives: int = _MOST_RUNS_PER_FAILPOINT) -> None:
        """Let the service run into a failpoint, in one of so many lives; never to reach it is a fault of the plan."""
        if setting.startswith(_CIRCUIT_FAILPOINT):
            self.rig.relay.verdict = lambda _to: Behaviour.REFUSE_LATER
        for _ in range(lives):
            hour = next((hour for name, hour in _HOUR_OF_FAILPOINT.items() if setting.startswith(name)), None)
            if not setting.startswith(_NEW_DATABASE):  # a day that passes would be the birth
                self.advance_clock(hour)
            life = self.rig.start(failpoint=setting)
            patient = hour is not None or setting.startswith(_CIRCUIT_FAILPOINT)
            usual = 2 * CYCLE_SECONDS if patient else self.dice.uniform(BUSY_SECONDS, CYCLE_SECONDS)
            died = life.wait(20.0 if lives == 1 else usual) == _EXIT_AT_FAILPOINT
            if not died:
                life.kill()
            self.examine(setting if died else f"kill, {setting} was not reached")
            if died:
                return
        self.report.unreached.append(setting)

    def kill_at_random(self) -> None:
        """Kill the service: one time in five while it starts, else at any instant of a poll cycle, most often where
        most is done."""
        self.advance_clock()
        fresh = self.dice.random() < NEW_INTERPRETER_SHARE
        life = self.rig.start(fresh=fresh)
        starting = self.dice.random() < 0.2
        longest = BUSY_SECONDS if self.dice.random() < 0.8 else CYCLE_SECONDS
        delay = self.dice.uniform(0, (STARTUP_SECONDS if fresh else FORKED_SECONDS) if starting else longest)
        if not starting:
            self.await_first_poll(life, fresh=fresh)
        time.sleep(delay)
        life.kill()
        self.examine(f"kill {delay:.3f} s after its {'start' if starting else 'first request'}")

    def terminate_at_random(self) -> None:
        """Ask the service to end, at any instant of a poll cycle: what it had in hand is finished or given back."""
        self.advance_clock()
        life = self.rig.start(fresh=True)
        self.await_first_poll(life, fresh=True)
        delay = self.dice.uniform(0, CYCLE_SECONDS)
        time.sleep(delay)
        self._stop(life)
        self.examine(f"SIGTERM {delay:.3f} s after its first request")

    def await_first_poll(self, life: RunningCommand, *, fresh: bool) -> None:
        """Wait for the first request of a life, and note how long it took; one that has to be patient with its source
        makes none."""
        patience = 8.0 if fresh else 1.5
        if wait_until(lambda: self.rig.asked_since(life) or life.process.poll() is not None, patience, every=0.005):
            waits = self.report.first_polls if fresh and self.rig.mutant is None else self.report.forked
            waits.append(time.monotonic() - life.spawned)

    def advance_clock(self, hour: int | None = None) -> None:
        """Move the clock on: seconds, minutes or hours, now and then (with `hour` for certain) to the moment before a
        digest is due, a quiet night is over or a reminder is reached. Once a day the service runs undisturbed."""
        chance = self.dice.random()
        if hour is None and self.dice.random() < 0.04:
            hour = self.dice.choice((7, 8, 22))
        longest = 20 if chance < 0.4 else 900 if chance < 0.75 else 4 * 3600
        by = timedelta(seconds=self.dice.uniform(1, longest))
        if hour is not None:
            eve = timedelta(seconds=2 if hour == _REMINDER_HOUR else -1)
            by = max(self.dial.until(hour) + eve, timedelta())
        self._move_the_relay()
        if self.rig.database.exists() and (self.dial() + by).date() != self.dial().date():
            self.run_once()
            by -= timedelta(seconds=1) if hour not in (None, _REMINDER_HOUR) else timedelta()
        self.dial.skip(max(by, timedelta()))

    def run_until_idle(self) -> DbSnapshot:
        """Let the service run undisturbed until everything was served and nothing waits, then ask it to end."""
        self.rig.origin.ill = lambda _path: None
        self.rig.relay.verdict = lambda _to: Behaviour.TAKE
        for turn in range(_MOST_FINAL_RUNS):
            # Each evening has a reminder, each morning a digest that holds it: in between nothing comes to rest.
            evening, morning = self.dial.until(_REMINDER_HOUR, 5), self.dial.until(8, 1)
            self.dial.skip((evening, morning, timedelta(minutes=65))[turn % 3])
            self.run_once()
            if turn > 1 and self._all_served() and not self.found.unsettled():
                break
        else:
            unread = [event.mark for event in self.rig.origin.events if event.mark not in self.rig.origin.served]
            self.report.schedule.append(f"no rest: never served {unread}, waiting {sorted(self.found.unsettled())}")
        life = self.rig.start(fresh=True)
        self.await_first_poll(life, fresh=True)
        self._stop(life)
        return self.rig.examine()

    def run_once(self) -> None:
        moment = self.dial()
        if self.rig.start("run", "--once").wait(60) in (0, 1):
            self.undisturbed.append(moment)
        self.examine("ran to its end")

    def _move_the_relay(self) -> None:
        """Let the receiver of the relay go away, or come back, now and then; at the latest before its messages die."""
        relay = self.rig.relay
        away = relay.verdict("") is not Behaviour.TAKE
        self.away_since = (self.away_since or self.dial()) if away else None
        for_long = self.away_since is not None and self.dial() - self.away_since > _LONGEST_ABSENCE
        if for_long or self.dice.random() < (2 * self.plan.away if away else self.plan.away):
            fate = Behaviour.TAKE if away else self.dice.choice((Behaviour.REFUSE_LATER, Behaviour.RESET_BEFORE))
            relay.verdict = lambda _to: fate

    def _stop(self, life: RunningCommand) -> None:
        asked = time.monotonic()
        self.report.stops.append((life.stop(), time.monotonic() - asked))

    def _all_served(self) -> bool:
        return all(event.mark in self.rig.origin.served for event in self.rig.origin.events)

    def examine(self, ending: str) -> None:
        """Count the messages that were accepted and, at the moment of death, not recorded as sent."""
        self.found = self._look()
        cut = count_cut_offs(self._fresh(), self.found.settled(), self.report.windows)
        self.report.deaths += 1
        self.report.sound += self.found.integrity == "ok"
        self.report.schedule.append(f"{self.dial():%d %H:%M} {ending}: {cut} cut off")

    def _look(self) -> DbSnapshot:
        """Open the corpse once the receivers have read whatever it had already sent."""
        time.sleep(0.01)
        wait_until(lambda: sum(sink.talking for sink in self.rig.sinks) == 0, 10)
        return self.rig.examine()

    def _fresh(self) -> Iterator[str]:
        """Yield the ids of the messages taken since the last death."""
        for place, sink in enumerate(self.rig.sinks):
            taken = sink.so_far()
            yield from (message.id for message in taken[self.seen[place] :])
            self.seen[place] = len(taken)


def read_baseline(rig: Harness, executioner: KillRunner, live: Callable[[], None]) -> frozenset[str]:
    """Live again and again until every bill is on record. Whatever happened so far may be baseline or news, as the
    kills fell."""
    wanted = {f"congress/us/bill/{CONGRESS}/hr/{number}" for number in rig.origin.numbers}
    wanted |= {f"congress/us/bill/{CONGRESS}/whole"} if rig.scene.full else set()
    while not wanted <= {scope.partition("/20")[0] for scope in executioner.found.scopes}:
        if executioner.report.deaths >= _MOST_BASELINE_KILLS:
            raise AssertionError(f"no baseline of {sorted(wanted - executioner.found.scopes)[:3]}; see {rig.log}")
        live()
    names = {event.name for event in rig.origin.events}
    rig.past |= names | {f"CO{name[2:]}" for name in names if name.startswith("EV")}
    return frozenset(rig.past)


def evaluate(
    rig: Harness, report: KillReport, spared: frozenset[str], last: DbSnapshot, undisturbed: list[datetime]
) -> None:
    truth = expected_deliveries(rig, spared, undisturbed)
    taken = [message for sink in rig.sinks for message in sink.so_far()]
    report.verdict = check(truth, taken, report.windows, last.marked, PATIENCE)
    report.events, report.phantoms = len(rig.origin.events), len(rig.origin.phantoms)
    report.corrected = sum(event.corrected for event in rig.origin.events)
    bodies = {(m.id, m.to): m.digest for sink in (rig.archive, rig.relay) for m in sink.so_far()}
    report.hook_repeats = sum(
        bodies[m.id, m.to] != m.digest for sink in (rig.archive, rig.relay) for m in sink.so_far()
    )
    report.waiting = len(last.unsettled())
    report.given_up = tuple(sorted(name for name, state in last.states.items() if state == "dead"))
    report.own_faults = rig.own_faults()


def expected_deliveries(
    rig: Harness, spared: frozenset[str] = frozenset(), undisturbed: list[datetime] | None = None
) -> Expected:
    """Return what had to be told: everything as it last read. What was put right may have been told before."""
    served, events = rig.origin.served, rig.origin.events
    due = {e.mark: max(e.at, served[e.mark]) for e in events if e.mark in served}
    reminders = reminders_due(START, undisturbed or []) if rig.scene.full else {}
    told_early = {f"RG{days:03d}" for days in range(1, 91)} - set(reminders) if rig.scene.full else set()
    texts = frozenset(event.name for event in events if event.kind == "text")
    outdated = frozenset(event.name for event in events if event.corrected)
    return Expected(
        {mark: at for mark, at in {**due, **reminders}.items() if mark not in spared},
        rig.scene.recipients,
        spared | outdated | told_early,
        dict.fromkeys(rig.scene.narrow, texts),
    )
