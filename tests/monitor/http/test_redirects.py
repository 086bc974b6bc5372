"""Redirects are followed by our own rules: few, never inwards, never with what belongs to another origin."""

from __future__ import annotations

import logging

import pytest

from domain.errors import Refused, SourceError, Unavailable
from domain.sources import Request
from tests.monitor.http.misbehaving_server import JSON, PAGE, Script, misbehave, names, open_client, redirects, says

CANARY = "CANARY-KEY-7"
GOOD = says("200 OK", JSON, body=PAGE)


def test_a19_a_redirect_loop_stops_after_five_and_names_the_chain() -> None:
    with misbehave(redirects("/again")) as origin, open_client() as client:
        with pytest.raises(Unavailable, match="more than 5 redirects") as raised:
            client(Request(f"{origin.url}/start?api_key={CANARY}"))
    assert origin.connections == 6
    assert f"127.0.0.1:{origin.port}/start -> 127.0.0.1:{origin.port}/again" in str(raised.value)
    assert CANARY not in str(raised.value)


def test_a19_a_ping_pong_between_two_hosts_stops_too() -> None:
    with (
        misbehave(redirects("/b"), redirects("/a"), redirects("/b"), redirects("/a")) as origin,
        open_client() as client,
    ):
        with pytest.raises(Unavailable, match="/b -> "):
            client(Request(f"{origin.url}/a"))


def test_five_redirects_are_followed() -> None:
    with misbehave(*[redirects(f"/{n}") for n in range(5)], GOOD) as origin, open_client() as client:
        assert client(Request(origin.url)).url == f"{origin.url}/4"


@pytest.mark.parametrize(
    ("status", "for_good"),
    [("301 Moved", True), ("302 Found", False), ("303 See Other", False), ("307 T", False), ("308 P", True)],
)
def test_a21_a_move_is_followed_and_reported_with_its_new_address(status: str, for_good: bool) -> None:
    moves: list[tuple[str, str, int]] = []
    with misbehave(redirects("/new?page=2", status), GOOD) as origin:
        with open_client(on_redirect=lambda *move: moves.append(move)) as client:
            response = client(Request(f"{origin.url}/old"))
    assert response.url == f"{origin.url}/new?page=2"
    assert moves == [(f"{origin.url}/old", f"{origin.url}/new?page=2", int(status[:3]))]
    assert (moves[0][2] in (301, 308)) is for_good


@pytest.mark.parametrize(
    ("location", "arrives"),
    [
        pytest.param("next", "/laws/next", id="a relative address"),
        pytest.param("?page=2", "/laws/show?page=2", id="a query alone"),
        pytest.param("/a b", "/a%20b", id="a space"),
        pytest.param("/закон".encode().decode("latin-1"), "/%D0%B7%D0%B0%D0%BA%D0%BE%D0%BD", id="raw UTF-8"),
        pytest.param("/show#top", "/show", id="a fragment"),
    ],
)
def test_a_location_is_read_as_publishers_write_it(location: str, arrives: str) -> None:
    with misbehave(redirects(location), GOOD) as origin, open_client() as client:
        assert client(Request(f"{origin.url}/laws/show")).url == f"{origin.url}{arrives}"


@pytest.mark.parametrize(
    "location",
    [
        pytest.param("file:///etc/passwd", id="A22 file"),
        pytest.param("gopher://127.0.0.1/x", id="A22 gopher"),
        pytest.param("data:text/html,<p>x", id="A22 data"),
        pytest.param("ftp://example.org/x", id="A22 ftp"),
        pytest.param("javascript:alert(1)", id="A22 javascript"),
        pytest.param("http://user:CANARY-KEY-7@127.0.0.1/", id="A24 userinfo"),
        pytest.param("http://127.0.0.1\\@example.org/", id="A24 a backslash"),
        pytest.param("/\\example.org/", id="A24 a backslash that browsers read as a slash"),
        pytest.param("http://[::1/", id="a broken bracket"),
        pytest.param("http://127.0.0.1:99999/", id="a port out of range"),
    ],
)
def test_a_redirect_to_what_is_no_plain_web_address_is_refused(location: str) -> None:
    with misbehave(redirects(location)) as origin, open_client() as client:
        with pytest.raises(Refused, match=r"redirect \(302\)") as raised:
            client(Request(origin.url))
    assert origin.connections == 1
    assert raised.value.status == 302
    assert CANARY not in str(raised.value)


