"""Which bills on approving a decree moved in parliament, and what does each say of its regime?

The search page of the register of bills is a signal beside the legislation database: it knows of a vote within minutes,
and is asked for what moved in the last days. It does not prove that nothing was missed. Only bills of the President on
a decree about one of the regimes renew anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import msgspec

from domain.coded_text import coded, phrase
from domain.documents import DocumentId
from domain.errors import Changed, mismatch
from domain.jurisdictions.ua import bill_id
from domain.observation import Evidence, Observation, Page, ParseInput, PollRequest
from domain.ports import Http
from domain.records.facets import Entry, Facet, short_digest
from domain.sources import Response
from watchers.client import ApiClient, CursorCodec, PublisherWatcher, evidence_of, parse_fetched
from watchers.markup import table_rows, web_page, words_of
from watchers.rada import REGIMES, is_regime
from watchers.rada.text import matching, shown, stated_day
from watchers.rada.titles import TitleMeaning, classify

SOURCE = "rada_bills"
READER = "rada-bills/1"

NAMED = "затвердження Указу Президента України"
"""The words every bill on approving a decree has in its title: what the register is searched for."""

SEARCHED_BACK = timedelta(days=30)
"""How far the search reaches back at least; after an absence, to its beginning."""

PER_PAGE = 30
MOST_PAGES = 20

SIGNED = ("закон підписано", "повернуто з підписом від президента")
"""Words of the register's status once the President signed."""

REJECTED = ("проект не прийнято", "відхилено та знято", "проект відкликано", "знято з розгляду")
"""Words of the register's status for a bill that will not become law."""

_DECREE_BEFORE = timedelta(days=10)
"""How long before its bill was registered a decree may have been signed: the longest known is a day."""

_KYIV = ZoneInfo("Europe/Kyiv")
_SLACK = timedelta(days=2)
_COUNT = re.compile(r"знайдено законопроектів:?\s*([\d\s]{1,20})", re.IGNORECASE)
SEARCH = "/billInfo/Bills/searchResults"
_CARD = re.compile(r"/billinfo/bills/card/(\d+)", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,6}(?:[-/][\w]{1,3}){0,2}")
_NUMBER_SIGN = re.compile(rf"№ ?({_NUMBER.pattern})\b")
_SESSION = re.compile(r"\d{1,2} сесія|\w{1,5} скликання|\w{1,5}", re.IGNORECASE)
_INITIATORS = (
    "президент україни",
    "кабінет міністрів україни",
    "народний депутат",
    "народні депутати",
    "національний банк",
)
"""Who may submit a bill (Constitution, article 93), as the register calls them; one of them is never a status."""

_DAY = re.compile(r"\d{2}\.\d{2}\.\d{4}")


class BillsCursor(msgspec.Struct, omit_defaults=True):
    """What is remembered: when bills last moved (seconds since 1970), how what was read is known, for which regimes."""

    version: int = 1
    through: int = 0
    digest: str = ""
    regimes: list[str] = []


CODEC = CursorCodec(BillsCursor)


class RadaBillsWatcher(PublisherWatcher):
    """Reads bills on decrees about the followed regimes from the register's search page."""

    name = SOURCE
    handles = staticmethod(is_regime)

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]:
        """State what is new of each bill; the first reading of a regime is its past.

        Raises SourceError if the register cannot be read.
        """
        followed = [regime for regime in REGIMES if regime in request.watched]
        if not followed:
            return
        client, before = ApiClient(http, self._base_url), CODEC.load(request.cursor)
        fresh = [regime for regime in followed if str(regime) not in before.regimes]
        bills = self._search(client, before, request.now, fresh=bool(fresh))
        digest = short_digest(repr(sorted(repr(bill) for bill, _ in bills)))
        if digest == before.digest and not fresh:
            yield Page(requests=client.spent())
            return
        for regime in followed:
            yield from _pages(regime, bills, request, past=regime in fresh)
        regimes = sorted({*before.regimes, *map(str, followed)})
        cursor = BillsCursor(through=int(request.now.timestamp()), digest=digest, regimes=regimes)
        yield Page(cursor=CODEC.dump(cursor), requests=client.spent())

    def _search(
        self, client: ApiClient, cursor: BillsCursor, now: datetime, *, fresh: bool
    ) -> list[tuple[RegisterBill, Evidence]]:
        """Ask for what moved between two days and has the words every such bill has."""
        since = now - SEARCHED_BACK
        if cursor.through and not fresh:
            since = min(since, datetime.fromtimestamp(cursor.through, UTC) - _SLACK)
        bills: list[tuple[RegisterBill, Evidence]] = []
        for number in range(1, MOST_PAGES + 1):
            response = _ask(client, since, now, number)
            kept = evidence_of(response, "text/html")
            found, count = parse_search(response.body, self._base_url)
            bills += ((bill, kept) for bill in found)
            if number * PER_PAGE >= count:
                return bills
        raise Changed(mismatch(SEARCH, "at most {n} pages", phrase("{n} bills", n=count), n=MOST_PAGES))


