"""Recorded files of every schema: each is read, and says what the API said of the same state of the same bill."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.jurisdictions.us.timeline import timeline
from domain.records.facets import Facet
from domain.sources import Response
from tests.helpers.paths import CORPUS
from tests.watchers.congress.billstatus_lines import read_billstatus
from watchers.client import decode_json
from watchers.congress.actions import ACTION_LINE, action_facets, event_words
from watchers.congress.client import parse_list_page
from watchers.congress.item import parse_item
from watchers.congress.sublists import SUBLISTS
from watchers.govinfo.billstatus import LISTS, BillStatus, parse_billstatus

FOLDER = CORPUS / "congress"
DAYS = ("2025-12-11", "2025-12-27", "2026-01-06")

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def readings() -> dict[Path, BillStatus]:
    paths = sorted((FOLDER / "billstatus").rglob("*.xml"))
    return {path: parse_billstatus(path.read_bytes()) for path in paths}


def test_every_recorded_file_is_read(readings: dict[Path, BillStatus]) -> None:
    assert len(readings) == 690
    for path, reading in readings.items():
        assert {"item", "title", "titles", "actions", "cosponsors", "committees", "related"} <= set(reading.facets), (
            path
        )
        assert reading.published_at is not None, path
        assert reading.facets["actions"], path


def test_nothing_that_a_file_lists_is_left_out(readings: dict[Path, BillStatus]) -> None:
    """Counted with plain paths of the files, beside the reader."""
    paths = {"texts": "textVersions/item", "laws": "laws/item", "summaries": ".//summaries//versionCode/.."}
    for path, reading in readings.items():
        bill = etree.fromstring(path.read_bytes()).find("bill")
        for facet, place in paths.items():
            assert bool(reading.facets.get(facet)) == (bill.find(place) is not None), (path, facet)
        rolls = {(n.findtext("chamber"), n.findtext("rollNumber"), n.findtext("sessionNumber")) for n in _votes(bill)}
        assert len(reading.facets["votes"]) == len(rolls), path
        members = {node.text for node in bill.iterfind("cosponsors/item/bioguideId")}
        assert {subject.partition("/")[0] for subject in reading.facets["cosponsors"]} == members, path
        codes = {node.text.lower() for node in bill.iterfind("committees//systemCode")}
        assert set(reading.facets["committees"]) == codes, path


def _votes(bill: etree._Element) -> list[etree._Element]:
    return [*bill.iterfind("recordedVotes/recordedVote"), *bill.iterfind("actions/item/recordedVotes/recordedVote")]


def test_the_timeline_is_that_of_the_lines_alone(readings: dict[Path, BillStatus]) -> None:
    differ = {}
    for path, reading in readings.items():
        plain = read_billstatus(path)
        ours = [(rung.status, rung.on) for rung in timeline(reading.document, reading.facets)]
        theirs = [(rung.status, rung.on) for rung in timeline(plain.document, plain.facets)]
        if ours != theirs:
            differ[str(path)] = (ours, theirs)
    assert differ == {}


def test_votes_beside_the_actions_find_their_lines(readings: dict[Path, BillStatus]) -> None:
    """Files before December 2022 list roll calls apart: in the recorded ones each is named by one or two lines."""
    for path, reading in readings.items():
        hung = {name for entry in reading.facets["actions"].values() for name in entry["votes"]}
        assert hung == set(reading.facets["votes"]), path


@pytest.mark.parametrize("day", DAYS)
def test_the_states_of_hr6508_are_those_of_the_api(day: str, readings: dict[Path, BillStatus]) -> None:
    (path,) = [path for path in readings if day in path.parts]
    document = us_bill(119, "hr", 6508)
    folder = FOLDER / "constructed" / f"hr6508-119-as-of-{day}"
    item = parse_item((folder / "bill.json").read_bytes(), document)
    lists = {name: _constructed(folder, name) for name in LISTS}
    stated = {**item.facets, **_actions((folder / "actions.json").read_bytes(), document), **_lists(lists)}
    assert readings[path].facets == stated
    assert readings[path].published_at == item.updated_at


def _constructed(folder: Path, member: str) -> bytes:
    """Return a list of the bill, which has no amendments and so no answer about them."""
    place = folder / f"{SUBLISTS[member].path}.json"
    return place.read_bytes() if place.exists() else json.dumps({member: []}).encode()


def test_bills_recorded_from_both_sources_say_the_same(readings: dict[Path, BillStatus]) -> None:
    """Of the API's 247 bills (118th and 119th) none is among the 684 of the files but H.R. 6508, which has a test of
    its own; whatever is recorded later is compared here. Only what belongs to the same stamp is comparable."""
    by_bill = {(reading.document, reading.published_at): reading for reading in readings.values()}
    compared = 0
    for document, item, actions in _recorded():
        read = parse_item(item, document)
        reading = by_bill.get((document, read.updated_at))
        if reading is not None:
            compared += 1
            stated = {**read.facets, **_actions(actions, document)}
            assert {name: reading.facets[name] for name in stated} == stated, str(document)
    assert compared == len({d for d, _ in by_bill} & {d for d, _, _ in _recorded()})


SAMPLES = FOLDER / "api" / "samples" / "LibraryOfCongress+api.congress.gov" / "java" / "sample_output"
HR21 = us_bill(117, "hr", 21)


def test_117_hr_21_is_the_same_in_answers_of_april_and_in_the_file_of_december(
    readings: dict[Path, BillStatus],
) -> None:
    """The one bill recorded from both sources, eight months apart: all that the older one has is in the newer one,
    under the same names and with the same contents. Titles had no type codes in the API of early 2022."""
    (file,) = [reading for reading in readings.values() if reading.document == HR21]
    stated = _actions((SAMPLES / "bill_117_hr_21_actions.txt").read_bytes(), HR21)
    for member in ("committees", "relatedBills", "summaries"):
        one = SUBLISTS[member]
        stated[one.facet] = one.parse(_rows((SAMPLES / f"bill_117_hr_21_{one.path}.txt").read_bytes(), member))
    assert {name: len(facet) for name, facet in stated.items()} == {
        "actions": 8, "votes": 0, "committees": 2, "related": 1, "summaries": 2,
    }  # fmt: skip
    for name, facet in stated.items():
        assert {subject: file.facets[name].get(subject) for subject in facet} == dict(facet), name
    titles = SUBLISTS["titles"].parse(_rows((SAMPLES / "bill_117_hr_21_titles.txt").read_bytes(), "titles"))
    told = {(entry["type"], entry["text"]) for entry in titles.values()}
    assert told == {(entry["type"], entry["text"]) for entry in file.facets["titles"].values()}


def test_the_latest_actions_of_a_list_of_2022_are_in_the_files(readings: dict[Path, BillStatus]) -> None:
    rows = json.loads((SAMPLES / "bill.txt").read_bytes())["bills"]
    compared = 0
    for row in rows:
        document = us_bill(row["congress"], row["type"], int(row["number"]))
        told = row["latestAction"]["text"]
        for reading in readings.values():
            if reading.document == document:
                compared += 1
                day = row["latestAction"]["actionDate"]
                lines = {(entry["on"], event_words(entry["text"])) for entry in reading.facets["actions"].values()}
                assert (day, event_words(told)) in lines, str(document)
    assert compared == 1, "117 H.R. 7360"


def test_files_of_the_present_schema_written_as_answers_say_the_same(readings: dict[Path, BillStatus]) -> None:
    """Schema 3.0.0 has the API's shape: element by element it becomes the API's answers, without our reader's rows."""
    compared = 0
    for path, reading in readings.items():
        root = etree.fromstring(path.read_bytes())
        if root.findtext("version") != "3.0.0" and root.findtext("bill/version") != "3.0.0":
            continue
        compared += 1
        bill = _plain(root.find("bill"))
        rows = {name: [json.dumps(row).encode() for row in bill.get(name) or ()] for name in ("actions", *SUBLISTS)}
        item = {name: value for name, value in bill.items() if name not in rows}
        stated = dict(parse_item(json.dumps({"bill": item}).encode(), reading.document).facets)
        lines = [decode_json(row, ACTION_LINE, "actions") for row in rows["actions"]]
        stated["actions"], stated["votes"] = action_facets(lines, reading.document)
        stated |= {one.facet: one.parse(rows[member]) for member, one in SUBLISTS.items()}
        for name in stated.keys() | reading.facets.keys():
            assert _comparable(name, reading.facets[name]) == _comparable(name, stated[name]), (path, name)
    assert compared == 410


