"""Which words does a text say, whatever its case, accents and typography?

Search words are matched whole: `Noël` finds `NOEL`, `NATO` does not find `senator`. A phrase is found across any white
space. There are no patterns: what is typed is what is looked for."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

_SAME_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("’ʼ‘`´′", "'")
    | dict.fromkeys("“”„«»″", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff")
)
_COUNTED_TYPOGRAPHY = {code: sign for code, sign in _SAME_TYPOGRAPHY.items() if chr(code) not in "‒–—―−"}
"""A hyphen joins two words; a dash divides them."""
_ONE_TO_ONE = {code: sign if sign is not None else " " for code, sign in _SAME_TYPOGRAPHY.items()}
_TOKEN = re.compile(
    r"\$\s{0,2}\d{1,30}(?:,\d{3}){0,9}(?:\.\d{1,10})?"  # money
    r"|\d{1,30}(?:,\d{3}){0,9}(?:\.\d{1,10})?(?:st|nd|rd|th|d)?(?![^\W\d_])"  # 90, 1,000, 2.5, 119th
    r"|\w[\w-]{0,99}(?:'\w{1,9})?|[,;:.()%§]",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\w(?:[\w.,'-]*\w)?")
_HYPHEN = re.compile(r"(?<=\w)-+(?=\w)")
_FOLDED = re.compile(r"[^\w$%§,;:.()]+")
_FIGURE = re.compile(r"\$?\d")
_CITES = re.compile(r"\bCR\b")


def _several(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_MONTHS = _several(
    "january february march april june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday"
)
"""Not May, which is a duty more often than a month."""

_NUMBERS = _several(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion "
    "trillion half third fourth quarter percent % once twice double triple first second fifth sixth tenth"
)
_NEGATIONS = _several(
    "not no nor never neither none nothing without except unless notwithstanding cannot prohibited prohibit"
)
_DUTIES = _several("shall may must will should can cannot might would could required")


@dataclass(frozen=True, slots=True)
class Token:
    """A word: `said` is what it says, whatever its letters look like; `start` and `end` are where it stands."""

    said: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the words, figures and marks of a text in their order."""
    for found in _TOKEN.finditer(_in_place(text)):
        yield Token(_spoken(found[0]), found.start(), found.end())


def words(text: str) -> Iterator[str]:
    """Yield what the words, figures and marks of a text say, in their order."""
    return (_spoken(found) for found in _TOKEN.findall(_in_place(text)))


def counted_words(text: str, *, fold_case: bool = False) -> list[str]:
    """Return the words of a text as a reader counts them: what stands between spaces and dashes, without the marks
    around it (`12 U.S.C. 1811` is three). Other kinds of quotes, hyphens and invisible characters make no other word;
    capitals do, unless `fold_case`."""
    plain = unicodedata.normalize("NFKC", text) if not text.isascii() else text
    plain = plain.translate(_COUNTED_TYPOGRAPHY)
    return _COUNTED.findall(plain.casefold() if fold_case else plain)


def _in_place(text: str) -> str:
    """Fold letters without moving any: a token has to be found again in the text as it stands."""
    if text.isascii():
        return text.translate(_ONE_TO_ONE)
    plain = unicodedata.normalize("NFKC", text)
    return (plain if len(plain) == len(text) else text).translate(_ONE_TO_ONE)


def _spoken(word: str) -> str:
    lower = word.casefold()
    if lower[0].isdigit() or lower[0] == "$":
        return lower.replace(",", "").replace(" ", "").rstrip(".")
    return lower.replace("-", "")


def folded(text: str) -> str:
    """Return what two states of a paragraph must differ in to be read word by word: not case, kinds of quotes, spaces,
    hyphens. "" for a paragraph that says nothing."""
    plain = unicodedata.normalize("NFKC", text) if not text.isascii() else text
    plain = _HYPHEN.sub("", plain.translate(_SAME_TYPOGRAPHY).casefold())
    return _FOLDED.sub(" ", plain).strip()


