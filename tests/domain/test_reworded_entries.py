"""Which lines are one event edited, and which are two events? Names say the bill or issue where the case was met."""

from __future__ import annotations

from typing import Any

import pytest

from domain.records.facets import Entry
from domain.records.merge import Pair, PairReason, pairs


def entry(text: str, on: str = "2026-01-20", **more: Any) -> Entry:
    return {"on": on, "text": text, "label": text, "codes": ["5000/9"], **more}


def why(before: Entry, after: Entry, recurring: int = 2) -> PairReason | None:
    found = pairs({"a": before}, {"b": after}, dict.fromkeys((str(before["text"]), str(after["text"])), recurring))
    return found[0].why if found else None


PASSED = "On passage Passed by the Yeas and Nays: 217 - 188 (Roll no. 304)."
ONE = {
    "a vote count put right (C62)": (entry(PASSED), entry(PASSED.replace("188", "189"))),
    "a roll call told by the same vote": (
        entry(PASSED, votes=["us/vote/119/house/2026/304"]),
        entry("On passage Passed by recorded vote: 217 - 188 (Roll no. 304).", votes=["us/vote/119/house/2026/304"]),
    ),
    "singular and plural (C58)": (entry("Hearing held."), entry("Hearings held.")),
    "a word added": (
        entry("Reported by the Committee on Foreign Affairs."),
        entry("Reported (Amended) by the Committee on Foreign Affairs."),
    ),
    "the number of the report added": (
        entry("Reported by the Committee on Foreign Affairs."),
        entry("Reported by the Committee on Foreign Affairs. H. Rept. 119-999."),
    ),
    "a name misspelt": (
        entry("Referred to the Committee on Foriegn Affairs."),
        entry("Referred to the Committee on Foreign Affairs."),
    ),
    "a referral widened, of the same committee": (
        entry("Referred to the House Committee on Foreign Affairs.", committees=["hsfa00"]),
        entry(
            "Referred to the Committee on Foreign Affairs, and in addition to the Committee on Armed Services.",
            committees=["hsas00", "hsfa00"],
        ),
    ),
    "the way of passing put right": (
        entry("Presented to the President.", step="presented"),
        entry("Presented to President.", step="presented"),
    ),
    "the number of a law put right": (
        entry("Became Public Law No: 115-45.", step="law"),
        entry("Became Public Law No: 115-46.", step="law"),
    ),
    "an amended passage that was told as a plain one": (
        entry("Passed Senate without amendment by Voice Vote.", step="passed:senate"),
        entry("Passed Senate with an amendment by Voice Vote.", step="passed:senate:amended"),
    ),
}


@pytest.mark.parametrize(("before", "after"), ONE.values(), ids=ONE.keys())
def test_an_edited_line_is_the_same_event(before: Entry, after: Entry) -> None:
    assert why(before, after) is PairReason.REWORDED
    assert why(after, before) is PairReason.REWORDED


ROLL = "On agreeing to the amendment Agreed to by recorded vote: 217 - 188 (Roll no. {})."
TWO = {
    "two roll calls": (entry(ROLL.format(304)), entry(ROLL.format(305))),
    "two roll calls named by their votes": (entry("Agreed to.", votes=["v/1"]), entry("Agreed to.", votes=["v/2"])),
    "two referrals": (
        entry("Referred to the House Committee on Foreign Affairs."),
        entry("Referred to the House Committee on Armed Services."),
    ),
    "two referrals by their committees": (
        entry("Referred to the Subcommittee.", committees=["hsfa01"]),
        entry("Referred to the Subcommittee.", committees=["hsfa02"]),
    ),
    "remarks of two members": (
        entry("Sponsor introductory remarks on measure by Ms. Adams."),
        entry("Sponsor introductory remarks on measure by Mr. Brown."),
    ),
    "two amendments": (entry("S.Amdt. 2137 agreed to in Senate."), entry("S.Amdt. 2138 agreed to in Senate.")),
    "signature and veto under one code (118 SJRes 9, 119 HR 131)": (
        entry("Signed by President.", codes=["E30000/2"], step="signed"),
        entry("Vetoed by President.", codes=["E30000/2"], step="vetoed"),
    ),
    "two roll calls on the same words": (entry("On passage", roll=304), entry("On passage", roll=305)),
    "other codes": (entry("Hearing held.", codes=["4100/9"]), entry("Hearings held.", codes=["13100/9"])),
    "other chambers": (entry("Hearing held.", chamber="House"), entry("Hearings held.", chamber="Senate")),
    "other times of day": (
        entry("The House resolved into Committee.", time="10:00:00"),
        entry("The House resolved into the Committee.", time="14:00:00"),
    ),
    "passage in two chambers": (
        entry("Passed by voice vote.", step="passed:house"),
        entry("Passed by voice votes.", step="passed:senate"),
    ),
    "other words": (entry("Hearings held."), entry("Ordered to be Reported by Voice Vote.")),
    "no day": (entry("Hearing held.", on=""), entry("Hearings held.", on="")),
    "other words on another day": (entry("Hearing held."), entry("Hearings held.", on="2026-01-21")),
}


@pytest.mark.parametrize(("before", "after"), TWO.values(), ids=TWO.keys())
def test_what_may_be_two_events_is_two(before: Entry, after: Entry) -> None:
    assert why(before, after) is None
    assert why(after, before) is None


def test_another_date_is_put_right_as_that_of_115_s_114() -> None:
    """Once it had two dates of becoming law, five days apart (usgpo/bill-status #69)."""
    law = entry("Became Public Law No: 115-46.", "2017-08-12", step="law")
    assert why(law, {**law, "on": "2017-08-17"}) is PairReason.REDATED


def test_what_recurs_day_after_day_has_no_other_date() -> None:
    considered = entry("Considered by Senate.")
    assert why(considered, {**considered, "on": "2026-01-21"}, recurring=3) is None


def test_each_entry_takes_one_place_and_the_likest_first() -> None:
    gone = {"a": entry("Hearing held in Geneva."), "b": entry("Hearing held.")}
    come = {"x": entry("Hearings held."), "y": entry("Hearings held in Geneva.")}
    assert set(pairs(gone, come, {})) == {Pair("a", "y", PairReason.REWORDED), Pair("b", "x", PairReason.REWORDED)}
    assert len(pairs(gone, {"x": come["x"]}, {})) == 1
