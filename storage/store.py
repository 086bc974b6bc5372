"""Where does the record live, and how is one unit of work done on it? `domain.ports.Store` on both databases.

Measured on SQLite: SQLAlchemy's default sessions lost nine updates of ten under 3 processes × 4 threads without an
error, because a deferred transaction that reads and then writes is refused at once, whatever the busy timeout. So every
writing transaction begins IMMEDIATE, and the driver's own transaction handling is off. On PostgreSQL a transaction
takes all its advisory locks in one statement, before anything else: that of the whole record, or a share of it and the
locks of what it decides about, in one order. So a check followed by a write is safe, nothing deadlocks, and nothing has
to be done again (decisions 0050 and 0106).
"""

from __future__ import annotations

import json
import math
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zlib import crc32

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError

from domain.alerts.send_delays import HoldSettings
from domain.errors import StoreError
from domain.observation import Evidence
from domain.ports import ReadTransaction, Transaction
from domain.records.detection import NewRevision
from storage import ownership
from storage.location import CONNECTING, Location, application_name, explaining, locate, worker_name
from storage.migrate import demand_unchanged, open_record, prepare, share
from storage.outbox import RecordIdentity, execute_on
from storage.read import SqlReadTransaction
from storage.records import EntryForm
from storage.revision_rows import Prepared
from storage.write import SqlTransaction

BUSY = timedelta(seconds=30)
"""How long a writer waits for another one."""

WRITE_LOCK = 7_309_441_001
"""The key of the advisory lock of a whole record on PostgreSQL: whoever decides about a part has it with others."""

PART_LOCKS, PARTS = 730_944, 256
"""The first half of the keys of the locks of parts, and how many there are: a name is one of them by its checksum, so
that their number is bounded, however many names a transaction is about."""

STANDS_STILL_MS = 15_000
"""A transaction that stands still for so long was cut off from its program, and must not keep the lock."""

MOST_CONNECTIONS = 20
"""Connections of one process to a server: as many of its threads write or read at once, the others wait."""

UNSURE = 2.0
"""Seconds after which a connection that was not used is tried before it is used again: the server may be another."""

_END_CONNECTIONS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name IN (SELECT value FROM json_each(:names))
"""

_TAKE_TURN = """
    INSERT INTO lexwatch_jobs.host_turn AS t (host, next_at)
    VALUES (:host, clock_timestamp() + make_interval(secs => :spacing))
    ON CONFLICT (host) DO UPDATE
        SET next_at = greatest(t.next_at, clock_timestamp()) + make_interval(secs => :spacing)
    RETURNING extract(epoch FROM next_at - clock_timestamp()) - :spacing
"""

Trace = Callable[[str], None]


def _silent(_: str) -> None:
    """No failpoints."""


def open_store(
    url_or_path: str | Path,
    *,
    rehearsal: bool,
    now: datetime,
    trace: Trace = _silent,
    busy: timedelta = BUSY,
    holds: HoldSettings | None = None,
    marker: Path | None = None,
    new_record: bool = False,
    epoch: str | None = None,
) -> DatabaseStore:
    """Open the database for writing; make it, or bring it up to date, first.

    `rehearsal` says whether the clock was set by hand: a database keeps the mark it was made with and refuses the
    other kind (RehearsalMismatch). SchemaMismatch for one that another version wrote. `marker` is the file that
    remembers this database (`storage.ownership`): StoreError when it was here and is not now, unless a `new_record` is
    wanted. `trace` gets the name of each point where a sudden end is interesting. `epoch` salts the identities of a
    new record; a random one unless given. `now` is aware UTC.
    """
    location = locate(url_or_path)
    with explaining(location):
        known = ownership.expected(location, marker, new_record=new_record)
        ownership.make_private(location)
        plain = engine_for(location, busy=busy, foreign_keys=False, pooled=False)
        prepare(plain, location, rehearsal=rehearsal, now=now, trace=trace, known=known, epoch=epoch)
        identity, claims = open_record(plain, location, known, now)
        store = DatabaseStore(location, engine_for(location, busy=busy), identity, trace, busy)
        store.holds = holds or HoldSettings()
        if marker is not None:
            store.marker = ownership.Marker.begin(marker, location, identity.born, identity.epoch, claims)
        return store


@contextmanager
def scratch_store(now: datetime, **options: Any) -> Iterator[DatabaseStore]:
    """Yield a store that is forgotten at the end of the block: a file in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="lexwatch-") as folder:
        store = open_store(Path(folder) / "scratch.db", rehearsal=True, now=now, **options)
        event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        try:
            yield store
        finally:
            store.close()


