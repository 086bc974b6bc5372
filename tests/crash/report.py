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
    """How the run went. `schedule` says how each process ended; `windows` which deliveries were cut off between their
    acceptance and our record of it; `first_polls` are seconds from the start of a new interpreter to its first
    request, `forked` those of processes that needed no imports. Of `losses` of the database, `refused` were noticed;
    `counted` changes were told by naming their bill alone. What is too slow is a fault only if
    the run is `timed`: in a test it says how busy the machine is."""

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
    result: CheckResult | None = None
    counted: int = 0
    restores: int = 0
    losses: int = 0
    refused: int = 0
    waiting: int = 0
    given_up: tuple[str, ...] = ()
    own_faults: list[str] = field(default_factory=list)
    timed: bool = False

    def faults(self) -> list[str]:
        """Return every promise that was broken; empty when the run was sound."""
        found = list(self.result.faults) if self.result else ["the run was not evaluated"]
        found += [f"the failpoint {name} was never reached" for name in self.unreached]
        found += [f"lexwatch's own fault: {line}" for line in self.own_faults]
        found += [f"{name} was given up, and no receiver was away that long" for name in self.given_up]
        if self.waiting:
            found.append(f"{self.waiting} names of deliveries still wait at the end")
        if self.refused != self.losses:
            found.append(f"a lost database was not refused: {self.losses - self.refused} of {self.losses} times")
        if self.sound != self.deaths:
            found.append(f"SQLite calls {self.deaths - self.sound} of {self.deaths} databases damaged")
        for status, seconds in self.stops:
            if status != 0 or (self.timed and seconds > STOP_SECONDS):
                found.append(f"SIGTERM: status {status} after {seconds:.1f} s")
        enough = self.timed and len(self.first_polls) >= _ENOUGH_STARTS
        if enough and statistics.median(self.first_polls) > FIRST_POLL_SECONDS:
            found.append(f"start to first poll: median {statistics.median(self.first_polls):.1f} s")
        return found

    def figures(self) -> dict[str, int | float]:
        """Return what can be added up over several runs."""
        result = self.result
        return {
            "kills": self.kills,
            "deaths": self.deaths,
            "damaged": self.deaths - self.sound,
            "failpoints": self.failpoints,
            "events": self.events,
            "corrected": self.corrected,
            "told": result.ok if result else 0,
            "lost": len(result.lost) if result else 0,
            "repeats": result.repeats if result else 0,
            "repeats_marked": sum(r.copies - 1 for r in result.repeated if r.marked) if result else 0,
            "cut_off": sum(self.windows.values()),
            "counted": self.counted,
            "restores": self.restores,
            "losses": self.losses,
            "losses_refused": self.refused,
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
                str(self.result),
                f"kills between acceptance and record: {sum(self.windows.values())}; changes that only an overview "
                f"counts: {self.counted}",
                f"backups restored: {self.restores}; database lost: {self.losses}, refused {self.refused}",
                f"integrity_check ok {self.sound}/{self.deaths}",
                f"start to first poll: median {statistics.median(waits):.2f} s, longest {max(waits):.2f} s "
                f"({len(self.first_polls)} new interpreters); "
                f"forked {statistics.median(self.forked or [0.0]):.2f} s ({len(self.forked)})",
                f"SIGTERM: longest {max((seconds for _, seconds in self.stops), default=0.0):.2f} s",
                *self.faults()[:_MOST_FAULTS],
                *([f"… {len(self.faults())} faults in all"] if len(self.faults()) > _MOST_FAULTS else []),
            )
        )
