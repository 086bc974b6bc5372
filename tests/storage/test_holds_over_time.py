"""Digests, quiet hours, mutes, bursts and a channel that fails, over random histories: nothing is lost, nothing comes
early, nothing comes twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.alerts.delivery import Frozen, State
from domain.alerts.digest_schedule import DigestSchedule
from domain.alerts.routing import Alert, Audience
from domain.alerts.send_delays import HoldSettings, Mute, QuietHours
from domain.coded_text import coded
from domain.errors import DeliveryError
from domain.jurisdictions.us.names import us_bill
from monitor.service.context import Context
from monitor.service.dispatch import collect_due, send
from tests.helpers.fakes import FakeNotifier, ManualClock
from tests.helpers.record_builders import NOW, change
from tests.helpers.stores import TemporaryStore

DAILY = DigestSchedule.parse("daily 08:00", "Europe/Kyiv")
NIGHT = QuietHours.parse("22:00-07:00", "Europe/Kyiv")
BILLS = [us_bill(119, "hr", number) for number in (1, 2)]
AUDIENCE = Audience(recipients={"desk": ("desk@example.org",)})

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("news"), st.integers(0, 1), st.booleans()),
        st.tuples(st.just("mute"), st.integers(0, 1), st.integers(1, 30)),
        st.tuples(st.just("unmute"), st.integers(0, 1), st.just(0)),
        st.tuples(st.just("works"), st.booleans(), st.just(0)),
        st.tuples(st.just("pass"), st.integers(1, 400), st.just(0)),
    ),
    max_size=40,
)


@dataclass
class OutboxHarness:
    """One channel, and what has to be true of every alert ever stored."""

    store: TemporaryStore = field(default_factory=TemporaryStore)
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))
    notifier: FakeNotifier = field(default_factory=FakeNotifier)
    works: bool = True
    revision: int = 1
    mutes: dict[int, datetime] = field(default_factory=dict)
    digests: dict[str, datetime] = field(default_factory=dict)
    sent_at: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store.holds = HoldSettings({"desk": NIGHT})
        self.notifier.before = lambda _: None if self.works else DeliveryError("refused", channel=True)

    def news(self, bill: int, digest: bool) -> None:
        self.revision += 1
        about = BILLS[bill]
        alert = Alert(
            about,
            self.revision,
            "desk",
            ("all",),
            (change(about, self.revision),),
            (coded("reason.test", channel="desk"),),
        )
        alert = replace(alert, when=DAILY if digest else None)
        if digest:
            self.digests[alert.id] = DAILY.after(self.clock())
        with self.store.begin() as tx:
            tx.enqueue(alert, ("desk@example.org",), self.clock())

    def mute(self, bill: int, hours: int) -> None:
        self.mutes[bill] = self.clock() + timedelta(hours=hours)
        with self.store.begin() as tx:
            tx.mute(Mute(self.mutes[bill], self.clock(), document=BILLS[bill]))
            tx.settle(self.clock())

    def unmute(self, bill: int) -> None:
        self.mutes.pop(bill, None)
        with self.store.begin() as tx:
            tx.unmute(Mute(self.clock(), self.clock(), document=BILLS[bill]))
            tx.settle(self.clock())

    def tick(self) -> None:
        with self.store.begin() as tx:
            if tx.has_ended_hold(self.clock()):
                tx.settle(self.clock())
        batch = collect_due(self.notifier, Context(self.store, Audience(), self.clock))
        for delivery in batch.deliveries:
            attempt = send(
                delivery,
                batch.notices.get(delivery.id),
                self.notifier,
                Context(self.store, AUDIENCE, self.clock),
            )
            if attempt is not None and attempt.delivery.state is State.SENT:
                self.sent(attempt.delivery.alerts, attempt.delivery.message)
            if attempt is not None and attempt.circuit.is_open:
                return

    def sent(self, alerts: tuple[str, ...], message: Frozen | None) -> None:
        now = self.clock()
        assert message is not None
        assert NIGHT.until(now) is None, "nobody is disturbed at night"
        known = {alert.id: alert for alert in self.store.alerts}
        carrier = known[alerts[0]].document
        assert self.mutes.get(BILLS.index(carrier), now) <= now, "what is muted is not sent"
        for alert in alerts:
            assert alert not in self.sent_at, "nothing is sent twice"
            assert self.digests.get(alert, now) <= now, "no digest comes early"
            self.sent_at[alert] = now


@given(STEPS)
def test_nothing_is_lost_early_or_twice(steps: list[tuple[str, int, int]]) -> None:
    harness = OutboxHarness()
    for what, first, second in steps:
        if what == "news":
            harness.news(first, bool(second))
        elif what == "mute":
            harness.mute(first, second)
        elif what == "unmute":
            harness.unmute(first)
        elif what == "works":
            harness.works = bool(first)
        else:
            harness.clock.later(timedelta(minutes=first))
        harness.tick()
    harness.works = True
    for _ in range(60):
        harness.clock.later(timedelta(hours=1))
        harness.tick()
    assert set(harness.sent_at) == {alert.id for alert in harness.store.alerts}, "nothing is lost"
