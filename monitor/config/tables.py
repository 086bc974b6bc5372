"""Which keys may a configuration have? Every table with its keys, declared once."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from domain import options
from domain.options import PRIORITIES, Key, KeyContext, Secret, as_written
from domain.records.facets import DEFAULT_KINDS, FOR_OPERATOR, Kind

if TYPE_CHECKING:
    pass

MAX_BURST = timedelta(hours=1)


def _parse_database(raw: Any, _: KeyContext) -> str:
    """Read a path or the address of a database; what might carry a password is not repeated."""
    found = options.text(raw).removeprefix("sqlite:///")
    if re.fullmatch(r"postgresql(\+psycopg)?://\S+", found):
        return found
    if "://" in found or not found.strip() or not found.isprintable():
        raise ValueError('expected a file such as "lexwatch.db", or a database as "postgresql://user@host/name"')
    return found


def _parse_contact(raw: Any, _: KeyContext) -> str:
    if not re.fullmatch(r"[!-~]{3,200}", options.text(raw)):
        raise ValueError(f"expected an e-mail or web address, saw {as_written(raw)}")
    return options.text(raw)


def _parse_language(raw: Any, context: KeyContext) -> str:
    """Read the language of messages; English needs no look at the list of those that ship."""
    if raw == "en":
        return "en"
    from notifications.translation import LANGUAGES

    return options.one_of("language", *LANGUAGES)(raw, context)


def _parse_templates(raw: Any, context: KeyContext) -> Any:
    return context.existing_folder(options.text(raw))


def _parse_burst(raw: Any, context: KeyContext) -> timedelta:
    least = timedelta(0) if raw == "0s" else timedelta(seconds=1)
    return options.duration(least, MAX_BURST, ": a digest is for more")(raw, context)


def _parse_schedule(raw: Any, context: KeyContext) -> Any:
    from domain.alerts.digest_schedule import DigestSchedule

    written = options.text(raw)
    try:
        return DigestSchedule.parse(written, context.timezone)
    except ValueError as error:
        raise ValueError(f"{error}, saw {as_written(raw)}") from None


def _parse_when(raw: Any, context: KeyContext) -> Any:
    from domain.alerts.digest_schedule import DigestSchedule

    written = options.text(raw)
    if written == "now":
        return None
    try:
        return DigestSchedule.parse(written, context.timezone)
    except ValueError as error:
        raise ValueError(f'{error} or "now", saw {as_written(raw)}') from None


def _parse_places(raw: Any, _: KeyContext) -> tuple[str, ...]:
    from domain.alerts.search import PLACES

    found = options.texts(raw)
    unknown = [place for place in found if place not in PLACES]
    if unknown or not found:
        saw = as_written(unknown[0]) if unknown else "an empty list"
        raise ValueError(f"expected some of {', '.join(PLACES)}, saw {saw}")
    return found


def _parse_channel_name(raw: Any, _: KeyContext) -> str:
    if not options.text(raw) or not raw.isprintable():
        raise ValueError("expected a name: routes and the log call the channel by it")
    return options.text(raw)


def _parse_channel_kind(raw: Any, context: KeyContext) -> str:
    from notifications import CHANNEL_KINDS

    return options.one_of("kind of channel", *CHANNEL_KINDS)(raw, context)


def _parse_urgent(raw: Any, context: KeyContext) -> tuple[str, ...]:
    from domain.alerts.severity import Severity

    known = (*Kind, *(severity.word for severity in Severity))
    return options.some_of("kind or severity", known)(raw, context)


def _parse_kinds(raw: Any, context: KeyContext) -> frozenset[Kind]:
    known = tuple(kind for kind in Kind if kind not in FOR_OPERATOR)
    found = options.texts(raw)
    if not found:
        raise ValueError(f"expected at least one of {', '.join(known)}")
    for word in found:
        if word in FOR_OPERATOR:
            raise ValueError(f"{word} is for the operator: name channels under service.operator instead")
    return frozenset(map(Kind, options.some_of("kind", known)(raw, context)))


def _parse_stages(raw: Any, context: KeyContext) -> frozenset[str]:
    from domain.jurisdictions import all_jurisdictions

    known = dict.fromkeys(stage for law in all_jurisdictions() for stage in law.stages)
    return frozenset(options.some_of("stage", known)(raw, context))


def _parse_tags(raw: Any, _: KeyContext) -> tuple[str, ...]:
    """Read words of the user's own; capitals and spaces around them make no other tag."""
    found = [word.strip() for word in options.texts(raw)]
    for word in found:
        if not word or not word.isprintable():
            raise ValueError(f'expected words such as ["nato", "client-a"], saw {as_written(word)}')
    by_small_letters: dict[str, str] = {}
    for word in found:
        by_small_letters.setdefault(word.casefold(), word)
    return tuple(by_small_letters.values())


