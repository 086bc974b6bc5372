"""What does a text say of the documents it cites, and where does the official record say otherwise?

Steps are read by the words that the jurisdictions declare, ordinal numbers and ends here, in English and Ukrainian. The
words of a claim are kept as they stand; what is expected, denied or conditional is none.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from domain.citations import Citation, SaidDate, Span, compiled, dates_in
from domain.documents import DocumentId
from domain.jurisdictions import ClaimForm, NameRefused, jurisdiction_of


@dataclass(frozen=True, slots=True)
class Claim:
    """What a text says of a document. `kind` is a step (`referred`), `number` (of an extension) or `until`; `value` is
    a day, a month or a year (`2025-12-12`, `2026-02`), a number, or "" where only the step is reported. `text` is the
    passage itself, `of_act` says that an act is counted, not a renewal, `any_year` that no year was written."""

    kind: str
    value: str
    text: str
    span: Span
    of_act: bool = False
    any_year: bool = False


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A claim, and what the record has instead: a day, a number, "" for nothing. `official` is its official line."""

    claim: Claim
    record: str
    official: str = ""


# --- claims --------------------------------------------------------------------------------------------------------

_ABBREVIATED = re.compile(
    r"(?:\b(?:[A-ZА-ЯІЇЄҐ]|Reps?|Sens?|Gov|Gen|Lt|Col|St|Mr|Mrs|Ms|Dr|No|Con|Res|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Pub|Fed|Reg|Doc"
    r"|Stat|Art|Sec|р|рр|ст|ч|п|м|см|ім|т))\.$"
)
_END = re.compile(r"[.!?…][»”\"')\]]{0,2}(?=\s+[«“\"'(\[]?[A-ZА-ЯІЇЄҐ0-9])|;(?=\s)|\n+")
_REFERRING = re.compile(
    r"\b(?:the|his|her|its)\s(?:\w+\s)?(?:bill|measure|legislation|resolution|proposal)\b"
    r"|\b(?:this|that)\s(?:\w+\s)?(?:bill|measure|legislation|resolution|proposal|act|law|decree|order)\b"
    r"|\b(?:signed|passed|approved|vetoed|introduced|adopted)\sit\b|^\W*(?:it|він|вона|воно|документ)\b"
    r"|\b(?:його|її)\s(?:переда|направ|ухвал|схвал|підтрим|підписа|зареєстр|вн[іе]с)\w*"
    r"|\b(?:ц(?:ей|ього|им|ьому|я|ю)|зазначен\w+|відповідн\w+)\s(?:законопроєкт|проєкт|закон|указ|документ|постанов)\w*",
    re.IGNORECASE,
)
"""Words by which a sentence speaks of the document that was named before it."""

_BOUND = re.compile(
    r"\b(?:until|till|through|from|since|starting|beginning|effective|by|before|after|до|по|з|із|від|після)\s(?:on\s)?$",
    re.IGNORECASE,
)
"""What before a day says that it is no day on which something was done."""

_NOT_A_FACT = re.compile(
    r"\b(?:will|would|could|may|might|should|can|cannot|to be|if|unless|not|never|expects?|expected"
    r"|plans?|wants?|hopes?|буде|може|мав би|не)\s(?:\w+\s){0,2}$|n['’]t\s(?:\w+\s)?$",
    re.IGNORECASE,
)


LONGEST_SENTENCE = 1500
"""Characters; what is longer is a table or a list, and says nothing of one document."""


def sentences(text: str) -> list[Span]:
    """Return where the sentences of a text stand; a line ends one, and what is too long for one is left out."""
    spans, start = [], 0
    for end in _END.finditer(text):
        if text[end.start()] == "." and _ABBREVIATED.search(text, max(0, end.start() - 8), end.start() + 1):
            continue
        if text[start : end.end()].strip():
            spans.append((start, end.end()))
        start = end.end()
    spans += [(start, len(text))] if text[start:].strip() else []
    return [span for span in spans if span[1] - span[0] <= LONGEST_SENTENCE]


LASTS = 2500
"""Characters for which a text goes on speaking of the regime that it named last."""

REFERS = 600
"""Characters within which `this bill` is the one that was named last."""


