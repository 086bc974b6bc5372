"""What did a record look like, now or at an earlier revision?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from domain.documents import Alias, DocumentId
from domain.errors import StoreError
from domain.records.facets import canonical, digest
from domain.records.record import Record, StatusPoint
from storage.location import Execute, Row, read_moment, read_moment_if

if TYPE_CHECKING:
    from domain.records.record import Change

_NEWEST = 1 << 62
_KEYS = "(SELECT CAST(value AS INTEGER) FROM json_each(:keys))"
_STANDS = "from_revision <= :upto AND (to_revision IS NULL OR to_revision > :upto)"

_ROWS = """
    SELECT d.id, d.identity, r.number, r.known_from, d.first_seen_at, d.url, r.digest, r.source, r.reader,
           r.published_at, r.evidence, r.other_evidence, r.context, r.baseline, r.late
    FROM document d
    JOIN revision r ON r.document = d.id AND r.number = CASE WHEN d.revision < :upto THEN d.revision ELSE :upto END
    WHERE d.identity IN (SELECT value FROM json_each(:documents))
"""
_IDENTITIES = (
    "SELECT id, identity FROM document WHERE revision > 0 AND identity IN (SELECT value FROM json_each(:documents))"
)
_OWNERS = f"""
    SELECT document, name, owner FROM facet WHERE document IN {_KEYS} AND revision <= :upto{{}}
    ORDER BY document, revision
"""
_ENTRIES = f"""
    SELECT e.document, m.facet, e.subject, m.members, m.text, m.label, e.day, e.text, e.label, e.body
    FROM entry e JOIN entry_form m ON m.id = e.form WHERE document IN {_KEYS} AND {_STANDS}{{}}
    ORDER BY e.document, m.facet, e.id
"""
_TIMELINE = f"""
    SELECT document, status, status_on, text FROM status_interval WHERE document IN {_KEYS} AND {_STANDS}
    ORDER BY document, seq
"""
_ALIASES = f"SELECT document, scheme, value FROM alias WHERE document IN {_KEYS} ORDER BY document, position"
_ALTERED = """
    SELECT f.name, f.owner FROM facet f JOIN document d ON d.id = f.document
    WHERE d.identity = :document AND f.revision = :revision ORDER BY f.name
"""
_STATED = """
    SELECT r.digest, r.known_from, r.source, r.reader, r.published_at, r.evidence, r.other_evidence, r.context
    FROM revision r JOIN document d ON d.id = r.document WHERE d.identity = :document AND r.number = :revision
