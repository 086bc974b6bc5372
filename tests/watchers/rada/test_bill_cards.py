"""What is told of a bill of the Verkhovna Rada that somebody follows by itself? The cards have the shape of the
register's; what they say is *constructed*."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html import escape
from urllib.parse import parse_qs

import pytest

from domain.alerts.routing import Audience, Watch
from domain.documents import DocumentId, public_url
from domain.errors import Blocked, Changed, Unavailable, UnknownName
from domain.jurisdictions.ua import JURISDICTION as UKRAINE
from domain.names import resolve
from domain.records.facets import Kind
from domain.records.record import Record
from domain.sources import Request, Response, SourceState
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll, PollOutcome
from tests.helpers.stores import TemporaryStore
from tests.watchers.ukraine_sources import row, search
from watchers.rada.cards import CARDS_A_POLL, RadaCardsWatcher, read_card

SITE = "https://itd.example.org"
START = datetime(2026, 7, 20, 8, tzinfo=UTC)
TITLE = "Проект Закону про зразковий порядок"
BILL = DocumentId("ua", "bill", ("14128",))
CARD = DocumentId("ua", "bill", ("card-514128",))
RECEIVED = ("20.10.2025", "Одержано Верховною Радою України")
IN_COMMITTEE = ("22.10.2025", "Опрацьовується в комітеті")
ADOPTED = ("14.07.2026", "Прийнято в цілому")
SENT = ("16.07.2026", "Передано на підпис Президенту")
SIGNED = ("24.07.2026", "Закон підписано")


def card(number: str, *events: tuple[str, str], head: tuple[str, str] | None = None, law: str = "") -> str:
    """Compose a card; the newest event comes first, `head` stands in the head of the table."""
    facts = {
        "Номер, дата реєстрації:": f"{number} від 20.10.2025",
        "Суб'єкт права законодавчої ініціативи:": "Народний депутат України",
        "Головний комітет:": "Комітет з питань зразків",
    } | ({"Номер, дата акту:": law} if law else {})
    rows = "".join(f'<div class="row"><div class="font-weight-bold col-3">{escape(n)}</div><div class="col">{escape(v)}'
                   "</div></div>" for n, v in facts.items())  # fmt: skip
    lines = "".join(f"<tr><td>{on}</td><td>{escape(text)}</td></tr>" for on, text in reversed(events))
    day, state = head or (events[-1] if events else ("Дата", "Стан"))
    return (
        f'<html><body class="wrap-body"><div class="around-create card-zakonoproektu"><h2 class="h2 text">{TITLE}</h2>'
        f'<div class="info">{rows}</div></div><div id="nav-tab1"><table><thead><tr><th>{day}</th>'
        f"<th>{escape(state)}</th></tr></thead><tbody>{lines}</tbody></table></div>"
        "<div id='nav-tab3'><table><tbody><tr><td>20.10.2025</td>"
        "<td>Інший законопроект</td></tr></tbody></table></div></body></html>"
    )


@dataclass
class Register:
    """The register, and somebody who follows bills in it; an answer of `cards` that is an error is raised."""

    cards: dict[str, str | Exception] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    follows: Sequence[DocumentId] = (BILL,)
    now: datetime = START
    asked: list[str] = field(default_factory=list)
    store: TemporaryStore = field(default_factory=TemporaryStore)
    state: SourceState = field(default_factory=lambda: SourceState("rada_cards"))

    def __call__(self, request: Request) -> Response:
        path = request.url.removeprefix(SITE)
        if request.body is not None:
            number = parse_qs(request.body.decode())["BillSearchModel.registrationNumber"][0]
            self.asked.append(f"search {number}")
            line = row(number, "20.10.2025").replace(f"Card/5{number}", f"Card/{self.numbers.get(number)}")
            return self._answer(request, search(*([line] if number in self.numbers else [])))
        self.asked.append(path.rpartition("/")[2])
        body = self.cards.get(path.rpartition("/")[2])
        if isinstance(body, Exception):
            raise body
        return self._answer(request, body)

    def _answer(self, request: Request, body: str | None) -> Response:
        status = 404 if body is None else 200
        return Response(status, request.url, {"content-type": "text/html"}, (body or "").encode(), self.now)

    def poll(self) -> PollOutcome:
        self.now += timedelta(hours=1)
        watches = tuple(Watch(str(one), one, created_at=START - timedelta(days=1)) for one in self.follows)
        outcome = Poll(
            self.state,
            ScheduledSource(RadaCardsWatcher(SITE), timedelta(hours=1)),
            self,
            Context(self.store, Audience(watches, (), {"desk": ("d@example.org",)}, ("desk",)), lambda: self.now),
        ).run()
        self.state = outcome.source
        return outcome

    def statuses(self) -> list[tuple[str | None, str | None, str | None]]:
        """Poll; return the changes of status that were sent: before, after, day."""
        before = len(self.store.alerts)
        assert self.poll().error is None
        changes = [change for alert in self.store.alerts[before:] for change in alert.changes]
        return [(one.before, one.after, one.happened_on) for one in changes if one.kind is Kind.STATUS]

    def record(self, bill: DocumentId = BILL) -> Record:
        with self.store.read() as view:
            found = view.record(bill)
        assert found is not None
        return found

    def standing(self, bill: DocumentId = BILL) -> tuple[str, str]:
        point = UKRAINE.timeline(bill, self.record(bill).facets)[-1]
        return point.status, point.on


def register(*events: tuple[str, str], bill: DocumentId = BILL) -> Register:
    made = Register({"514128": card("14128", *events)}, {"14128": "514128"}, (bill,))
    assert made.statuses() == []
    return made


@pytest.mark.parametrize("bill", [BILL, CARD], ids=["by its number", "by its card"])
def test_a_followed_bill_says_where_it_stands_and_each_change_is_sent(bill: DocumentId) -> None:
    desk = register(RECEIVED, IN_COMMITTEE, bill=bill)
    assert (desk.record(bill).title, desk.standing(bill)) == (TITLE, ("IN_COMMITTEE", "2025-10-22"))
    assert UKRAINE.stage("IN_COMMITTEE", bill, date(2026, 7, 20)) == "in_committee"
    assert desk.statuses() == []
    desk.cards["514128"] = card("14128", RECEIVED, IN_COMMITTEE, ADOPTED, SENT)
    assert desk.statuses() == [("IN_COMMITTEE", "TO_PRESIDENT", "2026-07-16")]
    desk.cards["514128"] = card("14128", RECEIVED, IN_COMMITTEE, ADOPTED, SENT, SIGNED, law="4928-IX від 14.07.2026")
    assert desk.statuses() == [("TO_PRESIDENT", "ENACTED", "2026-07-24")]
    assert list(desk.record(bill).facets["laws"]) == ["4928-IX"]


def test_a_bill_is_looked_for_once_and_its_card_asked_at_each_poll() -> None:
    desk = register(RECEIVED)
    desk.poll()
    assert desk.asked == ["search 14128", "514128", "514128"]


WORDS = {
    "Прийом": "REGISTERED", "Одержано проект": "REGISTERED", "Опрацьовується в комітеті": "IN_COMMITTEE",
    "Очікує розгляду": "AWAITING_DEBATE", "Очікує рішення": "AWAITING_DEBATE",
    "Готується на перше читання": "AWAITING_DEBATE", "Готується на друге читання": "FIRST_READING",
    "Очікує на друге читання": "FIRST_READING", "Готується на повторне друге читання": "FIRST_READING",
    "Готується на третє читання": "SECOND_READING", "Готується на підпис": "ADOPTED",
    "Повернуто з підписом Голови Верховної Ради": "ADOPTED", "Передано на підпис Президенту": "TO_PRESIDENT",
    "Очікує на розгляд з вето Президента": "VETOED", "Готується на розгляд з вето Президента": "VETOED",
    "Повернуто з підписом від Президента": "ENACTED", "Закон підписано": "ENACTED", "Постанову підписано": "ENACTED",
    "Закон про ратифікацію підписано": "ENACTED", "Проект не прийнято": "REJECTED", "Відхилено та знято": "REJECTED",
    "Проект відкликано": "WITHDRAWN", "Проєкт знято з розгляду": "WITHDRAWN",
    "Проект прийнято за основу": "FIRST_READING", "Передано на підпис Голові": "ADOPTED",
    "Направлено на доопрацювання": "RETURNED",
    "Повернуто з пропозиціями Президента": "VETOED", "Знято з розгляду": "WITHDRAWN", "Заслухано та знято": "WITHDRAWN",
    "Повернуто на доопрацювання": "RETURNED", "Розгляд відкладено": "AWAITING_DEBATE",
    "Щось зовсім нове": "ЩОСЬ_ЗОВСІМ_НОВЕ",
}  # fmt: skip


@pytest.mark.parametrize(("words", "status"), WORDS.items())
def test_the_words_of_the_register_are_a_status(words: str, status: str) -> None:
    facets = {"status": {f"2026-07-01:{words}": {"text": words, "on": "2026-07-01"}}}
    assert [point.status for point in UKRAINE.timeline(BILL, facets)] == [status]


FORMS = {
    "a head with the state and its day": (card("14128", RECEIVED, head=IN_COMMITTEE), IN_COMMITTEE),
    "a head with its columns' names": (card("14128", RECEIVED, IN_COMMITTEE, head=("Дата", "Стан")), IN_COMMITTEE),
    "no events yet": (card("14128", head=RECEIVED), RECEIVED),
    "a list of terms": (
        "<dl><dt>Номер, дата реєстрації:</dt><dd>14128 від 20.10.2025</dd><dt>Стан розгляду:</dt>"
        "<dd>Опрацьовується в комітеті (22.10.2025)</dd></dl>",
        IN_COMMITTEE,
    ),
    "a table of two columns": (
        "<table><tr><td><b>Номер, дата реєстрації</b></td><td>14128 від 20.10.2025</td></tr></table>"
        "<h3>Проходження</h3><table><tr><td>22.10.2025</td><td>Опрацьовується в комітеті</td></tr></table>",
        IN_COMMITTEE,
    ),
}


@pytest.mark.parametrize(("page", "state"), FORMS.values(), ids=FORMS)
def test_a_card_is_read_by_its_labels(page: str, state: tuple[str, str]) -> None:
    found = read_card(page.encode())
    day = "-".join(reversed(state[0].split(".")))
    assert (found.number, found.registered_on, found.status, found.status_on) == ("14128", "2025-10-20", state[1], day)


@pytest.mark.parametrize("page", [b"", b"<html>\xd0\xa2\xd0\xb5\xd1\x85</html>", b'{"a": 1}', b"\x00" * 50])
def test_a_page_that_is_no_card_is_an_error(page: bytes) -> None:
    with pytest.raises(Changed, match="/billInfo/Bills/Card: expected"):
        read_card(page)


def test_a_card_that_is_another_bills_is_a_fault_and_the_card_is_looked_for_again() -> None:
    desk = register(RECEIVED)
    desk.cards["514128"] = card("14129", SIGNED)
    assert "saw № 14129" in str(desk.poll().faults[0].error)
    desk.numbers["14128"], desk.cards["7"] = "7", card("14128", RECEIVED, IN_COMMITTEE)
    assert desk.statuses() == [("REGISTERED", "IN_COMMITTEE", "2025-10-22")]


def test_a_bill_that_does_not_exist_is_said_and_keeps_no_other_from_being_read() -> None:
    missing = DocumentId("ua", "bill", ("99999",))
    desk = Register({"514128": card("14128", RECEIVED)}, {"14128": "514128"}, (missing, BILL))
    faults = desk.poll().faults
    assert [(fault.document, str(fault.error)) for fault in faults] == [(missing, "no such bill at rada_cards")]
    assert desk.record(missing).facets["absent"]
    assert desk.standing() == ("REGISTERED", "2025-10-20")
    desk.numbers["99999"], desk.cards["8"] = "8", card("99999", RECEIVED)
    desk.poll()
    assert not desk.record(missing).facets["absent"]


@pytest.mark.parametrize("number", ["99999", "14128-щ", "(14128)"])
def test_the_card_of_another_bill_is_a_fault(number: str) -> None:
    desk = Register({"514128": card(number, RECEIVED)}, {"14128": "514128"})
    assert [(fault.document, type(fault.error)) for fault in desk.poll().faults] == [(BILL, Changed)]


def test_more_bills_than_one_poll_reads_have_their_turns() -> None:
    bills = [DocumentId("ua", "bill", (f"card-{n}",)) for n in range(2 * CARDS_A_POLL + 5)]
    desk = Register({str(n): card(str(20000 + n), RECEIVED) for n in range(len(bills))}, {}, bills)
    turns = []
    for _ in range(3):
        assert desk.poll().requests == CARDS_A_POLL
        turns.append(set(desk.asked))
        desk.asked.clear()
    assert len(set().union(*turns)) == len(bills)


def test_a_card_without_an_answer_is_its_own_fault_and_a_refusal_ends_the_poll() -> None:
    desk = register(RECEIVED)
    desk.follows = (BILL, CARD)
    desk.cards["514128"] = Unavailable("no answer")
    assert {fault.document for fault in desk.poll().faults} == {BILL, CARD}
    desk.cards["514128"], desk.asked = Blocked("a block page"), []
    assert isinstance(desk.poll().error, Blocked)
    assert len(desk.asked) == 1


NAMES = {
    "14128 (IX)": "ua/bill/14128", "№ 14128 (ІХ)": "ua/bill/14128", "№14128 (IX скликання)": "ua/bill/14128",
    "законопроєкт № 2285-д (IX)": "ua/bill/2285-d", "Проект Закону № 14128 (IX)": "ua/bill/14128",
    "законопроекту 14271-П (IX)": "ua/bill/14271-p", "bill 14128 (IX)": "ua/bill/14128",
    "https://itd.rada.gov.ua/billInfo/Bills/Card/70001": "ua/bill/card-70001",
    "https://itd.rada.gov.ua/billinfo/bills/card/70001/": "ua/bill/card-70001", "ua/bill/14128": "ua/bill/14128",
}  # fmt: skip


@pytest.mark.parametrize(("name", "identity"), NAMES.items())
def test_a_bill_is_named_by_its_number_and_convocation_or_by_its_card(name: str, identity: str) -> None:
    assert str(resolve(name, today=date(2026, 7, 1)).document) == identity


@pytest.mark.parametrize(
    "name", ["1234 (VIII)", "№ 1234 (X)", "https://w1.c1.rada.gov.ua/pls/zweb2/webproc4_1?pf3511=1"]
)
def test_a_bill_of_another_convocation_is_refused_with_the_reason(name: str) -> None:
    with pytest.raises(UnknownName, match="written with its convocation"):
        resolve(name, today=date(2026, 7, 1))


def test_the_page_of_a_bill_follows_from_its_card() -> None:
    assert public_url(CARD) == "https://itd.rada.gov.ua/billInfo/Bills/Card/514128"
    assert public_url(BILL) is None
