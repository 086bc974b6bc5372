"""What an edit of the configuration leaves alone: everything else."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.config.editing import add_source, add_watch, change_watch, remove_watch
from monitor.config.loader import SHIPPED_CONFIG

BILL = {"bill": "us/bill/119/hr/1"}
ONE = '[[watch]]\nbill = "a"\n'
NEW = '[[watch]]\nbill = "us/bill/119/hr/1"\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", NEW, id="an empty file"),
        pytest.param("[service]\n", f"[service]\n\n{NEW}", id="a file without a watch gets it at the end"),
        pytest.param(ONE, f"{ONE}\n{NEW}", id="behind the only watch"),
        pytest.param(f"{ONE}\n[http]\n", f"{ONE}\n{NEW}\n[http]\n", id="before what follows the last watch"),
        pytest.param(
            f"{ONE}# note = 'x'\n\n[http]\n",
            f"{ONE}# note = 'x'\n\n{NEW}\n[http]\n",
            id="a comment inside stays inside",
        ),
        pytest.param(
            f"{ONE}# the network\n[http]\n",
            f"{ONE}\n{NEW}# the network\n[http]\n",
            id="a comment of the next table stays",
        ),
        pytest.param(
            f"{ONE}\n# --- the network\n\n[http]\n",
            f"{ONE}\n{NEW}\n# --- the network\n\n[http]\n",
            id="a comment that stands alone stays",
        ),
        pytest.param(
            f'{ONE}[http]\n[[ "watch" ]]\nbill = "b"',
            f'{ONE}[http]\n[[ "watch" ]]\nbill = "b"\n\n{NEW}'[:-1],
            id="tables that stand apart, no end of the last line",
        ),
        pytest.param(
            ONE.replace("\n", "\r\n"), f"{ONE}\n{NEW}".replace("\n", "\r\n"), id="line ends of the other kind"
        ),
        pytest.param(f"\ufeff{ONE}", f"\ufeff{ONE}\n{NEW}", id="a byte order mark"),
        pytest.param(
            '[[watch]]\nbill = "a"\nnote = """\n[[watch]]\n# no comment"""\n',
            f'[[watch]]\nbill = "a"\nnote = """\n[[watch]]\n# no comment and a header in a text"""\n\n{NEW}'.replace(
                " and a header in a text", ""
            ),
            id="a header inside a text is none",
        ),
        pytest.param(
            '[[watch]]\nbill = "a"\nwords = [\n  "x",  # one\n  "]",\n]\n',
            f'[[watch]]\nbill = "a"\nwords = [\n  "x",  # one\n  "]",\n]\n\n{NEW}',
            id="a list over several lines",
        ),
        pytest.param(
            'watch = [{ bill = "a" }]  # short\n',
            'watch = [{ bill = "a" }, {bill = "us/bill/119/hr/1"}]  # short\n',
            id="the short form",
        ),
    ],
)
def test_a_watch_is_set_in_and_taken_out_again(before: str, after: str) -> None:
    edited = add_watch(before, BILL)
    assert edited == after
    count = len(tomllib.loads(before.lstrip("\ufeff").replace("\r\n", "\n")).get("watch", ()))
    assert remove_watch(edited, count) == before


@pytest.mark.parametrize(
    ("before", "number", "after"),
    [
        pytest.param(f"{ONE}\n{NEW}", 0, NEW, id="the first goes with the empty line after it"),
        pytest.param(
            f"# what we follow\n\n{ONE}# inside\n\n{NEW}",
            0,
            f"# what we follow\n\n{NEW}",
            id="its own comments go with it",
        ),
        pytest.param(f"# main\n{ONE}[http]\n", 0, "# main\n[http]\n", id="the comment above stays"),
        pytest.param('watch = [{bill = "a"}, {bill = "b"}]\n', 0, 'watch = [{bill = "b"}]\n', id="the short form"),
        pytest.param('watch = [{bill = "a"}]\n', 0, "watch = []\n", id="the last of the short form"),
    ],
)
def test_a_watch_is_cut_out(before: str, number: int, after: str) -> None:
    assert remove_watch(before, number) == after


@pytest.mark.parametrize(
    "value",
    ['"', "\\", "\n\t\x00\x7f", "'''", '"""', "№ 793/2025 «x» 🏛", "# not a comment", "[[watch]]", "\ufeff", ""],
    ids=repr,
)
def test_every_text_is_quoted(value: str) -> None:
    edited = add_watch(ONE, {**BILL, "note": value, "words": [value, "b"]})
    assert tomllib.loads(edited)["watch"][1] == {**BILL, "note": value, "words": [value, "b"]}
    assert remove_watch(edited, 1) == ONE


