"""The command line. Before anything else: Ctrl-C ends it quietly, and are the packages that Python finds ours?"""

import sys
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

PACKAGES = ("domain", "watchers", "storage", "notifications")


def foreign_package(folder: Path) -> str | None:
    """Say which package beside `monitor` in `folder` is hidden by another of its name, in one sentence; None for none.

    The names are common words, and whatever comes first on the path of Python wins (docs/decisions/0060).
    """
    for name in PACKAGES:
        spec = find_spec(name)
        found = next(iter(spec.submodule_search_locations or ()), None) if spec else None
        if found is None or Path(found).resolve().parent != folder.resolve():
            return (
                f"lexwatch: expected its package {name!r} in {folder}, saw {found or 'none'}: something else of that "
                "name comes first; install lexwatch into an environment of its own, such as pipx install lexwatch"
            )
    return None


def _quietly(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Ctrl-C while modules are still loaded is no fault of the program: nobody needs to see where it was."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _quietly

_HERE = "lexwatch runs on Linux and macOS, where files can be locked; on Windows install it inside WSL"

if _problem := foreign_package(Path(__file__).parents[2]) or (None if find_spec("fcntl") else _HERE):
    print(_problem, file=sys.stderr)
    raise SystemExit(2)
