"""Is the end of a Congress told once of each watched bill, without asking anybody? All bills are constructed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.alerts.routing import Audience, Watch
from domain.jurisdictions.us.names import us_bill
from domain.observation import Observation
from domain.records.detection import advance
from domain.records.facets import Kind
from monitor.service.context import Context
from monitor.service.time_triggers import TimeTriggers
from tests.helpers.stores import TemporaryStore

NOON = datetime(2025, 1, 3, 17, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SEEN = datetime(2023, 3, 1, tzinfo=UTC)
INTRODUCED = {"": {"introduced_on": "2023-01-09"}}


@pytest.mark.parametrize("count", [250, pytest.param(1000, marks=pytest.mark.slow)])
def test_watched_bills_die_once_each_and_cost_no_request(count: int) -> None:
    store = TemporaryStore()
    bills = [us_bill(118, "hr", number) for number in range(1, count + 1)]
    watches = tuple(Watch(str(bill), bill, created_at=SEEN) for bill in bills)
    audience = Audience(watches=watches, recipients={"desk": ("desk@example.org",)})
    with store.begin() as tx:
        for bill in bills:
            step = advance(None, Observation(bill, "congress", "congress/1", {"item": INTRODUCED}), SEEN)
            assert step
            tx.save(step)
    triggers = TimeTriggers()
    for now in (NOON - MINUTE, NOON, NOON + MINUTE, NOON + timedelta(days=2)):
        triggers.check((), Context(store, audience, lambda now=now: now))
        with store.read() as view:
            told = view.due("desk", now, 5000)
        assert len(told) == (0 if now < NOON else count)
    with store.read() as view:
        assert {change.kind for change in view.notice(told[0], "UTC").changes} == {Kind.REMINDER}
