"""What happens when a source is asked: fetch, detect, decide, record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from domain.alerts.routing import Alert, Audience, Decision, decide, group
from domain.alerts.search import Matches, SearchMatch, new_matches, search_matches
from domain.coded_text import CodedText, coded
from domain.documents import DocumentId
from domain.errors import Changed, Conflict, SourceError
from domain.jurisdictions import jurisdiction_of
from domain.observation import Evidence, Fault, Observation, Page, PollRequest, SearchDemand
from domain.ports import Http, ReadTransaction, Store, Transaction
from domain.records.corrections import WITHDRAWN, CorrectionPlan, link_corrections, plan_corrections
from domain.records.detection import NewRevision, advance, first_statements
from domain.records.facets import Facet, Kind, digest, short_digest
from domain.records.record import Change, Record, began_after, is_after, operational_change
from domain.sources import (
    Health,
    Request,
    Response,
    SourceState,
    after_failure,
    after_success,
    broke,
    recovered,
    was_away,
)
from monitor.service.context import Context, ScheduledSource
from monitor.service.failpoints import hit
from monitor.service.logs import log_search
from monitor.service.operator_alerts import enqueue_for_operator
from notifications.translation import coded_error

_ATTEMPTS = 5


@dataclass(slots=True)
class PollOutcome:
    """What a poll came to. `quiet` means that nothing but its time has to be remembered; of the `faults` those that
    left a document unread, and not a part of it, are `unread`."""

    source: SourceState
    pages: int = 0
    requests: int = 0
    revisions: int = 0
    changes: int = 0
    alerts: int = 0
    faults: list[Fault] = field(default_factory=list)
    unread: list[Fault] = field(default_factory=list)
    error: SourceError | None = None
    quiet: bool = True

    @property
    def went_well(self) -> bool:
        return self.error is None and not self.unread


@dataclass(frozen=True, slots=True)
class PageResult:
    """What a page means for the record as it stands."""

    steps: tuple[NewRevision, ...]
    alerts: tuple[Alert, ...]
    scopes: tuple[str, ...]
    remedies: tuple[CorrectionPlan, ...] = ()
    reread: frozenset[DocumentId] = frozenset()
    found: tuple[SearchMatch, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreLookup:
    """Looks things up for a watcher, each time in a short reading of its own: nothing is held open while it asks."""

    store: Store

    def records(self, documents: Iterable[DocumentId]) -> Mapping[DocumentId, Record]:
        with self.store.read() as view:
            return view.records(documents)

    def evidence(self, digest: str) -> Evidence | None:
        with self.store.read() as view:
            return view.evidence(digest)


def demand_of(audience: Audience, found: Callable[[], Mapping[DocumentId, frozenset[Kind]]] = dict) -> SearchDemand:
    """Return what the saved searches of an audience ask of a source; `found` is what they found until now."""
    searching = [(watch, watch.search) for watch in audience.searching if watch.search is not None]
    if not searching:
        return SearchDemand()

    def matches(document: DocumentId, title: str) -> bool:
        return any(watch.covers(document) and search.found(title) is not None for watch, search in searching)

    return SearchDemand(short_digest("\n".join(sorted(search.key for _, search in searching))), matches, found)


class Poll:
    """One poll of one source: fetch, parse, detect, decide, record, page by page."""

    def __init__(self, state: SourceState, scheduled: ScheduledSource, http: Http, context: Context) -> None:
        self.state = state
        self._scheduled, self._http, self._context = scheduled, http, context
        self._outcome = PollOutcome(state)
        self._started_at = context.clock()
        self._answer: Response | None = None
        self._waiting: dict[str, datetime | None] = {}

    def run(self) -> PollOutcome:
        """Poll, and record what the source says. Errors of the source end up in the outcome."""
        outcome, watcher = self._outcome, self._scheduled.watcher
        watched = self._context.audience.asked_of(watcher.name, watcher.handles)
        since = self._context.audience.watched_since(watched) if self.state.cursor is None else None
        lookup, searches = StoreLookup(self._context.store), self._searches()
        request = PollRequest(self.state.cursor, watched, self._started_at, lookup, since, searches)
        read: set[DocumentId] = set()
        try:
            for page in watcher.poll(request, self._fetch):
                hit("poll.after_fetch")
                outcome.pages += 1
                outcome.faults += page.faults
                read |= {observation.document for observation in page.observations}
                self._waiting |= {str(document): at for document, at in page.waiting.items()}
                if page.observations or page.cursor is not None or page.scope is not None:
                    self._record(page)
            outcome.unread = [one for one in outcome.faults if not one.standing and one.document not in read]
            outcome.error = _failure_of_all(outcome.unread, set(watched))
        except SourceError as error:
            outcome.error = error
        return self._conclude()

    def fail(self, error: Exception) -> PollOutcome:
        """Count whatever a reader raised as a failure of the source, and keep the answer it was reading."""
        where = (
            f", reading {self._answer.url.partition('?')[0]} (sha-256 {digest(self._answer.body)[:12]})"
            if self._answer
            else ""
        )
        self._outcome.error = coded_error(
            Changed, "fault.unexpected", {"fault": f"{type(error).__name__}: {error}{where}"}
        )
        if self._answer is not None and self._answer.body:
            with self._context.store.begin(only=()) as tx:
                tx.keep(_sample(self._answer))
        return self._conclude()

    def _log_searches(self, just_found: Sequence[SearchMatch]) -> None:
        """Say what searches found when all was read for the first time in which they look at this source; `just_found`
        is what the last page of it added, which is all where a source lists no session."""
        handles, searching = self._scheduled.watcher.handles, self._context.audience.searching
        listing = {watch.name for watch in searching if any(map(handles, watch.places))}
        matches: Sequence[SearchMatch] = just_found
        if listing:
            with self._context.store.read() as view:
                matches = view.matches()
        found = Counter(m.watch for m in matches if m.baseline and handles(m.document))
        for watch in searching:
            if found[watch.name] or watch.name in listing:
                log_search(watch.name, found[watch.name], self.state.name)

    def _searches(self) -> SearchDemand:
        """Return what saved searches ask of this source."""
        audience, store = self._context.audience, self._context.store

        def found() -> Mapping[DocumentId, frozenset[Kind]]:
            with store.read() as view:
                known = audience.found_by_searches(view.matches())
            return {one: kinds for one, kinds in known.items() if self._scheduled.watcher.handles(one)}

        return demand_of(audience, found)

    def _fetch(self, request: Request) -> Response:
        self._outcome.requests += 1  # also of a poll that fails before its first page: the allowance is spent
        self._answer = self._http(request)
        return self._answer

    def _record(self, page: Page) -> None:
        """Compare a page with the record, write what is new, and count it."""
        outcome = self._outcome
        before = outcome.source

        def progress(result: PageResult, now: datetime) -> SourceState:
            return _progress(before, page, result, now)

        written = ingest_page(page, before.name, self._context, progress=progress, position=before.cursor)
        if written is None:
            return
        result, source = written
        outcome.source = source or before
        outcome.quiet = False
        if page.scope in result.scopes and self._context.audience.searching:
            self._log_searches(result.found)
        outcome.revisions += len(result.steps)
        outcome.changes += sum(len(step.changes) for step in result.steps)
        outcome.alerts += len(result.alerts) + sum(len(one.alerts) for one in result.remedies)
        outcome.alerts += len(_remarks(page, result))

    def _conclude(self) -> PollOutcome:
        """Settle the health of the source; what the operator is alerted of is recorded with it, once."""
        outcome, now = self._outcome, self._started_at
        every = self._scheduled.every
        if outcome.error is None:
            after = after_success(outcome.source, every, now, outcome.requests, self._waiting)
            outcome.quiet = outcome.quiet and after.waiting == outcome.source.waiting
            # That there is no such document concerns its watch alone.
            if faults := [one for one in outcome.faults if not (one.standing and one.error.status == 404)]:
                after = replace(after, error=_summary(faults))
        else:
            after = after_failure(outcome.source, outcome.error, every, now, outcome.requests)
            outcome.quiet = False
        if not (broke(after) or recovered(after)):
            outcome.source = after
            if not outcome.quiet:
                with self._context.store.begin(only=()) as tx:
                    tx.save_source(after)
            return outcome
        news = _health_change(after, now)
        outcome.source = replace(after, operator_knows=broke(after), changes=after.changes + 1)
        outcome.quiet = False
        with self._context.store.begin(only=_of_source(after.name)) as tx:
            outcome.alerts += enqueue_for_operator(tx, news, self._context.audience, now)
            tx.save_source(outcome.source)
        return outcome


def ingest_page(
    page: Page,
    source: str,
    context: Context,
    *,
    progress: Callable[[PageResult, datetime], SourceState] | None = None,
    position: str | None = None,
) -> tuple[PageResult, SourceState | None] | None:
    """Compare a page with the record and write what is new; again from the start if the record moved meanwhile.

    `progress` says what becomes of the source with this page, `position` is where it stood; whoever is no publisher
    leaves both out. Returns what was written, None when there was nothing to write.
    """
    store, audience = context.store, context.audience
    for attempt in range(_ATTEMPTS):
        now = context.clock()
        with store.read() as view:
            result = evaluate(page, source, view, audience, now)
        moved = page.cursor is not None and page.cursor != position
        if not result.steps and not result.scopes and not result.reread and not moved:
            return None
        state = progress(result, now) if progress else None
        try:
            hit("poll.before_record")
            with store.begin([*result.steps, *_needed(page, result)], only=_decided(result, source)) as tx:
                _write_page(tx, page, result, source, state, audience, now)
            hit("poll.after_record")
        except Conflict:
            if attempt == _ATTEMPTS - 1:
                raise
            continue
        return result, state
    return None


def evaluate(page: Page, source: str, view: ReadTransaction, audience: Audience, now: datetime) -> PageResult:
    """Say what a page adds to the record, who is notified of it, and which scopes have now had their baseline."""
    records = dict(view.records([o.document for o in page.observations]))
    scopes = {o.document: page.scope or f"{source}/{o.document}" for o in page.observations}
    asked = dict.fromkeys((*scopes.values(), *([page.scope] if page.scope else [])))
    searches: dict[DocumentId, dict[str, SearchMatch]] = {}
    for match in view.matches(scopes) if audience.searching and scopes else ():
        searches.setdefault(match.document, {})[match.watch] = match
    found: list[SearchMatch] = []
    established = {scope: view.established(scope) for scope in asked}
    steps: list[NewRevision] = []
    alerts: list[Alert] = []
    remedies: list[CorrectionPlan] = []
    listening = _by_now(audience, now)
    older = _OlderThanSession(listening)
    for observation in page.observations:
        document = observation.document
        before = records.get(document)
        is_new = before is not None and _is_new(before, observation)
        step = advance(_without_past(before, observation) if before and is_new else before, observation, now)
        if step is None:
            continue
        known_scope = established[scopes[document]] or _was_read(page, before, view) or is_new
        listeners = listening if known_scope else older.watching(document) if before is None else None
        if listeners is None:
            known_elsewhere = before is not None and page.scope is not None  # a reader says so of what is past
            matches = tuple(searches.get(document, {}).values())
            since = None if known_elsewhere else FirstReading(step, before, listening, page.scope is None, matches)
            past = step.changes if step.based_on else ()
            step = replace(step, baseline=True, changes=_once((*past, *(since.news if since else ()))))
            alerts += since.alerts(now) if since else ()
        known = searches.setdefault(document, {})
        come = list(new_matches(step, known, listening, now, silent=listeners is None))
        found += come
        step, remedy = attribute_corrections(step, steps, view)
        remedies.append(remedy)
        records[document] = step.record
        steps.append(step)
        if listeners is not None:
            alerts += alerts_of(step, before, listeners, now, known)
        known |= {match.watch: match for match in come}
    opened = tuple(scope for scope, known in established.items() if page.complete and not known)
    reread = view.not_reread(source, scopes) if scopes else frozenset()
    return PageResult(tuple(steps), tuple(alerts), opened, tuple(remedies), reread, tuple(found))


class _OlderThanSession:
    """Whoever watched before a session began: nothing in it is their past, although its scope had no baseline yet."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self._known: dict[DocumentId, Audience] = {}

    def watching(self, document: DocumentId) -> Audience | None:
        """Return those of them who cover a document, None where there is nobody."""
        session = DocumentId(document.jurisdiction, document.kind, document.parts[:1])
        if session not in self._known:
            began = jurisdiction_of(document).session_began(document)
            watches = (w for w in self._audience.watches if began and w.created_at and w.created_at.date() < began)
            found = tuple(w for w in watches if any(place.is_within(session) for place in w.places))
            self._known[session] = replace(self._audience, watches=found)
        everybody = self._known[session]
        return everybody if any(watch.covers(document) for watch in everybody.watches) else None


