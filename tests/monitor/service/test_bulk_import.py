"""Bulk files enter the record silently, once, and without a say over what a watched bill's publisher stated."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.alerts.routing import Audience, Watch
from domain.jurisdictions.us.names import us_bill
from domain.observation import Evidence, Observation
from domain.ports import ReadTransaction, Store, Transaction
from domain.records.detection import NewRevision, advance
from domain.records.facets import Facet, digest
from domain.records.record import Record
from domain.sources import SourceState
from monitor.service import bulk_import
from monitor.service.bulk_files import BulkFile, UnreadableFile, read_files
from monitor.service.bulk_import import FILES_PER_PAGE, ImportCounts, import_files
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll
from storage.ownership import own_database
from storage.reader import open_reader
from storage.store import open_store
from tests.helpers.fakes import NOON, FakeNotifier, FakeWatcher, ManualClock, lines, no_network, observation, page
from tests.helpers.paths import CORPUS
from tests.helpers.stores import TemporaryStore
from tests.watchers.govinfo.billstatus_files import TWO, VOTED, written
from watchers.govinfo.billstatus import BillStatus

FOLDER = CORPUS / "congress" / "billstatus"
NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
BILL = us_bill(119, "hr", 9001)
EARLY, LATE = "2026-01-06T19:58:27Z", "2026-01-08T10:00:00Z"


def clock() -> datetime:
    return NOW


def file(body: bytes, name: str = "BILLSTATUS-119hr9001.xml") -> BulkFile:
    return BulkFile(name, body)


def bring(store: Store, *bodies: bytes) -> ImportCounts:
    return import_files([file(body, f"{n}.xml") for n, body in enumerate(bodies)], store, clock)


def record_of(store: Store) -> Record:
    with store.read() as view:
        found = view.record(BILL)
    assert found is not None
    return found


def said(store: TemporaryStore) -> list[tuple[str, str | None]]:
    return [(str(change.kind), change.after) for change in store.changes]


def test_a_first_import_is_the_past_and_no_news() -> None:
    store = TemporaryStore()
    tally = bring(store, written(actions=(VOTED, *TWO), roll=12))
    assert (tally.seen, tally.new) == (1, 1)
    record = record_of(store)
    assert record.last_status is not None
    assert record.last_status.status == "PASS_OVER:HOUSE"
    assert set(record.owners.values()) == {"govinfo"}
    assert store.changes == store.alerts == store.deliveries == ()


def test_it_opens_no_scope() -> None:
    store = TemporaryStore()
    bring(store, written())
    with store.read() as view:
        assert not any(view.established(f"{source}/{BILL}") for source in ("congress", "govinfo"))


def test_a_second_import_changes_nothing_and_parses_nothing() -> None:
    store = TemporaryStore()
    body = written()
    bring(store, body)
    before = record_of(store)

    def never(bodies: Sequence[bytes]) -> Callable[[], list[BillStatus | str]]:
        assert not list(bodies)
        return list

    tally = import_files([file(body)], store, clock, read=never)
    assert (tally.new, tally.changed, tally.known) == (0, 0, 1)
    assert record_of(store) == before


def test_a_newer_file_makes_changes_that_nobody_is_alerted() -> None:
    store = TemporaryStore()
    bring(store, written(updated=EARLY))
    tally = bring(store, written(updated=LATE, title="Another Act", actions=(VOTED, *TWO), roll=12))
    assert (tally.new, tally.changed) == (0, 1)
    assert ("status", "PASS_OVER:HOUSE") in said(store)
    assert ("title", "Another Act") in said(store)
    assert store.alerts == store.deliveries == ()


def test_history_keeps_the_beginning_of_long_words() -> None:
    store = TemporaryStore()
    bring(store, written(updated=EARLY))
    long = ("14000", "9", "Reported by the Committee. " + "With written report and many words. " * 40, None)
    bring(store, written(updated=LATE, actions=(long, *TWO)))
    (line,) = [change for change in store.changes if change.kind == "action"]
    assert line.text is not None
    assert len(line.text) <= bulk_import.MOST_WORDS
    assert line.text.endswith("…")
    assert any(len(str(entry["text"])) > 1000 for entry in record_of(store).facets["actions"].values())


def test_an_older_file_has_no_say_whenever_it_comes() -> None:
    store = TemporaryStore()
    bring(store, written(updated=LATE, cosponsors=("L000596", "B001299")))
    before = record_of(store)
    tally = bring(store, written(updated=EARLY, title="What it was called before", cosponsors=("L000596",)))
    assert (tally.changed, tally.same) == (0, 1)
    assert record_of(store) == before
    assert store.changes == ()


def test_two_states_of_one_bill_in_one_page_are_one_after_the_other() -> None:
    store = TemporaryStore()
    tally = bring(store, written(updated=EARLY), written(updated=LATE, title="Another Act"), written(updated=EARLY))
    assert (tally.new, tally.changed, tally.known) == (1, 1, 1)
    assert record_of(store).title == "Another Act"


def test_a_stamp_that_moved_alone_is_no_revision_and_is_not_parsed_again() -> None:
    store = TemporaryStore()
    bring(store, written(updated=EARLY))
    moved = written(updated=LATE)
    assert bring(store, moved).same == 1
    assert record_of(store).revision == 1
    assert bring(store, moved).known == 1


def test_digests_and_names_are_kept_and_bytes_are_not(tmp_path: Path) -> None:
    """The user has the files; 30,000 bills of them would not fit beside their record."""
    store = open_store(tmp_path / "record.db", rehearsal=False, now=NOW)
    import_files([file(written())], store, clock)
    name = digest(written())
    with store.read() as view:
        assert view.imported([name]) == {name}
        assert view.evidence(name) is None
    store.close()
    with closing(sqlite3.connect(tmp_path / "record.db")) as record:
        assert record.execute("SELECT digest, name FROM v_imports").fetchall() == [
            (name[:32], "BILLSTATUS-119hr9001.xml")
        ]
    with open_reader(tmp_path / "record.db") as reader:
        first = reader.history("us/bill/119/hr/9001").first
        assert first is not None
        assert set(first.evidence.values()) == {name}


def test_a_file_that_could_not_be_read_is_tried_again() -> None:
    store = TemporaryStore()
    assert bring(store, b"<html/>").bad == 1
    assert bring(store, b"<html/>").bad == 1


def observed(store: Store, watched: bool) -> None:
    """Have the publisher itself state title and actions, as a poll of the API would."""
    item = {"": {"introduced_on": "2025-12-09"}}
    facets = {"title": {"display": {"text": "As the API has it"}}, "actions": {}, "item": item}
    told = Observation(BILL, "congress", "congress/1", facets, published_at=datetime(2026, 1, 7, tzinfo=UTC))
    step = advance(None, told, NOW - timedelta(days=1))
    assert step is not None
    with store.begin() as tx:
        tx.save(replace(step, changes=()))
        if watched:
            tx.register([Watch("the bill", BILL)], NOW)


def test_what_a_watched_bills_publisher_stated_stands() -> None:
    """A change that slipped in by an import would be told to nobody: it is left to the next poll."""
    store = TemporaryStore()
    observed(store, watched=True)
    bring(store, written(updated=LATE, title="As the file has it"))
    record = record_of(store)
    assert record.title == "As the API has it"
    assert record.facets["actions"] == {}
    assert record.facets["cosponsors"], "what nobody stated yet is taken"
    assert store.changes == ()


def test_what_an_earlier_file_said_of_a_watched_bill_stands_as_well() -> None:
    """Its publisher may have said the same since, which leaves no trace in the record."""
    store = TemporaryStore()
    bring(store, written(updated=EARLY))
    with store.begin() as tx:
        tx.register([Watch("the bill", BILL)], NOW)
    before = record_of(store)
    assert bring(store, written(updated=LATE, title="Another Act", cosponsors=())).same == 1
    assert record_of(store) == before


def test_a_bill_that_nobody_watches_any_more_goes_on_with_the_files() -> None:
    store = TemporaryStore()
    observed(store, watched=False)
    bring(store, written(updated=LATE, title="As the file has it"))
    assert record_of(store).title == "As the file has it"


class Moving:
    """A store whose record moves on between looking and writing, once."""

    def __init__(self, store: TemporaryStore) -> None:
        self._store = store
        self.moved = 0

    @contextmanager
    def begin(
        self, ahead: Sequence[NewRevision | Evidence] = (), *, only: Sequence[str] | None = None
    ) -> Iterator[Transaction]:
        if not self.moved:
            self.moved += 1
            observed(self._store, watched=False)
        with self._store.begin(ahead) as tx:
            yield tx

    @contextmanager
    def read(self, *, single: bool = False) -> Iterator[ReadTransaction]:
        with self._store.read(single=single) as view:
            yield view

    def close(self) -> None:
        self._store.close()


def test_a_record_that_moved_on_meanwhile_is_read_again() -> None:
    store = TemporaryStore()
    moving = Moving(store)
    tally = bring(moving, written(updated=LATE))
    assert moving.moved == 1
    assert (tally.new, tally.changed) == (0, 1)
    assert record_of(store).revision == 2


def test_bad_files_are_named_and_the_others_are_read() -> None:
    store = TemporaryStore()
    complaints: list[UnreadableFile] = []
    files = [file(b"<html/>", "page.xml"), UnreadableFile("gone.xml", "it cannot be read"), file(written(), "good.xml")]
    tally = import_files(files, store, clock, complain=complaints.append)
    assert (tally.bad, tally.new, tally.seen) == (2, 1, 3)
    assert {(c.name, c.reason[:20]) for c in complaints} == {
        ("page.xml", "expected <billStatus"),
        ("gone.xml", "it cannot be read"),
    }


def many(count: int) -> Iterator[BulkFile]:
    return (file(written(number=number), f"{number}.xml") for number in range(1, count + 1))


def test_an_import_that_was_cut_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    def cut_off() -> Iterator[BulkFile]:
        yield from many(3 * FILES_PER_PAGE)
        raise KeyboardInterrupt

    store = open_store(tmp_path / "record.db", rehearsal=False, now=NOW)
    with pytest.raises(KeyboardInterrupt):
        import_files(cut_off(), store, clock)
    heard: list[int] = []
    tally = import_files(many(4 * FILES_PER_PAGE), store, clock, report=lambda so_far: heard.append(so_far.seen))
    assert tally.known == FILES_PER_PAGE, "what was recorded before; two pages were still being read"
    assert (tally.new, tally.changed, tally.bad) == (3 * FILES_PER_PAGE, 0, 0)
    assert heard == [FILES_PER_PAGE, 2 * FILES_PER_PAGE, 3 * FILES_PER_PAGE, 4 * FILES_PER_PAGE]
    store.close()


def test_large_files_make_small_pages(capsys: pytest.CaptureFixture[str]) -> None:
    """What is in memory at once is bounded by bytes, not by files alone."""
    heavy = bulk_import.MOST_BYTES_PER_PAGE // 4
    alive: list[int] = []
    files = (BulkFile(f"{n}.xml", bytes(heavy)) for n in range(12))
    import_files(files, TemporaryStore(), clock, report=lambda tally: alive.append(tally.seen))
    assert alive == [4, 8, 12]


def test_it_works_beside_the_service_that_owns_the_database(tmp_path: Path) -> None:
    path = tmp_path / "record.db"
    service = open_store(path, rehearsal=False, now=NOW)
    with own_database(path):
        store = open_store(path, rehearsal=False, now=NOW)
        assert bring(store, written()).new == 1
        with service.begin() as tx:
            tx.establish("somebody else writes", NOW)
        store.close()
    service.close()


def test_an_import_neither_silences_nor_provokes_the_polls_that_follow(tmp_path: Path) -> None:
    """The first poll of an imported bill is its baseline as ever; the next true event is told, once."""
    rungs = lines("Introduced in House", on="2025-12-09")
    watcher, desk, hand = FakeWatcher(), FakeNotifier(), ManualClock(NOON)
    store = open_store(tmp_path / "record.db", rehearsal=False, now=NOON)
    import_files([file(written(updated=EARLY))], store, hand)
    with store.begin() as tx:
        watches = tuple(tx.register([Watch("the bill", BILL)], NOON))
    audience = Audience(watches=watches, routes=(), recipients={"desk": desk.recipients}, operator=())
    source = SourceState("congress")

    def poll(actions: Facet) -> int:
        nonlocal source
        hand.later(timedelta(minutes=5))
        watcher.pages = (page(observation(BILL, actions=actions), cursor=hand.now.isoformat()),)
        outcome = Poll(
            source, ScheduledSource(watcher, timedelta(minutes=5)), no_network, Context(store, audience, hand)
        ).run()
        assert outcome.error is None
        source = outcome.source
        return outcome.alerts

    assert poll(rungs) == 0, "the baseline, although the API words it differently"
    import_files([file(written(updated=LATE, actions=(VOTED, *TWO), roll=12))], store, hand)
    reported = {**rungs, **lines("Reported by committee.")}
    assert poll(reported) == 1
    assert poll(reported) == 0
    store.close()


@pytest.mark.corpus
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_files_of_the_corpus_are_imported_once(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    """690 files of 684 bills; H.R. 6508 in three states, and some bills in files of two ages."""
    place = tmp_path / "record.db" if database == "sqlite" else request.getfixturevalue("postgresql_url")
    store = open_store(place, rehearsal=False, now=NOW)
    first = import_files(read_files([FOLDER]), store, clock)
    assert (first.seen, first.new, first.bad) == (690, 684, 0)
    again = import_files(read_files([FOLDER]), store, clock)
    assert (again.new, again.changed, again.same, again.bad) == (0, 0, 0, 0)
    assert again.known == 690
    with store.read() as view:
        record = view.record(us_bill(119, "hr", 6508))
    assert record is not None
    assert (record.title, record.revision) == ("NATO Act", 3)
    store.close()
