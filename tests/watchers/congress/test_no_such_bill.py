"""A bill that does not exist at its source: said at once, of that watch alone; news once it exists. Constructed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.jurisdictions.us.names import us_bill
from tests.helpers import hr6508
from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.helpers.installation import installed
from tests.watchers.congress.publisher import BILL, Bill, CongressPoller, Publisher

ABSENT = us_bill(119, "hr", 99999)


def desk(publisher: Publisher) -> CongressPoller:
    return CongressPoller(publisher, only=frozenset({BILL, ABSENT}))


def test_it_is_stated_within_one_poll_and_is_no_failure_of_the_source() -> None:
    reader = desk(Publisher())
    reader.poll()
    assert list(reader.records[ABSENT].facets) == ["absent"]
    assert '"document.absent"' in reader.records[ABSENT].facets["absent"]["congress"]["text"]
    assert [(fault.document, fault.standing) for fault in reader.faults] == [(ABSENT, True)]
    assert reader.records[BILL].timeline
    assert [page.complete for page in reader.pages if ABSENT in {o.document for o in page.observations}] == [False]


def test_it_is_asked_for_ever_more_rarely() -> None:
    publisher = Publisher()
    reader = desk(publisher)
    reader.poll()
    publisher.paths()
    for _ in range(4 * 24 * 4):
        assert reader.news() == []
    assert publisher.paths().count("119/hr/99999") <= 20


def test_a_bill_that_was_read_before_is_only_missing_from_an_answer() -> None:
    publisher = Publisher(bills={BILL: Bill(), ABSENT: Bill()})
    reader = desk(publisher)
    reader.poll()
    gone = publisher.bills.pop(ABSENT)
    reader.poll(timedelta(days=8))
    assert "absent" not in reader.records[ABSENT].facets
    assert [(fault.document, fault.standing) for fault in reader.faults] == [(ABSENT, False)]
    publisher.bills[ABSENT] = gone


def test_a_bill_that_the_list_shows_is_not_said_to_be_none() -> None:
    publisher = Publisher(bills={BILL: Bill(), ABSENT: replace(Bill(), updated=Publisher().now)})
    publisher.turns = lambda path, query: (404, {"error": "Unknown resource"}) if path.endswith("/99999") else None
    reader = desk(publisher)
    reader.poll()
    assert ABSENT not in reader.records
    assert [fault.standing for fault in reader.faults] == [False]


@pytest.mark.parametrize(
    "answer",
    [(404, "<html>Not Found</html>"), (500, {"error": "broken"})],
    ids=["a page of somebody in between", "a failure"],
)
def test_an_answer_that_is_not_the_publishers_word_says_nothing(answer: tuple[int, object]) -> None:
    publisher = Publisher()
    publisher.turns = lambda path, query: answer if path.endswith("/99999") else None
    reader = desk(publisher)
    reader.poll()
    assert ABSENT not in reader.records
    assert [fault.standing for fault in reader.faults] == [False]


def test_once_it_exists_it_is_read_and_said_to_be_none_no_more() -> None:
    publisher = Publisher()
    reader = desk(publisher)
    reader.poll()
    publisher.bills[ABSENT] = Bill(updated=publisher.now + timedelta(minutes=10))
    reader.poll()
    assert reader.records[ABSENT].facets["absent"] == {}
    assert reader.records[ABSENT].timeline


WATCH = '[[watch]]\nbill = "us/bill/119/hr/99999"\n[[watch]]\nbill = "us/bill/119/hr/88888"\n'


def item(number: int, introduced: str) -> bytes:
    bill = {
        "congress": 119,
        "type": "HR",
        "number": str(number),
        "title": "Constructed Act",
        "introducedDate": introduced,
        "updateDate": introduced,
        "updateDateIncludingText": f"{introduced}T10:00:00Z",
        "actions": {"count": 1},
    }
    return json.dumps({"bill": bill}).encode()


def actions(on: str) -> bytes:
    line = {"actionDate": on, "actionCode": "1000", "type": "IntroReferral", "text": "Introduced in House"}
    line |= {"sourceSystem": {"code": 9, "name": "Library of Congress"}}
    return json.dumps({"actions": [line], "pagination": {"count": 1}}).encode()


def test_the_command_says_so_at_once_ends_well_and_reports_the_bill_once_it_is_introduced(tmp_path: Path) -> None:
    publisher = hr6508.Publisher()
    there: dict[str, bytes] = {}

    def answer(asked: ReceivedRequest) -> Reply:
        path = asked.path.partition("?")[0].removeprefix("/v3/bill/")
        if path in there:
            return Reply(body=there[path])
        absent = path.startswith(("119/hr/99999", "119/hr/88888"))
        return Reply(404, b'{"error": "Unknown resource"}') if absent else publisher(asked)

    with serve(answer) as loopback, installed(tmp_path, loopback, WATCH) as desk:
        desk.once("2025-12-11T12:00:00Z")
        rows = {row["id"]: row for row in desk.json("status")}
        assert rows[hr6508.BILL]["doubt"] is None
        for document in (str(ABSENT), "us/bill/119/hr/88888"):
            assert (rows[document]["status"], rows[document]["doubt"]) == (None, "no such bill at congress")
        assert "no such bill at congress" in desk.run("status").stdout
        assert "in doubt    no such bill at congress" in desk.run("status", str(ABSENT)).stdout
        assert desk.json("why", str(ABSENT))["absent"] == "no such bill at congress"
        [source] = desk.json("sources")
        assert (source["failures"], source["error"]) == (0, None), "the other watches of the source are whole"
        # One is introduced two days later; the other was only missing from the first answer.
        there |= {"119/hr/99999": item(99999, "2025-12-13"), "119/hr/99999/actions": actions("2025-12-13")}
        there |= {"119/hr/88888": item(88888, "2025-11-03"), "119/hr/88888/actions": actions("2025-11-03")}
        desk.once("2025-12-14T12:00:00Z")
        told, introduced = desk.mail.accepted
        words = " ".join(told.message.get_body(("plain",)).get_content().split())
        for number in (99999, 88888):
            assert f"HR {number} · 119th: no such bill at congress; is the number right?" in words, "said once"
        assert introduced.message["Subject"] == "[HR 99999 · 119th] Introduced"
        rows = {row["id"]: row for row in desk.json("status")}
        assert [rows[f"us/bill/119/hr/{n}"]["doubt"] for n in (99999, 88888)] == [None, None]
        assert [rows[f"us/bill/119/hr/{n}"]["status"] for n in (99999, 88888)] == ["INTRODUCED", "INTRODUCED"]
        desk.once("2025-12-15T12:00:00Z")
        assert len(desk.subjects()) == 2


def test_what_happened_while_its_source_failed_is_reported_by_the_first_reading(tmp_path: Path) -> None:
    """The first reading is a baseline; what happened after the day on which the watch was made is no past of it."""
    publisher = hr6508.Publisher(override=Reply(503, b"down", "text/plain"))
    with serve(publisher) as loopback, installed(tmp_path, loopback) as desk:
        for day in ("2026-02-08", "2026-02-09"):
            assert desk.run("run", "--once", now=f"{day}T10:00:00Z").returncode == 1
        publisher.override, publisher.state = None, "2026-01-06"
        publisher.actions, publisher.touched = [hr6508.REPORTED], "2026-02-10T20:00:00Z"
        for hour in ("11", "12"):
            desk.once(f"2026-02-11T{hour}:00:00Z")
        assert [one for one in desk.subjects() if "lexwatch" not in one] == [
            "[HR 6508 · 119th] Reported by committee (was: Referred)"
        ]
        reported = [row for row in desk.json("history", "HR 6508") if row["after"] == "REPORTED"]
        assert len(reported) == 1
        assert desk.run("verify", "--all").returncode == 0
        rehearsed = desk.run("rehearse", now="2026-02-12T00:00:00Z")
        assert rehearsed.stdout.count(": 1 message; really 1 message") == 2, "by mail and by Slack"
