"""Can a publisher's words do anything but be read?"""

from __future__ import annotations

import json
import re
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import DeliveryError
from domain.options import Secret
from notifications.channel import Console
from notifications.compose import compose
from notifications.email import Email
from notifications.slack import slack_payload
from notifications.templates import SHIPPED
from notifications.webhook import Webhook
from notifications.webhook import webhook_payload as told_by_webhook
from tests.helpers.mail_server import serve_mail
from tests.helpers.webhook_signature import SECRET
from tests.notifications.notices import hostile
from tests.notifications.test_channels import unused
from tests.notifications.test_slack import keeps_limits

HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "X-Lexwatch-Document",
    "X-Lexwatch-Kinds",
    "X-Lexwatch-Alert",
    "List-Id",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
]

MALICE = (
    "x\r\nBcc: victim@example.org",
    "x\n\n<script>alert(1)</script>",
    "\r\n.\r\nMAIL FROM:<a@b.example>\r\n",
    "</title></style><img src=x onerror=alert(1)>",
    '"><a href="javascript:alert(1)">x</a>',
    "{{ 7*7 }}{% for x in range(9) %}{{ x }}{% endfor %}",
    "{before} {0.__class__} {after!r}",
    "<!channel> <!here|here> <@U123> <https://evil.example|ok> &lt;!channel&gt;",
    "https://evil.example/a|b>",
    "\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "\u202eevil\u2066",
    "\ud800\udfff",
    "=?utf-8?q?=0ABcc:_x?=",
    "--=_lexwatch\r\nContent-Type: text/html\r\n\r\n<b>",
    "--=_lexwatch--",
    ".",
    "",
    " ",
    "А" * 5000,
    "\u0301" * 3000,
    "a" * 100_000,
)

PIECES = st.sampled_from(MALICE) | st.text(max_size=80) | st.text(st.characters(), max_size=40)
TEXTS = st.lists(PIECES, max_size=4).map("".join)


def email(server: str = "smtp://localhost:25") -> Email:
    return Email(name="desk", to=("desk@example.org",), sender="lexwatch@example.org", server=server)


class Elements(HTMLParser):
    """Collects elements, and the attributes that could load or run something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), name
            if name in ("href", "src", "action", "background"):
                self.links.append(value or "")


def elements(html: str) -> Elements:
    parser = Elements()
    parser.feed(html)
    parser.close()
    return parser


@pytest.mark.parametrize("text", MALICE)
@pytest.mark.parametrize("renderer", ["mail", "html", "text", "console", "slack", "webhook"])
def test_known_malice_is_only_read(text: str, renderer: str) -> None:
    CHECKS[renderer](text)


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_any_text_is_only_read(text: str) -> None:
    for check in CHECKS.values():
        check(text)


def _mail(text: str) -> None:
    """The headers are the same whatever the words, and go to the same person."""
    frozen = email().freeze(hostile(text))
    mail = message_from_bytes(frozen.body, policy=policy.default)
    assert mail.keys() == HEADERS
    assert not mail.defects
    assert mail["To"] == "desk@example.org"
    assert mail["Subject"] == frozen.subject
    assert len(frozen.subject) <= 200
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert frozen.body.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\0", frozen.body)
    assert max(map(len, frozen.body.split(b"\r\n"))) <= 998
    assert email().freeze(hostile(text)) == frozen


def _html(text: str) -> None:
    """The words add no element and no address but the page of the document."""
    plain = elements(SHIPPED.as_html(compose(hostile("x"))))
    found = elements(SHIPPED.as_html(compose(hostile(text))))
    assert set(found.tags) <= set(plain.tags) | {"a", "blockquote", "p", "h2", "br", "span"}
    assert not {"script", "img", "iframe", "form", "object", "svg"} & set(found.tags)
    assert found.tags.count("style") == found.tags.count("title") == 1
    assert all(link.startswith(("https://", "http://")) for link in found.links)
    assert len(found.links) <= 1


def _text(text: str) -> None:
    assert all(c == "\n" or c.isprintable() for c in SHIPPED.as_text(compose(hostile(text))))


def _console(text: str) -> None:
    block = Console(name="console").freeze(hostile(text)).body.decode()
    assert all(c == "\n" or c.isprintable() for c in block)


def _slack(text: str) -> None:
    """Every `<` of a text is ours: the link to the document's page."""
    message = slack_payload(compose(hostile(text)))
    keeps_limits(message)
    for words in _words(message):
        for line in words.split("\n"):
            left = re.sub(r"^<https?://[^\s<>|]+\|[^<>]*>(?= · |$)", "", line)
            assert not re.search(r"[<]|&(?!amp;|lt;|gt;)", left), words
            assert ">" not in left.removeprefix("> ")
    json.dumps(message).encode("ascii")


def _words(value: object) -> list[str]:
    """Collect every text of a message that Slack would show."""
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [word for inner in value.values() if not isinstance(inner, str) for word in _words(inner)]
    if isinstance(value, list):
        return [word for inner in value for word in _words(inner)]
    return []


def _webhook(text: str) -> None:
    """The body is JSON in plain ASCII, and every string of it one printable line."""
    hook = Secret("https://hooks.example.org/in", "env:HOOK")
    frozen = Webhook(name="w", webhook=hook, secret=Secret(SECRET, "env:SECRET"), http=unused).freeze(hostile(text))
    assert re.fullmatch(rb"[ -~]+", frozen.body)
    assert len(frozen.body) <= 100_000
    told = json.loads(frozen.body)
    assert told.keys() == told_by_webhook(hostile("x"), "w").keys()
    for value in (*told.values(), *(value for change in told["changes"] for value in change.values())):
        assert not isinstance(value, str) or value.isprintable()


CHECKS = {"mail": _mail, "html": _html, "text": _text, "console": _console, "slack": _slack, "webhook": _webhook}


def test_a_title_with_line_breaks_is_delivered_to_one_recipient_with_one_subject() -> None:
    with serve_mail() as mailbox:
        channel = email(mailbox.server)
        for text in MALICE:
            frozen = channel.freeze(hostile(text))
            try:
                channel.send(frozen, delivery="dl-1", to="desk@example.org", about_to_commit=lambda: None)
            except DeliveryError as error:
                raise AssertionError(f"{text[:40]!r}: {error}") from error
    assert len(mailbox.accepted) == len(MALICE)
    assert {mail.recipients for mail in mailbox.accepted} == {("desk@example.org",)}
    assert all(mail.message.keys() == HEADERS for mail in mailbox.accepted)
