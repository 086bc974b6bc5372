"""What is an event of the simulated year, and how is a schedule of them drawn? All events are constructed."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from domain.jurisdictions.us.names import us_bill
from tests.simulation.publishers import World

BEGIN, END = datetime(2026, 7, 1, 8, tzinfo=UTC), datetime(2027, 7, 1, 8, tzinfo=UTC)
NEW_CONGRESS = datetime(2027, 1, 3, 17, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

BILLS = tuple(us_bill(119, "hr", number) for number in range(7101, 7106))
"""The bills that are watched. The first becomes law at the turn of the year, the others die with the Congress."""

OTHERS = tuple(us_bill(119, "hr", number) for number in range(1, 41))
"""Bills that nobody watches."""

NEXT_BILL = us_bill(120, "hr", 9)
NEXT_WATCHED = datetime(2027, 1, 24, 8, tzinfo=UTC)
"""A bill of the 120th Congress, and when somebody adds it to the configuration."""

REDESIGNED = datetime(2027, 2, 10, 12, tzinfo=UTC)
"""When a feed gives all its entries new names and addresses: the operator hears of it once, and no reader."""

C34 = "ca/bill/45-1/c-34"
MARTIAL_LAW = "ua/regime/martial-law"
EMERGENCIES = tuple(f"us/regime/emergency/{name}" for name in ("eo-13660", "eo-13848", "eo-14156"))

Apply = Callable[[World], object]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that is published at a moment. `told` says how many changes of which kind are to be told of it, of
    `document` or of what is below it; a told change is of this event where one of the `marks` stands in its words."""

    at: datetime
    apply: Apply
    document: str = ""
    marks: tuple[str, ...] = ()
    told: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outage:
    source: str
    begin: datetime
    end: datetime
    how: str


@dataclass(frozen=True, slots=True)
class Reminders:
    """A term that ends, when the last step of its renewal is published, and by which words that is told: reminders come
    until then, and not after."""

    document: str
    end: datetime
    renewed: datetime
    mark: str


@dataclass(slots=True)
class Schedule:
    """The events of a stretch of the year, oldest first, and in `past` those before it."""

    seed: int
    begin: datetime = BEGIN
    end: datetime = END
    events: list[Event] = field(default_factory=list)
    past: list[Event] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    terms: list[Reminders] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    random: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.random.seed(self.seed)

    def word(self) -> str:
        """Return a word that nothing else has."""
        while True:
            made = "".join(self.random.choice("bdfgklmnprstvz") + self.random.choice("aeiou") for _ in range(5))
            if made not in self.words:
                self.words.add(made)
                return made.capitalize()

    def moment(self, first: datetime, last: datetime) -> datetime:
        """Return a moment between two, in office hours of Washington on a weekday."""
        day = first + self.random.random() * (last - first)
        while day.weekday() > 4:
            day += DAY
        hour, minute = self.random.randrange(14, 22), self.random.randrange(60)
        return day.replace(hour=hour, minute=minute, second=0, microsecond=0)

    def add(self, at: datetime, apply: Apply, document: object = "", *marks: str, **told: int) -> None:
        if at <= self.begin:
            self.past.append(Event(at, apply))
        elif at < self.end:
            self.events.append(Event(at, apply, str(document), marks, told))

    def in_order(self) -> Schedule:
        for events in (self.past, self.events):
            events.sort(key=lambda event: event.at)
        return self


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Return a moment of a day (UTC)."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
