"""What does the text of a decree or of the law that approves it say, and what does that say of its regime?

Pure, from the plain text of the database or of a page. The decree states the term; the law only cites the decree and
may narrow it. Where a length is stated the end follows from it and is not read (news sites contradict each other by a
day).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from domain.coded_text import CodedText, coded
from domain.documents import DocumentId
from domain.jurisdictions.ua import STATUSES as STATUS_TABLE
from domain.jurisdictions.ua import decree_id
from domain.records.facets import Entry, Facet
from watchers.rada import MARTIAL_LAW, MOBILISATION, REGIMES
from watchers.rada.client import ActState
from watchers.rada.text import (
    cleaned,
    days_alone,
    folded,
    last_stated_day,
    latin,
    stated_day,
    stated_end,
    stated_length,
    stated_start,
)
from watchers.rada.titles import END, EXTENSION, INTRODUCTION, PART_OF_COUNTRY, PARTIAL_END

LONGEST_TEXT = 60_000
"""Characters of a text that are looked at for a term: a decree of this kind has 1,500, the longest law about it 3,000.
"""

LONGEST_SIGNED = 4_000_000
"""Characters of a text in which the sign-off is looked for: codes have two million."""

STATUSES = tuple(
    STATUS_TABLE[code][1]
    for code in (
        *("NOT_DETERMINED", "LOST_FORCE", "ENTERING_INTO_FORCE", "SUSPENDED", "RESTORED", "IN_FORCE"),
        *("NOT_YET_IN_FORCE", "NOT_APPLIED"),
    )
)
"""The dictionary `stan` of the database, in the order of its numbers from 0."""


@dataclass(frozen=True, slots=True)
class StatedTerm:
    """The operative words of a decree. `starts_at` is local wall time; where none is stated, `starts` says that the
    term begins with its publication or with the end of the one before (`"continuation"`). `ends` is a wall time or a
    last day, `scope` (None for the whole country) and `clause` are the decree's own words."""

    regime: str
    act: str
    starts_at: str | None
    length: str | None
    scope: str | None
    clause: str
    starts: str | None = None
    ends: str | None = None

    @property
    def is_complete(self) -> bool:
        """Say whether the term can be reckoned from what is stated."""
        return self.act in (END, PARTIAL_END) or bool((self.starts_at or self.starts) and (self.length or self.ends))

    def facts(self) -> dict[str, str]:
        """Return what is to be remembered of it."""
        names = ("starts_at", "starts", "length", "ends", "scope", "clause")
        return {name: getattr(self, name) or "" for name in names}


@dataclass(frozen=True, slots=True)
class DecreeText:
    """A decree as its text states it: number with year, day of signature, and the term it sets, if it does."""

    number: str | None
    signed_on: str | None
    at_home: bool
    title: str | None
    term: StatedTerm | None


@dataclass(frozen=True, slots=True)
class LawText:
    """A law as its text states it. `approves` is the decree's number with its year, `approves_of` that decree's day;
    `reservation` and `takes_effect` are the law's own words; `in_force_on` and `status` come from the database's tail.
    `narrowed` is what the reservation says of the term otherwise than the decree: `scope`, `length`, `starts_at`.
    """

    number: str | None
    adopted_on: str | None
    title: str | None
    approves: str | None
    approves_of: str | None
    reservation: str | None
    takes_effect: str | None
    in_force_on: str | None
    status: str | None
    narrowed: Mapping[str, str] = field(default_factory=dict)


def is_page(text: str) -> bool:
    """True for a web page where plain text was asked for."""
    return text.lstrip()[:200].lower().startswith(("<!doctype", "<html", "<head", "<?xml"))


def read_decree(text: str) -> DecreeText:
    """Read a decree; what cannot be found is None."""
    text = cleaned(text[:LONGEST_TEXT])
    low = folded(text)
    signed_on = _signed_on(low)
    return DecreeText(
        number=_with_year(_number_line(low) or _number_in_head(low), signed_on),
        signed_on=signed_on,
        at_home=bool(re.search(r"президента? україни|president of ukraine|президента? украины", low)),
        title=_title_line(text, low),
        term=_term(text, low, signed_on),
    )


