"""From when, and for how long, does an act say it runs?

Reads days, times of day and lengths written out in Ukrainian, Russian or English. Works on folded text (see
`wording.folded`). Nothing is reckoned here: an end that somebody wrote in prose is never taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

_UK = (
    "січня", "лютого", "березня", "квітня", "травня", "червня",
    "липня", "серпня", "вересня", "жовтня", "листопада", "грудня",
)  # fmt: skip
_RU = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
_EN = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTHS = {name: number for names in (_UK, _RU, _EN) for number, name in enumerate(names, start=1)}

_MONTH = "|".join(_MONTHS)
_DAY = (
    rf"(?:(?P<d>\d{{1,2}})(?:-?го|st|nd|rd|th)? (?P<month>{_MONTH}),? (?P<y>\d{{4}})"
    rf"|(?P<month2>{'|'.join(_EN)}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y2>\d{{4}})"
    r"|(?P<d3>\d{1,2})\.(?P<m3>\d{1,2})\.(?P<y3>\d{4}))(?: року| р\.| года| г\.)?"
)
_HOURS = r"(?:год(?:ин[аиу]?|\.)?|час(?:ов|а)?)"
_CLOCK = (
    rf"(?:(?P<h>\d{{1,2}}) ?(?:{_HOURS}|hours?)"
    r"(?: ?(?P<min>\d{1,2}) ?(?:хв(?:илин[аиу]?|\.)?|мин(?:ут[аы]?|\.)?|minutes?))?"
    rf"|(?P<h2>\d{{1,2}}) ?[:.] ?(?P<min2>\d{{2}})(?: ?(?:{_HOURS}|(?P<half>[ap])\.?m\.?))?)"
)
_KYIV = r"(?: ?\(?(?:за київським часом|київського часу|по киевскому времени|kyiv time)\)?)?"
_FROM = (
    r"(?:\b(?:починаючи |начиная )?(?:з|із|зі|с|со|from|as of) "
    r"|\b(?:starting|beginning|commencing|effective)(?: at| on| from)? )(?:on )?"
)

_START = re.compile(rf"{_FROM}(?:{_CLOCK}{_KYIV},? ?(?:on |of )?)?{_DAY}")
_START_DAY_FIRST = re.compile(rf"{_FROM}{_DAY},? ?(?:(?:о|об|з|із|в|at|from) )?{_CLOCK}")
_DAYS = re.compile(_DAY)
_WRITTEN_DAY = re.compile(
    rf"(?:\d{{1,2}} (?:{_MONTH}),? \d{{4}}|(?:{'|'.join(_EN)}) \d{{1,2}},? \d{{4}})(?: року| р\.| года| г\.)?"
)

_NUMBERS = {
    "один": 1,
    "два": 2,
    "три": 3,
    "шість": 6,
    "one": 1,
    "two": 2,
    "three": 3,
    "six": 6,
    "sixty": 60,
    "шестьдесят": 60,
    "тридцять": 30,
    "шістдесят": 60,
    "дев'яносто": 90,
    "тридцать": 30,
    "девяносто": 90,
    "thirty": 30,
    "ninety": 90,
}
_LENGTH = re.compile(
    rf"(?:(?:строком|терміном|сроком)(?: на)?|на|протягом|впродовж|for|by)(?: another| a further)?"
    rf"(?: (?:a|an|the))?(?: (?:period|term) of)? "
    rf"(?P<n>\d{{1,3}}|{'|'.join(_NUMBERS)})(?: ?\([^)\n]{{1,40}}\))?(?: |-)(?:calendar |календарних )?"
    r"(?:(?P<days>діб|доби|добу|доба|днів|дні|день|суток|сутки|дней|дня|days?)"
    r"|(?P<months>місяц\w*|місяці|месяц\w*|months?)|(?P<years>рік|рок\w*|год\b|года|лет|years?))"
)


def start(text: str) -> str | None:
    """Return the first stated start as local wall time (`2025-11-05T05:30`); a day without time starts at 00:00."""
    found = _START_DAY_FIRST.search(text)
    plain = _START.search(text)
    if found is None or (plain is not None and plain.start() < found.start()):
        found = plain
    if found is None or (day := _day(found)) is None:
        return None
    hour, minute = _clock(found)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    return (datetime(day.year, day.month, day.day) + timedelta(hours=hour, minutes=minute)).isoformat("T", "minutes")  # noqa: DTZ001


def length(text: str) -> str | None:
    """Return the first stated length as `90 days`, `3 months` or `1 year`."""
    found = _LENGTH.search(text)
    if found is None:
        return None
    count = _NUMBERS.get(found["n"]) or int(found["n"])
    unit = "day" if found["days"] else "month" if found["months"] else "year"
    return f"{count} {unit}{'' if count == 1 else 's'}" if count else None


def day(text: str) -> str | None:
    """Return the first day written in the text as `YYYY-MM-DD`."""
    found = _DAYS.search(text)
    read = _day(found) if found else None
    return read.isoformat() if read else None


def days_alone(text: str) -> Iterator[str]:
    """Return the days that fill a line of their own, as the date of signature does."""
    for line in text.split("\n"):
        if _WRITTEN_DAY.fullmatch(line.strip()) and (found := day(line)):
            yield found


def last_day(text: str) -> str | None:
    """Return the last day written out with its month's name."""
    written = _WRITTEN_DAY.findall(text)
    return day(written[-1]) if written else None


def stamp_day(stamp: int | str | None) -> str | None:
    """Read the database's own dates, integers such as 20251021 where 0 is none, as `YYYY-MM-DD`."""
    digits = str(stamp or "")
    if not re.fullmatch(r"[0-9]{8}", digits):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        return None


def _day(found: re.Match[str]) -> date | None:
    part = found.groupdict()
    if part["d3"]:
        year, month, number = part["y3"], int(part["m3"]), part["d3"]
    elif part["d2"]:
        year, month, number = part["y2"], _MONTHS[part["month2"]], part["d2"]
    else:
        year, month, number = part["y"], _MONTHS[part["month"]], part["d"]
    try:
        return date(int(year), month, int(number))
    except ValueError:
        return None


def _clock(found: re.Match[str]) -> tuple[int, int]:
    part = found.groupdict()
    hour = int(part.get("h") or part.get("h2") or 0)
    minute = int(part.get("min") or part.get("min2") or 0)
    half = part.get("half")
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour, minute
