"""How is an alert put into a Slack channel by an incoming webhook?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any

from domain.delivery import Frozen
from domain.errors import DeliveryError, SourceError
from domain.http import Request, Response
from domain.ports import Http, Notice
from domain.secret import Secret
from notifications.clean import one_line
from notifications.posting import refusal, without_address
from notifications.words import Letter, Told, compose

Block = dict[str, Any]

_HEADER, _SECTION, _FIELD, _CONTEXT = 150, 3000, 2000, 2000
"""Slack's limits in characters for the texts of a block, and a prudent one for a context."""

_LISTED = 20
"""Further changes shown; a channel is not the place for more."""

_PASSING = frozenset({"ratelimited", "rate_limited", "rollup_error", "internal_error", "fatal_error"})
"""Errors in a 200 answer that pass by themselves; every other one stays until a person acts."""


class Slack:
    """Tells a Slack channel. The webhook's address is a credential and appears in no error."""

    kind = "slack"

    def __init__(self, *, name: str, webhook: Secret, http: Http) -> None:
        self.name = name
        self._webhook = webhook
        self._http = http

    @property
    def recipients(self) -> Sequence[str]:
        return (self.name,)

    def freeze(self, notice: Notice) -> Frozen:
        letter = compose(notice)
        body = json.dumps(payload(letter), ensure_ascii=True, separators=(",", ":"))
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
            raise refusal(f"Slack did not take the message: {said}", error) from None
        return _taken(response, self._webhook.reveal())


def _taken(response: Response, url: str) -> str:
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
    raise DeliveryError(said, permanent=error not in _PASSING, channel=error in _PASSING)


def payload(letter: Letter) -> Block:
    """Return the message as Slack's JSON: `text` for notifications, blocks for reading, nothing unfurled."""
    fallback = f"{escape(letter.subject, _SECTION)}{f' {letter.link}' if letter.link else ''}"
    return {"text": fallback, "blocks": list(_blocks(letter)), "unfurl_links": False, "unfurl_media": False}


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


def _blocks(letter: Letter) -> Iterator[Block]:
    first = letter.news[0] if letter.news else None
    header = letter.headline if letter.label == "lexwatch" else f"{letter.label}: {letter.headline}"
    yield {"type": "header", "text": {"type": "plain_text", "text": escape(header, _HEADER), "emoji": False}}
    if title := _title(letter):
        yield _section(title)
    if first and first.quote:
        yield _section("> " + escape(first.quote, _SECTION - 2))
    if first and first.late:
        yield _section(escape(first.late, _SECTION))
    if fields := list(_fields(letter, first)):
        yield {"type": "section", "fields": fields}
    for told in letter.news[1 : _LISTED + 1]:
        yield _section("• " + escape(told.headline, 1000) + _dated(told))
    hidden = letter.more + max(0, len(letter.news) - 1 - _LISTED)
    if hidden:
        yield _section(f"and {hidden} more: `lexwatch history {escape(letter.document, 500)}`")
    yield {"type": "context", "elements": [_text(words) for words in _small_print(letter, first)]}


def _title(letter: Letter) -> str:
    """Return the document's title, linked where there is a page to open."""
    if letter.link is None:
        return escape(letter.title or "", _FIELD)
    # The pipe ends the address inside <address|words>; in the words it has no meaning.
    return f"<{escape(letter.link, 2000)}|{escape(letter.title or letter.label, 900)}>"


def _fields(letter: Letter, first: Told | None) -> Iterator[Block]:
    facts = (
        ("Happened", first.happened if first else None),
        ("Published", first.published if first else None),
        ("Seen", first.seen if first else None),
        ("Where it stands", letter.standing),
        ("What it means", letter.meaning),
        ("What comes next", letter.next_step),
    )
    for name, value in facts:
        if value:
            yield _text(f"*{name}*\n{escape(value, _FIELD - 50)}")


def _dated(told: Told) -> str:
    return escape(f", {told.happened}" if told.happened else "", 100)


def _small_print(letter: Letter, first: Told | None) -> Iterator[str]:
    if letter.note:
        yield f"Your note: {escape(letter.note, _CONTEXT)}"
    yield f"Why you got this: {escape(letter.reason, _CONTEXT)}"
    source = f"source {first.source} · " if first else ""
    yield escape(f"{source}alert {' '.join(letter.alerts)} · message {letter.delivery}", _CONTEXT)
    if letter.evidence:
        yield escape("evidence " + " ".join(f"sha256:{digest}" for digest in letter.evidence), _CONTEXT)


def _section(words: str) -> Block:
    return {"type": "section", "text": _text(words)}


def _text(words: str) -> Block:
    """Mark up a text; verbatim, so that Slack makes no link or mention of words that look like one."""
    return {"type": "mrkdwn", "text": words, "verbatim": True}