def concerns(before: Iterable[str], after: Iterable[str], near: Iterable[str]) -> frozenset[str]:
    """Say what of substance two runs of words differ in; `near` are the words around them, in which a month makes the
    number beside it a date."""
    differ = Counter(before)
    differ.subtract(after)
    moved = [word for word, count in differ.items() if count]
    touched = {name for word in moved for name in _concern(word)}
    if "numbers" in touched and ("dates" in touched or _MONTHS.intersection(near)):
        touched = (touched - {"numbers"}) | {"dates"}
    return frozenset(touched)


def _concern(word: str) -> Iterator[str]:
    if word.startswith("$"):
        yield "money"
    elif _FIGURE.match(word) or word in _NUMBERS:
        yield "numbers"
    elif word in _MONTHS:
        yield "dates"
    if word in _NEGATIONS:
        yield "negations"
    if word in _DUTIES:
        yield "duties"


_SAME = str.maketrans({"’": "'", "ʼ": "'", "‘": "'", "`": "'"} | dict.fromkeys("‐‑‒–—−", "-"))
_UNSPACED = ("CJK ", "HIRAGANA", "KATAKANA", "HANGUL", "THAI ", "LAO ", "KHMER", "MYANMAR")
"""Scripts that write no space between words, or join particles to them: no boundary is asked for there."""


def occurring(words: Sequence[str], text: str | None) -> tuple[str, ...]:
    """Return those of `words` that occur in `text`, as they were written and in their order."""
    if not words or not text:
        return ()
    folded = fold(text)
    return tuple(word for word in words if is_word(word) and pattern(word).search(folded))


@lru_cache(maxsize=1024)
def is_word(word: str) -> bool:
    """Say whether there is anything to look for: a letter or a digit."""
    return any(character.isalnum() for character in fold(word))


def fold(text: str) -> str:
    """Return `text` without what two spellings of one word may differ in: case, accents, invisible characters, the
    kinds of spaces, dashes and apostrophes."""
    if text.isascii():
        return " ".join(text.casefold().translate(_SAME).split())
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_SAME)
    kept = (c for c in plain if unicodedata.category(c) not in ("Mn", "Cf"))
    return " ".join("".join(kept).split())


def is_cyrillic(word: str) -> bool:
    """Say whether a word is written in Cyrillic letters, by its first one."""
    return "\u0400" <= word[:1] <= "\u052f"


@lru_cache(maxsize=1024)
def pattern(word: str, *, prefix: bool = False) -> re.Pattern[str]:
    """Return what finds a word or phrase in a folded text; with `prefix`, at the beginning of longer words too.

    `word` must have something to look for (`is_word`).
    """
    folded = fold(word)
    before = r"(?<!\w)" if _bounded(folded[0]) else ""
    after = r"(?!\w)" if _bounded(folded[-1]) and not prefix else ""
    return re.compile(before + re.escape(folded) + after)


def _bounded(character: str) -> bool:
    return character.isalnum() and not unicodedata.name(character, "").startswith(_UNSPACED)


_LOOKALIKES = str.maketrans("АВСЕНІКМОРТХУасеіорху", "ABCEHIKMOPTXYaceiopxy")


def latin_lookalikes(text: str) -> str:
    """Write Cyrillic letters that look Latin as the Latin ones (typed input only, never identities)."""
    return text.translate(_LOOKALIKES)


def without_citations(text: str) -> str:
    """Return a line without the citations in brackets at its end (`(consideration: CR H1234)`), however many: later
    editions of a journal add them to an event that is reported already. One pass from the end."""
    end = len(text.rstrip())
    while end and text[end - 1] == ")":
        begin = text.rfind("(", 0, end)
        inside = text[begin + 1 : end - 1]
        if begin < 0 or ")" in inside or not _CITES.search(inside):
            break
        end = begin
        while end and text[end - 1].isspace():
            end -= 1
    return text[:end]
