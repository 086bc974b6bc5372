"""What are decrees, laws and other acts of Ukraine called, what is said of their status, and where do they stand?

The legislation database names an act by its key (`nreg`), which says less than its number: laws of the convocations XIV
and III both end in `-14`. Where the source states a number, the number decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from domain.documents import DocumentId
from domain.jurisdictions import (
    CitationForm,
    ClaimForm,
    Jurisdiction,
    NameRefused,
    ParsedName,
    StatusWords,
    stated_number,
)
from domain.text import latin_lookalikes

if TYPE_CHECKING:
    from domain.coded_text import CodedText
    from domain.records.facets import Facet
    from domain.records.record import StatusPoint
    from domain.upcoming import Upcoming

_CONVOCATIONS = {
    "xii": "12", "xiv": "14", "iii": "14", "iv": "15", "v": "16",
    "vi": "17", "vii": "18", "viii": "19", "ix": "20", "x": "21",
}  # fmt: skip
"""Convocation → the end of its keys. I and II numbered their laws otherwise (`280/97-ВР`); Soviet ones end in 05 to 11.
"""

_SOVIET = ("05", "06", "07", "08", "09", "10")
"""Ends of keys of laws before 1990 that are still asked for, such as the labour code, `322-08`: acts by their key."""

_FIRST_OF_III = 1458
"""In February 2000 the convocation XIV became III and numbered on: 1458-III is the budget of 2000."""

_CYRILLIC_LETTERS, _LATIN_LETTERS = "абвгдежзиіклмнопрстуфхцч", "abvhdejzyiklmnoprstufxcq"
_LETTERS = str.maketrans(_CYRILLIC_LETTERS, _LATIN_LETTERS)
_CYRILLIC = str.maketrans(_LATIN_LETTERS, _CYRILLIC_LETTERS)
"""Letters of keys: those that begin with a digit have Cyrillic ones, the others (`z0123-24`) Latin ones."""

_ACT_KEY = re.compile(r"[0-9nprvz][\w/-]{2,24}")
_TYPED_KEY = re.compile(
    r"[0-9]{1,6}[а-яіїє]?/[0-9]{2,4}-[а-яіїє]{2,3}|[0-9]{1,5}-[0-9]{4}-[а-яіїє]{1,2}|[nprvz][0-9a-z]{4,11}-[0-9]{2}"
    r"|[0-9]{3}_[0-9a-zа-яіїє]{2,4}|[0-9]{2,6}-(?:0[5-9]|10)"
)

_STATUSES = """\
NOT_DETERMINED not_determined: не визначено
Not determined
The database does not say whether it is in force.

NOT_YET_IN_FORCE not_yet_in_force: не набрав чинності
Not yet in force
It was adopted, and has not entered into force.

ENTERING_INTO_FORCE not_yet_in_force: набирає чинності
Entering into force
It was adopted and enters into force on the day it names itself.

IN_FORCE in_force: чинний
In force
It is in force.

SUSPENDED suspended: дію зупинено
Suspended
It is suspended and has no effect for the time being.

RESTORED in_force: дію відновлено
Restored
It was suspended and is in force again.

LOST_FORCE lost_force: втратив чинність
Lost force
It is no longer in force.

NOT_APPLIED lost_force: не застосовується на території України
Not applied in Ukraine
It has no effect in the territory of Ukraine."""
"""Code, stage and the database's own word; our label; what it means. In the order of an act's life."""


def _status_table(text: str) -> dict[str, tuple[str, str, StatusWords]]:
    found = {}
    for block in text.split("\n\n"):
        head, label, meaning = block.split("\n")
        code_and_stage, _, word = head.partition(": ")
        code, stage = code_and_stage.split()
        found[code] = (stage, word, StatusWords(label, meaning, ""))
    return found


STATUSES: Mapping[str, tuple[str, str, StatusWords]] = _status_table(_STATUSES)
"""Code → stage, the database's word, our words."""

