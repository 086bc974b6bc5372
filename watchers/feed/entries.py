"""Which of the entries we know is an entry of a feed?

An entry is recognised by guid, else by link, else by content. Publishers break each of these: one guid for many
entries, a new guid for the same entry at every poll, the guid of another document, new guids and links for all entries
at once. So an entry is recognised by the strictest agreement there is with what is known, and what no known entry can
be is new.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from hashlib import sha256

from watchers.feed.values import PublishedDate, address_form, link_place, safe_link, without_doubtful
from watchers.plain_text import comparable_text


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry, in plain text. `link` leads to http or https, without what passes; `text` is summary and content;
    `stated` holds what a publisher says of its state beside them (`stage`: `Committee stage`)."""

    guid: str | None = None
    link: str | None = None
    title: str = ""
    text: str = ""
    author: str | None = None
    published: PublishedDate | None = None
    updated: PublishedDate | None = None
    categories: tuple[str, ...] = ()
    stated: Mapping[str, str] = field(default_factory=dict)


MOST_STATES = 6
"""States of one entry that are remembered, to know when its words return to an earlier one."""


@dataclass(frozen=True, slots=True)
class EntryTraits:
    """What an entry is recognised by: digests of its guid (else link, else words), of its link, its title and its words
    (`""` for none of them), the day it says it was published (counted from year 1, 0 for none) and what else it
    states. `stem` is that of a guid without the fragment or time in it, `place` that of a link without the parameters
    that may name no more than a visit, "" where there is none.

    `states` are the states of title, words and link that it had before, the last one last, `returns` how often in a
    row it went back to one of them, `latest` the last day it was dated with, of one that has changed. They are
    remembered, and no part of what is recognised."""

    base: str
    link: str = ""
    title: str = ""
    words: str = ""
    day: int = 0
    rest: str = ""
    stem: str = ""
    returns: int = 0
    states: tuple[str, ...] = ()
    latest: int = 0
    place: str = ""

    @property
    def page(self) -> str:
        """Its link and title; its words where it has no link."""
        return _digest("page", self.link, self.title) if self.link else _digest("words", self.title, self.words)

    @property
    def content(self) -> tuple[str, str, str, str]:
        """All that must differ for it to have changed. Dates are no part of it."""
        return self.title, self.words, self.link, self.rest

    @property
    def state(self) -> str:
        return f"{self.title[:4]}{self.words[:4]}{self.link[:4]}"

    def after(self, known: EntryTraits) -> EntryTraits:
        """Return the traits of a known entry as it is now, with what is remembered of it."""
        latest = max(self.latest, known.latest)
        if self.state == known.state:
            return replace(self, states=known.states, returns=known.returns, latest=latest)
        states = known.states or (known.state,)
        if self.state in states:
            return replace(self, states=states, returns=known.returns + 1, latest=latest)
        return replace(self, states=(*states, self.state)[-MOST_STATES:], returns=0, latest=latest)


KnownEntries = Mapping[str, EntryTraits]
"""Key of an entry (16 hexadecimal digits, the last part of its identity) → its traits when last seen, oldest first."""

_STAMP = re.compile(r"#.*|\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}[\d:.,]*(?:Z|[+-]\d{2}:?\d{2})?", re.DOTALL)
"""What of a guid may say when an entry was updated, not which one it is."""


def traits_of(entry: FeedEntry) -> EntryTraits:
    """Return what an entry is recognised by."""
    title, text = comparable_text(entry.title), comparable_text(entry.text)
    link = link_place(entry.link) if entry.link else ""
    states = [f"{name}={comparable_text(value)}" for name, value in sorted(entry.stated.items())]
    rest = _digest(entry.author or "", *entry.categories)[:6] if entry.author or entry.categories else ""
    day = _ordinal(entry.published.on) if entry.published else 0
    digests = _short(link), _short(title), _short("\n".join((text, *states))), day, rest
    latest = max((_ordinal(dated.on) for dated in (entry.published, entry.updated) if dated), default=0)
    lasting = without_doubtful(link) if "?" in link else link
    place = _short(lasting) if lasting != link else ""
    if not entry.guid:
        base = _digest("link", link) if link else EntryTraits("", *digests).page
        return EntryTraits(base, *digests, latest=latest, place=place)
    address = entry.link if entry.guid == entry.link else safe_link(entry.guid)
    guid = entry.guid if not address else link if address == entry.link else link_place(address)
    stem = _STAMP.sub("", entry.guid, count=1) if "#" in entry.guid or "-" in entry.guid else entry.guid
    short_stem = _short(stem) if stem != entry.guid else ""
    return EntryTraits(_digest("guid", guid), *digests, short_stem, latest=latest, place=place)


