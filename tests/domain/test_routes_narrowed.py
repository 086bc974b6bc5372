"""Routes by stage, severity and word, and what goes with a digest: each decision has its reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.alerts.digest_schedule import DigestSchedule
from domain.alerts.routing import Audience, Reason, Route, Watch, decide, group
from domain.alerts.severity import Severity
from domain.coded_text import coded
from domain.records.facets import Kind
from notifications.wording import reason_sentence
from tests.helpers.record_builders import BILL, change

ALL = frozenset(Kind)
DAILY, WEEKLY = DigestSchedule.parse("daily 08:00", "UTC"), DigestSchedule.parse("weekly monday 08:00", "UTC")
HERE = Route(("*",), ALL, ("desk",))


def audience(*routes: Route, watches: tuple[str, ...] = ("nato",)) -> Audience:
    return Audience(tuple(Watch(name, BILL) for name in watches), routes, {"desk": ("a@example.org",)})


@pytest.mark.parametrize(
    ("routes", "reason"),
    [
        pytest.param([replace(HERE, stages=frozenset({"reported"}))], Reason.ROUTED, id="the stage it asks for"),
        pytest.param([replace(HERE, stages=frozenset({"enacted"}))], Reason.STAGE_NOT_ROUTED, id="another stage"),
        pytest.param([replace(HERE, severity=Severity.MAJOR)], Reason.ROUTED, id="as severe as it asks for"),
        pytest.param([replace(HERE, severity=Severity.CRITICAL)], Reason.TOO_MINOR, id="not severe enough"),
        pytest.param([replace(HERE, words=("ordered",))], Reason.ROUTED, id="a word of it"),
        pytest.param([replace(HERE, words=("tax",))], Reason.ROUTE_WORDS_MISSING, id="no word of it"),
        pytest.param([replace(HERE, when=DAILY)], Reason.DIGEST, id="a digest"),
        pytest.param([replace(HERE, when=DAILY), HERE], Reason.ROUTED, id="at once and in a digest: at once"),
        pytest.param(
            [replace(HERE, when=DAILY), replace(HERE, words=("tax",))], Reason.DIGEST, id="the other one objects"
        ),
        pytest.param([replace(HERE, kinds=frozenset({Kind.VOTE}))], Reason.KIND_NOT_ROUTED, id="another kind"),
    ],
)
def test_a_change_is_reported_or_not_because(routes: list[Route], reason: Reason) -> None:
    (decision,) = decide([change()], audience(*routes), established=True, stage=lambda _: "reported")
    assert (decision.reason, decision.sends) == (reason, reason in (Reason.ROUTED, Reason.DIGEST))
    assert reason_sentence([decision.explain()])


LABELLED = Watch("nato", BILL, tags=("NATO", "client-a"), priority="high", owner="ana")
PLAIN = Watch("plain", BILL)


@pytest.mark.parametrize(
    ("route", "watch", "sends"),
    [
        pytest.param(replace(HERE, tags=("client-a",)), LABELLED, True, id="a tag it has"),
        pytest.param(replace(HERE, tags=("nato",)), LABELLED, True, id="a tag in other capitals"),
        pytest.param(replace(HERE, tags=("energy", "client-a")), LABELLED, True, id="one of several tags"),
        pytest.param(replace(HERE, tags=("energy",)), LABELLED, False, id="a tag it has not"),
        pytest.param(replace(HERE, tags=("nato",)), PLAIN, False, id="a tag, of a watch without any"),
        pytest.param(replace(HERE, owners=("Ana",)), LABELLED, True, id="its owner"),
        pytest.param(replace(HERE, owners=("bo",)), LABELLED, False, id="another owner"),
        pytest.param(replace(HERE, owners=("bo",)), PLAIN, False, id="an owner, of a watch without one"),
        pytest.param(replace(HERE, priorities=("high",)), LABELLED, True, id="its priority"),
        pytest.param(replace(HERE, priorities=("normal",)), PLAIN, True, id="normal, of a watch that does not say"),
        pytest.param(replace(HERE, priorities=("high",)), PLAIN, False, id="high, of a watch that does not say"),
        pytest.param(replace(HERE, tags=("nato",), owners=("bo",)), LABELLED, False, id="its tag, another owner"),
        pytest.param(replace(HERE, watches=("x*",), tags=("nato",)), LABELLED, False, id="its tag, another name"),
    ],
)
def test_a_route_takes_watches_by_their_labels(route: Route, watch: Watch, sends: bool) -> None:
    readers = Audience((watch,), (route,), {"desk": ("a@example.org",)})
    (decision,) = decide([change()], readers, established=True)
    assert decision.sends == sends
    assert bool(readers.follows(BILL)) == sends, "and its source is asked for it"


def test_a_stage_that_nobody_knows_is_no_stage_a_route_asks_for() -> None:
    (decision,) = decide([change()], audience(replace(HERE, stages=frozenset({"reported"}))), established=True)
    assert decision.explain() == coded("reason.stage_unknown", watch="nato", channel="desk")


def test_what_one_watch_tells_at_once_is_not_repeated_in_the_digest_of_another() -> None:
    routes = (Route(("a",), ALL, ("desk",)), Route(("b",), ALL, ("desk",), when=DAILY))
    title = change(kind=Kind.TITLE, subject="title")
    only_digest = replace(routes[0], kinds=frozenset({Kind.STATUS}))
    readers = audience(only_digest, routes[1], watches=("a", "b"))
    alerts = group(decide([change(), title], readers, established=True))
    assert [(a.when, a.changes, a.watches) for a in alerts] == [
        (None, (change(),), ("a", "b")),
        (DAILY, (title,), ("b",)),
    ]
    assert len({alert.id for alert in alerts}) == 2


def test_of_two_digests_the_more_frequent_one_carries_it() -> None:
    readers = audience(replace(HERE, when=WEEKLY), replace(HERE, when=DAILY))
    (alert,) = group(decide([change()], readers, established=True))
    assert alert.when == DAILY
