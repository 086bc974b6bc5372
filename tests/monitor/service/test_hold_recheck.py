"""However many messages wait, those who want to write wait for a page of them at most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.alerts.delivery import Delivery, State
from domain.alerts.send_delays import Mute
from monitor.service.dispatch import HOLDS_PER_TRANSACTION, reapply_holds
from storage.store import DatabaseStore, open_store
from tests.helpers.record_builders import BILL, NOW, alert, change, first, later


class Counted:
    """A store that counts what each transaction settled."""

    def __init__(self, store: DatabaseStore) -> None:
        self.store, self.read = store, store.read
        self.pages: list[int] = []

    @contextmanager
    def begin(self, ahead: Any = (), *, only: Sequence[str] | None = None) -> Iterator[Any]:
        with self.store.begin(ahead) as tx:
            yield Settling(tx, self.pages)


class Settling:
    def __init__(self, tx: Any, pages: list[int]) -> None:
        self.tx, self.pages = tx, pages

    def settle(self, now: datetime, among: Any) -> Any:
        moved = self.tx.settle(now, among)
        self.pages.append(len(moved))
        return moved


def waiting(store: DatabaseStore, count: int) -> list[Delivery]:
    with store.read() as view:
        found = [view.delivery(name) for name in view.waiting()]
    assert len(found) == count
    return [delivery for delivery in found if delivery is not None]


def test_a_mute_of_many_messages_is_settled_page_by_page(tmp_path: Path) -> None:
    store = open_store(tmp_path / "record.db", rehearsal=False, now=NOW)
    many = HOLDS_PER_TRANSACTION + 1
    with store.begin() as tx:
        tx.save(first())
        told = [change(revision=1, subject=str(number)) for number in range(many)]
        for number, one in enumerate(told):
            tx.enqueue(alert(BILL, 1, f"channel-{number}", changes=[one]), ["a@example.org"], NOW)
        tx.mute(Mute(later(days=2), NOW, document=BILL))
    counted = Counted(store)
    reapply_holds(counted, lambda: later(days=1))  # type: ignore[arg-type]
    assert counted.pages == [HOLDS_PER_TRANSACTION, 1]
    assert {delivery.state for delivery in waiting(store, many)} == {State.HELD}
    reapply_holds(counted, lambda: later(days=2))  # type: ignore[arg-type]
    assert {delivery.state for delivery in waiting(store, many)} == {State.PENDING}
    store.close()
