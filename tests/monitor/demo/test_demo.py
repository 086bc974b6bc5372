"""The demo: true history, the API's own format, the whole service, and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO, TextIOWrapper
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from monitor.demo.servers import lines_of
from monitor.demo.story import Pace, Screen, days_between
from tests.helpers.congress_publisher import CongressPublisher, load_history
from tests.helpers.demo_http import Asked
from tests.helpers.demo_story import WASHINGTON, counted_of_bill, published_of_bill, steps
from tests.monitor.demo.record import written

ROOT = Path(__file__).parents[3]
CONSTRUCTED = ROOT.parent / "shared" / "corpus" / "congress" / "constructed"
NAMES = ("hr3919-117", "hr6508-119")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def ask(now: str, path: str, key: str = "key", **query: str) -> tuple[int, Any]:
    origin = CongressPublisher([load_history(name) for name in NAMES], now=lambda: at(now))
    answer = origin.answer(Asked("GET", path, query, {"x-api-key": key} if key else {}, b""))
    return answer.status, json.loads(answer.body)


@pytest.mark.parametrize("name", NAMES)
def test_a_history_says_where_it_comes_from_and_what_is_modelled(name: str) -> None:
    about = " ".join(load_history(name).about)
    assert "public domain" in about
    assert re.search(r"[Mm]odelled", about)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_shown_before_its_own_day(name: str) -> None:
    """A line dated after the moment it is shown would be an invention."""
    raw = load_history(name).raw
    for action in raw["actions"]:
        assert action["since"][:10] > action["actionDate"]
    for person in raw["cosponsors"]:
        assert person["since"][:10] > person["sponsorshipDate"]
    for text in raw["textVersions"]:
        assert text["date"] is None or text["since"] > text["date"]


@pytest.mark.parametrize(
    ("now", "path", "status", "error"),
    [
        pytest.param("2021-06-01T00:00Z", "/v3/bill/117/hr/3919", 404, "Unknown resource", id="a bill of the future"),
        pytest.param("2026-01-07T00:00Z", "/v3/bill/119/hr/1", 404, "Unknown resource", id="a bill nobody replays"),
        pytest.param("2026-01-07T00:00Z", "/v3/law/119", 404, "Unknown resource", id="an endpoint nobody needs"),
    ],
)
def test_what_is_not_there_is_a_404_with_a_string(now: str, path: str, status: int, error: str) -> None:
    found, body = ask(now, path)
    assert found == status
    assert error in body["error"]


def test_without_a_key_nothing_is_answered() -> None:
    status, body = ask("2026-01-07T00:00Z", "/v3/bill/119", key="")
    assert (status, body["error"]["code"]) == (403, "API_KEY_MISSING")


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        pytest.param({}, ["3919"], id="everything of the Congress"),
        pytest.param({"fromDateTime": "2022-12-30T17:47:42Z"}, ["3919"], id="a window that begins with the touch"),
        pytest.param({"fromDateTime": "2022-12-30T17:47:43Z"}, [], id="a window that begins after it"),
        pytest.param({"offset": "1"}, [], id="behind the end"),
    ],
)
def test_the_list_honours_its_window(query: dict[str, str], numbers: list[str]) -> None:
    status, body = ask("2026-01-07T00:00Z", "/v3/bill/117", **query)
    assert status == 200
    assert [bill["number"] for bill in body["bills"]] == numbers


def test_a_sub_list_comes_in_pages_and_names_the_next() -> None:
    path = "/v3/bill/117/hr/3919/actions"
    _, whole = ask("2026-01-07T00:00Z", path, limit="250")
    assert "next" not in whole["pagination"]
    first, second = (ask("2026-01-07T00:00Z", path, offset=offset)[1] for offset in ("0", "20"))
    assert len(first["actions"]) == 20
    assert "offset=20" in first["pagination"]["next"]
    assert first["actions"] + second["actions"] == whole["actions"]
    assert whole["pagination"]["count"] == len(whole["actions"]) == 30


@pytest.mark.parametrize("name", NAMES)
def test_counts_in_the_item_are_those_of_the_lists(name: str) -> None:
    bill = load_history(name)
    _, kind, number = bill.document.parts
    path = f"/v3/bill/{bill.document.parts[0]}/{kind}/{number}"
    for touch in bill.touches():
        now = touch.isoformat()
        item = ask(now, path)[1]["bill"]
        assert item["updateDateIncludingText"] == touch.strftime("%Y-%m-%dT%H:%M:%SZ")
        for part, member in {"actions": "actions", "text": "textVersions", "titles": "titles"}.items():
            entries = ask(now, f"{path}/{part}", limit="250")[1][member]
            assert item.get(member, {"count": 0})["count"] == len(entries)


@pytest.mark.corpus
@pytest.mark.skipif(not CONSTRUCTED.exists(), reason="the corpus is not beside this checkout")
@pytest.mark.parametrize(
    ("folder", "now"),
    [
        ("hr6508-119-as-of-2025-12-11", "2025-12-11T09:07:49Z"),
        ("hr6508-119-as-of-2025-12-27", "2025-12-27T05:38:19Z"),
        ("hr6508-119-as-of-2026-01-06", "2026-01-06T19:58:27Z"),
    ],
)
@pytest.mark.parametrize("part", ["", "actions", "text", "titles", "cosponsors", "committees", "relatedbills"])
def test_the_replay_of_hr_6508_says_what_the_corpus_says(folder: str, now: str, part: str) -> None:
    expected = json.loads((CONSTRUCTED / folder / f"{part or 'bill'}.json").read_text())
    _, body = ask(now, "/v3/bill/119/hr/6508" + (f"/{part}" if part else ""))
    for told in (expected, body):
        told.get("bill", {}).pop("constitutionalAuthorityStatementText", None)
        told.pop("request")
    assert _without_addresses(body) == _without_addresses(expected)


def _without_addresses(value: Any) -> Any:
    """Members and committees carry an address of their own, which follows from their code and says nothing new."""
    if isinstance(value, dict):
        return {k: _without_addresses(v) for k, v in value.items() if k != "url" or "api.congress.gov" not in v}
    return [_without_addresses(entry) for entry in value] if isinstance(value, list) else value


def test_polls_follow_the_touches_and_close_ones_share_a_poll() -> None:
    polls = steps(load_history("hr3919-117"))
    assert polls[0].after is None
    assert all(before.at == step.after for before, step in pairwise(polls))
    summaries = [step for step in polls if step.at.date().isoformat() == "2021-10-26"]
    assert len(summaries) == 1
    assert len(published_of_bill(load_history("hr3919-117"), summaries[0])) == 2


def test_echoes_of_one_event_are_one_line() -> None:
    bill = load_history("hr3919-117")
    law = next(step for step in steps(bill) if step.at.date().isoformat() == "2021-11-12")
    assert published_of_bill(bill, law)[:2] == ["11 Nov: Signed by President.", "11 Nov: Became Public Law No: 117-55."]


def test_a_touch_that_changed_nothing_is_said_to_be_one() -> None:
    bill = load_history("hr3919-117")
    last = steps(bill)[-1]
    assert published_of_bill(bill, last) == ["touched, and nothing in it changed"]
    assert counted_of_bill(bill, [last]) == []


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        pytest.param("2021-06-17T12:10Z", "2021-07-21T12:10Z", "17 Jun - 21 Jul 2021", id="within a year"),
        pytest.param("2021-11-15T17:00Z", "2022-12-30T18:00Z", "15 Nov 2021 - 30 Dec 2022", id="over the turn"),
        pytest.param("2025-12-27T01:00Z", "2025-12-27T02:00Z", "26 Dec 2025", id="in Washington it is still yesterday"),
    ],
)
def test_a_span_of_days_is_washingtons(first: str, last: str, words: str) -> None:
    assert days_between(at(first), at(last), WASHINGTON) == words


def test_a_post_is_shown_without_its_markup() -> None:
    post = {
        "text": "fallback",
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "HR 6508 &lt;new&gt;"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*bold* <https://example.org|a page> _so_"}},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "snake_case_stays"}]},
        ],
    }
    assert lines_of(post) == ["HR 6508 <new>", "bold a page so", "snake_case_stays"]
    assert lines_of({"text": "only *this*"}) == ["only this"]


def shown(encoding: str, columns: int, text: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = TextIOWrapper(BytesIO(), encoding=encoding, errors="replace")
    screen = Screen(Pace(0.0), stream)
    screen.message("E-mail", [("Subject", text)], [text, "", f"  {text}"], "blue")
    screen.flush()
    assert isinstance(stream.buffer, BytesIO)
    return stream.buffer.getvalue().decode(encoding).splitlines()


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("columns", [20, 80, 300])
def test_a_message_fits_the_screen_and_keeps_its_indent(
    encoding: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = shown(encoding, columns, "Rule of the [bold]House[/bold] " * 8, monkeypatch)
    assert max(map(len, lines)) <= min(max(columns, 40), 96)
    assert any("[bold]House[/bold]" in line for line in lines)
    assert "\x1b" not in "".join(lines)


def test_an_address_is_never_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "https://www.congress.gov/bill/119th-congress/house-bill/6508/" + "x" * 60
    assert any(line.endswith(address) for line in shown("utf-8", 40, f"see {address}", monkeypatch))


GUARD = """
import os, sys
def guard(event, arguments):
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            os.write(2, f"left this machine: {address}".encode())
            os._exit(99)
