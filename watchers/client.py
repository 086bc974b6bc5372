"""How is a publisher asked, what is kept of its answer, and whose fault is it when there is none?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit
from zlib import crc32

import msgspec

from domain.coded_text import Param, coded, phrase
from domain.documents import DocumentId
from domain.errors import Blocked, Changed, Refused, SourceError, Unavailable, mismatch
from domain.observation import Evidence, Observation, Parse, ParseInput
from domain.ports import Http
from domain.records.facets import digest
from domain.records.record import Record
from domain.sources import Request, Response

Read = TypeVar("Read")

LONGEST_VALIDATOR = 500
"""Characters of an `ETag` or a date that are sent back; longer ones are none."""

_FREE_TRIES = 3
_FIRST_PAUSE = 10 * 60
_LONGEST_PAUSE = 12 * 3600
_EARLIEST_REFRESH = 2 / 3


class AnswerState(msgspec.Struct, frozen=True, array_like=True):
    """What the last answer of one address is known by: its validators and the beginning of its digest."""

    etag: str = ""
    modified: str = ""
    digest: str = ""


def answer_state(response: Response) -> AnswerState:
    """Return what an answer is known by."""
    etag, modified = (response.headers.get(name, "") for name in ("etag", "last-modified"))
    return AnswerState(_short(etag), _short(modified), digest(response.body)[:16])


def _short(validator: str) -> str:
    return validator if len(validator) <= LONGEST_VALIDATOR else ""


def decode_json(raw: msgspec.Raw | bytes, decoder: msgspec.json.Decoder[Read], where: str) -> Read:
    """Read JSON of a known shape; Changed names the path below `where`."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise Changed(phrase("{where}: {fault}", where=where, fault=str(error))) from error
    except RecursionError:
        raise Changed(mismatch(where, "JSON", phrase("thousands of nested brackets"))) from None
    except ValueError as error:  # malformed JSON, and bytes that are not UTF-8
        start = bytes(raw)[:40]
        saw: Param = f"{start!r} ({error})" if start else phrase("an empty answer")
        raise Changed(mismatch(where, "JSON", saw)) from error


@dataclass(slots=True)
class ApiClient:
    """Asks below one address. `asked` counts the requests of a poll."""

    http: Http
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    asked: int = 0
    _reported: int = 0

    def get(self, path: str, *, known: AnswerState | None = None, **options: Any) -> Response:
        """Ask for a path below the base address, or for a whole address; conditionally, if its last answer is `known`.

        `options` are those of a `Request`.
        """
        self.asked += 1
        known = known or AnswerState()
        address = path if path.startswith(("http://", "https://")) else self.base_url + path
        return self.http(
            Request(
                url=address,
                headers=options.pop("headers", self.headers),
                etag=known.etag or None,
                last_modified=known.modified or None,
                **options,
            )
        )

    def get_if_changed(self, path: str, known: AnswerState | None = None, **options: Any) -> Response | None:
        """Ask conditionally; None when what is `known` still stands, by its validators or byte for byte."""
        response = self.get(path, known=known, **options)
        same = known is not None and answer_state(response).digest == known.digest
        return None if response.unchanged or same else response

    def spent(self) -> int:
        """Return how many requests were made since this was last asked."""
        spent, self._reported = self.asked - self._reported, self.asked
        return spent


def evidence_of(response: Response, default_type: str = "application/octet-stream") -> Evidence:
    """Return the bytes of an answer as what a statement was read from."""
    return Evidence(
        digest=digest(response.body),
        url=response.url,
        fetched_at=response.fetched_at,
        content_type=response.headers.get("content-type", default_type),
        body=response.body,
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
    )


def host_of(address: str | None) -> str:
    """Return host and port of an address from outside; "" for what is none."""
    try:
        return urlsplit(address or "").netloc.lower()
    except ValueError:
        return ""


