"""Whatever arrives on the wire, the client ends in time, within memory, and gives a whole body or an error.

The numbers A1 to A33 are those of the catalogue of faults the project is built against.
"""

from __future__ import annotations

import gzip
import logging
import random
import socket
import threading
import time
import traceback
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from domain.errors import Changed, Refused, SourceError, Unavailable
from domain.sources import Request, Response
from tests.helpers.timing import NO_HANG_SECONDS
from tests.monitor.http.misbehaving_server import (
    DEADLINE,
    GENEROUS,
    JSON,
    NOW,
    PAGE,
    Script,
    answer,
    bomb,
    drips,
    hangs,
    misbehave,
    open_client,
    pours,
    raw,
    redirects,
    resets,
    says,
)

SECRETS = {"header": "CANARY-HEADER-1", "query": "CANARY-QUERY-2"}
HALF = gzip.compress(b'{"bills": [' + b"1," * 5000 + b"1]}")[:40]


def ask(url: str, deadline: float = GENEROUS, **options: Any) -> Response:
    with open_client(deadline=deadline) as client:
        return client(secret_request(url, **options))


def secret_request(url: str, **options: Any) -> Request:
    headers = {"X-Api-Key": SECRETS["header"], "Cookie": f"session={SECRETS['header']}"}
    return Request(f"{url}/list?api_key={SECRETS['query']}", headers=headers, **options)


@dataclass(frozen=True)
class Fault:
    script: Script
    error: type[SourceError]
    says: str


