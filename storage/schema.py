"""Which states of the database does this version of lexwatch know?"""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import SchemaMismatch

VERSIONS = ("0.2.0",)
"""Every schema ever released, oldest first: the names of the migrations."""


class LostRecord(SchemaMismatch):
    """A database that was here before is missing, empty or another one now."""


def is_current(name: str, version: str, versions: Sequence[str] = VERSIONS) -> bool:
    """Say whether the schema is the newest; SchemaMismatch for one that this program does not know."""
    if version not in versions:
        raise SchemaMismatch(
            f"{name} was written by another version of lexwatch (schema {version}; this one knows {versions[-1]}): "
            "install that version, restore a backup made by this one, or name another database"
        )
    return version == versions[-1]


def demand_current(name: str, version: str, versions: Sequence[str] = VERSIONS) -> None:
    """Let only the newest schema pass: whoever reads never migrates."""
    if not is_current(name, version, versions):
        raise SchemaMismatch(
            f"{name} has schema {version}, this lexwatch reads {versions[-1]}: start the service once "
            "(`lexwatch run --once`), it keeps a backup and brings the database up to date"
        )


def foreign(name: str) -> SchemaMismatch:
    """Return the error for a database that somebody else made."""
    return SchemaMismatch(f"{name} is not a database of lexwatch: name another one under service.database")
