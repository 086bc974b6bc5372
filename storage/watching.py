"""What does a new list of watches change in the stored one?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.alerts.routing import Watch
from domain.errors import StoreError


@dataclass(frozen=True, slots=True)
class Registration:
    """Watches to close, to open, and to keep with a new note. A watch on another document is another watch."""

    closed: tuple[Watch, ...]
    opened: tuple[Watch, ...]
    noted: tuple[Watch, ...]


def register(stored: Sequence[Watch], wanted: Sequence[Watch], now: datetime) -> Registration:
    """Compare the open watches with the wanted ones; StoreError when a name is wanted twice."""
    twice = [name for name, times in Counter(watch.name for watch in wanted).items() if times > 1]
    if twice:
        raise StoreError(f"two watches cannot share one name: {', '.join(twice)}")
    known = {watch.name: watch for watch in stored}
    kept = {watch.name: watch for watch in wanted if _is_known(watch, known)}
    return Registration(
        closed=tuple(watch for watch in stored if watch.name not in kept),
        opened=tuple(replace(watch, created_at=now) for watch in wanted if watch.name not in kept),
        noted=tuple(watch for name, watch in kept.items() if known[name].note != watch.note),
    )


def _is_known(watch: Watch, known: dict[str, Watch]) -> bool:
    return watch.name in known and known[watch.name].document == watch.document
