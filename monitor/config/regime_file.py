"""What may a regime's file say, and what is wrong with it?

A person mends a file once: every fault is found, each with its line, its key, what was expected and what was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec

from domain import options
from domain.dates import moved, unsettled
from domain.documents import DocumentId
from domain.options import Key, KeyContext, Parser, as_written
from domain.terms import REMINDER_DAYS, Regime, is_length, local
from monitor.config.schema import ConfigErrors, Document, ParseContext, get_table, get_tables, parse_toml, read_table
from watchers import SOURCES, source

LARGEST = 1_000_000
"""Bytes; the longest chain we know takes six thousand."""

STEPS = ("bill_registered", "decree_signed", "law_adopted", "law_signed", "published", "in_force")
ACTS = ("introduction", "extension", "end", "partial_end", "lapse")

Table = Mapping[str, Any]


def _of(kind: type, accepts: Callable[[Any], object], expected: str) -> Parser:
    """Return a parser of values of one type that pass a test."""

    def parse(raw: object, _: KeyContext) -> Any:
        if not isinstance(raw, kind) or (kind is int and isinstance(raw, bool)) or not accepts(raw):
            raise ValueError(f"expected {expected}, saw {as_written(raw)}")
        return raw

    return parse


def _list_of(parse_one: Parser, expected: str = 'a list of texts such as ["first", "second"]') -> Parser:
    """Return a parser of a list that is not empty."""

    def parse(raw: object, context: KeyContext) -> list[Any]:
        if not isinstance(raw, list) or not raw:
            raise ValueError(f"expected {expected}, saw {as_written(raw)}")
        return [parse_one(each, context) for each in raw]

    return parse


_line = _of(str, lambda raw: raw.strip() and raw.isprintable(), "text in quotes, on one line")
_count = _of(int, lambda raw: 1 <= raw <= 366, "a whole number from 1 to 366")
_length = _of(str, is_length, 'a length such as "90 days", "3 months" or "1 year"')
_steps = _list_of(options.one_of("step", *STEPS), f"a list out of {', '.join(STEPS)}")


def _look_up(raw: object, _: KeyContext) -> str:
    parts = options.split_address(options.text(raw))
    if parts is None or parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"expected a web address, saw {as_written(raw)}")
    return options.text(raw)


def _reminders(raw: object, context: KeyContext) -> list[int]:
    days = _list_of(_count, "days before the end such as [21, 14, 7, 4, 1]")(raw, context)
    return sorted(set(days), reverse=True)


def _day(raw: object, _: KeyContext) -> date:
    """Read a day: a TOML date, or text that is one."""
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    try:
        return date.fromisoformat(raw if isinstance(raw, str) else "")
    except ValueError:
        raise ValueError(f"expected a day such as 2026-07-31, saw {as_written(raw)}") from None


def _wall_time(raw: object, _: KeyContext) -> str:
    """Read local wall time, without an offset: the zone of the regime says where."""
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw.isoformat()
    try:
        found = datetime.fromisoformat(raw if isinstance(raw, str) else "")
    except ValueError:
        raise ValueError(f'expected local time such as "2025-11-05T05:30", or a day, saw {as_written(raw)}') from None
    if found.tzinfo is not None:
        raise ValueError(
            f'expected local time without an offset such as "2025-11-05T05:30", saw {as_written(raw)}: '
            "`zone` says where"
        )
    return str(raw)


def _identity(raw: object, _: KeyContext) -> str:
    try:
        return str(DocumentId.parse(raw if isinstance(raw, str) else ""))
    except ValueError:
        raise ValueError(f'expected an identity such as "xx/act/7-2025", saw {as_written(raw)}') from None


def _regime_name(raw: object, context: KeyContext) -> str:
    """Read the name of a regime: jurisdiction, the word `regime`, and parts of its own."""
    found = DocumentId.parse(_identity(raw, context)) if isinstance(raw, str) else None
    if found is None or found.kind != "regime" or not found.parts:
        raise ValueError(f'expected a name such as "xx/regime/name", lower-case, saw {as_written(raw)}')
    return str(found)


def _carrier(raw: object, context: KeyContext) -> str:
    """Read the name of a source that can prove how far it read the acts of a regime."""
    name = options.one_of("source", *SOURCES)(raw, context)
    if source(name).coverage is None:
        raise ValueError(f"expected a source that carries regimes on, saw {as_written(name)}")
    return name


class RegimeTable(msgspec.Struct, frozen=True, kw_only=True):
    """The top of the file."""

    regime: Annotated[
        str, Key("its name: jurisdiction, the word `regime`, and a name of its own, lower-case", _regime_name)
    ]
    title: Annotated[str, Key("what people call it", _line)]
    zone: Annotated[str, Key('the zone whose clocks count, such as `"Europe/Kyiv"`', options.zone)]
    issuer: Annotated[str | None, Key("who issues its acts", _line)] = None
    source: Annotated[
        str | None,
        Key("the [publisher](sources.md) that carries it on", _carrier, default="none: kept by hand"),
    ] = None
    look_up: Annotated[
        str | None,
        Key("an address where a person finds its acts; part of the reason when the status is unknown", _look_up),
    ] = None
    paired_with: Annotated[
        tuple[str, ...] | None,
        Key(
            "regimes renewed by acts of the same day: what waits to be sent of them to one recipient goes as one "
            "message, with an alert for each",
            _list_of(_regime_name),
        ),
    ] = None
    barred_while: Annotated[
        str | None,
        Key("the regime during which the law bars the elections that are to follow", _regime_name),
    ] = None
    reminders: Annotated[
        list[int] | None,
        Key(
            "days before the end of a term at which people are reminded",
            _reminders,
            form="list of numbers",
            default=f"`{list(REMINDER_DAYS)}`",
        ),
    ] = None


class TermTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[term]`: how its terms are counted."""

    length: Annotated[str | None, Key("the length of an act that states none", _length)] = None
    inclusive: Annotated[bool | None, Key("a bare day in `ends_at` is the last day, whole", default="`false`")] = None
    continues: Annotated[
        bool | None,
        Key("at the end of a term it goes on until an act ends it, instead of lapsing", default="`false`"),
    ] = None
    anniversary: Annotated[
        bool | None,
        Key(
            "a renewal runs from the next anniversary of the introduction after the day it was published, for "
            "`term.length`",
            default="`false`",
        ),
    ] = None
    window: Annotated[
        str | None,
        Key("how long before its term begins a renewal may be published; one outside sets no term", _length),
    ] = None
    lapse_after: Annotated[
        int | None,
        Key(
            "after so many days of proven silence after an end people are alerted that the lapse is confirmed; the "
            "status stays `EXPIRED_NO_SUCCESSOR_SEEN` until an act or an entry `lapse` says that it ended",
            _count,
        ),
    ] = None

    by_law: Annotated[
        bool | None,
        Key(
            "the law itself ends a term on a day, as a term of office: no act renews it, and none is missed",
            default="`false`",
        ),
    ] = None
    continues_while: Annotated[
        str | None,
        Key("with `continues`: the regime during which the law lets a term go on beyond its end", _regime_name),
    ] = None


class LawTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[[law]]`: what the law says of the regime, shown by `status`."""

    says: Annotated[str, Key("in neutral words, what the article says", _line)]
    article: Annotated[str, Key("where it says so", _line)]
    address: Annotated[str, Key("where a person can read it", _look_up)]


class ElectionTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[[election]]`: a day on which the law has something elected, shown by `upcoming`."""

    on: Annotated[date, Key("the day", _day)]
    what: Annotated[str, Key("what is elected", _line)]
    article: Annotated[str, Key("the article that fixes the day", _line)]


class RenewalTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[renewal]`: what it takes to go on."""

    steps: Annotated[
        tuple[str, ...] | None,
        Key(f"the steps a renewal usually takes, in order: {', '.join(f'`{step}`' for step in STEPS)}", _steps),
    ] = None
    keys: Annotated[
        tuple[str, ...] | None,
        Key(
            "the steps without which an act is not valid. Two of them mean that an act sets a term only once its "
            "approval is known",
            _steps,
        ),
    ] = None


class RecognitionTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[recognise]`: by which words the reader of its source knows its acts."""

    titles: Annotated[
        tuple[str, ...] | None,
        Key("whole titles of its acts; a source that knows a regime by titles alone goes by them", _list_of(_line)),
    ] = None
    phrases: Annotated[
        tuple[str, ...] | None,
        Key("words of their operative part, looked for where a title is only like one of those", _list_of(_line)),
    ] = None
    numbers: Annotated[tuple[str, ...] | None, Key("how its acts are numbered, by example", _list_of(_line))] = None


class CitedTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[cited]`: by which names `lexwatch find` knows it in an article."""

    names: Annotated[
        tuple[str, ...] | None,
        Key("names of it in running text, in any language; `*` stands for any ending of a word", _list_of(_line)),
    ] = None
    near: Annotated[
        tuple[str, ...] | None,
        Key("words one of which has to stand near the name, where the name alone could mean another", _list_of(_line)),
    ] = None


class NarrowedTable(msgspec.Struct, frozen=True, kw_only=True):
    """`narrowed = { … }`: what the approval says otherwise than the act."""

    starts_at: Annotated[
        str | None,
        Key(
            'when its term begins, in local time: `"2025-11-05T05:30"`; a bare day is its first moment. For an end: '
            "when it ends; without it, on the day it came into force or was signed",
            _wall_time,
            form="local time",
        ),
    ] = None
    length: Annotated[
        str | None,
        Key(
            '`"90 days"`, `"2 weeks"`, `"3 months"`, `"1 year"`, counted by the calendar and the local clock',
            _length,
            default="`term.length`",
        ),
    ] = None
    ends_at: Annotated[
        str | None,
        Key(
            "instead: when it ends, the moment itself no longer belonging to it",
            _wall_time,
            form="local time",
        ),
    ] = None
    until: Annotated[date | None, Key("instead: the last day, the whole of which belongs to it", _day)] = None
    scope: Annotated[tuple[str, ...] | None, Key("the regions it is about", _list_of(_line), default="everywhere")] = (
        None
    )


class InstrumentTable(NarrowedTable, frozen=True, kw_only=True):
    """`[[instrument]]`: one act."""

    act: Annotated[
        str,
        Key(
            "`introduction` opens an episode, `extension` goes on with it, `end` ends it before its time, "
            "`partial_end` ends it for the regions in `scope`, `lapse` says that it ended by itself on that day",
            options.one_of("act", *ACTS),
        ),
    ]
    id: Annotated[str | None, Key('its identity, such as `"xx/decree/7/2025"`', _identity)] = None
    name: Annotated[str | None, Key("what people call it, shown in `history`", _line)] = None
    on: Annotated[date | None, Key("the day it was signed", _day)] = None
    published_on: Annotated[date | None, Key("the day it was published", _day)] = None
    known_on: Annotated[
        date | None,
        Key(
            "the day it could first be known, where that is another: under `--now`, later facts are not used",
            _day,
            default="the day of its publication, else of its signature",
        ),
    ] = None
    starts: Annotated[
        str | None,
        Key(
            'instead of `starts_at`: `"signature"` or `"publication"`, the first moment of that day; `"continuation"`, '
            "the end of the last term signed before",
            options.one_of("beginning", "signature", "publication", "continuation"),
        ),
    ] = None
    repeals: Annotated[
        tuple[str, ...] | None,
        Key("identities of the acts whose terms this `end` cuts, and no others", _list_of(_identity)),
    ] = None
    approval: Annotated[str | None, Key("the act that approves it", _identity)] = None
    approved_on: Annotated[date | None, Key("the day of that", _day)] = None
    rejected: Annotated[
        bool | None,
        Key("`true`: the approval was refused, and the act sets no term", default="`false`"),
    ] = None
    in_force_on: Annotated[date | None, Key("the day the approval, or the act itself, came into force", _day)] = None
    confidence: Annotated[
        str | None,
        Key(
            "`official`: its own text was read; `secondary`: reported by others; `inferred`: no document seen, its "
            "neighbours fix the term",
            options.one_of("confidence", "official", "secondary", "inferred"),
            default="`official`",
        ),
    ] = None
    times: Annotated[
        int | None,
        Key("it stands for so many terms, one after the other, whose acts are unseen", _count, default="`1`"),
    ] = None


TABLES: Mapping[str, type[msgspec.Struct]] = {
    "term": TermTable,
    "renewal": RenewalTable,
    "recognise": RecognitionTable,
    "cited": CitedTable,
}
LISTS: Mapping[str, type[msgspec.Struct]] = {"law": LawTable, "election": ElectionTable}
_BELOW = (*TABLES, *LISTS, "instrument")
_DATED = ("known_on", "published_on", "on")
_SETTING = ("introduction", "extension")
_ENDS = ("length", "ends_at", "until")


def regime_file_name(document: DocumentId) -> str:
    """Return the name of the file a regime is kept in: `xx/regime/emergency` is `xx-emergency.toml`."""
    return f"{document.jurisdiction}-{'-'.join(document.parts)}.toml"


def read_regime_file(name: str, body: bytes) -> tuple[Regime, Table, tuple[Table, ...]]:
    """Read a regime's file: how it is computed, what else stands at its top, and its instruments with days as dates.

    What is not written is absent. ConfigError with every fault in it.
    """
    text, stated = parse_toml(name, body, LARGEST, "regime")
    faults = ConfigErrors(name, text)
    context = ParseContext(faults, Path(), None, date.min)
    top = _read(context, "", stated, RegimeTable, besides=_BELOW)
    below: dict[str, Any] = {
        key: _read(context, key, get_table(context, stated, key), table) for key, table in TABLES.items()
    }
    below |= {
        name: [_read(context, key, each, table, f"[[{name}]]") for key, each in get_tables(context, stated, name)]
        for name, table in LISTS.items()
    }
    instruments = list(_instruments(context, stated, below["term"]))
    if "regime" in top and name != (expected := regime_file_name(DocumentId.parse(top["regime"]))):
        faults.add("regime", f"{top['regime']} is kept in {expected}: the file is named after the regime")
    _agree(faults, below)
    faults.raise_any()
    known = tuple(one for made in instruments for one in _repeated(made, top["zone"]))
    return _regime(top, below), {**top, "recognise": below["recognise"], "cited": below["cited"]}, known


def _read(
    context: ParseContext,
    key: str,
    raw: Document,
    table: type[msgspec.Struct],
    what: str = "a regime",
    besides: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Read one table and return what is written in it; nothing where a needed key is missing or wrong."""
    found = read_table(context, key, raw, table, what=what, besides=besides)
    values = msgspec.structs.asdict(found) if found is not None else {}
    return {name: value for name, value in values.items() if value is not None}