def read_law(text: str) -> LawText:
    """Read a law that may approve a decree; what cannot be found is None. Its number is that of its sign-off, the first
    that fills a line: annexes behind it carry those of the laws that amended them, and old layouts have none."""
    sign_off, signed_on = _sign_off(text)
    tail = folded(cleaned(text[-_TAIL:]))
    text = cleaned(text[:LONGEST_TEXT])
    low = folded(text)
    number, approves_of, reservation = _approved(text, low)
    effect = re.search(r"набирає чинності (з[^\n.]{1,160})", low)
    entered = re.search(r"набрання чинності від (\d\d\.\d\d\.\d{4})", tail)
    stated = re.search(r"закон україни від (\d\d\.\d\d\.\d{4}) № ?\S+\s*$", tail, re.MULTILINE)
    return LawText(
        number=sign_off,
        adopted_on=signed_on or _signed_on(low) or (stated_day(stated[1]) if stated else None),
        title=_title_line(text, low),
        approves=number,
        approves_of=approves_of,
        reservation=reservation,
        takes_effect=text[effect.start(1) : effect.end(1)].strip() if effect else None,
        in_force_on=stated_day(entered[1]) if entered else None,
        status=_status(tail),
        narrowed=_narrowing(reservation or ""),
    )


_TAIL, _ABOVE = 3_000, 400
"""Characters at the end, where the database adds what it knows, and above a sign-off, where its day stands."""

_NUMBER_LINE = re.compile(r"^ *(?:№|no\.?|n)\s?(\d{1,5}(?: ?/ ?\d{4})?) *$", re.MULTILINE)
_NUMBER_HEAD = re.compile(
    r"(?:указ\w*\s+президента\s+україни|decree\s+of\s+the\s+president\s+of\s+ukraine|president'?s?\s+decree)"
    r"\s*(?:№|no\.?|n)\s?(\d{1,5}(?: ?/ ?\d{4})?)"
)
_LAW_NUMBER = re.compile(r"^[^\S\n]*(?:№|N)[^\S\n]?(\d{1,5} ?[-–] ?[IVX]+)[^\S\n]*\r?$", re.MULTILINE)


_SIGNED = re.compile(
    r"^ *(?:(?:в\. ?о\. ?президента|президент) (?:україни|украины)|president of ukraine)\b", re.MULTILINE
)


def _number_line(low: str) -> str | None:
    """Return the number of the sign-off: the first below the signature, for above it notes name those of other acts."""
    signature = _SIGNED.search(low)
    found = _NUMBER_LINE.search(low, signature.end() if signature else 0) or _NUMBER_LINE.search(low)
    return found[1] if found else None


def _number_in_head(low: str) -> str | None:
    found = _NUMBER_HEAD.search(low[:1000])
    return found[1] if found else None


def _sign_off(text: str) -> tuple[str | None, str | None]:
    """Return number and day of a law's sign-off."""
    found = _LAW_NUMBER.search(latin(text[:LONGEST_SIGNED]))
    if found is None:
        return None, None
    above = folded(cleaned(text[max(0, found.start() - _ABOVE) : found.start()]))
    day = next(reversed(list(days_alone(above))), None) or last_stated_day(above)
    return found[1].replace(" ", "").replace("–", "-"), day


def _with_year(number: str | None, day: str | None) -> str | None:
    """Complete a number printed without its year, as until 2018: numbering restarts each January."""
    if number is None or "/" in number:
        return number.replace(" ", "") if number else None
    return f"{number}/{day[:4]}" if day else None


def _signed_on(low: str) -> str | None:
    """Return the day of signature: the first day that stands alone on its line below the signature, else the last such
    one, else the last one below the name.

    Bodies quote the days of other acts, and so do annexes and the titles repeated in the database's tail.
    """
    signature = _SIGNED.search(low)
    alone = [*days_alone(low), *([*days_alone(low[signature.end() :])][:1] if signature else ())]
    named = "президент україни" if "президент україни" in low else "president of ukraine"
    _, signed, below = low.rpartition(named)
    return alone[-1] if alone else last_stated_day(below) if signed else None


def _title_line(text: str, low: str) -> str | None:
    lines = zip(text.split("\n"), low.split("\n"), strict=True)
    return next((line.strip() for line, small in lines if small.strip().startswith(("про ", "on ", "о ", "об "))), None)


