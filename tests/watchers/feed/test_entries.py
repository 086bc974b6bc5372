"""What is told of a feed, and what is not. The numbers are those of the catalogue of faults: cases 71 to 82 and 86."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from msgspec import Raw, structs

from domain.records.facets import Kind
from domain.sources import Health
from tests.watchers.feed.feed_poller import ADDRESS, FEED, FeedPoller, Item, acts, atom, following, rss
from watchers.client import AnswerState
from watchers.feed.cursor import FeedCursor, dump_cursor, load_cursor
from watchers.feed.entries import EntryTraits

TEN = acts(*range(1, 11))


def test_the_first_poll_is_the_baseline() -> None:
    desk = FeedPoller()
    assert desk.news(rss(TEN)) == []
    assert desk.store.changes == ()
    assert len(desk.source.cursor or "") < 10 * 90 + 300


def test_a_new_entry_is_reported_in_its_own_words_with_both_dates() -> None:
    desk = following(rss(TEN))
    new = Item(11, "Act on NATO", "On the <b>North&nbsp;Atlantic</b> Treaty.", on="Tue, 06 Jan 2026 09:30:00 +0200")
    [change] = desk.news(rss([new, *TEN]))
    assert change.kind is Kind.APPEARED
    assert change.after == "Act on NATO"
    assert change.text == "Act on NATO\nOn the North Atlantic Treaty."
    assert change.happened_on == "2026-01-06"
    assert change.published_at == datetime(2026, 1, 6, 7, 30, tzinfo=UTC)
    assert change.seen_at == desk.now
    assert change.document.is_within(FEED)
    assert change.evidence in desk.store.evidence
    assert desk.news() == []


def test_71_entries_that_share_a_guid_are_all_reported() -> None:
    shared = [Item(n, guid="same") for n in range(1, 4)]
    desk = following(rss(shared))
    assert desk.titles(rss([*shared, Item(4, guid="same"), Item(5, guid="same")])) == ["Act 4", "Act 5"]
    assert desk.titles(rss([Item(6, guid="same")])) == ["Act 6"]


def test_71_a_guid_that_comes_to_be_shared_loses_neither() -> None:
    desk = following(rss([Item(1, guid="same")]))
    assert desk.titles(rss([Item(2, guid="same"), Item(1, guid="same")])) == ["Act 2"]
    assert desk.news(rss([Item(1, guid="same"), Item(2, guid="same")])) == []


def test_71_entries_alike_in_all_but_their_text_are_all_reported() -> None:
    desk = following(rss([Item(1)]))
    notices = [replace(Item(2), text=f"Notice {n}") for n in range(3)]
    assert desk.titles(rss([*notices, Item(1)])) == ["Act 2"] * 3
    assert desk.news(rss([*reversed(notices), Item(1)])) == []


def test_71_the_very_same_entry_twice_is_one() -> None:
    desk = following(rss([Item(1)]))
    assert desk.titles(rss([Item(2), Item(2), Item(1), Item(1)])) == ["Act 2"]


@pytest.mark.parametrize(
    "nameless",
    [
        lambda n: Item(n, guid=None),
        lambda n: Item(n, guid=None, link=None),
        lambda n: Item(n, guid=None, link="https://feeds.example/"),
        lambda n: Item(n, guid=None, link=None, title=None),
    ],
    ids=["a link", "only content", "one link for all", "only text"],
)
def test_72_an_entry_without_a_guid_has_a_stable_name(nameless: object) -> None:
    assert callable(nameless)
    desk = following(rss([nameless(1), nameless(2)]))
    assert len(desk.news(rss([nameless(3), nameless(2), nameless(1)]))) == 1
    assert desk.news(rss([nameless(2), nameless(3), nameless(1)])) == []


def test_73_a_guid_that_changes_at_each_poll_is_no_flood() -> None:
    def at(poll: int, *numbers: int) -> bytes:
        return rss(replace(item, guid=f"{poll}-{item.number}") for item in acts(*numbers))

    desk = following(at(0, 1, 2, 3))
    assert [desk.news(at(poll, 1, 2, 3)) for poll in range(1, 6)] == [[]] * 5
    assert desk.titles(at(6, 4, 1, 2, 3)) == ["Act 4"]
    assert desk.news(at(7, 4, 1, 2, 3)) == []


def test_73_a_title_that_comes_back_later_with_a_new_guid_is_reported() -> None:
    """A level announced again is news: only an entry that vanished in this very poll can be the same one."""
    again = replace(Item(1), guid="again")
    desk = following(rss(acts(1, 2)))
    assert desk.news(rss(acts(2))) == []
    assert desk.titles(rss([again, Item(2)])) == ["Act 1"]


@pytest.mark.parametrize(
    "link",
    [
        "https://feeds.example/acts/{n}?sid={r}",
        "https://feeds.example/acts/{n};jsessionid={r}",
        "https://feeds.example/acts/{n}?PHPSESSID={r}&utm_source={r}",
        "https://feeds.example/acts/{n}?token={r}#xtor=RSS-{r}",
        "http://www.feeds.example/acts/{n}/?utm_campaign={r}",
    ],
)
@pytest.mark.parametrize("guid", [None, "link"])
def test_74_a_session_in_a_link_is_no_change(link: str, guid: str | None) -> None:
    def at(poll: int) -> bytes:
        links = [link.format(n=n, r=f"{poll}x{n}") for n in (1, 2)]
        return rss(replace(Item(n), link=to, guid=to if guid else None) for n, to in enumerate(links, start=1))

    desk = following(at(0))
    outcomes = [desk.poll(at(poll)) for poll in range(1, 4)]
    assert [(o.revisions, o.alerts) for o in outcomes] == [(0, 0)] * 3


def test_74_a_parameter_that_names_the_document_stays() -> None:
    desk = following(rss([Item(1, guid=None, link="https://feeds.example/act?id=1", title="Act")]))
    more = [Item(n, guid=None, link=f"https://feeds.example/act?id={n}", title="Act") for n in (1, 2)]
    assert desk.titles(rss(more)) == ["Act"]


@pytest.mark.parametrize("on", [None, "", "yesterday", "2026-13-40", "Mon, 32 Jan 2026 00:00:00 GMT", "0001-01-01"])
def test_75_an_undated_entry_is_reported_and_never_dated_now(on: str | None) -> None:
    desk = following(rss(TEN))
    [change] = desk.news(rss([Item(11, on=on), *TEN]))
    assert (change.happened_on, change.published_at) == (None, None)
    assert change.seen_at == desk.now


def test_76_an_entry_from_the_year_2199_hides_nobody() -> None:
    far = Item(11, on="Sat, 05 Jan 2199 12:00:00 GMT")
    desk = following(rss(TEN))
    [change] = desk.news(rss([far, *TEN]))
    assert (change.happened_on, change.published_at) == (None, None)
    assert desk.titles(rss([far, Item(12), *TEN])) == ["Act 12"]


def test_77_an_old_entry_at_the_end_is_reported_once() -> None:
    old = Item(11, on="Tue, 05 Jan 1999 12:00:00 GMT")
    desk = following(rss(TEN))
    [change] = desk.news(rss([*TEN, old]))
    assert change.happened_on == "1999-01-05"
    assert desk.news(rss([old, *TEN])) == []


def test_78_another_order_is_no_news() -> None:
    desk = following(rss(TEN))
    chance = random.Random(78)
    for _ in range(5):
        outcome = desk.poll(rss(chance.sample(TEN, len(TEN))))
        assert (outcome.revisions, outcome.alerts, outcome.went_well) == (0, 0, True)


def test_79_a_feed_that_shrinks_and_grows_back_is_no_news() -> None:
    desk = following(rss(TEN))
    for items in (TEN[:2], TEN, TEN[8:], TEN):
        outcome = desk.poll(rss(items))
        assert (outcome.revisions, outcome.alerts, outcome.went_well) == (0, 0, True)


def test_80_an_empty_feed_after_ten_is_an_error_and_the_operator_hears_once() -> None:
    desk = following(rss(TEN))
    outcomes = [desk.poll(rss([])) for _ in range(4)]
    assert {o.source.state for o in outcomes} == {Health.CHANGED}
    assert sum(o.alerts for o in outcomes) == 1
    assert "expected entries, saw an empty feed; it had 10" in str(outcomes[0].error)
    assert "planted" not in str(outcomes[0].error)
    back = desk.poll(rss([Item(11), *TEN]))
    assert (back.revisions, back.source.state) == (1, Health.OK)


def test_80_a_feed_that_was_always_empty_is_a_baseline() -> None:
    desk = following(rss([]))
    assert desk.titles(rss([Item(1)])) == ["Act 1"]


@pytest.mark.parametrize(
    ("edited", "subject", "values", "text"),
    [
        (
            Item(3, text="What act 3 orders, extended by 90 days."),
            "content/text",
            None,
            "… What act 3 orders [+ , extended by 90 days]. …",
        ),
        (
            Item(3, title="Act 3, amended"),
            "content/title",
            ("Act 3", "Act 3, amended"),
            "[- Act 3]\n[+ Act 3, amended]",
        ),
        (
            Item(3, title="Act 3, amended", text="Other words."),
            "content/title+text",
            ("Act 3", "Act 3, amended"),
            "[- Act 3]\n[+ Act 3, amended]\n… [- What act 3 orders] [+ Other words]. …",
        ),
    ],
    ids=["its text", "its title", "both"],
)
def test_81_an_entry_edited_in_place_is_one_message_that_says_what_differs(
    edited: Item, subject: str, values: tuple[str, str] | None, text: str
) -> None:
    items = [edited if item.number == 3 else item for item in TEN]
    desk = following(rss(TEN))
    [change] = desk.news(rss(items))
    assert (change.kind, change.subject, change.text) == (Kind.TEXT, subject, text)
    assert values is None or (change.before, change.after) == values
    assert desk.news() == []
    both = following(rss(TEN), kinds=frozenset({Kind.TEXT, Kind.TITLE}))
    assert {c.kind for c in both.news(rss(items))} == ({Kind.TEXT, Kind.TITLE} if values else {Kind.TEXT})
    assert len(both.store.alerts) == 1


def test_81_a_number_in_the_text_is_no_counter() -> None:
    desk = following(rss([Item(1, text="extended by 30 days")]))
    [change] = desk.news(rss([Item(1, text="extended by 90 days")]))
    assert change.before != change.after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Item(1), Item(1, on="Tue, 06 Jan 2026 12:00:00 GMT")),
        (Item(1), Item(1, on=None)),
        (Item(1, text="Words. 12 comments"), Item(1, text="Words. 1,413 comments")),
        (Item(1, text="Words. Views: 3"), Item(1, text="Words. Views: 900")),
        (Item(1, text="Words (3 minutes ago)"), Item(1, text="Words (18 minutes ago)")),
        (Item(1, text="Words\u00a0here"), Item(1, text=" Words \n here ")),
        (Item(1, text="Noe\u0308l"), Item(1, text="No\u00ebl")),
        (Item(1, text="martial law"), Item(1, text="mar\u00adtial \u200elaw")),
        (Item(1, text='<p class="a">Words</p>'), Item(1, text="<div id='b'>Words</div>")),
        (Item(1, text="<img src='https://x.example/p?nonce=1'>Words"), Item(1, text="<img src='y'>Words")),
        (Item(1, more="<slash:comments xmlns:slash='http://s.example/'>1</slash:comments>"), Item(1)),
    ],
    ids=[
        "another date",
        "no date",
        "comments",
        "views",
        "a clock",
        "spaces",
        "another code of one letter",
        "invisible characters",
        "markup",
        "the address of a picture",
        "an element that counts",
    ],
)
def test_82_what_moves_by_itself_is_no_news(before: Item, after: Item) -> None:
    desk = following(rss([before, Item(2)], head="<lastBuildDate>Mon, 05 Jan 2026 12:00:00 GMT</lastBuildDate>"))
    outcome = desk.poll(rss([after, Item(2)], head="<lastBuildDate>Tue, 06 Jan 2026 12:00:00 GMT</lastBuildDate>"))
    assert (outcome.revisions, outcome.alerts, outcome.went_well) == (0, 0, True)


def test_86_a_gap_is_noticed_and_said() -> None:
    desk = following(rss(TEN))
    outcome = desk.poll(rss(acts(*range(21, 31))))
    assert outcome.alerts == 10
    assert "may have missed entries" in str(outcome.source.error)
    assert "planted" not in str(outcome.source.error)
    assert outcome.source.state is Health.OK
    assert desk.poll(rss(acts(*range(30, 20, -1)))).source.error is None


@pytest.mark.parametrize(
    "items", [acts(*range(10, 20)), acts(21, 22)], ids=["one of the last poll is left", "the feed is not full"]
)
def test_86_no_gap_is_said_where_there_is_none(items: list[Item]) -> None:
    desk = following(rss(TEN))
    assert desk.poll(rss(items)).faults == []


def test_a_stage_that_the_guid_hides_is_reported() -> None:
    """As in the UK Parliament's feed of all bills: the stage is an attribute of the item, guid and title never move."""

    def bills(stage: str) -> bytes:
        return rss(
            [Item(1, text="A Bill about NATO.", attributes=f' xmlns:p4="#billsSchema" p4:stage="{stage}"'), Item(2)]
        )

    desk = following(bills("Committee stage"), words=("NATO",))
    [change] = desk.news(bills("Report stage"))
    assert change.kind is Kind.TEXT
    assert change.subject.endswith("stage")
    assert (change.before, change.after) == ("Committee stage", "Report stage")
    assert change.text == "Stage: Report stage\nAct 1\nA Bill about NATO."
    assert desk.news(rss([Item(1, text="A Bill about NATO."), Item(2)])) == []
    assert desk.news(bills("Report stage")) == []


