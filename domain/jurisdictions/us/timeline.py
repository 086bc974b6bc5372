"""How far has a bill of the US Congress come, and since when, and what becomes of it when its Congress ends?

A Congress ends at noon in Washington on 3 January of the odd year (20th Amendment, section 1), and what is not finished
then has died: no line of the record says so. A bill both chambers passed may still be signed for some days; whether it
was, the clock says when they are over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from domain.coded_text import coded
from domain.documents import DocumentId
from domain.jurisdictions.us import JURISDICTION, WASHINGTON
from domain.jurisdictions.us.names import congress_end, congress_on
from domain.jurisdictions.us.procedure import HOUSE, RANKS, SENATE, Measure, ProcedureState, fits, is_final, step_effect
from domain.jurisdictions.us.statuses import PRESIDENT_AFTER_END, ended_on, law_in, stage
from domain.records.facets import Entry, Facet
from domain.records.record import Record, StatusPoint
from domain.terms.reminders import DueReminders
from domain.upcoming import Upcoming

_LATER = timedelta(days=1)
"""When to look again at a bill of which nothing is due."""


def end_of(congress: int) -> datetime:
    """Return the moment at which a Congress ends."""
    return datetime.combine(congress_end(congress), time(12), WASHINGTON)


def end_ahead(document: DocumentId) -> Upcoming:
    """Say that the Congress of a bill ends."""
    congress = int(document.parts[0])
    what = coded("ahead.congress_ends", congress=congress)
    return Upcoming(congress_end(congress), end_of(congress), "congress", what.to_json())


def due_at_end(record: Record, now: datetime) -> DueReminders:
    """Say that a bill died with its Congress, once; `now` is aware.

    Nothing is said of what became law or was agreed to, nor, until 30 days are over, of what the President may still
    sign; nor of a bill whose end lay behind us when its record began: that is its past.
    """
    congress = int(record.document.parts[0])
    end = end_of(congress)
    if now < end:
        return DueReminders({}, {}, end)
    subject = f"lapsed:{congress}"
    if record.last_status is None or subject in record.facets.get("reminders", {}):
        return DueReminders({}, {}, now + _LATER)
    status, day = record.last_status.status, JURISDICTION.day(now)
    if stage(status, record.document, day) == "awaiting_president":
        return DueReminders({}, {}, _moment_after_waiting(end))
    due_at = _moment_after_waiting(end) if status == "PASSED:BILL" else end
    died = ended_on(status, record.document, day) is not None and not is_final(status)
    if not died or record.first_seen_at >= due_at:
        return DueReminders({}, {}, now + _LATER)
    return DueReminders({subject: _entry(record, congress)}, {}, now + _LATER)


def _moment_after_waiting(end: datetime) -> datetime:
    return end + PRESIDENT_AFTER_END + timedelta(days=1)


def _entry(record: Record, congress: int) -> Entry:
    point = record.last_status
    assert point is not None
    end = congress_end(congress)
    status = coded("status", status=point.status, document=str(record.document))
    ended = coded("us.congress_ended", congress=congress, on=str(end))
    if point.status == "RESERVED":
        stood = [coded("us.nothing_introduced")]
    else:
        stood = [
            coded("us.stood_at", status=status, on=point.on),
            coded("us.introduce_anew", congress=congress_on(end)),
        ]
    if point.status == "PASSED:BILL":
        stood.insert(0, coded("us.no_signature_seen"))
    return {
        "label": coded("us.died", congress=congress, status=status).to_json(),
        "text": coded("sentences", parts=(ended, *stood)).to_json(),
        "on": end.isoformat(),
    }


_AMENDMENT = "proposing an amendment to the constitution of the united states"
_DISAPPROVAL = "disapproval under chapter 8 of title 5"
_RESERVED = "reserved for "
_SATURDAY = 5
_EVIDENCE = ("amended:",)
"""Steps that change no standing: they say of a passage that it changed the text."""


@dataclass(frozen=True, slots=True)
class CourseLine:
    """One action that does something to the bill. `time` is a Washington wall time, "" where none is stated. `missing`
    is since when the source no longer states it (ISO 8601), `withdrawn` true once that has lasted too long to be a
    fault."""

    on: str
    time: str
    step: str
    text: str
    missing: str | None = None
    withdrawn: bool = False

    @property
    def rank(self) -> int:
        # The title is settled after the amendment itself.
        return 2 * RANKS[self.step.partition(":")[0]] + self.step.endswith(":title")


@dataclass(frozen=True, slots=True)
class Course:
    """What lines make of a bill: its points, with the line that each rests on, and how many lines the procedure did not
    expect."""

    points: tuple[StatusPoint, ...]
    lines: tuple[CourseLine | None, ...]
    unexpected: int = 0


def timeline(document: DocumentId, facets: Mapping[str, Facet]) -> tuple[StatusPoint, ...]:
    """Return the dated statuses that the facets of a record bear out, oldest first.

    Reads the facets `actions` (members `on`, `time`, `step`, `text`), `item` (`introduced_on`), `title`, `titles` and
    `texts`. The order of entries means nothing: days are sorted, and within a day the order is found from the clock
    times of the House and, where there are none, from what the procedure allows. A status that only repeats the last
    one is no point.
    """
    return course_of(document, facets).points


def course_of(document: DocumentId, facets: Mapping[str, Facet]) -> Course:
    """Walk the lines. Those that their source has withdrawn count only where later ones rest on them."""
    lines = lines_of(facets.get("actions", {}))
    stated = [line for line in lines if not line.withdrawn]
    for line in lines if len(stated) < len(lines) else ():
        if line.withdrawn:
            with_it = sorted((*stated, line), key=_in_order)
            if (
                _is_attested(document, facets, line)
                or _walked(document, facets, with_it).unexpected < _walked(document, facets, stated).unexpected
            ):
                stated = with_it
    return _walked(document, facets, stated)


def _walked(document: DocumentId, facets: Mapping[str, Facet], lines: list[CourseLine]) -> Course:
    start = _start(document, facets, lines)
    if not start:
        return Course((), ())
    measure = _measure(document, facets, lines)
    standing = ProcedureState(start[-1].status)
    points: list[StatusPoint] = list(start)
    resting: list[CourseLine | None] = [None] * len(start)
    unexpected = 0
    for _, day in groupby(_dating(lines), key=lambda line: line.on):
        for line, after, expected in _walk(measure, standing, _settled(list(day), lines)):
            standing = after
            unexpected += not expected
            if standing.status != points[-1].status:
                points.append(StatusPoint(standing.status, line.on, _with_number(standing.status, line, lines)))
                resting.append(line)
    return Course(tuple(points), tuple(resting), unexpected)


def _dating(lines: Sequence[CourseLine]) -> list[CourseLine]:
    """Return the lines that move the standing. A bill is law by the signature, or by the second vote over the veto
    (Article I, section 7); the line of its number follows from that, on whichever day, and moves nothing."""
    steps = {line.step for line in lines}
    is_law = steps & {"signed", "unsigned"} or {"override_passed:house", "override_passed:senate"} <= steps
    return [line for line in lines if not line.step.startswith(_EVIDENCE) and not (is_law and line.step == "law")]


def _is_attested(document: DocumentId, facets: Mapping[str, Facet], line: CourseLine) -> bool:
    """Say whether something beside the line bears out a passage: the text as passed, or what the other chamber did with
    the measure afterwards."""
    verb, _, chamber = line.step.partition(":")
    chamber = chamber.partition(":")[0]
    if verb != "passed" or chamber != origin_of(document):
        return False
    if any(version in versions_of(facets) for version in AS_PASSED[chamber]):
        return True
    other = "Senate" if chamber == HOUSE else "House"
    return any(
        entry.get("chamber") == other and str(entry.get("on") or "") >= line.on and not entry.get("missing_since")
        for entry in facets.get("actions", {}).values()
    )


AS_PASSED = {
    HOUSE: ("engrossed in house", "eh", "referred in senate", "rfs", "received in senate", "rds"),
    SENATE: ("engrossed in senate", "es", "referred in house", "rfh", "received in house", "rdh"),
}
"""Text versions that there are only of what a chamber passed, by their names and as the publisher abbreviates them."""
_AS_CHANGED = {HOUSE: ("engrossed amendment house", "eah"), SENATE: ("engrossed amendment senate", "eas")}
AS_AGREED = ("enrolled bill", "enr")
AS_LAW = ("public law", "private law")
_TITLE_CHANGED = re.compile(r"(?:Titles? as Amended by|from Engrossed Amendment) (House|Senate)", re.IGNORECASE)


def versions_of(facets: Mapping[str, Facet]) -> Mapping[str, str]:
    """Return the text versions that are listed: the name of each by the name in lower case."""
    texts = facets.get("texts", {})
    names = (str(entry.get("label") or subject) for subject, entry in texts.items())
    return {name.lower(): name for name in names}


def _with_number(status: str, line: CourseLine, lines: Sequence[CourseLine]) -> str:
    """Return the words of a point; those of an enactment name the number of the law once it is known, days later
    (117 H.R. 2617 was law for days before it had one)."""
    if line.step == "law" or not status.startswith("ENACTED:"):
        return line.text
    numbers = {law: one.text for one in lines if one.step == "law" and (law := law_in(one.text))}
    return " ".join((line.text, *numbers.values()))


def lines_of(actions: Facet) -> list[CourseLine]:
    """Return the lines that are steps, by day, echoes of the same step on the same day once."""
    found: dict[tuple[str, str], CourseLine] = {}
    for entry in actions.values():
        step = entry.get("step")
        if not step or not entry.get("on"):
            continue
        line = CourseLine(
            on=str(entry["on"]),
            time=entry.get("time") or "",
            step=step,
            text=entry.get("text") or "",
            missing=entry.get("missing_since"),
            withdrawn=bool(entry.get("withdrawn")),
        )
        known = found.get((line.on, step))
        if known is None or _preference(line) < _preference(known):
            found[line.on, step] = line
    return _without_signature(sorted(found.values(), key=_in_order))


def _in_order(line: CourseLine) -> tuple[str, str]:
    return (line.on, line.step)


def _without_signature(lines: list[CourseLine]) -> list[CourseLine]:
    """Read a law that nobody signed within ten days of presentment, Sundays excepted, as one without signature.

    Article I, section 7: a bill not returned in that time becomes law "in like manner as if he had signed it". A law
    line inside the ten days only means that the line of the signature is missing.
    """
    last = {line.step: line.on for line in lines}
    if "law" not in last or "presented" not in last or last.keys() & {"signed", "unsigned", "vetoed"}:
        return lines
    end = date.fromisoformat(last["presented"])
    for _ in range(10):
        end += timedelta(days=2 if end.weekday() == _SATURDAY else 1)
    return [replace(line, step="unsigned") if _late_law(line, end) else line for line in lines]


def _late_law(line: CourseLine, end: date) -> bool:
    return line.step == "law" and line.on > end.isoformat()


def _preference(line: CourseLine) -> tuple[bool, bool, str, bool, str]:
    """Among echoes: one that is stated, the one with a clock time, the earliest, the House's own words before the
    Library's prefix."""
    return (line.missing is not None, not line.time, line.time, ": " in line.text[:50], line.text)


