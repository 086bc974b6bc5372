"""What does one official action line do?

Code and text are read together. Neither suffices: E30000 stands on "Signed by President." and on "Vetoed by
President." (114 S.J.Res. 8, 119 H.R. 131), 36000 on the signature and on the law number, Senate lines have no code at
all, and "Rule H. Res. 144 passed House" (H1L220) is not the bill. The rules below are tried in order, each from the
start of the line; the first that matches says the step, one of the words documented in
`domain/jurisdictions/us/procedure.py`.

Sources of the rules: the action codes of the Library of Congress and of the House (congress.gov, "Action codes"), the
wording of the record itself, and, for the bill named in each comment, its own page.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from domain.documents import DocumentId

COPY_PREFIX = re.compile(
    r"(?:(?:Passed/agreed to|Failed of passage/not agreed to|Conference report (?:dis)?agreed to) in (?:House|Senate)"
    r"|Resolving differences -- (?:House|Senate) actions"
    r"|(?:Passed|Failed of passage) (?:in )?(?:House|Senate) over veto)(?:: | (?=(?-i:[A-Z])))",
    re.IGNORECASE,
)
"""What the Library puts before the words of the chamber when it repeats them under its own code; the colon is often
left out (every line with code 9000 of the 119th Congress lacks it)."""

_FLOOR = re.compile(r"Floor summary: ")

_CITATION = re.compile(r"[.,]? ?\((?:consideration|text|CR)\b.*$")
"""Where the Congressional Record printed it: appended days later, and it quotes words such as "with an amendment"."""

# fmt: off
_ASIDE = frozenset({
    "B00100", "H12410", "H12420", "H12440", "H12700", "H14000", "H15000", "H1L210", "H1L220", "H30000", "H30200",
    "H30300", "H30800", "H35000", "H36100", "H36110", "H36200", "H36210", "H36600", "H36610", "H37210", "H37220",
    "H38310", "H38800", "H38900", "H41931", "H8A000", "H8D000",
})
# fmt: on
"""House codes of debate, motions, calendars and rules: whatever their text quotes, they move no bill. Most lines."""


class StepRule(NamedTuple):
    """A line that starts like `pattern`, under one of `codes` (None: under any), is `step`.

    `lost` is the step instead when the group `result` says that the vote failed; `:amended` is added where the group
    of that name matched.
    """

    step: str
    pattern: re.Pattern[str]
    lost: str | None
    codes: frozenset[str] | None


def _rule(step: str, pattern: str, lost: str | None = None, codes: tuple[str, ...] = ()) -> StepRule:
    return StepRule(step, re.compile(pattern, re.IGNORECASE), lost, frozenset(codes) or None)


_RESULT = r"(?P<result>Passed|Agreed to|Adopted|Failed|Rejected|Not agreed to)\b"
_AS_AMENDED = r"(?P<amended>, as amended,?| \(Amended\))?,? ?"
_WITH = r"(?P<amended> with (?:an )?amendments?\b)"
_MAYBE_WITH = rf"(?:.*?{_WITH})?"
_THING = r"(?:bill|measure|(?:concurrent |joint )?resolution)"
_UNDER = r"(?:(?:Under|Pursuant to) the order of .*?, )?"
_SHORT_OF = r"(?:not having achieved .*?, )?"
_ORDINAL = r"(?:first|second|third|[a-z]{3,12}th|\d{1,2}(?:st|nd|rd|th))"
_COMMITTEE = r"[\w,.'’() -]*Committee on [^.]*\. "
_HOUSE_MOVES = r"On motion (?:that the House |to )(?:suspend the rules and )?(?:recede from .*? and )?(?:agree|concur)"
_SENATE_AMENDMENT = r"(?:to|in|with) (?:the )?(?:Senate amendment|amendments? of the Senate)"
_HOUSE_AMENDMENT = r"(?:to|in|with) (?:the )?(?:House amendment|amendments? of the House)"

RULES: tuple[StepRule, ...] = (
    # -- Beginnings and committees. Library codes 1000-5000 and 10000-14000; House H11100, H12100, H12200, H19000.
    _rule("introduced", r"(?:Introduced|Submitted) in (?:the )?(?:House|Senate)\b(?!.*\b(?:passed|agreed to)\b)"),
    _rule(
        "referred", r"(?:Received in the Senate(?: and |, |\. ))?Read (?:twice|the second time)(?:,| and) referred to "
    ),
    _rule("referred", r"(?:Received in the Senate and )?(?:re-?)?referred (?:[a-z]+ )*to "),
    _rule("reported", r"Ordered to be Reported"),
    _rule("reported", _COMMITTEE + r"(?:Ordered to be reported|Reported by )"),
    _rule("reported", r"Reported (?:(?:un)?favorably |adversely |without recommendation )?(?:\(Amended\) )?by the "),
    # 117 S.Res. 53: the committee's own measure is reported first and referred afterwards, on one day.
    _rule("originated", _COMMITTEE + r"Original measure reported"),
    # 117 H.R. 8237: H12100 and 5000; 119 H.Res. 916: 1010.
    _rule("originated", r"The House Committee on .* reported an original measure"),
    # -- The President. By the words: E30000 is signature and veto, 36000 signature and law.
    _rule("presented", r"Presented to (?:the )?President"),
    _rule("signed", r"Signed by (?:the )?President"),
    _rule("pocket_vetoed", r"Pocket[ -]Vetoed by (?:the )?President"),
    _rule("vetoed", r"Vetoed by (?:the )?President"),
    _rule("unsigned", r"Sent to Archivist .*unsigned|Became law without "),
    _rule("law", r"Became (?:Public|Private) Law"),
    # -- Vetoes reconsidered.
    _rule(
        "override_passed:house",
        rf"On passage, the objections of the President .*?notwithstanding\b.*?{_RESULT}",
        lost="override_failed:house",
    ),
    # 114 S. 2040: "…the bill is passed, the Passed by the Yeas and Nays".
    _rule(
        "override_passed:house",
        r"Two-thirds of the Members present (?:not )?having voted .*?\b(?P<result>Passed|Failed|Rejected)\b",
        lost="override_failed:house",
    ),
    _rule("override_passed:house", r"Passed House over veto"),
    _rule("override_failed:house", r"Failed of passage in House over veto"),
    _rule("override_passed:senate", r"Passed Senate over veto"),
    _rule("override_failed:senate", r"Failed of passage in Senate over veto"),
    # -- The House on what the Senate returned (H41610, 19500). Before plain passage, whose words they share.
    _rule("concurred:house", rf"{_HOUSE_MOVES}{_WITH} {_SENATE_AMENDMENT}.*? ?{_RESULT}", lost="concur_failed:house"),
    _rule(
        "concurred:house",
        rf"{_HOUSE_MOVES} {_SENATE_AMENDMENT}.*?{_WITH}?\.? {_RESULT}",
        lost="concur_failed:house",
    ),
    _rule("concurred:house", rf"On agreeing to the Senate amendments?{_WITH}? {_RESULT}", lost="concur_failed:house"),
    # 117 H.R. 1917: the end of the motion is missing; the code says that it was about a Senate amendment.
    _rule(
        "concurred:house",
        rf"On motion that the House suspend the rules and {_RESULT}",
        lost="concur_failed:house",
        codes=("H41610", "19500"),
    ),
    # 117 H.R. 2617: "…and the House agreed to Senate amendment numbered 4 with an amendment pursuant to H. Res. 1518".
    _rule(
        "concurred:house",
        r"(?:Pursuant to the provisions of H\. ?Res\. \d+, )?(?:the )?House (?:agreed|concurred) "
        rf"{_SENATE_AMENDMENT}{_MAYBE_WITH}",
    ),
    _rule(
        "conference_agreed:house",
        rf"On (?:motion to suspend the rules and agree|agreeing) to the conference report,? {_RESULT}",
        lost="concur_failed:house",
    ),
    _rule(
        "conference_agreed:house", r"House agreed to (?:the )?conference report|Conference report agreed to in House"
    ),
    # -- The House on the measure (H37100, H37300, H1B000, H36510; 8000, 9000).
    _rule(
        "passed:house",
        rf"On motion to suspend the rules and (?:pass|agree to|adopt) the {_THING}{_AS_AMENDED}{_RESULT}",
        lost="suspension_failed:house",
    ),
    _rule("passed:house", rf"On passage(?: of the {_THING})?{_AS_AMENDED}{_RESULT}", lost="failed:house"),
    _rule("passed:house", rf"On agreeing to the {_THING}{_AS_AMENDED}{_RESULT}", lost="failed:house"),
    _rule("tabled:house", r"On motion to table the (?:measure|resolution|bill) Agreed to"),
    # The object is left out; the code says that the motion was on the measure.
    _rule("tabled:house", r"On motion to table Agreed to", codes=("H36510",)),
    _rule(
        "passed:house",
        r"Pursuant to the provisions of [HSCONJRE. ]+\d+, [HSCONJRE. ]+\d+ is considered (?:as )?"
        r"(?:passed|agreed to|adopted)",
    ),
    _rule("passed:house", r"Passed House\b(?P<amended> \(Amended\)|, as amended)?"),
    _rule("failed:house", r"Failed of passage in House"),
    _rule("amended:house", r"(?:The )?House struck all after the enacting clause and inserted"),
    # -- The Senate on what the House returned (20500; the Senate itself has no codes).
    _rule(
        "concurred:senate:title",
        r"Senate (?:agreed|concurred)(?:,.*?,)? (?:to|in) (?:the )?House amendments? to the title",
    ),
    _rule(
        "concurred:senate",
        rf"Senate (?:receded from .*? and )?(?:agreed|concurred)(?:,.*?,)? {_HOUSE_AMENDMENT}{_MAYBE_WITH}",
    ),
    _rule("concurred:senate", rf"Senate receded from .*? and concurred{_MAYBE_WITH}"),
    # A motion to concur *with* something is one of several tried; its loss refuses nothing (117 H.R. 1437).
    _rule(
        "concur_failed:senate",
        r"Motion (?:by Senator .*? )?to concur in the House amendments?(?!.* with ).*? (?:rejected|not agreed to) in ",
    ),
    _rule("conference_agreed:senate", r"Senate agreed to (?:the )?conference report"),
    _rule("conference_agreed:senate", r"Conference report agreed to in Senate"),
    _rule("concur_failed:senate", r"Senate (?:rejected|disagreed to) (?:the )?conference report"),
    _rule("concur_failed:senate", r"Conference report (?:rejected|not agreed to) in Senate"),
    # -- The Senate on the measure (17000, 18000).
    _rule("passed:senate", rf"Passed Senate\b{_MAYBE_WITH}"),
    _rule(
        "passed:senate",
        r"(?:Introduced|Submitted|Received) in the Senate\b.*\bconsidered,.* and (?:passed|agreed to)\b" + _MAYBE_WITH,
    ),
    _rule("passed:senate", rf"(?:{_THING} )?agreed to in Senate\b{_MAYBE_WITH}"),
    _rule("failed:senate", rf"{_UNDER}{_SHORT_OF}failed of passage in Senate"),
    _rule(
        "failed:senate",
        rf"{_UNDER}(?:(?:The )?{_THING} )?{_SHORT_OF}(?:not agreed to|disagreed to|rejected) in Senate",
    ),
    _rule("vitiated:senate", r"Senate vitiated (?:the )?(?:previous )?(?:passage|agreement|adoption)"),
    # Debate that could not be ended, on the measure or on what the House sent; not on amendments offered to it.
    _rule(
        "cloture_failed:senate",
        rf"(?:(?:upon reconsideration|{_ORDINAL}),? )*cloture "
        rf"(?:on (?:the )?(?:motion(?! to suspend)|{_THING}|conference report|House message|[SH]\.).*?)?"
        r"not invoked in Senate",
    ),
    # -- What says afterwards that the House had changed a Senate measure (115 S. 140, 117 S. 1301).
    _rule(
        "amended:house",
        r"Message on House action received in Senate and at desk: House amendments? to Senate (?:bill|joint|con)",
    ),
)
"""The whole table, tried in this order."""

BY_CODE = {
    "1000": "introduced",
    "5000": "reported",
    "8000": "passed:house",
    "9000": "failed:house",
    "10000": "introduced",
    "14000": "reported",
    "17000": "passed:senate",
    "18000": "failed:senate",
    "21000": "conference_agreed:house",
    "22000": "concur_failed:house",
    "23000": "conference_agreed:senate",
    "24000": "concur_failed:senate",
    "28000": "presented",
    "29000": "signed",
    "29100": "unsigned",
    "30000": "pocket_vetoed",
    "31000": "vetoed",
    "32000": "override_passed:house",
    "33000": "override_failed:house",
    "34000": "override_passed:senate",
    "35000": "override_failed:senate",
    "41000": "law",
}
"""What a Library code says where the words are new to us: the only authoritative set of codes, and the milestones it
marks are the ones congress.gov's own tracker shows (LibraryOfCongress/api.congress.gov issue 45)."""

