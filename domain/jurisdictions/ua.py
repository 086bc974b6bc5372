"""What are decrees and laws of Ukraine called, and how do people write them?"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date

from domain.documents import DocumentId
from domain.jurisdictions import Jurisdiction, NameRefused, ParsedName, stated_number
from domain.text import latin_lookalikes

_ROMAN = dict(enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"), start=1))
_NREG_OFFSET = 11
"""The legislation database numbers convocations from 12: `4643-20` is 4643-IX."""


class Ukraine(Jurisdiction):
    """Decrees of the President, laws and bills of the Verkhovna Rada; regimes are computed by `domain.terms`."""

    name = "Ukraine"
    zone = "Europe/Kyiv"
    kinds = ("decree", "law", "bill", "regime")
    examples = ("ua/decree/793/2025", "№793/2025", "4643-IX", "ua/regime/martial-law")
    hosts = ("president.gov.ua", "rada.gov.ua")

    def parse_id(self, parts: Sequence[str]) -> DocumentId:
        if parts[0] != "decree":
            return super().parse_id(parts)
        if len(parts) != 3:
            raise NameRefused("a decree is written ua/decree/NUMBER/YEAR")
        return decree(parts[1], parts[2])

    def parse_text(self, text: str, today: date, watched: Collection[DocumentId]) -> ParsedName | None:
        """Read `793/2025`, `4643-IX` and `4643-20`, with whatever heading stands before the number sign."""
        tail = re.split(r"№|(?:^|\s)(?:N|No)(?:\.|º|°)?(?=\s?[0-9])", text)[-1].strip()
        found = _nreg(latin_lookalikes(tail))
        return ParsedName(found) if found else None

    def parse_address(self, host: str, path: Sequence[str]) -> DocumentId | None:
        return _of_president(path) if host.endswith("president.gov.ua") else _of_rada(path)

    def label(self, document: DocumentId) -> str:
        number = "/".join(document.parts)
        return f"UA {document.kind} {number.upper() if document.kind == 'law' else number}"


def decree(number: str, year: str) -> DocumentId:
    """Name a decree; NameRefused for a number or year that cannot be."""
    if not 1991 <= stated_number(year) <= 2100 or not 1 <= stated_number(number) <= 99_999:
        raise NameRefused(f"no decree can be numbered {number}/{year}")
    return DocumentId("ua", "decree", (str(int(number)), str(int(year))))


def _nreg(text: str) -> DocumentId | None:
    if form := re.fullmatch(r"([0-9]+)\s?/\s?([0-9]{4})", text):
        return decree(form[1], form[2])
    form = re.fullmatch(r"([0-9]+)\s?[-–]\s?(?:([0-9]{2})|([ivx]+))", text, re.IGNORECASE)
    if form is None:
        return None
    roman = form[3].lower() if form[3] else _ROMAN.get(int(form[2]) - _NREG_OFFSET)
    if roman not in _ROMAN.values():
        raise NameRefused("no convocation of the Verkhovna Rada is numbered like that")
    return DocumentId("ua", "law", (f"{stated_number(form[1])}-{roman}",))


def _of_president(path: Sequence[str]) -> DocumentId | None:
    """Read `documents/8752026-61465`: number and year run together, the last four digits are the year.

    `-rp-` marks an instruction, which is no decree.
    """
    form = next((f for segment in path if (f := re.fullmatch(r"([0-9]+)([0-9]{4})-[0-9]+", segment))), None)
    return decree(form[1], form[2]) if form and "documents" in path else None


def _of_rada(path: Sequence[str]) -> DocumentId | None:
    """Read `laws/show/793/2025`, `laws/card/4643-20`, `go/793/2025`; editions and file endings are dropped."""
    joined = re.sub(r"^(?:laws/(?:show|card|file|anot)|go)/(?:en/)?", "", "/".join(path))
    if joined == "/".join(path):
        return None
    nreg = re.sub(r"(?:/(?:ed[0-9]+|print|find|stru|page[0-9]*|conv).*)?(?:\.(?:txt|json|xml|html?))?$", "", joined)
    return _nreg(latin_lookalikes(nreg))


JURISDICTION = Ukraine("ua")
