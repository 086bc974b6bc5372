"""How does the database number its documents, and what do we call them?

Its key, `nreg`, is `793/2025` for a decree and, for a law, number and convocation plus 11: `4643-20` is 4643-IX. Of
other acts (`71-2026-р`, `z0123-24`, `254к/96-вр`) we know no identity and read nothing.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit

from domain.identity import DocumentId
from watchers.rada.wording import latin

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")
_OFFSET = 11
_KEY = re.compile(r"[\dnprvz][\w/ -]{2,24}", re.IGNORECASE)


def decree(number: str) -> DocumentId | None:
    """Name a decree by its number, `793/2025` in any spacing; None for one without a year."""
    found = re.fullmatch(r"0*([1-9][0-9]{0,4}) ?/ ?((?:19|20)[0-9]{2})", number.strip())
    return DocumentId("ua", "decree", (found[1], found[2])) if found else None


def law(number: str) -> DocumentId | None:
    """Name a law by its number, `4643-IX`, also where the Roman digits are Cyrillic letters."""
    found = re.fullmatch(r"0*([1-9][0-9]{0,4}) ?- ?([IVX]+)", latin(number.strip()).upper())
    if found is None or found[2] not in _ROMAN:
        return None
    return DocumentId("ua", "law", (f"{found[1]}-{found[2].lower()}",))


def of_nreg(nreg: str) -> DocumentId | None:
    """Name the document behind a key; None for what is neither a decree nor a law."""
    found = re.fullmatch(r"([1-9][0-9]{0,4})-([0-9]{2})", nreg)
    if found and 1 <= int(found[2]) - _OFFSET <= len(_ROMAN):
        return law(f"{found[1]}-{_ROMAN[int(found[2]) - _OFFSET - 1]}")
    named = decree(nreg)
    return named if named and nreg == "/".join(named.parts) else None


def nreg_of(document: DocumentId) -> str | None:
    """Return the key of a document; None for what this database does not hold."""
    if document.jurisdiction == "ua" and document.kind == "decree" and len(document.parts) == 2:
        return "/".join(document.parts)
    if document.jurisdiction == "ua" and document.kind == "law" and len(document.parts) == 1:
        number, _, roman = document.parts[0].partition("-")
        if number.isdigit() and roman.upper() in _ROMAN:
            return f"{number}-{_ROMAN.index(roman.upper()) + 1 + _OFFSET}"
    return None


def number_of(document: DocumentId) -> str:
    """Write a number the way people do: `793/2025`, `4643-IX`."""
    return document.parts[0].upper() if document.kind == "law" else "/".join(document.parts)


def nreg_in(address: str) -> str | None:
    """Find the key in an address such as `https://zakon.rada.gov.ua/laws/show/4643-20#Text`."""
    path = unquote(urlsplit(address).path)
    found = re.search(r"/(?:laws/(?:show|card|main|file|anot)|go)/(?:en/)?(.+)", path)
    if found is None:
        return None
    nreg = re.sub(
        r"(?:/(?:ed[0-9]+|print|find|stru|page[0-9]*|conv)(?:/.*)?)?(?:\.(?:txt|json|xml|html?))?/?$", "", found[1]
    )
    return nreg if _KEY.fullmatch(nreg) else None


def segment(nreg: str) -> str:
    """Write a key as part of an address: the slash belongs to it, Cyrillic letters are escaped."""
    return quote(nreg, safe="/")


def page(document: DocumentId) -> str | None:
    """Return the page of a document that a person would open."""
    nreg = nreg_of(document)
    return f"https://zakon.rada.gov.ua/laws/show/{segment(nreg)}" if nreg else None
