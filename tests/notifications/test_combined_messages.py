"""OPS-1, DESK-1, DESK-2: is all named that a combined message is recorded to have sent? Everything is constructed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from domain.alerts.bundles import bundles, digest
from domain.alerts.delivery import CAUGHT_UP, Delivery, Frozen, State
from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.options import Secret
from domain.ports import Notice, Notifier
from domain.records.facets import Kind
from domain.records.record import Change
from domain.sources import Request, Response
from notifications.apprise import Apprise
from notifications.channel import Console
from notifications.email import Email
from notifications.slack import Slack
from notifications.webhook import LARGEST_BODY, Webhook
from tests.helpers.webhook_signature import SECRET
from tests.notifications.notices import SEEN, change, notice
from tests.notifications.test_slack import keeps_limits


def unused(_: Request) -> Response:
    raise AssertionError("freezing asks nobody")


HOOK = Secret("https://hooks.example.org/x", "env:HOOK")
CHANNELS: dict[str, Notifier] = {
    "email": Email(name="desk", to=["desk@example.org"], sender="l@example.org", server="smtp://localhost:25"),
    "slack": Slack(name="room", webhook=HOOK, http=unused),
    "webhook": Webhook(name="archive", webhook=HOOK, secret=Secret(SECRET, "env:SECRET"), http=unused),
    "console": Console(name="terminal"),
}


def waiting(number: int, document: DocumentId, digest_key: str) -> Delivery:
    return Delivery(
        id=f"dl-{number:012}",
        alerts=(f"al-{number:012}",),
        document=document,
        channel="desk",
        to="desk@example.org",
        state=State.PENDING,
        attempts=0,
        due_at=SEEN,
        created_at=SEEN,
        digest_key=digest_key,
    )


def sent(notifier: Notifier, parts: Sequence[Notice], digest_key: str) -> list[tuple[Notice, Frozen]]:
    """Return the messages that a channel makes of what waits for it, and what each is recorded to have sent."""
    deliveries = {
        delivery.id: part for n, part in enumerate(parts) for delivery in [waiting(n, part.document, digest_key)]
    }
    queue = [waiting(n, part.document, digest_key) for n, part in enumerate(parts)]
    groups = bundles(queue, cost=lambda delivery: notifier.cost(deliveries[delivery.id]), capacity=notifier.capacity)
    alone = [(delivery,) for delivery in queue if not any(delivery in group for group in groups)]
    found = []
    for group in (*groups, *alone):
        first = replace(group[0], alerts=tuple(alert for delivery in group for alert in delivery.alerts))
        told = digest(first, [deliveries[delivery.id] for delivery in group])
        found.append((told, notifier.freeze(told)))
    return found


def words(kind: str, message: Frozen) -> str:
    """Return what a person reads of a message, without line breaks."""
    if kind == "email":
        mail = message_from_bytes(message.body, policy=default)
        plain, html = (mail.get_body((form,)) for form in ("plain", "html"))
        assert plain is not None
        assert html is not None
        return " ".join(plain.get_content().split())
    if kind == "slack":
        keeps_limits(json.loads(message.body))
        return message.body.decode("unicode_escape")
    if kind == "webhook":
        assert len(message.body) <= LARGEST_BODY
        return json.dumps(json.loads(message.body), ensure_ascii=False)
    return " ".join(message.body.decode().split())


FEED = [DocumentId("feed", "acts", (f"entry-{n}",)) for n in range(150)]


def entries() -> Iterator[Notice]:
    for n, document in enumerate(FEED):
        news = change(Kind.APPEARED, None, f"Entry {n:03} of the feed", "Its words. " * 40, document=document)
        yield replace(notice(news), document=document, title=f"Entry {n:03} of the feed", url=f"https://x.example/{n}")


@pytest.mark.parametrize("kind", CHANNELS)
@pytest.mark.parametrize("digest_key", [CAUGHT_UP, "daily 08:00"])
def test_all_of_150_entries_of_a_feed_are_named(kind: str, digest_key: str) -> None:
    messages = sent(CHANNELS[kind], list(entries()), digest_key)
    assert sum(len(told.documents) for told, _ in messages) == 150
    for told, message in messages:
        read = words(kind, message)
        for part in told.parts:
            assert part.title in read, "recorded as sent, and not named"
    assert len(messages) <= 3


def week() -> list[Notice]:
    """Return the week of DESK-1: 107 changes in 17 bills."""
    parts = [_bill(n, [_action(n, line) for line in range(lines)]) for n, lines in enumerate((9, 17, 16, 17, 17), 1)]
    parts += [_bill(n, [_status(n, "PASS_OVER:SENATE"), *map(_cosponsor, [n] * 2)]) for n in range(6, 10)]
    parts += [_bill(n, [_status(n, "REPORTED"), _cosponsor(n)]) for n in (10, 11)]
    parts += [_bill(12, [change(Kind.APPEARED, None, "Constructed 12", document=us_bill(119, "hr", 12))])]
    return parts + [_bill(n, [_cosponsor(n)] * times) for n, times in zip(range(13, 18), (3, 3, 3, 3, 2), strict=True)]


def _bill(number: int, news: list[Change]) -> Notice:
    about = us_bill(119, "hr", number)
    named = [replace(one, document=about, subject=f"{place}") for place, one in enumerate(news)]
    status = next((one.after for one in news if one.kind is Kind.STATUS), "REFERRED")
    return replace(
        notice(*named, status=status), document=about, title=f"Constructed {number}", url=f"https://x.example/{number}"
    )


def _action(number: int, line: int) -> Change:
    return change(Kind.ACTION, None, f"Line {line} of {number}", f"Line {line} of {number}.", "2025-12-10")


def _status(number: int, status: str) -> Change:
    return change(Kind.STATUS, "REFERRED", status, f"Constructed: {status} of {number}.", "2025-12-11")


def _cosponsor(number: int) -> Change:
    return change(Kind.SPONSOR, None, f"Rep. Constructed {number}", on="2025-12-12")


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_week_of_107_changes_names_every_document_and_every_status(kind: str) -> None:
    parts = week()
    assert (sum(len(part.changes) for part in parts), len(parts)) == (107, 17)
    ((told, message),) = sent(CHANNELS[kind], parts, "weekly monday 08:00")
    read = words(kind, message)
    named = "us/bill/119/hr/{}@" if kind == "webhook" else "Constructed {}"
    assert all(named.format(n) in read for n in range(1, 18))
    if kind != "webhook":
        assert (read.count("Passed Senate") >= 4, read.count("Reported by committee") >= 2) == (True, True)
        assert read.index("Passed Senate") < read.index("Line 0 of 1"), "status changes come first"
    codes = ("PASS_OVER:SENATE", "REPORTED") if kind == "webhook" else ()
    assert [read.count(code) >= 2 for code in codes] == [True] * len(codes)
    assert set(message.counted_only) <= {change.key for part in told.parts for change in part.changes}


def test_what_found_no_line_is_counted_and_recorded_so() -> None:
    service = object.__new__(Apprise)
    service.name = "phone"
    service._render = CHANNELS["console"]._render  # type: ignore[attr-defined]
    ((told, message),) = sent(service, week()[:5], "weekly monday 08:00")
    read = message.body.decode()
    counted = dict.fromkeys(key.partition("@")[0] for key in message.counted_only)
    assert sorted(counted) == [f"us/bill/119/hr/{n}" for n in range(1, 6)], "each has its share of the room"
    assert all(f"HR {n} · 119th: New action" in read for n in range(1, 6))
    hidden = sum(int(line.split()[1]) for line in read.splitlines() if line.startswith("and "))
    assert hidden == len(message.counted_only)
    assert hidden + read.count("New action") == sum(len(part.changes) for part in told.parts)


def test_the_overview_comes_first_and_both_parts_of_a_mail_say_the_same() -> None:
    ((_, message),) = sent(CHANNELS["email"], week(), "weekly monday 08:00")
    mail = message_from_bytes(message.body, policy=default)
    plain, html = (mail.get_body((form,)) for form in ("plain", "html"))
    assert plain is not None
    assert html is not None
    texts = plain.get_content(), html.get_content()
    for text in texts:
        assert text.index("Overview") < text.index("Details")
    for said in ("Passed Senate (was: Referred)", "Where it stands", "What it means", "Line 16 of 2", "+8 more"):
        assert [said in text for text in texts] == [True, True], said


def test_a_message_is_cut_where_its_channel_can_name_no_more() -> None:
    slack = CHANNELS["slack"]
    many = [replace(one, created_at=SEEN + timedelta(minutes=n)) for n, one in enumerate(entries())]
    assert [len(told.parts) for told, _ in sent(slack, many, CAUGHT_UP)] == [slack.capacity, 150 - slack.capacity]
