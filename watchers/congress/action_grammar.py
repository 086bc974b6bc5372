"""What does one official action line say?

A line is read into its parts by the grammar of the publisher's sentences: in which chamber, on which question, with
what outcome, whether the text was changed (`parse_line`). What that makes of the measure is said in
`watchers/congress/action_steps.py`.

Sources of the rules: the action codes of the Library of Congress and of the House (congress.gov, "Action codes"), the
wording of the record itself, and, for the bill named in each comment, its own page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

COPY_PREFIX = re.compile(
    r"(?:(?:Passed/agreed to|Failed of passage/not agreed to|Conference report (?:dis)?agreed to) in (?:House|Senate)"
    r"|Resolving differences -- (?:House|Senate) actions"
    r"|(?:Passed|Failed of passage) (?:in )?(?:House|Senate) over veto)(?:: ?| (?=(?-i:[A-Z])))",
    re.IGNORECASE,
)
"""What the Library puts before the words of the chamber when it repeats them under its own code; the colon is often
left out (every line with code 9000 of the 119th Congress lacks it)."""

AGREED, LOST = True, False


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """A line in its parts.

    `question` is what was decided: a word of QUESTIONS, or of the deeds that have no vote (`referred`, `signed`, …);
    "other" is any sentence that is known and moves no measure. `outcome` is AGREED or LOST, None where nothing was
    decided. `amended` says whether the text was changed, None where the line leaves that out. `named` is the measure or
    the object that the line names, "" where it leaves it out.
    """

    question: str
    chamber: str | None = None
    outcome: bool | None = None
    amended: bool | None = None
    named: str = ""


_OTHER = ParsedLine("other")

# fmt: off
ASIDE = frozenset({
    "B00100", "H12410", "H12420", "H12440", "H12450", "H12700", "H14000", "H15000", "H1L210", "H1L220", "H30000",
    "H30200", "H30300", "H30800", "H35000", "H36100", "H36110", "H36200", "H36210", "H36600", "H36610", "H37210",
    "H37220", "H38310", "H38900", "H41931", "H8A000", "H8D000",
})
# fmt: on
"""House codes of debate, motions, calendars and rules: whatever their text quotes, they move no bill. Most lines."""

# -- Words that many sentences share.

NAME = r"(?:H\. ?R|H\. ?J\. ?Res|H\. ?Con\. ?Res|H\. ?Res|S\. ?J\. ?Res|S\. ?Con\. ?Res|S\. ?Res|S)\. ?\d+"
_THING = rf"(?:(?:the )?(?:bill|measure|(?:concurrent |joint )?resolution|legislation)|(?:the )?{NAME})"
_ORDINAL = r"(?:[a-z]+-)?[a-z]*(?:first|second|third|[a-z]th)|\d{1,3}(?:st|nd|rd|th)"
_COMMITTEE = r"[\w,.'’() -]*Committee on [^.]*\. "

_CITATION = re.compile(r"[.,]? ?\((?:consideration|text|CR)\b.*$")
"""Where the Congressional Record printed it: appended days later, and it quotes words such as "with an amendment"."""
_FLOOR = re.compile(r"Floor summary: ")
_CIRCUMSTANCE = re.compile(
    r",? ?\b(?:(?:under|pursuant to) (?:the|a) (?:previous )?order of (?:the Senate of )?[\d/]+"
    r"|(?:not having|having(?: not)?) achieved \d+ votes in the affirmative(?: \([^)]*\))?)(?:,(?= ))?"
    r"|,? ?\bupon reconsideration\b,?(?= )",
    re.IGNORECASE,
)
"""Under which order, with how many votes, and for which time the Senate did it: no part of what it did."""

_WITH = re.compile(
    r"\bwith (?:an? |the |further |following )*amendments?\b|, (?:as (?:further )?)?amended\b|\(Amended\)", re.I
)
_WITHOUT = re.compile(r"\bwithout (?:an )?amendment", re.IGNORECASE)
_TITLE_OR_PREAMBLE = re.compile(r"\b(?:amendment to the title|amended (?:title|preamble))\b", re.IGNORECASE)


def _changed(words: str) -> bool | None:
    """Say whether words tell of a changed text. A changed title or preamble is a changed text: the other chamber has to
    agree to it."""
    if _WITH.search(words) or _TITLE_OR_PREAMBLE.search(words):
        return True
    return False if _WITHOUT.search(words) else None


# -- The House: "On {question} {outcome} by {how}."

_OUTCOME = re.compile(
    r"[.,]? ?\b(?P<word>Passed|Agreed to|Adopted|Failed|Rejected|Not agreed to|Defeated|Lost)"
    r"(?= by | without |[.,:;( ]|$)"
)
_WON_WORDS = frozenset({"Passed", "Agreed to", "Adopted"})
_TO_SENATE_AMENDMENT = r"(?:to|in|with) (?:the )?(?:Senate amendment|amendments? of the Senate)"

_HOUSE_QUESTIONS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (question, re.compile(pattern, re.IGNORECASE))
    for question, pattern in (
        ("override", r"passage,? (?:the )?objections of the President.*notwithstanding"),
        ("override", r"(?:passing|passage of) .*(?:over the veto|notwithstanding)"),
        (
            "conference report",
            r"(?:motion to suspend the rules and agree to|agreeing to|agreement to|adopt\w+|motion to agree to) "
            r"(?:the )?conference report",
        ),
        (
            "concurrence",
            r"(?:motion (?:that the House |to ))?(?:suspend the rules and )?(?:recede from .*? and )?"
            rf"(?:agree|concur)(?:ing)?(?: with .*?)? {_TO_SENATE_AMENDMENT}",
        ),
        ("suspension", rf"motion to suspend the rules and (?:pass|agree to|adopt) {_THING}"),
        ("passage", rf"(?:the )?passage(?: of {_THING})?(?:,| \(|$| as | under )"),
        # One article of an impeachment: adopted, the resolution is so far agreed to; lost, the others decide (of the
        # four articles of 105 H.Res. 611 two were adopted).
        ("article", r"(?:agreeing|agreement) to article\b"),
        ("agreement", rf"(?:agreeing|agreement) to {_THING}|(?:the )?adoption of {_THING}|adopting {_THING}"),
        # 117 H.R. 1917: the end of the motion is missing; the code says that it was about a Senate amendment.
        ("torn motion", r"motion that the House suspend the rules and$"),
        ("table", r"motion to (?:table|lay)\b"),
        ("postponement", r"motion to postpone (?:consideration of )?(?:the \w+ )?indefinitely"),
        (
            "other",
            r"(?:the )?(?:motion (?:that the (?:House|Committee)|to )|(?:ordering the )?previous|(?:question of )?"
            r"consideration|agreeing to the (?:\w+ ){0,6}(?:amendment|motion|previous)|sustaining|the appeal|approving|"
            r"division|order of|question|retaining)",
        ),
    )
)


def _house_vote(line: str) -> ParsedLine | None:
    """Read "On {question} {outcome} by {how}."."""
    found = _OUTCOME.search(line)
    asked = line[3 : found.start()] if found else line[3:].rstrip(".")
    question = next((name for name, pattern in _HOUSE_QUESTIONS if pattern.match(asked)), None)
    if question is None:
        return None
    if found is None:
        return _OTHER if question == "other" else None
    outcome = found["word"] in _WON_WORDS
    if question == "table":
        return ParsedLine("table", "house", outcome, named=_tabled(asked))
    if question == "postponement":
        return ParsedLine("table", "house", outcome, named="the measure")
    changed = _changed(asked)
    if changed is None and (question == "suspension" or _CONSENT.search(line, found.end())):
        changed = False  # of what is passed by consent or under suspension the line says "as amended"
    return ParsedLine(question, "house", outcome, changed)


_CONSENT = re.compile(r" ?(?:without objection|by unanimous consent)", re.IGNORECASE)


def _tabled(asked: str) -> str:
    """Return what is to be tabled: `motion to table the appeal`, `motion to lay the resolution on the table`."""
    words = re.sub(r"^motion to (?:table|lay)\b(?: on the table)?", "", asked.strip(), flags=re.IGNORECASE)
    return re.sub(r" on the table$", "", words, flags=re.IGNORECASE).strip()


_MEASURE = re.compile(rf"{_THING}(?:, as amended)?,?$", re.IGNORECASE)


def is_the_measure(named: str) -> bool:
    """Say whether the object of a motion is the measure itself."""
    return bool(_MEASURE.match(named))


_HELD_BY_RULE = re.compile(
    rf"Pursuant to (?:the provisions of|section \d+ of) (?:{NAME}), (?P<named>{NAME}) (?:is|are|was) "
    r"(?:considered (?:as )?(?P<passed>passed|agreed to|adopted)|(?P<tabled>laid on the table)|(?P<amended>amended))",
    re.IGNORECASE,
)


def _by_rule(line: str) -> ParsedLine | None:
    """Read what a special rule did without a vote of its own."""
    held = _HELD_BY_RULE.match(line)
    if held is None:
        return None
    if held["passed"]:
        changed = re.match(r" (?:the )?House,? as amended\b", line[held.end() :], re.IGNORECASE)
        return ParsedLine("passage", "house", AGREED, True if changed else None)
    return ParsedLine("table" if held["tabled"] else "amendment", "house", AGREED, named=held["named"])


# -- The Senate on ending debate.

_CLOTURE = re.compile(
    rf"(?:the )?(?:(?:{_ORDINAL}),? )?cloture(?: motion)?(?: on (?:the )?(?P<object>.*?))?,? (?:was )?"
    r"(?P<lost>not )?invoked(?: on (?:the )?(?P<after>.*?))?(?: in (?:the )?Senate| by |[.,;]|$)"
    r"|motion to invoke cloture(?: on (?:the )?(?P<of_motion>.*?))?,? (?:was )?"
    r"(?:(?P<refused>not agreed to|rejected)|agreed to)(?: in (?:the )?Senate| by |[.,;]|$)",
    re.IGNORECASE,
)
_CLOTURE_OBJECT = re.compile(
    rf"{_THING}(?:, as amended)?$|conference report|House message|veto message"
    r"|motion to proceed(?:$| to (?:consider )?(?:the )?(?:consideration of )?"
    rf"(?:{_THING}|(?:the )?(?:House|veto) message|(?:the )?conference report))"
    r"|motion to (?:concur|recede|agree|disagree|insist|adhere)\b",
    re.IGNORECASE,
)
"""On what debate is to end: the measure, the motion to proceed to it, what the other chamber did. Not a motion on
a standing rule, an amendment, an appeal, a nomination."""

# -- Sentences of their own.

_ENDED = r"(?:failed of passage|not agreed to|disagreed to|rejected|defeated)"
_AGREED = r"(?:receded(?: from .*?)? and )?(?:agreed|concurred),? (?:to|in|with)"
_WHOLE = "the measure"


@dataclass(frozen=True, slots=True)
class _Sentence:
    """How sentences begin that say one thing. `named` is the object they are known to be about."""

    question: str
    chamber: str | None
    outcome: bool | None
    words: re.Pattern[str]
    named: str = ""


def _sentence(question: str, chamber: str | None, outcome: bool | None, words: str, named: str = "") -> _Sentence:
    return _Sentence(question, chamber, outcome, re.compile(words, re.IGNORECASE), named)


# fmt: off
_SENTENCES: tuple[_Sentence, ...] = (
    # What is no vote: beginnings, committees, the President.
    _sentence("introduced", None, None,
              r"(?:Introduced|Submitted) in (?:the )?(?:House|Senate)\b(?!.*\b(?:passed|agreed to)\b)"),
    _sentence("referred", None, None,
              r"(?:Received in the Senate(?: and |, |\. ))?Read (?:twice|the second time)(?:,| and) referred to "),
    _sentence("referred", None, None, r"(?:Received in the Senate and )?(?:re-?)?referred (?:[a-z]+ )*to "),
    _sentence("reported", None, None,
              r"Supplemental report filed by |Ordered to be Reported|Reported in (?:the )?(?:House|Senate)"),
    # 117 S.Res. 53: the committee's own measure is reported first and referred afterwards, on one day.
    _sentence("originated", None, None, _COMMITTEE + r"Original measure reported"),
    # 117 H.R. 8237: H12100 and 5000; 119 H.Res. 916: 1010.
    _sentence("originated", None, None, r"The House Committee on .* reported an original measure"),
    _sentence("reported", None, None, _COMMITTEE + r"(?:Ordered to be reported|Reported by )"),
    _sentence("reported", None, None,
              r"Reported (?:(?:un)?favorably |adversely |without recommendation )?(?:\(Amended\) )?(?:by|from) the "
              r"|Reported to (?:the )?(?:House|Senate) (?:\(Amended\) )?(?:by|from) "),
    _sentence("presented", None, None, r"(?:Measure )?presented to (?:the )?President"),
    _sentence("signed", None, None, r"(?:Measure )?signed by (?:the )?President"),
    _sentence("pocket_vetoed", None, None, r"(?:Measure )?pocket[ -]vetoed by (?:the )?President"),
    _sentence("vetoed", None, None, r"(?:Measure )?vetoed by (?:the )?President"),
    _sentence("unsigned", None, None,
              r"Sent to (?:the )?Archivist .*unsigned|Became (?:public |private )?law without "),
    _sentence("law", None, None, r"Became (?:Public|Private) Law|(?:Public|Private) Law (?:No[:.]* ?)?\d+-\d"),
    # The House, where it does not say "On {question} …".
    _sentence("override", "house", AGREED, r"Passed House over veto|Motion to override (?:the )?veto passed House"),
    _sentence("override", "house", LOST,
              r"Failed of passage in House over veto|Motion to override (?:the )?veto failed of passage in House"),
    _sentence("conference report", "house", AGREED,
              r"House agreed to (?:the )?(?:further )?conference report|Conference report agreed to in House"),
    _sentence("conference report", "house", LOST,
              r"House (?:rejected|disagreed to) (?:the )?conference report"
              r"|Conference report (?:rejected|disagreed to|not agreed to) in (?:the )?House"),
    _sentence("suspension", "house", LOST,
              r"Failed to Receive 2/3's Vote to Suspend|Motion to suspend (?:the )?rules and pass .*failed"),
    _sentence("passage", "house", AGREED, r"(?:Measure )?(?:considered and )?passed House\b"),
    _sentence("passage", "house", AGREED, rf"(?:{_THING} )?agreed to in (?:the )?House\b"),
    _sentence("passage", "house", LOST, rf"(?:{_THING} )?{_ENDED} in (?:the )?House\b"),
    _sentence("table", "house", AGREED, r"(?:Measure )?laid on (?:the )?table in (?:the )?House", _WHOLE),
    _sentence("concurrence", "house", AGREED,
              rf"(?:Pursuant to (?:the provisions of )?{NAME},? )?(?:the )?House {_AGREED} "
              r"(?:the )?(?:Senate amendment|amendments? of the Senate)"),
    _sentence("concurrence", "house", AGREED, r"House reced(?:ed|es) from its (?:disagree|amend)"),
    _sentence("amendment", "house", AGREED,
              r"(?:The )?House struck all after the enacting clause and inserted"
              r"|The title of the (?:measure|bill|resolution) was amended|The House adopted the amendments?\b"
              # What says afterwards that the House had changed a Senate measure (115 S. 140, 117 S. 1301).
              r"|Message on House action received in Senate and at desk: House amendments? to Senate (?:bill|joint|con)"
              ),
    # The Senate: "{verb} Senate {manner} by {how}."
    _sentence("override", "senate", AGREED,
              r"(?:passed|agreed to in) (?:the )?Senate over (?:the )?veto"
              r"|Motion to override (?:the )?veto passed Senate"),
    _sentence("override", "senate", LOST,
              r"failed of passage in (?:the )?Senate over (?:the )?veto"
              r"|Motion to override (?:the )?veto failed of passage in Senate"),
    _sentence("passage", "senate", AGREED, r"(?:measure )?(?:considered and )?passed (?:the )?Senate\b"),
    _sentence("passage", "senate", AGREED,
              r"(?:introduced|submitted|received) in the Senate\b.*\bconsidered,.* and (?:passed|agreed to)\b"),
    _sentence("passage", "senate", AGREED, rf"(?:{_THING} )?agreed to in (?:the )?Senate\b"),
    _sentence("passage", "senate", LOST, rf"(?:{_THING} )?{_ENDED} in (?:the )?Senate"),
    _sentence("table", "senate", AGREED,
              r"(?:(?:bill|measure|resolution) )?indefinitely postponed (?:by|in) (?:the )?Senate", _WHOLE),
    _sentence("vitiated", "senate", AGREED,
              r"Senate vitiated (?:the )?(?:previous )?(?:passage|agreement|adoption|action of)"),
    _sentence("title concurrence", "senate", AGREED,
              r"Senate (?:agreed|concurred),? (?:to|in) (?:the )?House amendments? to the title"),
    _sentence("concurrence", "senate", AGREED,
              rf"Senate {_AGREED} (?:the )?(?:House amendment|amendments? of the House)"),
    _sentence("concurrence", "senate", AGREED, r"Senate receded from .*? and concurred"),
    _sentence("concurrence", "senate", AGREED, r"Senate reced(?:ed|es) from its (?:disagree|amend)"),
    # A motion to concur *with* something is one of several tried; its loss refuses nothing (117 H.R. 1437).
    _sentence("concurrence", "senate", LOST,
              r"Motion (?:by Senator .*? )?to concur in the House amendments?(?!.* with ).*? (?:rejected|not agreed to)"
              r" in |Senate (?:rejected|refused to concur in) the House amendment"),
    _sentence("conference report", "senate", AGREED,
              r"Senate agreed to (?:the )?(?:further )?conference report"
              r"|Conference report agreed to in (?:the )?Senate"),
    _sentence("conference report", "senate", LOST,
              r"Senate (?:rejected|disagreed to) (?:the )?conference report"
              r"|Conference report (?:rejected|disagreed to|not agreed to) in (?:the )?Senate"),
    _sentence("table", "senate", AGREED,
              rf"Motion (?:by Senator .*? )?to table (?:the )?{_THING}(?:, as amended)?,? (?:was )?"
              r"agreed to in (?:the )?Senate", _WHOLE),
    _sentence("amendment", "senate", AGREED, r"Senate struck all after the enacting clause and (?:substitut|insert)"),
)
# fmt: on
"""What is stated in a sentence of its own: the question it answers, in which chamber, and how. The first that fits."""

# 114 S. 2040: "…the bill is passed, the Passed by the Yeas and Nays".
_TWO_THIRDS = re.compile(r"Two-thirds of the Members present (?:not )?having voted", re.IGNORECASE)

_HOUSE_CHANGED = re.compile(
    r"\bHouse amendments? to (?:the )?Senate (?:bill|joint|con|res)"
    r"|\bHouse amendments? to (?:the )?S\. "
    r"|\bHouse message to accompany S\. "
    r"|\b(?:concur in|agree to|disagree to) the House amendments?\b(?! to (?:the )?Senate amendment)"
)
_SENATE_CHANGED = re.compile(
    r"\b(?:concur in|agree to|agree with .*? to|disagree to|insist on) (?:the )?"
    r"(?:Senate amendment|amendments? of the Senate)"
)


def _stated(line: str) -> ParsedLine | None:
    """Read a sentence that says what was done."""
    line = _CIRCUMSTANCE.sub("", line).lstrip(" ,")
    if _TWO_THIRDS.match(line):
        found = _OUTCOME.search(line)
        return ParsedLine("override", "house", found["word"] in _WON_WORDS) if found else None
    cloture = _CLOTURE.match(line)
    if cloture:
        named = cloture["object"] or cloture["after"] or cloture["of_motion"] or ""
        lost = cloture["lost"] or cloture["refused"]
        concerns = not named or bool(_CLOTURE_OBJECT.match(named))
        return ParsedLine("cloture", "senate", not lost, named=named) if concerns else _OTHER
    one = next((one for one in _SENTENCES if one.words.match(line)), None)
    if one is None:
        return None
    said = line if one.question == "vitiated" else one.named
    return ParsedLine(one.question, one.chamber, one.outcome, _changed(line) if one.chamber else None, said)


_MOVES_NOTHING = re.compile(
    r"(?:Motion|Message|Cloture|Rule|Line[ -]item|M(?:r|s|rs|iss)\. .*? (?:asked|moved)\b|Point of order"
    r"|The (?:committee|motion|third reading)|Amendment SA|Senate vitiated previous discharge|Conferees|Committee"
    r"|Under the order|Pursuant to|Papers|Correct enrollment"
    r"|(?:Senate|House) (?:re|insist|disagree|appoint|order))",
    re.IGNORECASE,
)
"""How known sentences begin that move no measure although they stand under a decisive code, or have its words."""


_LONGEST_LINE = 10_000
"""Characters of a sentence that are read; what decides stands at its beginning. Some patterns take time with the square
of the length."""


@lru_cache(maxsize=8192)
def parse_line(text: str, code: str | None = None) -> ParsedLine | None:
    """Read one official sentence; None where the grammar does not know it. `code` is its action code, if it has one."""
    if code in ASIDE:
        return _OTHER
    line = plain(text)[:_LONGEST_LINE]
    if not line:
        return None
    if line.startswith(("H.Amdt.", "S.Amdt.")):
        return _OTHER
    if line.startswith("On "):
        return _house_vote(line)
    found = _stated(line) or _by_rule(line)
    if found is not None:
        return found
    if _HOUSE_CHANGED.search(line):
        return ParsedLine("amendment", "house", AGREED)
    if _SENATE_CHANGED.search(line):
        return ParsedLine("amendment", "senate", AGREED)
    return None if is_decisive(line, code) and not _MOVES_NOTHING.match(line) else _OTHER


def is_decisive(line: str, code: str | None) -> bool:
    return code in DECISIVE if code else bool(_DECISIVE_WORDS.search(line[:_LONGEST_LINE]))


def plain(text: str) -> str:
    """Return the words of the chamber: without the Library's prefix, the citation, double spaces."""
    words = _FLOOR.sub("", " ".join(text.split()), count=1)
    copied = COPY_PREFIX.match(words)
    return _CITATION.sub("", words[copied.end() :] if copied else words)


