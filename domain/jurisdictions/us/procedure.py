"""What does one official step make of a bill's standing?

A *step* is what one action line does, as a word; each publisher's reader says which (for Congress
`watchers/congress/action_steps.py`). Colons add the chamber and a remark. `step_effect` is the whole procedure:
standing and step in, standing out. It holds for bills and resolutions of the US Congress; the words of a status are
those of the field's reference derivation (unitedstates/congress), plus RESERVED.

| step | the line says |
|---|---|
| `introduced`, `referred`, `reported` | introduced; referred to a committee; ordered reported or reported |
| `originated` | reported by a committee as its own, original measure; a referral may still follow that day |
| `passed:C`, `passed:C:amended` | passed or agreed to in chamber C (`house`, `senate`); as amended there |
| `passed:C:unsaid` | passed in the second chamber C; the line leaves out whether it changed the text |
| `failed:C`, `suspension_failed:house`, `tabled:C` | the vote on it was lost; without two thirds; put aside for good |
| `cloture_failed:senate` | debate on it could not be ended |
| `vitiated:C`, `vitiated:C:DAY` | the chamber undid its own passage; what it did on that day, whatever it was |
| `amended:C` | says, without being the vote, that the chamber changed it |
| `concurred:C`, `…:amended`, `…:title` | agreed to the other chamber's amendments; with a further one; to its title |
| `concur_failed:C` | refused the other chamber's amendments or the conference report |
| `conference_agreed:C` | agreed to the conference report |
| `presented`, `signed`, `unsigned`, `vetoed`, `pocket_vetoed` | what the President did or let happen |
| `override_passed:C`, `override_failed:C` | the vote on passing it over the veto |
| `law` | became public or private law |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

HOUSE, SENATE = "house", "senate"
_OTHER = {HOUSE: SENATE, SENATE: HOUSE}

RANKS: Mapping[str, int] = {
    word: rank
    for rank, word in enumerate(
        (
            "introduced",
            "originated",
            "referred",
            "reported",
            "amended",
            "vitiated",
            "cloture_failed",
            "suspension_failed",
            "failed",
            "tabled",
            "passed",
            "conference_agreed",
            "concurred",
            "concur_failed",
            "presented",
            "vetoed",
            "pocket_vetoed",
            "override_passed",
            "override_failed",
            "signed",
            "unsigned",
            "law",
        )
    )
}
"""The usual order of steps; it decides only between steps of one day that the procedure allows equally."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What kind of thing is going through Congress.

    `origin` is the chamber it started in. `agreement` is the status when both chambers have agreed on one text.
    `returned` says that the second chamber is known, from any line, to have changed it: the line of a House vote
    often does not say so, the Senate taking up the House amendment always does. `settled` says that a line
    that leaves it out means that it did not; where a special rule could have changed it, only later signs settle that.
    """

    origin: str
    agreement: str = "PASSED:BILL"
    simple: bool = False
    returned: bool = False
    settled: bool = True

    @property
    def second(self) -> str:
        return _OTHER[self.origin]


@dataclass(frozen=True, slots=True)
class ProcedureState:
    """How far a measure has come. `passed`, `conferred` and `overrode` name the chambers that passed it, agreed to the
    conference report and overrode the veto; `before` is the status the last passage replaced."""

    status: str
    passed: frozenset[str] = frozenset()
    conferred: frozenset[str] = frozenset()
    overrode: frozenset[str] = frozenset()
    before: str | None = None
    presented: bool = False


_TURN = {
    HOUSE: frozenset({"PASS_BACK:SENATE", "CONFERENCE:PASSED:SENATE", "PROV_KILL:PINGPONGFAIL"}),
    SENATE: frozenset(
        {"PASS_BACK:HOUSE", "CONFERENCE:PASSED:HOUSE", "PROV_KILL:PINGPONGFAIL", "PROV_KILL:CLOTUREFAILED"}
    ),
}
"""When it is a chamber's turn to answer the other: only the Senate can have lost a vote on ending debate."""

_EARLY = frozenset({"RESERVED", "INTRODUCED", "REFERRED", "REPORTED"})
_IN_COMMITTEE = frozenset({"INTRODUCED", "REFERRED"})


