"""Ukrainian: the words that messages are made of."""

from __future__ import annotations

from domain.records.facets import Kind
from notifications.languages.language import Language, Phrases
from notifications.languages.ukrainian_ladder import CHAMBERS, LADDER
from notifications.languages.ukrainian_sentences import SENTENCES

_PHRASES = {
    Kind.STATUS: Phrases("{after}", "{after} (було: {before})", "Більше не значиться: {before}", "Стан"),
    Kind.ACTION: Phrases("Нова дія: {after}", "Дію переписано: {before} → {after}", "Дію знято: {before}", "Нова дія"),
    Kind.TEXT: Phrases("Новий текст: {after}", "Текст: {before} → {after}", "Текст вилучено: {before}", "Новий текст"),
    Kind.TITLE: Phrases("Нова назва: {after}", "Назва: {before} → {after}", "Назву знято: {before}", "Нова назва"),
    Kind.SUMMARY: Phrases(
        "Новий виклад: {after}", "Виклад перероблено: {after}", "Виклад знято: {before}", "Новий виклад"
    ),
    Kind.SPONSOR: Phrases(
        "Новий ініціатор: {after}", "Ініціатор: {before} → {after}", "Ініціатор відійшов: {before}", "Новий ініціатор"
    ),
    Kind.COMMITTEE: Phrases("Комітет: {after}", "Комітет: {before} → {after}", "Комітет знято: {before}", "Комітет"),
    Kind.RELATED: Phrases(
        "Пов’язане: {after}", "Пов’язане: {before} → {after}", "Більше не пов’язане: {before}", "Пов’язане"
    ),
    Kind.VOTE: Phrases(
        "Голосування: {after}",
        "Голосування: {after} (було: {before})",
        "Голосування знято: {before}",
        "Голосування",
    ),
    Kind.HEARING: Phrases(
        "Слухання: {after}", "Слухання: {after} (було: {before})", "Слухання знято: {before}", "Слухання"
    ),
    Kind.APPEARED: Phrases("Нове на обліку: {after}", "Нове на обліку: {after}", "Зникло: {before}", "Нове на обліку"),
    Kind.TERM: Phrases("{after}", "{after} (було: {before})", "Більше не значиться: {before}", "Строк"),
    Kind.REMINDER: Phrases("{after}", "{after}", "Більше не очікується: {before}", "Нагадування"),
    Kind.CORRECTION: Phrases(
        "Виправлення: {after}",
        "Виправлення: {after} (ми писали: {before})",
        "Виправлення: не так: {before}",
        "Виправлення",
    ),
    Kind.SOURCE: Phrases(
        "Джерело {name}: {after}", "Джерело {name}: {after} (було: {before})", "Джерело {name}", "Джерело {name}"
    ),
    Kind.CHANNEL: Phrases(
        "Канал {name}: {after}", "Канал {name}: {after} (було: {before})", "Канал {name}", "Канал {name}"
    ),
    Kind.RECEIPT: Phrases("{after}", "{after}", "Звіт", "Звіт"),
}

_WORDS = {
    "nothing_new": "Нічого нового",
    "more_in_subject": "+ ще {n}",
    "more": "і ще {n}",
    "next_short": "далі",
    "note_short": "нотатка",
    "happened_short": "сталося",
    "more_short": "ще {n}",
    "also_new": "Також нове",
    "happened": "Сталося",
    "published": "оприлюднено {moment}",
    "seen": "побачено {moment}",
    "Published": "Оприлюднено",
    "Seen": "Побачено",
    "standing": "Де це зараз",
    "meaning": "Що це означає",
    "next": "Що далі",
    "note": "Ваша нотатка",
    "why": "Чому ви це отримали",
    "alert": "Сповіщення",
    "message": "повідомлення",
    "evidence": "Підтвердження",
    "source": "джерело",
    "differs": "Що змінилося в тексті",
    "since": "{status}, з {day}",
    "now": "зараз: {status}",
    "late": "Запізніла вість: це сталося за {days} до того, як ми це побачили.",
    "corrected": "Ми писали: {before}. Тепер на обліку: {after}.",
    "corrected_on": "{day} ми писали: {before}. Тепер на обліку: {after}.",
    "became_law": "Став законом: {law}",
    "has_number": "Це {law}. Більше нічого не потрібно.",
    "given_up": "від одного повідомлення відмовлено",
    "came_together": "{number} ({parties}): {names}",
    "came_together_plain": "{number}: {names}",
    "together_now": "Тепер разом {total}",
    "in_documents": "{changes} у {documents}",
    "and_more": "{headline} (і ще {n})",
    "and_more_names": "; і ще {n}",
    "daily": "щодня",
    "weekly": "щотижня",
    "caught up": "надолужено",
    "news": "новини",
    "advice_ok": "Джерело знову читається. Що воно оприлюднило за цей час, повідомляється тепер; нічого не втрачено.",
    "advice_unavailable": "lexwatch сам запитає ще раз. Доти чинний останній добрий стан.",
    "advice_refused": "Потрібна людина: перевірте ключ і адресу цього джерела в налаштуваннях.",
    "advice_blocked": "Перед джерелом стоїть сторінка перевірки. lexwatch сам запитає ще раз; якщо це триває, "
    "напишіть видавцеві.",
    "advice_changed": "Джерело відповідає у вигляді, якого lexwatch не знає. Доки читач не виправлено, чинний останній "
    "добрий стан.",
    "advice_late": "Джерело не читано довше, ніж дозволяє його ритм. Чинний останній добрий стан.",
    "advice_quiet": "Джерело відповідає, але надзвичайно довго нічого не оприлюднює.",
    "advice_dead": "Це повідомлення більше не надсилатиметься. `lexwatch alerts --state dead` показує, від чого "
    "відмовлено.",
    "advice_a template cannot be used": "Доки файл не виправлено, діє шаблон із постачання: жодне "
    "повідомлення не втрачено.",
}


def _plural(number: int) -> int:
    """1 день, 2 дні, 5 днів; 11 днів, 21 день."""
    if number % 10 == 1 and number % 100 != 11:
        return 0
    if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14):
        return 1
    return 2


LANGUAGE = Language(
    code="uk",
    months=(
        "січня",
        "лютого",
        "березня",
        "квітня",
        "травня",
        "червня",
        "липня",
        "серпня",
        "вересня",
        "жовтня",
        "листопада",
        "грудня",
    ),
    phrases=_PHRASES,
    words=_WORDS,
    nouns={
        "day": ("день", "дні", "днів"),
        "month": ("місяць", "місяці", "місяців"),
        "year": ("рік", "роки", "років"),
        "change": ("зміна", "зміни", "змін"),
        "check": ("перевірка", "перевірки", "перевірок"),
        "watch": ("спостереження", "спостереження", "спостережень"),
        "document": ("документі", "документах", "документах"),
        "cosponsors": ("співавтор", "співавтори", "співавторів"),
        "amendments": ("поправка", "поправки", "поправок"),
    },
    plural=_plural,
    ladder=LADDER,
    chambers=CHAMBERS,
    sentences=SENTENCES,
)
