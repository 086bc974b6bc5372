"""The real command with a configuration of its own and receivers on loopback."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any
from unittest.mock import patch

from monitor.cli.main import main
from tests.helpers.fork_server import ROOT, run_command
from tests.helpers.http_server import HttpServer, ReceivedRequest, Reply, serve
from tests.helpers.mail_server import MailServer, serve_mail

HOOK_SECRET = "T0PLANTED-HOOK"
KEY_SECRET = "K0PLANTED-KEY"


@dataclass(slots=True)
class Installation:
    """One installation: a configuration, a publisher, a mailbox and a Slack room. The command runs in this process,
    unless `separate`: in one of its own, which costs three times as much."""

    folder: Path
    publisher: HttpServer
    mail: MailServer
    slack: HttpServer
    environment: dict[str, str] = field(default_factory=dict)
    separate: bool = False

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def run(self, *words: str, now: str | None = None) -> CompletedProcess[str]:
        arguments = ["--config", str(self.config), *(("--now", now) if now else ()), *words]
        if self.separate:
            environment = {**os.environ, **self.environment, "PYTHONPATH": str(ROOT)}
            return run_command(arguments, self.folder, environment)
        with (
            chdir(self.folder),
            patch.dict(os.environ, self.environment),
            patch("monitor.service.service.exit_at_once", side_effect=AssertionError("something still runs")),
            redirect_stdout(StringIO()) as printed,
            redirect_stderr(StringIO()) as logged,
        ):
            status = main(arguments)
        return CompletedProcess(arguments, status, printed.getvalue(), logged.getvalue())

    def once(self, now: str) -> CompletedProcess[str]:
        """Run once at an instant of the rehearsal; it has to go well."""
        done = self.run("run", "--once", now=now)
        assert done.returncode == 0, done.stderr
        return done

    def json(self, *words: str) -> Any:
        """Return what a command answers, also that something is not well."""
        done = self.run(*words, "--json")
        assert done.returncode in (0, 1), done.stderr
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