_CODES = {word: code for code, (_, word, _) in STATUSES.items()}
_BILL_STATUSES = """\
REGISTERED introduced: прийом|одержано|зареєстровано|включено до порядку
Registered
It was submitted to the Verkhovna Rada.

IN_COMMITTEE in_committee: опрацьовується|направлено на розгляд|вручено подання
In committee
A committee studies it.

AWAITING_DEBATE reported: очікує|готується на перше|готується на розгляд|розгляд відкладено
Awaiting debate
It waits for a decision of the plenary.

FIRST_READING reported: очікує на друге|готується на друге|готується на повторне друге|прийнято за основу
Adopted in first reading
The plenary agreed to its principle; it is prepared for second reading.

SECOND_READING reported: очікує на третє|готується на третє
Awaiting third reading
It passed the second reading and waits for the third.

RETURNED introduced: повернуто на доопрацювання|направлено на доопрацювання|в порядок денний не включено
Returned for revision
It went back to those who submitted it.

ADOPTED awaiting_president: готується на підпис|прийнято в ціл|прийнято зак|передано на підпис г|повернуто з підписом г
Adopted
The Verkhovna Rada adopted it as a whole; it is prepared for signature.

TO_PRESIDENT awaiting_president: передано на підпис|направлено на підпис
Sent to the President
The President may sign it or return it with proposals.

VETOED vetoed: очікує на розгляд з вет|очікує розгляду з вет|готується на розгляд з вет|повернуто з вет|повернуто з про
Returned by the President
The President returned it with proposals; the Verkhovna Rada may adopt it again.

REJECTED failed: не прийнято|відхилено
Not adopted
The Verkhovna Rada rejected it.

WITHDRAWN withdrawn: відкликано|знято з розгляду|заслухано та знято
Withdrawn
It is no longer before the Verkhovna Rada.

ENACTED enacted: закон підписано|закон про ратифікацію підписано|постанову підписано|акт підписано|повернуто з підписом
Signed
It was signed and is published as an act."""
"""Code, stage and how the register's words for it begin, behind "проект", the longest of which counts; our label; what
it means."""

_BILLS_ADVICE = (
    "a bill of the Verkhovna Rada is written with its convocation, 14128 (IX), or by the address of its card; those "
    "before the ninth cannot be followed"
)
BILL_STATUSES = _status_table(_BILL_STATUSES)
_BILL_WORDS = {start: code for code, (_, starts, _) in BILL_STATUSES.items() for start in starts.split("|")}
BILLS_SINCE = "2019-08-29"
"""The first day of the ninth convocation, which has numbered its bills on since then."""

_BILL_SUFFIX = rf"[-/][0-9{_CYRILLIC_LETTERS}a-z]{{1,3}}"
_BILL_NUMBER = rf"(?P<number>[0-9]{{4,6}}(?:{_BILL_SUFFIX}){{0,2}})"
_BILL_NAME = re.compile(
    r"(?:(?:законопро[еє]кт\w*|про[еє]кт\w* закону|draft law|bill|reg\.?)\s)?(?:№|no\.?|n)?\s?"
    + _BILL_NUMBER
    + r"\s?\((?P<convocation>[ivxіхІХ]+)(?: скликання| convocation)?\)",
    re.IGNORECASE,
)
_BILL_ADDRESS = re.compile(
    r"billinfo/bills/card/(?:\?id=)?([0-9]{1,9})\b|(?:billinfo/bills/card|pls/.*webproc)", re.IGNORECASE
)


_HERE = r"[іїєґІЇЄҐ]|Ukrain|Zelensk|Kyiv|Kiev|\bRada\b"
"""What beside a number says that it is one of Ukraine: her name, or letters that few other languages write."""