def forms_of(entries: Sequence[FeedEntry]) -> tuple[str, ...]:
    """Return the forms that the addresses of the entries have, the commonest first, as short digests."""
    return tuple(form for form, _ in Counter(map(_form, entries)).most_common(_MOST_FORMS))


_MOST_FORMS = 20


def _form(entry: FeedEntry) -> str:
    return _short(address_form(entry.link or entry.guid or ""))[:4]


@lru_cache(maxsize=4096)
def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def possible_keys(found: EntryTraits) -> tuple[str, ...]:
    """Return the keys that a new entry may be given: by its guid, by its page too, by its words too."""
    return found.base, _digest(found.base, found.page), _digest(found.base, found.page, *found.content)


@dataclass(frozen=True, slots=True)
class MatchedEntries:
    """The entries of a feed with their keys, in their order; one that is there twice comes once. `replaced` are keys of
    known entries whose guid another document carries now, `relinked` those of entries whose links changed all at
    once, as in a redesign of the site: then their links say nothing new of them; `rewritten` are those of them whose
    title or words changed with those of most others, which says nothing new of them either."""

    entries: Sequence[tuple[str, FeedEntry, EntryTraits]]
    replaced: frozenset[str] = frozenset()
    relinked: frozenset[str] = frozenset()
    rewritten: frozenset[str] = frozenset()


def match_entries(
    entries: Sequence[FeedEntry], known: KnownEntries, recent: Collection[str], forms: Collection[str] = ()
) -> MatchedEntries:
    """Find the entries of a feed among the known ones. `recent` holds the keys of the entries that were in the feed
    when it was last read, `forms` those of their addresses."""
    reported: dict[tuple[str, ...], tuple[FeedEntry, EntryTraits]] = {}
    for entry in entries:
        found = traits_of(entry)
        reported.setdefault((found.base, *found.content), (entry, found))
    return _EntryMatcher(list(reported.values()), known, recent, forms).settle()


LEAST_OF_ALL = 3
"""Entries that must have changed alike for it to be the feed that changed."""

_DISTINCT_WORDS = 5
"""Words of a text that by themselves may tell an entry from all others."""

_ENDING_OF_TITLE = re.compile(r"\s[|–—·•-]\s[^|–—·•]{1,80}\Z")

_Trait = Callable[[EntryTraits], Hashable | None]


