"""A single run, as cron starts it: it tries what is due, and then it ends."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.crash.congress_server import KEY, constructed_bills, serve_congress
from tests.helpers.http_server import HttpServer, ReceivedRequest, Reply, serve
from tests.helpers.installation import installed

BEGIN = datetime(2026, 1, 6, 12, tzinfo=UTC)
BILLS = 4
TO_SLACK = '[[route]]\nkinds = ["action"]\nchannels = ["policy-room"]\n'


def _busy(_: ReceivedRequest) -> Reply:
    time.sleep(0.4)  # together longer than the second it asks for, so that the first is due before the last was tried
    return Reply(429, b"slow down", content_type="text/plain", headers={"Retry-After": "1"})


def test_a_receiver_that_asks_for_a_seconds_patience_does_not_keep_a_single_run_for_ever(tmp_path: Path) -> None:
    moment = [BEGIN]
    origin = constructed_bills(BILLS, lambda: moment[0])
    watches = "".join(f'[[watch]]\nbill = "us/bill/119/hr/{number}"\n' for number in origin.bills)
    with serve_congress(origin), serve(_busy) as slack:
        publisher = HttpServer(origin.url.removesuffix("/v3"), _busy)
        keys = {"CONGRESS_API_KEY": KEY, "SLACK_WEBHOOK_URL": f"{slack.url}/hook"}
        with installed(tmp_path, publisher, watches + TO_SLACK, keys) as office:
            office.run("run", "--once", now=BEGIN.isoformat())
            for number in origin.bills:
                origin.publish(number)
            moment[0] += timedelta(hours=1)
            office.run("run", "--once", now=moment[0].isoformat())
            states = {alert["state"] for alert in office.json("alerts") if alert["id"].startswith("us/bill/")}
    assert 1 <= len(slack.asked) <= 2, "who asks for patience is left alone: one is tried, and perhaps a probe"
    assert states == {"pending"}