_NUMBER_BEFORE = r"(?:№|\bN[oº°]?\.?|#)\s?"
_DECREE_WORD = r"(?:\b[Уу]каз(?:у|ом|и|ів|ами|ах|і|а)?|УКАЗ\w?|\b[Dd]ecrees?|DECREES?)\b"
_BETWEEN = r"(?:(?!\b[Зз]акон|\b[Пп]останов|\b[Нн]аказ|\b[Ll]aws? |[;\n]{2})[\s\S])"
_DAY_BEHIND = r"(?:\s(?:від|от|dated|of)\s[^\n;,()]{4,28}?(?:19|20)[0-9]{2})?"
CITATION_FORMS = (
    CitationForm(
        rf"{_DECREE_WORD}{_BETWEEN}{{0,200}}?(?:{_NUMBER_BEFORE})?(?<![\w/.-])([1-9][0-9]{{0,4}}/(?:19|20)[0-9]{{2}})(?![\w/-])",
        "ua/decree/{1}",
        near=_HERE,
    ),
    CitationForm(
        rf"{_DECREE_WORD}{_BETWEEN}{{0,120}}?{_NUMBER_BEFORE}[1-9][0-9]{{0,4}}(?![\w/-]){_DAY_BEHIND}",
        "{0}",
        near=_HERE,
    ),
    CitationForm(
        rf"{_NUMBER_BEFORE}([1-9][0-9]{{0,4}}/(?:19|20)[0-9]{{2}})(?![\w/-])", "ua/decree/{1}", near=_DECREE_WORD
    ),
    CitationForm(
        rf"(?:{_NUMBER_BEFORE})?(?<![\w/.-])([1-9][0-9]{{0,4}}-[IVXІХivxіх]{{1,6}})(?![\w-])",
        "{1}",
        near=r"№|\b[Зз]акон|ЗАКОН|\b[Ll]aws?\b|[Кк]одекс|\bNo\.|" + _HERE,
    ),
    CitationForm(
        rf"\b(?:[Пп]останов|[Рр]озпорядж)\w*{_BETWEEN}{{0,120}}?№\s?[1-9][0-9]{{0,4}}(?:-р)?(?![\w/-]){_DAY_BEHIND}",
        "{0}",
    ),
    CitationForm(
        rf"\b(?:[Зз]аконопро[єе]кт\w{{0,4}}|[Пп]ро[єе]кт\w? [Зз]акон\w{{0,3}})"
        rf"[^\n;.]{{0,90}}?{_NUMBER_BEFORE}([0-9]{{4,6}}(?:{_BILL_SUFFIX})?)(?![\w/])",
        "№ {1} (IX)",
        since=BILLS_SINCE,
    ),
    CitationForm(
        rf"\b(?:[Зз]аконопро[єе]кт\w{{0,4}}|[Dd]raft [Ll]aws|[Bb]ills)[^\n;.]{{0,40}}?{_NUMBER_BEFORE}[0-9]{{4,6}}"
        rf"(?:{_BILL_SUFFIX})?,? (?:and|та|і|й) (?:{_NUMBER_BEFORE})?([0-9]{{4,6}}(?:{_BILL_SUFFIX})?)(?![\w/])",
        "№ {1} (IX)",
        near=_HERE,
        since=BILLS_SINCE,
    ),
    CitationForm(
        rf"\b(?:[Dd]raft [Ll]aw|[Bb]ill)s?[^\n;.]{{0,40}}?{_NUMBER_BEFORE}([0-9]{{4,6}}(?:{_BILL_SUFFIX})?)(?![\w/])",
        "№ {1} (IX)",
        near=_HERE,
        since=BILLS_SINCE,
    ),
)
CLAIM_FORMS = (
    ClaimForm(
        "registered",
        r"\b[Зз]ареєстр\w+|\bregistered\b|\b(?:вніс|внес\w+|подав|подал\w+|подано)\b|\bsubmitted\b",
        ("REGISTERED", "BEGUN:bill"),
    ),
    ClaimForm(
        "adopted",
        r"\b(?:ухвал\w+|прийня\w+|підтрима\w+)\b|\b(?:adopted|passed|approved)\b",
        ("ADOPTED", "FIRST_READING", "BEGUN:law"),
    ),
    ClaimForm("signed", r"\bпідписа\w+|\bsigned\b", ("ENACTED", "BEGUN:decree")),
)
"""How running text cites the acts of Ukraine, and the steps it reports of them."""


