"""Which presidential documents does the Federal Register list?

Pure: JSON of `documents.json` to rows. A page is an object with `count`, `total_pages` and `results`; where nothing
was found `results` is left out. Days are `YYYY-MM-DD`. A correction names what it corrects by that document's address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import msgspec

from domain.errors import Changed
from domain.identity import DocumentId

FIELDS = (
    "citation",
    "correction_of",
    "document_number",
    "html_url",
    "publication_date",
    "raw_text_url",
    "signing_date",
    "subtype",
    "title",
)
"""What is asked for of each document; the rest of a row is not sent."""


class _Row(msgspec.Struct):
    document_number: str
    title: str | None = None
    publication_date: str | None = None
    signing_date: str | None = None
    subtype: str | None = None
    citation: str | None = None
    correction_of: str | None = None
    html_url: str | None = None
    raw_text_url: str | None = None


class _Page(msgspec.Struct):
    count: int
    results: list[msgspec.Raw] = []


_PAGE = msgspec.json.Decoder(_Page)
_ROW = msgspec.json.Decoder(_Row)


@dataclass(frozen=True, slots=True)
class Paper:
    """One document. `corrects` is the number of the document it corrects, None for an act of its own."""

    number: str
    title: str
    published_on: str
    signed_on: str | None
    subtype: str
    citation: str | None
    corrects: str | None
    url: str | None
    text_url: str | None

    @property
    def document(self) -> DocumentId:
        """Its identity: `us/fr/2024-04858`."""
        return document_of(self.number)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page: its rows, how many documents the whole list has, and what could not be read."""

    papers: tuple[Paper, ...]
    count: int
    rows: int
    faults: tuple[Changed, ...] = ()


def document_of(number: str) -> DocumentId:
    """Name a document by its number; ValueError for what is none."""
    return DocumentId("us", "fr", (number.strip().lower(),))


def parse_page(body: bytes, number: int) -> Leaf:
    """Read page `number` of the list; Changed if it is none. One row that cannot be read is a fault and stops
    nothing."""
    where = f"list of presidential documents, page {number}"
    try:
        page = _PAGE.decode(body)
    except msgspec.ValidationError as error:
        raise Changed(f"{where}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise Changed(f"{where}: expected JSON, saw {body[:40]!r} ({type(error).__name__})") from error
    papers: list[Paper] = []
    faults: list[Changed] = []
    for place, raw in enumerate(page.results):
        try:
            papers.append(_paper(_ROW.decode(raw)))
        except (ValueError, msgspec.MsgspecError) as error:
            faults.append(Changed(f"{where}: results[{place}]: {error}"))
    return Leaf(tuple(papers), page.count, len(page.results), tuple(faults))


def _paper(row: _Row) -> Paper:
    document_of(row.document_number)
    corrects = (row.correction_of or "").rstrip("/").rpartition("/")[2].removesuffix(".json")
    return Paper(
        number=row.document_number.strip(),
        title=" ".join((row.title or "").split()),
        published_on=date.fromisoformat(row.publication_date or "").isoformat(),
        signed_on=date.fromisoformat(row.signing_date).isoformat() if row.signing_date else None,
        subtype=row.subtype or "",
        citation=row.citation,
        corrects=corrects or None,
        url=row.html_url,
        text_url=row.raw_text_url,
    )
