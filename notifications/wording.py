"""What is said of a change, a status and a reason, each in one line?

The words of a status are declared in English by the jurisdiction (`status_words`); a status nobody has words for is
said as it stands, made readable.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from domain.alerts.routing import merged
from domain.alerts.severity import BY_WEIGHT
from domain.coded_text import CodedText, Param, is_coded
from domain.documents import DocumentId, label
from domain.jurisdictions import jurisdiction_of
from domain.records.detection import UNCERTAIN, UNREAD
from domain.records.facets import Kind
from domain.records.record import Change, change_as_json
from notifications.sanitize import one_line
from notifications.sentences import SENTENCES
from notifications.translation import ENGLISH, Language, status_label

LEAST_GROUP = 3
"""Changes from which on they are shown together; two are still read one by one."""

_DAY_IN_BRACKETS = re.compile(r" \([^()\s][^()]{3,40} [0-9]{4}\)$")
_WITHDRAWN = "/withdrawn"
_GROUPED = frozenset({"cosponsors", "amendments"})
"""Facets whose entries come in numbers."""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """What is said in one line: the change as it is shown, and all the changes of the record that it stands for."""

    change: Change
    members: tuple[Change, ...]


def by_importance(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes most important first, by their kinds; what happened on one day in its order.

    Of several new statuses the last comes first: it says most about where the document stands.
    """
    changes = tuple(changes)
    statuses = sorted((c for c in changes if c.kind is Kind.STATUS), key=lambda c: c.happened_on or "")[::-1]
    others = [change for change in changes if change.kind is not Kind.STATUS]
    return tuple(sorted((*statuses, *others), key=lambda change: BY_WEIGHT.index(change.kind)))


def lines_of(changes: Sequence[Change], language: Language = ENGLISH) -> tuple[ChangeLine, ...]:
    """Return the lines that say these changes of one document, most important first. The action that made a status is
    quoted with it, and is no line of its own; nor is the title of an entry whose edit says it."""
    ordered = by_importance(changes)
    statuses = [change for change in ordered if change.kind is Kind.STATUS]
    made = {change: status for change in ordered if (status := _status_of(change, statuses)) is not None}
    edits = {change.revision: change for change in ordered if change.subject.startswith("content/title")}
    made |= {c: edits[c.revision] for c in ordered if c.kind is Kind.TITLE and c.revision in edits}
    lines = [
        ChangeLine(change, (change, *(action for action, status in made.items() if status is change)))
        for change in ordered
        if change not in made
    ]
    return tuple(_grouped(lines, language))


def _status_of(change: Change, statuses: Iterable[Change]) -> Change | None:
    """Return the status whose official sentence this action is."""
    if change.kind is not Kind.ACTION or change.text is None:
        return None
    same = (s for s in statuses if change.text in (s.text or "") and change.happened_on == s.happened_on)
    return next(same, None)


def by_weight(lines: Iterable[ChangeLine]) -> list[ChangeLine]:
    """Return the lines in the order in which they have to be named: of several actions the last says most."""
    lines = list(lines)
    actions = iter([line for line in lines if line.change.kind is Kind.ACTION][::-1])
    return [next(actions) if line.change.kind is Kind.ACTION else line for line in lines]


def term_in_brief(change: Change, language: Language = ENGLISH) -> str | None:
    """Say a step of a regime as a subject does: the act and the new end; None for what sets no term."""
    said = CodedText.from_json(change.after or "") if is_coded(change.after) else None
    term = said.get("term") if said is not None and said.code == "term.announced" else None
    run = term.get("run") if isinstance(term, CodedText) else None
    if said is None or not isinstance(run, CodedText):
        return None
    act, end = said.get("act"), run.get("end")
    return language.say("brief.term", act=act, end=end) if end else language.say("brief.open", act=act)


def headline(
    change: Change,
    limit: int,
    *,
    was: str | None = None,
    now: str | None = None,
    title: str | None = None,
    called: str | None = None,
    language: Language = ENGLISH,
) -> str:
    """Return the line that says a change; each name in it is at most `limit` characters long.

    `was` replaces the status before (when several were reached at once); `now` is the document's present status, named
    when the news is not it. `title` is that of the document, named where only it says which of a feed's is meant;
    `called` what the owner calls the feed whose source it is.
    """
    if change.document.is_feed and change.kind is Kind.TEXT:
        return _edit(change, limit, title, language)
    if change.kind is Kind.STATUS and change.subject.startswith(UNREAD):
        return language.say("status.unread", text=one_line(change_text(change, language), limit))
    if change.kind is Kind.STATUS and change.subject.startswith(UNCERTAIN):
        said = one_line(change_text(change, language), limit)
        if status := value_of(change, now or change.after, limit, language):
            return language.say("status.uncertain", text=said, status=status)
        return language.say("uncertain", reason=said)
    before, after = (value_of(change, value, limit, language) for value in (was or change.before, change.after))
    before = _day_before(change, language) or before
    form = ("changed" if before and before != after else "added") if after else "removed" if before else "bare"
    name = one_line(called or _name_of(change, language), limit)
    line = language.say(f"{_said_as(change, form)}.{form}", name=name, before=before, after=after)
    if not now:
        return line
    standing = language.say("now", status=one_line(status_label(now, change.document, language), limit))
    return f"{line[:-1]}; {standing})" if line.endswith(")") and before else f"{line} ({standing})"


