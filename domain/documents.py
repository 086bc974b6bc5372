"""What is a document called, for ever and whoever tells us?"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

BILL_TYPES = ("hr", "s", "hjres", "sjres", "hconres", "sconres", "hres", "sres")

_PART = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass(frozen=True, slots=True, order=True)
class DocumentId:
    """A name that never changes and does not depend on who told us: `us/bill/119/hr/6508`.

    Jurisdiction, kind, then the kind's own parts; lower-case ASCII. `source/NAME` and `channel/NAME` name the
    operator's own subjects, which travel the same road as documents.
    """

    jurisdiction: str
    kind: str
    parts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for part in (self.jurisdiction, self.kind, *self.parts):
            if not _PART.fullmatch(part):
                raise ValueError(f"a document identity is made of lower-case ASCII parts, not {part!r}")

    def __str__(self) -> str:
        return "/".join((self.jurisdiction, self.kind, *self.parts))

    @classmethod
    def parse(cls, text: str) -> DocumentId:
        """Read the canonical form back; ValueError when `text` is not one."""
        jurisdiction, _, rest = text.partition("/")
        kind, *parts = rest.split("/")
        return cls(jurisdiction, kind, tuple(parts))

    @property
    def is_bill(self) -> bool:
        return self.jurisdiction == "us" and self.kind == "bill"

    @property
    def is_feed(self) -> bool:
        """True for a feed of this installation (`feed/NAME`) and each of its entries (`feed/NAME/DIGEST`)."""
        return self.jurisdiction == "feed"

    def is_within(self, other: DocumentId) -> bool:
        """True if this is `other`, or something named below it, such as an entry of a feed."""
        return (
            self.kind == other.kind
            and self.jurisdiction == other.jurisdiction
            and self.parts[: len(other.parts)] == other.parts
        )

    @property
    def is_operational(self) -> bool:
        """True for the operator's subjects: a source or a channel of this installation."""
        return self.jurisdiction in ("source", "channel")


class Alias(NamedTuple):
    """Another name of a document: `scheme` is one of nreg, url, congress.gov, number, eli, celex, ocd."""

    scheme: str
    value: str


def us_bill(congress: int, bill_type: str, number: int) -> DocumentId:
    """Name a bill or resolution of the US Congress; ValueError for a type or number that cannot exist."""
    kind = bill_type.lower()
    if kind not in BILL_TYPES:
        raise ValueError(f"{bill_type!r} is not a bill type; expected one of {', '.join(BILL_TYPES)}")
    if not 1 <= congress <= 999 or not 1 <= number <= 99_999:
        raise ValueError(f"no such bill: {kind} {number} of Congress {congress}")
    return DocumentId("us", "bill", (str(congress), kind, str(number)))


def operational(kind: str, name: str) -> DocumentId:
    """Name a source or a channel of this installation, whatever its configured name is made of."""
    return DocumentId(kind, re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._") or "unnamed")


def named_feed(name: str) -> DocumentId:
    """Name the feed of a watch: `White House actions` is `feed/white-house-actions`.

    A name that loses more than capitals and spaces on the way (`Укази`, an address) keeps a mark of the whole, so that
    two names never meet in one identity unless they read alike.
    """
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:48].strip("-")
    if slug and slug == "-".join(name.lower().split()):
        return DocumentId("feed", slug)
    mark = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]
    return DocumentId("feed", f"{slug or 'feed'}-{mark}")


def congress_on(day: date) -> int:
    """Return the number of the Congress sitting on `day` (each begins on 3 January of an odd year)."""
    year = day.year if (day.month, day.day) >= (1, 3) or day.year % 2 == 0 else day.year - 1
    return (year - 1789) // 2 + 1


def congress_end(congress: int) -> date:
    """Return the day on which a Congress ends at noon in Washington (20th Amendment, section 1)."""
    return date(1789 + 2 * congress, 1, 3)


def ordinal(number: int) -> str:
    """Write 119 as `119th`."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


_BILL_LABELS = {
    "hr": "HR",
    "s": "S",
    "hjres": "HJRes",
    "sjres": "SJRes",
    "hconres": "HConRes",
    "sconres": "SConRes",
    "hres": "HRes",
    "sres": "SRes",
}


def label(document: DocumentId) -> str:
    """Name a document the way people do: `HR 6508 · 119th`, `UA decree 793/2025`, `source congress`."""
    if document.is_bill and len(document.parts) == 1:
        return f"bills of Congress {document.parts[0]}"
    if document.is_bill and len(document.parts) == 3:
        congress, kind, number = document.parts
        return f"{_BILL_LABELS.get(kind, kind.upper())} {number} · {ordinal(int(congress))}"
    if document.is_operational:
        return f"{document.jurisdiction} {document.kind}"
    if document.is_feed:
        return document.kind
    if document.kind == "regime":
        return f"{document.jurisdiction.upper()} {' '.join(document.parts).replace('-', ' ')}"
    number = "/".join(document.parts)
    return f"{document.jurisdiction.upper()} {document.kind} {number.upper() if document.kind == 'law' else number}"


_CONGRESS_GOV = {
    "hr": "house-bill",
    "s": "senate-bill",
    "hjres": "house-joint-resolution",
    "sjres": "senate-joint-resolution",
    "hconres": "house-concurrent-resolution",
    "sconres": "senate-concurrent-resolution",
    "hres": "house-resolution",
    "sres": "senate-resolution",
}


def public_url(document: DocumentId) -> str | None:
    """Return the page a person would open, or None where no address follows from the identity."""
    if document.is_bill and len(document.parts) == 3:
        congress, kind, number = document.parts
        return f"https://www.congress.gov/bill/{ordinal(int(congress))}-congress/{_CONGRESS_GOV[kind]}/{number}"
    return None
