"""What the parts of lexwatch ask of each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from domain.alerts.coverage_report import ReportState
from domain.alerts.delivery import Circuit, Delivery, Frozen
from domain.alerts.routing import Alert, Watch
from domain.alerts.search import SearchMatch
from domain.alerts.send_delays import HoldSettings, Mute
from domain.coded_text import CodedText
from domain.documents import DocumentId
from domain.observation import Evidence, Page, PollRequest
from domain.records.corrections import AlertOutcome
from domain.records.detection import NewRevision
from domain.records.facets import Facet
from domain.records.record import Change, Record
from domain.sources import Request, Response, SourceState

if TYPE_CHECKING:  # whoever only asks where things stand computes no terms
    from domain.terms.reminders import RegimeStanding

Clock = Callable[[], datetime]
"""Returns aware UTC. The domain never calls one: it receives `now`."""

Http = Callable[[Request], Response]
"""Asks a publisher; raises a SourceError for anything the request does not expect."""


class Watcher(Protocol):
    """Reads one publisher. `poll` yields pages as they are complete and keeps no state of its own: what it must
    remember is in the cursor. It raises SourceError when the source as a whole cannot be read."""

    name: str

    @property
    def min_interval(self) -> timedelta:
        """The least pause between polls that the publisher's limits allow with the credentials at hand."""
        ...

    def handles(self, document: DocumentId) -> bool:
        """Say whether documents of this kind are this publisher's."""
        ...

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]: ...


@dataclass(frozen=True, slots=True)
class Ahead:
    """Something to come that a digest announces: `on` its day, `at` its moment (aware) where one is stated, `what` in
    the record's words or as a coded text in JSON."""

    document: DocumentId
    on: date
    at: datetime | None
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """All that a message needs to be written: the alert, the document as it stands, and the reader's zone.

    `note`, `tags`, `priority`, `position` and `owner` are the reader's own, from the watches: where there are several,
    the weightiest priority. `zone` is an IANA name; dates are shown in it. `replies_to` is the
    delivery of the message that this one corrects, `reported_at` when that was put in the outbox. `law` is the name of
    the law that a bill became (`Public Law 119-12`), where it has one. A message about several documents has a notice
    for each in `parts`, what matters most first; `digest` is what such a message is called: daily, weekly, caught up.
    `called` is the name by which its owner calls the feed that this is about, or whose source, `doubt` why the status
    is uncertain, as a coded text.
    `period` are the first and last day that a digest is about, `ahead` is what it says of the days to come. `sponsor`
    and `introduced_on` are said of a document that is new, `standing` of a regime.
    `created_at` is when its first news was put in the outbox, `written_at` when it is put into words: a digest, or what
    quiet hours held, is days younger than its first news.
    """

    delivery: str
    alerts: tuple[str, ...]
    document: DocumentId
    changes: tuple[Change, ...]
    reasons: tuple[CodedText, ...]
    created_at: datetime
    to: str
    title: str | None = None
    url: str | None = None
    status: str | None = None
    status_on: str | None = None
    watches: tuple[str, ...] = ()
    note: str | None = None
    tags: tuple[str, ...] = ()
    priority: str | None = None
    position: str | None = None
    owner: str | None = None
    zone: str = "UTC"
    replies_to: str | None = None
    digest: str | None = None
    parts: tuple[Notice, ...] = ()
    law: str | None = None
    reported_at: datetime | None = None
    written_at: datetime | None = None
    called: str | None = None
    doubt: str | None = None
    period: tuple[date, date] | None = None
    sponsor: str | None = None
    introduced_on: str | None = None
    standing: RegimeStanding | None = None
    ahead: tuple[Ahead, ...] = ()

    @property
    def documents(self) -> tuple[DocumentId, ...]:
        """What the message is about."""
        return tuple(part.document for part in self.parts) or (self.document,)


