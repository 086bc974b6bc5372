"""In which words and by which templates does each channel tell, and who hears of a template that cannot be used?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from domain.changes import Change
from domain.facets import Kind, short_digest
from domain.identity import operational
from domain.ports import Store
from domain.routing import Audience, for_operator
from monitor.settings import ChannelSettings, Settings

if TYPE_CHECKING:
    from notifications.manner import Manner

__all__ = ["Report", "manners", "tell_of_template", "template_faults", "unknown_templates"]

Report = Callable[[str, str], None]
"""Is told the name of a template that cannot be used, and why."""

UNUSABLE = "a template cannot be used"


def manners(settings: Settings, report: Report | None) -> Callable[[ChannelSettings], Manner]:
    """Return what gives each channel its language, zone and templates."""
    from notifications.languages import language_of
    from notifications.manner import Manner
    from notifications.render import SHIPPED, Layout

    layout = SHIPPED if settings.templates is None else Layout(settings.templates, report)
    return lambda channel: Manner(language_of(channel.language), channel.timezone, layout)


def template_faults(settings: Settings, now: datetime) -> Mapping[str, str]:
    """Print a sample by each template of the user's, in every language that is told; returns what is wrong, with its
    line, by the name of the template."""
    if settings.templates is None:
        return {}
    from notifications.languages import language_of
    from notifications.manner import Manner
    from notifications.render import Layout
    from notifications.sample import samples
    from notifications.words import compose

    layout = Layout(settings.templates)
    tongues = dict.fromkeys(channel.language for channel in settings.channels) or {"en": None}
    letters = [compose(one, Manner(language_of(code))) for code in tongues for one in samples(now)]
    found = ((name, layout.fault(name, letter)) for name in layout.replaced for letter in letters)
    return {name: why for name, why in found if why is not None}


def unknown_templates(settings: Settings) -> tuple[str, ...]:
    """Return the files of the folder whose names could be templates and are none: a misspelt one is never used."""
    if settings.templates is None:
        return ()
    from notifications.render import TEMPLATES

    there = sorted(path.name for path in settings.templates.iterdir() if path.suffix in (".txt", ".html"))
    return tuple(name for name in there if name not in TEMPLATES)


def tell_of_template(store: Store, audience: Audience, name: str, why: str, now: datetime) -> None:
    """Tell the operator that the template that ships stands in for one of the user's: once for each fault, since the
    same fault makes the same alert."""
    change = Change(
        document=operational("channel", "templates"),
        revision=int(short_digest(f"{name}: {why.partition(': ')[0]}"), 16),
        kind=Kind.CHANNEL,
        subject=name,
        before=None,
        after=UNUSABLE,
        text=why,
        happened_on=None,
        seen_at=now,
        source="lexwatch",
    )
    with store.begin() as tx:
        for alert in for_operator(change, audience):
            tx.enqueue(alert, audience.recipients[alert.channel], now)
