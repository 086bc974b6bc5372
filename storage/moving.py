"""How does an installation move from one database to another, of either kind?

Tables are copied in the order of what refers to what, rows in the order of their keys, some at a time, each time in a
transaction: cut off, it goes on where it stopped. At the end every table of both is counted and digested.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Connection, Engine, String, Table

from domain.errors import StoreError
from storage.location import Location, Row, driver_errors, explained, locate
from storage.migrate import installed, prepare
from storage.outbox import execute_on, remember
from storage.ownership import make_private, own_database
from storage.store import engine_for
from storage.tables import MetaRows, StoredRow, table

ROWS = 5_000
"""Rows copied in one transaction."""

_COPYING = "copying_from"
"""What the target is marked with until it is complete; no service opens a database that is marked so."""


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A table that is the same in both databases: its rows, and a digest of them in the order of their keys."""

    name: str
    rows: int
    digest: str


def copy_database(
    source: str | Path, target: str | Path, *, now: datetime, progress: Callable[[str, int], None] = lambda *_: None
) -> tuple[CopiedTable, ...]:
    """Copy a whole record into an empty database, or go on with a copy that was cut off; nothing else may write either.

    `progress` gets each table and how many of its rows are there. StoreError when the target holds another record,
    or is not the same in the end.
    """
    origin, copy = locate(source), locate(target)
    if origin.file is not None and not origin.file.is_file():
        raise StoreError(f"{origin}: there is no record to copy")  # whoever owns a database makes its file
    with ExitStack() as stack:
        stack.enter_context(own_database(source))
        stack.enter_context(own_database(target))
        try:
            reading = _engine(origin)
            with reading.connect() as connection, connection.begin():
                if installed(connection, origin) is None:
                    raise StoreError(f"{origin}: there is no record to copy")
                marks = _marks(connection)
                writing = _prepared(copy, marks, str(origin), now)
                for stored in _tables():
                    _copy_table(connection, writing, stored, progress)
                return _finished(connection, writing, copy, marks)
        except (*driver_errors(origin), *driver_errors(copy)) as error:
            raise explained(error, copy) from error


def _engine(location: Location) -> Engine:
    return engine_for(location, foreign_keys=False, pooled=False, patient=True)


def _tables() -> Sequence[Table]:
    """What is copied, what others refer to first; what a database says of itself comes last."""
    return [found for found in StoredRow.metadata.sorted_tables if found is not table(MetaRows)]


def _marks(connection: Connection) -> dict[str, str]:
    return {row[0]: row[1] for row in execute_on(connection)("SELECT name, value FROM meta", {})}


def _prepared(location: Location, marks: dict[str, str], origin: str, now: datetime) -> Engine:
    """Make the tables of the target; StoreError when somebody else's record is in it."""
    make_private(location)
    engine = _engine(location)
    with engine.connect() as connection:
        fresh = installed(connection, location) is None
        known = {} if fresh else _marks(connection)
    if not fresh and (known.get(_COPYING), known.get("epochs")) != (origin, marks["epochs"]):
        raise StoreError(f"{location} holds a record already: expected an empty database, or a copy that was cut off")
    if fresh:
        rehearsal = marks.get("rehearsal") == "yes"
        prepare(engine, location, rehearsal=rehearsal, now=now, trace=lambda _: None)
        with engine.execution_options(write=True).begin() as connection:
            remember(connection, {"epochs": marks["epochs"], _COPYING: origin})
    return engine


def _copy_table(source: Connection, writing: Engine, stored: Table, progress: Callable[[str, int], None]) -> None:
    with writing.connect() as connection, connection.begin():
        after = _last_key(connection, stored)
        there = execute_on(connection)(f'SELECT count(*) FROM "{stored.name}"', {})[0][0]
    for rows in _pages(source, stored, after):
        with writing.execution_options(write=True).begin() as connection:
            _insert(connection, stored, rows)
        there += len(rows)
        progress(stored.name, there)


