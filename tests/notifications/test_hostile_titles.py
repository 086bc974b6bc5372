"""Hostile titles through every renderer in both languages: can any of them do more than be read?

Two hundred in each run, two thousand under `-m slow`; seeded, so that a failure comes back. Every title stands
wherever a publisher or user writes: title, change, quote, difference, note, reason, address. All constructed.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header, make_header
from io import StringIO

import pytest
from lxml import html as reader

from domain.coded_text import coded
from domain.options import Secret
from domain.ports import Notice
from notifications.apprise import without_mentions
from notifications.channel import Console
from notifications.compose import compose
from notifications.email import build_email
from notifications.message import Message
from notifications.slack import slack_payload
from notifications.templates import RenderOptions
from notifications.translation import LANGUAGES, language_of
from notifications.webhook import Webhook
from tests.helpers.webhook_signature import SECRET
from tests.notifications.notices import REPORTED, TEXT, TITLE, hostile, notice
from tests.notifications.test_channels import unused
from tests.notifications.test_hostile_text import HEADERS, MALICE
from tests.notifications.test_slack import keeps_limits

Titles = tuple[tuple[str, Notice, RenderOptions, Message], ...]

_RANGES = (
    (0x00, 0x1F),
    (0x7F, 0x9F),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2066, 0x2069),
    (0xD800, 0xDFFF),
    (0xE0000, 0xE007F),
    (0x1F300, 0x1F64F),
    (0x0590, 0x06FF),
    (0x0300, 0x036F),
    (0x0400, 0x045F),
    (0x20, 0x7E),
)
_PIECES = (
    *MALICE,
    "\r\nSubject: forged",
    "\nBcc: victim@example.org\n\n",
    "\x00",
    "\x85Bcc: x@example.org",
    "<b>bold</b><a href='https://evil.example'>x</a>",
    "<svg/onload=alert(1)>",
    "&lt;script&gt;&#60;script&#62;",
    "]]><!--",
    "*bold* _it_ ~gone~ `code` ```block```",
    "<!everyone> <!subteam^S1> <#C1> <mailto:x@example.org|x>",
    "@everyone @here @channel",
    "{{ letter.language }}{% raw %}",
    "%(x)s {after} {0} ${x}",
    "[- gone] [+ come] [+ <i>]",
    "a" * 2000,
    "слово " * 400,
    "🎉" * 700,
    "שלום \u202e مرحبا",
    "1 day left, 2025-12-09; the watch follows",
)


def titles(count: int) -> Iterator[str]:
    """Yield so many titles: pieces of malice and runs of odd characters put together by chance, of up to 2,000."""
    chance = random.Random(6508)
    known: set[str] = set()
    while len(known) < count:
        parts = []
        for _ in range(chance.randint(1, 4)):
            if chance.random() < 0.6:
                parts.append(chance.choice(_PIECES))
            else:
                low, high = chance.choice(_RANGES)
                parts.append("".join(chr(chance.randint(low, high)) for _ in range(chance.randint(1, 60))))
        title = "".join(parts)[:2000]
        if title not in known:
            known.add(title)
            yield title


def told(title: str) -> Notice:
    """Return a notice with this title in every place where a title can stand, and one line of difference."""
    changed = (
        replace(REPORTED, text=f"x{title}"),
        replace(TITLE, before=f"x{title}", after=f"y{title}"),
        replace(TEXT, after=f"x{title}", text=f"[- {title[:60].translate(_BRACKETS)}x] [+ y]"),
    )
    why = (coded("reason.test", channel=title),)
    return replace(
        notice(*changed, status="REPORTED"),
        title=f"x{title}",
        note=f"x{title}",
        reasons=why,
    )


_BRACKETS = {ord("["): "(", ord("]"): ")", ord("\n"): " "}
"""What marks a piece of a difference, and its line end, are structure of ours: a difference has none of them inside."""


def shape(page: bytes) -> Counter[str]:
    """Count the elements of a page as a browser would see them."""
    return Counter(str(element.tag) for element in reader.document_fromstring(page).iter())


RENDERINGS = tuple(RenderOptions(language_of(code), "Europe/Kyiv") for code in LANGUAGES)
LAYOUT = RENDERINGS[0].templates


@pytest.fixture(
    scope="module",
    params=[pytest.param(200, id="two hundred"), pytest.param(2000, id="two thousand", marks=pytest.mark.slow)],
)
def messages(request: pytest.FixtureRequest) -> Titles:
    """Return every title with its notice and message, the languages alternating; with the harmless ones first."""
    harmless = [("z", render) for render in RENDERINGS]
    hostiles = [(title, RENDERINGS[at % len(RENDERINGS)]) for at, title in enumerate(titles(request.param))]
    return tuple(
        (title, one, render, compose(one, render)) for title, render in harmless + hostiles for one in [told(title)]
    )


def test_every_title_is_another_one(messages: Titles) -> None:
    assert len({title for title, *_ in messages}) == len(messages) - len(RENDERINGS) + 1
    assert max(len(title) for title, *_ in messages) == 2000


def test_mail_keeps_its_headers_its_recipient_and_its_elements(messages: Titles) -> None:
    harmless = shape(LAYOUT.as_html(messages[0][3]).encode())
    for title, one, _, message in messages:
        body = build_email(message, one, ("", "lexwatch@example.org"), LAYOUT, "mailto:leave@example.org")
        mail = message_from_bytes(body)
        assert mail.keys() == [*HEADERS[:11], "List-Unsubscribe", *HEADERS[11:]], repr(title)
        assert mail["To"] == "desk@example.org"
        assert str(make_header(decode_header(mail["Subject"]))) == message.subject
        assert not mail.defects
        assert body.isascii()
        assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\0", body), repr(title)
        page = mail.get_payload(1).get_payload(decode=True)  # type: ignore[union-attr]
        assert shape(page) == harmless, repr(title)


def test_slack_shows_no_live_sequence_and_stays_in_its_limits(messages: Titles) -> None:
    for title, _, _, message in messages:
        payload = slack_payload(message)
        keeps_limits(payload)
        for words in _texts(payload):
            ours = re.sub(r"^<https://[^\s<>|]+\|([^<>]*)>(?=\n| · |$)", r"\1", words)
            assert "<" not in ours, repr(title)
            assert not re.search(r"&(?!amp;|lt;|gt;)", ours), repr(title)
            assert not words.endswith("```") or not words.startswith("*") or words.count("```") == 2, repr(title)


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) and value.get("type") == "mrkdwn" else []
        return own + [word for inner in value.values() for word in _texts(inner)]
    return [word for inner in value for word in _texts(inner)] if isinstance(value, list) else []


def _by_apprise(message: Message) -> str:
    return without_mentions(LAYOUT.as_short_text(message))


@pytest.mark.parametrize("show", [LAYOUT.as_console, _by_apprise], ids=["on a terminal", "by Apprise"])
def test_plain_text_has_as_many_lines_as_ever_and_nothing_that_steers(
    messages: Titles, show: Callable[[Message], str]
) -> None:
    lines = show(messages[0][3]).count("\n")
    for title, _, _, message in messages:
        text = show(message)
        assert text.count("\n") == lines, repr(title)
        assert all(c == "\n" or c.isprintable() or c == "\N{WORD JOINER}" for c in text), repr(title)
        assert show is not _by_apprise or not re.search(r"(?<!\w)@\w|<[!@#]", text), repr(title)


def test_the_text_of_a_mail_is_printable(messages: Titles) -> None:
    for title, _, _, message in messages:
        assert all(c == "\n" or c.isprintable() for c in LAYOUT.as_text(message)), repr(title)


def test_webhooks_carry_the_same_members_in_plain_ascii(messages: Titles) -> None:
    hook = Secret("https://hooks.example.org/in", "env:HOOK")
    channels = {
        render.language.code: Webhook(
            name="w", webhook=hook, secret=Secret(SECRET, "env:SECRET"), http=unused, render=render
        )
        for render in RENDERINGS
    }
    members = None
    for title, one, render, _ in messages:
        body = channels[render.language.code].freeze(one).body
        assert re.fullmatch(rb"[ -~]+", body)
        members = members or json.loads(body).keys()
        assert json.loads(body).keys() == members, repr(title)


def test_subjects_are_one_printable_line_of_at_most_200_characters(messages: Titles) -> None:
    for title, _, render, message in messages:
        assert message.subject.isprintable()
        assert len(message.subject) <= 200
        if len(title) % 5 == 0:  # a fifth of them in every place of a notice at once
            subject = compose(hostile(title), render).subject
            assert subject.isprintable()
            assert len(subject) <= 200


def test_each_delivery_on_a_stream_is_one_block(messages: Titles) -> None:
    stream = StringIO()
    console = Console(name="c", stream=stream)
    for title, one, _, _ in messages[:200]:
        console.send(console.freeze(one), delivery="dl-1", to="c", about_to_commit=lambda: None)
        assert stream.getvalue().endswith("\n\n"), repr(title)
    assert stream.getvalue().count("\n[HR 6508 · 119th]") == 199
