"""What is known to lie ahead of everything watched?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from domain.documents import DocumentId, label
from domain.records.facets import Facet
from domain.terms import regime_of
from domain.upcoming import Upcoming, upcoming_of_document, upcoming_of_regime
from monitor.cli.report import watched
from monitor.cli.session import Session
from monitor.cli.terminal import local_time, print_json, print_note, print_rows
from monitor.service.regimes import FOLDER, find_regime
from notifications.translation import ENGLISH

if TYPE_CHECKING:
    from domain.records.record import Record

Json = dict[str, Any]


def upcoming(session: Session, *, days: int, as_json: bool) -> int:
    """List ends, starts, reminders, anniversaries and hearings within so many days, the next first."""
    now = session.clock()
    watches = watched(session.settings)
    with session.reading() as reader:
        known = reader.records([str(document) for document in watches]) if reader else {}
    until = now + timedelta(days=days)
    found = [
        (ahead, document)
        for document in watches
        for ahead in _ahead(session, document, known.get(document), now)
        if ahead.is_within(now, until)
    ]
    found.sort(key=lambda pair: (_place(pair[0]), str(pair[1]), pair[0].what))
    rows = [_row(ahead, document, watches[document].name) for ahead, document in found]
    if as_json:
        print_json(rows)
    elif not rows:
        print_note(f"nothing is known to lie ahead in the next {days} days")
    else:
        zone = session.settings.timezone
        headers = ("When", "Document", "Kind", "What", "Watch")
        print_rows(headers, [_shown(row, zone) for row in rows], spare=("Watch", "Kind"))
    return 0


def _ahead(session: Session, document: DocumentId, record: Record | None, now: datetime) -> Iterator[Upcoming]:
    """Yield what lies ahead of one document; of a regime nobody has read yet, what its file says."""
    if document.kind == "regime":
        facets = record.facets if record else _kept(session, document, now)
        if facets is not None:
            yield from upcoming_of_regime(regime_of(document, facets), facets, now)
        return
    facets = record.facets if record else {}
    reached = record.last_status if record else None
    yield from upcoming_of_document(document, reached.status if reached else None, facets, now)


def _kept(session: Session, document: DocumentId, now: datetime) -> Mapping[str, Facet] | None:
    found = find_regime(document, session.settings.path.parent / FOLDER)
    return found.observation(now).facets if found else None


def _place(ahead: Upcoming) -> float:
    """Order by the moment; a day without a time stands before the moments of that day."""
    if ahead.at is not None:
        return ahead.at.timestamp()
    return datetime.fromisoformat(f"{ahead.on.isoformat()}T00:00+00:00").timestamp()


def _row(ahead: Upcoming, document: DocumentId, watch: str) -> Json:
    return {
        "on": ahead.on.isoformat(),
        "at": ahead.at.isoformat() if ahead.at else None,
        "id": str(document),
        "kind": ahead.kind,
        "what": ENGLISH.render(ahead.what),
        "watch": watch,
    }


def _shown(row: Json, zone: str) -> list[str | None]:
    document = label(DocumentId.parse(row["id"]))
    return [local_time(row["at"], zone) or row["on"], document, row["kind"], row["what"], row["watch"]]
