"""Which rows does a revision come to, worked out before anything is written?

Pure: what needs the database is `storage.batch`. A step is a new revision of one document, with the state before it.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from domain.coded_text import coded
from domain.jurisdictions import jurisdiction_of
from domain.observation import Evidence
from domain.records.detection import NewRevision
from domain.records.merge import without_superseded
from domain.records.record import Change, Record, StatusPoint
from storage.location import moment_text, moment_text_if
from storage.records import EntryForm, StoredEntry, state_digest, stored_entry

_SHOWN = frozenset({"title", "listed_title", "item", "laws"})
"""Facets a quick answer shows something of."""

_ARCHIVING = 6

Values = dict[str, Any]

Stored = tuple[Any, ...]
"""Number of the form, day, text, label and body of an entry."""

_Entries = Mapping[str, Mapping[str, StoredEntry]]
"""For each altered facet its entries as stored, by subject."""

Words = tuple[int, str | None, str | None, str | None]
"""The number of an entry, its label as changes have it, its text, and its day."""


@dataclass(frozen=True, slots=True)
class PreparedStep:
    """A step with its entries and the name of its state written out. `evidence` is what most altered facets were read
    from, `other_evidence` names that of the others."""

    step: NewRevision
    entries: _Entries
    digest: str
    evidence: str | None
    other_evidence: Mapping[str, str | None]


class Prepared:
    """What was worked out before the write lock was taken; anything else is worked out when it is asked for.
    `known_forms` are those of earlier transactions; those met on the way are `new_forms`, until it is committed."""

    def __init__(
        self, ahead: Iterable[NewRevision | Evidence] = (), forms: Mapping[EntryForm, int] | None = None
    ) -> None:
        self.known_forms = forms or {}
        self.new_forms: dict[EntryForm, int] = {}
        self._steps: dict[int, PreparedStep] = {}
        self._archived: dict[int, tuple[Evidence, bytes]] = {}
        for one in ahead:
            if isinstance(one, NewRevision):
                self._steps[id(one.record)] = prepared(one)
            else:
                self._archived[id(one)] = (one, zlib.compress(one.body, _ARCHIVING))

    @property
    def unknown_forms(self) -> frozenset[EntryForm]:
        """The forms of what was written out that no earlier transaction met."""
        stated = (entry for one in self._steps.values() for facet in one.entries.values() for entry in facet.values())
        return frozenset(entry.form for entry in stated) - self.known_forms.keys()

    def step(self, step: NewRevision) -> PreparedStep:
        """Return a step written out. It is the record that counts: a step marked late states the same."""
        found = self._steps.get(id(step.record))
        return replace(found, step=step) if found and found.step.altered == step.altered else prepared(step)

    def archived(self, evidence: Evidence) -> bytes:
        """Return the bytes of evidence as stored."""
        found = self._archived.get(id(evidence))
        return found[1] if found else zlib.compress(evidence.body, _ARCHIVING)


def prepared(step: NewRevision) -> PreparedStep:
    """Write out what the revision of a step states."""
    entries = {
        name: {subject: stored_entry(name, entry) for subject, entry in step.record.facets[name].items()}
        for name in step.altered
    }
    return PreparedStep(step, entries, state_digest(step.record.facets), *_evidence(step))


def entry_row(key: int, subject: str, revision: int, stored: Stored) -> Values:
    form, day, text, label, body = stored
    words = {"day": day, "text": text, "label": label, "body": body}
    return {"document": key, "form": form, "subject": subject, "from_revision": revision, **words}


def revision_row(key: int, one: PreparedStep) -> Values:
    step, others = one.step, one.other_evidence
    return {
        "document": key,
        "number": step.record.revision,
        "known_from": moment_text(step.record.known_from),
        "source": step.source,
        "reader": step.reader,
        "published_at": moment_text_if(step.published_at),
        "digest": one.digest,
        "evidence": one.evidence,
        "other_evidence": json.dumps(others) if others else None,
        "context": json.dumps(dict(step.context), ensure_ascii=False, sort_keys=True) if step.context else None,
        "baseline": step.baseline,
        "late": step.late,
    }


def _evidence(step: NewRevision) -> tuple[str | None, dict[str, str | None]]:
    """Return the commonest bytes, and those of the facets that were read from others; a facet read from several has
    further ones, `actions/2`."""
    first = {name: step.evidence.get(name) for name in step.altered}
    if len(set(first.values())) == 1 and not any("/" in name for name in step.evidence):
        return next(iter(first.values())), {}
    common = next((digest for digest, _ in Counter(first.values()).most_common(1)), None)
    others = {name: digest for name, digest in first.items() if digest != common}
    further = {name: found for name, found in step.evidence.items() if "/" in name and name.partition("/")[0] in first}
    return common, {**others, **further}


def facet_rows(key: int, step: NewRevision) -> Iterator[Values]:
    for name in step.altered:
        owner = step.record.owners.get(name, step.source)
        yield {"document": key, "name": name, "revision": step.record.revision, "owner": owner}


def _doubt(record: Record) -> str | None:
    """Return why the status of a record is uncertain, as a coded text: its publisher has no such document, a list shows
    that it moved and it could not be read since, or what the law of its jurisdiction finds."""
    absent = [str(entry["text"]) for entry in record.facets.get("absent", {}).values()]
    if absent and not record.timeline:
        return absent[0]
    if (unread := _unread_since(record)) is not None:
        return coded("doubt.unread", on=unread).to_json()
    found = jurisdiction_of(record.document).doubt(record.document, without_superseded(record.facets))
    return found.to_json() if found else None


def _unread_since(record: Record) -> str | None:
    """Return the day of what a list alone shows of a document that is read in full, where nothing read is as late."""
    read, shown = (
        max((str(entry.get("on") or "") for entry in record.facets.get(name, {}).values()), default="")
        for name in ("actions", "movement")
    )
    return shown if read and shown > read else None


def headline_rows(key: int, step: NewRevision) -> Iterator[Values]:
    """Yield what quick answers need of a step that altered it."""
    record, doubt = step.record, _doubt(step.record)
    if step.based_on and step.before and _SHOWN.isdisjoint(step.altered) and _doubt(step.before) == doubt:
        return
    item = record.facets.get("item", {}).get("", {})
    laws = (entry.get("label") for entry in record.facets.get("laws", {}).values())
    yield {
        "document": key,
        "revision": record.revision,
        "title": record.title,
        "introduced_on": item.get("introduced_on"),
        "law": next((str(law) for law in laws if law), None),
        "doubt": doubt,
    }


def interval_row(key: int, revision: int, seq: int, point: StatusPoint) -> Values:
    words = {"status": point.status, "status_on": point.on, "text": point.text}
    return {"document": key, "from_revision": revision, "seq": seq, **words}


def change_rows(key: int, one: PreparedStep, came: Mapping[str, Words]) -> Iterator[Values]:
    """Yield the changes of a step, each once."""
    once: dict[str, Change] = {}
    for change in one.step.changes:
        once.setdefault(change.key, change)
    for place, change in enumerate(once.values()):
        yield change_row(key, place, change, one, came)


def change_row(key: int, place: int, change: Change, one: PreparedStep | None, came: Mapping[str, Words]) -> Values:
    """Return the row of a change; what is that of its revision, as the step knows, is left to the revision."""
    said = (change.seen_at, change.source, change.published_at, change.evidence)
    step = one and one.step
    common = step and said == (step.record.known_from, step.source, step.published_at, one and one.evidence)
    entry, after, text, day = _own_words(change, came)
    return {
        "document": key,
        "revision": change.revision,
        "position": place,
        "kind": str(change.kind),
        "subject": change.subject,
        "before": change.before,
        "after": after,
        "text": text,
        "entry": entry,
        "happened_on": day,
        "evidence": None if common else change.evidence,
        "seen_at": None if common else moment_text(change.seen_at),
        "source": None if common else change.source,
        "published_at": None if common else moment_text_if(change.published_at),
        "corrects": change.corrects,
    }


def _own_words(change: Change, came: Mapping[str, Words]) -> tuple[int | None, str | None, str | None, str | None]:
    """Return the entry that a change reports, and what of the change says something else than the entry: its `after`,
    its text, its day. What the change leaves open, an entry cannot say for it."""
    number, *entry = came.get(change.subject, (None, None, None, None))
    said = (change.after, change.text, change.happened_on)
    own = [None if stated == found else stated for stated, found in zip(said, entry, strict=True)]
    opened = any(stated is None and found is not None for stated, found in zip(said, entry, strict=True))
    if opened or all(stated == kept for stated, kept in zip(said, own, strict=True)):
        return None, *said
    return number, own[0], own[1], own[2]
