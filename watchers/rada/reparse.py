"""What did the database say of an act, read once more from the archived card and text?

The reader is the one that read then: it is given what it knew before, what the lists showed, and for answers the bytes
that came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import convert
from msgspec.structs import replace

from domain.documents import DocumentId
from domain.observation import Observation, ParseInput
from domain.records.facets import Facet
from domain.sources import Request, Response
from watchers.rada.act_reader import UNCHANGED_TEXT, ActReading, read_act, statements
from watchers.rada.client import ActState, RadaClient
from watchers.rada.lists import ListedAct
from watchers.rada.watcher import regime_outline


def reread(told: ParseInput) -> Iterator[Observation]:
    """Read an act again, or what an act says of a regime (`rada/1`)."""
    if not told.context:
        yield told.observation(regime_outline(told.document).facets)
        return
    reading = _reading(told)
    if reading.document == told.document:
        if reading.observation is not None:
            yield told.observation(reading.observation.facets, reading.observation.published_at)
        return
    act = replace(reading.act, told_unread=bool(told.context.get("told_unread")))
    published_at = reading.observation.published_at if reading.observation else None
    for statement in statements(reading.document, act):
        facets: Mapping[str, Facet] = {statement.facet: {statement.subject: statement.entry}}
        yield told.observation(facets, published_at)


def _reading(told: ParseInput) -> ActReading:
    context = told.context
    return read_act(
        RadaClient(_ArchivedAnswers(told), ""),
        DocumentId.parse(context["act"]),
        convert(context["before"], ActState),
        convert(context["seen"], ListedAct),
        int(told.known_from.timestamp()),
    )


class _ArchivedAnswers:
    """Answers as the database did then: with the archived bytes, with 304, or that there is nothing."""

    def __init__(self, told: ParseInput) -> None:
        self._told = told

    def __call__(self, request: Request) -> Response:
        name: Any = self._told.context.get("card" if "/laws/card/" in request.url else "text")
        if not name:
            return Response(404, request.url, {}, b"", self._told.known_from)
        if name == UNCHANGED_TEXT:
            return Response(304, request.url, {}, b"", self._told.known_from)
        kept = self._told.archive.evidence(str(name))
        headers = {"last-modified": kept.last_modified} if kept.last_modified else {}
        return Response(200, kept.url, headers, kept.body, kept.fetched_at)
