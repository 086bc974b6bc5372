"""What a restored record says is sent under new names, and marked where it may have been sent before (OPS-2)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.alerts.delivery import Delivery, Frozen, State, accepted, claimed
from domain.alerts.send_delays import HoldSettings
from domain.ports import Store
from domain.sources import SourceState
from storage.migrate import backup
from storage.ownership import marker_file
from storage.store import DatabaseStore, open_store
from tests.helpers.record_builders import BILL, CONGRESS, NOW, OTHER, alert, change, first, later

MESSAGE = Frozen("a subject", b"the body", "message/rfc822")


@pytest.fixture
def marker(path: Path, tmp_path: Path) -> Path:
    return marker_file(path, tmp_path / "state")


def opened(path: Path, marker: Path, now: datetime = NOW) -> DatabaseStore:
    return open_store(path, rehearsal=False, now=now, marker=marker, holds=HoldSettings(burst=timedelta(0)))


def add_alert(
    store: Store,
    revision: int,
    text: str = "Reported (constructed)",
    now: datetime = NOW,
    *,
    published_at: datetime | None = None,
    happened_on: str | None = "2026-02-03",
    fault: str | None = None,
) -> Delivery:
    """Store an alert about a revision for one recipient, as a poll at `now` finds it whose predecessor was as good;
    return its delivery. `fault` is what that one could not read."""
    told = replace(change(BILL, revision, text=text), published_at=published_at or now, happened_on=happened_on)
    news = alert(BILL, revision, changes=[told])
    with store.begin() as tx:
        tx.save_source(replace(tx.source("congress") or SourceState("congress"), last_good_at=now, error=fault))
        known = {delivery.id for delivery in tx.stranded(())}
        tx.enqueue(news, ["a@example.org"], now)
        (new,) = (delivery for delivery in tx.stranded(()) if delivery.id not in known)
    return new


def send(store: Store, delivery: Delivery, now: datetime = NOW) -> None:
    taken = claimed(delivery, MESSAGE, now)
    with store.begin() as tx:
        assert tx.claim(taken)
    with store.begin() as tx:
        tx.mark(taken)
        tx.finish(accepted(taken, now))


def by_command(path: Path, copy: Path) -> None:
    backup(path, copy)


def by_copying_the_file(path: Path, copy: Path) -> None:
    shutil.copy(path, copy)


WAYS = [by_command, by_copying_the_file]


@pytest.mark.parametrize("copied", WAYS, ids=["lexwatch backup", "cp while nothing ran"])
def test_a_revision_of_a_restored_record_has_another_identity(
    path: Path, marker: Path, tmp_path: Path, copied: Callable[[Path, Path], None]
) -> None:
    """Revision 3 was sent as Reported; the backup knows revision 2, and its revision 3 is Passed House."""
    with closing(opened(path, marker)) as store:
        send(store, add_alert(store, 2))
    copied(path, tmp_path / "copy.db")
    with closing(opened(path, marker)) as store:
        sent = add_alert(store, 3)
        send(store, sent)
    shutil.copy(tmp_path / "copy.db", path)
    with closing(opened(path, marker, later(hours=1))) as store:
        again = add_alert(store, 3, "Passed House (constructed)", now=NOW)
    assert again.id != sent.id
    assert set(again.alerts).isdisjoint(sent.alerts)
    assert again.possible_repeat, "its source was not read since the restore"


def test_what_waited_in_the_backup_may_have_been_sent(path: Path, marker: Path, tmp_path: Path) -> None:
    with closing(opened(path, marker)) as store:
        waiting = add_alert(store, 2)
        frozen = add_alert(store, 3)
        with store.begin() as tx:
            assert tx.claim(claimed(frozen, MESSAGE, NOW))
            tx.release(NOW)
    backup(path, tmp_path / "copy.db")
    shutil.copy(tmp_path / "copy.db", path)
    with closing(opened(path, marker, later(hours=1))) as store, store.read() as view:
        found = {delivery.alerts: delivery for delivery in view.stranded(())}
    assert all(delivery.possible_repeat for delivery in found.values())
    assert found[waiting.alerts].id != waiting.id, "it has no words yet, and may have been sent with some"
    assert found[frozen.alerts].id == frozen.id, "its words are frozen: the same message under the same name"
    assert found[frozen.alerts].state is State.PENDING


def test_what_a_source_says_when_it_was_read_since_the_restore_is_new(path: Path, marker: Path, tmp_path: Path) -> None:
    with closing(opened(path, marker)) as store:
        add_alert(store, 2)
    backup(path, tmp_path / "copy.db")
    shutil.copy(tmp_path / "copy.db", path)
    with closing(opened(path, marker, later(hours=1))) as store:
        assert add_alert(store, 3, now=NOW).possible_repeat
        assert not add_alert(store, 4, now=later(hours=2)).possible_repeat
    with closing(opened(path, marker, later(hours=3))) as store:
        assert not add_alert(store, 5, now=later(hours=3)).possible_repeat, "opened again is not restored again"


@pytest.mark.parametrize(
    ("dates", "days", "marked"),
    [
        ({"published_at": NOW}, 1, True),
        ({"happened_on": "2026-01-05"}, 1, True),
        ({"happened_on": "2026-01-06"}, 1, True),
        ({"happened_on": "2026-01-07"}, 1, True),
        ({"happened_on": "2026-01-08"}, 2, False),
        ({"happened_on": None, "fault": "us/bill/119/hr/1: broken connection"}, 1, True),
        ({"happened_on": None}, 1, False),
        ({"happened_on": "2026-01-05"}, 29, True),
        ({"happened_on": "2026-01-05"}, 31, True),
    ],
    ids=[
        "published before",
        "happened before",
        "happened on the day",
        "may be the day elsewhere",
        "happened after",
        "no day, after faults",
        "no day, after a whole poll",
        "weeks later",
        "long after, and never read meanwhile",
    ],
)
def test_what_a_good_poll_left_unread_may_have_been_sent(
    path: Path, marker: Path, tmp_path: Path, dates: dict[str, Any], days: int, marked: bool
) -> None:
    """One of many bills could not be read: the poll after the restore is good all the same, and the bill comes with a
    later one, and with a stamp as late, if more happened to it."""
    opened(path, marker).close()
    backup(path, tmp_path / "copy.db")
    shutil.copy(tmp_path / "copy.db", path)
    with closing(opened(path, marker, later(hours=1))) as store:
        found = add_alert(store, 3, now=later(days=days), **dates)
    assert found.possible_repeat is marked


@pytest.mark.parametrize(
    ("dates", "again", "marked"),
    [
        ({"happened_on": "2026-01-05"}, False, True),
        ({"happened_on": "2026-01-05"}, True, False),
        ({"happened_on": None}, False, True),
        ({"happened_on": None}, True, False),
        ({"happened_on": None, "published_at": NOW}, False, True),
        ({"happened_on": "2026-03-01"}, False, False),
    ],
    ids=[
        "happened before, unread since",
        "happened before, read since",
        "no day, unread since",
        "no day, read since",
        "published before, unread since",
        "happened since, unread since",
    ],
)
def test_what_was_not_read_since_may_have_been_sent_however_long_ago(
    path: Path, marker: Path, tmp_path: Path, dates: dict[str, Any], again: bool, marked: bool
) -> None:
    """Two months after the restore one bill of many can be read again; every poll meanwhile was good."""
    opened(path, marker).close()
    with closing(opened(path, marker)) as store, store.begin() as tx:
        tx.save(first(BILL))
    backup(path, tmp_path / "copy.db")
    shutil.copy(tmp_path / "copy.db", path)
    with closing(opened(path, marker, later(hours=1))) as store:
        with store.begin() as tx:
            assert tx.not_reread("congress", [BILL, OTHER]) == {BILL, OTHER}
            tx.save_reread("congress", [BILL] if again else [OTHER])
            tx.save_reread("another", [BILL])
            assert (BILL in tx.not_reread("congress", [BILL])) is not again
        assert add_alert(store, 3, now=later(days=60), **dates).possible_repeat is marked


def test_a_record_that_was_never_restored_has_nothing_to_read_again(path: Path, marker: Path) -> None:
    with closing(opened(path, marker)) as store, store.read() as view:
        assert view.not_reread("congress", [BILL]) == frozenset()


def test_what_was_read_since_one_restore_has_to_be_read_since_the_next(
    path: Path, marker: Path, tmp_path: Path
) -> None:
    for _ in range(2):
        with closing(opened(path, marker)) as store, store.begin() as tx:
            tx.save_source(SourceState("congress"))
        backup(path, tmp_path / "copy.db")
        path.unlink()
        (tmp_path / "copy.db").rename(path)
        with closing(opened(path, marker, later(hours=1))) as store, store.begin() as tx:
            assert tx.not_reread("congress", [BILL]) == {BILL}
            tx.enqueue(alert(BILL), [], NOW)
            tx.save_reread("congress", [BILL])
            assert tx.not_reread("congress", [BILL]) == frozenset()


@pytest.mark.parametrize(("hours", "marked"), [(2, True), (30, False)], ids=["two hours after", "the next day"])
def test_what_no_source_states_is_marked_for_a_day(
    path: Path, marker: Path, tmp_path: Path, hours: int, marked: bool
) -> None:
    opened(path, marker).close()
    backup(path, tmp_path / "copy.db")
    shutil.copy(tmp_path / "copy.db", path)
    with closing(opened(path, marker, NOW)) as store:
        own = replace(change(OTHER, 2), source="lexwatch")
        with store.begin() as tx:
            tx.enqueue(alert(OTHER, 2, changes=[own]), ["a"], later(hours=hours))
            (delivery,) = tx.stranded(())
    assert delivery.possible_repeat is marked


def test_a_copy_of_which_nothing_was_sent_since_goes_on_as_it_was(path: Path, marker: Path, tmp_path: Path) -> None:
    with closing(opened(path, marker)) as store:
        epoch = store.identity.epoch
        send(store, add_alert(store, 2))
    shutil.copy(path, tmp_path / "copy.db")
    shutil.copy(tmp_path / "copy.db", path)
    with closing(opened(path, marker)) as store:
        assert (store.identity.epoch, store.identity.restored_at) == (epoch, None)


def test_two_records_of_the_same_past_have_no_identity_in_common(tmp_path: Path) -> None:
    sent = []
    for name in ("one.db", "two.db"):
        with closing(open_store(tmp_path / name, rehearsal=False, now=NOW)) as store:
            sent.append(add_alert(store, 2))
    assert sent[0].id != sent[1].id
    assert sent[0].alerts != sent[1].alerts


def test_deciding_twice_makes_one_alert(path: Path) -> None:
    with closing(open_store(path, rehearsal=False, now=NOW)) as store:
        for _ in range(2):
            with store.begin() as tx:
                tx.enqueue(alert(CONGRESS), ["a"], NOW)
        with store.read() as view:
            assert len(view.stranded(())) == 1