class Notifier(Protocol):
    """Notifies people by one channel.

    `freeze` writes the message (pure; called once per message). `send` delivers the frozen bytes to one recipient:
    it calls `about_to_commit` once, just before the receiver could take the message, and returns what the receiver
    answered. It raises DeliveryError, with `maybe_sent` when the answer was lost after that point.
    """

    name: str
    kind: str

    @property
    def capacity(self) -> int:
        """How much one message of this channel can name, in the unit of `cost`."""
        ...

    @property
    def recipients(self) -> Sequence[str]: ...

    def cost(self, notice: Notice) -> int:
        """Return how much of the capacity a message needs that names all it must; pure."""
        ...

    def freeze(self, notice: Notice) -> Frozen: ...

    def send(self, message: Frozen, *, delivery: str, to: str, about_to_commit: Callable[[], None]) -> str: ...


@dataclass(frozen=True, slots=True)
class WorkerState:
    """What a worker says of itself every few seconds. `configuration` is the digest of the file that is in force there
    since `configured_at`; times are the database's."""

    name: str
    seen_at: datetime
    configured_at: datetime
    configuration: str
    version: str
    queues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DueWork:
    """What several workers share out: the sources to be polled, the channels with something to send, and the
    moments at which the service's own jobs are due again. `holds` says that a held message has reached its time,
    `configuration` is the digest of the one that is in force, `next_at` when a source, message or channel is due that
    is not due now."""

    sources: tuple[str, ...]
    channels: tuple[str, ...]
    jobs: Mapping[str, datetime]
    holds: bool
    configuration: str | None = None
    next_at: datetime | None = None


class ReadTransaction(Protocol):
    """What can be asked of the record."""

    def record(self, document: DocumentId) -> Record | None: ...

    def records(self, documents: Iterable[DocumentId]) -> Mapping[DocumentId, Record]: ...

    def published(self, documents: Iterable[DocumentId]) -> Mapping[DocumentId, datetime]:
        """Return the publisher's newest stamp among the revisions of each document that has one."""
        ...

    def not_reread(self, source: str, documents: Collection[DocumentId]) -> frozenset[DocumentId]:
        """Return those of the documents that a source has not stated since the record was restored from a backup; none
        where it never was."""
        ...

    def imported(self, digests: Iterable[str]) -> frozenset[str]:
        """Return those of the digests that name files imported before."""
        ...

    def evidence(self, digest: str) -> Evidence | None:
        """Return archived bytes by their digest; None for bytes never read, or read and not kept."""
        ...

    def facets(self, documents: Iterable[DocumentId], names: Iterable[str]) -> Mapping[DocumentId, Mapping[str, Facet]]:
        """Return facets of these names of each document that has a record, as they stand."""
        ...

    def documents(self) -> Sequence[DocumentId]:
        """Return every document that has a record."""
        ...

    def matches(self, documents: Iterable[DocumentId] | None = None) -> Sequence[SearchMatch]:
        """Return what searches found: of these documents or all, what was found last first."""
        ...

    def searches(self) -> Mapping[str, str]:
        """Return what each saved search looked for when its finds were written down last."""
        ...

    def titles(self, within: DocumentId) -> Mapping[DocumentId, str]:
        """Return the title of every document named within this one (`xx/bill/45`: a session) that has one."""
        ...

    def established(self, scope: str) -> bool: ...

    def source(self, name: str) -> SourceState | None: ...

    def watches(self) -> Sequence[Watch]:
        """Return the registered watches that are still wanted, oldest first."""
        ...

    def due(self, channel: str, now: datetime, limit: int) -> Sequence[Delivery]:
        """Return deliveries to send now, oldest first: pending or ambiguous, due, not leased (or the lease ran out)."""
        ...

    def delivery(self, delivery: str) -> Delivery | None: ...

    def dead(self) -> Sequence[Delivery]:
        """Return every message that was given up, oldest first."""
        ...

    def stranded(self, channels: Collection[str]) -> Sequence[Delivery]:
        """Return what still has to be sent by a channel that is none of these, oldest first."""
        ...

    def circuit(self, channel: str) -> Circuit:
        """Return whether a channel works; one never seen does."""
        ...

    def account(self, channel: str) -> ReportState | None:
        """Return where the receipts of a channel stand; None before it was first asked for one."""
        ...

    def last_seen(self, document: DocumentId) -> datetime | None:
        """Return when something new was last seen of a document or of anything named within it."""
        ...

    def mutes(self, now: datetime) -> Sequence[Mute]:
        """Return the mutes in force, oldest first."""
        ...

    def waiting(self) -> Sequence[str]:
        """Return the ids of the deliveries that wait to be sent or are held, oldest first."""
        ...

    def has_ended_hold(self, now: datetime) -> bool:
        """Say whether a held delivery has reached its time, so that `Transaction.settle` has something to do."""
        ...

    def past(self, document: DocumentId) -> Sequence[Change]:
        """Return every change that history reports of a document, oldest first: also what its first reading carried."""
        ...

    def fates(self, changes: Sequence[Change]) -> Sequence[AlertOutcome]:
        """Return every alert that carried one of these changes, once for each recipient."""
        ...

    def watches_of(self, deliveries: Sequence[Delivery]) -> Mapping[str, tuple[str, ...]]:
        """Return the names of the watches that each message is for, by its id."""
        ...

    def notice(self, delivery: Delivery, zone: str) -> Notice:
        """Return what the message of this delivery has to say."""
        ...

    def due_work(self, now: datetime) -> DueWork:
        """Return what is due, as several workers share it out."""
        ...

    def workers(self) -> Sequence[WorkerState]:
        """Return what the workers last said of themselves, by name."""
        ...

    def leased(self, channel: str) -> bool:
        """Say whether a message of this channel is in somebody's hands."""
        ...

    def in_force(self, configuration: str) -> bool:
        """Say whether a configuration, known by its digest, is the one that was registered last."""
        ...

    def has_job(self, job: int, worker: int, within: float) -> bool:
        """Say whether a job of the queue is in the hands of this worker, who gave a sign of life within so many
        seconds."""
        ...


