"""What did the Ukrainian legislation database hold on a day of the past?

The facts of the decrees that prolong martial law and of the laws that approve them are those of
`monitor.service.regimes`; the
texts are *constructed* from the official formula. `data/ua-legislation.json` holds the formula, the other acts, and
says what is the record's and what is modelled.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from functools import cached_property
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from domain.documents import DocumentId
from domain.jurisdictions.ua import document_of_nreg, nreg_of, number_of
from monitor.service.regimes import shipped_regimes
from tests.helpers.demo_http import Answer, Asked, serve
from tests.helpers.paths import FIXTURES
from watchers.rada.act_text import STATUSES

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
class Act:
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
    def renewals(self) -> tuple[Act, ...]:
        return tuple(_renewals(self.raw))

    @cached_property
    def twins(self) -> tuple[Act, ...]:
        return tuple(_twin(stated) for stated in self.raw["twins"])

    @cached_property
    def others(self) -> tuple[Act, ...]:
        stated = self.raw["others"]
        return tuple(_other(entry, turn, len(stated)) for turn, entry in enumerate(stated))

    @cached_property
    def acts(self) -> tuple[Act, ...]:
        return (*self.renewals, *self.twins, *self.others)

    def shown(self, now: datetime) -> list[tuple[Act, Touch]]:
        """Return the documents there at `now` with their last change, the newest change first."""
        found = [(act, touch) for act in self.acts if (touch := act.at(now))]
        return sorted(found, key=lambda pair: pair[1].at, reverse=True)

    def updates(self, after: datetime, until: datetime) -> list[tuple[Act, Touch]]:
        """Return every change after `after` and not later than `until`, oldest first; those of one instant in the
        order of the law, decree before law."""
        found = [(act, touch) for act in self.acts for touch in act.touches if after < touch.at <= until]
        return sorted(found, key=lambda pair: pair[1].at)


def load_legislation() -> Legislation:
    """Read the documents that ship with lexwatch."""
    text = (FIXTURES / "demo" / "ua-legislation.json").read_text(encoding="utf-8")
    return Legislation(json.loads(text))


def _renewals(raw: Mapping[str, Any]) -> Iterator[Act]:
    """Compose a decree and a law for each prolongation whose law has a day of adoption on record."""
    for fact in shipped_regimes()[REGIME].instruments:
        if fact["act"] == "extension" and "approved_on" in fact:
            decree, law = DocumentId.parse(fact["id"]), DocumentId.parse(fact["approval"])
            title = "Про продовження строку дії воєнного стану в Україні"
            approving = f'Про затвердження Указу Президента України "{title}"'
            in_force = _in_force(fact, raw["in_force_shown"])
            text = _decree(raw["decree"], decree, title, fact)
            yield Act(decree, title, fact["on"], (_published(fact["on"]), in_force), text)
            text = _law(raw["law"], law, title, approving, fact)
            yield Act(law, approving, fact["approved_on"], (_published(fact["approved_on"]), in_force), text)


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


def _twin(stated: Mapping[str, str]) -> Act:
    on, in_force_on = date.fromisoformat(stated["on"]), date.fromisoformat(stated["in_force_on"])
    in_force = Touch(_moment(in_force_on, _SHOWN_AT), IN_FORCE, in_force_on)
    return Act(_named(stated["nreg"]), stated["title"], on, (_published(on), in_force))


def _other(stated: Mapping[str, str], turn: int, of: int) -> Act:
    """Touch an act every so many days, one act a day."""
    first, last = _TOUCHES
    days = (first + timedelta(days=n) for n in range(turn, (last - first).days + 1, of))
    touches = tuple(Touch(_moment(day, _TOUCHED_AT), IN_FORCE, day) for day in days)
    return Act(_named(stated["nreg"]), stated["title"], date.fromisoformat(stated["on"]), touches)


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


PUBLIC = "https://data.rada.gov.ua/laws"
"""Addresses inside answers name the public host, whoever asks."""

AGENT = "OpenData"
REACH = timedelta(days=30)
PAGE = 100

Shown = Sequence[tuple[Act, Touch]]


@dataclass(slots=True)
class RadaPublisher:
    """The publisher. `now` returns aware UTC; `asked` grows with every request."""

    legislation: Legislation
    now: Callable[[], datetime]
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answer:
        """Answer one request, errors included, the way the database does."""
        self.asked.append(asked)
        if asked.headers.get("user-agent") != AGENT:
            return _page(403, "403 Forbidden")
        found = self._find(unquote(asked.path).removeprefix("/laws/"))
        if found is None:
            return _page(404, "404 Not Found")
        body, content_type, touched_at = found
        modified = format_datetime(touched_at, usegmt=True)
        if asked.headers.get("if-modified-since") == modified:
            return Answer(304, b"", content_type, {"Last-Modified": modified})
        return Answer(200, body, content_type, {"Last-Modified": modified})

    def _find(self, path: str) -> tuple[bytes, str, datetime] | None:
        """Return body, type and last change of what is asked for; None where there is nothing."""
        kind, _, rest = path.partition("/")
        shown = self.legislation.shown(self.now())
        if kind == "main" and shown:
            return self._list(rest, shown)
        name, _, form = rest.rpartition(".")
        for act, touch in shown:
            if act.nreg == name and (kind, form) == ("card", "json"):
                return _json(_row(act, touch)), "application/json", touch.at
            if act.nreg == name and (kind, form) == ("show", "txt") and act.text is not None:
                return _act_text(act, touch).encode(), "text/plain; charset=utf-8", touch.at
        return None

    def _list(self, name: str, shown: Shown) -> tuple[bytes, str, datetime] | None:
        recent = [(act, touch) for act, touch in shown if self.now() - touch.at <= REACH]
        newest = shown[0][1].at
        if name == "r.xml":
            return _feed(recent, newest).encode(), "application/rss+xml; charset=utf-8", newest
        letter, _, number = name.removesuffix(".json").partition("/page")
        if letter not in ("n", "a") or not number.isdecimal():
            return None
        return _json(_leaf(recent if letter == "n" else shown, int(number))), "application/json", newest


@contextmanager
def serve_rada(database: RadaPublisher) -> Iterator[str]:
    """Serve a database on loopback until the block ends; yields its base address."""
    with serve(database.answer) as address:
        yield address


def _leaf(shown: Shown, number: int) -> dict[str, Any]:
    first = (number - 1) * PAGE
    rows = [_row(act, touch) | {"num": n} for n, (act, touch) in enumerate(shown[first : first + PAGE], first + 1)]
    return {"cnt": len(shown), "from": first + 1, "max": PAGE, "list": rows}


def _row(act: Act, touch: Touch) -> dict[str, Any]:
    """Return a document's card, which is also its row in a list."""
    law = act.document.kind == "law"
    issuer = 1 if law else 4
    return {
        "orgid": issuer,
        "n_vlas": act.number,
        "nazva": act.title,
        "nreg": act.nreg,
        "org": issuer,
        "organs": f"{issuer}:{_day(act.on)}:{act.number}",
        "orgdat": _day(act.on),
        "orgnum": act.number,
        "poddat": _day(touch.event_on),
        "pridat": _day(act.on),
        "status": touch.status,
        "typ": 1 if law else 2,
        "types": "1|216" if law else 2,
        "datred": _day(touch.event_on or act.on),
        "size": len(act.text or ""),
        "perv": act.nreg,
        "lang": "uk",
    }


