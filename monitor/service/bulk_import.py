"""What do bulk files add to the record? Parse, compare, record; nobody is notified.

What enters this way opens no scope and makes no alert. Of a document never seen the first state is kept, of a known one
the differences too, if the file is newer than the record. A watched document is left to its own publisher, for a change
that came in here would reach nobody. What nobody stated of a document yet is always taken.

A file is recognised by the digest of its bytes, before it is parsed; so a second import costs little and changes
nothing, and one that was cut off goes on where it stopped. The bytes are not archived: no alert rests on them. Parsing
and recording take about as long as each other, so a second process nearly doubles what is imported in a minute."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing import get_context, parent_process

from domain.errors import Conflict, SourceError
from domain.observation import Observation
from domain.ports import Clock, ReadTransaction, Store
from domain.records.corrections import link_corrections
from domain.records.detection import NewRevision, advance
from domain.records.facets import Facet, digest
from domain.records.record import Change, Record
from monitor.service.bulk_files import BulkFile, UnreadableFile
from watchers import parse_bulk
from watchers.declaration import BulkReading

ParseFiles = Callable[[Sequence[bytes]], Callable[[], Sequence[BulkReading | str]]]
"""Begins to read files and returns what waits for the readings, in the same order; a string says why there is none."""

FILES_WORTH_A_PROCESS = 1_000
"""Files from which on a second process pays for its start (about half a second)."""

_MOST_PROCESSES = 2
_FILES_PER_TASK = 25
_TASKS_AHEAD = 3


def parse_in_process(bodies: Sequence[bytes]) -> Callable[[], Sequence[BulkReading | str]]:
    """Read files in this process, when they are waited for."""
    return lambda: _parse_all(bodies)


@contextmanager
def parse_pool(files: int) -> Iterator[ParseFiles]:
    """Yield what reads so many files best on this machine."""
    beside = min((os.cpu_count() or 1) - 1, _MOST_PROCESSES)
    if beside < 1 or files < FILES_WORTH_A_PROCESS:
        yield parse_in_process
        return
    pool = ProcessPoolExecutor(beside, get_context("spawn"), _prepare_worker)
    try:
        yield lambda bodies: _submit(pool, bodies)
    finally:
        pool.shutdown(cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, bodies: Sequence[bytes]) -> Callable[[], Sequence[BulkReading | str]]:
    portions = [bodies[start : start + _FILES_PER_TASK] for start in range(0, len(bodies), _FILES_PER_TASK)]
    return _PortionsOfPage(pool, portions).wait


class _PortionsOfPage:
    """The files of a page in portions. The pool reads the first that nobody has begun, whoever waits for them the last:
    recording takes less time than reading, and whoever waits could as well work. The pool has few at a time, so that
    none has to be taken back from it: in Python 3.11 the end of a pool whose process was killed fails on a future that
    was cancelled."""

    def __init__(self, pool: ProcessPoolExecutor, portions: Sequence[Sequence[bytes]]) -> None:
        self._pool, self._portions = pool, portions
        self._left = deque(range(len(portions)))
        self._begun: dict[int, Future[list[BulkReading | str]]] = {}
        self._lock = threading.RLock()
        for _ in range(_TASKS_AHEAD):
            self._submit_next()

    def wait(self) -> list[BulkReading | str]:
        """Return what was read, in order."""
        mine = {}
        while (place := self._take_last()) is not None:
            mine[place] = _parse_all(self._portions[place])
        found = (
            mine[place] if place in mine else _result(self._begun[place], portion)
            for place, portion in enumerate(self._portions)
        )
        read = [reading for readings in found for reading in readings]
        # A future holds its callback, and that this object: thousands of bills would stay until cycles are looked for.
        self._begun.clear()
        self._portions = ()
        return read

    def _take_last(self) -> int | None:
        with self._lock:
            return self._left.pop() if self._left else None

    def _submit_next(self, _: object = None) -> None:
        with self._lock:
            if not self._left:
                return
            place = self._left.popleft()
            try:
                begun = self._pool.submit(_parse_all, self._portions[place])
            except RuntimeError:  # its process was killed, or it is being ended
                self._left.appendleft(place)
                return
            self._begun[place] = begun
        begun.add_done_callback(self._submit_next)


def _result(begun: Future[list[BulkReading | str]], portion: Sequence[bytes]) -> list[BulkReading | str]:
    """Return what a reader found; should the reader itself have ended (killed for want of memory), read here."""
    try:
        return begun.result()
    except BrokenProcessPool:
        return _parse_all(portion)


def _prepare_worker() -> None:
    """A key pressed at the terminal reaches every process; only the first one has an answer. If that one is killed, no
    other is left waiting for it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(*_COLLECTING)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _parse_all(bodies: Sequence[bytes]) -> list[BulkReading | str]:
    return [_parse(body) for body in bodies]


