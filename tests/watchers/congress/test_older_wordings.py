"""Sentences of the record from the 93rd Congress on, each as its step, and bills of six Congresses as they went.

The wordings and days are the official record's; where a bill is named, so is its course.
"""

from __future__ import annotations

import pytest

from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.jurisdictions.us.timeline import timeline
from tests.helpers.paths import FIXTURES
from tests.watchers.congress.recorded_lines import action_lines
from watchers.congress.action_grammar import parse_line
from watchers.congress.action_steps import LineDoubt, read_step
from watchers.congress.actions import read_action_lines

MEASURES = {
    "HR": us_bill(110, "hr", 6331),
    "S": us_bill(117, "s", 1301),
    "HRES": us_bill(109, "hres", 240),
    "HCON": us_bill(117, "hconres", 30),
    "SJ": us_bill(118, "sjres", 11),
    "SCON": us_bill(117, "sconres", 14),
}
ROWS = [
    tuple(part.strip() for part in row.split("|", 3))
    for row in (FIXTURES / "congress" / "wordings.txt").read_text(encoding="utf-8").splitlines()
    if row and not row.startswith("#")
]


@pytest.mark.parametrize(
    ("measure", "code", "step", "text"), ROWS, ids=[f"{measure} {code}: {text[:70]}" for measure, code, _, text in ROWS]
)
def test_a_sentence_is_the_step_that_the_record_means(measure: str, code: str, step: str, text: str) -> None:
    given = None if code == "-" else code
    assert parse_line(text, given) is not None
    found, why = read_step(text, given, MEASURES[measure])
    assert (found or "-") == step
    assert why in (None, LineDoubt.UNSAID)


OVER_VETO = "the objections of the President to the contrary"


