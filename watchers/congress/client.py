"""How is api.congress.gov asked, page by page, and what does an answer hold or refuse?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeVar
from unicodedata import category, normalize
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Raw

from domain.coded_text import CodedText, Param, phrase
from domain.errors import NONE, Changed, Refused, SourceError, Unavailable, mismatch, seen
from domain.observation import Evidence
from domain.ports import Http
from domain.sources import Response
from watchers.client import ApiClient, decode_json, evidence_of

T = TypeVar("T")

SOURCE = "congress"

WASHINGTON = ZoneInfo("America/New_York")
"""Legislative days are days of the Capitol."""

_OBJECT: msgspec.json.Decoder[dict[str, Raw]] = msgspec.json.Decoder(dict[str, Raw])
_HALVES = re.compile(rb"\\\\|(?:\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F]|\\u[dD][89a-fA-F])[0-9a-fA-F]{2}")
"""Escapes of characters beyond 16 bits, whole or half, and escaped backslashes, which begin none. Halves are not JSON
that anybody can read."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?")


class _ErrorAnswer(msgspec.Struct):
    code: str | None = None
    message: str | None = None


_ERROR_ANSWER = msgspec.json.Decoder(str | _ErrorAnswer | None)


def answer_members(body: bytes, where: str, status: int = 200) -> Mapping[str, Raw]:
    """Open the outer object of an answer; its members stay unread JSON.

    Raises Refused, Unavailable or Changed when the answer is a refusal, and Changed when it is no JSON object.
    """
    found = decode_json(_HALVES.sub(_replace_half, body.removeprefix(b"\xef\xbb\xbf")), _OBJECT, where)
    if "error" in found:
        raise _refusal(found["error"], where, status)
    if status != 200:
        raise Unavailable(
            phrase("{where}: status {status} without a reason", where=where, status=status), status=status
        )
    return found


def _replace_half(escape: re.Match[bytes]) -> bytes:
    """Put a mark in place of half a character; pairs and escaped backslashes stay."""
    return escape[0] if len(escape[0]) != 6 else b"\\ufffd"


def convert_values(values: Mapping[str, Any], kind: type[T], where: str) -> T:
    """Read plain values of a known shape, as `decode_json` reads JSON."""
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise Changed(phrase("{where}: {fault}", where=where, fault=str(error))) from error


def empty_list(where: str, promised: int, member: str) -> CodedText:
    return mismatch(where, "{n} {member}", phrase("an empty list"), n=promised, member=member)


def required_member(found: Mapping[str, Raw], name: str, where: str) -> Raw:
    """Return one required member of an answer."""
    if name not in found:
        raise Changed(mismatch(where, "the member `{name}`", tuple(sorted(found)[:20]) or NONE, name=name))
    return found[name]


def _refusal(raw: Raw, where: str, status: int) -> SourceError:
    complaint = decode_json(raw, _ERROR_ANSWER, f"{where}.error")
    if isinstance(complaint, _ErrorAnswer):
        code, words = complaint.code or "", complaint.message or ""
    else:
        code, words = "", complaint or ""
    reason: Param = f"{code} {words}".strip()[:500] or phrase("no reason given")
    text = phrase("{where}: {answer}", where=where, answer=reason)
    if code.startswith("API_KEY") or status in (401, 403):
        return Refused(text, status=403)
    if code == "OVER_RATE_LIMIT" or status == 429:
        return Unavailable(text, status=429)
    if status == 404:
        return Refused(text, status=status)
    if status >= 500:
        return Unavailable(text, status=status)
    return Changed(text, status=status)


def clean_words(text: str | None) -> str:
    """Return a publisher's words as they read: composed letters, no controls, nothing that cannot be seen.

    Another code of the same letter, a soft hyphen or a mark of direction makes no other event.
    """
    if not text or (text.isascii() and text.isprintable()):
        return text or ""
    seen = (c if c.isprintable() or c.isspace() else " " for c in normalize("NFC", text) if category(c) != "Cf")
    return "".join(" " if category(c) == "Cc" else c for c in seen).strip()


