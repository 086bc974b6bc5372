"""Every published text of the corpus is read, and what is told of pairs agrees with an independent count of words.

The count is made with `lxml` and `difflib` alone: the words of the body of a file as they stand there, without what its
schema marks as struck out or beside the text.
"""

from __future__ import annotations

import gzip
import html
import re
from collections import Counter
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from lxml import etree

from domain.errors import Changed
from tests.helpers.paths import CORPUS
from watchers.texts.markup import difference, paragraphs, read_text

pytestmark = pytest.mark.corpus

FOLDER = CORPUS / "live" / "us" / "govinfo"
FILES = sorted(file for kind in ("bill-*", "other-uslm") for file in FOLDER.glob(f"{kind}/*"))
NO_BILLS = {"statuteCompilation": "a compilation of laws", "cfrDoc": "regulations", "frDoc": "an issue of the Register"}
"""What lies in the corpus for its schema alone, and is refused by name."""

BODIES = {"legis-body", "resolution-body", "engrossed-amendment-body", "amendMain", "main", "preamble"}
ASIDE = {"sidenote", "page", "pagebreak", "footnote", "longTitle", "docTitle", "action"}
WORD = re.compile(r"\w(?:[\w.,'’-]*\w)?")


def bytes_of(file: Path) -> bytes:
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


def kind_of(body: bytes) -> str:
    found = re.search(rb"<(?![?!])([\w.-]+)", body)
    return found[1].decode() if found and body.lstrip()[:1] == b"<" else ""


def words(body: bytes) -> list[str]:
    """Return the words of a file's body, by `lxml` alone; of a page those between its head and its attestation."""
    if kind_of(body) in ("html", ""):
        return words_of_page(body)
    root = etree.fromstring(body, etree.XMLParser(remove_comments=True, remove_pis=True, resolve_entities=False))
    said: list[str] = []
    for node in root:
        if etree.QName(node).localname in BODIES:
            take(node, said)
    return WORD.findall("".join(said).replace("\u00ad", ""))


INLINE = {"quote", "italic", "term", "i", "b", "inline", "ref", "sup", "sub", "quotedText", "shortTitle", "short-title"}


def take(node: etree._Element, said: list[str], *, inserted: bool = False) -> None:
    name = etree.QName(node).localname
    inserted = inserted or name == "amendmentContent"
    if (name in ASIDE and not (inserted and name in ("longTitle", "docTitle"))) or node.get("changed") == "deleted":
        said.append(" ")
        return
    between = "" if name in INLINE or name.endswith("xref") else " "
    said.append(between + (node.text or ""))
    for inner in node:
        take(inner, said, inserted=inserted)
        said.append(inner.tail or "")
    said.append(between)


def words_of_page(body: bytes) -> list[str]:
    text = re.sub(r"</?(?:span|a|em|i|b)\b[^<>]*>", "", body.decode())
    text = re.sub(r"<style.*?</style>|<[^<>]*>|[*/]", " ", text, flags=re.DOTALL)
    text = html.unescape(text)
    begin = re.search(r"Resolved,\s+That|Be\s+it\s+enacted", text)
    end = re.search(r"\n\s*(?:Attest:|<all>|Passed the House of Representatives|Union Calendar)", text[begin.start() :])  # type: ignore[union-attr]
    assert begin
    return WORD.findall(text[begin.start() : begin.start() + end.start()] if end else text[begin.start() :])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.split("__")[-1])
def test_every_text_is_read_to_the_words_that_its_body_has(file: Path) -> None:
    body = bytes_of(file)
    if kind_of(body) in NO_BILLS:
        with pytest.raises(Changed, match=kind_of(body)):
            paragraphs(body)
        return
    ours, theirs = Counter(WORD.findall("\n".join(read_text(body).body))), Counter(words(body))
    assert ours.total() > 15
    assert ((ours - theirs) + (theirs - ours)).total() <= 0.004 * theirs.total(), (ours - theirs, theirs - ours)


PAIRS = {
    "116hr1500ih": "116hr1500rh",
    "116hr1500rh": "116hr1500eh",
    "116hr1500eh": "116hr1500rfs",
    "113hjres59enr": "113publ67",
    "114hr240enr": "114publ4",
    "S1014_ES": "116s1014es",
    "116hr3055enr": "117hr4373enr",
    "118hr9747enr": "118hr5860enr",
    "111hres80eh": "115hres131eh",
    "105hres32eh": "105hres36eh",
    "109hres62eh": "109hres48eh",
    "115publ11": "115publ18",
}
"""Versions of one measure, and successive measures of one kind (appropriations, elections of members)."""


@pytest.mark.parametrize(("before", "after"), PAIRS.items(), ids=lambda name: name)
def test_us_16_the_words_counted_agree_with_an_independent_count(before: str, after: str) -> None:
    old, new = (bytes_of(next(FOLDER.glob(f"*/*{name}*"))) for name in (before, after))
    # The title is no part of the body that is counted here.
    ours = difference(*(replace(read_text(body), title=()) for body in (old, new)))
    ways = SequenceMatcher(None, words(old), words(new), autojunk=False).get_opcodes()
    removed = sum(a1 - a0 for tag, a0, a1, _, _ in ways if tag != "equal")
    added = sum(b1 - b0 for tag, _, _, b0, b1 in ways if tag != "equal")
    assert abs(ours.removed - removed) <= 0.02 * removed
    assert abs(ours.added - added) <= 0.02 * added


def test_us_16_the_figures_of_the_case_are_those_of_the_record() -> None:
    old, new = (read_text(bytes_of(FOLDER / "bill-dtd" / f"BILLS-116hr1500{form}.xml")) for form in ("ih", "rh"))
    found = difference(old, new)
    assert (found.removed, found.added) == (42, 188)
