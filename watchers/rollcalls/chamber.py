"""What must be known of a chamber to follow its roll calls?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from domain.http import Response
from domain.identity import DocumentId
from watchers.rollcalls.roll import Roll
from watchers.rollcalls.sessions import Session

Get = Callable[[str], Response]
"""Asks for a path below the base address; Refused with status 404 when there is no such paper."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What an index names. `bills` maps each roll call to the bill it is about, or to None when it is about something
    else; `unclear` are those whose own paper has to say; `highest` is the greatest number that is certain to exist."""

    bills: Mapping[int, DocumentId | None] = field(default_factory=dict)
    unclear: frozenset[int] = frozenset()
    highest: int = 0


class Chamber(Protocol):
    """A chamber and its papers."""

    name: str
    """`House` or `Senate`."""

    def index(self, session: Session) -> str:
        """Return the path of the list that shows first whether anything moved."""

    def listing(self, front: Response | None, get: Get, session: Session, since: int | None) -> Listing:
        """Read which bills the roll calls after number `since` are about; None stands for all, of which only the
        highest number is needed where the list itself does not exist. `front` is the answer of `index`, None if the
        publisher has no such paper."""

    def path(self, session: Session, number: int) -> str:
        """Return the path of one roll call's paper."""

    def read(self, body: bytes, session: Session, number: int, url: str) -> Roll:
        """Read one roll call's paper; Changed when it is another one's, or none."""
