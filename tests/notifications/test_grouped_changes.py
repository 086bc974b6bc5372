"""Many who join at once are one line, and nothing else changes. All names are constructed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from domain.coded_text import coded
from domain.jurisdictions.us.names import us_bill
from domain.records.facets import Kind
from domain.records.record import Change
from notifications.wording import headline, lines_of

NOW = datetime(2026, 1, 6, 12, tzinfo=UTC)


def change(
    subject: str, after: str | None, text: str = "", kind: Kind = Kind.SPONSOR, day: str = "2026-01-05"
) -> Change:
    return Change(us_bill(119, "hr", 6508), 2, kind, subject, None, after, text, day, NOW, "congress")


def grouped(changes: Sequence[Change]) -> list[Change]:
    return [line.change for line in lines_of(changes)]


def joined(number: int, party: str, day: str = "2026-01-05", totals: str = "30 cosponsors: 20 R, 10 D") -> Change:
    name = f"Rep. Constructed {number} [{party}-NY-{number}]"
    count, _, parties = totals.partition(" cosponsors: ")
    total = coded("cosponsors.by_party", n=int(count), parties=tuple(parties.split(", ")))
    text = coded("cosponsor.joined", name=name, party=party, total=total)
    return change(f"cosponsors/C{number:06d}", name, text.to_json(), day=day)


def withdrawn(name: str) -> str:
    return coded("cosponsor.withdrew", name=name).to_json()


def test_thirty_cosponsors_are_one_line_with_totals_by_party() -> None:
    changes = [joined(n, "R" if n < 20 else "D") for n in range(30)]
    (told,) = grouped(changes)
    line = headline(told, 400)
    assert line.startswith("Added: 30 cosponsors (20 R, 10 D): Rep. Constructed 0 [R-NY-0]; Rep.")
    assert len(line) <= 420
    assert told.text == "Together now 30 cosponsors: 20 R, 10 D"


def test_two_are_reported_one_by_one() -> None:
    changes = [joined(1, "R"), joined(2, "D")]
    assert grouped(changes) == changes


def test_the_totals_are_those_of_the_last_day() -> None:
    changes = [joined(n, "R", f"2026-01-{9 - n:02d}", f"{9 - n} cosponsors: {9 - n} R") for n in range(3)]
    assert grouped(changes)[0].text == "Together now 9 cosponsors: 9 R"


def test_a_withdrawal_is_reported_as_one() -> None:
    (told,) = grouped([change("cosponsors/L000596/withdrawn", withdrawn("Rep. Luna [R-FL-13]"))])
    assert headline(told, 400) == "Cosponsor withdrew: Rep. Luna [R-FL-13]"


def test_those_who_join_and_those_who_leave_are_two_lines() -> None:
    left = [
        replace(joined(n, "D"), subject=f"cosponsors/L{n}/withdrawn", after=withdrawn(f"Rep. Constructed {n}"))
        for n in range(3)
    ]
    told = grouped([*[joined(n, "R") for n in range(4)], *left])
    assert [headline(one, 60)[:24] for one in told] == [
        "Added: 4 cosponsors (4 R",
        "Withdrew: 3 cosponsors (",
    ]


def test_other_news_stays_as_it_is_and_in_its_place() -> None:
    status = change("REPORTED:2026-01-05", "REPORTED", kind=Kind.STATUS)
    related = change("related/us/bill/119/s/2174", "S 2174 · 119th: Identical bill", kind=Kind.RELATED)
    amendments = [
        change(f"amendments/us/amendment/119/samdt/{n}", f"amendment S.Amdt. {n}", kind=Kind.RELATED) for n in range(5)
    ]
    told = grouped([status, *amendments, related])
    assert (told[0], told[2]) == (status, related)
    assert (told[1].after or "").startswith("5 amendments: amendment S.Amdt. 0; amendment S.Amdt. 1")
    assert grouped(()) == []
