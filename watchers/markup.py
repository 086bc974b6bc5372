"""How is XML from outside parsed so that nothing is fetched or expanded on the way?"""

from __future__ import annotations

from typing import Any

from lxml import etree

Node = Any
"""An element of lxml, which comes without types."""

MALFORMED = (etree.XMLSyntaxError, LookupError, ValueError)
"""What `parsed` raises for bytes that are no XML; LookupError is an encoding nobody knows."""


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
