"""What does a text cite, and which days does it name?

The forms of citations are declared by the jurisdictions; dates are read here, in English and Ukrainian. Nothing is
guessed beyond what `basis` says: a session that is not written is that of the day the text was written.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import chain

from domain.documents import DocumentId
from domain.errors import UnknownName
from domain.jurisdictions import CitationForm, Jurisdiction, all_jurisdictions
from domain.names import resolve

LONGEST_TEXT = 400_000
"""Characters of a text that are read: about a hundred and fifty pages."""

NEAR = 160
"""Characters on either side in which `near` and `unless` of a form are looked for."""

NEIGHBOURS = 4
"""Citations on either side of a place with which another reading of it can overlap."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Citation:
    """One place of a text that cites something. `document` is None for what has no identity here, `called` then says
    what it is; `basis` is `stated`, `inferred` (the session from the day of the text), `named` (by a name, without a
    number) or `possible`."""

    text: str
    span: Span
    document: DocumentId | None
    called: str = ""
    basis: str = "stated"
    url: str = ""


@dataclass(frozen=True, slots=True)
class NamedSubject:
    """Something that texts call by a name. `names` are phrases in which `*` stands for any ending of a word; they count
    where one of `near` stands close by, everywhere if there are none."""

    document: DocumentId | None
    names: tuple[str, ...]
    near: tuple[str, ...] = ()
    called: str = ""


@dataclass(frozen=True, slots=True)
class SaidDate:
    """A date in a text: as far as it is said (`2025-12-09`, `2026-02`, `2024`), whether its year is written, where."""

    value: str
    has_year: bool
    span: Span


_MONTHS = (
    "jan(?:uary|\\.)?|січ(?:ень|ня|ні|\\.)", "feb(?:ruary|\\.)?|лют(?:ий|ого|ому)", "mar(?:ch|\\.)?|берез(?:ень|ня|ні)",
    "apr(?:il|\\.)?|квіт(?:ень|ня|ні)", "(?-i:M(?:ay|AY))|трав(?:ень|ня|ні)", "june?\\.?|черв(?:ень|ня|ні)",
    "july?\\.?|лип(?:ень|ня|ні)", "aug(?:ust|\\.)?|серп(?:ень|ня|ні)", "sept?(?:ember|\\.)?|верес(?:ень|ня|ні)",
    "oct(?:ober|\\.)?|жовт(?:ень|ня|ні)", "nov(?:ember|\\.)?|листопад[аі]?", "dec(?:ember|\\.)?|груд(?:ень|ня|ні)",
)  # fmt: skip
_MONTH = "|".join(f"(?P<m{number}>{form})" for number, form in enumerate(_MONTHS, 1))
_AFTER_MONTH = r"(?![^\W\d_])"


@cache
def _date_forms() -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(form, re.IGNORECASE)
        for form in (
            r"(?<![\d/.-])(?P<y>(?:19|20)\d\d)-(?P<n>\d\d)-(?P<d>\d\d)(?![\d-])",
            r"(?<![\d/.])(?P<d>\d{1,2})\.(?P<n>\d{1,2})\.(?P<y>(?:19|20)\d\d)(?!\.?\d)",
            rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-](?:of\s)?(?:{_MONTH}){_AFTER_MONTH}(?:,?[\s-](?P<y>(?:19|20)\d\d)(?!\d))?",
            rf"\b(?:{_MONTH}){_AFTER_MONTH}\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:,?\s(?P<y>(?:19|20)\d\d)(?!\d))?",
            rf"\b(?P<next>next\s|this\s|last\s|наступн\w+\s|минул\w+\s|цього\s)?(?:{_MONTH}){_AFTER_MONTH}(?:,?\s(?:of\s)?(?P<y>(?:19|20)\d\d)(?!\d))?",
            r"\b(?:in|during|у|в)\s(?P<y>(?:19|20)\d\d)(?![\d/-])",
        )
    )


def dates_in(text: str, written_on: date, *, ahead: bool = False) -> list[SaidDate]:
    """Return the dates of a text in their order. A day without its year is the last such day by `written_on`, or the
    next one where `ahead`; a month alone counts only with its year, or where `ahead`."""
    found: list[SaidDate] = []  # in their order; no two overlap
    for form in _date_forms():
        for match in form.finditer(text):
            place = bisect_left(found, match.span(), key=lambda one: one.span)
            beside = found[max(0, place - 1) : place + 1]
            if any(match.start() < one.span[1] and one.span[0] < match.end() for one in beside):
                continue
            value = _date_value(match, written_on, ahead=ahead)
            if value is not None:
                found.insert(place, SaidDate(value, match["y"] is not None, match.span()))
    return found


