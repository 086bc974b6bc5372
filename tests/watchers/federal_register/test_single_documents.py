"""A document that is followed by its number is reported when it is corrected, amended, revoked or put off, once."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from domain.alerts.routing import Audience, Watch
from domain.documents import DocumentId
from domain.errors import Refused
from domain.records.facets import Kind
from domain.sources import Request, Response
from notifications.wording import headline
from tests.helpers.english import english
from tests.watchers.federal_register.publisher import BASE
from tests.watchers.federal_register.test_poll import FederalRegisterPoller, desk
from watchers.federal_register.single_documents import MOST_DOCUMENTS

ORDER = DocumentId("us", "fr", ("2026-00001",))
HOURS = timedelta(hours=7)


@dataclass
class _Register:
    """Entries by number, as the API states them; constructed."""

    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, number: str, **members: Any) -> None:
        self.entries.setdefault(number, {"document_number": number, "title": "A constructed order"})
        self.entries[number] |= {"publication_date": "2026-01-05", "corrections": [], **members}


def following(made: FederalRegisterPoller, register: _Register, *documents: DocumentId) -> FederalRegisterPoller:
    whole = made.shelf.http

    def http(request: Request) -> Response:
        path = urlsplit(request.url).path
        if not path.startswith(f"{urlsplit(BASE).path}/documents/"):
            return whole(request)
        number = path.rpartition("/")[2].removesuffix(".json")
        register.asked.append(number)
        if number not in register.entries:
            raise Refused("none", status=404)
        body = json.dumps(register.entries[number]).encode()
        return Response(200, request.url, {"content-type": "application/json"}, body, made.now)

    made.shelf.http = http  # type: ignore[method-assign]
    with made.store.begin() as tx:
        watches = tx.register([Watch(str(one), one) for one in documents], made.now)
    made.audience = Audience(watches=tuple(watches), recipients={"desk": ("desk@example.org",)})
    return made


def reported(made: FederalRegisterPoller) -> list[str]:
    """Return the headlines of what followers are sent."""
    with made.store.read() as view:
        waiting = view.due("desk", made.now + timedelta(days=9), 99)
        return [
            headline(change, 200)
            for one in waiting
            for change in view.notice(one, "UTC").changes
            if change.kind is Kind.TEXT
        ]


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"corrections": [f"{BASE}/documents/C1-2026-00001.json"]}, "Correction C1-2026-00001 published"),
        ({"corrections": [f"{BASE}/documents/C1-2026-00001"]}, "Correction C1-2026-00001 published"),
        ({"disposition_notes": "Revoked by: EO 14999, March 2, 2026"}, "Revoked by: EO 14999, March 2, 2026"),
        ({"executive_order_notes": "Amended by: EO 14998"}, "Amended by: EO 14998"),
        ({"effective_on": "2026-04-01"}, "Effective on 1 April 2026"),
        ({"comments_close_on": "2026-04-01"}, "Comments close on 1 April 2026"),
    ],
)
def test_what_becomes_of_a_followed_document_is_reported_once(members: dict[str, Any], said: str) -> None:
    register = _Register()
    register.put("2026-00001")
    made = following(desk("2026-02-16", regimes=()), register, ORDER)
    made.poll()
    made.poll(HOURS)
    assert reported(made) == []
    assert made.record(ORDER).title == "A constructed order"
    register.put("2026-00001", **members)
    for _ in range(4):
        made.poll(HOURS)
    assert reported(made) == [said]


def test_a_day_that_moves_is_reported_with_both() -> None:
    register = _Register()
    register.put("2026-00001", effective_on="2026-03-01")
    made = following(desk("2026-02-16", regimes=()), register, ORDER)
    made.poll()
    register.put("2026-00001", effective_on="2026-05-01")
    made.poll(HOURS)
    assert reported(made) == ["Effective on 1 May 2026 (was: Effective on 1 March 2026)"]


def test_a_document_is_asked_for_four_times_a_day_and_so_many_in_one_poll() -> None:
    many = [DocumentId("us", "fr", (f"2026-{number:05}",)) for number in range(1, MOST_DOCUMENTS + 11)]
    register = _Register()
    for one in many:
        register.put(one.parts[0])
    made = following(desk("2026-02-16", regimes=()), register, *many)
    made.poll()
    assert len(register.asked) == MOST_DOCUMENTS
    for _ in range(23):
        made.poll(timedelta(hours=1))
    assert len(register.asked) == 4 * len(many)


def test_a_document_that_does_not_exist_is_said_to_be_missing_and_the_source_stays_well() -> None:
    made = following(desk("2026-02-16", regimes=()), _Register(), ORDER)
    outcome = made.poll()
    assert outcome.source.state.value == "ok"
    assert "no such document" in english(made.record(ORDER).facets["absent"]["federal_register"]["text"]).lower()


def test_an_answer_about_another_document_is_a_fault_of_that_one_alone() -> None:
    other = DocumentId("us", "fr", ("e9-811",))
    register = _Register()
    register.put("2026-00001", document_number="2026-00002")
    register.put("E9-811", title="Another")
    made = following(desk("2026-02-16", regimes=()), register, ORDER, other)
    outcome = made.poll()
    assert [fault.document for fault in outcome.faults] == [ORDER]
    assert made.record(other).title == "Another"
