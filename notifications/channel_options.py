"""Which keys has a channel of each kind, besides those of every channel?

They stand apart from the channels themselves, because whoever only reads the configuration imports no mail, template or
HTTP library.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec

from domain import options
from domain.options import Key, KeyContext, Secret, as_written, host_of


def _mail_server(raw: Any, context: KeyContext) -> str:
    """Read `smtp://host:25`, `smtp+starttls://user@host:587` or `smtps://user@host:465`; a password is refused."""
    server = options.text(raw)
    parts = options.split_address(server)
    if parts is not None and parts.password is not None:
        raise ValueError('the password does not belong in the address: write password = { env = "NAME" }')
    known = parts is not None and parts.scheme in ("smtp", "smtp+starttls", "smtps") and parts.path in ("", "/")
    if not known or not host_of(server):
        expected = 'expected "smtp://host:25", "smtp+starttls://user@host:587" or "smtps://user@host:465"'
        raise ValueError(expected if "@" in server else f"{expected}, saw {as_written(server)}")
    host = host_of(server)
    if options.is_private_host(host) and host not in context.allow_hosts:
        context.warn(f'{host} is a private address: list it in http.allow_hosts (allow_hosts = ["{host}"])')
    return server


def _unsubscribe(raw: Any, _: KeyContext) -> str:
    """Read where a reader of a mail can leave: `mailto:` or `https://`, in ASCII, as it stands in a header."""
    scheme, _colon, rest = options.text(raw).partition(":")
    known = scheme in ("mailto", "https") and len(raw) <= 500 and re.fullmatch(r"[!-;=?-~]+", raw)
    if not known or (scheme == "mailto" and "@" not in rest) or (scheme == "https" and not host_of(raw)):
        raise ValueError(f'expected "mailto:desk@example.org" or "https://…", saw {as_written(raw)}')
    return options.text(raw)


def _signing_secret(raw: Any, context: KeyContext) -> Secret:
    from notifications.webhook import signing_keys

    found = context.secret(raw)
    if found.reveal():
        try:
            signing_keys(found.reveal())
        except ValueError as error:
            raise ValueError(f"{error}, saw something else") from None
    return found


def _service_address(raw: Any, context: KeyContext) -> Secret:
    """Read an address of Apprise's, such as `tgram://token/chat`. It connects by itself, so that all that can be judged
    is a private host written in it."""
    from importlib.util import find_spec

    found = context.secret(raw)
    address = found.reveal()
    if address and ("://" not in address or not address.isprintable()):
        raise ValueError("expected one address of Apprise's, such as tgram://token/chat, saw something else")
    host = host_of(address)
    if host and options.is_private_host(host) and host not in context.allow_hosts:
        raise ValueError("expected a public host; a private one has to be listed in http.allow_hosts")
    if find_spec("apprise") is None:
        raise ValueError("needs a package that is not installed: pip install 'lexwatch[apprise]'")
    return found


class ConsoleOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing: a console is the terminal the service runs in."""


class EmailOptions(msgspec.Struct, frozen=True, kw_only=True):
    to: Annotated[
        tuple[str, ...], Key("a list of bare addresses; each gets a message of its own", options.mail_addresses)
    ]
    sender: Annotated[str, Key("the bare address mail comes from", options.mail_address)]
    server: Annotated[
        str,
        Key(
            "`smtp://host`, `smtp+starttls://user@host`, `smtps://user@host`; default ports 25, 587, 465", _mail_server
        ),
    ]
    password: Annotated[Secret | None, Key("needed when `server` names a user", options.secret)] = None
    unsubscribe: Annotated[
        str | None,
        Key("where a reader can leave, `mailto:…` or `https://…`: becomes `List-Unsubscribe`", _unsubscribe),
    ] = None


class SlackOptions(msgspec.Struct, frozen=True, kw_only=True):
    webhook: Annotated[Secret, Key("the address to post to", options.secret_address)]


class WebhookOptions(msgspec.Struct, frozen=True, kw_only=True):
    webhook: Annotated[Secret, Key("the address to post to", options.secret_address)]
    secret: Annotated[
        Secret,
        Key(
            "what messages are signed with, `whsec_` and 24 to 64 random bytes in base64; several, separated by white "
            "space, while one is replaced",
            _signing_secret,
            missing="; expected whsec_ and 24 to 64 random bytes in base64, such as "
            '`echo "whsec_$(openssl rand -base64 32)"` prints; the receiver is given the same',
        ),
    ]


class AppriseOptions(msgspec.Struct, frozen=True, kw_only=True):
    url: Annotated[Secret, Key("one address of Apprise's, such as `tgram://token/chat`", _service_address)]
