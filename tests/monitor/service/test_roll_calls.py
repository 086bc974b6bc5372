"""One vote, three publishers, one message: the real poll over the real watchers. All votes are constructed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.alerts.routing import Audience, Route, Watch
from domain.ports import Watcher
from domain.records.facets import DEFAULT_KINDS, Kind
from domain.sources import SourceState
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll
from tests.helpers.stores import TemporaryStore
from tests.watchers.congress.publisher import BASE as API
from tests.watchers.congress.publisher import BILL, KEY, Publisher, add
from tests.watchers.rollcalls.publisher import BASE, START, RollCallServer, house_paper, house_table
from watchers.congress.watcher import CongressWatcher
from watchers.rollcalls.watcher import clerk

INDEX = "/evs/2026/index.asp"
PASSED = {
    "actionCode": "H37100",
    "actionDate": "2026-03-10",
    "actionTime": "17:33:00",
    "text": "On passage Passed by the Yeas and Nays: 221 - 205 (Roll no. 2).",
    "type": "Floor",
    "sourceSystem": {"code": 2, "name": "House floor actions"},
    "recordedVotes": [
        {
            "chamber": "House",
            "congress": 119,
            "date": "2026-03-10T21:33:00Z",
            "rollNumber": 2,
            "sessionNumber": 2,
            "url": "https://clerk.house.gov/evs/2026/roll2.xml",
        }
    ],
}


class Newsroom:
    """Two sources on one record, polled in turn on one clock."""

    def __init__(self) -> None:
        self.now = START
        self.store = TemporaryStore()
        self.library = Publisher(now=START)
        self.office = RollCallServer({INDEX: house_table({1: "QUORUM"}), "/evs/2025/index.asp": house_table({})})
        watch = Watch("nato", BILL, created_at=START - timedelta(days=1))
        route = Route(("*",), DEFAULT_KINDS, ("desk",))
        self.audience = Audience((watch,), (route,), {"desk": ("desk@example.org",)}, ())
        self.watchers: dict[str, Watcher] = {"congress": CongressWatcher(API, KEY), "clerk": clerk(BASE)}
        self.sources = {name: SourceState(name) for name in self.watchers}

    def clock(self) -> datetime:
        return self.now

    def poll(self, name: str, by: timedelta = timedelta(minutes=15)) -> None:
        self.now += by
        self.library.now = self.office.now = self.now
        http = self.library if name == "congress" else self.office
        outcome = Poll(
            self.sources[name],
            ScheduledSource(self.watchers[name], by),
            http,
            Context(self.store, self.audience, self.clock),
        ).run()
        assert outcome.error is None
        self.sources[name] = outcome.source

    def vote(self, name: str) -> None:
        if name == "clerk":
            self.office.papers[INDEX] = house_table({1: "QUORUM", 2: "H R 6508"})
            self.office.papers["/evs/2026/roll002.xml"] = house_paper(2)
        else:
            add(self.library, PASSED, BILL, self.now)

    def told(self) -> list[str]:
        """Return the votes in messages waiting to be sent."""
        with self.store.read() as view:
            notices = [view.notice(delivery, "UTC") for delivery in view.due("desk", self.now, 100)]
        return [change.subject for notice in notices for change in notice.changes if change.kind is Kind.VOTE]


@pytest.mark.parametrize("order", [("clerk", "congress"), ("congress", "clerk")], ids=lambda o: f"{o[0]} first")
def test_one_vote_is_one_message_whoever_is_first(order: tuple[str, str]) -> None:
    room = Newsroom()
    for name in order:
        room.poll(name)
    assert room.told() == []
    for name in order:
        room.vote(name)
        room.poll(name)
        for other in room.watchers:
            room.poll(other, timedelta(hours=2))
    assert room.told() == ["us/vote/119/house/2026/2"]
    with room.store.read() as view:
        record = view.records([BILL])[BILL]
    assert list(record.facets["votes"]) == list(record.facets["tallies"]) == room.told()
    assert record.facets["tallies"][room.told()[0]]["totals"]["yea"] == 221
