"""What are bills, laws and amendments of the US Congress called, and how do people write them?

A Congress begins on 3 January of an odd year and ends two years later at noon in Washington (20th Amendment,
section 1).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date

from domain.documents import DocumentId
from domain.jurisdictions import CitationForm, NameRefused, ParsedName, stated_number

BILL_TYPES = ("hr", "s", "hjres", "sjres", "hconres", "sconres", "hres", "sres")

EXAMPLES = ("us/bill/119/hr/6508", "HR 6508", "hr6508-119", "119-hr-6508", "S. 2174", "H.J.Res. 105")
HOSTS = ("congress.gov", "govinfo.gov", "federalregister.gov", "govtrack.us", "legiscan.com", "openstates.org")

_LABELS = {
    "hr": "HR",
    "s": "S",
    "hjres": "HJRes",
    "sjres": "SJRes",
    "hconres": "HConRes",
    "sconres": "SConRes",
    "hres": "HRes",
    "sres": "SRes",
}
_SLUGS = {
    "house-bill": "hr",
    "senate-bill": "s",
    "house-joint-resolution": "hjres",
    "senate-joint-resolution": "sjres",
    "house-concurrent-resolution": "hconres",
    "senate-concurrent-resolution": "sconres",
    "house-resolution": "hres",
    "senate-resolution": "sres",
}
_SLUG_OF = {kind: slug for slug, kind in _SLUGS.items()}
_AMENDMENT_SLUGS = {"house-amendment": "hamdt", "senate-amendment": "samdt"}

_STATES = (
    "Ala(?:bama|ska)|Ariz(?:ona)?|Arkansas|Cal(?:ifornia|if)|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho"
    "|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi"
    "|Missouri|Montana|Nebraska|Nevada|New (?:Hampshire|Jersey|Mexico|York)|North (?:Carolina|Dakota)|Ohio|Oklahoma"
    "|Oregon|Pennsylvania|Rhode Island|South (?:Carolina|Dakota)|Tennessee|Tex(?:as|an)|Utah|Vermont|Virginia"
    "|Washington (?:State|Legislature)|West Virginia|Wisconsin|Wyoming|Philippine|[Ss]tate (?:[Ss]enate|[Hh]ouse)"
)
_FR_NUMBER = r"(?:[a-z][0-9]?-)?(?:[0-9]{4}|[0-9]{2}|[a-z][0-9])-[0-9]{1,6}"
"""Document numbers of the Federal Register: 2026-00001, E9-811, 94-1234, C1-2026-00001."""

_ELSEWHERE = rf"\b(?:{_STATES}|[Ll]egislature|Republic Act)\b"
"""What beside `Senate Bill 7` says that it is one of another legislature."""

_OF_CONGRESS = r"\bCongress\b|U\.S\. (?:House|Senate)|House of Representatives|\b(?:Rep|Sen)\.|Capitol Hill|\bGOP\b"
_DOTTED = (
    r"H\. ?R\.?|HR\.?(?=[ -]?[0-9]{4})|H\.? ?(?:J\.? ?|C(?:on|ON)\.? ?)?R(?:es|ES)\.?"
    r"|S\. ?(?:J\.? ?|C(?:on|ON)\.? ?)?R(?:es|ES)\.?"
    r"|S(?:J|Con|CON)?R(?:es|ES)\.?|S\."
)
_CITED_NUMBER = r"(?:\s{0,2}|-)([1-9][0-9]{0,4})(?![\w%]|[.,][0-9]|/[0-9]{4}|-[0-9]{4})"
_IN_CONGRESS = r"(?:,?\s?\([0-9]{2,3}(?:st|nd|rd|th)\))?"
_OF_BILL = rf"{_OF_CONGRESS}|\b(?:[Bb]ills?|Act|[0-9]{{3}}th)\b"
LAW_BEHIND = (
    r"[\s,(:;–—-]*(?:(?:[A-Z0-9][\w'’.-]*|and|of|the|for|in|to|became|signed|into|law|as|on|which|was)[\s,)]+){0,14}"
    r"\(?(?:P\.? ?L\.?|Pub\.? ?L\.?|Public Law)(?: No[.:]{1,2})? ?([0-9]{2,3})[-–][0-9]"
)
LAW_BEFORE = r"(?:P\.? ?L\.?|Pub\.? ?L\.?|Public Law)(?: No[.:]{1,2})? ?([0-9]{2,3})[-–][0-9]{1,3}[\s,(]{1,3}$"
"""The law that a bill became, beside it: `H.R. 4366, Consolidated Appropriations Act, 2024 (P.L. 118-42)`,
`Public Law 118-50 (H.R. 815)`."""

CITATION_FORMS = (
    CitationForm(rf"(?<![\w.&-])({_DOTTED}){_CITED_NUMBER}{_IN_CONGRESS}", "{0}"),
    CitationForm(rf"(?<![\w.&-])({_DOTTED})\s{{0,2}}[1-9][0-9]{{0,4}}(?:/|,? (?:and|&) ){_CITED_NUMBER}", "{1} {2}"),
    CitationForm(rf"(?<![\w.&-])(HR){_CITED_NUMBER}{_IN_CONGRESS}", "{0}", near=_OF_BILL),
    CitationForm(
        r"(?<![\w])(1[0-9]{2}|[6-9][0-9])(HR|S|HJRES|SJRES|HCONRES|SCONRES|HRES|SRES)([1-9][0-9]{0,4})\b", "{0}"
    ),
    CitationForm(
        r"\b(?:(?:House|Senate) (?:[Bb]ill|(?:[Jj]oint |[Cc]oncurrent )?[Rr]esolution)|[HS]\.?B\.?|[HS][JC]R)"
        r" (?:[Nn]o\. )?([1-9][0-9]{0,4})\b",
        "{0}",
        near=_OF_CONGRESS,
        unless=_ELSEWHERE,
        sure=False,
    ),
    CitationForm(
        r"\b(?:Public Law|Pub\.? ?L\.?|P\.? ?L\.)(?: No[.:]{1,2})? ?([0-9]{2,3})[-–]([0-9]{1,3})\b",
        "us/law/{1}/public/{2}",
    ),
    CitationForm(r"\b(?:Private Law|Priv\. ?L\.)(?: No\.)? ([0-9]{2,3})[-–]([0-9]{1,3})\b", "us/law/{1}/private/{2}"),
    CitationForm(rf"\bFR Doc(?:ument)?[.:]?(?: N(?:o|umber)[.:]{{0,2}})? ({_FR_NUMBER})\b", "us/fr/{1}"),
    CitationForm(
        r"\b(?:Executive Orders?|E\.?O\.?|Exec\. ?Order)(?: (?:No\.?|Number|#))? ?"
        r"(1[0-9],?[0-9]{3}|[5-9][0-9]{3})\b(?!-)",
        called="Executive Order {1}",
    ),
    CitationForm(
        r"\b[Pp]roclamation(?: (?:No\.?|Number))? ?(1?[0-9],?[0-9]{3})\b(?! of\b| was\b)(?<!(?:18|19|20)[0-9]{2})",
        called="Proclamation {1}",
    ),
)
"""How running text cites what Congress and the executive publish. `S 5` without its dot is anything."""

# Patterns are compiled when they are first needed: a question about a canonical identity needs none.
_TYPE = (
    r"h\.?\s?r(?!\s?es)\.?|h\.?\s?(?:(?:j|con)\.?\s?)?res\.?|s\.?\s?(?:(?:j|con)\.?\s?)?res\.?"
    r"|[hs]\.?\s?(?:b|j\.?\s?r|c\.?\s?r)\.?|(?:house|senate)\s(?:bill|(?:joint\s|concurrent\s|simple\s)?resolution)|s\.?"
)
_WRITTEN = {
    "hb": "hr", "sb": "s", "hjr": "hjres", "sjr": "sjres", "hcr": "hconres", "scr": "sconres",
    "housebill": "hr", "senatebill": "s", "houseresolution": "hres", "senateresolution": "sres",
    "housejointresolution": "hjres", "senatejointresolution": "sjres", "houseconcurrentresolution": "hconres",
    "senateconcurrentresolution": "sconres", "housesimpleresolution": "hres", "senatesimpleresolution": "sres",
}  # fmt: skip
"""Types as states and newspapers write them, and in words."""

_CONGRESS = r"([0-9]{1,3})(?:st|nd|rd|th)?(?:\scongress)?"
_BILL = rf"(?:{_CONGRESS}\s?[-/:,·]?\s?)?({_TYPE})\s?[-/#]?\s?([0-9]+)(?:(?:\s?[-/:,·]\s?|\s?\(|\s){_CONGRESS}\)?)?"
_TYPES = "|".join(sorted(BILL_TYPES, key=len, reverse=True))
_PACKAGE = rf"(?:BILLSTATUS|BILLSUM|BILLS)-([0-9]{{1,3}})({_TYPES})([0-9]+)[a-z0-9]*(?:\.[a-z]+)?"
_LAW_PACKAGE = r"PLAW-([0-9]{1,3})(publ|pvtl)([0-9]+)(?:\.[a-z]+)?"


def us_bill(congress: int, bill_type: str, number: int) -> DocumentId:
    """Name a bill or resolution of the US Congress; ValueError for a type or number that cannot exist."""
    kind = bill_type.lower()
    if kind not in BILL_TYPES:
        raise NameRefused(f"{bill_type!r} is not a bill type; expected one of {', '.join(BILL_TYPES)}")
    if not 1 <= congress <= 999 or not 1 <= number <= 99_999:
        raise NameRefused(f"no such bill: {kind} {number} of Congress {congress}")
    return DocumentId("us", "bill", (str(congress), kind, str(number)))


def congress_on(day: date) -> int:
    """Return the number of the Congress sitting on `day`."""
    year = day.year if (day.month, day.day) >= (1, 3) or day.year % 2 == 0 else day.year - 1
    return (year - 1789) // 2 + 1


def congress_end(congress: int) -> date:
    """Return the day on which a Congress ends at noon in Washington."""
    return date(1789 + 2 * congress, 1, 3)


def ordinal(number: int) -> str:
    """Write 119 as `119th`."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def is_bill(document: DocumentId) -> bool:
    """Say whether an identity is that of one bill, not of a whole Congress (`us/bill/119`)."""
    return document.jurisdiction == "us" and document.kind == "bill" and len(document.parts) == 3


