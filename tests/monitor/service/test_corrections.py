"""Who hears that something told before was put right, through poll and dispatch, on both stores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.alerts.delivery import Delivery, State
from domain.alerts.routing import Audience, Route, Watch
from domain.alerts.send_delays import Mute
from domain.ports import Notice, Store
from domain.records.facets import Facet, Kind
from domain.records.record import Change
from domain.sources import SourceState
from monitor.cli.lists import alert_rows as alerts
from monitor.portfolio import status_rows as status
from monitor.service.context import Context, ScheduledSource
from monitor.service.dispatch import collect_due, send
from monitor.service.poll import Poll
from storage.reader import open_reader
from storage.store import open_store
from tests.helpers.english import english
from tests.helpers.fakes import BILL, NOON, FakeNotifier, FakeWatcher, ManualClock, no_network, observation, page
from tests.helpers.stores import TemporaryStore

EVERY = timedelta(minutes=15)
A, B = "a@example.org", "b@example.org"
WATCH = Watch("nato", BILL, created_at=NOON)
ALL = Route(("*",), frozenset(Kind), ("desk",))
DEFAULT = Route(("*",), channels=("desk",))


def line(on: str, text: str, step: str | None = None, **more: Any) -> Facet:
    return {f"{on}:{text}": {"on": on, "text": text, "label": text, "step": step, "code": None, **more}}


INTRODUCED = line("2026-01-02", "Introduced in House", "introduced")
REPORTED = line("2026-01-05", "Reported by the Committee on Foreign Affairs.", "reported")
REDATED = line("2026-01-04", "Reported by the Committee on Foreign Affairs.", "reported")
AMENDED = line("2026-01-05", "Reported (Amended) by the Committee on Foreign Affairs.", "reported")
HEARD = line("2026-01-05", "Committee hearings held")


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield TemporaryStore()
        return
    opened = open_store(str(tmp_path / "record.db"), rehearsal=False, now=NOON)
    yield opened
    opened.close()


class ServiceHarness:
    """One bill, one channel, and what its recipients were told."""

    def __init__(self, store: Store, route: Route = ALL, recipients: Sequence[str] = (A,)) -> None:
        self.store, self.clock, self.watcher = store, ManualClock(), FakeWatcher()
        self.source = SourceState("congress")
        self.audience = Audience((WATCH,), (route,), {"desk": tuple(recipients)})
        self.notices: list[Notice] = []

    def says(self, *lines: Facet, by: timedelta = EVERY) -> list[Change]:
        """Let the source state these lines, in a poll; return the changes made."""
        actions = {subject: entry for facet in lines for subject, entry in facet.items()}
        self.watcher.pages = (page(observation(title={}, actions=actions), cursor=str(self.clock())),)
        with self.store.read() as view:
            known = {change.key for change in view.past(BILL)}
        self.clock.later(by)
        outcome = Poll(
            self.source,
            ScheduledSource(self.watcher, EVERY),
            no_network,
            Context(self.store, self.audience, self.clock),
        ).run()
        self.source = outcome.source
        with self.store.read() as view:
            return [change for change in view.past(BILL) if change.key not in known and change.revision > 1]

    def status(self) -> str:
        """Return where the bill stands."""
        with self.store.read() as view:
            record = view.record(BILL)
        assert record is not None
        assert record.last_status is not None
        return record.last_status.status

    def sends(self, *, but: Sequence[str] = ()) -> list[str]:
        """Send what is due, and say to whom which kinds went; `but` cannot be reached."""
        self.clock.later(timedelta(minutes=40))  # longer than any burst is held
        with self.store.begin() as tx:
            tx.settle(self.clock())
        notifier = FakeNotifier(recipients=self.audience.recipients["desk"])
        batch = collect_due(notifier, Context(self.store, Audience(), self.clock))
        said = []
        for delivery in batch.deliveries:
            if delivery.to in but:
                continue
            notice = batch.notices.get(delivery.id)
            send(delivery, notice, notifier, Context(self.store, self.audience, self.clock))
            if notice is not None:
                self.notices.append(notice)
                said.append(f"{delivery.to} {' '.join(change.kind for change in notice.changes)}")
        return sorted(said)

    def deliveries(self) -> list[Delivery]:
        with self.store.read() as view:
            return [fate.delivery for fate in view.fates(view.past(BILL))]

    def states(self) -> list[str]:
        return sorted(f"{d.to} {d.state}" for d in self.deliveries())


def test_a_reworded_line_is_one_correction_to_those_who_were_alerted(store: Store) -> None:
    harness = ServiceHarness(store, recipients=(A, B))
    harness.says(INTRODUCED)
    told = harness.says(INTRODUCED, REPORTED)
    assert harness.sends() == [f"{A} status action", f"{B} status action"]
    (correction,) = harness.says(INTRODUCED, AMENDED)
    assert correction.kind is Kind.CORRECTION
    assert english(correction.before) == "Reported by the Committee on Foreign Affairs (5 January 2026)"
    assert english(correction.after) == "Reported (Amended) by the Committee on Foreign Affairs (5 January 2026)"
    assert correction.corrects == next(c.key for c in told if c.kind is Kind.STATUS)
    assert harness.sends() == [f"{A} correction", f"{B} correction"]
    assert harness.says(INTRODUCED, AMENDED) == []
    assert harness.sends() == []


def test_a_line_with_another_day_moves_its_status_and_is_no_new_status(store: Store) -> None:
    harness = ServiceHarness(store, DEFAULT)
    harness.says(INTRODUCED)
    (status, _) = harness.says(INTRODUCED, REPORTED)
    assert harness.sends() == [f"{A} status"]
    (correction,) = harness.says(INTRODUCED, REDATED)
    assert (correction.kind, correction.happened_on, correction.corrects) == (
        Kind.CORRECTION,
        "2026-01-04",
        status.key,
    )
    assert harness.sends() == [f"{A} correction"]
    with store.read() as view:
        record = view.record(BILL)
    assert record is not None
    assert [(rung.status, rung.on) for rung in record.timeline][-1] == ("REPORTED", "2026-01-04")
    assert len(record.facets["actions"]) == 3, "nothing is deleted"


def test_a_correction_answers_the_message_it_puts_right(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.says(INTRODUCED)
    harness.says(INTRODUCED, REPORTED)
    harness.sends()
    harness.says(INTRODUCED, AMENDED)
    harness.sends()
    first, second = harness.notices
    assert (first.replies_to, second.replies_to) == (None, first.delivery)


def test_what_was_not_sent_yet_is_withdrawn_and_reported_as_it_is(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.says(INTRODUCED)
    harness.says(INTRODUCED, REPORTED, HEARD)
    harness.says(INTRODUCED, AMENDED, HEARD)
    assert harness.states().count(f"{A} withdrawn") == 1
    assert harness.sends() == [f"{A} action status action"]
    (notice,) = harness.notices
    texts = {change.text for change in notice.changes}
    assert texts == {"Reported (Amended) by the Committee on Foreign Affairs.", "Committee hearings held"}


def test_only_the_one_who_was_not_reached_gets_the_news_instead_of_a_correction(store: Store) -> None:
    harness = ServiceHarness(store, recipients=(A, B))
    harness.says(INTRODUCED)
    harness.says(INTRODUCED, HEARD)
    assert harness.sends(but=[B]) == [f"{A} action"]
    harness.says(INTRODUCED, line("2026-01-04", "Committee hearings held"))
    assert harness.sends() == [f"{A} correction", f"{B} action"]
    assert harness.says(INTRODUCED, line("2026-01-03", "Committee hearings held"))[0].kind is Kind.CORRECTION
    assert harness.sends() == [f"{A} correction", f"{B} correction"]


def test_a_muted_message_is_withdrawn_and_the_new_one_is_held(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.says(INTRODUCED)
    with store.begin() as tx:
        tx.mute(Mute(NOON + timedelta(days=3), NOON, BILL))
    harness.says(INTRODUCED, HEARD)
    harness.says(INTRODUCED, line("2026-01-04", "Committee hearings held"))
    assert harness.states() == [f"{A} held", f"{A} withdrawn"]
    harness.clock.later(timedelta(days=3))
    assert harness.sends() == [f"{A} action"]


def test_what_nobody_was_alerted_is_corrected_in_silence(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.says(INTRODUCED, REPORTED)
    (correction,) = harness.says(INTRODUCED, AMENDED)
    assert (correction.kind, correction.corrects) == (Kind.CORRECTION, f"{BILL}@1:status:REPORTED:2026-01-05")
    assert harness.sends() == []


def test_a_correction_reaches_those_who_were_alerted_whatever_the_routes_say_now(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.says(INTRODUCED)
    harness.says(INTRODUCED, HEARD)
    harness.sends()
    harness.audience = replace(harness.audience, watches=(), routes=())
    harness.says(INTRODUCED, line("2026-01-04", "Committee hearings held"))
    assert harness.sends() == [f"{A} correction"]


def test_a_line_that_is_missing_for_a_day_is_said_to_be(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.says(INTRODUCED)
    harness.says(INTRODUCED, HEARD)
    harness.sends()
    for _ in range(5):
        assert harness.says(INTRODUCED, by=timedelta(hours=4)) == []
    (correction,) = harness.says(INTRODUCED, by=timedelta(hours=9))
    assert english(correction.after) == "no longer stated since 6 January 2026"
    assert harness.sends() == [f"{A} correction"]
    assert harness.says(INTRODUCED, by=timedelta(days=3)) == []
    (again,) = harness.says(INTRODUCED, HEARD)
    assert (english(again.after).startswith("stated again"), again.corrects) == (True, correction.key)
    assert harness.sends() == [f"{A} correction"]


def test_a_status_whose_line_is_missing_for_three_days_falls_back_and_is_corrected_once(store: Store) -> None:
    signed = line("2026-01-05", "Signed by President.", "signed")
    harness = ServiceHarness(store, DEFAULT)
    harness.says(INTRODUCED)
    harness.says(INTRODUCED, signed)
    harness.sends()
    for _ in range(5):
        assert harness.says(INTRODUCED, by=timedelta(hours=12)) == []
        assert harness.status() == "ENACTED:SIGNED"
    (correction,) = harness.says(INTRODUCED, by=timedelta(hours=25))
    assert english(correction.after) == (
        "no longer stated since 7 January 2026; back to: Introduced, since 2 January 2026"
    )
    assert harness.status() == "INTRODUCED"
    assert harness.sends() == [f"{A} correction"]
    assert harness.says(INTRODUCED, by=timedelta(days=3)) == []
    (again,) = harness.says(INTRODUCED, signed)
    assert (again.kind, again.after) == (Kind.STATUS, "ENACTED:SIGNED")
    assert harness.sends() == [f"{A} status"]


def test_a_status_on_which_a_later_line_rests_stands_without_its_own(store: Store) -> None:
    signed = line("2026-01-05", "Signed by President.", "signed")
    law = line("2026-01-06", "Became Public Law No: 119-99.", "law")
    harness = ServiceHarness(store, DEFAULT)
    harness.says(INTRODUCED)
    harness.says(INTRODUCED, signed)
    harness.sends()
    harness.says(INTRODUCED, signed, law)
    for _ in range(10):
        harness.says(INTRODUCED, law, by=timedelta(hours=12))
        assert harness.status() == "ENACTED:SIGNED"
    assert harness.sends() == [f"{A} correction"], "its words are not stated any more; the status stands"


def test_a_line_that_vanished_for_less_than_a_day_is_never_mentioned(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.says(INTRODUCED)
    harness.says(INTRODUCED, HEARD)
    harness.sends()
    assert harness.says(INTRODUCED, by=timedelta(hours=1)) == []
    assert harness.says(INTRODUCED, HEARD, by=timedelta(hours=22)) == []
    assert harness.says(INTRODUCED, by=timedelta(hours=3)) == []
    assert harness.sends() == []


def test_a_line_withdrawn_before_it_was_sent_is_not_reported_at_all(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.says(INTRODUCED)
    harness.says(INTRODUCED, HEARD)
    harness.says(INTRODUCED, by=timedelta(hours=1))
    harness.says(INTRODUCED, by=timedelta(hours=25))
    assert harness.states() == [f"{A} withdrawn"]
    assert harness.sends() == []


def test_a_correction_that_was_not_sent_yet_gives_way_to_the_next(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.says(INTRODUCED)
    harness.says(INTRODUCED, HEARD)
    harness.sends()
    harness.says(INTRODUCED, line("2026-01-04", "Committee hearings held"))
    harness.says(INTRODUCED, line("2026-01-03", "Committee hearings held"))
    assert harness.sends() == [f"{A} correction"]
    assert harness.notices[-1].changes[0].happened_on == "2026-01-03"


def test_what_is_corrected_and_back_before_anybody_was_alerted_is_not_mentioned(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.says(INTRODUCED)
    harness.says(INTRODUCED, HEARD)
    harness.sends()
    harness.says(INTRODUCED, line("2026-01-04", "Committee hearings held"))
    harness.says(INTRODUCED, HEARD)
    assert harness.sends() == []
    assert State.WITHDRAWN in {delivery.state for delivery in harness.deliveries()}


def test_a_message_in_somebodys_hands_is_followed_by_a_correction(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.says(INTRODUCED)
    harness.says(INTRODUCED, HEARD)
    notifier = FakeNotifier(recipients=(A,))
    batch = collect_due(notifier, Context(store, Audience(), harness.clock))
    taken: list[Any] = []

    def meanwhile(_: str) -> None:
        taken.append(harness.says(INTRODUCED, line("2026-01-04", "Committee hearings held"), by=timedelta(0)))

    notifier.before = meanwhile
    send(
        batch.deliveries[0],
        batch.notices[batch.deliveries[0].id],
        notifier,
        Context(store, harness.audience, harness.clock),
    )
    assert [change.kind for change in taken[0]] == [Kind.CORRECTION]
    assert harness.sends() == [f"{A} correction"]


def test_alerts_name_what_they_correct(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "record.db"), rehearsal=False, now=NOON)
    harness = ServiceHarness(store, DEFAULT)
    harness.says(INTRODUCED)
    harness.says(INTRODUCED, REPORTED)
    harness.sends()
    (correction,) = harness.says(INTRODUCED, REDATED)
    store.close()
    with open_reader(tmp_path / "record.db") as reader:
        first, second = alerts(reader.alerts())
        kept = reader.alert(second["alert"])
    assert (first["corrects"], second["corrects"]) == (None, correction.corrects)
    assert correction.corrects in first["changes"]
    assert second["changes"] == [correction.key]
    assert kept is not None
    assert kept.alert.id == second["alert"], "its identity follows from what is stored"


def test_status_says_why_it_is_in_doubt_and_that_it_was_so_then(tmp_path: Path) -> None:
    passed = line("2026-01-05", "On passage Passed by voice vote.", "passed:house")
    store = open_store(str(tmp_path / "record.db"), rehearsal=False, now=NOON)
    harness = ServiceHarness(store, DEFAULT)
    harness.says(INTRODUCED, passed)
    harness.says(INTRODUCED)
    missing_at = harness.clock()
    harness.says(INTRODUCED, by=timedelta(hours=80))
    harness.says(INTRODUCED, passed)
    store.close()
    with open_reader(tmp_path / "record.db") as reader:
        now, then = (
            status([BILL], reader.status_rows([str(BILL)], **asked), {}, now=harness.clock())[0]
            for asked in ({}, {"as_of": "2026-12-31", "known_at": missing_at})
        )
    assert now["doubt"] is None
    assert then["doubt"] == (
        "The official record no longer states since 6 January 2026: “On passage Passed by voice vote”."
    )
    assert (now["status"], then["status"]) == ("PASS_OVER:HOUSE", "PASS_OVER:HOUSE")