class FirstReading:
    """What a first reading states that came after a watch was made, which cannot be its past (rule 3). `alone` says
    that the document was asked for by itself: if it was known before, that is news to those who named it. Documents of
    a feed are left out: their reader knows since when each was watched. A search that found the document before it was
    read (`matches`) follows it since then. `found` is what it states, where that is on record."""

    def __init__(
        self,
        step: NewRevision,
        before: Record | None,
        audience: Audience,
        alone: bool,
        matches: Sequence[SearchMatch] = (),
        found: Sequence[Change] | None = None,
    ) -> None:
        self._step, self._before, self._audience = step, before, audience
        self._matches = {match.watch: match for match in matches}
        document, seen_at = step.record.document, step.record.known_from
        watching = audience.watching(document)
        made_before = [w for w in watching if w.created_at is not None and w.created_at < seen_at]
        if document.is_feed or before is not None:
            made_before = [w for w in made_before if document in w.places and not document.is_feed]
        since = {match.watch: match.since for match in matches if before is not None and not document.is_feed}
        made_before += [replace(w, created_at=since[w.name]) for w in watching if w.search and w.name in since]
        if found is None:
            found = first_statements(step, before) if made_before else ()
        self._of = [(watch, self._after(found, watch.created_at, alone)) for watch in made_before if watch.created_at]
        self.news = _once(change for _, changes in self._of for change in changes)

    def _after(self, found: Iterable[Change], made: datetime, alone: bool) -> tuple[Change, ...]:
        if self._before is None and not alone and began_after(self._step.record, made):
            return self._step.changes  # as any new document of a scope
        return tuple(change for change in found if is_after(change, made))

    def alerts(self, now: datetime) -> Sequence[Alert]:
        """Say who is notified of it: each watch of what came after it."""
        said = (
            decisions_of(
                replace(self._step, changes=changes),
                None,
                replace(self._audience, watches=(watch,)),
                now,
                self._matches,
            )
            for watch, changes in self._of
            if changes
        )
        return group(decision for decisions in said for decision in decisions)


