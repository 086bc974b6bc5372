"""How is a table of the configuration read by the declaration of its keys?

A table is a msgspec struct whose fields are annotated with `domain.options.Key`. A field without a default is a needed
key. Whatever is wrong goes to the errors, and a harmless value takes its place, so that one reading finds everything.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec

from domain.errors import ConfigError
from domain.options import Key, Parser, Secret, as_written, printable, suggest, text, texts, yes_no

_MAX_SECRET_BYTES = 64 * 1024
_PARSERS: Mapping[Any, Parser] = {str: text, bool: yes_no, tuple[str, ...]: texts}

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\"' -]+?)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+|\"[^\"]+\")\s*=")

Document = dict[str, Any]
_T = TypeVar("_T", bound=msgspec.Struct)


class ConfigErrors:
    """Gathers errors and warnings by key (`channel[2].server`), each with its line where it can be found; a warning
    only where `thorough` says that somebody will see it, for the lines of a long file are not had for nothing."""

    def __init__(self, origin: str, text: str, *, thorough: bool = True) -> None:
        self.found: list[str] = []
        self.warnings: list[str] = []
        self._origin, self._text, self._thorough = origin, text, thorough

    def add(self, key: str, problem: str) -> None:
        self.found.append(f"{self._where(key)}: {key}: {problem}")

    def warn(self, key: str, problem: str) -> None:
        self.warnings.append(f"{self._where(key) if self._thorough else self._origin}: {key}: {problem}")

    def unknown(self, key: str, name: str, known: Iterable[str], what: str = "key") -> None:
        """Report a name nobody knows, with its nearest neighbour or else all of them."""
        self.add(_below(key, name), f"unknown {what} {printable(name)}; {suggest(name, known)}")

    def raise_any(self) -> None:
        if self.found:
            raise ConfigError(self.found)

    @cached_property
    def _lines(self) -> dict[str, int]:
        return _key_lines(self._text)  # a long file without a fault is not searched for them

    def _where(self, key: str) -> str:
        parent = key
        while parent:
            if parent in self._lines:
                return f"{self._origin}:{self._lines[parent]}"
            parent = parent.rpartition(".")[0]
        return self._origin


class ParseContext(msgspec.Struct, frozen=True):
    """The `KeyContext` of one key. `env` is None where no secret is fetched: the reading commands need none.
    `thorough` asks for warnings that cost imports."""

    errors: ConfigErrors
    folder: Path
    env: Mapping[str, str] | None
    today: date
    allow_hosts: tuple[str, ...] = ()
    timezone: str = "UTC"
    own_host: bool = False
    thorough: bool = True
    key: str = ""

    def existing_folder(self, written: str) -> Path:
        found = self.folder / written
        if not written.isprintable() or not found.is_dir():
            raise ValueError(f"expected an existing folder, saw {as_written(written)}")
        return found

    def warn(self, text: str) -> None:
        self.errors.warn(self.key, text)

    def secret(self, raw: object, unset: Secret | None = None) -> Secret:
        kind, where = _reference(raw)
        if self.env is None:
            return Secret("", f"{kind}:{where}")
        if kind == "env":
            value, what = self.env.get(where, ""), f"the environment variable {where} is not set"
            if unset is not None and not value.strip():
                return unset
        else:
            value, what = self._read_file(self.folder / where), f"the file {where} is empty"
        if not value.strip():
            raise ValueError(f"expected a secret, but {what}")
        return Secret(value.strip(), f"{kind}:{where}")

    def _read_file(self, path: Path) -> str:
        shown = printable(str(path), 200)
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                body = file.read(_MAX_SECRET_BYTES + 1) if stat.S_ISREG(mode) else None
        except OSError as error:
            raise ValueError(f"cannot read the file {shown}: {error.strerror}") from None
        if body is None or len(body) > _MAX_SECRET_BYTES:
            raise ValueError(f"{shown} is not a small regular file")
        if mode & (stat.S_IROTH | stat.S_IWOTH):
            self.warn(f"every user of this machine can read {shown}: chmod 600 it")
        try:
            return body.decode()
        except UnicodeDecodeError:
            raise ValueError(f"{shown} is not UTF-8 text") from None


@dataclass(frozen=True, slots=True)
class DeclaredKey:
    """One key of a table as its field declares it; `member` names the field: not every key can be one (`in`)."""

    name: str
    member: str
    kind: Any
    about: Key
    default: Any = None
    needed: bool = False
    may_be_left_out: bool = False

    @property
    def parse(self) -> Parser:
        return self.about.parse or _PARSERS[self.kind]


@cache
def declared_keys(table: type[msgspec.Struct]) -> dict[str, DeclaredKey]:
    """Return the keys of a table by name, in the order of their declaration."""
    return {field.encode_name: _declared(field) for field in msgspec.structs.fields(table)}


def split_keys(raw: Document, table: type[msgspec.Struct]) -> tuple[Document, Document]:
    """Return the part of a table whose keys a declaration knows, and the rest."""
    keys = declared_keys(table)
    known = {name: value for name, value in raw.items() if name in keys}
    return known, {name: value for name, value in raw.items() if name not in keys}


def read_table(
    context: ParseContext,
    key: str,
    raw: Document,
    table: type[_T],
    *,
    what: str = "this table",
    besides: Collection[str] = (),
    unknown: Callable[[str], str] | None = None,
) -> _T | None:
    """Read one table; None when a needed key is missing or wrong, for which nothing else can stand.

    `key` is where it stands in the file (`channel[2]`), empty for the file itself; `what` is how an error calls the
    table, `besides` are keys that somebody else reads, `unknown` says what is wrong with a key that is not declared.
    """
    keys = declared_keys(table)
    for name in raw:
        if name not in keys and name not in besides:
            if unknown is None:
                context.errors.unknown(key, name, (*keys, *besides))
            else:
                context.errors.add(_below(key, name), unknown(name))
    found: dict[str, Any] = {}
    for name, declared in keys.items():
        if name not in raw and declared.may_be_left_out:
            continue
        value = raw.get(name, declared.about.absent)
        if value is None:
            if declared.needed:
                needed = ", ".join(name for name, other in keys.items() if other.needed)
                context.errors.add(_below(key, name), f"missing: {what} needs {needed}{declared.about.missing}")
            continue
        try:
            found[declared.member] = declared.parse(value, msgspec.structs.replace(context, key=_below(key, name)))
        except ValueError as error:
            context.errors.add(_below(key, name), str(error))
    complete = all(declared.member in found for declared in keys.values() if declared.needed)
    return table(**found) if complete else None


def parse_toml(name: str, body: bytes, largest: int, what: str) -> tuple[str, Document]:
    """Decode a file (a byte order mark is ignored) and parse it; ConfigError, with the line of a syntax error.

    `largest` is in bytes, `what` is how an error calls what the file is to be.
    """
    if len(body) > largest:
        raise ConfigError([f"{name}: expected at most {largest} bytes: this is no {what}"])
    text = ""
    try:
        text = body.decode("utf-8-sig").replace("\r\n", "\n")
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{name}:{line}: expected UTF-8 text"]) from None
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(name, text, str(error)) from None
    except RecursionError:
        raise ConfigError([f"{name}: not a {what}: nested far too deeply"]) from None


_CURLY = "“”„‟«»‘’‚"
_SHOWN_BEFORE, _SHOWN = 70, 100
"""Characters of a line that are shown before a fault, and in all."""


def _syntax_error(name: str, text: str, said: str) -> ConfigError:
    """Say in plain words what keeps a file from being read, the line first as in every other fault, and show it."""
    found = re.search(r" \(at line (\d+), column (\d+)\)$", said)
    lines = text.split("\n")
    if found:
        number, column = int(found[1]), int(found[2])
    else:
        number, column = _opening_quote(lines)
    line = lines[number - 1] if number <= len(lines) else ""
    problem = printable(said.partition(" (at ")[0], 200)
    if curly := re.search(f"[{_CURLY}]", _outside_quotes(line)):
        column, guess = curly.start() + 1, f'{curly[0]} is a curly quotation mark: write " instead'
    else:
        guess = _guess(problem, line, column)
    return ConfigError([f"{name}:{number}: {guess} (column {column}; not TOML: {problem})"], _excerpt(line, column))


def _guess(problem: str, line: str, column: int) -> str:
    """Say what most likely mends a line that is no TOML; `problem` is the parser's own words."""
    rest = line[column - 1 :].strip()
    if problem.startswith(("Illegal character '\\n'", "Unterminated string", 'Expected "\'"')):
        return "a quotation mark is missing at the end"
    if problem.startswith("Invalid value"):
        return _guess_of_value(rest)
    if problem.startswith("Expected newline"):
        return _guess_of_rest(line, column, rest)
    return next((guess for start, guess in _GUESSES.items() if problem.startswith(start)), "this cannot be read")


