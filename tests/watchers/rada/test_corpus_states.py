"""The constructed states of the database, evening by evening, behind a loopback server and the real HTTP client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest

from domain.alerts.routing import Audience, Watch
from domain.records.record import Change
from domain.sources import SourceState
from domain.terms import regime_of, terms
from monitor.http.client import HttpClient
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll
from tests.helpers.english import english
from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.helpers.paths import CORPUS
from tests.helpers.stores import AuditedStore, TemporaryStore, audited_store
from tests.watchers.rada.publisher import MARTIAL_LAW
from watchers.rada.watcher import RadaWatcher

STATES = CORPUS / "ukraine" / "composed" / "database"
EVENINGS = ("2025-10-19", "2025-10-20", "2025-10-21", "2025-10-31", "2026-02-04")

pytestmark = pytest.mark.corpus


class Evenings:
    """Polls each evening in turn; `reported` holds what each poll sent."""

    def __init__(self, store: AuditedStore) -> None:
        self.state = EVENINGS[0]
        self.store = store
        self.source = SourceState("rada")
        self.reported: dict[str, list[Change]] = {}
        self.asked: dict[str, list[ReceivedRequest]] = {}

    def answer(self, asked: ReceivedRequest) -> Reply:
        path = unquote(asked.path).removeprefix("/laws/")
        kind, _, rest = path.partition("/")
        name = rest.replace("/", "-") if kind == "main" else f"{kind}-{rest.replace('/', '-')}"
        file = STATES / self.state / name
        if not file.exists():
            return Reply(404, b"<html><body>404</body></html>", "text/html")
        return Reply(200, file.read_bytes(), "application/octet-stream")

    def run(self) -> None:
        with serve(self.answer) as server:
            for self.state in EVENINGS:
                now = datetime.fromisoformat(f"{self.state}T19:00:00+00:00").astimezone(UTC)
                http = HttpClient(contact="desk@example.org", clock=lambda now=now: now, allow_hosts=("127.0.0.1",))  # type: ignore[misc]
                watch = Watch("ukraine", MARTIAL_LAW, created_at=datetime(2025, 10, 1, tzinfo=UTC))
                audience = Audience((watch,), (), {"desk": ("desk@example.org",)}, ("desk",))
                before = len(self.store.alerts)
                outcome = Poll(
                    self.source,
                    ScheduledSource(RadaWatcher(server.url), RadaWatcher(server.url).min_interval),
                    http,
                    Context(self.store, audience, lambda now=now: now),
                ).run()
                assert outcome.went_well, (self.state, outcome.error, outcome.faults)
                self.source = outcome.source
                alerts = self.store.alerts[before:]
                assert all(len(alert.changes) == 1 for alert in alerts), "one message for each step"
                self.reported[self.state] = [change for alert in alerts for change in alert.changes]
                self.asked[self.state] = server.asked[:]
                server.asked.clear()
                http.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def evenings(request: pytest.FixtureRequest) -> Iterator[Evenings]:
    with ExitStack() as open_stores:
        store: AuditedStore = TemporaryStore()
        if request.param == "postgresql":
            url = request.getfixturevalue("postgresql").database()
            store = open_stores.enter_context(audited_store(url))
        made = Evenings(store)
        made.run()
        yield made


def test_each_evening_tells_its_step_and_nothing_else(evenings: Evenings) -> None:
    steps = {
        day: [change.subject.split("/", 1)[1] for change in reported] for day, reported in evenings.reported.items()
    }
    assert steps == {
        "2025-10-19": [],
        "2025-10-20": ["ua/decree/793/2025"],
        "2025-10-21": ["ua/law/4643-ix"],
        "2025-10-31": ["in_force:ua/law/4643-ix"],
        "2026-02-04": ["ua/decree/40/2026", "ua/law/4757-ix", "in_force:ua/law/4757-ix"],
    }


def test_number_start_and_end_stand_in_each_message_to_the_minute(evenings: Evenings) -> None:
    for day in ("2025-10-20", "2025-10-21", "2025-10-31"):
        (change,) = evenings.reported[day]
        assert change.after is not None
        assert "5 Nov 2025 05:30 to 3 Feb 2026 05:30 (Europe/Kyiv, 90 days)" in english(change.after)
    assert [change.happened_on for day in EVENINGS for change in evenings.reported[day]][:4] == [
        "2025-10-20",
        "2025-10-21",
        "2025-10-31",
        "2026-01-12",
    ]


def test_the_chain_is_right_to_the_minute(evenings: Evenings) -> None:
    with evenings.store.read() as view:
        record = view.record(MARTIAL_LAW)
    assert record is not None
    chain = terms(regime_of(MARTIAL_LAW, record.facets), record.facets)
    assert [
        (term.instrument, term.approval, term.starts_at.isoformat(), term.ends_at.isoformat()) for term in chain
    ] == [
        ("ua/decree/793/2025", "ua/law/4643-ix", "2025-11-05T05:30:00+02:00", "2026-02-03T05:30:00+02:00"),
        ("ua/decree/40/2026", "ua/law/4757-ix", "2026-02-03T05:30:00+02:00", "2026-05-04T05:30:00+03:00"),
    ]


def test_nothing_is_asked_of_documents_that_renew_nothing(evenings: Evenings) -> None:
    asked = [unquote(one.path) for day in EVENINGS for one in evenings.asked[day]]
    read = {path.split("/", 3)[3] for path in asked if path.startswith(("/laws/card/", "/laws/show/"))}
    assert {path.rpartition(".")[0] for path in read} == {"793/2025", "4643-20", "40/2026", "4757-20"}
    assert {one.headers["user-agent"] for day in EVENINGS for one in evenings.asked[day]} == {"OpenData"}
