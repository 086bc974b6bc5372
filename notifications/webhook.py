"""How is an alert sent to another program? By a signed POST, as Standard Webhooks 1.0.0 has it.

The body is frozen, the signature is not: a repeat carries the same `webhook-id` and the same bytes, with the time of
its own attempt, so that a receiver can refuse what is old and knows what it has had. A receiver can tell by the
signature that a message is ours (its sections "Signature scheme" and "Webhook headers").
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, takewhile
from typing import Any

from domain.alerts.delivery import Frozen
from domain.dates import iso_utc
from domain.errors import Changed, ConfigError, SourceError
from domain.options import Secret
from domain.ports import Http, Notice
from domain.records.record import Change
from domain.sources import Request
from notifications.channel import Channel, delivery_error, without_address
from notifications.compose import compose
from notifications.sanitize import one_line
from notifications.templates import RenderOptions
from notifications.wording import by_importance, change_json, reason_sentence

SECRET_PREFIX = "whsec_"
SHORTEST_KEY, LONGEST_KEY = 24, 64
"""Bytes of a signing key (192 to 512 bits)."""

EXPECTED_SECRET = (
    f"expected {SECRET_PREFIX} and {SHORTEST_KEY} to {LONGEST_KEY} random bytes in base64, such as "
    f'`echo "{SECRET_PREFIX}$(openssl rand -base64 32)"` prints; the receiver is given the same'
)


def signing_keys(secret: str) -> tuple[bytes, ...]:
    """Return the keys a secret holds. Several, separated by white space, sign every message while one is replaced.

    Raises ValueError, which says what a secret looks like and never what it was.
    """
    found = tuple(map(_key, secret.split()))
    if not found:
        raise ValueError(EXPECTED_SECRET)
    return found


def signature_headers(keys: tuple[bytes, ...], id: str, at: int, body: bytes) -> dict[str, str]:
    """Return the headers of one attempt. `at` is the second of the attempt, Unix time; neither it nor `id` may hold
    a full stop, which parts them from the body."""
    content = b".".join((id.encode(), str(at).encode(), body))
    signatures = (base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for key in keys)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def _key(word: str) -> bytes:
    try:
        key = base64.b64decode(word.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    # Not chained: what binascii says is no help, and a traceback would show the secret.
    if not word.startswith(SECRET_PREFIX) or not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise ValueError(EXPECTED_SECRET)
    return key


Json = dict[str, Any]

LARGEST_BODY = 96 * 1024
"""Bytes of a body beyond which no further change is listed: some receivers read no more than 100 kB."""

_ANSWER = 64 * 1024
_QUOTE, _LINE, _WORD = 2000, 800, 200
_LONG = {"text": _QUOTE, "before": _LINE, "after": _LINE}
_SHORT = {"text": 150, "before": 100, "after": 100}
"""Characters of the words of a change: as long as they fit, and where many have to."""

_NAMES = frozenset({"change", "id", "corrects"})
_HALF = re.compile("[\ud800-\udfff]")
_ACCEPTED = frozenset(range(200, 300))
_ENGLISH = RenderOptions()


class Webhook(Channel):
    """Tells a program. The address and the signing secret are credentials and appear in no error.

    `clock` gives the seconds of Unix time. It is the world's, also where lexwatch rehearses: the receiver compares
    the stamp with its own and takes nothing from another day.
    """

    kind = "webhook"
    capacity = 72 * 1024

    def __init__(
        self,
        *,
        name: str,
        webhook: Secret,
        secret: Secret,
        http: Http,
        render: RenderOptions | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(name, render)
        self._webhook = webhook
        self._secret = secret
        self._http = http
        self._clock = clock
        try:
            signing_keys(secret.reveal())
        except ValueError as error:
            raise ConfigError([f"channel {name}: secret: {error}"]) from None

    def cost(self, notice: Notice) -> int:
        names = sum(len(name) + 1 for name in (*notice.alerts, *map(str, notice.documents)))
        return names + sum(len(_to_bytes(_change_json(change, _SHORT))) + 1 for change in notice.changes)

    def freeze(self, notice: Notice) -> Frozen:
        body = webhook_payload(notice, self.name, self._render)
        left_out = by_importance(notice.changes)[len(body["changes"]) :]
        hidden = tuple(change.key for change in left_out)
        return Frozen(body["subject"], _to_bytes(body), "application/json", hidden)

    def send(self, message: Frozen, *, delivery: str, to: str, about_to_commit: Callable[[], None]) -> str:
        about_to_commit()
        try:
            response = self._http(self._request(message, delivery))
        except SourceError as error:
            # Not chained: the cause may show the address.
            if isinstance(error, Changed) and error.status in _ACCEPTED:
                return f"{error.status}, and words that cannot be read"
            raise delivery_error("delivery.webhook", self._webhook.reveal(), error) from None
        return self._shown(f"{response.status} {response.body.decode('utf-8', 'replace')}")

    def _request(self, message: Frozen, delivery: str) -> Request:
        keys = signing_keys(self._secret.reveal())
        return Request(
            url=self._webhook.reveal(),
            method="POST",
            headers={
                "Content-Type": message.content_type,
                **signature_headers(keys, delivery, int(self._clock()), message.body),
            },
            body=message.body,
            expect=_ACCEPTED,
            max_bytes=_ANSWER,
        )

    def _shown(self, words: str) -> str:
        return without_address(words, self._webhook.reveal())


def webhook_payload(notice: Notice, channel: str, render: RenderOptions = _ENGLISH) -> Json:
    """Return the message as JSON: the members of `alerts` that do not change from attempt to attempt, with the
    changes themselves as `history` has them, most important first. Where they do not all fit, their words are cut
    short; `more` counts those that found no room even so, which only a single alert can have."""
    message = compose(notice, render)
    changes = by_importance(notice.changes)
    body: Json = {
        "alert": " ".join(notice.alerts),
        "delivery": notice.delivery,
        "id": " ".join(map(str, notice.documents)),
        "title": one_line(notice.title, _LINE) or None,
        "url": message.link,
        "status": notice.status,
        "status_on": one_line(notice.status_on, _WORD) or None,
        "changes": [],
        "more": 0,
        "watch": one_line(", ".join(notice.watches), _LINE) or None,
        "note": one_line(notice.note, _LINE) or None,
        "channel": channel,
        "to": notice.to,
        "created_at": iso_utc(notice.created_at),
        "reason": one_line(reason_sentence(notice.reasons, message.language), _LINE),
        "corrects": next((change.corrects for change in changes if change.corrects), None),
        "subject": message.subject,
    }
    room = LARGEST_BODY - len(_to_bytes(body))
    for limits in (_LONG, _SHORT):
        listed = [_change_json(change, limits) for change in changes]
        fitting = _fitting(listed, room)
        if fitting == len(listed):
            break
    return body | {"changes": listed[: max(1, fitting)], "more": len(listed[max(1, fitting) :])}


def _fitting(listed: Sequence[Json], room: int) -> int:
    """Return how many of the changes there is room for, in bytes."""
    sizes = accumulate(len(_to_bytes(change)) + 1 for change in listed)
    return sum(1 for _ in takewhile(lambda size: size <= room, sizes))


def _change_json(change: Change, limits: Mapping[str, int]) -> Json:
    """Return a change as `history` has it, its words as clean lines. Names stay as they are: they are looked up."""
    return {name: _clean(name, value, limits) for name, value in change_json(change).items()}


def _clean(name: str, value: str | int | None, limits: Mapping[str, int]) -> str | int | None:
    if not isinstance(value, str):
        return value
    if name in _NAMES:
        return _HALF.sub("\ufffd", value)
    return one_line(value, limits.get(name, _WORD))


def _to_bytes(value: Json) -> bytes:
    """Write JSON in ASCII, so that nothing between here and the receiver can trip over a character."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
