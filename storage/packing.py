"""How do facets and evidence lie on the disk?

A facet lies there once, named by a digest of its canonical form, as JSON or as a zlib stream, whichever is shorter.
They read back without a mark: JSON begins with a brace, a zlib stream with 0x78 and, where it needs one, the checksum
of its dictionary (RFC 1950, section 2.2).
"""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import Any

from domain.facets import Facet
from storage import phrases

_LEVEL = 6
_NEEDS_DICTIONARY = 0x20


def name(body: bytes) -> bytes:
    """Return the key of a facet: half of the SHA-256 of its canonical bytes, which is ample and half as large."""
    return hashlib.sha256(body).digest()[:16]


def packed(body: bytes) -> bytes:
    """Return the canonical bytes of a facet as stored."""
    press = zlib.compressobj(_LEVEL, zdict=phrases.WRITING)
    small = press.compress(body) + press.flush()
    return small if len(small) < len(body) else body


def unpacked(stored: bytes) -> bytes:
    """Return the canonical bytes of a stored facet; zlib.error when the stream is damaged."""
    if stored[:1] == b"{":
        return stored
    if not stored[1] & _NEEDS_DICTIONARY:
        return zlib.decompress(stored)
    spread = zlib.decompressobj(zdict=phrases.DICTIONARIES[int.from_bytes(stored[2:6])])
    return spread.decompress(stored) + spread.flush()


def facet(stored: bytes) -> Facet:
    """Return the facet that was packed."""
    loaded: dict[str, Any] = json.loads(unpacked(stored))
    return loaded


def archived(body: bytes) -> bytes:
    """Return evidence as stored: always one zlib stream, whatever the bytes are."""
    return zlib.compress(body, _LEVEL)


def evidence(stored: bytes) -> bytes:
    """Return the bytes as they were fetched."""
    return zlib.decompress(stored)
