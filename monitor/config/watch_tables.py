"""What is followed, which publishers are asked, and would anything ever read it?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from domain import options
from domain.documents import DocumentId, label, named_feed
from domain.errors import ConfigError, UnknownName
from domain.jurisdictions import NameRefused, all_jurisdictions, jurisdiction_of
from domain.names import Basis, Name, may_be_feed, resolve
from domain.options import as_written
from monitor.config.schema import Document, ParseContext, declared_keys, get_table, get_tables, read_table, split_keys
from monitor.config.settings import Settings, SourceSettings, WatchSettings
from monitor.config.tables import ApiKeyOptions, SourceTable, WatchNotes, WatchTable
from watchers import SOURCES, source

if TYPE_CHECKING:
    from domain.alerts.routing import Watch

FEED_EVERY = timedelta(minutes=15)
"""How often a feed is asked if its watch does not say."""

_OWN_HOST_LEAST = timedelta(seconds=1)
_FORMS = ("bill", "document", "regime", "feed", "page", "search")
_SHOWN = 30
_NAMED = 5


def read_sources(context: ParseContext, document: Document) -> list[SourceSettings]:
    """Read every `[source.NAME]`."""
    found = []
    for name, raw in get_table(context, document, "source").items():
        if name not in SOURCES:
            context.errors.unknown("source", name, SOURCES, "source")
        elif not isinstance(raw, dict):
            context.errors.add(f"source.{name}", f"expected a table [source.{name}], saw {as_written(raw)}")
        elif (settings := _read_source(context, name, raw)) is not None:
            found.append(settings)
    return found


def _read_source(context: ParseContext, name: str, raw: Document) -> SourceSettings | None:
    key, declared = f"source.{name}", source(name)
    extra = _options_of(name)
    mine, theirs = split_keys(raw, SourceTable)
    common = read_table(context, key, mine, SourceTable) or SourceTable()
    base_url = (common.base_url or declared.base_url).rstrip("/")
    own_host = options.host_of(base_url) in context.allow_hosts
    chosen = read_table(
        msgspec.structs.replace(context, own_host=own_host), key, theirs, extra, unknown=_unknown_source_key
    )
    every = _checked_pause(context, f"{key}.every", common.every, own_host) or declared.every
    return SourceSettings(name, every, base_url, chosen) if chosen is not None else None


def _options_of(name: str) -> type[msgspec.Struct]:
    """Return the struct with the further keys of a source."""
    return source(name).options or ApiKeyOptions


def _unknown_source_key(name: str) -> str:
    """Say which other source has a key."""
    others = [other for other in SOURCES if name in declared_keys(_options_of(other))]
    known = [*declared_keys(SourceTable), *declared_keys(ApiKeyOptions)]
    return f"only [source.{others[0]}] has {name}" if others else f"unknown key {name}; {options.suggest(name, known)}"


def _checked_pause(context: ParseContext, key: str, every: timedelta | None, own_host: bool) -> timedelta | None:
    """Return how often something is asked; hosts of one's own may be asked every second."""
    if every is None:
        return None
    try:
        options.check_duration(every, every, _OWN_HOST_LEAST if own_host else options.MIN_INTERVAL)
    except ValueError as error:
        context.errors.add(key, str(error))
        return None
    return every


def feed_sources(watches: Sequence[WatchSettings]) -> dict[str, SourceSettings]:
    """Return a source for the feed of each watch that has one."""
    return {
        str(watch.subject): SourceSettings(str(watch.subject), watch.every or FEED_EVERY, watch.feed)
        for watch in watches
        if watch.feed is not None
    }


def read_watches(context: ParseContext, document: Document) -> tuple[WatchSettings, ...]:
    """Read every `[[watch]]`; names are unique, and so are the identities of feeds."""
    found: dict[str, WatchSettings] = {}
    feeds: dict[DocumentId | None, str] = {}
    listing = [name for name in SOURCES if isinstance(document.get("source"), dict) and name in document["source"]]
    for key, raw in get_tables(context, document, "watch"):
        unusual = raw.keys() - declared_keys(WatchTable).keys()
        table = read_table(context, key, raw, WatchTable, besides=session_keys() if unusual else ())
        watch = _read_watch(context, key, raw, table, listing) if table is not None else None
        if watch is None:
            continue
        if watch.name in found:
            context.errors.add(key, f"a second watch called {as_written(watch.name)}: give it another name")
        twin = feeds.setdefault(watch.subject, watch.name) if watch.feed else watch.name
        if twin != watch.name:
            context.errors.add(key, f"reads like the feed {as_written(twin)}: give it another name")
        found[watch.name] = watch
    if not found:
        context.errors.warn("watch", "nothing is watched")
    return tuple(found.values())