def test_the_shipped_default_comes_back_byte_for_byte() -> None:
    text = SHIPPED_CONFIG.read_text(encoding="utf-8")
    edited = add_watch(text, {**BILL, "note": "constructed"})
    assert set(text.splitlines()) <= set(edited.splitlines())
    count = len(tomllib.loads(text)["watch"])
    assert remove_watch(edited, count) == text


def test_what_cannot_be_edited_safely_is_left_alone() -> None:
    with pytest.raises(ValueError, match="by hand"):
        add_watch('watch = [\n{ bill = "a" }]\n[[route]]\na = 1\n[http]\n[[route]]\na = 2\n', BILL)


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12)
_QUOTED = TEXTS.map(lambda text: add_watch("", {"note": text}).removeprefix("[[watch]]\n"))
_LINES = st.one_of(
    st.just("\n"),
    st.just("  \t\n"),
    st.sampled_from(["# [[watch]]\n", "#\n", "  # it's a \"comment\n", "# № 1\n"]),
)
_BODIES = st.one_of(
    _QUOTED,
    st.just('note = """\n[[watch]]\n# text\n\n"""  # said\n'),
    st.just("note = '''\n[x]\n\\'''''\n"),
    st.just('words = [\n  "a", # one\n\n  [\n  "b]" ],\n]\n'),
    st.just("note = {a = '[', b = [1]}\n"),
)
_HEADERS = st.one_of(
    st.sampled_from(["[[watch]]\n", "[[watch]]   # seen\n", "  [[ watch ]]\n", "[['watch']]\n"]),
    st.uuids().map(lambda name: f"[t{name.hex}]\n"),
)


@st.composite
def files(draw: st.DrawFn) -> str:
    """Draw a configuration as people write them, with either line end, with or without a last one."""
    parts = [draw(_LINES) for _ in range(draw(st.integers(0, 3)))]
    for _ in range(draw(st.integers(0, 5))):
        parts += [draw(_HEADERS), draw(_BODIES), *draw(st.lists(_LINES, max_size=4))]
    text = "".join(parts)
    if draw(st.booleans()):
        text = text.removesuffix("\n")
    return draw(st.sampled_from(["", "\ufeff"])) + text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


def lines(text: str) -> list[str]:
    """Return the lines that say something."""
    return [line for line in text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n") if line]


def meaning(text: str) -> dict[str, object]:
    return tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files(), TEXTS)
def test_any_file_comes_back_byte_for_byte(text: str, note: str) -> None:
    watches = meaning(text).get("watch", [])
    assert isinstance(watches, list)
    edited = add_watch(text, {**BILL, "note": note})
    assert meaning(edited)["watch"] == [*watches, {**BILL, "note": note}]
    assert remove_watch(edited, len(watches)) == text


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files(), st.data())
def test_any_watch_can_be_cut_out_of_any_file(text: str, data: st.DataObject) -> None:
    watches = meaning(text).get("watch", [])
    assert isinstance(watches, list)
    if not watches:
        return
    number = data.draw(st.integers(0, len(watches) - 1))
    left = meaning(remove_watch(text, number))
    assert left.get("watch", []) == watches[:number] + watches[number + 1 :]
    before = iter(lines(text))
    assert all(line in before for line in lines(remove_watch(text, number))), "what is left is in its old order"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files())
def test_a_section_comes_into_any_file_and_nothing_else_changes(text: str) -> None:
    edited = add_source(text, "rada")
    assert meaning(edited) == {**meaning(text), "source": {"rada": {"every": "30m"}}}
    after = iter(lines(edited))
    assert all(line in after for line in lines(text)), "what was there is in its old order"
    assert edited.startswith("\ufeff") is text.startswith("\ufeff")
    assert meaning(add_source(edited, "congress"))["source"].keys() == {"rada", "congress"}  # type: ignore[attr-defined]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files(), TEXTS, st.data())
def test_the_keys_of_any_watch_can_be_changed(text: str, note: str, data: st.DataObject) -> None:
    watches = meaning(text).get("watch", [])
    assert isinstance(watches, list)
    if not watches:
        return
    number = data.draw(st.integers(0, len(watches) - 1))
    after = meaning(change_watch(text, number, {"owner": note}))["watch"]
    assert after == [{**one, "owner": note} if place == number else one for place, one in enumerate(watches)]
