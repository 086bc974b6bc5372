"""Which of the entries we know is this one?

By guid, else by link, else by content. Publishers break each of these: one guid for many entries, a new guid for the
same entry at every poll. So an entry is recognised by the strictest agreement there is with what is known, and what
no known entry can be is new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from watchers.feed.parser import FeedEntry
from watchers.feed.values import link_place, safe_link
from watchers.plain_text import comparable_text


@dataclass(frozen=True, slots=True)
class EntryTraits:
    """What an entry is recognised by: `base`, its guid, link or content; `page`, its link and title; `content`, all
    that must differ for it to have changed. Dates are no part of any."""

    base: str
    page: str
    content: str


KnownEntries = Mapping[str, EntryTraits]
"""Key of an entry (16 hexadecimal digits, the last part of its identity) → its traits when last seen, oldest first."""


def traits_of(entry: FeedEntry) -> EntryTraits:
    """Return what an entry is recognised by."""
    title, text = comparable_text(entry.title), comparable_text(entry.text)
    link = link_place(entry.link) if entry.link else ""
    page = _digest("page", link, title) if link else _digest("words", title, text)
    if entry.guid:
        base = _digest("guid", link_place(address) if (address := safe_link(entry.guid)) else entry.guid)
    else:
        base = _digest("link", link) if link else page
    states = [f"{name}={comparable_text(value)}" for name, value in sorted(entry.stated.items())]
    content = _digest(title, text, link, entry.author or "", *entry.categories, *states)
    return EntryTraits(base, page, content[:12])


def match_entries(
    entries: Sequence[FeedEntry], known: KnownEntries, recent: Collection[str]
) -> list[tuple[str, FeedEntry, EntryTraits]]:
    """Return the entries with their keys, in their order; one that is there twice comes once.

    `recent` holds the keys of the entries that were in the feed when it was last read.
    """
    reported: dict[EntryTraits, FeedEntry] = {}
    for entry in entries:
        reported.setdefault(traits_of(entry), entry)
    return _EntryMatcher([(entry, found) for found, entry in reported.items()], known, recent).settle()


class _EntryMatcher:
    """Entries of one feed and known ones, brought together pair by pair, the surest first."""

    def __init__(
        self, entries: Sequence[tuple[FeedEntry, EntryTraits]], known: KnownEntries, recent: Collection[str]
    ) -> None:
        self._entries = entries
        self._known = known
        self._recent = recent
        self._free = dict.fromkeys(known)
        self._keys: dict[int, str] = {}
        self._in_feed = Counter(found.base for _, found in entries)
        self._in_memory = Counter(found.base for found in known.values())

    def settle(self) -> list[tuple[str, FeedEntry, EntryTraits]]:
        self._pair(lambda found: found, self._free)
        self._pair(lambda found: (found.base, found.page), self._free)
        self._pair(lambda found: None if self._shared(found) else found.base, self._free)
        self._pair(lambda found: None if self._stays(found) else found.page, self._recent)
        taken = {*self._known, *self._keys.values()}
        settled = []
        for number, (entry, found) in enumerate(self._entries):
            key = self._keys.get(number) or self._new_key(found, taken)
            taken.add(key)
            settled.append((key, entry, found))
        return settled

    def _pair(self, trait: Callable[[EntryTraits], Hashable | None], among: Iterable[str]) -> None:
        """Pair entries with free known ones that agree in a trait, each at most once. None agrees with nothing."""
        waiting: dict[Hashable, list[str]] = {}
        for key in among:
            if key in self._free and (value := trait(self._known[key])) is not None:
                waiting.setdefault(value, []).append(key)
        for number, (_, found) in enumerate(self._entries):
            if number not in self._keys and (keys := waiting.get(trait(found))):
                self._keys[number] = key = keys.pop(0)
                del self._free[key]

    def _shared(self, found: EntryTraits) -> bool:
        """A guid that several entries carry, or carried, names none of them."""
        return self._in_feed[found.base] > 1 or self._in_memory[found.base] > 1

    def _stays(self, found: EntryTraits) -> bool:
        """Only where one guid came and one went may the same page under the same title be the same entry."""
        return bool(self._in_feed[found.base] and self._in_memory[found.base])

    def _new_key(self, found: EntryTraits, taken: Collection[str]) -> str:
        """Name an entry nobody has seen: by its guid if it is the only one with it."""
        choices = possible_keys(found)[1 if self._shared(found) else 0 :]
        return next((key for key in choices if key not in taken), choices[-1])


def possible_keys(found: EntryTraits) -> tuple[str, ...]:
    """Return the keys that a new entry may be given: by its guid, by its page too, by its words too."""
    return found.base, _digest(found.base, found.page), _digest(found.base, found.page, found.content)


def _digest(*words: str) -> str:
    return sha256("\n".join(words).encode("utf-8", "replace")).hexdigest()[:16]
