"""What every store promises to whoever puts something right: the past, the fates of messages, and withdrawing one."""

from __future__ import annotations

import pytest

from domain.alerts.delivery import Frozen, State, accepted, claimed
from domain.observation import Observation
from domain.ports import Store
from domain.records.detection import advance
from domain.records.facets import Kind
from tests.helpers.record_builders import BILL, NOW, alert, change, later

MESSAGE = Frozen("a subject", b"the body", "message/rfc822")
A, B = "a@example.org", "b@example.org"


def enqueued(store: Store, *recipients: str) -> None:
    with store.begin() as tx:
        tx.enqueue(alert(), recipients, NOW)


def test_the_past_begins_with_what_the_first_reading_carried(store: Store) -> None:
    line = {"on": "2026-01-02", "text": "Introduced in House", "step": "introduced"}
    actions = {"2026-01-02:a": line}
    step = advance(None, Observation(BILL, "congress", "congress/1", {"actions": actions}), NOW)
    assert step is not None
    with store.begin() as tx:
        tx.save(step)
        assert [c.key for c in tx.past(BILL)] == [c.key for c in tx.past(BILL) if c.revision == 1] != []
    more = {**actions, "2026-01-03:b": {"on": "2026-01-03", "text": "Hearings held."}}
    second = advance(step.record, Observation(BILL, "congress", "congress/1", {"actions": more}), later(days=1))
    assert second is not None
    with store.begin() as tx:
        tx.save(second)
        assert tx.past(BILL)[-1] == second.changes[-1], "what is gathered and not written yet is past, too"
    with store.read() as view:
        assert [str(c.kind) for c in view.past(BILL)] == ["action", "status", "appeared", "action"]


def test_a_fate_is_one_alert_and_what_became_of_it_for_one_recipient(store: Store) -> None:
    enqueued(store, A, B)
    with store.read() as view:
        found = view.fates([change(), change(kind=Kind.ACTION, subject="other")])
        assert view.fates([change(revision=9)]) == ()
    assert [(fate.delivery.to, fate.delivery.state, fate.alert) for fate in found] == [
        (A, State.PENDING, alert()),
        (B, State.PENDING, alert()),
    ]


def test_a_message_nobody_tried_to_send_can_be_withdrawn_once(store: Store) -> None:
    enqueued(store, A, B)
    with store.begin() as tx:
        assert tx.withdraw(alert().delivery_id(A), "put right")
        assert not tx.withdraw(alert().delivery_id(A), "put right")
        assert not tx.withdraw("dl-unknown", "put right")
    with store.read() as view:
        gone = view.delivery(alert().delivery_id(A))
        assert [delivery.to for delivery in view.due("desk", NOW, 10)] == [B]
    assert gone is not None
    assert (gone.state, gone.error) == (State.WITHDRAWN, "put right")
    with store.begin() as tx:
        assert not tx.claim(claimed(gone, MESSAGE, NOW))
        assert tx.settle(later(days=1)) == ()


@pytest.mark.parametrize("sent", [False, True], ids=["in somebody's hands", "sent"])
def test_a_message_somebody_took_is_not_withdrawn(store: Store, sent: bool) -> None:
    enqueued(store, A)
    with store.begin() as tx:
        taken = claimed(tx.due("desk", NOW, 1)[0], MESSAGE, NOW)
        assert tx.claim(taken)
        if sent:
            tx.finish(accepted(taken, NOW))
        assert not tx.withdraw(taken.id, "put right")


def test_a_notice_names_the_message_it_puts_right(store: Store) -> None:
    enqueued(store, A, B)
    righted = change(revision=3, kind=Kind.CORRECTION, corrects=change().key)
    second = alert(revision=3, changes=[righted])
    with store.begin() as tx:
        tx.enqueue(second, [B], later(days=1))
    with store.read() as view:
        delivery = view.delivery(second.delivery_id(B))
        assert delivery is not None
        assert view.notice(delivery, "UTC").replies_to == alert().delivery_id(B)
