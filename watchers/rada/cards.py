"""What does the register say of a bill that is followed by itself?

Each bill has a card: a page with what it is, and a table of what happened to it. The card has a number of its own, so
that a bill followed by its registration number is looked for once, by the register's search.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import msgspec

from domain.coded_text import phrase
from domain.documents import DocumentId
from domain.errors import Changed, Refused, SourceError, mismatch
from domain.jurisdictions.ua import BILLS_SINCE, bill_id, bill_number
from domain.observation import Fault, Observation, Page, ParseInput, PollRequest
from domain.ports import Http
from domain.records.facets import Facet
from watchers.client import (
    ApiClient,
    CursorCodec,
    PublisherWatcher,
    absent_observation,
    evidence_of,
    parse_fetched,
    refuses_us,
)
from watchers.markup import Node, web_page, words_of
from watchers.rada import is_bill
from watchers.rada.bills import parse_search, search_register
from watchers.rada.text import matching, shown, stated_day

SOURCE = "rada_cards"
CARDS = "/billInfo/Bills/Card"
READER = "rada-card/1"
_FACETS = ("item", "title", "status", "actions", "laws")

CARDS_A_POLL = 30
"""Bills that one poll reads at most, those read longest ago first: one request each, and one more to find a card."""

_LABELS = {
    "номер, дата реєстрації": "registered",
    "суб'єкт права законодавчої ініціативи": "initiator",
    "головний комітет": "committee",
    "номер, дата акту": "law",
    "стан розгляду": "status",
}
_HEADINGS = frozenset({"", "дата", "стан", "статус", "подія", "назва", "стан розгляду", "проходження", "етап"})
_TIMELINE = "nav-tab1"
"""What the card calls the table of what happened; its head has the day and the present state."""

_DAY = re.compile(r"\d{2}\.\d{2}\.\d{4}")
_NUMBERED = re.compile(r"(\S+)(?:\s+від)?\s+(\d{2}\.\d{2}\.\d{4})")
_MOST_EVENTS = 2000


class CardsCursor(msgspec.Struct, omit_defaults=True):
    """What is known of followed bills: the numbers of their cards, and when each was last asked for (seconds since
    1970)."""

    version: int = 1
    cards: dict[str, str] = {}
    asked_at: dict[str, int] = {}


CODEC = CursorCodec(CardsCursor)


class RadaCardsWatcher(PublisherWatcher):
    """Reads the cards of the followed bills."""

    name = SOURCE
    handles = staticmethod(is_bill)

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]:
        """State what each card says. A bill the register does not have is a fault of its own; where the register turns
        us away, the error is raised after what was read until then, and the others stay due."""
        bills = {str(one): one for one in request.watched if is_bill(one)}
        client, cursor = ApiClient(http, self._base_url), CODEC.load(request.cursor)
        cursor.cards = {name: card for name, card in cursor.cards.items() if name in bills}
        cursor.asked_at = {name: at for name, at in cursor.asked_at.items() if name in bills}
        faults, refused = [], None
        for name in sorted(bills, key=lambda one: (cursor.asked_at.get(one, 0), one))[:CARDS_A_POLL]:
            try:
                yield from self._bill(client, cursor, bills[name], request)
            except SourceError as error:
                if refuses_us(error):
                    refused = error
                    break
                faults.append(Fault(bills[name], error))
            cursor.asked_at[name] = int(request.now.timestamp())
        yield Page(cursor=CODEC.dump(cursor), faults=tuple(faults), requests=client.spent())
        if refused is not None:
            raise refused

    def _bill(self, client: ApiClient, cursor: CardsCursor, bill: DocumentId, request: PollRequest) -> Iterator[Page]:
        """Read one bill, whose card may first have to be found."""
        record = request.lookup.records([bill]).get(bill)
        unread = record is None or bool(record.facets.get("absent"))
        known = cursor.cards.get(str(bill)) or (bill.parts[0].removeprefix("card-") if _is_card(bill) else "")
        card = known or self._found(client, bill)
        response = client.get(f"{CARDS}/{card}", expect=frozenset({200, 404})) if card else None
        if response is None or response.status == 404:
            cursor.cards.pop(str(bill), None)
            if unread:
                yield Page(observations=(absent_observation(bill, self.name, READER),), complete=False)
            error = Refused(phrase("no such bill at {source:source}", source=self.name))
            yield Page(faults=(Fault(bill, error, standing=unread),))
            return
        page = evidence_of(response, "text/html")
        try:
            seen = parse_fetched(parse_card, bill, SOURCE, READER, request.now, dict.fromkeys(_FACETS, (page,)))
        except Changed:
            cursor.cards.pop(str(bill), None)
            raise
        cursor.cards[str(bill)] = card
        if unread and record is not None:
            seen = replace(seen, facets={**seen.facets, "absent": {}})
        yield Page(observations=(seen,), evidence=(page,))

    def _found(self, client: ApiClient, bill: DocumentId) -> str:
        """Look for the card of a bill by its number; "" where the register has none of this convocation."""
        number = bill_number(bill)
        response = search_register(client, registrationNumber=number, registrationNumberCompareOperation="2")
        found, _ = parse_search(response.body, self._base_url)
        same = [one for one in found if one.document == bill and (one.registered_on or BILLS_SINCE) >= BILLS_SINCE]
        newest = max(same, key=lambda one: one.registered_on or "", default=None)
        return (newest.url or "").rpartition("/")[2] if newest else ""


def _is_card(bill: DocumentId) -> bool:
    return bill.parts[0].startswith("card-")


def parse_card(given: ParseInput) -> Iterator[Observation]:
    """Read a card (`rada-card/1`); Changed if it is none, or that of another bill."""
    page = given.pages("status")[0]
    card = read_card(page.body)
    if not _is_card(given.document) and not _is_of(card.number, given.document):
        raise Changed(mismatch(str(given.document), "the card of this bill", f"№ {card.number[:20]}"))
    yield given.observation(card.facets(), url=page.url)


def _is_of(number: str, bill: DocumentId) -> bool:
    try:
        return bill_id(number) == bill
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class BillCard:
    """One card. Days are `YYYY-MM-DD`; `events` are what happened, newest first as the card has them; `status` is the
    present state in the register's words, since `status_on`."""

    number: str
    title: str
    registered_on: str | None
    status: str
    status_on: str | None
    events: tuple[tuple[str, str], ...] = ()
    more: dict[str, str] = field(default_factory=dict)

    def facets(self) -> dict[str, Facet]:
        law = _NUMBERED.match(self.more.get("law", ""))
        item = {name: self.more[name] for name in ("initiator", "committee") if self.more.get(name)}
        stated = {f"{self.status_on}:{self.status}": {"text": self.status, "on": self.status_on}}
        return {
            "item": {"": {"introduced_on": self.registered_on, "number": self.number, **item}},
            "title": {"display": {"text": self.title}} if self.title else {},
            "status": stated if self.status and self.status_on else {},
            "actions": {f"{on}:{text}": {"text": text, "on": on} for on, text in self.events},
            "laws": {law[1]: {"label": law[1]}} if law else {},
        }


