"""What do the list of decrees and the page of one decree say?

Pure. Number and title stand in the heading, never in the address, where number and year run together; the day of
signature is the last one of the article, because its text quotes those of other acts. A page's sidebar lists other
decrees with the same title: only the article counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from domain.errors import Changed
from domain.identity import DocumentId
from watchers.rada.instruments import Decree, read_decree
from watchers.rada.moments import day
from watchers.rada.numbers import decree
from watchers.rada.wording import cleaned, folded, shown

_NUMBER = re.compile(r"указ президента україни\s*№\s?(\d{1,5} ?/ ?\d{4})")
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_BLOCKS = frozenset({"p", "div", "br", "h1", "h2", "h3", "h4", "li", "tr"})


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the list. `on` is the day of signature."""

    document: DocumentId
    number: str
    title: str
    on: str | None
    url: str


def parse_list(body: bytes) -> tuple[Item, ...]:
    """Read the list of decrees; Changed if it is none. Lines that are no decrees (instructions) are left out."""
    page = _read(body)
    if not page.seen("search_result"):
        raise Changed("list of decrees: expected a block search_result, saw none")
    lines = page.each("doc_item")
    items = tuple(item for line in lines if (item := _item(line)))
    if not items:
        raise Changed(f"list of decrees: expected decrees, saw none among {len(lines)} lines")
    return items


def parse_decree(body: bytes) -> Decree:
    """Read the page of one decree; Changed if it has no article. Number and title are those of the heading."""
    page = _read(body)
    article = next(iter(page.each("articleBody")), None)
    if article is None:
        raise Changed("page of a decree: expected an articleBody, saw none")
    heading = next((node.text for node in page.each("name")), "")
    title = next((node.text for node in page.each("short_desc")), "")
    return read_decree(f"{heading}\n{shown(title)}\n{cleaned(article.text)}")


@dataclass(slots=True)
class _Node:
    """One element that was asked for: its text, a line for each block, and its first link."""

    name: str
    depth: int
    parts: list[str]
    link: str = ""

    @property
    def text(self) -> str:
        return "".join(self.parts)


class _Page(HTMLParser):
    """Collects the text below every element that has a class or `itemprop`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[_Node] = []
        self._found: list[_Node] = []
        self._depth = 0

    def seen(self, name: str) -> bool:
        return any(node.name == name for node in self._found)

    def each(self, name: str) -> list[_Node]:
        return [node for node in self._found if node.name == name]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS:
            self._say("\n")
        for node in self._open:
            if tag == "a" and not node.link:
                node.link = given.get("href", "")
        if tag in _VOID:
            return
        self._depth += 1
        names = [*given.get("class", "").split(), *([given["itemprop"]] if "itemprop" in given else []), tag]
        for name in names:
            if name in ("search_result", "doc_item", "articleBody", "name", "short_desc"):
                node = _Node(name, self._depth, [])
                self._found.append(node)
                self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        self._open = [node for node in self._open if node.depth < self._depth]
        self._depth = max(0, self._depth - 1)
        if tag in _BLOCKS:
            self._say("\n")

    def handle_data(self, data: str) -> None:
        self._say(data)

    def _say(self, words: str) -> None:
        for node in self._open:
            node.parts.append(words)


def _read(body: bytes) -> _Page:
    page = _Page()
    page.feed(body.decode("utf-8", "replace"))
    return page


def _item(line: _Node) -> Item | None:
    """Read a line: its heading names the act, then come its day and its title."""
    words = [shown(part) for part in line.text.split("\n") if part.strip()]
    if len(words) < 2:
        return None
    found = _NUMBER.search(folded(words[0]))
    named = decree(found[1]) if found else None
    on = next((day(folded(word)) for word in words[1:] if day(folded(word))), None)
    if found is None or named is None:
        return None
    return Item(named, "/".join(named.parts), words[-1], on, line.link)
