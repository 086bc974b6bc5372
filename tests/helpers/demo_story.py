"""What did the record publish, in words for the screen?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from domain.documents import DocumentId
from domain.terms import regime_of, term_text, terms
from monitor.service.regimes import shipped_regimes
from tests.helpers import congress_publisher
from tests.helpers import rada_publisher as ukraine
from tests.helpers.congress_publisher import BillHistory, News
from tests.helpers.english import english
from tests.helpers.rada_publisher import IN_FORCE, KYIV, REACH, REGIME, Act, Legislation, Touch
from watchers.rada.act_text import STATUSES

WASHINGTON = ZoneInfo("America/New_York")

_TOGETHER = timedelta(minutes=30)
_POLLED_AFTER = timedelta(minutes=10)
_ECHO = re.compile(r"^Passed/agreed to in (House|Senate): ?")
_CITATIONS = re.compile(r"[\s.]*(\((consideration|text)[^()]*\))*[\s.]*$")
_NAMED = 3
_LINE = 140
_NOUNS = {
    "actions": ("action line", "action lines"),
    "cosponsors": ("cosponsor", "cosponsors"),
    "textVersions": ("text", "texts"),
    "summaries": ("summary", "summaries"),
    "relatedBills": ("related bill", "related bills"),
}


class Course(Protocol):
    """A stretch of the past: when it is polled, and what its publisher had then. `place` and `zone` are the
    publisher's, `verb` says what happened to the record when nothing came of it."""

    @property
    def place(self) -> str: ...

    @property
    def zone(self) -> ZoneInfo: ...

    @property
    def verb(self) -> str: ...

    def steps(self) -> tuple[PollStep, ...]: ...

    def published(self, step: PollStep) -> list[str]: ...

    def counted(self, steps: Sequence[PollStep]) -> list[tuple[int, str, str]]:
        """Say what several polls found: how many of which noun (singular and plural); empty for nothing at all."""
        ...


@dataclass(frozen=True, slots=True)
class Watched:
    """What somebody follows, a bill or a regime, and why."""

    document: DocumentId
    name: str
    note: str

    def toml(self) -> str:
        """Return the table that stands for it in the configuration."""
        return f"""
[[watch]]
{self.document.kind} = "{self.document}"
name = "{self.name}"
note = "{self.note}"
"""


@dataclass(frozen=True, slots=True)
class PollStep:
    """One poll of the replay: what was published after the last one (None: everything until now is the past)."""

    after: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class BillCourse:
    """The course of one bill, from its first day to the last one known."""

    bill: BillHistory

    @property
    def place(self) -> str:
        return "Washington"

    @property
    def zone(self) -> ZoneInfo:
        return WASHINGTON

    @property
    def verb(self) -> str:
        return "touched"

    def steps(self) -> tuple[PollStep, ...]:
        return steps(self.bill)

    def published(self, step: PollStep) -> list[str]:
        return published_of_bill(self.bill, step)

    def counted(self, steps: Sequence[PollStep]) -> list[tuple[int, str, str]]:
        return counted_of_bill(self.bill, steps)


def steps(bill: BillHistory) -> tuple[PollStep, ...]:
    """Say when a replay of this bill polls: soon after each touch, once for touches that lie close together."""
    polls: list[datetime] = []
    last: datetime | None = None
    for touch in bill.touches():
        if last is not None and touch - last <= _TOGETHER:
            polls.pop()
        polls.append(touch + _POLLED_AFTER)
        last = touch
    return tuple(PollStep(before, at) for before, at in zip([None, *polls], polls, strict=False))


