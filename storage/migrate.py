"""How does a database become the one this version knows?

The order is the one that lost nothing when measured: a backup beside the file, foreign keys off, BEGIN IMMEDIATE, drop
all views, migrate, make all views, check the foreign keys, COMMIT. Killed anywhere, the database is the old one or
the new one. Alembic is only imported when there is something to migrate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from domain.errors import SimulatedClockMismatch, StoreError
from storage import schema, views
from storage.backup import backup
from storage.engine import engine_for
from storage.instants import written


@dataclass(frozen=True, slots=True)
class Road:
    """The schemas from the oldest to the newest, and the folder of the steps between them."""

    versions: tuple[str, ...]
    scripts: Path


RELEASED = Road(schema.VERSIONS, Path(__file__).with_name("migrations"))


def prepare(
    path: Path,
    *,
    rehearsal: bool,
    now: datetime,
    busy: timedelta,
    trace: Callable[[str], None],
    road: Road = RELEASED,
) -> None:
    """Make or update the database. Several processes may try at once: one does it, the others find it done."""
    engine = engine_for(path, busy=busy, foreign_keys=False, pooled=False)
    with engine.connect() as connection:
        version = installed(connection, path)
        if version is not None:
            _demand_mark(connection, path, rehearsal)
            newest = schema.is_current(str(path), version, road.versions)
            if newest and _views_are_current(connection):
                return
            if not newest:
                _keep_copy(path, version, now)
    with engine.execution_options(write=True).begin() as connection:
        before = installed(connection, path)
        newest = before is not None and schema.is_current(str(path), before, road.versions)
        if newest and _views_are_current(connection):
            return
        trace("store.before_migrate")
        _migrate(connection, None if newest else road)
        if before is None:
            _remember(connection, "created_at", written(now))
            _remember(connection, "rehearsal", "yes" if rehearsal else "no")
        _check(connection, path)
        trace("store.before_migrate_commit")


def installed(connection: Connection, path: Path) -> str | None:
    """Return the schema of the database, None for an empty one; SchemaMismatch for somebody else's."""
    names = {row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not names:
        return None
    if not {"alembic_version", "meta"} <= names:
        raise schema.foreign(str(path))
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").fetchone()
    if row is None:
        raise schema.foreign(str(path))
    return str(row[0])


def _demand_mark(connection: Connection, path: Path, rehearsal: bool) -> None:
    marked = _remembered(connection, "rehearsal") == "yes"
    if marked and not rehearsal:
        raise SimulatedClockMismatch(f"{path} was written in a rehearsal: give --now, or name another database")
    if rehearsal and not marked:
        raise SimulatedClockMismatch(f"{path} is a real record and is not written under --now: name another database")


def _keep_copy(path: Path, version: str, now: datetime) -> None:
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    target = path.with_name(f"{path.name}.schema-{version}-{stamp}.backup")
    if not target.exists():
        backup(path, target)


def _migrate(connection: Connection, road: Road | None) -> None:
    """Take the road to its end, or only make the views anew."""
    for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
        connection.exec_driver_sql(f'DROP VIEW "{name}"')
    if road is not None:
        _upgrade(connection, road.scripts)
    for statement in views.creations():
        connection.exec_driver_sql(statement)
    _remember(connection, "views", views.digest())


def _upgrade(connection: Connection, scripts: Path) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _check(connection: Connection, path: Path) -> None:
    wrong = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone()
    if wrong is not None:
        raise StoreError(f"{path}: the migration would leave rows without what they refer to ({wrong[0]}); undone")


def _views_are_current(connection: Connection) -> bool:
    return _remembered(connection, "views") == views.digest()


def _remembered(connection: Connection, name: str) -> str | None:
    row = connection.exec_driver_sql("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def _remember(connection: Connection, name: str, value: str) -> None:
    connection.exec_driver_sql(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
