"""How is a configuration edited? `lexwatch watch` and `unwatch`.

Nothing else is touched: a running service takes up a changed file by itself. The new file stands in the place of the
old one at once and whole, or not at all."""

from __future__ import annotations

import fcntl
import os
import re
import shlex
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import reduce
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import click

from domain.documents import DocumentId, label, named_feed
from domain.errors import ConfigError, SourceError, UnknownName
from domain.names import accepted_forms, may_be_feed, nearest, resolve
from domain.options import as_written, format_duration
from domain.ports import Clock
from domain.records.facets import DEFAULT_KINDS
from monitor.cli.session import Session, as_typed, document_titled
from monitor.cli.terminal import in_words, print_note
from monitor.config.editing import (
    WatchEntry,
    add_source,
    add_watch,
    change_watch,
    remove_watch,
)
from monitor.config.loader import load_config
from monitor.config.settings import Settings, WatchSettings
from monitor.config.watch_tables import missing_readers
from watchers import SOURCES, source


def watch(
    session: Session,
    what: str | None,
    forms: Mapping[str, str | None] = {},
    given: WatchEntry = MappingProxyType({}),
    *,
    online: bool = False,
) -> int:
    """Follow one thing more; 0 also when it is watched already. `forms` are the options that say what WHAT is, with
    their value, "" where WHAT is theirs; `given` is what else is to stand in the watch. `online` asks first whether an
    address is that of a feed, and whether a publisher has a document; UnknownName, and nothing is written, when it is
    none, there is none such or it cannot be reached."""
    form, typed = _form(what, forms)
    with _locked_config(session) as path:
        settings = session.settings
        subject = _subject_of(form, typed, session) if form else _subject(typed, session)
        entry = {**subject, **{key: _given(given[key]) for key in sorted(given) if given[key]}}
        known = _same(settings.watches, entry)
        if known is not None:
            _label(session, path, known, {key: value for key, value in entry.items() if key not in subject})
            return 0
        if "feed" in entry:
            _try_feed(session, str(entry["feed"]), online=online)
        number = len(settings.watches)
        asked = list(settings.sources)

        def edit(text: str) -> str:
            edited = add_watch(text, entry)
            added = _validated(session, path, edited).watches[number]
            needed = missing_readers(added, asked, path.parent)[:1]
            edited = add_source(edited, needed[0]) if needed else edited
            if online and added.document is not None and added.search is None:
                _try_document(_validated(session, path, edited, secrets=True), added.document, session.clock)
            return edited

        after = _edit(session, path, edit)
        for name in after.sources.keys() - settings.sources.keys() & SOURCES.keys():
            every, host = format_duration(after.sources[name].every), urlsplit(after.sources[name].base_url).netloc
            print_note(f"[source.{name}] was added, for nothing read this before: {host} is asked every {every}")
        for warning in after.warnings:
            if f" watch[{number + 1}]" in warning:
                print_note(f"warning: {warning}")
        print_note(f"watching {_called(after.watches[number])}: written to {path}")
    return 0


def _label(session: Session, path: Path, watch: WatchSettings, keys: WatchEntry) -> None:
    """Give a watch that is there already the keys that were typed with it, where they say something else."""
    changed = {key: value for key, value in keys.items() if key != "name" and getattr(watch, key) != value}
    if not changed:
        print_note(f"{_called(watch)} is watched already")
        return
    number = session.settings.watches.index(watch)
    _edit(session, path, lambda text: change_watch(text, number, changed))
    print_note(f"{_called(watch)} is watched already; {', '.join(changed)} written to {path}")


def _form(what: str | None, forms: Mapping[str, str | None]) -> tuple[str | None, str]:
    """Return which form of a watch is meant, None to find out, and what was typed for it."""
    chosen = {form: value for form, value in forms.items() if value is not None}
    if len(chosen) > 1:
        raise click.UsageError(f"one watch is one of {', '.join(f'--{form}' for form in chosen)}: give them one by one")
    form, value = next(iter(chosen.items()), (None, ""))
    if what and value:
        raise click.UsageError(f"WHAT stands there twice: {as_written(what)} and --{form} {as_written(str(value))}")
    if not (typed := _typed(what or value or "")):
        raise click.UsageError("missing WHAT: a bill, a regime, the address of a feed, or words with --search")
    return form, typed


def _subject_of(form: str, typed: str, session: Session) -> WatchEntry:
    """Return what is to be watched where its form is said; a regime is also known by its title, or a part of it."""
    if form == "feed" and not _is_address(typed):
        raise click.BadParameter(f"expected an address such as https://…, saw {as_written(typed)}", param_hint="--feed")
    if form != "regime":
        return {form: typed}
    return {"regime": str(regime_called(typed, session))}


