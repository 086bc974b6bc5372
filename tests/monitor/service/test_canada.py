"""A bill of the Parliament of Canada, from the configuration to the e-mail, with the real command.

The facts are those of bill C-10 (44-1), whose dates are real.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.config.loader import load_config
from tests.helpers.http_server import serve
from tests.helpers.installation import Installation
from tests.helpers.mail_server import serve_mail
from tests.watchers.legisinfo_publisher import CONFIGURATION, Legisinfo, bill, other

ONE_BILL = '[[watch]]\nbill = "Bill C-10 (44-1)"\nnote = "COVID-19 measures"'


@pytest.fixture
def publisher() -> Legisinfo:
    return Legisinfo(bill("2022-01-31"))


@pytest.fixture
def desk(tmp_path: Path, publisher: Legisinfo) -> Iterator[Installation]:
    with serve(publisher) as server, serve_mail() as mail:
        made = Installation(tmp_path, server, mail, server)
        made.config.write_text(CONFIGURATION.format(publisher=server.url, mail=mail.server, watch=ONE_BILL))
        yield made


def test_each_status_is_one_email_and_the_record_explains_itself(desk: Installation, publisher: Legisinfo) -> None:
    desk.once("2022-02-01T12:00:00Z")
    assert desk.subjects() == [], "what was there when it was first read is its past"
    for day in ("2022-02-15", "2022-02-21", "2022-03-01", "2022-03-04"):
        publisher.listed = (bill(day),)
        desk.once(f"{day}T23:00:00Z")
        desk.once(f"{day}T23:30:00Z")
    assert desk.subjects() == [
        "[C-10 · 44-1] House of Commons bill awaiting first reading in the Senate "
        "(was: At second reading in the House of Commons)",
        "[C-10 · 44-1] At second reading in the Senate "
        "(was: House of Commons bill awaiting first reading in the Senate)",
        "[C-10 · 44-1] At third reading in the Senate (was: At second reading in the Senate)",
        "[C-10 · 44-1] Royal assent received (was: At third reading in the Senate)",
    ]
    (row,) = desk.json("status", "C-10")
    assert (row["id"], row["status"], row["stage"]) == ("ca/bill/44-1/c-10", "ENACTED:ROYAL_ASSENT", "enacted")
    assert (row["status_on"], row["introduced_on"], row["law"]) == ("2022-03-04", "2022-01-31", "S.C. 2022, c. 2")
    assert row["url"] == "https://www.parl.ca/legisinfo/en/bill/44-1/c-10"
    told = [change["after"] for change in desk.json("history", "C-10") if change["kind"] == "status"]
    assert told == ["INTRODUCED", "SECOND_READING:HOUSE", "PASSED:HOUSE", "SECOND_READING:SENATE",
                    "THIRD_READING:SENATE", "ENACTED:ROYAL_ASSENT"]  # fmt: skip


def test_status_why_and_verify_answer_for_it(desk: Installation, publisher: Legisinfo) -> None:
    desk.once("2022-02-01T12:00:00Z")
    publisher.listed = (bill("2022-02-15"),)
    desk.once("2022-02-15T23:00:00Z")
    shown = desk.run("status", "C-10")
    assert shown.returncode == 0, shown.stderr
    assert "The House of Commons, where it began, has passed it." in shown.stdout
    assert "The Senate may take it up." in shown.stdout
    (alert,) = desk.json("alerts")
    assert (
        "C-10 · 44-1" in desk.run("why", alert["alert"]).stdout or "ca/bill/44-1/c-10" in desk.run("why", "C-10").stdout
    )
    verified = desk.run("verify", alert["alert"])
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_bill_dies_with_its_session(desk: Installation, publisher: Legisinfo) -> None:
    desk.once("2022-02-01T12:00:00Z")
    publisher.listed = (other("C-2", "A constructed bill of the next session", session="45-1"),)
    publisher.single["/legisinfo/en/bill/44-1/c-10/json"] = bill("2022-01-31")
    desk.once("2025-06-01T12:00:00Z")
    assert desk.subjects() == [
        "[C-10 · 44-1] Died when the session ended (was: At second reading in the House of Commons)"
    ]
    (row,) = desk.json("status", "C-10")
    assert (row["stage"], row["ended_on"]) == ("lapsed", "2025-01-06")


def test_a_search_reports_a_new_bill_that_matches(desk: Installation, publisher: Legisinfo) -> None:
    watch = '[[watch]]\nsearch = "covid*"\nname = "covid bills"'
    desk.config.write_text(CONFIGURATION.format(publisher=desk.publisher.url, mail=desk.mail.server, watch=watch))
    desk.once("2022-02-01T12:00:00Z")
    assert desk.subjects() == []
    publisher.listed = (bill("2022-01-31"), other("C-12", "A constructed act about COVID-19 tests"),
                        other("C-13", "A constructed act about fisheries"))  # fmt: skip
    desk.once("2022-02-02T12:00:00Z")
    (subject,) = desk.subjects()
    assert subject.startswith("[C-12 · 44-1]")
    found = json.loads(desk.run("status", "--all", "--json").stdout)
    assert {row["id"] for row in found if row["kind"] == "bill"} == {
        "ca/bill/44-1/c-10",
        "ca/bill/44-1/c-12",
        "ca/bill/44-1/c-13",
    }


def test_check_and_sources_know_it(desk: Installation) -> None:
    checked = desk.run("check", now="2022-02-01T12:00:00Z")
    assert checked.returncode == 0, checked.stderr
    assert "nothing reads" not in checked.stdout + checked.stderr
    desk.once("2022-02-01T12:00:00Z")
    (source,) = desk.json("sources")
    assert (source["source"], source["failures"], source["requests"]) == ("legisinfo", 0, 1)


def test_a_search_covers_every_legislature_whose_list_is_asked(desk: Installation) -> None:
    """Without a session; the bills of the other one are asked where its own source is configured."""
    both = '[[watch]]\nsearch = "covid*"\nname = "covid"\n[source.congress]'
    desk.config.write_text(CONFIGURATION.format(publisher=desk.publisher.url, mail=desk.mail.server, watch=both))
    settings = load_config(desk.config, now=datetime(2022, 2, 1, tzinfo=UTC))
    (watch,) = settings.watches
    assert [str(watch.document), *map(str, watch.also)] == ["us/bill/117", "ca/bill/44-1"]
    alone = '[[watch]]\nsearch = "covid*"\nsession = "43-2"'
    desk.config.write_text(CONFIGURATION.format(publisher=desk.publisher.url, mail=desk.mail.server, watch=alone))
    (watch,) = load_config(desk.config, now=datetime(2022, 2, 1, tzinfo=UTC)).watches
    assert (str(watch.document), watch.also) == ("ca/bill/43-2", ())
