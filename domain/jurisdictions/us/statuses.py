"""What does a status mean to a person: the stage it stands for, in words, and what can come next?

`stage` is our small vocabulary across jurisdictions; the status codes stay as they are. Stages of a bill:

| stage | statuses |
|---|---|
| `reserved` | the number is kept for a leader, there is no bill yet |
| `introduced`, `in_committee`, `reported` | INTRODUCED, REFERRED, REPORTED |
| `passed_one_chamber` | PASS_OVER |
| `resolving_differences` | PASS_BACK, CONFERENCE:PASSED |
| `awaiting_president` | PASSED:BILL |
| `agreed` | PASSED:SIMPLERES, PASSED:CONCURRENTRES, PASSED:CONSTAMEND: all that such a measure can reach in Congress |
| `stalled` | PROV_KILL without a veto: lost for now, may return |
| `failed` | FAIL |
| `vetoed` | PROV_KILL:VETO and VETOED |
| `enacted` | ENACTED |
| `lapsed` | any stage still open when its Congress ended |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from domain.documents import DocumentId
from domain.jurisdictions import StatusWords
from domain.jurisdictions.us.names import congress_end, is_bill

PRESIDENT_AFTER_END = timedelta(days=30)
"""How long a bill both chambers passed may wait after the end: five laws of the 115th were signed 3-14 January 2019."""

_STAGES = (
    ("RESERVED", "reserved"),
    ("INTRODUCED", "introduced"),
    ("REFERRED", "in_committee"),
    ("REPORTED", "reported"),
    ("PASS_OVER:", "passed_one_chamber"),
    ("PASS_BACK:", "resolving_differences"),
    ("CONFERENCE:", "resolving_differences"),
    ("PASSED:BILL", "awaiting_president"),
    ("PASSED:", "agreed"),
    ("PROV_KILL:VETO", "vetoed"),
    ("PROV_KILL:", "stalled"),
    ("FAIL:", "failed"),
    ("VETOED:", "vetoed"),
    ("ENACTED:", "enacted"),
)

STAGES = (*dict.fromkeys(word for _, word in _STAGES), "lapsed")
"""The stages of a bill, as a route may ask for them."""

_DONE = frozenset({"agreed", "enacted"})
_DECIDED = _DONE | {"failed", "vetoed"}


OPEN_STAGES = frozenset({"unknown", *(word for _, word in _STAGES)}) - _DECIDED
"""Stages from which something can still become of a bill."""


def stage(status: str | None, document: DocumentId, day: date) -> str:
    """Return the stage of a bill on a day whose noon has come in Washington.

    From the day its Congress ended every open stage has lapsed; a bill through both chambers awaits the President for
    30 days more.
    """
    if status is None:
        return "unknown"
    word = next((word for prefix, word in _STAGES if status.startswith(prefix)), "unknown")
    if word in _DECIDED or day < _last_day(word, document):
        return word
    return "lapsed"


def ended_on(status: str | None, document: DocumentId, day: date) -> date | None:
    """Return the day the Congress of a bill ended, if it has and the bill had not become law or been agreed to."""
    if stage(status, document, day) in (*_DONE, "awaiting_president"):
        return None
    end = _end(document)
    return end if day >= end else None


def _end(document: DocumentId) -> date:
    return congress_end(int(document.parts[0]))


def _last_day(word: str, document: DocumentId) -> date:
    if word == "awaiting_president":
        return _end(document) + PRESIDENT_AFTER_END + timedelta(days=1)
    return _end(document)


class _Words(NamedTuple):
    """`{C}` is the chamber the status names, `{D}` the other one, `{O}` the chamber of origin."""

    sentence: str
    meaning: str
    next_step: str


_NEXT_PRESIDENT = "The President may sign it, veto it, or let it become law after ten days, Sundays not counted."
_NOTHING_MORE = "Nothing more is needed."
_WITH_LAW = f"It is {{law}}. {_NOTHING_MORE}"

_WORDS = {
    "RESERVED": _Words(
        "Number reserved",
        "The number is kept for a leader of the chamber; there is no bill yet.",
        "The number becomes a bill when one is introduced under it.",
    ),
    "INTRODUCED": _Words(
        "Introduced",
        "The measure was introduced and has not been referred to a committee.",
        "It is usually referred to a committee.",
    ),
    "REFERRED": _Words(
        "Referred",
        "A committee has it; most measures go no further.",
        "The committee may hold hearings, amend it and vote to report it.",
    ),
    "REPORTED": _Words(
        "Reported by committee",
        "A committee has reported it to its chamber, or voted to do so.",
        "The {O} may take it up on the floor.",
    ),
    "PASS_OVER": _Words(
        "Passed {C}",
        "The {C}, where it began, has passed it.",
        "The {D} may take it up.",
    ),
    "PASS_BACK": _Words(
        "Passed {C} with changes",
        "The {C} agreed to it with an amendment, so the two chambers have not yet agreed on one text.",
        "The {D} may agree to the amendment, amend it again, or ask for a conference.",
    ),
    "CONFERENCE:PASSED": _Words(
        "{C} agreed to conference report",
        "The {C} agreed to the text that a conference of both chambers worked out.",
        "The {D} votes on the same report.",
    ),
    "PASSED:SIMPLERES": _Words(
        "Agreed to",
        "The {O} agreed to the resolution, which concerns it alone and is now final.",
        _NOTHING_MORE,
    ),
    "PASSED:CONCURRENTRES": _Words(
        "Agreed to by both chambers",
        "Both chambers agreed to the resolution; it does not go to the President.",
        _NOTHING_MORE,
    ),
    "PASSED:CONSTAMEND": _Words(
        "Amendment sent to the states",
        "Both chambers passed a proposed amendment to the Constitution; it does not go to the President.",
        "Three fourths of the states must ratify it.",
    ),
    "PASSED:BILL": _Words(
        "Passed both chambers",
        "Both chambers passed the same text.",
        _NEXT_PRESIDENT,
    ),
    "PROV_KILL:SUSPENSIONFAILED": _Words(
        "Failed under suspension of the rules",
        "The House voted on it under a procedure that needs two thirds, and it did not get them.",
        "It may come back under an ordinary rule, where a majority is enough.",
    ),
    "PROV_KILL:CLOTUREFAILED": _Words(
        "Cloture failed in Senate",
        "The Senate did not find the votes to end debate on it.",
        "The Senate may vote on ending debate again.",
    ),
    "PROV_KILL:PINGPONGFAIL": _Words(
        "Other chamber's version refused",
        "A chamber refused the other chamber's amendments or the conference report.",
        "The chambers may try again.",
    ),
    "PROV_KILL:VETO": _Words(
        "Vetoed by President",
        "The President returned it without signing it.",
        "The {O} may vote to override the veto; each chamber needs two thirds.",
    ),
    "FAIL:ORIGINATING": _Words(
        "Failed in {C}",
        "The {C}, where it began, voted it down or put it aside for good.",
        "Usually nothing follows, unless the {C} reconsiders its vote.",
    ),
    "FAIL:SECOND": _Words(
        "Failed in {C}",
        "The {D} had passed it; the {C} voted it down.",
        "Usually nothing follows, unless the {C} reconsiders its vote.",
    ),
    "VETOED:POCKET": _Words(
        "Pocket vetoed by President",
        "The President did not sign it and Congress had adjourned, so it cannot become law.",
        "Nothing can follow; a new measure would have to be introduced.",
    ),
    "VETOED:OVERRIDE_FAIL_ORIGINATING": _Words(
        "Veto override failed in {C}",
        "The {C} did not find two thirds to override the veto, so the veto stands.",
        "Nothing can follow, unless the {C} reconsiders its vote.",
    ),
    "VETOED:OVERRIDE_PASS_OVER": _Words(
        "{C} overrode veto",
        "The {C} voted with two thirds to pass it over the veto.",
        "The {D} votes on the same question.",
    ),
    "VETOED:OVERRIDE_FAIL_SECOND": _Words(
        "Veto override failed in {C}",
        "The {D} overrode the veto, the {C} did not, so the veto stands.",
        "Nothing can follow, unless the {C} reconsiders its vote.",
    ),
    "ENACTED:SIGNED": _Words(
        "Signed by President",
        "The President signed it; it is law.",
        "The law gets its number, often some days later.",
    ),
    "ENACTED:VETO_OVERRIDE": _Words(
        "Became law over veto",
        "Both chambers passed it over the veto with two thirds; it is law.",
        "The law gets its number, often some days later.",
    ),
    "ENACTED:TENDAYRULE": _Words(
        "Became law without signature",
        "The President neither signed nor returned it within ten days, so it is law.",
        "The law gets its number, often some days later.",
    ),
}

STATUS_WORDS: Mapping[str, tuple[str, str, str]] = _WORDS
"""What is said of each status, without its chamber: sentence, meaning, next step. `{C}` is the chamber the status
names, `{D}` the other one, `{O}` the chamber of origin. Every language has the same keys and gaps."""

_CHAMBERS = {"HOUSE": ("House", "Senate"), "SENATE": ("Senate", "House")}


def sentence(status: str) -> str:
    """Say a status in a few words, fit for a subject line; a word we do not know is said as it stands."""
    words, chamber = _words(status)
    if words is None:
        return status.replace(":", " ").replace("_", " ").capitalize()
    return _fill(words.sentence, chamber)


def words_of(status: str, document: DocumentId) -> StatusWords | None:
    """Return what is said of a status of a bill; None for a word we do not know."""
    words, chamber = _words(status)
    if words is None:
        return None
    origin = "House" if is_bill(document) and document.parts[1].startswith("h") else "Senate"
    return _worded(words, status, chamber, origin)


def all_words() -> Iterator[StatusWords]:
    """Yield the words of every status, for bills of either chamber."""
    for status, words in _WORDS.items():
        for chamber in _CHAMBERS if "{C}" in words.sentence else ("",):
            for origin in ("House", "Senate"):
                yield _worded(words, status, chamber, origin)


def _worded(words: _Words, status: str, chamber: str, origin: str) -> StatusWords:
    label, meaning, next_step = (_fill(text, chamber, origin) for text in words)
    return StatusWords(label, meaning, next_step, _WITH_LAW if status.startswith("ENACTED:") else "")


def law_in(text: str | None) -> str | None:
    """Return the law that official words give a number ("Became Public Law No: 119-12.") as people call it:
    `Public Law 119-12`; None if they give none. Other words may stand before these, none after them."""
    _, became, rest = (text or "").rpartition("Became ")
    match rest.rstrip(". ").split() if became else ():
        case ["Public" | "Private" as kind, "Law", "No:" | "No.", number]:
            return f"{kind} Law {number}"
    return None


def _words(status: str) -> tuple[_Words | None, str]:
    """Split `PASS_OVER:HOUSE` into its words and its chamber ("" where it names none)."""
    head, _, tail = status.rpartition(":")
    if tail in _CHAMBERS:
        return _WORDS.get(head), tail
    return _WORDS.get(status), ""


def _fill(text: str, chamber: str, origin: str = "") -> str:
    this, other = _CHAMBERS.get(chamber, ("", ""))
    return text.format(C=this, D=other, O=origin)
