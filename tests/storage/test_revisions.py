"""Every revision reads back as it was saved, however long the past; damage to it is noticed."""

from __future__ import annotations

import itertools
import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import StoreError
from domain.jurisdictions.us.names import us_bill
from domain.observation import Evidence, Observation
from domain.records.detection import NewRevision, advance
from domain.records.facets import Facet, Kind, canonical, digest
from domain.records.record import Record
from storage.reader import open_reader
from storage.store import DatabaseStore, open_store
from tests.helpers.record_builders import BILL, NOW, after, change, first, later, titled

LONG = 40
"""Revisions of one document."""

entries = st.fixed_dictionaries({"text": st.sampled_from("abc")}, optional={"n": st.sampled_from([1, 1.0, True])})
facets = st.dictionaries(st.sampled_from("12345"), entries, max_size=5)
stated = st.dictionaries(st.sampled_from(["actions", "related", "titles"]), facets, min_size=1)
observations = st.tuples(stated, st.sampled_from(["congress", "govinfo"]), st.sampled_from(["e1", "e2"]))
Stated = tuple[dict[str, Facet], str, str]
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


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(said_of=st.lists(observations, min_size=1, max_size=LONG), together=st.booleans())
def test_every_state_reads_back_as_it_was_saved(shared: DatabaseStore, said_of: list[Stated], together: bool) -> None:
    document = next(bills)
    record: Record | None = None
    steps: list[NewRevision] = []
    for days, (said, source, evidence) in enumerate(said_of):
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


def test_entries_of_a_long_past_stand_until_they_are_altered(sqlite: DatabaseStore) -> None:
    """The entry that nobody touched any more is carried over; its owner is whoever stated it."""
    step = first(facets={**titled("A"), "actions": {"old": {"text": "Introduced"}}}, source="govinfo")
    save(sqlite, step)
    for number in range(2, LONG):
        before = step.record
        news = {"actions": {**before.facets["actions"], f"{number}": {"text": f"Line {number} (constructed)"}}}
        step = replace(after(before, news), before=before)
        save(sqlite, step)
    with sqlite.read() as view:
        assert view.record(BILL) == step.record
    assert step.record.owners == {"title": "govinfo", "actions": "congress"}
    with open_reader(sqlite.path) as reader:
        found = reader.revision(str(BILL), 33)
        assert found is not None
        assert found.evidence == {}


def test_entries_that_a_facet_no_longer_has_are_closed(sqlite: DatabaseStore) -> None:
    one = first(facets={"related": {"a": {"text": "A"}, "b": {"text": "B"}}})
    save(sqlite, one)
    two = after(one.record, {"related": {"b": {"text": "B"}}})
    save(sqlite, two)
    with sqlite.read() as view:
        assert view.record(BILL) == two.record


def test_words_of_changes_are_kept_whether_or_not_they_came_with_their_revision(sqlite: DatabaseStore) -> None:
    one = first()
    moment = later(days=1)
    plain = change(kind=Kind.STATUS, subject="1", seen_at=moment, evidence="e1")
    own = change(kind=Kind.ACTION, subject="2", seen_at=moment, evidence="e2")
    late = change(kind=Kind.ACTION, subject="3", seen_at=later(days=2))
    right = change(kind=Kind.CORRECTION, subject="4", seen_at=moment, corrects=plain.key)
    said_of = tuple(replace(c, published_at=moment) for c in (plain, own, late, right))
    two = after(one.record, titled("B"), now=moment, changes=(*said_of, said_of[0]), evidence={"title": "e1"})
    save(sqlite, one, two)
    with open_reader(sqlite.path) as reader:
        assert reader.history(str(BILL)).changes == said_of


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("UPDATE revision SET digest = 'another'", id="the digest of the state"),
        pytest.param('UPDATE entry SET body = \'{"more":"Another"}\'', id="an entry"),
        pytest.param("UPDATE entry SET text = 'Another'", id="the words of an entry"),
        pytest.param("UPDATE entry SET body = '{'", id="an entry that is no JSON any more"),
        pytest.param("UPDATE entry_form SET facet = 'another'", id="the facet of an entry"),
        pytest.param("UPDATE entry_form SET members = substr(members, 2)", id="a form that is no JSON any more"),
        pytest.param("UPDATE entry SET subject = 'other'", id="the subject of an entry"),
    ],
)
def test_damage_is_an_error_and_never_another_state(sqlite: DatabaseStore, damage: str) -> None:
    """What is read wrongly would be sent as news."""
    save(sqlite, first())
    sqlite.close()
    with closing(sqlite3.connect(sqlite.path)) as file, file:
        file.execute(damage)
    with sqlite.read() as view, pytest.raises(StoreError, match="restore a backup"):
        view.record(BILL)


