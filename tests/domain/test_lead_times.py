"""How long before a term its acts came: plain quantiles of the recorded chain, with the number of cases."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.documents import DocumentId
from domain.records.facets import Facet
from domain.terms import Regime
from domain.terms.reminders import as_json, compared, lead_of, lead_text, leads, quantile
from monitor.service.regimes import shipped_regimes
from tests.helpers.english import english
from tests.helpers.regime_terms import recorded_terms

MARTIAL_LAW = DocumentId("ua", "regime", ("martial-law",))
REGIME = Regime(MARTIAL_LAW, "Martial law in Ukraine", "Europe/Kyiv", two_keys=True)


def known(day: datetime) -> dict[str, Facet]:
    return dict(shipped_regimes()[MARTIAL_LAW].observation(day).facets)


OCTOBER = datetime(2026, 10, 10, tzinfo=UTC)


def test_leads_equal_the_recorded_chain() -> None:
    rows = [row for row in recorded_terms("martial-law") if row["number"] != "0" and row["decree"]]
    days = [(date.fromisoformat(row["starts_at"][:10]) - date.fromisoformat(row["signed_on"])).days for row in rows]
    recorded = sorted(days)
    lead = lead_of(leads(REGIME, known(OCTOBER), OCTOBER), "decree_signed")
    assert lead is not None
    assert (lead.cases, lead.least, lead.most) == (len(recorded), recorded[0], recorded[-1])
    assert lead.median == recorded[len(recorded) // 2]


def test_a_lead_is_reported_beside_today_without_a_result() -> None:
    lead = lead_of(leads(REGIME, known(OCTOBER), OCTOBER), "decree_signed")
    assert lead is not None
    assert english(compared(lead, 12)) == (
        "decrees came 7-25 days before the term (median 14, 19 cases); today is day 12 and none is seen"
    )
    assert as_json(lead) == {
        "step": "decree_signed",
        "cases": 19,
        "min": 7,
        "lower_quartile": 10.5,
        "median": 14,
        "upper_quartile": 21.0,
        "max": 25,
        "text": lead_text(lead).to_json(),
    }


def test_a_term_that_has_not_begun_is_no_case() -> None:
    by = datetime(2025, 10, 21, tzinfo=UTC)
    lead = lead_of(leads(REGIME, known(by), by), "decree_signed")
    assert lead is not None
    assert lead.cases == 16


def test_two_cases_are_no_habit() -> None:
    assert leads(REGIME, known(datetime(2022, 5, 1, tzinfo=UTC)), datetime(2022, 5, 1, tzinfo=UTC)) == ()


QUANTILES = {
    "the median of an odd number is its middle": ([1, 2, 9], 0.5, 2),
    "of an even number lies between the middle two": ([1, 2, 4, 9], 0.5, 3),
    "the first quartile in proportion": ([1, 2, 3, 4], 0.25, 1.75),
    "of one value is that value": ([7], 0.75, 7),
}


@pytest.mark.parametrize(("values", "share", "expected"), QUANTILES.values(), ids=QUANTILES.keys())
def test_quantiles(values: list[int], share: float, expected: float) -> None:
    assert quantile(values, share) == expected
