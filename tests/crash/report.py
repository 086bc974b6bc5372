"""What is said of a run, and what of it is a fault?"""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass, field

from tests.crash.checker import CheckResult

FIRST_POLL_SECONDS = 5.0
STOP_SECONDS = 10.0
_ENOUGH_STARTS = 8
"""New interpreters whose median says something of the program and not of what else the machine does."""
_MOST_FAULTS = 20


@dataclass(slots=True)
class KillReport:
    """How the ordeal went. `schedule` says how each life ended; `windows` which deliveries were cut off between their
    acceptance and our record of it; `first_polls` are seconds from the start of a new interpreter to its first
    request, `forked` those of lives that needed no imports."""

    name: str
    kills: int = 0
    failpoints: int = 0
    schedule: list[str] = field(default_factory=list)
    deaths: int = 0
    sound: int = 0
    windows: Counter[str] = field(default_factory=Counter)
    unreached: list[str] = field(default_factory=list)
    first_polls: list[float] = field(default_factory=list)
    forked: list[float] = field(default_factory=list)
    events: int = 0
    corrected: int = 0
    phantoms: int = 0
    recipients: int = 0
    days: float = 0.0
    seconds: float = 0.0
    stops: list[tuple[int | None, float]] = field(default_factory=list)
    verdict: CheckResult | None = None
    hook_repeats: int = 0
    waiting: int = 0
    given_up: tuple[str, ...] = ()
    own_faults: list[str] = field(default_factory=list)

    def faults(self) -> list[str]:
        """Return every promise that was broken; empty when the run was sound."""
        found = list(self.verdict.faults) if self.verdict else ["the run never came to rest"]
        found += [f"the failpoint {name} was never reached" for name in self.unreached]
        found += [f"lexwatch's own fault: {line}" for line in self.own_faults]
        found += [f"{name} was given up, and no receiver was away that long" for name in self.given_up]
        if self.waiting:
            found.append(f"{self.waiting} names of deliveries still wait at the end")
        if self.hook_repeats:
            found.append(f"{self.hook_repeats} messages of webhooks came again under one id with another body")
        if self.sound != self.deaths:
            found.append(f"SQLite calls {self.deaths - self.sound} of {self.deaths} databases damaged")
        for status, seconds in self.stops:
            if status != 0 or seconds > STOP_SECONDS:
                found.append(f"SIGTERM: status {status} after {seconds:.1f} s")
        timed = len(self.first_polls) >= _ENOUGH_STARTS
        if timed and statistics.median(self.first_polls) > FIRST_POLL_SECONDS:
            found.append(f"start to first poll: median {statistics.median(self.first_polls):.1f} s")
        return found

    def figures(self) -> dict[str, int | float]:
        """Return what can be added up over several runs."""
        verdict = self.verdict
        return {
            "kills": self.kills,
            "deaths": self.deaths,
            "damaged": self.deaths - self.sound,
            "failpoints": self.failpoints,
            "events": self.events,
            "corrected": self.corrected,
            "told": verdict.ok if verdict else 0,
            "lost": len(verdict.lost) if verdict else 0,
            "repeats": verdict.repeats if verdict else 0,
            "repeats_marked": sum(r.copies - 1 for r in verdict.repeated if r.marked) if verdict else 0,
            "cut_off": sum(self.windows.values()),
            "hook_repeats": self.hook_repeats,
            "faults": len(self.faults()),
            "days": round(self.days, 1),
            "seconds": round(self.seconds),
        }

    def __str__(self) -> str:
        waits = self.first_polls or [0.0]
        return "\n".join(
            (
                f"{self.name}: {self.kills} random kills, {len(self.stops)} SIGTERMs, {self.failpoints} failpoints, "
                f"{self.deaths} deaths in {self.seconds:.0f} s ({60 * self.deaths / (self.seconds or 1):.0f} a minute) "
                f"and {self.days:.0f} days",
                f"{self.events} events ({self.corrected} put right) for {self.recipients} recipients, "
                f"{self.phantoms} never really served",
                str(self.verdict),
                f"kills between acceptance and record: {sum(self.windows.values())}; "
                f"webhook ids with a second body: {self.hook_repeats}",
                f"integrity_check ok {self.sound}/{self.deaths}",
                f"start to first poll: median {statistics.median(waits):.2f} s, longest {max(waits):.2f} s "
                f"({len(self.first_polls)} new interpreters); "
                f"forked {statistics.median(self.forked or [0.0]):.2f} s ({len(self.forked)})",
                f"SIGTERM: longest {max((seconds for _, seconds in self.stops), default=0.0):.2f} s",
                *self.faults()[:_MOST_FAULTS],
                *([f"… {len(self.faults())} faults in all"] if len(self.faults()) > _MOST_FAULTS else []),
            )
        )
