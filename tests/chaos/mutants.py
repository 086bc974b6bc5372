"""Does the harness notice when the product breaks its order?

`python mutants.py NAME ARGUMENTS…` runs the real command with one deliberate fault, laid around the store from outside;
nothing of this exists in the product. Each fault is one that real systems have had.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

from domain.delivery import Delivery, accepted


class _Around:
    """Passes everything on that it does not change."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class _SentAtClaim(_Around):
    """Records a message as sent when it is claimed, before it is sent."""

    def claim(self, delivery: Delivery) -> bool:
        taken: bool = self.inner.claim(delivery)
        if taken:
            self.inner.finish(accepted(delivery, datetime.now(UTC)))
        return taken


class _Unmarked(_Around):
    """Does not write down that the receiver may take the message from now on."""

    def mark(self, _delivery: str) -> None:
        return


class _Later(_Around):
    """Does some of its work in a second transaction, after the first has been committed."""

    late: Sequence[str] = ()

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.rest: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        if name in self.late:
            return lambda *arguments: self.rest.append((name, arguments))
        return super().__getattr__(name)


class _OutboxApart(_Later):
    """Stores the change first and what is to be told of it afterwards."""

    late = ("enqueue",)


class _PositionFirst(_Later):
    """Moves the resume position first and stores what was read afterwards."""

    late = ("keep", "save", "enqueue", "establish")


class _Store(_Around):
    """A store whose transactions are mutants."""

    def __init__(self, inner: Any, mutant: Callable[[Any], _Around]) -> None:
        super().__init__(inner)
        self.mutant = mutant

    @contextmanager
    def begin(self, _ahead: Sequence[Any] = ()) -> Iterator[Any]:
        with self._transaction() as tx:
            mutant = self.mutant(tx)
            yield mutant
        rest = mutant.rest if isinstance(mutant, _Later) else []
        if rest:
            with self._transaction() as tx:
                for name, arguments in rest:
                    getattr(tx, name)(*arguments)

    def _transaction(self) -> AbstractContextManager[Any]:
        transaction: AbstractContextManager[Any] = self.inner.begin()
        return transaction


MUTANTS: dict[str, Callable[[Any], _Around]] = {
    "record-before-send": _SentAtClaim,
    "unmarked": _Unmarked,
    "outbox-apart": _OutboxApart,
    "position-first": _PositionFirst,
}


def main(name: str) -> None:
    """Break the order by one mutant, then be the command."""
    import monitor.app
    from monitor.cli import main as command

    opened = vars(monitor.app)["open_store"]

    def open_store(*arguments: Any, **options: Any) -> Any:
        return _Store(opened(*arguments, **options), MUTANTS[name])

    vars(monitor.app)["open_store"] = open_store
    command()


if __name__ == "__main__":
    main(sys.argv.pop(1))
