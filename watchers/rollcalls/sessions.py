"""Which sessions' roll calls can have news, and where are they counted?

Both chambers number roll calls anew with each session, of which a Congress has two, by calendar year. A session ends
at noon on 3 January at the latest, so a vote of the first days of a year still counts with the year before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.identity import congress_on
from watchers.rollcalls.document import WASHINGTON

TAIL = timedelta(days=14)
"""How long after its end a session is still asked: papers come late and are put right."""


@dataclass(frozen=True, slots=True)
class Session:
    """One session: `us/vote/119/house/2026/…` belongs to congress 119, session 2, year 2026."""

    congress: int
    session: int
    year: int

    @property
    def key(self) -> str:
        return f"{self.congress}-{self.session}"

    @classmethod
    def of(cls, congress: int, session: int) -> Session:
        return cls(congress, session, 1786 + 2 * congress + session)


def sitting(now: datetime) -> Session:
    """Return the session that counts roll calls at that moment."""
    return _on(now.astimezone(WASHINGTON).date())


def open_sessions(now: datetime) -> tuple[Session, ...]:
    """Return the sessions whose roll calls may still be news: the present one, and for two weeks the one before."""
    today = now.astimezone(WASHINGTON).date()
    return tuple(dict.fromkeys((_on(today - TAIL), _on(today))))


def begun(congress: int, now: datetime) -> Iterator[Session]:
    """Yield the sessions of a Congress that have begun."""
    present = sitting(now)
    for number in (1, 2):
        session = Session.of(congress, number)
        if session.year <= present.year:
            yield session


def _on(day: date) -> Session:
    congress = congress_on(day)
    first = Session.of(congress, 1)
    second_begins = date(first.year + 1, 1, 3)
    return first if day < second_begins else Session.of(congress, 2)
