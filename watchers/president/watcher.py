"""Has the President signed a decree that renews a regime?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import msgspec

from domain.documents import DocumentId
from domain.errors import Blocked, Changed, SourceError
from domain.observation import Evidence, Fault, Observation, Page, ParseInput, PollRequest
from domain.ports import Http
from domain.records.facets import Facet, digest, short_digest
from domain.sources import Request, Response
from watchers.rada import REGIMES
from watchers.rada.act_reader import statements
from watchers.rada.act_text import DecreeText, read_decree
from watchers.rada.client import ActState, decree_id
from watchers.rada.dates import day
from watchers.rada.text import cleaned, folded, shown
from watchers.rada.titles import classify

_NUMBER = re.compile(r"указ президента україни\s*№\s?(\d{1,5} ?/ ?\d{4})")
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_BLOCKS = frozenset({"p", "div", "br", "h1", "h2", "h3", "h4", "li", "tr"})


@dataclass(frozen=True, slots=True)
class DecreeItem:
    """One line of the list. `on` is the day of signature."""

    document: DocumentId
    number: str
    title: str
    on: str | None
    url: str


def parse_list(body: bytes) -> tuple[DecreeItem, ...]:
    """Read the list of decrees; Changed if it is none. Lines that are no decrees (instructions) are left out."""
    page = _parse_page(body)
    if not page.seen("search_result"):
        raise Changed("list of decrees: expected a block search_result, saw none")
    lines = page.each("doc_item")
    items = tuple(item for line in lines if (item := _item(line)))
    if not items:
        raise Changed(f"list of decrees: expected decrees, saw none among {len(lines)} lines")
    return items


def parse_decree(body: bytes) -> DecreeText:
    """Read the page of one decree; Changed if it has no article. Number and title are those of the heading."""
    page = _parse_page(body)
    article = next(iter(page.each("articleBody")), None)
    if article is None:
        raise Changed("page of a decree: expected an articleBody, saw none")
    heading = next((node.text for node in page.each("name")), "")
    title = next((node.text for node in page.each("short_desc")), "")
    return read_decree(f"{heading}\n{shown(title)}\n{cleaned(article.text)}")


@dataclass(slots=True)
class _PageElement:
    """One element that was asked for: its text, a line for each block, and its first link."""

    name: str
    depth: int
    parts: list[str]
    link: str = ""

    @property
    def text(self) -> str:
        return "".join(self.parts)


class _DecreePage(HTMLParser):
    """Collects the text below every element that has a class or `itemprop`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[_PageElement] = []
        self._found: list[_PageElement] = []
        self._depth = 0

    def seen(self, name: str) -> bool:
        return any(node.name == name for node in self._found)

    def each(self, name: str) -> list[_PageElement]:
        return [node for node in self._found if node.name == name]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS:
            self._say("\n")
        for node in self._open:
            if tag == "a" and not node.link:
                node.link = given.get("href", "")
        if tag in _VOID:
            return
        self._depth += 1
        names = [*given.get("class", "").split(), *([given["itemprop"]] if "itemprop" in given else []), tag]
        for name in names:
            if name in ("search_result", "doc_item", "articleBody", "name", "short_desc"):
                node = _PageElement(name, self._depth, [])
                self._found.append(node)
                self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        self._open = [node for node in self._open if node.depth < self._depth]
        self._depth = max(0, self._depth - 1)
        if tag in _BLOCKS:
            self._say("\n")

    def handle_data(self, data: str) -> None:
        self._say(data)

    def _say(self, words: str) -> None:
        for node in self._open:
            node.parts.append(words)


def _parse_page(body: bytes) -> _DecreePage:
    page = _DecreePage()
    page.feed(body.decode("utf-8", "replace"))
    return page


def _item(line: _PageElement) -> DecreeItem | None:
    """Read a line: its heading names the act, then come its day and its title."""
    words = [shown(part) for part in line.text.split("\n") if part.strip()]
    if len(words) < 2:
        return None
    found = _NUMBER.search(folded(words[0]))
    named = decree_id(found[1]) if found else None
    on = next((day(folded(word)) for word in words[1:] if day(folded(word))), None)
    if found is None or named is None:
        return None
    return DecreeItem(named, "/".join(named.parts), words[-1], on, line.link)


