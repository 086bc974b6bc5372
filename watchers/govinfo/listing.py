"""When was each file of a folder last written, as its listing or its sitemap says?

Both have been empty or days old while the files were right (usgpo/bulk-data #37, usgpo/bill-status #100, #139): an
empty one is a fault of theirs, and never says that a bill is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from domain.errors import Changed
from domain.identity import DocumentId
from watchers.billstatus.document import members, outline, root_of
from watchers.congress.answers import decode, stamp
from watchers.govinfo.places import bills_in
from watchers.xml import first

Stamps = Mapping[DocumentId, int]
"""When each file was last written, in seconds since 1970."""


class _File(msgspec.Struct, rename="camel"):
    name: str | None = None
    link: str | None = None
    just_file_name: str | None = None
    display_label: str | None = None
    formatted_last_modified_time: str | None = None


class _Files(msgspec.Struct):
    files: list[_File]


_FILES = msgspec.json.Decoder(_Files)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PLAIN = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4})(?: (\d{2}):(\d{2}))?")


def parse_listing(body: bytes, where: str) -> Stamps:
    """Read a listing, JSON or XML as it came; Changed when it is none, or lists no file of a bill."""
    if body.lstrip()[:1] != b"<":
        files: Iterable[_File] = decode(body.lstrip(), _FILES, where).files
    else:
        root = root_of(body)
        place = first(root, "files")
        if place is None:
            raise Changed(f"{where}: expected <data><files>, saw {outline(root)}")
        files = [msgspec.convert(members(node), _File) for node in place.iterchildren("file")]
    return _stamps(((_named(file), file.formatted_last_modified_time) for file in files), where)


def parse_sitemap(body: bytes, where: str) -> Stamps:
    """Read a sitemap; Changed when it is none, or lists no file of a bill."""
    root = root_of(body)
    if not str(root.tag).endswith("urlset"):
        raise Changed(f"{where}: expected <urlset>, saw {outline(root)}")
    rows = [{str(child.tag).rpartition("}")[2]: child.text for child in node} for node in root.iterchildren("{*}url")]
    return _stamps(((row.get("loc"), row.get("lastmod")) for row in rows), where)


def _named(file: _File) -> str:
    return " ".join(filter(None, (file.just_file_name, file.name, file.link, file.display_label)))


def _stamps(rows: Iterable[tuple[str | None, str | None]], where: str) -> Stamps:
    found: dict[DocumentId, int] = {}
    for name, written in rows:
        for bill in bills_in(name or ""):
            found[bill] = max(moment(written, where), found.get(bill, 0))
    if not found:
        raise Changed(f"{where}: expected files of bills, saw none")
    return found


def moment(written: str | None, where: str) -> int:
    """Read when a file was last written, in seconds since 1970: `18-Sep-2026 20:26` (GMT) or ISO 8601; 0 when it is not
    stated."""
    words = (written or "").strip()
    plain = _PLAIN.fullmatch(words)
    if plain is None or plain[2].lower() not in _MONTHS:
        found = stamp(words.replace(" ", "T", 1), where)
        return int(found.timestamp()) if found else 0
    day, month, year, hour, minute = plain.groups(default="0")
    try:
        at = datetime(int(year), _MONTHS.index(month.lower()) + 1, int(day), int(hour), int(minute), tzinfo=UTC)
    except ValueError as error:
        raise Changed(f"{where}: expected a time such as 18-Sep-2026 20:26, saw {words!r}") from error
    return int(at.timestamp())
