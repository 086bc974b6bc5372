"""Recorded answers of the Federal Register are read to the rows they have; what is no list is refused."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Changed
from tests.helpers.paths import CORPUS
from watchers.federal_register.documents import parse_page

pytestmark = pytest.mark.corpus

FOLDER = CORPUS / "live" / "us" / "federalregister.gov"
LISTS = ["public_documents.jsonc", "public_documents_search.jsonc"]
OTHERS = ["agency.jsonc", "document.jsonc", "suggested_searches_ids.jsonc"]
RECORDINGS = sorted((FOLDER / "vcr").glob("*"))
NUMBER = re.compile(r'"document_number": ?"([^"]+)"')


def recorded(file: Path) -> Iterator[tuple[str, bytes]]:
    """Yield address and body of each recorded answer."""
    yaml = pytest.importorskip("yaml")
    text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    for one in yaml.safe_load(text)["http_interactions"]:
        body = one["response"]["body"]["string"]
        yield one["request"]["uri"], body if isinstance(body, bytes) else body.encode()


def states(rows: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(r["document_number"], " ".join((r.get("title") or "").split()), r["publication_date"]) for r in rows]


@pytest.mark.parametrize("name", LISTS)
def test_a_published_list_is_read_to_numbers_titles_and_days(name: str) -> None:
    body = (FOLDER / "sample" / name).read_bytes()
    page = parse_page(body, 1)
    assert [(p.number, p.title, p.published_on) for p in page.papers] == states(json.loads(body)["results"])
    assert page.count == page.rows == len(NUMBER.findall(body.decode()))
    assert page.faults == ()


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_list_is_refused(name: str) -> None:
    with pytest.raises(Changed, match="count"):
        parse_page((FOLDER / "sample" / name).read_bytes(), 1)


@pytest.mark.parametrize("file", RECORDINGS, ids=lambda file: file.name[-60:])
def test_every_recorded_answer_is_read_or_refused_by_name(file: Path) -> None:
    """A recording asks for other fields: rows without a day are faults of their own, and stop nothing."""
    for address, body in recorded(file):
        try:
            page = parse_page(body, 1)
        except Changed:
            assert b'"count"' not in body[:200], address
            continue
        found = json.loads(body).get("results", [])
        dated = [row for row in found if row.get("publication_date")]
        assert [(p.number, p.title, p.published_on) for p in page.papers] == states(dated)
        assert len(page.faults) == len(found) - len(dated)
        assert page.rows == len(found)
