"""What the quick read side answers, and what it costs to ask."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from domain.alerts.delivery import Frozen, accepted, claimed
from domain.alerts.routing import Watch
from domain.documents import Alias, DocumentId
from domain.errors import SchemaMismatch
from domain.jurisdictions.us.names import us_bill
from domain.observation import Evidence
from domain.records.facets import Kind, digest
from domain.sources import Health, SourceState
from storage.location import NoRecord
from storage.reader import CopyAge, open_reader
from storage.store import DatabaseStore, open_store
from tests.helpers.record_builders import (
    BILL,
    CONGRESS,
    INTRODUCED,
    NOW,
    OTHER,
    REFERRED,
    REPORTED,
    after,
    alert,
    change,
    first,
    later,
    titled,
)
from tests.helpers.stores import PostgreSQL
from tests.helpers.unprivileged import without_write_permission

_T = TypeVar("_T")
EVIDENCE = Evidence(digest(b"{}"), "https://api.example.org/1", NOW, "application/json", b"{}", '"e"', "yesterday")

INTRODUCTION = {"item": {"": {"introduced_on": "2025-12-09"}}, **titled("A bill to withdraw from NATO")}


@pytest.fixture
def lived(sqlite: DatabaseStore, path: Path) -> Path:
    """A record of two bills and a source, with a history."""
    one = first(
        facets=INTRODUCTION,
        timeline=(INTRODUCED, REFERRED),
        evidence={"title": EVIDENCE.digest, "item": "not kept"},
        aliases=(Alias("congress.gov", "119-hr-6508"),),
        url="https://www.congress.gov/bill/119th-congress/house-bill/6508",
    )
    sent = (change(evidence=EVIDENCE.digest, seen_at=later(days=30)), change(kind=Kind.TITLE, subject="display"))
    two = after(
        one.record,
        {**titled("A bill, renamed"), "laws": {"us/law/119/public/1": {"label": "Public Law 119-1"}}},
        timeline=(INTRODUCED, REFERRED, REPORTED),
        now=later(days=30),
        source="govinfo",
        changes=sent,
    )
    with sqlite.begin() as tx:
        tx.keep(EVIDENCE)
        tx.save(one)
        tx.save(first(OTHER, titled("A water bill"), now=later(days=10)))
    with sqlite.begin() as tx:
        tx.save(two)
        tx.register([Watch("nato", BILL, "note")], NOW)
        tx.enqueue(alert(changes=sent), ["a@example.org", "b@example.org"], later(days=30))
        tx.save_source(SourceState("congress", last_good_at=later(days=31), cursor="c"))
        tx.save_source(SourceState("govinfo", Health.BLOCKED, last_good_at=later(days=29), failures=2, error="403"))
        broken = change(CONGRESS, 1, Kind.SOURCE, "health")
        tx.enqueue(alert(CONGRESS, 1, "ops", changes=[broken], watches=()), ["ops@example.org"], NOW)
    return path


def test_standings_tell_what_status_shows(lived: Path) -> None:
    with open_reader(lived) as reader:
        found = reader.status_rows(["us/bill/119/s/2174", "us/bill/1/hr/1", str(BILL)])
    assert [standing.id for standing in found] == ["us/bill/119/s/2174", str(BILL)]
    bill = found[1]
    assert (bill.title, bill.introduced_on, bill.law) == ("A bill, renamed", "2025-12-09", "Public Law 119-1")
    assert (bill.status, bill.status_on, bill.status_text) == ("REPORTED", "2026-02-03", REPORTED.text)
    assert (bill.revision, bill.first_seen_at, bill.changed_at) == (2, NOW, later(days=30))
    assert (bill.sources, bill.checked_at) == (("congress", "govinfo"), later(days=31))
    assert (found[0].status, found[0].law, found[0].url) == (None, None, None)


def test_all_standings_leave_out_what_is_not_a_document(lived: Path) -> None:
    with open_reader(f"sqlite:///{lived}") as reader:
        assert [standing.id for standing in reader.status_rows()] == [str(BILL), str(OTHER)]
        assert reader.status_rows([]) == ()
        assert reader.status_rows([str(CONGRESS)]) == ()


def test_standings_as_of_a_day_as_known_at_a_moment(lived: Path) -> None:
    def status(as_of: str | None = None, known: timedelta | None = None) -> tuple[str | None, str | None] | None:
        with open_reader(lived) as reader:
            found = reader.status_rows([str(BILL)], as_of, None if known is None else NOW + known)
        return (found[0].status, found[0].title) if found else None

    assert status() == ("REPORTED", "A bill, renamed")
    assert status("2026-02-02") == ("REFERRED", "A bill, renamed")
    assert status("2025-12-09") == ("REFERRED", "A bill, renamed")
    assert status("2025-12-08") == (None, "A bill, renamed")
    assert status(known=timedelta(days=29)) == ("REFERRED", "A bill to withdraw from NATO")
    assert status(known=timedelta(days=30)) == ("REPORTED", "A bill, renamed")
    assert status("2026-02-03", timedelta(0)) == ("REFERRED", "A bill to withdraw from NATO")
    assert status(known=timedelta(seconds=-1)) is None


def test_a_bill_has_no_law_number_on_a_day_before_it_was_law(lived: Path) -> None:
    with open_reader(lived) as reader:
        assert [one.law for one in reader.status_rows([str(BILL)])] == ["Public Law 119-1"]
        assert [one.law for one in reader.status_rows([str(BILL)], "2026-02-03")] == [None]


@pytest.mark.parametrize("names", [None, ("title", "actions"), ("titles",), ()])
def test_facets_are_those_of_the_record(lived: Path, names: tuple[str, ...] | None) -> None:
    with open_reader(lived) as reader:
        asked = [standing.id for standing in reader.status_rows()]
        whole = reader.records(asked)
        found = reader.facets([*asked, "us/bill/119/hr/99999"], names)
    assert found == {
        str(document): {name: facet for name, facet in record.facets.items() if names is None or name in names}
        for document, record in whole.items()
    }


def test_a_day_in_another_form_is_refused(lived: Path) -> None:
    with open_reader(lived) as reader, pytest.raises(ValueError, match="yesterday"):
        reader.status_rows(as_of="yesterday")


def test_history_tells_the_first_state_and_the_changes_since(lived: Path) -> None:
    with open_reader(lived) as reader:
        past = reader.history(str(BILL))
        second = reader.revision(str(BILL), 2)
        assert reader.revision(str(BILL), 3) is None
        assert reader.revisions(str(BILL)) == ((1, NOW), (2, later(days=30)))
    assert past.first is not None
    assert past.first.record.facets == INTRODUCTION
    assert past.first.record.timeline == (INTRODUCED, REFERRED)
    assert (past.first.source, past.first.reader) == ("congress", "reader/1")
    assert past.first.published_at == later(hours=-1)
    assert past.first.evidence == {"title": EVIDENCE.digest, "item": "not kept"}
    assert [c.subject for c in past.changes] == ["REPORTED:2026-02-03", "display"]
    assert past.changes[0] == change(evidence=EVIDENCE.digest, seen_at=later(days=30))
    assert second is not None
    assert second.record.owners == {"item": "congress", "title": "govinfo", "laws": "govinfo"}
    assert second.record.timeline == (INTRODUCED, REFERRED, REPORTED)


def test_the_days_on_which_a_source_had_news_are_known(lived: Path) -> None:
    with open_reader(lived) as reader:
        assert reader.news()["govinfo"] == (later(days=30).date(),)
        assert reader.news()["congress"][-1] == NOW.date()
        assert "nobody" not in reader.news()


def test_a_source_has_a_history_of_its_own(lived: Path) -> None:
    with open_reader(lived) as reader:
        past = reader.history(str(CONGRESS))
        assert reader.history("us/bill/1/hr/1").changes == ()
    assert past.first is None
    assert [c.kind for c in past.changes] == [Kind.SOURCE]


def test_alerts_tell_each_message(lived: Path, sqlite: DatabaseStore) -> None:
    with sqlite.begin() as tx:
        (one, _) = tx.due("desk", later(days=31), 10)
        taken = claimed(one, Frozen("the subject", b"", "text/plain"), later(days=31))
        assert tx.claim(taken)
        tx.finish(accepted(taken, later(days=31)))
    with open_reader(lived) as reader:
        sent, waiting, ops = reader.alerts()
        assert reader.alerts("sent") == (sent,)
        assert reader.alerts("dead") == ()
        kept = reader.alert(alert().id)
        assert reader.alert("al-none") is None
    assert (sent.to, sent.state, sent.subject, sent.sent_at) == ("a@example.org", "sent", "the subject", later(days=31))
    assert (sent.alerts, sent.watches, sent.channel, sent.attempts) == ((alert().id,), ("nato",), "desk", 1)
    assert sent.changes == (change().key, change(kind=Kind.TITLE, subject="display").key)
    assert (waiting.to, waiting.state, waiting.subject, waiting.id) == ("b@example.org", "pending", None, str(BILL))
    assert (ops.id, ops.watches, ops.reasons) == (str(CONGRESS), (), alert().reasons)
    assert kept is not None
    assert kept.alert.id == alert().id
    assert [c.key for c in kept.alert.changes] == list(sent.changes)
    assert kept.deliveries == (sent, waiting)


def test_one_message_about_two_regimes_names_both(sqlite: DatabaseStore, path: Path) -> None:
    pair = [DocumentId("xx", "regime", (name,)) for name in ("martial-law", "mobilisation")]
    with sqlite.begin() as tx:
        for document in pair:
            tx.enqueue(alert(document), ["a"], NOW)
        assert tx.join(tx.due("desk", NOW, 10))
    with open_reader(path) as reader:
        assert [sent.id for sent in reader.alerts()] == ["xx/regime/martial-law xx/regime/mobilisation"]


def test_corrections_name_what_they_put_right(sqlite: DatabaseStore, path: Path) -> None:
    with sqlite.begin() as tx:
        tx.enqueue(alert(changes=[change(), change(kind=Kind.CORRECTION, corrects="k")]), ["a"], NOW)
    with open_reader(path) as reader:
        assert [sent.corrects for sent in reader.alerts()] == ["k"]


def test_single_things_are_found_by_their_names(lived: Path) -> None:
    with open_reader(lived) as reader:
        assert reader.change(change().key) == change(evidence=EVIDENCE.digest, seen_at=later(days=30))
        assert reader.evidence(EVIDENCE.digest) == EVIDENCE
        assert reader.find("congress.gov", "119-hr-6508") == (str(BILL),)
        assert reader.aliases(str(BILL)) == (Alias("congress.gov", "119-hr-6508"),)
        assert reader.knows(str(BILL))
        assert [source.name for source in reader.sources()] == ["congress", "govinfo"]
        assert reader.sources()[1].state is Health.BLOCKED
        assert reader.watches() == (Watch("nato", BILL, "note", NOW),)
        assert not reader.rehearsal()


@pytest.mark.parametrize("key", ["", "x", "us/bill/119/hr/6508@", "us/bill/119/hr/6508@x:status:a", "a@1:b"])
def test_what_is_no_key_names_no_change(lived: Path, key: str) -> None:
    with open_reader(lived) as reader:
        assert reader.change(key) is None


def test_unknown_names_find_nothing(lived: Path) -> None:
    with open_reader(lived) as reader:
        assert reader.evidence("not kept") is None
        assert reader.find("url", "119-hr-6508") == ()
        assert not reader.knows(str(CONGRESS))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("6508", [str(BILL)], id="part of an identity"),
        pytest.param("water", [str(OTHER)], id="a word of a title"),
        pytest.param("us/bill/119/hr/6580", [str(BILL), str(OTHER)], id="a slip of the pen"),
        pytest.param("%", [], id="a wildcard means itself"),
        pytest.param("quite another thing", [], id="nothing like it"),
    ],
)
def test_the_nearest_known(lived: Path, typed: str, meant: list[str]) -> None:
    with open_reader(lived) as reader:
        assert list(reader.known_like(typed)) == meant
        assert len(reader.known_like(typed, 1)) <= 1


def test_a_reader_sees_one_state_while_the_service_writes(lived: Path, sqlite: DatabaseStore) -> None:
    with open_reader(lived) as reader:
        before = reader.status_rows()
        with sqlite.begin() as tx:
            tx.save(first(us_bill(119, "hr", 1)))
        assert reader.status_rows() == before
    with open_reader(lived) as reader:
        assert len(reader.status_rows()) == len(before) + 1


def test_reading_never_writes(lived: Path, sqlite: DatabaseStore) -> None:
    sqlite.close()
    before = lived.read_bytes()
    with open_reader(lived) as reader:
        reader.status_rows()
    assert lived.read_bytes() == before


def test_a_missing_file_holds_no_record(tmp_path: Path) -> None:
    with pytest.raises(NoRecord, match="nothing is recorded"), open_reader(tmp_path / "none.db"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_holds_no_record(path: Path) -> None:
    path.touch()
    with pytest.raises(NoRecord, match="nothing is recorded"), open_reader(path):
        pass


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        pytest.param(
            "UPDATE alembic_version SET version_num = '9999'", "another version of lexwatch", id="a newer schema"
        ),
        pytest.param("UPDATE meta SET value = 'x' WHERE name = 'views'", "another build", id="other views"),
        pytest.param("DROP TABLE alembic_version", "not a database of lexwatch", id="somebody else's database"),
    ],
)
def test_a_database_it_does_not_know_is_refused(sqlite: DatabaseStore, path: Path, statement: str, said: str) -> None:
    with sqlite.engine.execution_options(write=True).begin() as connection:
        connection.exec_driver_sql(statement)
    with pytest.raises(SchemaMismatch, match=said), open_reader(path):
        pass


def test_a_copy_in_a_read_only_folder_reads(lived: Path, sqlite: DatabaseStore, open_folder: Path) -> None:
    """Whoever may not write beside the database reads it all the same when nobody writes."""
    sqlite.close()
    shutil.copy(lived, open_folder / "lexwatch.db")
    assert without_write_permission(lambda: _count(open_folder / "lexwatch.db"), open_folder) == 2


def _count(path: Path) -> int:
    with open_reader(path) as reader:
        return len(reader.status_rows())


ASK = """
import sys
from storage.reader import open_reader
with open_reader(sys.argv[1]) as reader:
    reader.status_rows(); reader.status_rows(as_of="2026-01-01"); reader.history("us/bill/119/hr/6508")
    reader.alerts(); reader.sources(); reader.watches()
