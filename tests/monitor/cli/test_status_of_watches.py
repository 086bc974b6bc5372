"""Feeds and searches are watched as well: what the commands answer about them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.feed_installation import ENTRY, FEED, FeedInstallation, feed_installed
from tests.helpers.http_server import Reply

NAME = "Новини Ради"
AFTER = "2026-03-03T10:00:00Z"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedInstallation]:
    with feed_installed(tmp_path, monkeypatch) as made:
        made.config.write_text(made.config.read_text().replace('name  = "acts"', f'name  = "{NAME}"'))
        made.run("run", "--once", now="2026-03-02T10:00:00Z")
        made.acts.add("one")
        made.run("run", "--once", now="2026-03-02T11:00:00Z")
        yield made


def test_wr_5_status_lists_a_feed_with_its_last_entry_and_when_it_is_read(desk: FeedInstallation) -> None:
    [row] = desk.answer("status", now=AFTER)
    assert (row["kind"], row["watch"], row["title"], row["status_on"]) == (
        "feed",
        NAME,
        "Act one (constructed)",
        "2026-03-01",
    )
    assert row["last_entry"]["url"] == "https://example.org/one"
    assert row["checked_at"] == "2026-03-02T11:00:00Z"
    assert row["next_check_at"] > row["checked_at"]
    assert row["doubt"] is None
    table = desk.run("status", now=AFTER)
    assert NAME in table.stdout
    assert "Act one (constructed)" in table.stdout
    assert "nothing is watched" not in table.stderr


def test_wr_5_the_name_of_a_feed_is_accepted_wherever_a_document_is(desk: FeedInstallation) -> None:
    told = desk.run("status", NAME.upper(), now=AFTER)
    assert told.returncode == 0
    assert told.stdout.splitlines()[0] == NAME
    assert "Act one (constructed)" in told.stdout
    [change] = desk.answer("history", NAME, now=AFTER)
    assert (change["kind"], change["after"]) == ("appeared", "Act one (constructed)")
    why = desk.run("why", NAME, now=AFTER)
    assert why.returncode == 0
    assert why.stdout.splitlines()[0] == f"{NAME}: watched as {NAME}"
    assert "appeared: Act one (constructed)" in why.stdout
    assert desk.run("mute", NAME, "--until", "1d", now=AFTER).returncode == 0


def test_the_history_of_a_feed_runs_forwards_although_the_feed_does_not(desk: FeedInstallation) -> None:
    entries = "".join(
        ENTRY.format(name=f"day-{day}", title=f"Act of day {day}").replace("2026-03-01T", f"2026-03-0{day}T")
        for day in (4, 3, 1)
    )
    body = FEED.format(entries=entries + ENTRY.format(name="one", title="Act one (constructed)")).encode()
    desk.publisher.answer = lambda _: Reply(body=body, content_type="application/atom+xml")
    assert desk.run("run", "--once", now="2026-03-05T10:00:00Z").returncode == 0
    reported = [row["after"] for row in desk.answer("history", NAME, now="2026-03-05T11:00:00Z")]
    assert reported[-3:] == ["Act of day 1", "Act of day 3", "Act of day 4"]


def test_wr_5_a_feed_that_fails_says_so(desk: FeedInstallation) -> None:
    desk.config.write_text(
        desk.config.read_text().replace("/acts", "/acts?").replace(desk.publisher.url, "http://127.0.0.1:1")
    )
    desk.run("run", "--once", now="2026-03-02T12:00:00Z")
    [row] = desk.answer("status", now=AFTER)
    assert row["doubt"].startswith("unavailable: ")
    assert row["checked_at"] == "2026-03-02T11:00:00Z", "when it was really read"
    assert row["title"] == "Act one (constructed)"


def test_wr_5_a_feed_that_was_never_read_and_a_search_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with feed_installed(tmp_path, monkeypatch) as desk:
        search = '[[watch]]\nsearch = "NATO"\nname = "NATO bills"\n[source.congress]\n'
        desk.config.write_text(desk.config.read_text() + search)
        rows = desk.answer("status", now=AFTER)
        assert [(row["watch"], row["kind"], row["doubt"]) for row in rows] == [
            ("acts", "feed", "not read yet"),
            ("NATO bills", "search", "not read yet"),
        ]
        assert desk.run("status", "NATO bills", now=AFTER).stdout.splitlines()[0] == "NATO bills"
        assert desk.answer("history", "nato bills", now=AFTER) == []


def test_wr_4_people_read_the_name_as_its_owner_wrote_it(desk: FeedInstallation) -> None:
    assert any(line.startswith(NAME) for line in desk.run("sources", now=AFTER).stdout.splitlines())
    [row] = desk.answer("sources", now=AFTER)
    assert (row["source"], row["watch"]) == ("feed/feed-954ee4ed", NAME)
    alerts = desk.answer("alerts", now=AFTER)
    assert {alert["subject"] for alert in alerts} == {f"[{NAME}] New on the record: Act one (constructed)"}
    for command in (("alerts",), ("status",), ("status", "--all"), ("why", alerts[0]["alert"]), ("sources",)):
        said = desk.run(*command, now=AFTER)
        read = [line for line in (said.stdout + said.stderr).splitlines() if not line.startswith("  change ")]
        assert "feed-954ee4ed" not in "\n".join(read), command  # the key of a change is for machines
    assert len(desk.mail.accepted) == 2
    for mail in desk.mail.accepted:
        assert NAME in str(mail.message["subject"])
        text = mail.message.get_body(("plain",))
        assert text is not None
        assert "feed-954ee4ed" not in text.get_content()


def test_edits_redesigns_and_unsteady_words_follow_from_the_archived_bytes(desk: FeedInstallation) -> None:
    moments = (f"2026-03-02T{hour}:00:00Z" for hour in range(12, 20))
    for title in ("A", "B", "A", "B", "A"):
        desk.acts.titles["one"] = f"Act {title}"
        desk.acts.titles[f"next {title}"] = "x"  # another validator
        assert desk.run("run", "--once", now=next(moments)).returncode == 0
    subjects = [alert["subject"] for alert in desk.answer("alerts", now=AFTER)]
    assert f"[{NAME}] Act B: title changed, to and fro: not told again" in subjects
    verified = desk.run("verify", "--all", now=AFTER)
    assert verified.returncode == 0, verified.stdout
