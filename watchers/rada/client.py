"""How is the database asked, how does it turn us away, and what is remembered between polls?"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote, unquote, urljoin, urlsplit
from zlib import crc32

import msgspec

from domain.coded_text import phrase
from domain.errors import Blocked, Changed, Refused, mismatch
from domain.jurisdictions.ua import nreg_in_path
from domain.sources import Response
from domain.terms import Coverage
from watchers.client import AnswerState, ApiClient, CursorCodec, host_of
from watchers.rada.text import block_notice


def nreg_in(address: str) -> str | None:
    """Find the key in an address such as `https://zakon.rada.gov.ua/laws/show/4643-20#Text`."""
    return nreg_in_path(unquote(urlsplit(address).path))


def url_segment(nreg: str) -> str:
    """Write a key as part of an address: the slash belongs to it, Cyrillic letters are escaped."""
    return quote(nreg, safe="/")


UPDATES = "/laws/main/r.xml"
AGENT = "OpenData"
_MAX_BYTES = 8 * 1024 * 1024


_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3


class RadaClient(ApiClient):
    """Asks one database. Answers have status 200, 304 or, where one may be missing, 404.

    Blocked for the ways in which the publisher turns programs away: a notice in place of the document, with any status,
    and a redirect to its site for people.
    """

    def updates(self, last_modified: str | None) -> Response:
        return self._ask(UPDATES, last_modified, missing=False)

    def list_page(self, name: str, number: int, last_modified: str | None = None) -> Response:
        """Ask for a page of a list: `r` updated lately, `n` new in 30 days, `a` all there is; 404 where there is none.
        The publisher documents JSON for `r` alone."""
        return self._ask(f"/laws/main/{name}/page{number}.json", last_modified)

    def card(self, nreg: str, last_modified: str | None) -> Response:
        return self._ask(f"/laws/card/{url_segment(nreg)}.json", last_modified)

    def text(self, nreg: str, last_modified: str | None) -> Response:
        return self._ask(f"/laws/show/{url_segment(nreg)}.txt", last_modified)

    def _ask(self, path: str, last_modified: str | None, *, missing: bool = True) -> Response:
        place = path
        for _ in range(_MOST_REDIRECTS + 1):
            response = self._once(path, place, last_modified)
            if response.status not in _REDIRECTS:
                break
            place = urljoin(response.url, response.headers.get("location", ""))
            if host_of(place) != host_of(response.url):
                raise _sent_away(path, place, response.status)
        else:
            raise Changed(mismatch(path, "an answer", phrase("more than {n} redirects", n=_MOST_REDIRECTS)))
        if host_of(response.url) != host_of(self.base_url):
            raise _sent_away(path, response.url, response.status)
        notice = block_notice(response.body)
        if notice:
            raise Blocked(mismatch(path, "the document", repr(notice)), status=response.status)
        if response.status == 403 or (response.status == 404 and not missing):
            raise Refused(phrase("{where}: {answer}", where=path, answer=response.status), status=response.status)
        return response

    def _once(self, path: str, place: str, last_modified: str | None) -> Response:
        """Ask once, by an address below the base or a whole one."""
        try:
            return self.get(
                place,
                known=AnswerState(modified=last_modified or ""),
                headers={"User-Agent": AGENT},
                expect=_REDIRECTS | {200, 403, 404},
                max_bytes=_MAX_BYTES,
                spacing=_spacing(path, self.asked + 1),
            )
        except Changed as error:
            if error.status != 403:
                raise
            raise Refused(
                str(error), said=error.said, status=403
            ) from error  # an empty page says no more than its status


def _sent_away(path: str, place: str, status: int) -> Blocked:
    return Blocked(
        phrase("{where}: sent to the site for people, {host}", where=path, host=host_of(place)), status=status
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


class ActState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is remembered of one act. Days are `YYYY-MM-DD`, `starts_at` local wall time.

    `document` is its identity, which its key alone may leave open. `update`, `row`: what the feed and the list showed
    when it was last read. `status_on` is since when it has its status, `status_turns` how often that was seen to turn.
    `edition_on`, `edition_basis` are those of the edition in force, `next_editions` the days and bases of those to
    come, `ends_on` the day on which it will lose force. `text_subject` is the entry of its text in the record,
    `text_edition` the day of the edition that stood when its words were read, `wording` names what they say.
    `pending_since`, `tries`: since when its title is known without a readable text, and how often that was asked for;
    `missed` says what was found instead, and `reported_unread` that this was said. `past_before`: what happened before
    that day was past when its regime was first read, and is no news. `trouble` is what keeps a part of it from being
    read, `tried_at` when that was last seen.
    """

    document: str = ""

    title: str = ""
    issuer: str = ""
    regime: str = ""
    act: str = ""
    number: str = ""
    on: str = ""
    status: str = ""
    status_on: str = ""
    status_turns: int = 0
    edition_on: str = ""
    edition_basis: str = ""
    next_editions: dict[str, str] = {}
    ends_on: str = ""
    text_subject: str = ""
    text_edition: str = ""
    wording: str = ""
    trouble: str = ""
    tried_at: int = 0
    published_on: str = ""
    in_force_on: str = ""
    in_force: bool = False
    starts_at: str = ""
    starts: str = ""
    length: str = ""
    ends: str = ""
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
    past_before: str = ""
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
    """All that is remembered. `since` is the beginning of the present stretch without a gap, `through` when the lists
    were last read, `full_at` when the 30-day list was last read whole or found to be no list. `searched` are the
    searches for which it was read whole, `searched_through` until when for those alone, 0 while they are the same."""

    version: int = 1
    digest: str = ""
    modified: str = ""
    list_modified: str = ""
    recent: list[str] = []
    since: int = 0
    through: int = 0
    full_at: int = 0
    begun_at: int = 0
    searched: str = ""
    searched_through: int = 0
    regimes: list[str] = []
    gap: CoverageGap | None = None
    acts: dict[str, ActState] = {}


CODEC = CursorCodec(RadaCursor)


def coverage_of_cursor(cursor: str | None, last_good_at: datetime | None = None) -> Coverage:
    """Say since when the database has been read without a gap, and until when.

    A poll that finds nothing does not move the cursor: pass when the source last answered well as `last_good_at`.
    The 30-day list, read to its end, covers the days before the first poll; without one coverage begins with it.
    """
    known = CODEC.load(cursor)
    if not known.since:
        return Coverage()
    through = datetime.fromtimestamp(known.through, UTC)
    if last_good_at is not None:
        through = max(through, last_good_at)
    return Coverage(since=datetime.fromtimestamp(known.since, UTC), through=through)
