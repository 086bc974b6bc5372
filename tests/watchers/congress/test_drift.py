"""Whatever is touched while the list of a Congress is read, at any page and in any number, is seen in the end."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from tests.watchers.congress.publisher import START, Bill, Publisher
from tests.watchers.congress.test_whole_congress import WholeCongressPoller

BILLS = 520
MANY = st.integers(1, 350) | st.integers(1, 5)
Touch = tuple[int, int, int]
TOUCHES = st.lists(st.tuples(st.integers(0, 12), st.integers(1, BILLS), MANY), max_size=8)
"""Before which request of the whole test, from which bill on, how many bills are touched."""


def seen_after(touches: list[Touch], late: int) -> tuple[dict[DocumentId, str], Publisher]:
    """Poll while bills are touched; return the title last seen of each bill. Stamps are `late` seconds old."""
    start = START - timedelta(days=2)
    bills = {us_bill(119, "s", n): Bill(updated=start + timedelta(seconds=n), title="0") for n in range(1, BILLS + 1)}
    publisher = Publisher(bills)
    requests = 0

    def moving(path: str, query: dict[str, str]) -> None:
        nonlocal requests
        for number, (when, first, count) in enumerate(touches, start=1):
            if when == requests:
                for n in range(first, min(first + count, BILLS + 1)):
                    bill = bills[us_bill(119, "s", n)]
                    bill.title = str(number)
                    # Two touches of one moment would have one stamp, and no list can tell them apart.
                    apart = timedelta(seconds=when - late - 12, milliseconds=n)
                    bill.updated = max(bill.updated, publisher.now + apart)
        requests += 1

    publisher.turns = moving
    listener = WholeCongressPoller(publisher)
    seen: dict[DocumentId, str] = {}
    for _ in range(5):
        for page in listener.poll():
            for one in page.observations:
                seen[one.document] = str(one.facets["listed_title"]["display"]["text"])
    for _ in range(3):
        for page in listener.poll(timedelta(hours=3)):
            for one in page.observations:
                seen[one.document] = str(one.facets["listed_title"]["display"]["text"])
    assert requests <= 8 * (2 + BILLS // 249) + 60
    return seen, publisher


@settings(max_examples=4, deadline=None)
@given(TOUCHES)
def test_every_bill_touched_in_the_order_of_time_is_seen(touches: list[Touch]) -> None:
    seen, publisher = seen_after(touches, late=0)
    assert {bill: one.title for bill, one in publisher.bills.items()} == seen


@settings(max_examples=4, deadline=None)
@given(TOUCHES, st.integers(1, 1800))
def test_every_bill_whose_stamp_shows_late_is_seen(touches: list[Touch], late: int) -> None:
    seen, publisher = seen_after(touches, late=late)
    assert {bill: one.title for bill, one in publisher.bills.items()} == seen
