"""Which blocks does Slack show of a letter?

What Slack gives a meaning in a text is escaped, and no block exceeds Slack's limits: what is more is counted, and left
to `lexwatch history`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, islice
from typing import Any

from notifications.letter import Letter
from notifications.telling import Told

Block = dict[str, Any]

_HEADER, _SECTION, _FIELD, _CONTEXT = 150, 3000, 2000, 2000
"""Slack's limits in characters for the texts of a block, and a prudent one for a context."""

_LISTED = 20
"""Further changes shown; a channel is not the place for more."""

_MOST = 48
"""Blocks of a message, the footer left out: Slack takes fifty."""


def payload(letter: Letter) -> Block:
    """Return the message as Slack's JSON: `text` for notifications, blocks for reading, nothing unfurled."""
    fallback = f"{escape(letter.subject, _SECTION)}{f' {letter.link}' if letter.link else ''}"
    shown = list(islice(_several(letter) if letter.parts else _single(letter), _MOST))
    return {"text": fallback, "blocks": [*shown, _footer(letter)], "unfurl_links": False, "unfurl_media": False}


def escape(text: str, limit: int) -> str:
    """Escape what Slack gives a meaning (`&`, `<`, `>`), so that no mention or link can come alive.

    At most `limit` characters after escaping; an escape is never cut in two.
    """
    pieces = [_ESCAPES.get(character, character) for character in text]
    if sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    lengths = accumulate(map(len, pieces))
    return "".join(piece for piece, length in zip(pieces, lengths, strict=True) if length < limit) + "…"


_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def _single(letter: Letter) -> Iterator[Block]:
    first = letter.news[0] if letter.news else None
    yield _header(letter.headline if letter.label == "lexwatch" else f"{letter.label}: {letter.headline}")
    if title := _title(letter):
        yield _section(title)
    if first:
        yield from _words(first, letter)
    if fields := list(_fields(letter, first)):
        yield {"type": "section", "fields": fields}
    for told in letter.news[1 : _LISTED + 1]:
        yield _section("• " + escape(told.dated, 1100))
        yield from _difference(told, letter)
    yield from _hidden(letter, letter.more + max(0, len(letter.news) - 1 - _LISTED))


def _several(letter: Letter) -> Iterator[Block]:
    """Lay out a message about several documents: a section for each, its changes as a list."""
    yield _header(f"{letter.label}: {letter.summary}")
    shown = 0
    for part in letter.parts[:_LISTED]:
        news = part.news[: max(1, _LISTED - shown)]
        shown += len(news)
        lines = [f"*{escape(part.label, 200)}*", _title(part), *("• " + escape(told.dated, 600) for told in news)]
        yield _section(_joined(line for line in lines if line))
    yield from _hidden(letter, letter.more + len(letter.news) - shown)


def _header(words: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": escape(words, _HEADER), "emoji": False}}


def _words(told: Told, letter: Letter) -> Iterator[Block]:
    if told.remark:
        yield _section(escape(told.remark, _SECTION))
    if told.quote:
        yield _section("> " + escape(told.quote, _SECTION - 2))
    yield from _difference(told, letter)
    if told.late:
        yield _section(escape(told.late, _SECTION))


def _difference(told: Told, letter: Letter) -> Iterator[Block]:
    """Show what differs line by line in a fixed pitch; a backtick would end the block and is shown as a quote."""
    if told.lines:
        lines = _joined((escape(str(line).replace("`", "'"), 400) for line in told.lines), _SECTION - 100)
        yield _section(f"*{letter.language.say('differs')}*\n```{lines}```")


def _joined(lines: Iterator[str], limit: int = _SECTION) -> str:
    """Put lines below each other, as many whole ones as there is room for."""
    shown: list[str] = []
    left = limit
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            break
        shown.append(line)
    return "\n".join(shown)


def _hidden(letter: Letter, number: int) -> Iterator[Block]:
    if number:
        yield _section(f"{letter.language.say('more', n=number)}: `lexwatch history {escape(letter.document, 500)}`")


def _title(letter: Letter) -> str:
    """Return the document's title, linked where there is a page to open."""
    if letter.link is None:
        return escape(letter.title or "", _FIELD)
    # The pipe ends the address inside <address|words>; in the words it has no meaning.
    return f"<{escape(letter.link, 2000)}|{escape(letter.title or letter.label, 900)}>"


def _fields(letter: Letter, first: Told | None) -> Iterator[Block]:
    facts = (
        ("happened", first.happened if first else None),
        ("Published", first.published if first else None),
        ("Seen", first.seen if first else None),
        ("standing", letter.standing),
        ("meaning", letter.meaning),
        ("next", letter.next_step),
    )
    for name, value in facts:
        if value:
            yield _text(f"*{letter.language.say(name)}*\n{escape(value, _FIELD - 50)}")


def _footer(letter: Letter) -> Block:
    first = letter.news[0] if letter.news and not letter.parts else None
    return {"type": "context", "elements": [_text(words) for words in _small_print(letter, first)]}


def _small_print(letter: Letter, first: Told | None) -> Iterator[str]:
    say = letter.language.say
    if letter.note:
        yield f"{say('note')}: {escape(letter.note, _CONTEXT)}"
    yield f"{say('why')}: {escape(letter.reason, _CONTEXT)}"
    source = f"{say('source')} {first.source} · " if first else ""
    ids = f"{say('alert').lower()} {' '.join(letter.alerts)} · {say('message')} {letter.delivery}"
    yield escape(f"{source}{ids}", _CONTEXT)
    if letter.evidence:
        digests = " ".join(f"sha256:{digest}" for digest in letter.evidence)
        yield escape(f"{say('evidence').lower()} {digests}", _CONTEXT)


def _section(words: str) -> Block:
    return {"type": "section", "text": _text(words)}


def _text(words: str) -> Block:
    """Mark up a text; verbatim, so that Slack makes no link or mention of words that look like one."""
    return {"type": "mrkdwn", "text": words, "verbatim": True}
