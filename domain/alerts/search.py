"""Does a text hold what somebody searches for, and which saved searches does a document match?

    NATO AND (withdraw* OR "North Atlantic") NOT budget

A word is found whole and in its other forms (`sanction` finds `sanctions`), as far as a function that names the word a
form belongs to is at hand; a phrase in «guillemets» is found in any forms of its words. `word*` is found at the
beginning of words, "a phrase" and an ABBREVIATION as they are written. Capitals, accents and kinds of dashes make no
difference (`domain.text`). Terms that stand side by side must all be found. NOT binds closest, then AND, then OR;
brackets group. The operators are written in capitals: `and` in small letters is a word.

A document never seen before appears by itself; a known one whose words came to match appears for that search alone,
when they do. What was never stated before was true before: it makes nothing new. What a search found once it follows
from then on, also under another title."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from types import MappingProxyType

from domain.alerts.routing import Audience, Decision, Watch
from domain.documents import DocumentId
from domain.records.detection import NewRevision
from domain.records.facets import Facet, Kind
from domain.records.record import Change, Record, began_after
from domain.text import fold, is_cyrillic, is_word, pattern

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


@dataclass(frozen=True, slots=True)
class SearchMatch:
    """What a search found, by which words. What happened `since` is news to whoever searches (aware UTC); `baseline`
    says that it was there when the search began."""

    watch: str
    document: DocumentId
    words: tuple[str, ...]
    since: datetime
    baseline: bool = False


Matches = Mapping[str, SearchMatch]
"""What searches found before of one document, by the name of the search."""


def new_matches(
    step: NewRevision, known: Matches, audience: Audience, now: datetime, *, silent: bool
) -> Iterator[SearchMatch]:
    """Yield the searches that find a document which they had not found before. `silent` says that it is read for the
    first time, as the past of whoever searches: then what came after the search was made is news. Of one that appears
    as a whole, as of any that comes later, only what comes from `now` on."""
    for watch in audience.searching:
        if watch.name in known or not watch.covers(step.record.document):
            continue
        words = watch.search.found_in(step.record.facets) if watch.search else None
        if words is not None:
            made = watch.created_at
            past = silent and (made is None or not began_after(step.record, made))
            yield SearchMatch(watch.name, step.record.document, words, made if past and made else now, past)


def search_matches(
    step: NewRevision,
    changes: tuple[Change, ...],
    before: Record | None,
    audience: Audience,
    known: Matches = MappingProxyType({}),
) -> list[SearchHit]:
    """Say who is to be asked about the changes of a step: every other watch, each search that the document matches or
    matched when it was found (`known`), and alone each search that it came to match. `before` is the record as it
    stood, None for a document never seen."""
    searching = tuple(watch for watch in audience.searching if watch.covers(step.record.document))
    if not searching:
        return [SearchHit(changes, audience, {})] if changes else []
    found: dict[str, tuple[str, ...]] = {}
    alone: list[SearchHit] = []
    for watch in searching:
        words = watch.search.found_in(step.record.facets) if watch.search else None
        if words is None and watch.name in known:
            words = known[watch.name].words
        if words is None:
            continue
        found[watch.name] = words
        if before is not None and watch.name not in known and _came(watch, before.facets, step.record.facets):
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

_TOKEN = re.compile(
    r'\s*(?:(?P<bracket>[()])|["“”„](?P<phrase>[^"“”„]*)["“”](?P<star>\*?)|«(?P<forms>[^«»]*)»'
    r'|(?P<word>[^\s()"“”„«»]+))'
)
_OPERATORS = frozenset({"AND", "OR", "NOT"})
_BETWEEN = "\n.\n"  # so that no phrase reaches from one text into the next


class SearchError(ValueError):
    """A search that cannot be read. `at` is the place of the fault, counted from 0."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


Lemma = Callable[[str], str]
"""Names the word that a form belongs to (`sanctions`: `sanction`); a form that it does not know is its own word."""