def _status(low: str) -> str | None:
    lines = [line.strip() for line in low.split("\n") if line.strip()]
    return next((word for word in STATUSES if lines and folded(word) == lines[-1]), None)


_VERBS: tuple[tuple[str, str], ...] = (
    (EXTENSION, r"\b(?:продовжити|подовжити|пролонгувати|продлить|(?:to |shall )?extend(?:ed)?|prolong(?:ed)?)\b"),
    (INTRODUCTION, r"\b(?:ввести|увести|запровадити|оголосити|провести|объявить|introduced?|imposed?|declared?)\b"),
    (END, r"\b(?:скасувати|припинити|відмінити|отменить|прекратить|terminated?|lift(?:ed)?|cancel(?:led)?|revoked?)\b"),
    (END, r"\bвизнати (?:таким|такими), що (?:втратив|втратили) чинність"),
)
_STATED = (
    (EXTENSION, r"\b(?:продовжується|продовжено|подовжується|подовжено|продлевается)\b"),
    (INTRODUCTION, r"\b(?:вводиться|введено|запроваджується|вводится)\b"),
    (END, r"\b(?:скасовується|припиняється|отменяется|прекращается)\b"),
)
"""Verbs that also tell what other acts did: they count where no paragraph orders anything."""
_REGIME_WORDS = (
    (MARTIAL_LAW, re.compile(r"(?:воєнн|військов)\w+ стан|военно\w+ положени|martial law|№ ?64/2022\b")),
    (MOBILISATION, re.compile(r"мобілізаці|мобилизаци|mobili[sz]ation|№ ?6[59]/2022\b")),
)
_SCOPE = re.compile(
    r"(?:(?:в|у|на території) (?:всій )?(?:україн[іи]|окремих|[\w'-]+(?:ій|ої|их|ого|ому|і))\b[^\n]{0,1200}?"
    r"|in ukraine|в украине)"
    r"(?=,? (?:воєнн\w+|військов\w+|продовж\w+|подовж\w+|скас\w+|припин\w+|вв[ео]д\w+|починаючи|з|із|зі|с|до|по"
    r"|строком|терміном|сроком|на|from|for|протягом) |[.;\n]|$)"
)
_WHOLE = re.compile(r"(?:в|у|на)(?: всій| усій)?(?: території)? україн[іи]\b|in ukraine|в украине")
_EXCEPT = re.compile(r"\b(?:о?крім|за винятком|except)\b")
_EARLIER_ACT = re.compile(
    r",? (?:раніше )?(?:введен|продовжен|запроваджен|оголошен|затвердж?ен|визначен|установлен)\w*"
    r" (?:указ|закон|статт|пункт)\w*[^,;\n]{0,300},"
)
_AT_PUBLICATION = re.compile(
    r"(?:з|із) (?:дня|моменту|дати) (?:його |їх )?(?:офіційного )?(?:опублікування|оприлюднення)"
)
_IN_FORCE = re.compile(r"(?:з|із) (?:дня|моменту|дати) набрання чинності")
_AFTER_THE_LAST = re.compile(r"(?:з|із) (?:дня|моменту|дати) (?:закінчення|спливу|завершення|припинення)")


def _term(text: str, low: str, signed_on: str | None) -> StatedTerm | None:
    """Find the paragraph that orders something of a regime, and read what it orders."""
    for verbs, at_end in ((_VERBS, False), (_VERBS, True), (_STATED, True)):
        at = 0
        for paragraph in low.split("\n"):
            for act, verb in verbs:
                found = re.search(verb, paragraph)
                begin = 0 if at_end else found.start() if found else 0
                if found and (regime := _regime_of(paragraph[begin:])):
                    return _ordered(regime, act, paragraph, begin, text[at : at + len(paragraph)], low, signed_on)
            at += len(paragraph) + 1
    return None


def _regime_of(clause: str) -> str | None:
    places = [(found.start(), regime) for regime, words in _REGIME_WORDS if (found := words.search(clause))]
    return min(places)[1] if places else None


