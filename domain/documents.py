"""What is a document called, for ever and whoever reports it?"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from domain.jurisdictions import Jurisdiction

_PART = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass(frozen=True, slots=True, order=True)
class DocumentId:
    """A name that never changes and does not depend on who reported it: `xx/bill/45/a-1`.

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
    def is_feed(self) -> bool:
        """True for a feed of this installation (`feed/NAME`) and each of its entries (`feed/NAME/DIGEST`)."""
        return self.jurisdiction == "feed"

    @property
    def feed(self) -> DocumentId | None:
        """The feed that this is, or is an entry of; None for anything else."""
        return DocumentId(self.jurisdiction, self.kind) if self.is_feed else None

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
    """Another name of a document: `scheme` is the register it stands in: number, url, eli, celex, ocd and others."""

    scheme: str
    value: str


def operational(kind: str, name: str) -> DocumentId:
    """Name a source or a channel of this installation, whatever its configured name is made of."""
    return DocumentId(kind, re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._") or "unnamed")


@lru_cache(maxsize=32_768)
def named_feed(name: str) -> DocumentId:
    """Name the feed of a watch: `Daily Gazette` is `feed/daily-gazette`.

    A name that loses more than capitals and spaces on the way (`Укази`, an address) keeps a mark of the whole, so that
    two names never meet in one identity unless they read alike.
    """
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:48].strip("-")
    if slug and slug == "-".join(name.lower().split()):
        return DocumentId("feed", slug)
    mark = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]
    return DocumentId("feed", f"{slug or 'feed'}-{mark}")


_NUMBERED = r"\b[a-z]{1,3} (?=\d)"
"""The short name of a series of acts, before a number: `eo 13660` is written EO 13660."""


def label(document: DocumentId) -> str:
    """Name a document the way people do: `A-1 · 45`, `XX decree 7/2025`, `source gazette`."""
    if document.is_operational:
        return f"{document.jurisdiction} {document.kind}"
    if document.is_feed:
        return document.kind
    if document.kind == "regime":
        name = " ".join(document.parts).replace("-", " ")
        plain = f"{document.jurisdiction.upper()} {re.sub(_NUMBERED, lambda found: found[0].upper(), name)}"
        return _law_of(document).regime_labels.get("/".join(document.parts), plain)
    return _law_of(document).label(document)


def public_url(document: DocumentId) -> str | None:
    """Return the page a person would open, or None where no address follows from the identity."""
    return _law_of(document).public_url(document)


def _law_of(document: DocumentId) -> Jurisdiction:
    from domain.jurisdictions import jurisdiction_of  # the registry is made of documents itself

    return jurisdiction_of(document)
