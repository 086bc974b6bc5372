"""Which acts does one poll read, and what is stated of them and of the regimes they belong to?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as dataclass_replace
from datetime import UTC, date, datetime

from msgspec.structs import replace

from domain.coded_text import CodedText, is_coded, phrase
from domain.documents import DocumentId, public_url
from domain.errors import Changed, SourceError
from domain.jurisdictions.ua import decree_id, document_of_nreg, nreg_of
from domain.observation import Evidence, Fault, Observation, Page, PollRequest
from domain.ports import Http
from watchers.client import PublisherWatcher, numbered
from watchers.rada import REGIMES, is_handled
from watchers.rada.act_reader import IN_FORCE, READER, SOURCE, ActAnswers, ActReading, fetch_act, read_act
from watchers.rada.act_text import FACETS, RegimeStatement, regime_outline, statements
from watchers.rada.client import (
    CODEC,
    DAY,
    LIST_REACH,
    ActState,
    CoverageGap,
    RadaClient,
    RadaCursor,
)
from watchers.rada.lists import ListedAct, ListSurvey, fill_gap, survey_lists
from watchers.rada.titles import classify

RECORD_ENDS = date(2026, 10, 4)
"""The day up to which the shipped history of the regimes was checked: what came later has to be found."""

WHOLE_LIST_EVERY = 6 * 3600
"""Seconds after which the 30-day list is read whole whatever the feed says."""

UNREAD_FOR = DAY
"""Seconds an act may be without a readable text before that is a fault, and is said."""

_MIN_TRIES = 3
"""Tries that must have come to nothing before it is said: who polls once a day has not waited long."""

ACTS = f"{SOURCE}/acts"
PAST = f"{SOURCE}/past"
"""Scopes: the acts the lists show; and what lies before we began to watch, which never becomes news."""

ACTS_A_POLL = 60
"""Acts that one poll reads at most: two requests each, six seconds apart. The rest is read by the next polls."""

FOUND_ACTS_A_POLL = 10
"""Acts of which one poll reads that a search finds: regimes must not be late for them."""

MOST_ACTS = 400
"""Acts that are remembered beside the followed ones, those read last."""

_LISTED_WITHIN = 3600
"""Seconds within which the lists show an act that was touched."""

_PAST_BEFORE = 14 * DAY
_OPEN_DAYS = 200


class RadaWatcher(PublisherWatcher):
    """Reads decrees on martial law and mobilisation, the laws that approve them, and any other act that is followed."""

    name = SOURCE
    handles = staticmethod(is_handled)

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]:
        """Ask what was updated, read what matters, and state it, one step of an instrument at a time.

        Raises SourceError if the lists cannot be read or the publisher refuses; one act that cannot be read is a
        fault on the last page.
        """
        if request.searches.key or any(is_handled(document) for document in request.watched):
            yield from _Poll(RadaClient(http, self._base_url), CODEC.load(request.cursor), request).pages()


@dataclass(slots=True)
class _Poll:
    """One poll while it runs. `readings` are in the order in which they were made: decrees before their laws. `error`
    is what ended the reading of acts: the publisher refuses us; `cut` that there were more than one poll reads, `late`
    that the 30-day list is read for the first time, after other polls: what it alone shows is past. `searched` are acts
    that a search finds: what the whole list shows of them when the searches are new or changed is their baseline, but
    for what was touched `lately`, after it was last read for the searches before."""

    client: RadaClient
    cursor: RadaCursor
    request: PollRequest
    readings: list[ActReading] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    fresh: set[DocumentId] = field(default_factory=set)
    silent: set[DocumentId] = field(default_factory=set)
    searched: set[DocumentId] = field(default_factory=set)
    lately: set[DocumentId] = field(default_factory=set)
    error: SourceError | None = None
    cut: bool = False
    late: bool = False

    @property
    def _now(self) -> int:
        return int(self.request.now.timestamp())

    @property
    def _regimes(self) -> list[DocumentId]:
        return [regime for regime in REGIMES if regime in self.request.watched]

    def pages(self) -> Iterator[Page]:
        """Read the lists, then the acts; state what was read even where the publisher then refuses the rest, which
        stays due."""
        self.cursor.begun_at = self.cursor.begun_at or self._now
        before = replace(self.cursor)
        self._note_searches(self.request.searches.key)
        whole = self._is_whole_due()
        found = survey_lists(self.client, self.cursor, self.request.now, whole=whole)
        self.faults += found.faults
        self.late = found.whole and not before.full_at and before.begun_at < self._now
        self._cover(found, whole)
        self._read_all(found.seen, whole)
        self._fill(whole)
        if self.error or self.cut:
            for name in ("digest", "modified", "list_modified", "recent", "full_at"):
                setattr(self.cursor, name, getattr(before, name))
        yield from self._acts(found)
        for regime in self._regimes:
            yield from self._regime(regime)
        self.faults += self._standing_faults()
        self._forget()
        cursor = CODEC.dump(self.cursor)
        moved = cursor != (self.request.cursor or "")
        yield Page(cursor=cursor if moved else None, faults=tuple(self.faults), requests=self.client.spent())
        if self.error:
            raise self.error

    def _note_searches(self, key: str) -> None:
        """Note until when the lists were read for other searches than the present ones; after a day without reading
        all is their past."""
        cursor = self.cursor
        unread = cursor.searched != key and not cursor.searched_through and self._now - cursor.through >= DAY
        if not key or unread:
            cursor.searched, cursor.searched_through = "", 0
        elif cursor.searched not in ("", key):
            cursor.searched_through = cursor.searched_through or cursor.through

    def _forget(self) -> None:
        """Keep what is remembered of the followed acts, and of the others read last."""
        acts, followed = self.cursor.acts, {nreg_of(document) for document in self.request.watched}
        others = sorted((nreg for nreg in acts if nreg not in followed), key=lambda nreg: (-acts[nreg].read_at, nreg))
        for nreg in others[MOST_ACTS:]:
            del acts[nreg]

    def _is_whole_due(self) -> bool:
        unknown = any(REGIMES[regime] not in self.cursor.regimes for regime in self._regimes)
        at = self.cursor.full_at
        return unknown or not at or at > self._now or self._now - at >= WHOLE_LIST_EVERY

    def _cover(self, found: ListSurvey, whole: bool) -> None:
        """Note what the lists prove: the 30-day list what lies behind it, the feed what came since it was last read.
        Days that neither of them covers are a gap."""
        cursor, now = self.cursor, self._now
        if whole and (found.whole or found.absent):
            cursor.full_at = now
        listed = found.whole or found.absent or cursor.since > 0 or self._has_waited
        if not listed or (not found.seen and not whole):
            return
        reach = now - LIST_REACH if found.whole else now
        if cursor.gap and found.whole:
            left = replace(cursor.gap, until=min(cursor.gap.until, reach))
            cursor.gap = left if left.since < left.until else None
        if cursor.since and (cursor.through >= reach or (found.connected and not found.whole)):
            cursor.since = min(cursor.since, reach)
        elif cursor.since:
            start = cursor.gap.since if cursor.gap else cursor.through
            cursor.gap = CoverageGap(start, reach, silent=bool(cursor.gap and cursor.gap.silent))
            cursor.since = reach
        else:
            ends = int(datetime(*RECORD_ENDS.timetuple()[:3], tzinfo=UTC).timestamp())
            cursor.since = reach
            cursor.gap = CoverageGap(ends, reach, silent=True) if ends < reach else None
        cursor.through = now

    @property
    def _has_waited(self) -> bool:
        """True a day after the first poll: what could not be read by then is no longer waited for."""
        return self._now - self.cursor.begun_at >= UNREAD_FOR

    def _read_all(self, seen: Mapping[str, ListedAct], whole: bool) -> None:
        due = self._touched(seen)
        for nreg, act in self.cursor.acts.items():
            document = self._document(nreg)
            if document and document not in due and self._is_still_due(document, act, whole):
                due[document] = seen.get(nreg, ListedAct())
        for document in self.request.watched:
            named = nreg_of(document)
            if named and document not in due and named not in self.cursor.acts:
                due[document] = seen.get(named, ListedAct())
        self._read_these(due)

    def _document(self, nreg: str, shown: ListedAct | None = None) -> DocumentId | None:
        """Name the act behind a key: as it was read, as somebody follows it, else by the number the lists state."""
        known = self.cursor.acts.get(nreg)
        if known and known.document:
            return DocumentId.parse(known.document)
        followed = next((one for one in self.request.watched if nreg_of(one) == nreg), None)
        return followed or document_of_nreg(nreg, shown.number if shown else "")

    def _read_these(self, due: Mapping[DocumentId, ListedAct]) -> None:
        """Read acts of regimes first, decrees before the laws that cite them, until the publisher refuses us. What
        could not be read before, and is not listed anew, comes last, each in its turn, and keeps no list from being
        done with."""
        followed = self.request.watched
        again = {document: at for document in due if (at := self._tried_at(document, due[document]))}
        for document in sorted(
            due, key=lambda d: (d in self.searched, d in followed, again.get(d, 0), d.kind == "law", d)
        ):
            if self.error or any(reading.document == document for reading in self.readings):
                continue
            searched = sum(reading.document in self.searched for reading in self.readings)
            if len(self.readings) >= ACTS_A_POLL or searched >= FOUND_ACTS_A_POLL:
                self.cut = self.cut or document not in again
                return
            try:
                self._read(document, due[document])
            except SourceError as error:
                self.error = error
                for named, shown in due.items():
                    self._note_refused(named, shown)

    def _note_refused(self, document: DocumentId, shown: ListedAct) -> None:
        """Remember a renewal that the lists name while the publisher refuses what it says: it stays due."""
        nreg = nreg_of(document) or ""
        known = self.cursor.acts.get(nreg, ActState())
        is_read = known.text_digest or any(reading.document == document for reading in self.readings)
        if not is_read and (known.missed or self._renews(document, shown)):
            act = self._waited(read_act(document, known, shown, ActAnswers(text=self.error), self._now).act)
            self.cursor.acts[nreg] = act
            self.readings.append(ActReading(document, act))

    def _waited(self, act: ActState) -> ActState:
        """Let it be said of an act that its text was waited for in vain."""
        since = act.pending_since if act.title else 0
        in_vain = since and self._now - since >= UNREAD_FOR and act.tries >= _MIN_TRIES
        return replace(act, reported_unread=True) if in_vain else act

    def _tried_at(self, document: DocumentId, shown: ListedAct) -> int:
        """Return when a followed act that is not listed anew was last tried in vain; 0 for any other."""
        act = self.cursor.acts.get(nreg_of(document) or "")
        return act.tried_at if act and document in self.request.watched and shown == ListedAct() else 0

    def _touched(self, seen: Mapping[str, ListedAct]) -> dict[DocumentId, ListedAct]:
        return {document: shown for nreg, shown in seen.items() if (document := self._wanted(nreg, shown))}

    def _wanted(self, nreg: str, shown: ListedAct) -> DocumentId | None:
        """Return the document if it matters and was touched since it was last read."""
        act = self.cursor.acts.get(nreg)
        if act and shown.update in ("", act.update) and (shown.row is None or shown.row.key == act.row):
            return None
        document = self._document(nreg, shown)
        if document is None or document in self.request.watched or self._renews(document, shown):
            return document
        if not self.request.searches.matches(document, shown.title):
            return None
        known = act is None and not shown.update and bool(self.request.lookup.records([document]))
        if not known:  # nor forgotten, for there are more than are remembered
            self.searched.add(document)
            if shown.updated_at and shown.updated_at.timestamp() > self.cursor.searched_through - _LISTED_WITHIN:
                self.lately.add(document)
        return None if known else document

    def _renews(self, document: DocumentId, shown: ListedAct) -> bool:
        if document.kind not in ("decree", "law"):
            return False
        meaning = classify(shown.title, issuer=shown.issuer or None)
        followed = any(REGIMES[regime] == meaning.regime for regime in self._regimes)
        return followed and meaning.approves == (document.kind == "law") and not meaning.draft

    def _is_still_due(self, document: DocumentId, act: ActState, whole: bool) -> bool:
        """An act without a readable text is asked for again and again; one not yet in force, with the 30-day list."""
        if act.pending_since:
            return whole or self._now - act.pending_since < UNREAD_FOR
        if document in self.request.watched:
            return whole and (bool(act.trouble) or self._now - act.read_at >= DAY)
        waits = act.status not in IN_FORCE and self._now - act.read_at < _OPEN_DAYS * DAY
        return whole and waits and bool(act.regime) and self._now - act.read_at >= WHOLE_LIST_EVERY

    def _read(self, document: DocumentId, shown: ListedAct, cited: ActState | None = None) -> None:
        nreg = nreg_of(document) or ""
        before = self.cursor.acts.get(nreg)
        if before is not None and before.read_at and not before.title:
            self.fresh.add(document)
        known = before or cited or ActState()
        if self.late and not shown.update:
            self.silent.add(document)
        reading = read_act(document, known, shown, fetch_act(self.client, document, known), self._now)
        act = self._waited(reading.act)
        if act.reported_unread and act.missed and not reading.faults:
            late = phrase("{document}: a day after its title: {fault}", document=str(document), fault=act.missed)
            self.faults.append(Fault(document, Changed(late)))
        self.faults += reading.faults
        self.cursor.acts[nreg] = act
        if act.approves and act.regime and act.approves not in self.cursor.acts and (of := decree_id(act.approves)):
            self._read(of, ListedAct(), ActState(regime=act.regime, act=act.act))
        self.readings.append(dataclass_replace(reading, act=act))

    def _standing_faults(self) -> Iterator[Fault]:
        """Say at every poll what of the followed acts cannot be read, also where it was not tried this time."""
        reported = {fault.document for fault in self.faults}
        for document in self.request.watched:
            act = self.cursor.acts.get(nreg_of(document) or "")
            if act and act.trouble and document not in reported:
                said = CodedText.from_json(act.trouble) if is_coded(act.trouble) else act.trouble
                yield Fault(document, Changed(said), standing=True)

    def _fill(self, whole: bool) -> None:
        """Read on in the gap before the 30-day list; what lies before we began to watch is no news."""
        gap = self.cursor.gap
        if gap is None or not whole or self.error or self.cut:
            return
        left, seen = fill_gap(self.client, gap, self._now)
        before = len(self.readings)
        self._read_these(self._touched(seen))
        if gap.silent:
            self.silent |= {reading.document for reading in self.readings[before:]}
        if not (self.error or self.cut):
            self.cursor.gap = left
        if self.cursor.gap is None:
            self.cursor.since = min(self.cursor.since, gap.since)

    def _acts(self, found: ListSurvey) -> Iterator[Page]:
        """State the acts themselves. One followed by name has its own baseline, unless it was known not to exist."""
        alone = {r.document for r in self.readings if r.document in self.request.watched} - self.fresh
        searched = [r for r in self.readings if r.document in self.searched]
        shared = [r for r in self.readings if r.document not in alone and r.document not in self.searched]
        first = not self.request.cursor
        complete = not (self.error or self.cut) and (found.whole or found.absent or first or self._has_waited)
        observations = tuple(r.observation for r in shared if r.observation)
        if observations or complete:
            yield Page(scope=ACTS, observations=observations, evidence=_evidence_of(shared), complete=complete)
        if key := self.request.searches.key:
            whole = not (self.error or self.cut) and (found.whole or found.absent)
            yield from self._found(searched, key, whole)
        for reading in self.readings:
            if reading.document in alone and reading.observation:
                yield Page(observations=(reading.observation,), evidence=reading.evidence)

    def _found(self, readings: Sequence[ActReading], key: str, whole: bool) -> Iterator[Page]:
        """State what searches find. Until the list is read `whole` for changed ones, what was touched lately is news,
        as it would be without the change."""
        known = self.cursor.searched
        news = [r for r in readings if known not in ("", key) and r.document in self.lately]
        rest = [r for r in readings if r not in news]
        for name, some, complete in ((known, news, False), (key, rest, whole)):
            stated = tuple(r.observation for r in some if r.observation)
            if stated or complete:
                yield Page(f"{SOURCE}/found/{name}", stated, _evidence_of(some), complete=complete)
        if whole:
            self.cursor.searched, self.cursor.searched_through = key, 0

    def _regime(self, regime: DocumentId) -> Iterator[Page]:
        """State what is new of a regime; its first complete reading is its baseline, and says that there is nothing
        else. What is not readable yet holds no baseline up: it is remembered as past."""
        name = REGIMES[regime]
        begins = name not in self.cursor.regimes
        readings = [r for r in self._known(begins) if r.act.regime == name]
        said = [(r, s) for r in readings for s in statements(r.document, r.act)]
        said.sort(key=lambda pair: (pair[1].on, FACETS.index(pair[1].facet)))
        past = [pair for pair in said if self._is_past(pair[0], pair[1])]
        if past:
            yield Page(
                scope=PAST,
                observations=tuple(_regime_observation(regime, r, s) for r, s in past),
                evidence=_evidence_of([r for r, _ in past]),
                complete=False,
            )
        new = [pair for pair in said if pair not in past]
        complete = not begins or self._has_waited or not (self.error or self.cut)
        observations = [Observation(regime, SOURCE, READER, regime_outline(regime))] if begins else []
        observations += [_regime_observation(regime, r, s) for r, s in new]
        if begins and complete:
            for nreg, act in self.cursor.acts.items():
                if act.missed and act.regime == name:
                    self.cursor.acts[nreg] = replace(act, past_before=self.request.now.date().isoformat())
            self.cursor.regimes = sorted({*self.cursor.regimes, name})
        if observations:
            yield Page(observations=tuple(observations), evidence=_evidence_of([r for r, _ in new]), complete=complete)

    def _known(self, everything: bool) -> list[ActReading]:
        """Return what was read now; for a regime followed anew also what was read before, for another reason."""
        read = {reading.document for reading in self.readings}
        named = ((document, act) for nreg, act in self.cursor.acts.items() if (document := self._document(nreg)))
        older = [ActReading(document, act) for document, act in named if document not in read]
        return self.readings + (older if everything else [])

    def _is_past(self, reading: ActReading, statement: RegimeStatement) -> bool:
        """True for what is no news: it lies clearly before we began to watch, as an old act that was merely touched
        again, or a message about it waits."""
        if not statement.is_news or reading.document in self.silent:
            return True
        if statement.on and statement.on < reading.act.past_before:
            return True
        begun = datetime.fromtimestamp(self.cursor.begun_at - LIST_REACH - _PAST_BEFORE, UTC).date().isoformat()
        return bool(statement.on and statement.on < begun)


def _evidence_of(readings: Sequence[ActReading]) -> tuple[Evidence, ...]:
    return tuple({kept.digest: kept for reading in readings for kept in reading.evidence}.values())


def _regime_observation(regime: DocumentId, reading: ActReading, statement: RegimeStatement) -> Observation:
    """State one step of one act: a message of its own."""
    stated = reading.observation.evidence if reading.observation else {}
    source = stated.get("status" if statement.facet == "steps" else "texts") or stated.get("texts")
    digests = [source, *sorted({*stated.values()} - {source})] if source else []
    return Observation(
        document=regime,
        source=SOURCE,
        reader=READER,
        facets={statement.facet: {statement.subject: statement.entry}},
        evidence=numbered(statement.facet, digests),
        published_at=reading.observation.published_at if reading.observation else None,
        url=public_url(reading.document),
        context={**reading.context, "reported_unread": reading.act.reported_unread} if reading.context else {},
    )
