"""Where are the checkout, its fixtures, and the recorded corpus beside it?"""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
FIXTURES = CHECKOUT / "tests" / "fixtures"
CORPUS = CHECKOUT.parent / "shared" / "corpus"
"""Recorded files of the publishers, which a clone does not have. Tests that read them are marked `corpus` and have the
word in their name; without the files they are skipped."""
