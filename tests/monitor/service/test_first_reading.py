"""What happened after a watch was made is told, although its source could not be read until later; what is older, or
nobody can say to be younger, is past. All bills, acts and votes are constructed, but for the dates of C-10 (44-1)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.alerts.routing import Audience, Route, Watch
from domain.alerts.search import parse
from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.ports import Store
from domain.records.facets import DEFAULT_KINDS, FOR_OPERATOR, Kind
from domain.sources import SourceState
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll
from storage.store import open_store
from tests.helpers.fakes import BILL, FakeWatcher, lines, no_network, observation, page
from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.helpers.installation import Installation
from tests.helpers.mail_server import serve_mail
from tests.helpers.stores import TemporaryStore
from tests.watchers.congress.publisher import BASE, INTRODUCED, KEY, REFERRED, TEXT, Publisher
from tests.watchers.congress.publisher import Bill as PublishedBill
from tests.watchers.legisinfo_publisher import CONFIGURATION, Legisinfo, bill
from tests.watchers.rada.publisher import BASE as RADA
from tests.watchers.rada.publisher import RadaDocument, RadaServer
from watchers.congress.watcher import CongressWatcher
from watchers.rada.watcher import RadaWatcher

MADE = datetime(2026, 2, 10, 15, tzinfo=UTC)
"""When the watch was made: ten in the morning in Washington, five in the afternoon in Kyiv."""

READ = datetime(2026, 2, 12, 15, tzinfo=UTC)
"""When the source could be read at last."""

DESK = {"desk": ("desk@example.org",)}
OLD = lines("Introduced.", on="2026-01-05")


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield TemporaryStore()
        return
    place = str(tmp_path / "record.db") if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    opened = open_store(place, rehearsal=False, now=MADE)
    yield opened
    opened.close()


@dataclass
class Desk:
    """Somebody who follows, and sources that are read by the real poll."""

    store: Store = field(default_factory=TemporaryStore)
    watches: tuple[Watch, ...] = (Watch("nato", BILL, created_at=MADE),)
    kinds: frozenset[Kind] = frozenset(Kind) - FOR_OPERATOR
    now: datetime = READ

    def poll(self, name: str, watcher: Any, http: Any = no_network) -> None:
        audience = Audience(self.watches, (Route(("*",), self.kinds, ("desk",)),), DESK)
        with self.store.read() as view:
            state = view.source(name) or SourceState(name)
        every = timedelta(minutes=15)
        context = Context(self.store, audience, lambda: self.now)
        outcome = Poll(state, ScheduledSource(watcher, every), http, context).run()
        assert outcome.error is None, outcome.error
        with self.store.begin() as tx:
            tx.save_source(outcome.source)
        self.now += every

    def reads(self, *stated: Any, scope: str | None = None) -> None:
        self.poll("congress", FakeWatcher(pages=(page(*stated, cursor=str(self.now), scope=scope),)))

    def told(self) -> list[tuple[str, str | None, str]]:
        """Return what waits to be sent: kind, new value, and for whom."""
        with self.store.read() as view:
            notices = [view.notice(one, "UTC") for one in view.due("desk", self.now + timedelta(days=1), 1000)]
        return [(str(c.kind), c.after, ", ".join(n.watches)) for n in notices for c in n.changes]


def stated(on: str, published: datetime | None = None, **facets: Any) -> Any:
    actions = {**OLD, **lines("Hearings held.", on=on)}
    return replace(observation(actions=actions, **facets), published_at=published)


HELD = [("action", "Hearings held.", "nato")]
DAYS = {
    "the day after the watch": ("2026-02-11", None, True),
    "the day on which it is read": ("2026-02-12", None, True),
    "the day before the watch": ("2026-02-09", None, False),
    "the day before the watch, in an answer that is younger": ("2026-02-09", READ, False),
    "the day of the watch": ("2026-02-10", None, False),
    "the day of the watch, published before it": ("2026-02-10", MADE - timedelta(hours=1), False),
    "the day of the watch, published after it": ("2026-02-10", MADE + timedelta(hours=9), True),
    "a moment before the watch": ("2026-02-10T09:59-05:00", None, False),
    "a moment after the watch": ("2026-02-10T10:01-05:00", None, True),
    "a day to come, published long ago": ("2026-02-20", MADE - timedelta(days=9), False),
    "a day to come, published since": ("2026-02-20", MADE + timedelta(days=1), False),
}


@pytest.mark.parametrize(("on", "published", "is_told"), DAYS.values(), ids=DAYS.keys())
def test_a_line_of_a_first_reading_is_reported_if_it_is_younger_than_the_watch(
    on: str, published: datetime | None, is_told: bool
) -> None:
    desk = Desk()
    for _ in range(3):
        desk.reads(stated(on, published))
    assert desk.told() == (HELD if is_told else [])


MEETINGS = {
    "announced since": (MADE + timedelta(days=1), ["hearing"]),
    "announced before": (MADE - timedelta(days=1), []),
}


@pytest.mark.parametrize(("published", "kinds"), MEETINGS.values(), ids=MEETINGS.keys())
def test_a_meeting_to_come_is_news_if_it_was_announced_since(published: datetime, kinds: list[str]) -> None:
    desk = Desk()
    meeting = {"m1": {"label": "Meeting", "on": "2026-02-20T10:00-05:00", "text": "Hearing on the bill"}}
    desk.reads(replace(observation(hearings=meeting), published_at=published))
    assert [kind for kind, _, _ in desk.told()] == kinds


def test_it_is_reported_once_on_every_store_and_stands_once_in_the_history(store: Store) -> None:
    desk = Desk(store)
    desk.reads(stated("2026-02-11"))
    desk.reads(stated("2026-02-11", titles={}))
    assert desk.told() == HELD
    with store.read() as view:
        past = view.past(BILL)
    assert [(c.kind, c.after, c.happened_on) for c in past] == [
        (Kind.ACTION, "Introduced.", "2026-01-05"),
        (Kind.ACTION, "Hearings held.", "2026-02-11"),
    ]


def test_what_has_no_day_is_past() -> None:
    desk = Desk()
    desk.reads(replace(observation(sponsors={"a": {"label": "A"}}), published_at=READ))
    assert desk.told() == []


def test_each_watch_gets_what_came_after_it() -> None:
    late = Watch("late", BILL, created_at=MADE + timedelta(days=1, hours=2))
    never = Watch("unregistered", BILL)
    desk = Desk(watches=(Watch("nato", BILL, created_at=MADE), late, never))
    actions = {**lines("Hearings held.", on="2026-02-11"), **lines("Placed on the calendar.", on="2026-02-12")}
    desk.reads(replace(observation(actions=actions), published_at=None))
    with desk.store.read() as view:
        past = view.past(BILL)
        told = {(c.after, w) for f in view.fates(past) for c in f.alert.changes for w in f.alert.watches}
        reasons = [reason.get("watch") for f in view.fates(past) for reason in f.alert.reasons]
    assert [change.after for change in past] == ["Hearings held.", "Placed on the calendar."]
    assert told >= {("Hearings held.", "nato"), ("Placed on the calendar.", "late")}
    assert sorted(set(map(str, reasons))) == ["late", "nato"], "the message says for whom, and nobody else is named"


def test_what_a_first_reading_reported_is_put_right_like_anything_else() -> None:
    desk = Desk()
    facet = {"v1": {"label": "Yea", "on": "2026-02-11", "text": "217 - 188"}}
    desk.reads(replace(observation(votes=facet), published_at=None))
    desk.reads(replace(observation(votes={"v1": {**facet["v1"], "on": "2026-02-12"}}), published_at=None))
    with desk.store.read() as view:
        (waits,) = view.due("desk", desk.now, 10)
        told = view.notice(waits, "UTC").changes
    assert [(change.kind, change.happened_on) for change in told] == [(Kind.VOTE, "2026-02-12")]


def test_a_watch_made_beside_another_gets_what_is_seen_after_it() -> None:
    desk = Desk()
    desk.reads(observation(actions=OLD))
    desk.watches += (Watch("second", BILL, created_at=desk.now),)
    desk.reads(stated("2026-02-11"))
    assert desk.told() == [("action", "Hearings held.", "nato, second")]


def test_a_bill_known_from_a_list_is_news_to_the_search_since_it_was_found() -> None:
    search = Watch("search", DocumentId.parse("us/bill/119"), created_at=MADE, search=parse("nato"))
    desk = Desk(watches=(search,))
    title = {"display": {"text": "NATO Act"}}
    desk.reads(observation(listed_title=title), scope="congress/119")
    desk.watches += (Watch("bill", BILL, created_at=datetime(2026, 3, 1, 12, tzinfo=UTC)),)
    desk.now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    actions = {**OLD, **lines("Referred.", on="2026-02-20"), **lines("Hearings held.", on="2026-03-02")}
    desk.reads(replace(observation(listed_title=title, title=title, actions=actions), published_at=None))
    assert desk.told() == [("action", "Hearings held.", "bill, search"), ("action", "Referred.", "bill, search")]


BEGAN = {
    "introduced after the search was made": ("2026-02-11", [("appeared", "NATO Act", "search")]),
    "introduced on its day": ("2026-02-10", []),
    "introduced before it": ("2026-02-09", []),
}


@pytest.mark.parametrize(("on", "told"), BEGAN.values(), ids=BEGAN.keys())
def test_a_bill_of_a_scope_read_late_appears_if_it_is(on: str, told: list[tuple[str, str, str]]) -> None:
    search = Watch("search", DocumentId.parse("us/bill/119"), created_at=MADE, search=parse("nato"))
    desk = Desk(watches=(search,))
    nato = observation(title={"display": {"text": "NATO Act"}}, item={"": {"introduced_on": on}})
    other = observation(
        us_bill(119, "hr", 7), title={"display": {"text": "Farm Act"}}, item={"": {"introduced_on": on}}
    )
    for _ in range(2):
        desk.reads(replace(nato, published_at=None), replace(other, published_at=None), scope="congress/119")
    assert desk.told() == told


LISTED = {
    "introduced since": ("Introduced in House", "2026-02-11", "appeared"),
    "referred since": ("Referred to the House Committee on Foreign Affairs.", "2026-02-11", "appeared"),
    "introduced before": ("Introduced in House", "2026-02-09", None),
    "an old one, acted on since": ("Forwarded by Subcommittee to Full Committee.", "2026-02-11", "action"),
}


@pytest.mark.parametrize(("line", "on", "kind"), LISTED.values(), ids=LISTED.keys())
def test_a_bill_that_a_search_knows_from_a_list_alone(line: str, on: str, kind: str | None) -> None:
    search = Watch("search", DocumentId.parse("us/bill/119"), created_at=MADE, search=parse("nato"))
    publisher = congress(actions=[{**INTRODUCED, "actionDate": on, "text": line}])
    desk = Desk(watches=(search,))
    for _ in range(3):
        publisher.now = desk.now
        desk.poll("congress", CongressWatcher(BASE, KEY), publisher)
    assert [told[0] for told in desk.told()] == ([kind] if kind else [])


def reported(on: str) -> dict[str, Any]:
    return {
        **REFERRED,
        "actionCode": "5000",
        "actionDate": on,
        "text": f"Reported by the Committee on X. H. Rept. 119-{on[-2:]}.",
    }


def congress(**lists: Any) -> Publisher:
    made = PublishedBill(updated=READ - timedelta(hours=1), lists={"actions": [REFERRED, INTRODUCED], **lists})
    return Publisher({BILL: made}, now=READ)


US = {
    "a report": ({"actions": [reported("2026-02-11"), REFERRED, INTRODUCED]}, [("status", "REPORTED", "nato")]),
    "a text version": (
        {"text": [{**TEXT, "type": "Reported in House", "date": "2026-02-11T05:00:00Z"}, TEXT]},
        [("text", "Reported in House", "nato")],
    ),
    "a report of the day before": ({"actions": [reported("2026-02-09"), REFERRED, INTRODUCED]}, []),
    "the text as introduced": ({"text": [TEXT]}, []),
}


@pytest.mark.parametrize(("lists", "told"), US.values(), ids=US.keys())
def test_a_bill_of_congress(lists: dict[str, Any], told: list[tuple[str, str, str]]) -> None:
    desk = Desk(kinds=DEFAULT_KINDS)
    publisher = congress(**lists)
    for _ in range(3):
        publisher.now = desk.now
        desk.poll("congress", CongressWatcher(BASE, KEY), publisher)
    assert desk.told() == told


VOTED = {
    "actionCode": "H37100",
    "actionDate": "2026-02-11",
    "text": "On passage Passed by the Yeas and Nays: 221 - 205 (Roll no. 2).",
    "type": "Floor",
    "sourceSystem": {"code": 2, "name": "House floor actions"},
    "recordedVotes": [
        {
            "chamber": "House",
            "congress": 119,
            "date": "2026-02-11T21:33:00Z",
            "rollNumber": 2,
            "sessionNumber": 2,
            "url": "https://clerk.house.gov/evs/2026/roll2.xml",
        }
    ],
}


def test_a_roll_call() -> None:
    desk = Desk(kinds=frozenset({Kind.VOTE}))
    publisher = congress(actions=[VOTED, REFERRED, INTRODUCED])
    for _ in range(2):
        publisher.now = desk.now
        desk.poll("congress", CongressWatcher(BASE, KEY), publisher)
    assert [kind for kind, _, _ in desk.told()] == ["vote"]


ACT = DocumentId("ua", "law", ("901-viii",))
ACTS = {
    "repealed the day after": (date(2026, 2, 11), 1),
    "repealed the day before": (date(2026, 2, 9), 0),
}


@pytest.mark.parametrize(("on", "messages"), ACTS.values(), ids=ACTS.keys())
def test_an_act_of_the_rada(on: date, messages: int) -> None:
    moment = datetime.combine(on, datetime.min.time(), UTC) + timedelta(hours=9)
    hist = (("hist", ""), ("n_vlas", "901-VIII"))
    act = RadaDocument(
        "901-19", "Про приклад", on, issuer="Закон України", status=5, touched=moment, text="Стаття 1.", more=hist
    )
    database = RadaServer(now=READ)
    database.put(act)
    desk = Desk(watches=(Watch("act", ACT, created_at=MADE),), kinds=frozenset({Kind.STATUS}))
    for _ in range(2):
        database.now = desk.now
        desk.poll("rada", RadaWatcher(RADA), database)
    assert len(desk.told()) == messages


@dataclass
class Failing:
    """A publisher that answers nothing but an error until it is well."""

    well: Callable[[ReceivedRequest], Reply]
    error: Reply | None

    def __call__(self, asked: ReceivedRequest) -> Reply:
        return self.error or self.well(asked)


ERRORS = {"500": Reply(500, b"{}"), "503": Reply(503, b"down", "text/html"), "403": Reply(403, b"{}")}
ONE_BILL = '[[watch]]\nbill = "Bill C-10 (44-1)"'


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS.keys())
def test_a_status_stated_by_its_source_with_the_real_command(error: Reply, tmp_path: Path) -> None:
    publisher = Failing(Legisinfo(bill("2022-02-21")), error)
    with serve(publisher) as server, serve_mail() as mail:
        desk = Installation(tmp_path, server, mail, server)
        desk.config.write_text(CONFIGURATION.format(publisher=server.url, mail=mail.server, watch=ONE_BILL))
        for day in ("17", "19"):
            desk.run("run", "--once", now=f"2022-02-{day}T15:00:00Z")
        publisher.error = None
        for hour in ("15", "16"):
            desk.once(f"2022-02-23T{hour}:00:00Z")
        assert desk.subjects() == ["[C-10 · 44-1] At second reading in the Senate (was: Introduced)"]
        told = [one["after"] for one in desk.json("history", "C-10") if one["kind"] == "status"]
        assert len(told) == len(set(told)), "each stands once in the history"
        (alert,) = desk.json("alerts")
        assert "C-10" in alert["reason"]
        assert desk.run("verify", "--all").returncode == 0
        rehearsed = desk.json("rehearse", "--since", "2022-02-16T00:00:00Z")
        assert "was: Introduced" in json.dumps(rehearsed, ensure_ascii=False)
        why = json.dumps(desk.json("why", "C-10"))
        assert "it was past" not in why


def test_a_status_before_the_watch_is_past_with_the_real_command(tmp_path: Path) -> None:
    publisher = Failing(Legisinfo(bill("2022-02-21")), ERRORS["500"])
    with serve(publisher) as server, serve_mail() as mail:
        desk = Installation(tmp_path, server, mail, server)
        desk.config.write_text(CONFIGURATION.format(publisher=server.url, mail=mail.server, watch=ONE_BILL))
        desk.run("run", "--once", now="2022-02-21T15:00:00Z")
        publisher.error = None
        desk.once("2022-02-23T15:00:00Z")
        assert desk.subjects() == []