def is_final(status: str) -> bool:
    """Say whether nothing a chamber does can move this status any more: law, final resolutions, a pocket veto."""
    return status.startswith(("ENACTED:", "PASSED:SIMPLERES", "PASSED:CON", "VETOED:POCKET"))


def step_effect(measure: Measure, standing: ProcedureState, step: str) -> ProcedureState | None:
    """Return the standing after the step, or None where it changes nothing. What is law stays law."""
    verb, _, rest = step.partition(":")
    chamber, _, remark = rest.partition(":")
    if standing.status.startswith("ENACTED:"):
        return None
    effect = _PRESIDENT.get(verb)
    if effect is not None:
        return effect(standing)
    if is_final(standing.status) or (measure.simple and chamber not in ("", measure.origin)):
        return None
    return _CHAMBERS[verb](measure, standing, chamber, remark)


def fits(measure: Measure, standing: ProcedureState, step: str) -> bool:
    """Say whether the procedure expects this step now. One that does not may still have an effect: lines get lost."""
    verb, _, rest = step.partition(":")
    chamber = rest.partition(":")[0]
    if verb in ("passed", "failed", "suspension_failed", "tabled"):
        return chamber == measure.origin or measure.origin in standing.passed
    if verb in ("concurred", "concur_failed"):
        return standing.status in _TURN[chamber]
    if verb in ("override_passed", "override_failed"):
        first = measure.origin if not standing.overrode else measure.second
        return chamber == first and standing.status.startswith(("PROV_KILL:VETO", "VETOED:OVERRIDE_PASS"))
    if verb in ("presented", "signed", "unsigned", "vetoed", "pocket_vetoed"):
        return standing.status == measure.agreement
    return verb != "law"


def _to(standing: ProcedureState, status: str) -> ProcedureState | None:
    return replace(standing, status=status) if status != standing.status else None


def _referred(measure: Measure, standing: ProcedureState, chamber: str, remark: str) -> ProcedureState | None:
    return _to(standing, "REFERRED") if standing.status == "INTRODUCED" else None


def _reported(measure: Measure, standing: ProcedureState, chamber: str, remark: str) -> ProcedureState | None:
    return _to(standing, "REPORTED") if standing.status in _IN_COMMITTEE else None


def _passed(measure: Measure, standing: ProcedureState, chamber: str, remark: str) -> ProcedureState | None:
    if chamber in standing.passed:
        # An echo, or the same passage recorded twice (117 H.Res. 176), unless a defeat came between.
        if not standing.status.startswith(("FAIL:", "PROV_KILL:S")):
            return None
    elif chamber == measure.origin and measure.second in standing.passed:
        return None
    return replace(
        standing,
        status=_after_passage(measure, chamber, remark),
        passed=standing.passed | {chamber},
        before=standing.status,
    )


def _after_passage(measure: Measure, chamber: str, remark: str) -> str:
    if measure.simple:
        return measure.agreement
    if chamber == measure.origin:
        return f"PASS_OVER:{chamber.upper()}"
    if remark == "amended" or measure.returned:
        return f"PASS_BACK:{chamber.upper()}"
    if remark == "unsaid" and not measure.settled:
        return f"PASS_OVER:{measure.origin.upper()}"
    return measure.agreement


def _vitiated(measure: Measure, standing: ProcedureState, chamber: str, remark: str) -> ProcedureState | None:
    if chamber not in standing.passed or standing.before is None:
        return None
    return replace(standing, status=standing.before, passed=standing.passed - {chamber}, before=None)


def _failed(measure: Measure, standing: ProcedureState, chamber: str, remark: str) -> ProcedureState | None:
    if chamber in standing.passed:
        return None
    order = "ORIGINATING" if chamber == measure.origin else "SECOND"
    return _to(standing, f"FAIL:{order}:{chamber.upper()}")


def _suspension_failed(measure: Measure, standing: ProcedureState, chamber: str, remark: str) -> ProcedureState | None:
    return None if chamber in standing.passed else _to(standing, "PROV_KILL:SUSPENSIONFAILED")


def _cloture_failed(measure: Measure, standing: ProcedureState, chamber: str, remark: str) -> ProcedureState | None:
    return None if standing.status == measure.agreement else _to(standing, "PROV_KILL:CLOTUREFAILED")


