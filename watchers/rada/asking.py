"""How is the database asked, and what did it cost?

By its own rules (data.rada.gov.ua/open, sections on access): `User-Agent: OpenData` for lists, cards and texts, a
pause of five to seven seconds, at most 100,000 requests a day, `If-Modified-Since` with what it sent. A token or the
balance of limits is never asked for: before each request that is forbidden and gets the address blocked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from zlib import crc32

from domain.facets import digest
from domain.http import Request, Response
from domain.observation import Evidence
from domain.ports import Http
from watchers.rada.numbers import segment

AGENT = "OpenData"
_LARGEST = 8 * 1024 * 1024


@dataclass(slots=True)
class Asker:
    """Asks one database. Answers have status 200, 304 or, where `missing` is allowed, 404."""

    http: Http
    base_url: str
    asked: int = 0
    _counted: int = field(default=0)

    def updates(self, last_modified: str | None) -> Response:
        return self._get("/laws/main/r.xml", last_modified)

    def list_page(self, name: str, number: int, last_modified: str | None = None) -> Response:
        """Ask for a page of a list: `n` new in 30 days, `a` all there is; 404 where there is none."""
        return self._get(f"/laws/main/{name}/page{number}.json", last_modified, missing=True)

    def card(self, nreg: str, last_modified: str | None) -> Response:
        return self._get(f"/laws/card/{segment(nreg)}.json", last_modified, missing=True)

    def text(self, nreg: str, last_modified: str | None) -> Response:
        return self._get(f"/laws/show/{segment(nreg)}.txt", last_modified, missing=True)

    def spent(self) -> int:
        """Return how many requests were made since this was last asked."""
        spent, self._counted = self.asked - self._counted, self.asked
        return spent

    def _get(self, path: str, last_modified: str | None, *, missing: bool = False) -> Response:
        self.asked += 1
        return self.http(
            Request(
                url=self.base_url + path,
                headers={"User-Agent": AGENT},
                last_modified=last_modified,
                expect=frozenset({200, 404}) if missing else frozenset({200}),
                max_bytes=_LARGEST,
                spacing=_spacing(path, self.asked),
            )
        )


def _spacing(path: str, turn: int) -> float:
    """Return five to seven seconds, another number each time."""
    return 5.0 + crc32(f"{path} {turn}".encode()) % 2001 / 1000


def stamp(response: Response) -> str | None:
    """Return what the database wants to be reminded of."""
    return response.headers.get("last-modified") or None


def evidence(response: Response) -> Evidence:
    """Return the bytes of an answer as what a statement was read from."""
    return Evidence(
        digest=digest(response.body),
        url=response.url,
        fetched_at=response.fetched_at,
        content_type=response.headers.get("content-type", "text/plain"),
        body=response.body,
        last_modified=stamp(response),
    )
