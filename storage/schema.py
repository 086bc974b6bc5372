"""Which states of the database does this version of lexwatch know?"""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import SchemaMismatch

VERSIONS = ("0001",)
"""Every schema ever released, oldest first: the names of the migrations."""


def is_current(path: str, version: str, versions: Sequence[str] = VERSIONS) -> bool:
    """Say whether the schema is the newest; SchemaMismatch for one that is newer than this program."""
    if version not in versions:
        raise SchemaMismatch(
            f"{path} was written by a newer lexwatch (schema {version}; this one knows up to {versions[-1]}): "
            "install that version, or restore a backup made before it"
        )
    return version == versions[-1]


def demand_current(path: str, version: str, versions: Sequence[str] = VERSIONS) -> None:
    """Let only the newest schema pass: whoever reads never migrates."""
    if not is_current(path, version, versions):
        raise SchemaMismatch(
            f"{path} has schema {version}, this lexwatch reads {versions[-1]}: start the service once "
            "(`lexwatch run --once`), it keeps a backup and brings the database up to date"
        )


def foreign(path: str) -> SchemaMismatch:
    """Return the error for a database that somebody else made."""
    return SchemaMismatch(
        f"{path} is an SQLite database, but not one of lexwatch: name another file under service.database"
    )
