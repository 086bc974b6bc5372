"""How is GovInfo asked, and what did it cost?"""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import Blocked, SourceError, Unavailable
from domain.facets import digest
from domain.http import Request, Response
from domain.ports import Http
from watchers.govinfo.cursor import Copy

XML = ("application/xml", "text/xml", "application/rss+xml")
LISTED = ("application/json", *XML)


@dataclass(slots=True)
class Asker:
    """Asks below one address, without a key. `asked` counts requests."""

    http: Http
    base_url: str
    asked: int = 0
    _counted: int = 0

    def get(self, path: str, accept: tuple[str, ...], known: Copy | None = None) -> Response | None:
        """Ask for a path; None when what is known of it still stands, by its validators or byte for byte."""
        self.asked += 1
        known = known or Copy()
        response = self.http(
            Request(
                url=self.base_url + path, accept=accept, etag=known.etag or None, last_modified=known.modified or None
            )
        )
        return None if response.unchanged or copy_of(response).digest == known.digest else response

    def spent(self) -> int:
        """Return how many requests were made since this was last asked."""
        spent, self._counted = self.asked - self._counted, self.asked
        return spent


def copy_of(response: Response) -> Copy:
    """Return what an answer is known by."""
    headers = response.headers
    return Copy(headers.get("etag", ""), headers.get("last-modified", ""), digest(response.body)[:16])


def ends_the_poll(error: SourceError) -> bool:
    """True if the publisher does not want to be asked now, or was not reached: another address will fare no better."""
    return isinstance(error, Blocked) or error.status == 429 or not error.reached


def concerns_line(error: SourceError) -> bool:
    """True if no complete answer came: one such may be the file's fault, a second is the publisher's."""
    return isinstance(error, Unavailable)
