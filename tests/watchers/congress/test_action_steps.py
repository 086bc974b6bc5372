"""What does an official line do? One row a line; the words are the record's own unless marked constructed."""

from __future__ import annotations

import pytest

from domain.jurisdictions.us.names import us_bill
from watchers.congress.action_steps import read_step

HR = us_bill(117, "hr", 1)


@pytest.mark.parametrize(
    ("text", "code", "step"),
    [
        ("Introduced in House", "1000", "introduced"),
        ("Introduced in House", "Intro-H", "introduced"),
        ("Submitted in House", "H11100", "introduced"),
        (
            "Introduced in the Senate. Read the first time. Placed on Senate Legislative Calendar under Read the "
            "First Time.",
            None,
            "introduced",
        ),
        ("Sponsor introductory remarks on measure. (CR H123)", "B00100", None),
        ("Referred to the House Committee on Foreign Affairs.", "H11100", "referred"),
        ("Referred to the Subcommittee on Health.", "H11000", "referred"),
        ("Read twice and referred to the Committee on the Judiciary.", None, "referred"),
        ("Read the second time and referred to the Committee on Armed Services.", None, "referred"),
        ("Received in the Senate and Read twice and referred to the Committee on Finance.", None, "referred"),
        (
            "Read the second time. Placed on Senate Legislative Calendar under General Orders. Calendar No. 7.",
            None,
            None,
        ),
        ("Motion by Senator McConnell to refer to Senate Committee on Indian Affairs fell.", None, None),
        ("Ordered to be Reported Adversely (Amended) by the Yeas and Nays: 25 - 23.", None, "reported"),
        ("Reported (Amended) by the Committee on Natural Resources. H. Rept. 119-187.", "H12200", "reported"),
        ("Reported adversely by the Committee on the Judiciary. H. Rept. 117-400.", "5000", "reported"),
        ("Committee on Indian Affairs. Ordered to be reported favorably.", None, "reported"),
        (
            "Select Committee on Intelligence. Reported by Senator Burr without amendment. With written report "
            "No. 115-2.",
            None,
            "reported",
        ),
        (
            "Committee on Finance. Original measure reported to Senate by Senator Wyden. With written report No. "
            "117-142.",
            None,
            "originated",
        ),
        (
            "The House Committee on Appropriations reported an original measure, H. Rept. 117-389, by Mr. Ryan.",
            "H12100",
            "originated",
        ),
        (
            "By Senator Risch from Committee on Small Business and Entrepreneurship filed written report. Report "
            "No. 115-452.",
            None,
            None,
        ),
        ("Senate Committee on Foreign Relations discharged by Unanimous Consent.", None, None),
        ("Committee on the Budget discharged.", "H12300", None),
        ("Forwarded by Subcommittee to Full Committee by Voice Vote .", None, None),
    ],
)
def test_beginnings_and_committees(text: str, code: str | None, step: str | None) -> None:
    assert read_step(text, code, HR)[0] == step


@pytest.mark.parametrize(
    ("text", "code", "step"),
    [
        (
            "On passage Passed by the Yeas and Nays: 219 - 212 (Roll no. 310). (text: CR H5526)",
            "H37100",
            "passed:house",
        ),
        ("On passage Passed without objection.", "H37100", "passed:house"),
        ("On passage Failed by recorded vote: 121 - 301 (Roll no. 297).", "H37100", "failed:house"),
        (
            "Passed/agreed to in House: On motion to suspend the rules and pass the bill, as amended Agreed to "
            "by voice vote.",
            "8000",
            "passed:house:amended",
        ),
        (
            "On motion to suspend the rules and pass the bill Failed by the Yeas and Nays: (2/3 required): 259 - 170.",
            "H37300",
            "suspension_failed:house",
        ),
        ("On agreeing to the resolution Agreed to without objection. (text: CR H123)", "H37100", "passed:house"),
        (
            "On agreeing to the resolution, as amended Agreed to by recorded vote: 217 - 213.",
            "H37100",
            "passed:house:amended",
        ),
        (
            "Pursuant to the provisions of H. Res. 380, H. Res. 379 is considered passed House.",
            "H1B000",
            "passed:house",
        ),
        (
            "On motion to table the measure Agreed to by the Yeas and Nays: 218 - 200, 3 Present.",
            "H36510",
            "tabled:house",
        ),
        ("Passed Senate without amendment by Unanimous Consent. (text: CR S1)", None, "passed:senate"),
        (
            "Passed Senate, under the order of 9/29/21, having achieved 60 votes in the affirmative, with an "
            "amendment by "
            "Yea-Nay Vote. 65 - 35. Record Vote Number: 397.",
            None,
            "passed:senate:amended",
        ),
        (
            "Passed Senate, having achieved 60 votes in the affirmative (pursuant to H.R. 2028, 114th Congress), "
            "without "
            "amendment by Yea-Nay Vote. 81 - 17. Record Vote Number: 27.",
            None,
            "passed:senate",
        ),
        (
            "Submitted in the Senate, considered, and agreed to without amendment and with a preamble by "
            "Unanimous Consent.",
            None,
            "passed:senate",
        ),
        (
            "Introduced in the Senate, read twice, considered, read the third time, and passed without amendment by "
            "Unanimous Consent.",
            None,
            "passed:senate",
        ),
        (
            "Resolution agreed to in Senate with an amendment and an amended preamble by Voice Vote.",
            None,
            "passed:senate:amended",
        ),
        (
            "Under the order of 12/18/21, not having achieved 60 votes in the affirmative, failed of passage in "
            "Senate by "
            "Yea-Nay Vote. 55 - 44. Record Vote Number: 8.",
            None,
            "failed:senate",
        ),
        ("Senate vitiated previous passage.", None, "vitiated:senate"),
        (
            "Cloture on the motion to proceed to the measure not invoked in Senate by Yea-Nay Vote. 50 - 49.",
            None,
            "cloture_failed:senate",
        ),
        ("Cloture motion on the motion to proceed to the measure presented in Senate.", None, None),
        ("Cloture on the measure invoked in Senate by Yea-Nay Vote. 74 - 17. Record Vote Number: 69.", None, None),
        ("Cloture on amendment SA 3399 not invoked in Senate by Yea-Nay Vote. 44 - 54. (constructed)", None, None),
    ],
)
def test_votes_on_the_measure(text: str, code: str | None, step: str | None) -> None:
    assert read_step(text, code, HR)[0] == step


