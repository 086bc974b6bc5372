"""What does a status of a bill of the US Congress mean to a person: its stage, in words, and what can come next?

`lapsed` is any stage still open when its Congress ended; `agreed` is all that resolutions and proposed amendments can
reach in Congress; `stalled` is lost for now, and may return.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from domain.documents import DocumentId
from domain.jurisdictions import ClaimForm, StatusWords
from domain.jurisdictions.stated import status_table
from domain.jurisdictions.us.names import congress_end, is_bill

PRESIDENT_AFTER_END = timedelta(days=30)
"""How long a bill both chambers passed may wait after the end: five laws of the 115th were signed 3-14 January 2019."""

_WITH_LAW = "It is {law}. Nothing more is needed."
_STATUSES = """\
RESERVED reserved: Number reserved
The number is kept for a leader of the chamber; there is no bill yet.
The number becomes a bill when one is introduced under it.

INTRODUCED introduced: Introduced
The measure was introduced and has not been referred to a committee.
It is usually referred to a committee.

REFERRED in_committee: Referred
A committee has it; most measures go no further.
The committee may hold hearings, amend it and vote to report it.

REPORTED reported: Reported by committee
A committee has reported it to its chamber, or voted to do so.
The {O} may take it up on the floor.

PASS_OVER:{K} passed_one_chamber: Passed {C}
The {C}, where it began, has passed it.
The {D} may take it up.

PASS_BACK:{K} resolving_differences: Passed {C} with changes
The {C} agreed to it with an amendment, so the two chambers have not yet agreed on one text.
The {D} may agree to the amendment, amend it again, or ask for a conference.

CONFERENCE:PASSED:{K} resolving_differences: {C} agreed to conference report
The {C} agreed to the text that a conference of both chambers worked out.
The {D} votes on the same report.

PASSED:SIMPLERES agreed: Agreed to
The {O} agreed to the resolution, which concerns it alone and is now final.
Nothing more is needed.

PASSED:CONCURRENTRES agreed: Agreed to by both chambers
Both chambers agreed to the resolution; it does not go to the President.
Nothing more is needed.

PASSED:CONSTAMEND agreed: Amendment sent to the states
Both chambers passed a proposed amendment to the Constitution; it does not go to the President.
Three fourths of the states must ratify it.

PASSED:BILL awaiting_president: Passed both chambers
Both chambers passed the same text.
The President may sign it, veto it, or let it become law after ten days, Sundays not counted.

PROV_KILL:SUSPENSIONFAILED stalled: Failed under suspension of the rules
The House voted on it under a procedure that needs two thirds, and it did not get them.
It may come back under an ordinary rule, where a majority is enough.

PROV_KILL:CLOTUREFAILED stalled: Cloture failed in Senate
The Senate did not find the votes to end debate on it.
The Senate may vote on ending debate again.

PROV_KILL:PINGPONGFAIL stalled: Other chamber's version refused
A chamber refused the other chamber's amendments or the conference report.
The chambers may try again.

PROV_KILL:VETO vetoed: Vetoed by President
The President returned it without signing it.
The {O} may vote to override the veto; each chamber needs two thirds.

FAIL:ORIGINATING:{K} failed: Failed in {C}
The {C}, where it began, voted it down or put it aside for good.
Usually nothing follows, unless the {C} reconsiders its vote.

FAIL:SECOND:{K} failed: Failed in {C}
The {D} had passed it; the {C} voted it down.
Usually nothing follows, unless the {C} reconsiders its vote.

VETOED:POCKET vetoed: Pocket vetoed by President
The President did not sign it and Congress had adjourned, so it cannot become law.
Nothing can follow; a new measure would have to be introduced.

VETOED:OVERRIDE_FAIL_ORIGINATING:{K} vetoed: Veto override failed in {C}
The {C} did not find two thirds to override the veto, so the veto stands.
Nothing can follow, unless the {C} reconsiders its vote.

