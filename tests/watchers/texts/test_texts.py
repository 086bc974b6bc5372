"""Are the texts of bills archived, compared, and watched for being replaced? All texts are constructed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import Blocked, Changed, Unavailable
from domain.records.facets import Kind, digest
from tests.helpers.english import english
from tests.watchers.texts.publisher import BILL, FIRST, IH, RH, RecordLookupStub, TextServer, begun, bill_xml

DAY = timedelta(days=1)


def test_the_first_look_at_a_bill_is_its_past_and_is_archived() -> None:
    library = begun(IH, RH)
    assert library.known[BILL].facets["wordings"][IH]["digest"] == digest(bill_xml(FIRST))
    assert library.archive[digest(bill_xml(FIRST))].body == bill_xml(FIRST)
    assert library.known[BILL].facets["rewordings"] == {}


def test_a_new_version_is_compared_with_the_one_before_it() -> None:
    library = begun(IH)
    library.list(IH, RH)
    library.shelf.put(RH, bill_xml(FIRST.replace("shall", "may").replace("90", "180"), form="RH"))
    (change,) = library.news()
    assert change.kind is Kind.TEXT
    assert english(change.after) == (
        "Reported in House compared with Introduced in House: 2 words removed, 2 added; numbers and what shall or "
        "may be done differ"
    )
    assert change.text is not None
    assert "[- shall] [+ may]" in change.text
    assert "[- 90] [+ 180]" in change.text
    assert change.evidence == digest(library.shelf.files[f"/content/pkg/{RH}/xml/{RH}.xml"])
    assert library.news(DAY) == []


def test_a_new_version_that_says_the_same_is_stored_and_not_reported_again() -> None:
    library = begun(IH)
    library.list(IH, RH)
    library.shelf.put(RH, bill_xml(FIRST, form="RH"))
    assert library.news() == []
    assert library.known[BILL].facets["wordings"][RH]["digest"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(FIRST.replace("shall", "may"), "what shall or may be done differ", id="shall becomes may"),
        pytest.param(FIRST.replace("90", "30"), "numbers differ", id="a number"),
        pytest.param(FIRST.replace("give", "send"), "1 word removed, 1 added", id="another word"),
        pytest.param(FIRST.upper(), None, id="capitals"),
        pytest.param(FIRST.replace(" ", "\n   "), None, id="spaces"),
        pytest.param(FIRST.replace("Treaty", "“Treaty”"), None, id="quotes"),
        pytest.param(FIRST.replace("enactment", "enact-ment"), None, id="a hyphen"),
    ],
)
def test_a_version_replaced_in_silence_is_reported_by_what_it_says(text: str, told: str | None) -> None:
    library = begun(IH)
    library.shelf.put(IH, bill_xml(text))
    news = library.news(2 * DAY)
    assert [english(c.after) for c in news] == ([] if told is None else [_replaced(told)])
    assert library.known[BILL].facets["wordings"][IH]["digest"] == digest(bill_xml(text))
    assert digest(bill_xml(text)) in library.archive
    assert library.news(2 * DAY) == []


def _replaced(told: str) -> str:
    words = told if told.startswith("1 word") else f"1 word removed, 1 added; {told}"
    return f"Introduced in House replaced without a new version: {words}"


def test_a_text_replaced_and_put_back_is_reported_both_times() -> None:
    library = begun(IH)
    library.shelf.put(IH, bill_xml(FIRST.replace("shall", "may")))
    assert len(library.news(2 * DAY)) == 1
    library.shelf.put(IH, bill_xml(FIRST))
    assert len(library.news(2 * DAY)) == 1


def test_a_text_that_stands_costs_one_conditional_request_a_day() -> None:
    library = begun(IH)
    for _ in range(48):
        assert library.news() == []
    assert len(library.shelf.asked) in (2, 3)
    assert library.shelf.unchanged == len(library.shelf.asked)


def test_only_who_follows_texts_pays_for_them() -> None:
    library = begun(IH, kinds=frozenset({Kind.STATUS}))
    library.list(IH, RH)
    assert library.news(2 * DAY) == []
    assert library.shelf.asked == []


def test_a_text_listed_before_it_is_published_is_asked_for_later_and_is_no_fault() -> None:
    library = begun(IH)
    library.list(IH, RH)
    assert library.news() == []
    assert library.faults == []
    library.shelf.put(RH, bill_xml("Nothing remains."))
    assert [c.kind for c in library.news()] == [Kind.TEXT]


def test_a_text_missing_for_a_week_is_a_fault() -> None:
    library = begun(IH)
    library.list(IH, RH)
    library.news()
    library.news(8 * DAY)
    assert [(fault.document, fault.error.status) for fault in library.faults] == [(BILL, 404)]


def test_without_xml_the_page_is_read() -> None:
    library = begun(IH)
    library.list(IH, RH)
    page = f"<html><body><pre>\n[H.R. 6508]\n\n  A BILL\n\n    1. {FIRST.replace('shall', 'may')}\n</pre></body></html>"
    library.shelf.put(RH, page.encode(), form="htm")
    (change,) = library.news()
    assert change.text is not None
    assert "[- shall] [+ may]" in change.text


def test_what_is_no_text_is_a_fault_and_what_was_read_stands() -> None:
    library = begun(IH)
    library.shelf.put(IH, b"<html><head><title>Error</title></head></html>")
    assert library.news(2 * DAY) == []
    assert [type(fault.error) for fault in library.faults] == [Changed]
    assert library.known[BILL].facets["wordings"][IH]["digest"] == digest(bill_xml(FIRST))


def test_a_challenge_stops_the_poll() -> None:
    library = begun(IH)
    library.shelf.ill = Blocked("a challenge", status=403)
    with pytest.raises(Blocked):
        library.poll(2 * DAY)


def test_a_publisher_that_stops_answering_stops_the_poll() -> None:
    library = begun(IH, RH)
    library.shelf.ill = Unavailable("no answer")
    with pytest.raises(Unavailable):
        library.poll(8 * DAY)
    assert len(library.shelf.asked) == 2


def test_a_bill_whose_texts_are_not_known_yet_is_left_for_later() -> None:
    library = TextServer(RecordLookupStub())
    assert library.poll() == []
    assert library.shelf.asked == []
