"""How are rows, events and changes written into files that other programs open?

Tables as CSV and XLSX, lists as JSON, events as iCalendar, changes as Atom. What is written comes in one at a time and
goes out at once, so that memory does not grow with it. Every text is foreign: titles may carry controls, marks that
turn the reading direction, formulas, or thousands of letters. Libraries are imported by who needs them.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import IO, Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from domain.errors import LexwatchError
from notifications.sanitize import one_line, safe_link

Json = Mapping[str, Any]

MARK = "\N{REPLACEMENT CHARACTER}"
KEPT = "\t\n\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{SOFT HYPHEN}"
FORMULAS = tuple("=+-@＝＋－＠")
"""What a formula begins with; spreadsheets pass over white space before it, and some know the wide forms."""

LONGEST_CELL = 32_767
"""Letters that a cell of a spreadsheet can hold."""

LONGEST_LINE = 5_000
"""Letters of a title or a sentence in a calendar or a list of news."""


class MissingLibrary(LexwatchError):
    """A format needs a library that is not installed; the message says how to install it."""


# -- tables


def is_formula(text: str) -> bool:
    """Say whether a spreadsheet would run a text instead of showing it."""
    return text.lstrip()[:1] in FORMULAS and bool(text.lstrip())


def cell_text(value: object) -> str:
    """Return what stands in a cell: absent is empty, a list of words is joined, what has members of its own is JSON.
    What could move a cursor or turn the reading direction is replaced."""
    if isinstance(value, str):
        if value.isprintable():
            return value
        return "".join(c if c.isprintable() or c in KEPT else MARK for c in value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return cell_text("; ".join(value))
    if value is None or isinstance(value, bool | list | dict):
        return "" if value is None else json.dumps(value, ensure_ascii=False)
    return str(value)


def csv_cell(value: object) -> str:
    """Return a cell of a CSV file. A spreadsheet would run what begins like a formula: an apostrophe stops it."""
    shown = cell_text(value)
    return f"'{shown}" if isinstance(value, str | list) and is_formula(shown) else shown


def write_csv(rows: Iterable[Json], columns: Sequence[str], out: IO[str], headings: Sequence[str] = ()) -> None:
    """Write rows under the names of their columns, or under other headings."""
    written = csv.writer(out, lineterminator="\n")
    written.writerow(headings or columns)
    written.writerows([csv_cell(row.get(name)) for name in columns] for row in rows)


def write_xlsx(
    rows: Iterable[Json],
    columns: Sequence[str],
    out: IO[bytes],
    headings: Sequence[str] = (),
    made_at: datetime | None = None,
) -> None:
    """Write rows into the one sheet of a workbook, one row after the other. Days are dates; moments stay text, because
    a spreadsheet's time has no zone; every other text is text, whatever it begins with. MissingLibrary without
    XlsxWriter."""
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise MissingLibrary(
            "an xlsx file is written by XlsxWriter, which is not installed: "
            "pip install 'lexwatch[xlsx]', or choose --format csv"
        ) from None
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(out, options) as book:
        if made_at is not None:  # else the clock of this machine: the same report makes the same bytes
            book.set_properties({"created": made_at.replace(tzinfo=None)})
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        quoted = book.add_format({"quote_prefix": True})
        sheet = book.add_worksheet("lexwatch")
        sheet.freeze_panes(1, 1)
        for number, name in enumerate(headings or columns):
            sheet.set_column(number, number, _WIDTHS.get(columns[number], 14))
            sheet.write_string(0, number, name, bold)
        line = 0
        for line, row in enumerate(rows, start=1):
            for number, name in enumerate(columns):
                value = row.get(name)
                if isinstance(value, int | float) and not isinstance(value, bool):
                    sheet.write_number(line, number, value)
                elif (on := _day(value) if name.endswith("_on") or name == "on" else None) is not None:
                    sheet.write_datetime(line, number, on, day)
                elif shown := cell_text(value):
                    cut = shown if len(shown) <= LONGEST_CELL else shown[: LONGEST_CELL - 1] + "…"
                    sheet.write_string(line, number, cut, *((quoted,) if is_formula(cut) else ()))
        sheet.autofilter(0, 0, line, max(len(columns) - 1, 0))


_WIDTHS = {"id": 24, "document": 20, "title": 60, "label": 30, "status_text": 50, "text": 60, "what": 50, "url": 40}


def _day(value: object) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(value), datetime.min.time()) if isinstance(value, str) else None
    except ValueError:
        return None


def write_json(rows: Iterable[Json], out: IO[str]) -> None:
    """Write a list, one row after the other, as `--json` does."""
    before = "[\n"
    for row in rows:
        out.write(before + json.dumps(row, indent=2, ensure_ascii=False))
        before = ",\n"
    out.write("[]\n" if before == "[\n" else "\n]\n")


# -- the calendar


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `key` is what it is called for ever, wherever it moves to; `version` grows with every change of it.
    `starts` is an aware moment, or a day for the whole of it; `changed_at` (aware) is when we last saw it change."""

    key: str
    version: int
    changed_at: datetime
    starts: datetime | date
    summary: str
    description: tuple[str, ...] = ()
    place: str | None = None
    url: str | None = None
    tags: tuple[str, ...] = ()
    cancelled: bool = False


