"""What is followed, which publishers are asked, and would anything ever read it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from domain.alerts.search import PLACES, Search, SearchError, parse
from domain.documents import DocumentId, label
from domain.errors import ConfigError, UnknownName
from domain.jurisdictions.us.names import congress_on
from domain.names import Basis, Name, resolve
from domain.sources import Secret
from domain.text import is_word
from monitor.config import schema, values
from monitor.config.errors import ConfigErrors
from monitor.config.settings import SourceSettings, WatchSettings

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ParseContext:
    """Where faults go, where relative paths start, where secrets come from (None: from nowhere), what day it is."""

    faults: ConfigErrors
    folder: Path
    env: Mapping[str, str] | None
    today: date

    def secret(self, key: str, raw: object) -> Secret | None:
        return values.secret(self.faults, key, raw, self.folder, self.env)


def secret_address(context: ParseContext, key: str, raw: object, allowed: tuple[str, ...]) -> Secret | None:
    if raw is None:
        return None
    address = context.secret(key, raw)
    if address is not None and address.reveal():
        values.web_address(context.faults, key, address.reveal(), allowed, secret=True)
    return address


def host_of(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def regimes(context: ParseContext) -> None:
    """Read the folder `regimes` beside the configuration: every fault in it, and which of ours it replaces."""
    if not (context.folder / "regimes").is_dir():
        return
    from monitor.service.regimes import FOLDER, is_shipped, user_regimes  # whoever adds no regime does not pay for them

    found, faults = user_regimes(context.folder / FOLDER)
    context.faults.found.extend(faults)
    for document, made in found.items():
        if is_shipped(document):
            context.faults.warn(f"{FOLDER}/{made.file}", f"takes the place of the {document} that comes with lexwatch")


FIRST_CONGRESS = 93
"""The oldest Congress (1973) of whose bills the publisher has a list with actions."""

_SHOWN = 30


def search(context: ParseContext, key: str, raw: schema.WatchTable) -> WatchSettings | None:
    """Read a watch that is a search; without a Congress it is for the one that sits, and stays with it."""
    found = _parsed(context.faults, key, raw.search or "", _places(context.faults, key, raw))
    assumed = raw.congress is None
    congress = congress_on(context.today) if assumed else _congress(context, key, raw.congress)
    if found is None or congress is None:
        return None
    document = DocumentId("us", "bill", (str(congress),))
    name = raw.name or " ".join(found.written.split())
    return WatchSettings(name, document, note=raw.note, search=found, assumed=assumed)


def _congress(context: ParseContext, key: str, raw: object) -> int | None:
    newest = congress_on(context.today) + 1
    if isinstance(raw, int) and not isinstance(raw, bool) and FIRST_CONGRESS <= raw <= newest:
        return raw
    context.faults.add(
        f"{key}.congress",
        f"expected the number of a Congress from {FIRST_CONGRESS} to {newest}, saw {values.shown(raw)}",
    )
    return None


def _places(faults: ConfigErrors, key: str, raw: schema.WatchTable) -> tuple[str, ...]:
    places = ["title"] if raw.places is None else raw.places
    unknown = [place for place in places if place not in PLACES]
    if unknown or not places:
        saw = values.shown(unknown[0]) if unknown else "an empty list"
        faults.add(f"{key}.in", f"expected some of {', '.join(PLACES)}, saw {saw}")
        return ("title",)
    return tuple(place for place in PLACES if place in places)


def _parsed(faults: ConfigErrors, key: str, written: str, places: tuple[str, ...]) -> Search | None:
    """Read the search itself; a fault shows the place where reading stopped."""
    try:
        return parse(written, places)
    except SearchError as error:
        rest = written[error.at : error.at + _SHOWN]
        where = f"before {values.shown(rest)}" if rest.strip() else "at its end"
        faults.add(f"{key}.search", f"{error} (character {error.at + 1}, {where})")
        return None


SOURCES: Mapping[str, tuple[str, timedelta]] = {
    "congress": ("https://api.congress.gov/v3", timedelta(minutes=15)),
    "govinfo": ("https://www.govinfo.gov", timedelta(hours=1)),
    "federal_register": ("https://www.federalregister.gov/api/v1", timedelta(hours=1)),
    "clerk": ("https://clerk.house.gov", timedelta(minutes=15)),
    "senate": ("https://www.senate.gov", timedelta(minutes=15)),
    "rada": ("https://data.rada.gov.ua", timedelta(minutes=30)),
    "president": ("https://www.president.gov.ua", timedelta(hours=1)),
    "rada_bills": ("https://itd.rada.gov.ua", timedelta(minutes=30)),
    "rada_bulk": ("https://data.rada.gov.ua", timedelta(hours=6)),
    "texts": ("https://www.govinfo.gov", timedelta(hours=1)),
}
"""The publishers a section may be written for: their public address and usual rhythm."""

FEED_EVERY = timedelta(minutes=15)
"""How often a feed is asked if its watch does not say."""

DEMO_KEY = Secret("DEMO_KEY", "shipped")
"""The public key of the api.data.gov gateway: 30 requests an hour, 50 a day and address."""


def sources(context: ParseContext, document: Document, allowed: tuple[str, ...]) -> list[SourceSettings]:
    found = []
    for name, table in schema.table(context.faults, document, "source").items():
        if name not in SOURCES:
            context.faults.unknown("source", name, SOURCES, "source")
        elif not isinstance(table, dict):
            context.faults.add(f"source.{name}", f"expected a table [source.{name}], saw {values.shown(table)}")
        else:
            found.append(_source(context, name, table, allowed))
    return found


def _source(context: ParseContext, name: str, table: dict[str, Any], allowed: tuple[str, ...]) -> SourceSettings:
    key = f"source.{name}"
    raw = schema.read_table(context.faults, key, table, schema.SourceTable)
    address, every = SOURCES[name]
    base_url = values.web_address(context.faults, f"{key}.base_url", raw.base_url or address, allowed).rstrip("/")
    private = host_of(base_url) in allowed
    if raw.every is not None:
        least = timedelta(seconds=1) if private else values.LEAST_EVERY
        every = values.duration(context.faults, f"{key}.every", raw.every, least=least) or every
    if raw.whole is not None and (name != "congress" or not isinstance(raw.whole, bool)):
        saw = values.shown(raw.whole)
        expected = f"expected true or false, saw {saw}" if name == "congress" else "only [source.congress] has whole"
        context.faults.add(f"{key}.whole", expected)
    whole = raw.whole is True
    return SourceSettings(name, every, base_url, _api_key(context, name, key, raw.api_key, quiet=private), whole)


def _api_key(context: ParseContext, name: str, key: str, raw: object, *, quiet: bool) -> Secret | None:
    """Read the key; for congress an unset variable means the public DEMO_KEY, with a warning."""
    if name != "congress":
        return context.secret(f"{key}.api_key", raw) if raw is not None else None
    reference = {"env": "CONGRESS_API_KEY"} if raw is None else raw
    if context.env is None or not isinstance(reference, dict) or set(reference) != {"env"}:
        return context.secret(f"{key}.api_key", reference)
    variable = reference["env"]
    if isinstance(variable, str) and not context.env.get(variable, "").strip():
        if not quiet:
            context.faults.warn(
                f"{key}.api_key",
                f"{variable} is not set: asking with the public DEMO_KEY, inside its 50 requests a day",
            )
        return DEMO_KEY
    return context.secret(f"{key}.api_key", reference)


def feed_sources(watched: tuple[WatchSettings, ...]) -> list[SourceSettings]:
    """Return a source for the feed of each watch that has one."""
    feeds = ((watch.subject, watch.feed, watch.every or FEED_EVERY) for watch in watched)
    return [SourceSettings(str(name), every, address) for name, address, every in feeds if address is not None]


READERS = {"us": ("congress", "govinfo"), "ua": ("rada",)}
"""Which sources read the documents of a jurisdiction: one of them suffices."""

CARRIERS = {"us": ("federal_register",), "ua": ("rada",)}
"""Which source carries on the regimes of a jurisdiction that come with the program, as their files say."""


def watches(context: ParseContext, document: Document, allowed: tuple[str, ...]) -> tuple[WatchSettings, ...]:
    found: dict[str, WatchSettings] = {}
    feeds: dict[DocumentId | None, str] = {}
    for key, table in schema.tables(context.faults, document, "watch"):
        watch = _watch(context, key, schema.read_table(context.faults, key, table, schema.WatchTable), allowed)
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


def _watch(context: ParseContext, key: str, raw: schema.WatchTable, allowed: tuple[str, ...]) -> WatchSettings | None:
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
        pass  # whoever searches nothing does not pay for it

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


def _follow(faults: ConfigErrors, key: str, raw: str | None, document: DocumentId) -> bool:
    """Read what of a bill is followed beyond itself: its reintroduction."""
    if raw is None:
        return False
    if raw != "reintroduction" or document.kind != "bill":
        faults.add(f"{key}.follow", f'expected "reintroduction", of a bill, saw {values.shown(raw)}')
    return True


def _followed_address(
    faults: ConfigErrors, key: str, raw: schema.WatchTable, allowed: tuple[str, ...]
) -> WatchSettings:
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


def _document(context: ParseContext, key: str, form: str, written: str) -> Name | None:
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
    if document.kind != "bill" and document.jurisdiction == "us":
        faults.warn(key, f"this version does not follow a {document.kind} of {document.jurisdiction.upper()} yet")
    return name


def _is_known_regime(context: ParseContext, key: str, document: DocumentId) -> bool:
    """Say whether a regime comes with the program or has a file of the user's; what is in it is read elsewhere."""
    from monitor.service.regime_file import regime_file_name
    from monitor.service.regimes import (  # whoever follows no regime does not pay for them
        FOLDER,
        is_shipped,
        shipped_regimes,
    )

    if is_shipped(document) or (context.folder / FOLDER / regime_file_name(document)).is_file():
        return True
    known = ", ".join(map(str, shipped_regimes()))
    place = f"{FOLDER}/{regime_file_name(document)} beside the configuration"
    context.faults.add(key, f"expected a regime this version knows ({known}) or one kept in {place}, saw {document}")
    return False