def _start(document: DocumentId, facets: Mapping[str, Facet], lines: list[CourseLine]) -> list[StatusPoint]:
    """Return the first points: reserved, introduced, or reserved and then introduced.

    `introduced_on` of the item wins over the lines, because a number once reserved keeps the line of its reservation
    ("Introduced in House", 117 H.R. 14) when it becomes a bill.
    """
    stated = _introduced_on(facets)
    introductions = [line for line in lines if line.step == "introduced"]
    first = introductions[0] if introductions else None
    on = stated or (first.on if first else lines[0].on if lines else None)
    if on is None:
        return []
    line = next((line for line in introductions if line.on == on), None)
    text = line.text if line else f"Introduced in {origin_of(document).capitalize()}"
    if _title(facets).startswith(_RESERVED):
        return [StatusPoint("RESERVED", on, text)]
    points = [StatusPoint("INTRODUCED", on, text)]
    if first and first.on < on and line:
        points.insert(0, StatusPoint("RESERVED", first.on, first.text))
    return points


def _introduced_on(facets: Mapping[str, Facet]) -> str | None:
    for entry in facets.get("item", {}).values():
        if entry.get("introduced_on"):
            return str(entry["introduced_on"])
    return None


def _title(facets: Mapping[str, Facet]) -> str:
    return str(facets.get("title", {}).get("display", {}).get("text") or "").lower()


