"""What does a regime's file say, and what is wrong with it?

A person mends a file once: every fault is found, each with its line, what was expected and what was seen. Each reader
of a value takes it as TOML gives it and returns it as we use it, or says in a ValueError what it expected.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from domain.dates import moved, unsettled
from domain.documents import DocumentId
from domain.errors import ConfigError
from domain.options import printable
from domain.terms import REMINDER_DAYS, Regime, is_length, local
from monitor.config.schema import ConfigErrors

ReadValue = Callable[[object], Any]


def _kind(kind: type, accepts: Callable[[Any], object], expected: str) -> ReadValue:
    """Return a reader of values of one type that pass a test."""

    def read(value: object) -> Any:
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)) or not accepts(value):
            raise ValueError(expected)
        return value

    return read


def _list(read_one: ReadValue, expected: str) -> ReadValue:
    """Return a reader of a list that is not empty."""

    def read(value: object) -> list[Any]:
        if not isinstance(value, list) or not value:
            raise ValueError(expected)
        return [read_one(each) for each in value]

    return read


def _one_of(*words: str) -> ReadValue:
    return _kind(str, words.__contains__, f"one of {', '.join(words)}")


def _is_web_address(value: str) -> bool:
    return urlsplit(value).scheme in ("http", "https") and bool(urlsplit(value).netloc)


text = _kind(str, lambda value: value.strip() and value.isprintable(), "text in quotes, on one line")
texts = _list(text, 'a list of texts such as ["first", "second"]')
flag = _kind(bool, lambda _: True, "true or false")
count = _kind(int, lambda value: 1 <= value <= 366, "a whole number from 1 to 366")
counts = _list(count, "days before the end such as [21, 14, 7, 4, 1]")
length = _kind(str, is_length, 'a length such as "90 days", "3 months" or "1 year"')
address = _kind(str, _is_web_address, "a web address")


def reminders(value: object) -> list[int]:
    return sorted(set(counts(value)), reverse=True)


def day(value: object) -> date:
    """Read a day: a TOML date, or text that is one."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("a day such as 2026-07-31") from None