def _guess_of_value(rest: str) -> str:
    if not rest or rest.startswith("#"):
        return "a value is missing"
    if rest.startswith(","):
        return "a value is missing before the comma"
    if rest.lower() in ("true", "false", "yes", "no", "on", "off"):
        return "write true or false, in small letters"
    word = re.match(r"[^#,\]}]*", rest)
    shown = printable(word[0].strip() if word else rest)
    return "a quotation mark is missing" if '"' in shown or "'" in shown else f'text stands in quotes: "{shown}"'


def _guess_of_rest(line: str, column: int, rest: str) -> str:
    before = line[: column - 1]
    if re.search(r"[=\[,]\s*[0-9][0-9:-]*\Z", before) and re.match(r"[\w:.-]", rest):
        return "text stands in quotes, and so does a duration or a day of the wrong form"
    if any(before.count(mark) % 2 == 0 and mark in before and mark in rest for mark in "\"'"):
        return (
            "a quotation mark inside of text ends it: write \\ before it, or the other kind of quotes around the text"
        )
    if "=" in rest:
        return "each key has a line of its own"
    return f"{as_written(rest)} is left over at the end of the line"


_GUESSES = {
    "Unescaped '": "a backslash in text is written twice; or put the text into single quotes",
    "Illegal character": "a character that cannot stand in text",
    "Expected '=' after a key": "a = is missing behind the key",
    "Expected ']]' at the end": "]] is missing",
    "Expected ']' at the end": "] is missing",
    "Unclosed array": "a ] or a comma is missing in a list",
    "Unclosed inline table": "a } or a comma is missing; all of { … } stands on one line",
    "Invalid initial character for a key part": "all of { … } stands on one line, and its last entry has no comma",
    "Cannot overwrite a value": "this key stands twice in its table",
    "Cannot declare": "this table stands twice; where there may be several it has two brackets, as [[watch]]",
    "Invalid statement": "expected a key, = and a value, or a table such as [service]",
}


