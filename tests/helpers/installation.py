"""The real command in a subprocess, with a configuration of its own and receivers on loopback."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.helpers.fork_server import ROOT, run_command
from tests.helpers.http_server import HttpServer, ReceivedRequest, Reply, serve
from tests.helpers.mail_server import MailServer, serve_mail

HOOK_SECRET = "T0PLANTED-HOOK"
KEY_SECRET = "K0PLANTED-KEY"


@dataclass(slots=True)
class Installation:
    """One installation: a configuration, a publisher, a mailbox and a Slack room."""

    folder: Path
    publisher: HttpServer
    mail: MailServer
    slack: HttpServer
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def run(self, *words: str, now: str | None = None) -> subprocess.CompletedProcess[str]:
        clock = ("--now", now) if now else ()
        environment = {**os.environ, **self.environment, "PYTHONPATH": str(ROOT)}
        return run_command(["--config", str(self.config), *clock, *words], self.folder, environment)

    def once(self, now: str) -> subprocess.CompletedProcess[str]:
        """Run once at an instant of the rehearsal; it has to go well."""
        done = self.run("run", "--once", now=now)
        assert done.returncode == 0, done.stderr
        return done

    def json(self, *words: str) -> Any:
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def subjects(self) -> list[str]:
        return [str(mail.message["Subject"]) for mail in self.mail.accepted]

    def slack_texts(self) -> list[str]:
        return [json.loads(asked.body)["text"] for asked in self.slack.asked]


def configuration(publisher: str, mail: str, more: str = "") -> str:
    return f"""
[service]
database = "record.db"
contact  = "desk@example.org"
operator = ["desk"]
[http]
allow_hosts = ["127.0.0.1"]
[source.congress]
every    = "1m"
base_url = "{publisher}/v3"
api_key  = {{ env = "CONGRESS_API_KEY" }}
[[watch]]
bill = "us/bill/119/hr/6508"
note = "US withdrawal from NATO"
[[channel]]
name   = "desk"
kind   = "email"
to     = ["desk@example.org"]
sender = "lexwatch@example.org"
server = "{mail}"
[[channel]]
name    = "policy-room"
kind    = "slack"
webhook = {{ env = "SLACK_WEBHOOK_URL" }}
{more}
"""


def _ok(_: ReceivedRequest) -> Reply:
    return Reply(body=b"ok", content_type="text/plain")


@contextmanager
def installed(
    folder: Path, publisher: HttpServer, more: str = "", environment: Mapping[str, str] = {}
) -> Iterator[Installation]:
    """Set up an installation that reads from `publisher`."""
    with serve(_ok) as slack, serve_mail() as mail:
        secrets = {"SLACK_WEBHOOK_URL": f"{slack.url}/services/{HOOK_SECRET}", "CONGRESS_API_KEY": KEY_SECRET}
        made = Installation(folder, publisher, mail, slack, {**secrets, **environment})
        made.config.write_text(configuration(publisher.url, mail.server, more))
        yield made