SOURCE = "president"
READER = "president/1"
LIST = "/documents/decrees"

_HTML = ("text/html", "application/xhtml+xml")
_ISSUER = "Указ Президента України"
_MAX_REMEMBERED = 200


class PresidentCursor(msgspec.Struct, omit_defaults=True):
    """What is remembered: how the list is known, for which regimes it was read, and which decrees need no reading."""

    v: int = 1
    mark: str = ""
    regimes: list[str] = []
    done: list[str] = []


_DECODER = msgspec.json.Decoder(PresidentCursor)


class PresidentWatcher:
    """Reads decrees on martial law and mobilisation from president.gov.ua."""

    name = SOURCE

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")

    @property
    def min_interval(self) -> timedelta:
        return timedelta(0)

    def handles(self, document: DocumentId) -> bool:
        return document in REGIMES

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]:
        """Ask for the list, and for the page of each new decree whose title renews a followed regime.

        Raises SourceError if the list cannot be read, Blocked where a challenge is served in its place; one page that
        cannot be read is a fault and stays due.
        """
        followed = [regime for regime in REGIMES if regime in request.watched]
        if followed:
            known = {regime: record.facets for regime, record in request.lookup.records(followed).items()}
            yield from _Poll(http, self._base_url, _load_cursor(request.cursor), known).pages()


def _load_cursor(text: str | None) -> PresidentCursor:
    try:
        cursor = _DECODER.decode(text or "{}")
    except ValueError:
        return PresidentCursor()
    return cursor if cursor.v == 1 else PresidentCursor()


@dataclass(slots=True)
class _Poll:
    """One poll while it runs; `known` are the records of the followed regimes."""

    http: Http
    base_url: str
    cursor: PresidentCursor
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
        self.cursor.done = self.cursor.done[-_MAX_REMEMBERED:]
        cursor = msgspec.json.encode(self.cursor).decode()
        yield Page(cursor=cursor, faults=tuple(self.faults), requests=self.asked)

    def _read(self, item: DecreeItem, fresh: list[DocumentId]) -> Iterator[Page]:
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

    def _address(self, item: DecreeItem) -> str:
        url = urljoin(f"{self.base_url}{LIST}", urlsplit(item.url).path)
        if not urlsplit(item.url).path.startswith("/documents/"):
            raise Changed(f"{item.document}: expected an address below /documents/, saw another")
        return url

    def _get(self, url: str) -> Response:
        self.asked += 1
        return self.http(Request(url=url, accept=_HTML))


def act_of(item: DecreeItem, body: bytes, regime: str, act: str) -> ActState:
    """Read a decree's page; Changed where it is another one's, or does not say what its title announces."""
    read = parse_decree(body)
    if read.number != item.number:
        raise Changed(f"{item.document}: expected its page, saw that of {read.number}")
    term = read.term
    ends = act in ("end", "partial_end")
    if term is None or term.regime != regime or not (term.starts_at or ends) or not (term.length or ends):
        raise Changed(f"{item.document}: its text does not say what its title announces")
    return ActState(
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


def _observation(regime: DocumentId, item: DecreeItem, act: ActState, response: Response) -> Observation:
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


def reread(told: ParseInput) -> Iterator[Observation]:
    """Read the page of a decree again (`president/1`); the list it was found in was kept with the statement."""
    for named in dict.fromkeys(told.named.values()):
        page = told.archive.evidence(named)
        number = parse_decree(page.body).number or ""
        document = decree_id(number)
        if document is None:
            raise LookupError(f"the page names no decree: {number!r}")
        item = DecreeItem(document, number, str(told.context["title"]), told.context.get("on"), page.url)
        act = act_of(item, page.body, REGIMES[told.document], str(told.context["act"]))
        facets: dict[str, Facet] = {said.facet: {said.subject: said.entry} for said in statements(document, act)}
        yield told.observation(facets)
