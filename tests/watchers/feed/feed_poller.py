"""A desk that follows one feed: the real poll over a publisher in memory. All entries are constructed.

The publisher stands where the door stands. It answers conditional requests as it is told to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

from domain.alerts.routing import Audience, Route, Watch
from domain.documents import named_feed
from domain.errors import Changed
from domain.records.record import Change
from domain.sources import Request, Response, SourceState
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll, PollOutcome
from notifications.compose import compose
from notifications.message import Message
from tests.helpers.stores import TemporaryStore
from watchers.feed.watcher import FeedWatcher

ADDRESS = "https://feeds.example/acts.xml?token=planted"
START = datetime(2026, 1, 6, 10, tzinfo=UTC)
EVERY = timedelta(minutes=15)
NAME = "Acts (constructed)"
FEED = named_feed(NAME)


@dataclass(frozen=True, slots=True)
class Item:
    """An item of an RSS feed; None leaves its element out."""

    number: int
    title: str | None = ""
    text: str = ""
    guid: str | None = ""
    link: str | None = ""
    on: str | None = "Mon, 05 Jan 2026 12:00:00 GMT"
    more: str = ""
    attributes: str = ""

    def xml(self) -> str:
        title = f"Act {self.number}" if self.title == "" else self.title
        guid = f"act-{self.number}" if self.guid == "" else self.guid
        link = f"https://feeds.example/acts/{self.number}" if self.link == "" else self.link
        text = self.text or f"What act {self.number} orders."
        parts = (("title", title), ("guid", guid), ("link", link), ("description", text), ("pubDate", self.on))
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts if value is not None)
        return f"<item{self.attributes}>{inner}{self.more}</item>"


def rss(items: Iterable[Item], head: str = "") -> bytes:
    inner = "".join(item.xml() for item in items)
    text = f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Acts</title>{head}{inner}'
    return f"{text}</channel></rss>".encode()


def atom(entries: Iterable[tuple[str, str, str, str]]) -> bytes:
    """Write an Atom feed of (id, title, content, updated)."""
    inner = "".join(
        f"<entry><id>{i}</id><title>{escape(t)}</title><content type='html'>{escape(c)}</content>"
        f"<updated>{u}</updated><link href={quoteattr(f'https://feeds.example/{i}')}/></entry>"
        for i, t, c, u in entries
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Acts</title>{inner}</feed>'.encode()


def acts(*numbers: int) -> list[Item]:
    return [Item(number) for number in numbers]


@dataclass(slots=True)
class FeedPoller:
    """Who follows the feed, and what the publisher would answer now."""

    name: str = NAME
    words: tuple[str, ...] = ()
    kinds: frozenset[str] | None = None
    body: bytes = b""
    content_type: str = "application/rss+xml"
    headers: dict[str, str] = field(default_factory=dict)
    honours: bool = True
    asked: list[Request] = field(default_factory=list)
    store: TemporaryStore = field(default_factory=TemporaryStore)
    now: datetime = START
    source: SourceState = field(default_factory=lambda: SourceState(str(FEED)))

    def answer(self, request: Request) -> Response:
        self.asked.append(request)
        same = request.etag and request.etag == self.headers.get("etag")
        since = request.last_modified and request.last_modified == self.headers.get("last-modified")
        unchanged = self.honours and (same or since)
        if not unchanged and not self.body:
            raise Changed("an empty answer")
        headers = {"content-type": self.content_type, **self.headers}
        return Response(304 if unchanged else 200, request.url, headers, b"" if unchanged else self.body, self.now)

    def audience(self) -> Audience:
        watch = Watch(self.name, FEED, created_at=START, words=self.words)
        routes = () if self.kinds is None else (Route(("*",), frozenset(self.kinds), ("desk",)),)  # type: ignore[arg-type]
        return Audience((watch,), routes, {"desk": ("desk@example.org",)}, ("desk",))

    def poll(self, body: bytes | None = None, *, address: str = ADDRESS) -> PollOutcome:
        """Ask the feed, which now says `body`, a quarter of an hour after the last time."""
        if body is not None:
            self.body = body
        self.now += EVERY
        outcome = Poll(
            self.source,
            ScheduledSource(FeedWatcher(FEED, address), EVERY),
            self.answer,
            Context(self.store, self.audience(), lambda: self.now),
        ).run()
        self.source = outcome.source
        return outcome

    def news(self, body: bytes | None = None) -> list[Change]:
        """Poll and return what was told of entries, in the order of the alerts. The poll must go well."""
        before = len(self.store.alerts)
        outcome = self.poll(body)
        assert outcome.error is None, outcome.error
        return [c for alert in self.store.alerts[before:] if alert.document.is_feed for c in alert.changes]

    def messages(self, body: bytes | None = None, *, address: str = ADDRESS) -> list[Message]:
        """Poll, and return the messages that are written to readers and the operator, in the order of the alerts."""
        before = {delivery.id for delivery in self.store.deliveries}
        with self.store.begin() as tx:
            tx.register(self.audience().watches, self.now)
        outcome = self.poll(body, address=address)
        assert outcome.error is None, outcome.error
        with self.store.read() as view:
            return [
                compose(view.notice(delivery, "UTC")) for delivery in self.store.deliveries if delivery.id not in before
            ]

    def subjects(self, body: bytes | None = None, *, address: str = ADDRESS) -> list[str]:
        """Poll, and return the subjects of the messages that are written."""
        return [message.subject for message in self.messages(body, address=address)]

    def titles(self, body: bytes | None = None) -> list[str | None]:
        """Poll and return the titles of the entries that appeared, sorted."""
        return sorted(change.after or "" for change in self.news(body))


def following(first: bytes, **settings: object) -> FeedPoller:
    """Return a desk that has had its baseline."""
    desk = replace(FeedPoller(), **settings)  # type: ignore[arg-type]
    assert desk.news(first) == []
    return desk
