"""Naming the publishers costs nothing, and every name leads to a declaration, a watcher and its parsers."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.options import Secret
from watchers import SOURCES, reader, source

SECTION = SimpleNamespace(
    base_url="https://api.example/v3",
    options=SimpleNamespace(api_key=Secret("planted-key", "env:TEST"), whole=False),
)


def test_declarations_import_no_library_and_no_watcher() -> None:
    code = (
        "import sys, watchers\n"
        "for name in watchers.SOURCES: watchers.source(name)\n"
        "heavy = ('lxml', 'feedparser', 'requests', 'charset_normalizer')\n"
        "print([m for m in sys.modules if m.split('.')[0] in heavy or m.endswith('.watcher')])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"


@pytest.mark.parametrize("name", SOURCES)
def test_a_name_leads_to_a_watcher_of_that_name(name: str) -> None:
    declared = source(name)
    watcher = declared.build(SECTION)
    assert declared.name == watcher.name == name
    assert declared.base_url.startswith("https://")
    assert watcher.min_interval.total_seconds() >= 0
    assert "planted-key" not in repr(watcher)


@pytest.mark.parametrize("name", SOURCES)
def test_every_parser_of_a_source_is_found_by_its_name_and_version(name: str) -> None:
    assert source(name).readers
    assert all(callable(reader(one)) for one in source(name).readers)


def test_a_parser_nobody_has_is_none() -> None:
    assert reader("congress/99") is None


@pytest.mark.parametrize(
    ("document", "handled"),
    [
        (us_bill(119, "hr", 6508), True),
        (DocumentId.parse("us/law/119/public/50"), False),
        (DocumentId.parse("us/bill/119"), True),
        (DocumentId.parse("us/bill/119/hr"), False),
        (DocumentId.parse("ua/bill/9/14128"), False),
        (DocumentId.parse("ua/regime/martial-law"), False),
    ],
)
def test_congress_handles_bills_and_whole_congresses(document: DocumentId, handled: bool) -> None:
    assert source("congress").handles(document) is handled
    assert source("congress").build(SECTION).handles(document) is handled
