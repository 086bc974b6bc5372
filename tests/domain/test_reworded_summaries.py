"""Is a summary told by what it says otherwise? All summaries are constructed."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.jurisdictions.us.names import us_bill
from domain.observation import Observation
from domain.records.detection import advance
from domain.records.facets import Facet, Kind
from domain.records.record import Change
from tests.helpers.english import english

BILL = us_bill(119, "hr", 6508)
NOW = datetime(2026, 1, 6, tzinfo=UTC)
WORDS = "This bill requires the President to give notice of withdrawal within 90 days."


def summary(text: str, on: str = "2025-12-09", name: str = "Introduced in House") -> dict[str, str]:
    return {"on": on, "text": text, "label": f"{name} ({len(text.split())} words)"}


def changes(before: Facet, after: Facet) -> list[Change]:
    record = None
    for facet in (before, after):
        step = advance(record, Observation(BILL, "congress", "congress/1", {"summaries": facet}), NOW)
        if step is None:
            return []
        record = step.record
    return list(step.changes)


def test_a_reworded_summary_tells_what_differs() -> None:
    (told,) = changes({"00": summary(WORDS)}, {"00": summary(WORDS.replace("90", "180"))})
    assert (told.kind, told.before) == (Kind.SUMMARY, "Introduced in House (13 words)")
    assert english(told.after) == "Introduced in House (13 words), reworded"
    assert told.text is not None
    assert "[- 90] [+ 180] days" in english(told.text)
    assert told.happened_on is None, "the day is that of what it summarises; nobody states when it was reworded"


def test_a_summary_set_anew_is_silent() -> None:
    assert changes({"00": summary(WORDS)}, {"00": summary(WORDS.replace("within", "with-in").upper())}) == []


def test_a_summary_of_a_later_version_is_reported_against_the_one_before() -> None:
    later = summary(WORDS.replace("requires", "authorizes"), "2026-01-20", "Reported to House")
    (told,) = changes({"00": summary(WORDS)}, {"00": summary(WORDS), "07": later})
    assert (told.before, told.after) == (None, "Reported to House (13 words)")
    assert told.text is not None
    assert english(told.text).startswith("Against Introduced in House (13 words):\n")
    assert "[- requires] [+ authorizes]" in english(told.text)


def test_the_first_summary_is_reported_as_it_is() -> None:
    (told,) = changes({}, {"00": summary(WORDS)})
    assert told.text == WORDS
