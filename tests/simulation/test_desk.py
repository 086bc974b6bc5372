"""Eight weeks of a desk: sixty measures of the 119th Congress, five searches, two regimes, three recipients.

What the publishers say is the record of 10 October to 4 December 2025 (`fixtures/congress/eight-weeks.txt`, and the
acts that renewed martial law and mobilisation, whose texts are constructed). The real command polls and sends; an
independent checker reads the mails and the posts. What is to be told is what the field's reference program reads.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from tests.helpers.fakes import ManualClock
from tests.helpers.fork_server import ROOT, run_command
from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.helpers.mail_server import MailServer, serve_mail
from tests.helpers.paths import CHECKOUT
from tests.simulation.publishers import World
from tests.watchers.congress.publisher import Bill
from tests.watchers.rada.publisher import MOBILISING, RadaDocument, decree, law

BEGIN, END = datetime(2025, 10, 9, 12, tzinfo=UTC), datetime(2025, 12, 8, 22, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

SEARCHES = {
    "postal": "postal", "parity": "EQUALS OR parity", "committees": "standing AND committee*",
    "days of honour": "diabetes OR Dodgers OR socialism", "senators": "notification AND Senate",
}  # fmt: skip
"""Ten of the sixty are introduced meanwhile, and nobody watches them by name."""

REGIMES = {"ua/regime/martial-law": ("793/2025", "4643"), "ua/regime/mobilisation": ("794/2025", "4644")}
"""The regimes, and the numbers of the decree and the law that renewed each."""

SAID = {
    "INTRODUCED": "Introduced", "REFERRED": "Referred", "REPORTED": "Reported by committee",
    "PASS_OVER:HOUSE": "Passed House", "PASS_OVER:SENATE": "Passed Senate", "PASSED:BILL": "Passed both chambers",
    "PASSED:SIMPLERES": "Agreed to", "ENACTED:SIGNED": "Became law",
}  # fmt: skip
"""The words for a status, as `docs/reference/kinds-and-states.md` has them."""

POLLS = (12, 17, 22)
"""Hours (UTC) of the polls of a day."""


@dataclass(slots=True)
class Measure:
    """A measure as it is on record: its actions, newest first, and the statuses it reached in these weeks."""

    bill: DocumentId
    introduced: date
    law: str | None
    title: str
    actions: list[dict[str, Any]] = field(default_factory=list)
    reached: list[tuple[date, str]] = field(default_factory=list)

    @property
    def called(self) -> str:
        return f"{NAMES[self.bill.parts[1]]} {self.bill.parts[2]}"

    def published(self, day: date) -> datetime:
        """When the record of a day is published: in the night, in the morning, or in the evening after it."""
        hour = (3, 14, 19)[int(self.bill.parts[2]) % 3]
        return datetime(day.year, day.month, day.day, hour, tzinfo=UTC) + DAY


NAMES = {"hr": "HR", "s": "S", "hjres": "HJRes", "sjres": "SJRes", "hconres": "HConRes", "hres": "HRes", "sres": "SRes"}
_ACTION = re.compile(r"(\S+) (\S+) (\S+) (\S+) (\S+) \| (.+)")


def measures() -> list[Measure]:
    found: list[Measure] = []
    for line in (CHECKOUT / "tests/fixtures/congress/eight-weeks.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            day, status = line[2:].split(" ", 1)
            found[-1].reached.append((date.fromisoformat(day), status))
        elif action := _ACTION.fullmatch(line):
            day, time, code, system, kind, text = (None if one == "-" else one for one in action.groups())
            row: dict[str, Any] = {
                "actionDate": day,
                "text": text,
                "type": kind,
                "actionTime": time,
                "actionCode": code,
            }
            row["sourceSystem"] = (
                {"code": int(system), "name": "House" if system in "12" else "Senate"} if system else None
            )
            found[-1].actions.append({name: value for name, value in row.items() if value is not None})
        elif line and not line.startswith("#"):
            name, introduced, number, title = line.split(" | ", 3)
            kind, _, place = name.partition(" ")
            bill = us_bill(119, kind, int(place))
            found.append(Measure(bill, date.fromisoformat(introduced), None if number == "-" else number, title))
    return found


@dataclass(frozen=True, slots=True)
class Message:
    """What one person received: when, its subject, and all its words, in each of its forms."""

    at: datetime
    to: str
    subject: str
    forms: tuple[str, ...]
    alerts: tuple[str, ...] = ()


@dataclass(slots=True)
class Desk:
    """The installation and its publishers. `step` runs the command once."""

    folder: Path
    world: World
    mail: MailServer
    environment: dict[str, str]
    measures: list[Measure]
    received: list[Message] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)

    def run(self, begin: datetime, end: datetime, hours: Sequence[int]) -> None:
        events = sorted(self._events(), key=lambda event: event[0])
        for at, apply in (event for event in events if event[0] <= begin):
            self.world.clock.now = at
            apply()
        coming = iter([event for event in events if event[0] > begin])
        event, moment = next(coming, None), begin
        while moment <= end:
            while event is not None and event[0] <= moment:
                self.world.clock.now = event[0]
                event[1]()
                event = next(coming, None)
            self.world.clock.now = moment
            self.once(moment)
            later = [moment.replace(hour=hour) for hour in hours if hour > moment.hour]
            moment = later[0] if later else moment.replace(hour=hours[0]) + DAY

    def once(self, now: datetime) -> None:
        done = self.command("--now", f"{now:%Y-%m-%dT%H:%M:%SZ}", "run", "--once")
        assert done.returncode == 0, done.stderr
        for mail in self.mail.accepted:
            message = mail.message
            forms = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
            self._received(now, mail.recipients[0], str(message["Subject"]), forms, str(message["X-Lexwatch-Alert"]))
        self.mail.accepted.clear()
        for post in self.posts:
            words = "\n".join(_words(post))
            self._received(now, "room", post["text"], [words])
        self.posts.clear()

    def _received(self, now: datetime, to: str, subject: str, forms: Sequence[str], alerts: str = "") -> None:
        plain = tuple(" ".join(html.unescape(re.sub(r"<[^>]+>", " ", form)).split()) for form in forms)
        self.received.append(Message(now, to, subject, plain, tuple(alerts.split())))

    def command(self, *words: str) -> Any:
        return run_command(["--config", str(self.folder / "config.toml"), *words], self.folder, self.environment)

    def _events(self) -> Iterator[tuple[datetime, Any]]:
        for one in self.measures:
            for day in sorted({date.fromisoformat(action["actionDate"]) for action in one.actions}):
                yield one.published(day), lambda m=one, d=day: self._publish(m, d)
        first = BEGIN - 2 * DAY
        for number in range((END - first).days):
            award = RadaDocument(f"{3000 + number}/2025", "Про відзначення державними нагородами України", first.date())
            yield first + number * DAY, lambda paper=award: self._show(paper)
        for number, act, title in (("793/2025", "4643-20", None), ("794/2025", "4644-20", MOBILISING)):
            yield from self._renewal(number, act, title)

    def _publish(self, one: Measure, day: date) -> None:
        actions = [action for action in one.actions if action["actionDate"] <= day.isoformat()]
        laws = one.law and any("Became Public Law" in action["text"] for action in actions)
        says: dict[str, Any] = {"introducedDate": one.introduced.isoformat()}
        says |= {"laws": [{"number": one.law, "type": "Public Law"}]} if laws else {}
        updated = self.world.clock() - timedelta(minutes=5)
        self.world.congress.bills[one.bill] = Bill(updated, one.title, {"actions": actions}, says)

    def _renewal(self, number: str, act: str, title: str | None) -> Iterator[tuple[datetime, Any]]:
        """A decree of 20 October, its law of 21 October, in force on the 30th."""
        start = "05 години 30 хвилин 5 листопада 2025 року"
        more = {"title": title, "what": "продовжити строк проведення загальної мобілізації"} if title else {}
        paper = decree(number, date(2025, 10, 20), start, **more)
        approving = law(act, date(2025, 10, 21), paper)
        valid = replace(approving, status=5, text=(approving.text or "").replace("не набрав чинності", "чинний"))
        yield datetime(2025, 10, 20, 14, tzinfo=UTC), lambda: self._show(paper)
        yield datetime(2025, 10, 21, 15, tzinfo=UTC), lambda: self._show(approving)
        yield datetime(2025, 10, 30, 12, tzinfo=UTC), lambda: self._show(valid)

    def _show(self, paper: RadaDocument) -> None:
        rada = self.world.rada
        rada.put(replace(paper, touched=self.world.clock()))
        rada.everything = sorted(rada.acts.values(), key=lambda known: known.touched, reverse=True)
        rada.unlisted = {name for name, known in rada.acts.items() if self.world.clock() - known.touched > 30 * DAY}


def _words(value: Any) -> Iterator[str]:
    """Yield every text of a post, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _words(one) if name not in ("type", "url", "action_id") else ()
    elif isinstance(value, list):
        for one in value:
            yield from _words(one)


