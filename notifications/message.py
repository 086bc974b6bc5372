"""What is a message, once it is in words and not yet laid out?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from domain.records.facets import FOR_OPERATOR, Kind
from domain.records.record import Change
from notifications.dates import days_late, instant, stated, zone_of
from notifications.headline import OUR_KINDS, value_of
from notifications.languages import Language
from notifications.sanitize import one_line

_LONGEST_VALUE, _QUOTE, _NAME = 400, 1500, 80
_LATE = 4
"""Days after which news is called late: a long weekend is not."""

_MOST_LINES, _LONGEST_LINE = 10, 240
"""Lines of a difference that are shown, and the characters of each: what `domain.records.text_difference` writes,
and room."""

_MARKED = re.compile(r"\[([-+]) ([^\[\]]*)\]")
_WITH_LINES = frozenset({Kind.TEXT, Kind.SUMMARY})


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line that says what differs. `pieces` are pairs of a mark and words: `-` what went, `+` what came, `` what
    stands on both sides."""

    pieces: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        """Return the line as plain text, what went and came in brackets."""
        return "".join(f"[{mark} {words}]" if mark else words for mark, words in self.pieces)


@dataclass(frozen=True, slots=True)
class RenderedChange:
    """One change in words. `quote` is the official sentence where the headline does not carry it already, `remark` a
    sentence of ours, `lines` what differs between two texts; `late` says that the news is old. `when` says on one line
    when the source published it, when we saw it, and which source it was."""

    kind: str
    headline: str
    happened: str | None
    published: str | None
    seen: str
    source: str
    quote: str | None
    late: str | None
    when: str
    remark: str | None = None
    lines: tuple[DiffLine, ...] = ()

    @property
    def dated(self) -> str:
        """The headline with its day."""
        return f"{self.headline}, {self.happened}" if self.happened else self.headline


def render_change(change: Change, line: str, zone: str, language: Language, told_at: datetime | None) -> RenderedChange:
    """Say one change; `line` is its headline. `told_at` is when what a correction puts right was told."""
    published = instant(change.published_at, zone, language) if change.published_at else None
    seen, source = instant(change.seen_at, zone, language), one_line(change.source, _NAME)
    stamps = (
        language.say("published", moment=published) if published else None,
        language.say("seen", moment=seen),
        source,
    )
    lines = _lines(change)
    return RenderedChange(
        kind=str(change.kind),
        headline=line,
        happened=stated(change.happened_on, language),
        published=published,
        seen=seen,
        source=source,
        quote=None if lines else _quote(change, line),
        late=_late(change, zone, language),
        when=" · ".join(filter(None, stamps)),
        remark=_remark(change, line, zone, language, told_at),
        lines=lines,
    )


def _quote(change: Change, line: str) -> str | None:
    if change.kind is Kind.REMINDER or change.kind in FOR_OPERATOR:
        return None
    quote = one_line(change.text, _QUOTE)
    return quote if quote and quote not in line else None


def _remark(change: Change, line: str, zone: str, language: Language, told_at: datetime | None) -> str | None:
    """Return what we ourselves say beside the headline: why a reminder is due, or what was told wrongly, and when."""
    if change.kind is Kind.CORRECTION:
        return _correction(change, zone, language, told_at)
    if change.kind not in OUR_KINDS or change.kind is Kind.TERM or not change.text:
        return None
    remark = one_line(language.retold(one_line(change.text, _QUOTE)), _QUOTE)
    return remark if remark not in line else None


def _correction(change: Change, zone: str, language: Language, told_at: datetime | None) -> str | None:
    if not (change.before and change.after):
        return None
    before, after = (value_of(change, v, _LONGEST_VALUE, language).rstrip(".") for v in (change.before, change.after))
    if told_at is None:
        return language.say("corrected", before=before, after=after)
    day = language.day(told_at.astimezone(zone_of(zone)).date())
    return language.say("corrected_on", day=day, before=before, after=after)


def _lines(change: Change) -> tuple[DiffLine, ...]:
    """Return what differs, line by line, where the words of a change say that."""
    if change.kind not in _WITH_LINES or not _MARKED.search((change.text or "")[: 4 * _QUOTE]):
        return ()
    written = (one_line(line, _LONGEST_LINE) for line in (change.text or "")[: 4 * _QUOTE].split("\n")[:_MOST_LINES])
    return tuple(DiffLine(tuple(_pieces(line))) for line in written if line)


def _pieces(line: str) -> list[tuple[str, str]]:
    pieces: list[tuple[str, str]] = []
    end = 0
    for found in _MARKED.finditer(line):
        pieces += [("", line[end : found.start()])] if found.start() > end else []
        pieces.append((found[1], found[2]))
        end = found.end()
    return [*pieces, ("", line[end:])] if end < len(line) else pieces


def _late(change: Change, zone: str, language: Language) -> str | None:
    """Say that news is old; a correction is about what was told before, and always is."""
    days = days_late(change.happened_on, change.seen_at, zone)
    if days is None or days < _LATE or change.kind is Kind.CORRECTION:
        return None
    return language.say("late", days=language.counted(days, "day"))


@dataclass(frozen=True, slots=True)
class Message:
    """A message in words. `news` holds the changes, most important first; `more` counts those not listed.

    A message about several documents has a letter for each in `parts`, and `news` holds all of theirs. `language` is
    the one it is written in, whose `words` name its parts.
    """

    subject: str
    label: str
    document: str
    title: str | None
    link: str | None
    news: tuple[RenderedChange, ...]
    more: int
    kinds: tuple[str, ...]
    standing: str | None
    meaning: str | None
    next_step: str | None
    note: str | None
    reason: str
    alerts: tuple[str, ...]
    delivery: str
    evidence: tuple[str, ...]
    language: Language
    parts: tuple[Message, ...] = ()

    @property
    def summary(self) -> str:
        """The subject without the tag in brackets."""
        return self.subject.removeprefix(f"[{self.label}] ")

    @property
    def headline(self) -> str:
        """What the most important change says."""
        return self.news[0].headline if self.news else self.language.say("nothing_new")
