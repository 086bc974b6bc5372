"""Secrets are planted in every field that takes one; then everything goes wrong that can, and they are looked for.

The service with its real store, door and senders; only the door's deadline is short, so that what hangs ends soon.
"""

from __future__ import annotations

import base64
import io
import logging
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from itertools import cycle
from pathlib import Path
from urllib.parse import quote

import pytest

from domain.sources import Request
from monitor.config.loader import load_config
from monitor.service.logs import LineFormatter, setup_logging
from monitor.service.process import ShutdownSignals
from monitor.service.runtime import build_notifiers, open_runtime
from monitor.service.service import Service
from tests.helpers.fakes import ManualClock
from tests.helpers.mail_server import MailServer, serve_mail
from tests.helpers.timing import NO_HANG_SECONDS
from tests.monitor.http.misbehaving_server import (
    JSON,
    Origin,
    Script,
    answer,
    hangs,
    misbehave,
    open_client,
    redirects,
    resets,
    says,
)
from tests.monitor.http.test_transport import FAULTS
from tests.notifications import scripted_smtp_server
from tests.watchers.congress.publisher import BASE, START, Publisher

SECRETS = {
    "CONGRESS_API_KEY": "K3YcongressPLANTEDcongress0123456789abcd",
    "RADA_KEY": "K3YradaPLANTEDrada",
    "SMTP_PASSWORD": "pa55wordPLANTED/+ =%",
    "SLACK_WEBHOOK_URL": "{hook}/services/T0PLANTED/B0PLANTED/x0PLANTEDx",
    "HEARTBEAT_URL": "{hook}/beat/h0PLANTEDh",
    "WEBHOOK_URL": "{hook}/w0PLANTEDw?signed=q0PLANTEDq",
    "WEBHOOK_SECRET": f"whsec_{base64.b64encode(b'PLANTED-signing-key-of-32-bytes!').decode()}",
}
CONFIG = """
[service]
database = "record.db"
operator = ["out", "desk", "room", "hook", "good"]
heartbeat = {{ env = "HEARTBEAT_URL" }}
[http]
allow_hosts = ["127.0.0.1"]
[source.congress]
every = "1m"
base_url = "{publisher}/v3"
api_key = {{ env = "CONGRESS_API_KEY" }}
[source.rada]
every = "1m"
base_url = "{publisher}"
api_key = {{ env = "RADA_KEY" }}
[[watch]]
bill = "us/bill/119/hr/6508"
[[watch]]
regime = "ua/regime/martial-law"
[[channel]]
name = "out"
kind = "console"
[[channel]]
name = "desk"
kind = "email"
to = ["desk@example.org"]
sender = "lexwatch@example.org"
server = "smtp://me@127.0.0.1:{mail_port}"
password = {{ env = "SMTP_PASSWORD" }}
[[channel]]
name = "room"
kind = "slack"
webhook = {{ env = "SLACK_WEBHOOK_URL" }}
[[channel]]
name = "hook"
kind = "webhook"
webhook = {{ env = "WEBHOOK_URL" }}
secret = {{ env = "WEBHOOK_SECRET" }}
[[channel]]
name = "good"
kind = "email"
to = ["good@example.org"]
sender = "lexwatch@example.org"
server = "{mailbox}"
"""


@dataclass(slots=True)
class Host:
    """A publisher or receiver that plays one script after the other; `parrots` give back what they were sent."""

    origin: Origin = field(default_factory=Origin)
    now: Script = field(default_factory=lambda: says("200 OK", body=b"ok"))

    def __call__(self, connection: socket.socket) -> None:
        self.now(connection)

    def parrots(self, elsewhere: Origin) -> list[Script]:
        def with_head(make: object) -> Script:
            return lambda connection: connection.sendall(make(self.origin.heads[-1]))  # type: ignore[operator]

        def flat(head: str) -> str:
            return head.replace("\r\n", " ")

        return [
            with_head(lambda head: answer("403 Forbidden", JSON, body=f'{{"error": {{"code": "{head}"}}}}'.encode())),
            with_head(lambda head: answer(f"500 {flat(head)}", body=head.encode())),
            with_head(lambda head: answer("200 OK", "Content-Type: text/html", body=f"<html>{head}".encode())),
            with_head(lambda head: answer("200 OK", f"Content-Type: {flat(head)}", body=b"{")),
            with_head(lambda head: answer("200 OK", f"Content-Encoding: {flat(head)}", body=b"{")),
            with_head(lambda head: answer("302 Found", f"Location: ftp://x/{quote(head)}?{quote(head)}")),
            with_head(lambda head: answer("429 Wait", f"Retry-After: {flat(head)}", body=head.encode())),
            redirects(f"{elsewhere.url}/away"),
            redirects("http://10.0.0.1/inside"),
        ]


