"""In which character set is an answer written, is it safe to hand its bytes to a parser, and are they all there?

feedparser believes the header, then the XML declaration. Both are often wrong; bytes that are good UTF-8 and not
ASCII are no accident, and a byte order mark is none either. What nobody declared is guessed from the letters.

feedparser takes seconds for thousands of nested tags, half a minute for a hundred thousand entries, and whatever a
cut feed's last entry still says. Every look here takes time in proportion to the bytes.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from domain.coded_text import CodedText, phrase
from domain.errors import Changed, mismatch
from watchers.markup import ENTITIES

_MARKS = (
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF8, "utf-8"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
"""First bytes that tell the encoding before anything can be read (XML 1.0, appendix F)."""

_HEADER = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:-]+)[\"']?", re.IGNORECASE | re.ASCII)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_TRICKS = frozenset({"utf-7", "unicode-escape", "raw-unicode-escape", "unicode_escape", "raw_unicode_escape", "idna"})
"""Codecs in which ASCII letters are not what they look like: nothing could be checked before parsing."""

_FOREIGN = re.compile(rb"[\x80-\xff]")
_SAMPLE = 64 * 1024
_FEW_DAMAGED = 4


@dataclass(frozen=True, slots=True)
class DecodedBody:
    """A body in an encoding whose tags are ASCII, and a content type that says which. `encoding` is the one it came
    in where that was not left to the declaration; `doubtful` if nobody had declared it so."""

    body: bytes
    content_type: str
    encoding: str | None = None
    doubtful: bool = False


def decode_body(body: bytes, content_type: str) -> DecodedBody:
    """Return a body that can be looked through and parsed.

    Raises Changed for encodings no feed is honestly written in. What was declared and fits is left as it is.
    """
    declared = [name for name in map(_codec, _declared(body, content_type)) if name]
    marked = next((encoding for mark, encoding in _MARKS if body.startswith(mark)), None)
    if marked:
        return _script(body, content_type, marked)
    if tricks := _TRICKS.intersection(declared):
        raise Changed(mismatch("", "a feed in UTF-8 or another plain encoding", min(tricks)))
    if body.isascii():
        plain = all(map(_is_plain, declared))
        return DecodedBody(body, content_type) if plain else _script(body, content_type, "ascii")
    if _is_utf8(body):
        return _script(body, content_type, "utf-8", doubtful=declared[:1] not in ([], ["utf-8"]))
    if any(_fits(body, codec) for codec in declared):
        return DecodedBody(body, content_type)
    guessed = _guess(body)
    return _script(body, content_type, guessed, doubtful=True) if guessed else DecodedBody(body, content_type)


def _script(body: bytes, content_type: str, encoding: str, doubtful: bool = False) -> DecodedBody:
    text = body.decode(encoding, "replace").removeprefix("\ufeff")
    media = _HEADER.sub("", content_type).strip().rstrip(";") or "application/xml"
    return DecodedBody(text.encode("utf-8", "replace"), f"{media}; charset=utf-8", encoding, doubtful)


def _is_utf8(body: bytes) -> bool:
    """True if what is not ASCII is UTF-8, give or take a damaged letter."""
    text = body.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    return not damaged or len(body) - len(text) - 2 * damaged > _FEW_DAMAGED * damaged


def _declared(body: bytes, content_type: str) -> list[str]:
    header, inside = _HEADER.search(content_type), _DECLARED.search(body[:1024])
    return [name for name in (header and header[1], inside and inside[1].decode("ascii")) if name]


def _codec(name: str) -> str | None:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _is_plain(codec: str) -> bool:
    """Say whether ASCII is itself in an encoding: not in wide ones, nor in what Python calls a codec and is no text."""
    try:
        return "<".encode(codec) == b"<"
    except (UnicodeError, LookupError):
        return False


def _fits(body: bytes, codec: str) -> bool:
    if codec in ("utf-8", "ascii"):
        return False
    try:
        body.decode(codec)
    except (UnicodeError, LookupError):
        return False
    return True


def _guess(body: bytes) -> str | None:
    """Guess from the stretch where the first foreign letters are."""
    foreign = _FOREIGN.search(body)
    start = max(0, foreign.start() - 256) if foreign else 0
    best = from_bytes(body[start : start + _SAMPLE]).best()
    return best.encoding if best is not None else None


MAX_ENTRIES = 5000
MAX_MARKS = 250_000
"""Tags and entities: each costs feedparser some 16 microseconds, and feeds of five thousand entries have fewer."""

_MANY_WORDS = 20_000
MAX_DEPTH = 500
"""Elements inside one another; web pages have some thirty."""

_HIDDEN = re.compile(rb"<!--(?:.*?-->|.*\Z)|<!\[CDATA\[(?:.*?\]\]>|.*\Z)", re.DOTALL)
_START = re.compile(rb"<\?xml[\s]|<(?:[A-Za-z][\w.-]*:)?(?:rss|feed|RDF)[\s>]")
_ROOT = re.compile(rb"<((?:[A-Za-z][\w.-]*:)?(rss|feed|RDF))[\s>]")
_ANY_ROOT = re.compile(rb"<(?:[A-Za-z][\w.-]*:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_BEGINNING = 64 * 1024
_CLOSED = re.compile(rb"</(?:[A-Za-z][\w.-]*:)?(?:item|entry)\s*>", re.IGNORECASE)
_OPENED = re.compile(rb"<(?:[A-Za-z][\w.-]*:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_LT, _GT = rb"&(?:lt|#0*60|#[xX]0*3[cC]);", rb"&(?:gt|#0*62|#[xX]0*3[eE]);"
_TAG = re.compile(
    rb"(?:<|" + _LT + rb")(?P<ends>/?)(?P<name>[A-Za-z][\w:.-]*)"
    rb"(?P<rest>(?:[^<>&]+|&(?!(?:lt|gt|#0*6[02]|#[xX]0*3[cCeE]);))*)(?P<close>>|" + _GT + rb")?"
)
"""A tag, plain or escaped, for feedparser reads both; and what looks like the beginning of one."""

_COMMENT = re.compile(rb"(?P<opens>(?:<|" + _LT + rb")!--)|--(?:>|" + _GT + rb")")
_DECLARATION = re.compile(rb"(?P<opens>(?:<|" + _LT + rb")[!?])|>|" + _GT)
_MOST_OPEN = 1000
"""Comments and declarations that begin one after the other and do not end: each makes the rest be searched."""

_UNCLOSED = frozenset(
    b"area base br col embed hr img input link meta param source track wbr p li dt dd tr td th thead tbody tfoot "
    b"option colgroup".split()
)
"""Elements that people need not or do not close: they say nothing about depth."""


@dataclass(frozen=True, slots=True)
class CheckedBody:
    """Bytes that may be parsed. `notes` say what was left out; `whole` is false for a feed that was cut short."""

    body: bytes
    notes: tuple[CodedText, ...] = ()
    whole: bool = True


def check_body(body: bytes) -> CheckedBody | None:
    """Return what of an XML feed may be parsed; None for what does not begin like one, Changed for what would hurt.

    `body` is in an encoding whose tags are ASCII. Junk before the beginning is dropped, a feed that ends in the middle
    loses the entry it ends in, and one of too many entries keeps the first 5,000.
    """
    if b"<!ENTITY" in body and b"<!ENTITY" in _HIDDEN.sub(b"", body):
        raise Changed(mismatch("", "a feed", ENTITIES))
    if _ANY_ROOT.search(body, 0, _BEGINNING) is None:
        return None
    start = _START.search(body, 0, 8192)
    body = body[start.start() :] if start else body.lstrip()
    whole = _whole(body)
    few = _few(whole.body)
    marks = few.body.count(b"<") + few.body.count(b"&")
    if marks > MAX_MARKS:
        raise Changed(mismatch("", "a feed", too_many_values(marks)))
    _check_open(few.body)
    _check_tags(few.body)
    return CheckedBody(few.body, (*whole.notes, *few.notes), whole.whole)


def too_many_values(n: int) -> CodedText:
    return phrase("{n} values: more than {most} are not read", n=n, most=MAX_MARKS)


def too_many_entries(n: int) -> CodedText:
    return phrase("the feed has {n} entries: the first {most} are read", n=n, most=MAX_ENTRIES)


def _whole(body: bytes) -> CheckedBody:
    root = _ROOT.search(body)
    if root is None or b"</" + root[1] in body[-4096:]:
        return CheckedBody(body)
    last = _last(body)
    if last is None:
        return CheckedBody(body)
    end = b"</channel></" if root[2] == b"rss" else b"</"
    return CheckedBody(
        body[:last] + end + root[1] + b">", (phrase("the feed ends in the middle: its last entry waits"),), False
    )


def _last(body: bytes) -> int | None:
    """Return where the last complete entry ends."""
    return max((found.end() for found in _CLOSED.finditer(body)), default=None)


def _few(body: bytes) -> CheckedBody:
    if len(body) < MAX_ENTRIES * 7:
        return CheckedBody(body)
    ends = [found.end() for found in _CLOSED.finditer(body)]
    if len(ends) > MAX_ENTRIES:
        return CheckedBody(body[: ends[MAX_ENTRIES - 1]] + body[ends[-1] :], (too_many_entries(len(ends)),))
    if sum(1 for _ in _OPENED.finditer(body)) > 2 * MAX_ENTRIES:
        raise Changed(mismatch("", "at most {n} entries", phrase("more that do not end"), n=MAX_ENTRIES))
    return CheckedBody(body)


def _check_open(body: bytes) -> None:
    if body.count(b"!") + body.count(b"?") <= _MOST_OPEN:  # each of them begins with one of these
        return
    for pattern in (_COMMENT, _DECLARATION):
        running = 0
        for mark in pattern.finditer(body):
            running = running + 1 if mark["opens"] else 0
            if running > _MOST_OPEN:
                raise Changed(mismatch("", "a feed", phrase("thousands of comments that do not end")))


def _check_tags(body: bytes) -> None:
    """Refuse elements that lie too deep, and tags of endless attributes.

    Depth is counted anew in each entry, since not everything is closed there.
    """
    depth = entries = 0
    for tag in _TAG.finditer(body):
        ends, name, rest, closed = tag.groups()
        if len(rest) > _MANY_WORDS and len(rest.split(None, _MANY_WORDS)) > _MANY_WORDS:
            raise Changed(mismatch("", "a feed", phrase("a tag of more than {n} attributes", n=_MANY_WORDS)))
        name = name.rpartition(b":")[2].lower()
        if not closed or name in _UNCLOSED or rest.endswith(b"/"):
            continue
        step = -1 if ends else 1
        if name in (b"item", b"entry"):
            depth = 0
            entries = max(0, entries + step)
        else:
            depth = max(0, depth + step)
        if depth > MAX_DEPTH or entries > MAX_DEPTH:
            raise Changed(mismatch("", "a feed", phrase("elements more than {n} deep", n=MAX_DEPTH)))
