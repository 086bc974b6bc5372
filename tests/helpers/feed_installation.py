"""An installation that reads a constructed feed of acts, asked through the real command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.helpers.installation import Installation, installed

FEED = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Acts (constructed)</title><id>urn:acts</id>
<updated>2026-03-01T00:00:00Z</updated>{entries}</feed>"""
ENTRY = """<entry><id>urn:act:{name}</id><title>{title}</title>
<updated>2026-03-01T00:00:00Z</updated><link href="https://example.org/{name}"/></entry>"""


@dataclass(slots=True)
class ActsFeed:
    """A feed to which acts are added: name → title."""

    titles: dict[str, str] = field(default_factory=lambda: {"zero": "Act zero (constructed)"})

    def add(self, *names: str) -> None:
        self.titles |= {name: f"Act {name} (constructed)" for name in names}

    def __call__(self, _: ReceivedRequest) -> Reply:
        entries = "".join(ENTRY.format(name=name, title=title) for name, title in self.titles.items())
        return Reply(
            body=FEED.format(entries=entries).encode(),
            content_type="application/atom+xml",
            headers={"etag": f'"{len(self.titles)}"'},
        )


@dataclass(slots=True)
class FeedInstallation(Installation):
    """An installation that watches a feed of acts."""

    acts: ActsFeed = field(default_factory=ActsFeed)

    def answer(self, *words: str, now: str | None = None) -> Any:
        """Return what a command answers in JSON, whatever its exit status."""
        return json.loads(self.run(*words, "--json", now=now).stdout)

    def configured(self, *, watch: str = "", channel: str = "", route: str = "", more: str = "") -> str:
        """Write the configuration, and return it."""
        text = f"""
[service]
database = "record.db"
timezone = "Europe/Kyiv"
operator = ["room"]
[http]
allow_hosts = ["127.0.0.1"]
[[watch]]
feed  = "{self.publisher.url}/acts"
name  = "acts"
every = "1s"
{watch}
[[channel]]
name   = "desk"
kind   = "email"
to     = ["desk@example.org", "second@example.org"]
sender = "lexwatch@example.org"
server = "{self.mail.server}"
{channel}
[[channel]]
name = "room"
kind = "slack"
webhook = {{ env = "SLACK_WEBHOOK_URL" }}
[[route]]
channels = ["desk"]
{route}
{more}
"""
        self.config.write_text(text)
        return text


@contextmanager
def feed_installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedInstallation]:
    acts = ActsFeed()
    with serve(acts) as loopback, installed(folder, loopback) as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        office = FeedInstallation(made.folder, made.publisher, made.mail, made.slack, acts=acts)
        office.configured()
        yield office
