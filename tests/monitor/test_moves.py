"""A publisher that moved for good is followed, and somebody is told once where it went."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from domain.http import Request
from monitor.app import build_http
from monitor.settings import Settings
from tests.loopback import Answer, Asked, serve
from tests.monitor.misbehaving import NOW


def moved(asked: Asked) -> Answer:
    statuses = {"/old": 301, "/older": 308, "/away": 302}
    if asked.path in statuses:
        return Answer(statuses[asked.path], headers={"Location": "/new?key=CANARY"})
    return Answer(200, b"{}")


def test_a21_a_move_for_good_is_logged_once_without_its_query(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "lexwatch")
    settings = Settings(path=Path("config.toml"), database="x.db", allow_hosts=("127.0.0.1",))
    with serve(moved) as publisher:
        door = build_http(settings, lambda: NOW)
        for path in ("/old", "/old", "/older", "/away"):
            assert door(Request(f"{publisher.url}{path}?key=CANARY")).status == 200
        door.close()
    site = publisher.url.removeprefix("http://")
    told = [getattr(record, "fields", {}) for record in caplog.records if record.getMessage() == "moved"]
    assert told == [
        {"address": f"{site}/old", "to": f"{site}/new", "answer": 301},
        {"address": f"{site}/older", "to": f"{site}/new", "answer": 308},
    ]
