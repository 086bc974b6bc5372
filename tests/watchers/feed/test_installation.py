"""A watch on a feed, from the configuration through the door and the database to the message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import ConfigError
from domain.sources import SourceState
from monitor.config.loader import load_config
from monitor.service.context import Context
from monitor.service.poll import Poll, PollOutcome
from monitor.service.runtime import Runtime, open_runtime
from storage.reader import open_reader
from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.watchers.feed.feed_poller import Item, acts, rss

NOW = datetime(2026, 1, 6, 10, tzinfo=UTC)
CONFIGURATION = """
[service]
database = "record.db"

[http]
allow_hosts = ["127.0.0.1"]

[[watch]]
feed  = "{url}/acts.xml?key=planted"
name  = "Acts of the Ministry"
note  = "for the Tuesday meeting"
words = ["NATO", "North Atlantic"]
every = "{every}"

[[channel]]
name = "screen"
kind = "console"
"""


@contextmanager
def installation(folder: Path, url: str, every: str = "5m", more: str = "") -> Iterator[Runtime]:
    path = folder / "config.toml"
    path.write_text(CONFIGURATION.format(url=url, every=every) + more, encoding="utf-8")
    app = open_runtime(load_config(path, now=NOW), clock=lambda: NOW + timedelta(minutes=1), rehearsal=False)
    try:
        yield app
    finally:
        app.store.close()


def poll(app: Runtime, name: str = "feed/acts-of-the-ministry") -> PollOutcome:
    with app.store.read() as view:
        state = view.source(name) or SourceState(name)
    beat = app.sources[name]
    outcome = Poll(state, beat, app.http, Context(app.store, app.audience, app.clock)).run()
    assert outcome.error is None, outcome.error
    return outcome


def test_a_feed_is_read_reported_and_stored(tmp_path: Path) -> None:
    served = {"body": rss(acts(1, 2)), "etag": '"1"'}

    def answer(asked: ReceivedRequest) -> Reply:
        if asked.headers.get("if-none-match") == served["etag"]:
            return Reply(304)
        return Reply(200, bytes(served["body"]), "application/rss+xml", {"ETag": str(served["etag"])})  # type: ignore[arg-type]

    with serve(answer) as publisher, installation(tmp_path, publisher.url) as app:
        assert app.sources["feed/acts-of-the-ministry"].every == timedelta(minutes=5)
        assert (poll(app).revisions, poll(app).quiet) == (2, True)
        served.update(body=rss([Item(4, text="On the senator"), Item(3, text="On NATO"), *acts(1, 2)]), etag='"2"')
        assert (poll(app).alerts, poll(app).requests) == (1, 1)
        with app.store.read() as view:
            [delivery] = view.due("screen", app.clock(), 10)
            notice = view.notice(delivery, "UTC")
            health = view.source("feed/acts-of-the-ministry")
        assert notice.title == "Act 3"
        assert notice.url == "https://feeds.example/acts/3"
        assert notice.note == "for the Tuesday meeting"
        assert [reason.get("words") for reason in notice.reasons] == [("NATO",)]
        message = app.notifiers["screen"].freeze(notice)
        assert message.subject == "[Acts of the Ministry] New on the record: Act 3"
        assert b"planted" not in message.body
        assert health is not None
        assert health.requests == 2
        assert [asked.query for asked in publisher.asked] == [{"key": ["planted"]}] * 4
    with open_reader(str(tmp_path / "record.db")) as reader:
        [told] = reader.alerts()
        assert told.watches == ("Acts of the Ministry",)


def test_other_words_make_no_other_watch_and_another_watch_has_its_own_baseline(tmp_path: Path) -> None:
    body = rss(acts(1, 2))
    twin = '\n[[watch]]\nfeed = "{url}/acts.xml?key=planted"\nname = "The same for others"\n'
    with serve(lambda _: Reply(200, body, "application/rss+xml")) as publisher:
        with installation(tmp_path, publisher.url) as app:
            poll(app)
            [before] = app.audience.watches
        with installation(tmp_path, publisher.url, more=twin.format(url=publisher.url)) as app:
            assert app.audience.watches[0] == before
            assert before.words == ("NATO", "North Atlantic")
            body = rss(acts(1, 2, 3))
            outcome = poll(app, "feed/the-same-for-others")
            assert (outcome.revisions, outcome.alerts) == (3, 0)


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (
            '[[watch]]\nfeed = "https://a.example/"\nwords = ["..."]\n',
            "watch[2].words: expected words",
        ),
        ('[[watch]]\nfeed = "https://a.example/"\nevery = "5"\n', "watch[2].every: expected a duration"),
        ('[[watch]]\nfeed = "https://a.example/"\nevery = "30s"\n', "watch[2].every: expected at least 60s"),
        ('[[watch]]\nfeed = "http://a.example/"\n', "watch[2].feed: expected https://"),
        ('[[watch]]\nfeed = "https://u:p@a.example/"\n', "without user name and password"),
        (
            '[[watch]]\nfeed = "https://a.example/"\nname = "acts of the  ministry"\n',
            'watch[2]: reads like the feed "Acts of the Ministry": give it another name',
        ),
    ],
)
def test_a_wrong_watch_is_a_fault_that_names_its_key(tmp_path: Path, more: str, fault: str) -> None:
    with pytest.raises(ConfigError, match="watch") as refused:
        with installation(tmp_path, "http://127.0.0.1:1", more=f"\n{more}"):
            pass
    assert fault in str(refused.value)


def test_a_feed_on_a_host_of_ones_own_may_be_asked_every_second(tmp_path: Path) -> None:
    with installation(tmp_path, "http://127.0.0.1:1", every="1s") as app:
        assert app.sources["feed/acts-of-the-ministry"].every == timedelta(seconds=1)


def test_words_of_a_bill_are_not_used_and_that_is_said(tmp_path: Path) -> None:
    with installation(
        tmp_path, "http://127.0.0.1:1", more='\n[[watch]]\nbill = "us/bill/119/hr/6508"\nwords = ["x"]\n'
    ) as app:
        assert any("watch[2].words" in warning for warning in app.settings.warnings)
        bill = next(watch for watch in app.audience.watches if watch.document and watch.document.kind == "bill")
        assert bill.words == ()


def test_a_block_page_is_blocked_and_not_a_feed(tmp_path: Path) -> None:
    page = b"<html><head><title>Just a moment...</title></head><body>x</body></html>"
    with serve(lambda _: Reply(200, page, "text/html")) as publisher, installation(tmp_path, publisher.url) as app:
        beat = app.sources["feed/acts-of-the-ministry"]
        state = SourceState("feed/acts-of-the-ministry")
        outcome = Poll(state, beat, app.http, Context(app.store, app.audience, app.clock)).run()
        assert outcome.source.state == "blocked"
        assert "planted" not in str(outcome.error)
