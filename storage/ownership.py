"""Who may run the service on this database, and is it still the one that was here before?

The lock is on the database itself: `flock` on the inode of an SQLite file, so that a symbolic link, a hard link, a bind
mount or another container meets the same lock, and an advisory lock of a PostgreSQL database. The kernel, or the
server, releases it when its holder ends, however it ends. SQLite's own locks are of another kind (fcntl) and are not
touched, as long as no descriptor of a file is closed while SQLite has that file open in the same process.

A marker outside the database (in the user's state folder) remembers that it existed, so that a lost one is not taken
for a beginning, and a restored one not for the latest.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from domain.errors import Occupied, StoreError
from storage.location import CONNECTING, Location, LostRecord, explained, explaining, locate

OWNER_LOCK = 7_309_441_002
"""The key of the advisory lock that the owner of a PostgreSQL database holds."""

_owned: set[tuple[int, int]] = set()
_registry = threading.Lock()
"""What this process owns. A second descriptor of a file is never closed while SQLite has the file open here."""

_MISSING = "restore a backup, mount the volume it lies on, or start over with `lexwatch run --new-record`"


@dataclass(frozen=True, slots=True)
class MarkerState:
    """What the marker knows: the first and the present epoch of the record, and how many claims of messages it had."""

    database: str
    born: str
    epoch: str
    claims: int


class Marker:
    """The file that remembers a database while it is written."""

    def __init__(self, path: Path, state: MarkerState) -> None:
        self.path = path
        self._state = state
        self._turn = threading.Lock()

    @classmethod
    def begin(cls, path: Path, location: Location, born: str, epoch: str, claims: int) -> Marker:
        """Remember a database that was just opened."""
        marker = cls(path, MarkerState(str(location), born, epoch, claims))
        marker._write()
        return marker

    def claimed(self, claims: int) -> None:
        """Remember how many messages were claimed; called before any of them is sent."""
        with self._turn:
            if claims > self._state.claims:
                kept = self._state
                self._state = MarkerState(kept.database, kept.born, kept.epoch, claims)
                self._write()

    def _write(self) -> None:
        """A folder that cannot be written costs the safeguard, not the service."""
        unfinished = self.path.with_name(f"{self.path.name}.{os.getpid()}.unfinished")
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(json.dumps(asdict(self._state)))
            os.replace(unfinished, self.path)


def marker_file(url_or_path: str | Path, state_folder: Path) -> Path:
    """Return where the marker of a database lies: one file per database, by its absolute name."""
    location = locate(url_or_path)
    name = str(location) if location.file is None else os.path.abspath(location.file)
    return state_folder / "databases" / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.json"


def expected(location: Location, marker: Path | None, *, new_record: bool = False) -> MarkerState | None:
    """Return what is remembered of this database; StoreError when its file was here before and is missing or empty.

    None when nothing is remembered, or a new record is wanted.
    """
    known = None if marker is None or new_record else _recall(marker)
    if known is not None and location.file is not None:
        if not location.file.exists():
            raise lost(location, known, "is missing now")
        if not location.file.stat().st_size:
            raise lost(location, known, "is empty now")
    return known


def lost(location: Location, known: MarkerState, what: str) -> LostRecord:
    """Return the error for a database that was here before."""
    return LostRecord(f"{location} was written here before ({known.claims} messages) and {what}: {_MISSING}")


def _recall(marker: Path) -> MarkerState | None:
    try:
        found = json.loads(marker.read_text())
        return MarkerState(str(found["database"]), str(found["born"]), str(found["epoch"]), int(found["claims"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def make_private(location: Location) -> None:
    """Make a new file that only its owner may read: recipients and notes stand in it. SQLite gives its companions the
    same rights."""
    if location.file is not None and not location.file.exists():
        with contextlib.suppress(OSError):
            os.close(os.open(location.file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def file_identity(location: Location) -> tuple[int, int] | None:
    """Return device and inode of an SQLite file."""
    if location.file is None:
        return None
    found = location.file.stat()
    return found.st_dev, found.st_ino


def check_file(location: Location, opened: tuple[int, int] | None) -> None:
    """StoreError when the file that was opened is gone, emptied or another one."""
    if location.file is None:
        return
    try:
        found = location.file.stat()
    except OSError as error:
        raise LostRecord(f"{location} is gone ({error.strerror}): {_MISSING}") from error
    if (found.st_dev, found.st_ino) != opened:
        raise LostRecord(f"{location} is another file than the one that was opened: restart lexwatch on the right one")
    if not found.st_size:
        raise LostRecord(f"{location} was emptied: {_MISSING}")


@contextmanager
def own_database(
    url_or_path: str | Path, *, marker: Path | None = None, new_record: bool = False, shared: bool = False
) -> Iterator[Callable[[], None]]:
    """Be the one owner of a database while the block lasts; Occupied when somebody is, naming the process where it is
    known. A database on a server may be owned by several that share it. Yields what asks whether it is owned still:
    Unreachable when the server has ended the connection that holds the lock."""
    location = locate(url_or_path)
    expected(location, marker, new_record=new_record)
    if location.file is None:
        with _owned_on_server(location, shared) as still_owned:
            yield still_owned
    else:
        with _owned_file(location.file):
            yield lambda: None


@contextmanager
def _owned_file(path: Path) -> Iterator[None]:
    make_private(Location(path))
    place = _place(path)
    with _registry:
        if place in _owned:
            raise Occupied(f"{path} is in use by this very process")
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            holder = _holder(path)
            raise Occupied(f"{path} is in use by another lexwatch ({holder}): end that one first") from error
        _owned.add(place)
    try:
        yield
    finally:
        os.close(descriptor)
        _owned.discard(place)


def _place(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
        if not os.access(path, os.W_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise StoreError(f"{path}: the database cannot be owned: {error.strerror}") from error
    return found.st_dev, found.st_ino


def _holder(path: Path) -> str:
    """Return the process that holds the lock, as the kernel lists it."""
    with contextlib.suppress(OSError, ValueError):
        inode = path.stat().st_ino
        for line in Path("/proc/locks").read_text().splitlines():
            parts = line.split()
            if parts[1] == "FLOCK" and int(parts[5].rpartition(":")[2]) == inode:
                return f"process {parts[4]}"
    return "an unknown process"


@contextmanager
def _owned_on_server(location: Location, shared: bool) -> Iterator[Callable[[], None]]:
    import psycopg

    lock = "SELECT pg_try_advisory_lock_shared(%s)" if shared else "SELECT pg_try_advisory_lock(%s)"
    try:
        connection = psycopg.connect(
            str(location.url), autocommit=True, application_name="lexwatch owner", **CONNECTING
        )
        taken = connection.execute(lock, (OWNER_LOCK,)).fetchone()
    except psycopg.Error as error:
        raise explained(error, location) from error
    with closing(connection):
        if not taken or not taken[0]:
            raise Occupied(f"{location} is in use by another lexwatch: end that one first")

        def still_owned() -> None:
            with explaining(location):
                connection.execute("SELECT 1")

        yield still_owned
