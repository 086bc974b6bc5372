"""The words that the regimes' own files state are words that the reader of the database knows."""

from __future__ import annotations

import pytest

from monitor.service.regimes import shipped_regimes
from watchers.rada import REGIMES
from watchers.rada.act_text import read_decree
from watchers.rada.titles import classify

FORMS = {name: shipped_regimes()[document].recognise for document, name in REGIMES.items()}


@pytest.mark.parametrize(("regime", "title"), [(name, t) for name, forms in FORMS.items() for t in forms["titles"]])
def test_each_title_of_the_file_renews_its_regime(regime: str, title: str) -> None:
    assert classify(title).regime == regime
    assert classify(f"Про затвердження Указу Президента України “{title}”").approves


@pytest.mark.parametrize(("regime", "phrase"), [(name, p) for name, forms in FORMS.items() for p in forms["phrases"]])
def test_each_phrase_of_the_file_orders_a_term(regime: str, phrase: str) -> None:
    term = read_decree(f"1. {phrase.capitalize()} з 05:30 5 листопада 2025 року строком на 90 діб.").term
    assert term is not None
    assert term.regime == regime
