"""What a poll of the legislation database asks, says and remembers, through the real poll and a store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.documents import DocumentId
from domain.records.facets import Kind
from domain.records.record import Change
from domain.terms import RegimeStatus, regime_of, regime_state, terms
from tests.helpers.english import english
from tests.watchers.rada.publisher import (
    MARTIAL_LAW,
    MOBILISATION,
    MOBILISING,
    RadaPoller,
    RadaServer,
    decree,
    law,
    noise,
)
from watchers.rada.client import coverage_of_cursor

DECREE = decree("12/2026", date(2026, 1, 12))
LAW = law("4999-20", date(2026, 1, 13), DECREE)
PAIR = decree(
    "13/2026",
    date(2026, 1, 12),
    "5 години 30 хвилин 3 лютого 2026 року",
    title=MOBILISING,
    what="продовжити строк проведення загальної мобілізації",
)
DAY = timedelta(days=1)


@pytest.fixture
def database() -> RadaServer:
    made = RadaServer()
    made.put(*noise(100))
    return made


def settled(database: RadaServer, *follows: DocumentId) -> RadaPoller:
    """Return a poller whose baseline is behind it."""
    poller = RadaPoller(database, follows or (MARTIAL_LAW,))
    assert poller.poll() == []
    assert poller.outcome.went_well
    database.taken()
    return poller


def step(change: Change) -> str:
    """Return what was newly seen, without the facet it stands in."""
    return change.subject.split("/", 1)[1]


def publish(database: RadaServer, *acts: object) -> None:
    for act in acts:
        database.put(act)  # type: ignore[arg-type]
        database.touch(act.nreg)  # type: ignore[attr-defined]


def test_the_first_poll_reads_the_lists_and_nothing_that_does_not_matter(database: RadaServer) -> None:
    poller = RadaPoller(database)
    assert poller.poll() == []
    assert database.taken() == ["/laws/main/r.xml", "/laws/main/r/page1.json", "/laws/main/n/page1.json"]
    assert poller.record().facets["instruments"] == {}
    assert poller.outcome.requests == 3


def test_every_request_carries_what_the_publisher_asks_for(database: RadaServer) -> None:
    poller = settled(database)
    publish(database, DECREE, LAW)
    poller.poll()
    assert {request.headers["User-Agent"] for request in database.requests} == {"OpenData"}
    assert all(5 <= (request.spacing or 0) <= 7.001 for request in database.requests)
    assert len({request.spacing for request in database.requests}) > 1
    assert not any("token" in request.url or "limits" in request.url for request in database.requests)


def test_a_decree_its_law_and_its_entry_into_force_are_reported_once_each(database: RadaServer) -> None:
    poller = settled(database)
    publish(database, DECREE, PAIR)
    (signed,) = poller.poll()
    assert (signed.kind, step(signed), signed.happened_on) == (Kind.TERM, "ua/decree/12/2026", "2026-01-12")
    assert signed.after is not None
    assert english(signed.after).startswith("Decree 12/2026 signed: extension")
    assert "3 Feb 2026 05:30 to 4 May 2026 05:30 (Europe/Kyiv, 90 days)" in english(signed.after)
    assert signed.text == "Про продовження строку дії воєнного стану в Україні № 12/2026"
    publish(database, LAW)
    (adopted,) = poller.poll(by=DAY)
    assert (step(adopted), adopted.happened_on) == ("ua/law/4999-ix", "2026-01-13")
    assert adopted.after is not None
    assert "Law 4999-IX adopted" in english(adopted.after)
    assert "4 May 2026 05:30" in english(adopted.after)
    database.now += 9 * DAY
    database.touch("4999-20", status=5)
    database.touch("12/2026", status=5)
    (in_force,) = poller.poll()
    assert step(in_force) == "in_force:ua/law/4999-ix"
    assert in_force.happened_on == f"{database.now:%Y-%m-%d}"
    assert poller.poll() == []
    assert poller.poll(by=DAY) == []


def test_the_term_is_right_to_the_minute_across_a_change_of_clocks(database: RadaServer) -> None:
    poller = settled(database)
    publish(database, DECREE, LAW)
    poller.poll()
    record = poller.record()
    (term,) = terms(regime_of(MARTIAL_LAW, record.facets), record.facets)
    assert term.starts_at.isoformat() == "2026-02-03T05:30:00+02:00"
    assert term.ends_at.isoformat() == "2026-05-04T05:30:00+03:00"
    assert (term.instrument, term.approval, term.length) == ("ua/decree/12/2026", "ua/law/4999-ix", "90 days")


def test_decree_and_law_met_together_are_two_messages_in_the_order_of_the_law(database: RadaServer) -> None:
    poller = settled(database)
    publish(database, LAW, DECREE)
    assert [step(c) for c in poller.poll()] == ["ua/decree/12/2026", "ua/law/4999-ix"]
    assert len({c.revision for c in poller.store.changes if c.document == MARTIAL_LAW}) == 2


def test_a_law_met_before_its_decree_fetches_the_decree_it_names(database: RadaServer) -> None:
    poller = settled(database)
    database.put(DECREE)
    database.unlisted = {DECREE.nreg}
    publish(database, LAW)
    assert [step(c) for c in poller.poll()] == ["ua/decree/12/2026", "ua/law/4999-ix"]


def test_a_hundred_other_updates_give_no_request_and_no_word(database: RadaServer) -> None:
    poller = settled(database)
    database.put(*noise(100, touched=database.now + timedelta(minutes=20)))
    assert poller.poll() == []
    assert set(database.taken()) == {"/laws/main/r.xml", "/laws/main/r/page1.json", "/laws/main/n/page1.json"}
    assert poller.outcome.revisions == 0


def test_an_unchanged_database_costs_one_request_and_leaves_the_store_alone(database: RadaServer) -> None:
    poller = settled(database)
    assert poller.poll() == []
    assert database.taken() == ["/laws/main/r.xml"], "only the time of building moved"
    assert poller.outcome.quiet


def test_what_was_last_modified_is_sent_back_and_believed(database: RadaServer) -> None:
    database.dated = True
    poller = settled(database)
    publish(database, DECREE)
    poller.poll()
    asked = {request.url.rpartition("/laws")[2]: request.last_modified for request in database.requests}
    assert asked["/main/r.xml"], "the feed is asked for conditionally"
    assert asked["/main/r/page1.json"], "and so is the list"
    database.touch("12/2026", status=5)
    database.requests.clear()
    assert poller.poll() == []
    asked = {request.url.rpartition("/laws")[2]: request.last_modified for request in database.requests}
    assert asked["/show/12/2026.txt"], "a text once read is asked for conditionally"
    assert poller.record(DocumentId("ua", "decree", ("12", "2026"))).timeline[-1].status == "IN_FORCE"


def test_the_paired_mobilisation_belongs_to_its_own_regime(database: RadaServer) -> None:
    poller = settled(database, MARTIAL_LAW, MOBILISATION)
    publish(database, DECREE, PAIR)
    reported = poller.poll()
    assert {(c.document, step(c)) for c in reported} == {
        (MARTIAL_LAW, "ua/decree/12/2026"),
        (MOBILISATION, "ua/decree/13/2026"),
    }


def test_mobilisation_is_not_even_read_when_nobody_follows_it(database: RadaServer) -> None:
    poller = settled(database)
    publish(database, PAIR)
    assert poller.poll() == []
    assert not any("13/2026" in path for path in database.taken())


def test_what_the_first_reading_finds_is_past_and_the_next_step_is_news(database: RadaServer) -> None:
    database.put(DECREE, LAW)
    poller = RadaPoller(database)
    assert poller.poll() == []
    assert set(poller.record().facets["instruments"]) == {"ua/decree/12/2026"}
    database.touch("4999-20", status=5)
    assert [step(c) for c in poller.poll()] == ["in_force:ua/law/4999-ix"]


def test_a_regime_followed_later_begins_silently(database: RadaServer) -> None:
    poller = settled(database)
    publish(database, DECREE, PAIR)
    poller.poll()
    poller.follows = (MARTIAL_LAW, MOBILISATION)
    assert poller.poll() == []
    assert set(poller.record(MOBILISATION).facets["instruments"]) == {"ua/decree/13/2026"}


def test_an_old_law_touched_again_is_no_news(database: RadaServer) -> None:
    poller = settled(database)
    old = decree("793/2025", date(2025, 10, 20), "05:30 05 листопада 2025 року")
    publish(database, old, law("4643-20", date(2025, 10, 21), old))
    database.touch("4643-20", status=5)
    assert poller.poll() == []
    assert "ua/law/4643-ix" in poller.record().facets["approvals"]


def test_a_decree_of_last_week_published_today_is_news(database: RadaServer) -> None:
    poller = settled(database)
    database.now = datetime(2026, 1, 25, 12, tzinfo=UTC)
    publish(database, DECREE)
    (signed,) = poller.poll()
    assert signed.happened_on == "2026-01-12"


def test_texts_that_come_later_than_their_titles_are_waited_for(database: RadaServer) -> None:
    poller = settled(database)
    database.put(DECREE)
    database.touch("12/2026", text=None)
    assert poller.poll() == []
    assert poller.outcome.went_well
    database.acts["12/2026"] = DECREE
    assert [step(c) for c in poller.poll()] == ["ua/decree/12/2026"]


def test_a_text_that_does_not_come_is_said_after_a_day_and_the_term_when_it_does(database: RadaServer) -> None:
    poller = settled(database)
    database.put(DECREE)
    database.touch("12/2026", text=None)
    assert poller.poll() == []
    assert poller.poll() == []
    (unread,) = poller.poll(by=DAY + timedelta(hours=1))
    assert english(unread.after) == "Decree 12/2026 published, its term cannot be read yet"
    assert [str(fault.document) for fault in poller.outcome.faults] == ["ua/decree/12/2026"]
    assert poller.poll(by=timedelta(hours=7)) == []
    database.acts["12/2026"] = DECREE
    assert [step(c) for c in poller.poll(by=timedelta(hours=7))] == ["ua/decree/12/2026"]


def test_a_missing_card_holds_nothing_up(database: RadaServer) -> None:
    poller = settled(database)
    database.put(DECREE)
    database.touch("12/2026", card=False)
    assert [step(c) for c in poller.poll()] == ["ua/decree/12/2026"]
    assert poller.outcome.went_well


def test_a_document_followed_by_name_is_reported_when_it_appears_and_when_its_status_turns(
    database: RadaServer,
) -> None:
    named = DocumentId("ua", "decree", ("12", "2026"))
    poller = settled(database, named)
    publish(database, DECREE)
    (appeared,) = poller.poll()
    assert (appeared.kind, appeared.document) == (Kind.APPEARED, named)
    record = poller.record(named)
    assert record.title == DECREE.title
    assert record.facets["item"][""]["on"] == "2026-01-12"
    assert {alias.scheme for alias in record.aliases} == {"nreg", "url", "number", "dokid"}
    assert record.url == "https://zakon.rada.gov.ua/laws/show/12/2026"


def test_coverage_begins_with_the_list_and_survives_quiet_days(database: RadaServer) -> None:
    poller = settled(database)
    first = coverage_of_cursor(poller.source.cursor)
    assert first.since == database.now - 30 * DAY
    assert first.through == database.now
    for _ in range(50):
        poller.poll(by=DAY)
    later = coverage_of_cursor(poller.source.cursor, poller.source.last_good_at)
    assert later.since == first.since
    assert later.through == database.now


def test_an_outage_longer_than_the_list_reaches_is_no_coverage_and_never_an_expiry(database: RadaServer) -> None:
    poller = settled(database)
    publish(database, DECREE, LAW)
    poller.poll()
    poller.poll(by=100 * DAY)
    proven = coverage_of_cursor(poller.source.cursor, poller.source.last_good_at)
    assert proven.since == database.now - 30 * DAY
    record = poller.record()
    found = regime_state(regime_of(MARTIAL_LAW, record.facets), record.facets, proven, database.now + 5 * DAY)
    assert found.status is RegimeStatus.IN_FORCE
    found = regime_state(regime_of(MARTIAL_LAW, record.facets), record.facets, proven, datetime(2026, 5, 5, tzinfo=UTC))
    assert found.status is RegimeStatus.UNKNOWN