def check_readers(context: ParseContext, watches: tuple[WatchSettings, ...], sources: list[SourceSettings]) -> None:
    """Say which watches nothing would ever read: only sources with a section are asked."""
    asked = {source.name for source in sources}
    for watch in watches:
        readers = _readers_of(context, watch.document) if watch.document else ()
        readers = readers[:1] if watch.search is not None else readers  # only the first has lists of all bills
        if readers and asked.isdisjoint(readers):
            sections = " or ".join(f"[source.{reader}]" for reader in readers)
            context.faults.warn("watch", f"nothing reads {values.shown(watch.name)}: there is no {sections}")


def _readers_of(context: ParseContext, document: DocumentId) -> tuple[str, ...]:
    """Return the sources that read a document, none for a regime that its file alone carries on."""
    if document.kind == "regime":
        from monitor.service.regime_file import regime_file_name
        from monitor.service.regimes import FOLDER, find_regime, is_shipped

        if is_shipped(document) and not (context.folder / FOLDER / regime_file_name(document)).is_file():
            return CARRIERS.get(document.jurisdiction, ())  # `status` comes by here: no file is opened
        try:
            known = find_regime(document, context.folder / FOLDER)
        except ConfigError:  # its faults are told where the folder is read
            return ()
        return (known.source,) if known and known.source in SOURCES else ()
    return READERS.get(document.jurisdiction, ())
