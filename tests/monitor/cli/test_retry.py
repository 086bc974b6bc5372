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
from tests.monitor.service.test_corrections import AMENDED, HEARD, INTRODUCED, REPORTED, A, B, World, line

GONE = DeliveryError("550 no such user", permanent=True)
HEARD_EARLIER = line("2026-01-04", "Committee hearings held")


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    kept = TemporaryStore() if request.param == "memory" else open_store(tmp_path / "r.db", rehearsal=False, now=NOON)
    yield kept
    kept.close()


def kill(world: World, *recipients: str) -> None:
    """Give up what waits for these recipients."""
    notifier = FakeNotifier(recipients=world.audience.recipients["desk"])
    batch = collect_due(notifier, Context(world.store, Audience(), world.clock))
    for delivery in batch.deliveries:
        if delivery.to in recipients:
            message = notifier.freeze(batch.notices[delivery.id])
            taken = claimed(delivery, message, world.clock())
            with world.store.begin() as tx:
                assert tx.claim(taken)
                tx.finish(failed(taken, GONE, world.clock()))


def dead(world: World) -> list[Delivery]:
    with world.store.read() as view:
        return list(view.dead())


def retry(world: World, *recipients: str) -> list[str]:
    with world.store.begin() as tx:
        return list(try_again(tx, [d for d in tx.dead() if d.to in (recipients or (A, B))], world.clock()))


def told(world: World) -> list[tuple[str, list[str]]]:
    """Send what is due; return to whom which words went."""
    before = len(world.notices)
    world.sends()
    return [(notice.to, _words(notice)) for notice in world.notices[before:]]


def _words(notice: Notice) -> list[str]:
    return [english(change.after) for change in notice.changes]


def test_what_still_stands_is_tried_again_under_its_own_id(store: Store) -> None:
    world = World(store)
    world.says(INTRODUCED)
    world.says(INTRODUCED, HEARD)
    kill(world, A)
    (given_up,) = dead(world)
    assert retry(world) == [f"{given_up.id} to {A} by desk is tried again"]
    world.sends()
    assert world.states() == [f"{A} sent"]


def test_what_was_corrected_meanwhile_is_withdrawn_and_what_stands_is_reported(store: Store) -> None:
    world = World(store)
    world.says(INTRODUCED)
    world.says(INTRODUCED, REPORTED, HEARD)
    kill(world, A)
    world.says(INTRODUCED, AMENDED, HEARD)
    assert told(world) == [], "who was not told gets no correction"
    (said,) = retry(world)
    assert "is withdrawn: corrected after it was given up" in said
    assert told(world) == [
        (A, ["Reported (Amended) by the Committee on Foreign Affairs (5 January 2026)", "Committee hearings held"])
    ]
    assert world.states().count(f"{A} withdrawn") >= 1
    assert dead(world) == []
    assert retry(world) == []


def test_two_readers_get_what_stands_one_after_the_other(store: Store) -> None:
    """The same words make the same alert: the second reader must not go without."""
    world = World(store, recipients=(A, B))
    world.says(INTRODUCED)
    world.says(INTRODUCED, HEARD)
    kill(world, A, B)
    world.says(INTRODUCED, HEARD_EARLIER)
    retry(world, A)
    assert [to for to, _ in told(world)] == [A]
    retry(world, B)
    assert told(world) == [(B, ["Committee hearings held (4 January 2026)"])]
    assert told(world) == []


def test_a_dead_digest_that_says_what_is_no_longer_so_stays_dead(store: Store) -> None:
    world = World(store)
    daily = DigestSchedule.parse("daily 13:00", "UTC")
    with store.begin() as tx:
        for document in (OTHER, BILL):
            news = change(document, 2)
            tx.enqueue(
                Alert(document, 2, "desk", ("nato",), (news,), (coded("reason.test", channel="desk"),), daily),
                (A,),
                world.clock(),
            )
    world.clock.later(timedelta(hours=2))
    with store.begin() as tx:
        tx.settle(world.clock())
    kill(world, A)
    assert len(dead(world)) == 1
    with store.begin() as tx:
        right = change(OTHER, 3, Kind.CORRECTION, "put-right", corrects=change(OTHER, 2).key)
        tx.enqueue(
            Alert(OTHER, 3, "desk", ("nato",), (right,), (coded("reason.test", channel="desk"),)), (), world.clock()
        )
    (said,) = retry(world)
    assert said.endswith(f"to {A} stays dead: what it says of {OTHER} was corrected since")
    assert [delivery.state for delivery in dead(world)] == [State.DEAD]
