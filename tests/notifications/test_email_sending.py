"""Is an e-mail handed over once, and is every answer understood?"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import AuthResult, LoginPassword

from domain.alerts.delivery import LEASE, Frozen
from domain.errors import ConfigError, DeliveryError, Refused
from domain.options import Secret
from notifications.email import Email, SmtpServer, SmtpTimeouts
from notifications.smtp import dotted
from tests.helpers.mail_server import MailServer, serve_mail
from tests.helpers.timing import NO_HANG_SECONDS
from tests.notifications.notices import TEXT, notice
from tests.notifications.scripted_smtp_server import DRIPPING, HANG_UP, SILENCE, Script, speak

PASSWORD = Secret("correct horse", "env:SMTP_PASSWORD")


def channel(server: str, **options: Any) -> Email:
    chosen = {name: options.pop(name) for name in ("step", "total", "final") if name in options}
    timeouts = SmtpTimeouts(**{"step": 5.0, "final": 5.0, **chosen})
    people: dict[str, Any] = {"to": ("desk@example.org",), "sender": "lexwatch@example.org"}
    return Email(name="desk", server=server, timeouts=timeouts, **people, **options)


def deliver(email: Email, mark: Callable[[], None] = lambda: None) -> str:
    frozen = email.freeze(notice(TEXT))
    return email.send(frozen, delivery="dl-0123456789ab", to="desk@example.org", about_to_commit=mark)


def refusal(email: Email, mark: Callable[[], None] = lambda: None) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        deliver(email, mark)
    return caught.value


@pytest.fixture
def mailbox() -> Iterator[MailServer]:
    with serve_mail() as mailbox:
        yield mailbox


def test_a_message_arrives_as_it_was_frozen(mailbox: MailServer) -> None:
    email = channel(mailbox.server)
    answer = deliver(email)
    (mail,) = mailbox.accepted
    assert mail.content == email.freeze(notice(TEXT)).body
    assert (mail.sender, mail.recipients) == ("lexwatch@example.org", ("desk@example.org",))
    assert answer.startswith("250 ")


def test_a_greylisted_message_is_taken_at_the_second_try(mailbox: MailServer) -> None:
    answers = iter(["451 come back later", "250 OK"])
    mailbox.verdict = lambda _: next(answers)
    email = channel(mailbox.server)
    error = refusal(email)
    assert (error.permanent, error.maybe_sent) == (False, True), "a server that said 451 may have queued it"
    assert "451 come back later" in str(error)
    deliver(email)
    assert len(mailbox.accepted) == 1


def test_lines_that_begin_with_a_dot_arrive_as_they_are(mailbox: MailServer) -> None:
    body = b"Subject: dots\r\n\r\n.\r\n..\r\n.hidden\r\nMAIL FROM:<a@b.example>\r\n"
    frozen = Frozen("dots", body, "message/rfc822")
    channel(mailbox.server).send(frozen, delivery="dl-1", to="desk@example.org", about_to_commit=lambda: None)
    assert [mail.content for mail in mailbox.accepted] == [body]


def test_the_mark_is_set_once_after_the_body_and_before_the_dot() -> None:
    with speak() as script:
        seen: list[tuple[list[str], bool]] = []
        email = channel(script.server)

        def mark() -> None:
            # The server reads at its own pace: wait until it has heard the whole body.
            deadline = time.monotonic() + NO_HANG_SECONDS
            while not script.body.endswith(b"--\r\n") and time.monotonic() < deadline:
                time.sleep(0.005)
            seen.append((list(script.verbs), script.body == dotted(email.freeze(notice(TEXT)).body)))

        deliver(email, mark)
    assert seen == [(["EHLO", "MAIL", "RCPT", "DATA"], True)]
    assert script.verbs == ["EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT"]


def test_a_mark_that_cannot_be_set_stops_the_message() -> None:
    """If we cannot remember that it may have arrived, it must not arrive."""

    def full_disk() -> None:
        raise OSError("disk full")

    with speak() as script:
        with pytest.raises(OSError, match="disk full"):
            deliver(channel(script.server), full_disk)
    assert "." not in script.verbs


# replies of the server -> permanent, maybe_sent, whether the mark was set
ANSWERS: dict[str, tuple[dict[str, str], bool, bool, bool]] = {
    "no service at the greeting waits": ({"CONNECT": "554 no service"}, False, False, False),
    "a busy greeting waits": ({"CONNECT": "421 busy"}, False, False, False),
    "a greeting that is no SMTP waits": ({"CONNECT": "HTTP/1.1 400 Bad Request"}, False, False, False),
    "a line closed at the greeting waits": ({"CONNECT": HANG_UP}, False, False, False),
    "silence at the greeting waits": ({"CONNECT": SILENCE}, False, False, False),
    "a refused hello waits": ({"EHLO": "550 who", "HELO": "550 who"}, False, False, False),
    "a refused sender waits": ({"MAIL": "550 sender unknown"}, False, False, False),
    "log-in required waits": ({"MAIL": "530 authentication required"}, False, False, False),
    "a greylisted recipient waits": ({"RCPT": "450 later"}, False, False, False),
    "an unknown recipient is final": ({"RCPT": "550 no such user"}, True, False, False),
    "log-in required at the recipient waits": ({"RCPT": "530 authentication required"}, False, False, False),
    "a line closed at the recipient waits": ({"RCPT": HANG_UP}, False, False, False),
    "silence at the recipient waits": ({"RCPT": SILENCE}, False, False, False),
    "going down at the recipient waits": ({"RCPT": "421 going down"}, False, False, False),
    "a refused DATA is final": ({"DATA": "554 no"}, True, False, False),
    "a busy DATA waits": ({"DATA": "451 busy"}, False, False, False),
    "a full mailbox after the dot may have been sent": ({"dot": "452 full"}, False, True, True),
    "a refused message is final": ({"dot": "554 spam"}, True, False, True),
    "going down after the dot may have been sent": ({"dot": "421 going down"}, False, True, True),
    "a line closed after the dot may have been sent": ({"dot": HANG_UP}, False, True, True),
    "silence after the dot may have been sent": ({"dot": SILENCE}, False, True, True),
    "an answer of many lines counts": ({"dot": "554-first\r\n554 second"}, True, False, True),
    "an unreadable answer after the dot may have been sent": ({"dot": "what?"}, False, True, True),
    "an answer that makes no sense after the dot may have been sent": ({"dot": "354 go on"}, False, True, True),
}


@pytest.mark.parametrize(("replies", "permanent", "maybe_sent", "marked"), ANSWERS.values(), ids=ANSWERS)
def test_answers(replies: dict[str, str], permanent: bool, maybe_sent: bool, marked: bool) -> None:
    marks: list[None] = []
    with speak(**replies) as script:
        error = refusal(channel(script.server, step=0.5, final=0.5), lambda: marks.append(None))
    assert (error.permanent, error.maybe_sent, len(marks)) == (permanent, maybe_sent, int(marked)), str(error)
    assert "\n" not in str(error)


def test_an_answer_that_cannot_be_written_is_cleaned() -> None:
    with speak(RCPT="550 \x1b[31mno\x07 such user") as script:
        assert str(refusal(channel(script.server))).endswith("550 [31mno such user")


def test_a_farewell_that_fails_changes_nothing() -> None:
    with speak(QUIT=HANG_UP) as script:
        assert deliver(channel(script.server)) == "250 queued as 1"


def test_nobody_at_home_waits() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = refusal(channel(f"smtp://127.0.0.1:{port}"))
    assert (error.permanent, error.maybe_sent) == (False, False)
    assert f"127.0.0.1:{port}" in str(error)


def test_a_server_that_accepts_no_connection_is_left_after_the_timeout() -> None:
    """The backlog is full: the connection neither succeeds nor fails."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        with socket.socket() as one, socket.socket() as two:
            for filler in (one, two):
                filler.setblocking(False)
                filler.connect_ex(address)
            started = time.monotonic()
            error = refusal(channel(f"smtp://127.0.0.1:{address[1]}", step=0.5))
    assert time.monotonic() - started < NO_HANG_SECONDS
    assert (error.permanent, error.maybe_sent) == (False, False)


