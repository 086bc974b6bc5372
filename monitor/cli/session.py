"""Which configuration, clock and record does one call of the command line work with?"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from domain.documents import DocumentId, label
from domain.errors import ConfigError, UnknownName
from domain.jurisdictions import jurisdiction_of
from domain.names import nearest, resolve
from monitor.config.loader import ConfigLocation, find_config, kept_copy, load_config, state_folder
from monitor.config.settings import Settings, WatchSettings
from monitor.config.watch_tables import pin_watches

if TYPE_CHECKING:
    from domain.ports import Clock
    from storage.reader import Reader


def system_clock() -> datetime:
    """Return the time of this machine, aware UTC."""
    return datetime.now(UTC)


def simulated_clock(start: datetime) -> Clock:
    """Return a clock that stands at `start` now and goes on at normal speed, whatever happens to the machine's."""
    begun = time.monotonic_ns()
    origin = start.astimezone(UTC)

    def clock() -> datetime:
        nanoseconds = time.monotonic_ns() - begun
        return datetime.fromtimestamp(origin.timestamp() + nanoseconds / 1e9, UTC)

    return clock


def parse_instant(text: str, zone: str) -> datetime:
    """Read an ISO 8601 time as aware UTC; ValueError when it is none.

    A time without an offset is in `zone`; a day alone is its midnight there.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f'expected a time such as "2026-01-06T10:00:00Z", saw {text[:60]!r}') from None


@dataclass
class Session:
    """What the global options said; everything else is found when it is first needed. `new_record` says that a database
    that was here before may be missing, `answers` that the command reads the record alone."""

    config: str | None
    now: str | None
    new_record: bool = False
    answers: bool = False

    @property
    def rehearsal(self) -> bool:
        return self.now is not None

    @cached_property
    def place(self) -> ConfigLocation:
        return find_config(self.config, os.environ, Path.cwd())

    @cached_property
    def settings(self) -> Settings:
        """The configuration for commands that only read: no credential is fetched. While the file is faulty, whoever
        reads the record alone is answered with the last good one, and says so."""
        place = self.place
        try:
            return self.load(secrets=False)
        except ConfigError as error:
            copy = kept_copy(place.path, os.environ)
            if not self.answers or not copy.is_file():
                raise
            settings = self.load(secrets=False, content=copy.read_bytes())
            self._report_fault(error, settings, copy)
            return settings

    def load(self, *, secrets: bool = True, content: bytes | None = None) -> Settings:
        """Read the configuration anew, or what it said before (`content`); its watches go on as what they were when
        they were first resolved."""
        now = self._provisional()
        place = self.place
        settings = load_config(place.path, now=now, secrets=secrets, shipped=place.shipped, content=content)
        if any(watch.assumed or watch.feed for watch in settings.watches):
            with self.reading(settings) as reader:
                settings = _pinned(settings, reader) if reader else pin_watches(settings, ())
        vars(self).setdefault("settings", settings)  # a long file is not read twice for its time zone
        return settings

    @cached_property
    def clock(self) -> Clock:
        """The machine's clock, or one that starts at `--now` the first time it is needed."""
        if self.now is None:
            return system_clock
        return simulated_clock(time_option(self.now, self.settings.timezone, "--now"))

    def clock_without_configuration(self) -> Clock:
        """The clock of a command that needs no configuration."""
        return system_clock if self.now is None else simulated_clock(self._provisional())

    @contextmanager
    def reading(self, settings: Settings | None = None) -> Iterator[Reader | None]:
        """Yield a reader of the record, or None when nothing has been recorded yet.

        Commands that only answer ask the copy that `database_read` names, where there is one; whoever brings settings
        decides by what is read, and asks the database itself.
        """
        from storage.location import NoRecord
        from storage.reader import open_reader

        copy = None if settings else self.settings.database_read
        database = settings.database if settings else copy or self.settings.database
        with ExitStack() as stack:
            try:
                reader = stack.enter_context(open_reader(database))
            except NoRecord:
                self._demand_no_record((settings or self.settings).database)
                reader = None
            if copy is not None and reader is not None:
                self._report_age(copy, reader)
            yield reader

    def _report_fault(self, error: ConfigError, settings: Settings, copy: Path) -> None:
        from monitor.cli.terminal import print_note

        path, zone = self.place.path, ZoneInfo(settings.timezone)
        since, of = (
            datetime.fromtimestamp(one.stat().st_mtime, zone).strftime("%Y-%m-%d %H:%M") for one in (path, copy)
        )
        fault = error.faults[0].partition("\n")[0].removeprefix(f"{path.name}:").strip()
        fault = f"line {fault}" if fault[:1].isdigit() else fault
        print_note(
            f"{path.name} is faulty since {since} ({fault}): this answer uses the configuration of {of}, "
            "with which a running service goes on"
        )

    def _report_age(self, copy: str, reader: Reader) -> None:
        """Say how far the copy that answers is behind; on standard error, where it disturbs no answer."""
        from monitor.cli.terminal import print_note
        from storage.location import locate

        location = locate(copy)
        until, behind = reader.copy_age(self.clock(), server=location.file is None)
        if until is None or behind is None:
            print_note(f"read from the copy {location}, which does not say how far it is behind")
        else:
            seconds = int(behind.total_seconds())
            moment = until.astimezone(ZoneInfo(self.settings.timezone)).strftime("%Y-%m-%d %H:%M:%S")
            print_note(f"read from the copy {location}, {seconds} s behind: as of {moment}")

    def _demand_no_record(self, database: str) -> None:
        """StoreError where a database was written before and is missing now: that is no beginning."""
        from storage.location import locate
        from storage.ownership import expected, marker_file

        expected(locate(database), marker_file(database, state_folder(os.environ)), new_record=self.new_record)

    def document(self, typed: str, reader: Reader | None, tell: Callable[[str], None]) -> DocumentId:
        """Return the document a person means; what was assumed is told. UnknownName when there is none such, or
        nothing is known of it and nobody watches it."""
        typed = as_typed(typed)
        watches = {watch.name: watch.subject for watch in self.settings.watches if watch.subject}
        known = reader.known_like(typed) if reader else ()
        try:
            name = resolve(typed, today=self.clock().date(), watched=watches, known=known)
        except UnknownName:
            if reader is None or (titled := document_titled(typed, reader, tell)) is None:
                raise
            return titled
        if name.remark:
            tell(name.remark)
        document = name.document
        known_here = document in watches.values() or (reader is not None and reader.knows(str(document)))
        if known_here or document.is_operational:
            return document
        near = nearest(
            str(document), [*map(str, watches.values()), *(reader.known_like(str(document)) if reader else ())]
        )
        hint = f"\nnearest known: {', '.join(near)}" if near else ""
        raise UnknownName(f"{document} is neither watched nor in the record{hint}")

    def search_called(self, typed: str) -> WatchSettings | None:
        """Return the saved search of that name; None where no search is called so."""
        name = as_typed(typed).strip().casefold()
        return next((w for w in self.settings.watches if w.search is not None and w.name.casefold() == name), None)

    def called(self, document: DocumentId) -> str:
        """Return what people call a document: a feed, and each of its entries, by the name of its watch."""
        feed = document.feed
        named = (watch.name for watch in self.settings.watches if feed and watch.subject == feed)
        return next(named, label(document))

    def _provisional(self) -> datetime:
        """The moment for reading the configuration, which has to be read before its time zone is known."""
        return system_clock() if self.now is None else time_option(self.now, "UTC", "--now")


