"""Who hears that a changed configuration was refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from domain.alerts.routing import Audience
from domain.sources import Health
from monitor.service import operator_alerts
from monitor.service.context import Context
from tests.helpers.english import english
from tests.helpers.fakes import ManualClock
from tests.helpers.http_server import Reply, serve
from tests.helpers.installation import installed
from tests.helpers.paths import CHECKOUT
from tests.helpers.stores import TemporaryStore
from tests.helpers.timing import wait_until

AUDIENCE = Audience(recipients={"desk": ("a@example.org",), "room": ("room",)}, operator=("desk",))
FAULTS = ["config.toml:3: service.timezone: expected a time zone", "config.toml:9: watch[1]: unknown key"]


def said(store: TemporaryStore) -> list[tuple[str, str | None]]:
    return [(alert.channel, english(change.after)) for alert in store.alerts for change in alert.changes]


def test_the_operator_hears_once_when_it_is_refused_and_once_when_it_is_right_again() -> None:
    store, clock = TemporaryStore(), ManualClock()
    operator_alerts.config_accepted(Context(store, AUDIENCE, clock))
    assert said(store) == []
    for _ in range(3):
        operator_alerts.config_refused(Context(store, AUDIENCE, clock), FAULTS)
    assert said(store) == [("desk", english(operator_alerts.CONFIG_REFUSED))]
    operator_alerts.config_accepted(Context(store, AUDIENCE, clock))
    operator_alerts.config_accepted(Context(store, AUDIENCE, clock))
    operator_alerts.config_refused(Context(store, AUDIENCE, clock), FAULTS)
    assert said(store) == [
        ("desk", english(operator_alerts.CONFIG_REFUSED)),
        ("desk", english(operator_alerts.CONFIG_IN_FORCE)),
        ("desk", english(operator_alerts.CONFIG_REFUSED)),
    ]


def test_the_message_names_the_faults_and_the_record_keeps_them() -> None:
    store = TemporaryStore()
    operator_alerts.config_refused(Context(store, AUDIENCE, ManualClock()), FAULTS * 4)
    (alert,) = store.alerts
    assert str(alert.document) == "source/configuration"
    assert english(alert.changes[0].text).startswith(f"The one read before stays in force. {FAULTS[0]}; {FAULTS[1]}")
    assert english(alert.changes[0].text).endswith("and 3 more")
    with store.read() as view:
        state = view.source(operator_alerts.CONFIG_SOURCE)
    assert state is not None
    assert (state.state, state.failures, state.due_at) == (Health.REFUSED, 1, None)


def test_without_an_operator_nobody_is_alerted() -> None:
    store = TemporaryStore()
    operator_alerts.config_refused(Context(store, Audience(recipients={"desk": ("a",)}), ManualClock(), "UTC"), FAULTS)
    assert store.alerts == ()


@pytest.mark.timeout(300)
def test_the_running_service_tells_the_operator_and_goes_on(tmp_path: Path) -> None:
    with serve(lambda _: Reply(503, b"{}")) as publisher, installed(tmp_path, publisher) as made:
        good = made.config.read_text()
        running = subprocess.Popen(
            [sys.executable, "-m", "monitor.cli.main", "--config", str(made.config), "run"],
            env={**os.environ, **made.environment, "PYTHONPATH": str(CHECKOUT)},
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert wait_until(lambda: bool(publisher.asked)), "it has begun to watch"
            made.config.write_text(good + "\n[servce]\n")
            assert wait_until(lambda: len(made.mail.accepted) == 1)
            made.config.write_text(good + "\n")
            assert wait_until(lambda: len(made.mail.accepted) == 2)
        finally:
            running.terminate()
            _, log = running.communicate(timeout=120)
        assert running.returncode == 0, log
        first, second = (mail.message for mail in made.mail.accepted)
        assert first["X-Lexwatch-Document"] == second["X-Lexwatch-Document"] == "source/configuration"
        assert english(operator_alerts.CONFIG_REFUSED) in str(first["Subject"])
        assert english(operator_alerts.CONFIG_IN_FORCE) in str(second["Subject"])
        (row,) = [row for row in made.json("sources") if row["source"] == "configuration"]
        assert (row["state"], row["error"]) == ("ok", None)
