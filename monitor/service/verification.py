"""Does an alert still follow from the archived bytes?

The way of the service is gone once more: the bytes are those of their digest, the reader of that version parses them,
compared with the record as it stood they make the stored state and the stored changes, and these make the alert and its
messages. Nothing is fetched, nothing is written."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from domain.alerts.audit import differing, seal_of_message
from domain.alerts.coverage_report import REASON
from domain.alerts.digest_schedule import DigestSchedule
from domain.alerts.routing import Alert, Watch, operator_reason, routed
from domain.alerts.search import appearance
from domain.coded_text import CodedText, coded
from domain.documents import DocumentId
from domain.errors import LexwatchError
from domain.observation import Evidence, Observation, Parse, ParseInput
from domain.records.corrections import CORRECTED, REPLACES_DEAD, REPLACES_WITHDRAWN, link_corrections
from domain.records.detection import NewRevision, advance, first_statements
from domain.records.facets import Facet, Kind, digest
from domain.records.record import Change, Record
from storage.audit import AuditReader
from storage.reader import StoredAlert
from storage.records import StoredRevision
from watchers import reader


def decision_faults(alert: Alert, created_at: datetime, watches: Sequence[Watch]) -> Iterator[str]:
    """Say what of the decision does not hold: a watch that is not on record or follows something else, or was created
    later; a reason that the watches, the kinds and the channel do not make. `watches` are those there ever were."""
    if all(change.kind is Kind.RECEIPT for change in alert.changes):
        if alert.watches or not _is_coverage_reason(alert):
            yield f"alert {alert.id}: its reason is not that of a coverage report"
        return
    if all(change.document.is_operational for change in alert.changes):
        if alert.watches or alert.reasons != (operator_reason(alert.channel),):
            yield f"alert {alert.id}: its reason is not that of an operator's alert"
        return
    for name in alert.watches:
        named = [watch for watch in watches if watch.name == name and watch.covers(alert.document)]
        if not named:
            yield f"alert {alert.id}: no watch {name} on {alert.document} is on record"
        elif all(watch.created_at and watch.created_at > created_at for watch in named):
            yield f"alert {alert.id}: the watch {name} was created after it"
    if not _reasons_follow(alert):
        yield f"alert {alert.id}: its reason does not follow from its watches, kinds and channel"


def _is_coverage_reason(alert: Alert) -> bool:
    """Say whether the reason names the channel and a schedule that a configuration can ask for."""
    schedule = str(alert.reasons[0].get("schedule")) if len(alert.reasons) == 1 else ""
    try:
        asked_for = str(DigestSchedule.parse(schedule, "UTC"))
    except ValueError:
        return False
    return alert.reasons == (coded(REASON, channel=alert.channel, schedule=asked_for),)


def _reasons_follow(alert: Alert) -> bool:
    """Say whether the reasons are those of a correction, or of the watches, kinds and channel of the alert."""
    of_corrections = [reason.code in (CORRECTED, REPLACES_WITHDRAWN, REPLACES_DEAD) for reason in alert.reasons]
    corrects = any(change.corrects is not None or change.revision != alert.revision for change in alert.changes)
    if corrects or any(of_corrections):
        return bool(of_corrections) and all(of_corrections)
    return bool(alert.reasons) and all(_is_routed(reason, alert) for reason in alert.reasons)


def _is_routed(reason: CodedText, alert: Alert) -> bool:
    watch, kinds, words = reason.get("watch"), reason.get("kinds"), reason.get("words")
    there = {str(change.kind) for change in alert.changes}
    if watch not in alert.watches or not isinstance(kinds, tuple) or not kinds or not there.issuperset(map(str, kinds)):
        return False
    found = tuple(map(str, words)) if isinstance(words, tuple) else ()
    named = [Kind(str(kind)) for kind in kinds]
    return reason == routed(str(watch), str(alert.document), alert.channel, named, found, alert.when)


def rederive_time_triggers(reported: ParseInput) -> Iterator[Observation]:
    """Say again what the clock said of a record: from its terms, the moment, and how far its sources were read."""
    from monitor.service.time_triggers import due_as_recorded, due_observations

    record = _record_before(reported)
    for observation in due_observations(record, due_as_recorded(record, reported.context), reported.context):
        yield reported.observation(observation.facets)


def rederive_reintroductions(reported: ParseInput) -> Iterator[Observation]:
    """Compare a bill again with those that were found to be it, introduced again, as they stood then."""
    from monitor.service.time_triggers import REINTRODUCTION_FACET, reintroduction_entries

    record = _record_before(reported)
    known: Facet = record.facets.get(REINTRODUCTION_FACET, {})
    candidates = {}
    for name, revision in reported.context.get("candidates", {}).items():
        document = DocumentId.parse(name)
        candidate = reported.archive.record(document, revision)
        if candidate is None:
            raise LookupError(f"{document} has no revision {revision}")
        candidates[document] = candidate
    yield reported.observation(
        {REINTRODUCTION_FACET: {**reintroduction_entries(record, candidates), **known}},
    )


def reparse_regime_file(reported: ParseInput) -> Iterator[Observation]:
    """Read the file of a regime again, as one that came with the program and as a user's own."""
    from monitor.service.regimes import parse_regime_file, regime_file_update

    for named in dict.fromkeys(reported.named.values()):
        kept = reported.archive.evidence(named)
        made = parse_regime_file(kept.url.rpartition("/")[2], kept.body)
        for own in (False, True):
            stated = regime_file_update(replace(made, own=own), reported.before, reported.known_from)
            yield reported.observation(stated.facets)


