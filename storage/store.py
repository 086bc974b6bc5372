"""Where does the record live, and how is one unit of work done on it? `domain.ports.Store` on SQLite."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.errors import StoreError
from domain.observation import Evidence
from domain.ports import ReadTransaction, Transaction
from domain.records.detection import NewRevision
from storage.engine import BUSY, engine_for
from storage.faults import explained
from storage.location import database_file
from storage.looking import SqlView
from storage.migrate import prepare
from storage.readying import Ready
from storage.writing import SqlTransaction

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
) -> DatabaseStore:
    """Open the database for writing; make it, or bring it up to date, first.

    `rehearsal` says whether the clock was set by hand: a database keeps the mark it was made with and refuses the
    other kind (RehearsalMismatch). SchemaMismatch for one that a newer version wrote. `trace` is told the name of
    each point where a sudden end is interesting. `now` is aware UTC.
    """
    path = database_file(url_or_path)
    with _explaining(path):
        prepare(path, rehearsal=rehearsal, now=now, busy=busy, trace=trace)
        return DatabaseStore(path, engine_for(path, busy=busy), trace, busy)


class DatabaseStore:
    """One database file. Threads may share it; each transaction belongs to one thread.

    Writers of this process queue at a lock of their own, which wakes them in turn; SQLite's would have them poll.
    """

    def __init__(self, path: Path, engine: Engine, trace: Trace, busy: timedelta) -> None:
        self.path = path
        self.engine = engine
        self._writer = engine.execution_options(write=True)
        self._trace = trace
        self._busy = busy
        self._turn = threading.Lock()

    @contextmanager
    def begin(self, ahead: Sequence[NewRevision | Evidence] = ()) -> Iterator[Transaction]:
        """Yield one writing transaction: committed at the end of the block, undone if it raises."""
        ready = Ready(ahead)
        with self._my_turn(), _explaining(self.path):
            self._trace("store.before_begin")
            with self._writer.connect() as connection, connection.begin():
                self._trace("store.after_begin")
                transaction = SqlTransaction(connection, self._trace, ready)
                yield transaction
                transaction.flush()
                self._trace("store.before_commit")
            self._trace("store.after_commit")

    @contextmanager
    def look(self) -> Iterator[ReadTransaction]:
        """Yield one consistent reading. Keep it short: the log of changes grows while it lasts."""
        with _explaining(self.path), self.engine.connect() as connection, connection.begin():
            yield SqlView(lambda sql, parameters: connection.exec_driver_sql(sql, parameters).fetchall())

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=self._busy.total_seconds()):
            raise StoreError(f"{self.path}: another thread has been writing for {self._busy.total_seconds():.0f} s")
        try:
            yield
        finally:
            self._turn.release()


@contextmanager
def _explaining(path: Path) -> Iterator[None]:
    """Turn the database's errors into sentences; everything else passes."""
    try:
        yield
    except (DBAPIError, PoolTimeout, sqlite3.Error) as error:
        raise explained(error, path) from error
