"""What became of one document of the Federal Register that is followed by its number: corrected, revoked, put off? And
which of all that it publishes do saved searches find?

Its own entry of the API says so (federalregister.gov/developers/documentation/api/v1, `documents/{number}`):
`corrections` lists the documents that correct it, `disposition_notes` (of older answers `executive_order_notes`) what
amended or revoked an order, `effective_on` and `comments_close_on` its days.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import date, timedelta
from urllib.parse import urlencode

import msgspec

from domain.coded_text import coded, phrase
from domain.documents import DocumentId
from domain.errors import Changed, Refused, SourceError, mismatch, seen
from domain.observation import Fault, Observation, Page, ParseInput, PollRequest
from domain.records.facets import Entry, Facet
from watchers.client import (
    AnswerState,
    ApiClient,
    absent_observation,
    answer_state,
    decode_json,
    evidence_of,
    parse_fetched,
    refuses_us,
)
from watchers.federal_register.documents import document_of

READER = "federal_register_document/1"
READ_EVERY = timedelta(hours=6)
MOST_DOCUMENTS = 100
"""Documents that are read in one poll; the others are read in the next."""

FOUND_FOLLOWED = 50
"""Documents found by searches that are asked for by their numbers as well: those found last."""

_DAYS = {"effective_on": "paper.effective", "comments_close_on": "paper.comments_close"}
_FACETS = ("item", "title", "stated")


class SingleState(msgspec.Struct, frozen=True, array_like=True):
    """When a document was last asked for (seconds since 1970), and its last answer."""

    asked_at: int = 0
    answer: AnswerState = AnswerState()


class _Document(msgspec.Struct):
    document_number: str
    title: str | None = None
    publication_date: str | None = None
    signing_date: str | None = None
    effective_on: str | None = None
    comments_close_on: str | None = None
    citation: str | None = None
    html_url: str | None = None
    corrections: list[str] | None = None
    disposition_notes: str | None = None
    executive_order_notes: str | None = None


class SearchedState(msgspec.Struct, frozen=True, array_like=True):
    """For which searches the list of all documents was read, up to which day of publication, and its last answer."""

    key: str = ""
    through: str = ""
    answer: AnswerState = AnswerState()


class _Listing(msgspec.Struct):
    results: list[msgspec.Raw] = []
    count: int = 0


SEARCHED_BACK = timedelta(days=14)
"""How far back a search looks when it begins."""

PER_PAGE, MOST_PAGES = 1000, 10
"""Documents on a page of the list, and pages that one poll reads: ten weeks of them."""

_LISTING = msgspec.json.Decoder(_Listing)
_DECODER = msgspec.json.Decoder(_Document)
_QUERY = urlencode([("fields[]", name) for name in _Document.__struct_fields__])


def read_documents(
    client: ApiClient, source: str, request: PollRequest, states: dict[str, SingleState]
) -> Iterator[Page]:
    """Read the followed documents that are due, the longest unread first; `states`, by number, is brought up to date.

    Raises SourceError if the publisher refuses us; one document that cannot be read is a fault.
    """
    found = [one for one in request.searches.found() if one.kind == "fr"]
    followed = {one.parts[0]: one for one in (*request.watched, *found[:FOUND_FOLLOWED]) if one.kind == "fr"}
    for number in states.keys() - followed.keys():
        del states[number]
    now = int(request.now.timestamp())
    unread = {number: states.get(number, SingleState()) for number in followed}
    due = [n for n, state in unread.items() if not 0 <= now - state.asked_at < READ_EVERY.total_seconds()]
    for number in sorted(due, key=lambda n: (unread[n].asked_at, n))[:MOST_DOCUMENTS]:
        known = unread[number]
        states[number] = SingleState(now, known.answer)
        try:
            yield from _read(client, source, request, followed[number], states)
        except SourceError as error:
            if refuses_us(error):
                raise
            states[number] = known
            yield Page(faults=(Fault(followed[number], error),), requests=client.spent())


def read_found(
    client: ApiClient, source: str, request: PollRequest, known: SearchedState
) -> Generator[Page, None, SearchedState]:
    """Yield what searches find among all that was published since the list was last read, and return where it stands.
    What the first list shows when the searches are new or changed is their baseline."""
    key = request.searches.key
    if not key:
        return SearchedState()
    if known.through and known.key != key:  # what came since the list was last read is news to the searches that stay
        later = (date.fromisoformat(known.through) + timedelta(days=1)).isoformat()
        yield from _read_list(client, source, request, SearchedState(known.key, later))
    return (yield from _read_list(client, source, request, known if known.key == key else SearchedState(key)))


def _read_list(
    client: ApiClient, source: str, request: PollRequest, state: SearchedState
) -> Generator[Page, None, SearchedState]:
    searches = request.searches
    since = state.through or (request.now - SEARCHED_BACK).date().isoformat()
    answer = client.get_if_changed(_listed_since(since, 1), state.answer, accept=("application/json",))
    first, newest, read = answer, since, 0
    for number in range(2, MOST_PAGES + 2):
        if answer is None:
            break
        rows, count = _rows(answer.body, "/documents.json")
        if not rows and not read and not state.through:  # there is no fortnight without documents
            raise Changed(mismatch("/documents.json", "documents"))
        page = evidence_of(answer, "application/json")
        wanted = [one for one in map(_readable, rows) if one and searches.matches(*_named(one))]
        stated = tuple(
            parse_fetched(parse_document, _named(one)[0], source, READER, request.now, dict.fromkeys(_FACETS, (page,)))
            for one in wanted
        )
        newest = max((newest, *(one.publication_date or "" for one in map(_readable, rows) if one)))
        read += len(rows)
        last = not rows or read >= count or number > MOST_PAGES
        yield Page(f"{source}/found/{state.key}", stated, (page,), complete=last, requests=client.spent())
        answer = None if last else client.get(_listed_since(since, number), accept=("application/json",))
    if first is None:
        return state
    return SearchedState(state.key, newest, answer_state(first) if newest == since else AnswerState())


def _listed_since(day: str, page: int) -> str:
    more = {"conditions[publication_date][gte]": day, "order": "oldest", "per_page": PER_PAGE, "page": page}
    return f"/documents.json?{urlencode(more)}&{_QUERY}"


def _rows(body: bytes, where: str) -> tuple[list[msgspec.Raw], int]:
    found = decode_json(body, _LISTING, where)
    return found.results, found.count


def _readable(row: msgspec.Raw) -> _Document | None:
    """Return a row of the list; None for one that cannot be read, which keeps no other from being found."""
    try:
        found = _DECODER.decode(row)
        return found if document_of(found.document_number) else None
    except (ValueError, RecursionError):
        return None


def _named(found: _Document) -> tuple[DocumentId, str]:
    return document_of(found.document_number), " ".join((found.title or "").split())


def _decoded(body: bytes, document: DocumentId) -> _Document:
    """Return a document from an answer of its own, or from the list."""
    if b'"results"' not in body:
        return _DECODER.decode(body)
    rows = (found for row in _LISTING.decode(body).results if (found := _readable(row)) is not None)
    return next((found for found in rows if document_of(found.document_number) == document), _Document(""))


def _read(
    client: ApiClient, source: str, request: PollRequest, document: DocumentId, states: dict[str, SingleState]
) -> Iterator[Page]:
    number = document.parts[0]
    address = f"/documents/{number.upper()}.json?{_QUERY}"
    try:
        answer = client.get_if_changed(address, states[number].answer, accept=("application/json",))
    except Refused as error:
        if error.status != 404 or states[number].answer != AnswerState():
            raise
        absent = Refused(phrase("no such document at {source:source}", source=source), status=404)
        stated = absent_observation(document, source, READER, "paper.absent")
        yield Page(observations=(stated,), faults=(Fault(document, absent, standing=True),), requests=client.spent())
        return
    if answer is None:
        yield Page(requests=client.spent())
        return
    page = evidence_of(answer, "application/json")
    found = parse_fetched(parse_document, document, source, READER, request.now, dict.fromkeys(_FACETS, (page,)))
    states[number] = SingleState(states[number].asked_at, answer_state(answer))
    yield Page(observations=(found,), evidence=(page,), requests=client.spent())


def parse_document(given: ParseInput) -> Iterator[Observation]:
    """Read the answer about one document (`federal_register_document/1`); Changed if it is another's, or none."""
    where = given.document.parts[0]
    try:
        found = _decoded(given.pages("item")[0].body, given.document)
        days = {name: _day(getattr(found, name)) for name in (*_DAYS, "publication_date", "signing_date")}
    except (ValueError, RecursionError) as error:
        raise Changed(phrase("{where}: {fault}", where=where, fault=str(error))) from error
    if document_of(found.document_number) != given.document:
        raise Changed(mismatch(where, "the document", seen(found.document_number)))
    stated: dict[str, Entry] = {
        name: {"label": coded(code, on=day).to_json(), "text": None}
        for name, code in _DAYS.items()
        if (day := days[name])
    }
    notes = " ".join((found.disposition_notes or found.executive_order_notes or "").split())
    if notes:
        stated["notes"] = {"label": notes, "text": notes}
    for address in found.corrections or ():
        corrected_by = address.rstrip("/").rpartition("/")[2].removesuffix(".json")
        stated[f"corrected:{corrected_by.lower()}"] = {"label": coded("act.correction", number=corrected_by).to_json()}
    item = {"citation": found.citation, "published_on": days["publication_date"], "on": days["signing_date"]}
    title = " ".join((found.title or "").split())
    facets: dict[str, Facet] = {
        "absent": {},
        "item": {"": {name: value for name, value in item.items() if value}},
        "title": {"display": {"text": title}} if title else {},
        "stated": stated,
    }
    yield given.observation(facets, url=found.html_url)


def _day(stated: str | None) -> str | None:
    return date.fromisoformat(stated).isoformat() if stated else None