_LISTED = re.compile(
    r"Pursuant to section \d+ of H\. ?Res\. \d+, and the motion offered by .*?, the following bills passed"
)


def step_of(text: str, code: str | None, source: str | None, bill: DocumentId) -> str | None:
    """Return the step one action line is, or None when it does nothing to the status of this bill.

    `text` is the official sentence, `code` and `source` the action code and the code of its source system as written
    (either may be absent: the Senate has no codes, and schema 3.0.0 of BILLSTATUS no number for it). `bill` matters
    where one line passes many bills at once.
    """
    if code in _ASIDE:
        return None
    if text.startswith("Pursuant to sec") or "following bills passed" in text[:260]:
        return _listed(text, code, bill)
    return _read(text, code)


@lru_cache(maxsize=8192)
def _read(text: str, code: str | None) -> str | None:
    line = _plain(text)
    for rule in RULES:
        if rule.codes is not None and code not in rule.codes:
            continue
        match = rule.pattern.match(line)
        if match:
            return _step(rule, match)
    return BY_CODE.get(code) if code else None


def _plain(text: str) -> str:
    """Return the words of the chamber: without the Library's prefix, the citation, double spaces."""
    words = _FLOOR.sub("", " ".join(text.split()), count=1)
    copied = COPY_PREFIX.match(words)
    return _CITATION.sub("", words[copied.end() :] if copied else words)


def _step(rule: StepRule, match: re.Match[str]) -> str:
    groups = match.groupdict()
    if rule.lost and groups["result"].lower() in _LOST:
        return rule.lost
    return f"{rule.step}:amended" if groups.get("amended") else rule.step


_LOST = ("failed", "rejected", "not agreed to")

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


def _listed(text: str, code: str | None, bill: DocumentId) -> str | None:
    """Read a motion that passed many measures at once: is this one among them, and how?

    "H.R. 1638, as amended; S. 1198; and agree to the Senate amendments to H.R. 5641"; "H.R. 7077, agreed to Senate
    amendment" (both of the 117th).
    """
    line = _plain(text)
    listing = _LISTED.match(line)
    if listing is None:
        return _read(text, code)
    kind, number = bill.parts[1:]
    named = re.search(rf"(Senate amendments? to )?(?<![\w.]){_NAMES[kind]} ?{number}\b([^;]*)", line[listing.end() :])
    if named is None:
        return BY_CODE.get(code) if code else None
    if named[1] or "Senate amendment" in named[2]:
        return "concurred:house"
    return "passed:house:amended" if named[2].startswith(", as amended") else "passed:house"
