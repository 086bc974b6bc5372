"""What did a BILLSTATUS file say, read once more from its archived bytes?"""

from __future__ import annotations

from collections.abc import Iterator

from domain.observation import Observation
from domain.rereading import Testimony
from watchers.billstatus.reading import parse_billstatus


def reread(told: Testimony) -> Iterator[Observation]:
    """Read a file again (`billstatus/1`); only those of its facets whose bytes are named."""
    for digest in dict.fromkeys(told.named.values()):
        reading = parse_billstatus(told.kept.evidence(digest).body)
        facets = {name: facet for name, facet in reading.facets.items() if name in told.named}
        yield told.observed(facets, reading.published_at, stamped=True)
