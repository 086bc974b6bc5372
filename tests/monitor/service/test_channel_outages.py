"""A channel that does not work, message by message: what waits, what is told, what comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.alerts.delivery import GIVE_UP_AFTER, OPENS_AFTER, TELL_AFTER, Delivery, State
from domain.alerts.routing import Alert, Audience
from domain.coded_text import coded
from domain.errors import DeliveryError
from domain.jurisdictions.us.names import us_bill
from domain.ports import Notice
from monitor.service.context import Context
from monitor.service.dispatch import SendAttempt, collect_due, send
from monitor.service.operator_alerts import handle_orphaned_deliveries
from tests.helpers.english import english
from tests.helpers.fakes import FakeNotifier, ManualClock
from tests.helpers.record_builders import change
from tests.helpers.stores import TemporaryStore

AUDIENCE = Audience(recipients={"desk": ("desk@example.org",), "room": ("room",)}, operator=("desk", "room"))
DOWN = DeliveryError("connection refused", channel=True)
GONE = DeliveryError("404 no_service", refused=True)


class OutboxHarness:
    """Messages about several bills in the outbox, and a channel that works or does not."""

    def __init__(self, messages: int = 8) -> None:
        self.store, self.clock, self.notifier = TemporaryStore(), ManualClock(), FakeNotifier()
        for number in range(1, messages + 1):
            self.tell(number)

    def tell(self, number: int) -> None:
        bill = us_bill(119, "hr", number)
        with self.store.begin() as tx:
            tx.enqueue(
                Alert(bill, 2, "desk", ("all",), (change(bill),), (coded("reason.test", channel="desk"),)),
                ("desk@example.org",),
                self.clock(),
            )

    def tick(self) -> list[SendAttempt]:
        """Send as the service does: until the batch is done or the channel rests."""
        done: list[SendAttempt] = []
        batch = collect_due(self.notifier, Context(self.store, Audience(), self.clock))
        for delivery in batch.deliveries:
            notice = batch.notices.get(delivery.id)
            attempt = send(delivery, notice, self.notifier, Context(self.store, AUDIENCE, self.clock))
            if attempt is not None:
                done.append(attempt)
                if attempt.circuit.is_open:
                    break
        return done

    def told(self, channel: str = "room") -> list[Notice]:
        with self.store.read() as view:
            return [view.notice(d, "UTC") for d in view.due(channel, self.clock() + timedelta(days=1), 100)]

    def states(self) -> list[State]:
        return [d.state for d in self.deliveries()]

    def deliveries(self) -> list[Delivery]:
        return [d for d in self.store.deliveries if d.channel == "desk"]


@pytest.fixture
def outbox() -> OutboxHarness:
    return OutboxHarness()


def test_a_channel_that_is_down_is_tried_with_one_message_at_a_time(outbox: OutboxHarness) -> None:
    outbox.notifier.before = lambda _: DOWN
    assert len(outbox.tick()) == OPENS_AFTER
    assert outbox.tick() == [], "it rests"
    for _ in range(5):
        outbox.clock.later(timedelta(hours=2))
        (probe,) = outbox.tick()
        assert probe.delivery.attempts > 1, "the oldest is the probe"
    assert sum(d.attempts for d in outbox.deliveries()) == OPENS_AFTER + 5
    assert [d.attempts for d in outbox.deliveries()[OPENS_AFTER:]] == [0] * 5


def test_the_first_that_is_taken_lets_all_go(outbox: OutboxHarness) -> None:
    outbox.notifier.before = lambda _: DOWN
    outbox.tick()
    outbox.clock.later(timedelta(minutes=5))
    outbox.notifier.before = lambda _: None
    assert len(outbox.tick()) == 1
    assert len(outbox.tick()) == 7
    assert set(outbox.states()) == {State.SENT}
    assert len({name for name, _, _ in outbox.notifier.sent}) == len(outbox.notifier.sent) == 8


def test_a_word_about_one_message_is_no_trouble_of_the_channel(outbox: OutboxHarness) -> None:
    outbox.notifier.before = lambda _: DeliveryError("451 greylisted")
    assert len(outbox.tick()) == 8
    with outbox.store.read() as view:
        assert not view.circuit("desk").is_open


def test_an_address_that_is_gone_kills_nothing_and_is_reported_at_the_third_refusal(outbox: OutboxHarness) -> None:
    outbox.notifier.before = lambda _: GONE
    assert len(outbox.tick()) == OPENS_AFTER
    (told,) = outbox.told()
    assert [english(c.after) for c in told.changes] == ["every message is refused: a person must act"]
    assert "404 no_service" in english(told.changes[0].text)
    begun = outbox.clock()
    while outbox.clock() < begun + timedelta(days=3, hours=20):
        outbox.clock.later(timedelta(minutes=61))
        assert len(outbox.tick()) <= 1
    assert set(outbox.states()) == {State.PENDING}
    outbox.notifier.before = lambda _: None
    for _ in range(3):
        outbox.clock.later(timedelta(minutes=75))
        outbox.tick()
    assert set(outbox.states()) == {State.SENT}
    assert sorted(name for name, _, _ in outbox.notifier.sent) == sorted({d.id for d in outbox.deliveries()})
    assert [english(c.after) for n in outbox.told() for c in n.changes][-1] == "messages are accepted"


def test_one_message_that_is_taken_for_a_wrong_address_holds_up_no_other(outbox: OutboxHarness) -> None:
    """A firewall may answer 403 to the words of one message."""
    poisoned = outbox.deliveries()[0].id
    outbox.notifier.before = lambda name: GONE if name == poisoned else None
    outbox.tick()
    assert outbox.states().count(State.SENT) == 7
    outbox.notifier.before = lambda name: GONE
    outbox.tell(9)
    for _ in range(4):
        outbox.tick()
        outbox.clock.later(timedelta(hours=2))
    outbox.notifier.before = lambda name: GONE if name == poisoned else None
    for _ in range(4):
        outbox.tick()
        outbox.clock.later(timedelta(hours=2))
    assert outbox.states() == [State.PENDING, *[State.SENT] * 8]
    for _ in range(GIVE_UP_AFTER.days):
        outbox.clock.later(timedelta(days=1))
        outbox.tick()
    assert outbox.states() == [State.DEAD, *[State.SENT] * 8]


def test_a_message_that_is_refused_for_itself_dies_alone(outbox: OutboxHarness) -> None:
    outbox.notifier.before = lambda _: DeliveryError("413 too large", permanent=True)
    outbox.tick()
    assert set(outbox.states()) == {State.DEAD}
    with outbox.store.read() as view:
        assert view.circuit("desk").failures == 0


def test_the_rest_outlives_a_restart(outbox: OutboxHarness) -> None:
    outbox.notifier.before = lambda _: DOWN
    outbox.tick()
    with outbox.store.begin() as tx:
        tx.release(outbox.clock())
    assert outbox.tick() == []


def test_the_operator_hears_once_that_it_is_dying_and_once_that_it_is_back(outbox: OutboxHarness) -> None:
    outbox.notifier.before = lambda _: DOWN
    outbox.tick()
    assert outbox.told() == [], "what passes by itself is not worth a message"
    for _ in range(4):
        outbox.clock.later(TELL_AFTER)
        outbox.tick()
    (dying,) = outbox.told()
    assert (str(dying.document), [english(c.after) for c in dying.changes]) == (
        "channel/desk",
        ["no message is accepted"],
    )
    assert "connection refused" in english(dying.changes[0].text)
    outbox.notifier.before = lambda _: None
    outbox.clock.later(timedelta(hours=2))
    outbox.tick()
    outbox.tick()
    assert [english(c.after) for notice in outbox.told() for c in notice.changes] == [
        "no message is accepted",
        "messages are accepted",
    ]
    assert all(d.channel == "room" for d in outbox.store.deliveries if d.document.is_operational)


def test_messages_die_of_age_one_by_one_and_are_reported_together(outbox: OutboxHarness) -> None:
    outbox.notifier.before = lambda _: DOWN
    end = outbox.clock() + GIVE_UP_AFTER + timedelta(days=3)
    while outbox.clock() < end:
        outbox.tick()
        outbox.clock.later(timedelta(hours=1))
    dead = outbox.states().count(State.DEAD)
    assert dead > 1
    collect_due(FakeNotifier(name="room", recipients=("room",)), Context(outbox.store, Audience(), outbox.clock))
    (together,) = outbox.told()
    assert len(together.changes) == dead + 1, "that the channel is dying, and each death, in one message"


def test_messages_outlive_the_days_in_which_lexwatch_was_off(outbox: OutboxHarness) -> None:
    outbox.notifier.before = lambda _: DOWN
    for _ in range(6):
        outbox.tick()
        outbox.clock.later(timedelta(minutes=20))
    outbox.clock.later(GIVE_UP_AFTER + timedelta(days=1))
    outbox.tick()
    assert set(outbox.states()) == {State.PENDING}, "a network that is not up yet when the machine wakes"
    for _ in range(6):
        outbox.clock.later(timedelta(hours=2))
        outbox.tick()
    assert set(outbox.states()) == {State.PENDING}
    outbox.notifier.before = lambda _: None
    for _ in range(3):
        outbox.clock.later(timedelta(hours=2))
        outbox.tick()
    assert set(outbox.states()) == {State.SENT}


def test_a_removed_channel_is_alerted_of_once_and_its_messages_laid_aside(outbox: OutboxHarness) -> None:
    others = Audience(recipients={"room": ("room",)}, operator=("room",))
    for _ in range(3):
        handle_orphaned_deliveries(Context(outbox.store, others, outbox.clock))
        outbox.clock.later(timedelta(days=1))
    (notice,) = outbox.told()
    assert [(english(c.after), english(c.text)) for c in notice.changes] == [
        ("no longer configured", "8 messages wait for it: kept for 4 days in case it comes back, then laid aside.")
    ]
    outbox.clock.later(GIVE_UP_AFTER)
    handle_orphaned_deliveries(Context(outbox.store, others, outbox.clock))
    assert set(outbox.states()) == {State.SUPPRESSED}
    assert len(outbox.told()) == 1
