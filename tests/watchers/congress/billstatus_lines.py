"""What action lines does a recorded bill carry? A small reader for tests: BILLSTATUS of every schema, and API answers.

The product has its own readers; this one only has to feed the ladder.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lxml import etree

from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.records.facets import Facet
from watchers.congress.action_steps import read_step


@dataclass(frozen=True, slots=True)
class Bill:
    """One recorded state of one bill: its identity, the facets the ladder reads, and its laws as the source lists
    them (`Public Law 115-97`)."""

    document: DocumentId
    facets: Mapping[str, Facet]
    laws: tuple[str, ...]


def read_billstatus(path: Path) -> Bill:
    """Read a BILLSTATUS file of any schema from 2015 on (`billNumber` and `number`, `committee` and `committees`)."""
    bill = etree.fromstring(path.read_bytes()).find("bill")
    document = us_bill(
        int(bill.findtext("congress")),
        bill.findtext("billType") or bill.findtext("type"),
        int(bill.findtext("billNumber") or bill.findtext("number")),
    )
    lines = [
        {
            "actionDate": node.findtext("actionDate"),
            "actionTime": node.findtext("actionTime"),
            "actionCode": node.findtext("actionCode"),
            "sourceSystem": {"code": node.findtext("sourceSystem/code")},
            "text": node.findtext("text"),
            "type": node.findtext("type"),
        }
        for node in bill.iterfind("actions/item")
    ]
    laws = tuple(f"{law.findtext('type')} {law.findtext('number')}" for law in bill.iterfind("laws/item"))
    facets = {
        "actions": entries(lines, document),
        "item": {"item": {"introduced_on": bill.findtext("introducedDate")}},
        "title": {"display": {"text": bill.findtext("title")}},
    }
    return Bill(document, facets, laws)


def read_api(item: Path, actions: Path) -> Bill:
    """Read the stored answers of the bill item and of its actions (gzip JSON)."""
    bill = json.loads(gzip.decompress(item.read_bytes()))["bill"]
    document = us_bill(int(bill["congress"]), bill["type"], int(bill["number"]))
    facets = {
        "actions": entries(json.loads(gzip.decompress(actions.read_bytes()))["actions"], document),
        "item": {"item": {"introduced_on": bill.get("introducedDate")}},
        "title": {"display": {"text": bill["title"]}},
    }
    return Bill(document, facets, tuple(f"{law['type']} {law['number']}" for law in bill.get("laws", ())))


def entries(lines: Iterable[Mapping[str, Any]], document: DocumentId) -> Facet:
    """Turn source-shaped action lines, in any order, into the entries of the facet `actions`."""
    found = {}
    for line in lines:
        text, code = line.get("text") or "", line.get("actionCode") or None
        source = (line.get("sourceSystem") or {}).get("code")
        found[f"{line['actionDate']}|{code}|{source}|{text}"] = {
            "on": line["actionDate"],
            "text": text,
            "label": text,
            "code": code,
            "source": int(source) if source not in (None, "") else None,
            "time": _clock(line.get("actionTime")),
            "type": line.get("type"),
            "step": read_step(text, code, document)[0],
        }
    return found


def _clock(time: str | None) -> str | None:
    """Return a 24-hour time; the files of 2015 and early 2016 write 05:10PM."""
    if time and time[-1] in "Mm":
        return datetime.strptime(time, "%I:%M%p").strftime("%H:%M:%S")  # noqa: DTZ007 a wall time without a day
    return time or None
