"""The outbox on disk over random histories: news, sends that end in every way, crashes, joins, mutes, withdrawals,
retries, and a clock that jumps both ways. Everything is constructed."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from domain.alerts.delivery import Delivery, State
from domain.alerts.digest_schedule import DigestSchedule
from domain.alerts.routing import Alert, Audience
from domain.alerts.send_delays import HoldSettings, Mute, QuietHours
from domain.coded_text import coded
from domain.errors import DeliveryError
from domain.jurisdictions.us.names import us_bill
from domain.records.facets import Kind
from monitor.cli.running import try_again
from monitor.service.context import Context
from monitor.service.dispatch import collect_due, send
from storage.store import DatabaseStore, open_store
from tests.helpers.fakes import FakeNotifier, ManualClock
from tests.helpers.record_builders import NOW, change

BILLS = [us_bill(119, "hr", number) for number in (1, 2, 3)]
READERS = ("a@example.org", "b@example.org")
AUDIENCE = Audience(recipients={"desk": READERS})
DAILY = DigestSchedule.parse("daily 08:00", "Europe/Kyiv")
NIGHT = QuietHours.parse("22:00-07:00", "Europe/Kyiv")
OVER = (State.SENT, State.DEAD, State.WITHDRAWN, State.SUPPRESSED)


class Crash(Exception):
    """The process ended here."""


BEFORE: dict[str, Callable[[], Exception | None]] = {
    "works": lambda: None,
    "is down": lambda: DeliveryError("connection refused", channel=True),
    "is gone": lambda: DeliveryError("404", refused=True),
    "is busy": lambda: DeliveryError("429", channel=True, retry_after=timedelta(hours=3)),
    "refuses this one": lambda: DeliveryError("550", permanent=True),
    "wants it later": lambda: DeliveryError("451"),
    "is never reached, for we crash": Crash,
}
AFTER: dict[str, Callable[[], Exception | None]] = {
    "says nothing": lambda: DeliveryError("no answer", maybe_sent=True),
    "takes it, and we crash": Crash,
}

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("news"), st.integers(0, 2), st.sampled_from(["", "digest", "late"])),
        st.tuples(st.just("tick"), st.integers(0, 600), st.sampled_from([*BEFORE, *AFTER])),
        st.tuples(st.just("mute"), st.integers(0, 2), st.integers(1, 30)),
        st.tuples(st.just("unmute"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("correct"), st.integers(0, 50), st.just(0)),
        st.tuples(st.just("retry"), st.just(0), st.just(0)),
        st.tuples(st.just("jump"), st.integers(-20, 20), st.just(0)),
    ),
    min_size=5,
    max_size=40,
)


@dataclass(slots=True)
class OutboxHarness:
    """One channel with two readers, and what each of them received."""

    store: DatabaseStore
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))
    notifier: FakeNotifier = field(default_factory=lambda: FakeNotifier(recipients=READERS))
    revision: int = 1
    stored: dict[str, Alert] = field(default_factory=dict)
    recipients: dict[str, set[str]] = field(default_factory=dict)
    received: list[tuple[str, str, bytes, tuple[str, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store.holds = HoldSettings({"desk": NIGHT})

    def news(self, bill: int, how: str) -> None:
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
        alert = replace(alert, when=DAILY if how == "digest" else None, caught_up=how == "late")
        self.keep(alert, READERS)

    def keep(self, alert: Alert, readers: tuple[str, ...]) -> None:
        self.stored[alert.id] = alert
        self.recipients.setdefault(alert.id, set()).update(readers)
        with self.store.begin() as tx:
            tx.enqueue(alert, readers, self.clock())

    def mute(self, bill: int, hours: int) -> None:
        with self.store.begin() as tx:
            tx.mute(Mute(self.clock() + timedelta(hours=hours), self.clock(), document=BILLS[bill]))
            tx.settle(self.clock())

    def unmute(self, bill: int, _: int) -> None:
        with self.store.begin() as tx:
            tx.unmute(Mute(self.clock(), self.clock(), document=BILLS[bill]))
            tx.settle(self.clock())

    def jump(self, days: int, _: int) -> None:
        self.clock.later(timedelta(days=days))

    def correct(self, which: int, _: int) -> None:
        """Correct what an alert said: withdraw what waits of it, and send its reader what stands."""
        if not self.stored:
            return
        alert = list(self.stored.values())[which % len(self.stored)]
        about = alert.document
        if alert.changes[0].kind is Kind.CORRECTION:
            return
        self.revision += 1
        sent = alert.changes[0]
        right = change(about, self.revision, Kind.CORRECTION, f"{sent.subject}!", corrects=sent.key)
        instead = replace(alert, revision=self.revision, changes=(right,), when=None, caught_up=False)
        with self.store.begin() as tx:
            withdrawn = [d.to for d in self.deliveries() if alert.id in d.alerts and tx.withdraw(d.id, "put right")]
        self.keep(instead, tuple(withdrawn))

    def retry(self, _: int, __: int) -> None:
        with self.store.begin() as tx:
            known = {delivery.id for delivery in self.deliveries()}
            list(try_again(tx, tx.dead(), self.clock()))
        for delivery in self.deliveries():
            if delivery.id not in known:
                self.recipients.setdefault(delivery.alerts[0], set()).add(delivery.to)

    def tick(self, minutes: int, how: str) -> None:
        self.clock.later(timedelta(minutes=minutes))
        with self.store.begin() as tx:
            if tx.has_ended_hold(self.clock()):
                tx.settle(self.clock())
        self.notifier.before = lambda _: _raised(BEFORE.get(how, lambda: None)())
        self.notifier.after = lambda _: _raised(AFTER.get(how, lambda: None)())
        try:
            self.send_all()
        except Crash:
            self.collect()
            with self.store.begin() as tx:
                tx.release(self.clock())
        self.collect()

    def send_all(self) -> None:
        batch = collect_due(self.notifier, Context(self.store, Audience(), self.clock))
        for delivery in batch.deliveries:
            with self.store.read() as view:
                before = view.delivery(delivery.id)
            assert before is not None
            assert before.state not in OVER, "what is over is not sent again"
            attempt = send(
                delivery,
                batch.notices.get(delivery.id),
                self.notifier,
                Context(self.store, AUDIENCE, self.clock),
            )
            self.collect()
            if attempt is not None and attempt.circuit.is_open:
                return

    def collect(self) -> None:
        """Hear what arrived since, by whom."""
        with self.store.read() as view:
            for name, to, body in self.notifier.sent:
                delivery = view.delivery(name)
                assert delivery is not None
                self.received.append((name, to, body, delivery.alerts))
        self.notifier.sent.clear()

    def deliveries(self) -> list[Delivery]:
        with self.store.read() as view:
            found = view._execute("SELECT id FROM delivery ORDER BY seq", ())  # type: ignore[attr-defined]
            return [delivery for row in found if (delivery := view.delivery(str(row[0]))) is not None]

    def check(self) -> None:
        carried = Counter((alert, d.to) for d in self.deliveries() for alert in d.alerts)
        wanted = {(alert, to) for alert, readers in self.recipients.items() for to in readers}
        assert set(carried) == wanted, "every alert is in a message to each of its readers, and in no other"
        assert set(carried.values()) <= {1}, "and in one only"
        bodies: dict[str, set[bytes]] = {}
        copies: Counter[str] = Counter()
        for name, _, body, _ in self.received:
            bodies.setdefault(name, set()).add(body)
            copies[name] += 1
        assert all(len(said) == 1 for said in bodies.values()), "a repeat says the same"
        by_id = {d.id: d for d in self.deliveries()}
        assert set(copies) <= set(by_id), "what was sent is remembered"
        for name, number in copies.items():
            assert number == 1 or by_id[name].possible_repeat, "what came twice is marked"
            assert by_id[name].state not in (State.WITHDRAWN, State.SUPPRESSED) or by_id[name].possible_repeat

    def settle_down(self) -> None:
        """Let everything work, for long enough."""
        for bill in range(len(BILLS)):
            self.unmute(bill, 0)
        for _ in range(2):
            self.clock.later(timedelta(days=45))
            self.retry(0, 0)
            for _ in range(10):
                self.tick(150, "works")


def _raised(error: Exception | None) -> DeliveryError | None:
    if isinstance(error, Crash):
        raise error
    return error if isinstance(error, DeliveryError) else None


@pytest.fixture(scope="module")
def blank() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "blank.db"
        open_store(path, rehearsal=False, now=NOW, epoch="").close()
        yield path


def live(blank: Path, steps: list[tuple[str, int, int | str]]) -> OutboxHarness:
    """Play a history on a record of its own, and check it after each step and at the end."""
    path = blank.with_name("history.db")
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        with suppress(FileNotFoundError):
            name.unlink()
    shutil.copy(blank, path)
    store = open_store(path, rehearsal=False, now=NOW)
    try:
        harness = OutboxHarness(store)
        for what, first, second in steps:
            getattr(harness, what)(first, second)
            harness.check()
        harness.settle_down()
        harness.check()
        ends = {d.id: d.state for d in harness.deliveries()}
        assert set(ends.values()) <= {State.SENT, State.WITHDRAWN}, "nothing is lost"
        received = {name for name, *_ in harness.received}
        assert all(name in received for name, state in ends.items() if state is State.SENT)
        return harness
    finally:
        store.close()


@given(STEPS)
@example([("news", 0, ""), ("tick", 60, "refuses this one"), ("correct", 0, 0), ("retry", 0, 0), ("tick", 60, "works")])
@example([("news", 0, "late"), ("news", 0, "late"), ("tick", 60, "takes it, and we crash"), ("tick", 60, "works")])
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_every_message_ends_once(blank: Path, steps: list[tuple[str, int, int | str]]) -> None:
    live(blank, steps)


@pytest.mark.slow
@given(STEPS)
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_every_message_ends_once_over_many_histories(blank: Path, steps: list[tuple[str, int, int | str]]) -> None:
    live(blank, steps)
