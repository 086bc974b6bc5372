"""Ukraine, as the legislation database, the register of bills of its parliament and the site of its President publish
it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from domain.documents import DocumentId
from domain.jurisdictions.ua import nreg_of
from watchers.declaration import SourceDeclaration, built_by

if TYPE_CHECKING:
    from domain.terms import Coverage

MARTIAL_LAW = "martial-law"
MOBILISATION = "mobilisation"

REGIMES: Mapping[DocumentId, str] = {DocumentId("ua", "regime", (name,)): name for name in (MARTIAL_LAW, MOBILISATION)}
"""The regimes whose acts these publishers have."""

TEMPLATE = """
[source.rada]                        # the legislation of Ukraine, from data.rada.gov.ua; needs no key
every   = "30m"
"""


def is_regime(document: DocumentId) -> bool:
    """Say whether this is one of the regimes whose acts these publishers have."""
    return document in REGIMES


def is_handled(document: DocumentId) -> bool:
    """Say whether the database has this document: a regime, or an act that it has by a key."""
    return document in REGIMES or nreg_of(document) is not None


def is_bill(document: DocumentId) -> bool:
    """Say whether this is a bill of the Ukrainian parliament, which has a card in its register."""
    return document.jurisdiction == "ua" and document.kind == "bill" and len(document.parts) == 1


def _coverage(cursor: str | None, last_good_at: datetime | None, regime: DocumentId) -> Coverage:
    from watchers.rada.client import coverage_of_cursor

    return coverage_of_cursor(cursor, last_good_at)


def _costs(settings: Any, today: date) -> Iterator[str]:
    """Say what the acts cost that searches find."""
    if any(watch.search is not None and watch.assumed for watch in settings.watches):
        yield "acts that a search finds: 2 requests each, at most 10 acts a poll"


RADA = SourceDeclaration(
    name="rada",
    summary="decrees, laws and other acts of Ukraine, from the legislation database of its parliament",
    base_url="https://data.rada.gov.ua",
    every=timedelta(minutes=30),
    handles=is_handled,
    build=built_by("watchers.rada.watcher:RadaWatcher"),
    readers={"rada/1": "watchers.rada.act_reader:parse_act"},
    primary=True,
    lists_all=True,
    costs=_costs,
    coverage=_coverage,
    template=TEMPLATE,
)

RADA_BILLS = SourceDeclaration(
    name="rada_bills",
    summary="bills on approving a decree, from the register of the Ukrainian parliament",
    base_url="https://itd.rada.gov.ua",
    every=timedelta(minutes=30),
    handles=is_regime,
    build=built_by("watchers.rada.bills:RadaBillsWatcher"),
    readers={"rada-bills/1": "watchers.rada.bills:parse_bill"},
)

RADA_CARDS = SourceDeclaration(
    name="rada_cards",
    summary="bills of the Ukrainian parliament that are followed by themselves, from their cards in its register",
    base_url="https://itd.rada.gov.ua",
    every=timedelta(hours=1),
    handles=is_bill,
    build=built_by("watchers.rada.cards:RadaCardsWatcher"),
    readers={"rada-card/1": "watchers.rada.cards:parse_card"},
    primary=True,
)

PRESIDENT = SourceDeclaration(
    name="president",
    summary="decrees of the President of Ukraine, hours before the database has them",
    base_url="https://www.president.gov.ua",
    every=timedelta(hours=1),
    handles=is_regime,
    build=built_by("watchers.rada.president:PresidentWatcher"),
    readers={"president/1": "watchers.rada.president:parse_page"},
)
