"""Which official files are in what somebody handed us, and what is in each?

A file, a folder or an archive; folders are walked, archives read member by member, so that never more than one file is
in memory. Nothing is unpacked to the disk: what a member's name says of places means nothing here. A file that cannot
be read is named, and the next one follows.
"""

from __future__ import annotations

import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 64 * 2**20
"""No file of a bill comes near: the longest recorded one has 359 actions and 2 MB."""

MOST_RATIO = 200
"""How many times its own size an archive may claim to hold. Real ones hold six to ten times."""

_CORRUPT = (OSError, zipfile.BadZipFile, RuntimeError, ValueError, EOFError, struct.error, zlib.error, lzma.LZMAError)
"""What `zipfile` raises over damaged, encrypted or oddly packed archives."""


@dataclass(frozen=True, slots=True)
class BulkFile:
    """One file; `name` is what people and the archive of evidence know it by, without the place it lay in."""

    name: str
    body: bytes


@dataclass(frozen=True, slots=True)
class UnreadableFile:
    """One file, or a whole archive or folder, that gave nothing; `reason` says what was expected and seen."""

    name: str
    reason: str


def count_files(paths: Iterable[Path]) -> int:
    """Return how many files `read` will come to, as far as can be said without reading them."""
    return sum(_count_one(place) for path in paths for place in _paths_below(path))


def read_files(paths: Iterable[Path]) -> Iterator[BulkFile | UnreadableFile]:
    """Yield every file, in the order of the paths and, within each, of the names."""
    for path in paths:
        empty = True
        for place in _paths_below(path):
            empty = False
            yield from _members(place) if _is_archive(place) else (_file(place),)
        if empty:
            yield UnreadableFile(path.name or str(path), "expected *.xml or *.zip files in it, saw none")


def _paths_below(path: Path) -> Iterator[Path]:
    """Yield the files and archives at or below a path; links to folders are not followed."""
    if not path.is_dir():
        yield path
        return
    for folder, below, names in os.walk(path):
        below.sort()
        yield from (Path(folder, name) for name in sorted(names) if _is_archive(Path(name)) or _is_wanted(name))


def _is_archive(path: Path) -> bool:
    return path.suffix.lower() == ".zip"


def _is_wanted(name: str) -> bool:
    return name.lower().endswith(".xml")


def _count_one(place: Path) -> int:
    if not _is_archive(place):
        return 1
    try:
        with zipfile.ZipFile(place) as archive:
            return len(_wanted(archive))
    except _CORRUPT:
        return 1


def _wanted(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [member for member in archive.infolist() if _is_wanted(member.filename)]


def _file(path: Path) -> BulkFile | UnreadableFile:
    try:
        with path.open("rb") as stream:
            body = stream.read(MOST_BYTES + 1)
    except OSError as error:
        return UnreadableFile(path.name, f"it cannot be read: {error.strerror}")
    return UnreadableFile(path.name, _too_large(None)) if len(body) > MOST_BYTES else BulkFile(path.name, body)


def _members(place: Path) -> Iterator[BulkFile | UnreadableFile]:
    try:
        with zipfile.ZipFile(place) as archive:
            members = _wanted(archive)
            fault = _fault(place, archive, members)
            if fault:
                yield UnreadableFile(place.name, fault)
                return
            for member in members:
                yield _member(f"{place.name}/{_plain(member.filename)}", archive, member)
    except _CORRUPT as error:
        yield UnreadableFile(place.name, f"expected a zip archive that can be read, saw {_seen(error)}")


def _fault(place: Path, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> str | None:
    if not members:
        return "expected *.xml files in the archive, saw none"
    claimed = sum(member.file_size for member in archive.infolist())
    packed = place.stat().st_size
    if claimed > MOST_RATIO * packed:
        return f"expected an archive that holds at most {MOST_RATIO} times its size, saw {claimed // packed} times"
    return None


def _member(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> BulkFile | UnreadableFile:
    """Read one member. It is never inflated beyond the size it declares, and its checksum is checked."""
    if member.file_size > MOST_BYTES:
        return UnreadableFile(name, _too_large(member.file_size))
    try:
        return BulkFile(name, archive.read(member))
    except _CORRUPT as error:
        return UnreadableFile(name, f"it cannot be unpacked: {_seen(error)}")


def _plain(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]


def _too_large(size: int | None) -> str:
    seen = "more" if size is None else f"{size / 2**20:.0f} MB"
    return f"expected at most {MOST_BYTES // 2**20} MB, saw {seen}"


def _seen(error: Exception) -> str:
    return " ".join((str(error) or type(error).__name__).split())[:200]