def _parse(body: bytes) -> BulkReading | str:
    try:
        return parse_bulk(body)
    except SourceError as error:
        return str(error)


FILES_PER_PAGE = 100
"""Files that are compared and recorded together: 250 would hold the write lock for longer than 250 ms (rule 1)."""

SECONDS_BETWEEN_WRITES = 0.02
"""Seconds between two transactions in which others may write: without them a writer waited for seconds. Reading and
comparing the next page counts."""

MOST_WORDS = 400
"""Characters of a change's text that `history` keeps: more than any line of actions on the way of a bill."""

MOST_BYTES_PER_PAGE = 16 * 2**20
"""Bytes after which a page is full, however few its files."""

_COLLECTING = (50_000, 20, 100)
"""Thresholds of the collector of cycles while files are imported."""

_PAGES_AHEAD = 2
"""Pages that are being read while one is recorded."""

_ATTEMPTS = 5


@dataclass(slots=True)
class ImportCounts:
    """What an import has come to so far, in files. `known` were read before, byte for byte; `same` said nothing new;
    `written_at` is when the last transaction ended, by the machine's monotonic clock."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    known: int = 0
    bad: int = 0
    written_at: float = float("-inf")


@dataclass(frozen=True, slots=True)
class _ParsedFile:
    """One file that could be read."""

    name: str
    digest: str
    reading: BulkReading

    @property
    def observation(self) -> Observation:
        return self.reading.observation(self.digest)


@dataclass(frozen=True, slots=True)
class _FilePage:
    """Files that are recorded together: those to be read, by digest, while `readings` waits for what they say."""

    size: int
    known: int
    unread: Sequence[UnreadableFile]
    files: Mapping[str, BulkFile]
    readings: Callable[[], Sequence[BulkReading | str]]


def import_files(
    files: Iterable[BulkFile | UnreadableFile],
    store: Store,
    clock: Clock,
    *,
    read: ParseFiles = parse_in_process,
    report: Callable[[ImportCounts], None] = lambda _: None,
    complain: Callable[[UnreadableFile], None] = lambda _: None,
) -> ImportCounts:
    """Record what the files say, page by page. `report` gets how far it is, `complain` of each file left out."""
    tally = ImportCounts()
    begun: deque[_FilePage] = deque()
    with _fewer_collections():
        for group in _groups(files):
            begun.append(_begin_page(group, store, read))
            if len(begun) > _PAGES_AHEAD:
                _finish_page(begun.popleft(), store, clock, tally, complain)
                report(tally)
        while begun:
            _finish_page(begun.popleft(), store, clock, tally, complain)
            report(tally)
    return tally


@contextmanager
def _fewer_collections() -> Iterator[None]:
    """Look for cycles less often: a page is tens of thousands of values without any, and a quarter of the time went."""
    before = gc.get_threshold()
    gc.set_threshold(*_COLLECTING)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _groups(files: Iterable[BulkFile | UnreadableFile]) -> Iterator[list[BulkFile | UnreadableFile]]:
    """Yield the files by pages, which end early where files are large: the bytes of a page are in memory at once."""
    group: list[BulkFile | UnreadableFile] = []
    weight = 0
    for file in files:
        group.append(file)
        weight += len(file.body) if isinstance(file, BulkFile) else 0
        if len(group) == FILES_PER_PAGE or weight >= MOST_BYTES_PER_PAGE:
            yield group
            group, weight = [], 0
    if group:
        yield group


def _begin_page(group: Sequence[BulkFile | UnreadableFile], store: Store, read: ParseFiles) -> _FilePage:
    """Have those files read whose bytes were not read before."""
    found = {digest(file.body): file for file in group if isinstance(file, BulkFile)}
    with store.read() as view:
        known = view.imported(found)
    files = {name: file for name, file in found.items() if name not in known}
    unread = [file for file in group if isinstance(file, UnreadableFile)]
    readings = read([file.body for file in files.values()])
    return _FilePage(len(group), len(group) - len(files) - len(unread), unread, files, readings)


def _finish_page(
    page: _FilePage, store: Store, clock: Clock, tally: ImportCounts, complain: Callable[[UnreadableFile], None]
) -> None:
    """Record what a page says."""
    unread = list(page.unread)
    read = []
    for (name, file), parsed in zip(page.files.items(), page.readings(), strict=True):
        if isinstance(parsed, str):
            unread.append(UnreadableFile(file.name, parsed))
        else:
            read.append(_ParsedFile(file.name, name, parsed))
    for one in unread:
        complain(one)
    _record_page(read, store, clock, tally)
    tally.seen += page.size
    tally.known += page.known
    tally.bad += len(unread)


def _record_page(page: Sequence[_ParsedFile], store: Store, clock: Clock, tally: ImportCounts) -> None:
    """Write what a page adds and which files it was; again from the start if the record moved meanwhile."""
    files = {read.digest: read.name for read in page}
    for attempt in range(_ATTEMPTS):
        now = clock()
        with store.read() as view:
            steps = _compare(page, view, now)
        try:
            if files:
                time.sleep(max(0.0, tally.written_at + SECONDS_BETWEEN_WRITES - time.monotonic()))
                with store.begin(steps) as tx:
                    for step in steps:
                        tx.save(step)
                    tx.save_imported_files(files)
                tally.written_at = time.monotonic()
        except Conflict:
            if attempt == _ATTEMPTS - 1:
                raise
            continue
        new = sum(step.based_on == 0 for step in steps)
        tally.new += new
        tally.changed += len(steps) - new
        tally.same += len(page) - len(steps)
        return


def _compare(page: Sequence[_ParsedFile], view: ReadTransaction, now: datetime) -> list[NewRevision]:
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
        brief = tuple(map(_shortened, step.changes)) if step.based_on else ()
        step = replace(step, changes=brief, baseline=bool(step.based_on), before=records.get(document))
        if step.corrections:
            step, _ = link_corrections(step, view.past(document))
        records[document] = step.record
        if newer and step.published_at:
            stamps[document] = step.published_at
        steps.append(step)
    return steps


def _shortened(change: Change) -> Change:
    """Shorten the words of a change that no message will ever carry: the whole of a summary is in its facet."""
    if change.text is None or len(change.text) <= MOST_WORDS:
        return change
    return replace(change, text=f"{change.text[: MOST_WORDS - 1].rstrip()}…")


def _is_newer(stated: datetime | None, known: datetime | None) -> bool:
    return known is None or (stated is not None and stated > known)


def _allowed(observation: Observation, record: Record, newer: bool, watched: bool) -> dict[str, Facet]:
    """Return the facets in which a file has a say over a known record."""
    stated = observation.facets.items()
    return {name: facet for name, facet in stated if name not in record.facets or (newer and not watched)}
