"""How is an alert put into a Slack channel by an incoming webhook?"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from domain.delivery import Frozen
from domain.errors import DeliveryError, SourceError
from domain.http import Request, Response
from domain.ports import Http, Notice
from domain.secret import Secret
from notifications.clean import one_line
from notifications.manner import Manner
from notifications.posting import refusal, without_address
from notifications.slack_blocks import payload
from notifications.words import compose

_PASSING = frozenset({"ratelimited", "rate_limited", "rollup_error", "internal_error", "fatal_error"})
"""Errors in a 200 answer that pass by themselves."""

_OF_THE_MESSAGE = frozenset(
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

    def __init__(self, *, name: str, webhook: Secret, http: Http, manner: Manner | None = None) -> None:
        self.name = name
        self._manner = manner or Manner()
        self._webhook = webhook
        self._http = http

    @property
    def recipients(self) -> Sequence[str]:
        return (self.name,)

    def freeze(self, notice: Notice) -> Frozen:
        letter = compose(notice, self._manner)
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
    if error in _OF_THE_MESSAGE:
        raise DeliveryError(said, permanent=True)
    raise DeliveryError(said, channel=True, refused=error not in _PASSING)