def _instruments(context: ParseContext, stated: Document, term: Table) -> Iterator[dict[str, Any]]:
    faults = context.errors
    ids: set[str] = set()
    for key, each in get_tables(context, stated, "instrument"):
        made = _read(context, key, each, InstrumentTable, "an instrument", ("narrowed",))
        made["narrowed"] = _read(context, f"{key}.narrowed", get_table(context, each, "narrowed", key), NarrowedTable)
        _complete(faults, key, each, term)
        _bounded(faults, key, made)
        if made.get("id") in ids:
            faults.add(f"{key}.id", f"expected each act once, saw {made['id']} again")
        ids.update([made["id"]] if "id" in made else [])
        yield made


def _complete(faults: ConfigErrors, key: str, each: Document, term: Table) -> None:
    """Say what an instrument lacks: when it became known, when its term begins, what it approves."""
    if not any(name in each for name in _DATED):
        faults.add(key, f"expected the day it became known ({', '.join(_DATED)}), saw none")
    begins = "starts_at" in each or "starts" in each or (term.get("anniversary") and each.get("act") == "extension")
    if each.get("act") in _SETTING and not begins:
        faults.add(f"{key}.starts_at", "expected when its term begins, saw none")
    if "approval" in each and "id" not in each:
        faults.add(f"{key}.id", "expected the act that is approved, saw none")
    if "times" in each and ("id" in each or not {"starts_at", "length"} <= set(each)):
        faults.add(
            f"{key}.times", "expected starts_at and length, and no id: it stands for terms whose acts are unseen"
        )
    if each.get("act") in ("end", "partial_end", "lapse") and "on" not in each and "starts_at" not in each:
        faults.add(f"{key}.on", "expected the day of the end, saw none")


