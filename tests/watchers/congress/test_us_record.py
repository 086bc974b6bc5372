"""The record of Congress as it is, not as one expects it: the cases US-1 to US-7 and US-11, and more of each kind.

Lines are written `day time | code | source | text`, newest first. The events are constructed, the words are not.
"""

from __future__ import annotations

import pytest

from tests.watchers.congress.recorded_lines import (
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
    document: object, before: str, own: str, copied: str, status: str, colon: str, order: str
) -> None:
    watched = WatchedBill(document, None)  # type: ignore[arg-type]
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
