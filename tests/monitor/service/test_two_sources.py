"""A bill that the API and GovInfo both state: news come by whichever works, once; with either alone, too."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from domain.alerts.routing import Audience, Watch
from domain.errors import SourceError, Unavailable
from domain.options import Secret
from domain.ports import Store, Watcher
from domain.sources import Request, Response, SourceState
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll, PollOutcome
from tests.helpers.fakes import FakeNotifier, ManualClock
from tests.helpers.stores import TemporaryStore
from tests.watchers.congress.publisher import BASE as API
from tests.watchers.congress.publisher import BILL, TEXT, Bill, Publisher
from tests.watchers.govinfo.billstatus_files import TWO, written
from tests.watchers.govinfo.publisher import BASE as FILES
from tests.watchers.govinfo.publisher import START, File, GovInfoServer
from tests.watchers.govinfo.publisher import Line as Row
from watchers.congress.watcher import CongressWatcher
from watchers.govinfo.watcher import GovInfoWatcher

LATER = timedelta(hours=1)
REPORTED: Row = ("5000", "9", "Reported by the Committee on Foreign Affairs. H. Rept. 119-999.", None)
PASSED: Row = ("8000", "9", "On passage Passed by the Yeas and Nays: 217 - 212.", None)
ON = "2025-12-09"


def line(row: Row) -> dict[str, object]:
    """Say a line of a file as the API would."""
    code, source, text, _ = row
    committees = [{"name": "Foreign Affairs Committee", "systemCode": "hsfa00"}] if "Committee" in text else []
    return {
        "actionCode": code,
        "actionDate": ON,
        "text": text,
        "type": "IntroReferral",
        "sourceSystem": {"code": int(source), "name": "some source"},
        "committees": committees,
    }


@dataclass(slots=True)
class ServiceHarness:
    """One bill, its two publishers, and everything that was told of it."""

    store: Store = field(default_factory=TemporaryStore)
    hand: ManualClock = field(default_factory=lambda: ManualClock(START))
    api: Publisher = field(default_factory=lambda: Publisher(bills={BILL: _bill()}))
    bulk: GovInfoServer = field(
        default_factory=lambda: GovInfoServer(files={BILL: File(written(number=6508, title="NATO Act"))})
    )
    down: set[str] = field(default_factory=set)
    sources: dict[str, SourceState] = field(default_factory=dict)
    desk: FakeNotifier = field(default_factory=FakeNotifier)
    audience: Audience = field(default_factory=Audience)

    def __post_init__(self) -> None:
        with self.store.begin() as tx:
            watches = tuple(tx.register([Watch("the bill", BILL)], self.hand()))
        self.audience = Audience(watches, (), {"desk": self.desk.recipients}, ())

    def poll(self, name: str, after: timedelta = LATER) -> PollOutcome:
        self.hand.later(after)
        self.api.now = self.bulk.now = self.hand.now
        watcher: Watcher = (
            CongressWatcher(API, Secret("planted-key", "env:TEST")) if name == "congress" else GovInfoWatcher(FILES)
        )
        source = self.sources.get(name, SourceState(name))
        outcome = Poll(
            source, ScheduledSource(watcher, LATER), self.http, Context(self.store, self.audience, self.hand)
        ).run()
        self.sources[name] = outcome.source
        return outcome

    def http(self, request: Request) -> Response:
        name = "congress" if request.url.startswith(API) else "govinfo"
        if name in self.down:
            raise Unavailable("status 503", status=503)
        return self.api(request) if name == "congress" else self.bulk(request)

    def happen(self, *rows: Row, api: bool = True, files: bool = True) -> None:
        """Have an event reach the API, the files, or both."""
        if api:
            self.api.bills[BILL] = _bill(*rows, updated=self.hand.now)
        if files:
            self.bulk.now = self.hand.now
            self.bulk.write(*rows, bill=BILL, title="NATO Act")

    def told(self) -> Counter[str | None]:
        assert isinstance(self.store, TemporaryStore)
        return Counter(c.after for alert in self.store.alerts for c in alert.changes)


def _bill(*rows: Row, updated: datetime = START - timedelta(days=2)) -> Bill:
    return Bill(updated=updated, lists={"actions": [line(row) for row in (*rows, *TWO)], "text": [TEXT]})


def test_news_come_once_whichever_source_has_them_first() -> None:
    harness = ServiceHarness()
    harness.poll("congress")
    harness.poll("govinfo")
    assert harness.told() == {}
    harness.happen(REPORTED)
    for _ in range(3):
        harness.poll("congress")
        harness.poll("govinfo")
    harness.happen(PASSED, REPORTED)
    for _ in range(3):
        harness.poll("govinfo")
        harness.poll("congress")
    assert harness.told() == {"REPORTED": 1, "PASS_OVER:HOUSE": 1}


def test_while_the_api_is_down_news_come_through_govinfo_and_not_again_when_it_is_back() -> None:
    harness = ServiceHarness()
    harness.poll("congress")
    harness.poll("govinfo")
    harness.down = {"congress"}
    harness.happen(REPORTED)
    for _ in range(4):
        assert isinstance(harness.poll("congress").error, SourceError)
        harness.poll("govinfo")
    assert harness.told() == {"REPORTED": 1}
    harness.down = set()
    for _ in range(30):
        assert harness.poll("congress").error is None
        harness.poll("govinfo")
    assert harness.told() == {"REPORTED": 1}
    with harness.store.read() as view:
        record = view.record(BILL)
    assert record is not None
    assert record.owners["actions"] == "congress"


def test_while_govinfo_is_down_the_api_suffices() -> None:
    harness = ServiceHarness()
    harness.poll("congress")
    harness.poll("govinfo")
    harness.down = {"govinfo"}
    harness.happen(REPORTED)
    harness.poll("govinfo")
    harness.poll("congress")
    harness.down = set()
    harness.poll("govinfo")
    assert harness.told() == {"REPORTED": 1}


@pytest.mark.parametrize("first", ["congress", "govinfo"])
def test_what_the_second_source_adds_at_its_first_reading_is_news(first: str) -> None:
    """The first one had its baseline; the second may be the only one to ever tell."""
    harness = ServiceHarness()
    second = {"congress": "govinfo", "govinfo": "congress"}[first]
    harness.down = {second}
    harness.poll(first)
    harness.poll(second)
    harness.happen(REPORTED, api=first == "govinfo", files=first == "congress")
    harness.down = {first}
    harness.poll(first)
    harness.poll(second)
    assert harness.told() == {"REPORTED": 1}
    harness.happen(REPORTED)
    harness.down = set()
    harness.poll(first)
    harness.poll(second)
    assert harness.told() == {"REPORTED": 1}


@pytest.mark.parametrize("name", ["congress", "govinfo"])
def test_one_source_alone_is_the_source_of_everything(name: str) -> None:
    harness = ServiceHarness()
    harness.poll(name)
    harness.happen(REPORTED)
    for _ in range(3):
        harness.poll(name)
    harness.happen(PASSED, REPORTED)
    for _ in range(3):
        harness.poll(name)
    assert harness.told() == {"REPORTED": 1, "PASS_OVER:HOUSE": 1}


def test_files_that_lag_for_days_say_nothing_twice() -> None:
    """Delays of days: usgpo/bill-status #72, #79, #99, #185. The lagging file is read again at its beat."""
    harness = ServiceHarness()
    harness.poll("congress")
    harness.poll("govinfo")
    harness.happen(REPORTED, files=False)
    for _ in range(20):
        harness.poll("congress", timedelta(hours=2))
        harness.poll("govinfo", timedelta(hours=2))
    harness.happen(PASSED, REPORTED)
    for _ in range(4):
        harness.poll("congress")
        harness.poll("govinfo")
    assert harness.told() == {"REPORTED": 1, "PASS_OVER:HOUSE": 1}
