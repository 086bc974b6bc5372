"""What is common to parliaments whose source states the status of a bill itself?

The source's words are read by a table of our codes; nothing is derived from lines. Bills are named
`CODE/bill/SESSION/NUMBER`; what is not decided when its session ends has died. The source goes on stating what such a
bill stood at: its watcher says so by `session_ended_on` in the facet `item`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from domain.documents import DocumentId
from domain.jurisdictions import Jurisdiction, NameRefused, ParsedName, StatusWords

if TYPE_CHECKING:
    from domain.records.facets import Facet
    from domain.records.record import StatusPoint

INTRODUCED, LAPSED = "INTRODUCED", "LAPSED"
"""Codes that every table has: they follow from `introduced_on` and `session_ended_on`, whatever the source states."""


@dataclass(frozen=True, slots=True)
class StatedStatus:
    """One row of the table by which a stated status is read: our code, its stage, and the words for it. The label is
    the source's own word."""

    code: str
    stage: str
    words: StatusWords


def status_table(text: str, chambers: Iterable[Mapping[str, str]]) -> dict[str, StatedStatus]:
    """Read a table: code → row. Blocks of three lines, an empty one between them:

        CODE stage: the source's word, or ours
        What it means.
        What can come next.

    Each is written out once for each chamber, which fills the gaps (`{C}`).
    """
    rows = {}
    for block in text.strip().split("\n\n"):
        for chamber in chambers:
            head, meaning, next_step = block.format(**chamber).splitlines()
            code_and_stage, _, label = head.partition(": ")
            code, stage = code_and_stage.split()
            rows[code] = StatedStatus(code, stage, StatusWords(label, meaning, next_step))
    return rows


class StatedProcedure(Jurisdiction):
    """A parliament whose source states the status. `table` maps our codes to its words, in the usual order of the
    procedure; `sessions` maps each session to its first day and the day it ended, "" while none is known."""

    table: ClassVar[Mapping[str, StatedStatus]] = {}
    sessions: ClassVar[Mapping[str, tuple[str, str]]] = {}
    kinds = ("bill",)
    session_key = "session"

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self._codes = {row.words.label: code for code, row in self.table.items()}
        self.stages = tuple(dict.fromkeys(row.stage for row in self.table.values()))

    def bill(self, session: str, number: str) -> DocumentId:
        """Name a bill; NameRefused for a session or number that cannot be."""
        raise NameRefused(f"bills of {self.name} have no names here: {number} of session {session}")

    def session_order(self, session: str) -> tuple[int, ...]:
        """Order sessions written as numbers with hyphens: `45-1`."""
        return tuple(map(int, session.split("-")))

    def sitting(self, day: date) -> str:
        """Return the session that sits on a day, or sat last, as far as this version knows."""
        begun = [session for session, (first, _) in self.sessions.items() if first <= day.isoformat()]
        return max(begun or self.sessions, key=self.session_order)

    def parse_id(self, parts: Sequence[str]) -> DocumentId:
        if parts[0] != "bill" or len(parts) != 3:
            raise NameRefused(f"a bill is written {self.code}/bill/SESSION/NUMBER, as {self.examples[0]}")
        return self.bill(parts[1], parts[2])

    def named(self, number: str, session: str | None, today: date, watched: Collection[DocumentId]) -> ParsedName:
        """Name a bill of which people wrote a number and perhaps its session."""
        if session:
            return ParsedName(self.bill(session, number))
        bill = self.bill(self.sitting(today), number)
        same = [one for one in watched if one.jurisdiction == self.code and one.parts[1:] == bill.parts[1:]]
        if same:
            return ParsedName(max(same, key=lambda one: self.session_order(one.parts[0])), "watched")
        return ParsedName(bill, "current")

    def check_session(self, document: DocumentId, today: date) -> None:
        """The table of sessions ends at some day; since then at most one parliament a year may have followed."""
        sitting = self.sitting(today)
        latest, session = self.session_order(sitting)[0], document.parts[0] if document.kind == "bill" else sitting
        later = today.year - int(self.sessions[sitting][0][:4]) + 1
        if re.fullmatch(r"[0-9-]+", session) and self.session_order(session)[0] > latest + later:
            raise NameRefused(f"session {session} is far off: {sitting} began on {self.sessions[sitting][0]}")

    def label(self, document: DocumentId) -> str:
        return " · ".join(part.upper() for part in reversed(document.parts))

    def session_name(self, document: DocumentId) -> str:
        return f"{self.session_word} {document.parts[0]}"

    def timeline(self, document: DocumentId, facets: Mapping[str, Facet]) -> tuple[StatusPoint, ...]:
        """Return the timeline from the facets `status` (entries with `text`, the source's word, and `on`, the day since
        when it holds) and `item`. A word the table lacks is reported as it stands, in capitals, never guessed."""
        from domain.records.record import StatusPoint

        places = {code: place for place, code in enumerate(self.table)}
        item = facets.get("item", {}).get("", {})
        found = [(INTRODUCED, item.get("introduced_on"), INTRODUCED.capitalize())]
        for entry in facets.get("status", {}).values():
            word = str(entry["text"])
            found.append((self._codes.get(word) or "_".join(word.upper().split()), entry["on"], word))
        points = sorted(
            (StatusPoint(code, str(on), str(text)) for code, on, text in found if on),
            key=lambda point: (point.on, places.get(point.status, len(places)), point.status),
        )
        ended = item.get("session_ended_on")
        if ended and points and not self.is_decided(points[-1].status):
            points.append(StatusPoint(LAPSED, str(ended), self.table[LAPSED].words.label))
        return tuple(p for n, p in enumerate(points) if n == 0 or p.status != points[n - 1].status)

    def status_words(self, status: str, document: DocumentId) -> StatusWords | None:
        return self.table[status].words if status in self.table else None

    def all_status_words(self) -> Iterable[StatusWords]:
        return (row.words for row in self.table.values())

    def stage(self, status: str | None, document: DocumentId, day: date) -> str:
        row = self.table.get(status or "")
        return row.stage if row else "unknown"

    def ended_on(self, status: str | None, status_on: str | None, document: DocumentId, day: date) -> date | None:
        return date.fromisoformat(status_on) if status == LAPSED and status_on else None

    def search_scope(self, today: date, session: str | None = None) -> DocumentId | None:
        if session is not None and not session.replace("-", "").isdecimal():
            raise NameRefused(f"expected a session such as {self.sitting(today)}")
        return DocumentId(self.code, "bill", (session or self.sitting(today),))

    def session_began(self, document: DocumentId) -> date | None:
        first, _ = self.sessions.get(document.parts[0], ("", "")) if document.kind == "bill" else ("", "")
        return date.fromisoformat(first) if first else None

    def following_session(self, document: DocumentId, day: date) -> DocumentId | None:
        later = self.sitting(day)
        is_later = self.session_order(later) > self.session_order(document.parts[0])
        return DocumentId(self.code, "bill", (later,)) if is_later else None

    def may_be_reintroduced_as(self, old: DocumentId, new: DocumentId) -> bool:
        same = new.jurisdiction == old.jurisdiction and new.kind == old.kind
        return same and self.session_order(new.parts[0]) > self.session_order(old.parts[0])
