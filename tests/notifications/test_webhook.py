"""Is another program told once, so that it can tell that it was us, and is every answer understood?"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.coded_text import coded
from domain.errors import Blocked, Changed, ConfigError, DeliveryError, Refused, SourceError, Unavailable
from domain.options import Secret
from domain.ports import Http
from domain.records.record import change_as_json
from domain.sources import Request, Response
from notifications.webhook import LARGEST_BODY, Webhook, webhook_payload
from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.helpers.webhook_signature import OTHER, SECRET, verifies
from tests.notifications.notices import LONG_TITLE, REPORTED, TEXT, TITLE, notice
from tests.notifications.test_slack import ask

PATH = "/in/s3cr3tT0ken?key=s3cr3tK3y"
DELIVERY = "dl-0123456789ab"
ATTEMPT = 1_766_815_200


def channel(
    url: str, http: Http = ask, *, secret: str = SECRET, clock: Callable[[], float] = lambda: ATTEMPT
) -> Webhook:
    return Webhook(
        name="archive",
        webhook=Secret(url + PATH, "env:ARCHIVE_URL"),
        secret=Secret(secret, "env:ARCHIVE_SECRET"),
        http=http,
        clock=clock,
    )


def deliver(webhook: Webhook, mark: Callable[[], None] = lambda: None) -> str:
    return webhook.send(webhook.freeze(notice(TEXT)), delivery=DELIVERY, to="archive", about_to_commit=mark)


def refusal(webhook: Webhook) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        deliver(webhook)
    return caught.value


def test_a_message_is_posted_as_it_was_frozen_and_its_signature_is_right() -> None:
    with serve(lambda _: Reply(202, b"queued", "text/plain")) as receiver:
        webhook = channel(receiver.url)
        assert deliver(webhook) == "202 queued"
    (asked,) = receiver.asked
    assert (asked.method, asked.headers["content-type"]) == ("POST", "application/json")
    assert asked.body == webhook.freeze(notice(TEXT)).body
    assert (asked.headers["webhook-id"], asked.headers["webhook-timestamp"]) == (DELIVERY, str(ATTEMPT))
    assert verifies(asked.headers, asked.body, now=ATTEMPT + 60)
    assert not verifies(asked.headers, asked.body, now=ATTEMPT + 301)
    assert not verifies(asked.headers, asked.body, OTHER)


def test_while_a_secret_is_replaced_the_old_one_still_verifies() -> None:
    with serve(lambda _: Reply(204)) as receiver:
        assert deliver(channel(receiver.url, secret=f"{OTHER} {SECRET}")) == "204"
    (asked,) = receiver.asked
    assert verifies(asked.headers, asked.body, SECRET)
    assert verifies(asked.headers, asked.body, OTHER)


def test_a_repeat_carries_the_same_id_and_bytes_with_a_stamp_and_signature_of_its_own() -> None:
    answers, seconds = iter([Reply(503), Reply(204)]), iter([ATTEMPT + 0.9, ATTEMPT + 3600])

    def stumbling(_: ReceivedRequest) -> Reply:
        return next(answers)

    with serve(stumbling) as receiver:
        webhook = channel(receiver.url, clock=lambda: next(seconds))
        refusal(webhook)
        deliver(webhook)
    first, second = receiver.asked
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert [asked.headers["webhook-timestamp"] for asked in receiver.asked] == [str(ATTEMPT), str(ATTEMPT + 3600)]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    assert all(verifies(asked.headers, asked.body) for asked in receiver.asked)


def test_the_mark_is_set_once_before_anything_is_asked() -> None:
    marks: list[int] = []
    with serve(lambda _: Reply(204)) as receiver:
        deliver(channel(receiver.url), lambda: marks.append(len(receiver.asked)))
    assert marks == [0]


def test_a_mark_that_cannot_be_set_stops_the_message() -> None:
    def full_disk() -> None:
        raise OSError("disk full")

    with serve(lambda _: Reply(204)) as receiver:
        with pytest.raises(OSError, match="disk full"):
            deliver(channel(receiver.url), full_disk)
    assert not receiver.asked


@pytest.mark.parametrize("status", [200, 201, 202, 203, 204, 205, 206, 207, 226, 299])
def test_every_2xx_is_a_yes_whatever_is_said_with_it(status: int) -> None:
    with serve(lambda _: Reply(status, b"\x1b[31m\xff{not json")) as receiver:
        answer = deliver(channel(receiver.url))
    assert answer.startswith(str(status))
    assert answer.isprintable()


# answer -> permanent, maybe_sent, retry_after in seconds
ANSWERS: dict[str, tuple[Reply, bool, bool, int | None]] = {
    "too many messages": (Reply(429, headers={"Retry-After": "30"}), False, False, 30),
    "busy, with a pause": (Reply(503, headers={"Retry-After": "120"}), False, True, 120),
    "an error inside the receiver": (Reply(500), False, True, None),
    "a timeout on the receiver's side": (Reply(408), False, False, None),
    "too early": (Reply(425), False, False, None),
    "a gateway that waited in vain": (Reply(504), False, True, None),
    "a gateway that understood nothing": (Reply(502), False, True, None),
    "a receiver that is gone for good": (Reply(410), False, False, None),
    "a body it cannot read": (Reply(400), True, False, None),
    "a signature it does not take": (Reply(401), False, False, None),
    "an address that is none": (Reply(404), False, False, None),
    "a body too large for it": (Reply(413), True, False, None),
    "a redirect is not a yes": (Reply(308, headers={"Location": "/elsewhere"}), False, False, None),
    "an answer to another question": (Reply(304), False, False, None),
}


A_PERSON_MUST_ACT = {"a receiver that is gone for good", "a signature it does not take", "an address that is none"}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_the_next_message_would_hear_too_is_the_channels(name: str) -> None:
    with serve(lambda _: ANSWERS[name][0]) as receiver:
        error = refusal(channel(receiver.url))
    assert error.refused == (name in A_PERSON_MUST_ACT)
    assert error.channel != error.permanent


@pytest.mark.parametrize(("answer", "permanent", "maybe_sent", "pause"), ANSWERS.values(), ids=ANSWERS)
def test_answers(answer: Reply, permanent: bool, maybe_sent: bool, pause: int | None) -> None:
    with serve(lambda _: answer) as receiver:
        error = refusal(channel(receiver.url))
    assert (error.permanent, error.maybe_sent) == (permanent, maybe_sent), str(error)
    assert error.retry_after == (timedelta(seconds=pause) if pause else None)
    assert len(receiver.asked) == 1


# fault on the way -> permanent, maybe_sent
FAULTS: dict[str, tuple[SourceError, bool, bool]] = {
    "no connection: certainly not sent": (Unavailable("refused", reached=False), False, False),
    "an address that is not allowed: certainly not sent": (Refused("private", reached=False), False, False),
    "no answer: perhaps sent": (Unavailable("timed out"), False, True),
    "an answer cut short after a yes: perhaps sent": (Unavailable("truncated", status=200), False, True),
    "a challenge in front of the receiver is not its own word": (Blocked("challenge", status=403), False, False),
}


@pytest.mark.parametrize(("fault", "permanent", "maybe_sent"), FAULTS.values(), ids=FAULTS)
def test_what_happened_on_the_way(fault: SourceError, permanent: bool, maybe_sent: bool) -> None:
    def broken(_: Request) -> Response:
        raise fault

    error = refusal(channel("https://archive.example.org", broken))
    assert (error.permanent, error.maybe_sent) == (permanent, maybe_sent)


def test_a_yes_with_more_than_we_read_is_a_yes() -> None:
    def talkative(_: Request) -> Response:
        raise Changed("expected at most 65536 bytes", status=200)

    assert deliver(channel("https://archive.example.org", talkative)).startswith("200")


def test_address_and_secret_appear_nowhere() -> None:
    with serve(lambda _: Reply(404, f"nothing at {PATH}, s3cr3tK3y".encode())) as receiver:
        webhook = channel(receiver.url)
        error = refusal(webhook)
        receiver.answer = lambda _: Reply(200, f"taken at {PATH}, s3cr3tK3y".encode())
        told = f"{error!r} {error} {error.__cause__} {webhook!r} {vars(webhook)} {deliver(webhook)}"
    told += webhook.freeze(notice(TEXT)).body.decode()
    assert not [word for word in ("s3cr3tT0ken", "s3cr3tK3y", SECRET, "QUJDQUJD") if word in told]
    assert error.__suppress_context__


def test_a_secret_that_is_none_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(ConfigError, match=r"^channel archive: secret: expected whsec_"):
        channel("https://archive.example.org", secret="s3cret")


def test_the_body_says_what_alerts_and_history_say() -> None:
    told = json.loads(channel("https://x.example").freeze(notice(TEXT, REPORTED, status="REPORTED")).body)
    assert told.pop("changes") == [change_as_json(REPORTED), change_as_json(TEXT)], "most important first"
    assert told == {
        "alert": "al-0123456789ab",
        "delivery": "dl-0123456789ab",
        "id": "us/bill/119/hr/6508",
        "title": "NATO Act",
        "url": "https://www.congress.gov/bill/119th-congress/house-bill/6508",
        "status": "REPORTED",
        "status_on": "2025-12-09",
        "more": 0,
        "watch": "us/bill/119/hr/6508",
        "note": "US withdrawal from NATO",
        "channel": "archive",
        "to": "desk@example.org",
        "created_at": "2025-12-27T06:00:00Z",
        "reason": "you watch HR 6508 · 119th: texts go to desk",
        "corrects": None,
        "subject": "[HR 6508 · 119th] Reported by committee (was: Referred) +1 more",
    }


def test_a_correction_names_what_it_corrects() -> None:
    assert webhook_payload(notice(TEXT, replace(TITLE, corrects=REPORTED.key)), "archive")["corrects"] == REPORTED.key


def test_what_is_absent_is_null_and_what_is_long_is_whole_up_to_its_limit() -> None:
    told = webhook_payload(replace(notice(TITLE), title=None, note=None, watches=(), url=None), "archive")
    assert {told[name] for name in ("title", "note", "watch", "url")} == {None}
    assert told["changes"][0]["before"] == LONG_TITLE


BULK = {
    "more changes than a message lists": (200, "x" * 10, 60),
    "changes that are long": (60, "x" * 9000, 20),
    "changes in another script": (60, "Про затвердження " * 500, 4),
    "one change that is nothing but pictures": (1, "\U0001f5f3" * 9000, 1),
}


@pytest.mark.parametrize(("count", "words", "at_least"), BULK.values(), ids=BULK)
def test_a_body_stays_below_what_receivers_read(count: int, words: str, at_least: int) -> None:
    many = [replace(TEXT, subject=str(n), before=words, after=f"{n} {words}", text=words) for n in range(count)]
    why = (coded("reason.test", channel=words),)
    full = replace(notice(*many), title=words, note=words, reasons=why, watches=(words, words))
    frozen = channel("https://x.example").freeze(full)
    told = json.loads(frozen.body)
    assert len(frozen.body) <= max(LARGEST_BODY, 100_000)
    assert len(told["changes"]) >= at_least
    assert len(told["changes"]) + told["more"] == count