"""


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """One state of a record, who stated it, which reader read it, and from which bytes each altered facet came.

    `evidence` names further bytes of a facet `FACET/2` and so on. `context` is what the reading needed beside them,
    `baseline` says that what it said was past when it was read, `late` that it was seen after a long stop.
    """

    record: Record
    source: str
    reader: str
    published_at: datetime | None
    evidence: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    baseline: bool = False
    late: bool = False


@dataclass(slots=True)
class _Parts:
    facets: dict[str, dict[str, Any]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    timeline: list[StatusPoint] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)


def records(execute: Execute, documents: Iterable[DocumentId]) -> dict[DocumentId, Record]:
    """Return the newest record of each document that has one: five questions, however many documents."""
    rows, parts = _gather(execute, [str(document) for document in documents], _NEWEST)
    found = (_record(row, parts[row[0]]) for row in rows)
    return {record.document: record for record in found}


def facets(execute: Execute, documents: Iterable[str], names: Iterable[str] | None) -> dict[str, dict[str, Any]]:
    """Return facets of these names, or all, of each document that has a record, as they stand; whether that is the
    state its digest names is not asked: three questions, however many documents."""
    known = {row[0]: row[1] for row in execute(_IDENTITIES, {"documents": json.dumps(list(documents))})}
    found: dict[int, dict[str, Any]] = {key: {} for key in known}
    asked = {"keys": json.dumps(list(known)), "upto": _NEWEST}
    chosen = "" if names is None else " AND {} IN (SELECT value FROM json_each(:names))"
    asked |= {} if names is None else {"names": json.dumps(list(names))}
    for document, name, _ in execute(_OWNERS.format(chosen.format("name")), asked):
        found[document].setdefault(name, {})
    for document, facet, subject, *stored in execute(_ENTRIES.format(chosen.format("m.facet")), asked):
        found[document].setdefault(facet, {})[subject] = _whole(facet, *stored)
    return {known[key]: stated for key, stated in found.items()}


def revision(execute: Execute, document: DocumentId, number: int) -> StoredRevision | None:
    """Return the record as it stood at a revision, or None when there is no such revision."""
    rows, parts = _gather(execute, [str(document)], number)
    if not rows or rows[0][2] != number:
        return None
    row = rows[0]
    altered = [name for name, _ in execute(_ALTERED, {"document": str(document), "revision": number})]
    return StoredRevision(
        record=_record(row, parts[row[0]]),
        source=row[7],
        reader=row[8],
        published_at=read_moment_if(row[9]),
        evidence=_evidence(row, altered),
        context=json.loads(row[12]) if row[12] else {},
        baseline=bool(row[13]),
        late=bool(row[14]),
    )


def state_digest(facets: Mapping[str, Any]) -> str:
    """Return the name of a state: of the canonical bytes of all its facets."""
    return digest(canonical(facets))[:32]


def stated_digests(execute: Execute, changes: Iterable[Change]) -> tuple[str, ...]:
    """Return a digest of each revision that these changes came with: of its state, and of who stated it when, read by
    which reader from which bytes; nothing of a source or a channel."""
    places = sorted({(str(change.document), change.revision) for change in changes})
    found: list[str] = []
    for document, number in places:
        place = {"document": document, "revision": number}
        owners = [tuple(row) for row in execute(_ALTERED, place)]
        said = [json.dumps([*row, *owners], ensure_ascii=False) for row in execute(_STATED, place)]
        found += [digest(text.encode()) for text in said]
    return tuple(found)


def _evidence(row: Row, altered: Sequence[str]) -> dict[str, str]:
    """Return the digests of the bytes that altered facets were read from, as far as they were named."""
    named = {**dict.fromkeys(altered, row[10]), **(json.loads(row[11]) if row[11] else {})}
    return {name: digest for name, digest in named.items() if digest is not None}


def _gather(execute: Execute, identities: list[str], upto: int) -> tuple[list[Row], dict[int, _Parts]]:
    """Read what makes these records; StoreError where a state is not what its digest says."""
    if not identities:
        return [], {}
    rows = list(execute(_ROWS, {"upto": upto, "documents": json.dumps(identities)}))
    parts = {row[0]: _Parts() for row in rows}
    asked = {"keys": json.dumps(list(parts)), "upto": upto}
    for document, name, owner in execute(_OWNERS.format(""), asked):
        parts[document].facets.setdefault(name, {})
        parts[document].owners[name] = owner
    for document, facet, subject, *stored in execute(_ENTRIES.format(""), asked):
        parts[document].facets.setdefault(facet, {})[subject] = _whole(facet, *stored)
    for row in rows:
        if state_digest(parts[row[0]].facets) != row[6]:
            raise StoreError(f"{row[1]}@{row[2]}: what is stored does not match its digest: restore a backup")
    for document, status, on, text in execute(_TIMELINE, asked):
        parts[document].timeline.append(StatusPoint(status, on, text))
    for document, scheme, value in execute(_ALIASES, asked):
        parts[document].aliases.append(Alias(scheme, value))
    return rows, parts


class EntryForm(NamedTuple):
    """What many entries of a facet have in common (`storage.tables.EntryFormRows`)."""

    facet: str
    label: str = ""
    text: str = ""
    members: str = "{}"


class StoredEntry(NamedTuple):
    """An entry as it is stored: what it has in common with others, and its own."""

    form: EntryForm
    day: str | None
    text: str | None
    label: str | None
    body: str | None

    def without_form(self) -> StoredEntry:
        """Return the same entry stored whole: there are too many forms of this facet already."""
        entry = _whole(self.form.facet, *self.form[:0:-1], *self[1:])
        words = {name: entry.pop(name) for name in _COLUMNS if is_words(entry.get(name))}
        day, text, label = map(words.get, _COLUMNS)
        return StoredEntry(EntryForm(self.form.facet), day, text, label, _body(entry))


_MSGSPEC = msgspec.json.Encoder(order="deterministic")
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
_DIGIT = re.compile(r"\d")
_LONGEST_WORD = 24
_LONGEST_PATTERN = 60
_SHORTEST_REPEATED = 12

_COLUMNS = ("on", "text", "label")
"""Members that have a column of their own."""

_OWN = "own"
"""In place of a pattern: the text itself has a place for the label, one that no other entry is likely to have."""


def stored_entry(facet: str, entry: Mapping[str, Any]) -> StoredEntry:
    """Take an entry apart: members that are empty, a flag or one short word go into its form, as do label and text
    where one says the other again. An import does this thirty times for each bill."""
    day, text, label = (value if is_words(value := entry.get(name)) else None for name in _COLUMNS)
    label_form = _pattern(label, text, "{text}")
    text_form = "" if label_form else _pattern(text, label, "{label}")
    if not (label_form or text_form) and text and label and len(label) >= _SHORTEST_REPEATED and label in text:
        with_place = text.replace(label, "{label}", 1)
        if with_place.count("{label}") == 1:
            text, text_form = with_place, _OWN
    common: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for name, value in entry.items():
        if isinstance(value, str):
            if name in _COLUMNS and "\x00" not in value:
                continue
            is_common = len(value) <= _LONGEST_WORD and not _DIGIT.search(value)
        else:
            is_common = value is None or isinstance(value, bool) or value in ([], {})
        (common if is_common else own)[name] = value
    form = EntryForm(facet, label_form, text_form, _MSGSPEC.encode(common).decode())
    own_text = None if text_form and text_form != _OWN else text
    return StoredEntry(form, day, own_text, None if label_form else label, _body(own))


def is_words(value: Any) -> bool:
    """Say whether a value can stand in a column of text on both databases."""
    return isinstance(value, str) and "\x00" not in value


def _pattern(whole: str | None, part: str | None, place: str) -> str:
    """Return `whole` with a place for the `part` that it repeats, "" where it does not or where few others would."""
    if not whole or not part or part not in whole:
        return ""
    if whole == part:
        return place
    found = whole.replace(part, place, 1)
    if len(found) > _LONGEST_PATTERN or found.count(place) > 1 or _DIGIT.search(found):
        return ""
    return found


def _body(own: Mapping[str, Any]) -> str | None:
    """Write out what only this entry has. msgspec is ten times as fast, but writes what is not a number as null."""
    if not own:
        return None
    written = _MSGSPEC.encode(own)
    return _JSON.encode(own) if b"null" in written else written.decode()


def _whole(facet: str, *stored: str | None) -> dict[str, Any]:
    """Put an entry together again; StoreError where it is not what was stored."""
    members, text_form, label_form, day, text, label, body = stored
    try:
        entry: dict[str, Any] = json.loads(members or "")
        if body is not None:
            entry.update(json.loads(body))
        if day is not None:
            entry["on"] = day
        if text is not None or text_form:
            pattern = text if text_form == _OWN else text_form
            entry["text"] = pattern.replace("{label}", label or "") if text_form and pattern else text
        if label is not None or label_form:
            entry["label"] = label_form.replace("{text}", text or "") if label_form else label
    except (ValueError, TypeError) as error:
        raise StoreError(f"an entry of {facet} is damaged: restore a backup ({error})") from error
    return entry


def _record(row: Row, parts: _Parts) -> Record:
    return Record(
        document=DocumentId.parse(row[1]),
        revision=row[2],
        known_from=read_moment(row[3]),
        first_seen_at=read_moment(row[4]),
        facets=parts.facets,
        timeline=tuple(parts.timeline),
        owners=parts.owners,
        url=row[5],
        aliases=tuple(parts.aliases),
    )
