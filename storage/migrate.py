"""How does a database become the one this version knows, which record is in it, and how is it copied?

The order is the one that lost nothing when measured on SQLite: a backup beside the file, foreign keys off, BEGIN
IMMEDIATE, drop all views, migrate, make all views, check the foreign keys, COMMIT. On PostgreSQL the same happens in
one transaction under the writers' advisory lock. Killed anywhere, the database is the old one or the new one. Alembic
is only imported when there is something to migrate.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from domain.alerts.routing import delivery_id
from domain.errors import SchemaMismatch, SimulatedClockMismatch, StoreError
from storage import views
from storage.location import (
    SCHEMA_VERSIONS,
    Location,
    LostRecord,
    explained,
    explaining,
    foreign_database,
    is_current,
    locate,
    moment_text,
    read_moment,
)
from storage.outbox import RecordIdentity, execute_on, remember
from storage.ownership import MarkerState, lost


def backup(source: str | Path, target: str | Path) -> None:
    """Copy a database as of one instant, by SQLite's online backup; writers go on meanwhile.

    The copy is one self-contained file that says of itself that it is a copy: whoever writes to it next begins a new
    epoch. It gets its name when it is complete and checked; StoreError when the name is taken, the
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


SCRIPTS = Path(__file__).with_name("migrations")

_UNWRITTEN = """
    SELECT y.seq, a.id, y.recipient FROM delivery y
    JOIN delivery_alert m ON m.delivery = y.seq AND m.position = 0 JOIN alert a ON a.seq = m.alert
    WHERE y.state IN ('pending', 'ambiguous', 'held') AND y.body IS NULL
"""
_MAY_REPEAT = "UPDATE delivery SET possible_repeat = TRUE WHERE state IN ('pending', 'ambiguous', 'held', 'dead')"


def prepare(
    engine: Engine,
    location: Location,
    *,
    rehearsal: bool,
    now: datetime,
    trace: Callable[[str], None],
    known: MarkerState | None = None,
    epoch: str | None = None,
    versions: Sequence[str] = SCHEMA_VERSIONS,
    scripts: Path = SCRIPTS,
) -> None:
    """Make or update the database. Several processes may try at once: one does it, the others find it done."""
    with engine.connect() as connection:
        version = installed(connection, location)
        if version is None and known is not None:
            raise lost(location, known, "is empty now")
        if version is not None:
            _demand_mark(connection, location, rehearsal)
            newest = is_current(str(location), version, versions)
            if newest and _views_are_current(connection):
                return
            if not newest:
                _keep_copy(location, version, now)
    with engine.execution_options(write=True).begin() as connection:
        before = installed(connection, location)
        newest = before is not None and is_current(str(location), before, versions)
        if newest and _views_are_current(connection):
            return
        trace("store.before_migrate")
        _migrate(connection, None if newest else scripts)
        if before is None:
            _begin_record(connection, now, rehearsal, secrets.token_hex(6) if epoch is None else epoch)
        _check(connection, location)
        trace("store.before_migrate_commit")


def open_record(
    engine: Engine, location: Location, known: MarkerState | None, now: datetime
) -> tuple[RecordIdentity, int]:
    """Return which record this is, and how many messages were ever claimed from it. One that was restored from a backup
    since it was last written gets a new epoch first, and whatever may have been sent meanwhile is marked.

    StoreError when it is not the one that is remembered.
    """
    with engine.connect() as connection:
        meta = _meta(connection)
    if "copying_from" in meta:
        raise StoreError(f"{location} is a copy that was cut off: `lexwatch copy` again goes on with it")
    if known is not None and json.loads(meta["epochs"])[0] != known.born:
        raise lost(location, known, "is another record now")
    if _was_restored(meta, known):
        with engine.execution_options(write=True).begin() as connection:
            meta = _meta(connection)
            if _was_restored(meta, known):
                _begin_epoch(connection, meta, now)
                meta = _meta(connection)
    restored_at = meta.get("restored_at")
    identity = RecordIdentity(
        epoch=meta["epoch"],
        restored_at=read_moment(restored_at) if restored_at else None,
        born=json.loads(meta["epochs"])[0],
        rehearsal=meta.get("rehearsal") == "yes",
    )
    return identity, int(meta["claims"])


def _was_restored(meta: dict[str, str], known: MarkerState | None) -> bool:
    """A copy made by `lexwatch backup` says that it is one; any other is behind what is remembered of its record."""
    if meta.get("copied_at"):
        return True
    return known is not None and (known.epoch not in json.loads(meta["epochs"]) or known.claims > int(meta["claims"]))


