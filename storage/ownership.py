"""Who may run the service on this database?

The kernel releases the lock when its holder ends, however it ends; the file stays, because removing it would let two
owners hold two files of one name.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from domain.errors import Occupied, StoreError
from storage.instants import written
from storage.location import database_file


@contextmanager
def own_database(url_or_path: str | Path, *, since: datetime | None = None) -> Iterator[None]:
    """Be the one owner of a database while the block lasts; Occupied, naming the other, when somebody is.

    `since` is what a second owner is told; the present moment unless given.
    """
    lock = lock_file(url_or_path)
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(f"{lock}: the database cannot be owned: {error.strerror}") from error
    try:
        _lock(handle, lock)
        _sign(handle, since or datetime.now(UTC))
        yield
    finally:
        os.close(handle)


def lock_file(url_or_path: str | Path) -> Path:
    """Return the file beside the database that its owner holds locked."""
    path = database_file(url_or_path)
    return path.with_name(f"{path.name}.lock")


def _lock(handle: int, lock: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.pread(handle, 200, 0).decode("utf-8", "replace").strip() or "an unknown process"
        raise Occupied(
            f"{lock.with_suffix('')} is in use by another lexwatch ({holder}): end that one first"
        ) from error


def _sign(handle: int, since: datetime) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"process {os.getpid()}, since {written(since)}\n".encode(), 0)
