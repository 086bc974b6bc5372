"""How is a configuration begun? `lexwatch init` writes one, `lexwatch packs` shows what it can be begun with.

Nothing is written when anything in it would be wrong."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from domain.errors import ConfigError
from domain.names import resolve
from monitor.cli.configuring import regime_called
from monitor.cli.session import Session
from monitor.cli.terminal import WHOLE_WORDS, print_answer, print_note, print_rows, terminal_width
from monitor.config.editing import NewConfig, WatchEntry, needs_password, render_config
from monitor.config.loader import load_config
from monitor.config.settings import Settings
from monitor.config.watch_tables import missing_readers

if TYPE_CHECKING:
    from monitor.config.starter_packs import Pack, Publisher


def init(
    session: Session,
    file: str,
    *,
    bills: Sequence[str],
    regimes: Sequence[str],
    searches: Sequence[str],
    feeds: Sequence[str],
    packs: Sequence[str],
    note: str | None,
    slack_env: str | None,
    **mail: Any,
) -> int:
    """Write a configuration; nothing is written when something in it would be wrong or the name is taken."""
    if slack_env is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", slack_env):
        kind = "an address" if "/" in slack_env else "no name of a variable"
        raise click.BadParameter(f"that is {kind}; --slack-env wants the name of a variable that holds it")
    chosen = _packs(packs)
    names = [resolve(bill, today=session.clock_without_configuration()().date()) for bill in bills]
    for name in names:
        if name.remark:
            print_note(name.remark)
    named: list[WatchEntry] = [{"regime": str(regime_called(typed, session))} for typed in regimes]
    named += [{"search": typed} for typed in searches] + [{"feed": typed} for typed in feeds]
    new = NewConfig(
        documents=tuple((name.document, note if number == 0 else None) for number, name in enumerate(names)),
        watches=tuple(
            entry for entry in named if not any(entry.items() <= w.items() for p in chosen for w in p.watches)
        ),
        blocks=tuple(_blocks_of(chosen)),
        routes=_routes_of(chosen),
        note=note,
        slack_env=slack_env,
        **mail,
    )
    new = replace(new, sources=_sources_of(new, chosen, session))
    text = render_config(new)
    _trial(text, session)
    path = Path(file)
    _write_new_file(path, text)
    click.echo(f"wrote {path}", err=True)
    _next_steps(path, new)
    return 0


def _packs(names: Sequence[str]) -> list[Pack]:
    if not names:
        return []
    from monitor.config.starter_packs import load_pack

    try:
        return [load_pack(name) for name in dict.fromkeys(names)]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--pack") from None


def _blocks_of(packs: Sequence[Pack]) -> Iterator[str]:
    if packs:
        from monitor.config.starter_packs import pack_blocks

        yield from pack_blocks(packs)


def _routes_of(packs: Sequence[Pack]) -> Callable[[Sequence[str]], str] | None:
    if not packs:
        return None
    from monitor.config.starter_packs import pack_routes

    return pack_routes


def _sources_of(new: NewConfig, packs: Sequence[Pack], session: Session) -> tuple[str, ...]:
    """Return the sources that read everything of a new configuration, those of its packs included."""
    found = list(dict.fromkeys(name for pack in packs for name in pack.sources))
    if new.documents or new.watches or new.blocks:
        for watch in _trial(render_config(replace(new, sources=found)), session).watches:
            found += missing_readers(watch, found, Path())[:1]
    return tuple(found)


_OPTION_OF = {
    "to": "--email",
    "sender": "--sender",
    "server": "--server",
    "webhook": "--slack-env",
    "timezone": "--timezone",
    "language": "--language",
    "contact": "--contact",
    "feed": "--feed",
    "search": "--search",
    "regime": "--regime",
    "bill": "--bill",
}
"""By which option of `init` a key of the new file was given."""


def _trial(text: str, session: Session) -> Settings:
    """Read the new text as a configuration first: what was given as an option may be wrong, and is then named."""
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / "config.toml"
        trial.write_text(text)
        try:
            return load_config(trial, now=session.clock_without_configuration()(), secrets=False)
        except ConfigError as error:
            raise ConfigError(list(dict.fromkeys(map(_by_option, error.faults)))) from None


def _by_option(fault: str) -> str:
    """Say a fault by the option that was given, not by its place in a file that was never written."""
    found = re.match(r"[^:]*(?::[0-9]+)?: [a-z]+(?:\[[0-9]+\])?\.([a-z_]+): ", fault)
    return f"{_OPTION_OF[found[1]]}: {fault[found.end() :]}" if found and found[1] in _OPTION_OF else fault


def _write_new_file(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise click.UsageError(f"{path} exists already: init never overwrites, name another file") from None
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}") from None


def _next_steps(path: Path, new: NewConfig) -> None:
    if needs_password(new):
        print_note(f"put the password of the mail server into the environment as {new.password_env}")
    examples = {"mail server (--server)": new.server, "sender (--sender)": new.sender}
    missing = [what for what, given in examples.items() if new.emails and not given]
    if missing:
        print_note(f"fill in the {' and the '.join(missing)}: what stands there is an example")
    if new.slack_env:
        print_note(f"put the address of the Slack webhook into the environment as {new.slack_env}")
    where = "" if os.fspath(path) == "config.toml" else f" --config {path}"
    print_note(f"next: lexwatch{where} check")


def packs(name: str | None, form: str | None) -> int:
    """List the starter packs, or show one: who is in it, how it is read, when that was verified and what goes wrong."""
    from monitor.config.starter_packs import load_pack, pack_names

    if name is None:
        known = [load_pack(one) for one in pack_names()]
        rows: list[dict[str, Any]] = [
            {"pack": one.name, "title": one.title, "publishers": len(one.publishers), "about": one.about}
            for one in known
        ]
    else:
        try:
            pack = load_pack(name)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="NAME") from None
        rows = [_publisher_row(one, pack) for one in pack.publishers]
    if form is not None:
        print_answer(rows, form)
        return 0
    if name is None:
        print_rows(("Pack", "Publishers", "About"), [(r["pack"], str(r["publishers"]), r["about"]) for r in rows])
        print_note("lexwatch packs NAME shows one; lexwatch init --pack NAME writes it")
    else:
        _show_pack(pack)
    return 0


def _publisher_row(one: Publisher, pack: Pack) -> dict[str, Any]:
    return {
        "publisher": one.name,
        "source": one.source or None,
        "feed": one.address or None,
        "words": list(pack.words) if one.address and not one.everything else [],
        "verified_on": one.verified_on and one.verified_on.isoformat(),
        "evidence": one.evidence,
        "fragile": one.remark or None,
        "instead": one.instead or None,
    }


def _say(text: str, indent: str = "") -> None:
    """Write a paragraph of the answer, wrapped where a person reads it; an address stays whole."""
    room = terminal_width() if sys.stdout.isatty() else 10_000
    for line in textwrap.wrap(text, room, initial_indent=indent, subsequent_indent=f"{indent}  ", **WHOLE_WORDS):
        click.echo(line)


def _show_pack(pack: Pack) -> None:
    _say(f"{pack.title}. {pack.about}")
    for entry in pack.watches:
        _say(f"watches the {next(iter(entry))} {next(iter(entry.values()))}", "  ")
    _say(f"in feeds, only what has one of: {', '.join(pack.words)}", "  ")
    click.echo()
    for one in pack.publishers:
        how = f"[source.{one.source}]" if one.source else one.address or "not read: it refuses programs"
        _say(f"{one.name}: {how}")
        _say(one.verified + ("; everything in it is of interest" if one.everything else ""), "  ")
        for word, said in (("fragile", one.remark), ("instead", one.instead)):
            if said:
                _say(f"{word}: {said}", "  ")
    print_note(f"\nlexwatch init --pack {pack.name} writes it")
