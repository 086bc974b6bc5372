"""Which reader reads archived bytes once more? By the name and version that a revision carries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module

from domain.facets import Facet
from domain.identity import DocumentId
from domain.observation import Observation
from domain.record import Record
from domain.rereading import Reread, Testimony

PLACES: Mapping[str, tuple[str, str]] = {
    "billstatus/1": ("watchers.billstatus.again", "reread"),
    "clerk/1": ("watchers.rollcalls.again", "reread_house"),
    "clock/1": ("monitor.rereading", "reckon_again"),
    "congress-list/1": ("watchers.congress.again", "reread_list"),
    "congress-meetings/1": ("watchers.congress.again", "reread_meetings"),
    "congress/1": ("watchers.congress.again", "reread"),
    "federal_register/1": ("watchers.federal_register.again", "reread"),
    "feed/1": ("watchers.feed.again", "reread"),
    "president/1": ("watchers.president.again", "reread"),
    "rada-bills/1": ("watchers.rada.bills_again", "reread"),
    "rada/1": ("watchers.rada.again", "reread"),
    "returns/1": ("monitor.rereading", "find_returns_again"),
    "senate/1": ("watchers.rollcalls.again", "reread_senate"),
    "shipped/1": ("monitor.rereading", "read_file_again"),
    "texts/1": ("watchers.texts.again", "reread"),
}
"""Name and version of a reader → where it reads again. A version stays here for as long as records carry it; what reads
otherwise gets another version."""


def reader_of(name: str) -> Reread | None:
    """Return what reads again as the reader of that name and version did; None for one nobody knows."""
    if name not in PLACES:
        return None
    module, function = PLACES[name]
    found: Callable[[Testimony], Iterator[Observation]] = getattr(import_module(module), function)
    return found


def reckon_again(told: Testimony) -> Iterator[Observation]:
    """Say again what the clock said of a record: from its terms, the moment, and how far its sources were read."""
    from monitor.reckoning import due_then, observations_of

    record = _known(told)
    for observation in observations_of(record, due_then(record, told.context), told.context):
        yield told.observed(observation.facets, None, stamped=True)


def find_returns_again(told: Testimony) -> Iterator[Observation]:
    """Compare a bill again with those that were found to be it, introduced again, as they stood then."""
    from monitor.returns import FACET, entries_of

    record = _known(told)
    known: Facet = record.facets.get(FACET, {})
    candidates = {}
    for name, revision in told.context.get("candidates", {}).items():
        document = DocumentId.parse(name)
        candidate = told.kept.record(document, revision)
        if candidate is None:
            raise LookupError(f"{document} has no revision {revision}")
        candidates[document] = candidate
    yield told.observed({FACET: {**entries_of(record, candidates), **known}}, None, stamped=True)


def read_file_again(told: Testimony) -> Iterator[Observation]:
    """Read the file of a regime again, as one that came with the program and as a user's own."""
    from monitor.regimes import regime_in, upkeep

    for digest in dict.fromkeys(told.named.values()):
        kept = told.kept.evidence(digest)
        made = regime_in(kept.url.rpartition("/")[2], kept.body)
        for own in (False, True):
            stated = upkeep(replace(made, own=own), told.before, told.known_from)
            yield told.observed(stated.facets, None, stamped=True)


def _known(told: Testimony) -> Record:
    if told.before is None:
        raise LookupError(f"nothing was known of {told.document}")
    return told.before
