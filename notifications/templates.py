"""How is a message laid out, in which language and zone, by the templates that ship or the user's own?

A template of the user's counts where the folder has a file of that name. One that cannot be used is reported, and the
one that ships takes its place: a message is never lost for its looks. Templates run in a sandbox, what they print is
escaped in HTML, and they are never made of what a publisher wrote.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from domain.coded_text import coded
from domain.documents import DocumentId
from domain.ports import Notice
from domain.records.facets import Kind
from domain.records.record import Change
from notifications.translation import Language, language_of

if TYPE_CHECKING:  # Jinja2 is loaded when the first message is laid out
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    from notifications.message import Message

TEMPLATES = ("message.html", "message.txt", "console.txt", "short.txt")
"""What can be replaced: an e-mail's HTML and its text, a block on a terminal, and the short text of other services."""

LARGEST_OUTPUT = 512 * 1024
"""Characters that a template may print; more is a mistake."""

Report = Callable[[str, str], None]
"""Gets the name of a template that cannot be used, and why."""


class Templates:
    """The templates of an installation. `folder` holds the user's, None for none; `report` gets each fault of one of
    them, each time that the one that ships takes its place."""

    def __init__(self, folder: Path | None = None, report: Report | None = None) -> None:
        self._folder = folder
        self._report = report

    def as_text(self, message: Message) -> str:
        """Lay a message out as the plain text of an e-mail; lines end in \\n."""
        return self._rendered("message.txt", message)

    def as_html(self, message: Message) -> str:
        """Lay a message out as the HTML of an e-mail: one column, no images, nothing loaded from anywhere."""
        return self._rendered("message.html", message)

    def as_console(self, message: Message) -> str:
        """Lay a message out as a short block for a terminal."""
        return self._rendered("console.txt", message)

    def as_short_text(self, message: Message) -> str:
        """Lay a message out as a short text without its headline: services show that as a title."""
        return self._rendered("short.txt", message)

    @property
    def replaced(self) -> tuple[str, ...]:
        """The templates that the user's folder has."""
        return tuple(name for name in TEMPLATES if self._has(name))

    def fault(self, name: str, message: Message) -> str | None:
        """Say what is wrong with the user's template of that name, with the line; None if it prints this message."""
        faults: list[str] = []
        Templates(self._folder, lambda _, why: faults.append(why))._rendered(name, message)
        return faults[0] if faults else None

    def _has(self, name: str) -> bool:
        return self._folder is not None and (self._folder / name).is_file()

    def _rendered(self, name: str, message: Message) -> str:
        from jinja2 import TemplateError

        if self._has(name):
            # Whatever Python raises for a wrong operation.
            faults = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, OSError)
            try:
                return self._print(name, message)
            except (*faults, RecursionError) as error:
                if self._report is not None:
                    self._report(name, _located(error, name))
        return self._print(f"shipped/{name}", message)

    def _print(self, name: str, message: Message) -> str:
        printed, left = [], LARGEST_OUTPUT
        for piece in self._environment.get_template(name).generate(message=message, say=message.language.say):
            printed.append(piece)
            left -= len(piece)
            if left < 0:
                raise ValueError(f"it prints more than {LARGEST_OUTPUT} characters")
        text = "".join(printed)
        if not text.strip():
            raise ValueError("it prints nothing")
        return text.encode("utf-8", "replace").decode()

    @cached_property
    def _environment(self) -> ImmutableSandboxedEnvironment:
        """The user's folder, with ours below `shipped/` for templates that only extend one."""
        from jinja2 import (
            ChoiceLoader,
            FileSystemLoader,
            PackageLoader,
            PrefixLoader,
            StrictUndefined,
            select_autoescape,
        )
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        ours = PrefixLoader({"shipped": PackageLoader("notifications")})
        return ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([ours, FileSystemLoader(self._folder)]) if self._folder else ours,
            autoescape=select_autoescape(("html",), default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )


SHIPPED = Templates()
"""The templates that come with lexwatch, and no others."""


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How one channel writes. `zone` is an IANA name; None leaves it to the notice."""

    language: Language = field(default_factory=lambda: language_of("en"))
    zone: str | None = None
    templates: Templates = SHIPPED


def _located(error: Exception, name: str) -> str:
    """Say what is wrong and in which line of which file: Jinja puts the lines of a template into the traceback."""
    line = getattr(error, "lineno", None)
    file = Path(getattr(error, "filename", None) or name).name
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.endswith((".html", ".txt")):
            line, file = frame.lineno, Path(frame.filename).name
    where = f"{file}, line {line}" if line else file
    return f"{where}: {type(error).__name__}: {error}"


def sample_notices(now: datetime) -> tuple[Notice, ...]:
    """Return constructed notices of every shape, to try templates by: a status with more news, a reminder, one without
    changes, a correction, and a digest."""
    bill, regime = DocumentId("xx", "bill", ("1", "a", "1")), DocumentId("xx", "regime", ("sample",))
    differs = "… the President [- shall] [+ may] give notice …"
    status = _sample(bill, Kind.STATUS, "INTRODUCED", "PASSED", "A sample.", now)
    one = _sample_notice(bill, now, status, _sample(bill, Kind.TEXT, None, "A sample", differs, now))
    left = coded("reminder.days_left", n=14, renewal=coded("renewal.none_seen")).to_json()
    reminder = _sample_notice(regime, now, _sample(regime, Kind.REMINDER, None, left, None, now))
    bare = replace(one, title=None, url=None, status=None, status_on=None, note=None, changes=())
    before, after = (coded("entry.dated", words="A sample", on=f"2025-12-{day}").to_json() for day in ("09", "10"))
    correction = replace(bare, changes=(_sample(bill, Kind.CORRECTION, before, after, None, now),), reported_at=now)
    digest = replace(bare, digest="daily", parts=(one, reminder), changes=(*one.changes, *reminder.changes))
    return one, reminder, bare, correction, digest


def _sample(
    document: DocumentId, kind: Kind, before: str | None, after: str | None, text: str | None, now: datetime
) -> Change:
    return Change(
        document=document,
        revision=1,
        kind=kind,
        subject="sample",
        before=before,
        after=after,
        text=text,
        happened_on="2025-12-09",
        seen_at=now,
        source="sample",
        published_at=now,
        evidence="0" * 64,
    )


def _sample_notice(document: DocumentId, now: datetime, *changes: Change) -> Notice:
    return Notice(
        delivery="dl-sample",
        alerts=("al-sample",),
        document=document,
        title="A sample <title> & more",
        url="https://www.example.org/sample",
        status="PASSED" if document.kind == "bill" else None,
        status_on="2025-12-09" if document.kind == "bill" else None,
        changes=changes,
        watches=("sample",),
        note="A sample note",
        reasons=(coded("reason.test", channel="sample"),),
        created_at=now,
        to="sample@example.org",
    )
