"""What does the database say of one act now, and what has to be remembered of having asked?

Card and text are asked for. The text is what counts: as long as it is not there, or does not say what it must,
nothing is stated of the term, and the act is asked for again. The card adds the status word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from msgspec import convert, to_builtins
from msgspec.structs import replace

from domain.coded_text import coded, phrase
from domain.documents import Alias, DocumentId, public_url
from domain.errors import Changed, SourceError, mismatch, seen
from domain.jurisdictions.ua import JURISDICTION as UKRAINE
from domain.jurisdictions.ua import document_of_nreg, law_id, nreg_of, number_of
from domain.observation import Evidence, Fault, Observation, ParseInput
from domain.records.facets import Entry, Facet, short_digest
from domain.sources import Response
from watchers.client import evidence_of, refuses_us
from watchers.rada import MOBILISATION
from watchers.rada.act_card import DocumentCard, parse_card
from watchers.rada.act_text import (
    STATUSES,
    DecreeText,
    LawText,
    is_page,
    read_decree,
    read_law,
    regime_outline,
    statements,
)
from watchers.rada.client import ActState, RadaClient
from watchers.rada.lists import ListedAct
from watchers.rada.text import cleaned, decoded, folded, has_signs_of_act
from watchers.rada.titles import END, INTRODUCTION, PARTIAL_END, classify

SOURCE = "rada"
READER = "rada/1"

IN_FORCE = frozenset({"чинний", "дію відновлено"})

UNCHANGED_TEXT = "same"
"""Stands for a text of which the database said that it had not changed."""


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
        self._note(document=str(self.document))
        self._note(title=self.seen.title or before.title, issuer=self.seen.issuer or before.issuer)
        card = self._card() or self.seen.row
        if card:
            self._note_card(card, before)
        self._classify()
        if not self._text() and not before.text_digest:
            self.missed = (
                self.faults[-1].error.recorded if self.faults else phrase("its text is not there yet").to_json()
            )
        self._note_force(before, card)
        self._note_text_subject(before)
        self._settle(before)
        context = self._context(before)
        observation = self._observation(context, before, card) if self.act.title or self.words else None
        return ActReading(self.document, self.act, observation, tuple(self.kept), tuple(self.faults), context)

    def _context(self, before: ActState) -> dict[str, Any]:
        found = {"act": str(self.document), "before": to_builtins(before), "seen": to_builtins(self.seen)}
        return found | {name: digest for name, digest in self.came.items() if digest}

    def _note(self, **facts: object) -> None:
        self.act = replace(self.act, **facts)

    @property
    def _nreg(self) -> str:
        return nreg_of(self.document) or ""

    @property
    def _today(self) -> str:
        """The day it is in Kyiv, as the days of the database count."""
        return UKRAINE.day(datetime.fromtimestamp(self.now, UTC)).isoformat()

    def _card(self) -> DocumentCard | None:
        """Read the card; None when it did not change, is not there, or cannot be read."""
        found = self._answer(self.answers.card)
        if found is None:
            return None
        try:
            card = parse_card(found.body, self._nreg)
            self._check_number(card.number, "card")
        except SourceError as error:
            self.faults.append(Fault(self.document, error))
            return None
        self._keep("card", found, "title", "item", "status", "texts")
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
            if is_page(words) or not has_signs_of_act(words):
                raise Changed(mismatch(self._nreg, "the text of an act", seen(words.lstrip())))
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

    def _note_card(self, card: DocumentCard, before: ActState) -> None:
        """Note what the card says. Since when a status holds is what its events say, else the status itself; else,
        where it was seen to change, the day of the last event: of an act that was only touched again that says
        nothing."""
        edition = card.edition(self._today)
        status = card.status or before.status
        turned = bool(before.status) and status != before.status
        since = card.since(status, self._today) or card.status_on
        since = since or (card.event_on if turned else before.status_on or card.adopted_on) or ""
        self._note(
            title=self.act.title or card.title,
            status=status,
            status_on=max(since, before.status_on) if turned else since,
            status_turns=before.status_turns + turned,
            dokid=card.dokid or before.dokid,
            on=before.on or card.adopted_on or "",
            published_on=card.published_on or before.published_on,
            in_force_on=card.since("чинний", self._today) or before.in_force_on,
            ends_on=card.end_after(self._today) or "" if card.events else before.ends_on,
        )
        if edition:
            coming = {one.on: _basis(one.basis) for one in card.editions if one.on > self._today}
            self._note(edition_on=edition.on, edition_basis=_basis(edition.basis), next_editions=coming)

    def _note_text(self, words: str) -> None:
        self.missed = ""
        if self.document.kind == "law":
            self._note_law(read_law(words))
        elif self.document.kind == "decree":
            self._note_decree(read_decree(words))

    def _note_decree(self, decree: DecreeText) -> None:
        self._check_number(decree.number or "", "show")
        self._note(title=self.act.title or decree.title or "", on=decree.signed_on or self.act.on)
        self._classify()
        term = decree.term
        if not self.act.regime:
            return
        if term is None or term.regime != self.act.regime or not decree.at_home:
            self.missed = phrase("its text does not say what its title announces").to_json()
            return
        act = term.act if term.act in (END, PARTIAL_END) else self.act.act
        if (
            not term.is_complete
            and act not in (END, PARTIAL_END)
            and not (term.length and (act, term.regime) == (INTRODUCTION, MOBILISATION))
        ):
            self.missed = phrase("start and length of its term cannot be found in its text").to_json()
            return
        self._note(act=act, **term.facts())

    def _note_law(self, law: LawText) -> None:
        self._check_number(law.number or "", "show")
        self._note(
            title=self.act.title or law.title or "",
            on=law.adopted_on or self.act.on,
            approves=law.approves or "",
            reservation=law.reservation or "",
            narrowed=dict(law.narrowed),
            takes_effect=law.takes_effect or "",
            in_force_on=law.in_force_on or self.act.in_force_on,
        )
        self._classify()
        if "status" not in self.sources and law.status and law.status != self.act.status:
            first = "" if self.act.status else law.adopted_on or ""
            since = law.in_force_on if law.status in IN_FORCE else None
            turns = self.act.status_turns + bool(self.act.status)
            self._note(status=law.status, status_on=since or first or self._today, status_turns=turns)
        if self.act.regime and not law.approves:
            self.missed = phrase("its text does not say which decree it approves").to_json()

    def _classify(self) -> None:
        """Note which regime the act is about; what the law says that cites a decree stands until a title says more."""
        meaning = classify(self.act.title, issuer=self.act.issuer or None)
        if meaning.regime and meaning.approves == (self.document.kind == "law") and not meaning.draft:
            self._note(regime=meaning.regime, act=meaning.act or "")

    def _check_number(self, stated: str, part: str) -> None:
        """Refuse what is another act's; where no number of this kind is stated, nothing is checked."""
        number = number_of(self.document)
        if self.document.kind == "law":
            named = law_id(stated)
            other = named is not None and named != self.document
        else:
            other = self.document.kind == "decree" and part == "show" and bool(stated) and stated.upper() != number
        if other:
            raise Changed(mismatch(f"/laws/{part}/{self._nreg}", "{form}", stated[:20], form=number))

    def _note_force(self, before: ActState, card: DocumentCard | None) -> None:
        """Note entry into force, of which the day is the one the database names, or that on which its status turned."""
        if self.act.in_force or self.act.status not in IN_FORCE:
            return
        turned = (before.status and before.status not in IN_FORCE) or (card and card.status_on)
        self._note(in_force=True, in_force_on=self.act.in_force_on or (self.act.status_on if card and turned else ""))

    def _note_text_subject(self, before: ActState) -> None:
        """Note under which entry of the record the present text stands: its edition, where the card states one, or its
        wording. A day without a basis and without other words is no new edition. Another wording of the same edition is
        one more entry; while the card cannot be read nobody knows whether it is a new edition, and the text is asked
        for again."""
        act, wording = self.act, _wording(self.words) if self.words else self.act.wording
        known = before.text_edition or before.edition_on
        if not act.text_subject:
            self._note(text_subject=act.edition_on or wording, wording=wording)
        elif known and act.edition_on > known and (act.edition_basis or wording != act.wording):
            self._note(text_subject=act.edition_on, wording=wording)
        elif wording != before.wording and before.wording:
            if isinstance(self.answers.card, SourceError):
                self._note(text_modified=before.text_modified)
            else:
                self._note(text_subject=wording, wording=wording)
        else:
            self._note(wording=wording)
        if self.words:
            self._note(text_edition=act.edition_on)

    def _settle(self, before: ActState) -> None:
        """Note what was read, so that it is not read again; what failed or is missing stays due."""
        missed = self.missed if self.act.regime else ""
        # The wait begins when the title is listed: a decree that a law only cites may come much later.
        pending = (before.pending_since if before.title or not self.act.title else 0) or self.now if missed else 0
        self._note(
            missed=missed,
            pending_since=pending,
            on=self.act.on or (self.seen.signed_on if missed else ""),
            tries=before.tries + 1 if missed else 0,
            number=number_of(self.document),
            trouble=self.faults[-1].error.recorded if self.faults else "",
        )
        if not (self.act.title or self.words or self.faults):
            self._note(trouble=phrase("the database has no act with the key {key}", key=self._nreg).to_json())
        self._note(tried_at=self.now if self.act.trouble else 0)
        if not self.faults:
            self._note(
                read_at=self.now,
                update=self.seen.update or self.act.update,
                row=self.seen.row.key if self.seen.row else self.act.row,
            )

    def _observation(self, context: Mapping[str, Any], before: ActState, card: DocumentCard | None) -> Observation:
        act = self.act
        facets: dict[str, Facet] = {"item": {"": self._item()}}
        if act.title:
            facets["title"] = {"display": {"text": act.title}}
        if act.status:
            dated = {"on": act.status_on, "turn": act.status_turns} if act.status_on else {}
            facets["status"] = {f"{act.status}:{act.status_on}": {"text": act.status, **dated}}
        if act.text_subject and (self.words or act.text_subject != before.text_subject):
            facets["texts"] = {act.text_subject: self._text_entry(before)}
        return Observation(
            document=self.document,
            source=SOURCE,
            reader=READER,
            facets=facets,
            evidence={name: found for name, found in self.sources.items() if name in facets},
            published_at=self._published_at(before, card),
            url=public_url(self.document),
            aliases=_aliases(self.document, act),
            context=context,
        )

    def _published_at(self, before: ActState, card: DocumentCard | None) -> datetime | None:
        """Return the feed's stamp where it is that of the present state: of an act met for the first time after more
        had happened to it, it is that of the last touch."""
        touched = card is not None and card.event_on not in (None, card.adopted_on)
        return self.seen.updated_at if before.read_at or not touched else None

    def _item(self) -> Entry:
        act = self.act
        issuers = {"law": "Верховна Рада України", "decree": "Президент України"}
        facts = {
            "number": act.number,
            "label": coded(f"act.{self.document.kind}", number=number_of(self.document)).to_json(),
            "issuer": issuers.get(self.document.kind, ""),
            "on": act.on,
            "introduced_on": act.on,
            "in_force_on": act.in_force_on,
            "published_on": act.published_on,
            "ends_on": act.ends_on,
            "edition_on": act.edition_on,
            "edition_basis": act.edition_basis,
            "approves": act.approves,
            "takes_effect": act.takes_effect,
            "dokid": act.dokid,
        }
        coming = {"next_editions": act.next_editions} if act.next_editions else {}
        return {name: value for name, value in facts.items() if value} | coming

    def _text_entry(self, before: ActState) -> Entry:
        """State the present text. An edition is of its own day; a wording that replaces another within one edition has
        none."""
        act = self.act
        said = {"label": coded("edition.text").to_json(), "text": act.clause or act.title}
        if act.text_subject != act.edition_on:
            return said | ({} if before.wording not in ("", act.wording) else {"on": act.on})
        if act.edition_on == act.on:
            return said | {"on": act.on}
        by = "law" if law_id(act.edition_basis) else "act"
        label = coded("edition", on=act.edition_on)
        if act.edition_basis:
            label = coded(f"edition.by_{by}", on=act.edition_on, basis=act.edition_basis)
        return said | {"on": act.edition_on, "label": label.to_json()}


def _basis(nreg: str) -> str:
    """Write the act that made an edition by its number."""
    document = document_of_nreg(nreg) if nreg else None
    return number_of(document) if document else nreg


def _aliases(document: DocumentId, act: ActState) -> tuple[Alias, ...]:
    nreg = nreg_of(document) or ""
    named = (Alias("nreg", nreg), Alias("url", public_url(document) or ""), Alias("number", number_of(document)))
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
