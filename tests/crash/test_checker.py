"""Does the checker see what the service must never do?"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.crash.checker import CheckResult, Expected, Restore, check, count_cut_offs
from tests.crash.fixture import REGIME_ENDS, reminders_due
from tests.crash.messages import ReceivedMessage

NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)
ANN, BEN = "ann@example.org", "ben@example.org"
A, B = "EV9001X001", "EV9002X001"


def took(id: str, to: str, *marks: str, after: float = 1, body: bytes = b"x", denied: bool = False) -> ReceivedMessage:
    at = NOON + timedelta(seconds=after)
    alerts = (id,) if id.startswith("al-") else ()
    return ReceivedMessage(id, to, body, at, answered=True, marks=frozenset(marks), alerts=alerts, denied=denied)


def judge(
    *taken: ReceivedMessage,
    served: tuple[str, ...] = (A,),
    to: tuple[str, ...] = (ANN,),
    spared: tuple[str, ...] = (),
    windows: dict[str, int] | None = None,
    marked: tuple[str, ...] = (),
    restores: tuple[Restore, ...] = (),
) -> CheckResult:
    truth = Expected(dict.fromkeys(served, NOON), to, frozenset(spared))
    return check(truth, taken, windows or {}, marked, patience=timedelta(seconds=10), restores=restores)


def test_what_was_served_and_reported_is_ok() -> None:
    verdict = judge(took("1", ANN, A), took("2", BEN, A), to=(ANN, BEN))
    assert (verdict.ok, verdict.faults) == (2, ())


def test_one_message_may_tell_several_events() -> None:
    verdict = judge(took("1", ANN, A, B), served=(A, B))
    assert (verdict.ok, verdict.faults) == (2, ())


RESTORED = Restore(NOON, NOON + timedelta(seconds=5))


@pytest.mark.parametrize(
    ("verdict", "fault"),
    [
        pytest.param(judge(), "lost", id="an event nobody was told of is lost"),
        pytest.param(judge(took("1", ANN, A), to=(ANN, BEN)), "lost", id="an event only one of two heard is lost"),
        pytest.param(
            judge(took("1", ANN, A, B)), "unexpected", id="an event that was never completely served is unexpected"
        ),
        pytest.param(
            judge(took("1", ANN, A), took("2", BEN, A)), "unexpected", id="a recipient nobody named is unexpected"
        ),
        pytest.param(
            judge(took("1", ANN, A), took("1", ANN, A), marked=("1",)),
            "do not explain",
            id="a repeat without a cut-off is a fault though it is marked",
        ),
        pytest.param(
            judge(took("1", ANN, A), took("1", ANN, A), windows={"1": 1}),
            "possible repeat",
            id="a repeat after a cut-off is a fault when it is not marked",
        ),
        pytest.param(
            judge(*[took("1", ANN, A)] * 3, windows={"1": 1}, marked=("1",)),
            "do not explain",
            id="one cut-off excuses one copy, not two",
        ),
        pytest.param(
            judge(took("1", ANN, A), took("1", ANN, A, body=b"y"), windows={"1": 1}, marked=("1",)),
            "different bytes",
            id="a repeat must carry the same bytes",
        ),
        pytest.param(
            judge(took("1", ANN, A), took("1", ANN, A, body=b"y", after=6), marked=("1",), restores=(RESTORED,)),
            "different bytes",
            id="a delivery that was restored keeps its bytes",
        ),
        pytest.param(
            judge(took("al-1", ANN, A), took("al-1", ANN, A, body=b"y"), windows={"al-1": 1}, marked=("al-1",)),
            "different bytes",
            id="a message on a terminal keeps its bytes without a restore",
        ),
        pytest.param(
            judge(took("1", ANN, A), took("2", ANN, A), windows={"1": 1, "2": 1}, marked=("1", "2")),
            "told twice",
            id="one event in two messages is never excused",
        ),
    ],
)
def test_a_broken_promise_is_named(verdict: CheckResult, fault: str) -> None:
    assert any(fault in said for said in verdict.faults)


@pytest.mark.parametrize(
    "verdict",
    [
        pytest.param(
            judge(took("1", ANN, A), took("1", ANN, A), windows={"1": 1}, marked=("1",)),
            id="a marked repeat after a cut-off",
        ),
        pytest.param(
            judge(took("1", ANN, A, denied=True), took("1", ANN, A)),
            id="a repeat of what the receiver took and denied",
        ),
        pytest.param(
            judge(
                took("al-1", ANN, A), took("al-1", ANN, A, body=b"y", after=6), marked=("al-1",), restores=(RESTORED,)
            ),
            id="a message on a terminal that a restored backup composed anew",
        ),
        pytest.param(judge(spared=(A,)), id="an event of the baseline that was not told"),
        pytest.param(judge(took("1", ANN, A), served=(), spared=(A,)), id="an event of the baseline that was told"),
    ],
)
def test_what_is_excusable_is_excused(verdict: CheckResult) -> None:
    assert verdict.faults == ()


def test_a_late_message_is_counted_and_its_wait_measured() -> None:
    verdict = judge(took("1", ANN, A, after=30))
    assert (verdict.ok, len(verdict.late), verdict.slowest) == (0, 1, timedelta(seconds=30))


def test_the_result_reads_as_one_line() -> None:
    verdict = judge(took("1", ANN, A), took("1", ANN, A), windows={"1": 1}, marked=("1",))
    assert str(verdict).startswith("ok 1, lost 0, repeated 1 (messages 1, marked 1)")


def test_only_what_the_record_does_not_call_sent_is_a_cut_off() -> None:
    windows: Counter[str] = Counter()
    assert count_cut_offs(["1", "2"], {"2"}, windows) == 1
    assert windows == {"1": 1}


def test_a_reminder_is_due_only_where_its_regime_was_on_record_before_its_moment() -> None:
    """The first process was killed before it had a database, the second began two seconds after the moment."""
    moment = REGIME_ENDS - timedelta(days=90)
    looked_at = [moment + timedelta(hours=1)]
    assert reminders_due(moment - timedelta(seconds=2), looked_at) == {"RG090": looked_at[0]}
    assert reminders_due(moment + timedelta(seconds=2), looked_at) == {}


def test_a_restore_erases_what_was_done_since_its_backup() -> None:
    restore = Restore(NOON, NOON + timedelta(hours=4))
    assert [restore.erases(NOON + timedelta(hours=hours)) for hours in (-1, 2, 5)] == [False, True, False]