def _one_or_several(parse: options.Parser) -> options.Parser:
    """Return a parser of one text or a list of them."""

    def parse_each(raw: Any, context: KeyContext) -> tuple[str, ...]:
        return tuple(dict.fromkeys(parse(one, context) for one in (raw if isinstance(raw, list) else [raw])))

    return parse_each


def _parse_severity(raw: Any, context: KeyContext) -> Any:
    from domain.alerts.severity import Severity

    words = {severity.word: severity for severity in Severity}
    return words[options.one_of("severity", *words)(raw, context)]


class ServiceTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[service]`. Times are wall times of `timezone`."""

    timezone: Annotated[
        str,
        Key(
            "an IANA name; for dates shown in messages and tables, and for `--now` and `--known-at` without an offset",
            options.zone,
        ),
    ] = "UTC"
    database: Annotated[
        str,
        Key(
            "where everything is recorded: an SQLite file, its address `sqlite:///lexwatch.db`, or a PostgreSQL "
            "database, `postgresql://user@host/name`; the folder of a file must exist",
            _parse_database,
        ),
    ] = "lexwatch.db"
    database_read: Annotated[
        str | None,
        Key("a copy of the database that commands which only read may ask, as `database`", _parse_database),
    ] = None
    name: Annotated[
        str | None,
        Key(
            "what this installation is called where several workers share a PostgreSQL database; one of another name "
            "is refused",
            options.name,
            default="the name of this file",
        ),
    ] = None
    take_over: Annotated[
        timedelta,
        Key(
            "how long a worker on PostgreSQL may be silent before others take over what it had in hand; a publisher "
            "then has four fifths of it for an answer, and never more than 60 s",
            options.duration(timedelta(seconds=5), timedelta(minutes=30)),
        ),
    ] = timedelta(seconds=75)
    contact: Annotated[
        str | None,
        Key(
            "an e-mail or web address, sent to publishers in the User-Agent, so that they know whom to ask",
            _parse_contact,
        ),
    ] = None
    language: Annotated[str, Key("of messages, unless a channel says otherwise: `en`, `uk`", _parse_language)] = "en"
    templates: Annotated[
        Path | None,
        Key(
            "a folder beside this file with [templates of your own](../how-to/change-the-templates.md)",
            _parse_templates,
            form="folder",
        ),
    ] = None
    operator: Annotated[
        tuple[str, ...],
        Key("channels that are notified when a source or another channel is broken; without one only the log says it"),
    ] = ()
    burst: Annotated[
        timedelta,
        Key(
            "how long what follows a message about the same document waits, so that it goes as one message; "
            '`"0s"`: not at all; at most `"1h"`; `run --once` waits for nothing',
            _parse_burst,
        ),
    ] = timedelta(seconds=5)
    receipt: Annotated[
        Any,
        Key(
            "when the operator's channels get a [coverage report](../explanation/how-it-decides.md): "
            '`"daily 08:00"` or `"weekly monday 09:00"`',
            _parse_schedule,
            form="schedule",
        ),
    ] = None
    heartbeat: Annotated[
        Secret | None,
        Key(
            "the https address of a dead-man's switch, asked by POST after each minute in which the service ran and "
            "its database could be written",
            options.secret_address,
        ),
    ] = None


class HttpTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[http]`."""

    allow_hosts: Annotated[
        tuple[str, ...],
        Key(
            'names or addresses without port, such as `"mail.internal"` or `"10.0.0.5"`, of hosts that are yours',
            options.hosts,
        ),
    ] = ()


class SourceTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[source.NAME]`: what any publisher has. Its watcher declares the rest."""

    every: Annotated[
        timedelta | None,
        Key(
            'the pause between polls; at least `"60s"`; stretched where the publisher\'s limits ask for it '
            "(`lexwatch check` shows the result)",
            options.parse_duration,
            default="the publisher's own",
        ),
    ] = None
    base_url: Annotated[
        str | None,
        Key(
            "where to ask: `https://`, without user or password; a mirror, or a server of yours in `allow_hosts`",
            options.web_address,
            default="the publisher's own",
        ),
    ] = None


class ApiKeyOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The further keys of a source whose watcher declares none."""

    api_key: Annotated[Secret | None, Key("sent to a publisher that asks for one", options.secret)] = None


class WatchNotes(msgspec.Struct, frozen=True, kw_only=True):
    """What may stand in any `[[watch]]`, whatever it follows."""

    note: Annotated[str | None, Key("your own words, sent with every message about it")] = None
    tags: Annotated[
        tuple[str, ...], Key('words of your own, such as `["nato", "client-a"]`: to filter and route by', _parse_tags)
    ] = ()
    priority: Annotated[
        str | None, Key("`high`, `normal` or `low`", options.one_of("priority", *PRIORITIES), default='`"normal"`')
    ] = None
    position: Annotated[str | None, Key("where you stand, in a word: `support`, `oppose`, `monitor`", options.name)] = (
        None
    )
    owner: Annotated[str | None, Key("the person responsible for it", options.name)] = None
    words: Annotated[
        tuple[str, ...],
        Key("for feeds and pages: alert only on what has one of these words or phrases", options.words),
    ] = ()


class WatchTable(WatchNotes, frozen=True, kw_only=True):
    """`[[watch]]`, with exactly one of the first six."""

    bill: Annotated[
        str | None,
        Key("a bill or resolution. One without its session is resolved once, kept with the watch, and `check` warns"),
    ] = None
    document: Annotated[str | None, Key("any document by its identity")] = None
    regime: Annotated[
        str | None,
        Key(
            "something that runs in terms: one that [comes with lexwatch](regimes.md), or one of your own in the "
            "folder `regimes` beside this file"
        ),
    ] = None
    feed: Annotated[str | None, Key("the address of an RSS, Atom or JSON feed", options.web_address)] = None
    page: Annotated[str | None, Key("the address of a page", options.web_address)] = None
    search: Annotated[
        str | None,
        Key(
            "words looked for among bills, acts, feeds and registers; what has them is followed "
            "([below](#saved-searches))"
        ),
    ] = None
    places: Annotated[
        tuple[str, ...],
        Key(
            "for searches: where to look, some of `title`, `summary`, `subject`, taken together as one text",
            _parse_places,
            default='`["title"]`',
        ),
    ] = msgspec.field(default=(), name="in")
    follow: Annotated[
        str | None,
        Key('for bills: `"reintroduction"` also alerts when the bill is introduced again in a later session'),
    ] = None
    name: Annotated[
        str | None,
        Key("what routes, `status` and messages call it; unique", options.name, default="the identity or address"),
    ] = None
    every: Annotated[
        timedelta | None,
        Key(
            'for feeds and pages: the pause between polls, at least `"60s"`',
            options.parse_duration,
            default='`"15m"`',
        ),
    ] = None


class ChannelTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[[channel]]`: what a channel of any kind has. Its kind declares the rest."""

    name: Annotated[
        str, Key("what routes, the log and `lexwatch alerts` call it; unique", _parse_channel_name, absent="")
    ]
    kind: Annotated[str, Key("`console`, `email`, `slack`, `webhook` or `apprise`", _parse_channel_kind, absent="")]
    language: Annotated[str | None, Key("of its messages", _parse_language, default="`service.language`")] = None
    timezone: Annotated[
        str | None,
        Key("an IANA name, in which its dates are shown", options.zone, default="`service.timezone`"),
    ] = None
    quiet: Annotated[
        str | None,
        Key(
            'hours at which nobody is disturbed, such as `"22:00-07:00"`, in `service.timezone`. What is new is '
            "recorded as ever; its messages are held, and sent at the end, those about one document as one"
        ),
    ] = None
    urgent: Annotated[
        tuple[str, ...],
        Key(
            'kinds (`"vote"`) and severities (`"critical"`: that or more) that are sent all the same; needs `quiet`',
            _parse_urgent,
        ),
    ] = ()
    receipt: Annotated[
        Any,
        Key(
            "when this channel gets a coverage report, as under `[service]`; for a channel of the operator that of "
            "`[service]`",
            _parse_schedule,
            form="schedule",
        ),
    ] = None
    report: Annotated[
        Any,
        Key(
            "when this channel gets the whole table of what its watches follow, changes marked: "
            '`"weekly monday 08:00"`; in mail with the table attached, as XLSX where XlsxWriter is installed, else CSV',
            _parse_schedule,
            form="schedule",
        ),
    ] = None


class RouteTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[[route]]`."""

    watch: Annotated[tuple[str, ...], Key('names of watches, or shell patterns such as `"NATO*"`')] = ("*",)
    tags: Annotated[
        tuple[str, ...],
        Key('only watches with one of these tags, such as `["nato"]`', _parse_tags, default="all"),
    ] = ()
    owner: Annotated[
        tuple[str, ...],
        Key(
            'only watches that one of these is responsible for, such as `"ana"` or `["ana", "bo"]`',
            _one_or_several(options.name),
            form="text or list of texts",
            default="all",
        ),
    ] = ()
    priority: Annotated[
        tuple[str, ...],
        Key(
            'only watches of this priority, or one of these, such as `"high"` or `["high", "normal"]`',
            _one_or_several(options.one_of("priority", *PRIORITIES)),
            form="text or list of texts",
            default="all",
        ),
    ] = ()
    kinds: Annotated[
        frozenset[Kind],
        Key(
            "the kinds sent ([the list](kinds-and-states.md#kinds-of-news))",
            _parse_kinds,
            form="list of kinds",
            default="the default kinds",
        ),
    ] = DEFAULT_KINDS
    channels: Annotated[tuple[str, ...], Key("names of channels", default="needed")] = ()
    stages: Annotated[
        frozenset[str],
        Key(
            'only what leaves a bill in one of these stages, such as `["in_committee"]` (`stage` in '
            "`lexwatch status --json`)",
            _parse_stages,
            form="list of texts",
            default="all",
        ),
    ] = frozenset()
    severity: Annotated[
        Any,
        Key(
            "only what matters at least so much: `minor`, `normal`, `major` or `critical` "
            "([the list](kinds-and-states.md#severity))",
            _parse_severity,
            form="text",
            default="all",
        ),
    ] = None
    words: Annotated[
        tuple[str, ...],
        Key("only what has one of these words or phrases in its own words", options.words, default="all"),
    ] = ()
    when: Annotated[
        Any,
        Key(
            '`"daily 08:00"` or `"weekly monday 08:00"`, in `service.timezone`: everything until then goes as one '
            "message to each recipient. What another route sends to the same channel at once is not repeated in it",
            _parse_when,
            form="schedule",
            default='`"now"`',
        ),
    ] = None
    name: Annotated[str | None, Key("what `lexwatch digest` calls it", options.name)] = None
