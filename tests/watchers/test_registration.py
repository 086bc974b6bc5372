"""Naming the publishers costs nothing, and every name leads to a watcher."""

from __future__ import annotations

import subprocess
import sys

import pytest

from domain.documents import DocumentId, us_bill
from domain.ports import Watcher
from domain.sources import Secret
from watchers import WATCHERS


def test_importing_the_table_imports_no_reader() -> None:
    code = "import sys, watchers; print([m for m in sys.modules if m.startswith(('watchers.', 'msgspec', 'lxml'))])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("name", WATCHERS)
def test_a_name_leads_to_a_watcher_of_that_name(name: str) -> None:
    watcher: Watcher = WATCHERS[name]("https://api.example/v3", Secret("planted-key", "env:TEST"))
    assert watcher.name == name
    assert watcher.every_at_least.total_seconds() >= 0
    assert "planted-key" not in repr(watcher)


@pytest.mark.parametrize(
    ("document", "reads"),
    [
        (us_bill(119, "hr", 6508), True),
        (DocumentId.parse("us/law/119/public/50"), False),
        (DocumentId.parse("us/bill/119"), True),
        (DocumentId.parse("us/bill/119/hr"), False),
        (DocumentId.parse("ua/bill/9/14128"), False),
        (DocumentId.parse("ua/regime/martial-law"), False),
    ],
)
def test_congress_reads_bills_and_whole_congresses(document: DocumentId, reads: bool) -> None:
    assert WATCHERS["congress"]("https://api.example/v3", None).reads(document) is reads
