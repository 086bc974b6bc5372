"""What did the Ukrainian legislation database hold on a day of the past?

The facts of the decrees that prolong martial law and of the laws that approve them are those of
`monitor.service.regimes`; the
texts are *constructed* from the official formula. `data/ua-legislation.json` holds the formula, the other acts, and
says what is the record's and what is modelled.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from domain.documents import DocumentId
from monitor.service.regimes import shipped_regimes
from watchers.rada.act_text import STATUSES
from watchers.rada.client import document_of_nreg, nreg_of, number_of

KYIV = ZoneInfo("Europe/Kyiv")
REGIME = DocumentId("ua", "regime", ("martial-law",))
IN_FORCE, NOT_YET = STATUSES.index("чинний"), STATUSES.index("не набрав чинності")

_SHOWN_AT, _TOUCHED_AT = time(18), time(12)
_TOUCHES = (date(2025, 9, 1), date(2026, 2, 28))
"""The days on which one of the other acts is touched."""

_MONTHS = (
    "січня", "лютого", "березня", "квітня", "травня", "червня",
    "липня", "серпня", "вересня", "жовтня", "листопада", "грудня",
)  # fmt: skip
_NEW_WORDS_SINCE = date(2026, 1, 1)
"""From here on laws are announced "через медіа"; before, "через засоби масової інформації"."""


@dataclass(frozen=True, slots=True)
class Touch:
    """One change of a document in the database: aware UTC, its status from then on, the day of its last event."""

    at: datetime
    status: int
    event_on: date | None


@dataclass(frozen=True, slots=True)
class Paper:
    """One document of the database. `touches` are oldest first; `text` is None where only the card is served."""

    document: DocumentId
    title: str
    on: date
    touches: tuple[Touch, ...]
    text: str | None = None

    @property
    def nreg(self) -> str:
        return nreg_of(self.document) or ""

    @property
    def number(self) -> str:
        return number_of(self.document)

    def at(self, now: datetime) -> Touch | None:
        """Return its last change by `now`; None while it was not there."""
        return next((touch for touch in reversed(self.touches) if touch.at <= now), None)


@dataclass(frozen=True)
class Legislation:
    """The documents: `renewals` prolong martial law, `twins` are their like on mobilisation, `others` renew nothing."""

    raw: Mapping[str, Any]

    @property
    def about(self) -> tuple[str, ...]:
        """Where the documents come from, what of them is constructed and what is modelled."""
        return tuple(self.raw["about"])

    @cached_property
    def renewals(self) -> tuple[Paper, ...]:
        return tuple(_renewals(self.raw))

    @cached_property
    def twins(self) -> tuple[Paper, ...]:
        return tuple(_twin(stated) for stated in self.raw["twins"])

    @cached_property
    def others(self) -> tuple[Paper, ...]:
        stated = self.raw["others"]
        return tuple(_other(entry, turn, len(stated)) for turn, entry in enumerate(stated))

    @cached_property
    def papers(self) -> tuple[Paper, ...]:
        return (*self.renewals, *self.twins, *self.others)

    def shown(self, now: datetime) -> list[tuple[Paper, Touch]]:
        """Return the documents there at `now` with their last change, the newest change first."""
        found = [(paper, touch) for paper in self.papers if (touch := paper.at(now))]
        return sorted(found, key=lambda pair: pair[1].at, reverse=True)

    def updates(self, after: datetime, until: datetime) -> list[tuple[Paper, Touch]]:
        """Return every change after `after` and not later than `until`, oldest first; those of one instant in the
        order of the law, decree before law."""
        found = [(paper, touch) for paper in self.papers for touch in paper.touches if after < touch.at <= until]
        return sorted(found, key=lambda pair: pair[1].at)


def load() -> Legislation:
    """Read the documents that ship with lexwatch."""
    text = (files("monitor.demo") / "data" / "ua-legislation.json").read_text(encoding="utf-8")
    return Legislation(json.loads(text))


def _renewals(raw: Mapping[str, Any]) -> Iterator[Paper]:
    """Compose a decree and a law for each prolongation whose law has a day of adoption on record."""
    for fact in shipped_regimes()[REGIME].instruments:
        if fact["act"] == "extension" and "approved_on" in fact:
            decree, law = DocumentId.parse(fact["id"]), DocumentId.parse(fact["approval"])
            title = "Про продовження строку дії воєнного стану в Україні"
            approving = f'Про затвердження Указу Президента України "{title}"'
            in_force = _in_force(fact, raw["in_force_shown"])
            text = _decree(raw["decree"], decree, title, fact)
            yield Paper(decree, title, fact["on"], (_published(fact["on"]), in_force), text)
            text = _law(raw["law"], law, title, approving, fact)
            yield Paper(law, approving, fact["approved_on"], (_published(fact["approved_on"]), in_force), text)


def _in_force(fact: Mapping[str, Any], shown_on: Mapping[str, str]) -> Touch:
    """Return the change by which the card says that an act is in force; without an event where its day is unknown."""
    known: date | None = fact.get("in_force_on")
    modelled = shown_on.get(fact["approval"]) or fact["starts_at"][:10]
    return Touch(_moment(known or date.fromisoformat(modelled), _SHOWN_AT), IN_FORCE, known)


def _published(on: date) -> Touch:
    return Touch(_moment(on, _SHOWN_AT), NOT_YET, on)


def _decree(formula: str, decree: DocumentId, title: str, fact: Mapping[str, Any]) -> str:
    start = datetime.fromisoformat(fact["starts_at"])
    return formula.format(
        number=number_of(decree),
        title=title,
        start=f"{start:%H} години {start:%M} хвилин {_written(start.date())}",
        days=fact["length"].split()[0],
        signed=_written(fact["on"]),
    )


def _law(formula: str, law: DocumentId, title: str, approving: str, fact: Mapping[str, Any]) -> str:
    adopted: date = fact["approved_on"]
    return formula.format(
        number=number_of(law),
        nreg=nreg_of(law),
        title=approving,
        approved=title,
        decree=number_of(DocumentId.parse(fact["id"])),
        signed=_written(fact["on"]),
        adopted=_written(adopted),
        day=f"{adopted:%d.%m.%Y}",
        media="медіа" if adopted >= _NEW_WORDS_SINCE else "засоби масової інформації",
    )


def _twin(stated: Mapping[str, str]) -> Paper:
    on, in_force_on = date.fromisoformat(stated["on"]), date.fromisoformat(stated["in_force_on"])
    in_force = Touch(_moment(in_force_on, _SHOWN_AT), IN_FORCE, in_force_on)
    return Paper(_named(stated["nreg"]), stated["title"], on, (_published(on), in_force))


def _other(stated: Mapping[str, str], turn: int, of: int) -> Paper:
    """Touch an act every so many days, one act a day."""
    first, last = _TOUCHES
    days = (first + timedelta(days=n) for n in range(turn, (last - first).days + 1, of))
    touches = tuple(Touch(_moment(day, _TOUCHED_AT), IN_FORCE, day) for day in days)
    return Paper(_named(stated["nreg"]), stated["title"], date.fromisoformat(stated["on"]), touches)


def _named(nreg: str) -> DocumentId:
    found = document_of_nreg(nreg)
    assert found is not None, nreg
    return found


def _moment(day: date, at: time) -> datetime:
    """Return a wall time in Kyiv as aware UTC."""
    return datetime.combine(day, at, KYIV).astimezone(UTC)


def _written(day: date) -> str:
    """Write a day as official texts do: `20 жовтня 2025 року`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year} року"