def test_words_choose_what_is_reported_and_everything_is_stored() -> None:
    desk = following(rss(TEN), words=("NATO", "North Atlantic"))
    body = rss([Item(11, "On the senator"), Item(12, "On NATO"), Item(13, text="the north\u00a0atlantic treaty"), *TEN])
    assert desk.titles(body) == ["Act 13", "On NATO"]
    assert len(desk.store.changes) == 3
    assert [reason.get("words") for reason in desk.store.alerts[0].reasons] == [("NATO",)]


def test_an_entry_of_an_atom_feed_edited_in_place_carries_the_day_of_the_edit() -> None:
    first = ("a", "Act", "<p>Words</p>", "2026-01-05T10:00:00Z")
    desk = following(atom([first]), content_type="application/atom+xml")
    [change] = desk.news(atom([("a", "Act", "<p>Other words</p>", "2026-01-06T09:00:00+09:00")]))
    assert (change.kind, change.happened_on) == (Kind.TEXT, "2026-01-06")


def test_a_mended_address_goes_on_where_the_old_one_stopped() -> None:
    desk = following(rss(TEN))
    outcome = desk.poll(rss(acts(*range(3, 13))), address="https://other.example/feed")
    assert (outcome.alerts, outcome.revisions) == (2, 2)
    assert desk.poll(address="https://other.example/feed").alerts == 0
    assert ADDRESS not in (desk.source.cursor or "")


