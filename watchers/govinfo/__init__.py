"""Bills of the US Congress, from the keyless bulk data of the Government Publishing Office."""

from __future__ import annotations

from datetime import timedelta

from domain.jurisdictions.us.names import is_bill
from watchers.declaration import SourceDeclaration, built_by

GOVINFO = SourceDeclaration(
    name="govinfo",
    summary="the bills of the US Congress, from the keyless bulk data of GovInfo",
    base_url="https://www.govinfo.gov",
    every=timedelta(hours=1),
    handles=is_bill,
    build=built_by("watchers.govinfo.watcher:GovInfoWatcher"),
    readers={"billstatus/1": "watchers.govinfo.billstatus:parse_file"},
    bulk="watchers.govinfo.billstatus:parse_billstatus",
    primary=True,
)
