"""What of a stranger's text reaches a reader?"""

from __future__ import annotations

import time

import pytest

from notifications.sanitize import one_line, safe_link

LINES = {
    "nothing is an empty line": (None, ""),
    "plain words stay": ("NATO Act", "NATO Act"),
    "other alphabets and accents stay": ("Про воєнний стан — закон № 4643-ІХ", "Про воєнний стан — закон № 4643-ІХ"),
    "line breaks become a space": ("a\r\nBcc: x@example.org\n\nb", "a Bcc: x@example.org b"),
    "nul becomes a space": ("a\0b", "a b"),
    "a terminal escape loses its escape": ("\x1b[31mred\x1b[0m", "[31mred [0m"),
    "the one-byte escape of old terminals goes too": ("a\x9b31mb", "a 31mb"),
    "direction overrides are dropped": ("abc\u202egnp.exe\u2066x\u2069", "abcgnp.exex"),
    "zero-width and tag characters are dropped": ("a\u200b\ufeff\U000e0041b", "ab"),
    "line and paragraph separators become a space": ("a\u2028b\u2029c", "a b c"),
    "a lone surrogate is shown as unreadable": ("a\ud800b", "a\ufffdb"),
    "runs of spaces become one": ("  a \t\u00a0 b  ", "a b"),
}


@pytest.mark.parametrize(("text", "line"), LINES.values(), ids=LINES)
def test_one_line(text: str | None, line: str) -> None:
    assert one_line(text, 200) == line


LENGTHS = {
    "what fits is not touched": ("x" * 20, 20, "x" * 20),
    "what does not fit ends in an ellipsis": ("x" * 21, 20, "x" * 19 + "…"),
    "words are not cut in two": ("the President of the Senate", 24, "the President of the…"),
}


@pytest.mark.parametrize(("text", "limit", "line"), LENGTHS.values(), ids=LENGTHS)
def test_lines_are_shortened(text: str, limit: int, line: str) -> None:
    assert one_line(text, limit) == line


def test_eight_megabytes_cost_no_more_than_a_page() -> None:
    started = time.process_time()
    line = one_line("long title " * 800_000, 200)
    assert len(line) <= 200
    assert line.endswith("…")
    assert time.process_time() - started < 5


LINKS = {
    "a page of the publisher": (
        "https://www.congress.gov/bill/119th-congress/house-bill/6508?q=1#x",
        "https://www.congress.gov/bill/119th-congress/house-bill/6508?q=1#x",
    ),
    "plain http": ("http://example.org/", "http://example.org/"),
    "letters that are not ASCII are encoded": (
        "https://example.org/указ",
        "https://example.org/%D1%83%D0%BA%D0%B0%D0%B7",
    ),
    "what ends a link in Slack is encoded": ("https://example.org/a|b>c", "https://example.org/a%7Cb%3Ec"),
    "a quote is encoded": ('https://example.org/"onload="x', "https://example.org/%22onload=%22x"),
    "none": (None, None),
    "script": ("javascript:alert(1)", None),
    "data": ("data:text/html,x", None),
    "a file": ("file:///etc/passwd", None),
    "no host": ("https:///path", None),
    "a scheme hidden behind a control": ("java\tscript:alert(1)", None),
    "a line break": ("https://example.org/\r\nX: y", None),
    "a space": ("https://example.org/a b", None),
    "a backslash": ("https://example.org\\@evil.example/", None),
    "credentials before the host": ("https://www.congress.gov@evil.example/", None),
    "an address that cannot be read": ("https://[::1/", None),
    "an endless address": ("https://example.org/" + "a" * 2000, None),
}


@pytest.mark.parametrize(("url", "link"), LINKS.values(), ids=LINKS)
def test_only_web_pages_are_linked(url: str | None, link: str | None) -> None:
    assert safe_link(url) == link
