"""What is counted for receipts, in every store."""

from __future__ import annotations

from dataclasses import replace

from domain.alerts.coverage_report import ReportState
from domain.documents import DocumentId
from domain.ports import Store
from domain.sources import SourceState
from tests.helpers.record_builders import BILL, NOW, OTHER, first, later, save

SOURCE = SourceState("congress", checks=672, failed=3, gaps=((NOW, later(hours=2)), (later(hours=3), later(hours=4))))


def test_an_account_is_kept_as_it_was_closed_last(store: Store) -> None:
    account = ReportState("desk", 1, NOW, {"congress": (672, 3), "feed/укази": (1, 0)})
    with store.read() as view:
        assert view.account("desk") is None
    for kept in (account, replace(account, number=2, closed_at=later(days=7), counted={})):
        with store.begin() as tx:
            tx.save_account(kept)
            assert tx.account("desk") == kept
    with store.read() as view:
        assert view.account("desk") == replace(account, number=2, closed_at=later(days=7), counted={})
        assert view.account("room") is None


def test_counts_are_kept_with_the_source_by_a_poll_and_by_quiet_polls_together(store: Store) -> None:
    with store.begin() as tx:
        tx.save_source(SOURCE)
    with store.read() as view:
        assert view.source("congress") == SOURCE
    more = replace(SOURCE, checks=700, failed=4, gaps=((NOW, later(hours=2)),))
    with store.begin() as tx:
        tx.save_poll_times([more, SourceState("rada", checks=1)])
    with store.read() as view:
        assert view.source("congress") == more
        assert view.source("rada") == SourceState("rada", checks=1)


def test_a_circuit_remembers_that_a_person_must_act(store: Store) -> None:
    with store.begin() as tx:
        tx.save_circuit(replace(tx.circuit("desk"), failures=3, since=NOW, error="404", refused=True))
    with store.read() as view:
        assert view.circuit("desk").refused
        assert not view.circuit("room").refused


def test_what_was_last_seen_of_a_document_counts_what_is_named_within_it(store: Store) -> None:
    feed = DocumentId.parse("feed/acts")
    entry = DocumentId.parse("feed/acts/one")
    alike = DocumentId.parse("feed/acts2/one")
    save(store, first(BILL), first(entry, now=later(days=1)), first(alike, now=later(days=2)))
    with store.read() as view:
        assert [view.last_seen(d) for d in (BILL, feed, entry, OTHER)] == [NOW, later(days=1), later(days=1), None]