class Ukraine(Jurisdiction):
    """Decrees of the President, laws of the Verkhovna Rada, other acts by their key in the legislation database
    (`ua/act/254k/96-vr`); regimes are computed by `domain.terms`."""

    name = "Ukraine"
    zone = "Europe/Kyiv"
    kinds = ("decree", "law", "act", "bill", "regime")
    examples = ("ua/decree/793/2025", "№793/2025", "4643-IX", "254к/96-ВР", "14128 (IX)", "ua/regime/martial-law")
    hosts = ("president.gov.ua", "rada.gov.ua", "kmu.gov.ua")
    stages = tuple(dict.fromkeys(stage for stage, _, _ in (*STATUSES.values(), *BILL_STATUSES.values())))
    regime_labels: ClassVar[Mapping[str, str]] = {
        "term-of-office/president": "President of Ukraine, term of office",
        "term-of-office/rada": "Verkhovna Rada, term of office",
    }
    begun_word = "adopted"
    edited_kinds = ("decree", "law", "act")
    citation_forms = CITATION_FORMS
    claim_forms = CLAIM_FORMS
    sentences: ClassVar[Mapping[str, str]] = {
        "ahead.edition": "a new edition, on the basis of {basis}",
        "ahead.loses_force": "it loses force",
        "rule.article": "law {law}, art. {article}",
        "edition": "edition of {on:day}",
        "edition.by_law": "edition of {on:day}, on the basis of law {basis}",
        "edition.by_act": "edition of {on:day}, on the basis of {basis}",
    }

    def term_rule(self, document: DocumentId) -> CodedText | None:
        from domain.coded_text import coded

        is_martial_law = document.parts == ("martial-law",)
        return coded("rule.article", law="389-VIII", article="5") if is_martial_law else None

    def parse_id(self, parts: Sequence[str]) -> DocumentId:
        if parts[0] == "decree":
            if len(parts) != 3:
                raise NameRefused("a decree is written ua/decree/NUMBER/YEAR")
            return decree(parts[1], parts[2])
        if parts[0] == "law" and len(parts) == 2 and nreg_of(DocumentId("ua", "law", (parts[1],))) is None:
            raise NameRefused("a law is written ua/law/NUMBER-CONVOCATION, as ua/law/4643-ix")
        return super().parse_id(parts)

    def parse_text(self, text: str, today: date, watched: Collection[DocumentId]) -> ParsedName | None:
        """Read `793/2025`, `4643-IX`, `4643-20`, the keys of other acts, and an act as people cite it: kind, issuer,
        day, number and title in any order. NameRefused for several acts of one kind, and for a bill whose convocation
        neither it nor its day says."""
        if named := _BILL_NAME.fullmatch(text.strip()):
            return ParsedName(_bill_named(named["number"], named["convocation"]))
        bare = re.sub(r"^(?:№|N(?:o|º|°)?\.?)\s?(?=[0-9])", "", text)
        tail = text.rpartition("№")[2].strip().lower()
        found = _named(latin_lookalikes(bare)) or (document_of_nreg(tail) if _TYPED_KEY.fullmatch(tail) else None)
        found = found or cited_act(text)
        return ParsedName(found) if found else None

    def parse_address(self, host: str, path: Sequence[str]) -> DocumentId | None:
        """Read an address of the President's site, of the legislation database, or of a bill's card, which names it by
        a number of its own. NameRefused for the pages of bills before the ninth convocation."""
        if host.endswith("president.gov.ua"):
            return _of_president(path)
        joined = "/".join(path)
        if page := _BILL_ADDRESS.search(joined):
            if page[1] is None:
                raise NameRefused(_BILLS_ADVICE)
            return DocumentId("ua", "bill", (f"card-{page[1]}",))
        key = nreg_in_path(joined) if host.endswith("rada.gov.ua") else None
        return document_of_nreg(key) if key else None

    def check_session(self, document: DocumentId, today: date) -> None:
        """A decree is numbered within its year, and none is numbered before it begins."""
        year = document.parts[-1] if document.kind == "decree" else ""
        if year.isdecimal() and int(year) > today.year + 1:
            raise NameRefused(f"there are no decrees of {year} yet")

    def label(self, document: DocumentId) -> str:
        return f"UA {document.kind} {number_of(document)}"

    def public_url(self, document: DocumentId) -> str | None:
        if document.kind == "bill" and document.parts[0].startswith("card-"):
            return f"https://itd.rada.gov.ua/billInfo/Bills/Card/{document.parts[0][5:]}"
        key = nreg_of(document)
        return f"https://zakon.rada.gov.ua/laws/show/{quote(key, safe='/')}" if key else None

    def timeline(self, document: DocumentId, facets: Mapping[str, Facet]) -> tuple[StatusPoint, ...]:
        """Return the statuses that the database stated, each since its day, in its own words; of the last one the words
        say the edition as well. A word the table lacks is reported as it stands."""
        from domain.records.record import StatusPoint

        if document.kind == "bill":
            return _bill_timeline(facets)
        places = {code: place for place, code in enumerate(STATUSES)}
        dated = (entry for entry in facets.get("status", {}).values() if entry.get("on"))
        stated = [(str(e["on"]), int(e.get("turn") or 0), str(e["text"])) for e in dated]
        coded = [(on, turn, _CODES.get(word) or "_".join(word.upper().split()), word) for on, turn, word in stated]
        coded.sort(key=lambda one: (one[0], one[1], places.get(one[2], len(places)), one[2]))
        points = [StatusPoint(code, on, word) for on, _, code, word in coded]
        points = [p for n, p in enumerate(points) if n == 0 or p.status != points[n - 1].status]
        if points:
            words = points[-1].text + _edition_words(facets.get("item", {}).get("", {}))
            points[-1] = StatusPoint(points[-1].status, points[-1].on, words)
        return tuple(points)

    def upcoming(
        self, document: DocumentId, status: str | None, facets: Mapping[str, Facet], now: datetime
    ) -> Iterator[Upcoming]:
        """Yield the editions that are fixed already, and the end of an act's force."""
        from domain.coded_text import coded
        from domain.upcoming import Upcoming

        item = facets.get("item", {}).get("", {})
        for on, basis in sorted(dict(item.get("next_editions") or {}).items()):
            if on > self.day(now).isoformat() and not on.startswith("3"):
                yield Upcoming(date.fromisoformat(on), None, "edition", coded("ahead.edition", basis=basis).to_json())
        ends = str(item.get("ends_on") or "")
        if ends > self.day(now).isoformat():
            yield Upcoming(date.fromisoformat(ends), None, "end", coded("ahead.loses_force").to_json())

    def is_decided(self, status: str) -> bool:
        return status in ("LOST_FORCE", "NOT_APPLIED") or super().is_decided(status)

    def status_words(self, status: str, document: DocumentId) -> StatusWords | None:
        known = _statuses(document).get(status)
        return known[2] if known else None

    def all_status_words(self) -> Iterable[StatusWords]:
        return (words for table in (STATUSES, BILL_STATUSES) for _, _, words in table.values())

    def stage(self, status: str | None, document: DocumentId, day: date) -> str:
        known = _statuses(document).get(status or "")
        return known[0] if known else super().stage(status, document, day)


