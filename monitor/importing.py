"""What do bulk files add to the record? Read, compare, remember; tell nobody.

What enters this way opens no scope and makes no alert. Of a document never seen the first state is kept, of a known one
the differences too, if the file is newer than the record. A watched document is left to its own publisher, for a change
that slipped in here would be told to nobody. What nobody stated of a document yet is always taken.

A file is recognised by the digest of its bytes, before it is parsed, whether or not it said anything new; so a second
import costs little and changes nothing, and one that was cut off goes on where it stopped. The bytes are not archived:
no alert rests on them, what they said is in the facets, and the user has the files. Their digests and names are kept.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.changes import Change
from domain.corrections import attribute
from domain.detect import Step, advance
from domain.errors import Conflict
from domain.facets import Facet, digest
from domain.observation import Observation
from domain.ports import Clock, Store, View
from domain.record import Record
from monitor.bulk import Found, Unread
from monitor.readers import Read, read_here
from watchers.billstatus.reading import Reading

PAGE = 100
"""Files that are compared and recorded together: 250 would hold the write lock for longer than 250 ms (rule 1)."""

GAP = 0.02
"""Seconds between two transactions in which others may write: without them a writer waited for seconds."""

MOST_WORDS = 400
"""Characters of a change's text that `history` keeps: more than any line of actions on the way through Congress."""

HEAVY = 16 * 2**20
"""Bytes after which a page is full, however few its files."""

_AHEAD = 2
"""Pages that are being read while one is recorded."""

_ATTEMPTS = 5


@dataclass(slots=True)
class Tally:
    """What an import has come to so far, in files. `known` were read before, byte for byte; `same` said nothing new."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    known: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class _Read:
    """One file that could be read."""

    name: str
    digest: str
    reading: Reading

    @property
    def observation(self) -> Observation:
        return self.reading.observation(self.digest)


@dataclass(frozen=True, slots=True)
class _Page:
    """Files that are recorded together: those to be read, by digest, while `readings` waits for what they say."""

    size: int
    known: int
    unread: Sequence[Unread]
    files: Mapping[str, Found]
    readings: Callable[[], Sequence[Reading | str]]


def import_files(
    files: Iterable[Found | Unread],
    store: Store,
    clock: Clock,
    *,
    read: Read = read_here,
    report: Callable[[Tally], None] = lambda _: None,
    complain: Callable[[Unread], None] = lambda _: None,
) -> Tally:
    """Record what the files say, page by page. `report` hears how far it is, `complain` of each file left out."""
    tally = Tally()
    begun: deque[_Page] = deque()
    for group in _groups(files):
        begun.append(_begin(group, store, read))
        if len(begun) > _AHEAD:
            _finish(begun.popleft(), store, clock, tally, complain)
            report(tally)
    while begun:
        _finish(begun.popleft(), store, clock, tally, complain)
        report(tally)
    return tally


def _groups(files: Iterable[Found | Unread]) -> Iterator[list[Found | Unread]]:
    """Yield the files by pages, which end early where files are large: the bytes of a page are in memory at once."""
    group: list[Found | Unread] = []
    weight = 0
    for file in files:
        group.append(file)
        weight += len(file.body) if isinstance(file, Found) else 0
        if len(group) == PAGE or weight >= HEAVY:
            yield group
            group, weight = [], 0
    if group:
        yield group


def _begin(group: Sequence[Found | Unread], store: Store, read: Read) -> _Page:
    """Have those files read whose bytes were not read before."""
    found = {digest(file.body): file for file in group if isinstance(file, Found)}
    with store.look() as view:
        known = view.imported(found)
    files = {name: file for name, file in found.items() if name not in known}
    unread = [file for file in group if isinstance(file, Unread)]
    readings = read([file.body for file in files.values()])
    return _Page(len(group), len(group) - len(files) - len(unread), unread, files, readings)


def _finish(page: _Page, store: Store, clock: Clock, tally: Tally, complain: Callable[[Unread], None]) -> None:
    """Record what a page says."""
    unread = list(page.unread)
    read = []
    for (name, file), parsed in zip(page.files.items(), page.readings(), strict=True):
        if isinstance(parsed, str):
            unread.append(Unread(file.name, parsed))
        else:
            read.append(_Read(file.name, name, parsed))
    for one in unread:
        complain(one)
    _record(read, store, clock, tally)
    tally.seen += page.size
    tally.known += page.known
    tally.bad += len(unread)


def _record(page: Sequence[_Read], store: Store, clock: Clock, tally: Tally) -> None:
    """Write what a page adds and which files it was; again from the start if the record moved meanwhile."""
    files = {read.digest: read.name for read in page}
    for attempt in range(_ATTEMPTS):
        now = clock()
        with store.look() as view:
            steps = _judge(page, view, now)
        try:
            if files:
                with store.begin(steps) as tx:
                    for step in steps:
                        tx.save(step)
                    tx.note_imports(files)
                time.sleep(GAP)
        except Conflict:
            if attempt == _ATTEMPTS - 1:
                raise
            continue
        new = sum(step.based_on == 0 for step in steps)
        tally.new += new
        tally.changed += len(steps) - new
        tally.same += len(page) - len(steps)
        return


def _judge(page: Sequence[_Read], view: View, now: datetime) -> list[Step]:
    """Say what each file adds to the record as it stands; the files of one document one after the other."""
    documents = list(dict.fromkeys(read.reading.document for read in page))
    records, stamps = dict(view.records(documents)), dict(view.published(documents))
    watched = {watch.document for watch in view.watches()}
    steps = []
    for read in page:
        document = read.reading.document
        record = records.get(document)
        newer = _is_newer(read.reading.published_at, stamps.get(document))
        observation = read.observation
        if record is not None:
            observation = replace(observation, facets=_allowed(observation, record, newer, document in watched))
            # Nobody asks the publisher of what is watched by nobody: whatever it stated, the files carry on.
            record = replace(record, owners=dict.fromkeys(record.owners, observation.source))
        step = advance(record, observation, now)
        if step is None:
            continue
        brief = tuple(map(_brief, step.changes)) if step.based_on else ()
        step = replace(step, changes=brief, baseline=bool(step.based_on), before=records.get(document))
        if step.corrections:
            step, _ = attribute(step, view.past(document))
        records[document] = step.record
        if newer and step.published_at:
            stamps[document] = step.published_at
        steps.append(step)
    return steps


def _brief(change: Change) -> Change:
    """Shorten the words of a change that no message will ever tell: the whole of a summary is in its facet."""
    if change.text is None or len(change.text) <= MOST_WORDS:
        return change
    return replace(change, text=f"{change.text[: MOST_WORDS - 1].rstrip()}…")


def _is_newer(stated: datetime | None, known: datetime | None) -> bool:
    return known is None or (stated is not None and stated > known)


def _allowed(observation: Observation, record: Record, newer: bool, watched: bool) -> dict[str, Facet]:
    """Return the facets in which a file has a say over a known record."""
    stated = observation.facets.items()
    return {name: facet for name, facet in stated if name not in record.facets or (newer and not watched)}