def test_facets_are_whole_json_by_revision_for_any_sql_tool(sqlite: DatabaseStore) -> None:
    one = first(facets={"actions": {"a": {"text": "A"}, "b": {"text": "B"}}, "laws": {}})
    two = after(one.record, {"actions": {"b": {"text": "B", "on": "2026-01-07"}}})
    save(sqlite, one, two)
    with closing(sqlite3.connect(sqlite.path)) as file:
        found = file.execute("SELECT revision, facet, body FROM v_facets ORDER BY revision, facet").fetchall()
    assert [(number, facet, json.loads(body)) for number, facet, body in found] == [
        (1, "actions", dict(one.record.facets["actions"])),
        (1, "laws", {}),
        (2, "actions", dict(two.record.facets["actions"])),
        (2, "laws", {}),
    ]


def test_what_was_prepared_is_the_state_and_not_the_changes(sqlite: DatabaseStore) -> None:
    """Between preparing and saving, a step may have been corrected: its new words count."""
    one = first()
    save(sqlite, one)
    moment = later(days=1)
    said = replace(change(seen_at=moment), published_at=moment)
    planned = after(one.record, titled("B"), now=moment, changes=[said])
    kept = Evidence(digest(b"bytes"), "https://example.org", NOW, "text/plain", b"bytes")
    corrected = replace(planned, changes=(replace(said, text="Corrected (constructed)."),))
    with sqlite.begin([planned, kept]) as tx:
        tx.keep(kept)
        tx.save(corrected)
    with open_reader(sqlite.path) as reader:
        assert reader.history(str(BILL)).changes == corrected.changes
        assert reader.evidence(kept.digest) == kept


ENTRIES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "words alone": {"text": "Referred to committee."},
    "a label alone": {"label": "Section 2"},
    "the label says the text again": {"text": "Referred.", "label": "Referred."},
    "the label has the text in it": {"text": "An Act", "label": "Official Title: An Act"},
    "the text has the label in it": {"text": "Sponsor: A. Member [R]", "label": "A. Member [R]"},
    "the label has the text twice": {"text": "Act", "label": "Act of the Act"},
    "the label has a place of its own": {"text": "Act", "label": "{text}: Act"},
    "the text is a place": {"text": "{label}", "label": "Title: {label}"},
    "what stands around it is long": {"text": "A", "label": "A" + " and so on" * 12},
    "what stands around it is counted": {"text": "Cosponsor: A (12 cosponsors)", "label": "A"},
    "empty words": {"text": "", "label": ""},
    "an empty label beside words": {"text": "A", "label": ""},
    "words that are null": {"text": None, "label": None, "on": None},
    "words that are none": {"text": ["A", "B"], "label": 3},
    "a label beside words that are none": {"text": 12, "label": "12"},
    "a day": {"text": "A", "on": "2026-01-07"},
    "a day that is empty": {"text": "A", "on": ""},
    "a day that is none": {"text": "A", "on": 20260107},
    "a text with a number and the label in it": {
        "text": "Cosponsor: A. Member of X (12 in all)",
        "label": "A. Member of X",
    },
    "a text with the label and a place in it": {"text": "12 {label} A. Member of X", "label": "A. Member of X"},
    "a text that has the label twice": {"text": "A. Member of X, 12, A. Member of X", "label": "A. Member of X"},
    "empty members": {"text": "A", "votes": [], "totals": {}, "time": None, "note": "", "late": False, "first": True},
    "nought is not false": {"text": "A", "late": 0, "first": 1, "share": 0.0},
    "short words": {"text": "A", "chamber": "Lower", "step": "passed:lower"},
    "members inside members": {"text": "A", "totals": {"yes": 3, "parties": {"R": [1, 2]}}},
    "quotes and backslashes": {"text": 'He said "no" \\ \n\t', "label": '"no"'},
    "other scripts": {"text": "Про затвердження Указу", "label": "Указ: Про затвердження Указу"},
    "beyond the basic plane": {"text": "\U0001f5f3 vote", "label": "\U0001f5f3"},
    "a character that PostgreSQL has not": {"text": "A\x00B", "label": "A\x00B"},
    "large numbers": {"text": "A", "number": 10**30, "share": 1e-9},
}
"""Entries by what is particular about them."""


