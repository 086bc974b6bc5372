"""Which titles continue or end an emergency, by the words of the regime's own file."""

from __future__ import annotations

import pytest

from domain.documents import DocumentId
from monitor.service.regimes import shipped_regimes
from tests.watchers.federal_register.publisher import TITLES
from watchers.federal_register.documents import RegimeForms, TitleFinding, TitleMatch, confirms, recognise

EMERGENCIES = {
    document.parts[-1]: RegimeForms.of(made.recognise)
    for document, made in shipped_regimes().items()
    if document.is_within(DocumentId.parse("us/regime/emergency"))
}
UKRAINE = TITLES["eo-13660"]
EXTENDS = TitleFinding("extension", TitleMatch.TITLE)

CASES = {
    "the official title": (UKRAINE, EXTENDS),
    "in capitals, with a final full stop": (UKRAINE.upper() + ".", EXTENDS),
    "with no-break spaces and a hyphen of another kind": (UKRAINE.replace(" ", "\u00a0"), EXTENDS),
    "as a notice of": (f"Notice of {UKRAINE}", EXTENDS),
    "without the article": ("Continuation of National Emergency With Respect to Ukraine", EXTENDS),
    "an end": ("Termination of Emergency With Respect to Ukraine", TitleFinding("end", TitleMatch.TITLE)),
    "an end in other words": (
        "Terminating the National Emergency With Respect to Ukraine",
        TitleFinding("end", TitleMatch.TITLE),
    ),
    "a title that is only alike": (
        "Continuation of the National Emergency With Respect to the Ukraine",
        TitleFinding("extension", TitleMatch.ALIKE),
    ),
    "another emergency": ("Continuation of the National Emergency With Respect to Lebanon and Its Region", None),
    "the end of another one": ("Termination of Emergency With Respect to the Situation in Burundi", None),
    "a sanction under it": ("Blocking Property of Certain Persons Contributing to the Situation in Ukraine", None),
    "a mention": ("Report to the Congress on the National Emergency With Respect to Ukraine", None),
    "a proclamation of a day": ("National Emergency Responders Day, 2026", None),
    "nothing": ("", None),
}


@pytest.mark.parametrize(("title", "found"), CASES.values(), ids=CASES)
def test_a_title_is_known_by_the_words_of_the_file(title: str, found: TitleFinding | None) -> None:
    assert recognise(title, EMERGENCIES["eo-13660"]) == found


def test_each_continuation_is_that_of_its_own_emergency_alone() -> None:
    for name, title in TITLES.items():
        sure = [other for other, forms in EMERGENCIES.items() if recognise(title, forms) == EXTENDS]
        assert sure == [name]


TEXTS = {
    "its own order first": (
        "On March 6, 2014, by Executive Order 13660, the President declared a national emergency, expanded by "
        "Executive Order 13661. Therefore, I am continuing for 1 year the national emergency.",
        True,
    ),
    "another order first": (
        "By Executive Order 14065, expanding Executive Order 13660 … I continue for one year the emergency.",
        False,
    ),
    "no continuation": ("By Executive Order 13660 the President declared a national emergency.", False),
    "nothing": ("", False),
}


@pytest.mark.parametrize(("text", "renews"), TEXTS.values(), ids=TEXTS)
def test_a_text_has_the_word_where_the_title_is_only_alike(text: str, renews: bool) -> None:
    assert confirms(text, EMERGENCIES["eo-13660"]) == renews
