"""Claim, send, record: what becomes of a message, attempt by attempt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from domain.alerts.delivery import Frozen, State
from domain.alerts.routing import Alert, Audience
from domain.alerts.send_delays import Mute
from domain.coded_text import coded
from domain.errors import DeliveryError
from domain.jurisdictions.us.names import us_bill
from domain.ports import Notice, Transaction
from domain.records.facets import Kind
from domain.records.record import Change
from monitor.service import dispatch
from monitor.service.context import Context
from monitor.service.dispatch import ChannelSender, SendAttempt, collect_due, postpone_after_fault, send
from tests.helpers.english import english
from tests.helpers.fakes import BILL, NOON, FakeNotifier, ManualClock
from tests.helpers.stores import TemporaryStore

AUDIENCE = Audience(recipients={"desk": ("desk@example.org",), "room": ("room",)}, operator=("desk", "room"))
REPORTED = Change(BILL, 2, Kind.STATUS, "REPORTED", "REFERRED", "REPORTED", "Reported.", "2026-01-05", NOON, "congress")


class OutboxHarness:
    """One alert in the outbox and a notifier that sends it."""

    def __init__(self) -> None:
        self.store, self.clock, self.notifier = TemporaryStore(), ManualClock(), FakeNotifier()
        alert = Alert(BILL, 2, "desk", ("nato",), (REPORTED,), (coded("reason.test", channel="desk"),))
        with self.store.begin() as tx:
            tx.enqueue(alert, ("desk@example.org",), NOON)

    def send(self) -> list[SendAttempt]:
        batch = collect_due(self.notifier, Context(self.store, Audience(), self.clock))
        found = (
            send(d, batch.notices.get(d.id), self.notifier, Context(self.store, AUDIENCE, self.clock))
            for d in batch.deliveries
        )
        return [attempt for attempt in found if attempt is not None]

    def waiting_for(self, channel: str) -> int:
        with self.store.read() as view:
            return len(view.due(channel, self.clock(), 100))


@pytest.fixture
def outbox() -> OutboxHarness:
    return OutboxHarness()


def test_a_message_is_sent_once_and_recorded(outbox: OutboxHarness) -> None:
    (attempt,) = outbox.send()
    assert (attempt.delivery.state, attempt.answer) == (State.SENT, "taken")
    assert outbox.send() == []
    assert len(outbox.notifier.sent) == 1


def test_a_message_refused_for_now_comes_again_with_the_same_bytes(outbox: OutboxHarness) -> None:
    outbox.notifier.before = lambda _: DeliveryError("451 greylisted")
    (attempt,) = outbox.send()
    assert (attempt.delivery.state, attempt.delivery.possible_repeat) == (State.PENDING, False)
    assert outbox.send() == [], "not before its time"
    frozen = attempt.delivery.message
    outbox.notifier.before = lambda _: None
    outbox.clock.later(timedelta(minutes=1))
    (again,) = outbox.send()
    assert again.delivery.state is State.SENT
    assert again.delivery.message == frozen


def test_a_lost_answer_makes_the_message_ambiguous_and_the_repeat_is_marked(outbox: OutboxHarness) -> None:
    outbox.notifier.after = lambda _: DeliveryError("cut off", maybe_sent=True)
    (attempt,) = outbox.send()
    assert attempt.delivery.state is State.AMBIGUOUS
    outbox.notifier.after = lambda _: None
    outbox.clock.later(timedelta(minutes=1))
    (again,) = outbox.send()
    assert (again.delivery.state, again.delivery.possible_repeat) == (State.SENT, True)
    assert len(set(outbox.notifier.sent)) == 1, "same id, same recipient, same bytes"


def test_a_sender_that_was_killed_after_the_mark_leaves_an_ambiguous_message_to_the_next_owner(
    outbox: OutboxHarness,
) -> None:
    def killed(_: str) -> DeliveryError | None:
        raise KeyboardInterrupt

    outbox.notifier.after = killed
    with pytest.raises(KeyboardInterrupt):
        outbox.send()
    assert outbox.send() == [], "the lease still stands"
    with outbox.store.begin() as tx:
        (released,) = tx.release(outbox.clock())
    assert released.state is State.AMBIGUOUS


def test_a_message_that_died_is_reported_to_the_operator_by_another_channel(outbox: OutboxHarness) -> None:
    outbox.notifier.before = lambda _: DeliveryError("550 no such user", permanent=True)
    (attempt,) = outbox.send()
    assert attempt.delivery.state is State.DEAD
    assert (outbox.waiting_for("desk"), outbox.waiting_for("room")) == (0, 1)


def test_a_fault_of_our_own_puts_one_message_aside_and_leaves_the_others(outbox: OutboxHarness) -> None:
    (delivery,) = collect_due(outbox.notifier, Context(outbox.store, Audience(), outbox.clock)).deliveries
    postpone_after_fault(delivery, ValueError("template"), Context(outbox.store, AUDIENCE, outbox.clock))
    assert outbox.waiting_for("desk") == 0
    outbox.clock.later(timedelta(minutes=1))
    (again,) = outbox.send()
    assert (again.delivery.state, again.delivery.possible_repeat) == (State.SENT, False)


def test_somebody_taken_out_of_a_channel_does_not_get_what_was_waiting(outbox: OutboxHarness) -> None:
    outbox.notifier.after = lambda _: DeliveryError("cut off", maybe_sent=True)
    outbox.send()
    outbox.notifier.recipients = ("ben@example.org",)
    outbox.clock.later(timedelta(minutes=1))
    (attempt,) = outbox.send()
    assert (attempt.delivery.state, attempt.delivery.possible_repeat) == (State.SUPPRESSED, True)
    assert attempt.answer == english(attempt.delivery.error) == "desk@example.org is no longer a recipient of desk"
    assert (outbox.waiting_for("desk"), outbox.waiting_for("room"), len(outbox.notifier.sent)) == (0, 0, 1)


def test_an_address_written_in_other_letters_is_the_same_recipient(outbox: OutboxHarness) -> None:
    outbox.notifier.recipients = ("Desk@Example.org",)
    (attempt,) = outbox.send()
    assert attempt.delivery.state is State.SENT


def test_whoever_was_given_up_before_the_receiver_could_take_a_message_does_not_send_it(outbox: OutboxHarness) -> None:
    def given_up(_: str) -> None:
        with outbox.store.begin() as tx:
            tx.release(outbox.clock(), "desk")

    outbox.notifier.before = given_up
    assert outbox.send() == []
    assert outbox.notifier.sent == []
    outbox.notifier.before = lambda _: None
    (attempt,) = outbox.send()
    assert (attempt.delivery.state, attempt.delivery.possible_repeat) == (State.SENT, False)


@pytest.mark.parametrize(
    ("slow", "given_up", "sent"),
    [
        pytest.param(0, False, 1, id="the record answers at once"),
        pytest.param(1, False, 1, id="it was slow once, and the message is still ours"),
        pytest.param(1, True, 0, id="while it was slow the message was given to another"),
        pytest.param(9, False, 1, id="it is always slow"),
    ],
)
def test_an_answer_of_the_record_that_took_long_is_asked_for_again(
    outbox: OutboxHarness, monkeypatch: pytest.MonkeyPatch, slow: int, given_up: bool, sent: int
) -> None:
    seconds, asked = [0.0], []

    def monotonic() -> float:
        asked.append(None)
        if len(asked) % 2 == 0 and len(asked) // 2 <= slow:
            seconds[0] += 30
            if given_up:
                with outbox.store.begin() as tx:
                    tx.release(outbox.clock(), "desk")
        return seconds[0]

    monkeypatch.setattr(dispatch, "time", SimpleNamespace(monotonic=monotonic))
    outbox.send()
    assert len(outbox.notifier.sent) == sent


def test_a_configuration_that_is_not_in_force_leaves_nobody_out(outbox: OutboxHarness) -> None:
    """The recipient that it does not know may be a new one."""
    outbox.notifier.recipients = ("ben@example.org",)
    with outbox.store.begin() as tx:
        tx.put_in_force("newer")
    (delivery,) = collect_due(outbox.notifier, Context(outbox.store, Audience(), outbox.clock)).deliveries
    older = Context(outbox.store, AUDIENCE, outbox.clock, configuration="older")
    assert send(delivery, None, outbox.notifier, older) is None
    assert outbox.waiting_for("desk") == 1
    attempt = send(delivery, None, outbox.notifier, replace(older, configuration="newer"))
    assert attempt is not None
    assert attempt.delivery.state is State.SUPPRESSED


class Room(OutboxHarness):
    """Messages about three bills, sent as the service sends a batch."""

    def __init__(self) -> None:
        super().__init__()
        for number in (1, 2):
            about = replace(REPORTED, document=us_bill(119, "s", number))
            alert = Alert(about.document, 2, "desk", ("nato",), (about,), (coded("reason.test", channel="desk"),))
            with self.store.begin() as tx:
                tx.enqueue(alert, ("desk@example.org",), NOON)
        self.faults: list[str] = []
        self.stopping = False

    def guarded(
        self, name: str, task: Callable[[], timedelta], on_fault: Callable[[Exception], timedelta] | None = None
    ) -> timedelta:
        try:
            return task()
        except ValueError as error:
            self.faults.append(str(error))
            return timedelta(0) if on_fault is None else on_fault(error)

    def run(self) -> timedelta:
        context = Context(self.store, AUDIENCE, self.clock)
        return ChannelSender(self.notifier, context, self.guarded, lambda: self.stopping, set()).run(None)

    def leased(self) -> list[str]:
        return [delivery.id for delivery in self.store.deliveries if delivery.leased_until is not None]

    def states(self) -> list[State]:
        return [delivery.state for delivery in self.store.deliveries if delivery.channel == "desk"]


@pytest.mark.parametrize(
    ("before", "after", "claimed_with_the_record"),
    [
        pytest.param(None, None, [0, 1, 1], id="a message that arrived: the next is claimed with the record of it"),
        pytest.param(DeliveryError("451 later"), None, [0, 0, 0], id="one that is put off: the next by itself"),
        pytest.param(
            None, DeliveryError("cut off", maybe_sent=True), [0, 0, 0], id="one whose answer was lost: the same"
        ),
    ],
)
def test_the_next_message_is_claimed_with_the_record_of_one_that_arrived(
    before: DeliveryError | None, after: DeliveryError | None, claimed_with_the_record: list[int]
) -> None:
    """Never two at once: a mute, a correction or a death in between meets one message at most."""
    room = Room()
    room.notifier.before, room.notifier.after = (lambda _: before), (lambda _: after)
    writes: list[int] = []
    begin = room.store.begin

    def counted(*arguments: Any, **named: Any) -> Any:
        writes.append(1)
        return begin(*arguments, **named)

    room.store.begin = counted  # type: ignore[method-assign]
    assert room.run() == timedelta(0)
    messages = len(claimed_with_the_record)
    marks = 0 if before else messages
    assert len(writes) == messages * 2 + marks - sum(claimed_with_the_record)
    assert room.leased() == []


def test_only_one_message_is_in_hand_while_it_is_sent() -> None:
    room = Room()
    seen: list[tuple[list[str], str]] = []
    room.notifier.before = lambda delivery: seen.append((room.leased(), delivery))
    room.run()
    assert [leased for leased, _ in seen] == [[delivery] for _, delivery in seen]
    assert room.states() == [State.SENT] * 3


class Faulty(FakeNotifier):
    """Falls over one of the bills."""

    def freeze(self, notice: Notice) -> Frozen:
        if notice.document.parts[-1] == "1":
            raise ValueError("template")
        return super().freeze(notice)


def test_a_fault_in_the_words_of_the_next_message_is_a_fault_of_that_one_alone() -> None:
    room = Room()
    room.notifier = Faulty()
    room.run()
    assert room.faults == ["template"]
    assert room.states() == [State.SENT, State.PENDING, State.SENT]
    assert room.leased() == []
    room.notifier = FakeNotifier()
    room.clock.later(timedelta(minutes=1))
    room.run()
    assert room.states() == [State.SENT] * 3


def test_nothing_more_is_claimed_once_the_service_is_to_end() -> None:
    room = Room()

    def stops(_: str) -> None:
        room.stopping = True

    room.notifier.after = stops
    assert room.run() > timedelta(0)
    assert room.states() == [State.SENT, State.PENDING, State.PENDING]
    assert room.leased() == []


def test_a_message_that_was_claimed_with_the_record_of_another_is_sent_before_the_service_ends() -> None:
    """Else it would be in nobody's hands until the next start, or until its lease is over."""
    room = Room()
    begin = room.store.begin

    @contextmanager
    def stops_after_a_claim(*arguments: Any, **named: Any) -> Iterator[Transaction]:
        with begin(*arguments, **named) as tx:
            yield tx
        room.stopping = room.states()[0] is State.SENT

    room.store.begin = stops_after_a_claim  # type: ignore[method-assign]
    assert room.run() > timedelta(0)
    assert room.states() == [State.SENT, State.SENT, State.PENDING]
    assert room.leased() == []


