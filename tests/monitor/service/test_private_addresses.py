"""No address that anybody writes or answers leads inside: every spelling, at every entrance, with every reader.

The names are resolved by the worst resolver there is: whatever it is asked, it answers 127.0.0.1.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from domain.documents import DocumentId
from domain.errors import ConfigError, DeliveryError, LexwatchError, SourceError
from domain.observation import PollRequest
from domain.ports import Http
from domain.records.facets import DEFAULT_KINDS
from monitor.config.loader import load_config
from monitor.config.settings import Settings
from monitor.http.client import HttpClient
from monitor.service.context import build_sources
from monitor.service.process import Heartbeat
from monitor.service.runtime import THIS_MACHINE, build_notifiers
from notifications.compose import trial_notice as trial
from tests.monitor.http.misbehaving_server import JSON, NOW, Origin, misbehave, open_client, redirects, says
from tests.monitor.http.test_redirects import INSIDE

BILL = DocumentId("us", "bill", ("119", "hr", "6508"))
FOLLOWED = dict.fromkeys([BILL, DocumentId("ua", "regime", ("martial-law",))], DEFAULT_KINDS)
SPELLINGS = [pytest.param(*spelling.values, id=str(spelling.id).split(" ", 1)[1]) for spelling in INSIDE]
WRITTEN = {
    "base_url of congress": "[source.congress]\nbase_url = {}\n",
    "base_url of rada": "[source.rada]\nbase_url = {}\n",
    "feed of a watch": '[[watch]]\nname = "acts"\nfeed = {}\n',
    "webhook": '[[channel]]\nname = "room"\nkind = "slack"\nwebhook = {{ env = "ADDRESS" }}\n',
    "signed webhook": '[[channel]]\nname = "hook"\nkind = "webhook"\nwebhook = {{ env = "ADDRESS" }}\n'
    'secret = {{ env = "SIGNING" }}\n',
    "heartbeat": '[service]\nheartbeat = {{ env = "ADDRESS" }}\n',
}
ANSWERED = [name for name in WRITTEN if name != "heartbeat"]
SECRETS = {"CONGRESS_API_KEY": "key", "SIGNING": "whsec_Y29uc3RydWN0ZWQta2V5LW9mLTMyLWJ5dGVzLSEhISE="}
MAIL = """
[[channel]]
name = "desk"
kind = "email"
to = ["a@example.org"]
sender = "b@example.org"
server = {}
"""


def everything_is_here(_host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@pytest.fixture(scope="module")
def guarded() -> Iterator[HttpClient]:
    with open_client(allow_hosts=[], resolve=everything_is_here, sleep=lambda _: None) as door:
        yield door


@pytest.fixture(scope="module")
def friendly() -> Iterator[HttpClient]:
    """A door that lets one name lie anywhere."""
    with open_client(allow_hosts=["publisher.test"], resolve=everything_is_here) as door:
        yield door


@pytest.fixture
def inside() -> Iterator[Origin]:
    with misbehave(says("200 OK", JSON, body=b"{}")) as origin:
        yield origin


def configured(folder: Path, text: str, address: str) -> Settings:
    """Read a configuration that leads to `address`; ConfigError where it is refused there already."""
    (folder / "config.toml").write_text(text.format(json.dumps(address)), encoding="utf-8")
    return load_config(folder / "config.toml", now=NOW, env={"ADDRESS": address, **SECRETS})


def go_everywhere(settings: Settings, http: Http) -> list[LexwatchError]:
    """Ask and tell everybody the configuration names, once; return what was refused."""
    errors: list[LexwatchError] = []
    for beat in build_sources(settings).values():
        try:
            errors += [
                fault.error
                for page in beat.watcher.poll(PollRequest(None, FOLLOWED, NOW), http)
                for fault in page.faults
            ]
        except SourceError as error:
            errors.append(error)
    for name, notifier in build_notifiers(settings, http).items():
        message = notifier.freeze(trial(name, notifier.recipients[0], NOW, "UTC"))
        try:
            notifier.send(message, delivery="1", to=notifier.recipients[0], about_to_commit=lambda: None)
        except DeliveryError as error:
            errors.append(error)
    if settings.heartbeat is not None:
        Heartbeat(settings.heartbeat).ask(http)  # says so in the log and raises nothing
    return errors


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_address_written_into_the_configuration_does_not_lead_inside(
    tmp_path: Path, inside: Origin, guarded: HttpClient, spelling: str, scheme: str
) -> None:
    address = spelling.format(port=inside.port).replace("http", scheme, 1)
    for name, text in WRITTEN.items():
        try:
            settings = configured(tmp_path, text, address)
        except ConfigError:
            continue
        assert go_everywhere(settings, guarded) or name == "heartbeat", name
    assert inside.connections == 0


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_answer_does_not_lead_inside(tmp_path: Path, inside: Origin, friendly: HttpClient, spelling: str) -> None:
    address = spelling.format(port=inside.port)
    listed = {"bills": [], "pagination": {"count": 500, "next": f"{address}v3/bill/119?offset=250"}}
    answers = [redirects(address.encode().decode("latin-1")), says("200 OK", JSON, body=json.dumps(listed).encode())]
    for answer, name in product(answers, ANSWERED):
        with misbehave(answer) as origin:
            text = f'[http]\nallow_hosts = ["publisher.test"]\n{WRITTEN[name]}'
            settings = configured(tmp_path, text, f"http://publisher.test:{origin.port}/v3")
            # Any 200 is a yes of a signed webhook, whatever it says.
            assert go_everywhere(settings, friendly) or name == "signed webhook", name
            assert origin.connections > 0
    assert inside.connections == 0


@pytest.mark.parametrize("spelling", [s for s in SPELLINGS if "test" not in str(s.values[0])])
def test_a_mail_server_lies_inside_only_if_it_is_this_machine_in_so_many_words(
    tmp_path: Path, inside: Origin, guarded: HttpClient, spelling: str
) -> None:
    server = spelling.format(port=inside.port).replace("http:", "smtp:").rstrip("/")
    if server in [f"smtp://{host}:{inside.port}" for host in (*THIS_MACHINE, "[::1]")]:
        return
    try:
        settings = configured(tmp_path, MAIL, server)
    except ConfigError:
        return
    assert go_everywhere(settings, guarded)
    assert inside.connections == 0
