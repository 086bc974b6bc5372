"""Which rows does a page of revisions come to?

Steps are gathered and written together, one statement per table, because a page must not hold the write lock for long
(rule 1). What needs nothing from the database is worked out beforehand (`Prepared`). Entries and points of the timeline
that no longer stand are closed, new ones opened; a state is never copied.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from domain.jurisdictions import jurisdiction_of
from domain.observation import Evidence
from domain.records.detection import NewRevision
from domain.records.merge import without_superseded
from domain.records.record import Change, Record, StatusPoint
from storage import tables
from storage.location import Execute, for_postgresql, moment_text, moment_text_if
from storage.records import EntryForm, StoredEntry, is_words, state_digest, stored_entry
from storage.tables import table

_SHOWN = frozenset({"title", "listed_title", "item", "laws"})
"""Facets a quick answer shows something of."""

_ARCHIVING = 6

_Values = dict[str, Any]
_Stored = tuple[Any, ...]
"""Number of the form, day, text, label and body of an entry."""

_Entries = Mapping[str, Mapping[str, StoredEntry]]
"""For each altered facet its entries as stored, by subject."""

_Words = tuple[int, str | None, str | None, str | None]
"""The number of an entry, its label as changes have it, its text, and its day."""

_Came = Mapping[int, Mapping[str, _Words]]
"""For each document the words of the entries that came with this batch, by their subject as changes name it."""

MOST_FORMS = 1_000
"""Forms a facet may have; further entries are stored whole. A feed's could be as many as its authors."""

_CLOSE_INTERVAL = """
    UPDATE status_interval SET to_revision = :until WHERE document = :document AND from_revision = :since AND seq = :seq
"""
_CLOSE_ENTRY = "UPDATE entry SET to_revision = :until WHERE id = :number"

_KEYS = "(SELECT CAST(value AS INTEGER) FROM json_each(:documents))"
_STANDING = f"""
    SELECT document, from_revision, seq, status, status_on, text FROM status_interval
    WHERE document IN {_KEYS} AND to_revision IS NULL
"""
_STANDING_ENTRIES = f"""
    SELECT e.document, m.facet, e.subject, e.id, e.form, e.day, e.text, e.label, e.body
    FROM entry e JOIN entry_form m ON m.id = e.form
    WHERE e.document IN {_KEYS} AND e.to_revision IS NULL AND m.facet IN (SELECT value FROM json_each(:facets))
"""
_FORM = "SELECT id FROM entry_form WHERE facet = :facet AND label = :label AND text = :text AND members = :members"
_FORMS = "SELECT count(*) FROM entry_form WHERE facet = :facet"
_ADD_FORM = """
    INSERT INTO entry_form (facet, label, text, members) VALUES (:facet, :label, :text, :members)
    ON CONFLICT (facet, label, text, members) DO UPDATE SET members = excluded.members RETURNING id
"""
_LAST_ENTRY = "SELECT coalesce(max(id), 0) FROM entry"
_NEXT_ENTRIES = "SELECT nextval(pg_get_serial_sequence('entry', 'id')) FROM generate_series(1, :wanted)"
_ALIASES = f"SELECT document, count(*) FROM alias WHERE document IN {_KEYS} GROUP BY document"
_BEGUN = f"SELECT DISTINCT document, revision FROM change WHERE document IN {_KEYS}"
_PLACES = """
    SELECT kind, subject, position FROM change WHERE document = :document AND revision = :revision ORDER BY position
"""


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


