"""Is this one bill's BILLSTATUS file, and how is a value taken out of it?

Nothing is fetched or expanded on the way: a file that declares a document type is refused, for no BILLSTATUS file has
one, and everything that hurts through XML needs one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from domain.errors import Changed
from domain.identity import DocumentId, us_bill
from watchers.xml import MALFORMED, Node, first, parsed

_DIGITS = re.compile(r"[0-9]{1,9}")
_ROOT = "billStatus"


def root_of(body: bytes) -> Node:
    """Return the outermost element of an XML file, without a document type; Changed if it is none."""
    try:
        root = parsed(body)
    except MALFORMED as error:
        raise Changed(f"expected well-formed XML, saw {_reason(error)}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Changed("expected XML without a document type, saw one declared")
    return root


def bill_of(body: bytes) -> Node:
    """Return the element `bill` of a file; Changed if it is none of ours."""
    if not body or body.isspace():
        raise Changed("expected a BILLSTATUS file, saw an empty one")
    root = root_of(body)
    bill = first(root, "bill") if root.tag == _ROOT else None
    if bill is None:
        raise Changed(f"expected <{_ROOT}><bill>, saw {outline(root)}")
    return bill


def document_of(bill: Node) -> DocumentId:
    """Return the identity of a bill; `billNumber` and `billType` are the names before schema 3.0.0 (December 2022)."""
    kind = text(bill, "type") or text(bill, "billType") or ""
    number = text(bill, "number") or text(bill, "billNumber")
    try:
        return us_bill(whole(text(bill, "congress"), "bill.congress"), kind, whole(number, "bill.number"))
    except ValueError as error:
        raise Changed(f"bill: {error}") from error


def inside(node: Node, *names: str) -> Sequence[Node]:
    """Return the children of the first element down the path of `names`; none where there is no such element."""
    found = first(node, *names)
    return () if found is None else list(found)


def text(node: Node, *names: str) -> str | None:
    """Return the words of the first element down the path of `names`; None when it is absent or blank."""
    found = first(node, *names)
    words = None if found is None else found.text
    return words if words and not words.isspace() else None


def members(node: Node) -> Mapping[str, str]:
    """Return the children of a node that hold words, by name; the first of each name counts."""
    found: dict[str, str] = {}
    for child in node:
        words = child.text
        if words and not words.isspace():
            found.setdefault(child.tag, words)
    return found


def whole(words: str | None, where: str) -> int:
    """Read a number as these files write them; Changed, naming `where` it stands, when it is none."""
    if words is None or not _DIGITS.fullmatch(words.strip()):
        raise Changed(f"{where}: expected a number, saw {(words or 'nothing')[:40]!r}")
    return int(words)


def _reason(error: Exception) -> str:
    return " ".join((str(error) or "something that cannot be parsed").split())[:200]


def outline(root: Node) -> str:
    """Say what a file begins with: `<html><head>`."""
    first = root[0].tag if len(root) else None
    inside = f"<{first}>" if isinstance(first, str) else ""
    return f"<{root.tag}>{inside}"[:120]
