"""Which alerts does docs/reference/alerts.md show? Facts of the official records; what is constructed says so."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from domain.alerts.bundles import digest
from domain.alerts.delivery import Delivery, State
from domain.alerts.routing import routed
from domain.coded_text import CodedText, coded
from domain.documents import DocumentId, public_url
from domain.jurisdictions.us.names import us_bill
from domain.ports import Ahead, Notice
from domain.records.facets import Kind
from domain.records.facets import digest as sha256
from domain.records.record import Change, operational_change
from domain.terms.reminders import RegimeStanding
from notifications.templates import RenderOptions
from notifications.translation import language_of

NATO = us_bill(119, "hr", 6508)
SECURE = us_bill(117, "hr", 3919)
MARTIAL = DocumentId("ua", "regime", ("martial-law",))
MOBILISATION = DocumentId("ua", "regime", ("mobilisation",))
LONG = (
    "To require the President to give notice of denunciation of the North Atlantic Treaty for purposes of withdrawing "
    "the United States from the North Atlantic Treaty Organization, and for other purposes."
)
KYIV = "Europe/Kyiv"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def change(
    document: DocumentId, kind: Kind, before: str | None, after: str, text: str | None, on: str | None, seen: str
) -> Change:
    source = "congress" if document.kind == "bill" else "clock" if kind is Kind.REMINDER else "rada"
    return Change(
        document=document,
        revision=2,
        kind=kind,
        subject=after,
        before=before,
        after=after,
        text=text,
        happened_on=on,
        seen_at=at(seen),
        source=source,
        published_at=at("2025-12-27T05:38:19") if seen.startswith("2025-12-27") else None,
        evidence=None if kind is Kind.REMINDER else sha256(f"{document} {after}".encode()),
    )


def notice(document: DocumentId, title: str, *changes: Change, note: str | None = None, **facts: Any) -> Notice:
    watch = note or title
    known: dict[str, Any] = {
        "delivery": "dl-4c19d0a7b2e1",
        "alerts": ("al-83f2c6d9e014",),
        "document": document,
        "title": title,
        "url": public_url(document),
        "status": None,
        "status_on": None,
        "changes": changes,
        "watches": (watch,),
        "note": note,
        "reasons": (routed(watch, str(document), "desk", dict.fromkeys(c.kind for c in changes)),),
        "created_at": changes[0].seen_at,
        "to": "desk@example.org",
        "zone": "Europe/Kyiv",
    }
    return Notice(**known | facts)


def nato() -> Notice:
    seen = "2025-12-27T06:00:00"
    return notice(
        NATO,
        "NATO Act",
        change(NATO, Kind.TEXT, None, "Introduced in House", None, "2025-12-09", seen),
        change(NATO, Kind.TITLE, LONG, "NATO Act", "NATO Act", None, seen),
        note="US withdrawal from NATO",
        status="REFERRED",
        status_on="2025-12-09",
    )


def secure() -> Notice:
    signed = change(
        SECURE,
        Kind.STATUS,
        "PASSED:BILL",
        "ENACTED:SIGNED",
        "Signed by President.",
        "2021-11-11",
        "2021-11-12T06:00:00",
    )
    return notice(
        SECURE,
        "Secure Equipment Act of 2021",
        signed,
        status="ENACTED:SIGNED",
        status_on="2021-11-11",
        law="Public Law 117-55",
        zone="America/New_York",
    )


def extension(number: int) -> CodedText:
    """Return the term that the decrees of October 2025 set."""
    run = coded("term.run", start="2025-11-05T05:30+02:00", end="2026-02-03T05:30+02:00", zone=KYIV, length="90 days")
    return coded("term.extension", number=number, run=run)


def decree(document: DocumentId, number: str, regime: str, renewal: int, title: str) -> Notice:
    act = coded("act.signed", document=f"ua/decree/{number}")
    words = coded("term.announced", act=act, term=extension(renewal)).to_json()
    news = change(document, Kind.TERM, None, words, f"{title} № {number}", "2025-10-20", "2025-10-20T14:10:00")
    standing = RegimeStanding(
        coded("stands.in_force", end="2025-11-05T05:30+02:00"),
        coded("means.decree_signed"),
        coded("awaits.decree_signed"),
    )
    return notice(document, regime, news, url=f"https://zakon.rada.gov.ua/go/{number}", standing=standing)


def martial() -> Notice:
    return decree(
        MARTIAL, "793/2025", "Martial law in Ukraine", 17, "Про продовження строку дії воєнного стану в Україні"
    )


def reminder() -> Notice:
    lead = coded("lead.law_signed", days="3-12", median="7", cases=18)
    parts = (
        coded("reminder.regime", title="Martial law in Ukraine", term=extension(17)),
        coded("reminder.lead", lead=lead, left=14),
        coded("reminder.sources_last_read", through="2026-01-20T05:20+02:00"),
    )
    label = coded("reminder.days_left", n=14, renewal=coded("renewal.law_adopted")).to_json()
    text = coded("sentences", parts=parts).to_json()
    due = change(MARTIAL, Kind.REMINDER, None, label, text, None, "2026-01-20T03:30:00")
    standing = RegimeStanding(
        coded("stands.in_force", end="2026-02-03T05:30+02:00"),
        coded("means.law_adopted"),
        coded("awaits.law_adopted"),
    )
    url = "https://zakon.rada.gov.ua/go/40/2026"
    return notice(MARTIAL, "Martial law in Ukraine", due, note="martial law", url=url, standing=standing)


def correction() -> Notice:
    words = "Referred to the House Committee on Foreign Affairs."
    right = change(
        NATO,
        Kind.CORRECTION,
        coded("entry.dated", words=words, on="2025-12-10").to_json(),
        coded("entry.dated", words=words, on="2025-12-09").to_json(),
        None,
        "2025-12-09",
        "2025-12-12T06:00:00",
    )
    return notice(
        NATO,
        "NATO Act",
        right,
        status="REFERRED",
        status_on="2025-12-09",
        reported_at=at("2025-12-10T06:00:00"),
        replies_to="dl-0d5b8f61a3c7",
        reasons=(coded("reason.corrected", changes=("us/bill/119/hr/6508@2:action:…",)),),
    )


def difference() -> Notice:
    lines = (
        "… the President [- may] [+ shall] give notice of denunciation to the Government …\n"
        "… not later than [- 90] [+ 30] days after the date of enactment …\n"
        "… [+ No funds may be made available for the common budgets.]"
    )
    extent = coded("text.extent", n=3, removed="3", added="12")
    touched = coded("text.touched", extent=extent, touched=(coded("touched.numbers"), coded("touched.negations")))
    names = {"version": "Reported in House", "before": "Introduced in House"}
    label = coded("text.compared", **names, extent=touched).to_json()
    news = change(NATO, Kind.TEXT, None, label, lines, "2026-01-14", "2026-01-15T06:00:00")
    return notice(NATO, "NATO Act", news, status="REPORTED", status_on="2026-01-14")


def weekly() -> Notice:
    parts = (
        nato(),
        martial(),
        decree(
            MOBILISATION,
            "794/2025",
            "General mobilisation in Ukraine",
            17,
            "Про продовження строку проведення загальної мобілізації",
        ),
    )
    parts = tuple(
        replace(part, changes=tuple(replace(one, seen_at=at("2025-12-27T06:00:00")) for one in part.changes))
        for part in parts
    )
    delivery = Delivery(
        id="dl-77a0e5c3d918",
        alerts=tuple(f"al-{mark}" for mark in ("83f2c6d9e014", "1b9e44f07c2a", "c05d7a3e9f61")),
        document=NATO,
        channel="desk",
        to="desk@example.org",
        state=State.PENDING,
        attempts=0,
        due_at=parts[0].created_at,
        created_at=parts[0].created_at,
        digest_key="weekly monday 08:00",
    )
    hearing = Ahead(NATO, date(2026, 1, 7), at("2026-01-07T15:00:00"), "Hearing (constructed): Rayburn 2172")
    ending = coded("ahead.ends", role=coded("ahead.extension", number=17), at="2026-02-03T05:30+02:00", zone=KYIV)
    return replace(digest(delivery, parts), ahead=(hearing, Ahead(MARTIAL, date(2026, 2, 3), None, ending.to_json())))


def portfolio() -> Notice:
    rows = (
        (NATO, "NATO Act", "REFERRED", "2025-12-09", "2026-01-07", "high", "oppose", "ana", True),
        (SECURE, "Secure Equipment Act of 2021", "ENACTED:SIGNED", "2021-11-11", None, None, None, "bo", False),
        (MARTIAL, "Martial law in Ukraine", "IN_FORCE", "2025-11-05", "2026-02-03", None, None, "ana", False),
    )
    names = ("title", "status", "status_on", "next_on", "priority", "position", "owner", "changed")
    kept = [
        {"id": str(row[0]), "kind": row[0].kind, "watch": "", "tags": [], "note": None, "news_on": None}
        | ({"ends_on": row[4]} if row[0] is MARTIAL else {})
        | {"url": public_url(row[0])}
        | dict(zip(names, row[1:], strict=True))
        for row in rows
    ]
    head = coded("portfolio.head", first="2025-12-22", last="2025-12-28", n=3, changed=1).to_json()
    table = coded("portfolio.table", rows=json.dumps(kept)).to_json()
    seen = at("2025-12-29T08:00:00")
    report = operational_change(Kind.RECEIPT, "desk.portfolio", 1, "portfolio", (None, head, table), seen)
    why = (coded("reason.portfolio_report", channel="desk", schedule="weekly monday 08:00"),)
    return replace(notice(report.document, "", report, url=None, watches=(), reasons=why), title=None)


ENGLISH, UKRAINIAN = RenderOptions(), RenderOptions(language_of("uk"))


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: its name in files, its heading, what it rests on, and how it is told."""

    name: str
    heading: str
    rests_on: str
    notice: Notice
    render: RenderOptions = ENGLISH


ALERTS = (
    Alert(
        "text",
        "A new text and its short title",
        "HR 6508 of the 119th Congress, as published on 27 December 2025",
        nato(),
    ),
    Alert(
        "law",
        "Signed into law",
        "HR 3919 of the 117th Congress; the number of the law is known when the alert is written",
        secure(),
    ),
    Alert("decree", "A term extended, in Ukrainian", "decree 793/2025 of 20 October 2025", martial(), UKRAINIAN),
    Alert(
        "reminder",
        "Fourteen days left",
        "martial law on 20 January 2026, between the vote and the signature; the lead times are constructed",
        reminder(),
    ),
    Alert("correction", "A correction", "constructed: HR 6508, sent with a wrong day", correction()),
    Alert("difference", "What differs between two texts", "constructed: no such version was published", difference()),
    Alert(
        "digest",
        "A weekly digest",
        "the first and the third, and decree 794/2025; that they fall into one week, and what is ahead, is constructed",
        weekly(),
    ),
    Alert("portfolio", "A weekly report", "constructed from three of the documents above", portfolio()),
)
