"""Which presidential documents are listed, and which regime does one continue or end?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

import msgspec

from domain.coded_text import phrase
from domain.documents import DocumentId
from domain.errors import Changed
from domain.records.facets import Facet
from watchers.client import decode_json

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
    where = f"/documents.json?page={number}"
    page = decode_json(body, _PAGE, where)
    papers: list[PresidentialDocument] = []
    faults: list[Changed] = []
    for place, raw in enumerate(page.results):
        try:
            papers.append(_document(_ROW.decode(raw)))
        except (ValueError, msgspec.MsgspecError) as error:
            faults.append(Changed(phrase("{where}: {fault}", where=f"{where}: results[{place}]", fault=str(error))))
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
_CONTINUES = re.compile(
    r"(?:(?:presidential )?notice (?:of|on) )?(?:the )?"
    r"(?:continuation of|extension of|renewal of|continuing|extending|renewing) (?:the )?(?:national )?"
)
_ABOUT = re.compile(r"emergenc(?:y|ies) (?:with respect to|concerning|regarding) (?:the )?")
_ENDS = re.compile(
    r"(?:early )?(?:termination of|terminating|ending(?: of)?|revocation of|revoking|lifting(?: of)?) "
    r"(?:the )?(?:declaration of )?(?:the )?(?:a )?(?:national )?"
)
_ORDER = re.compile(
    r"(?:(?:executive orders?|e o|proclamations?) (?:no )?(?P<one>\d{4,5})|(?<=\d) and (?P<next>\d{5}))\b"
)


class TitleMatch(StrEnum):
    """How sure a title makes us."""

    TITLE = "title"
    ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class RegimeForms:
    """The words by which a regime is known, folded for comparing."""

    titles: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    orders: frozenset[str] = frozenset()
    introduced: date | None = None
    window: int | None = None

    @classmethod
    def of(cls, stated: Mapping[str, Any]) -> RegimeForms:
        """Fold what a regime's file states under `recognise`."""
        titles, phrases, numbers = (
            tuple(folded(str(form)) for form in stated.get(name, ())) for name in ("titles", "phrases", "numbers")
        )
        orders = frozenset(digits for number in numbers for digits in re.findall(r"\d{4,5}", number))
        return cls(titles, phrases, tuple(_CONTINUES.sub("", title, count=1) for title in titles), orders)

    @classmethod
    def of_record(cls, document: DocumentId, facets: Mapping[str, Facet]) -> RegimeForms:
        """Fold what a regime's record states: its words, the order that declared it, its day, and how many days before
        the anniversary of that day a renewal may be published. A name such as `eo-13660` names the order as well."""
        rules = facets.get("item", {}).get("", {})
        forms = cls.of(rules.get("recognise", {}))
        named = re.findall(r"(?:^|-)(\d{4,5})$", document.parts[-1])
        begun = [one for one in facets.get("instruments", {}).values() if one.get("act") == "introduction"]
        days = sorted(str(one.get("starts_at") or one.get("on") or "")[:10] for one in begun)
        number, _, unit = str(rules.get("window") or "").partition(" ")
        return replace(
            forms,
            orders=forms.orders | frozenset(named),
            introduced=date.fromisoformat(days[-1]) if days and days[-1] else None,
            window=int(number) if number.isdigit() and unit.startswith("day") else None,
        )

    def is_time(self, day: str) -> bool:
        """Say whether a renewal may be published on that day: within the window before the next anniversary. True where
        nothing is known of it."""
        if self.introduced is None or self.window is None:
            return True
        on = date.fromisoformat(day)
        following = (_anniversary(self.introduced, on.year + more) for more in (0, 1))
        return any(0 <= (anniversary - on).days <= self.window for anniversary in following)


@dataclass(frozen=True, slots=True)
class TitleFinding:
    """What a title does to a regime, and how sure it is."""

    act: str
    match: TitleMatch


def _anniversary(day: date, year: int) -> date:
    """Return a day in another year; of 29 February the day before where there is none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def folded(text: str) -> str:
    """Fold words for comparing: letters without accents, lower-case, one space for whatever stands between them."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _MARKS.sub(" ", plain.casefold()).strip()


def recognise(title: str, forms: RegimeForms) -> TitleFinding | None:
    """Say what a title does to the regime of these forms; None when it is about something else."""
    text = folded(title)
    if ends := _ENDS.match(text):
        if text[ends.end() :] in forms.subjects:
            return TitleFinding(END, TitleMatch.TITLE)
        return TitleFinding(END, TitleMatch.ALIKE) if _names(text[ends.end() :], forms) else None
    if text in forms.titles:
        return TitleFinding(EXTENSION, TitleMatch.TITLE)
    continues = _CONTINUES.match(text)
    if continues is None:
        return None
    if text[continues.end() :] in forms.subjects:
        return TitleFinding(EXTENSION, TitleMatch.TITLE)
    if any(known.startswith(text[continues.end() :]) for known in forms.subjects):
        return TitleFinding(EXTENSION, TitleMatch.ALIKE)  # the Register has published a title that was cut off
    if _is_vague(text):
        return TitleFinding(EXTENSION, TitleMatch.ALIKE)
    return TitleFinding(EXTENSION, TitleMatch.ALIKE) if _names(text[continues.end() :], forms) else None


