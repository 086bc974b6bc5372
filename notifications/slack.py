"""Which blocks does Slack show of a letter?

What Slack gives a meaning in a text is escaped, and no block exceeds Slack's limits: what is more is counted, and left
to `lexwatch history`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, islice
from typing import Any

from domain.alerts.delivery import Frozen
from domain.errors import DeliveryError, SourceError
from domain.ports import Http, Notice
from domain.sources import Request, Response, Secret
from notifications.compose import compose
from notifications.http_errors import delivery_error, without_address
from notifications.message import Message, RenderedChange
from notifications.sanitize import one_line
from notifications.templates import RenderOptions

Block = dict[str, Any]

_HEADER, _SECTION, _FIELD, _CONTEXT = 150, 3000, 2000, 2000
"""Slack's limits in characters for the texts of a block, and a prudent one for a context."""

_MOST_CHANGES = 20
"""Further changes shown; a channel is not the place for more."""

_MOST_BLOCKS = 48
"""Blocks of a message, the footer left out: Slack takes fifty."""


def slack_payload(letter: Message) -> Block:
    """Return the message as Slack's JSON: `text` for notifications, blocks for reading, nothing unfurled."""
    fallback = f"{escape_mrkdwn(letter.subject, _SECTION)}{f' {letter.link}' if letter.link else ''}"
    shown = list(islice(_combined_blocks(letter) if letter.parts else _single_blocks(letter), _MOST_BLOCKS))
    return {"text": fallback, "blocks": [*shown, _footer(letter)], "unfurl_links": False, "unfurl_media": False}


def escape_mrkdwn(text: str, limit: int) -> str:
    """Escape what Slack gives a meaning (`&`, `<`, `>`), so that no mention or link can come alive.

    At most `limit` characters after escaping; an escape is never cut in two.
    """
    pieces = [_ESCAPES.get(character, character) for character in text]
    if sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    lengths = accumulate(map(len, pieces))
    return "".join(piece for piece, length in zip(pieces, lengths, strict=True) if length < limit) + "…"


_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def _single_blocks(letter: Message) -> Iterator[Block]:
    first = letter.news[0] if letter.news else None
    yield _header(letter.headline if letter.label == "lexwatch" else f"{letter.label}: {letter.headline}")
    if title := _title(letter):
        yield _section(title)
    if first:
        yield from _change_blocks(first, letter)
    if fields := list(_fields(letter, first)):
        yield {"type": "section", "fields": fields}
    for told in letter.news[1 : _MOST_CHANGES + 1]:
        yield _section("• " + escape_mrkdwn(told.dated, 1100))
        yield from _difference(told, letter)
    yield from _hidden(letter, letter.more + max(0, len(letter.news) - 1 - _MOST_CHANGES))


def _combined_blocks(letter: Message) -> Iterator[Block]:
    """Lay out a message about several documents: a section for each, its changes as a list."""
    yield _header(f"{letter.label}: {letter.summary}")
    shown = 0
    for part in letter.parts[:_MOST_CHANGES]:
        news = part.news[: max(1, _MOST_CHANGES - shown)]
        shown += len(news)
        lines = [
            f"*{escape_mrkdwn(part.label, 200)}*",
            _title(part),
            *("• " + escape_mrkdwn(told.dated, 600) for told in news),
        ]
        yield _section(_joined(line for line in lines if line))
    yield from _hidden(letter, letter.more + len(letter.news) - shown)


