"""Does an alert still follow from the archived bytes?

The way of the service is gone once more: the bytes are those of their digest, the reader of that version reads them,
laid on the record as it stood they make the stored state and the stored changes, and these make the alert and its
messages. Nothing is fetched, nothing is written.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from domain.changes import Change
from domain.corrections import attribute
from domain.detect import Step, advance
from domain.errors import LexwatchError
from domain.facets import digest
from domain.identity import DocumentId
from domain.matching import appearance
from domain.observation import Evidence, Observation
from domain.provenance import differing, seal_of_message
from domain.record import Record
from domain.rereading import Testimony
from monitor.grounds import faults_of_decision
from monitor.rereading import reader_of
from storage.answers import KeptAlert
from storage.asking import Archive
from storage.rebuilding import Revision

UNREADABLE = (LexwatchError, LookupError, ValueError, TypeError, AttributeError, zlib.error)
"""What bytes of which one is wrong may lead to, on the way through a reader."""


@dataclass(slots=True)
class Proof:
    """What became of one alert: `faults` are differences, the first one first; `remarks` are for people. `alert` is
    None for messages whose alert is gone."""

    alert: str | None
    evidence: list[str] = field(default_factory=list)
    readers: list[str] = field(default_factory=list)
    revisions: list[str] = field(default_factory=list)
    changes: int = 0
    messages: int = 0
    faults: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.faults


@dataclass(frozen=True, slots=True)
class Derived:
    """What a revision comes to when it is derived again: the step, or the faults."""

    step: Step | None
    faults: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    reader: str = ""


class Shelf:
    """The archive as a reader asks it: bytes that are not what their digest says are not there."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.seen: list[str] = []

    def evidence(self, name: str) -> Evidence:
        kept = self._archive.evidence(name)
        if kept is None:
            raise LookupError(f"the bytes {name[:12]} are not archived")
        if digest(kept.body) != name:
            raise LookupError(f"the bytes {name[:12]} have the digest {digest(kept.body)[:12]}")
        self.seen.append(name)
        return kept

    def record(self, document: DocumentId, revision: int) -> Record | None:
        found = self._archive.revision(str(document), revision)
        return found.record if found else None


