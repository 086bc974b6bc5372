# ruff: noqa: E501
"""Faults of the Ukrainian record, each as a test of what is right. Inputs are *constructed* in the publisher's shapes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.documents import DocumentId
from domain.errors import Blocked, Refused, SourceError, Unavailable, UnknownName
from domain.jurisdictions import status_label
from domain.jurisdictions.ua import document_of_nreg, nreg_of, number_of
from domain.names import resolve
from domain.records.facets import Kind
from domain.records.record import Change
from domain.sources import Health, Response
from domain.upcoming import upcoming_of_document
from monitor.http.client import HttpClient
from notifications.compose import compose
from notifications.translation import language_of
from notifications.wording import headline
from tests.helpers.english import english
from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.helpers.paths import CHECKOUT
from tests.notifications.notices import change, notice
from tests.watchers.rada.publisher import MARTIAL_LAW, START, RadaDocument, RadaPoller, RadaServer, decree, law, noise
from watchers.rada import is_handled
from watchers.rada.act_card import parse_card
from watchers.rada.act_text import read_law
from watchers.rada.bills import parse_search
from watchers.rada.client import RadaClient, coverage_of_cursor
from watchers.rada.president import parse_list as parse_presidents_list
from watchers.rada.watcher import ACTS_A_POLL

DAY = timedelta(days=1)
FEED, UPDATED, RECENT = "/laws/main/r.xml", "/laws/main/r/page1.json", "/laws/main/n/page1.json"
PAGE = '<!DOCTYPE html><html lang="uk"><head><title>Нові документи</title></head><body>...</body></html>'.encode()
DECREE = decree("596/2026", date(2026, 7, 13), "05 години 30 хвилин 2 серпня 2026 року")
LAW = law("4928-20", date(2026, 7, 14), DECREE)
BLOCKED = "Система захисту від DDoS-атак тимчасово заблокувала ваш IP"


def database_on(day: datetime, *acts: RadaDocument) -> RadaServer:
    made = RadaServer(now=day)
    made.put(*noise(30, touched=day))
    made.put(*acts)
    return made


def show(database: RadaServer, *acts: RadaDocument) -> None:
    for act in acts:
        database.put(act)
        database.touch(act.nreg)


def step(change: Change) -> str:
    return change.subject.split("/", 1)[1]


# UA-1: one optional list


ABSENT: dict[str, bytes | SourceError | None] = {
    "a web page": PAGE,
    "no such page": None,
    "a block page": f"<html><body><h1>Доступ заборонено</h1>{BLOCKED}</body></html>".encode(),
    "a block notice": BLOCKED.encode("windows-1251"),
    "refused": Refused("403", status=403),
    "blocked": Blocked("challenge", status=403),
    "empty": b"",
    "an empty list": b'{"cnt": 0, "from": 1, "max": 0, "list": []}',
    "another shape": b'{"documents": []}',
    "cut short": b'{"cnt": 2, "list": [{"nreg": "1/2026"',
    "text": b"Not Found",
}


@pytest.mark.parametrize("which", [(RECENT,), (UPDATED,), (RECENT, UPDATED)], ids=["n", "r", "both"])
@pytest.mark.parametrize("answer", ABSENT.values(), ids=ABSENT)
def test_ua_1_a_list_that_cannot_be_read_keeps_no_regime_silent(
    answer: bytes | SourceError | None, which: tuple[str, ...]
) -> None:
    database = database_on(datetime(2026, 7, 12, 9, tzinfo=UTC))
    body = database.body
    database.body = lambda path: answer if path in which and not isinstance(answer, SourceError) else body(path)  # type: ignore[method-assign]
    if isinstance(answer, SourceError):
        database.refuse = lambda path: answer if path in which else None
    poller = RadaPoller(database)
    assert poller.poll() == []
    assert poller.source.state is Health.OK
    database.now = datetime(2026, 7, 13, 18, tzinfo=UTC)
    show(database, DECREE)
    assert [step(c) for c in poller.poll()] == ["ua/decree/596/2026"]
    show(database, LAW)
    assert [step(c) for c in poller.poll(by=DAY)] == ["ua/law/4928-ix"]
    database.now = datetime(2026, 7, 25, 12, tzinfo=UTC)
    database.touch("4928-20", status=5)
    (in_force,) = poller.poll()
    assert (step(in_force), in_force.happened_on) == ("in_force:ua/law/4928-ix", "2026-07-25")
    assert poller.source.state is Health.OK
    said = poller.source.error or ""
    assert said or answer in (PAGE, None), (
        "what cannot be read is said; a page or nothing is what the publisher documents"
    )


def test_ua_1_a_list_that_never_answers_is_waited_for_a_day() -> None:
    database = database_on(START)
    database.refuse = lambda path: Unavailable("timed out") if path == RECENT else None
    poller = RadaPoller(database)
    assert poller.poll() == []
    assert coverage_of_cursor(poller.source.cursor).since is None
    assert poller.poll(by=DAY) == []
    assert coverage_of_cursor(poller.source.cursor).since == database.now, (
        "what lies before is not known, and not claimed"
    )
    database.now = datetime(2026, 7, 13, 18, tzinfo=UTC)
    show(database, DECREE)
    assert [step(c) for c in poller.poll()] == ["ua/decree/596/2026"]
    assert "timed out" in (poller.source.error or "")


def test_ua_1_what_happens_while_the_list_does_not_answer_is_reported() -> None:
    database = database_on(datetime(2026, 7, 13, 9, tzinfo=UTC))
    database.refuse = lambda path: Unavailable("timed out") if path == RECENT else None
    poller = RadaPoller(database)
    assert poller.poll() == []
    database.now += timedelta(hours=3)
    show(database, DECREE)
    assert [step(c) for c in poller.poll()] == ["ua/decree/596/2026"]
    earlier = decree("500/2026", date(2026, 6, 28), "05 години 30 хвилин 2 серпня 2026 року")
    database.put(replace(earlier, touched=datetime(2026, 6, 29, tzinfo=UTC)))
    feed = database._feed().replace(b"/laws/show/500/2026<", b"/laws/show/1000/2026<")
    database.refuse = lambda path: feed if path == FEED else b"" if path == UPDATED else None
    database.now += timedelta(hours=7)
    assert poller.poll() == [], "what the list alone shows lay before"
    assert "ua/decree/500/2026" in poller.record().facets["instruments"]


def test_ua_1_a_text_that_is_not_there_holds_no_baseline_up() -> None:
    old = replace(decree("500/2026", date(2026, 7, 10), "05:30 2 серпня 2026 року"), text=None)
    database = database_on(datetime(2026, 7, 13, 9, tzinfo=UTC), old)
    poller = RadaPoller(database)
    assert poller.poll() == []
    show(database, law("4928-20", date(2026, 7, 13), replace(old, text="")))
    assert [step(c) for c in poller.poll()] == ["ua/law/4928-ix"]
    database.touch("500/2026", text=decree("500/2026", date(2026, 7, 10), "05:30 2 серпня 2026 року").text)
    assert poller.poll() == []
    assert "ua/decree/500/2026" in poller.record().facets["instruments"]


def test_ua_1_coverage_without_the_list_begins_with_the_first_poll_and_goes_on() -> None:
    database = database_on(START)
    body = database.body
    database.body = lambda path: None if "/n/" in path else body(path)  # type: ignore[method-assign]
    poller = RadaPoller(database)
    poller.poll()
    first = database.now
    for turn in range(8):
        database.put(replace(noise(1)[0], nreg=f"{2000 + turn}/2026", touched=database.now))
        poller.poll(by=5 * DAY)
    covered = coverage_of_cursor(poller.source.cursor, poller.source.last_good_at)
    assert (covered.since, covered.through) == (first, database.now)


def test_ua_1_the_list_of_updated_documents_is_read_in_its_real_shape() -> None:
    database = database_on(START)
    poller = RadaPoller(database)
    poller.poll()
    show(database, DECREE)
    feed = database._feed()
    hidden = feed.replace(b"/laws/show/596/2026<", b"/laws/show/1000/2026<")
    database.refuse = lambda path: hidden if path == FEED else None
    assert [step(c) for c in poller.poll()] == ["ua/decree/596/2026"], "the list shows what the feed does not"


# UA-2: keys and numbers


KEYS = {
    "XII": ("3543-12", "3543-XII", "ua/law/3543-xii"),
    "XII, one of the first": ("1934-12", "1934-XII", "ua/law/1934-xii"),
    "XIV": ("679-14", "679-XIV", "ua/law/679-xiv"),
    "III": ("1550-14", "1550-III", "ua/law/1550-iii"),
    "III, the first": ("1458-14", "1458-III", "ua/law/1458-iii"),
    "IV": ("435-15", "435-IV", "ua/law/435-iv"),
    "V": ("1103-16", "1103-V", "ua/law/1103-v"),
    "VI": ("5515-17", "5515-VI", "ua/law/5515-vi"),
    "VII": ("1315-18", "1315-VII", "ua/law/1315-vii"),
    "VIII": ("389-19", "389-VIII", "ua/law/389-viii"),
    "IX": ("4643-20", "4643-IX", "ua/law/4643-ix"),
}


@pytest.mark.parametrize(("nreg", "number", "identity"), KEYS.values(), ids=KEYS)
def test_ua_2_a_law_is_named_by_its_number_and_found_by_its_key(nreg: str, number: str, identity: str) -> None:
    document = DocumentId.parse(identity)
    assert (nreg_of(document), number_of(document)) == (nreg, number)
    assert document_of_nreg(nreg, number) == document
    assert document_of_nreg(nreg) == document
    assert resolve(f"№ {number}", today=date(2026, 7, 1)).document == document
    assert resolve(f"https://zakon.rada.gov.ua/laws/show/{nreg}#Text", today=date(2026, 7, 1)).document == document


def test_ua_2_the_number_that_the_source_states_decides() -> None:
    assert str(document_of_nreg("1500-14", "1500-XIV")) == "ua/law/1500-xiv"
    assert str(document_of_nreg("700-14", "700-ІІІ")) == "ua/law/700-iii", "Roman digits typed in Cyrillic"
    assert str(document_of_nreg("700-14", "№ 1 про інше")) == "ua/law/700-xiv"


@pytest.mark.parametrize(("nreg", "number", "identity"), list(KEYS.values())[:4], ids=list(KEYS)[:4])
def test_ua_2_an_old_law_is_read(nreg: str, number: str, identity: str) -> None:
    poller = following(identity, an_act(nreg, number, on=date(1993, 10, 21)))
    record = poller.record(DocumentId.parse(identity))
    assert (record.title, record.facets["item"][""]["number"]) == ("Про зразковий порядок", number)
    assert poller.outcome.went_well
    assert poller.source.error is None


def test_ua_2_a_card_with_another_number_is_another_law() -> None:
    poller = following("ua/law/679-xiv", an_act("679-14", "679-III", on=date(2001, 1, 1)))
    assert "679-III" in (poller.source.error or "")


def test_ua_2_a_number_that_the_database_does_not_have_is_said_at_once() -> None:
    poller = RadaPoller(database_on(START), (DocumentId("ua", "law", ("9999-xii",)), MARTIAL_LAW))
    for _ in range(3):
        assert poller.poll() == []
        assert poller.source.state is Health.OK
        assert poller.outcome.went_well
        assert english(poller.source.error) == "UA law 9999-XII: the database has no act with the key 9999-12"


# UA-3: the sign-off


AMENDED = """ЗАКОН УКРАЇНИ
Про зразковий порядок
(Відомості Верховної Ради (ВВР), 2015, № 1, ст.1)
{Із змінами, внесеними згідно із Законами
№ 1111-VIII від 10.01.2017, ВВР, 2017, № 1, ст.1
№ 2222-IX від 10.05.2022}
Стаття 1. Предмет
Цей Закон визначає зразковий порядок.
{Частина перша статті 1 в редакції Закону № 2222-IX від 10.05.2022}
Президент України
А. Б.
м. Київ
12 травня 2015 року
№ 901-VIII
Додаток
до Закону України
{Додаток в редакції Закону № 2222-IX від 10.05.2022}
"""
SIGN_OFFS = {
    "amended, with an annex": (AMENDED, "901-VIII", "2015-05-12"),
    "an annex with a number of its own line": (AMENDED + "Закон\n№ 2222-IX\n", "901-VIII", "2015-05-12"),
    "far behind the beginning": (AMENDED.replace("Стаття 1", "Слово. " * 20_000 + "\nСтаття 1"), "901-VIII", "2015-05-12"),
    "lines of Windows": (AMENDED.replace("\n", "\r\n"), "901-VIII", "2015-05-12"),
    "no-break spaces": (AMENDED.replace("№ 901", "№\u00a0901"), "901-VIII", "2015-05-12"),
    "N for №": (AMENDED.replace("№ 901", "N 901"), "901-VIII", "2015-05-12"),
    "Cyrillic digits": (AMENDED.replace("901-VIII", "901-VІІІ"), "901-VIII", "2015-05-12"),
    "an old layout": (AMENDED.replace("м. Київ\n12 травня 2015 року\n№ 901-VIII\n", "м. Київ, 12 травня 2015 року\nN 901-VIII\n"), "901-VIII", "2015-05-12"),
    "an old layout without a line of its own": (
        AMENDED.replace("м. Київ\n12 травня 2015 року\n№ 901-VIII\n", "м. Київ, 12 травня 2015 року N 901-VIII\n"), None, "2015-05-12",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "number", "day"), SIGN_OFFS.values(), ids=SIGN_OFFS)
def test_ua_3_a_law_is_numbered_by_its_sign_off(text: str, number: str | None, day: str) -> None:
    read = read_law(text)
    assert (read.number, read.adopted_on) == (number, day)


def test_ua_3_an_amended_law_is_read() -> None:
    poller = following("ua/law/901-viii", replace(an_act("901-19", "901-VIII", on=date(2015, 5, 12)), text=AMENDED))
    assert poller.outcome.faults == []
    assert poller.record(DocumentId("ua", "law", ("901-viii",))).facets["texts"]


def test_ua_3_a_text_that_is_never_read_shows_in_sources_at_every_poll() -> None:
    other = AMENDED.replace("№ 901-VIII\n", "№ 902-VIII\n")
    poller = following("ua/law/901-viii", replace(an_act("901-19", "901-VIII", on=date(2015, 5, 12)), text=other))
    for _ in range(3):
        assert poller.source.state is Health.OK
        assert "expected 901-VIII, saw 902-VIII" in english(poller.source.error)
        poller.poll()


# UA-4, 5, 7, 8, 16: status, editions, days


def an_act(nreg: str, number: str, *, on: date = date(2015, 5, 12), status: object = 5, **more: object) -> RadaDocument:
    """Compose a law of the database; `more` are members of its card."""
    roman = number if "-" in number else f"{number}-IX"
    text = AMENDED.replace("901-VIII", roman).replace("12 травня 2015 року", f"{on.day} травня {on.year} року")
    card = {"n_vlas": number, "organs": f"1:{on:%Y%m%d}:{number}", **more}
    months = [
        "січня",
        "лютого",
        "березня",
        "квітня",
        "травня",
        "червня",
        "липня",
        "серпня",
        "вересня",
        "жовтня",
        "листопада",
        "грудня",
    ]
    text = text.replace(" травня ", f" {months[on.month - 1]} ")
    return RadaDocument(
        nreg,
        "Про зразковий порядок",
        on,
        "Закон України",
        status,
        START,
        text,
        more=tuple(card.items()),  # type: ignore[arg-type]
    )


def following(identity: str, act: RadaDocument, now: datetime = START) -> RadaPoller:
    """Return somebody who follows one act, read once."""
    poller = RadaPoller(database_on(now, act), (DocumentId.parse(identity),))
    assert poller.poll() == []
    return poller


def change_card(poller: RadaPoller, now: datetime, **more: object) -> list[Change]:
    """Change the card of the one followed act on a day, and poll."""
    (act,) = (p for p in poller.database.acts.values() if p.title == "Про зразковий порядок")
    poller.database.now = now
    text = more.pop("text", act.text)
    status = more.pop("status", act.status)
    poller.database.touch(act.nreg, text=text, status=status, more=tuple({**dict(act.more), **more}.items()))
    return poller.poll()


LAW_901 = DocumentId("ua", "law", ("901-viii",))
AUGUST = datetime(2026, 8, 12, 9, tzinfo=UTC)
ADOPTED = {"podid": 4, "poddat": 20150512}
IN_FORCE = {"podid": 1, "poddat": 20150604}

TURNS: dict[str, tuple[dict[str, object], str, str]] = {
    "lost force, by its events": (
        {"status": 1, "poddat": 20260812, "hist": [ADOPTED, IN_FORCE, {"podid": 3, "poddat": 20260811, "pidstava": "9-20"}]},
        "LOST_FORCE", "2026-08-11",
    ),
    "lost force, by the last event alone": ({"status": 1, "poddat": 20260811}, "LOST_FORCE", "2026-08-11"),
    "suspended": ({"status": 3, "poddat": 20260811}, "SUSPENDED", "2026-08-11"),
    "suspended, by an event of a kind of its own": (
        {"status": 3, "poddat": 20260811, "hist": [ADOPTED, IN_FORCE, {"podid": 2, "poddat": 20260810}]},
        "SUSPENDED", "2026-08-10",
    ),
    "events as one string": (
        {"status": 1, "poddat": 20260812, "hist": None, "history": "20150512:4:|20150604:1:|20260811:3:9-20"},
        "LOST_FORCE", "2026-08-11",
    ),
    "an end that lies ahead is none": (
        {"status": 3, "poddat": 20260811, "hist": [ADOPTED, IN_FORCE, {"podid": 3, "poddat": 20270101}]},
        "SUSPENDED", "2026-08-11",
    ),
    "not applied": ({"status": "7", "poddat": 20260811}, "NOT_APPLIED", "2026-08-11"),
    "a status with its day": ({"status": "1:20260811", "poddat": 20260812}, "LOST_FORCE", "2026-08-11"),
    "a status with its day and its last": ({"status": "3:20260811:20261231", "poddat": 20260812}, "SUSPENDED", "2026-08-11"),
    "a status the dictionary lacks": ({"status": 42, "poddat": 20260811}, "42", "2026-08-11"),
}  # fmt: skip


@pytest.mark.parametrize(("card", "status", "day"), TURNS.values(), ids=TURNS)
def test_ua_4_a_followed_act_reports_its_status_with_its_day(card: dict[str, object], status: str, day: str) -> None:
    poller = following("ua/law/901-viii", an_act("901-19", "901-VIII", hist=[ADOPTED, IN_FORCE]))
    last = poller.record(LAW_901).last_status
    assert last is not None
    assert (last.status, last.on) == ("IN_FORCE", "2015-06-04")
    (change,) = change_card(poller, AUGUST, **card)
    assert (change.kind, change.before, change.after, change.happened_on) == (Kind.STATUS, "IN_FORCE", status, day)
    assert change_card(poller, AUGUST + DAY, **card) == []


def test_ua_4_it_comes_back_and_goes_again() -> None:
    poller = following("ua/law/901-viii", an_act("901-19", "901-VIII"))
    found = [
        change.after
        for turn, number in enumerate((3, 4, 3, 1))
        for change in change_card(
            poller, AUGUST + turn * 10 * DAY, status=number, poddat=int(f"{AUGUST + turn * 10 * DAY:%Y%m%d}")
        )
    ]
    assert found == ["SUSPENDED", "RESTORED", "SUSPENDED", "LOST_FORCE"]


def test_ua_4_the_words_are_plain_in_both_languages() -> None:
    assert status_label("LOST_FORCE", LAW_901) == "Lost force"
    poller = following("ua/law/901-viii", an_act("901-19", "901-VIII"))
    (change,) = change_card(poller, AUGUST, status=1, poddat=20260811)
    assert headline(change, 100) == "Lost force (was: In force)"
    assert "Втратив чинність" in headline(change, 100, language=language_of("uk"))


EDITIONS = [
    {"datred": 20150512, "pidstava": ""},
    {"datred": 20260701, "pidstava": "2222-20"},
    {"datred": 20270101, "pidstava": "3333-20"},
]
JULY = datetime(2026, 7, 1, 9, tzinfo=UTC)
NEW_WORDS = AMENDED.replace("зразковий порядок.", "зразковий порядок і строки.")


def test_ua_5_a_new_edition_has_its_basis_and_its_day() -> None:
    poller = following("ua/law/901-viii", an_act("901-19", "901-VIII", datred=20150512, eds=EDITIONS[:1]))
    (change,) = change_card(
        poller, JULY, text=NEW_WORDS, datred=20260701, poddat=20260701, pidstava="2222-20", eds=EDITIONS
    )
    assert (change.kind, change.happened_on) == (Kind.TEXT, "2026-07-01")
    assert headline(change, 200) == "New text: edition of 1 July 2026, on the basis of law 2222-IX"
    assert "редакція від 1 липня 2026" in headline(change, 200, language=language_of("uk"))
    assert poller.record(LAW_901).facets["item"][""]["next_editions"] == {"2027-01-01": "3333-IX"}
    assert change_card(poller, JULY + DAY) == []


def test_ua_5_an_edition_whose_text_comes_later_is_reported_once() -> None:
    poller = following("ua/law/901-viii", an_act("901-19", "901-VIII", datred=20150512))
    found = change_card(poller, JULY, datred=20260701, poddat=20260701, pidstava="2222-20")
    found += change_card(poller, JULY + DAY, text=NEW_WORDS)
    assert [change.happened_on for change in found if change.kind is Kind.TEXT][:1] == ["2026-07-01"]


def test_ua_5_an_edition_to_come_is_not_in_force() -> None:
    poller = following("ua/law/901-viii", an_act("901-19", "901-VIII", datred=20150512))
    assert change_card(poller, JULY, datred=20270101, pidstava="3333-20", eds=[EDITIONS[0], EDITIONS[2]]) == []
    assert poller.record(LAW_901).facets["item"][""]["edition_on"] == "2015-05-12"


def test_ua_5_other_words_within_one_edition_have_no_day() -> None:
    poller = following("ua/law/901-viii", an_act("901-19", "901-VIII", datred=20150512))
    (change,) = change_card(poller, JULY, text=NEW_WORDS)
    assert (change.kind, change.happened_on) == (Kind.TEXT, None)


def test_ua_5_a_text_beside_a_card_that_cannot_be_read_waits_for_it() -> None:
    poller = following("ua/law/901-viii", an_act("901-19", "901-VIII", datred=20150512))
    body = poller.database.body
    poller.database.body = lambda path: None if "/n/" in path else body(path)  # type: ignore[method-assign]
    poller.database.refuse = lambda path: Unavailable("500", status=500) if "/card/" in path else None
    more = {"datred": 20260701, "poddat": 20260701, "pidstava": "2222-20"}
    assert change_card(poller, JULY, text=NEW_WORDS, **more) == []
    poller.database.refuse = lambda path: None
    assert [change.happened_on for change in change_card(poller, JULY + DAY)] == ["2026-07-01"]


@pytest.mark.parametrize("days", [1, 2, 9])
@pytest.mark.parametrize("basis", ["", "2222-20"])
def test_ua_5_an_edition_whose_text_could_not_be_read_at_first_keeps_its_day(days: int, basis: str) -> None:
    poller = following("ua/law/901-viii", an_act("901-19", "901-VIII", datred=20150512))
    poller.database.refuse = lambda path: Unavailable("503", status=503) if "/show/" in path else None
    found = change_card(poller, JULY, text=NEW_WORDS, datred=20260701, poddat=20260701, pidstava=basis)
    for day in range(1, days):
        found += change_card(poller, JULY + day * DAY)
    poller.database.refuse = lambda path: None
    found += change_card(poller, JULY + days * DAY)
    (change,) = found
    assert (change.kind, change.happened_on) == (Kind.TEXT, "2026-07-01")
    assert "edition of 1 July 2026" in headline(change, 200)
    assert change_card(poller, JULY + 20 * DAY) == []


def test_ua_6_the_documents_say_what_the_register_can_do() -> None:
    words = " ".join((CHECKOUT / "docs/reference/sources.md").read_text(encoding="utf-8").split())
    assert "the daily files of the register are not read" in words
    assert "rada_bulk" not in words


def test_ua_6_a_bill_has_its_address_and_the_status_that_the_page_shows() -> None:
    shown = register_row("13.07.2026", "Президент України", REGISTER_TITLE, "Очікує розгляду (14.07.2026)")
    ((bill,), _) = parse_search(register_page(shown), "https://itd.rada.gov.ua")
    assert bill.url == "https://itd.rada.gov.ua/billInfo/Bills/Card/70001"
    assert (bill.status, bill.status_on) == ("Очікує розгляду", "2026-07-14")


def test_ua_7_entry_into_force_first_seen_late_has_its_day_and_the_decree_its_own_dates() -> None:
    database = database_on(datetime(2026, 7, 28, 9, tzinfo=UTC))
    poller = RadaPoller(database)
    poller.poll()
    hist = [{"podid": 4, "poddat": 20260714}, {"podid": 1, "poddat": 20260725}]
    text = (LAW.text or "").replace("не набрав чинності", "").rstrip() + "\n"
    show(
        database,
        replace(DECREE, status=5, more=(("poddat", 20260725),)),
        replace(LAW, status=5, text=text, more=(("hist", hist), ("poddat", 20260725))),
    )
    found = {step(change): change for change in poller.poll()}
    assert found["in_force:ua/law/4928-ix"].happened_on == "2026-07-25"
    signed = found["ua/decree/596/2026"]
    assert (signed.happened_on, signed.published_at) == ("2026-07-13", None)


def test_ua_7_a_message_about_an_act_leads_to_that_act() -> None:
    law_page = "https://zakon.rada.gov.ua/laws/show/4928-20"
    about = {
        "instruments/ua/decree/596/2026": "https://zakon.rada.gov.ua/laws/show/596/2026",
        "approvals/ua/law/4928-ix": law_page,
        "steps/in_force:ua/law/4928-ix": law_page,
        "steps/bill_registered:ua/bill/15001": law_page,
    }
    for subject, page in about.items():
        news = replace(change(Kind.TERM, None, "x", document=MARTIAL_LAW), subject=subject)
        assert compose(replace(notice(news), document=MARTIAL_LAW, url=law_page)).link == page
        elsewhere = "https://www.president.gov.ua/documents/5962026-60000"
        assert compose(replace(notice(news), document=MARTIAL_LAW, url=elsewhere)).link == elsewhere


STATUSES = {
    "an integer": (6, "не набрав чинності", None),
    "a number as text": ("5", "чинний", None),
    "with its day": ("5:20260725", "чинний", "2026-07-25"),
    "with first and last day": ("3:20260725:20261231", "дію зупинено", "2026-07-25"),
    "an empty day": ("5:", "чинний", None),
    "nothing": (None, None, None),
}


@pytest.mark.parametrize(("status", "word", "day"), STATUSES.values(), ids=STATUSES)
def test_ua_8_a_status_is_its_number_and_its_day(status: object, word: str | None, day: str | None) -> None:
    card = parse_card(json.dumps({"nreg": "1/2026", "nazva": "x", "status": status}).encode(), "1/2026")
    assert (card.status, card.status_on) == (word, day)


def test_ua_8_a_law_in_force_by_such_a_status_counts() -> None:
    database = database_on(datetime(2026, 7, 12, 9, tzinfo=UTC))
    poller = RadaPoller(database)
    poller.poll()
    database.now = datetime(2026, 7, 14, 18, tzinfo=UTC)
    show(database, DECREE, replace(LAW, status="6:20260714"))  # type: ignore[arg-type]
    assert len(poller.poll()) == 2
    database.now = datetime(2026, 7, 26, 12, tzinfo=UTC)
    database.touch("4928-20", status="5:20260725")
    (in_force,) = poller.poll()
    assert (step(in_force), in_force.happened_on) == ("in_force:ua/law/4928-ix", "2026-07-25")


def test_ua_1_many_updates_at_once_leave_no_gap() -> None:
    database = database_on(START)
    body = database.body
    database.body = lambda path: None if "/n/" in path else body(path)  # type: ignore[method-assign]
    poller = RadaPoller(database)
    poller.poll()
    first = database.now
    database.put(*(replace(one, nreg=f"{2000 + n}/2026") for n, one in enumerate(noise(150, touched=database.now))))
    poller.poll(by=DAY)
    assert coverage_of_cursor(poller.source.cursor).since == first, "the feed still shows what was known"


# UA-9, 10: how the publisher turns programs away


NOTICES = {
    "UTF-8": BLOCKED.encode(),
    "windows-1251": BLOCKED.encode("windows-1251"),
    "a page": f"<html><body><h1>{BLOCKED}</h1></body></html>".encode(),
    "access forbidden": "Доступ заборонено".encode(),
    "too many": "Перевищено кількість запитів з вашої адреси".encode("windows-1251"),
    "English": b"Access denied",
    "a challenge": b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>",
    "a challenge in words": b"<html><body><p>Checking your browser before accessing</p></body></html>",
    "a riddle": "<html><body>Підтвердіть, що ви не робот</body></html>".encode(),
    "a page that wants scripts": b"<html><body>Please enable JavaScript and cookies to continue</body></html>",
}


@pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES)
@pytest.mark.parametrize("part", ["/laws/show/", "/laws/card/"])
def test_ua_9_a_block_notice_is_no_document(notice: bytes, part: str) -> None:
    database = database_on(datetime(2026, 7, 12, 9, tzinfo=UTC))
    poller = RadaPoller(database)
    poller.poll()
    database.now = datetime(2026, 7, 13, 18, tzinfo=UTC)
    show(database, DECREE, LAW)
    database.refuse = lambda path: notice if path.startswith(part) else None
    assert poller.poll() == []
    assert poller.source.state is Health.BLOCKED
    database.refuse = lambda path: None
    assert [step(c) for c in poller.poll()] == ["ua/decree/596/2026", "ua/law/4928-ix"]


def test_ua_9_the_last_good_text_stands() -> None:
    poller = following("ua/law/901-viii", an_act("901-19", "901-VIII"))
    before = poller.record(LAW_901).facets["texts"]
    poller.database.refuse = lambda path: BLOCKED.encode("windows-1251") if "/show/" in path else None
    assert change_card(poller, JULY, poddat=20260701) == []
    assert poller.record(LAW_901).facets["texts"] == before
    poller.database.refuse = lambda path: b"ok" if "/show/" in path else None
    assert change_card(poller, JULY + DAY, poddat=20260702) == []
    assert poller.record(LAW_901).facets["texts"] == before
    assert "expected the text of an act" in english(poller.source.error)


def test_ua_9_what_was_read_before_the_refusal_is_reported_and_the_rest_is_asked_for_again() -> None:
    database = database_on(datetime(2026, 7, 12, 9, tzinfo=UTC))
    poller = RadaPoller(database)
    poller.poll()
    database.now = datetime(2026, 7, 14, 18, tzinfo=UTC)
    show(database, DECREE, LAW)
    database.refuse = lambda path: BLOCKED.encode() if "4928-20" in path else None
    assert [step(c) for c in poller.poll()] == ["ua/decree/596/2026"]
    assert poller.source.state is Health.BLOCKED
    database.refuse = lambda path: None
    assert [step(c) for c in poller.poll()] == ["ua/law/4928-ix"]


def asked_over_http(answer: Callable[[ReceivedRequest], Reply], path: str = "1/2026") -> Response:
    with serve(answer) as server:
        http = HttpClient(contact="", clock=lambda: START, allow_hosts=("127.0.0.1",))
        try:
            return RadaClient(http, server.url).text(path, None)
        finally:
            http.close()


def test_ua_9_a_403_says_blocked_where_it_says_so() -> None:
    with pytest.raises(Blocked):
        asked_over_http(lambda _: Reply(403, "Доступ заборонено".encode(), "text/plain"))
    with pytest.raises(Refused):
        asked_over_http(lambda _: Reply(403, b"no key", "text/plain"))
    with pytest.raises(Refused):
        asked_over_http(lambda _: Reply(403, b"", "text/plain"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_ua_10_a_redirect_to_the_site_for_people_is_not_followed(status: int) -> None:
    with serve(lambda _: Reply(200, ("Закон № 1 " * 100).encode(), "text/html")) as people:
        sent = {"Location": f"{people.url}/laws/main/r"}
        with pytest.raises(Blocked, match="sent to the site for people"):
            asked_over_http(lambda _: Reply(status, b"", "text/html", sent))
        assert people.asked == []


def test_ua_10_a_redirect_within_the_interface_is_followed_as_the_same_program() -> None:
    asked: list[ReceivedRequest] = []

    def answer(request: ReceivedRequest) -> Reply:
        asked.append(request)
        if len(asked) == 1:
            return Reply(301, b"", "text/html", {"Location": "/laws/show/2/2026.txt"})
        return Reply(200, "УКАЗ № 2/2026".encode(), "text/plain")

    assert asked_over_http(answer).status == 200
    assert [one.headers["user-agent"] for one in asked] == ["OpenData", "OpenData"]


def test_ua_10_redirects_in_a_circle_end() -> None:
    with pytest.raises(SourceError, match="more than 3 redirects"):
        asked_over_http(lambda request: Reply(302, b"", "text/html", {"Location": request.path}))


# UA-16: what the first message can say


def test_ua_16_what_is_in_the_record_belongs_in_the_answer() -> None:
    act = an_act(
        "1103-16", "1103-V", on=date(2007, 5, 31), datred=20260302, pidstava="4718-20", poddat=20260302,
        hist=[{"podid": 4, "poddat": 20070531}, {"podid": 1, "poddat": 20070621}],
    )  # fmt: skip
    poller = following("ua/law/1103-v", act, datetime(2026, 3, 10, tzinfo=UTC))
    record = poller.record(DocumentId("ua", "law", ("1103-v",)))
    item, last = record.facets["item"][""], record.last_status
    assert last is not None
    assert (record.title, item["number"], item["introduced_on"]) == ("Про зразковий порядок", "1103-V", "2007-05-31")
    assert (last.status, last.on) == ("IN_FORCE", "2007-06-21")
    assert last.text == "чинний, редакція від 02.03.2026, підстава 4718-IX"
    assert (item["edition_on"], item["edition_basis"]) == ("2026-03-02", "4718-IX")
    assert record.url == "https://zakon.rada.gov.ua/laws/show/1103-16"


def test_ua_16_an_act_followed_by_its_key_is_read() -> None:
    constitution = RadaDocument(
        "254к/96-вр", "Конституція України", date(1996, 6, 28), "Конституція", 5, START, "КОНСТИТУЦІЯ УКРАЇНИ\n"
    )
    poller = following("ua/act/254k/96-vr", constitution)
    record = poller.record(DocumentId("ua", "act", ("254k", "96-vr")))
    assert (record.title, record.last_status and record.last_status.status) == ("Конституція України", "IN_FORCE")
    assert {"/laws/card/254%D0%BA/96-%D0%B2%D1%80.json", "/laws/show/254%D0%BA/96-%D0%B2%D1%80.txt"} <= set(
        poller.database.taken()
    )


# UA-11, 13: the register's search page


REGISTER_TITLE = (
    'Проект Закону про затвердження Указу Президента України "Про продовження строку дії воєнного стану в Україні"'
)
SITE = "https://itd.example.org"


def register_row(*cells: str, number: str = "15001", card: str = "70001") -> str:
    link = f'<a href="/billInfo/Bills/Card/{card}">{number}</a>'
    return f"<tr><td></td><td>{link}</td>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def register_page(*rows: str) -> bytes:
    return f"<p>Знайдено законопроектів: {len(rows)}</p><table>{''.join(rows)}</table>".encode()


ROWS = {
    "without details": (("13.07.2026", "Президент України", REGISTER_TITLE), "", None),
    "with every column": (
        ("13.07.2026", "14 сесія", "Президент України", REGISTER_TITLE, "", "Закон підписано (24.07.2026)"), "Закон підписано", "2026-07-24",
    ),
    "the status before the title": (
        ("13.07.2026", "Президент України", "Очікує розгляду (14.07.2026)", REGISTER_TITLE), "Очікує розгляду", "2026-07-14",
    ),
    "the initiator last": (("13.07.2026", REGISTER_TITLE, "Президент України"), "", None),
    "the initiator with a name": (("13.07.2026", "Президент України Зеленський В.О.", REGISTER_TITLE), "", None),
    "a status without a day": (("13.07.2026", "Президент України", REGISTER_TITLE, "Одержано проект"), "Одержано проект", None),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "status", "day"), ROWS.values(), ids=ROWS)
def test_ua_11_cells_are_known_by_what_they_say(cells: tuple[str, ...], status: str, day: str | None) -> None:
    ((bill,), count) = parse_search(register_page(register_row(*cells)), SITE)
    assert (count, bill.number, bill.title, bill.registered_on) == (1, "15001", REGISTER_TITLE, "2026-07-13")
    assert bill.initiator.startswith("Президент України")
    assert bill.renews
    assert (bill.status, bill.status_on) == (status, day)
    assert bill.url == f"{SITE}/billInfo/Bills/Card/70001"


@pytest.mark.parametrize(
    "initiator", ["Кабінет Міністрів України", "Народний депутат України", "Народні депутати України"]
)
def test_ua_11_a_bill_of_others_renews_nothing(initiator: str) -> None:
    ((bill,), _) = parse_search(register_page(register_row("13.07.2026", initiator, REGISTER_TITLE)), SITE)
    assert (bill.initiator, bill.status, bill.renews) == (initiator, "", False)


NUMBERS = ("2285-д", "14271-П", "1231/П", "0001", "14128", "10449", "4298-1", "3553-ІХ-1", "2285-д1", "п. 5")


@pytest.mark.parametrize("number", NUMBERS)
def test_ua_13_a_number_is_whatever_the_register_calls_a_bill(number: str) -> None:
    row = register_row("13.07.2026", "Президент України", REGISTER_TITLE, number=number)
    ((bill,), _) = parse_search(register_page(row), SITE)
    assert (bill.number, bill.title, bill.renews) == (number, REGISTER_TITLE, True)


def test_ua_13_no_row_vanishes() -> None:
    rows = [
        register_row("13.07.2026", "Народний депутат України", REGISTER_TITLE, number=n, card=str(k))
        for k, n in enumerate(NUMBERS)
    ]
    bills, count = parse_search(register_page(*rows), SITE)
    assert (len(bills), count) == (len(NUMBERS), len(NUMBERS))
    assert not any(bill.renews for bill in bills)


# UA-12: addresses


FOLLOWED = {
    "the Constitution": ("https://zakon.rada.gov.ua/laws/show/254к/96-вр", "ua/act/254k/96-vr"),
    "escaped": ("https://zakon.rada.gov.ua/laws/show/254%D0%BA/96-%D0%B2%D1%80#Text", "ua/act/254k/96-vr"),
    "an edition of it": ("https://zakon.rada.gov.ua/laws/show/254к/96-вр/ed20200101", "ua/act/254k/96-vr"),
    "a regulation of the Cabinet": ("https://zakon.rada.gov.ua/laws/show/71-2026-р", "ua/act/71-2026-r"),
    "an order of a ministry": ("https://zakon.rada.gov.ua/laws/show/z0123-24#n5", "ua/act/z0123-24"),
    "a permanent address": ("https://zakon.rada.gov.ua/go/322-08", "ua/act/322-08"),
    "an old mirror": ("http://zakon3.rada.gov.ua/laws/show/995_004", "ua/act/995_004"),
    "an old law": ("https://zakon.rada.gov.ua/laws/show/3543-12", "ua/law/3543-xii"),
    "a decree": ("https://zakon.rada.gov.ua/laws/show/64/2022", "ua/decree/64/2022"),
    "its page at the President's": ("https://www.president.gov.ua/documents/9322026-61673", "ua/decree/932/2026"),
    "typed by its number": ("№ 254к/96-ВР", "ua/act/254k/96-vr"),
    "a law of 1997": ("280/97-ВР", "ua/act/280/97-vr"),
}
REFUSED = {
    "an old bill card": "https://w1.c1.rada.gov.ua/pls/zweb2/webproc4_1?pf3511=12345",
    "an act at the Cabinet's": "https://www.kmu.gov.ua/npas/pro-vnesennia-zmin-71-13072026",
    "a list": "https://zakon.rada.gov.ua/laws/main/r",
    "news": "https://www.rada.gov.ua/news/Novyny/250000.html",
    "the President's news": "https://www.president.gov.ua/news/administration",
}


@pytest.mark.parametrize(("address", "identity"), FOLLOWED.values(), ids=FOLLOWED)
def test_ua_12_an_act_the_database_has_is_followed_by_its_key(address: str, identity: str) -> None:
    document = resolve(address, today=date(2026, 7, 1)).document
    assert str(document) == identity
    assert is_handled(document)
    assert resolve(identity, today=date(2026, 7, 1)).document == document


@pytest.mark.parametrize("address", REFUSED.values(), ids=REFUSED)
def test_ua_12_what_cannot_be_followed_is_refused_with_the_accepted_forms(address: str) -> None:
    with pytest.raises(UnknownName, match="accepted: "):
        resolve(address, today=date(2026, 7, 1))


# UA-14: the President's list


def presidents_list(*items: tuple[str, str]) -> bytes:
    lines = "".join(
        f'<div class="doc_item"><h3><a href="{address}">{heading}</a></h3><p class="doc_date">13 липня 2026 року</p>'
        f'<div class="doc_text"><p>Про продовження строку дії воєнного стану в Україні </p></div></div>'
        for heading, address in items
    )
    return f'<div class="search_result">{lines}</div>'.encode()


def test_ua_14_a_decree_without_its_number_has_it_from_its_address() -> None:
    items, faults = parse_presidents_list(
        presidents_list(
            ("УКАЗ ПРЕЗИДЕНТА УКРАЇНИ", "/documents/9322026-61673"),
            ("УКАЗ ПРЕЗИДЕНТА УКРАЇНИ №931/2026", "/documents/1112026-61672"),
            ("Указ Президента України", "https://www.president.gov.ua/documents/12026-61600"),
        )
    )
    assert [item.number for item in items] == ["932/2026", "931/2026", "1/2026"]
    assert faults == []


def test_ua_14_a_decree_whose_number_nothing_says_is_a_fault_and_an_instruction_is_none() -> None:
    items, faults = parse_presidents_list(
        presidents_list(
            ("УКАЗ ПРЕЗИДЕНТА УКРАЇНИ №931/2026", "/documents/9312026-61672"),
            ("УКАЗ ПРЕЗИДЕНТА УКРАЇНИ", "/documents/new"),
            ("РОЗПОРЯДЖЕННЯ ПРЕЗИДЕНТА УКРАЇНИ №5/2026-рп", "/documents/52026-rp-61600"),
        )
    )
    assert [item.number for item in items] == ["931/2026"]
    assert ["expected a number" in str(fault.error) for fault in faults] == [True]


# Bounds


def test_a_poll_reads_so_many_acts_and_the_next_ones_the_rest() -> None:
    acts = [
        an_act(f"{number}-20", f"{number}-IX", on=date(2026, 1, 2))
        for number in range(5001, 5001 + 2 * ACTS_A_POLL + 5)
    ]
    database = database_on(START, *acts)
    follows = tuple(DocumentId("ua", "law", (f"{act.nreg[:4]}-ix",)) for act in acts)
    poller = RadaPoller(database, (*follows, MARTIAL_LAW))
    read = []
    for _ in range(4):
        poller.poll()
        read.append(sum("/card/" in path for path in database.taken()))
    assert read == [ACTS_A_POLL, ACTS_A_POLL, 5, 0]
    show(database, decree("12/2026", START.date()))
    for act in acts:
        database.touch(act.nreg, more=(*act.more, ("poddat", 20260105)))
    assert [step(c) for c in poller.poll() if c.kind is Kind.TERM] == ["ua/decree/12/2026"], "a regime does not wait"
    assert [sum("/card/" in path for path in database.taken())] == [ACTS_A_POLL]


def test_acts_that_do_not_exist_keep_no_other_from_being_read() -> None:
    missing = [DocumentId("ua", "law", (f"{number}-ix",)) for number in range(5001, 5001 + ACTS_A_POLL + 5)]
    last = DocumentId("ua", "law", ("5999-ix",))
    database = database_on(START, an_act("5999-20", "5999-IX", on=date(2026, 1, 2)))
    poller = RadaPoller(database, (*missing, last, MARTIAL_LAW))
    read = []
    for _ in range(4):
        poller.poll()
        paths = database.taken()
        read.append((sum("/card/" in path for path in paths), "/laws/card/5999-20.json" in paths))
    assert read == [(ACTS_A_POLL, False), (ACTS_A_POLL, True), (0, False), (0, False)]
    database.put(an_act("5065-20", "5065-IX", on=date(2026, 1, 2)))
    database.touch("5065-20")
    poller.poll()
    assert "/laws/card/5065-20.json" in database.taken()


WAYS_TO_FAIL = {
    "no act has the key": lambda path: None,
    "the card cannot be read": lambda path: b"[]" if "/card/" in path else None,
    "the card is another act's": lambda path: b'{"nreg": "1-20", "nazva": "x"}' if "/card/" in path else None,
    "there is no answer": lambda path: Unavailable("no answer") if "/card/" in path else None,
}


@pytest.mark.parametrize("refuse", WAYS_TO_FAIL.values(), ids=WAYS_TO_FAIL)
def test_acts_that_cannot_be_read_are_tried_in_turn(refuse: Callable[[str], bytes | SourceError | None]) -> None:
    """Each is tried again before any of them is tried twice more, and one that is readable again is read then."""
    count = 2 * ACTS_A_POLL + 5
    lost = [DocumentId("ua", "law", (f"{number}-ix",)) for number in range(5001, 5001 + count)]
    database = database_on(START, an_act("4999-20", "4999-IX", on=date(2026, 1, 2)))
    database.refuse = refuse
    poller = RadaPoller(database, (*lost, MARTIAL_LAW))
    for _ in range(3):
        poller.poll()
    database.taken()
    tried: list[str] = []
    for _ in range(3):
        poller.poll(timedelta(hours=7))
        cards = [path for path in database.taken() if "/card/" in path]
        assert len(cards) == ACTS_A_POLL, "the bound of a poll"
        tried += cards
    assert len(set(tried)) == count
    last = database.acts["5125-20"] = an_act("5125-20", "5125-IX", on=date(2026, 1, 2))
    database.unlisted.add(last.nreg)
    database.refuse = lambda path: None
    for _ in range(3):
        poller.poll(timedelta(hours=7))
    assert poller.record(DocumentId("ua", "law", ("5125-ix",))).title


def test_what_lies_ahead_of_an_act_is_known() -> None:
    coming = {"hist": [ADOPTED, IN_FORCE, {"podid": 3, "poddat": 20280301}], "eds": [*EDITIONS, {"datred": 30000101}]}
    poller = following("ua/law/901-viii", an_act("901-19", "901-VIII", datred=20150512, **coming), JULY)
    record = poller.record(LAW_901)
    ahead = upcoming_of_document(LAW_901, "IN_FORCE", record.facets, JULY)
    assert [(one.on.isoformat(), one.kind, english(one.what)) for one in ahead] == [
        ("2027-01-01", "edition", "a new edition, on the basis of 3333-IX"),
        ("2028-03-01", "end", "it loses force"),
    ]