def _names(subject: str, forms: RegimeForms) -> bool:
    """Say whether what a title is about may be a regime of these forms, be it beside others."""
    about = _ABOUT.sub("", subject, count=1)
    return any(_is_alike(about, _ABOUT.sub("", known, count=1)) for known in forms.subjects)


def _is_alike(one: str, other: str) -> bool:
    """Say whether one subject is named within the other, or is nearly it."""
    within = f" {one} " in f" {other} " or f" {other} " in f" {one} "
    return within or SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


def _speaks_of(text: str, forms: RegimeForms) -> bool:
    """Say whether a title has what the emergency of these forms is about in it, wherever it stands."""
    named = (f" {_ABOUT.sub('', known, count=1)} " for known in forms.subjects)
    return "emergenc" in text and any(one in f" {text} " for one in named)


_GENERAL = re.compile(
    r"(?:(?:a|and|by|certain|continu\w+|declared|emergenc\w+|executive|in|national|notice|of|on|orders?|president\w*|"
    r"proclamation|regarding|concerning|respect|the|to|under|with|\d+|january|february|march|april|may|june|july|august|"
    r"september|october|november|december)\b ?)*"
)


def _is_vague(text: str) -> bool:
    """Say whether the words of a title name nothing: it excludes no emergency."""
    return _GENERAL.fullmatch(text) is not None


def judged(paper: PresidentialDocument, forms: RegimeForms) -> TitleFinding | None:
    """Say what a document does to the regime of these forms by its title. A notice whose title names nothing, or the
    emergency in words nobody foresaw, may be the renewal of one that may be renewed on its day."""
    found, text = recognise(paper.title, forms), folded(paper.title)
    if found is None and paper.subtype in ("", "Notice") and (_is_vague(text) or _speaks_of(text, forms)):
        return TitleFinding(EXTENSION, TitleMatch.ALIKE) if forms.is_time(paper.published_on) else None
    return found


def needs_text(paper: PresidentialDocument, forms: RegimeForms, others: Iterable[RegimeForms]) -> bool:
    """Say whether the text of a document has to be read before it is said what it does to a regime: where its title is
    only alike, is that of another regime as well, or renews out of time (50 U.S.C. 1622(d))."""
    found = judged(paper, forms)
    if found is None or found.match is TitleMatch.ALIKE:
        return found is not None
    certain = TitleFinding(found.act, TitleMatch.TITLE)
    shared = any(recognise(paper.title, other) == certain for other in others)
    untimely = found.act == EXTENSION and not forms.is_time(paper.published_on)
    return bool(forms.orders) and (shared or untimely)


def act_of(paper: PresidentialDocument, forms: RegimeForms, text: str | None) -> str | None:
    """Say what a document does to a regime; where its text was read, that has the word: the orders whose emergencies it
    continues or ends, and under a title that is only alike what it says of it."""
    found = judged(paper, forms)
    if found is None:
        return None
    if found.match is TitleMatch.ALIKE:
        return found.act if text is not None and confirms(text, forms, found.act) else None
    return found.act if text is None or not forms.orders or forms.orders & orders_of(text, found.act) else None


_OPERATIVE = {
    EXTENSION: re.compile(r"\bcontinu\w+ (?:in effect )?for (?:1|one) (?:additional )?year (?P<clause>.{0,800})"),
    END: re.compile(r"\b(?:terminat|revok)\w+ (?P<clause>.{0,800})"),
}
"""The clause that does it, in folded words."""
_BESIDES = re.compile(
    r"amend|expan|modif|supplement|additional|further|relat|scope|distinct|separate|pursuant|this notice"
)
"""Words before an order that the clause only mentions: one that changed the order, or another emergency."""


def orders_of(text: str, act: str) -> frozenset[str]:
    """Return the orders whose emergencies a document continues or ends: those its operative clause names, which are
    several where one notice renews several, without orders that only amended them; else the first it cites."""
    words = folded(text[:_MOST_TEXT])
    named: set[str] = set()
    for clause in _OPERATIVE[act].finditer(words):
        place, besides = 0, False
        for order in _ORDER.finditer(clause["clause"]):
            between = clause["clause"][place : order.start()]
            if _BESIDES.search(between):
                besides = True
            elif "declared" in between or "emergenc" in between:
                besides = False
            if not besides:
                named.add(order["one"] or order["next"])
            place = order.end()
    if not named:
        first = _ORDER.search(words)
        named.update([first["one"] or first["next"]] if first else ())
    return frozenset(named)


_MOST_TEXT = 100_000
"""Characters of a text that are read: a notice is a page long."""


def confirms(text: str, forms: RegimeForms, act: str = EXTENSION) -> bool:
    """Say whether the text of a document whose title is only alike renews, or ends, the regime of these forms."""
    words = folded(text[:_MOST_TEXT])
    phrases = forms.phrases if act == EXTENSION else ()
    says = any(phrase in words for phrase in phrases) or bool(_OPERATIVE[act].search(words))
    return says and bool(forms.orders & orders_of(text, act))
