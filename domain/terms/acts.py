"""By which rules does a regime run, and which acts set its terms or cut one short, as the record states them?

An act that sets a term is read together with its approval: where the law states another start, length, end or scope
than the decree it approves, what stands is the law's. Arrival order says nothing here: acts are ordered by the moments
they set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.dates import OPEN, day_after, instant, local, moved, settled, unsettled
from domain.documents import DocumentId
from domain.records.facets import Entry, Facet

REMINDER_DAYS = (21, 14, 7, 4, 1)
"""Days before the end of a term at which people are reminded, unless the regime says otherwise."""


@dataclass(frozen=True, slots=True)
class Regime:
    """What is needed to compute a regime's terms. `zone` is an IANA name; `two_keys` says that an instrument is valid
    only with an approval (a decree that needs a law).

    `usual_length` is that of an act that states none. `inclusive`: a bare day as end is the last day, whole.
    `continues`: at the end of a term the regime goes on until an act ends it; otherwise it lapses. `anniversary`: a
    renewal runs from the first anniversary of the introduction after the day it was published, by `usual_length`;
    `window` is how long before its start a renewal may be published (50 U.S.C. 1622(d) asks for ninety days).
    `by_hand`: no source is read for it. `lapse_after`: after so many days of proven silence readers are reported of the
    lapse, None where only a person can say so; the status waits for the person all the same. `reminder_days`: days
    before an end. `steps`: the usual road of a renewal, in order. `paired_with`: regimes renewed by acts of the same
    day. `look_up`: where a person can read of it.

    `by_law`: the law itself ends a term on a day, as a term of office: no act renews it, and none is missed.
    `continues_while`: the regime during which the law lets it go on beyond that day; `barred_while`: the one during
    which the law bars the election that is to follow. `basis`: what the law says, where it says so, and an address.
    `elections`: days fixed by law (`YYYY-MM-DD`), what is elected, and where the law says so.
    """

    document: DocumentId
    title: str
    zone: str
    two_keys: bool
    usual_length: str | None = None
    inclusive: bool = False
    continues: bool = False
    anniversary: bool = False
    window: str | None = None
    by_hand: bool = False
    lapse_after: int | None = None
    reminder_days: tuple[int, ...] = REMINDER_DAYS
    steps: tuple[str, ...] = ()
    paired_with: tuple[DocumentId, ...] = ()
    look_up: str | None = None
    by_law: bool = False
    continues_while: DocumentId | None = None
    barred_while: DocumentId | None = None
    basis: tuple[tuple[str, ...], ...] = ()
    elections: tuple[tuple[str, ...], ...] = ()


def regime_of(document: DocumentId, facets: Mapping[str, Facet]) -> Regime:
    """Return how this regime is computed, as its record states it; UTC and one key where it does not."""
    rules = facets.get("item", {}).get("", {})
    title = facets.get("title", {}).get("display", {}).get("text") or str(document)
    return Regime(
        document=document,
        title=str(title),
        zone=str(rules.get("zone") or "UTC"),
        two_keys=bool(rules.get("two_keys")),
        usual_length=rules.get("usual_length"),
        inclusive=bool(rules.get("inclusive")),
        continues=bool(rules.get("continues")),
        anniversary=bool(rules.get("anniversary")),
        window=rules.get("window"),
        by_hand=bool(rules.get("by_hand")),
        lapse_after=rules.get("lapse_after"),
        reminder_days=tuple(rules.get("reminder_days", REMINDER_DAYS)),
        steps=tuple(rules.get("steps", ())),
        paired_with=tuple(DocumentId.parse(name) for name in rules.get("paired_with", ())),
        look_up=rules.get("look_up"),
        by_law=bool(rules.get("by_law")),
        continues_while=_named(rules.get("continues_while")),
        barred_while=_named(rules.get("barred_while")),
        basis=tuple(tuple(map(str, one)) for one in rules.get("basis", ())),
        elections=tuple(tuple(map(str, one)) for one in rules.get("elections", ())),
    )


def _named(name: str | None) -> DocumentId | None:
    return DocumentId.parse(name) if name else None


def rules_of(regime: Regime) -> Entry:
    """Return the `item` entry from which `regime_of` reads these rules back; what is usual is left out."""
    usual = Regime(regime.document, regime.title, regime.zone, regime.two_keys)
    rules: dict[str, Any] = {"zone": regime.zone, "two_keys": regime.two_keys}
    for name in _RULES:
        value = getattr(regime, name)
        if value != getattr(usual, name):
            rules[name] = _plain(value)
    return rules


def _plain(value: object) -> object:
    """Return a rule as JSON has it."""
    if type(value) is tuple:
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, DocumentId) else value


_RULES = (
    "usual_length",
    "inclusive",
    "continues",
    "anniversary",
    "window",
    "by_hand",
    "lapse_after",
    "reminder_days",
    "steps",
    "paired_with",
    "look_up",
    "by_law",
    "continues_while",
    "barred_while",
    "basis",
    "elections",
)


SETTING = ("introduction", "extension")
ENDING = ("end", "partial_end")
CONTINUATION = "continuation"
REJECTED = "rejected"
Facets = Mapping[str, Facet]


@dataclass(frozen=True, slots=True)
class TermAct:
    """One act that sets a term. `on` is the day it was signed (`YYYY-MM-DD`), `published_on` the day it was published;
    `ends_at` is exclusive and OPEN where the act states no end. `untimely`
    says that it was published before the window of its renewal opened or after it closed."""

    subject: str
    opens: bool
    on: str | None
    published_on: str | None
    starts_at: datetime
    ends_at: datetime
    length: str | None
    approval: str | None
    scope: tuple[str, ...]
    confidence: str
    untimely: bool = False
    ended_by: str | None = None

    @property
    def signed(self) -> str:
        """The day of signature, or that of the start where it is not known."""
        return self.on or self.starts_at.date().isoformat()


@dataclass(frozen=True, slots=True)
class EarlyEnd:
    """One act that ends a term before its time, or ends it for some regions. `of` names the acts whose terms it ends;
    empty: whatever runs at that moment."""

    subject: str
    on: str | None
    at: datetime
    of: tuple[str, ...]
    scope: tuple[str, ...]

    @property
    def signed(self) -> str:
        return self.on or self.at.date().isoformat()


def acts(regime: Regime, facets: Facets, *, planned: bool) -> list[TermAct]:
    """Return the acts that set a term, in the order of their starts; those whose approval was not seen only if
    `planned`. What was rejected, or renewed outside its window, sets none."""
    found = (act for act in stated(regime, facets) if not act.untimely)
    rejected = set(rejections(facets))
    return [
        act
        for act in found
        if act.subject not in rejected
        and (planned or not regime.two_keys or act.approval or act.confidence == "inferred")
    ]


def stated(regime: Regime, facets: Facets) -> list[TermAct]:
    """Return every act of the record that says when its term runs, valid or not, in the order of their starts."""
    entries = facets.get("instruments", {})
    introduced = sorted(
        local(str(e["starts_at"]), regime.zone)
        for e in entries.values()
        if e.get("act") == "introduction" and e.get("starts_at")
    )
    approved, rejected = approvals(facets), rejections(facets)
    setting = {subject: entry for subject, entry in entries.items() if entry.get("act") in SETTING}
    found: list[TermAct] = []
    for subject, entry in sorted(
        setting.items(), key=lambda pair: (pair[1].get("starts") == CONTINUATION, _day(pair[1]))
    ):
        valid = [act for act in found if not act.untimely and act.subject not in rejected]
        found += _read(regime, facets, subject, _continued(entry, valid), approved.get(subject), introduced)
    return sorted(found, key=lambda act: (instant(act.starts_at), act.on or "", act.subject))


def _continued(entry: Entry, found: list[TermAct]) -> Entry:
    """Let an act that only goes on begin where the last term that was set before it ends."""
    earlier = [act for act in found if act.ends_at is not OPEN and act.signed <= _day(entry)]
    if entry.get("starts") != CONTINUATION or entry.get("starts_at") or not earlier:
        return entry
    return {**entry, "starts_at": max(act.ends_at for act in earlier).replace(tzinfo=None).isoformat()}


def approvals(facets: Facets) -> dict[str, str]:
    """Map each approved act to what approved it: the latest, where several did."""
    return _answers(facets, rejected=False)


def rejections(facets: Facets) -> dict[str, str]:
    """Map each act that was refused its approval, and got none since, to what refused it."""
    kept = approvals(facets)
    entries = facets.get("approvals", {})
    return {
        act: subject
        for act, subject in _answers(facets, rejected=True).items()
        if act not in kept or _day(entries[subject]) > _day(entries[kept[act]])
    }


def endings(regime: Regime, facets: Facets) -> list[EarlyEnd]:
    """Return the acts that end a term early, wholly or for some regions, in the order of their moments."""
    found = [
        EarlyEnd(subject, entry.get("on"), at, _several(entry.get("repeals")), _released_regions(entry))
        for subject, entry in facets.get("instruments", {}).items()
        if entry.get("act") in ENDING
        for at in _ends_on(regime, facets, subject, entry)
    ]
    return sorted(found, key=lambda ending: (instant(ending.at), ending.subject))


def unread(regime: Regime, facets: Facets) -> dict[str, str]:
    """Map each act that must set or approve a term, but of which no term was read, to the day of what names it: an
    approval cites it, its own entry states no start, or its title was listed and its text is missing."""
    instruments, approved = facets.get("instruments", {}), approvals(facets)
    placed = {act.subject for act in stated(regime, facets)} | {*rejections(facets), *facets.get("approvals", {})}
    placed |= {subject for subject, entry in instruments.items() if entry.get("act") not in SETTING}
    seen = [e for e in facets.get("steps", {}).values() if e.get("step") == "seen" and e.get("act") not in ENDING]
    listed = {str(e["of"]): _day(e) for e in seen if "of" in e}
    cited = {act: _day(facets["approvals"][by]) for act, by in approved.items()}
    bare = {subject: _day(entry) for subject, entry in instruments.items()}
    return {subject: day for subject, day in sorted((listed | bare | cited).items()) if subject not in placed}


def seen_steps(facets: Facets, *subjects: str | None) -> dict[str, str]:
    """Map the steps seen of these acts (`law_signed`, `in_force`, …) to their days, empty where none is stated."""
    return {
        str(entry.get("step")): str(entry.get("on") or "")
        for _, entry in sorted(facets.get("steps", {}).items())
        if entry.get("of") in subjects
    }


def _answers(facets: Facets, *, rejected: bool) -> dict[str, str]:
    entries = sorted(facets.get("approvals", {}).items(), key=lambda pair: (_day(pair[1]), pair[0]))
    return {
        str(entry["approves"]): subject
        for subject, entry in entries
        if entry.get("approves") and (entry.get("outcome") == REJECTED) is rejected
    }


def _day(entry: Entry) -> str:
    return str(entry.get("on") or "")


def _read(
    regime: Regime, facets: Facets, subject: str, entry: Entry, approval: str | None, introduced: list[datetime]
) -> Iterator[TermAct]:
    """Read one act; nothing while the record does not say when its term begins."""
    law = facets["approvals"][approval] if approval else {}
    what = _narrowed(entry, law)
    published_on = _published(facets, subject, entry, approval)
    start = _start(regime, what, published_on, introduced)
    if start is None:
        return
    length = what.get("length") or (None if what.get("ends_at") or what.get("until") else regime.usual_length)
    yield TermAct(
        subject=subject,
        opens=entry["act"] == "introduction",
        on=entry.get("on"),
        published_on=published_on,
        starts_at=settled(start),
        ends_at=_end(regime, what, start, length),
        length=length,
        approval=approval,
        scope=_several(what.get("scope")),
        confidence=str(entry.get("confidence", "official")),
        untimely=entry["act"] == "extension" and _outside(regime, start, published_on or entry.get("on")),
    )


def _narrowed(entry: Entry, law: Entry) -> dict[str, Any]:
    """Lay what a law says of the term over what its decree says; one statement of the end replaces any other."""
    ends = ("length", "ends_at", "until")
    kept = {n: v for n, v in entry.items() if n not in ends or not any(law.get(e) for e in ends)}
    return kept | {n: law[n] for n in ("starts_at", "scope", *ends) if law.get(n)}


def _published(facets: Facets, subject: str, entry: Entry, approval: str | None) -> str | None:
    steps = seen_steps(facets, subject, *([approval] if approval else []))
    return entry.get("published_on") or steps.get("published") or steps.get("in_force") or None


def _start(regime: Regime, what: Entry, published_on: str | None, introduced: list[datetime]) -> datetime | None:
    """Return the wall time at which a term begins: stated, the day an act came into being, or an anniversary."""
    if what.get("starts_at"):
        return unsettled(str(what["starts_at"]), regime.zone)
    day = {"signature": what.get("on"), "publication": published_on}.get(str(what.get("starts")))
    if day:
        return unsettled(str(day)[:10], regime.zone)
    day = published_on or what.get("on")
    if regime.anniversary and day and what.get("act") == "extension":
        return _anniversary(unsettled(day, regime.zone), introduced, regime.usual_length or "1 year")
    return None


def _anniversary(day: datetime, introduced: list[datetime], length: str) -> datetime | None:
    """Return the first anniversary of the last introduction that lies after a day."""
    begun = [start for start in introduced if instant(start) <= instant(day)]
    if not begun:
        return None
    times = 1
    while instant(moved(begun[-1], length, times)) <= instant(day):
        times += 1
    return moved(begun[-1], length, times)


def _outside(regime: Regime, start: datetime, day: str | None) -> bool:
    """Say whether a renewal was published outside the time before its start in which it counts."""
    if regime.window is None or day is None:
        return False
    published = unsettled(day, regime.zone)
    return not instant(moved(start, regime.window, -1)) <= instant(published) < instant(settled(start))


def _end(regime: Regime, what: Entry, start: datetime, length: str | None) -> datetime:
    if what.get("until"):
        return day_after(str(what["until"]), regime.zone)
    stated_end = str(what.get("ends_at") or "")
    if stated_end and len(stated_end) == 10 and regime.inclusive:
        return day_after(stated_end, regime.zone)
    if stated_end:
        return local(stated_end, regime.zone)
    return settled(moved(start, length)) if length else OPEN


def _ends_on(regime: Regime, facets: Facets, subject: str, entry: Entry) -> Iterator[datetime]:
    """Yield the moment of an early end: the stated one, else the first moment of the day it came into force or was
    signed."""
    day = entry.get("starts_at") or seen_steps(facets, subject).get("in_force") or entry.get("on")
    if day:
        yield local(str(day), regime.zone)


def _released_regions(entry: Entry) -> tuple[str, ...]:
    """Return the regions an ending act is about, empty for all: a list of them, or whatever a partial end says."""
    if entry["act"] == "partial_end":
        return _several(entry.get("scope")) or ("a part its act does not name",)
    return _several(entry["scope"]) if isinstance(entry.get("scope"), list | tuple) else ()


def _several(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(sorted(str(v) for v in value)) if isinstance(value, list | tuple) else ()
