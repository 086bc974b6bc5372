"""A regime is a file that a lawyer can write: what it may say, what is refused, and whose file counts."""

from __future__ import annotations

import json
import os
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.documents import DocumentId
from domain.errors import ConfigError
from domain.records.detection import advance
from domain.terms import Coverage, RegimeStatus, regime_of, regime_state, rules_of, terms
from monitor.cli.regime_report import regime_answers
from monitor.config.regime_file import read_regime_file, regime_file_name
from monitor.service.regimes import find_regime, is_shipped, regime_file_update, shipped_regimes, user_regimes
from tests.helpers.fork_server import run_command
from tests.helpers.paths import CHECKOUT
from tests.monitor.config.config_files import CHANNEL
from tests.monitor.config.config_files import read as configured

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CURFEW = DocumentId.parse("xx/regime/curfew")

FILE = """# Constructed: no such regime exists.
regime = "xx/regime/curfew"
title  = "Curfew in Constructed"
zone   = "Europe/Kyiv"

[term]
length = "12 days"

[[instrument]]
name      = "Order 1"
act       = "introduction"
on        = 2026-11-10
starts_at = "2026-11-10T22:00"
"""


def refused(body: str, name: str = "xx-curfew.toml") -> tuple[str, ...]:
    with pytest.raises(ConfigError) as raised:
        read_regime_file(name, body.encode())
    return raised.value.faults


def test_the_shortest_file_is_enough() -> None:
    regime, _, instruments = read_regime_file("xx-curfew.toml", FILE.encode())
    assert (regime.by_hand, regime.two_keys, regime.usual_length, regime.reminder_days) == (
        True, False, "12 days", (21, 14, 7, 4, 1))  # fmt: skip
    assert len(instruments) == 1


