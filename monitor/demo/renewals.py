"""What did the Ukrainian database publish, in words for the screen?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from domain.terms import regime_of, term_text, terms
from monitor.demo.database import REACH
from monitor.demo.legislation import IN_FORCE, KYIV, REGIME, Legislation, Paper, Touch
from monitor.demo.telling import Step, short_day
from monitor.service.regimes import shipped_regimes
from watchers.rada.act_text import STATUSES


@dataclass(frozen=True, slots=True)
class Renewals:
    """A stretch of a regime's life, polled at `polls`, aware and in order. `after` is the poll before the first one,
    None if nobody watched until then."""

    legislation: Legislation
    polls: Sequence[datetime]
    after: datetime | None = None

    @property
    def place(self) -> str:
        return "Kyiv"

    @property
    def zone(self) -> ZoneInfo:
        return KYIV

    @property
    def verb(self) -> str:
        return "read"

    def steps(self) -> tuple[Step, ...]:
        """Say when the replay polls."""
        return (Step(self.after, self.polls[0]), *(Step(before, at) for before, at in pairwise(self.polls)))

    def published(self, step: Step) -> list[str]:
        """Say what the database published between two polls, one line each; at the first one, what was there."""
        if step.after is None:
            return self._there(step.at)
        news = self.legislation.updates(step.after, step.at)
        renewals = [_said(p, t) for p, t in news if p in self.legislation.renewals]
        twins = [f"{_said(p, t)} (mobilisation: not watched)" for p, t in news if p in self.legislation.twins]
        return [*renewals, *twins, *_counted(news, self.legislation.others)]

    def counted(self, steps: Sequence[Step]) -> str:
        """Say in one clause what several polls found, none of it martial law's."""
        news = [update for step in steps if step.after for update in self.legislation.updates(step.after, step.at)]
        return ", ".join(_counted(news, (*self.legislation.twins, *self.legislation.others)))

    def _there(self, now: datetime) -> list[str]:
        facets = shipped_regimes()[REGIME].observation(now).facets
        last = terms(regime_of(REGIME, facets), facets)[-1]
        listed = sum(now - touch.at <= REACH for _, touch in self.legislation.shown(now))
        return [
            f"shipped with lexwatch, the history until that day: {term_text(last, KYIV.key)}",
            f"the list of the last thirty days: {listed} documents",
        ]


def _said(paper: Paper, touch: Touch) -> str:
    named = f"{paper.document.kind} {paper.number}"
    if touch.status != IN_FORCE:
        return f"{named} of {short_day(paper.on.isoformat())}: {paper.title}"
    since = "" if touch.event_on else "; since when is not on record"
    return f"{named}: the card says {STATUSES[touch.status]}, in force{since}"


def _counted(news: Sequence[tuple[Paper, Touch]], among: Sequence[Paper]) -> list[str]:
    number = sum(paper in among for paper, _ in news)
    return [f"{number} updates of other acts" if number > 1 else "1 update of another act"] if number else []
