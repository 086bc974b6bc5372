"""Which states of the database does this version of lexwatch know?"""

from __future__ import annotations

from domain.errors import SchemaMismatch

VERSIONS = ("0001",)
"""Every schema ever released, oldest first: the names of the migrations."""

CURRENT = VERSIONS[-1]


def is_current(path: str, version: str) -> bool:
    """Say whether the schema is the newest; SchemaMismatch for one that is newer than this program."""
    if version not in VERSIONS:
        raise SchemaMismatch(
            f"{path} was written by a newer lexwatch (schema {version}; this one knows up to {CURRENT}): "
            "install that version, or restore a backup made before it"
        )
    return version == CURRENT


def demand_current(path: str, version: str) -> None:
    """Let only the newest schema pass: whoever reads never migrates."""
    if not is_current(path, version):
        raise SchemaMismatch(
            f"{path} has schema {version}, this lexwatch reads {CURRENT}: start the service once "
            "(`lexwatch run --once`), it keeps a backup and brings the database up to date"
        )


def foreign(path: str) -> SchemaMismatch:
    """Return the error for a database that somebody else made."""
    return SchemaMismatch(
        f"{path} is an SQLite database, but not one of lexwatch: name another file under service.database"
    )
