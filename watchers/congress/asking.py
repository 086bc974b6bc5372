"""How is the API asked, what did it cost, and how much may still be asked?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from domain.facets import digest
from domain.http import Request, Response
from domain.observation import Evidence
from domain.ports import Http

LIMIT = 250
"""The greatest page; more is silently cut to it, and less is asked 20 by 20."""

RESERVE = 25
"""Requests of the hour's allowance that are left for the list, which is asked in every poll."""

READABLE = frozenset({200, 404, 500})
"""Refusals of one record come with these and a reason in the body; the rest is the door's to judge."""


@dataclass(slots=True)
class Asker:
    """Asks one API with one key, in a header, of the configured origin alone: never part of an address.

    `asked` counts requests, `left` is what the publisher said may still be asked this hour, None before it has said;
    `at` is when the last answer came.
    """

    http: Http
    base_url: str
    key: str
    reserve: int = RESERVE
    asked: int = 0
    left: int | None = None
    at: datetime | None = None
    _counted: int = field(default=0)

    def get(self, path: str) -> Response:
        """Ask for a path below the base address; its answer has status 200, 404 or 500."""
        self.asked += 1
        response = self.http(
            Request(
                url=self.base_url + path,
                headers={"X-Api-Key": self.key},
                expect=READABLE,
                accept=("application/json",),
            )
        )
        self.at = response.fetched_at
        left = response.headers.get("x-ratelimit-remaining", "")
        if left.isascii() and left.isdigit():
            self.left = int(left)
        return response

    def spent(self) -> int:
        """Return how many requests were made since this was last asked."""
        spent, self._counted = self.asked - self._counted, self.asked
        return spent

    @property
    def exhausted(self) -> bool:
        """True once no more than the reserve of the hour's allowance is left."""
        return self.left is not None and self.left <= self.reserve


def evidence(response: Response) -> Evidence:
    """Return the bytes of an answer as what a statement was read from."""
    return Evidence(
        digest=digest(response.body),
        url=response.url,
        fetched_at=response.fetched_at,
        content_type=response.headers.get("content-type", "application/json"),
        body=response.body,
    )
