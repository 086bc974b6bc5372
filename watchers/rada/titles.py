"""Which regime does a title renew, introduce or end, if any, and why do we say so?

Pure. A title is freed of what is wrapped around it (draft law, approval of a decree, number and date, quotes of four
styles, balanced or not); what remains must be one of the forms of `phrases`, whole. Some titles cannot be decided
without the text, such as amendments of a decree: they are not announced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from watchers.rada.phrases import (
    END,
    EXTENSION,
    INTRODUCTION,
    MARTIAL_LAW,
    MOBILISATION,
    PARTIAL_END,
    PHRASES,
    Phrase,
)
from watchers.rada.wording import matching


class Label(StrEnum):
    """What a title is about."""

    EXTENSION = "extension"
    INTRODUCTION = "introduction"
    MOBILISATION = "mobilisation"
    TERMINATION = "termination"
    UNRELATED = "unrelated"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a title says. `regime` and `act` are None for an unrelated one; `approves` says that it is a law (or its
    draft) about a decree of that kind, not the decree itself; `reason` is a sentence for people."""

    label: Label
    subtype: str
    reason: str
    regime: str | None = None
    act: str | None = None
    approves: bool = False
    draft: bool = False


LONGEST = 2000
"""Characters of a title that are looked at; no renewal has a tenth of it."""

_NUMBER = r"(?:\(?(?:реєстр\w*\.? ?|р\. ?|reg\.? ?|документ ?)?(?:№|no\.?|n)\s?\d[\w/-]*(?:\s?/\s?\d{4})?\)?)"
_DATED = (
    r"(?:(?:від|от|of|dated)\s(?:\d{1,2}[ .][\w.]+[ .]\d{4}|[a-z]+ \d{1,2},? \d{4})"
    r"(?:\s(?:року|р\.|р\b|года|г\.))?)"
)
_META = rf"(?:\s*(?:{_NUMBER}|{_DATED}))*"
_QUOTE = r"[\s\":'(,.-]*"
_DRAFT = re.compile(
    rf"(?:(?:проект|проєкт|законопроект|законопроєкт|draft|bill)\b{_META}\s*)"
    r"(?:(?:закону|закона|указу|указа|law|of law)(?: президента)?(?: україни| украины| of ukraine)?"
    rf"(?: \d{{4,5}}\b)?{_META})?{_QUOTE}"
)
_HEAD = re.compile(
    r"(?:закон(?: україни| украины)?|указ(?: президента(?: україни| украины)?)?|law of ukraine|"
    rf"(?:presidential decree|decree of the president)(?: of ukraine)?){_META}{_QUOTE}"
)
_LEADING = re.compile(rf"(?:{_NUMBER}|\d{{1,5}}(?:/\d{{4}})?){_META}[\s\".:-]+(?=[^\W\d])")
_APPROVAL = re.compile(
    r"(?:про (?:затвердження|схвалення) указ(?:у|ів)(?: президента(?: україни)?)?"
    r"|об утверждении указа(?: президента(?: украины)?)?"
    r"|(?:on )?(?:the )?(?:approval of|approving)(?: the)? (?:presidential decree|decree of the president|"
    rf"president's decree)(?: of ukraine)?){_META}{_QUOTE}"
)
_REPEAL = re.compile(
    r"про (?:визнання (?:таким|такими), що (?:втратив|втратили) чинність,?|скасування(?: дії)?|втрату чинності)"
    r" указ(?:у|ів) президента"
    rf"(?: україни)?(?P<which>{_META}){_QUOTE}"
)
_SITE = r"(?: [-|] (?:офіційне інтернет-представництво президента україни|законодавство україни|president of ukraine))?"
_TAIL = re.compile(
    rf'{_META}(?:[\s"\',.)*]|\((?:із|зі|с|as)? ?(?:змін|измен|застереж|amended)[^)]*\))*(?:\|)?{_META}'
    rf'[\s"\'.)*]*{_SITE}[\s".]*'
)
_INTRODUCING = {"64/2022": MARTIAL_LAW, "65/2022": MOBILISATION, "69/2022": MOBILISATION}
"""The decrees by which the running regimes were introduced: a repeal may name the number alone."""

_FOREIGN = re.compile(
    r"росі|росси|\bрф\b|russia|народно\w+ республік|народно\w+ республик|people's republic|\b[дл]нр\b"
    r"|білорус|белорус|belarus|коре[йяї]|korea|ізраїл|израил|israel"
)
"""Russia's decree 756 of October 2022 has all but our words."""

_HOME = re.compile(r"україн|украин|ukrain")
_NO_INSTRUMENTS = re.compile(
    r"постанов|розпорядж|распоряж|наказ|приказ|рішенн|решени|петиц|лист\b|письмо|заяв|звернен|обращ|повідомл|"
    r"resolution|order|decision|petition|letter|statement|appeal"
)