def _statuses(document: DocumentId) -> Mapping[str, tuple[str, str, StatusWords]]:
    return {"bill": BILL_STATUSES, "regime": {}}.get(document.kind, STATUSES)


def _bill_timeline(facets: Mapping[str, Facet]) -> tuple[StatusPoint, ...]:
    """Return the states of a bill, each since its day. Words that no row begins with are reported as they stand."""
    from domain.records.record import StatusPoint

    registered = facets.get("item", {}).get("", {}).get("introduced_on")
    points = [StatusPoint("REGISTERED", str(registered), "Зареєстровано")] if registered else []
    for entry in facets.get("status", {}).values():
        words = str(entry["text"])
        said = re.sub("^про[еє]кт ", "", words.lower())
        starts = [start for start in _BILL_WORDS if said.startswith(start)]
        code = _BILL_WORDS[max(starts, key=len)] if starts else "_".join(words.upper().split())
        points.append(StatusPoint(code, str(entry["on"]), words))
    places = {code: place for place, code in enumerate(BILL_STATUSES)}
    points.sort(key=lambda point: (point.on, places.get(point.status, len(places)), point.status))
    return tuple(p for n, p in enumerate(points) if n == 0 or p.status != points[n - 1].status)


def _edition_words(item: Mapping[str, object]) -> str:
    """Say the edition as the database does: `, редакція від 01.07.2026, підстава 2222-IX`."""
    on, basis = str(item.get("edition_on") or ""), item.get("edition_basis")
    if not on:
        return ""
    return f", редакція від {on[8:]}.{on[5:7]}.{on[:4]}" + (f", підстава {basis}" if basis else "")


def decree(number: str, year: str) -> DocumentId:
    """Name a decree; NameRefused for a number or year that cannot be."""
    if not 1991 <= stated_number(year) <= 2100 or not 1 <= stated_number(number) <= 99_999:
        raise NameRefused(f"no decree can be numbered {number}/{year}")
    return DocumentId("ua", "decree", (str(int(number)), str(int(year))))


def decree_id(number: str) -> DocumentId | None:
    """Name a decree by its number, `793/2025` in any spacing; None for one without a year."""
    found = re.fullmatch(r"0*([1-9][0-9]{0,4}) ?/ ?((?:19|20)[0-9]{2})", number.strip())
    return DocumentId("ua", "decree", (found[1], found[2])) if found else None


