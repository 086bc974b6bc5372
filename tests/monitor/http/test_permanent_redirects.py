"""A publisher that moved for good is followed, and somebody is logged once where it went."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from domain.sources import Request
from monitor.config.settings import Settings
from monitor.service.runtime import build_http
from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.monitor.http.misbehaving_server import NOW


def moved(asked: ReceivedRequest) -> Reply:
    statuses = {"/old": 301, "/older": 308, "/away": 302}
    if asked.path in statuses:
        return Reply(statuses[asked.path], headers={"Location": "/new?key=CANARY"})
    return Reply(200, b"{}")


def test_a21_a_move_for_good_is_logged_once_without_its_query(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "lexwatch")
    settings = Settings(path=Path("config.toml"), database="x.db", allow_hosts=("127.0.0.1",))
    with serve(moved) as publisher:
        client = build_http(settings, lambda: NOW)
        for path in ("/old", "/old", "/older", "/away"):
            assert client(Request(f"{publisher.url}{path}?key=CANARY")).status == 200
        client.close()
    site = publisher.url.removeprefix("http://")
    logged = [getattr(record, "fields", {}) for record in caplog.records if record.getMessage() == "moved"]
    assert logged == [
        {"address": f"{site}/old", "to": f"{site}/new", "answer": 301},
        {"address": f"{site}/older", "to": f"{site}/new", "answer": 308},
    ]
