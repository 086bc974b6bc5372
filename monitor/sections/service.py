"""What do `[service]` and `[http]` say?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from domain.secret import Secret
from monitor import shape, values
from monitor.faults import Faults, neighbours
from monitor.sections.context import Context, Document, secret_address

if TYPE_CHECKING:
    from domain.rhythm import Rhythm

_LONGEST_BURST = timedelta(hours=1)


@dataclass(slots=True)
class Service:
    """The table `[service]`, read."""

    database: str
    timezone: str
    contact: str | None
    operator: tuple[str, ...]
    heartbeat: Secret | None
    language: str
    templates: Path | None
    burst: timedelta
    receipt: Rhythm | None


def service(context: Context, document: Document, allowed: tuple[str, ...]) -> Service:
    raw = shape.read(context.faults, "service", shape.table(context.faults, document, "service"), shape.Service)
    zone = values.zone(context.faults, "service.timezone", raw.timezone)
    return Service(
        database=_database(context.faults, raw.database),
        timezone=zone,
        contact=_contact(context.faults, raw.contact),
        operator=tuple(dict.fromkeys(raw.operator)),
        heartbeat=secret_address(context, "service.heartbeat", raw.heartbeat, allowed),
        language=language(context.faults, "service.language", raw.language),
        templates=_templates(context, raw.templates),
        burst=_burst(context.faults, raw.burst),
        receipt=values.rhythm(context.faults, "service.receipt", raw.receipt, zone),
    )


def allow_hosts(context: Context, document: Document) -> tuple[str, ...]:
    raw = shape.read(context.faults, "http", shape.table(context.faults, document, "http"), shape.Http)
    return tuple(values.host(context.faults, "http.allow_hosts", name) for name in raw.allow_hosts)


def language(faults: Faults, key: str, raw: str) -> str:
    """Read the language of messages; English needs no look at the list of those that ship."""
    if raw == "en":
        return raw
    from notifications.languages import LANGUAGES

    if raw not in LANGUAGES:
        faults.add(key, f"unknown language {values.shown(raw)}; {neighbours(raw, LANGUAGES)}")
        return "en"
    return raw


def _templates(context: Context, raw: str | None) -> Path | None:
    """Read the folder of the user's templates, which lies beside the configuration unless its path says otherwise."""
    if raw is None:
        return None
    folder = context.folder / raw
    if not raw.isprintable() or not folder.is_dir():
        context.faults.add("service.templates", f"expected an existing folder, saw {values.shown(raw)}")
        return None
    return folder


def _database(faults: Faults, raw: str) -> str:
    """Accept a path or a sqlite address; anything else might carry a password and is not repeated."""
    path = raw.removeprefix("sqlite:///")
    if "://" in path or not path.strip() or not path.isprintable():
        faults.add("service.database", 'expected a file such as "lexwatch.db": this version keeps its record in SQLite')
        return "lexwatch.db"
    return path


def _burst(faults: Faults, raw: object) -> timedelta:
    """Read how long what follows a message waits for more of it; `0s` means not at all, an hour is the longest."""
    if raw == "0s":
        return timedelta(0)
    span = values.duration(faults, "service.burst", raw, least=timedelta(seconds=1)) or timedelta(0)
    if span > _LONGEST_BURST:
        faults.add("service.burst", f"expected at most 1h, saw {values.shown(raw)}: a digest is for more")
    return span


def _contact(faults: Faults, raw: str | None) -> str | None:
    if raw is not None and not re.fullmatch(r"[!-~]{3,200}", raw):
        faults.add("service.contact", f"expected an e-mail or web address, saw {values.shown(raw)}")
    return raw
