"""When is a bill read, and in what order?"""

from __future__ import annotations

import pytest

from domain.facets import DEFAULT_KINDS, Kind
from domain.identity import us_bill
from watchers.congress.cursor import Cursor, Mark, Window, counted, dump, load, path
from watchers.congress.due import Why, order, pause, why

NOW = 1_767_729_600
HOUR = 3600
BEAT = 6 * HOUR
BILL = us_bill(119, "hr", 6508)
READ = counted({"actions": 3, "textVersions": 0})


def mark(**changes: int) -> Mark:
    known = {"listed": 50, "handled": 50, "read_at": NOW - HOUR, "refreshed_at": NOW - HOUR}
    return Mark(**{**known, **changes}, counts=READ)


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        pytest.param(Mark(), Why.NEVER_READ, id="never read"),
        pytest.param(mark(), None, id="read an hour ago, nothing moved"),
        pytest.param(mark(listed=51), Why.TOUCHED, id="the list shows a newer stamp"),
        pytest.param(mark(read_at=NOW - BEAT), Why.BEAT, id="a beat has passed"),
        pytest.param(mark(read_at=NOW + 1), Why.BEAT, id="the clock was set back"),
        pytest.param(mark(touched_at=NOW - HOUR), Why.AGAIN, id="touched an hour ago, not read since half an hour"),
        pytest.param(mark(touched_at=NOW - HOUR, read_at=NOW - 60), None, id="touched, and read again since"),
        pytest.param(mark(touched_at=NOW - 2 * HOUR, read_at=NOW - HOUR), Why.AGAIN, id="two hours after a touch"),
        pytest.param(mark(touched_at=NOW - 6 * HOUR, read_at=NOW - 3 * HOUR), Why.AGAIN, id="six hours after a touch"),
        pytest.param(mark(touched_at=NOW - 7 * HOUR, read_at=NOW - HOUR), None, id="seven hours after a touch"),
        pytest.param(mark(failures=2, failed_at=NOW - 1), None, id="failed at its last beat, and not due for another"),
        pytest.param(Mark(failures=1, failed_at=NOW - 60), Why.NEVER_READ, id="failed once"),
        pytest.param(Mark(failures=4, failed_at=NOW - 60), None, id="failed four times, a minute ago"),
        pytest.param(Mark(failures=4, failed_at=NOW - HOUR), Why.NEVER_READ, id="failed four times, an hour ago"),
        pytest.param(Mark(failures=9, failed_at=NOW + 60), Why.NEVER_READ, id="failed in a future that never was"),
        pytest.param(mark(listed=51, failures=5, failed_at=NOW - 60), None, id="touched, but it keeps failing"),
    ],
)
def test_a_bill_is_read_for_a_reason(known: Mark, reason: Why | None) -> None:
    assert why(BILL, known, DEFAULT_KINDS, NOW, BEAT) is reason


def test_a_list_newly_followed_is_a_reason() -> None:
    assert why(BILL, mark(), DEFAULT_KINDS | {Kind.TITLE}, NOW, BEAT) is Why.INCOMPLETE


def test_a_list_that_failed_is_asked_again_unless_it_fails_for_good() -> None:
    failing = Mark(read_at=NOW - 60, failures=1, failed_at=NOW - 60, counts=counted({"actions": 3}))
    assert why(BILL, failing, DEFAULT_KINDS, NOW, BEAT) is Why.INCOMPLETE
    stubborn = Mark(read_at=NOW - 60, failures=5, failed_at=NOW - 60, counts=counted({"actions": 3}))
    assert why(BILL, stubborn, DEFAULT_KINDS, NOW, BEAT) is None


def test_the_likeliest_news_comes_first_and_what_failed_after_its_peers() -> None:
    bills = [us_bill(119, "hr", number) for number in range(1, 8)]
    marks = dict(
        zip(
            bills,
            [
                mark(read_at=NOW - BEAT),
                Mark(),
                mark(touched_at=NOW - HOUR),
                mark(listed=60),
                mark(listed=55),
                Mark(failures=2, failed_at=NOW - HOUR),
                mark(),
            ],
            strict=True,
        )
    )
    cursor = Cursor(marks={path(bill): one for bill, one in marks.items()})
    read = order(cursor, dict.fromkeys(bills, DEFAULT_KINDS), NOW, BEAT)
    assert [int(bill.parts[2]) for bill in read] == [5, 4, 2, 6, 3, 1]


def test_pauses_grow_to_half_a_day() -> None:
    assert [pause(n) // 60 for n in (1, 3, 4, 5, 6, 12, 99)] == [0, 0, 10, 20, 40, 720, 720]


def test_what_is_remembered_comes_back_as_it_was() -> None:
    cursor = Cursor(
        windows={"119": Window(NOW, "abc", 3)},
        marks={path(BILL): Mark(1, 2, 3, 4, 5, 6, 7, counted({"actions": 3, "textVersions": -1}))},
        spent=[(NOW, 4)],
    )
    again = load(dump(cursor))
    assert again == cursor
    assert dump(again) == dump(cursor)


def test_requests_count_for_a_day() -> None:
    cursor = Cursor()
    cursor.spend(20, NOW)
    cursor.spend(4, NOW + 12 * HOUR)
    assert cursor.spent_lately(NOW + 13 * HOUR) == 24
    assert cursor.spent_lately(NOW + 25 * HOUR) == 4
    cursor.spend(1, NOW + 25 * HOUR)
    assert len(cursor.spent) == 2