def claims(text: str, day: date, found: Sequence[Citation]) -> dict[DocumentId, list[Claim]]:
    """Return what a text written on `day` says of the documents it cites: steps with their days, and of regimes the
    number of an extension and its end."""
    said: dict[DocumentId, list[Claim]] = {}
    owner: Citation | None = None
    regimes: list[Citation] = []
    for start, end in sentences(text):
        first, last = (bisect_left(found, place, key=lambda one: one.span[0]) for place in (start, end))
        here = [one for one in found[first:last] if one.document]
        bills = [one for one in here if one.document and one.document.kind != "regime"]
        regimes = [one for one in here if one not in bills] or regimes
        if bills:
            owner = bills[-1] if len({one.document for one in bills}) == 1 else None
        elif owner and start - owner.span[1] < REFERS and _REFERRING.search(text[start:end]):
            bills = [replace(owner, span=(start, start))]
        for part in _clauses(text, start, end):
            own = [one for one in bills if part[0] <= one.span[0] < part[1]]
            for document, claim in _steps(text, part, own, day):
                said.setdefault(document, []).append(claim)
        if regimes and start - regimes[-1].span[1] < LASTS:
            for claim in _of_regime(text, (start, end), day):
                for document in _meant(text, regimes, claim.span):
                    said.setdefault(document, []).append(claim)
    return {document: list(dict.fromkeys(all_said)) for document, all_said in said.items() if all_said}