def parse_stamp(text: str | None, where: str) -> datetime | None:
    """Read the publisher's own time stamp as aware UTC; a bare day is its first moment, absent is None."""
    if not text:
        return None
    try:
        if not (_DAY.fullmatch(text) or _STAMP.fullmatch(text)):
            raise ValueError("not an ISO 8601 time")
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Changed(
            mismatch(where, "a time such as {example}", seen(text), example="2025-12-11T09:07:49Z")
        ) from error


def washington_day(text: str | None, where: str) -> str | None:
    """Read a legal day as `YYYY-MM-DD`. The API writes some of them as UTC stamps of local midnight, 05:00Z in winter
    and 04:00Z in summer, which are other days elsewhere."""
    if not text:
        return None
    try:
        return _day_in_washington(text)
    except (ValueError, OverflowError, Changed) as error:
        raise Changed(mismatch(where, "a day such as {example}", seen(text), example="2025-12-09")) from error


@lru_cache(maxsize=4096)
def _day_in_washington(text: str) -> str | None:
    if _DAY.fullmatch(text):
        return date.fromisoformat(text).isoformat()
    moment = parse_stamp(text, "")
    return moment.astimezone(WASHINGTON).date().isoformat() if moment else None


LIMIT = 250
"""The greatest page; more is silently cut to it, and less is asked 20 by 20."""

RESERVE = 25
"""Requests of the hour's allowance that are left for the list, which is asked in every poll."""

READABLE = frozenset({200, 404, 500})
"""Refusals of one record come with these and a reason in the body; the rest is the door's to judge."""