OWN_READERS: Mapping[str, Parse] = {
    "clock/1": rederive_time_triggers,
    "returns/1": rederive_reintroductions,
    "shipped/1": reparse_regime_file,
}
"""Name and version of what this program states itself → what derives it again."""


def reader_named(name: str) -> Parse | None:
    """Return the parser of that name and version; None for one nobody has."""
    return OWN_READERS.get(name) or reader(name)


def _record_before(reported: ParseInput) -> Record:
    if reported.before is None:
        raise LookupError(f"nothing was known of {reported.document}")
    return reported.before


UNREADABLE = (LexwatchError, LookupError, ValueError, TypeError, AttributeError, zlib.error)
"""What bytes of which one is wrong may lead to, on the way through a reader."""


@dataclass(slots=True)
class AlertProof:
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
class DerivedRevision:
    """What a revision comes to when it is derived again: the step, or the faults."""

    step: NewRevision | None
    faults: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    reader: str = ""


class CheckedArchive:
    """The archive as a reader asks it: bytes that are not what their digest says are not there."""

    def __init__(self, archive: AuditReader) -> None:
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

    def __init__(self, archive: AuditReader) -> None:
        self._archive = archive
        self._derived: dict[tuple[DocumentId, int], DerivedRevision] = {}

    def verify(self, alert: str) -> AlertProof | None:
        """Return what becomes of an alert, None if there is none of that id."""
        proof = AlertProof(alert)
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

    def _alert(self, name: str, kept: StoredAlert, proof: AlertProof) -> None:
        """The alert is what was stored, under the identity that follows from it, and the watches it names asked."""
        proof.changes = len(kept.alert.changes)
        if kept.alert.id != name:
            proof.faults.append(f"alert {name}: what it says makes the identity {kept.alert.id}")
        if self._archive.seal_of_alert(name) != self._archive.seal_anew(kept):
            proof.faults.append(f"alert {name}: it is not what was sealed when it was stored")
        proof.faults += decision_faults(kept.alert, kept.created_at, self._archive.every_watch())

    def _revision(self, document: DocumentId, number: int, proof: AlertProof) -> None:
        found = self.derive(document, number)
        proof.faults += found.faults
        proof.evidence += [name for name in found.evidence if name not in proof.evidence]
        proof.readers += [name for name in (found.reader,) if name and name not in proof.readers]
        proof.revisions.append(f"{document}@{number}")

    def _messages(self, kept: StoredAlert, proof: AlertProof) -> None:
        """Each message is the one that was frozen, under the identity that follows from its alert and recipient."""
        if not kept.deliveries:
            proof.faults.append(f"alert {proof.alert}: no message carries it")
        for reported in kept.deliveries:
            delivery = self._archive.delivery(reported.delivery)
            first = self._archive.alert(reported.alerts[0])
            proof.messages += 1
            if delivery is None or first is None:
                proof.faults.append(f"message {reported.delivery}: it cannot be read")
            elif delivery.id not in self._names_of(first.alert, delivery.to):
                expected = first.alert.delivery_id(delivery.to)
                proof.faults.append(f"message {delivery.id}: alert and recipient make the identity {expected}")
            elif delivery.channel != kept.alert.channel:
                proof.faults.append(f"message {delivery.id}: it goes by {delivery.channel}, not {kept.alert.channel}")
            elif delivery.message is None:
                proof.remarks.append(f"message {delivery.id} is not written yet")
            elif self._archive.seal_of_message(delivery.id) != seal_of_message(delivery.message, delivery.alerts):
                proof.faults.append(f"message {delivery.id}: it is not what was frozen when it was first sent")

    def _names_of(self, alert: Alert, to: str) -> frozenset[str]:
        """Return the identities that the message of an alert may have: with each restore it may have got another."""
        return frozenset(alert.delivery_id(to, epoch) for epoch in ("", *self._archive.epochs()))

    def altered_messages(self) -> Iterator[str]:
        """Say which messages are not those of the alerts that they were frozen with."""
        for delivery in self._archive.deliveries():
            reported = [self._archive.alert(name) for name in delivery.alerts]
            if not reported or None in reported:
                yield f"message {delivery.id}: an alert that it carries is gone"
            elif delivery.message is not None:
                seal = seal_of_message(delivery.message, delivery.alerts)
                if self._archive.seal_of_message(delivery.id) != seal:
                    yield f"message {delivery.id}: it is not what was frozen when it was first sent"

    def derive(self, document: DocumentId, number: int) -> DerivedRevision:
        """Derive a revision from its bytes and the record before it, and compare it with what is stored."""
        place = (document, number)
        if place not in self._derived:
            self._derived[place] = self._derive(document, number)
        return self._derived[place]

    def _derive(self, document: DocumentId, number: int) -> DerivedRevision:
        name = f"{document}@{number}"
        stood = self._archive.revision(str(document), number)
        if stood is None:
            return DerivedRevision(None, (f"revision {name}: there is none",))
        reread = reader_named(stood.reader)
        if reread is None:
            return DerivedRevision(None, (f"revision {name}: no reader is called {stood.reader}",))
        archive_view = CheckedArchive(self._archive)
        try:
            before = archive_view.record(document, number - 1) if number > 1 else None
            reported = self._parse_input(stood, before, archive_view)
            for one in dict.fromkeys(stood.evidence.values()):
                archive_view.evidence(one)
            judged = [self._judge(stood, before, observation) for observation in reread(reported)]
        except UNREADABLE as error:
            return DerivedRevision(None, (f"revision {name}: {stood.reader} cannot read it again: {error}",))
        seen = tuple(dict.fromkeys(archive_view.seen))
        if not judged:
            return DerivedRevision(None, (f"revision {name}: {stood.reader} reads nothing of it",), seen, stood.reader)
        step, faults = min(judged, key=lambda one: len(one[1]))
        return DerivedRevision(step, faults, seen, stood.reader)

    def _parse_input(self, stood: StoredRevision, before: Record | None, archive_view: CheckedArchive) -> ParseInput:
        return ParseInput(
            document=stood.record.document,
            source=stood.source,
            reader=stood.reader,
            known_from=stood.record.known_from,
            archive=archive_view,
            named={**stood.context.get("stated", {}), **stood.evidence},
            context=stood.context,
            before=before,
            published_at=stood.published_at,
        )

    def _judge(
        self, stood: StoredRevision, before: Record | None, observation: Observation
    ) -> tuple[NewRevision | None, tuple[str, ...]]:
        """Lay what was read again on the record as it stood; say where it differs from what is stored."""
        name = f"{stood.record.document}@{stood.record.revision}"
        step = advance(before, observation, stood.record.known_from)
        if step is None:
            return None, (f"revision {name}: what was read again says nothing new",)
        step, _ = link_corrections(step, self._past(stood.record))
        return step, tuple(self._differences(stood, step))

    def _past(self, record: Record) -> Sequence[Change]:
        past = self._archive.view.past(record.document) if record.revision > 1 else ()
        return tuple(change for change in past if change.revision < record.revision)

    def _differences(self, stood: StoredRevision, step: NewRevision) -> Iterator[str]:
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
        yield from _changes_that_differ(
            stored, () if silent else step.changes, step, first_statements(step, step.before) if stood.baseline else ()
        )