def read_card(body: bytes) -> BillCard:
    """Read the page of one bill; Changed for any other page."""
    page = web_page(body, CARDS)
    said = _particulars(page)
    registered = _NUMBERED.match(said.get("registered", ""))
    if registered is None:
        raise Changed(mismatch(CARDS, "{form}", form="«Номер, дата реєстрації»"))
    head, events = _timeline(page)
    status, since = head or (_DAY.sub("", said.get("status", "")).strip(" ()"), None)
    day = _DAY.search(said.get("status", ""))
    since = since or (stated_day(day[0]) if day else None) or max((on for on, _ in events), default=None)
    if not status and events:
        since, status = max(events, key=lambda event: event[0])
    return BillCard(
        registered[1].lstrip("№"), _title(page), stated_day(registered[2]), shown(status), since, tuple(events), said
    )


def _particulars(page: Node) -> dict[str, str]:
    """Return what stands beside the labels of the card, whatever the elements are that hold both."""
    found: dict[str, str] = {}
    for node in page.iter("div", "dt", "td", "th", "span", "b", "strong", "p"):
        name = _LABELS.get(matching(node.text or "").strip(" :").replace("’", "'"))
        beside = node.getnext() if node.getnext() is not None else node.getparent().getnext() if name else None
        if name and beside is not None:
            found.setdefault(name, shown(words_of(beside)))
    return found


def _title(page: Node) -> str:
    """Return the title: the first heading that is one of a bill, else what the page says of itself."""
    headings = [shown(words_of(node)) for node in page.iter("h1", "h2", "h3", "h4")]
    described = [shown(node.get("content", "")) for node in page.iter("meta") if node.get("name") == "description"]
    titles = [one for one in (*headings, *described) if matching(one).startswith(("проект", "проєкт", "про "))]
    return next(iter(titles), "")


def _timeline(page: Node) -> tuple[tuple[str, str | None] | None, list[tuple[str, str]]]:
    """Return the present state with its day, where the head of the table says it, and what happened."""
    named = next((node for node in page.iter("div", "table", "section") if node.get("id") == _TIMELINE), page)
    head: tuple[str, str | None] | None = None
    events: list[tuple[str, str]] = []
    for row in named.iter("tr"):
        cells = [words_of(cell) for cell in row.iterchildren("td", "th")]
        if len(cells) < 2:
            continue
        day = stated_day(cells[0]) if _DAY.match(cells[0]) else None
        if row.getparent().tag == "thead":
            head = head or (None if matching(cells[1]) in _HEADINGS else (cells[1], day))
        elif day and cells[1] and len(events) < _MOST_EVENTS:
            events.append((day, shown(cells[1])))
    return head, events
