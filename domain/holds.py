"""May a message go now, or is it kept back, and until when?

Four things hold a message, never detection: a mute, the quiet hours of its channel, the hour of its digest, and another
message about the same document that went out just before. All of them count together, and the latest end wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.delivery import Delivery, State, freed, held
from domain.mutes import Mute, held_until

BURST = timedelta(seconds=5)
"""How long what follows a message about the same document waits for more of it: the first goes at once. Long enough for
sources that tell one event within seconds of each other, short enough that nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Holds:
    """What may keep one message back: the mutes in force, the watches that asked for it, the end of its channel's quiet
    hours unless it is urgent, when its recipient was last told of the document by the channel, and how long a burst
    is."""

    mutes: Sequence[Mute] = ()
    watches: Sequence[str] = ()
    quiet_until: datetime | None = None
    spoken_at: datetime | None = None
    burst: timedelta = BURST

    def until(self, delivery: Delivery, now: datetime) -> datetime | None:
        """Return until when the message is held, None if it may go."""
        ends = (
            held_until(delivery.document, self.watches, self.mutes, now),
            self.quiet_until,
            delivery.not_before if delivery.is_untouched else None,
            self._burst_end(delivery, now),
        )
        return max((end for end in ends if end is not None and end > now), default=None)

    def _burst_end(self, delivery: Delivery, now: datetime) -> datetime | None:
        """A message that has been in somebody's hands waits for nothing more, nor does one about a source."""
        spoken_at = self.spoken_at
        if spoken_at is None or spoken_at > now or not delivery.is_untouched or delivery.not_before is not None:
            return None
        return None if delivery.document.jurisdiction == "source" else spoken_at + self.burst


def settled(delivery: Delivery, holds: Holds, now: datetime) -> Delivery:
    """Return a message that still has to be sent as its holds want it: held, or free to go."""
    until = holds.until(delivery, now)
    if until is not None:
        return held(delivery, until)
    return freed(delivery, now) if delivery.state is State.HELD else delivery
