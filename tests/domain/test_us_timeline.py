"""Where does a bill stand, and since when? Whole bills, told by their steps; true facts unless marked constructed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.documents import DocumentId
from domain.jurisdictions import jurisdiction_of
from domain.jurisdictions.us.names import us_bill
from domain.jurisdictions.us.procedure import RANKS
from domain.jurisdictions.us.timeline import timeline
from domain.records.facets import Facet

Told = tuple[str, str] | tuple[str, str, str]


def facets(*told: Told, title: str = "An Act", introduced_on: str | None = None) -> dict[str, Facet]:
    """Build the facets of a bill from (day, step) or (day, step, clock time), in the order given."""
    actions = {
        f"{number}": {"on": line[0], "step": line[1], "time": line[2] if len(line) > 2 else None, "text": line[1]}
        for number, line in enumerate(told)
    }
    found: dict[str, Facet] = {"actions": actions, "title": {"display": {"text": title}}}
    if introduced_on:
        found["item"] = {"item": {"introduced_on": introduced_on}}
    return found


def climbed(document: DocumentId, *told: Told, title: str = "An Act") -> list[tuple[str, str]]:
    return [(rung.on, rung.status) for rung in timeline(document, facets(*told, title=title))]


CASES: dict[str, tuple[DocumentId, Sequence[Told], list[tuple[str, str]]]] = {
    "119 HR 6508 is introduced and referred on one day": (
        us_bill(119, "hr", 6508),
        [("2025-12-09", "referred"), ("2025-12-09", "introduced")],
        [("2025-12-09", "INTRODUCED"), ("2025-12-09", "REFERRED")],
    ),
    "117 HR 5305, the vehicle bill, climbs three rungs in one day without help from the order of lines": (
        us_bill(117, "hr", 5305),
        [
            ("2021-09-30", "law"),
            ("2021-09-30", "signed"),
            ("2021-09-30", "presented"),
            ("2021-09-30", "concurred:house", "15:45:11"),
            ("2021-09-30", "concurred:house"),
            ("2021-09-30", "passed:senate:amended"),
            ("2021-09-27", "cloture_failed:senate"),
            ("2021-09-21", "passed:house", "20:43:48"),
            ("2021-09-21", "referred"),
            ("2021-09-21", "introduced"),
        ],
        [
            ("2021-09-21", "INTRODUCED"),
            ("2021-09-21", "REFERRED"),
            ("2021-09-21", "PASS_OVER:HOUSE"),
            ("2021-09-27", "PROV_KILL:CLOTUREFAILED"),
            ("2021-09-30", "PASS_BACK:SENATE"),
            ("2021-09-30", "PASSED:BILL"),
            ("2021-09-30", "ENACTED:SIGNED"),
        ],
    ),
    "117 S 1301: the House amendment shows only in what the Senate does with it": (
        us_bill(117, "s", 1301),
        [
            ("2021-04-22", "introduced"),
            ("2021-07-30", "passed:senate"),
            ("2021-09-29", "passed:house", "17:55:09"),
            ("2021-09-29", "amended:house"),
            ("2021-10-07", "concurred:senate:amended"),
            ("2021-10-12", "concurred:house", "20:04:14"),
            ("2021-10-14", "signed"),
        ],
        [
            ("2021-04-22", "INTRODUCED"),
            ("2021-07-30", "PASS_OVER:SENATE"),
            ("2021-09-29", "PASS_BACK:HOUSE"),
            ("2021-10-07", "PASS_BACK:SENATE"),
            ("2021-10-12", "PASSED:BILL"),
            ("2021-10-14", "ENACTED:SIGNED"),
        ],
    ),
    "114 S 2040: vetoed and overridden by both chambers on one day, the Senate first": (
        us_bill(114, "s", 2040),
        [
            ("2016-09-28", "law"),
            ("2016-09-28", "override_passed:house"),
            ("2016-09-28", "override_passed:senate"),
            ("2016-09-23", "vetoed"),
            ("2016-09-12", "presented"),
            ("2016-09-09", "passed:house", "11:41:37"),
            ("2016-05-17", "passed:senate:amended"),
            ("2015-09-16", "introduced"),
        ],
        [
            ("2015-09-16", "INTRODUCED"),
            ("2016-05-17", "PASS_OVER:SENATE"),
            ("2016-09-09", "PASSED:BILL"),
            ("2016-09-23", "PROV_KILL:VETO"),
            ("2016-09-28", "VETOED:OVERRIDE_PASS_OVER:SENATE"),
            ("2016-09-28", "ENACTED:VETO_OVERRIDE"),
        ],
    ),
    "117 S 1198: a passage undone and repeated on one day is no news": (
        us_bill(117, "s", 1198),
        [
            ("2021-04-15", "introduced"),
            ("2022-09-08", "passed:senate:amended"),
            ("2022-09-19", "passed:senate:amended"),
            ("2022-09-19", "vitiated:senate"),
            ("2022-09-29", "passed:house", "17:40:16"),
        ],
        [("2021-04-15", "INTRODUCED"), ("2022-09-08", "PASS_OVER:SENATE"), ("2022-09-29", "PASSED:BILL")],
    ),
    "a passage undone falls back to where the bill stood (as 115 S 3641; days constructed)": (
        us_bill(115, "s", 3641),
        [
            ("2018-11-15", "introduced"),
            ("2018-12-01", "reported"),
            ("2018-12-13", "passed:senate"),
            ("2018-12-19", "vitiated:senate"),
        ],
        [
            ("2018-11-15", "INTRODUCED"),
            ("2018-12-01", "REPORTED"),
            ("2018-12-13", "PASS_OVER:SENATE"),
            ("2018-12-19", "REPORTED"),
        ],
    ),
    "117 H.Res 176: the same passage recorded twice is one rung": (
        us_bill(117, "hres", 176),
        [("2021-03-01", "introduced"), ("2021-03-02", "passed:house"), ("2021-03-03", "passed:house")],
        [("2021-03-01", "INTRODUCED"), ("2021-03-02", "PASSED:SIMPLERES")],
    ),
    "117 S.Res 53: a committee's own resolution is reported before it is referred": (
        us_bill(117, "sres", 53),
        [("2021-02-12", "referred"), ("2021-02-12", "originated"), ("2021-02-12", "introduced")],
        [("2021-02-12", "INTRODUCED"), ("2021-02-12", "REPORTED")],
    ),
    "115 HR 2 failed, was reconsidered and passed (days constructed)": (
        us_bill(115, "hr", 2),
        [
            ("2018-04-12", "introduced"),
            ("2018-05-18", "failed:house", "11:50:00"),
            ("2018-06-21", "passed:house", "16:00:00"),
        ],
        [("2018-04-12", "INTRODUCED"), ("2018-05-18", "FAIL:ORIGINATING:HOUSE"), ("2018-06-21", "PASS_OVER:HOUSE")],
    ),
    "114 S 2943: a conference proves that the House had changed the bill (days constructed)": (
        us_bill(114, "s", 2943),
        [
            ("2016-05-18", "introduced"),
            ("2016-06-14", "passed:senate:amended"),
            ("2016-07-07", "passed:house"),
            ("2016-12-02", "conference_agreed:house"),
            ("2016-12-08", "conference_agreed:senate"),
        ],
        [
            ("2016-05-18", "INTRODUCED"),
            ("2016-06-14", "PASS_OVER:SENATE"),
            ("2016-07-07", "PASS_BACK:HOUSE"),
            ("2016-12-02", "CONFERENCE:PASSED:HOUSE"),
            ("2016-12-08", "PASSED:BILL"),
        ],
    ),
    "115 HR 1: the Senate leaves the conference report and sends another amendment": (
        us_bill(115, "hr", 1),
        [
            ("2017-11-02", "introduced"),
            ("2017-11-16", "passed:house:amended"),
            ("2017-12-02", "passed:senate:amended"),
            ("2017-12-19", "conference_agreed:house"),
            ("2017-12-20", "concurred:senate:amended"),
            ("2017-12-20", "concurred:house", "12:40:00"),
            ("2017-12-22", "signed"),
        ],
        [
            ("2017-11-02", "INTRODUCED"),
            ("2017-11-16", "PASS_OVER:HOUSE"),
            ("2017-12-02", "PASS_BACK:SENATE"),
            ("2017-12-19", "CONFERENCE:PASSED:HOUSE"),
            ("2017-12-20", "PASS_BACK:SENATE"),
            ("2017-12-20", "PASSED:BILL"),
            ("2017-12-22", "ENACTED:SIGNED"),
        ],
    ),
    "117 S 2089: agreeing to the title settles nothing while another amendment is out (days constructed)": (
        us_bill(117, "s", 2089),
        [
            ("2021-06-17", "introduced"),
            ("2021-12-09", "passed:senate"),
            ("2022-06-23", "passed:house:amended"),
            ("2022-06-23", "concurred:senate:title"),
            ("2022-06-23", "concurred:senate:amended"),
            ("2022-06-24", "concurred:house"),
        ],
        [
            ("2021-06-17", "INTRODUCED"),
            ("2021-12-09", "PASS_OVER:SENATE"),
            ("2022-06-23", "PASS_BACK:HOUSE"),
            ("2022-06-23", "PASS_BACK:SENATE"),
            ("2022-06-24", "PASSED:BILL"),
        ],
    ),
    "a concurrent resolution ends with the second chamber (constructed)": (
        us_bill(117, "hconres", 1),
        [("2021-01-03", "introduced"), ("2021-01-03", "passed:house"), ("2021-01-04", "passed:senate")],
        [("2021-01-03", "INTRODUCED"), ("2021-01-03", "PASS_OVER:HOUSE"), ("2021-01-04", "PASSED:CONCURRENTRES")],
    ),
    "a lost vote, a failed override and a refused amendment each have their rung (constructed)": (
        us_bill(110, "s", 9),
        [
            ("2007-01-04", "introduced"),
            ("2007-02-01", "suspension_failed:house"),
            ("2007-03-01", "passed:senate"),
            ("2007-04-01", "passed:house:amended"),
            ("2007-04-02", "concur_failed:senate"),
            ("2007-05-01", "concurred:senate"),
            ("2007-05-03", "presented"),
            ("2007-05-10", "vetoed"),
            ("2007-05-11", "override_passed:senate"),
            ("2007-05-12", "override_failed:house"),
        ],
        [
            ("2007-01-04", "INTRODUCED"),
            ("2007-02-01", "PROV_KILL:SUSPENSIONFAILED"),
            ("2007-03-01", "PASS_OVER:SENATE"),
            ("2007-04-01", "PASS_BACK:HOUSE"),
            ("2007-04-02", "PROV_KILL:PINGPONGFAIL"),
            ("2007-05-01", "PASSED:BILL"),
            ("2007-05-10", "PROV_KILL:VETO"),
            ("2007-05-11", "VETOED:OVERRIDE_PASS_OVER:SENATE"),
            ("2007-05-12", "VETOED:OVERRIDE_FAIL_SECOND:HOUSE"),
        ],
    ),
    "a pocket veto is the end (constructed)": (
        us_bill(111, "hr", 1),
        [
            ("2009-01-06", "introduced"),
            ("2009-02-01", "passed:house"),
            ("2009-03-01", "passed:senate"),
            ("2009-03-02", "presented"),
            ("2009-03-20", "pocket_vetoed"),
        ],
        [
            ("2009-01-06", "INTRODUCED"),
            ("2009-02-01", "PASS_OVER:HOUSE"),
            ("2009-03-01", "PASSED:BILL"),
            ("2009-03-20", "VETOED:POCKET"),
        ],
    ),
    "the second chamber's passage counts although the line of the first is missing, as in 115 HR 2815": (
        us_bill(115, "hr", 2815),
        [("2017-06-07", "introduced"), ("2017-07-01", "reported"), ("2018-05-01", "passed:senate")],
        [("2017-06-07", "INTRODUCED"), ("2017-07-01", "REPORTED"), ("2018-05-01", "PASSED:BILL")],
    ),
    "a veto line on a bill that never left its committee is another bill's (as bill-status issue 235)": (
        us_bill(117, "hr", 100),
        [("2021-01-04", "introduced"), ("2021-01-04", "referred"), ("2021-03-01", "vetoed")],
        [("2021-01-04", "INTRODUCED"), ("2021-01-04", "REFERRED")],
    ),
}


@pytest.mark.parametrize(("document", "told", "rungs"), CASES.values(), ids=CASES.keys())
def test_timeline(document: DocumentId, told: Sequence[Told], rungs: list[tuple[str, str]]) -> None:
    assert climbed(document, *told) == rungs
    assert climbed(document, *reversed(told)) == rungs


def test_an_amendment_to_the_constitution_goes_to_the_states() -> None:
    title = "Proposing an amendment to the Constitution of the United States relative to balancing the budget."
    told = [("1995-01-04", "introduced"), ("1995-01-26", "passed:house"), ("1995-03-02", "passed:senate")]
    assert climbed(us_bill(104, "hjres", 1), *told, title=title)[-1][1] == "PASSED:CONSTAMEND"
    assert climbed(us_bill(104, "hjres", 1), *told)[-1][1] == "PASSED:BILL"


def test_the_official_title_tells_too_that_a_resolution_amends_the_constitution() -> None:
    stated = facets(("2025-01-03", "passed:senate"), ("2025-02-03", "passed:house"), title="Fairness Amendment")
    stated["titles"] = {
        "official": {"text": "A joint resolution proposing an amendment to the Constitution of the United States."}
    }
    assert timeline(us_bill(119, "sjres", 1), stated)[-1].status == "PASSED:CONSTAMEND"


class TestFirstStatus:
    def test_a_reserved_number_is_reserved(self) -> None:
        told = climbed(us_bill(117, "hr", 14), ("2021-01-03", "introduced"), title="Reserved for the Minority Leader.")
        assert told == [("2021-01-03", "RESERVED")]

    def test_a_reserved_number_that_becomes_a_bill_is_introduced_on_the_day_the_bill_says(self) -> None:
        stated = facets(
            ("2025-01-03", "introduced"), ("2025-05-20", "introduced"), ("2025-05-20", "originated"),
            title="An Act to provide", introduced_on="2025-05-20",
        )  # fmt: skip
        found = [(rung.on, rung.status) for rung in timeline(us_bill(119, "hr", 1), stated)]
        assert found == [("2025-01-03", "RESERVED"), ("2025-05-20", "INTRODUCED"), ("2025-05-20", "REPORTED")]

    def test_without_any_action_the_item_says_when_it_was_introduced(self) -> None:
        (rung,) = timeline(us_bill(119, "s", 7), facets(introduced_on="2025-02-03"))
        assert (rung.status, rung.on, rung.text) == ("INTRODUCED", "2025-02-03", "Introduced in Senate")

    def test_the_oldest_lines_may_be_missing(self) -> None:
        assert climbed(us_bill(119, "hr", 3838), ("2025-09-10", "passed:house")) == [
            ("2025-09-10", "INTRODUCED"),
            ("2025-09-10", "PASS_OVER:HOUSE"),
        ]

    def test_nothing_known_is_no_timeline(self) -> None:
        assert timeline(us_bill(119, "hr", 1), {}) == ()
        decree = DocumentId.parse("ua/decree/793/2025")
        assert jurisdiction_of(decree).timeline(decree, facets(("2025-10-20", "introduced"))) == ()


class TestWithoutSignature:
    """Article I, section 7: ten days, Sundays excepted. Friday 2 December to Wednesday 14 December 2016."""

    PASSED = (("2016-01-05", "introduced"), ("2016-11-15", "passed:house"), ("2016-12-01", "passed:senate"))

    @pytest.mark.parametrize(
        ("presented_on", "law_on", "status"),
        [
            pytest.param(
                "2016-12-02", "2016-12-14", "ENACTED:SIGNED", id="within ten days its signature line is missing"
            ),
            pytest.param("2016-12-02", "2016-12-15", "ENACTED:TENDAYRULE", id="after ten days nobody signed it"),
        ],
    )
    def test_a_law_line_alone(self, presented_on: str, law_on: str, status: str) -> None:
        told = climbed(us_bill(114, "hr", 1), *self.PASSED, (presented_on, "presented"), (law_on, "law"))
        assert told[-1] == (law_on, status)

    def test_a_signature_line_wins(self) -> None:
        lines = (("2016-12-02", "presented"), ("2016-12-13", "signed"), ("2016-12-20", "law"))
        assert climbed(us_bill(114, "hr", 1), *self.PASSED, *lines)[-1] == ("2016-12-13", "ENACTED:SIGNED")


_STEPS = [
    step
    for verb in RANKS
    for step in (
        [f"{verb}:house", f"{verb}:senate"] if verb in ("passed", "failed", "concurred", "vitiated") else [verb]
    )
    if verb not in ("amended", "tabled", "cloture_failed", "suspension_failed", "concur_failed")
    and not verb.startswith(("override", "conference"))
]
_LINES = st.lists(
    st.tuples(st.dates().map(str), st.sampled_from(_STEPS), st.sampled_from(["", "10:00:00", "11:00:00"])), max_size=12
)


@given(_LINES, st.randoms(use_true_random=False))
def test_any_order_of_lines_gives_the_same_timeline(lines: list[Told], random: Random) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)
    document = us_bill(117, "hr", 1)
    assert climbed(document, *lines) == climbed(document, *shuffled)


@given(_LINES)
def test_statuses_are_dated_in_order_and_nothing_follows_a_law(lines: list[Told]) -> None:
    rungs = climbed(us_bill(117, "s", 1), *lines)
    statuses = [status for _, status in rungs]
    assert [on for on, _ in rungs[1:]] == sorted(on for on, _ in rungs[1:])
    assert not any(status.startswith("ENACTED") for status in statuses[:-1])
    assert all(one != other for one, other in pairwise(statuses))