def law_id(number: str) -> DocumentId | None:
    """Name a law by its number, `4643-IX`, also where the Roman digits are Cyrillic letters."""
    found = re.fullmatch(r"0*([1-9][0-9]{0,4}) ?[-–] ?([ivx]+)", latin_lookalikes(number.strip()).lower())
    return DocumentId("ua", "law", (f"{found[1]}-{found[2]}",)) if found and found[2] in _CONVOCATIONS else None


def bill_id(number: str) -> DocumentId:
    """Name a bill of the ninth convocation, which has numbered bills on since 2019: `2285-д` is `ua/bill/2285-d`.
    ValueError for a number that cannot be."""
    return DocumentId("ua", "bill", (number.lower().replace("/", "-").translate(_LETTERS),))


def bill_number(document: DocumentId) -> str:
    """Write the registration number of a bill as the register does: `2285-д`."""
    return document.parts[0].translate(_CYRILLIC)


def _bill_named(number: str, convocation: str) -> DocumentId:
    """Name a bill of a convocation: its number alone may be that of a bill of another one."""
    if latin_lookalikes(convocation).lower() != "ix":
        raise NameRefused(_BILLS_ADVICE)
    return bill_id(number)


def document_of_nreg(key: str, number: str = "") -> DocumentId | None:
    """Name the act behind a key of the legislation database; `number` is the one its card or list states, which
    decides where the key leaves two convocations open. None for what is no key."""
    if (named := decree_id(key)) and key == "/".join(named.parts):
        return named
    if form := re.fullmatch(r"([1-9][0-9]{0,4})/(9[1-9])", key):
        return decree(form[1], f"19{form[2]}")
    form = re.fullmatch(r"([1-9][0-9]{0,4})-([0-9]{2})", key)
    romans = [roman for roman, end in _CONVOCATIONS.items() if form and end == form[2]]
    if form and romans:
        stated = law_id(number)
        if stated and stated.parts[0] in [f"{form[1]}-{roman}" for roman in romans]:
            return stated
        roman = romans[-1] if int(form[1]) >= _FIRST_OF_III else romans[0]
        return DocumentId("ua", "law", (f"{form[1]}-{roman}",))
    if not _ACT_KEY.fullmatch(key) or re.fullmatch(r"[0-9]+/[0-9]{4}", key):
        return None
    try:
        document = DocumentId("ua", "act", tuple((key.translate(_LETTERS) if key[0].isdigit() else key).split("/")))
    except ValueError:
        return None
    return document if nreg_of(document) == key else None


def nreg_of(document: DocumentId) -> str | None:
    """Return the key of an act in the legislation database; None for what it does not hold."""
    if document.jurisdiction != "ua" or not document.parts:
        return None
    joined = "/".join(document.parts)
    if document.kind == "decree" and len(document.parts) == 2:
        number, year = document.parts
        return f"{number}/{year if year >= '2000' else year[2:]}"  # decrees of the nineties have `1229/99`
    if document.kind == "law" and len(document.parts) == 1:
        number, _, roman = joined.partition("-")
        end = _CONVOCATIONS.get(roman)
        return f"{number}-{end}" if number.isdigit() and end else None
    if document.kind == "act":
        return joined.translate(_CYRILLIC) if joined[0].isdigit() else joined
    return None


def number_of(document: DocumentId) -> str:
    """Write a number the way people do: `793/2025`, `4643-IX`; of other acts the key."""
    if document.kind == "act":
        return nreg_of(document) or "/".join(document.parts)
    if document.kind == "bill":
        return bill_number(document)
    return document.parts[0].upper() if document.kind == "law" else "/".join(document.parts)


def nreg_in_path(path: str) -> str | None:
    """Find the key in the path of an address such as `laws/show/4643-20/ed20251031`; None where there is none."""
    found = re.search(r"(?:^|/)(?:laws/(?:show|card|file|anot)|go)/(?:en/)?(.+)", path)
    if found is None:
        return None
    key = re.sub(
        r"(?:/(?:ed[0-9]+|print|find|stru|page[0-9]*|paran[0-9]*|conv)(?:/.*)?)?(?:\.(?:txt|json|xml|html?))?/?$",
        "",
        found[1],
    ).lower()
    return key if _ACT_KEY.fullmatch(key) else None


