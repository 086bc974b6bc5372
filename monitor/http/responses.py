"""What does an answer mean, and how do its bytes become the body without ever holding more than we asked for?"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Protocol

from domain.errors import Blocked, Changed, Refused, SourceError, Unavailable
from domain.sources import LONGEST_PAUSE

_STEP = 64 * 1024


_NAMES = re.compile(r"[a-z0-9-]{1,20}(, ?[a-z0-9-]{1,20})*")


class BodyTooLarge(ValueError):
    """The body, once inflated, is larger than the caller wants."""


class BrokenBody(ValueError):
    """The compressed stream is damaged, cut short, or not compressed at all."""


class UnknownEncoding(ValueError):
    """The body is wrapped in something we did not ask for, or in several layers."""


class Decompressor(Protocol):
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
    inflater = _decompressor(encoding)
    parts: list[bytes] = []
    held = 0
    for part in chunks if inflater is None else _decompressed(chunks, inflater):
        held += len(part)
        if held > limit:
            raise BodyTooLarge(f"more than {limit} bytes")
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def check_encoding(encoding: str) -> None:
    """Raise UnknownEncoding for anything but one layer of gzip or deflate."""
    _decompressor(encoding)


def _decompressor(encoding: str) -> Decompressor | None:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return None
    kinds: dict[str, Callable[[], Decompressor]] = {"gzip": _Gzip, "x-gzip": _Gzip, "deflate": _Deflate}
    if name not in kinds:
        # What does not look like names is not repeated: a server that mirrors requests may have put ours there.
        raise UnknownEncoding(f"encoding {name[:60]!r}" if _NAMES.fullmatch(name) else "an encoding that is none")
    return kinds[name]()


def _decompressed(chunks: Iterable[bytes], inflater: Decompressor) -> Iterator[bytes]:
    try:
        for chunk in chunks:
            yield from inflater.feed(chunk)
    except zlib.error:
        raise BrokenBody("damaged, or not compressed although it says so") from None
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
            raise BrokenBody("the gzip stream ends too early")


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
            raise BrokenBody("the deflate stream ends too early")


_LATER = frozenset({408, 425, 429})

# What stands in pages that are put in front of the content, and nowhere else: words a reporter could use ("just a
# moment", "access denied") count only inside the title these services give them.
_CHALLENGES: tuple[tuple[bytes, str], ...] = (
    (b"sec-if-cpt-container", "an Akamai challenge"),
    (b"errors.edgesuite.net", "an Akamai block page"),
    (b"errors&#46;edgesuite&#46;net", "an Akamai block page"),
    (b"<title>Just a moment...</title>", "a Cloudflare challenge"),
    (b"<title>Attention Required! | Cloudflare</title>", "a Cloudflare block page"),
    (b"_cf_chl_opt", "a Cloudflare challenge"),
    (b"cf-chl-", "a Cloudflare challenge"),
    (b"Generated by cloudfront (CloudFront)", "a CloudFront block page"),
    (b"Incapsula incident ID", "an Imperva block page"),
    (b"<title>Pardon Our Interruption", "an Imperva challenge"),
    (b"captcha-delivery.com", "a DataDome challenge"),
    (b"<title>Request Rejected</title>", "a firewall's block page"),
    (b"Sucuri Website Firewall - Access Denied", "a Sucuri block page"),
    (b"px-captcha", "a HUMAN challenge"),
)
_CHALLENGE_STATUS = frozenset({437})
"""legislation.gov.uk answers 437 to clients whose TLS handshake it does not like."""

_LONGEST_CHALLENGE = 256 * 1024
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,30}/[a-z0-9.+_-]{1,80}")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{2,60}")


def find_challenge(headers: Mapping[str, str], body: bytes) -> str | None:
    """Return which service put a challenge or block page in place of the content, or None.

    `headers` have lower-case names. A page of a quarter of a megabyte is content.
    """
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return "a Cloudflare challenge"
    if "x-amzn-waf-action" in headers:
        return "an AWS challenge"
    if len(body) > _LONGEST_CHALLENGE or not _is_page(headers, body):
        return None
    return next((service for mark, service in _CHALLENGES if mark in body), None)


def error_for_status(
    place: str, status: int, headers: Mapping[str, str], body: bytes, accept: Collection[str], now: datetime
) -> SourceError:
    """Return the error for a status nobody expected. `body` may be the beginning only."""
    said = f"{place}: {_phrase(status)}"
    service = find_challenge(headers, body)
    pause = parse_retry_after(headers.get("retry-after"), now)
    if service or status in _CHALLENGE_STATUS:
        seen = service or "a refusal to talk to this client"
        return Blocked(f"{said}; expected the content, saw {seen}", status=status, retry_after=pause)
    if status in _LATER or status >= 500:
        return Unavailable(_with_code(said, body), status=status, retry_after=pause)
    if status == 403 and accept and _is_page(headers, body) and not _fits(headers, accept):
        # A gateway refuses in the format it was asked for; a page is what a CDN puts in front of it.
        return Blocked(f"{said}; expected {_listed(accept)}, saw a web page", status=status, retry_after=pause)
    if status >= 400:
        return Refused(_with_code(said, body), status=status, retry_after=pause)
    return Changed(f"{said}; expected the content", status=status)


def error_for_content(
    place: str, status: int, headers: Mapping[str, str], body: bytes, accept: Collection[str]
) -> SourceError | None:
    """Return what is wrong with an answer whose status was expected, or None."""
    service = find_challenge(headers, body)
    if service:
        return Blocked(f"{place}: expected the content, saw {service}", status=status)
    if accept and not _fits(headers, accept):
        return Changed(f"{place}: expected {_listed(accept)}, saw {_seen_type(headers)}", status=status)
    return None


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After header (RFC 9110, 10.2.3): seconds or a date; nonsense and the past mean nothing.

    `now` is aware UTC. Nothing longer than a day is returned: a publisher's typing error is not a year's silence.
    """
    text = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,12}", text):
        wait = timedelta(seconds=min(int(text), int(LONGEST_PAUSE.total_seconds())))
    else:
        try:
            until = parsedate_to_datetime(text)
        except (ValueError, TypeError, OverflowError):
            return None
        wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
    return min(wait, LONGEST_PAUSE) if wait > timedelta(0) else None


def _with_code(said: str, body: bytes) -> str:
    """Add the machine-readable code of a JSON error, such as API_KEY_INVALID: never its prose, which may repeat
    what was asked."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return said
    error = answer.get("error") if isinstance(answer, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return f"{said} ({code})" if isinstance(code, str) and _CODE.fullmatch(code) else said


def _fits(headers: Mapping[str, str], accept: Collection[str]) -> bool:
    seen = _media_type(headers)
    return any(seen == wanted or (wanted.endswith("/*") and seen.startswith(wanted[:-1])) for wanted in accept)


def _media_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _seen_type(headers: Mapping[str, str]) -> str:
    """Name the content type if it is one: a server that mirrors requests may have put ours there, credentials and
    all."""
    seen = _media_type(headers)
    if not seen:
        return "no content type"
    return seen if _MEDIA_TYPE.fullmatch(seen) else "a content type that is none"


def _is_page(headers: Mapping[str, str], body: bytes) -> bool:
    if _media_type(headers) in ("text/html", "application/xhtml+xml"):
        return True
    start = body[:1024].lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html")) or b"<html" in start


def _listed(accept: Collection[str]) -> str:
    return " or ".join(accept)


def _phrase(status: int) -> str:
    """The number and its registered name; the server's own words are not repeated."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