def bill_label(document: DocumentId) -> str:
    """Name a bill, or all bills of a Congress: `HR 6508 · 119th`."""
    if not is_bill(document):
        return f"bills of Congress {document.parts[0]}"
    congress, kind, number = document.parts
    return f"{_LABELS.get(kind, kind.upper())} {number} · {ordinal(int(congress))}"


def bill_url(document: DocumentId) -> str:
    """Return the page of a bill at congress.gov."""
    congress, kind, number = document.parts
    return f"https://www.congress.gov/bill/{ordinal(int(congress))}-congress/{_SLUG_OF[kind]}/{number}"


def parse_bill(text: str, today: date, watched: Collection[DocumentId]) -> ParsedName | None:
    """Read `HR 6508`, `hr6508-119`, `119-hr-6508`; without a Congress the newest one watched, else the current."""
    from domain.text import latin_lookalikes

    plain = re.sub(r"^(?:u\.?s\.?\s)?(?:bill\s)?", "", latin_lookalikes(text), flags=re.IGNORECASE)
    form = re.fullmatch(_BILL, _beside_title(plain), re.IGNORECASE)
    if form is None:
        return None
    before, written, digits, after = form.groups()
    if before and after and int(before) != int(after):
        raise NameRefused(f"it names two Congresses, {before} and {after}")
    kind = re.sub(r"[^a-z]", "", written.lower())
    kind = _WRITTEN.get(kind, kind)
    number = stated_number(digits)
    if stated := before or after:
        return ParsedName(us_bill(int(stated), kind, number))
    current = us_bill(congress_on(today), kind, number)
    same = [w for w in watched if w.jurisdiction == "us" and is_bill(w) and w.parts[1:] == current.parts[1:]]
    if same:
        return ParsedName(max(same, key=lambda bill: int(bill.parts[0])), "watched")
    return ParsedName(current, "current")


