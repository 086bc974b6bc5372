"""Does a text hold what somebody searches for, and which saved searches does a document match?

    NATO AND (withdraw* OR "North Atlantic") NOT budget

A word is found whole, `word*` at the beginning of words, a phrase across any white space; capitals, accents and kinds
of dashes make no difference (`domain.text`). Terms that stand side by side must all be found. NOT binds closest, then
AND, then OR; brackets group. The operators are written in capitals: `and` in small letters is a word.

A document never seen before appears by itself; a known one whose words came to match appears for that search alone,
when they do. What was never stated before was true before: it makes nothing new."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from domain.alerts.routing import Audience, Decision, Watch
from domain.records.detection import NewRevision
from domain.records.facets import Facet, Kind
from domain.records.record import Change, Record
from domain.text import fold, is_word, pattern

_TITLES = ("title", "listed_title")
_READ_IN_FULL = ("titles", "subjects")
"""Facets that are first stated when a bill is read in full, however old what they state is."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """Changes that these watches are asked about. `words`: by watch, those of its search that were found."""

    changes: tuple[Change, ...]
    audience: Audience
    words: Mapping[str, tuple[str, ...]]

    def explained(self, decisions: Iterable[Decision]) -> Iterator[Decision]:
        """Put the words that were found into the decisions about them."""
        for decision in decisions:
            found = self.words.get(decision.watch.name)
            yield decision if found is None else replace(decision, words=found)


def search_matches(
    step: NewRevision, changes: tuple[Change, ...], before: Record | None, audience: Audience
) -> list[SearchHit]:
    """Say who is to be asked about the changes of a step: every other watch, each search that the bill matches, and
    alone each search that it came to match. `before` is the record as it stood, None for a document never seen."""
    searching = tuple(watch for watch in audience.searching if watch.covers(step.record.document))
    if not searching:
        return [SearchHit(changes, audience, {})] if changes else []
    found: dict[str, tuple[str, ...]] = {}
    alone: list[SearchHit] = []
    for watch in searching:
        words = watch.search.found_in(step.record.facets) if watch.search else None
        if words is None:
            continue
        found[watch.name] = words
        if before is not None and _came(watch, before.facets, step.record.facets):
            only = replace(audience, watches=(replace(watch, search=None),))
            alone.append(SearchHit((appearance(step, watch.name),), only, {watch.name: words}))
    found_by = _with(audience, found, searching)
    return [*([SearchHit(changes, found_by, found)] if changes else []), *alone]


def _with(audience: Audience, found: Mapping[str, object], searching: Sequence[Watch]) -> Audience:
    """Return everybody but the searches, and of these the ones that found something, as watches on the bill."""
    matching = (replace(watch, search=None) for watch in searching if watch.name in found)
    others = (watch for watch in audience.watches if watch.search is None)
    return replace(audience, watches=(*others, *matching))


def _came(watch: Watch, old: Mapping[str, Facet], new: Mapping[str, Facet]) -> bool:
    """Say whether a search that matches now did not match what was known before."""
    before = dict(old)
    for name in _READ_IN_FULL:
        if name not in before and name in new:
            before[name] = new[name]
    if not any(name in old for name in _TITLES):
        before.update({name: new[name] for name in _TITLES if name in new})
    return watch.search is not None and watch.search.found_in(before) is None


def appearance(step: NewRevision, watch: str) -> Change:
    """Say that a known bill came to match a search: with its title, and the day on which its publisher touched it."""
    record = step.record
    return Change(
        document=record.document,
        revision=record.revision,
        kind=Kind.APPEARED,
        subject=f"search:{watch}",
        before=None,
        after=record.title,
        text=record.title,
        happened_on=None,
        seen_at=record.known_from,
        source=step.source,
        published_at=step.published_at,
        evidence=next((step.evidence[name] for name in step.altered if name in step.evidence), None),
    )


PLACES = ("title", "summary", "subject")
"""Where a search may look."""

LONGEST = 2_000
"""Characters of a search."""

DEEPEST = 40
"""Brackets within brackets, and NOT after NOT."""

_TOKEN = re.compile(r'\s*(?:(?P<bracket>[()])|["“”„](?P<phrase>[^"“”„]*)["“”](?P<star>\*?)|(?P<word>[^\s()"“”„]+))')
_OPERATORS = frozenset({"AND", "OR", "NOT"})
_BETWEEN = "\n.\n"  # so that no phrase reaches from one text into the next


class SearchError(ValueError):
    """A search that cannot be read. `at` is the place of the fault, counted from 0."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """A word or phrase as it was written, and the pattern that finds it in a folded text."""

    written: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    part: Node


Node = SearchTerm | AllOf | AnyOf | NoneOf


@dataclass(frozen=True, slots=True)
class Search:
    """A search as it was written, what it means, and where it looks (some of PLACES)."""

    written: str
    root: Node
    places: tuple[str, ...] = ("title",)

    @property
    def needs(self) -> frozenset[Kind]:
        """What must be asked of a source beyond its list of titles: summaries, if they are searched."""
        return frozenset({Kind.SUMMARY}) if "summary" in self.places else frozenset()

    def found(self, text: str) -> tuple[str, ...] | None:
        """Return the words of the search that occur in a matching text; None when it does not match."""
        folded = fold(text)
        if not _holds(self.root, folded):
            return None
        return tuple(dict.fromkeys(term.written for term in _wanted(self.root) if term.pattern.search(folded)))

    def found_in(self, facets: Mapping[str, Facet]) -> tuple[str, ...] | None:
        """Return what occurs in the searched texts of a record, all of them as one; None when it does not match."""
        return self.found(_BETWEEN.join(text for place in self.places for text in _TEXTS[place](facets)))


def parse(written: str, places: tuple[str, ...] = ("title",)) -> Search:
    """Read a search; SearchError says what is wrong with it and where."""
    if len(written) > LONGEST:
        raise SearchError(f"expected at most {LONGEST} characters", LONGEST)
    root = _Parser(written).read()
    if _holds(root, ""):
        raise SearchError("expected a word that must occur: this finds whatever lacks a word", 0)
    return Search(written, root, places)


def _holds(node: Node, folded: str) -> bool:
    match node:
        case SearchTerm():
            return node.pattern.search(folded) is not None
        case AllOf():
            return all(_holds(part, folded) for part in node.parts)
        case AnyOf():
            return any(_holds(part, folded) for part in node.parts)
        case NoneOf():
            return not _holds(node.part, folded)


def _wanted(node: Node) -> Iterator[SearchTerm]:
    """Yield the terms that a match may rest on: none below NOT."""
    match node:
        case SearchTerm():
            yield node
        case AllOf() | AnyOf():
            yield from chain.from_iterable(map(_wanted, node.parts))
        case NoneOf():
            return


@dataclass(frozen=True, slots=True)
class _Token:
    """`kind` is `(`, `)`, AND, OR, NOT or term; `at` is where it begins."""

    kind: str
    at: int
    text: str = ""
    prefix: bool = False


def _tokens(written: str) -> Iterator[_Token]:
    at = 0
    while at < len(written.rstrip()):
        found = _TOKEN.match(written, at)
        if found is None:
            raise SearchError("a quotation mark without its other half", len(written) - len(written[at:].lstrip()))
        yield _token(found)
        at = found.end()


def _token(found: re.Match[str]) -> _Token:
    kind = found.lastgroup if found["phrase"] is None else "phrase"
    if kind == "bracket":
        return _Token(found["bracket"], found.start("bracket"))
    if kind == "phrase":
        return _Token("term", found.start("phrase") - 1, found["phrase"], found["star"] == "*")
    word = found["word"]
    if word in _OPERATORS:
        return _Token(word, found.start("word"))
    return _Token("term", found.start("word"), word)


class _Parser:
    """From left to right, one token at a time."""

    def __init__(self, written: str) -> None:
        self._end = len(written.rstrip())
        self._tokens = list(_tokens(written))
        self._place = 0
        self._depth = 0

    def read(self) -> Node:
        node = self._some()
        if self._kind() == ")":
            raise SearchError("a closing bracket that nothing opens", self._at())
        return node

    def _some(self) -> Node:
        parts = [self._all()]
        while self._take("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _all(self) -> Node:
        parts = [self._not()]
        while self._take("AND") or self._kind() in ("NOT", "term", "("):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _not(self) -> Node:
        if self._take("NOT"):
            return NoneOf(self._deeper(self._not))
        opened = self._at()
        if self._take("("):
            node = self._deeper(self._some)
            if not self._take(")"):
                raise SearchError("an opening bracket that nothing closes", opened)
            return node
        return self._term()

    def _term(self) -> Node:
        if self._kind() != "term":
            saw = self._kind() or "the end"
            raise SearchError(f"expected a word or a phrase, saw {saw}", self._at())
        token = self._tokens[self._place]
        self._place += 1
        return _term(token)

    def _deeper(self, read: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise SearchError(f"expected brackets at most {DEEPEST} deep", self._at())
        node = read()
        self._depth -= 1
        return node

    def _take(self, kind: str) -> bool:
        taken = self._kind() == kind
        self._place += taken
        return taken

    def _kind(self) -> str:
        return self._tokens[self._place].kind if self._place < len(self._tokens) else ""

    def _at(self) -> int:
        return self._tokens[self._place].at if self._place < len(self._tokens) else self._end


def _term(token: _Token) -> SearchTerm:
    prefix = token.prefix or token.text.endswith("*")
    words = token.text.removesuffix("*")
    if "*" in words:
        raise SearchError("a * stands at the end of a word", token.at)
    if not is_word(words):
        raise SearchError("expected a word with a letter or a digit", token.at)
    written = words + "*" * prefix
    return SearchTerm(written, pattern(words, prefix=prefix))


def _entries(facet: Facet | None) -> Iterator[str]:
    return (str(entry["text"]) for entry in (facet or {}).values() if entry.get("text"))


_TEXTS: Mapping[str, Callable[[Mapping[str, Facet]], Iterator[str]]] = {
    "title": lambda f: chain(*(_entries(f.get(name)) for name in ("title", "listed_title", "titles"))),
    "summary": lambda f: _entries(f.get("summaries")),
    "subject": lambda f: _entries(f.get("subjects")),
}