def _clauses(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the parts of a sentence that speak of different things: `the House passed one, while another waits`."""
    for turn in _TURN.finditer(text, start, end):
        yield start, turn.start()
        start = turn.start()
    yield start, end


_TURN = re.compile(r",\s(?=(?:while|whereas|а|тоді як|натомість)\s)")


def _steps(text: str, span: Span, cited: Sequence[Citation], day: date) -> Iterator[tuple[DocumentId, Claim]]:
    """Yield the steps that a sentence reports, each of the citation nearest to it and with its day."""
    laws = {one.document.jurisdiction: jurisdiction_of(one.document) for one in cited if one.document}
    verbs = sorted(
        (match.span(), law, form)
        for law in laws.values()
        for form in law.claim_forms
        for match in compiled(f"(?i){form.said}").finditer(text, *span)
        if not _NOT_A_FACT.search(text, max(span[0], match.start() - 40), match.start())
    ) if laws else []  # fmt: skip
    part = text[span[0] : span[1]]
    days = [one for one in dates_in(part, day) if not _BOUND.search(part[: one.span[0]])]
    dated = _days_of([verb for verb, _, _ in verbs], days, span[0])
    for number, (verb, law, form) in enumerate(verbs):
        own = [one for one in cited if one.document and one.document.jurisdiction == law.code]
        nearest = min(own, key=lambda one: max(2 * (one.span[0] - verb[1]), verb[0] - one.span[1], 0))
        if nearest.document is not None:
            when = dated.get(number)
            yield nearest.document, Claim(form.kind, when.value if when else "", _passage(text, span), verb)


def _days_of(verbs: Sequence[Span], said: Sequence[SaidDate], offset: int) -> dict[int, SaidDate]:
    """Give each verb its day: the first one behind it and before the next verb, else the last one before it that no
    other verb stands between."""
    places = [(one.span[0] + offset, one) for one in said]
    given: dict[int, SaidDate] = {}
    for number, verb in enumerate(verbs):
        limit = verbs[number + 1][0] if number + 1 < len(verbs) else verb[1] + 160
        behind = next((one for at, one in places if verb[1] <= at < min(limit, verb[1] + 160)), None)
        if behind:
            given[number] = behind
    for number, verb in enumerate(verbs):
        first = verbs[number - 1][1] if number else 0
        before = [one for at, one in places if first <= at < verb[0] and one not in given.values()]
        if number not in given and before and verb[0] - offset - before[-1].span[1] <= 200:
            given[number] = before[-1]
    return given


def _passage(text: str, span: Span) -> str:
    words = " ".join(text[span[0] : span[1]].split())
    return words if len(words) <= 240 else words[:237] + "..."


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_UNITS = _listed(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth"
)
_ORDINALS = {word: number for number, word in enumerate(_UNITS, 1)} | {"twentieth": 20, "thirtieth": 30}
_ORDINALS |= {f"{tens}-{_UNITS[n]}": base + n + 1 for tens, base in (("twenty", 20), ("thirty", 30)) for n in range(9)}
_UKRAINIAN = _listed(
    "перш друг трет четверт п['’]ят шост сьом восьм дев['’]ят десят одинадцят дванадцят тринадцят чотирнадцят "
    "п['’]ятнадцят шістнадцят сімнадцят вісімнадцят дев['’]ятнадцят двадцят"
)
_ORDINAL = (
    rf"(?P<word>{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})|"
    r"(?P<figure>[1-9]\d?)(?:st|nd|rd|th|-(?:й|го|му|те|ий|ого))"
    r"|(?:(?P<tens>двадцять|тридцять)\s)?(?:"
    + "|".join(f"(?P<u{n}>{stem})" for n, stem in enumerate(_UKRAINIAN, 1))
    + r")(?:ий|ій|ого|ому|им|ьої|ього|е|а|ої|у|ю)"
)
_COUNTED = (
    r"(?P<act>(?:presidential\s|president['’]s\s)?(?:decree|law|act|executive order|proclamation)s?|указ\w*|закон\w*)"
    r"|(?P<renewal>extension|renewal|prolongation|time\b|продовженн\w*|раз(?:у|ом)?\b)"
)
_NUMBERED = rf"(?i)\b(?:{_ORDINAL})\s(?:\w+\s){{0,2}}?(?:{_COUNTED})"
_RENEWED = re.compile(
    r"\b(?:exten\w+|prolong\w+|continu\w+|renew\w+|in (?:force|effect|place)|remain\w*|expir\w+|last\w*|runs?|ends?)\b"
    r"|продовж\w+|ді(?:є|яв|яла|яло|ятиме)\b|трива\w+|закінч\w+|подовж\w+",
    re.IGNORECASE,
)
_TO = re.compile(
    r"\b(?:until|till|through|expire[sd]?(?: on| in)?|expiring(?: on)?|end(?:s|ed)?(?: on| in)?)"
    r"\s(?:the\s(?:end|beginning|start)\sof\s|at least\s)?|\bto\s(?=\d|(?-i:[A-Z]))|(?<!\w)(?:до|по)\s(?:кінця\s)?",
    re.IGNORECASE,
)


def _of_regime(text: str, span: Span, day: date) -> Iterator[Claim]:
    """Yield what a sentence that speaks of renewing, or of an end, says of the extensions of a regime."""
    part = text[span[0] : span[1]]
    renewing = _RENEWED.search(part)
    if not renewing:
        return
    passage = _passage(text, span)
    if (numbered := compiled(_NUMBERED).search(part)) is not None:
        at = (span[0] + numbered.start(), span[0] + numbered.end())
        yield Claim("number", str(_ordinal(numbered)), passage, at, of_act=bool(numbered["act"]))
    for to in _TO.finditer(part):
        window = part[to.end() : to.end() + 60]
        ends = dates_in(window, day, ahead=True)
        if ends and ends[0].span[0] <= 25 and to.start() - renewing.start() < 160:
            value = ends[0].value if ends[0].has_year else _year_back(ends[0].value, day, part)
            at = (span[0] + to.start(), span[0] + to.end())
            yield Claim("until", value, passage, at, any_year=not ends[0].has_year)


def _whole(value: str, rest: str) -> str:
    """Complete a month or a year to a day with the `rest` of one; the days that every month has."""
    return value + (rest if len(value) == 4 else f"-{min(int(rest[4:]), 28):02}" if len(value) == 7 else "")


def _year_back(value: str, day: date, sentence: str) -> str:
    """Return an end without its year as the last one, where it would lie far ahead and the sentence looks back."""
    ahead = date.fromisoformat(_whole(value, "-01-01")) - day
    back = ahead > timedelta(days=200) and _PAST.search(sentence)
    return f"{int(value[:4]) - 1}{value[4:]}" if back else value


_PAST = re.compile(
    r"\b(?:was|were|had|earlier|subsequently|expired|ended|було|була|був|ді(?:яв|яла|яло)|тривав\w*|раніше|згодом|тоді)\b",
    re.IGNORECASE,
)


def _meant(text: str, regimes: Sequence[Citation], place: Span) -> list[DocumentId]:
    """Return the regime that a claim is about, the last one named before it, with those named together with it:
    `martial law and general mobilisation`."""
    before = [number for number, one in enumerate(regimes) if one.span[1] <= place[0]]
    last = before[-1] if before else 0
    first = last
    while first and _TOGETHER.fullmatch(text[regimes[first - 1].span[1] : regimes[first].span[0]]):
        first -= 1
    while last + 1 < len(regimes) and _TOGETHER.fullmatch(text[regimes[last].span[1] : regimes[last + 1].span[0]]):
        last += 1
    return [one.document for one in regimes[first : last + 1] if one.document]


_TOGETHER = re.compile(
    r"[\s,]{0,3}(?:(?:and|as well as|та|і|й|the|general|full|загальн\w{1,3}|of|on|про)\s){0,4}", re.IGNORECASE
)


def _ordinal(match: re.Match[str]) -> int:
    if match["word"]:
        return _ORDINALS[match["word"].lower()]
    if match["figure"]:
        return int(match["figure"])
    units = next(number for number in range(1, len(_UKRAINIAN) + 1) if match[f"u{number}"])
    return units + {"двадцять": 20, "тридцять": 30}.get((match["tens"] or "").lower(), 0)


@dataclass(frozen=True, slots=True)
class OfficialStep:
    """A step that the record has: its kind, day and official line."""

    kind: str
    on: str
    text: str


@dataclass(frozen=True, slots=True)
class OfficialTerm:
    """A term of a regime: its number (0 the introduction), first moment and end (aware; None for open), its acts."""

    number: int | None
    starts_at: datetime
    ends_at: datetime | None
    text: str


def official_steps(
    forms: Sequence[ClaimForm], points: Iterable[tuple[str, str, str]], lines: Iterable[tuple[str, str]]
) -> list[OfficialStep]:
    """Return the steps that a record has of those that texts report. `points` are statuses with their day and official
    words, `lines` days and words of its official actions."""
    found = [
        OfficialStep(form.kind, on, words)
        for status, on, words in points
        for form in forms
        if status.startswith(form.statuses)
    ]
    for on, words in lines:
        kinds = (form.kind for form in forms if form.official and compiled(f"(?i){form.official}").match(words))
        found += [OfficialStep(kind, on, words) for kind in kinds]
    return sorted(dict.fromkeys(found), key=lambda one: (one.on, one.kind))


def compare(claim: Claim, steps: Sequence[OfficialStep], *, complete: bool = True) -> Mismatch | None:
    """Return where a claim and the steps of a record differ, None where they agree, or the record cannot say: it has no
    step at all, or is not `complete` and lacks this one. Of several days the one next to the claimed one is named."""
    own = [step for step in steps if step.kind == claim.kind]
    if not steps or any(step.on.startswith(claim.value) for step in own):
        return None
    if not own:
        return Mismatch(claim, "") if complete else None
    place = bisect_right([step.on for step in own], claim.value)
    closest = own[max(place - 1, 0)]
    return Mismatch(claim, closest.on, closest.text)


LATELY = timedelta(days=400)
"""How long before a text was written a term may have ended whose end it still reports."""


def compare_term(claim: Claim, terms: Sequence[OfficialTerm], written: datetime, beside: str = "") -> Mismatch | None:
    """Return where a claim and the terms of a regime differ. It may speak of the term in force when it was `written` or
    of a later one known by now, its end also of one that ended lately; `beside`, an end that is claimed with it, says
    which one. None where they agree, or no term was in force and none has ended."""
    running = [term for term in terms if term.ends_at is None or term.ends_at > written]
    lately = [term for term in terms if term.ends_at and written - LATELY < term.ends_at <= written]
    current = next((term for term in running if term.starts_at <= written), None)
    if current is None and claim.kind == "until" and terms and not running:
        running, current = list(terms), terms[-1]  # it has ended: the claim may be about any of its ends
    if current is None:
        return None
    meant = next((term for term in running if beside and _ends_on(term, beside)), current)
    if claim.kind == "until":
        if any(_ends_on(term, claim.value, any_year=claim.any_year) for term in (*running, *lately)):
            return None
        claimed = date.fromisoformat(_whole(claim.value, "-07-15"))
        closest = min(running, key=lambda term: abs(term.ends_at.date() - claimed) if term.ends_at else timedelta.max)
        return Mismatch(claim, _last_day(closest), closest.text)
    if meant.number is None:
        return None
    accepted = {meant.number, meant.number + 1} if claim.of_act or (meant is current and not beside) else {meant.number}
    return None if int(claim.value) in accepted else Mismatch(claim, str(meant.number), meant.text)


def _last_day(term: OfficialTerm) -> str:
    return term.ends_at.date().isoformat() if term.ends_at else ""


def _ends_on(term: OfficialTerm, said: str, *, any_year: bool = False) -> bool:
    """Say whether a term ends on a day or in a month, of any year if none was said, the last whole day included."""
    if term.ends_at is None:
        return False
    days = (term.ends_at.date(), (term.ends_at - timedelta(microseconds=1)).date(), term.ends_at.date() - timedelta(1))
    first = 4 if any_year else 0
    return any(day.isoformat()[first:].startswith(said[first:]) for day in days)


Claims = Mapping[DocumentId, Sequence[Claim]]


def with_stated_sessions(found: Sequence[Citation], said: Claims, day: date) -> list[Citation]:
    """Return the citations with the session of the days that the text gives for a document's steps, where all of them
    lie before the session of the text itself."""
    moved: dict[DocumentId, DocumentId] = {}
    for document, steps in said.items():
        law = jurisdiction_of(document)
        last = max((_whole(claim.value, "-12-31") for claim in steps if claim.value), default=None)
        inferred = any(one.document == document and one.basis == "inferred" for one in found)
        if not last or not inferred or (began := law.session_began(document)) is None or last >= began.isoformat():
            continue
        own = next(one for one in found if one.document == document)
        try:
            parsed = law.parse_text(own.text, date.fromisoformat(last), ())
        except NameRefused:
            continue
        if parsed is not None:
            moved[document] = parsed.document
    return [replace(one, document=moved.get(one.document, one.document)) if one.document else one for one in found]