def _named(text: str) -> DocumentId | None:
    if form := re.fullmatch(r"([0-9]+)\s?/\s?([0-9]{4})", text):
        return decree(form[1], form[2])
    form = re.fullmatch(r"([0-9]+)\s?[-–]\s?(?:([0-9]{2})|([ivx]+))", text, re.IGNORECASE)
    if form is None or form[2] in _SOVIET:
        return None
    number = str(stated_number(form[1]))
    found = document_of_nreg(f"{number}-{form[2]}") if form[2] else law_id(f"{number}-{form[3]}")
    if found is None or found.kind != "law":
        raise NameRefused("no convocation of the Verkhovna Rada numbers its laws like that")
    return found


_CASES = "(?:ові|ами|ах|ам|ом|ів|ов|у|а|и|і|е)?"
_KIND_WORD = re.compile(
    r"\b(?:(?P<bill>законопро[еє]кт\w*|зп|про[еє]кт\w*|draft|bills?|реєстр\w*)"
    rf"|(?P<law>закон{_CASES}|зу|laws?|кодекс{_CASES})|(?P<decree>указ{_CASES}|упу?|decrees?)"
    r"|(?P<order>постанов(?!ля)\w*|розпорядж\w*|распоряж\w*|resolutions?)"
    rf"|(?P<other>наказ{_CASES}|приказ{_CASES}|лист{_CASES}|письмо|договор{_CASES}|договір|контракт{_CASES}"
    r"|справ[аиіу]|рішен\w*|решен\w*|ухвал\w*|вирок\w*|протокол\w*|висновк?\w*|інструкці\w*|петиці\w*"
    r"|orders?|letters?|contracts?|cases?|decisions?|agreements?))\b",
    re.IGNORECASE,
)
_CITATION = re.compile(
    r"(?<![\w/.,-])(?:(?P<key>[0-9]{1,6}[а-яіїє]?/[0-9]{2,4}-[а-яіїє]{2,3})|(?P<law>[0-9]{1,5} ?[-–—] ?[ivxіхІХ]+)"
    r"|(?P<decree>[0-9]{1,5} ?/ ?(?:(?:19|20)[0-9]{2}|9[0-9]))|№ (?P<plain>[0-9]{1,5})(?:-(?P<instruction>[рp]))?)"
    r"(?![\w/-])",
    re.IGNORECASE,
)
_NUMBER_SIGN = re.compile(
    r"(?:№{1,3}|#|\b(?:N[oº°]?|номер\w*|number)\b\.?|\bN[oº°](?=[0-9]))\s*(?=[0-9])", re.IGNORECASE
)
_TITLE_BEGINS = re.compile(r"[«“„\"]|\b(?:про|щодо|on|об?)\b", re.IGNORECASE)
_OTHERS_FOLLOW = re.compile(
    r"[,(\s]\(?(?:затвердж(?!ення)\w+|схвален(?!ня)\w+|approved by|as amended"
    r"|(?:із|зі|с|в|у) (?:змін|измен|редакц)\w+)",
    re.IGNORECASE,
)
_DATED_YEAR = re.compile(
    r"\b(?:[0-9]{1,2}\.[0-9]{1,2}\.|[0-9]{1,2} [^\W\d_]+\.? |[a-z]+ [0-9]{1,2},? )((?:19|20)[0-9]{2})", re.IGNORECASE
)
_NUMERIC_DAY = re.compile(r"\b([0-9]{1,2})\.([0-9]{1,2})\.((?:19|20)[0-9]{2})\b")
_CABINET = re.compile(r"\b(?:кабінет\w*|кабинет\w*|кму|кабмін\w*|кабмин\w*|уряд\w*|cabinet|cmu)\b", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"росі|росси|\bрф\b|russia|білорус|белорус|беларус|belarus|голов[аи] |government of (?!ukraine)"
    r"|уряду (?!україни)\w",
    re.IGNORECASE,
)
_HOLDER = re.compile(
    r"(?:президент\w*|president|україни|украины|of|ukraine|ua|від|от|dated|року|года|р|г)*", re.IGNORECASE
)


