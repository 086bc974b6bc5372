"""How is a page of revisions written?

Steps are gathered and written together, one statement per table, because a page must not hold the write lock for long
(rule 1). What needs nothing from the database is worked out beforehand (`storage.revision_rows`). Entries and points of
the timeline that no longer stand are closed, new ones opened; a state is never copied.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from domain.records.detection import NewRevision
from domain.records.record import Change, StatusPoint
from storage import tables
from storage.location import Execute, for_postgresql
from storage.records import EntryForm, StoredEntry, is_words
from storage.revision_rows import (
    Prepared,
    PreparedStep,
    Stored,
    Values,
    Words,
    change_row,
    change_rows,
    entry_row,
    facet_rows,
    headline_rows,
    interval_row,
    revision_row,
)
from storage.tables import table

_Came = Mapping[int, Mapping[str, Words]]
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
        self._add(tables.RevisionRows, (revision_row(key, one) for key, one in gathered))
        self._add(tables.FacetRows, (row for key, step in steps for row in facet_rows(key, step)))
        came = self._write_entries(gathered, later)
        self._add(tables.HeadlineRows, (row for key, step in steps for row in headline_rows(key, step)))
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
        added: list[Values] = []
        places: dict[str, int] = {}
        for change in changes:
            name = (str(change.kind), change.subject)
            if name not in stored:
                stored[name] = len(stored)
                added.append(change_row(document, stored[name], change, None, {}))
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
        self._add(tables.ChangeRows, (row for key, one in fresh.items() for row in change_rows(key, one, came[key])))
        for key, one in changed.items():
            if key not in fresh:
                self.write_changes(key, one.step.record.revision, one.step.changes)

    def _write_entries(self, steps: Sequence[tuple[int, PreparedStep]], later: Sequence[int]) -> _Came:
        """Close the entries that no longer stand as they are, and open the new ones; return these."""
        standing = self._standing_entries(steps, later)
        closed: list[Values] = []
        opened: list[tuple[str, Values]] = []
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
                        opened.append((facet, entry_row(key, subject, revision, stored)))
        self._many(_CLOSE_ENTRY, closed)
        numbers = self._entry_numbers(len(opened))
        self._add(tables.EntryRows, ({"id": n, **row} for n, (_, row) in zip(numbers, opened, strict=True)))
        changed = {key: one.step.record.facets for key, one in steps if one.step.changes}
        came: dict[int, dict[str, Words]] = {key: {} for key in changed}
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
    ) -> Mapping[tuple[int, str], Mapping[str, tuple[int, Stored]]]:
        """Return the number of each entry of the altered facets, and how it is stored."""
        standing: dict[tuple[int, str], dict[str, tuple[int, Stored]]] = {}
        facets = sorted({name for _, one in steps for name in one.entries})
        if later:
            asked = {"documents": json.dumps(list(later)), "facets": json.dumps(facets)}
            for key, facet, subject, number, *stored in self._execute(_STANDING_ENTRIES, asked):
                standing.setdefault((key, facet), {})[subject] = (number, tuple(stored))
        return standing

    def _with_number(self, entry: StoredEntry) -> Stored:
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
        closed: list[Values] = []
        opened: list[Values] = []
        for key, step in steps:
            stands = set(enumerate(step.record.timeline))
            gone = [(seq, since) for (seq, point), since in standing[key].items() if (seq, point) not in stands]
            ended = {"document": key, "until": step.record.revision}
            closed += ({**ended, "seq": seq, "since": since} for seq, since in gone)
            added = sorted(stands - set(standing[key]), key=lambda place: place[0])
            opened += (interval_row(key, step.record.revision, seq, point) for seq, point in added)
        self._many(_CLOSE_INTERVAL, closed)
        self._add(tables.StatusIntervalRows, opened)

    def _add(self, row: type[tables.StoredRow], values: Iterable[Values]) -> None:
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

    def _many(self, sql: str, values: Sequence[Values]) -> None:
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
