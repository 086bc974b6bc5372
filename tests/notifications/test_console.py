"""Is an alert shown on any terminal?"""

from __future__ import annotations

import io
import os

import pytest

from domain.errors import DeliveryError
from notifications.channel import Console
from tests.notifications.notices import REPORTED, TEXT, hostile, notice


def shown(stream: io.TextIOWrapper, console: Console) -> str:
    frozen = console.freeze(notice(REPORTED, TEXT, status="REPORTED"))
    marks: list[str] = []
    answer = console.send(frozen, delivery="dl-1", to="console", about_to_commit=lambda: marks.append("marked"))
    assert (answer, marks) == ("printed", ["marked"])
    return stream.buffer.getvalue().decode(stream.encoding)  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "koi8-u"])
def test_an_alert_is_a_short_block_on_any_terminal(encoding: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    block = shown(stream, Console(name="console", stream=stream))
    assert "] Reported by committee (was: Referred) +1 more" in block
    assert block.endswith("\n\n")


def test_the_standard_output_of_the_moment_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(name="console")
    console.send(console.freeze(notice(TEXT)), delivery="dl-1", to="console", about_to_commit=lambda: None)
    assert "New text: Introduced in House" in capsys.readouterr().out
    assert console.recipients == ("console",)


def test_a_closed_pipe_waits() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    console = Console(name="console", stream=(stream := os.fdopen(writing, "w")))
    with pytest.raises(DeliveryError) as caught:
        console.send(console.freeze(notice(TEXT)), delivery="dl-1", to="console", about_to_commit=lambda: None)
    assert not caught.value.permanent
    with pytest.raises(BrokenPipeError):
        stream.close()


def test_a_closed_stream_waits() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    stream.close()
    console = Console(name="console", stream=stream)
    with pytest.raises(DeliveryError):
        console.send(console.freeze(notice(TEXT)), delivery="dl-1", to="console", about_to_commit=lambda: None)


def test_no_escape_reaches_the_terminal() -> None:
    body = Console(name="console").freeze(hostile("\x1b]0;owned\x07\x9b31m\u202e\r\rgone")).body.decode()
    assert all(c == "\n" or c.isprintable() for c in body)