def _concurred(measure: Measure, standing: ProcedureState, chamber: str, remark: str) -> ProcedureState | None:
    theirs = f"PASS_BACK:{_OTHER[chamber].upper()}"
    if remark == "title" and standing.status != theirs:
        # The amendment itself went back with another one; its title alone settles nothing (117 S. 2089).
        return None
    status = f"PASS_BACK:{chamber.upper()}" if remark == "amended" else measure.agreement
    if status == standing.status:
        return None
    return replace(standing, status=status, conferred=frozenset())


def _concur_failed(measure: Measure, standing: ProcedureState, chamber: str, remark: str) -> ProcedureState | None:
    return None if standing.status == measure.agreement else _to(standing, "PROV_KILL:PINGPONGFAIL")


def _conferred(measure: Measure, standing: ProcedureState, chamber: str, remark: str) -> ProcedureState | None:
    if chamber in standing.conferred or standing.status == measure.agreement:
        return None
    both = _OTHER[chamber] in standing.conferred
    status = measure.agreement if both else f"CONFERENCE:PASSED:{chamber.upper()}"
    return replace(standing, status=status, conferred=standing.conferred | {chamber})


def _override_passed(measure: Measure, standing: ProcedureState, chamber: str, remark: str) -> ProcedureState | None:
    if chamber in standing.overrode:
        return None
    both = _OTHER[chamber] in standing.overrode
    status = "ENACTED:VETO_OVERRIDE" if both else f"VETOED:OVERRIDE_PASS_OVER:{chamber.upper()}"
    return replace(standing, status=status, overrode=standing.overrode | {chamber})


def _override_failed(measure: Measure, standing: ProcedureState, chamber: str, remark: str) -> ProcedureState | None:
    order = "SECOND" if _OTHER[chamber] in standing.overrode else "ORIGINATING"
    return _to(standing, f"VETOED:OVERRIDE_FAIL_{order}:{chamber.upper()}")


def _nothing(measure: Measure, standing: ProcedureState, chamber: str, remark: str) -> ProcedureState | None:
    return None


_CHAMBERS: Mapping[str, Callable[[Measure, ProcedureState, str, str], ProcedureState | None]] = {
    "introduced": _nothing,  # the first status point, which the timeline sets itself
    "amended": _nothing,  # evidence for `Measure.returned`
    "originated": _reported,
    "referred": _referred,
    "reported": _reported,
    "passed": _passed,
    "vitiated": _vitiated,
    "failed": _failed,
    "tabled": _failed,
    "suspension_failed": _suspension_failed,
    "cloture_failed": _cloture_failed,
    "concurred": _concurred,
    "concur_failed": _concur_failed,
    "conference_agreed": _conferred,
    "override_passed": _override_passed,
    "override_failed": _override_failed,
}


def _presented(standing: ProcedureState) -> ProcedureState | None:
    return None if standing.presented else replace(standing, presented=True)


def _signed(standing: ProcedureState) -> ProcedureState | None:
    return _to(standing, "ENACTED:SIGNED")


def _unsigned(standing: ProcedureState) -> ProcedureState | None:
    return _to(standing, "ENACTED:TENDAYRULE")


def _vetoed(standing: ProcedureState) -> ProcedureState | None:
    # A veto of what was never presented belongs to another bill (usgpo/bill-status issue 235).
    if standing.status.startswith("VETOED:") or (standing.status in _EARLY and not standing.presented):
        return None
    return _to(standing, "PROV_KILL:VETO")


def _pocketed(standing: ProcedureState) -> ProcedureState | None:
    return _to(standing, "VETOED:POCKET")


def _law(standing: ProcedureState) -> ProcedureState | None:
    # The line of the signature has been missing from bills that are law (usgpo/bill-status issues 62, 237, 244).
    vetoed = standing.status.startswith(("PROV_KILL:VETO", "VETOED:OVERRIDE"))
    return _to(standing, "ENACTED:VETO_OVERRIDE" if vetoed else "ENACTED:SIGNED")


_PRESIDENT: Mapping[str, Callable[[ProcedureState], ProcedureState | None]] = {
    "presented": _presented,
    "signed": _signed,
    "unsigned": _unsigned,
    "vetoed": _vetoed,
    "pocket_vetoed": _pocketed,
    "law": _law,
}
