"""What does an answer of the API hold, or how does it refuse?

Every answer is one JSON object: `request`, on lists `pagination`, and the member asked for. A refusal has a member
`error` instead, a string or an object with code and message, under any status, 200 included. Whatever cannot be read
becomes a SourceError that names the JSON path, what was expected and what was seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TypeVar
from unicodedata import category, normalize
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Raw

from domain.errors import Changed, Refused, SourceError, Unavailable

T = TypeVar("T")

WASHINGTON = ZoneInfo("America/New_York")
"""Legislative days are days of the Capitol."""

_OBJECT: msgspec.json.Decoder[dict[str, Raw]] = msgspec.json.Decoder(dict[str, Raw])
_HALVES = re.compile(rb"\\\\|(?:\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F]|\\u[dD][89a-fA-F])[0-9a-fA-F]{2}")
"""Escapes of characters beyond 16 bits, whole or half, and escaped backslashes, which begin none. Halves are not JSON
that anybody can read."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?")


class _Complaint(msgspec.Struct):
    code: str | None = None
    message: str | None = None


_COMPLAINT = msgspec.json.Decoder(str | _Complaint | None)


def members(body: bytes, where: str, status: int = 200) -> Mapping[str, Raw]:
    """Open the outer object of an answer; its members stay unread JSON.

    Raises Refused, Unavailable or Changed when the answer is a refusal, and Changed when it is no JSON object.
    """
    found = decode(_HALVES.sub(_whole, body.removeprefix(b"\xef\xbb\xbf")), _OBJECT, where)
    if "error" in found:
        raise _refusal(found["error"], where, status)
    if status != 200:
        raise Unavailable(f"{where}: status {status} without a reason", status=status)
    return found


def _whole(escape: re.Match[bytes]) -> bytes:
    """Put a mark in place of half a character; pairs and escaped backslashes stay."""
    return escape[0] if len(escape[0]) != 6 else b"\\ufffd"


def decode(raw: Raw | bytes, decoder: msgspec.json.Decoder[T], where: str) -> T:
    """Read JSON of a known shape; Changed names the path below `where`."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise Changed(f"{where}: {error}") from error
    except RecursionError:
        raise Changed(f"{where}: expected JSON of sane depth, saw thousands of nested brackets") from None
    except ValueError as error:  # malformed JSON, and bytes that are not UTF-8
        raise Changed(f"{where}: expected JSON, saw {_glimpse(raw)} ({error})") from error


def member(found: Mapping[str, Raw], name: str, where: str) -> Raw:
    """Return one required member of an answer."""
    if name not in found:
        raise Changed(f"{where}: expected the member `{name}`, saw only {', '.join(sorted(found)) or 'nothing'}")
    return found[name]


def _refusal(raw: Raw, where: str, status: int) -> SourceError:
    complaint = decode(raw, _COMPLAINT, f"{where}.error")
    if isinstance(complaint, _Complaint):
        code, words = complaint.code or "", complaint.message or ""
    else:
        code, words = "", complaint or "no reason given"
    text = f"{where}: {code} {words}".strip()[:500]
    if code.startswith("API_KEY") or status in (401, 403):
        return Refused(text, status=403)
    if code == "OVER_RATE_LIMIT" or status == 429:
        return Unavailable(text, status=429)
    if status == 404:
        return Refused(text, status=status)
    if status >= 500:
        return Unavailable(text, status=status)
    return Changed(text, status=status)


def _glimpse(raw: Raw | bytes) -> str:
    start = bytes(raw)[:40]
    return repr(start) if start else "an empty body"


def said(text: str | None) -> str:
    """Return a publisher's words as they read: composed letters, no controls, nothing that cannot be seen.

    Another code of the same letter, a soft hyphen or a mark of direction makes no other event.
    """
    if not text or (text.isascii() and text.isprintable()):
        return text or ""
    seen = (c if c.isprintable() or c.isspace() else " " for c in normalize("NFC", text) if category(c) != "Cf")
    return "".join(" " if category(c) == "Cc" else c for c in seen).strip()


def stamp(text: str | None, where: str) -> datetime | None:
    """Read the publisher's own time stamp as aware UTC; a bare day is its first moment, absent is None."""
    if not text:
        return None
    try:
        if not (_DAY.fullmatch(text) or _STAMP.fullmatch(text)):
            raise ValueError("not an ISO 8601 time")
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Changed(f"{where}: expected a time such as 2025-12-11T09:07:49Z, saw {text!r}") from error


def washington_day(text: str | None, where: str) -> str | None:
    """Read a legal day as `YYYY-MM-DD`. The API writes some of them as UTC stamps of local midnight, 05:00Z in winter
    and 04:00Z in summer, which are other days elsewhere."""
    if not text:
        return None
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text).isoformat()
        moment = stamp(text, where)
        return moment.astimezone(WASHINGTON).date().isoformat() if moment else None
    except (ValueError, OverflowError) as error:
        raise Changed(f"{where}: expected a day such as 2025-12-09, saw {text!r}") from error
