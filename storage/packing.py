"""How do facets and evidence lie on the disk?

A facet lies there once, named by the SHA-256 of its canonical form. Short bodies lie as they are: a zlib stream
begins with 0x78, JSON with a brace, so either reads back without a mark.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

from domain.facets import Facet

_WORTH_PACKING = 96
_LEVEL = 6


def packed(body: bytes) -> bytes:
    """Return the bytes as stored: compressed where that saves something."""
    if len(body) < _WORTH_PACKING:
        return body
    small = zlib.compress(body, _LEVEL)
    return small if len(small) < len(body) else body


def facet(stored: bytes) -> Facet:
    """Return the facet that was packed."""
    loaded: dict[str, Any] = json.loads(stored if stored[:1] == b"{" else zlib.decompress(stored))
    return loaded


def archived(body: bytes) -> bytes:
    """Return evidence as stored: always one zlib stream, whatever the bytes are."""
    return zlib.compress(body, _LEVEL)


def evidence(stored: bytes) -> bytes:
    """Return the bytes as they were fetched."""
    return zlib.decompress(stored)
