"""Which database does a configured name mean, how is it asked without SQLAlchemy, and which states of it are known?

SQL is written once, for SQLite, with named parameters (`:name`) and lists as JSON (`json_each(:names)`), and
translated for PostgreSQL: both databases then answer the same rows. A moment is text that sorts and reads well from
any tool.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from domain.errors import Locked, SchemaMismatch, StoreError, Unreachable
from storage import views

Row = Sequence[Any]

Execute = Callable[[str, Mapping[str, object]], Sequence[Row]]
"""Runs one statement with named parameters and returns all its rows."""


def worker_name() -> str:
    """Return what this process is called among those that share a database: its machine and its number there."""
    import socket  # whoever only reads a file does not pay for it

    return f"{socket.gethostname()}/{os.getpid()}"


def application_name(worker: str) -> str:
    """Return what a server calls the connections on which a worker writes: it keeps 63 characters."""
    machine, _, number = worker.rpartition("/")
    return f"lexwatch {number} on {machine}".encode("ascii", "replace").decode()[:63]


_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_SQLITE = ("sqlite", "sqlite+pysqlite")
_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")
_SERVER = re.compile(
    r"postgresql://(?:[^@/?#\s]*@)?(?P<host>\[[\da-fA-F:.]+\]|[^\[\]@:,/?#\s]*)(?::(?P<port>\d{1,5}))?"
    r"(?P<path>/[^?#\s]*)?(?:\?[^#\s]*)?"
)
_BROKEN_ESCAPE = re.compile(r"%(?![\da-fA-F]{2})")
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")
_LIST = re.compile(r"json_each\(:([a-z_]+)\)")


class Location(NamedTuple):
    """A database: either a `file` (SQLite) or a `url` of PostgreSQL without a driver's name, as libpq reads it."""

    file: Path | None = None
    url: str | None = None

    def __str__(self) -> str:
        """The name for messages: never with a password."""
        if self.url is None:
            return str(self.file)
        parts = _SERVER.fullmatch(self.url)
        if parts is None:
            return "postgresql://..."
        port = f":{parts['port']}" if parts["port"] else ""
        return f"postgresql://{parts['host'] or 'localhost'}{port}{parts['path'] or ''}"


def locate(url_or_path: str | Path) -> Location:
    """Return where a file name or a URL (`sqlite:///lexwatch.db`, `postgresql://host/name`) points.

    Three slashes begin a relative path, four an absolute one, as SQLAlchemy has it. StoreError for the database of
    another maker, for one in memory, which would forget, and for an address that cannot be taken apart: the drivers'
    own messages repeat a part of it, which may be the password.
    """
    text = str(url_or_path)
    url = _URL.match(text)
    if url is None:
        path = text
    elif url[1].lower() in _SQLITE:
        path = unquote(text[url.end() :].partition("?")[0].removeprefix("/"))
    elif url[1].lower() in _POSTGRESQL:
        return _server(f"postgresql://{text[url.end() :]}")
    else:
        raise StoreError(
            f"service.database: expected a file, sqlite:///FILE or postgresql://HOST/NAME, not {url[1]}://..."
        )
    if path in ("", ":memory:"):
        raise StoreError("the record has to outlive the process: expected the name of a file, not a database in memory")
    return Location(Path(path))


def _server(url: str) -> Location:
    parts = _SERVER.fullmatch(url)
    if parts is None or _BROKEN_ESCAPE.search(url) or not 0 < int(parts["port"] or 1) < 65536:
        raise StoreError(
            "service.database: expected postgresql://USER@HOST:PORT/NAME with one host; in user, password and name "
            "write @ as %40, / as %2F, : as %3A, ? as %3F, # as %23 and % as %25"
        )
    return Location(url=url)


