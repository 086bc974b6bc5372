"""What do the entries of a plain, well-formed feed hold? Read by lxml, a tenth of what feedparser takes.

Most feeds are RSS 2.0, RDF or Atom of a few known elements. They are read here into the mappings that feedparser would
give; for anything else (other elements, damage, relative addresses, nested markup) the answer is None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

_ATOM, _RSS1 = "{http://www.w3.org/2005/Atom}", "{http://purl.org/rss/1.0/}"
_DC, _CONTENT = "{http://purl.org/dc/elements/1.1/}", "{http://purl.org/rss/1.0/modules/content/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"

_UNUSUAL = (b"<!DOCTYPE", b"<?xml-", b"xml:base", b"mode=", b":parseType")
_DECLARED = re.compile(rb"<\?xml[^>]*\sencoding\s*=\s*[\"'](?!utf-8[\"'])", re.IGNORECASE)
_OTHER_CHARSET = re.compile(r"charset\s*=\s*[\"']?(?!utf-?8\b|us-ascii\b)", re.IGNORECASE)
_ADDRESS = re.compile(
    r"https?://[a-z0-9.-]+(?::\d+)?/"
    r"(?:(?!\.{1,2}/)[^\s/?#]*/)*(?!\.{1,2}(?:$|[?#]))[^\s/?#]*"
    r"(?:\?[^\s#]+)?(?:#\S+)?"
)
"""An address that no resolving alters."""

_OTHER_URI = re.compile(r"(?!https?:|file:|ftp:)[a-z][a-z0-9+.-]*:[^\s/][^\s]*")
_REPAIRED = re.compile("[\x80-\x9f]|[\xc2-\xf4][\x80-\xbf]|<>")
"""Letters that feedparser takes for another encoding, and what its sanitising drops."""

_MAY_BE_MARKUP = re.compile(r"</\w+>|&#?\w+;")
_PARSER = {"resolve_entities": False, "no_network": True, "load_dtd": False}

Found = dict[str, Any]


class _UncommonError(Exception):
    """Something that is feedparser's to read."""


def read_common_feed(body: bytes, content_type: str) -> list[Found] | None:
    """Return the entries as feedparser gives them (`id`, `link`, `title_detail`, …), or None for an uncommon feed.

    `body` must have passed the guard.
    """
    if any(mark in body for mark in _UNUSUAL) or _DECLARED.match(body) or _OTHER_CHARSET.search(content_type):
        return None
    try:
        root = etree.fromstring(body, etree.XMLParser(**_PARSER))
        entries, read = _entries(root)
        return [_entry(entry, read) for entry in entries]
    except (etree.XMLSyntaxError, ValueError, _UncommonError):
        return None


def _entries(root: etree._Element) -> tuple[list[etree._Element], Mapping[str, Reader]]:
    if root.tag == "rss" and len(root) == 1 and root[0].tag == "channel":
        found, read = root[0].findall("item"), _RSS_ELEMENTS
    elif root.tag == f"{_RDF}RDF":
        found, read = root.findall(f"{_RSS1}item"), _RDF_ELEMENTS
    elif root.tag == f"{_ATOM}feed":
        found, read = root.findall(f"{_ATOM}entry"), _ATOM_ELEMENTS
    else:
        raise _UncommonError
    everywhere = sum(1 for element in root.iter("{*}item", "{*}entry"))
    if not found or everywhere != len(found):
        raise _UncommonError
    return found, read


def _entry(entry: etree._Element, read: Mapping[str, Reader]) -> Found:
    found: Found = {}
    if entry.get(f"{_RDF}about"):
        found["id"] = entry.get(f"{_RDF}about")
    for element in entry:
        reader = read.get(element.tag)
        if reader is None:
            raise _UncommonError
        reader(found, element)
    return found


def _text(element: etree._Element) -> str:
    text = (element.text or "").strip()
    if len(element) or (not text.isascii() and _REPAIRED.search(text)):
        raise _UncommonError
    return text


def _keep(found: Found, name: str, value: Any) -> None:
    """Keep a value; feedparser has rules of its own for the second one of a name."""
    if name in found:
        raise _UncommonError
    found[name] = value


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise _UncommonError
    return text