def _pages(connection: Connection, stored: Table, after: Row | None = None) -> Iterator[Sequence[Row]]:
    """Yield the rows of a table in the order of their keys, behind a key if one is given."""
    columns, keys = _names(stored.columns), _names(stored.primary_key)
    places = [stored.columns.keys().index(column.name) for column in stored.primary_key]
    execute = execute_on(connection)
    while True:
        known = {f"key_{chr(97 + place)}": value for place, value in enumerate(after or ())}
        behind = f"WHERE ({keys}) > ({', '.join(f':{name}' for name in known)})" if known else ""
        sql = f'SELECT {columns} FROM "{stored.name}" {behind} ORDER BY {keys} LIMIT :rows'
        rows = execute(sql, {**known, "rows": ROWS})
        if not rows:
            return
        yield rows
        after = [rows[-1][place] for place in places]


def _last_key(connection: Connection, stored: Table) -> Row | None:
    keys = _names(stored.primary_key)
    order = ", ".join(f'"{column.name}" DESC' for column in stored.primary_key)
    found = execute_on(connection)(f'SELECT {keys} FROM "{stored.name}" ORDER BY {order} LIMIT 1', {})
    return found[0] if found else None


def _insert(connection: Connection, stored: Table, rows: Sequence[Row]) -> None:
    driver: Any = connection.connection.driver_connection
    columns = _names(stored.columns)
    if connection.dialect.name == "postgresql":
        with driver.cursor() as cursor, cursor.copy(f'COPY "{stored.name}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(_for_postgresql(stored, row))
    else:
        places = ", ".join("?" * len(stored.columns))
        driver.executemany(f'INSERT INTO "{stored.name}" ({columns}) VALUES ({places})', rows)


def _for_postgresql(stored: Table, row: Row) -> list[Any]:
    return [_converted(column.type, value) for column, value in zip(stored.columns, row, strict=True)]


def _converted(kind: Any, value: Any) -> Any:
    if isinstance(kind, Boolean):
        return None if value is None else bool(value)
    return value.replace("\x00", "\ufffd") if isinstance(kind, String) and isinstance(value, str) else value


def _finished(source: Connection, writing: Engine, copy: Location, marks: dict[str, str]) -> tuple[CopiedTable, ...]:
    """Compare both, and let the copy be used if it is the same."""
    ours = [_digested(source, stored) for stored in _tables()]
    with writing.execution_options(write=True).begin() as connection:
        theirs = [_digested(connection, stored) for stored in _tables()]
        differing = [one.name for one, other in zip(ours, theirs, strict=True) if one != other]
        if differing:
            raise StoreError(f"{copy} is not the same in {', '.join(differing)}: empty it, and copy again")
        remember(connection, {name: value for name, value in marks.items() if name != "views"})
        execute = execute_on(connection)
        execute("DELETE FROM meta WHERE name = :name", {"name": _COPYING})
        if connection.dialect.name == "postgresql":
            for stored in _tables():
                _advance_sequence(connection, stored)
    return tuple(theirs)


def _digested(connection: Connection, stored: Table) -> CopiedTable:
    count, found = 0, hashlib.sha256()
    for rows in _pages(connection, stored):
        count += len(rows)
        for row in rows:
            said = [value.hex() if isinstance(value, bytes) else value for value in _for_postgresql(stored, row)]
            found.update(json.dumps(said).encode())
    return CopiedTable(stored.name, count, found.hexdigest()[:16])


def _advance_sequence(connection: Connection, stored: Table) -> None:
    """The next row gets the next number: the copied ones brought theirs along."""
    keys = list(stored.primary_key)
    if len(keys) == 1 and keys[0].name in ("id", "seq"):
        name = keys[0].name
        execute_on(connection)(
            f"SELECT setval(pg_get_serial_sequence('{stored.name}', '{name}'), max({name})) FROM \"{stored.name}\"", {}
        )


def _names(columns: Any) -> str:
    return ", ".join(f'"{column.name}"' for column in columns)
