"""Bills of the Parliament of Canada, from LEGISinfo.

Times carry no zone and are Ottawa's; `0001-01-01` is none. In August 2026 the list took over the members of a single
bill (`NumberCode`, `StatusNameEn`); the names of before are read as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.documents import DocumentId
from domain.errors import Changed, mismatch, parse_fault
from domain.jurisdictions.ca import JURISDICTION as CANADA
from domain.observation import Fault, Observation, ParseInput
from domain.ports import Watcher
from watchers.declaration import SourceDeclaration, SourceOptions

_FACETS = ("item", "title", "titles", "status", "actions", "sponsors", "laws")
_STAGE, _EVENT, _ASSENT = "LatestCompletedBillStageDateTime", "LatestBillEventDateTime", "ReceivedRoyalAssentDateTime"
_MILESTONES = {
    f"Passed{chamber}{reading}ReadingDateTime": f"{reading} reading in the {name}"
    for chamber, name in (("House", "House of Commons"), ("Senate", "Senate"))
    for reading in ("First", "Second", "Third")
} | {_ASSENT: "Royal assent"}


def parse(given: ParseInput) -> Iterable[Observation]:
    """Read one bill, in a list or in an answer of its own. A status holds since its bill completed a stage, one that
    ends a bill since its latest event."""
    row = read_rows(given.pages("status")[0].body)[0][given.document]
    happened = {key: at for key in (*_MILESTONES, _STAGE, _EVENT) if (at := _moment(row.get(key)))}
    status, short, long = row["status"], row.get("ShortTitleEn"), row.get("LongTitleEn")
    since = (_EVENT, _STAGE) if status in ("Bill defeated", "Bill not proceeded with") else (_ASSENT, _STAGE, _EVENT)
    on = next((happened[key][:10] for key in since if key in happened), given.known_from.date().isoformat())
    introduced = min((at[:10] for key, at in happened.items() if "FirstReading" in key), default=None)
    sponsor = row.get("SponsorPersonName") or row.get("SponsorEn")
    law = f"S.C. {row['StatuteYear']}, c. {row['StatuteChapter']}" if row.get("StatuteChapter") else None
    yield given.observation(
        {
            "item": {"": {"introduced_on": introduced, **given.context}},
            "title": {"display": {"text": short or long}},
            "titles": {"long": {"text": long}} if short and long else {},
            "status": {f"{on}:{status}": {"text": status, "on": on}},
            "actions": {
                key: {"text": text, "on": happened[key]} for key, text in _MILESTONES.items() if key in happened
            },
            "sponsors": {sponsor: {"label": sponsor}} if sponsor else {},
            "laws": {law: {"label": law}} if law else {},
        },
        url=CANADA.public_url(given.document),
    )


@lru_cache(maxsize=2)
def read_rows(body: bytes) -> tuple[dict[DocumentId, dict[str, str]], tuple[Fault, ...]]:
    """Return the bills of an answer, and what of it cannot be read; Changed if it holds none."""
    try:
        read = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Changed(mismatch("LEGISinfo", "JSON", parse_fault(error))) from None
    rows, faults = {}, []
    for row in read if isinstance(read, list) else ():
        try:
            session = f"{row['ParliamentNumber']}-{row['SessionNumber']}"
            bill = CANADA.bill(session, row.get("NumberCode") or row["BillNumberFormatted"])
            words = {name: str(value).strip() for name, value in row.items() if value is not None}
            rows[bill] = {**words, "status": words.get("StatusNameEn") or words["CurrentStatusEn"]}
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            reason = mismatch("LEGISinfo", "a bill with session, number and status", repr(error)[:80])
            faults.append(Fault(None, Changed(reason)))
    if not rows:
        raise Changed(mismatch("LEGISinfo", "bills", repr(body[:60])))
    return rows, tuple(faults)


def _moment(text: str | None) -> str | None:
    """Return a time with Ottawa's offset, midnight as a day without a time; None for none."""
    try:
        at = datetime.fromisoformat(text or "0001-01-01").replace(tzinfo=ZoneInfo(CANADA.zone))
    except ValueError:
        return None
    is_day = (at.hour, at.minute) == (0, 0)
    return None if at.year == 1 else at.date().isoformat() if is_day else at.isoformat(timespec="minutes")


def _build(settings: SourceOptions) -> Watcher:
    from watchers.session_list import SessionListWatcher

    def bill_path(bill: DocumentId) -> str:
        return f"/en/bill/{'/'.join(bill.parts)}/json"

    places = (settings.base_url, "/en/bills/json", bill_path)
    return SessionListWatcher("legisinfo", CANADA, *places, read_rows, parse, "legisinfo/1", _FACETS)


LEGISINFO = SourceDeclaration(
    name="legisinfo",
    summary="bills of the Parliament of Canada, from LEGISinfo",
    base_url="https://www.parl.ca/legisinfo",
    every=timedelta(minutes=30),
    handles=lambda document: document.jurisdiction == "ca" and document.kind == "bill",
    build=_build,
    readers={"legisinfo/1": "watchers.legisinfo:parse"},
    primary=True,
    lists_all=True,
)
