"""What the register of bills adds: registered, signed, become law, each told once, whoever tells it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from urllib.parse import parse_qs

import pytest

from domain.observation import PollRequest
from domain.sources import Request, Response
from tests.helpers.paths import CORPUS
from tests.watchers.rada.publisher import BASE, RadaServer, decree, law
from tests.watchers.ukraine_sources import BILL, DEPUTIES, UkraineInstallation, answering, row, search
from watchers.rada.bill_register import BillRegisterWatcher, DailyFile, RegisterSearch
from watchers.rada.bills import parse_bulk, parse_search
from watchers.rada.watcher import RadaWatcher

SITE = "https://itd.example.org"
FOLDER = CORPUS / "ukraine" / "composed" / "billinfo-control-chars.json"
SEARCH, FILE = BillRegisterWatcher(RegisterSearch(SITE)), BillRegisterWatcher(DailyFile(BASE))
OPEN = row("14128", "20.10.2025")
SIGNED = row("14128", "20.10.2025", "Закон підписано (30.10.2025)")
EMPTY = search()
REGISTERED = "Bill 14128 registered"
BY_PRESIDENT = "Bill 14128 signed by the President"


def entry(**more: object) -> dict[str, object]:
    return {
        "id": 1,
        "name": BILL,
        "registrationNumber": "14128",
        "registrationDate": "2025-10-20T00:00:00",
        "subject": "Президент України",
        "currentPhase_title": "Одержано Верховною Радою України",
        **more,
    }


def file(*entries: dict[str, object]) -> bytes:
    other = entry(registrationNumber="7", name=f"{BILL} ", registrationDate="2022-05-18T00:00:00")
    return json.dumps([{"id": 2, "name": "Про інше", "registrationNumber": "1"}, other, *entries]).encode()


BECAME = entry(
    actNumber="4643-IX",
    actDate="2025-10-21T00:00:00",
    passings=[{"date": "2025-10-30T00:00:00", "title": "Повернуто з підписом від Президента"}],
)


def test_a_registered_bill_is_reported_once_and_is_the_next_step() -> None:
    desk = UkraineInstallation()
    assert desk.poll(SEARCH, answering(EMPTY)) == []
    assert desk.standing().next_state.value == "none_seen"
    assert desk.poll(SEARCH, answering(search(OPEN))) == [REGISTERED]
    assert desk.standing().next_state.value == "bill_registered"
    assert desk.poll(SEARCH, answering(search(OPEN))) == []


def test_what_was_registered_before_the_first_reading_is_the_past() -> None:
    desk = UkraineInstallation()
    assert desk.poll(SEARCH, answering(search(OPEN))) == []
    assert desk.poll(SEARCH, answering(search(SIGNED)), timedelta(days=11)) == [BY_PRESIDENT]


def test_a_poll_costs_one_request_and_asks_for_what_moved() -> None:
    asked: list[Request] = []
    desk = UkraineInstallation()

    def http(request: Request) -> Response:
        asked.append(request)
        return answering(search(OPEN))(request)

    for _ in range(3):
        desk.poll(SEARCH, http)
    assert len(asked) == 3
    assert desk.outcome.quiet
    form = {name: values[0] for name, values in parse_qs((asked[-1].body or b"").decode()).items()}
    assert asked[-1].method == "POST"
    assert form["BillSearchModel.passingsRangeStart"] == "19.09.2025"
    assert form["BillSearchModel.passingsRangeEnd"] == "19.10.2025"
    assert "затвердження Указу" in form["BillSearchModel.name"]


def test_after_an_absence_the_search_reaches_back_to_it() -> None:
    asked: list[Request] = []
    desk = UkraineInstallation()
    desk.poll(SEARCH, answering(search(OPEN)))

    def http(request: Request) -> Response:
        asked.append(request)
        return answering(search(OPEN))(request)

    desk.poll(SEARCH, http, timedelta(days=90))
    assert "17.10.2025" in (asked[0].body or b"").decode()


def test_several_pages_are_read() -> None:
    desk = UkraineInstallation()
    desk.poll(SEARCH, answering(EMPTY))
    others = (row(str(13000 + n), "20.10.2025", title="Про інше", initiator=DEPUTIES) for n in range(30))
    first = search(*others, count=31)

    def http(request: Request) -> Response:
        page = parse_qs((request.body or b"").decode())["Paging.page"][0]
        return answering(first if page == "1" else search(OPEN, count=31))(request)

    assert desk.poll(SEARCH, http) == [REGISTERED]
    assert desk.outcome.requests == 2


SILENT = {
    "a bill of deputies with the same title": row("14128", "20.10.2025", initiator=DEPUTIES),
    "an amendment of the law on martial law": row(
        "14130", "20.10.2025", title="Проект Закону про внесення змін до Закону “Про правовий режим воєнного стану”"
    ),
    "a draft resolution on it": row(
        "14131", "20.10.2025", title="Проект Постанови про прийняття за основу проекту Закону про затвердження Указу"
    ),
    "an approval of another decree": row(
        "14132", "20.10.2025",
        title='Проект Закону про затвердження Указу Президента України "Про рішення Ради національної безпеки"',
    ),
}  # fmt: skip


@pytest.mark.parametrize("line", SILENT.values(), ids=SILENT)
def test_other_bills_are_silent(line: str) -> None:
    desk = UkraineInstallation()
    desk.poll(SEARCH, answering(EMPTY))
    assert desk.poll(SEARCH, answering(search(line))) == []


def test_a_refused_bill_is_reported() -> None:
    desk = UkraineInstallation()
    desk.poll(SEARCH, answering(search(OPEN)))
    refused = row("14128", "20.10.2025", "Проект відкликано (25.10.2025)")
    assert desk.poll(SEARCH, answering(search(refused))) == ["Bill 14128 not adopted: Проект відкликано"]


@pytest.mark.parametrize("first", [SEARCH.name, FILE.name], ids=["the search first", "the file first"])
def test_a_step_that_both_tell_is_reported_once(first: str) -> None:
    desk = UkraineInstallation()
    page, bulk = answering(search(SIGNED)), answering(file(BECAME), "application/json")
    desk.poll(SEARCH, answering(EMPTY))
    desk.poll(FILE, answering(file(), "application/json"))
    order = [(SEARCH, page), (FILE, bulk)] if first == SEARCH.name else [(FILE, bulk), (SEARCH, page)]
    told = [line for watcher, http in order for line in desk.poll(watcher, http)]
    assert sorted(told) == [REGISTERED, BY_PRESIDENT]
    assert [desk.poll(watcher, http) for watcher, http in order] == [[], []]


def test_the_law_a_bill_became_is_reported_once_whoever_tells_it_first() -> None:
    """The file names the law; the legislation database has it later. One document, one alert for each step."""
    signed = decree("793/2025", date(2025, 10, 20), "05 години 30 хвилин 5 листопада 2025 року")
    adopted = law("4643-20", date(2025, 10, 21), signed)
    database = RadaServer(now=UkraineInstallation().now)
    rada, desk = RadaWatcher(BASE), UkraineInstallation()
    database.put(decree("1/2025", date(2025, 1, 2), title="Про відзначення державними нагородами України"))
    desk.poll(rada, database)
    desk.poll(FILE, answering(file(), "application/json"))
    database.now = desk.now
    database.put(signed)
    database.touch(signed.nreg)
    first = desk.poll(rada, database)
    assert len(first) == 1
    assert "Decree 793/2025 signed" in first[0]
    bulk = desk.poll(FILE, answering(file(BECAME), "application/json"))
    assert {line.partition(":")[0] for line in bulk} == {REGISTERED, BY_PRESIDENT, "Law 4643-IX adopted"}
    assert desk.standing().next_instrument == "ua/decree/793/2025"
    database.put(adopted)
    database.now = desk.now
    database.touch(adopted.nreg)
    assert desk.poll(rada, database) == []
    assert desk.record().facets["approvals"]["ua/law/4643-ix"]["approves"] == "ua/decree/793/2025"


def test_an_unreadable_register_leaves_the_regime_as_it_was() -> None:
    desk = UkraineInstallation()
    desk.poll(SEARCH, answering(EMPTY))
    before = desk.standing()
    for _ in range(3):
        desk.poll(SEARCH, answering("<html>Технічні роботи</html>"))
    assert desk.states[SEARCH.name].state.value == "changed"
    assert desk.standing() == before


BROKEN = {
    "a page without a count": b"<html><table></table></html>",
    "a count without bills": search(count=5).encode(),
    "nothing": b"",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_page_that_is_no_answer_is_an_error(body: bytes) -> None:
    desk = UkraineInstallation()
    desk.poll(SEARCH, answering(body))
    assert type(desk.outcome.error).__name__ == "Changed"


BROKEN_FILES = {
    "no JSON": b"<html></html>",
    "an empty list": b"[]",
    "another shape": b'[{"id": 1}]',
    "no bill on a decree": b'[{"registrationNumber": "1", "name": "x"}]',
    "brackets without end": b"[" * 100_000,
}


@pytest.mark.parametrize("body", BROKEN_FILES.values(), ids=BROKEN_FILES)
def test_a_file_that_is_none_is_an_error(body: bytes) -> None:
    desk = UkraineInstallation()
    desk.poll(FILE, answering(body, "application/json"))
    assert type(desk.outcome.error).__name__ == "Changed"


def test_raw_control_characters_in_the_file_are_read() -> None:
    about, of = (json.dumps(word).strip('"').encode() for word in ("про", "затвердження"))
    body = file(BECAME).replace(about + b" " + of, about + b"\n\t " + of)
    assert b"\t" in body
    bill = parse_bulk(body)[-1]
    assert (bill.number, bill.act, bill.signed_on) == ("14128", "4643-IX", "2025-10-30")


@pytest.mark.corpus
def test_the_composed_file_of_the_corpus_is_read() -> None:
    (bill,) = parse_bulk(FOLDER.read_bytes())
    assert bill.renews
    assert (bill.number, bill.registered_on, bill.act, bill.act_on, bill.signed_on) == (
        "14128", "2025-10-20", "4643-IX", "2025-10-21", "2025-10-30"
    )  # fmt: skip


def test_a_row_is_read_by_what_its_cells_are() -> None:
    bare = f'<tr><td><a href="https://itd.rada.gov.ua/billinfo/Bills/Card/9">14128</a></td><td>{BILL}</td></tr>'
    bills, count = parse_search(search(bare).encode(), SITE)
    assert (count, bills[0].number, bills[0].registered_on, bills[0].renews) == (1, "14128", None, False)


def test_nobody_who_follows_nothing_is_asked() -> None:
    assert list(SEARCH.poll(PollRequest(None, {}, UkraineInstallation().now), answering(EMPTY))) == []
