"""What does a message say?

A notice becomes a message: the same words for every channel, which only lays them out.

Whatever is recorded as sent is named: of every alert in it (a revision of a document) the weightiest change, and every
status, term, correction, reminder and new document. What else there is room for is shown, the rest is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from urllib.parse import urlsplit

from domain.alerts.bundles import PAIRED
from domain.alerts.severity import BY_WEIGHT
from domain.coded_text import CodedText, coded
from domain.documents import DocumentId, public_url
from domain.jurisdictions import jurisdiction_of
from domain.ports import Ahead, Notice
from domain.records.detection import UNCERTAIN, UNREAD
from domain.records.facets import FOR_OPERATOR, Kind, short_digest
from domain.records.record import Change, operational_change
from notifications.message import AheadLine, Message, RenderedChange, portfolio_rows_of, render_change
from notifications.sanitize import one_line, safe_link
from notifications.sentences import SENTENCES
from notifications.templates import RenderOptions
from notifications.translation import Language, status_label
from notifications.wording import (
    ChangeLine,
    by_importance,
    by_weight,
    headline,
    lines_of,
    next_step,
    status_before,
    status_meaning,
    term_in_brief,
    why_lines,
)

LONGEST_SUBJECT = 200
"""Characters of the longest subject: what mail clients and Slack's header can still show."""

NEVER_LEFT_OUT = frozenset({Kind.STATUS, Kind.TERM, Kind.CORRECTION, Kind.REMINDER, Kind.APPEARED, *FOR_OPERATOR})
"""Kinds of which every change has a line in its message."""

_IN_SUBJECT, _IN_LINE, _LONGEST_REASON = 80, 400, 1600
_LONG_CORRECTION = 150
"""Characters from which on the subject of a correction leaves out what was said before: the message has it."""

_MOST_TITLES = 12
_NO_LIMIT = 1 << 30
_PLAIN = RenderOptions()


@dataclass(frozen=True, slots=True)
class Room:
    """How much a channel shows of one message: `full` changes with dates and words, `lines` changes in all; of a
    message about several documents about so many `words` beside the overview."""

    full: int = 60
    lines: int = 200
    words: int = 1500


WIDE = Room()


def compose(notice: Notice, options: RenderOptions = _PLAIN, room: Room = WIDE) -> Message:
    """Say in words what a notice holds."""
    parts = notice.parts or (notice,)
    lines = {part.document: lines_of(part.changes, options.language) for part in parts}
    shown = _shown(lines.values(), room, room.words if notice.parts else _NO_LIMIT)
    places = [f"d{number}" if notice.parts else "" for number in range(1, len(parts) + 1)]
    messages = [
        _single(part, lines[part.document], shown, options, place) for part, place in zip(parts, places, strict=True)
    ]
    return _combined(notice, messages, options) if notice.parts else messages[0]


def named_changes(notice: Notice) -> int:
    """Return how many changes a message about this must name: its size, for what is put together."""
    parts = notice.parts or (notice,)
    return sum(len(_must_be_named(lines_of(part.changes))) for part in parts)


def _must_be_named(lines: Iterable[ChangeLine]) -> list[ChangeLine]:
    """Return the lines no message may leave out: the weightiest of each revision, and those never left out."""
    must: list[ChangeLine] = []
    named: set[int] = set()
    for line in by_weight(lines):
        revisions = {member.revision for member in line.members}
        if line.change.kind in NEVER_LEFT_OUT or not revisions <= named:
            must.append(line)
            named |= revisions
    return must


