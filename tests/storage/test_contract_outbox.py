"""What every store promises of its outbox, held on the memory and the SQLite one."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from domain.alerts.delivery import LEASE, LONGEST_PAUSE, Delivery, Frozen, State, accepted, claimed, failed
from domain.alerts.routing import Watch, operator_reason
from domain.errors import DeliveryError, StoreError
from domain.observation import Evidence
from domain.ports import Store
from domain.records.facets import Kind, digest
from storage.reader import Moved, Reader
from tests.helpers.record_builders import (
    BILL,
    CONGRESS,
    INTRODUCED,
    NOW,
    OTHER,
    REFERRED,
    after,
    alert,
    change,
    first,
    later,
    register,
    save,
    stored,
    titled,
)

MESSAGE = Frozen("a subject", b"the body", "message/rfc822")


def waiting(store: Store, *recipients: str) -> Delivery:
    """Store one alert and return its first delivery."""
    with store.begin() as tx:
        tx.enqueue(alert(), recipients or ("a@example.org",), NOW)
    return delivery(store, alert().delivery_id(recipients[0] if recipients else "a@example.org"))


def delivery(store: Store, name: str) -> Delivery:
    with store.read() as view:
        found = view.delivery(name)
    assert found is not None
    return found


def finish(store: Store, outcome: Delivery) -> Delivery:
    with store.begin() as tx:
        tx.finish(outcome)
    return delivery(store, outcome.id)


def claim(store: Store, taken: Delivery) -> bool:
    with store.begin() as tx:
        return tx.claim(taken)


def test_an_alert_makes_one_pending_delivery_for_each_recipient(store: Store) -> None:
    waiting(store, "a@example.org", "b@example.org", "a@example.org")
    with store.read() as view:
        found = view.due("desk", NOW, 10)
    assert [(d.to, d.state, d.attempts, d.alerts, d.created_at) for d in found] == [
        ("a@example.org", State.PENDING, 0, (alert().id,), NOW),
        ("b@example.org", State.PENDING, 0, (alert().id,), NOW),
    ]


def test_an_alert_already_stored_is_left_alone(store: Store) -> None:
    sent = waiting(store)
    assert claim(store, claimed(sent, MESSAGE, NOW))
    finish(store, accepted(claimed(sent, MESSAGE, NOW), NOW))
    with store.begin() as tx:
        tx.enqueue(alert(reasons=(operator_reason("another"),)), ["a@example.org", "new@example.org"], later(days=1))
    with store.read() as view:
        assert view.due("desk", later(days=2), 10) == ()
        assert view.notice(sent, "UTC").reasons == (operator_reason("desk"),)


def test_the_order_is_the_order_of_storing_even_if_the_clock_was_set_back(store: Store) -> None:
    with store.begin() as tx:
        tx.enqueue(alert(revision=2), ["a"], NOW)
        tx.enqueue(alert(revision=3), ["a"], later(hours=-1))
        tx.enqueue(alert(revision=4), ["a"], later(hours=-2))
    with store.read() as view:
        found = view.due("desk", NOW, 2)
        assert [d.alerts for d in found] == [(alert(revision=2).id,), (alert(revision=3).id,)]
        assert view.due("other channel", NOW, 10) == ()


@pytest.mark.parametrize(
    ("due_in", "sent"),
    [
        pytest.param(timedelta(0), True, id="due now"),
        pytest.param(timedelta(seconds=1), False, id="due in a second"),
        pytest.param(LONGEST_PAUSE, False, id="due after the longest pause"),
        pytest.param(LONGEST_PAUSE + timedelta(seconds=1), True, id="due later than ever: the clock was set back"),
    ],
)
def test_when_a_delivery_is_due(store: Store, due_in: timedelta, sent: bool) -> None:
    with store.begin() as tx:
        tx.enqueue(alert(), ["a"], NOW + due_in)
    with store.read() as view:
        assert bool(view.due("desk", NOW, 10)) is sent


@pytest.mark.parametrize(
    ("passed", "free"),
    [
        pytest.param(timedelta(0), False, id="just claimed"),
        pytest.param(LEASE - timedelta(seconds=1), False, id="the lease holds"),
        pytest.param(LEASE, True, id="the lease has run out"),
        pytest.param(timedelta(seconds=-1), True, id="the clock was set back behind the claim"),
    ],
)
def test_how_long_a_claim_holds(store: Store, passed: timedelta, free: bool) -> None:
    pending = waiting(store)
    assert claim(store, claimed(pending, MESSAGE, later(days=0)))
    held = delivery(store, pending.id)
    with store.read() as view:
        assert bool(view.due("desk", NOW + passed, 10)) is (free and passed >= timedelta(0))
    assert claim(store, claimed(held, MESSAGE, NOW + passed)) is free


def test_a_claim_freezes_the_message_and_counts(store: Store) -> None:
    pending = waiting(store)
    assert claim(store, claimed(pending, MESSAGE, NOW))
    taken = delivery(store, pending.id)
    assert (taken.message, taken.attempts, taken.leased_until) == (MESSAGE, 1, NOW + LEASE)
    failure = failed(taken, DeliveryError("down"), NOW)
    retry = finish(store, failure)
    assert claim(store, claimed(retry, Frozen("changed", b"changed", "x"), later(hours=1)))
    assert delivery(store, pending.id).message == MESSAGE


def test_of_two_claims_on_one_delivery_one_holds(store: Store) -> None:
    pending = waiting(store)
    verdicts = []
    gate = threading.Barrier(8)

    def contend() -> None:
        gate.wait()
        verdicts.append(claim(store, claimed(pending, MESSAGE, NOW)))

    threads = [threading.Thread(target=contend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(verdicts) == [False] * 7 + [True]


def test_a_claim_made_from_an_older_state_is_refused(store: Store) -> None:
    pending = waiting(store)
    assert claim(store, claimed(pending, MESSAGE, NOW))
    finish(store, failed(claimed(pending, MESSAGE, NOW), DeliveryError("down", maybe_sent=True), NOW))
    assert not claim(store, claimed(pending, MESSAGE, later(hours=1)))


def test_what_is_sent_is_never_claimed_again(store: Store) -> None:
    pending = waiting(store)
    taken = claimed(pending, MESSAGE, NOW)
    assert claim(store, taken)
    sent = finish(store, accepted(taken, NOW))
    assert (sent.state, sent.sent_at, sent.leased_until) == (State.SENT, NOW, None)
    assert not claim(store, claimed(sent, MESSAGE, later(days=1)))
    with store.read() as view:
        assert view.due("desk", later(days=1), 10) == ()


def test_a_failure_waits_and_says_why(store: Store) -> None:
    taken = claimed(waiting(store), MESSAGE, NOW)
    assert claim(store, taken)
    failure = failed(taken, DeliveryError("421 busy"), NOW)
    assert finish(store, failure) == failure
    with store.read() as view:
        assert view.due("desk", failure.due_at, 10) == (failure,)


def test_a_late_failure_does_not_undo_what_a_successor_does(store: Store) -> None:
    first_try = claimed(waiting(store), MESSAGE, NOW)
    assert claim(store, first_try)
    second_try = claimed(delivery(store, first_try.id), MESSAGE, NOW + LEASE)
    assert claim(store, second_try)
    finish(store, failed(first_try, DeliveryError("too late"), later(hours=1)))
    assert delivery(store, first_try.id) == second_try
    finish(store, accepted(second_try, later(hours=1)))
    finish(store, failed(second_try, DeliveryError("again"), later(hours=2)))
    assert delivery(store, first_try.id).state is State.SENT


def test_a_late_success_counts_and_is_marked(store: Store) -> None:
    first_try = claimed(waiting(store), MESSAGE, NOW)
    assert claim(store, first_try)
    assert claim(store, claimed(delivery(store, first_try.id), MESSAGE, NOW + LEASE))
    sent = finish(store, accepted(first_try, later(hours=1)))
    assert (sent.state, sent.possible_repeat, sent.attempts) == (State.SENT, True, 2)


def test_the_outcome_of_an_unknown_delivery_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="dl-"), store.begin() as tx:
        tx.finish(Delivery("dl-x", (), BILL, "desk", "a", State.SENT, 1, NOW, NOW))


def test_an_unknown_delivery_can_be_neither_claimed_nor_marked(store: Store) -> None:
    ghost = Delivery("dl-x", (), BILL, "desk", "a", State.PENDING, 0, NOW, NOW)
    with store.begin() as tx:
        assert not tx.mark(claimed(ghost, MESSAGE, NOW))
        assert not tx.claim(claimed(ghost, MESSAGE, NOW))
        assert tx.delivery("dl-x") is None


@pytest.mark.parametrize(
    ("marked", "state"),
    [
        pytest.param(False, State.PENDING, id="cut off before the receiver could take it"),
        pytest.param(True, State.AMBIGUOUS, id="cut off when the receiver may have taken it"),
    ],
)
def test_a_new_owner_gives_back_what_the_last_one_held(store: Store, marked: bool, state: State) -> None:
    taken = claimed(waiting(store, "a", "b"), MESSAGE, NOW)
    with store.begin() as tx:
        assert tx.claim(taken)
    if marked:
        with store.begin() as tx:
            assert tx.mark(taken)
    with store.begin() as tx:
        (back,) = tx.release(later(seconds=5))
    assert (back.id, back.state, back.leased_until, back.maybe_sent) == (taken.id, state, None, False)
    assert delivery(store, taken.id) == back
    again = claimed(back, MESSAGE, later(seconds=5))
    assert claim(store, again)
    assert delivery(store, taken.id).possible_repeat is marked


def test_a_lease_that_ran_out_after_the_mark_leaves_a_possible_repeat(store: Store) -> None:
    taken = claimed(waiting(store), MESSAGE, NOW)
    with store.begin() as tx:
        assert tx.claim(taken)
        tx.mark(taken)
    with store.read() as view:
        (again,) = view.due("desk", NOW + LEASE, 10)
    assert again.maybe_sent
    assert claim(store, claimed(again, MESSAGE, NOW + LEASE))
    assert delivery(store, taken.id).possible_repeat


# --- what a message says ------------------------------------------------------------------------------------------


def test_a_notice_tells_the_changes_and_the_document_as_it_stands(store: Store) -> None:
    save(store, first(facets=titled("NATO"), timeline=(INTRODUCED, REFERRED), url="https://example.org/bill"))
    register(store, Watch("silent", BILL), Watch("nato", BILL, "for the Tuesday meeting"))
    sent = (change(), change(kind=Kind.TEXT, subject="ih"))
    with store.begin() as tx:
        tx.enqueue(alert(changes=sent, watches=("silent", "nato")), ["a@example.org"], NOW)
    with store.read() as view:
        (pending,) = view.due("desk", NOW, 10)
        notice = view.notice(pending, "Europe/Kyiv")
    assert notice.changes == sent
    assert (notice.title, notice.url) == ("NATO", "https://example.org/bill")
    assert (notice.status, notice.status_on) == ("REFERRED", "2025-12-09")
    assert (notice.watches, notice.note) == (("silent", "nato"), "for the Tuesday meeting")
    assert (notice.delivery, notice.alerts, notice.to) == (pending.id, pending.alerts, "a@example.org")
    assert (notice.reasons, notice.created_at, notice.zone) == ((operator_reason("desk"),), NOW, "Europe/Kyiv")


def test_a_message_for_several_watches_carries_the_notes_and_labels_of_all(store: Store) -> None:
    save(store, first())
    register(
        store,
        Watch("a", BILL, "for Tuesday", tags=("nato", "x"), owner="ana"),
        Watch("b", BILL, "for Ann", tags=("x", "y"), owner="bo", priority="low", position="oppose"),
        Watch("c", BILL, "for Tuesday"),
    )
    with store.begin() as tx:
        tx.enqueue(alert(changes=(change(),), watches=("a", "b", "c")), ["a@example.org"], NOW)
    with store.read() as view:
        (pending,) = view.due("desk", NOW, 10)
        found = view.notice(pending, "UTC")
    assert (found.note, found.tags, found.owner) == ("for Tuesday; for Ann", ("nato", "x", "y"), "ana; bo")
    assert (found.priority, found.position) == ("normal", "oppose"), "what does not say is normal, more than low"


def test_a_bill_without_an_address_of_its_own_gets_its_public_page(store: Store) -> None:
    save(store, first())
    pending = waiting(store)
    with store.read() as view:
        url = view.notice(pending, "UTC").url
    assert url == "https://www.congress.gov/bill/119th-congress/house-bill/6508"


def test_a_source_has_news_but_no_record(store: Store) -> None:
    broken = change(CONGRESS, 1, Kind.SOURCE, "health", text="503")
    with store.begin() as tx:
        tx.enqueue(alert(CONGRESS, 1, changes=[broken], watches=()), ["ops@example.org"], NOW)
    with store.read() as view:
        (pending,) = view.due("desk", NOW, 10)
        notice = view.notice(pending, "UTC")
        assert view.record(CONGRESS) is None
        assert view.records([CONGRESS]) == {}
    assert (notice.changes, notice.title, notice.url, notice.status) == ((broken,), None, None, None)


def test_a_change_already_stored_stays_as_it_was(store: Store) -> None:
    record = save(store, first())
    save(store, after(record, titled("B"), changes=[change(text="as first read")]))
    with store.begin() as tx:
        tx.enqueue(alert(changes=[change(text="as read again")]), ["a"], NOW)
    with store.read() as view:
        (pending,) = view.due("desk", NOW, 10)
        assert [c.text for c in view.notice(pending, "UTC").changes] == ["as first read"]


def test_the_same_bytes_are_kept_once(store: Store) -> None:
    body = b"<html>" * 1000
    kept = Evidence(digest(body), "https://example.org", NOW, "text/html", body)
    with store.begin() as tx:
        tx.keep(kept)
        tx.keep(kept)
        tx.save(first(evidence={"title": kept.digest}))
    assert stored(store) == first().record


def test_what_a_desk_asks_of_messages_and_of_what_moved_is_answered_by_either_database(store: Store) -> None:
    register(store, Watch("nato", BILL), Watch("rates", OTHER))
    facets = {"actions": {"a": {"on": "2026-01-05", "text": "Referred"}}, "hearings": {"h": {"text": "Hearing"}}}
    save(store, first(), first(OTHER, facets=facets))
    known = stored(store)
    assert known is not None
    save(store, after(known, facets={"title": {"display": {"text": "Another"}}}, changes=(change(),)))
    with store.begin() as tx:
        tx.enqueue(alert(changes=(change(),), watches=("nato",)), ["a@example.org"], NOW)
    asked: dict[str, dict[str, Any]] = {
        "all": {},
        "since then": {"since": NOW},
        "since later": {"since": later(days=1)},
        "the channel": {"channel": "desk"},
        "another channel": {"channel": "room"},
        "the watch": {"watches": ["x", "nato"]},
        "another watch": {"watches": ["rates"]},
        "the state": {"state": "pending", "channel": "desk", "watches": ["nato"], "since": NOW},
    }
    with store.read() as view:
        reader = Reader(view._execute)  # type: ignore[attr-defined]  # the read side, on the database at hand
        found = {name: len(reader.alerts(**given)) for name, given in asked.items()}
        moved = reader.moved([str(BILL), str(OTHER), "us/bill/119/hr/404"])
    assert [name for name, number in found.items() if number] == [
        "all",
        "since then",
        "the channel",
        "the watch",
        "the state",
    ]
    assert moved[str(OTHER)] == Moved(None, "2026-01-05", has_hearings=True)
    assert moved[str(BILL)].seen_at == NOW
    assert len(moved) == 2