def _beside_title(text: str) -> str:
    """Return the number that stands before a title, or in brackets behind one, with the Congress that the rest names:
    `H.R.6508 - NATO Act`, `NATO Act (HR 6508)`; the text itself where none does. NameRefused for several bills."""
    form = re.match(rf"{_BILL}(?=\s?[-–—:,(|]\s?\S)", text, re.IGNORECASE)
    form = form or re.search(rf"(?<=\(){_BILL}(?=\)$)", text, re.IGNORECASE)
    if form is None:
        return text
    rest = f"{text[: form.start()]} {text[form.end() :]}"
    if re.search(rf"\b(?:{_TYPE})\s?[0-9]{{1,5}}\b", rest, re.IGNORECASE):
        raise NameRefused("it names several bills")
    if not re.search(r"[^\W\d]{3}", rest):
        return text
    congress = re.search(r"\b([0-9]{1,3})(?:st|nd|rd|th)\s(?:congress|cong\.)", rest, re.IGNORECASE)
    return f"{form[0]} ({congress[1]})" if congress and not (form[1] or form[4]) else form[0]


def parse_package(text: str) -> DocumentId | None:
    """Read a govinfo package or file name: `BILLS-119hr6508ih`, `BILLSTATUS-119hr6508.xml`, `PLAW-118publ50`."""
    if form := re.fullmatch(_PACKAGE, text, re.IGNORECASE):
        return us_bill(int(form[1]), form[2], stated_number(form[3]))
    if form := re.fullmatch(_LAW_PACKAGE, text, re.IGNORECASE):
        kind = "public" if form[2].lower() == "publ" else "private"
        return DocumentId("us", "law", (str(int(form[1])), kind, str(stated_number(form[3]))))
    return None


