"""What holds a message besides a mute, what goes as one, and what is tried again, on both stores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.alerts.bundles import bundles
from domain.alerts.delivery import CAUGHT_UP, Circuit, Delivery, Frozen, State, accepted, claimed, failed
from domain.alerts.digest_schedule import DigestSchedule
from domain.alerts.routing import Watch
from domain.alerts.send_delays import BURST, HoldSettings, Mute, QuietHours
from domain.documents import DocumentId
from domain.errors import DeliveryError
from domain.ports import Store
from domain.records.facets import Kind
from tests.helpers.record_builders import BILL, NOW, OTHER, alert, change, first, later, register, save, titled

MESSAGE = Frozen("a subject", b"the body", "message/rfc822")
AT_SIX = DigestSchedule.parse("daily 18:00", "UTC")
QUIET = QuietHours.parse("09:00-15:00", "UTC")
"""NOW is ten in the morning, and constructed to be quiet."""


def add_alert(
    store: Store,
    revision: int = 2,
    *,
    document: DocumentId = BILL,
    when: DigestSchedule | None = None,
    caught_up: bool = False,
    hours: float = 0,
    kind: Kind = Kind.STATUS,
) -> str:
    """Store an alert for one recipient; return the name of its delivery."""
    news = replace(
        alert(document, revision, changes=[change(document, revision, kind)]), when=when, caught_up=caught_up
    )
    with store.begin() as tx:
        tx.enqueue(news, ["a@example.org"], later(hours=hours))
    return news.delivery_id("a@example.org")


def delivery(store: Store, name: str) -> Delivery:
    with store.read() as view:
        found = view.delivery(name)
    assert found is not None
    return found


def due(store: Store, hours: float = 0) -> Sequence[Delivery]:
    with store.read() as view:
        return view.due("desk", later(hours=hours), 500)


def settle(store: Store, hours: float) -> list[str]:
    with store.begin() as tx:
        return [delivery.id for delivery in tx.settle(later(hours=hours))]


def send(store: Store, name: str, hours: float = 0) -> bool:
    """Claim and send one message; false if it may not go."""
    taken = claimed(delivery(store, name), MESSAGE, later(hours=hours))
    with store.begin() as tx:
        if not tx.claim(taken):
            return False
        tx.finish(accepted(taken, later(hours=hours)))
    return True


def set_quiet(store: Store, **quiet: QuietHours) -> None:
    store.holds = HoldSettings(quiet)


# --- a digest waits for its hour ------------------------------------------------------------------------------------


def test_what_belongs_to_a_digest_is_held_until_its_hour(store: Store) -> None:
    name = add_alert(store, when=AT_SIX)
    held = delivery(store, name)
    assert (held.state, held.due_at, held.not_before, held.digest_key) == (
        State.HELD,
        later(hours=8),
        later(hours=8),
        "daily 18:00",
    )
    assert due(store, 7.9) == ()
    assert settle(store, 7.9) == []
    assert settle(store, 8) == [name]
    assert [d.id for d in due(store, 8)] == [name]


def test_the_same_news_at_once_and_with_a_digest_are_two_alerts(store: Store) -> None:
    assert add_alert(store) != add_alert(store, when=AT_SIX)


def test_a_digest_is_one_message_about_all_its_documents(store: Store) -> None:
    save(store, first(facets=titled("One")))
    save(store, first(OTHER, facets=titled("Two")))
    register(store, Watch("nato", BILL, "for Tuesday"))
    add_alert(store, kind=Kind.TITLE, when=AT_SIX)
    add_alert(store, document=OTHER, when=AT_SIX)
    add_alert(store, 3, kind=Kind.TEXT, when=AT_SIX)
    settle(store, 8)
    (bundle,) = bundles(due(store, 8))
    with store.begin() as tx:
        assert tx.join(bundle)
    (whole,) = due(store, 8)
    assert (whole.id, len(whole.alerts)) == (bundle[0].id, 3)
    with store.read() as view:
        notice = view.notice(whole, "UTC")
    assert (notice.digest, notice.documents) == ("daily", (OTHER, BILL))
    assert [(part.title, len(part.changes)) for part in notice.parts] == [("Two", 1), ("One", 2)]
    assert (notice.parts[1].note, len(notice.alerts), len(notice.changes)) == ("for Tuesday", 3, 3)
    assert send(store, whole.id, 8)
    assert due(store, 1000) == ()


def test_what_joined_another_message_since_it_was_read_is_not_lost(store: Store) -> None:
    """A sender read its batch, then a third message came and all were put together: the old reading is void."""
    names = [add_alert(store, 2), add_alert(store, 3)]
    before = delivery(store, names[0])
    with store.begin() as tx:
        assert tx.join(due(store))
        assert not tx.claim(claimed(before, MESSAGE, NOW))
        assert tx.delivery(names[1]) is None
    assert send(store, names[0])


@pytest.mark.parametrize("moved", ["taken", "gone", "alone"])
def test_what_moved_meanwhile_is_not_joined(store: Store, moved: str) -> None:
    names = [add_alert(store, 2), add_alert(store, 3)]
    bundle = list(due(store))
    with store.begin() as tx:
        if moved == "taken":
            assert tx.claim(claimed(bundle[1], MESSAGE, NOW))
        if moved == "gone":
            bundle[1] = replace(bundle[1], id="dl-x")
        assert not tx.join(bundle[:1] if moved == "alone" else bundle)
    assert len(delivery(store, names[0]).alerts) == 1


# --- quiet hours ----------------------------------------------------------------------------------------------------


def test_quiet_hours_hold_what_is_new_and_what_waits(store: Store) -> None:
    before = add_alert(store, document=OTHER, hours=-2)
    set_quiet(store, desk=QUIET)
    name = add_alert(store)
    assert (delivery(store, name).state, delivery(store, name).due_at) == (State.HELD, later(hours=5))
    assert not send(store, before), "the claim looks again"
    assert delivery(store, before).state is State.HELD
    assert settle(store, 4.9) == []
    assert settle(store, 5) == [before, name]


def test_what_is_urgent_passes(store: Store) -> None:
    set_quiet(store, desk=replace(QUIET, urgent=("vote", "critical")))
    assert delivery(store, add_alert(store, kind=Kind.VOTE)).state is State.PENDING
    assert delivery(store, add_alert(store, 3)).state is State.HELD


def test_another_channel_is_not_quiet(store: Store) -> None:
    set_quiet(store, room=QUIET)
    assert delivery(store, add_alert(store)).state is State.PENDING


def test_quiet_hours_that_are_taken_away_let_go(store: Store) -> None:
    set_quiet(store, desk=QUIET)
    name = add_alert(store)
    set_quiet(store)
    assert settle(store, 1) == [name]


def test_lifting_a_mute_does_not_free_what_is_quiet(store: Store) -> None:
    set_quiet(store, desk=QUIET)
    muted = Mute(later(days=2), NOW, document=BILL)
    with store.begin() as tx:
        tx.mute(muted)
    name = add_alert(store)
    assert delivery(store, name).due_at == later(days=2), "the latest end wins"
    with store.begin() as tx:
        tx.unmute(muted)
        tx.settle(later(hours=1))
    assert (delivery(store, name).state, delivery(store, name).due_at) == (State.HELD, later(hours=5))


# --- a burst --------------------------------------------------------------------------------------------------------


def test_the_first_goes_at_once_and_what_follows_waits_for_more(store: Store) -> None:
    assert send(store, add_alert(store, 2))
    soon = 1 / 3600
    second, third = add_alert(store, 3, hours=soon), add_alert(store, 4, hours=2 * soon)
    assert delivery(store, second).due_at == delivery(store, third).due_at == NOW + BURST
    assert settle(store, BURST / timedelta(hours=1)) == [second, third]
    (bundle,) = bundles(due(store, BURST / timedelta(hours=1)))
    assert [d.id for d in bundle] == [second, third]


@pytest.mark.parametrize(
    ("document", "hours", "state"),
    [
        pytest.param(OTHER, 0.001, State.PENDING, id="about something else"),
        pytest.param(BILL, 0.01, State.PENDING, id="after the burst"),
        pytest.param(BILL, 0.001, State.HELD, id="of the same document"),
    ],
)
def test_what_follows_a_message(store: Store, document: DocumentId, hours: float, state: State) -> None:
    assert send(store, add_alert(store, 2))
    assert delivery(store, add_alert(store, 3, document=document, hours=hours)).state is state


@pytest.mark.parametrize(("burst", "state"), [(0, State.PENDING), (9, State.HELD)], ids=["none", "a longer one"])
def test_how_long_a_burst_is_can_be_said(store: Store, burst: int, state: State) -> None:
    store.holds = HoldSettings(burst=timedelta(minutes=burst))
    assert send(store, add_alert(store, 2))
    name = add_alert(store, 3, hours=0.1)
    assert delivery(store, name).state is state


def test_what_was_seen_late_is_marked(store: Store) -> None:
    assert delivery(store, add_alert(store, caught_up=True)).digest_key == CAUGHT_UP
    assert delivery(store, add_alert(store, 3, caught_up=True, when=AT_SIX)).digest_key == "daily 18:00"


# --- dead ones, removed channels, circuits --------------------------------------------------------------------------


def kill(store: Store, name: str) -> None:
    with store.begin() as tx:
        taken = claimed(delivery(store, name), MESSAGE, NOW)
        assert tx.claim(taken)
        tx.finish(failed(taken, DeliveryError("550 no such user", permanent=True), NOW))


@pytest.mark.parametrize("named", [True, False], ids=["by name", "all of them"])
def test_the_dead_are_tried_again_as_they_were(store: Store, named: bool) -> None:
    dead, alive = add_alert(store, 2), add_alert(store, 3, document=OTHER)
    kill(store, dead)
    with store.begin() as tx:
        back = tx.revive([dead, alive, "dl-x"] if named else None, later(days=9))
    assert [d.id for d in back] == [dead]
    again = delivery(store, dead)
    assert (again.state, again.message, again.due_at, again.error) == (State.PENDING, MESSAGE, later(days=9), None)
    assert send(store, dead, 24 * 9)


def test_the_dead_respect_what_is_quiet(store: Store) -> None:
    name = add_alert(store)
    kill(store, name)
    set_quiet(store, desk=QUIET)
    with store.begin() as tx:
        (back,) = tx.revive(None, NOW)
    assert back.state is State.HELD


def test_what_nobody_can_send_is_listed(store: Store) -> None:
    held, waits = add_alert(store, 2, when=AT_SIX), add_alert(store, 3)
    with store.read() as view:
        assert view.stranded(["desk"]) == ()
        assert [d.id for d in view.stranded(["room"])] == [held, waits]


def test_a_channel_is_kept_as_it_is(store: Store) -> None:
    ill = Circuit("desk", 4, NOW, later(hours=1), "refused", operator_knows=True, changes=3)
    set_quiet(store, desk=QUIET)
    with store.begin() as tx:
        tx.save_circuit(ill)
    set_quiet(store, desk=QUIET)
    with store.read() as view:
        assert view.circuit("desk") == ill
        assert view.circuit("room") == Circuit("room")
