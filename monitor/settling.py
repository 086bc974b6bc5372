"""When are messages held and freed? Some at a time, so that whoever wants to write waits for none but those.

A message that comes meanwhile is held or free from its beginning, and one that was sent is nobody's to hold.
"""

from __future__ import annotations

from collections.abc import Callable

from domain.ports import Clock, Store

PAGE = 100
"""Messages that are settled together: what holds each has to be looked up, and 250 took too long on a busy machine."""


def settle(store: Store, clock: Clock, before_commit: Callable[[], None] = lambda: None) -> None:
    """Hold what has to be held now and free what need not be any more."""
    with store.look() as view:
        waiting = view.waiting()
    for start in range(0, len(waiting), PAGE):
        with store.begin() as tx:
            tx.settle(clock(), waiting[start : start + PAGE])
            before_commit()