def _read_watch(
    context: ParseContext, key: str, raw: Document, table: WatchTable, listing: Sequence[str]
) -> WatchSettings | None:
    given = [form for form in _FORMS if form in raw]
    if len(given) != 1:
        saw = ", ".join(given) or "none"
        context.errors.add(key, f"expected exactly one of {', '.join(_FORMS)}, saw {saw}")
        return None
    form, written = given[0], getattr(table, given[0])
    if written is None:  # its error is known
        return None
    _warn_of_unused(context, key, form, raw)
    if form in ("feed", "page"):
        return _address_watch(context, key, table)
    if form == "search":
        return _search_watch(context, key, raw, table, listing)
    return _document_watch(context, key, form, written, table)


def _warn_of_unused(context: ParseContext, key: str, form: str, raw: Document) -> None:
    """Say which keys mean nothing for what is followed."""
    for name in raw:
        if (name == "in" or name not in declared_keys(WatchTable)) and form != "search":
            context.errors.warn(f"{key}.{name}", f"only a search has {name}: it is not used for a {form}")
        if name in ("words", "every") and form not in ("feed", "page"):
            context.errors.warn(f"{key}.{name}", f"only a feed has {name}: they are not used for a {form}")
    if "follow" in raw and form not in ("bill", "document"):
        context.errors.add(f"{key}.follow", f"only a bill has follow: a {form} is not introduced again")


def _address_watch(context: ParseContext, key: str, table: WatchTable) -> WatchSettings:
    """Read a watch on a feed or page: its address, the words it must carry, and how often it is asked."""
    address = table.feed or table.page or ""
    if table.feed is None:
        context.errors.warn(key, "this version does not read a page yet")
    elif context.thorough and not may_be_feed(address):
        context.errors.warn(f"{key}.feed", "reads like the page of a document, not a feed: lexwatch watch says which")
    own_host = table.every is not None and options.host_of(address) in context.allow_hosts
    every = _checked_pause(context, f"{key}.every", table.every, own_host)
    return _settings_of(table, table.name or address, feed=table.feed, page=table.page, every=every)


def _document_watch(
    context: ParseContext, key: str, form: str, written: str, table: WatchTable
) -> WatchSettings | None:
    name = _document(context, f"{key}.{form}", form, written)
    if name is None:
        return None
    if table.follow is not None and (table.follow != "reintroduction" or name.document.kind != "bill"):
        context.errors.add(f"{key}.follow", f'expected "reintroduction", of a bill, saw {as_written(table.follow)}')
    assumed = name.basis is not Basis.STATED
    called = table.name or (written if assumed else str(name.document))
    return _settings_of(table, called, document=name.document, assumed=assumed, follow=table.follow is not None)


def _document(context: ParseContext, key: str, form: str, written: str) -> Name | None:
    errors = context.errors
    try:
        name = resolve(written, today=context.today)
    except UnknownName as error:
        errors.add(key, "; ".join(str(error).splitlines()))
        return None
    document = name.document
    if document.is_operational or (form == "bill" and document.kind != "bill"):
        errors.add(key, f"expected a bill, saw {as_written(written)}" if form == "bill" else "expected a document")
        return None
    if form == "regime" and document.kind != "regime":
        errors.add(key, f"expected a regime, saw {as_written(written)}")
        return None
    if document.kind == "regime":
        return name if _is_known_regime(context, key, document) else None
    law = jurisdiction_of(document)
    if name.basis is not Basis.STATED:
        errors.warn(key, f'no {law.session_word} given: taken as {label(document)}; write "{document}"')
    if context.thorough and not any(source(one).handles(document) for one in SOURCES):
        errors.warn(key, f"this version does not follow a {document.kind} of {document.jurisdiction.upper()} yet")
    return name


def _search_watch(
    context: ParseContext, key: str, raw: Document, table: WatchTable, listing: Sequence[str]
) -> WatchSettings | None:
    """Read a watch that is a search; without a session it is for the one that sits, and goes on in the next."""
    from domain.alerts.search import PLACES, SearchError, parse  # whoever searches nothing does not pay for it
    from monitor.config.word_forms import lemma

    written = table.search or ""
    places = tuple(place for place in PLACES if place in (table.places or ("title",)))
    try:
        found = parse(written, places, lemma)
    except SearchError as error:
        rest = written[error.at : error.at + _SHOWN]
        where = f"before {as_written(rest)}" if rest.strip() else "at its end"
        context.errors.add(f"{key}.search", f"{error} (character {error.at + 1}, {where})")
        return None
    scopes, assumed = _search_scopes(context, key, raw, listing)
    if not scopes:
        return None
    called = table.name or " ".join(found.written.split())
    return _settings_of(table, called, document=scopes[0], also=scopes[1:], assumed=assumed, search=found)


