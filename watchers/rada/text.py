"""When do two spellings say the same?

Official texts reach us with no-break spaces, soft hyphens, decomposed letters, stress marks, four styles of quotes and
apostrophes, and Latin letters inside Cyrillic words. All of this is folded for comparing, never for showing, hashing or
naming a document.
"""

from __future__ import annotations

import html
import re
import unicodedata

_LATIN = "ABCEHIKMOPTXYaceiopxyïÏ"
_CYRILLIC = "АВСЕНІКМОРТХУасеіорхуїЇ"
_GREEK = "ΑΒΕΗΙΚΜΝΟΡΤΧοα"
_GREEK_AS_CYRILLIC = "АВЕНІКМНОРТХоа"

_TO_CYRILLIC = str.maketrans(_LATIN + _GREEK, _CYRILLIC + _GREEK_AS_CYRILLIC)
_TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)
_SAME = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″〝〞＂", '"'),
        **dict.fromkeys("’‘ʼ`´′ʹˈ＇", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "ё": "е",
    }
)
_INVISIBLE = re.compile("[\u00ad\u0300\u0301\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_SPACES = re.compile(r"[^\S\n]+")
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC_ONLY = re.compile("[\u0400-\u04ff]")
_LATIN_ONLY = re.compile("[A-Za-z]")


def cleaned(text: str) -> str:
    """Return the text as a person sees it: composed letters, ordinary spaces, nothing invisible, `\\n` for lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _SPACES.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", text)))


def folded(text: str) -> str:
    """Fold a cleaned text for matching, letter by letter: what is found at an index stands there in the original."""
    cyrillic = _mostly_cyrillic(text)
    text = _WORD.sub(lambda word: _one_script(word[0], cyrillic), text).translate(_SAME)
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)


def matching(text: str) -> str:
    """Fold a single line such as a title: entities read, spaces collapsed, final punctuation dropped."""
    return " ".join(folded(cleaned(html.unescape(text))).split()).strip(" .;,")


def shown(text: str) -> str:
    """Return a title for people: entities read, spaces collapsed, otherwise as the source has it."""
    return " ".join(cleaned(html.unescape(text)).split())


def latin(text: str) -> str:
    """Write Cyrillic letters that look Latin as Latin ones, as in a Roman number typed on a Ukrainian keyboard."""
    return text.translate(_TO_LATIN)


def decoded(body: bytes) -> str:
    """Read bytes of undeclared encoding: UTF-8 or UTF-16 where they are, else windows-1251, the old one there."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", errors="replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("windows-1251", errors="replace")


def _mostly_cyrillic(text: str) -> bool:
    plain = text.translate(_TO_LATIN)
    return len(_CYRILLIC_ONLY.findall(plain)) >= len(_LATIN_ONLY.findall(text.translate(_TO_CYRILLIC)))


def _one_script(word: str, cyrillic: bool) -> str:
    """Write a word in the script of those of its letters that exist in one script alone."""
    surely_cyrillic = bool(_CYRILLIC_ONLY.search(word.translate(_TO_LATIN)))
    surely_latin = bool(_LATIN_ONLY.search(word.translate(_TO_CYRILLIC)))
    if surely_cyrillic != surely_latin:
        cyrillic = surely_cyrillic
    return word.translate(_TO_CYRILLIC if cyrillic else _TO_LATIN)
