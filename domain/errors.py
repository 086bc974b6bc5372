"""What can go wrong, as one tree.

LexwatchError
├── SourceError            a publisher did not give what we asked for
│   ├── Unavailable        try again later (timeout, 5xx, 429, DNS)
│   ├── Refused            a person must act (bad key, address not allowed, no such document)
│   ├── Blocked            a challenge or block page stands in front of the content
│   └── Changed            the answer came, and its shape is not the one we read: the parser must act
├── DeliveryError          a receiver did not take a message; `permanent` says whether trying again is useless
├── StoreError             the record cannot be read or written (full, locked, corrupt, wrong schema)
│   ├── Conflict           the record moved on since it was read: read again, decide again
│   ├── Occupied           another process owns this database
│   ├── Locked             another writer kept its lock for too long: it is tried again
│   ├── Unreachable        the server does not answer, or ended the connection: it is tried again
│   ├── TakenOver          what was in hand was given to another worker meanwhile: it is theirs now
│   ├── SchemaMismatch     this database was written by another version of lexwatch
│   └── RehearsalMismatch  a rehearsal database without --now, or the other way round
├── ConfigError            the configuration is wrong; one fault a line, each naming its key
└── UnknownName            what was typed names no document
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from domain.coded_text import CodedText, Param, in_english, phrase


class LexwatchError(Exception):
    """Everything lexwatch raises on purpose. `said` is the message as data; None where there are only words."""

    said: CodedText | None = None

    @property
    def recorded(self) -> str:
        """What the record keeps of it: the coded text as JSON, else the words."""
        return self.said.to_json() if self.said else str(self)


NONE = phrase("none")


def seen(value: str | None) -> Param:
    """Quote what stands there, shortened to 40 characters."""
    return repr(value[:40]) if value else phrase("nothing")


def parse_fault(error: Exception) -> CodedText:
    """Quote on one line what a library says of bytes that it cannot parse."""
    words = " ".join(str(error).split())[:200] or type(error).__name__
    return phrase("something that cannot be parsed ({fault})", fault=words)


def mismatch(where: str, expected: str, saw: Param = NONE, /, **params: Param) -> CodedText:
    """Say that an answer is not as it should be. `where` is a place at the publisher, an address or a path in the
    answer, `expected` a phrase in English with the gaps that `params` fill, `saw` a raw value or a phrase."""
    what = phrase(expected, **params)
    if not where:
        return phrase("expected {expected}, saw {saw}", expected=what, saw=saw)
    return phrase("{where}: expected {expected}, saw {saw}", where=where, expected=what, saw=saw)


class SourceError(LexwatchError):
    """A publisher did not give what we asked for.

    `status` is the HTTP status where there was one, `retry_after` the pause the publisher named. `reached` is false
    when the request certainly never left us (no address, no connection), so that sending it again repeats nothing.
    `said` is the message as data, where it is not the message itself; a message in words is somebody else's.
    """

    state = "unavailable"

    def __init__(
        self,
        message: str | CodedText,
        *,
        status: int | None = None,
        retry_after: timedelta | None = None,
        reached: bool = True,
        said: CodedText | None = None,
    ) -> None:
        super().__init__(in_english(message))
        self.said = message if isinstance(message, CodedText) else said
        self.status = status
        self.retry_after = retry_after
        self.reached = reached


class Unavailable(SourceError):
    """Nothing we can do but ask again later."""

    state = "unavailable"


class Refused(SourceError):
    """Asking again will not help until a person changes something."""

    state = "refused"


class Blocked(SourceError):
    """A bot challenge or block page was served in place of the content."""

    state = "blocked"


class Changed(SourceError):
    """The answer is not of the shape we know; emptiness where something must be counts as this (rule 4)."""

    state = "changed"


class DeliveryError(LexwatchError):
    """A receiver did not take the message.

    `permanent`: the same message to the same receiver will never be taken. `retry_after`: the receiver named a
    pause. `maybe_sent`: the receiver may have taken it, its answer was lost. `channel`: it says nothing about the
    message, for the channel itself does not work (no connection, no log-in, the service is down). `refused`: the
    channel does not work until a person acts (the address is gone, the credential is not taken).
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: timedelta | None = None,
        maybe_sent: bool = False,
        channel: bool = False,
        refused: bool = False,
        said: CodedText | None = None,
    ) -> None:
        super().__init__(message)
        self.said = said
        self.permanent = permanent
        self.retry_after = retry_after
        self.maybe_sent = maybe_sent
        self.channel = channel or refused
        self.refused = refused


class StoreError(LexwatchError):
    """The record cannot be read or written."""


class Conflict(StoreError):
    """The record moved on between reading and writing."""


class Occupied(StoreError):
    """Another running lexwatch owns this database."""


class Locked(StoreError):
    """Another writer of the server kept its lock for too long: it may be frozen, until somebody gives it up."""


class Unreachable(StoreError):
    """The database server does not answer, or ended the connection; nothing was half-written."""


class TakenOver(StoreError):
    """Another worker was given what this one had in hand: nothing more may be asked, sent or recorded for it here."""


class SchemaMismatch(StoreError):
    """The database's schema is not one this version knows."""


class SimulatedClockMismatch(StoreError):
    """A rehearsal database was opened for writing without --now, or a real one with it."""


class ConfigError(LexwatchError):
    """The configuration is wrong. `faults` holds one line per fault: key, what was expected, what was seen. `excerpt`
    is the line of the file in which it cannot be read, with a second one that marks the place; without either, empty.
    """

    def __init__(self, faults: Sequence[str], excerpt: Sequence[str] = ()) -> None:
        super().__init__("\n".join(faults))
        self.faults, self.excerpt = tuple(faults), tuple(excerpt)


class UnknownName(LexwatchError):
    """What was typed names no document; the message lists the accepted forms and the nearest known ones."""
