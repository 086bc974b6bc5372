"""What must be remembered of each text between polls?

Compact JSON of our own: per package when it was read and with which validators. Times are whole seconds since 1970,
UTC; 0 is never. A text takes some 100 bytes.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from msgspec.structs import replace

from domain.http import Response

VERSION = 1
_LONGEST_VALIDATOR = 300


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of one text. `form` is which of its addresses answered, `wanted_at` when it was first missed;
    `failures` in a row, the last at `failed_at`."""

    read_at: int = 0
    form: int = 0
    etag: str | None = None
    last_modified: str | None = None
    wanted_at: int = 0
    failures: int = 0
    failed_at: int = 0

    def read(self, response: Response, form: int, now: int) -> Mark:
        """Return what is remembered once it was read; a 304 leaves the validators as they are."""
        if response.unchanged:
            return replace(self, read_at=now, failures=0, failed_at=0)
        etag, modified = (response.headers.get(name) for name in ("etag", "last-modified"))
        return Mark(now, form, _short(etag), _short(modified))

    def missed(self, now: int) -> Mark:
        """Return what is remembered when it could not be read."""
        return replace(self, wanted_at=self.wanted_at or now, failures=self.failures + 1, failed_at=now)


def _short(value: str | None) -> str | None:
    return value if value and len(value) <= _LONGEST_VALIDATOR else None


class Cursor(msgspec.Struct):
    """All that is remembered, by package."""

    version: int = VERSION
    marks: dict[str, Mark] = {}

    def mark(self, package: str) -> Mark:
        return self.marks.get(package, _NEVER_READ)

    def forget_all_but(self, packages: Collection[str]) -> bool:
        """Drop what is no longer followed; true if there was any."""
        gone = [name for name in self.marks if name not in packages]
        for name in gone:
            del self.marks[name]
        return bool(gone)


_NEVER_READ = Mark()
_CURSOR = msgspec.json.Decoder(Cursor)


def load(text: str | None) -> Cursor:
    """Read a resume position back. One that cannot be read is none: every text is then asked for anew, silently."""
    try:
        cursor = _CURSOR.decode(text) if text else Cursor()
    except ValueError:
        return Cursor()
    return cursor if cursor.version == VERSION else Cursor()


def dump(cursor: Cursor) -> str:
    """Write a resume position; equal positions give equal text."""
    return msgspec.json.encode(cursor, order="sorted").decode()
