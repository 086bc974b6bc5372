"""Recorded answers of the API: each is read, and folding what was told twice loses no step of any bill."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain.jurisdictions.us.names import us_bill
from domain.jurisdictions.us.timeline import timeline
from domain.records.facets import DEFAULT_KINDS, Facet, Kind
from domain.sources import Response
from tests.helpers.paths import CORPUS
from tests.watchers.congress.billstatus_lines import Bill, read_api, read_billstatus
from tests.watchers.congress.publisher import BILL, START, CongressPoller, Publisher
from watchers.client import decode_json
from watchers.congress.actions import ACTION_LINE, ActionLine, action_facets
from watchers.congress.client import parse_list_page
from watchers.congress.item import parse_item
from watchers.congress.sublists import SUBLISTS

FOLDER = CORPUS / "congress"

pytestmark = pytest.mark.corpus


class Replay:
    """Answers from one constructed state of H.R. 6508 after the other."""

    def __init__(self) -> None:
        self.folder = self.on("2025-12-11")

    def on(self, day: str) -> Path:
        self.folder = FOLDER / "constructed" / f"hr6508-119-as-of-{day}"
        return self.folder

    def __call__(self, path: str, query: dict[str, str]) -> bytes:
        name = {"119": "list", "6508": "bill"}.get(path.rpartition("/")[2], path.rpartition("/")[2])
        return (self.folder / f"{name}.json").read_bytes()


@pytest.mark.parametrize("kinds", [DEFAULT_KINDS, frozenset(Kind)], ids=["default kinds", "all kinds"])
def test_the_three_states_of_hr6508(kinds: frozenset[Kind]) -> None:
    replay = Replay()
    reader = CongressPoller(Publisher(turns=replay), kinds)
    (first,) = reader.poll()
    assert [(rung.status, rung.on) for rung in first.record.timeline][-1] == ("REFERRED", "2025-12-09")
    assert len(first.record.facets["actions"]) == 2, "introduced under two codes is introduced once"
    assert reader.news() == []
    replay.on("2025-12-27")
    told = reader.news()
    assert [kind for kind, _ in told] == ["text", "title", *(["title", "title"] if Kind.TITLE in kinds else [])]
    assert ("text", "Introduced in House") in told
    replay.on("2026-01-06")
    told = reader.news()
    assert not {kind for kind, _ in told} & DEFAULT_KINDS
    assert told == ([("related", "S 2174 · 119th: Identical bill")] if Kind.RELATED in kinds else [])


def test_a_stamp_that_moves_alone_is_no_revision() -> None:
    replay = Replay()
    reader = CongressPoller(publisher := Publisher(turns=replay))
    reader.poll()

    def touched(path: str, query: dict[str, str]) -> bytes:
        return replay(path, query).replace(b"2025-12-11T09:07:49Z", b"2026-01-05T12:00:00Z")

    publisher.turns = touched
    publisher.paths()
    assert reader.poll() == []
    assert publisher.paths()[1:] == ["119/hr/6508", "119/hr/6508/actions"]


def test_a_new_action_on_hr6508_is_one_new_entry() -> None:
    replay = Replay()
    reader = CongressPoller(publisher := Publisher(turns=replay))
    reader.poll()
    line = {"actionDate": "2026-01-14", "actionCode": "4100", "text": "Hearings held.", "sourceSystem": {"code": 9}}

    def heard(path: str, query: dict[str, str]) -> bytes:
        body = replay(path, query).replace(b"2025-12-11T09:07:49Z", b"2026-01-05T12:00:00Z")
        if path.endswith("/actions"):
            found = json.loads(body)
            found["actions"].insert(0, line)
            body = json.dumps(found).encode()
        return body

    publisher.turns = heard
    assert reader.news() == [("action", "Hearings held.")]
    assert len(reader.records[BILL].facets["actions"]) == 3


@cache
def recorded() -> tuple[tuple[str, dict[str, Any]], ...]:
    return tuple(json.loads((FOLDER / "expected-status.json").read_text())["api"].items())


def bodies(files: dict[str, str]) -> dict[str, bytes]:
    return {name: gzip.decompress((FOLDER / path).read_bytes()) for name, path in files.items()}


def test_every_recorded_answer_is_read() -> None:
    read = 0
    for name, row in recorded():
        kind, number, congress = re.fullmatch(r"([a-z]+)(\d+)-(\d+)", name).groups()  # type: ignore[union-attr]
        document = us_bill(int(congress), kind, int(number))
        for file, path in sorted(row["files"].items()):
            body = gzip.decompress((FOLDER / path).read_bytes())
            if file == "api-bill-json":
                item = parse_item(body, document)
                assert {"item", "title", "sponsors"} <= set(item.facets), name
                assert item.updated_at is not None
            elif file != "api-actions-json":
                member = file.removeprefix("api-").removesuffix("-json")
                facet = SUBLISTS[member].parse([bytes(r) for r in _rows(body, member)])
                assert facet or member in ("committees", "cosponsors"), name
            read += 1
    assert read >= 2 * 247


def _rows(body: bytes, member: str) -> tuple[bytes, ...]:
    return parse_list_page(Response(200, "", {}, body, START), member, member).rows


def unfolded() -> Iterator[tuple[str, Bill, list[ActionLine]]]:
    """Yield every recorded bill with its action lines, as the API gave them or as BILLSTATUS would have it."""
    for name, row in recorded():
        files = row["files"]
        bill = read_api(FOLDER / files["api-bill-json"], FOLDER / files["api-actions-json"])
        rows = _rows(gzip.decompress((FOLDER / files["api-actions-json"]).read_bytes()), "actions")
        yield name, bill, [decode_json(row, ACTION_LINE, name) for row in rows]
    for path, row in json.loads((FOLDER / "expected-status.json").read_text())["billstatus"].items():
        bill = read_billstatus(FOLDER / path)
        yield row["bill_id"], bill, [_line(entry) for entry in bill.facets["actions"].values()]


def _line(entry: Any) -> ActionLine:
    said = {"actionCode": entry["code"], "actionDate": entry["on"], "actionTime": entry["time"], "text": entry["text"]}
    return msgspec.convert({**said, "sourceSystem": {"code": entry["source"]}}, ActionLine)


def test_folding_what_was_reported_twice_changes_no_timeline() -> None:
    differ = {}
    lines = events = 0
    for name, bill, told in unfolded():
        actions, _ = action_facets(told, bill.document)
        lines, events = lines + len(told), events + len(actions)
        plain = _ladder(bill, bill.facets["actions"])
        folded = _ladder(bill, actions)
        if plain != folded:
            differ[name] = (plain, folded)
    assert differ == {}
    assert events < lines * 0.9


def _ladder(bill: Bill, actions: Facet) -> list[tuple[str, str]]:
    return [(rung.status, rung.on) for rung in timeline(bill.document, {**bill.facets, "actions": actions})]


def test_reading_a_recorded_bill_twice_says_nothing_new() -> None:
    for name, row in recorded()[:40]:
        files = bodies(row["files"])
        kind, number, congress = re.fullmatch(r"([a-z]+)(\d+)-(\d+)", name).groups()  # type: ignore[union-attr]
        document = us_bill(int(congress), kind, int(number))
        rows = [decode_json(r, ACTION_LINE, name) for r in _rows(files["api-actions-json"], "actions")]
        once, votes = action_facets(rows, document)
        again, votes_again = action_facets(rows[::-1], document)
        assert once == again, name
        assert votes == votes_again, name
