"""Files that other programs open: read back by the programs' own libraries, whatever stands in a title."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import feedparser
import openpyxl
import pytest
from icalendar import Calendar

from notifications.exports import (
    LONGEST_CELL,
    Event,
    MissingLibrary,
    News,
    write_atom,
    write_calendar,
    write_csv,
    write_json,
    write_xlsx,
)

AT = datetime(2026, 1, 20, 10, 30, tzinfo=UTC)

HOSTILE = {
    "a formula": "=HYPERLINK(\"https://x.example\",\"x\")",
    "a formula behind a tab": "\t=1+1",
    "a formula behind a return": "\r=1+1",
    "a sum": "+1", "a difference": "-1+2", "a function": "@SUM(A1)", "a wide form": "＝1+1",
    "an escape that clears the screen": "\x1b[2JAct", "a null": "A\x00ct", "a colour": "\x9b31mAct",
    "a title that turns its direction": "Act \u202etxt.exe", "marks of direction": "\u200fAct\u2066",
    "two lines": "An Act\nfor two lines\r\nand three", "a line separator": "An\u2028Act",
    "the end of a section of XML": "]]></content><script>alert(1)</script>", "an entity": "&lt;b&gt; &amp; &#x1f;",
    "quotes": "\"Act\" 'for' \u201cquotes\u201d", "separators": "BEGIN:VEVENT; a, b; c\\n\\;",
    "an end of a component": "Act\r\nEND:VEVENT\r\nBEGIN:VEVENT", "Ukrainian": "Про воєнний стан — «указ» №793/2025",
    "a picture": "\U0001f600 Act", "five thousand letters": "Act " * 1250, "no letters": " \t ", "nothing": "",
    "a letter of no plane": "Act\uffff\ufdd0",
}  # fmt: skip


def shows_itself(text: str) -> bool:
    """Say whether a text moves no cursor and turns no direction."""
    return all(c.isprintable() or c in "\t\n\xa0\u202f\xad" for c in text)


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_title_is_one_cell_of_a_csv_file_that_is_not_run(title: str) -> None:
    out = io.StringIO()
    write_csv([{"title": title, "n": 1}, {"title": "after"}], ("title", "n"), out)
    head, first, second = csv.reader(io.StringIO(out.getvalue()))
    assert (head, first[1], second) == (["title", "n"], "1", ["after", ""])
    assert shows_itself(first[0])
    assert first[0].lstrip()[:1] not in tuple("=+-@＝")


def sheet(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> list[tuple[Any, ...]]:
    out = io.BytesIO()
    write_xlsx(rows, columns, out)
    book = openpyxl.load_workbook(out)
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)
    return [tuple(cell.value for cell in row) for row in book.active.iter_rows()]


def test_hostile_titles_are_text_in_a_workbook() -> None:
    rows = sheet([{"title": title, "n": 7} for title in HOSTILE.values()], ("title", "n"))
    assert rows[0] == ("title", "n")
    for shown, title in zip(rows[1:], HOSTILE.values(), strict=True):
        assert shown[1] == 7
        assert shows_itself(shown[0] or "")
        if title.isprintable():
            assert (shown[0] or "").strip() == title.strip()


CELLS = {
    "a day": ("status_on", "2026-02-03", datetime(2026, 2, 3)),  # noqa: DTZ001 (a spreadsheet knows no zone)
    "a day that is none": ("status_on", "soon", "soon"),
    "a moment with its zone": ("seen_at", "2026-02-03T10:00:00Z", "2026-02-03T10:00:00Z"),
    "a number": ("revision", 3, 3),
    "no number": ("doubt", False, "false"),
    "nothing": ("law", None, None),
    "words": ("tags", ["nato", "client-a"], "nato; client-a"),
    "members": ("term", {"number": 17}, '{"number": 17}'),
    "more than a cell holds": ("text", "x" * 40_000, "x" * (LONGEST_CELL - 1) + "…"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "value", "shown"), CELLS.values(), ids=CELLS)
def test_a_cell_of_a_workbook(name: str, value: object, shown: object) -> None:
    assert sheet([{"id": "a", name: value}], ("id", name))[1] == ("a", shown)


def test_headings_may_be_others_than_the_names() -> None:
    out, book = io.StringIO(), io.BytesIO()
    write_csv([{"a": "1"}], ("a",), out, ("First",))
    write_xlsx([{"a": "1"}], ("a",), book, ("First",))
    assert out.getvalue() == "First\n1\n"
    assert openpyxl.load_workbook(book).active["A1"].value == "First"


def test_without_xlsxwriter_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(MissingLibrary, match=r"lexwatch\[xlsx\]"):
        write_xlsx([], ("a",), io.BytesIO())


@pytest.mark.parametrize("rows", [[], [{"a": 1}], [{"a": "\u202e=1\n"}, {"b": None}]], ids=["none", "one", "two"])
def test_a_list_in_json_is_what_it_was(rows: list[dict[str, Any]]) -> None:
    out = io.StringIO()
    write_json(rows, out)
    assert json.loads(out.getvalue()) == rows


def calendar(*events: Event) -> Any:
    out = io.BytesIO()
    write_calendar(events, out)
    assert all(len(line) <= 75 for line in out.getvalue().split(b"\r\n"))
    return Calendar.from_ical(out.getvalue())


def event(title: str = "Hearing", **members: Any) -> Event:
    return Event(**{"key": "hearing/1", "version": 0, "changed_at": AT, "starts": AT, "summary": title} | members)


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_title_is_one_event_of_a_calendar(title: str) -> None:
    [found] = calendar(event(title, description=(title, "end"), place=title, tags=(title,))).walk("VEVENT")
    assert shows_itself(str(found["summary"]))
    assert "\n" not in str(found["summary"])
    assert str(found["description"]).endswith("end")
    assert [name for name in found if name.startswith("X-")] == []
    if title == HOSTILE["separators"]:
        assert (str(found["summary"]), str(found["location"])) == (title, title)


def test_an_event_that_moves_or_is_cancelled_keeps_its_uid_and_grows_in_sequence() -> None:
    first = event()
    moved = event(version=1, starts=AT + timedelta(days=7))
    off = event(version=2, cancelled=True)
    found = [calendar(one).walk("VEVENT")[0] for one in (first, moved, off)]
    assert len({str(one["uid"]) for one in found}) == 1
    assert [one["sequence"] for one in found] == [0, 1, 2]
    assert [str(one["status"]) for one in found] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert found[1]["dtstart"].dt == AT + timedelta(days=7)
    assert str(calendar(event(key="hearing/2")).walk("VEVENT")[0]["uid"]) != str(found[0]["uid"])


def test_a_day_is_a_whole_day_and_an_empty_calendar_is_one() -> None:
    [found] = calendar(event(starts=date(2026, 2, 3))).walk("VEVENT")
    assert (found["dtstart"].dt, found["dtend"].dt) == (date(2026, 2, 3), date(2026, 2, 4))
    assert calendar().walk("VEVENT") == []


def feed(*news: News) -> Any:
    out = io.BytesIO()
    write_atom(news, out, name="desk", updated=AT)
    return feedparser.parse(out.getvalue())


def entry(title: str = "Passed House", change: str = "us/bill/119/hr/1@2:status:", **members: Any) -> News:
    given = {"kind": "status", "source": "congress", "text": (title,), "url": "https://x.example/1"} | members
    return News(change=change, seen_at=AT, title=title, **given)


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_title_is_one_entry_of_a_feed(title: str) -> None:
    found = feed(entry(title, change=f"us/bill/119/hr/1@2:text:{title[:50]}", text=(title, "end")), entry())
    assert (found.bozo, len(found.entries)) == (False, 2)
    first = found.entries[0]
    assert shows_itself(first.title)
    assert first.content[0].type == "text/plain"
    assert first.content[0].value.endswith("end")
    assert first.id.isascii()
    assert first.id.isprintable()


def test_a_feed_has_what_every_reader_asks_for() -> None:
    found = feed(entry(published_at=AT - timedelta(hours=1)), entry("Vote", url="javascript:alert(1)"))
    assert found.version == "atom10"
    assert found.feed.id == "tag:lexwatch.invalid,2026:changes/desk"
    assert (found.feed.updated, found.feed.author) == ("2026-01-20T10:30:00Z", "lexwatch")
    first, second = found.entries
    assert first.id == "tag:lexwatch.invalid,2026:us/bill/119/hr/1@2:status:/20260120T103000000000"
    assert (first.published, first.updated) == ("2026-01-20T09:30:00Z", "2026-01-20T10:30:00Z")
    assert (first.link, first.tags[0].term) == ("https://x.example/1", "status")
    assert not any(link.href.startswith("javascript") for link in second.get("links", ()))
