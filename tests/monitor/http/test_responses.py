"""A status, a content type or a block page is shown as what it means for the person who runs the watch."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import Blocked, Changed, Refused, SourceError, Unavailable
from domain.sources import Request
from monitor.http.client import HostRateLimiter
from monitor.http.responses import error_for_content, error_for_status, find_challenge, parse_retry_after
from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.helpers.paths import CORPUS
from tests.monitor.http.misbehaving_server import NOW, PAGE, misbehave, open_client, says

HTML = {"content-type": "text/html; charset=utf-8"}
JSON = {"content-type": "application/json"}
FOLDER = CORPUS / "ukraine" / "president-pages"
WANTED = ("application/json",)


def page(text: str) -> bytes:
    return f"<!DOCTYPE html><html><head>{text}</head><body></body></html>".encode()


@pytest.mark.parametrize(
    ("status", "headers", "body", "error", "says"),
    [
        pytest.param(400, JSON, b"{}", Refused, "400 Bad Request", id="a bad request is ours to mend"),
        pytest.param(401, JSON, b"{}", Refused, "401", id="401 needs a person"),
        pytest.param(403, JSON, b"{}", Refused, "403", id="403 needs a person"),
        pytest.param(404, HTML, page("Not found"), Refused, "404", id="404 needs a person"),
        pytest.param(410, HTML, b"", Refused, "410", id="410 needs a person"),
        pytest.param(451, HTML, b"", Refused, "451", id="451 needs a person"),
        pytest.param(418, HTML, b"", Refused, "418", id="any other 4xx needs a person"),
        pytest.param(408, HTML, b"", Unavailable, "408", id="408 passes"),
        pytest.param(425, HTML, b"", Unavailable, "425", id="425 passes"),
        pytest.param(429, JSON, b"{}", Unavailable, "429", id="429 passes"),
        pytest.param(500, HTML, page("Oops"), Unavailable, "500", id="500 passes"),
        pytest.param(503, JSON, b"{}", Unavailable, "503", id="503 passes"),
        pytest.param(521, HTML, b"", Unavailable, "521", id="a 5xx without a name passes"),
        pytest.param(202, JSON, b"{}", Changed, "202", id="a 202 is not content"),
        pytest.param(300, HTML, b"", Changed, "300", id="a 300 is not content"),
        pytest.param(
            403,
            JSON,
            b'{"error": {"code": "API_KEY_INVALID", "message": "An invalid api_key CANARY was supplied."}}',
            Refused,
            "(API_KEY_INVALID)",
            id="the gateway's code is named and its prose is not",
        ),
        pytest.param(
            429,
            JSON,
            b'{"error": {"code": "OVER_RATE_LIMIT", "message": "CANARY"}}',
            Unavailable,
            "(OVER_RATE_LIMIT)",
            id="a rate limit is named",
        ),
        pytest.param(403, JSON, b'{"error": "CANARY"}', Refused, "403", id="an error that is a string"),
        pytest.param(403, JSON, b'{"error": {"code": "CANARY lower"}}', Refused, "403", id="a code that is prose"),
        pytest.param(403, JSON, b"[" * 100_000, Refused, "403", id="nesting without end"),
        pytest.param(403, HTML, page("CANARY"), Blocked, "web page", id="a page where JSON was asked for"),
        pytest.param(437, HTML, b"", Blocked, "this client", id="437 refuses the client"),
        pytest.param(
            503, HTML, page("<title>Just a moment...</title>"), Blocked, "Cloudflare", id="a challenge beats the status"
        ),
        pytest.param(
            403,
            HTML,
            page("Reference&#32;&#35;18&#46;2 https&#58;&#47;&#47;errors&#46;edgesuite&#46;net&#47;18"),
            Blocked,
            "Akamai",
            id="an escaped Akamai block page",
        ),
    ],
)
def test_a_status_is_reported_as_what_it_means(
    status: int, headers: dict[str, str], body: bytes, error: type[SourceError], says: str
) -> None:
    fault = error_for_status("api.test/bill", status, headers, body, WANTED, NOW)
    assert type(fault) is error
    assert fault.status == status
    assert str(fault).startswith("api.test/bill: ")
    assert says in str(fault)
    assert "CANARY" not in str(fault)


@pytest.mark.parametrize(
    ("headers", "body", "service"),
    [
        pytest.param(HTML, page('<div id="sec-if-cpt-container">'), "Akamai", id="Akamai's interstitial"),
        pytest.param(HTML, page("http://errors.edgesuite.net/18.2"), "Akamai", id="Akamai's block page"),
        pytest.param(HTML, page("<title>Just a moment...</title>"), "Cloudflare", id="Cloudflare's title"),
        pytest.param(HTML, page("<script>window._cf_chl_opt={}</script>"), "Cloudflare", id="Cloudflare's script"),
        pytest.param(HTML, page('<form id="cf-chl-widget">'), "Cloudflare", id="Cloudflare's form"),
        pytest.param(JSON | {"cf-mitigated": "challenge"}, b"{}", "Cloudflare", id="Cloudflare's header"),
        pytest.param(JSON | {"x-amzn-waf-action": "captcha"}, b"", "AWS", id="the header of AWS"),
        pytest.param(HTML, page("Generated by cloudfront (CloudFront)"), "CloudFront", id="CloudFront"),
        pytest.param(HTML, page("Request unsuccessful. Incapsula incident ID: 1"), "Imperva", id="Imperva"),
        pytest.param(HTML, page("<title>Request Rejected</title>"), "firewall", id="a firewall"),
        pytest.param({}, page('<div id="sec-if-cpt-container">'), "Akamai", id="a page without a content type"),
        pytest.param(
            {"content-type": "application/rss+xml"},
            b"\n<html><title>Just a moment...</title>",
            "Cloudflare",
            id="a page that says it is a feed",
        ),
    ],
)
def test_a_challenge_or_block_page_is_known(headers: dict[str, str], body: bytes, service: str) -> None:
    assert service in (find_challenge(headers, body) or "")
    assert isinstance(error_for_content("x.test/", 200, headers, body, ()), Blocked)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param(
            HTML, page("<title>Statement</title>") + b"Just a moment... Access Denied", id="words in a speech"
        ),
        pytest.param(JSON, b'{"title": "sec-if-cpt-container"}', id="a mark inside JSON"),
        pytest.param(HTML, page("_cf_chl_opt") + bytes(300_000), id="a page too long for a challenge"),
        pytest.param(HTML, page("/cdn-cgi/challenge-platform/scripts/jsd/main.js"), id="the script on ordinary pages"),
    ],
)
def test_content_is_not_taken_for_a_challenge(headers: dict[str, str], body: bytes) -> None:
    assert find_challenge(headers, body) is None


@pytest.mark.corpus
@pytest.mark.parametrize("status", ["200 OK", "403 Forbidden", "503 Service Unavailable"])
def test_the_challenge_of_the_corpus_is_blocked_with_any_status(status: str) -> None:
    body = (FOLDER / "akamai-challenge.html").read_bytes()
    with misbehave(says(status, "Content-Type: text/html", body=body)) as origin, open_client() as client:
        with pytest.raises(Blocked, match="Akamai"):
            client(Request(f"{origin.url}/documents/decrees"))


@pytest.mark.corpus
def test_the_list_of_decrees_of_the_corpus_is_content() -> None:
    body = (FOLDER / "decrees-list-2026-09.html").read_bytes()
    with misbehave(says("200 OK", "Content-Type: text/html", body=body)) as origin, open_client() as client:
        assert client(Request(f"{origin.url}/documents/decrees", accept=("text/html",))).body == body


@pytest.mark.parametrize(
    ("content_type", "accept", "taken"),
    [
        ("application/json", ("application/json",), True),
        ("Application/JSON; charset=utf-8", ("application/json",), True),
        ("text/xml", ("application/rss+xml", "text/xml"), True),
        ("text/plain; charset=windows-1251", ("text/*",), True),
        ("anything/at-all", (), True),
        ("", (), True),
        ("text/html", ("application/json",), False),
        ("", ("application/json",), False),
        ("application/jsonp", ("application/json",), False),
    ],
)
def test_only_the_wanted_kind_of_content_is_taken(content_type: str, accept: tuple[str, ...], taken: bool) -> None:
    fault = error_for_content("x.test/", 200, {"content-type": content_type}, b"{}", accept)
    assert fault is None if taken else isinstance(fault, Changed)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("120", 120, id="A28 seconds"),
        pytest.param("Tue, 20 Jan 2026 10:05:00 GMT", 300, id="A28 a date"),
        pytest.param("Tuesday, 20-Jan-26 10:05:00 GMT", 300, id="A28 a date in the old form"),
        pytest.param("Tue Jan 20 10:05:00 2026", 300, id="A28 a date in the oldest form"),
        pytest.param("Tue, 20 Jan 2026 09:00:00 GMT", None, id="A28 a date that has passed"),
        pytest.param("soon", None, id="A29 a word"),
        pytest.param("-5", None, id="A29 negative"),
        pytest.param("0", None, id="A29 zero"),
        pytest.param("", None, id="A29 nothing"),
        pytest.param("1.5", None, id="A29 a fraction"),
        pytest.param("١٢٠", None, id="A29 other digits"),
        pytest.param("3153600000", 86400, id="A29 a hundred years"),
        pytest.param("9" * 400, None, id="A29 a number without end"),
        pytest.param("Tue, 20 Jan 9999 10:05:00 GMT", 86400, id="A29 a date in the year 9999"),
        pytest.param("Tue, 99 Jan 2026 10:05:00 GMT", None, id="A29 a day that is none"),
    ],
)
def test_retry_after_is_read_in_both_forms_and_nonsense_is_nothing(value: str, seconds: int | None) -> None:
    assert parse_retry_after(value, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a28_the_pause_a_publisher_names_reaches_the_schedule(status: str) -> None:
    with misbehave(says(status, "Retry-After: 90", body=b"{}")) as origin, open_client() as client:
        with pytest.raises(Unavailable) as raised:
            client(Request(origin.url))
    assert raised.value.retry_after == timedelta(seconds=90)


def test_we_say_honestly_who_asks() -> None:
    with (
        misbehave(says("200 OK", f"Content-Type: {JSON['content-type']}", body=PAGE)) as origin,
        open_client(contact="desk@example.org\r\nX-Evil: Ж") as client,
    ):
        client(Request(origin.url, accept=("application/json", "text/json")))
        client(Request(origin.url, headers={"User-Agent": "OpenData"}))
    head, other = origin.heads
    assert "user-agent: lexwatch/" in head
    assert "(+desk@example.org??X-Evil: ?)" in head
    assert "accept-encoding: gzip\r\n" in head
    assert "accept: application/json, text/json, */*;q=0.1" in head
    assert "user-agent: OpenData" in other
    assert "lexwatch" not in other


def test_the_environment_decides_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login desk password CANARY\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with misbehave(says("200 OK", body=PAGE)) as origin, open_client() as client:
        assert client(Request(origin.url)).body == PAGE
    assert "authorization" not in origin.heads[0].lower()


def test_a_connection_is_used_again_by_many_threads_without_mixing_answers() -> None:
    def echo(asked: ReceivedRequest) -> Reply:
        return Reply(body=asked.path.encode() * 500)

    wrong: list[str] = []
    with serve(echo) as origin, open_client(deadline=10) as client:

        def ask(name: str) -> None:
            for n in range(25):
                path = f"/{name}/{n}"
                if client(Request(f"{origin.url}{path}")).body != path.encode() * 500:
                    wrong.append(path)

        threads = [threading.Thread(target=ask, args=(name,)) for name in "abcdefgh"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(origin.asked) == 200
    assert not wrong


def test_a_connection_closed_by_the_publisher_while_idle_is_no_fault() -> None:
    with misbehave(says("200 OK", body=PAGE)) as origin, open_client() as client:
        for _ in range(20):
            assert client(Request(origin.url)).body == PAGE
    assert origin.connections >= 20


class Clockwork:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))


def test_one_host_is_asked_once_per_pause_and_others_meanwhile() -> None:
    works = Clockwork()
    turns = HostRateLimiter(2.0, works.sleep, lambda: works.now)
    for host in ("a.test", "b.test", "a.test", "a.test"):
        turns.wait(host)
    works.now += 5.5
    turns.wait("a.test")
    works.now += 60
    turns.wait("a.test")
    assert works.slept == [2.0, 4.0, 0.5]


@pytest.mark.parametrize(("allow", "slept"), [(["127.0.0.1"], []), ([], [3.0])])
def test_the_pause_is_lifted_for_allowed_hosts(allow: list[str], slept: list[float]) -> None:
    works = Clockwork()
    with misbehave(says("200 OK", body=PAGE)) as origin:
        with open_client(allow_hosts=allow, spacing=3.0, sleep=works.sleep, monotonic=lambda: works.now) as client:
            for _ in range(2):
                if allow:
                    client(Request(origin.url))
                else:
                    with pytest.raises(Refused):
                        client(Request(origin.url))
    assert works.slept == slept


def test_the_answer_carries_its_time_its_place_and_lower_case_headers() -> None:
    with misbehave(says("200 OK", "ETag: a", "X-Two: 1", "X-Two: 2", body=PAGE)) as origin, open_client() as client:
        response = client(Request(f"{origin.url}/x?y=1#z"))
    assert response.url == f"{origin.url}/x?y=1"
    assert response.fetched_at == datetime(2026, 1, 20, 10, tzinfo=UTC)
    assert (response.headers["etag"], response.headers["x-two"]) == ("a", "1, 2")
