"""How is a consistent copy made while the service writes?"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from domain.errors import StoreError
from storage.faults import explained
from storage.location import database_file


def backup(source: str | Path, target: str | Path) -> None:
    """Copy a database as of one instant, by SQLite's online backup; writers go on meanwhile.

    The copy is one self-contained file. It gets its name when it is complete and checked; StoreError when the name
    is taken, the source missing or the disk full.
    """
    origin, copy = database_file(source), Path(target)
    if not origin.is_file():
        raise StoreError(f"{origin}: there is no database to copy")
    if os.path.lexists(copy):
        raise _taken(copy)
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}.unfinished")
    try:
        _copy(origin, unfinished)
        # A link, unlike a rename, never replaces what somebody put there meanwhile.
        os.link(unfinished, copy)
    except sqlite3.Error as error:
        raise explained(error, copy) from error
    except FileExistsError as error:
        raise _taken(copy) from error
    except OSError as error:
        raise StoreError(f"{copy}: the copy cannot be written: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _copy(origin: Path, copy: Path) -> None:
    reading = sqlite3.connect(f"{origin.absolute().as_uri()}?mode=ro", uri=True)
    try:
        writing = sqlite3.connect(copy)
        try:
            reading.backup(writing)
            # Out of WAL mode: the copy must open from a read-only medium, without files beside it.
            writing.execute("PRAGMA journal_mode = DELETE").fetchone()
            verdict = writing.execute("PRAGMA quick_check(1)").fetchone()[0]
        finally:
            writing.close()
    finally:
        reading.close()
    if verdict != "ok":
        raise StoreError(f"{origin}: the database is damaged ({verdict}): restore an earlier backup")


def _taken(copy: Path) -> StoreError:
    return StoreError(f"{copy} exists already: a backup never overwrites, name another file")