def _shown(documents: Iterable[Sequence[ChangeLine]], room: Room, words: int) -> Mapping[int, bool]:
    """Choose what is shown, over all documents: what must be named; most of the room for what is weightiest of each,
    with its dates and words, then what else there is in a line each, by kind, of each document in turn. What room for
    so many `words` is left then is for dates and words again. Maps the identity of a line to whether it is in full."""
    documents = tuple(documents)
    must = {id(line): line for lines in documents for line in _must_be_named(lines)}
    shown = dict.fromkeys(must, False)
    heads = [[line for line in by_weight(lines) if id(line) in must] for lines in documents]
    words -= sum(_price(line, brief=True) for lines in heads for line in lines[1:])
    words = _in_full(heads, shown, room.full, words, words * 2 // 5)
    turns = [
        (BY_WEIGHT.index(line.change.kind), turn, at, line)
        for at, lines in enumerate(documents)
        for turn, line in enumerate(by_weight(lines))
        if id(line) not in must
    ]
    begun = {at for at, lines in enumerate(heads) if len(lines) > 1 or any(shown[id(line)] for line in lines)}
    for _, _, at, line in sorted(turns, key=lambda turn: turn[:3])[: max(room.lines - len(must), 0)]:
        price = _price(line, brief=True) + (0 if at in begun else _NAMES)
        if price <= words:
            shown[id(line)], words = False, words - price
            begun.add(at)
    listed = [[line for line in by_weight(lines) if id(line) in shown] for lines in documents]
    _in_full([*heads, *listed], shown, room.full, words, 0)
    return shown


def _in_full(
    documents: Sequence[Sequence[ChangeLine]], shown: dict[int, bool], most: int, words: int, left: int
) -> int:
    """Show lines with their dates and words, of each document those that weigh most, while `most` are not reached and
    more than `left` of the room remains: with some of it to spare, only what is no procedure. Returns what remains."""
    most -= sum(shown.values())
    for lines in documents:
        facts = 0 if any(shown[id(line)] for line in lines) else _FACTS
        for line in lines:
            price = _price(line) + facts
            wanted = not shown[id(line)] and (not left or line.change.kind not in _PROCEDURE)
            if wanted and most > 0 and price <= words - left:
                shown[id(line)], words, most, facts = True, words - price, most - 1, 0
    return words


_STAMPS, _NAMES, _FACTS = 15, 20, 65
"""Words of the stamps beside a change; of a document's name, title and note; of these and where it stands."""

_PROCEDURE = frozenset({Kind.ACTION, Kind.TITLE, Kind.SPONSOR, Kind.COMMITTEE, Kind.RELATED, Kind.SUMMARY})


def _price(line: ChangeLine, *, brief: bool = False) -> int:
    """Return about how many words a change is, in a line with its day or in full."""
    change = line.change
    said = len(f"{change.before or ''} {change.after or ''}"[: 2 * _IN_LINE].split()) + 6
    return said if brief else said + _STAMPS + len((change.text or "")[:1500].split())


def _single(
    notice: Notice, lines: Sequence[ChangeLine], shown: Mapping[int, bool], options: RenderOptions, place: str = ""
) -> Message:
    """Say what is new of one document; `place` is where it stands in a message about several."""
    language, zone = options.language, options.zone or notice.zone
    changes = tuple(line.change for line in by_weight(lines))
    listed = [line for line in lines if id(line) in shown]
    first = next((line for line in by_weight(lines) if id(line) in shown), None)
    ours = notice.document.is_operational
    status = None if ours else notice.status

    def rendered(line: ChangeLine) -> RenderedChange:
        words = _line(_without_before(line.change), changes, notice, _IN_LINE, language)
        source = notice.called if line.change.source == str(notice.document.feed) else None
        brief = not shown[id(line)]
        change, doubt = line.change, notice.doubt
        said = render_change(change, words, zone, language, notice.reported_at, brief=brief, source=source)
        if brief or doubt is None or change.kind is not Kind.STATUS:
            return said
        why = language.say("uncertain", reason=one_line(language.render(doubt), _IN_LINE))
        return replace(said, remark=why, quote=None if said.quote and said.quote in why else said.quote)

    said = {id(line): rendered(line) for line in listed}
    lead = said[id(first)] if first is not None else None
    if not place and first is not None:
        listed = [first, *(line for line in listed if line is not first)]
    standing = notice.standing
    if place and not any(shown[id(line)] for line in listed):
        # The line in the overview says it; of what is new it says where it stands.
        status, standing, notice = status if _is_new(changes) else None, None, replace(notice, standing=None)
    return Message(
        subject=_subject(notice, changes, language),
        label=_subject_tag(notice, language),
        document=one_line(str(notice.document), _IN_LINE),
        title=one_line(language.text(notice.title or "", "title"), _IN_LINE) or None,
        link=_link(notice, changes),
        news=tuple(said[id(line)] for line in listed),
        lead=lead,
        brief=_term_in_brief(changes, language),
        place=place,
        more=len(lines) - len(listed),
        kinds=tuple(dict.fromkeys(str(c.kind) for c in (*changes, *notice.changes))),
        current_status=_rendered(standing.stands if standing else None, language)
        or _current_status(status, notice, language),
        meaning=_advice(changes, language) if ours else _meaning(status, notice, language),
        next_step=_awaited(notice, language) if standing else _next(status, notice, changes, language),
        sponsor=one_line(notice.sponsor, _IN_LINE) if notice.sponsor and _is_new(changes) else None,
        introduced=language.stated(notice.introduced_on) if _is_new(changes) else None,
        note=one_line(notice.note, _IN_LINE) or None,
        reason=one_line("; ".join(why_lines(notice.reasons, language)), _LONGEST_REASON),
        alerts=notice.alerts,
        delivery=notice.delivery,
        evidence=tuple(dict.fromkeys(one_line(c.evidence, 80) for c in changes if c.evidence)),
        language=language,
        counted_only=_counted_only(lines, shown),
        portfolio=portfolio_rows_of(changes, language) if ours else (),
    )


def _is_new(changes: Iterable[Change]) -> bool:
    return any(change.kind is Kind.APPEARED for change in changes)


def _rendered(text: CodedText | None, language: Language) -> str | None:
    return one_line(language.render(text), _IN_LINE) if text else None


def _link(notice: Notice, changes: Sequence[Change]) -> str | None:
    """Return the page of the document; of a term that of the act the first news is about, where both are pages of one
    site: the document's own page is that of the act read last."""
    act = changes[0].subject.partition("/")[2].rpartition(":")[2] if changes and changes[0].kind is Kind.TERM else ""
    try:
        page = public_url(DocumentId.parse(act)) if act else None
        same_site = bool(page and notice.url) and urlsplit(page).netloc == urlsplit(notice.url).netloc
    except ValueError:
        page, same_site = None, False
    known = (notice.url or "").endswith(act.partition("/")[2].partition("/")[2])
    return safe_link(page if same_site and not known else notice.url)


def _counted_only(lines: Iterable[ChangeLine], shown: Mapping[int, bool]) -> tuple[str, ...]:
    """Return the keys of the changes that have no line."""
    return tuple(member.key for line in lines if id(line) not in shown for member in line.members)


def _subject(notice: Notice, changes: tuple[Change, ...], language: Language) -> str:
    """Write `[HR 6508 · 119th] Reported by committee (was: Referred) +2 more`."""
    tag = f"[{_subject_tag(notice, language)}] "
    others = 0 if changes and changes[0].kind is Kind.RECEIPT else len(changes) - 1  # its lines are one report
    more = " " + language.say("more_in_subject", n=others) if others > 0 else ""
    news = _news(notice, changes, language)
    if len(news) > _LONG_CORRECTION and changes[0].kind is Kind.CORRECTION:
        news = _line(_without_before(changes[0]), changes, notice, _IN_SUBJECT, language)
    return tag + one_line(news, LONGEST_SUBJECT - len(tag) - len(more)) + more


def _news(notice: Notice, changes: tuple[Change, ...], language: Language) -> str:
    """Say the weightiest change as a subject does."""
    if not changes:
        return language.say("nothing_new")
    return _term_in_brief(changes, language) or _line(changes[0], changes, notice, _IN_SUBJECT, language)


def _term_in_brief(changes: Sequence[Change], language: Language) -> str | None:
    """Say the weightiest change as the act and its end, where it sets a term."""
    said = term_in_brief(changes[0], language) if changes and changes[0].kind is Kind.TERM else None
    return one_line(said, _IN_LINE) if said else None


def _subject_tag(notice: Notice, language: Language) -> str:
    """Return what the document is called: people filter and search by it."""
    document = notice.document
    return "lexwatch" if document.is_operational else one_line(notice.called or language.name(document), _IN_SUBJECT)


def _line(change: Change, changes: tuple[Change, ...], notice: Notice, limit: int, language: Language) -> str:
    """Return the headline of one change; the first status says where it came from, and where things stand now."""
    if change.kind is not Kind.STATUS or change is not next((c for c in changes if c.kind is Kind.STATUS), None):
        return headline(change, limit, title=notice.title, called=notice.called, language=language)
    now = notice.status if notice.status and notice.status != change.after else None
    line = headline(change, limit, was=status_before(change, changes), now=now, language=language)
    uncertain = now or change.subject.startswith((UNCERTAIN, UNREAD))
    return language.say("uncertain", reason=line) if notice.doubt and not uncertain else line


def _without_before(change: Change) -> Change:
    """Leave what we said before out of the headline of a correction: in a message a sentence of its own says it."""
    return replace(change, before=None) if change.kind is Kind.CORRECTION and change.after else change


def _next(status: str | None, notice: Notice, changes: tuple[Change, ...], language: Language) -> str | None:
    if status is None:
        return None
    law_name = jurisdiction_of(notice.document).law_name
    law = notice.law or next((law for c in changes if (law := law_name(c.text))), None)
    return one_line(next_step(status, notice.document, law, language), _IN_LINE) or None


def _meaning(status: str | None, notice: Notice, language: Language) -> str | None:
    if notice.standing is not None:
        return _rendered(notice.standing.means, language)
    return one_line(status_meaning(status, notice.document, language), _IN_LINE) or None if status else None


def _awaited(notice: Notice, language: Language) -> str | None:
    """Say what the term of a regime still waits for, and which law says so."""
    awaits = notice.standing.awaits if notice.standing else None
    if awaits is None:
        return None
    rule = jurisdiction_of(notice.document).term_rule(notice.document)
    said = language.say("standing.by_law", words=awaits, rule=rule) if rule else language.render(awaits)
    return one_line(said, _IN_LINE).rstrip(".") + "."


def _current_status(status: str | None, notice: Notice, language: Language) -> str | None:
    if status is None:
        return None
    said = one_line(status_label(status, notice.document, language), _IN_LINE)
    since = language.stated(notice.status_on)
    said = language.say("since", status=said, day=since) if since else said
    return language.say("uncertain", reason=said) if notice.doubt else said


def _advice(changes: tuple[Change, ...], language: Language) -> str | None:
    """Say what an operator should know or do, by the state reached."""
    after = changes[0].after or "" if changes else ""
    state = CodedText.from_json(after).code if after.startswith("{") else after
    return language.say(f"advice.{state}") if f"advice.{state}" in SENTENCES else None


def _combined(notice: Notice, messages: Sequence[Message], options: RenderOptions) -> Message:
    """Put the messages about several documents into one: what matters most first."""
    language = options.language
    total = sum(len(message.news) + message.more for message in messages)
    counts = language.say("in_documents", changes=language.say("changes", n=total), n=len(messages))
    paired = notice.digest == PAIRED
    return Message(
        subject=_combined_subject(notice, messages, language),
        label=_combined_label(notice, messages, language),
        document=messages[0].document if messages else "",
        title=_titles(messages, language),
        link=None,
        news=(),
        more=sum(message.more for message in messages),
        kinds=tuple(dict.fromkeys(chain.from_iterable(message.kinds for message in messages))),
        current_status=None,
        meaning=None,
        next_step=None,
        note=None,
        reason=one_line("; ".join(why_lines(notice.reasons, language)), _LONGEST_REASON),
        alerts=notice.alerts,
        delivery=notice.delivery,
        evidence=tuple(dict.fromkeys(chain.from_iterable(message.evidence for message in messages))),
        language=language,
        parts=tuple(messages),
        counted_only=tuple(chain.from_iterable(message.counted_only for message in messages)),
        lead=messages[0].lead if messages else None,
        period=None if paired else _counted(notice, counts, language),
        ahead=tuple(_ahead_line(one, options.zone or notice.zone, language) for one in notice.ahead),
        is_digest=not paired,
    )


def _counted(notice: Notice, counts: str, language: Language) -> str:
    """Say which days a digest is about, and how much is in it."""
    if notice.period is None:
        return counts
    period = _period(notice, language)
    return language.say("period.counted", period=period, year=notice.period[1].year, counts=counts)


def _period(notice: Notice, language: Language) -> str:
    """Say which days a digest is about, another message by what it is called."""
    if notice.period is not None:
        first, last = notice.period
        days = language.days(first, last)
        return language.say("period.week", days=days) if (last - first).days == 6 else days
    called = _schedule(notice, language) or one_line(notice.digest, _IN_SUBJECT)
    return called[:1].upper() + called[1:]


def _schedule(notice: Notice, language: Language) -> str | None:
    """Call a message about several documents by when it goes; None for a burst, which is called by its watch."""
    schedule = f"digest.{notice.digest or 'news'}"
    return language.say(schedule) if schedule in SENTENCES else None


def _combined_label(notice: Notice, messages: Sequence[Message], language: Language) -> str:
    if notice.digest == PAIRED:
        return ", ".join(message.label for message in messages)
    schedule = _schedule(notice, language)
    return f"lexwatch {schedule}" if schedule else one_line(notice.digest, _IN_SUBJECT)


def _combined_subject(notice: Notice, messages: Sequence[Message], language: Language) -> str:
    """Write `Week of 8–14 December: HR 897: Passed House, and 16 more documents`; of regimes renewed together that of
    the first with the names of the others, of a burst `[Acts] …`."""
    if not messages:
        return language.say("nothing_new")
    first, others = messages[0], messages[1:]
    if notice.digest == PAIRED:
        names = ", ".join(message.label for message in others)
        with_names = language.say("subject.with", news=first.subject, names=names)
        return one_line(with_names if names else first.subject, LONGEST_SUBJECT)
    is_burst = notice.period is None and _schedule(notice, language) is None
    news = _of_document(notice.parts[0], first, notice.digest)
    period = _period(notice, language)
    if others:
        more = language.say("subject.and_documents", n=len(others), news="")
        news = one_line(news, LONGEST_SUBJECT - len(period) - len(more) - 3)
        news = language.say("subject.and_documents", news=news, n=len(others))
    said = f"[{notice.digest}] {news}" if is_burst else language.say("subject.of_period", period=period, news=news)
    return one_line(said, LONGEST_SUBJECT)


def _of_document(notice: Notice, message: Message, of: str | None) -> str:
    """Say the weightiest change with the document's name: `HR 897: Passed House`; that of the feed which the whole
    message is `of` is known."""
    name = message.label.partition(" · ")[0]
    statuses = [change for change in notice.changes if change.kind is Kind.STATUS]
    if message.lead is not None and message.lead.kind == Kind.STATUS and statuses and not notice.doubt:
        last = by_importance(statuses)[0]
        news = headline(replace(last, before=None), _IN_SUBJECT, language=message.language)
    else:
        news = (message.brief or message.headline).removesuffix(".")
    return news if name == of else f"{name}: {news}"


def _ahead_line(one: Ahead, zone: str, language: Language) -> AheadLine:
    when = language.instant(one.at, zone) if one.at else language.day(one.on)
    name = one_line(language.name(one.document), _IN_SUBJECT)
    return AheadLine(when, name, one_line(language.render(one.what), _IN_LINE))


def _titles(messages: Sequence[Message], language: Language) -> str | None:
    names = [f"{message.label}, {message.title}" if message.title else message.label for message in messages]
    said = one_line("; ".join(one_line(name, 120) for name in names[:_MOST_TITLES]), 1600)
    hidden = len(names) - _MOST_TITLES
    return (language.say("and_more_names", names=said, n=hidden) if hidden > 0 else said) or None


def trial_notice(channel: str, to: str, now: datetime, zone: str) -> Notice:
    """Return the notice of a message that only tries a channel; it says so. `now` is aware UTC."""
    text = coded("sentences", parts=(coded("channel.test_text"),)).to_json()
    said = (None, coded("channel.test").to_json(), text)
    change = operational_change(Kind.CHANNEL, channel, 1, "trial", said, now, "lexwatch")
    key = short_digest(f"{channel}>{to}@{now.isoformat()}")
    return Notice(
        delivery=f"test-{key}",
        alerts=(f"test-{key}",),
        document=change.document,
        changes=(change,),
        reasons=(coded("reason.test", channel=one_line(channel, _IN_SUBJECT)),),
        created_at=now,
        to=to,
        zone=zone,
    )
