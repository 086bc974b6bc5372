"""What is an entry of a feed: when was it published, where does its link lead, and which of the entries we know is it?

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
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from watchers.plain_text import comparable_text

_EARLIEST = date(1900, 1, 1)
_NONE = frozenset({"1970-01-01"})
"""What programs write that have no date."""

_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?!\d)")
_WORDED_DAY = re.compile(r"(?:[A-Za-z]+\.?,?\s+)?(\d{1,2})[\s-]+([A-Za-z]{3})[a-z]*\.?,?[\s-]+(\d{4}|\d{2})(?!\d)")
_TIME = re.compile(
    r"(?:[Tt]|,?\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*"
    r"(?:(?:UTC|GMT|UT)?\s*([+-])(\d{1,2})(?::?(\d{2}))?|([A-Za-z]{1,5}))?(?:\s*\([^()]{0,40}\))?"
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ZONES: Mapping[str, float] = {
    name: hours
    for hours, names in {
        0: "Z UT UTC GMT WET",
        1: "CET MEZ MET WEST",
        2: "EET CEST MESZ SAST",
        3: "EEST MSK TRT",
        -4: "EDT",
        -5: "EST CDT",
        -6: "CST MDT",
        -7: "MST PDT",
        -8: "PST AKDT",
        -9: "AKST",
        -10: "HST",
        8: "HKT SGT AWST",
        9: "JST KST",
        10: "AEST",
        11: "AEDT",
        12: "NZST",
        13: "NZDT",
    }.items()
    for name in names.split()
}
"""Names of zones that mean one offset, in hours; those of RFC 822 mean what it says. What several countries call their
own time (BST, IST, AST) is not among them."""

_LONGEST_OFFSET = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class PublishedDate:
    """A day as the publisher writes it (`YYYY-MM-DD`), and the instant (aware UTC) where a time with a zone is said."""

    on: str
    at: datetime | None = None


def parse_date(text: object, now: datetime) -> PublishedDate | None:
    """Read a date of RSS (RFC 822) or Atom (RFC 3339); None for what is no date or cannot be one of a publication.

    `now` is aware UTC. Tomorrow's date is possible, because it is tomorrow somewhere; a later one is not, and an
    instant after `now` is left out. So is a time that cannot be read, or that no zone is said of: the day stays.
    """
    if not isinstance(text, str) or len(text) > 100:
        return None
    found = _dated(text.strip())
    if found is None or found.on in _NONE:
        return None
    if not _EARLIEST <= date.fromisoformat(found.on) <= now.date() + timedelta(days=1):
        return None
    return found if found.at is None or found.at <= now else PublishedDate(found.on)


@lru_cache(maxsize=4096)  # a feed that changed says the same of most entries
def _dated(text: str) -> PublishedDate | None:
    if form := _ISO_DAY.match(text):
        day = _day(form[1], form[2], form[3])
    elif form := _WORDED_DAY.match(text):
        day = _day(_year(form[3]), _MONTHS.index(form[2].lower()) + 1, form[1]) if form[2].lower() in _MONTHS else None
    else:
        loose = parsedate(text)
        return PublishedDate(day.isoformat()) if loose and (day := _day(*loose[:3])) else None
    rest = text[form.end() :]
    if day is None or not (not rest or rest[0] in "Tt ,"):
        return None
    time = _TIME.fullmatch(rest)
    return PublishedDate(day.isoformat(), _instant(day, *time.groups()) if time else None)


def _year(written: str) -> int:
    year = int(written)
    return year if len(written) == 4 else year + (1900 if year > 68 else 2000)


def _day(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _instant(
    day: date,
    hour: str,
    minute: str,
    second: str | None,
    sign: str | None,
    hours: str | None,
    minutes: str | None,
    zone: str | None,
) -> datetime | None:
    """Return a time in UTC; None where its zone is not said or not known, or there is no such time."""
    offset = timedelta(hours=_ZONES[zone.upper()]) if zone and zone.upper() in _ZONES else None
    if hours is not None and int(minutes or 0) < 60:
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    if offset is None or abs(offset) > _LONGEST_OFFSET:
        return None
    try:  # 60 is a leap second
        clock = datetime(day.year, day.month, day.day, int(hour), int(minute), min(int(second or 0), 59), tzinfo=UTC)
        return clock - offset
    except (ValueError, OverflowError):
        return None


_LONGEST = 2000
_PASSING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|yclid|_ga|ref_src"
    r"|(?:j|php|asp|aspx)?sess(?:ion)?_?(?:id)?|phpsessid|jsessionid|aspsessionid\w*|sid|cfid|cftoken|sessiontoken"
    r"|(?:access_?|auth_?|csrf_?)?token|nonce|timestamp|ts|rand|random|cache_?(?:buster|bust)?|cb|_",
    re.IGNORECASE,
)
"""Parameters that say who asks and when, not what for."""

_PASSING_FRAGMENT = re.compile(r"(?:xtor|utm_\w+|ref|from)=.*|rss|:~:text=.*", re.IGNORECASE)
_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*", re.IGNORECASE)


def safe_link(link: str | None) -> str | None:
    """Return an absolute http or https address, without what passes; None for anything else, scripts above all."""
    if not link:
        return None
    text = link.strip()
    if not text or len(text) > _LONGEST or "\\" in text or any(c <= " " or c == "\x7f" for c in text):
        return None
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    return urlunsplit(parts._replace(path=_IN_PATH.sub("", parts.path), query=_lasting(parts.query)))


def link_place(link: str) -> str:
    """Return what two addresses of one place have in common: no scheme, no `www.`, no last slash.

    A fragment stays, unless it says only where the reader came from: some pages hold a decree under each.
    """
    parts = urlsplit(link)
    host = parts.netloc.lower().removeprefix("www.")
    return urlunsplit(("", "", f"{host}{parts.path.rstrip('/')}", parts.query, _fragment(parts.fragment)))


def _fragment(written: str) -> str:
    return "" if _PASSING_FRAGMENT.fullmatch(written) else written


def _lasting(query: str) -> str:
    """Drop the parameters that pass; a query without any is left as it was written."""
    if not query:
        return ""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return query
    kept = [pair for pair in pairs if not _PASSING.fullmatch(pair[0])]
    return query if len(kept) == len(pairs) else urlencode(kept)


def page_link(links: Iterable[Mapping[str, Any]]) -> str | None:
    """Return the address that opens as a page for people: of the alternate links the first one of HTML, or of no type
    (RFC 4287, 4.2.7.2: a link without `rel` is an alternate one), else the first of XHTML, else the first at all."""
    ranked = [
        (_MEDIA.get(str(link.get("type") or "text/html").partition(";")[0].strip().lower(), 2), number, link["href"])
        for number, link in enumerate(links)
        if str(link.get("rel") or "alternate").lower() == "alternate" and link.get("href")
    ]
    return str(min(ranked)[2]) if ranked else None


_MEDIA: Mapping[str, int] = {"text/html": 0, "application/xhtml+xml": 1}


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
    states. `stem` is that of a guid without the fragment or time in it, "" where there is none.

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
    if not entry.guid:
        base = _digest("link", link) if link else EntryTraits("", *digests).page
        return EntryTraits(base, *digests, latest=latest)
    address = entry.link if entry.guid == entry.link else safe_link(entry.guid)
    guid = entry.guid if not address else link if address == entry.link else link_place(address)
    stem = _STAMP.sub("", entry.guid, count=1) if "#" in entry.guid or "-" in entry.guid else entry.guid
    short_stem = _short(stem) if stem != entry.guid else ""
    return EntryTraits(_digest("guid", guid), *digests, short_stem, latest=latest)


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
    once, as in a redesign of the site: then their links say nothing new of them."""

    entries: Sequence[tuple[str, FeedEntry, EntryTraits]]
    replaced: frozenset[str] = frozenset()
    relinked: frozenset[str] = frozenset()


