"""Which amendments to a bill were offered?

An amendment is a document of its own (`us/amendment/119/samdt/2382`): that it was offered is news of the bill's
surroundings, like a related bill, and is of that kind. That it was agreed to or failed is told by the bill's own
actions and roll calls, so what the list says of an amendment's latest action is left out here. Lines that begin with
H.Amdt. or S.Amdt. never move the bill.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from domain.errors import Changed
from domain.facets import Facet
from watchers.congress.answers import decode, said

_NAMES = {"hamdt": "H.Amdt.", "samdt": "S.Amdt.", "suamdt": "S.UP.Amdt."}
_LONGEST = 300
"""Characters of a purpose that people still read; the Senate's can be the whole amendment."""


class _Amendment(msgspec.Struct):
    congress: int
    type: str
    number: str | int
    purpose: str | None = None
    description: str | None = None


_AMENDMENT = msgspec.json.Decoder(_Amendment)


def parse_amendments(rows: Sequence[bytes]) -> Facet:
    """Name amendments by identity, with their purpose, which is often filled in later: that is no news."""
    facet: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows):
        where = f"amendments[{number}]"
        read = decode(row, _AMENDMENT, where)
        kind, place = read.type.lower(), str(read.number)
        if kind not in _NAMES or not (place.isascii() and place.isdigit() and len(place) < 7):
            raise Changed(f"{where}: expected an amendment such as SAMDT 2382, saw {read.type} {place}"[:200])
        name = f"{_NAMES[kind]} {int(place)}"
        purpose = " ".join(said(read.purpose or read.description).split())
        facet[f"us/amendment/{read.congress}/{kind}/{int(place)}"] = {
            "text": f"{name}: {purpose}" if purpose else name,
            "label": f"amendment {name}" + (f", {_short(purpose)}" if purpose else ""),
        }
    return facet


def _short(purpose: str) -> str:
    return purpose if len(purpose) <= _LONGEST else purpose[: _LONGEST - 1].rstrip() + "…"
