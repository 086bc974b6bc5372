"""Why somebody was told, or nobody: the real command on a record made by the real service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.documents import DocumentId
from tests.helpers.feed_installation import FeedInstallation, feed_installed


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedInstallation]:
    with feed_installed(tmp_path, monkeypatch) as made:
        made.once("2026-03-28T10:00:00Z")
        made.acts.add("one")
        made.once("2026-03-28T11:00:00Z")
        yield made


def test_an_alert_says_what_it_rests_on(office: FeedInstallation) -> None:
    row = office.json("alerts")[0]
    (found,) = office.json("why", row["alert"])
    (change,) = found["changes"]
    assert (found["channel"], found["watches"]) == ("desk", ["acts"])
    assert found["reason"] == "you watch acts: new documents go to desk"
    assert (change["kind"], change["reader"], change["source"]) == ("appeared", "feed/1", "feed/acts")
    assert (change["url"], change["etag"]) == (f"{office.publisher.url}/acts", '"2"')
    assert change["archived"] is True
    assert len(change["evidence"]) == 64
    assert change["corrected_by"] == []
    assert [(d["to"], d["state"]) for d in found["deliveries"]] == [
        ("desk@example.org", "sent"),
        ("second@example.org", "sent"),
    ]


def test_a_message_is_explained_by_the_alerts_it_carries(office: FeedInstallation) -> None:
    row = office.json("alerts")[1]
    (found,) = office.json("why", row["delivery"])
    assert found["alert"] == row["alert"]


def test_a_person_reads_it_in_eighty_columns(office: FeedInstallation) -> None:
    row = office.json("alerts")[0]
    said = office.run("why", row["alert"]).stdout
    assert said.startswith(f"{row['alert']}: acts, by desk\n")
    assert "  fetched      2026-03-28 13:00\n" in said
    assert "\n\nappeared: Act one (constructed)\n" in said
    assert "  source       acts, read by feed/1\n" in said
    assert "to second@example.org: sent 2026-03-28 13:00" in said


def test_each_recipient_stands_under_what_became_of_the_message(office: FeedInstallation) -> None:
    said = office.run("why", office.json("alerts")[0]["id"]).stdout
    assert [line.split("  ")[1] for line in said.splitlines() if " by " in line] == ["sent", "sent"]


def test_a_document_says_who_was_alerted_and_who_was_not(office: FeedInstallation) -> None:
    row = office.json("alerts")[0]
    answer = office.json("why", row["id"])
    (change,) = answer["changes"]
    assert [(t["channel"], t["to"], t["state"]) for t in change["told"]] == [
        ("desk", "desk@example.org", "sent"),
        ("desk", "second@example.org", "sent"),
    ]
    (missed,) = change["not_told"]
    assert (missed["channel"], missed["watch"], missed["reason"], missed["decided"]) == (
        "room",
        "acts",
        "kind_not_routed",
        "now",
    )


def test_what_a_route_left_out_is_decided_again_and_says_so(office: FeedInstallation) -> None:
    office.configured(route='words = ["nowhere"]')
    office.acts.add("two")
    office.once("2026-03-28T12:00:00Z")
    told = {row["id"] for row in office.json("alerts")}
    (document,) = {row["id"] for row in office.json("status", "--all") if row["revision"]} - told - zero(office)
    (change,) = office.json("why", document)["changes"]
    assert change["told"] == []
    assert {(m["channel"], m["reason"], m["decided"]) for m in change["not_told"]} == {
        ("desk", "route_words_missing", "now"),
        ("room", "kind_not_routed", "now"),
    }
    assert "(as configured now)" in office.run("why", document).stdout


def zero(office: FeedInstallation) -> set[str]:
    """Return the document that was there at first."""
    return {row["id"] for row in office.json("status", "--all") if row["first_seen_at"] == "2026-03-28T10:00:00Z"}


def test_the_past_of_a_document_was_reported_to_nobody(office: FeedInstallation) -> None:
    (document,) = {d for d in zero(office) if DocumentId.parse(d).parts}
    done = office.run("why", document)
    assert done.returncode == 0
    assert "no change is stored" in done.stderr


def test_a_held_message_says_what_it_waits_for(office: FeedInstallation) -> None:
    office.configured(route='when = "daily 08:00"')
    office.acts.add("two")
    office.once("2026-03-28T12:00:00Z")
    row = office.json("alerts", "--state", "held")[0]
    (found,) = office.json("why", row["alert"])
    assert found["digest"] == "daily 08:00 Europe/Kyiv"
    assert found["deliveries"][0]["because"].startswith("it goes with the digest daily 08:00")


@pytest.mark.parametrize("what", ["al-000000000000", "dl-000000000000", "us/bill/119/hr/1"])
def test_what_nobody_knows_is_an_answer_of_its_own(office: FeedInstallation, what: str) -> None:
    assert office.run("why", what).returncode == 1
