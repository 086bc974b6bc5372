"""What must be remembered of a feed between polls?

The resume position is compact JSON of our own: what to ask with, what the last body was, and the entries known. An
entry takes some 70 bytes; the 5,000 seen last are kept, so that it stays below 400 KB. What a poll needs when nothing
has changed is read without the entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec

from domain.http import Response
from watchers.feed.known import Known, Traits

VERSION = 1
MOST_KNOWN = 5000

_LONGEST_VALIDATOR = 500


@dataclass(frozen=True, slots=True)
class Cursor:
    """All that is remembered. `address` is the feed's; `digest` that of the body read last, "" before the first;
    `full_at` when a body last came, in seconds since 1970; `window` how many entries it held, the last ones known;
    `packed` the entries themselves, unread."""

    address: str
    etag: str | None = None
    last_modified: str | None = None
    digest: str = ""
    full_at: int = 0
    window: int = 0
    packed: bytes = b"[]"

    def known(self) -> Known:
        """Return the entries known, the last seen last."""
        return {key: Traits(base or key, page, content) for key, base, page, content in _ENTRIES.decode(self.packed)}

    def with_validators(self, response: Response, now: int) -> Cursor:
        """Return what is remembered after a body came; validators too long to be sent back are none."""
        return replace(
            self,
            etag=_short(response.headers.get("etag")),
            last_modified=_short(response.headers.get("last-modified")),
            full_at=now,
        )

    def with_entries(self, digest: str, current: Mapping[str, Traits]) -> Cursor:
        """Return what is remembered after a body was read: what is in the feed moves to the end."""
        kept = {key: found for key, found in self.known().items() if key not in current} | dict(current)
        rows = [(k, "" if f.base == k else f.base, f.page, f.content) for k, f in kept.items()]
        packed = msgspec.json.encode(rows[-MOST_KNOWN:])
        return replace(self, digest=digest, window=len(current), packed=packed)


class _Stored(msgspec.Struct, omit_defaults=True):
    v: int
    a: str
    d: str
    f: int
    w: int
    k: msgspec.Raw
    e: str | None = None
    m: str | None = None


_STORED = msgspec.json.Decoder(_Stored)
_ENTRIES = msgspec.json.Decoder(list[tuple[str, str, str, str]])


def load(text: str | None, address: str) -> Cursor:
    """Read a resume position back. That of another address, or one that cannot be read, is none: everything is then
    read anew, and what the record knows is no news."""
    if text is None:
        return Cursor(address)
    try:
        stored = _STORED.decode(text)
        if stored.v != VERSION or stored.a != address:
            return Cursor(address)
        return Cursor(address, stored.e, stored.m, stored.d, stored.f, stored.w, bytes(stored.k))
    except ValueError:
        return Cursor(address)


def dump(cursor: Cursor) -> str:
    """Write a resume position; equal positions give equal text."""
    stored = _Stored(
        v=VERSION,
        a=cursor.address,
        d=cursor.digest,
        f=cursor.full_at,
        w=cursor.window,
        k=msgspec.Raw(cursor.packed),
        e=cursor.etag,
        m=cursor.last_modified,
    )
    return msgspec.json.encode(stored).decode()


def _short(validator: str | None) -> str | None:
    return validator if validator and len(validator) <= _LONGEST_VALIDATOR else None
