"""What does the database say of one act now, and what has to be remembered of having asked?

Card and text are asked for. The text is what counts: as long as it is not there, or does not say what it must,
nothing is stated of the term, and the act is asked for again. The card adds the status word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from msgspec import to_builtins
from msgspec.structs import replace

from domain.coded_text import CodedText, coded
from domain.documents import Alias, DocumentId
from domain.errors import Blocked, Changed, Refused, SourceError
from domain.observation import Evidence, Fault, Observation
from domain.records.facets import Entry, Facet, digest, short_digest
from domain.sources import Response
from watchers.rada import MOBILISATION
from watchers.rada.act_text import STATUSES, DecreeText, LawText, is_page, read_decree, read_law
from watchers.rada.client import (
    ActState,
    RadaClient,
    decree_id,
    evidence,
    last_modified_of,
    nreg_of,
    number_of,
    page_url,
)
from watchers.rada.lists import DocumentCard, ListedAct, parse_card
from watchers.rada.text import cleaned, decoded, folded
from watchers.rada.titles import END, INTRODUCTION, PARTIAL_END, classify

SOURCE = "rada"
READER = "rada/1"

IN_FORCE = frozenset({"чинний", "дію відновлено"})

UNCHANGED_TEXT = "same"
"""Stands for a text of which the database said that it had not changed."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ActReading:
    """What one reading of an act came to: `act` is to be remembered, whatever `observation` is. `context` is what it
    needed beside the bytes: what was known before, what the lists showed, and which bytes came."""

    document: DocumentId
    act: ActState
    observation: Observation | None = None
    evidence: tuple[Evidence, ...] = ()
    faults: tuple[Fault, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)


def refuses_us(error: SourceError) -> bool:
    """True if the publisher refuses us, not one of its documents: address, allowance, or a block page."""
    if isinstance(error, Refused):
        return error.status in (None, 401, 403)
    return isinstance(error, Blocked) or error.status == 429


def read_act(asker: RadaClient, document: DocumentId, act: ActState, seen: ListedAct, now: int) -> ActReading:
    """Read card and text of a decree or law; `now` in seconds since 1970.

    Raises SourceError only when the publisher refuses everything: what fails for this act alone is a fault, and it
    stays due. `act.missed` says why nothing of a term can be stated yet.
    """
    return _ActReader(asker, document, act, seen, now).read()


