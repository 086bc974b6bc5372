"""Who hears that something was put right: the decision as a table, and what of a record is put right at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.alerts.delivery import Delivery, Frozen, State
from domain.alerts.routing import Alert
from domain.coded_text import coded
from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.observation import Observation
from domain.records.corrections import AlertOutcome, CorrectionPlan, is_open, link_corrections, plan_corrections
from domain.records.detection import NewRevision, advance
from domain.records.facets import Facet, Kind
from domain.records.record import Change, Correction, Record
from tests.helpers.english import english
from tests.helpers.record_builders import NOW

BILL = us_bill(119, "hr", 6508)
REGIME = DocumentId.parse("ua/regime/martial-law")
WORDS = Frozen("a subject", b"the body", "text/plain")


def told(kind: Kind = Kind.ACTION, revision: int = 2, text: str = "Hearings held.", **more: Any) -> Change:
    subject = more.pop("subject", "2026-01-05:hearings")
    return Change(BILL, revision, kind, subject, None, text, text, "2026-01-05", NOW, "congress", **more)


OLD = told()
STATUS = told(Kind.STATUS, text="REPORTED", subject="REPORTED:2026-01-05")
OTHER = told(text="Markup held.", subject="2026-01-05:markup")
NEW = replace(told(revision=3, subject="2026-01-04:hearings"), happened_on="2026-01-04")
RIGHT = replace(NEW, kind=Kind.CORRECTION, corrects=OLD.key, before="Hearings held. (2026-01-05)")
CORRECTION = Correction(RIGHT, frozenset({(OLD.kind, OLD.subject)}), {Kind.ACTION: NEW})


def fate(state: State = State.SENT, *changes: Change, to: str = "a@example.org", **more: Any) -> AlertOutcome:
    alert = Alert(BILL, 2, "desk", ("nato",), changes or (OLD,), (coded("reason.test", channel="desk"),))
    delivery = Delivery("dl-1", (alert.id,), BILL, "desk", to, state, 0, NOW, NOW)
    return AlertOutcome(replace(delivery, id=alert.delivery_id(to), **more), alert)


def kinds(found: CorrectionPlan) -> list[tuple[str, tuple[str, ...]]]:
    return [(" ".join(change.kind for change in alert.changes), to) for alert, to in found.alerts]


def put_right(*fates: AlertOutcome, correction: Correction = CORRECTION) -> CorrectionPlan:
    return plan_corrections([correction], {correction.change.key: (OLD,)}, fates)


A = ("a@example.org",)
LEASE = NOW + timedelta(minutes=15)
FATES = {
    "sent": (fate(State.SENT), "correction"),
    "ambiguous": (fate(State.AMBIGUOUS, attempts=1), "correction"),
    "being sent now": (fate(State.PENDING, attempts=1, leased_until=LEASE, message=WORDS), "correction"),
    "frozen for another try": (fate(State.PENDING, attempts=2, message=WORDS), "correction"),
    "held after a copy may have arrived": (fate(State.HELD, attempts=1, possible_repeat=True), "correction"),
    "put into one message with others": (fate(State.PENDING, alerts=("al-1", "al-2")), "correction"),
    "given up after a copy may have arrived": (fate(State.DEAD, attempts=9, possible_repeat=True), "correction"),
    "waiting": (fate(State.PENDING), "action"),
    "held": (fate(State.HELD), "action"),
    "given up": (fate(State.DEAD, attempts=9), None),
    "suppressed": (fate(State.SUPPRESSED), None),
    "withdrawn before": (fate(State.WITHDRAWN), None),
}


@pytest.mark.parametrize(("before", "hears"), FATES.values(), ids=FATES.keys())
def test_what_is_was_alerted_when_the_message_is(before: AlertOutcome, hears: str | None) -> None:
    found = put_right(before)
    assert kinds(found) == ([(hears, A)] if hears else [])
    assert found.withdrawn == ((before.delivery.id,) if hears == "action" else ())
    assert is_open(before.delivery) == (hears == "action")


def test_a_withdrawn_message_gives_what_else_it_carried_to_the_new_one() -> None:
    ((alert, to),) = put_right(fate(State.PENDING, OLD, OTHER)).alerts
    assert (to, [change.key for change in alert.changes]) == (A, [NEW.key, OTHER.key])
    assert alert.changes[0].corrects == OLD.key


def test_those_who_hear_the_same_share_an_alert_and_it_is_none_of_the_routes() -> None:
    ((alert, to),) = put_right(fate(), fate(to="b@example.org")).alerts
    assert to == ("a@example.org", "b@example.org")
    assert alert.id != Alert(BILL, 3, "desk", ("nato",), (NEW,), ()).id
    assert [reason.get("changes") for reason in alert.reasons] == [(OLD.key,)]


def test_a_line_withdrawn_before_it_was_reported_leaves_only_its_status_behind() -> None:
    lacking = Correction(replace(RIGHT, after="no longer stated"), CORRECTION.announced, sticks=True)
    assert kinds(put_right(fate(State.PENDING), correction=lacking)) == []
    origins = {RIGHT.key: (OLD, STATUS)}
    found = plan_corrections([lacking], origins, [fate(State.PENDING, STATUS, OLD)])
    assert kinds(found) == [("status correction", A)]


def test_nobody_was_alerted_nobody_is_alerted() -> None:
    assert put_right() == CorrectionPlan()
    assert plan_corrections([], {}, []) == CorrectionPlan()


def saying(document: DocumentId, **facets: Facet) -> Observation:
    return Observation(document, "congress", "congress/1", facets)


def revised(record: Record | None, observation: Observation, hours: int = 1) -> NewRevision:
    step = advance(record, observation, NOW + timedelta(hours=hours))
    assert step is not None
    return step


def line(on: str, text: str, step: str | None = None) -> Facet:
    return {f"{on}:{text}": {"on": on, "text": text, "label": text, "step": step, "code": "1"}}


def test_a_late_line_that_moves_a_status_corrects_its_day_and_is_no_second_status() -> None:
    introduced = line("2026-01-02", "Introduced in House", "introduced")
    reported = line("2026-01-20", "Reported by the Committee on Rules. H. Rept. 119-1.", "reported")
    record = revised(None, saying(BILL, actions={**introduced, **reported})).record
    ordered = line("2026-01-10", "Ordered to be Reported by Voice Vote.", "reported")
    step = revised(record, saying(BILL, actions={**introduced, **reported, **ordered}))
    assert [(c.kind, c.happened_on) for c in step.changes] == [
        (Kind.ACTION, "2026-01-10"),
        (Kind.CORRECTION, "2026-01-10"),
    ]
    assert english(step.changes[1].after) == "Reported by committee (since 10 January 2026)"
    assert next(iter(step.corrections)).announced >= {(Kind.STATUS, "REPORTED:2026-01-20")}


def climb(*lines: Facet) -> Record:
    """Read lines of 117 S. 1198 and S. 1301 one by one, and return what became of the bill."""
    record, seen = None, {}
    for hours, one in enumerate(lines):
        seen.update(one)
        record = revised(record, saying(SENATE_BILL, actions=dict(seen)), hours).record
    assert record is not None
    return record


SENATE_BILL = us_bill(117, "s", 1198)
INTRODUCED = line("2021-04-15", "Introduced in Senate", "introduced")
PASSED = line("2022-09-08", "Passed Senate with an amendment by Voice Vote.", "passed:senate:amended")
UNDONE = line("2022-09-19", "Senate vitiated previous passage, under the order of 9/15/22.", "vitiated:senate")
PASSED_AGAIN = line(
    "2022-09-19", "Passed Senate, under the order of 9/15/22, with an amendment.", "passed:senate:amended"
)
IN_HOUSE = line("2022-09-29", "On passage Passed by the Yeas and Nays.", "passed:house")
MESSAGE = line("2022-09-30", "Message on House action received in Senate: House amendment.", "amended:house")


def test_117_s_1198_reported_as_undone_and_then_passed_again_that_day_is_corrected() -> None:
    record = climb(INTRODUCED, PASSED, UNDONE)
    assert record.timeline[-1].status == "INTRODUCED"
    step = revised(record, saying(SENATE_BILL, actions={**INTRODUCED, **PASSED, **UNDONE, **PASSED_AGAIN}), 5)
    (right,) = step.corrections
    assert (english(right.change.before), english(right.change.after)) == (
        "Introduced (since 19 September 2022)",
        "Passed Senate (since 8 September 2022)",
    )
    assert (Kind.STATUS, "INTRODUCED:2022-09-19") in right.announced
    assert not right.instead, "who did not hear of the one need not hear of the other"
    assert not [change for change in step.changes if change.kind is Kind.STATUS]


def test_117_s_1301_reported_as_agreed_before_the_senate_took_up_an_amendment_is_corrected() -> None:
    record = climb(INTRODUCED, PASSED, IN_HOUSE)
    assert record.timeline[-1].status == "PASSED:BILL"
    step = revised(record, saying(SENATE_BILL, actions={**INTRODUCED, **PASSED, **IN_HOUSE, **MESSAGE}), 5)
    (right,) = step.corrections
    assert (Kind.STATUS, "PASSED:BILL:2022-09-29") in right.announced
    assert right.instead[Kind.STATUS].after == "PASS_BACK:HOUSE"
    assert not [change for change in step.changes if change.kind is Kind.STATUS]


DECREE: dict[str, Any] = {
    "act": "extension",
    "starts_at": "2025-11-05T05:30",
    "length": "90 days",
    "label": "Decree 793/2025 signed",
    "text": "About the extension (constructed)",
    "on": "2025-10-20",
}
ROLL = {
    "on": "2026-01-20",
    "label": "House roll call 304",
    "text": "On passage",
    "result": "Passed",
    "totals": {"yea": 217},
}
FACTS = {
    "the length of a term": (REGIME, "instruments", DECREE, {"length": "30 days"}, "90 days", "30 days"),
    "the start of a term": (
        REGIME,
        "instruments",
        DECREE,
        {"starts_at": "2025-11-06T05:30"},
        "5 Nov 2025 05:30",
        "6 Nov 2025 05:30",
    ),
    "which decree a law approves": (
        REGIME,
        "approvals",
        {"approves": "ua/decree/793/2025", "label": "Law 4643-IX adopted"},
        {"approves": "ua/decree/794/2025"},
        "793",
        "794",
    ),
    "the totals of a vote": (BILL, "tallies", ROLL, {"totals": {"yea": 218}}, "217", "218"),
}


@pytest.mark.parametrize(("document", "name", "entry", "facts", "was", "now"), FACTS.values(), ids=FACTS.keys())
def test_a_fact_that_was_reported_otherwise_is_one_correction(
    document: DocumentId, name: str, entry: dict[str, Any], facts: dict[str, Any], was: str, now: str
) -> None:
    item: Facet = {"": {"zone": "Europe/Kyiv"}}
    empty = revised(None, saying(document, item=item, **{name: {}})).record
    first = revised(empty, saying(document, **{name: {"a": entry}}))
    step = revised(first.record, saying(document, **{name: {"a": {**entry, **facts}}}))
    step, origins = link_corrections(step, first.changes)
    (change,) = step.changes
    assert (change.kind, change.corrects) == (Kind.CORRECTION, first.changes[0].key)
    assert was in english(change.before)
    assert now in english(change.after)
    assert origins[change.key] == first.changes


@pytest.mark.parametrize(
    "facts",
    [{"url": "https://example.org/roll78.xml"}, {"requires": "2/3"}, {"result": None}],
    ids=["another address", "a fact that fills a gap", "a fact no longer stated"],
)
def test_what_is_no_other_fact_is_silent(facts: dict[str, Any]) -> None:
    first = revised(None, saying(BILL, tallies={"a": {**ROLL, "url": "https://example.org/roll078.xml"}}))
    assert revised(first.record, saying(BILL, tallies={"a": {**ROLL, **facts}})).changes == ()


def test_an_echo_that_is_edited_later_than_its_twin_is_one_correction() -> None:
    def both(house: str, library: str) -> Facet:
        codes: dict[str, list[str]] = {}
        codes.setdefault(house, []).append("H37100/2")
        codes.setdefault(library, []).append("8000/9")
        found = {
            text: {**line("2026-01-20", text)[f"2026-01-20:{text}"], "codes": sorted(c)} for text, c in codes.items()
        }
        return {f"2026-01-20:{text}": entry for text, entry in found.items()}

    old, new = "Passed by the Yeas and Nays: 217 - 188.", "Passed by the Yeas and Nays: 217 - 189."
    record = revised(None, saying(BILL, actions=both(old, old))).record
    kinds_of: list[list[Kind]] = []
    for house, library in ((new, old), (new, new), (new, old), (new, new)):
        step = revised(record, saying(BILL, actions=both(house, library)))
        record = step.record
        kinds_of.append([change.kind for change in step.changes])
    assert kinds_of == [[Kind.CORRECTION], [], [], []]
