"""What do `[service]` and `[http]` say?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.secret import Secret
from monitor import shape, values
from monitor.faults import Faults
from monitor.sections.context import Context, Document, secret_address


@dataclass(slots=True)
class Service:
    """The table `[service]`, read."""

    database: str
    timezone: str
    contact: str | None
    operator: tuple[str, ...]
    heartbeat: Secret | None


def service(context: Context, document: Document, allowed: tuple[str, ...]) -> Service:
    raw = shape.read(context.faults, "service", shape.table(context.faults, document, "service"), shape.Service)
    return Service(
        database=_database(context.faults, raw.database),
        timezone=values.zone(context.faults, "service.timezone", raw.timezone),
        contact=_contact(context.faults, raw.contact),
        operator=tuple(dict.fromkeys(raw.operator)),
        heartbeat=secret_address(context, "service.heartbeat", raw.heartbeat, allowed),
    )


def allow_hosts(context: Context, document: Document) -> tuple[str, ...]:
    raw = shape.read(context.faults, "http", shape.table(context.faults, document, "http"), shape.Http)
    return tuple(values.host(context.faults, "http.allow_hosts", name) for name in raw.allow_hosts)


def _database(faults: Faults, raw: str) -> str:
    """Accept a path or a sqlite address; anything else might carry a password and is not repeated."""
    path = raw.removeprefix("sqlite:///")
    if "://" in path or not path.strip() or not path.isprintable():
        faults.add("service.database", 'expected a file such as "lexwatch.db": this version keeps its record in SQLite')
        return "lexwatch.db"
    return path


def _contact(faults: Faults, raw: str | None) -> str | None:
    if raw is not None and not re.fullmatch(r"[!-~]{3,200}", raw):
        faults.add("service.contact", f"expected an e-mail or web address, saw {values.shown(raw)}")
    return raw
