"""What did the register say of a bill, read once more from the archived page or excerpt?"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from msgspec.json import decode

from domain.observation import Evidence, Observation, ParseInput
from watchers.rada.bills import RegisterBill, bill_facets, parse_search


def reread(told: ParseInput) -> Iterator[Observation]:
    """Read bills again (`rada-bills/1`): what each says of the regime as its record stood."""
    if told.before is None:
        raise LookupError(f"nothing was known of {told.document}")
    for digest in dict.fromkeys(told.named.values()):
        for bill in _bills(told.archive.evidence(digest)):
            yield told.observation(bill_facets(bill, told.before.facets))


def _bills(page: Evidence) -> tuple[RegisterBill, ...]:
    if page.content_type.startswith("application/json"):
        return decode(page.body, type=tuple[RegisterBill, ...])
    address = urlsplit(page.url)
    return parse_search(page.body, f"{address.scheme}://{address.netloc}")[0]
