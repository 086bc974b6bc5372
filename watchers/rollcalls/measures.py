"""Which bill does a chamber's paper name?

The Clerk writes `H R 3838`, `H CON RES 14`, `S J RES 82`; the Senate `H.R. 3838`, `S.J.Res. 181`, at times without the
point or the space. `QUORUM`, `JOURNAL`, `PN373` (a nomination) and treaties name no bill.
"""

from __future__ import annotations

import re

from domain.identity import DocumentId, us_bill

_MEASURE = re.compile(r"\b(H|S)[. ]*(R|J[. ]*RES|CON[. ]*RES|RES)?[. ]*(\d{1,5})\b", re.IGNORECASE)
_AMENDMENT = re.compile(r"\bS[. ]*(U)?[. ]*AMDT[. ]*(?:NO[. ]*)?(\d{1,5})\b", re.IGNORECASE)


def measure(words: str | None, congress: int) -> DocumentId | None:
    """Return the bill that a whole text names (`H R 30`), None if it names something else."""
    found = _MEASURE.fullmatch(" ".join((words or "").split()).strip(" ."))
    return None if found is None else _named(found, congress)


def senate_amendment(words: str | None, congress: int) -> DocumentId | None:
    """Return the amendment that a text names (`S.Amdt. 2382`): us/amendment/119/samdt/2382."""
    found = _AMENDMENT.search(words or "")
    if found is None or int(found[2]) == 0:
        return None
    kind = "suamdt" if found[1] else "samdt"
    return DocumentId("us", "amendment", (str(congress), kind, str(int(found[2]))))


def _named(found: re.Match[str], congress: int) -> DocumentId | None:
    chamber, form = found[1].lower(), re.sub(r"[. ]", "", found[2] or "").lower()
    try:
        return us_bill(congress, chamber + form, int(found[3]))
    except ValueError:
        return None