print(*(name for name in ("sqlmodel", "sqlalchemy", "alembic", "apscheduler", "requests", "pydantic", "difflib")
        if name in sys.modules))
"""


def test_whoever_only_asks_imports_nothing_heavy(lived: Path) -> None:
    asked = subprocess.run([sys.executable, "-c", ASK, str(lived)], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == ""


def test_a_rehearsal_says_so(path: Path) -> None:
    open_store(path, rehearsal=True, now=NOW).close()
    with open_reader(path) as reader:
        assert reader.rehearsal()


def test_a_standby_says_how_far_it_is_behind(postgresql: PostgreSQL, postgresql_url: str, open_folder: Path) -> None:
    """Level with its server it is not behind, however old the last write is; then what it was sent waits."""
    store = open_store(postgresql_url, rehearsal=False, now=NOW)
    one = first()
    with store.begin() as tx:
        tx.save(one)
    with postgresql.standby(open_folder / "standby") as standby:
        copy = standby.url(postgresql_url)
        level = eventually(lambda: age_of(copy), lambda age: age.behind == timedelta())
        assert level.until is not None
        with open_reader(copy) as reader:
            assert [row.id for row in reader.status_rows()] == [str(BILL)]
        with store.begin() as tx:
            tx.save_source(SourceState("congress", last_poll_at=NOW))
        eventually(lambda: sources_of(copy), bool)
        standby.pause()
        with store.begin() as tx:
            tx.save(after(one.record, titled("B")))
        late = eventually(lambda: age_of(copy), lambda age: bool(age.behind))
        with open_reader(copy) as reader:
            assert [row.revision for row in reader.status_rows()] == [1]
    store.close()
    assert late.behind is not None
    assert timedelta() < late.behind < timedelta(minutes=5)


def age_of(url: str) -> CopyAge:
    with open_reader(url) as reader:
        return reader.copy_age(NOW, server=True)


def sources_of(url: str) -> tuple[SourceState, ...]:
    with open_reader(url) as reader:
        return reader.sources()


def eventually(ask: Callable[[], _T], enough: Callable[[_T], bool]) -> _T:
    """Return the first answer that is enough; a server that follows another takes a moment."""
    for _ in range(300):
        found = ask()
        if enough(found):
            return found
        time.sleep(0.1)
    raise AssertionError(f"still {found}")


@pytest.mark.parametrize(
    ("polled", "said"),
    [
        pytest.param(later(hours=-2), CopyAge(later(hours=-2), timedelta(hours=2)), id="as old as the last poll"),
        pytest.param(later(hours=1), CopyAge(later(hours=1), timedelta()), id="never from the future"),
        pytest.param(None, CopyAge(None, None), id="nothing was polled"),
    ],
)
def test_a_copy_of_another_kind_is_as_old_as_what_was_written_last(
    store: DatabaseStore, polled: datetime | None, said: CopyAge
) -> None:
    with store.begin() as tx:
        tx.save_source(SourceState("congress", last_poll_at=polled))
    with open_reader(store.location.url or store.path) as reader:
        assert reader.copy_age(NOW, server=store.location.url is not None) == said
