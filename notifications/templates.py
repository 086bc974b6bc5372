"""How is a message laid out, in which language and zone, by the templates that ship or the user's own?"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    select_autoescape,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifications.languages import Language, language_of
from notifications.message import Message

TEMPLATES = ("letter.html", "letter.txt", "console.txt", "short.txt")
"""What can be replaced: an e-mail's HTML and its text, a block on a terminal, and the short text of other services."""

LARGEST_OUTPUT = 512 * 1024
"""Characters that a template of the user's may print; more is a mistake."""

_FAULTS = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, OSError, RecursionError)
"""What running a template can raise: whatever Python raises for a wrong operation."""

Report = Callable[[str, str], None]
"""Is told the name of a template that cannot be used, and why."""


class Templates:
    """The templates of an installation. `folder` holds the user's, None for none; `report` hears of one that cannot be
    used, each time that the one that ships takes its place."""

    def __init__(self, folder: Path | None = None, report: Report | None = None) -> None:
        self._folder = folder
        self._report = report

    def as_text(self, letter: Message) -> str:
        """Lay a letter out as the plain text of an e-mail; lines end in \\n."""
        return self._laid_out("letter.txt", letter)

    def as_html(self, letter: Message) -> str:
        """Lay a letter out as the HTML of an e-mail: one column, no images, nothing loaded from anywhere."""
        return self._laid_out("letter.html", letter)

    def as_console(self, letter: Message) -> str:
        """Lay a letter out as a short block for a terminal."""
        return self._laid_out("console.txt", letter)

    def as_short_text(self, letter: Message) -> str:
        """Lay a letter out as a short text without its headline: services show that as a title."""
        return self._laid_out("short.txt", letter)

    @property
    def replaced(self) -> tuple[str, ...]:
        """The templates that the user's folder has."""
        return tuple(name for name in TEMPLATES if self._folder is not None and (self._folder / name).is_file())

    def fault(self, name: str, letter: Message) -> str | None:
        """Say what is wrong with the user's template of that name, with the line; None if it prints this letter."""
        try:
            self._theirs(name, letter)
        except _FAULTS as error:
            return _said(error, name)
        return None

    def _laid_out(self, name: str, letter: Message) -> str:
        if self._folder is not None and (self._folder / name).is_file():
            try:
                return self._theirs(name, letter)
            except _FAULTS as error:
                if self._report is not None:
                    self._report(name, _said(error, name))
        return _print(self._ours, f"shipped/{name}", letter)

    def _theirs(self, name: str, letter: Message) -> str:
        printed = _print(self._environment, name, letter)
        if not printed.strip():
            raise ValueError("it prints nothing")
        if len(printed) > LARGEST_OUTPUT:
            raise ValueError(f"it prints more than {LARGEST_OUTPUT} characters")
        return printed.encode("utf-8", "replace").decode()

    @cached_property
    def _ours(self) -> ImmutableSandboxedEnvironment:
        return _environment(PrefixLoader({"shipped": PackageLoader("notifications")}))

    @cached_property
    def _environment(self) -> ImmutableSandboxedEnvironment:
        """The user's folder, with ours below `shipped/` for templates that only extend one."""
        ours = PrefixLoader({"shipped": PackageLoader("notifications")})
        return _environment(ChoiceLoader([ours, FileSystemLoader(self._folder or ".")]))


SHIPPED = Templates()
"""The templates that come with lexwatch, and no others."""


def _environment(loader: BaseLoader) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _print(environment: ImmutableSandboxedEnvironment, name: str, letter: Message) -> str:
    pieces: list[str] = []
    left = LARGEST_OUTPUT * 2
    for piece in environment.get_template(name).generate(letter=letter, words=letter.language.words):
        pieces.append(piece)
        left -= len(piece)
        if left < 0:
            break
    return "".join(pieces)


def _said(error: Exception, name: str) -> str:
    """Say what is wrong and in which line of which file: Jinja puts the lines of a template into the traceback."""
    line = getattr(error, "lineno", None)
    file = Path(getattr(error, "filename", None) or name).name
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.endswith((".html", ".txt")):
            line, file = frame.lineno, Path(frame.filename).name
    where = f"{file}, line {line}" if line else file
    return f"{where}: {type(error).__name__}: {error}"


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How one channel says things. `zone` is an IANA name; None leaves it to the notice."""

    language: Language = field(default_factory=lambda: language_of("en"))
    zone: str | None = None
    layout: Templates = SHIPPED
