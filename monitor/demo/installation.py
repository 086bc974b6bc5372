"""What does a newcomer's lexwatch consist of? A folder with a configuration, two secrets and, soon, a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.documents import DocumentId

DESK, SENDER, ROOM = "desk@example.org", "lexwatch@example.org", "policy-room"

_CONFIGURATION = """\
[service]
database = "lexwatch.db"
timezone = "America/New_York"
contact  = "{desk}"

[http]
allow_hosts = ["127.0.0.1"]

[source.congress]
every    = "15m"
base_url = "{at.congress}"
api_key  = {{ file = "congress.key" }}

[source.rada]
every    = "30m"
base_url = "{at.rada}"

[[channel]]
name   = "desk"
kind   = "email"
to     = ["{desk}"]
sender = "{sender}"
server = "{at.server}"

[[channel]]
name    = "{room}"
kind    = "slack"
webhook = {{ file = "slack.webhook" }}
"""

_WATCH = """
[[watch]]
{kind} = "{document}"
name = "{name}"
note = "{note}"
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """What somebody follows, a bill or a regime, and why."""

    document: DocumentId
    name: str
    note: str

    def toml(self) -> str:
        """Return the table that stands for it in the configuration."""
        return _WATCH.format(kind=self.document.kind, document=self.document, name=self.name, note=self.note)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the others are: the record of the Congress, the legislation of Ukraine, the mail server, the room."""

    congress: str
    rada: str
    server: str
    webhook: str


def install(folder: Path, addresses: Addresses, watched: Sequence[Watched]) -> Path:
    """Write an installation into `folder`, over what is there, and return its configuration file."""
    _secret(folder / "congress.key", "a-key-that-only-the-demo-accepts")
    _secret(folder / "slack.webhook", addresses.webhook)
    text = _CONFIGURATION.format(desk=DESK, sender=SENDER, room=ROOM, at=addresses)
    config = folder / "config.toml"
    config.write_text(text + "".join(entry.toml() for entry in watched), encoding="utf-8")
    return config


def _secret(path: Path, value: str) -> None:
    path.touch(mode=0o600)
    path.write_text(value + "\n", encoding="utf-8")
