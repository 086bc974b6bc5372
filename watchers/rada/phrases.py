"""How is the renewal of a regime called in a title?

Each pattern describes a whole title, already folded and freed of its wrappers (see `titles`): a title that says
anything more is about something else. Titles that mention martial law and do not renew it outnumber the others seven
to one. The official form is Ukrainian; Russian and English mirrors and press wordings differ in words and order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MARTIAL_LAW = "martial-law"
MOBILISATION = "mobilisation"

EXTENSION, INTRODUCTION, END, PARTIAL_END = "extension", "introduction", "end", "partial_end"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A form of title: the regime it is about and what the act does to it.

    `home` demands that Ukraine is named, by the title or its issuer: words that Russia's own decrees share.
    """

    regime: str
    act: str
    pattern: re.Pattern[str]
    home: bool = False


# Each optional part brings its own leading space.
_UNITS = r"(?:діб|доби|добу|днів|дні|день|місяц\w+|суток|сутки|дней|дня|days?|months?)"
_FOR = (
    rf"(?: (?:ще )?(?:(?:строком|терміном|сроком) )?(?:на|for|by)(?: another| a further| further)? \d{{1,3}} {_UNITS})?"
)
_CLOCK = r"(?:\d{1,2}[:.]\d{2} |\d{1,2} \w+ (?:\d{1,2} \w+ )?)?"
_DAY = r"(?:\d{1,2} \w+ \d{4}|[a-z]+ \d{1,2},? \d{4})(?: року| года)?"
_FROM = rf"(?: (?:починаючи )?(?:з|із|с|from|до|until|till|to) {_CLOCK}(?:on |of )?{_DAY}){{0,2}}"

_PLACES = r"(?:місцевост|регіон|област|територі|район|міст|громад|республі|крим|києв|севастопол|акваторі)\w*"
# A word of a list of places: a name in the locative, or what joins two of them.
_NAMED = (
    r"(?:[\w'-]*(?:[іи]й|[иії]х|ім|ому|ої|ах|ях|полі)"
    r"|та|і|й|м\.|місті|республіці|крим|території|області|україни|також),? "
)
_HERE = (
    r"(?: (?:(?:в|у|на)(?: всій| усій)?(?: території)? україн[іи]"
    rf"|(?:в|у|на) (?:окрем|деяк|певн|кільк|част)\w+ (?:її )?{_PLACES}(?: україни| держави)?"
    rf"|(?:в|у|на) (?:{_NAMED}){{0,60}}{_PLACES}(?: україни)?))?"
)
_RU_HERE = r"(?: (?:в|на)(?: всей)?(?: территории)? украин[еы])?"
_EN_HERE = (
    r"(?: (?:(?:in|on|over|throughout|across)(?: the)?(?: whole| entire)?(?: territory of)? ukraine"
    r"|in (?:certain|some|separate|specific|particular) (?:areas|regions|localities|territories|parts)"
    r"(?: of ukraine)?))?"
)

_STATE = r"(?: правового режиму| режиму)? (?:воєнного|військового) стану"
_TERM = r"(?: (?:строку|терміну|строків|термінів|періоду))?(?: дії| застосування)?"
_RU_STATE = r"(?: правового режима| режима)? военного положения"
_RU_TERM = r"(?: срока| периода)?(?: действия)?"
_EN_TERM = r"(?: (?:the|a|term|terms|period|duration|validity|effect|operation|legal|regime|state|time|of|for)){0,10}"
_EN_STATE = r" martial law(?: regime)?"
_MOBILISING = r"(?: чергової)?(?: загальної| часткової)? мобілізації"
_RU_MOBILISING = r"(?: всеобщей| общей| частичной)? мобилизации"
_EN_MOBILISING = r"(?: general| partial| full| total| universal)? mobili[sz]ation"

_EXTEND = r"про(?: подальше| чергове| повторне)? (?:продовження|подовження|пролонгацію)"
_INTRODUCE = r"про (?:введення|уведення|запровадження|встановлення|оголошення)"
_CANCEL = r"про(?: дострокове| повне)? (?:скасування|припинення|зняття|відміну|завершення|закінчення)"
_RU_EXTEND = r"о(?: дальнейшем)? (?:продлении|пролонгации)"
_RU_CANCEL = r"о(?:б)?(?: досрочном| досрочной)? (?:отмене|прекращении|снятии)"
_EN_EXTEND = (
    r"(?:on |about )?(?:the )?(?:further |another )?"
    r"(?:extending|extensions? (?:of|to|for)|prolonging|prolongation of|continuing|continuation of|renewing|renewal of)"
)
_EN_INTRODUCE = (
    r"(?:on |about )?(?:the )?(?:introduction of|introducing|imposition of|imposing|declaring|declaration of"
    r"|establishing|establishment of|proclaiming|proclamation of)"
)
_EN_CANCEL = (
    r"(?:on |about )?(?:the )?(?:early )?(?:termination of|terminating|cancellation of|cancell?ing|lifting(?: of)?"
    r"|abolition of|abolishing|ending(?: of)?|end of|repeal of|repealing|revocation of|revoking)"
)

