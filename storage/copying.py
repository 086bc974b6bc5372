"""How is a consistent copy made while the service writes?"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from domain.errors import StoreError
from storage.location import explained, locate


def backup(source: str | Path, target: str | Path) -> None:
    """Copy a database as of one instant, by SQLite's online backup; writers go on meanwhile.

    The copy is one self-contained file that says of itself that it is a copy: whoever writes to it next begins a new
    epoch (`storage.migrate`). It gets its name when it is complete and checked; StoreError when the name is taken, the
    source missing or empty, the disk full, or the database on a PostgreSQL server.
    """
    location, copy = locate(source), Path(target)
    origin = location.file
    if origin is None:
        raise StoreError(f"{location} is backed up with PostgreSQL's own tools: pg_dump --format=custom --file={copy}")
    if not origin.is_file() or not origin.stat().st_size:
        raise StoreError(f"{origin}: there is no database to copy")
    if os.path.lexists(copy):
        raise _taken(copy)
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}.unfinished")
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _copy(origin, unfinished)
        # A link, unlike a rename, never replaces what somebody put there meanwhile.
        os.link(unfinished, copy)
    except sqlite3.Error as error:
        raise explained(error, copy) from error
    except FileExistsError as error:
        raise _taken(copy) from error
    except OSError as error:
        raise StoreError(
            f"{copy}: the copy cannot be written, its folder must exist and allow it ({error.strerror})"
        ) from error
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
            found = writing.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise StoreError(f"{origin}: the database is damaged ({found}): restore an earlier backup")
            _mark_as_copy(origin, writing)
        finally:
            writing.close()
    finally:
        reading.close()


def _mark_as_copy(origin: Path, writing: sqlite3.Connection) -> None:
    if not writing.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
        raise StoreError(f"{origin}: there is no record in it to copy")
    with writing:
        writing.execute(
            "INSERT OR REPLACE INTO meta (name, value) VALUES ('copied_at', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"
        )


def _taken(copy: Path) -> StoreError:
    return StoreError(f"{copy} exists already: a backup never overwrites, name another file")
