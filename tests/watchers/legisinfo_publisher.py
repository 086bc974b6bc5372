"""LEGISinfo in small: answers made of the facts of real bills, with the members that the publisher gives a bill.

The facts are those of bill C-10 (44-1, measures related to COVID-19): its dates are real, and the status of each day is
the publisher's word for what had been completed by then.
"""

from __future__ import annotations

import json
from typing import Any

from tests.helpers.http_server import ReceivedRequest, Reply

C10 = {
    "NumberCode": "C-10",
    "ParliamentNumber": 44,
    "SessionNumber": 1,
    "LongTitleEn": "An Act respecting certain measures related to COVID-19",
    "ShortTitleEn": "",
    "SponsorPersonName": "Jean-Yves Duclos",
    "StatuteYear": None,
    "StatuteChapter": None,
}
CONFIGURATION = """
[service]
database = "record.db"
timezone = "America/Toronto"
[http]
allow_hosts = ["127.0.0.1"]
[source.legisinfo]
every    = "1m"
base_url = "{publisher}/legisinfo"
{watch}
[[channel]]
name   = "desk"
kind   = "email"
to     = ["desk@example.org"]
sender = "lexwatch@example.org"
server = "{mail}"
"""
"""For the real command: an installation that reads LEGISinfo and sends mail. `watch` stands for the watches."""
MILESTONES = (
    ("2022-01-31", "PassedHouseFirstReadingDateTime", "2022-01-31T15:18:44.23"),
    ("2022-02-15", "PassedHouseSecondReadingDateTime", "2022-02-15T15:00:42"),
    ("2022-02-15", "PassedHouseThirdReadingDateTime", "2022-02-15T15:43:54"),
    ("2022-02-21", "PassedSenateFirstReadingDateTime", "2022-02-21T00:00:00"),
    ("2022-03-01", "PassedSenateSecondReadingDateTime", "2022-03-01T16:26:00"),
    ("2022-03-04", "PassedSenateThirdReadingDateTime", "2022-03-04T12:00:00"),
    ("2022-03-04", "ReceivedRoyalAssentDateTime", "2022-03-04T13:00:00"),
)
STATUSES = {
    "2022-01-31": "At second reading in the House of Commons",
    "2022-02-15": "House of Commons bill awaiting first reading in the Senate",
    "2022-02-21": "At second reading in the Senate",
    "2022-03-01": "At third reading in the Senate",
    "2022-03-04": "Royal assent received",
}


def bill(day: str, **members: Any) -> dict[str, Any]:
    """Return C-10 as it stood at the end of a day."""
    done = {key: at for on, key, at in MILESTONES if on <= day}
    status = STATUSES[max(on for on in STATUSES if on <= day)]
    law = {"StatuteYear": "2022", "StatuteChapter": "2"} if status == "Royal assent received" else {}
    latest = max(done.values())
    return {
        **C10,
        **dict.fromkeys((key for _, key, _ in MILESTONES), "0001-01-01T00:00:00"),
        **done,
        "StatusNameEn": status,
        "LatestCompletedBillStageDateTime": latest,
        "LatestBillEventDateTime": latest,
        **law,
        **members,
    }


def other(number: str, title: str, session: str = "44-1", **members: Any) -> dict[str, Any]:
    """Return another bill (constructed), at second reading."""
    parliament, _, part = session.partition("-")
    places = {"NumberCode": number, "ParliamentNumber": int(parliament), "SessionNumber": int(part)}
    return bill("2022-01-31", **{**places, "LongTitleEn": title, **members})


def answer(*bills: dict[str, Any]) -> bytes:
    """Return an answer as the publisher writes it, with a byte order mark."""
    return json.dumps(bills).encode("utf-8-sig")


class Legisinfo:
    """Serves a list, and single bills by path; a list with a validator is not sent twice."""

    def __init__(self, *listed: dict[str, Any]) -> None:
        self.listed: tuple[dict[str, Any], ...] = listed
        self.single: dict[str, dict[str, Any]] = {}

    def __call__(self, asked: ReceivedRequest) -> Reply:
        if asked.path.endswith("/en/bills/json"):
            tag = f'"{hash(json.dumps(self.listed))}"'
            if asked.headers.get("if-none-match") == tag:
                return Reply(status=304)
            return Reply(body=answer(*self.listed), headers={"ETag": tag})
        found = self.single.get(asked.path)
        return Reply(body=answer(found)) if found else Reply(status=404)