def _date_value(match: re.Match[str], written_on: date, *, ahead: bool) -> str | None:
    parts = match.groupdict()
    if parts.keys() == {"y"}:
        return parts["y"]
    month = int(parts["n"]) if parts.get("n") else next(n for n in range(1, 13) if parts[f"m{n}"])
    if not 1 <= month <= 12:
        return None
    if "d" not in parts:
        word = (parts["next"] or "").strip().lower()
        if parts["y"] or ahead or word:
            year = (
                int(parts["y"])
                if parts["y"]
                else _year_of(month, 31 if ahead else 1, written_on, ahead=ahead and word != "last")
            )
            return f"{year}-{month:02}"
        return None
    day = int(parts["d"])
    year = int(parts["y"]) if parts["y"] else _year_of(month, day, written_on, ahead=ahead)
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _year_of(month: int, day: int, written_on: date, *, ahead: bool) -> int:
    """Return the year of a day without one: before the text was written, a few days of leave for announcements, or
    behind it."""
    if ahead:
        return written_on.year + ((month, day) < (written_on.month, written_on.day))
    last = written_on + timedelta(days=3)
    return last.year - ((month, day) > (last.month, last.day))


_UNTIL = re.compile(
    r"\b(?:until|till|through|expires?|expiring|ends?|ending|by)\s(?:the\s(?:end|beginning|start)\sof\s|on\s)?"
    r"|\b(?:до|по)\s(?:кінця\s)?",
    re.IGNORECASE,
)


def written_on(text: str, today: date) -> tuple[date, str] | None:
    """Return the day a text was written as its own words show it, and by what: a `dateline` in its first lines, else
    the `latest` day it names that has come by `today`; None where it names none."""
    head = text[:600]
    for said in dates_in(head, today):
        line = _line_around(head, said.span)
        rest = head[line[0] : said.span[0]] + head[said.span[1] : line[1]]
        alone = len(re.findall(r"\w{2,}", rest)) <= 5 or re.match(r"\W{0,3}[—–-]", head[said.span[1] :])
        if said.has_year and len(said.value) == 10 and alone and said.value <= today.isoformat():
            return date.fromisoformat(said.value), "dateline"
    days = [
        said.value
        for said in dates_in(text, today)
        if said.has_year and len(said.value) == 10 and not _UNTIL.search(text[max(0, said.span[0] - 20) : said.span[0]])
    ]
    latest = max((day for day in days if day <= today.isoformat()), default=None)
    return (_moved_on(text, date.fromisoformat(latest), today), "latest") if latest else None


def _moved_on(text: str, latest: date, today: date) -> date:
    """Return the last day without a year that a text names within six weeks of the latest one with its year."""
    bound = min(latest + timedelta(days=42), today).isoformat()
    days = [
        said.value
        for said in dates_in(text, latest, ahead=True)
        if not said.has_year
        and len(said.value) == 10
        and not _UNTIL.search(text[max(0, said.span[0] - 20) : said.span[0]])
    ]
    return date.fromisoformat(max((day for day in days if day <= bound), default=latest.isoformat()))


def _line_around(text: str, span: Span) -> Span:
    end = text.find("\n", span[1])
    return text.rfind("\n", 0, span[0]) + 1, end if end >= 0 else len(text)


_ADDRESS = re.compile(r"https?://[^\s<>\"'«»“”)\]]{4,400}")


def unwrapped(text: str) -> str:
    """Return a text whose lines are paragraphs: a line that breaks off in the middle of a sentence goes on. Every
    character keeps its place."""
    text = text[:LONGEST_TEXT].replace("\r\n", " \n")
    return re.sub(r"(?m)^([^\n]{44,}[^\n.!?:;»”\"])\n(?=[^\n\s•*-])", r"\1 ", text)


def citations(
    text: str,
    day: date,
    *,
    subjects: Sequence[NamedSubject] = (),
    others: Iterable[Citation] = (),
) -> list[Citation]:
    """Return what a text written on `day` cites, in its order, each place once. `subjects` are known by names, `others`
    were found by somebody else; of two readings of a place the longer one counts, one with an identity first."""
    found = chain(
        _addresses(text, day),
        *(_of_form(law, form, text, day) for law in all_jurisdictions() for form in law.citation_forms),
        *(_of_subject(subject, text) for subject in subjects),
        others,
    )
    named = {name.casefold(): subject.document for subject in subjects for name in subject.names}
    known = (replace(one, document=named.get(one.called.casefold())) if not one.document else one for one in found)
    ranked = sorted(known, key=lambda one: (one.document is None, one.basis == "possible", one.span[0] - one.span[1]))
    kept: list[Citation] = []
    for one in ranked:
        place = bisect_left(kept, one.span, key=lambda other: other.span)
        if not any(_same_place(one, other) for other in kept[max(0, place - NEIGHBOURS) : place + NEIGHBOURS]):
            kept.insert(place, one)
    return kept