def regime_called(typed: str, session: Session) -> DocumentId:
    """Return the regime of an identity, or of words of its title; UnknownName where none or several are meant."""
    try:
        found = [resolve(typed, today=session.clock_without_configuration()().date()).document]
    except UnknownName:
        found = [document for document, _ in regimes_like(typed)]
    if len(found) != 1 or found[0].kind != "regime":
        near = f"did you mean {', or '.join(map(str, found))}?" if len(found) > 1 else _all_regimes()
        raise UnknownName(f"{as_written(typed)} is no regime: {near}")
    return found[0]


def _all_regimes() -> str:
    from monitor.service.regimes import shipped_regimes

    return f"there are {', '.join(map(str, shipped_regimes()))}"


def regimes_like(typed: str) -> list[tuple[DocumentId, str]]:
    """Return the shipped regimes, with their titles, in whose name every word typed stands, whatever its ending."""
    from monitor.service.regimes import shipped_regimes  # whoever names a document exactly does not pay for them

    wanted = [word[: max(4, len(word) - 2)] for word in re.findall(r"\w+", typed.casefold())]
    found = []
    for document, made in shipped_regimes().items():
        names = " ".join((*document.parts, label(document), made.regime.title, *made.recognise.get("titles", ())))
        words = re.findall(r"\w+", names.casefold())
        if wanted and all(any(word.startswith(part) for word in words) for part in wanted):
            found.append((document, made.regime.title))
    return found


def _suggestions(typed: str, session: Session) -> str:
    """Say what a phrase may have meant: the nearest watch, regime, source and starter pack; "" for nothing near."""
    from difflib import get_close_matches

    from monitor.config.starter_packs import pack_names

    folded = typed.casefold()
    watches = nearest(typed, [watch.name for watch in session.settings.watches], 2)
    regimes = [f"{document} ({title})" for document, title in regimes_like(typed)[:3]]
    near = get_close_matches(folded, (*SOURCES, *pack_names()), 3, 0.75)
    sources = [f"[source.{name}], a source" for name in near if name in SOURCES]
    packs = [f"the starter pack: lexwatch packs {name}" for name in near if name in pack_names()]
    named = [f"the watch {as_written(name)}" for name in watches]
    found = list(dict.fromkeys((*regimes, *named, *sources, *packs)))
    return f"did you mean {', or '.join(found)}?" if found else ""


def unwatch(session: Session, what: str) -> int:
    """Follow something no longer; UnknownName when nobody does."""
    with _locked_config(session) as path:
        watches = session.settings.watches
        meant = _meant(_typed(what), session)
        _edit(session, path, lambda text: reduce(remove_watch, reversed(meant), text))
        for number in meant:
            print_note(f"no longer watching {_called(watches[number])}: written to {path}")
    return 0


LONGEST_NAME = 250
"""Characters of what is typed to be watched; more is a text that somebody pasted."""


def _subject(typed: str, session: Session) -> WatchEntry:
    """Return what is to be watched as the key and value of a watch: a document lexwatch can name, else a feed."""
    watched = {watch.name: watch.document for watch in session.settings.watches if watch.document}
    feeds = [watch.feed for watch in session.settings.watches if watch.feed and typed in (watch.name, watch.feed)]
    if feeds:
        return {"feed": feeds[0]}
    try:
        name = resolve(typed, today=session.clock().date(), watched=watched)
    except UnknownName:
        if may_be_feed(typed):
            return {"feed": typed}
        if len(typed) > LONGEST_NAME or Path(typed).is_file():
            what = typed if len(typed) <= LONGEST_NAME else "-"
            raise UnknownName(
                f"that is a text: lexwatch find {shlex.quote(what)} --watch lists what it cites, to be followed"
            ) from None
        if titled := _titled(typed, session):
            return {"bill" if titled.kind == "bill" else "document": str(titled)}
        if not _is_phrase(typed):
            raise
        meant = _suggestions(typed, session)
        lines = [f"{as_written(typed)} names no document", *([meant] if meant else [])]
        search = f"to follow what has these words: lexwatch watch {shlex.quote(typed)} --search"
        raise UnknownName("\n".join((*lines, search))) from None
    if name.remark:
        print_note(name.remark)
    document = name.document
    if document.is_operational:
        raise click.BadParameter(f"{document} belongs to this installation: name a document", param_hint="WHAT")
    key = "bill" if document.kind == "bill" else "regime" if document.kind == "regime" else "document"
    return {key: str(document)}


def _titled(typed: str, session: Session) -> DocumentId | None:
    with session.reading() as reader:
        return document_titled(typed, reader, print_note) if reader else None


