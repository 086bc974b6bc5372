"""How is something watched, or no longer? `lexwatch watch` and `lexwatch unwatch`: they edit the configuration file.

Nothing else is touched: a running service takes up a changed file by itself. The new file stands in the place of the
old one at once and whole, or not at all.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import reduce
from pathlib import Path
from urllib.parse import urlsplit

import click

from domain.errors import ConfigError, UnknownName
from domain.identity import DocumentId, label
from domain.names import nearest, resolve
from monitor.config import load
from monitor.editing import Wish, with_watch, without_watch
from monitor.session import Session
from monitor.settings import Settings, WatchSettings
from monitor.terminal import say


def watch(session: Session, what: str, *, note: str | None, name: str | None, words: Sequence[str]) -> int:
    """Follow one thing more; 0 also when it is watched already."""
    with _alone(session) as path:
        settings = session.settings
        wish = {**_subject(_typed(what), session), **_wishes(name, words, note)}
        known = _same(settings.watches, wish)
        if known is not None:
            say(f"{_called(known)} is watched already")
            return 0
        after = _replace(session, path, lambda text: with_watch(text, wish))
        number = len(settings.watches)
        for warning in after.warnings:
            if f" watch[{number + 1}]" in warning:
                say(f"warning: {warning}")
        say(f"watching {_called(after.watches[number])}: written to {path}")
    return 0


def unwatch(session: Session, what: str) -> int:
    """Follow something no longer; UnknownName when nobody does."""
    with _alone(session) as path:
        watches = session.settings.watches
        meant = _meant(_typed(what), session)
        _replace(session, path, lambda text: reduce(without_watch, reversed(meant), text))
        for number in meant:
            say(f"no longer watching {_called(watches[number])}: written to {path}")
    return 0


def _subject(typed: str, session: Session) -> Wish:
    """Return what is to be watched as the key and value of a watch: a document lexwatch can name, else a feed."""
    watched = {watch.name: watch.document for watch in session.settings.watches if watch.document}
    feeds = [watch.feed for watch in session.settings.watches if watch.feed and typed in (watch.name, watch.feed)]
    if feeds:
        return {"feed": feeds[0]}
    try:
        name = resolve(typed, today=session.clock().date(), watched=watched)
    except UnknownName:
        if _is_address(typed):
            return {"feed": typed}
        raise
    if name.remark:
        say(name.remark)
    document = name.document
    if document.is_operational:
        raise click.BadParameter(f"{document} belongs to this installation: name a document", param_hint="WHAT")
    key = "bill" if document.is_bill else "regime" if document.kind == "regime" else "document"
    return {key: str(document)}


def _wishes(name: str | None, words: Sequence[str], note: str | None) -> Wish:
    given = {"name": name and _typed(name), "note": note and _typed(note), "words": tuple(map(_typed, words))}
    return {key: value for key, value in given.items() if value}


def _same(watches: Sequence[WatchSettings], wish: Wish) -> WatchSettings | None:
    """Return the watch that asks for the same already; another one with other words is no duplicate."""
    subject = next(iter(wish.values()))
    words = tuple(wish.get("words", ()))
    found = (watch for watch in watches if str(watch.document) == subject or watch.feed == subject)
    return next((watch for watch in found if watch.words == words), None)


def _meant(typed: str, session: Session) -> list[int]:
    """Return the places of the watches somebody means: the one of that name, else all on that document or address."""
    watches = session.settings.watches
    named = [n for n, watch in enumerate(watches) if watch.name == typed]
    named = named or [n for n, watch in enumerate(watches) if watch.name.casefold() == typed.casefold()]
    found = named or [n for n, watch in enumerate(watches) if typed in (watch.feed, watch.page)]
    if found:
        return found
    document = _document(typed, session)
    found = [n for n, watch in enumerate(watches) if watch.document is not None and watch.document == document]
    if not found:
        near = nearest(str(document or typed), [w.name for w in watches] + [str(w.document) for w in watches])
        hint = f"\nnearest watched: {', '.join(near)}" if near else ""
        raise UnknownName(f"{document or repr(typed)} is not watched{hint}")
    return found


def _document(typed: str, session: Session) -> DocumentId | None:
    watched = {watch.name: watch.document for watch in session.settings.watches if watch.document}
    try:
        name = resolve(typed, today=session.clock().date(), watched=watched)
    except UnknownName:
        if _is_address(typed):
            return None
        raise
    if name.remark:
        say(name.remark)
    return name.document


def _called(watch: WatchSettings) -> str:
    subject = label(watch.document) if watch.document else watch.feed or watch.page or ""
    identity = str(watch.document or subject)
    also = [word for word in dict.fromkeys((identity, watch.name)) if word != subject]
    return f"{subject} ({', '.join(also)})" if also else subject


def _typed(text: str) -> str:
    """Mend what a locale that knows ASCII alone cuts up."""
    return os.fsencode(text).decode("utf-8", "replace").strip()


def _is_address(typed: str) -> bool:
    try:
        parts = urlsplit(typed)
    except ValueError:
        return False
    return parts.scheme.lower() in ("http", "https") and bool(parts.netloc)


@contextmanager
def _alone(session: Session) -> Iterator[Path]:
    """Yield the real path of the configuration while no other lexwatch edits it; the shipped default is nobody's."""
    if session.place.shipped:
        raise ConfigError(
            ["the shipped default is not edited: run lexwatch init first, or name your own file with --config"]
        )
    path = Path(os.path.realpath(session.place.path))
    try:
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise ConfigError([f"{path.parent} cannot be opened: {error.strerror}"]) from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield path
    finally:
        os.close(folder)


def _replace(session: Session, path: Path, edit: Callable[[str], str]) -> Settings:
    """Edit the file and return what it means then; ConfigError, and the old file stays, if it would be faulty."""
    try:
        text = edit(path.read_bytes().decode("utf-8"))
    except ValueError as error:
        raise ConfigError([f"{path.name}: {error}"]) from None
    except OSError as error:
        raise ConfigError([f"{path} cannot be read: {error.strerror}"]) from None
    settings = _understood(session, path, text)
    try:
        _write(path, text)
    except OSError as error:
        raise ConfigError([f"{path} cannot be written: {error.strerror}; it is as it was"]) from None
    return settings


def _understood(session: Session, path: Path, text: str) -> Settings:
    """Read the new text as a configuration first."""
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / path.name
        trial.write_bytes(text.encode())
        try:
            return load(trial, now=session.clock(), secrets=False, beside=path.parent)
        except ConfigError as error:
            raise ConfigError([*error.faults, f"{path} is as it was"]) from None


def _write(path: Path, text: str) -> None:
    """Put the text in the place of the file, with its permissions and owner: all of it or nothing, power cuts too."""
    there = path.stat()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(handle, "wb") as file:
            with suppress(PermissionError):
                os.fchown(handle, there.st_uid, there.st_gid)
            os.fchmod(handle, there.st_mode & 0o7777)
            file.write(text.encode())
            file.flush()
            os.fsync(handle)
        os.replace(name, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Have the new name outlast a power cut, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
