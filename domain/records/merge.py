"""What stands of a facet once a source has spoken again, and which entry took the place of which?

An entry of a kept facet survives its absence (rule 5). In a facet that its source lists as a whole, absence is noted in
the entry itself, so that an unchanged statement finds an unchanged record:

- `superseded_by`: the subject of the entry that took its place; it no longer counts for anything but history.
- `missing_since`: when a complete statement first lacked it (ISO 8601, UTC). It stands as before.
- `withdrawn`: true once it was reported to be missing.

Nothing is ever deleted. What is stated again loses its marks.

Publishers edit lines after the fact: a count is corrected, a word added, a day corrected. Such a line is not a second
event. Yet two true events of one day may read alike (two referrals, two roll calls), and merging those would hide
news; so whatever could distinguish two events keeps them apart: another code, chamber, committee, roll call, number or
name. In doubt they are two: the reader then gets a new line, and later that the old one is no longer stated."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.records.facets import Entry, Facet, rule_of
from domain.text import without_citations


class PairReason(StrEnum):
    """Why two entries are taken for one event."""

    REWORDED = "reworded"
    REDATED = "redated"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Pair:
    """The subject of the entry that is replaced, the one that takes its place, and why."""

    old: str
    new: str
    why: PairReason


_ONCE = frozenset({"introduced", "presented", "signed", "unsigned", "vetoed", "pocket_vetoed", "law"})
"""Deeds that happen to a measure once: two lines of one of them on one day are one event, whatever their words."""

_TALLY = re.compile(r"\b\d+\s*[-–]\s*\d+\b(?:\s*[-–,]\s*\d+\b)?")
_WORD = re.compile(r"\w+(?:[.'’/-]\w+)*")
_ALIKE, _ALIKE_ONCE, _ALIKE_ANCHORED = 0.6, 0.4, 0.5
_FEW, _CANDIDATES = 50, 8
"""So many entries, and words of two texts, are compared each with each; of more entries, for each some that share its
rare words."""

_SPELT = 5
"""The shortest word of which one or two letters may be a slip of the pen."""


def pairs(gone: Facet, come: Facet, recurring: Mapping[str, int]) -> tuple[Pair, ...]:
    """Return which entry of `come` takes the place of which one of `gone`, each at most once, the likest first.

    `recurring` counts, by `words_of`, how many entries say the same on any day: what recurs (a bill "considered by
    a chamber" day after day) is never taken for one event with another date.
    """
    found: list[tuple[float, str, str, PairReason]] = []
    counted = _WordCounts(come)
    for old, before in gone.items():
        for new in _candidates(old, before, come, counted):
            why = _why(old, before, new, come[new], recurring, counted)
            if why is not None:
                found.append((-counted.likeness(before, come[new]), old, new, why))
    return tuple(_greedily(sorted(found)))


def _candidates(old: str, before: Entry, come: Facet, counted: _WordCounts) -> Iterable[str]:
    """Return the entries that may have taken the place of one: all of a few; of many those of its day that share its
    rarest words, and those that say the same on another day."""
    if len(come) <= _FEW:
        return come
    alike = counted.sharing_rare_words(before)
    return dict.fromkeys((*alike, *counted.saying.get(words_of(old, before), ())[:_CANDIDATES]))


class _WordCounts:
    """The words of entries, counted once for each, and where they stand in those that came: comparing many entries
    with many would cost their product. `saying` maps what is said, on whichever day, to the entries that say it."""

    def __init__(self, come: Facet) -> None:
        self._words: dict[int, Counter[str]] = {}
        self._places: dict[tuple[str, Any], list[str]] = {}
        self.saying: dict[str, list[str]] = {}
        if len(come) > _FEW:
            for subject, entry in come.items():
                self.saying.setdefault(words_of(subject, entry), []).append(subject)
                for word in self.of(entry):
                    self._places.setdefault((word, entry.get("on")), []).append(subject)

    def of(self, entry: Entry) -> Counter[str]:
        """Return the words of an entry; how many voted how may be corrected, so a tally is one word."""
        known = self._words.get(id(entry))
        if known is None:
            known = self._words[id(entry)] = Counter(_WORD.findall(_TALLY.sub(" tally ", _plain(entry))))
        return known

    def likeness(self, before: Entry, after: Entry) -> float:
        """Return the share of words that two entries have in common, 0 to 1."""
        ours, theirs = self.of(before), self.of(after)
        total = ours.total() + theirs.total()
        return 2 * (ours & theirs).total() / total if total else 0.0

    def sharing_rare_words(self, entry: Entry) -> Sequence[str]:
        """Return the entries of the same day that share the words of this one which stand in the fewest of them."""
        on = entry.get("on")
        placed = sorted((len(places), word) for word in self.of(entry) if (places := self._places.get((word, on))))
        rare = [word for number, word in placed if number <= _FEW] or [word for _, word in placed[:1]]
        shared = Counter(subject for word in rare for subject in self._places[word, on][:_FEW])
        return [subject for subject, _ in shared.most_common(_CANDIDATES)]


def _greedily(found: list[tuple[float, str, str, PairReason]]) -> Iterator[Pair]:
    taken: set[str] = set()
    for _, old, new, why in found:
        if taken.isdisjoint((f"-{old}", f"+{new}")):
            taken |= {f"-{old}", f"+{new}"}
            yield Pair(old, new, why)


def _why(
    old: str, before: Entry, new: str, after: Entry, recurring: Mapping[str, int], counted: _WordCounts
) -> PairReason | None:
    if not (before.get("on") and after.get("on") and _may_be_one(before, after)):
        return None
    if before["on"] == after["on"]:
        return PairReason.REWORDED if _same_words(before, after, counted) else None
    words = words_of(old, before)
    once = recurring.get(words, 0) <= 2  # the old one and the new one
    return PairReason.REDATED if words == words_of(new, after) and once else None


def words_of(subject: str, entry: Entry) -> str:
    """Name what an entry says, on whichever day: the part of its subject behind the day, else its words."""
    day, _, rest = subject.partition(":")
    if rest and day == entry.get("on"):
        return rest.split(":")[0]
    return _plain(entry)


def _may_be_one(before: Entry, after: Entry) -> bool:
    """Say whether nothing stated of two entries keeps them apart for certain."""
    if _deed(before) != _deed(after) or not _codes(before) & _codes(after):
        return False
    if any(_both_differ(before.get(member), after.get(member)) for member in ("chamber", "roll")):
        return False
    if _both_differ(before.get("time"), after.get("time")) and not _happens_once(before):
        return False
    return not (_disjoint(before, after, "committees") or _disjoint(before, after, "votes"))


def _deed(entry: Entry) -> tuple[str, ...]:
    """What a line does to the measure, and in which chamber; how it was amended on the way is a remark."""
    return tuple(str(entry.get("step") or "").split(":")[:2])


def _happens_once(entry: Entry) -> bool:
    return _deed(entry)[0] in _ONCE


def _codes(entry: Entry) -> frozenset[object]:
    return frozenset(entry.get("codes") or (entry.get("code"),))


def _both_differ(before: object, after: object) -> bool:
    return before is not None and after is not None and before != after


def _disjoint(before: Entry, after: Entry, member: str) -> bool:
    ours, theirs = before.get(member), after.get(member)
    return bool(ours and theirs) and frozenset(ours or ()).isdisjoint(theirs or ())


def _anchored(before: Entry, after: Entry) -> bool:
    """Say whether a committee, a roll call or a time of day ties two entries together."""
    shared = any(frozenset(before.get(m) or ()) & frozenset(after.get(m) or ()) for m in ("committees", "votes"))
    return shared or bool(before.get("time") and before.get("time") == after.get("time"))


def _same_words(before: Entry, after: Entry, counted: _WordCounts) -> bool:
    """Say whether one text is the other one edited."""
    ours, theirs = counted.of(before), counted.of(after)
    lost, won = _without_slips(ours - theirs, theirs - ours)
    alike = 1 - (lost.total() + won.total()) / ((ours.total() + theirs.total()) or 1)
    if _happens_once(before):
        return alike >= _ALIKE_ONCE
    if any(map(_has_digit, lost)) and any(map(_has_digit, won)):
        return False  # another roll call, amendment or report
    if _anchored(before, after):
        return alike >= _ALIKE_ANCHORED
    first = {next(iter(words), "") for words in (ours, theirs)}
    named = [any(word[:1].isupper() and word not in first for word in words) for words in (lost, won)]
    return alike >= _ALIKE and not all(named)


def _without_slips(lost: Counter[str], won: Counter[str]) -> tuple[Counter[str], Counter[str]]:
    """Leave out words that were only spelt otherwise, where there are few."""
    if len(lost) * len(won) > _FEW * _FEW:
        return lost, won
    left, right = Counter(lost), Counter(won)
    for word in lost:
        other = next((o for o in won if right[o] and left[word] and _is_slip(word, o)), None)
        if other is not None:
            left[word] -= 1
            right[other] -= 1
    return +left, +right


def _is_slip(word: str, other: str) -> bool:
    """Say whether two words differ in letters of which one was added, left out, changed, or swapped with the next."""
    one, two = sorted((word.lower(), other.lower()), key=len)
    if len(one) < _SPELT or _has_digit(one) or _has_digit(two) or len(two) - len(one) > 1:
        return False
    at = next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), len(one))
    rests = (one[at:], two[at + 1 :]), (one[at + 1 :], two[at + 1 :]), (one[at + 2 :], two[at + 2 :])
    swapped = one[at : at + 2] == two[at : at + 2][::-1]
    if len(one) != len(two):
        return rests[0][0] == rests[0][1]
    return rests[1][0] == rests[1][1] or (swapped and rests[2][0] == rests[2][1])


def _has_digit(word: str) -> bool:
    return any(sign.isdigit() for sign in word)


def _plain(entry: Entry) -> str:
    return without_citations(" ".join(str(entry.get("text") or entry.get("label") or "").split()))


MISSING_FOR = timedelta(hours=24)
"""How long a line must be missing before anybody is notified: lines vanish and come back (usgpo/bill-status #62,
#237)."""

RETRACTED_AFTER = timedelta(hours=72)
"""The same for a step of the procedure and the roll call it was taken by, on which no status rests any more then: what
a faulty load lost on a Friday evening, the publisher's staff, who load every night, have put back by Monday evening."""

SUPERSEDED, MISSING, WITHDRAWN = "superseded_by", "missing_since", "withdrawn"


@dataclass(frozen=True, slots=True)
class Merged:
    """A facet as it stands. `pairs` are the entries that took the place of others, `withdrawn` those that have been
    missing for good, `returned` those that were reported to be missing and are stated again."""

    facet: Facet
    pairs: tuple[Pair, ...] = ()
    withdrawn: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()


def merge(name: str, known: Facet | None, stated: Facet, *, whole: bool, now: datetime) -> Merged:
    """Lay a statement on a facet. `whole` says that the source whose statement stands lists the facet again."""
    rule = rule_of(name)
    if known is None or not rule.keeps:
        return Merged(dict(stated))
    if rule.needs:
        kept = {
            s: known[s][rule.needs] for s, e in stated.items() if not rule.is_there(e) and rule.is_there(known.get(s))
        }
        stated = {s: {**e, rule.needs: kept[s]} if s in kept else e for s, e in stated.items()}
    if not (rule.enumerated and whole):
        return Merged({**known, **_marked(known, stated)})
    if not stated:
        return Merged(known)  # emptiness is an error, not a statement (rule 4)
    gone = {s: e for s, e in known.items() if s not in stated and SUPERSEDED not in e}
    found = _paired(known, stated, gone)
    facet = {**known, **_marked(known, stated)}
    for pair in found:
        facet[pair.old] = {**_unmarked(facet[pair.old]), SUPERSEDED: pair.new}
        facet[pair.new] = _unmarked(facet[pair.new])
    settled = {pair.old for pair in found}
    missing = {s: _missed(e, now) for s, e in gone.items() if s not in settled}
    facet |= missing
    return Merged(
        facet=facet,
        pairs=found,
        withdrawn=tuple(s for s, e in missing.items() if WITHDRAWN in e and WITHDRAWN not in known[s]),
        returned=tuple(s for s in stated if WITHDRAWN in known.get(s, {}) and SUPERSEDED not in facet[s]),
    )


def without_superseded(facets: Mapping[str, Facet]) -> Mapping[str, Facet]:
    """Return the facets without what was replaced by something else: what a standing is derived from."""
    if not any(SUPERSEDED in entry for facet in facets.values() for entry in facet.values()):
        return facets
    return {name: {s: e for s, e in facet.items() if SUPERSEDED not in e} for name, facet in facets.items()}


def predecessors(facet: Facet) -> Mapping[str, Sequence[str]]:
    """Map each entry to those that it replaced."""
    found: dict[str, list[str]] = {}
    for subject, entry in facet.items():
        if SUPERSEDED in entry:
            found.setdefault(str(entry[SUPERSEDED]), []).append(subject)
    return found


def lineage(earlier: Mapping[str, Sequence[str]], subject: str) -> frozenset[str]:
    """Return the subjects of all entries that this one replaced, one after the other, and its own; `earlier` is what
    `predecessors` found."""
    found, left = {subject}, [subject]
    while left:
        more = [one for one in earlier.get(left.pop(), ()) if one not in found]
        found.update(more)
        left += more
    return frozenset(found)


def _paired(known: Facet, stated: Facet, gone: Facet) -> tuple[Pair, ...]:
    """Find what took the place of what: first what came back in the place of its own successor."""
    restored = [
        Pair(head, s, PairReason.RESTORED)
        for s in stated
        for head in [_head(known, s)]
        if head is not None and head != s and head in gone
    ]
    first = {pair.old: pair for pair in restored}
    come = {s: e for s, e in stated.items() if s not in known}
    if not come:
        return tuple(first.values())
    leaving = {**{s: e for s, e in gone.items() if s not in first}, **_halved(known, stated)}
    recurring = Counter(words_of(s, e) for s, e in {**known, **stated}.items() if SUPERSEDED not in e)
    return (*first.values(), *pairs(leaving, come, recurring))


def _halved(known: Facet, stated: Facet) -> Facet:
    """Return the entries that are reported by fewer codes than before: one of the lines that reported them was edited,
    and its echo will follow. Only what those codes reported can have gone elsewhere."""
    halved: dict[str, Entry] = {}
    for subject, entry in stated.items():
        before = known.get(subject)
        if before is None or SUPERSEDED in before:
            continue
        lost = sorted(set(before.get("codes") or ()) - set(entry.get("codes") or ()))
        if lost and entry.get("codes"):
            halved[subject] = {**before, "codes": lost}
    return halved


def _head(facet: Facet, subject: str) -> str | None:
    """Return the entry that stands in the place of this one, itself if it stands; None for one never seen."""
    seen: set[str] = set()
    while subject in facet and subject not in seen:
        seen.add(subject)
        after = facet[subject].get(SUPERSEDED)
        if after is None:
            return subject
        subject = str(after)
    return None


def _marked(known: Facet, stated: Facet) -> Facet:
    """What was replaced stays so while what took its place is there, even if both are stated: the echo comes late."""
    return {
        s: {**e, SUPERSEDED: known[s][SUPERSEDED]} if SUPERSEDED in known.get(s, {}) else e for s, e in stated.items()
    }


def _unmarked(entry: Entry) -> Entry:
    return {name: value for name, value in entry.items() if name not in (SUPERSEDED, MISSING, WITHDRAWN)}


def _missed(entry: Entry, now: datetime) -> Entry:
    since = entry.get(MISSING)
    if since is None:
        return {**entry, MISSING: now.isoformat()}
    patience = RETRACTED_AFTER if entry.get("step") or entry.get("roll") else MISSING_FOR
    if WITHDRAWN not in entry and now - datetime.fromisoformat(since) >= patience:
        return {**entry, WITHDRAWN: True}
    return entry
