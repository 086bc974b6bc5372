"""What does a piece of markup say, as plain text?"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Collection

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

_BLOCK = frozenset(
    {"p", "div", "br", "hr", "img", "li", "ul", "ol", "dl", "dt", "dd", "table", "tbody", "thead", "tr", "td", "th"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "center", "section", "article", "figure", "form"}
    | {"input", "button", "select", "textarea", "body", "html", "head", "title", "meta", "link", "base", "object"}
    | {"embed", "applet", "video", "audio", "source", "frame", "frameset", "marquee", "math", "details", "dialog"}
)
_KNOWN = _INLINE | _BLOCK | _UNSAID
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\u00ad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f]"
)
"""Format characters: joiners, soft hyphens, direction marks."""

LONGEST_MARKUP = 1_000_000
"""Characters of one piece of markup that are read at all."""

_COUNTED = r"(?:comments?|views?|replies|likes?|reads?|reactions?)"
_MOVING = re.compile(
    rf"(?<!\d)\d[\d.,]{{0,12}}\s{{0,2}}{_COUNTED}\b|\b{_COUNTED}\s{{0,2}}[:(]\s{{0,2}}\d[\d.,]{{0,12}}\)?"
    r"|\b\d{1,4}\s{1,2}(?:seconds?|minutes?|hours?)\s{1,2}ago\b"
    r"|\b(?:last updated|page generated|generated (?:on|at)|retrieved|refreshed)\b[^\n.;|]{0,40}\d[\d:/. -]{0,30}",
    re.IGNORECASE,
)
"""What counts and clocks write into a text without anything having happened. Bare numbers are not among them: ninety
days instead of thirty is news."""

_SIGNS_OF_MOVING = (
    *("comment", "view", "repl", "like", "read", "reaction"),
    *("ago", "updated", "generated", "retrieved", "refreshed"),
)
"""One of these stands in whatever `_MOVING` finds; to look for them first costs a tenth."""


def plain_text(markup: str) -> str:
    """Return what `markup` says: no tags, no scripts, entities decoded once, one space between words.

    What decodes to a tag of HTML is taken out as well: nobody downstream needs to know that it was only quoted.
    """
    return clean_text(_without_tags(html.unescape(_without_tags(markup[:LONGEST_MARKUP])), _KNOWN))


def strip_tags(text: str) -> str:
    """Return text that is already decoded, without what looks like tags in it."""
    return clean_text(_without_tags(text[:LONGEST_MARKUP]))


def clean_text(text: str) -> str:
    """Return `text` in composed form, without controls and halves of characters, one space between words."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    return " ".join(_CONTROL.sub(" ", text).split())


def comparable_text(text: str) -> str:
    """Return what two states of a text must differ in to be different: not in spaces, invisible characters, other
    codes of one letter, nor in counts of visits and clocks."""
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    lowered = text.lower()
    if any(sign in lowered for sign in _SIGNS_OF_MOVING):
        text = _MOVING.sub(" ", text)
    return " ".join(text.split())


def _without_tags(markup: str, only: Collection[str] = ()) -> str:
    """Leave out tags, and what nobody reads; with `only`, those of the named elements."""
    if "<" not in markup:
        return markup
    said: list[str] = []
    at, unsaid, depth = 0, "", 0
    for tag in _TAG.finditer(markup):
        name = (tag["name"] or "").lower()
        if only and name not in only:
            continue
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
