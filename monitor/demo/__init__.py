"""What does the whole service look like at work? True history replayed on one machine, with nothing left behind."""

from __future__ import annotations


def demo(fast: bool) -> int:
    """Show the real service against an embedded copy of the past; returns the exit status.

    Takes under a minute, `fast` (no pauses for the reader) under 15 seconds. Nothing leaves this machine; everything
    is written to a temporary folder that is removed at the end, also on Ctrl-C or SIGTERM.
    """
    from monitor.demo.show import show

    return show(fast)
