"""What did the database say of an act, read once more from the archived card and text?

The reader is the one that read then: it is given what it knew before, what the lists showed, and for answers the bytes
that came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import convert
from msgspec.structs import replace

from domain.facets import Facet
from domain.http import Request, Response
from domain.identity import DocumentId
from domain.observation import Observation
from domain.rereading import Testimony
from watchers.rada.api import outline
from watchers.rada.asking import Asker
from watchers.rada.cursor import Act
from watchers.rada.reading import SAME, Reading, read_act
from watchers.rada.statements import statements
from watchers.rada.survey import Seen


def reread(told: Testimony) -> Iterator[Observation]:
    """Read an act again, or what an act says of a regime (`rada/1`)."""
    if not told.context:
        yield told.observed(outline(told.document).facets, None, stamped=True)
        return
    reading = _reading(told)
    if reading.document == told.document:
        if reading.observation is not None:
            yield told.observed(reading.observation.facets, reading.observation.published_at, stamped=True)
        return
    act = replace(reading.act, told_unread=bool(told.context.get("told_unread")))
    published_at = reading.observation.published_at if reading.observation else None
    for statement in statements(reading.document, act):
        facets: Mapping[str, Facet] = {statement.facet: {statement.subject: statement.entry}}
        yield told.observed(facets, published_at, stamped=True)


def _reading(told: Testimony) -> Reading:
    context = told.context
    return read_act(
        Asker(_Answers(told), ""),
        DocumentId.parse(context["act"]),
        convert(context["before"], Act),
        convert(context["seen"], Seen),
        int(told.known_from.timestamp()),
    )


class _Answers:
    """Answers as the database did then: with the archived bytes, with 304, or that there is nothing."""

    def __init__(self, told: Testimony) -> None:
        self._told = told

    def __call__(self, request: Request) -> Response:
        name: Any = self._told.context.get("card" if "/laws/card/" in request.url else "text")
        if not name:
            return Response(404, request.url, {}, b"", self._told.known_from)
        if name == SAME:
            return Response(304, request.url, {}, b"", self._told.known_from)
        kept = self._told.kept.evidence(str(name))
        headers = {"last-modified": kept.last_modified} if kept.last_modified else {}
        return Response(200, kept.url, headers, kept.body, kept.fetched_at)
