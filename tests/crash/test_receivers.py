"""Do the receivers remember exactly what arrived?"""

from __future__ import annotations

import http.client
import json
import smtplib
import socket
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest

from notifications.webhook import signature_headers, signing_keys
from tests.crash.receivers import Behaviour, Receiver, mail_receiver, slack_receiver, webhook_receiver
from tests.helpers.timing import wait_until
from tests.helpers.webhook_signature import OTHER, SECRET

MAIL = (
    b"Message-ID: <dl-0123456789ab@example.org>\r\nSubject: constructed EV9001X001\r\n"
    b"X-Lexwatch-Alert: al-0123456789ab\r\nContent-Type: text/plain\r\n\r\n.dot EV9001X002\r\n"
)
POST = json.dumps({"text": "EV9001X003 al-0123456789ab"}).encode()


def send_mail(receiver: Receiver, content: bytes = MAIL) -> None:
    parts = urlsplit(receiver.url)
    with smtplib.SMTP(parts.hostname or "", parts.port or 0, timeout=60) as smtp:
        smtp.sendmail("a@example.org", ["ann@example.org"], content)


def send_post(receiver: Receiver, headers: Mapping[str, str] | None = None) -> int:
    parts = urlsplit(receiver.url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    try:
        connection.request("POST", parts.path, POST, dict(headers or {}))
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_mail_is_read_as_its_receiver_would() -> None:
    with mail_receiver() as receiver:
        send_mail(receiver)
    (mail,) = receiver.taken
    assert (mail.id, mail.to, mail.alerts) == ("dl-0123456789ab", "ann@example.org", ("al-0123456789ab",))
    assert mail.marks == {"EV9001X001", "EV9001X002"}
    assert mail.body == MAIL
    assert mail.answered


def test_a_post_is_read_by_the_alert_it_names() -> None:
    with slack_receiver(room="desk") as receiver:
        assert send_post(receiver) == 200
    (post,) = receiver.taken
    assert (post.id, post.to, post.body) == ("al-0123456789ab", "desk", POST)
    assert post.marks == {"EV9001X003"}


def test_a_signed_webhook_takes_what_is_signed_and_is_known_by_its_header() -> None:
    with webhook_receiver() as receiver:
        signing = signing_keys(SECRET)
        assert (
            send_post(receiver, signature_headers(signing_keys(OTHER), "dl-ffffffffffff", int(time.time()), POST))
            == 401
        )
        headers = signature_headers(signing, "dl-ffffffffffff", int(time.time()), POST)
        assert send_post(receiver, headers) == 200
        assert send_post(receiver, headers | {"webhook-timestamp": "1700000000"}) == 401
    (post,) = receiver.taken
    assert (post.id, post.to, post.alerts) == ("dl-ffffffffffff", "archive", ("al-0123456789ab",))


@pytest.mark.parametrize(
    ("behaviour", "taken", "incomplete"),
    [
        pytest.param(Behaviour.REFUSE_EARLY, 0, 0, id="refused before the body is not taken"),
        pytest.param(Behaviour.REFUSE_LATER, 0, 0, id="refused after the body is not taken"),
        pytest.param(Behaviour.RESET_BEFORE, 0, 1, id="cut before the end is not a delivery"),
        pytest.param(Behaviour.RESET_AFTER, 1, 0, id="taken and cut is a delivery"),
        pytest.param(Behaviour.ERROR_AFTER, 1, 0, id="taken and denied is a delivery"),
    ],
)
def test_mail_that_goes_wrong(behaviour: Behaviour, taken: int, incomplete: int) -> None:
    with mail_receiver(Receiver(behave=lambda _: behaviour)) as receiver:
        with pytest.raises((smtplib.SMTPException, OSError)):
            send_mail(receiver)
    assert (len(receiver.taken), receiver.incomplete) == (taken, incomplete)
    assert [mail.denied for mail in receiver.taken] == [behaviour is Behaviour.ERROR_AFTER] * taken


@pytest.mark.parametrize(
    ("behaviour", "taken", "incomplete"),
    [
        pytest.param(Behaviour.RESET_BEFORE, 0, 1, id="cut before the end is not a delivery"),
        pytest.param(Behaviour.RESET_AFTER, 1, 0, id="taken and cut is a delivery"),
    ],
)
def test_a_post_that_is_cut(behaviour: Behaviour, taken: int, incomplete: int) -> None:
    with slack_receiver(Receiver(behave=lambda _: behaviour)) as receiver:
        with pytest.raises((http.client.HTTPException, OSError)):
            send_post(receiver)
    assert (len(receiver.taken), receiver.incomplete) == (taken, incomplete)


@pytest.mark.parametrize(
    ("behaviour", "status", "taken"),
    [
        pytest.param(Behaviour.REFUSE_LATER, 503, 0, id="refused is not taken"),
        pytest.param(Behaviour.ERROR_AFTER, 500, 1, id="taken and denied is a delivery"),
    ],
)
def test_a_post_that_is_answered_with_an_error(behaviour: Behaviour, status: int, taken: int) -> None:
    with slack_receiver(Receiver(behave=lambda _: behaviour)) as receiver:
        assert send_post(receiver) == status
    assert len(receiver.taken) == taken


def test_a_sender_that_dies_before_the_final_dot_has_delivered_nothing() -> None:
    with mail_receiver() as receiver:
        parts = urlsplit(receiver.url)
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60) as client:
            reader = client.makefile("rb")
            for line in (b"EHLO x", b"MAIL FROM:<a@example.org>", b"RCPT TO:<ann@example.org>", b"DATA"):
                client.sendall(line + b"\r\n")
            while not reader.readline().startswith(b"354"):
                pass
            client.sendall(MAIL)
            reader.close()
        wait_until(lambda: bool(receiver.incomplete))
    assert (len(receiver.taken), receiver.incomplete) == (0, 1)


def test_a_sink_that_comes_back_keeps_its_address_and_its_memory() -> None:
    with mail_receiver() as receiver:
        send_mail(receiver)
    with pytest.raises(OSError):
        send_mail(receiver)
    with mail_receiver(receiver):
        send_mail(receiver)
    assert len(receiver.taken) == 2


@pytest.mark.parametrize("answer", [pytest.param(0.0, id="at once"), pytest.param(0.3, id="after a while")])
def test_what_was_sent_by_who_is_gone_is_counted_before_anything_else_is_done(answer: float) -> None:
    """Also where nobody has accepted the connection yet; a connection that somebody keeps open holds up nothing."""
    with slack_receiver(Receiver(ponder=lambda: answer)) as receiver:
        parts = urlsplit(receiver.url)
        address = (parts.hostname or "", parts.port or 0)
        head = f"POST {parts.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(POST)}\r\n\r\n".encode()
        with socket.create_connection(address, timeout=60):
            for _ in range(9):
                with socket.create_connection(address, timeout=60) as client:
                    client.sendall(head + POST)
            receiver.read_what_the_dead_sent()
            assert len(receiver.taken) == 9
