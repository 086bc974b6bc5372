"""How far has a bill of the US Congress come, and since when, and what becomes of it when its Congress ends?

A Congress ends at noon in Washington on 3 January of the odd year (20th Amendment, section 1), and what is not finished
then has died: no line of the record says so. A bill both chambers passed may still be signed for some days; whether it
was, the clock says when they are over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from domain.coded_text import coded
from domain.documents import DocumentId
from domain.jurisdictions.us import JURISDICTION, WASHINGTON
from domain.jurisdictions.us.names import congress_end, congress_on, ordinal
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
    what = f"the {ordinal(congress)} Congress ends; what is not law by then lapses"
    return Upcoming(congress_end(congress), end_of(congress), "congress", what)


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
_RESERVED = "reserved for "
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class _Line:
    """One action that does something to the bill. `time` is a Washington wall time, "" where none is stated."""

    on: str
    time: str
    step: str
    text: str

    @property
    def rank(self) -> int:
        # The title is settled after the amendment itself.
        return 2 * RANKS[self.step.partition(":")[0]] + self.step.endswith(":title")


def timeline(document: DocumentId, facets: Mapping[str, Facet]) -> tuple[StatusPoint, ...]:
    """Return the dated statuses that the facets of a record bear out, oldest first.

    Reads the facets `actions` (members `on`, `time`, `step`, `text`), `item` (`introduced_on`), `title` and `titles`.
    The order of entries means nothing: days are sorted, and within a day the order is found from the clock times of
    the House and, where there are none, from what the procedure allows. A status that only repeats the last one is no
    point.
    """
    lines = _lines(facets.get("actions", {}))
    start = _start(document, facets, lines)
    if not start:
        return ()
    measure = _measure(document, facets, lines)
    standing = ProcedureState(start[-1].status)
    points = list(start)
    for _, day in groupby(lines, key=lambda line: line.on):
        for line, after in _walk(measure, standing, _settled(list(day))):
            standing = after
            if standing.status != points[-1].status:
                points.append(StatusPoint(standing.status, line.on, _with_number(standing.status, line, lines)))
    return tuple(points)


def _with_number(status: str, line: _Line, lines: Sequence[_Line]) -> str:
    """Return the words of a point; those of an enactment name the number of the law once it is known, days later
    (117 H.R. 2617 was law for days before it had one)."""
    if line.step == "law" or not status.startswith("ENACTED:"):
        return line.text
    numbers = {law: one.text for one in lines if one.step == "law" and (law := law_in(one.text))}
    return " ".join((line.text, *numbers.values()))


def _lines(actions: Facet) -> list[_Line]:
    """Return the lines that are steps, by day, echoes of the same step on the same day once."""
    found: dict[tuple[str, str], _Line] = {}
    for entry in actions.values():
        step = entry.get("step")
        if not step or not entry.get("on"):
            continue
        line = _Line(str(entry["on"]), entry.get("time") or "", step, entry.get("text") or "")
        known = found.get((line.on, step))
        if known is None or _preference(line) < _preference(known):
            found[line.on, step] = line
    return _without_signature(sorted(found.values(), key=lambda line: (line.on, line.step)))


def _without_signature(lines: list[_Line]) -> list[_Line]:
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


def _late_law(line: _Line, end: date) -> bool:
    return line.step == "law" and line.on > end.isoformat()


def _preference(line: _Line) -> tuple[bool, str, bool, str]:
    """Among echoes: the one with a clock time, the earliest, the House's own words before the Library's prefix."""
    return (not line.time, line.time, ": " in line.text[:50], line.text)


def _start(document: DocumentId, facets: Mapping[str, Facet], lines: list[_Line]) -> list[StatusPoint]:
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
    text = line.text if line else f"Introduced in {_origin(document).capitalize()}"
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


def _origin(document: DocumentId) -> str:
    return HOUSE if document.parts[1].startswith("h") else SENATE


def _measure(document: DocumentId, facets: Mapping[str, Facet], lines: list[_Line]) -> Measure:
    origin = _origin(document)
    kind = document.parts[1].removeprefix("h").removeprefix("s")
    second = SENATE if origin == HOUSE else HOUSE
    returned = any(
        line.step == f"amended:{second}"
        or line.step.startswith((f"concurred:{origin}", f"concur_failed:{origin}", "conference_agreed:"))
        for line in lines
    )
    if kind == "res":
        return Measure(origin, "PASSED:SIMPLERES", simple=True)
    if kind == "conres":
        return Measure(origin, "PASSED:CONCURRENTRES", returned=returned)
    if kind == "jres" and _amends_constitution(facets):
        return Measure(origin, "PASSED:CONSTAMEND", returned=returned)
    return Measure(origin, returned=returned)


def _amends_constitution(facets: Mapping[str, Facet]) -> bool:
    """Such a joint resolution goes to the states, not to the President (Article V)."""
    official: list[Any] = [entry.get("text") or "" for entry in facets.get("titles", {}).values()]
    return any(_AMENDMENT in str(title).lower() for title in (_title(facets), *official))


def _settled(day: list[_Line]) -> list[_Line]:
    """Drop the undoing of a passage that was repeated on the same day (117 S. 1198): the day ended as it began."""
    passed = {line.step.split(":")[1] for line in day if line.step.startswith("passed:")}
    return [line for line in day if not (line.step.startswith("vitiated:") and line.step.split(":")[1] in passed)]


def _walk(measure: Measure, standing: ProcedureState, day: list[_Line]) -> list[tuple[_Line, ProcedureState]]:
    """Return the steps of one day that change something, in the order they must have happened.

    Clock times are kept in order among themselves; a line without one goes where the procedure expects it. What fits
    nowhere is taken last, because the line before it may have been lost, and the official record still says it.
    """
    if len(day) == 1:
        after = step_effect(measure, standing, day[0].step)
        return [(day[0], after)] if after else []
    timed = sorted(
        (line for line in day if line.time), key=lambda line: (line.time, line.rank, not _first(measure, line))
    )
    untimed = sorted((line for line in day if not line.time), key=lambda line: (line.rank, not _first(measure, line)))
    walked: list[tuple[_Line, ProcedureState]] = []
    while timed or untimed:
        choice = _next(measure, standing, [*timed[:1], *untimed])
        if choice is None:
            # Nothing that is open has an effect: let the clock go on.
            if not timed:
                break
            timed.pop(0)
            continue
        line, standing = choice
        walked.append(choice)
        (timed if line.time else untimed).remove(line)
    return walked


def _first(measure: Measure, line: _Line) -> bool:
    return measure.origin in line.step


def _next(measure: Measure, standing: ProcedureState, open_lines: list[_Line]) -> tuple[_Line, ProcedureState] | None:
    """Return the line that happens next and its effect: the lowest in rank of those that fit, else of the others."""
    best: tuple[tuple[bool, int], _Line, ProcedureState] | None = None
    for line in open_lines:
        after = step_effect(measure, standing, line.step)
        if after is None:
            continue
        key = (not fits(measure, standing, line.step), line.rank)
        if best is None or key < best[0]:
            best = (key, line, after)
    return (best[1], best[2]) if best else None
