"""Is a template of the user's used, and is a message ever lost for one?"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from notifications.channel import Console
from notifications.compose import compose
from notifications.templates import SHIPPED, TEMPLATES, RenderOptions, Templates, sample_notices
from notifications.translation import LANGUAGES, language_of
from tests.notifications.notices import REPORTED, TEXT, TITLE, notice

NOW = datetime(2026, 1, 20, 10, tzinfo=UTC)
LETTER = compose(notice(REPORTED, TEXT, TITLE, status="REPORTED"))


def printed(layout: Templates, name: str) -> str:
    lay_out = {
        "message.html": layout.as_html,
        "message.txt": layout.as_text,
        "console.txt": layout.as_console,
        "short.txt": layout.as_short_text,
    }
    return lay_out[name](LETTER)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_file_of_that_name_takes_the_place_of_ours(tmp_path: Path, name: str) -> None:
    layout = Templates(tmp_path)
    assert layout.replaced == ()
    (tmp_path / name).write_text('{{ say("next") }}|{% for change in message.news %}{{ change.kind }} {% endfor %}')
    assert layout.replaced == (name,)
    assert printed(layout, name) == "What comes next|status text title "
    others = [other for other in TEMPLATES if other != name]
    assert [printed(layout, other) for other in others] == [printed(SHIPPED, other) for other in others]


def test_ours_can_be_extended(tmp_path: Path) -> None:
    (tmp_path / "message.html").write_text(
        '{% extends "shipped/message.html" %}{% block foot %}<p>{{ message.reason }} & all</p>{% endblock %}'
    )
    html = printed(Templates(tmp_path), "message.html")
    assert "& all</p>" in html
    assert "Reported by committee" in html
    assert "Why you got this" not in html


def test_a_template_is_read_again_when_it_was_saved(tmp_path: Path) -> None:
    layout = Templates(tmp_path)
    path = tmp_path / "short.txt"
    for second, words in enumerate(("one", "two")):
        path.write_text(words)
        os.utime(path, (second, second))  # two writings may share a tick of the clock
        assert printed(layout, "short.txt") == words


BROKEN = {
    "a tag that is not closed": ("line one\n{% if message.title %}\n", "message.txt, line 2: TemplateSyntaxError"),
    "a name nobody gave": ("one\ntwo\n{{ message.titel }}\n", "message.txt, line 3: UndefinedError"),
    "a variable nobody gave": ("{{ letter }}", "message.txt, line 1: UndefinedError"),
    "a wrong operation": ("one\n{{ message.title + 1 }}", "message.txt, line 2: TypeError"),
    "a division by nothing": ("{{ 1 // 0 }}", "message.txt, line 1: ZeroDivisionError"),
    "a filter that is none": ("{{ message.title | shout }}", "message.txt, line 1: TemplateAssertionError"),
    "a file that is not there": ('{% include "footer.txt" %}', "TemplateNotFound"),
    "a way out of the sandbox": (
        "{{ message.__class__.__mro__[1].__subclasses__() }}",
        "message.txt, line 1: SecurityError",
    ),
    "a change of what it was given": ("{{ message.news.append(1) }}", "message.txt, line 1: UndefinedError"),
    "a range without an end": ("{% for n in range(10**9) %}{{ n }}{% endfor %}", "message.txt, line 1: OverflowError"),
    "more than any message": ("{% for n in range(99999) %}{{ 'x' * 99 }}{% endfor %}", "more than 524288 characters"),
    "a template that calls itself": ('{% include "message.txt" %}', "RecursionError"),
    "nothing": (" \n", "message.txt: ValueError: it prints nothing"),
    "bytes that are no text": (b"\xff\xfe", "message.txt: UnicodeDecodeError"),
}


@pytest.mark.parametrize(("source", "why"), BROKEN.values(), ids=BROKEN)
def test_a_template_that_cannot_be_used_loses_no_message(tmp_path: Path, source: str | bytes, why: str) -> None:
    reports: list[tuple[str, str]] = []
    body = source if isinstance(source, bytes) else source.encode()
    (tmp_path / "message.txt").write_bytes(body)
    layout = Templates(tmp_path, lambda name, said: reports.append((name, said)))
    assert printed(layout, "message.txt") == printed(SHIPPED, "message.txt")
    ((name, said),) = reports
    assert name == "message.txt"
    assert why in said
    assert layout.fault("message.txt", LETTER) == said


def test_what_is_printed_into_html_is_escaped_in_a_template_of_the_users(tmp_path: Path) -> None:
    (tmp_path / "message.html").write_text("<p>{{ message.title }}</p>")
    message = compose(replace(notice(REPORTED), title="<script>"))
    assert Templates(tmp_path).as_html(message) == "<p>&lt;script&gt;</p>"


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_shipped_template_prints_every_sample_in_every_language(code: str) -> None:
    for sample in sample_notices(NOW):
        message = compose(sample, RenderOptions(language_of(code)))
        for lay_out in (SHIPPED.as_html, SHIPPED.as_text, SHIPPED.as_console, SHIPPED.as_short_text):
            assert lay_out(message).strip()


def test_a_channel_writes_by_its_own_options(tmp_path: Path) -> None:
    (tmp_path / "console.txt").write_text("{{ message.language.code }}: {{ message.headline }}")
    console = Console(name="c", render=RenderOptions(language_of("uk"), "Europe/Kyiv", Templates(tmp_path)))
    assert console.freeze(notice(REPORTED, status="REPORTED")).body.decode() == (
        "uk: Подано комітетом (було: Передано до комітету)"
    )
