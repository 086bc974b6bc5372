"""Martial law and mobilisation replayed from documents: every term to the minute, every step once, no false expiry."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.documents import DocumentId
from domain.observation import Observation
from domain.records.detection import NewRevision, advance
from domain.records.facets import Kind
from domain.terms import RegimeStatus, regime_of, terms
from monitor.service.regimes import shipped_regimes
from tests.helpers.english import english
from tests.helpers.rada_replay import KYIV, RadaDatabase, RadaReplay, appearances, days, facts, moments_of
from tests.helpers.regime_terms import Term, recorded_terms
from tests.watchers.rada.publisher import MARTIAL_LAW, MOBILISATION


def rows() -> list[Term]:
    return recorded_terms("martial-law")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def ends() -> list[datetime]:
    return [at(row["ends_at"]).astimezone(KYIV) for row in rows()]


def everything() -> RadaDatabase:
    held = [
        a for document in (MARTIAL_LAW, MOBILISATION) for fact in facts(document) for a in appearances(document, fact)
    ]
    return RadaDatabase(held)


def recorded(episode: str, last: int = 99) -> list[tuple[str, str, str]]:
    chosen = [row for row in rows() if row["episode"] == episode and int(row["number"]) <= last]
    return [(row["number"], row["starts_at"], row["ends_at"]) for row in chosen]


def replayed(replay: RadaReplay, episode: str) -> list[tuple[str, str, str]]:
    chain = [term for term in replay.chain() if term.episode == episode]
    return [(str(term.number), term.starts_at.isoformat(), term.ends_at.isoformat()) for term in chain]


def steps_of(replay: RadaReplay, document: DocumentId) -> Counter[str]:
    return Counter(change.subject for change in replay.reported(document, Kind.TERM))


def expected_steps(document: DocumentId, first: datetime, last: datetime) -> Counter[str]:
    """Decree, approval and entry into force of each term whose acts fall into the replay, each once."""
    held = [fact for fact in facts(document) if first < appearances(document, fact)[0].at <= last]
    found = [f"instruments/{f['id']}" for f in held]
    found += [f"{step}{f['approval']}" for f in held for step in ("approvals/", "steps/in_force:")]
    return Counter(found)


def test_2018_is_reported_from_the_decree_to_its_lapse() -> None:
    replay = RadaReplay(everything(), at("2018-11-20T06:00+00:00"))
    replay.run(days(replay.begins, at("2019-02-01T06:00+00:00"), *moments_of(ends()[:1])))
    assert replayed(replay, "2018") == recorded("2018")
    assert steps_of(replay, MARTIAL_LAW) == expected_steps(MARTIAL_LAW, replay.begins, replay.database.now)
    reminders = [(english(c.after), c.seen_at) for c in replay.reported(kind=Kind.REMINDER)]
    end = ends()[0]
    assert [text for text, _ in reminders] == [
        *(f"{left} day{'s' if left > 1 else ''} left, no renewal seen" for left in (21, 14, 7, 4, 1)),
        "Expired 26 Dec 2018 14:00, no successor seen",
        "Lapse confirmed: ended 26 Dec 2018 14:00, nothing followed",
    ]
    assert [seen for _, seen in reminders[:6]] == [end - timedelta(days=left) for left in (21, 14, 7, 4, 1, 0)]
    assert reminders[6][1] - end < timedelta(days=30, hours=12)
    assert replay.standing().status is RegimeStatus.EXPIRED_NO_SUCCESSOR_SEEN  # no act and no person said more
    assert replay.operator_alerts() == []


def test_an_autumn_of_both_regimes_is_reported_once_and_nothing_runs_out() -> None:
    begins, last = at("2025-10-10T06:00+00:00"), at("2026-02-05T06:00+00:00")
    replay = RadaReplay(everything(), begins, (MARTIAL_LAW, MOBILISATION), failures=random.Random(7))
    for document in replay.follows:
        replay.know(document, begins)
    replay.run(days(begins, last, *ends(), every=24))
    for document in replay.follows:
        assert steps_of(replay, document) == expected_steps(document, begins, last)
        reported = [change.subject for change in replay.reported(document)]
        assert len(reported) == len(set(reported))
        assert not any(subject.startswith(("expired", "lapsed")) for subject in reported)
        assert replay.standing(document).status is RegimeStatus.IN_FORCE
    assert replayed(replay, "2022")[-3:] == recorded("2022", 18)[-3:]
    assert replay.operator_alerts() == []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [None, 1], ids=["in fair weather", "with a tenth of the requests failing"])
def test_2018_to_2026_from_documents(seed: int | None) -> None:
    """The act of extension 19 is not on record: its spring is replayed as an outage, so nothing is claimed of it."""
    begins, last = at("2018-11-20T06:00+00:00"), at("2026-10-04T06:00+00:00")
    database = everything()
    replay = RadaReplay(database, begins, (MARTIAL_LAW, MOBILISATION), failures=random.Random(seed) if seed else None)
    replay.down = (at("2026-04-01T06:00+00:00"), at("2026-07-10T06:00+00:00"))
    replay.know(MOBILISATION, at("2022-02-25T06:00+00:00"))
    inferred = False
    for now in days(begins, last, *ends(), every=24):
        if now >= at("2026-07-26T06:00+00:00") and not inferred:
            inferred = True
            for document in replay.follows:
                replay.infer(document, now)
        replay.at(now)
    for episode in ("2018", "2022"):
        assert replayed(replay, episode) == recorded(episode)
    by_number = {term.number: term.confidence for term in replay.chain() if term.episode == "2022"}
    assert [number for number, confidence in by_number.items() if confidence == "inferred"] == [19]
    for document in replay.follows:
        assert steps_of(replay, document) == expected_steps(document, begins, last)
        reported = [change.subject for change in replay.reported(document)]
        assert len(reported) == len(set(reported))
        over = [subject for subject in reported if subject.startswith(("expired", "lapsed"))]
        assert over == (["expired:2018-12-26T14:00", "lapsed:2018-12-26T14:00"] if document == MARTIAL_LAW else [])
    assert Counter(word.split(" ")[0].partition("T")[0] for word in replay.operator_alerts()).total() == 4, (
        "in doubt, and over"
    )


MISSED = [int(row["number"]) for row in rows()[2:-1]]
"""Every extension whose predecessor has an act on record: that of extension 19 was never seen."""

SHORT = [17]


def without(number: int) -> tuple[RadaReplay, datetime, Iterator[datetime]]:
    """A desk that began before a renewal which, in this replay, never comes."""
    row = next(r for r in rows() if r["episode"] == "2022" and r["number"] == str(number))
    end = at(row["starts_at"]).astimezone(KYIV)
    start = end - timedelta(days=32)
    held = [
        arrival
        for fact in facts(MARTIAL_LAW)
        if datetime.fromisoformat(fact["starts_at"]) < end.replace(tzinfo=None)
        for arrival in appearances(MARTIAL_LAW, fact)
    ]
    replay = RadaReplay(RadaDatabase(held), start.astimezone(UTC))
    replay.know(MARTIAL_LAW, replay.begins)
    return replay, end, days(replay.begins, (end + timedelta(days=31)).astimezone(UTC), *moments_of([end]))


@pytest.mark.parametrize(
    "number",
    [pytest.param(n, marks=() if n in SHORT else pytest.mark.slow, id=f"without extension {n}") for n in MISSED],
)
def test_a_renewal_that_never_comes_raises_the_timeline_and_then_the_expiry(number: int) -> None:
    replay, end, moments = without(number)
    replay.run(moments)
    mark = f"{end:%Y-%m-%dT%H:%M}"
    reminders = [change for change in replay.reported(kind=Kind.REMINDER) if change.subject.endswith(mark)]
    steps = {c.subject: c.seen_at for c in reminders}
    before = replay.begins
    wanted = [(f"{n}d:{mark}", end - timedelta(days=n)) for n in (21, 14, 7, 4, 1) if end - timedelta(days=n) > before]
    assert [pair for pair in steps.items() if pair[0][0].isdigit()] == wanted
    assert [english(c.after) for c in reminders if c.subject[0].isdigit()][-1] == "1 day left, no renewal seen"
    assert steps[f"expired:{mark}"] == end
    assert f"lapsed:{mark}" in steps
    assert len(reminders) == len(steps) == len(wanted) + 2
    assert replay.operator_alerts() == []


@pytest.mark.parametrize(
    "number",
    [pytest.param(n, marks=() if n in SHORT else pytest.mark.slow, id=f"down before extension {n}") for n in MISSED],
)
def test_sources_that_are_down_are_a_doubt_never_an_expiry(number: int) -> None:
    replay, end, moments = without(number)
    replay.down = ((end - timedelta(days=25)).astimezone(UTC), (end + timedelta(days=20)).astimezone(UTC))
    for now in moments:
        replay.at(now)
        if end <= now:
            assert replay.standing().status is RegimeStatus.UNKNOWN
    assert not [c.subject for c in replay.reported() if c.subject.startswith(("expired", "lapsed"))]
    assert replay.operator_alerts() == [f"{end:%Y-%m-%dT%H:%M} its status cannot be determined"]


def observations() -> list[Observation]:
    """Each fact of the chain as a source states it: one at a time."""
    facets = shipped_regimes()[MARTIAL_LAW].observation(at("2026-10-04T06:00+00:00")).facets
    return [
        Observation(MARTIAL_LAW, "rada", "rada/1", {name: {subject: entry}})
        for name in ("instruments", "approvals", "steps")
        for subject, entry in facets[name].items()
    ]


@pytest.mark.parametrize(
    "orders", [pytest.param(10, id="ten"), pytest.param(200, marks=pytest.mark.slow, id="two hundred")]
)
def test_in_whatever_order_the_documents_arrive(orders: int) -> None:
    now = at("2026-10-04T06:00+00:00")
    stated = observations()
    outline = {name: {} for name in ("instruments", "approvals", "steps")}
    first = shipped_regimes()[MARTIAL_LAW].observation(now)
    baseline = advance(None, replace(first, facets={**first.facets, **outline}), now)
    assert baseline is not None
    expected = [(r["episode"], r["number"], r["starts_at"], r["ends_at"]) for r in rows()]
    for seed in range(orders):
        shuffled = random.Random(seed).sample(stated, len(stated))
        record, reported = baseline.record, Counter[str]()
        for observation in shuffled:
            step = advance(record, observation, now)
            assert isinstance(step, NewRevision)
            record = step.record
            reported.update(change.subject for change in step.changes)
        assert reported.total() == len(reported) == len(stated)
        chain = terms(regime_of(MARTIAL_LAW, record.facets), record.facets)
        found = [(t.episode, str(t.number), t.starts_at.isoformat(), t.ends_at.isoformat()) for t in chain]
        assert found == expected