def test_a_server_that_drips_bytes_is_cut_off() -> None:
    """Each byte comes within the timeout, the whole answer never does."""
    left, right = socket.socketpair()
    with left, right:
        right.sendall(b"220 ready\r\n")
        email = channel("smtp://localhost:25", connect=lambda *_: left, total=0.5)
        started = time.monotonic()
        with _dripping(right):
            error = refusal(email)
    assert time.monotonic() - started < NO_HANG_SECONDS
    assert (error.permanent, error.maybe_sent) == (False, False)


def test_a_server_that_drips_its_greeting_is_cut_off() -> None:
    left, right = socket.socketpair()
    with left, right:
        email = channel("smtp://localhost:25", connect=lambda *_: left, total=0.5)
        started = time.monotonic()
        with _dripping(right):
            error = refusal(email)
    assert time.monotonic() - started < NO_HANG_SECONDS
    assert (error.permanent, error.maybe_sent) == (False, False)


def test_a_server_that_drips_its_last_word_leaves_the_message_ambiguous() -> None:
    with speak(dot=DRIPPING) as script:
        started = time.monotonic()
        error = refusal(channel(script.server, final=0.5))
    assert time.monotonic() - started < NO_HANG_SECONDS
    assert (error.permanent, error.maybe_sent) == (False, True)


