"""What is a message, once it is in words and not yet laid out?

Every string is one clean line (see `sanitize`), so that no channel has to think of hostile text again, only of its own
syntax.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.coded_text import CodedText, is_coded
from domain.documents import DocumentId
from domain.records.facets import FOR_OPERATOR, Kind
from domain.records.record import Change
from notifications.sanitize import one_line, safe_link
from notifications.translation import Language, days_late, status_label, zone_of
from notifications.wording import change_text, value_of

_LONGEST_VALUE, _QUOTE, _NAME = 400, 1500, 80
_LONG_TITLE = 160
_LATE = 4
"""Days after which news is called late: a long weekend is not."""

_MOST_LINES, _LONGEST_LINE = 10, 240
"""Lines of a difference that are shown, and the characters of each: what `text_difference` writes, and room."""

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
    when the source published it, when we saw it, and which source it was. A `brief` one is its headline and day alone.
    """

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
    brief: bool = False

    @property
    def dated(self) -> str:
        """The headline with its day; some say it themselves, and that of a correction has days of its own."""
        if not self.happened or self.kind == "correction" or self.happened in self.headline:
            return self.headline
        return f"{self.headline.removesuffix('.')}, {self.happened}"


@dataclass(frozen=True, slots=True)
class AheadLine:
    """One thing to come: when, of which document, what."""

    when: str
    label: str
    what: str


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """One document of a report on all that is followed. `cells` are those of the attached table, by column."""

    name: str
    link: str | None
    standing: str
    title: str | None
    more: str | None
    changed: bool
    cells: Mapping[str, Any]


COLUMNS = (
    *("document", "title", "label", "status_on", "next_on", "priority", "position", "owner", "tags", "note"),
    *("news_on", "changed", "url"),
)
"""Columns of the table that goes with a report."""


def portfolio_rows_of(changes: Iterable[Change], language: Language) -> tuple[PortfolioRow, ...]:
    """Return the rows that a report carries as data; none where no change is one."""
    tables = (CodedText.from_json(c.text or "") for c in changes if c.kind is Kind.RECEIPT and is_coded(c.text))
    found = next((table for table in tables if table.code == "portfolio.table"), None)
    return tuple(_portfolio_row(row, language) for row in json.loads(str(found.get("rows")))) if found else ()


def _portfolio_row(row: Mapping[str, Any], language: Language) -> PortfolioRow:
    document = DocumentId.parse(row["id"])
    of_watch = document.is_feed or row["kind"] in ("search", "page")
    name = one_line(row["watch"] if of_watch else language.name(document), _NAME)
    label = one_line(status_label(row["status"], document, language), _NAME) if row["status"] else ""
    label = language.say(row["office"]) if row.get("office") else label
    label = language.say("portfolio.lapsed", status=label) if label and row.get("stage") == "lapsed" else label
    ahead = language.say("portfolio.next", day=language.stated(row["next_on"])) if row["next_on"] else None
    title = one_line(language.text(row["title"] or "", "title"), _LONGEST_VALUE) or None
    owner = f"{language.say('column.owner')}: {row['owner']}" if row["owner"] else None
    changed = language.say("portfolio.changed") if row["changed"] else ""
    standing = _standing(row, label, language)
    label = standing if row["kind"] in _OF_WATCHES else label
    cells = {**row, "document": name, "label": label, "title": title, "changed": changed}
    return PortfolioRow(
        name=name,
        link=safe_link(row["url"]),
        standing=standing,
        title=title,
        more=one_line(" · ".join(filter(None, (ahead, owner, row["note"]))), _LONGEST_VALUE) or None,
        changed=row["changed"],
        cells=cells,
    )


_OF_WATCHES = {"search": "portfolio.search", "feed": "portfolio.feed", "page": "portfolio.page"}


def _standing(row: Mapping[str, Any], label: str, language: Language) -> str:
    """Say where a row stands: what a search found; to when a term runs, and to when it is renewed; else since when."""
    if code := _OF_WATCHES.get(row["kind"]):
        return language.say(code, n=row.get("found") or 0)
    if ends := language.stated(row.get("ends_on")):
        said = language.say("portfolio.until", status=label, day=ends)
        renewed = language.stated(row.get("renewed_to"))
        return language.say("portfolio.renewed", standing=said, day=renewed) if renewed else said
    since = language.stated(row["status_on"]) if row["status"] else None
    return language.say("since", status=label, day=since) if since else label


