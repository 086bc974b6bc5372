"""How is an alert put into a Slack channel by an incoming webhook?

What Slack gives a meaning in a text is escaped, and no block exceeds Slack's limits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, islice
from typing import Any

from domain.alerts.delivery import Frozen
from domain.errors import DeliveryError, SourceError
from domain.options import Secret
from domain.ports import Http, Notice
from domain.sources import Request, Response
from notifications.channel import Channel, delivery_error, without_address
from notifications.compose import Room, compose
from notifications.message import Message, RenderedChange
from notifications.sanitize import one_line
from notifications.templates import RenderOptions
from notifications.translation import coded_error

Block = dict[str, Any]

_HEADER, _SECTION, _FIELD, _CONTEXT = 150, 3000, 2000, 2000
"""Slack's limits in characters for the texts of a block, and a prudent one for a context."""

_LINE, _NAME, _LINK = 300, 200, 300
"""Characters of a line, of a name, and of an address in a message about several documents."""

CAPACITY = 100
"""Changes that one message can name: so many of the longest lines, with a name each, fit into fifty blocks."""

_ROOM = Room(full=20, lines=60)
_MOST_ROWS = 60
"""Documents of a report that are named, those that changed: the table goes by mail."""

_MOST_BLOCKS = 48
"""Blocks of a message, the footer left out: Slack takes fifty."""


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


class Slack(Channel):
    """Posts into a Slack channel. The webhook's address is a credential and appears in no error."""

    kind = "slack"
    capacity = CAPACITY

    def __init__(self, *, name: str, webhook: Secret, http: Http, render: RenderOptions | None = None) -> None:
        super().__init__(name, render)
        self._webhook = webhook
        self._http = http

    def freeze(self, notice: Notice) -> Frozen:
        message = compose(notice, self._render, _ROOM)
        body = json.dumps(slack_payload(message), ensure_ascii=True, separators=(",", ":"))
        return Frozen(message.subject, body.encode(), "application/json", message.counted_only)

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
            raise delivery_error("delivery.slack", self._webhook.reveal(), error) from None
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
    said = {"answer": one_line(without_address(error, url), 200)}
    if error in _ABOUT_THE_MESSAGE:
        raise coded_error(DeliveryError, "delivery.slack_refused", said, permanent=True)
    # A word of its own says no; anything else does not prove that nothing was posted.
    maybe_sent = not re.fullmatch("[a-z_]+", error)
    facts = {"channel": True, "refused": error not in _TEMPORARY, "maybe_sent": maybe_sent}
    raise coded_error(DeliveryError, "delivery.slack_refused", said, **facts)


def slack_payload(message: Message) -> Block:
    """Return the message as Slack's JSON: `text` for notifications, blocks for reading, nothing unfurled."""
    fallback = f"{escape_mrkdwn(message.subject, _SECTION)}{f' {message.link}' if message.link else ''}"
    shown = list(islice(_combined_blocks(message) if message.parts else _single_blocks(message), _MOST_BLOCKS))
    return {"text": fallback, "blocks": [*shown, _footer(message)], "unfurl_links": False, "unfurl_media": False}


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


def _single_blocks(message: Message) -> Iterator[Block]:
    """Lay out a message about one document in three lines: what, when with the official sentence, what comes next."""
    first = message.news[0] if message.news else None
    yield _header(message.headline if message.label == "lexwatch" else f"{message.label}: {message.headline}")
    yield from _packed(_main_lines(message, first))
    if first:
        yield from _difference(first, message)
    others = message.news[1:]
    yield from _packed("• " + escape_mrkdwn(change.dated, _LINE) for change in others)
    for change in [change for change in others if change.lines][:3]:
        yield from _difference(change, message)
    rows = [row for row in message.portfolio if row.changed][:_MOST_ROWS]
    named = (" · ".join(filter(None, (f"{row.name}: {row.standing}", row.title))) for row in rows)
    yield from _packed(f"• {escape_mrkdwn(words, _LINE)}" for words in named)
    yield from _packed(_hidden(message))


def _main_lines(message: Message, first: RenderedChange | None) -> Iterator[str]:
    """Yield when it happened of which document, the official sentence or what we say ourselves, and what is next."""
    if dated := " · ".join(filter(None, (_title(message), escape_mrkdwn((first and first.happened) or "", 100)))):
        yield dated
    for words in (first.remark, first.late) if first else ():
        if words:
            yield escape_mrkdwn(words, _SECTION - 10)
    if first and first.quote:
        yield "> " + escape_mrkdwn(first.quote, _SECTION - 10)
    if message.next_step:
        yield f"*{message.language.say('next')}:* {escape_mrkdwn(message.next_step, _FIELD)}"