@contextmanager
def _dripping(line: socket.socket) -> Iterator[None]:
    stop = threading.Event()

    def drip() -> None:
        with suppress(OSError):
            while not stop.wait(0.05):
                line.sendall(b"2")

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(5)


def test_the_guard_on_addresses_is_asked_and_its_word_waits_for_a_person() -> None:
    def guard(host: str, port: int, timeout: float) -> socket.socket:
        raise Refused(f"{host} is a private address; expected it in http.allow_hosts", reached=False)

    error = refusal(channel("smtp://10.0.0.1:25", connect=guard))
    assert (error.permanent, error.maybe_sent) == (False, False)
    assert "http.allow_hosts" in str(error)


def test_a_missing_starttls_fails_closed(mailbox: MailServer) -> None:
    error = refusal(channel(mailbox.server.replace("smtp://", "smtp+starttls://")))
    assert (error.permanent, error.maybe_sent) == (False, False)
    assert "nothing was sent in the clear" in str(error)
    assert not mailbox.accepted


def test_a_refused_starttls_fails_closed() -> None:
    with speak(EHLO="250 STARTTLS", STARTTLS="454 not now") as script:
        error = refusal(channel(script.server.replace("smtp://", "smtp+starttls://")))
    assert not error.permanent
    assert "MAIL" not in script.verbs


def test_no_log_in_offered_fails_closed(mailbox: MailServer) -> None:
    email = channel(mailbox.server.replace("smtp://", "smtp://desk@"), password=PASSWORD)
    error = refusal(email)
    assert not error.permanent
    assert not mailbox.accepted


@contextmanager
def _with_login(password: str) -> Iterator[MailServer]:
    def judge(_server: Any, _session: Any, _envelope: Any, _mechanism: str, proof: Any) -> AuthResult:
        assert isinstance(proof, LoginPassword)
        return AuthResult(success=proof.password == password.encode(), handled=False)

    with pytest.warns(UserWarning, match="Requiring AUTH while not requiring TLS"):
        with serve_mail(authenticator=judge, auth_required=True, auth_require_tls=False) as mailbox:
            yield mailbox


