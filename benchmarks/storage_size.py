"""How large does the record of a Congress grow, how long is the lock held, how soon is a question answered?

    python -m benchmarks.storage_size [BILLS]

First the 407 recorded bills of the 117th Congress, 22.5 KB of XML on average, are written in three states as an import
does, names of the files included: once with the last two lines of actions coming one at a time, once with every facet
in thirds (where the recorded files are absent this is left out). What that adds to an empty record is taken × 30,000.

Then writes BILLS bills (30,000 unless given) × 3 revisions, page by page as the service does. The bills are
constructed: random words in the shapes and about the quantities of the official record (4 actions at first, 1 to 3
more with each revision, 3 titles, 0 to 12 cosponsors, two text versions, a related bill). Exits 1 above 400 MB for
30,000, or when an answer about 100 bills takes more than a third of the processor time of `import sqlmodel`.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.status import cpu
from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.observation import Evidence, Observation
from domain.records.detection import NewRevision, advance
from domain.records.facets import Facet, digest
from domain.records.record import Record, StatusPoint
from monitor.service.bulk_import import _shortened as brief
from storage.store import DatabaseStore, open_store
from watchers.govinfo.billstatus import BillStatus, parse_billstatus

RECORDED = Path(__file__).parents[2] / "shared" / "corpus" / "congress" / "billstatus" / "zli12321+CongressionalBill"
_PAGE = 250
BUDGET_MB = 400
_START = datetime(2025, 1, 6, 10, tzinfo=UTC)

Cut = Callable[[Mapping[str, Facet], int], dict[str, Facet]]

_COMMON = (
    """
act amend agency authority authorize certain committee concern defense direct education emergency energy establish
expand extend federal fiscal health house improve increase land law limit medicare national office program prohibit
protect provide public purpose report require review safety secretary security service state support tax trade united
""".strip()
    .replace("\n", " ")
    .split(" ")
)
_LINES = (
    "Referred to the House Committee on",
    "Referred to the Subcommittee on",
    "Reported by the Committee on",
    "Placed on the Union Calendar, Calendar No.",
    "Motion to reconsider laid on the table Agreed to without objection:",
    "Received in the Senate and Read twice and referred to the Committee on",
)
_NAMES = tuple(f"{random.Random(n).choice(_COMMON).title()} and {random.Random(-n).choice(_COMMON)}" for n in range(40))

_STANDINGS = """
import sys
from storage.reader import open_reader
with open_reader(sys.argv[1]) as reader:
    found = reader.status_rows(sys.argv[2:] or None, *ARGUMENTS)
