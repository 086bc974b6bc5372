"""A year of every publisher's calendar against the real service: nothing lost, nothing false, requests bounded.

The service's own jobs (polls, time triggers, holds, sending) run one after another on a clock that is set by hand, each
source when it is due. What was sent is read at the receivers: a webhook for readers, a mail server for the operator.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from monitor.config.loader import load_config
from monitor.service.process import ShutdownSignals
from monitor.service.runtime import open_runtime
from monitor.service.service import Service
from tests.helpers.fakes import ManualClock
from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.helpers.mail_server import MailServer, serve_mail
from tests.helpers.webhook_signature import SECRET, verifies
from tests.simulation.calendar import prepare, schedule
from tests.simulation.events import (
    BILLS,
    C34,
    DAY,
    EMERGENCIES,
    HOUR,
    MARTIAL_LAW,
    NEW_CONGRESS,
    NEXT_BILL,
    NEXT_WATCHED,
    REDESIGNED,
    Event,
    Schedule,
)
from tests.simulation.publishers import World

MINUTES = {
    "congress": 15, "clerk": 15, "senate": 15, "acts": 15, "notices": 15, "rada": 30, "rada_bills": 30,
    "legisinfo": 30, "govinfo": 60, "texts": 60, "federal_register": 60, "president": 60,
}  # fmt: skip
"""The pace of each source as it ships."""

KINDS = [
    "status",
    "action",
    "title",
    "sponsor",
    "text",
    "vote",
    "hearing",
    "term",
    "reminder",
    "appeared",
    "correction",
]
PATHS = {"congress": "/v3", "federal_register": "/api/v1", "legisinfo": "/legisinfo"}
LADDER = (21, 14, 7, 4, 1)
"""Days before an end on which its reminders come."""


def configuration(
    world: World, hook: str, mail: str, minutes: Mapping[str, int], kinds: Sequence[str], bills: tuple[object, ...]
) -> str:
    """Write a configuration with these sources, at their pace in minutes, and what they can state."""
    sources = "".join(
        f'[source.{name}]\nevery = "{every}m"\nbase_url = "{world.url(name)}{PATHS.get(name, "")}"\n'
        + ('api_key = { env = "KEY" }\n' if name == "congress" else "")
        for name, every in minutes.items()
        if name not in world.feeds
    )
    others = [f'bill = "{C34}"', *(f'regime = "{regime}"' for regime in (MARTIAL_LAW, *EMERGENCIES))]
    watched = [*(f'bill = "{bill}"' for bill in bills), *(others if "rada" in minutes else [])]
    watches = "".join(f"[[watch]]\n{one}\n" for one in watched)
    watches += "".join(
        f'[[watch]]\nfeed = "{world.url(name)}/{name}.xml"\nname = "{name}"\nevery = "{minutes[name]}m"\n'
        for name in world.feeds
        if name in minutes
    )
    return f"""
