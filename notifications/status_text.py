"""What is said of a status in a language: in a few words, in a sentence, and of what can come next?

The keys are the ladder's own (`domain.jurisdictions.us.statuses`); a status of no ladder we know is said as it stands.
"""

from __future__ import annotations

from domain import jurisdictions
from domain.documents import DocumentId
from notifications.languages import Language
from notifications.languages.language import Rung

_OTHER = {"HOUSE": "SENATE", "SENATE": "HOUSE"}


def status_label(status: str, document: DocumentId, language: Language) -> str:
    """Say a status in a few words, fit for a subject line."""
    rung, chamber = _words_of(status, document, language)
    if rung is not None:
        return _filled(rung.sentence, chamber, "", language)
    return language.retold(jurisdictions.status_label(status, document))


def status_meaning(status: str, document: DocumentId, language: Language) -> str:
    """Say in one sentence what a status means; "" for one without words."""
    rung, chamber = _words_of(status, document, language)
    if rung is not None:
        return _filled(rung.meaning, chamber, _origin(document), language)
    words = jurisdictions.jurisdiction_of(document).status_words(status, document)
    return words.meaning if words else ""


def next_step(status: str, document: DocumentId, law: str | None, language: Language) -> str:
    """Say in one sentence what can come next; "" for a status without words. `law` is the name of the law it became
    (`Public Law 119-12`), None while it has no number."""
    words = jurisdictions.jurisdiction_of(document).status_words(status, document)
    rung, chamber = _words_of(status, document, language)
    if rung is None or document.kind != "bill":
        return jurisdictions.next_step(words, law) if words else ""
    if law and status.startswith("ENACTED:"):
        return language.say("has_number", law=law)
    return _filled(rung.next_step, chamber, _origin(document), language)


def _origin(document: DocumentId) -> str:
    if document.kind != "bill" or len(document.parts) < 2:
        return ""
    return "HOUSE" if document.parts[1].startswith("h") else "SENATE"


def _words_of(status: str, document: DocumentId, language: Language) -> tuple[Rung | None, str]:
    """Split `PASS_OVER:HOUSE` into its rung and its chamber ("" where it names none)."""
    if document.jurisdiction != "us":
        return None, ""
    head, _, tail = status.rpartition(":")
    if tail in _OTHER:
        return language.ladder.get(head), tail
    return language.ladder.get(status), ""


def _filled(template: str, chamber: str, origin: str, language: Language) -> str:
    places = {"C": chamber, "D": _OTHER.get(chamber, ""), "O": origin}
    cases = {f"{gap}{case}": word for gap, name in places.items() for case, word in language.chambers[name].items()}
    return template.format(**cases)
