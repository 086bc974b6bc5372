"""A publisher of H.R. 6508 (119th Congress) on loopback: three states of its record, and what a test adds to them.

The facts are the record's; the answers are composed in the shape of api.congress.gov (tests/fixtures/hr6508.json).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.helpers.http_server import ReceivedRequest, Reply
from tests.helpers.paths import FIXTURES

BILL = "us/bill/119/hr/6508"
REPORTED = {
    "actionCode": "5000",
    "actionDate": "2026-02-10",
    "text": "Reported by the Committee on Foreign Affairs. (constructed)",
    "type": "Committee",
    "sourceSystem": {"code": 9, "name": "Library of Congress"},
}


@cache
def answers_of(day: str) -> str:
    """Return all answers of the publisher on one day, as JSON: a state holds what differs from the one before."""
    states = json.loads((FIXTURES / "hr6508.json").read_text())["states"]
    answers: dict[str, Any] = {}
    for since, changed in states.items():
        if since <= day:
            answers |= changed
    return json.dumps(answers)


@dataclass(slots=True)
class Publisher:
    """Serves one of the three states, with what a test adds to it."""

    state: str = "2025-12-11"
    touched: str | None = None
    actions: list[dict[str, Any]] = field(default_factory=list)
    override: Reply | None = None

    def __call__(self, asked: ReceivedRequest) -> Reply:
        if self.override is not None:
            return self.override
        path = asked.path.removeprefix("/v3")
        name = "list" if path == "/bill/119" else path.removeprefix("/bill/119/hr/6508").strip("/") or "bill"
        answers = json.loads(answers_of(self.state))
        if name not in answers:
            return Reply(404, b'{"error": "Unknown resource"}')
        return Reply(body=json.dumps(self._altered(name, answers[name])).encode())

    def _altered(self, name: str, answer: Any) -> Any:
        entry = {"list": lambda: answer["bills"][0], "bill": lambda: answer["bill"]}.get(name, dict)()
        if self.touched and entry:
            entry["updateDate"] = entry["updateDateIncludingText"] = self.touched
        if self.actions and name == "actions":
            answer["actions"] = [*self.actions, *answer["actions"]]
            answer["pagination"]["count"] = len(answer["actions"])
        if self.actions and name == "bill":
            answer["bill"]["actions"]["count"] += len(self.actions)
        return answer
