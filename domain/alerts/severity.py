"""How much does a change matter to somebody who did not ask for its kind?

| severity | changes | why |
|---|---|---|
| `critical` | a status enacted, vetoed, failed, ended or expired; a correction | it is decided, or we were wrong |
| `major` | any other status, a vote, a term, a reminder, a source or channel of this installation | the measure moved |
| `normal` | a text, a hearing, an action, a document that appeared | work to read, nothing decided |
| `minor` | a title, a sponsor, a related document, a committee, a summary | about the measure, not of it |
|  | a receipt | all is as it should be, or the operator knows already |
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from domain.jurisdictions import jurisdiction_of
from domain.records.facets import Kind
from domain.records.record import Change


class Severity(IntEnum):
    """Greater matters more."""

    MINOR = 1
    NORMAL = 2
    MAJOR = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The word of the configuration."""
        return self.name.lower()


OF_KIND: Mapping[Kind, Severity] = {
    Kind.STATUS: Severity.MAJOR,
    Kind.ACTION: Severity.NORMAL,
    Kind.TEXT: Severity.NORMAL,
    Kind.TITLE: Severity.MINOR,
    Kind.SUMMARY: Severity.MINOR,
    Kind.SPONSOR: Severity.MINOR,
    Kind.COMMITTEE: Severity.MINOR,
    Kind.RELATED: Severity.MINOR,
    Kind.VOTE: Severity.MAJOR,
    Kind.HEARING: Severity.NORMAL,
    Kind.APPEARED: Severity.NORMAL,
    Kind.TERM: Severity.MAJOR,
    Kind.REMINDER: Severity.MAJOR,
    Kind.CORRECTION: Severity.CRITICAL,
    Kind.SOURCE: Severity.MAJOR,
    Kind.CHANNEL: Severity.MAJOR,
    Kind.RECEIPT: Severity.MINOR,
}


BY_WEIGHT = (
    *(Kind.CORRECTION, Kind.STATUS, Kind.TERM, Kind.REMINDER, Kind.APPEARED, Kind.VOTE, Kind.HEARING, Kind.TEXT),
    *(Kind.ACTION, Kind.SUMMARY, Kind.TITLE, Kind.COMMITTEE, Kind.SPONSOR, Kind.RELATED),
    *(Kind.SOURCE, Kind.CHANNEL, Kind.RECEIPT),
)
"""In which order the news of one document is named: what is decided, what is new, votes, texts, then procedure."""


def severity(change: Change) -> Severity:
    """Return how much a change matters: by its kind, and a status by what it decides."""
    if change.kind is Kind.STATUS and jurisdiction_of(change.document).is_decided(change.after or ""):
        return Severity.CRITICAL
    return OF_KIND[change.kind]