@pytest.mark.parametrize("stays", ["desk@example.org", "ben@example.org", "eva@example.org"])
def test_somebody_taken_out_gets_no_repeat_behind_messages_that_arrive(stays: str) -> None:
    """A message that was tried before has its words already, and yet must not be claimed with the record of one."""
    room = Room()
    everybody = ("ben@example.org", "desk@example.org", "eva@example.org")
    about = replace(REPORTED, document=us_bill(119, "s", 9))
    with room.store.begin() as tx:
        alert = Alert(about.document, 2, "desk", ("nato",), (about,), (coded("reason.test", channel="desk"),))
        tx.enqueue(alert, everybody, NOON)
    room.notifier.recipients, room.notifier.after = everybody, lambda _: DeliveryError("cut off", maybe_sent=True)
    room.run()
    assert set(room.states()) == {State.AMBIGUOUS}
    room.notifier.recipients, room.notifier.after, room.notifier.sent = (stays,), lambda _: None, []
    room.clock.later(timedelta(minutes=1))
    room.run()
    assert {to for _, to, _ in room.notifier.sent} == {stays}
    assert set(room.states()) == {State.SENT, State.SUPPRESSED}


def test_a_mute_that_comes_while_a_message_is_sent_holds_the_next() -> None:
    room = Room()

    def mutes(_: str) -> None:
        muted = us_bill(119, "s", 1)
        with room.store.begin() as tx:
            tx.mute(Mute(NOON + timedelta(days=1), NOON, document=muted))

    room.notifier.before = mutes
    room.run()
    assert room.states() == [State.SENT, State.HELD, State.SENT]
    assert room.leased() == []