def _changes_that_differ(
    stored: Sequence[Change], derived: Iterable[Change], step: NewRevision, first: Iterable[Change] = ()
) -> Iterator[str]:
    """Say where stored changes are not those that the bytes make; of those a first reading states, which is past for
    most, `first`, any may be stored."""
    may_be = {change.key: change for change in (*step.changes, *first)} if first else {}
    found = {change.key: change for change in derived}
    known = {change.key: change for change in stored}
    for key in found:
        if key not in known:
            yield f"change {key}: it follows from the bytes, and is not stored"
    for key, change in known.items():
        like = found.get(key) or may_be.get(key) or _beside(change, step)
        if like is None:
            yield f"change {key}: nothing in the bytes makes it"
            continue
        for member, ours, theirs in differing(change, like):
            yield f"change {key}: {member} is {ours!r}, the bytes make {theirs!r}"


def _beside(change: Change, step: NewRevision) -> Change | None:
    """Return what makes a change that is none of its revision: a bill that came to match a search, or news sent instead
    of a message that was withdrawn."""
    if change.subject.startswith("search:"):
        return appearance(step, change.subject.removeprefix("search:"))
    instead = (other for right in step.corrections for other in right.instead.values())
    like = partial(replace, before=change.before, corrects=change.corrects)
    return next((like(other) for other in instead if other.key == change.key), None)
