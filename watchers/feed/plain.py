"""What does a piece of markup say, as plain text?

Everything here takes time in proportion to its input, whatever is in it.
"""

from __future__ import annotations

import html
import re
import unicodedata

_TAG = re.compile(
    r"<!--(?:.*?-->|.*\Z)|<!\[CDATA\[|\]\]>|<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9:-]*)[^<>]*>|<[!?/][^<>]*>",
    re.DOTALL,
)
_UNSAID = frozenset({"script", "style", "template", "noscript", "iframe", "svg"})
"""Elements whose content nobody reads."""

_INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins"}
    | {"kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u"}
    | {"var", "wbr"}
)
"""Elements that do not end a word."""

_COUNTED = r"(?:comments?|views?|replies|likes?|reads?|reactions?)"
_MOVING = re.compile(
    rf"(?<!\d)\d[\d.,]{{0,12}}\s{{0,2}}{_COUNTED}\b|\b{_COUNTED}\s{{0,2}}[:(]\s{{0,2}}\d[\d.,]{{0,12}}\)?"
    r"|\b\d{1,4}\s{1,2}(?:seconds?|minutes?|hours?)\s{1,2}ago\b"
    r"|\b(?:last updated|page generated|generated (?:on|at)|retrieved|refreshed)\b[^\n.;|]{0,40}\d[\d:/. -]{0,30}",
    re.IGNORECASE,
)
"""What counts and clocks write into a text without anything having happened. Bare numbers are not among them: ninety
days instead of thirty is news."""


def plain(markup: str) -> str:
    """Return what `markup` says: no tags, no scripts, entities decoded once, one space between words."""
    return clean(html.unescape(_without_tags(markup)))


def untagged(text: str) -> str:
    """Return text that is already decoded, without what looks like tags in it."""
    return clean(_without_tags(text))


def clean(text: str) -> str:
    """Return `text` in composed form, without controls and halves of characters, one space between words."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    return " ".join("".join(c if c.isprintable() or _is_mark(c) else " " for c in text).split())


def essence(text: str) -> str:
    """Return what two states of a text must differ in to be different: not in spaces, invisible characters, other
    codes of one letter, nor in counts of visits and clocks."""
    plain_text = text
    if not text.isascii():
        composed = unicodedata.normalize("NFKC", text)
        plain_text = "".join(c for c in composed if unicodedata.category(c) != "Cf")
    return " ".join(_MOVING.sub(" ", plain_text).split())


def _is_mark(character: str) -> bool:
    """Joiners, soft hyphens and direction marks belong to the words of some languages."""
    return unicodedata.category(character) == "Cf"


def _without_tags(markup: str) -> str:
    if "<" not in markup:
        return markup
    said: list[str] = []
    at, unsaid, depth = 0, "", 0
    for tag in _TAG.finditer(markup):
        name = (tag["name"] or "").lower()
        if not depth:
            said.append(markup[at : tag.start()])
            said.append("" if name in _INLINE or not name else " ")
        at = tag.end()
        if name in _UNSAID and (not depth or name == unsaid) and not tag[0].endswith("/>"):
            unsaid = name
            depth = max(0, depth - 1) if tag["end"] else depth + 1
    if not depth:
        said.append(markup[at:])
    return "".join(said)
