"""Does a watch that follows it hear of a reintroduction, once? Bills of the 119th and 120th are constructed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.alerts.routing import Audience, Watch
from domain.documents import DocumentId
from domain.errors import ConfigError
from domain.jurisdictions.us.names import us_bill
from domain.observation import Observation
from domain.ports import Store
from domain.records.detection import advance
from domain.records.facets import Facet, Kind
from monitor.config.loader import load_config
from monitor.service.context import Context
from monitor.service.time_triggers import ReintroductionFinder
from tests.helpers.english import english
from tests.helpers.stores import TemporaryStore

OLD, NEW = us_bill(119, "hr", 6508), us_bill(120, "s", 12)
SEEN = datetime(2026, 1, 6, tzinfo=UTC)
AFTER = datetime(2027, 2, 1, tzinfo=UTC)
TITLE = "Not a Trusted Organization Act"
HOUR = timedelta(hours=1)


def save(store: Store, document: DocumentId, title: str, at: datetime, name: str = "title") -> None:
    facets: dict[str, Facet] = {name: {"display": {"text": title}}}
    step = advance(None, Observation(document, "congress", "congress/1", facets), at)
    assert step
    with store.begin() as tx:
        tx.save(step)


def audience(*, follow: bool = True) -> Audience:
    watch = Watch("NATO", OLD, created_at=SEEN, follow=follow)
    return Audience(watches=(watch,), recipients={"desk": ("desk@example.org",)})


def told(
    store: Store, returns: ReintroductionFinder, now: datetime, *, follow: bool = True
) -> list[tuple[str, str | None]]:
    returns.look(Context(store, audience(follow=follow), lambda: now))
    with store.read() as view:
        due = view.due("desk", now, 99)
        return [(str(c.kind), english(c.after)) for delivery in due for c in view.notice(delivery, "UTC").changes]


@pytest.fixture
def store() -> TemporaryStore:
    found = TemporaryStore()
    save(found, OLD, TITLE, SEEN)
    return found


def test_a_followed_bill_that_comes_back_is_reported_once_with_both_names(store: TemporaryStore) -> None:
    returns = ReintroductionFinder()
    assert told(store, returns, AFTER) == []
    save(store, NEW, f"{TITLE.upper()}.", AFTER)
    assert told(store, returns, AFTER + HOUR) == [
        (Kind.APPEARED, f"S 12 · 120th is HR 6508 · 119th introduced again: {TITLE.upper()}.")
    ]
    assert len(told(store, ReintroductionFinder(), AFTER + 2 * HOUR)) == 1


def test_one_that_came_back_before_anybody_looked_is_reported(store: TemporaryStore) -> None:
    save(store, NEW, TITLE, AFTER)
    assert len(told(store, ReintroductionFinder(), AFTER)) == 1


def test_nobody_hears_who_did_not_ask(store: TemporaryStore) -> None:
    save(store, NEW, TITLE, AFTER)
    assert told(store, ReintroductionFinder(), AFTER, follow=False) == []


def test_while_its_congress_sits_nothing_is_looked_for(store: TemporaryStore) -> None:
    save(store, us_bill(119, "s", 2174), TITLE, SEEN)
    assert told(store, ReintroductionFinder(), SEEN + HOUR) == []


def test_another_bill_is_no_return(store: TemporaryStore) -> None:
    save(store, NEW, "Another Organization Act", AFTER)
    assert told(store, ReintroductionFinder(), AFTER) == []


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ('bill = "us/bill/119/hr/6508"\nfollow = "reintroduction"', None),
        ('bill = "us/bill/119/hr/6508"\nfollow = "all"', 'expected "reintroduction"'),
        ('document = "ua/decree/793/2025"\nfollow = "reintroduction"', 'expected "reintroduction", of a bill'),
        ('regime = "ua/regime/martial-law"\nfollow = "reintroduction"', "a regime is not introduced again"),
    ],
    ids=["a bill", "another word", "a decree", "a regime"],
)
def test_the_key_is_for_bills(table: str, fault: str | None, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"[[watch]]\n{table}\n")
    if fault is None:
        (watch,) = load_config(path, now=SEEN, secrets=False).watches
        assert watch.follow
    else:
        with pytest.raises(ConfigError, match=fault):
            load_config(path, now=SEEN, secrets=False)