def _ask(client: ApiClient, since: datetime, now: datetime, page: int) -> Response:
    begin, end = (f"{at.astimezone(_KYIV):%d.%m.%Y}" for at in (since, now))
    return search_register(client, page, name=NAMED, passingsRangeStart=begin, passingsRangeEnd=end)


def search_register(client: ApiClient, page: int = 1, **named: str) -> Response:
    """Ask for a page of the bills of all sessions that have what is `named`, by the names of the form."""
    named |= {"session": "0", "convocation": "0", "detailView": "True"}
    form = {f"BillSearchModel.{name}": value for name, value in named.items()} | {"Paging.page": str(page)}
    return client.get(
        SEARCH,
        method="POST",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode(form).encode(),
        accept=("text/html",),
    )


def _pages(
    regime: DocumentId, bills: list[tuple[RegisterBill, Evidence]], request: PollRequest, *, past: bool
) -> Iterator[Page]:
    for bill, kept in sorted(bills, key=lambda pair: (pair[0].registered_on or "", pair[0].number)):
        record = request.lookup.records([regime]).get(regime)
        if record is None or not bill.renews or bill.meaning.regime != REGIMES[regime]:
            continue
        observation = parse_fetched(
            parse_bill,
            regime,
            SOURCE,
            READER,
            request.now,
            {"steps": [kept]},
            context={"bill": bill.number},
            before=record,
        )
        scope = f"{SOURCE}/past" if past else None
        yield Page(scope=scope, observations=(observation,), evidence=(kept,), complete=not past)
    if past and request.lookup.records([regime]):
        # From here on what comes is news, although nothing was said in this scope yet.
        yield Page(observations=(Observation(regime, SOURCE, READER, {}),))


def parse_bill(given: ParseInput) -> Iterator[Observation]:
    """Read a bill on a page of search results (`rada-bills/1`): what it says of the regime as its record stood."""
    if given.before is None:
        raise LookupError(f"nothing was known of {given.document}")
    for name in dict.fromkeys(given.named.values()):
        page = given.archive.evidence(name)
        address = urlsplit(page.url)
        bills, _ = parse_search(page.body, f"{address.scheme}://{address.netloc}")
        for bill in bills:
            if bill.number == given.context["bill"]:
                yield given.observation(bill_facets(bill, given.before.facets), url=bill.url)


@dataclass(frozen=True, slots=True)
class RegisterBill:
    """One bill. `number` is that of registration; days are `YYYY-MM-DD`; `status` the register's own words with the
    day since when."""

    number: str
    title: str
    initiator: str
    registered_on: str | None
    status: str = ""
    status_on: str | None = None
    signed_on: str | None = None
    url: str | None = None

    @property
    def document(self) -> DocumentId:
        """Its identity: `ua/bill/14128`; by its card (`ua/bill/card-5`) where the number cannot be one."""
        try:
            return bill_id(self.number)
        except ValueError:
            return bill_id(f"card-{(self.url or 'unknown').rpartition('/')[2]}")

    @property
    def meaning(self) -> TitleMeaning:
        return classify(self.title)

    @property
    def renews(self) -> bool:
        """True for a bill of the President on approving a decree about one of the regimes."""
        meaning = self.meaning
        presidential = "президент" in matching(self.initiator)
        return presidential and meaning.approves and meaning.regime is not None


def parse_search(body: bytes, base_url: str) -> tuple[tuple[RegisterBill, ...], int]:
    """Read a page of search results: its bills, and how many the whole answer has. Changed if it is no such page."""
    text = body.decode("utf-8", "replace")
    counted = _COUNT.search(text)
    if counted is None:
        raise Changed(mismatch(SEARCH, "{form}", form="«Знайдено законопроектів»"))
    bills = tuple(_of_row(link, words, cells, base_url) for link, words, cells in _rows(body) if link)
    count = int(re.sub(r"\s", "", counted[1]) or 0)
    if count and not bills:
        raise Changed(mismatch(SEARCH, "{n} bills", phrase("none that can be read"), n=count))
    return bills, count


