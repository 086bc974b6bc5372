"""What several workers share: what is due, who holds a claim, whose configuration decides. On both databases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random

import psycopg
import pytest

from domain.alerts.delivery import LEASE, Circuit, accepted, claimed
from domain.alerts.send_delays import HoldSettings, Mute
from domain.documents import DocumentId
from domain.errors import Conflict, Locked, TakenOver
from domain.observation import Evidence
from domain.ports import WorkerState
from domain.sources import SourceState
from monitor.service.queue import SCHEMA, install_schema
from storage.store import DatabaseStore, open_store
from tests.helpers.record_builders import NOW, after, alert, change, first, later, titled
from tests.helpers.stores import job_in_hand
from tests.storage.test_contract_outbox import MESSAGE, claim, delivery, waiting

ME = WorkerState("here/1", NOW, NOW, "aaaa", "0.2.0", ("polls", "delivery"))


@pytest.mark.parametrize(
    ("due_at", "is_due"),
    [
        pytest.param(None, True, id="never polled"),
        pytest.param(timedelta(0), True, id="its time has come"),
        pytest.param(timedelta(seconds=1), False, id="its time is to come"),
        pytest.param(timedelta(hours=25), True, id="due later than anything can be: the clock was set back"),
    ],
)
def test_a_source_that_is_due(store: DatabaseStore, due_at: timedelta | None, is_due: bool) -> None:
    with store.begin() as tx:
        tx.save_source(SourceState("gazette", due_at=None if due_at is None else NOW + due_at))
    with store.read() as view:
        assert view.due_work(NOW).sources == (("gazette",) if is_due else ())


def test_new_sources_are_due_and_known_ones_stay_as_they_are(store: DatabaseStore) -> None:
    known = SourceState("known", due_at=later(hours=1), checks=7)
    with store.begin() as tx:
        tx.save_source(known)
        tx.add_sources(["known", "new"])
    with store.read() as view:
        assert view.due_work(NOW).sources == ("new",)
        assert view.source("known") == known
        assert view.source("new") == SourceState("new")


def test_a_channel_is_due_with_a_message_to_send_or_in_the_hands_of_somebody(store: DatabaseStore) -> None:
    message = waiting(store)
    with store.read() as view:
        assert view.due_work(NOW).channels == ("desk",)
        assert not view.leased("desk")
    assert claim(store, claimed(message, MESSAGE, NOW))
    with store.read() as view:
        assert view.due_work(NOW).channels == ("desk",), "whoever has it may be dead"
        assert view.leased("desk")
        assert not view.leased("room")
    with store.begin() as tx:
        assert len(tx.release(NOW, "room")) == 0
        assert len(tx.release(NOW, "desk")) == 1


def test_a_channel_that_rests_is_not_due(store: DatabaseStore) -> None:
    waiting(store)
    with store.begin() as tx:
        tx.save_circuit(Circuit("desk", failures=3, since=NOW, rests_until=later(minutes=1)))
    with store.read() as view:
        assert view.due_work(NOW).channels == ()
        assert view.due_work(later(minutes=1)).channels == ("desk",)


def test_a_message_is_not_sent_by_whoever_was_given_up(store: DatabaseStore) -> None:
    old = claimed(waiting(store), MESSAGE, NOW)
    assert claim(store, old)
    with store.begin() as tx:
        tx.release(later(seconds=80), "desk")
    with store.begin() as tx:
        assert not tx.mark(old), "given back, and claimed by nobody yet"
    new = claimed(delivery(store, old.id), MESSAGE, later(seconds=80))
    assert claim(store, new)
    with store.begin() as tx:
        assert not tx.mark(old)
        assert tx.mark(new)
        assert not tx.mark(replace(new, leased_until=later(seconds=80) + LEASE + timedelta(seconds=1)))
    assert delivery(store, old.id).possible_repeat is False


def test_what_a_worker_says_of_itself_is_kept_until_it_is_long_gone(store: DatabaseStore) -> None:
    gone = replace(ME, name="there/2", seen_at=NOW - timedelta(days=2), configuration="bbbb")
    with store.begin() as tx:
        tx.save_worker(ME)
        tx.save_worker(gone)
        tx.save_worker(replace(ME, seen_at=later(seconds=5)))
    with store.read() as view:
        assert view.workers() == (replace(ME, seen_at=later(seconds=5)), gone)
    with store.begin() as tx:
        tx.forget_workers(NOW - timedelta(days=1))
    with store.read() as view:
        assert [worker.name for worker in view.workers()] == ["here/1"]


def test_the_configuration_registered_last_is_in_force(store: DatabaseStore) -> None:
    with store.begin() as tx:
        tx.put_in_force("aaaa")
        tx.put_in_force("bbbb")
    with store.read() as view:
        assert (view.in_force("aaaa"), view.in_force("bbbb")) == (False, True)
        assert view.due_work(NOW).configuration == "bbbb"


def test_the_own_jobs_are_due_when_they_were_planned(store: DatabaseStore) -> None:
    with store.begin() as tx:
        tx.plan("heartbeat", later(minutes=1))
        tx.plan("time triggers", NOW)
        tx.plan("heartbeat", later(minutes=2))
    with store.read() as view:
        assert view.due_work(NOW).jobs == {"heartbeat": later(minutes=2), "time triggers": NOW}


def test_a_job_is_in_the_hands_of_one_worker_while_it_gives_signs_of_life(postgresql_url: str) -> None:
    store = open_store(postgresql_url, rehearsal=False, now=NOW)
    try:
        install_schema(store)
        with store.begin() as tx:
            job, worker = job_in_hand(tx, SCHEMA)
            tx.demand_job(job, worker)
        with store.read() as view:
            assert view.has_job(job, worker, 5.0)
            assert not view.has_job(job, worker + 1, 5.0)
            assert not view.has_job(job + 1, worker, 5.0)
            assert not view.has_job(job, worker, 0.0), "its last sign of life is too old"
        with store.begin() as tx:
            tx._rows(f"DELETE FROM {SCHEMA}.procrastinate_workers")  # type: ignore[attr-defined]
        with store.read() as view:
            assert not view.has_job(job, worker, 3600.0)
        with pytest.raises(TakenOver), store.begin() as tx:
            tx.demand_job(job, worker)
    finally:
        store.close()


def test_workers_take_turns_at_a_host(postgresql_url: str) -> None:
    one = open_store(postgresql_url, rehearsal=False, now=NOW)
    other = open_store(postgresql_url, rehearsal=False, now=NOW)
    try:
        install_schema(one)
        turns = [store.take_turn("example.org", 100.0) for store in (one, other, one)]
        assert [round(turn, -1) for turn in turns] == [0, 100, 200]
        assert other.take_turn("example.com", 100.0) == pytest.approx(0, abs=1), "another host"
        assert other.take_turn("example.com", 0.0) > 90, "a shorter pause afterwards does not shorten the one before"
    finally:
        one.close()
        other.close()


@pytest.mark.parametrize(
    ("soon", "next_at"),
    [
        pytest.param({}, None, id="nothing is to come"),
        pytest.param({"source": 5}, 5, id="a source"),
        pytest.param({"source": 5, "message": 3}, 3, id="a message comes first"),
        pytest.param({"message": 9, "channel": 7}, 7, id="a channel that rests"),
        pytest.param({"source": -5, "channel": -1}, None, id="what is due already is not to come"),
    ],
)
def test_when_something_is_due_next(store: DatabaseStore, soon: dict[str, int], next_at: int | None) -> None:
    with store.begin() as tx:
        if "source" in soon:
            tx.save_source(SourceState("gazette", due_at=later(minutes=soon["source"])))
        if "channel" in soon:
            tx.save_circuit(Circuit("desk", failures=3, since=NOW, rests_until=later(minutes=soon["channel"])))
    if "message" in soon:
        message = waiting(store)
        with store.begin() as tx:
            tx.finish(replace(message, due_at=later(minutes=soon["message"])))
    with store.read() as view:
        assert view.due_work(NOW).next_at == (None if next_at is None else later(minutes=next_at))


@pytest.mark.parametrize(
    ("held", "wanted", "waits"),
    [
        pytest.param(("channel desk",), ("channel room",), False, id="two channels send side by side"),
        pytest.param(("source a", "us/bill/1"), ("source b", "us/bill/2"), False, id="two sources record side by side"),
        pytest.param(("source a", "us/bill/1"), ("channel desk",), False, id="a source and a channel"),
        pytest.param(("channel desk",), ("channel desk",), True, id="one channel is one after the other"),
        pytest.param(("source a", "us/bill/1"), ("source b", "us/bill/1"), True, id="two sources state one document"),
        pytest.param(("channel desk",), None, True, id="who decides about everything waits for a part"),
        pytest.param(None, ("channel desk",), True, id="a part waits for who decides about everything"),
        pytest.param(None, None, True, id="two who decide about everything"),
        pytest.param(None, (), False, id="a sign of life waits for nobody"),
    ],
)
def test_who_waits_for_whom(
    postgresql_url: str, held: tuple[str, ...] | None, wanted: tuple[str, ...] | None, waits: bool
) -> None:
    holder = open_store(postgresql_url, rehearsal=False, now=NOW)
    other = open_store(postgresql_url, rehearsal=False, now=NOW, busy=timedelta(seconds=0.2))
    try:
        with holder.begin(only=held), pytest.raises(Locked) if waits else nullcontext(), other.begin(only=wanted):
            pass
        with other.begin(only=wanted):
            """Nothing is held any more."""
    finally:
        holder.close()
        other.close()


def test_nobody_waits_for_forms_that_a_facet_with_too_many_gets_no_more(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.batch.MOST_FORMS", 2)
    store = open_store(postgresql_url, rehearsal=False, now=NOW)
    alone: list[int] = []
    add_forms = store._add_forms
    monkeypatch.setattr(store, "_add_forms", lambda forms: (alone.append(len(forms)), add_forms(forms)))
    try:
        for number in range(5):
            bill = DocumentId.parse(f"us/bill/119/s/{number + 1}")
            stated = {"cosponsors": {"1": {"text": "Joined", "party": "abcde"[number] * 2}}}
            step = first(bill, stated)
            with store.begin([step], only=[str(bill)]) as tx:
                tx.save(step)
            with store.read() as view:
                record = view.record(bill)
            assert record is not None
            assert record.facets == stated
        assert alone == [1, 1, 1], "two that were numbered, and one that was not"
    finally:
        store.close()


BILLS = [DocumentId.parse(f"us/bill/119/hr/{number}") for number in range(1, 7)]


def _add_one_to_each(store: DatabaseStore, chosen: Sequence[DocumentId], words: str) -> bool:
    """Raise the number in the title of documents, all in one transaction; False when another was quicker. Each states
    the same evidence, and a form of entry that nobody stored before."""
    with store.read() as view:
        records = view.records(chosen)
    seen = Evidence("ab" * 32, "https://example.org/list", NOW, "text/html", b"the list")
    steps = []
    for document in chosen:
        record = records[document]
        facets = {
            **titled(str(int(record.title or 0) + 1)),
            "cosponsors": {"1": {"text": words, "party": words.partition(" ")[0]}},
        }
        told = (change(document, record.revision + 1),)
        steps.append(after(record, facets, changes=told, evidence=dict.fromkeys(facets, seen.digest)))
    try:
        with store.begin([*steps, seen], only=[str(document) for document in chosen]) as tx:
            tx.keep(seen)
            for step in steps:
                tx.save(step)
            for step in steps:
                tx.enqueue(alert(step.record.document, step.record.revision, changes=step.changes), ["a"], NOW)
    except Conflict:
        return False
    return True


def _send_all(store: DatabaseStore, sent: Counter[str]) -> bool:
    """Send what waits in the channel; the record and the next claim are one transaction, as in the service."""
    with store.read() as view:
        found = view.due("desk", NOW, 20)
    for one in found:
        taken = claimed(one, MESSAGE, NOW)
        with store.begin(only=("channel desk",)) as tx:
            if not tx.claim(taken):
                continue
        with store.begin(only=("channel desk",)) as tx:
            if not tx.mark(taken):
                continue
        sent[taken.id] += 1
        with store.begin(only=("channel desk",)) as tx:
            tx.finish(accepted(taken, NOW))
    return bool(found)


def test_side_by_side_no_update_is_lost_and_nobody_waits_for_ever(postgresql_url: str) -> None:
    """Eight threads of as many connections: documents in any order, two senders of one channel, and one who mutes."""
    at_once = HoldSettings(burst=timedelta(0))
    stores = [open_store(postgresql_url, rehearsal=False, now=NOW, holds=at_once) for _ in range(4)]
    with stores[0].begin() as tx:
        for document in BILLS:
            tx.save(first(document, titled("0")))
    done: Counter[DocumentId] = Counter()
    sent: Counter[str] = Counter()
    faults: list[BaseException] = []
    over = threading.Event()

    def states(number: int) -> None:
        dice = Random(number)
        for turn in range(5):
            chosen = dice.sample(BILLS, dice.randint(1, 3))
            while not _add_one_to_each(stores[number % 4], chosen, f"{'abcde'[turn] * 2} by {number}"):
                """Another was quicker: read again."""
            with lock:
                done.update(chosen)

    def sends(number: int) -> None:
        while _send_all(stores[number % 4], sent) or not over.is_set():
            """Until all is said."""

    def mutes() -> None:
        while not over.is_set():
            with stores[3].begin() as tx:
                tx.mute(Mute(until=later(hours=1), created_at=NOW, watch="another"))
                tx.settle(NOW)

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            faults.append(error)

    lock = threading.Lock()
    writers = [threading.Thread(target=guarded, args=(partial(states, number),)) for number in range(5)]
    others = [threading.Thread(target=guarded, args=(work,)) for work in (partial(sends, 1), partial(sends, 2), mutes)]
    for thread in (*writers, *others):
        thread.start()
    for thread in writers:
        thread.join(90)
    over.set()
    for thread in others:
        thread.join(90)
    try:
        assert faults == []
        with stores[0].read() as view:
            assert {one: view.records([one])[one].title for one in BILLS} == {one: str(done[one]) for one in BILLS}
            assert view.stranded(()) == ()
        assert len(sent) == sum(done.values())
        assert set(sent.values()) == {1}
        with psycopg.connect(postgresql_url) as connection:
            assert connection.execute("SELECT value FROM meta WHERE name = 'claims'").fetchone() == (str(len(sent)),)
    finally:
        for store in stores:
            store.close()
