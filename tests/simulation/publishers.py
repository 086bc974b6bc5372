"""Every publisher on loopback, on one clock that is set by hand. All that they publish is constructed.

What answers are the publishers of the watchers' own tests; here they get a port each, a week in which they are down,
and a count of what they were asked each day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

from domain.documents import DocumentId
from domain.errors import SourceError
from domain.sources import Request, Response
from tests.helpers.fakes import ManualClock
from tests.helpers.http_server import HttpServer, ReceivedRequest, Reply, serve
from tests.watchers.congress import publisher as congress
from tests.watchers.congress.test_hearings import Calendar
from tests.watchers.federal_register.publisher import FederalRegisterServer
from tests.watchers.feed.feed_poller import Item, rss
from tests.watchers.govinfo import publisher as govinfo
from tests.watchers.legisinfo_publisher import Legisinfo
from tests.watchers.rada import publisher as rada
from tests.watchers.rollcalls import publisher as rollcalls
from tests.watchers.texts import publisher as texts
from tests.watchers.ukraine_sources import decree_page, decrees, search

Answer = Callable[[ReceivedRequest], Reply]
CHALLENGE = (
    b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
)
KINDS_OF_OUTAGE = ("refused", "503", "blocked")


@dataclass(slots=True)
class Origin:
    """One publisher. While it is `down` it answers nothing, 503, a challenge for browsers, or that the key has had
    enough. `asked` counts the
    requests of each day (UTC) that came through; `allowance` is how many it grants in 24 hours."""

    name: str
    clock: ManualClock
    answer: Answer
    server: HttpServer | None = None
    down: str | None = None
    asked: Counter[date] = field(default_factory=Counter)
    allowance: int | None = None
    refused: int = 0
    lately: list[datetime] = field(default_factory=list)

    def __call__(self, asked: ReceivedRequest) -> Reply:
        now = self.clock()
        self.asked[now.date()] += 1
        if self.server is not None:
            self.server.asked.clear()
        if self.down == "503":
            return Reply(503, b"down", "text/plain")
        if self.down == "blocked":
            return Reply(403, CHALLENGE, "text/html", {"server": "cloudflare", "cf-mitigated": "challenge"})
        if self.down == "429" or (self.allowance is not None and not self._grants(now)):
            self.refused += 1
            limits = {"X-RateLimit-Limit": str(self.allowance or 5000), "X-RateLimit-Remaining": "0"}
            return Reply(429, b'{"error": {"code": "OVER_RATE_LIMIT"}}', headers=limits)
        return self.answer(asked)

    def _grants(self, now: datetime) -> bool:
        assert self.allowance is not None
        self.lately = [at for at in self.lately if now - at < timedelta(days=1)]
        if len(self.lately) >= self.allowance:
            return False
        self.lately.append(now)
        return True

    def fall(self, how: str) -> None:
        self.down = how
        if how == "refused" and self.server is not None:
            self.server.refuse()

    def rise(self) -> None:
        self.down = None
        if self.server is not None:
            self.server.listen()


def on_loopback(http: Callable[[Request], Response], base: str) -> Answer:
    """Let a publisher in memory, which knows itself by `base`, answer over a connection."""

    def answer(asked: ReceivedRequest) -> Reply:
        query = f"?{urlencode(asked.query, doseq=True)}" if asked.query else ""
        request = Request(
            f"{base}{asked.path}{query}",
            asked.headers,
            etag=asked.headers.get("if-none-match"),
            last_modified=asked.headers.get("if-modified-since"),
            expect=frozenset(range(100, 600)),
            accept=("application/xml", "text/html"),
            method=asked.method,
            body=asked.body,
        )
        try:
            response = http(request)
        except SourceError as error:
            return Reply(error.status or 503, str(error).encode(), "text/plain")
        headers = {name: value for name, value in response.headers.items() if name != "content-type"}
        return Reply(response.status, response.body, response.headers.get("content-type", "text/plain"), headers)

    return answer


@dataclass
class FeedOrigin:
    """A feed: its items, newest first, with a validator."""

    items: list[Item] = field(default_factory=list)

    def __call__(self, asked: ReceivedRequest) -> Reply:
        body = rss(self.items)
        tag = f'"{hash(body)}"'
        if asked.headers.get("if-none-match") == tag:
            return Reply(304, headers={"ETag": tag})
        return Reply(200, body, "application/rss+xml", {"ETag": tag})


@dataclass
class PresidentOrigin:
    """The President's site: `listed` are number, day in words and title, newest first; `pages` by number."""

    listed: list[tuple[str, str, str]] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)

    def put(self, number: str, day: str, title: str, clause: str = "") -> None:
        self.listed = [(number, day, title), *self.listed][:20]
        self.pages[number.replace("/", "")] = decree_page(number, title, clause, day)

    def __call__(self, asked: ReceivedRequest) -> Reply:
        if asked.path.endswith("/decrees"):
            return Reply(200, decrees(*self.listed).encode(), "text/html")
        found = self.pages.get(asked.path.rpartition("/")[2].partition("-")[0])
        return Reply(200, found.encode(), "text/html") if found else Reply(404, b"none", "text/html")


