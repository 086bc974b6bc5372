"""How is a key of the configuration declared, and how is its value read?

A key stands once, as an annotated field of the table it belongs to: a channel's in the channel's module, a source's in
its watcher's, all others in `monitor/config`. Validation, the reference page and the commented configuration are made
from that declaration. A parser takes what TOML gave and returns its meaning, or raises ValueError "expected …, saw …";
whoever reads the file adds file, line and key. Nothing here ever repeats what may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from domain.text import is_word

PRIORITIES = ("high", "normal", "low")
"""How much a watch may matter, the weightiest first; one that does not say is normal."""

MIN_INTERVAL = timedelta(seconds=60)
MAX_INTERVAL = timedelta(days=30)
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]+")
_HOST_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A credential that shows itself only when asked to. `origin` says where it came from (`env:NAME`)."""

    value: str
    origin: str

    def reveal(self) -> str:
        return self.value

    def __repr__(self) -> str:
        return f"Secret({self.origin})"

    __str__ = __repr__


class KeyContext(Protocol):
    """What a parser may ask about its surroundings.

    `timezone` is that of the service, `own_host` says that the host of this table is one of `allow_hosts`.
    """

    @property
    def key(self) -> str: ...
    @property
    def today(self) -> date: ...
    @property
    def timezone(self) -> str: ...
    @property
    def allow_hosts(self) -> tuple[str, ...]: ...
    @property
    def own_host(self) -> bool: ...

    def secret(self, raw: object, unset: Secret | None = None) -> Secret:
        """Return the secret that `{ env = … }` or `{ file = … }` points to; an empty one where none is fetched, and
        `unset`, if given, where the environment variable is not set."""
        ...

    def existing_folder(self, written: str) -> Any:
        """Return the folder that a path beside the configuration names."""
        ...

    def warn(self, text: str) -> None: ...


Parser = Callable[[Any, KeyContext], Any]


@dataclass(frozen=True, slots=True)
class Key:
    """What there is to know of a key besides its type and default: `help` for the reference page, `parse` for what TOML
    cannot say. `form` is how the reference calls its values, `default` how it writes what applies where the key is
    absent, `absent` what is read then. `missing` is added to the fault of a needed key that is not there."""

    help: str
    parse: Parser | None = None
    form: str = ""
    default: str = ""
    absent: object = None
    missing: str = ""