class _EntryMatcher:
    """Entries of one feed and known ones, brought together pair by pair, the surest first."""

    def __init__(
        self,
        entries: Sequence[tuple[FeedEntry, EntryTraits]],
        known: KnownEntries,
        recent: Collection[str],
        forms: Collection[str],
    ) -> None:
        self._entries = entries
        self._known = known
        self._recent = dict.fromkeys(recent)
        self._forms = forms
        self._free = dict.fromkeys(known)
        self._keys: dict[int, str] = {}
        self._in_feed = Counter(found.base for _, found in entries)
        self._in_memory = Counter(found.base for found in known.values())

    def settle(self) -> MatchedEntries:
        """Pair by the guid first, then by what is left."""
        same_guid = [key for key, one in self._known.items() if one.base in self._in_feed]
        recent = self._recent
        self._pair(lambda one: (one.base, *one.content, one.day), same_guid)
        self._pair(lambda one: (one.base, *one.content), same_guid)
        self._pair(lambda one: (one.base, one.link, one.title), same_guid)
        self._pair(lambda one: (one.link, one.title, one.words, one.day) if one.link and one.words else None, recent)
        self._pair(lambda one: None if self._shared(one) else one.base, same_guid, self._may_carry_its_guid)
        if len(self._keys) < len(self._entries) and any(key in self._free for key in recent):
            self._pair_what_lost_its_guid()
        return self._named()

    def _pair_what_lost_its_guid(self) -> None:
        """Pair entries whose guid is new with some of the last reading whose guid is gone."""
        recent, before = self._recent, len(self._keys)
        self._pair(self._alone(lambda one: (one.stem, one.link) if one.stem else None), recent)
        self._pair(self._gone(lambda one: (one.page, one.day)), recent)
        self._pair(self._gone(lambda one: one.page), recent, self._may_be_of_one_day)
        self._pair(self._gone(lambda one: (one.link, one.words, one.day) if one.link and one.words else None), recent)
        self._pair_visits()
        self._pair_by_titles()
        if bare := self._without_common_ending():
            as_they_are, self._entries = self._entries, bare
            self._pair_by_titles()
            self._entries = as_they_are
        distinct = {found.words for entry, found in self._entries if len(entry.text.split()) >= _DISTINCT_WORDS}
        self._pair_all_at_once(lambda one: one.words if one.words in distinct else None)
        most = 2 * (len(self._keys) - before) > len(recent) > LEAST_OF_ALL
        if most and all(self._has_new_form(entry) for entry, _ in self._entries):
            self._pair(self._alone(lambda one: one.title or None), recent, self._may_be_of_one_day)
        words = self._alone(lambda one: one.words if one.day and one.words in distinct else None)
        self._pair(lambda one: (words(one), one.day) if words(one) else None, recent)

    def _pair_visits(self) -> None:
        """Pair entries whose links differ by what may name a visit alone: the rest of the link is theirs alone, or all
        they say and their day are the same."""
        said = self._gone(lambda one: (one.place, one.title, one.words, one.day) if one.place and one.day else None)
        self._pair(said, self._recent)
        place = self._alone(lambda one: one.place or None)
        self._pair(place, self._recent, self._may_be_of_one_visit)

    def _may_be_of_one_visit(self, key: str, found: EntryTraits) -> bool:
        known = self._known[key]
        agree = (known.title and known.title == found.title) or (known.words and known.words == found.words)
        return bool(agree) and self._may_be_of_one_day(key, found)

    def _pair_by_titles(self) -> None:
        """Pair what kept its title where the whole feed got other guids and links; a title without a day needs a sign
        that these are not the next documents under the old headings."""
        words = Counter(found.words for _, found in self._entries)
        self._pair_all_at_once(lambda one: (one.title, one.words, one.day) if one.title and one.day else None)
        self._pair_all_at_once(lambda one: (one.title, one.words) if one.title and words[one.words] == 1 else None)
        self._pair_all_at_once(lambda one: (one.title, one.day) if one.title and one.day else None)
        self._pair_all_at_once(lambda one: one.title or None, self._is_said_to_be_known)

    def _without_common_ending(self) -> list[tuple[FeedEntry, EntryTraits]]:
        """Return the entries with their titles as they are before an ending that all have: `Decree 7 | Gazette`."""
        cut = [_ENDING_OF_TITLE.search(comparable_text(entry.title)) for entry, _ in self._entries]
        endings = {one[0] if one else "" for one in cut}
        if len(self._entries) < LEAST_OF_ALL or len(endings) > 1 or endings == {""}:
            return []
        bare = (one.string[: one.start()] for one in cut if one)
        return [(e, replace(found, title=_short(title))) for (e, found), title in zip(self._entries, bare, strict=True)]

    def _is_said_to_be_known(self, number: int) -> bool:
        """Say whether an entry is one of before by more than its title: its address has a form that no address had, or
        its title names a document by number and year."""
        entry = self._entries[number][0]
        numbers = re.findall(r"\d+", entry.title)
        named = len(numbers) > 1 and any(len(one) == 4 and one[:2] in ("19", "20") for one in numbers)
        return named or self._has_new_form(entry)

    def _named(self) -> MatchedEntries:
        """Name what nobody has seen, and say what became of guids and links."""
        taken = {*self._known, *self._keys.values()}
        settled = []
        for number, (entry, found) in enumerate(self._entries):
            key = self._keys.get(number) or self._new_key(found, taken)
            taken.add(key)
            settled.append((key, entry, self._with_its_link(key, found)))
        carried = {found.base for key, _, found in settled if key not in self._known and not self._shared_now(found)}
        replaced = {key for key in self._free if self._known[key].base in carried and key not in self._recent}
        return MatchedEntries(settled, frozenset(replaced), *self._redesigned(settled))

    def _with_its_link(self, key: str, found: EntryTraits) -> EntryTraits:
        """Keep the link an entry had where only the name of a visit in it is another."""
        known = self._known.get(key)
        same = known is not None and found.place and known.place == found.place
        return replace(found, link=known.link) if same and known else found

    def _redesigned(
        self, settled: Sequence[tuple[str, FeedEntry, EntryTraits]]
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Return the entries whose links changed all at once, and those of them that were rewritten all at once."""
        known = [(key, entry, found) for key, entry, found in settled if key in self._known]
        links = {link for key in self._recent if (link := self._known[key].link)}
        moved = [key for key, e, f in known if f.link not in links and self._is_moved(self._known[key].link, e, f)]
        if len(moved) < LEAST_OF_ALL or 2 * len(moved) <= len(known):
            return frozenset(), frozenset()
        rewritten = {
            key for key, _, f in known if (f.title, f.words) != (self._known[key].title, self._known[key].words)
        }
        many = len(rewritten) >= LEAST_OF_ALL and 2 * len(rewritten) > len(known)
        return frozenset(moved), frozenset(rewritten if many else ())

    def _is_moved(self, link: str, entry: FeedEntry, found: EntryTraits) -> bool:
        return link != found.link if link and found.link else self._has_new_form(entry)

    def _has_new_form(self, entry: FeedEntry) -> bool:
        """Say whether the address of an entry has a form that no address of the feed had."""
        return bool(self._forms) and _form(entry) not in self._forms

    def _pair(
        self,
        trait: _Trait,
        among: Iterable[str],
        fits: Callable[[str, EntryTraits], bool] = lambda key, found: True,
    ) -> None:
        """Pair entries with free known ones that agree in a trait, each at most once. None agrees with nothing."""
        for number, key in self._pairs(trait, among, fits):
            self._keys[number] = key
            del self._free[key]

    def _pairs(
        self, trait: _Trait, among: Iterable[str], fits: Callable[[str, EntryTraits], bool]
    ) -> list[tuple[int, str]]:
        waiting: dict[Hashable, list[str]] = {}
        if len(self._keys) == len(self._entries):
            return []
        for key in among:
            if key in self._free and (value := trait(self._known[key])) is not None:
                waiting.setdefault(value, []).append(key)
        found = []
        for number, (_, traits) in enumerate(self._entries):
            if number not in self._keys and (keys := waiting.get(trait(traits))) and fits(keys[0], traits):
                found.append((number, keys.pop(0)))
        return found

    def _pair_all_at_once(self, trait: _Trait, known_by: Callable[[int], bool] = lambda number: True) -> None:
        """Pair by what alone would not be enough, where most of the feed has lost its guids and links and agrees; with
        `known_by`, where most of these entries have a sign of their own."""
        gone = [key for key in self._recent if key in self._free]
        pairs = self._pairs(self._gone(trait), gone, self._may_be_of_one_day)
        distinguished = {trait(self._entries[number][1]) for number, _ in pairs}
        most = 2 * len(pairs) > len(self._recent) and 2 * len(pairs) >= len(gone)
        enough = len(pairs) >= min(LEAST_OF_ALL, len(self._recent)) and 2 * len(distinguished) > len(pairs) > 1
        if most and enough and 2 * sum(known_by(number) for number, _ in pairs) > len(pairs):
            self._pair(self._gone(trait), gone, self._may_be_of_one_day)

    def _gone(self, trait: _Trait) -> _Trait:
        """Only where one guid came and one went may another trait make one entry of two."""
        return lambda one: None if self._in_feed[one.base] and self._in_memory[one.base] else trait(one)

    def _alone(self, trait: _Trait) -> _Trait:
        """Let a trait count that no second entry of the feed has, nor a second one of the last reading."""
        gone = self._gone(trait)
        here = Counter(trait(found) for _, found in self._entries)
        before = Counter(trait(self._known[key]) for key in self._recent)
        return lambda one: value if here[value := gone(one)] == 1 and before[value] <= 1 else None

    def _may_carry_its_guid(self, key: str, found: EntryTraits) -> bool:
        """A guid is used again where it was gone, and title, words and day are all others."""
        known = self._known[key]
        agree = bool(
            (known.title and known.title == found.title)
            or (known.words and known.words == found.words)
            or (known.day and known.day == found.day)
        )
        return key in self._recent or agree or (known.title, known.words) == (found.title, found.words)

    def _may_be_of_one_day(self, key: str, found: EntryTraits) -> bool:
        day = self._known[key].day
        return not (day and found.day) or day == found.day

    def _shared(self, found: EntryTraits) -> bool:
        """A guid that several entries carry, or carried, names none of them."""
        return self._shared_now(found) or self._in_memory[found.base] > 1

    def _shared_now(self, found: EntryTraits) -> bool:
        return self._in_feed[found.base] > 1

    def _new_key(self, found: EntryTraits, taken: Collection[str]) -> str:
        """Name an entry nobody has seen: by its guid if it is the only one with it."""
        choices = possible_keys(found)[1 if self._shared(found) else 0 :]
        return next((key for key in choices if key not in taken), choices[-1])


def _digest(*words: str) -> str:
    return sha256("\n".join(words).encode("utf-8", "replace")).hexdigest()[:16]


def _short(text: str) -> str:
    """Return eight digits that name a text beside other traits of its entry, "" for no text."""
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:8] if text else ""
