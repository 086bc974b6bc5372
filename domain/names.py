"""Which document does somebody mean by what they typed or pasted?

Reads the forms people use (`HR 6508`, `№793/2025`, addresses of congress.gov, govinfo, president.gov.ua and
rada.gov.ua) into identities. Whatever it cannot read with certainty is refused with the forms that are accepted:
a wrong guess would answer about another bill.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from domain.documents import BILL_TYPES, DocumentId, congress_on, label, ordinal, us_bill
from domain.errors import UnknownName

ACCEPTED = (
    "us/bill/119/hr/6508",
    "HR 6508",
    "hr6508-119",
    "119-hr-6508",
    "S. 2174",
    "H.J.Res. 105",
    "ua/decree/793/2025",
    "№793/2025",
    "4643-IX",
    "ua/regime/martial-law",
    "an address of congress.gov, govinfo.gov, president.gov.ua or rada.gov.ua",
    "the name of a watch",
)
"""The forms an error lists, one example each."""

LONGEST = 2000
"""Characters; longer input is no name."""

# The patterns below are compiled when they are first needed: a question about a canonical identity needs none.
_KINDS = {"us": ("bill", "amendment", "law", "vote", "fr"), "ua": ("decree", "law", "bill", "regime")}


class Basis(StrEnum):
    """Where the Congress of a bill comes from."""

    STATED = "stated"
    WATCHED = "watched"
    CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Name:
    """A document somebody named. `basis` is STATED for everything that has no Congress to assume."""

    typed: str
    document: DocumentId
    basis: Basis = Basis.STATED

    @property
    def remark(self) -> str | None:
        """Say which Congress was assumed; None when it was stated."""
        if self.basis is Basis.STATED:
            return None
        congress = ordinal(int(self.document.parts[0]))
        why = "the one watched" if self.basis is Basis.WATCHED else "the current one"
        return f"{self.typed}: no Congress given, taken as {label(self.document)} ({congress} Congress, {why})"


class _Refused(Exception):
    """The form was recognised and what it says cannot be."""


def resolve(
    typed: str, *, today: date, watched: Mapping[str, DocumentId] | None = None, known: Iterable[str] = ()
) -> Name:
    """Read one name; UnknownName, with the accepted forms and the nearest of `known`, when it names nothing.

    `watched` maps the names of watches to their documents: a watch's name resolves, and its Congress wins over the
    current one of `today` for a bill typed without. `known` are further identities or names worth suggesting.
    """
    watches = watched or {}
    text = _plain(typed)
    if (named := _watch_called(text, watches)) is not None:
        return Name(text, named)
    try:
        found = _read(text, today, watches)
    except (_Refused, ValueError) as error:
        raise UnknownName(_explain(text, str(error), [*watches, *map(str, watches.values()), *known])) from None
    if found is None:
        raise UnknownName(_explain(text, None, [*watches, *map(str, watches.values()), *known]))
    return found


def nearest(text: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """Return the known names most like `text`, best first, compared without case."""
    from difflib import get_close_matches  # most names are found: only a wrong one pays for this

    by_fold: dict[str, str] = {}
    for name in known:
        by_fold.setdefault(name.casefold(), name)
    return [by_fold[match] for match in get_close_matches(text.casefold(), by_fold, limit, 0.6)]


def _plain(typed: str) -> str:
    """Join white space (no-break spaces too) and drop the brackets of our own subject lines."""
    text = " ".join(typed.split())
    return text[1:-1].strip() if text.startswith("[") and text.endswith("]") else text


def _watch_called(text: str, watches: Mapping[str, DocumentId]) -> DocumentId | None:
    if text in watches:
        return watches[text]
    folded = [document for name, document in watches.items() if name.casefold() == text.casefold()]
    return folded[0] if len(folded) == 1 else None


def _explain(text: str, why: str | None, known: Iterable[str]) -> str:
    shown = "".join(c if c.isprintable() else "�" for c in text)
    shown = shown if len(shown) <= 80 else shown[:77] + "..."
    lines = [f"{shown!r} names no document" + (f": {why}" if why else "")]
    lines.append("accepted: " + ", ".join(ACCEPTED))
    near = nearest(text[:80], known)
    if near:
        lines.append("nearest known: " + ", ".join(near))
    return "\n".join(lines)


def _read(text: str, today: date, watches: Mapping[str, DocumentId]) -> Name | None:
    if not text or len(text) > LONGEST:
        raise _Refused("it is empty" if not text else f"it is longer than {LONGEST} characters")
    if odd := next((c for c in text if c.isdigit() and c not in "0123456789"), None):
        raise _Refused(f"{odd!r} is not one of the digits 0-9")
    address = _address(text)
    if address is not None:
        document = _of_address(*address)
        if document is None:
            raise _Refused("the address is not that of a document lexwatch knows how to name")
        return Name(text, document)
    if document := _identity(text) or _package(text) or _ukrainian(text):
        return Name(text, document)
    return _bill(text, today, watches)


def _identity(text: str) -> DocumentId | None:
    """Read the canonical form; numbers of bills and decrees lose leading zeros."""
    head, *rest = text.lower().split("/")
    if head in ("source", "channel") and len(rest) == 1:
        return DocumentId.parse(text.lower())
    if head == "feed" and len(rest) in (1, 2):
        return DocumentId.parse(text.lower())
    if len(rest) > 1 and rest[0] == "regime":
        return DocumentId.parse(text.lower())  # of any jurisdiction: people add regimes of their own
    if head not in _KINDS or not rest:
        return None
    if rest[0] not in _KINDS[head]:
        raise _Refused(f"{head}/{rest[0]} is not a kind of document; expected one of {', '.join(_KINDS[head])}")
    if (head, rest[0]) == ("us", "bill"):
        if len(rest) != 4:
            raise _Refused("a bill is written us/bill/CONGRESS/TYPE/NUMBER")
        return us_bill(_number(rest[1]), rest[2], _number(rest[3]))
    if (head, rest[0]) == ("ua", "decree"):
        if len(rest) != 3:
            raise _Refused("a decree is written ua/decree/NUMBER/YEAR")
        return _decree(rest[1], rest[2])
    if len(rest) < 2:
        raise _Refused("the identity is incomplete")
    return DocumentId.parse(text.lower())


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", text):
        raise _Refused(f"{text!r} is not a number")
    return int(text)


_TYPE = r"h\.?\s?r(?!\s?es)\.?|h\.?\s?(?:(?:j|con)\.?\s?)?res\.?|s\.?\s?(?:(?:j|con)\.?\s?)?res\.?|s\.?"
_CONGRESS = r"([0-9]{1,3})(?:st|nd|rd|th)?(?:\scongress)?"
_BILL = rf"(?:{_CONGRESS}\s?[-/:,·]?\s?)?({_TYPE})\s?[-/#]?\s?([0-9]+)(?:(?:\s?[-/:,·]\s?|\s?\(|\s){_CONGRESS}\)?)?"
_SLUGS = {
    "house-bill": "hr",
    "senate-bill": "s",
    "house-joint-resolution": "hjres",
    "senate-joint-resolution": "sjres",
    "house-concurrent-resolution": "hconres",
    "senate-concurrent-resolution": "sconres",
    "house-resolution": "hres",
    "senate-resolution": "sres",
}
_AMENDMENT_SLUGS = {"house-amendment": "hamdt", "senate-amendment": "samdt"}
_TYPES = "|".join(sorted(BILL_TYPES, key=len, reverse=True))
_PACKAGE = rf"(?:BILLSTATUS|BILLSUM|BILLS)-([0-9]{{1,3}})({_TYPES})([0-9]+)[a-z0-9]*(?:\.[a-z]+)?"
_LAW_PACKAGE = r"PLAW-([0-9]{1,3})(publ|pvtl)([0-9]+)(?:\.[a-z]+)?"


def _bill(text: str, today: date, watches: Mapping[str, DocumentId]) -> Name | None:
    form = re.fullmatch(_BILL, _latin(text), re.IGNORECASE)
    if form is None:
        return None
    before, written, digits, after = form.groups()
    if before and after and int(before) != int(after):
        raise _Refused(f"it names two Congresses, {before} and {after}")
    kind = re.sub(r"[^a-z]", "", written.lower())
    number = _number(digits)
    if stated := before or after:
        return Name(text, us_bill(int(stated), kind, number))
    current = us_bill(congress_on(today), kind, number)
    same = [w for w in watches.values() if w.is_bill and w.parts[1:] == current.parts[1:]]
    if same:
        return Name(text, max(same, key=lambda bill: int(bill.parts[0])), Basis.WATCHED)
    return Name(text, current, Basis.CURRENT)


def _package(text: str) -> DocumentId | None:
    """Read a govinfo package or file name: `BILLS-119hr6508ih`, `BILLSTATUS-119hr6508.xml`, `PLAW-118publ50`."""
    if form := re.fullmatch(_PACKAGE, text, re.IGNORECASE):
        return us_bill(int(form[1]), form[2], _number(form[3]))
    if form := re.fullmatch(_LAW_PACKAGE, text, re.IGNORECASE):
        kind = "public" if form[2].lower() == "publ" else "private"
        return DocumentId("us", "law", (str(int(form[1])), kind, str(_number(form[3]))))
    return None


_HOMOGLYPHS = str.maketrans("АВСЕНІКМОРТХУасеіорху", "ABCEHIKMOPTXYaceiopxy")
_ROMAN = dict(enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"), start=1))
_NREG_OFFSET = 11
"""The legislation database numbers convocations from 12: `4643-20` is 4643-IX."""


def _latin(text: str) -> str:
    """Write Cyrillic letters that look Latin as the Latin ones (typed input only, never identities)."""
    return text.translate(_HOMOGLYPHS)


def _ukrainian(text: str) -> DocumentId | None:
    """Read `793/2025`, `4643-IX` and `4643-20`, with whatever heading stands before the number sign."""
    tail = re.split(r"№|(?:^|\s)(?:N|No)(?:\.|º|°)?(?=\s?[0-9])", text)[-1].strip()
    return _nreg(_latin(tail))


def _nreg(text: str) -> DocumentId | None:
    if form := re.fullmatch(r"([0-9]+)\s?/\s?([0-9]{4})", text):
        return _decree(form[1], form[2])
    form = re.fullmatch(r"([0-9]+)\s?[-–]\s?(?:([0-9]{2})|([ivx]+))", text, re.IGNORECASE)
    if form is None:
        return None
    roman = form[3].lower() if form[3] else _ROMAN.get(int(form[2]) - _NREG_OFFSET)
    if roman not in _ROMAN.values():
        raise _Refused("no convocation of the Verkhovna Rada is numbered like that")
    return DocumentId("ua", "law", (f"{_number(form[1])}-{roman}",))


def _decree(number: str, year: str) -> DocumentId:
    if not 1991 <= _number(year) <= 2100 or not 1 <= _number(number) <= 99_999:
        raise _Refused(f"no decree can be numbered {number}/{year}")
    return DocumentId("ua", "decree", (str(int(number)), str(int(year))))


_HOSTS = ("congress.gov", "govinfo.gov", "govtrack.us", "president.gov.ua", "rada.gov.ua")


def _address(text: str) -> tuple[str, list[str]] | None:
    """Return host and path segments when `text` is an address, with or without its scheme."""
    if "://" not in text and not _is_known(text.split("/")[0].lower()):
        return None
    parts = urlsplit(text if "://" in text else f"https://{text}")
    host = (parts.hostname or "").lower().rstrip(".")
    if parts.scheme.lower() not in ("http", "https") or not _is_known(host):
        raise _Refused("expected an address of congress.gov, govinfo.gov, president.gov.ua or rada.gov.ua")
    return host, [segment for segment in unquote(parts.path).split("/") if segment]


def _is_known(host: str) -> bool:
    return any(host == known or host.endswith(f".{known}") for known in _HOSTS)


def _of_address(host: str, path: list[str]) -> DocumentId | None:
    if host.endswith("rada.gov.ua"):
        return _of_rada(path)
    if host.endswith("president.gov.ua"):
        return _of_president(path)
    if (document := _of_congress(path)) is not None:
        return document
    return next((found for segment in path if (found := _package(segment))), None)


def _of_congress(path: list[str]) -> DocumentId | None:
    """Find `bill/119th-congress/house-bill/6508`, `bill/119/hr/6508` or `bills/119/hr6508` in a path."""
    joined = "/".join(path).lower()
    form = re.search(r"(?:^|/)(bill|amendment)/([0-9]{1,3})[a-z]{2}-congress/([a-z-]+)/([0-9]+)(?:/|$)", joined)
    if form and form[3] in _SLUGS:
        return us_bill(int(form[2]), _SLUGS[form[3]], _number(form[4]))
    if form and form[3] in _AMENDMENT_SLUGS:
        return DocumentId("us", "amendment", (str(int(form[2])), _AMENDMENT_SLUGS[form[3]], str(_number(form[4]))))
    form = re.search(rf"(?:^|/)bills?/([0-9]{{1,3}})/({_TYPES})/?([0-9]+)(?:/|$)", joined)
    return us_bill(int(form[1]), form[2], _number(form[3])) if form else None


def _of_president(path: list[str]) -> DocumentId | None:
    """Read `documents/8752026-61465`: number and year run together, the last four digits are the year.

    `-rp-` marks an instruction, which is no decree.
    """
    form = next((f for segment in path if (f := re.fullmatch(r"([0-9]+)([0-9]{4})-[0-9]+", segment))), None)
    return _decree(form[1], form[2]) if form and "documents" in path else None


def _of_rada(path: list[str]) -> DocumentId | None:
    """Read `laws/show/793/2025`, `laws/card/4643-20`, `go/793/2025`; editions and file endings are dropped."""
    joined = re.sub(r"^(?:laws/(?:show|card|file|anot)|go)/(?:en/)?", "", "/".join(path))
    if joined == "/".join(path):
        return None
    nreg = re.sub(r"(?:/(?:ed[0-9]+|print|find|stru|page[0-9]*|conv).*)?(?:\.(?:txt|json|xml|html?))?$", "", joined)
    return _nreg(_latin(nreg))