def write_calendar(events: Iterable[Event], out: IO[bytes]) -> None:
    """Write a calendar (RFC 5545). A program that has an event already takes the one with the higher SEQUENCE for the
    same UID, so that what moved or was cancelled is not there twice."""
    from icalendar import Calendar

    calendar = Calendar()
    for name, value in (
        ("prodid", "-//lexwatch//export//EN"),
        ("version", "2.0"),
        ("method", "PUBLISH"),
        ("x-wr-calname", "lexwatch"),
    ):
        calendar.add(name, value)
    head, end = calendar.to_ical().split(b"END:VCALENDAR")
    out.write(head)
    for event in events:
        out.write(_component(event))
    out.write(b"END:VCALENDAR" + end)


def _component(event: Event) -> bytes:
    from icalendar import Event as Component

    made = Component()
    made.add("uid", f"{uuid5(NAMESPACE_URL, f'lexwatch:{event.key}')}")
    made.add("sequence", event.version)
    made.add("dtstamp", event.changed_at.astimezone(UTC))
    made.add("last-modified", event.changed_at.astimezone(UTC))
    whole_day = not isinstance(event.starts, datetime)
    made.add("dtstart", event.starts if whole_day else event.starts.astimezone(UTC))  # type: ignore[union-attr]
    if whole_day:
        made.add("dtend", event.starts + timedelta(days=1))
    made.add("summary", one_line(event.summary, LONGEST_LINE))
    made.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    made.add("transp", "TRANSPARENT")
    lines = filter(None, (one_line(line, LONGEST_LINE) for line in event.description))
    optional: dict[str, Any] = {
        "description": "\n".join(lines),
        "location": one_line(event.place, LONGEST_LINE),
        "url": safe_link(event.url),
        "categories": [one_line(tag, 80) for tag in event.tags],
    }
    for name, value in optional.items():
        if value:
            made.add(name, value)
    return bytes(made.to_ical())


# -- changes as a feed


@dataclass(frozen=True, slots=True)
class News:
    """One change as it stands in a feed: `change` its key, `seen_at` (aware) when it was seen, `source` who stated
    it."""

    change: str
    seen_at: datetime
    kind: str
    source: str
    title: str
    text: tuple[str, ...]
    url: str | None
    published_at: datetime | None = None


ATOM = "http://www.w3.org/2005/Atom"


def write_atom(news: Iterable[News], out: IO[bytes], *, name: str, updated: datetime) -> None:
    """Write a feed (RFC 4287) of changes, newest first; `updated` (aware) is the moment of the newest."""
    from lxml import etree

    with etree.xmlfile(out, encoding="utf-8") as file:
        file.write_declaration()
        with file.element(f"{{{ATOM}}}feed", nsmap={None: ATOM}):

            def put(tag: str, text: str = "", **attributes: str) -> None:
                with file.element(f"{{{ATOM}}}{tag}", attributes):
                    file.write(text)

            put("id", f"{_TAG}changes/{quote(name, safe='')}")
            put("title", f"lexwatch: {one_line(name, 200)}")
            put("updated", _stamp(updated))
            with file.element(f"{{{ATOM}}}author"):
                put("name", "lexwatch")
            put("generator", "lexwatch")
            for one in news:
                with file.element(f"{{{ATOM}}}entry"):
                    _entry(one, put)


_TAG = "tag:lexwatch.invalid,2026:"
"""Begins every id (RFC 4151): a name that belongs to nobody, and stays when an address of the installation changes."""


def _entry(one: News, put: Callable[..., None]) -> None:
    # A restored record may give a key again: the moment makes it this one for ever.
    put("id", f"{_TAG}{quote(one.change, safe='/@:')}/{one.seen_at.astimezone(UTC):%Y%m%dT%H%M%S%f}")
    put("title", one_line(one.title, LONGEST_LINE))
    put("updated", _stamp(one.seen_at))
    if one.published_at is not None:
        put("published", _stamp(one.published_at))
    put("category", term=one.kind)
    if link := safe_link(one.url):
        put("link", rel="alternate", href=link)
    put("content", "\n".join(filter(None, (one_line(line, LONGEST_LINE) for line in one.text))), type="text")


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
