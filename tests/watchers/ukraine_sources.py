"""Somebody who follows Ukraine's regimes through several sources, and the pages of the register and of the President.

The pages have the shapes of the real ones; what they say is *constructed*, with the numbers and days of the renewal of
October 2025.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html import escape

from domain.alerts.routing import Audience, Watch
from domain.ports import Watcher
from domain.records.detection import advance
from domain.records.facets import Kind
from domain.records.record import Change, Record
from domain.sources import Request, Response, SourceState
from domain.terms import Coverage, RegimeState, regime_state
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll, PollOutcome
from monitor.service.regimes import regime_coverage, regime_rules, shipped_regimes
from tests.helpers.english import english
from tests.helpers.stores import TemporaryStore
from tests.watchers.rada.publisher import EXTENSION, MARTIAL_LAW, MOBILISATION

BILL = f'Проект Закону про затвердження Указу Президента України "{EXTENSION}"'
PRESIDENT, DEPUTIES = "Президент України", "Народний депутат України"
Answers = Callable[[Request], Response]


@dataclass
class UkraineInstallation:
    """Follows both regimes from the evening of a day on."""

    now: datetime = datetime(2025, 10, 19, 9, tzinfo=UTC)
    store: TemporaryStore = field(default_factory=TemporaryStore)
    states: dict[str, SourceState] = field(default_factory=dict)

    def __post_init__(self) -> None:
        regimes = (MARTIAL_LAW, MOBILISATION)
        with self.store.begin() as tx:
            watches = tx.register([Watch(str(regime), regime) for regime in regimes], self.now)
            for regime in regimes:
                step = advance(None, shipped_regimes()[regime].observation(self.now), self.now)
                assert step is not None
                tx.save(replace(step, changes=()))
        self.audience = Audience(tuple(watches), recipients={"desk": ("desk@example.org",)}, operator=("desk",))

    def poll(self, watcher: Watcher, http: Answers, by: timedelta = timedelta(minutes=30)) -> list[str]:
        """Poll once; return what was sent of terms."""
        return [english(change.after) for change in self.changes(watcher, http, by) if change.kind is Kind.TERM]

    def changes(self, watcher: Watcher, http: Answers, by: timedelta = timedelta(minutes=30)) -> list[Change]:
        self.now += by
        before = len(self.store.alerts)
        state = self.states.get(watcher.name, SourceState(watcher.name))
        self.outcome: PollOutcome = Poll(
            state,
            ScheduledSource(watcher, timedelta(hours=1)),
            http,
            Context(self.store, self.audience, lambda: self.now),
        ).run()
        self.states[watcher.name] = self.outcome.source
        return [change for alert in self.store.alerts[before:] for change in alert.changes]

    def record(self) -> Record:
        with self.store.read() as view:
            found = view.record(MARTIAL_LAW)
        assert found is not None
        return found

    def standing(self) -> RegimeState:
        record = self.record()
        covered: Coverage = regime_coverage(record, self.states.get)
        return regime_state(regime_rules(record), record.facets, covered, self.now)


def answering(body: bytes | str, content_type: str = "text/html", **headers: str) -> Answers:
    raw = body if isinstance(body, bytes) else body.encode()
    given = {"content-type": content_type, **headers}
    return lambda request: Response(200, request.url, given, raw, datetime(2025, 10, 20, tzinfo=UTC))


def row(
    number: str, registered: str, status: str = "Одержано проект", *, title: str = BILL, initiator: str = PRESIDENT
) -> str:
    link = f'<a href="/billInfo/Bills/Card/5{number}" class="link-blue">{number}</a>'
    cells = (link, registered, "14 сесія", initiator, escape(title), "", status)
    return "<tr>" + "".join(f"<td>\n  {cell}\n</td>" for cell in cells) + "</tr>"


def search(*rows: str, count: int | None = None) -> str:
    """Compose a page of search results; what stands around the table changes with every answer."""
    found = len(rows) if count is None else count
    return (
        f'<html><body><p class="condition">Знайдено законопроектів: {found}</p><table><thead><tr><th>Номер</th>'
        f"<th>Дата</th></tr></thead><tbody>{''.join(rows)}</tbody></table><script>{id(rows)}</script></body></html>"
    )


def decrees(*items: tuple[str, str, str]) -> str:
    """Compose the list of decrees: number, day in words, title."""
    lines = "".join(
        f'<div class="doc_item"><h3><a href="https://www.president.gov.ua/documents/{number.replace("/", "")}-60000">'
        f'УКАЗ ПРЕЗИДЕНТА УКРАЇНИ №{number}</a></h3><p class="doc_date"><i class="fa"></i> {day} </p>'
        f'<div class="doc_text"><p>{title} </p></div></div>'
        for number, day, title in items
    )
    return f'<html><body><div class="search_result"><p class="search_count">Знайдено: 1</p>{lines}</div></body></html>'


def decree_page(number: str, title: str, clause: str, day: str) -> str:
    """Compose the page of a decree, with another one of the same title beside it."""
    return (
        '<html><body><div class="item_document"><h4><a href="/documents/12025-1">УКАЗ ПРЕЗИДЕНТА УКРАЇНИ №1/2025</a>'
        f"</h4><a>{title}</a></div><div itemscope class='document_page'><h1 itemprop='name'>УКАЗ ПРЕЗИДЕНТА УКРАЇНИ "
        f"№{number}</h1><div class='short_desc'><p>{title}</p></div><div itemprop='articleBody'><p>Частково змінивши "
        f"статтю 1 Указу Президента України від 24 лютого 2022 року № 64/2022, {clause}</p><p>Президент України</p>"
        f"<div>{day}</div></div></div></body></html>"
    )