INSIDE = [
    pytest.param("http://127.0.0.1:{port}/", id="A23 loopback"),
    pytest.param("http://127.9.9.9:{port}/", id="A23 another loopback"),
    pytest.param("http://localhost:{port}/", id="A23 localhost"),
    pytest.param("http://10.0.0.1:{port}/", id="A23 10/8"),
    pytest.param("http://192.168.1.1:{port}/", id="A23 192.168/16"),
    pytest.param("http://172.16.0.1:{port}/", id="A23 172.16/12"),
    pytest.param("http://169.254.169.254/latest/meta-data/", id="A23 metadata"),
    pytest.param("http://100.64.0.1:{port}/", id="A23 carrier-grade NAT"),
    pytest.param("http://0.0.0.0:{port}/", id="A23 this host"),
    pytest.param("http://[::1]:{port}/", id="A23 IPv6 loopback"),
    pytest.param("http://[::]:{port}/", id="A23 IPv6 unspecified"),
    pytest.param("http://[::ffff:127.0.0.1]:{port}/", id="A23 mapped"),
    pytest.param("http://[::ffff:7f00:1]:{port}/", id="A23 mapped in hexadecimal"),
    pytest.param("http://[64:ff9b::7f00:1]:{port}/", id="A23 NAT64"),
    pytest.param("http://[fe80::1]:{port}/", id="A23 IPv6 link-local"),
    pytest.param("http://[fe80::1%25lo]:{port}/", id="A23 IPv6 link-local with a zone"),
    pytest.param("http://[fd00::1]:{port}/", id="A23 unique local"),
    pytest.param("http://2130706433:{port}/", id="A24 decimal"),
    pytest.param("http://0x7f000001:{port}/", id="A24 hexadecimal"),
    pytest.param("http://0x7f.0.0.1:{port}/", id="A24 hexadecimal part"),
    pytest.param("http://0177.0.0.1:{port}/", id="A24 octal"),
    pytest.param("http://127.1:{port}/", id="A24 short"),
    pytest.param("http://127.0.0.1.:{port}/", id="A24 trailing dot"),
    pytest.param("http://１２７.０.０.１:{port}/", id="A24 full-width digits"),
    pytest.param("http://127。0。0。1:{port}/", id="A24 ideographic full stops"),
    pytest.param("http://①②⑦.⓪.⓪.①:{port}/", id="A24 circled digits"),
    pytest.param("http://%31%32%37.0.0.1:{port}/", id="A24 percent-encoded"),
    pytest.param("http://publisher.test@127.0.0.1:{port}/", id="A24 userinfo"),
    pytest.param("http://publisher.test\\@127.0.0.1:{port}/", id="A24 backslash"),
    pytest.param("http://127.0.0.1:{port}\t/", id="A24 a tab"),
    pytest.param("http://127.0.0.1 :{port}/", id="A24 a space"),
    pytest.param("http://inside.test:{port}/", id="A25 a name that points inside"),
    pytest.param("http://INSIDE.test.:{port}/", id="A25 the same name in capitals with a dot"),
]
RESOLVER = names(publisher_test="127.0.0.1", inside_test="127.0.0.1", localhost="127.0.0.1")


@pytest.mark.parametrize("spelling", INSIDE)
@pytest.mark.parametrize("way", ["asked", "redirected"])
def test_an_address_inside_is_refused_and_never_touched(way: str, spelling: str) -> None:
    """Only publisher.test is allowed, though it lies inside as well: the exemption goes by name."""
    with misbehave(GOOD) as canary, open_client(allow_hosts=["publisher.test"], resolve=RESOLVER) as client:
        url = spelling.format(port=canary.port)
        raw = url.encode().decode("latin-1")
        with misbehave(redirects(raw)) as origin, pytest.raises(Refused) as raised:
            client(Request(url if way == "asked" else f"http://publisher.test:{origin.port}/"))
        assert canary.connections == 0
        assert origin.connections == (way == "redirected")
    assert raised.value.reached is (way == "redirected")


def test_a26_a_host_inside_can_be_allowed_by_its_name() -> None:
    with misbehave(GOOD) as origin, open_client(allow_hosts=["Inside.TEST."], resolve=RESOLVER) as client:
        assert client(Request(f"http://inside.test:{origin.port}/")).body == PAGE