FAULTS: dict[str, tuple[str, str, str]] = {
    "an unknown key": (
        'title  = "Curfew in Constructed"', 'titel = "Curfew"', "titel: unknown key titel; did you mean title?"),
    "no title": ('title  = "Curfew in Constructed"\n', "", "title: missing: a regime needs regime, title, zone"),
    "no such zone": (
        '"Europe/Kyiv"', '"Kyiv"', 'xx-curfew.toml:4: zone: expected a time zone such as "UTC" or "Europe/Oslo"'),
    "a name that is no regime's": (
        '"xx/regime/curfew"', '"xx/curfew"', 'regime: expected a name such as "xx/regime/name", lower-case'),
    "another file's name": ("xx/regime/curfew", "xx/regime/other", "is kept in xx-other.toml"),
    "a length nobody can add": (
        '"12 days"', '"12 nights"', 'xx-curfew.toml:7: term.length: expected a length such as "90 days"'),
    "a yes in quotes": ("[term]", '[term]\ninclusive = "yes"', 'term.inclusive: expected true or false, saw "yes"'),
    "an unknown act": (
        '"introduction"', '"imposed"', 'instrument[1].act: unknown act "imposed"; expected one of introduction'),
    "no act": ('act       = "introduction"\n', "", "instrument[1].act: missing: an instrument needs act"),
    "a time with an offset": ("T22:00", "T22:00+02:00", "`zone` says where"),
    "a day that is none": ("on        = 2026-11-10", 'on = "2026-11-31"', "on: expected a day such as 2026-07-31"),
    "an act nobody can date": (
        "on        = 2026-11-10\n", "", "instrument[1]: expected the day it became known (known_on, published_on, on)"),
    "a term without a beginning": (
        'starts_at = "2026-11-10T22:00"', "", "instrument[1].starts_at: expected when its term begins, saw none"),
    "an approval of nothing": (
        "[[instrument]]", '[[instrument]]\napproval = "xx/law/1"', "instrument[1].id: expected the act that is"),
    "two ends": (
        'starts_at = "2026-11-10T22:00"', 'starts_at = "2026-11-10T22:00"\nlength = "9 days"\nuntil = 2026-11-30',
        "instrument[1].until: expected one of length, ends_at, until, saw length and until"),
    "an end before the beginning": (
        'starts_at = "2026-11-10T22:00"', 'starts_at = "2026-11-10T22:00"\nends_at = "2026-11-01T22:00"',
        "instrument[1].ends_at: expected an end after 2026-11-10T22:00, saw 2026-11-01T22:00"),
    "a last day before the beginning": (
        'starts_at = "2026-11-10T22:00"', 'starts_at = "2026-11-10T22:00"\nuntil = 2026-11-09',
        "instrument[1].until: expected an end after 2026-11-10T22:00, saw 2026-11-09"),
    "a table in the plural": ("[[instrument]]", "[[instruments]]", "did you mean instrument?"),
    "a narrowing with an unknown word": (
        "[[instrument]]", '[[instrument]]\nnarrowed = { area = "x" }', "instrument[1].narrowed.area: unknown key area"),
    "one bracket": ("[[instrument]]", "[instrument]", "instrument: expected [[instrument]] with two brackets"),
    "a ladder of words": ("zone ", 'reminders = ["soon"]\nzone ', "reminders: expected a whole number from 1 to 366"),
    "three keys": (
        "[term]", '[renewal]\nsteps = ["in_force"]\nkeys = ["published"]\n[term]', "one or two of renewal.steps"),
    "an anniversary of no length": ('length = "12 days"', "anniversary = true", "term.length beside anniversary"),
    "an act spelled nearly right": (
        '"introduction"', '"introductoin"', 'unknown act "introductoin"; did you mean introduction?'),
    "an unknown source": ("zone ", 'source = "radda"\nzone ', 'source: unknown source "radda"; did you mean rada?'),
    "a source that carries no regime on": (
        "zone ", 'source = "clerk"\nzone ', 'source: expected a source that carries regimes on, saw "clerk"'),
    "a narrowing that is no table": (
        "[[instrument]]", '[[instrument]]\nnarrowed = "North"',
        'xx-curfew.toml:10: instrument[1].narrowed: expected a table [narrowed], saw "North"'),
    "an address without a scheme": (
        "zone ", 'look_up = "gazette.example.org"\nzone ', 'look_up: expected a web address, saw "gazette.exa'),
    "a list that is empty": (
        "[[instrument]]", "[[instrument]]\nscope = []", "instrument[1].scope: expected a list of texts such as"),
    "no TOML": ("[term]", "[term", "xx-curfew.toml:6: ] is missing"),
}  # fmt: skip


