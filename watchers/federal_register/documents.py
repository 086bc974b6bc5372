"""Which presidential documents are listed, and which regime does one continue or end?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

import msgspec

from domain.documents import DocumentId
from domain.errors import Changed

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
class PresidentialDocument:
    """One document. `corrects` is the number of the document it corrects as its own field states it, `corrected` that
    document's identity, also where only its number says so (`C1-2024-04858`); both None for an act of its own."""

    number: str
    title: str
    published_on: str
    signed_on: str | None
    subtype: str
    citation: str | None
    corrects: str | None
    corrected: DocumentId | None
    url: str | None
    text_url: str | None

    @property
    def document(self) -> DocumentId:
        """Its identity: `us/fr/2024-04858`."""
        return document_of(self.number)


@dataclass(frozen=True, slots=True)
class DocumentsPage:
    """One page: its rows, how many documents the whole list has, and what could not be read."""

    papers: tuple[PresidentialDocument, ...]
    count: int
    rows: int
    faults: tuple[Changed, ...] = ()


def document_of(number: str) -> DocumentId:
    """Name a document by its number; ValueError for what is none."""
    return DocumentId("us", "fr", (number.strip().lower(),))


def parse_page(body: bytes, number: int) -> DocumentsPage:
    """Read page `number` of the list; Changed if it is none. One row that cannot be read is a fault and stops
    nothing."""
    where = f"list of presidential documents, page {number}"
    try:
        page = _PAGE.decode(body)
    except msgspec.ValidationError as error:
        raise Changed(f"{where}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise Changed(f"{where}: expected JSON, saw {body[:40]!r} ({type(error).__name__})") from error
    papers: list[PresidentialDocument] = []
    faults: list[Changed] = []
    for place, raw in enumerate(page.results):
        try:
            papers.append(_document(_ROW.decode(raw)))
        except (ValueError, msgspec.MsgspecError) as error:
            faults.append(Changed(f"{where}: results[{place}]: {error}"))
    return DocumentsPage(tuple(papers), page.count, len(page.results), tuple(faults))


def _document(row: _Row) -> PresidentialDocument:
    document_of(row.document_number)
    number, title = row.document_number.strip(), " ".join((row.title or "").split())
    corrects = (row.correction_of or "").rstrip("/").rpartition("/")[2].removesuffix(".json")
    return PresidentialDocument(
        number=number,
        title=title,
        published_on=date.fromisoformat(row.publication_date or "").isoformat(),
        signed_on=date.fromisoformat(row.signing_date).isoformat() if row.signing_date else None,
        subtype=row.subtype or "",
        citation=row.citation,
        corrects=corrects or None,
        corrected=_corrected(corrects, number, title),
        url=row.html_url,
        text_url=row.raw_text_url,
    )


def _corrected(corrects: str, number: str, title: str) -> DocumentId | None:
    if corrects:
        return document_of(corrects)
    head, _, rest = number.partition("-")
    is_correction = head[:1] in "CRXZ" and head[1:].isdigit() and "correction" in folded(title)
    return document_of(rest) if is_correction and rest else None


EXTENSION, END = "extension", "end"
ALIKE = 0.8
"""How much of what a title is about must be that of the regime for its text to be worth reading (`difflib`)."""

_MARKS = re.compile(r"[^\w]+")
_CONTINUES = re.compile(r"(?:notice of )?continuation of (?:the )?(?:national )?")
_ABOUT = re.compile(r"emergency (?:with respect to|concerning|regarding) (?:the )?")
_ENDS = re.compile(
    r"(?:early )?(?:termination of|terminating|ending(?: of)?|revocation of|revoking|lifting(?: of)?) "
    r"(?:the )?(?:declaration of )?(?:the )?(?:a )?(?:national )?"
)
_ORDER = re.compile(r"(?:executive orders?|e o|proclamations?) (?:no )?(\d{4,5})")
_YEARS = re.compile(r"continu\w+ (?:in effect )?for (?:1|one) (?:additional )?year")


class TitleMatch(StrEnum):
    """How sure a title makes us."""

    TITLE = "title"
    ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class RegimeForms:
    """The words by which a regime is known, folded for comparing."""

    titles: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    subjects: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, stated: Mapping[str, Any]) -> RegimeForms:
        """Fold what a regime's file states under `recognise`."""
        titles, phrases, numbers = (
            tuple(folded(str(form)) for form in stated.get(name, ())) for name in ("titles", "phrases", "numbers")
        )
        return cls(titles, phrases, numbers, tuple(_CONTINUES.sub("", title, count=1) for title in titles))


@dataclass(frozen=True, slots=True)
class TitleFinding:
    """What a title does to a regime, and how sure it is."""

    act: str
    match: TitleMatch


def folded(text: str) -> str:
    """Fold words for comparing: letters without accents, lower-case, one space for whatever stands between them."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _MARKS.sub(" ", plain.casefold()).strip()


def recognise(title: str, forms: RegimeForms) -> TitleFinding | None:
    """Say what a title does to the regime of these forms; None when it is about something else."""
    text = folded(title)
    if ends := _ENDS.match(text):
        return TitleFinding(END, TitleMatch.TITLE) if text[ends.end() :] in forms.subjects else None
    if text in forms.titles:
        return TitleFinding(EXTENSION, TitleMatch.TITLE)
    continues = _CONTINUES.match(text)
    if continues is None:
        return None
    if text[continues.end() :] in forms.subjects:
        return TitleFinding(EXTENSION, TitleMatch.TITLE)
    if any(known.startswith(text[continues.end() :]) for known in forms.subjects):
        return TitleFinding(EXTENSION, TitleMatch.ALIKE)  # the Register has published a title that was cut off
    about = _ABOUT.sub("", text[continues.end() :], count=1)
    alike = any(_is_alike(about, _ABOUT.sub("", known, count=1)) for known in forms.subjects)
    return TitleFinding(EXTENSION, TitleMatch.ALIKE) if alike else None


def _is_alike(one: str, other: str) -> bool:
    """Say whether one subject is named within the other, or is nearly it."""
    within = f" {one} " in f" {other} " or f" {other} " in f" {one} "
    return within or SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


def confirms(text: str, forms: RegimeForms) -> bool:
    """Say whether the text of a document whose title is only alike renews the regime of these forms."""
    words = folded(text[:100_000])
    says = any(phrase in words for phrase in forms.phrases) or bool(_YEARS.search(words))
    first = _ORDER.search(words)
    own = {digits for number in forms.numbers for digits in re.findall(r"\d{4,5}", number)}
    return says and first is not None and first[1] in own