KINDS = '["status", "term", "reminder", "appeared", "correction", "vote", "text", "hearing"{more}]'


def configuration(world: World, mail: str, named: Sequence[Measure]) -> str:
    watches = [f'bill = "{one.bill}"' for one in named] + [f'regime = "{regime}"' for regime in REGIMES]
    watches += [f'search = "{words}"\nname = "{name}"\ncongress = 119' for name, words in SEARCHES.items()]
    return f"""
[service]
database = "record.db"
contact  = "desk@example.org"
[http]
allow_hosts = ["127.0.0.1"]
[source.congress]
every    = "1h"
base_url = "{world.url("congress")}/v3"
api_key  = {{ env = "KEY" }}
[source.rada]
every    = "1h"
base_url = "{world.url("rada")}"
{"".join(f"[[watch]]{chr(10)}{one}{chr(10)}" for one in watches)}
[[channel]]
name   = "weekly"
kind   = "email"
to     = ["ana@example.org"]
sender = "lexwatch@example.org"
server = "{mail}"
[[channel]]
name   = "at once"
kind   = "email"
to     = ["bo@example.org"]
sender = "lexwatch@example.org"
server = "{mail}"
[[channel]]
name    = "room"
kind    = "slack"
webhook = {{ env = "HOOK" }}
[[route]]
kinds    = {KINDS.format(more=', "action"')}
channels = ["weekly"]
when     = "weekly monday 08:00"
[[route]]
kinds    = {KINDS.format(more="")}
channels = ["at once", "room"]
"""


