"""What is said of one roll call, whichever chamber took it?

The words of a vote are those of its question: a vote on the rule, on recommitting, on cloture or on an amendment is a
vote on the bill's way, and is never called its passage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.facets import Entry
from domain.identity import DocumentId

PARTIES = {"republican": "R", "democratic": "D", "democrat": "D", "independent": "I"}
"""How the Clerk writes a party → the letter that stands for it everywhere else."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many voted which way. The House calls it yea and nay or aye and no; `absent` did not vote."""

    yea: int
    nay: int
    present: int = 0
    absent: int = 0

    def entry(self) -> dict[str, int]:
        return {"yea": self.yea, "nay": self.nay, "present": self.present, "not_voting": self.absent}

    @property
    def words(self) -> str:
        """Return `221–205`, with `1 present` behind it where somebody was; who was absent decided nothing."""
        return f"{self.yea}–{self.nay}" + (f", {self.present} present" if self.present else "")


@dataclass(frozen=True, slots=True)
class Roll:
    """One roll call as its chamber states it.

    `bill` is None for a vote on something else. `taken_at` is aware, in Washington's time (both chambers print local
    time without a zone); `on` is its day there. `tally` is None for an election or a call of the roll, where nobody
    votes yea or nay. `requires` is the majority needed (`2/3`) where the source states it.
    """

    chamber: str
    congress: int
    session: int
    year: int
    number: int
    bill: DocumentId | None
    question: str
    result: str
    on: str
    taken_at: datetime | None
    url: str
    tally: Tally | None = None
    parties: Mapping[str, Tally] = field(default_factory=dict)
    about: str | None = None
    amendment: str | None = None
    requires: str | None = None

    @property
    def name(self) -> str:
        """The identity of the vote, as both chambers count: by year and number."""
        return roll_name(self.congress, self.chamber, self.year, self.number)

    @property
    def label(self) -> str:
        """Return `House roll call 314, On Passage: Passed 221–205 (R 210–3, D 11–202)`."""
        by_party = ", ".join(f"{party} {tally.words}" for party, tally in self.parties.items())
        totals = (f" {self.tally.words}" if self.tally else "") + (f" ({by_party})" if by_party else "")
        asked = f"{self.question} ({self.amendment})" if self.amendment else self.question
        return f"{self.chamber} roll call {self.number}, {asked}: {self.result}{totals}"

    def entry(self) -> Entry:
        """Return the entry of the facet `tallies`."""
        about = f" – {self.about}" if self.about else ""
        members: dict[str, Any] = {
            "on": self.on,
            "text": f"{self.question}: {self.result}{about}",
            "label": self.label,
            "chamber": self.chamber,
            "congress": self.congress,
            "session": self.session,
            "roll": self.number,
            "taken_at": self.taken_at.isoformat() if self.taken_at else None,
            "question": self.question,
            "result": self.result,
            "totals": self.tally.entry() if self.tally else None,
            "parties": {party: tally.entry() for party, tally in self.parties.items()},
            "amendment": self.amendment,
            "requires": self.requires,
            "url": self.url,
        }
        return members


def roll_name(congress: int, chamber: str, year: int, number: int) -> str:
    """Return the identity of a roll call: us/vote/119/house/2026/314."""
    return f"us/vote/{congress}/{chamber.lower()}/{year}/{number}"


def by_size(parties: Mapping[str, Tally]) -> dict[str, Tally]:
    """Put the larger party first; one of which nobody voted or was absent is left out."""
    sizes = {p: t.yea + t.nay + t.present + t.absent for p, t in parties.items()}
    return {p: parties[p] for p in sorted(parties, key=lambda p: (-sizes[p], p)) if sizes[p]}