class Transaction(ReadTransaction, Protocol):
    """One unit of work: all of it is remembered, or none. Never held while something is fetched or sent."""

    def save(self, step: NewRevision) -> None:
        """Append a revision with its facets, timeline and changes; Conflict if the record is no longer at
        `step.based_on`."""
        ...

    def keep(self, evidence: Evidence) -> None:
        """Archive bytes under their digest; the same bytes are kept once."""
        ...

    def save_imported_files(self, files: Mapping[str, str]) -> None:
        """Remember files as imported, by the digests of their bytes, with their names: the user has the bytes."""
        ...

    def establish(self, scope: str, at: datetime) -> None: ...

    def save_reread(self, source: str, documents: Collection[DocumentId]) -> None:
        """Remember that a source has stated documents since the restore: what it says next of them is new."""
        ...

    def save_source(self, source: SourceState) -> None: ...

    def save_poll_times(self, sources: Sequence[SourceState]) -> None:
        """Remember polls that found nothing, all in one go: everything but the cursor, which has not moved."""
        ...

    def save_account(self, account: ReportState) -> None: ...

    def save_matches(self, matches: Sequence[SearchMatch]) -> None:
        """Remember what searches found; what was found before stays as it is."""
        ...

    def put_searches(self, searches: Mapping[str, str], now: datetime) -> None:
        """Remember what each search looks for; what others found is forgotten, but for one that has only another name.
        One that looks for something else under its name is another watch from `now` on."""
        ...

    def put_in_force(self, configuration: str) -> None:
        """Remember the digest of the configuration that decides from now on."""
        ...

    def register(self, watches: Sequence[Watch], now: datetime) -> Sequence[Watch]:
        """Make the stored watches equal to these, keeping the creation time of those already known; a watch that is
        gone is closed, one that returns is created anew."""
        ...

    def enqueue(self, alert: Alert, recipients: Sequence[str], now: datetime) -> Alert:
        """Store an alert, its changes that are not stored yet, and one pending delivery per recipient; an alert
        already stored is left alone. A delivery is held, not pending, while a mute covers it, its channel is quiet, its
        digest is still to come, or its recipient has just been notified of the document. Returns the alert under the
        identity that it has in this record."""
        ...

    def claim(self, delivery: Delivery) -> bool:
        """Store a claimed delivery (lease, attempts, frozen message); false if it was taken or changed meanwhile, or
        something holds it: then it is held."""
        ...

    def join(self, bundle: Sequence[Delivery]) -> bool:
        """Make one message of several that nobody tried to send: the first carries the alerts of all, the others are
        gone. False, and nothing is done, if one of them was taken or changed meanwhile."""
        ...

    def revive(self, deliveries: Sequence[str] | None, now: datetime) -> Sequence[Delivery]:
        """Make dead deliveries, those named or all, wait to be sent again under their own ids. Returns them as they are
        now; what is not dead is left alone."""
        ...

    def save_circuit(self, circuit: Circuit) -> None: ...

    def withdraw(self, delivery: str, reason: str) -> bool:
        """Withdraw a message that nobody tried to send yet; false if somebody did, or it is gone."""
        ...

    def recall(self, delivery: str, reason: str) -> bool:
        """Withdraw a message that was given up; false if it is not dead."""
        ...

    def add_recipients(self, alert: Alert, recipients: Sequence[str], now: datetime) -> None:
        """Give a stored alert further recipients; who has a message of it already gets no second one."""
        ...

    def mark(self, delivery: Delivery) -> bool:
        """Remember that the receiver may take a claimed message from now on; false when the claim does not hold any
        more, for then somebody else sends it."""
        ...

    def finish(self, delivery: Delivery) -> None:
        """Store what an attempt made of the delivery."""
        ...

    def release(self, now: datetime, channel: str | None = None) -> Sequence[Delivery]:
        """Give back every lease, of one channel or all: called by a new owner of the channel or of the whole database.
        Returns the deliveries released."""
        ...

    def plan(self, job: str, at: datetime) -> None:
        """Remember when one of the service's own jobs is due again."""
        ...

    def add_sources(self, names: Collection[str]) -> None:
        """Remember sources that were never polled; those that are known stay as they are."""
        ...

    def save_worker(self, worker: WorkerState) -> None: ...

    def forget_workers(self, before: datetime) -> None:
        """Forget the workers that have said nothing since."""
        ...

    def demand_job(self, job: int, worker: int) -> None:
        """TakenOver when a job of the queue is not in the hands of this worker any more."""
        ...

    def mute(self, mute: Mute) -> None:
        """Remember a mute; it takes the place of an earlier one of the same document or watch. `settle` is due."""
        ...

    def unmute(self, mute: Mute) -> None:
        """Forget the mute of this document or watch. `settle` is due."""
        ...

    def settle(self, now: datetime, among: Collection[str] | None = None) -> Sequence[Delivery]:
        """Hold what has to be held now and free what need not be any more, as far as it is in nobody's hands: all, or
        only what is among these. Returns the deliveries that changed, as they are now."""
        ...


class Store(Protocol):
    """The memory. `begin` is one writing transaction, `read` one short consistent reading. `ahead` names what is about
    to be saved and kept: whatever can be worked out of it is, before others have to wait. `only` names what is decided
    about (documents, a `source NAME`, a `channel NAME`): on a server whoever decides about nothing of it writes
    meanwhile. Nothing named: a row that no decision rests on. None: about everything, so nobody else writes. A message
    that is stored is changed under the name of its channel. `holds` is what the configuration in force wants held:
    whoever sets it has the waiting messages settled."""

    holds: HoldSettings

    def begin(
        self, ahead: Sequence[NewRevision | Evidence] = (), *, only: Sequence[str] | None = None
    ) -> AbstractContextManager[Transaction]: ...

    def read(self, *, single: bool = False) -> AbstractContextManager[ReadTransaction]:
        """Return one short consistent reading; for a `single` question a cheaper one."""
        ...

    def check_still_there(self) -> None:
        """StoreError when the database that was opened is gone or another one: what is written would be lost."""
        ...

    def close(self) -> None: ...
