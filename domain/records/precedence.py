"""Whose word stands when two sources state the same facet of one document?

Each kind of document that several sources state has an order of them. The first in it that ever stated a facet owns
the facet, and its statement stands. What another source says differently is remembered in the facet `disputes` and
reported to nobody, with two exceptions. A kept facet takes entries the owner does not list: an event that happened
stays
one, whoever reported it first, and the owner will list it later or was wrong not to. And what the owner leaves
unanswered
for `PATIENCE` is taken: then the owner is down, or faulty, for longer than it is ever asked.

Nothing here looks at which statement arrived first, so two sources that say the same with different delays come to
the same record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.jurisdictions import jurisdiction_of
from domain.observation import Observation
from domain.records.facets import Entry, Facet, canonical, label_of, rule_of, short_digest
from domain.records.merge import SUPERSEDED, pairs, words_of
from domain.records.record import Record

DISPUTES = "disputes"
"""The facet that holds what other sources say than the owner: subjects are `FACET/SUBJECT`."""

UNANSWERED_FOR = timedelta(days=1)
"""How long the owner may leave a difference unanswered. A bill is read from the API at least every 12 hours, whatever
its list says: after a day without a word the owner cannot be read."""

_FILE = "shipped"
_REGIME_RULES = ("item", "title")
"""What the file of a regime says of it as a whole, and its source."""

_OPEN, _ANSWERED, _TAKEN = "open", "answered", "taken"
"""The owner has not spoken since; it has, and said otherwise; the difference stands in the record until it speaks."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What is to be laid on the record: the facets as they stand after this statement, and who owns each. `passed` are
    those that pass from one source to another that is believed before it, whether or not they say the same."""

    facets: Mapping[str, Facet]
    owners: Mapping[str, str]
    passed: frozenset[str] = frozenset()


def resolve(record: Record | None, observation: Observation, now: datetime) -> Resolution:
    """Weigh a statement against those of other sources; `now` is aware UTC.

    The facets of the answer are whole: what stood before and still stands is in them.
    """
    order = jurisdiction_of(observation.document).precedence.get(observation.document.kind, ())
    source = observation.source
    if record is None or source not in order:
        stated = _beside_its_file(record, observation)
        return Resolution(stated, dict.fromkeys(stated, source))
    dispute = _Dispute(record, observation, now)
    facets: dict[str, Facet] = {}
    owners: dict[str, str] = {}
    for name, stated in observation.facets.items():
        owner = owners[name] = _owner(record.owners.get(name), source, order)
        facets[name] = dispute.own(name, stated) if owner == source else dispute.other(name, stated, owner)
    dispute.answer()
    if dispute.disputes != dispute.known:
        facets[DISPUTES], owners[DISPUTES] = dispute.disputes, source
    passed = (name for name in owners.keys() & record.owners.keys() if owners[name] != record.owners[name])
    return Resolution(facets, owners, frozenset(passed) - {DISPUTES})


def _beside_its_file(record: Record | None, observation: Observation) -> Mapping[str, Facet]:
    """Return what a publisher states of a regime but how it is computed: that is its file's to say, once a file did."""
    if record is None or observation.document.kind != "regime" or observation.source == _FILE:
        return observation.facets
    theirs = {name for name in _REGIME_RULES if record.owners.get(name) == _FILE}
    return {name: facet for name, facet in observation.facets.items() if name not in theirs}


def _owner(owner: str | None, source: str, order: tuple[str, ...]) -> str:
    """Return who owns a facet that `source` states, and `owner` stated before."""
    if owner is None or owner not in order:
        return source
    return min(owner, source, key=order.index)


