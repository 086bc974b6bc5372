"""Which versions of a bill's text does the record name, in which order, and where are they published?

A version is a package of GovInfo (`BILLS-119hr6508ih`, `PLAW-119publ12`), named in the addresses of its formats. The
website those addresses may point at stands behind a challenge; the same files lie open at GovInfo.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.facets import Entry, Facet

_PACKAGE = re.compile(
    r"(?:BILLS-\d{1,3}[a-z]{1,7}\d{1,5}([a-z]{2,4}\d?)|PLAW-\d{1,3}(?:publ|pvtl)\d{1,4})(?![0-9A-Za-z])"
)

_CODES = (
    "ih is iph ips ats rih ris rch rth rh pch cph cdh lth eh es eph hds rfs rfh rds rdh cps rcs rs pcs cds lts "
    "rts sc eah eas reah pp pap ppv renr enr"
)
"""The usual order of versions by their codes; it decides only between versions of one day, or undated ones."""

_RANKS = {code: rank for rank, code in enumerate(_CODES.split())}


@dataclass(frozen=True, slots=True)
class Version:
    """One published version: `package` names it for good, `name` is what people call it, `on` its day, if stated."""

    package: str
    name: str
    on: str | None

    @property
    def place(self) -> tuple[str, int, str]:
        """Where it stands among the versions of its bill."""
        code = (_PACKAGE.fullmatch(self.package) or [""])[1] or ""
        law = self.package.startswith("PLAW")
        return (self.on or "9999", len(_RANKS) + law if law else _RANKS.get(code, len(_RANKS)), self.package)

    def addresses(self, base_url: str) -> tuple[str, ...]:
        """Return where its text lies, the best form first: XML says what is struck out, a web page only shows it."""
        folder = f"{base_url}/content/pkg/{self.package}"
        return f"{folder}/xml/{self.package}.xml", f"{folder}/html/{self.package}.htm"


def versions(texts: Facet) -> tuple[Version, ...]:
    """Return the versions that the facet `texts` names a package of, oldest first."""
    found: dict[str, Version] = {}
    for entry in texts.values():
        for package in _packages(entry):
            found.setdefault(package, Version(package, str(entry.get("label") or package), entry.get("on")))
    return tuple(sorted(found.values(), key=lambda version: version.place))


def _packages(entry: Entry) -> Iterator[str]:
    formats: list[dict[str, Any]] = entry.get("formats") or []
    for one in formats:
        named = _PACKAGE.search(str(one.get("url") or ""))
        if named:
            yield named[0]
            return
