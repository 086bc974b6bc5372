"""How is an alert told to another program? By a signed POST, as Standard Webhooks 1.0.0 has it.

The body is frozen, the signature is not: a repeat carries the same `webhook-id` and the same bytes, with the time of
its own attempt, so that a receiver can refuse what is old and knows what it has had.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from itertools import accumulate, takewhile
from typing import Any

from domain.changes import Change, as_json
from domain.delivery import Frozen
from domain.errors import Changed, ConfigError, SourceError
from domain.http import Request
from domain.instants import stated
from domain.ports import Http, Notice
from domain.secret import Secret
from notifications.clean import one_line
from notifications.manner import Manner
from notifications.phrases import order
from notifications.posting import refusal, without_address
from notifications.signing import signed, signing_keys
from notifications.words import MOST, compose

Json = dict[str, Any]

LARGEST = 96 * 1024
"""Bytes of a body beyond which no further change is listed: some receivers read no more than 100 kB."""

_ANSWER = 64 * 1024
_QUOTE, _LINE, _WORD = 2000, 800, 200
_LIMITS = {"text": _QUOTE, "before": _LINE, "after": _LINE}
_NAMES = frozenset({"change", "id", "corrects"})
_HALF = re.compile("[\ud800-\udfff]")
_PLAIN = Manner()
_TAKEN = frozenset(range(200, 300))


class Webhook:
    """Tells a program. The address and the signing secret are credentials and appear in no error.

    `clock` gives the seconds of Unix time. It is the world's, also where lexwatch rehearses: the receiver compares
    the stamp with its own and takes nothing from another day.
    """

    kind = "webhook"

    def __init__(
        self,
        *,
        name: str,
        webhook: Secret,
        secret: Secret,
        http: Http,
        manner: Manner | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self._webhook = webhook
        self._secret = secret
        self._http = http
        self._manner = manner or Manner()
        self._clock = clock
        try:
            signing_keys(secret.reveal())
        except ValueError as error:
            raise ConfigError([f"channel {name}: secret: {error}"]) from None

    @property
    def recipients(self) -> Sequence[str]:
        return (self.name,)

    def freeze(self, notice: Notice) -> Frozen:
        body = payload(notice, self.name, self._manner)
        return Frozen(body["subject"], _written(body), "application/json")

    def send(self, message: Frozen, *, delivery: str, to: str, about_to_commit: Callable[[], None]) -> str:
        about_to_commit()
        try:
            response = self._http(self._request(message, delivery))
        except SourceError as error:
            # Not chained: the cause may show the address.
            if isinstance(error, Changed) and error.status in _TAKEN:
                return f"{error.status}, and words that cannot be read"
            raise refusal(f"the receiver did not take the message: {self._told(str(error))}", error) from None
        return self._told(f"{response.status} {response.body.decode('utf-8', 'replace')}")

    def _request(self, message: Frozen, delivery: str) -> Request:
        keys = signing_keys(self._secret.reveal())
        return Request(
            url=self._webhook.reveal(),
            method="POST",
            headers={"Content-Type": message.content_type, **signed(keys, delivery, int(self._clock()), message.body)},
            body=message.body,
            expect=_TAKEN,
            max_bytes=_ANSWER,
        )

    def _told(self, words: str) -> str:
        return without_address(words, self._webhook.reveal())


def payload(notice: Notice, channel: str, manner: Manner = _PLAIN) -> Json:
    """Return the message as JSON: the members of `alerts` that do not change from attempt to attempt, with the
    changes themselves as `history` tells them, most important first. `more` counts those that found no room."""
    letter = compose(notice, manner)
    changes = order(notice.changes)
    body: Json = {
        "alert": " ".join(notice.alerts),
        "delivery": notice.delivery,
        "id": " ".join(map(str, notice.documents)),
        "title": one_line(notice.title, _LINE) or None,
        "url": letter.link,
        "status": notice.status,
        "status_on": one_line(notice.status_on, _WORD) or None,
        "changes": [],
        "more": 0,
        "watch": one_line(", ".join(notice.watches), _LINE) or None,
        "note": one_line(notice.note, _LINE) or None,
        "channel": channel,
        "to": notice.to,
        "created_at": stated(notice.created_at),
        "reason": one_line(notice.reason, _LINE),
        "corrects": next((change.corrects for change in changes if change.corrects), None),
        "subject": letter.subject,
    }
    listed = _fitting(changes, LARGEST - len(_written(body)))
    return body | {"changes": listed, "more": len(changes) - len(listed)}


def _fitting(changes: Sequence[Change], room: int) -> list[Json]:
    """Return as many changes as there is room for, in bytes; the first one always."""
    said = [_said(change) for change in changes[:MOST]]
    sizes = accumulate(len(_written(change)) + 1 for change in said)
    return said[: max(1, sum(1 for _ in takewhile(lambda size: size <= room, sizes)))]


def _said(change: Change) -> Json:
    """Return a change as `history` tells it, its words as clean lines. Names stay as they are: they are looked up."""
    return {name: _clean(name, value) for name, value in as_json(change).items()}


def _clean(name: str, value: str | int | None) -> str | int | None:
    if not isinstance(value, str):
        return value
    if name in _NAMES:
        return _HALF.sub("\ufffd", value)
    return one_line(value, _LIMITS.get(name, _WORD))


def _written(value: Json) -> bytes:
    """Write JSON in ASCII, so that nothing between here and the receiver can trip over a character."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