_WORDS = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['’](?:s|S)?$")


@dataclass(frozen=True, slots=True)
class SearchTerm:
    """A word or phrase as it was written, and the pattern that finds it in a folded text; `words` are those that are
    found in other forms as well, next to each other where they are several."""

    written: str
    pattern: re.Pattern[str]
    words: tuple[str, ...] = ()


class _Text:
    """A text in which terms are looked for; its words are only named where a term asks for their forms."""

    def __init__(self, text: str, lemma: Lemma | None) -> None:
        self.folded = fold(text)
        self._text, self._lemma = text, lemma
        self._said: dict[bool, list[tuple[str, str]]] = {}

    def found(self, term: SearchTerm) -> str | None:
        """Return the term as it is found: as it was written, or with the forms that stand in the text."""
        if term.pattern.search(self.folded):
            return term.written
        if not term.words or self._lemma is None:
            return None
        wanted = [fold(self._lemma(word)) for word in term.words]
        said = self._words(is_cyrillic(term.words[0]))
        for place in range(len(said) - len(wanted) + 1):
            forms = said[place : place + len(wanted)]
            if [word for _, word in forms] == wanted:
                return f"{term.written} ({' '.join(form for form, _ in forms)})"
        return None

    def _words(self, cyrillic: bool) -> list[tuple[str, str]]:
        """Return the words of one script as they stand, each with the word it is a form of; an abbreviation is none."""
        if cyrillic not in self._said:
            assert self._lemma is not None
            shouted = self._text.isupper()
            found = [word for word in _WORDS.findall(self._text) if is_cyrillic(word) == cyrillic]
            plain = [word if cyrillic else _POSSESSIVE.sub("", word) for word in found]
            self._said[cyrillic] = [
                (word, "" if _is_abbreviation(word) and not shouted else fold(self._lemma(word))) for word in plain
            ]
        return self._said[cyrillic]


def _is_abbreviation(word: str) -> bool:
    return len(word) > 1 and word.isupper()


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
    """A search as it was written, what it means, and where it looks (some of PLACES). `lemma` makes it find other forms
    of its words."""

    written: str
    root: Node
    places: tuple[str, ...] = ("title",)
    lemma: Lemma | None = field(default=None, compare=False, repr=False)

    @property
    def needs(self) -> frozenset[Kind]:
        """What must be asked of a source beyond its list of titles: summaries, if they are searched."""
        return frozenset({Kind.SUMMARY}) if "summary" in self.places else frozenset()

    def found(self, text: str) -> tuple[str, ...] | None:
        """Return the words of the search that occur in a matching text; None when it does not match."""
        inside = _Text(text, self.lemma)
        if not _holds(self.root, inside):
            return None
        return tuple(dict.fromkeys(found for term in _wanted(self.root) if (found := inside.found(term))))

    @property
    def facets(self) -> tuple[str, ...]:
        """The facets in which it looks."""
        return tuple(name for place in self.places for name in _FACETS[place])

    @property
    def key(self) -> str:
        """What distinguishes it from another search: what another one found is not what this one finds."""
        return f"{self.written} in {','.join(self.places)}{' as written' if self.lemma is None else ''}"

    def found_in(self, facets: Mapping[str, Facet]) -> tuple[str, ...] | None:
        """Return what occurs in the searched texts of a record, all of them as one; None when it does not match."""
        return self.found(_BETWEEN.join(text for name in self.facets for text in _entries(facets.get(name))))


def parse(written: str, places: tuple[str, ...] = ("title",), lemma: Lemma | None = None) -> Search:
    """Read a search; SearchError says what is wrong with it and where."""
    if len(written) > LONGEST:
        raise SearchError(f"expected at most {LONGEST} characters", LONGEST)
    root = _Parser(written).read()
    if _holds(root, _Text("", None)):
        raise SearchError("expected a word that must occur: this finds whatever lacks a word", 0)
    return Search(written, root, places, lemma)


def _holds(node: Node, text: _Text) -> bool:
    match node:
        case SearchTerm():
            return text.found(node) is not None
        case AllOf():
            return all(_holds(part, text) for part in node.parts)
        case AnyOf():
            return any(_holds(part, text) for part in node.parts)
        case NoneOf():
            return not _holds(node.part, text)


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
    forms: bool = False


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
    if kind == "forms":
        return _Token("term", found.start("forms") - 1, found["forms"], forms=True)
    if kind == "bracket":
        return _Token(found["bracket"], found.start("bracket"))
    if kind == "phrase":
        return _Token("term", found.start("phrase") - 1, found["phrase"], found["star"] == "*")
    word = found["word"]
    if word in _OPERATORS:
        return _Token(word, found.start("word"))
    return _Token("term", found.start("word"), word, forms=True)


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
    return SearchTerm(words + "*" * prefix, pattern(words, prefix=prefix), () if prefix else _inflected(token))


def _inflected(token: _Token) -> tuple[str, ...]:
    """Return the words of a term that are found in other forms: none where it has figures or is an abbreviation."""
    words = token.text.split()
    plain = token.forms and all(_WORDS.fullmatch(word) and not _is_abbreviation(word) for word in words)
    return tuple(words) if plain else ()


def _entries(facet: Facet | None) -> Iterator[str]:
    return (str(entry["text"]) for entry in (facet or {}).values() if entry.get("text"))


_FACETS = {
    "title": ("title", "listed_title", "titles"),
    "summary": ("summaries", "content"),
    "subject": ("subjects",),
}
