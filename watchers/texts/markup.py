"""What does a published text say, paragraph by paragraph, in whichever form it comes?

Three forms are read: the XML of bills and laws in either schema, and pages: those of GovInfo, those that the House
publishes of its bills, and their plain words. What stands around the words that are resolved or enacted (calendar
numbers, sponsors, the day, attestations, page marks, side notes) is furniture and left out; so is what a committee
struck out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import dropwhile

from lxml import etree

from domain.coded_text import CodedText, Param, phrase
from domain.errors import NONE, Changed, mismatch, parse_fault
from domain.records.text_difference import Difference, compare
from watchers.markup import ENTITIES, MALFORMED, Node, defines_entities, lines_of, parse_html, parse_xml

LARGEST = 24 * 1024 * 1024
"""Bytes of the largest text that is read: the act of 4,155 pages of December 2022 has some ten million."""


class Form(StrEnum):
    """How a text is written: in the schema of the House (DTD), in the one that follows it (USLM), or for people."""

    DTD = "dtd"
    USLM = "uslm"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class BillText:
    """What a text says, a paragraph a line, and the form that says so. The `title` comes before the words that are
    resolved or enacted; engrossed resolutions are published without."""

    form: Form
    title: tuple[str, ...]
    body: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join((*self.title, *self.body))


_GENERATED = re.compile(
    r"^\W*(?:be it enacted by the senate and house of representatives of the united states of america in congress "
    r"assembled|resolved(?: by the (?:senate|house of representatives)[^,]{0,80}(?:\([^)]{0,80}\))?)?,)\W*"
    r"|^\W*(?:section|sec\.|division|subdivision|title|subtitle|chapter|subchapter|part|subpart) (?=[\dA-Z]{1,6}\b)",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[.,;:—–-]+(?=\s|$)|—")


def difference(before: BillText, after: BillText) -> Difference:
    """Compare two texts: those of one form as they stand, others by what all forms state alike. A title that only one
    of them has is no difference."""
    titled = bool(before.title and after.title)
    old, new = (text.text if titled else "\n".join(text.body) for text in (before, after))
    if before.form == after.form:
        return compare(old, new)
    return compare(_common(old), _common(new), fold_case=True)


def _common(text: str) -> str:
    """Return what all forms state alike: each numbers sections, begins, and punctuates headings in a way of its own."""
    lines = (_MARKS.sub(" ", _GENERATED.sub("", line)) for line in text.split("\n"))
    return "\n".join(said for line in lines if (said := " ".join(line.split())))


def read_text(body: bytes) -> BillText:
    """Read a text; Changed if these bytes are no text of a bill or law. The outermost element decides the form, for
    what stands further in can be anything."""
    if not body.strip():
        raise Changed(_no_text(phrase("an empty file")))
    start = _OUTERMOST.match(body[:_PROLOGUE])
    if start is None or start["name"].lower() in (b"html", b"head", b"body", b"pre"):
        read = _page(body, marked=start is not None)
    else:
        read = _xml(body)
    if not read.body:
        raise Changed(_no_text(phrase("a file without any")))
    return read


def _no_text(saw: Param) -> CodedText:
    return mismatch("", "the text of a bill", saw)


def paragraphs(body: bytes) -> str:
    """Return a text as paragraphs, one a line; Changed if these bytes are no text of a bill or law."""
    return read_text(body).text


_PROLOGUE = 16_000
_OUTERMOST = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?:(?><!--.*?-->|<[?!](?!--)[^>\[]*+(?:\[.*?\]\s*)?>)\s*+)*+<(?P<name>[A-Za-z][\w.-]*)",
    re.DOTALL,
)
"""Never tries one comment in two ways: that would double the time with each comment."""


def _several(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_INLINE = _several(
    "quote term italic bold superscript subscript short-title external-xref internal-xref added-phrase inline ref i b "
    "em sup sub nobreak act-name committee-name sponsor cosponsor nonsponsor date fraction effective-date span u s "
    "shortTitle quotedText property amendingAction addedText after-quoted-block definition editorial courtesy-title "
    "footnote-ref strong ins entity def"
)
"""Elements that do not even end a word."""

_BESIDE = _several(
    "enum header text num heading headingText chapeau content subheading entry column td th designator label br "
    "linebreak enum-in-header header-in-text"
)
"""Elements that stand in the paragraph of their parent."""

_STRUCK_OUT = _several("deleted-phrase deletedText del")
_UNSAID = _STRUCK_OUT | _several(
    "metadata meta amendMeta preface amendPreface form engrossed-amendment-form amendment-form attestation endorsement "
    "signatures pagebreak page sidenote footnote graphic legislativeHistory endMarker action slugLine"
)
"""Furniture: what stands around the text or on its margin, and what was struck out."""

_ROOTS = _several("bill resolution amendment-doc pLaw lawDoc joint-resolution engrossed-amendment engrossedAmendment")
_TITLES = _several("official-title officialTitle")
_NO_TITLE = _several("endorsement block preface amendPreface meta metadata amendmentContent")
_BODIES = _several("legis-body resolution-body main amendMain amendment-body engrossed-amendment-body")
_MOST_ASIDE = 20
"""Words that an element beside the body may have without being another body."""


def _root(body: bytes) -> Node:
    try:
        root = parse_xml(body)
    except MALFORMED as error:
        raise Changed(mismatch("", "the XML of a bill", parse_fault(error))) from error
    # These files name their document type, which is never fetched; none of them defines an entity.
    if defines_entities(root):
        raise Changed(mismatch("", "the XML of a bill", ENTITIES))
    if _local(root) not in _ROOTS:
        raise Changed(mismatch("", "the XML of a bill", f"<{str(root.tag)[:60]}>"))
    return root


def _xml(body: bytes) -> BillText:
    """Read title and body; a body that nobody knows is an error, never an almost empty text."""
    root = _root(body)
    known = _BODIES | _TITLES | {"preamble"}
    aside = [node for node in root.iterchildren() if not (_is_furniture(node) or _local(node) in known)]
    large = [node for node in aside if len(" ".join(node.itertext()).split()) > _MOST_ASIDE]
    parts = [node for node in root.iterchildren() if _local(node) in _BODIES]
    if not parts or large:
        parts_seen = tuple(f"<{_local(node)[:40]}>" for node in (large or aside)[:5]) or NONE
        saw = phrase("a <{name}> with {parts}", name=_local(root), parts=parts_seen)
        raise Changed(mismatch("", "the body of a text", saw))
    titles = [node for node in root.iter() if _local(node) in _TITLES and not _is_within(node, _NO_TITLE)]
    form = Form.USLM if root.tag.startswith("{") else Form.DTD
    return BillText(form, _paragraphs(titles), _paragraphs([*root.iterchildren("preamble"), *parts]))


def _paragraphs(parts: Iterable[Node]) -> tuple[str, ...]:
    return tuple(said for part in parts for line in _lines(part) if (said := _on_one_line(line)))


def _is_furniture(node: Node) -> bool:
    return _local(node) in _UNSAID or node.get("role") in _UNSAID


def _is_within(node: Node, names: frozenset[str]) -> bool:
    return any(_local(above) in names for above in node.iterancestors())


def _on_one_line(text: str) -> str:
    return " ".join(text.replace("\u00ad", "").split())


def _local(node: Node) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _lines(part: Node) -> Iterator[str]:
    """Yield the paragraphs below an element; nothing here recurses, for depth is the sender's to choose."""
    said: list[str] = []
    walk = etree.iterwalk(part, events=("start", "end"))
    for event, node in walk:
        name = _local(node)
        if event == "end":
            if node is not part:
                said.append(("" if name in _INLINE | _STRUCK_OUT else " ") + (node.tail or ""))
        elif _is_furniture(node) or node.get("changed") == "deleted" or _is_heading(node, name):
            walk.skip_subtree()
        else:
            if name in _BESIDE:
                said.append(" ")
            elif name not in _INLINE:
                yield "".join(said)
                said = []
            said.append(node.text or "")
    yield "".join(said)


