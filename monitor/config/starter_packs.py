"""What do the starter packs hold: which publishers, with which words, on which routes?"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "packs"


def pack_names() -> tuple[str, ...]:
    """Return what the packs are called, in the order of the alphabet."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))
