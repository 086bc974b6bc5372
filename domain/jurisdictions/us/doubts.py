"""Why is the status of a bill of the US Congress uncertain?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from domain.coded_text import CodedText, coded
from domain.documents import DocumentId
from domain.jurisdictions.us.timeline import (
    AS_AGREED,
    AS_LAW,
    AS_PASSED,
    CourseLine,
    course_of,
    is_returned,
    is_settled,
    lines_of,
    origin_of,
    versions_of,
)
from domain.records.facets import Entry, Facet

_UNCHANGED = re.compile(r"\bwithout amendment", re.IGNORECASE)


def doubt(document: DocumentId, facets: Mapping[str, Facet]) -> CodedText | None:
    """Say why the status is uncertain, None where nothing contradicts it: its line is no longer stated or in doubt, a
    later line is not understood, or code, text versions, laws, or a roll call say otherwise than the lines."""
    found = tuple(dict.fromkeys(_doubts(document, facets)))
    return coded("sentences", parts=found[:_MOST_DOUBTS]) if found else None


_MOST_DOUBTS = 3


def _doubts(document: DocumentId, facets: Mapping[str, Facet]) -> Iterator[CodedText]:
    course = course_of(document, facets)
    if not course.points:
        return
    status, since, resting = course.points[-1].status, course.points[-1].on, course.lines[-1]
    if resting is not None and resting.missing and not _follows(resting, facets):
        yield coded("us.doubt.missing", since=resting.missing[:10], text=_quoted(resting.text))
    lines = lines_of(facets.get("actions", {}))
    settled = is_returned(origin_of(document), facets, lines) or is_settled(
        document, facets, (line.step for line in lines)
    )
    for entry in facets.get("actions", {}).values():
        if str(entry.get("on") or "") >= since and not entry.get("missing_since"):
            yield from _doubts_of_line(entry, facets, settled)
    yield from (coded("us.doubt.unreadable", text=str(e["text"])) for e in facets.get("unreadable", {}).values())
    yield from _doubts_of_texts(document, facets, status)
    unchanged = resting is not None and _UNCHANGED.search(resting.text) and not resting.step.endswith(":amended")
    if resting is not None and unchanged and status.startswith("PASS_BACK:"):
        yield coded("us.doubt.changed", text=_quoted(resting.text))


def _quoted(text: str) -> str:
    return text.rstrip(". ")


def _follows(line: CourseLine, facets: Mapping[str, Facet]) -> bool:
    """Say whether a law whose signature is no longer stated has a number."""
    law = any(entry.get("step") == "law" and "missing_since" not in entry for entry in facets["actions"].values())
    return line.step in ("signed", "unsigned") and law


def _doubts_of_line(entry: Entry, facets: Mapping[str, Facet], settled: bool) -> Iterator[CodedText]:
    """`settled` says that it is known whether the second chamber changed the measure."""
    said = {"text": _quoted(entry.get("text") or entry.get("label") or ""), "on": str(entry["on"])}
    why = entry.get("doubt")
    if why and not (why == "unsaid" and settled):
        yield coded("us.doubt.by_code" if why == "wording" and entry.get("step") else f"us.doubt.{why}", **said)
    verb = str(entry.get("step") or "").partition(":")[0]
    tallies = facets.get("tallies", {})
    for vote in entry.get("votes") or ():
        result = str(tallies.get(vote, {}).get("result") or "")
        if result and verb in _WON_OR_LOST and _is_won(result) is (not _WON_OR_LOST[verb]):
            yield coded("us.doubt.vote", result=result, **said)


_WON_OR_LOST = {
    "passed": True,
    "concurred": True,
    "conference_agreed": True,
    "override_passed": True,
    "failed": False,
    "suspension_failed": False,
    "concur_failed": False,
    "override_failed": False,
    "cloture_failed": False,
}
_LOST = re.compile(r"\b(?:failed|rejected|defeated|not (?:agreed|invoked|sustained))\b", re.IGNORECASE)
_WON = re.compile(r"\b(?:passed|agreed|adopted|invoked|confirmed)\b", re.IGNORECASE)


def _is_won(result: str) -> bool | None:
    """Say how the chamber states the result of a roll call: "Passed", "Joint Resolution Defeated"."""
    return False if _LOST.search(result) else True if _WON.search(result) else None


def _doubts_of_texts(document: DocumentId, facets: Mapping[str, Facet], status: str) -> Iterator[CodedText]:
    """Say which listed texts and laws are further than the lines. The other way round is only the usual delay."""
    versions = versions_of(facets)
    origin = origin_of(document)
    agreed = status.startswith(("PASSED:", "ENACTED:", "PROV_KILL:VETO", "VETOED:"))
    for names, there in (
        (AS_PASSED[origin], not status.startswith(("INTRODUCED", "REFERRED", "REPORTED", "RESERVED"))),
        (AS_AGREED, agreed),
        (AS_LAW, status.startswith("ENACTED:")),
    ):
        listed = next((versions[name] for name in names if name in versions), None)
        if listed is not None and not there:
            yield coded("us.doubt.text", version=listed)
    law = next((label for entry in facets.get("laws", {}).values() if (label := entry.get("label"))), None)
    if law and not status.startswith("ENACTED:"):
        yield coded("us.doubt.law", law=str(law))