def _pinned(settings: Settings, reader: Reader) -> Settings:
    """Let watches go on as what they were. Of the registered watches only those are read that a watch may carry on;
    all of them where a feed is new, for then it is said which ones it could have carried on."""
    watches = settings.watches
    known = reader.watches_known_by([watch.name for watch in watches], [watch.feed for watch in watches if watch.feed])
    pinned = pin_watches(settings, known)
    carried_on = {watch.document for watch in known}
    if all(watch.subject in carried_on for watch in pinned.watches if watch.feed):
        return pinned
    return pin_watches(settings, reader.watches())


def document_titled(typed: str, reader: Reader, tell: Callable[[str], None]) -> DocumentId | None:
    """Return the document of the record that has this title, and say so; None where no title has these words.
    UnknownName where several have them, or one has more than them."""
    title = " ".join(as_typed(typed).split())
    if len(title) < 4 or not any(map(str.isalpha, title)):
        return None
    exact = reader.titled([title])
    found = exact or reader.titled([title], part=True, limit=FEW_TITLES + 1)
    if len(exact) == 1:
        document = DocumentId.parse(next(iter(exact)))
        tell(f"{title} is the title of {label(document)}")
        return document
    if not found:
        return None
    named = {DocumentId.parse(document): words for document, words in found.items()}
    shown = "; ".join(
        label(document) if exact else f"{label(document)} ({words})"
        for document, words in list(named.items())[:FEW_TITLES]
    )
    sessions = {jurisdiction_of(document).session_name(document) for document in named}
    of = f" of the {sessions.pop()}" if len(sessions) == 1 and "" not in sessions else ""
    many = str(len(named)) if len(named) <= FEW_TITLES or exact else f"more than {FEW_TITLES}"
    if len(named) == 1:
        raise UnknownName(f"no document has the title {title!r}: did you mean {shown}?")
    kind = "bills" if all(document.kind == "bill" for document in named) else "documents"
    raise UnknownName(f"{many} {kind}{of} have {'this title' if exact else 'these words in their title'}: {shown}")


FEW_TITLES = 5
"""Titles that are listed where several documents may be meant."""


def nothing_recorded(settings: Settings) -> str:
    """Say that there is no record yet, and how one is begun."""
    from storage.location import locate

    return f"nothing is recorded yet in {locate(settings.database)}: start lexwatch run"


def as_typed(text: str) -> str:
    """Mend what a locale that knows ASCII alone cuts up."""
    try:
        return os.fsencode(text).decode("utf-8", "replace")
    except UnicodeEncodeError:  # it was read so before
        return text


def time_option(text: str, zone: str, option: str) -> datetime:
    """Read a time given as an option; a usage error (exit 2) when it is none."""
    try:
        return parse_instant(text, zone)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from None


def day_option(text: str, option: str) -> date:
    """Read a day given as an option; a usage error (exit 2) when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"expected a day such as 2026-01-20, saw {text!r}", param_hint=option) from None
