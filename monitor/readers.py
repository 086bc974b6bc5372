"""Who parses bulk files: this process, or others beside it?

Parsing and recording take about as long as each other, so a second process nearly doubles what is imported in a minute;
for a few files it is not worth its start.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process

from domain.errors import SourceError
from watchers.billstatus.reading import Reading, parse_billstatus

Read = Callable[[Sequence[bytes]], Callable[[], Sequence[Reading | str]]]
"""Begins to read files and returns what waits for the readings, in the same order; a string says why there is none."""

WORTH_IT = 1_000
"""Files from which on a second process pays for its start (about half a second)."""

_MOST = 2
_PORTION = 25


def read_here(bodies: Sequence[bytes]) -> Callable[[], Sequence[Reading | str]]:
    """Read files in this process, when they are waited for."""
    return lambda: _parse_all(bodies)


@contextmanager
def readers(files: int) -> Iterator[Read]:
    """Yield what reads so many files best on this machine."""
    beside = min((os.cpu_count() or 1) - 1, _MOST)
    if beside < 1 or files < WORTH_IT:
        yield read_here
        return
    pool = ProcessPoolExecutor(beside, get_context("spawn"), _settle)
    try:
        yield lambda bodies: _begin(pool, bodies)
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(pool: ProcessPoolExecutor, bodies: Sequence[bytes]) -> Callable[[], Sequence[Reading | str]]:
    portions = [bodies[start : start + _PORTION] for start in range(0, len(bodies), _PORTION)]
    try:
        begun = [pool.submit(_parse_all, portion) for portion in portions]
    except BrokenProcessPool:
        return read_here(bodies)
    return lambda: [reading for one, portion in zip(begun, portions, strict=True) for reading in _wait(one, portion)]


def _wait(begun: Future[list[Reading | str]], portion: Sequence[bytes]) -> list[Reading | str]:
    """Return what a reader found; should the reader itself have ended (killed for want of memory), read here."""
    try:
        return begun.result()
    except BrokenProcessPool:
        return _parse_all(portion)


def _settle() -> None:
    """A key pressed at the terminal reaches every process; only the first one has an answer. If that one is killed, no
    other is left waiting for it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _parse_all(bodies: Sequence[bytes]) -> list[Reading | str]:
    return [_parse(body) for body in bodies]


def _parse(body: bytes) -> Reading | str:
    try:
        return parse_billstatus(body)
    except SourceError as error:
        return str(error)
