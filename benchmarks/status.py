"""What does a question cost, beside merely importing the library that writes?

    python -m benchmarks.status [BILLS]

Writes BILLS bills (30,000 unless given; constructed) into a temporary folder, watches 100 of them, and compares the
processor time of `lexwatch status` with that of `python -c "import sqlmodel"`, turn by turn. The budget is a third.
Then it watches 10,000 of them, every hundredth under a tag, and compares `lexwatch status --tag TAG` with `lexwatch
status` of one document under the same configuration: the budget is twice as much. All are measured compiled, as an
installed program is: where the interpreter may not write beside its sources (`PYTHONDONTWRITEBYTECODE`), every command
would be compiled anew.
"""

from __future__ import annotations

import atexit
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.observation import Observation
from domain.records.detection import advance
from domain.records.facets import Facet
from storage.store import open_store

BUDGET, BUDGET_BY_TAG = 1 / 3, 2.0
_TURNS = 7
_PAGE = 250
_WATCHED, _MANY = 100, 10_000
_SEEN = datetime(2026, 1, 6, 10, tzinfo=UTC)
_TYPES = ("hr", "s", "hres", "sres", "hjres", "sjres", "hconres", "sconres")


def main(bills: int) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        documents = [us_bill(119, _TYPES[n % 8], n // 8 + 1) for n in range(bills)]
        _record(folder / "lexwatch.db", documents)
        _configure(folder / "config.toml", documents[:: max(1, bills // _WATCHED)][:_WATCHED])
        asked = [sys.executable, "-m", "monitor.cli.main", "--config", str(folder / "config.toml"), "status"]
        imported = [sys.executable, "-c", "import sqlmodel"]
        answer = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        cpu(*asked), cpu(*imported)
        turns = [(cpu(*asked), cpu(*imported)) for _ in range(_TURNS)]
        many = documents[:_MANY]
        _configure(folder / "config.toml", many, tag_each=_MANY // _WATCHED)
        tagged = subprocess.run([*asked, "--tag", "desk"], capture_output=True, text=True, check=True).stdout
        filtered = [(cpu(*asked, "--tag", "desk"), cpu(*asked, str(many[0]))) for _ in range(_TURNS)]
    by_tag, one = (statistics.median(column) for column in zip(*filtered, strict=True))
    question, library = (statistics.median(column) for column in zip(*turns, strict=True))
    print(f"{bills} bills recorded, {len(answer.splitlines()) - 1} told")
    print(f"lexwatch status  {question * 1000:6.0f} ms of processor time (median of {_TURNS})")
    print(f"import sqlmodel  {library * 1000:6.0f} ms")
    print(f"ratio            {question / library:6.3f}   budget {BUDGET:.3f}")
    print(f"{len(tagged.splitlines()) - 1} of {len(many)} watches told by a tag")
    print(f"--tag            {by_tag * 1000:6.0f} ms")
    print(f"one document     {one * 1000:6.0f} ms")
    print(f"ratio            {by_tag / one:6.3f}   budget {BUDGET_BY_TAG:.3f}")
    return 0 if question / library <= BUDGET and by_tag / one <= BUDGET_BY_TAG else 1


def _record(path: Path, documents: list[DocumentId]) -> None:
    store = open_store(path, rehearsal=False, now=_SEEN)
    try:
        for start in range(0, len(documents), _PAGE):
            with store.begin() as tx:
                for document in documents[start : start + _PAGE]:
                    step = advance(None, Observation(document, "congress", "congress/1", _facets(document)), _SEEN)
                    assert step is not None
                    tx.save(step)
    finally:
        store.close()


def _facets(document: DocumentId) -> dict[str, Facet]:
    name = str(document)
    referral = f"Referred to the Committee on {name} (constructed)."
    return {
        "item": {"": {"introduced_on": "2025-01-03"}},
        "title": {"display": {"text": f"A bill to be counted, {name} (constructed)"}},
        "actions": {
            "a": {"on": "2025-01-03", "text": "Introduced", "label": "Introduced", "step": "introduced"},
            "b": {"on": "2025-01-03", "text": referral, "label": referral, "step": "referred"},
        },
    }


def _configure(path: Path, watched: list[DocumentId], tag_each: int = 0) -> None:
    tags = ['tags = ["desk"]\n' if tag_each and n % tag_each == 0 else "" for n in range(len(watched))]
    watches = (f'[[watch]]\nbill = "{document}"\n{tag}' for document, tag in zip(watched, tags, strict=True))
    path.write_text("[source.congress]\n" + "".join(watches))


@cache
def _compiled() -> dict[str, str]:
    """Return the environment in which commands keep what they compiled, until this process ends."""
    folder = tempfile.mkdtemp(prefix="lexwatch-compiled-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": folder}


def cpu(*command: str, runs: int = 1) -> float:
    """Return the least CPU seconds of some runs of a command; a status of 1 is an answer, too."""
    spent = []
    for _ in range(runs):
        before = getrusage(RUSAGE_CHILDREN)
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=_compiled(), check=False)
        after = getrusage(RUSAGE_CHILDREN)
        assert done.returncode in (0, 1), done.stderr[-500:]
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(spent)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 30_000))
