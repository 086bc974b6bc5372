"""Is each bill known for misleading those who derive a status read right? Lines to statuses, by bill number.

Days are the record's where it is quoted in the corpus, else constructed; the words are the record's own.
"""

from __future__ import annotations

import re

import pytest

from domain.jurisdictions.us.names import us_bill
from domain.jurisdictions.us.timeline import timeline
from watchers.congress.action_steps import read_step

Line = tuple[str, str, str | None]

HOUSE_PASSED = "On passage Passed by the Yeas and Nays: 219 - 212 (Roll no. 49)."
SENATE_CHANGED = "Passed Senate with an amendment by Yea-Nay Vote. 50 - 49. Record Vote Number: 110."
TO_PRESIDENT = ("2021-03-20", "Presented to President.", "E20000")
SIGNED = ("2021-03-21", "Signed by President.", "E30000")

EXCHANGE: dict[str, tuple[str, str | None]] = {
    "117 HR 1319: the House agrees to the Senate amendment": (
        "On motion that the House agree to the Senate amendment Agreed to by the Yeas and Nays: "
        "220 - 211 (Roll no. 72).",
        "H41610",
    ),
    "115 HR 1370: without a recorded vote": (
        "On motion to concur in the Senate amendments Agreed to by voice vote.",
        None,
    ),
    "117 HR 4373: to an amendment to an amendment": (
        "On motion that the House agree to the Senate amendment to the House amendment to the Senate amendment Agreed "
        "to by the Yeas and Nays: 230 - 201 (Roll no. 476).",
        "H41610",
    ),
    "117 HR 1917: the end of the motion is missing": (
        "On motion that the House suspend the rules and Agreed to by the Yeas and Nays (2/3 required): (Roll No. …)",
        "H41610",
    ),
    "117 HR 5641: among many in one motion": (
        "Pursuant to section 10 of H. Res. 1396, and the motion offered by Mr. Hoyer, the following bills passed under "
        "suspension of the rules: H.R. 1638, as amended; and agree to the Senate amendments to H.R. 5641.",
        "H37300",
    ),
    "117 HR 7077: told as passed": (
        "Pursuant to section 5 of H. Res. 1518, and the motion offered by Mr. Hoyer, the following bills passed under "
        "suspension of the rules: H.R. 1082, as amended; H.R. 7077, agreed to Senate amendment; S. 558.",
        "H37300",
    ),
}


def climbed(bill: str, *lines: Line) -> list[str]:
    """Return the statuses that lines lead to; `bill` begins with Congress, type and number: `117 HR 1319: …`."""
    congress, kind, number = re.match(r"(\d+) ([A-Za-z]+) (\d+)", bill).groups()  # type: ignore[union-attr]
    document = us_bill(int(congress), kind.lower(), int(number))
    actions = {
        f"{on}:{place}": {"on": on, "time": None, "text": text, "step": read_step(text, code, document)[0]}
        for place, (on, text, code) in enumerate(lines)
    }
    return [rung.status for rung in timeline(document, {"actions": actions})]


@pytest.mark.parametrize("bill", EXCHANGE)
def test_the_last_agreement_before_a_law_is_a_status(bill: str) -> None:
    lines = (
        ("2021-02-24", "Introduced in House", "1000"),
        ("2021-02-27", HOUSE_PASSED, "H37100"),
        ("2021-03-06", SENATE_CHANGED, None),
        ("2021-03-10", *EXCHANGE[bill]),
        TO_PRESIDENT,
        SIGNED,
    )
    assert climbed(bill, *lines)[1:] == ["PASS_OVER:HOUSE", "PASS_BACK:SENATE", "PASSED:BILL", "ENACTED:SIGNED"]


def test_117_hr_7776_the_senate_has_the_last_word() -> None:
    lines = (
        ("2022-05-16", "Introduced in House", "1000"),
        ("2022-06-08", HOUSE_PASSED, "H37100"),
        ("2022-07-28", SENATE_CHANGED, None),
        (
            "2022-12-08",
            "On motion that the House agree with an amendment to the Senate amendment Agreed to by the Yeas and Nays: "
            "350 - 80 (Roll no. 516).",
            "H41610",
        ),
        (
            "2022-12-15",
            "Senate agreed to the House amendment to the Senate amendment to H.R. 7776 by Yea-Nay Vote. 83 - 11. "
            "Record Vote Number: 396. (consideration: CR S7196)",
            None,
        ),
    )
    assert climbed("117 HR 7776", *lines)[1:] == [
        "PASS_OVER:HOUSE",
        "PASS_BACK:SENATE",
        "PASS_BACK:HOUSE",
        "PASSED:BILL",
    ]


