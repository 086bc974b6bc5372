"""What does the law of Canada say of bills before its Parliament?"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date

from domain.documents import DocumentId
from domain.jurisdictions import CitationForm, ClaimForm, NameRefused, ParsedName
from domain.jurisdictions.stated import StatedProcedure, status_table

_STATUSES = """\
INTRODUCED introduced: Introduced
The bill was read a first time.
It waits for second reading.

PRO_FORMA introduced: Introduced as pro forma bill
It asserts the right of the chamber to act before the Speech from the Throne; it is not meant to become law.
Nothing follows.

OUTSIDE_ORDER_OF_PRECEDENCE introduced: Outside the Order of Precedence
A private member's bill that has not been drawn for debate; it is alive, and most go no further.
It may be placed in the Order of Precedence and come to second reading.

SECOND_READING:{K} introduced: At second reading in the {C}
The {C} debates the principle of the bill.
If the {C} agrees, the bill goes to a committee.

COMMITTEE:{K} in_committee: At consideration in committee in the {C}
A committee of the {C} studies it.
The committee may hear witnesses, amend it and report it.

REPORT_STAGE:{K} reported: At report stage in the {C}
A committee has reported it to the {C}.
The {C} may amend it, and goes on to third reading.

THIRD_READING:{K} reported: At third reading in the {C}
The {C} debates the bill for the last time.
The {C} votes on passing it.

PASSED:{K} passed_one_chamber: {B} awaiting first reading in the {D}
The {C}, where it began, has passed it.
The {D} may take it up.

AMENDMENTS:{K} resolving_differences: At consideration in the {C} of amendments made by the {D}
Both chambers have passed it, and have not yet agreed on one text.
The {C} may agree to the amendments, change them or refuse them.

AWAITING_ASSENT awaiting_assent: Awaiting royal assent
Both chambers passed the same text.
It becomes law with royal assent.

ENACTED:ROYAL_ASSENT enacted: Royal assent received
It is law; its provisions come into force as it says itself.
Nothing more is needed.

DEFEATED failed: Bill defeated
A chamber voted it down.
Nothing follows in this session.

WITHDRAWN withdrawn: Bill not proceeded with
It was withdrawn or dropped.
Nothing follows in this session.

LAPSED lapsed: Died when the session ended
The session ended before it became law.
It may be introduced again, or reinstated by order, in the next session."""
"""{C} is the chamber, {D} the other one, {K} its code, {B} its bills."""

_CHAMBERS = (
    {"C": "House of Commons", "D": "Senate", "K": "HOUSE", "B": "House of Commons bill"},
    {"C": "Senate", "D": "House of Commons", "K": "SENATE", "B": "Senate bill"},
)


class Canada(StatedProcedure):
    """Bills of the Parliament of Canada: `ca/bill/45-1/c-34` is bill C-34 of the 45th Parliament, 1st session."""

    name, zone, hosts = "Canada", "America/Toronto", ("parl.ca",)
    examples = ("ca/bill/45-1/c-34", "C-34", "Bill C-34 (45-1)")
    table = status_table(_STATUSES, _CHAMBERS)
    citation_forms = (CitationForm(r"\bBill ([CS]-[1-9][0-9]{0,3})\b(?:\s?\([0-9]{2}-[0-9]\))?", "{0}"),)
    claim_forms = (
        ClaimForm("introduced", r"\bintroduced\b|\btabled\b|\bfirst reading\b", ("INTRODUCED", "BEGUN:bill")),
        ClaimForm("became_law", r"\b[Rr]oyal [Aa]ssent\b|\bbecame law\b", ("ENACTED:",)),
    )
    session_said = r"\b([0-9]{2})(?:st|nd|rd|th) Parl(?:iament|\.)[, ]{1,3}([1-4])(?:st|nd|rd|th) [Ss]ess"
    session_written = "{1}-{2}"
    sessions = {  # noqa: RUF012
        "41-1": ("2011-06-02", "2013-09-13"),
        "41-2": ("2013-10-16", "2015-08-02"),
        "42-1": ("2015-12-03", "2019-09-11"),
        "43-1": ("2019-12-05", "2020-08-18"),
        "43-2": ("2020-09-23", "2021-08-15"),
        "44-1": ("2021-11-22", "2025-01-06"),
        "45-1": ("2025-05-26", ""),
    }

    def bill(self, session: str, number: str) -> DocumentId:
        written = re.fullmatch(r"([cs])-?([0-9]{1,4})", number.lower())
        if written is None or not re.fullmatch(r"[0-9]{1,2}-[0-9]", session):
            raise NameRefused(f"no bill is called {number} of session {session}")
        return DocumentId("ca", "bill", (session, f"{written[1]}-{int(written[2])}"))

    def parse_text(self, text: str, today: date, watched: Collection[DocumentId]) -> ParsedName | None:
        form = r"(?:bill\s)?([cs]-[0-9]{1,4})(?:\s?[(,·]?\s?([0-9]{1,2}-[0-9])\)?)?"
        found = re.fullmatch(form, text, re.IGNORECASE)
        return self.named(found[1], found[2], today, watched) if found else None

    def parse_address(self, host: str, path: Sequence[str]) -> DocumentId | None:
        found = re.search(r"/([0-9]{1,2}-[0-9])(?:/bill)?/([cs]-[0-9]{1,4})(?:/|$)", "/".join(path).lower())
        return self.bill(*found.groups()) if found else None

    def public_url(self, document: DocumentId) -> str | None:
        return f"https://www.parl.ca/legisinfo/en/bill/{'/'.join(document.parts)}" if document.parts[1:] else None

    def stage(self, status: str | None, document: DocumentId, day: date) -> str:
        """Return the stage; whatever the second chamber does with a bill, the first one has passed it."""
        second = {"c": "SENATE", "s": "HOUSE"}[document.parts[-1][0]]
        before = super().stage(status, document, day)
        passed = (status or "").endswith(f":{second}") and before in ("introduced", "in_committee", "reported")
        return "passed_one_chamber" if passed else before


JURISDICTION = Canada("ca")