def _try_feed(session: Session, address: str, *, online: bool) -> None:
    """Ask an address once whether it is that of a feed, or say that nobody did."""
    if not online:
        print_note(f"{address} is taken for a feed; not tried: add --online to look")
        return
    from domain.observation import PollRequest  # only who looks pays for these
    from monitor.service.runtime import build_http
    from watchers import feed_watcher

    settings = session.load()
    http = build_http(settings, session.clock)
    request = PollRequest(None, {}, session.clock())
    try:
        pages = list(feed_watcher(named_feed(address), address).poll(request, http))
    except SourceError as error:
        raise UnknownName(f"{address} cannot be followed: {error}\naccepted: {', '.join(accepted_forms())}") from None
    entries = sum(len(page.observations) for page in pages)
    print_note(f"{address} is a feed of {entries} entr{'y' if entries == 1 else 'ies'}")


def _try_document(settings: Settings, document: DocumentId, clock: Clock) -> None:
    """Ask the first source that states a document whether it has it; UnknownName when it has not, or cannot say."""
    from domain.observation import PollRequest
    from monitor.service.context import build_sources
    from monitor.service.runtime import build_http

    entries = [one for name, one in build_sources(settings).items() if name in SOURCES and source(name).primary]
    asked = next((one.watcher for one in entries if one.watcher.handles(document)), None)
    if asked is None:
        return
    request = PollRequest(None, {document: DEFAULT_KINDS}, clock())
    try:
        page = next(iter(asked.poll(request, build_http(settings, clock))), None)
        fault = next((one.error for one in (page.faults if page else ()) if one.document == document), None)
    except SourceError as error:
        fault = error
    if fault is not None:
        raise UnknownName(
            f"{label(document)} is not written: {asked.name} says: {in_words(fault.recorded)}\n"
            "one that is still to come is followed without --online"
        )
    print_note(f"{asked.name} has {label(document)}")


def _given(value: str | Sequence[str]) -> str | Sequence[str]:
    return _typed(value) if isinstance(value, str) else tuple(map(_typed, value))


def _is_phrase(typed: str) -> bool:
    """Say whether somebody wrote words, not a number, an identity or an address."""
    return any(c.isalpha() for c in typed) and not any(c.isdigit() or c == "/" for c in typed)


def _same(watches: Sequence[WatchSettings], entry: WatchEntry) -> WatchSettings | None:
    """Return the watch that asks for the same already; another one with other words is no duplicate."""
    subject = next(iter(entry.values()))
    words = tuple(entry.get("words", ()))
    found = (
        watch
        for watch in watches
        if (watch.search.written if watch.search else str(watch.document)) == subject or watch.feed == subject
    )
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
        print_note(name.remark)
    return name.document


def _called(watch: WatchSettings) -> str:
    if watch.search is not None:
        return f"what has {as_written(watch.search.written)} in it ({watch.name})"
    subject = label(watch.document) if watch.document else watch.feed or watch.page or ""
    identity = str(watch.document or subject)
    also = [word for word in dict.fromkeys((identity, watch.name)) if word != subject]
    return f"{subject} ({', '.join(also)})" if also else subject


def _typed(text: str) -> str:
    return as_typed(text).strip()


def _is_address(typed: str) -> bool:
    try:
        parts = urlsplit(typed)
    except ValueError:
        return False
    return parts.scheme.lower() in ("http", "https") and bool(parts.netloc)


@contextmanager
def _locked_config(session: Session) -> Iterator[Path]:
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


def _edit(session: Session, path: Path, edit: Callable[[str], str]) -> Settings:
    """Edit the file and return what it means then; ConfigError, and the old file stays, if it would be faulty."""
    try:
        text = edit(path.read_bytes().decode("utf-8"))
    except ValueError as error:
        raise ConfigError([f"{path.name}: {error}"]) from None
    except OSError as error:
        raise ConfigError([f"{path} cannot be read: {error.strerror}"]) from None
    settings = _validated(session, path, text)
    try:
        _replace_file(path, text)
    except OSError as error:
        raise ConfigError([f"{path} cannot be written: {error.strerror}; it is as it was"]) from None
    vars(session).pop("settings", None)  # what was read before the edit is another configuration
    return settings


def _validated(session: Session, path: Path, text: str, *, secrets: bool = False) -> Settings:
    """Read the new text as a configuration first."""
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / path.name
        trial.write_bytes(text.encode())
        try:
            return load_config(trial, now=session.clock(), secrets=secrets, beside=path.parent)
        except ConfigError as error:
            raise ConfigError([*error.faults, f"{path} is as it was"]) from None


def _replace_file(path: Path, text: str) -> None:
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
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Have the new name outlast a power cut, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
