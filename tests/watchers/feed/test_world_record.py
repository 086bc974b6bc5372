"""Feeds as publishers really change them: what is told, and in which words. The numbers are those of the cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from domain.errors import SourceError
from domain.records.facets import Kind
from domain.sources import Health
from notifications.message import Message
from tests.watchers.feed.feed_poller import EVERY, START, FeedPoller, Item, following, rss
from watchers.feed.parser import parse_feed
from watchers.feed.values import parse_date

NEW_ADDRESS = "https://gazette.example/new"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def decree(number: int, title: str = "", text: str = "", **more: str | None) -> Item:
    place = f"https://gazette.example/decree/{number}"
    item = Item(number, title or f"Decree {number}", text or f"Words of decree {number}.", place, place, _day(number))
    return replace(item, **more)


def _day(number: int) -> str:
    return format_datetime(datetime(2025, 12, number % 28 + 1, 12, tzinfo=UTC))


def decrees(*numbers: int) -> list[Item]:
    return [decree(number) for number in numbers]


def atom(*entries: str) -> bytes:
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Acts</title>{"".join(entries)}</feed>'.encode()


def g(body: bytes) -> FeedPoller:
    return following(body, name="g")


def body_of(message: Message) -> str:
    return "\n".join(str(line) for change in message.news for line in change.lines)


# WR-1 a mended address


def test_wr_1_what_came_while_the_address_was_wrong_is_reported() -> None:
    desk = g(rss(decrees(*range(1, 11))))
    assert desk.subjects(rss(decrees(*range(14, 0, -1))), address=NEW_ADDRESS) == [
        f"[g] New on the record: Decree {n}" for n in (14, 13, 12, 11)
    ]


def test_wr_1_undated_entries_beside_known_ones_are_reported_as_well() -> None:
    undated = [replace(item, on=None) for item in decrees(*range(1, 13))]
    desk = g(rss(undated[:10]))
    assert len(desk.subjects(rss(undated[5:]), address=NEW_ADDRESS)) == 2


def test_wr_1_a_move_with_a_redesign_is_recognised_by_the_words() -> None:
    desk = g(rss(decrees(*range(1, 11))))
    news = desk.subjects(rss([decree(11), *map(redesigned, decrees(*range(1, 11)))]), address=NEW_ADDRESS)
    assert [one for one in news if one.startswith("[g]")] == ["[g] New on the record: Decree 11"]


def test_wr_1_another_feed_begins_in_silence_and_the_operator_hears_of_it() -> None:
    desk = g(rss(decrees(*range(1, 11))))
    others = [Item(n, f"Notice {n}", on=None) for n in range(5)]
    assert desk.subjects(rss(others), address=NEW_ADDRESS) == [
        "[lexwatch] Source g: nothing of the old feed is left; 5 older or undated entries are taken for past"
    ]


# WR-2 a redesign


def redesigned(item: Item) -> Item:
    link = f"https://www.gazette.example/en/documents/2025/{item.number}-decree.html"
    return replace(item, guid=f"tag:gazette,7{item.number}", link=link)


REDESIGNS = {
    "guid and link": redesigned,
    "the link, which was the guid": lambda item: replace(redesigned(item), guid=redesigned(item).link),
    "the link alone": lambda item: replace(redesigned(item), guid=item.guid),
    "guid and link, and no guid is left": lambda item: replace(redesigned(item), guid=None),
    "guid, link and the markup of the words": lambda item: replace(redesigned(item), text=f"<p>{item.text}</p>"),
    "guid and link, and the words are cut": lambda item: replace(redesigned(item), text=item.text[:8] + " […]"),
}


@pytest.mark.parametrize("change", REDESIGNS.values(), ids=REDESIGNS)
@pytest.mark.parametrize("number", [3, 20])
def test_wr_2_a_redesign_is_one_notice_and_what_is_new_is_reported(change: object, number: int) -> None:
    assert callable(change)
    desk = g(rss(decrees(*range(1, number + 1))))
    after = [change(item) for item in decrees(*range(number, 0, -1))]
    new = change(decree(21))
    told = desk.subjects(rss([new, *after]))
    assert [one for one in told if "text changed" not in one] == [
        "[g] New on the record: Decree 21",
        f"[lexwatch] Source g: {number} entries have new addresses, recognised by their words",
    ]
    assert desk.subjects(rss([new, *after])) == []
    assert desk.subjects(rss([change(decree(22)), new, *after])) == ["[g] New on the record: Decree 22"]


def test_wr_2_the_addresses_of_a_redesign_are_in_the_record() -> None:
    desk = g(rss(decrees(*range(1, 6))))
    desk.subjects(rss(map(redesigned, decrees(*range(1, 6)))))
    told = desk.messages(
        rss(replace(redesigned(item), title=f"{item.title}", text="Other words.") for item in decrees(1))
    )
    assert told[0].link == redesigned(decree(1)).link


def test_wr_2_undated_entries_with_words_are_recognised_too() -> None:
    before = [replace(item, on=None) for item in decrees(*range(1, 9))]
    desk = g(rss(before))
    assert [one for one in desk.subjects(rss(map(redesigned, before))) if one.startswith("[g]")] == []


def test_wr_2_links_that_move_at_every_poll_are_reported_to_the_operator_once() -> None:
    desk = g(rss(decrees(*range(1, 6))))

    def at(poll: int) -> bytes:
        return rss(
            replace(item, link=f"https://gazette.example/{poll}/{item.number}") for item in decrees(*range(1, 6))
        )

    assert [len(desk.subjects(at(poll))) for poll in range(5)] == [1, 0, 0, 0, 0]


SAME_WORDS = {
    "the same heading week after week": [
        [Item(n + 10 * week, f"Agenda of committee {n}", "The agenda is on our site.") for n in range(5)]
        for week in range(2)
    ],
    "headings alone": [[Item(n + 10 * week, f"Agenda {n}", " ", on=None) for n in range(5)] for week in range(2)],
    "one heading for all": [
        [Item(n + 10 * week, "Daily digest", "Read more on our site.") for n in range(5)] for week in range(2)
    ],
}


@pytest.mark.parametrize("weeks", SAME_WORDS.values(), ids=SAME_WORDS)
def test_wr_2_a_new_week_under_the_old_headings_is_no_redesign(weeks: list[list[Item]]) -> None:
    first, second = weeks
    first = [replace(item, on=item.on and "Mon, 29 Dec 2025 12:00:00 GMT") for item in first]
    desk = g(rss(first))
    assert len(desk.subjects(rss(second))) == len(second)


# WR-3 edits


FUEL = decree(2, "Decree 2 on fuel", "The price of fuel is fixed for thirty days.")


def test_wr_3_a_corrected_title_is_named_and_old_and_new_are_in_the_body() -> None:
    desk = g(rss([*decrees(1), FUEL]))
    [message] = desk.messages(rss([*decrees(1), replace(FUEL, title="Decree 2 on fuel (corrected)")]))
    assert message.subject == "[g] Decree 2 on fuel (corrected): title changed"
    assert body_of(message) == "[- Decree 2 on fuel]\n[+ Decree 2 on fuel (corrected)]"


EDITS = {
    "words": (
        replace(FUEL, text="The price of fuel is fixed for ninety days."),
        "[g] Decree 2 on fuel: text changed",
        "… price of fuel is fixed for [- thirty] [+ ninety] days. …",
    ),
    "title and words": (
        replace(FUEL, title="Decree 2 on oil", text="The price of fuel is fixed for ninety days."),
        "[g] Decree 2 on oil: title and text changed",
        "[- Decree 2 on fuel]\n[+ Decree 2 on oil]\n… price of fuel is fixed for [- thirty] [+ ninety] days. …",
    ),
    "a title with brackets": (
        replace(FUEL, title="Decree 2 [draft]"),
        "[g] Decree 2 [draft]: title changed",
        "[- Decree 2 on fuel]\n[+ Decree 2 (draft)]",
    ),
    "a state beside the words": (
        replace(FUEL, attributes=' xmlns:s="#s" s:stage="Royal Assent"'),
        "[g] Decree 2 on fuel: Royal Assent",
        "",
    ),
}


@pytest.mark.parametrize(("edited", "subject", "body"), EDITS.values(), ids=EDITS)
def test_wr_3_the_subject_names_the_document_and_what_happened(edited: Item, subject: str, body: str) -> None:
    desk = g(rss([*decrees(1), FUEL]))
    [message] = desk.messages(rss([*decrees(1), edited]))
    assert (message.subject, body_of(message)) == (subject, body)


def test_wr_3_an_entry_about_what_is_asked_for_is_reported_whatever_was_edited() -> None:
    desk = following(rss([*decrees(1), FUEL]), name="g", words=("fuel",))
    assert len(desk.subjects(rss([*decrees(1), replace(FUEL, text=f"{FUEL.text} Signed.")]))) == 1


def test_wr_3_the_day_of_an_edit_is_not_that_of_the_publication() -> None:
    desk = g(rss([*decrees(1), FUEL]))
    [change] = desk.news(rss([*decrees(1), replace(FUEL, title="Decree 2 on oil")]))
    assert change.happened_on is None, "no date of the edit is stated"


TYPOGRAPHY = {
    "quotes": ("Decree “on fuel”", 'Decree "on fuel"'),
    "capitals": ("DECREE ON FUEL", "Decree on fuel"),
    "dashes": ("Decree 2 – fuel", "Decree 2 - fuel"),
}


@pytest.mark.parametrize(("before", "after"), TYPOGRAPHY.values(), ids=TYPOGRAPHY)
def test_wr_3_typography_is_no_edit(before: str, after: str) -> None:
    desk = g(rss([*decrees(1), replace(FUEL, title=before)]))
    assert desk.subjects(rss([*decrees(1), replace(FUEL, title=after)])) == []


# Words that go to and fro


def test_words_that_go_to_and_fro_are_reported_as_unsteady_once() -> None:
    other = replace(FUEL, title="Decree 2 on oil")
    desk = g(rss([FUEL]))
    told = [desk.subjects(rss([item])) for item in (other, FUEL, other, FUEL, other, FUEL)]
    assert told == [
        ["[g] Decree 2 on oil: title changed"],
        ["[g] Decree 2 on fuel: title changed"],
        ["[g] Decree 2 on oil: title changed, to and fro: not told again"],
        [],
        [],
        [],
    ]
    assert desk.subjects(rss([replace(FUEL, title="Decree 2 on gas")])) == ["[g] Decree 2 on gas: title changed"]
    assert desk.subjects(rss([other])) == ["[g] Decree 2 on oil: title changed"]


def test_three_states_in_a_circle_are_unsteady_too() -> None:
    states = [replace(FUEL, text=f"The price is {n} for thirty days.") for n in ("one", "two", "three")]
    desk = g(rss(states[:1]))
    told = [len(desk.subjects(rss([states[n % 3]]))) for n in range(1, 12)]
    assert told == [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]


def test_a_stage_that_a_bill_returns_to_on_another_day_is_reported_each_time() -> None:
    here, there = "Consideration of the amendments of this chamber", "Consideration of the amendments of the other"
    stages = [here, there, here, there, here, there, "Assent"]
    reported = rounds([(stage, day) for day, stage in enumerate(stages, start=6)])
    assert reported == [[stage] for stage in stages]


def test_a_stage_that_goes_to_and_fro_with_its_day_is_unsteady() -> None:
    reported = rounds([("Second reading", 7), ("First reading", 6)] * 4)
    assert [len(changes) for changes in reported] == [1, 1, 1, 0, 0, 0, 0, 0]


def rounds(stages: list[tuple[str, int]]) -> list[list[str | None]]:
    """Return what is reported of the stage of a bill by a feed that states each of these, dated with that day."""
    desk = g(rss([FUEL]))
    bodies = [
        rss([replace(FUEL, on=f"{day:02} Dec 2025 12:00:00 GMT", more=f"<stage>{stage}</stage>")])
        for stage, day in [("First reading", 6), *stages]
    ]
    desk.news(bodies[0])
    return [[change.after for change in desk.news(body)] for body in bodies[1:]]


# WR-4 names in other scripts


@pytest.mark.parametrize("name", ["Новини Ради", "საქართველოს მაცნე", "Acts (ministry)", "日本 官報"])
def test_wr_4_a_message_bears_the_name_as_its_owner_wrote_it(name: str) -> None:
    desk = following(rss(decrees(1)), name=name)
    [message] = desk.messages(rss(decrees(2, 1)))
    assert message.subject == f"[{name}] New on the record: Decree 2"
    assert message.label == name
    assert message.reason == f"you watch {name}"
    assert message.news[0].source == name


# WR-7 a guid used again


REUSED = replace(
    decree(5),
    title="Emergency decree on fuel",
    text="All other words of another act.",
    on="Mon, 05 Jan 2026 12:00:00 GMT",
)
DRAFT = replace(decree(5), title="Draft decree on roads", text="withdrawn")


@pytest.mark.parametrize(
    "again",
    [REUSED, replace(REUSED, on=None), replace(REUSED, link="https://gazette.example/other")],
    ids=["another day", "no day", "another link"],
)
def test_wr_7_a_guid_used_again_is_a_new_document(again: Item) -> None:
    desk = g(rss([*decrees(1, 2), DRAFT]))
    assert desk.subjects(rss(decrees(1, 2))) == []
    [message] = desk.messages(rss([again, *decrees(1, 2)]))
    assert (message.subject, message.kinds) == ("[g] New on the record: Emergency decree on fuel", ("appeared",))
    assert desk.subjects(rss([replace(again, title="Emergency decree on oil"), *decrees(1, 2)])) == [
        "[g] Emergency decree on oil: title changed"
    ]


def test_wr_7_where_it_was_not_gone_the_subject_has_the_new_title() -> None:
    desk = g(rss([*decrees(1, 2), DRAFT]))
    assert desk.subjects(rss([REUSED, *decrees(1, 2)])) == ["[g] Emergency decree on fuel: title and text changed"]


@pytest.mark.parametrize(
    "back",
    [DRAFT, replace(DRAFT, title="Decree on roads"), replace(DRAFT, text="in force"), replace(REUSED, on=DRAFT.on)],
    ids=["as it was", "another title", "other words", "other words of the same day"],
)
def test_wr_7_what_comes_back_and_agrees_in_something_is_the_same(back: Item) -> None:
    desk = g(rss([*decrees(1, 2), DRAFT]))
    desk.subjects(rss(decrees(1, 2)))
    assert all("New on the record" not in subject for subject in desk.subjects(rss([back, *decrees(1, 2)])))


def test_wr_7_guids_that_count_places_in_the_list_make_no_noise() -> None:
    def numbered(*numbers: int) -> bytes:
        return rss(replace(decree(n), guid=str(place)) for place, n in enumerate(numbers))

    desk = g(numbered(3, 2, 1))
    assert desk.subjects(numbered(4, 3, 2, 1)) == ["[g] New on the record: Decree 4"]
    assert desk.subjects(numbered(5, 4, 3, 2)) == ["[g] New on the record: Decree 5"]


# WR-8 zones


ZONES = {
    "+04": "2026-10-20T00:00:00",
    "+4": "2026-10-20T00:00:00",
    "+0400": "2026-10-20T00:00:00",
    "+04:00": "2026-10-20T00:00:00",
    "+4:00": "2026-10-20T00:00:00",
    "GMT+4": "2026-10-20T00:00:00",
    "UTC+04:00": "2026-10-20T00:00:00",
    "+0400 (GET)": "2026-10-20T00:00:00",
    "+05:45": "2026-10-19T22:15:00",
    "-03": "2026-10-20T07:00:00",
    "-0330": "2026-10-20T07:30:00",
    "EET": "2026-10-20T02:00:00",
    "EEST": "2026-10-20T01:00:00",
    "CET": "2026-10-20T03:00:00",
    "CEST": "2026-10-20T02:00:00",
    "EDT": "2026-10-20T08:00:00",
    "UT": "2026-10-20T04:00:00",
    "GMT": "2026-10-20T04:00:00",
    "Z": "2026-10-20T04:00:00",
    "": None,
    "BST": None,
    "IST": None,
    "XYZ": None,
    "A": None,
    "PM": None,
    "+99": None,
    "+0475": None,
    "Europe/Kyiv": None,
}


@pytest.mark.parametrize(
    "day", ["Tue, 20 Oct 2026 04:00:00", "20 Oct 2026 04:00", "2026-10-20T04:00:00", "2026-10-20 04:00"]
)
@pytest.mark.parametrize(("zone", "at"), ZONES.items())
def test_wr_8_a_zone_is_read_rightly_or_the_hour_is_left_out(day: str, zone: str, at: str | None) -> None:
    found = parse_date(f"{day} {zone}".strip(), NOW)
    assert found is not None
    assert found.on == "2026-10-20"
    assert found.at == (datetime.fromisoformat(f"{at}+00:00") if at else None)


# WR-9 emptiness


def test_wr_9_a_feed_that_began_empty_is_well_when_it_is_empty_again() -> None:
    desk = g(rss([]))
    for body in (decrees(1), [], [], decrees(2), [], decrees(3), []):
        outcome = desk.poll(rss(body))
        assert (outcome.error, outcome.faults, outcome.source.state) == (None, [], Health.OK)
    assert len(desk.store.alerts) == 3


def test_wr_9_the_business_of_one_item_at_a_time_is_well_when_there_is_none() -> None:
    desk = g(rss(decrees(1)))
    for body in ([], decrees(2), decrees(3), []):
        outcome = desk.poll(rss(body))
        assert (outcome.error, outcome.faults) == (None, [])
    assert len(desk.store.alerts) == 2


def test_wr_9_a_feed_that_always_had_dozens_is_suspect() -> None:
    desk = g(rss(decrees(*range(1, 25))))
    assert desk.poll(rss([])).source.state is Health.CHANGED
    assert desk.poll(rss(decrees(*range(2, 26)))).alerts == 1


# WR-10 ids with the time of the update


def publication(stamp: str, title: str = "Sanctions list", text: str = "Old", mark: str = "#") -> str:
    return (
        f"<entry><id>https://gov.example/publications/x{mark}{stamp}</id><updated>{stamp}</updated>"
        f'<link rel="alternate" type="text/html" href="https://gov.example/publications/x"/><title>{title}</title>'
        f'<summary type="html">{text}</summary></entry>'
    )


OTHER = publication("2026-01-01T10:00:00Z", "Guidance", "Words").replace("/x", "/y")
FIRST, THEN = "2025-10-01T10:00:00+01:00", "2025-11-02T10:00:00Z"


@pytest.mark.parametrize("others", [(), (OTHER,)], ids=["alone", "beside another"])
@pytest.mark.parametrize("mark", ["#", "?at=", "@"])
@pytest.mark.parametrize(
    ("title", "text", "subjects"),
    [
        ("Sanctions list", "Old", []),
        ("Sanctions list", "New", ["[g] Sanctions list: text changed"]),
        ("Sanctions list (2026)", "Old", ["[g] Sanctions list (2026): title changed"]),
        ("Sanctions list (2026)", "New", ["[g] Sanctions list (2026): title and text changed"]),
    ],
    ids=["the time alone", "words", "title", "both"],
)
def test_wr_10_the_id_without_its_time_and_the_link_are_one_publication(
    others: tuple[str, ...], mark: str, title: str, text: str, subjects: list[str]
) -> None:
    desk = following(atom(publication(FIRST, mark=mark), *others), name="g", content_type="application/atom+xml")
    outcome = desk.poll(atom(publication(THEN, title, text, mark), *others))
    assert (outcome.error, outcome.faults) == (None, [])
    with desk.store.read() as view:
        assert len(desk.store.deliveries) == len(subjects)
        assert [change.kind for change in desk.store.changes if change.kind is Kind.APPEARED] == []
        del view


def test_wr_10_the_message_says_the_new_title() -> None:
    desk = following(atom(publication(FIRST)), name="g", content_type="application/atom+xml")
    assert desk.subjects(atom(publication(THEN, "Sanctions list (2026)"))) == [
        "[g] Sanctions list (2026): title changed"
    ]


def test_wr_10_decrees_under_the_fragments_of_one_page_are_several() -> None:
    def page(*numbers: int) -> bytes:
        return rss(
            replace(decree(n), guid=f"https://gazette.example/all#{n}", link="https://gazette.example/all")
            for n in numbers
        )

    desk = g(page(1, 2, 3))
    assert desk.titles(page(2, 3, 4)) == ["Decree 4"]


# WR-11 links


LINKS = {
    "an untyped link before types for machines": (
        '<link rel="self" href="http://legislation.example/id/uksi/2026/2"/>'
        '<link href="http://legislation.example/uksi/2026/2/made"/>'
        '<link rel="alternate" type="application/xml" href="http://legislation.example/uksi/2026/2/made/data.xml"/>'
        '<link rel="alternate" type="application/xhtml+xml" href="http://legislation.example/uksi/2026/2/made/data.htm"/>',
        "http://legislation.example/uksi/2026/2/made",
    ),
    "HTML after a PDF": (
        '<link type="application/pdf" href="https://a.example/2.pdf"/><link type="text/html" href="https://a.example/2"/>',
        "https://a.example/2",
    ),
    "HTML with a character set": (
        '<link type="application/json" href="https://a.example/2.json"/>'
        '<link rel="alternate" type="text/html; charset=utf-8" href="https://a.example/2"/>',
        "https://a.example/2",
    ),
    "only a PDF": ('<link type="application/pdf" href="https://a.example/2.pdf"/>', "https://a.example/2.pdf"),
    "XHTML before XML": (
        '<link type="application/xml" href="https://a.example/2.xml"/>'
        '<link type="application/xhtml+xml" href="https://a.example/2.xhtml"/>',
        "https://a.example/2.xhtml",
    ),
    "the first of two pages": (
        '<link href="https://a.example/en/2"/><link href="https://a.example/fr/2"/>',
        "https://a.example/en/2",
    ),
    "other relations are no page": (
        '<link rel="related" href="https://a.example/1"/><link rel="edit" href="https://a.example/3"/>'
        '<link rel="alternate" href="https://a.example/2"/>',
        "https://a.example/2",
    ),
}


@pytest.mark.parametrize("uncommon", ["", "<extra/>"], ids=["a common feed", "an uncommon one"])
@pytest.mark.parametrize(("links", "page"), LINKS.values(), ids=LINKS)
def test_wr_11_the_address_opens_as_a_page(links: str, page: str, uncommon: str) -> None:
    body = atom(f"<entry><id>urn:act:2</id><title>Act 2</title>{links}{uncommon}</entry>")
    [entry] = parse_feed(body, "application/atom+xml", "https://a.example/feed", NOW).entries
    assert entry.link == page


# WR-12 a meeting is moved


def meeting(day: str, on: str | None = None, **more: str) -> Item:
    item = Item(9911, "Informal meeting of ministers", " ", "9911", f"https://council.example/meetings/2026/{day}/", on)
    return replace(item, **more)  # type: ignore[arg-type]


def test_wr_12_a_meeting_that_moves_only_in_its_link_is_reported() -> None:
    desk = g(rss([meeting("11/13-14"), *decrees(1, 2)]))
    [message] = desk.messages(rss([meeting("11/14"), *decrees(1, 2)]))
    assert message.subject == "[g] Informal meeting of ministers: address changed"
    assert body_of(message) == (
        "[- https://council.example/meetings/2026/11/13-14/]\n[+ https://council.example/meetings/2026/11/14/]"
    )


def test_wr_12_so_it_is_where_the_entry_bears_the_day_of_its_publication() -> None:
    on = "Mon, 05 Jan 2026 12:00:00 GMT"
    desk = g(rss([meeting("11/13-14", on), *decrees(1, 2)]))
    assert len(desk.subjects(rss([meeting("11/14", on), *decrees(1, 2)]))) == 1


SILENT_LINKS = {
    "another scheme": meeting("11/13", link="http://council.example/meetings/2026/11/13/"),
    "another host": meeting("11/13", link="https://www2.council.example/meetings/2026/11/13/"),
    "another query": meeting("11/13", link="https://council.example/meetings/2026/11/13/?v=2"),
    "where the reader comes from": meeting("11/13", link="https://council.example/meetings/2026/11/13/#rss"),
    "a slash": meeting("11/13", link="https://council.example/meetings/2026/11/13"),
}


@pytest.mark.parametrize("after", SILENT_LINKS.values(), ids=SILENT_LINKS)
def test_wr_12_what_says_nothing_of_the_day_is_not_reported(after: Item) -> None:
    desk = g(rss([meeting("11/13"), *decrees(1, 2)]))
    assert desk.subjects(rss([after, *decrees(1, 2)])) == []


def test_wr_12_a_corrected_word_in_the_address_of_a_dated_entry_is_not_reported() -> None:
    desk = g(rss([decree(1, link="https://gazette.example/on-feul"), decree(2)]))
    assert desk.subjects(rss([decree(1, link="https://gazette.example/on-fuel"), decree(2)])) == []


def test_a_title_corrected_in_an_address_that_is_the_guid_is_one_edit() -> None:
    words = "The price of fuel is fixed for thirty days."
    before, after = (f"https://gazette.example/2-on-{word}" for word in ("feul", "fuel"))
    wrong = replace(decree(2, "Decree 2 on feul", words), guid=before, link=before)
    right = replace(decree(2, "Decree 2 on fuel", words), guid=after, link=after)
    desk = g(rss([wrong, decree(1)]))
    assert desk.subjects(rss([right, decree(1)])) == ["[g] Decree 2 on fuel: title changed"]


# WR-13 JSON and other answers that are no feeds


NO_FEEDS = {
    "members": (
        b'{"Results": [{"BillId": 1}]}',
        "expected a feed, saw JSON that is no feed (members: Results); "
        "this publisher's data need a reader of their own",
    ),
    "many members": (b'{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1}', "(members: a, b, c, d, e, f, …)"),
    "a list of objects": (b'[{"id": 1}, {"id": 2}]', "JSON that is no feed: a list of 2 (members: id)"),
    "an empty list": (b"[]", "JSON that is no feed: a list of 0"),
    "XML": (
        b"<?xml version='1.0'?><!-- x --><BillList><Bill/></BillList>",
        "XML that is no feed (root: BillList); this pub",
    ),
    "a PDF": (b"%PDF-1.7 ...", "saw a PDF file"),
    "a page that names its feed": (
        b'<html><head><title>Gazette</title><link rel="alternate" type="application/rss+xml" href="/rss.xml"></head>',
        "saw a web page called 'Gazette'; it names this feed: https://gazette.example/rss.xml",
    ),
    "nothing": (b"  \n", "saw an empty answer"),
}


@pytest.mark.parametrize(("body", "said"), NO_FEEDS.values(), ids=NO_FEEDS)
def test_wr_13_what_is_no_feed_is_refused_in_words_that_help(body: bytes, said: str) -> None:
    with pytest.raises(SourceError) as refused:
        parse_feed(body, "application/json", "https://gazette.example/data", NOW)
    assert said in str(refused.value)


# Kind 7: the first readable answer


def test_the_first_readable_answer_after_days_tells_what_was_published_since_the_watch_was_made() -> None:
    desk = FeedPoller(name="g")
    desk.now = START + timedelta(days=3)
    since = [replace(decree(n), on=format_datetime(START + timedelta(hours=n))) for n in (11, 12, 13)]
    assert desk.subjects(rss([*since, *decrees(*range(1, 11))])) == [
        f"[g] New on the record: Decree {n}" for n in (11, 12, 13)
    ]
    assert desk.subjects() == []


def test_a_feed_that_stamps_every_entry_with_the_time_of_its_answer_has_its_baseline() -> None:
    desk = FeedPoller(name="g")
    stamped = [replace(item, on=format_datetime(START + EVERY)) for item in decrees(*range(1, 11))]
    assert desk.subjects(rss(stamped)) == []
    desk = FeedPoller(name="g")
    moving = [replace(i, on=format_datetime(START + EVERY - timedelta(seconds=i.number))) for i in decrees(1, 2, 3)]
    assert desk.subjects(rss(moving)) == []