_TABLE: tuple[tuple[str, str, str, bool], ...] = (
    (MARTIAL_LAW, EXTENSION, rf"{_EXTEND}{_FOR}{_HERE}{_TERM}{_STATE}{_HERE}{_FOR}{_FROM}{_FOR}", False),
    (MARTIAL_LAW, INTRODUCTION, rf"{_INTRODUCE}(?: в дію)?{_HERE}{_STATE}{_HERE}{_FROM}{_FOR}", False),
    (MARTIAL_LAW, END, rf"{_CANCEL}{_HERE}{_TERM}{_STATE}{_HERE}{_FROM}", False),
    (MARTIAL_LAW, PARTIAL_END, rf"про часткове (?:скасування|припинення){_TERM}{_STATE}{_HERE}{_FROM}", False),
    (MARTIAL_LAW, EXTENSION, rf"{_RU_EXTEND}{_RU_TERM}{_RU_STATE}{_RU_HERE}{_FOR}{_FROM}{_FOR}", True),
    (MARTIAL_LAW, INTRODUCTION, rf"о(?:б)? (?:введении|объявлении){_RU_HERE}{_RU_STATE}{_RU_HERE}{_FROM}{_FOR}", True),
    (MARTIAL_LAW, END, rf"{_RU_CANCEL}{_RU_TERM}{_RU_STATE}{_RU_HERE}{_FROM}", True),
    (MARTIAL_LAW, EXTENSION, rf"{_EN_EXTEND}{_EN_TERM}{_EN_STATE}{_EN_HERE}{_FOR}{_FROM}{_FOR}", False),
    (
        MARTIAL_LAW,
        EXTENSION,
        rf"(?:on )?(?:the )?martial law (?:extension|prolongation|renewal){_EN_HERE}{_FOR}",
        False,
    ),
    (MARTIAL_LAW, INTRODUCTION, rf"{_EN_INTRODUCE}{_EN_TERM}{_EN_STATE}{_EN_HERE}{_FROM}{_FOR}", False),
    (MARTIAL_LAW, END, rf"{_EN_CANCEL}{_EN_TERM}{_EN_STATE}{_EN_HERE}{_FROM}", False),
    (
        MOBILISATION,
        EXTENSION,
        rf"{_EXTEND}{_FOR}(?: строку| терміну| строків| термінів| періоду)?"
        rf"(?: проведення| дії| здійснення)?{_MOBILISING}"
        rf"{_HERE}{_FOR}{_FROM}{_FOR}",
        False,
    ),
    (
        MOBILISATION,
        INTRODUCTION,
        r"про(?: оголошення| проведення| запровадження| оголошення (?:та|і) проведення)?"
        rf"(?: чергов\w+)?(?: загальн\w+| частков\w+)? мобілізаці[юї]{_HERE}",
        False,
    ),
    (MOBILISATION, END, rf"{_CANCEL}(?: проведення)?{_MOBILISING}(?: (?:та|і|й) демобілізацію)?{_HERE}", False),
    (MOBILISATION, END, rf"про(?: загальну| часткову)? демобілізацію{_HERE}", False),
    (
        MOBILISATION,
        EXTENSION,
        rf"{_RU_EXTEND}{_RU_TERM}(?: проведения)?{_RU_MOBILISING}{_RU_HERE}{_FOR}{_FROM}{_FOR}",
        False,
    ),
    (MOBILISATION, INTRODUCTION, rf"о(?:б)? (?:всеобщей|общей) мобилизации{_RU_HERE}", False),
    (MOBILISATION, INTRODUCTION, rf"о(?:б)?(?: объявлении| проведении)?{_RU_MOBILISING}{_RU_HERE}", True),
    (
        MOBILISATION,
        EXTENSION,
        rf"{_EN_EXTEND}{_EN_TERM}(?: conducting| carrying out)?{_EN_MOBILISING}{_EN_HERE}{_FOR}{_FROM}{_FOR}",
        False,
    ),
    (MOBILISATION, END, rf"{_EN_CANCEL}{_EN_TERM}{_EN_MOBILISING}{_EN_HERE}{_FROM}", False),
    (MOBILISATION, END, rf"(?:on |about )?(?:the )?(?:general )?demobili[sz]ation{_EN_HERE}", False),
    (
        MOBILISATION,
        INTRODUCTION,
        r"(?:on |about )?(?:the )?(?:(?:declaring|declaration of|announcing|conducting|conduct of) )?"
        rf"(?:general|partial|full|total|universal) mobili[sz]ation{_EN_HERE}",
        False,
    ),
)

PHRASES = tuple(Phrase(regime, act, re.compile(pattern), home) for regime, act, pattern, home in _TABLE)
