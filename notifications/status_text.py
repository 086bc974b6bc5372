"""What is said of a status: in plain words, the same in messages and on the terminal?

The words are declared in English by the jurisdiction (`status_words`); a status nobody has words for is said as it
stands, made readable.
"""

from __future__ import annotations

from domain.documents import DocumentId
from domain.jurisdictions import jurisdiction_of
from domain.jurisdictions import status_label as english_label
from notifications.translation import ENGLISH, Language


def status_label(status: str, document: DocumentId, language: Language = ENGLISH) -> str:
    """Say a status in a few words, fit for a subject line or a table: `Passed House`."""
    return language.text(english_label(status, document), "status")


def status_meaning(status: str, document: DocumentId, language: Language = ENGLISH) -> str:
    """Say in one sentence what a status means; "" for one that nobody has words for."""
    words = jurisdiction_of(document).status_words(status, document)
    return language.text(words.meaning) if words else ""


def next_step(status: str, document: DocumentId, law: str | None = None, language: Language = ENGLISH) -> str:
    """Say in one sentence what can come next; "" where nobody knows. `law` is the name of the law it became (`Public
    Law 119-12`), None while it has no number."""
    words = jurisdiction_of(document).status_words(status, document)
    if words is None:
        return ""
    return language.text(words.with_law).format(law=law) if law and words.with_law else language.text(words.next_step)
