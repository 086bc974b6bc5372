"""Eight weeks of a desk: sixty measures of the 119th Congress, five searches, two regimes, three recipients.

What the publishers say is the record of 10 October to 4 December 2025 (`fixtures/congress/eight-weeks.txt`, and the
acts that renewed martial law and mobilisation, whose texts are constructed). The real command polls and sends; an
independent checker reads the mails and the posts. What is to be told is what the field's reference program reads.
"""

from __future__ import annotations

import html
import json
import random
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
    "PASSED:SIMPLERES": "Agreed to", "ENACTED:SIGNED": "Signed by President",
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

    def run(self, moments: Sequence[datetime]) -> None:
        """Run the command at these moments, and let everything be published at its own; what lies before the first is
        the past."""
        coming = sorted(self._events(), key=lambda event: event[0])[::-1]
        for moment in moments:
            while coming and coming[-1][0] <= moment:
                self.world.clock.now, apply = coming.pop()
                apply()
            self.world.clock.now = moment
            self.once(moment)

    def once(self, now: datetime) -> None:
        done = self.command("--now", f"{now:%Y-%m-%dT%H:%M:%SZ}", "run", "--once")
        assert done.returncode == 0, done.stderr
        for mail in self.mail.accepted:
            message = mail.message
            forms = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
            self._received(now, mail.recipients[0], str(message["Subject"]), forms, str(message["X-Lexwatch-Alert"]))
        self.mail.accepted.clear()
        for post in self.posts:
            words = re.sub(r"<[^<>|]*\|([^<>]*)>", r"\1", "\n".join(_words(post)))  # a link is its words
            self._received(now, "room", post["text"], [words])
        self.posts.clear()

    def _received(self, now: datetime, to: str, subject: str, forms: Sequence[str], alerts: str = "") -> None:
        plain = tuple(" ".join(html.unescape(re.sub(r"<[^>]+>", " ", form)).split()) for form in forms)
        self.received.append(Message(now, to, subject, plain, tuple(alerts.split())))

    def mentions(self, to: str, word: str) -> bool:
        return any(word in form for message in self.received if message.to == to for form in message.forms)

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
def desk(folder: Path, begin: datetime, known: list[Measure]) -> Iterator[Desk]:
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


NEAR = 450
"""Letters between the name of a document and its status: a title may stand between them."""


def names(message: Message, called: str, status: str) -> list[bool]:
    """Say of each form of a message whether it names a document and, near it, a status."""
    whole = re.compile(rf"\b{re.escape(called)}\b")
    return [
        any(status in form[max(0, m.start() - NEAR) : m.end() + NEAR] for m in whole.finditer(form))
        for form in message.forms
    ]


def judged(here: Desk, polls: Sequence[datetime]) -> list[str]:
    """Hold what was received against the record: what is not named, not in every form, or twice."""
    counted = sent_statuses(here)
    faults = [
        f"{one.called} {status} of {day}: {said} to {to}"
        for one in here.measures
        for day, status in one.reached
        for to in TO
        if (due := due_at(one.published(day), to, polls)) is not None
        for said in wrong(here, one, status, to, due, counted[to, str(one.bill)][status])
    ]
    if polls[0] < datetime(2025, 10, 20, tzinfo=UTC):
        acts = [(to, number) for to in TO for numbers in REGIMES.values() for number in numbers]
        faults += [f"{number} is not named to {to}" for to, number in acts if not here.mentions(to, number)]
    for to in TO:
        again = Counter(alert for m in here.received if m.to == to for alert in m.alerts)
        faults += [f"{to} got {alert} {times} times" for alert, times in again.items() if times > 1]
    return faults


def due_at(published: datetime, to: str, polls: Sequence[datetime]) -> datetime | None:
    """Return at which poll a recipient is to hear of it; None for what is past when the desk begins, or comes later."""
    if published <= polls[0]:
        return None
    seen = next((poll for poll in polls if poll >= published), None)
    if to != TO[0] or seen is None:
        return seen
    monday = seen.replace(hour=8) + ((7 - seen.weekday()) % 7) * DAY
    return next((poll for poll in polls if poll >= (monday if monday >= seen else monday + 7 * DAY)), None)


def wrong(here: Desk, one: Measure, status: str, to: str, due: datetime, times: int) -> Iterator[str]:
    """Say what is wrong with how a recipient was told of a status. One that a search finds meanwhile may have reached
    its status before it was first seen: then it is named with that."""
    found = [
        named for m in here.received if (m.to, m.at) == (to, due) and any(named := names(m, one.called, SAID[status]))
    ]
    if len(found) != 1:
        yield f"named in {len(found)} messages"
    elif not all(found[0]):
        yield "not named in every form of the message"
    if times != 1 and (times or one.introduced < BEGIN.date()):
        yield f"by the record {times} times"


def sent_statuses(here: Desk) -> dict[tuple[str, str], Counter[str]]:
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


def moments(begin: datetime, end: datetime, hours: Sequence[int]) -> list[datetime]:
    days = (begin.replace(hour=0) + number * DAY for number in range((end - begin).days + 2))
    return [at for day in days for hour in hours if begin <= (at := day.replace(hour=hour)) <= end]


def test_a_week_of_the_desk(tmp_path: Path) -> None:
    """Some of the sixty in the week in which most of them passed a chamber, to the digest of its Monday."""
    known = random.Random(6508).sample(measures(), 24)
    at = [datetime(2025, 11, day, 12, tzinfo=UTC) for day in (18, 20, 21, 24)]
    with desk(tmp_path, at[0], known) as here:
        here.run(at)
        print("\n" + report(here))
        assert judged(here, at) == []
        assert {message.to for message in here.received} == set(TO)


@pytest.mark.slow
def test_eight_weeks_of_the_desk(tmp_path: Path) -> None:
    with desk(tmp_path, BEGIN, measures()) as here:
        here.run(polls := moments(BEGIN, END, POLLS))
        print("\n" + report(here))
        assert judged(here, polls) == []