def _search_scopes(
    context: ParseContext, key: str, raw: Document, listing: Sequence[str]
) -> tuple[tuple[DocumentId, ...], bool]:
    """Return the sessions that a search is for, and whether none was written: then those that sit, of every legislature
    that one of the sources `listing` lists, else of the first; and those that ended a short while ago."""
    for law in all_jurisdictions():
        session = raw.get(law.session_key) if law.session_key else None
        try:
            if session is not None:
                written = "" if isinstance(session, bool) else str(session)
                scope = law.search_scope(context.today, written)
                return (scope,) if scope else (), False
        except NameRefused as error:
            context.errors.add(f"{key}.{law.session_key}", f"{error}, saw {as_written(session)}")
            return (), False
    scopes = sessions_searched(context.today)
    declared = [source(name) for name in listing]
    listed = tuple(scope for scope in scopes if any(one.lists_all and one.handles(scope) for one in declared))
    return listed or scopes[:1], True


SEARCHED_AFTER_END = timedelta(days=30)
"""How long a search without a session still covers one that ended: laws are signed in the first weeks of the next."""


@lru_cache(maxsize=8)
def sessions_searched(today: date) -> tuple[DocumentId, ...]:
    """Return what a search without a session covers: of every legislature the session that sits, then those that ended
    a short while ago."""
    days = (today, today - SEARCHED_AFTER_END)
    found = (law.search_scope(day) for day in days for law in all_jurisdictions())
    return tuple(dict.fromkeys(scope for scope in found if scope is not None))


@cache
def session_keys() -> tuple[str, ...]:
    """Return the keys that pin the session of a search."""
    return tuple(law.session_key for law in all_jurisdictions() if law.session_key)


def _settings_of(table: WatchTable, name: str, **found: Any) -> WatchSettings:
    notes = {member: getattr(table, member) for member in WatchNotes.__struct_fields__}
    return WatchSettings(name, **found, **notes)


def check_regime_files(context: ParseContext) -> None:
    """Read the folder `regimes` beside the configuration: every error in it, and which of ours it replaces."""
    if not (context.folder / "regimes").is_dir():
        return
    from monitor.service.regimes import FOLDER, is_shipped, user_regimes  # whoever adds no regime does not pay for them

    found, errors = user_regimes(context.folder / FOLDER)
    context.errors.found.extend(errors)
    for document, made in found.items():
        if is_shipped(document):
            context.errors.warn(f"{FOLDER}/{made.file}", f"takes the place of the {document} that comes with lexwatch")


def _is_known_regime(context: ParseContext, key: str, document: DocumentId) -> bool:
    """Say whether a regime comes with the program or has a file of the user's; what is in it is read elsewhere."""
    from monitor.config.regime_file import regime_file_name
    from monitor.service.regimes import (
        FOLDER,
        is_shipped,
        shipped_regimes,
    )  # whoever follows none does not pay for them

    if is_shipped(document) or (context.folder / FOLDER / regime_file_name(document)).is_file():
        return True
    place = f"{FOLDER}/{regime_file_name(document)} beside the configuration"
    meant = options.suggest(str(document), map(str, shipped_regimes()))
    context.errors.add(key, f"unknown regime {document}; {meant}; one of your own is kept in {place}")
    return False


def check_readers(context: ParseContext, watches: Sequence[WatchSettings], sources: Sequence[SourceSettings]) -> None:
    """Say which watches nothing would ever read: only sources with a section are asked."""
    asked = [settings.name for settings in sources]
    unread: dict[str, list[str]] = {}
    for watch in watches:
        if readers := missing_readers(watch, asked, context.folder):
            unread.setdefault(" or ".join(f"[source.{reader}]" for reader in readers), []).append(watch.name)
    for sections, names in unread.items():
        context.errors.warn("watch", f"nothing reads {_some(names)}: there is no {sections}")


def missing_readers(watch: WatchSettings, asked: Collection[str], folder: Path) -> list[str]:
    """Return the sources of which one is needed and none is among those `asked`, the usual one first; empty where the
    watch is read, needs no section (a feed), or is kept by hand. `folder` is that of the configuration."""
    if watch.document is None or _readers_of(watch, [name for name in asked if name in SOURCES], folder):
        return []
    return sorted(_readers_of(watch, SOURCES, folder), key=lambda name: not source(name).template)