_OF_TRACKER = {
    "HB": "hr",
    "SB": "s",
    "HJR": "hjres",
    "SJR": "sjres",
    "HCR": "hconres",
    "SCR": "sconres",
    "HR": "hres",
    "SR": "sres",
}
"""What LegiScan calls the types of bills, for Congress as for every state: its HR is a simple resolution."""


def parse_address(host: str, path: Sequence[str]) -> DocumentId | None:
    """Read an address of Congress, of the government's publishers, or of a tracker; NameRefused for a state's bill."""
    if host.endswith("legiscan.com"):
        return _of_legiscan(path)
    if host.endswith("openstates.org") and len(path) > 1:
        _demand_congress(path[0])
    if host.endswith("federalregister.gov"):
        return _of_register(path)
    return parse_path(path)


def _of_legiscan(path: Sequence[str]) -> DocumentId | None:
    """Read `US/bill/SB1383/2025`: the year is one of the Congress."""
    if len(path) < 4 or len(path[0]) != 2:
        return None
    _demand_congress(path[0])
    form = re.fullmatch(r"([A-Z]+)0*([0-9]{1,5})", path[2].upper())
    year = re.fullmatch(r"(?:19|20)[0-9]{2}", path[3])
    if form is None or year is None or form[1] not in _OF_TRACKER:
        return None
    return us_bill(congress_on(date(int(year[0]), 6, 1)), _OF_TRACKER[form[1]], int(form[2]))


def _demand_congress(place: str) -> None:
    if place.lower() != "us" and len(place) == 2:
        raise NameRefused(f"bills of a state legislature ({place.upper()}) are not followed, only those of Congress")


def _of_register(path: Sequence[str]) -> DocumentId | None:
    """Read `documents/2026/01/05/2026-00001/slug`, `d/2026-00001`, `public-inspection/2026-00001/slug`, the API's."""
    if not path or path[0].lower() not in ("documents", "d", "public-inspection", "api", "articles"):
        return None
    numbers = (form[1] for part in path[1:] if (form := re.fullmatch(rf"({_FR_NUMBER})(?:\.json)?", part.lower())))
    number = next(numbers, None)
    return DocumentId("us", "fr", (number,)) if number else None


def parse_path(path: Sequence[str]) -> DocumentId | None:
    """Find `bill/119th-congress/house-bill/6508`, `bill/119/hr/6508`, `bills/119/hr6508` or a package in a path."""
    joined = "/".join(path).lower()
    form = re.search(r"(?:^|/)(bill|amendment)/([0-9]{1,3})[a-z]{2}-congress/([a-z-]+)/([0-9]+)(?:/|$)", joined)
    if form and form[3] in _SLUGS:
        return us_bill(int(form[2]), _SLUGS[form[3]], stated_number(form[4]))
    if form and form[3] in _AMENDMENT_SLUGS:
        parts = (str(int(form[2])), _AMENDMENT_SLUGS[form[3]], str(stated_number(form[4])))
        return DocumentId("us", "amendment", parts)
    form = re.search(rf"(?:^|/)bills?/([0-9]{{1,3}})/({_TYPES})/?([0-9]+)(?:/|$)", joined)
    if form:
        return us_bill(int(form[1]), form[2], stated_number(form[3]))
    return next((found for segment in path if (found := parse_package(segment))), None)
