"""What does a message about several documents say?

`[lexwatch daily] 7 changes in 3 documents`, then every document with its changes, documents that matter most first;
about regimes renewed in pairs, both names and the first change. It is a letter like any other, so that every channel
can lay it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from domain.alerts.bundles import PAIRED
from domain.ports import Notice
from notifications.compose import LONGEST_SUBJECT, MOST_LISTED
from notifications.languages import Language
from notifications.message import Message, RenderedChange
from notifications.reasons import reason_sentence
from notifications.sanitize import one_line
from notifications.translation import language_of

_MOST_TITLES = 12
"""Documents listed in the title of the message; the changes name all of them."""


def compose_combined(notice: Notice, letter_of: Callable[[Notice], Message], language: Language) -> Message:
    """Say in words what a notice with parts holds; `letter_of` writes one of them."""
    letters = [letter_of(part) for part in notice.parts]
    places = [letter.document for letter in letters for _ in letter.news]
    news = list(chain.from_iterable(_named(letter) for letter in letters))
    total = len(news) + sum(letter.more for letter in letters)
    label, subject = _subject(notice, letters, news, total, language)
    return Message(
        subject=one_line(f"[{label}] {subject}", LONGEST_SUBJECT),
        label=label,
        document=(places[MOST_LISTED:] or places[:1] or [""])[0],  # where to read on
        title=_titles(letters, language),
        link=None,
        news=tuple(news[:MOST_LISTED]),
        more=max(0, total - MOST_LISTED),
        kinds=tuple(dict.fromkeys(chain.from_iterable(letter.kinds for letter in letters))),
        standing=None,
        meaning=None,
        next_step=None,
        note=_notes(letters),
        reason=one_line(reason_sentence(notice.reasons, language_of(language.code)), 1600),
        alerts=notice.alerts,
        delivery=notice.delivery,
        evidence=tuple(dict.fromkeys(chain.from_iterable(letter.evidence for letter in letters))),
        language=language,
        parts=tuple(_listed(letters)),
    )


def _subject(
    notice: Notice, letters: Sequence[Message], news: Sequence[RenderedChange], total: int, language: Language
) -> tuple[str, str]:
    """Return the tag of the message and what it says in a few words."""
    if notice.digest == PAIRED and news:
        first = next(letter.news[0].headline for letter in letters if letter.news)
        names = ", ".join(letter.label for letter in letters)
        return names, language.say("and_more", headline=first, n=len(news) - 1) if len(news) > 1 else first
    counted = language.counted(total, "change"), language.counted(len(letters), "document")
    rhythm = language.words.get(notice.digest or "news", notice.digest)
    return f"lexwatch {rhythm}", language.say("in_documents", changes=counted[0], documents=counted[1])


def _listed(letters: Sequence[Message]) -> Iterator[Message]:
    """Yield the letters as far as their changes are listed: the rest is counted for all of them together."""
    room = MOST_LISTED
    for letter in letters:
        if room > 0:
            yield replace(letter, news=letter.news[:room])
        room -= len(letter.news)


def _named(letter: Message) -> list[RenderedChange]:
    """Put the name of the document before each of its changes."""
    return [replace(told, headline=f"{letter.label}: {told.headline}") for told in letter.news]


def _titles(letters: list[Message], language: Language) -> str | None:
    names = [f"{letter.label}, {letter.title}" if letter.title else letter.label for letter in letters]
    more = language.say("and_more_names", n=len(names) - _MOST_TITLES) if len(names) > _MOST_TITLES else ""
    return one_line("; ".join(one_line(name, 120) for name in names[:_MOST_TITLES]), 1600) + more or None


def _notes(letters: list[Message]) -> str | None:
    notes = (f"{letter.label}: {letter.note}" for letter in letters if letter.note)
    return one_line("; ".join(dict.fromkeys(notes)), 1600) or None
