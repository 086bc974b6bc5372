"""The roll calls of both chambers of the US Congress, as each publishes them."""

from __future__ import annotations

from datetime import timedelta

from domain.jurisdictions.us.names import is_bill
from watchers.declaration import SourceDeclaration, built_by

CLERK = SourceDeclaration(
    name="clerk",
    summary="roll calls of the US House, from its Clerk",
    base_url="https://clerk.house.gov",
    every=timedelta(minutes=15),
    handles=is_bill,
    build=built_by("watchers.rollcalls.watcher:clerk"),
    readers={"clerk/1": "watchers.rollcalls.watcher:parse_house"},
)

SENATE = SourceDeclaration(
    name="senate",
    summary="roll calls of the US Senate, from its Secretary",
    base_url="https://www.senate.gov",
    every=timedelta(minutes=15),
    handles=is_bill,
    build=built_by("watchers.rollcalls.watcher:senate"),
    readers={"senate/1": "watchers.rollcalls.watcher:parse_senate"},
)
