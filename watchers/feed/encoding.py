"""In which character set is a feed written, whatever it says?

feedparser believes the header, then the XML declaration. Both are often wrong; bytes that are good UTF-8 and not
ASCII are no accident, and a byte order mark is none either. What nobody declared is guessed from the letters.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from domain.errors import Changed

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
        raise Changed(f"expected a feed in UTF-8 or another plain encoding, saw {min(tricks)}")
    if body.isascii():
        return DecodedBody(body, content_type)
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