def wall_time(value: object) -> str:
    """Read local wall time, without an offset: the zone of the regime says where."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        found = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError('local time such as "2025-11-05T05:30", or a day') from None
    if found.tzinfo is not None:
        raise ValueError('local time without an offset such as "2025-11-05T05:30": `zone` says where')
    return str(value)


def zone(value: object) -> str:
    try:
        return ZoneInfo(value if isinstance(value, str) else "").key
    except (ValueError, OSError, KeyError):
        raise ValueError('a zone such as "Europe/Oslo"') from None


def identity(value: object) -> str:
    try:
        return str(DocumentId.parse(value if isinstance(value, str) else ""))
    except ValueError:
        raise ValueError('an identity such as "xx/act/7-2025"') from None


def regime(value: object) -> str:
    """Read the name of a regime: jurisdiction, the word `regime`, and parts of its own."""
    found = DocumentId.parse(identity(value)) if isinstance(value, str) else None
    if found is None or found.kind != "regime" or not found.parts:
        raise ValueError('a name such as "xx/regime/name", lower-case')
    return str(found)


STEPS = ("bill_registered", "decree_signed", "law_adopted", "law_signed", "published", "in_force")

TOP: Mapping[str, ReadValue] = {
    "regime": regime,
    "title": text,
    "zone": zone,
    "issuer": text,
    "source": text,
    "look_up": address,
    "paired_with": _list(regime, 'a list of texts such as ["first", "second"]'),
    "reminders": reminders,
}
TERM: Mapping[str, ReadValue] = {
    "length": length,
    "inclusive": flag,
    "continues": flag,
    "anniversary": flag,
    "window": length,
    "lapse_after": count,
}
RENEWAL: Mapping[str, ReadValue] = {
    "steps": _list(_one_of(*STEPS), f"a list out of {', '.join(STEPS)}"),
    "keys": _list(_one_of(*STEPS), f"a list out of {', '.join(STEPS)}"),
}
RECOGNISE: Mapping[str, ReadValue] = {"titles": texts, "phrases": texts, "numbers": texts}
NARROWED: Mapping[str, ReadValue] = {
    "starts_at": wall_time,
    "length": length,
    "ends_at": wall_time,
    "until": day,
    "scope": texts,
}
INSTRUMENT: Mapping[str, ReadValue] = {
    "id": identity,
    "name": text,
    "act": _one_of("introduction", "extension", "end", "partial_end", "lapse"),
    "on": day,
    "published_on": day,
    "known_on": day,
    "starts_at": wall_time,
    "starts": _one_of("signature", "publication"),
    "length": length,
    "ends_at": wall_time,
    "until": day,
    "scope": texts,
    "repeals": _list(identity, 'a list of texts such as ["first", "second"]'),
    "approval": identity,
    "approved_on": day,
    "in_force_on": day,
    "rejected": flag,
    "confidence": _one_of("official", "secondary", "inferred"),
    "times": count,
}
TABLES = {"term": TERM, "renewal": RENEWAL, "recognise": RECOGNISE}


Table = Mapping[str, Any]
LARGEST = 1_000_000
"""Bytes; the longest chain we know takes six thousand."""

_NEEDED = ("regime", "title", "zone")
_DATED = ("on", "known_on", "published_on")
_SETTING = ("introduction", "extension")
_ENDS = ("length", "ends_at", "until")


def regime_file_name(document: DocumentId) -> str:
    """Return the name of the file a regime is kept in: `xx/regime/emergency` is `xx-emergency.toml`."""
    return f"{document.jurisdiction}-{'-'.join(document.parts)}.toml"


def read_regime_file(name: str, body: bytes) -> tuple[Regime, Table, tuple[Table, ...]]:
    """Read a regime's file: how it is computed, what else stands at its top, and its instruments with days as dates.

    ConfigError with every fault in it.
    """
    text, stated = _parsed(name, body)
    faults = ConfigErrors(name, text)
    top = _table(faults, "", {k: v for k, v in stated.items() if k not in _BELOW}, TOP)
    below = {key: _table(faults, key, _nested(faults, key, stated), known) for key, known in TABLES.items()}
    for key in _NEEDED:
        if key not in stated:
            faults.add(key, f"expected {key} at the top of the file, saw none")
    instruments = list(_instruments(faults, stated, below["term"]))
    if "regime" in top and name != (expected := regime_file_name(DocumentId.parse(top["regime"]))):
        faults.add("regime", f"{top['regime']} is kept in {expected}: the file is named after the regime")
    _agree(faults, below)
    faults.raise_any()
    known = tuple(one for made in instruments for one in _repeated(made, top["zone"]))
    return _regime(top, below), {**top, "recognise": below["recognise"]}, known


_BELOW = (*TABLES, "instrument")


def _parsed(name: str, body: bytes) -> tuple[str, dict[str, Any]]:
    if len(body) > LARGEST:
        raise ConfigError([f"{name}: expected at most {LARGEST} bytes: this is no regime"])
    try:
        text = body.decode("utf-8-sig").replace("\r\n", "\n")
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{name}:{line}: expected UTF-8 text"]) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError([f"{name}: not TOML: {printable(str(error), 200)}"]) from None


def _table(faults: ConfigErrors, key: str, table: Table, known: Mapping[str, ReadValue]) -> dict[str, Any]:
    """Read one table; an unknown key or a wrong value is a fault, and left out."""
    good = {}
    for name, value in table.items():
        path = f"{key}.{name}" if key else name
        if name not in known:
            faults.unknown(key, name, known if key else (*known, *_BELOW))
            continue
        try:
            good[name] = known[name](value)
        except ValueError as error:
            faults.add(path, f"expected {error}, saw {printable(_as_written(value), 60)}")
    return good


def _as_written(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _nested(faults: ConfigErrors, key: str, stated: Table) -> Table:
    value = stated.get(key, {})
    if isinstance(value, dict):
        return value
    faults.add(key, f"expected a table [{key}], saw {printable(_as_written(value), 60)}")
    return {}


def _instruments(faults: ConfigErrors, stated: Table, term: Table) -> Iterator[dict[str, Any]]:
    found = stated.get("instrument", [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        faults.add("instrument", "expected tables [[instrument]], with two brackets")
        return
    ids: set[str] = set()
    for number, each in enumerate(found, start=1):
        key = f"instrument[{number}]"
        narrowed = _nested(faults, "narrowed", each) if "narrowed" in each else {}
        made = _table(faults, key, {k: v for k, v in each.items() if k != "narrowed"}, INSTRUMENT)
        made["narrowed"] = _table(faults, f"{key}.narrowed", narrowed, NARROWED)
        _complete(faults, key, each, made, term)
        _bounded(faults, key, made)
        if made.get("id") in ids:
            faults.add(f"{key}.id", f"expected each act once, saw {made['id']} again")
        ids.update([made["id"]] if "id" in made else [])
        yield made


def _complete(faults: ConfigErrors, key: str, each: Table, made: Table, term: Table) -> None:
    """Say what an instrument lacks: its kind, when it became known, when its term begins, what it approves."""
    if "act" not in each:
        faults.add(f"{key}.act", "expected introduction, extension, end, partial_end or lapse, saw none")
    if not any(name in each for name in _DATED):
        faults.add(key, f"expected the day it became known ({', '.join(_DATED)}), saw none")
    begins = "starts_at" in each or "starts" in each or (term.get("anniversary") and made.get("act") == "extension")
    if made.get("act") in _SETTING and not begins:
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
    if begins and name in made and made.get("act") in _SETTING:
        ends = str(made[name])
        if (
            f"{ends}T24" if len(ends) == len("2026-07-31") else ends
        ) <= begins:  # a bare day may be the last one, whole
            faults.add(f"{key}.{name}", f"expected an end after {begins}, saw {ends}")


def _agree(faults: ConfigErrors, below: Mapping[str, Table]) -> None:
    """Say where keys that belong together stand alone."""
    term, renewal = below["term"], below["renewal"]
    for name in ("anniversary", "window"):
        if term.get(name) and "length" not in term:
            faults.add(f"term.{name}", f"expected term.length beside {name}, saw none")
    steps, keys = renewal.get("steps", []), renewal.get("keys", [])
    if len(keys) > 2 or set(keys) - set(steps):
        faults.add("renewal.keys", "expected one or two of renewal.steps")


def _repeated(made: dict[str, Any], zone: str) -> Iterator[Table]:
    """Write out an instrument that stands for several terms, each beginning where the last one ends."""
    times = made.get("times", 1)
    for number in range(times):
        if times == 1:
            yield made
            continue
        start = moved(unsettled(made["starts_at"], zone), made["length"], number)
        yield {**made, "starts_at": start.replace(tzinfo=None).isoformat(timespec="minutes")}


def _regime(top: Table, below: Mapping[str, Table]) -> Regime:
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
    )


def known_on(instrument: Table) -> date:
    """Return the day an instrument could first be known: under --now, later facts are not used."""
    for name in ("known_on", "published_on", "on"):
        if name in instrument:
            found: date = instrument[name]
            return found
    return local(instrument["starts_at"], "UTC").date()
