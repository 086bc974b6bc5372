"""How is a configuration file written: a new one, and one with a watch more or less? Text in, text out.

A new one is the shipped default with what was wished in its place. In a file that a person wrote, tomlkit writes the
new table: it knows how every text must be quoted. It does not carry the rest of the file, because it loses the order of
tables that stand apart (`[[watch]]`, `[[channel]]`, `[[watch]]`) and gives a comment to the table above it. So a watch
is set in and cut out as lines, every other byte stays, and the outcome is read again: what does not mean exactly what
was wanted is never returned.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import tomlkit
from tomlkit.items import Array

from domain.documents import DocumentId
from domain.options import format_duration
from monitor.config.loader import SHIPPED_CONFIG
from watchers import source

_PROMISE = "This file works as it stands: it follows a bill and a regime, and prints what changes."
_MADE = "Made by lexwatch init. Change it as you like; a running lexwatch takes up what you save."


WatchEntry = Mapping[str, str | Sequence[str]]
"""The keys of a new watch, in the order they are written."""


@dataclass(frozen=True, slots=True)
class NewConfig:
    """What a new configuration is to have. `documents` are bills, each with a note or None; `watches` are tables beside
    them, `blocks` their like as text, `sources` the sections that read all of it; without any the examples stand.
    `routes` are those that `blocks` need, as text, for the names of the channels."""

    documents: Sequence[tuple[DocumentId, str | None]] = ()
    watches: Sequence[WatchEntry] = ()
    blocks: Sequence[str] = ()
    sources: Sequence[str] = ()
    routes: Callable[[Sequence[str]], str] | None = None
    note: str | None = None
    timezone: str = "UTC"
    language: str | None = None
    contact: str | None = None
    emails: Sequence[str] = ()
    sender: str | None = None
    server: str | None = None
    password_env: str = "SMTP_PASSWORD"
    slack_env: str | None = None


def render_config(new: NewConfig | None = None) -> str:
    """Return the text of a configuration file; the shipped default where nothing is wished."""
    shipped = SHIPPED_CONFIG.read_text(encoding="utf-8")
    if new is None or new == NewConfig():
        return shipped
    return "\n\n".join(_blocks(new, shipped.strip("\n").split("\n\n"))) + "\n"


def _blocks(new: NewConfig, shipped: Sequence[str]) -> Iterator[str]:
    """Yield the tables of the file in their order. Each has its place in the shipped default, some as a comment."""
    head, service, *rest = shipped
    *examples, console, email, slack, route = rest
    channels = [*(["desk"] if new.emails else []), *(["policy-room"] if new.slack_env else [])]
    yield head.replace(_PROMISE, _MADE)
    yield _with(service, timezone=new.timezone, language=new.language, contact=new.contact, operator=channels or None)
    if new.documents or new.watches or new.blocks:
        yield from map(source_section, new.sources)
        yield from _watches(new, next(block for block in examples if block.startswith("[[watch]]")))
        yield from (watch_block(entry).rstrip("\n") for entry in new.watches)
        yield from new.blocks
    else:
        yield from (_with(block, note=new.note) if "note" in block else block for block in examples)
    yield console
    mail = {"to": list(new.emails), "sender": new.sender, "server": new.server}
    yield _mail(_with(_uncommented(email), **mail), new) if new.emails else email
    yield _uncommented(slack).replace("SLACK_WEBHOOK_URL", new.slack_env) if new.slack_env else slack
    if new.routes is not None:
        yield new.routes(channels or ["terminal"])
    else:
        yield route.replace('["desk", "policy-room"]', _toml(channels)) if channels else route


def _mail(block: str, new: NewConfig) -> str:
    """Name the variable of the password; a server that was given without a user takes none."""
    if not needs_password(new):
        return "\n".join(line for line in block.splitlines() if not line.startswith("password"))
    return block.replace("SMTP_PASSWORD", new.password_env)


def needs_password(new: NewConfig) -> bool:
    """Say whether mail is sent as a user of the server."""
    return bool(new.emails) and (new.server is None or "@" in new.server)


def source_section(name: str) -> str:
    """Return the section of a source with its safe defaults, as a new configuration has it."""
    declared = source(name)
    head = f"[source.{name}]".ljust(36) + f" # {declared.summary}"
    return declared.template.strip("\n") or f"{head}\nevery   = {_toml(format_duration(declared.every))}"


def _watches(new: NewConfig, example: str) -> Iterator[str]:
    """Yield a table for each bill; the first explains itself."""
    for number, (document, note) in enumerate(new.documents):
        block = _with(example, bill=str(document), note=note)
        lines = block.splitlines() if note else [line for line in block.splitlines() if not line.startswith("note")]
        yield "\n".join(lines if number == 0 else [re.sub(r"\s+# .*", "", line) for line in lines])


def _with(block: str, **values: str | list[str] | None) -> str:
    """Return a table with other values; a key that was a comment becomes one of the table. None leaves a key alone."""
    for key, value in values.items():
        if value:
            form = re.compile(rf"^(?:# )?({key}\s*= )(.*?)(\s+# .*)?$", re.MULTILINE)
            block = form.sub(partial(_line, value=_toml(value)), block, count=1)
    return block


def _line(found: re.Match[str], value: str) -> str:
    """Write one line anew, its remark where it was."""
    remark = (found[3] or "").strip()
    column = len(found[0]) - len(remark)
    return f"{found[1]}{value}".ljust(column - 1) + f" {remark}" if remark else f"{found[1]}{value}"


def _uncommented(block: str) -> str:
    return "\n".join(line.removeprefix("# ") for line in block.splitlines())


def _toml(value: str | list[str]) -> str:
    """Write text or a list of texts as TOML; JSON strings without lone surrogates are TOML strings."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}'  # texts over several lines may end in up to two more quotes
    r'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|\#[^\n]*|[\[\]{}\n]|[^\S\n]+|[^\s"\'\#\[\]{}]+',
    re.DOTALL,
)
_BY_HAND = "its tables stand in a way that cannot be changed safely: edit the file by hand"
_HEADER = re.compile(r"\[\[\s*(?:watch|\"watch\"|'watch')\s*\]\]")
_SOURCE_HEADER = re.compile(r"\[\s*(?:source|\"source\"|'source')\s*\.")


