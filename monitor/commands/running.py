"""The commands that do something: run and test-channel."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from domain.errors import ConfigError, DeliveryError
from monitor.faults import neighbours
from monitor.logs import event, setup_logging
from monitor.session import Session
from monitor.settings import Settings
from monitor.wishes import Wishes, heard

log = logging.getLogger("lexwatch")


def run(session: Session, *, once: bool) -> int:
    """Run the service; a faulty configuration is told before anything is opened."""
    with heard() as wishes:
        return _run(session, wishes, once=once)


def _run(session: Session, wishes: Wishes, *, once: bool) -> int:
    settings = session.load()
    prepare(settings)
    setup_logging(settings)
    _tell_warnings(settings)

    def reload() -> Settings:
        fresh = session.load()
        setup_logging(fresh)
        _tell_warnings(fresh)
        return fresh

    from monitor.service import run as serve

    return serve(settings, clock=session.clock, rehearsal=session.rehearsal, once=once, reload=reload, wishes=wishes)


def prepare(settings: Settings) -> None:
    """Make the folder of the shipped default's database; a folder the user named must be there already."""
    if settings.shipped:
        try:
            Path(settings.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError([f"{Path(settings.database).parent} cannot be made: {error.strerror}"]) from None


def _tell_warnings(settings: Settings) -> None:
    for warning in settings.warnings:
        event(log, "configuration", level=logging.WARNING, warning=warning)


def test_channel(session: Session, name: str) -> int:
    """Send one test message to each recipient of a channel; 1 when a receiver did not take it."""
    from monitor.app import build_http, build_notifiers
    from notifications.words import test_notice

    settings = session.load()
    notifier = build_notifiers(settings, build_http(settings, session.clock)).get(name)
    if notifier is None:
        known = [channel.name for channel in settings.channels]
        raise click.BadParameter(f"unknown channel {name!r}; {neighbours(name, known)}", param_hint="NAME")
    refused = 0
    for recipient in notifier.recipients:
        notice = test_notice(name, recipient, session.clock(), settings.timezone)
        try:
            answer = notifier.send(
                notifier.freeze(notice), delivery=notice.delivery, to=recipient, about_to_commit=lambda: None
            )
            click.echo(f"{recipient}: accepted: {answer}", err=True)
        except DeliveryError as error:
            refused += 1
            click.echo(f"{recipient}: not accepted: {error}", err=True)
    return 1 if refused else 0