@dataclass(slots=True)
class ServiceHarness:
    service: Service
    clock: ManualClock
    publisher: Host
    hook: Host
    elsewhere: Origin
    mailbox: MailServer
    desk: scripted_smtp_server.Script
    log: io.StringIO
    bare: io.StringIO
    folder: Path

    def go_round(self) -> None:
        """Poll and send what is due two hours later."""
        self.clock.later(timedelta(hours=2))
        for name in self.service.runtime.sources:
            self.service.source_pool.submit(partial(self.service.poll, name))
        assert self.service.source_pool.wait(NO_HANG_SECONDS)
        self.service.keep_up()
        while self.service.dispatch_all(self.clock()):
            pass
        heartbeat = self.service.heartbeat
        assert heartbeat is not None
        heartbeat.ask(self.service.runtime.http)

    def well(self, connection: socket.socket) -> None:
        """Answer as the publishers do when nothing is wrong."""
        path = self.publisher.origin.heads[-1].split()[1]
        if not path.startswith("/v3"):
            return says("404 Not Found")(connection)
        reply = Publisher(now=self.clock())(Request(BASE + path.removeprefix("/v3"), expect=frozenset(range(999))))
        return says(f"{reply.status} OK", JSON, body=reply.body)(connection)


@pytest.fixture
def kept_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def harness(tmp_path: Path, kept_logging: None) -> Iterator[ServiceHarness]:
    publisher, hook, clock = Host(), Host(), ManualClock(START)
    refusal = f"535 5.7.8 no {SECRETS['SMTP_PASSWORD']} for me"
    with ExitStack() as stack:
        publisher.origin = stack.enter_context(misbehave(publisher))
        hook.origin = stack.enter_context(misbehave(hook))
        elsewhere = stack.enter_context(misbehave(says("200 OK", JSON, body=b"{}")))
        mailbox = stack.enter_context(serve_mail())
        desk = stack.enter_context(scripted_smtp_server.speak(EHLO="250-mail\r\n250 AUTH PLAIN LOGIN", AUTH=refusal))
        env = {name: value.format(hook=hook.origin.url) for name, value in SECRETS.items()}
        text = CONFIG.format(
            publisher=publisher.origin.url, mail_port=desk.server.rsplit(":")[-1], mailbox=mailbox.server
        )
        (tmp_path / "config.toml").write_text(text)
        settings = load_config(tmp_path / "config.toml", now=clock(), env=env)
        log, bare = io.StringIO(), io.StringIO()
        setup_logging(settings, log)
        unredacted = logging.StreamHandler(bare)
        unredacted.setFormatter(LineFormatter())
        logging.getLogger().addHandler(unredacted)
        app = open_runtime(settings, clock=clock, rehearsal=False)
        door = stack.enter_context(open_client(deadline=1.0))
        app = replace(app, http=door, notifiers=build_notifiers(settings, door))
        service = Service(app, lambda: settings, ShutdownSignals())
        yield ServiceHarness(service, clock, publisher, hook, elsewhere, mailbox, desk, log, bare, tmp_path)
        app.store.close()


def spellings(secret: str) -> set[str]:
    """Return the secret, or the telling parts of one that is an address, in every form that a log might know, in small
    letters."""
    parts = [part for part in secret.split("/") if "PLANTED" in part] if secret.startswith("{hook}") else [secret]
    forms = [(part, quote(part), quote(part, safe=""), repr(part)[1:-1]) for part in parts]
    coded = [base64.b64encode(part.encode()).decode().rstrip("=") for part in parts]
    return {form.lower() for found in (*forms, coded) for form in found}


def test_no_secret_leaves_its_own_way_whatever_goes_wrong(
    harness: ServiceHarness, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = [*harness.publisher.parrots(harness.elsewhere), *(fault.script for fault in FAULTS.values())]
    refusals = cycle([*harness.hook.parrots(harness.elsewhere), resets(), hangs()])
    for number, fault in enumerate(faults):
        harness.publisher.now, harness.hook.now = fault, next(refusals)
        harness.go_round()
        if number % 4 == 3:
            harness.publisher.now, harness.hook.now = harness.well, says("200 OK", body=b"ok")
            harness.go_round()

    printed = capsys.readouterr()
    stored = b"".join(path.read_bytes() for path in harness.folder.glob("record.db*"))
    mailed = b"".join(mail.content for mail in harness.mailbox.accepted)
    said = {
        "the log": harness.log.getvalue(),
        "what was logged before its redaction": harness.bare.getvalue(),
        "standard output and error": printed.out + printed.err,
        "the database": stored.decode("latin-1"),
        "messages": mailed.decode("latin-1") + harness.desk.body.decode("latin-1"),
        "another origin": "".join(harness.elsewhere.heads),
    }
    assert len(harness.mailbox.accepted) > 10, "the operator heard of much"
    assert "PLAIN" in "".join(harness.desk.lines), "the password was used"
    assert len(harness.elsewhere.heads) > 0
    for name, secret in SECRETS.items():
        found = {where for where, text in said.items() for form in spellings(secret) if form in text.lower()}
        assert not found, name
    own = dict.fromkeys(["SLACK_WEBHOOK_URL", "HEARTBEAT_URL", "WEBHOOK_URL"], harness.hook)
    own["CONGRESS_API_KEY"] = harness.publisher
    for name, secret in SECRETS.items():
        for host in (harness.publisher, harness.hook):
            met = any(form in head.lower() for head in host.origin.heads for form in spellings(secret))
            assert met == (own.get(name) is host), name
