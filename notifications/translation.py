"""In which words of which language is something said, and how are days, moments and numbers written?

Only our own words are translated. What a publisher wrote, a title or an official sentence, stays as it is. English
needs no catalogue; another language is read from its `.po` file when the first message needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.coded_text import CodedText, Param, coded, is_coded
from domain.documents import DocumentId, label
from domain.errors import LexwatchError
from domain.jurisdictions import status_label as english_label
from notifications.sanitize import one_line
from notifications.sentences import sentence

LANGUAGES = ("en", "uk")
"""The languages that ship, by their ISO 639-1 codes."""

LOCALES = Path(__file__).parent / "locale"


@dataclass(frozen=True)
class Language:
    """One language: its code and its catalogue, whose msgids are the English texts."""

    code: str
    catalogue: NullTranslations

    def say(self, code: str, /, **params: object) -> str:
        """Return one of our sentences with its gaps filled."""
        english = sentence(code)
        if isinstance(english, tuple):
            template = self.catalogue.ngettext(*english, int(str(params["n"])))
        else:
            template = self.catalogue.gettext(english)
        return self.filled(template, params)

    def filled(self, template: str, params: Mapping[str, object]) -> str:
        """Return a template with its gaps filled; LookupError for one that no parameter fills."""
        return _Filler(self).vformat(template, (), params)

    def text(self, english: str, context: str | None = None) -> str:
        """Return words that somebody else declares in English: a status of a jurisdiction, a stage, a source."""
        if not english:
            return ""
        said = self.catalogue.pgettext(context, english) if context else self.catalogue.gettext(english)
        return said or english

    def name(self, document: DocumentId) -> str:
        """Name a document as people do. A regime that ships has a name in every language, all else is called the same:
        people filter and search by it."""
        return self.text(label(document), "label") if document.kind == "regime" else label(document)

    def days(self, first: date, last: date) -> str:
        """Write a run of days without their year: `8–14 December`, `29 December – 4 January`, `9 December`."""
        ends = [
            self.say("date.day_of_year", day=one.day, month=self.say(f"month.{one.month}")) for one in (first, last)
        ]
        if first == last:
            return ends[1]
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day}–{ends[1]}"
        return f"{ends[0]} – {ends[1]}"

    def render(self, value: Param) -> str:
        """Put a coded text, or its JSON, into words; the words of others come back as they are."""
        if isinstance(value, tuple):
            return ", ".join(self.render(one) for one in value)
        if isinstance(value, CodedText):
            return self._render(value)
        text = str(value)
        if not is_coded(text):
            return text
        try:
            return self._render(CodedText.from_json(text))
        except (ValueError, RecursionError):
            return text

    def _render(self, text: CodedText) -> str:
        special = _SPECIAL.get(text.code)
        try:
            return special(self, text) if special else self.say(text.code, **dict(text.params))
        except (LookupError, TypeError, ValueError, ArithmeticError, RecursionError):
            # Written by another version, or by a publisher in our form: shown as the record keeps it.
            return text.to_json()

    def day(self, day: date) -> str:
        """Write a day: `9 December 2025`."""
        return self.say("date.day", day=day.day, month=self.say(f"month.{day.month}"), year=day.year)

    def moment(self, at: datetime) -> str:
        """Write a moment to the minute by the clock it carries: `3 Feb 2026 05:30`."""
        month = self.say(f"short_month.{at.month}")
        return self.say("date.moment", day=at.day, short_month=month, year=at.year, time=f"{at:%H:%M}")

    def instant(self, at: datetime, zone: str) -> str:
        """Write an aware instant in the reader's zone (an IANA name): `10 December 2025, 14:05 UTC`."""
        return self._zoned(at.astimezone(zone_of(zone)))

    def stated(self, happened_on: str | None) -> str | None:
        """Write a legal day (`YYYY-MM-DD`) or a stated time (`YYYY-MM-DDTHH:MM±HH:MM`) without moving it.

        A time keeps the offset its source stated: it is the jurisdiction's wall time. What is neither is shown as it
        is."""
        if not happened_on:
            return None
        try:
            if len(happened_on) == 10:
                return self.day(date.fromisoformat(happened_on))
            return self._zoned(datetime.fromisoformat(happened_on))
        except ValueError:
            return one_line(happened_on, 40)

    def _zoned(self, at: datetime) -> str:
        name = at.tzname() or ""
        # Zones without an abbreviation are called `+03` by the zone database; `UTC+03:00` by datetime itself.
        zone = f"UTC{name}" if name[:1] in ("+", "-") else name
        return self.say("date.instant", day=self.day(at.date()), time=f"{at:%H:%M}", zone=zone).rstrip()


@cache
def language_of(code: str) -> Language:
    """Return a language by its code; KeyError for one that does not ship."""
    if code not in LANGUAGES:
        raise KeyError(code)
    return Language(code, NullTranslations() if code == "en" else _catalogue(code))


ENGLISH = language_of("en")


def status_label(status: str, document: DocumentId, language: Language = ENGLISH) -> str:
    """Say a status in a few words, fit for a subject line or a table: `Passed House`."""
    return language.text(english_label(status, document), "status")


E = TypeVar("E", bound=LexwatchError)


def coded_error(kind: Callable[..., E], code: str, params: Mapping[str, Param], /, **facts: Any) -> E:
    """Return an error whose message is one of our sentences: as data for the record, in English for a log. `facts` are
    the other arguments of its kind."""
    said = coded(code, **params)
    return kind(ENGLISH.render(said), said=said, **facts)