def _identity(found: Found, element: etree._Element) -> None:
    text = _text(element)
    if element.get("isPermaLink", "true") != "true":
        _keep(found, "id", text)
        return
    if text and not _OTHER_URI.fullmatch(text):
        _address(text)
    _keep(found, "id", text)
    found.setdefault("link", text)


def _rss_link(found: Found, element: etree._Element) -> None:
    if element.attrib:
        raise _UncommonError
    text = _text(element)
    if text:
        _keep(found, "links", [{"href": _address(text)}])
        found["link"] = text


def _atom_link(found: Found, element: etree._Element) -> None:
    link = {name: str(value) for name, value in element.attrib.items() if name in ("rel", "type")}
    link["href"] = _address((element.get("href") or "").strip())
    found.setdefault("links", []).append(link)


def _rss_title(found: Found, element: etree._Element) -> None:
    text = _text(element)
    if _MAY_BE_MARKUP.search(text):
        raise _UncommonError
    _keep(found, "title_detail", {"value": text, "type": "text/plain"})


def _markup(name: str) -> Reader:
    def read(found: Found, element: etree._Element) -> None:
        _keep(found, name, {"value": _text(element), "type": "text/html"})

    return read


def _encoded(found: Found, element: etree._Element) -> None:
    _keep(found, "content", [{"value": _text(element), "type": "text/html"}])


def _atom_text(name: str) -> Reader:
    def read(found: Found, element: etree._Element) -> None:
        kind = {"text": "text/plain", "html": "text/html"}.get(element.get("type", "text"))
        if kind is None or element.get("src"):
            raise _UncommonError
        detail = {"value": _text(element), "type": kind}
        _keep(found, name, [detail] if name == "content" else detail)

    return read


def _plain(name: str) -> Reader:
    def read(found: Found, element: etree._Element) -> None:
        text = _text(element)
        _keep(found, name, text)

    return read


def _atom_author(found: Found, element: etree._Element) -> None:
    names = [_text(child) for child in element if child.tag == f"{_ATOM}name"]
    if len(names) != 1 or any(child.tag not in (f"{_ATOM}name", f"{_ATOM}uri") for child in element):
        raise _UncommonError
    _keep(found, "author", names[0])


def _rss_category(found: Found, element: etree._Element) -> None:
    if text := _text(element):
        found.setdefault("tags", []).append({"term": text})


def _atom_category(found: Found, element: etree._Element) -> None:
    found.setdefault("tags", []).append({"term": element.get("term"), "label": element.get("label")})


def _ignored(found: Found, element: etree._Element) -> None:
    return


Reader = Callable[[Found, etree._Element], None]
_SHARED: dict[str, Reader] = {
    f"{_DC}creator": _plain("author"),
    f"{_DC}date": _plain("updated"),
    f"{_CONTENT}encoded": _encoded,
    "{http://purl.org/rss/1.0/modules/slash/}comments": _ignored,
    "{http://wellformedweb.org/CommentAPI/}commentRss": _ignored,
    "{http://wellformedweb.org/CommentAPI/}comment": _ignored,
}
_RSS_ELEMENTS: dict[str, Reader] = {
    "guid": _identity,
    "link": _rss_link,
    "title": _rss_title,
    "description": _markup("summary_detail"),
    "pubDate": _plain("published"),
    "author": _plain("author"),
    "category": _rss_category,
    "comments": _ignored,
    "enclosure": _ignored,
    **_SHARED,
}
_RDF_ELEMENTS: dict[str, Reader] = {
    f"{_RSS1}link": _rss_link,
    f"{_RSS1}title": _rss_title,
    f"{_RSS1}description": _markup("summary_detail"),
    **_SHARED,
}
_ATOM_ELEMENTS: dict[str, Reader] = {
    f"{_ATOM}id": _identity,
    f"{_ATOM}link": _atom_link,
    f"{_ATOM}title": _atom_text("title_detail"),
    f"{_ATOM}summary": _atom_text("summary_detail"),
    f"{_ATOM}content": _atom_text("content"),
    f"{_ATOM}published": _plain("published"),
    f"{_ATOM}updated": _plain("updated"),
    f"{_ATOM}author": _atom_author,
    f"{_ATOM}category": _atom_category,
}
