"""When is a bill read, and in what order?"""

from __future__ import annotations

import pytest

from domain.jurisdictions.us.names import us_bill
from domain.records.facets import DEFAULT_KINDS, Kind
from watchers.client import pause_after
from watchers.congress.cursor import (
    CODEC,
    BillState,
    CongressCursor,
    ListPosition,
    ReadReason,
    bill_path,
    counted,
    reading_order,
    reason_to_read,
)

NOW = 1_767_729_600
HOUR = 3600
BEAT = 6 * HOUR
BILL = us_bill(119, "hr", 6508)
READ = counted({"actions": 3, "textVersions": 0})


def mark(**changes: int) -> BillState:
    known = {"listed": 50, "handled": 50, "read_at": NOW - HOUR, "refreshed_at": NOW - HOUR}
    return BillState(**{**known, **changes}, counts=READ)


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        pytest.param(BillState(), ReadReason.NEVER_READ, id="never read"),
        pytest.param(mark(), None, id="read an hour ago, nothing moved"),
        pytest.param(mark(listed=51), ReadReason.TOUCHED, id="the list shows a newer stamp"),
        pytest.param(mark(read_at=NOW - BEAT), ReadReason.REFRESH, id="a beat has passed"),
        pytest.param(mark(read_at=NOW + 1), ReadReason.REFRESH, id="the clock was set back"),
        pytest.param(
            mark(touched_at=NOW - HOUR), ReadReason.AGAIN, id="touched an hour ago, not read since half an hour"
        ),
        pytest.param(mark(touched_at=NOW - HOUR, read_at=NOW - 60), None, id="touched, and read again since"),
        pytest.param(
            mark(touched_at=NOW - 2 * HOUR, read_at=NOW - HOUR), ReadReason.AGAIN, id="two hours after a touch"
        ),
        pytest.param(
            mark(touched_at=NOW - 6 * HOUR, read_at=NOW - 3 * HOUR), ReadReason.AGAIN, id="six hours after a touch"
        ),
        pytest.param(mark(touched_at=NOW - 7 * HOUR, read_at=NOW - HOUR), None, id="seven hours after a touch"),
        pytest.param(mark(failures=2, failed_at=NOW - 1), None, id="failed at its last beat, and not due for another"),
        pytest.param(BillState(failures=1, failed_at=NOW - 60), ReadReason.NEVER_READ, id="failed once"),
        pytest.param(BillState(failures=4, failed_at=NOW - 60), None, id="failed four times, a minute ago"),
        pytest.param(
            BillState(failures=4, failed_at=NOW - HOUR), ReadReason.NEVER_READ, id="failed four times, an hour ago"
        ),
        pytest.param(
            BillState(failures=9, failed_at=NOW + 60), ReadReason.NEVER_READ, id="failed in a future that never was"
        ),
        pytest.param(mark(listed=51, failures=5, failed_at=NOW - 60), None, id="touched, but it keeps failing"),
    ],
)
def test_a_bill_is_read_for_a_reason(known: BillState, reason: ReadReason | None) -> None:
    assert reason_to_read(BILL, known, DEFAULT_KINDS, NOW, BEAT) is reason


def test_a_list_newly_followed_is_a_reason() -> None:
    assert reason_to_read(BILL, mark(), DEFAULT_KINDS | {Kind.TITLE}, NOW, BEAT) is ReadReason.INCOMPLETE


def test_a_list_that_failed_is_asked_again_unless_it_fails_for_good() -> None:
    failing = BillState(read_at=NOW - 60, failures=1, failed_at=NOW - 60, counts=counted({"actions": 3}))
    assert reason_to_read(BILL, failing, DEFAULT_KINDS, NOW, BEAT) is ReadReason.INCOMPLETE
    stubborn = BillState(read_at=NOW - 60, failures=5, failed_at=NOW - 60, counts=counted({"actions": 3}))
    assert reason_to_read(BILL, stubborn, DEFAULT_KINDS, NOW, BEAT) is None


def test_the_likeliest_news_comes_first_and_what_failed_after_its_peers() -> None:
    bills = [us_bill(119, "hr", number) for number in range(1, 8)]
    marks = dict(
        zip(
            bills,
            [
                mark(read_at=NOW - BEAT),
                BillState(),
                mark(touched_at=NOW - HOUR),
                mark(listed=60),
                mark(listed=55),
                BillState(failures=2, failed_at=NOW - HOUR),
                mark(),
            ],
            strict=True,
        )
    )
    cursor = CongressCursor(marks={bill_path(bill): one for bill, one in marks.items()})
    read = reading_order(cursor, dict.fromkeys(bills, DEFAULT_KINDS), NOW, BEAT)
    assert [int(bill.parts[2]) for bill in read] == [5, 4, 2, 6, 3, 1]


def test_pauses_grow_to_half_a_day() -> None:
    assert [pause_after(n) // 60 for n in (1, 3, 4, 5, 6, 12, 99)] == [0, 0, 10, 20, 40, 720, 720]


def test_what_is_stored_comes_back_as_it_was() -> None:
    cursor = CongressCursor(
        windows={"119": ListPosition(NOW, "abc", 3)},
        marks={bill_path(BILL): BillState(1, 2, 3, 4, 5, 6, 7, counted({"actions": 3, "textVersions": -1}))},
        spent=[(NOW, 4)],
    )
    again = CODEC.load(CODEC.dump(cursor))
    assert again == cursor
    assert CODEC.dump(again) == CODEC.dump(cursor)


def test_requests_count_for_a_day() -> None:
    cursor = CongressCursor()
    cursor.spend(20, NOW)
    cursor.spend(4, NOW + 12 * HOUR)
    assert cursor.spent_lately(NOW + 13 * HOUR) == 24
    assert cursor.spent_lately(NOW + 25 * HOUR) == 4
    cursor.spend(1, NOW + 25 * HOUR)
    assert len(cursor.spent) == 2