def _act_text(act: Act, touch: Touch) -> str:
    """Return a document's text; a law's print form ends with its status."""
    ending = f"\n{STATUSES[touch.status]}\n" if act.document.kind == "law" else ""
    return f"{act.text}{ending}"


def _feed(shown: Shown, built_at: datetime) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
        f"<title>Законодавство України: оновлені документи</title><link>{PUBLIC}/main/r</link>"
        "<description>Оновлені документи</description><language>uk</language>"
        f"<lastBuildDate>{format_datetime(built_at, usegmt=True)}</lastBuildDate>"
        f"{''.join(_entry(act, touch) for act, touch in shown)}</channel></rss>\n"
    )


def _entry(act: Act, touch: Touch) -> str:
    page = f"{PUBLIC}/show/{act.nreg}"
    issuer = "Закон України" if act.document.kind == "law" else "Указ Президента України"
    return (
        f'<item><title>{escape(act.title)}</title><link>{page}</link><guid isPermaLink="true">{page}</guid>'
        f"<description>{issuer} від {act.on:%d.%m.%Y} № {act.number}</description>"
        f"<pubDate>{format_datetime(touch.at, usegmt=True)}</pubDate></item>"
    )


def _day(day: date | None) -> int:
    return int(f"{day:%Y%m%d}") if day else 0


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _page(status: int, words: str) -> Answer:
    return Answer(status, f"<html><body>{words}</body></html>".encode(), "text/html")
