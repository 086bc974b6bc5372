"""One constructed bill in every schema since 2015 comes to the same facets; the quirks of each stay in the reader."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.jurisdictions.us.names import us_bill
from domain.jurisdictions.us.timeline import timeline
from tests.watchers.govinfo.billstatus_files import PASSED, TWO, VERSIONS, VOTED, written
from watchers.govinfo.billstatus import SOURCE, clock, parse_billstatus

EARLIER = VERSIONS[1:]
LISTS = {"titles", "cosponsors", "committees", "related", "summaries", "texts"}


@pytest.mark.parametrize("schema", EARLIER)
def test_an_earlier_schema_says_the_same(schema: str) -> None:
    now = parse_billstatus(written("3.0.0", actions=(VOTED, *TWO), roll=12))
    then = parse_billstatus(written(schema, actions=(VOTED, *TWO), roll=12))
    assert then.document == now.document == us_bill(119, "hr", 9001)
    missing = {"texts"} if schema == "unversioned" else set()
    assert now.facets.keys() - then.facets.keys() == missing, "the first schema had no text versions: nothing is said"
    assert {name: then.facets[name] for name in then.facets} == {name: now.facets[name] for name in then.facets}
    assert then.published_at == now.published_at == datetime(2026, 1, 6, 19, 58, 27, tzinfo=UTC)


def test_what_is_read() -> None:
    reading = parse_billstatus(written(actions=(VOTED, *TWO), roll=12))
    facets = reading.facets
    assert facets["title"] == {"display": {"text": "Constructed Act"}}
    assert facets["item"][""] == {
        "congress": 119, "type": "hr", "number": "9001", "introduced_on": "2025-12-09", "chamber": "House",
    }  # fmt: skip
    assert [rung.status for rung in timeline(reading.document, facets)] == ["INTRODUCED", "REFERRED", "PASS_OVER:HOUSE"]
    assert list(facets["votes"]) == ["us/vote/119/house/2025/12"]
    assert [e["votes"] for e in facets["actions"].values() if e["text"] == PASSED] == [["us/vote/119/house/2025/12"]]
    assert [e["time"] for e in facets["actions"].values() if e["text"] == PASSED] == ["17:10:00"]
    assert facets["subjects"] == {"policy_area": {"text": "International Affairs"}}
    assert facets["summaries"]["00"]["text"] == "It says & does."
    assert facets["texts"]["Introduced in House"]["on"] == "2025-12-09"
    assert {key.partition(":")[0] for key in facets["titles"]} == {"6", "101"}, "codes the file leaves out are known"
    assert reading.url == "https://www.congress.gov/bill/119th-congress/house-bill/9001"


def test_an_observation_names_the_source_and_the_bytes_of_each_facet() -> None:
    observation = parse_billstatus(written()).observation("a digest")
    assert observation.source == SOURCE == "govinfo"
    assert observation.evidence == dict.fromkeys(observation.facets, "a digest")


def test_what_schema_3_leaves_out_is_empty() -> None:
    facets = parse_billstatus(written(cosponsors=())).facets
    assert facets["cosponsors"] == {}
    assert facets["laws"] == {}


@pytest.mark.parametrize("schema", EARLIER)
def test_a_roll_call_that_no_line_names_is_not_lost(schema: str) -> None:
    facets = parse_billstatus(written(schema, roll=99)).facets
    assert list(facets["votes"]) == ["us/vote/119/house/2025/99"]
    assert all(entry["votes"] == [] for entry in facets["actions"].values())


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        ("12:09PM", "12:09:00"),
        ("12:30AM", "00:30:00"),
        ("05:10PM", "17:10:00"),
        ("5:10 pm", "17:10:00"),
        ("17:10:00", "17:10:00"),
        ("25:10PM", "25:10PM"),
        (None, None),
    ],
    ids=["noon", "after midnight", "afternoon", "loosely written", "24 hours", "no time of day", "none stated"],
)
def test_times_of_day(stated: str | None, read: str | None) -> None:
    """12:09PM stands on 114 H.R. 3762 in the files of 2015."""
    assert clock(stated) == read
