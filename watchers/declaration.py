"""What does a publisher declare of itself, so that nothing else needs to know its name?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from domain.documents import DocumentId

if TYPE_CHECKING:
    from domain.observation import Observation
    from domain.ports import Watcher
    from domain.terms import Coverage


class SourceOptions(Protocol):
    """The section of a source in the configuration, with its defaults filled in. `options` is an instance of the
    declaration's `options`, None where it has none."""

    @property
    def base_url(self) -> str: ...

    @property
    def options(self) -> Any: ...


class BulkReading(Protocol):
    """A document as one bulk file states it. `published_at` is the publisher's stamp of this state (aware UTC)."""

    @property
    def document(self) -> DocumentId: ...

    @property
    def published_at(self) -> datetime | None: ...

    def observation(self, evidence: str) -> Observation:
        """Return what the publisher says; `evidence` is the digest of the file's bytes."""
        ...


@dataclass(frozen=True, slots=True)
class SourceDeclaration:
    """A publisher. Importing its declaration costs nothing: what reads it is imported by `build` and `reader`.

    `name` is its section in the configuration and its name in the record, `base_url` its public address, `every` its
    usual pace. `handles` says whether it states anything of a document. A `primary` source states everything of what it
    handles, so that one of them suffices; any other is a signal or an addition beside it. `lists_all` says that its
    lists show whatever a search could find. `options` are the keys of its section beyond `every` and
    `base_url`. `readers` maps name and version of each parser to `module:function` (`domain.observation.Parse`);
    a version stays for as long as records carry it. `coverage` says of a resume position, the time of the last good
    poll and a regime, since when and until when every act the regime needs was read. `template` is its section in a new
    configuration; `costs` yields what `check` says of the requests that a configuration takes. `bulk` is
    where the parser of its bulk files stands (`module:function`), which `import` reads.
    """

    name: str
    summary: str
    base_url: str
    every: timedelta
    handles: Callable[[DocumentId], bool]
    build: Callable[[SourceOptions], Watcher]
    readers: Mapping[str, str] = field(default_factory=dict)
    primary: bool = False
    lists_all: bool = False
    options: type[Any] | None = None
    coverage: Callable[[str | None, datetime | None, DocumentId], Coverage] | None = None
    template: str = ""
    costs: Callable[[Any, date], Iterator[str]] | None = None
    bulk: str = ""


def imported(place: str) -> Any:
    """Return what stands at `module:name`."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def built_by(place: str) -> Callable[[SourceOptions], Watcher]:
    """Return what builds a watcher that needs its address alone: the class at `module:name`, imported then."""

    def build(settings: SourceOptions) -> Watcher:
        watcher: Watcher = imported(place)(settings.base_url)
        return watcher

    return build
