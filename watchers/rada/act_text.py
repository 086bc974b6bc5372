"""What does the text of a decree or of the law that approves it say?

Pure, from the plain text of the database or of a page. The decree states the term; the law only cites the decree and
may narrow it. The end is never read: it follows from start and length (news sites contradict each other by a day).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from watchers.rada import MARTIAL_LAW, MOBILISATION, dates
from watchers.rada.text import cleaned, folded, latin
from watchers.rada.titles import END, EXTENSION, INTRODUCTION, PARTIAL_END

LONGEST_TEXT = 60_000
"""Characters of a text that are looked at: a decree of this kind has 1,500, the longest law about it 3,000."""

STATUSES = (
    "не визначено",
    "втратив чинність",
    "набирає чинності",
    "дію зупинено",
    "дію відновлено",
    "чинний",
    "не набрав чинності",
    "не застосовується на території України",
)
"""The dictionary `stan` of the database, in the order of its numbers from 0."""


@dataclass(frozen=True, slots=True)
class StatedTerm:
    """The operative words of a decree. `starts_at` is local wall time, `scope` and `clause` the decree's own words."""

    regime: str
    act: str
    starts_at: str | None
    length: str | None
    scope: str | None
    clause: str


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
        term=_term(text, low),
    )


def read_law(text: str) -> LawText:
    """Read a law that may approve a decree; what cannot be found is None."""
    text = cleaned(text[:LONGEST_TEXT])
    low = folded(text)
    number, approves_of, reservation = _approved(text, low)
    effect = re.search(r"набирає чинності (з[^\n.]{1,160})", low)
    tail = re.search(r"набрання чинності від (\d\d\.\d\d\.\d{4})", low)
    stated = re.search(r"закон україни від (\d\d\.\d\d\.\d{4})", low)
    return LawText(
        number=_law_number(text),
        adopted_on=_signed_on(low) or (dates.day(stated[1]) if stated else None),
        title=_title_line(text, low),
        approves=number,
        approves_of=approves_of,
        reservation=reservation,
        takes_effect=text[effect.start(1) : effect.end(1)].strip() if effect else None,
        in_force_on=dates.day(tail[1]) if tail else None,
        status=_status(low),
        narrowed=_narrowing(reservation or ""),
    )


_NUMBER_LINE = re.compile(r"^\s*(?:№|no\.?|n)\s?(\d{1,5}(?: ?/ ?\d{4})?)\s*$", re.MULTILINE)
_NUMBER_HEAD = re.compile(
    r"(?:указ\w*\s+президента\s+україни|decree\s+of\s+the\s+president\s+of\s+ukraine|president'?s?\s+decree)"
    r"\s*(?:№|no\.?|n)\s?(\d{1,5}(?: ?/ ?\d{4})?)"
)
_LAW_NUMBER = re.compile(r"(?:№|N)\s?(\d{1,5} ?[-–] ?[IVX]+)\b")


def _number_line(low: str) -> str | None:
    found = _NUMBER_LINE.findall(low)
    return str(found[-1]) if found else None


def _number_in_head(low: str) -> str | None:
    found = _NUMBER_HEAD.search(low[:1000])
    return found[1] if found else None


def _law_number(text: str) -> str | None:
    found = _LAW_NUMBER.findall(latin(text))
    return str(found[-1]).replace(" ", "").replace("–", "-") if found else None


def _with_year(number: str | None, day: str | None) -> str | None:
    """Complete a number printed without its year, as until 2018: numbering restarts each January."""
    if number is None or "/" in number:
        return number.replace(" ", "") if number else None
    return f"{number}/{day[:4]}" if day else None


