"""What does a source state of a document, and when are two statements the same?

A facet is one aspect of a document (its actions, its text versions, …): a mapping from *subject*, the identity of
an entry inside the facet, to *entry*, what is stated of it. Entries are plain JSON objects. Three members have one
meaning everywhere: `text`, the official words; `on`, the legal day (`YYYY-MM-DD`); `label`, a short name for people.
Order carries no meaning: a shuffled list is the same facet.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Entry = Mapping[str, Any]
Facet = Mapping[str, Entry]


class Kind(StrEnum):
    """What sort of news a change is; the words of `kinds` in the configuration."""

    STATUS = "status"
    ACTION = "action"
    TEXT = "text"
    TITLE = "title"
    SUMMARY = "summary"
    SPONSOR = "sponsor"
    COMMITTEE = "committee"
    RELATED = "related"
    VOTE = "vote"
    HEARING = "hearing"
    APPEARED = "appeared"
    TERM = "term"
    REMINDER = "reminder"
    CORRECTION = "correction"
    SOURCE = "source"
    CHANNEL = "channel"
    RECEIPT = "receipt"


FOR_OPERATOR = frozenset({Kind.SOURCE, Kind.CHANNEL, Kind.RECEIPT})
"""Kinds that report of this installation, not of a document: no route carries them."""


DEFAULT_KINDS = frozenset(
    {
        Kind.STATUS,
        Kind.TEXT,
        Kind.VOTE,
        Kind.HEARING,
        Kind.TERM,
        Kind.REMINDER,
        Kind.APPEARED,
        Kind.CORRECTION,
    }
)


@dataclass(frozen=True, slots=True)
class FacetRule:
    """What a difference in a facet means.

    `adds`, `amends`, `removes`: the kind of change when an entry is new, has another `text`, or is gone; None is
    silence. `keeps`: an entry once stated stays in the record although the source no longer lists it, because a
    vanished line undoes nothing (rule 5). `beside` names a facet whose subjects are the same events, reported by
    another
    source: what stands there already is no news here. `enumerated`: its source lists the facet as a whole, so that an
    entry it leaves out is missing, and one that came instead may be the same event corrected. `facts`: members of an
    entry that people were sent; another value of one is a correction, a first value fills a gap in silence. `reworded`:
    the words themselves are what is followed, and a change reports what differs in them (`domain.records.detection`).
    `edited`: the entry is a document of its own, and a change names which of its title, text and link differ.
    An entry that `returns` again and again to what it was before is told once more, and then no longer.
    `needs` names a member without which an entry is only announced: it is new when it has that, and once it had it, it
    keeps it.
    `begins_with_news`: what it states first is no past.
    `partly`: the facet that says, when it holds anything, that parts of this list could not be read: then nothing is
    missing from it.
    """

    adds: Kind | None = None
    amends: Kind | None = None
    removes: Kind | None = None
    keeps: bool = False
    beside: str | None = None
    enumerated: bool = False
    facts: tuple[str, ...] = ()
    reworded: bool = False
    edited: bool = False
    needs: str | None = None
    partly: str | None = None
    begins_with_news: bool = False

    def is_there(self, entry: Entry | None) -> bool:
        """Say whether an entry is more than announced; a source that never states the member states what is there."""
        return entry is not None and (self.needs is None or bool(entry.get(self.needs, True)))


_TERM = ("on", "starts_at", "length", "ends_at", "until")

RULES: Mapping[str, FacetRule] = {
    "item": FacetRule(),
    "title": FacetRule(adds=Kind.TITLE, amends=Kind.TITLE),
    "titles": FacetRule(adds=Kind.TITLE, amends=Kind.TITLE),
    "actions": FacetRule(adds=Kind.ACTION, keeps=True, beside="listed", enumerated=True, partly="unreadable"),
    "status": FacetRule(keeps=True),
    "listed": FacetRule(adds=Kind.ACTION, keeps=True, beside="actions"),
    "listed_title": FacetRule(amends=Kind.TITLE),
    "movement": FacetRule(adds=Kind.STATUS, keeps=True, beside="actions", begins_with_news=True),
    "votes": FacetRule(
        adds=Kind.VOTE, keeps=True, beside="tallies", enumerated=True, facts=("on",), partly="unreadable"
    ),
    "tallies": FacetRule(adds=Kind.VOTE, keeps=True, beside="votes", facts=("on", "result", "totals")),
    "hearings": FacetRule(adds=Kind.HEARING, amends=Kind.HEARING, keeps=True),
    "texts": FacetRule(adds=Kind.TEXT, keeps=True, needs="formats"),
    "wordings": FacetRule(keeps=True),
    "rewordings": FacetRule(adds=Kind.TEXT, keeps=True),
    "summaries": FacetRule(adds=Kind.SUMMARY, amends=Kind.SUMMARY, keeps=True, reworded=True),
    "sponsors": FacetRule(adds=Kind.SPONSOR, removes=Kind.SPONSOR),
    "cosponsors": FacetRule(adds=Kind.SPONSOR, removes=Kind.SPONSOR),
    "committees": FacetRule(adds=Kind.COMMITTEE, amends=Kind.COMMITTEE, removes=Kind.COMMITTEE),
    "related": FacetRule(adds=Kind.RELATED, amends=Kind.RELATED, removes=Kind.RELATED),
    "reintroductions": FacetRule(adds=Kind.APPEARED, keeps=True),
    "amendments": FacetRule(adds=Kind.RELATED, keeps=True),
    "content": FacetRule(adds=Kind.TEXT, amends=Kind.TEXT, edited=True),
    "stated": FacetRule(adds=Kind.TEXT, amends=Kind.TEXT, keeps=True),
    "subjects": FacetRule(),
    "unreadable": FacetRule(),
    "disputes": FacetRule(),
    "absent": FacetRule(),
    "laws": FacetRule(keeps=True),
    "instruments": FacetRule(adds=Kind.TERM, keeps=True, facts=("act", *_TERM)),
    "approvals": FacetRule(adds=Kind.TERM, keeps=True, facts=("approves", "outcome", *_TERM)),
    "steps": FacetRule(adds=Kind.TERM, keeps=True, facts=("step", "of", "on")),
    "reminders": FacetRule(adds=Kind.REMINDER, keeps=True),
}

SILENT = FacetRule()
"""The rule of a facet nobody named: remembered, never announced."""


def rule_of(facet: str) -> FacetRule:
    """Return what a difference in the named facet means."""
    return RULES.get(facet, SILENT)


def label_of(entry: Entry) -> str | None:
    """Return the short name of an entry for people: its label, else its words."""
    label = entry.get("label") or entry.get("text")
    return str(label) if label is not None else None


def canonical(facet: Facet) -> bytes:
    """Return the one byte form of a facet: JSON, sorted members, no spaces, UTF-8."""
    return json.dumps(facet, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(body: bytes) -> str:
    """Return the SHA-256 of `body` as 64 hexadecimal digits: the name of a facet or of evidence."""
    return hashlib.sha256(body).hexdigest()


def short_digest(text: str) -> str:
    """Return 12 hexadecimal digits that name `text` inside one document."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
