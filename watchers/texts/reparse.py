"""What was stated of a bill's text, read and compared once more from the archived bytes?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.documents import DocumentId
from domain.errors import Refused
from domain.observation import ArchiveView, Evidence, Observation, ParseInput
from domain.records.record import Record
from domain.sources import Request, Response
from watchers.texts.versions import versions
from watchers.texts.watcher import TextReader, TextsCursor, published_text, stated_first


def reread(told: ParseInput) -> Iterator[Observation]:
    """Read and compare again (`texts/1`): all versions at the first look, one of them later."""
    if told.before is None:
        raise LookupError(f"nothing was known of the texts of {told.document}")
    listed = versions(told.before.facets.get("texts", {}))
    copies = {str(package): str(digest) for package, digest in told.context.get("copies", {}).items()}
    if "wordings" not in told.before.facets:
        yield told.observation({"wordings": stated_first(listed, copies), "rewordings": {}})
        return
    desk = TextReader("", _no_http, _ArchiveLookup(told.archive), TextsCursor(), 0)
    known = told.before.facets["wordings"]
    for place, version in enumerate(listed):
        if version.package in copies:
            copy = published_text(told.archive.evidence(copies[version.package]))
            stated, events = desk.judge(version, listed[:place], known, known.get(version.package), copy)
            facets = {
                "wordings": {version.package: stated},
                "rewordings": {subject: event for subject, (event, _) in events.items()},
            }
            yield told.observation(facets)


@dataclass(frozen=True, slots=True)
class _ArchiveLookup:
    """The archive as a reader asks it: what is not there is None."""

    kept: ArchiveView
    nothing: dict[DocumentId, Record] = field(default_factory=dict)

    def records(self, _: object) -> dict[DocumentId, Record]:
        return self.nothing

    def evidence(self, digest: str) -> Evidence | None:
        return self.kept.evidence(digest)


def _no_http(request: Request) -> Response:
    raise Refused(f"{request.url}: what is archived is not asked for again")