class Batch:
    """Steps of one transaction that are not written yet, by the key of their document."""

    def __init__(
        self, connection: Connection, execute: Execute, trace: Callable[[str], None], prepared: Prepared
    ) -> None:
        self._connection = connection
        self._execute = execute
        self._trace = trace
        self._known_forms = prepared.known_forms
        self._new_forms = prepared.new_forms
        self._steps: dict[int, PreparedStep] = {}

    def __len__(self) -> int:
        return len(self._steps)

    def __contains__(self, document: int) -> bool:
        return document in self._steps

    def add(self, document: int, step: PreparedStep) -> None:
        self._steps[document] = step

    def write(self) -> None:
        """Write every gathered step. Each document is in a batch once, so the order is the order of the tables."""
        gathered, self._steps = list(self._steps.items()), {}
        if not gathered:
            return
        steps = [(key, one.step) for key, one in gathered]
        later = [key for key, step in steps if step.based_on]
        self._add(tables.RevisionRows, (_revision(key, one) for key, one in gathered))
        self._add(tables.FacetRows, (row for key, step in steps for row in _facets(key, step)))
        came = self._write_entries(gathered, later)
        self._add(tables.HeadlineRows, (row for key, step in steps for row in _headline(key, step)))
        self._write_aliases(steps, later)
        self._write_intervals(steps, later)
        self._trace("store.before_change")
        self._write_changes_of(gathered, came)

    def write_changes(self, document: int, revision: int, changes: Iterable[Change]) -> dict[str, int]:
        """Write changes of one revision after those that are stored; return the place of each by its key.

        One that is stored already is left alone.
        """
        asked = {"document": document, "revision": revision}
        stored = {(kind, subject): int(place) for kind, subject, place in self._execute(_PLACES, asked)}
        added: list[_Values] = []
        places: dict[str, int] = {}
        for change in changes:
            name = (str(change.kind), change.subject)
            if name not in stored:
                stored[name] = len(stored)
                added.append(_change(document, stored[name], change, None, {}))
            places[change.key] = stored[name]
        self._add(tables.ChangeRows, added)
        return places

    def _write_changes_of(self, steps: Sequence[tuple[int, PreparedStep]], came: _Came) -> None:
        """Alerts may have stored changes of these revisions already; then each has to be looked for."""
        changed = {key: one for key, one in steps if one.step.changes}
        if not changed:
            return
        begun = set(map(tuple, self._execute(_BEGUN, {"documents": json.dumps(list(changed))})))
        fresh = {key: one for key, one in changed.items() if (key, one.step.record.revision) not in begun}
        self._add(tables.ChangeRows, (row for key, one in fresh.items() for row in _changes(key, one, came[key])))
        for key, one in changed.items():
            if key not in fresh:
                self.write_changes(key, one.step.record.revision, one.step.changes)

    def _write_entries(self, steps: Sequence[tuple[int, PreparedStep]], later: Sequence[int]) -> _Came:
        """Close the entries that no longer stand as they are, and open the new ones; return these."""
        standing = self._standing_entries(steps, later)
        closed: list[_Values] = []
        opened: list[tuple[str, _Values]] = []
        for key, one in steps:
            revision = one.step.record.revision
            for facet, entries in one.entries.items():
                before = standing.get((key, facet), {})
                stated = {subject: self._with_number(entry) for subject, entry in entries.items()}
                for subject, (number, stored) in before.items():
                    if stated.get(subject) != stored:
                        closed.append({"number": number, "until": revision})
                for subject, stored in stated.items():
                    if subject not in before or before[subject][1] != stored:
                        opened.append((facet, _entry(key, subject, revision, stored)))
        self._many(_CLOSE_ENTRY, closed)
        numbers = self._entry_numbers(len(opened))
        self._add(tables.EntryRows, ({"id": n, **row} for n, (_, row) in zip(numbers, opened, strict=True)))
        changed = {key: one.step.record.facets for key, one in steps if one.step.changes}
        came: dict[int, dict[str, _Words]] = {key: {} for key in changed}
        for number, (facet, row) in zip(numbers, opened, strict=True):
            key, subject = row["document"], row["subject"]
            if key in changed:
                entry = changed[key][facet][subject]
                names = ("on", "text", "label")
                day, text, label = (word if is_words(word := entry.get(name)) else None for name in names)
                came[key][subject] = came[key][f"{facet}/{subject}"] = number, label or text, text, day
        return came

    def _standing_entries(
        self, steps: Sequence[tuple[int, PreparedStep]], later: Sequence[int]
    ) -> Mapping[tuple[int, str], Mapping[str, tuple[int, _Stored]]]:
        """Return the number of each entry of the altered facets, and how it is stored."""
        standing: dict[tuple[int, str], dict[str, tuple[int, _Stored]]] = {}
        facets = sorted({name for _, one in steps for name in one.entries})
        if later:
            asked = {"documents": json.dumps(list(later)), "facets": json.dumps(facets)}
            for key, facet, subject, number, *stored in self._execute(_STANDING_ENTRIES, asked):
                standing.setdefault((key, facet), {})[subject] = (number, tuple(stored))
        return standing

    def _with_number(self, entry: StoredEntry) -> _Stored:
        """Return how an entry is stored, with the number of its form."""
        form = self._known_forms.get(entry.form) or self._form(entry.form)
        if form is None:
            entry = entry.without_form()
            form = self._known_forms.get(entry.form) or self._form(entry.form)
        return form, *entry[1:]

    def add_forms(self, forms: Collection[EntryForm]) -> None:
        """Give forms their numbers, and one without words to each facet that has too many."""
        for form in sorted(forms):
            if self._known_forms.get(form) is None and self._form(form) is None:
                self._form(EntryForm(form.facet))

    def _form(self, form: EntryForm) -> int | None:
        """Return the number of a form that no transaction before met; None where its facet has too many."""
        if form in self._new_forms:
            return self._new_forms[form]
        asked = form._asdict()
        found = self._execute(_FORM, asked)
        if not found:
            plain = form == EntryForm(form.facet)
            if not plain and self._execute(_FORMS, {"facet": form.facet})[0][0] >= MOST_FORMS:
                return None
            found = self._execute(_ADD_FORM, asked)
        self._new_forms[form] = int(found[0][0])
        return self._new_forms[form]

    def _entry_numbers(self, wanted: int) -> Sequence[int]:
        """Return numbers for new entries: changes refer to them."""
        if self._foreign:
            return [row[0] for row in self._execute(_NEXT_ENTRIES, {"wanted": wanted})]
        last = int(self._execute(_LAST_ENTRY, {})[0][0])
        return range(last + 1, last + 1 + wanted)

    def _write_aliases(self, steps: Sequence[tuple[int, NewRevision]], later: Sequence[int]) -> None:
        """Aliases only grow, at their end."""
        naming = {key: step for key, step in steps if step.record.aliases}
        if not naming:
            return
        asked = [key for key in later if key in naming]
        found = self._execute(_ALIASES, {"documents": json.dumps(asked)}) if asked else ()
        known = {row[0]: int(row[1]) for row in found}
        self._add(
            tables.AliasRows,
            (
                {"document": key, "position": position, "scheme": alias.scheme, "value": alias.value}
                for key, step in naming.items()
                for position, alias in enumerate(step.record.aliases)
                if position >= known.get(key, 0)
            ),
        )

    def _write_intervals(self, steps: Sequence[tuple[int, NewRevision]], later: Sequence[int]) -> None:
        standing: dict[int, dict[tuple[int, StatusPoint], int]] = {key: {} for key, _ in steps}
        if later:
            for key, since, seq, status, on, text in self._execute(_STANDING, {"documents": json.dumps(list(later))}):
                standing[key][seq, StatusPoint(status, on, text)] = since
        closed: list[_Values] = []
        opened: list[_Values] = []
        for key, step in steps:
            stands = set(enumerate(step.record.timeline))
            gone = [(seq, since) for (seq, point), since in standing[key].items() if (seq, point) not in stands]
            closed += (_closing_interval(key, seq, since, step.record.revision) for seq, since in gone)
            added = sorted(stands - set(standing[key]), key=lambda place: place[0])
            opened += (_interval(key, step.record.revision, seq, point) for seq, point in added)
        self._many(_CLOSE_INTERVAL, closed)
        self._add(tables.StatusIntervalRows, opened)

    def _add(self, row: type[tables.StoredRow], values: Iterable[_Values]) -> None:
        """Add rows of one table by the driver itself; all name the same columns in the same order. PostgreSQL copies
        them in, which takes a third less CPU here than inserting."""
        found = list(values)
        if not found:
            return
        listed = [tuple(one.values()) for one in found]
        columns = ", ".join(f'"{name}"' for name in found[0])
        cursor = self._driver.cursor()
        if self._foreign:
            with cursor.copy(f"COPY {table(row).name} ({columns}) FROM STDIN") as copy:
                for one in listed:
                    copy.write_row([_without_nul(value) for value in one])
        else:
            places = ", ".join("?" * len(found[0]))
            cursor.executemany(f"INSERT INTO {table(row).name} ({columns}) VALUES ({places})", listed)

    def _many(self, sql: str, values: Sequence[_Values]) -> None:
        """Run a statement for many rows by the driver itself: SQLAlchemy's way takes as long again as the database."""
        if values:
            self._driver.cursor().executemany(for_postgresql(sql) if self._foreign else sql, values)

    @property
    def _driver(self) -> Any:
        return self._connection.connection.driver_connection

    @property
    def _foreign(self) -> bool:
        return self._connection.dialect.name == "postgresql"