def _said_as(change: Change, form: str) -> str:
    """Return the kind that the headline calls a change by: what a facet states says itself what it is."""
    facet, _, one = change.subject.partition("/")
    if facet == "stated":
        return Kind.STATUS
    cosponsor = facet.removesuffix("s") if one else facet
    return cosponsor if facet == "cosponsors" and f"{cosponsor}.{form}" in SENTENCES else change.kind


def _day_before(change: Change, language: Language) -> str | None:
    """Return the day that a correction corrects, where the words stay; None where they do not."""
    if change.kind is not Kind.CORRECTION or not (is_coded(change.before) and is_coded(change.after)):
        return None
    before, after = (CodedText.from_json(value or "") for value in (change.before, change.after))
    same = before.code == after.code == "entry.dated" and before.get("words") == after.get("words")
    return language.stated(str(before.get("on"))) if same else None


def _edit(change: Change, limit: int, title: str | None, language: Language) -> str:
    """Say which entry of a feed was edited, and how."""
    before, after = (one_line(value, limit) for value in (change.before, change.after))
    facet, _, parts = change.subject.partition("/")
    named = after if parts.startswith("title") else one_line(title, limit) or one_line(change.text, limit)
    if facet != "content" or f"edit.{parts.removesuffix('+unsteady')}" not in SENTENCES:
        code = "edit.state_changed" if before else "edit.state_added"
        return language.say(code, title=named, before=before, after=after)
    said = language.say(f"edit.{parts.removesuffix('+unsteady')}", title=named)
    return language.say("edit.unsteady", edit=said) if parts.endswith("+unsteady") else said