def _same_place(one: Citation, other: Citation) -> bool:
    """Two citations may share their first word (`H.R. 1 and 2`); they are the same place where they end together, or
    one lies inside the other and says no document of its own."""
    overlap = one.span[0] < other.span[1] and other.span[0] < one.span[1]
    return overlap and (one.document is None or one.document == other.document or one.span[1] == other.span[1])


def _addresses(text: str, day: date) -> Iterator[Citation]:
    """Yield the documents of addresses, and those written by their identity."""
    codes = "|".join(re.escape(law.code) for law in all_jurisdictions())
    identities = compiled(rf"(?<![\w/.-])(?:{codes})/[a-z-]+/[\w/-]*\w")
    for match in chain(_ADDRESS.finditer(text), identities.finditer(text)):
        address = match[0].rstrip(".,;:!?")
        try:
            document = resolve(address, today=day).document
        except UnknownName:
            continue
        yield Citation(address, (match.start(), match.start() + len(address)), document)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a declared pattern ready for use; only who reads a text pays for it."""
    return re.compile(pattern)


def _of_form(law: Jurisdiction, form: CitationForm, text: str, day: date) -> Iterator[Citation]:
    if form.since and day.isoformat() < form.since:
        return
    for match in compiled(form.pattern).finditer(text):
        start, end = _nearby(text, match.span())
        if form.near and not compiled(form.near).search(text, start, end):
            continue
        if form.unless and compiled(form.unless).search(text, start, end):
            continue
        if found := _cited(law, form, match, text, day):
            yield found


def _nearby(text: str, span: Span, reach: int = NEAR) -> Span:
    """Return the surroundings of a place within its paragraph."""
    start = max(text.rfind("\n", 0, span[0]) + 1, span[0] - reach)
    end = text.find("\n", span[1])
    return start, min(end if end >= 0 else len(text), span[1] + reach)


def _cited(law: Jurisdiction, form: CitationForm, match: re.Match[str], text: str, day: date) -> Citation | None:
    words = " ".join(match[0].split())
    filled = (words, *(re.sub(r"(?<=\d),(?=\d{3})", "", group or "") for group in match.groups()))
    if not form.name:
        return Citation(words, match.span(), None, form.called.format(*filled))
    name = " ".join(form.name.format(*filled).split())
    try:
        head, *rest = name.lower().split("/")
        if rest and head == law.code:
            return Citation(words, match.span(), law.parse_id(rest), basis="stated" if form.sure else "possible")
        parsed = law.parse_text(name, day, ())
        if parsed is not None and parsed.basis == "current" and (session := _session(law, text, match.span())):
            parsed = law.parse_text(f"{name} ({session})", day, ()) or parsed
    except ValueError:
        return None
    if parsed is None:
        return None
    basis = "stated" if parsed.basis == "stated" else "inferred"
    return Citation(words, match.span(), parsed.document, basis=basis if form.sure else "possible")


_NEW_SENTENCE = re.compile(r"\w{3}[.!?][)\]\"”»]*\s+[A-ZА-ЯІЇЄҐ]")


def _session(law: Jurisdiction, text: str, span: Span) -> str | None:
    """Return the session that is said right beside a place, else the one nearest to it in its surroundings."""
    if law.session_behind and (behind := compiled(law.session_behind).match(text, span[1])):
        return law.session_written.format(behind[0], *behind.groups())
    if law.session_before and (before := compiled(law.session_before).search(text, max(0, span[0] - 50), span[0])):
        return law.session_written.format(before[0], *before.groups())
    if not law.session_said:
        return None
    start, end = _nearby(text, span, 2 * NEAR)
    said = list(compiled(law.session_said).finditer(text, start, end))
    if not said:
        return None
    said = [
        one for one in said if not _NEW_SENTENCE.search(text[min(one.end(), span[1]) : max(one.start(), span[0]) + 1])
    ]
    if not said:
        return None
    closest = min(said, key=lambda one: max(one.start() - span[1], span[0] - one.end()))
    return law.session_written.format(closest[0], *closest.groups())


def phrase_pattern(phrase: str) -> str:
    """Return what finds a phrase in running text; `*` stands for any ending of a word."""
    words = (
        re.escape(word.rstrip("*")) + (r"\w{0,12}(?:['’]s)?" if word.endswith("*") else "") for word in phrase.split()
    )
    return r"(?<!\w)" + r"[\s\u00a0-]{1,3}".join(words) + r"(?!\w)"


def _of_subject(subject: NamedSubject, text: str) -> Iterator[Citation]:
    """Yield where a subject is named; a name without capitals is found whatever its case."""
    near = "|".join(map(phrase_pattern, subject.near))
    for name in subject.names:
        flag = "(?i)" if name == name.lower() else ""
        for match in compiled(flag + phrase_pattern(name)).finditer(text):
            start, end = max(0, match.start() - 4 * NEAR), match.end() + 4 * NEAR
            if not near or compiled(near).search(text, start, end):
                yield Citation(match[0], match.span(), subject.document, subject.called, "named")
