"""Which versions of a bill's text does the record name, in which order, and where are they published?

A version is a package of GovInfo (`BILLS-119hr6508ih`, `PLAW-119publ12`), named in the addresses of its formats. The
website those addresses may point at stands behind a challenge; the same files lie open at GovInfo.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.records.facets import Entry, Facet
from domain.records.text_difference import Difference, Weight

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
class TextVersion:
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


def versions(texts: Facet) -> tuple[TextVersion, ...]:
    """Return the versions that the facet `texts` names a package of, oldest first."""
    found: dict[str, TextVersion] = {}
    for entry in texts.values():
        for package in _packages(entry):
            found.setdefault(package, TextVersion(package, str(entry.get("label") or package), entry.get("on")))
    return tuple(sorted(found.values(), key=lambda version: version.place))


def _packages(entry: Entry) -> Iterator[str]:
    formats: list[dict[str, Any]] = entry.get("formats") or []
    for one in formats:
        named = _PACKAGE.search(str(one.get("url") or ""))
        if named:
            yield named[0]
            return


_TOUCHED = {
    "numbers": "numbers",
    "dates": "dates",
    "money": "sums of money",
    "negations": "negations",
    "duties": "what shall or may be done",
}


def wording(version: TextVersion, digest: str | None, *, past: bool) -> Entry:
    """State a version and the digest of its bytes, None while they could not be read. `past` says that it was listed
    when the bill was first looked at: what it changed then is no news."""
    return {"label": version.name, "on": version.on, "digest": digest, "past": past}


def compared(version: TextVersion, before: TextVersion, found: Difference) -> Entry | None:
    """State what a new version says otherwise than the one before it; None if it says the same."""
    if found.weight <= Weight.TYPOGRAPHY:
        return None
    return _event(version, f"{version.name} compared with {before.name}", found)


def replaced(version: TextVersion, found: Difference) -> Entry | None:
    """State that a version now says something else under the same name; None if only its letters changed."""
    if found.weight <= Weight.TYPOGRAPHY:
        return None
    return _event(version, f"{version.name} replaced without a new version", found)


def _event(version: TextVersion, label: str, found: Difference) -> Entry:
    return {
        "label": f"{label}: {_extent(found)}",
        "text": found.text,
        "weight": found.weight.name.lower(),
        "concerns": list(found.concerns),
    }


def _extent(found: Difference) -> str:
    words = f"{_word_count(found.removed)} removed, {found.added:,} added"
    touched = [_TOUCHED[name] for name in found.concerns]
    if not touched:
        return words
    listed = touched[0] if len(touched) == 1 else f"{', '.join(touched[:-1])} and {touched[-1]}"
    return f"{words}; {listed} differ"


def _word_count(count: int) -> str:
    return f"{count:,} word{'' if count == 1 else 's'}"
