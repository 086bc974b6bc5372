"""How is the renewal of a regime called in a title?

Each pattern describes a whole title, already folded and freed of its wrappers: a title that says
anything more is about something else. Titles that mention martial law and do not renew it outnumber the others seven
to one. The official form is Ukrainian; Russian and English mirrors and press wordings differ in words and order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from watchers.rada import MARTIAL_LAW, MOBILISATION
from watchers.rada.text import matching

EXTENSION, INTRODUCTION, END, PARTIAL_END = "extension", "introduction", "end", "partial_end"


@dataclass(frozen=True, slots=True)
class TitlePhrase:
    """A form of title: the regime it is about and what the act does to it.

    `home` demands that Ukraine is named, by the title or its issuer: words that Russia's own decrees share.
    """

    regime: str
    act: str
    pattern: re.Pattern[str]
    home: bool = False


# Each optional part brings its own leading space.
_UNITS = r"(?:діб|доби|добу|днів|дні|день|місяц\w+|суток|сутки|дней|дня|days?|months?)"
_FOR_DAYS = (
    r"(?:(?:ще |еще )?(?:(?:строком|терміном|сроком) )?(?:на|for|by)(?: another| a further| further)?"
    rf"(?: (?:a |the )?(?:period|term) of)? (?:(?:\d{{1,3}}|a|one|три|three) {_UNITS}|місяць))"
)
_FOR = rf"(?: {_FOR_DAYS})?"
_CLOCK = r"(?:\d{1,2}[:.]\d{2} |\d{1,2} \w+ (?:\d{1,2} \w+ )?)?"
_MONTH = (
    r"(?:січ|лют|бер|квіт|трав|черв|лип|серп|вер|жовт|лист|груд|янв|фев|мар|апр|ма[яй]|июн|июл|авг|сен|окт|ноя|дек"
    r"|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[^\W\d]*\.?"
)
_DAY = (
    rf"(?:\d{{1,2}} {_MONTH}(?: \d{{4}})?|{_MONTH} \d{{1,2}}(?:,? \d{{4}})?|\d{{1,2}}\.\d{{1,2}}\.\d{{4}})"
    r"(?: року| года| р\.)?"
)
_FROM_DAY = rf"(?:починаючи )?(?:з|із|с|from|до|until|till|to) {_CLOCK}(?:on |of )?{_DAY}"
_FROM = rf"(?:,?(?: -)? {_FROM_DAY}){{0,2}}"

_PLACES = r"(?:місцевост|регіон|област|територі|район|міст|громад|республі|крим|києв|севастопол|акваторі)\w*"
# A word of a list of places: a name in the locative, or what joins two of them.
_NAMED = (
    r"(?:[\w'-]*(?:[іи]й|[иії]х|ім|ому|ої|ах|ях|полі)"
    r"|та|і|й|м\.|місті|республіці|крим|території|області|україни|також),? "
)
_HERE = (
    r"(?: (?:(?:в|у|на)(?: всій| усій)?(?: території)? (?:україн[іи]|країн[іи])"
    rf"|(?:в|у|на) (?:окрем|деяк|певн|кільк|част)\w+ (?:її )?{_PLACES}(?: україни| держави)?"
    rf"|(?:в|у|на) \d+ {_PLACES}(?: україни)?|(?:в|у|на) (?:{_NAMED}){{0,60}}{_PLACES}(?: україни)?))?"
)
_RU_HERE = r"(?: (?:в|на)(?: всей)?(?: территории)? украин[еы])?"
_EN_HERE = (
    r"(?: (?:(?:in|on|over|throughout|across)(?: the)?(?: whole| entire)?(?: territory of)? ukraine"
    r"|in (?:certain|some|several|separate|specific|particular|\d+|ten)(?: out)?(?: of)?(?: the)?(?: \d+)?"
    r" (?:areas|regions|oblasts|localities|territories|parts)(?: of ukraine)?|(?:in|across) the (?:country|state)))?"
)

_STATE = r"(?: правового режиму| режиму)? (?:воєнного|військового) стану"
_TERM_WORDS = r"(?: (?:строку|терміну|строків|термінів|періоду))?(?: дії| застосування)?"
_RU_STATE = r"(?: правового режима| режима)? военного положения"
_RU_TERM = r"(?: срока| периода)?(?: действия)?"
_EN_TERM = r"(?: (?:the|a|term|terms|period|duration|validity|effect|operation|legal|regime|state|time|of|for)){0,10}"
_EN_STATE = r" martial law(?: regime)?"
_MOBILISING = r"(?: чергової)?(?: загальної| часткової)? мобілізації"
_RU_MOBILISING = r"(?: всеобщей| общей| частичной)? мобилизации"
_EN_MOBILISING = r"(?: general| partial| full| total| universal)? mobili[sz]ation"

_EXTEND = r"про(?: подальш\w+| чергов\w+| повторн\w+| нов\w+| \d+-?[^\W\d]+)? (?:продовження|подовження|пролонгацію)"
_INTRODUCE = r"про (?:введення|уведення|запровадження|встановлення|оголошення)"
_CANCEL = r"про(?: дострокове| повне)? (?:скасування|припинення|зняття|відміну|завершення|закінчення)"
_RU_EXTEND = r"о(?: дальнейшем| очередном| повторном)? (?:продлении|продолжении|пролонгации)"
_RU_CANCEL = r"о(?:б)?(?: досрочном| досрочной)? (?:отмене|прекращении|снятии)"
_EN_EXTEND = (
    r"(?:on |about )?(?:the )?(?:further |another |next |new |latest |\d+[a-z]{2} )?"
    r"(?:extending|extensions? (?:of|to|for)|prolonging|prolongation of|continuing|continuation of|renewing|renewal of)"
)
_EN_INTRODUCE = (
    r"(?:on |about )?(?:the )?(?:introduction of|introducing|imposition of|imposing|declaring|declaration of"
    r"|establishing|establishment of|proclaiming|proclamation of|promulgating|promulgation of|enacting)"
)
_EN_CANCEL = (
    r"(?:on |about )?(?:the )?(?:early )?(?:termination of|terminating|cancellation of|cancell?ing|lifting(?: of)?"
    r"|abolition of|abolishing|ending(?: of)?|end of|repeal of|repealing|revocation of|revoking)"
)

_HOME_ALONE = "home"
"""Marks titles that count only where Ukraine is named."""

_TABLE: tuple[tuple[str, ...], ...] = (
    (MARTIAL_LAW, EXTENSION, rf"{_EXTEND}{_FOR}{_HERE}{_TERM_WORDS}{_HERE}{_STATE}{_HERE}{_FOR}{_FROM}{_FOR}"),
    (MARTIAL_LAW, INTRODUCTION, rf"{_INTRODUCE}(?: в дію)?{_HERE}{_STATE}{_HERE}{_FROM}{_FOR}"),
    (MARTIAL_LAW, END, rf"{_CANCEL}{_HERE}{_TERM_WORDS}{_STATE}{_HERE}{_FROM}"),
    (MARTIAL_LAW, PARTIAL_END, rf"про часткове (?:скасування|припинення){_TERM_WORDS}{_STATE}{_HERE}{_FROM}"),
    (MARTIAL_LAW, EXTENSION, rf"{_RU_EXTEND}{_RU_TERM}{_RU_STATE}{_RU_HERE}{_FOR}{_FROM}{_FOR}", _HOME_ALONE),
    (
        MARTIAL_LAW,
        INTRODUCTION,
        rf"о(?:б)? (?:введении|объявлении){_RU_HERE}{_RU_STATE}{_RU_HERE}{_FROM}{_FOR}",
        _HOME_ALONE,
    ),
    (MARTIAL_LAW, END, rf"{_RU_CANCEL}{_RU_TERM}{_RU_STATE}{_RU_HERE}{_FROM}", _HOME_ALONE),
    (MARTIAL_LAW, EXTENSION, rf"{_EN_EXTEND}{_EN_TERM}{_EN_STATE}{_EN_HERE}{_FOR}{_FROM}{_FOR}"),
    (MARTIAL_LAW, EXTENSION, rf"(?:on )?(?:the )?martial law (?:extension|prolongation|renewal){_EN_HERE}{_FOR}"),
    (MARTIAL_LAW, INTRODUCTION, rf"{_EN_INTRODUCE}{_EN_TERM}{_EN_STATE}{_EN_HERE}{_FROM}{_FOR}"),
    (MARTIAL_LAW, END, rf"{_EN_CANCEL}{_EN_TERM}{_EN_STATE}{_EN_HERE}{_FROM}"),
    (
        MOBILISATION,
        EXTENSION,
        rf"{_EXTEND}{_FOR}(?: строку| терміну| строків| термінів| періоду)?"
        rf"(?: проведення| дії| здійснення)?{_MOBILISING}"
        rf"{_HERE}{_FOR}{_FROM}{_FOR}",
    ),
    (
        MOBILISATION,
        INTRODUCTION,
        r"про(?: оголошення| проведення| запровадження| оголошення (?:та|і) проведення)?"
        r"(?: (?:в|у|протягом|упродовж) \d{4} ро\w+)?(?: (?:\w+ )?черг\w*)?"
        rf"(?: загальн\w+| частков\w+)? мобілізаці[юї]{_HERE}",
    ),
    (MOBILISATION, END, rf"{_CANCEL}(?: проведення)?{_MOBILISING}(?: (?:та|і|й) демобілізацію)?{_HERE}"),
    (MOBILISATION, END, rf"про(?: загальну| часткову)? демобілізацію{_HERE}"),
    (MOBILISATION, EXTENSION, rf"{_RU_EXTEND}{_RU_TERM}(?: проведения)?{_RU_MOBILISING}{_RU_HERE}{_FOR}{_FROM}{_FOR}"),
    (MOBILISATION, INTRODUCTION, rf"о(?:б)? (?:всеобщей|общей) мобилизации{_RU_HERE}"),
    (MOBILISATION, INTRODUCTION, rf"о(?:б)?(?: объявлении| проведении)?{_RU_MOBILISING}{_RU_HERE}", _HOME_ALONE),
    (
        MOBILISATION,
        EXTENSION,
        rf"{_EN_EXTEND}{_EN_TERM}(?: conducting| carrying out| holding)?{_EN_MOBILISING}(?: period| term)?"
        rf"{_EN_HERE}{_FOR}{_FROM}{_FOR}",
    ),
    (MOBILISATION, END, rf"{_EN_CANCEL}{_EN_TERM}{_EN_MOBILISING}{_EN_HERE}{_FROM}"),
    (MOBILISATION, END, rf"(?:on |about )?(?:the )?(?:general )?demobili[sz]ation{_EN_HERE}"),
    (
        MOBILISATION,
        INTRODUCTION,
        r"(?:on |about )?(?:the )?(?:(?:declaring|declaration of|announcing|conducting|conduct of) )?"
        rf"(?:general|partial|full|total|universal) mobili[sz]ation{_EN_HERE}",
    ),
)

PHRASES = tuple(TitlePhrase(regime, act, re.compile(pattern), bool(home)) for regime, act, pattern, *home in _TABLE)


@dataclass(frozen=True, slots=True)
class TitleMeaning:
    """What a title says. `regime` and `act` are None for an unrelated one; `approves` says that it is a law (or its
    draft) about a decree of that kind, not the decree itself."""

    regime: str | None = None
    act: str | None = None
    approves: bool = False
    draft: bool = False


LONGEST_TITLE = 2000
"""Characters of a title that are looked at; no renewal has a tenth of it."""
MOST_TITLES = 4
"""Titles that one text may join ("bills on extending martial law and on mobilisation")."""

_LABELS = (
    r"(?:реєстр\w*+\.?,? ?|рег\w*+\.? ?|р\. ?|reg(?:\.|istration|istered)? ?|документ\w*+ ?"
    r"|під |за |under |with |of )*+"
)
_SIGN = r"(?:№|nos?\.?|n\.?|номер\w*|numbers?|#)\s?№?\s?"
_MORE = r"(?:(?:,| та| і| й| and| &|;) ?(?:№|no\.?|#)? ?\d(?:\d? \d{3}\b|[\w/-]*+))*+"
_NUMBER = (
    rf"(?>[(\[]?{_LABELS}{_SIGN}\d(?:\d? \d{{3}}\b|[\w/-]*+)(?:\s?/\s?\d{{4}})?{_MORE}[)\]]?"
    r"|\d{1,5}/\d{4}|\d{1,5}-[ivxіх]+|\(\d{4,5}(?:(?:,| та| і| and) \d{4,5})*\))"
)
_DATED = (
    r"(?:(?:від|от|of|dated|as of)\s"
    r"(?:\d{1,2}(?:\.\d{1,2}\.| [^\W\d]+\.? )\d{4}|\d{1,2} [^\W\d]{3,}|[a-z]+ \d{1,2}(?:,? \d{4})?)"
    r"(?:\s(?:року|р\.|р\b|года|г\.))?\)?)"
)
_NUMBER_ASIDE = re.compile(r"(?<=[^\W\d]) ?\((?:реєстр\.? ?)?(?:№|no\.?) ?\d[\w/-]*\)(?= [^\W\d])")
"""A number in brackets between two words of a title: it says nothing of the title."""

_META = rf"(?:,?\s*(?:{_NUMBER}|{_DATED}|\((?:затв|схвал|approved|про[еє]кт|законопро|bill)[^()]{{0,80}}\)))*+"
_QUOTE = r"[\s\":'(,.-]*"
_OF_UKRAINE = r"(?: україни| украины| of ukraine)?"
_PRESIDENT = r"(?:(?:\w\. ?){1,2}|[^\W\d]+ )?(?:зеленсь?к|порошенк)\w+"
_HEAD_OF_STATE = (
    r"(?: (?:президента|(?:глави|голови) держави|президентом|пу|гаранта|(?:of|by) (?:the )?(?:president|head of state))"
    rf"{_OF_UKRAINE}(?: {_PRESIDENT})?| {_PRESIDENT})?"
)
_ANY = r"(?:the |a |an |his |its |both |two |два |обидва |цей |цим |його |свій )?"
_WHOSE = r"(?:президентськ\w+ |президентск\w+ |урядов\w+ |presidential |government |ukrain\w+(?:'s)? ){0,2}"
_LAW = r"(?:закон(?:а|у|ом|и|ами|ів|і|ы|ов|ам|е)?|зу|laws?|legislation)"
_DECREE = (
    r"(?:указ(?:а|у|ом|и|ами|ів|і|ы|ов|ам|е)?|упу?|(?:(?:ukrainian )?(?:president(?:'s| \w+'s)|zelens\w+'s) )?decrees?)"
)
_DRAFT = re.compile(
    rf"{_ANY}{_WHOSE}(?:(?:законопро[еє]кт\w*|зп|bills?)|про[еє]кт\w*|drafts?)\b{_HEAD_OF_STATE}{_META}"
    rf"(?: ?\d{{4,5}}(?:{_MORE}))?\s*"
    rf"(?:(?:of )?(?:the )?(?:(?P<law>{_LAW}|bills?)|(?P<decree>{_DECREE}))\b{_HEAD_OF_STATE}{_OF_UKRAINE}"
    rf"(?: \d{{4,5}}\b)?{_META})?{_QUOTE}"
)
_HEAD = re.compile(
    rf"(?!president's decrees? on){_ANY}{_WHOSE}(?:(?P<law>{_LAW})|{_DECREE})\b"
    rf"{_HEAD_OF_STATE}{_OF_UKRAINE}{_META}{_QUOTE}"
)
"""Nobody quotes an act as "President's decree on …" without its number or country; headlines do."""

_LEADING = re.compile(
    rf"(?:{_NUMBER}|\d{{1,5}}(?:/\d{{4}})?){_META}[\s\".:()-]+(?=[^\W\d])|картка законопро[еє]кту[\s:.-]+"
    r"|(?:президент україни|president of ukraine)[\s:,.-]+(?=указ|decree)"
)
_APPROVAL = re.compile(
    r"(?:(?:про|щодо|стосовно|на) (?:затвердження|схвалення) |(?:що|який|якою|яким) (?:затвер\w+|схвал\w+) "
    r"|об утверждении "
    r"|(?:on |for )?(?:the )?(?:approval of|approving|ratifying|ratification of|to approve|(?:that|which) approves?)"
    r"(?: the)? )"
    rf"{_ANY}{_WHOSE}{_DECREE}\b{_HEAD_OF_STATE}{_META}{_QUOTE}"
)
_ABOUT_DECREE = re.compile(rf"(?:про|щодо|об?|on) {_ANY}{_WHOSE}{_DECREE}\b{_HEAD_OF_STATE}{_META}{_QUOTE}")
"""A law on a decree approves it."""
_REPEAL = re.compile(
    r"про (?:визнання (?:таким|такими), що (?:втратив|втратили) чинність,?|скасування(?: дії)?|втрату чинності)"
    r" указ(?:у|ів) президента"
    rf"(?: україни)?(?P<which>{_META}){_QUOTE}"
)
_REWORDED = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"(?:щодо|стосовно) |(?=(?:продовження|подовження|введення|запровадження|скасування|припинення) )", "про "),
        (
            r"(?:що|який|яким) (?:було )?продовж\w+ ((?:строк|термін) дії |дію )?(?:воєнн|військов)\w+ стан\w*",
            "про продовження воєнного стану",
        ),
        (
            r"(?:що|який|яким) (?:воєнний|військовий) стан(?: (?:в|у) україні)? (?:було )?продовж\w+",
            "про продовження воєнного стану",
        ),
        (
            r"(?:що|який|яким) (?:було )?(?:введено|вводить(?:ся)?|запровадж\w+) (?:воєнний|військовий) стан",
            "про введення воєнного стану",
        ),
        (
            r"(?:що|як\w{1,2}) (?:передбача\w+|пропону\w+) (?:продовжити|продовження) ((?:строк|термін|дію)\b)?",
            "про продовження ",
        ),
        (
            r"(?:що|як\w{1,2}) (?:було )?продовж\w+ (?:(?:строк|термін) )?(?:проведення )?(?:загальн\w+ )?мобіліза\w+",
            "про продовження загальної мобілізації",
        ),
        (r"предусматривающ\w+ (?=продлен)|котор\w+ предусматрива\w+ (?=продлен)", "о "),
        (r"о продление ", "о продлении "),
        (
            r"(?:proposing |seeking |calling for |aimed at |providing for |which provides? for )(?:the )?(?=ext|prol)",
            "on ",
        ),
        (r"(?:proposing )?(?:to|that|which)(?: would)? (?:extends?|extended|prolongs?) ", "on extending "),
        (r"(?:to|that|which) (?:introduced?s?|imposed?s?|declared?s?) ", "on introducing "),
        (r"(?:to|that|which) (?:ends?|lifts?|terminates?|cancels?) ", "on ending "),
    )
)
"""How a wrapper goes on without a title of its own ("a bill to extend martial law"), and the words of a title for it.
"""

_BEHIND = tuple(
    re.compile(piece)
    for piece in (
        _NUMBER,
        _DATED,
        rf"{_ANY}(?:законопро[еє]кт|bill|draft law|(?:про[еє]кт )?(?:{_LAW}|{_DECREE}))\b{_HEAD_OF_STATE}{_OF_UKRAINE}",
        r"(?:із |зі |с |у |в )(?:змін\w*(?: та доповнен\w+)?|редакці\w+|измен\w*)\b",
        r"(?:із |зі |з )?(?:такими? )?застережен\w+|as amended\b|with amendments",
        rf"(?:затвердж\w+|схвал\w+|утвержд\w+|(?:as )?approved by)(?: the)? {_LAW}\b.*",
        r"(?:подан|внесен|ініційован)\w*(?= президент| глав)",
        r"(?:submitted|introduced|initiated) by (?:the )?president(?: of ukraine)?",
        rf"(?:президент\w*|глав\w+ держави)(?: україни)?(?: {_PRESIDENT})?(?: \w\. ?\w\b\.?)?",
        r"(?:url|режим доступу|дата звернення|https?)\b.*",
        rf"{_FROM_DAY}|{_FOR_DAYS}",
        r"[-|] (?:офіційне інтернет-представництво президента україни|законодавство україни|president of ukraine)",
        r"[\s\"',.;:()*|\[\]]+",
    )
)
"""What may stand behind a title: numbers, days, the kind of act, who submitted or approved it, where it was read."""

_AND = re.compile(r"(?:а також|та|і|й|и|and|as well as|also)\s+")
_INTRODUCING = {"64/2022": MARTIAL_LAW, "65/2022": MOBILISATION, "69/2022": MOBILISATION}
"""The decrees by which the running regimes were introduced: a repeal may name the number alone."""

_FOREIGN = re.compile(
    r"росі|росси|\bрф\b|russia|народно\w+ республік|народно\w+ республик|people's republic|\b[дл]нр\b"
    r"|білорус|белорус|belarus|коре[йяї]|korea|ізраїл|израил|israel"
)
"""Russia's decree 756 of October 2022 has all but our words."""

