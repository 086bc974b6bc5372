"""What the register of bills adds: registered, signed, refused, each sent once."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from domain.observation import PollRequest
from domain.sources import Request, Response
from tests.watchers.ukraine_sources import BILL, DEPUTIES, UkraineInstallation, answering, row, search
from watchers.rada.bills import RadaBillsWatcher, parse_search

SITE = "https://itd.example.org"
SEARCH = RadaBillsWatcher(SITE)
OPEN = row("14128", "20.10.2025")
SIGNED = row("14128", "20.10.2025", "Закон підписано (30.10.2025)")
EMPTY = search()
REGISTERED = "Bill 14128 registered"
BY_PRESIDENT = "Bill 14128 signed by the President"


def test_a_registered_bill_is_reported_once_and_is_the_next_step() -> None:
    installation = UkraineInstallation()
    assert installation.poll(SEARCH, answering(EMPTY)) == []
    assert installation.standing().next_state.value == "none_seen"
    assert installation.poll(SEARCH, answering(search(OPEN))) == [REGISTERED]
    assert installation.standing().next_state.value == "bill_registered"
    assert installation.poll(SEARCH, answering(search(OPEN))) == []


def test_what_was_registered_before_the_first_reading_is_the_past() -> None:
    installation = UkraineInstallation()
    assert installation.poll(SEARCH, answering(search(OPEN))) == []
    assert installation.poll(SEARCH, answering(search(SIGNED)), timedelta(days=11)) == [BY_PRESIDENT]


def test_a_poll_costs_one_request_and_asks_for_what_moved() -> None:
    asked: list[Request] = []
    installation = UkraineInstallation()

    def http(request: Request) -> Response:
        asked.append(request)
        return answering(search(OPEN))(request)

    for _ in range(3):
        installation.poll(SEARCH, http)
    assert len(asked) == 3
    assert installation.outcome.quiet
    form = {name: values[0] for name, values in parse_qs((asked[-1].body or b"").decode()).items()}
    assert asked[-1].method == "POST"
    assert form["BillSearchModel.passingsRangeStart"] == "19.09.2025"
    assert form["BillSearchModel.passingsRangeEnd"] == "19.10.2025"
    assert "затвердження Указу" in form["BillSearchModel.name"]


def test_after_an_absence_the_search_reaches_back_to_it() -> None:
    asked: list[Request] = []
    installation = UkraineInstallation()
    installation.poll(SEARCH, answering(search(OPEN)))

    def http(request: Request) -> Response:
        asked.append(request)
        return answering(search(OPEN))(request)

    installation.poll(SEARCH, http, timedelta(days=90))
    assert "17.10.2025" in (asked[0].body or b"").decode()


def test_several_pages_are_read() -> None:
    installation = UkraineInstallation()
    installation.poll(SEARCH, answering(EMPTY))
    others = (row(str(13000 + n), "20.10.2025", title="Про інше", initiator=DEPUTIES) for n in range(30))
    first = search(*others, count=31)

    def http(request: Request) -> Response:
        page = parse_qs((request.body or b"").decode())["Paging.page"][0]
        return answering(first if page == "1" else search(OPEN, count=31))(request)

    assert installation.poll(SEARCH, http) == [REGISTERED]
    assert installation.outcome.requests == 2


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
    installation = UkraineInstallation()
    installation.poll(SEARCH, answering(EMPTY))
    assert installation.poll(SEARCH, answering(search(line))) == []


def test_a_refused_bill_is_reported() -> None:
    installation = UkraineInstallation()
    installation.poll(SEARCH, answering(search(OPEN)))
    refused = row("14128", "20.10.2025", "Проект відкликано (25.10.2025)")
    assert installation.poll(SEARCH, answering(search(refused))) == ["Bill 14128 not adopted: Проект відкликано"]


def test_an_unreadable_register_leaves_the_regime_as_it_was() -> None:
    installation = UkraineInstallation()
    installation.poll(SEARCH, answering(EMPTY))
    before = installation.standing()
    for _ in range(3):
        installation.poll(SEARCH, answering("<html>Технічні роботи</html>"))
    assert installation.states[SEARCH.name].state.value == "changed"
    assert installation.standing() == before


BROKEN = {
    "a page without a count": b"<html><table></table></html>",
    "a count without bills": search(count=5).encode(),
    "nothing": b"",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_page_that_is_no_answer_is_an_error(body: bytes) -> None:
    installation = UkraineInstallation()
    installation.poll(SEARCH, answering(body))
    assert type(installation.outcome.error).__name__ == "Changed"


def test_a_row_is_read_by_what_its_cells_are() -> None:
    bare = f'<tr><td><a href="https://itd.rada.gov.ua/billinfo/Bills/Card/9">14128</a></td><td>{BILL}</td></tr>'
    bills, count = parse_search(search(bare).encode(), SITE)
    assert (count, bills[0].number, bills[0].registered_on, bills[0].renews) == (1, "14128", None, False)


CELLS = {
    "an initiator longer than the title": (
        ("13.07.2026", "Кабінет Міністрів України", "Проект Закону"),
        ("Проект Закону", "Кабінет Міністрів України", "", None),
    ),
    "the initiator behind the title": (
        ("13.07.2026", "Проект Постанови", "Народні депутати України"),
        ("Проект Постанови", "Народні депутати України", "", None),
    ),
    "the day of the status in a cell of its own": (
        ("13.07.2026", "Президент України", BILL, "Зареєстровано", "14.07.2026"),
        (BILL, "Президент України", "Зареєстровано", "2026-07-14"),
    ),
    "status and day in one cell": (
        ("13.07.2026", "Президент України", BILL, "Зареєстровано (14.07.2026)"),
        (BILL, "Президент України", "Зареєстровано", "2026-07-14"),
    ),
}


@pytest.mark.parametrize(("cells", "expected"), CELLS.values(), ids=CELLS)
def test_ua_11_neither_title_nor_initiator_is_a_status(
    cells: tuple[str, ...], expected: tuple[str, str, str, str | None]
) -> None:
    link = '<a href="/billInfo/Bills/Card/9">15010</a>'
    line = "".join(f"<td>{cell}</td>" for cell in ("", link, *cells))
    (found,), _ = parse_search(search(f"<tr>{line}</tr>").encode(), SITE)
    assert (found.title, found.initiator, found.status, found.status_on) == expected
    assert found.registered_on == "2026-07-13"


NUMBERS = {
    "14128": ("14128", "14128"),
    "№ 14128": ("14128", "14128"),
    "Проект Закону № 14128": ("14128", "14128"),
    "14128-д": ("14128-д", "14128-d"),
    "ПЗ14128": ("ПЗ14128", "pz14128"),
    "14128-ї": ("14128-ї", "card-57"),
    "п. 5": ("п. 5", "card-57"),
    "": ("", "card-57"),
}


@pytest.mark.parametrize(("words", "number", "name"), [(w, *n) for w, n in NUMBERS.items()], ids=NUMBERS)
def test_a_bill_is_reported_however_its_number_is_written(words: str, number: str, name: str) -> None:
    installation = UkraineInstallation()
    installation.poll(SEARCH, answering(EMPTY))
    listed = row("7", "20.10.2025").replace(">7<", f">{words}<")
    assert installation.poll(SEARCH, answering(search(listed))) == [f"Bill {number} registered"]
    (bill,), _ = parse_search(search(listed).encode(), SITE)
    assert str(bill.document) == f"ua/bill/{name}"


def test_nobody_who_follows_nothing_is_asked() -> None:
    assert list(SEARCH.poll(PollRequest(None, {}, UkraineInstallation().now), answering(EMPTY))) == []
