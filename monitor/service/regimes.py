"""Which regimes are known, what do their files say, and how far were their sources read without a gap?

One TOML file for each regime, written so that a lawyer can read and write one: those that come with the program, and
the user's own in the folder `regimes` beside the configuration, which take precedence. A file is named after its
regime, so that a question about one reads one. What it states enters the record as an observation of the source
`shipped`, silently: it was known before anybody watched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from domain import jurisdictions
from domain.coded_text import coded
from domain.documents import DocumentId
from domain.errors import ConfigError
from domain.observation import Evidence, Observation
from domain.records.facets import Entry, Facet, digest
from domain.records.record import Record
from domain.sources import SourceState
from domain.terms import Coverage, Regime, regime_of, rules_of
from monitor.config.regime_file import known_on, read_regime_file, regime_file_name
from watchers import SOURCES, source

Table = Mapping[str, Any]

_MEMBERS_AS_STATED = ("act", "starts_at", "starts", "length", "ends_at", "scope", "repeals")
_DAYS = ("on", "published_on", "known_on", "until")


def regime_file_facets(
    regime: Regime,
    source: str,
    instruments: tuple[Table, ...],
    today: date,
    recognise: Mapping[str, tuple[str, ...]] = {},
) -> dict[str, Facet]:
    """Return what was known of a regime on the evening of a day; facts known later are not used.

    `source` is the publisher that carries it on, empty for none: it stands in `item`, so that nobody has to open the
    file to ask whether it was read; `recognise` the words by which that publisher's reader knows its acts.
    """
    known = [instrument for instrument in instruments if known_on(instrument) <= today]
    return {
        "item": {"": {**rules_of(regime), "source": source, **_recognition_words(source, recognise)}},
        "title": {"display": {"text": regime.title}},
        "instruments": {_subject(i): _instrument(regime, i) for i in known},
        "approvals": dict(_approvals(known, today)),
        "steps": dict(_steps(known, today)),
    }


def _recognition_words(source: str, recognise: Mapping[str, tuple[str, ...]]) -> Entry:
    """Return the words of a regime that somebody reads for; one kept by hand needs none."""
    return {"recognise": {name: list(forms) for name, forms in recognise.items()}} if source and recognise else {}


def _subject(instrument: Table) -> str:
    if "id" in instrument:
        return str(instrument["id"])
    day = instrument.get("starts_at") or instrument.get("on") or instrument.get("published_on")
    return f"{instrument['act']}/{str(day)[:10]}"


def _instrument(regime: Regime, instrument: Table) -> Entry:
    entry: dict[str, Any] = {name: instrument[name] for name in _MEMBERS_AS_STATED if name in instrument}
    entry |= {name: instrument[name].isoformat() for name in _DAYS if name in instrument}
    entry.setdefault("on", None)
    entry["confidence"] = instrument.get("confidence", "official")
    entry["label"] = _label(instrument)
    return entry


def _label(instrument: Table) -> str:
    if "name" in instrument:
        return str(instrument["name"])
    if "id" in instrument:
        return coded("act.signed", document=str(instrument["id"])).to_json()
    if instrument["act"] == "lapse":
        return coded("act.lapsed").to_json()
    if instrument.get("confidence") == "inferred":
        return coded("act.inferred").to_json()
    return coded(f"act.by_hand.{instrument['act']}").to_json()


def _approvals(instruments: list[Table], today: date) -> Iterator[tuple[str, Entry]]:
    for instrument in instruments:
        day = instrument.get("approved_on") or instrument.get("in_force_on") or known_on(instrument)
        if "approval" not in instrument or day > today:
            continue
        law = str(instrument["approval"])
        entry: dict[str, Any] = {"approves": instrument["id"], "on": None, **_narrowed(instrument)}
        if "approved_on" in instrument:
            entry["on"] = instrument["approved_on"].isoformat()
        if instrument.get("rejected"):
            entry["outcome"] = "rejected"
        verb = "refused" if instrument.get("rejected") else "adopted"
        yield law, {**entry, "label": coded(f"act.{verb}", document=law).to_json()}


def _narrowed(instrument: Table) -> Entry:
    """Return what the law says otherwise than its decree."""
    narrowed = instrument.get("narrowed", {})
    return {name: v.isoformat() if isinstance(v, date) else v for name, v in narrowed.items()}


def _steps(instruments: list[Table], today: date) -> Iterator[tuple[str, Entry]]:
    for instrument in instruments:
        day = instrument.get("in_force_on")
        if day is not None and day <= today and ("approval" in instrument or "id" in instrument):
            act = str(instrument.get("approval") or instrument["id"])
            entry = {"step": "in_force", "of": act, "on": day.isoformat()}
            yield f"in_force:{act}", {**entry, "label": coded("act.in_force", document=act).to_json()}


REGIME_FILE_READER = "shipped/1"
FOLDER = "regimes"
"""Beside the configuration: where a user keeps regimes of their own."""

SHIPPED_FOLDER = Path(jurisdictions.__file__).parent / "regimes"


@dataclass(frozen=True, slots=True)
class RegimeFile:
    """A regime as its file states it. `source` names the publisher that carries it on, empty for one kept by hand;
    `recognise` holds the titles, phrases and number forms a reader goes by, `cited` the names (and words `near` them)
    by which texts call it; `own` says that the file is the user's."""

    regime: Regime
    source: str
    file: str
    body: bytes
    instruments: tuple[Mapping[str, Any], ...]
    recognise: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    issuer: str | None = None
    own: bool = False
    cited: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def observation(self, now: datetime) -> Observation:
        """Return what was known of the regime by `now` (aware UTC); facts known later are not used."""
        stated = regime_file_facets(self.regime, self.source, self.instruments, now.date(), self.recognise)
        proof = dict.fromkeys(stated, digest(self.body))
        return Observation(self.regime.document, "shipped", REGIME_FILE_READER, stated, proof)

    def evidence(self, now: datetime) -> Evidence:
        return Evidence(digest(self.body), f"lexwatch:regimes/{self.file}", now, "application/toml", self.body)


