"""The Ukrainian part of the demo: the record's facts in the database's own formats, and nothing invented."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from domain.jurisdictions.ua import nreg_of, number_of
from monitor.service.regimes import shipped_regimes
from tests.helpers.demo_http import Answer, Asked
from tests.helpers.demo_story import Part, RenewalCourse, parts
from tests.helpers.rada_publisher import AGENT, IN_FORCE, KYIV, REACH, REGIME, RadaPublisher, load_legislation
from watchers.rada.act_card import parse_card, parse_list
from watchers.rada.act_text import read_decree, read_law
from watchers.rada.lists import parse_updates
from watchers.rada.titles import classify

STATES = Path(__file__).parents[3].parent / "shared" / "corpus" / "ukraine" / "composed" / "database"
LEGISLATION = load_legislation()
FACTS = {str(fact.get("id")): fact for fact in shipped_regimes()[REGIME].instruments}
DECREES = [paper for paper in LEGISLATION.renewals if paper.document.kind == "decree"]
LAWS = [paper for paper in LEGISLATION.renewals if paper.document.kind == "law"]
LATEST = datetime(2026, 2, 4, 19, tzinfo=KYIV)


def ask(now: datetime, path: str, **headers: str) -> Answer:
    sent = {"user-agent": AGENT} | {name.replace("_", "-"): value for name, value in headers.items()}
    return RadaPublisher(LEGISLATION, now=lambda: now).answer(Asked("GET", f"/laws/{path}", {}, sent, b""))


def evening(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), KYIV) + timedelta(hours=19)


def test_the_header_says_what_is_constructed_and_what_is_modelled() -> None:
    about = " ".join(LEGISLATION.about)
    assert "*constructed*: every text" in about
    assert "Modelled" in about
    assert "ua-martial-law.toml" in about


def test_the_chain_is_the_shipped_one_and_what_has_no_document_has_none_here() -> None:
    assert len(DECREES) == len(LAWS) == 18
    assert {str(paper.document) for paper in DECREES} < set(FACTS)
    assert not any("596/2026" in paper.nreg for paper in LEGISLATION.acts), "its law's adoption is not on record"


@pytest.mark.parametrize("paper", DECREES, ids=lambda paper: paper.number)
def test_a_decree_reads_as_the_record_has_it(paper: Any) -> None:
    fact = FACTS[str(paper.document)]
    decree = read_decree(ask(LATEST, f"show/{paper.nreg}.txt").body.decode())
    assert decree.term is not None
    assert (decree.number, decree.signed_on, decree.at_home) == (paper.number, fact["on"].isoformat(), True)
    assert (decree.term.starts_at, decree.term.length) == (fact["starts_at"], fact["length"])


@pytest.mark.parametrize("paper", LAWS, ids=lambda paper: paper.number)
def test_a_law_approves_its_decree(paper: Any) -> None:
    fact = next(fact for fact in FACTS.values() if fact.get("approval") == str(paper.document))
    law = read_law(ask(LATEST, f"show/{paper.nreg}.txt").body.decode())
    assert (law.number, law.adopted_on) == (number_of(paper.document), fact["approved_on"].isoformat())
    assert (law.approves, law.approves_of) == (fact["id"].removeprefix("ua/decree/"), fact["on"].isoformat())
    assert law.status == "чинний"


@pytest.mark.parametrize("paper", LEGISLATION.renewals, ids=lambda paper: paper.number)
def test_nothing_is_shown_before_its_own_day(paper: Any) -> None:
    first, in_force = paper.touches
    assert first.at.astimezone(KYIV).date() == paper.on
    assert in_force.at >= first.at
    assert in_force.event_on in (None, in_force.at.astimezone(KYIV).date())
    before = first.at - timedelta(minutes=1)
    assert ask(before, f"show/{paper.nreg}.txt").status == ask(before, f"card/{paper.nreg}.json").status == 404


def test_a_day_of_entry_into_force_that_is_not_on_record_is_not_stated() -> None:
    known = {number_of(p.document): json.loads(ask(LATEST, f"card/{p.nreg}.json").body)["poddat"] for p in LAWS[-2:]}
    assert known == {"4643-IX": 0, "4757-IX": 20260128}


@pytest.mark.parametrize("paper", LEGISLATION.others, ids=lambda paper: paper.number)
def test_the_others_renew_nothing(paper: Any) -> None:
    assert classify(paper.title, issuer="Закон України").regime is None
    assert all(touch.status == IN_FORCE for touch in paper.touches)


def test_a_hundred_updates_of_other_acts_lie_between_first_and_last_poll() -> None:
    courses = [act.course for act in parts() if isinstance(act.course, RenewalCourse)]
    updates = LEGISLATION.updates(courses[0].polls[0], courses[-1].polls[-1])
    assert sum(paper in LEGISLATION.others for paper, _ in updates) >= 100


def test_the_watcher_reads_feed_and_lists() -> None:
    now = evening("2025-10-20")
    updates = parse_updates(ask(now, "main/r.xml").body, now).entries
    leaf = parse_list(ask(now, "main/n/page1.json").body, "list")
    assert [update.nreg for update in updates] == [card.nreg for card in leaf.cards]
    assert [update.nreg for update in updates][:2] == ["793/2025", "794/2025"]
    assert updates[0].issuer == "Указ Президента України від 20.10.2025 № 793/2025"
    assert all(update.updated_at and now - REACH <= update.updated_at <= now for update in updates)
    assert leaf.count == len(leaf.cards)


def test_the_list_of_all_reaches_back_to_the_first_prolongation() -> None:
    leaf = parse_list(ask(LATEST, "main/a/page1.json").body, "list")
    assert leaf.cards[-1].nreg in ("133/2022", "2119-20")
    assert leaf.count == len(leaf.cards) == len(LEGISLATION.acts)
    assert parse_list(ask(LATEST, "main/a/page2.json").body, "list").cards == ()


def test_what_did_not_change_is_a_304() -> None:
    now = evening("2025-10-20")
    modified = ask(now, "main/r.xml").headers["Last-Modified"]
    assert ask(now, "main/r.xml", if_modified_since=modified).status == 304
    assert ask(evening("2025-10-21"), "main/r.xml", if_modified_since=modified).status == 200


@pytest.mark.parametrize(
    ("path", "agent", "status"),
    [
        pytest.param("main/r.xml", "a browser", 403, id="a program that does not say OpenData"),
        pytest.param("show/596/2026.txt", AGENT, 404, id="an act nobody knows"),
        pytest.param("show/389-19.txt", AGENT, 404, id="an act of which only the card is served"),
        pytest.param("main/x/page1.json", AGENT, 404, id="a list there is not"),
        pytest.param("api/token", AGENT, 404, id="a token, which nobody should ask for"),
    ],
)
def test_errors_are_pages(path: str, agent: str, status: int) -> None:
    answer = ask(LATEST, path, user_agent=agent)
    assert (answer.status, answer.content_type) == (status, "text/html")


def test_the_first_poll_shows_what_is_known_and_a_quiet_one_what_it_saw() -> None:
    autumn = next(act.course for act in parts() if isinstance(act.course, RenewalCourse))
    first, decree, _, quiet, in_force, _ = autumn.steps()
    assert "extension 16, 7 Aug 2025 05:30 to 5 Nov 2025 05:30" in autumn.published(first)[0]
    assert [line.split(":")[0] for line in autumn.published(decree)][:2] == [
        "decree 793/2025 of 20 Oct",
        "decree 794/2025 of 20 Oct",
    ]
    assert autumn.published(quiet) == ["6 updates of other acts"]
    assert autumn.counted([quiet]) == [(6, "update of another act", "updates of other acts")]
    assert autumn.published(in_force)[1].endswith("in force; since when is not on record")


def test_the_programme_runs_forward() -> None:
    polls = [step.at for act in parts() for step in act.course.steps()]
    assert polls == sorted(polls)
    assert 30 <= len(polls) <= 40
    assert [name(act) for act in parts()] == ["bill", "regime", "bill", None]


def name(act: Part) -> str | None:
    return act.watched.document.kind if act.watched else None


@pytest.mark.corpus
@pytest.mark.skipif(not STATES.exists(), reason="the corpus is not beside this checkout")
@pytest.mark.parametrize(
    ("day", "document"),
    [
        ("2025-10-20", "793/2025"),
        ("2025-10-21", "793/2025"),
        ("2025-10-21", "4643-20"),
        ("2025-10-31", "4643-20"),
        ("2026-02-04", "4643-20"),
        ("2026-02-04", "40/2026"),
    ],
)
def test_cards_say_what_the_corpus_says(day: str, document: str) -> None:
    body = (STATES / day / f"card-{document.replace('/', '-')}.json").read_bytes()
    expected, found = json.loads(body), json.loads(ask(evening(day), f"card/{document}.json").body)
    assert set(found) < set(expected)
    theirs, ours = parse_card(body, document), parse_card(ask(evening(day), f"card/{document}.json").body, document)
    assert (ours.title, ours.status, ours.adopted_on) == (theirs.title, theirs.status, theirs.adopted_on)
    ignored = {"size", *(("poddat", "datred") if found["poddat"] == 0 else ())}
    same = {key for key in found if key not in ignored and found[key] == expected[key]}
    assert same == set(found) - ignored


@pytest.mark.corpus
@pytest.mark.skipif(not STATES.exists(), reason="the corpus is not beside this checkout")
@pytest.mark.parametrize(
    ("day", "document"),
    [("2025-10-20", "793/2025"), ("2025-10-21", "4643-20"), ("2026-02-04", "40/2026"), ("2026-02-04", "4757-20")],
)
def test_texts_say_what_the_corpus_says(day: str, document: str) -> None:
    theirs = (STATES / day / f"show-{document.replace('/', '-')}.txt").read_text()
    ours = ask(evening(day), f"show/{quote(document)}.txt").body.decode()
    if "/" in document:
        expected, found = read_decree(theirs), read_decree(ours)
        assert expected.term
        assert found.term
        assert (found.term.starts_at, found.term.length) == (expected.term.starts_at, expected.term.length)
        assert (found.number, found.signed_on, found.title) == (expected.number, expected.signed_on, expected.title)
    else:
        assert read_law(ours) == read_law(theirs)


@pytest.mark.corpus
@pytest.mark.skipif(not STATES.exists(), reason="the corpus is not beside this checkout")
@pytest.mark.parametrize("day", ["2025-10-20", "2025-10-21", "2025-10-31"])
def test_the_feed_announces_what_the_corpus_announces(day: str) -> None:
    ours, theirs = (
        {
            (update.nreg, update.title, update.issuer)
            for update in parse_updates(body, evening(day)).entries
            if update.nreg in {nreg_of(paper.document) for paper in (*LEGISLATION.renewals, *LEGISLATION.twins)}
        }
        for body in (ask(evening(day), "main/r.xml").body, (STATES / day / "r.xml").read_bytes())
    )
    assert ours == theirs
