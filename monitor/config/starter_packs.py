"""What do the starter packs hold: which publishers, read how, with which words and watches?

The data stand beside, in `packs/`: one file for each pack, and one of all publishers, each with the day on which its
address is known to have been read and what goes wrong with it. A pack becomes part of a new configuration as text."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from textwrap import wrap
from typing import Any

from domain.options import suggest
from domain.records.facets import DEFAULT_KINDS, Kind
from monitor.config.editing import WatchEntry, watch_block

FOLDER = Path(__file__).parent / "packs"
_PUBLISHERS = "publishers"
DIGEST = "daily 08:00"
"""When the feeds of a pack are sent: what stands in them is read once a day."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """A publisher as the packs know it. `verified_on` is the last day on which its address is on record as read, None
    where none is. `source` is the section that reads it, `address` that of its feed; both are
    empty where programs are refused, and `instead` says the official way. `cited` are its names in articles, `*` for
    any ending; `pack` is the first pack that has it; `remark` says what goes wrong with it, "" for nothing known."""

    name: str
    evidence: str
    verified_on: date | None = None
    source: str = ""
    address: str = ""
    cited: tuple[str, ...] = ()
    everything: bool = False
    remark: str = ""
    instead: str = ""
    pack: str = ""

    @property
    def verified(self) -> str:
        """When and how its address was read; a source is read by a reader of ours, which says so itself."""
        if self.source and not self.verified_on:
            return self.evidence
        return f"verified {self.verified_on}: {self.evidence}" if self.verified_on else f"not verified: {self.evidence}"


@dataclass(frozen=True, slots=True)
class Pack:
    """One starter pack. `words` select in the feeds that carry more than is of interest; `watches` are the tables
    beside the feeds."""

    name: str
    title: str
    about: str
    publishers: tuple[Publisher, ...]
    words: tuple[str, ...]
    watches: tuple[WatchEntry, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(one.source for one in self.publishers if one.source)


def pack_names() -> tuple[str, ...]:
    """Return what the packs are called, in the order of the alphabet."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml") if path.stem != _PUBLISHERS))


@cache
def load_pack(name: str) -> Pack:
    """Return a pack; ValueError, with the nearest one, where there is none of that name."""
    if name not in pack_names():
        raise ValueError(f"unknown starter pack {name}; {suggest(name, pack_names())}")
    stated = _read(name)
    known = _publishers()
    chosen = tuple(replace(known[key], pack=name) for key in stated["publishers"])
    return Pack(name, stated["title"], stated["about"], chosen, tuple(stated["words"]), tuple(stated["watch"]))


def publishers() -> tuple[Publisher, ...]:
    """Return every publisher, with the first pack that has it."""
    found: dict[str, Publisher] = {}
    for name in pack_names():
        for one in load_pack(name).publishers:
            found.setdefault(one.name, one)
    return tuple(found.values())


@cache
def _publishers() -> Mapping[str, Publisher]:
    return {key: _publisher(**stated) for key, stated in _read(_PUBLISHERS).items()}


def _publisher(feed: str = "", fragile: str = "", cited: Sequence[str] = (), **stated: Any) -> Publisher:
    return Publisher(address=feed, remark=fragile, cited=tuple(cited), **stated)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def pack_blocks(packs: Sequence[Pack]) -> Iterator[str]:
    """Yield the watches of the packs as they stand in a file, what two packs share once and with the words of both,
    each feed with what is known of it; and, as comments, the publishers that no program can read."""
    words: dict[str, dict[str, None]] = {}
    for pack in packs:
        for one in pack.publishers:
            words.setdefault(one.name, {}).update(dict.fromkeys(pack.words))
    seen: set[str] = set()
    for pack in packs:
        head = _comment(f"{pack.title}. {pack.about}")
        for entry in pack.watches:
            if (subject := str(next(iter(entry.values())))) not in seen:
                seen.add(subject)
                yield head + watch_block(entry).rstrip("\n")
                head = ""
        for one in pack.publishers:
            if not one.source and one.name not in seen:
                seen.add(one.name)
                yield _block(one, tuple(words[one.name]))


def _block(one: Publisher, words: Sequence[str]) -> str:
    if not one.address:
        return _comment(f"{one.name} is not read: {one.remark}. Instead: {one.instead}.").rstrip("\n")
    entry: dict[str, str | Sequence[str]] = {"feed": one.address, "name": one.name}
    if not one.everything:
        entry["words"] = words
    fragile = f" Fragile: {one.remark}." if one.remark else ""
    return _comment(f"{one.verified}.{fragile}") + watch_block(entry).rstrip("\n")


def _comment(said: str) -> str:
    return "".join(f"# {line}\n" for line in wrap(said, 116, break_long_words=False, break_on_hyphens=False))


def pack_routes(channels: Sequence[str]) -> str:
    """Return the routes of a file with packs: what changes at once, what is new, feeds above all, as a digest."""
    known = ", ".join(f'"{kind}"' for kind in Kind if kind in DEFAULT_KINDS and kind is not Kind.APPEARED)
    named = ", ".join(f'"{name}"' for name in channels)
    return (
        f'[[route]]                            # what changes, at once\nwatch    = ["*"]\nkinds    = [{known}]\n'
        f"channels = [{named}]\n\n"
        f'[[route]]                            # what is new in feeds and searches, once a day\nwatch    = ["*"]\n'
        f'kinds    = ["appeared"]\nchannels = [{named}]\nwhen     = "{DIGEST}"'
    )
