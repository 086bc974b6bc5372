"""What does an error of SQLite mean for the person in front of it?

Knows nothing of SQLAlchemy: what that wraps is found by its `orig`.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from domain.errors import StoreError

_SENTENCES = {
    sqlite3.SQLITE_FULL: "the disk is full, or the database may not grow: make room; nothing was half-written",
    sqlite3.SQLITE_BUSY: "the database is locked by another program: end the one that holds it, then try again",
    sqlite3.SQLITE_LOCKED: "the database is locked by another program: end the one that holds it, then try again",
    sqlite3.SQLITE_READONLY: "the database may not be written: give this user write access to it and to its folder",
    sqlite3.SQLITE_PERM: "the database may not be opened: give this user access to it and to its folder",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened: its folder must exist and allow this user to write",
    sqlite3.SQLITE_CORRUPT: "the database is damaged: restore a backup (`lexwatch backup` makes them)",
    sqlite3.SQLITE_NOTADB: "this file is not an SQLite database: restore a backup or name another file",
    sqlite3.SQLITE_IOERR: "the disk fails to read or write: look at the system's log",
    sqlite3.SQLITE_NOMEM: "there is not enough memory",
    sqlite3.SQLITE_CONSTRAINT: "the record contradicts itself; nothing was written",
}


def explained(error: BaseException, path: Path) -> StoreError:
    """Return the error in words that say what to do; the caller chains the cause."""
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorcode", None)
    sentence = _SENTENCES.get(code & 0xFF) if isinstance(code, int) else None
    if sentence is None:
        return StoreError(f"{path}: {cause}")
    return StoreError(f"{path}: {sentence} (SQLite says: {cause})")
