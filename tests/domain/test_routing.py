"""Who hears what, and why, as a table."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.alerts.routing import Audience, Reason, Route, Watch, decide, for_operator, group, routed
from domain.coded_text import coded
from domain.documents import DocumentId, named_feed, operational
from domain.jurisdictions.us.names import us_bill
from domain.records.facets import DEFAULT_KINDS, Kind
from domain.records.record import Change
from notifications.wording import reason_sentence

BILL = us_bill(119, "hr", 6508)
NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)
WATCH = Watch("nato", BILL, created_at=NOON - timedelta(days=1))
BOTH = {"desk": ("desk@example.org",), "room": ("room",)}


def change(kind: Kind = Kind.STATUS, document: DocumentId = BILL, seen_at: datetime = NOON) -> Change:
    return Change(document, 2, kind, "x", "REFERRED", "REPORTED", "Reported.", "2026-01-05", seen_at, "congress")


def audience(*routes: Route, watches: tuple[Watch, ...] = (WATCH,)) -> Audience:
    return Audience(watches, routes, BOTH, ("desk",))


CASES = {
    "without routes every channel hears the default kinds": (
        audience(),
        change(),
        True,
        [("desk", Reason.ROUTED), ("room", Reason.ROUTED)],
    ),
    "an action is not a default kind": (
        audience(),
        change(Kind.ACTION),
        True,
        [("desk", Reason.KIND_NOT_ROUTED), ("room", Reason.KIND_NOT_ROUTED)],
    ),
    "a baseline tells nobody": (
        audience(),
        change(),
        False,
        [("desk", Reason.BASELINE), ("room", Reason.BASELINE)],
    ),
    "what was seen before the watch was created is not for it": (
        audience(),
        change(seen_at=NOON - timedelta(days=2)),
        True,
        [("desk", Reason.BEFORE_WATCH), ("room", Reason.BEFORE_WATCH)],
    ),
    "a route names its channels": (
        audience(Route(("nato",), frozenset({Kind.STATUS}), ("room",))),
        change(),
        True,
        [("desk", Reason.KIND_NOT_ROUTED), ("room", Reason.ROUTED)],
    ),
    "a route may call a watch by a name that looks like a pattern": (
        audience(Route(("NATO [US]",), frozenset({Kind.STATUS}), ("desk",)), watches=(Watch("NATO [US]", BILL),)),
        change(),
        True,
        [("desk", Reason.ROUTED), ("room", Reason.KIND_NOT_ROUTED)],
    ),
    "a route may match watches by pattern": (
        audience(Route(("na*",), frozenset({Kind.STATUS}), ("desk",))),
        change(),
        True,
        [("desk", Reason.ROUTED), ("room", Reason.KIND_NOT_ROUTED)],
    ),
    "another document concerns nobody": (audience(), change(document=us_bill(119, "s", 2174)), True, []),
}


@pytest.mark.parametrize(("readers", "news", "established", "expected"), CASES.values(), ids=CASES.keys())
def test_decide(readers: Audience, news: Change, established: bool, expected: list[tuple[str, Reason]]) -> None:
    decisions = decide([news], readers, established=established)
    assert [(d.channel, d.reason) for d in decisions] == expected
    assert all(d.sends == (d.reason is Reason.ROUTED) for d in decisions)
    assert all(reason_sentence([d.explain()]) for d in decisions)


FEED = named_feed("White House actions")
ENTRY = DocumentId("feed", FEED.kind, ("0123456789abcdef",))


def entry(text: str | None, after: str | None = "A proclamation", document: DocumentId = ENTRY) -> Change:
    return Change(document, 1, Kind.APPEARED, "document", None, after, text, None, NOON, "feed/x")


WORDS = {
    "a watch on a feed hears of its entries": ((), entry("Anything"), Reason.ROUTED),
    "a word that occurs in the text is heard": (("NATO", "x"), entry("On NATO"), Reason.ROUTED),
    "a word that occurs in the title is heard": (("NATO",), entry(None, "On NATO"), Reason.ROUTED),
    "none of the words occurs": (("NATO", "North Atlantic"), entry("The senator"), Reason.WORDS_MISSING),
    "an entry without a word is not heard": (("NATO",), entry(None, None), Reason.WORDS_MISSING),
}


@pytest.mark.parametrize(("words", "news", "reason"), WORDS.values(), ids=WORDS.keys())
def test_words_are_a_condition(words: tuple[str, ...], news: Change, reason: Reason) -> None:
    readers = Audience((Watch("wh", FEED, words=words),), (), {"desk": ("desk@example.org",)})
    decisions = decide([news], readers, established=True)
    assert [(d.reason, d.sends) for d in decisions] == [(reason, reason is Reason.ROUTED)]


def test_the_reason_names_the_words_that_hit_or_those_that_did_not() -> None:
    readers = Audience((Watch("wh", FEED, words=("NATO", "Article 5")),), (), {"desk": ("desk@example.org",)})
    hit, miss = (decide([entry(text)], readers, established=True)[0].explain() for text in ("nato", "senator"))
    assert hit == routed("wh", str(entry("nato").document), "desk", [Kind.APPEARED], ("NATO",))
    assert miss == coded("reason.words_missing", watch="wh", channel="desk", words=("NATO", "Article 5"))


def test_the_entries_of_another_feed_are_not_was_alerted() -> None:
    other = DocumentId("feed", "white-house-actions-2", ("0123456789abcdef",))
    readers = Audience((Watch("wh", FEED),), (), {"desk": ("desk@example.org",)})
    assert decide([entry("NATO", document=other)], readers, established=True) == ()
    assert readers.follows(ENTRY) == DEFAULT_KINDS


def test_two_watches_on_one_document_make_one_alert_naming_both() -> None:
    readers = audience(watches=(WATCH, Watch("desk list", BILL)))
    alerts = group(decide([change(), change(Kind.TEXT)], readers, established=True))
    assert [(a.channel, a.watches, len(a.changes)) for a in alerts] == [
        ("desk", ("nato", "desk list"), 2),
        ("room", ("nato", "desk list"), 2),
    ]


def test_deciding_twice_makes_the_same_alert() -> None:
    once, again = (group(decide([change()], audience(), established=True)) for _ in range(2))
    assert [a.id for a in once] == [a.id for a in again]
    assert len({a.delivery_id(to) for a in once for to in ("a@example.org", "b@example.org")}) == 4


def test_the_operator_hears_by_his_channels_except_the_one_that_is_ill() -> None:
    news = change(Kind.CHANNEL, operational("channel", "Desk Room"))
    readers = Audience(recipients=BOTH, operator=("desk", "room"))
    assert [a.channel for a in for_operator(news, readers)] == ["desk", "room"]
    assert [a.channel for a in for_operator(news, readers, but_not="desk")] == ["room"]


def test_a_source_is_asked_for_what_any_route_wants() -> None:
    readers = audience(
        Route(("*",), frozenset({Kind.STATUS}), ("desk",)), Route(("nato",), frozenset({Kind.TITLE}), ("room",))
    )
    assert readers.follows(BILL) == {Kind.STATUS, Kind.TITLE}
    assert readers.follows(us_bill(119, "s", 1)) == frozenset()


def test_requesting_for_many_watches_costs_no_more_than_their_number() -> None:
    def calls(count: int) -> int:
        bills = [us_bill(119, "hr", number) for number in range(1, count + 1)]
        readers = Audience(tuple(Watch(str(bill), bill) for bill in bills), (), BOTH)
        counted = 0

        def count_one(*_: object) -> None:
            nonlocal counted
            counted += 1

        sys.setprofile(count_one)
        try:
            wanted = readers.following(bills)
        finally:
            sys.setprofile(None)
        assert set(wanted.values()) == {DEFAULT_KINDS}
        return counted

    assert calls(400) < 5 * calls(100)


def test_what_a_source_must_be_asked_for_is_worked_out_once() -> None:
    readers = audience(watches=(WATCH, Watch("wh", FEED), Watch("nothing")))
    looked_at: list[DocumentId] = []

    def reads(document: DocumentId) -> bool:
        looked_at.append(document)
        return document.is_feed

    assert [dict(readers.asked_of("feed/x", reads)) for _ in range(2)] == [{FEED: DEFAULT_KINDS}] * 2
    assert sorted(looked_at) == sorted((BILL, FEED))
    assert readers == audience(watches=(WATCH, Watch("wh", FEED), Watch("nothing")))
    assert dict(replace(readers, watches=()).asked_of("feed/x", reads)) == {}


def test_a_feed_is_not_asked_about_the_other_feeds() -> None:
    """Ten thousand feeds that look at each other's documents are a hundred million questions."""
    feeds = [DocumentId("feed", f"x{number}", ()) for number in range(50)]
    audience = Audience(tuple(Watch(str(feed), feed) for feed in feeds))
    asked: list[DocumentId] = []

    def reads(document: DocumentId) -> bool:
        asked.append(document)
        return document == feeds[7]

    assert list(audience.asked_of("feed/x7", reads)) == [feeds[7]]
    assert asked == [feeds[7]]
    assert list(audience.asked_of("congress", lambda document: document == feeds[3])) == [feeds[3]]
