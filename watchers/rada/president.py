"""Has the President signed a decree that renews a regime?

A signal beside the legislation database, which has the same decree later: whoever tells it second tells nothing new.
The site stands behind bot protection that lets plain programs through on some days and not on others. A challenge is a
failed poll, never content, and no browser is imitated: the source is asked again ever more rarely.

Number and title of a decree stand in the heading of its page. Where the heading of the list has no number, the address
says it, number and year run together, and the page has to confirm it. The day of signature is the last one of the
article, because its text quotes those of other acts. A page's sidebar lists other decrees with the same title: only the
article counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin, urlsplit

import msgspec
from msgspec.structs import replace

from domain.coded_text import phrase
from domain.documents import DocumentId
from domain.errors import Blocked, Changed, SourceError, mismatch, seen
from domain.jurisdictions.ua import JURISDICTION as UKRAINE
from domain.jurisdictions.ua import decree_id, number_of
from domain.observation import Evidence, Fault, Observation, Page, ParseInput, PollRequest
from domain.ports import Http
from domain.records.facets import Facet, short_digest
from watchers.client import ApiClient, CursorCodec, PublisherWatcher, evidence_of, parse_fetched
from watchers.markup import Node, lines_of, web_page
from watchers.rada import REGIMES, is_regime
from watchers.rada.act_text import DecreeText, read_decree, statements
from watchers.rada.client import ActState
from watchers.rada.text import cleaned, folded, shown, stated_day
from watchers.rada.titles import END, PARTIAL_END, classify

SOURCE = "president"
READER = "president/1"
LIST = "/documents/decrees"

_HTML = ("text/html", "application/xhtml+xml")
_ISSUER = "Указ Президента України"
_MOST_KEPT = 200
_DECREE = re.compile(r"указ\b")
_NUMBER = re.compile(r"указ президента україни\s*№\s?(\d{1,5} ?/ ?\d{4})")


@dataclass(frozen=True, slots=True)
class DecreeItem:
    """One line of the list. `on` is the day of signature."""

    document: DocumentId
    number: str
    title: str
    on: str | None
    url: str


class PresidentCursor(msgspec.Struct, omit_defaults=True):
    """What is remembered: how the list is known, for which regimes it was read, and which decrees need no reading."""

    version: int = 1
    digest: str = ""
    regimes: list[str] = []
    done: list[str] = []


CODEC = CursorCodec(PresidentCursor)


class PresidentWatcher(PublisherWatcher):
    """Reads decrees on martial law and mobilisation from president.gov.ua."""

    name = SOURCE
    handles = staticmethod(is_regime)

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]:
        """Ask for the list, and for the page of each new decree whose title renews a followed regime.

        Raises SourceError if the list cannot be read, Blocked where a challenge is served in its place; one page that
        cannot be read is a fault and stays due.
        """
        followed = [regime for regime in REGIMES if regime in request.watched]
        if followed:
            known = {regime: record.facets for regime, record in request.lookup.records(followed).items()}
            client = ApiClient(http, self._base_url)
            yield from _Poll(client, CODEC.load(request.cursor), known, request.now).pages()


@dataclass(slots=True)
class _Poll:
    """One poll while it runs; `known` are the records of the followed regimes."""

    client: ApiClient
    cursor: PresidentCursor
    known: Mapping[DocumentId, Mapping[str, Facet]]
    now: datetime
    faults: list[Fault] = field(default_factory=list)

    def pages(self) -> Iterator[Page]:
        items, self.faults = parse_list(self.client.get(LIST, accept=_HTML).body)
        digest = short_digest(repr(items))
        fresh = [regime for regime in self.known if str(regime) not in self.cursor.regimes]
        if digest == self.cursor.digest and not fresh:
            yield Page(requests=self.client.spent())
            return
        for item in sorted(items, key=lambda item: (item.on or "", item.number)):
            yield from self._read(item, fresh)
        for regime in fresh:
            # From here on what comes is news, although nothing was said in this scope yet.
            yield Page(observations=(Observation(regime, SOURCE, READER, {}),))
        self.cursor.digest = "" if self.faults else digest
        self.cursor.regimes = sorted({*self.cursor.regimes, *map(str, self.known)})
        self.cursor.done = self.cursor.done[-_MOST_KEPT:]
        yield Page(cursor=CODEC.dump(self.cursor), faults=tuple(self.faults), requests=self.client.spent())

    def _read(self, item: DecreeItem, fresh: list[DocumentId]) -> Iterator[Page]:
        """Read a decree whose title renews a followed regime, unless its term is on record already."""
        meaning = classify(item.title, issuer=_ISSUER)
        regime = next((r for r in self.known if REGIMES[r] == meaning.regime), None)
        if regime is None or meaning.approves or meaning.draft or item.number in self.cursor.done:
            return
        if str(item.document) not in self.known[regime].get("instruments", {}):
            try:
                kept = evidence_of(self.client.get(self._address(item), accept=_HTML), "text/html")
                observation = self._observation(regime, item, kept, meaning.act or "")
            except Blocked:
                raise
            except SourceError as error:
                self.faults.append(Fault(None, error))
                return
            past = regime in fresh
            scope = f"{SOURCE}/past" if past else None
            yield Page(scope=scope, observations=(observation,), evidence=(kept,), complete=not past)
        self.cursor.done.append(item.number)

    def _address(self, item: DecreeItem) -> str:
        try:
            place = urlsplit(item.url).path
        except ValueError:
            place = ""
        if not place.startswith("/documents/"):
            raise Changed(mismatch(str(item.document), "an address below {path}", repr(place[:80]), path="/documents/"))
        return urljoin(f"{self.client.base_url}{LIST}", place)

    def _observation(self, regime: DocumentId, item: DecreeItem, kept: Evidence, act: str) -> Observation:
        context = {"number": item.number, "title": item.title, "on": item.on, "act": act}
        pages = {facet: [kept] for facet in ("instruments", "steps")}
        return parse_fetched(parse_page, regime, SOURCE, READER, self.now, pages, context=context)


def parse_page(given: ParseInput) -> Iterator[Observation]:
    """Read the page of a decree (`president/1`) and state it in the words in which the legislation database will; the
    line of the list it was found in is the context.

    Changed where the page is another decree's, or does not say what its title announces.
    """
    number, title = str(given.context["number"]), str(given.context["title"])
    for name in dict.fromkeys(given.named.values()):
        page = given.archive.evidence(name)
        document = decree_id(number)
        if document is None:
            raise LookupError(f"the context names no decree: {number!r}")
        item = DecreeItem(document, number, title, given.context.get("on"), page.url)
        act = _act(item, parse_decree(page.body), REGIMES[given.document], str(given.context["act"]))
        facets: dict[str, Facet] = {said.facet: {said.subject: said.entry} for said in statements(document, act)}
        yield given.observation(facets, url=page.url)


def _act(item: DecreeItem, read: DecreeText, regime: str, act: str) -> ActState:
    if read.number != item.number:
        raise Changed(mismatch(str(item.document), "{form}", seen(read.number), form=item.number))
    term = read.term
    if term is None or term.regime != regime or not (term.is_complete or act in (END, PARTIAL_END)):
        raise Changed(
            phrase(
                "{where}: {note}",
                where=str(item.document),
                note=phrase("its text does not say what its title announces"),
            )
        )
    known = ActState(
        title=item.title,
        regime=regime,
        act=term.act if term.act in (END, PARTIAL_END) else act,
        number=item.number,
        on=read.signed_on or item.on or "",
    )
    return replace(known, **term.facts())


def parse_list(body: bytes) -> tuple[tuple[DecreeItem, ...], list[Fault]]:
    """Read the list of decrees, and what of it cannot be read; Changed if it is none. Lines of other acts
    (instructions) are left out."""
    page = web_page(body, LIST)
    if not _each(page, "search_result"):
        raise Changed(mismatch(LIST, "{form}", form="search_result"))
    lines = _each(page, "doc_item")
    read = [item for line in lines if (item := _item(line))]
    items = tuple(item for item in read if isinstance(item, DecreeItem))
    if not items:
        raise Changed(mismatch(LIST, "decrees", phrase("none among {n} lines", n=len(lines))))
    return items, [Fault(None, item) for item in read if isinstance(item, Changed)]


def parse_decree(body: bytes) -> DecreeText:
    """Read the page of one decree; Changed if it has no article. Number and title are those of the heading."""
    page = web_page(body, LIST)
    article, heading, title = (next(iter(_each(page, name)), None) for name in ("articleBody", "name", "short_desc"))
    if article is None:
        raise Changed(mismatch("", "{form}", form="articleBody"))
    words = [lines_of(node) if node is not None else "" for node in (heading, title, article)]
    return read_decree(f"{words[0]}\n{shown(words[1])}\n{cleaned(words[2])}")


def _each(page: Node, name: str) -> list[Node]:
    """Return the elements of that class or `itemprop`."""
    marked = ((node, node.get("class", "").split(), node.get("itemprop")) for node in page.iter("*"))
    return [node for node, classes, item in marked if name in classes or name == item]


def _item(line: Node) -> DecreeItem | Changed | None:
    """Read a line: its heading names the act, then come its day and its title. None for another act; Changed for a
    decree of which neither heading nor address says the number."""
    words = [shown(part) for part in lines_of(line).split("\n") if part.strip()]
    heading = folded(words[0]) if words else ""
    if len(words) < 2 or not _DECREE.match(heading):
        return None
    link = str(next((node.get("href", "") for node in line.iter("a")), ""))
    found = _NUMBER.search(heading)
    named = decree_id(found[1]) if found else _of_address(link)
    if named is None:
        return Changed(
            mismatch(LIST, "a number in {words} or in its address", repr(link[:80]), words=repr(words[0][:60]))
        )
    on = next((stated_day(folded(word)) for word in words[1:] if stated_day(folded(word))), None)
    return DecreeItem(named, number_of(named), words[-1], on, link)


def _of_address(link: str) -> DocumentId | None:
    """Name the decree of an address such as `/documents/9322026-61673`."""
    try:
        path = [part for part in urlsplit(link).path.split("/") if part]
        named = UKRAINE.parse_address("president.gov.ua", path)
    except ValueError:
        return None
    return named if named and named.kind == "decree" else None
