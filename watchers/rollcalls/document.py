"""Is this the XML paper that was asked for, and how is a value taken out of it?

The Clerk's papers declare a document type; it is neither fetched nor expanded, and one that declares anything of its
own inside is refused, for everything that hurts through XML needs that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.errors import Changed
from watchers.xml import MALFORMED, Node, defines_entities, first, parsed

WASHINGTON = ZoneInfo("America/New_York")

_DIGITS = re.compile(r"[0-9]{1,6}")


def paper(body: bytes, root: str, where: str) -> Node:
    """Return the root element of a paper; Changed if it is another kind of document, or a page for people."""
    try:
        found = parsed(body)
    except MALFORMED as error:
        reason = " ".join(str(error).split())[:200] or "something that cannot be parsed"
        raise Changed(f"{where}: expected the XML of a <{root}>, saw {reason}") from error
    if defines_entities(found):
        raise Changed(f"{where}: expected XML that declares no entities of its own, saw some")
    if found.tag != root:
        raise Changed(f"{where}: expected a <{root}>, saw <{str(found.tag)[:40]}>")
    return found


def children(node: Node, name: str) -> Iterator[Node]:
    yield from node.iterchildren(name)


def words(node: Node, *names: str) -> str | None:
    """Return all words inside the first element down the path, on one line; None when there are none."""
    found = first(node, *names)
    said = "" if found is None else " ".join("".join(found.itertext()).split())
    return said or None


def number(node: Node, where: str, *names: str, absent: int | None = None) -> int:
    """Return a number that the paper must state, or `absent` where it may leave it empty."""
    said = words(node, *names)
    if said is None and absent is not None:
        return absent
    if said is None or not _DIGITS.fullmatch(said):
        raise Changed(f"{where}: expected a number in <{'/'.join(names)}>, saw {(said or 'nothing')[:40]!r}")
    return int(said)


def local_time(said: str | None, forms: tuple[str, ...], where: str) -> datetime:
    """Read a time of the Capitol, printed without its zone; Changed when it has none of the known forms."""
    for form in forms:
        try:
            return datetime.strptime(said or "", form).replace(tzinfo=WASHINGTON)
        except ValueError:
            continue
    example = datetime(2026, 1, 20, 17, 33, tzinfo=WASHINGTON).strftime(forms[0])
    raise Changed(f"{where}: expected a time such as {example!r}, saw {said!r}")