@lru_cache(maxsize=256)
def for_postgresql(sql: str) -> str:
    """Translate a statement: lists, and parameters as psycopg names them."""
    listed = _LIST.sub(r"json_array_elements_text(CAST(:\1 AS json)) AS listed(value)", sql.replace("%", "%%"))
    return _PARAMETER.sub(r"%(\1)s", listed)


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

_STATES = {
    "invalid": "the address of the database says something that PostgreSQL does not know: mend service.database",
    "08": "the server cannot be reached: is it running, and is its address right?",
    "28": "the server refuses this user: mend user, password or pg_hba.conf",
    "3D": "there is no such database on the server: create it, or mend the name",
    "53": "the server has no room left (disk, memory or connections)",
    "55": "another writer held the database for too long; nothing was written",
    "25P03": "the server ended a transaction that stood still; nothing was half-written",
    "57": "the server is shutting down or ended the connection; nothing was half-written",
    "42501": "the server refuses the statement: give this user rights on the schema",
    "23": "the record contradicts itself; nothing was written",
}


CONNECTING: Mapping[str, Any] = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""How libpq notices that a server does not answer any more."""

_PASSES = ("08", "53", "57", "25")
"""Classes of SQLSTATE that pass by themselves: no answer, no room, shutting down, a session that was ended."""


def driver_errors(location: Location) -> tuple[type[Exception], ...]:
    """Return what the driver of a database raises."""
    if location.url is None:
        return (sqlite3.Error,)
    import psycopg

    return (psycopg.Error,)


def explained(error: BaseException, location: Location | Path) -> StoreError:
    """Return a driver's error in words that say what to do; the caller chains the cause. What SQLAlchemy wraps is found
    by its `orig`."""
    cause = getattr(error, "orig", None) or error
    said = " ".join(str(cause).split())
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(code, int):
        sentence = _SENTENCES.get(code & 0xFF)
        return StoreError(f"{location}: {sentence} (SQLite says: {cause})" if sentence else f"{location}: {cause}")
    state = getattr(cause, "sqlstate", None) or _guessed(said)
    sentence = _STATES.get(state) or _STATES.get(state[:2])
    kind = Unreachable if state[:2] in _PASSES else Locked if state == "55P03" else StoreError
    return kind(f"{location}: {sentence} (PostgreSQL says: {said})" if sentence else f"{location}: {said}")


def _guessed(said: str) -> str:
    """A connection that never came about carries no SQLSTATE, only libpq's words."""
    if "authentication failed" in said or "no password" in said or "no pg_hba.conf" in said:
        return "28"
    if "does not exist" in said:
        return "3D" if "database" in said else "28"
    if re.search(r"\binvalid (URI query parameter|connection option|integer value|\w+ value)", said):
        return "invalid"
    return "08"


@contextmanager
def explaining(location: Location) -> Iterator[None]:
    """Turn the errors of SQLAlchemy and the driver into sentences; everything else passes."""
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.exc import TimeoutError as PoolTimeout

    errors: tuple[type[Exception], ...] = (DBAPIError, PoolTimeout, *driver_errors(location))
    try:
        yield
    except errors as error:
        raise explained(error, location) from error


END_OF_TIME = "9999-12-31T23:59:59.999999Z"
"""Sorts after every moment that occurs."""


