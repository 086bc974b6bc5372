"""The demo's recorded past, played by the real service into a database that can be asked afterwards.

Bills with their true history, Ukraine's martial law from decree to decree (texts *constructed*), and a *constructed*
feed beside them; mail and posts are taken by real servers on loopback.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from monitor.config.loader import load_config
from monitor.config.settings import Settings
from monitor.demo import database, origin
from monitor.demo.history import Bill
from monitor.demo.installation import Addresses, Watched, install
from monitor.demo.legislation import Legislation
from monitor.demo.mailbox import Mailbox, receive
from monitor.demo.programme import Act, acts, bills, legislation
from monitor.demo.slack import listen
from monitor.service.service import run_service

BEFORE = datetime.fromisoformat("2021-06-01T00:00:00+00:00")


@dataclass(slots=True)
class DemoReplay:
    """An installation in `folder` whose publishers show what they showed at `now`; `more` is written behind its
    configuration, `routes` in the place of none."""

    folder: Path
    addresses: Addresses
    mailbox: Mailbox
    away: ThreadPoolExecutor
    now: datetime = BEFORE
    more: str = ""
    watched: list[Watched] = field(default_factory=list)
    runs: int = 0

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @property
    def settings(self) -> Settings:
        return load_config(self.config, now=self.now)

    def watch(self, *more: Watched) -> None:
        self.watched += more
        install(self.folder, self.addresses, self.watched)
        with self.config.open("a", encoding="utf-8") as file:
            file.write(self.more)

    def once(self, now: datetime) -> int:
        """Make one real run at an instant."""
        self.now = now
        self.runs += 1
        settings = self.settings
        work = partial(run_service, settings, clock=lambda: now, rehearsal=True, once=True, reload=lambda: settings)
        return self.away.submit(work).result()

    def play(self, played: Sequence[Act], *, every: int = 1) -> None:
        """Play courses of events, or of each only every so many steps and the last."""
        for act in played:
            if act.watched is not None:
                self.watch(act.watched)
            steps = act.course.steps()
            for number, step in enumerate(steps):
                if number % every == 0 or number == len(steps) - 1:
                    assert self.once(step.at) == 0


@contextmanager
def demo_replay(
    folder: Path, more: str = "", history: Sequence[Bill] = (), laws: Legislation | None = None
) -> Iterator[DemoReplay]:
    """Open publishers, mailbox and room; `more` is written behind the configuration."""
    with ExitStack() as stack:
        mailbox = stack.enter_context(receive())
        room = stack.enter_context(listen())
        congress = origin.Origin(history or bills(), now=lambda: stage.now)
        rada = database.Database(laws or legislation(), now=lambda: stage.now)
        addresses = Addresses(
            congress=stack.enter_context(origin.publish(congress)),
            rada=stack.enter_context(database.publish(rada)),
            server=mailbox.address,
            webhook=room.webhook,
        )
        away = stack.enter_context(ThreadPoolExecutor(1, "run"))
        stage = DemoReplay(folder, addresses, mailbox, away, more=more)
        yield stage


def demo_acts() -> tuple[Act, ...]:
    """Return what the demo plays, oldest first."""
    return acts()
