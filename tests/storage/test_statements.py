"""A state told by its differences is the state that was saved, however long its past; damage to it is noticed."""

from __future__ import annotations

import itertools
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import StoreError
from domain.jurisdictions.us.names import us_bill
from domain.observation import Evidence, Observation
from domain.records.detection import NewRevision, advance
from domain.records.facets import Facet, Kind, digest
from domain.records.record import Record
from storage import folding
from storage.reader import open_reader
from storage.store import DatabaseStore, open_store
from tests.helpers.record_builders import BILL, NOW, after, change, first, later, titled

LONG = 40
"""Revisions: two whole statements come after the first."""

entries = st.fixed_dictionaries({"text": st.sampled_from("abc")}, optional={"n": st.sampled_from([1, 1.0, True])})
facets = st.dictionaries(st.sampled_from("12345"), entries, max_size=5)
stated = st.dictionaries(st.sampled_from(["actions", "related", "titles"]), facets, min_size=1)
observations = st.tuples(stated, st.sampled_from(["congress", "govinfo"]), st.sampled_from(["e1", "e2"]))
Told = tuple[dict[str, Facet], str, str]
bills = map(partial(us_bill, 119, "hr"), itertools.count(1))


@pytest.fixture(scope="module")
def shared() -> Iterator[DatabaseStore]:
    with tempfile.TemporaryDirectory() as folder:
        opened = open_store(Path(folder) / "lexwatch.db", rehearsal=False, now=NOW)
        yield opened
        opened.close()


def save(store: DatabaseStore, *steps: NewRevision) -> None:
    with store.begin() as tx:
        for step in steps:
            tx.save(step)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(told=st.lists(observations, min_size=1, max_size=LONG), together=st.booleans())
def test_every_state_reads_back_as_it_was_saved(shared: DatabaseStore, told: list[Told], together: bool) -> None:
    document = next(bills)
    record: Record | None = None
    steps: list[NewRevision] = []
    for days, (said, source, evidence) in enumerate(told):
        seen = Observation(document, source, "reader/1", said, dict.fromkeys(said, evidence))
        step = advance(record, seen, later(days=days))
        if step is not None:
            record = step.record
            steps.append(step)
    for page in [steps] if together else [[step] for step in steps]:
        save(shared, *page)
    with open_reader(shared.path) as reader:
        for step in steps:
            found = reader.revision(str(document), step.record.revision)
            assert found is not None
            assert found.record == step.record
            assert found.evidence == {name: step.evidence[name] for name in step.altered if name in step.evidence}
        stored = list(reader.history(str(document)).changes)
        assert stored == [c for step in steps for c in dict.fromkeys(step.changes)]


def test_a_long_past_is_folded_from_a_whole_statement(sqlite: DatabaseStore) -> None:
    """The entry that nobody touched any more is carried over; its owner is whoever stated it."""
    step = first(facets={**titled("A"), "actions": {"old": {"text": "Introduced"}}}, source="govinfo")
    save(sqlite, step)
    for number in range(2, LONG):
        before = step.record
        news = {"actions": {**before.facets["actions"], f"{number}": {"text": f"Line {number} (constructed)"}}}
        step = replace(after(before, news), before=before)
        save(sqlite, step)
    with sqlite.look() as view:
        assert view.record(BILL) == step.record
    assert step.record.owners == {"title": "govinfo", "actions": "congress"}
    with open_reader(sqlite.path) as reader:
        found = reader.revision(str(BILL), 33)
        assert found is not None
        assert found.evidence == {}


@pytest.mark.parametrize(
    ("revision", "start"), [(1, 1), (2, 1), (16, 1), (17, 17), (32, 17), (33, 33)], ids=lambda n: f"revision {n}"
)
def test_no_fold_is_longer_than_a_span(revision: int, start: int) -> None:
    assert folding.since(revision) == start


def test_a_step_that_does_not_say_what_was_before_tells_its_facets_whole(sqlite: DatabaseStore) -> None:
    one = first(facets={"related": {"a": {"text": "A"}, "b": {"text": "B"}}})
    save(sqlite, one)
    two = after(one.record, {"related": {"b": {"text": "B"}}})
    assert two.before is None
    save(sqlite, two)
    with sqlite.look() as view:
        assert view.record(BILL) == two.record


def test_words_of_changes_are_told_with_their_revision_or_by_themselves(sqlite: DatabaseStore) -> None:
    one = first()
    moment = later(days=1)
    plain = change(kind=Kind.STATUS, subject="1", seen_at=moment, evidence="e1")
    own = change(kind=Kind.ACTION, subject="2", seen_at=moment, evidence="e2")
    late = change(kind=Kind.ACTION, subject="3", seen_at=later(days=2))
    right = change(kind=Kind.CORRECTION, subject="4", seen_at=moment, corrects=plain.key)
    told = tuple(replace(c, published_at=moment) for c in (plain, own, late, right))
    two = after(one.record, titled("B"), now=moment, changes=(*told, told[0]), evidence={"title": "e1"})
    save(sqlite, one, two)
    with open_reader(sqlite.path) as reader:
        assert reader.history(str(BILL)).changes == told


@pytest.mark.parametrize("spoilt", ["digest", "body"])
def test_damage_is_an_error_and_never_another_state(sqlite: DatabaseStore, spoilt: str) -> None:
    """What is read wrongly would be told as news."""
    save(sqlite, first(), first(us_bill(119, "s", 1), titled("Another")))
    sqlite.close()
    with closing(sqlite3.connect(sqlite.path)) as file, file:
        other = file.execute(f"SELECT {spoilt} FROM statement WHERE id = 2").fetchone()[0]
        file.execute(f"UPDATE statement SET {spoilt} = ? WHERE id = 1", (other,))
    with sqlite.look() as view, pytest.raises(StoreError, match=r"us/bill/119/hr/6508@1.*digest"):
        view.record(BILL)


def test_what_was_made_ready_is_used_for_the_very_step_only(sqlite: DatabaseStore) -> None:
    """Between getting ready and saving, a step may have been put right: its new words count."""
    one = first()
    save(sqlite, one)
    moment = later(days=1)
    said = replace(change(seen_at=moment), published_at=moment)
    planned = after(one.record, titled("B"), now=moment, changes=[said])
    kept = Evidence(digest(b"bytes"), "https://example.org", NOW, "text/plain", b"bytes")
    righted = replace(planned, changes=(replace(said, text="Put right (constructed)."),))
    with sqlite.begin([planned, kept]) as tx:
        tx.keep(kept)
        tx.save(righted)
    with open_reader(sqlite.path) as reader:
        assert reader.history(str(BILL)).changes == righted.changes
        assert reader.evidence(kept.digest) == kept
