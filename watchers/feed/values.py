"""When does an entry say it was published, and where does its link lead?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_EARLIEST = date(1900, 1, 1)
_NONE = frozenset({"1970-01-01"})
"""What programs write that have no date."""

_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([Zz]|[+-]\d{2}:?\d{2})?)?"
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WORDED = re.compile(r"(?:[A-Za-z]+\.?,?\s+)?(\d{1,2})\s+([A-Za-z]{3})[a-z]*\.?,?\s+(\d{4})")


@dataclass(frozen=True, slots=True)
class PublishedDate:
    """A day as the publisher writes it (`YYYY-MM-DD`), and the instant (aware UTC) where a time with a zone is said."""

    on: str
    at: datetime | None = None


def parse_date(text: object, now: datetime) -> PublishedDate | None:
    """Read a date of RSS (RFC 822) or Atom (RFC 3339); None for what is no date or cannot be one of a publication.

    `now` is aware UTC. Tomorrow's date is possible, because it is tomorrow somewhere; a later one is not, and an
    instant after `now` is left out.
    """
    if not isinstance(text, str) or len(text) > 100:
        return None
    found = _iso(text.strip()) or _mail(text.strip())
    if found is None or found.on in _NONE:
        return None
    if not _EARLIEST <= date.fromisoformat(found.on) <= now.date() + timedelta(days=1):
        return None
    return found if found.at is None or found.at <= now else PublishedDate(found.on)


def _iso(text: str) -> PublishedDate | None:
    form = _ISO.fullmatch(text)
    if form is None:
        return None
    try:
        if form[4] is None or form[7] is None:
            datetime(int(form[1]), int(form[2]), int(form[3]), int(form[4] or 0), int(form[5] or 0), tzinfo=UTC)
            return PublishedDate(f"{form[1]}-{form[2]}-{form[3]}")
        zone = "+00:00" if form[7] in "Zz" else f"{form[7][:3]}:{form[7][-2:]}"
        clock = f"{form[4]}:{form[5]}:{'59' if form[6] == '60' else form[6] or '00'}"
        return _stamped(datetime.fromisoformat(f"{form[1]}-{form[2]}-{form[3]}T{clock}{zone}"))
    except (ValueError, OverflowError):
        return None


def _mail(text: str) -> PublishedDate | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return _worded(text)
    if moment.tzinfo is None:
        return PublishedDate(moment.date().isoformat())
    try:
        return _stamped(moment)
    except OverflowError:
        return None


def _worded(text: str) -> PublishedDate | None:
    """Read `30 July 2026`, which is a day and no mail date."""
    form = _WORDED.fullmatch(text)
    if form is None or form[2].lower() not in _MONTHS:
        return None
    try:
        return PublishedDate(date(int(form[3]), _MONTHS.index(form[2].lower()) + 1, int(form[1])).isoformat())
    except ValueError:
        return None


def _stamped(moment: datetime) -> PublishedDate:
    return PublishedDate(moment.date().isoformat(), moment.astimezone(UTC))


_LONGEST = 2000
_PASSING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|yclid|_ga|ref_src"
    r"|(?:j|php|asp|aspx)?sess(?:ion)?_?(?:id)?|phpsessid|jsessionid|aspsessionid\w*|sid|cfid|cftoken|sessiontoken"
    r"|(?:access_?|auth_?|csrf_?)?token|nonce|timestamp|ts|rand|random|cache_?(?:buster|bust)?|cb|_",
    re.IGNORECASE,
)
"""Parameters that say who asks and when, not what for."""

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
    return urlunsplit(parts._replace(path=_IN_PATH.sub("", parts.path), query=_lasting(parts.query)))


def link_place(link: str) -> str:
    """Return what two addresses of one place have in common: no scheme, no `www.`, no last slash.

    A fragment stays, unless it says only where the reader came from: some pages hold a decree under each.
    """
    parts = urlsplit(link)
    host = parts.netloc.lower().removeprefix("www.")
    fragment = "" if _PASSING_FRAGMENT.fullmatch(parts.fragment) else parts.fragment
    return urlunsplit(("", "", f"{host}{parts.path.rstrip('/')}", parts.query, fragment))


def _lasting(query: str) -> str:
    """Drop the parameters that pass; a query without any is left as it was written."""
    if not query:
        return ""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return query
    kept = [pair for pair in pairs if not _PASSING.fullmatch(pair[0])]
    return query if len(kept) == len(pairs) else urlencode(kept)
