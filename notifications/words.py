"""What does a message say?

A notice becomes a letter: the same words for every channel, which only lays them out. Every string of a letter is
one clean line (see `clean`), so that no channel has to think of hostile text again, only of its own syntax.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.changes import Change
from domain.facets import Kind, short_digest
from domain.identity import DocumentId, label, operational
from domain.ladder import meaning, next_step, sentence
from domain.ports import Notice
from domain.schedule import Health
from domain.stages import law_in
from notifications.batches import gathered
from notifications.clean import one_line, safe_link
from notifications.dates import days_late, instant, stated
from notifications.phrases import climbed_from, headline, order

SUBJECT = 200
"""Characters of the longest subject: what mail clients and Slack's header can still show."""

MOST = 60
"""Changes listed in one message; the rest are counted and named in `lexwatch history`."""

_IN_SUBJECT, _IN_LINE, _QUOTE = 80, 400, 1500
_LATE = 4
"""Days after which news is called late: a long weekend is not."""

_ADVICE: Mapping[str, str] = {
    Health.OK: "The source is being read again. What it published meanwhile is told now; nothing is lost.",
    Health.UNAVAILABLE: "lexwatch asks again by itself. Until then the last good status stands.",
    Health.REFUSED: "A person has to act: check the key and the address of this source in the configuration.",
    Health.BLOCKED: "A challenge page stands in front of the source. lexwatch asks again by itself; if this lasts, "
    "write to the publisher.",
    Health.CHANGED: "The source answers in a shape lexwatch does not know. Until its reader is mended the last good "
    "status stands.",
    Health.LATE: "The source has not been read for longer than its rhythm allows. The last good status stands.",
    Health.QUIET: "The source answers, but has published nothing for unusually long.",
    "dead": "Nothing more will be tried for that message. `lexwatch alerts --state dead` lists what was given up.",
}
"""What an operator should know or do, by the state reached."""


@dataclass(frozen=True, slots=True)
class Told:
    """One change in words. `quote` is the official sentence where the headline does not carry it already; `late`
    says that the news is old."""

    kind: str
    headline: str
    happened: str | None
    published: str | None
    seen: str
    source: str
    quote: str | None
    late: str | None

    @property
    def when(self) -> str:
        """When the source published it, when we saw it, and which source it was, on one line."""
        stamps = (f"published {self.published}" if self.published else None, f"seen {self.seen}", self.source)
        return " · ".join(filter(None, stamps))


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in words. `news` holds the changes, most important first; `more` counts those not listed."""

    subject: str
    label: str
    document: str
    title: str | None
    link: str | None
    news: tuple[Told, ...]
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

    @property
    def headline(self) -> str:
        return self.news[0].headline if self.news else "Nothing new"


def compose(notice: Notice) -> Letter:
    """Say in words what a notice holds."""
    if notice.parts:
        from notifications import digest  # it is made of letters

        return digest.compose(notice, compose)
    changes = gathered(order(notice.changes))
    ours = notice.document.is_operational
    status = None if ours else notice.status
    known = one_line(notice.title, _IN_LINE) or None
    return Letter(
        subject=_subject(notice, changes),
        label=_tag(notice.document),
        document=one_line(str(notice.document), _IN_LINE),
        title=known,
        link=safe_link(notice.url),
        news=tuple(_told(c, changes, notice) for c in changes[:MOST]),
        more=max(0, len(changes) - MOST),
        kinds=tuple(dict.fromkeys(str(c.kind) for c in (*changes, *notice.changes))),
        standing=_standing(status, notice.status_on),
        meaning=_advice(changes) if ours else one_line(meaning(status), _IN_LINE) or None if status else None,
        next_step=one_line(next_step(status, notice.document, _law(changes)), _IN_LINE) or None if status else None,
        note=one_line(notice.note, _IN_LINE) or None,
        reason=one_line(notice.reason, 4 * _IN_LINE),
        alerts=notice.alerts,
        delivery=notice.delivery,
        evidence=tuple(dict.fromkeys(one_line(c.evidence, 80) for c in changes if c.evidence)),
    )


def _subject(notice: Notice, changes: tuple[Change, ...]) -> str:
    """Write `[HR 6508 · 119th] Reported by committee (was: Referred) +2 more`."""
    tag = f"[{_tag(notice.document)}] "
    more = f" +{len(changes) - 1} more" if len(changes) > 1 else ""
    news = _line(changes[0], changes, notice, _IN_SUBJECT) if changes else "Nothing new"
    return tag + one_line(news, SUBJECT - len(tag) - len(more)) + more


def _tag(document: DocumentId) -> str:
    return "lexwatch" if document.is_operational else one_line(label(document), _IN_SUBJECT)


def _line(change: Change, changes: tuple[Change, ...], notice: Notice, limit: int) -> str:
    """Return the headline of one change; the first status tells the whole climb, and where things stand if higher."""
    if change.kind is not Kind.STATUS or change is not _last_rung(changes):
        return headline(change, limit)
    now = notice.status if notice.status and notice.status != change.after else None
    return headline(change, limit, was=climbed_from(change, changes), now=now)


def _last_rung(changes: tuple[Change, ...]) -> Change | None:
    return next((c for c in changes if c.kind is Kind.STATUS), None)


def _told(change: Change, changes: tuple[Change, ...], notice: Notice) -> Told:
    line = _line(change, changes, notice, _IN_LINE)
    quote = one_line(change.text, _QUOTE)
    published = instant(change.published_at, notice.zone) if change.published_at else None
    return Told(
        kind=str(change.kind),
        headline=line,
        happened=stated(change.happened_on),
        published=published,
        seen=instant(change.seen_at, notice.zone),
        source=one_line(change.source, _IN_SUBJECT),
        quote=quote if quote and quote not in line else None,
        late=_late(change, notice.zone),
    )


def _late(change: Change, zone: str) -> str | None:
    """Say that news is old; a correction is about what was told before, and always is."""
    days = days_late(change.happened_on, change.seen_at, zone)
    if days is None or days < _LATE or change.kind is Kind.CORRECTION:
        return None
    return f"Late news: this happened {days} days before we saw it."


def _law(changes: tuple[Change, ...]) -> str | None:
    return next((law for c in changes if (law := law_in(c.text))), None)


def _standing(status: str | None, status_on: str | None) -> str | None:
    if status is None:
        return None
    since = stated(status_on)
    return one_line(sentence(status), _IN_LINE) + (f", since {since}" if since else "")


def _advice(changes: tuple[Change, ...]) -> str | None:
    return _ADVICE.get(changes[0].after or "") if changes else None


def test_notice(channel: str, to: str, now: datetime, zone: str) -> Notice:
    """Return the notice of a message that only tries a channel; it says so. `now` is aware UTC."""
    document = operational("channel", channel)
    change = Change(
        document=document,
        revision=1,
        kind=Kind.CHANNEL,
        subject="trial",
        before=None,
        after="test message",
        text="This is a test message of lexwatch. It tells no news: no document changed.",
        happened_on=None,
        seen_at=now,
        source="lexwatch",
    )
    key = short_digest(f"{channel}>{to}@{now.isoformat()}")
    return Notice(
        delivery=f"test-{key}",
        alerts=(f"test-{key}",),
        document=document,
        title=None,
        url=None,
        status=None,
        status_on=None,
        changes=(change,),
        watches=(),
        note=None,
        reason=f"somebody ran `lexwatch test-channel` for {one_line(channel, _IN_SUBJECT)}",
        created_at=now,
        to=to,
        zone=zone,
    )
