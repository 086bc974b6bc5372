"""When do two spellings say the same, and which days, times and lengths do they state?

Official texts reach us with no-break spaces, soft hyphens, decomposed letters, stress marks, four styles of quotes and
apostrophes, and Latin letters inside Cyrillic words. All of this is folded for comparing, never for showing, hashing or
naming a document. Days, times of day and lengths are read from folded text, in Ukrainian, Russian or English; nothing
is computed here.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, timedelta

_UK = (
    "січня", "лютого", "березня", "квітня", "травня", "червня",
    "липня", "серпня", "вересня", "жовтня", "листопада", "грудня",
)  # fmt: skip
_RU = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
_EN = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTHS = {name: number for names in (_UK, _RU, _EN) for number, name in enumerate(names, start=1)}

_MONTH = "|".join(_MONTHS)
_DAY = (
    rf"(?:(?P<d>\d{{1,2}})(?:-?го|st|nd|rd|th)? (?P<month>{_MONTH}),? (?P<y>\d{{4}})"
    rf"|(?P<month2>{'|'.join(_EN)}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y2>\d{{4}})"
    r"|(?P<d3>\d{1,2})\.(?P<m3>\d{1,2})\.(?P<y3>\d{4}))(?: року| р\.| года| г\.)?"
)
_HOURS = r"(?:год(?:ин[аиу]?|\.)?|час(?:ов|а)?)"
_CLOCK = (
    rf"(?:(?P<h>\d{{1,2}}) ?(?:{_HOURS}|hours?)"
    r"(?: ?(?P<min>\d{1,2}) ?(?:хв(?:илин[аиу]?|\.)?|мин(?:ут[аы]?|\.)?|minutes?))?"
    rf"|(?P<h2>\d{{1,2}}) ?[:.] ?(?P<min2>\d{{2}})(?: ?(?:{_HOURS}|(?P<half>[ap])\.?m\.?))?)"
)
_KYIV = r"(?: ?\(?(?:за київським часом|київського часу|по киевскому времени|kyiv time)\)?)?"
_FROM = (
    r"(?:\b(?:починаючи |начиная )?(?:з|із|зі|с|со|from|as of) "
    r"|\b(?:starting|beginning|commencing|effective)(?: at| on| from)? )(?:on )?"
)

_START = re.compile(rf"{_FROM}(?:{_CLOCK}{_KYIV},? ?(?:on |of )?)?{_DAY}")
_START_DAY_FIRST = re.compile(rf"{_FROM}{_DAY},? ?(?:(?:о|об|з|із|в|at|from) )?{_CLOCK}")
_DAYS = re.compile(_DAY)
_WRITTEN_DAY = re.compile(
    rf"(?:\d{{1,2}} (?:{_MONTH}),? \d{{4}}|(?:{'|'.join(_EN)}) \d{{1,2}},? \d{{4}})(?: року| р\.| года| г\.)?"
)

_NUMERALS = """\
1 один одна одну одного one | 2 два дві две two | 3 три three | 4 чотири четыре four | 5 п'ять пять five
6 шість шесть six | 7 сім семь seven | 8 вісім восемь eight | 9 дев'ять девять nine | 10 десять ten
12 дванадцять двенадцать twelve | 14 чотирнадцять четырнадцать fourteen | 15 п'ятнадцять пятнадцать fifteen
18 вісімнадцять восемнадцать eighteen | 20 двадцять двадцать twenty | 30 тридцять тридцать thirty
40 сорок forty | 50 п'ятдесят пятьдесят fifty | 60 шістдесят шестьдесят sixty | 70 сімдесят семьдесят seventy
80 вісімдесят восемьдесят eighty | 90 дев'яносто девяносто ninety | 100 сто hundred"""
_NUMBERS = {
    word: int(number) for one in re.split(r"[|\n]", _NUMERALS) for number, *words in [one.split()] for word in words
}
_COUNT = (
    rf"(?:\d{{1,3}}|(?:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})(?:[ -](?:{'|'.join(_NUMBERS)})\b){{0,2}})"
)
_LENGTH = re.compile(
    rf"(?:(?:строком|терміном|сроком|тривалістю|продолжительностью|на (?:строк|термін|період|срок))(?: у| в| до| на)?"
    rf"|на|протягом|упродовж|впродовж|в течение|for|by)(?: another| a further)?"
    rf"(?: (?:a|an|the))?(?: (?:period|term) of)? "
    rf"(?P<n>{_COUNT})(?: ?\([^)\n]{{1,40}}\))?(?: |-)(?:calendar |календарних )?"
    r"(?:(?P<days>діб|доби|добу|доба|днів|дні|день|денн\w+|суток|сутки|дней|дня|days?)"
    r"|(?P<months>місяц\w*|місяці|месяц\w*|months?)|(?P<years>рік|рок\w*|год\b|года|лет|years?))"
)
_END = re.compile(rf"\b(?:до|по|until|till|through) (?:{_CLOCK}{_KYIV},? ?(?:on |of )?)?{_DAY}")
_BARE_DAY = re.compile(rf"\b(\d{{1,2}})(?:-?го)? ({_MONTH})\b(?!,? \d{{4}})")