@dataclass(frozen=True, slots=True)
class Message:
    """A message in words. `news` holds the changes shown, most important first; `more` counts those that are not.
    `lead` is the weightiest, of several actions the last: it stands first in a message about one document.

    A message about several documents has a message for each in `parts`, what matters most first, each with its `place`
    to link to; `period` says of a digest which days it is about and how much is in it, `ahead` what is to come.
    `counted_only` holds the keys of the changes that have no line. `sponsor` and `introduced` are said of what is new.
    `portfolio` is the table of a report, `brief` says the most important change of a regime in a few words.
    """

    subject: str
    label: str
    document: str
    title: str | None
    link: str | None
    news: tuple[RenderedChange, ...]
    more: int
    kinds: tuple[str, ...]
    current_status: str | None
    meaning: str | None
    next_step: str | None
    note: str | None
    reason: str
    alerts: tuple[str, ...]
    delivery: str
    evidence: tuple[str, ...]
    language: Language
    parts: tuple[Message, ...] = ()
    counted_only: tuple[str, ...] = ()
    lead: RenderedChange | None = None
    place: str = ""
    period: str | None = None
    ahead: tuple[AheadLine, ...] = ()
    sponsor: str | None = None
    introduced: str | None = None
    is_digest: bool = False
    portfolio: tuple[PortfolioRow, ...] = ()
    brief: str | None = None

    @property
    def summary(self) -> str:
        """The subject without the tag in brackets."""
        return self.subject.removeprefix(f"[{self.label}] ")

    @property
    def headline(self) -> str:
        """What the most important change says."""
        return self.lead.headline if self.lead else self.language.say("nothing_new")

    @property
    def heading_of_more(self) -> str:
        """What stands above the news after the first."""
        return self.language.say("each_watch" if self.kinds == (Kind.RECEIPT,) else "also_new")

    @property
    def proof(self) -> str:
        """The command that proves the message from the archived bytes."""
        return f"lexwatch verify {self.delivery}"

    @property
    def has_overview(self) -> bool:
        """Whether it begins with a line for each document."""
        return self.is_digest and len(self.parts) > 1

    @property
    def detailed(self) -> tuple[Message, ...]:
        """The documents of which there is more to read than their line in the overview; without one, all."""
        return tuple(part for part in self.parts if part.has_details or not self.has_overview)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What is said of the document beside its news: pairs of a name and a value."""
        known = (
            ("sponsor_label", self.sponsor),
            ("introduced_label", self.introduced),
            ("current_status", self.current_status),
            ("meaning", self.meaning),
            ("next", self.next_step),
        )
        return tuple((self.language.say(name), value) for name, value in known if value)

    @property
    def overview_line(self) -> str:
        """The most important change with its day, and how many more there are of this document."""
        others = len(self.news) - 1 + self.more
        first = self.in_brief
        return f"{first} ({self.language.say('more_in_subject', n=others)})" if others > 0 else first

    @property
    def in_brief(self) -> str:
        """The most important change with its day; of a term no more than the act and its end, of what is new also where
        it stands."""
        if self.lead is None or not self.brief:
            said = self.lead.dated if self.lead else self.headline
            is_new = self.lead is not None and self.lead.kind == Kind.APPEARED
            return f"{said.removesuffix('.')}; {self.current_status}" if is_new and self.current_status else said
        return f"{self.brief}, {self.lead.happened}" if self.lead.happened else self.brief

    @property
    def title_beside(self) -> str | None:
        """The title, where the line in the overview does not say it already; a long one is cut, for a telephone."""
        title = self.title or ""
        is_said = title.removesuffix(".") in self.overview_line
        return None if is_said else one_line(title, _LONG_TITLE)

    @property
    def has_details(self) -> bool:
        """Whether there is more to read of this document than its line in the overview."""
        return len(self.news) > 1 or any(not change.brief for change in self.news)


def render_change(
    change: Change,
    line: str,
    zone: str,
    language: Language,
    reported_at: datetime | None,
    *,
    brief: bool = False,
    source: str | None = None,
) -> RenderedChange:
    """Say one change; `line` is its headline. `reported_at` is when what a correction corrects was queued, `source`
    what people call the source where the record's name for it is none."""
    published = language.instant(change.published_at, zone) if change.published_at else None
    seen = language.instant(change.seen_at, zone)
    source = one_line(source or language.text(change.source, "source"), _NAME)
    ours = change.kind is Kind.REMINDER or change.kind in FOR_OPERATOR
    stamps = (
        language.say("published", moment=published) if published else None,
        seen if ours else language.say("seen", moment=seen),
        None if ours else source,
    )
    lines = () if brief else _lines(change, language)
    return RenderedChange(
        kind=str(change.kind),
        headline=line,
        happened=language.stated(change.happened_on),
        published=published,
        seen=seen,
        source=source,
        quote=None if lines or brief else _quote(change, line, language),
        late=None if brief else _late(change, zone, language),
        when=" · ".join(filter(None, stamps)),
        remark=None if brief else _remark(change, line, zone, language, reported_at),
        lines=lines,
        brief=brief,
    )


def _quote(change: Change, line: str, language: Language) -> str | None:
    if change.kind is Kind.REMINDER or change.kind in FOR_OPERATOR:
        return None
    quote = one_line(change_text(change, language), _QUOTE)
    return quote if quote and quote not in line else None


def _remark(change: Change, line: str, zone: str, language: Language, reported_at: datetime | None) -> str | None:
    """Return what we ourselves say beside the headline: why a reminder is due, or what was said wrongly, and when."""
    if change.kind is Kind.CORRECTION:
        return _correction(change, zone, language, reported_at)
    if change.kind is not Kind.REMINDER and change.kind not in FOR_OPERATOR:
        return None
    remark = one_line(language.render(change.text), _QUOTE) if change.text else None
    return remark if remark and remark not in line else None


def _correction(change: Change, zone: str, language: Language, reported_at: datetime | None) -> str | None:
    if not (change.before and change.after):
        return None
    values = (value_of(change, value, _LONGEST_VALUE, language) for value in (change.before, change.after))
    before, after = (value.removesuffix(".") for value in values)
    if reported_at is None:
        return language.say("corrected", before=before, after=after)
    day = language.day(reported_at.astimezone(zone_of(zone)).date())
    return language.say("corrected_on", day=day, before=before, after=after)


def _lines(change: Change, language: Language) -> tuple[DiffLine, ...]:
    """Return what differs, line by line, where the words of a change say that."""
    text = (change_text(change, language) or "")[: 4 * _QUOTE] if change.kind in _WITH_LINES else ""
    if not _MARKED.search(text):
        return ()
    written = (one_line(line, _LONGEST_LINE) for line in text.split("\n")[:_MOST_LINES])
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
    """Say that news is old; a correction is about what was said before, and always is."""
    days = days_late(change.happened_on, change.seen_at, zone)
    if days is None or days < _LATE or change.kind is Kind.CORRECTION:
        return None
    return language.say("late", n=days)
