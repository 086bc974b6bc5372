"""Does each channel tell in its own words, and does the operator hear of a template that cannot be used?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import ConfigError
from domain.records.facets import Kind
from monitor.config.loader import load_config
from monitor.config.settings import Settings
from monitor.service.runtime import build_http, build_notifiers, build_runtime, template_faults, unknown_templates
from notifications.compose import trial_notice as trial
from tests.helpers.stores import TemporaryStore

NOW = datetime(2026, 1, 20, 10, tzinfo=UTC)
ENV = {"PHONE": "json://203.0.113.9/token", "INSIDE": "json://10.0.0.5/token", "WRONG": "no address"}

DESK = """
[service]
timezone = "Europe/Kyiv"
language = "uk"
operator = ["first"]
{service}

[[channel]]
name = "first"
kind = "console"
{first}

[[channel]]
name = "second"
kind = "console"
language = "en"
timezone = "America/New_York"
"""


def settings(folder: Path, text: str) -> Settings:
    path = folder / "config.toml"
    path.write_text(text)
    return load_config(path, now=NOW, env=ENV)


def desk(folder: Path, service: str = "", first: str = "") -> Settings:
    return settings(folder, DESK.format(service=service, first=first))


def faults(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        settings(folder, text)
    return str(caught.value)


def test_a_channel_has_the_language_and_zone_of_the_service_unless_it_has_its_own(tmp_path: Path) -> None:
    chosen = desk(tmp_path)
    assert [(c.language, c.timezone) for c in chosen.channels] == [("uk", "Europe/Kyiv"), ("en", "America/New_York")]
    notifiers = build_notifiers(chosen, build_http(chosen, lambda: NOW))
    told = [notifiers[name].freeze(trial(name, name, NOW, "UTC")).body.decode() for name in ("first", "second")]
    assert "20 січня 2026, 12:00 EET" in told[0]
    assert "20 January 2026, 05:00 EST" in told[1]


WRONG = {
    "a language nobody ships": ('language = "de"', "channel[1].language"),
    "a zone nobody knows": ('timezone = "Kyiv"', "channel[1].timezone"),
    "a way to leave where there is no mail": ('unsubscribe = "mailto:a@b.example"', "channel[1].unsubscribe"),
}


@pytest.mark.parametrize(("first", "key"), WRONG.values(), ids=WRONG)
def test_what_a_channel_cannot_be_reported_is_a_fault(tmp_path: Path, first: str, key: str) -> None:
    assert key in faults(tmp_path, DESK.format(service="", first=first))


MAIL = """
[[channel]]
name = "mail"
kind = "email"
to = ["desk@example.org"]
sender = "lexwatch@example.org"
server = "smtp://localhost"
unsubscribe = "{unsubscribe}"
"""


@pytest.mark.parametrize("address", ["mailto:leave@example.org?subject=leave", "https://example.org/leave?u=1"])
def test_a_mail_says_where_to_leave(tmp_path: Path, address: str) -> None:
    chosen = settings(tmp_path, MAIL.format(unsubscribe=address))
    mail = build_notifiers(chosen, build_http(chosen, lambda: NOW))["mail"]
    head = mail.freeze(trial("mail", "desk@example.org", NOW, "UTC")).body.partition(b"\r\n\r\n")[0].decode()
    assert f"List-Unsubscribe: <{address}>" in head
    assert ("List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head) == address.startswith("https")


@pytest.mark.parametrize(
    "address",
    ["http://example.org/leave", "mailto:nobody", "leave@example.org", "https://", "mailto:a@b>c", "mailto:ü@b"],
)
def test_what_is_no_way_to_leave_is_a_fault(tmp_path: Path, address: str) -> None:
    assert "channel[1].unsubscribe: expected" in faults(tmp_path, MAIL.format(unsubscribe=address))


PHONE = '[[channel]]\nname = "phone"\nkind = "apprise"\nurl = { env = "%s" }\n'


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_an_apprise_channel_is_built_from_a_secret(tmp_path: Path) -> None:
    pytest.importorskip("apprise")
    chosen = settings(tmp_path, '[http]\nallow_hosts = ["203.0.113.9"]\n' + PHONE % "PHONE")
    assert [secret.reveal() for secret in chosen.secrets()] == [ENV["PHONE"]]
    assert build_notifiers(chosen, build_http(chosen, lambda: NOW))["phone"].kind == "apprise"


@pytest.mark.parametrize(("name", "words"), [("INSIDE", "http.allow_hosts"), ("WRONG", "one address of Apprise's")])
def test_an_apprise_address_that_cannot_be_used_is_a_fault_that_does_not_show_it(
    tmp_path: Path, name: str, words: str
) -> None:
    pytest.importorskip("apprise")
    told = faults(tmp_path, PHONE % name)
    assert "channel[1].url" in told
    assert words in told
    assert ENV[name] not in told


def with_templates(folder: Path, **sources: str) -> Settings:
    (folder / "looks").mkdir(exist_ok=True)
    for name, source in sources.items():
        (folder / "looks" / name.replace("_", ".")).write_text(source)
    return desk(folder, 'templates = "looks"')


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert "service.templates: expected an existing folder" in faults(
        tmp_path, DESK.format(service='templates = "looks"', first="")
    )


def test_templates_are_tried_with_samples(tmp_path: Path) -> None:
    chosen = with_templates(tmp_path, console_txt="{{ message.subject }}", short_txt="a\n{{ nobody }}", leter_html="x")
    assert template_faults(chosen, NOW) == {
        "short.txt": "short.txt, line 2: UndefinedError: 'nobody' is undefined",
    }
    assert unknown_templates(chosen) == ("leter.html",)


def test_the_operator_hears_of_a_broken_template_once_and_nothing_is_lost(tmp_path: Path) -> None:
    chosen = with_templates(tmp_path, console_txt="one\n{{ message.titel }}")
    store = TemporaryStore()
    for _ in range(2):  # a second start finds the same fault
        app = build_runtime(chosen, store, lambda: NOW)
        message = app.notifiers["second"].freeze(trial("second", "second", NOW, "UTC"))
        assert b"test message" in message.body
    with store.read() as view:
        (delivery,) = view.due("first", NOW, 9)
        told = view.notice(delivery, "UTC")
    assert [change.kind for change in told.changes] == [Kind.CHANNEL]
    assert told.changes[0].text == (
        "console.txt, line 2: UndefinedError: 'notifications.message.Message object' has no attribute 'titel'"
    )
    frozen = app.notifiers["first"].freeze(told)
    assert frozen.subject == "[lexwatch] Канал templates: шаблон не діє"