def _is_heading(node: Node, name: str) -> bool:
    """Say whether an element only says what the document is and what it is called, above its own text: title and kind
    of what an amendment inserts are words of the amendment."""
    return name in ("longTitle", "docTitle") and not _is_within(node, frozenset({"amendmentContent"}))


_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAY = rf"(?:{_MONTHS}) \d{{1,2}}(?: \(legislative day,? (?:of )?(?:{_MONTHS}) \d{{1,2}}\))?, \d{{4}}"
_KIND = r"\*?(?:a bill|an act|(?:joint |concurrent )?resolution|(?:public|private) law \d+.\d+)\*?"
_SENDS = r"in the (?:house of representatives, u\. ?s\.|senate of the united states),"
_BEGINS = re.compile(rf"\W*(?:{_KIND}|{_SENDS})\W*", re.IGNORECASE)
"""The line behind which a text begins: what it is, or which chamber sends it."""

_STANDS_BEFORE = re.compile(
    r"\[(?:congressional bills [^\]]{1,40}|from the u\.s\. government [^\]]{1,60}|[^\]]{1,40} \([a-z]{2,4}\d?\)|"
    rf"[^\]]{{1,40}} (?:public|private) law \d+)\]|<doc>|\d+(?:st|nd|rd|th|d) congress|{_DAY}\.?|"
    r"[hs]\. ?(?:(?:j|con)\. ?)?(?:res\. ?|r\. ?)?\d{1,5}",
    re.IGNORECASE,
)
_ENDS = re.compile(
    rf"(?:attest:?|approved {_DAY}\.|passed the (?:house of representatives|senate) {_DAY}\.|<all>|"
    r"legislative history.{0,80}|speaker of the house of representatives\.?|"
    r"(?:union |private |house )?calendar no\. \d+|\d+(?:st|nd|rd|th|d) congress)",
    re.IGNORECASE,
)
"""The line at which a text ends: attestations, the approval of a law, and the outside of the last leaf follow."""

