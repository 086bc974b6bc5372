"""The calendar of all publishers: Congress, emergencies, martial law in Ukraine, the Parliament of Canada, two feeds.

A seed draws the days. Each publisher is down for a week, most of them while something happens. All is constructed; the
numbers and days of what is on record (decree 596/2026, notice 2026-18046) are those of the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from tests.simulation import congress_events
from tests.simulation.events import (
    BEGIN,
    C34,
    DAY,
    EMERGENCIES,
    END,
    MARTIAL_LAW,
    REDESIGNED,
    Outage,
    Reminders,
    Schedule,
    at,
)
from tests.simulation.publishers import KINDS_OF_OUTAGE, World
from tests.watchers.federal_register.publisher import TITLES, Document, noise
from tests.watchers.feed.feed_poller import Item
from tests.watchers.legisinfo_publisher import other
from tests.watchers.rada.publisher import EXTENSION, RadaDocument, decree, law, written
from tests.watchers.ukraine_sources import row

DOWN = {
    "acts": date(2026, 8, 10), "congress": date(2026, 9, 14), "legisinfo": date(2026, 9, 21),
    "clerk": date(2026, 9, 28), "rada": date(2026, 10, 12), "govinfo": date(2026, 10, 26),
    "texts": date(2026, 11, 30), "senate": date(2026, 12, 7), "president": date(2027, 1, 8),
    "federal_register": date(2027, 1, 12), "notices": date(2027, 2, 22), "rada_bills": date(2027, 4, 8),
}  # fmt: skip
"""From six in the morning of this day on, for a week."""


def schedule(seed: int, begin: datetime = BEGIN, end: datetime = END, *, down: Mapping[str, date] = DOWN) -> Schedule:
    """Draw the events of a stretch of the year; what lies before it is its past. `down` says of publishers when their
    week begins, at six in the morning."""
    made = Schedule(seed, begin, end)
    congress_events.add_bills(made)
    congress_events.add_new_congress(made)
    congress_events.add_votes(made)
    congress_events.add_touches(made)
    for add in (_emergencies, _ukraine, _canada, _feeds):
        add(made)
    for place, (source, day) in enumerate(down.items()):
        outage = Outage(source, at(day, 6), at(day, 6) + 7 * DAY, KINDS_OF_OUTAGE[place % 3])
        if begin < outage.begin and outage.end < end:
            made.outages.append(outage)
            made.add(outage.begin, lambda w, o=outage: w.origins[o.source].fall(o.how))
            made.add(outage.end, lambda w, o=outage: w.origins[o.source].rise())
    return made.in_order()


def prepare(world: World, planned: Schedule) -> None:
    """Publish what is the past when the stretch begins."""
    world.clock.now = BEGIN - 12 * DAY
    congress_events.prepare(world)
    world.register.put(*noise("2026-05-22"), *noise("2026-06-19"))
    approved = decree("251/2026", date(2026, 4, 27), _start(date(2026, 5, 4)), touched=at(date(2026, 6, 22), 12))
    world.rada.put(approved, replace(law("4801-20", date(2026, 4, 28), approved, touched=approved.touched), status=5))
    world.president.put("251/2026", written(date(2026, 4, 27)), EXTENSION, _clause(date(2026, 5, 4)))
    world.legisinfo.listed = (_c34(*STATUSES[0]), other("C-2", "An Act constructed first", "45-1"))
    acts = world.feeds["acts"]  # the other feed begins empty
    acts.items = [_item("acts", place, f"Past act {'abcdef'[place]}", world.clock()) for place in range(6)]
    for event in planned.past:
        world.clock.now = event.at
        event.apply(world)
    world.clock.now = planned.begin


# -- emergencies: each ends on its anniversary unless a notice in the ninety days before continues it


def _emergencies(made: Schedule) -> None:
    notices = {
        "eo-13848": ("2026-18046", date(2026, 9, 2), date(2026, 9, 12)),
        "eo-14156": ("2027-00801", date(2027, 1, 14), date(2027, 1, 20)),
        "eo-13660": ("2027-04001", date(2027, 3, 2), date(2027, 3, 6)),
    }
    for name, (number, day, end) in notices.items():
        document = f"us/regime/emergency/{name}"
        assert document in EMERGENCIES
        signed = (day - DAY).isoformat()
        notice = Document(number, TITLES[name], day.isoformat(), signed, citation=f"91 FR {number[-4:]}")
        made.add(at(day, 13, 1), lambda world, n=notice: world.register.put(n), document, number, term=1)
        midnight = datetime(end.year, end.month, end.day, tzinfo=ZoneInfo("America/New_York"))
        if name != "eo-13848":  # the record knows its present term only from this notice on
            made.terms.append(Reminders(document, midnight, at(day, 13, 1), number))
    for week in range(52):
        day = (BEGIN + week * 7 * DAY).date()
        made.add(at(day, 13, 1), lambda world, d=day: world.register.put(*noise(d.isoformat(), 2)), "us/regime")


# -- Ukraine: every ninety days a decree, a law, and its entry into force

RENEWALS = (
    ("596/2026", date(2026, 7, 13), "4928", date(2026, 7, 15), date(2026, 7, 25), date(2026, 8, 2)),
    ("801/2026", date(2026, 10, 13), "5101", date(2026, 10, 15), date(2026, 10, 27), date(2026, 10, 31)),
    ("21/2027", date(2027, 1, 11), "5202", date(2027, 1, 13), date(2027, 1, 26), date(2027, 1, 29)),
    ("301/2027", date(2027, 4, 12), "5303", date(2027, 4, 14), date(2027, 4, 26), date(2027, 4, 29)),
)
"""Decree, its day, law, its day, when the law is in force, when the term starts (05:30 in Kyiv)."""


def _start(day: date) -> str:
    return f"05 години 30 хвилин {written(day)}"


def _clause(day: date) -> str:
    return f"продовжити строк дії воєнного стану в Україні з {_start(day)} строком на 90 діб."


def _ukraine(made: Schedule) -> None:
    """The President's site has a decree hours before the database; the register has the bill, the database the law."""
    for place, (number, on, act, adopted, in_force, start) in enumerate(RENEWALS):
        paper = decree(number, on, _start(start))
        approving = law(f"{act}-20", adopted, paper)
        bill, roman = str(15100 + place), f"{act}-IX"
        site = (number, written(on), EXTENSION, _clause(start))
        made.add(at(on, 9), lambda w, s=site: w.president.put(*s), MARTIAL_LAW, f"ecree {number}", term=1)
        made.add(at(on, 14), lambda w, p=paper: _show(w, p))
        registered = {bill: row(bill, f"{on:%d.%m.%Y}")}
        made.add(at(on, 16), lambda w, r=registered: w.bills_register.rows.update(r), MARTIAL_LAW,
                 f"ill {bill} registered", term=1)  # fmt: skip
        made.add(at(adopted, 15), lambda w, p=approving: _show(w, p), MARTIAL_LAW, f"aw {roman} adopted", term=1)
        valid = replace(approving, status=5, text=(approving.text or "").replace("не набрав чинності", "чинний"))
        made.add(at(in_force, 12), lambda w, p=valid: _show(w, p), MARTIAL_LAW, f"{roman} in force", term=1)
        end = datetime(start.year, start.month, start.day, 5, 30, tzinfo=ZoneInfo("Europe/Kyiv"))
        made.terms.append(Reminders(MARTIAL_LAW, end, at(in_force, 12), f"{roman} in force"))
    for number in range(365):
        day = BEGIN + number * DAY - timedelta(hours=1)
        award = RadaDocument(f"{3000 + number}/{day.year}", "Про відзначення державними нагородами України", day.date())
        if day.weekday() < 5:
            made.add(day, lambda w, p=award: _show(w, p), "ua/regime")