def test_of_another_feed_under_the_name_only_what_came_out_since_is_news() -> None:
    desk = following(rss([Item(number, on="Mon, 05 Jan 2026 09:00:00 GMT") for number in range(1, 11)]))
    other = [Item(number, on="Sun, 04 Jan 2026 09:00:00 GMT") for number in range(31, 41)]
    new = Item(41, on=format_datetime(desk.now + timedelta(minutes=1)))
    outcome = desk.poll(rss([new, *other, Item(42, on=None)]), address="https://other.example/feed")
    said = [str(change.after) for alert in desk.store.alerts for change in alert.changes]
    assert [one for one in said if "{" not in one] == ["Act 41"]
    assert [one for one in said if "{" in one] == ['{"code":"feed.another","n":11}'], "the operator hears of the rest"
    assert (outcome.alerts, outcome.revisions) == (2, 12)
    assert desk.poll(rss([Item(43), *other]), address="https://other.example/feed").alerts == 1


def test_an_address_that_was_never_read_begins_in_silence() -> None:
    desk = FeedPoller(body=rss(acts(*range(31, 41))))
    assert (desk.poll(address="https://other.example/feed").alerts, len(desk.store.changes)) == (0, 0)


def test_hundreds_of_new_entries_are_reported_over_several_pages() -> None:
    desk = following(rss(TEN))
    outcome = desk.poll(rss(acts(*range(1, 611))))
    assert (outcome.pages, outcome.alerts, outcome.requests) == (3, 600, 1)


