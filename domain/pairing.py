"""Do a statement that vanished and one that came stand for the same event?

Publishers edit lines after the fact: a count is corrected, a word added, a day put right. Such a line is not a second
event. Yet two true events of one day may read alike (two referrals, two roll calls), and merging those would hide
news; so whatever could tell two events apart keeps them apart: another code, chamber, committee, roll call, number or
name. In doubt they are two: the reader then hears of a new line, and later that the old one is no longer stated.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.facets import Entry, Facet


class Why(StrEnum):
    """Why two entries are taken for one event."""

    REWORDED = "reworded"
    REDATED = "date changed"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Pair:
    """The subject of the entry that gives way, the one that takes its place, and why."""

    old: str
    new: str
    why: Why


_ONCE = frozenset({"introduced", "presented", "signed", "unsigned", "vetoed", "pocket_vetoed", "law"})
"""Deeds that happen to a measure once: two lines of one of them on one day are one event, whatever their words."""

_CITED = re.compile(r"\s*\((?=[^()]*\bCR\b)[^()]*\)\s*$")
_TALLY = re.compile(r"\b\d+\s*[-–]\s*\d+\b(?:\s*[-–,]\s*\d+\b)?")
_WORD = re.compile(r"\w+(?:[.'’/-]\w+)*")
_ALIKE, _ALIKE_ONCE, _ALIKE_ANCHORED = 0.6, 0.4, 0.5
_SPELT = 5
"""The shortest word of which one or two letters may be a slip of the pen."""


def pairs(gone: Facet, come: Facet, recurring: Mapping[str, int]) -> tuple[Pair, ...]:
    """Return which entry of `come` takes the place of which one of `gone`, each at most once, the likest first.

    `recurring` counts, by `words_of`, how many entries say the same on any day: what recurs (a bill "considered by
    Senate" day after day) is never taken for one event with another date.
    """
    found: list[tuple[float, str, str, Why]] = []
    for old, before in gone.items():
        for new, after in come.items():
            why = _why(old, before, new, after, recurring)
            if why is not None:
                found.append((-likeness(before, after), old, new, why))
    return tuple(_greedily(sorted(found)))


def _greedily(found: list[tuple[float, str, str, Why]]) -> Iterator[Pair]:
    taken: set[str] = set()
    for _, old, new, why in found:
        if taken.isdisjoint((f"-{old}", f"+{new}")):
            taken |= {f"-{old}", f"+{new}"}
            yield Pair(old, new, why)


def _why(old: str, before: Entry, new: str, after: Entry, recurring: Mapping[str, int]) -> Why | None:
    if not (before.get("on") and after.get("on") and _may_be_one(before, after)):
        return None
    if before["on"] == after["on"]:
        return Why.REWORDED if _same_words(before, after) else None
    words = words_of(old, before)
    once = recurring.get(words, 0) <= 2  # the old one and the new one
    return Why.REDATED if words == words_of(new, after) and once else None


def words_of(subject: str, entry: Entry) -> str:
    """Name what an entry says, on whichever day: the part of its subject behind the day, else its words."""
    day, _, rest = subject.partition(":")
    if rest and day == entry.get("on"):
        return rest.split(":")[0]
    return _plain(entry)


def _may_be_one(before: Entry, after: Entry) -> bool:
    """Say whether nothing stated of two entries tells them apart for certain."""
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


def likeness(before: Entry, after: Entry) -> float:
    """Return the share of words that two entries have in common, 0 to 1."""
    ours, theirs = _words(before), _words(after)
    total = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / total if total else 0.0


def _same_words(before: Entry, after: Entry) -> bool:
    """Say whether one text is the other one edited."""
    ours, theirs = _words(before), _words(after)
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
    """Leave out words that were only spelt otherwise."""
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
    text = " ".join(str(entry.get("text") or entry.get("label") or "").split())
    while (shorter := _CITED.sub("", text)) != text:
        text = shorter
    return text


def _words(entry: Entry) -> Counter[str]:
    """Count the words of an entry; how many voted how may be corrected, so a tally is one word."""
    return Counter(_WORD.findall(_TALLY.sub(" tally ", _plain(entry))))
