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


def send_mail(sink: Receiver, content: bytes = MAIL) -> None:
    parts = urlsplit(sink.url)
    with smtplib.SMTP(parts.hostname or "", parts.port or 0, timeout=5) as smtp:
        smtp.sendmail("a@example.org", ["ann@example.org"], content)


def send_post(sink: Receiver, headers: Mapping[str, str] | None = None) -> int:
    parts = urlsplit(sink.url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request("POST", parts.path, POST, dict(headers or {}))
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_mail_is_read_as_its_receiver_would() -> None:
    with mail_receiver() as sink:
        send_mail(sink)
    (mail,) = sink.taken
    assert (mail.id, mail.to, mail.alerts) == ("dl-0123456789ab", "ann@example.org", ("al-0123456789ab",))
    assert mail.marks == {"EV9001X001", "EV9001X002"}
    assert mail.body == MAIL
    assert mail.answered


def test_a_post_is_read_by_the_alert_it_names() -> None:
    with slack_receiver(room="desk") as sink:
        assert send_post(sink) == 200
    (post,) = sink.taken
    assert (post.id, post.to, post.body) == ("al-0123456789ab", "desk", POST)
    assert post.marks == {"EV9001X003"}


def test_a_signed_webhook_takes_what_is_signed_and_is_known_by_its_header() -> None:
    with webhook_receiver() as sink:
        signing = signing_keys(SECRET)
        assert send_post(sink, signature_headers(signing_keys(OTHER), "dl-ffffffffffff", int(time.time()), POST)) == 401
        headers = signature_headers(signing, "dl-ffffffffffff", int(time.time()), POST)
        assert send_post(sink, headers) == 200
        assert send_post(sink, headers | {"webhook-timestamp": "1700000000"}) == 401
    (post,) = sink.taken
    assert (post.id, post.to, post.alerts) == ("dl-ffffffffffff", "archive", ("al-0123456789ab",))


@pytest.mark.parametrize(
    ("fate", "taken", "incomplete"),
    [
        pytest.param(Behaviour.REFUSE_EARLY, 0, 0, id="refused before the body is not taken"),
        pytest.param(Behaviour.REFUSE_LATER, 0, 0, id="refused after the body is not taken"),
        pytest.param(Behaviour.RESET_BEFORE, 0, 1, id="cut before the end is not a delivery"),
        pytest.param(Behaviour.RESET_AFTER, 1, 0, id="taken and cut is a delivery"),
        pytest.param(Behaviour.ERROR_AFTER, 1, 0, id="taken and denied is a delivery"),
    ],
)
def test_mail_that_goes_wrong(fate: Behaviour, taken: int, incomplete: int) -> None:
    with mail_receiver(Receiver(verdict=lambda _: fate)) as sink:
        with pytest.raises((smtplib.SMTPException, OSError)):
            send_mail(sink)
    assert (len(sink.taken), sink.incomplete) == (taken, incomplete)
    assert [mail.denied for mail in sink.taken] == [fate is Behaviour.ERROR_AFTER] * taken


@pytest.mark.parametrize(
    ("fate", "taken", "incomplete"),
    [
        pytest.param(Behaviour.RESET_BEFORE, 0, 1, id="cut before the end is not a delivery"),
        pytest.param(Behaviour.RESET_AFTER, 1, 0, id="taken and cut is a delivery"),
    ],
)
def test_a_post_that_is_cut(fate: Behaviour, taken: int, incomplete: int) -> None:
    with slack_receiver(Receiver(verdict=lambda _: fate)) as sink:
        with pytest.raises((http.client.HTTPException, OSError)):
            send_post(sink)
    assert (len(sink.taken), sink.incomplete) == (taken, incomplete)


@pytest.mark.parametrize(
    ("fate", "status", "taken"),
    [
        pytest.param(Behaviour.REFUSE_LATER, 503, 0, id="refused is not taken"),
        pytest.param(Behaviour.ERROR_AFTER, 500, 1, id="taken and denied is a delivery"),
    ],
)
def test_a_post_that_is_answered_with_an_error(fate: Behaviour, status: int, taken: int) -> None:
    with slack_receiver(Receiver(verdict=lambda _: fate)) as sink:
        assert send_post(sink) == status
    assert len(sink.taken) == taken


def test_a_sender_that_dies_before_the_final_dot_has_delivered_nothing() -> None:
    with mail_receiver() as sink:
        parts = urlsplit(sink.url)
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as client:
            reader = client.makefile("rb")
            for line in (b"EHLO x", b"MAIL FROM:<a@example.org>", b"RCPT TO:<ann@example.org>", b"DATA"):
                client.sendall(line + b"\r\n")
            while not reader.readline().startswith(b"354"):
                pass
            client.sendall(MAIL)
            reader.close()
        wait_until(lambda: bool(sink.incomplete))
    assert (len(sink.taken), sink.incomplete) == (0, 1)


def test_a_sink_that_comes_back_keeps_its_address_and_its_memory() -> None:
    with mail_receiver() as sink:
        send_mail(sink)
    with pytest.raises(OSError):
        send_mail(sink)
    with mail_receiver(sink):
        send_mail(sink)
    assert len(sink.taken) == 2