PART_OF_COUNTRY = re.compile(
    r"\b(?:окрем|деяк|певн|частков|certain|some|several|separate|specific|particular)\w* |\bчастин\w+ (?:її )?територ"
    r"|\b(?:област|район|місцевост|громад(?!ян|ськ)|регіон|міст[іа]\b|крим(?!ін)|севастопол|region|oblast)"
)
_HOME = re.compile(r"україн|украин|ukrain")
_NO_INSTRUMENTS = re.compile(
    r"постанов|розпорядж|распоряж|наказ|приказ|рішенн|решени|петиц|лист\b|письмо|заяв|звернен|обращ|повідомл|"
    r"resolution|order|decision|petition|letter|statement|appeal"
)


def classify(title: str, *, issuer: str | None = None) -> TitleMeaning:
    """Say what a title is about.

    `issuer` is what the source says of kind and issuer (`Указ Президента України від 20.10.2025 № 793/2025`): what is
    not a decree or law of Ukraine, or the draft of one, renews nothing whatever its title.
    """
    return _meaning(title[:LONGEST_TITLE], (issuer or "")[:LONGEST_TITLE])


@lru_cache(maxsize=1024)  # the lists show the same titles at each poll
def _meaning(title: str, issuer: str) -> TitleMeaning:
    text = _NUMBER_ASIDE.sub("", _in_cyrillic(matching(title)))
    says = matching(issuer)
    if says and (_FOREIGN.search(says) or _NO_INSTRUMENTS.match(says)):
        return TitleMeaning()
    form = _unwrapped(text)
    if form.core in _INTRODUCING:
        return TitleMeaning(_INTRODUCING[form.core], END, form.approves, form.draft)
    phrase = _phrase(form.core, at_home=bool(_HOME.search(text) or _HOME.search(says)))
    if phrase is None or _FOREIGN.search(text):
        return TitleMeaning()
    if form.is_law and not form.says_approval and phrase.regime == MOBILISATION and phrase.act != EXTENSION:
        return TitleMeaning()  # a law on mobilisation that approves no decree
    if form.act == END and phrase.act not in (INTRODUCTION, EXTENSION):
        return TitleMeaning()  # what ended something is repealed
    partial = phrase.act == END and PART_OF_COUNTRY.search(form.core)
    act = form.act or (PARTIAL_END if partial else phrase.act)
    return TitleMeaning(phrase.regime, act, form.approves, form.draft)