def _rows(body: bytes) -> Iterator[tuple[str | None, str, list[str]]]:
    """Yield each row of the page's tables: its first link to a card, the words of that link and of its cells."""
    page = web_page(body, SEARCH)
    for row, cells in table_rows(page):
        links = ((node.get("href", ""), words_of(node)) for node in row.iter("a"))
        yield *next(((link, words) for link, words in links if _CARD.search(link)), (None, "")), cells


def _of_row(link: str, words: str, cells: list[str], base_url: str) -> RegisterBill:
    """Read a row by what its cells are, not by where they stand: the register shows more or fewer columns. The number
    is that of the link, whatever letters it has."""
    signed = _NUMBER_SIGN.search(words)
    alone = [cell for cell in (words, *cells) if _NUMBER.fullmatch(cell)]
    number = alone[0] if alone else signed[1] if signed else words[:20]
    initiators = [cell for cell in cells if matching(cell).startswith(_INITIATORS)]
    initiator = initiators[0] if initiators else ""
    title = max((cell for cell in cells if cell not in initiators), key=len, default="")
    others = [cell for cell in cells if cell not in ("", words, number, title, *initiators)]
    days = [cell for cell in others if _DAY.fullmatch(cell)]
    day = days[0] if days else None
    left = [cell for cell in others if cell not in days and not _SESSION.fullmatch(cell)]
    status = left[-1] if left else ""
    since = _DAY.findall(status) or (days[1:] if status else [])
    said = re.sub(r"\s*\(?\d{2}\.\d{2}\.\d{4}\)?\s*", "", status).strip()
    found = _CARD.search(link)
    return RegisterBill(
        number=number,
        title=shown(title),
        initiator=initiator,
        registered_on=stated_day(day) if day else None,
        status=said,
        status_on=stated_day(since[-1]) if since else None,
        signed_on=stated_day(since[-1]) if since and matching(said) in SIGNED else None,
        url=f"{base_url}/billInfo/Bills/Card/{found[1]}" if found else None,
    )


def bill_facets(bill: RegisterBill, known: Mapping[str, Facet]) -> dict[str, Facet]:
    """Return what a bill says of its regime: registered, signed, refused. `known` is the regime's record: the register
    does not say which decree a bill approves, but the record knows which one was signed just before.

    A step is named after its bill, so that it is the same whichever source told it first.
    """
    before = known.get("steps", {})
    steps = _steps(bill, _decree_of(bill, known))
    return {"steps": {subject: _kept(entry, before.get(subject)) for subject, entry in steps}}


def _kept(entry: Entry, before: Entry | None) -> Entry:
    """Keep the words in which a step was first told, and the act it was said to be about."""
    return {**entry, **{name: before[name] for name in ("text", "of") if name in before}} if before else entry


def _steps(bill: RegisterBill, decree: str | None) -> Iterator[tuple[str, Entry]]:
    refused = bill.status_on if matching(bill.status) in REJECTED else None
    for step, on, label in (
        ("bill_registered", bill.registered_on, coded("act.bill_registered", number=bill.number)),
        ("law_signed", bill.signed_on, coded("act.bill_signed", number=bill.number)),
        ("bill_rejected", refused, coded("act.bill_rejected", number=bill.number, status=bill.status)),
    ):
        if on:
            yield (
                f"{step}:{bill.document}",
                {
                    "step": step,
                    "of": decree or str(bill.document),
                    "on": on,
                    "text": f"{bill.title} (№ {bill.number})",
                    "label": label.to_json(),
                    "confidence": "official",
                },
            )


def _decree_of(bill: RegisterBill, known: Mapping[str, Facet]) -> str | None:
    """Return the decree a bill is about: the one its record says, else the only one signed in the days before it."""
    before = str(known.get("steps", {}).get(f"bill_registered:{bill.document}", {}).get("of") or "")
    if before.startswith("ua/decree/"):
        return before
    if bill.registered_on is None:
        return None
    registered = date.fromisoformat(bill.registered_on)
    near = [
        subject
        for subject, entry in known.get("instruments", {}).items()
        if subject.startswith("ua/decree/")
        and timedelta(0) <= registered - date.fromisoformat(str(entry.get("on") or "0001-01-01")[:10]) <= _DECREE_BEFORE
    ]
    return near[0] if len(near) == 1 else None