def match_entries(entries: Sequence[FeedEntry], known: KnownEntries, recent: Collection[str]) -> MatchedEntries:
    """Find the entries of a feed among the known ones. `recent` holds the keys of the entries that were in the feed
    when it was last read."""
    reported: dict[tuple[str, ...], tuple[FeedEntry, EntryTraits]] = {}
    for entry in entries:
        found = traits_of(entry)
        reported.setdefault((found.base, *found.content), (entry, found))
    return _EntryMatcher(list(reported.values()), known, recent).settle()


LEAST_OF_ALL = 3
"""Entries that must have changed alike for it to be the feed that changed."""

_DISTINCT_WORDS = 5
"""Words of a text that by themselves may tell an entry from all others."""

_Trait = Callable[[EntryTraits], Hashable | None]


class _EntryMatcher:
    """Entries of one feed and known ones, brought together pair by pair, the surest first."""

    def __init__(
        self, entries: Sequence[tuple[FeedEntry, EntryTraits]], known: KnownEntries, recent: Collection[str]
    ) -> None:
        self._entries = entries
        self._known = known
        self._recent = dict.fromkeys(recent)
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
        recent = self._recent
        self._pair(self._alone(lambda one: (one.stem, one.link) if one.stem else None), recent)
        self._pair(self._gone(lambda one: (one.page, one.day)), recent)
        self._pair(self._gone(lambda one: one.page), recent, self._may_be_of_one_day)
        self._pair(self._gone(lambda one: (one.link, one.words, one.day) if one.link and one.words else None), recent)
        self._pair_all_at_once(
            lambda one: (one.title, one.words, one.day) if one.title and (one.words or one.day) else None
        )
        self._pair_all_at_once(lambda one: (one.title, one.words) if one.title and one.words else None)
        self._pair_all_at_once(lambda one: (one.title, one.day) if one.title and one.day else None)
        self._pair_all_at_once(lambda one: one.title if one.words else None)
        distinct = {found.words for entry, found in self._entries if len(entry.text.split()) >= _DISTINCT_WORDS}
        words = self._alone(lambda one: one.words if one.day and one.words in distinct else None)
        self._pair(lambda one: (words(one), one.day) if words(one) else None, recent)

    def _named(self) -> MatchedEntries:
        """Name what nobody has seen, and say what became of guids and links."""
        taken = {*self._known, *self._keys.values()}
        settled = []
        for number, (entry, found) in enumerate(self._entries):
            key = self._keys.get(number) or self._new_key(found, taken)
            taken.add(key)
            settled.append((key, entry, found))
        carried = {found.base for key, _, found in settled if key not in self._known and not self._shared_now(found)}
        replaced = {key for key in self._free if self._known[key].base in carried and key not in self._recent}
        moved = [
            key for key, entry, found in settled if key in self._known and self._known[key].link not in ("", found.link)
        ]
        stayed = sum(key in self._known for key, _, _ in settled) - len(moved)
        all_moved = len(moved) >= LEAST_OF_ALL and len(moved) > stayed
        return MatchedEntries(settled, frozenset(replaced), frozenset(moved if all_moved else ()))

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

    def _pair_all_at_once(self, trait: _Trait) -> None:
        """Pair by what alone would not be enough, where most of the feed has lost its guids and links and agrees."""
        gone = [key for key in self._recent if key in self._free]
        pairs = self._pairs(self._gone(trait), gone, self._may_be_of_one_day)
        distinguished = {trait(self._entries[number][1]) for number, _ in pairs}
        most = 2 * len(pairs) > len(self._recent) and 2 * len(pairs) >= len(gone)
        if most and len(pairs) >= min(LEAST_OF_ALL, len(self._recent)) and 2 * len(distinguished) > len(pairs) > 1:
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
