"""The roll calls of both chambers of the US Congress, as each publishes them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from domain.jurisdictions.us.names import is_bill
from watchers.declaration import SourceDeclaration, SourceOptions

if TYPE_CHECKING:
    from domain.ports import Watcher


def _clerk(settings: SourceOptions) -> Watcher:
    from watchers.rollcalls.watcher import clerk

    return clerk(settings.base_url)


def _senate(settings: SourceOptions) -> Watcher:
    from watchers.rollcalls.watcher import senate

    return senate(settings.base_url)


CLERK = SourceDeclaration(
    name="clerk",
    summary="roll calls of the US House, from its Clerk",
    base_url="https://clerk.house.gov",
    every=timedelta(minutes=15),
    handles=is_bill,
    build=_clerk,
    readers={"clerk/1": "watchers.rollcalls.watcher:parse_house"},
)

SENATE = SourceDeclaration(
    name="senate",
    summary="roll calls of the US Senate, from its Secretary",
    base_url="https://www.senate.gov",
    every=timedelta(minutes=15),
    handles=is_bill,
    build=_senate,
    readers={"senate/1": "watchers.rollcalls.watcher:parse_senate"},
)
