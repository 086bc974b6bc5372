"""A saved search from the configuration to the alert: what it hears of a whole Congress, and what it does not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.alerts.bundles import bundles
from domain.alerts.routing import Audience, Route, Watch
from domain.alerts.search import SearchMatch, parse
from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.observation import PollRequest, SearchDemand
from domain.ports import Notice, Store
from domain.records.detection import advance
from domain.records.facets import DEFAULT_KINDS, FOR_OPERATOR, Kind
from domain.sources import Health, Request, Response, SourceState
from monitor.config.loader import load_config
from monitor.config.watch_tables import pin_watches, sessions_searched
from monitor.config.word_forms import lemma
from monitor.service.context import Context, ScheduledSource
from monitor.service.digests import streams
from monitor.service.poll import Poll, PollOutcome
from monitor.service.runtime import write_finds
from monitor.service.verification import Verifier
from notifications.compose import compose
from notifications.templates import RenderOptions
from notifications.translation import ENGLISH
from storage.store import open_store
from tests.helpers.english import english
from tests.helpers.fakes import FakeWatcher, observation, page
from tests.helpers.stores import TemporaryStore
from tests.watchers.congress.publisher import BASE, BILL, KEY, REFERRED, REPORTED, START, Bill, Publisher, add, stamp
from tests.watchers.rada.publisher import BASE as RADA
from tests.watchers.rada.publisher import RadaDocument, RadaServer
from watchers.congress import watcher as congress
from watchers.congress.watcher import CongressWatcher
from watchers.federal_register import single_documents
from watchers.federal_register.watcher import FederalRegisterWatcher
from watchers.rada.watcher import RadaWatcher

WHOLE = DocumentId.parse("us/bill/119")
EVERY = timedelta(minutes=15)
NATO = Watch("nato", WHOLE, created_at=START, search=parse("nato NOT budget"))
OTHER = us_bill(119, "s", 2174)
THIRD = us_bill(119, "hr", 7000)
DESK = {"desk": ("desk@example.org",)}


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield TemporaryStore()
        return
    opened = open_store(str(tmp_path / "record.db"), rehearsal=False, now=START)
    yield opened
    opened.close()


@dataclass
class ServiceHarness:
    store: Store
    watches: tuple[Watch, ...] = (NATO,)
    kinds: frozenset[Kind] = DEFAULT_KINDS
    publisher: Publisher = field(default_factory=lambda: Publisher({BILL: Bill(), OTHER: Bill(title="Farm Act")}))
    source: SourceState = field(default_factory=lambda: SourceState("congress"))

    def poll(self) -> PollOutcome:
        self.publisher.now += EVERY
        audience = Audience(self.watches, (Route(("*",), self.kinds, ("desk",)),), DESK)
        clock = lambda: self.publisher.now  # noqa: E731
        outcome = Poll(
            self.source,
            ScheduledSource(CongressWatcher(BASE, KEY), EVERY),
            self.publisher,
            Context(self.store, audience, clock),
        ).run()
        self.source = outcome.source
        assert outcome.error is None
        return outcome

    def told(self) -> list[tuple[DocumentId, str, str | None, str]]:
        """Return what waits to be sent: document, kind, new value and for whom."""
        return [
            (notice.document, str(change.kind), change.after, ", ".join(notice.watches))
            for notice in self.notices()
            for change in notice.changes
        ]

    def notices(self) -> list[Notice]:
        with self.store.read() as view:
            due = view.due("desk", self.publisher.now + timedelta(days=1), 1000)
            return [view.notice(delivery, "UTC") for delivery in due]

    def touch(self, bill: DocumentId, title: str | None) -> None:
        self.publisher.bills[bill].title = title
        self.publisher.bills[bill].updated = self.publisher.now


def test_what_a_congress_holds_at_first_is_its_baseline(store: Store) -> None:
    harness = ServiceHarness(store)
    outcome = harness.poll()
    assert (outcome.revisions, outcome.changes, outcome.alerts) == (3, 0, 0)
    with store.read() as view:
        record, other = view.record(BILL), view.record(OTHER)
    assert record is not None
    assert other is not None
    assert other.timeline == (), "a status is not made up from one line"
    assert record.last_status is not None
    assert (record.title, record.last_status.status) == ("NATO Act", "REFERRED"), "what is found is read in full"
    assert harness.told() == []


def test_a_new_bill_that_matches_appears_and_one_that_does_not_match_is_silent(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.poll()
    harness.publisher.bills[THIRD] = Bill(updated=harness.publisher.now, title="A bill to leave NATO")
    harness.publisher.bills[us_bill(119, "hr", 7001)] = Bill(updated=harness.publisher.now, title="NATO budget")
    harness.poll()
    assert harness.told() == [(THIRD, "appeared", "A bill to leave NATO", "nato")]
    (notice,) = harness.notices()
    assert [reason.get("words") for reason in notice.reasons] == [("nato",)]
    for _ in range(4):
        harness.poll()
    assert len(harness.told()) == 1


def test_a_known_bill_that_comes_to_match_is_reported_once(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.poll()
    harness.touch(OTHER, "Farm and NATO Act")
    harness.poll()
    assert harness.told() == [(OTHER, "appeared", "Farm and NATO Act", "nato")]
    harness.touch(OTHER, "Farm and NATO Act of 2026")
    harness.poll()
    assert len(harness.told()) == 1


def test_an_action_of_a_matching_bill_is_reported_where_a_route_carries_actions(store: Store) -> None:
    harness = ServiceHarness(store, kinds=DEFAULT_KINDS | {Kind.ACTION})
    harness.poll()
    add(harness.publisher, REPORTED)
    add(harness.publisher, REPORTED, OTHER)
    harness.poll()
    assert harness.told() == [(BILL, "status", "REPORTED", "nato"), (BILL, "action", REPORTED["text"], "nato")]


def test_two_searches_and_a_watch_on_the_bill_are_named_in_one_message(store: Store) -> None:
    act = Watch("acts", WHOLE, created_at=START, search=parse("act*"))
    bill = Watch("the bill", BILL, created_at=START)
    harness = ServiceHarness(store, watches=(NATO, act, bill))
    for _ in range(3):
        harness.poll()
    add(harness.publisher, REPORTED)
    harness.poll()
    assert [told[1:] for told in harness.told()] == [("status", "REPORTED", "the bill, nato, acts")]
    assert len(harness.notices()) == 1


def test_a_bill_watched_later_is_read_in_full_and_tells_nothing_of_its_past(store: Store) -> None:
    farms = replace(NATO, search=parse("farms"))
    harness = ServiceHarness(store, watches=(farms,), kinds=frozenset(Kind) - FOR_OPERATOR)
    harness.poll()
    harness.watches = (farms, Watch("the bill", BILL, created_at=harness.publisher.now))
    outcome = harness.poll()
    assert (outcome.revisions, outcome.changes) == (1, 0)
    assert harness.told() == []
    with store.read() as view:
        record = view.record(BILL)
    assert record is not None
    assert record.last_status is not None
    assert record.last_status.status == "REFERRED"
    assert REFERRED["text"] in {entry["text"] for entry in record.facets["listed"].values()}
    add(harness.publisher, REPORTED)
    harness.poll()
    assert {(kind, who) for _, kind, _, who in harness.told()} == {
        ("status", "the bill"),
        ("action", "the bill"),
    }


def test_a_search_hears_only_what_came_after_it(store: Store) -> None:
    every = replace(NATO, name="everything", search=parse("act*"))
    harness = ServiceHarness(store, watches=(every,))
    harness.poll()
    harness.publisher.bills[THIRD] = Bill(updated=harness.publisher.now, title="A NATO act")
    harness.poll()
    harness.watches = (every, replace(NATO, created_at=harness.publisher.now))
    harness.poll()
    assert harness.told() == [(THIRD, "appeared", "A NATO act", "everything")]


def test_summaries_are_searched_where_the_search_says_so(store: Store) -> None:
    harness = ServiceHarness(store, watches=(replace(NATO, search=parse("treaty", ("title", "summary"))),))
    harness.poll()
    row = {"versionCode": "00", "actionDate": "2026-01-05", "actionDesc": "Introduced", "text": "<p>The Treaty.</p>"}
    harness.publisher.bills[OTHER].lists["summaries"] = [{**row, "updateDate": stamp(harness.publisher.now)}]
    harness.poll()
    assert harness.told() == [(OTHER, "appeared", "Farm Act", "nato")]


def test_subjects_read_later_tell_nothing_that_was_so_before(store: Store) -> None:
    harness = ServiceHarness(store, watches=(replace(NATO, search=parse("affairs", ("subject",))),))
    harness.publisher.bills[BILL].says["policyArea"] = {"name": "International Affairs"}
    harness.poll()
    harness.watches = (*harness.watches, Watch("the bill", BILL, created_at=START))
    harness.poll()
    harness.poll()
    assert harness.told() == []


def test_nobody_pays_for_a_congress_that_nobody_wants(store: Store) -> None:
    harness = ServiceHarness(store, watches=(Watch("the bill", BILL, created_at=START),))
    harness.poll()
    assert harness.publisher.paths()[:3] == ["119", "119/hr/6508", "119/hr/6508/actions"]
    harness.poll()
    assert harness.publisher.paths().count("119") == 1
    with store.read() as view:
        assert view.record(OTHER) is None


NEXT = DocumentId.parse("us/bill/120")
IN_120 = us_bill(120, "hr", 12)
BEFORE, AFTER = datetime(2026, 11, 2, tzinfo=UTC), datetime(2027, 1, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("created", "known_before", "told"),
    [
        pytest.param(
            BEFORE, False, [(IN_120, "appeared")], id="a search older than the Congress hears of all its bills"
        ),
        pytest.param(AFTER, False, [], id="one made later has what was there as its past"),
        pytest.param(BEFORE, True, [(IN_120, "appeared")], id="nor is anything told again once the list was read"),
    ],
)
def test_us_11_the_first_reading_of_a_new_congress(
    created: datetime, known_before: bool, told: list[tuple[DocumentId, str]], store: Store
) -> None:
    harness = ServiceHarness(store, watches=(replace(NATO, document=NEXT, created_at=created, also=(WHOLE,)),))
    harness.publisher.bills = {IN_120: Bill(updated=AFTER, title="A NATO act")}
    harness.publisher.now = AFTER
    for _ in range(3 if known_before else 1):
        harness.poll()
    assert [entry[:2] for entry in harness.told()] == told


def test_us_11_a_search_goes_on_in_the_next_congress_as_what_it_was(store: Store) -> None:
    with store.begin() as tx:
        tx.register([replace(NATO, created_at=None)], BEFORE)
    with store.begin() as tx:
        (moved,) = tx.register([replace(NATO, document=NEXT, also=(WHOLE,))], AFTER)
    assert (moved.document, moved.created_at) == (NEXT, BEFORE)
    with store.begin() as tx:
        (another,) = tx.register([replace(NATO, document=DocumentId.parse("ca/bill/45-1"))], AFTER)
    assert another.created_at == AFTER, "another legislature is another watch"


@pytest.mark.parametrize(
    ("today", "congresses"),
    [
        pytest.param("2026-12-31", ["119"], id="the Congress that sits"),
        pytest.param("2027-01-02", ["119"], id="it ends on the third"),
        pytest.param("2027-01-03", ["120", "119"], id="the next one, and laws that are still signed"),
        pytest.param("2027-02-01", ["120", "119"], id="for thirty days"),
        pytest.param("2027-02-02", ["120"], id="and no longer"),
    ],
)
def test_us_11_what_a_search_without_a_congress_covers(today: str, congresses: list[str]) -> None:
    covered = sessions_searched(date.fromisoformat(today))
    assert [one.parts[0] for one in covered if one.jurisdiction == "us"] == congresses


@pytest.mark.parametrize(
    ("pinned", "congresses"),
    [
        pytest.param("", ["120", "119"], id="a search without a Congress goes on"),
        pytest.param("congress = 119", ["119"], id="a pinned one stays"),
    ],
)
def test_us_11_what_a_search_of_2026_covers_in_2027(pinned: str, congresses: list[str], tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[source.congress]\n[[watch]]\nsearch = "nato"\n{pinned}\n')
    settings = pin_watches(load_config(path, now=AFTER, env={}), [replace(NATO, created_at=BEFORE)])
    (watch,) = settings.watches
    assert watch.document is not None
    assert [one.parts[0] for one in (watch.document, *watch.also)] == congresses


RATES, LIVESTOCK, ENERGY = us_bill(119, "hr", 9101), us_bill(119, "hr", 9102), us_bill(119, "s", 9103)
TOPIC = Watch("topic", WHOLE, created_at=START, search=parse("rates OR livestock OR Europe*"))


def line(code: str, text: str, on: str = "2026-01-08", chamber: int = 2) -> dict[str, Any]:
    named = {2: "House floor actions", 9: "Library of Congress"}[chamber]
    return {
        "actionCode": code,
        "actionDate": on,
        "text": text,
        "type": "Floor",
        "sourceSystem": {"code": chamber, "name": named},
    }


PASSED_HOUSE = (
    line(
        "8000",
        "Passed/agreed to in House: On passage Passed by the Yeas and Nays: 220 - 200 (Roll no. 900).",
        "2026-01-08",
        9,
    ),
    line("H37100", "On passage Passed by the Yeas and Nays: 220 - 200 (Roll no. 900)."),
    line("H38310", "Motion to reconsider laid on the table Agreed to without objection."),
)
FAILED_SENATE = (
    line(
        "18000",
        "Failed of passage/not agreed to in Senate: Failed of passage in Senate by Voice Vote.",
        "2026-01-09",
        9,
    ),
)


def topic_harness(store: Store, **options: Any) -> ServiceHarness:
    bills = {RATES: Bill(title="Adjustable Rates Act"), LIVESTOCK: Bill(title="Livestock Markets Act")}
    return ServiceHarness(
        store, watches=(TOPIC,), publisher=Publisher({**bills, OTHER: Bill(title="Farm Act")}), **options
    )


def introduce(harness: ServiceHarness, bill: DocumentId, title: str) -> None:
    referred = {**REFERRED, "actionCode": "10000", "text": "Introduced in Senate", "actionDate": "2026-01-06"}
    lists = {"actions": [referred]}
    says = {"introducedDate": "2026-01-06"}
    harness.publisher.bills[bill] = Bill(updated=harness.publisher.now, title=title, lists=lists, says=says)


def acts(harness: ServiceHarness, bill: DocumentId, lines: Sequence[dict[str, Any]]) -> None:
    for one in lines:
        add(harness.publisher, one, bill)


def test_desk_4_a_bill_that_a_search_found_is_followed(store: Store) -> None:
    harness = topic_harness(store)
    harness.poll()
    assert harness.told() == []
    introduce(harness, ENERGY, "Protecting Europe's Energy Act")
    harness.poll()
    assert harness.told() == [(ENERGY, "appeared", "Protecting Europe's Energy Act", "topic")]
    harness.publisher.now += timedelta(days=2)
    for bill in (RATES, LIVESTOCK):
        acts(harness, bill, PASSED_HOUSE)
    harness.poll()
    assert [told for told in harness.told() if told[1] == "status"] == [
        (RATES, "status", "PASS_OVER:HOUSE", "topic"),
        (LIVESTOCK, "status", "PASS_OVER:HOUSE", "topic"),
    ]
    harness.publisher.now += timedelta(days=1)
    acts(harness, ENERGY, FAILED_SENATE)
    harness.poll()
    assert harness.told()[-1][:2] == (ENERGY, "status")
    assert harness.told()[-1][2] == "FAIL:ORIGINATING:SENATE"
    count = len(harness.told())
    for _ in range(40):
        harness.poll()
    assert len(harness.told()) == count, "nothing is told twice"


def test_desk_4_where_the_allowance_ends_the_list_shows_movement(store: Store) -> None:
    harness = topic_harness(store)
    harness.poll()
    harness.publisher.now += timedelta(days=2)
    harness.publisher.headers = {"x-ratelimit-remaining": "8"}
    acts(harness, RATES, PASSED_HOUSE)
    outcome = harness.poll()
    (told,) = harness.told()
    assert told == (RATES, "status", "REFERRED", "topic")
    (notice,) = harness.notices()
    assert notice.url == "https://www.congress.gov/bill/119th-congress/house-bill/9101"
    subject = compose(notice, RenderOptions(ENGLISH)).subject
    assert subject.startswith(
        "[HR 9101 · 119th] The list shows movement, the bill itself could not be read yet: Motion"
    )
    assert outcome.source.state is Health.STARVED
    assert english(notice.doubt) == "a list shows movement on 8 January 2026 that is not read yet"
    harness.poll()
    assert len(harness.told()) == 1, "once for each line of the list"
    harness.publisher.headers = {"x-ratelimit-remaining": "4000"}
    harness.poll()
    assert {notice.doubt for notice in harness.notices()} == {None}
    assert (
        harness.told()[1:]
        == [(RATES, "vote", harness.told()[1][2], "topic"), (RATES, "status", "PASS_OVER:HOUSE", "topic")][
            -len(harness.told()[1:]) :
        ]
    )


FOUND_LATER = {
    "an old bill that is retitled": ("Farm and Rates Act", [(OTHER, "appeared", "Farm and Rates Act", "topic")]),
    "one retitled to something else": ("Farm Act of 2026", []),
}


@pytest.mark.parametrize(("title", "told"), FOUND_LATER.values(), ids=FOUND_LATER)
def test_desk_4_a_bill_is_followed_from_when_it_comes_to_match(
    title: str, told: list[tuple[DocumentId, str, str, str]], store: Store
) -> None:
    harness = topic_harness(store)
    harness.poll()
    harness.touch(OTHER, title)
    harness.poll()
    assert harness.told() == told
    harness.publisher.now += timedelta(days=2)
    add(harness.publisher, REPORTED | {"actionDate": "2026-01-08"}, OTHER)
    harness.poll()
    assert [one[2] for one in harness.told()[len(told) :]] == ["REPORTED"] * len(told)


def test_desk_4_a_bill_stays_followed_under_another_title(store: Store) -> None:
    harness = topic_harness(store)
    harness.poll()
    harness.touch(RATES, "Housing for All Act")
    harness.poll()
    harness.publisher.now += timedelta(days=2)
    acts(harness, RATES, PASSED_HOUSE)
    harness.poll()
    assert (RATES, "status", "PASS_OVER:HOUSE", "topic") in harness.told()


def test_desk_4_what_searches_found_waits_for_what_somebody_named(store: Store) -> None:
    harness = topic_harness(store)
    harness.watches = (Watch("named", OTHER, created_at=START), TOPIC)
    harness.publisher.headers = {"x-ratelimit-remaining": "400", "x-ratelimit-limit": "5000"}
    harness.poll()
    assert [path for path in harness.publisher.paths() if path.startswith("119/")][:1] == ["119/s/2174"]
    assert not any("9101" in path for path in harness.publisher.paths())


def test_desk_4_no_poll_reads_more_of_what_was_found_than_it_may(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(congress, "FOUND_A_POLL", 1)
    monkeypatch.setattr(congress, "MOST_FOUND", 2)
    harness = topic_harness(store)
    harness.publisher.bills[ENERGY] = Bill(title="Europe Act")
    for _ in range(4):
        harness.poll()
    read = {path.split("/")[2] for path in harness.publisher.paths() if path.count("/") == 2}
    assert len(read) == 2, "the others are followed by the list alone"
    harness.publisher.now += timedelta(days=2)
    (beyond,) = {RATES, LIVESTOCK, ENERGY} - {us_bill(119, "hr" if n != "9103" else "s", int(n)) for n in read}
    harness.touch(beyond, harness.publisher.bills[beyond].title)
    harness.poll()
    assert harness.told() == [], "a bill is also touched where nothing happens to it"
    acts(harness, beyond, PASSED_HOUSE)
    harness.poll()
    assert [one[:2] for one in harness.told()] == [(beyond, "status")]


def test_a_found_bill_that_was_never_read_does_not_move_with_its_stamp() -> None:
    harness = topic_harness(TemporaryStore())
    harness.publisher.headers = {"x-ratelimit-remaining": "8"}
    harness.poll()
    for _ in range(2):
        harness.publisher.now += timedelta(days=2)
        harness.touch(RATES, "Adjustable Rates Act")
        harness.poll()
    assert harness.told() == []
    acts(harness, RATES, PASSED_HOUSE)
    harness.poll()
    assert [one[:2] for one in harness.told()] == [(RATES, "status")]


@dataclass
class Elsewhere:
    """A search without a session, and a source that is no list of bills."""

    watcher: Any
    publisher: Any
    now: datetime
    words: str
    store: TemporaryStore = field(default_factory=TemporaryStore)
    state: SourceState = field(default_factory=lambda: SourceState("elsewhere"))
    more: tuple[Watch, ...] = ()

    def poll(self, after: timedelta = timedelta(hours=1)) -> list[tuple[str, str, str | None]]:
        """Poll; return what waits to be sent."""
        self.now = self.publisher.now = self.now + after
        made = START - timedelta(days=1)
        search = Watch("topic", WHOLE, created_at=made, search=parse(self.words, lemma=lemma), everywhere=True)
        audience = Audience((search, *self.more), (), DESK)
        context = Context(self.store, audience, lambda: self.now)
        poll = Poll(self.state, ScheduledSource(self.watcher, EVERY), self.publisher, context)
        outcome = poll.run()
        assert outcome.error is None, outcome.error
        self.state, self.requests = outcome.source, outcome.requests
        changes = [change for alert in self.store.alerts for change in alert.changes]
        return [(str(change.document), str(change.kind), change.after) for change in changes]

    def found(self) -> list[tuple[str, bool]]:
        with self.store.read() as view:
            return sorted((str(match.document), match.baseline) for match in view.matches())


def test_a_search_finds_acts_of_the_legislation_database() -> None:
    day = date(2026, 1, 3)
    server = RadaServer(now=START)
    server.put(RadaDocument("10/2026", "Про застосування санкцій", day, text="Указ", touched=START))
    server.put(RadaDocument("11/2026", "Про нагороди", day, text="Указ", touched=START))
    desk = Elsewhere(RadaWatcher(RADA), server, START, "санкція")
    assert desk.poll() == []
    assert desk.found() == [("ua/decree/10/2026", True)]
    server.put(RadaDocument("12/2026", "Про скасування санкції", date(2026, 1, 6), text="Указ", touched=server.now))
    server.put(RadaDocument("13/2026", "Про відзначення", date(2026, 1, 6), text="Указ", touched=server.now))
    assert desk.poll() == [("ua/decree/12/2026", "appeared", "Про скасування санкції")]
    assert desk.poll() == desk.poll(), "once"
    desk.words = "нагорода"
    for _ in range(8):
        said = desk.poll()
    assert len(said) == 1, "what was there before a search was changed is its past"
    assert ("ua/decree/11/2026", True) in desk.found()
    server.put(RadaDocument("14/2026", "Про нагороди", date(2025, 12, 1), text="Указ", touched=server.now))
    server.put(RadaDocument("15/2026", "Про відпустки", date(2025, 12, 1), text="Указ", touched=START))
    desk.more = (Watch("more", WHOLE, created_at=desk.now, search=parse("відпустки"), everywhere=True),)
    for _ in range(8):
        said = desk.poll()
    assert [document for document, *_ in said[1:]] == ["ua/decree/14/2026"], (
        "a new search makes no other one begin anew"
    )
    assert ("ua/decree/15/2026", True) in desk.found()


class RegisterOfDocuments:
    """The list of all documents of the Register; constructed."""

    def __init__(self) -> None:
        self.now = START
        self.rows: list[dict[str, Any]] = []

    def put(self, number: str, title: str, on: str) -> None:
        self.rows.append({"document_number": number, "title": title, "publication_date": on, "corrections": []})

    def __call__(self, request: Request) -> Response:
        parts = urlsplit(request.url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        number = parts.path.rpartition("/")[2].removesuffix(".json")
        rows = [
            one for one in self.rows if one["publication_date"] >= query.get("conditions[publication_date][gte]", "")
        ]
        size, page = int(query.get("per_page", 20)), int(query.get("page", 1))
        listed = {"count": len(rows), "results": rows[(page - 1) * size : page * size]}
        body = listed if number == "documents" else next(r for r in rows if r["document_number"] == number)
        return Response(200, request.url, {"content-type": "application/json"}, json.dumps(body).encode(), self.now)


def test_a_search_finds_documents_of_a_register(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_documents, "PER_PAGE", 2)
    register = RegisterOfDocuments()
    for number in range(5):
        register.put(f"2026-0000{number}", f"Notice {number}" + " of sanctions" * (number == 3), "2026-01-05")
    desk = Elsewhere(FederalRegisterWatcher("https://register.example.org"), register, START, "sanction")
    assert desk.poll() == []
    assert desk.found() == [("us/fr/2026-00003", True)]
    register.put("2026-00009", "Sanctions Regulations", "2026-01-07")
    register.put("2026-00010", "Fishery Regulations", "2026-01-07")
    assert desk.poll(timedelta(days=1)) == [("us/fr/2026-00009", "appeared", "Sanctions Regulations")]
    for _ in range(5):
        assert len(desk.poll()) == 1
    assert desk.requests == 1, "a list that stands costs one request"
    register.put("2026-00011", "More Sanctions Regulations", "2026-01-08")
    desk.more = (Watch("fish", WHOLE, created_at=desk.now, search=parse("fishery"), everywhere=True),)
    assert [said[0] for said in desk.poll(timedelta(days=1))] == ["us/fr/2026-00009", "us/fr/2026-00011"]
    assert desk.found()[-2:] == [("us/fr/2026-00010", True), ("us/fr/2026-00011", False)]


def test_a_fortnight_without_documents_is_no_list_of_a_register() -> None:
    desk = Elsewhere(FederalRegisterWatcher("https://register.example.org"), RegisterOfDocuments(), START, "sanction")
    with pytest.raises(AssertionError, match="documents"):
        desk.poll()


def test_a_search_finds_entries_of_feeds() -> None:
    document = DocumentId.parse("feed/news/1")
    title = {"title": {"display": {"text": "New sanctions adopted"}}}
    desk = Elsewhere(FakeWatcher(pages=()), SimpleNamespace(now=START), START, "sanction")
    for number, facets in enumerate((title, {"title": {"display": {"text": "Other news"}}})):
        entry = replace(observation(document, **facets), document=DocumentId.parse(f"feed/news/{number}"))
        desk.watcher = FakeWatcher(pages=(page(entry, cursor=str(number), scope="feed/news"),))
        desk.poll()
    assert desk.found() == [("feed/news/0", True)]
    desk.watcher = FakeWatcher(
        pages=(page(replace(observation(document, **title), document=document), scope="feed/news"),)
    )
    later = replace(observation(document, **title), document=DocumentId.parse("feed/news/7"))
    desk.watcher = FakeWatcher(pages=(page(later, cursor="7", scope="feed/news"),))
    assert desk.poll() == [("feed/news/7", "appeared", "New sanctions adopted")]


def test_thirty_new_bills_of_one_poll_go_as_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    store = TemporaryStore()
    harness = topic_harness(store)
    harness.poll()
    for number in range(30):
        introduce(harness, us_bill(119, "hr", 9200 + number), f"Rates Act No. {number}")
    harness.poll()
    assert len(harness.told()) == 30
    audience = Audience(harness.watches, (), DESK)
    with store.read() as view:
        waiting = view.due("desk", harness.publisher.now + timedelta(days=1), 1000)
        monkeypatch.setattr(type(view), "notice", None)  # nothing is asked message by message
        (bundle,) = bundles(waiting, stream=streams(view, audience, waiting))
    assert len(bundle) == 30


def test_what_a_search_sent_follows_from_the_archived_bytes() -> None:
    store = TemporaryStore()
    harness = topic_harness(store)
    with store.begin() as tx:
        tx.register(harness.watches, START)
    harness.poll()
    harness.touch(OTHER, "Farm and Rates Act")
    introduce(harness, ENERGY, "Protecting Europe's Energy Act")
    harness.poll()
    harness.publisher.now += timedelta(days=2)
    harness.publisher.headers = {"x-ratelimit-remaining": "8"}
    acts(harness, RATES, PASSED_HOUSE)
    harness.poll()
    harness.publisher.headers = {}
    harness.poll()
    assert len(harness.told()) >= 4
    with store._audit() as audit:
        verifier = Verifier(audit)
        proofs = [verifier.verify(alert) for alert in audit.alert_ids()]
    assert [proof.faults for proof in proofs if proof and not proof.holds] == []


def test_a_changed_search_is_asked_of_the_record(caplog: pytest.LogCaptureFixture) -> None:
    store = TemporaryStore()
    harness = topic_harness(store)
    caplog.set_level("INFO", "lexwatch")
    harness.poll()
    farms = replace(TOPIC, search=parse("farm"))
    now = harness.publisher.now
    made = [write_finds(store, watches, now)[0].created_at for watches in ((TOPIC,), (farms,), (farms,))]
    assert made == [TOPIC.created_at, now, TOPIC.created_at], "with other words it is another watch, as is stored"
    harness.watches = (farms,)
    harness.poll()
    with store.read() as view:
        assert [(match.document, match.baseline) for match in view.matches()] == [(OTHER, True)]
    begun = [record.fields for record in caplog.records if record.getMessage() == "search"]
    assert begun[0] == {"watch": "topic", "begins_with": 2, "where": "congress"}
    assert begun[-1] == {"watch": "topic", "begins_with": 1, "where": "the record"}
    assert harness.told() == []
    with store.begin() as tx:
        step = advance(None, replace(observation(THIRD, title={"display": {"text": "Farm Bill"}})), START)
        assert step is not None
        tx.save(step)
    write_finds(store, (farms, replace(NATO, search=parse("bill"))), harness.publisher.now, imported=True)
    with store.read() as view:
        found = [match.watch for match in view.matches([THIRD])]
    assert found == ["topic"], "a search that never ran begins with the service"
    add(harness.publisher, REPORTED | {"actionDate": "2026-01-07"}, OTHER)
    harness.publisher.now += timedelta(days=1)
    harness.poll()
    assert harness.told() == [(OTHER, "status", "REPORTED", "topic")]


def test_what_a_worker_finds_by_words_of_before_is_not_kept() -> None:
    harness = topic_harness(TemporaryStore())
    with harness.store.begin() as tx:
        tx.put_searches({"topic": parse("farm").key}, START)
    harness.poll()
    with harness.store.read() as view:
        assert view.matches() == ()


def test_what_searches_found_is_asked_for_beside_what_is_watched() -> None:
    status, text, vote = (frozenset({kind}) for kind in (Kind.STATUS, Kind.TEXT, Kind.VOTE))
    demand = SearchDemand("key", found=lambda: {BILL: text, OTHER: vote})
    assert PollRequest(None, {BILL: status}, START, searches=demand).followed() == {BILL: status | text, OTHER: vote}
    assert PollRequest(None, {BILL: status}, START).followed() == {BILL: status}


KINDS = {
    "no route at all": ((), DEFAULT_KINDS),
    "a route of its own": ((Route(("topic",), frozenset({Kind.ACTION}), ("desk",)),), frozenset({Kind.ACTION})),
    "a route of another watch": ((Route(("other",), DEFAULT_KINDS, ("desk",)),), frozenset()),
}


@pytest.mark.parametrize(("routes", "kinds"), KINDS.values(), ids=KINDS)
def test_the_kinds_asked_of_what_was_found_are_those_of_its_search(
    routes: tuple[Route, ...], kinds: frozenset[Kind]
) -> None:
    found = [SearchMatch("topic", RATES, ("rates",), START), SearchMatch("gone", OTHER, ("x",), START)]
    assert Audience((TOPIC,), routes, DESK).found_by_searches(found) == {RATES: kinds}
    another = SearchMatch("topic", us_bill(118, "hr", 1), ("rates",), START)
    assert Audience((TOPIC,), routes, DESK).found_by_searches([another]) == {}, (
        "a session that is not searched any more"
    )
