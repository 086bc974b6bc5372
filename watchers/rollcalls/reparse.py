"""What did a chamber say of roll calls, read once more from their archived papers?"""

from __future__ import annotations

from collections.abc import Iterator

from domain.observation import Observation, ParseInput
from domain.records.facets import Facet
from watchers.rollcalls.house import HouseRolls
from watchers.rollcalls.rolls import Chamber, VotingSession
from watchers.rollcalls.senate import SenateRolls


def reread_house(told: ParseInput) -> Iterator[Observation]:
    """Read papers of the Clerk of the House again (`clerk/1`)."""
    return _reread(HouseRolls(), told)


def reread_senate(told: ParseInput) -> Iterator[Observation]:
    """Read papers of the Senate again (`senate/1`)."""
    return _reread(SenateRolls(), told)


def _reread(chamber: Chamber, told: ParseInput) -> Iterator[Observation]:
    """Each paper is asked whose it is; the numbers it must bear are kept beside it."""
    tallies: Facet = {}
    papers = told.pages("tallies")
    numbers = told.context.get("rolls", ())
    if len(papers) != len(numbers):
        raise LookupError(f"{len(papers)} papers for {len(numbers)} roll calls")
    for paper, (congress, session, number) in zip(papers, numbers, strict=True):
        roll = chamber.read(paper.body, VotingSession.of(congress, session), number, paper.url)
        tallies = {**tallies, roll.name: roll.entry()}
    yield told.observation({"tallies": tallies})