@dataclass
class RegisterOrigin:
    """The register of bills of the Ukrainian parliament: rows as `ukraine_sources.row` writes them."""

    rows: dict[str, str] = field(default_factory=dict)

    def __call__(self, asked: ReceivedRequest) -> Reply:
        return Reply(200, search(*self.rows.values()).encode(), "text/html")


@dataclass
class World:
    """All publishers. Bills of the US Congress are one state, which the API and the bulk data show. The list of new
    acts of the Ukrainian database is a page for people, as it is today."""

    clock: ManualClock
    congress: congress.Publisher = field(default_factory=lambda: congress.Publisher(bills={}))
    calendar: Calendar = field(default_factory=Calendar)
    batches: list[tuple[str, datetime, tuple[DocumentId, ...]]] = field(default_factory=list)
    files: dict[DocumentId, govinfo.File] = field(default_factory=dict)
    texts: texts.RecordLookupStub = field(default_factory=texts.RecordLookupStub)
    clerk: rollcalls.RollCallServer = field(default_factory=rollcalls.RollCallServer)
    senate: rollcalls.RollCallServer = field(default_factory=rollcalls.RollCallServer)
    register: FederalRegisterServer = field(default_factory=FederalRegisterServer)
    rada: rada.RadaServer = field(default_factory=rada.RadaServer)
    bills_register: RegisterOrigin = field(default_factory=RegisterOrigin)
    president: PresidentOrigin = field(default_factory=PresidentOrigin)
    legisinfo: Legisinfo = field(default_factory=Legisinfo)
    feeds: dict[str, FeedOrigin] = field(default_factory=lambda: {"acts": FeedOrigin(), "notices": FeedOrigin()})
    origins: dict[str, Origin] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.congress.turns, self.rada.dated = self._meetings, True
        self.rada.refuse = lambda path: b"<html><body>\xd0\x97</body></html>" if "/main/n/" in path else None
        answers: dict[str, Answer] = {
            "congress": on_loopback(self.congress, "https://api.congress.gov"),
            "govinfo": on_loopback(self._bulk, govinfo.BASE),
            "texts": on_loopback(self.texts, texts.BASE),
            "clerk": on_loopback(self.clerk, rollcalls.BASE),
            "senate": on_loopback(self.senate, rollcalls.BASE),
            "federal_register": self.register.answer,
            "rada": on_loopback(self.rada, rada.BASE),
            "rada_bills": self.bills_register,
            "president": self.president,
            "legisinfo": self.legisinfo,
            **self.feeds,
        }
        self.origins = {name: Origin(name, self.clock, self._at_its_time(answer)) for name, answer in answers.items()}

    @contextmanager
    def served(self) -> Iterator[World]:
        with ExitStack() as stack:
            for origin in self.origins.values():
                origin.server = stack.enter_context(serve(origin))
            yield self

    def url(self, name: str) -> str:
        server = self.origins[name].server
        assert server is not None
        return server.url

    def _at_its_time(self, answer: Answer) -> Answer:
        def answered(asked: ReceivedRequest) -> Reply:
            now = self.clock()
            for publisher in (self.congress, self.texts, self.clerk, self.senate, self.rada):
                publisher.now = now
            self.register.today = (now - timedelta(hours=13)).date().isoformat()  # shown at 9 in Washington
            for kept in (self.congress.asked, self.texts.asked, self.rada.asked, self.rada.requests):
                kept.clear()
            return answer(asked)

        return answered

    # -- the bills of the US Congress, as the API and the bulk data have them

    def _meetings(self, path: str, query: dict[str, str]) -> tuple[int, Any] | None:
        if path.startswith("/committee-meeting/") and not path.startswith("/committee-meeting/119"):
            return 200, congress.paged("committeeMeetings", [], query)
        return self.calendar.turns(path, query)

    def touch(self, bill: DocumentId) -> None:
        """Say that a bill was touched. The publisher's stamp is older than the moment it shows, up to fifty minutes."""
        now = self.clock()
        self.congress.bills[bill].updated = now - timedelta(minutes=(5, 20, 50)[now.day % 3])
        self.files[bill] = govinfo.File(bulk_file(bill, self.congress.bills[bill]), now)
        self.batches = [*self.batches[-20:], (f"BILLSTATUS-{congress.stamp(now)}", now, (bill,))]

    def _bulk(self, request: Request) -> Response:
        path = urlsplit(request.url).path
        match path.strip("/").split("/"):
            case ["rss", _]:
                body, kind = govinfo.feed(self.batches), "application/rss+xml"
            case ["bulkdata", "json", _, number, form]:
                body, kind = govinfo.listing(self._in_folder(number, form)), "application/json"
            case ["sitemap", _, _, folder, _]:
                body, kind = govinfo.sitemap(self._in_folder(folder[:3], folder[3:])), "application/xml"
            case _:
                found = next((file for bill, file in self.files.items() if govinfo.place(bill) == path), None)
                if found is None:
                    return Response(404, request.url, {}, b"none", self.clock())
                body, kind = found.body, "application/xml"
        headers = {"content-type": kind, "etag": f'"{hash(body)}"'}
        unchanged = request.etag == headers["etag"]
        return Response(304 if unchanged else 200, request.url, headers, b"" if unchanged else body, self.clock())

    def _in_folder(self, number: str, form: str) -> dict[DocumentId, govinfo.File]:
        return {bill: file for bill, file in self.files.items() if bill.parts[:2] == (number, form)}


