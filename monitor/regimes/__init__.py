"""Which regimes do we know, and what is kept of their history?

One TOML file for each regime, written so that a lawyer can read and write one: those that come with the program, and
the user's own in the folder `regimes` beside the configuration, which stand before ours. A file is named after its
regime, so that a question about one reads one. What it states enters the record as an observation of the source
`shipped`, silently: it was known before anybody watched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from domain.errors import ConfigError
from domain.facets import digest
from domain.identity import DocumentId
from domain.observation import Evidence, Observation
from domain.record import Record
from domain.terms import Regime
from monitor.regimes.facts import facets
from monitor.regimes.file import name_of, read

READER = "shipped/1"
FOLDER = "regimes"
"""Beside the configuration: where a user keeps regimes of their own."""

OURS = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Shipped:
    """A regime as its file states it. `source` names the publisher that carries it on, empty for one kept by hand;
    `recognise` holds the titles, phrases and number forms a reader goes by; `own` says that the file is the user's."""

    regime: Regime
    source: str
    file: str
    body: bytes
    instruments: tuple[Mapping[str, Any], ...]
    recognise: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    issuer: str | None = None
    own: bool = False

    def observation(self, now: datetime) -> Observation:
        """Return what was known of the regime by `now` (aware UTC); facts known later are not used."""
        stated = facets(self.regime, self.source, self.instruments, now.date(), self.recognise)
        proof = dict.fromkeys(stated, digest(self.body))
        return Observation(self.regime.document, "shipped", READER, stated, proof)

    def evidence(self, now: datetime) -> Evidence:
        return Evidence(digest(self.body), f"lexwatch:regimes/{self.file}", now, "application/toml", self.body)


@cache
def shipped() -> Mapping[DocumentId, Shipped]:
    """Return every regime that comes with the program, by identity."""
    return {made.regime.document: made for made in map(_load, sorted(OURS.glob("*.toml")))}


def find(document: DocumentId, folder: Path | None = None) -> Shipped | None:
    """Return one regime: the user's, kept in `folder`, else ours, else None. Only its own file is read.

    ConfigError when the user's file cannot be read or has faults.
    """
    if document.kind != "regime":
        return None
    theirs = folder / name_of(document) if folder is not None and not _is_ours(folder) else None
    if theirs is not None and theirs.is_file():
        return _if_meant(_load(theirs, own=True), document)
    return _our(document)


@cache
def _our(document: DocumentId) -> Shipped | None:
    path = OURS / name_of(document)
    return _if_meant(_load(path), document) if path.is_file() else None


def _if_meant(made: Shipped, document: DocumentId) -> Shipped | None:
    """Two names may share a file name (`xx/regime/a/b-c`, `xx/regime/a-b/c`): the file says which it is."""
    return made if made.regime.document == document else None


def is_shipped(document: DocumentId) -> bool:
    """Say whether a regime comes with the program; nothing is read."""
    return document.kind == "regime" and (OURS / name_of(document)).is_file()


def added(folder: Path) -> tuple[dict[DocumentId, Shipped], list[str]]:
    """Read the user's regimes in `folder`: those without fault by identity, and every fault of the others."""
    found: dict[DocumentId, Shipped] = {}
    faults: list[str] = []
    for path in () if _is_ours(folder) else sorted(folder.glob("*.toml")):
        try:
            made = _load(path, own=True)
        except ConfigError as error:
            faults += [f"{FOLDER}/{fault}" for fault in error.faults]
            continue
        found[made.regime.document] = made
    return found, faults


def upkeep(known: Shipped, record: Record | None, now: datetime) -> Observation:
    """Return what a regime's file has to say to its record at `now` (aware UTC).

    Everything, where nothing is recorded or the file alone carries the regime on. Otherwise how it is reckoned, and
    from a user's own file the acts nobody has read: what a source stated is not replaced, and what we ship later is
    not put in the place of news. Only a term that its neighbours fix, which no source will ever state, is added.
    """
    stated = known.observation(now)
    if record is None or known.regime.by_hand:
        return stated
    facets = {name: stated.facets[name] for name in ("item", "title")}
    for name in _ACTS:
        there = record.facets.get(name, {})
        unread = {subject: entry for subject, entry in stated.facets[name].items() if subject not in there}
        if not known.own:
            unread = {subject: entry for subject, entry in unread.items() if entry.get("confidence") == "inferred"}
        if known.own or unread:
            facets[name] = unread
    return replace(stated, facets=facets, evidence={name: stated.evidence[name] for name in facets})


_ACTS = ("instruments", "approvals", "steps")


def _is_ours(folder: Path) -> bool:
    """The shipped default configuration lies beside our own folder."""
    return folder.absolute() == OURS.absolute()


def _load(path: Path, *, own: bool = False) -> Shipped:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise ConfigError([f"{path.name}: cannot be read: {error.strerror}"]) from None
    return regime_in(path.name, body, own=own)


def regime_in(name: str, body: bytes, *, own: bool = False) -> Shipped:
    """Read the bytes of a regime's file; ConfigError with every fault in it."""
    regime, top, instruments = read(name, body)
    recognise = {name: tuple(forms) for name, forms in top["recognise"].items()}
    return Shipped(regime, top.get("source", ""), name, body, instruments, recognise, top.get("issuer"), own)