class _Dispute:
    """Weighs one statement; `disputes` is what is left undecided after it."""

    def __init__(self, record: Record, observation: Observation, now: datetime) -> None:
        self._record = record
        self._observation = observation
        self._now = now
        self.known: Facet = record.facets.get(DISPUTES, {})
        self.disputes: dict[str, Entry] = dict(self.known)

    def own(self, name: str, stated: Facet) -> Facet:
        """Take what the owner states. Where it speaks of an earlier state than one that stands meanwhile, it is not
        believed yet: its publisher serves an old copy."""
        facet = dict(stated)
        known = self._record.facets.get(name, {})
        for key, entry in self._about(name):
            subject = str(entry["subject"])
            if entry["state"] == _TAKEN and self._is_older(entry) and _is_claimed(known.get(subject), entry):
                _put(facet, subject, known.get(subject))
            elif entry["state"] == _TAKEN or _is_claimed(facet.get(subject), entry):
                del self.disputes[key]
        return facet

    def other(self, name: str, stated: Facet, owner: str) -> Facet:
        """Take what somebody else states of a facet that `owner` stated; return the facet as it stands after that."""
        known = self._record.facets[name]
        facet = dict(known)
        for subject in _unreported(name, known, stated):
            facet[subject] = stated[subject]
        differing = _differing(name, facet, stated)
        for subject in differing:
            entry = self._claim(name, subject, known.get(subject), stated.get(subject), owner)
            self.disputes[f"{name}/{subject}"] = entry
            if entry["state"] == _TAKEN:
                _put(facet, subject, stated.get(subject))
        for key, entry in self._about(name):
            ours = entry["source"] == self._observation.source
            if ours and entry["state"] != _TAKEN and entry["subject"] not in differing:
                del self.disputes[key]
        return facet

    def answer(self) -> None:
        """An owner that was read, and did not say what another one says, has answered: also by keeping silent about a
        list whose count did not move."""
        for key, entry in self.disputes.items():
            if entry["state"] == _OPEN and entry["owner"] == self._observation.source:
                self.disputes[key] = {**entry, "state": _ANSWERED}

    def _claim(self, name: str, subject: str, stands: Entry | None, says: Entry | None, owner: str) -> Entry:
        before = self.disputes.get(f"{name}/{subject}")
        claim = _mark(says)
        if before is not None and before["claim"] == claim and before["source"] == self._observation.source:
            waited = before["state"] == _OPEN and self._now - datetime.fromisoformat(before["since"]) >= UNANSWERED_FOR
            return {**before, "state": _TAKEN, "published_at": self._stamp} if waited else before
        return {
            "facet": name,
            "subject": subject,
            "owner": owner,
            "stands": stands and label_of(stands),
            "source": self._observation.source,
            "says": says and label_of(says),
            "claim": claim,
            "published_at": self._stamp,
            "since": self._now.isoformat(),
            "state": _OPEN,
        }

    @property
    def _stamp(self) -> str | None:
        published_at = self._observation.published_at
        return published_at.isoformat() if published_at else None

    def _about(self, name: str) -> Iterator[tuple[str, Entry]]:
        return iter([(key, entry) for key, entry in self.disputes.items() if entry["facet"] == name])

    def _is_older(self, entry: Entry) -> bool:
        """Both sources carry the publisher's `updateDate`, so that their stamps may be compared."""
        ours, theirs = self._observation.published_at, entry["published_at"]
        return bool(ours and theirs and ours < datetime.fromisoformat(theirs))


def _unreported(name: str, known: Facet, stated: Facet) -> list[str]:
    """Return the entries of a kept facet that are events nobody reported before: another wording of a line that the
    owner states is none."""
    if not rule_of(name).keeps:
        return []
    come = {subject: entry for subject, entry in stated.items() if subject not in known}
    if not come:
        return []
    left = {s: e for s, e in known.items() if s not in stated and SUPERSEDED not in e}
    recurring = Counter(words_of(s, e) for s, e in {**known, **stated}.items() if SUPERSEDED not in e)
    reworded = {pair.new for pair in pairs(left, come, recurring)}
    return [subject for subject in come if subject not in reworded]


def _differing(name: str, known: Facet, stated: Facet) -> list[str]:
    """Return the subjects in which two statements differ. Of a kept facet only what is stated counts, and of what both
    know only what would be reported."""
    rule = rule_of(name)
    subjects = list(stated) if rule.keeps else [*stated, *(subject for subject in known if subject not in stated)]
    return [
        subject
        for subject in subjects
        if _mark(known.get(subject)) != _mark(stated.get(subject))
        and (not rule.keeps or rule.amends or subject not in known)
    ]


def _mark(entry: Entry | None) -> str | None:
    """Name what an entry says: what people would be sent of it, else all of it."""
    return None if entry is None else short_digest(label_of(entry) or canonical({"": entry}).decode())


def _is_claimed(entry: Entry | None, dispute: Entry) -> bool:
    return bool(_mark(entry) == dispute["claim"])


def _put(facet: dict[str, Entry], subject: str, entry: Entry | None) -> None:
    """State an entry of a facet, or that there is none."""
    if entry is None:
        facet.pop(subject, None)
    else:
        facet[subject] = entry
