"""A clock set by hand, a watcher that returns given pages, a notifier that remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.alerts.delivery import Frozen
from domain.documents import DocumentId
from domain.errors import DeliveryError, SourceError
from domain.jurisdictions.us.names import us_bill
from domain.observation import Evidence, Observation, Page, PollRequest
from domain.ports import Http, Notice
from domain.records.facets import Facet, digest
from domain.sources import Request, Response

BILL = us_bill(119, "hr", 6508)
NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)
BYTES = b'{"constructed": true}'


def no_network(request: Request) -> Response:
    """An `Http` that nobody may use."""
    raise AssertionError(f"nothing should be asked, but {request.url} was")


@dataclass(slots=True)
class ManualClock:
    """A clock that is set by hand."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def later(self, by: timedelta) -> datetime:
        self.now += by
        return self.now


def observation(document: DocumentId = BILL, **facets: Facet) -> Observation:
    evidence = dict.fromkeys(facets, digest(BYTES))
    return Observation(document, "congress", "told/1", facets, evidence, published_at=NOON - timedelta(hours=2))


def lines(*texts: str, on: str = "2026-01-05") -> Facet:
    """An `actions` facet of constructed lines; a line `reported` moves the ladder."""
    steps = {"Reported by committee.": "reported"}
    return {
        f"{on}:{text}": {"on": on, "text": text, "label": text, "step": steps.get(text), "code": None} for text in texts
    }


def page(*observations: Observation, cursor: str | None = None, scope: str | None = None) -> Page:
    proof = Evidence(digest(BYTES), "https://example.org/", NOON, "application/json", BYTES)
    return Page(scope, observations, (proof,) if observations else (), cursor=cursor, requests=1)


@dataclass(slots=True)
class FakeWatcher:
    """A watcher of bills: the next poll yields these pages, or raises."""

    name: str = "congress"
    pages: Sequence[Page] = ()
    error: SourceError | None = None
    asked: list[PollRequest] = field(default_factory=list)

    @property
    def min_interval(self) -> timedelta:
        return timedelta(0)

    def handles(self, document: DocumentId) -> bool:
        return document.kind == "bill"

    def poll(self, ask: PollRequest, http: Http) -> Iterator[Page]:
        self.asked.append(ask)
        yield from self.pages
        if self.error is not None:
            raise self.error


@dataclass(slots=True)
class FakeNotifier:
    """A notifier that keeps what it sent; `fail` is asked before and after the receiver may have the message."""

    name: str = "desk"
    kind: str = "console"
    recipients: Sequence[str] = ("desk@example.org",)
    sent: list[tuple[str, str, bytes]] = field(default_factory=list)
    before: Callable[[str], DeliveryError | None] = lambda _: None
    after: Callable[[str], DeliveryError | None] = lambda _: None

    capacity: int = 400

    def cost(self, notice: Notice) -> int:
        return len(notice.alerts)

    def freeze(self, notice: Notice) -> Frozen:
        kinds = " ".join(change.kind for change in notice.changes)
        return Frozen(f"{notice.document}: {kinds}", f"{notice.delivery} {kinds}".encode(), "text/plain")

    def send(self, message: Frozen, *, delivery: str, to: str, about_to_commit: Callable[[], None]) -> str:
        if error := self.before(delivery):
            raise error
        about_to_commit()
        self.sent.append((delivery, to, message.body))
        if error := self.after(delivery):
            raise error
        return "taken"
