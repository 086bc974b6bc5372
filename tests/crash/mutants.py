"""Does the harness notice when the product breaks its order?

`install(NAME)` gives the real command one deliberate fault, laid around the store from outside; nothing of this exists
in the product. Each fault is one that real systems have had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from domain.alerts.delivery import Delivery, State, accepted
from domain.alerts.routing import Alert
from domain.records.corrections import AlertOutcome
from domain.records.facets import Kind


class _Wrapper:
    """Passes everything on that it does not change."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class _SentAtClaim(_Wrapper):
    """Records a message as sent when it is claimed, before it is sent."""

    def claim(self, delivery: Delivery) -> bool:
        taken: bool = self.inner.claim(delivery)
        if taken:
            self.inner.finish(accepted(delivery, datetime.now(UTC)))
        return taken


class _DigestSentAtClaim(_Wrapper):
    """Calls a digest sent when its hour comes, before any receiver took it."""

    def claim(self, delivery: Delivery) -> bool:
        taken: bool = self.inner.claim(delivery)
        if taken and delivery.not_before is not None:
            self.inner.finish(accepted(delivery, datetime.now(UTC)))
        return taken


class _WithdrawnAfterSent(_Wrapper):
    """Withdraws what has been sent as if it still waited, and sends what is right in its place."""

    def fates(self, changes: Any) -> Sequence[AlertOutcome]:
        return tuple(
            replace(fate, delivery=replace(_untouched(fate.delivery), alerts=(fate.alert.id,)))
            for fate in self.inner.fates(changes)
        )

    def withdraw(self, delivery: str, reason: str) -> bool:
        self.inner.withdraw(delivery, reason)
        return True


def _untouched(delivery: Delivery) -> Delivery:
    fresh = replace(delivery, state=State.PENDING, attempts=0, message=None, leased_until=None)
    return replace(fresh, maybe_sent=False, possible_repeat=False)


class _CircuitDrops(_Wrapper):
    """Gives up what a channel that rests could not take, instead of keeping it."""

    def finish(self, delivery: Delivery) -> None:
        rests = self.inner.circuit(delivery.channel).failures > 0
        self.inner.finish(
            replace(delivery, state=State.DEAD) if rests and delivery.state is not State.SENT else delivery
        )


class _CorrectionToEverybody(_Wrapper):
    """Tells a correction to a channel that never heard what it corrects, too."""

    def enqueue(self, alert: Alert, recipients: Sequence[str], now: datetime) -> None:
        self.inner.enqueue(alert, recipients, now)
        if any(change.kind is Kind.CORRECTION for change in alert.changes):
            self.inner.enqueue(replace(alert, channel="print-room", when=None), ["print-room"], now)


class _Unmarked(_Wrapper):
    """Does not write down that the receiver may take the message from now on."""

    def mark(self, _delivery: Delivery) -> bool:
        return True


class _SecondTransaction(_Wrapper):
    """Does some of its work in a second transaction, after the first has been committed."""

    late: Sequence[str] = ()

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.rest: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        if name in self.late:
            return lambda *arguments: self.rest.append((name, arguments))
        return super().__getattr__(name)


class _OutboxApart(_SecondTransaction):
    """Stores the change first and what is to be told of it afterwards."""

    late = ("enqueue",)


class _PositionFirst(_SecondTransaction):
    """Moves the resume position first and stores what was read afterwards."""

    late = ("keep", "save", "enqueue", "establish")


class _MutantStore(_Wrapper):
    """A store whose transactions and readings are mutants."""

    def __init__(self, inner: Any, mutant: Callable[[Any], _Wrapper]) -> None:
        super().__init__(inner)
        self.mutant = mutant

    @contextmanager
    def read(self, *, single: bool = False) -> Iterator[Any]:
        with self.inner.read(single=single) as view:
            yield self.mutant(view)

    @contextmanager
    def begin(self, _ahead: Sequence[Any] = (), *, only: Sequence[str] | None = None) -> Iterator[Any]:
        with self._transaction() as tx:
            mutant = self.mutant(tx)
            yield mutant
        rest = mutant.rest if isinstance(mutant, _SecondTransaction) else []
        if rest:
            with self._transaction() as tx:
                for name, arguments in rest:
                    getattr(tx, name)(*arguments)

    def _transaction(self) -> AbstractContextManager[Any]:
        transaction: AbstractContextManager[Any] = self.inner.begin()
        return transaction


MUTANTS: dict[str, Callable[[Any], _Wrapper]] = {
    "record-before-send": _SentAtClaim,
    "digest-before-accepted": _DigestSentAtClaim,
    "withdrawn-after-sent": _WithdrawnAfterSent,
    "circuit-drops": _CircuitDrops,
    "correction-to-everybody": _CorrectionToEverybody,
    "unmarked": _Unmarked,
    "outbox-apart": _OutboxApart,
    "position-first": _PositionFirst,
}


def _restore_unnoticed() -> None:
    """Takes a restored backup for the latest state of the record."""
    from storage import migrate

    vars(migrate)["_was_restored"] = lambda *_: False


def _lost_database_accepted() -> None:
    """Remembers nothing of a database outside of it."""
    from storage import ownership

    vars(ownership)["expected"] = lambda *_, **__: None


def _shortened_unsaid() -> None:
    """Shows a few changes of a document and says of none that it is only counted."""
    from notifications import compose

    vars(compose)["_counted_only"] = lambda *_: ()


PATCHES: dict[str, Callable[[], None]] = {
    "restore-unnoticed": _restore_unnoticed,
    "shortened-unsaid": _shortened_unsaid,
    "lost-database-accepted": _lost_database_accepted,
}


def install(name: str) -> None:
    """Break the order by one mutant: whatever opens the store from now on gets it."""
    if name in PATCHES:
        PATCHES[name]()
        return
    from monitor.service import runtime

    opened = vars(runtime)["open_store"]

    def open_store(*arguments: Any, **options: Any) -> Any:
        return _MutantStore(opened(*arguments, **options), MUTANTS[name])

    vars(runtime)["open_store"] = open_store