@lru_cache(maxsize=1024)
def moment_text(moment: datetime) -> str:
    """Return `2026-01-06T10:00:00.000000Z`: always UTC, always microseconds. ValueError for a time without offset."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs its offset from UTC: {moment.isoformat()}")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def moment_text_if(moment: datetime | None) -> str | None:
    """Return the moment as text, or None where there is none."""
    return None if moment is None else moment_text(moment)


def read_moment(text: str) -> datetime:
    """Return the aware UTC moment that `moment_text` wrote."""
    return datetime.fromisoformat(text)


def read_moment_if(text: str | None) -> datetime | None:
    """Return the moment, or None where none was written."""
    return None if text is None else datetime.fromisoformat(text)


SCHEMA_VERSIONS = ("0.2.0",)
"""Every schema ever released, oldest first: the names of the migrations."""


class LostRecord(SchemaMismatch):
    """A database that was here before is missing, empty or another one now."""


def is_current(name: str, version: str, versions: Sequence[str] = SCHEMA_VERSIONS) -> bool:
    """Say whether the schema is the newest; SchemaMismatch for one that this program does not know."""
    if version not in versions:
        raise SchemaMismatch(
            f"{name} was written by another version of lexwatch (schema {version}; this one knows {versions[-1]}): "
            "install that version, restore a backup made by this one, or name another database"
        )
    return version == versions[-1]


def demand_current(name: str, version: str, versions: Sequence[str] = SCHEMA_VERSIONS) -> None:
    """Let only the newest schema pass: whoever reads never migrates."""
    if not is_current(name, version, versions):
        raise SchemaMismatch(
            f"{name} has schema {version}, this lexwatch reads {versions[-1]}: start the service once "
            "(`lexwatch run --once`), it keeps a backup and brings the database up to date"
        )


def foreign_database(name: str) -> SchemaMismatch:
    """Return the error for a database that somebody else made."""
    return SchemaMismatch(f"{name} is not a database of lexwatch: name another one under service.database")


class NoRecord(StoreError):
    """Nothing has been recorded there yet: the file is missing or empty."""


@contextmanager
def opened(location: Location) -> Iterator[Execute]:
    """Yield how one consistent state of a database is asked; the errors are those of `open_reader`."""
    with _sqlite(location.file) if location.file is not None else _postgresql(location) as execute:
        yield execute


@contextmanager
def _sqlite(path: Path) -> Iterator[Execute]:
    if not path.is_file() or not path.stat().st_size:
        raise _nothing_yet(path)
    try:
        with ExitStack() as stack:
            connection = _begun(path, "mode=ro")
            stack.callback(connection.close)

            def execute(sql: str, parameters: Mapping[str, object]) -> Sequence[Row]:
                return connection.execute(sql, parameters).fetchall()

            _demand_known(execute, "SELECT name FROM sqlite_master WHERE type = 'table'", path)
            yield execute
    except sqlite3.Error as error:
        raise explained(error, path) from error


@contextmanager
def _postgresql(location: Location) -> Iterator[Execute]:
    import psycopg

    try:
        with psycopg.connect(str(location.url), connect_timeout=10, application_name="lexwatch reader") as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True

            def execute(sql: str, parameters: Mapping[str, object]) -> Sequence[Row]:
                query: Any = for_postgresql(sql)
                return connection.execute(query, parameters).fetchall()

            tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            _demand_known(execute, tables, location)
            yield execute
    except psycopg.Error as error:
        raise explained(error, location) from error


def _begun(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
    try:
        connection.execute("BEGIN")
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if mode == "mode=ro" and _has_no_log(path, error):
            return _begun(path, "mode=ro&immutable=1")
        raise
    return connection


def _has_no_log(path: Path, error: sqlite3.OperationalError) -> bool:
    """A reader who may not write beside the database cannot join its log; without a log the file alone is whole."""
    closed = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
    return closed and not path.with_name(f"{path.name}-wal").exists()


def _demand_known(execute: Execute, tables: str, name: object) -> None:
    names = {row[0] for row in execute(tables, {})}
    if not names:
        raise _nothing_yet(name)
    if not {"alembic_version", "meta"} <= names:
        raise foreign_database(str(name))
    demand_current(str(name), execute("SELECT version_num FROM alembic_version", {})[0][0])
    carried = execute("SELECT value FROM meta WHERE name = 'views'", {})
    if not carried or carried[0][0] != views.digest():
        raise SchemaMismatch(
            f"{name} has the views of another build of lexwatch: start the service once (`lexwatch run --once`)"
        )


def _nothing_yet(name: object) -> NoRecord:
    return NoRecord(f"{name}: nothing is recorded there yet; `lexwatch run` begins the record")
