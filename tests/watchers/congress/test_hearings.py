"""Which committee meetings are told of a followed bill, and what does it cost? All meetings are constructed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.errors import Changed, Refused
from domain.jurisdictions.us.names import us_bill
from domain.options import Secret
from domain.records.facets import DEFAULT_KINDS, Kind
from tests.helpers.english import english
from tests.watchers.congress.publisher import BILL, START, Bill, CongressPoller, Publisher, paged, stamp
from watchers.congress.meeting_reader import MAX_MEETINGS
from watchers.congress.meetings import parse_meeting

OTHER = us_bill(119, "s", 2174)
HOUR = timedelta(hours=1, minutes=1)
DAY = datetime(2026, 1, 15, 15, 0, tzinfo=UTC)
LIST = "/v3/committee-meeting/119"


@dataclass(slots=True)
class Calendar:
    """The meetings of the 119th Congress as the publisher has them, by event."""

    meetings: dict[str, dict[str, Any]] = field(default_factory=dict)
    touched: dict[str, datetime] = field(default_factory=dict)

    def put(self, event: str, at: datetime, *bills: str, **says: Any) -> None:
        """Announce a meeting, or say otherwise of it than before."""
        known = self.meetings.get(event, {})
        named = [{"congress": 119, "type": b.split()[0], "number": b.split()[1]} for b in bills]
        self.meetings[event] = {
            "eventId": event,
            "congress": 119,
            "chamber": "House",
            "type": "Markup",
            "title": "Markup of several bills (constructed)",
            "meetingStatus": "Scheduled",
            "date": stamp(DAY),
            "location": {"room": "2172", "building": "Rayburn House Office Building"},
            "committees": [{"systemCode": "hsfa00", "name": "House Foreign Affairs Committee"}],
            **known,
            **({"relatedItems": {"bills": named}} if bills else {}),
            **says,
        }
        self.touched[event] = at

    def turns(self, path: str, query: dict[str, str]) -> tuple[int, Any] | None:
        match path.strip("/").split("/"):
            case ["committee-meeting", "119"]:
                since = datetime.fromisoformat(query["fromDateTime"])
                rows = [
                    {"eventId": event, "congress": 119, "chamber": "House", "updateDate": str(at)}
                    for event, at in sorted(self.touched.items())
                    if at >= since
                ]
                return 200, paged("committeeMeetings", rows, query)
            case ["committee-meeting", "119", "house", event]:
                found = self.meetings.get(event)
                return (200, {"committeeMeeting": found}) if found else (404, {"error": "Unknown resource"})
        return None


@dataclass(slots=True)
class HearingsPoller:
    """A reader of bills and meetings that knows, as the poll does, which scopes had their baseline."""

    calendar: Calendar
    publisher: Publisher
    reader: CongressPoller
    begun: set[str] = field(default_factory=set)

    def news(self, after: timedelta = HOUR) -> list[tuple[str | None, str | None]]:
        """Return before and after of the hearings that would be told."""
        told = []
        steps = self.reader.poll(after)
        scopes = {
            (o.document, o.reader, n): page.scope or f"congress/{o.document}"
            for page in self.reader.pages
            for n, o in enumerate(page.observations)
        }
        opened = [scope for (_, reader, _), scope in scopes.items() if "meetings" in reader]
        silent = any("/hearings/" in scope for scope in opened)
        for step in steps:
            told += [
                (c.before and english(c.before), c.after and english(c.after))
                for c in step.changes
                if c.kind is Kind.HEARING and not silent
            ]
        return told

    def asked(self) -> list[str]:
        return [path for path in self.publisher.paths() if path.startswith("/v3/committee-meeting")]


def hearings_poller(calendar: Calendar, **options: Any) -> HearingsPoller:
    """Return a desk that has had its baseline."""
    publisher = Publisher(turns=calendar.turns)
    options.setdefault("kinds", DEFAULT_KINDS)
    found = HearingsPoller(calendar, publisher, CongressPoller(publisher, **options))
    assert found.news() == []
    publisher.paths()
    return found


def test_a_meeting_scheduled_for_a_followed_bill_is_reported_once() -> None:
    calendar = Calendar()
    found = hearings_poller(calendar)
    calendar.put("1", found.publisher.now, "HR 6508", "S 1")
    words = "Markup: 15 January 2026, 10:00 EST, House Foreign Affairs Committee, 2172 Rayburn House Office Building"
    assert found.news() == [(None, words)]
    entry = found.reader.records[BILL].facets["hearings"]["house/1"]
    assert (entry["state"], entry["starts_at"]) == ("scheduled", "2026-01-15T10:00:00-05:00")
    assert (entry["on"], entry["place"]) == ("2026-01-15", "2172 Rayburn House Office Building")
    assert entry["url"] == "https://www.congress.gov/event/119th-congress/house-event/1"
    for _ in range(30):
        assert found.news(timedelta(hours=12)) == []


@pytest.mark.parametrize(
    ("says", "words"),
    [
        pytest.param(
            {"date": "2026-01-22T15:00:00Z", "meetingStatus": "Rescheduled"}, "Markup: 22 January 2026", id="moved"
        ),
        pytest.param({"meetingStatus": "Postponed"}, "Markup postponed: 15 January 2026, 10:00 EST", id="put off"),
        pytest.param({"meetingStatus": "Canceled"}, "Markup cancelled: 15 January 2026, 10:00 EST", id="called off"),
        pytest.param({"location": {"room": "WEBEX", "building": "----------"}}, "online (Webex)", id="another place"),
        pytest.param(
            {"relatedItems": {"bills": []}}, "Markup no longer about this bill: 15 January 2026", id="off the agenda"
        ),
    ],
)
def test_what_becomes_of_a_meeting_is_reported_with_what_was(says: dict[str, Any], words: str) -> None:
    calendar = Calendar()
    found = hearings_poller(calendar)
    calendar.put("1", found.publisher.now, "HR 6508")
    ((_, was),) = found.news()
    calendar.put("1", found.publisher.now, **says)
    ((before, after),) = found.news()
    assert before == was
    assert after is not None
    assert words in after
    assert found.news() == []


def test_a_title_edited_or_papers_added_are_no_news() -> None:
    calendar = Calendar()
    found = hearings_poller(calendar)
    calendar.put("1", found.publisher.now, "HR 6508")
    found.news()
    calendar.put("1", found.publisher.now, title="Another title", witnesses=[{"name": "Constructed"}])
    assert found.news() == []


def test_that_a_meeting_is_over_is_never_news() -> None:
    calendar = Calendar()
    found = hearings_poller(calendar)
    calendar.put("1", found.publisher.now, "HR 6508")
    found.news()
    found.news(timedelta(days=20))
    calendar.put("1", found.publisher.now, date="2026-01-15T15:05:00Z", videos=[{"name": "Constructed"}])
    assert found.news() == []


def test_meetings_known_when_a_bill_is_first_followed_are_past() -> None:
    calendar = Calendar()
    calendar.put("1", START - timedelta(days=2), "HR 6508")
    calendar.put("2", START - timedelta(days=3), "S 1")
    found = hearings_poller(calendar)
    assert list(found.reader.records[BILL].facets["hearings"]) == ["house/1"]
    assert found.news() == []


def test_a_bill_followed_later_learns_its_meetings_in_silence() -> None:
    calendar = Calendar()
    calendar.put("1", START - timedelta(days=2), "S 2174")
    found = hearings_poller(calendar)
    found.publisher.bills[OTHER] = Bill()
    assert found.news(timedelta(minutes=15)) == []
    assert list(found.reader.records[OTHER].facets["hearings"]) == ["house/1"]
    calendar.put("3", found.publisher.now, "S 2174")
    assert len(found.news()) == 1


def test_one_list_an_hour_while_nothing_moves_and_only_touched_meetings_are_read() -> None:
    calendar = Calendar()
    for event in range(10):
        calendar.put(str(event), START - timedelta(days=2), "S 1")
    found = hearings_poller(calendar)
    for _ in range(12):
        found.news(timedelta(minutes=15))
    assert found.asked() == [LIST] * 3
    calendar.put("4", found.publisher.now, "S 1")
    found.news()
    assert found.asked() == [LIST, f"{LIST}/house/4"]


def test_nobody_who_follows_hearings_means_no_request() -> None:
    found = hearings_poller(Calendar(), kinds=DEFAULT_KINDS - {Kind.HEARING})
    found.news()
    assert found.asked() == []


def test_the_shared_key_is_not_spent_on_meetings() -> None:
    found = hearings_poller(Calendar(), key=Secret("DEMO_KEY", "shipped"))
    found.news()
    assert found.asked() == []


def test_many_meetings_are_read_over_several_polls_before_the_past_is_settled() -> None:
    calendar = Calendar()
    for event in range(MAX_MEETINGS + 5):
        calendar.put(str(event), START - timedelta(days=2), "HR 6508")
    found = hearings_poller(calendar)
    assert "hearings" not in found.reader.records[BILL].facets
    assert found.news() == []
    assert len(found.reader.records[BILL].facets["hearings"]) == MAX_MEETINGS + 5


def test_a_publisher_without_such_a_list_is_asked_again_tomorrow_and_nothing_is_said() -> None:
    publisher = Publisher()
    reader = CongressPoller(publisher, DEFAULT_KINDS)
    asked = []
    for _ in range(26):
        reader.poll(HOUR)
        assert reader.faults == []
        asked += [path for path in publisher.paths() if path == LIST]
    assert len(asked) == 2


@pytest.mark.parametrize("status", [500, 200], ids=["a failing list", "an answer of another shape"])
def test_a_list_that_cannot_be_read_is_a_fault_and_bills_are_read_all_the_same(status: int) -> None:
    publisher = Publisher()
    publisher.turns = lambda path, query: (
        (status, {"error": "x"} if status == 500 else {}) if "meeting" in path else None
    )
    reader = CongressPoller(publisher, DEFAULT_KINDS)
    assert len(reader.poll()) == 1
    assert len(reader.faults) == 1


def test_a_meeting_that_cannot_be_read_is_tried_again_and_not_for_ever() -> None:
    calendar = Calendar()
    found = hearings_poller(calendar)
    calendar.put("1", found.publisher.now, "HR 6508", date="soon")
    faults = []
    for _ in range(8):
        assert found.news() == []
        faults += found.reader.faults
    assert len(faults) == 5
    calendar.put("1", found.publisher.now, date=stamp(DAY))
    assert len(found.news()) == 1


def test_a_refused_key_ends_the_poll_and_loses_nothing() -> None:
    calendar = Calendar()
    found = hearings_poller(calendar)
    calendar.put("1", found.publisher.now, "HR 6508")
    found.publisher.turns = lambda path, query: (
        Refused("403", status=403) if path.endswith("/house/1") else calendar.turns(path, query)
    )
    with pytest.raises(Refused):
        found.news()
    found.publisher.turns = calendar.turns
    assert len(found.news()) == 1


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ({"eventId": "2"}, "expected this meeting"),
        ({"chamber": None}, "expected a chamber"),
        ({"date": "soon"}, "expected a time"),
        ({"relatedItems": {"bills": [{"congress": 119, "type": "XX", "number": "1"}]}}, "relatedItems.bills"),
        ({"title": 7}, r"\$.title"),
    ],
)
def test_what_cannot_be_read_of_a_meeting_is_named(says: dict[str, Any], words: str) -> None:
    calendar = Calendar()
    calendar.put("1", START, "HR 6508", **says)
    with pytest.raises(Changed, match=words):
        parse_meeting(json.dumps({"committeeMeeting": calendar.meetings["1"]}).encode(), "119/house/1")


def test_a_meeting_that_says_little_is_read_all_the_same() -> None:
    body = json.dumps({"committeeMeeting": {"eventId": 1, "congress": 119, "chamber": "NoChamber"}}).encode()
    meeting = parse_meeting(body, "119/nochamber/1")
    assert english(meeting.entry()["label"]) == "Meeting: no time stated"
    assert (meeting.place, meeting.bills, meeting.stands) == (None, (), True)
