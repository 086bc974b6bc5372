"""What an alert rests on is never dropped: nothing in the store deletes but the end of a mute, a message joined to
another, a worker that is long gone, what a search found that looks for something else now, and a restore, what was read
since the one before."""

from __future__ import annotations

import re
from pathlib import Path

STORAGE = Path(__file__).parents[2] / "storage"
_DROPS = re.compile(r"(?i)(?:DELETE\s+FROM|DROP\s+TABLE|REPLACE\s+INTO)\s+(\w+)|\.delete\(")


def test_nothing_is_deleted_but_mutes_and_messages_that_were_joined() -> None:
    found = {
        (path.name, match[1] or match[0])
        for path in sorted(STORAGE.rglob("*.py"))
        for match in _DROPS.finditer(path.read_text(encoding="utf-8"))
    }
    assert found == {
        ("outbox.py", "mute"),
        ("outbox.py", "delivery"),
        ("write.py", "worker"),
        ("write.py", "search_match"),
        ("migrate.py", "meta"),
        ("migrate.py", "reread"),
        ("moving.py", "meta"),
    }
