"""What a saved search finds, and what is wrong with one that cannot be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alerts.routing import Watch
from domain.alerts.search import DEEPEST, LONGEST, SearchError, parse
from domain.documents import DocumentId

WITHDRAWAL = "To withdraw the United States from the North Atlantic Treaty Organization (NATO)."
BUDGET = "A bill to set the budget of the NATO mission"

FOUND = {
    "a word whatever its case": ("nato", WITHDRAWAL),
    "a word beside punctuation": ("organization", WITHDRAWAL),
    "a phrase across white space": ('"north   atlantic"', "the NORTH\n ATLANTIC sea"),
    "a phrase in curly quotation marks": ("“North Atlantic”", WITHDRAWAL),
    "a beginning of a word": ("withdraw*", "Withdrawal of forces"),
    "the beginning itself as a word": ("withdraw*", WITHDRAWAL),
    "a phrase whose last word goes on": ('"north atl*"', WITHDRAWAL),
    "a phrase whose last word goes on, the star outside": ('"north atl"*', WITHDRAWAL),
    "terms side by side": ("treaty nato", WITHDRAWAL),
    "AND in other order": ("nato AND treaty", WITHDRAWAL),
    "either": ("budget OR nato", WITHDRAWAL),
    "AND before OR": ("nato AND treaty OR budget AND nothing", WITHDRAWAL),
    "AND before OR, the other way round": ("budget AND nothing OR nato AND treaty", WITHDRAWAL),
    "NOT before AND": ("NOT budget AND nato", WITHDRAWAL),
    "NOT without AND": ("nato NOT budget", WITHDRAWAL),
    "twice NOT": ("nato NOT NOT treaty", WITHDRAWAL),
    "brackets": ("nato AND (budget OR treaty)", WITHDRAWAL),
    "NOT of brackets": ("nato NOT (budget OR mission)", WITHDRAWAL),
    "brackets without spaces": ("nato(budget OR treaty)", WITHDRAWAL),
    "the whole of the example": ('NATO AND (withdraw* OR "North Atlantic") NOT budget', WITHDRAWAL),
    "and in small letters is a word": ("rock and roll", "Rock and Roll Day"),
    "an accent more": ("noel", "Noël"),
    "an operator in quotation marks is a word": ('"NOT" stop', "Do not stop"),
}

MISSED = {
    "a word inside another": ("nato", "Senator"),
    "a word that only begins": ("withdraw", "Withdrawal"),
    "a beginning inside a word": ("draw*", "withdraw"),
    "words of a phrase apart": ('"north treaty"', WITHDRAWAL),
    "one of two words": ("nato senate", WITHDRAWAL),
    "what NOT forbids": ("nato NOT budget", BUDGET),
    "what NOT forbids for one half of an OR": ("(treaty OR mission) NOT budget", BUDGET),
    "nothing at all": ("nato", ""),
}

WRONG = {
    "nothing": ("", "expected a word or a phrase, saw the end", 0),
    "blanks": ("   ", "expected a word or a phrase, saw the end", 0),
    "an operator alone": ("AND", "expected a word or a phrase, saw AND", 0),
    "nothing after an operator": ("nato AND", "expected a word or a phrase, saw the end", 8),
    "two operators": ("nato AND OR treaty", "expected a word or a phrase, saw OR", 9),
    "an open bracket": ("nato AND (treaty", "an opening bracket that nothing closes", 9),
    "a closing bracket": ("nato) treaty", "a closing bracket that nothing opens", 4),
    "empty brackets": ("nato ()", "expected a word or a phrase, saw )", 6),
    "half a phrase": ('nato "north', "a quotation mark without its other half", 5),
    "an empty phrase": ('nato ""', "expected a word with a letter or a digit", 5),
    "a star in the middle": ("na*to", "a * stands at the end of a word", 0),
    "a star alone": ("nato *", "expected a word with a letter or a digit", 5),
    "no word that must occur": ("NOT budget", "expected a word that must occur: this finds whatever lacks a word", 0),
    "a way round every word": ("nato OR NOT budget", "expected a word that must occur", 0),
    "deep brackets": ("(" * (DEEPEST + 1) + "a" + ")" * (DEEPEST + 1), "at most 40 deep", DEEPEST + 1),
    "very many NOTs": ("a " + "NOT " * 5000, "expected at most 2000 characters", LONGEST),
}


@pytest.mark.parametrize(("written", "text"), FOUND.values(), ids=FOUND.keys())
def test_found(written: str, text: str) -> None:
    assert parse(written).found(text) is not None


@pytest.mark.parametrize(("written", "text"), MISSED.values(), ids=MISSED.keys())
def test_not_found(written: str, text: str) -> None:
    assert parse(written).found(text) is None


@pytest.mark.parametrize(("written", "words", "at"), WRONG.values(), ids=WRONG.keys())
def test_a_search_that_cannot_be_read_says_what_and_where(written: str, words: str, at: int) -> None:
    with pytest.raises(SearchError) as wrong:
        parse(written)
    assert words in str(wrong.value)
    assert wrong.value.at == at


def test_the_words_that_occur_are_named_as_they_were_written_and_none_below_not() -> None:
    search = parse('Treaty OR budget OR "north atlantic" OR withdraw* NOT mission')
    assert search.found(WITHDRAWAL) == ("Treaty", "north atlantic", "withdraw*")


def test_all_places_are_searched_as_one_but_no_phrase_reaches_from_one_into_the_next() -> None:
    facets = {
        "title": {"display": {"text": "NATO Act"}},
        "summaries": {"00": {"text": "This bill directs the President."}},
        "subjects": {"policy_area": {"text": "International Affairs"}},
    }
    everywhere = ("title", "summary", "subject")
    assert parse("nato president affairs", everywhere).found_in(facets) == ("nato", "president", "affairs")
    assert parse('"act this"', everywhere).found_in(facets) is None
    assert parse("nato president", ("title",)).found_in(facets) is None
    assert parse("president", ("summary",)).found_in({}) is None


def test_a_title_known_from_a_list_alone_is_searched_too() -> None:
    assert parse("nato").found_in({"listed_title": {"display": {"text": "NATO Act"}}}) == ("nato",)


WORDS = ("ab", "abc", "b", "bc")
_leaf = st.tuples(st.sampled_from(("word", "prefix")), st.sampled_from(WORDS)) | st.tuples(
    st.just("phrase"), st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(tuple)
)
_tree = st.recursive(
    _leaf,
    lambda part: (
        st.tuples(st.sampled_from(("AND", "OR", "")), st.lists(part, min_size=2, max_size=3).map(tuple))
        | st.tuples(st.just("NOT"), part)
    ),
    max_leaves=8,
)


def written(tree: Any) -> str:
    kind, rest = tree
    if kind == "phrase":
        return f'"{" ".join(rest)}"'
    if kind in ("word", "prefix"):
        return str(rest) + "*" * (kind == "prefix")
    if kind == "NOT":
        return f"NOT ({written(rest)})"
    return "(" + f" {kind} ".join(map(written, rest)) + ")"


def brute(tree: Any, words: list[str]) -> bool:
    kind, rest = tree
    if kind == "word":
        return rest in words
    if kind == "prefix":
        return any(word.startswith(rest) for word in words)
    if kind == "phrase":
        return any(tuple(words[n : n + len(rest)]) == rest for n in range(len(words)))
    if kind == "NOT":
        return not brute(rest, words)
    return (any if kind == "OR" else all)(brute(part, words) for part in rest)


@given(_tree, st.lists(st.sampled_from(WORDS), max_size=8))
def test_a_search_finds_what_a_reading_word_by_word_finds(tree: Any, words: list[str]) -> None:
    if brute(tree, []):
        with pytest.raises(SearchError):
            parse(written(tree))
        return
    assert (parse(written(tree)).found(" ".join(words)) is not None) is brute(tree, words)


@given(st.lists(st.sampled_from(("a", "b*", '"a b"', "AND", "OR", "NOT", "(", ")", '"', "*")), max_size=12))
def test_whatever_is_typed_is_read_or_refused_with_its_place(pieces: list[str]) -> None:
    typed = " ".join(pieces)
    assert 0 <= fault_at(typed) <= len(typed)


def fault_at(typed: str) -> int:
    """Return where a search goes wrong, 0 where it does not."""
    try:
        parse(typed)
    except SearchError as error:
        return error.at
    return 0


COVERED = {
    "a bill of the session": ("us/bill/119/hr/1", True, True),
    "a bill of another session": ("us/bill/118/hr/1", False, False),
    "a bill of a legislature without a list": ("ua/bill/9/14400", True, False),
    "an act": ("ua/decree/1/2026", True, False),
    "a document of a register": ("us/fr/2026-00001", True, False),
    "an entry of a feed": ("feed/news/1", True, False),
    "an entry of a feed called bill": ("feed/bill/1", True, False),
    "a regime": ("ua/regime/martial-law", False, False),
    "a source": ("source/congress", False, False),
}


@pytest.mark.parametrize(("document", "everywhere", "pinned"), COVERED.values(), ids=COVERED)
def test_what_a_search_covers(document: str, everywhere: bool, pinned: bool) -> None:
    search = Watch("s", DocumentId.parse("us/bill/119"), search=parse("x"), everywhere=True)
    assert search.covers(DocumentId.parse(document)) is everywhere
    assert replace(search, everywhere=False).covers(DocumentId.parse(document)) is pinned