class DatabaseStore:
    """One database. Threads may share it; each transaction belongs to one thread.

    `holds` is what the configuration in force wants held; whoever replaces it settles the waiting messages. Writers of
    this process queue at a lock of their own, which wakes them in turn; SQLite's would have them poll.
    """

    def __init__(
        self, location: Location, engine: Engine, identity: RecordIdentity, trace: Trace, busy: timedelta
    ) -> None:
        self.location = location
        self.engine = engine
        self.identity = identity
        self.holds = HoldSettings()
        self.marker: ownership.Marker | None = None
        self._file = ownership.file_identity(location)
        self._forms: dict[EntryForm, int] = {}
        self._full_facets: set[str] = set()
        self._trace = trace
        self._busy = busy
        self._writer = engine.execution_options(write=True)
        self._reader = self._single_reader = engine
        if location.file is None:
            self._reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._single_reader = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._turn = threading.Lock()

    @property
    def is_rehearsal(self) -> bool:
        """Say whether it is written by a simulated clock."""
        return self.identity.rehearsal

    @property
    def path(self) -> Path:
        """The file of an SQLite database."""
        assert self.location.file is not None
        return self.location.file

    @contextmanager
    def begin(
        self, ahead: Sequence[NewRevision | Evidence] = (), *, only: Sequence[str] | None = None
    ) -> Iterator[Transaction]:
        """Yield one writing transaction: committed at the end of the block, undone if it raises. With `only`, on a
        server, others write meanwhile what is not named there."""
        alone = only is None or self.location.file is not None
        prepared = Prepared(ahead, self._forms)
        if not alone and (forms := {form for form in prepared.unknown_forms if form.facet not in self._full_facets}):
            self._add_forms(forms)
            prepared.known_forms = self._forms
        with self._one_writer() if alone else nullcontext(), explaining(self.location):
            self._trace("store.before_begin")
            with (self._writer if alone else self.engine).connect() as connection, connection.begin():
                if only and not alone:
                    connection.exec_driver_sql(locks_of(only))
                self._trace("store.after_begin")
                transaction = SqlTransaction(connection, self.identity, self.holds, prepared, self._trace)
                yield transaction
                transaction.flush()
                transaction.count_claims()
                self._trace("store.before_commit")
            self._forms |= prepared.new_forms
            self._trace("store.after_commit")
        if self.marker is not None and transaction.claims is not None:
            self.marker.claimed(transaction.claims)

    @contextmanager
    def read(self, *, single: bool = False) -> Iterator[ReadTransaction]:
        """Yield one consistent reading. Keep it short: the log of changes grows while it lasts. For a `single` question
        a server is spared the transaction around it: that is half of what it costs."""
        reader = self._single_reader if single else self._reader
        with explaining(self.location), reader.connect() as connection, connection.begin():
            yield SqlReadTransaction(execute_on(connection))

    def check_still_there(self) -> None:
        """StoreError when what was opened is gone, emptied or another one: what is written would be lost. On a server:
        when a newer version has changed its tables, or it is another record now."""
        if self.location.file is None:
            demand_unchanged(self.engine, self.location, self.identity.born)
        ownership.check_file(self.location, self._file)

    def server_time(self) -> datetime | None:
        """Return the time of the database server; None for a file."""
        if self.location.file is not None:
            return None
        with explaining(self.location), self._reader.connect() as connection:
            found: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
            return found.astimezone(UTC)

    def end_connections(self, silent_since: datetime) -> None:
        """End what workers that gave no sign of life since then have open at the server. If one is frozen in the middle
        of a statement, such as a COPY, no time limit of the server does so, and it would keep its locks from all."""
        with self.read(single=True) as view:
            found = [one.name for one in view.workers() if one.seen_at <= silent_since and one.name != worker_name()]
        if found:
            names = json.dumps([application_name(name) for name in found])
            with explaining(self.location), self._single_reader.connect() as connection:
                execute_on(connection)(_END_CONNECTIONS, {"names": names})

    def take_turn(self, host: str, spacing: float) -> float:
        """Return the seconds until this process may ask a host, which nobody may ask for `spacing` seconds afterwards:
        the workers on a server share the moment from which it is free."""
        with explaining(self.location), self._single_reader.connect() as connection:
            found = execute_on(connection)(_TAKE_TURN, {"host": host, "spacing": spacing})
        return float(found[0][0])

    def claim_name(self, installation: str) -> None:
        """Remember what the workers that share a database call their installation; StoreError when it is another's."""
        with explaining(self.location), self._writer.connect() as connection, connection.begin():
            share(connection, self.location, installation)

    def close(self) -> None:
        self.engine.dispose()

    def _add_forms(self, forms: Collection[EntryForm]) -> None:
        """Number forms of entries beforehand: all documents share them. Of a facet that has too many, no more will be
        numbered, and nobody has to wait for it again."""
        with self.begin() as tx:
            cast(SqlTransaction, tx).add_forms(forms)
        self._full_facets |= {form.facet for form in forms if form not in self._forms}

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        seconds = self._busy.total_seconds()
        if not self._turn.acquire(timeout=seconds):
            raise StoreError(f"{self.location}: another thread has been writing for {seconds:.0f} s")
        try:
            yield
        finally:
            self._turn.release()