[service]
database = "record.db"
contact  = "desk@example.org"
operator = ["operator"]
[http]
allow_hosts = ["127.0.0.1"]
{sources}{watches}
[[watch]]
search = "nato"
[[channel]]
name    = "desk"
kind    = "webhook"
webhook = {{ env = "HOOK" }}
secret  = {{ env = "HOOK_SECRET" }}
[[channel]]
name   = "operator"
kind   = "email"
to     = ["operator@example.org"]
sender = "lexwatch@example.org"
server = "{mail}"
[[route]]
kinds    = {json.dumps(list(kinds))}
channels = ["desk"]
"""


@dataclass(frozen=True, slots=True)
class Told:
    """One change as it stood in a message that was received."""

    at: datetime
    id: str
    kind: str
    change: str
    words: str


@dataclass(slots=True)
class Simulation:
    """The service, the publishers, and what was received. `healthy`: when a source was shown as well."""

    clock: ManualClock
    world: World
    service: Service
    planned: Schedule
    mail: MailServer
    config: Path
    step: timedelta
    told: list[Told] = field(default_factory=list)
    operator: list[tuple[datetime, str, str]] = field(default_factory=list)
    healthy: dict[str, list[datetime]] = field(default_factory=dict)

    def run(self) -> None:
        """Let every job run when it is due, and everything be published at its moment."""
        events = iter([*self.planned.events, Event(self.planned.end, lambda _: None)])
        event, step = next(events), self.clock()
        while step < self.planned.end:
            while event.at <= step:
                self.clock.now = event.at
                event.apply(self.world)
                event = next(events)
            self.clock.now = step
            self.work()
            step += self.step

    def work(self) -> None:
        service = self.service
        if self.clock() == NEXT_WATCHED:
            text = self.config.read_text()
            self.config.write_text(text + f'[[watch]]\nbill = "{NEXT_BILL}"\n')
        for job in (service.keep_up, *(lambda n=name: service.poll(n) for name in service.runtime.sources)):
            job()
        for job in (service.keep_up, service.check_time_triggers, service.recheck_holds):
            job()
        for name in service.runtime.notifiers:
            while service.dispatch(name) == timedelta(0):
                pass
        for name, state in service.states.items():
            if state.state == "ok":
                self.healthy.setdefault(name, []).append(self.clock())
        for mail in self.mail.accepted:
            about = str(mail.message["X-Lexwatch-Document"]).partition("/")[2]
            self.operator.append((self.clock(), about, str(mail.message["Subject"])))
        self.mail.accepted.clear()

    def receive(self, asked: ReceivedRequest) -> Reply:
        body = json.loads(asked.body)
        assert verifies(asked.headers, asked.body)
        assert body["more"] == 0
        for change in body["changes"]:
            words = " ".join(str(change[name]) for name in ("change", "after", "text"))
            self.told.append(Told(self.clock(), change["id"], change["kind"], change["change"], words))
        return Reply(204)


@contextmanager
def simulated(
    folder: Path,
    planned: Schedule,
    patch: pytest.MonkeyPatch,
    minutes: Mapping[str, int] = MINUTES,
    *,
    kinds: Sequence[str] = KINDS,
    key: str = "key",
) -> Iterator[Simulation]:
    clock = ManualClock(planned.begin)
    here: list[Simulation] = []
    with World(clock).served() as world, serve(lambda asked: here[0].receive(asked)) as hook, serve_mail() as mail:
        prepare(world, planned)
        for name, value in (("KEY", key), ("HOOK", f"{hook.url}/hook"), ("HOOK_SECRET", SECRET)):
            patch.setenv(name, value)
        config = folder / "config.toml"
        bills = (*BILLS, NEXT_BILL) if clock() > NEXT_WATCHED else BILLS
        config.write_text(configuration(world, hook.url, mail.server, minutes, kinds, bills))
        runtime = open_runtime(load_config(config, now=clock()), clock=clock, rehearsal=True)
        service = Service(runtime, lambda: load_config(config, now=clock()), ShutdownSignals())
        step = timedelta(minutes=min(minutes.values()))
        here.append(Simulation(clock, world, service, planned, mail, config, step))
        try:
            yield here[0]
        finally:
            runtime.store.close()


# -- the checker: it knows what was published, and reads what was received


def judged(planned: Schedule, told: list[Told], step: timedelta) -> list[str]:
    """Hold what was told against what was published: what is lost, told again, or told and never published."""
    events = [event for event in planned.events if event.marks]
    counts = [Counter[str]() for _ in events]
    others: list[Told] = []
    for one in told:
        place = next((n for n, event in enumerate(events) if _concerns(event, one)), None)
        if place is None:
            others.append(one)
        else:
            counts[place][one.kind] += 1
    faults = [
        f"{event.at:%Y-%m-%d %H:%M} {event.document} {event.marks}: {dict(event.told)} expected, {dict(found)} told"
        for event, found in zip(events, counts, strict=True)
        if found != Counter(event.told)
    ]
    again = [f"told twice: {change}" for change, times in Counter(one.change for one in told).items() if times > 1]
    return faults + again + _reminders(planned, told, others, step)


def _concerns(event: Event, one: Told) -> bool:
    below = one.id == event.document or one.id.startswith(f"{event.document}/")
    return below and one.kind in event.told and event.at <= one.at and any(mark in one.words for mark in event.marks)


def _reminders(planned: Schedule, told: list[Told], others: list[Told], step: timedelta) -> list[str]:
    """What time alone makes true: the days before an end while no renewal is told, and the end of a Congress."""
    due = {}
    for term in planned.terms:
        renewed = [one.at for one in told if one.kind == "term" and term.mark in one.words and one.id == term.document]
        settled = min(
            (at - step for at in renewed), default=term.renewed
        )  # who is told at a step needs no reminder there
        for days in LADDER:
            if term.end - days * DAY < settled:
                due[term.document, f"reminder:{days}d:{term.end:%Y-%m-%dT%H:%M}"] = term.end - days * DAY
    due |= {(str(bill), "reminder:lapsed:119"): NEW_CONGRESS for bill in BILLS[1:]}
    expected = {name: at for name, at in due.items() if planned.begin < at < planned.end - HOUR}
    faults = []
    for one in others:
        at = expected.pop((one.id, one.change.partition(":")[2]), None)
        if at is None or not at <= one.at <= at + step + HOUR:
            faults.append(f"told and never published, or not then: {one}")
    return faults + [f"not reminded: {name}" for name in expected]


def operator_told(here: Simulation) -> list[str]:
    """Hold what the operator was told against the outages: one word when a source breaks, one when it is back. Beside
    them one line when a feed gave all its entries new names."""
    planned = here.planned
    expected = Counter((outage.source, said) for outage in planned.outages for said in ("broken", "back"))
    expected["acts", "redesigned"] += planned.begin < REDESIGNED < planned.end
    found: Counter[tuple[str, str]] = Counter()
    faults = []
    for at, about, subject in here.operator:
        name = about.removeprefix("feed-")
        said = "redesigned" if "new addresses" in subject else "back" if ": ok (was" in subject else "broken"
        outage = next((one for one in planned.outages if one.source == name and one.begin <= at), None)
        due = REDESIGNED if said == "redesigned" else outage and (outage.end if said == "back" else outage.begin)
        found[name, said] += 1
        if due is None or not timedelta(0) <= at - due <= max(12 * HOUR, 3 * here.step):
            faults.append(f"{at}: {subject}")
    wrong = [name for name in expected | found if expected[name] != found[name]]
    return faults + [f"{name}: {found[name]} times, expected {expected[name]}" for name in wrong]


# -- the requests of each day

REQUESTS = {
    "congress": ("us/bill", 1, 100, 8), "govinfo": ("us/bill", 1, 24, 4), "texts": ("us/bill", 0, 16, 4),
    "clerk": ("us/vote us/bill", 1, 12, 4), "senate": ("us/vote us/bill", 1, 4, 4),
    "federal_register": ("us/regime", 2, 2, 2), "rada": ("ua/regime", 1, 60, 4), "rada_bills": ("ua/regime", 1, 2, 1),
    "president": ("ua/regime", 1, 2, 1), "legisinfo": ("ca/bill", 1, 4, 2), "acts": ("feed/acts", 1, 1, 0),
    "notices": ("feed/notices", 1, 1, 0),
}  # fmt: skip
"""What a day may cost at most: the lists asked at every poll (of the Register one for regimes and one for the search,
of Congress twice as many from the end of 2026 on, while bills of two Congresses are watched), what is read again each
day though nothing moved (a vote that the Clerk passes over is asked for eight times), and so much for everything that
was published, of the documents that begin so, on this day or the day before."""

FIRST_DAY = 100
"""Requests more on the day on which a source is read for the first time."""


def requests(here: Simulation, minutes: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """Return the table of requests a day, without the first and the last, and what is beyond its bound."""
    published = Counter(("/".join(e.document.split("/")[:2]), e.at.date()) for e in here.planned.events)
    lines, faults = [f"{'source':<17} {'polls':>5} {'mean':>6} {'most':>5} {'bound that day':>15}"], []
    first, last = here.planned.begin.date(), here.planned.end.date()
    for name in minutes:
        prefixes, lists, fixed, each = REQUESTS[name]
        polls, most, bound, asked = 24 * 60 // minutes[name], 0, 0, here.world.origins[name].asked
        for day, number in asked.items():
            changes = sum(published[prefix, day - n * DAY] for prefix in prefixes.split() for n in (0, 1))
            twice = 2 if prefixes.startswith("us/") and "bill" in prefixes and day >= date(2026, 12, 31) else 1
            allowed = lists * twice * (polls + 1) + fixed * twice + each * changes + (FIRST_DAY if day == first else 0)
            if number > allowed:
                faults.append(f"{name} on {day}: {number} requests, at most {allowed} expected")
            if number > most and first < day < last:
                most, bound = number, allowed
        whole = [number for day, number in asked.items() if first < day < last]
        lines.append(f"{name:<17} {polls:>5} {sum(whole) / max(1, len(whole)):>6.1f} {most:>5} {bound:>15}")
    return lines, faults


def check(here: Simulation, minutes: Mapping[str, int]) -> None:
    """Nothing lost, nothing false, nothing twice; the operator once each time; requests within their bounds."""
    lines, beyond = requests(here, minutes)
    published = sum(bool(event.told) for event in here.planned.events)
    print("\n" + "\n".join(lines))
    print(f"{published} events, {len(here.told)} changes told, {len(here.planned.outages)} outages of a week")
    assert judged(here.planned, here.told, here.step) + operator_told(here) + beyond == []
    assert {name: str(state.state) for name, state in here.service.states.items() if state.state != "ok"} == {}


def test_three_weeks_around_new_year(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every source each eight hours: the end of one Congress and the beginning of the next, a law signed on the last
    day, a table of roll calls without any, a renewal of martial law while the President's site is down."""
    minutes = dict.fromkeys(MINUTES, 480)
    planned = schedule(1, datetime(2026, 12, 27, 8, tzinfo=UTC), datetime(2027, 1, 17, 8, tzinfo=UTC))
    with simulated(tmp_path, planned, monkeypatch, minutes) as here:
        here.run()
        check(here, minutes)