def test_a_cursor_that_is_lost_tells_nothing_again() -> None:
    desk = following(rss(TEN))
    desk.source = replace(desk.source, cursor="not a cursor")
    assert desk.titles(rss([Item(11), *TEN])) == ["Act 11"]


def test_what_is_stored_stays_bounded_and_forgets_the_oldest() -> None:
    cursor = FeedCursor(address="https://feeds.example/")
    for start in range(0, 9000, 1000):
        digests = [f"{n:08x}" for n in range(start, start + 1000)]
        seen = {f"{n:0>16}": EntryTraits(f"{n:0>16}", n, n, n, 740_000, n[:6]) for n in digests}
        cursor = load_cursor(dump_cursor(cursor.with_entries(cursor.known(), seen)))
    assert len(dump_cursor(cursor)) < 400_000
    assert list(cursor.known()) == [f"{n:016x}" for n in range(4000, 9000)]
    assert cursor.window == 1000


def test_an_entry_that_was_forgotten_and_comes_back_is_no_news() -> None:
    desk = following(rss(TEN))
    forgetful = structs.replace(load_cursor(desk.source.cursor), window=0, packed=Raw(b"[]"), answer=AnswerState())
    desk.source = replace(desk.source, cursor=dump_cursor(forgetful))
    assert desk.news() == []
