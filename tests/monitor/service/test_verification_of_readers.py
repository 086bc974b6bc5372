"""What each reader stated it states again from the archived bytes: every revision, not only what was told.

Real watchers over the publishers of their own tests, through the real poll, into a database. All of it is constructed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.alerts.routing import Audience, Watch
from domain.alerts.search import parse
from domain.observation import Observation
from domain.ports import Store
from domain.records.detection import advance
from domain.records.facets import Kind
from domain.sources import SourceState
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll
from monitor.service.verification import Verifier
from storage.audit import open_audit_reader
from storage.store import open_store
from tests.helpers.rada_replay import RadaReplay, days
from tests.monitor.service.test_replay_martial_law import everything
from tests.monitor.service.test_roll_calls import Newsroom
from tests.monitor.service.test_searches import NATO, OTHER
from tests.monitor.service.test_searches import ServiceHarness as Searching
from tests.monitor.service.test_two_sources import PASSED, REPORTED
from tests.monitor.service.test_two_sources import ServiceHarness as TwoSources
from tests.watchers.congress.publisher import BILL, add
from tests.watchers.congress.publisher import REPORTED as REPORTED_LINE
from tests.watchers.texts.publisher import BASE, FIRST, IH, START, RecordLookupStub, bill_xml, listed
from watchers.texts.watcher import TextsWatcher

BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = open_store(str(path), rehearsal=False, now=START)
    yield opened
    opened.close()


def faults(path: Path, *readers: str) -> list[str]:
    """Return every difference of every alert, and of every revision that one of these readers read; fails where there
    is no alert or a reader read nothing."""
    with open_audit_reader(path) as archive:
        verifier = Verifier(archive)
        proofs = [verifier.verify(name) for name in archive.alert_ids()]
        found = [fault for proof in proofs if proof for fault in proof.faults]
        assert proofs
        met = set()
        for document, number, _ in archive.revisions_since(BEGINNING):
            stood = archive.revision(str(document), number)
            assert stood is not None
            if stood.reader in readers:
                met.add(stood.reader)
                found += verifier.derive(document, number).faults
        assert met == set(readers)
        return list(dict.fromkeys(found))


def test_a_bill_that_two_sources_state_with_what_they_dispute(store: Store, path: Path) -> None:
    world = TwoSources(store=store)
    world.poll("congress")
    world.poll("govinfo")
    world.happen(REPORTED, api=False)
    world.poll("govinfo")
    world.happen(REPORTED)
    world.poll("congress")
    world.down = {"congress"}
    world.happen(PASSED, REPORTED)
    for _ in range(4):
        world.poll("congress")
        world.poll("govinfo")
    world.down = set()
    for _ in range(14):
        world.poll("congress")
        world.poll("govinfo")
    assert faults(path, "congress/1", "billstatus/1") == []


def test_votes_that_a_chamber_and_the_library_state(store: Store, path: Path) -> None:
    room = Newsroom()
    room.store = store  # type: ignore[assignment]
    with store.begin() as tx:
        tx.register(room.audience.watches, START)
    for name in room.watchers:
        room.poll(name)
    for name in room.watchers:
        room.vote(name)
        room.poll(name)
        for other in room.watchers:
            room.poll(other, timedelta(hours=2))
    assert faults(path, "congress/1", "clerk/1") == []


def test_a_whole_congress_known_from_lists_and_a_bill_that_came_to_match(store: Store, path: Path) -> None:
    bill = Watch("bill", BILL, created_at=START)
    farms = Watch("farms", NATO.document, created_at=START, search=parse("farm"))
    with store.begin() as tx:
        tx.register([NATO, bill, farms], START)
    world = Searching(store, (NATO, bill, farms), frozenset(Kind))
    world.poll()
    world.publisher.bills[OTHER].title = "NATO Farm Act"
    world.publisher.bills[OTHER].updated = world.publisher.now
    add(world.publisher, REPORTED_LINE, BILL, world.publisher.now)
    for _ in range(4):
        world.poll()
    assert faults(path, "congress/1", "congress-list/1") == []


def test_a_line_that_was_corrected_before_anybody_was_alerted_and_after(store: Store, path: Path) -> None:
    bill = Watch("bill", BILL, created_at=START)
    with store.begin() as tx:
        tx.register([bill], START)
    world = Searching(store, (bill,), frozenset(Kind))
    world.poll()
    add(world.publisher, REPORTED_LINE, BILL, world.publisher.now)
    world.poll()
    for text in ("Reported (Amended) by the Committee. (constructed)", "Reported by the Committee. (constructed)"):
        lines = world.publisher.bills[BILL].lists["actions"]
        lines[0] = {**lines[0], "text": text}
        world.publisher.bills[BILL].updated = world.publisher.now
        world.poll()
        world.poll()
    assert faults(path, "congress/1") == []


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        pytest.param("2018-11-20T06:00+00:00", "2019-02-01T06:00+00:00", id="2018, from the decree to its lapse"),
        pytest.param(
            "2025-02-01T06:00+00:00", "2026-02-05T06:00+00:00", id="a year of renewals", marks=pytest.mark.slow
        ),
    ],
)
def test_martial_law_with_the_word_of_the_clock(store: Store, path: Path, begins: str, ends: str) -> None:
    first, last = datetime.fromisoformat(begins), datetime.fromisoformat(ends)
    replay = RadaReplay(everything(), first, store=store)  # type: ignore[arg-type]
    with store.begin() as tx:
        tx.register(replay.audience.watches, first)
    replay.run(days(first, last, every=24))
    assert faults(path, "rada/1", "clock/1") == []


def test_a_text_that_was_replaced(store: Store, path: Path) -> None:
    shelf = RecordLookupStub()
    shelf.put(IH, bill_xml(FIRST))
    watch = Watch("NATO", BILL, created_at=START)
    audience = Audience(watches=(watch,), recipients={"desk": ("desk@example.org",)})
    known = advance(None, Observation(BILL, "congress", "by-hand/1", {"texts": listed(IH)}), START)
    assert known
    with store.begin() as tx:
        tx.register([watch], START)
        tx.save(known)
    source = SourceState("texts")
    for body in (FIRST, FIRST, FIRST.replace("shall", "may")):
        shelf.put(IH, bill_xml(body))
        shelf.now += timedelta(days=2)
        outcome = Poll(
            source,
            ScheduledSource(TextsWatcher(BASE), timedelta(days=1)),
            shelf,
            Context(store, audience, lambda: shelf.now),
        ).run()
        source = outcome.source
    assert faults(path, "texts/1") == []