@dataclass(frozen=True, slots=True)
class _Table:
    """A table in the text: `start` is the line of its header, `end` lies behind its last line, its own comments
    included; what follows up to the next header belongs to what follows."""

    start: int
    end: int
    is_watch: bool
    is_source: bool = False


def add_watch(text: str, wish: WatchEntry) -> str:
    """Return the configuration with one more watch, behind the last one; ValueError where that cannot be done."""
    body, mark = _unmarked(text)
    meant = tomllib.loads(_plain(body))
    watches = [*meant.get("watch", ()), {key: _valued(value) for key, value in wish.items()}]
    tables = [table for table in _tables(body) if table.is_watch]
    if "watch" in meant and not tables:
        edited = _appended(body, wish)
    else:
        edited = _set_in(body, tables[-1].end if tables else len(body), watch_block(wish))
    return mark + _proven(edited, {**meant, "watch": watches})


def change_watch(text: str, number: int, keys: WatchEntry) -> str:
    """Return the configuration with these keys of its watch `number` (counted from 0) as given, its other lines and
    comments as they are; ValueError where that cannot be done."""
    body, mark = _unmarked(text)
    meant = tomllib.loads(_plain(body))
    values = {key: _valued(value) for key, value in keys.items()}
    watches = [watch | values if place == number else watch for place, watch in enumerate(meant["watch"])]
    tables = [table for table in _tables(body) if table.is_watch]
    if not tables:
        raise ValueError(_BY_HAND)
    table = tables[number]
    part = tomlkit.parse(body[table.start : table.end])
    for key, value in values.items():
        part["watch"][0][key] = value
    edited = body[: table.start] + tomlkit.dumps(part) + body[table.end :]
    return mark + _proven(edited, {**meant, "watch": watches})


def add_source(text: str, name: str) -> str:
    """Return the configuration with the section of one more source, behind the last one, else before the first watch;
    ValueError with the lines to add where that cannot be done."""
    body, mark = _unmarked(text)
    meant = tomllib.loads(_plain(body))
    section = source_section(name)
    tables = list(_tables(body))
    sources = [table.end for table in tables if table.is_source]
    watches = [_with_its_comment(body, table.start) for table in tables if table.is_watch]
    wanted = {**meant, "source": {**meant.get("source", {}), **tomllib.loads(section)["source"]}}
    if watches and not sources:
        ahead = f"{section}\n\n".replace("\n", _line_end(body))
        edited = body[: watches[0]] + ahead + body[watches[0] :]
    else:
        edited = _set_in(body, sources[-1] if sources else len(body), f"{section}\n")
    try:
        return mark + _proven(edited, wanted)
    except ValueError as error:
        raise ValueError(f"{error}; add these lines:\n{section}") from None


def _with_its_comment(body: str, start: int) -> int:
    """Return where the comment begins that stands right above the line at `start`, else `start`."""
    while start and (line := body.rfind("\n", 0, start - 1) + 1) < start and body[line:start].lstrip().startswith("#"):
        start = line
    return start


def remove_watch(text: str, number: int) -> str:
    """Return the configuration without its watch `number`, counted from 0; ValueError where that cannot be done.

    Comments inside the table go with it; those above it stay.
    """
    body, mark = _unmarked(text)
    meant = tomllib.loads(_plain(body))
    watches = [watch for place, watch in enumerate(meant["watch"]) if place != number]
    tables = [table for table in _tables(body) if table.is_watch]
    edited = _cut_out(body, tables[number]) if tables else _removed(body, number)
    rest = {key: value for key, value in meant.items() if key != "watch"}
    return mark + _proven(edited, {**rest, "watch": watches} if watches or not tables else rest)


