"""Which regime is in force, from when to when, by which acts, and what comes next?

A regime (martial law, an emergency, a sanctions package) runs in terms. Its record keeps what was seen of it in three
facets, each entry once stated kept for good:

- `instruments`: the acts that set or end a term. Subject: the act's identity. `act` is `introduction`, `extension`,
  `end`, `partial_end` or `lapse`. A term begins at `starts_at`, local wall time (`2025-11-05T05:30`; a bare day is its
  first moment), on the day of `starts = "signature"` or `"publication"`, or with the end of the last term signed
  before it (`"continuation"`). It ends after `length` (`90 days`,
  `3 months`, `1 year`), at `ends_at` (local wall time, exclusive), or with the last moment of the day `until`. An act
  that states none of these runs until an act ends it. `on` is the day it was signed, `published_on` that of its
  publication; `scope` names regions; `repeals` names the acts whose terms an `end` cuts; `confidence` is official,
  secondary or inferred.
- `approvals`: the acts without which an instrument is not valid. `approves` names it, `on` is the day of adoption;
  `outcome = "rejected"` refuses it. `starts_at`, `length`, `ends_at`, `until` and `scope` stand over the instrument's.
- `steps`: what else was seen on the way (`bill_registered`, `law_signed`, `published`, `in_force`); `of` names the act.

How the regime is computed stands in its `item` facet (`rules_of`), so that a record explains itself. `walltime`
computes, `acts` reads the entries, `chain` puts terms in line, `checks` finds what is odd, `verdict` says how the
regime
stands, `spelling` says it to people.
"""

from domain.dates import OPEN, add_length, instant, is_length, local
from domain.terms.acts import REMINDER_DAYS, EarlyEnd, Regime, TermAct, regime_of, rules_of
from domain.terms.chain import Release, Term, announce, families, term_text, terms
from domain.terms.checks import Check, Finding, checks
from domain.terms.status import COVERAGE_BEFORE_END, STALE, Coverage, Next, RegimeState, RegimeStatus, regime_state

__all__ = [
    "COVERAGE_BEFORE_END",
    "OPEN",
    "REMINDER_DAYS",
    "STALE",
    "Check",
    "Coverage",
    "EarlyEnd",
    "Finding",
    "Next",
    "Regime",
    "RegimeState",
    "RegimeStatus",
    "Release",
    "Term",
    "TermAct",
    "add_length",
    "announce",
    "checks",
    "families",
    "instant",
    "is_length",
    "local",
    "regime_of",
    "regime_state",
    "rules_of",
    "term_text",
    "terms",
]