def bulk_file(document: DocumentId, bill: congress.Bill) -> bytes:
    """Write a bill's file with the facts that the API states of it."""
    number, form, place = document.parts
    stamp = congress.stamp(bill.updated)
    title = escape(bill.title or "")
    item = bill.item(document)
    return f"""<?xml version="1.0" encoding="utf-8" standalone="no"?>
<billStatus><version>3.0.0</version><bill>
<number>{place}</number><updateDate>{stamp}</updateDate><updateDateIncludingText>{stamp}</updateDateIncludingText>
<originChamber>House</originChamber><type>{form.upper()}</type><introducedDate>{item["introducedDate"]}</introducedDate>
<congress>{number}</congress><actions>{"".join(map(_line, bill.lists.get("actions", [])))}</actions>
<cosponsors>{"".join(map(_cosponsor, bill.lists.get("cosponsors", [])))}</cosponsors>
<title>{title}</title><titles><item><titleType>Display Title</titleType><title>{title}</title></item></titles>
<textVersions>{"".join(map(_text, bill.lists.get("text", [])))}</textVersions>
</bill></billStatus>""".encode()


def _line(row: dict[str, Any]) -> str:
    votes = "".join(
        f"<recordedVote><rollNumber>{v['rollNumber']}</rollNumber><chamber>{v['chamber']}</chamber>"
        f"<congress>{v['congress']}</congress><date>{v['date']}</date><sessionNumber>{v['sessionNumber']}"
        f"</sessionNumber><url>{v['url']}</url></recordedVote>"
        for v in row.get("recordedVotes", [])
    )
    return (
        f"<item><actionDate>{row['actionDate']}</actionDate>"
        f"{'<actionTime>' + row['actionTime'] + '</actionTime>' if 'actionTime' in row else ''}"
        f"<text>{escape(row['text'])}</text><type>{row['type']}</type>"
        f"{'<actionCode>' + row['actionCode'] + '</actionCode>' if 'actionCode' in row else ''}"
        f"<sourceSystem><code>{row['sourceSystem']['code']}</code><name>{row['sourceSystem']['name']}</name>"
        f"</sourceSystem>{'<recordedVotes>' + votes + '</recordedVotes>' if votes else ''}</item>"
    )


def _cosponsor(row: dict[str, Any]) -> str:
    return (
        f"<item><bioguideId>{row['bioguideId']}</bioguideId><fullName>{row['fullName']}</fullName>"
        f"<party>{row['party']}</party><state>{row['state']}</state>"
        f"<sponsorshipDate>{row['sponsorshipDate']}</sponsorshipDate><isOriginalCosponsor>False</isOriginalCosponsor>"
        "</item>"
    )


def _text(row: dict[str, Any]) -> str:
    formats = "".join(f"<item><url>{one['url']}</url></item>" for one in row["formats"])
    return f"<item><type>{row['type']}</type><date>{row['date']}</date><formats>{formats}</formats></item>"