_TITLE_WORDS = (
    "про продовження подовження строку терміну дії воєнного військового стану в у україні україни проведення загальної"
    " часткової мобілізації загальну часткову мобілізацію введення запровадження скасування припинення затвердження"
    " указ указу указом президента президент закон закону законом проект проєкт законопроект законопроєкт від та режиму"
)
_ROMANISED = str.maketrans(
    dict(zip("абвгґдезийклмнопрстуф", "abvhgdezyiklmnoprstuf", strict=True))
    | {"і": "i", "ї": "i", "є": "ie", "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch"}
    | {"ю": "iu", "я": "ia", "ь": "", "'": ""}
)


def _sound(word: str) -> str:
    """Reduce a romanised word to what the ways of romanising it have in common."""
    return re.sub(r"[iyj']+(?=.)", "", word).replace("g", "h")


_BY_SOUND = {_sound(word.translate(_ROMANISED)): word for word in _TITLE_WORDS.split()}


def _in_cyrillic(text: str) -> str:
    """Write a romanised title ("Pro prodovzhennia stroku dii …") in Ukrainian letters, word by word."""
    if not re.search(r"\b(?:pro|ukaz\w*|zakon\w*) ", text):
        return text
    return re.sub(r"[a-z']+", lambda word: _BY_SOUND.get(_sound(word[0]), word[0]), text)