def _ordered(
    regime: str, act: str, paragraph: str, at: int, original: str, low: str, signed_on: str | None
) -> StatedTerm:
    """Read a term from the clause behind its verb, else from its whole paragraph. What the paragraph says of the term
    of an earlier act is passed over."""
    for earlier in _EARLIER_ACT.finditer(paragraph):
        gap = " " * (earlier.end() - earlier.start() - 1)
        paragraph = f"{paragraph[: earlier.start()]}{gap}{paragraph[earlier.end() - 1 :]}"
    clause = paragraph[at:]
    scope = _SCOPE.search(clause)
    named = scope[0].rstrip(" ,") if scope else ""
    whole = bool(_WHOLE.match(named)) and not _EXCEPT.search(named)
    length = stated_length(clause) or stated_length(paragraph)
    if length is None and act == INTRODUCTION:
        # Mobilisation decrees give the length in a paragraph of its own.
        lines = (line for line in low.split("\n") if _regime_of(line) == regime)
        length = next((n for line in lines if (n := stated_length(line))), None)
    if act == END and not whole and PART_OF_COUNTRY.search(clause):
        act = PARTIAL_END
    ending = act in (END, PARTIAL_END)
    starts_at = stated_start(clause, signed_on) or stated_start(paragraph, signed_on)
    return StatedTerm(
        regime=regime,
        act=act,
        starts_at=starts_at,
        starts=None if starts_at or ending else _starts(regime, act, clause),
        length=None if ending else length,
        ends=None if ending or length else stated_end(clause, signed_on),
        scope=original[at:][scope.start() : scope.start() + len(named)] if scope and not whole else None,
        clause=original[at:].strip()[:1000],
    )


def _starts(regime: str, act: str, clause: str) -> str | None:
    """Say from what a term without a stated start is reckoned."""
    if _AT_PUBLICATION.search(clause) or (regime == MARTIAL_LAW and _IN_FORCE.search(clause)):
        return "publication"
    return "continuation" if act == EXTENSION and (_AFTER_THE_LAST.search(clause) or stated_end(clause)) else None


_ONLY_THERE = re.compile(
    r"(?:в|у|на території) (?:[\w'-]+,? ){1,40}?(?:областях|області|районах|місцевостях)[^\n.;]{0,300}"
)
_ENDS_SCOPE = re.compile(r",? (?:строком|терміном|на \d|(?:з|із) \d|починаючи|воєнн\w+ стан)")


def _narrowing(reservation: str) -> dict[str, str]:
    """Return what a reservation says of the term: where, how long and from when; a repeated day is no start."""
    low = folded(reservation)
    length = stated_length(low)
    end = "" if length else stated_end(low) or ""
    said = {"length": length, "starts_at": stated_start(low), "ends_at" if "T" in end else "until": end}
    if place := _ONLY_THERE.search(low):
        ends = _ENDS_SCOPE.search(low, place.start(), place.end())
        said["scope"] = " ".join(reservation[place.start() : ends.start() if ends else place.end()].split())
    return {name: value for name, value in said.items() if value}


_DATED = r"(?:\s+(?:від|от)\s+(?P<day{n}>\d{{1,2}}[ .][\w.]+[ .]\d{{4}})(?:\s+(?:року|р\.))?)?"
_NUMBERED = r"(?:\s*(?:№|n)\s?(?P<number{n}>\d{{1,5}}(?:\s?/\s?\d{{4}})?))"
_APPROVES = re.compile(
    r"затвердити\s+указ\s+президента\s+україни"
    rf"(?:{_DATED.format(n=1)}{_NUMBERED.format(n=1)}|{_NUMBERED.format(n=2)}{_DATED.format(n=2)})"
)
_NEXT_ARTICLE = re.compile(r"\n *(?:(?:\d{1,2}|[ivx]{1,4})\s?\.\s|президент україни|голова верховної ради)")
_RESERVING = re.compile(r"\b(?:з|із)\s+(?:таким|такими|наступним|наступними)\s+(?:застереженн|змін|уточненн|поправк)")