def _without_nul(value: object) -> object:
    """Return a value without the one character that PostgreSQL's text cannot hold."""
    return value.replace("\x00", "\ufffd") if isinstance(value, str) and "\x00" in value else value


def _entry(key: int, subject: str, revision: int, stored: _Stored) -> _Values:
    form, day, text, label, body = stored
    return {
        "document": key,
        "form": form,
        "subject": subject,
        "from_revision": revision,
        "day": day,
        "text": text,
        "label": label,
        "body": body,
    }


def _revision(key: int, one: PreparedStep) -> _Values:
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


def _facets(key: int, step: NewRevision) -> Iterator[_Values]:
    for name in step.altered:
        owner = step.record.owners.get(name, step.source)
        yield {"document": key, "name": name, "revision": step.record.revision, "owner": owner}


def _doubt(record: Record) -> str | None:
    """Return why the status of a record is uncertain, as a coded text: its publisher has no such document, or what the
    law of its jurisdiction finds."""
    absent = [str(entry["text"]) for entry in record.facets.get("absent", {}).values()]
    if absent and not record.timeline:
        return absent[0]
    found = jurisdiction_of(record.document).doubt(record.document, without_superseded(record.facets))
    return found.to_json() if found else None


def _headline(key: int, step: NewRevision) -> Iterator[_Values]:
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


