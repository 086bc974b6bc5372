"""Which words occur, as a table."""

from __future__ import annotations

import pytest

from domain.text import fold, is_word, occurring

CASES = {
    "a word is found whatever its case": (["nato"], "A Bill on NATO.", ["nato"]),
    "a word inside another is not found": (["NATO"], "The senator and the signatory", []),
    "a word before a full stop or a bracket is found": (["NATO"], "withdraw (NATO).", ["NATO"]),
    "accents do not matter": (["Noel"], "Joyeux NOËL", ["Noel"]),
    "accents in the word do not matter either": (["Québec"], "QUEBEC", ["Québec"]),
    "a phrase is found across line breaks and no-break spaces": (
        ["North Atlantic Treaty"],
        "the North\n\t Atlantic\u00a0Treaty",
        ["North Atlantic Treaty"],
    ),
    "a phrase is not found in another order": (["North Atlantic"], "Atlantic North", []),
    "Ukrainian words are found in capitals": (["воєнний стан"], "ПРО ВОЄННИЙ  СТАН", ["воєнний стан"]),
    "a composed and a decomposed letter are the same": (["й"], "и\u0306", ["й"]),
    "soft hyphens and direction marks are not there": (["martial law"], "mar\u00adtial \u200flaw", ["martial law"]),
    "one dash is like another": (["Lend-Lease"], "the lend\u2011lease act", ["Lend-Lease"]),
    "one apostrophe is like another": (["Ukraine's"], "Ukraine\u2019s borders", ["Ukraine's"]),
    "what looks like a pattern is only text": (["a.c", "N.*O", "("], "abc NATO (", []),
    "a word that ends in a sign is found": (["C++", "§ 5"], "in C++ under § 5", ["C++", "§ 5"]),
    "a script without spaces needs no boundary": (["戒厳"], "政府は戒厳令を布告した", ["戒厳"]),
    "a number is a word": (["90 days"], "for 90 days", ["90 days"]),
    "a longer number is another": (["90"], "1990", []),
    "those that occur are named in their own order": (
        ["sanctions", "NATO", "x"],
        "NATO sanctions",
        ["sanctions", "NATO"],
    ),
    "an underscore joins": (["law"], "martial_law", []),
}


@pytest.mark.parametrize(("words", "text", "found"), CASES.values(), ids=CASES.keys())
def test_occurring(words: list[str], text: str, found: list[str]) -> None:
    assert list(occurring(words, text)) == found


def test_no_words_or_no_text_find_nothing() -> None:
    assert occurring([], "NATO") == ()
    assert occurring(["NATO"], None) == ()


@pytest.mark.parametrize(
    ("word", "there"), [("NATO", True), ("5", True), ("", False), (" - ", False), ("\u200b", False)]
)
def test_only_letters_and_digits_make_a_word(word: str, there: bool) -> None:
    assert is_word(word) is there


def test_folding_twice_changes_nothing_again() -> None:
    text = "Ängström’s ﬁrst\u00a0ＬＡＷ — №793/2025 Ёлка"
    assert fold(fold(text)) == fold(text)