def _readers_of(watch: WatchSettings, among: Iterable[str], folder: Path) -> list[str]:
    """Return the sources that state everything of what is watched; a search needs one that lists every document."""
    document = watch.document
    assert document is not None
    carrier = _carrier(document, folder) if document.kind == "regime" else None
    if carrier is not None:
        return [name for name in among if name == carrier]
    declared = [source(name) for name in among]
    everywhere = watch.search is not None and watch.assumed
    return [
        one.name
        for one in declared
        if one.primary and (one.lists_all or watch.search is None) and (everywhere or one.handles(document))
    ]


def _carrier(document: DocumentId, folder: Path) -> str | None:
    """Return the source that the user's own file of a regime names, "" where it names none; None without a file."""
    from monitor.config.regime_file import regime_file_name
    from monitor.service.regimes import FOLDER, find_regime

    if not (folder / FOLDER / regime_file_name(document)).is_file():
        return None  # `status` comes by here: no file is opened
    try:
        known = find_regime(document, folder / FOLDER)
    except ConfigError:  # its errors are reported where the folder is read
        return ""
    return known.source if known else ""


def pin_watches(settings: Settings, stored: Sequence[Watch]) -> Settings:
    """Let watches go on as what they were: `stored` are the open watches of the database.

    A document written without its session stays where it was first resolved: a new session must not move a watch, but a
    search goes on in it. A feed keeps its identity, and with it all that is known of it, when its address is mended or
    its watch is renamed. A watch that was given another document or feed under its old name is not held to the old one.
    """
    identities = feed_identities(settings.watches, stored)
    first = {watch.name: watch.document for watch in stored}
    pinned = []
    for watch in settings.watches:
        before = first.get(watch.name)
        if watch.feed is not None:
            watch = msgspec.structs.replace(watch, feed_id=identities[watch.name])
        elif (
            watch.assumed and watch.search is None and before is not None and _differ_in_session(before, watch.document)
        ):
            watch = msgspec.structs.replace(watch, document=before)
        pinned.append(watch)
    sections = {name: source for name, source in settings.sources.items() if not name.startswith("feed/")}
    return msgspec.structs.replace(
        settings,
        watches=tuple(pinned),
        sources=sections | feed_sources(pinned),
        warnings=(*settings.warnings, *_exchanged_feeds(pinned, stored)),
    )


def _exchanged_feeds(watches: Sequence[WatchSettings], stored: Sequence[Watch]) -> Iterator[str]:
    """Warn where feeds were dropped and others added at once: one that carries on another under a new name and a new
    address cannot be known for it, and begins anew."""
    known = {watch.document for watch in stored if watch.document is not None and watch.document.is_feed}
    followed = {watch.subject for watch in watches if watch.feed is not None}
    gone = known - followed
    added = [watch.name for watch in watches if watch.feed is not None and watch.subject not in known]
    dropped = [watch.name for watch in stored if watch.document in gone]
    if added and dropped:
        yield (
            f"watch: {_some(added)} starts over, and {_some(dropped)} is no longer followed: where one carries "
            "on the other, change its address first and its name another time, so that nothing is missed"
        )


def _some(names: Sequence[str]) -> str:
    """Name watches, the first ones where they are many."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(map(as_written, names[:_NAMED])) + more


def feed_identities(watches: Sequence[WatchSettings], stored: Sequence[Watch]) -> dict[str, DocumentId]:
    """Return the identity of each watched feed by the name of its watch: that of the stored watch that it carries on,
    found by name and address, else by address (renamed), else by name (its address was mended); else a new one."""
    before = [watch for watch in stored if watch.document is not None and watch.document.is_feed]
    feeds = [watch for watch in watches if watch.feed is not None]
    found: dict[str, DocumentId] = {}
    taken: set[DocumentId] = set()

    def take(watch: WatchSettings, identity: DocumentId | None) -> None:
        if watch.name not in found and identity is not None and identity not in taken:
            found[watch.name] = identity
            taken.add(identity)

    both = {(watch.name, watch.address): watch.document for watch in before}
    by_address = {watch.address: watch.document for watch in before}
    by_name = {watch.name: watch.document for watch in before}
    for watch in feeds:
        take(watch, both.get((watch.name, watch.feed)))
    for watch in feeds:
        take(watch, by_address.get(watch.feed))
    for watch in feeds:
        take(watch, by_name.get(watch.name))
    for watch in feeds:
        if watch.name not in found:
            take(watch, named_feed(watch.name))
            take(watch, named_feed(f"{watch.name} {watch.feed}"))
    return found


def _differ_in_session(first: DocumentId, second: DocumentId | None) -> bool:
    return second is not None and first.kind == second.kind and first.parts[1:] == second.parts[1:]