def watch_block(wish: WatchEntry) -> str:
    table = tomlkit.table()
    for key, value in wish.items():
        # The words of a search have quotes in them, which are easier to read in single ones.
        if isinstance(value, str) and key == "search" and '"' in value and "'" not in value and value.isprintable():
            table[key] = tomlkit.string(value, literal=True)
        else:
            table[key] = _valued(value)
    return f"[[watch]]\n{table.as_string()}"


def _set_in(body: str, place: int, block: str) -> str:
    """Put a new table at `place`, with an empty line before it and the line ends of its neighbours."""
    before, behind = body[:place], body[place:]
    end = _line_end(before or behind)
    if before and not before.endswith("\n"):
        # A file without a last line end keeps its manner.
        return before + f"\n\n{block}".rstrip("\n").replace("\n", end)
    lead = "\n" if before else ""
    tail = "\n" if behind and not before else ""
    return before + f"{lead}{block}{tail}".replace("\n", end) + behind


def _cut_out(body: str, table: _Table) -> str:
    """Take a table away with the one empty line that set it apart."""
    before, behind = body[: table.start], body[table.end :]
    last_line = not body[: table.end].endswith("\n")
    if re.search(r"(\A|\n)[ \t]*\r?\n\Z", before):
        before = re.sub(r"[ \t]*\r?\n\Z", "", before)
    elif not before:
        behind = re.sub(r"\A[ \t]*\r?\n", "", behind)
    return re.sub(r"\r?\n\Z", "", before) if last_line else before + behind


def _appended(body: str, wish: WatchEntry) -> str:
    """Lengthen `watch = [...]`, a form that tomlkit carries whole."""
    document, watches = _inline(body)
    entry = tomlkit.inline_table()
    for key, value in wish.items():
        entry[key] = _valued(value)
    watches.append(entry)
    return tomlkit.dumps(document)


def _removed(body: str, number: int) -> str:
    document, watches = _inline(body)
    del watches[number]
    return tomlkit.dumps(document)


def _inline(body: str) -> tuple[tomlkit.TOMLDocument, Array]:
    document = tomlkit.parse(body)
    watches = document["watch"]
    if not isinstance(watches, Array) or tomlkit.dumps(document) != body:
        raise ValueError(_BY_HAND)
    return document, watches


def _proven(edited: str, wanted: Mapping[str, Any]) -> str:
    """Return the text if it means what is wanted; ValueError if the file is written in a way we cannot edit."""
    try:
        found = tomllib.loads(_plain(edited))
    except tomllib.TOMLDecodeError:
        found = {}
    if found != wanted:
        raise ValueError(_BY_HAND)
    return edited


def _tables(body: str) -> Iterator[_Table]:
    """Yield the tables in their order."""
    starts = [*_headers(body), len(body)]
    for start, stop in pairwise(starts):
        head = body[start:stop].lstrip(" \t")
        end = start + _own(body[start:stop], last=stop == len(body))
        yield _Table(start, end, bool(_HEADER.match(head)), bool(_SOURCE_HEADER.match(head)))


def _headers(body: str) -> Iterator[int]:
    """Yield where the lines of table headers begin: a bracket that opens a line outside of texts and lists."""
    line, depth, fresh = 0, 0, True
    for token in _TOKEN.finditer(body):
        word = token[0]
        if word == "\n":
            line, fresh = token.end(), True
            continue
        if word == "[" and fresh and not depth:
            yield line
        depth += (word in "[{") - (word in "]}")
        fresh = fresh and word.isspace()


def _own(part: str, *, last: bool) -> int:
    """Return how much of the text from one header to the next is the table: up to its last key, and comments that
    follow without an empty line, unless they run straight into the next header."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", part)
    empty = [not line.strip() for line in lines]
    remark = [line.lstrip().startswith("#") for line in lines]
    end = max(n for n in range(len(lines)) if not empty[n] and not remark[n]) + 1
    stop = end
    while stop < len(lines) and remark[stop]:
        stop += 1
    if stop < len(lines) or last:
        end = stop
    return sum(map(len, lines[:end]))


def _valued(value: str | Sequence[str]) -> str | list[str]:
    return value if isinstance(value, str) else list(value)


def _unmarked(text: str) -> tuple[str, str]:
    """Split off a byte order mark, which TOML does not know and editors write."""
    return (text[1:], _BOM) if text.startswith(_BOM) else (text, "")


def _plain(body: str) -> str:
    return body.replace("\r\n", "\n")


def _line_end(text: str) -> str:
    return "\r\n" if re.search(r"\r\n", text) else "\n"