def test_logging_in() -> None:
    with _with_login(PASSWORD.reveal()) as mailbox:
        deliver(channel(mailbox.server.replace("smtp://", "smtp://desk%40example.org@"), password=PASSWORD))
    assert len(mailbox.accepted) == 1


def test_a_refused_log_in_waits_for_a_person_and_tells_no_secret() -> None:
    with _with_login("another one") as mailbox:
        error = refusal(channel(mailbox.server.replace("smtp://", "smtp://desk@"), password=PASSWORD))
    assert (error.permanent, error.maybe_sent) == (False, False)
    assert "refused the log-in: 535" in str(error)
    assert PASSWORD.reveal() not in f"{error}{error.__cause__}"
    assert not mailbox.accepted


@pytest.mark.parametrize("form", [PASSWORD.reveal(), b64encode(PASSWORD.reveal().encode()).decode()])
def test_a_server_that_repeats_the_password_is_not_quoted(form: str) -> None:
    with speak(EHLO="250-mail.example.org\r\n250 AUTH PLAIN", AUTH=f"535 5.7.8 {form} is wrong") as script:
        error = refusal(channel(script.server.replace("smtp://", "smtp://desk@"), password=PASSWORD))
    assert "535 5.7.8 [password] is wrong" in str(error)
    assert form not in f"{error}{error.__cause__}"


def test_a_password_no_log_in_can_carry_is_said_without_a_message_of_it() -> None:
    with speak(EHLO="250-mail.example.org\r\n250 AUTH PLAIN") as script:
        error = refusal(channel(script.server.replace("smtp://", "smtp://desk@"), password=Secret("ж0", "env:X")))
    assert "in ASCII" in str(error)
    assert not error.permanent
    assert "0436" not in f"{error}{error.__cause__}"


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def _tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    return context


