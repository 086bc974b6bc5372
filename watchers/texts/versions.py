"""Which versions of a bill's text does the record name, in which order, and where are they published?

A version is a package of GovInfo (`BILLS-119hr6508ih`, `PLAW-119publ12`), named in the addresses of its formats. The
website those addresses may point at stands behind a challenge; the same files lie open at GovInfo.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from domain.coded_text import CodedText, coded
from domain.records.facets import Entry, Facet
from domain.records.text_difference import Difference, Weight

_PACKAGE = re.compile(
    r"(?:BILLS-\d{1,3}(?P<origin>[hs])[a-z]{0,6}\d{1,5}(?P<code>[a-z]{2,4})\d?|PLAW-\d{1,3}(?:publ|pvtl)\d{1,4})"
    r"(?![0-9A-Za-z])"
)

_STAGES = {
    form: stage
    for stage, forms in enumerate(
        (
            ("sc", "rih", "ris", "hdh", "hds", "rdh", "rds"),
            ("rfh", "rfs", "rth", "rts", "rah", "ras", "rch", "rcs", "cdh", "cds"),
            ("rh", "rs"),
            ("pch", "pcs", "iph", "ips", "lth", "lts"),
            ("cph", "cps", "ath", "ats", "eh", "es", "pp", "eph", "eps"),
        )
    )
    for form in forms
}
"""The order in which a chamber takes a bill up, by what its versions are called (`rh`: reported in the House)."""

_AMENDED = len(_STAGES)
_FIRST, _BETWEEN, _ENROLLED, _LAW = range(4)


@dataclass(frozen=True, slots=True)
class TextVersion:
    """One published version: `package` names it for good, `name` is what people call it, `on` its day, if stated."""

    package: str
    name: str
    on: str | None

    @property
    def phase(self) -> int:
        """Where it stands whatever its day: introduced first, then what the chambers made of it, enrolled, the law."""
        found = _PACKAGE.fullmatch(self.package)
        code = found["code"] if found else None
        if code is None:
            return _LAW if self.package.startswith("PLAW") else _BETWEEN
        return {"ih": _FIRST, "is": _FIRST, "enr": _ENROLLED, "renr": _ENROLLED}.get(code, _BETWEEN)

    @property
    def stage(self) -> tuple[int, int]:
        """Where it stands between introduction and enrolment by its kind: the chamber of origin comes first, what the
        chambers amend of each other's last."""
        found = _PACKAGE.fullmatch(self.package)
        code = (found["code"] if found else None) or ""
        if code not in _STAGES:
            return (2, _AMENDED)
        return (int(found is None or code[-1] != found["origin"]), _STAGES[code])

    @property
    def place(self) -> tuple[int, str, tuple[int, int], str]:
        """Where it stands among versions that have a day, or need none."""
        return (self.phase, self.on or "", self.stage, self.package)

    def addresses(self, base_url: str) -> tuple[str, ...]:
        """Return where its text lies, the best form first: XML says what is struck out, a web page only shows it."""
        folder = f"{base_url}/content/pkg/{self.package}"
        page = f"{folder}/html/{self.package}.htm"
        if self.phase == _LAW:
            return f"{folder}/uslm/{self.package}.xml", f"{folder}/uslm/{self.package}_uslm.xml", page
        return f"{folder}/xml/{self.package}.xml", page


def versions(texts: Facet) -> tuple[TextVersion, ...]:
    """Return the versions that the facet `texts` names a package of, oldest first."""
    found: dict[str, TextVersion] = {}
    for entry in texts.values():
        for package in _packages(entry):
            found.setdefault(package, TextVersion(package, str(entry.get("label") or package), entry.get("on")))
    return tuple(_in_order(found.values()))


def _packages(entry: Entry) -> Iterator[str]:
    formats: list[dict[str, Any]] = entry.get("formats") or []
    for one in formats:
        named = _PACKAGE.search(str(one.get("url") or ""))
        if named:
            yield named[0]
            return


def _in_order(found: Collection[TextVersion]) -> list[TextVersion]:
    """Order by what a version is, then by its day; one whose day is missing comes behind those that precede its
    kind."""
    undated = [version for version in found if version.phase == _BETWEEN and not version.on]
    ordered = sorted((version for version in found if version not in undated), key=lambda version: version.place)
    for version in sorted(undated, key=lambda version: (version.stage, version.package)):
        before = [
            n for n, other in enumerate(ordered, 1) if (other.phase, other.stage) <= (version.phase, version.stage)
        ]
        first = [n for n, other in enumerate(ordered, 1) if other.phase == _FIRST]
        ordered.insert(max([*before, *first], default=0), version)
    return ordered


def wording(version: TextVersion, digest: str | None, *, past: bool) -> Entry:
    """State a version and the digest of its bytes, None while they could not be read. `past` says that it was listed
    when the bill was first looked at: what it changed then is no news."""
    return {"label": version.name, "on": version.on, "digest": digest, "past": past}


def compared(version: TextVersion, before: TextVersion, found: Difference) -> Entry | None:
    """State what a new version says otherwise than the one before it; None if it says the same."""
    if found.weight <= Weight.TYPOGRAPHY:
        return None
    return _event(coded("text.compared", version=version.name, before=before.name, extent=_extent(found)), found)


def replaced(version: TextVersion, found: Difference) -> Entry | None:
    """State that a version now says something else under the same name; None if only its letters changed."""
    if found.weight <= Weight.TYPOGRAPHY:
        return None
    return _event(coded("text.replaced", version=version.name, extent=_extent(found)), found)


def _event(label: CodedText, found: Difference) -> Entry:
    return {
        "label": label.to_json(),
        "text": found.text,
        "weight": found.weight.name.lower(),
        "concerns": list(found.concerns),
    }


def _extent(found: Difference) -> CodedText:
    if not (found.removed or found.added):
        return coded("text.punctuation")
    words = coded("text.extent", n=found.removed, removed=f"{found.removed:,}", added=f"{found.added:,}")
    if not found.concerns:
        return words
    return coded("text.touched", extent=words, touched=tuple(coded(f"touched.{name}") for name in found.concerns))
