"""Which document does somebody mean by what they typed or pasted?

Canonical identities are read here; the forms people use (`HR 6508`, an address) by the jurisdictions. Whatever none
can read with certainty is refused with the forms that are accepted: a wrong guess would answer about another document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from urllib.parse import unquote, urlsplit

from domain.documents import DocumentId, label
from domain.errors import UnknownName
from domain.jurisdictions import MODULES, Jurisdiction, NameRefused, all_jurisdictions, jurisdiction, jurisdiction_of

LONGEST = 2000
"""Characters; longer input is no name."""


class Basis(StrEnum):
    """Where the session of a bill comes from."""

    STATED = "stated"
    WATCHED = "watched"
    CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Name:
    """A document somebody named. `basis` is STATED for everything that has no session to assume."""

    typed: str
    document: DocumentId
    basis: Basis = Basis.STATED

    @property
    def remark(self) -> str | None:
        """Say which session was assumed; None when it was stated."""
        if self.basis is Basis.STATED:
            return None
        law = jurisdiction_of(self.document)
        why = "the one watched" if self.basis is Basis.WATCHED else "the current one"
        session = law.session_name(self.document)
        return f"{self.typed}: no {law.session_word} given, taken as {label(self.document)} ({session}, {why})"


def accepted_forms() -> tuple[str, ...]:
    """Return the forms an error lists, one example each."""
    laws = all_jurisdictions()
    hosts = [host for law in laws for host in law.hosts]
    addresses = f"an address of {', '.join(hosts[:-1])} or {hosts[-1]}"
    return (*(example for law in laws for example in law.examples), addresses, "the name of a watch")


def resolve(
    typed: str, *, today: date, watched: Mapping[str, DocumentId] | None = None, known: Iterable[str] = ()
) -> Name:
    """Read one name; UnknownName, with the accepted forms and the nearest of `known`, when it names nothing.

    `watched` maps the names of watches to their documents: a watch's name resolves, and its session wins over the
    current one of `today` for a bill typed without. `known` are further identities or names worth suggesting.
    """
    watches = watched or {}
    text = _plain(typed)
    if (named := _watch_called(text, watches)) is not None:
        return Name(text, named)
    try:
        found = _read(text, today, watches)
        if found is not None:
            jurisdiction_of(found.document).check_session(found.document, today)
    except ValueError as error:
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
    lines.append("accepted: " + ", ".join(accepted_forms()))
    near = nearest(text[:80], known)
    if near:
        lines.append("nearest known: " + ", ".join(near))
    return "\n".join(lines)


def _read(text: str, today: date, watches: Mapping[str, DocumentId]) -> Name | None:
    if not text or len(text) > LONGEST:
        raise NameRefused("it is empty" if not text else f"it is longer than {LONGEST} characters")
    if odd := next((c for c in text if c.isdigit() and c not in "0123456789"), None):
        raise NameRefused(f"{odd!r} is not one of the digits 0-9")
    if document := _identity(text):
        return Name(text, document)
    if address := _address(text):
        law, host, path = address
        document = law.parse_address(host, path)
        if document is None:
            raise NameRefused("the address is not that of a document lexwatch knows how to name")
        return Name(text, document)
    documents = tuple(watches.values())
    for law in all_jurisdictions():
        if found := law.parse_text(text, today, documents):
            return Name(text, found.document, Basis(found.basis))
    return None


def _identity(text: str) -> DocumentId | None:
    """Read the canonical form; its jurisdiction says what a kind's parts may be."""
    head, *rest = text.lower().split("/")
    operational = head in ("source", "channel") and len(rest) == 1
    of_feed = head == "feed" and len(rest) in (1, 2)
    # A regime may be of any jurisdiction: people add their own.
    regime = len(rest) > 1 and rest[0] == "regime" and "." not in head
    if operational or of_feed or regime:
        return DocumentId.parse(text.lower())
    return jurisdiction(head).parse_id(rest) if head in MODULES and rest else None


def _address(text: str) -> tuple[Jurisdiction, str, list[str]] | None:
    """Return whose address it is, its host and path segments, when `text` is one, with or without its scheme."""
    if " " in text or ("://" not in text and _owner(text.split("/")[0].lower()) is None):
        return None
    parts = urlsplit(text if "://" in text else f"https://{text}")
    host = (parts.hostname or "").lower().rstrip(".")
    law = _owner(host)
    if parts.scheme.lower() not in ("http", "https") or law is None:
        hosts = [known for one in all_jurisdictions() for known in one.hosts]
        raise NameRefused(f"expected an address of {', '.join(hosts[:-1])} or {hosts[-1]}")
    return law, host, [segment for segment in unquote(parts.path).split("/") if segment]


_FEED = re.compile(
    r"(?:^|[/._?&=-])(?:rss|atom|feeds?|rdf)(?:[/._?&=-]|$)|\.(?:rss|atom|rdf|xml)(?:[?#]|$)", re.IGNORECASE
)


def may_be_feed(address: str) -> bool:
    """Say whether an address that names no document may be that of a feed: on a host whose pages are documents, where
    its words say so; on any other, always."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc:
        return False
    return _owner((parts.hostname or "").lower()) is None or bool(_FEED.search(f"{parts.path}?{parts.query}"))


def _owner(host: str) -> Jurisdiction | None:
    """Return whose host this is, or is a host below: a long configuration asks that of every address."""
    owners = _hosts()
    while host:
        if host in owners:
            return owners[host]
        host = host.partition(".")[2]
    return None


@cache
def _hosts() -> dict[str, Jurisdiction]:
    return {host: law for law in all_jurisdictions() for host in law.hosts}
