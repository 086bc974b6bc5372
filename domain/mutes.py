"""What is held back, and until when?

A mute holds messages, never detection: what changes meanwhile is recorded as ever, and told when the mute is over. It
is one of several holds, which `domain.holds` puts together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.identity import DocumentId


@dataclass(frozen=True, slots=True)
class Mute:
    """Somebody wants to hear nothing of a document (with everything below it), or for a watch, before `until`.

    Exactly one of `document` and `watch` is given. Times are aware UTC.
    """

    until: datetime
    created_at: datetime
    document: DocumentId | None = None
    watch: str | None = None

    @property
    def subject(self) -> str:
        return str(self.document) if self.document is not None else self.watch or ""


def held_until(document: DocumentId, watches: Iterable[str], mutes: Sequence[Mute], now: datetime) -> datetime | None:
    """Return until when a message about a document, asked for by these watches, is held; None if it is not.

    A mute of the document holds it whoever asked. Mutes of watches hold it once every watch that asked is muted, and
    until the first of them is not.
    """
    active = [mute for mute in mutes if mute.until > now]
    ends = [mute.until for mute in active if mute.document is not None and document.is_within(mute.document)]
    silent = {mute.watch: mute.until for mute in active if mute.watch is not None}
    asking = list(watches)
    if asking and all(name in silent for name in asking):
        ends.append(min(silent[name] for name in asking))
    return max(ends, default=None)