def _bounded(faults: ConfigErrors, key: str, made: Table) -> None:
    """Say where a term has two ends, or ends before it begins: the engine would leave one of them out in silence."""
    stated = [name for name in _ENDS if name in made]
    if len(stated) > 1:
        faults.add(f"{key}.{stated[1]}", f"expected one of {', '.join(_ENDS)}, saw {' and '.join(stated)}")
    begins, name = made.get("starts_at"), "ends_at" if "ends_at" in made else "until"
    if not begins or name not in made or made.get("act") not in _SETTING:
        return
    ends = str(made[name])
    latest = f"{ends}T24" if len(ends) == len("2026-07-31") else ends  # a bare day may be the last one, whole
    if latest <= begins:
        faults.add(f"{key}.{name}", f"expected an end after {begins}, saw {ends}")


def _agree(faults: ConfigErrors, below: Mapping[str, Any]) -> None:
    """Say where keys that belong together stand alone."""
    term, renewal = below["term"], below["renewal"]
    if "continues_while" in term and not term.get("continues"):
        faults.add("term.continues_while", "expected continues = true beside it, saw none")
    for name in ("anniversary", "window"):
        if term.get(name) and "length" not in term:
            faults.add(f"term.{name}", f"expected term.length beside {name}, saw none")
    steps, keys = renewal.get("steps", []), renewal.get("keys", [])
    if len(keys) > 2 or set(keys) - set(steps):
        faults.add("renewal.keys", f"expected one or two of renewal.steps, saw {', '.join(keys)}")