def numbered(facet: str, digests: Sequence[str]) -> dict[str, str]:
    """Name the bytes a facet was read from: `actions`, `actions/2`, and so on."""
    return {facet if place == 1 else f"{facet}/{place}": name for place, name in enumerate(digests, start=1)}


class FetchedBytes:
    """Answers just fetched, as a parser asks for archived bytes."""

    def __init__(self, found: Mapping[str, Evidence]) -> None:
        self._found = found

    def evidence(self, digest: str) -> Evidence:
        return self._found[digest]

    def record(self, document: DocumentId, revision: int) -> Record | None:
        return None


def parse_fetched(
    parse: Parse,
    document: DocumentId,
    source: str,
    reader: str,
    now: datetime,
    pages: Mapping[str, Sequence[Evidence]],
    *,
    context: Mapping[str, Any] | None = None,
    before: Record | None = None,
) -> Observation:
    """Run the parser that `verify` runs on archived bytes on answers just fetched; `pages` are those of each facet."""
    found = {one.digest: one for several in pages.values() for one in several}
    named: dict[str, str] = {}
    for facet, several in pages.items():
        named |= numbered(facet, [one.digest for one in several])
    given = ParseInput(document, source, reader, now, FetchedBytes(found), named, context or {}, before)
    stated = next(iter(parse(given)))
    return replace(stated, evidence={n: one for n, one in named.items() if n.partition("/")[0] in stated.facets})


def refuses_us(error: SourceError) -> bool:
    """Say whose fault it is: true if the publisher refuses us or cannot be reached, so that its next document will
    fare no better; false if this one document is to blame."""
    if isinstance(error, Refused):
        return error.status in (None, 401, 403)
    return isinstance(error, Blocked) or error.status == 429 or not error.reached


def absent_observation(document: DocumentId, source: str, reader: str, code: str = "document.absent") -> Observation:
    """State that a publisher has no such document, by its name. Whoever reads it later states the facet empty."""
    said = coded(code, source=source).to_json()
    return Observation(document, source, reader, {"absent": {source: {"text": said}}})


def no_answer_came(error: SourceError) -> bool:
    """True if no complete answer came: one such may be the document's fault, a second is the publisher's."""
    return isinstance(error, Unavailable)


def pause_after(failures: int) -> int:
    """Return the seconds before a document that failed is asked again: a few tries at once, then ever more rarely."""
    if failures <= _FREE_TRIES:
        return 0
    return min(_FIRST_PAUSE << min(failures - _FREE_TRIES - 1, 10), _LONGEST_PAUSE)


def refresh_after(document: DocumentId | str, interval: int) -> float:
    """Return the seconds after which a document is read whatever the lists say, at most `interval`: documents first
    read together come due one after another, from two thirds of it on."""
    phase = (crc32(str(document).encode()) % 1000) / 1000
    return interval * (_EARLIEST_REFRESH + (1 - _EARLIEST_REFRESH) * phase)


class PublisherWatcher:
    """What the watcher of a publisher has by default: an address, and no pause of its own between polls (the pause that
    counts is the one between two requests)."""

    name: str
    min_interval = timedelta(0)

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")


T = TypeVar("T", bound=msgspec.Struct)


class CursorCodec(Generic[T]):
    """Writes a resume position as compact JSON and reads it back. Times in it are whole seconds since 1970 (UTC), 0 is
    never."""

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        self._decoder = msgspec.json.Decoder(kind)

    def load(self, text: str | None) -> T:
        """Read a resume position. One that cannot be read, or has another version, is none: everything is then read
        anew, silently."""
        if text is None:
            return self._kind()
        try:
            cursor = self._decoder.decode(text)
        except ValueError:
            return self._kind()
        return cursor if getattr(cursor, "version", 1) == getattr(self._kind(), "version", 1) else self._kind()

    def dump(self, cursor: T) -> str:
        """Write a resume position; equal positions give equal text."""
        return msgspec.json.encode(cursor, order="sorted").decode()