def cited_act(text: str) -> DocumentId | None:
    """Name the act that a citation is about: its own number, which stands before its title or behind it, is told from
    those of the acts its title names, that approve it or that amended it. None where no kind of act is named; a wrong
    guess would answer about another document."""
    text = _NUMBER_SIGN.sub("№ ", re.split(r"\s(?:URL\b|https?:|Режим доступу)", text)[0])
    words = list(_KIND_WORD.finditer(text))
    title_first = re.match(r"\W*(?:про|щодо|on|об?)\b", text, re.IGNORECASE)
    head = (words[-1] if title_first else words[0]) if words else None
    kind, begin = (str(head.lastgroup), head.end()) if head else ("", 0)
    if kind == "bill" and re.search(r"[0-9]{4}", text) and re.search("[а-яі]|ukrain|rada", text, re.IGNORECASE):
        if number := _registered_bill(text):
            return bill_id(number)
        raise NameRefused(_BILLS_ADVICE)
    if kind in ("bill", "other"):
        return None
    follow = _OTHERS_FOLLOW.search(text, begin)
    text = text[: follow.start()] if follow else text
    title = _TITLE_BEGINS.search(text, begin)
    at = title.start() if title and not title_first else len(text)
    if _ELSEWHERE.search(text[:at]) and not title_first:
        return None
    own, behind = text[:at], text[at:]
    return (
        _only(_acts_in(own, kind, text))
        or _only(_acts_in(_after_quotes(behind), kind, text))
        or _only(_acts_in(behind, kind, text))
    )


def _registered_bill(text: str) -> str | None:
    """Return the number of a bill that is cited with a day of its registration on which the ninth convocation sat."""
    numbers = set(re.findall(rf"(?i)№ ([0-9]{{4,5}}(?:{_BILL_SUFFIX})?)(?![\w/-])", text))
    days = [f"{year}-{int(month):02}-{int(day):02}" for day, month, year in _NUMERIC_DAY.findall(text)]
    written = [f"{year}-01-01" for year in _DATED_YEAR.findall(text)]
    recent = len(numbers) == 1 and max(days, default=max(written, default="")) >= BILLS_SINCE
    return numbers.pop() if recent else None


def _after_quotes(text: str) -> str:
    return re.split(r"[»”“\"]", text)[-1]


def _only(acts: Iterable[DocumentId]) -> DocumentId | None:
    named = list(dict.fromkeys(acts))
    if len(named) > 1:
        raise NameRefused(f"it names several acts: {', '.join(number_of(one) for one in named)}")
    return named[0] if named else None


def _acts_in(part: str, kind: str, whole: str) -> Iterator[DocumentId]:
    """Yield the acts of a kind that a part of a citation names by their numbers; a number without its year has that of
    the day beside it."""
    dated = _DATED_YEAR.search(part) or _DATED_YEAR.search(whole)
    for found in _CITATION.finditer(part):
        alone = not kind and bool(_HOLDER.fullmatch(re.sub(r"[\W\d]", "", whole.replace(found[0], ""))))
        if found["law"] and not (kind or alone or part[: found.start()].endswith("№ ")):
            continue  # "Group 3 - V" is anything
        if found["key"] and kind in ("law", "order", "") and (act := document_of_nreg(found["key"].lower())):
            yield act
        elif found["law"] and kind in ("law", "order", ""):
            named = law_id(found["law"].replace("—", "-"))
            if named is None:
                raise NameRefused("no convocation of the Verkhovna Rada numbers its laws like that")
            yield named
        elif found["decree"] and (kind == "decree" or alone):
            number, year = found["decree"].replace(" ", "").split("/")
            yield decree(number, year if len(year) == 4 else f"19{year}")
        elif found["plain"] and dated and kind == "decree":
            yield decree(found["plain"], dated[1])
        elif found["plain"] and dated and kind == "order" and _CABINET.search(whole):
            year = dated[1] if dated[1] >= "2000" else dated[1][2:]
            key = f"{found['plain']}-{year}-{'р' if found['instruction'] else 'п'}"
            if act := document_of_nreg(key):
                yield act


def _of_president(path: Sequence[str]) -> DocumentId | None:
    """Read `documents/8752026-61465`: number and year run together, the last four digits are the year.

    `-rp-` marks an instruction, which is no decree.
    """
    form = next((f for segment in path if (f := re.fullmatch(r"([0-9]+)([0-9]{4})-[0-9]+", segment))), None)
    return decree(form[1], form[2]) if form and "documents" in path else None


JURISDICTION = Ukraine("ua")