@contextmanager
def desk(folder: Path, begin: datetime) -> Iterator[Desk]:
    known = measures()
    named = [one for one in known if one.introduced < BEGIN.date()]
    here: list[Desk] = []

    def post(asked: ReceivedRequest) -> Reply:
        here[0].posts.append(json.loads(asked.body))
        return Reply(body=b"ok", content_type="text/plain")

    with World(ManualClock(begin)).served() as world, serve(post) as hook, serve_mail() as mail:
        (folder / "config.toml").write_text(configuration(world, mail.server, named), encoding="utf-8")
        environment = {"HOME": str(folder), "PYTHONPATH": str(ROOT), "KEY": "key", "HOOK": f"{hook.url}/hook"}
        here.append(Desk(folder, world, mail, environment, known))
        yield here[0]


# -- the checker: it knows the record, and reads what was received

TO = ("ana@example.org", "bo@example.org", "room")


def names(message: Message, called: str, *words: str) -> list[bool]:
    """Say of each form of a message whether it names a document, and within a few words of it all of these."""
    whole = re.compile(rf"\b{re.escape(called)}\b")
    return [whole.search(form) is not None and all(word in form for word in words) for form in message.forms]


def judged(here: Desk, begin: datetime, end: datetime) -> list[str]:
    """Hold what was received against the record: what is not named, not in every form, or twice."""
    faults: list[str] = []
    told = changes_of(here)
    for one in here.measures:
        for day, status in one.reached:
            at = one.published(day)
            if not begin < at <= end - HOUR:
                continue
            for to in TO:
                due = end if to != TO[0] else next_monday(at)
                if due > end:
                    continue
                faults += [
                    f"{one.called} {status} of {day}: {said}" for said in missing(here, one, status, to, at, due, told)
                ]
    for regime, (act, approval) in REGIMES.items():
        if begin < datetime(2025, 10, 20, 14, tzinfo=UTC) and end > datetime(2025, 11, 3, tzinfo=UTC):
            faults += [
                f"{regime}: {number} is not named to {to}"
                for to in TO
                for number in (act, approval)
                if not any(any(number in form for form in m.forms) for m in here.received if m.to == to)
            ]
    for to in TO:
        again = Counter(alert for m in here.received if m.to == to for alert in m.alerts)
        faults += [f"{to} got {alert} {times} times" for alert, times in again.items() if times > 1]
    return faults


