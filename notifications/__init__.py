"""In what words and by what channel people are notified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import msgspec

    from domain.ports import Notifier


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """Where a kind of channel stands, as `module:name`: the struct of its keys, which must cost nothing to import, and
    the notifier, imported when the first one is built."""

    options: str
    notifier: str


CHANNEL_KINDS: Mapping[str, ChannelKind] = {
    "apprise": ChannelKind("notifications.channel_options:AppriseOptions", "notifications.apprise:Apprise"),
    "console": ChannelKind("notifications.channel_options:ConsoleOptions", "notifications.channel:Console"),
    "email": ChannelKind("notifications.channel_options:EmailOptions", "notifications.email:Email"),
    "slack": ChannelKind("notifications.channel_options:SlackOptions", "notifications.slack:Slack"),
    "webhook": ChannelKind("notifications.channel_options:WebhookOptions", "notifications.webhook:Webhook"),
}
"""`kind` of a channel in the configuration → where it stands."""


def options_of_channel(kind: str) -> type[msgspec.Struct]:
    """Return the struct with the keys of a kind of channel; KeyError for a kind nobody has."""
    return cast("type[msgspec.Struct]", _imported(CHANNEL_KINDS[kind].options))


def build_notifier(kind: str, name: str, keys: Mapping[str, Any], **surroundings: Any) -> Notifier:
    """Build a channel from its keys. `surroundings` are what the program offers (`http`, `connect`, `render`): a
    notifier is given what its own parameters name."""
    from inspect import signature  # whoever only reads the configuration does not pay for this

    notifier = _imported(CHANNEL_KINDS[kind].notifier)
    wanted = signature(notifier).parameters
    offered = {word: value for word, value in surroundings.items() if word in wanted}
    return cast("Notifier", notifier(name=name, **keys, **offered))


def _imported(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
