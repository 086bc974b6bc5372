"""What happens where the operating system refuses to write?"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

_NOBODY = 65534


def without_write_permission(question: Callable[[], int], folder: Path) -> int:
    """Ask in a child process that may not write in `folder`; return its small answer, 99 when it raised.

    The child gives up the rights of root, which no file mode binds.
    """
    mode = folder.stat().st_mode
    folder.chmod(0o555)
    try:
        child = os.fork()
        if child == 0:
            os._exit(_run_unprivileged(question))
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        folder.chmod(mode)


def _run_unprivileged(question: Callable[[], int]) -> int:
    answer = 99
    try:
        if os.geteuid() == 0:
            os.setegid(_NOBODY)
            os.seteuid(_NOBODY)
        answer = question()
    finally:
        return answer  # noqa: B012 - whatever was raised must not unwind into the parent's test run