def printable(text: str, longest: int = 60) -> str:
    """Return user text on one line, without control characters, shortened."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[: longest + 1])
    return shown if len(shown) <= longest else shown[: longest - 3] + "..."


def as_written(value: Any) -> str:
    """Write a value the way it would stand in TOML, on one short line."""
    if isinstance(value, str):
        return f'"{printable(value)}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, timedelta):
        return f'"{format_duration(value)}"'
    return printable(str(value))


def suggest(name: str, known: Iterable[str]) -> str:
    """Say which known name was probably meant, or list them all."""
    from difflib import get_close_matches  # a configuration without faults does not pay for this

    names = list(known)
    by_small_letters = {one.lower(): one for one in reversed(names)}
    near = get_close_matches(name.lower(), by_small_letters, 1, 0.6)
    having = [one for one in by_small_letters if len(name) > 3 and name.lower() in one][:3]
    if having or near:
        return f"did you mean {' or '.join(by_small_letters[one] for one in having or near)}?"
    return "expected " + (f"one of {', '.join(names)}" if names else "nothing here")


def format_duration(duration: timedelta) -> str:
    """Write a duration as the configuration does: `15m`."""
    seconds = int(duration.total_seconds())
    unit, size = next((unit, size) for unit, size in _UNITS.items() if seconds % size == 0)
    return f"{seconds // size}{unit}" if seconds else "0s"


def duration(
    least: timedelta = MIN_INTERVAL, most: timedelta = MAX_INTERVAL, otherwise: str = ""
) -> Callable[[object, KeyContext], timedelta]:
    """Return a parser of `90s`, `15m`, `2h` or `1d` within bounds; `otherwise` is said of what is too long."""

    def parse(raw: object, _: KeyContext) -> timedelta:
        found = parse_duration(raw)
        check_duration(found, raw, least, most, otherwise)
        return found

    return parse


def parse_duration(raw: object, _: KeyContext | None = None) -> timedelta:
    """Read `90s`, `15m`, `2h` or `1d`, whatever its length."""
    expected = 'expected a duration such as "90s", "15m", "2h" or "1d"'
    if isinstance(raw, int) and not isinstance(raw, bool):
        number = printable(str(raw))
        raise ValueError(f'{expected}, saw {number}: write "{number}s" for seconds')
    form = re.fullmatch(r"([0-9]{1,9})([smhd])", raw) if isinstance(raw, str) else None
    if form is None:
        raise ValueError(f"{expected}, saw {as_written(raw)}")
    return timedelta(seconds=min(int(form[1]) * _UNITS[form[2]], 10**10))


def check_duration(
    found: timedelta, raw: object, least: timedelta = MIN_INTERVAL, most: timedelta = MAX_INTERVAL, otherwise: str = ""
) -> None:
    """ValueError for a duration out of bounds."""
    if found < least:
        raise ValueError(f"expected at least {int(least.total_seconds())}s, saw {as_written(raw)}")
    if found > most:
        raise ValueError(f"expected at most {format_duration(most)}, saw {as_written(raw)}{otherwise}")


def zone(raw: Any, _: KeyContext) -> str:
    """Read the name of a time zone, such as `Europe/Oslo`."""
    found = text(raw)
    try:
        ZoneInfo(found)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'expected a time zone such as "UTC" or "Europe/Oslo", saw {as_written(raw)}') from None
    return found


def text(raw: object, _: KeyContext | None = None) -> str:
    if not isinstance(raw, str):
        raise ValueError(f"expected text in quotes, saw {as_written(raw)}")
    return raw


def texts(raw: object, _: KeyContext | None = None) -> tuple[str, ...]:
    """Read a list of texts; one that stands twice counts once."""
    if not isinstance(raw, list) or not all(isinstance(entry, str) for entry in raw):
        hint = f": write [{as_written(raw)}]" if isinstance(raw, str) else ""
        raise ValueError(f"expected a list of texts, saw {as_written(raw)}{hint}")
    return tuple(dict.fromkeys(raw))


def yes_no(raw: object, _: KeyContext | None = None) -> bool:
    if not isinstance(raw, bool):
        raise ValueError(f"expected true or false, saw {as_written(raw)}")
    return raw


def words(raw: object, _: KeyContext | None = None) -> tuple[str, ...]:
    """Read words or phrases, each with a letter or a digit in it."""
    for word in texts(raw):
        if not is_word(word):
            raise ValueError(f"expected words with a letter or a digit, saw {as_written(word)}")
    return texts(raw)


def one_of(what: str, *known: str) -> Callable[[object, KeyContext], str]:
    """Return a parser of one word out of several."""

    def parse(raw: object, _: KeyContext) -> str:
        if text(raw) not in known:
            raise ValueError(f"unknown {what} {as_written(raw)}; {suggest(text(raw), known)}")
        return text(raw)

    return parse


def some_of(what: str, known: Iterable[str]) -> Callable[[object, KeyContext], tuple[str, ...]]:
    """Return a parser of a list of known words."""
    names = tuple(known)

    def parse(raw: object, _: KeyContext) -> tuple[str, ...]:
        for word in texts(raw):
            if word not in names:
                raise ValueError(f"unknown {what} {as_written(word)}; {suggest(word, names)}")
        return texts(raw)

    return parse


def name(raw: object, _: KeyContext) -> str:
    """Read what a person calls something: not empty, no control characters."""
    if not text(raw).strip() or not text(raw).isprintable():
        raise ValueError(f"expected a name, saw {as_written(raw)}")
    return text(raw)


def secret(raw: object, context: KeyContext) -> Secret:
    return context.secret(raw)


def secret_address(raw: object, context: KeyContext) -> Secret:
    """Read an address that is itself a secret."""
    found = context.secret(raw)
    if found.reveal():
        check_web_address(found.reveal(), context.allow_hosts, is_secret=True)
    return found


def web_address(raw: object, context: KeyContext) -> str:
    check_web_address(text(raw), context.allow_hosts)
    return text(raw)


def check_web_address(address: str, allow_hosts: Iterable[str], *, is_secret: bool = False) -> None:
    """ValueError unless it is an https address; http is accepted for `allow_hosts` only. A secret is not repeated."""
    parts = split_address(address)
    host_name = _host(parts)
    if parts is None or parts.scheme not in ("http", "https") or not host_name or "\\" in address:
        raise ValueError(f"expected an https:// address, saw {'something else' if is_secret else as_written(address)}")
    if "@" in parts.netloc and (parts.username or parts.password):
        raise ValueError("expected an address without user name and password")
    if parts.scheme == "http" and host_name not in allow_hosts:
        raise ValueError("expected https://, saw http://; plain http is only for hosts listed in http.allow_hosts")


def host_of(address: str) -> str:
    """Return the host of an address, empty where it has none."""
    return _host(split_address(address))


def _host(parts: SplitResult | None) -> str:
    return (parts.hostname or "").rstrip(".") if parts else ""


def split_address(address: str) -> SplitResult | None:
    """Take an address apart; None for one that cannot be. Tabs and line breaks would be dropped without a word."""
    if not address.isprintable() or " " in address:
        return None
    try:
        parts = urlsplit(address)
        _ = parts.port, parts.hostname
    except ValueError:
        return None
    return parts


def host(raw: object, _: KeyContext | None = None) -> str:
    """Read a host name or address without scheme, port or path."""
    found = text(raw).strip().lower().strip("[]").rstrip(".")
    is_address = re.fullmatch(r"[0-9a-f:]+(?:\.[0-9.]+)?", found) and ":" in found
    if not is_address and not (found and all(_HOST_LABEL.fullmatch(label) for label in found.split("."))):
        raise ValueError(f'expected a host such as "10.0.0.5" or "mail.internal" without port, saw {as_written(raw)}')
    return found


def hosts(raw: object, _: KeyContext) -> tuple[str, ...]:
    return tuple(map(host, texts(raw)))


def is_private_host(name: str) -> bool:
    """Say whether a host is written as this machine or as a private address; names are not looked up."""
    from ipaddress import ip_address  # for mail servers alone

    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ip_address(name).is_global
    except ValueError:
        return False


def mail_address(raw: object, _: KeyContext | None = None) -> str:
    """Read one bare e-mail address."""
    if len(text(raw)) > 254 or not _MAIL_ADDRESS.fullmatch(text(raw)):
        raise ValueError(f'expected a bare address such as "desk@example.org", saw {as_written(raw)}')
    return text(raw)


def mail_addresses(raw: object, _: KeyContext) -> tuple[str, ...]:
    if raw == []:
        raise ValueError('expected at least one address, such as ["desk@example.org"]')
    return tuple(map(mail_address, texts(raw)))
