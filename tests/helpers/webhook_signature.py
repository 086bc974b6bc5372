"""A receiver's side of Standard Webhooks, written from the specification and not from our signing."""

from __future__ import annotations

import hmac
from base64 import b64decode
from collections.abc import Mapping

SECRET = "whsec_" + "QUJD" * 8
"""A signing secret of 24 bytes (constructed)."""

OTHER = "whsec_" + "REVG" * 8


def verifies(headers: Mapping[str, str], body: bytes, secret: str = SECRET, *, now: float | None = None) -> bool:
    """Say whether one of the signatures is right and, with `now`, whether the attempt is of these five minutes.

    `headers` have lower-case names.
    """
    stamp = headers["webhook-timestamp"]
    content = f"{headers['webhook-id']}.{stamp}.".encode() + body
    right = hmac.new(b64decode(secret.removeprefix("whsec_")), content, "sha256").digest()
    said = [b64decode(word[3:]) for word in headers["webhook-signature"].split(" ") if word.startswith("v1,")]
    fresh = now is None or abs(now - int(stamp)) <= 300
    return fresh and any(hmac.compare_digest(right, one) for one in said)
