"""What the signals said is read once more from the archived bytes, and is the same."""

from __future__ import annotations

from dataclasses import dataclass

from domain import observation
from domain.documents import DocumentId
from domain.observation import Evidence, Observation, Parse, PollRequest
from domain.records.record import Record
from domain.sources import Request
from monitor.service.verification import reader_named
from tests.watchers.rada.publisher import MARTIAL_LAW
from tests.watchers.rada.test_bill_register import SEARCH, SIGNED
from tests.watchers.test_president import DECREE, PAGE, SITE, site
from tests.watchers.ukraine_sources import Answers, UkraineInstallation, answering, decrees, search
from watchers.rada.president import PresidentWatcher


@dataclass(frozen=True)
class KeptBytes:
    """Holds the bytes of one poll and the record as it stood before it."""

    held: dict[str, Evidence]
    known: Record

    def evidence(self, digest: str) -> Evidence:
        return self.held[digest]

    def record(self, document: DocumentId, revision: int) -> Record | None:
        return self.known if document == self.known.document else None

    def records(self, documents: object) -> dict[DocumentId, Record]:
        return {self.known.document: self.known}


def stated_twice(watcher: object, http: Answers) -> list[tuple[Observation, list[Observation]]]:
    """Return what a first poll states, each with what its bytes say when they are read again."""
    installation = UkraineInstallation()
    kept_bytes = KeptBytes({}, installation.record())
    ask = PollRequest(None, {MARTIAL_LAW: frozenset()}, installation.now, kept_bytes)  # type: ignore[arg-type]
    found = []
    for page in watcher.poll(ask, http):  # type: ignore[attr-defined]
        kept_bytes.held.update({kept.digest: kept for kept in page.evidence})
        for one in (o for o in page.observations if o.facets):
            again: Parse | None = reader_named(one.reader)
            assert again is not None
            given = observation.ParseInput(
                one.document,
                one.source,
                one.reader,
                installation.now,
                kept_bytes,
                one.evidence,
                one.context,
                kept_bytes.known,
            )
            found.append((one, list(again(given))))
    return found


def test_bills_of_the_search_page_say_the_same() -> None:
    ((one, again),) = stated_twice(SEARCH, answering(search(SIGNED)))
    assert one.facets in [other.facets for other in again]


def test_a_decree_says_the_same() -> None:
    def http(request: Request) -> object:
        return site(decrees(DECREE), PAGE)(request)

    ((one, again),) = stated_twice(PresidentWatcher(SITE), http)  # type: ignore[arg-type]
    assert [one.facets] == [other.facets for other in again]
