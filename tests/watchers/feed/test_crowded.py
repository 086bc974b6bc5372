"""Does a feed that changes thousands of entries at each poll cost more than is stated, and is nothing of it lost? All
entries are constructed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.watchers.feed.feed_poller import FeedPoller, Item, acts, following, rss

MOST_EDITED, MOST_NEW, MOST_EDITED_TEXT = 40, 100, 200_000
"""The bounds in these tests; those that are stated are a multiple of them."""

MANY = 3 * MOST_EDITED
TITLE = "of the act on the use of roads " * 20


@pytest.fixture(autouse=True)
def bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, bound in (("MOST_EDITED", MOST_EDITED), ("MOST_NEW", MOST_NEW), ("MOST_EDITED_TEXT", MOST_EDITED_TEXT)):
        monkeypatch.setattr(f"watchers.feed.watcher.{name}", bound)


def edited(poll: int, count: int = MANY) -> bytes:
    return rss(Item(n, f"Title {n} {TITLE} as of reading {poll}") for n in range(count))


def remarks(desk: FeedPoller) -> list[str]:
    with desk.store.read() as view:
        changes = [change for alert in desk.store.alerts for change in alert.changes]
        assert view is not None
    return [str(change.after) for change in changes if "feed.crowded" in str(change.after)]


def test_entries_edited_at_each_poll_are_stated_in_turn_and_the_operator_hears_once() -> None:
    desk = following(edited(0), name="g")
    seen: list[set[str]] = []
    for poll in range(1, 5):
        outcome = desk.poll(edited(poll))
        assert (outcome.revisions, outcome.requests) == (MOST_EDITED, 1)
        seen.append({str(alert.document) for alert in desk.store.alerts[-MOST_EDITED - (poll == 1) :]})
    assert len(set().union(*seen[:3])) >= MANY, "each entry had its turn"
    assert remarks(desk) == [f'{{"code":"feed.crowded","most":{MOST_EDITED},"n":{MANY}}}']


def test_many_edits_at_once_are_all_reported_by_the_next_polls() -> None:
    desk = following(edited(0), name="g", headers={"etag": '"1"'})
    desk.headers["etag"] = '"2"'
    assert [desk.poll(edited(1)).revisions for _ in range(5)] == [MOST_EDITED] * 3 + [0, 0]
    assert [request.etag is None for request in desk.asked[1:]] == [False, True, True, False, False]


def test_a_new_entry_among_many_edits_is_reported_at_once() -> None:
    desk = following(edited(0), name="g")
    body = edited(1).replace(b"</channel>", f"{Item(9999).xml()}</channel>".encode())
    assert "Act 9999" in {str(change.after) for change in desk.news(body)}


def test_many_new_entries_are_all_reported_by_the_next_polls() -> None:
    desk = following(rss(acts(0)), name="g")
    body = rss(acts(*range(MOST_NEW + 40)))
    assert [desk.poll(body).revisions for _ in range(3)] == [MOST_NEW, 39, 0]


def test_long_texts_are_counted_by_their_characters() -> None:
    def at(poll: int) -> bytes:
        return rss(Item(n, text=f"{poll} {'word ' * 12_000}{n}") for n in range(12))

    desk = following(at(0), name="g")
    stated = [desk.poll(at(1)).revisions for _ in range(4)]
    assert sum(stated) == 12
    assert max(stated) <= MOST_EDITED_TEXT // 60_000 + 1


ORDINARY: dict[str, Callable[[Item], Item]] = {
    "a redesign": lambda item: replace(item, guid=f"x{item.number}", link=f"https://new.example/d/x/{item.number}"),
    "other dates": lambda item: replace(item, on="Tue, 06 Jan 2026 12:00:00 GMT"),
    "another order": lambda item: item,
}


@pytest.mark.parametrize("change", ORDINARY.values(), ids=ORDINARY)
def test_what_is_no_news_waits_for_nothing(change: Callable[[Item], Item]) -> None:
    desk = following(rss(acts(*range(MANY))), name="g")
    body = rss(map(change, reversed(acts(*range(MANY)))))
    assert [one for one in desk.subjects(body) if one.startswith("[g]")] == []
    assert remarks(desk) == []
    assert desk.poll(body).revisions == 0
