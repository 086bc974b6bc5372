"""What does one line of the log look like, and which lines does the service write?

One event is one line: time, level, event, then `key=value`. Values are quoted when they need it, control characters
are escaped whoever wrote them, and the secrets of the configuration are replaced by where they came from."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from datetime import UTC, date, datetime
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, urlsplit
from zoneinfo import ZoneInfo

from domain.alerts.delivery import State
from domain.documents import DocumentId, label
from domain.jurisdictions import status_label
from domain.options import Secret
from domain.sources import secret_parts
from domain.terms import regime_of, terms
from monitor.config.settings import Settings
from notifications.translation import ENGLISH

if TYPE_CHECKING:
    from domain.records.record import Record
    from monitor.service.dispatch import SendAttempt
    from monitor.service.poll import PollOutcome

LONGEST_VALUE = 2000
_PLAIN = re.compile(r"[\w./:@+,%#~()\[\]*?&;!<>|$^-]+", re.ASCII)
_SHORTEST_SECRET = 4
LOGGER_NAME = "lexwatch"


def log_event(
    logger: logging.Logger, name: str, *, level: int = logging.INFO, exc_info: bool = False, **fields: object
) -> None:
    """Log one event. Fields that are None are left out; times are written in UTC."""
    logger.log(level, name, exc_info=exc_info, extra={"fields": fields})


def setup_logging(settings: Settings, stream: IO[str] | None = None) -> None:
    """Write the log to standard error, without the secrets of these settings. May be called again after a reload."""
    root = logging.getLogger()
    for before in [h for h in root.handlers if isinstance(h.formatter, LineFormatter)]:
        root.removeHandler(before)
        before.close()
    out = stream or sys.stderr
    watched = out.isatty()
    handler = TerminalHandler(out, _names(settings)) if watched else logging.StreamHandler(out)
    handler.setFormatter((TerminalFormatter if watched else LineFormatter)(settings.secrets(), settings.timezone))
    root.addHandler(handler)
    root.setLevel(logging.WARNING)  # of libraries only what somebody could act on
    logging.getLogger(LOGGER_NAME).setLevel(logging.INFO)


def _names(settings: Settings) -> dict[str, tuple[str, str]]:
    """Map sources to what people call them, and to their host: a feed is called by its watch."""
    called = {str(watch.subject): watch.name for watch in settings.watches if watch.feed}
    return {
        name: (called.get(name, name), called.get(name) or urlsplit(source.base_url).hostname or name)
        for name, source in settings.sources.items()
    }


FOLDED_WITHIN = 1.5
"""Seconds in which polls that went alike are said in one sentence on a terminal."""


class TerminalHandler(logging.StreamHandler[IO[str]]):
    """Writes to a terminal, and says at once of polls that went alike within a moment: fifteen feeds that cannot be
    reached are one sentence. `names` map a source to what people call it, and to its host."""

    def __init__(self, stream: IO[str], names: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(stream)
        self._names = names
        self._waiting: dict[str, list[logging.LogRecord]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        fields: Mapping[str, Any] = getattr(record, "fields", None) or {}
        if record.getMessage() != "poll":
            if record.getMessage() == "stopping":
                self.say_waiting()
            super().emit(record)
            return
        name, host = self._names.get(fields["source"], (fields["source"],) * 2)
        unreached = fields.get("reached") is False
        record.fields = {**fields, "source": host if unreached else name}
        quiet = fields["error"] is None and not fields["changes"] and not fields["alerts"]
        if quiet and fields.get("requests") == 0:
            return  # nothing is watched that it would be asked for
        if not unreached and not quiet:
            super().emit(record)
            return
        if not self._waiting:
            timer = threading.Timer(FOLDED_WITHIN, self.say_waiting)
            timer.daemon = True
            timer.start()
        self._waiting.setdefault("unreached" if unreached else "quiet", []).append(record)

    def say_waiting(self) -> None:
        """Say what waits to be said: one poll by itself, several as one."""
        with self.lock or nullcontext():
            waiting, self._waiting = self._waiting, {}
            for alike in waiting.values():
                if len(alike) > 1:
                    every = [vars(one)["fields"] for one in alike]
                    soonest = min((fields["next"] for fields in every if fields["next"]), default=None)
                    together = {"source": f"{len(alike)} sources", "next": soonest, "n": len(alike)}
                    vars(alike[0])["fields"] = {**every[0], **together}
                super().emit(alike[0])

    def close(self) -> None:
        self.say_waiting()
        super().close()


class LineFormatter(logging.Formatter):
    """Turns any record, ours or a library's, into one line."""

    def __init__(self, secrets: Iterable[Secret] = (), zone: str = "UTC") -> None:
        super().__init__()
        self._forms = _forms(secrets)
        self._zone = ZoneInfo(zone)

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
            if form not in text:
                continue
            # A secret that is a word is hidden where it is one: "mail" is no secret inside "mailbox".
            word = rf"(?<![^\W_]){form}(?![^\W_])"
            text = origin.join(re.split(word, text)) if form.isalpha() else text.replace(form, origin)
        return text