def published_of_bill(bill: BillHistory, step: PollStep) -> list[str]:
    """Say what the record published between two polls, one line each, oldest action first."""
    news = bill.between(step.after, step.at)
    lines = [
        f"{short_day(action['actionDate'])}: {_shortened(action['text'])}"
        for action in _distinct(news["actions"])[::-1]
    ]
    lines += [f"text published: {text['type']}" for text in news["textVersions"][::-1]]
    lines += _people(news["cosponsors"])
    lines += [f"summary by the Library of Congress: {entry['actionDesc']}" for entry in news["summaries"]]
    lines += [_related(other) for other in news["relatedBills"]]
    lines += [line for member in news["members"] for line in _member(member)]
    return lines or ["touched, and nothing in it changed"]


def counted_of_bill(bill: BillHistory, steps: Sequence[PollStep]) -> list[tuple[int, str, str]]:
    """Say what several polls found: 4 action lines, 16 cosponsors; empty for nothing at all. What is not counted has
    the number 0."""
    news = [bill.between(step.after, step.at) for step in steps]
    clauses: list[tuple[int, str, str]] = []
    for name, (one, many) in _NOUNS.items():
        entries = [entry for found in news for entry in found[name]]
        number = len(_distinct(entries) if name == "actions" else entries)
        if number:
            clauses.append((number, one, many))
    clauses += [(0, "a policy area", "")] if any("policyArea" in m for found in news for m in found["members"]) else []
    return clauses


def short_day(value: str) -> str:
    """Write a legal day without its year: `9 Dec`."""
    then = date.fromisoformat(value)
    return f"{then.day} {then:%b}"


def _distinct(actions: Sequence[News]) -> list[News]:
    """Drop the echoes: the House, the Senate and the Library each write the same event down."""
    seen: dict[tuple[str, str], Any] = {}
    for action in actions:
        words = _CITATIONS.sub("", _ECHO.sub("", action["text"]))
        seen.setdefault((action["actionDate"], words), action)
    return list(seen.values())


def _shortened(text: str) -> str:
    """Cut an official line that fills more than two lines of a terminal."""
    return text if len(text) <= _LINE else f"{text[:_LINE].rsplit(' ', 1)[0]} [...]"


def _people(cosponsors: Sequence[News]) -> Iterator[str]:
    if len(cosponsors) == 1:
        yield f"cosponsor: {cosponsors[0]['fullName']}"
    elif cosponsors:
        names = ", ".join(person["lastName"] for person in cosponsors[:_NAMED])
        more = f" and {len(cosponsors) - _NAMED} more" if len(cosponsors) > _NAMED else ""
        yield f"{len(cosponsors)} cosponsors: {names}{more}"


def _related(other: News) -> str:
    return f"related bill: {other['type']} {other['number']} ({other['relationshipDetails'][0]['type'].lower()})"


def _member(member: News) -> Iterator[str]:
    if "title" in member:
        yield f"title: {member['title']}"
    if "policyArea" in member:
        yield f"policy area: {member['policyArea']['name']}"
    for law in member.get("laws", ()):
        yield f"law: {law['type']} {law['number']}"


@dataclass(frozen=True, slots=True)
class RenewalCourse:
    """A stretch of a regime's life, polled at `polls`, aware and in order. `after` is the poll before the first one,
    None if nobody watched until then."""

    legislation: Legislation
    polls: Sequence[datetime]
    after: datetime | None = None

    @property
    def place(self) -> str:
        return "Kyiv"

    @property
    def zone(self) -> ZoneInfo:
        return KYIV

    @property
    def verb(self) -> str:
        return "read"

    def steps(self) -> tuple[PollStep, ...]:
        """Say when the replay polls."""
        return (PollStep(self.after, self.polls[0]), *(PollStep(before, at) for before, at in pairwise(self.polls)))

    def published(self, step: PollStep) -> list[str]:
        """Say what the database published between two polls, one line each; at the first one, what was there."""
        if step.after is None:
            return self._there(step.at)
        news = self.legislation.updates(step.after, step.at)
        renewals = [_said(p, t) for p, t in news if p in self.legislation.renewals]
        twins = [f"{_said(p, t)} (mobilisation: not watched)" for p, t in news if p in self.legislation.twins]
        others = [f"{n} {one if n == 1 else many}" for n, one, many in _counted(news, self.legislation.others)]
        return [*renewals, *twins, *others]

    def counted(self, steps: Sequence[PollStep]) -> list[tuple[int, str, str]]:
        """Say what several polls found, none of it martial law's."""
        news = [update for step in steps if step.after for update in self.legislation.updates(step.after, step.at)]
        return _counted(news, (*self.legislation.twins, *self.legislation.others))

    def _there(self, now: datetime) -> list[str]:
        facets = shipped_regimes()[REGIME].observation(now).facets
        regime = regime_of(REGIME, facets)
        last = terms(regime, facets)[-1]
        listed = sum(now - touch.at <= REACH for _, touch in self.legislation.shown(now))
        return [
            f"shipped with lexwatch, the history until that day: {english(term_text(last, regime))}",
            f"the list of the last thirty days: {listed} documents",
        ]


