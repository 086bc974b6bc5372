"""A feed whose address was mended, or whose watch was renamed, goes on: its past stays past, its news are sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.reader import open_reader
from tests.helpers.feed_installation import feed_installed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('/acts"', '/acts?moved"', id="the address was mended"),
        pytest.param('name  = "acts"', 'name  = "Decrees (constructed)"', id="the watch was renamed"),
    ],
)
def test_what_came_out_meanwhile_is_sent_and_the_past_is_not(
    old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with feed_installed(tmp_path, monkeypatch) as office:
        assert office.run("run", "--once", now="2026-03-01T10:00:00Z").returncode == 0
        office.acts.add("nine")
        text = office.configured().replace(old, new)
        office.config.write_text(text)
        assert office.run("run", "--once", now="2026-03-01T11:00:00Z").returncode == 0
        alerts = office.answer("alerts")
        assert {alert["subject"] for alert in alerts if alert["to"] == "desk@example.org"} == {
            alert["subject"] for alert in alerts
        }
        assert len(alerts) == 2, "one for each recipient"
        assert all("Act nine" in alert["subject"] for alert in alerts)
        assert office.run("run", "--once", now="2026-03-01T12:00:00Z").returncode == 0
        assert office.answer("alerts") == alerts


def test_a_watch_that_was_renamed_keeps_its_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with feed_installed(tmp_path, monkeypatch) as office:
        office.run("run", "--once", now="2026-03-01T10:00:00Z")
        office.config.write_text(office.configured().replace('name  = "acts"', 'name  = "Decrees (constructed)"'))
        office.run("run", "--once", now="2026-03-01T11:00:00Z")
        with open_reader(office.folder / "record.db") as reader:
            [watch] = reader.watches()
        assert (watch.name, str(watch.document)) == ("Decrees (constructed)", "feed/acts")
        assert watch.created_at is not None
        assert watch.created_at.hour == 10
