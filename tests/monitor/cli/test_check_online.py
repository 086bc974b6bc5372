"""What `check --online` says of each source: asked once through the real door, nothing kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

from domain.jurisdictions.us.names import us_bill
from domain.sources import Request
from monitor.cli.main import main
from tests.helpers.http_server import HttpServer, ReceivedRequest, Reply, serve
from tests.watchers.congress.publisher import BASE, BILL, Bill, Publisher
from tests.watchers.govinfo.billstatus_files import written
from tests.watchers.govinfo.publisher import File, GovInfoServer

NOTES = b"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>Acts (constructed)</title><link>https://example.org/</link><description>x</description>
<item><title>First act</title><link>https://example.org/1</link><guid>1</guid><description>a</description></item>
<item><title>Second act</title><link>https://example.org/2</link><guid>2</guid><description>b</description></item>
</channel></rss>
"""


class Publishers:
    """The bills of a Congress, its bulk files and a feed, behind one address."""

    def __init__(self) -> None:
        self.congress = Publisher()
        self.bulk = GovInfoServer(files={BILL: File(written(number=6508))})
        self.feed = Reply(body=NOTES, content_type="application/rss+xml")

    def __call__(self, asked: ReceivedRequest) -> Reply:
        if asked.path == "/feed.xml":
            return self.feed
        if not asked.path.startswith("/v3"):
            plain = self.bulk(Request(f"https://www.govinfo.gov{asked.path}"))
            return Reply(plain.status, plain.body, plain.headers["content-type"])
        query = urlencode({name: values[0] for name, values in asked.query.items()})
        found = self.congress(Request(f"{BASE}{asked.path.removeprefix('/v3')}?{query}"))
        return Reply(found.status, found.body)


@pytest.fixture
def publishers() -> Publishers:
    return Publishers()


@pytest.fixture
def address(tmp_path: Path, publishers: Publishers, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpServer]:
    for name in ("LEXWATCH_CONFIG", "CONGRESS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    with ExitStack() as stack:
        made = stack.enter_context(serve(publishers))
        (tmp_path / "config.toml").write_text(
            f"""[http]
allow_hosts = ["127.0.0.1"]
[source.congress]
base_url = "{made.url}/v3"
[source.govinfo]
base_url = "{made.url}"
[[watch]]
bill = "us/bill/119/hr/6508"
[[watch]]
feed = "{made.url}/feed.xml"
name = "acts"
[[channel]]
name = "desk"
kind = "console"
"""
        )
        yield made


def online(capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    result = main(["check", "--online"])
    return result, capsys.readouterr().out.splitlines()[-4:]


def test_each_source_is_asked_once_and_nothing_is_kept(
    address: HttpServer, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    result, said = online(capsys)
    assert result == 0
    assert said[0].startswith("congress: reached, ")
    assert said[0].endswith("requests, 1 document on its first page")
    assert said[1:] == [
        "govinfo: reached, 3 requests, 1 document on its first page",
        "feed/acts: reached, 1 request, 2 documents on its first page",
        "desk: not tried: lexwatch test-channel desk sends a test message",
    ]
    assert address.paths().count("/feed.xml") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Reply(503, b"{}"), "feed/acts: unavailable: "),
        (Reply(404, b"gone", "text/plain"), "feed/acts: refused: "),
        (Reply(body=b"<html><body>Hello</body></html>", content_type="text/html"), "feed/acts: changed: "),
    ],
    ids=["out of order", "not there", "not a feed"],
)
def test_a_source_that_fails_is_said_in_words_and_the_others_are_asked(
    answer: Reply, said: str, address: HttpServer, publishers: Publishers, capsys: pytest.CaptureFixture[str]
) -> None:
    publishers.feed = answer
    result, lines = online(capsys)
    assert result == 1
    assert lines[0].startswith("congress: reached, ")
    assert lines[2].startswith(said)
    assert len(lines[2]) > len(said)


def test_a_source_nobody_answers_for_is_reported(
    address: HttpServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (tmp_path / "config.toml").read_text()
    (tmp_path / "config.toml").write_text(text.replace(f"{address.url}/feed.xml", "http://127.0.0.1:9/feed.xml"))
    result, lines = online(capsys)
    assert result == 1
    assert lines[2].startswith("feed/acts: unavailable: ")


def test_desk_6_the_words_of_a_search_are_tried_on_what_sources_show(
    publishers: Publishers, address: HttpServer, capsys: pytest.CaptureFixture[str]
) -> None:
    config = Path("config.toml")
    search = '[[watch]]\nsearch = "{}"\nname = "{}"\n'
    config.write_text(config.read_text() + search.format("act", "acts and bills") + search.format("acts", "plural"))
    publishers.congress.bills[us_bill(119, "s", 7)] = Bill(title="Farm Bill")
    publishers.congress.now = datetime.now(UTC)
    main(["check", "--online"])
    said = capsys.readouterr().out
    assert "  acts and bills finds 1 of 2 documents: HR 6508 · 119th\n" in said
    assert "  plural finds 1 of 2 documents: HR 6508 · 119th\n" in said
    assert "  acts and bills finds 2 of 2 documents: " in said, "entries of feeds as well"
    assert "every bill of Congress 119: " in said
