"""Which messages go as one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.alerts.bundles import BURST, MANY, MOST, PAIRED, bundles, digest
from domain.alerts.delivery import CAUGHT_UP, Delivery, Frozen, State
from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.terms import families
from tests.helpers.record_builders import NOW

LAW, ARMY = (DocumentId("xx", "regime", (name,)) for name in ("martial-law", "mobilisation"))
"""Two regimes that are renewed together."""


def waits(number: int, *, bill: int = 1, to: str = "ann", digest_key: str | None = None, alerts: int = 1) -> Delivery:
    names = tuple(f"al-{number}-{n}" for n in range(alerts))
    return Delivery(
        f"dl-{number}", names, us_bill(119, "hr", bill), "desk", to, State.PENDING, 0, NOW, NOW, digest_key=digest_key
    )


def step(number: int, regime: DocumentId = LAW, digest_key: str | None = None) -> Delivery:
    return replace(waits(number, digest_key=digest_key), document=regime)


def together(*waiting: Delivery) -> list[list[str]]:
    return [[delivery.id for delivery in bundle] for bundle in bundles(waiting, families({LAW: [ARMY], ARMY: []}))]


@pytest.mark.parametrize(
    ("waiting", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([waits(1)], [], id="one alone"),
        pytest.param([waits(1), waits(2)], [["dl-1", "dl-2"]], id="two of one document"),
        pytest.param([waits(1), waits(2, bill=2)], [], id="two documents"),
        pytest.param([waits(1), waits(2, to="ben")], [], id="two recipients"),
        pytest.param(
            [waits(1, digest_key="daily 08:00"), waits(2, bill=2, digest_key="daily 08:00")],
            [["dl-1", "dl-2"]],
            id="a digest",
        ),
        pytest.param(
            [waits(1, digest_key="daily 08:00"), waits(2, digest_key="weekly monday 08:00")], [], id="two digests"
        ),
        pytest.param([waits(1, digest_key="daily 08:00"), waits(2)], [], id="what goes at once does not join a digest"),
        pytest.param([step(1), step(2)], [], id="two steps of a regime"),
        pytest.param([step(1), step(2, ARMY)], [["dl-1", "dl-2"]], id="a step each of two regimes renewed together"),
        pytest.param(
            [step(1), step(2), step(3, ARMY), step(4, ARMY)],
            [["dl-1", "dl-3"], ["dl-2", "dl-4"]],
            id="two steps each of two regimes renewed together",
        ),
        pytest.param([step(1), step(2, ARMY), step(3)], [["dl-1", "dl-2"]], id="a step more of one of the two"),
        pytest.param(
            [step(1, digest_key="daily 08:00"), step(2, digest_key="daily 08:00")],
            [["dl-1", "dl-2"]],
            id="a regime in a digest",
        ),
        pytest.param([waits(1, digest_key=CAUGHT_UP), waits(2)], [["dl-1", "dl-2"]], id="late and new of one document"),
        pytest.param(
            [waits(1), replace(waits(2), attempts=1, message=Frozen("s", b"", "x"))],
            [],
            id="what was tried stays alone",
        ),
        pytest.param([waits(1), replace(waits(2), state=State.AMBIGUOUS)], [], id="what may have arrived stays alone"),
    ],
)
def test_these_go_as_one(waiting: list[Delivery], expected: list[list[str]]) -> None:
    assert together(*waiting) == expected


@pytest.mark.parametrize(("number", "messages"), [(MANY, 0), (MANY + 1, 1)], ids=["a few", "more than a few"])
def test_what_was_seen_late_goes_as_one_when_it_is_much(number: int, messages: int) -> None:
    late = [waits(n, bill=n + 1, digest_key=CAUGHT_UP) for n in range(number)]
    assert len(bundles([*late, waits(99, bill=99)])) == messages


NAMES = {
    "a few seen late are a pair": (CAUGHT_UP, 2, PAIRED),
    "many seen late": (CAUGHT_UP, MANY + 1, CAUGHT_UP),
    "a pair": (None, 2, PAIRED),
    "a digest": ("daily 08:00", 2, "daily"),
}


@pytest.mark.parametrize(("digest_key", "alerts", "name"), NAMES.values(), ids=NAMES.keys())
def test_a_message_about_several_documents_is_called(digest_key: str | None, alerts: int, name: str) -> None:
    assert digest(waits(1, digest_key=digest_key, alerts=alerts), ()).digest == name


def test_a_bundle_has_its_bounds() -> None:
    many = [waits(n, bill=n + 1, digest_key="daily 08:00", alerts=2) for n in range(MOST)]
    parts = bundles(many)
    assert [sum(len(d.alerts) for d in part) for part in parts] == [MOST, MOST]
    assert [d for part in parts for d in part] == many


def entry(number: int, feed: str = "acts", **more: Any) -> Delivery:
    return replace(waits(number, **more), document=DocumentId("feed", feed, (f"entry-{number}",)))


def feed_of(delivery: Delivery) -> str | None:
    return str(delivery.document.feed) if delivery.document.feed else None


BURSTS = {
    "a few of one feed": ([entry(n) for n in range(BURST)], []),
    "more than a few of one feed": ([entry(n) for n in range(BURST + 1)], [BURST + 1]),
    "a few of each of two feeds": ([entry(n, f) for f in ("a", "b") for n in range(BURST)], []),
    "a burst for each of two people": ([entry(n, to=to) for to in ("ann", "ben") for n in range(9)], [9, 9]),
    "a bill among the entries": ([*(entry(n) for n in range(9)), waits(99)], [9]),
    "in a digest they are one already": ([entry(n, digest_key="daily 08:00") for n in range(9)], [9]),
    "what was tried stays alone": ([*(entry(n) for n in range(8)), replace(entry(8), attempts=1)], [8]),
}


@pytest.mark.parametrize(("waiting", "sizes"), BURSTS.values(), ids=BURSTS.keys())
def test_a_burst_of_one_feed_is_one_message(waiting: list[Delivery], sizes: list[int]) -> None:
    assert [len(bundle) for bundle in bundles(waiting, stream=feed_of)] == sizes