sys.addaudithook(guard)
"""
"""Put where Python imports it at start: ends the process when it connects to anything but itself."""


def demo_in(folder: Path) -> tuple[list[str], Mapping[str, str], Path]:
    """Return the command, an environment without home or keys, and the folder that must stay empty."""
    home, guard = folder / "home", folder / "guard"
    home.mkdir()
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(GUARD)
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV")}
    env = {
        **kept,
        "HOME": str(home),
        "TMPDIR": str(home),
        "PYTHONPATH": f"{guard}{os.pathsep}{ROOT}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "COLUMNS": "96",
    }
    return [sys.executable, "-m", "monitor.cli.main", "demo", "--fast"], env, home


TOLD = [
    ("2021-07-22", "[HR 3919 · 117th] Reported by committee"),  # ordered to be reported on 21 July
    ("2021-10-20", "[HR 3919 · 117th] New text: Reported in House"),  # the written report changes no status
    ("2021-10-21", "[HR 3919 · 117th] Passed House"),  # with roll call 323 and the engrossed text, in one message
    ("2021-10-22", "[HR 3919 · 117th] New text: Received in Senate"),
    ("2021-10-29", "[HR 3919 · 117th] Passed both chambers"),  # unanimous consent, without amendment
    ("2021-11-04", "[HR 3919 · 117th] New text: Enrolled Bill"),  # presentment itself is no rung of the ladder
    ("2021-11-12", "[HR 3919 · 117th] Signed by President"),  # with the law's text
    ("2025-10-20", "[UA martial law] Decree 793/2025 signed"),  # one step, one message
    ("2025-10-21", "[UA martial law] Law 4643-IX adopted"),  # the second key
    ("2025-10-27", "[UA martial law] 9 days left, law adopted, no signature seen"),  # the step of 14 days had passed
    ("2025-10-31", "[UA martial law] Law 4643-IX in force"),  # both cards change; the law's alone is told, for both
    ("2025-12-27", "[HR 6508 · 119th] New text: Introduced in House"),  # 18 days after the introduction
    ("2026-01-12", "[UA martial law] Decree 40/2026 signed"),
    ("2026-01-14", "[UA martial law] Law 4757-IX adopted"),
    ("2026-01-14", "[UA martial law] 20 days left, law adopted, no signature seen"),  # the step of 21 days had passed
    ("2026-01-21", "[UA martial law] 13 days left, law adopted, no signature seen"),
    ("2026-01-28", "[UA martial law] Law 4757-IX in force"),
]
"""Every message of the replay. Cosponsors, summaries, committee work, titles, a related bill, a policy area and a
mass touch of 30 December 2022 are silent: nobody asked for them. So are the history that ships with lexwatch, the twin
decrees on mobilisation, which nobody watches, and a hundred updates of acts that mention martial law."""


ASKED_LATER = [
    ("Not known", "extension 18, 3 Feb 2026 05:30 to 4 May 2026 05:30 (Europe/Kyiv, 90 days)", "official"),
    ("In force", "extension 20, 2 Aug 2026 05:30 to 31 Oct 2026 05:30 (Europe/Kyiv, 90 days)", "secondary"),
    ("In force", "extension 19, 4 May 2026 05:30 to 2 Aug 2026 05:30 (Europe/Kyiv, 90 days)", "inferred"),
]
"""What `status` says on 20 August 2026: a desk that read nothing since January does not guess; the shipped history
knows the running term from two reports, and the one before it from its neighbours alone."""


def test_what_ships_follows_from_the_histories() -> None:
    stale = [path.name for path, body in written().items() if path.read_bytes() != body]
    assert stale == [], "python -m tests.monitor.demo.record makes them anew"


def test_the_demo_tells_what_happened_and_leaves_nothing(tmp_path: Path) -> None:
    command, env, home = demo_in(tmp_path)
    result = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=280, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stderr == ""
    inbox = result.stdout.partition("The mailbox:")[2]
    letters = re.findall(r"^ +(20\d\d-\d\d-\d\d)  (.*)$", inbox, re.MULTILINE)
    assert [day for day, _ in letters] == [day for day, _ in TOLD]
    told = zip(letters, TOLD, strict=True)
    assert [subject for (_, subject), (_, start) in told if not subject.startswith(start)] == []
    assert f"{len(TOLD)} e-mails and {len(TOLD)} Slack posts" in " ".join(result.stdout.split())
    assert "the texts are constructed, composed from the official formula" in " ".join(result.stdout.split())
    answered = re.findall(r"^  (?:status|term|confidence) +(.*)$", result.stdout, re.MULTILINE)
    assert answered == [line for answer in ASKED_LATER for line in answer]
    assert list(home.rglob("*")) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["guard", "home"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_interrupted_demo_leaves_nothing(number: signal.Signals, tmp_path: Path) -> None:
    command, env, home = demo_in(tmp_path)
    process = subprocess.Popen(
        command, env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert any("config.toml says" in line for line in iter(process.stdout.readline, ""))
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    assert "nothing was left behind" in out
    assert "Traceback" not in err
    assert list(home.rglob("*")) == []
