"""What several workers share: what is due, who holds a claim, whose configuration decides. On both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.alerts.delivery import LEASE, Circuit, claimed
from domain.errors import TakenOver
from domain.ports import WorkerState
from domain.sources import SourceState
from monitor.service.queue import SCHEMA, install_schema
from storage.store import DatabaseStore, open_store
from tests.helpers.record_builders import NOW, later
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
