"""Is every kind of channel there, and does only the one in use cost anything?"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from domain.coded_text import CodedText, coded
from domain.errors import Unavailable
from domain.options import Secret
from domain.ports import Notifier
from domain.sources import Request, Response
from notifications import CHANNEL_KINDS, build_notifier
from notifications.channel import delivery_error
from tests.notifications.notices import TEXT, notice


def unused(_: Request) -> Response:
    raise AssertionError("freezing asks nobody")


OPTIONS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "apprise": ({"name": "a", "url": Secret("json://hooks.example.org/x", "env:URL")}, ("a",)),
    "console": ({"name": "c"}, ("c",)),
    "email": (
        {"name": "e", "to": ["a@b.example", "c@b.example"], "sender": "l@b.example", "server": "smtp://localhost:25"},
        ("a@b.example", "c@b.example"),
    ),
    "slack": ({"name": "s", "webhook": Secret("https://hooks.example.org/x", "env:HOOK"), "http": unused}, ("s",)),
    "webhook": (
        {
            "name": "w",
            "webhook": Secret("https://hooks.example.org/x", "env:HOOK"),
            "secret": Secret("whsec_" + "QUJD" * 8, "env:HOOK_SECRET"),
            "http": unused,
        },
        ("w",),
    ),
}


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
@pytest.mark.parametrize("kind", CHANNEL_KINDS)
def test_every_kind_builds_a_notifier(kind: str) -> None:
    if kind == "apprise":
        pytest.importorskip("apprise")
    options, recipients = OPTIONS[kind]
    name, keys = options["name"], {key: value for key, value in options.items() if key != "name"}
    notifier: Notifier = build_notifier(kind, name, keys)
    assert (notifier.kind, notifier.name, tuple(notifier.recipients)) == (kind, options["name"], recipients)
    assert notifier.freeze(notice(TEXT)).subject == "[HR 6508 · 119th] New text: Introduced in House"


def test_importing_the_package_costs_nothing() -> None:
    code = "import notifications, sys; print({'jinja2', 'smtplib', 'ssl', 'email', 'json'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "set()"


def test_what_went_wrong_never_shows_a_secret_address_however_deep_it_stands() -> None:
    url = "https://hooks.example/services/T0/B0/secretsecret"
    inner = coded("http.no_name", host="hooks.example", cause=f"{url} is unknown")
    said = coded("fault.more", n=2, fault=(inner, f"{url} failed", 3))
    error = delivery_error("delivery.webhook", url, Unavailable("x", said=said))
    assert error.said is not None
    kept = error.said.get("error")
    assert isinstance(kept, CodedText)
    first, second, third = kept.get("fault") or ()  # type: ignore[misc, union-attr]
    assert "secretsecret" not in error.recorded
    assert (first.code, second.endswith(" failed"), third) == ("http.no_name", True, 3)
    assert kept.get("n") == 2
