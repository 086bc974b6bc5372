"""How is an instant written for machines?"""

from __future__ import annotations

from datetime import UTC, datetime


def stated(moment: datetime | None) -> str | None:
    """Write an aware instant as the JSON of the contract does: UTC, `Z`, no fraction of a second; None stays None."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None
