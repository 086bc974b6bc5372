"""What every store promises, held on the memory and the SQLite one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from domain.alerts.delivery import Frozen
from domain.alerts.routing import Watch
from domain.alerts.search import SearchMatch
from domain.documents import Alias, DocumentId
from domain.errors import Conflict, StoreError
from domain.jurisdictions.us.names import us_bill
from domain.observation import Evidence
from domain.ports import Store
from domain.records.detection import NewRevision
from domain.records.facets import digest
from domain.sources import Health, SourceState, Waiting
from storage.reader import Reader
from storage.store import DatabaseStore
from tests.helpers.record_builders import (
    BILL,
    INTRODUCED,
    NOW,
    OTHER,
    REFERRED,
    REPORTED,
    after,
    alert,
    first,
    later,
    register,
    save,
    stored,
    titled,
)

MESSAGE = Frozen("a subject", b"the body", "message/rfc822")


class Trouble(Exception):
    """Something that goes wrong in the middle."""


# --- the record ---------------------------------------------------------------------------------------------------


def test_a_document_never_seen_has_no_record(store: Store) -> None:
    assert stored(store) is None


RICH = {
    "item": {"": {"introduced_on": "2025-12-09", "number": 6508, "odd": None, "nested": {"a": [1, 2.5, True]}}},
    "title": {"display": {"text": "To withdraw from NATO — «незалежність» 🏛"}},
    "subjects": {},
    "actions": {f"a{n}": {"text": "x" * n, "on": "2025-12-09"} for n in range(100)},
}


def test_desk_22_lines_of_one_day_stand_in_the_order_in_which_they_were_stated(store: Store) -> None:
    day = {"on": "2025-12-09", "text": "words"}
    save(store, first(facets={"actions": {"z introduced": day, "m referred": day}}))
    save(store, after(stored(store), facets={"actions": {"z introduced": day, "m referred": day, "a marked up": day}}))
    found = stored(store)
    assert found is not None
    assert list(found.facets["actions"]) == ["z introduced", "m referred", "a marked up"]


def test_a_saved_record_comes_back_as_it_was(store: Store) -> None:
    aliases = (Alias("url", "https://example.org/1"), Alias("number", "HR 6508"))
    record = save(
        store, first(facets=RICH, timeline=(INTRODUCED, REFERRED), aliases=aliases, url="https://example.org")
    )
    assert stored(store) == record


def test_moments_come_back_in_utc(store: Store) -> None:
    kyiv = NOW.astimezone(timezone(timedelta(hours=2)))
    save(store, first(now=kyiv))
    record = stored(store)
    assert record is not None
    assert record.known_from == NOW


def test_the_next_revision_alters_only_what_it_names(store: Store) -> None:
    record = save(store, first(facets=RICH))
    grown = save(store, after(record, {"subjects": {"s": {"text": "NATO"}}}, source="govinfo"))
    assert stored(store) == grown
    assert grown.owners == {"item": "congress", "title": "congress", "actions": "congress", "subjects": "govinfo"}


def test_the_newest_stamp_of_a_publisher_is_known(store: Store) -> None:
    record = save(store, first())
    save(store, replace(after(record, titled("B")), published_at=later(days=9)), first(OTHER))
    save(store, replace(first(DocumentId.parse("us/bill/119/hr/1")), published_at=None))
    documents = [BILL, OTHER, DocumentId.parse("us/bill/119/hr/1"), DocumentId.parse("us/bill/119/hr/2")]
    with store.read() as view:
        assert view.published(documents) == {BILL: later(days=9), OTHER: later(hours=-1)}
        assert view.published([]) == {}


def test_an_older_stamp_that_comes_later_is_not_the_newest(store: Store) -> None:
    record = save(store, first())
    save(store, replace(after(record, titled("B")), published_at=later(days=-9)))
    with store.read() as view:
        assert view.published([BILL]) == {BILL: later(hours=-1)}


def test_imported_files_are_known_by_their_bytes(store: Store) -> None:
    one, other = digest(b"one"), digest(b"other")
    with store.begin() as tx:
        tx.save_imported_files({one: "119-hr.zip/BILLSTATUS-119hr1.xml"})
        tx.save_imported_files({one: "the same under another name", other: "b.xml"})
        tx.save_imported_files({})
    with store.read() as view:
        assert view.imported([one, other, digest(b"unknown")]) == {one, other}
        assert view.imported([]) == frozenset()
        assert view.evidence(one) is None


def test_only_bytes_that_are_kept_are_archived(store: Store) -> None:
    kept, named = Evidence(digest(b"kept"), "https://example.org", NOW, "text/xml", b"kept"), digest(b"only named")
    save(store, first(evidence={"title": named}))
    with store.begin() as tx:
        tx.keep(kept)
    with store.read() as view:
        found = view.evidence(kept.digest)
        assert found is not None
        assert (found.body, found.url, found.fetched_at) == (kept.body, kept.url, kept.fetched_at)
        assert view.evidence(named) is None
        assert view.evidence(digest(b"unknown")) is None


def test_a_facet_that_returns_to_an_earlier_state_is_kept(store: Store) -> None:
    record = save(store, first(facets=titled("A")))
    record = save(store, after(record, titled("B")))
    record = save(store, after(record, titled("A")))
    assert stored(store) == record
    assert record.title == "A"


def test_aliases_grow(store: Store) -> None:
    record = save(store, first(aliases=(Alias("url", "u1"),)))
    record = save(store, after(record, titled("B"), aliases=(Alias("url", "u2"),)))
    assert stored(store) == record


@pytest.mark.parametrize(
    ("earlier", "newer"),
    [
        pytest.param((INTRODUCED,), (INTRODUCED, REFERRED), id="a rung is added"),
        pytest.param((INTRODUCED, REFERRED), (INTRODUCED,), id="a rung is withdrawn"),
        pytest.param((INTRODUCED, REPORTED), (INTRODUCED, REFERRED, REPORTED), id="a late rung goes between"),
        pytest.param((INTRODUCED, REFERRED), (REFERRED, INTRODUCED), id="rungs of one day change places"),
        pytest.param((REFERRED, REFERRED), (REFERRED,), id="a repeated rung goes"),
        pytest.param((), (REPORTED,), id="the first rung comes late"),
        pytest.param((REPORTED,), (), id="none is left"),
    ],
)
def test_the_timeline_is_the_newest(store: Store, earlier: tuple[object], newer: tuple[object]) -> None:
    record = save(store, first(timeline=earlier))  # type: ignore[arg-type]
    record = save(store, after(record, titled("B"), timeline=newer))  # type: ignore[arg-type]
    assert stored(store) == record


def test_a_step_from_an_older_revision_is_refused(store: Store) -> None:
    record = save(store, first())
    save(store, after(record, titled("B")))
    with pytest.raises(Conflict):
        save(store, after(record, titled("C")))
    found = stored(store)
    assert found is not None
    assert (found.title, found.revision) == ("B", 2)


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(first(), id="appearing twice"),
        pytest.param(after(after(first().record).record, titled("C")), id="skipping a revision"),
    ],
)
def test_a_step_from_a_revision_that_never_was_is_refused(store: Store, step: NewRevision) -> None:
    save(store, first())
    with pytest.raises(Conflict):
        save(store, step)


def test_a_next_step_for_an_unknown_document_is_refused(store: Store) -> None:
    with pytest.raises(Conflict):
        save(store, after(first().record, titled("B")))
    assert stored(store) is None


def test_a_document_may_move_twice_in_one_transaction(store: Store) -> None:
    one = first(timeline=(INTRODUCED,))
    two = after(one.record, titled("B"), timeline=(INTRODUCED, REFERRED))
    three = after(two.record, titled("C"), timeline=(REFERRED,))
    assert save(store, one, two, three) == stored(store)


def test_a_transaction_sees_what_it_wrote(store: Store) -> None:
    with store.begin() as tx:
        tx.save(first())
        assert tx.record(BILL) == first().record


def test_many_records_are_read_at_once(store: Store) -> None:
    numbered = [first(us_bill(119, "hr", n), RICH, timeline=(INTRODUCED,)) for n in range(1, 251)]
    save(store, *numbered)
    with store.read() as view:
        found = view.records([*(step.record.document for step in numbered), OTHER])
    assert found == {step.record.document: step.record for step in numbered}


def write_everything_and_fail(store: Store) -> None:
    with store.begin() as tx:
        tx.save(after(first().record, titled("B")))
        tx.save(first(OTHER))
        tx.keep(Evidence(digest(b"x"), "https://example.org", NOW, "text/plain", b"x"))
        tx.establish("scope", NOW)
        tx.save_source(SourceState("congress"))
        tx.register([Watch("nato", BILL)], NOW)
        tx.enqueue(alert(), ["a@example.org"], NOW)
        raise Trouble


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    save(store, first())
    with pytest.raises(Trouble):
        write_everything_and_fail(store)
    with store.read() as view:
        assert view.record(BILL) == first().record
        assert view.record(OTHER) is None
        assert not view.established("scope")
        assert view.source("congress") is None
        assert view.watches() == ()


def test_a_read_transaction_keeps_the_state_it_began_with(store: Store) -> None:
    save(store, first())
    with store.read() as view:
        assert view.record(BILL) == first().record
        save(store, after(first().record, titled("B")))
        assert view.record(BILL) == first().record
    assert stored(store) != first().record


# --- scopes, sources, watches -------------------------------------------------------------------------------------


def test_a_scope_is_established_for_good(store: Store) -> None:
    with store.begin() as tx:
        tx.establish("congress/119", NOW)
        tx.establish("congress/119", later(days=1))
        assert tx.established("congress/119")
    with store.read() as view:
        assert view.established("congress/119")
        assert not view.established("congress/118")


SOURCE = SourceState(
    name="congress",
    state=Health.BLOCKED,
    due_at=later(minutes=15),
    last_poll_at=NOW,
    last_good_at=later(days=-1),
    failures=2,
    error="a challenge page",
    cursor='{"from": "2026"}',
    requests=17,
    lag=12.5,
    operator_knows=True,
    changes=3,
    waiting=Waiting(later(hours=-2), {"us/bill/119/hr/1": later(days=-1), "us/bill/119/hr/2": None}),
)


def test_a_source_comes_back_as_it_was(store: Store) -> None:
    with store.begin() as tx:
        tx.save_source(SourceState("congress"))
        tx.save_source(SOURCE)
        tx.save_source(SourceState("rada"))
    with store.read() as view:
        assert view.source("congress") == SOURCE
        assert view.source("rada") == SourceState("rada")
        assert view.source("eurlex") is None


def test_touching_moves_everything_but_the_cursor(store: Store) -> None:
    quiet = SourceState("congress", due_at=later(minutes=30), cursor="an older one", requests=18)
    with store.begin() as tx:
        tx.save_source(SOURCE)
        tx.save_poll_times([quiet, SourceState("new", cursor="c")])
        tx.save_poll_times([])
    with store.read() as view:
        found = view.source("congress")
        assert view.source("new") == SourceState("new", cursor="c")
    assert found is not None
    assert (found.cursor, found.requests, found.due_at) == (SOURCE.cursor, 18, later(minutes=30))


def test_a_watch_carries_the_labels_it_has_now(store: Store) -> None:
    labelled = Watch("nato", BILL, tags=("НАТО", "client-a"), priority="high", position="oppose", owner="ana")
    register(store, Watch("nato", BILL))
    assert register(store, labelled)["nato"] == replace(labelled, created_at=NOW)
    assert register(store, replace(labelled, tags=()))["nato"].tags == ()


def test_a_watch_keeps_the_time_it_was_created(store: Store) -> None:
    register(store, Watch("nato", BILL, "old note"))
    found = register(store, Watch("other", OTHER), Watch("nato", BILL, "new note"), days=1)
    assert found["nato"] == Watch("nato", BILL, "new note", NOW)
    assert found["other"] == Watch("other", OTHER, None, later(days=1))
    assert list(found) == ["nato", "other"]


def test_a_watch_that_returns_is_created_anew(store: Store) -> None:
    register(store, Watch("nato", BILL))
    assert register(store, days=1) == {}
    assert register(store, Watch("nato", BILL), days=2)["nato"].created_at == later(days=2)


def test_a_watch_on_another_document_is_another_watch(store: Store) -> None:
    register(store, Watch("nato", BILL))
    found = register(store, Watch("nato", OTHER), days=1)
    assert found == {"nato": Watch("nato", OTHER, None, later(days=1))}


def test_a_watch_on_a_feed_keeps_its_beginning_under_another_name_or_address(store: Store) -> None:
    feed, other = DocumentId("feed", "acts"), DocumentId("feed", "decrees")
    old, new = "https://acts.example/feed", "https://acts.example/atom"
    register(store, Watch("acts", feed, address=old))
    moved = register(store, Watch("acts", feed, address=new), days=1)
    assert moved == {"acts": Watch("acts", feed, None, NOW, address=new)}
    found = register(store, Watch("decrees", feed, address=new), Watch("acts", other, address=old), days=2)
    assert found["decrees"].created_at == later(days=2), "the name acts is taken by another feed in the same edit"
    renamed = register(store, Watch("papers", feed, address=new), Watch("acts", other, address=old), days=3)
    assert renamed["papers"].created_at == later(days=2)


def test_a_watch_may_follow_no_document(store: Store) -> None:
    assert register(store, Watch("feed"))["feed"].document is None


def test_two_watches_cannot_share_a_name(store: Store) -> None:
    with pytest.raises(StoreError, match="nato"):
        register(store, Watch("nato", BILL), Watch("nato", OTHER))


def test_titles_are_those_of_what_is_named_within(store: Store) -> None:
    inside, outside = us_bill(119, "hr", 1), us_bill(11, "hr", 9)
    save(store, first(document=inside))
    save(store, first(document=outside))
    with store.read() as view:
        assert view.titles(DocumentId("us", "bill", ("119",))) == {inside: view.records([inside])[inside].title}
        assert view.titles(DocumentId("us", "bill", ("120",))) == {}


def test_what_searches_found_is_kept_until_they_look_for_something_else(store: DatabaseStore) -> None:
    save(store, first())
    save(store, first(OTHER))
    found = (
        SearchMatch("nato", BILL, ("nato", "воєнний (воєнного)"), NOW, baseline=True),
        SearchMatch("farms", OTHER, ("farm",), NOW + timedelta(hours=1)),
        SearchMatch("nato", OTHER, ("nato",), NOW + timedelta(hours=2)),
    )
    with store.begin() as tx:
        tx.register([Watch("nato", BILL), Watch("farms", BILL, tags=("food",))], NOW)
        tx.put_searches({"nato": "nato in title", "farms": "farm in title"}, NOW)
        tx.save_matches(found)
        tx.save_matches([replace(found[0], words=("other",), baseline=False)])
    with store.read() as view:
        assert view.matches() == (found[2], found[1], found[0]), "the last first, as first found"
        assert view.matches([BILL]) == (found[0],)
        assert view.searches() == {"nato": "nato in title", "farms": "farm in title"}
        assert set(view.documents()) == {BILL, OTHER}
        assert view.facets([BILL], ["title"])[BILL].keys() == {"title"}
        reader = Reader(view._execute)
        assert reader.matches() == (found[2], found[1], found[0])
        assert reader.matches(["nato"], str(BILL)) == (found[0],)
        assert (reader.matches([]), reader.matches(["none"])) == ((), ())
        assert reader.found(["nato", "farms"]) == {"nato": (2, 1), "farms": (1, 0)}
        assert reader.changes_found_by("nato") == ()
    with store.begin() as tx:
        tx.put_searches({"alliance": "nato in title", "farms": "farms in title"}, NOW + timedelta(days=1))
    with store.read() as view:
        kept = tuple(replace(match, watch="alliance") for match in (found[2], found[0]))
        assert view.matches() == kept, "another name forgets nothing, other words do"
        made = {watch.name: (watch.created_at, watch.tags) for watch in view.watches()}
        assert made == {"nato": (NOW, ()), "farms": (NOW + timedelta(days=1), ("food",))}
    with store.begin() as tx:
        tx.put_searches({}, NOW)
    with store.read() as view:
        assert (view.matches(), view.searches()) == ((), {})