@dataclass(frozen=True, slots=True)
class _TitleForm:
    """A title without what it is wrapped in. `is_law` says that a wrapper was a law or bill, `says_approval` that one
    approved a decree, `act` is END where one repealed it."""

    core: str
    is_law: bool = False
    says_approval: bool = False
    draft: bool = False
    act: str | None = None

    @property
    def approves(self) -> bool:
        """Whoever extends by a law approves the decree that extends: a law alone sets no term."""
        return self.is_law or self.says_approval


def _unwrapped(text: str) -> _TitleForm:
    """Return the innermost title, and what it was wrapped in."""
    form, wrapped = _TitleForm(text), False
    for _ in range(8):
        if found := _DRAFT.match(text):
            form = replace(form, draft=True, is_law=form.is_law or not found["decree"])
        elif found := _APPROVAL.match(text) or (form.is_law and _ABOUT_DECREE.match(text)) or None:
            form = replace(form, says_approval=True)
        elif found := _REPEAL.match(text):
            form = replace(form, act=END)
            number = re.search(r"\d+/\d{4}", found["which"])
            if number and not text[found.end() :].strip(" \"'."):
                return replace(form, core=number[0])
        elif found := _HEAD.match(text):
            form = replace(form, is_law=form.is_law or bool(found["law"]))
        elif not (found := _LEADING.match(text)):
            break
        text, wrapped = text[found.end() :], True
    for pattern, instead in _REWORDED if wrapped else ():
        text = pattern.sub(instead, text, count=1) if pattern.match(text) else text
    return replace(form, core=text.strip(" \"'"))


