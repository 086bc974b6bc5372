"""In what words and by what channel people are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from domain.ports import Notifier


def _lazy(module: str, name: str) -> Callable[..., Notifier]:
    """Return a factory that imports its channel when the first one is built: who sends no mail pays for none."""

    def build(**options: Any) -> Notifier:
        return cast("Notifier", getattr(import_module(module), name)(**options))

    return build


NOTIFIERS: Mapping[str, Callable[..., Notifier]] = {
    "apprise": _lazy("notifications.apprise", "Apprise"),
    "console": _lazy("notifications.console", "Console"),
    "email": _lazy("notifications.email", "Email"),
    "slack": _lazy("notifications.slack", "Slack"),
    "webhook": _lazy("notifications.webhook", "Webhook"),
}
"""Kind of a channel, as `kind` in the configuration says it, to what builds it from keywords."""