def _once(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple({change.key: change for change in changes}.values())


def alerts_of(
    step: NewRevision, before: Record | None, audience: Audience, now: datetime, matches: Matches = MappingProxyType({})
) -> Sequence[Alert]:
    """Say who is notified of a step in an established scope; in any other, `FirstReading` says it."""
    return group(decisions_of(step, before, audience, now, matches))


def decisions_of(
    step: NewRevision, before: Record | None, audience: Audience, now: datetime, matches: Matches = MappingProxyType({})
) -> Iterator[Decision]:
    """Decide about the changes of a step, but for its corrections, for everybody; `matches` are what searches found
    before."""
    stage, whole = stage_after(step, now), whole_text(step.record)
    for one in search_matches(step, _uncorrected_changes(step), before, audience, matches):
        yield from one.explained(decide(one.changes, one.audience, established=True, stage=stage, whole=whole))


def whole_text(record: Record) -> str:
    """Return what a document says that is read as a whole, "" for any other."""
    return str(record.facets.get("content", {}).get("body", {}).get("text") or "")


def stage_after(step: NewRevision, now: datetime) -> Callable[[Change], str | None]:
    """Return where a change leaves its document: a status by itself, anything else where the document stands then."""
    standing = step.record.last_status

    def stage_of(change: Change) -> str | None:
        status = change.after if change.kind is Kind.STATUS else standing and standing.status
        law = jurisdiction_of(change.document)
        return law.stage(status, change.document, law.day(now)) if status else None

    return stage_of


def attribute_corrections(
    step: NewRevision, earlier: Sequence[NewRevision], view: ReadTransaction
) -> tuple[NewRevision, CorrectionPlan]:
    """Find what the corrections of a step correct, and who was notified; `earlier` are the steps of this page."""
    if not step.corrections:
        return step, CorrectionPlan()
    document = step.record.document
    lately = (change for one in earlier if one.record.document == document for change in one.changes)
    step, origins = link_corrections(step, (*view.past(document), *lately))
    reported = {change.key: change for changes in origins.values() for change in changes}
    return step, plan_corrections(step.corrections, origins, view.fates(tuple(reported.values())))


def _uncorrected_changes(step: NewRevision) -> tuple[Change, ...]:
    """Return what routes decide about: a correction goes to whoever was notified of what it corrects."""
    corrections = {right.change.key for right in step.corrections}
    return tuple(change for change in step.changes if change.key not in corrections)


def _was_read(page: Page, record: Record | None, view: ReadTransaction) -> bool:
    """Say whether a document asked for by itself had its baseline with another source: what the second
    one adds is news, for nobody else will report it."""
    if page.scope is not None or record is None:
        return False
    return any(view.established(f"{source}/{record.document}") for source in sorted(set(record.owners.values())))


def _is_new(absent: Record, observation: Observation) -> bool:
    """Say whether a document that its publisher did not have when it was asked for was introduced since: nothing of it
    is past. One that was introduced before was only missing from an answer."""
    if not absent.facets.get("absent") or observation.facets.get("absent"):
        return False
    introduced = observation.facets.get("item", {}).get("", {}).get("introduced_on")
    asked_on = jurisdiction_of(absent.document).day(absent.first_seen_at)
    return introduced is not None and str(introduced) >= asked_on.isoformat()


def _without_past(absent: Record, observation: Observation) -> Record:
    """Return the record of a document that did not exist: whatever is stated of it now is the first of its kind."""
    first: dict[str, Facet] = {name: {} for name, facet in observation.facets.items() if facet}
    return replace(absent, facets={**first, **absent.facets})


def _by_now(audience: Audience, now: datetime) -> Audience:
    """Return the audience with no watch made in the future: one that was, was made before the clock was set back, and
    what is seen now is seen after it."""
    if not any(watch.created_at and watch.created_at > now for watch in audience.watches):
        return audience
    watches = (replace(w, created_at=min(w.created_at, now)) if w.created_at else w for w in audience.watches)
    return replace(audience, watches=tuple(watches))


def _decided(result: PageResult, source: str) -> Sequence[str] | None:
    """Name what a page is about; None where it withdraws messages, which any channel may be sending."""
    if any(remedy.withdrawn or remedy.alerts for remedy in result.remedies):
        return None
    changed = (change.document for alert in result.alerts for change in alert.changes)
    documents = {*changed, *(a.document for a in result.alerts), *(step.record.document for step in result.steps)}
    return *_of_source(source), *map(str, documents)


def _of_source(name: str) -> Sequence[str]:
    return (f"source {name}",)


def _write_page(
    tx: Transaction,
    page: Page,
    result: PageResult,
    source: str,
    state: SourceState | None,
    audience: Audience,
    now: datetime,
) -> None:
    """Remember revisions, their evidence, deliveries, baselines and the resume position together (rule 1)."""
    for evidence in _needed(page, result):
        tx.keep(evidence)
    late = state is not None and was_away(state, now)
    for step in result.steps:
        tx.save(replace(step, late=late))
    if result.found:
        tx.save_matches(_in_force(result.found, tx, audience))
    hit("store.between_change_and_outbox")
    for alert in result.alerts:
        tx.enqueue(replace(alert, caught_up=late), audience.recipients[alert.channel], now)
    for remedy in result.remedies:
        apply_remedy(tx, remedy, now)
    for scope in result.scopes:
        tx.establish(scope, now)
    if result.reread:
        tx.save_reread(source, result.reread)
    if state is not None:
        _enqueue_remarks(tx, _remarks(page, result), state, audience, now)
        tx.save_source(state)


def _in_force(found: Sequence[SearchMatch], tx: Transaction, audience: Audience) -> Sequence[SearchMatch]:
    """Leave out what was found by words that a search no longer has: another worker was configured anew before us."""
    ours = {watch.name: watch.search.key for watch in audience.searching if watch.search is not None}
    theirs = {**ours, **tx.searches()}
    return [match for match in found if ours[match.watch] == theirs[match.watch]]


def _remarks(page: Page, result: PageResult) -> Sequence[CodedText]:
    """Return what the operator is alerted to of a page: what its reader remarks, and which documents do not exist."""
    first = (step.record for step in result.steps if step.record.revision == 1)
    said = ((record, entry["text"]) for record in first for entry in record.facets.get("absent", {}).values())
    return *page.remarks, *(coded("record.absent", document=str(one.document), error=text) for one, text in said)


def _enqueue_remarks(
    tx: Transaction, remarks: Sequence[CodedText], source: SourceState, audience: Audience, now: datetime
) -> None:
    """Alert the operator of what a page shows of its source; `source` has counted the remarks already."""
    for number, remark in enumerate(remarks, start=source.changes - len(remarks) + 1):
        said = (None, remark.to_json(), None)
        news = operational_change(Kind.SOURCE, source.name, number, "remark", said, now)
        enqueue_for_operator(tx, news, audience, now)


def apply_remedy(tx: Transaction, remedy: CorrectionPlan, now: datetime) -> None:
    """Withdraw what was wrong and is not sent yet, and say what is so; Conflict if somebody sends it just now."""
    for delivery in remedy.withdrawn:
        if not tx.withdraw(delivery, WITHDRAWN):
            raise Conflict(f"the message {delivery} is being sent: its fate has to be read again")
        hit("poll.withdrawn")
    for alert, recipients in remedy.alerts:
        tx.enqueue(alert, recipients, now)


def _needed(page: Page, result: PageResult) -> Sequence[Evidence]:
    """Return the bytes of a page that something new rests on."""
    needed = {digest for step in result.steps for digest in step.evidence.values()}
    found = [evidence for evidence in page.evidence if evidence.digest in needed]
    return sorted(found, key=lambda evidence: evidence.digest)  # two sources may state the same: in the same order


def _progress(source: SourceState, page: Page, result: PageResult, now: datetime) -> SourceState:
    """Move the resume position, and measure how long after publication we saw what is new."""
    lags = [(now - s.published_at).total_seconds() for s in result.steps if s.published_at and s.based_on]
    return replace(
        source,
        cursor=page.cursor or source.cursor,
        lag=max(lags, default=source.lag),
        changes=source.changes + len(_remarks(page, result)),
    )


def _failure_of_all(faults: Sequence[Fault], following: set[DocumentId]) -> SourceError | None:
    """A source of which no followed document could be read is broken, although its list may answer."""
    ill = {fault.document: fault.error for fault in faults if fault.document in following}
    return next(iter(ill.values())) if ill and len(ill) == len(following) else None


def _health_change(source: SourceState, now: datetime) -> Change:
    """Say as a change that a source broke or is back."""
    said = (Health.OK if broke(source) else "broken", source.state, source.error)
    return operational_change(Kind.SOURCE, source.name, source.changes + 1, "health", said, now)


def _summary(faults: Sequence[Fault]) -> str:
    first, more = faults[0], len(faults) - 1
    named = str(first.document) if first.document else coded("fault.list")
    said = coded("fault.one", document=named, error=first.error.recorded)
    return (coded("fault.more", fault=said, n=more) if more else said).to_json()


def _sample(answer: Response) -> Evidence:
    """Return an answer that no reader could read, to be kept with the evidence of what was read."""
    content_type = answer.headers.get("content-type", "application/octet-stream")
    return Evidence(digest(answer.body), answer.url, answer.fetched_at, content_type, answer.body)