@dataclass(slots=True)
class _ActReader:
    """One act while it is read."""

    asker: RadaClient
    document: DocumentId
    act: ActState
    seen: ListedAct
    now: int
    kept: list[Evidence] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    came: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    words: str = ""
    missed: str = ""

    def read(self) -> ActReading:
        before = self.act
        self.missed = before.missed if before.text_digest else ""
        self._note(title=self.seen.title or before.title, issuer=self.seen.issuer or before.issuer)
        card = self._card() or self.seen.row
        if card:
            self._note_card(card)
        self._classify()
        if not self._text() and not before.text_digest:
            self.missed = str(self.faults[-1].error) if self.faults else "its text is not there yet"
        self._note_force(before, card)
        self._settle(before)
        context = self._context(before)
        observation = self._observation(context) if self.act.title or self.words else None
        return ActReading(self.document, self.act, observation, tuple(self.kept), tuple(self.faults), context)

    def _context(self, before: ActState) -> dict[str, Any]:
        found = {"act": str(self.document), "before": to_builtins(before), "seen": to_builtins(self.seen)}
        return found | {name: digest for name, digest in self.came.items() if digest}

    def _note(self, **facts: object) -> None:
        self.act = replace(self.act, **facts)

    @property
    def _nreg(self) -> str:
        return nreg_of(self.document) or ""

    def _card(self) -> DocumentCard | None:
        """Ask for the card; None when it did not change, is not there, or cannot be read."""

        def ask() -> DocumentCard | None:
            response = self.asker.card(self._nreg, self.act.card_modified or None)
            if response.status != 200:
                return None
            card = parse_card(response.body, self._nreg)
            self._keep(response, "title", "item", "status")
            self.came["card"] = self.kept[-1].digest
            self._note(card_modified=last_modified_of(response) or "")
            return card

        return self._attempt(ask)

    def _text(self) -> bool:
        """Ask for the text and note what it says; false when there is none."""

        def ask() -> bool:
            response = self.asker.text(self._nreg, self.act.text_modified or None)
            if response.unchanged:
                self.came["text"] = UNCHANGED_TEXT
                return True
            words = decoded(response.body) if response.status == 200 else ""
            if not words.strip():
                return False
            if is_page(words):
                raise Changed(f"text of {self._nreg}: expected plain text, saw {words.lstrip()[:40]!r}")
            self._note_text(words)
            self.words = words
            self._keep(response, "texts", *(name for name in ("title", "item", "status") if name not in self.sources))
            self._note(text_modified=last_modified_of(response) or "", text_digest=digest(response.body))
            self.came["text"] = self.kept[-1].digest
            return True

        return bool(self._attempt(ask))

    def _attempt(self, ask: Callable[[], T]) -> T | None:
        try:
            return ask()
        except SourceError as error:
            if refuses_us(error):
                raise
            self.faults.append(Fault(self.document, error))
            return None

    def _keep(self, response: Response, *facets: str) -> None:
        self.kept.append(evidence(response))
        self.sources |= dict.fromkeys(facets, self.kept[-1].digest)

    def _note_card(self, card: DocumentCard) -> None:
        self._note(
            title=self.act.title or card.title,
            status=card.status or self.act.status,
            dokid=card.dokid or self.act.dokid,
            on=self.act.on or card.adopted_on or "",
        )

    def _note_text(self, words: str) -> None:
        self.missed = ""
        if self.document.kind == "law":
            self._note_law(read_law(words))
        else:
            self._note_decree(read_decree(words))

    def _note_decree(self, decree: DecreeText) -> None:
        self._check_number(decree.number)
        self._note(title=self.act.title or decree.title or "", on=decree.signed_on or self.act.on)
        self._classify()
        term = decree.term
        if not self.act.regime:
            return
        if term is None or term.regime != self.act.regime or not decree.at_home:
            self.missed = "its text does not say what its title announces"
            return
        act = term.act if term.act in (END, PARTIAL_END) else self.act.act
        complete = bool(term.starts_at and term.length) or act in (END, PARTIAL_END)
        if not complete and not (term.length and (act, term.regime) == (INTRODUCTION, MOBILISATION)):
            self.missed = "start and length of its term cannot be found in its text"
            return
        self._note(
            act=act,
            starts_at=term.starts_at or "",
            length=term.length or "",
            scope=term.scope or "",
            clause=term.clause,
        )

    def _note_law(self, law: LawText) -> None:
        self._check_number(law.number)
        self._note(
            title=self.act.title or law.title or "",
            on=law.adopted_on or self.act.on,
            status=self.act.status or law.status or "",
            approves=law.approves or "",
            reservation=law.reservation or "",
            narrowed=dict(law.narrowed),
            takes_effect=law.takes_effect or "",
            in_force_on=law.in_force_on or self.act.in_force_on,
        )
        self._classify()
        if "status" not in self.sources and law.status:
            self._note(status=law.status)
        if self.act.regime and not law.approves:
            self.missed = "its text does not say which decree it approves"

    def _classify(self) -> None:
        """Note which regime the act is about; what the law says that cites a decree stands until a title says more."""
        verdict = classify(self.act.title, issuer=self.act.issuer or None)
        if verdict.regime and verdict.approves == (self.document.kind == "law") and not verdict.draft:
            self._note(regime=verdict.regime, act=verdict.act or "")

    def _check_number(self, stated: str | None) -> None:
        number = number_of(self.document)
        if stated is not None and stated.upper() != number:
            raise Changed(f"text of {self._nreg}: expected that of {number}, saw that of {stated[:20]}")

    def _note_force(self, before: ActState, card: DocumentCard | None) -> None:
        """Note entry into force. Its day is the one the database names, else that of the last event if the status was
        seen to change with it: of an act that was only touched again, the last event says nothing."""
        if self.act.in_force or self.act.status not in IN_FORCE:
            return
        event = card.event_on if card and before.status and before.status not in IN_FORCE else None
        self._note(in_force=True, in_force_on=self.act.in_force_on or event or "")

    def _settle(self, before: ActState) -> None:
        """Note what was read, so that it is not read again; what failed or is missing stays due."""
        missed = self.missed[:300] if self.act.regime else ""
        # The wait begins when the title is listed: a decree that a law only cites may come much later.
        pending = (before.pending_since if before.title or not self.act.title else 0) or self.now if missed else 0
        self._note(
            missed=missed,
            pending_since=pending,
            tries=before.tries + 1 if missed else 0,
            number=number_of(self.document),
        )
        if not self.faults:
            self._note(
                read_at=self.now,
                update=self.seen.update or self.act.update,
                row=self.seen.row.key if self.seen.row else self.act.row,
            )

    def _observation(self, context: Mapping[str, Any]) -> Observation:
        act = self.act
        item: dict[str, str] = {"number": act.number, "label": _label(self.document)}
        issuer = "Верховна Рада України" if self.document.kind == "law" else "Президент України"
        facts = {
            "issuer": issuer,
            "on": act.on,
            "in_force_on": act.in_force_on,
            "approves": act.approves,
            "takes_effect": act.takes_effect,
            "dokid": act.dokid,
        }
        facets: dict[str, Facet] = {"item": {"": item | {name: value for name, value in facts.items() if value}}}
        if act.title:
            facets["title"] = {"display": {"text": act.title}}
        if act.status:
            facets["status"] = {"status": {"text": act.status}}
        if self.words:
            facets["texts"] = {_wording(self.words): {"label": "Text", "on": act.on, "text": act.clause or act.title}}
        return Observation(
            document=self.document,
            source=SOURCE,
            reader=READER,
            facets=facets,
            evidence={name: found for name, found in self.sources.items() if name in facets},
            published_at=self.seen.updated_at,
            url=page_url(self.document),
            aliases=_aliases(self.document, act),
            context=context,
        )


