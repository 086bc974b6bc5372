"""A source that breaks is told once and once more when it is back, and nothing it said meanwhile is on record.

The real command, its real database, and a publisher on loopback for which every source breaks in another way.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.sources import Request
from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.helpers.installation import Installation, installed
from tests.helpers.paths import CORPUS
from tests.watchers.congress.publisher import Publisher
from tests.watchers.congress.test_http_errors import relay
from tests.watchers.rada.publisher import BASE, START, RadaServer, decree, law, noise

RECORDED = CORPUS / "ukraine" / "president-pages"
HTML = b"<!doctype html><html><head><title>Service notice</title></head><body>Please come back.</body></html>"
CHALLENGE = b'<!DOCTYPE html><html><head></head><body><div id="sec-if-cpt-container"></div></body></html>'
ITEM = "<item><guid>a-{0}</guid><title>Act {0} (constructed)</title><link>https://acts.example/{0}</link></item>"
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>Acts</title>{}</channel></rss>'
FULL = Reply(200, RSS.format("".join(ITEM.format(n) for n in range(10))).encode(), "application/rss+xml")
BEGIN = datetime(2026, 1, 6, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)

BROKEN = {
    "no rows": Reply(200, RSS.format("").encode(), "application/rss+xml"),
    "a page": Reply(200, HTML, "text/html"),
    "a page labelled as a feed": Reply(200, HTML, "application/rss+xml"),
    "a captcha": Reply(200, CHALLENGE, "text/html"),
    "a captcha with 403": Reply(403, CHALLENGE, "text/html"),
    "403": Reply(403, b"forbidden", "text/plain"),
    "404": Reply(404, HTML, "text/html"),
    "503": Reply(503, b"", "text/plain"),
    "nothing": Reply(200, b"", "application/rss+xml"),
    "204": Reply(204, b"", "application/rss+xml"),
    "json": Reply(200, b'{"error": "gone"}', "application/json"),
    "a way inside": Reply(302, b"", headers={"Location": "http://169.254.169.254/latest/meta-data/"}),
}
"""What a feed may turn into. The names become those of its watch."""

LIST = b'{"bills": [], "pagination": {"count": 7}}'
HOSTS = {"source/congress": ("/v3", Reply(200, LIST)), "source/rada": ("/laws", Reply(200, CHALLENGE, "text/html"))}


def address(name: str) -> str:
    return f"/feeds/{name.replace(' ', '-')}.xml"


@dataclass(slots=True)
class ServiceHarness:
    """All publishers behind one address; those in `broken` answer what they should not."""

    congress: Publisher = field(default_factory=Publisher)
    rada: RadaServer = field(default_factory=RadaServer)
    broken: dict[str, Reply] = field(default_factory=dict)

    def __call__(self, asked: ReceivedRequest) -> Reply:
        ill = next((answer for prefix, answer in self.broken.items() if asked.path.startswith(prefix)), None)
        if ill is not None:
            return ill
        if asked.path.startswith("/v3"):
            return relay(self.congress)(asked)  # type: ignore[no-any-return]
        if asked.path.startswith("/laws"):
            found = self.rada(Request(f"{BASE}{asked.path}", expect=frozenset({200, 404})))
            return Reply(found.status, found.body, "text/plain")
        return FULL

    def break_all(self) -> None:
        self.broken = {address(name): answer for name, answer in BROKEN.items()} | dict(HOSTS.values())


@pytest.fixture
def harness() -> ServiceHarness:
    made = ServiceHarness()
    paper = decree("12/2026", START.date())
    made.rada.put(*noise(30), paper, law("4999-20", START.date(), paper))
    return made


@pytest.fixture
def office(tmp_path: Path, harness: ServiceHarness) -> Iterator[Installation]:
    with serve(harness) as loopback:
        feeds = [f'[[watch]]\nname = "{n}"\nfeed = "{loopback.url}{address(n)}"\nevery = "1m"\n' for n in BROKEN]
        rada = f'[source.rada]\nevery = "1m"\nbase_url = "{loopback.url}"\n'
        regime = '[[watch]]\nregime = "ua/regime/martial-law"\n'
        with installed(tmp_path, loopback, "".join([rada, regime, *feeds])) as made:
            yield made


def record(office: Installation) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of what is known of documents, as it stands in the file."""
    tables = ["revision", "headline", "entry", "facet", "status_interval", "evidence", "alias", "scope"]
    documents = "SELECT * FROM document WHERE revision > 0 ORDER BY identity"  # 0: named by an operator's alert
    with closing(sqlite3.connect(office.folder / "record.db")) as file:
        found = {name: sorted(file.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in tables}
        return {**found, "document": file.execute(documents).fetchall()}


def told(office: Installation) -> Counter[str]:
    return Counter(str(mail.message["X-Lexwatch-Document"]) for mail in office.mail.accepted)


def health(office: Installation, now: datetime) -> dict[str, str]:
    answer = office.run("sources", "--json", now=now.isoformat())
    return {source["source"]: source["state"] for source in json.loads(answer.stdout)}


@pytest.mark.corpus
def test_the_challenge_used_here_is_that_of_the_corpus() -> None:
    assert b"sec-if-cpt-container" in (RECORDED / "akamai-challenge.html").read_bytes()


def test_breaking_and_recovery_are_reported_once_each_and_the_record_stays_as_it_was(
    office: Installation, harness: ServiceHarness
) -> None:
    office.once(BEGIN.isoformat())
    before = record(office)
    assert len(before["document"]) == 2 + 10 * len(BROKEN) + 2, "bill, feeds, regime and what it rests on"
    sources = health(office, BEGIN)
    assert len(sources) == len(BROKEN) + len(HOSTS)
    every = Counter(f"source/{name.replace('/', '-')}" for name in sources)

    harness.break_all()
    for hour in range(1, 5):
        office.run("run", "--once", now=(BEGIN + hour * HOUR).isoformat())
        if hour == 3:
            assert told(office) == every, "each breakage is told within three polls"
    assert told(office) == every, "and not again while it lasts"
    assert record(office) == before
    assert set(health(office, BEGIN + 4 * HOUR).values()) == {"unavailable", "refused", "blocked", "changed"}

    harness.broken = {}
    for hour in (5, 6):
        office.once((BEGIN + hour * HOUR).isoformat())
    assert told(office) == every + every, "each recovery is told once"
    assert record(office) == before
    assert set(health(office, BEGIN + 6 * HOUR).values()) == {"ok"}
    assert office.slack_texts() == [], "the people who follow the documents hear nothing of it"
