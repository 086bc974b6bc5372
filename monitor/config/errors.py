"""What is wrong with a configuration file, and on which line?

Errors are collected, not raised one by one: a person mends a file once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from domain.errors import ConfigError
from domain.options import printable, suggest

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\"' -]+?)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]+\")\s*=")


class ConfigErrors:
    """Gathers errors and warnings by key (`channel[2].server`), each with its line where it can be found."""

    def __init__(self, origin: str, text: str) -> None:
        self.found: list[str] = []
        self.warnings: list[str] = []
        self._origin = origin
        self._lines = _key_lines(text)

    def add(self, key: str, problem: str) -> None:
        self.found.append(f"{self._where(key)}: {key}: {problem}")

    def warn(self, key: str, problem: str) -> None:
        self.warnings.append(f"{self._where(key)}: {key}: {problem}")

    def unknown(self, key: str, name: str, known: Iterable[str], what: str = "key") -> None:
        """Report a name nobody knows, with its nearest neighbour or else all of them."""
        path = f"{key}.{name}" if key else name
        self.add(path, f"unknown {what} {printable(name)}; {suggest(name, known)}")

    def raise_any(self) -> None:
        if self.found:
            raise ConfigError(self.found)

    def _where(self, key: str) -> str:
        parent = key
        while parent:
            if parent in self._lines:
                return f"{self._origin}:{self._lines[parent]}"
            parent = parent.rpartition(".")[0]
        return self._origin


def _key_lines(text: str) -> dict[str, int]:
    """Map keys to line numbers by reading headers and assignments; a hint for people, not a parser."""
    lines: dict[str, int] = {}
    count: Counter[str] = Counter()
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = header[2].replace('"', "").replace("'", "")
            if header[1] == "[[":
                count[table] += 1
                table = f"{table}[{count[table]}]"
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            name = key[1].strip('"')
            lines.setdefault(f"{table}.{name}" if table else name, number)
    return lines