VETOED:OVERRIDE_PASS_OVER:{K} vetoed: {C} overrode veto
The {C} voted with two thirds to pass it over the veto.
The {D} votes on the same question.

VETOED:OVERRIDE_FAIL_SECOND:{K} vetoed: Veto override failed in {C}
The {D} overrode the veto, the {C} did not, so the veto stands.
Nothing can follow, unless the {C} reconsiders its vote.

ENACTED:SIGNED enacted: Signed by President
The President signed it; it is law.
The law gets its number, often some days later.

ENACTED:VETO_OVERRIDE enacted: Became law over veto
Both chambers passed it over the veto with two thirds; it is law.
The law gets its number, often some days later.

ENACTED:TENDAYRULE enacted: Became law without signature
The President neither signed nor returned it within ten days, so it is law.
The law gets its number, often some days later."""
"""Blocks of three lines: our code, its stage and its label; what it means; what can come next. {C} is the chamber the
status names, {K} its code, {D} the other one, {O} the chamber of origin."""

_CHAMBERS = ({"C": "House", "D": "Senate", "K": "HOUSE"}, {"C": "Senate", "D": "House", "K": "SENATE"})
_TABLES = {
    origin: status_table(_STATUSES, [{**gaps, "O": origin} for gaps in _CHAMBERS]) for origin in ("House", "Senate")
}
_STAGES = {code: row.stage for code, row in _TABLES["House"].items()}

STAGES = (*dict.fromkeys(_STAGES.values()), "lapsed")
"""The stages of a bill, as a route may ask for them."""

_DONE = frozenset({"agreed", "enacted"})
_DECIDED = _DONE | {"failed", "vetoed"}
OPEN_STAGES = frozenset({"unknown", *_STAGES.values()}) - _DECIDED
"""Stages from which something can still become of a bill."""


def stage(status: str | None, document: DocumentId, day: date) -> str:
    """Return the stage of a bill on a day whose noon has come in Washington.

    From the day its Congress ended every open stage has lapsed; a bill through both chambers awaits the President for
    30 days more.
    """
    if status is None:
        return "unknown"
    word = _STAGES.get(status, "unknown")
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


_PASSING = (
    r"\b{0} (?:(?:on \w+day,? |has |had |\w+ly )*(?:passed|approved|adopted|agreed to)"
    r"|voted [^;]{{0,60}}?to (?:pass|approve))\b"
    r"|\b(?:pass(?:ed|ing|age)|approved|adopted|cleared|clearing) (?:in |by |of )?the (?:full |U\.S\. )?{0}\b"
)
CLAIM_FORMS = (
    ClaimForm(
        "introduced",
        r"\b(?:re)?introduc(?:ed|ing|tion)\b|\b(?:вніс|внес\w+|зареєстр\w+)\b",
        ("INTRODUCED", "BEGUN:bill"),
        "introduced in|sponsor intro",
    ),
    ClaimForm(
        "referred",
        r"\brefer(?:red|ral)\b|\b(?:sent|assigned|went) to (?:the |a )?[\w ,]{0,60}committee"
        r"|\b(?:переда|направ|скерува)\w+ (?:до|на розгляд)\b",
        ("REFERRED",),
        "referred to|.{0,40}and referred",
    ),
    ClaimForm(
        "reported",
        r"\breported (?:by|out|from|to the)\b|\b(?:advanced|cleared|approved) (?:by|out of) [\w ,]{0,60}committee"
        r"|\bcommittee (?:on \w+day,? |has |\w+ly )*(?:advanced|approved|reported|cleared)\b",
        ("REPORTED",),
        "reported|ordered to be reported|.{0,20}reported",
    ),
    ClaimForm(
        "passed_house",
        _PASSING.format("house") + r"|палата представників \w{0,12}\s?(?:ухвал|схвал|підтрим)\w+",
        ("PASS_OVER:HOUSE", "PASS_BACK:HOUSE", "PASSED:", "CONFERENCE:PASSED:HOUSE"),
        "passed house|passed/agreed to in house|on passage passed|on motion to suspend .* agreed to",
    ),
    ClaimForm(
        "passed_senate",
        _PASSING.format("senate") + r"|\bсенат \w{0,12}\s?(?:ухвал|схвал|підтрим)\w+",
        ("PASS_OVER:SENATE", "PASS_BACK:SENATE", "PASSED:", "CONFERENCE:PASSED:SENATE"),
        "passed senate|passed/agreed to in senate|resolution agreed to in senate",
    ),
    ClaimForm("vetoed", r"\bvetoed\b|\bветува\w+|\bна[кл]\w+ вето\b", ("PROV_KILL:VETO", "VETOED:"), "vetoed"),
    ClaimForm(
        "became_law",
        r"\bsigned [^.;]{0,50}?\binto law\b|\b(?:became|become) (?:a |public )?law\b|\bwas enacted\b"
        r"|\bsigned (?:it|the (?:bill|measure|legislation|resolution))\b"
        r"|\bsigned by (?:the )?president\b|\bпідписа\w+|\bpresident (?:\w+ )?signed\b",
        ("ENACTED:",),
        "became public law|signed by president",
    ),
)
"""Steps as newspapers report them, and as the record has them."""


def words_of(status: str, document: DocumentId) -> StatusWords | None:
    """Return what is said of a status of a bill; None for a word we do not know."""
    row = _TABLES["House" if is_bill(document) and document.parts[1].startswith("h") else "Senate"].get(status)
    return _with_law(row.words, status) if row else None


def all_words() -> Iterator[StatusWords]:
    """Yield the words of every status, for bills of either chamber."""
    for table in _TABLES.values():
        yield from (_with_law(row.words, code) for code, row in table.items())


def _with_law(words: StatusWords, status: str) -> StatusWords:
    return words._replace(with_law=_WITH_LAW) if status.startswith("ENACTED:") else words


def law_in(text: str | None) -> str | None:
    """Return the law that official words give a number ("Became Public Law No: 119-12.") as people call it:
    `Public Law 119-12`; None if they give none. Other words may stand before these, none after them."""
    _, became, rest = (text or "").rpartition("Became ")
    match rest.rstrip(". ").split() if became else ():
        case ["Public" | "Private" as kind, "Law", "No:" | "No.", number]:
            return f"{kind} Law {number}"
    return None


SENTENCES: Mapping[str, str] = {
    "us.died": "Died with the {congress:ordinal} Congress: {status}",
    "us.congress_ended": "The {congress:ordinal} Congress ended at noon on {on:day}",
    "ahead.congress_ends": "the {congress:ordinal} Congress ends; what is not law by then lapses",
    "us.stood_at": "It stood at: {status}, since {on:day}",
    "us.introduce_anew": "To go on, it has to be introduced again in the {congress:ordinal}",
    "us.nothing_introduced": "No bill was introduced under this number",
    "us.no_signature_seen": "Both chambers had passed it; no signature was seen within 30 days",
    "us.doubt.missing": "The official record no longer states since {since:day}: “{text}”",
    "us.doubt.wording": "Not understood for certain: “{text}” ({on:day})",
    "us.doubt.by_code": "Not understood for certain: “{text}” ({on:day}); the status follows its code",
    "us.doubt.unsaid": "Whether the text was changed is not stated yet: “{text}” ({on:day})",
    "us.doubt.code": "Words and code of the record disagree: “{text}” ({on:day})",
    "us.doubt.vote": "The roll call says “{result}”, the record: “{text}” ({on:day})",
    "us.doubt.text": "A text is listed that no line of the record bears out: {version}",
    "us.doubt.law": "It is listed as {law}, and no line of the record says that it became law",
    "us.doubt.changed": "The vote says “{text}”, other signs that the text was changed",
    "us.doubt.unreadable": "A line of the record could not be read: {text}",
}
"""What the end of a Congress is said with, and why a status is uncertain."""
