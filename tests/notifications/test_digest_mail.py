"""DESK-1, 2, 3, 24: what a person reads in a digest, asked of the mail itself. Everything is constructed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from typing import Any

import pytest

from domain.alerts.bundles import digest
from domain.alerts.digest_schedule import DigestSchedule
from domain.alerts.routing import routed
from domain.coded_text import coded
from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.ports import Ahead, Notice
from domain.records.facets import Kind
from domain.records.record import Change, operational_change
from domain.terms.reminders import RegimeStanding
from notifications.compose import compose
from notifications.email import Email
from notifications.message import portfolio_rows_of
from notifications.slack import slack_payload
from notifications.templates import RenderOptions
from notifications.translation import language_of
from tests.notifications.notices import change, notice
from tests.notifications.test_combined_messages import waiting

MONDAY = datetime(2025, 12, 15, 8, 40, tzinfo=UTC)
DESK = Email(name="weekly", to=["ana@gr.example.org"], sender="l@example.org", server="smtp://localhost:25")

WEEK: dict[int, tuple[str, list[tuple[Kind, str]]]] = {
    **{
        n: ("REFERRED", [(Kind.ACTION, f"Line {one} of HR {n}") for one in range(count)])
        for n, count in zip(range(1, 6), (9, 17, 16, 17, 17), strict=True)
    },
    **{
        n: ("PASS_OVER:SENATE", [(Kind.STATUS, "PASS_OVER:SENATE"), (Kind.SPONSOR, "A"), (Kind.SPONSOR, "B")])
        for n in range(6, 10)
    },
    **{n: ("REPORTED", [(Kind.STATUS, "REPORTED"), (Kind.SPONSOR, "A")]) for n in (10, 11)},
    12: ("REFERRED", [(Kind.APPEARED, "Constructed 12")]),
    **{
        n: ("REFERRED", [(Kind.SPONSOR, f"Rep. {one}") for one in range(count)])
        for n, count in zip(range(13, 18), (3, 3, 3, 3, 2), strict=True)
    },
}
"""Bill → where it stands, and its changes of the week of DESK-1: 107 in 17 bills."""

WEIGHTIEST = {
    **{n: f"New action: Line {count - 1} of HR {n}" for n, count in zip(range(1, 6), (9, 17, 16, 17, 17), strict=True)},
    **dict.fromkeys(range(6, 10), "Passed Senate (was: Referred)"),
    **dict.fromkeys((10, 11), "Reported by committee (was: Referred)"),
    12: "New on the record: Constructed 12",
    **dict.fromkeys(range(13, 17), "Sponsor added: Rep. 0"),
    17: "Sponsor added: Rep. 0",
}
"""What the overview has to say of each, worked out by hand."""


def bills() -> Iterator[Notice]:
    for number, (status, news) in WEEK.items():
        about = us_bill(119, "hr", number)
        changes = tuple(
            replace(
                change(kind, "REFERRED" if kind is Kind.STATUS else None, said, None, "2025-12-10", document=about),
                subject=str(place),
                seen_at=MONDAY - timedelta(days=4),
            )
            for place, (kind, said) in enumerate(news)
        )
        reason = routed(f"us/bill/119/hr/{number}", f"us/bill/119/hr/{number}", "weekly", [one.kind for one in changes])
        whole = notice(*changes, status=status)
        yield replace(
            whole,
            document=about,
            title=f"Constructed {number}",
            url=f"https://x.example/{number}",
            reasons=(reason,),
            zone="UTC",
            note=f"note {number}" if number == 13 else None,
        )


def written(parts: Sequence[Notice], **more: object) -> tuple[Notice, EmailMessage]:
    """Return the weekly digest of these as it stands, and the mail."""
    first = replace(
        waiting(0, parts[0].document, "weekly monday 08:00"), alerts=tuple(f"al-{n:012}" for n in range(43))
    )
    told = replace(digest(first, parts), written_at=MONDAY, **more)  # type: ignore[arg-type]
    mail = message_from_bytes(DESK.freeze(told).body, policy=default)
    assert isinstance(mail, EmailMessage)
    return told, mail


@dataclass
class Page:
    """What the HTML of a mail shows: lines of text, places, and links with their words."""

    lines: list[str]
    places: list[str]
    links: list[tuple[str, str]]


class _Reader(HTMLParser):
    """Reads a page as a browser would show it, knowing nothing of how it was made."""

    BLOCKS = ("p", "h1", "h2", "td", "tr", "br", "blockquote", "div", "table")

    def __init__(self) -> None:
        super().__init__()
        self.page = Page([""], [], [])
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.hidden += tag in ("style", "title")
        if tag in self.BLOCKS:
            self.page.lines.append("")
        if known.get("id"):
            self.page.places.append(str(known["id"]))
        if tag == "a":
            self.page.links.append((str(known["href"]), ""))

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("style", "title")
        if tag in self.BLOCKS:
            self.page.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.page.lines[-1] += data
            if self.page.links and not self.page.links[-1][1]:
                self.page.links[-1] = (self.page.links[-1][0], data)


def html(mail: EmailMessage) -> Page:
    part = mail.get_body(("html",))
    assert part is not None
    reader = _Reader()
    reader.feed(part.get_content())
    lines = [" ".join(line.split()) for line in reader.page.lines]
    return replace(reader.page, lines=[line for line in lines if line])


def plain(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def overview(mail: EmailMessage) -> list[str]:
    """Return the entries of the overview of the text part, each on one line."""
    text = plain(mail)
    listed = text[text.index("\nOverview\n") : text.index("\nDetails\n")].partition("\nWhat is ahead\n")[0]
    return [" ".join(entry.split()) for entry in re.split(r"\n\* ", listed)[1:]]


def test_desk_1_every_document_of_the_week_is_named_once_with_its_weightiest_change() -> None:
    assert (sum(len(news) for _, news in WEEK.values()), len(WEEK)) == (107, 17)
    told, mail = written(list(bills()))
    entries = overview(mail)
    for number, said in WEIGHTIEST.items():
        (entry,) = (one for one in entries if one.startswith(f"HR {number} · 119th: "))
        assert said in entry
        assert entry.endswith(f"https://x.example/{number}")
    assert len(entries) == 17
    page = html(mail)
    shown = page.lines[page.lines.index("Overview") + 1 : page.lines.index("Details")]
    assert [line for line in shown if line.startswith("HR ")] == [
        re.sub(r" (Constructed \d+ )?(Your note: note \d+ )?https://\S+$", "", entry) for entry in entries
    ]
    assert {str(part.document) for part in told.parts} == set(str(mail["X-Lexwatch-Document"]).split())


def test_desk_1_status_comes_first_over_all_documents_then_what_is_new_then_procedure() -> None:
    _, mail = written(list(bills()))
    order = [int(re.match(r"HR (\d+)", entry)[1]) for entry in overview(mail)]  # type: ignore[index]
    assert sorted(order[:6]) == [6, 7, 8, 9, 10, 11]
    assert order[6] == 12
    assert sorted(order[7:12]) == [1, 2, 3, 4, 5]


def test_a_priority_comes_before_a_kind_and_after_a_change_of_status() -> None:
    parts = [
        replace(one, priority={14: "high", 3: "low", 10: "low"}.get(int(one.document.parts[-1]))) for one in bills()
    ]
    _, mail = written(parts)
    order = [int(re.match(r"HR (\d+)", entry)[1]) for entry in overview(mail)]  # type: ignore[index]
    assert (order[5], order[6], order[-1]) == (10, 14, 3)


def test_desk_1_nothing_of_status_is_cut_however_much_there_is() -> None:
    many = [
        replace(
            one,
            document=us_bill(119, "s", n),
            changes=tuple(replace(c, document=us_bill(119, "s", n)) for c in one.changes),
        )
        for n, one in enumerate(list(bills())[5:6] * 60, 1)
    ]
    busy = [
        replace(
            one, changes=tuple(replace(c, subject=f"{c.subject}-{copy}") for copy in range(20) for c in one.changes)
        )
        for one in list(bills())[:5]
    ]
    told, mail = written([*busy, *many])
    assert sum("Passed Senate" in entry for entry in overview(mail)) == 60
    text = plain(mail)
    counted = [int(n) for n in re.findall(r"and (\d+) more: lexwatch history us/bill/119/hr/\d", text)]
    assert len(counted) == len(busy), "each has its share of the room, and its own count"
    assert sum(counted) + text.count("* New action:") == sum(len(one.changes) for one in busy)
    assert DESK.freeze(told).counted_only
    assert len(text.partition("\nDetails\n")[2].split()) < 1800, "about 1,500 words of details, however much there is"


def test_desk_3_the_subject_and_the_first_line_name_the_week() -> None:
    _, mail = written(list(bills()))
    assert mail["Subject"] == "Week of 8–14 December: HR 6: Passed Senate, and 16 more documents"
    assert plain(mail).splitlines()[0] == "Week of 8–14 December 2025: 107 changes in 17 documents"


def test_desk_3_each_line_of_the_overview_leads_to_its_place() -> None:
    page = html(written(list(bills()))[1])
    named = [(href, words) for href, words in page.links if words.startswith("HR ")]
    assert [words for _, words in sorted(named, key=lambda link: int(link[1].split()[1]))] == [
        f"HR {n} · 119th" for n in WEEK
    ]
    inner = {href[1:]: words for href, words in named if href.startswith("#")}
    assert sorted(inner) == sorted(page.places)
    assert set(inner.values()) >= {f"HR {n} · 119th" for n in range(6, 13)}, "of status, and new"
    rest = {href: words for href, words in named if not href.startswith("#")}
    assert rest == {f"https://x.example/{words.split()[1]}": words for words in rest.values()}, "its page says more"


def test_desk_3_a_day_reads_forwards_and_a_note_stands_at_its_bill() -> None:
    text = plain(written(list(bills()))[1])
    details = text[text.index("\nDetails\n") :]
    lines = [int(line) for line in re.findall(r"\* New action: Line (\d+) of HR 2,", details)]
    assert len(lines) >= 3
    assert lines == sorted(lines)
    assert "and " in details[details.index("of HR 2,") :]
    assert "  Constructed 13\n  Your note: note 13\n  https://x.example/13\n" in text
    detailed = plain(written([replace(one, note=f"note {one.document.parts[-1]}") for one in list(bills())[5:9]])[1])
    assert "\nHR 6 · 119th: Constructed 6\nhttps://x.example/6\nYour note: note 6\n" in detailed


def test_desk_3_the_foot_has_one_sentence_of_why_and_one_of_proof() -> None:
    _, mail = written(list(bills()))
    foot = plain(mail).partition("\n-- \n")[2]
    assert len(foot.splitlines()) <= 6
    assert foot.startswith("Why you got this: you watch HR ")
    assert foot.count("you watch") == 1
    assert "and 5 more" in " ".join(foot.split())
    assert (foot.count("lexwatch verify dl-"), plain(mail).count("al-0"), plain(mail).count("sha256")) == (1, 0, 0)
    assert len(str(mail["X-Lexwatch-Alert"]).split()) == 43


def test_desk_3_both_parts_say_the_same() -> None:
    """Every line of the page stands in the text, and every line of the text on the page."""
    _, mail = written(list(bills()), ahead=AHEAD)
    page, text = html(mail), " ".join(plain(mail).split())
    said = " ".join(page.lines)
    for line in page.lines:
        if not line.startswith(("lexwatch", "Week of 8–14 December: ")):
            assert line.replace("Proof: lexwatch", "Proof: `lexwatch") in text, line
    for block in re.split(r"\n(?=\* |\n|[A-Z])", plain(mail).replace("\n-- \n", "\n\n")):
        words = re.sub(r"^\* |`|https://\S+|^-- ", "", " ".join(block.split())).strip()
        assert words.partition(": ")[2] in said or words in said, block


AHEAD = (
    Ahead(
        us_bill(119, "hr", 1), date(2025, 12, 17), datetime(2025, 12, 17, 15, tzinfo=UTC), "Hearing: Constructed room"
    ),
    Ahead(
        DocumentId("ua", "regime", ("martial-law",)),
        date(2026, 1, 3),
        None,
        coded(
            "ahead.ends", role=coded("ahead.extension", number=17), at="2026-01-03T05:30+02:00", zone="Europe/Kyiv"
        ).to_json(),
    ),
)


def test_what_is_ahead_stands_between_overview_and_details() -> None:
    text = plain(written(list(bills()), ahead=AHEAD)[1])
    ahead = text[text.index("\nWhat is ahead\n") : text.index("\nDetails\n")]
    assert text.index("\nOverview\n") < text.index(ahead)
    assert "* 17 December 2025, 15:00 UTC: HR 1 · 119th: Hearing: Constructed room\n" in ahead
    assert "* 3 January 2026: UA martial law: " in ahead


DAYS = {
    "a week that begins in the morning": (
        "weekly monday 08:00",
        ("2025-12-08T09:00", "2025-12-14T22:00"),
        "Week of 8–14 December",
    ),
    "what came in the night before": (
        "weekly monday 08:00",
        ("2025-12-15T07:00", "2025-12-15T07:59"),
        "Week of 8–14 December",
    ),
    "a week that ends on Friday evening": (
        "weekly friday 17:00",
        ("2025-12-06T09:00", "2025-12-12T16:59"),
        "Week of 6–12 December",
    ),
    "a week over the turn of the year": (
        "weekly monday 08:00",
        ("2025-12-30T09:00", "2026-01-02T09:00"),
        "Week of 29 December – 4 January",
    ),
    "two weeks, because nothing ran": (
        "weekly monday 08:00",
        ("2025-12-03T09:00", "2025-12-10T09:00"),
        "1–14 December",
    ),
    "a day, sent the next morning": ("daily 08:00", ("2025-12-14T12:00", "2025-12-14T20:00"), "14 December"),
    "a day, sent in the evening": ("daily 20:00", ("2025-12-15T12:00", "2025-12-15T12:00"), "15 December"),
    "three days at once": ("daily 08:00", ("2025-12-12T12:00", "2025-12-14T20:00"), "12–14 December"),
}


@pytest.mark.parametrize(("schedule", "seen", "said"), DAYS.values(), ids=DAYS)
def test_a_digest_is_about_these_days(schedule: str, seen: tuple[str, str], said: str) -> None:
    first, last = (datetime.fromisoformat(at).replace(tzinfo=UTC) for at in seen)
    days = DigestSchedule.parse(schedule, "UTC").days(first, last)
    base = next(bills())
    (one, two) = (replace(base.changes[0], seen_at=at) for at in (first, last))
    told = digest(waiting(0, base.document, schedule), [replace(base, changes=(one, replace(two, subject="x")))])
    assert told.period == days
    assert compose(told).subject.startswith(f"{said}: ")


# -- regimes, and what is new

MARTIAL = DocumentId("ua", "regime", ("martial-law",))
STANDING = RegimeStanding(
    coded("stands.in_force", end="2026-02-03T05:30+02:00"), coded("means.decree_signed"), coded("awaits.decree_signed")
)


def signed(number: str = "40/2026", end: str = "2026-05-04T05:30+03:00") -> Change:
    run = coded("term.run", start="2026-02-03T05:30+02:00", end=end, zone="Europe/Kyiv", length="90 days")
    act = coded("act.signed", document=f"ua/decree/{number}")
    words = coded("term.announced", act=act, term=coded("term.extension", number=18, run=run))
    return change(Kind.TERM, None, words.to_json(), "Про продовження", "2026-01-12", document=MARTIAL)


def regime(*changes: Change) -> Notice:
    reason = routed("ua/regime/martial-law", str(MARTIAL), "desk", [Kind.TERM])
    return replace(
        notice(*changes, status=None),
        document=MARTIAL,
        title="Martial law in Ukraine",
        url=None,
        standing=STANDING,
        reasons=(reason,),
        note=None,
    )


def test_desk_24_the_new_end_stands_within_sixty_characters_of_the_subject() -> None:
    subject = compose(regime(signed())).subject
    assert subject == "[UA martial law] Decree 40/2026 signed: to 4 May 2026"
    assert len(subject) <= 60


def test_desk_24_a_decree_says_what_it_means_and_which_law_is_awaited() -> None:
    message = compose(regime(signed()))
    assert message.current_status == "In force to 3 Feb 2026 05:30"
    assert message.meaning == "A decree sets the new term; by itself it has no effect."
    assert (
        message.next_step
        == "The decree takes effect with the law that approves it: that law is awaited (law 389-VIII, art. 5)."
    )
    assert message.reason == "you watch UA martial law"
    text = RenderOptions().templates.as_text(message)
    assert "extension 18, 3 Feb 2026 05:30 to 4 May 2026 05:30" in " ".join(text.split())


def test_desk_25_a_message_of_a_regime_in_ukrainian_has_no_latin_word() -> None:
    message = compose(regime(signed()), RenderOptions(language_of("uk"), "Europe/Kyiv"))
    assert message.subject == "[Воєнний стан] Указ 40/2026 підписано: до 4 травня 2026"
    text = message.subject + RenderOptions(language_of("uk")).templates.as_text(message)
    bare = re.sub(r"`[^`]*`|389-VIII|\bEE?S?T\b|Europe/Kyiv|congress", "", text)
    assert re.findall("[A-Za-z]{2,}", bare) == []


def test_desk_24_a_new_bill_says_who_brought_it_in_and_when() -> None:
    new = change(Kind.APPEARED, None, "NATO Act", "NATO Act")
    told = replace(notice(new), sponsor="Rep. Constructed [R-KY-4]", introduced_on="2025-12-09")
    facts = dict(compose(told).facts)
    assert (facts["Sponsor"], facts["Introduced"]) == ("Rep. Constructed [R-KY-4]", "9 December 2025")
    assert compose(replace(told, changes=(change(Kind.TEXT, None, "Introduced in House"),))).sponsor is None


REASONS = {
    "a bill by itself": (
        [routed("us/bill/119/hr/1", "us/bill/119/hr/1", "desk", [Kind.TEXT])],
        "you watch HR 1 · 119th",
    ),
    "several kinds of it": (
        [routed("us/bill/119/hr/1", "us/bill/119/hr/1", "desk", [kind]) for kind in (Kind.TEXT, Kind.VOTE)],
        "you watch HR 1 · 119th",
    ),
    "two bills": (
        [routed(f"us/bill/119/hr/{n}", f"us/bill/119/hr/{n}", "desk", [Kind.TEXT]) for n in (1, 2)],
        "you watch HR 1 · 119th, HR 2 · 119th",
    ),
    "by its name in a digest": (
        [
            routed(
                "HR 1 · 119th", "us/bill/119/hr/1", "desk", [Kind.TEXT], when=DigestSchedule.parse("daily 08:00", "UTC")
            )
        ],
        "you watch HR 1 · 119th",
    ),
    "a watch of another name": (
        [routed("NATO bills", f"us/bill/119/hr/{n}", "desk", [Kind.TEXT]) for n in (1, 2)],
        "your watch NATO bills follows HR 1 · 119th, HR 2 · 119th",
    ),
    "words that occur": (
        [routed("topic", "us/bill/119/hr/1", "desk", [Kind.TEXT], ("NATO",))],
        'your watch topic follows HR 1 · 119th (found by "NATO")',
    ),
    "a correction": ([coded("reason.corrected")], "you were alerted to what this corrects"),
}


@pytest.mark.parametrize(("reasons", "said"), REASONS.values(), ids=REASONS)
def test_desk_24_a_reason_is_one_plain_sentence(reasons: list[object], said: str) -> None:
    assert compose(replace(notice(change(Kind.TEXT, None, "x")), reasons=tuple(reasons))).reason == said  # type: ignore[arg-type]


def test_slack_says_what_when_and_what_next_in_three_lines() -> None:
    reported = change(Kind.STATUS, "REFERRED", "REPORTED", "Constructed: ordered to be reported.", "2025-12-26")
    blocks = slack_payload(compose(notice(reported, status="REPORTED")))["blocks"]
    assert [block["type"] for block in blocks] == ["header", "section", "context"]
    assert blocks[0]["text"]["text"] == "HR 6508 · 119th: Reported by committee (was: Referred)"
    when, quote, following = blocks[1]["text"]["text"].split("\n")
    assert when.endswith("|NATO Act> · 26 December 2025")
    assert quote == "> Constructed: ordered to be reported."
    assert following == "*What comes next:* The House may take it up on the floor."


def test_the_overview_says_of_what_is_new_where_it_stands() -> None:
    """A resolution that is agreed to on its first day is seen once, as new."""
    (new,) = [one for one in bills() if one.document.parts[-1] == "12"]
    agreed = replace(new, status="PASSED:SIMPLERES", status_on="2025-12-10")
    _, mail = written([*list(bills())[:5], agreed])
    (entry,) = [one for one in overview(mail) if one.startswith("HR 12 ")]
    assert "New on the record: Constructed 12, 10 December 2025; Agreed to, since 10 December 2025" in entry


REGIME = {"id": "ua/regime/martial-law", "kind": "regime", "stage": "in_force", "status": "IN_FORCE"}
ROWS = {
    "a bill that lapsed": ({"stage": "lapsed"}, "en", "Lapsed: Passed Senate, since 22 December 2022"),
    "a bill that lapsed, in Ukrainian": ({"stage": "lapsed"}, "uk", "Знято з кінцем скликання: "),
    "a bill": ({"stage": "passed_one_chamber"}, "en", "Passed Senate, since 22 December 2022"),
    "a term": ({**REGIME, "ends_on": "2026-02-03"}, "en", "In force to 3 February 2026"),
    "a term that is renewed": (
        {**REGIME, "ends_on": "2026-02-03", "renewed_to": "2026-05-04"},
        "en",
        "In force to 3 February 2026, renewed to 4 May 2026",
    ),
    "a search": (
        {"id": "us/bill/117", "kind": "search", "status": None, "watch": "topic", "found": 3},
        "en",
        "search, 3 found",
    ),
}


@pytest.mark.parametrize(("stated", "language", "says"), ROWS.values(), ids=ROWS)
def test_a_report_says_where_things_stand_as_status_does(stated: dict[str, Any], language: str, says: str) -> None:
    bill = {"id": "us/bill/117/s/5357", "kind": "bill", "status": "PASS_OVER:SENATE"}
    none = dict.fromkeys(("watch", "title", "owner", "note", "url", "next_on"))
    rows = json.dumps([{**none, **bill, "status_on": "2022-12-22", "changed": False, **stated}])
    said = (None, None, coded("portfolio.table", rows=rows).to_json())
    report = operational_change(Kind.RECEIPT, "desk.portfolio", 1, "portfolio", said, MONDAY, "lexwatch")
    (row,) = portfolio_rows_of([report], language_of(language))
    assert row.standing.startswith(says)
    assert row.standing.startswith(row.cells["label"].partition(" to ")[0])


@pytest.mark.parametrize(
    ("term", "language", "says"),
    [
        ({"office": "office.past", "status_on": "2024-05-20"}, "en", "Past the end of its term, since 20 May 2024"),
        ({"office": "office.past", "status_on": "2024-05-20"}, "uk", "Строк повноважень минув, з 20 травня 2024"),
        (
            {"office": "office.runs", "status_on": "2025-01-03", "ends_on": "2027-01-03"},
            "en",
            "Term runs to 3 January 2027",
        ),
        ({"status_on": "2025-11-05", "ends_on": "2026-02-03"}, "en", "In force to 3 February 2026"),
    ],
)
def test_a_report_says_of_an_office_what_status_says(term: dict[str, str], language: str, says: str) -> None:
    none = dict.fromkeys(("watch", "title", "owner", "note", "url", "next_on"))
    row = {**none, "id": "ua/regime/term-of-office/president", "kind": "regime", "status": "IN_FORCE", "changed": False}
    said = (None, None, coded("portfolio.table", rows=json.dumps([row | term])).to_json())
    report = operational_change(Kind.RECEIPT, "desk.portfolio", 1, "portfolio", said, MONDAY, "lexwatch")
    assert portfolio_rows_of([report], language_of(language))[0].standing == says
