"""Until when a message is held, as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.alerts.send_delays import Mute, held_until
from domain.documents import DocumentId

NOW = datetime(2026, 1, 6, 10, tzinfo=UTC)
BILL = DocumentId.parse("us/bill/119/hr/6508")
ENTRY = DocumentId.parse("feed/acts/0a1b")


def on(what: str, days: int) -> Mute:
    """Mute `document` BILL, the feed, or a watch, for so many days."""
    documents = {"bill": BILL, "feed": DocumentId.parse("feed/acts")}
    until = NOW + timedelta(days=days)
    return Mute(until, NOW, documents[what]) if what in documents else Mute(until, NOW, watch=what)


@pytest.mark.parametrize(
    ("document", "watches", "mutes", "days"),
    [
        pytest.param(BILL, ["a"], [], None, id="nothing is muted"),
        pytest.param(BILL, ["a"], [on("bill", 2)], 2, id="the document is"),
        pytest.param(BILL, [], [on("bill", 2)], 2, id="the document is, and no watch asked"),
        pytest.param(BILL, ["a"], [on("bill", 0)], None, id="the end itself is no longer muted"),
        pytest.param(BILL, ["a"], [on("bill", -1)], None, id="it was"),
        pytest.param(BILL, ["a"], [on("feed", 2)], None, id="something else is"),
        pytest.param(ENTRY, ["a"], [on("feed", 2)], 2, id="a feed is, with its entries"),
        pytest.param(BILL, ["a"], [on("a", 2)], 2, id="the watch is"),
        pytest.param(BILL, ["a", "b"], [on("a", 2)], None, id="one of two watches is"),
        pytest.param(BILL, ["a", "b"], [on("a", 2), on("b", 3)], 2, id="both are: until the first asks again"),
        pytest.param(BILL, ["a"], [on("a", 2), on("bill", 5)], 5, id="watch and document: until both are over"),
        pytest.param(BILL, ["a"], [on("a", 5), on("bill", 2)], 5, id="watch and document, the other way round"),
        pytest.param(BILL, [], [on("a", 2)], None, id="no watch asked and one is muted"),
    ],
)
def test_a_message_is_held_until(document: DocumentId, watches: list[str], mutes: list[Mute], days: int | None) -> None:
    assert held_until(document, watches, mutes, NOW) == (None if days is None else NOW + timedelta(days=days))
