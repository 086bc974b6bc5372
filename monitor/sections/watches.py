"""What is followed, and would anything ever read it?"""

from __future__ import annotations

from datetime import timedelta

from domain.errors import ConfigError, UnknownName
from domain.identity import DocumentId, label
from domain.names import Basis, Name, resolve
from domain.words import is_word
from monitor import shape, values
from monitor.faults import Faults
from monitor.sections.context import Context, Document, host_of
from monitor.sections.sources import SOURCES
from monitor.settings import SourceSettings, WatchSettings

READERS = {"us": ("congress", "govinfo"), "ua": ("rada",)}
"""Which sources read the documents of a jurisdiction: one of them suffices."""

CARRIERS = {"us": ("federal_register",), "ua": ("rada",)}
"""Which source carries on the regimes of a jurisdiction that come with the program, as their files say."""


def watches(context: Context, document: Document, allowed: tuple[str, ...]) -> tuple[WatchSettings, ...]:
    found: dict[str, WatchSettings] = {}
    feeds: dict[DocumentId | None, str] = {}
    for key, table in shape.tables(context.faults, document, "watch"):
        watch = _watch(context, key, shape.read(context.faults, key, table, shape.Watch), allowed)
        if watch is None:
            continue
        if watch.name in found:
            context.faults.add(key, f"a second watch called {values.shown(watch.name)}: give it another name")
        twin = feeds.setdefault(watch.subject, watch.name) if watch.feed else watch.name
        if twin != watch.name:
            context.faults.add(key, f"reads like the feed {values.shown(twin)}: give it another name")
        found[watch.name] = watch
    if not found:
        context.faults.warn("watch", "nothing is watched")
    return tuple(found.values())


def _watch(context: Context, key: str, raw: shape.Watch, allowed: tuple[str, ...]) -> WatchSettings | None:
    faults = context.faults
    what = ("bill", "document", "regime", "feed", "page", "search")
    given = [name for name in what if getattr(raw, name) is not None]
    if len(given) != 1:
        faults.add(key, f"expected exactly one of {', '.join(what)}, saw {', '.join(given) or 'none'}")
        return None
    form, written = given[0], str(getattr(raw, given[0]))
    if raw.name is not None and not (raw.name.strip() and raw.name.isprintable()):
        faults.add(f"{key}.name", f"expected a name, saw {values.shown(raw.name)}")
    if form != "search":
        for option, value in (("congress", raw.congress), ("in", raw.places)):
            if value is not None:
                faults.warn(f"{key}.{option}", f"only a search has {option}: it is not used for a {form}")
    if form not in ("bill", "document") and raw.follow is not None:
        faults.add(f"{key}.follow", f"only a bill has follow: a {form} is not introduced again")
    if form in ("feed", "page"):
        return _followed_address(faults, key, raw, allowed)
    for option in ("words", "every"):
        if getattr(raw, option):
            faults.warn(f"{key}.{option}", f"only a feed has {option}: they are not used for a {form}")
    if form == "search":
        from monitor.sections.searches import search  # whoever searches nothing does not pay for it

        return search(context, key, raw)
    name = _document(context, f"{key}.{form}", form, written)
    if name is None:
        return None
    assumed = name.basis is not Basis.STATED
    default = written if assumed else str(name.document)
    return WatchSettings(
        raw.name or default,
        name.document,
        note=raw.note,
        words=tuple(raw.words),
        assumed=assumed,
        follow=_follow(faults, key, raw.follow, name.document),
    )


def _follow(faults: Faults, key: str, raw: str | None, document: DocumentId) -> bool:
    """Read what of a bill is followed beyond itself: its reintroduction."""
    if raw is None:
        return False
    if raw != "reintroduction" or not document.is_bill:
        faults.add(f"{key}.follow", f'expected "reintroduction", of a bill, saw {values.shown(raw)}')
    return True