class Verifier:
    """Derives alerts again from one state of the record; what several rest on is derived once."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._derived: dict[tuple[DocumentId, int], Derived] = {}

    def verify(self, alert: str) -> Proof | None:
        """Return what becomes of an alert, None if there is none of that id."""
        proof = Proof(alert)
        try:
            kept = self._archive.alert(alert)
            if kept is None:
                return None
            self._alert(alert, kept, proof)
            for document, number in dict.fromkeys((c.document, c.revision) for c in kept.alert.changes):
                if not document.is_operational:
                    self._revision(document, number, proof)
            self._messages(kept, proof)
        except UNREADABLE as error:
            proof.faults.append(f"the record of {alert} cannot be read: {error}")
        return proof

    def _alert(self, name: str, kept: KeptAlert, proof: Proof) -> None:
        """The alert is what was stored, under the identity that follows from it, and the watches it names asked."""
        proof.changes = len(kept.alert.changes)
        if kept.alert.id != name:
            proof.faults.append(f"alert {name}: what it tells makes the identity {kept.alert.id}")
        if self._archive.seal_of_alert(name) != self._archive.seal_anew(kept):
            proof.faults.append(f"alert {name}: it is not what was sealed when it was stored")
        proof.faults += faults_of_decision(kept.alert, kept.created_at, self._archive.every_watch())

    def _revision(self, document: DocumentId, number: int, proof: Proof) -> None:
        found = self.derive(document, number)
        proof.faults += found.faults
        proof.evidence += [name for name in found.evidence if name not in proof.evidence]
        proof.readers += [name for name in (found.reader,) if name and name not in proof.readers]
        proof.revisions.append(f"{document}@{number}")

    def _messages(self, kept: KeptAlert, proof: Proof) -> None:
        """Each message is the one that was frozen, under the identity that follows from its alert and recipient."""
        if not kept.deliveries:
            proof.faults.append(f"alert {proof.alert}: no message carries it")
        for told in kept.deliveries:
            delivery = self._archive.delivery(told.delivery)
            first = self._archive.alert(told.alerts[0])
            proof.messages += 1
            if delivery is None or first is None:
                proof.faults.append(f"message {told.delivery}: it cannot be read")
            elif first.alert.delivery_id(delivery.to) != delivery.id:
                expected = first.alert.delivery_id(delivery.to)
                proof.faults.append(f"message {delivery.id}: alert and recipient make the identity {expected}")
            elif delivery.channel != kept.alert.channel:
                proof.faults.append(f"message {delivery.id}: it goes by {delivery.channel}, not {kept.alert.channel}")
            elif delivery.message is None:
                proof.remarks.append(f"message {delivery.id} is not written yet")
            elif self._archive.seal_of_message(delivery.id) != seal_of_message(delivery.message, delivery.alerts):
                proof.faults.append(f"message {delivery.id}: it is not what was frozen when it was first sent")

    def strays(self) -> Iterator[str]:
        """Say which messages are not those of the alerts that they were frozen with."""
        for delivery in self._archive.deliveries():
            told = [self._archive.alert(name) for name in delivery.alerts]
            if not told or None in told:
                yield f"message {delivery.id}: an alert that it carries is gone"
            elif delivery.message is not None:
                seal = seal_of_message(delivery.message, delivery.alerts)
                if self._archive.seal_of_message(delivery.id) != seal:
                    yield f"message {delivery.id}: it is not what was frozen when it was first sent"

    def derive(self, document: DocumentId, number: int) -> Derived:
        """Derive a revision from its bytes and the record before it, and compare it with what is stored."""
        place = (document, number)
        if place not in self._derived:
            self._derived[place] = self._derive(document, number)
        return self._derived[place]

    def _derive(self, document: DocumentId, number: int) -> Derived:
        name = f"{document}@{number}"
        stood = self._archive.revision(str(document), number)
        if stood is None:
            return Derived(None, (f"revision {name}: there is none",))
        reread = reader_of(stood.reader)
        if reread is None:
            return Derived(None, (f"revision {name}: no reader is called {stood.reader}",))
        shelf = Shelf(self._archive)
        try:
            before = shelf.record(document, number - 1) if number > 1 else None
            told = self._testimony(stood, before, shelf)
            for one in dict.fromkeys(stood.evidence.values()):
                shelf.evidence(one)
            judged = [self._judge(stood, before, observation) for observation in reread(told)]
        except UNREADABLE as error:
            return Derived(None, (f"revision {name}: {stood.reader} cannot read it again: {error}",))
        seen = tuple(dict.fromkeys(shelf.seen))
        if not judged:
            return Derived(None, (f"revision {name}: {stood.reader} reads nothing of it",), seen, stood.reader)
        step, faults = min(judged, key=lambda one: len(one[1]))
        return Derived(step, faults, seen, stood.reader)

    def _testimony(self, stood: Revision, before: Record | None, shelf: Shelf) -> Testimony:
        return Testimony(
            document=stood.record.document,
            source=stood.source,
            reader=stood.reader,
            known_from=stood.record.known_from,
            kept=shelf,
            named={**stood.context.get("stated", {}), **stood.evidence},
            context=stood.context,
            before=before,
            published_at=stood.published_at,
        )

    def _judge(
        self, stood: Revision, before: Record | None, observation: Observation
    ) -> tuple[Step | None, tuple[str, ...]]:
        """Lay what was read again on the record as it stood; say where it differs from what is stored."""
        name = f"{stood.record.document}@{stood.record.revision}"
        step = advance(before, observation, stood.record.known_from)
        if step is None:
            return None, (f"revision {name}: what was read again says nothing new",)
        step, _ = attribute(step, self._past(stood.record))
        return step, tuple(self._differences(stood, step))

    def _past(self, record: Record) -> Sequence[Change]:
        past = self._archive.view.past(record.document) if record.revision > 1 else ()
        return tuple(change for change in past if change.revision < record.revision)

    def _differences(self, stood: Revision, step: Step) -> Iterator[str]:
        name = f"{stood.record.document}@{stood.record.revision}"
        if step.published_at != stood.published_at:
            yield f"revision {name}: published_at is {stood.published_at}, the bytes say {step.published_at}"
        for facet in sorted({*stood.record.facets, *step.record.facets}):
            if stood.record.facets.get(facet) != step.record.facets.get(facet):
                yield f"facet {facet} of {name}: it is not what {stood.reader} reads in the bytes"
            if stood.record.owners.get(facet) != step.record.owners.get(facet):
                yield f"facet {facet} of {name}: it belongs to {stood.record.owners.get(facet)}, not to its source"
        if stood.record.timeline != step.record.timeline:
            yield f"revision {name}: its standing does not follow from its facets"
        stored = self._archive.changes_of(stood.record.document, stood.record.revision)
        silent = stood.baseline and stood.record.revision == 1
        yield from _changes_that_differ(stored, () if silent else step.changes, step)


def _changes_that_differ(stored: Sequence[Change], derived: Iterable[Change], step: Step) -> Iterator[str]:
    found = {change.key: change for change in derived}
    known = {change.key: change for change in stored}
    for key in found:
        if key not in known:
            yield f"change {key}: it follows from the bytes, and is not stored"
    for key, change in known.items():
        like = found.get(key) or _beside(change, step)
        if like is None:
            yield f"change {key}: nothing in the bytes makes it"
            continue
        for member, ours, theirs in differing(change, like):
            yield f"change {key}: {member} is {ours!r}, the bytes make {theirs!r}"


def _beside(change: Change, step: Step) -> Change | None:
    """Return what makes a change that is none of its revision: a bill that came to match a search, or news told instead
    of a message that was withdrawn."""
    if change.subject.startswith("search:"):
        return appearance(step, change.subject.removeprefix("search:"))
    instead = (other for right in step.corrections for other in right.instead.values())
    like = partial(replace, before=change.before, corrects=change.corrects)
    return next((like(other) for other in instead if other.key == change.key), None)