def test_117_hr_5879_reported_twice_passes_once() -> None:
    words = "On motion to suspend the rules and pass the bill, as amended Agreed to by voice vote."
    lines = (
        ("2021-11-05", "Introduced in House", "1000"),
        ("2022-06-07", words, "H37300"),
        ("2022-06-07", f"Passed/agreed to in House: {words}", "8000"),
        ("2022-06-08", words, "H37300"),
    )
    assert climbed("117 HR 5879", *lines) == ["INTRODUCED", "PASS_OVER:HOUSE"]


def test_115_s_114_two_days_of_one_law_are_one_enactment() -> None:
    lines = (
        ("2017-01-12", "Introduced in Senate", "10000"),
        ("2017-08-01", "Passed Senate without amendment by Unanimous Consent.", None),
        ("2017-08-02", HOUSE_PASSED, "H37100"),
        ("2017-08-12", "Signed by President.", "E30000"),
        ("2017-08-12", "Became Public Law No: 115-46.", "E40000"),
        ("2017-08-17", "Became Public Law No: 115-46.", "36000"),
    )
    assert climbed("115 S 114", *lines)[-2:] == ["PASSED:BILL", "ENACTED:SIGNED"]


def test_114_sjres_8_and_119_hr_131_the_code_of_a_signature_stands_on_a_veto() -> None:
    lines = (
        ("2015-02-09", "Introduced in Senate", "10000"),
        ("2015-03-04", "Passed Senate without amendment by Yea-Nay Vote. 53 - 46.", None),
        ("2015-03-19", HOUSE_PASSED, "H37100"),
        ("2015-03-30", "Presented to President.", "E20000"),
        ("2015-03-31", "Vetoed by President.", "E30000"),
        ("2015-05-05", "Motion to table the veto message agreed to in Senate by Yea-Nay Vote. 96 - 3.", None),
    )
    assert climbed("114 SJRes 8", *lines)[-1] == "PROV_KILL:VETO"


@pytest.mark.parametrize(
    ("text", "code", "status"),
    [
        pytest.param("Rule H. Res. 144 passed House.", "H1L220", "REPORTED", id="H1L220 is the rule"),
        pytest.param("Motion to reconsider laid on the table Agreed to.", "H38310", "REPORTED", id="H38310"),
        pytest.param("Placeholder Text for H41800", "H41800", "REPORTED", id="a placeholder of the type NotUsed"),
        pytest.param(
            "Cloture on the House message to accompany H.R. 1 not invoked in Senate by Yea-Nay Vote. 51 - 44.",
            None,
            "PROV_KILL:CLOTUREFAILED",
            id="cloture on a message of the House",
        ),
        pytest.param(
            "Cloture on amendment SA 2137 not invoked in Senate by Yea-Nay Vote.",
            None,
            "REPORTED",
            id="on an amendment",
        ),
        pytest.param(
            "On motion to table the measure Agreed to by the Yeas and Nays: 218 - 200, 3 Present (Roll no. 94).",
            "H36510",
            "FAIL:ORIGINATING:HOUSE",
            id="117 H.Res. 243 tabled",
        ),
    ],
)
def test_lines_that_mean_more_or_less_than_their_words(text: str, code: str | None, status: str) -> None:
    lines = (
        ("2021-01-04", "Introduced in House", "1000"),
        ("2021-02-01", "Reported by the Committee on Rules. H. Rept. 117-1.", "H12200"),
        ("2021-03-01", text, code),
    )
    assert climbed("117 HR 1", *lines)[-1] == status


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("32000", "VETOED:OVERRIDE_PASS_OVER:HOUSE"),
        ("33000", "VETOED:OVERRIDE_FAIL_ORIGINATING:HOUSE"),
        ("31000", "PROV_KILL:VETO"),
    ],
)
def test_a_library_code_is_believed_where_the_words_are_new_constructed(code: str, status: str) -> None:
    lines = (
        ("2021-02-24", "Introduced in House", "1000"),
        ("2021-02-27", HOUSE_PASSED, "H37100"),
        ("2021-03-06", "Passed Senate without amendment by Voice Vote.", None),
        TO_PRESIDENT,
        ("2021-03-21", "Vetoed by President.", "31000"),
        ("2021-03-28", "Words nobody has used before.", code),
    )
    assert climbed("117 HR 1", *lines)[-1] == status
