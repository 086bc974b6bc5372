"""Do recorded bills get the reference's statuses, but for what status-deviations.md explains?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from domain.jurisdictions.us.names import us_bill
from domain.jurisdictions.us.procedure import HOUSE, SENATE, Measure, ProcedureState, step_effect
from domain.jurisdictions.us.timeline import timeline
from tests.helpers.paths import CHECKOUT, CORPUS
from tests.watchers.congress.billstatus_lines import Bill, entries, read_api, read_billstatus
from watchers.congress.action_steps import read_step

FOLDER = CORPUS / "congress"
DEVIATIONS = CHECKOUT / "docs" / "for-developers" / "status-deviations.md"

pytestmark = pytest.mark.corpus


@cache
def expected() -> dict[str, Any]:
    return json.loads((FOLDER / "expected-status.json").read_text())


@cache
def recorded() -> tuple[tuple[str, dict[str, Any], Bill], ...]:
    return tuple(_read())


def _read() -> Iterator[tuple[str, dict[str, Any], Bill]]:
    for path, row in expected()["billstatus"].items():
        yield row["bill_id"], row, read_billstatus(FOLDER / path)
    for name, row in expected()["api"].items():
        files = row["files"]
        yield name, row, read_api(FOLDER / files["api-bill-json"], FOLDER / files["api-actions-json"])


def reference(row: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """Return the reference's final status and its dated changes, repeats collapsed; reserved numbers it skips."""
    if "oracle_skipped" in row:
        return "RESERVED", []
    told = row.get("assisted") or row
    changes: list[tuple[str, str]] = []
    for on, status in told["timeline"]:
        if not changes or changes[-1][1] != status:
            changes.append((on[:10], status))
    return told["status"], changes


def ours(bill: Bill) -> tuple[str, list[tuple[str, str]]]:
    rungs = timeline(bill.document, bill.facets)
    openings = ("INTRODUCED", "RESERVED")
    return rungs[-1].status, [(rung.on, rung.status) for rung in rungs if rung.status not in openings]


def listed(*sections: int) -> set[str]:
    """Return the bills that sections of the deviations page name in the first column of their tables."""
    parts = re.split(r"^## \d\. ", DEVIATIONS.read_text(), flags=re.MULTILINE)
    return {
        bill for section in sections for bill in re.findall(r"^\| ([a-z]+\d+-\d+) \|", parts[section], re.MULTILINE)
    }


def test_every_recorded_bill_gets_a_timeline() -> None:
    assert len(recorded()) == 937
    for name, _, bill in recorded():
        assert timeline(bill.document, bill.facets), name


def test_final_status_agrees_or_the_deviation_is_listed() -> None:
    compared = [(name, row, bill) for name, row, bill in recorded() if not row.get("first_page_only")]
    differ = {name for name, row, bill in compared if ours(bill)[0] != reference(row)[0]}
    assert differ <= listed(1, 2)
    assert len(differ) == 17
    assert 1 - len(differ - listed(1, 2)) / len(compared) >= 0.995


def test_timeline_agrees_or_the_deviation_is_listed() -> None:
    compared = [(name, row, bill) for name, row, bill in recorded() if not row.get("first_page_only")]
    differ = {name for name, row, bill in compared if ours(bill)[1] != reference(row)[1]}
    assert differ == listed(1, 2)


def test_where_timelines_differ_ours_adds_and_hardly_ever_replaces() -> None:
    replaced = {
        name
        for name, row, bill in recorded()
        if not row.get("first_page_only") and not set(reference(row)[1]) <= set(ours(bill)[1])
    }
    assert replaced == {"s1301-117", "s2938-117", "s140-115"}


def test_enactment_agrees_with_the_laws_of_each_file() -> None:
    differ = {name for name, row, bill in recorded() if bool(bill.laws) != ours(bill)[0].startswith("ENACTED:")}
    assert differ == {"hr2617-117"}, "signed on 2022-12-29, its law number not yet published"


def test_nothing_becomes_law_before_both_chambers_agreed_or_overrode() -> None:
    for name, _, bill in recorded():
        reached = [rung.status for rung in timeline(bill.document, bill.facets)]
        for before, after in pairwise(reached):
            if after.startswith("ENACTED:"):
                assert before.startswith(("PASSED:BILL", "VETOED:OVERRIDE_PASS_OVER:")), name


def test_each_action_case_agrees_or_the_deviation_is_listed() -> None:
    cases = json.loads((FOLDER / "action-cases.json").read_text())["cases"]
    differ = {case["bill_id"] for case in cases if _after(case) != case["new_status"]}
    assert len(cases) == 506
    assert differ == listed(3)


def _after(case: dict[str, Any]) -> str | None:
    """Return the status one line leads to from the status before it; None where it changes nothing."""
    kind, number, congress = re.fullmatch(r"([a-z]+)(\d+)-(\d+)", case["bill_id"]).groups()
    step = read_step(case["text"], case["action_code"] or None, us_bill(int(congress), kind, int(number)))[0]
    measure = _measure(kind, case.get("title_start", ""))
    standing = _standing(measure, case["prev_status"])
    after = step_effect(measure, standing, step) if step else None
    return after.status if after and after.status != standing.status else None


def _measure(kind: str, title: str) -> Measure:
    origin = HOUSE if kind[0] == "h" else SENATE
    if kind[1:] == "res":
        return Measure(origin, "PASSED:SIMPLERES", simple=True)
    if kind[1:] == "conres":
        return Measure(origin, "PASSED:CONCURRENTRES")
    return Measure(origin, "PASSED:CONSTAMEND" if title.startswith("Proposing an amendment") else "PASSED:BILL")


def _standing(measure: Measure, status: str) -> ProcedureState:
    """Build the standing that a bare status implies."""
    chamber = frozenset({status.rpartition(":")[2].lower()}) & {HOUSE, SENATE}
    both = status.startswith(("PASS_BACK", "PASSED", "CONFERENCE", "VETOED", "PROV_KILL:VETO"))
    one = status.startswith(("PASS_OVER", "PROV_KILL:CLOTURE")) and measure.origin == HOUSE
    one = one or (status.startswith(("PASS_OVER", "PROV_KILL:SUSPENSION")) and measure.origin == SENATE)
    return ProcedureState(
        status,
        passed=frozenset({HOUSE, SENATE} if both else {measure.origin} if one else ()),
        conferred=chamber if status.startswith("CONFERENCE") else frozenset(),
        overrode=chamber if status.startswith("VETOED:OVERRIDE_PASS") else frozenset(),
        before="REPORTED",
        presented=both,
    )


@pytest.mark.parametrize("number", [0, 1], ids=["119 HR 131 vetoed", "114 S 2040 vetoed and overridden"])
def test_vetoed_bills_climb_the_whole_timeline(number: int) -> None:
    case = json.loads((FOLDER / "veto-excerpts.json").read_text())["cases"][number]
    kind, digits, congress = re.fullmatch(r"([a-z]+)(\d+)-(\d+)", case["bill_id"]).groups()
    document = us_bill(int(congress), kind, int(digits))
    facets = {"actions": entries(case["actions"], document), "title": {"display": {"text": case["title"]}}}
    rungs = timeline(document, facets)
    assert [(rung.on, rung.status) for rung in rungs[1:]] == [(on[:10], s) for on, s in case["oracle"]["timeline"]]


def test_order_of_the_lines_means_nothing() -> None:
    for name, _, bill in recorded():
        actions = dict(reversed(list(bill.facets["actions"].items())))
        assert timeline(bill.document, {**bill.facets, "actions": actions}) == timeline(bill.document, bill.facets), (
            name
        )
