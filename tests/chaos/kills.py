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

from domain.delivery import GIVE_UP_AFTER
from monitor.failpoints import NAMES
from tests.chaos.bills import CONGRESS
from tests.chaos.checker import Truth, check, count_windows
from tests.chaos.press import RIGHTED, illness, pondering, publishing
from tests.chaos.report import Report
from tests.chaos.rig import Autopsy, Rig, Running
from tests.chaos.scene import START, reminders_due
from tests.chaos.sinks import Fate
from tests.chaos.times import Sundial
from tests.chaos.waiting import wait_until

CYCLE_SECONDS = 1.3
"""One poll cycle: a second between ticks, and what is done in one."""
BUSY_SECONDS = 0.35
"""What comes first in a life: the poll, and what the one before had left to send."""
STARTUP_SECONDS, FORKED_SECONDS = 2.0, 0.15
FRESH = 0.08
"""The share of lives that begin as a new interpreter."""
PATIENCE = timedelta(days=6)

_DIED_AT_FAILPOINT = 137
_LIVES_FOR_A_FAILPOINT = 60
_MOST_BASELINE_DEATHS = 40
_MOST_QUIET_LIVES = 30
_OF_A_BIRTH = "store.before_migrate"
"""Failpoints that only a new database reaches."""
_REMINDED = 22
_ON_THE_HOUR = {"service.settled": 8, "clock.": _REMINDED}
"""Failpoints that are reached at an hour: when a digest becomes free while the service runs (at its start it was freed
before), and when a reminder is due."""
_OF_A_CIRCUIT = "dispatch.circuit_saved"
_LONGEST_ABSENCE = GIVE_UP_AFTER / 2
"""What waits for longer than GIVE_UP_AFTER dies by design, and the operator hears of it."""
_SHORT = (
    "store.before_migrate_commit",
    "store.between_change_and_outbox",
    "store.before_commit",
    "store.after_commit",
    "dispatch.after_claim",
    "dispatch.marked",
    "dispatch.after_send",
    "dispatch.after_finish",
)
_DEEPER = ("store.before_", "store.after_", "dispatch.after_claim", "dispatch.after_send")
"""Failpoints that lives go on to reach."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done. `failpoints` are settings such as `store.before_commit:1:exit`."""

    seed: int
    kills: int
    failpoints: tuple[str, ...] = ()
    stops: int = 0
    illness: float = 0.02
    away: float = 0.06
    righted: float = RIGHTED

    @classmethod
    def short(cls, seed: int, kills: int) -> Plan:
        """Return a plan of seconds: where messages are written and sent, and no failpoint that has to be waited for."""
        return cls(seed, kills, tuple(f"{name}:1:exit" for name in _SHORT), stops=1)

    @classmethod
    def drawn(cls, seed: int, kills: int, *, deeper: bool = False) -> Plan:
        """Return the usual plan: every failpoint at its first arrival, those of a birth first; if `deeper`, the storing
        and sending ones at the second too: what they hold then is not what they held first."""
        first = [f"{name}:1:exit" for name in sorted(NAMES, key=lambda name: not name.startswith(_OF_A_BIRTH))]
        later = [f"{name}:2:exit" for name in NAMES if name.startswith(_DEEPER) and not name.startswith(_OF_A_BIRTH)]
        return cls(seed, kills, tuple(first + (later if deeper else [])), stops=max(1, kills // 20))

    def births(self) -> tuple[str, ...]:
        """Return the failpoints to be met while there is no database yet."""
        return tuple(setting for setting in self.failpoints if setting.startswith(_OF_A_BIRTH))


def ordeal(rig: Rig, plan: Plan, dial: Sundial) -> Report:
    """Put the rig through the plan. Takes half a second to a second a death."""
    report = Report(f"seed {plan.seed}", plan.kills, len(plan.failpoints), recipients=len(rig.scene.recipients))
    began = time.monotonic()
    executioner = Executioner(rig, report, random.Random(plan.seed), dial, plan)
    rig.origin.ill = illness(random.Random(plan.seed + 1), plan.illness)
    for number, sink in enumerate(rig.sinks, start=2):
        sink.ponder = pondering(random.Random(plan.seed + number))
    with publishing(rig, random.Random(plan.seed + 9), plan.righted):
        for setting in plan.births():
            executioner.die_at(setting, lives=1)
        spared = read_baseline(rig, executioner, executioner.die_at_random)
        for setting in plan.failpoints[len(plan.births()) :]:
            executioner.die_at(setting)
        turns = ["kill"] * plan.kills + ["stop"] * plan.stops
        executioner.dice.shuffle(turns)
        for turn in turns:
            executioner.die_at_random() if turn == "kill" else executioner.stop_at_random()
    last = executioner.come_to_rest()
    judge(rig, report, spared, last, executioner.undisturbed)
    report.days, report.seconds = (dial() - dial.start) / timedelta(days=1), time.monotonic() - began
    return report


@dataclass(slots=True)
class Executioner:
    """Starts the service, ends it, lets time pass, and looks at what was left. `undisturbed` are the moments at which
    it ran to its end."""

    rig: Rig
    report: Report
    dice: random.Random
    dial: Sundial
    plan: Plan
    seen: list[int] = field(default_factory=lambda: [0] * 6)
    found: Autopsy = field(default_factory=lambda: Autopsy("ok"))
    undisturbed: list[datetime] = field(default_factory=list)
    away_since: datetime | None = None

    def die_at(self, setting: str, lives: int = _LIVES_FOR_A_FAILPOINT) -> None:
        """Let the service run into a failpoint, in one of so many lives; never to reach it is a fault of the plan."""
        if setting.startswith(_OF_A_CIRCUIT):
            self.rig.relay.verdict = lambda _to: Fate.REFUSE_LATER
        for _ in range(lives):
            hour = next((hour for name, hour in _ON_THE_HOUR.items() if setting.startswith(name)), None)
            if not setting.startswith(_OF_A_BIRTH):  # a day that passes would be the birth
                self.let_time_pass(hour)
            life = self.rig.start(failpoint=setting)
            patient = hour is not None or setting.startswith(_OF_A_CIRCUIT)
            usual = 2 * CYCLE_SECONDS if patient else self.dice.uniform(BUSY_SECONDS, CYCLE_SECONDS)
            died = life.wait(20.0 if lives == 1 else usual) == _DIED_AT_FAILPOINT
            if not died:
                life.kill()
            self.examine(setting if died else f"kill, {setting} was not reached")
            if died:
                return
        self.report.unreached.append(setting)

    def die_at_random(self) -> None:
        """Kill the service: one time in five while it starts, else at any instant of a poll cycle, most often where
        most is done."""
        self.let_time_pass()
        fresh = self.dice.random() < FRESH
        life = self.rig.start(fresh=fresh)
        starting = self.dice.random() < 0.2
        longest = BUSY_SECONDS if self.dice.random() < 0.8 else CYCLE_SECONDS
        delay = self.dice.uniform(0, (STARTUP_SECONDS if fresh else FORKED_SECONDS) if starting else longest)
        if not starting:
            self.await_first_poll(life, fresh=fresh)
        time.sleep(delay)
        life.kill()
        self.examine(f"kill {delay:.3f} s after its {'start' if starting else 'first request'}")

    def stop_at_random(self) -> None:
        """Ask the service to end, at any instant of a poll cycle: what it had in hand is finished or given back."""
        self.let_time_pass()
        life = self.rig.start(fresh=True)
        self.await_first_poll(life, fresh=True)
        delay = self.dice.uniform(0, CYCLE_SECONDS)
        time.sleep(delay)
        self._stop(life)
        self.examine(f"SIGTERM {delay:.3f} s after its first request")

    def await_first_poll(self, life: Running, *, fresh: bool) -> None:
        """Wait for the first request of a life, and note how long it took; one that has to be patient with its source
        makes none."""
        patience = 8.0 if fresh else 1.5
        if wait_until(lambda: self.rig.asked_since(life) or life.process.poll() is not None, patience, every=0.005):
            waits = self.report.first_polls if fresh and self.rig.mutant is None else self.report.forked
            waits.append(time.monotonic() - life.spawned)

    def let_time_pass(self, hour: int | None = None) -> None:
        """Move the clock on: seconds, minutes or hours, now and then (with `hour` for certain) to the moment before a
        digest is due, a quiet night is over or a reminder is reached. Once a day the service runs undisturbed."""
        chance = self.dice.random()
        if hour is None and self.dice.random() < 0.04:
            hour = self.dice.choice((7, 8, 22))
        longest = 20 if chance < 0.4 else 900 if chance < 0.75 else 4 * 3600
        by = timedelta(seconds=self.dice.uniform(1, longest))
        if hour is not None:
            eve = timedelta(seconds=2 if hour == _REMINDED else -1)
            by = max(self.dial.until(hour) + eve, timedelta())
        self._move_the_relay()
        if self.rig.database.exists() and (self.dial() + by).date() != self.dial().date():
            self.live_undisturbed()
            by -= timedelta(seconds=1) if hour not in (None, _REMINDED) else timedelta()
        self.dial.skip(max(by, timedelta()))

    def come_to_rest(self) -> Autopsy:
        """Let the service run undisturbed until everything was served and nothing waits, then ask it to end."""
        self.rig.origin.ill = lambda _path: None
        self.rig.relay.verdict = lambda _to: Fate.TAKE
        for turn in range(_MOST_QUIET_LIVES):
            # Each evening has a reminder, each morning a digest that holds it: in between nothing comes to rest.
            evening, morning = self.dial.until(_REMINDED, 5), self.dial.until(8, 1)
            self.dial.skip((evening, morning, timedelta(minutes=65))[turn % 3])
            self.live_undisturbed()
            if turn > 1 and self._all_served() and not self.found.unsettled():
                break
        else:
            unread = [event.mark for event in self.rig.origin.events if event.mark not in self.rig.origin.served]
            self.report.schedule.append(f"no rest: never served {unread}, waiting {sorted(self.found.unsettled())}")
        life = self.rig.start(fresh=True)
        self.await_first_poll(life, fresh=True)
        self._stop(life)
        return self.rig.examine()

    def live_undisturbed(self) -> None:
        moment = self.dial()
        if self.rig.start("run", "--once").wait(60) in (0, 1):
            self.undisturbed.append(moment)
        self.examine("ran to its end")

    def _move_the_relay(self) -> None:
        """Let the receiver of the relay go away, or come back, now and then; at the latest before its messages die."""
        relay = self.rig.relay
        away = relay.verdict("") is not Fate.TAKE
        self.away_since = (self.away_since or self.dial()) if away else None
        for_long = self.away_since is not None and self.dial() - self.away_since > _LONGEST_ABSENCE
        if for_long or self.dice.random() < (2 * self.plan.away if away else self.plan.away):
            fate = Fate.TAKE if away else self.dice.choice((Fate.REFUSE_LATER, Fate.RESET_BEFORE))
            relay.verdict = lambda _to: fate

    def _stop(self, life: Running) -> None:
        asked = time.monotonic()
        self.report.stops.append((life.stop(), time.monotonic() - asked))

    def _all_served(self) -> bool:
        return all(event.mark in self.rig.origin.served for event in self.rig.origin.events)

    def examine(self, ending: str) -> None:
        """Count the messages that were accepted and, at the moment of death, not recorded as sent."""
        self.found = self._look()
        cut = count_windows(self._fresh(), self.found.settled(), self.report.windows)
        self.report.deaths += 1
        self.report.sound += self.found.integrity == "ok"
        self.report.schedule.append(f"{self.dial():%d %H:%M} {ending}: {cut} cut off")

    def _look(self) -> Autopsy:
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


def read_baseline(rig: Rig, executioner: Executioner, live: Callable[[], None]) -> frozenset[str]:
    """Live again and again until every bill is on record. Whatever happened so far may be baseline or news, as the
    kills fell."""
    wanted = {f"congress/us/bill/{CONGRESS}/hr/{number}" for number in rig.origin.numbers}
    wanted |= {f"congress/us/bill/{CONGRESS}/whole"} if rig.scene.full else set()
    while not wanted <= {scope.partition("/20")[0] for scope in executioner.found.scopes}:
        if executioner.report.deaths >= _MOST_BASELINE_DEATHS:
            raise AssertionError(f"no baseline of {sorted(wanted - executioner.found.scopes)[:3]}; see {rig.log}")
        live()
    names = {event.name for event in rig.origin.events}
    rig.past |= names | {f"CO{name[2:]}" for name in names if name.startswith("EV")}
    return frozenset(rig.past)


def judge(rig: Rig, report: Report, spared: frozenset[str], last: Autopsy, undisturbed: list[datetime]) -> None:
    truth = truth_of(rig, spared, undisturbed)
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


def truth_of(rig: Rig, spared: frozenset[str] = frozenset(), undisturbed: list[datetime] | None = None) -> Truth:
    """Return what had to be told: everything as it last read. What was put right may have been told before."""
    served, events = rig.origin.served, rig.origin.events
    due = {e.mark: max(e.at, served[e.mark]) for e in events if e.mark in served}
    reminders = reminders_due(START, undisturbed or []) if rig.scene.full else {}
    told_early = {f"RG{days:03d}" for days in range(1, 91)} - set(reminders) if rig.scene.full else set()
    texts = frozenset(event.name for event in events if event.kind == "text")
    outdated = frozenset(event.name for event in events if event.corrected)
    return Truth(
        {mark: at for mark, at in {**due, **reminders}.items() if mark not in spared},
        rig.scene.recipients,
        spared | outdated | told_early,
        dict.fromkeys(rig.scene.narrow, texts),
    )
