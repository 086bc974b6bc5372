"""How is a parliament read that lists all bills of its current session at one address, and has one for each bill?

One request serves everybody; bills of earlier sessions, whose own is over, are read one by one and rarely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import msgspec

from domain.coded_text import phrase
from domain.documents import DocumentId
from domain.errors import Refused, SourceError
from domain.jurisdictions.stated import StatedProcedure
from domain.observation import Evidence, Fault, Observation, Page, Parse, PollRequest
from domain.ports import Http
from watchers.client import (
    AnswerState,
    ApiClient,
    CursorCodec,
    absent_observation,
    answer_state,
    evidence_of,
    parse_fetched,
    refuses_us,
)

PAGE_SIZE = 250
EARLIER_SESSIONS_EVERY = 24 * 3600
"""Seconds between two readings of a bill whose session is over: hardly anything can follow."""

Rows = Mapping[DocumentId, Mapping[str, Any]]


class SessionCursor(msgspec.Struct, frozen=True):
    """The last list, its session, whom it was read for, and when to read a bill of another session again."""

    answer: AnswerState = AnswerState()
    session: str = ""
    wanted: tuple[str, ...] = ()
    again_at: dict[str, int] = {}


_CURSORS = CursorCodec(SessionCursor)


@dataclass(slots=True)
class SessionListWatcher:
    """Reads one parliament. `read_rows` returns the bills of an answer and what of it cannot be read; `parse` is the
    registered parser of one bill in it, `facets` what it states. `list_path` and `bill_path` lie below `base_url`."""

    name: str
    law: StatedProcedure
    base_url: str
    list_path: str
    bill_path: Callable[[DocumentId], str]
    read_rows: Callable[[bytes], tuple[Rows, tuple[Fault, ...]]]
    parse: Parse
    reader: str
    facets: tuple[str, ...]
    min_interval: timedelta = timedelta(minutes=5)

    def handles(self, document: DocumentId) -> bool:
        return document.jurisdiction == self.law.code and document.kind == "bill"

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]:
        client, cursor = ApiClient(http, self.base_url), _CURSORS.load(request.cursor)
        wanted = tuple(sorted(map(str, request.watched)))
        known = cursor.answer if cursor.wanted == wanted else None
        response = client.get_if_changed(self.list_path, known, accept=("application/json",))
        if response is not None:
            rows, faults = self.read_rows(response.body)
            current = max((bill.parts[0] for bill in rows), key=self.law.session_order)
            cursor = SessionCursor(answer_state(response), current, wanted, cursor.again_at)
            yield from self._listed(request, evidence_of(response), rows, current, faults)
        page, error = self._earlier(request, client, cursor)
        yield page
        if error is not None:
            raise error

    def _listed(
        self, request: PollRequest, page: Evidence, rows: Rows, current: str, faults: tuple[Fault, ...]
    ) -> Iterator[Page]:
        """Yield the followed bills of the list, then all others where a search asks for its session."""
        yield from self._followed(request, page, rows, current, faults)
        for scope in (one for one in request.watched if len(one.parts) == 1):
            others = [bill for bill in rows if bill.is_within(scope) and bill not in request.watched]
            for first in range(0, len(others), PAGE_SIZE):
                part = others[first : first + PAGE_SIZE]
                said = tuple(self._observed(bill, page, current, request) for bill in part)
                last = first + PAGE_SIZE >= len(others)
                yield Page(f"{self.name} {scope}", said, (page,), complete=last)

    def _followed(
        self, request: PollRequest, page: Evidence, rows: Rows, current: str, faults: tuple[Fault, ...]
    ) -> Iterator[Page]:
        """Yield the followed bills. Of one that was read before, a list that lacks it says nothing; any other does not
        exist, which is no baseline of it."""
        followed = [bill for bill in request.watched if len(bill.parts) > 1]
        records = request.lookup.records(followed)
        unread = {bill for bill in followed if bill not in records or records[bill].facets.get("absent")}
        missing = [bill for bill in followed if bill.parts[0] == current and bill not in rows]
        read = [self._observed(bill, page, current, request) for bill in followed if bill in rows]
        there = {bill for bill in unread if bill in records}
        stated = (replace(o, facets={**o.facets, "absent": {}}) if o.document in there else o for o in read)
        absent_ = Refused(phrase("no such bill at {source:source}", source=self.name))
        found = (Fault(bill, absent_, standing=bill in unread) for bill in missing)
        yield Page(observations=tuple(stated), evidence=(page,), faults=(*faults, *found))
        if absent := tuple(absent_observation(b, self.name, self.reader) for b in missing if b in unread):
            yield Page(observations=absent, complete=False)

    def _earlier(
        self, request: PollRequest, client: ApiClient, cursor: SessionCursor
    ) -> tuple[Page, SourceError | None]:
        """Read the followed bills of other sessions that are due, each at its own address; where the publisher refuses
        us, the error is returned with what was read until then, and the others stay due."""
        now = int(request.now.timestamp())
        bills = sorted(one for one in request.watched if len(one.parts) > 1 and one.parts[0] != cursor.session)
        due = [bill for bill in bills if cursor.again_at.get(str(bill), 0) <= now]
        again_at = {str(bill): cursor.again_at.get(str(bill), 0) for bill in bills}
        observations, evidence, faults = [], [], []
        refused = None
        for bill in due:
            try:
                page = evidence_of(client.get(self.bill_path(bill), accept=("application/json",)))
                observations.append(self._observed(bill, page, cursor.session, request))
                evidence.append(page)
            except SourceError as error:
                if refuses_us(error):
                    refused = error
                    break
                faults.append(Fault(bill, error))
            again_at[str(bill)] = now + EARLIER_SESSIONS_EVERY
        read = Page(
            observations=tuple(observations),
            evidence=tuple(evidence),
            cursor=_CURSORS.dump(msgspec.structs.replace(cursor, again_at=again_at)),
            faults=tuple(faults),
            requests=client.spent(),
        )
        return read, refused

    def _observed(self, bill: DocumentId, page: Evidence, current: str, request: PollRequest) -> Observation:
        """Return what an answer says of a bill; `current` is the session that sits: any earlier one is over, on the day
        that is known, else at the latest when the current one began, else when that was first seen."""
        session, order, context = bill.parts[0], self.law.session_order, {}
        if order(session) < order(current):
            ends = (self.law.sessions.get(session, ("", ""))[1], self.law.sessions.get(current, ("", ""))[0])
            context["session_ended_on"] = next(filter(None, ends), None) or self._seen_to_end(bill, request)
        pages = dict.fromkeys(self.facets, (page,))
        return parse_fetched(self.parse, bill, self.name, self.reader, request.now, pages, context=context)

    def _seen_to_end(self, bill: DocumentId, request: PollRequest) -> str:
        """Return the day the record has for the end of a session whose own day nothing states, else this one."""
        record = request.lookup.records([bill]).get(bill)
        known = record.facets.get("item", {}).get("", {}).get("session_ended_on") if record else None
        return str(known or self.law.day(request.now))
