"""Which parts of the documentation are written by the program itself?

`python -m docs.generate` writes them anew, `--check` says which are out of date (exit status 1). A generated part
stands between `<!-- begin NAME -->` and `<!-- end -->`; what is around it is written by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from docs.configuration_keys import markdown_table
from monitor.cli.main import cli

DOCS = Path(__file__).parent
_PART = re.compile(r"(<!-- begin ([\w ./-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_RECORD = re.compile(r"Date: (\d{4}-\d\d-\d\d)\. Status: (.+?)\.$", re.MULTILINE)


def main() -> None:
    stale = [path for path, old, new in pages() if old != new]
    if "--check" not in sys.argv[1:]:
        for path, _, new in pages():
            path.write_text(new, encoding="utf-8")
    elif stale:
        sys.exit(
            "out of date: " + ", ".join(str(path.relative_to(DOCS)) for path in stale) + "; python -m docs.generate"
        )


def pages() -> Iterator[tuple[Path, str, str]]:
    """Yield every page with a generated part: its path, its text as it is, and as it should be."""
    for path in sorted(DOCS.rglob("*.md")):
        old = path.read_text(encoding="utf-8")
        if "<!-- begin " in old:
            yield path, old, _PART.sub(lambda part: f"{part[1]}\n{written(part[2])}\n{part[3]}", old)


def written(name: str) -> str:
    """Return the part of this name, such as "command status", ending with a line break."""
    kind, _, rest = name.partition(" ")
    return PARTS[kind](rest)


def command(name: str) -> str:
    """What a command is for, its usage and its options, as `lexwatch COMMAND --help` says them."""
    found = cli.commands[name] if name else cli
    context = click.Context(found, info_name=f"lexwatch {name}".strip())
    usage = f"```\n{found.get_usage(context).removeprefix('Usage: ')}\n```\n"
    lines = [" ".join((found.help or "").replace("\f", "").split()), "", usage]
    options = [option for option in found.params if isinstance(option, click.Option) and not option.hidden]
    if options:
        lines += ["| option | meaning |", "|---|---|", *(_option(option) for option in options), ""]
    return "\n".join(lines)


def _option(option: click.Option) -> str:
    takes = "" if option.is_flag else f" {option.metavar or (option.name or '').upper()}"
    names = ", ".join(f"`{name}{takes}`" for name in (*option.opts, *option.secondary_opts))
    return f"| {names} | {(option.help or '').replace('|', '&#124;')} |"


def decisions(_: str) -> str:
    """The list of decision records, with date and status."""
    rows = []
    for path in sorted(DOCS.glob("decisions/0*.md")):
        text = path.read_text(encoding="utf-8")
        found = _RECORD.search(text)
        if not found:
            raise ValueError(
                f"{path.name}: expected a line 'Date: YYYY-MM-DD. Status: accepted.' or 'superseded by NNNN'"
            )
        title = text.partition("\n")[0].removeprefix("# ")
        rows.append(f"| {path.name[:4]} | [{title}]({path.name}) | {found[1]} | {found[2]} |")
    return "\n".join(["| | decision | date | status |", "|--:|---|---|---|", *rows, ""])


PARTS: dict[str, Callable[[str], str]] = {"command": command, "decisions": decisions, "keys": markdown_table}

if __name__ == "__main__":
    main()
