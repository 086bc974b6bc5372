"""Which configuration is in force among several workers, and what ends a worker: real processes of the command."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.alerts.routing import Audience
from domain.ports import WorkerState
from monitor.service.context import Context
from monitor.service.operator_alerts import CONFIGURATIONS_DIFFER, SAME_CONFIGURATION, alert_configuration_drift
from monitor.service.service import QUEUES
from notifications.compose import compose
from notifications.templates import RenderOptions
from storage.store import open_store
from tests.crash.workers import FIRST_FEED, TAKE_OVER, Machines, Worker
from tests.helpers.fakes import ManualClock
from tests.helpers.paths import CHECKOUT
from tests.helpers.record_builders import NOW
from tests.helpers.stores import PostgreSQL, TemporaryStore
from tests.helpers.timing import assert_soon

IMPATIENT = """
import sys
from datetime import timedelta
import monitor.service.workers as workers
workers.DRIFT_PATIENCE = timedelta(0)
from monitor.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def begin_with_differing_configurations(found: Machines) -> tuple[Worker, Worker]:
    """Return the worker that runs alone, all settled, and one that has another configuration and does not run yet."""
    old, new = found.workers
    found.configure(old, more="# with an operator")
    found.configure(new, more="# with an operator", every="2s")
    old.start()
    assert found.wait_for(found.is_settled)
    return old, new


@pytest.mark.slow
def test_a_worker_with_another_configuration_waits_until_nobody_else_has_it(found: Machines) -> None:
    """A newcomer's configuration is in force from its start: its recipients are not unknown to anybody who sends."""
    old, new = begin_with_differing_configurations(found)
    new.start(code=IMPATIENT)
    assert_soon(lambda: "stands by" in old.said())
    assert_soon(lambda: words_to_the_operator(found) == ["different configurations"] * 2)
    seen = old.said().count(" poll ")
    found.publish_everywhere()
    assert found.wait_for(found.is_settled)
    assert old.said().count(" poll ") <= seen + len(found.publisher.feeds), "what was in hand may end"
    said = subprocess.run(
        [sys.executable, "-m", "monitor.cli.main", "--config", str(old.configuration), "check"],
        cwd=CHECKOUT,
        env={**old.environment, "PATH": "", "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "has another configuration than this one" in said.stderr
    new.kill()
    found.publish_everywhere()
    assert found.wait_for(found.is_settled)
    assert_soon(lambda: len(words_to_the_operator(found)) == 4)
    assert words_to_the_operator(found)[2:] == ["the same configuration"] * 2
    found.assert_told_once()


@pytest.mark.slow
def test_a_connection_that_broke_does_not_make_configurations_the_same(found: Machines) -> None:
    old, new = begin_with_differing_configurations(found)
    new.start(code=IMPATIENT.replace("timedelta(0)", "timedelta(seconds=3)"))
    assert_soon(lambda: words_to_the_operator(found) == ["different configurations"] * 2)
    assert found.wait_for(found.is_settled)  # what is cut off before it is recorded as sent would be repeated
    old.proxy.cut()
    new.proxy.cut()
    time.sleep(TAKE_OVER + 1)
    new.proxy.heal(broken=True)
    assert_soon(lambda: "database state=ok" in new.said())
    time.sleep(1.5)
    old.proxy.heal(broken=True)
    assert_soon(lambda: "database state=ok" in old.said())
    time.sleep(5)
    assert words_to_the_operator(found) == ["different configurations"] * 2


def words_to_the_operator(found: Machines) -> list[str]:
    """Return what the operator, two people, was told of the workers; a subject names what was before behind it."""
    told = [message.subject for message in found.mail.so_far() if b"source/workers" in message.body]
    words = ("different configurations", "the same configuration")
    return [min((subject.index(one), one) for one in words if one in subject)[1] for subject in told]


def test_a_changed_configuration_is_taken_up_while_it_runs(found: Machines) -> None:
    worker, _ = found.workers
    worker.start()
    assert found.wait_for(found.is_settled)
    found.publisher.feeds[FIRST_FEED + 4] = [(f"EV{FIRST_FEED + 4}X001", NOW)]
    found.configure(worker)
    assert found.wait_for(found.is_settled)
    worker.configuration.write_text("[service]\nunknown = 1\n")
    assert_soon(lambda: "state=refused" in worker.said())
    found.publish_everywhere()
    assert found.wait_for(found.is_settled)


def test_an_old_worker_ends_beside_a_newer_schema(found: Machines) -> None:
    worker, _ = found.workers
    worker.start()
    assert found.wait_for(found.is_settled)
    found.rows("UPDATE alembic_version SET version_num = '9.9' RETURNING 1")
    assert worker.ended() == 2
    assert "was brought to schema 9.9 by a newer lexwatch" in worker.said()


@pytest.mark.slow
def test_after_an_outage_the_configuration_that_was_in_force_still_is(found: Machines, postgresql: PostgreSQL) -> None:
    old, new = found.workers
    found.configure(new, every="2s")
    old.start()
    assert found.wait_for(found.is_settled)
    new.start()
    assert_soon(lambda: "stands by" in old.said())
    in_force = found.rows("SELECT value FROM meta WHERE name = 'configuration'")
    postgresql.crash()
    assert_soon(lambda: "trying again" in old.said() and "trying again" in new.said())
    old.proxy.cut()
    postgresql.start_again()
    assert_soon(lambda: "database state=ok" in new.said())
    old.proxy.heal(broken=True)
    assert_soon(lambda: "database state=ok" in old.said())
    found.publish_everywhere()
    assert found.wait_for(found.is_settled)
    assert found.rows("SELECT value FROM meta WHERE name = 'configuration'") == in_force
    assert "stands by" not in new.said()
    found.assert_told_once()


def test_a_configuration_that_was_changed_during_an_outage_is_taken_up(found: Machines, postgresql: PostgreSQL) -> None:
    worker, _ = found.workers
    worker.start()
    assert found.wait_for(found.is_settled)
    postgresql.crash()
    assert_soon(lambda: "trying again" in worker.said())
    found.publisher.feeds[FIRST_FEED + 4] = [(f"EV{FIRST_FEED + 4}X001", NOW)]
    found.configure(worker)
    time.sleep(1)
    postgresql.start_again()
    assert found.wait_for(found.is_settled)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(
            lambda text, name: text.replace(f"/{name}", "/nowhere"), "no such database", id="another database"
        ),
        pytest.param(lambda text, name: text.replace("postgres@", "nobody@"), "refuses this user", id="another user"),
        pytest.param(
            lambda text, name: text.replace('name = "crash"', 'name = "other"'),
            "is the record of the installation 'crash'",
            id="another installation",
        ),
    ],
)
def test_what_waiting_does_not_mend_ends_it(
    found: Machines, change: Callable[[str, str], str], words: str, postgresql: PostgreSQL
) -> None:
    store = open_store(found.url, rehearsal=False, now=NOW)
    store.claim_name("crash")
    store.close()
    worker, _ = found.workers
    worker.configuration.write_text(change(worker.configuration.read_text(), found.name))
    worker.start()
    assert worker.ended() == 2
    assert words in worker.said()


