"""The news of regimes that are renewed together: an alert for each, one message for both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.alerts.routing import Audience, Route, Watch
from domain.documents import DocumentId
from domain.observation import Observation, Page
from domain.ports import Notice
from monitor.service.context import Context
from monitor.service.dispatch import collect_due
from monitor.service.poll import ingest_page
from monitor.service.regimes import shipped_regimes
from notifications.compose import compose
from tests.helpers.fakes import FakeNotifier, ManualClock
from tests.helpers.stores import TemporaryStore

BEFORE = datetime(2025, 10, 19, 20, tzinfo=UTC)
AFTER = datetime(2025, 10, 20, 20, tzinfo=UTC)
NAMES = ("martial-law", "mobilisation")
REGIMES = tuple(DocumentId("ua", "regime", (name,)) for name in NAMES)


def waiting_after(*named: tuple[DocumentId, ...]) -> list[Notice]:
    """What waits for the desk after polls that each tell of these regimes, as they stood on 20 October 2025."""
    store, notifier, clock = TemporaryStore(), FakeNotifier(), ManualClock()
    audience = Audience(
        watches=tuple(Watch(str(document), document) for document in REGIMES),
        routes=(Route(channels=("desk",)),),
        recipients={"desk": ("desk@example.org",)},
    )
    ingest_page(page(REGIMES, BEFORE, complete=True), "rada", Context(store, audience, clock))
    for documents in named:
        clock.later(timedelta(minutes=30))
        ingest_page(page(documents, AFTER), "rada", Context(store, audience, clock))
    batch = collect_due(notifier, Context(store, Audience(), clock))
    return list(batch.notices.values())


def page(documents: tuple[DocumentId, ...], day: datetime, *, complete: bool = False) -> Page:
    facets = {document: shipped_regimes()[document].observation(day).facets for document in documents}
    return Page("rada/test", tuple(Observation(d, "rada", "test/1", f) for d, f in facets.items()), complete=complete)


def test_two_decrees_of_one_poll_are_one_message_that_names_both_regimes() -> None:
    (notice,) = waiting_after(REGIMES)
    assert set(notice.documents) == set(REGIMES)
    assert len(notice.alerts) == 2
    letter = compose(notice)
    assert letter.subject == "[UA martial law] Decree 793/2025 signed: to 3 Feb 2026 (with UA mobilisation)"
    said = "\n".join(f"{part.label}: {told.headline}" for part in letter.parts for told in part.news)
    assert "UA martial law: Decree 793/2025 signed: extension 17, 5 Nov 2025 05:30" in said
    assert "UA mobilisation: Decree 794/2025 signed: extension 15, 5 Nov 2025 00:00" in said


def test_the_news_of_one_is_a_message_about_that_one() -> None:
    (notice,) = waiting_after(REGIMES[:1])
    assert notice.documents == REGIMES[:1]
    assert compose(notice).subject.startswith("[UA martial law] ")