def classify(title: str, *, issuer: str | None = None) -> Verdict:
    """Say what a title is about.

    `issuer` is what the source says of kind and issuer (`Указ Президента України від 20.10.2025 № 793/2025`): what is
    not a decree or law of Ukraine, or the draft of one, renews nothing whatever its title.
    """
    text = matching(title[:LONGEST])
    says = matching((issuer or "")[:LONGEST])
    if says and (_FOREIGN.search(says) or _NO_INSTRUMENTS.match(says)):
        return _unrelated("other-issuer", f"issued as {issuer!r}: not a decree or law of Ukraine")
    core, approves, draft, act = _unwrapped(text)
    if core in _INTRODUCING:
        return _related(_INTRODUCING[core], END, approves, draft, core)
    phrase = _phrase(core, at_home=bool(_HOME.search(text) or _HOME.search(says)))
    if phrase is None:
        return _unlike(text, approves)
    if _FOREIGN.search(core):
        return _unrelated("other-issuer", "the title names another state")
    if act == END and phrase.act not in (INTRODUCTION, EXTENSION):
        return _unrelated("repeal", "repeals an act that itself ends something")
    partial = phrase.act == END and re.search(r" (?:окрем|деяк|певн|част)\w* ", f"{core} ")
    return _related(phrase.regime, act or (PARTIAL_END if partial else phrase.act), approves, draft, core)


def _unwrapped(text: str) -> tuple[str, bool, bool, str | None]:
    """Return the innermost title, whether a law approves it, whether it is a draft, and END for a repeal."""
    approves = draft = False
    act = None
    for _ in range(6):
        if found := _DRAFT.match(text):
            draft = True
        elif found := _APPROVAL.match(text):
            approves = True
        elif found := _REPEAL.match(text):
            act = END
            number = re.search(r"\d+/\d{4}", found["which"])
            if number and not text[found.end() :].strip(" \"'."):
                return number[0], approves, draft, act
        elif not (found := _HEAD.match(text) or _LEADING.match(text)):
            break
        text = text[found.end() :]
    return text.strip(" \"'"), approves, draft, act


def _phrase(core: str, *, at_home: bool) -> Phrase | None:
    for phrase in PHRASES:
        found = phrase.pattern.match(core)
        # Greedy parts may stop early; only a match that reaches the end of the title counts.
        if found and _TAIL.fullmatch(core, found.end()) and (at_home or not phrase.home):
            return phrase
    return None


_WORDS = {
    EXTENSION: "extends",
    INTRODUCTION: "introduces",
    END: "ends",
    PARTIAL_END: "ends in part of the territory",
}


def _related(regime: str, act: str, approves: bool, draft: bool, core: str) -> Verdict:
    name = regime.replace("-", " ")
    what = f"the title {'approves a decree that ' if approves else ''}{_WORDS[act]} {name}"
    reason = f"{what}{' (a draft)' if draft else ''}: «{core}»"
    if regime == MOBILISATION:
        label = Label.MOBILISATION
    elif act in (END, PARTIAL_END):
        label = Label.TERMINATION
    else:
        label = Label(act)
    kind = "draft-law" if draft else "approval-law" if approves else "decree"
    if kind == "decree" and regime == MOBILISATION:
        kind = "partial" if re.search(r"частков|частичн|partial", core) else act
    return Verdict(label, kind, reason, regime, act, approves, draft)


_ELSE: tuple[tuple[str, str, str], ...] = (
    (
        r"(?:про )?внесення зм|про зміни? до|on amend|о внесении изм",
        "amendment",
        "amends another act; the text decides",
    ),
    (r"про рішення ради національної|on the decision of the national sec", "nsdc-decision", "puts an NSDC decision"),
    (r"про звернення|про заяву", "appeal", "is an appeal or a statement"),
    (r"(?:електронна )?петиція", "petition", "is a petition"),
    (r"про ратифікацію", "ratification", "ratifies an agreement"),
    (r".*надзвичайного стану", "state-of-emergency", "is about a state of emergency, another regime"),
    (r".*(?:воєнн|військов)\w+ стан|.*martial law|.*военно\w+ положени", "mention", "mentions martial law in passing"),
    (r".*мобіліз|.*мобилиз|.*mobili[sz]", "mention", "mentions mobilisation in passing"),
)


def _unlike(text: str, approves: bool) -> Verdict:
    """Say what an unrelated title is, as far as it can be told."""
    if approves:
        return _unrelated("approval-law-of-another-decree", "approves a decree about something else")
    for pattern, subtype, reason in _ELSE:
        if re.match(pattern, text):
            return _unrelated(subtype, f"the title {reason}")
    return _unrelated("other", "the title names none of the regimes")


def _unrelated(subtype: str, reason: str) -> Verdict:
    return Verdict(Label.UNRELATED, subtype, reason)