def engine_for(
    location: Location,
    *,
    busy: timedelta = BUSY,
    foreign_keys: bool = True,
    pooled: bool = True,
    patient: bool = False,
) -> Engine:
    """Return an engine whose transactions begin as its connections' execution option `write` says. A `patient` one of
    PostgreSQL keeps a transaction that stands still for minutes, as one does while another database is read."""
    pool: dict[str, Any] = {} if pooled else {"poolclass": NullPool}
    if location.url is not None:
        half = MOST_CONNECTIONS // 2  # stay open: one beyond them is made anew each time it is needed
        pool = {**pool, **({"pool_size": half, "max_overflow": half} if pooled else {})}
        return _postgresql_engine(location.url, busy, pool, 0 if patient else STANDS_STILL_MS)
    engine = create_engine(URL.create("sqlite+pysqlite", database=str(location.file)), **pool)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        _configure(connection, busy, foreign_keys)

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _is_writing(connection) else "BEGIN")

    return engine


def _postgresql_engine(url: str, busy: timedelta, pool: dict[str, Any], stands_still_ms: int) -> Engine:
    settings = f"-c lock_timeout={int(busy.total_seconds() * 1000)} -c client_min_messages=warning"
    settings += f" -c idle_in_transaction_session_timeout={stands_still_ms}"
    arguments = {"options": settings, "application_name": application_name(worker_name()), **CONNECTING}
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), connect_args=arguments, **pool)

    @event.listens_for(engine, "checkin")
    def _on_checkin(_connection: Any, record: Any) -> None:
        record.info["returned"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _on_checkout(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("returned", math.inf) > UNSURE:
            try:
                connection.execute("SELECT 1")
                connection.rollback()
            except connection.Error as error:
                raise DisconnectionError from error

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        if _is_writing(connection):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")

    return engine


def locks_of(names: Sequence[str]) -> str:
    """Return the statement that takes the locks of these names, for all transactions in the same order."""
    parts = sorted({crc32(name.encode()) % PARTS for name in names})
    taken = "".join(f", pg_advisory_xact_lock({PART_LOCKS}, {part})" for part in parts)
    return f"SELECT pg_advisory_xact_lock_shared({WRITE_LOCK}){taken}"


def _is_writing(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("write"))


def _configure(connection: sqlite3.Connection, busy: timedelta, foreign_keys: bool) -> None:
    connection.execute(f"PRAGMA busy_timeout = {int(busy.total_seconds() * 1000)}")
    _write_ahead(connection, time.monotonic() + busy.total_seconds())
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")


def _write_ahead(connection: sqlite3.Connection, deadline: float) -> None:
    """Change the journal's mode where it is not set yet. That needs the database alone, and SQLite does not wait for
    it, whatever the busy timeout: another process may be doing the same."""
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
            time.sleep(0.01)