def value_of(change: Change, value: str | None, limit: int, language: Language = ENGLISH) -> str:
    """Return a value of a change as people say it, on one line; "" for None. The day that ends what is corrected is
    kept however long the words before it are: often it is all that differs."""
    said = _in_words(change, value, language) if value else None
    day = _DAY_IN_BRACKETS.search(said) if said and change.kind is Kind.CORRECTION else None
    if said is None or day is None or len(said) <= limit:
        return one_line(said, limit)
    kept = one_line(day[0], limit // 2)
    return f"{one_line(said[: day.start()], limit - len(kept) - 1)} {kept}"


def _in_words(change: Change, value: str, language: Language) -> str:
    if change.kind is Kind.STATUS:
        return status_label(value, change.document, language)
    if change.kind is Kind.ACTION and (law := jurisdiction_of(change.document).law_name(value)):
        return language.say("became_law", law=law)
    if change.kind in (Kind.APPEARED, Kind.TITLE):
        value = language.text(value, "title")  # a regime that ships has one of ours
    if change.kind is Kind.SOURCE and f"state.{value}" in SENTENCES:
        return language.say(f"state.{value}")
    return language.render(value)


def change_text(change: Change, language: Language = ENGLISH) -> str | None:
    """Return the text of a change: the official sentence, or what we say ourselves."""
    return language.render(change.text) if change.text else change.text


def change_json(change: Change, language: Language = ENGLISH) -> dict[str, str | int | None]:
    """Return a change with the members of `history --json`, our own sentences in words."""
    values = {"before": change.before, "after": change.after}
    said = {name: value and language.render(value) for name, value in values.items()}
    return {**change_as_json(change), **said, "text": change_text(change, language)}


def status_before(status: Change, changes: Iterable[Change]) -> str | None:
    """Return where the document stood before: the status below the lowest new one that led here."""
    new = {c.after: c.before for c in changes if c.kind is Kind.STATUS}
    before, seen = status.before, {status.after}
    # A measure may reach one status twice: the walk down ends before it comes round again.
    while before in new and new[before] not in seen:
        seen.add(before)
        before = new[before]
    return before


def _name_of(change: Change, language: Language) -> str:
    """Return what a source or channel is called: its name stands where a document has its kind."""
    name = change.document.kind
    return language.text(name, "source") if change.kind is Kind.SOURCE else name


def _grouped(lines: Sequence[ChangeLine], language: Language) -> Iterator[ChangeLine]:
    """Yield the lines, those that came in numbers as one, at the place of the first of them."""
    plain = [replace(line, change=_withdrawal(line.change)) for line in lines]
    groups: dict[tuple[str, bool], list[ChangeLine]] = {}
    for line in plain:
        if (key := _group(line.change)) is not None:
            groups.setdefault(key, []).append(line)
    done = set()
    for line in plain:
        key = _group(line.change)
        if key is None or len(groups[key]) < LEAST_GROUP:
            yield line
        elif key not in done:
            done.add(key)
            members = tuple(member for one in groups[key] for member in one.members)
            yield ChangeLine(_together(key[0], [one.change for one in groups[key]], language), members)


def _withdrawal(change: Change) -> Change:
    """Show a withdrawal as one: in the record it is an entry of its own, `Rep. Luna withdrew`."""
    if change.subject.startswith("cosponsors/") and change.subject.endswith(_WITHDRAWN) and is_coded(change.after):
        name = CodedText.from_json(change.after or "").get("name")
        return replace(change, before=str(name), after=None)
    return change


def _group(change: Change) -> tuple[str, bool] | None:
    facet = change.subject.partition("/")[0]
    if facet not in _GROUPED or bool(change.before) == bool(change.after):
        return None
    return facet, change.after is not None


def _together(facet: str, changes: Sequence[Change], language: Language) -> Change:
    last = max(changes, key=lambda change: change.happened_on or "")
    names = [language.render(change.after or change.before or "") for change in changes]
    said = [CodedText.from_json(change.text or "") for change in changes if is_coded(change.text)]
    parties = Counter(str(party) for one in said if (party := one.get("party")))
    by_party = ", ".join(f"{number} {party}" for party, number in sorted(parties.items(), key=lambda p: (-p[1], p[0])))
    number = language.say(facet, n=len(names))
    code = "grouped_by_party" if by_party else "grouped"
    words = language.say(code, number=number, parties=by_party, names="; ".join(names))
    added = last.after is not None
    total = CodedText.from_json(last.text or "").get("total") if is_coded(last.text) else None
    text = language.say("together_now", total=total) if total is not None else None
    return replace(last, subject=facet, before=None if added else words, after=words if added else None, text=text)


def reason_sentence(reasons: Sequence[CodedText], language: Language = ENGLISH) -> str:
    """Say why somebody gets a message; reasons that differ in the kind of change alone are one clause."""
    return "; ".join(dict.fromkeys(_clause(reason, language) for reason in merged(reasons)))


_MOST_NAMES = 12
"""Documents of one watch that a reason names."""


def why_lines(reasons: Iterable[CodedText], language: Language = ENGLISH) -> tuple[str, ...]:
    """Say in a sentence for each watch why somebody gets a message, and in one why for what is watched by itself."""
    own: dict[str, None] = {}
    of_watch: dict[tuple[str, tuple[str, ...]], dict[str, None]] = {}
    others: dict[str, None] = {}
    for reason in merged(reasons):
        if reason.code != "reason.routed":
            others[_clause(reason, language)] = None
            continue
        watch, document = str(reason.get("watch")), DocumentId.parse(str(reason.get("document")))
        found = reason.get("words")
        words = tuple(map(str, found)) if isinstance(found, tuple) else ()
        name = watch if document.is_feed else language.name(document)
        named = watch in (str(document), label(document)) or language.text(watch, "title") != watch
        if not words and (document.is_feed or named):
            own[name] = None
        else:
            of_watch.setdefault((watch, words), {})[name] = None
    lines = [language.say("why.own", names=_names(own, language))] if own else []
    for (watch, words), names in of_watch.items():
        only = watch in names
        said = language.say("why.own" if only else "why.watch", watch=watch, names=_names(names, language))
        lines.append(language.say("why.words", reason=said, words=words) if words else said)
    return (*lines, *others)


def _names(names: Iterable[str], language: Language) -> str:
    names = list(names)
    hidden = len(names) - _MOST_NAMES
    said = ", ".join(names[:_MOST_NAMES])
    return language.say("why.more", names=said, n=hidden) if hidden > 0 else said


def _clause(reason: CodedText, language: Language) -> str:
    params: dict[str, Param] = dict(reason.params)
    if reason.code == "reason.routed":
        return _routed(params, language)
    for name in ("reasons", "reason"):  # why it was to be sent in the first place
        within = params.get(name)
        if isinstance(within, tuple | CodedText):
            nested = within if isinstance(within, tuple) else (within,)
            params[name] = reason_sentence([one for one in nested if isinstance(one, CodedText)], language)
    return language.render(CodedText(reason.code, tuple(params.items())))


def _routed(params: dict[str, Param], language: Language) -> str:
    document, words = str(params["document"]), params.pop("words", ())
    named_after = params["watch"] in (document, label(DocumentId.parse(document)))
    of_feed = DocumentId.parse(document).is_feed  # which is called as its watch
    code = "reason.routed_feed" if of_feed else "reason.routed_self" if named_after else "reason.routed"
    said = language.say(code, **params)
    if "digest" in params:
        said = language.say("reason.in_digest", reason=said)
    if isinstance(words, tuple) and words:
        said = language.say("reason.with_words", n=len(words), reason=said, words=words)
    return said


def status_meaning(status: str, document: DocumentId, language: Language = ENGLISH) -> str:
    """Say in one sentence what a status means; "" for one that nobody has words for."""
    words = jurisdiction_of(document).status_words(status, document)
    return language.text(words.meaning) if words else ""


def next_step(status: str, document: DocumentId, law: str | None = None, language: Language = ENGLISH) -> str:
    """Say in one sentence what can come next; "" where nobody knows. `law` is the name of the law it became (`Public
    Law 119-12`), None while it has no number."""
    words = jurisdiction_of(document).status_words(status, document)
    if words is None:
        return ""
    return language.text(words.with_law).format(law=law) if law and words.with_law else language.text(words.next_step)
