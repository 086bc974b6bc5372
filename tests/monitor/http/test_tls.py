"""A32: over TLS the client talks to nobody whose name it cannot verify, and there is no switch to make it."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from domain.errors import Refused, Unavailable
from domain.sources import Request
from tests.helpers.timing import NO_HANG_SECONDS
from tests.monitor.http.misbehaving_server import (
    DEADLINE,
    PAGE,
    hangs,
    misbehave,
    names,
    open_client,
    raw,
    redirects,
    says,
)

HOSTS = ["publisher.test", "other.test", "127.0.0.1"]
RESOLVER = names(publisher_test="127.0.0.1", other_test="127.0.0.1")
GOOD = says("200 OK", body=PAGE)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> str:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return str(tmp_path / "ca.pem")


def server(authority: trustme.CA, *hosts: str, expired: bool = False) -> ssl.SSLContext:
    now = datetime.now(UTC)
    dates = {"not_before": now - timedelta(days=9), "not_after": now - timedelta(days=2)} if expired else {}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*hosts, **dates).configure_cert(context)
    return context


def test_a_verified_publisher_is_read_by_its_name(authority: trustme.CA, trusted: str) -> None:
    context = server(authority, "publisher.test")
    asked: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)  # type: ignore[assignment]
    with misbehave(GOOD, tls=context) as origin:
        with open_client(allow_hosts=HOSTS, resolve=RESOLVER, certificates=trusted) as client:
            response = client(Request(f"https://Publisher.test.:{origin.port}/x", headers={"X-Api-Key": "k"}))
    assert response.body == PAGE
    assert asked == ["publisher.test"]
    assert f"Host: publisher.test:{origin.port}\r\n" in origin.heads[0]


@pytest.mark.parametrize(
    ("host", "kind", "says"),
    [
        pytest.param("publisher.test", "expired", "certificate has expired", id="expired"),
        pytest.param("other.test", "good", "Hostname mismatch", id="wrong name"),
        pytest.param("127.0.0.1", "good", "IP address mismatch", id="an address in place of the name"),
        pytest.param("publisher.test", "foreign", "certificate", id="an authority nobody trusts"),
    ],
)
def test_a_certificate_that_does_not_hold_is_refused_before_anything_is_sent(
    authority: trustme.CA, trusted: str, host: str, kind: str, says: str
) -> None:
    issuer = trustme.CA() if kind == "foreign" else authority
    context = server(issuer, "publisher.test", expired=kind == "expired")
    with misbehave(GOOD, tls=context) as origin:
        with open_client(allow_hosts=HOSTS, resolve=RESOLVER, certificates=trusted) as client:
            with pytest.raises(Refused, match=says) as raised:
                client(Request(f"https://{host}:{origin.port}/x?key=CANARY", headers={"X-Api-Key": "CANARY"}))
    assert not origin.heads
    assert not raised.value.reached
    assert "CANARY" not in str(raised.value)


def test_the_shipped_authorities_do_not_know_a_private_one(authority: trustme.CA) -> None:
    with misbehave(GOOD, tls=server(authority, "publisher.test")) as origin:
        with open_client(allow_hosts=HOSTS, resolve=RESOLVER) as client, pytest.raises(Refused, match="certificate"):
            client(Request(f"https://publisher.test:{origin.port}/"))


def test_a_handshake_that_hangs_ends_with_the_deadline(trusted: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with open_client(certificates=trusted, deadline=DEADLINE) as client:
            began = time.monotonic()
            with pytest.raises(Unavailable, match=r"within 0\.5 s") as raised:
                client(Request(f"https://127.0.0.1:{silent.getsockname()[1]}/"))
    assert time.monotonic() - began < NO_HANG_SECONDS
    assert not raised.value.reached


def test_a_server_that_speaks_plain_http_on_a_tls_port_is_unavailable(trusted: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain, open_client(certificates=trusted) as client:

        def answer() -> None:
            connection, _ = plain.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.recv(4096)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(Unavailable) as raised:
            client(Request(f"https://127.0.0.1:{plain.getsockname()[1]}/"))
        thread.join()
    assert not raised.value.reached


def test_a_slow_answer_over_tls_ends_with_the_deadline(authority: trustme.CA, trusted: str) -> None:
    with misbehave(hangs(b"HTTP/1.1 200 OK\r\n"), tls=server(authority, "127.0.0.1")) as origin:
        with open_client(certificates=trusted, deadline=DEADLINE) as client:
            began = time.monotonic()
            with pytest.raises(Unavailable, match=r"within 0\.5 s"):
                client(Request(f"https://127.0.0.1:{origin.port}/"))
    assert time.monotonic() - began < NO_HANG_SECONDS


def test_a_way_down_from_https_to_http_is_refused(authority: trustme.CA, trusted: str) -> None:
    with misbehave(GOOD) as plain:
        with misbehave(redirects(f"{plain.url}/x"), tls=server(authority, "127.0.0.1")) as origin:
            with open_client(certificates=trusted) as client, pytest.raises(Refused, match="from https to http"):
                client(Request(f"https://127.0.0.1:{origin.port}/"))
    assert plain.connections == 0


def test_a_way_up_from_http_to_https_is_followed_without_the_credential(authority: trustme.CA, trusted: str) -> None:
    with misbehave(GOOD, tls=server(authority, "127.0.0.1")) as secure:
        with (
            misbehave(redirects(f"https://127.0.0.1:{secure.port}/x")) as origin,
            open_client(certificates=trusted) as client,
        ):
            assert client(Request(origin.url, headers={"X-Api-Key": "CANARY"})).body == PAGE
    assert "CANARY" not in secure.heads[0]


def test_garbage_inside_tls_is_unavailable(authority: trustme.CA, trusted: str) -> None:
    with misbehave(raw(b"\0\1\2\r\n"), tls=server(authority, "127.0.0.1")) as origin:
        with open_client(certificates=trusted) as client, pytest.raises(Unavailable, match="broken"):
            client(Request(f"https://127.0.0.1:{origin.port}/"))


def test_a_body_that_ends_without_the_goodbye_of_tls_is_cut_short(authority: trustme.CA, trusted: str) -> None:
    endless = says("200 OK", body=PAGE, length=None)
    with misbehave(endless, tls=server(authority, "127.0.0.1")) as origin, open_client(certificates=trusted) as client:
        with pytest.raises(Unavailable, match="broken"):
            client(Request(f"https://127.0.0.1:{origin.port}/"))


def test_a_tls_connection_that_was_closed_while_idle_is_no_fault(authority: trustme.CA, trusted: str) -> None:
    with misbehave(GOOD, tls=server(authority, "127.0.0.1")) as origin, open_client(certificates=trusted) as client:
        for _ in range(10):
            assert client(Request(f"https://127.0.0.1:{origin.port}/")).body == PAGE