def _interval(key: int, revision: int, seq: int, point: StatusPoint) -> _Values:
    words = {"status": point.status, "status_on": point.on, "text": point.text}
    return {"document": key, "from_revision": revision, "seq": seq, **words}


def _closing_interval(key: int, seq: int, since: int, until: int) -> _Values:
    return {"document": key, "since": since, "seq": seq, "until": until}


def _changes(key: int, one: PreparedStep, came: Mapping[str, _Words]) -> Iterator[_Values]:
    """Yield the changes of a step, each once."""
    once: dict[str, Change] = {}
    for change in one.step.changes:
        once.setdefault(change.key, change)
    for place, change in enumerate(once.values()):
        yield _change(key, place, change, one, came)


def _change(key: int, place: int, change: Change, one: PreparedStep | None, came: Mapping[str, _Words]) -> _Values:
    """Return the row of a change; what is that of its revision, as the step knows, is left to the revision."""
    said = (change.seen_at, change.source, change.published_at, change.evidence)
    common = one is not None and said == (
        one.step.record.known_from,
        one.step.source,
        one.step.published_at,
        one.evidence,
    )
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


def _own_words(change: Change, came: Mapping[str, _Words]) -> tuple[int | None, str | None, str | None, str | None]:
    """Return the entry that a change reports, and what of the change says something else than the entry: its `after`,
    its text, its day. What the change leaves open, an entry cannot say for it."""
    number, *entry = came.get(change.subject, (None, None, None, None))
    said = (change.after, change.text, change.happened_on)
    own = [None if stated == found else stated for stated, found in zip(said, entry, strict=True)]
    opened = any(stated is None and found is not None for stated, found in zip(said, entry, strict=True))
    if opened or all(stated == kept for stated, kept in zip(said, own, strict=True)):
        return None, *said
    return number, own[0], own[1], own[2]