@pytest.mark.parametrize(
    ("document", "lines", "statuses"),
    [
        pytest.param(
            us_bill(110, "hr", 6331),
            """
2008-07-15 | 36000 | 9 | Became Public Law No: 110-275.
2008-07-15 | - | 0 | Message on Senate action sent to the House.
2008-07-15 | - | 0 | Passed Senate over veto by Yea-Nay Vote. 70 - 26. Record Vote Number: 177.
2008-07-15 | - | 0 | Veto Message considered in Senate. (consideration: CR S6705-6710)
2008-07-15 16:48:00 | H43410 | 2 | Two-thirds of the Members present having voted in the affirmative the bill \
is passed, Passed by the Yeas and Nays: (2/3 required): 383 - 41 (Roll no. 491).
2008-07-15 14:35:00 | - | 2 | The Chair laid before the House the veto message from the President.
2008-07-15 | 31000 | 9 | Vetoed by President.
2008-07-10 | 28000 | 9 | Presented to President.
2008-07-09 | - | 0 | Passed Senate without amendment by Unanimous Consent.
2008-07-09 | - | 0 | Upon reconsideration, cloture on the motion to proceed invoked in Senate by Yea-Nay Vote. 69 - 30.
2008-06-26 | - | 0 | Cloture on the motion to proceed to the measure not invoked in Senate by Yea-Nay Vote. 58 - 40.
2008-06-24 12:37:00 | H37300 | 2 | On motion to suspend the rules and pass the bill, as amended Agreed to by the \
Yeas and Nays: (2/3 required): 355 - 59 (Roll no. 443). (text: CR H5876-5904)
2008-06-20 | H11100 | 2 | Referred to House Ways and Means
2008-06-20 | 1000 | 9 | Introduced in House
""",
            "INTRODUCED REFERRED PASS_OVER:HOUSE PROV_KILL:CLOTUREFAILED PASSED:BILL PROV_KILL:VETO "
            "VETOED:OVERRIDE_PASS_OVER:HOUSE ENACTED:VETO_OVERRIDE",
            id="110 H.R. 6331, a law over the veto",
        ),
        pytest.param(
            us_bill(106, "hr", 2415),
            """
2000-12-19 | 30000 | 9 | Pocket Vetoed by President.
2000-12-07 | 28000 | 9 | Presented to President.
2000-12-07 | - | 0 | Senate agreed to conference report by Yea-Nay Vote. 70 - 28. Record Vote Number: 297.
2000-12-05 | - | 0 | Cloture invoked in Senate by Yea-Nay Vote. 67 - 31. Record Vote Number: 296.
2000-12-05 | - | 0 | Motion by Senator Lott to reconsider the vote by which cloture was not invoked on the conference \
report to accompany H.R. 2415 agreed to in Senate by Unanimous Consent.
2000-11-01 | - | 0 | Cloture on the conference report not invoked in Senate by Yea-Nay Vote. 53 - 30.
2000-10-12 13:36:00 | H42510 | 2 | On agreeing to the conference report Agreed to by voice vote.
2000-10-12 13:35:00 | - | 2 | On motion to recommit with instructions to conference committee Failed by voice vote.
2000-10-12 12:31:00 | H1L220 | 2 | Rule H. Res. 624 passed House.
2000-10-11 20:20:00 | H25200 | 2 | Conference report H. Rept. 106-970 filed.
2000-10-11 17:33:00 | - | 2 | On motion that the House disagree to the Senate amendment, and agree to a conference \
Agreed to by voice vote.
1999-08-03 | - | 0 | Senate insists on its amendment asks for a conference, appoints conferees Helms; Lugar; Sarbanes.
1999-08-03 | - | 0 | Passed Senate with an amendment by Unanimous Consent.
1999-08-03 | - | 0 | Senate struck all after the Enacting Clause and substituted the language of S. 886 amended.
1999-07-21 17:15:00 | H37100 | 2 | On passage Passed by voice vote.
1999-07-16 00:43:00 | H1L220 | 2 | Rule H. Res. 247 passed House.
1999-07-01 | H11100 | 2 | Referred to the House Committee on International Relations.
1999-07-01 | 1000 | 9 | Introduced in House
""",
            "INTRODUCED REFERRED PASS_OVER:HOUSE PASS_BACK:SENATE CONFERENCE:PASSED:HOUSE PROV_KILL:CLOTUREFAILED "
            "PASSED:BILL VETOED:POCKET",
            id="106 H.R. 2415, a pocket veto",
        ),
        pytest.param(
            us_bill(111, "hjres", 64),
            f"""
2010-01-13 15:35:00 | H43410 | 2 | On passage, {OVER_VETO} notwithstanding Failed by the Yeas and Nays: (2/3 \
required): 143 - 245, 1 Present (Roll no. 2).
2010-01-13 10:40:00 | - | 2 | The House proceeded with one hour of debate on the question of passage, {OVER_VETO} \
notwithstanding.
2009-12-30 | 31000 | 9 | Vetoed by President. (text of veto message: CR 1/12/2010 H11)
2009-12-19 | 28000 | 9 | Presented to President.
2009-12-19 | - | 0 | Passed Senate without amendment by Unanimous Consent. (consideration: CR S13477)
2009-12-16 14:10:00 | H37100 | 2 | On passage Passed by voice vote.
2009-12-15 | H11100 | 2 | Referred to the House Committee on Appropriations.
2009-12-15 | 1000 | 9 | Introduced in House
""",
            "INTRODUCED REFERRED PASS_OVER:HOUSE PASSED:BILL PROV_KILL:VETO VETOED:OVERRIDE_FAIL_ORIGINATING:HOUSE",
            id="111 H.J.Res. 64, a veto sustained",
        ),
        pytest.param(
            us_bill(96, "hr", 2479),
            """
1979-04-10 | 36000 | 9 | Public Law 96-8.
1979-03-29 | 23000 | 9 | Conference report agreed to in Senate: \
Senate agreed to conference report, roll call #32 (85-4).
1979-03-28 | 21000 | 9 | Conference report agreed to in House: \
House agreed to conference report, roll call #62 (339-50).
1979-03-24 | 20900 | 9 | Conference report filed: Conference report filed in House, H. Rept. 96-71.
1979-03-14 | 17000 | 9 | Passed/agreed to in Senate: Measure passed Senate, amended, in lieu of S. 245, \
roll call #17 (90-6).
1979-03-13 | 8000 | 9 | Passed/agreed to in House: Measure passed House, amended, roll call #38 (345-55).
1979-03-03 | 5000 | 9 | Reported to House from the Committee on Foreign Affairs, H. Rept. 96-26.
1979-02-28 | 1000 | 9 | Introduced in House
""",
            "INTRODUCED REPORTED PASS_OVER:HOUSE PASS_BACK:SENATE CONFERENCE:PASSED:HOUSE PASSED:BILL ENACTED:SIGNED",
            id="96 H.R. 2479, in the words of the seventies",
        ),
        pytest.param(
            us_bill(118, "sjres", 11),
            """
2023-06-21 | 35000 | 9 | Failed of passage in Senate over veto: Failed of passage in Senate over veto by Yea-Nay Vote. \
50 - 50. Record Vote Number: 167.
2023-06-21 | - | 0 | Failed of passage in Senate over veto by Yea-Nay Vote. 50 - 50. Record Vote Number: 167.
2023-06-21 | - | 0 | Veto Message considered in Senate.
2023-06-14 | - | 0 | Veto message received in Senate. Ordered held at the desk. (text: CR S2089-2090)
2023-06-14 | E30000 | 2 | Vetoed by President.
2023-06-07 | 28000 | 9 | Presented to President.
2023-05-23 19:00:00 | H37100 | 2 | On passage Passed by the Yeas and Nays: 221 - 203 (Roll no. 231).
2023-05-23 13:00:00 | H30000 | 2 | Considered under the provisions of rule H. Res. 429.
2023-04-26 | - | 0 | Passed Senate without amendment by Yea-Nay Vote. 50 - 49. Record Vote Number: 98.
2023-02-09 | 10000 | 9 | Introduced in Senate
""",
            "INTRODUCED PASS_OVER:SENATE PASSED:BILL PROV_KILL:VETO VETOED:OVERRIDE_FAIL_ORIGINATING:SENATE",
            id="118 S.J.Res. 11, a veto sustained in the Senate",
        ),
        pytest.param(
            us_bill(105, "hres", 611),
            """
1998-12-19 13:50:00 | H37100 | 2 | On agreeing to article IV Failed by recorded vote: 148 - 285 (Roll no. 546).
1998-12-19 13:42:00 | H37100 | 2 | On agreeing to article III Agreed to by recorded vote: 221 - 212 (Roll no. 545).
1998-12-19 13:34:00 | H37100 | 2 | On agreeing to article II Failed by recorded vote: 205 - 229 (Roll no. 544).
1998-12-19 13:25:00 | H37100 | 2 | On agreeing to article I Agreed to by recorded vote: 228 - 206 (Roll no. 543).
1998-12-17 | H12100 | 2 | The House Committee on Judiciary reported an original measure, H. Rept. 105-830.
1998-12-15 | 1000 | 9 | Introduced in House
""",
            "INTRODUCED REPORTED PASSED:SIMPLERES",
            id="105 H.Res. 611, two articles of four",
        ),
        pytest.param(
            us_bill(109, "hres", 240),
            """
2005-04-27 20:35:00 | - | 2 | Passed House pursuant to H. Res. 241. (consideration: CR H2625-2626; text: CR H2625-2626)
2005-04-27 20:34:00 | - | 2 | Rule H. Res. 241 passed House.
2005-04-27 | 1000 | 9 | Introduced in House
""",
            "INTRODUCED PASSED:SIMPLERES",
            id="109 H.Res. 240, adopted by a rule",
        ),
    ],
)
def test_a_bill_of_the_past_takes_the_course_it_took(document: DocumentId, lines: str, statuses: str) -> None:
    read = read_action_lines(action_lines(lines), "actions")
    assert not read.unreadable
    assert [point.status for point in timeline(document, read.facets(document))] == statuses.split()
