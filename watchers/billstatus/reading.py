"""What does one BILLSTATUS file say of its bill?

The same facets as api.congress.gov would state of the same state of the bill, whichever schema the file has: its rows
are written as the API's and read by the API's readers. Pure: bytes in, a reading out, or Changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from domain.errors import Changed
from domain.facets import Facet
from domain.identity import DocumentId, public_url
from domain.observation import Observation
from watchers.billstatus.document import bill_of, document_of
from watchers.billstatus.lines import action_rows
from watchers.billstatus.rows import LISTS, Row, entries, item
from watchers.congress.actions import Line, action_facets
from watchers.congress.item import parse_item
from watchers.congress.sublists import SUBLISTS
from watchers.xml import Node

SOURCE = "govinfo"
READER = "billstatus/1"


@dataclass(frozen=True, slots=True)
class Reading:
    """A bill as one file states it. `published_at` is the publisher's stamp of this state (aware UTC), `url` the page
    a person would open."""

    document: DocumentId
    facets: Mapping[str, Facet]
    published_at: datetime | None
    url: str | None

    def observation(self, evidence: str) -> Observation:
        """Return the reading as what GovInfo said; `evidence` is the digest of the file's bytes."""
        return Observation(
            document=self.document,
            source=SOURCE,
            reader=READER,
            facets=self.facets,
            evidence=dict.fromkeys(self.facets, evidence),
            published_at=self.published_at,
            url=self.url,
        )


def parse_billstatus(body: bytes) -> Reading:
    """Read one file; Changed says what was expected of it and what was seen."""
    bill = bill_of(body)
    document = document_of(bill)
    read = parse_item(msgspec.json.encode({"bill": item(bill)}), document)
    facets = dict(read.facets)
    facets["actions"], facets["votes"] = _actions(bill, document)
    for name, rows in LISTS.items():
        nodes = entries(bill, name)
        if nodes is not None:
            one = SUBLISTS[name]
            facets[one.facet] = one.parse([msgspec.json.encode(row) for row in rows(nodes)])
    return Reading(document, facets, read.updated_at, public_url(document))


def _actions(bill: Node, document: DocumentId) -> tuple[Facet, Facet]:
    told, unnamed = action_rows(bill)
    actions, votes = action_facets(_lines(told), document)
    return actions, {**action_facets(_lines(unnamed), document)[1], **votes}


def _lines(rows: list[Row]) -> list[Line]:
    try:
        return msgspec.convert(rows, list[Line])
    except msgspec.ValidationError as error:
        raise Changed(f"actions: {error}") from error
