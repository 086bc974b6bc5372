"""Hosts that never answer delay nobody else: measured in a running service, at the publisher's end."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.helpers.paths import CHECKOUT
from tests.helpers.timing import NO_HANG_SECONDS, wait_until

EVERY = 2.0
"""Seconds between two polls of one feed."""

SLACK_SECONDS = 1.0
"""Within this there is a worker more for each that is stuck."""

FEEDS, HANGING = 100, 10
"""More hang than the service has hands at first; those behind them wait once, until it has more."""

ROUNDS = 2
RSS = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>Acts</title><item><guid>1</guid>'
    b"<title>Act 1 (constructed)</title></item></channel></rss>"
)


@dataclass(slots=True)
class Host:
    """Remembers when each of its feeds was asked; while `silent`, it answers nobody and counts whom it has `held`."""

    silent: bool = False
    held: list[str] = field(default_factory=list)
    awake: threading.Event = field(default_factory=threading.Event)
    asked: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def __call__(self, asked: ReceivedRequest) -> Reply:
        self.asked[asked.path].append(time.monotonic())
        if self.silent:
            self.held.append(asked.path)
            self.awake.wait(120)
        return Reply(200, RSS, "application/rss+xml", {"ETag": '"1"'})

    def pauses(self, since: float) -> list[float]:
        """Return the seconds between two polls of one feed, for polls after `since`."""
        later = ([at for at in times if at >= since] for times in self.asked.values())
        return [b - a for times in later for a, b in pairwise(times)]

    def rounds(self, since: float) -> int:
        return min((sum(at >= since for at in times) for times in self.asked.values()), default=0)


@pytest.fixture
def healthy() -> Host:
    return Host()


@pytest.fixture
def ill() -> Iterator[Host]:
    host = Host()
    yield host
    host.awake.set()


def watch(name: str, address: str) -> str:
    return f'[[watch]]\nname = "{name}"\nfeed = "{address}"\nevery = "{EVERY:.0f}s"\n'


def pauses_before_and_while_hosts_hang(
    folder: Path, healthy: Host, ill: Host, feeds: int, hanging: int
) -> tuple[list[float], list[float]]:
    """Run the service on feeds of which some come to hang for ever, and return the healthy ones' pauses in seconds."""
    with serve(healthy) as well, serve(ill) as sick:
        watches = [watch(f"well {n}", f"{well.url}/{n}.xml") for n in range(feeds - hanging)]
        watches += [watch(f"sick {n}", f"{sick.url}/{n}.xml") for n in range(hanging)]
        head = '[service]\ndatabase = "record.db"\n[http]\nallow_hosts = ["127.0.0.1"]\n'
        (folder / "config.toml").write_text(head + "".join(watches))
        with (folder / "log").open("wb") as log:
            service = subprocess.Popen(
                [sys.executable, "-m", "monitor.cli.main", "--config", str(folder / "config.toml"), "run"],
                env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        try:
            assert wait_until(lambda: len(healthy.asked) == feeds - hanging and len(ill.asked) == hanging)
            began = time.monotonic()
            assert wait_until(lambda: healthy.rounds(began) >= ROUNDS)
            before = healthy.pauses(began)
            ill.silent = True
            assert wait_until(lambda: len(ill.held) == hanging), "all of them hang now"
            hung = time.monotonic()
            assert wait_until(lambda: healthy.rounds(hung) >= ROUNDS), "and hold up nobody else"
            during = healthy.pauses(hung)
            assert len(ill.held) == hanging, "and have held on all the while"
        finally:
            service.send_signal(signal.SIGTERM)
            assert service.wait(NO_HANG_SECONDS) == 0
    return before, during


def test_hosts_that_hang_for_ever_hold_up_nobody_else(tmp_path: Path, healthy: Host, ill: Host) -> None:
    pauses_before_and_while_hosts_hang(tmp_path, healthy, ill, feeds=20, hanging=4)


@pytest.mark.slow
def test_a_tenth_of_the_hosts_hanging_for_ever_delays_the_others_by_less_than_a_tenth_of_their_interval(
    tmp_path: Path, healthy: Host, ill: Host
) -> None:
    """Measured, so it needs a machine that is otherwise idle."""
    before, during = pauses_before_and_while_hosts_hang(tmp_path, healthy, ill, FEEDS, HANGING)
    print(f"seconds between two polls: {told(before)}; while {HANGING} of {FEEDS} hosts hang: {told(during)}")
    assert statistics.quantiles(during, n=20)[-1] <= EVERY + SLACK_SECONDS + EVERY / 10
    assert statistics.mean(during) <= EVERY + SLACK_SECONDS + EVERY / 10


def told(pauses: list[float]) -> str:
    return f"mean {statistics.mean(pauses):.3f}, longest {max(pauses):.3f} ({len(pauses)} polls)"