print(len(found))
"""


def _words(chance: random.Random, count: int) -> str:
    """One word in four occurs nowhere else: compression must not be flattered."""
    return " ".join(_own(chance, 7) if n % 4 == 3 else chance.choice(_COMMON) for n in range(count))


def _own(chance: random.Random, length: int) -> str:
    return "".join(chance.choices("abcdefghiklmnoprstuvw", k=length))


def _facets(chance: random.Random, number: int) -> dict[str, Facet]:
    title, official = _words(chance, 12), _words(chance, 30)
    item = {"congress": 119, "type": "hr", "number": str(number), "introduced_on": "2025-01-03", "chamber": "House"}
    return {
        "item": {"": item},
        "title": {"display": {"text": title}},
        "titles": {f"{n}:{_own(chance, 12)}": _entry(t, "Title") for n, t in enumerate((title, title, official))},
        "sponsors": _people(chance, 1, "Sponsor"),
        "cosponsors": _people(chance, chance.randint(0, 9), "Cosponsor"),
        "committees": dict(_committee(chance) for _ in range(chance.randint(1, 3))),
        "subjects": {"policy_area": {"text": chance.choice(_NAMES)}},
        "texts": {"Introduced in House": _text(number, "ih")},
        "actions": dict(_action(chance) for _ in range(4)),
        "laws": {},
    }


def _entry(text: str, label: str, **more: Any) -> dict[str, Any]:
    return {"on": "2025-01-03", "text": text, "label": label, **more}


def _people(chance: random.Random, count: int, role: str) -> dict[str, Any]:
    names = (f"Rep. {_own(chance, 7).title()}, {_own(chance, 6).title()} [D-CA-{n}]" for n in range(count))
    return {_own(chance, 7): _entry(f"{role}: {name}", name, original=False, withdrawn_on=None) for name in names}


def _committee(chance: random.Random) -> tuple[str, Any]:
    name = chance.choice(_NAMES)
    activities = [{"on": "2025-01-03", "name": "Referred to"}]
    return f"hs{name[:2].lower()}00", _entry(f"Committee: {name}", name, chamber="House", activities=activities)


def _text(number: int, version: str) -> dict[str, Any]:
    address = f"https://www.congress.gov/119/bills/hr{number}/BILLS-119hr{number}{version}"
    formats = [{"type": "Formatted Text", "url": f"{address}.htm"}, {"type": "PDF", "url": f"{address}.pdf"}]
    return _entry("Text published: Introduced in House", "Introduced in House", formats=formats)


def _action(chance: random.Random) -> tuple[str, Any]:
    words = f"{chance.choice(_LINES)} {_words(chance, 5)}"
    subject = f"2025-01-03|H11100|{_own(chance, 12)}"
    return subject, {
        "on": "2025-01-03",
        "text": words,
        "code": "H11100",
        "type": "Floor",
        "source": "House floor actions",
    }


def _grown(chance: random.Random, facets: dict[str, Facet], number: int, revision: int) -> dict[str, Facet]:
    """State what a bill adds: actions each time, first a text version, then cosponsors and a related bill."""
    added = dict(_action(chance) for _ in range(chance.randint(1, 3)))
    grown: dict[str, Facet] = {"actions": {**facets["actions"], **added}}
    if revision == 2:
        grown["texts"] = {**facets["texts"], "Reported in House": _text(number, "rh")}
    else:
        grown["cosponsors"] = {**facets["cosponsors"], **_people(chance, chance.randint(0, 3), "Cosponsor")}
        grown["related"] = {f"us/bill/119/s/{number}": _entry(f"Related bill: S {number}", "Related bill")}
    return grown


def _statuses(number: int, revision: int) -> tuple[StatusPoint, ...]:
    """Of a hundred bills 84 stay in committee, as in the official record."""
    points = (
        StatusPoint("INTRODUCED", "2025-01-03", "Introduced in House"),
        StatusPoint("REFERRED", "2025-01-03", f"Referred to the House Committee on {_NAMES[number % 40]}."),
        StatusPoint("REPORTED", "2025-02-03", f"Ordered to be Reported by the Yeas and Nays: {number % 40} - 12."),
        StatusPoint(
            "PASS_OVER:HOUSE", "2025-03-03", "On motion to suspend the rules and pass the bill Agreed to by voice vote."
        ),
    )
    return points[: revision + 1] if number % 100 < 16 else points[:2]


def _pages(
    bills: int, revision: int, known: dict[int, Record]
) -> Iterator[tuple[list[NewRevision], Evidence, datetime]]:
    for start in range(1, bills + 1, _PAGE):
        now = _START + timedelta(days=30 * revision, seconds=start)
        chance = random.Random(start * 10 + revision)
        body = "".join(f'{{"number":"{n}","title":"{_words(chance, 14)}","type":"HR"}}' for n in range(_PAGE)).encode()
        evidence = Evidence(digest(body), f"https://api.congress.gov/v3/{start}", now, "application/json", body)
        numbers = range(start, min(start + _PAGE, bills + 1))
        yield [_step(n, revision, known, evidence.digest, now) for n in numbers], evidence, now


def _step(number: int, revision: int, known: dict[int, Record], evidence: str, now: datetime) -> NewRevision:
    chance = random.Random(number * 10 + revision)
    record = known.get(number)
    facets = _grown(chance, dict(record.facets), number, revision) if record else _facets(chance, number)
    bill = us_bill(119, "hr" if number < 60_000 else "s", number)
    seen = Observation(bill, "congress", "congress/1", facets, dict.fromkeys(facets, evidence), now)
    step = advance(record, seen, now)
    assert step is not None
    step = replace(step, record=replace(step.record, timeline=_statuses(number, revision)))
    known[number] = step.record
    return step


def write_bills(store: DatabaseStore, bills: int) -> list[tuple[float, float]]:
    """Write constructed bills in three revisions; return how long each page took, in seconds: by the clock, of CPU."""
    held = []
    known: dict[int, Record] = {}
    for revision in (1, 2, 3):
        for steps, evidence, _ in _pages(bills, revision, known):
            began, busy = time.perf_counter(), time.process_time()
            with store.begin([*steps, evidence]) as tx:
                tx.keep(evidence)
                for step in steps:
                    tx.save(step)
            held.append((time.perf_counter() - began, time.process_time() - busy))
    return held


def _lines(facets: Mapping[str, Facet], state: int) -> dict[str, Facet]:
    """Return a state of a recorded bill: two, one or none of its lines are still to come."""
    lines = _in_order(facets["actions"])
    return {**facets, "actions": dict(lines[: max(1, len(lines) - 3 + state)])}


def _thirds(facets: Mapping[str, Facet], state: int) -> dict[str, Facet]:
    """Return a state of a recorded bill: so many thirds of the entries of each facet."""
    return {name: dict(_in_order(facet)[: -(-len(facet) * state // 3)]) for name, facet in facets.items()}


def _in_order(facet: Facet) -> list[tuple[str, Any]]:
    return sorted(facet.items(), key=lambda entry: (str(entry[1].get("on") or ""), entry[0]))


def _record(store: DatabaseStore, bills: Sequence[tuple[str, BillStatus]], cut: Cut) -> None:
    known: dict[DocumentId, Record] = {}
    for state in (1, 2, 3):
        now = _START + timedelta(days=30 * state)
        for start in range(0, len(bills), 100):
            steps, files = [], {}
            for name, reading in bills[start : start + 100]:
                file = digest(f"{name} {state}".encode())
                files[file] = f"BILLSTATUS-117.zip/{name}"
                stated = cut(reading.facets, state)
                seen = replace(reading.observation(file), facets=stated, evidence=dict.fromkeys(stated, file))
                step = advance(known.get(reading.document), replace(seen, published_at=now), now)
                if step is not None:
                    known[reading.document] = step.record
                    steps.append(replace(step, changes=tuple(map(brief, step.changes)) if step.based_on else ()))
            with store.begin(steps) as tx:
                for step in steps:
                    tx.save(step)
                tx.save_imported_files(files)


def _real() -> None:
    paths = [path for path in sorted(RECORDED.rglob("*.xml")) if b"<congress>117</congress>" in path.read_bytes()]
    bills = [(f"BILLSTATUS-117{path.parent.name}.xml", parse_billstatus(path.read_bytes())) for path in paths]
    for cut in (_lines, _thirds):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "lexwatch.db"
            open_store(path, rehearsal=True, now=_START).close()
            empty = path.stat().st_size
            store = open_store(path, rehearsal=True, now=_START)
            _record(store, bills, cut)
            store.close()
            each = (path.stat().st_size - empty) / len({reading.document for _, reading in bills})
        print(f"recorded={len(bills)} cut={cut.__name__[1:]} bytes_per_bill={each:.0f} MB_30000={each * 0.03:.1f}")


def main(bills: int) -> int:
    if RECORDED.exists():
        _real()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lexwatch.db"
        store = open_store(path, rehearsal=True, now=_START)
        held = write_bills(store, bills)
        store.close()
        size = path.stat().st_size / 1e6
        whole = size * 30_000 / bills
        kept = whole <= BUDGET_MB
        print(f"bills={bills} revisions={3 * bills} MB={size:.1f} MB_per_30000={whole:.1f} (budget {BUDGET_MB})")
        for name, column in zip(("clock", "cpu"), zip(*held, strict=True), strict=True):
            taken = sorted(1000 * seconds for seconds in column)
            middle, late = statistics.median(taken), taken[int(len(taken) * 0.99)]
            print(
                f"page_of={_PAGE} packing_included {name}_ms_median={middle:.0f} p99={late:.0f} longest={taken[-1]:.0f}"
            )
        asked = [str(us_bill(119, "hr", 1 + n * bills // 100)) for n in range(min(100, bills))]
        yardstick = cpu(sys.executable, "-c", "import sqlmodel", runs=5)
        print(f"import_sqlmodel_s={yardstick:.3f}")
        for name, arguments, documents in (
            ("now_100", "()", asked),
            ("as_of_100", "('2025-02-10',)", asked),
            ("now_all", "()", []),
            ("as_of_all", "('2025-02-10',)", []),
        ):
            program = _STANDINGS.replace("ARGUMENTS", arguments)
            spent = cpu(sys.executable, "-c", program, str(path), *documents, runs=5)
            kept &= name != "now_100" or spent <= yardstick / 3
            print(f"standings={name} cpu_s={spent:.3f} of_import_sqlmodel={spent / yardstick:.2f}")
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 30_000))
