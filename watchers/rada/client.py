"""How is the database asked, how are its documents numbered, and what is remembered between polls?"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import quote, unquote, urlsplit
from zlib import crc32

import msgspec

from domain.documents import DocumentId
from domain.sources import Response
from domain.terms import Coverage
from watchers.client import AnswerState, ApiClient, CursorCodec
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


class RadaClient(ApiClient):
    """Asks one database. Answers have status 200, 304 or, where one may be missing, 404."""

    def updates(self, last_modified: str | None) -> Response:
        return self._ask("/laws/main/r.xml", last_modified, frozenset({200}))

    def list_page(self, name: str, number: int, last_modified: str | None = None) -> Response:
        """Ask for a page of a list: `n` new in 30 days, `a` all there is; 404 where there is none."""
        return self._ask(f"/laws/main/{name}/page{number}.json", last_modified)

    def card(self, nreg: str, last_modified: str | None) -> Response:
        return self._ask(f"/laws/card/{url_segment(nreg)}.json", last_modified)

    def text(self, nreg: str, last_modified: str | None) -> Response:
        return self._ask(f"/laws/show/{url_segment(nreg)}.txt", last_modified)

    def _ask(self, path: str, last_modified: str | None, expect: frozenset[int] = frozenset({200, 404})) -> Response:
        return self.get(
            path,
            known=AnswerState(modified=last_modified or ""),
            headers={"User-Agent": AGENT},
            expect=expect,
            max_bytes=_MAX_BYTES,
            spacing=_spacing(path, self.asked + 1),
        )


def _spacing(path: str, turn: int) -> float:
    """Return five to seven seconds, another number each time."""
    return 5.0 + crc32(f"{path} {turn}".encode()) % 2001 / 1000


def last_modified_of(response: Response) -> str | None:
    """Return what the database wants to be reminded of."""
    return response.headers.get("last-modified") or None


DAY = 86_400
LIST_REACH = 30 * DAY
"""How far back the list `n` reaches."""

MOST_ACTS = 200


class ActState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is remembered of one act. Days are `YYYY-MM-DD`, `starts_at` local wall time.

    `update`, `row`: what the feed and the list showed when it was last read. `pending_since`, `tries`: since when its
    title is known without a readable text, and how often that was asked for; `missed` says what was found instead, and
    `reported_unread` that this was said.
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
    reported_unread: bool = False
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

    version: int = 1
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


class _RadaCodec(CursorCodec[RadaCursor]):
    def dump(self, cursor: RadaCursor) -> str:
        """Write a resume position: of the acts, those read last."""
        kept = sorted(cursor.acts.items(), key=lambda pair: (-pair[1].read_at, pair[0]))[:MOST_ACTS]
        return super().dump(msgspec.structs.replace(cursor, acts=dict(sorted(kept))))


CODEC = _RadaCodec(RadaCursor)


def coverage_of_cursor(cursor: str | None, last_good_at: datetime | None = None) -> Coverage:
    """Say since when the database has been read without a gap, and until when.

    A poll that finds nothing does not move the cursor: pass when the source last answered well as `last_good_at`.
    Nothing is covered before the 30-day list was read once to its end.
    """
    known = CODEC.load(cursor)
    if not known.since:
        return Coverage()
    through = datetime.fromtimestamp(known.through, UTC)
    if last_good_at is not None:
        through = max(through, last_good_at)
    return Coverage(since=datetime.fromtimestamp(known.since, UTC), through=through)
