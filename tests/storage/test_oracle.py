"""Standing as of any day, as known at any moment, against a reckoning by brute force."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.observation import Observation
from domain.records.detection import NewRevision, advance
from domain.records.facets import Facet
from domain.records.record import Record, StatusPoint
from storage.reader import Reader, open_reader
from storage.store import DatabaseStore, open_store
from tests.helpers.record_builders import NOW, after, first, titled

DAYS = [date(2026, 1, day).isoformat() for day in range(1, 8)]
STATUSES = ("INTRODUCED", "REFERRED", "REPORTED")
rungs = st.builds(StatusPoint, st.sampled_from(STATUSES), st.sampled_from(DAYS), st.sampled_from(["a", "b"]))
timelines = st.lists(rungs, max_size=5).map(lambda found: tuple(sorted(found, key=lambda rung: rung.on)))


@dataclass(frozen=True)
class Told:
    """What one revision says, and how long after the one before it."""

    timeline: tuple[StatusPoint, ...]
    pause: timedelta
    title: str


pauses = st.sampled_from([timedelta(0), timedelta(microseconds=1), timedelta(seconds=1), timedelta(days=1)])
histories = st.lists(st.builds(Told, timelines, pauses, st.sampled_from("AB")), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def store() -> Iterator[DatabaseStore]:
    with tempfile.TemporaryDirectory() as folder:
        opened = open_store(Path(folder) / "lexwatch.db", rehearsal=False, now=NOW)
        yield opened
        opened.close()


bills = map(partial(us_bill, 119, "hr"), itertools.count(1))
"""Every history is the past of another bill of one growing record."""


def live(store: DatabaseStore, history: list[Told], *, together: bool = False) -> list[Record]:
    """Write a history, each revision in a transaction of its own or all of them in one."""
    steps: list[NewRevision] = []
    for told in history:
        if steps:
            last = steps[-1].record
            news = titled(told.title) if told.title != last.title else {"other": {"n": {"at": last.revision}}}
            steps.append(after(last, news, timeline=told.timeline, now=last.known_from + told.pause))
        else:
            steps.append(first(next(bills), facets=titled(told.title), timeline=told.timeline))
    for page in [steps] if together else [[step] for step in steps]:
        with store.begin() as tx:
            for step in page:
                tx.save(step)
    return [step.record for step in steps]


def expected(records: list[Record], as_of: str | None, known_at: datetime | None) -> tuple[object, ...] | None:
    """Look through everything: the last revision known by then, and the last rung of its timeline by that day."""
    known = [record for record in records if known_at is None or record.known_from <= known_at]
    if not known:
        return None
    reached = [rung for rung in known[-1].timeline if as_of is None or rung.on <= as_of]
    last = reached[-1] if reached else StatusPoint("", "", "")
    return known[-1].revision, known[-1].title, last.status, last.on, last.text


def answered(
    reader: Reader, document: DocumentId, as_of: str | None, known_at: datetime | None
) -> tuple[object, ...] | None:
    found = reader.status_rows([str(document)], as_of, known_at)
    if not found:
        return None
    one = found[0]
    return one.revision, one.title, one.status or "", one.status_on or "", one.status_text or ""


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(history=histories, together=st.booleans())
def test_every_day_as_known_at_every_moment(store: DatabaseStore, history: list[Told], together: bool) -> None:
    records = live(store, history, together=together)
    document = records[0].document
    moments = {record.known_from - before for record in records for before in (timedelta(0), timedelta(microseconds=1))}
    with open_reader(store.path) as reader:
        for known_at in (None, *sorted(moments)):
            for as_of in (None, "2025-12-31", *DAYS):
                assert answered(reader, document, as_of, known_at) == expected(records, as_of, known_at)
        for record in records:
            found = reader.revision(str(document), record.revision)
            assert found is not None
            assert found.record == record


LADDER = (("introduced", "Introduced in House"), ("referred", "Referred to a committee."), ("reported", "Reported."))


@dataclass(frozen=True)
class Shown:
    """How the source states one of three lines in a poll: on which day, in which words; None: not at all."""

    days: tuple[str | None, ...]
    amended: tuple[bool, ...]
    pause: timedelta


shown = st.builds(
    Shown,
    st.tuples(st.sampled_from(DAYS[:2]), *[st.sampled_from([None, *DAYS]) for _ in LADDER[1:]]),
    st.tuples(*[st.booleans() for _ in LADDER]),
    st.sampled_from([timedelta(microseconds=1), timedelta(hours=13), timedelta(days=2)]),
)


def stated(poll: Shown) -> Facet:
    """Return the lines of one poll: corrected in words and days, vanished and back, as the polls follow each other."""
    lines = {}
    for (step, text), on, amended in zip(LADDER, poll.days, poll.amended, strict=True):
        if on is not None:
            words = text.replace(".", " (Amended).") if amended else text
            lines[f"{on}:{words}"] = {"on": on, "text": words, "label": words, "step": step, "code": "1"}
    return lines


def height(record: Record) -> int:
    return STATUSES.index(record.last_status.status) if record.last_status else -1


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(polls=st.lists(shown, min_size=1, max_size=7))
def test_lines_corrected_and_vanished_are_known_as_they_were_known_then(
    store: DatabaseStore, polls: list[Shown]
) -> None:
    document, now = next(bills), NOW
    records: list[Record] = []
    for poll in polls:
        now += poll.pause
        said = Observation(document, "congress", "congress/1", {**titled("A"), "actions": stated(poll)})
        step = advance(records[-1] if records else None, said, now)
        if step is not None:
            with store.begin() as tx:
                tx.save(step)
            records.append(step.record)
    for before, after_it in itertools.pairwise(records):
        assert set(before.facets["actions"]) <= set(after_it.facets["actions"]), "nothing is deleted"
        assert height(before) <= height(after_it), "no status is undone"
    moments = {record.known_from - before for record in records for before in (timedelta(0), timedelta(microseconds=1))}
    with open_reader(store.path) as reader:
        for known_at in (None, *sorted(moments)):
            for as_of in (None, *DAYS):
                assert answered(reader, document, as_of, known_at) == expected(records, as_of, known_at)
        for record in records:
            found = reader.revision(str(document), record.revision)
            assert found is not None
            assert found.record == record


def test_the_last_rung_of_a_day_wins(store: DatabaseStore) -> None:
    history = [Told(tuple(StatusPoint(status, DAYS[2], "") for status in STATUSES), timedelta(0), "A")]
    document = str(live(store, history)[0].document)
    with open_reader(store.path) as reader:
        assert reader.status_rows([document])[0].status == "REPORTED"
        assert reader.status_rows([document], DAYS[2])[0].status == "REPORTED"
