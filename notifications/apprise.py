"""How is an alert sent by one of the hundred services that Apprise speaks to?

Apprise opens its own connections: they do not pass lexwatch's HTTP client. All it says is that a service took a message
or did not, so a message that it did not send may have arrived: it is tried again, and marked.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

from domain.alerts.delivery import Frozen
from domain.errors import ConfigError, DeliveryError
from domain.options import Secret
from domain.ports import Notice
from notifications.channel import Channel, without_address
from notifications.compose import Room, compose
from notifications.templates import RenderOptions
from notifications.translation import coded_error

MISSING = "the kind apprise needs a package that is not installed: pip install 'lexwatch[apprise]'"

_LONGEST = 120
"""Seconds for one message, all tries of Apprise's own together; far below LEASE."""

_ROOM = Room(full=4, lines=15)
"""Many services take no more than two thousand characters."""

_MENTION = re.compile(r"(?<!\w)@(?=\w)|<(?=[!@#&])")
_JOINER = "\N{WORD JOINER}"


class Apprise(Channel):
    """Sends by one address of Apprise's (`json://host`, `tgram://token/chat`), which is a credential and appears in no
    error. ConfigError where the package is missing or does not know the address."""

    kind = "apprise"
    capacity = 10

    def __init__(self, *, name: str, url: Secret, render: RenderOptions | None = None) -> None:
        super().__init__(name, render)
        self._url = url
        self._service = _service(name, url)

    def freeze(self, notice: Notice) -> Frozen:
        message = compose(notice, self._render, _ROOM)
        body = without_mentions(self._render.templates.as_short_text(message))
        subject = without_mentions(message.subject)
        return Frozen(subject, body.encode(), "text/plain; charset=utf-8", message.counted_only)

    def send(self, message: Frozen, *, delivery: str, to: str, about_to_commit: Callable[[], None]) -> str:
        about_to_commit()
        try:
            result = self._service.notify(
                body=message.body.decode(), title=message.subject, body_format="text", timeout=_LONGEST
            )
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            # Not chained: the cause may show the address.
            facts = {"maybe_sent": True, "channel": True}
            raise coded_error(DeliveryError, "delivery.apprise", {"fault": type(error).__name__}, **facts) from None
        if not result:
            params = {"reason": self._reason(result)}
            raise coded_error(DeliveryError, "delivery.not_taken", params, maybe_sent=True, channel=True)
        return "taken"

    def _reason(self, result: Any) -> str:
        """Return the last thing Apprise logged of this message, without the address."""
        said = [entry.message for entry in result.logs() if entry.level in ("WARNING", "ERROR")]
        return without_address(said[-1], self._url.reveal()) if said else "Apprise does not say why"


def without_mentions(text: str) -> str:
    """Return a text in which nobody is called: `@everyone` and `<!channel>` are read, and no more than that."""
    return _MENTION.sub(lambda found: found[0] + _JOINER, text)


def _service(name: str, url: Secret) -> Any:
    try:
        import apprise
    except ImportError:
        raise ConfigError([f"channel {name}: {MISSING}"]) from None
    # Its log shows addresses, which are secrets here; what matters of it is told with the message.
    logging.getLogger("apprise").propagate = False
    service = apprise.Apprise(asset=apprise.AppriseAsset(http_redirects=False))
    if not service.add(url.reveal()):
        raise ConfigError([f"channel {name}: url: Apprise does not know such an address; see its list of services"])
    return service