def _label(document: DocumentId) -> str:
    return f"{document.kind.capitalize()} {number_of(document)}"


def _aliases(document: DocumentId, act: ActState) -> tuple[Alias, ...]:
    nreg = nreg_of(document) or ""
    named = (Alias("nreg", nreg), Alias("url", page_url(document) or ""), Alias("number", number_of(document)))
    return (*named, Alias("dokid", act.dokid)) if act.dokid else named


_TAIL = re.compile(r"(?:прийняття від|набрання чинності від|станом на|постійна адреса|https?:|законодавство україни)")


def _wording(words: str) -> str:
    """Name the wording of a text: the database's tail, spacing, quotes and letters' script make no new text."""
    lines = (" ".join(line.split()) for line in folded(cleaned(words)).split("\n"))
    kept = [line for line in lines if line and not _TAIL.match(line) and line not in STATUSES]
    return short_digest("\n".join(kept))


FACETS = ("instruments", "approvals", "steps")


@dataclass(frozen=True, slots=True)
class RegimeStatement:
    """One entry of one facet; `on` puts statements in order."""

    facet: str
    subject: str
    entry: Entry
    on: str


def statements(document: DocumentId, act: ActState) -> Iterator[RegimeStatement]:
    """Return what an act says of its regime; nothing of a term while its text does not say it."""
    if act.missed:
        yield from _unread(document, act)
    elif document.kind == "decree":
        yield _instrument(document, act)
    elif approved := decree_id(act.approves):
        yield _approval(document, act, approved)
        if act.in_force:
            yield _in_force(document, act)


def _unread(document: DocumentId, act: ActState) -> Iterator[RegimeStatement]:
    """Say, once, that an act is there although its text still says nothing."""
    if act.told_unread:
        entry = _statement_entry(act, coded("act.term_unread", document=str(document)), step="seen", of=str(document))
        yield RegimeStatement("steps", f"seen:{document}", entry, act.on)


def _instrument(document: DocumentId, act: ActState) -> RegimeStatement:
    entry = _statement_entry(
        act,
        coded("act.signed", document=str(document)),
        act=act.act,
        starts_at=act.starts_at,
        length=act.length,
        scope=act.scope,
        clause=act.clause,
    )
    return RegimeStatement("instruments", str(document), entry, act.on)


def _approval(document: DocumentId, act: ActState, approved: DocumentId) -> RegimeStatement:
    """State which decree a law approves, and its reservation: the law may narrow the decree (2630-VIII did)."""
    entry = _statement_entry(
        act,
        coded("act.adopted_with_reservation" if act.reservation else "act.adopted", document=str(document)),
        approves=str(approved),
        reservation=act.reservation,
        takes_effect=act.takes_effect,
        **act.narrowed,
    )
    return RegimeStatement("approvals", str(document), entry, act.on)


def _in_force(document: DocumentId, act: ActState) -> RegimeStatement:
    """State that the law is in force, and with it the decree it approves: one step for both (law 389-VIII, art. 5)."""
    label = coded("act.in_force", document=str(document))
    entry = _statement_entry(act, label, step="in_force", of=str(document), on=act.in_force_on)
    return RegimeStatement("steps", f"in_force:{document}", entry, act.in_force_on or act.on)


def _statement_entry(read: ActState, label: CodedText, /, **facts: str) -> Entry:
    """State an act in its own words; what is not known is absent."""
    said = {"on": read.on, "text": f"{read.title} № {read.number}", "label": label.to_json(), **facts}
    said["confidence"] = "official"
    return {name: value for name, value in said.items() if value}