def _show(world: World, paper: RadaDocument) -> None:
    """Put an act into the database, whose lists go back thirty days; that of all acts goes back for ever."""
    now = world.clock()
    world.rada.put(replace(paper, touched=now))
    world.rada.everything = sorted(world.rada.acts.values(), key=lambda known: known.touched, reverse=True)
    world.rada.unlisted = {name for name, known in world.rada.acts.items() if now - known.touched > 30 * DAY}


# -- Canada

STATUSES = (
    (date(2026, 6, 10), "At second reading in the House of Commons"),
    (date(2026, 9, 22), "At consideration in committee in the House of Commons"),
    (date(2026, 11, 17), "At report stage in the House of Commons"),
    (date(2027, 2, 9), "At third reading in the House of Commons"),
    (date(2027, 3, 16), "House of Commons bill awaiting first reading in the Senate"),
)


def _c34(day: date, status: str) -> dict[str, Any]:
    stage = {"LatestCompletedBillStageDateTime": f"{day}T15:00:00", "LatestBillEventDateTime": f"{day}T15:00:00"}
    return other("C-34", "An Act constructed for this year", "45-1", StatusNameEn=status, **stage)


def _canada(made: Schedule) -> None:
    """A bill goes its way, another appears, and in May the session ends."""
    for day, status in STATUSES[1:]:
        made.add(at(day, 20), lambda w, d=day, s=status: _put_bill(w, _c34(d, s)), C34, status, status=1)
    word = made.word()
    found = other("C-40", f"{word} NATO Act", "45-1")
    made.add(at(date(2026, 10, 6), 16), lambda w: _put_bill(w, found), "ca/bill/45-1/c-40", word, appeared=1)
    made.add(at(date(2027, 5, 18), 22), _end_session, C34, "status:LAPSED", status=1)