@pytest.mark.parametrize(("there", "instead", "fault"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_names_file_key_expected_and_seen(there: str, instead: str, fault: str) -> None:
    assert there in FILE
    found = refused(FILE.replace(there, instead))
    assert any(fault in line for line in found), found
    assert all(line.startswith("xx-curfew.toml") for line in found)


def test_every_fault_is_found_at_once() -> None:
    assert (
        len(refused(FILE.replace('"Europe/Kyiv"', "1").replace('"12 days"', "12").replace("2026-11-10\n", "7\n"))) == 3
    )


@pytest.mark.parametrize("document", shipped_regimes(), ids=str)
def test_what_is_shipped_is_named_after_its_regime_and_hides_nothing(document: DocumentId) -> None:
    made = shipped_regimes()[document]
    assert (made.file, is_shipped(document), find_regime(document)) == (regime_file_name(document), True, made)
    assert regime_of(document, {"item": {"": rules_of(made.regime)}}).zone == made.regime.zone
    assert made.regime.by_law or made.recognise["titles"]
    for paired in made.regime.paired_with:
        assert document in shipped_regimes()[paired].regime.paired_with


def test_facts_later_than_now_are_not_used() -> None:
    for document, made in shipped_regimes().items():
        for now in (datetime(y, 7, 1, tzinfo=UTC) for y in range(2015, 2027)):
            known = made.observation(now).facets
            days = [str(e.get("known_on") or e.get("published_on") or e["on"]) for e in known["instruments"].values()]
            days += [str(e["on"]) for n in ("approvals", "steps") for e in known[n].values() if e["on"]]
            assert all(day <= now.date().isoformat() for day in days), (document, now)


def written(folder: Path, body: str = FILE, name: str = "xx-curfew.toml") -> Path:
    (folder / "regimes").mkdir(exist_ok=True)
    (folder / "regimes" / name).write_text(body, encoding="utf-8")
    return folder / "regimes"


def test_a_users_regime_can_be_watched(tmp_path: Path) -> None:
    written(tmp_path)
    found = configured(tmp_path, f'[[watch]]\nregime = "xx/regime/curfew"\n{CHANNEL}')
    assert [watch.document for watch in found.watches] == [CURFEW]
    assert not any("nothing reads" in warning for warning in found.warnings)


def test_a_faulty_regime_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    written(tmp_path, FILE.replace('"12 days"', '"12 nights"'))
    with pytest.raises(ConfigError) as raised:
        configured(tmp_path, f'[[watch]]\nregime = "xx/regime/curfew"\n{CHANNEL}')
    assert [fault.partition(": expected")[0] for fault in raised.value.faults] == [
        "regimes/xx-curfew.toml:7: term.length"
    ]


OWN = FILE.replace("xx/regime/curfew", "ua/regime/martial-law").replace("Curfew in Constructed", "Ours")


def test_a_users_file_wins_over_a_shipped_one_and_check_says_so(tmp_path: Path) -> None:
    folder = written(tmp_path, OWN, "ua-martial-law.toml")
    document = DocumentId.parse("ua/regime/martial-law")
    found = find_regime(document, folder)
    assert found is not None
    assert (found.own, found.regime.title, set(user_regimes(folder)[0])) == (True, "Ours", {document})
    told = configured(tmp_path, f'[[watch]]\nregime = "ua/regime/martial-law"\n{CHANNEL}').warnings
    assert any("takes the place of the ua/regime/martial-law that comes with lexwatch" in line for line in told)


STANDINGS = {
    "before anything its file knows": (
        datetime(2026, 11, 9, tzinfo=UTC),
        RegimeStatus.UNKNOWN,
        "no term is known by then",
    ),
    "within its term": (datetime(2026, 11, 21, tzinfo=UTC), RegimeStatus.IN_FORCE, None),
    "after the last end its file knows": (NOW.replace(day=23), RegimeStatus.UNKNOWN, "kept by hand: no source is read"),
}


@pytest.mark.parametrize(("now", "status", "reason"), STANDINGS.values(), ids=STANDINGS.keys())
def test_a_regime_kept_by_hand_stands(tmp_path: Path, now: datetime, status: RegimeStatus, reason: str | None) -> None:
    row = regime_answers(None, [CURFEW], now=now, folder=written(tmp_path))[CURFEW]
    assert row["status"] == status
    assert reason is None or reason in row["reason"]


def test_an_act_added_by_hand_enters_the_record(tmp_path: Path) -> None:
    folder = written(tmp_path)
    known = find_regime(CURFEW, folder)
    assert known is not None
    first = advance(None, regime_file_update(known, None, NOW), NOW)
    assert first is not None
    assert advance(first.record, regime_file_update(known, first.record, NOW), NOW) is None, (
        "an unchanged file says nothing"
    )
    more = '\n[[instrument]]\nact = "extension"\non = 2026-11-20\nstarts_at = "2026-11-22T22:00"\n'
    written(tmp_path, FILE + more)
    longer = find_regime(CURFEW, folder)
    assert longer is not None
    second = advance(first.record, regime_file_update(longer, first.record, NOW), NOW)
    assert second is not None
    assert [t.number for t in terms(longer.regime, second.record.facets)] == [0, 1]


def test_what_a_source_stated_stands_over_a_users_file(tmp_path: Path) -> None:
    document = DocumentId.parse("ua/regime/martial-law")
    ours = shipped_regimes()[document]
    record = advance(None, ours.observation(NOW), NOW)
    assert record is not None
    body = ours.body.decode().replace('title       = "Martial law in Ukraine"', 'title = "Ours"')
    body = body.replace('"2025-11-05T05:30"', '"2025-11-05T06:30"')
    body += '\n[[instrument]]\nact = "lapse"\non = 2026-10-31\n'
    own = find_regime(document, written(tmp_path, body, "ua-martial-law.toml"))
    assert own is not None
    step = advance(record.record, regime_file_update(own, record.record, NOW), NOW)
    assert step is not None
    facets = step.record.facets
    assert facets["instruments"]["ua/decree/793/2025"]["starts_at"] == "2025-11-05T05:30"
    assert regime_state(own.regime, facets, Coverage(), NOW).status is RegimeStatus.ENDED


def test_what_is_shipped_later_is_not_put_in_the_place_of_news() -> None:
    document = DocumentId.parse("ua/regime/martial-law")
    ours = shipped_regimes()[document]
    early = advance(None, ours.observation(datetime(2026, 1, 1, tzinfo=UTC)), NOW)
    assert early is not None
    before = datetime(2026, 7, 12, tzinfo=UTC)
    assert advance(early.record, regime_file_update(ours, early.record, before), before) is None


def test_a_term_that_its_neighbours_fix_enters_a_record_that_was_read() -> None:
    document = DocumentId.parse("ua/regime/martial-law")
    ours, after = shipped_regimes()[document], datetime(2026, 7, 13, 20, tzinfo=UTC)
    early = advance(None, ours.observation(datetime(2026, 2, 1, tzinfo=UTC)), NOW)
    assert early is not None
    step = advance(early.record, regime_file_update(ours, early.record, after), after)
    assert step is not None
    assert [(t.number, t.confidence) for t in terms(ours.regime, step.record.facets)][-2:] == [
        (18, "official"),
        (19, "inferred"),
    ]
    assert "ua/decree/596/2026" not in step.record.facets["instruments"], "that is the source's to tell"
    assert advance(step.record, regime_file_update(ours, step.record, after), after) is None


def lexwatch(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run_command(["--config", str(folder / "config.toml"), *words], folder, os.environ)


def test_the_command_follows_a_users_regime_from_watch_to_status(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "config.toml").write_text(CHANNEL, encoding="utf-8")
    assert lexwatch(tmp_path, "watch", "xx/regime/curfew").returncode == 0
    assert lexwatch(tmp_path, "check").returncode == 0
    now = ("--now", "2026-11-20T12:00:00Z")
    assert lexwatch(tmp_path, *now, "run", "--once").returncode == 0
    (row,) = json.loads(lexwatch(tmp_path, *now, "status", "--json").stdout)
    assert (row["status"], row["term"]["ends_at"], row["revision"]) == ("IN_FORCE", "2026-11-22T22:00:00+02:00", 1)
    written(tmp_path, FILE + '\n[[instrument]]\nact = "end"\non = 2026-11-19\n')
    assert lexwatch(tmp_path, *now, "run", "--once").returncode == 0
    (row,) = json.loads(lexwatch(tmp_path, *now, "status", "xx/regime/curfew", "--json").stdout)
    assert (row["status"], row["status_on"], row["revision"]) == ("ENDED_EARLY", "2026-11-19", 2)
    assert "Ended early" in lexwatch(tmp_path, *now, "status", "xx/regime/curfew").stdout


def test_the_examples_of_the_guide_are_sound() -> None:
    guide = (CHECKOUT / "docs" / "how-to" / "write-a-regime.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```ini\n(# regimes/.*?)^```", guide, re.MULTILINE | re.DOTALL)
    read = [read_regime_file(one.split()[1].removeprefix("regimes/"), one.encode()) for one in examples]
    (regime, _, instruments), (by_law, _, _) = read
    assert by_law.by_law
    assert by_law.continues_while == by_law.barred_while == regime.document
    assert len(instruments) == 4
    assert regime.two_keys
