"""What could not be read because an allowance is used up is not well: what the commands and the operator are told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.alerts.routing import Audience, Watch
from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.observation import Observation, Page, PollRequest
from domain.ports import Http
from domain.sources import Health, Request, Response, SourceState
from monitor.cli.lists import source_rows
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll
from storage.reader import open_reader
from tests.helpers.record_builders import NOW
from tests.helpers.stores import TemporaryStore

BILLS = tuple(us_bill(119, "hr", number) for number in (1, 2))
WAITS = r"1 document waits since \d+ January 2026 \(HR 2 · 119th\): the allowance of requests is used up"
EVERY = timedelta(minutes=15)


@dataclass(slots=True)
class Allowance:
    """A source that reads as many bills at a poll as it is allowed to, and says which ones wait."""

    allowed: int = 2
    name: str = "congress"
    min_interval: timedelta = timedelta(0)
    read_at: dict[DocumentId, datetime] = field(default_factory=dict)

    def handles(self, document: DocumentId) -> bool:
        return document.kind == "bill"

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]:
        http(Request("https://api.example/"))
        read, left = BILLS[: self.allowed], BILLS[self.allowed :]
        self.read_at |= dict.fromkeys(read, request.now)
        title = {"title": {"display": {"text": "A bill"}}}
        observations = tuple(Observation(bill, self.name, "congress/1", title) for bill in read)
        yield Page(observations=observations, requests=1, waiting={bill: self.read_at.get(bill) for bill in left})


def answer(request: Request) -> Response:
    return Response(200, request.url, {}, b"", NOW)


def test_a_starved_source_shows_when_each_document_was_really_read_and_the_operator_is_alerted_once() -> None:
    store, now, source = TemporaryStore(), NOW, Allowance()
    watches = tuple(Watch(str(bill), bill, created_at=NOW) for bill in BILLS)
    context = Context(store, Audience(watches, (), {"room": ("room",)}, ("room",)), lambda: now)
    state, subjects = SourceState("congress"), []
    for allowed in (2, 1, 1, 1, 1, 1, 1, 1, 2, 1, 2, 2):  # the last a day later: an allowance is used up again soon
        now += timedelta(days=1) if subjects and allowed == source.allowed else EVERY
        source.allowed = allowed
        outcome = Poll(state, ScheduledSource(source, EVERY), answer, context).run()
        state = outcome.source
        if outcome.quiet:  # the service remembers the times of such polls together
            with store.begin() as tx:
                tx.save_poll_times([state])
        with open_reader(store.location.file or "") as reader:
            rows = {row.id: row.checked_at for row in reader.status_rows()}
            [told] = source_rows(reader.sources(), {}, now)
        assert rows == {str(bill): source.read_at[bill] for bill in BILLS}, "checked is when it was really read"
        assert told["state"] == ("ok" if allowed == 2 else "starved")
        assert allowed == 2 or re.fullmatch(WAITS, told["error"] or "")
        subjects += [str(change.after) for alert in store.alerts[len(subjects) :] for change in alert.changes]
    assert subjects == [Health.STARVED, Health.OK]