@cache
def shipped_regimes() -> Mapping[DocumentId, RegimeFile]:
    """Return every regime that comes with the program, by identity."""
    return {made.regime.document: made for made in map(_load, sorted(SHIPPED_FOLDER.glob("*.toml")))}


def find_regime(document: DocumentId, folder: Path | None = None) -> RegimeFile | None:
    """Return one regime: the user's, kept in `folder`, else ours, else None. Only its own file is read.

    ConfigError when the user's file cannot be read or has faults.
    """
    if document.kind != "regime":
        return None
    theirs = folder / regime_file_name(document) if folder is not None and not _is_shipped_folder(folder) else None
    if theirs is not None and theirs.is_file():
        return _if_meant(_load(theirs, own=True), document)
    return _find_shipped(document)


@cache
def _find_shipped(document: DocumentId) -> RegimeFile | None:
    path = SHIPPED_FOLDER / regime_file_name(document)
    return _if_meant(_load(path), document) if path.is_file() else None


def _if_meant(made: RegimeFile, document: DocumentId) -> RegimeFile | None:
    """Two names may share a file name (`xx/regime/a/b-c`, `xx/regime/a-b/c`): the file says which it is."""
    return made if made.regime.document == document else None


def is_shipped(document: DocumentId) -> bool:
    """Say whether a regime comes with the program; nothing is read."""
    return document.kind == "regime" and (SHIPPED_FOLDER / regime_file_name(document)).is_file()


def user_regimes(folder: Path) -> tuple[dict[DocumentId, RegimeFile], list[str]]:
    """Read the user's regimes in `folder`: those without fault by identity, and every fault of the others."""
    found: dict[DocumentId, RegimeFile] = {}
    faults: list[str] = []
    for path in () if _is_shipped_folder(folder) else sorted(folder.glob("*.toml")):
        try:
            made = _load(path, own=True)
        except ConfigError as error:
            faults += [f"{FOLDER}/{fault}" for fault in error.faults]
            continue
        found[made.regime.document] = made
    return found, faults


def regime_file_update(known: RegimeFile, record: Record | None, now: datetime) -> Observation:
    """Return what a regime's file has to say to its record at `now` (aware UTC).

    Everything, where nothing is recorded or the file alone carries the regime on. Otherwise how it is computed, and
    from a user's own file the acts nobody has read: what a source stated is not replaced, and what we ship later is
    not put in the place of news. Only a term that its neighbours fix, which no source will ever state, is added.
    """
    stated = known.observation(now)
    if record is None or known.regime.by_hand:
        return stated
    facets = {name: stated.facets[name] for name in ("item", "title")}
    for name in _ACT_FACETS:
        there = record.facets.get(name, {})
        unread = {subject: entry for subject, entry in stated.facets[name].items() if subject not in there}
        if not known.own:
            unread = {subject: entry for subject, entry in unread.items() if entry.get("confidence") == "inferred"}
        if known.own or unread:
            facets[name] = unread
    return replace(stated, facets=facets, evidence={name: stated.evidence[name] for name in facets})


_ACT_FACETS = ("instruments", "approvals", "steps")


def _is_shipped_folder(folder: Path) -> bool:
    """The shipped default configuration lies beside our own folder."""
    return folder.absolute() == SHIPPED_FOLDER.absolute()


def _load(path: Path, *, own: bool = False) -> RegimeFile:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise ConfigError([f"{path.name}: cannot be read: {error.strerror}"]) from None
    return parse_regime_file(path.name, body, own=own)


def parse_regime_file(name: str, body: bytes, *, own: bool = False) -> RegimeFile:
    """Read the bytes of a regime's file; ConfigError with every fault in it."""
    regime, top, instruments = read_regime_file(name, body)
    recognise, cited = ({name: tuple(forms) for name, forms in top[key].items()} for key in ("recognise", "cited"))
    return RegimeFile(regime, top.get("source", ""), name, body, instruments, recognise, top.get("issuer"), own, cited)


def regime_rules(record: Record) -> Regime:
    """Return how a regime is computed, as its record states it; where a publisher alone stated it, who knows little of
    terms, as its file does."""
    stated = record.facets.get("item", {}).get("", {})
    found = find_regime(record.document) if "source" not in stated else None
    return found.regime if found else regime_of(record.document, record.facets)


def regime_source(record: Record) -> str | None:
    """Return the name of the source that carries a regime on, or None where none does."""
    stated = record.facets.get("item", {}).get("", {})
    if "source" in stated:
        return str(stated["source"]) or None
    found = find_regime(record.document)
    return (found.source or None) if found else None


def regime_coverage(record: Record, state_of: Callable[[str], SourceState | None]) -> Coverage:
    """Return what the resume position of a regime's source proves; `state_of` maps its name to its state."""
    name = regime_source(record)
    state = state_of(name) if name else None
    return proven_coverage(state, record.document) if state else Coverage()


def proven_coverage(state: SourceState, regime: DocumentId) -> Coverage:
    """Return what the resume position of a source proves of a regime: only a source that reads every act the regime
    needs (its keys) proves anything. A signal beside it, such as the register of bills, has no say."""
    declared = source(state.name) if state.name in SOURCES else None
    if declared is not None and declared.coverage is not None:
        return declared.coverage(state.cursor, state.last_good_at, regime)
    return Coverage()