def _phrase(core: str, *, at_home: bool, several: int = MOST_TITLES) -> TitlePhrase | None:
    """Return the form that describes a whole title, or the first of several titles of such acts."""
    for phrase in PHRASES:
        found = phrase.pattern.match(core)
        # Greedy parts may stop early; only a match that reaches the end of the title counts.
        if found and (at_home or not phrase.home):
            if _behind(core, found.end()) == len(core):
                return phrase
            rest = _AND.sub("", core[_behind(core, found.end()) :], count=1)
            further = (
                (_unwrapped(rest).core, f"{_opening(core)} {rest}", f"про {rest}")
                if rest != core[found.end() :]
                else ()
            )
            if several > 1 and any(_phrase(one, at_home=at_home, several=several - 1) for one in further):
                return phrase
    return None


def _opening(core: str) -> str:
    """Return the words that a second title of the same kind leaves out: `про продовження` of both regimes."""
    return next((found[0] for one in _OPENINGS if (found := re.match(one, core))), "")


_OPENINGS = (_EXTEND, _CANCEL, _RU_EXTEND, _RU_CANCEL, _EN_EXTEND, _EN_CANCEL)


def _behind(core: str, at: int) -> int:
    """Return how far from here on a title only says more about the act it names."""
    while at < len(core):
        ends = (found.end() for piece in _BEHIND if (found := piece.match(core, at)))
        if not (longest := max(ends, default=at)) > at:
            break
        at = longest
    return at
