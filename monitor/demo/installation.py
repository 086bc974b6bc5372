"""What does a newcomer's lexwatch consist of? A folder with a configuration, two secrets and, soon, a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.identity import DocumentId

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
base_url = "{base_url}"
api_key  = {{ file = "congress.key" }}

[[channel]]
name   = "desk"
kind   = "email"
to     = ["{desk}"]
sender = "{sender}"
server = "{server}"

[[channel]]
name    = "{room}"
kind    = "slack"
webhook = {{ file = "slack.webhook" }}
"""

_WATCH = """
[[watch]]
bill = "{bill}"
name = "{name}"
note = "{note}"
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """A bill somebody follows, and why."""

    bill: DocumentId
    name: str
    note: str

    def toml(self) -> str:
        """Return the table that stands for it in the configuration."""
        return _WATCH.format(bill=self.bill, name=self.name, note=self.note)


def install(folder: Path, *, base_url: str, server: str, webhook: str, watched: Sequence[Watched]) -> Path:
    """Write an installation into `folder`, over what is there, and return its configuration file.

    `base_url` is the publisher's address, `server` the mail server's, `webhook` the room's.
    """
    _secret(folder / "congress.key", "a-key-that-only-the-demo-accepts")
    _secret(folder / "slack.webhook", webhook)
    text = _CONFIGURATION.format(desk=DESK, sender=SENDER, room=ROOM, base_url=base_url, server=server)
    config = folder / "config.toml"
    config.write_text(text + "".join(entry.toml() for entry in watched), encoding="utf-8")
    return config


def _secret(path: Path, value: str) -> None:
    path.touch(mode=0o600)
    path.write_text(value + "\n", encoding="utf-8")