def stated_start(text: str, near: str | None = None) -> str | None:
    """Return the first stated start as local wall time (`2025-11-05T05:30`); a day without time starts at 00:00, one
    without year has the one that puts it next to the day `near`."""
    text = _with_years(text, near, 6)
    found = _START_DAY_FIRST.search(text)
    plain = _START.search(text)
    if found is None or (plain is not None and plain.start() < found.start()):
        found = plain
    return _wall(found)


def stated_end(text: str, near: str | None = None) -> str | None:
    """Return the first stated end: a wall time, or a day that is the last one, whole; one without year is the next of
    that name after the day `near`."""
    found = _END.search(_with_years(text, near, 0))
    wall = _wall(found)
    timed = found is not None and (found["h"] or found["h2"])
    return wall if wall is None or timed else wall[:10]


def _wall(found: re.Match[str] | None) -> str | None:
    if found is None or (day := _day(found)) is None:
        return None
    hour, minute = _clock(found)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    return (datetime(day.year, day.month, day.day) + timedelta(hours=hour, minutes=minute)).isoformat("T", "minutes")  # noqa: DTZ001


def _with_years(text: str, near: str | None, months_back: int) -> str:
    """Complete the days that are written without a year: they lie up to so many months before a day, else after it."""
    if near is None:
        return text
    signed = date.fromisoformat(near)

    def completed(found: re.Match[str]) -> str:
        away = (_MONTHS[found[2]] - signed.month) + (int(found[1]) < signed.day) * -0.5
        return f"{found[0]} {signed.year + (away < -months_back) - (away > 12 - months_back)}"

    return _BARE_DAY.sub(completed, text)


def stated_length(text: str) -> str | None:
    """Return the first stated length as `90 days`, `3 months` or `1 year`."""
    found = _LENGTH.search(text)
    if found is None:
        return None
    words = re.split("[ -]", found["n"])
    count = sum(_NUMBERS.get(word) or int(word) for word in words)
    unit = "day" if found["days"] else "month" if found["months"] else "year"
    return f"{count} {unit}{'' if count == 1 else 's'}" if count else None


def stated_day(text: str) -> str | None:
    """Return the first day written in the text as `YYYY-MM-DD`."""
    found = _DAYS.search(text)
    read = _day(found) if found else None
    return read.isoformat() if read else None


def days_alone(text: str) -> Iterator[str]:
    """Return the days that fill a line of their own, as the date of signature does."""
    for line in text.split("\n"):
        if _WRITTEN_DAY.fullmatch(line.strip()) and (found := stated_day(line)):
            yield found


def last_stated_day(text: str) -> str | None:
    """Return the last day written out with its month's name."""
    written = _WRITTEN_DAY.findall(text)
    return stated_day(written[-1]) if written else None


def stamp_day(stamp: int | str | None) -> str | None:
    """Read the database's own dates, integers such as 20251021 where 0 is none, as `YYYY-MM-DD`."""
    digits = str(stamp or "")
    if not re.fullmatch(r"[0-9]{8}", digits):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        return None


def _day(found: re.Match[str]) -> date | None:
    part = found.groupdict()
    if part["d3"]:
        year, month, number = part["y3"], int(part["m3"]), part["d3"]
    elif part["d2"]:
        year, month, number = part["y2"], _MONTHS[part["month2"]], part["d2"]
    else:
        year, month, number = part["y"], _MONTHS[part["month"]], part["d"]
    try:
        return date(int(year), month, int(number))
    except ValueError:
        return None


def _clock(found: re.Match[str]) -> tuple[int, int]:
    part = found.groupdict()
    hour = int(part.get("h") or part.get("h2") or 0)
    minute = int(part.get("min") or part.get("min2") or 0)
    half = part.get("half")
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour, minute


_LATIN = "ABCEHIKMOPTXYaceiopxyïÏ"
_CYRILLIC = "АВСЕНІКМОРТХУасеіорхуїЇ"
_GREEK = "ΑΒΕΗΙΚΜΝΟΡΤΧοα"
_GREEK_AS_CYRILLIC = "АВЕНІКМНОРТХоа"

