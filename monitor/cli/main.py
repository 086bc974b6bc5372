"""What can be typed after `lexwatch`?

Every command imports what it needs when it is called: whoever only asks must not wait for what writes, schedules or
fetches. Answers go to standard output, everything else to standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from domain.errors import LexwatchError, UnknownName
from domain.options import PRIORITIES
from monitor.cli.session import Session

SORTS, GROUPS = ("changed", "next", "priority", "name"), ("tag", "owner", "stage")
FINE, UNWELL, WRONG, INTERRUPTED = 0, 1, 2, 130
ANSWERS = ("status", "history", "alerts", "why", "verify", "sources", "upcoming", "export")
"""Commands that read the record alone."""

EXPORTS = ("csv", "xlsx", "json", "ics", "atom")
STATES = ("pending", "held", "sent", "ambiguous", "dead", "withdrawn", "suppressed")

_DAY = click.DateTime(["%Y-%m-%d"])
_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


def _listed(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that answers with a list its two forms for programs."""
    csv = click.option("--csv", "form", flag_value="csv", help="Answer in CSV, for a spreadsheet.")
    return click.option("--json", "form", flag_value="json", help="Answer in JSON.")(csv(command))


def _filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that answers of the portfolio its filters."""
    for name, words in _FILTERS.items():
        command = click.option(f"--{name}", f"{name}s", multiple=True, metavar=name.upper(), help=words)(command)
    return command


_FILTERS = {
    "kind": "Only this kind: bill, act, regime, feed.",
    "stage": "Only at this stage: in_committee, reported.",
    "owner": "Only what this person follows.",
    "tag": "Only with this tag; each may be repeated.",
}


def _whole(context: click.Context, parameter: click.Parameter, typed: Sequence[str]) -> Sequence[str]:
    """Put together what a shell took apart: a number alone names nothing, so `HR 6508` is one WHAT, as `"HR 6508"`."""
    found: list[str] = []
    for word in typed:
        if word.isdecimal() and found and not any(c.isdecimal() for c in found[-1]):
            found[-1] += f" {word}"
        else:
            found.append(word)
    return found


def _joined(context: click.Context, parameter: click.Parameter, typed: Sequence[str]) -> str | None:
    """Read all the words as one WHAT, whether they were typed with quotation marks or without."""
    return " ".join(typed) if typed else None


_subject = click.argument("what", nargs=-1, required=True, callback=_joined, metavar="WHAT")


class _Commands(click.Group):
    """Ends quietly when whoever reads the answer has seen enough; click itself would call that a failure."""

    def invoke(self, context: click.Context) -> Any:
        try:
            result = super().invoke(context)
            sys.stdout.flush()
        except BrokenPipeError:
            # The interpreter must not complain either when it closes the stream.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FINE
        return result


def _version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"lexwatch {version('lexwatch')}")
        except PackageNotFoundError:
            click.echo("lexwatch, not installed")
        context.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    metavar="FILE",
    help="The configuration file; without it the first there is of $LEXWATCH_CONFIG, ./config.toml, "
    "the one in your configuration folder, and the one that comes with lexwatch.",
)
@click.option("--now", metavar="TIME", envvar="LEXWATCH_NOW", help="Start the clock at this instant: a rehearsal.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Say which version."
)
@click.pass_context
def cli(context: click.Context, config: str | None, now: str | None) -> None:
    """Watch the official record of legislatures and alert the right people, once."""
    context.obj = Session(config, now or None, answers=context.invoked_subcommand in ANSWERS)


@cli.command()
@click.argument("file", default="config.toml")
@click.option("--bill", "bills", multiple=True, metavar="WHAT", help="A bill to watch; may be repeated.")
@click.option("--regime", "regimes", multiple=True, metavar="NAME", help="A regime to watch; may be repeated.")
@click.option("--search", "searches", multiple=True, metavar="WORDS", help="Words to look for; may be repeated.")
@click.option("--feed", "feeds", multiple=True, metavar="ADDRESS", help="A feed to watch; may be repeated.")
@click.option(
    "--pack", "packs", multiple=True, metavar="NAME", help="A starter pack (lexwatch packs); may be repeated."
)
@click.option("--note", metavar="TEXT", help="Your own words, sent with every message about the first bill.")
@click.option("--timezone", default="UTC", metavar="ZONE", help="For dates shown, such as Europe/Oslo.")
@click.option("--language", metavar="CODE", help="Of the messages: en or uk.")
@click.option("--contact", metavar="ADDRESS", help="Sent to publishers, so that they know whom to ask.")
@click.option(
    "--email", "emails", multiple=True, metavar="ADDRESS", help="Send alerts to this address; may be repeated."
)
@click.option("--sender", metavar="ADDRESS", help="The address mail comes from.")
@click.option("--server", metavar="URL", help="The mail server: smtp+starttls://user@host:587.")
@click.option("--slack-env", metavar="NAME", help="The environment variable that holds the Slack webhook.")
@click.pass_obj
def init(session: Session, /, file: str, **options: Any) -> int:
    """Write a commented configuration to FILE (config.toml). Never overwrites."""
    from monitor.cli.starting import init as command

    return command(session, file, **options)


@cli.command()
@click.argument("name", required=False)
@_listed
def packs(name: str | None, form: str | None) -> int:
    """List the starter packs, or show the one called NAME."""
    from monitor.cli.starting import packs as command

    return command(name, form)


@cli.command()
@click.option("--online", is_flag=True, help="Also ask each source once.")
@click.pass_obj
def check(session: Session, online: bool) -> int:
    """Say what the configuration means and who would be alerted."""
    from monitor.cli.check import check as command

    return command(session, online=online)


@cli.command()
@click.option("--once", is_flag=True, help="Poll all that is due, send all that is due, end (for cron).")
@click.option("--new-record", is_flag=True, help="Start a new record where the database that was here is lost.")
@click.pass_obj
def run(session: Session, once: bool, new_record: bool) -> int:
    """Watch, until stopped."""
    from monitor.cli.running import run as command

    return command(session, once=once, new_record=new_record)


@cli.command()
@click.option("--queues", metavar="LIST", help="What it takes of polls,delivery,upkeep; else all.")
@click.pass_obj
def worker(session: Session, queues: str | None) -> int:
    """Watch together with others on one PostgreSQL database."""
    from monitor.cli.running import worker as command

    return command(session, queues)


@cli.command()
@click.argument("what", nargs=-1, callback=_whole)
@click.option("--as-of", metavar="DAY", help="Where things stood at the end of this day.")
@click.option("--known-at", metavar="TIME", help="What lexwatch knew at this moment.")
@click.option("--all", "everything", is_flag=True, help="Every document known, not only what is watched.")
@_filtered
@click.option("--since", metavar="DAY", help="Only with news since this day.")
@click.option("--text", metavar="WORDS", help="Only with these words in title, name or note.")
@click.option("--sort", type=click.Choice(SORTS), help="By what; else the newest change first.")
@click.option("--group", type=click.Choice(GROUPS), help="Under headings.")
@_listed
@click.pass_obj
def status(session: Session, /, what: Sequence[str], **options: Any) -> int:
    """Say where everything watched stands, or WHAT. WHAT is a name, a number, an address or a watch."""
    from monitor.cli.status import status as command

    return command(session, what, **options)


@cli.command()
@_subject
@_listed
@click.pass_obj
def history(session: Session, what: str, form: str | None) -> int:
    """Show every change known of WHAT, oldest first."""
    from monitor.cli.lists import history as command

    return command(session, what, form=form)


@cli.group(invoke_without_command=True)
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--since", metavar="TIME", help="Only those sent or made since this day or time.")
@click.option("--channel", metavar="NAME", help="Only those of this channel.")
@click.option("--watch", metavar="WHAT", help="Only those of this watch, or of the watches on a document.")
@_listed
@click.pass_context
def alerts(context: click.Context, /, **options: Any) -> int | None:
    """List what was sent, is waiting or died, to whom and why."""
    if context.invoked_subcommand is not None:
        return None
    from monitor.cli.lists import alerts as command

    return command(context.obj, **options)


@alerts.command()
@click.argument("delivery", nargs=-1)
@click.option("--all-dead", is_flag=True, help="Every message that was given up.")
@click.pass_obj
def retry(session: Session, delivery: Sequence[str], all_dead: bool) -> int:
    """Try messages again that were given up: DELIVERY is the id that lexwatch alerts --json shows."""
    from monitor.cli.running import retry as command

    return command(session, delivery, all_dead=all_dead)


@cli.command()
@_subject
@click.option("--last", type=click.IntRange(1, 10_000), default=10, show_default=True, help="Changes of a document.")
@_json
@click.pass_obj
def why(session: Session, what: str, last: int, as_json: bool) -> int:
    """Explain why an alert was sent, or why nobody was alerted. WHAT is an alert (al-…) or a message (dl-…), explained
    by what it rests on, or a document, by who was alerted of it."""
    from monitor.cli.explaining import why as command

    return command(session, what, last=last, as_json=as_json)


@cli.command()
@click.argument("alert", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every alert there is.")
@_json
@click.pass_obj
def verify(session: Session, alert: Sequence[str], everything: bool, as_json: bool) -> int:
    """Derive ALERT (al-…, dl-…) again from the archived bytes. Fails if one byte differs anywhere on the way."""
    from monitor.cli.explaining import verify as command

    return command(session, alert, everything=everything, as_json=as_json)


@cli.command()
@click.option("--since", metavar="DATE", help="From when on; else from the beginning of the record.")
@click.option("--config", metavar="NEW", help="The configuration to try; else the one in force.")
@_json
@click.pass_obj
def rehearse(session: Session, since: str | None, config: str | None, as_json: bool) -> int:
    """Say what would have been sent on the recorded past. Nothing is sent or written."""
    from monitor.cli.check import backtest as command

    return command(session, since=since, config=config, as_json=as_json)


@cli.command()
@_listed
@click.pass_obj
def sources(session: Session, form: str | None) -> int:
    """Say how each source is: state, last poll, next, last error."""
    from monitor.cli.lists import sources as command

    return command(session, form=form)


@cli.command()
@click.option("--days", type=click.IntRange(0, 36_500), default=60, show_default=True, help="How far to look.")
@_listed
@click.pass_obj
def upcoming(session: Session, days: int, form: str | None) -> int:
    """List ends, reminders, hearings and anniversaries ahead."""
    from monitor.cli.lists import upcoming as command

    return command(session, days=days, form=form)


_FORMS = ("search", "feed", "regime")


@cli.command()
@click.option("--format", "form", type=click.Choice(EXPORTS), required=True, help="csv, xlsx, json, ics or atom.")
@click.option("--out", metavar="FILE", help="The file, written whole or not at all; else the standard output.")
@click.option("--changes", is_flag=True, help="The changes of a period instead; atom is always that.")
@click.option("--since", type=_DAY, metavar="DAY", help="From this day on; changes and hearings: else 30 days back.")
@click.option("--until", type=_DAY, metavar="DAY", help="Changes up to the end of this day.")
@click.option("--sort", type=click.Choice(SORTS), help="changed, next, priority or name.")
@click.option("--all", "everything", is_flag=True, help="Every document known, not only what is watched.")
@_filtered
@click.pass_obj
def export(session: Session, /, **options: Any) -> int:
    """Write the portfolio, changes or a calendar (ics) to a file."""
    from monitor.cli.exporting import export as command

    return command(session, **options)


@cli.command()
@click.argument("what", nargs=-1, callback=_whole)
@click.option("--search", is_flag=False, flag_value="", metavar="WORDS", help="WHAT is words to look for everywhere.")
@click.option("--feed", is_flag=False, flag_value="", metavar="ADDRESS", help="WHAT is the address of a feed.")
@click.option("--regime", is_flag=False, flag_value="", metavar="NAME", help="WHAT is a regime, or words of its title.")
@click.option("--note", metavar="TEXT", help="Your own words, sent with every message about it.")
@click.option("--name", metavar="TEXT", help="What to call the watch; else the identity or address.")
@click.option("--words", multiple=True, metavar="WORD", help="Send only what has this in it; may be repeated.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="A word of your own to filter by; may be repeated.")
@click.option("--priority", type=click.Choice(PRIORITIES), help="How much it matters; else normal.")
@click.option("--position", metavar="WORD", help="Where you stand: support, oppose, monitor.")
@click.option("--owner", metavar="NAME", help="The person responsible for it.")
@click.option("--online", is_flag=True, help="Ask the publisher first: what is not there is refused.")
@click.pass_obj
def watch(session: Session, /, what: Sequence[str], online: bool, **options: Any) -> int:
    """Follow WHAT: a bill, a regime, a feed, or words (--search). Edits the configuration file and adds the section of
    the source that reads it; several WHAT are a watch each."""
    from monitor.cli.configuring import watch as command

    forms = {form: options.pop(form) for form in _FORMS}
    if any(value is not None for value in forms.values()):
        what = [" ".join(what)]
    elif len(what) > 1 and options["name"]:
        raise click.UsageError("a name is that of one watch: give them one by one")
    return max(command(session, one, forms, options, online=online) for one in what or (None,))


@cli.command()
@_subject
@click.pass_obj
def unwatch(session: Session, what: str) -> int:
    """Follow WHAT no longer. Edits the configuration file."""
    from monitor.cli.configuring import unwatch as command

    return command(session, what)


@cli.command()
@click.argument("article", metavar="FILE|URL|-")
@click.argument("chosen", nargs=-1, metavar="[ID]...")
@click.option("--watch", is_flag=True, help="Follow ID…; without one, ask about each on a terminal.")
@click.option("--online", is_flag=True, help="Ask the configured sources about what the record does not hold.")
@click.option("--dated", metavar="DAY", help="When it was written; else as it says itself.")
@_json
@click.pass_obj
def find(session: Session, /, article: str, chosen: Sequence[str], as_json: bool, **options: Any) -> int:
    """List what an article cites, and where the record differs. Each with its official status; text, HTML or PDF;
    - reads what you paste."""
    from monitor.cli.find import find as command

    return command(session, article, chosen, as_json=as_json, **options)


@cli.command()
@click.argument("what", nargs=-1, callback=_joined, metavar="[WHAT]")
@click.option("--until", metavar="TIME", help="A time, a day (the end of it), or a duration: 12h, 7d.")
@_listed
@click.pass_obj
def mute(session: Session, what: str | None, until: str | None, form: str | None) -> int:
    """Hold messages about WHAT, a document or a watch. Without WHAT, list what is muted."""
    from monitor.cli.muting import mute as command

    return command(session, what, until=until, form=form)


@cli.command()
@_subject
@click.pass_obj
def unmute(session: Session, what: str) -> int:
    """Send messages about WHAT again, those held first."""
    from monitor.cli.muting import unmute as command

    return command(session, what)


@cli.command("import")
@click.argument("path", nargs=-1, required=True, type=click.Path(exists=True))
@click.pass_obj
def import_(session: Session, path: Sequence[str]) -> int:
    """Read official bulk files into the record. XML, zip or folders of them; alerts nobody, safe to repeat."""
    from monitor.cli.running import import_ as command

    return command(session, path)


@cli.command()
@click.argument("file")
@click.pass_obj
def backup(session: Session, file: str) -> int:
    """Copy the database to FILE while the service runs. Never overwrites."""
    from storage.location import locate
    from storage.migrate import backup as copy

    copy(session.settings.database, file)
    click.echo(f"copied {locate(session.settings.database)} to {file}", err=True)
    return FINE


@cli.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.pass_obj
def copy_database(session: Session, source: str, target: str) -> int:
    """Copy a whole record FROM one database TO another. Each is a file or a URL; both are compared, and no service may
    run. Cut off, the same command goes on with it."""
    from storage.moving import copy_database as copy

    def progress(table: str, rows: int) -> None:
        click.echo(f"{table}: {rows} rows", err=True)

    tables = copy(source, target, now=session.clock(), progress=progress)
    total = sum(table.rows for table in tables)
    click.echo(f"copied {total} rows of {len(tables)} tables, and both are the same", err=True)
    return FINE


@cli.command("test-channel")
@click.argument("name")
@click.pass_obj
def test_channel(session: Session, name: str) -> int:
    """Send a test message by the channel NAME and show the answer."""
    from monitor.cli.running import test_channel as command

    return command(session, name)


@cli.command()
@click.argument("name")
@click.option("--preview", is_flag=True, required=True, help="Write it; nothing is sent or recorded.")
@click.option("--out", metavar="FILE", help="To a file; HTML if it ends in .html.")
@click.pass_obj
def digest(session: Session, name: str, preview: bool, out: str | None) -> int:
    """Write the next digest of a channel or route as it stands."""
    from monitor.cli.running import digest as command

    return command(session, name, out=out)


@cli.command()
@click.option("--fast", is_flag=True, help="Without pauses.")
def demo(fast: bool) -> int:
    """Show the service at work on a copy of the past. No network, no keys, nothing left behind."""
    from monitor.demo.show import demo as command

    return command(fast, main)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 fine, 1 answered but not well, 2 the command or configuration
    or database is wrong."""
    try:
        result = cli.main(arguments, prog_name="lexwatch", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return WRONG
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except LexwatchError as error:
        from monitor.cli.terminal import print_note

        print_note(str(error))
        for line in getattr(error, "excerpt", ()):
            click.echo(f"  {line}", err=True)
        return UNWELL if isinstance(error, UnknownName) else WRONG
    return result if isinstance(result, int) else FINE


if __name__ == "__main__":
    sys.exit(main())
