"""What happens when the database answers badly: kept, said, and read again. Numbers are those of the catalogue of
faults for pages (87-100)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.errors import Blocked, Changed, Refused, SourceError, Unavailable
from domain.observation import PollRequest
from domain.sources import Health
from tests.watchers.rada.publisher import BASE, START, RadaPoller, RadaServer, decree, law, noise
from watchers.rada.act_card import parse_card, parse_list
from watchers.rada.client import CODEC, coverage_of_cursor
from watchers.rada.lists import parse_updates
from watchers.rada.watcher import RadaWatcher

DECREE = decree("12/2026", date(2026, 1, 12))
LAW = law("4999-20", date(2026, 1, 13), DECREE)
DAY = timedelta(days=1)
FEED, UPDATED, LIST = "/laws/main/r.xml", "/laws/main/r/page1.json", "/laws/main/n/page1.json"
HTML = "<!DOCTYPE html><html><body>Технічні роботи</body></html>".encode()


@dataclass(frozen=True)
class Uncovered:
    """Days that no list in hand covers."""

    since: datetime
    until: datetime


def backfill(cursor: str | None) -> Uncovered | None:
    gap = CODEC.load(cursor).gap
    return gap and Uncovered(datetime.fromtimestamp(gap.since, UTC), datetime.fromtimestamp(gap.until, UTC))


@pytest.fixture
def database() -> RadaServer:
    made = RadaServer()
    made.put(*noise(30))
    return made


@pytest.fixture
def poller(database: RadaServer) -> RadaPoller:
    made = RadaPoller(database)
    made.poll()
    database.taken()
    return made


def publish(database: RadaServer, nreg: str = DECREE.nreg) -> None:
    database.put(DECREE if nreg == DECREE.nreg else LAW)
    database.touch(nreg)


FEEDS = {
    "91: maintenance page": (HTML, Health.CHANGED),
    "98: page that needs a script": (b"<html><script>render()</script></html>", Health.CHANGED),
    "87: feed without entries": (b'<rss version="2.0"><channel><title>x</title></channel></rss>', Health.CHANGED),
    "87: links of another shape": (
        b'<rss version="2.0"><channel><item><title>x</title><link>https://e.org/9</link></item></channel></rss>',
        Health.CHANGED,
    ),
    "empty body": (b"", Health.CHANGED),
    "JSON for a feed": (b'{"list": []}', Health.CHANGED),
    "67: entities that multiply": (
        b'<!DOCTYPE r [<!ENTITY a "b">]><rss version="2.0"><channel/></rss>',
        Health.CHANGED,
    ),
    "90: challenge, as the HTTP client reports it": (Blocked("challenge"), Health.BLOCKED),
    "unavailable": (Unavailable("503", status=503), Health.UNAVAILABLE),
    "refused": (Refused("403", status=403), Health.REFUSED),
}


@pytest.mark.parametrize(("answer", "health"), FEEDS.values(), ids=FEEDS)
def test_a_feed_that_cannot_be_read_keeps_the_record_and_is_said(
    database: RadaServer, poller: RadaPoller, answer: bytes | SourceError, health: Health
) -> None:
    publish(database)
    before = (poller.source.cursor, poller.record())
    database.refuse = lambda path: answer if path == FEED else None
    assert poller.poll() == []
    assert poller.outcome.source.state is health
    assert (poller.source.cursor, poller.record()) == before
    database.refuse = lambda path: None
    assert len(poller.poll()) == 1, "nothing is lost: the news comes when the feed is back"


LISTS = {
    "87: list without documents": b'{"cnt": 0, "from": 1, "max": 0, "list": []}',
    "88: a required field is gone": b'{"cnt": 1, "list": [{"nazva": "x"}]}',
    "45: page for JSON": HTML,
    "46: cut JSON": b'{"cnt": 1, "list": [{"nreg": "1/2026"',
    "47: nested brackets": b"[" * 200_000,
    "50: list is an object": b'{"cnt": 1, "list": {}}',
    "unavailable": Unavailable("timed out"),
}


@pytest.mark.parametrize("answer", LISTS.values(), ids=LISTS)
def test_a_list_that_cannot_be_read_is_said_and_does_not_hold_up_the_feed(
    database: RadaServer, poller: RadaPoller, answer: bytes | SourceError
) -> None:
    publish(database)
    database.refuse = lambda path: answer if path in (UPDATED, LIST) else None
    assert len(poller.poll()) == 1, "the feed alone tells of the decree"
    assert poller.outcome.went_well
    assert poller.source.state is Health.OK
    assert poller.source.error or answer == HTML, "a web page is no list, anything else is said"


def test_88_a_missing_field_is_named() -> None:
    with pytest.raises(Changed, match="nreg"):
        parse_list(b'{"cnt": 1, "list": [{"nazva": "x"}]}', "30-day list")


def test_a_server_without_the_list_is_read_by_its_feed_alone_and_covers_what_comes_from_then_on() -> None:
    database = RadaServer()
    database.put(*noise(5))
    without = RadaPoller(database)
    serve = database.body
    database.body = lambda path: None if "/n/" in path else serve(path)  # type: ignore[method-assign]
    assert without.poll() == []
    assert without.outcome.went_well
    publish(database)
    assert len(without.poll()) == 1
    assert coverage_of_cursor(without.source.cursor).since == START + timedelta(minutes=30)


def test_89_a_list_that_shrinks_deletes_nothing(database: RadaServer, poller: RadaPoller) -> None:
    publish(database)
    poller.poll()
    database.acts = dict(list(database.acts.items())[:5])
    assert poller.poll(by=timedelta(hours=7)) == []
    assert "ua/decree/12/2026" in poller.record().facets["instruments"]


def test_95_the_same_number_next_year_is_another_decree(database: RadaServer, poller: RadaPoller) -> None:
    publish(database)
    poller.poll()
    poller.poll(by=300 * DAY)
    again = decree("12/2027", date(2027, 1, 12), "05 години 30 хвилин 3 лютого 2027 року")
    database.now = datetime(2027, 1, 13, tzinfo=UTC)
    database.put(again)
    database.touch(again.nreg)
    poller.poll()
    assert {"ua/decree/12/2026", "ua/decree/12/2027"} <= set(poller.record().facets["instruments"])


ONE_DOCUMENT = {
    "91: page for a text": HTML,
    "another decree's text": (decree("13/2026", date(2026, 1, 12)).text or "").encode(),
    "unavailable": Unavailable("timed out"),
}


@pytest.mark.parametrize("answer", ONE_DOCUMENT.values(), ids=ONE_DOCUMENT)
def test_one_text_that_fails_is_a_fault_of_that_document_and_is_retried(
    database: RadaServer, poller: RadaPoller, answer: bytes | SourceError
) -> None:
    publish(database)
    database.refuse = lambda path: answer if path.startswith("/laws/show/") else None
    assert poller.poll() == []
    assert poller.outcome.error is None
    assert [str(fault.document) for fault in poller.outcome.faults] == ["ua/decree/12/2026"]
    database.refuse = lambda path: None
    assert len(poller.poll()) == 1
    assert poller.outcome.went_well


def test_a_failing_card_is_a_fault_but_the_decree_is_reported(database: RadaServer, poller: RadaPoller) -> None:
    publish(database)
    database.refuse = lambda path: Unavailable("500", status=500) if path.startswith("/laws/card/") else None
    assert len(poller.poll()) == 1
    assert len(poller.outcome.faults) == 1
    assert poller.poll() == [], "it is read again, and told once"


def test_a_block_page_in_front_of_a_text_concerns_the_source(database: RadaServer, poller: RadaPoller) -> None:
    publish(database)
    database.refuse = lambda path: Blocked("challenge") if path.startswith("/laws/show/") else None
    assert poller.poll() == []
    assert poller.outcome.source.state is Health.BLOCKED
    database.refuse = lambda path: None
    assert len(poller.poll()) == 1


def test_97_a_text_in_windows_1251_that_does_not_say_so_is_read(database: RadaServer, poller: RadaPoller) -> None:
    publish(database)
    body = (DECREE.text or "").encode("windows-1251", "replace")
    database.refuse = lambda path: body if path.startswith("/laws/show/") else None
    assert len(poller.poll()) == 1


def test_92_cosmetic_changes_of_card_and_text_are_no_news(database: RadaServer, poller: RadaPoller) -> None:
    publish(database)
    poller.poll()
    text = (DECREE.text or "").replace("’", "'").replace("\n\n", "\r\n\r\n ") + "\nстаном на 21.02.2026\n"
    database.touch(DECREE.nreg, text=text)
    before = len(poller.store.changes)
    assert poller.poll() == []
    assert len(poller.store.changes) == before


def test_93_an_order_that_changes_is_no_news(database: RadaServer, poller: RadaPoller) -> None:
    publish(database)
    poller.poll()
    database.acts = dict(reversed(database.acts.items()))
    assert poller.poll() == []
    assert [path for path in database.taken() if "/show/" in path or "/card/" in path].count(
        "/laws/show/12/2026.txt"
    ) == 1


def test_a_feed_that_moved_on_past_what_we_knew_makes_us_read_the_whole_list(
    database: RadaServer, poller: RadaPoller
) -> None:
    publish(database)
    database.acts["12/2026"] = DECREE
    database.page_size = 50
    database.put(*noise(260, touched=database.now + timedelta(minutes=29)))
    assert len(poller.poll()) == 1, "the decree is behind the feed's window, in the list"
    assert database.taken()[:5] == [FEED, UPDATED, LIST, "/laws/main/n/page2.json", "/laws/main/n/page3.json"]


def test_100_a_list_without_end_is_left(database: RadaServer) -> None:
    first = database._list(database._newest_first(), 1).replace(b'"cnt": 30', b'"cnt": 99999')
    database.refuse = lambda path: first if "/n/page" in path else None
    poller = RadaPoller(database)
    assert poller.poll() == []
    assert database.taken() == [FEED, UPDATED, LIST, "/laws/main/n/page2.json"]
    assert coverage_of_cursor(poller.source.cursor).since is None, "a list that comes up short proves nothing"


CARDS = {
    "types as text": (b'{"nreg": "1/2026", "nazva": "x", "types": "6|168", "n_vlas": "71-\xd1\x80"}', "x", None),
    "types as number": (
        b'{"nreg": "1/2026", "nazva": "x", "types": 95, "n_vlas": 12, "status": 0}',
        "x",
        "не визначено",
    ),
    "inside a list": (b'{"cnt": 1, "list": [{"nreg": "1/2026", "nazva": "x", "status": 5}]}', "x", "чинний"),
    "a byte order mark": (b'\xef\xbb\xbf{"nreg": "1/2026", "nazva": "x", "status": "6"}', "x", "не набрав чинності"),
    "a status the dictionary lacks": (b'{"nreg": "1/2026", "nazva": "x", "status": 42}', "x", "42"),
}


@pytest.mark.parametrize(("body", "title", "status"), CARDS.values(), ids=CARDS)
def test_cards_are_read_tolerantly(body: bytes, title: str, status: str | None) -> None:
    card = parse_card(body, "1/2026")
    assert (card.title, card.status) == (title, status)


def test_a_title_garbled_twice_is_put_right() -> None:
    garbled = "Про мобілізацію".encode().decode("windows-1251")
    body = f'{{"nreg": "1/2026", "nazva": "{garbled}"}}'.encode()
    assert parse_card(body, "1/2026").title == "Про мобілізацію"


def test_the_card_of_another_document_is_refused() -> None:
    with pytest.raises(Changed, match="expected the card of 1/2026"):
        parse_card(b'{"nreg": "2/2026", "nazva": "x"}', "1/2026")


def test_dates_that_cannot_be_are_none() -> None:
    items = "".join(
        f"<item><title>x</title><link>https://data.rada.gov.ua/laws/show/{n}/2026</link><pubDate>{stamp}</pubDate></item>"
        for n, stamp in enumerate(("Fri, 17 Oct 2199 08:07:00 GMT", "soon", "Mon, 05 Jan 2026 08:00:00 GMT"), start=1)
    )
    feed = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{items}</channel></rss>'.encode()
    found = parse_updates(feed, START + DAY).entries
    assert [u.updated_at for u in found] == [None, None, datetime(2026, 1, 5, 8, tzinfo=UTC)]


def test_a_feed_in_windows_1251_that_does_not_say_so_is_read() -> None:
    item = "<item><title>Про мобілізацію</title><link>https://data.rada.gov.ua/laws/show/1/2026</link></item>"
    (update,) = parse_updates(
        f'<rss version="2.0"><channel>{item}</channel></rss>'.encode("windows-1251"), START
    ).entries
    assert update.title == "Про мобілізацію"


LATE = datetime(2026, 11, 22, 8, tzinfo=UTC)
"""More than thirty days after the shipped record ends."""


def late(database: RadaServer) -> RadaPoller:
    database.now = LATE
    database.put(*noise(30, touched=LATE))
    return RadaPoller(database)


def test_a_gap_behind_the_list_is_kept_and_said() -> None:
    database = RadaServer()
    poller = late(database)
    assert poller.poll() == []
    assert poller.outcome.went_well
    gap = backfill(poller.source.cursor)
    assert gap is not None
    assert gap.since == datetime(2026, 10, 4, tzinfo=UTC)
    assert gap.until == database.now - 30 * DAY
    assert coverage_of_cursor(poller.source.cursor).since == gap.until
    database.taken()
    poller.poll(by=timedelta(hours=7))
    assert not any("/a/" in path for path in database.taken()), "a list that is not there is not asked every time"


def test_a_gap_is_filled_from_the_list_of_all_documents_silently_at_the_beginning() -> None:
    database = RadaServer(page_size=20)
    poller = late(database)
    missed = decree("900/2026", date(2026, 10, 12), "05 години 30 хвилин 31 жовтня 2026 року")
    missed = type(missed)(**{**missed.__dict__, "touched": datetime(2026, 10, 12, 9, tzinfo=UTC)})
    older = noise(40, touched=datetime(2026, 9, 1, tzinfo=UTC))
    database.everything = [*database._newest_first(), missed, *older]
    database.put(missed)
    database.unlisted = {missed.nreg}
    assert poller.poll() == []
    assert backfill(poller.source.cursor) is None
    assert coverage_of_cursor(poller.source.cursor).since == datetime(2026, 10, 4, tzinfo=UTC)
    assert "ua/decree/900/2026" in poller.record().facets["instruments"]


def test_what_an_outage_hid_is_reported_when_it_is_found(database: RadaServer, poller: RadaPoller) -> None:
    publish(database)
    missed = database.acts["12/2026"]
    database.now += 100 * DAY
    recent = noise(30, touched=database.now)
    database.put(*recent)
    database.unlisted = {"12/2026"}
    database.everything = [*recent, missed, *noise(30, touched=START - 90 * DAY)]
    reported = poller.poll()
    assert [change.happened_on for change in reported] == ["2026-01-12"]
    assert backfill(poller.source.cursor) is None


def test_a_list_in_no_order_is_not_walked(database: RadaServer, poller: RadaPoller) -> None:
    database.now += 100 * DAY
    database.put(*noise(30, touched=database.now))
    database.everything = noise(200, touched=START - 400 * DAY)
    database.taken()
    poller.poll()
    assert [path for path in database.taken() if "/a/" in path] == ["/laws/main/a/page1.json"]
    assert backfill(poller.source.cursor) is not None


def test_a_resume_position_that_cannot_be_read_begins_again_without_a_word(
    database: RadaServer, poller: RadaPoller
) -> None:
    publish(database)
    assert len(poller.poll()) == 1
    for broken in ("", "{", '{"v": 99}', "[]"):
        poller.source = type(poller.source)("rada", cursor=broken)
        assert poller.poll() == []


def test_nothing_followed_asks_nothing(database: RadaServer) -> None:
    assert list(RadaWatcher(BASE).poll(PollRequest(None, {}, START), database)) == []
