"""Is a message told by Apprise, and is what it does not take known for what it is? On loopback."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import pytest

from domain.errors import ConfigError, DeliveryError
from domain.options import Secret
from notifications.apprise import Apprise, without_mentions
from tests.helpers.http_server import Reply, serve
from tests.notifications.notices import REPORTED, hostile, notice

pytest.importorskip("apprise")
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # one of Apprise's services

TOKEN = "s3cr3tT0ken"


def channel(url: str) -> Apprise:
    return Apprise(name="phone", url=Secret(url.replace("http://", "json://") + f"/{TOKEN}", "env:APPRISE_URL"))


def deliver(phone: Apprise, marks: list[str] | None = None) -> str:
    frozen = phone.freeze(notice(REPORTED, status="REPORTED"))
    return phone.send(
        frozen,
        delivery="dl-1",
        to="phone",
        about_to_commit=lambda: marks.append("marked") if marks is not None else None,
    )


def test_a_message_is_reported_once_with_subject_and_text() -> None:
    marks: list[str] = []
    with serve(lambda _: Reply(body=b"ok")) as receiver:
        assert deliver(channel(receiver.url), marks) == "taken"
    (asked,) = receiver.asked
    told = json.loads(asked.body)
    assert told["title"] == "[HR 6508 · 119th] Reported by committee (was: Referred)"
    assert "“Constructed: ordered to be reported.”" in told["message"]
    assert "al-0123456789ab" in told["message"]
    assert asked.path == f"/{TOKEN}"
    assert marks == ["marked"]


@pytest.mark.parametrize("status", [302, 401, 500])
def test_what_is_not_taken_may_have_arrived_and_no_redirect_is_followed(status: int) -> None:
    with serve(lambda _: Reply(status=status, headers={"Location": "/elsewhere"})) as receiver:
        with pytest.raises(DeliveryError) as caught:
            deliver(channel(receiver.url))
    assert len(receiver.asked) == 1
    assert (caught.value.permanent, caught.value.maybe_sent, caught.value.channel) == (False, True, True)
    assert str(status) in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_what_apprise_logs_goes_to_no_log_of_ours() -> None:
    """Its lines show addresses, which are secrets; `propagate` is what keeps them from the root logger."""
    channel("http://127.0.0.1:9")
    assert not logging.getLogger("apprise").propagate


def test_nobody_there_is_said_without_the_address() -> None:
    with pytest.raises(DeliveryError) as caught:
        deliver(channel("http://127.0.0.1:9"))
    assert caught.value.maybe_sent
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("url", ["nothing-of-the-kind://x", "https", "tgram://"])
def test_an_address_that_no_service_has_is_a_fault(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Apprise(name="phone", url=Secret(url, "env:APPRISE_URL"))
    assert "channel phone: url" in str(caught.value)


MENTIONS = {
    "everybody": "@everyone",
    "somebody": "and @desk",
    "a channel": "<!channel>",
    "a user": "<@U123>",
    "a role": "<@&42>",
    "a room": "<#C1>",
}


@pytest.mark.parametrize("text", MENTIONS.values(), ids=MENTIONS)
def test_nobody_is_mentioned(text: str) -> None:
    frozen = channel("http://127.0.0.1:9").freeze(replace(hostile(text), title=text))
    for words in (without_mentions(text), frozen.subject, frozen.body.decode()):
        assert text not in words
    assert without_mentions(text).replace("\N{WORD JOINER}", "") == text


def test_addresses_of_people_stay_as_they_are() -> None:
    assert without_mentions("to desk@example.org") == "to desk@example.org"
