"""The texts of bills and resolutions of the US Congress, from the Government Publishing Office."""

from __future__ import annotations

from datetime import timedelta

from domain.jurisdictions.us.names import is_bill
from watchers.declaration import SourceDeclaration, built_by

TEXTS = SourceDeclaration(
    name="texts",
    summary="what the texts of bills of the US Congress say, and how versions differ",
    base_url="https://www.govinfo.gov",
    every=timedelta(hours=1),
    handles=is_bill,
    build=built_by("watchers.texts.watcher:TextsWatcher"),
    readers={"texts/1": "watchers.texts.watcher:parse_texts"},
)
