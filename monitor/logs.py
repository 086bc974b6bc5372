"""What does one line of the log look like?

One event is one line: time, level, event, then `key=value`. Values are quoted when they need it, control characters
are escaped whoever wrote them, and the secrets of the configuration are replaced by where they came from.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import IO
from urllib.parse import quote, quote_plus, urlsplit

from domain.secret import Secret
from monitor.settings import Settings

LONGEST_VALUE = 2000
_PLAIN = re.compile(r"[\w./:@+,%#~()\[\]*?&;!<>|$^-]+", re.ASCII)
_SHORTEST_SECRET = 4
_SHORTEST_PART = 8
OURS = "lexwatch"


def event(
    logger: logging.Logger, name: str, *, level: int = logging.INFO, exc_info: bool = False, **fields: object
) -> None:
    """Log one event. Fields that are None are left out; times are written in UTC."""
    logger.log(level, name, exc_info=exc_info, extra={"fields": fields})


def setup_logging(settings: Settings, stream: IO[str] | None = None) -> None:
    """Write the log to standard error, without the secrets of these settings. May be called again after a reload."""
    root = logging.getLogger()
    for handler in [h for h in root.handlers if isinstance(h.formatter, LineFormatter)]:
        root.removeHandler(handler)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(LineFormatter(settings.secrets()))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)  # of libraries only what somebody could act on
    logging.getLogger(OURS).setLevel(logging.INFO)


class LineFormatter(logging.Formatter):
    """Turns any record, ours or a library's, into one line."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        super().__init__()
        self._forms = _forms(secrets)

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        parts = [at.isoformat(timespec="milliseconds").replace("+00:00", "Z"), record.levelname.lower()]
        fields: Mapping[str, object] | None = getattr(record, "fields", None)
        if fields is None:
            fields = {"logger": record.name, "message": record.getMessage()}
            parts.append("log")
        else:
            parts.append(self._value(record.getMessage()))
        parts += [f"{key}={self._value(value)}" for key, value in fields.items() if value is not None]
        if record.exc_info and record.exc_info[0]:
            parts.append(f"traceback={self._value(self.formatException(record.exc_info))}")
        return " ".join(parts)

    def _value(self, value: object) -> str:
        text = self._redacted(_text(value))
        if len(text) > LONGEST_VALUE:
            text = text[:LONGEST_VALUE] + f"… ({len(text)} characters)"
        return text if _PLAIN.fullmatch(text) else _quoted(text)

    def _redacted(self, text: str) -> str:
        for form, origin in self._forms:
            text = text.replace(form, origin)
        return text


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return str(value)


def _quoted(text: str) -> str:
    """Quote as JSON does, and escape what JSON leaves alone but a terminal would act on."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else c.encode("unicode-escape").decode() for c in quoted)


def _forms(secrets: Iterable[Secret]) -> list[tuple[str, str]]:
    """Return every spelling in which a secret could reach the log, longest first, with what stands in its place.

    For an address that is a secret (a Slack webhook) its path and the parts of it count too: errors name paths.
    """
    forms: dict[str, str] = {}
    for secret in secrets:
        value, origin = secret.reveal(), f"[{secret.origin}]"
        if len(value) < _SHORTEST_SECRET or secret.origin == "shipped":
            continue
        spellings = [value, value.rstrip("/")]
        if "://" in value:
            parts = urlsplit(value)
            pieces = [parts.path, parts.path.strip("/"), parts.query, *parts.path.split("/")]
            spellings += [piece for piece in pieces if len(piece) >= _SHORTEST_PART]
        for spelling in spellings:
            for form in (
                spelling,
                quote(spelling),
                quote(spelling, safe=""),
                quote_plus(spelling),
                repr(spelling)[1:-1],
            ):
                forms.setdefault(form, origin)
    return sorted(forms.items(), key=lambda form: -len(form[0]))
