"""What did the record publish, in words for the screen?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from monitor.demo.history import Bill, News

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


@dataclass(frozen=True, slots=True)
class Step:
    """One poll of the replay: what was published after the last one (None: everything until now is the past)."""

    after: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Passage:
    """The course of one bill, from its first day to the last one known."""

    bill: Bill

    @property
    def place(self) -> str:
        return "Washington"

    @property
    def zone(self) -> ZoneInfo:
        return WASHINGTON

    @property
    def verb(self) -> str:
        return "touched"

    def steps(self) -> tuple[Step, ...]:
        return steps(self.bill)

    def published(self, step: Step) -> list[str]:
        return published(self.bill, step)

    def counted(self, steps: Sequence[Step]) -> str:
        return counted(self.bill, steps)


def steps(bill: Bill) -> tuple[Step, ...]:
    """Say when a replay of this bill polls: soon after each touch, once for touches that lie close together."""
    polls: list[datetime] = []
    last: datetime | None = None
    for touch in bill.touches():
        if last is not None and touch - last <= _TOGETHER:
            polls.pop()
        polls.append(touch + _POLLED_AFTER)
        last = touch
    return tuple(Step(before, at) for before, at in zip([None, *polls], polls, strict=False))


def published(bill: Bill, step: Step) -> list[str]:
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


def counted(bill: Bill, steps: Sequence[Step]) -> str:
    """Say in one clause what several polls found: `4 action lines, 16 cosponsors`; empty for nothing at all."""
    news = [bill.between(step.after, step.at) for step in steps]
    clauses = []
    for name, (one, many) in _NOUNS.items():
        entries = [entry for found in news for entry in found[name]]
        number = len(_distinct(entries) if name == "actions" else entries)
        if number:
            clauses.append(f"{number} {one if number == 1 else many}")
    clauses += ["a policy area"] if any("policyArea" in m for found in news for m in found["members"]) else []
    return ", ".join(clauses)


def short_day(value: str) -> str:
    """Write a legal day without its year: `9 Dec`."""
    then = date.fromisoformat(value)
    return f"{then.day} {then:%b}"


def moment(at: datetime, zone: ZoneInfo = WASHINGTON) -> str:
    """Write an instant as the clocks there showed it: `Thu 22 Jul 2021, 08:10`."""
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def span(first: datetime, last: datetime, zone: ZoneInfo = WASHINGTON) -> str:
    """Write the days from one instant to another: `17 Jun - 21 Jul 2021`, `11 Dec 2025`."""
    start, end = first.astimezone(zone), last.astimezone(zone)
    until = f"{end.day} {end:%b %Y}"
    if start.date() == end.date():
        return until
    return f"{start.day} {start:%b}{f' {start:%Y}' if start.year != end.year else ''} - {until}"


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
