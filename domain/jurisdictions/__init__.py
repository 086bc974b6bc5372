"""What does one country's law say of its documents: names, procedure, words, clocks?

The rest of the program asks this registry and knows no country. A jurisdiction is one module (or package) that exports
`JURISDICTION`, and one line of `MODULES`. What it does not say is answered by the plain `Jurisdiction`: documents that
have a name and a history, and no status.

A status is *derived* from official actions (the facet `actions`, by the jurisdiction's procedure), or *stated* by the
source (the facet `status`, through a table of the source's words: `domain.jurisdictions.stated`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, NamedTuple
from zoneinfo import ZoneInfo

from domain.documents import DocumentId

if TYPE_CHECKING:  # whoever only asks for a label or a stage does not pay for records and reminders
    from domain.coded_text import CodedText
    from domain.records.facets import Facet
    from domain.records.record import Record, StatusPoint
    from domain.terms.reminders import DueReminders
    from domain.upcoming import Upcoming

MODULES: Mapping[str, str] = {
    "us": "domain.jurisdictions.us",
    "ua": "domain.jurisdictions.ua",
    "ca": "domain.jurisdictions.ca",
}
"""Code → module. The order is that in which typed names are tried."""


class StatusWords(NamedTuple):
    """What is said of a status, in whole English sentences that translators find as they stand: a label for a subject
    line, what it means, what can come next, and what is said instead once the law it became has a name (`{law}`)."""

    label: str
    meaning: str
    next_step: str
    with_law: str = ""


class ParsedName(NamedTuple):
    """A document somebody named. `basis` says where its session comes from: `stated`, `watched` (the one somebody
    follows already) or `current`."""

    document: DocumentId
    basis: str = "stated"


class CitationForm(NamedTuple):
    """A form in which running text cites documents, read by `domain.citations`.

    `pattern` is a regular expression, whose groups fill `name`, the name that is read as a typed one (`{0}` the whole,
    `{1}` the first group; "" for what has no identity here), and `called`, how such a thing is called. The form counts
    only where `near` is found beside it, and not where `unless` is, or the text was written before the day `since`.
    `sure` says that it can be of nothing else."""

    pattern: str
    name: str = ""
    called: str = ""
    near: str = ""
    unless: str = ""
    since: str = ""
    sure: bool = True


class ClaimForm(NamedTuple):
    """A step that texts report of a document: `said` finds it in running text, `statuses` are beginnings of the
    statuses that the record has of it, `official` begins the official lines that report it."""

    kind: str
    said: str
    statuses: tuple[str, ...] = ()
    official: str = ""


class TimeTrigger(NamedTuple):
    """What the clock alone makes true of a document. Nothing can be due before `opens_at` (aware; None: at any time);
    a poll of the source `awaits` that is due is waited for, since it may say otherwise."""

    due: Callable[[Record, datetime], DueReminders]
    opens_at: datetime | None = None
    awaits: str | None = None


class NameRefused(ValueError):
    """A form was recognised, and what it says cannot be; the message says why."""


class Jurisdiction:
    """One country's law; every answer here is the one where no law is known.

    `zone` is the IANA zone of its days. `kinds` are its kinds of documents, `examples` forms in which people name them,
    `hosts` the hosts whose addresses do. `stages` are those a route may ask for. `sentences` are its own, by code, in
    English with `{parameters}`, `phrases` words of its records that are said in the reader's language. `precedence`
    names, by kind, the sources that state the same documents, the one that is believed first. `regime_labels` name
    regimes, by their parts, whose identity alone reads badly. `session_key` is the option of a search that pins its
    session, `session_word` what people call a session, `begun_word` what happened to a document on its first day,
    `edited_kinds` the kinds of acts whose text has editions (`edition_on`, `edition_basis`
    in the facet `item`). `citation_forms` and `claim_forms` say how texts cite its documents and report their steps;
    `session_said` finds a session in running text, `session_behind` one right behind a citation, `session_before` one
    right before it (ending in `$`), `session_written` is how their groups are added to a typed name."""

    name: str = ""
    zone: str = "UTC"
    kinds: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    sentences: ClassVar[Mapping[str, str]] = {}
    phrases: ClassVar[tuple[str, ...]] = ()
    precedence: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    regime_labels: ClassVar[Mapping[str, str]] = {}
    session_key: str | None = None
    session_word: str = "session"
    begun_word: str = "introduced"
    edited_kinds: tuple[str, ...] = ()
    citation_forms: tuple[CitationForm, ...] = ()
    claim_forms: tuple[ClaimForm, ...] = ()
    session_said: str = ""
    session_behind: str = ""
    session_before: str = ""
    session_written: str = "{1}"

    def __init__(self, code: str) -> None:
        self.code = code

    def parse_id(self, parts: Sequence[str]) -> DocumentId:
        """Read a canonical identity behind the code (`bill`, `119`, `hr`, `6508`); NameRefused with the reason."""
        if parts[0] not in self.kinds:
            expected = ", ".join(self.kinds)
            raise NameRefused(f"{self.code}/{parts[0]} is not a kind of document; expected one of {expected}")
        if len(parts) < 2:
            raise NameRefused("the identity is incomplete")
        return DocumentId(self.code, parts[0], tuple(parts[1:]))

    def parse_text(self, text: str, today: date, watched: Collection[DocumentId]) -> ParsedName | None:
        """Read what people type or paste, None where it is no form of this country's; NameRefused where it is one of a
        document that cannot be. A session that is not given is that of a document `watched`, else the current one."""
        return None

    def parse_address(self, host: str, path: Sequence[str]) -> DocumentId | None:
        """Read an address on one of `hosts`, by its path segments."""
        return None

    def check_session(self, document: DocumentId, today: date) -> None:
        """NameRefused where a document belongs to a session, or a year, that is too far off to have any."""

    def label(self, document: DocumentId) -> str:
        """Name a document the way people do."""
        return f"{self.code.upper()} {document.kind} {'/'.join(document.parts)}"

    def public_url(self, document: DocumentId) -> str | None:
        """Return the page a person would open, or None where no address follows from the identity."""
        return None

    def session_name(self, document: DocumentId) -> str:
        """Name the session a document belongs to, "" where there are none."""
        return ""

    def timeline(self, document: DocumentId, facets: Mapping[str, Facet]) -> tuple[StatusPoint, ...]:
        """Return the dated statuses that the facets of a record bear out, oldest first. Order in a facet means nothing;
        a status that only repeats the last one is no point."""
        return ()

    def doubt(self, document: DocumentId, facets: Mapping[str, Facet]) -> CodedText | None:
        """Say why the status that these facets bear out is uncertain, None where nothing contradicts it."""
        return None

    def is_placeholder(self, title: str | None) -> bool:
        """Say whether a title is that of a number kept for later: there is no document yet."""
        return False

    def is_decided(self, status: str) -> bool:
        """Say whether a status decides the measure, for good or for now: such a change matters most."""
        return status.startswith(_DECIDED)

    def status_words(self, status: str, document: DocumentId) -> StatusWords | None:
        """Return what is said of a status; None for one that has no words."""
        return None

    def all_status_words(self) -> Iterable[StatusWords]:
        """Return the words of every status, for translators."""
        return ()

    def stage(self, status: str | None, document: DocumentId, day: date) -> str:
        """Return the stage of a document on a day there: our small vocabulary across jurisdictions."""
        return "unknown" if status is None else status.lower()

    def ended_on(self, status: str | None, status_on: str | None, document: DocumentId, day: date) -> date | None:
        """Return the day on which what was not finished died with its session; None if it did not by `day`."""
        return None

    def law_name(self, text: str | None) -> str | None:
        """Return the law that official words give a number, as people call it; None if they give none."""
        return None

    def term_rule(self, document: DocumentId) -> CodedText | None:
        """Return the law that says what an act needs that sets a term of a regime; None where none is known."""
        return None

    def day(self, now: datetime) -> date:
        """Return the day it is there at `now` (aware), as its clocks count for a status."""
        return now.astimezone(ZoneInfo(self.zone)).date()

    def session_end(self, document: DocumentId) -> datetime | None:
        """Return the moment at which the session of a document ends; None where no date is fixed."""
        return None

    def time_trigger(self, document: DocumentId) -> TimeTrigger | None:
        """Return what the clock alone makes true of a document; None for nothing."""
        return None

    def upcoming(
        self, document: DocumentId, status: str | None, facets: Mapping[str, Facet], now: datetime
    ) -> Iterator[Upcoming]:
        """Yield what is known to lie ahead of a document beyond what its record states, such as the end of its
        session."""
        yield from ()

    def search_scope(self, today: date, session: str | None = None) -> DocumentId | None:
        """Return what a search covers: the documents of a session, the sitting one where none is named; None where
        nothing can be searched. NameRefused for a session that cannot be."""
        return None

    def session_began(self, document: DocumentId) -> date | None:
        """Return the first day of the session that a document, or a search, belongs to: nothing in it is older. None
        where it belongs to none, or to one whose beginning is not known."""
        return None

    def began_on(self, document: DocumentId, facets: Mapping[str, Facet]) -> str | None:
        """Return the day on which a document was introduced, or is dated as a whole; None where nothing says it."""
        body, item = facets.get("content", {}).get("body", {}), facets.get("item", {}).get("", {})
        return body.get("on") or item.get("introduced_on")

    def following_session(self, document: DocumentId, day: date) -> DocumentId | None:
        """Return the session in which a document may have been introduced again by `day`; None while its own goes on,
        and where nothing is."""
        return None

    def may_be_reintroduced_as(self, old: DocumentId, new: DocumentId) -> bool:
        """Say whether `new` is of a later session and of a kind that can be `old` introduced again."""
        return False


_DECIDED = ("ENACTED", "DEFEATED", "FAILED", "WITHDRAWN", "LAPSED", "ENDED", "EXPIRED")
"""Beginnings of the statuses that decide; regimes have ENDED, ENDED_EARLY, EXPIRED_NO_SUCCESSOR_SEEN."""


@cache
def jurisdiction(code: str) -> Jurisdiction:
    """Return a jurisdiction by its code, the plain one for a code that is not registered."""
    if code not in MODULES:
        return Jurisdiction(code)
    found = import_module(MODULES[code]).JURISDICTION
    assert isinstance(found, Jurisdiction)
    return found


def jurisdiction_of(document: DocumentId) -> Jurisdiction:
    """Return the jurisdiction a document belongs to."""
    return jurisdiction(document.jurisdiction)


def all_jurisdictions() -> tuple[Jurisdiction, ...]:
    """Return every registered jurisdiction, in the order of `MODULES`."""
    return tuple(map(jurisdiction, MODULES))


def status_label(status: str, document: DocumentId) -> str:
    """Say a status in a few English words, fit for a subject line; one without words is said as it stands."""
    words = jurisdiction_of(document).status_words(status, document)
    return words.label if words else status.replace(":", " ").replace("_", " ").capitalize()


def next_step(words: StatusWords, law: str | None) -> str:
    """Say in English what can come next; `law` is the name of the law it became, None while it has none."""
    return words.with_law.format(law=law) if law and words.with_law else words.next_step


def stated_number(text: str) -> int:
    """Read the number of a typed name; NameRefused for anything but up to twelve digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise NameRefused(f"{text!r} is not a number")
    return int(text)
