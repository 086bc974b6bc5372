"""How is the database asked, how are its documents numbered, and what is remembered between polls?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, unquote, urlsplit
from zlib import crc32

import msgspec

from domain.documents import DocumentId
from domain.observation import Evidence
from domain.ports import Http
from domain.records.facets import digest
from domain.sources import Request, Response
from domain.terms import Coverage
from watchers.rada.text import latin

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")
_OFFSET = 11
_KEY = re.compile(r"[\dnprvz][\w/ -]{2,24}", re.IGNORECASE)


def decree_id(number: str) -> DocumentId | None:
    """Name a decree by its number, `793/2025` in any spacing; None for one without a year."""
    found = re.fullmatch(r"0*([1-9][0-9]{0,4}) ?/ ?((?:19|20)[0-9]{2})", number.strip())
    return DocumentId("ua", "decree", (found[1], found[2])) if found else None


def law_id(number: str) -> DocumentId | None:
    """Name a law by its number, `4643-IX`, also where the Roman digits are Cyrillic letters."""
    found = re.fullmatch(r"0*([1-9][0-9]{0,4}) ?- ?([IVX]+)", latin(number.strip()).upper())
    if found is None or found[2] not in _ROMAN:
        return None
    return DocumentId("ua", "law", (f"{found[1]}-{found[2].lower()}",))


def document_of_nreg(nreg: str) -> DocumentId | None:
    """Name the document behind a key; None for what is neither a decree nor a law."""
    found = re.fullmatch(r"([1-9][0-9]{0,4})-([0-9]{2})", nreg)
    if found and 1 <= int(found[2]) - _OFFSET <= len(_ROMAN):
        return law_id(f"{found[1]}-{_ROMAN[int(found[2]) - _OFFSET - 1]}")
    named = decree_id(nreg)
    return named if named and nreg == "/".join(named.parts) else None


def nreg_of(document: DocumentId) -> str | None:
    """Return the key of a document; None for what this database does not hold."""
    if document.jurisdiction == "ua" and document.kind == "decree" and len(document.parts) == 2:
        return "/".join(document.parts)
    if document.jurisdiction == "ua" and document.kind == "law" and len(document.parts) == 1:
        number, _, roman = document.parts[0].partition("-")
        if number.isdigit() and roman.upper() in _ROMAN:
            return f"{number}-{_ROMAN.index(roman.upper()) + 1 + _OFFSET}"
    return None


def number_of(document: DocumentId) -> str:
    """Write a number the way people do: `793/2025`, `4643-IX`."""
    return document.parts[0].upper() if document.kind == "law" else "/".join(document.parts)


def nreg_in(address: str) -> str | None:
    """Find the key in an address such as `https://zakon.rada.gov.ua/laws/show/4643-20#Text`."""
    path = unquote(urlsplit(address).path)
    found = re.search(r"/(?:laws/(?:show|card|main|file|anot)|go)/(?:en/)?(.+)", path)
    if found is None:
        return None
    nreg = re.sub(
        r"(?:/(?:ed[0-9]+|print|find|stru|page[0-9]*|conv)(?:/.*)?)?(?:\.(?:txt|json|xml|html?))?/?$", "", found[1]
    )
    return nreg if _KEY.fullmatch(nreg) else None


def url_segment(nreg: str) -> str:
    """Write a key as part of an address: the slash belongs to it, Cyrillic letters are escaped."""
    return quote(nreg, safe="/")


def page_url(document: DocumentId) -> str | None:
    """Return the page of a document that a person would open."""
    nreg = nreg_of(document)
    return f"https://zakon.rada.gov.ua/laws/show/{url_segment(nreg)}" if nreg else None


AGENT = "OpenData"
_MAX_BYTES = 8 * 1024 * 1024


@dataclass(slots=True)
class RadaClient:
    """Asks one database. Answers have status 200, 304 or, where `missing` is allowed, 404."""

    http: Http
    base_url: str
    asked: int = 0
    _counted: int = field(default=0)

    def updates(self, last_modified: str | None) -> Response:
        return self._get("/laws/main/r.xml", last_modified)

    def list_page(self, name: str, number: int, last_modified: str | None = None) -> Response:
        """Ask for a page of a list: `n` new in 30 days, `a` all there is; 404 where there is none."""
        return self._get(f"/laws/main/{name}/page{number}.json", last_modified, missing=True)

    def card(self, nreg: str, last_modified: str | None) -> Response:
        return self._get(f"/laws/card/{url_segment(nreg)}.json", last_modified, missing=True)

    def text(self, nreg: str, last_modified: str | None) -> Response:
        return self._get(f"/laws/show/{url_segment(nreg)}.txt", last_modified, missing=True)

    def spent(self) -> int:
        """Return how many requests were made since this was last asked."""
        spent, self._counted = self.asked - self._counted, self.asked
        return spent

    def _get(self, path: str, last_modified: str | None, *, missing: bool = False) -> Response:
        self.asked += 1
        return self.http(
            Request(
                url=self.base_url + path,
                headers={"User-Agent": AGENT},
                last_modified=last_modified,
                expect=frozenset({200, 404}) if missing else frozenset({200}),
                max_bytes=_MAX_BYTES,
                spacing=_spacing(path, self.asked),
            )
        )


def _spacing(path: str, turn: int) -> float:
    """Return five to seven seconds, another number each time."""
    return 5.0 + crc32(f"{path} {turn}".encode()) % 2001 / 1000


def last_modified_of(response: Response) -> str | None:
    """Return what the database wants to be reminded of."""
    return response.headers.get("last-modified") or None


def evidence(response: Response) -> Evidence:
    """Return the bytes of an answer as what a statement was read from."""
    return Evidence(
        digest=digest(response.body),
        url=response.url,
        fetched_at=response.fetched_at,
        content_type=response.headers.get("content-type", "text/plain"),
        body=response.body,
        last_modified=last_modified_of(response),
    )


VERSION = 1
DAY = 86_400
LIST_REACH = 30 * DAY
"""How far back the list `n` reaches."""

MOST_ACTS = 200


class ActState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is remembered of one act. Days are `YYYY-MM-DD`, `starts_at` local wall time.

    `update`, `row`: what the feed and the list showed when it was last read. `pending_since`, `tries`: since when its
    title is known without a readable text, and how often that was asked for; `missed` says what was found instead, and
    `told_unread` that this was said.
    """

    title: str = ""
    issuer: str = ""
    regime: str = ""
    act: str = ""
    number: str = ""
    on: str = ""
    status: str = ""
    in_force_on: str = ""
    in_force: bool = False
    starts_at: str = ""
    length: str = ""
    scope: str = ""
    clause: str = ""
    approves: str = ""
    reservation: str = ""
    narrowed: dict[str, str] = {}
    takes_effect: str = ""
    dokid: str = ""
    update: str = ""
    row: str = ""
    read_at: int = 0
    pending_since: int = 0
    tries: int = 0
    missed: str = ""
    told_unread: bool = False
    card_modified: str = ""
    text_modified: str = ""
    text_digest: str = ""