@pytest.mark.parametrize(
    ("text", "code", "step"),
    [
        ("Rule H. Res. 144 passed House.", "H1L220", None),
        ("H.Amdt. 123 On agreeing to the Smith amendment Agreed to by voice vote. (constructed)", "H32111", None),
        ("S.Amdt. 3835 Amendment SA 3835 not agreed to in Senate by Voice Vote. (constructed)", None, None),
        ("On motion to recommit Failed by the Yeas and Nays: 202 - 218 (Roll no. 219).", "H36210", None),
        ("On ordering the previous question Agreed to by the Yeas and Nays: 219 - 208 (Roll no. 418).", "H35000", None),
        ("Motion to reconsider laid on the table Agreed to without objection.", "H38310", None),
        ("Rules Committee Resolution H. Res. 299 Reported to House. Rule provides for H.R. 1180.", "H1L210", None),
        ("On motion that the House instruct conferees Agreed to by the Yeas and Nays: 351 - 74.", "H41610", None),
        (
            "On motion that the House disagree to the Senate amendment, and request a conference Agreed to "
            "without objection.",
            "H41610",
            None,
        ),
        ("Message on Senate action sent to the House.", None, None),
        ("Cleared for White House.", None, None),
    ],
)
def test_lines_that_are_not_the_bill(text: str, code: str | None, step: str | None) -> None:
    assert read_step(text, code, HR)[0] == step


@pytest.mark.parametrize(
    ("text", "code", "step"),
    [
        (
            "On motion that the House agree to the Senate amendment Agreed to without objection.",
            "H41610",
            "concurred:house",
        ),
        (
            "On motion that the House agree with an amendment to the Senate amendment. Agreed to by the Yeas and "
            "Nays: 256 - 167.",
            "H41610",
            "concurred:house:amended",
        ),
        (
            "On motion that the House suspend the rules and agree to the Senate amendment to the House amendment "
            "Agreed to by "
            "voice vote.",
            "H41610",
            "concurred:house",
        ),
        (
            "On motion that the House agree to the Senate amendment Failed by the Yeas and Nays: 100 - 300. "
            "(constructed)",
            None,
            "concur_failed:house",
        ),
        # 117 H.R. 1917: the clerk's sentence is torn, the code tells.
        (
            "On motion that the House suspend the rules and Agreed to by the Yeas and Nays (2/3 required): (Roll "
            "No. Agreed to "
            "by the Yeas and Nays: (2/3 required): 393 - 19 (Roll no. 536).",
            "H41610",
            "concurred:house",
        ),
        (
            "House agreed to Senate amendment with an amendment pursuant to H. Res. 1099.",
            "H1B000",
            "concurred:house:amended",
        ),
        (
            "House agreed to Senate amendments numbered 1, 2, 3, and 5, and the House agreed to Senate amendment "
            "numbered 4 with "
            "an amendment pursuant to H. Res. 1518 (consideration: CR H9745-9752; text: CR H9790-9803)",
            "H1B000",
            "concurred:house:amended",
        ),
        (
            "Pursuant to the provisions of H. Res. 716, House agreed to Senate amendment to House amendment",
            "H1B000",
            "concurred:house",
        ),
        (
            "Senate agreed, under the order of 12/15/22, having achieved 60 votes in the affirmative, to the "
            "House amendment to "
            "the Senate amendment to H.R. 1437 by Yea-Nay Vote. 71 - 19. Record Vote Number: 399.",
            None,
            "concurred:senate",
        ),
        (
            "Senate concurred in the House amendment to S. 2938 with an amendment SA (5099), and an amendment to "
            "the title by "
            "Yea-Nay Vote. 65 - 33. Record Vote Number: 242.",
            None,
            "concurred:senate:amended",
        ),
        (
            "Senate receded from its amendment and concurred with an amendment (SA 1863) by Yea-Nay Vote. 51 - 48.",
            None,
            "concurred:senate:amended",
        ),
        ("Senate agreed to the House amendment to the title by Unanimous Consent.", None, "concurred:senate:title"),
        (
            "Motion by Senator Lee to concur in the House amendment to the Senate amendment to H.R. 1437 with an "
            "amendment "
            "(SA 6541 as modified) was not agreed to by Yea-Nay Vote. 35 - 56. Record Vote Number: 398.",
            None,
            None,
        ),
        (
            "On agreeing to the conference report Agreed to by the Yeas and Nays: 375 - 34.",
            "H42510",
            "conference_agreed:house",
        ),
        ("Senate agreed to conference report by Yea-Nay Vote. 92 - 7.", None, "conference_agreed:senate"),
        (
            "Message on House action received in Senate and at desk: House amendment to Senate bill.",
            None,
            "amended:house",
        ),
    ],
)
def test_agreement_between_the_chambers(text: str, code: str | None, step: str | None) -> None:
    assert read_step(text, code, HR)[0] == step


