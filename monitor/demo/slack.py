"""What arrived in the Slack channel, and what does it look like there?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from monitor.demo.loopback import Answer, Asked, serve

_FIELD = re.compile(r"^\*([^*\n]+)\*\n")
_LINK = re.compile(r"<([^|>]+)\|([^>]+)>")
_BARE_LINK = re.compile(r"<([^>]+)>")
_BOLD = re.compile(r"(?<!\w)\*([^*\n]+)\*(?!\w)")
_ITALIC = re.compile(r"(?<!\w)_([^_\n]+)_(?!\w)")


@dataclass(slots=True)
class Room:
    """An incoming webhook's end: `posts` grows with every message, oldest first."""

    webhook: str = ""
    posts: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answer:
        """Take one post and say `ok`, as Slack does."""
        self.posts.append(json.loads(asked.body))
        return Answer(200, b"ok", "text/plain")


@contextmanager
def listen() -> Iterator[Room]:
    """Take posts on loopback until the block ends."""
    room = Room()
    with serve(room.answer) as address:
        room.webhook = f"{address}/services/demo"
        yield room


def lines_of(post: Mapping[str, Any]) -> list[str]:
    """Return a post as its readers see it: the text of its blocks without markup, or the fallback text."""
    shown = [line for block in post.get("blocks", ()) for line in _block(block)]
    return shown or _plain(str(post.get("text", ""))).splitlines()


def _block(block: Mapping[str, Any]) -> Iterator[str]:
    texts = [block["text"]] if "text" in block else []
    texts += [*block.get("fields", ()), *block.get("elements", ())]
    for text in texts:
        inner = text.get("text", "")
        yield from _plain(inner["text"] if isinstance(inner, dict) else inner).splitlines()


def _plain(marked: str) -> str:
    """Take Slack's markup away: links become their words, bold and italics their letters, a field one line."""
    words = _BARE_LINK.sub(r"\1", _LINK.sub(r"\2", _FIELD.sub(r"\1: ", marked)))
    return unescape(_ITALIC.sub(r"\1", _BOLD.sub(r"\1", words)))
