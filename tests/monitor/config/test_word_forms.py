"""Which forms of a word a saved search finds, and which it must not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from domain.alerts.search import parse
from monitor.config.word_forms import lemma

FOUND = {
    "a plural": ("sanction", "Iran Sanctions Relief Review Act", "sanction (Sanctions)"),
    "a singular": ("sanctions", "An act to impose a sanction", "sanctions (sanction)"),
    "a plural in -ies": ("treaty", "No Climate Treaties Act", "treaty (Treaties)"),
    "an irregular plural": ("child", "Children’s Health Protection Act", "child (Children)"),
    "an irregular verb": ("withdraw", "Forces withdrawn from abroad", "withdraw (withdrawn)"),
    "a possessive plural": ("bank", "Federal Home Loan Banks' Mission Act", "bank (Banks)"),
    "words side by side": ("trade union", "On unions and trades", "trade (trades)"),
    "a title in capitals": ("sanction", "IRAN SANCTIONS ACT", "sanction (SANCTIONS)"),
    "an adjective and its noun": ("воєнний стан", "Про введення воєнного стану", "воєнний (воєнного)"),
    "words next to each other": ("«воєнний стан»", "Про продовження воєнного стану", "воєнний стан (воєнного стану)"),
    "an instrumental plural": ("санкція", "Угода про боротьбу із санкціями", "санкція (санкціями)"),
    "a genitive plural": ("вибори", "Про підготовку виборів", "вибори (виборів)"),
    "an apostrophe of another kind": ("об’єднання", "Про об'єднань громадян", "об’єднання (об'єднань)"),
    "English beside Ukrainian": ("воєнний OR sanction", "Sanctions Act", "sanction (Sanctions)"),
    "the word as it is written": ("sanction", "A sanction and sanctions", "sanction"),
}


@pytest.mark.parametrize(("written", "text", "word"), FOUND.values(), ids=FOUND)
def test_a_word_is_found_in_its_other_forms(written: str, text: str, word: str) -> None:
    assert word in (parse(written, lemma=lemma).found(text) or ())
    assert parse(word.partition(" (")[0], lemma=None).found(text) is None or "(" not in word


MISSED = {
    "what ends in -ing": ("train", "Job Training Act"),
    "what ends in -ed": ("arm", "Armed Forces Act"),
    "the Armed Forces": ("arms", "Armed Forces Act"),
    "the United States": ("state", "United States Code"),
    "the United Nations": ("nation", "United Nations Act"),
    "customs": ("custom", "Customs Modernization Act"),
    "goods": ("good", "Dangerous Goods Act"),
    "a comparative": ("good", "Better Care Act"),
    "an abbreviation in the text": ("aid", "AIDS Research Act"),
    "an abbreviation that is searched": ("ACT", "An actor of acts"),
    "an abbreviation of a plural": ("NATO", "Natos"),
    "a derived noun": ("withdraw", "Withdrawal of forces"),
    "people of a nation": ("nationals", "National Park Act"),
    "a phrase in quotation marks": ('"воєнний стан"', "Про введення воєнного стану"),
    "an exact phrase in English": ('"sanction"', "Sanctions Act"),
    "words not next to each other": ("«воєнний стан»", "Стан воєнної економіки"),
    "the beginning of a word": ("стану*", "Про стан"),
    "another word of the same letters": ("стан", "Про становлення"),
    "what NOT forbids in another form": ("act NOT sanction", "Iran Sanctions Act"),
}


@pytest.mark.parametrize(("written", "text"), MISSED.values(), ids=MISSED)
def test_what_a_search_plainly_does_not_mean_is_not_found(written: str, text: str) -> None:
    assert parse(written, lemma=lemma).found(text) is None


def test_no_dictionary_is_loaded_for_a_word_that_is_found_as_it_is_written() -> None:
    program = (
        "import sys; from domain.alerts.search import parse; from monitor.config.word_forms import lemma;"
        "parse('a OR b*', lemma=lemma); parse('NATO', lemma=lemma).found('NATO Act');"
        "assert 'simplemma' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