def _signed_on(low: str) -> str | None:
    """Return the day of signature: the last day that stands alone on its line, else the last one below the name.

    Bodies quote the days of other acts, and so do titles repeated in the database's tail.
    """
    alone = list(dates.days_alone(low))
    named = "президент україни" if "президент україни" in low else "president of ukraine"
    _, signed, below = low.rpartition(named)
    return alone[-1] if alone else dates.last_day(below) if signed else None


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
_REGIME_WORDS = (
    (MARTIAL_LAW, re.compile(r"(?:воєнн|військов)\w+ стан|военно\w+ положени|martial law")),
    (MOBILISATION, re.compile(r"мобілізаці|мобилизаци|mobili[sz]ation")),
)
_SCOPE = re.compile(
    r"(?:(?:в|у|на території) (?:всій )?(?:україн[іи]|окремих|[\w'-]+(?:ій|ькій|цькій|их|ьких))\b[^\n]{0,1200}?"
    r"|in ukraine|в украине)"
    r"(?=,? (?:воєнн\w+|військов\w+|починаючи|з|із|зі|с|строком|терміном|сроком|на|from|for|протягом) |[.;\n]|$)"
)


def _term(text: str, low: str) -> StatedTerm | None:
    """Find the paragraph that orders something of a regime, and read what it orders."""
    at = 0
    for paragraph in low.split("\n"):
        for act, verb in _VERBS:
            found = re.search(verb, paragraph)
            if found and (regime := _regime_of(paragraph[found.start() :])):
                return _ordered(regime, act, paragraph, found.start(), text[at : at + len(paragraph)], low)
        at += len(paragraph) + 1
    return None


def _regime_of(clause: str) -> str | None:
    places = [(found.start(), regime) for regime, words in _REGIME_WORDS if (found := words.search(clause))]
    return min(places)[1] if places else None


def _ordered(regime: str, act: str, paragraph: str, at: int, original: str, low: str) -> StatedTerm:
    clause = paragraph[at:]
    scope = _SCOPE.search(clause)
    length = dates.length(clause) or dates.length(paragraph)
    if length is None and act == INTRODUCTION:
        # Mobilisation decrees give the length in a paragraph of its own.
        length = next((n for line in low.split("\n") if _regime_of(line) == regime and (n := dates.length(line))), None)
    if act == END and re.search(r" (?:окрем|деяк|певн|част)\w* ", clause):
        act = PARTIAL_END
    return StatedTerm(
        regime=regime,
        act=act,
        starts_at=dates.start(clause) or dates.start(paragraph),
        length=None if act in (END, PARTIAL_END) else length,
        scope=original[at:][scope.start() : scope.end()].strip() if scope else None,
        clause=original[at:].strip()[:1000],
    )


_ONLY_THERE = re.compile(
    r"(?:в|у|на території) (?:[\w'-]+,? ){1,40}?(?:областях|області|районах|місцевостях)[^\n.;]{0,300}"
)
_ENDS_SCOPE = re.compile(r",? (?:строком|терміном|на \d|(?:з|із) \d|починаючи|воєнн\w+ стан)")


def _narrowing(reservation: str) -> dict[str, str]:
    """Return what a reservation says of the term: where, how long and from when; a repeated day is no start."""
    low = folded(reservation)
    said = {"length": dates.length(low), "starts_at": dates.start(low)}
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
_NEXT_ARTICLE = re.compile(r"\n\s*(?:\d{1,2}|[ivx]{1,4})\s?\.\s|\n\s*президент україни|\n\s*голова верховної ради")
_RESERVING = re.compile(
    r",?\s*(?:з|із)\s+(?:таким|такими|наступним|наступними)\s+(?:застереженн|змін|уточненн|поправк)"
)


def _approved(text: str, low: str) -> tuple[str | None, str | None, str | None]:
    """Return the decree a law approves, that decree's day, and the law's reservation in its own words."""
    found = _APPROVES.search(low)
    if found is None:
        return None, None, None
    day = dates.day(found["day1"] or found["day2"] or "")
    number = _with_year(re.sub(r"\s", "", found["number1"] or found["number2"]), day)
    end = _NEXT_ARTICLE.search(low, found.end())
    article = low[found.end() : end.start() if end else None]
    reserving = _RESERVING.search(article)
    if reserving is None:
        return number, day, None
    at = found.end() + reserving.start()
    return number, day, text[at : end.start() if end else None].strip(" ,\n")[:4000]