class TerminalFormatter(LineFormatter):
    """Says to somebody who watches a terminal what most lines are about in a sentence; any other line as it is."""

    def format(self, record: logging.LogRecord) -> str:
        fields: Mapping[str, Any] = getattr(record, "fields", None) or {}
        said = _SAID.get(record.getMessage()) if record.levelno < logging.ERROR else None
        sentence = said(fields, self._clock) if said else None
        if sentence is None:
            return super().format(record)
        at = datetime.fromtimestamp(record.created, self._zone)
        line = self._redacted(f"{at:%H:%M} {sentence}")
        return "".join(c if c.isprintable() else " " for c in line)

    def _clock(self, at: datetime | None) -> str:
        return f"{at.astimezone(self._zone):%H:%M}" if at else "once more when somebody changes something"


def _poll_sentence(fields: Mapping[str, Any], clock: Callable[[datetime | None], str]) -> str:
    source, again = fields["source"], clock(fields["next"])
    if fields.get("reached") is False:
        return f"{source} cannot be reached (no network?): trying again at {again}"
    if fields["error"] is not None:
        return f"{source} cannot be read: {fields['error']}; trying again at {again}"
    if "n" in fields:
        return f"{source} were read: nothing new; next look at {again}"
    news = ", ".join(_count(fields[f"{noun}s"], noun) for noun in ("change", "alert") if fields[f"{noun}s"])
    return f"{source} was read: {news or 'nothing new'}; next look at {again}"


def _count(number: int, noun: str, plural: str = "") -> str:
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def _standing_sentence(fields: Mapping[str, Any], clock: Callable[[datetime | None], str]) -> str:
    since = f" since {fields['since']}" if fields["since"] else ""
    return f"{fields['document']}: {fields['status']}{since}; next look at {clock(fields['next'])}"


def _start_sentence(fields: Mapping[str, Any]) -> str:
    asked = _count(fields["sources"], "source")
    return f"started: {_count(fields['watches'], 'watch', 'watches')}, {asked}; Ctrl-C ends it"


def _delivery_sentence(fields: Mapping[str, Any], _: Callable[[datetime | None], str]) -> str | None:
    if fields.get("state") is not State.SENT:
        return None
    to, channel = fields["to"], fields["channel"]
    return f"sent to {to if to == channel else f'{to} by {channel}'}: {_called(fields['document'])}"


def _called(identity: object) -> str:
    """Return what people call a document, by its identity; anything else as it is."""
    try:
        return label(DocumentId.parse(str(identity)))
    except ValueError:
        return str(identity)


def _fault_sentence(fields: Mapping[str, Any], _: Callable[[datetime | None], str]) -> str | None:
    if fields.get("document") is None or "source" not in fields:
        return None
    return f"{_called(fields['document'])}: {fields['error']}"


