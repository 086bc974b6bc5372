"""What is an entry whose guid and link changed: the next document, or one of before under another address? All entries
are constructed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from tests.watchers.feed.feed_poller import FeedPoller, Item, following, rss

NUMBERS = range(1, 21)
SUBJECTS = ("fuel", "roads", "bread", "water", "trade", "ports", "mines", "schools", "rents", "taxes", "seeds", "mills")


def old(number: int, **more: str | None) -> Item:
    place = f"https://gazette.example/decree/{number}"
    title = f"Decree on {SUBJECTS[number % len(SUBJECTS)]} and {SUBJECTS[number // len(SUBJECTS)]}"
    return replace(Item(number, title, " ", place, place, None), **more)


def new(number: int, **more: str | None) -> Item:
    link = f"https://www.gazette.example/en/documents/2025/{number}-decree.html"
    return replace(old(number), **{"guid": f"tag:gazette,7{number}", "link": link, **more})


def later(number: int, **more: str | None) -> Item:
    """Return an entry of the old title under the next number of the same form."""
    return old(number, **{"guid": f"x{number}", "link": f"https://gazette.example/decree/{number + 900}", **more})


def said(item: Item, text: str) -> Item:
    return replace(item, text=text)


def subjects(desk: FeedPoller, items: Iterable[Item]) -> list[str]:
    return desk.subjects(rss(items))


NOTICE = "[lexwatch] Source g: {n} entries have new addresses, recognised by their words"
NEWS = f"[g] New on the record: {old(21).title}"

Change = Callable[[int], Item]
REDESIGNS: dict[str, tuple[Change, Change]] = {
    "no words, other host and folders": (old, new),
    "no words, guid only where there is no link": (
        lambda n: old(n, link=None, guid=f"urn:decree:{n}"),
        lambda n: old(n, link=None, guid=f"https://gazette.example/id/{n}"),
    ),
    "no words, a number in the path becomes a parameter": (
        old,
        lambda n: new(n, guid=None, link=f"https://gazette.example/show?decree={1000 + n}"),
    ),
    "no words, a number becomes a heading": (
        old,
        lambda n: new(n, guid=None, link=f"https://gazette.example/decree/d{n}-x"),
    ),
    "other words for each": (
        lambda n: said(old(n), f"Words {n} of it."),
        lambda n: said(new(n), f"Summary: order {n}."),
    ),
    "words where there were none": (old, lambda n: said(new(n), f"Summary of what order {n} says.")),
    "the same words for all": (lambda n: said(old(n), "Read more."), lambda n: said(new(n), "Read more.")),
    "the words of the site for all": (
        lambda n: said(old(n), f"Words {n} of it."),
        lambda n: said(new(n), "Read more on our new site."),
    ),
    "the site's name behind each title": (
        lambda n: said(old(n), f"Words {n} of it."),
        lambda n: replace(said(new(n), f"Words {n} of it."), title=f"{old(n).title} | Gazette"),
    ),
    "the site's name behind each title, and no words": (old, lambda n: new(n, title=f"{old(n).title} – Gazette")),
    "numbered titles under addresses of the old form": (
        lambda n: old(n, title=f"Order No. {n} of 2025"),
        lambda n: later(n, title=f"Order No. {n} of 2025"),
    ),
    "other titles, and distinct words": (
        lambda n: said(old(n), f"The order says of matter {n} what follows."),
        lambda n: replace(said(new(n), f"The order says of matter {n} what follows."), title=f"Gazette {n}"),
    ),
}


@pytest.mark.parametrize("count", [3, 20])
@pytest.mark.parametrize(("before", "after"), REDESIGNS.values(), ids=REDESIGNS)
def test_undated_entries_of_a_redesign_are_one_notice_and_a_new_one_is_reported(
    before: Change, after: Change, count: int
) -> None:
    desk = following(rss(before(n) for n in range(1, count + 1)), name="g")
    items = [after(21), *(after(n) for n in range(count, 0, -1))]
    news = f"[g] New on the record: {items[0].title}"
    assert subjects(desk, items) == [news, NOTICE.format(n=count)]
    assert subjects(desk, items) == []
    assert subjects(desk, [after(22), *items]) == [f"[g] New on the record: {after(22).title}"]


NEXT: dict[str, tuple[Change, Change]] = {
    "headings alone": (old, later),
    "one heading with other words": (
        lambda n: said(old(n), f"The agenda for 12 June, room {n}."),
        lambda n: said(later(n), f"For 19 June, {n}."),
    ),
    "one text for all": (
        lambda n: said(old(n), "The agenda is on our site."),
        lambda n: said(later(n), "The agenda is on our site."),
    ),
    "folders of the week": (
        lambda n: old(n, guid=None, link=f"https://gazette.example/agenda/2025-w49/{n}"),
        lambda n: old(n, guid=None, link=f"https://gazette.example/agenda/2025-w50/{n}"),
    ),
    "a guid that is a number": (
        lambda n: old(n, link=None, guid=str(n)),
        lambda n: old(n, link=None, guid=str(n + 900)),
    ),
    "one heading for all under new addresses": (
        lambda n: old(n, title="Daily digest"),
        lambda n: new(n, title="Daily digest"),
    ),
}


@pytest.mark.parametrize(("before", "after"), NEXT.values(), ids=NEXT)
def test_the_next_documents_under_the_old_headings_are_reported(before: Change, after: Change) -> None:
    desk = following(rss(map(before, range(1, 6))), name="g")
    told = subjects(desk, map(after, range(1, 6)))
    assert len([one for one in told if one.startswith("[g]")]) == 5


@pytest.mark.parametrize("text", ["Words {n} of it.", " "], ids=["words", "no words"])
def test_a_guid_that_is_a_place_in_the_feed_hides_no_new_entry(text: str) -> None:
    def at(place: int, number: int) -> Item:
        return said(old(number, guid=f"item-{place}"), text.format(n=number))

    desk = following(rss(at(n, 11 - n) for n in range(1, 11)), name="g")
    told = subjects(desk, (at(n, 12 - n) for n in range(1, 11)))
    assert any(old(11).title in one for one in told)
    assert not any("new addresses" in one for one in told)


def test_a_redesign_does_not_hide_the_edit_of_a_single_entry() -> None:
    def words(item: Item) -> Item:
        return said(item, f"The order says of matter {item.number} what follows.")

    desk = following(rss(words(old(n)) for n in NUMBERS), name="g")
    edited = [said(new(n), "Another thing is ordered.") if n == 7 else words(new(n)) for n in NUMBERS]
    assert subjects(desk, edited) == [f"[g] {old(7).title}: text changed", NOTICE.format(n=20)]


def test_edits_of_a_feed_whose_links_always_change_are_reported() -> None:
    def at(poll: int, text: str) -> list[Item]:
        link = "https://gazette.example/{poll}/{n}"
        return [said(old(n, link=link.format(poll=poll, n=n)), f"{text} {n}") for n in range(1, 5)]

    desk = following(rss(at(0, "Words")), name="g")
    assert subjects(desk, at(1, "Words")) == [NOTICE.format(n=4)]
    assert len(subjects(desk, at(2, "Other words"))) == 4


# Parameters of a link that name a visit here and a document there


def entry(number: int, link: str, guid: str | None = None, **more: str | None) -> Item:
    return replace(Item(number), guid=guid, link=link, **more)


NAMING = [
    "article.php?sid={n}",
    "index.php?topic=5&sid={n}",
    "doc?token=t{n}",
    "view?session=45-{n}",
    "b?ts={n}",
]


@pytest.mark.parametrize("guid", ["link", None])
@pytest.mark.parametrize("link", NAMING)
def test_a_parameter_that_names_the_document_keeps_two_apart(link: str, guid: str | None) -> None:
    def at(number: int) -> Item:
        place = f"https://news.example/{link.format(n=number)}"
        return entry(number, place, guid and place)

    desk = following(rss(map(at, (1, 2))), name="g")
    assert subjects(desk, map(at, (3, 2, 1))) == ["[g] New on the record: Act 3"]
    assert subjects(desk, map(at, (4, 3))) == ["[g] New on the record: Act 4"]
    assert subjects(desk, [replace(at(4), title="Act four"), at(3)]) == ["[g] Act four: title changed"]
    assert subjects(desk, map(at, (5,))) == ["[g] New on the record: Act 5"]
    assert subjects(desk, map(at, (6,))) == ["[g] New on the record: Act 6"], "a feed of one entry"


def test_the_address_of_a_document_keeps_the_parameter_that_names_it() -> None:
    desk = following(rss([entry(1, "https://news.example/article.php?sid=1&utm_source=rss")]), name="g")
    [message] = desk.messages(rss([entry(2, "https://news.example/article.php?sid=2&utm_source=rss")]))
    assert message.link == "https://news.example/article.php?sid=2"


VISITS = [
    "acts/{n}?sid={r}", "acts/{n}?token={r}", "acts/{n}?ts={r}", "acts/{n}?_={r}&a=1", "acts/{n};sid={r}",
    "show?act={n}&session={r}", "show?act={n}&sessionid={r}", "acts/{n}?cb={r}#x", "acts/{n}?sid={r}&token={r}",
]  # fmt: skip


@pytest.mark.parametrize("on", ["Mon, 05 Jan 2026 12:00:00 GMT", None], ids=["dated", "undated"])
@pytest.mark.parametrize("guid", ["link", "own", None])
@pytest.mark.parametrize("link", VISITS)
def test_a_parameter_that_changes_while_the_entry_stays_is_no_news(link: str, guid: str | None, on: str | None) -> None:
    def at(poll: int, number: int, title: str = "") -> Item:
        place = f"https://news.example/{link.format(n=number, r=1000 * poll + number)}"
        item = entry(number, place, {"link": place, "own": f"act-{number}", None: None}[guid], on=on)
        return replace(item, title=title)

    desk = following(rss(at(0, n) for n in (1, 2)), name="g")
    outcomes = [desk.poll(rss(at(poll, n) for n in (2, 1))) for poll in (1, 2, 3)]
    assert [(o.revisions, o.alerts, len(o.faults)) for o in outcomes] == [(0, 0, 0)] * 3
    assert subjects(desk, [at(4, 3), at(4, 1), at(4, 2)]) == ["[g] New on the record: Act 3"]
    assert subjects(desk, [at(5, 3), at(5, 1, "Act one"), at(5, 2)]) == ["[g] Act one: title changed"]


def test_one_session_for_all_entries_is_no_news() -> None:
    def at(session: str) -> bytes:
        return rss(entry(n, f"https://news.example/acts/{n}?session={session}") for n in (1, 2, 3))

    desk = following(at("a8f3"), name="g")
    assert [desk.subjects(at(session)) for session in ("b901", "c777", "d001")] == [[]] * 3


def test_two_entries_that_a_session_id_alone_keeps_apart_and_change_together_stay_two() -> None:
    desk = following(rss(entry(n, f"https://news.example/read?sid={n}") for n in (1, 2)), name="g")
    after = [entry(n, f"https://news.example/read?sid={n}", title=f"Act {n}, amended") for n in (1, 2)]
    assert sorted(subjects(desk, after)) == [f"[g] Act {n}, amended: title changed" for n in (1, 2)]


# Servers in two states, answers that are no feed, a guid for whatever is newest


INTERRUPTIONS = {
    "a login page": (b"<!DOCTYPE html><html><head><title>Log in</title></head><body></body></html>", "text/html"),
    "an error in JSON": (b'{"error": "rate limited"}', "application/json"),
    "an error in XML": (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "application/xml"),
    "a site map": (b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url/></urlset>', "application/xml"),
}


@pytest.mark.parametrize(("body", "content_type"), INTERRUPTIONS.values(), ids=INTERRUPTIONS)
def test_what_came_while_the_feed_was_something_else_is_reported_when_it_is_back(
    body: bytes, content_type: str
) -> None:
    desk = following(rss(map(old, range(1, 6))), name="g")
    desk.content_type = content_type
    assert all(desk.poll(body).error is not None for _ in range(3))
    desk.content_type = "application/rss+xml"
    assert [one for one in subjects(desk, map(old, range(7, 1, -1))) if one.startswith("[g]")] == [
        f"[g] New on the record: {old(n).title}" for n in (7, 6)
    ]


STATES: dict[str, tuple[list[Item], list[Item]]] = {
    "one behind the other": ([old(n) for n in range(8, 0, -1)], [old(n) for n in range(9, 1, -1)]),
    "http and https": (
        [old(n) for n in range(8, 0, -1)],
        [replace(i, **dict.fromkeys(("link", "guid"), f"http://gazette.example/decree/{i.number}"))
         for i in (old(n) for n in range(9, 0, -1))],
    ),
    "another order": ([old(n) for n in range(1, 9)], [old(n) for n in range(9, 0, -1)]),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), STATES.values(), ids=STATES)
def test_a_feed_that_alternates_between_two_servers_reports_each_entry_once(one: list[Item], other: list[Item]) -> None:
    desk = following(rss(one), name="g")
    assert [subjects(desk, state) for state in (other, one, other, one, other)] == [
        [f"[g] New on the record: {old(9).title}"], [], [], [], []
    ]  # fmt: skip


def test_news_under_one_guid_day_after_day_is_reported_under_each_title() -> None:
    def latest(day: int) -> Item:
        on = f"{day:02} Dec 2025 12:00:00 GMT"
        return Item(
            day, f"Notice of day {day}", f"Quite other words {day * 7}.", "latest", "https://a.example/latest", on
        )

    desk = following(rss([latest(1)]), name="g")
    told = [subjects(desk, [latest(day)]) for day in (2, 3, 4)]
    assert told == [[f"[g] Notice of day {day}: title and text changed"] for day in (2, 3, 4)]
