"""What are the words of an article: a file, an address or what is pasted; text, HTML or PDF?"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from domain.errors import LexwatchError, SourceError
from domain.ports import Http
from domain.sources import Request

LARGEST = 20 * 1024 * 1024
"""Bytes of a file or a page that are read."""

MOST_LINKS = 300
"""Links of a page that are read."""

MOST_PAGES = 300
"""Pages of a PDF that are read."""


class Unreadable(LexwatchError):
    """What was named cannot be read as an article; the message says why, and what to try."""


@dataclass(frozen=True, slots=True)
class Article:
    """The text of an article, the day on which its own markup says it was published, and the addresses it links to."""

    name: str
    text: str
    published_on: date | None = None
    links: tuple[str, ...] = ()


def read_article(what: str, http: Callable[[], Http]) -> Article:
    """Return the text of a file, of an address, which `http` asks, or of standard input (`-`); Unreadable, with what to
    try."""
    name, kind = "standard input" if what == "-" else os.fsencode(what).decode("utf-8", "replace"), ""
    if what == "-":
        body = sys.stdin.buffer.read(LARGEST + 1)
    elif re.match(r"https?://", what, re.IGNORECASE):
        body, kind = _fetched(what, http())
    else:
        body = _file(Path(what))
    if len(body) > LARGEST:
        raise Unreadable(f"{name} is larger than {LARGEST // 2**20} MB: paste the part you need into lexwatch find -")
    return article_of(name, body, kind)


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except FileNotFoundError:
        raise Unreadable(f"there is no file {path}: for a text that you paste, lexwatch find -") from None
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from None


def _fetched(address: str, http: Http) -> tuple[bytes, str]:
    try:
        response = http(Request(address, max_bytes=LARGEST))
    except SourceError as error:
        hint = "save the page in a browser and name the file, or paste its text into lexwatch find -"
        raise Unreadable(f"{address} cannot be read ({error}): {hint}") from None
    return response.body, response.headers.get("content-type", "")


def article_of(name: str, body: bytes, media_type: str = "") -> Article:
    """Read the bytes of an article: PDF, HTML or text. Unreadable where there is no text in them."""
    head = body[:4096].lstrip().lower()
    if head.startswith(b"%pdf"):
        article = _of_pdf(name, body)
    elif head.startswith(b"pk\x03\x04"):
        raise Unreadable(f"{name} is an archive or an office document: save it as text or PDF first")
    elif "html" in media_type or re.match(rb"<!doctype html|<html|<\?xml|<(?:head|body|article|div|p)\b", head):
        article = _of_page(name, body, media_type)
    elif b"\0" in body[:4096] and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(f"{name} is not text: lexwatch find reads text, HTML and PDF")
    else:
        article = Article(name, _decoded(body, media_type))
    if not re.search(r"\w{2}", article.text):
        raise Unreadable(f"{name} has no words in it: paste the text of the article into lexwatch find -")
    return article


def _decoded(body: bytes, media_type: str = "") -> str:
    """Decode text by what it declares, else as UTF-8, else by the look of it."""
    stated = re.search(
        rb"charset\s*=\s*[\"']?\s*([\w-]{2,20})", media_type.encode() + b" " + body[:2048], re.IGNORECASE
    )
    for encoding in ("utf-8-sig", *([stated[1].decode()] if stated else [])):
        try:
            return body.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    from charset_normalizer import from_bytes

    best = from_bytes(body[:200_000]).best()
    return body.decode(best.encoding if best else "utf-8", "replace")


_UNREAD = (
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "nav",
    "header",
    "footer",
    "aside",
    "form",
    "iframe",
    "button",
)
"""Elements of a page that are not its article."""

_PUBLISHED = (
    "article:published_time", "datepublished", "date", "dc.date", "dc.date.issued", "dcterms.created", "pubdate",
    "publishdate", "publication_date", "citation_publication_date", "parsely-pub-date", "sailthru.date", "og:pubdate",
)  # fmt: skip
"""Names of the `meta` elements that state when a page was published."""


def _of_page(name: str, body: bytes, media_type: str) -> Article:
    from lxml import etree

    from watchers.markup import MALFORMED, lines_of, parse_html

    try:
        page = parse_html(_decoded(body, media_type).encode("utf-8", "replace"))
    except MALFORMED:
        raise Unreadable(f"{name} cannot be read as a page: paste its text into lexwatch find -") from None
    published = _published(page)
    etree.strip_elements(page, *_UNREAD, with_tail=False)
    whole = lines_of(page)
    parts = [(lines_of(part), part) for part in page.iter("article", "main")]
    said, chosen = max(parts, key=lambda one: len(one[0]), default=(whole, page))
    if len(said) <= max(400, len(whole) // 4):
        said, chosen = whole, page
    links = [link for node in chosen.iter("a") if re.match(r"https?://", link := (node.get("href") or "").strip())]
    text = "\n\n".join(line for line in map(str.strip, said.splitlines()) if line)
    return Article(name, text, published, tuple(dict.fromkeys(links))[:MOST_LINKS])


def _published(page: Any) -> date | None:
    """Return the day a page says it was published: by its `meta` elements, its linked data, else its first `time`."""
    stated = [
        (node.get("property") or node.get("name") or node.get("itemprop") or "", node.get("content") or "")
        for node in page.iter("meta")
    ]
    found = [content for key, content in stated if key.lower() in _PUBLISHED]
    found += [
        match[1]
        for node in page.iter("script")
        if "ld+json" in (node.get("type") or "")
        for match in re.finditer(r'"datePublished"\s*:\s*"([^"]{8,40})"', node.text or "")
    ]
    found += [node.get("datetime") or "" for node in page.iter("time")][:1]
    for text in found:
        try:
            return date.fromisoformat(text.strip()[:10].replace("/", "-"))
        except ValueError:
            continue
    return None


def _of_pdf(name: str, body: bytes) -> Article:
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError:
        raise Unreadable(
            f"{name} is a PDF, and reading one needs a library: pip install 'lexwatch[find]', or paste its text into "
            "lexwatch find -"
        ) from None
    try:
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(body)).pages[:MOST_PAGES]]
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError, AttributeError, IndexError) as error:
        raise Unreadable(
            f"{name} cannot be read as a PDF ({error}): open it, and paste its text into lexwatch find -"
        ) from None
    text = "\n".join(pages)
    if not re.search(r"\w{2}", text):
        raise Unreadable(
            f"{name} holds pictures of pages and no text: let a program for text recognition read it first"
        )
    return Article(name, text)
