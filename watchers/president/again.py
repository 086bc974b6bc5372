"""What did the page of a decree say, read once more from the archive?"""

from __future__ import annotations

from collections.abc import Iterator

from domain.facets import Facet
from domain.observation import Observation
from domain.rereading import Testimony
from watchers.president.pages import Item, parse_decree
from watchers.president.watcher import act_of
from watchers.rada.api import REGIMES
from watchers.rada.numbers import decree
from watchers.rada.statements import statements


def reread(told: Testimony) -> Iterator[Observation]:
    """Read the page of a decree again (`president/1`); the list it was found in was kept with the statement."""
    for digest in dict.fromkeys(told.named.values()):
        page = told.kept.evidence(digest)
        number = parse_decree(page.body).number or ""
        document = decree(number)
        if document is None:
            raise LookupError(f"the page names no decree: {number!r}")
        item = Item(document, number, str(told.context["title"]), told.context.get("on"), page.url)
        act = act_of(item, page.body, REGIMES[told.document], str(told.context["act"]))
        facets: dict[str, Facet] = {said.facet: {said.subject: said.entry} for said in statements(document, act)}
        yield told.observed(facets, None, stamped=True)
