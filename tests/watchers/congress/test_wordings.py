"""Wordings of the record that say less, or otherwise, than usual. The events are constructed, the words are not."""

from __future__ import annotations

import msgspec
import pytest

from domain.jurisdictions.us.names import us_bill
from domain.jurisdictions.us.timeline import timeline
from watchers.congress.action_steps import read_step
from watchers.congress.actions import ActionLine, action_facets

BILL = us_bill(119, "hr", 9101)
RESOLUTION = us_bill(119, "hres", 5)
LOST = (
    "On motion to suspend the rules and pass the bill Failed by the Yeas and Nays: (2/3 required): 198 - 218 "
    "(Roll no. 221)."
)


def line(day: str, code: str | None, source: int, text: str, time: str | None = None) -> ActionLine:
    row = {"actionDate": day, "actionCode": code, "text": text, "actionTime": time, "sourceSystem": {"code": source}}
    return msgspec.convert(row, ActionLine)


BEGUN = (
    line("2026-01-02", "1000", 9, "Introduced in House"),
    line("2026-01-02", "H11100", 2, "Referred to the House Committee on Tests."),
)


@pytest.mark.parametrize(
    "prefix", ["Failed of passage/not agreed to in House", "Failed of passage/not agreed to in House:"]
)
@pytest.mark.parametrize("order", [1, -1], ids=["the chamber first", "the Library first"])
def test_a_copy_by_the_library_is_the_event_of_the_chamber(prefix: str, order: int) -> None:
    copies = [
        line("2026-02-10", "H37300", 2, LOST, "18:52:14"),
        line("2026-02-10", "9000", 9, f"{prefix} {LOST}", "18:52:14"),
    ][::order]
    actions, _ = action_facets([*BEGUN, *copies], BILL)
    assert len([entry for entry in actions.values() if "suspend" in entry["text"]]) == 1
    assert timeline(BILL, {"actions": actions})[-1].status == "PROV_KILL:SUSPENSIONFAILED"


@pytest.mark.parametrize(
    ("text", "code", "step"),
    [
        ("Failed of passage in House over veto On passage, the objections of the President to the contrary "
         "notwithstanding Failed by the Yeas and Nays: (2/3 required): 220 - 200.", "33000", "override_failed:house"),
        ("Passed/agreed to in House On passage Passed by voice vote.", "8000", "passed:house"),
        ("Passed/agreed to in Senate: Passed Senate with an amendment by Voice Vote.", "17000",
         "passed:senate:amended"),
        ("Cloture not invoked in Senate by Yea-Nay Vote. 51 - 46. Record Vote Number: 21.", None,
         "cloture_failed:senate"),
        ("Fourth cloture on the motion to proceed to the measure not invoked in Senate by Yea-Nay Vote. 53 - 47.",
         None, "cloture_failed:senate"),
        ("Upon reconsideration, eleventh cloture on the bill not invoked in Senate by Yea-Nay Vote. 53 - 47.",
         None, "cloture_failed:senate"),
        ("Cloture invoked in Senate by Yea-Nay Vote. 61 - 36.", None, None),
        ("Cloture on the motion to suspend the operation of Rule XXV, paragraph (n)(1) to permit the committee to "
         "consider the pending motion with respect to the House message not invoked in Senate. 40 - 50.", None, None),
        ("On motion to table Agreed to by the Yeas and Nays: 232 - 147, 47 Present (Roll no. 498).", "H36510",
         "tabled:house"),
        ("On motion to table Agreed to by the Yeas and Nays: 232 - 147.", "H36210", None),
        ("Motion to reconsider laid on the table Agreed to without objection.", "H38310", None),
        ("On motion to table Failed by the Yeas and Nays: 147 - 232.", "H36510", None),
    ],
)  # fmt: skip
def test_a_line_is_read_by_what_it_leaves_out(text: str, code: str | None, step: str | None) -> None:
    assert read_step(text, code, RESOLUTION)[0] == step


def test_a_measure_tabled_without_naming_it_has_failed() -> None:
    lines = [
        line("2026-01-02", "1000", 9, "Introduced in House"),
        line("2026-02-01", "H36500", 2, "Ms. A moved to table the measure.", "14:00:00"),
        line("2026-02-01", "H36510", 2, "On motion to table Agreed to by the Yeas and Nays: 232 - 147.", "14:10:00"),
        line(
            "2026-02-01", "H38310", 2, "Motion to reconsider laid on the table Agreed to without objection.", "14:10:05"
        ),
    ]
    actions, _ = action_facets(lines, RESOLUTION)
    assert timeline(RESOLUTION, {"actions": actions})[-1].status == "FAIL:ORIGINATING:HOUSE"