FAULTS = {
    "A2 no answer after the request": Fault(hangs(), Unavailable, "within 0.5 s"),
    "A3 silence after the headers": Fault(
        hangs(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), Unavailable, "within 0.5 s"
    ),
    "A4 headers that drip": Fault(drips(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"), Unavailable, "within 0.5 s"),
    "A4 headers that drip line by line": Fault(
        drips(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n", 0.05), Unavailable, "within 0.5 s"
    ),
    "A5 a body that drips": Fault(drips(answer("200 OK", length=500), b"a"), Unavailable, "within 0.5 s"),
    "A5 a chunked body that drips": Fault(
        drips(answer("200 OK", "Transfer-Encoding: chunked", length=None), b"1\r\na\r\n"), Unavailable, "within 0.5 s"
    ),
    "A6 a reset before the body": Fault(resets(), Unavailable, "broken connection"),
    "A6 a reset during the body": Fault(resets(answer("200 OK", body=b"half", length=8)), Unavailable, "broken"),
    "A6 a reset during the headers": Fault(resets(b"HTTP/1.1 200 OK\r\nContent-"), Unavailable, "broken"),
    "A7 an empty reply": Fault(raw(b""), Unavailable, "broken"),
    "A7 a reply that is not HTTP": Fault(raw(b"220 mail.example.org ESMTP\r\n"), Unavailable, "broken"),
    "A7 a status that is no number": Fault(raw(b"HTTP/1.1 OK 200\r\n\r\n"), Unavailable, "broken"),
    "A7 a line among the headers that is none": Fault(
        raw(b"HTTP/1.1 200 OK\r\nDate: today\r\nnonsense\r\nContent-Length: 4\r\n\r\nbody"), Unavailable, "broken"
    ),
    "A8 a length beyond the body": Fault(says("200 OK", body=b"half", length=8), Unavailable, "broken"),
    "A9 chunks without an end": Fault(
        says("200 OK", "Transfer-Encoding: chunked", body=b"4\r\nhalf\r\n", length=None), Unavailable, "broken"
    ),
    "A9 a chunk cut short": Fault(
        says("200 OK", "Transfer-Encoding: chunked", body=b"40\r\nhalf", length=None), Unavailable, "broken"
    ),
    "A9 a chunk of no size": Fault(
        says("200 OK", "Transfer-Encoding: chunked", body=b"zz\r\nhalf\r\n0\r\n\r\n", length=None),
        Unavailable,
        "broken",
    ),
    "A9 a chunk of negative size": Fault(
        says("200 OK", "Transfer-Encoding: chunked", body=b"-7\r\nhalf\r\n0\r\n\r\n", length=None),
        Unavailable,
        "broken",
    ),
    "A9 a transfer encoding nobody knows": Fault(
        says("200 OK", "Transfer-Encoding: gzip, chunked", body=b"4\r\nhalf\r\n0\r\n\r\n", length=None),
        Unavailable,
        "broken",
    ),
    "A10 two different lengths": Fault(
        says("200 OK", "Content-Length: 2", body=b"half", length=4), Unavailable, "broken"
    ),
    "A10 two lengths in one header": Fault(
        says("200 OK", "Content-Length: 4, 4", body=b"half", length=None), Unavailable, "broken"
    ),
    "A11 gzip cut short with a correct length": Fault(
        says("200 OK", "Content-Encoding: gzip", body=HALF), Unavailable, "ends too early"
    ),
    "A11 deflate cut short with a correct length": Fault(
        says("200 OK", "Content-Encoding: deflate", body=zlib.compress(PAGE * 50)[:-6]), Unavailable, "ends too early"
    ),
    "A11 gzip with a damaged check sum": Fault(
        says("200 OK", "Content-Encoding: gzip", body=gzip.compress(PAGE)[:-8] + bytes(8)), Unavailable, "damaged"
    ),
    "A11 gzip with garbage behind it": Fault(
        says("200 OK", "Content-Encoding: gzip", body=gzip.compress(PAGE) + b"and more"), Unavailable, "damaged"
    ),
    "A12 plain text that says gzip": Fault(
        says("200 OK", "Content-Encoding: gzip", body=PAGE), Unavailable, "not compressed"
    ),
    "A13 an encoding we did not ask for": Fault(says("200 OK", "Content-Encoding: br", body=PAGE), Changed, "'br'"),
    "A13 zstd, not asked for either": Fault(says("200 OK", "Content-Encoding: zstd", body=PAGE), Changed, "'zstd'"),
    "A14 gzip in gzip": Fault(
        says("200 OK", "Content-Encoding: gzip, gzip", body=gzip.compress(gzip.compress(PAGE))), Changed, "gzip, gzip"
    ),
    "A14 twenty nested encodings": Fault(
        says("200 OK", *["Content-Encoding: gzip"] * 20, body=PAGE), Changed, "encoding 'gzip, gzip"
    ),
    "A16 a length of ten gigabytes": Fault(
        hangs(answer("200 OK", length=10_000_000_000)), Changed, "a length of 10000000000"
    ),
    "A16 a length of five thousand digits": Fault(
        hangs(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n"), Changed, "a length of 999"
    ),
    "A17 a header of two megabytes": Fault(
        raw(b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * (2 << 20) + b"\r\n\r\n"), Unavailable, "broken"
    ),
    "A17 five thousand headers": Fault(
        raw(b"HTTP/1.1 200 OK\r\n" + b"X-Many: a\r\n" * 5000 + b"\r\n"), Unavailable, "broken"
    ),
    "A18 early hints for ever": Fault(
        pours(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), Unavailable, "broken"
    ),
    "A20 a redirect that does not say where to": Fault(says("302 Found", body=PAGE), Unavailable, "where to"),
    "A30 a 304 nobody asked for": Fault(says("304 Not Modified", length=None), Changed, "304"),
    "A31 a 204": Fault(says("204 No Content", length=None), Changed, "204"),
    "A31 a 200 without content": Fault(says("200 OK", JSON), Changed, "empty"),
    "A31 a 206 nobody asked for": Fault(says("206 Partial Content", body=PAGE), Changed, "206"),
    "A31 a 101": Fault(says("101 Switching Protocols", length=None), Changed, "101"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_on_the_wire_is_a_clear_error_in_time(fault: Fault, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with misbehave(fault.script) as origin:
        began = time.monotonic()
        with pytest.raises(fault.error) as raised:
            ask(origin.url, DEADLINE if "0.5 s" in fault.says else GENEROUS)
        assert time.monotonic() - began < NO_HANG_SECONDS
    assert type(raised.value) is fault.error
    assert fault.says in str(raised.value)
    assert raised.value.reached
    assert f"127.0.0.1:{origin.port}/list" in str(raised.value)
    shown = caplog.text + "".join(traceback.format_exception(raised.value)) + repr(contexts(raised.value))
    assert not [secret for secret in SECRETS.values() if secret in shown]


def contexts(error: BaseException | None) -> list[BaseException]:
    """Return everything an over-eager error reporter could dig out of an exception."""
    found = []
    while error:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


WHOLE: dict[str, Script] = {
    "a plain body": says("200 OK", JSON, body=PAGE),
    "a body ended by the close": says("200 OK", JSON, body=PAGE, length=None),
    "an HTTP/1.0 answer": raw(b"HTTP/1.0 200 OK\r\n\r\n" + PAGE),
    "a chunked body with a trailer": says(
        "200 OK",
        "Transfer-Encoding: chunked",
        body=b"6\r\n" + PAGE[:6] + b"\r\n7;x=y\r\n" + PAGE[6:] + b"\r\n0\r\nT: u\r\n\r\n",
        length=None,
    ),
    "gzip": says("200 OK", "Content-Encoding: gzip", body=gzip.compress(PAGE)),
    "gzip under its old name": says("200 OK", "Content-Encoding: x-gzip", body=gzip.compress(PAGE)),
    "gzip in two members": says(
        "200 OK", "Content-Encoding: gzip", body=gzip.compress(PAGE[:6]) + gzip.compress(PAGE[6:])
    ),
    "gzip padded with zeros": says("200 OK", "Content-Encoding: gzip", body=gzip.compress(PAGE) + bytes(512)),
    "deflate": says("200 OK", "Content-Encoding: deflate", body=zlib.compress(PAGE)),
    "deflate without its wrapping": says("200 OK", "Content-Encoding: deflate", body=zlib.compress(PAGE, wbits=-15)),
    "no encoding, said aloud": says("200 OK", "Content-Encoding: identity", body=PAGE),
    "A18 early hints before the answer": raw(
        b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n" + answer("200 OK", JSON, body=PAGE)
    ),
    "A18 three interim answers before the answer": raw(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"
        + answer("200 OK", JSON, body=PAGE)
    ),
    "a multipart type, whose parts the header parser misses": says(
        "200 OK", "Content-Type: multipart/mixed; boundary=x", body=PAGE
    ),
}


@pytest.mark.parametrize("script", WHOLE.values(), ids=WHOLE.keys())
def test_a_whole_answer_is_given_as_bytes(script: Script) -> None:
    with misbehave(script) as origin:
        response = ask(origin.url)
    assert (response.status, response.body, response.fetched_at) == (200, PAGE, NOW)


BOMBS: dict[str, tuple[Script, type[SourceError]]] = {
    "A13 one megabyte of gzip that inflates to a gigabyte": (
        says("200 OK", "Content-Encoding: gzip", body=bomb(1024)),
        Changed,
    ),
    "A13 the same in an error page": (
        says("503 Service Unavailable", "Content-Encoding: gzip", body=bomb(1024)),
        Unavailable,
    ),
    "A15 the same in a redirect body": (
        redirects("/list", "302 Found", bomb(1024), "Content-Encoding: gzip"),
        Unavailable,
    ),
    "A16 a body without end": (pours(answer("200 OK", length=None), bytes(1 << 16)), Changed),
    "A16 chunks without end": (
        pours(answer("200 OK", "Transfer-Encoding: chunked", length=None), b"10000\r\n" + bytes(1 << 16) + b"\r\n"),
        Changed,
    ),
    "A16 an endless body of an error page": (pours(answer("404 Not Found", length=None), bytes(1 << 16)), Refused),
}


@pytest.mark.parametrize(("script", "error"), BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_costs_little_memory_and_little_time(script: Script, error: type[SourceError]) -> None:
    with misbehave(script) as origin, open_client() as client:
        began = time.monotonic()
        tracemalloc.start()
        try:
            with pytest.raises(error):
                client(secret_request(origin.url, max_bytes=16 << 20))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 48 << 20
    assert time.monotonic() - began < NO_HANG_SECONDS


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_body_may_be_as_large_as_the_limit_and_no_byte_larger(encoding: str) -> None:
    body = gzip.compress(bytes(5000)) if encoding else bytes(5000)
    with misbehave(says("200 OK", f"Content-Encoding: {encoding}", body=body)) as origin:
        assert len(ask(origin.url, max_bytes=5000).body) == 5000
        with pytest.raises(Changed, match="at most 4999 bytes"):
            ask(origin.url, max_bytes=4999)


def test_a_limit_counts_several_members_together() -> None:
    with misbehave(says("200 OK", "Content-Encoding: gzip", body=gzip.compress(bytes(600)) * 3)) as origin:
        with pytest.raises(Changed, match="1500"):
            ask(origin.url, max_bytes=1500)


def test_a_304_to_our_validator_is_an_unchanged_answer() -> None:
    """A30: the length a 304 may state is that of the page, not of the answer."""
    with misbehave(says("304 Not Modified", 'ETag: "b"', length=10_000_000_000)) as origin:
        response = ask(origin.url, etag='"a"', last_modified="Tue, 20 Jan 2026 10:00:00 GMT", max_bytes=10)
    assert (response.unchanged, response.body, response.headers["etag"]) == (True, b"", '"b"')
    assert 'if-none-match: "a"' in origin.heads[0]
    assert "if-modified-since: Tue, 20 Jan 2026 10:00:00 GMT" in origin.heads[0]


def test_a_304_is_refused_when_no_validator_was_sent_though_it_was_expected() -> None:
    with misbehave(says("304 Not Modified", length=None)) as origin, pytest.raises(Changed):
        ask(origin.url, expect=frozenset({200, 304}))


def test_a_validator_that_cannot_be_sent_back_is_left_out() -> None:
    with misbehave(says("200 OK", body=PAGE)) as origin:
        assert ask(origin.url, etag='"a"\r\nX-Evil: 1').body == PAGE
    assert "evil" not in origin.heads[0].lower()


def test_a_body_that_stays_the_same_under_a_new_etag_is_given_as_it_is() -> None:
    """A30: the body decides, not the validator."""
    with misbehave(says("200 OK", 'ETag: "b"', body=PAGE)) as origin:
        assert ask(origin.url, etag='"a"').body == PAGE


def test_an_expected_204_is_an_answer() -> None:
    with misbehave(says("204 No Content", length=None)) as origin:
        assert ask(origin.url, expect=frozenset({200, 204})).status == 204


def test_cookies_are_neither_kept_nor_shown() -> None:
    with misbehave(says("200 OK", "Set-Cookie: id=CANARY; Path=/", body=PAGE)) as origin, open_client() as client:
        assert "set-cookie" not in client(Request(origin.url)).headers
        client(Request(origin.url))
    assert "CANARY" not in origin.heads[1]


def test_a1_a_connection_nobody_accepts_is_given_up_in_time() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        fill = [socket.socket() for _ in range(4)]
        for waiting in fill:
            waiting.setblocking(False)
            waiting.connect_ex(deaf.getsockname())
        began = time.monotonic()
        with pytest.raises(Unavailable, match="timed out") as raised:
            ask(f"http://127.0.0.1:{deaf.getsockname()[1]}", DEADLINE)
        for waiting in fill:
            waiting.close()
    assert time.monotonic() - began < NO_HANG_SECONDS
    assert not raised.value.reached


def test_a_refused_connection_says_that_nothing_was_sent() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(Unavailable, match="refused") as raised:
            ask(f"http://127.0.0.1:{closed.getsockname()[1]}")
    assert not raised.value.reached


def fails_to_resolve(error: Exception) -> Callable[..., Any]:
    def resolve(*_: object, **__: object) -> list[Any]:
        raise error

    return resolve


@pytest.mark.parametrize(
    "resolve",
    [
        pytest.param(fails_to_resolve(socket.gaierror(socket.EAI_NONAME, "Name not known")), id="A33 no such name"),
        pytest.param(fails_to_resolve(socket.gaierror(socket.EAI_AGAIN, "Try again")), id="A33 the resolver fails"),
        pytest.param(fails_to_resolve(UnicodeError("label too long")), id="A33 a name that cannot be asked"),
        pytest.param(lambda *_, **__: [], id="A33 a name without an address"),
    ],
)
def test_a_name_that_does_not_resolve_was_not_reached(resolve: Callable[..., Any]) -> None:
    with (
        open_client(resolve=resolve) as client,
        pytest.raises(Unavailable, match=r"publisher\.test: the name") as raised,
    ):
        client(secret_request("https://publisher.test"))
    assert not raised.value.reached


def test_a33_a_resolver_that_hangs_is_left_behind_with_one_thread_per_name() -> None:
    release = threading.Event()

    def resolve(*_: object, **__: object) -> list[Any]:
        release.wait(20)
        return []

    before = threading.active_count()
    try:
        with open_client(resolve=resolve, deadline=0.2, spacing=0) as client:
            for _ in range(3):
                with pytest.raises(Unavailable, match="did not answer in time") as raised:
                    client(secret_request("https://publisher.test"))
        assert not raised.value.reached
        assert threading.active_count() == before + 1
    finally:
        release.set()


def test_a_post_that_was_cut_off_may_have_been_taken() -> None:
    with misbehave(resets()) as origin, open_client() as client, pytest.raises(Unavailable) as raised:
        client(Request(f"{origin.url}/services/CANARY-PATH", method="POST", body=b"{}"))
    assert raised.value.reached
    assert "CANARY" not in str(raised.value)


def test_a_post_to_a_receiver_that_does_not_read_ends_in_time() -> None:
    with misbehave(hangs()) as origin, open_client(deadline=DEADLINE) as client:
        began = time.monotonic()
        with pytest.raises(Unavailable):
            client(Request(origin.url, method="POST", body=bytes(64 << 20)))
    assert time.monotonic() - began < NO_HANG_SECONDS


def test_a_post_may_be_answered_with_nothing() -> None:
    with misbehave(says("200 OK")) as origin, open_client() as client:
        assert client(Request(origin.url, method="POST", body=b"{}")).body == b""
    assert "content-length: 2" in origin.heads[0]


def test_a_page_that_hangs_holds_nobody_else() -> None:
    released = threading.Event()
    with (
        misbehave(lambda _: released.wait(NO_HANG_SECONDS)) as slow,
        misbehave(says("200 OK", body=PAGE)) as fast,
        open_client() as client,
    ):

        def stick() -> None:
            with pytest.raises(Unavailable):
                client(Request(slow.url))

        stuck = threading.Thread(target=stick)
        stuck.start()
        for _ in range(10):
            assert client(Request(fast.url)).body == PAGE
        assert stuck.is_alive()
        released.set()
        stuck.join()


SEEDS = [
    answer("200 OK", JSON, 'ETag: "a"', body=PAGE),
    answer(
        "200 OK", "Transfer-Encoding: chunked", body=b"6\r\n" + PAGE[:6] + b"\r\n7\r\n" + PAGE[6:] + b"\r\n0\r\n\r\n"
    ),
    answer("200 OK", "Content-Encoding: gzip", body=gzip.compress(PAGE * 5)),
    answer("304 Not Modified", length=None),
    answer("503 Service Unavailable", "Retry-After: 12", body=b"<html>"),
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer("200 OK", body=PAGE),
]
SPLINTERS = [b"\r\n", b"\n", b":", b"\0", b"\xff", b"-", b"9" * 30, b"HTTP/1.1 100 x\r\n\r\n", b"chunked", b"gzip"]


def damaged(content: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(content) + 1)
        cut = rng.choice([0, 0, 1, rng.randint(1, 8), len(content)])
        content = content[:at] + rng.choice([b"", rng.randbytes(1), *SPLINTERS]) + content[at + cut :]
    return content


def test_no_damage_to_an_answer_gets_past_the_tree_of_errors() -> None:
    rng = random.Random(793)
    outcomes = set()
    with misbehave(lambda connection: connection.sendall(damaged(rng.choice(SEEDS), rng))) as origin:
        with open_client() as client:
            for _ in range(400):
                try:
                    outcomes.add(str(client(Request(origin.url, etag='"a"')).status))
                except SourceError as error:
                    outcomes.add(type(error).__name__)
    assert outcomes >= {"200", "304", "Unavailable", "Changed"}
