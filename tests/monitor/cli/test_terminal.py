"""What comes from outside cannot act on a terminal, and every terminal gets an answer."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli.terminal import (
    LONGEST,
    TABLE_ROWS,
    one_line,
    print_answer,
    print_facts,
    print_json,
    print_note,
    print_rows,
)


class Screen(io.StringIO):
    """A terminal that keeps what was written."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("NATO Act", "NATO Act"),
        ("a\x1b[31mb", "a\ufffd[31mb"),
        ("a\u202eb\u2066c", "a\ufffdb\ufffdc"),
        ("one\r\ntwo\tthree", "one two three"),
        ("nul\x00", "nul\ufffd"),
        ("\u200bzero", "\ufffdzero"),
        ("Указ №793/2025", "Указ №793/2025"),
        ("\ud800", "\ufffd"),
    ],
    ids=[
        "plain text",
        "an escape sequence",
        "reading direction",
        "line breaks",
        "NUL",
        "an invisible space",
        "Cyrillic",
        "half a character",
    ],
)
def test_neutralises_a_title(title: str, shown: str) -> None:
    assert one_line(title) == shown


@given(st.text())
def test_any_text_is_one_printable_line(text: str) -> None:
    assert all(c.isprintable() or c == " " for c in one_line(text))


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_fits_any_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    screen = Screen()
    print_rows(("Document", "Title"), [("HR 6508 · 119th", "A title of some length " * 4)], screen)
    assert "HR 6508" in screen.getvalue()
    assert "\x1b" not in screen.getvalue() or width >= 60


def test_no_colour_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    screen = Screen()
    print_rows(("Document",), [("[bold red]HR 1[/]",)], screen)
    assert "\x1b[3" not in screen.getvalue()
    assert "[bold red]HR 1[/]" in screen.getvalue()


def test_many_rows_are_plain_columns_even_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    screen = Screen()
    print_rows(("Number", "Twice"), [(str(n), str(2 * n)) for n in range(TABLE_ROWS + 1)], screen)
    lines = screen.getvalue().splitlines()
    assert len(lines) == TABLE_ROWS + 2
    assert lines[0] == "Number  Twice"
    assert lines[-1] == "200     400"


def test_one_very_long_title_does_not_widen_every_other_row() -> None:
    out = io.StringIO()
    print_rows(("Title", "Since"), [("long " * 200, "2026-01-01"), ("Act", "2026-01-02")], out)
    header, long, short = out.getvalue().splitlines()
    assert long.endswith("  2026-01-01")
    assert (len(header), len(short)) == (LONGEST + len("  Since"), LONGEST + len("  2026-01-02"))


def test_columns_line_up_under_wide_letters() -> None:
    out = io.StringIO()
    print_rows(("Title", "Since"), [("国", "2026-01-01"), ("Act", "2026-01-02"), ("Нато", None)], out)
    assert out.getvalue() == "Title  Since\n国     2026-01-01\nAct    2026-01-02\nНато   -\n"


def test_a_stream_that_knows_ascii_alone_gets_ascii() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    print_rows(("Title",), [("№793/2025 ·",)], out)
    print_facts({"title": "Указ", "absent": None}, out)
    print_json({"title": "№793"}, out)
    out.flush()
    assert raw.getvalue() == b'Title\n?793/2025 ?\n  title  ????\n{\n  "title": "\\u2116793"\n}\n'


@given(st.text())
def test_json_carries_any_title_unharmed(title: str) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="utf-8")
    print_json([title], out)
    out.flush()
    assert json.loads(raw.getvalue()) == [title]


def test_a_column_without_words_leaves_its_room_to_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    screen = Screen()
    print_rows(("Document", "Since", "Note"), [("HR 1", None, "a note"), ("HR 2", "", "another")], screen)
    assert "Since" not in screen.getvalue()
    assert "Note" in screen.getvalue()


