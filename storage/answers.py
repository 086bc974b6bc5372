"""In what shape does the record answer? Moments are aware UTC, days `YYYY-MM-DD`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.changes import Change
    from domain.delivery import State
    from domain.routing import Alert
    from storage.rebuilding import Revision


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one document stands, as of a day and as known at a moment.

    `status` is None before the first rung. `sources` are those that stated any of it, `checked_at` is the last good
    poll of any of them.
    """

    id: str
    title: str | None
    url: str | None
    status: str | None
    status_on: str | None
    status_text: str | None
    introduced_on: str | None
    law: str | None
    revision: int
    first_seen_at: datetime
    changed_at: datetime
    sources: tuple[str, ...]
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a document's past: the state in which we met it, and the changes since, oldest first.

    `first` is None for a source or a channel, which have changes but no record. What the first state carried is
    told by `domain.detect.chronicle`, which takes the members of `first`.
    """

    first: Revision | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """One message to one recipient: the members of `alerts --json`. `alerts` and `changes` name what it carries."""

    delivery: str
    alerts: tuple[str, ...]
    id: str
    changes: tuple[str, ...]
    watches: tuple[str, ...]
    channel: str
    to: str
    state: State
    attempts: int
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    reason: str
    corrects: str | None
    possible_repeat: bool
    subject: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class KeptAlert:
    """An alert as it was decided, and what became of its messages."""

    alert: Alert
    created_at: datetime
    deliveries: tuple[Told, ...]
