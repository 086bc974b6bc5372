"""How are rows shown to a person? A table on a terminal, plain columns everywhere else.

Titles come from outside: what could move a cursor, change a colour or turn the reading direction is replaced before
it reaches a terminal. JSON is left alone, its own escapes are enough.
"""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from io import StringIO
from typing import IO, Any
from zoneinfo import ZoneInfo

from domain.coded_text import is_coded

Json = dict[str, Any]

TABLE_ROWS = 200
"""More rows than this are printed as plain columns: laying out a table takes time."""

NARROW = 60
"""Columns of a terminal below which each row becomes a block of lines."""

SHORT = 18
"""A cell of so many letters is kept on one line, and a longer one gets at least as much room."""

LEAST, NARROWEST, WIDEST = 24, 22, 28
"""Letters that the one cut column of a table has at least at 80 columns, as long as the first one has so many; no other
has more than the last number, or than a third of the terminal."""

_ONE_COLUMN = re.compile("[ -~\u00a0-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2190-\u2193\u2116]*")
"""Text of letters that take one column each: Latin, Greek, Cyrillic and what stands between them."""

_MARK = "\N{REPLACEMENT CHARACTER}"

GAP = 2

LONGEST_NAME = 16
"""Letters of a name beside which its value stands."""

WHOLE_WORDS: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
"""How lines are wrapped: an address or an id is copied whole."""

LONGEST = 80
"""Letters of a plain column; a longer cell pushes what follows it, and not every other row."""

Row = Sequence[str | None]
Cells = Sequence[Sequence[str]]


def one_line(text: str) -> str:
    """Return text as one line that only shows itself: white space joined, control and bidi characters replaced."""
    if text.isascii() and text.isprintable():
        return text
    joined = " ".join(text.split())
    return "".join(c if c.isprintable() else _MARK for c in joined)


def local_time(stated: str | None, zone: str) -> str | None:
    """Write an instant (ISO 8601) for people: day and minute in their zone."""
    if stated is None:
        return None
    return datetime.fromisoformat(stated).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def print_json(value: object, stream: IO[str] | None = None) -> None:
    """Write one JSON document; in ASCII where the stream cannot carry more."""
    out = stream or sys.stdout
    ascii_only = (getattr(out, "encoding", None) or "ascii").lower().replace("-", "") != "utf8"
    out.write(json.dumps(value, indent=2, ensure_ascii=ascii_only) + "\n")


def print_answer(rows: Sequence[Json], form: str | None, stream: IO[str] | None = None) -> None:
    """Write a list for a program, as `json` or `csv`; nothing where none asked for it."""
    if form == "json":
        print_json(rows, stream)
    elif form == "csv":
        _print_csv(rows, stream or sys.stdout)


def _print_csv(rows: Sequence[Json], out: IO[str]) -> None:
    """Write rows under the names of their members; nothing where there are none."""
    from notifications.exports import write_csv

    if names := list(dict.fromkeys(name for row in rows for name in row)):
        lines = StringIO()
        write_csv(rows, names, lines)
        _write(out, lines.getvalue())


def print_list(
    rows: Sequence[Json],
    form: str | None,
    headers: Sequence[str],
    table: Iterable[Row],
    *,
    nothing: str,
    spare: Sequence[str] = (),
    cut: str | None = None,
) -> None:
    """Answer with a list: for a program in its form, else as the `table` of it, or in the words for `nothing`."""
    if form:
        print_answer(rows, form)
    elif not rows:
        print_note(nothing)
    else:
        print_rows(headers, list(table), spare=spare, cut=cut)


def in_words(text: str | None) -> str | None:
    """Return what the record keeps as a coded text in English; other words as they stand."""
    if not is_coded(text):
        return text
    from notifications.translation import ENGLISH  # whoever has nothing to put into words does not pay for it

    return ENGLISH.render(text or "")


def print_rows(
    headers: Sequence[str],
    rows: Sequence[Row],
    stream: IO[str] | None = None,
    *,
    spare: Sequence[str] = (),
    cut: str | None = None,
    bold: Sequence[bool] = (),
) -> None:
    """Write rows under their headers, in the way that suits where they go; in a pipe an empty cell is "-".

    `spare` names the columns a terminal without room for all may do without, the first to go first. With `cut` each row
    is one line of a terminal: that column has the room the others leave, and what does not fit ends with "…". The first
    cell of rows that are `bold` is.
    """
    out = stream or sys.stdout
    cells: Cells = [[one_line(cell or "") for cell in row] for row in rows]
    if not out.isatty():
        _columns(headers, [[cell or "-" for cell in row] for row in cells], out)
        return
    if cut is not None and _width() >= NARROW:
        _lines(headers, cells, out, spare, cut, bold)
        return
    headers, cells = _fitting(headers, cells, spare)
    if _width() < NARROW:
        _blocks(headers, cells, out)
    elif len(cells) > TABLE_ROWS:
        _columns(headers, cells, out)
    else:
        _table(headers, cells, out)


def print_facts(
    facts: Mapping[str, str | None] | Iterable[tuple[str, str | None]], stream: IO[str] | None = None
) -> None:
    """Write names and values, one a line, the value below a long name; what is absent is left out."""
    out = stream or sys.stdout
    named = facts.items() if isinstance(facts, Mapping) else facts
    shown = [(name, one_line(value)) for name, value in named if value]
    width = max((len(name) for name, _ in shown if len(name) <= LONGEST_NAME), default=0)
    room = max(20, terminal_width() - width - 4) if out.isatty() else None
    for name, value in shown:
        if len(name) > width:
            _write(out, f"  {name}\n")
        lines = textwrap.wrap(value, room, **WHOLE_WORDS) if room else [value]
        for number, line in enumerate(lines):
            _write(out, f"  {name if number == 0 and len(name) <= width else '':<{width}}  {line}\n")


