"""Whatever lies in a folder or an archive, each file is read or named, and none of them hurts."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.service import bulk_files
from monitor.service.bulk_files import BulkFile, UnreadableFile, count_files, read_files


def archive(path: Path, files: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as made:
        for name, body in files.items():
            made.writestr(name, body)
    return path


def test_files_come_in_the_order_of_paths_and_names(tmp_path: Path) -> None:
    for name in ("b/2.xml", "b/1.XML", "a/3.xml", "a/deep/4.xml", "a/other.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    archive(tmp_path / "b" / "z.zip", {"6.xml": b"6", "readme.txt": b"", "5.xml": b"5"})
    paths = [tmp_path / "b", tmp_path / "a", tmp_path / "a" / "3.xml"]
    names = [one.name for one in read_files(paths)]
    assert names == ["1.XML", "2.xml", "z.zip/6.xml", "z.zip/5.xml", "3.xml", "4.xml", "3.xml"]
    assert count_files(paths) == len(names)


def test_places_in_the_names_of_members_mean_nothing(tmp_path: Path) -> None:
    path = archive(tmp_path / "z.zip", {"../../up.xml": b"a", "/etc/passwd.xml": b"b", "c:\\d\\e.xml": b"c"})
    assert [one.name for one in read_files([path])] == ["z.zip/up.xml", "z.zip/passwd.xml", "z.zip/e.xml"]
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["z.zip"]


def test_links_in_circles_end(tmp_path: Path) -> None:
    (tmp_path / "1.xml").write_bytes(b"1")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    assert [one.name for one in read_files([tmp_path])] == ["1.xml"]


def _damaged(path: Path) -> Path:
    archive(path, {"1.xml": os.urandom(500), "2.xml": b"two"}, zipfile.ZIP_STORED)
    body = bytearray(path.read_bytes())
    body[60] ^= 0xFF
    path.write_bytes(bytes(body))
    return path


def _encrypted(path: Path) -> Path:
    archive(path, {"1.xml": b"one"})
    body = path.read_bytes()
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = body.index(mark) + place
        body = body[:start] + bytes([body[start] | 1]) + body[start + 1 :]
    path.write_bytes(body)
    return path


def _lying(path: Path) -> Path:
    """Declare less than the member inflates to."""
    archive(path, {"1.xml": bytes(range(256)) * 400})
    body = path.read_bytes()
    start = body.index(b"PK\x01\x02") + 24
    path.write_bytes(body[:start] + (1000).to_bytes(4, "little") + body[start + 4 :])
    return path


def _bomb(path: Path) -> Path:
    return archive(path, {"1.xml": bytes(20_000_000)})


def _cut(path: Path) -> Path:
    path.write_bytes(archive(path, {"1.xml": b"one"}).read_bytes()[:-30])
    return path


def _empty(path: Path) -> Path:
    return archive(path, {"readme.txt": b"nothing here"})


def _no_archive(path: Path) -> Path:
    path.write_bytes(b"<html>Just a moment...</html>")
    return path


def _odd(path: Path) -> Path:
    """A way of packing that nobody knows."""
    archive(path, {"1.xml": b"one" * 100})
    body = path.read_bytes()
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        start = body.index(mark) + place
        body = body[:start] + b"\x63\x00" + body[start + 2 :]
    path.write_bytes(body)
    return path


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (_damaged, "Bad CRC-32"),
        (_encrypted, "encrypted"),
        (_lying, "it cannot be unpacked"),
        (_bomb, "expected an archive that holds at most 200 times its size"),
        (_cut, "expected a zip archive that can be read"),
        (_empty, "expected *.xml files in the archive, saw none"),
        (_no_archive, "expected a zip archive that can be read"),
        (_odd, "compression method"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_a_bad_archive_is_named(make: Callable[[Path], Path], told: str, tmp_path: Path) -> None:
    path = make(tmp_path / "z.zip")
    unread = [one for one in read_files([path]) if isinstance(one, UnreadableFile)]
    assert len(unread) == 1
    assert told in unread[0].reason
    assert unread[0].name.startswith("z.zip")
    count_files([path])


def test_the_other_members_of_a_damaged_archive_are_read(tmp_path: Path) -> None:
    assert [one.name for one in read_files([_damaged(tmp_path / "z.zip")]) if isinstance(one, BulkFile)] == [
        "z.zip/2.xml"
    ]


def test_a_member_that_is_too_large_is_never_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as large:
        large.writestr("1.xml", os.urandom(1_000_000))
    body = made.getvalue()
    start = body.index(b"PK\x01\x02") + 24
    path.write_bytes(body[:start] + (bulk_files.MOST_BYTES + 1).to_bytes(4, "little") + body[start + 4 :])
    (one,) = read_files([path])
    assert isinstance(one, UnreadableFile)
    assert one.reason == "expected at most 64 MB, saw 64 MB"


def test_a_folder_without_files_is_no_success(tmp_path: Path) -> None:
    (one,) = read_files([tmp_path])
    assert isinstance(one, UnreadableFile)
    assert "saw none" in one.reason
