"""What does one official action line do?

A line is first read into its parts (`watchers/congress/action_grammar.py`). Only then is it said what that makes of the
measure: one of the steps documented in `domain/jurisdictions/us/procedure.py` (`read_step`). Words and code are
compared, because neither suffices: E30000 stands on "Signed by President." and on "Vetoed by President." (114 S.J.Res.
8, 119 H.R. 131), 36000 on the signature and on the law number, Senate lines have no code at all, and "Rule H. Res. 144
passed House" (H1L220) is not the bill. Where they disagree, or a decisive code stands on words that the grammar does
not know, the line is in doubt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from domain.documents import DocumentId
from watchers.congress.action_grammar import (
    AGREED,
    ASIDE,
    BY_CODE,
    LOST,
    NAME,
    ParsedLine,
    is_decisive,
    is_the_measure,
    parse_line,
    plain,
)


class LineDoubt(StrEnum):
    """Why a line does not say for certain what happened."""

    WORDING = "wording"
    """A decisive code stands on words that the grammar does not know."""
    CODE = "code"
    """The code says something else than the words."""
    UNSAID = "unsaid"
    """The second chamber passed the measure, and the line leaves out whether it changed the text."""


_DECIDED: Mapping[tuple[str, bool | None], str | None] = {
    ("passage", AGREED): "passed",
    ("passage", LOST): "failed",
    ("agreement", AGREED): "passed",
    ("agreement", LOST): "failed",
    ("article", AGREED): "passed",
    ("suspension", AGREED): "passed",
    ("suspension", LOST): "suspension_failed",
    ("override", AGREED): "override_passed",
    ("override", LOST): "override_failed",
    ("concurrence", AGREED): "concurred",
    ("concurrence", LOST): "concur_failed",
    ("title concurrence", AGREED): "concurred",
    ("conference report", AGREED): "conference_agreed",
    ("conference report", LOST): "concur_failed",
    ("table", AGREED): "tabled",
    ("cloture", LOST): "cloture_failed",
    ("vitiated", AGREED): "vitiated",
    ("amendment", AGREED): "amended",
}
"""Question and outcome → the first word of the step. What is not here moves no measure: a cloture that is invoked lets
it go on, a motion to table that is lost leaves it where it is."""

_SAYS_HOW = frozenset({"passed", "concurred"})
"""Steps that say whether the text was changed."""
_BEFORE_SENATE = ("H41610", "19500", "19000")

# The first line that is read decides nothing of the President's by code alone: 36000 stands on two deeds.
_AMBIGUOUS = frozenset({"36000"})


def read_step(text: str, code: str | None, bill: DocumentId) -> tuple[str | None, LineDoubt | None]:
    """Return the step one action line is, None when it does nothing to the status of this bill, and why it is in doubt,
    if it is.

    `text` is the official sentence, `code` the action code as written (the Senate has none). `bill` matters where one
    line passes many bills at once.
    """
    if code in ASIDE:
        return None, None
    if text.startswith("Pursuant to sec") or "following bills passed" in text[:260]:
        listed = _LISTED.match(plain(text))
        if listed is not None:
            return _listed(plain(text)[listed.end() :], code, bill)
    return _read(text, code, bill.parts[1:])


@lru_cache(maxsize=8192)
def _read(text: str, code: str | None, bill: tuple[str, ...]) -> tuple[str | None, LineDoubt | None]:
    parsed = parse_line(text, code)
    by_code = BY_CODE.get(code) if code else None
    if parsed is None:
        stated = by_code[0] if by_code and code not in _AMBIGUOUS else None
        certain = stated in ("introduced", "reported") or not is_decisive(text, code)
        return _unsaid(stated, bill), None if certain else LineDoubt.WORDING
    step = _step(parsed, code, bill)
    if by_code and not (step and ":".join(step.split(":")[:2]) in by_code):
        return step, LineDoubt.CODE
    return step, LineDoubt.UNSAID if step and step.endswith(":unsaid") else None


def _step(parsed: ParsedLine, code: str | None, bill: tuple[str, ...]) -> str | None:
    """Say what a line makes of the measure."""
    question = parsed.question
    if parsed.chamber is None:
        return None if question == "other" else question
    if question == "torn motion":
        if code not in _BEFORE_SENATE:
            return None
        question = "concurrence"
    verb = _DECIDED.get((question, parsed.outcome))
    if verb is None or not _concerns(parsed, code, bill):
        return None
    step = f"{verb}:{parsed.chamber}{_remark(verb, parsed)}"
    return step if parsed.amended is False else _unsaid(step, bill)


def _unsaid(step: str | None, bill: tuple[str, ...]) -> str | None:
    """Remark that the second chamber's passage does not say whether it changed the measure: a special rule can change
    it without a word in the line of the vote (119 S. 1318), and lets most pass as they are (119 S. 5)."""
    second = "passed:senate" if bill[0].startswith("h") else "passed:house"
    return f"{step}:unsaid" if step == second else step


def _remark(verb: str, parsed: ParsedLine) -> str:
    """Return what a step says beside verb and chamber: how the text was changed, or of which day a deed was undone."""
    day = _UNDONE.search(parsed.named) if verb == "vitiated" else None
    if day:
        year = day[3] if len(day[3]) == 4 else f"20{day[3]}"
        return f":{year}-{int(day[1]):02}-{int(day[2]):02}"
    if verb not in _SAYS_HOW:
        return ""
    return ":title" if parsed.question == "title concurrence" else ":amended" if parsed.amended else ""


_UNDONE = re.compile(r"action of (\d{1,2})/(\d{1,2})/(\d{2,4})")
"""119 H.R. 3174: "Senate vitiated previous action of 12/02/2025", which was a referral."""


def _concerns(parsed: ParsedLine, code: str | None, bill: tuple[str, ...]) -> bool:
    """Say whether what the line names is this measure; where a motion to table names nothing, the code says so."""
    named = re.search(NAME, parsed.named)
    if named:
        return bool(re.fullmatch(rf"{_NAMES[bill[0]]} ?{bill[1]}", named[0]))
    if parsed.question != "table":
        return True
    return is_the_measure(parsed.named) if parsed.named else code == "H36510"


_NAMES = {
    "hr": r"H\. ?R\.",
    "s": r"S\.",
    "hjres": r"H\. ?J\. ?Res\.",
    "sjres": r"S\. ?J\. ?Res\.",
    "hconres": r"H\. ?Con\. ?Res\.",
    "sconres": r"S\. ?Con\. ?Res\.",
    "hres": r"H\. ?Res\.",
    "sres": r"S\. ?Res\.",
}

_LISTED = re.compile(
    r"Pursuant to section \d+ of H\. ?Res\. \d+, and the motion offered by .*?, the following bills passed"
)


def _listed(names: str, code: str | None, bill: DocumentId) -> tuple[str | None, LineDoubt | None]:
    """Read a motion that passed many measures at once: is this one among them, and how?

    "H.R. 1638, as amended; S. 1198; and agree to the Senate amendments to H.R. 5641"; "H.R. 7077, agreed to Senate
    amendment" (both of the 117th).
    """
    kind, number = bill.parts[1:]
    named = re.search(rf"(Senate amendments? to )?(?<![\w.]){_NAMES[kind]} ?{number}\b([^;]*)", names)
    if named is None:
        stated = BY_CODE.get(code) if code else None
        return (stated[0], LineDoubt.WORDING) if stated else (None, None)
    if named[1] or "Senate amendment" in named[2]:
        return "concurred:house", None
    return ("passed:house:amended" if named[2].startswith(", as amended") else "passed:house"), None