def _catalogue(code: str) -> GNUTranslations:
    """Read the file a translator edits; nobody has to compile anything."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with (LOCALES / code / "LC_MESSAGES" / "lexwatch.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return GNUTranslations(compiled)


def zone_of(name: str) -> tzinfo:
    """Return the named zone, or UTC for a name nobody knows: a wrong zone must not hold a message back."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def days_late(happened_on: str | None, seen_at: datetime, zone: str) -> int | None:
    """Return how many days lie between the legal day and our seeing it; None where no day is stated."""
    try:
        happened = date.fromisoformat((happened_on or "")[:10])
    except ValueError:
        return None
    return (seen_at.astimezone(zone_of(zone)).date() - happened).days


class _Filler(Formatter):
    """Fills the gaps of a sentence. A gap takes a name and how it is written, never a member of a value."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def get_field(self, field_name: str, args: Any, kwargs: Mapping[str, Any]) -> tuple[Any, str]:
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec:
            return _WRITTEN[format_spec](self._language, value)
        return self._language.render(value)


def _day(language: Language, value: Any) -> str:
    return language.day(date.fromisoformat(str(value)[:10]))


def _short_day(language: Language, value: Any) -> str:
    day = date.fromisoformat(str(value)[:10])
    return language.say(
        "date.short_day", day=day.day, short_month=language.say(f"short_month.{day.month}"), year=day.year
    )


def _length(language: Language, value: Any) -> str:
    number, _, unit = str(value).partition(" ")
    return language.say(f"length.{unit.removesuffix('s')}", n=int(number))


def _span(language: Language, value: Any) -> str:
    """Write minutes in the two greatest units: `2 h 10 min`, `3 d 4 h`."""
    minutes = max(1, int(value))
    parts = (("day", minutes // 1440), ("hour", minutes // 60 % 24), ("minute", minutes % 60))
    return " ".join([language.say(f"span.{unit}", n=n) for unit, n in parts if n][:2])


def _schedule(language: Language, value: Any) -> str:
    """Write the schedule of a digest as the configuration has it: `daily 08:00`, `weekly monday 08:00`."""
    how_often, *weekday, time = str(value).split()
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return language.say(f"schedule.{how_often}" + (f".{days.index(weekday[0])}" if weekday else ""), time=time)


def _name(value: str) -> str:
    """Write the name of a document; an act that has none, because its neighbours alone fix it, by its subject."""
    try:
        return label(DocumentId.parse(value))
    except ValueError:
        return value


def _act(language: Language, value: Any) -> str:
    """Write an act by its kind and number, without whose it is: `Decree 793/2025`."""
    document = DocumentId.parse(str(value))
    name = label(document).removeprefix(f"{document.jurisdiction.upper()} ")
    kind, _, number = name.partition(" ")
    return language.say(f"act.{kind.lower()}", number=number) if kind.lower() in ("decree", "law", "bill") else name


def _and(language: Language, names: Sequence[str]) -> str:
    """Write a list as in a sentence: `a, b and c`."""
    *rest, last = names
    return language.say("and", names=", ".join(rest), last=last) if rest else last


_WRITTEN: Mapping[str, Callable[[Language, Any], str]] = {
    "act": _act,
    "and": lambda language, value: _and(language, [language.render(one) for one in value]),
    "bare": lambda language, value: language.render(value).removesuffix("."),
    "day": _day,
    "document": lambda language, value: language.name(DocumentId.parse(str(value))),
    "instant": lambda language, value: language.instant(datetime.fromisoformat(str(value)), "UTC"),
    "kind": lambda language, value: language.say(f"kind.{value}"),
    "kinds": lambda language, value: _and(language, [language.say(f"kind.{one}") for one in value]),
    "length": _length,
    "name": lambda language, value: _name(language.render(value)),
    "moment": lambda language, value: language.moment(datetime.fromisoformat(str(value))),
    "phrase": lambda language, value: language.render(language.text(str(value), "phrase")),
    "ordinal": lambda _, value: _ordinal(int(value)),
    "quoted": lambda _, value: ", ".join(f'"{one}"' for one in value),
    "schedule": _schedule,
    "short_day": _short_day,
    "source": lambda language, value: language.text(str(value), "source"),
    "span": _span,
    "title": lambda language, value: language.text(str(value), "title"),
    "stage": lambda language, value: language.text(str(value).replace("_", " "), "stage"),
    "state": lambda language, value: language.say(f"state.{value}"),
}
"""How a gap of a sentence is written, by the word after its colon."""


def _ordinal(number: int) -> str:
    """Write an English ordinal: 119th, 121st."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _sentences(language: Language, text: CodedText) -> str:
    """Put sentences one after the other, each with its capital letter and full stop."""
    parts = text.get("parts")
    said = (language.render(part) for part in (parts if isinstance(parts, tuple) else ()))
    return " ".join(f"{one[:1].upper()}{one[1:]}".rstrip(".") + "." for one in said if one)


def _joined(separator: str) -> Callable[[Language, CodedText], str]:
    def joined(language: Language, text: CodedText) -> str:
        parts = text.get("parts")
        return separator.join(language.render(part) for part in (parts if isinstance(parts, tuple) else ()))

    return joined


def _phrase(language: Language, text: CodedText) -> str:
    params = dict(text.params)
    return language.filled(language.text(str(params.pop("english")), "phrase"), params)


_SPECIAL: Mapping[str, Callable[[Language, CodedText], str]] = {
    "phrase": _phrase,
    "status": lambda language, text: status_label(
        str(text.get("status")), DocumentId.parse(str(text.get("document"))), language
    ),
    "sentences": _sentences,
    "clauses": _joined("; "),
    "lines": _joined("\n"),
    "portfolio.table": lambda language, text: "",
}
"""Codes that are no sentence of their own: a status by its document, and several sentences together."""
