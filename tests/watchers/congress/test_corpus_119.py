"""Every second bill of the 119th Congress as the API stated it, and 18 put back into its shape: each is read, and no
sentence under a decisive code is unknown. What is not known is listed, and explained, in
`docs/for-developers/status-deviations.md`."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.jurisdictions.us.timeline import timeline
from domain.records.facets import Facet
from tests.helpers.paths import CHECKOUT, CORPUS
from watchers.congress.action_grammar import DECISIVE, parse_line
from watchers.congress.actions import read_action_lines
from watchers.congress.sublists import SUBLISTS

BILLS = CORPUS / "live" / "us" / "bills-119-actions.jsonl.gz"
RECONSTRUCTED = CORPUS / "live" / "us" / "reconstructed" / "api.congress.gov" / "bill"
DEVIATIONS = CHECKOUT / "docs" / "for-developers" / "status-deviations.md"
SHARDS = 4

pytestmark = pytest.mark.corpus


def rows(value: Any) -> list[Any]:
    """Return a list that the pages of this collection print as a list, as `{"item": …}`, or, of one, as the one."""
    if isinstance(value, dict):
        return rows(value["item"]) if value.keys() == {"item"} else [value]
    return value if isinstance(value, list) else []


def listed(answer: Any, member: str) -> list[Any]:
    return [row for row in rows(answer.get(member) if isinstance(answer, dict) else answer) if isinstance(row, dict)]


def action(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line as the API has it: numbers of votes are strings in this collection."""
    votes = [{n: int(v) if str(v).isdigit() else v for n, v in one.items()} for one in rows(row.get("recordedVotes"))]
    return {**row, "committees": rows(row.get("committees")), "recordedVotes": votes}


@cache
def stated(shard: int) -> tuple[tuple[DocumentId, Mapping[str, Any]], ...]:
    with gzip.open(BILLS) as lines:
        found = [json.loads(line) for number, line in enumerate(lines) if number % SHARDS == shard]
    return tuple((document_of(one["bill"]["bill"]), one) for one in found)


def document_of(bill: Mapping[str, Any]) -> DocumentId:
    return us_bill(int(bill["congress"]), bill["type"], int(bill["number"]))


def facets_of(document: DocumentId, one: Mapping[str, Any]) -> dict[str, Facet]:
    bill = one["bill"]["bill"]
    lines = read_action_lines([action(row) for row in listed(one.get("actions"), "actions")], str(document))
    assert not lines.unreadable, document
    texts = [{**row, "formats": rows(row.get("formats"))} for row in listed(one.get("text"), "textVersions")]
    return {
        **lines.facets(document),
        "item": {"": {"introduced_on": (bill.get("introducedDate") or "")[:10] or None}},
        "title": {"display": {"text": bill.get("title") or ""}},
        "texts": SUBLISTS["textVersions"].convert(texts),
        "titles": SUBLISTS["titles"].convert(listed(one.get("titles"), "titles")),
        "laws": {str(law.get("number")): {"label": str(law.get("number"))} for law in rows(bill.get("laws"))},
    }


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_bill_gets_a_timeline_that_agrees_with_its_lines(shard: int) -> None:
    read = 0
    for document, one in stated(shard):
        facets = facets_of(document, one)
        points = timeline(document, facets)
        assert points or not facets["actions"], document
        days = [point.on for point in points]
        assert days == sorted(days), document
        texts = {entry.get("text") or "" for entry in listed(one.get("actions"), "actions")}
        assert any("Became Public Law" in t or "Became Private Law" in t for t in texts) == (
            bool(points) and points[-1].status.startswith("ENACTED:")
        ), document
        read += 1
    assert read == 2041


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_sentence_under_a_decisive_code_is_known(shard: int) -> None:
    unknown: Counter[str] = Counter()
    for _, one in stated(shard):
        for row in listed(one.get("actions"), "actions"):
            unknown.update(phrase_if_unknown(row))
    assert unknown.keys() <= explained(), unknown


def phrase_if_unknown(row: Mapping[str, Any]) -> Iterator[str]:
    code, text = row.get("actionCode"), row.get("text") or ""
    if (code is None or code in DECISIVE) and parse_line(text, code) is None:
        yield f"{code or '-'}: {re.sub(r'[0-9]+', '#', text)}"


def explained() -> set[str]:
    """Return the phrases that the page of deviations explains."""
    part = DEVIATIONS.read_text(encoding="utf-8").partition("## Sentences the grammar does not know")[2]
    assert part
    return set(re.findall(r"^\| `([^`]+)` \|", part, re.MULTILINE))


def test_every_phrase_that_is_explained_still_occurs() -> None:
    unknown = {
        phrase
        for shard in range(SHARDS)
        for _, one in stated(shard)
        for row in listed(one.get("actions"), "actions")
        for phrase in phrase_if_unknown(row)
    }
    assert unknown == explained()


RECONSTRUCTED_STATUSES = {
    "hconres14": "PASSED:CONCURRENTRES",
    "hconres38": "FAIL:ORIGINATING:HOUSE",
    "hconres61": "FAIL:ORIGINATING:HOUSE",
    "hconres75": "FAIL:ORIGINATING:HOUSE",
    "hjres139": "PROV_KILL:SUSPENSIONFAILED",
    "hr131": "VETOED:OVERRIDE_FAIL_ORIGINATING:HOUSE",
    "hr7147": "ENACTED:SIGNED",
    "hres1042": "FAIL:ORIGINATING:HOUSE",
    "hres537": "FAIL:ORIGINATING:HOUSE",
    "hres888": "FAIL:ORIGINATING:HOUSE",
    "s1003": "PASSED:BILL",
    "s3012": "PROV_KILL:CLOTUREFAILED",
    "s3385": "PROV_KILL:CLOTUREFAILED",
    "s6": "PROV_KILL:CLOTUREFAILED",
    "s9": "PROV_KILL:CLOTUREFAILED",
    "sjres10": "FAIL:ORIGINATING:SENATE",
    "sjres49": "FAIL:ORIGINATING:SENATE",
    "sjres71": "FAIL:ORIGINATING:SENATE",
}
"""What the last vote of each, or the signature, says."""


def test_reconstructed_bills_stand_where_their_lines_say() -> None:
    found = {}
    for path in sorted(RECONSTRUCTED.glob("*.json")):
        one = json.loads(path.read_text(encoding="utf-8"))
        document = document_of(one["bill"])
        lines = read_action_lines([action(row) for row in listed(one["actions"], "actions")], str(document))
        assert not lines.unreadable
        found["".join(document.parts[1:])] = timeline(document, lines.facets(document))[-1].status
    assert found == RECONSTRUCTED_STATUSES