def _begin_epoch(connection: Connection, meta: dict[str, str], now: datetime) -> None:
    """From now on identities are others than those that were given since the backup. A message that has no words yet
    may have been sent with some: it goes under a new name, so that no receiver takes it for what it knows."""
    epoch = secrets.token_hex(6)
    execute = execute_on(connection)
    execute(_MAY_REPEAT, {})
    for seq, alert, recipient in list(execute(_UNWRITTEN, {})):
        name = delivery_id(alert, recipient, epoch)
        execute("UPDATE delivery SET id = :name WHERE seq = :seq", {"name": name, "seq": seq})
    epochs = json.dumps([*json.loads(meta["epochs"]), epoch])
    remember(connection, {"epoch": epoch, "epochs": epochs, "restored_at": moment_text(now)})
    execute("DELETE FROM reread", {})
    execute("DELETE FROM meta WHERE name = 'copied_at'", {})


def demand_unchanged(engine: Engine, location: Location, born: str) -> None:
    """StoreError when an open database of a server is not what it was: SchemaMismatch when a newer version of lexwatch
    has changed its tables meanwhile."""
    with explaining(location), engine.connect() as connection:
        version = installed(connection, location)
        if version is None:
            raise LostRecord(f"{location} is empty now")
        if version != SCHEMA_VERSIONS[-1]:
            raise SchemaMismatch(
                f"{location} was brought to schema {version} by a newer lexwatch, this one knows "
                f"{SCHEMA_VERSIONS[-1]}: install that version here too"
            )
        if json.loads(_meta(connection)["epochs"])[0] != born:
            raise LostRecord(f"{location} is another record now: restart lexwatch on the right one")


def share(connection: Connection, location: Location, installation: str) -> None:
    """Remember what the workers that share a database call their installation; StoreError when it is another's."""
    known = _meta(connection).setdefault("installation", installation)
    if known != installation:
        raise StoreError(
            f"{location} is the record of the installation {known!r}, this configuration is called {installation!r}: "
            f'name another database, or say that both are one: name = "{known}" under [service]'
        )
    remember(connection, {"installation": installation})


def installed(connection: Connection, location: Location) -> str | None:
    """Return the schema of the database, None for an empty one; SchemaMismatch for somebody else's."""
    names = set(_tables(connection))
    if not names:
        return None
    if not {"alembic_version", "meta"} <= names:
        raise foreign_database(str(location))
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").fetchone()
    if row is None:
        raise foreign_database(str(location))
    return str(row[0])


def _tables(connection: Connection) -> Iterator[str]:
    if connection.dialect.name == "postgresql":
        rows = connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    else:
        rows = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    return (row[0] for row in rows)


def _demand_mark(connection: Connection, location: Location, rehearsal: bool) -> None:
    marked = _meta(connection).get("rehearsal") == "yes"
    if marked and not rehearsal:
        raise SimulatedClockMismatch(f"{location} was written under --now: give --now, or name another database")
    if rehearsal and not marked:
        raise SimulatedClockMismatch(
            f"{location} is a real record and is not written under --now: name another database"
        )


def _keep_copy(location: Location, version: str, now: datetime) -> None:
    if location.file is None:
        return
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    target = location.file.with_name(f"{location.file.name}.schema-{version}-{stamp}.backup")
    if not target.exists():
        backup(location.file, target)


def _migrate(connection: Connection, scripts: Path | None) -> None:
    """Take the migrations to their end, or only make the views anew."""
    for name in views.VIEWS:
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")
    if scripts is not None:
        _upgrade(connection, scripts)
    for statement in views.creations(connection.dialect.name):
        connection.exec_driver_sql(statement.replace("%", "%%") if connection.dialect.name != "sqlite" else statement)
    remember(connection, {"views": views.digest()})


def _upgrade(connection: Connection, scripts: Path) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _begin_record(connection: Connection, now: datetime, rehearsal: bool, epoch: str) -> None:
    marks = {"created_at": moment_text(now), "rehearsal": "yes" if rehearsal else "no"}
    remember(connection, {**marks, "epoch": epoch, "epochs": json.dumps([epoch]), "claims": "0"})


def _check(connection: Connection, location: Location) -> None:
    if connection.dialect.name != "sqlite":
        return
    wrong = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone()
    if wrong is not None:
        raise StoreError(f"{location}: the migration would leave rows without what they refer to ({wrong[0]}); undone")


def _views_are_current(connection: Connection) -> bool:
    return _meta(connection).get("views") == views.digest()


def _meta(connection: Connection) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.exec_driver_sql("SELECT name, value FROM meta")}