_TO_CYRILLIC = str.maketrans(_LATIN + _GREEK, _CYRILLIC + _GREEK_AS_CYRILLIC)
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)
_SAME = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″〝〞＂", '"'),
        **dict.fromkeys("’‘ʼ`´′ʹˈ＇", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "ё": "е",
    }
)
_INVISIBLE = re.compile("[\u00ad\u0300\u0301\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_SPACES = re.compile(r"[^\S\n]+")
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC_ONLY = re.compile("[\u0400-\u04ff]")
_LATIN_ONLY = re.compile("[A-Za-z]")


def cleaned(text: str) -> str:
    """Return the text as a person sees it: composed letters, ordinary spaces, nothing invisible, `\\n` for lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _SPACES.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", text)))


def folded(text: str) -> str:
    """Fold a cleaned text for matching, letter by letter: what is found at an index stands there in the original."""
    cyrillic = _mostly_cyrillic(text)
    text = _WORD.sub(lambda word: _one_script(word[0], cyrillic), text).translate(_SAME)
    return "".join(low if len(low := character.lower()) == 1 else character for character in text)


def matching(text: str) -> str:
    """Fold a single line such as a title: entities read, spaces collapsed, final punctuation dropped."""
    return " ".join(folded(cleaned(html.unescape(text))).split()).strip(" .;,")


_TAG = re.compile(r"</?[a-z][^<>]{0,200}>", re.IGNORECASE)


def _between(tag: re.Match[str]) -> str:
    return " " if tag[0].lower().startswith("<br") else ""


def shown(text: str) -> str:
    """Return a title for people: entities read, tags left out, spaces collapsed, otherwise as the source has it."""
    return " ".join(_TAG.sub(_between, cleaned(html.unescape(text))).split())


def latin(text: str) -> str:
    """Write Cyrillic letters that look Latin as Latin ones, as in a Roman number typed on a Ukrainian keyboard."""
    return text.translate(_TO_LATIN)


def decoded(body: bytes) -> str:
    """Read bytes of undeclared encoding: UTF-8 or UTF-16 where they are, else windows-1251, the old one there."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", errors="replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("windows-1251", errors="replace")


def _mostly_cyrillic(text: str) -> bool:
    plain = text.translate(_TO_LATIN)
    return len(_CYRILLIC_ONLY.findall(plain)) >= len(_LATIN_ONLY.findall(text.translate(_TO_CYRILLIC)))


def _one_script(word: str, cyrillic: bool) -> str:
    """Write a word in the script of those of its letters that exist in one script alone."""
    surely_cyrillic = bool(_CYRILLIC_ONLY.search(word.translate(_TO_LATIN)))
    surely_latin = bool(_LATIN_ONLY.search(word.translate(_TO_CYRILLIC)))
    if surely_cyrillic != surely_latin:
        cyrillic = surely_cyrillic
    return word.translate(_TO_CYRILLIC if cyrillic else _TO_LATIN)


_LONGEST_NOTICE = 32 * 1024
_TURNED_AWAY = re.compile(
    r"заблок\w*[^\n]{0,60}\b(?:ip|адрес)|\b(?:ip|адрес\w*)\b[^\n]{0,60}заблок|ddos|доступ\w*[^\n]{0,40}(?:заборон|обмеж|заблок)"
    r"|перевищ\w+[^\n]{0,60}(?:запит|звернен|сторін)|забагато запитів|access denied|forbidden|too many requests"
    r"|just a moment|checking your browser|you are (?:a )?human|captcha|attention required|enable javascript"
    r"|request unsuccessful|перевірк\w+ (?:вашого )?браузер|не робот\b"
)
_HEADING = re.compile(
    r"^[^\w\n]*(?:закон|указ|постанова|розпорядження|наказ|рішення|кодекс|конституція|декрет|декларація|положення|порядок|"
    r"конвенція|угода|договір|протокол|статут|інструкція|правила|law|decree|on|про|о)\b",
    re.MULTILINE,
)
_SIGN_OF_AN_ACT = re.compile(r"(?:№|\bn|\bno\.?) ?\d|\bстаття \d|\bпостановля[єю]|\barticle \d|україни|украины|ukraine")


def has_signs_of_act(words: str) -> bool:
    """Say whether a text has anything of an act: a heading, a number, an article, the state that issued it."""
    low = folded(cleaned(words[:20_000]))
    return bool(_HEADING.search(low) or _SIGN_OF_AN_ACT.search(low))


def block_notice(body: bytes) -> str | None:
    """Return the first words of a notice that turns us away in place of a document, in whatever encoding; None for
    anything else."""
    if len(body) > _LONGEST_NOTICE or body.lstrip().startswith((b"{", b"[", b"<?xml", b"<rss")):
        return None
    words = " ".join(re.sub(r"<[^<>]{0,300}>", " ", decoded(body)).split())
    low = cleaned(words).lower()
    if not _TURNED_AWAY.search(low) or (_HEADING.match(low) and re.search(r"№ ?\d", low)):
        return None
    return words[:80]