@pytest.mark.slow
def test_new_year_while_every_source_of_congress_is_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of the new Congress is read for the first time a week late: its bills are no baseline."""
    minutes = dict.fromkeys(MINUTES, 180)
    down = dict.fromkeys(("congress", "govinfo", "clerk", "senate"), date(2027, 1, 2)) | {"rada": date(2027, 1, 9)}
    planned = schedule(7, datetime(2026, 12, 28, 8, tzinfo=UTC), datetime(2027, 1, 19, 8, tzinfo=UTC), down=down)
    with simulated(tmp_path, planned, monkeypatch, minutes) as here:
        here.run()
        check(here, minutes)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_year(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every source each second hour: at the pace they ship with, the same takes five times as long."""
    minutes = dict.fromkeys(MINUTES, 120)
    with simulated(tmp_path, schedule(seed), monkeypatch, minutes) as here:
        here.run()
        check(here, minutes)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_week_at_the_pace_of_each_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = schedule(1, datetime(2026, 9, 28, 4, tzinfo=UTC), datetime(2026, 10, 6, 8, tzinfo=UTC))
    with simulated(tmp_path, planned, monkeypatch) as here:
        here.run()
        check(here, MINUTES)


ALLOWANCE = 50
"""Requests that the gateway grants in any 24 hours to the key that everybody shares."""