def origin_of(document: DocumentId) -> str:
    return HOUSE if document.parts[1].startswith("h") else SENATE


def _kind(document: DocumentId) -> str:
    return document.parts[1].removeprefix("h").removeprefix("s")


def _measure(document: DocumentId, facets: Mapping[str, Facet], lines: list[CourseLine]) -> Measure:
    origin = origin_of(document)
    kind = _kind(document)
    if kind == "res":
        return Measure(origin, "PASSED:SIMPLERES", simple=True)
    returned = is_returned(origin, facets, lines)
    if kind == "conres":
        return Measure(origin, "PASSED:CONCURRENTRES", returned=returned)
    if kind == "jres" and _amends_constitution(facets):
        return Measure(origin, "PASSED:CONSTAMEND", returned=returned)
    settled = is_settled(document, facets, (line.step for line in lines)) or not _is_under_rule(facets)
    return Measure(origin, returned=returned, settled=settled)


def is_returned(origin: str, facets: Mapping[str, Facet], lines: Sequence[CourseLine]) -> bool:
    """Say whether anything in the record tells that the second chamber changed the measure: what either chamber did
    with the change, its amendment as engrossed, a title it amended.

    A bill is through only when both chambers agreed to one text (Article I, section 7), and a special rule can provide
    that a substitute "shall be considered as adopted": the line of the vote then says no more than "Passed".
    """
    second = SENATE if origin == HOUSE else HOUSE
    signs = (f"amended:{second}", f"concurred:{origin}", f"concur_failed:{origin}", "conference_agreed:")
    if any(line.step.startswith(signs) for line in lines):
        return True
    versions = versions_of(facets)
    titles = (_TITLE_CHANGED.search(str(entry.get("type") or "")) for entry in facets.get("titles", {}).values())
    return any(name in versions for name in _AS_CHANGED[second]) or any(
        found and found[1].lower() == second for found in titles
    )