def test_a_file_has_one_worker(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[service]\ndatabase = "record.db"\n')
    line = [sys.executable, "-m", "monitor.cli.main", "--config", str(tmp_path / "config.toml"), "worker"]
    done = subprocess.run(line, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "several workers share a PostgreSQL database" in done.stderr
    done = subprocess.run([*line, "--queues", "polls,sending"], cwd=CHECKOUT, capture_output=True, check=False)
    assert done.returncode == 2


def test_the_operator_hears_once_that_configurations_differ_and_once_that_they_are_the_same() -> None:
    store, audience = TemporaryStore(), Audience(recipients={"desk": ("desk@example.org",)}, operator=("desk",))
    context = Context(store, audience, ManualClock())
    one = WorkerState("here/1", NOW, NOW, "aaaa" * 16, "0.2.0", QUEUES)
    other = replace(one, name="there/2", configuration="bbbb" * 16)
    for workers in ((one,), (one, other), (one, other), (one, replace(other, configuration=one.configuration)), (one,)):
        alert_configuration_drift(workers, context)
    told = [(change.before, change.after) for alert in store.alerts for change in alert.changes]
    assert told == [(SAME_CONFIGURATION, CONFIGURATIONS_DIFFER), (CONFIGURATIONS_DIFFER, SAME_CONFIGURATION)]
    (words, _) = [change.text for alert in store.alerts for change in alert.changes]
    assert words is not None
    assert "here/1 aaaaaaaa; there/2 bbbbbbbb" in words


def test_a_message_of_the_differing_configurations_reads_well() -> None:
    store = TemporaryStore()
    audience = Audience(recipients={"desk": ("desk@example.org",)}, operator=("desk",))
    one = WorkerState("here/1", NOW, NOW, "aaaa" * 16, "0.2.0", QUEUES)
    alert_configuration_drift(
        (one, replace(one, name="there/2", configuration="b")), Context(store, audience, ManualClock())
    )
    with store.read() as view:
        (delivery,) = view.due("desk", NOW + timedelta(days=1), 10)
        said = repr(compose(view.notice(delivery, "UTC"), RenderOptions()))
    assert "different configurations" in said
    assert "One is in force, the workers with another wait. here/1 aaaaaaaa; there/2 b" in said
