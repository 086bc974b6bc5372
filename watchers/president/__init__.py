"""Decrees, as the site of the President of Ukraine publishes them, where it answers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from watchers.declaration import SourceDeclaration, SourceOptions
from watchers.rada import is_regime

if TYPE_CHECKING:
    from domain.ports import Watcher


def _build(settings: SourceOptions) -> Watcher:
    from watchers.president.watcher import PresidentWatcher

    return PresidentWatcher(settings.base_url)


PRESIDENT = SourceDeclaration(
    name="president",
    summary="decrees of the President of Ukraine, hours before the database has them",
    base_url="https://www.president.gov.ua",
    every=timedelta(hours=1),
    handles=is_regime,
    build=_build,
    readers={"president/1": "watchers.president.watcher:parse_page"},
)