def _put_bill(world: World, bill: dict[str, Any]) -> None:
    others = (one for one in world.legisinfo.listed if one["NumberCode"] != bill["NumberCode"])
    world.legisinfo.listed = (*others, bill)


def _end_session(world: World) -> None:
    """The list goes over to the new session; bills of the old one are still found by themselves."""
    for bill in world.legisinfo.listed:
        world.legisinfo.single[f"/legisinfo/en/bill/45-1/{bill['NumberCode'].lower()}/json"] = bill
    world.legisinfo.listed = (other("C-1", "An Act pro forma", "45-2"),)


# -- feeds


def _feeds(made: Schedule) -> None:
    """One feed is redesigned in February; the other begins empty, is empty again for four weeks, and goes on."""
    emptied, goes_on = datetime(2026, 10, 30, 12, tzinfo=UTC), datetime(2026, 11, 28, tzinfo=UTC)
    for feed, count in (("acts", 60), ("notices", 24)):
        for number in range(10, 10 + count):
            moment = made.moment(BEGIN + DAY, END - 8 * DAY)
            if feed == "acts" or not emptied - 2 * DAY < moment < goes_on:
                word = made.word()
                apply = partial(_publish, feed=feed, number=number, title=f"Order on {word}")
                made.add(moment, apply, f"feed/{feed}", word, appeared=1)
    made.add(emptied, lambda world: setattr(world.feeds["notices"], "items", []))
    made.add(REDESIGNED, _redesign)


def _item(feed: str, number: int, title: str, moment: datetime) -> Item:
    address, on = f"https://feeds.example/{feed}/{number}", moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
    return Item(number, title, f"What {title} orders.", f"{feed}-{number}", address, on)


def _publish(world: World, feed: str, number: int, title: str) -> None:
    known = world.feeds[feed].items
    item = _item(feed, number, title, world.clock())
    if known and "/page/" in (known[0].link or ""):
        item = _redesigned(item)
    world.feeds[feed].items = [item, *known][:20]


def _redesigned(item: Item) -> Item:
    address = f"https://feeds.example/new/page/{item.number}.html"
    return replace(item, guid=f"urn:redesigned:{item.number * 7}", link=address)


def _redesign(world: World) -> None:
    world.feeds["acts"].items = [_redesigned(item) for item in world.feeds["acts"].items]