@pytest.mark.parametrize("form", [pytest.param(True, id="of a form"), pytest.param(False, id="stored whole")])
@pytest.mark.parametrize("entry", [pytest.param(entry, id=name) for name, entry in ENTRIES.items()])
def test_an_entry_comes_back_as_it_was(
    store: DatabaseStore, entry: dict[str, Any], form: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.batch.MOST_FORMS", 1_000 if form else 0)
    one = first(facets={"actions": {"a": entry, "b": {"text": "B"}}, "laws": {}})
    with store.begin() as tx:
        tx.save(one)
    with store.read() as view:
        found = view.record(BILL)
        (whole, day, text, label), _ = view._rows('SELECT entry, "on", text, label FROM v_entries ORDER BY subject')  # type: ignore[attr-defined]
    assert found is not None
    assert found.facets == one.record.facets
    assert canonical(json.loads(whole)) == canonical(entry)
    words = {"on": day, "text": text, "label": label}
    assert words == {
        name: said if isinstance(said := entry.get(name), str) and "\x00" not in said else None for name in words
    }


@pytest.mark.parametrize("entry", [pytest.param(entry, id=name) for name, entry in ENTRIES.items()])
def test_an_entry_that_is_stated_again_is_not_stored_again(store: DatabaseStore, entry: dict[str, Any]) -> None:
    one = first(facets={"actions": {"a": entry}, "laws": {}})
    two = after(one.record, {"actions": {"a": entry, "b": {"text": "B"}}})
    for step in (one, two):
        with store.begin() as tx:
            tx.save(step)
    with store.read() as view:
        found = view._rows("SELECT subject, from_revision, to_revision FROM v_entries ORDER BY subject")  # type: ignore[attr-defined]
    assert [tuple(row) for row in found] == [("a", 1, None), ("b", 2, None)]


@pytest.mark.parametrize(
    ("after_words", "text"),
    [
        pytest.param("Title: An Act", "An Act", id="both are those of the entry"),
        pytest.param("Title: An Act", "An Act…", id="the text was shortened"),
        pytest.param("Another", "An Act", id="the label is another"),
        pytest.param("Another", "Other words", id="nothing is of the entry"),
        pytest.param(None, "An Act", id="no label"),
        pytest.param("Title: An Act", None, id="no text"),
        pytest.param(None, None, id="no words"),
        pytest.param("", "", id="empty words"),
    ],
)
def test_a_change_keeps_its_words_however_they_are_stored(
    store: DatabaseStore, after_words: str | None, text: str | None
) -> None:
    one = first(facets={"titles": {"a": {"text": "A"}}, "laws": {}})
    said = change(subject="titles/b", seen_at=later(days=1))
    said = replace(said, after=after_words, text=text)
    entries = {"titles": {"a": {"text": "A"}, "b": {"text": "An Act", "label": "Title: An Act"}}}
    two = after(one.record, entries, now=later(days=1), changes=[said])
    for step in (one, two):
        with store.begin() as tx:
            tx.save(step)
    with store.read() as view:
        assert view.past(BILL)[1:] == (said,)


def test_a_facet_has_so_many_forms_and_no_more(store: DatabaseStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many authors as entries: what has no form any more is stored whole, and what has one keeps it."""
    monkeypatch.setattr("storage.batch.MOST_FORMS", 5)
    entries = {str(n): {"text": "A", "author": "".join(chr(97 + int(digit)) for digit in str(n))} for n in range(50)}
    one = first(facets={"entries": entries, "laws": {}})
    two = after(one.record, {"entries": {**entries, "50": {"text": "B", "author": "a"}}})
    for step in (one, two):
        with store.begin() as tx:
            tx.save(step)
    with store.read() as view:
        (forms,) = view._rows("SELECT count(*) FROM entry_form WHERE facet = 'entries'")  # type: ignore[attr-defined]
        (rows,) = view._rows("SELECT count(*) FROM entry")  # type: ignore[attr-defined]
        found = view.record(BILL)
    assert (forms[0], rows[0]) == (6, 51)
    assert found is not None
    assert found.facets == two.record.facets


def test_a_form_that_was_undone_is_not_taken_for_stored(store: DatabaseStore) -> None:
    one = first(facets={"actions": {"a": {"text": "A", "chamber": "Lower"}}, "laws": {}})

    def undone() -> None:
        with store.begin() as tx:
            tx.save(one)
            tx.flush()  # type: ignore[attr-defined]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    with store.begin() as tx:
        tx.save(one)
    with store.read() as view:
        assert view.record(BILL) == one.record
