"""Is a Slack message put up once, and is every answer understood?"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from domain.coded_text import coded
from domain.errors import DeliveryError, SourceError, Unavailable
from domain.options import Secret
from domain.ports import Http
from domain.sources import Request, Response
from notifications.compose import compose
from notifications.slack import Slack, escape_mrkdwn, slack_payload
from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.notifications.notices import REPORTED, TEXT, TITLE, notice

PATH = "/services/T00000000/B00000000/s3cr3tT0ken"


def ask(request: Request) -> Response:
    """Ask over loopback as the real door would, in a dozen lines."""
    parts = urlsplit(request.url)
    line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    try:
        line.request(request.method, parts.path, request.body, dict(request.headers))
        answer = line.getresponse()
        body = answer.read()
    except ConnectionRefusedError as error:
        raise Unavailable(f"{request.url}: {error}", reached=False) from error
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable(f"{request.url}: {error}") from error
    finally:
        line.close()
    if answer.status not in request.expect:
        pause = answer.getheader("Retry-After")
        raise Unavailable(
            f"{request.url}: {answer.status} {body.decode()}",
            status=answer.status,
            retry_after=timedelta(seconds=int(pause)) if pause else None,
        )
    return Response(answer.status, request.url, {}, body, datetime.now(UTC))


def channel(url: str, http: Http = ask) -> Slack:
    return Slack(name="policy-room", webhook=Secret(url + PATH, "env:SLACK_WEBHOOK_URL"), http=http)


def deliver(slack: Slack, mark: Callable[[], None] = lambda: None) -> str:
    frozen = slack.freeze(notice(TEXT))
    return slack.send(frozen, delivery="dl-0123456789ab", to="policy-room", about_to_commit=mark)


def refusal(slack: Slack) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        deliver(slack)
    return caught.value


def test_a_message_is_posted_as_it_was_frozen() -> None:
    with serve(lambda _: Reply(body=b"ok", content_type="text/html")) as receiver:
        slack = channel(receiver.url)
        assert deliver(slack) == "200 ok"
    (asked,) = receiver.asked
    assert (asked.method, asked.path) == ("POST", PATH)
    assert asked.headers["content-type"] == "application/json"
    assert asked.body == slack.freeze(notice(TEXT)).body
    assert b"dl-0123456789ab" in asked.body
    assert b"al-0123456789ab" in asked.body


def test_the_mark_is_set_once_before_anything_is_asked() -> None:
    marks: list[int] = []
    with serve(lambda _: Reply(body=b"ok")) as receiver:
        deliver(channel(receiver.url), lambda: marks.append(len(receiver.asked)))
    assert marks == [0]


def test_a_mark_that_cannot_be_set_stops_the_message() -> None:
    def full_disk() -> None:
        raise OSError("disk full")

    with serve(lambda _: Reply(body=b"ok")) as receiver:
        with pytest.raises(OSError, match="disk full"):
            deliver(channel(receiver.url), full_disk)
    assert not receiver.asked


# answer -> permanent, maybe_sent, retry_after in seconds
ANSWERS: dict[str, tuple[Reply, bool, bool, int | None]] = {
    "too many messages": (Reply(429, headers={"Retry-After": "30"}), False, False, 30),
    "an error inside Slack": (Reply(500, b"rollup_error"), False, True, None),
    "Slack is busy": (Reply(503), False, True, None),
    "a gateway that waited in vain": (Reply(504), False, True, None),
    "a gateway that understood nothing": (Reply(502), False, True, None),
    "a message Slack cannot read": (Reply(400, b"invalid_payload"), True, False, None),
    "a forbidden action": (Reply(403, b"action_prohibited"), False, False, None),
    "a webhook that is gone": (Reply(404, b"no_service"), False, False, None),
    "a channel that is archived": (Reply(410, b"channel_is_archived"), False, False, None),
    "a timeout on Slack's side": (Reply(408), False, False, None),
    "a redirect is not a yes": (Reply(302, headers={"Location": "/elsewhere"}), False, False, None),
    "a yes that is none": (Reply(200, b'{"ok":false,"error":"invalid_auth"}'), False, False, None),
    "a message it says no to in a yes": (Reply(200, b'{"ok":false,"error":"invalid_blocks"}'), True, False, None),
    "a yes that passes": (Reply(200, b'{"ok":false,"error":"ratelimited"}'), False, False, None),
    "a page instead of an answer": (Reply(200, b"<html>please log in</html>"), False, True, None),
    "an empty answer": (Reply(200), False, True, None),
}


A_PERSON_MUST_ACT = {
    "a forbidden action",
    "a webhook that is gone",
    "a channel that is archived",
    "a yes that is none",
    "a page instead of an answer",
    "an empty answer",
}


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


FAULTS: dict[str, tuple[SourceError, bool]] = {
    "no connection: certainly not sent": (Unavailable("refused", reached=False), False),
    "no answer: perhaps sent": (Unavailable("timed out"), True),
    "an answer cut short after a yes: perhaps sent": (Unavailable("truncated", status=200), True),
}


@pytest.mark.parametrize(("fault", "maybe_sent"), FAULTS.values(), ids=FAULTS)
def test_what_happened_on_the_way(fault: SourceError, maybe_sent: bool) -> None:
    def broken(_: Request) -> Response:
        raise fault

    error = refusal(channel("https://hooks.example.org", broken))
    assert (error.permanent, error.maybe_sent) == (False, maybe_sent)


def test_the_answer_of_the_newer_interface_is_a_yes_too() -> None:
    with serve(lambda _: Reply(body=b'{"ok":true}')) as receiver:
        assert deliver(channel(receiver.url)) == "200 ok"


def test_the_webhooks_address_appears_nowhere() -> None:
    with serve(lambda asked: Reply(404, asked.path.encode())) as receiver:
        slack = channel(receiver.url)
        error = refusal(slack)
    told = f"{error!r} {error} {error.__cause__} {slack!r} {vars(slack)}"
    assert "s3cr3tT0ken" not in told
    assert "[webhook]" in str(error)
    assert error.__suppress_context__


MIRRORS = {
    "in plain words": lambda asked: Reply(200, asked.path.encode(), "text/plain"),
    "in JSON": lambda asked: Reply(200, json.dumps({"ok": False, "error": asked.path}).encode()),
    "under brackets without end": lambda asked: Reply(200, b"[" * 60_000 + asked.path.encode()),
}


@pytest.mark.parametrize("mirror", MIRRORS.values(), ids=MIRRORS)
def test_an_answer_that_repeats_the_address_is_not_quoted(mirror: Callable[[ReceivedRequest], Reply]) -> None:
    with serve(mirror) as receiver:
        assert "s3cr3tT0ken" not in str(refusal(channel(receiver.url)))


ESCAPES = {
    "a mention": ("<!channel> <@U123>", 50, "&lt;!channel&gt; &lt;@U123&gt;"),
    "an ampersand": ("A&B &amp;", 50, "A&amp;B &amp;amp;"),
    "a text that fits exactly": ("<<", 8, "&lt;&lt;"),
    "an escape is not cut in two": ("<<", 7, "&lt;…"),
    "a long text": ("abcdef", 4, "abc…"),
}


@pytest.mark.parametrize(("text", "limit", "escaped"), ESCAPES.values(), ids=ESCAPES)
def test_escaping(text: str, limit: int, escaped: str) -> None:
    assert escape_mrkdwn(text, limit) == escaped
    assert len(escaped) <= limit


def test_slacks_limits_are_kept() -> None:
    many = tuple(replace(TEXT, subject=str(n), after=f"<{n}> " + "&" * 5000, text="<" * 9000) for n in range(90))
    why = (coded("reason.test", channel=">" * 9000),)
    told = replace(
        notice(*many, TITLE, REPORTED),
        title="&" * 9000,
        note="<" * 9000,
        reasons=why,
    )
    told = replace(told, alerts=tuple(f"al-{n:012x}" for n in range(500)), url="https://x.example/" + "a" * 1900)
    keeps_limits(slack_payload(compose(told)))


def keeps_limits(message: dict[str, Any]) -> None:
    """Check what Slack would refuse (its reference of blocks: header, section, context)."""
    assert len(json.dumps(message)) < 200_000
    assert 0 < len(message["text"]) < 40_000
    assert 1 <= len(message["blocks"]) <= 50
    for block in message["blocks"]:
        match block["type"]:
            case "header":
                assert 0 < len(block["text"]["text"]) <= 150
            case "section":
                assert 0 < len(block.get("text", {"text": "x"})["text"]) <= 3000
                assert len(block.get("fields", ())) <= 10
                assert all(0 < len(field["text"]) <= 2000 for field in block.get("fields", ()))
            case "context":
                assert 0 < len(block["elements"]) <= 10
                assert all(0 < len(element["text"]) <= 3000 for element in block["elements"])


def test_a_slow_room_does_not_change_the_bytes() -> None:
    """Slack takes the message and then stumbles: the repeat carries the same identity and the same bytes."""
    answers = iter([Reply(500), Reply(body=b"ok")])

    def stumbling(_: ReceivedRequest) -> Reply:
        return next(answers)

    with serve(stumbling) as receiver:
        slack = channel(receiver.url)
        refusal(slack)
        deliver(slack)
    assert receiver.asked[0].body == receiver.asked[1].body
