"""A message that was given up is tried again, unless what it says was put right meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from domain.alerts.delivery import Delivery, State, claimed, failed
from domain.alerts.digest_schedule import DigestSchedule
from domain.alerts.routing import Alert, Audience
from domain.coded_text import coded
from domain.errors import DeliveryError
from domain.ports import Notice, Store
from domain.records.facets import Kind
from monitor.cli.running import try_again
from monitor.service.context import Context
from monitor.service.dispatch import collect_due
from storage.store import open_store
from tests.helpers.english import english
from tests.helpers.fakes import NOON, FakeNotifier
from tests.helpers.record_builders import BILL, OTHER, change
from tests.helpers.stores import TemporaryStore
from tests.monitor.service.test_corrections import AMENDED, HEARD, INTRODUCED, REPORTED, A, B, ServiceHarness, line

GONE = DeliveryError("550 no such user", permanent=True)
HEARD_EARLIER = line("2026-01-04", "Committee hearings held")


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    kept = TemporaryStore() if request.param == "memory" else open_store(tmp_path / "r.db", rehearsal=False, now=NOON)
    yield kept
    kept.close()


def kill(harness: ServiceHarness, *recipients: str) -> None:
    """Give up what waits for these recipients."""
    notifier = FakeNotifier(recipients=harness.audience.recipients["desk"])
    batch = collect_due(notifier, Context(harness.store, Audience(), harness.clock))
    for delivery in batch.deliveries:
        if delivery.to in recipients:
            message = notifier.freeze(batch.notices[delivery.id])
            taken = claimed(delivery, message, harness.clock())
            with harness.store.begin() as tx:
                assert tx.claim(taken)
                tx.finish(failed(taken, GONE, harness.clock()))


def dead(harness: ServiceHarness) -> list[Delivery]:
    with harness.store.read() as view:
        return list(view.dead())


def retry(harness: ServiceHarness, *recipients: str) -> list[str]:
    with harness.store.begin() as tx:
        return list(try_again(tx, [d for d in tx.dead() if d.to in (recipients or (A, B))], harness.clock()))


def told(harness: ServiceHarness) -> list[tuple[str, list[str]]]:
    """Send what is due; return to whom which words went."""
    before = len(harness.notices)
    harness.sends()
    return [(notice.to, _words(notice)) for notice in harness.notices[before:]]


def _words(notice: Notice) -> list[str]:
    return [english(change.after) for change in notice.changes]


def test_what_still_stands_is_tried_again_under_its_own_id(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.says(INTRODUCED)
    harness.says(INTRODUCED, HEARD)
    kill(harness, A)
    (given_up,) = dead(harness)
    assert retry(harness) == [f"{given_up.id} to {A} by desk is tried again"]
    harness.sends()
    assert harness.states() == [f"{A} sent"]


def test_what_was_corrected_meanwhile_is_withdrawn_and_what_stands_is_reported(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.says(INTRODUCED)
    harness.says(INTRODUCED, REPORTED, HEARD)
    kill(harness, A)
    harness.says(INTRODUCED, AMENDED, HEARD)
    assert told(harness) == [], "who was not told gets no correction"
    (said,) = retry(harness)
    assert "is withdrawn: corrected after it was given up" in said
    assert told(harness) == [
        (A, ["Reported (Amended) by the Committee on Foreign Affairs (5 January 2026)", "Committee hearings held"])
    ]
    assert harness.states().count(f"{A} withdrawn") >= 1
    assert dead(harness) == []
    assert retry(harness) == []


def test_two_readers_get_what_stands_one_after_the_other(store: Store) -> None:
    """The same words make the same alert: the second reader must not go without."""
    harness = ServiceHarness(store, recipients=(A, B))
    harness.says(INTRODUCED)
    harness.says(INTRODUCED, HEARD)
    kill(harness, A, B)
    harness.says(INTRODUCED, HEARD_EARLIER)
    retry(harness, A)
    assert [to for to, _ in told(harness)] == [A]
    retry(harness, B)
    assert told(harness) == [(B, ["Committee hearings held (4 January 2026)"])]
    assert told(harness) == []


def test_a_dead_digest_that_says_what_is_no_longer_so_stays_dead(store: Store) -> None:
    harness = ServiceHarness(store)
    daily = DigestSchedule.parse("daily 13:00", "UTC")
    with store.begin() as tx:
        for document in (OTHER, BILL):
            news = change(document, 2)
            tx.enqueue(
                Alert(document, 2, "desk", ("nato",), (news,), (coded("reason.test", channel="desk"),), daily),
                (A,),
                harness.clock(),
            )
    harness.clock.later(timedelta(hours=2))
    with store.begin() as tx:
        tx.settle(harness.clock())
    kill(harness, A)
    assert len(dead(harness)) == 1
    with store.begin() as tx:
        right = change(OTHER, 3, Kind.CORRECTION, "put-right", corrects=change(OTHER, 2).key)
        tx.enqueue(
            Alert(OTHER, 3, "desk", ("nato",), (right,), (coded("reason.test", channel="desk"),)), (), harness.clock()
        )
    (said,) = retry(harness)
    assert said.endswith(f"to {A} stays dead: what it says of {OTHER} was corrected since")
    assert [delivery.state for delivery in dead(harness)] == [State.DEAD]
