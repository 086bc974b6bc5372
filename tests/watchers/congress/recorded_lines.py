"""A bill of the 119th Congress as its lines appear day by day, through whole polls. All events are constructed; the
wording of the lines is the publisher's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.documents import DocumentId
from domain.jurisdictions import jurisdiction_of
from domain.jurisdictions.us.names import us_bill
from domain.records.facets import DEFAULT_KINDS, Kind
from domain.records.merge import without_superseded
from domain.records.record import Change, Record
from tests.helpers.english import english
from tests.watchers.congress.publisher import Bill, CongressPoller, Publisher

HOUSE_BILL = us_bill(119, "hr", 9101)
SENATE_BILL = us_bill(119, "s", 9101)
RESOLUTION = us_bill(119, "hres", 5)
CONCURRENT = us_bill(119, "hconres", 7)

BEGUN = """
2026-01-02 | H11100  | 2 | Referred to the House Committee on Tests.
2026-01-02 | Intro-H | 9 | Introduced in House
2026-01-02 | 1000    | 9 | Introduced in House
"""
BEGUN_IN_SENATE = """
2026-01-02 | -     | 0 | Read twice and referred to the Committee on Tests.
2026-01-02 | 10000 | 9 | Introduced in Senate
"""


def action_lines(table: str) -> list[dict[str, Any]]:
    """Read lines written `day [time] | code or - | source | text`, oldest last, as the API states them."""
    return [_action(row) for row in table.strip().splitlines()]


def _action(row: str) -> dict[str, Any]:
    when, code, source, text = (part.strip() for part in row.split("|", 3))
    day, _, time = when.partition(" ")
    found: dict[str, Any] = {"actionDate": day, "text": text, "sourceSystem": {"code": int(source)}}
    if code != "-":
        found["actionCode"] = code
    if time.strip():
        found["actionTime"] = time.strip()
    return found


class WatchedBill:
    """One bill, its publisher, and what its followers are told: read for the first time on 3 January, quietly."""

    def __init__(self, document: DocumentId, begun: str | None = None, kinds: frozenset[Kind] = DEFAULT_KINDS) -> None:
        own = begun or (BEGUN if document.parts[1].startswith("h") else BEGUN_IN_SENATE)
        bill = Bill(lists={"actions": action_lines(own)}, says={"introducedDate": "2026-01-02"})
        bill.updated = datetime(2026, 1, 2, tzinfo=UTC)
        self.document, self.kinds = document, kinds
        self.publisher = Publisher({document: bill}, now=datetime(2026, 1, 3, 9, 0, tzinfo=UTC))
        self.reader = CongressPoller(self.publisher, kinds - {Kind.HEARING})
        self.reader.poll()
        self._told: set[tuple[Kind, str]] = set()

    @property
    def bill(self) -> Bill:
        return self.publisher.bills[self.document]

    @property
    def record(self) -> Record:
        return self.reader.records[self.document]

    @property
    def status(self) -> str:
        point = self.record.last_status
        assert point is not None
        return point.status

    @property
    def doubt(self) -> str | None:
        """Why the status is uncertain, in English."""
        found = jurisdiction_of(self.document).doubt(self.document, without_superseded(self.record.facets))
        return english(found.to_json()) if found else None

    def states(self, table: str) -> None:
        """Put lines on top of those that stand."""
        self.bill.lists["actions"] = action_lines(table) + self.bill.lists["actions"]
        self.bill.updated = self.publisher.now

    def drops(self, words: str) -> None:
        """Take away the lines that contain these words."""
        actions = self.bill.lists["actions"]
        self.bill.lists["actions"] = [line for line in actions if words not in line["text"]]
        assert len(actions) > len(self.bill.lists["actions"])
        self.bill.updated = self.publisher.now

    def told(self, after: timedelta = timedelta(minutes=15)) -> list[Change]:
        """Let time pass, poll, and return what followers of the default kinds hear of: of corrections, those of what
        they were told."""
        steps = [step for step in self.reader.poll(after) if step.based_on]
        corrected = {right.change.key: right.announced for step in steps for right in step.corrections}
        told = [
            change
            for step in steps
            for change in step.changes
            if (corrected[change.key] & self._told if change.key in corrected else change.kind in self.kinds)
        ]
        self._told |= {(change.kind, change.subject) for change in told}
        return told

    def told_on(self, day: str, table: str = "", hour: int = 12) -> list[Change]:
        """State further lines on a day, at an hour in UTC, and poll."""
        moment = datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)
        if table:
            self.publisher.now = max(self.publisher.now, moment - timedelta(minutes=15))
            self.states(table)
        return self.told(max(moment - self.publisher.now, timedelta(minutes=1)))


def kinds_and_values(changes: Iterable[Change]) -> list[tuple[str, str | None]]:
    """Return what was told, as kind and new value."""
    return [(str(change.kind), change.after) for change in changes]