def _opening_quote(lines: Sequence[str]) -> tuple[int, int]:
    """Return where the text begins that nothing ends, as line and column from 1: the last line with a quote is it."""
    for number in range(len(lines), 0, -1):
        if found := re.search("[\"']", lines[number - 1]):
            return number, found.start() + 1
    return len(lines), 1


def _outside_quotes(line: str) -> str:
    """Blank out what stands in straight quotes, and a comment."""
    return re.sub("\"(?:\\\\.|[^\"\\\\])*\"|'[^']*'|#.*", lambda found: " " * len(found[0]), line)


def _excerpt(line: str, column: int) -> tuple[str, ...]:
    """Return a line, or the part of it around a column, and a line that marks the place below it."""
    if not line.strip():
        return ()
    start = max(0, column - _SHOWN_BEFORE)
    shown = printable(line[start : start + _SHOWN].replace("\t", " "), _SHOWN)
    return shown, " " * min(column - 1 - start, len(shown)) + "^"


def get_table(context: ParseContext, document: Document, name: str, within: str = "") -> Document:
    """Return the table `[name]`, empty when it is absent or something else; `within` is the key of `document`."""
    value = document.get(name, {})
    if isinstance(value, dict):
        return value
    saw = f"[[{name}]]" if _is_array(value) else as_written(value)
    context.errors.add(_below(within, name), f"expected a table [{name}], saw {saw}")
    return {}


def get_tables(context: ParseContext, document: Document, name: str) -> list[tuple[str, Document]]:
    """Return the tables `[[name]]` with their keys, counted from 1 (`name[1]`)."""
    value = document.get(name, [])
    if isinstance(value, dict):
        context.errors.add(name, f"expected [[{name}]] with two brackets: there may be several")
        return []
    if not _is_array(value):
        context.errors.add(name, f"expected tables [[{name}]], saw {as_written(value)}")
        return []
    return [(f"{name}[{number}]", entry) for number, entry in enumerate(value, start=1)]


def _below(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _is_array(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


def _declared(field: msgspec.structs.FieldInfo) -> DeclaredKey:
    kind, about = field.type, Key("")
    if get_origin(kind) is Annotated:
        kind, about = get_args(kind)
    if get_origin(kind) in (Union, UnionType):
        kind = next(one for one in get_args(kind) if one is not NoneType)
    needed = field.required
    default = None if needed else field.default
    optional = not needed and about.absent is None
    return DeclaredKey(field.encode_name, field.name, kind, about, default, needed, optional)


def _reference(raw: object) -> tuple[str, str]:
    """Take `{ env = "NAME" }` or `{ file = "path" }` apart."""
    expected = 'expected { env = "NAME" } or { file = "path" }'
    if isinstance(raw, str):
        raise ValueError(f"{expected}, saw text: a secret is never written into the configuration")
    if not isinstance(raw, dict) or len(raw) != 1:
        raise ValueError(f"{expected}, saw {'both or neither' if isinstance(raw, dict) else as_written(raw)}")
    kind, where = next(iter(raw.items()))
    if kind not in ("env", "file") or not isinstance(where, str) or not where or not where.isprintable():
        raise ValueError(expected)
    return kind, where


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
