"""How is the chain of a regime's terms shown to a person?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from domain.identity import DocumentId, label
from domain.record import Record
from domain.terms import Regime, Term, minute, regime_of, terms
from monitor.terminal import print_rows

HEADERS = ("Term", "From", "To", "Length", "Act", "Approved by", "Known from")


def print_chain(record: Record) -> None:
    """Write the terms of a recorded regime, oldest first, in its own wall time; nothing where none is known."""
    regime = regime_of(record.document, record.facets)
    chain = terms(regime, record.facets)
    if not chain:
        return
    click.echo(f"{regime.title} ({regime.zone})")
    print_rows(HEADERS, list(_rows(regime, chain)), spare=("Length", "Approved by"))
    click.echo()


def _rows(regime: Regime, chain: Iterable[Term]) -> Iterator[list[str | None]]:
    for term in chain:
        yield [
            _role(term),
            minute(term.starts_at),
            "until an act ends it" if term.is_open else minute(term.ends_at) + (" (early)" if term.ended_by else ""),
            term.length,
            _act(regime, term.instrument),
            _act(regime, term.approval),
            term.confidence,
        ]


def _role(term: Term) -> str:
    """Name a term by its episode and its place in it; a place is unknown while a link before it is missing."""
    place = "introduction" if term.number == 0 else f"extension {term.number if term.number is not None else '?'}"
    return f"{term.episode} {place}"


def _act(regime: Regime, subject: str | None) -> str | None:
    """Name an act as people do; a term that only its neighbours fix has none."""
    if subject is None or not subject.startswith(f"{regime.document.jurisdiction}/"):
        return None
    return label(DocumentId.parse(subject)).removeprefix(f"{regime.document.jurisdiction.upper()} ")
