"""Ukrainian: how sentences of ours that the record keeps in English are said.

A reminder, a step of a term, a correction, the reason of an alert: each was put into words when it became true, and
is kept. `tests/notifications/test_translation.py` has the domain write every one of them, so that none is forgotten
here.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.jurisdictions.us.statuses import sentence
from notifications.languages.ukrainian_ladder import CHAMBERS, LADDER

_REMINDERS = (
    ("{n} day left, {x}", "До кінця {n:day}: {x}"),
    ("{n} days left, {x}", "До кінця {n:day}: {x}"),
    ("{x} (kept by hand)", "{x} (ведеться вручну)"),
    ("{x} (its sources were not read)", "{x} (джерел не прочитано)"),
    ("{x} (sources last read {t})", "{x} (джерела востаннє прочитано {t})"),
    ("no renewal seen", "продовження не видно"),
    ("renewal seen, its term not read", "продовження видно, його строку не прочитано"),
    ("bill registered, no decree seen", "законопроєкт зареєстровано, указу не видно"),
    ("decree signed, no law seen", "указ підписано, закону не видно"),
    ("law adopted, no signature seen", "закон ухвалено, підпису не видно"),
    ("law signed, not yet in force", "закон підписано, він ще не набрав чинності"),
    ("renewal seen, its term not read", "продовження видно, його строку не прочитано"),
    ("Expired {t}, no successor in force ({x})", "Строк сплив {t}, наступний не набрав чинності ({x})"),
    ("Expired {t}, no successor seen", "Строк сплив {t}, наступного не видно"),
    ("Ended early, {t}", "Припинено достроково, {t}"),
    ("Lapse confirmed: ended {t}, nothing followed", "Підтверджено: строк сплив {t}, продовження не було"),
    ("An act ended it early", "Строк припинив акт"),
    ("No renewal was seen", "Продовження не було видно"),
    (
        "Its sources were read without a gap from {t} to {u}",
        "Джерела читано без перерви з {t} до {u}",
    ),
    ("Sources last read {t}", "Джерела востаннє прочитано {t}"),
    ("{x} {r} days before the term (median {y}, {n} cases)", "{x} за {r} дн. до строку (медіана {y}, випадків: {n})"),
    ("today is day {m} and none is seen", "сьогодні лишається {m:day}, і нічого не видно"),
    ("Decrees came", "Укази з’являлися"),
    ("Renewals came", "Продовження з’являлися"),
    ("Laws were adopted", "Закони ухвалювали"),
    ("Laws were signed", "Закони підписували"),
    ("Laws were published", "Закони оприлюднювали"),
    ("Laws came into force", "Закони набирали чинності"),
)

_ENDS = (
    ("Died with the {o} Congress: {x}", "Знято з розгляду з кінцем Конгресу {o} скликання: {x}"),
    ("The {o} Congress ended at noon on {d}", "Конгрес {o} скликання завершився опівдні {d}"),
    ("It stood at: {x}, since {d}", "Стан на той час: {x}, з {d}"),
    (
        "To go on, it has to be introduced anew in the {o}",
        "Щоб іти далі, акт треба внести знову, у Конгресі {o} скликання",
    ),
    ("No bill was introduced under this number", "Під цим номером нічого не внесено"),
    (
        "Both chambers had passed it; no signature was seen within 30 days",
        "Обидві палати його ухвалили; підпису за 30 днів не було видно",
    ),
    *((f"{{n}}{ending}", "{n}-го") for ending in ("st", "nd", "rd", "th")),
)

_TERMS = (
    ("Decree {x} signed", "Указ {x} підписано"),
    ("Decree {x} in force", "Указ {x} набрав чинності"),
    ("Decree {x} published, its term cannot be read yet", "Указ {x} оприлюднено, строку ще не прочитано"),
    ("Law {x} adopted", "Закон {x} ухвалено"),
    ("Law {x} adopted, with a reservation", "Закон {x} ухвалено із застереженням"),
    ("Law {x} signed", "Закон {x} підписано"),
    ("Law {x} published", "Закон {x} оприлюднено"),
    ("Law {x} in force", "Закон {x} набрав чинності"),
    ("Law {x} published, its term cannot be read yet", "Закон {x} оприлюднено, строку ще не прочитано"),
    ("introduction, {y}", "введення, {y}"),
    ("extension {n}, {y}", "продовження {n}, {y}"),
    ("extension, {y}", "продовження, {y}"),
    ("from {t} until an act ends it ({z})", "з {t}, доки акт не припинить ({z})"),
    ("{t} to {u} ({z}, {l})", "з {t} до {u} ({z}, {l})"),
    ("{t} to {u} ({z})", "з {t} до {u} ({z})"),
    *((f"{{n}} {noun}{s}", f"{{n:{noun}}}") for noun in ("day", "month", "year") for s in ("", "s")),
)

_CORRECTIONS = (
    ("{x}; the status stands: {y}", "{x}; стан лишається: {y}"),
    ("no longer stated since {d}", "не значиться з {d}"),
    ("no longer stated: {x}", "не значиться: {x}"),
    ("stated again: {x}", "знову значиться: {x}"),
    ("{x}. ({d})", "{x} ({d})"),
    ("{x} (since {d})", "{x} (з {d})"),
    ("{x} ({d})", "{x} ({d})"),
)

_WEEKDAYS = (
    ("monday", "щопонеділка"),
    ("tuesday", "щовівторка"),
    ("wednesday", "щосереди"),
    ("thursday", "щочетверга"),
    ("friday", "щоп’ятниці"),
    ("saturday", "щосуботи"),
    ("sunday", "щонеділі"),
)

_REASONS = (
    ("{a}, and {w} occurs in it", "{a}, і в ній є {w}"),
    ("{a}, and {w} occur in it", "{a}, і в ній є {w}"),
    (
        "the watch {w} follows {a} and tells {b} of {k} changes in a digest",
        "спостереження {w} стежить за {a} і сповіщає {b} про зміни виду {k} в дайджесті",
    ),
    (
        "the watch {w} follows {a} and tells {b} of {k} changes",
        "спостереження {w} стежить за {a} і сповіщає {b} про зміни виду {k}",
    ),
    (
        "{w} is named under service.operator and hears when something of this installation fails",
        "{w} названо в service.operator: сюди надходять вісті про збої цієї інсталяції",
    ),
    ("you were told of {a}, which this puts right", "вам повідомляли про {a}; це виправлення"),
    (
        "this takes the place of a message about {a}, put right before it was sent ({all})",
        "це замість повідомлення про {a}, виправленого ще до надсилання ({all})",
    ),
    (
        "this takes the place of a message about {a}, given up and put right since ({all})",
        "це замість повідомлення про {a}, від якого відмовлено і яке відтоді виправлено ({all})",
    ),
    ("{w} gets a receipt daily {b}", "{w} отримує звіт щодня о {b}"),
    *((f"{{w}} gets a receipt weekly {day} {{b}}", f"{{w}} отримує звіт {said} о {{b}}") for day, said in _WEEKDAYS),
    ("somebody ran `lexwatch test-channel` for {x}", "хтось виконав `lexwatch test-channel` для {x}"),
)

_OPERATION = (
    ("ok", "гаразд"),
    ("broken", "не читається"),
    ("unavailable", "недоступне"),
    ("refused", "відмовлено"),
    ("blocked", "заблоковано"),
    ("changed", "змінило вигляд"),
    ("late", "запізнюється"),
    ("quiet", "мовчить"),
    ("messages are taken", "повідомлення приймаються"),
    ("no message is taken", "повідомлення не приймаються"),
    ("no longer configured", "більше не налаштовано"),
    ("test message", "пробне повідомлення"),
    ("a template cannot be used", "шаблон не діє"),
    ("its status cannot be told", "стан неможливо назвати"),
    ("its status can be told again", "стан знову відомий"),
    (
        "This is a test message of lexwatch. It tells no news: no document changed.",
        "Це пробне повідомлення lexwatch. Новин у ньому немає: жоден документ не змінився.",
    ),
    ("What waited for it is being sent.", "Те, що чекало, надсилається."),
    ("In force", "Чинний"),
    ("Not in force", "Не чинний"),
    ("Expired no successor seen", "Строк сплив, наступного не видно"),
    ("Ended", "Завершено"),
    ("Ended early", "Припинено достроково"),
    ("Unknown", "Невідомо"),
)


_CHECKS = (
    ("1 check", "1 перевірка"),
    ("{n} checks", "{n:check}"),
    ("{m} of {n} checks failed", "{m} з {n} перевірок не вдалися"),
    ("the only check failed", "єдина перевірка не вдалася"),
    ("not checked once", "жодної перевірки"),
)

_RECEIPTS = (
    ("Receipt, {t} to {u}: {x}; {y}", "Звіт, від {t} до {u}: {x}; {y}"),
    ("1 watch", "1 спостереження"),
    ("{n} watches", "{n:watch}"),
    ("nothing missed", "нічого не пропущено"),
    ("{n} with gaps, named below", "{n} із прогалинами, їх названо нижче"),
    *_CHECKS,
    *((f"{english} by {{a}}", f"{said} ({{a}})") for english, said in _CHECKS),
    ("longest gap {x}", "найдовша прогалина {x}"),
    ("{n} d", "{n} д"),
    ("{n} h", "{n} год"),
    ("{n} min", "{n} хв"),
    ("{n} d {m} h", "{n} д {m} год"),
    ("{n} d {m} min", "{n} д {m} хв"),
    ("{n} h {m} min", "{n} год {m} хв"),
    ("{a} cannot be read since {t} ({w})", "{a} не читається з {t} ({w})"),
    ("{a} could never be read ({w})", "{a} ще жодного разу не прочитано ({w})"),
    ("{a} was read again on {t}", "{a} знову прочитано {t}"),
    ("{a} was read in part ({w})", "{a} прочитано частково ({w})"),
    ("no source reads it: nothing was checked", "жодне джерело цього не читає: нічого не перевірено"),
    ("last change {t}", "остання зміна {t}"),
    ("last entry seen {t}", "останній запис побачено {t}"),
    ("no change on record", "змін на обліку немає"),
    ("and 1 more watch, nothing missed", "і ще 1 спостереження, нічого не пропущено"),
    ("and {n} more watches, nothing missed", "і ще {n:watch}, нічого не пропущено"),
    ("and {n} more watches, some with gaps: lexwatch sources", "і ще {n:watch}, деякі з прогалинами: lexwatch sources"),
)


def _statuses() -> Iterator[tuple[str, str]]:
    """Yield what every status is called in both languages: corrections quote it."""
    for status, rung in LADDER.items():
        for chamber in ("HOUSE", "SENATE") if "{C" in rung.sentence else ("",):
            cases = {f"C{case}": word for case, word in CHAMBERS[chamber].items()}
            yield sentence(f"{status}:{chamber}".strip(":")), rung.sentence.format(**cases)


SENTENCES = (*_OPERATION, *_statuses(), *_REASONS, *_RECEIPTS, *_REMINDERS, *_ENDS, *_TERMS, *_CORRECTIONS)
