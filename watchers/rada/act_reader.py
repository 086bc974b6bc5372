"""What does the database say of one act now, and what has to be remembered of having asked?

Card and text are asked for. The text is what counts: as long as it is not there, or does not say what it must,
nothing is stated of the term, and the act is asked for again. The card adds the status word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from msgspec import convert, to_builtins
from msgspec.structs import replace

from domain.documents import Alias, DocumentId
from domain.errors import Changed, SourceError
from domain.observation import Evidence, Fault, Observation, ParseInput
from domain.records.facets import Facet, short_digest
from domain.sources import Response
from watchers.client import evidence_of, refuses_us
from watchers.rada import MOBILISATION
from watchers.rada.act_text import STATUSES, DecreeText, LawText, is_page, read_decree, read_law
from watchers.rada.client import (
    ActState,
    RadaClient,
    nreg_of,
    number_of,
    page_url,
)
from watchers.rada.lists import DocumentCard, ListedAct, parse_card
from watchers.rada.statements import regime_outline, statements
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


@dataclass(frozen=True, slots=True)
class ActAnswers:
    """What the database answered of one act: bytes, or why there are none. Both are None where it has nothing yet."""

    card: Evidence | SourceError | None = None
    text: Evidence | SourceError | None = None
    unchanged_text: bool = False


def fetch_act(client: RadaClient, document: DocumentId, act: ActState) -> ActAnswers:
    """Ask for card and text of a decree or law. Raises SourceError only when the publisher refuses everything."""
    nreg = nreg_of(document) or ""
    card = _fetched(lambda: client.card(nreg, act.card_modified or None))
    text = _fetched(lambda: client.text(nreg, act.text_modified or None))
    return ActAnswers(
        card=evidence_of(card) if isinstance(card, Response) and card.status == 200 else _error(card),
        text=evidence_of(text) if isinstance(text, Response) and text.status == 200 else _error(text),
        unchanged_text=isinstance(text, Response) and text.unchanged,
    )


def _fetched(ask: Callable[[], Response]) -> Response | SourceError:
    try:
        return ask()
    except SourceError as error:
        if refuses_us(error):
            raise
        return error


def _error(answer: Response | SourceError) -> SourceError | None:
    return answer if isinstance(answer, SourceError) else None


def read_act(document: DocumentId, act: ActState, seen: ListedAct, answers: ActAnswers, now: int) -> ActReading:
    """Read card and text; `now` in seconds since 1970. What fails is a fault, and the act stays due. `act.missed` says
    why nothing of a term can be stated yet."""
    return _ActReader(answers, document, act, seen, now).read()


@dataclass(slots=True)
class _ActReader:
    """One act while it is read."""

    answers: ActAnswers
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
        """Read the card; None when it did not change, is not there, or cannot be read."""
        found = self._answer(self.answers.card)
        if found is None:
            return None
        try:
            card = parse_card(found.body, self._nreg)
        except SourceError as error:
            self.faults.append(Fault(self.document, error))
            return None
        self._keep("card", found, "title", "item", "status")
        self._note(card_modified=found.last_modified or "")
        return card

    def _text(self) -> bool:
        """Read the text and note what it says; false when there is none."""
        if self.answers.unchanged_text:
            self.came["text"] = UNCHANGED_TEXT
            return True
        found = self._answer(self.answers.text)
        words = decoded(found.body) if found else ""
        if found is None or not words.strip():
            return False
        try:
            if is_page(words):
                raise Changed(f"text of {self._nreg}: expected plain text, saw {words.lstrip()[:40]!r}")
            self._note_text(words)
        except SourceError as error:
            self.faults.append(Fault(self.document, error))
            return False
        self.words = words
        self._keep("text", found, "texts", *(name for name in ("title", "item", "status") if name not in self.sources))
        self._note(text_modified=found.last_modified or "", text_digest=found.digest)
        return True

    def _answer(self, answer: Evidence | SourceError | None) -> Evidence | None:
        if isinstance(answer, SourceError):
            self.faults.append(Fault(self.document, answer))
            return None
        return answer

    def _keep(self, part: str, found: Evidence, *facets: str) -> None:
        self.kept.append(found)
        self.came[part] = found.digest
        self.sources |= dict.fromkeys(facets, found.digest)

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
        meaning = classify(self.act.title, issuer=self.act.issuer or None)
        if meaning.regime and meaning.approves == (self.document.kind == "law") and not meaning.draft:
            self._note(regime=meaning.regime, act=meaning.act or "")

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


def parse_act(given: ParseInput) -> Iterator[Observation]:
    """Read card and text of an act (`rada/1`): what they say of it, or of the regime it is about. The context holds
    what was known of the act before, what the lists showed, and which bytes came."""
    if not given.context:
        yield given.observation(regime_outline(given.document))
        return
    context = given.context
    reading = read_act(
        DocumentId.parse(context["act"]),
        convert(context["before"], ActState),
        convert(context["seen"], ListedAct),
        _archived(given),
        int(given.known_from.timestamp()),
    )
    published_at = reading.observation.published_at if reading.observation else None
    if reading.document == given.document:
        if reading.observation is not None:
            yield given.observation(reading.observation.facets, published_at)
        return
    act = replace(reading.act, reported_unread=bool(context.get("reported_unread")))
    for statement in statements(reading.document, act):
        yield given.observation({statement.facet: {statement.subject: statement.entry}}, published_at)


def _archived(given: ParseInput) -> ActAnswers:
    card, text = (given.context.get(name) for name in ("card", "text"))
    return ActAnswers(
        card=given.archive.evidence(str(card)) if card else None,
        text=given.archive.evidence(str(text)) if text and text != UNCHANGED_TEXT else None,
        unchanged_text=text == UNCHANGED_TEXT,
    )
