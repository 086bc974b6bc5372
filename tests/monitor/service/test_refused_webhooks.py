"""A Slack webhook that is gone, on loopback: nothing is lost, and the operator hears that a person must act."""

from __future__ import annotations

from datetime import timedelta

from domain.alerts.delivery import OPENS_AFTER, State
from domain.alerts.routing import Alert, Audience
from domain.coded_text import coded
from domain.jurisdictions.us.names import us_bill
from domain.options import Secret
from monitor.http.client import HttpClient
from monitor.service.context import Context
from monitor.service.dispatch import collect_due, send
from notifications.slack import Slack
from notifications.webhook import Webhook
from tests.helpers.english import english
from tests.helpers.fakes import ManualClock
from tests.helpers.http_server import HttpServer, ReceivedRequest, Reply, serve
from tests.helpers.record_builders import change
from tests.helpers.stores import TemporaryStore

AUDIENCE = Audience(recipients={"room": ("room",), "desk": ("desk",)}, operator=("desk", "room"))
KEY = Secret("whsec_" + "QUJD" * 8, "constructed")


class Room:
    """Five messages for one hook."""

    def __init__(self, receiver: HttpServer, *, signed: bool = False) -> None:
        self.clock, self.store = ManualClock(), TemporaryStore()
        door = HttpClient(contact="desk@example.org", allow_hosts=("127.0.0.1",), clock=self.clock)
        hook = Secret(f"{receiver.url}/services/T/B/x", "constructed")
        self.notifier = (
            Webhook(name="room", webhook=hook, secret=KEY, http=door)
            if signed
            else Slack(name="room", webhook=hook, http=door)
        )
        for number in range(5):
            bill = us_bill(119, "hr", number + 1)
            with self.store.begin() as tx:
                tx.enqueue(
                    Alert(bill, 2, "room", ("all",), (change(bill),), (coded("reason.test", channel="desk"),)),
                    ("room",),
                    self.clock(),
                )

    def tick(self) -> int:
        """Send as the service does; return how often the hook was asked."""
        batch = collect_due(self.notifier, Context(self.store, Audience(), self.clock))
        for number, delivery in enumerate(batch.deliveries, 1):
            attempt = send(
                delivery,
                batch.notices.get(delivery.id),
                self.notifier,
                Context(self.store, AUDIENCE, self.clock),
            )
            if attempt is not None and attempt.circuit.is_open:
                return number
        return len(batch.deliveries)

    def states(self) -> set[State]:
        return {d.state for d in self.store.deliveries if d.channel == "room"}

    def operator(self) -> list[str | None]:
        with self.store.read() as view:
            waiting = view.due("desk", self.clock() + timedelta(days=1), 10)
            return [english(change.after) for d in waiting for change in view.notice(d, "UTC").changes]


def test_a_slack_webhook_that_is_gone_is_mended_within_four_days_and_nothing_is_lost() -> None:
    def gone(_: ReceivedRequest) -> Reply:
        return Reply(404, b"no_service", "text/plain")

    with serve(gone) as receiver:
        room = Room(receiver)
        assert room.tick() == OPENS_AFTER
        assert room.operator() == ["every message is refused: a person must act"]
        for _ in range(40):
            room.clock.later(timedelta(hours=2))
            assert room.tick() == 1
        assert room.states() == {State.PENDING}
        receiver.answer = lambda _: Reply(200, b"ok", "text/plain")
        room.clock.later(timedelta(hours=2))
        room.tick()
        room.tick()
    assert room.states() == {State.SENT}
    assert room.operator()[-1] == "messages are accepted"


def test_a_signed_webhook_that_forbids_everything_waits_too() -> None:
    with serve(lambda _: Reply(403)) as receiver:
        room = Room(receiver, signed=True)
        assert room.tick() == OPENS_AFTER
        assert room.states() == {State.PENDING}
        assert room.operator() == ["every message is refused: a person must act"]


def test_a_message_that_is_too_large_dies_alone() -> None:
    with serve(lambda _: Reply(413)) as receiver:
        room = Room(receiver, signed=True)
        receiver.answer = lambda _: Reply(413) if len(receiver.asked) == 1 else Reply(204)
        assert room.tick() == 5
    states = [d.state for d in room.store.deliveries if d.channel == "room"]
    assert sorted(states) == [State.DEAD, *[State.SENT] * 4]
