"""Why does somebody get a message, or not, in plain sentences?"""

from __future__ import annotations

from collections.abc import Sequence

from domain.alerts.routing import merged
from domain.coded_text import CodedText, Param
from domain.documents import DocumentId, label
from notifications.translation import ENGLISH, Language


def reason_sentence(reasons: Sequence[CodedText], language: Language = ENGLISH) -> str:
    """Say why somebody gets a message; reasons that differ in the kind of change alone are one clause."""
    return "; ".join(dict.fromkeys(_clause(reason, language) for reason in merged(reasons)))


def _clause(reason: CodedText, language: Language) -> str:
    params: dict[str, Param] = dict(reason.params)
    if reason.code == "reason.routed":
        return _routed(params, language)
    for name in ("reasons", "reason"):  # why it was to be sent in the first place
        within = params.get(name)
        if isinstance(within, tuple | CodedText):
            nested = within if isinstance(within, tuple) else (within,)
            params[name] = reason_sentence([one for one in nested if isinstance(one, CodedText)], language)
    return language.render(CodedText(reason.code, tuple(params.items())))


def _routed(params: dict[str, Param], language: Language) -> str:
    document, words = str(params["document"]), params.pop("words", ())
    named_after = params["watch"] in (document, label(DocumentId.parse(document)))
    said = language.say("reason.routed_self" if named_after else "reason.routed", **params)
    if "digest" in params:
        said = language.say("reason.in_digest", reason=said)
    if isinstance(words, tuple) and words:
        said = language.say("reason.with_words", n=len(words), reason=said, words=words)
    return said