# -- Codes.

BY_CODE: Mapping[str, tuple[str, ...]] = {
    "1000": ("introduced",),
    "5000": ("reported", "originated"),
    "8000": ("passed:house", "concurred:house"),
    "9000": ("failed:house", "suspension_failed:house", "tabled:house"),
    "10000": ("introduced",),
    "14000": ("reported", "originated"),
    "17000": ("passed:senate",),
    "18000": ("failed:senate", "tabled:senate"),
    "21000": ("conference_agreed:house",),
    "22000": ("concur_failed:house",),
    "23000": ("conference_agreed:senate",),
    "24000": ("concur_failed:senate",),
    "28000": ("presented",),
    "29000": ("signed",),
    "29100": ("unsigned",),
    "30000": ("pocket_vetoed",),
    "31000": ("vetoed",),
    "32000": ("override_passed:house",),
    "33000": ("override_failed:house",),
    "34000": ("override_passed:senate",),
    "35000": ("override_failed:senate",),
    **{
        code: (deed, *(other for other in ("law", "signed", "unsigned") if other != deed))
        for deed, codes in (
            ("law", ("36000", "39000", "40000", "41000", "44000", "45000")),
            ("signed", ("37000", "42000")),
            ("unsigned", ("38000", "43000")),
        )
        for code in codes
    },
}
"""What a Library code may stand on; its first word is believed where the sentence is new to us: the only authoritative
set of codes, and the milestones it marks are those of congress.gov's own tracker (LibraryOfCongress/api.congress.gov
#45)."""

DECISIVE = frozenset(
    {
        *BY_CODE,
        *("19000", "19500", "20000", "20500", "E20000", "E30000", "E40000", "H1B000"),
        *("H36510", "H37100", "H37300", "H38800", "H41610", "H42510", "H43410"),
    }
)
"""Codes under which a measure is decided: words that the grammar does not know there are a doubt."""

_DECISIVE_WORDS = re.compile(
    r"\b(?:passed|failed of passage|(?:not |dis)?agreed to|rejected|vitiated|postponed|not invoked)\b.*\bSenate\b"
    r"|\bSenate (?:\w+ )?(?:passed|agreed|concurred|rejected|vitiated|postponed)\b"
    r"|\bfailed (?:to pass|of passage)\b|\bpassed (?:the )?House\b|\b(?:signed|vetoed) by\b",
    re.IGNORECASE,
)
"""What stands in for a code where a line has none, as those of the Senate."""