def _approved(text: str, low: str) -> tuple[str | None, str | None, str | None]:
    """Return the decree a law approves, that decree's day, and the law's reservation in its own words."""
    found = _APPROVES.search(low)
    if found is None:
        return None, None, None
    day = stated_day(found["day1"] or found["day2"] or "")
    number = _with_year(re.sub(r"\s", "", found["number1"] or found["number2"]), day)
    end = _NEXT_ARTICLE.search(low, found.end())
    article = low[found.end() : end.start() if end else None]
    reserving = _RESERVING.search(article)
    if reserving is None:
        return number, day, None
    at = found.end() + reserving.start()
    return number, day, text[at : end.start() if end else None].strip(" ,\n")[:4000]


REGIME_TITLES = {MARTIAL_LAW: "Martial law in Ukraine", MOBILISATION: "General mobilisation in Ukraine"}
ZONE = "Europe/Kyiv"

FACETS = ("instruments", "approvals", "steps")


@dataclass(frozen=True, slots=True)
class RegimeStatement:
    """One entry of one facet; `on` puts statements in order. `is_news` is false for what the record has to hold at once
    and no message is sent of yet."""

    facet: str
    subject: str
    entry: Entry
    on: str
    is_news: bool = True


def statements(document: DocumentId, act: ActState) -> Iterator[RegimeStatement]:
    """Return what an act says of its regime; nothing of a term while its text does not say it."""
    if act.missed:
        yield from _unread(document, act)
    elif document.kind == "decree":
        yield _instrument(document, act)
    elif approved := decree_id(act.approves):
        yield _approval(document, act, approved)
        if act.in_force:
            yield _in_force(document, act)


def _unread(document: DocumentId, act: ActState) -> Iterator[RegimeStatement]:
    """Say that an act is there although its text still says nothing: of a renewal at once, in the record alone, so that
    nobody reads that none is seen; and in a message, once, when its text was waited for in vain."""
    renews = act.act not in (END, PARTIAL_END)
    facts = {"step": "seen", "of": str(document), "act": "" if renews else act.act}
    entry = _statement_entry(act, coded("act.term_unread", document=str(document)), **facts)
    if renews and act.title:
        yield RegimeStatement("steps", f"listed:{document}", entry, act.on, is_news=False)
    if act.reported_unread:
        yield RegimeStatement("steps", f"seen:{document}", entry, act.on)


def _instrument(document: DocumentId, act: ActState) -> RegimeStatement:
    entry = _statement_entry(
        act,
        coded("act.signed", document=str(document)),
        act=act.act,
        starts_at=act.starts_at,
        starts=act.starts,
        length=act.length,
        **{"ends_at" if "T" in act.ends else "until": act.ends},
        scope=act.scope,
        clause=act.clause,
    )
    return RegimeStatement("instruments", str(document), entry, act.on)


def _approval(document: DocumentId, act: ActState, approved: DocumentId) -> RegimeStatement:
    """State which decree a law approves, and its reservation: the law may narrow the decree (2630-VIII did)."""
    entry = _statement_entry(
        act,
        coded("act.adopted_with_reservation" if act.reservation else "act.adopted", document=str(document)),
        approves=str(approved),
        reservation=act.reservation,
        takes_effect=act.takes_effect,
        **act.narrowed,
    )
    return RegimeStatement("approvals", str(document), entry, act.on)


def _in_force(document: DocumentId, act: ActState) -> RegimeStatement:
    """State that the law is in force, and with it the decree it approves: one step for both (law 389-VIII, art. 5)."""
    label = coded("act.in_force", document=str(document))
    entry = _statement_entry(act, label, step="in_force", of=str(document), on=act.in_force_on)
    return RegimeStatement("steps", f"in_force:{document}", entry, act.in_force_on or act.on)


def _statement_entry(read: ActState, label: CodedText, /, **facts: str) -> Entry:
    """State an act in its own words; what is not known is absent."""
    said = {"on": read.on, "text": f"{read.title} № {read.number}", "label": label.to_json(), **facts}
    said["confidence"] = "official"
    return {name: value for name, value in said.items() if value}


def regime_outline(regime: DocumentId) -> dict[str, Facet]:
    """State how a regime is reckoned, and that nothing else of it is known: what comes then is news."""
    return {
        "item": {"": {"zone": ZONE, "two_keys": True}},
        "title": {"display": {"text": REGIME_TITLES[REGIMES[regime]]}},
        **{facet: {} for facet in FACETS},
    }
