"""Does a text hold what somebody searches for: words, phrases, AND, OR, NOT?

    NATO AND (withdraw* OR "North Atlantic") NOT budget

A word is found whole, `word*` at the beginning of words, a phrase across any white space; capitals, accents and kinds
of dashes make no difference (`domain.text`). Terms that stand side by side must all be found. NOT binds closest, then
AND, then OR; brackets group. The operators are written in capitals: `and` in small letters is a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from domain.records.facets import Facet, Kind
from domain.text import fold, is_word, pattern

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