def _repeated(made: dict[str, Any], zone: str) -> Iterator[Table]:
    """Write out an instrument that stands for several terms, each beginning where the last one ends."""
    times = made.get("times", 1)
    for number in range(times):
        if times == 1:
            yield made
            continue
        start = moved(unsettled(made["starts_at"], zone), made["length"], number)
        yield {**made, "starts_at": start.replace(tzinfo=None).isoformat(timespec="minutes")}


def _regime(top: Table, below: Mapping[str, Any]) -> Regime:
    term, renewal = below["term"], below["renewal"]
    return Regime(
        document=DocumentId.parse(top["regime"]),
        title=top["title"],
        zone=top["zone"],
        two_keys=len(renewal.get("keys", [])) == 2,
        usual_length=term.get("length"),
        inclusive=term.get("inclusive", False),
        continues=term.get("continues", False),
        anniversary=term.get("anniversary", False),
        window=term.get("window"),
        by_hand="source" not in top,
        lapse_after=term.get("lapse_after"),
        reminder_days=tuple(top.get("reminders", REMINDER_DAYS)),
        steps=tuple(renewal.get("steps", [])),
        paired_with=tuple(DocumentId.parse(name) for name in top.get("paired_with", [])),
        look_up=top.get("look_up"),
        by_law=term.get("by_law", False),
        continues_while=_other(term.get("continues_while")),
        barred_while=_other(top.get("barred_while")),
        basis=tuple((one["says"], one["article"], one["address"]) for one in below["law"]),
        elections=tuple((one["on"].isoformat(), one["what"], one["article"]) for one in below["election"]),
    )


def _other(name: str | None) -> DocumentId | None:
    return DocumentId.parse(name) if name else None


def known_on(instrument: Table) -> date:
    """Return the day an instrument could first be known: under --now, later facts are not used."""
    for name in _DATED:
        if name in instrument:
            found: date = instrument[name]
            return found
    return local(instrument["starts_at"], "UTC").date()