def missing(
    here: Desk,
    one: Measure,
    status: str,
    to: str,
    at: datetime,
    due: datetime,
    told: dict[tuple[str, str], Counter[str]],
) -> Iterator[str]:
    found = [
        m for m in here.received if m.to == to and at <= m.at <= due + HOUR and any(names(m, one.called, SAID[status]))
    ]
    if not found:
        yield f"not named to {to}"
    elif not any(all(names(message, one.called, SAID[status])) for message in found):
        yield f"not named to {to} in every form"
    times = told[to, str(one.bill)][status]
    if times != 1 and not (times == 0 and one.introduced >= BEGIN.date()):
        yield f"{times} times to {to} by the record"


def changes_of(here: Desk) -> dict[tuple[str, str], Counter[str]]:
    """Count what the record says was sent: statuses, by recipient and document."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    done = here.command("alerts", "--json")
    for row in json.loads(done.stdout):
        for key in row["changes"] if row["state"] == "sent" else ():
            document, _, rest = key.partition("@")
            _, kind, subject = rest.split(":", 2)
            if kind == "status":
                found[row["to"] if "@" in row["to"] else "room", document][_status(subject)] += 1
    return found


def _status(subject: str) -> str:
    return re.sub(r":\d{4}-\d\d-\d\d.*$", "", subject)


def next_monday(at: datetime) -> datetime:
    day = at.replace(hour=8, minute=0)
    while day < at or day.weekday() != 0:
        day += DAY
    return day + 4 * HOUR


def report(here: Desk) -> str:
    """Say how long the messages are."""
    lines = []
    for to in TO:
        own = [message for message in here.received if message.to == to]
        sizes = sorted(len(message.forms[0].split()) for message in own) or [0]
        subjects = max((len(message.subject) for message in own), default=0)
        lines.append(
            f"{to:<16} {len(own):>4} messages, words: {sizes[len(sizes) // 2]} in the middle, {sizes[-1]} at most; "
            f"subject at most {subjects} letters"
        )
    return "\n".join(lines)


def test_a_week_of_the_desk(tmp_path: Path) -> None:
    """Monday to Monday, a poll a day: the week in which most of the sixty passed a chamber."""
    begin, end = datetime(2025, 11, 17, 12, tzinfo=UTC), datetime(2025, 11, 24, 12, tzinfo=UTC)
    with desk(tmp_path, begin) as here:
        here.run(begin, end, (12,))
        print("\n" + report(here))
        assert judged(here, begin, end) == []


@pytest.mark.slow
def test_eight_weeks_of_the_desk(tmp_path: Path) -> None:
    with desk(tmp_path, BEGIN) as here:
        here.run(BEGIN, END, POLLS)
        print("\n" + report(here))
        assert judged(here, BEGIN, END) == []