_SAID: Mapping[str, Callable[[Mapping[str, Any], Callable[[datetime | None], str]], str | None]] = {
    "started": lambda fields, _: _start_sentence(fields),
    "stopping": lambda *_: "stopping: what is in hand is finished first",
    "stopped": lambda *_: "stopped",
    "configuration": lambda f, _: f"warning: {f['warning']}",
    "poll": _poll_sentence,
    "standing": _standing_sentence,
    "delivery": _delivery_sentence,
    "fault": _fault_sentence,
    "clock": lambda f, _: None if f["doubts"] else f"{_called(f['document'])}: {_count(f['reminders'], 'reminder')}",
    "search": lambda f, _: f"{f['watch']} begins with {_count(f['begins_with'], 'document')} of {f['where']}",
}
"""What is said in a sentence on a terminal, by the event of the log."""


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

    For an address that is a secret (a Slack webhook) its path and the parts of it that look like one count too: errors
    name paths.
    """
    forms: dict[str, str] = {}
    for secret in secrets:
        value, origin = secret.reveal(), f"[{secret.origin}]"
        if len(value) < _SHORTEST_SECRET or secret.origin == "shipped":
            continue
        for spelling in secret_parts(value) if "://" in value else (value,):
            for form in (
                spelling,
                quote(spelling),
                quote(spelling, safe=""),
                quote_plus(spelling),
                repr(spelling)[1:-1],
            ):
                forms.setdefault(form, origin)
    return sorted(forms.items(), key=lambda form: -len(form[0]))


log = logging.getLogger("lexwatch")


def log_poll(name: str, outcome: PollOutcome, seconds: float) -> None:
    for fault in outcome.faults:
        said = ENGLISH.render(fault.error.recorded)
        log_event(log, "fault", level=logging.WARNING, source=name, document=fault.document, error=said)
    log_event(
        log,
        "poll",
        level=logging.INFO if outcome.error is None else logging.WARNING,
        source=name,
        state=outcome.source.state,
        requests=outcome.requests,
        revisions=outcome.revisions,
        changes=outcome.changes,
        alerts=outcome.alerts,
        took=f"{seconds:.2f}s",
        next=outcome.source.due_at,
        error=outcome.error,
        reached=False if outcome.error is not None and not outcome.error.reached else None,
    )


def somebody_watches() -> bool:
    """Say whether the log goes to a terminal."""
    return any(isinstance(handler.formatter, TerminalFormatter) for handler in logging.getLogger().handlers)


def log_standings(records: Iterable[Record], now: datetime, due: datetime | None) -> None:
    """Say where documents stand, a line each, before anything new is seen of them. Aware moments."""
    for record in records:
        reached = record.last_status
        if record.document.kind == "regime":
            running = [
                term for term in terms(regime_of(record.document, record.facets), record.facets) if term.holds(now)
            ]
            status, since = f"in force until {ENGLISH.moment(running[0].ends_at)}" if running else None, None
        else:
            status = status_label(reached.status, record.document) if reached else None
            since = ENGLISH.day(date.fromisoformat(reached.on)) if reached and reached.on else None
        if status is not None:
            log_event(log, "standing", document=label(record.document), status=status, since=since, next=due)


def log_search(watch: str, found: int, where: str) -> None:
    """Say what a search finds when it begins: of that nobody is sent anything."""
    log_event(log, "search", watch=watch, begins_with=found, where=where)


def log_attempt(attempt: SendAttempt) -> None:
    after = attempt.delivery
    log_event(
        log,
        "delivery",
        level=logging.INFO if after.state is State.SENT else logging.WARNING,
        delivery=after.id,
        document=after.document,
        channel=after.channel,
        to=after.to,
        state=after.state,
        attempts=after.attempts,
        possible_repeat=after.possible_repeat,
        answer=attempt.answer,
    )


def log_channel(name: str, attempt: SendAttempt, was_open: bool) -> None:
    """Say that a channel rests from now on, or works again; nothing while that stays as it was."""
    if attempt.circuit.is_open == was_open:
        return
    if attempt.circuit.is_open:
        log_event(log, "channel", level=logging.WARNING, channel=name, state="rests", error=attempt.answer)
    else:
        log_event(log, "channel", channel=name, state="works")
