"""The President's site: a signal where it answers, and a failed poll where a challenge stands before it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.sources import Request, Response
from monitor.http.client import HttpClient
from tests.helpers.http_server import Reply, serve
from tests.helpers.paths import CORPUS
from tests.watchers.rada.publisher import BASE, EXTENSION, MOBILISING, RadaServer, decree
from tests.watchers.ukraine_sources import Answers, UkraineInstallation, answering, decree_page, decrees
from watchers.rada.president import PresidentWatcher, parse_decree, parse_list
from watchers.rada.watcher import RadaWatcher

FOLDER = CORPUS / "ukraine"
SITE = "https://president.example.org"
AWARD = ("792/2025", "20 жовтня 2025 року", "Про відзначення державними нагородами України")
DECREE = ("793/2025", "20 жовтня 2025 року", EXTENSION)
CLAUSE = "продовжити строк дії воєнного стану в Україні з 05 години 30 хвилин 5 листопада 2025 року строком на 90 діб."
PAGE = decree_page("793/2025", EXTENSION, CLAUSE, "20 жовтня 2025 року")


def site(listed: str, page: str = PAGE) -> Answers:
    return lambda request: answering(listed if request.url.endswith("/decrees") else page)(request)


def test_a_decree_is_reported_once_with_its_term() -> None:
    installation, watcher = UkraineInstallation(), PresidentWatcher(SITE)
    assert installation.poll(watcher, site(decrees(AWARD))) == []
    assert installation.poll(watcher, site(decrees(AWARD))) == []
    assert installation.outcome.requests == 1
    reported = installation.poll(watcher, site(decrees(DECREE, AWARD)))
    assert len(reported) == 1
    assert reported[0].startswith("Decree 793/2025 signed: extension 17, 5 Nov 2025 05:30 to 3 Feb 2026 05:30")
    assert installation.poll(watcher, site(decrees(AWARD, DECREE))) == []
    assert installation.standing().next_state.value == "decree_signed"


@pytest.mark.parametrize("first", ["president", "rada"])
def test_the_same_decree_in_the_database_is_no_second_message(first: str) -> None:
    installation, watcher, rada = UkraineInstallation(), PresidentWatcher(SITE), RadaWatcher(BASE)
    database = RadaServer(now=installation.now)
    database.put(decree("1/2025", date(2025, 1, 2), title="Про відзначення державними нагородами України"))
    installation.poll(watcher, site(decrees(AWARD)))
    installation.poll(rada, database)
    act = decree("793/2025", date(2025, 10, 20), "05 години 30 хвилин 5 листопада 2025 року")
    database.now = installation.now
    database.put(act)
    database.touch(act.nreg)
    both = [lambda: installation.poll(watcher, site(decrees(DECREE, AWARD))), lambda: installation.poll(rada, database)]
    reported = [line for poll in (both if first == "president" else both[::-1]) for line in poll()]
    assert len(reported) == 1


def test_mobilisation_is_reported_beside_it() -> None:
    clause = "продовжити строк проведення загальної мобілізації з 5 листопада 2025 року на 90 діб."
    other = ("794/2025", "20 жовтня 2025 року", MOBILISING)
    installation, watcher = UkraineInstallation(), PresidentWatcher(SITE)
    installation.poll(watcher, site(decrees(AWARD)))

    def http(request: Request) -> Response:
        page = decree_page("794/2025", MOBILISING, clause, other[1]) if "7942025" in request.url else PAGE
        return site(decrees(other, DECREE), page)(request)

    assert {line.partition(":")[0] for line in installation.poll(watcher, http)} == {
        "Decree 793/2025 signed",
        "Decree 794/2025 signed",
    }


def test_a_page_that_cannot_be_read_is_a_fault_and_is_asked_for_again() -> None:
    installation, watcher = UkraineInstallation(), PresidentWatcher(SITE)
    installation.poll(watcher, site(decrees(AWARD)))
    assert installation.poll(watcher, site(decrees(DECREE), "<html>nothing</html>")) == []
    assert installation.outcome.error is None
    assert len(installation.outcome.faults) == 1
    other = decree_page("1/2025", EXTENSION, CLAUSE, "20 жовтня 2025 року")
    assert installation.poll(watcher, site(decrees(DECREE), other)) == []
    assert len(installation.poll(watcher, site(decrees(DECREE)))) == 1


def test_a_challenge_is_a_failed_poll_and_nothing_else_changes() -> None:
    challenge = b'<html><body><div id="sec-if-cpt-container"></div></body></html>'
    installation = UkraineInstallation()
    before = installation.standing()
    with serve(lambda _: Reply(200, challenge, "text/html")) as server:
        http = HttpClient(contact="", clock=lambda: datetime(2025, 10, 20, tzinfo=UTC), allow_hosts=("127.0.0.1",))
        for _ in range(3):
            installation.poll(PresidentWatcher(server.url), http)
        http.close()
        agents = {asked.headers["user-agent"] for asked in server.asked}
    assert installation.states["president"].state.value == "blocked"
    assert installation.states["president"].operator_knows
    assert installation.standing() == before
    assert all("lexwatch" in agent and "Mozilla" not in agent for agent in agents)


LISTS = {
    "no list": "<html><body>Новини</body></html>",
    "an empty list": decrees(),
    "a list of something else": '<div class="search_result"><div class="doc_item"><h3>Новина</h3></div></div>',
}


@pytest.mark.parametrize("listed", LISTS.values(), ids=LISTS)
def test_a_list_without_decrees_is_an_error(listed: str) -> None:
    installation = UkraineInstallation()
    installation.poll(PresidentWatcher(SITE), site(listed))
    assert type(installation.outcome.error).__name__ == "Changed"


def test_the_heading_names_a_decree_and_its_last_day_is_the_signature() -> None:
    read = parse_decree(PAGE.encode())
    assert (read.number, read.signed_on, read.title) == ("793/2025", "2025-10-20", EXTENSION)


@pytest.mark.corpus
def test_pages_of_the_corpus_are_read() -> None:
    items, faults = parse_list((FOLDER / "president-pages" / "decrees-list-2026-09.html").read_bytes())
    assert faults == []
    assert [(item.number, item.on) for item in items] == [
        ("904/2026", "2026-09-14"),
        ("902/2026", "2026-09-14"),
        ("897/2026", "2026-09-12"),
        ("875/2026", "2026-09-04"),
    ]
    read = parse_decree((FOLDER / "composed" / "decree-page-extension.html").read_bytes())
    assert (read.number, read.signed_on) == ("793/2025", "2025-10-20")
    assert read.term is not None
    assert (read.term.starts_at, read.term.length) == ("2025-11-05T05:30", "90 days")