def _followed_address(faults: Faults, key: str, raw: shape.Watch, allowed: tuple[str, ...]) -> WatchSettings:
    """Read a watch on a feed or page: its address, the words it must carry, and how often it is asked."""
    address = raw.feed or raw.page or ""
    values.web_address(faults, f"{key}.{'page' if raw.feed is None else 'feed'}", address, allowed)
    if raw.feed is None:
        faults.warn(key, "this version does not read a page yet")
    for word in raw.words:
        if not is_word(word):
            faults.add(f"{key}.words", f"expected words with a letter or a digit, saw {values.shown(word)}")
    every = None
    if raw.every is not None:
        least = timedelta(seconds=1) if host_of(address) in allowed else values.LEAST_EVERY
        every = values.duration(faults, f"{key}.every", raw.every, least=least)
    words = tuple(dict.fromkeys(raw.words))
    return WatchSettings(raw.name or address, None, raw.feed, raw.page, raw.note, words, every=every)


def _document(context: Context, key: str, form: str, written: str) -> Name | None:
    faults = context.faults
    try:
        name = resolve(written, today=context.today)
    except UnknownName as error:
        faults.add(key, "; ".join(str(error).splitlines()))
        return None
    document = name.document
    if document.is_operational or (form == "bill" and document.kind != "bill"):
        faults.add(key, f"expected a bill, saw {values.shown(written)}" if form == "bill" else "expected a document")
        return None
    if form == "regime" and document.kind != "regime":
        faults.add(key, f'expected a regime such as "ua/regime/martial-law", saw {values.shown(written)}')
        return None
    if document.kind == "regime":
        return name if _is_known_regime(context, key, document) else None
    if name.basis is not Basis.STATED:
        faults.warn(key, f'no Congress given: taken as {label(document)}; write "{document}"')
    if not document.is_bill and document.jurisdiction != "ua":
        faults.warn(key, f"this version does not follow a {document.kind} of {document.jurisdiction.upper()} yet")
    return name


def _is_known_regime(context: Context, key: str, document: DocumentId) -> bool:
    """Say whether a regime comes with the program or has a file of the user's; what is in it is read elsewhere."""
    from monitor.regimes import FOLDER, is_shipped, shipped  # whoever follows no regime does not pay for them
    from monitor.regimes.file import name_of

    if is_shipped(document) or (context.folder / FOLDER / name_of(document)).is_file():
        return True
    known = ", ".join(map(str, shipped()))
    place = f"{FOLDER}/{name_of(document)} beside the configuration"
    context.faults.add(key, f"expected a regime this version knows ({known}) or one kept in {place}, saw {document}")
    return False


def check_readers(context: Context, watches: tuple[WatchSettings, ...], sources: list[SourceSettings]) -> None:
    """Say which watches nothing would ever read: only sources with a section are asked."""
    asked = {source.name for source in sources}
    for watch in watches:
        readers = _readers_of(context, watch.document) if watch.document else ()
        readers = readers[:1] if watch.search is not None else readers  # only the first has lists of all bills
        if readers and asked.isdisjoint(readers):
            sections = " or ".join(f"[source.{reader}]" for reader in readers)
            context.faults.warn("watch", f"nothing reads {values.shown(watch.name)}: there is no {sections}")


def _readers_of(context: Context, document: DocumentId) -> tuple[str, ...]:
    """Return the sources that read a document, none for a regime that its file alone carries on."""
    if document.kind == "regime":
        from monitor.regimes import FOLDER, find, is_shipped
        from monitor.regimes.file import name_of

        if is_shipped(document) and not (context.folder / FOLDER / name_of(document)).is_file():
            return CARRIERS.get(document.jurisdiction, ())  # `status` comes by here: no file is opened
        try:
            known = find(document, context.folder / FOLDER)
        except ConfigError:  # its faults are told where the folder is read
            return ()
        return (known.source,) if known and known.source in SOURCES else ()
    return READERS.get(document.jurisdiction, ())
