"""What happens where the operating system refuses to write?"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path

_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


def without_write_permission(question: Callable[[], int], folder: Path) -> int:
    """Ask in a child process that may not write in `folder`; return its small answer, 99 when it raised.

    A child of root stays root, who owns the folder, but gives up the right to ignore file modes.
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
            _obey_file_modes()
        answer = question()
    finally:
        return answer  # noqa: B012 - whatever was raised must not unwind into the parent's test run


def _obey_file_modes() -> None:
    """Give up CAP_DAC_OVERRIDE; see capset(2)."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)()
    if libc.capget(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    sets[0] &= ~(1 << _CAP_DAC_OVERRIDE)
    if libc.capset(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capset")