@pytest.mark.parametrize(
    ("text", "code", "step"),
    [
        ("Presented to President.", "E20000", "presented"),
        ("Signed by President.", "E30000", "signed"),
        ("Vetoed by President.", "E30000", "vetoed"),
        ("Signed by President.", "36000", "signed"),
        ("Became Public Law No: 117-43.", "36000", "law"),
        ("Became Private Law No: 115-1.", "41000", "law"),
        ("Vetoed by President.", "31000", "vetoed"),
        ("Pocket Vetoed by President.", "30000", "pocket_vetoed"),
        ("Sent to Archivist of the United States unsigned.", None, "unsigned"),
        ("Passed Senate over veto by Yea-Nay Vote. 97 - 1. Record Vote Number: 148.", None, "override_passed:senate"),
        ("Failed of passage in Senate over veto by Yea-Nay Vote. 60 - 39.", None, "override_failed:senate"),
        # 114 S. 2040, with the odd ", the Passed".
        (
            "Two-thirds of the Members present having voted in the affirmative the bill is passed, the Passed by "
            "the Yeas and "
            "Nays: (2/3 required): 348 - 77, 1 Present (Roll no. 564).",
            "H43410",
            "override_passed:house",
        ),
        (
            "On passage, the objections of the President to the contrary notwithstanding Failed by the Yeas and "
            "Nays: "
            "(2/3 required): 235 - 193 (Roll no. 404).",
            None,
            "override_failed:house",
        ),
        ("The Chair laid before the House the veto message from the President.", "H8D000", None),
        ("Veto Message considered in Senate.", None, None),
    ],
)
def test_the_president(text: str, code: str | None, step: str | None) -> None:
    assert read_step(text, code, HR)[0] == step


@pytest.mark.parametrize(
    ("text", "code", "step"),
    [
        ("Words nobody has seen before. (constructed)", "8000", "passed:house"),
        ("Words nobody has seen before. (constructed)", "17000", "passed:senate:unsaid"),
        ("Words nobody has seen before. (constructed)", "31000", "vetoed"),
        ("Words nobody has seen before. (constructed)", "H37100", None),
        ("", None, None),
    ],
)
def test_a_library_code_speaks_where_the_words_are_new(text: str, code: str | None, step: str | None) -> None:
    assert read_step(text, code, HR)[0] == step


MANY = (
    "Pursuant to section 10 of H. Res. 1396, and the motion offered by Mr. Hoyer, the following bills "
    "passed under suspension "
    "of the rules: H.R. 1638, as amended; H.R. 8956; S. 1198; and agree to the Senate amendments to H.R. 5641."
)
MORE = (
    "Pursuant to section 5 of H. Res. 1518, and the motion offered by Mr. Hoyer, the following bills "
    "passed under suspension "
    "of the rules: H.R. 1082, as amended; H.R. 7077, agreed to Senate amendment; S. 558; and S. 789."
)


@pytest.mark.parametrize(
    ("text", "kind", "number", "step"),
    [
        pytest.param(MANY, "hr", 1638, "passed:house:amended", id="117 HR 1638 passed as amended"),
        pytest.param(MANY, "hr", 8956, "passed:house", id="117 HR 8956 passed"),
        pytest.param(MANY, "s", 1198, "passed:house", id="117 S 1198 passed"),
        pytest.param(MANY, "hr", 5641, "concurred:house", id="117 HR 5641 the Senate amendments agreed to"),
        pytest.param(MORE, "hr", 7077, "concurred:house", id="117 HR 7077 agreed to Senate amendment"),
        pytest.param(MORE, "hr", 558, None, id="the House bill with the number of a Senate bill is not meant"),
        pytest.param(MORE, "s", 78, None, id="a number is not a part of a longer one"),
    ],
)
def test_one_motion_passes_many_bills(text: str, kind: str, number: int, step: str | None) -> None:
    assert read_step(text, "H37300", us_bill(117, kind, number))[0] == step
    assert read_step(f"Passed/agreed to in House: {text}", "H37300", us_bill(117, kind, number))[0] == step