def terminal_width() -> int:
    """Return the columns of the terminal."""
    from shutil import get_terminal_size  # whoever writes into a pipe does not pay for it

    return get_terminal_size().columns


def print_heading(text: str) -> None:
    """Write a line above a part of an answer."""
    styled = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    _write(sys.stdout, f"\x1b[1m{one_line(text)}\x1b[0m\n" if styled else f"{one_line(text)}\n")


def print_note(text: str) -> None:
    """Tell the person at the terminal something that is not the answer itself."""
    room = terminal_width() if sys.stderr.isatty() else None
    for line in map(one_line, text.splitlines()):
        shown = textwrap.wrap(line, room, subsequent_indent="  ", **WHOLE_WORDS) if room else [line]
        for part in shown or [""]:
            _write(sys.stderr, part + "\n")


def _columns(headers: Sequence[str], rows: Cells, out: IO[str]) -> None:
    """Two spaces between columns, the last one as long as it likes."""
    widths = [min(width, LONGEST) for width in _widths(headers, rows)]
    for row in [headers, *rows]:
        padded = [
            cell.ljust(width) if cell.isascii() else cell + " " * (width - _cells(cell))
            for cell, width in zip(row, widths, strict=True)
        ]
        _write(out, "  ".join(padded).rstrip() + "\n")


def _lines(
    headers: Sequence[str], rows: Cells, out: IO[str], spare: Sequence[str], cut: str, bold: Sequence[bool]
) -> None:
    """Write each row as one line. Columns without words go first, then spare ones until the cut one has room."""
    keep = [n for n, header in enumerate(headers) if header == cut or any(row[n] for row in rows)]
    widths = dict(zip(keep, _widths([headers[n] for n in keep], [[row[n] for n in keep] for row in rows]), strict=True))
    widths = {n: min(width, _width() // 3 - 2, WIDEST) for n, width in widths.items()}
    at, least = headers.index(cut), LEAST + max(0, _width() - 80) // 10
    for name in (*spare, None):
        room = _width() - sum(width + GAP for n, width in widths.items() if n != at)
        if room >= least or name is None:
            break
        widths.pop(headers.index(name), None)
    first = min(max(LEAST - room, 0), max(widths[0] - NARROWEST, 0))
    widths[0] -= first
    widths[at] = max(room + first, 1)
    styled = not os.environ.get("NO_COLOR")
    for number, row in enumerate([headers, *rows]):
        shown = [_cut(row[n], widths[n]) for n in sorted(widths)]
        line = (" " * GAP).join(shown).rstrip()
        if styled and (number == 0 or (bold and bold[number - 1])):
            end = len(line) if number == 0 else len(shown[0].rstrip())
            line = f"\x1b[1m{line[:end]}\x1b[0m{line[end:]}"
        _write(out, line + "\n")


def _cut(cell: str, width: int) -> str:
    """Fill a cell to a width, or cut it off with "…" where it is wider."""
    while _cells(cell) > width:
        cell = cell[: min(len(cell) - 2, width - 1)].rstrip() + "…"
    return cell + " " * (width - _cells(cell))


def _blocks(headers: Sequence[str], rows: Cells, out: IO[str]) -> None:
    for row in rows:
        _write(out, row[0] + "\n")
        for header, cell in zip(headers[1:], row[1:], strict=True):
            if cell:
                _write(out, f"  {header}: {cell}\n")


def _fitting(headers: Sequence[str], rows: Cells, spare: Sequence[str]) -> tuple[Sequence[str], Cells]:
    """Leave out columns without any words, and spare ones until the others have room."""
    keep = [number for number in range(len(headers)) if number == 0 or any(row[number] for row in rows)]
    headers, rows = [headers[n] for n in keep], [[row[n] for n in keep] for row in rows]
    for name in spare:
        if _has_room(headers, rows):
            break
        keep = [number for number, header in enumerate(headers) if header != name]
        headers, rows = [headers[n] for n in keep], [[row[n] for n in keep] for row in rows]
    return headers, rows


def _has_room(headers: Sequence[str], rows: Cells) -> bool:
    """Say whether short cells fit on one line with enough left for the long ones."""
    widths = _widths(headers, rows)
    return sum(min(width, SHORT) + GAP for width in widths) <= _width()


def _widths(headers: Sequence[str], rows: Cells) -> list[int]:
    columns = zip(headers, *rows, strict=True)
    return [max(map(len if "".join(column).isascii() else _cells, column)) for column in columns]


def _table(headers: Sequence[str], rows: Cells, out: IO[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    room = _has_room(headers, rows)
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="bold")
    for header, width in zip(headers, _widths(headers, rows), strict=True):
        table.add_column(header, overflow="fold", no_wrap=room and width <= SHORT)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console(file=out, no_color=bool(os.environ.get("NO_COLOR")), highlight=False, emoji=False).print(table)


def _write(out: IO[str], text: str) -> None:
    out.write(_encodable(text, out))


def _encodable(text: str, out: IO[str]) -> str:
    """Return text as the stream can carry it; what its encoding cannot say becomes a question mark."""
    encoding = getattr(out, "encoding", None) or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


def _width() -> int:
    try:
        return int(os.environ.get("COLUMNS", "")) or os.get_terminal_size(sys.stdout.fileno()).columns
    except (ValueError, OSError):
        return 80


def _cells(text: str) -> int:
    """Count the columns a text takes: wide East Asian characters take two, combining marks none."""
    if text.isascii() or _ONE_COLUMN.fullmatch(text):
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
