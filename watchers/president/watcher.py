"""Has the President signed a decree that renews a regime?

A signal beside the legislation database, which has the same decree later: whoever tells it second tells nothing new.
The site stands behind bot protection that lets plain programs through on some days and not on others. A challenge is a
failed poll, never content, and no browser is imitated: the source is asked again ever more rarely.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import msgspec

from domain.errors import Blocked, Changed, SourceError
from domain.facets import Facet, digest, short_digest
from domain.http import Request, Response
from domain.identity import DocumentId
from domain.observation import Ask, Evidence, Fault, Observation, Page
from domain.ports import Http
from watchers.president.pages import Item, parse_decree, parse_list
from watchers.rada.api import REGIMES
from watchers.rada.cursor import Act
from watchers.rada.statements import statements
from watchers.rada.titles import classify

SOURCE = "president"
READER = "president/1"
LIST = "/documents/decrees"

_HTML = ("text/html", "application/xhtml+xml")
_ISSUER = "Указ Президента України"
_MOST = 200


class Cursor(msgspec.Struct, omit_defaults=True):
    """What is remembered: how the list is known, for which regimes it was read, and which decrees need no reading."""

    v: int = 1
    mark: str = ""
    regimes: list[str] = []
    done: list[str] = []


_DECODER = msgspec.json.Decoder(Cursor)


class President:
    """Reads decrees on martial law and mobilisation from president.gov.ua."""

    name = SOURCE

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")

    @property
    def every_at_least(self) -> timedelta:
        return timedelta(0)

    def reads(self, document: DocumentId) -> bool:
        return document in REGIMES

    def poll(self, ask: Ask, http: Http) -> Iterator[Page]:
        """Ask for the list, and for the page of each new decree whose title renews a followed regime.

        Raises SourceError if the list cannot be read, Blocked where a challenge is served in its place; one page that
        cannot be read is a fault and stays due.
        """
        followed = [regime for regime in REGIMES if regime in ask.following]
        if followed:
            known = {regime: record.facets for regime, record in ask.memory.records(followed).items()}
            yield from _Poll(http, self._base_url, _load(ask.cursor), known).pages()


def _load(text: str | None) -> Cursor:
    try:
        cursor = _DECODER.decode(text or "{}")
    except ValueError:
        return Cursor()
    return cursor if cursor.v == 1 else Cursor()


@dataclass(slots=True)
class _Poll:
    """One poll while it runs; `known` are the records of the followed regimes."""

    http: Http
    base_url: str
    cursor: Cursor
    known: Mapping[DocumentId, Mapping[str, Facet]]
    asked: int = 0
    faults: list[Fault] = field(default_factory=list)

    def pages(self) -> Iterator[Page]:
        items = parse_list(self._get(f"{self.base_url}{LIST}").body)
        mark = short_digest(repr(items))
        fresh = [regime for regime in self.known if str(regime) not in self.cursor.regimes]
        if mark == self.cursor.mark and not fresh:
            yield Page(requests=self.asked)
            return
        for item in sorted(items, key=lambda item: (item.on or "", item.number)):
            yield from self._read(item, fresh)
        for regime in fresh:
            # From here on what comes is news, although nothing was said in this scope yet.
            yield Page(observations=(Observation(regime, SOURCE, READER, {}),))
        self.cursor.mark = "" if self.faults else mark
        self.cursor.regimes = sorted({*self.cursor.regimes, *map(str, self.known)})
        self.cursor.done = self.cursor.done[-_MOST:]
        cursor = msgspec.json.encode(self.cursor).decode()
        yield Page(cursor=cursor, faults=tuple(self.faults), requests=self.asked)

    def _read(self, item: Item, fresh: list[DocumentId]) -> Iterator[Page]:
        """Read a decree whose title renews a followed regime, unless its term is on record already."""
        verdict = classify(item.title, issuer=_ISSUER)
        regime = next((r for r in self.known if REGIMES[r] == verdict.regime), None)
        if regime is None or verdict.approves or verdict.draft or item.number in self.cursor.done:
            return
        if str(item.document) not in self.known[regime].get("instruments", {}):
            try:
                response = self._get(self._address(item))
                act = act_of(item, response.body, REGIMES[regime], verdict.act or "")
            except Blocked:
                raise
            except SourceError as error:
                self.faults.append(Fault(None, error))
                return
            past = regime in fresh
            yield Page(
                scope=f"{SOURCE}/past" if past else None,
                observations=(_observation(regime, item, act, response),),
                evidence=(_evidence(response),),
                complete=not past,
            )
        self.cursor.done.append(item.number)

    def _address(self, item: Item) -> str:
        url = urljoin(f"{self.base_url}{LIST}", urlsplit(item.url).path)
        if not urlsplit(item.url).path.startswith("/documents/"):
            raise Changed(f"{item.document}: expected an address below /documents/, saw another")
        return url

    def _get(self, url: str) -> Response:
        self.asked += 1
        return self.http(Request(url=url, accept=_HTML))


def act_of(item: Item, body: bytes, regime: str, act: str) -> Act:
    """Read a decree's page; Changed where it is another one's, or does not say what its title announces."""
    read = parse_decree(body)
    if read.number != item.number:
        raise Changed(f"{item.document}: expected its page, saw that of {read.number}")
    term = read.term
    ends = act in ("end", "partial_end")
    if term is None or term.regime != regime or not (term.starts_at or ends) or not (term.length or ends):
        raise Changed(f"{item.document}: its text does not say what its title announces")
    return Act(
        title=item.title,
        regime=regime,
        act=term.act if term.act in ("end", "partial_end") else act,
        number=item.number,
        on=read.signed_on or item.on or "",
        starts_at=term.starts_at or "",
        length=term.length or "",
        scope=term.scope or "",
        clause=term.clause,
    )


def _observation(regime: DocumentId, item: Item, act: Act, response: Response) -> Observation:
    """State a decree in the words in which the legislation database will state it."""
    facets: dict[str, Facet] = {said.facet: {said.subject: said.entry} for said in statements(item.document, act)}
    return Observation(
        document=regime,
        source=SOURCE,
        reader=READER,
        facets=facets,
        evidence=dict.fromkeys(facets, digest(response.body)),
        url=response.url,
        context={"title": item.title, "on": item.on, "act": act.act},
    )


def _evidence(response: Response) -> Evidence:
    return Evidence(
        digest=digest(response.body),
        url=response.url,
        fetched_at=response.fetched_at,
        content_type=response.headers.get("content-type", "text/html"),
        body=response.body,
    )
