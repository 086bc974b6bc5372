"""What is known of a message whose receiver did not say that it took it?"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from domain.errors import Blocked, DeliveryError, SourceError
from notifications.sanitize import one_line

_LONGEST = 300

ADDRESS_REFUSED = frozenset({401, 402, 403, 404, 405, 407, 410, 451})
"""Answers about the address or the credential, not about the message: the next message would get the same one."""


def delivery_error(said: str, error: SourceError) -> DeliveryError:
    """Return what an answer to a POST, or its absence, means for the message. `said` is for people."""
    status = error.status
    if status is None or 200 <= status < 300:
        return DeliveryError(said, retry_after=error.retry_after, maybe_sent=error.reached, channel=True)
    # A server that failed, or a gateway before it, does not say that the receiver has not taken the message.
    maybe_sent = status >= 500
    # A challenge in front of the receiver is no word of the receiver's.
    if status in ADDRESS_REFUSED and not isinstance(error, Blocked):
        return DeliveryError(said, retry_after=error.retry_after, refused=True)
    permanent = 400 <= status < 500 and status not in (408, 425, 429) and not isinstance(error, Blocked)
    return DeliveryError(
        said, permanent=permanent, retry_after=error.retry_after, maybe_sent=maybe_sent, channel=not permanent
    )


def without_address(text: str, url: str) -> str:
    """Return a text as one line without an address that is a secret, nor any part of it but the host."""
    parts = urlsplit(url)
    values = (value for _, value in parse_qsl(parts.query))
    secret = (url, f"{parts.path}?{parts.query}", parts.path, parts.query, *parts.path.split("/"), *values)
    for piece in sorted((p for p in secret if len(p) > 3), key=len, reverse=True):
        text = text.replace(piece, "[webhook]")
    return one_line(text, _LONGEST)
