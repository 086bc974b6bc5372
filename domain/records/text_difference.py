"""What differs between two texts, word by word, or between two states of an entry, and does it matter?

A text is paragraphs, one a line. Paragraphs both have are set aside by their digest first, so that only what moved is
read word by word. Entries that stand exactly once on both sides hold two sequences together, as in patience sorting;
between them the same is done again, a few times over. Every step takes time in proportion to the texts (times a small
constant), whatever is in them: the finer method, for gaps that are short or of many different words, has an allowance
for all of them together.

What is told of the extent is what a reader counts: the words that `difflib` finds removed and added, capitals included,
marks not."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from enum import IntEnum
from itertools import accumulate
from urllib.parse import urlsplit

from domain.coded_text import Param, coded
from domain.records.facets import Entry, Facet, label_of
from domain.text import Token, concerns, counted_words, folded, tokens, words

Gap = tuple[int, int, int, int]
"""`before[a0:a1]` was replaced by `after[b0:b1]`; either may be empty."""

_DEPTH = 8
_MOST_STEPS = 4_000_000
_ALLOWANCE = 4 * _MOST_STEPS
"""Pairs of equal entries that the finer method may look at, for one gap at a time and in all: a few seconds."""


def gaps(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[Gap]:
    """Return where the sequences differ, in order."""
    found: list[Gap] = []
    left = _ALLOWANCE
    work = [(0, len(before), 0, len(after), 0)]
    while work:
        *whole, depth = work.pop()
        a0, a1, b0, b1 = _trimmed(before, after, *whole)
        if a0 == a1 and b0 == b1:
            continue
        if depth > _DEPTH or a0 == a1 or b0 == b1:
            found.append((a0, a1, b0, b1))
            continue
        finer = _Finer(before[a0:a1], after[b0:b1])
        if finer.steps <= min(_MOST_STEPS, left):
            parts, left = finer.parts(left)
            depths = [_DEPTH + 1 if done else depth + 1 for *_, done in parts]
            moved = [(a0 + c0, a0 + c1, b0 + d0, b0 + d1) for c0, c1, d0, d1, _ in parts]
        else:
            anchors = _anchors(before, after, a0, a1, b0, b1) if depth < _DEPTH else []
            moved = list(_between(anchors, a0, a1, b0, b1)) if anchors else []
            depths = [depth + 1] * len(moved)
            if not moved:
                found.append((a0, a1, b0, b1))
        work += [(*gap, at) for gap, at in zip(reversed(moved), reversed(depths), strict=True)]
    return _adjoining(found)


def _trimmed(before: Sequence[Hashable], after: Sequence[Hashable], a0: int, a1: int, b0: int, b1: int) -> Gap:
    while a0 < a1 and b0 < b1 and before[a0] == after[b0]:
        a0, b0 = a0 + 1, b0 + 1
    while a0 < a1 and b0 < b1 and before[a1 - 1] == after[b1 - 1]:
        a1, b1 = a1 - 1, b1 - 1
    return a0, a1, b0, b1


def _anchors(
    before: Sequence[Hashable], after: Sequence[Hashable], a0: int, a1: int, b0: int, b1: int
) -> list[tuple[int, int]]:
    """Return the longest rising run of places whose entries stand once on either side."""
    once = {entry for entry, count in Counter(before[a0:a1]).items() if count == 1}
    theirs = Counter(after[b0:b1])
    places = {after[at]: at for at in range(b0, b1) if theirs[after[at]] == 1}
    pairs = [(at, places[before[at]]) for at in range(a0, a1) if before[at] in once and before[at] in places]
    return _rising(pairs)


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int | None] = []
    for number, (_, place) in enumerate(pairs):
        at = bisect_left(tails, place)
        previous.append(ends[at - 1] if at else None)
        tails[at : at + 1] = [place]
        ends[at : at + 1] = [number]
    run = []
    step = ends[-1] if ends else None
    while step is not None:
        run.append(pairs[step])
        step = previous[step]
    return run[::-1]


def _between(anchors: list[tuple[int, int]], a0: int, a1: int, b0: int, b1: int) -> Iterator[Gap]:
    for a, b in anchors:
        if a > a0 or b > b0:
            yield a0, a, b0, b
        a0, b0 = a + 1, b + 1
    if a1 > a0 or b1 > b0:
        yield a0, a1, b0, b1


class _Finer:
    """What `difflib` finds, the longest common run first and then what stands on either side of it. Looking for one
    costs as many `steps` as there are pairs of equal entries, which is known before it is done."""

    def __init__(self, before: Sequence[Hashable], after: Sequence[Hashable]) -> None:
        self._size = (len(before), len(after))
        counts = Counter(after)
        self._steps = [0, *accumulate(1 + counts[entry] for entry in before)]
        self.steps = self._steps[-1]
        self._matcher = SequenceMatcher(None, before, after, autojunk=False) if self.steps <= _MOST_STEPS else None

    def parts(self, allowance: int) -> tuple[list[tuple[int, int, int, int, bool]], int]:
        """Return where the two differ, in order, each with whether it was looked at to the end, and what is left of an
        allowance of steps."""
        found: list[tuple[int, int, int, int, bool]] = []
        work = [(0, self._size[0], 0, self._size[1])]
        while work:
            a0, a1, b0, b1 = work.pop()
            steps = self._steps[a1] - self._steps[a0]
            if a0 == a1 or b0 == b1 or self._matcher is None or steps > allowance:
                found.append((a0, a1, b0, b1, a0 == a1 or b0 == b1))
                continue
            allowance -= steps
            match = self._matcher.find_longest_match(a0, a1, b0, b1)
            if match.size:
                work.append((match.a + match.size, a1, match.b + match.size, b1))
                work.append((a0, match.a, b0, match.b))
            else:
                found.append((a0, a1, b0, b1, True))
        return found, allowance


def _adjoining(found: Sequence[Gap]) -> list[Gap]:
    """Make one of gaps that nothing stands between."""
    whole: list[Gap] = []
    for gap in found:
        if whole and (whole[-1][1], whole[-1][3]) == (gap[0], gap[2]):
            gap = (whole[-1][0], gap[1], whole.pop()[2], gap[3])
        whole.append(gap)
    return whole


MOST_LINES = 8
LONGEST_LINE = 160
LONGEST = 1_200
"""Characters of all lines together: what a message still shows."""

LONGEST_TEXT = 6_000_000
"""Characters of each text that are compared: the longest act of recent years has some five million."""

_LONGEST_GAP = 400_000
"""Characters of one gap, on either side, that are read word by word; a longer one was replaced as a whole."""

_CONTEXT = 6
_BEFORE, _AFTER = 3, 1
"""How many words before and after a number a month makes it a date: January 5, 2026; 5 January."""

CONCERNS = ("numbers", "dates", "money", "negations", "duties")


class Weight(IntEnum):
    """How much a difference matters. TYPOGRAPHY is case, spaces, quotes, hyphens, page furniture: nobody says
    anything else than before. SUBSTANCE touches numbers, dates, money, negations or what must and may be done."""

    SAME = 0
    TYPOGRAPHY = 1
    WORDING = 2
    SUBSTANCE = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs. `concerns` names what substance is touched (`numbers`, `dates`, `money`, `negations`, `duties`), in
    this order. `lines` are for people, most important first, what we say ourselves among them as codes; `removed` and
    `added` count words: none of either where only marks differ."""

    weight: Weight
    concerns: tuple[str, ...] = ()
    lines: tuple[Param, ...] = ()
    removed: int = 0
    added: int = 0

    @property
    def text(self) -> str:
        """All lines together as the record keeps them, at most LONGEST characters of words."""
        return lines_text(self.lines)


