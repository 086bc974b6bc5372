"""Which bills does the register of parliament show, and what does each say of its regime?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

from domain.coded_text import coded
from domain.documents import DocumentId
from domain.errors import Changed
from domain.records.facets import Entry, Facet
from watchers.rada.client import law_id, number_of
from watchers.rada.dates import day as stated_day
from watchers.rada.text import matching, shown
from watchers.rada.titles import TitleVerdict, classify

NAMED = "затвердження Указу Президента України"
"""The words every bill on approving a decree has in its title: what the register is searched for."""

SIGNED = ("закон підписано", "повернуто з підписом від президента")
"""Words of the register's status, or of the event behind it, once the President signed."""

_COUNT = re.compile(r"знайдено законопроектів:?\s*([\d\s]+)", re.IGNORECASE)
_CARD = re.compile(r"/billinfo/bills/card/(\d+)", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,6}(?:-\d{1,2})?")
_DAY = re.compile(r"\d{2}\.\d{2}\.\d{4}")


@dataclass(frozen=True, slots=True)
class RegisterBill:
    """One bill. `number` is that of registration; days are `YYYY-MM-DD`; `status` the register's own words with the
    day since when; `act` the number of the law it became, with its day."""

    number: str
    title: str
    initiator: str
    registered_on: str | None
    status: str = ""
    status_on: str | None = None
    signed_on: str | None = None
    act: str | None = None
    act_on: str | None = None
    url: str | None = None

    @property
    def document(self) -> DocumentId:
        """Its identity in the ninth convocation, which has numbered bills on since 2019: `ua/bill/14128`."""
        return DocumentId("ua", "bill", (self.number,))

    @property
    def verdict(self) -> TitleVerdict:
        return classify(self.title)

    @property
    def renews(self) -> bool:
        """True for a bill of the President on approving a decree about one of the regimes."""
        verdict = self.verdict
        presidential = "президент" in matching(self.initiator)
        return presidential and verdict.approves and verdict.regime is not None


class _RowsParser(HTMLParser):
    """Collects the cells of each row of a table, and the first link to a card."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[tuple[str | None, list[str]]] = []
        self._cells: list[str] | None = None
        self._link: str | None = None
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._close()
            self._cells = []
        elif tag == "td" and self._cells is not None:
            self._cells.append("")
            self._in_cell = True
        elif tag == "a" and self._cells is not None and self._link is None:
            href = dict(attrs).get("href") or ""
            self._link = href if _CARD.search(href) else None

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._in_cell = False
        elif tag in ("tr", "table"):
            self._close()

    def handle_data(self, data: str) -> None:
        if self._in_cell and self._cells:
            self._cells[-1] += data

    def _close(self) -> None:
        if self._cells:
            self.rows.append((self._link, [" ".join(cell.split()) for cell in self._cells]))
        self._cells, self._link, self._in_cell = None, None, False


def parse_search(body: bytes, base_url: str) -> tuple[tuple[RegisterBill, ...], int]:
    """Read a page of search results: its bills, and how many the whole answer has. Changed if it is no such page."""
    text = body.decode("utf-8", "replace")
    counted = _COUNT.search(text)
    if counted is None:
        raise Changed("search in the register of bills: expected «Знайдено законопроектів», saw none")
    rows = _RowsParser()
    rows.feed(text)
    bills = tuple(bill for link, cells in rows.rows if link and (bill := _of_row(link, cells, base_url)))
    count = int(re.sub(r"\s", "", counted[1]) or 0)
    if count and not bills:
        raise Changed(f"search in the register of bills: expected {count} bills, saw none that can be read")
    return bills, count


def _of_row(link: str, cells: list[str], base_url: str) -> RegisterBill | None:
    """Read a row by what its cells are, not by where they stand: the register shows more or fewer columns."""
    number = next((cell for cell in cells if _NUMBER.fullmatch(cell)), None)
    if number is None:
        return None
    title = max(cells, key=len)
    others = [cell for cell in cells if cell not in (number, title)]
    alone = next((cell for cell in others if _DAY.fullmatch(cell)), None)
    status = next((cell for cell in reversed(others) if cell and cell != alone), "")
    since = _DAY.findall(status)
    words = re.sub(r"\s*\(?\d{2}\.\d{2}\.\d{4}\)?\s*", "", status).strip()
    found = _CARD.search(link)
    return RegisterBill(
        number=number,
        title=shown(title),
        initiator=" ".join(cell for cell in others if cell not in (alone, status)),
        registered_on=stated_day(alone) if alone else None,
        status=words,
        status_on=stated_day(since[-1]) if since else None,
        signed_on=stated_day(since[-1]) if since and matching(words) in SIGNED else None,
        url=f"{base_url}/billInfo/Bills/Card/{found[1]}" if found else None,
    )


def parse_bulk(body: bytes) -> tuple[RegisterBill, ...]:
    """Read the daily file of all bills: those on approving a decree. Its strings hold raw control characters, which
    strict readers refuse. Changed if it is no such file, or an empty one."""
    try:
        entries = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError) as error:
        raise Changed(f"file of all bills: expected JSON, saw {body[:40]!r} ({type(error).__name__})") from error
    if not isinstance(entries, list) or not entries:
        raise Changed("file of all bills: expected a list of bills, saw none")
    if not any(isinstance(entry, dict) and "registrationNumber" in entry for entry in entries):
        raise Changed("file of all bills: expected registrationNumber, saw none")
    words = NAMED.casefold()
    near = (e for e in entries if isinstance(e, dict) and words in " ".join(str(e.get("name")).split()).casefold())
    return tuple(bill for entry in near if (bill := _of_entry(entry)))


def _of_entry(entry: Mapping[str, Any]) -> RegisterBill | None:
    number = str(entry.get("registrationNumber") or "")
    if not _NUMBER.fullmatch(number):
        return None
    phase = entry.get("currentPhase")
    phase = (
        phase if isinstance(phase, dict) else {n: entry.get(f"currentPhase_{n}") for n in ("date", "title", "status")}
    )
    passings = [p for p in entry.get("passings") or () if isinstance(p, dict)]
    signed = [_day(p.get("date")) for p in (*passings, phase) if _says(p, SIGNED)]
    return RegisterBill(
        number=number,
        title=shown(str(entry.get("name"))),
        initiator=shown(str(entry.get("subject") or "")),
        registered_on=_day(entry.get("registrationDate")),
        status=shown(str(phase.get("status") or phase.get("title") or "")),
        status_on=_day(phase.get("date")),
        signed_on=min((day for day in signed if day), default=None),
        act=str(entry.get("actNumber") or "") or None,
        act_on=_day(entry.get("actDate")),
        url=str(entry["url"]) if str(entry.get("url") or "").startswith("https://") else None,
    )


def _says(passing: Mapping[str, Any], words: tuple[str, ...]) -> bool:
    return any(matching(str(passing.get(name) or "")) in words for name in ("title", "status"))


def _day(stamp: object) -> str | None:
    try:
        return date.fromisoformat(str(stamp or "")[:10]).isoformat()
    except ValueError:
        return None


REJECTED = ("проект не прийнято", "відхилено та знято", "проект відкликано", "знято з розгляду")
"""Words of the register's status for a bill that will not become law."""