_AFTER_AGREEMENT = frozenset({"presented", "signed", "unsigned", "vetoed", "pocket_vetoed", "law"})


def is_settled(document: DocumentId, facets: Mapping[str, Facet], steps: Iterable[str]) -> bool:
    """Say whether the record tells, beside the vote of the second chamber, that both agreed to one text: it was
    enrolled, or went to the President. The text of a disapproval of a rule is prescribed (5 U.S.C. 802(a)). Of what
    never goes to the President no such sign can be waited for."""
    if _kind(document) == "conres" or (_kind(document) == "jres" and _amends_constitution(facets)):
        return True
    if any(step in _AFTER_AGREEMENT or step.startswith("override") for step in steps) or facets.get("laws"):
        return True
    if any(name in versions_of(facets) for name in (*AS_AGREED, *AS_LAW)):
        return True
    return any(_DISAPPROVAL in title for title in _all_titles(facets))


_RULE = re.compile(
    r"Considered under the provisions of rule|Rule provides for consideration|Rules Committee Resolution|Rule H\. ?Res"
    r"|The previous question was ordered pursuant to the rule"
)


def _is_under_rule(facets: Mapping[str, Facet]) -> bool:
    """Say whether the House took the measure up under a special rule, which may change it silently: the lines of 119
    S. 1318, which was changed, and of S. 5, which was not, are the same on the day of the vote."""
    return any(_RULE.match(str(entry.get("text") or "")) for entry in facets.get("actions", {}).values())


def _all_titles(facets: Mapping[str, Facet]) -> tuple[str, ...]:
    """Return every title of a measure, in lower case."""
    official: list[Any] = [entry.get("text") or "" for entry in facets.get("titles", {}).values()]
    return (_title(facets), *(str(title).lower() for title in official))


def _amends_constitution(facets: Mapping[str, Facet]) -> bool:
    """Such a joint resolution goes to the states, not to the President (Article V)."""
    return any(_AMENDMENT in title for title in _all_titles(facets))


def _settled(day: list[CourseLine], lines: Sequence[CourseLine]) -> list[CourseLine]:
    """Drop the undoing of a passage that was repeated on the same day (117 S. 1198): the day ended as it began. So with
    the undoing of what another day brought, unless that was the passage."""
    passed = {line.step.split(":")[1] for line in day if line.step.startswith("passed:")}
    days = {(line.step.split(":")[1], line.on) for line in lines if line.step.startswith("passed:")}
    return [line for line in day if not line.step.startswith("vitiated:") or _is_undone(line, passed, days)]


def _is_undone(line: CourseLine, passed: set[str], days: set[tuple[str, str]]) -> bool:
    chamber, _, day = line.step.removeprefix("vitiated:").partition(":")
    return chamber not in passed and (not day or (chamber, day) in days)


_Walked = tuple[CourseLine, ProcedureState, bool]
"""A line, the standing after it, and whether the procedure expected it."""


def _walk(measure: Measure, standing: ProcedureState, day: list[CourseLine]) -> list[_Walked]:
    """Return the steps of one day that change something, in the order they must have happened.

    Clock times are kept in order among themselves; a line without one goes where the procedure expects it. What fits
    nowhere is taken last, because the line before it may have been lost, and the official record still says it.
    """
    timed = sorted(
        (line for line in day if line.time), key=lambda line: (line.time, line.rank, not _first(measure, line))
    )
    untimed = sorted((line for line in day if not line.time), key=lambda line: (line.rank, not _first(measure, line)))
    walked: list[_Walked] = []
    while timed or untimed:
        choice = _next(measure, standing, [*timed[:1], *untimed])
        if choice is None:
            # Nothing that is open has an effect: let the clock go on.
            if not timed:
                break
            timed.pop(0)
            continue
        line, standing, _ = choice
        walked.append(choice)
        (timed if line.time else untimed).remove(line)
    return walked


def _first(measure: Measure, line: CourseLine) -> bool:
    return measure.origin in line.step


def _next(measure: Measure, standing: ProcedureState, open_lines: list[CourseLine]) -> _Walked | None:
    """Return the line that happens next and its effect: the lowest in rank of those that fit, else of the others."""
    best: tuple[tuple[bool, int], _Walked] | None = None
    for line in open_lines:
        after = step_effect(measure, standing, line.step)
        if after is None:
            continue
        expected = fits(measure, standing, line.step)
        key = (not expected, line.rank)
        if best is None or key < best[0]:
            best = (key, (line, after, expected))
    return best[1] if best else None