def lines_text(lines: Sequence[Param]) -> str:
    """Return lines as the record keeps them: plain where they are words alone, else a coded text."""
    plain = [line for line in lines if isinstance(line, str)]
    return "\n".join(plain) if len(plain) == len(lines) else coded("lines", parts=tuple(lines)).to_json()


@dataclass(slots=True)
class _Hunk:
    """One place where the texts differ: words before, words after, and what stands on both sides of them."""

    old: str
    new: str
    lead: str
    tail: str
    concerns: frozenset[str]

    def line(self) -> str:
        room = LONGEST_LINE - len(self.lead) - len(self.tail) - 12
        both = bool(self.old and self.new)
        old = f"[- {_short(self.old, room // 2 if both else room)}]" if self.old else ""
        new = f"[+ {_short(self.new, room // 2 if both else room)}]" if self.new else ""
        space = "" if self.tail[:1] in tuple(".,;:!?)") else " "
        said = " ".join(part for part in (self.lead, old, new) if part) + space + self.tail
        return f"… {said} …" if self.lead or self.tail else said


def compare(before: str, after: str, *, fold_case: bool = False) -> Difference:
    """Return what differs between two texts of one document; with `fold_case`, other capitals are no other word."""
    if before == after:
        return Difference(Weight.SAME)
    if max(len(before), len(after)) > LONGEST_TEXT:
        found = compare(before[:LONGEST_TEXT], after[:LONGEST_TEXT], fold_case=fold_case)
        beyond = before[LONGEST_TEXT:] != after[LONGEST_TEXT:]
        weight = max(found.weight, Weight.WORDING) if beyond else found.weight
        return replace(found, weight=weight, lines=(*found.lines, coded("text.beyond", n=LONGEST_TEXT // 1_000_000)))
    old, new = _Text.read(before), _Text.read(after)
    moved = old.keys_left(new)
    hunks = [hunk for gap in gaps(old.keys, new.keys) for hunk in _within(old, new, gap, moved)]
    shuffled = bool(moved) and [key for key in old.keys if key in moved] != [k for k in new.keys if k in moved]
    if not hunks and not shuffled:
        return Difference(Weight.TYPOGRAPHY)
    removed, added = _counts(before, after, fold_case)
    if not hunks:
        return Difference(Weight.WORDING, (), (coded("text.reordered"),), removed, added)
    touched = frozenset().union(*(hunk.concerns for hunk in hunks))
    return Difference(
        weight=Weight.SUBSTANCE if touched else Weight.WORDING,
        concerns=tuple(name for name in CONCERNS if name in touched),
        lines=_lines(hunks),
        removed=removed,
        added=added,
    )


def _counts(before: str, after: str, fold_case: bool) -> tuple[int, int]:
    """Count the words that were removed and added; what moved is both."""
    found = gaps(*(counted_words(text, fold_case=fold_case) for text in (before, after)))
    return sum(a1 - a0 for a0, a1, _, _ in found), sum(b1 - b0 for _, _, b0, b1 in found)


@dataclass(slots=True)
class _Text:
    """A text by paragraphs. `keys` are what must differ for a paragraph to be another one; empty ones are left out."""

    paragraphs: list[str] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)

    @classmethod
    def read(cls, text: str) -> _Text:
        found = cls()
        for line in text.split("\n"):
            key = folded(line)
            if key:
                found.paragraphs.append(line)
                found.keys.append(hash(key))
        return found

    def keys_left(self, other: _Text) -> frozenset[int]:
        """Return the paragraphs that stand in both texts equally often, wherever."""
        mine, theirs = Counter(self.keys), Counter(other.keys)
        return frozenset(key for key, count in mine.items() if theirs.get(key) == count)

    def part(self, start: int, end: int, moved: frozenset[int]) -> str:
        return " ".join(self.paragraphs[at] for at in range(start, end) if self.keys[at] not in moved)


def _within(old: _Text, new: _Text, gap: tuple[int, int, int, int], moved: frozenset[int]) -> Iterator[_Hunk]:
    """Yield what differs inside one gap; as many paragraphs on both sides are taken for the same ones, each altered."""
    a0, a1, b0, b1 = gap
    if a1 - a0 == b1 - b0 > 1:
        for step in range(a1 - a0):
            yield from _words(old.part(a0 + step, a0 + step + 1, moved), new.part(b0 + step, b0 + step + 1, moved))
    else:
        yield from _words(old.part(a0, a1, moved), new.part(b0, b1, moved))


def _words(a: str, b: str) -> Iterator[_Hunk]:
    """Yield what differs word by word; nothing where only the letters do."""
    if not a or not b or max(len(a), len(b)) > _LONGEST_GAP:
        if a or b:
            yield from _whole(a, b)
        return
    olds, news = list(tokens(a)), list(tokens(b))
    for a0, a1, b0, b1 in _joined(gaps(_said(olds), _said(news))):
        was, now = olds[a0:a1], news[b0:b1]
        if "".join(_said(was)) == "".join(_said(now)):
            continue  # non profit, nonprofit
        yield _Hunk(
            old=_quoted(a, was),
            new=_quoted(b, now),
            lead=_quoted(b, news[max(0, b0 - _CONTEXT) : b0]),
            tail=_quoted(b, news[b1 : b1 + _CONTEXT]),
            concerns=concerns(_said(was), _said(now), _said(news[max(0, b0 - _BEFORE) : b0] + news[b1 : b1 + _AFTER])),
        )


def _whole(a: str, b: str) -> Iterator[_Hunk]:
    """Yield paragraphs that came, went, or are too long to be compared word by word."""
    was, now = Counter(words(a)), Counter(words(b))
    if was == now and all(old == new for old, new in zip(words(a), words(b), strict=True)):
        return
    yield _Hunk(a, b, "", "", concerns(was.elements(), now.elements(), ()))


def _joined(found: Iterable[tuple[int, int, int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """Join gaps with no more than one equal word between them: people read them as one."""
    last: tuple[int, int, int, int] | None = None
    for gap in found:
        if last is not None and gap[0] - last[1] <= 1 and gap[2] - last[3] <= 1:
            last = (last[0], gap[1], last[2], gap[3])
            continue
        if last is not None:
            yield last
        last = gap
    if last is not None:
        yield last


def _said(found: Iterable[Token]) -> list[str]:
    return [token.said for token in found]


def _quoted(text: str, found: Sequence[Token]) -> str:
    return text[found[0].start : found[-1].end] if found else ""


def _lines(hunks: Sequence[_Hunk]) -> tuple[Param, ...]:
    """Write the differences for people: what has substance first, each group in the order of the text."""
    chosen: list[str] = []
    left = LONGEST - 40
    ranked = sorted(hunks, key=lambda hunk: not hunk.concerns)
    for hunk in ranked:
        line = _short(hunk.line(), LONGEST_LINE)
        if len(chosen) == MOST_LINES or len(line) + 1 > left:
            break
        chosen.append(line)
        left -= len(line) + 1
    more = len(hunks) - len(chosen)
    return (*chosen, coded("text.more_places", n=more)) if more else tuple(chosen)


def _short(text: str, limit: int) -> str:
    line = " ".join(text[: 4 * max(limit, 1)].split())
    return line if len(line) <= limit else line[: max(limit - 1, 1)].rstrip() + "…"


def reworded(known: Entry, entry: Entry) -> Entry | None:
    """Return what to report of an entry that stays, its words replaced by what differs in them; None if nothing
    does."""
    found = compare(str(known.get("text") or ""), str(entry.get("text") or ""))
    if found.weight <= Weight.TYPOGRAPHY:
        return None
    label = label_of(entry) or ""
    said = coded("entry.reworded", words=label).to_json() if label == label_of(known) else label
    return {**entry, "text": found.text, "label": said}


def succeeding(old: Facet, entry: Entry) -> Entry:
    """Return what to report of a new entry: what differs from the latest of those before it, if there is any."""
    earlier = max(old.values(), key=lambda one: str(one.get("on") or ""), default=None)
    found = compare(str(earlier.get("text") or ""), str(entry.get("text") or "")) if earlier else None
    if earlier is None or found is None or found.weight <= Weight.TYPOGRAPHY:
        return entry
    return {**entry, "text": coded("entry.against", earlier=label_of(earlier) or "", lines=found.text).to_json()}


_LETTERS = re.compile(r"[^\W\d_]+")
_LONGEST_NAMED = 220


@dataclass(frozen=True, slots=True)
class Edit:
    """How a document differs from what it was: `parts` of `title`, `text` and `link`, the values before and after of
    the first of them, and the places for people."""

    parts: tuple[str, ...]
    before: str | None
    after: str | None
    text: str | None

    @property
    def subject(self) -> str:
        return "+".join(self.parts)


def edited(known: Entry, entry: Entry) -> Edit | None:
    """Return how a document that is one entry differs from what it was; None where nobody reads anything else, or where
    it was `rewritten` with all others of its source."""
    if entry.get("rewritten"):
        return None
    titles = [str(one.get("title") or "") for one in (known, entry)]
    links = [str(one.get("link") or "") for one in (known, entry)]
    retitled = compare(*titles).weight > Weight.TYPOGRAPHY
    reworded_text = compare(_without_title(known), _without_title(entry))
    parts: dict[str, tuple[str | None, str | None]] = {}
    if retitled:
        parts["title"] = (titles[0], titles[1])
    if reworded_text.weight > Weight.TYPOGRAPHY:
        parts["text"] = (label_of(known), label_of(entry))
    if _is_moved(known, entry, *links):
        parts["link"] = (links[0], links[1])
    if not parts:
        return None
    named = [_replaced(*values) for part, values in parts.items() if part != "text"]
    lines = reworded_text.lines if "text" in parts else ()
    return Edit(tuple(parts), *next(iter(parts.values())), lines_text((*named, *lines)) or None)


def _without_title(entry: Entry) -> str:
    text = str(entry.get("text") or "")
    return text.partition("\n")[2] if entry.get("title") else text


def _replaced(before: str | None, after: str | None) -> str:
    old, new = (_unmarked(value or "")[:_LONGEST_NAMED] for value in (before, after))
    return "\n".join(part for part in (f"[- {old}]" if old else "", f"[+ {new}]" if new else "") if part)


def _unmarked(value: str) -> str:
    """Brackets mark what differs."""
    return value.replace("[", "(").replace("]", ")")


def _is_moved(known: Entry, entry: Entry, before: str, after: str) -> bool:
    """Say whether a link says something new of its document, by its path: all that an undated one says of its day,
    of any other one its numbers while the words stay (a meeting moved from the 13th to the 14th)."""
    old, new = (_path(link) for link in (before, after))
    if not before or not after or old == new or entry.get("relinked"):
        return False
    return not (known.get("dated") or entry.get("dated")) or _LETTERS.findall(old) == _LETTERS.findall(new)


def _path(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.path.rstrip('/')}#{parts.fragment}".rstrip("#")