def test_starttls_with_a_certificate_of_a_known_authority(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with serve_mail(tls_context=_tls(authority), require_starttls=True) as mailbox:
        port = mailbox.server.rpartition(":")[2]
        deliver(channel(f"smtp+starttls://localhost:{port}"))
    assert len(mailbox.accepted) == 1


def test_smtps_with_a_certificate_of_a_known_authority(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with serve_mail(ssl_context=_tls(authority)) as mailbox:
        port = mailbox.server.rpartition(":")[2]
        deliver(channel(f"smtps://localhost:{port}"))
    assert len(mailbox.accepted) == 1


def test_a_certificate_nobody_vouches_for_is_refused(authority: trustme.CA) -> None:
    with serve_mail(tls_context=_tls(authority), require_starttls=True) as mailbox:
        port = mailbox.server.rpartition(":")[2]
        error = refusal(channel(f"smtp+starttls://localhost:{port}"))
    assert (error.permanent, error.maybe_sent) == (False, False)
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
    assert not mailbox.accepted


def test_desk_23_a_port_without_tls_is_said_in_plain_words() -> None:
    with serve_mail() as mailbox:
        port = mailbox.server.rpartition(":")[2]
        error = refusal(channel(f"smtps://localhost:{port}"))
    assert f"localhost:{port}: this port speaks without TLS: write smtp+starttls:// or smtp://" in str(error)
    assert (error.permanent, error.maybe_sent) == (False, False)


DOTS = {
    "a dot alone": (b".\r\n", b"..\r\n"),
    "a dot before words": (b"a\r\n.b\r\n", b"a\r\n..b\r\n"),
    "a dot inside a line stays": (b"a.b\r\n", b"a.b\r\n"),
    "a body without a last line end gets one": (b"a", b"a\r\n"),
}


@pytest.mark.parametrize(("body", "wire"), DOTS.values(), ids=DOTS)
def test_dots_at_the_start_of_a_line_are_doubled(body: bytes, wire: bytes) -> None:
    assert dotted(body) == wire


_USER = "a@b.example"

SERVERS = {
    "plain, default port": ("smtp://mail.example.org", SmtpServer("smtp", "mail.example.org", 25, None)),
    "plain with port": ("smtp://localhost:2525", SmtpServer("smtp", "localhost", 2525, None)),
    "starttls with a user": ("smtp+starttls://u@m.example", SmtpServer("smtp+starttls", "m.example", 587, "u")),
    "a user that is an address": (
        "smtps://a%40b.example@m.example:4465",
        SmtpServer("smtps", "m.example", 4465, "a@b.example"),
    ),
    "an IPv6 address": ("smtp://[::1]:25", SmtpServer("smtp", "::1", 25, None)),
}


@pytest.mark.parametrize(("url", "server"), SERVERS.values(), ids=SERVERS)
def test_server_addresses(url: str, server: SmtpServer) -> None:
    assert SmtpServer.parse(url) == server


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown scheme": ({"server": "https://m.example"}, "channel desk: server: expected an address beginning with"),
    "no scheme": ({"server": "localhost:25"}, "channel desk: server: expected an address beginning with"),
    "no host": ({"server": "smtp://"}, "channel desk: server: expected scheme://host:port"),
    "a port that is none": ({"server": "smtp://m.example:99999"}, "channel desk: server: "),
    "a password in the address": ({"server": "smtps://u:hunter2@m.example"}, "expected no password in the address"),
    "a user without a password": ({"server": "smtps://u@m.example"}, "channel desk: password: expected one"),
    "a password over an open line": (
        {"server": "smtp://u@m.example", "password": PASSWORD},
        "expected smtps:// or smtp+starttls:// where a password is sent",
    ),
    "a recipient that is no address": ({"to": ("desk",)}, "channel desk: to: expected an address"),
    "a recipient with a header of its own": ({"to": ("a@b.example\r\nBcc: c@d.example",)}, "channel desk: to: "),
    "a recipient whose name needs another alphabet": ({"to": ("стіл@example.org",)}, "channel desk: to: "),
    "two recipients in one": ({"to": ("a@b.example, c@d.example",)}, "channel desk: to: "),
    "a sender that is no address": ({"sender": "lexwatch"}, "channel desk: sender: expected an address"),
}


@pytest.mark.parametrize(("options", "words"), FAULTS.values(), ids=FAULTS)
def test_addresses_that_cannot_be_used_are_named(options: dict[str, Any], words: str) -> None:
    settings = {"to": ("desk@example.org",), "sender": "l@example.org", "server": "smtp://localhost:25", **options}
    with pytest.raises(ConfigError) as caught:
        Email(name="desk", **settings)
    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_password_without_a_user_is_not_used(mailbox: MailServer) -> None:
    deliver(channel(mailbox.server, password=PASSWORD))
    assert len(mailbox.accepted) == 1


def test_names_and_other_domains_are_written_so_that_every_server_reads_them() -> None:
    email = Email(
        name="desk", to=("Стіл <desk@приклад.example>",), sender="Лекс <l@example.org>", server="smtp://localhost"
    )
    assert email.recipients == ("desk@xn--80aikifvh.example",)
    body = email.freeze(notice(TEXT)).body
    assert body.isascii()
    assert body.startswith(b"From: =?utf-8?b?")


def test_waiting_for_the_last_word_stays_within_the_lease() -> None:
    longest = SmtpTimeouts()
    assert longest.step + longest.total + longest.final < LEASE.total_seconds()


def test_smtplib_still_opens_its_connections_where_we_expect_it() -> None:
    """The address guard stands in a method that smtplib does not document."""
    assert hasattr(smtplib.SMTP, "_get_socket")


def test_the_script_server_hears_what_a_client_says() -> None:
    with speak() as script:
        assert isinstance(script, Script)
        deliver(channel(script.server))
    assert script.lines[1:3] == ["mail FROM:<lexwatch@example.org>", "rcpt TO:<desk@example.org>"]