class CongressClient(ApiClient):
    """Asks one API with one key, in a header, of the configured origin alone: never part of an address.

    `left` is what the publisher said may still be asked this hour, `limit` how much in all, None before it has said;
    `at` is when the last answer came.
    """

    def __init__(self, http: Http, base_url: str, key: str, reserve: int = RESERVE) -> None:
        super().__init__(http, base_url, {"X-Api-Key": key})
        self.reserve = reserve
        self.left: int | None = None
        self.limit: int | None = None
        self.at: datetime | None = None

    def answer(self, path: str) -> Response:
        """Ask for a path below the base address; its answer has status 200, 404 or 500."""
        response = self.get(path, expect=READABLE, accept=("application/json",))
        self.at = response.fetched_at
        left, limit = (response.headers.get(f"x-ratelimit-{name}", "") for name in ("remaining", "limit"))
        if left.isascii() and left.isdigit():
            self.left = int(left)
        if limit.isascii() and limit.isdigit():
            self.limit = int(limit)
        return response

    def has_left(self, reserve: int) -> bool:
        """Say whether more than so much is left of the hour's allowance; of a small one, more than a quarter of it."""
        least = reserve if self.limit is None else min(reserve, self.limit // 4)
        return self.left is None or self.left > least

    @property
    def exhausted(self) -> bool:
        """True once no more than the reserve of the hour's allowance is left."""
        return self.left is not None and self.left <= self.reserve


def evidence(response: Response) -> Evidence:
    """Return the bytes of an answer as what a statement was read from."""
    return evidence_of(response, "application/json")


MOST_PAGES = 400
"""No list is longer: a Congress has fewer than 20,000 bills, a bill fewer than 2,000 actions."""

MOST_HOLES = 3
"""Empty pages in a row after which a count that promises more is no longer believed."""


class _Pagination(msgspec.Struct):
    count: int | None = None
    next: str | None = None


_PAGINATION = msgspec.json.Decoder(_Pagination | None)
_ROWS = msgspec.json.Decoder(list[Raw])


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page. `count` is the total the publisher names, `goes_on` whether it names a next page."""

    rows: tuple[bytes, ...]
    count: int | None = None
    goes_on: bool = False
    responses: tuple[Response, ...] = ()


@dataclass(frozen=True, slots=True)
class CompleteList:
    """A list as read. `settled` is false when it moved under our eyes both times: entries may be missing."""

    rows: tuple[bytes, ...]
    count: int | None
    settled: bool
    responses: tuple[Response, ...]


def parse_list_page(response: Response, name: str, where: str) -> ListPage:
    """Read one page of the list `name`; a missing list is Changed, a missing count is not."""
    found = answer_members(response.body, where, response.status)
    pages = decode_json(found["pagination"], _PAGINATION, f"{where}.pagination") if "pagination" in found else None
    rows = tuple(bytes(row) for row in decode_json(required_member(found, name, where), _ROWS, f"{where}.{name}"))
    pages = pages or _Pagination()
    return ListPage(rows, pages.count, bool(pages.next), (response,))


FetchPage = Callable[[int], ListPage]
"""Returns the page that begins at an offset."""


def read_all(turn: FetchPage, first: ListPage) -> CompleteList:
    """Read a list whose first page is at hand; twice, if it moved while it was read."""
    listing = _read_once(turn, first)
    if listing.settled or not listing.rows:
        return listing
    again = _read_once(turn, turn(0))
    merged: Mapping[bytes, None] = dict.fromkeys((*listing.rows, *again.rows))
    if again.settled:
        return again
    return CompleteList(tuple(merged), again.count, False, (*listing.responses, *again.responses))


def _read_once(turn: FetchPage, sheet: ListPage) -> CompleteList:
    leaves = [sheet]
    settled = True
    while continues(sheet, offset := (len(leaves) - 1) * (LIMIT - 1)):
        before, sheet = sheet, turn(offset + LIMIT - 1)
        if sheet.rows == before.rows and (sheet.rows or not any(one.rows for one in leaves[-MOST_HOLES:])):
            settled = False  # a publisher that ignores `offset`, or a count that nothing bears out
            break
        leaves.append(sheet)
        if len(leaves) > MOST_PAGES:
            raise Changed(mismatch("", "at most {n} pages", phrase("no end"), n=MOST_PAGES))
        full = len(before.rows) == LIMIT
        settled = settled and (not full or not sheet.rows or _overlaps(before.rows, sheet.rows))
    counts = {one.count for one in leaves} - {None}
    responses = tuple(response for one in leaves for response in one.responses)
    return CompleteList(joined_rows([one.rows for one in leaves]), sheet.count, settled and len(counts) <= 1, responses)


def joined_rows(pages: Sequence[tuple[bytes, ...]]) -> tuple[bytes, ...]:
    """Put the pages of a list together: each begins with the last entry of a full one before."""
    rows = list(pages[0])
    for before, page in pairwise(pages):
        rows += page[1:] if _overlaps(before, page) else page
    return tuple(rows)


def _overlaps(before: tuple[bytes, ...], page: tuple[bytes, ...]) -> bool:
    return len(before) == LIMIT and page[:1] == before[-1:]


def fetched_rows(pages: Sequence[Evidence], name: str) -> tuple[bytes, ...] | None:
    """Return the entries of a list from the answers it was read from, in two passes where it moved meanwhile; None
    where the bill's own answer said that there are none."""
    passes: list[list[tuple[bytes, ...]]] = []
    for page in pages:
        found = answer_members(page.body, page.url)
        if "bill" in found and name not in found:
            return None
        rows = decode_json(required_member(found, name, page.url), _ROWS, page.url)
        if not passes or _offset(page.url) == 0:
            passes.append([])
        passes[-1].append(tuple(bytes(row) for row in rows))
    joined = [joined_rows(leaves) for leaves in passes]
    return joined[0] if len(joined) == 1 else tuple(dict.fromkeys(row for rows in joined for row in rows))


def _offset(url: str) -> int:
    return int(parse_qs(urlsplit(url).query).get("offset", ["0"])[0])


def continues(sheet: ListPage, offset: int) -> bool:
    """Say whether there may be more: the count says so even behind a short or empty page; `next` counts, and a
    missing pagination is no end, only behind a full page."""
    if sheet.count is not None and sheet.count > offset + LIMIT:
        return True
    return len(sheet.rows) >= LIMIT and (sheet.goes_on or sheet.count is None)
