"""How a mute holds messages and lets them go, on both stores. Time is a number of days in the test's hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.alerts.delivery import GIVE_UP_AFTER, LEASE, LEAST_TRIES, Delivery, Frozen, State, accepted, claimed, failed
from domain.alerts.send_delays import Mute
from domain.documents import DocumentId
from domain.errors import DeliveryError
from domain.ports import Store
from tests.helpers.record_builders import BILL, NOW, OTHER, alert, later

MESSAGE = Frozen("a subject", b"the body", "message/rfc822")
BILL_MUTED = Mute(later(days=7), NOW, document=BILL)
WATCH_MUTED = Mute(later(days=7), NOW, watch="nato")


def tell(store: Store, revision: int = 2, *, document: DocumentId = BILL, watches: tuple[str, ...] = ("nato",)) -> str:
    """Store an alert for one recipient; return the name of its delivery."""
    news = alert(document, revision, watches=watches)
    with store.begin() as tx:
        tx.enqueue(news, ["a@example.org"], NOW)
    return news.delivery_id("a@example.org")


def mute(store: Store, mute: Mute, days: float = 0) -> list[str]:
    with store.begin() as tx:
        tx.mute(mute)
        return [delivery.id for delivery in tx.settle(later(days=days))]


def unmute(store: Store, mute: Mute, days: float = 0) -> list[str]:
    with store.begin() as tx:
        tx.unmute(mute)
        return [delivery.id for delivery in tx.settle(later(days=days))]


def settle(store: Store, days: float) -> list[str]:
    with store.begin() as tx:
        return [delivery.id for delivery in tx.settle(later(days=days))]


def delivery(store: Store, name: str) -> Delivery:
    with store.read() as view:
        found = view.delivery(name)
    assert found is not None
    return found


def due(store: Store, days: float) -> list[str]:
    with store.read() as view:
        return [delivery.id for delivery in view.due("desk", later(days=days), 50)]


def is_over(store: Store, days: float) -> bool:
    with store.read() as view:
        return view.has_ended_hold(later(days=days))


@pytest.mark.parametrize("held", [BILL_MUTED, WATCH_MUTED], ids=["its document", "its watch"])
def test_what_is_new_of_something_muted_is_held_until_then(store: Store, held: Mute) -> None:
    mute(store, held)
    name = tell(store)
    found = delivery(store, name)
    assert (found.state, found.due_at, found.held_until) == (State.HELD, later(days=7), later(days=7))
    assert due(store, 1) == due(store, 8) == []
    assert not is_over(store, 6.9)
    assert is_over(store, 7)
    assert settle(store, 7) == [name]
    assert due(store, 7) == [name]
    assert not is_over(store, 7)


def test_what_waits_already_is_held(store: Store) -> None:
    name, other = tell(store), tell(store, document=OTHER)
    assert mute(store, BILL_MUTED) == [name]
    assert delivery(store, name).state is State.HELD
    assert due(store, 1) == [other]


def test_a_lifted_mute_lets_all_go_in_their_order(store: Store) -> None:
    names = [tell(store, 2)]
    mute(store, BILL_MUTED)
    names += [tell(store, 3), tell(store, 4)]
    assert unmute(store, BILL_MUTED, 1) == names
    assert due(store, 1) == names
    assert [delivery(store, name).state for name in names] == [State.PENDING] * 3


def test_nothing_is_sent_twice_or_lost_by_muting_again(store: Store) -> None:
    name = tell(store)
    mute(store, BILL_MUTED)
    assert mute(store, Mute(later(days=9), later(days=1), document=BILL), 1) == [name], "the newer mute counts"
    assert settle(store, 7) == []
    assert mute(store, Mute(later(days=8), later(days=7), document=BILL), 7) == [name]
    assert settle(store, 8) == [name]
    assert settle(store, 8) == []
    assert due(store, 8) == [name]


@pytest.mark.parametrize(
    ("muted", "watches", "state"),
    [
        (["nato"], ("nato", "ukraine"), State.PENDING),
        (["nato", "ukraine"], ("nato", "ukraine"), State.HELD),
        (["nato"], (), State.PENDING),
    ],
    ids=["another watch asks, too", "all that ask are muted", "nobody asked: an operator's alert"],
)
def test_a_muted_watch_speaks_for_itself_alone(
    store: Store, muted: list[str], watches: tuple[str, ...], state: State
) -> None:
    for name in muted:
        mute(store, Mute(later(days=7), NOW, watch=name))
    assert delivery(store, tell(store, watches=watches)).state is state


def test_a_sender_who_comes_later_than_the_mute_gets_nothing(store: Store) -> None:
    """The batch was read before: the claim looks again."""
    name = tell(store)
    taken = claimed(delivery(store, name), MESSAGE, NOW)
    with store.begin() as tx:
        tx.mute(BILL_MUTED)
        assert not tx.claim(taken)
    assert delivery(store, name).state is State.HELD
    assert delivery(store, name).attempts == 0


def test_what_is_in_hand_goes_out(store: Store) -> None:
    name = tell(store)
    taken = claimed(delivery(store, name), MESSAGE, NOW)
    with store.begin() as tx:
        assert tx.claim(taken)
    assert mute(store, BILL_MUTED) == []
    with store.begin() as tx:
        tx.finish(accepted(taken, NOW))
    assert delivery(store, name).state is State.SENT
    assert settle(store, 7) == []


def test_what_failed_in_hand_is_held_before_it_is_tried_again(store: Store) -> None:
    name = tell(store)
    with store.begin() as tx:
        taken = claimed(delivery(store, name), MESSAGE, NOW)
        assert tx.claim(taken)
    mute(store, BILL_MUTED)
    with store.begin() as tx:
        tx.finish(failed(taken, DeliveryError("cut off", maybe_sent=True), NOW))
    again = delivery(store, name)
    assert again.state is State.AMBIGUOUS
    with store.begin() as tx:
        assert not tx.claim(claimed(again, MESSAGE, later(hours=1)))
    assert delivery(store, name).state is State.HELD
    assert delivery(store, name).possible_repeat
    settle(store, 7)
    assert delivery(store, name).state is State.AMBIGUOUS, "that a copy may have arrived is not forgotten"


def test_the_message_that_was_frozen_stays(store: Store) -> None:
    name = tell(store)
    with store.begin() as tx:
        taken = claimed(delivery(store, name), MESSAGE, NOW)
        assert tx.claim(taken)
        tx.finish(failed(taken, DeliveryError("busy"), NOW))
    mute(store, BILL_MUTED)
    settle(store, 7)
    assert delivery(store, name).message == MESSAGE
    assert delivery(store, name).attempts == 1


def test_the_time_it_was_held_is_not_counted_against_it(store: Store) -> None:
    mute(store, BILL_MUTED)
    name = tell(store)
    settle(store, 7)
    tried = later(days=7, hours=1)
    after = failed(claimed(delivery(store, name), MESSAGE, tried), DeliveryError("busy"), tried)
    assert after.state is State.PENDING
    last = later(days=7) + GIVE_UP_AFTER
    often = replace(delivery(store, name), attempts=LEAST_TRIES, due_at=last)
    assert failed(claimed(often, MESSAGE, last), DeliveryError("busy"), last).state is State.DEAD


def test_a_lease_that_ran_out_does_not_keep_a_message_from_being_held(store: Store) -> None:
    name = tell(store)
    with store.begin() as tx:
        taken = claimed(delivery(store, name), MESSAGE, NOW)
        assert tx.claim(taken)
        assert tx.mark(taken)
    past = (LEASE + timedelta(minutes=1)) / timedelta(days=1)
    assert mute(store, BILL_MUTED, past) == [name]
    found = delivery(store, name)
    assert (found.state, found.leased_until, found.maybe_sent, found.possible_repeat) == (State.HELD, None, False, True)


def test_mutes_are_listed_while_they_last(store: Store) -> None:
    entries = [
        Mute(later(days=1), later(hours=1), document=BILL),
        Mute(later(days=2), NOW, watch="us/bill/119/hr/6508"),
    ]
    for entry in entries:
        mute(store, entry)
    with store.read() as view:
        assert view.mutes(NOW) == (entries[1], entries[0])
        assert view.mutes(later(days=1)) == (entries[1],)
        assert view.mutes(later(days=2)) == ()


def test_a_feed_is_muted_with_all_its_entries(store: Store) -> None:
    feed = DocumentId.parse("feed/acts")
    mute(store, Mute(later(days=1), NOW, document=feed))
    assert delivery(store, tell(store, document=DocumentId.parse("feed/acts/0a1b"))).state is State.HELD
    assert delivery(store, tell(store, document=DocumentId.parse("feed/acts-2/0a1b"))).state is State.PENDING


def test_what_is_not_among_those_to_be_settled_stays_as_it_is(store: Store) -> None:
    one, other = tell(store), tell(store, document=OTHER)
    with store.begin() as tx:
        tx.mute(BILL_MUTED)
        tx.mute(replace(BILL_MUTED, document=OTHER))
    with store.read() as view:
        assert view.waiting() == (one, other)
    for among, moved in (([other], [other]), ([], []), (None, [one])):
        with store.begin() as tx:
            assert [delivery.id for delivery in tx.settle(later(days=1), among)] == moved
