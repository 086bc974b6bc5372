"""What does every reader of a table need? Faults go to the context and a harmless value takes their place, so that
one reading finds them all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from domain.secret import Secret
from monitor import values
from monitor.faults import Faults

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """Where faults go, where relative paths start, where secrets come from (None: from nowhere), what day it is."""

    faults: Faults
    folder: Path
    env: Mapping[str, str] | None
    today: date

    def secret(self, key: str, raw: object) -> Secret | None:
        return values.secret(self.faults, key, raw, self.folder, self.env)


def secret_address(context: Context, key: str, raw: object, allowed: tuple[str, ...]) -> Secret | None:
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
