"""The record of Congress as it is, not as one expects it: the cases US-1 to US-7 and US-11, and more of each kind.

Lines are written `day time | code | source | text`, newest first. The events are constructed, the words are not.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.documents import DocumentId
from domain.jurisdictions.us.doubts import doubt
from domain.jurisdictions.us.names import us_bill
from domain.records.facets import Kind
from tests.helpers.english import english
from tests.watchers.congress.recorded_lines import (
    CONCURRENT,
    HOUSE_BILL,
    RESOLUTION,
    SENATE_BILL,
    WatchedBill,
    kinds_and_values,
)

SUSPENDED = "On motion to suspend the rules and pass the bill"
LOST = f"{SUSPENDED} Failed by the Yeas and Nays: (2/3 required): 198 - 218 (Roll no. 221)."
FAILED = "Failed of passage/not agreed to in House"
PASSED_HOUSE = "2026-01-12 12:00:00 | H37100 | 2 | On passage Passed by the Yeas and Nays: 218 - 213 (Roll no. 9)."
PASSED_SENATE = "2026-01-20 | - | 0 | Passed Senate without amendment by Unanimous Consent."
OVER_VETO = "the objections of the President to the contrary notwithstanding"
CHANGED = "2026-01-20 | - | 0 | Passed Senate with an amendment by Voice Vote."
VETOED = f"2026-02-01 | 31000 | 9 | Vetoed by President.\n{PASSED_SENATE}\n{PASSED_HOUSE}"


@pytest.mark.parametrize("order", ["chamber first", "Library first", "in one answer"])
@pytest.mark.parametrize("colon", [":", ""], ids=["with a colon", "without"])
@pytest.mark.parametrize(
    ("document", "before", "own", "copied", "status"),
    [
        pytest.param(
            HOUSE_BILL, "", f"H37300 | 2 | {LOST}", f"9000 | 9 | {FAILED}", "PROV_KILL:SUSPENSIONFAILED", id="9000"
        ),
        pytest.param(
            HOUSE_BILL,
            "",
            f"H37300 | 2 | {SUSPENDED}, as amended Agreed to by voice vote.",
            "8000 | 9 | Passed/agreed to in House",
            "PASS_OVER:HOUSE",
            id="8000",
        ),
        pytest.param(
            RESOLUTION,
            "",
            "H37100 | 2 | On agreeing to the resolution Failed by recorded vote: 200 - 220 (Roll no. 4).",
            f"9000 | 9 | {FAILED}",
            "FAIL:ORIGINATING:HOUSE",
            id="9000 of a resolution",
        ),
        pytest.param(
            SENATE_BILL,
            "",
            "- | 0 | Passed Senate with an amendment by Yea-Nay Vote. 60 - 40. Record Vote Number: 3.",
            "17000 | 9 | Passed/agreed to in Senate",
            "PASS_OVER:SENATE",
            id="17000",
        ),
        pytest.param(
            SENATE_BILL,
            "",
            "- | 0 | Failed of passage in Senate by Yea-Nay Vote. 49 - 50. Record Vote Number: 3.",
            "18000 | 9 | Failed of passage/not agreed to in Senate",
            "FAIL:ORIGINATING:SENATE",
            id="18000",
        ),
        pytest.param(
            HOUSE_BILL,
            f"{CHANGED}\n{PASSED_HOUSE}",
            "H41610 | 2 | On motion that the House agree to the Senate amendment Agreed to without objection.",
            "19500 | 9 | Resolving differences -- House actions",
            "PASSED:BILL",
            id="19500",
        ),
        pytest.param(
            HOUSE_BILL,
            f"{CHANGED}\n{PASSED_HOUSE}",
            "H41610 | 2 | On motion that the House disagree to the Senate amendment, and request a conference Agreed "
            "to without objection.",
            "19000 | 9 | Resolving differences -- House actions",
            "PASS_BACK:SENATE",
            id="19000",
        ),
        pytest.param(
            SENATE_BILL,
            "2026-01-25 | - | 0 | Message on House action received in Senate and at desk: House amendment to Senate "
            "bill.\n"
            "2026-01-24 12:00:00 | H37100 | 2 | On passage Passed by the Yeas and Nays: 218 - 213 (Roll no. 9).\n"
            f"{PASSED_SENATE}",
            "- | 0 | Senate agreed to the House amendment to S. 9101 by Unanimous Consent.",
            "20500 | 9 | Resolving differences -- Senate actions",
            "PASSED:BILL",
            id="20500",
        ),
        pytest.param(
            HOUSE_BILL,
            f"{CHANGED}\n{PASSED_HOUSE}",
            "H42510 | 2 | On agreeing to the conference report Agreed to by recorded vote: 375 - 34 (Roll no. 8).",
            "21000 | 9 | Conference report agreed to in House",
            "CONFERENCE:PASSED:HOUSE",
            id="21000",
        ),
        pytest.param(
            HOUSE_BILL,
            f"{CHANGED}\n{PASSED_HOUSE}",
            "H42510 | 2 | On agreeing to the conference report Failed by recorded vote: 34 - 375 (Roll no. 8).",
            "22000 | 9 | Conference report disagreed to in House",
            "PROV_KILL:PINGPONGFAIL",
            id="22000",
        ),
        pytest.param(
            HOUSE_BILL,
            f"{CHANGED}\n{PASSED_HOUSE}",
            "- | 0 | Senate agreed to conference report by Yea-Nay Vote. 92 - 7. Record Vote Number: 5.",
            "23000 | 9 | Conference report agreed to in Senate",
            "CONFERENCE:PASSED:SENATE",
            id="23000",
        ),
        pytest.param(
            HOUSE_BILL,
            f"{CHANGED}\n{PASSED_HOUSE}",
            "- | 0 | Senate rejected conference report by Yea-Nay Vote. 7 - 92. Record Vote Number: 5.",
            "24000 | 9 | Conference report disagreed to in Senate",
            "PROV_KILL:PINGPONGFAIL",
            id="24000",
        ),
        pytest.param(
            HOUSE_BILL,
            VETOED,
            f"H43410 | 2 | On passage, {OVER_VETO} Passed by the Yeas and Nays: (2/3 required): 290 - 140.",
            "32000 | 9 | Passed House over veto",
            "VETOED:OVERRIDE_PASS_OVER:HOUSE",
            id="32000",
        ),
        pytest.param(
            HOUSE_BILL,
            VETOED,
            f"H43410 | 2 | On passage, {OVER_VETO} Failed by the Yeas and Nays: (2/3 required): 220 - 200.",
            "33000 | 9 | Failed of passage in House over veto",
            "VETOED:OVERRIDE_FAIL_ORIGINATING:HOUSE",
            id="33000",
        ),
        pytest.param(
            HOUSE_BILL,
            f"2026-02-03 | H43410 | 2 | On passage, {OVER_VETO} Passed by the Yeas and Nays: (2/3 required): 290 - "
            f"140.\n{VETOED}",
            "- | 0 | Passed Senate over veto by Yea-Nay Vote. 67 - 33. Record Vote Number: 8.",
            "34000 | 9 | Passed Senate over veto",
            "ENACTED:VETO_OVERRIDE",
            id="34000",
        ),
        pytest.param(
            SENATE_BILL,
            f"2026-02-01 | 31000 | 9 | Vetoed by President.\n{PASSED_SENATE}",
            "- | 0 | Failed of passage in Senate over veto by Yea-Nay Vote. 60 - 39. Record Vote Number: 8.",
            "35000 | 9 | Failed of passage in Senate over veto",
            "VETOED:OVERRIDE_FAIL_ORIGINATING:SENATE",
            id="35000",
        ),
    ],
)
def test_us_1_a_copy_is_the_event_of_the_chamber_whichever_comes_first(
    document: DocumentId, before: str, own: str, copied: str, status: str, colon: str, order: str
) -> None:
    watched = WatchedBill(document)
    if before:
        watched.told_on("2026-02-05", before)
    time = "18:52:14" if "| 2 |" in own else ""
    code, _, words = own.partition(" | ")
    chamber = f"2026-02-10 {time} | {code} | {words}"
    library = f"2026-02-10 {time} | {copied}{colon} {words.partition(' | ')[2]}"
    if order == "in one answer":
        told = watched.told_on("2026-02-11", f"{library}\n{chamber}")
    else:
        first, second = (chamber, library) if order == "chamber first" else (library, chamber)
        told = watched.told_on("2026-02-11", first, hour=2)
        assert watched.told_on("2026-02-11", second, hour=14) == []
    assert watched.status == status
    expected = [] if status == "PASS_BACK:SENATE" else [("status", status)]
    assert kinds_and_values(told) == expected
    assert len([e for e in watched.record.facets["actions"].values() if e["on"] == "2026-02-10"]) == 1


def test_us_1_a_copy_takes_nothing_from_the_words_of_the_chamber() -> None:
    watched = WatchedBill(HOUSE_BILL)
    watched.told_on("2026-02-10", f"2026-02-10 18:52:14 | H37300 | 2 | {LOST}")
    told = watched.told_on("2026-02-11", f"2026-02-10 | 9000 | 9 | {FAILED} {LOST.replace(' (2/3 required):', '')}")
    assert watched.status == "PROV_KILL:SUSPENSIONFAILED"
    assert "status" not in dict(kinds_and_values(told))


TABLED = "On motion to table Agreed to by the Yeas and Nays: 232 - 147, 47 Present (Roll no. 498)."


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        pytest.param(
            f"2026-02-01 14:10:00 | H36510 | 2 | {TABLED}", "FAIL:ORIGINATING:HOUSE", id="the code alone says so"
        ),
        pytest.param(
            "2026-02-01 14:10:05 | H38310 | 2 | Motion to reconsider laid on the table Agreed to without objection.\n"
            f"2026-02-01 14:10:00 | H36510 | 2 | {TABLED}\n"
            "2026-02-01 14:00:00 | H36500 | 2 | Ms. A moved to table the measure.",
            "FAIL:ORIGINATING:HOUSE",
            id="with the motion before and the reconsideration after",
        ),
        pytest.param(
            "2026-02-01 14:10:00 | H36510 | 2 | On motion to table the resolution Agreed to by recorded vote: 232 - "
            "147 (Roll no. 498).",
            "FAIL:ORIGINATING:HOUSE",
            id="the resolution is named",
        ),
        pytest.param(
            "2026-02-01 14:10:00 | H36510 | 2 | On motion to lay the resolution on the table Agreed to by recorded "
            "vote: 232 - 147 (Roll no. 498).",
            "FAIL:ORIGINATING:HOUSE",
            id="laid on the table",
        ),
        pytest.param(
            "2026-02-01 | H1B000 | 2 | Pursuant to the provisions of H. Res. 831, H. Res. 5 is laid on the table.",
            "FAIL:ORIGINATING:HOUSE",
            id="by a rule",
        ),
        pytest.param(
            "2026-02-01 14:10:00 | H36510 | 2 | On motion to table the measure Failed by recorded vote: 147 - 232 "
            "(Roll no. 498).",
            "REFERRED",
            id="the motion fails",
        ),
        pytest.param(
            "2026-02-01 14:10:05 | H38310 | 2 | Motion to reconsider laid on the table Agreed to without objection.",
            "REFERRED",
            id="the reconsideration alone",
        ),
        pytest.param(
            "2026-02-01 14:10:00 | H36610 | 2 | On motion to table the motion to reconsider Agreed to by the Yeas and "
            "Nays: 232 - 147 (Roll no. 498).",
            "REFERRED",
            id="the motion to reconsider",
        ),
        pytest.param(
            "2026-02-01 14:10:00 | H36510 | 2 | On motion to table the appeal of the ruling of the Chair Agreed to by "
            "recorded vote: 232 - 147 (Roll no. 498).",
            "REFERRED",
            id="an appeal",
        ),
        pytest.param(
            f"2026-02-01 14:10:00 | H36510 | 2 | {TABLED}\n"
            "2026-02-01 14:00:00 | H36500 | 2 | Ms. A moved to table the appeal of the ruling of the Chair.",
            "REFERRED",
            id="an appeal that only the line before names",
        ),
        pytest.param(
            "2026-02-01 14:10:00 | H34400 | 2 | On motion to table the amendment Agreed to by voice vote.",
            "REFERRED",
            id="an amendment",
        ),
        pytest.param(
            "2026-02-01 | H1B000 | 2 | Pursuant to the provisions of H. Res. 831, H. Res. 55 is laid on the table.",
            "REFERRED",
            id="another resolution by a rule",
        ),
    ],
)
def test_us_2_a_motion_to_table_counts_only_when_it_is_on_the_measure(lines: str, status: str) -> None:
    watched = WatchedBill(RESOLUTION)
    told = watched.told_on("2026-02-02", lines)
    assert watched.status == status
    assert kinds_and_values(told) == ([("status", status)] if status != "REFERRED" else [])


@pytest.mark.parametrize(
    ("document", "line", "status"),
    [
        pytest.param(
            SENATE_BILL,
            "- | 0 | Indefinitely postponed by Senate by Unanimous Consent.",
            "FAIL:ORIGINATING:SENATE",
            id="the Senate postpones it indefinitely",
        ),
        pytest.param(
            HOUSE_BILL,
            "H36510 | 2 | On motion to postpone indefinitely Agreed to by voice vote.",
            "FAIL:ORIGINATING:HOUSE",
            id="the House postpones it indefinitely",
        ),
        pytest.param(
            SENATE_BILL,
            "- | 0 | Motion to table the measure agreed to in Senate by Yea-Nay Vote. 60 - 40. Record Vote Number: 4.",
            "FAIL:ORIGINATING:SENATE",
            id="the Senate tables it",
        ),
        pytest.param(
            SENATE_BILL,
            "- | 0 | Motion to table amendment SA 5100 agreed to in Senate by Yea-Nay Vote. 60 - 40.",
            "REFERRED",
            id="the Senate tables an amendment",
        ),
        pytest.param(
            SENATE_BILL,
            "- | 0 | Motion to table the motion to reconsider the vote by which S. 9101 failed of passage agreed to in "
            "Senate by Voice Vote.",
            "REFERRED",
            id="the Senate tables a motion to reconsider",
        ),
    ],
)
def test_us_2_what_puts_a_measure_aside_for_good(document: DocumentId, line: str, status: str) -> None:
    watched = WatchedBill(document)
    watched.told_on("2026-02-02", f"2026-02-01 | {line}")
    assert watched.status == status


VOTE = "by Yea-Nay Vote. 51 - 46. Record Vote Number: 21."


@pytest.mark.parametrize(
    "words",
    [
        "Cloture not invoked in Senate",
        "Cloture on the measure not invoked in Senate",
        "Cloture on the bill, as amended, not invoked in Senate",
        "Second cloture on the motion to proceed to the measure not invoked in Senate",
        "Fourth cloture on the motion to proceed to the measure not invoked in Senate",
        "Twelfth cloture on the motion to proceed to the measure not invoked in Senate",
        "Twenty-first cloture on the measure not invoked in Senate",
        "3rd cloture not invoked in Senate",
        "Upon reconsideration, cloture not invoked in Senate",
        "Upon reconsideration, fifth cloture on the motion to proceed to S. 9101 not invoked in Senate",
        "Under the order of 9/18/25, cloture on the motion to proceed not invoked in Senate",
        "Cloture on the joint resolution not invoked in Senate",
        "Cloture on the motion to concur in the House amendment to S. 9101 with an amendment (SA 5) not invoked in "
        "Senate",
        "Cloture, having achieved 51 votes in the affirmative, not invoked in Senate",
        "Cloture on the measure, upon reconsideration, not invoked in Senate",
        "Cloture on the measure, having not achieved 60 votes in the affirmative, was not invoked in Senate",
        "Sixth cloture motion on the motion to proceed to consider the measure not invoked in Senate",
        "Cloture not invoked on the motion to proceed to the measure in Senate",
        "Motion to invoke cloture on the measure rejected in Senate",
        "Motion to invoke cloture on the motion to proceed to S. 9101 not agreed to in Senate",
    ],
)
def test_us_3_cloture_that_fails_is_one_step_in_whatever_words(words: str) -> None:
    watched = WatchedBill(SENATE_BILL)
    told = watched.told_on("2026-02-02", f"2026-02-01 | - | 0 | {words} {VOTE}")
    assert kinds_and_values(told) == [("status", "PROV_KILL:CLOTUREFAILED")]


@pytest.mark.parametrize(
    "words",
    [
        "Cloture on the motion to suspend the operation of Rule XXV, paragraph (n)(1) to permit the committee on Rules "
        "and Administration to consider the pending motion with respect to the House message to accompany S. 9101 not "
        "invoked in Senate",
        "Cloture on the nomination not invoked in Senate",
        "Cloture not invoked on the nomination in Senate",
        "Motion to invoke cloture on the motion to commit rejected in Senate",
        "Motion to invoke cloture on the measure agreed to in Senate",
        "Cloture on amendment SA 3399 not invoked in Senate",
        "Cloture on the motion to instruct the Sergeant at Arms not invoked in Senate",
        "Cloture on the appeal of the ruling of the Chair not invoked in Senate",
        "Cloture on the motion to refer the House message to accompany S. 9101 not invoked in Senate",
        "Cloture on the measure invoked in Senate",
        "Fourth cloture on the motion to proceed to the measure invoked in Senate",
        "Upon reconsideration, cloture invoked in Senate",
        "Cloture motion on the measure presented in Senate. Not invoked",
        "Motion by Senator Thune to reconsider the vote by which cloture on the motion to proceed to the measure was "
        "not invoked (Record Vote No. 2) agreed to in Senate",
    ],
)
def test_us_4_cloture_on_something_else_is_no_step_of_the_measure(words: str) -> None:
    watched = WatchedBill(SENATE_BILL)
    watched.told_on("2026-01-21", PASSED_SENATE)
    assert watched.told_on("2026-03-22", f"2026-03-21 | - | 0 | {words} {VOTE}") == []
    assert watched.status == "PASS_OVER:SENATE"


HOUSE_VOTE = "2026-02-10 18:40:00 | H37100 | 2 | On passage Passed by the Yeas and Nays: 218 - 213 (Roll no. 69)."
HOUSE_COPY = (
    "2026-02-10 18:40:00 | 8000 | 9 | Passed/agreed to in House: On passage Passed by the Yeas and Nays: 218 - 213 "
    "(Roll no. 69)."
)
TITLE = "2026-02-10 18:41:00 | H38800 | 2 | The title of the measure was amended. Agreed to without objection."


def version(name: str, code: str, day: str = "2026-02-10") -> dict[str, object]:
    url = f"https://www.congress.gov/119/bills/s9101/BILLS-119s9101{code}.xml"
    return {"date": f"{day}T05:00:00Z", "type": name, "formats": [{"type": "Formatted XML", "url": url}]}


ENGROSSED = version("Engrossed Amendment House", "eah")


@pytest.mark.parametrize(
    ("lines", "texts"),
    [
        pytest.param(TITLE, [ENGROSSED], id="an engrossed amendment and an amended title"),
        pytest.param("", [ENGROSSED], id="an engrossed amendment alone"),
        pytest.param("", [version("EAH", "eah")], id="its abbreviation"),
        pytest.param(TITLE, [], id="an amended title alone"),
        pytest.param(
            "2026-02-10 18:39:00 | H34400 | 2 | The House adopted the amendment in the nature of a substitute as "
            "agreed to by the Committee of the Whole House on the state of the Union.",
            [],
            id="an amendment of the Committee of the Whole",
        ),
        pytest.param(
            "2026-02-10 18:39:00 | H1B000 | 2 | Pursuant to the provisions of H. Res. 500, S. 9101 is amended.",
            [],
            id="a rule that amends it",
        ),
        pytest.param(
            "2026-02-11 | - | 0 | Message on House action received in Senate and at desk: House amendments to Senate "
            "bill.",
            [],
            id="the message",
        ),
        pytest.param(
            "2026-02-11 | - | 0 | Motion to proceed to consideration of the House message to accompany S. 9101 made in "
            "Senate.",
            [],
            id="the Senate takes up the message",
        ),
        pytest.param(
            "2026-02-11 | - | 0 | Cloture motion on the motion to concur in the House amendment to S. 9101 presented "
            "in Senate.",
            [],
            id="the Senate moves to concur",
        ),
    ],
)
def test_us_5_what_the_second_chamber_changed_goes_back(lines: str, texts: list[dict[str, object]]) -> None:
    watched = WatchedBill(SENATE_BILL)
    watched.told_on("2026-01-21", PASSED_SENATE)
    watched.bill.lists["text"] = [*texts, version("Introduced in Senate", "is", "2026-01-02")]
    told = watched.told_on("2026-02-12", f"{lines}\n{HOUSE_COPY}\n{HOUSE_VOTE}".strip())
    assert [after for kind, after in kinds_and_values(told) if kind == "status"] == ["PASS_BACK:HOUSE"]
    agreed = "2026-02-20 | - | 0 | Senate agreed to the House amendment to S. 9101 by Voice Vote."
    assert kinds_and_values(watched.told_on("2026-02-21", agreed)) == [("status", "PASSED:BILL")]


@pytest.mark.parametrize(
    ("document", "first", "second", "texts", "status"),
    [
        pytest.param(SENATE_BILL, PASSED_SENATE, HOUSE_VOTE, [], "PASSED:BILL", id="nothing tells of a change"),
        pytest.param(
            SENATE_BILL,
            PASSED_SENATE,
            HOUSE_VOTE,
            [version("Engrossed in Senate", "es"), version("Received in House", "rdh")],
            "PASSED:BILL",
            id="versions of the first chamber",
        ),
        pytest.param(
            HOUSE_BILL,
            f"{TITLE}\n{HOUSE_VOTE}",
            "2026-02-20 | - | 0 | Passed Senate without amendment by Unanimous Consent.",
            [],
            "PASSED:BILL",
            id="a title that the first chamber amended",
        ),
        pytest.param(
            HOUSE_BILL,
            HOUSE_VOTE,
            "2026-02-20 | - | 0 | Passed Senate by Voice Vote.",
            [version("Engrossed Amendment Senate", "eas", "2026-02-20")],
            "PASS_BACK:SENATE",
            id="the Senate's engrossed amendment",
        ),
        pytest.param(
            HOUSE_BILL,
            HOUSE_VOTE,
            "2026-02-20 | - | 0 | Passed Senate without amendment and an amendment to the Title by Unanimous Consent.",
            [],
            "PASS_BACK:SENATE",
            id="a title that the Senate amended",
        ),
        pytest.param(
            CONCURRENT,
            "2026-02-10 18:40:00 | H37100 | 2 | On agreeing to the resolution Agreed to without objection.",
            "2026-02-20 | - | 0 | Resolution agreed to in Senate without amendment and an amended preamble by "
            "Unanimous Consent.",
            [],
            "PASS_BACK:SENATE",
            id="a preamble that the Senate amended",
        ),
        pytest.param(
            CONCURRENT,
            "2026-02-10 18:40:00 | H37100 | 2 | On agreeing to the resolution Agreed to without objection.",
            "2026-02-20 | - | 0 | Received in the Senate, considered, and agreed to without amendment by Voice Vote.",
            [],
            "PASSED:CONCURRENTRES",
            id="a concurrent resolution unchanged",
        ),
    ],
)
def test_us_5_signs_count_for_the_chamber_they_belong_to(
    document: DocumentId, first: str, second: str, texts: list[dict[str, object]], status: str
) -> None:
    watched = WatchedBill(document)
    watched.told_on("2026-02-11", first)
    watched.bill.lists["text"] = [*texts, version("Introduced", "is", "2026-01-02")]
    watched.told_on("2026-02-21", second)
    assert watched.status == status


def test_us_5_a_title_listed_as_amended_by_the_second_chamber_is_a_sign() -> None:
    watched = WatchedBill(SENATE_BILL, kinds=frozenset(Kind))
    watched.bill.lists["titles"] = [
        {"title": "To do it.", "titleType": "Official Titles as Amended by House", "titleTypeCode": 7}
    ]
    watched.told_on("2026-02-12", f"{HOUSE_VOTE}\n{PASSED_SENATE}")
    assert watched.status == "PASS_BACK:HOUSE"


def test_us_5_a_sign_that_comes_a_day_later_is_one_correction() -> None:
    watched = WatchedBill(SENATE_BILL)
    watched.told_on("2026-02-12", f"{HOUSE_VOTE}\n{PASSED_SENATE}")
    told = watched.told_on(
        "2026-02-13",
        "2026-02-11 | - | 0 | Message on House action received in Senate and at desk: House amendment to Senate bill.",
    )
    assert [str(change.kind) for change in told] == ["correction"]
    assert watched.status == "PASS_BACK:HOUSE"


RULE = "2026-02-10 13:00:00 | H30000 | 2 | Considered under the provisions of rule H. Res. 1057."
ORDERED = "2026-02-10 14:00:00 | H35000 | 2 | The previous question was ordered pursuant to the rule."
RULED = f"{HOUSE_VOTE}\n{ORDERED}\n{RULE}\n{PASSED_SENATE}"


@pytest.mark.parametrize(
    ("lines", "lists", "status"),
    [
        pytest.param(
            "2026-02-11 | - | 0 | Message on House action received in Senate and at desk: House amendment to Senate "
            "bill.",
            {},
            "PASS_BACK:HOUSE",
            id="a message",
        ),
        pytest.param("", {"text": [version("Engrossed Amendment House", "eah")]}, "PASS_BACK:HOUSE", id="a text"),
        pytest.param(
            "2026-02-10 | H38800 | 2 | The title of the measure was amended. Agreed to without objection.",
            {},
            "PASS_BACK:HOUSE",
            id="a title",
        ),
        pytest.param("", {"text": [version("Enrolled Bill", "enr")]}, "PASSED:BILL", id="the enrolled bill"),
        pytest.param("2026-02-12 | 28000 | 9 | Presented to President.", {}, "PASSED:BILL", id="presentment"),
    ],
)
def test_us_5_a_passage_under_a_rule_waits_for_what_says_whether_the_text_was_changed(
    lines: str, lists: dict[str, list[object]], status: str
) -> None:
    watched = WatchedBill(SENATE_BILL)
    watched.told_on("2026-01-21", PASSED_SENATE)
    told = watched.told_on("2026-02-11", RULED)
    assert kinds_and_values(told) == [("status", "PASS_OVER:SENATE")]
    assert (told[0].before, told[0].text) == ("PASS_OVER:SENATE", HOUSE_VOTE.rpartition(" | ")[2])
    assert (watched.doubt or "").startswith("Whether the text was changed is not stated yet")
    assert watched.told_on("2026-02-11", HOUSE_COPY, hour=18) == []
    watched.bill.lists |= {name: [*rows, version("Introduced in Senate", "is")] for name, rows in lists.items()}
    told = watched.told_on("2026-02-13", lines or "2026-02-12 | H8D000 | 2 | A line that decides nothing.")
    assert [("status", status)] == [one for one in kinds_and_values(told) if one[0] != "text"]
    assert (watched.record.timeline[-1].on, watched.doubt) == ("2026-02-10", None)


@pytest.mark.parametrize(
    ("vote", "status", "certain"),
    [
        ("On motion to suspend the rules and pass the bill Agreed to by voice vote.", "PASSED:BILL", True),
        (
            "On motion to suspend the rules and pass the bill, as amended Agreed to by voice vote.",
            "PASS_BACK:HOUSE",
            True,
        ),
        ("On passage Passed without objection.", "PASSED:BILL", True),
        ("On passage Passed by recorded vote: 239 - 173 (Roll no. 11).", "PASSED:BILL", False),
    ],
)
def test_us_5_without_a_rule_a_passage_means_what_it_says(vote: str, status: str, certain: bool) -> None:
    watched = WatchedBill(SENATE_BILL)
    watched.told_on("2026-02-11", f"2026-02-10 18:40:00 | H37100 | 2 | {vote}\n{PASSED_SENATE}")
    assert (watched.status, watched.doubt is None) == (status, certain)


def test_us_5_no_sign_is_waited_for_of_what_never_goes_to_the_president() -> None:
    watched = WatchedBill(us_bill(119, "sconres", 7))
    passed = "2026-01-20 | 17000 | 0 | Passed/agreed to in Senate: Agreed to in Senate without amendment by Voice Vote."
    vote = "On agreeing to the resolution Agreed to by the Yeas and Nays: 220 - 210 (Roll no. 11)."
    watched.told_on("2026-02-11", f"2026-02-10 18:40:00 | H37100 | 2 | {vote}\n{passed}")
    assert (watched.status, watched.doubt) == ("PASSED:CONCURRENTRES", None)


def test_us_5_a_disapproval_of_a_rule_has_a_prescribed_text() -> None:
    watched = WatchedBill(us_bill(119, "sjres", 9))
    watched.bill.says["title"] = (
        "A joint resolution providing for congressional disapproval under chapter 8 of title 5, United States Code, of "
        "a rule. (constructed)"
    )
    watched.told_on("2026-02-11", RULED)
    assert (watched.status, watched.doubt) == ("PASSED:BILL", None)


UNKNOWN = "On passage Decided in words nobody has used: 218 - 213 (Roll no. 69)."


@pytest.mark.parametrize("edited", [False, True], ids=["as it was", "edited before the copy"])
@pytest.mark.parametrize(
    ("code", "copied"),
    [
        ("H37100", f"8000 | 9 | Passed/agreed to in House: {UNKNOWN}"),
        ("H37300", f"8000 | 9 | Passed/agreed to in House {UNKNOWN}"),
        ("H1B000", f"8000 | 9 | Passed/agreed to in House: {UNKNOWN}"),
    ],
)
def test_an_unknown_sentence_is_reported_at_once_and_its_copy_is_the_status(
    code: str, copied: str, edited: bool
) -> None:
    watched = WatchedBill(HOUSE_BILL)
    told = watched.told_on("2026-02-11", f"2026-02-10 18:40:00 | {code} | 2 | {UNKNOWN}")
    assert [(str(one.kind), one.before, one.after, one.text) for one in told] == [
        ("status", "REFERRED", "REFERRED", UNKNOWN)
    ]
    assert "Not understood for certain" in (watched.doubt or "")
    assert watched.told_on("2026-02-11", hour=14) == []
    if edited:
        watched.drops(UNKNOWN)
        cited = f"2026-02-10 18:40:00 | {code} | 2 | {UNKNOWN} (text: CR H1)"
        assert watched.told_on("2026-02-11", cited, hour=15) == []
    told = watched.told_on("2026-02-12", f"2026-02-10 18:40:00 | {copied}")
    assert kinds_and_values(told) == [("status", "PASS_OVER:HOUSE")]
    assert (watched.doubt or "").endswith("the status follows its code.")
    assert [watched.told_on(day) for day in days(2, 13, 9)] == [[]] * 9


def test_an_unknown_sentence_that_is_known_when_edited_is_the_status() -> None:
    watched = WatchedBill(HOUSE_BILL)
    watched.told_on("2026-02-11", f"2026-02-10 18:40:00 | H37100 | 2 | {UNKNOWN}")
    watched.drops(UNKNOWN)
    told = watched.told_on("2026-02-12", HOUSE_VOTE)
    assert kinds_and_values(told) == [("status", "PASS_OVER:HOUSE")]


def test_an_unknown_sentence_that_is_withdrawn_is_corrected_once() -> None:
    watched = WatchedBill(HOUSE_BILL)
    watched.told_on("2026-02-11", f"2026-02-10 18:40:00 | H37100 | 2 | {UNKNOWN}")
    watched.drops(UNKNOWN)
    told = [change for day in days(2, 12, 9) for change in watched.told_on(day)]
    assert [str(change.kind) for change in told] == ["correction"]
    assert (watched.status, watched.doubt) == ("REFERRED", None)


THROUGH = f"2026-02-12 | 28000 | 9 | Presented to President.\n{HOUSE_VOTE}\n{PASSED_SENATE}"


def test_us_6_the_line_of_the_law_number_dates_nothing() -> None:
    watched = WatchedBill(SENATE_BILL)
    watched.told_on("2026-02-13", THROUGH)
    told = watched.told_on("2026-02-22", "2026-02-21 | 29000 | 9 | Signed by President.")
    assert kinds_and_values(told) == [("status", "ENACTED:SIGNED")]
    law = "2026-02-20 | 36000 | 9 | Became Public Law No: 119-77."
    assert watched.told_on("2026-02-24", law) == []
    watched.drops("Became Public Law")
    assert watched.told_on("2026-02-27", law.replace("02-20", "02-21")) == []
    assert [watched.told_on(f"2026-03-{day:02}") for day in range(1, 12)] == [[]] * 11
    assert [(p.status, p.on) for p in watched.record.timeline][-1] == ("ENACTED:SIGNED", "2026-02-21")


@pytest.mark.parametrize(
    ("lines", "follows", "point"),
    [
        pytest.param(
            "2026-02-21 | E30000 | 2 | Signed by President.",
            "2026-02-20 | 36000 | 9 | Signed by President.\n2026-02-21 | E40000 | 2 | Became Public Law No: 119-77.",
            ("ENACTED:SIGNED", "2026-02-21"),
            id="a copy of the signature on another day",
        ),
        pytest.param(
            f"2026-02-20 | 34000 | 9 | Passed Senate over veto by Yea-Nay Vote. 67 - 33.\n2026-02-19 | H43410 | 2 | On "
            f"passage, {OVER_VETO} Passed by the Yeas and Nays: (2/3 required): 290 - 140.\n2026-02-14 | 31000 | 9 | "
            "Vetoed by President.",
            "2026-02-19 | 36000 | 9 | Became Public Law No: 119-77.",
            ("ENACTED:VETO_OVERRIDE", "2026-02-20"),
            id="the law line before the vote over the veto",
        ),
        pytest.param(
            "2026-02-25 | 29100 | 9 | Sent to Archivist of the United States unsigned.",
            "2026-02-24 | 36000 | 9 | Became Public Law No: 119-77.",
            ("ENACTED:TENDAYRULE", "2026-02-25"),
            id="a law without signature",
        ),
    ],
)
def test_us_6_what_follows_from_a_milestone_never_moves_it(lines: str, follows: str, point: tuple[str, str]) -> None:
    watched = WatchedBill(SENATE_BILL)
    watched.told_on("2026-02-13", THROUGH)
    watched.told_on("2026-02-26", lines)
    assert (watched.record.timeline[-1].status, watched.record.timeline[-1].on) == point
    assert watched.told_on("2026-02-28", follows) == []
    assert [watched.told_on(f"2026-03-{day:02}") for day in range(1, 8)] == [[]] * 7
    assert (watched.record.timeline[-1].status, watched.record.timeline[-1].on) == point


@pytest.mark.parametrize("day", ["2026-02-09", "2026-02-11"])
def test_us_6_a_copy_by_the_library_on_another_day_moves_no_passage(day: str) -> None:
    watched = WatchedBill(SENATE_BILL)
    watched.told_on("2026-02-12", f"{HOUSE_VOTE}\n{PASSED_SENATE}")
    assert watched.told_on("2026-02-13", HOUSE_COPY.replace("2026-02-10", day)) == []
    assert (watched.record.timeline[-1].status, watched.record.timeline[-1].on) == ("PASSED:BILL", "2026-02-10")


def test_us_6_a_law_whose_signature_is_not_stated_is_dated_by_its_own_line() -> None:
    watched = WatchedBill(SENATE_BILL)
    watched.told_on("2026-02-13", THROUGH)
    watched.told_on("2026-02-22", "2026-02-21 | 36000 | 9 | Became Public Law No: 119-77.")
    assert (watched.record.timeline[-1].status, watched.record.timeline[-1].on) == ("ENACTED:SIGNED", "2026-02-21")


def days(month: int, first: int, count: int) -> list[str]:
    start = date(2026, month, first)
    return [(start + timedelta(days=n)).isoformat() for n in range(count)]


@pytest.mark.parametrize(
    ("document", "before", "retracted", "status", "back"),
    [
        pytest.param(SENATE_BILL, "", PASSED_SENATE, "PASS_OVER:SENATE", "REFERRED", id="a passage in the Senate"),
        pytest.param(
            HOUSE_BILL,
            "",
            f"{HOUSE_VOTE}\n{HOUSE_COPY}".replace("02-10", "01-20"),
            "PASS_OVER:HOUSE",
            "REFERRED",
            id="a passage in the House with its copy",
        ),
        pytest.param(
            HOUSE_BILL,
            "",
            "2026-01-20 | H12200 | 2 | Reported by the Committee on Tests. H. Rept. 119-9.",
            "REPORTED",
            "REFERRED",
            id="a report",
        ),
        pytest.param(
            HOUSE_BILL,
            f"2026-01-19 | 28000 | 9 | Presented to President.\n{PASSED_SENATE.replace('-20', '-18')}\n{PASSED_HOUSE}",
            "2026-01-20 | 31000 | 9 | Vetoed by President.",
            "PROV_KILL:VETO",
            "PASSED:BILL",
            id="a veto",
        ),
        pytest.param(
            HOUSE_BILL,
            "",
            f"2026-01-20 | H37300 | 2 | {LOST}",
            "PROV_KILL:SUSPENSIONFAILED",
            "REFERRED",
            id="a lost suspension",
        ),
        pytest.param(
            SENATE_BILL,
            PASSED_SENATE.replace("-20", "-18"),
            HOUSE_VOTE.replace("02-10", "01-20"),
            "PASSED:BILL",
            "PASS_OVER:SENATE",
            id="the second passage",
        ),
    ],
)
def test_us_7_a_step_that_is_taken_back_is_corrected_once_and_the_status_falls_back(
    document: DocumentId, before: str, retracted: str, status: str, back: str
) -> None:
    watched = WatchedBill(document)
    if before:
        watched.told_on("2026-01-20", before)
    told = watched.told_on("2026-01-21", retracted)
    assert kinds_and_values(told)[0] == ("status", status)
    watched.drops(retracted.splitlines()[0].rpartition(" | ")[2])
    found = {day: watched.told_on(day) for day in days(1, 22, 21)}
    corrections = {day: told for day, told in found.items() if told}
    assert list(corrections) == ["2026-01-25"], "three days of complete readings"
    ((correction,),) = corrections.values()
    assert correction.kind is Kind.CORRECTION
    assert english(correction.after).startswith("no longer stated since 22 January 2026; back to: ")
    assert watched.status == back


def test_us_7_meanwhile_the_status_is_shown_as_in_doubt() -> None:
    watched = WatchedBill(SENATE_BILL)
    watched.told_on("2026-01-21", PASSED_SENATE)
    assert watched.doubt is None
    watched.drops("Passed Senate")
    for day in days(1, 22, 3):
        assert watched.told_on(day) == []
        assert watched.status == "PASS_OVER:SENATE"
        assert watched.doubt == (
            "The official record no longer states since 22 January 2026: “Passed Senate without amendment by Unanimous "
            "Consent”."
        )
    watched.told_on("2026-01-25")
    assert (watched.status, watched.doubt) == ("REFERRED", None)


@pytest.mark.parametrize("back_on", ["2026-01-23", "2026-01-24"])
def test_us_7_a_step_that_comes_back_in_time_is_never_mentioned(back_on: str) -> None:
    watched = WatchedBill(SENATE_BILL)
    watched.told_on("2026-01-21", PASSED_SENATE)
    watched.drops("Passed Senate")
    watched.told_on("2026-01-22")
    assert watched.told_on(back_on, PASSED_SENATE) == []
    assert [watched.told_on(day) for day in days(1, 25, 5)] == [[]] * 5
    assert (watched.status, watched.doubt) == ("PASS_OVER:SENATE", None)


@pytest.mark.parametrize(
    "rests",
    [
        pytest.param("2026-01-21 13:00:00 | H14000 | 2 | Received in the House.", id="the House has received it"),
        pytest.param("2026-01-22 | H11100 | 2 | Referred to the House Committee on Tests.", id="the House refers it"),
        pytest.param(HOUSE_VOTE, id="the House passes it"),
        pytest.param(THROUGH.replace(f"\n{PASSED_SENATE}", ""), id="it goes to the President"),
    ],
)
def test_us_7_a_step_on_which_later_ones_rest_stands(rests: str) -> None:
    watched = WatchedBill(SENATE_BILL)
    watched.told_on("2026-01-21", PASSED_SENATE)
    watched.told_on("2026-02-13", rests)
    status = watched.status
    watched.drops("Passed Senate")
    for day in days(2, 14, 12):
        watched.told_on(day)
        assert watched.status == status
    assert "PASS_OVER:SENATE" in [point.status for point in watched.record.timeline]


def test_us_7_a_passage_whose_text_is_published_stands() -> None:
    watched = WatchedBill(SENATE_BILL)
    watched.told_on("2026-01-21", PASSED_SENATE)
    watched.bill.lists["text"] = [version("Engrossed in Senate", "es", "2026-01-20")]
    watched.drops("Passed Senate")
    for day in days(1, 22, 12):
        watched.told_on(day)
    assert watched.status == "PASS_OVER:SENATE"


def test_us_7_a_law_without_its_signature_line_stands_on_its_day() -> None:
    watched = WatchedBill(SENATE_BILL)
    watched.told_on("2026-02-22", f"2026-02-21 | 29000 | 9 | Signed by President.\n{THROUGH}")
    watched.told_on("2026-02-24", "2026-02-23 | 36000 | 9 | Became Public Law No: 119-77.")
    watched.drops("Signed by President")
    assert [watched.told_on(day) for day in days(3, 1, 15)] == [[]] * 15
    assert (watched.record.timeline[-1].status, watched.record.timeline[-1].on) == ("ENACTED:SIGNED", "2026-02-21")


def test_us_7_a_step_that_is_stated_again_after_its_correction_is_news() -> None:
    watched = WatchedBill(SENATE_BILL)
    watched.told_on("2026-01-21", PASSED_SENATE)
    watched.drops("Passed Senate")
    for day in days(1, 22, 6):
        watched.told_on(day)
    assert watched.status == "REFERRED"
    assert kinds_and_values(watched.told_on("2026-02-01", PASSED_SENATE)) == [("status", "PASS_OVER:SENATE")]


def test_us_7_lines_are_not_missing_while_others_cannot_be_read() -> None:
    watched = WatchedBill(SENATE_BILL)
    watched.told_on("2026-01-21", PASSED_SENATE)
    unreadable = watched.bill.lists["actions"][0]
    unreadable["text"] = {"what": "another shape"}
    watched.bill.updated = watched.publisher.now
    for day in days(1, 22, 12):
        assert watched.told_on(day) == []
    assert watched.status == "PASS_OVER:SENATE"
    assert "A line of the record could not be read" in (watched.doubt or "")
    unreadable["text"] = "Passed Senate without amendment by Unanimous Consent."
    assert watched.told_on("2026-02-10") == []
    assert (watched.status, watched.doubt) == ("PASS_OVER:SENATE", None)


ENROLLED = version("Enrolled Bill", "enr")


@pytest.mark.parametrize(
    ("lines", "lists", "says", "words"),
    [
        pytest.param(
            "2026-02-10 | 9000 | 9 | Failed of passage/not agreed to in House: On passage Passed by voice vote.",
            {},
            {},
            "Words and code of the record disagree",
            id="a code of failure on words of a passage",
        ),
        pytest.param(
            "2026-02-10 | 8000 | 9 | Words nobody has used before",
            {},
            {},
            "Not understood for certain: “Words nobody has used before”",
            id="a decisive code on unknown words",
        ),
        pytest.param(
            "2026-02-10 | H37100 | 2 | The question was decided in another way.",
            {},
            {},
            "Not understood for certain",
            id="a code of the House on unknown words",
        ),
        pytest.param(
            "2026-02-10 | - | 0 | The measure, by leave, was rejected as unneeded in the Senate.",
            {},
            {},
            "Not understood for certain",
            id="unknown decisive words without a code",
        ),
        pytest.param(
            "", {"text": [ENROLLED]}, {}, "no line of the record bears out: Enrolled Bill", id="an enrolled bill"
        ),
        pytest.param(
            "",
            {"text": [version("Engrossed in House", "eh")]},
            {},
            "no line of the record bears out: Engrossed in House",
            id="a text as passed",
        ),
        pytest.param(
            "",
            {},
            {"laws": [{"number": "119-77", "type": "Public Law"}]},
            "It is listed as Public Law 119-77",
            id="a law",
        ),
        pytest.param(
            f"{PASSED_SENATE.replace('01-20', '02-12')}\n{HOUSE_VOTE}",
            {"text": [version("Engrossed Amendment Senate", "eas", "2026-02-12")]},
            {},
            "other signs that the text was changed",
            id="an amendment of a chamber that passed it without one",
        ),
    ],
)
def test_doubt_says_what_disagrees_in_the_words_of_the_record(
    lines: str, lists: dict[str, list[object]], says: dict[str, object], words: str
) -> None:
    watched = WatchedBill(HOUSE_BILL)
    assert watched.doubt is None
    watched.bill.lists |= lists
    watched.bill.says |= says
    watched.told_on("2026-02-13", lines or "2026-02-10 | H8D000 | 2 | DEBATE - The House proceeded.")
    assert words in (watched.doubt or "")


def test_a_later_step_that_is_certain_ends_a_doubt() -> None:
    watched = WatchedBill(HOUSE_BILL)
    watched.told_on("2026-02-09", "2026-02-08 | H37300 | 2 | Something else was done.")
    assert watched.doubt is not None
    watched.told_on("2026-02-13", HOUSE_VOTE)
    assert (watched.status, watched.doubt) == ("PASS_OVER:HOUSE", None)


def test_a_roll_call_that_says_otherwise_is_a_doubt() -> None:
    facets = {
        "item": {"": {"introduced_on": "2026-01-02"}},
        "actions": {
            "a": {"on": "2026-02-10", "step": "passed:house", "text": "On passage Passed.", "votes": ["us/vote/1"]}
        },
        "tallies": {"us/vote/1": {"result": "Failed"}},
    }
    found = english(doubt(HOUSE_BILL, facets))
    assert found == "The roll call says “Failed”, the record: “On passage Passed” (10 February 2026)."
    assert doubt(HOUSE_BILL, {**facets, "tallies": {"us/vote/1": {"result": "Passed"}}}) is None


@pytest.mark.parametrize(
    "damage",
    [
        {"text": ["a"]},
        {"type": 7},
        {"actionDate": "yesterday"},
        {"committees": {"name": "x"}},
        {"recordedVotes": [{"rollNumber": "x"}]},
        {"recordedVotes": [{"rollNumber": 1, "chamber": "House", "date": "noon"}]},
    ],
    ids=str,
)
def test_a_line_that_cannot_be_read_is_a_fault_of_its_own(damage: dict[str, object]) -> None:
    watched = WatchedBill(HOUSE_BILL)
    watched.states(f"2026-02-09 | 4100 | 9 | Hearings held.\n{HOUSE_VOTE}")
    watched.bill.lists["actions"][0] |= damage
    assert kinds_and_values(watched.told()) == [("status", "PASS_OVER:HOUSE")], "the others are read"
    (fault,) = watched.reader.faults
    assert "actions[0]" in str(fault.error)
    assert "A line of the record could not be read" in (watched.doubt or "")
    (remark,) = (remark for page in watched.reader.pages for remark in page.remarks)
    assert english(remark.to_json()).startswith("HR 9101 · 119th: 1 line of its record cannot be read")
    for _ in range(3):
        watched.bill.updated = watched.publisher.now
        watched.told(timedelta(hours=7))
        assert [page.remarks for page in watched.reader.pages if page.remarks] == [], "the operator hears once"
    watched.bill.lists["actions"][0] = {"actionDate": "2026-02-09", "text": "Hearings held."}
    watched.bill.updated = watched.publisher.now
    watched.told()
    assert (watched.reader.faults, watched.doubt) == ([], None)


def test_what_a_committee_did_last_year_makes_no_late_news_of_what_it_did_today() -> None:
    watched = WatchedBill(HOUSE_BILL, kinds=frozenset(Kind))
    activities = [{"name": "Referred To", "date": "2025-06-09T16:05:05Z"}]
    watched.bill.lists["committees"] = [{"systemCode": "hsts00", "name": "Tests", "activities": activities}]
    watched.bill.updated = watched.publisher.now
    watched.told()
    activities.insert(0, {"name": "Markup By", "date": "2026-02-10T15:00:00Z"})
    watched.publisher.now = datetime(2026, 2, 10, 20, tzinfo=UTC)
    watched.bill.updated = watched.publisher.now
    (change,) = (change for change in watched.told() if change.kind is Kind.COMMITTEE)
    assert change.happened_on == "2026-02-10"
    watched.bill.lists["committees"] = []
    watched.bill.updated = watched.publisher.now
    gone = [c for _ in range(20) for c in watched.told(timedelta(hours=6)) if c.kind is Kind.COMMITTEE]
    assert [c.happened_on for c in gone] in ([], [None])
