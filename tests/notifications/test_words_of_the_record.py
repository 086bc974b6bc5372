"""Is every sentence in the record either the publisher's own or a code that each language has words for?

What a reader of an answer states is compared with the answer itself: a text that does not stand there is ours, and has
to be a code with parameters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.coded_text import coded, is_coded
from domain.jurisdictions import all_jurisdictions
from notifications.sentences import SENTENCES
from notifications.translation import language_of
from tests.helpers.paths import FIXTURES
from tests.watchers.congress.test_fixtures import observe

UKRAINIAN = language_of("uk")
CASES = sorted((FIXTURES / "congress").glob("*.input.json"))

NAMES = re.compile(
    r"lexwatch[\w -]*|http\.allow_hosts|Slack|Apprise|ASCII|https?|gzip|service\.operator|alerts --state dead|"
    r"LEGISinfo|Federal Register|govinfo|Akamai|Cloudflare|CloudFront|Imperva|DataDome|Sucuri|HUMAN|AWS|"
    r"test-channel|config\.toml|TLS|smtps?(?:\+starttls)?://"
)
"""Proper names and words of commands, which are the same in every language."""

ALL_SENTENCES = {**SENTENCES, **{code: text for one in all_jurisdictions() for code, text in one.sentences.items()}}


@pytest.mark.parametrize("code", sorted(ALL_SENTENCES))
def test_no_sentence_has_an_english_word_left_in_ukrainian(code: str) -> None:
    english = ALL_SENTENCES[code]
    template = english if isinstance(english, str) else english[1]
    said = UKRAINIAN.catalogue.gettext(template) if isinstance(english, str) else _plural(english)
    words = re.findall(r"[A-Za-z]{2,}", NAMES.sub("", re.sub(r"\{[^}]*\}|`[^`]*`", "", said)))
    assert words == [], said


def _plural(pair: tuple[str, str]) -> str:
    return " ".join(UKRAINIAN.catalogue.ngettext(*pair, number) for number in (1, 2, 5))


def texts_of(value: Any) -> Iterator[str]:
    """Yield what an entry says to people: its label and its words."""
    for name in ("label", "text"):
        if isinstance(value.get(name), str):
            yield value[name]


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name.removesuffix(".input.json"))
def test_what_is_stated_of_a_bill_is_the_publishers_word_or_a_code(case: Path) -> None:
    answers = json.loads(case.read_text())
    stated = " ".join(re.findall(r"\w+", json.dumps(answers, ensure_ascii=False))).lower()
    for facet in observe(answers).facets.values():
        for entry in facet.values():
            for text in texts_of(entry):
                if is_coded(text):
                    said = UKRAINIAN.render(text)
                    assert not said.startswith("{"), said
                    continue
                missing = [word for word in re.findall(r"[A-Za-z]{4,}", text) if word.lower() not in stated]
                assert missing == [], f"{text!r} is ours, and no code"


def test_a_code_that_nobody_has_is_shown_as_it_is() -> None:
    assert UKRAINIAN.render(coded("nobody.has", n=1)) == '{"code":"nobody.has","n":1}'