_NUMBERS = frozenset({"congress", "rollNumber", "sessionNumber", "titleTypeCode", "code"})
_LISTED = frozenset({"item", "recordedVote", "summary", "amendment"})


def _plain(node: etree._Element) -> Any:
    """Turn an element into JSON: repeated children into lists, numbers where the API has numbers."""
    children = list(node)
    if not children:
        words = node.text if node.text and node.text.strip() else None
        if node.tag == "isOriginalCosponsor":
            return words == "True"
        return int(words) if words and node.tag in _NUMBERS and words.isdigit() else words
    if node.tag == "summary" and node.find("cdata") is not None:
        return {c.tag: _plain(c) for c in node if c.tag != "cdata"} | {"text": node.findtext("cdata/text")}
    if children[0].tag in _LISTED:
        return [_plain(child) for child in children]
    found: dict[str, Any] = {}
    for child in children:
        found.setdefault(child.tag, _plain(child))
    return found


def _comparable(name: str, facet: Facet) -> Any:
    """The files give the address of a text alone, the API its format, too; until 2025 they gave no codes of titles, by
    which titles are named."""
    if name == "titles":
        return {(entry["type"], entry["text"]) for entry in facet.values()}
    return {s: {member: v for member, v in entry.items() if member != "formats"} for s, entry in facet.items()}


def _recorded() -> Iterator[tuple[DocumentId, bytes, bytes]]:
    expected = json.loads((FOLDER / "expected-status.json").read_text())["api"]
    for row in expected.values():
        item, actions = (
            gzip.decompress((FOLDER / row["files"][name]).read_bytes())
            for name in ("api-bill-json", "api-actions-json")
        )
        bill = json.loads(item)["bill"]
        yield us_bill(bill["congress"], bill["type"], int(bill["number"])), item, actions


def _actions(body: bytes, document: DocumentId) -> dict[str, Facet]:
    actions, votes = action_facets(
        [decode_json(row, ACTION_LINE, "actions") for row in _rows(body, "actions")], document
    )
    return {"actions": actions, "votes": votes}


def _lists(bodies: dict[str, bytes]) -> dict[str, Facet]:
    return {SUBLISTS[name].facet: SUBLISTS[name].parse(_rows(body, name)) for name, body in bodies.items()}


def _rows(body: bytes, member: str) -> list[bytes]:
    answer = Response(200, "", {}, body, datetime(2026, 1, 6, tzinfo=UTC))
    return [bytes(row) for row in parse_list_page(answer, member, member).rows]