class CoverageGap(msgspec.Struct, frozen=True):
    """Days that no list in hand covers. `page`: where reading the list of all documents goes on; `newest`: the newest
    day on the page before; `silent`: it lies before lexwatch began to watch."""

    since: int
    until: int
    page: int = 1
    newest: str = ""
    silent: bool = False
    tried_at: int = 0


class RadaCursor(msgspec.Struct, omit_defaults=True):
    """All that is remembered. `opened` is when coverage began, `since` the beginning of the present stretch without a
    gap, `through` when the lists were last read, `full_at` when the 30-day list was last read whole."""

    v: int = VERSION
    digest: str = ""
    modified: str = ""
    list_modified: str = ""
    recent: list[str] = []
    opened: int = 0
    since: int = 0
    through: int = 0
    full_at: int = 0
    begun_at: int = 0
    regimes: list[str] = []
    gap: CoverageGap | None = None
    acts: dict[str, ActState] = {}


_DECODER = msgspec.json.Decoder(RadaCursor)


def load_cursor(text: str | None) -> RadaCursor:
    """Read a resume position back. One that cannot be read is none: everything is then read anew, silently."""
    if text is None:
        return RadaCursor()
    try:
        cursor = _DECODER.decode(text)
    except ValueError:
        return RadaCursor()
    return cursor if cursor.v == VERSION else RadaCursor()


def dump_cursor(cursor: RadaCursor) -> str:
    """Write a resume position; equal positions give equal text."""
    kept = sorted(cursor.acts.items(), key=lambda pair: (-pair[1].read_at, pair[0]))[:MOST_ACTS]
    return msgspec.json.encode(msgspec.structs.replace(cursor, acts=dict(sorted(kept)))).decode()


def coverage_of_cursor(cursor: str | None, last_good_at: datetime | None = None) -> Coverage:
    """Say since when the database has been read without a gap, and until when.

    A poll that finds nothing does not move the cursor: pass when the source last answered well as `last_good_at`.
    Nothing is covered before the 30-day list was read once to its end.
    """
    known = load_cursor(cursor)
    if not known.since:
        return Coverage()
    through = datetime.fromtimestamp(known.through, UTC)
    if last_good_at is not None:
        through = max(through, last_good_at)
    return Coverage(since=datetime.fromtimestamp(known.since, UTC), through=through)


@dataclass(frozen=True, slots=True)
class BackfillRange:
    """A stretch of days whose documents no list in hand covers; aware UTC."""

    since: datetime
    until: datetime


def backfill(cursor: str | None) -> BackfillRange | None:
    """Return what still has to be filled in, or None when nothing is missing."""
    gap = load_cursor(cursor).gap
    if gap is None:
        return None
    return BackfillRange(datetime.fromtimestamp(gap.since, UTC), datetime.fromtimestamp(gap.until, UTC))
