"""How do statements and evidence lie on the disk?

A statement lies there as JSON or as a zlib stream, whichever is shorter. They read back without a mark: JSON begins
with a brace, a zlib stream never does, and it carries the checksum of its dictionary where it needs one (RFC 1950,
section 2.2).
"""

from __future__ import annotations

import hashlib
import json
import zlib
from functools import lru_cache
from typing import Any

from storage import phrases

_LEVEL = 9
_ARCHIVING = 6
_MEMORY = 7
"""Preparing the usual 8 takes twice as long as packing a short statement."""

_NEEDS_DICTIONARY = 0x20


def name(body: bytes) -> bytes:
    """Return a digest of a state's canonical bytes, to notice damage: 64 bits of the SHA-256 are ample for that."""
    return hashlib.sha256(body).digest()[:8]


def packed(body: bytes) -> bytes:
    """Return the JSON of a statement as stored."""
    press = zlib.compressobj(_LEVEL, memLevel=_MEMORY, zdict=phrases.WRITING)
    small = press.compress(body) + press.flush()
    return small if len(small) < len(body) else body


def unpacked(stored: bytes) -> bytes:
    """Return the JSON of a stored statement; zlib.error when the stream is damaged."""
    if stored[:1] == b"{":
        return stored
    if not stored[1] & _NEEDS_DICTIONARY:
        return zlib.decompress(stored)
    spread = zlib.decompressobj(zdict=phrases.DICTIONARIES[int.from_bytes(stored[2:6])])
    return spread.decompress(stored) + spread.flush()


def statement(stored: bytes) -> dict[str, Any]:
    """Return the statement that was packed: see `storage.folding`."""
    loaded: dict[str, Any] = json.loads(unpacked(stored))
    return loaded


@lru_cache(maxsize=4)
def words(stored: bytes) -> list[Any]:
    """Return the words of the changes that a statement carries, by their places; changes of one revision are read one
    after the other, so the last few are kept at hand."""
    found = statement(stored)
    whole = found.get("evidence", {}).get("")
    return [said and (said if len(said) == _SAID else [*said, whole]) for said in found.get("words", ())]


_SAID = 5
"""Before, after, text, day, and the evidence where it is not that of the whole statement."""


def archived(body: bytes) -> bytes:
    """Return evidence as stored: always one zlib stream, whatever the bytes are."""
    return zlib.compress(body, _ARCHIVING)


def evidence(stored: bytes) -> bytes:
    """Return the bytes as they were fetched."""
    return zlib.decompress(stored)
