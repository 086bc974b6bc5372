"""Is anything lost when the service is killed again and again?

One ordeal: read the baseline under fire, die at every named failpoint, die at random instants, then run undisturbed
until nothing is left to tell, and judge. While the service is down the publisher goes on publishing. Everything
random follows from the seed.
"""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from monitor.failpoints import NAMES
from tests.chaos.checker import Truth, Verdict, check, count_windows
from tests.chaos.origin import Ill
from tests.chaos.rig import RECIPIENTS, Autopsy, Rig, Running
from tests.chaos.waiting import wait_until

CYCLE_SECONDS = 1.6
"""One poll cycle: a second between polls, and the poll itself."""
STARTUP_SECONDS = 3.0
PONDER_SECONDS = 0.06
EVENT_SECONDS = 0.25
MOST_UNTOLD = 12
QUIET_SECONDS = 90.0
REST_SECONDS = 3.0
FIRST_POLL_SECONDS = 5.0
STOP_SECONDS = 10.0
PATIENCE = timedelta(seconds=60)

_DIED_AT_FAILPOINT = 137
_MOST_FAULTS = 20
_MOST_BASELINE_DEATHS = 12
_OF_A_BIRTH = "store.before_migrate"
"""Failpoints that only a new database reaches."""
_DEEPER = ("store.before_", "store.after_", "dispatch.after_claim", "dispatch.after_send")
"""Failpoints that lives go on to reach: what they hold the second time is not what they held the first."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done. `failpoints` are settings such as `store.before_commit:1:exit`."""

    seed: int
    kills: int
    failpoints: tuple[str, ...] = ()
    stops: int = 0
    illness: float = 0.02

    @classmethod
    def drawn(cls, seed: int, kills: int, *, deeper: bool = False) -> Plan:
        """Return the usual plan: every failpoint at its first arrival, those of a birth first; if `deeper`, the storing
        and sending ones at a later arrival too."""
        dice = random.Random(seed)
        first = [f"{name}:1:exit" for name in sorted(NAMES, key=lambda name: not name.startswith(_OF_A_BIRTH))]
        later = [
            f"{name}:{dice.randint(2, 9)}:exit"
            for name in NAMES
            if name.startswith(_DEEPER) and not name.startswith(_OF_A_BIRTH)
        ]
        return cls(seed, kills, tuple(first + (later if deeper else [])), stops=max(1, kills // 10))

    def births(self) -> tuple[str, ...]:
        """Return the failpoints to be met while there is no database yet."""
        return tuple(setting for setting in self.failpoints if setting.startswith(_OF_A_BIRTH))


@dataclass(slots=True)
class Report:
    """How the ordeal went. `schedule` says how each life ended; `windows` which deliveries were cut off between their
    acceptance and our record of it."""

    plan: Plan
    schedule: list[str] = field(default_factory=list)
    deaths: int = 0
    sound: int = 0
    windows: Counter[str] = field(default_factory=Counter)
    unreached: list[str] = field(default_factory=list)
    first_polls: list[float] = field(default_factory=list)
    events: int = 0
    phantoms: int = 0
    stops: list[tuple[int | None, float]] = field(default_factory=list)
    verdict: Verdict | None = None
    waiting: int = 0
    own_faults: list[str] = field(default_factory=list)

    def faults(self) -> list[str]:
        """Return every promise that was broken; empty when the run was sound."""
        found = list(self.verdict.faults) if self.verdict else ["the run never came to rest"]
        found += [f"the failpoint {name} was never reached" for name in self.unreached]
        found += [f"lexwatch's own fault: {line}" for line in self.own_faults]
        if self.waiting:
            found.append(f"{self.waiting} names of deliveries still wait at the end")
        if self.sound != self.deaths:
            found.append(f"SQLite calls {self.deaths - self.sound} of {self.deaths} databases damaged")
        for status, seconds in self.stops:
            if status != 0 or seconds > STOP_SECONDS:
                found.append(f"SIGTERM: status {status} after {seconds:.1f} s")
        if self.first_polls and statistics.median(self.first_polls) > FIRST_POLL_SECONDS:
            found.append(f"start to first poll: median {statistics.median(self.first_polls):.1f} s")
        return found

    def __str__(self) -> str:
        waits = self.first_polls or [0.0]
        return "\n".join(
            (
                f"seed {self.plan.seed}: {self.plan.kills} random kills, {self.plan.stops} random stops, "
                f"{len(self.plan.failpoints)} failpoints, "
                f"{self.events} events for {len(RECIPIENTS)} recipients, {self.phantoms} events never really served",
                str(self.verdict),
                f"kills between acceptance and record: {sum(self.windows.values())}",
                f"integrity_check ok {self.sound}/{self.deaths}",
                f"start to first poll: median {statistics.median(waits):.2f} s, longest {max(waits):.2f} s",
                f"SIGTERM {len(self.stops)} times: longest {max(seconds for _, seconds in self.stops):.2f} s",
                *self.faults()[:_MOST_FAULTS],
                *([f"… {len(self.faults())} faults in all"] if len(self.faults()) > _MOST_FAULTS else []),
            )
        )


def ordeal(rig: Rig, plan: Plan) -> Report:
    """Put the rig through the plan. Takes about three seconds a death."""
    report = Report(plan)
    dice = random.Random(plan.seed)
    executioner = _Executioner(rig, report, dice)
    rig.origin.ill = _illness(random.Random(plan.seed + 1), plan.illness)
    rig.mail.ponder = _pondering(random.Random(plan.seed + 2))
    rig.slack.ponder = _pondering(random.Random(plan.seed + 3))
    rig.archive.ponder = _pondering(random.Random(plan.seed + 5))
    with _publishing(rig, random.Random(plan.seed + 4)):
        for setting in plan.births():
            executioner.die_at(setting)
        spared = _read_baseline(rig, executioner)
        for setting in plan.failpoints[len(plan.births()) :]:
            executioner.die_at(setting)
        for _ in range(plan.kills):
            executioner.die_at_random()
        for _ in range(plan.stops):
            executioner.stop_at_random()
    _judge(rig, report, spared, _come_to_rest(rig, report))
    return report


@dataclass(slots=True)
class _Executioner:
    """Starts the service, ends it, and looks at what it left."""

    rig: Rig
    report: Report
    dice: random.Random
    seen: list[int] = field(default_factory=lambda: [0, 0, 0])
    found: Autopsy = field(default_factory=lambda: Autopsy("ok", 0, {}))

    def die_at(self, setting: str) -> None:
        """Let the service run into a failpoint; one it never reaches is a fault of the plan."""
        life = self.rig.start(failpoint=setting)
        if life.wait(20.0) != _DIED_AT_FAILPOINT:
            self.report.unreached.append(setting)
            life.kill()
        self._examine(setting)

    def die_at_random(self) -> None:
        """Kill the service: one time in five while it starts, else at any instant of a poll cycle."""
        life = self.rig.start()
        starting = self.dice.random() < 0.2
        delay = self.dice.uniform(0, STARTUP_SECONDS if starting else CYCLE_SECONDS)
        if not starting:
            self.await_first_poll(life)
        time.sleep(delay)
        life.kill()
        self._examine(f"kill {delay:.3f} s after its {'start' if starting else 'first request'}")

    def stop_at_random(self) -> None:
        """Ask the service to end, at any instant of a poll cycle: what it had in hand is finished or given back."""
        life = self.rig.start()
        self.await_first_poll(life)
        delay = self.dice.uniform(0, CYCLE_SECONDS)
        time.sleep(delay)
        _stop(life, self.report)
        self._examine(f"SIGTERM {delay:.3f} s after its first request")

    def await_first_poll(self, life: Running) -> None:
        """Wait for the first request of a life, and note how long it took."""
        if wait_until(lambda: self.rig.asked_since(life) or life.process.poll() is not None, 60, every=0.005):
            self.report.first_polls.append(time.monotonic() - life.spawned)

    def _examine(self, ending: str) -> None:
        """Count the messages that were accepted and, at the moment of death, not recorded as sent."""
        self.found = self._look()
        cut = count_windows(self._fresh(), self.found.settled(), self.report.windows)
        self.report.deaths += 1
        self.report.sound += self.found.integrity == "ok"
        self.report.schedule.append(f"{ending}: {cut} cut off")

    def _look(self) -> Autopsy:
        """Open the corpse once the receivers have read whatever it had already sent."""
        time.sleep(0.02)
        wait_until(lambda: sum(sink.talking for sink in self.rig.sinks) == 0, 10)
        return self.rig.examine()

    def _fresh(self) -> Iterator[str]:
        """Yield the ids of the messages taken since the last death."""
        for place, sink in enumerate(self.rig.sinks):
            taken = sink.so_far()
            yield from (message.id for message in taken[self.seen[place] :])
            self.seen[place] = len(taken)


def _read_baseline(rig: Rig, executioner: _Executioner) -> frozenset[str]:
    """Kill until every bill is on record. Whatever happened so far may be baseline or news, as the kills fell."""
    while executioner.found.documents < len(rig.origin.bills):
        if executioner.report.deaths >= _MOST_BASELINE_DEATHS:
            raise AssertionError(f"no baseline after {executioner.report.deaths} lives; see {rig.log}")
        executioner.die_at_random()
    return frozenset(event.mark for event in rig.origin.events)


def _come_to_rest(rig: Rig, report: Report) -> Autopsy:
    """Let the service run undisturbed until everything was served and nothing waits, then ask it to end."""
    rig.origin.ill = lambda _path: None
    life = rig.start()
    deadline = time.monotonic() + QUIET_SECONDS
    quiet_since, taken = time.monotonic(), -1
    while time.monotonic() < min(deadline, quiet_since + REST_SECONDS):
        time.sleep(0.5)
        if taken != rig.taken or not _all_served(rig) or rig.waiting():
            quiet_since, taken = time.monotonic(), rig.taken
    _stop(life, report)
    return rig.examine()


def _stop(life: Running, report: Report) -> None:
    asked = time.monotonic()
    status = life.stop()
    report.stops.append((status, time.monotonic() - asked))


def _all_served(rig: Rig) -> bool:
    return all(event.mark in rig.origin.served for event in rig.origin.events)


def _judge(rig: Rig, report: Report, spared: frozenset[str], last: Autopsy) -> None:
    events = rig.origin.events
    served = {e.mark: max(e.at, rig.origin.served[e.mark]) for e in events if e.mark in rig.origin.served}
    truth = Truth({mark: at for mark, at in served.items() if mark not in spared}, RECIPIENTS, spared)
    taken = [message for sink in rig.sinks for message in sink.so_far()]
    report.verdict = check(truth, taken, report.windows, rig.marked(), PATIENCE)
    report.events, report.phantoms = len(events), len(rig.origin.phantoms)
    report.waiting = len(last.unsettled())
    report.own_faults = rig.own_faults()


@contextmanager
def _publishing(rig: Rig, dice: random.Random) -> Iterator[None]:
    """Let something happen to some bill several times a second, whoever is alive to see it.

    A message lists only so many changes and counts the rest, so a bill of which much is untold is left in peace.
    """
    over = threading.Event()

    def publish() -> None:
        while not over.wait(dice.uniform(0.5, 1.5) * EVENT_SECONDS):
            number, chance = dice.choice(sorted(rig.origin.bills)), dice.random()
            if chance < 0.1 or len(rig.untold(number)) >= MOST_UNTOLD:
                rig.origin.touch(number)
            else:
                rig.origin.publish(number, "text" if chance < 0.3 else "action")

    thread = threading.Thread(target=publish, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _illness(dice: random.Random, share: float) -> Callable[[str], Ill | None]:
    """Make so large a share of all answers go wrong, each in one of the ways there are."""
    lock = threading.Lock()

    def ill(_path: str) -> Ill | None:
        with lock:
            return dice.choice(list(Ill)) if dice.random() < share else None

    return ill


def _pondering(dice: random.Random) -> Callable[[], float]:
    return lambda: dice.uniform(0, PONDER_SECONDS)