def test_a27_credentials_stay_with_the_origin_they_were_given_for() -> None:
    headers = {
        "X-Api-Key": CANARY,
        "Authorization": f"Bearer {CANARY}",
        "Cookie": f"id={CANARY}",
        "X-Token": CANARY,
        "User-Agent": f"token-{CANARY}",
        "Accept-Language": "uk",
    }
    with misbehave(GOOD) as other, misbehave(redirects("/here"), redirects(f"{other.url}/there")) as origin:
        with open_client() as client:
            response = client(Request(f"{origin.url}/list?api_key={CANARY}", headers=headers, etag='"a"'))
    assert response.url == f"{other.url}/there"
    assert origin.heads[1].count(CANARY) == 5
    assert CANARY not in other.heads[0]
    assert "user-agent: lexwatch/" in other.heads[0]
    assert "accept-language: uk" in other.heads[0]
    assert 'if-none-match: "a"' in other.heads[0]


def test_a27_credentials_do_not_come_back_with_the_way_back() -> None:
    with misbehave(redirects("/x"), GOOD) as origin:
        with misbehave(redirects(f"{origin.url}/back")) as detour, open_client() as client:
            first = Request(f"{origin.url}/", headers={"X-Api-Key": CANARY})
            away = redirects(f"{detour.url}/")
            with misbehave(away) as start:
                client(Request(f"{start.url}/", headers=first.headers))
    assert not [head for head in (*detour.heads, *origin.heads) if CANARY in head]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 T", "308 P"])
def test_a_post_follows_nothing(status: str) -> None:
    with misbehave(GOOD) as canary, misbehave(redirects(f"{canary.url}/", status)) as origin, open_client() as client:
        with pytest.raises(Refused, match="does not follow") as raised:
            client(Request(f"{origin.url}/services/{CANARY}", method="POST", body=b"{}"))
    assert canary.connections == 0
    assert CANARY not in str(raised.value)
    assert raised.value.reached


def test_a_redirect_that_was_expected_is_an_answer() -> None:
    with misbehave(redirects("/new", body=b"moved")) as origin, open_client() as client:
        assert client(Request(origin.url, expect=frozenset({302}))).headers["location"] == "/new"


def test_a_redirect_body_is_not_read() -> None:
    sent: list[int] = []

    def endless(connection: object) -> None:
        head = b"HTTP/1.1 302 Found\r\nLocation: /new\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head)  # type: ignore[attr-defined]
        for _ in range(1000):
            connection.sendall(b"10000\r\n" + bytes(1 << 16) + b"\r\n")  # type: ignore[attr-defined]
            sent.append(1)

    with misbehave(endless, GOOD) as origin, open_client(deadline=5) as client:
        assert client(Request(origin.url)).body == PAGE
    assert len(sent) < 200


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(Request("http://publisher.test/x", headers={"X-Api-Key": CANARY}), id="a key"),
        pytest.param(Request("http://publisher.test/x", headers={"authorization": CANARY}), id="a password"),
        pytest.param(Request("http://publisher.test/x", method="POST", body=b"{}"), id="a POST"),
    ],
)
def test_plain_http_carries_no_credential_to_a_public_host(request_: Request) -> None:
    with open_client(resolve=names()) as client, pytest.raises(Refused, match="expected https") as raised:
        client(request_)
    assert CANARY not in str(raised.value)
    assert not raised.value.reached


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({"Host": "inside"}, "cannot be set", id="Host"),
        pytest.param({"Transfer-Encoding": "chunked"}, "cannot be set", id="Transfer-Encoding"),
        pytest.param({"X A": "b"}, "cannot be set", id="a name with a space"),
        pytest.param({"X-A": f"{CANARY}\r\nX-B: c"}, "cannot be sent", id="a value with a line break"),
        pytest.param({"X-A": f"{CANARY}Ж"}, "cannot be sent", id="a value beyond Latin-1"),
    ],
)
def test_a_header_that_would_break_the_request_is_refused(headers: dict[str, str], expected: str) -> None:
    with open_client() as client, pytest.raises(Refused, match=expected) as raised:
        client(Request("https://publisher.test/", headers=headers))
    assert CANARY not in str(raised.value)


FAILING: list[Script] = [redirects(f"http://10.0.0.1/?key={CANARY}"), redirects(f"ftp://x/{CANARY}"), says("500 No")]


@pytest.mark.parametrize("script", FAILING)
def test_a_query_in_a_location_is_shown_to_nobody(script: Script, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with misbehave(script) as origin, open_client() as client, pytest.raises(SourceError) as raised:
        client(Request(f"{origin.url}/?q={CANARY}"))
    assert CANARY not in caplog.text + str(raised.value)