def _combined_blocks(message: Message) -> Iterator[Block]:
    """Lay out a message about several documents: a line for each, what is ahead, then what else there is of each."""
    yield _header(message.subject)
    if message.period:
        yield _section(escape_mrkdwn(message.period, _FIELD))
    yield from _packed(line for part in message.parts for line in _overview_lines(part))
    if message.ahead:
        lines = (f"• {escape_mrkdwn(f'{one.when}: {one.label}: {one.what}', _LINE)}" for one in message.ahead)
        yield from _packed([f"*{message.language.say('ahead_label')}*", *lines])
    yield from _packed(line for part in message.parts for line in _other_lines(part))


def _overview_lines(part: Message) -> Iterator[str]:
    name = escape_mrkdwn(part.label, _NAME)
    linked = part.link is not None and len(part.link) <= _LINK
    title = f" {escape_mrkdwn(part.title, _NAME)}" if part.title else ""
    yield f"*<{escape_mrkdwn(part.link or '', 2 * _LINK)}|{name}>*{title}" if linked else f"*{name}*{title}"
    if part.lead:
        yield "• " + escape_mrkdwn(part.in_brief, _LINE)


def _other_lines(part: Message) -> Iterator[str]:
    """Yield what the line of the overview does not say, under the name of the document."""
    others = [change for change in part.news if change is not part.lead]
    if others or part.more or part.note:
        yield f"*{escape_mrkdwn(part.label, _NAME)}*"
    if part.note:
        yield f"{part.language.say('note')}: {escape_mrkdwn(part.note, _LINE)}"
    yield from ("• " + escape_mrkdwn(change.dated, _LINE) for change in others)
    yield from _hidden(part)


def _packed(lines: Iterable[str]) -> Iterator[Block]:
    """Put lines below each other, as many into each section as fit."""
    shown: list[str] = []
    for line in lines:
        if shown and sum(len(one) + 1 for one in shown) + len(line) > _SECTION:
            yield _section("\n".join(shown))
            shown = []
        shown.append(line)
    if shown:
        yield _section("\n".join(shown))


def _header(words: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": escape_mrkdwn(words, _HEADER), "emoji": False}}


def _difference(change: RenderedChange, message: Message) -> Iterator[Block]:
    """Show what differs line by line in a fixed pitch; a backtick would end the block and is shown as a quote."""
    if change.lines:
        lines = [escape_mrkdwn(str(line).replace("`", "'"), 280) for line in change.lines]
        yield _section(f"*{message.language.say('differs')}*\n```" + "\n".join(lines) + "```")


def _hidden(message: Message) -> Iterator[str]:
    if message.more:
        more = message.language.say("more", n=message.more)
        yield f"{more}: `lexwatch history {escape_mrkdwn(message.document, 200)}`"


def _title(message: Message) -> str:
    """Return the document's title, linked where there is a page to open."""
    if message.link is None:
        return escape_mrkdwn(message.title or "", _FIELD)
    # The pipe ends the address inside <address|words>; in the words it has no meaning.
    return f"<{escape_mrkdwn(message.link, 2000)}|{escape_mrkdwn(message.title or message.label, 600)}>"


def _footer(message: Message) -> Block:
    first = message.news[0] if message.news and not message.parts else None
    return {"type": "context", "elements": [_text(words) for words in _small_print(message, first)]}


def _small_print(message: Message, first: RenderedChange | None) -> Iterator[str]:
    """Yield what a reader does not need at once: where it stands, your note, why, when it was seen where, ids."""
    say = message.language.say
    facts = [f"{name}: {value}" for name, value in message.facts if value != message.next_step]
    if facts:
        yield escape_mrkdwn(" · ".join(facts), _CONTEXT)
    if message.note:
        yield f"{say('note')}: {escape_mrkdwn(message.note, _CONTEXT)}"
    yield f"{say('why')}: {escape_mrkdwn(message.reason, _CONTEXT)}"
    if first:
        yield escape_mrkdwn(first.when, _CONTEXT)
    yield escape_mrkdwn(f"{say('proof')}: {message.proof} · {' '.join(message.alerts)}", _CONTEXT)


def _section(words: str) -> Block:
    return {"type": "section", "text": _text(words)}


def _text(words: str) -> Block:
    """Mark up a text; verbatim, so that Slack makes no link or mention of words that look like one."""
    return {"type": "mrkdwn", "text": words, "verbatim": True}