LONG = "a title that goes on, and on, and on, and on, and does not end"
LINES = {
    "a wide terminal has every column": (120, ["Name", "State", "Title", "Owner"], LONG),
    "a narrow one cuts the title, without the spare ones": (60, ["Name", "State", "Title"], f"{LONG[:40]}…"),
}


@pytest.mark.parametrize(("width", "headers", "title"), LINES.values(), ids=LINES)
def test_a_table_of_lines(width: int, headers: list[str], title: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    screen = Screen()
    rows = [("HR 6508", "Referred", LONG, "somebody of the desk", None), ("Зміни", "新", "", "", None)]
    print_rows(("Name", "State", "Title", "Owner", "Empty"), rows, screen, spare=("Empty", "Owner"), cut="Title")
    first, second, third = screen.getvalue().splitlines()
    assert first.split() == headers
    assert f"  {title}" in second
    assert third.rstrip() == "Зміни    新"
    assert max(map(len, (first, second, third))) <= width


def test_of_a_table_of_lines_the_first_cell_of_a_bold_row_is_bold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen = Screen()
    print_rows(("Name", "Title"), [("HR 1", "a"), ("HR 2", "b")], screen, cut="Title", bold=[False, True])
    assert screen.getvalue() == "\x1b[1mName  Title\x1b[0m\nHR 1  a\n\x1b[1mHR 2\x1b[0m  b\n"


def test_the_value_of_a_long_name_stands_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setenv("COLUMNS", "40")
    print_facts({"status": "In force", "Constitution, Article II, section 1": "four years", "none": None}, screen)
    assert screen.getvalue().splitlines() == [
        "  status  In force",
        "  Constitution, Article II, section 1",
        "          four years",
    ]


def test_a_remark_is_broken_between_words_at_the_width_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    print_note("congress is unavailable: the name could not be resolved\nhttps://example.org/" + 60 * "x")
    first, second, address = screen.getvalue().splitlines()
    assert (first, second) == ("congress is unavailable: the name could", "  not be resolved")
    assert address == "https://example.org/" + 60 * "x", "an address stays whole"


CELLS = {
    "a title": ("An Act, to be cited", "An Act, to be cited"),
    "a title of two lines": ("one\ntwo", "one\ntwo"),
    "what a spreadsheet would run": ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
    "a name that begins with an at": ("@desk", "'@desk"),
    "a formula behind a line of nothing": ("\n=1+1", "'\n=1+1"),
    "a formula behind a tab": ("\t=1+1", "'\t=1+1"),
    "a formula in wide letters": ("＝1+1", "'＝1+1"),
    "a title that clears the screen": ("\x1b[2JAct", "\ufffd[2JAct"),
    "a word that colours what follows": (["\x9b31m", "b"], "\ufffd31m; b"),
    "a title that turns its direction": ("Act\u202e", "Act\ufffd"),
    "words that do not part": ("H.R.\xa01", "H.R.\xa01"),
    "a number below zero": (-3, "-3"),
    "a number": (7, "7"),
    "yes": (True, "true"),
    "nothing": (None, ""),
    "a list of words": (["nato", "client-a"], "nato; client-a"),
    "a list of words that begins like a formula": (["+1", "b"], "'+1; b"),
    "an empty list": ([], ""),
    "a table": ({"number": 17}, '{"number": 17}'),
    "a list of tables": ([{"a": 1}], '[{"a": 1}]'),
}


@pytest.mark.parametrize(("value", "shown"), CELLS.values(), ids=CELLS.keys())
def test_writes_a_cell_that_a_spreadsheet_reads_and_does_not_run(value: object, shown: str) -> None:
    out = io.StringIO()
    print_answer([{"id": "a", "value": value}, {"id": "b", "more": "x"}], "csv", out)
    first, second = csv.DictReader(io.StringIO(out.getvalue()))
    assert (first, second) == (
        {"id": "a", "value": shown, "more": ""},
        {"id": "b", "value": "", "more": "x"},
    )


def test_no_row_is_no_line() -> None:
    out = io.StringIO()
    print_answer([], "csv", out)
    assert out.getvalue() == ""
