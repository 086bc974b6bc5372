"""What does one value of the configuration mean?

Each reader takes the key it stands under and what TOML gave, and returns the meaning or None; what is wrong goes to
the faults as "expected …, saw …". Nothing here ever repeats what may be a secret.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from domain.sources import Secret
from monitor.config.errors import ConfigErrors, printable

if TYPE_CHECKING:
    from domain.alerts.digest_schedule import DigestSchedule

LEAST_EVERY = timedelta(seconds=60)
LONGEST_EVERY = timedelta(days=30)
_LARGEST_SECRET = 64 * 1024
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]+")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?")


def shown(value: Any) -> str:
    """Write a value the way it would stand in TOML, on one short line."""
    if isinstance(value, str):
        return f'"{printable(value)}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return printable(str(value))


def duration(faults: ConfigErrors, key: str, raw: object, *, least: timedelta = LEAST_EVERY) -> timedelta | None:
    """Read `90s`, `15m`, `2h` or `1d`, between `least` and 30 days."""
    example = 'expected a duration such as "90s", "15m", "2h" or "1d"'
    if isinstance(raw, int) and not isinstance(raw, bool):
        faults.add(key, f'{example}, saw {printable(str(raw))}: write "{printable(str(raw))}s" for seconds')
        return None
    form = re.fullmatch(r"([0-9]{1,9})([smhd])", raw) if isinstance(raw, str) else None
    if form is None:
        faults.add(key, f"{example}, saw {shown(raw)}")
        return None
    seconds = int(form[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[form[2]]
    if seconds <= 0 or seconds < least.total_seconds():
        faults.add(key, f"expected at least {int(least.total_seconds())}s, saw {shown(raw)}")
        return None
    if seconds > LONGEST_EVERY.total_seconds():
        faults.add(key, f"expected at most {LONGEST_EVERY.days}d, saw {shown(raw)}")
        return None
    return timedelta(seconds=seconds)


def zone(faults: ConfigErrors, key: str, raw: str) -> str:
    """Read the name of a time zone, such as `Europe/Kyiv`."""
    try:
        ZoneInfo(raw)
    except (KeyError, ValueError, OSError):
        faults.add(key, f'expected a time zone such as "UTC" or "Europe/Kyiv", saw {shown(raw)}')
        return "UTC"
    return raw


def host(faults: ConfigErrors, key: str, raw: str) -> str:
    """Read a host name or address without scheme, port or path."""
    name = raw.strip().lower().strip("[]").rstrip(".")
    is_address = re.fullmatch(r"[0-9a-f:]+(?:\.[0-9.]+)?", name) and ":" in name
    if not is_address and not (name and all(_LABEL.fullmatch(label) for label in name.split("."))):
        faults.add(key, f'expected a host such as "10.0.0.5" or "mail.internal" without port, saw {shown(raw)}')
    return name


def is_private(name: str) -> bool:
    """Say whether a host is written as this machine or as a private address; names are not looked up."""
    from ipaddress import ip_address  # for mail servers alone

    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ip_address(name).is_global
    except ValueError:
        return False


def web_address(faults: ConfigErrors, key: str, raw: str, allow_hosts: tuple[str, ...], *, secret: bool = False) -> str:
    """Read an https address; http is accepted for `allow_hosts` only. A secret one is not repeated."""
    saw = "something else" if secret else shown(raw)
    try:
        parts = urlsplit(raw)
        name, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        faults.add(key, f"expected an https:// address, saw {saw}")
        return raw
    if parts.scheme not in ("http", "https") or not name or not raw.isprintable() or " " in raw or "\\" in raw:
        faults.add(key, f"expected an https:// address, saw {saw}")
    elif parts.username or parts.password:
        faults.add(key, "expected an address without user name and password")
    elif parts.scheme == "http" and name not in allow_hosts:
        faults.add(key, "expected https://, saw http://; plain http is only for hosts listed in http.allow_hosts")
    return raw


def mail_address(faults: ConfigErrors, key: str, raw: str) -> str:
    """Read one bare e-mail address."""
    if len(raw) > 254 or not _ADDRESS.fullmatch(raw):
        faults.add(key, f'expected a bare address such as "desk@example.org", saw {shown(raw)}')
    return raw


def mail_server(faults: ConfigErrors, key: str, raw: str) -> str:
    """Read `smtp://host:25`, `smtp+starttls://user@host:587` or `smtps://user@host:465`; a password is refused."""
    expected = 'expected "smtp://host:25", "smtp+starttls://user@host:587" or "smtps://user@host:465"'
    try:
        parts = urlsplit(raw)
        name, _ = parts.hostname, parts.port
    except ValueError:
        faults.add(key, expected)
        return raw
    if parts.password is not None:
        faults.add(key, 'the password does not belong in the address: write password = { env = "NAME" }')
    elif (
        parts.scheme not in ("smtp", "smtp+starttls", "smtps")
        or not name
        or parts.path not in ("", "/")
        or not raw.isprintable()  # urlsplit drops tabs and line breaks without a word
    ):
        faults.add(key, f"{expected}, saw {shown(raw)}" if "@" not in raw else expected)
    return raw


def secret(faults: ConfigErrors, key: str, raw: object, folder: Path, env: Mapping[str, str] | None) -> Secret | None:
    """Read `{ env = "NAME" }` or `{ file = "path" }` and fetch what it points to.

    With `env` None nothing is fetched: the reading commands need no credentials. An unset variable is a fault that
    names the variable.
    """
    reference = _reference(faults, key, raw)
    if reference is None:
        return None
    kind, where = reference
    if env is None:
        return Secret("", f"{kind}:{where}")
    value = env.get(where, "") if kind == "env" else _from_file(faults, key, folder / where)
    if value is None:
        return None
    if not value.strip():
        what = f"the environment variable {where} is not set" if kind == "env" else f"the file {where} is empty"
        faults.add(key, f"expected a secret, but {what}")
        return None
    return Secret(value.strip(), f"{kind}:{where}")


def _reference(faults: ConfigErrors, key: str, raw: object) -> tuple[str, str] | None:
    expected = 'expected { env = "NAME" } or { file = "path" }'
    if isinstance(raw, str):
        faults.add(key, f"{expected}, saw text: a secret is never written into the configuration")
        return None
    if not isinstance(raw, dict) or len(raw) != 1:
        faults.add(key, f"{expected}, saw {'both or neither' if isinstance(raw, dict) else shown(raw)}")
        return None
    kind, where = next(iter(raw.items()))
    if kind not in ("env", "file") or not isinstance(where, str) or not where or not where.isprintable():
        faults.add(key, expected)
        return None
    return kind, where


def _from_file(faults: ConfigErrors, key: str, path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            body = file.read(_LARGEST_SECRET + 1) if stat.S_ISREG(mode) else None
    except OSError as error:
        faults.add(key, f"cannot read the file {printable(str(path), 200)}: {error.strerror}")
        return None
    if body is None or len(body) > _LARGEST_SECRET:
        faults.add(key, f"{printable(str(path), 200)} is not a small regular file")
        return None
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        faults.warn(key, f"every user of this machine can read {printable(str(path), 200)}: chmod 600 it")
    try:
        return body.decode()
    except UnicodeDecodeError:
        faults.add(key, f"{printable(str(path), 200)} is not UTF-8 text")
        return None


def rhythm(faults: ConfigErrors, key: str, raw: str | None, zone: str) -> DigestSchedule | None:
    """Read when something goes out, such as `weekly monday 09:00` in an IANA zone; None where nothing is said."""
    if raw is None:
        return None
    from domain.alerts.digest_schedule import DigestSchedule

    try:
        return DigestSchedule.parse(raw, zone)
    except ValueError as error:
        faults.add(key, f"{error}, saw {shown(raw)}")
        return None
