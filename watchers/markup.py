"""How are XML and web pages from outside parsed so that nothing is fetched or expanded on the way?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5
from typing import Any

from lxml import etree

from domain.coded_text import phrase
from domain.errors import Changed, mismatch

Node = Any
"""An element of lxml, which comes without types."""

MALFORMED = (etree.XMLSyntaxError, LookupError, ValueError)
"""What `parsed` raises for bytes that are no XML; LookupError is an encoding nobody knows."""


ENTITIES = phrase("XML that declares entities of its own")


def parse_xml(body: bytes) -> Node:
    """Return the outermost element, without comments and processing instructions; MALFORMED if there is none.

    A document type is neither fetched nor applied; whether one may be declared is for the caller to say.
    """
    # A parser is no thing to share: what one file leaves in it (names, errors) the next would meet.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(body, parser)


_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,10}));")


def without_impossible_references(body: bytes) -> bytes:
    """Put a mark in place of references to characters that XML does not have, such as `&#xD800;` or `&#0;`: one of
    them makes the whole file unreadable. `body` is in an encoding whose tags are ASCII."""
    return _REFERENCE.sub(_possible, body)


def _possible(reference: re.Match[bytes]) -> bytes:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    legal = code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
    return reference[0] if legal else b"&#xFFFD;"


_NAMED = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);|#[xX]?[0-9a-fA-F]{1,8};)(?:([A-Za-z][A-Za-z0-9]{1,40});)?")


def _named(reference: re.Match[bytes]) -> bytes:
    found = html5.get(f"{reference[1].decode()};") if reference[1] else None
    return found.encode() if found else b"&amp;" + reference[0][1:]


def parse_damaged_xml(body: bytes) -> Node:
    """Return the outermost element of XML that may be damaged, as far as it can be read; MALFORMED if there is none.

    `body` is UTF-8. References to characters of HTML are read as such; those to what nobody declared stay as written.
    """
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True
    )
    root = etree.fromstring(_NAMED.sub(_named, without_impossible_references(body)), parser)
    if root is None:
        raise ValueError("a file without any element")
    return root


def web_page(body: bytes, where: str) -> Node:
    """Return the outermost element of a web page; Changed, naming `where` it stands, for bytes that are none."""
    try:
        return parse_html(body)
    except MALFORMED as error:
        raise Changed(mismatch(where, "a web page", repr(body[:40]))) from error


def defines_entities(root: Node) -> bool:
    """Say whether a file defines entities of its own: everything that hurts through XML needs that."""
    declared = root.getroottree().docinfo.internalDTD
    return declared is not None and any(True for _ in declared.iterentities())


def first_child(node: Node, *names: str) -> Node | None:
    """Return the first element down the path of `names`. (lxml's own paths take ten times as long.)"""
    for name in names:
        node = next(node.iterchildren(name), None)
        if node is None:
            return None
    return node


def words_of(node: Node) -> str:
    """Return all words inside an element, on one line."""
    return " ".join("".join(node.itertext()).split())


_BLOCKS = frozenset({"p", "div", "br", "h1", "h2", "h3", "h4", "li", "tr"})
"""Elements of a page that begin and end a line."""


def parse_html(body: bytes) -> Node:
    """Return the outermost element of a web page, whatever is wrong with it; MALFORMED if there is none."""
    # What is no UTF-8 is replaced here: libxml2 would end the page there, and a NUL ends it too.
    text = body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    if root is None:
        raise ValueError("a page without any element")
    return root


def table_rows(page: Node) -> Iterator[tuple[Node, list[str]]]:
    """Yield each row of a page's tables with the words of its cells, each on one line."""
    for row in page.iter("tr"):
        yield row, [words_of(cell) for cell in row.iterchildren("td", "th")]


def lines_of(node: Node) -> str:
    """Return the words of an element of a page, a line for each block. Nothing here recurses: depth is the sender's."""
    said: list[str] = []
    for event, found in etree.iterwalk(node, events=("start", "end")):
        block = found.tag in _BLOCKS and found is not node
        if event == "start":
            said.append(("\n" if block else "") + (found.text or ""))
        elif found is not node:
            said.append(("\n" if block else "") + (found.tail or ""))
    return "".join(said)