_DECREE_BEFORE = timedelta(days=10)
"""How long before its bill was registered a decree may have been signed: the longest known is a day."""


def bill_facets(bill: RegisterBill, known: Mapping[str, Facet]) -> dict[str, Facet]:
    """Return what a bill says of its regime: registered, become law, signed, refused. `known` is the regime's record:
    the register does not say which decree a bill approves, but the record knows which one was signed just before."""
    decree = _decree_of(bill, known)
    before = known.get("steps", {})
    steps = {subject: _kept(entry, before.get(subject)) for subject, entry in _steps(bill, decree)}
    became = law_id(bill.act or "")
    # What the law's own text says is more than we know.
    if became is None or decree is None or str(became) in known.get("approvals", {}):
        return {"steps": steps}
    entry = {
        "approves": decree,
        "on": bill.act_on,
        "text": f"{bill.title} № {number_of(became)}",
        "label": coded("act.adopted", document=str(became)).to_json(),
        "confidence": "official",
    }
    return {"steps": steps, "approvals": {str(became): {name: value for name, value in entry.items() if value}}}


def _kept(entry: Entry, before: Entry | None) -> Entry:
    """Keep the words in which a step was first told, and the act it was said to be about."""
    return {**entry, **{name: before[name] for name in ("text", "of") if name in before}} if before else entry


def _steps(bill: RegisterBill, decree: str | None) -> Iterator[tuple[str, Entry]]:
    refused = bill.status_on if matching(bill.status) in REJECTED else None
    for step, on, label in (
        ("bill_registered", bill.registered_on, coded("act.bill_registered", number=bill.number)),
        ("law_signed", bill.signed_on, coded("act.bill_signed", number=bill.number)),
        ("bill_rejected", refused, coded("act.bill_rejected", number=bill.number, status=bill.status)),
    ):
        if on:
            yield (
                f"{step}:{bill.document}",
                {
                    "step": step,
                    "of": decree or str(bill.document),
                    "on": on,
                    "text": f"{bill.title} (№ {bill.number})",
                    "label": label.to_json(),
                    "confidence": "official",
                },
            )


def _decree_of(bill: RegisterBill, known: Mapping[str, Facet]) -> str | None:
    """Return the decree a bill is about: the one its record says, else the only one signed in the days before it."""
    before = str(known.get("steps", {}).get(f"bill_registered:{bill.document}", {}).get("of") or "")
    if before.startswith("ua/decree/"):
        return before
    if bill.registered_on is None:
        return None
    registered = date.fromisoformat(bill.registered_on)
    near = [
        subject
        for subject, entry in known.get("instruments", {}).items()
        if subject.startswith("ua/decree/")
        and timedelta(0) <= registered - date.fromisoformat(str(entry.get("on") or "0001-01-01")[:10]) <= _DECREE_BEFORE
    ]
    return near[0] if len(near) == 1 else None
