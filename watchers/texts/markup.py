"""What does a published text say, paragraph by paragraph?

Two forms are read: the XML of bills and laws (both schemas), and the plain pages of GovInfo. What stands around the
text (calendar numbers, sponsors, page marks) is furniture and left out; so is what a committee struck out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from domain.errors import Changed
from watchers.markup import MALFORMED, defines_entities, parse_xml

LARGEST = 24 * 1024 * 1024
"""Bytes of the largest text that is read: the act of 4,155 pages of December 2022 has some ten million."""


def _several(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_INLINE = _several(
    "quote term italic bold superscript subscript short-title external-xref internal-xref added-phrase inline ref i b "
    "em sup sub nobreak act-name committee-name sponsor cosponsor nonsponsor date fraction effective-date span "
    "shortTitle quotedText property amendingAction"
)
"""Elements that do not even end a word."""

_BESIDE = _several("enum header text num heading chapeau content subheading entry column")
"""Elements that stand in the paragraph of their parent."""

_UNSAID = _several(
    "metadata meta amendMeta preface attestation endorsement pagebreak page sidenote footnote graphic toc "
    "deleted-phrase"
)

_ROOTS = _several("bill resolution amendment-doc pLaw lawDoc joint-resolution engrossed-amendment engrossedAmendment")
_BODIES = (
    "official-title", "preamble", "legis-body", "resolution-body", "longTitle", "main", "amendment-body",
    "engrossed-amendment-body", "amendMain",
)  # fmt: skip

_BEGINNING = re.compile(
    r"(?:a bill|an act|(?:joint |concurrent )?resolution|public law \d+.\d+|private law \d+.\d+)\W*"
)
_FURNITURE = re.compile(
    r"\[\[Page [^\]]{1,80}\]\]|<all>|_{5,}|VerDate [^\n]{0,160}|[•†] ?[HS]\.? ?[\w. ]{1,20} \w{2,4}|\d{1,4}"
)
_PRE = re.compile(rb"<pre[\s>]", re.IGNORECASE)
"""What the plain pages have, and XML (`<preamble>`, `<preface>`) does not."""

_EARLY = 80
"""Paragraphs among which the beginning of the text is looked for."""


def paragraphs(body: bytes) -> str:
    """Return a text as paragraphs, one a line; Changed if these bytes are no text of a bill or law."""
    if not body.strip():
        raise Changed("expected the text of a bill, saw an empty file")
    found = _page(body) if _PRE.search(body[:4000]) else _xml(body)
    if not found:
        raise Changed("expected the text of a bill, saw a file without any")
    return "\n".join(found)


def _xml(body: bytes) -> list[str]:
    root = _root(body)
    parts = [part for name in _BODIES for part in _outermost(root, name)]
    if not parts and root.tag.startswith("{"):  # of this schema every form has a body we know
        raise Changed(f"expected the body of a text, saw a <{_local(root)}> without one")
    # A measure without a body of its own (a simple resolution of one form) is read whole.
    return [said for part in parts or [root] for line in _lines(part) if (said := " ".join(line.split()))]


def _root(body: bytes) -> Any:
    try:
        root = parse_xml(body)
    except MALFORMED as error:
        reason = " ".join((str(error) or "something else").split())[:200]
        raise Changed(f"expected the XML of a bill, saw {reason}") from error
    # These files name their document type, which is never fetched; none of them defines an entity.
    if defines_entities(root):
        raise Changed("expected the XML of a bill, saw one that defines entities")
    if _local(root) not in _ROOTS:
        raise Changed(f"expected the XML of a bill, saw <{str(root.tag)[:60]}>")
    return root


def _outermost(root: Any, name: str) -> Iterator[Any]:
    for node in root.iter():
        if _local(node) == name and not any(_local(above) in _BODIES for above in node.iterancestors()):
            yield node


def _local(node: Any) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _lines(part: Any) -> Iterator[str]:
    """Yield the paragraphs below an element; nothing here recurses, for depth is the sender's to choose."""
    said: list[str] = []
    walk = etree.iterwalk(part, events=("start", "end"))
    for event, node in walk:
        name = _local(node)
        if event == "end":
            if node is not part:
                said.append((" " if name not in _INLINE else "") + (node.tail or ""))
        elif name in _UNSAID or node.get("changed") == "deleted":
            walk.skip_subtree()
        else:
            if name in _BESIDE:
                said.append(" ")
            elif name not in _INLINE:
                yield "".join(said)
                said = []
            said.append(node.text or "")
    yield "".join(said)


def _page(body: bytes) -> list[str]:
    text = html.unescape(re.sub(r"<[^<>]{0,200}>", _kept_mark, body.decode("utf-8", "replace")))
    found = [
        said
        for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n"))
        if (said := _joined(block)) and not _FURNITURE.fullmatch(said)
    ]
    starts = [at for at, said in enumerate(found[:_EARLY]) if _BEGINNING.fullmatch(said.lower())]
    return found[starts[0] + 1 :] if starts else found


def _kept_mark(tag: re.Match[str]) -> str:
    return "" if tag[0] != "<all>" else " "


def _joined(block: str) -> str:
    """Join the lines of a paragraph; a word divided at the end of a line becomes one again."""
    lines = [line.strip() for line in block.split("\n")]
    kept = [line for line in lines if line and not _FURNITURE.fullmatch(line)]
    return " ".join(re.sub(r"(?<=[a-z])-\n(?=[a-z])", "-", "\n".join(kept)).split())
