"""Which word is a form of which, for saved searches: in Latin letters as English has it, in Cyrillic as Ukrainian.

The dictionaries of simplemma are large (25 MB and a sixth of a second, 70 MB and half a second): each is loaded when
the first search looks for a word of its script, never to answer a question about what is on record.

A search must not find what it plainly does not mean, so English words are joined as nouns and irregular verbs alone:
what ends in -ing or -ed is a word of its own (`training` is none of `train`, `armed` none of `arm`), and so are plurals
that mean something else (`customs`, `United States`).
"""

from __future__ import annotations

from functools import lru_cache

from domain.text import fold, is_cyrillic

KEPT = 65_536
"""Words whose lemma is remembered: the titles of a whole session have fewer."""

_OWN = (
    "aids arms bases best better bonds customs damages data elder europeans fed forces funds "
    "further generals goods greater grounds higher least led left less locals lower means media more most nationals "
    "nations news officials older originals papers premises proceeds professionals rose safer saw securities "
    "services spirits states times united waters woods works worse worst "
)
OWN_WORDS = frozenset(_OWN.split())
"""English words that are no form of the word they look like: plurals with a meaning of their own, and comparatives."""

_VERBAL = ("ing", "ed")
_SHORTEST = 3


@lru_cache(maxsize=KEPT)
def lemma(word: str) -> str:
    """Return the word that a form belongs to, in any case; a form that is not known is its own word."""
    from simplemma import lemmatize  # only searches ask

    plain = word.replace("’", "'").replace("ʼ", "'").lower()
    if is_cyrillic(plain):
        return str(lemmatize(plain, lang="uk"))
    if len(plain) < _SHORTEST or plain in OWN_WORDS or plain.endswith(_VERBAL):
        return plain
    found = fold(str(lemmatize(plain, lang="en")))
    return plain if found.endswith(_VERBAL) and not plain.startswith(found) else found
