"""How do the bytes on the wire become the body, without ever holding more than we asked for?

One layer of gzip or deflate, inflated in steps. A stream that does not reach its end is an error: half a page looks
like a page from which things were deleted.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

_STEP = 64 * 1024


_NAMES = re.compile(r"[a-z0-9-]{1,20}(, ?[a-z0-9-]{1,20})*")


class TooLarge(ValueError):
    """The body, once inflated, is larger than the caller wants."""


class BrokenStream(ValueError):
    """The compressed stream is damaged, cut short, or not compressed at all."""


class UnknownEncoding(ValueError):
    """The body is wrapped in something we did not ask for, or in several layers."""


class Inflater(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what the compressed bytes hold, at most 64 KiB at a time."""
        ...

    def finish(self) -> None:
        """Raise BrokenStream unless the stream has reached its end."""
        ...


def read_body(chunks: Iterable[bytes], encoding: str, limit: int) -> bytes:
    """Return the whole body from the chunks on the wire.

    `encoding` is the Content-Encoding header, empty for none; `limit` counts inflated bytes. Raises TooLarge,
    BrokenStream, UnknownEncoding, and whatever reading the chunks raises.
    """
    inflater = _inflater(encoding)
    parts: list[bytes] = []
    held = 0
    for part in chunks if inflater is None else _inflated(chunks, inflater):
        held += len(part)
        if held > limit:
            raise TooLarge(f"more than {limit} bytes")
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def check_encoding(encoding: str) -> None:
    """Raise UnknownEncoding for anything but one layer of gzip or deflate."""
    _inflater(encoding)


def _inflater(encoding: str) -> Inflater | None:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return None
    kinds: dict[str, Callable[[], Inflater]] = {"gzip": _Gzip, "x-gzip": _Gzip, "deflate": _Deflate}
    if name not in kinds:
        # What does not look like names is not repeated: a server that mirrors requests may have put ours there.
        raise UnknownEncoding(f"encoding {name[:60]!r}" if _NAMES.fullmatch(name) else "an encoding that is none")
    return kinds[name]()


def _inflated(chunks: Iterable[bytes], inflater: Inflater) -> Iterator[bytes]:
    try:
        for chunk in chunks:
            yield from inflater.feed(chunk)
    except zlib.error:
        raise BrokenStream("damaged, or not compressed although it says so") from None
    inflater.finish()


class _Gzip:
    """One or more gzip members (RFC 1952, 2.2), zero padding allowed behind the last."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._member.eof:
                data = data.lstrip(b"\0")
                if not data:
                    return
                self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
            self._started = True
            yield self._member.decompress(data, _STEP)
            data = self._member.unused_data if self._member.eof else self._member.unconsumed_tail

    def finish(self) -> None:
        # An empty body under "gzip" is an empty body: servers label error pages so.
        if self._started and not self._member.eof:
            raise BrokenStream("the gzip stream ends too early")


class _Deflate:
    """Deflate with its zlib wrapping (RFC 9110, 8.4.1.2) or, as many servers send it, without."""

    def __init__(self) -> None:
        self._stream: zlib._Decompress | None = None
        self._head = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None:
            self._head += data
            if len(self._head) < 2:
                return
            data, self._head = self._head, b""
            wrapped = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        while data and not self._stream.eof:
            yield self._stream.decompress(data, _STEP)
            data = self._stream.unconsumed_tail

    def finish(self) -> None:
        if self._head or (self._stream and not self._stream.eof):
            raise BrokenStream("the deflate stream ends too early")