def _said(paper: Act, touch: Touch) -> str:
    named = f"{paper.document.kind} {paper.number}"
    if touch.status != IN_FORCE:
        return f"{named} of {short_day(paper.on.isoformat())}: {paper.title}"
    since = "" if touch.event_on else "; since when is not on record"
    return f"{named}: the card says {STATUSES[touch.status]}, in force{since}"


def _counted(news: Sequence[tuple[Act, Touch]], among: Sequence[Act]) -> list[tuple[int, str, str]]:
    number = sum(paper in among for paper, _ in news)
    return [(number, "update of another act", "updates of other acts")] if number else []


_AUTUMN = ("2025-10-19", "2025-10-20", "2025-10-21", "2025-10-27", "2025-10-31", "2025-11-20")
_WINTER = ("2026-01-12", "2026-01-14", "2026-01-21", "2026-01-28")
_POLLED_AT = time(18, 10)
"""Soon after the day's acts have become visible."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the replay. `watched` joins the configuration before it, None where it is watched already. On
    `mail_fails_on`, a day where the publisher is, the mail server is out of order. `remark` says what is not the
    record's own."""

    title: str
    course: Course
    watched: Watched | None = None
    mail_fails_on: date | None = None
    remark: str | None = None


def parts() -> tuple[Part, ...]:
    """Return what is replayed, oldest first."""
    secure, nato = bills()
    autumn, winter = _evenings(_AUTUMN), _evenings(_WINTER)
    return (
        Part(
            "A bill becomes law: H.R. 3919, 117th Congress",
            BillCourse(secure),
            Watched(secure.document, "Secure equipment", "telecom desk"),
            mail_fails_on=date(2021, 10, 21),
        ),
        Part(
            "Martial law is prolonged: Ukraine, October 2025",
            RenewalCourse(legislation(), autumn),
            Watched(REGIME, "Martial law", "Kyiv bureau"),
            remark="Numbers and dates are the record's; the texts are constructed, composed from the official formula.",
        ),
        Part(
            "A bill in committee: H.R. 6508, 119th Congress",
            BillCourse(nato),
            Watched(nato.document, "NATO withdrawal", "US withdrawal from NATO"),
        ),
        Part("And prolonged again: Ukraine, January 2026", RenewalCourse(legislation(), winter, after=autumn[-1])),
    )


@cache
def bills() -> tuple[BillHistory, BillHistory]:
    """Return the bills whose histories are replayed."""
    return congress_publisher.load_history("hr3919-117"), congress_publisher.load_history("hr6508-119")


@cache
def legislation() -> Legislation:
    """Return the documents of the Ukrainian database."""
    return ukraine.load_legislation()


def watched_from() -> datetime:
    """Return when the replay first asks the Ukrainian database."""
    return _evenings(_AUTUMN)[0]


def _evenings(days: tuple[str, ...]) -> tuple[datetime, ...]:
    return tuple(datetime.combine(date.fromisoformat(day), _POLLED_AT, KYIV) for day in days)
