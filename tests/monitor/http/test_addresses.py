"""An address has one spelling, and the machine behind it is judged at the moment of connecting."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from domain.errors import Refused, Unavailable
from monitor.http.addresses import is_public_address, normalize_hosts, parse_target, redirect_target
from monitor.http.connection import SafeConnector


@pytest.mark.parametrize(
    ("url", "sent", "place"),
    [
        pytest.param("https://www.rada.gov.ua", "https://www.rada.gov.ua/", "www.rada.gov.ua/", id="no path"),
        pytest.param("HTTPS://WWW.Rada.UA./Laws", "https://www.rada.ua/Laws", "www.rada.ua/Laws", id="case and dot"),
        pytest.param("https://x.org:443/a?b=c#d", "https://x.org/a?b=c", "x.org/a", id="usual port and fragment"),
        pytest.param("http://x.org:8080/", "http://x.org:8080/", "x.org:8080/", id="another port"),
        pytest.param("https://[2606:4700::1111]/", "https://[2606:4700::1111]/", "[2606:4700::1111]/", id="IPv6"),
        pytest.param("https://рада.укр/", "https://xn--80aal0c.xn--j1amh/", "xn--80aal0c.xn--j1amh/", id="IDNA"),
        pytest.param(
            "https://x.org/закон?q=мир",
            "https://x.org/%D0%B7%D0%B0%D0%BA%D0%BE%D0%BD?q=%D0%BC%D0%B8%D1%80",
            "x.org/%D0%B7%D0%B0%D0%BA%D0%BE%D0%BD",
            id="letters in path and query",
        ),
        pytest.param("https://x.org/a%2Fb?c=%20+d", "https://x.org/a%2Fb?c=%20+d", "x.org/a%2Fb", id="escapes stay"),
        pytest.param("https://x.org/v3?a[]=1|2", "https://x.org/v3?a[]=1|2", "x.org/v3", id="an odd query"),
        pytest.param("https://1.1.1.1/", "https://1.1.1.1/", "1.1.1.1/", id="a public address"),
    ],
)  # fmt: skip
def test_a_web_address_is_read_in_one_spelling(url: str, sent: str, place: str) -> None:
    target = parse_target(url)
    assert (target.url, target.place) == (sent, place)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="nothing"),
        pytest.param("example.org/feed", id="no scheme"),
        pytest.param("//example.org/feed", id="no scheme but slashes"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("https:///path", id="no host"),
        pytest.param("https://user@example.org/", id="a user"),
        pytest.param("https://@example.org/", id="an empty user"),
        pytest.param("https://exa mple.org/", id="a space"),
        pytest.param("https://example.org/\n", id="a line break"),
        pytest.param("https://example.org/\x7f", id="a control character"),
        pytest.param("https://example.org/\u202ea", id="a bidirectional control"),
        pytest.param("https:\\\\example.org/", id="backslashes"),
        pytest.param("https://example..org/", id="an empty label"),
        pytest.param("https://-x.org/", id="a leading hyphen"),
        pytest.param(f"https://{'a' * 64}.укр/", id="a label too long for IDNA"),
        pytest.param(f"https://{'a.' * 130}org/", id="a name too long"),
        pytest.param("https://example.org:0/", id="port 0"),
        pytest.param("https://example.org:99999/", id="a port out of range"),
        pytest.param("https://example.org:８０/", id="a full-width port"),
        pytest.param("https://[::1/", id="an open bracket"),
        pytest.param("https://[::1%25eth0]/", id="a zone"),
        pytest.param("https://[127.0.0.1]/", id="IPv4 in brackets"),
        pytest.param("https://1.2.3/", id="three numbers"),
        pytest.param("https://1.2.3.256/", id="a number out of range"),
        pytest.param("https://01.02.03.04/", id="leading zeros"),
        pytest.param("https://0x01020304/", id="hexadecimal"),
        pytest.param("https://16909060/", id="decimal"),
        pytest.param("https://foo.0x1/", id="a name that ends in a number"),
        pytest.param("https://１.１.１.１/", id="full-width digits"),
        pytest.param("https://ex%61mple.org/", id="an escaped host"),
        pytest.param("https://example.org\uff0fevil.org/", id="a full-width slash"),
        pytest.param("https://ex\u00adample.org\u2100/", id="what normalises to a slash"),
    ],
)
def test_an_odd_address_is_refused_before_anything_is_asked(url: str) -> None:
    with pytest.raises(Refused, match="address refused: expected") as raised:
        parse_target(url)
    assert not raised.value.reached


def test_a_refused_address_is_named_without_its_secrets() -> None:
    with pytest.raises(Refused) as raised:
        parse_target("https://user:CANARY@example.org/CANARY?key=CANARY")
    assert "example.org" in str(raised.value)
    assert "CANARY" not in str(raised.value)


def test_a_relative_location_cannot_leave_by_two_slashes_unseen() -> None:
    assert redirect_target(parse_target("https://a.org/x"), "//b.org/y").origin == ("https", "b.org", 443)


INSIDE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
    "127.255.255.254", "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192",
    "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1",
    "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:db8::1", "2002:7f00:1::1",
    "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%lo", "fec0::1", "ff02::1",
    "4000::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.32.0.1", "193.0.0.1", "223.255.255.255",
    "2606:4700::1111", "2a00::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_or_special_is_not_public(address: str) -> None:
    assert not is_public_address(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_ordinary_address_is_public(address: str) -> None:
    assert is_public_address(address)


def test_allowed_hosts_are_compared_in_one_spelling() -> None:
    assert normalize_hosts(["LocalHost.", "[::1]", "::2", "127.0.0.1", "рада.укр"]) == {
        "localhost",
        "::1",
        "::2",
        "127.0.0.1",
        "xn--80aal0c.xn--j1amh",
    }


class Wire:
    """Stands where the network is: records which addresses were dialled, with how much patience."""

    def __init__(self, *answers: list[str], deaf: tuple[str, ...] = ()) -> None:
        self.answers = list(answers)
        self.deaf = deaf
        self.dialled: list[tuple[str, float]] = []

    def resolve(self, _host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        found = self.answers.pop(0)
        return [(socket.AF_INET6 if ":" in a else socket.AF_INET, 1, 6, "", (a, port)) for a in found]

    def connect(self, _family: int, sockaddr: Any, seconds: float) -> socket.socket:
        self.dialled.append((sockaddr[0], seconds))
        if sockaddr[0] in self.deaf:
            raise TimeoutError
        return socket.socket()

    def dial(self, host: str, *allow: str) -> None:
        SafeConnector(allow, self.resolve, self.connect)(host, 443, lambda: 60.0).close()


def test_a25_the_address_that_was_judged_is_the_one_that_is_dialled() -> None:
    wire = Wire(["8.8.8.8"], ["127.0.0.1"])
    wire.dial("rebinding.test")
    with pytest.raises(Refused, match=r"rebinding\.test: expected a public address, saw 127\.0\.0\.1"):
        wire.dial("rebinding.test")
    assert [address for address, _ in wire.dialled] == ["8.8.8.8"]


def test_of_a_mixed_answer_only_public_addresses_are_dialled() -> None:
    wire = Wire(["10.0.0.1", "64:ff9b::808:808", "8.8.8.8"])
    wire.dial("mixed.test")
    assert [address for address, _ in wire.dialled] == ["8.8.8.8"]


def test_a33_a_dead_ipv6_address_does_not_use_up_the_time() -> None:
    wire = Wire(["2606:4700::1111", "8.8.8.8"], deaf=("2606:4700::1111",))
    wire.dial("publisher.test")
    assert wire.dialled == [("2606:4700::1111", 5.0), ("8.8.8.8", 15.0)]


def test_when_no_address_answers_the_last_fault_is_reported() -> None:
    with pytest.raises(Unavailable, match=r"no connection to port 443 \(timed out\)") as raised:
        Wire(["8.8.8.8"], deaf=("8.8.8.8",)).dial("publisher.test")
    assert not raised.value.reached


def test_a26_an_allowed_host_may_lie_anywhere() -> None:
    wire = Wire(["10.0.0.1"])
    wire.dial("proxy.test", "proxy.test")
    assert [address for address, _ in wire.dialled] == ["10.0.0.1"]


def test_a_numeric_host_is_not_looked_up() -> None:
    with pytest.raises(Refused, match=r"add '127\.0\.0\.1' to http\.allow_hosts"):
        Wire().dial("127.0.0.1")
