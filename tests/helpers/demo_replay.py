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
from monitor.demo.servers import WEBHOOK, Mailbox, load_recording, publish, receive_mail
from monitor.demo.story import load_story
from monitor.service.service import run_service
from tests.helpers import congress_publisher, rada_publisher
from tests.helpers.congress_publisher import BillHistory
from tests.helpers.demo_story import Part, Watched, bills, legislation, parts
from tests.helpers.rada_publisher import Legislation

BEFORE = datetime.fromisoformat("2021-06-01T00:00:00+00:00")


@dataclass(slots=True)
class DemoReplay:
    """An installation in `folder` whose publishers show what they showed at `now`; `more` is written behind its
    configuration, `routes` in the place of none."""

    folder: Path
    template: str
    webhook: str
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
        (self.folder / "api.key").write_text("a-key-that-only-the-demo-accepts\n")
        (self.folder / "slack.webhook").write_text(self.webhook + "\n")
        watches = "".join(watched.toml() for watched in self.watched)
        self.config.write_text(self.template + watches + self.more, encoding="utf-8")

    def once(self, now: datetime) -> int:
        """Make one real run at an instant."""
        self.now = now
        self.runs += 1
        settings = self.settings
        work = partial(run_service, settings, clock=lambda: now, rehearsal=True, once=True, reload=lambda: settings)
        return self.away.submit(work).result()

    def play(self, played: Sequence[Part], *, every: int = 1) -> None:
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
    folder: Path, more: str = "", history: Sequence[BillHistory] = (), laws: Legislation | None = None
) -> Iterator[DemoReplay]:
    """Open publishers, mailbox and room; `more` is written behind the configuration."""
    with ExitStack() as stack:
        mailbox = stack.enter_context(receive_mail())
        webhook = stack.enter_context(publish(load_recording(BEFORE))) + WEBHOOK
        congress = congress_publisher.CongressPublisher(history or bills(), now=lambda: stage.now)
        rada = rada_publisher.RadaPublisher(laws or legislation(), now=lambda: stage.now)
        congress_address = stack.enter_context(congress_publisher.serve_congress(congress))
        rada_address = stack.enter_context(rada_publisher.serve_rada(rada))
        template = (
            load_story()
            .raw["config"]
            .replace("{base}/v3", congress_address)
            .replace("{base}", rada_address)
            .replace("{server}", mailbox.address)
        )
        away = stack.enter_context(ThreadPoolExecutor(1, "run"))
        stage = DemoReplay(folder, template, webhook, mailbox, away, more=more)
        yield stage


def demo_acts() -> tuple[Part, ...]:
    """Return what the demo plays, oldest first."""
    return parts()