_FURNITURE = re.compile(
    r"\[\[Page [^\]]{1,80}\]\]|_{5,}|-{10,}|VerDate [^\n]{0,160}|[•†] ?[HS]\.? ?[\w. ]{1,20} \w{2,4}|\d{1,4}"
)
_SAYS = re.compile(r"\b(?:be it enacted|resolved,? |whereas\b|strike (?:out )?all\b)", re.IGNORECASE)
"""Words without which a page is no text of a bill, unless its beginning says what it is."""

_MOST_TITLE = 6
"""Paragraphs among which the first one is looked for that is no title."""

_EARLY = 200
"""Lines among which the beginning of the text is looked for."""


def _page(body: bytes, *, marked: bool) -> BillText:
    text = _unmarked(body) if marked else _without_emphasis(body.decode("utf-8", "replace"))
    lines = [line.strip() for line in text.replace("\r\n", "\n").split("\n")]
    starts = [at for at, line in enumerate(lines[:_EARLY]) if _BEGINS.fullmatch(line)]
    if not starts and not any(_SAYS.search(line) for line in lines):
        raise Changed(_no_text(repr(_on_one_line(text)[:80])))
    lines = lines[starts[0] + 1 :] if starts else lines
    lines = list(dropwhile(lambda line: not line or _STANDS_BEFORE.fullmatch(line) or _BEGINS.fullmatch(line), lines))
    end = next((at for at, line in enumerate(lines) if at and _ENDS.fullmatch(line)), len(lines))
    kept = "\n".join(line for line in lines[:end] if not _FURNITURE.fullmatch(line))
    found = [said for block in re.split(r"\n\s*\n", kept) if (said := _joined(block))]
    begin = next((at for at, said in enumerate(found[:_MOST_TITLE]) if _SAYS.match(said)), 0)
    return BillText(Form.PAGE, tuple(found[:begin]), tuple(found[begin:]))


def _unmarked(body: bytes) -> str:
    """Return the words of a page: as they are set where it is set already, else a paragraph for each block."""
    try:
        root = parse_html(re.sub(rb"<(?=/?(?:all|DOC)>)", b"&lt;", _without_struck(body)))
    except MALFORMED as error:
        raise Changed(_no_text(phrase("a file without any"))) from error
    for node in [*root.iter("head", "script", "style")]:
        node.clear()
    if next(root.iter("pre"), None) is not None:
        return re.sub(r"<<NOTE:.*?>>", " ", "".join(root.itertext()), flags=re.DOTALL)
    for node in root.iter():
        node.text, node.tail = (
            " ".join(f"x{said}x".split())[1:-1] if said else said for said in (node.text, node.tail)
        )
    return lines_of(root).replace("\n", "\n\n")


_STRUCK_END = re.compile(rb"(?:<|&lt;)/DELETED(?:>|&gt;)")
_STRUCK = re.compile(rb"(?:<|&lt;)DELETED(?:>|&gt;).*?" + _STRUCK_END.pattern, re.DOTALL)


def _without_struck(body: bytes) -> bytes:
    """Leave out what is marked as struck out; what is marked and never ends stays, and is not looked for again."""
    last = max((found.end() for found in _STRUCK_END.finditer(body)), default=0)
    return _STRUCK.sub(b"", body[:last]) + body[last:]


_ADDRESS = re.compile(r"\s?<\s?https?:[^<>]{1,300}>")
_EMPHASIS = re.compile(r"(?<![\w/*])([/*])(?=[^\s/*])([^/*]{1,400}?)\1(?!\1)")


def _without_emphasis(text: str) -> str:
    """Return the words of a page that was saved as plain text, where `*…*` and `/…/` stand for kinds of letters."""
    return _EMPHASIS.sub(r"\2", _ADDRESS.sub("", text))


def _joined(block: str) -> str:
    """Join the lines of a paragraph; a word divided at the end of a line becomes one again."""
    return _on_one_line(re.sub(r"(?<=[a-z])-\n(?=[a-z])", "-", block))
