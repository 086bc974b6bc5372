"""How can a receiver tell that a message is ours, and not an old one sent again by somebody else?

The symmetric signatures of Standard Webhooks 1.0.0 (its sections "Signature scheme" and "Webhook headers").
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

PREFIX = "whsec_"
LEAST, MOST = 24, 64
"""Bytes of a signing key (192 to 512 bits)."""

EXPECTED = (
    f"expected {PREFIX} and {LEAST} to {MOST} random bytes in base64, such as "
    f'`echo "{PREFIX}$(openssl rand -base64 32)"` prints; the receiver is given the same'
)


def signing_keys(secret: str) -> tuple[bytes, ...]:
    """Return the keys a secret holds. Several, separated by white space, sign every message while one is replaced.

    Raises ValueError, which says what a secret looks like and never what it was.
    """
    found = tuple(map(_key, secret.split()))
    if not found:
        raise ValueError(EXPECTED)
    return found


def signed(keys: tuple[bytes, ...], id: str, at: int, body: bytes) -> dict[str, str]:
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
        key = base64.b64decode(word.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    # Not chained: what binascii says is no help, and a traceback would show the secret.
    if not word.startswith(PREFIX) or not LEAST <= len(key) <= MOST:
        raise ValueError(EXPECTED)
    return key
