"""What is a message, once it is in words and not yet laid out?"""

from __future__ import annotations

from dataclasses import dataclass

from notifications.languages import Language
from notifications.telling import Told


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in words. `news` holds the changes, most important first; `more` counts those not listed.

    A message about several documents has a letter for each in `parts`, and `news` holds all of theirs. `language` is
    the one it is written in, whose `words` name its parts.
    """

    subject: str
    label: str
    document: str
    title: str | None
    link: str | None
    news: tuple[Told, ...]
    more: int
    kinds: tuple[str, ...]
    standing: str | None
    meaning: str | None
    next_step: str | None
    note: str | None
    reason: str
    alerts: tuple[str, ...]
    delivery: str
    evidence: tuple[str, ...]
    language: Language
    parts: tuple[Letter, ...] = ()

    @property
    def summary(self) -> str:
        """The subject without the tag in brackets."""
        return self.subject.removeprefix(f"[{self.label}] ")

    @property
    def headline(self) -> str:
        """What the most important change says."""
        return self.news[0].headline if self.news else self.language.say("nothing_new")
