"""What does a message say?

A notice becomes a letter: the same words for every channel, which only lays them out. Every string of a letter is
one clean line (see `clean`), so that no channel has to think of hostile text again, only of its own syntax.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.coded_text import coded
from domain.documents import DocumentId, label, operational
from domain.jurisdictions.us.statuses import law_in
from domain.ports import Notice
from domain.records.facets import Kind, short_digest
from domain.records.record import Change
from notifications.dates import stated
from notifications.headline import by_importance, grouped, headline, status_before
from notifications.languages import Language
from notifications.message import Message, render_change
from notifications.reasons import reason_sentence
from notifications.sanitize import one_line, safe_link
from notifications.status_text import next_step, status_label, status_meaning
from notifications.templates import RenderOptions
from notifications.translation import language_of

LONGEST_SUBJECT = 200
"""Characters of the longest subject: what mail clients and Slack's header can still show."""

MOST_LISTED = 60
"""Changes listed in one message; the rest are counted and named in `lexwatch history`."""

_IN_SUBJECT, _IN_LINE = 80, 400
_TRIAL = "This is a test message of lexwatch. It tells no news: no document changed."
_PLAIN = RenderOptions()


def compose(notice: Notice, manner: RenderOptions = _PLAIN) -> Message:
    """Say in words what a notice holds."""
    if notice.parts:
        from notifications import combined  # it is made of letters

        return combined.compose_combined(notice, lambda part: compose(part, manner), manner.language)
    language = manner.language
    changes = grouped(by_importance(notice.changes), language)
    ours = notice.document.is_operational
    status = None if ours else notice.status
    zone = manner.zone or notice.zone
    return Message(
        subject=_subject(notice, changes, language),
        label=_subject_tag(notice.document),
        document=one_line(str(notice.document), _IN_LINE),
        title=one_line(notice.title, _IN_LINE) or None,
        link=safe_link(notice.url),
        news=tuple(
            render_change(
                c, _line(_without_before(c), changes, notice, _IN_LINE, language), zone, language, notice.told_at
            )
            for c in changes[:MOST_LISTED]
        ),
        more=max(0, len(changes) - MOST_LISTED),
        kinds=tuple(dict.fromkeys(str(c.kind) for c in (*changes, *notice.changes))),
        standing=_current_status(status, notice.status_on, notice.document, language),
        meaning=_advice(changes, language) if ours else _meaning(status, notice.document, language),
        next_step=_next(status, notice, changes, language),
        note=one_line(notice.note, _IN_LINE) or None,
        reason=one_line(reason_sentence(notice.reasons, language_of(language.code)), 4 * _IN_LINE),
        alerts=notice.alerts,
        delivery=notice.delivery,
        evidence=tuple(dict.fromkeys(one_line(c.evidence, 80) for c in changes if c.evidence)),
        language=language,
    )


def _subject(notice: Notice, changes: tuple[Change, ...], language: Language) -> str:
    """Write `[HR 6508 · 119th] Reported by committee (was: Referred) +2 more`."""
    tag = f"[{_subject_tag(notice.document)}] "
    more = " " + language.say("more_in_subject", n=len(changes) - 1) if len(changes) > 1 else ""
    news = _line(changes[0], changes, notice, _IN_SUBJECT, language) if changes else language.say("nothing_new")
    return tag + one_line(news, LONGEST_SUBJECT - len(tag) - len(more)) + more


def _subject_tag(document: DocumentId) -> str:
    """Return what the document is called, in every language alike: people filter and search by it."""
    return "lexwatch" if document.is_operational else one_line(label(document), _IN_SUBJECT)


def _line(change: Change, changes: tuple[Change, ...], notice: Notice, limit: int, language: Language) -> str:
    """Return the headline of one change; the first status tells the whole climb, and where things stand if higher."""
    if change.kind is not Kind.STATUS or change is not _last_status(changes):
        return headline(change, limit, language=language)
    now = notice.status if notice.status and notice.status != change.after else None
    return headline(change, limit, was=status_before(change, changes), now=now, language=language)


def _without_before(change: Change) -> Change:
    """Leave what we said before out of the headline of a correction: in a letter a sentence of its own says it."""
    return replace(change, before=None) if change.kind is Kind.CORRECTION and change.after else change


def _last_status(changes: tuple[Change, ...]) -> Change | None:
    return next((c for c in changes if c.kind is Kind.STATUS), None)


def _next(status: str | None, notice: Notice, changes: tuple[Change, ...], language: Language) -> str | None:
    law = notice.law or next((law for c in changes if (law := law_in(c.text))), None)
    return one_line(next_step(status, notice.document, law, language), _IN_LINE) or None if status else None


def _meaning(status: str | None, document: DocumentId, language: Language) -> str | None:
    return one_line(status_meaning(status, document, language), _IN_LINE) or None if status else None


def _current_status(status: str | None, status_on: str | None, document: DocumentId, language: Language) -> str | None:
    if status is None:
        return None
    said, since = one_line(status_label(status, document, language), _IN_LINE), stated(status_on, language)
    return language.say("since", status=said, day=since) if since else said


def _advice(changes: tuple[Change, ...], language: Language) -> str | None:
    """Say what an operator should know or do, by the state reached."""
    return language.words.get(f"advice_{changes[0].after}") if changes else None


def trial_notice(channel: str, to: str, now: datetime, zone: str) -> Notice:
    """Return the notice of a message that only tries a channel; it says so. `now` is aware UTC."""
    document = operational("channel", channel)
    change = Change(
        document=document,
        revision=1,
        kind=Kind.CHANNEL,
        subject="trial",
        before=None,
        after="test message",
        text=_TRIAL,
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
        reasons=(coded("reason.test", channel=one_line(channel, _IN_SUBJECT)),),
        created_at=now,
        to=to,
        zone=zone,
    )