def _header(words: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": escape_mrkdwn(words, _HEADER), "emoji": False}}


def _change_blocks(told: RenderedChange, letter: Message) -> Iterator[Block]:
    if told.remark:
        yield _section(escape_mrkdwn(told.remark, _SECTION))
    if told.quote:
        yield _section("> " + escape_mrkdwn(told.quote, _SECTION - 2))
    yield from _difference(told, letter)
    if told.late:
        yield _section(escape_mrkdwn(told.late, _SECTION))


def _difference(told: RenderedChange, letter: Message) -> Iterator[Block]:
    """Show what differs line by line in a fixed pitch; a backtick would end the block and is shown as a quote."""
    if told.lines:
        lines = _joined((escape_mrkdwn(str(line).replace("`", "'"), 400) for line in told.lines), _SECTION - 100)
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


def _hidden(letter: Message, number: int) -> Iterator[Block]:
    if number:
        yield _section(
            f"{letter.language.say('more', n=number)}: `lexwatch history {escape_mrkdwn(letter.document, 500)}`"
        )


def _title(letter: Message) -> str:
    """Return the document's title, linked where there is a page to open."""
    if letter.link is None:
        return escape_mrkdwn(letter.title or "", _FIELD)
    # The pipe ends the address inside <address|words>; in the words it has no meaning.
    return f"<{escape_mrkdwn(letter.link, 2000)}|{escape_mrkdwn(letter.title or letter.label, 900)}>"


def _fields(letter: Message, first: RenderedChange | None) -> Iterator[Block]:
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
            yield _text(f"*{letter.language.say(name)}*\n{escape_mrkdwn(value, _FIELD - 50)}")


def _footer(letter: Message) -> Block:
    first = letter.news[0] if letter.news and not letter.parts else None
    return {"type": "context", "elements": [_text(words) for words in _small_print(letter, first)]}


def _small_print(letter: Message, first: RenderedChange | None) -> Iterator[str]:
    say = letter.language.say
    if letter.note:
        yield f"{say('note')}: {escape_mrkdwn(letter.note, _CONTEXT)}"
    yield f"{say('why')}: {escape_mrkdwn(letter.reason, _CONTEXT)}"
    source = f"{say('source')} {first.source} · " if first else ""
    ids = f"{say('alert').lower()} {' '.join(letter.alerts)} · {say('message')} {letter.delivery}"
    yield escape_mrkdwn(f"{source}{ids}", _CONTEXT)
    if letter.evidence:
        digests = " ".join(f"sha256:{digest}" for digest in letter.evidence)
        yield escape_mrkdwn(f"{say('evidence').lower()} {digests}", _CONTEXT)


def _section(words: str) -> Block:
    return {"type": "section", "text": _text(words)}


def _text(words: str) -> Block:
    """Mark up a text; verbatim, so that Slack makes no link or mention of words that look like one."""
    return {"type": "mrkdwn", "text": words, "verbatim": True}


_TEMPORARY = frozenset({"ratelimited", "rate_limited", "rollup_error", "internal_error", "fatal_error"})
"""Errors in a 200 answer that pass by themselves."""

_ABOUT_THE_MESSAGE = frozenset(
    {
        "invalid_attachments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_payload",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "too_many_attachments",
    }
)
"""Errors in a 200 answer about this very message; any that is in neither list is the channel's until a person acts."""


class Slack:
    """Tells a Slack channel. The webhook's address is a credential and appears in no error."""

    kind = "slack"

    def __init__(self, *, name: str, webhook: Secret, http: Http, manner: RenderOptions | None = None) -> None:
        self.name = name
        self._manner = manner or RenderOptions()
        self._webhook = webhook
        self._http = http

    @property
    def recipients(self) -> Sequence[str]:
        return (self.name,)

    def freeze(self, notice: Notice) -> Frozen:
        letter = compose(notice, self._manner)
        body = json.dumps(slack_payload(letter), ensure_ascii=True, separators=(",", ":"))
        return Frozen(letter.subject, body.encode(), "application/json")

    def send(self, message: Frozen, *, delivery: str, to: str, about_to_commit: Callable[[], None]) -> str:
        request = Request(
            url=self._webhook.reveal(),
            method="POST",
            headers={"Content-Type": message.content_type},
            body=message.body,
            max_bytes=64 * 1024,
        )
        about_to_commit()
        try:
            response = self._http(request)
        except SourceError as error:
            # Not chained: the cause may show the webhook's address.
            said = without_address(str(error), self._webhook.reveal())
            raise delivery_error(f"Slack did not take the message: {said}", error) from None
        return _checked_answer(response, self._webhook.reveal())


def _checked_answer(response: Response, url: str) -> str:
    """Return Slack's answer if it is `ok`; the webhooks answer in plain text, the newer API in JSON."""
    words = response.body.decode("utf-8", "replace").strip()
    if words == "ok":
        return f"{response.status} ok"
    try:
        answer = json.loads(words)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict) and answer.get("ok") is True:
        return f"{response.status} ok"
    error = str(answer.get("error")) if isinstance(answer, dict) else words
    said = f"Slack refused the message: {one_line(without_address(error, url), 200)}"
    if error in _ABOUT_THE_MESSAGE:
        raise DeliveryError(said, permanent=True)
    raise DeliveryError(said, channel=True, refused=error not in _TEMPORARY)
