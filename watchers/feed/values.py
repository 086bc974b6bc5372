"""What do the dates and addresses of a feed say: when was an entry published, and where does its link lead?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_EARLIEST = date(1900, 1, 1)
_NONE = frozenset({"1970-01-01"})
"""What programs write that have no date."""

_ISO_DAY = re.compile(r"(\d{4})(-?)(\d{2})\2(\d{2})(?![\d-])")
_WORDED_DAY = re.compile(
    r"(?:[^\W\d_]+\.?,?\s+)?(?P<day>\d{1,2})\.?[\s-]+(?:de\s)?(?P<month>[^\W\d_]{3,})\.?,?[\s-]+(?:de\s)?(?P<year>\d{4}|\d{2})(?!\d)"
    r"|(?:[^\W\d_]+\.?,?\s+)?(?P<month2>[^\W\d_]{3,})\.?\s+(?P<day2>\d{1,2}),?\s+(?P<year2>\d{4})(?!\d)"
    r"|(?P<day3>\d{1,2})\.(?P<month3>\d{1,2})\.(?P<year3>\d{4})(?!\d)"
)
"""Three orders: `5 January 2026`, `January 5, 2026` and `05.01.2026`, which no country writes with the month first."""
_TIME = re.compile(
    r"(?:[Tt]|,?\s+(?:-\s+)?)(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s*"
    r"(?:(?:UTC|GMT|UT)?\s*([+-])(\d{1,2})(?::?(\d{2}))?|([A-Za-z]{1,5}))?(?:\s*\([^()]{0,40}\))?"
)
_MONTHS: Mapping[str, int] = {
    beginning: month
    for month, beginnings in enumerate(
        (
            *("jan ene gen січ", "feb fév fev лют", "mar mär mrz бер", "apr avr abr кві", "may mai mag тра"),
            *("jun juin giu чер", "jul juil lug лип", "aug aoû aou ago сер", "sep set вер", "oct okt ott жов"),
            *("nov лис", "dec déc dez dic гру"),
        ),
        start=1,
    )
    for beginning in beginnings.split()
}
"""How the names of months begin in English, French, German, Spanish, Italian and Ukrainian."""
_ZONES: Mapping[str, float] = {
    name: hours
    for hours, names in {
        0: "Z UT UTC GMT WET",
        1: "CET MEZ MET WEST",
        2: "EET CEST MESZ SAST",
        3: "EEST MSK TRT",
        -4: "EDT",
        -5: "EST CDT",
        -6: "CST MDT",
        -7: "MST PDT",
        -8: "PST AKDT",
        -9: "AKST",
        -10: "HST",
        8: "HKT SGT AWST",
        9: "JST KST",
        10: "AEST",
        11: "AEDT",
        12: "NZST",
        13: "NZDT",
    }.items()
    for name in names.split()
}
"""Names of zones that mean one offset, in hours; those of RFC 822 mean what it says. What several countries call their
own time (BST, IST, AST) is not among them."""

_LONGEST_OFFSET = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class PublishedDate:
    """A day as the publisher writes it (`YYYY-MM-DD`), and the instant (aware UTC) where a time with a zone is said."""

    on: str
    at: datetime | None = None


def parse_date(text: object, now: datetime) -> PublishedDate | None:
    """Read a date of RSS (RFC 822) or Atom (RFC 3339); None for what is no date or cannot be one of a publication.

    `now` is aware UTC. Tomorrow's date is possible, because it is tomorrow somewhere; a later one is not, and an
    instant after `now` is left out. So is a time that cannot be read, or that no zone is said of: the day stays.
    """
    if not isinstance(text, str) or len(text) > 100:
        return None
    found = _dated(text.strip())
    if found is None or found.on in _NONE:
        return None
    if not _EARLIEST <= date.fromisoformat(found.on) <= now.date() + timedelta(days=1):
        return None
    return found if found.at is None or found.at <= now else PublishedDate(found.on)


@lru_cache(maxsize=4096)  # a feed that changed says the same of most entries
def _dated(text: str) -> PublishedDate | None:
    if form := _ISO_DAY.match(text):
        day = _day(form[1], form[3], form[4])
    elif form := _WORDED_DAY.match(text):
        day = _worded_day({name.rstrip("23"): value for name, value in form.groupdict().items() if value})
    else:
        loose = parsedate(text)
        return PublishedDate(day.isoformat()) if loose and (day := _day(*loose[:3])) else None
    rest = text[form.end() :]
    if day is None or (rest and rest[0] not in "Tt ,"):
        return None
    time = _TIME.fullmatch(rest)
    return PublishedDate(day.isoformat(), _instant(day, time.groups()) if time else None)


def _worded_day(said: Mapping[str, str]) -> date | None:
    month = said["month"].lower()
    number = int(month) if month.isdecimal() else _MONTHS.get(month[:4]) or _MONTHS.get(month[:3])
    return _day(_year(said["year"]), number, said["day"]) if number else None


def _year(written: str) -> int:
    year = int(written)
    return year if len(written) == 4 else year + (1900 if year > 68 else 2000)


def _day(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _instant(day: date, said: Sequence[Any]) -> datetime | None:
    """Return a time in UTC; None where its zone is not said or not known, or there is no such time."""
    hour, minute, second, sign, hours, minutes, zone = said
    offset = timedelta(hours=_ZONES[zone.upper()]) if zone and zone.upper() in _ZONES else None
    if hours is not None and int(minutes or 0) < 60:
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    if offset is None or abs(offset) > _LONGEST_OFFSET:
        return None
    try:  # 60 is a leap second
        clock = datetime(day.year, day.month, day.day, int(hour), int(minute), min(int(second or 0), 59), tzinfo=UTC)
        return clock - offset
    except (ValueError, OverflowError):
        return None


_LONGEST = 2000
_PASSING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|yclid|_ga|ref_src|phpsessid|jsessionid|aspsessionid\w*"
    r"|cfid|cftoken",
    re.IGNORECASE,
)
"""Parameters that say who asks and when, and never what for."""

_DOUBTFUL = re.compile(
    r"(?:j|php|asp|aspx)?sess(?:ion)?_?(?:id)?|sid|(?:access_?|auth_?|csrf_?|session_?)?token|nonce|timestamp|ts|rand"
    r"|random|cache_?(?:buster|bust)?|cb|_",
    re.IGNORECASE,
)
"""Parameters that name a visit at one publisher and the document at another (`article.php?sid=123`): which of the two
is seen by whether they change while the entry stays."""

_PASSING_FRAGMENT = re.compile(r"(?:xtor|utm_\w+|ref|from)=.*|rss|:~:text=.*", re.IGNORECASE)
_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*", re.IGNORECASE)


def safe_link(link: str | None) -> str | None:
    """Return an absolute http or https address, without what passes; None for anything else, scripts above all."""
    if not link:
        return None
    text = link.strip()
    if not text or len(text) > _LONGEST or "\\" in text or any(c <= " " or c == "\x7f" for c in text):
        return None
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    return urlunsplit(parts._replace(path=_IN_PATH.sub("", parts.path), query=_without(_PASSING, parts.query)))


def link_place(link: str) -> str:
    """Return what two addresses of one place have in common: no scheme, no `www.`, no last slash.

    A fragment stays, unless it says only where the reader came from: some pages hold a decree under each.
    """
    parts = urlsplit(link)
    host = parts.netloc.lower().removeprefix("www.")
    return urlunsplit(("", "", f"{host}{parts.path.rstrip('/')}", parts.query, _fragment(parts.fragment)))


def _fragment(written: str) -> str:
    return "" if _PASSING_FRAGMENT.fullmatch(written) else written


def without_doubtful(place: str) -> str:
    """Return an address without the parameters that may name no more than a visit."""
    parts = urlsplit(place)
    return urlunsplit(parts._replace(query=_without(_DOUBTFUL, parts.query)))


def _without(names: re.Pattern[str], query: str) -> str:
    """Drop the parameters of these names; a query without any is left as it was written."""
    if not query:
        return ""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return query
    kept = [pair for pair in pairs if not names.fullmatch(pair[0])]
    return query if len(kept) == len(pairs) else urlencode(kept)


def address_form(address: str) -> str:
    """Return what the addresses (or guids) of one kind of document have in common at one publisher: host, folders,
    ending and names of parameters, whatever numbers and headings stand in them. A redesign changes it, a new document
    does not."""
    try:
        parts = urlsplit(address)
        names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True, max_num_fields=200)})
    except ValueError:
        return "*"
    host = parts.netloc.lower().removeprefix("www.")
    *folders, last = re.split(r"[/:,]", parts.path.strip("/"))
    name, _, ending = last.rpartition(".") if _ENDING.search(last) else (last, "", "")
    segments = [folder.lower() if folder.isalpha() and len(folder) < _LONGEST_FOLDER else "*" for folder in folders]
    return "/".join((parts.scheme * (not host), host, *segments, "9" if name.isdigit() else "*", ending, *names))


_ENDING = re.compile(r"\.[a-z]{2,5}\Z")
_LONGEST_FOLDER = 20


def page_link(links: Iterable[Mapping[str, Any]]) -> str | None:
    """Return the address that opens as a page for people: of the alternate links the first one of HTML, or of no type
    (RFC 4287, 4.2.7.2: a link without `rel` is an alternate one), else the first of XHTML, else the first at all."""
    ranked = [
        (_MEDIA.get(str(link.get("type") or "text/html").partition(";")[0].strip().lower(), 2), number, link["href"])
        for number, link in enumerate(links)
        if str(link.get("rel") or "alternate").lower() == "alternate" and link.get("href")
    ]
    return str(min(ranked)[2]) if ranked else None


_MEDIA: Mapping[str, int] = {"text/html": 0, "application/xhtml+xml": 1}