@pytest.mark.parametrize("days", [14, pytest.param(45, marks=pytest.mark.slow)])
def test_an_allowance_of_fifty_requests_a_day(days: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five bills and a search are more than it suffices for: the gateway never has to refuse, every event is told once,
    what had to wait was shown as starved meanwhile, and the operator hears of it once."""
    monkeypatch.setattr("watchers.congress.watcher.GATEWAY", "127.0.0.1")
    kinds = ("status", "action", "title", "appeared")
    begin = datetime(2026, 8, 30, 8, tzinfo=UTC)
    planned = schedule(1, begin, begin + days * DAY, down={})
    planned.events, planned.terms = _of_bills(planned, kinds), []
    with simulated(tmp_path, planned, monkeypatch, {"congress": 60}, kinds=kinds, key="DEMO_KEY") as here:
        origin = here.world.origins["congress"]
        origin.allowance = ALLOWANCE
        here.run()
    most, mean = max(origin.asked.values()), origin.asked.total() / len(origin.asked)
    lags = {one.change: one.at - _published(planned, one) for one in here.told}
    print(
        f"\n{most} requests a day at most, {mean:.1f} on average, {len(here.told)} changes, {max(lags.values())} late"
    )
    assert judged(planned, here.told, here.step) == []
    assert (origin.refused, most <= ALLOWANCE) == (0, True)
    assert [subject.rpartition("(")[0] for _, _, subject in here.operator] == ["[lexwatch] Source congress: starved "]
    late = {one.at for one in here.told if lags[one.change] > 2 * HOUR}
    assert not any(at - 2 * HOUR < step < at for at in late for step in here.healthy["congress"])


@pytest.mark.parametrize(
    "hours",
    [
        pytest.param(5, id="an afternoon"),
        pytest.param(60, id="more than two days", marks=pytest.mark.slow),
    ],
)
def test_an_own_key_that_has_had_enough_for(hours: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request is refused with 429 from before something is published: few are made, the operator hears of it once
    and once when the key is good again, and everything is told once, then."""
    begin = datetime(2026, 9, 7, 8, tzinfo=UTC)
    planned, kinds = schedule(1, begin, begin + 8 * DAY, down={}), ("status", "action", "title", "appeared")
    planned.events, planned.terms = _of_bills(planned, kinds), []
    refused = next(event.at for event in planned.events if event.told and event.at > begin + DAY) - HOUR
    again = refused + hours * HOUR
    for at, change in (
        (refused, lambda w: w.origins["congress"].fall("429")),
        (again, lambda w: w.origins["congress"].rise()),
    ):
        planned.events.append(Event(at, change))
    planned.events.sort(key=lambda event: event.at)
    with simulated(tmp_path, planned, monkeypatch, {"congress": 30}, kinds=kinds) as here:
        here.run()
    origin, late = (
        here.world.origins["congress"],
        [one for one in here.told if _published(planned, one) < again <= one.at],
    )
    print(f"\n{origin.refused} requests refused, {len(here.told)} changes told, {len(late)} of them late")
    assert judged(planned, here.told, here.step) == []
    assert late
    assert 0 < origin.refused <= 2 * hours + 2, "a poll stops at the first refusal, and polls become rarer"
    assert [subject.partition("(")[0] for _, _, subject in here.operator] == [
        "[lexwatch] Source congress: unavailable ",
        "[lexwatch] Source congress: ok ",
    ]
    assert not any(refused + HOUR < at < again for at in here.healthy["congress"])


def _of_bills(planned: Schedule, kinds: Sequence[str]) -> list[Event]:
    """Return the events with only bills to be told of, by these kinds; a correction goes to whoever was told of what it
    corrects."""
    kept = {*kinds, "correction"}
    found = []
    for event in planned.events:
        of_bill = event.document.startswith("us/bill/") and bool({*event.told} & kept)
        told = {kind: n for kind, n in event.told.items() if kind in kept} if of_bill else {}
        found.append(replace(event, told=told, marks=event.marks if of_bill else ()))
    return sorted(found, key=lambda event: event.at)


def _published(planned: Schedule, one: Told) -> datetime:
    return next((event.at for event in planned.events if event.marks and _concerns(event, one)), one.at)
