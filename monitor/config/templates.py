"""What does a new configuration look like? The shipped default, with what was wished in its place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from domain.documents import DocumentId
from domain.options import format_duration
from monitor.config.loader import SHIPPED_CONFIG
from watchers import SOURCES, source
from watchers.declaration import SourceDeclaration

_PROMISE = "This file works as it stands: it follows a bill and a regime, and prints what changes."
_MADE = "Made by lexwatch init. Change it as you like; a running lexwatch takes up what you save."


@dataclass(frozen=True, slots=True)
class NewConfig:
    """What a new configuration is to have. `documents` are bills, each with a note or None; none for the examples."""

    documents: Sequence[tuple[DocumentId, str | None]] = ()
    note: str | None = None
    timezone: str = "UTC"
    contact: str | None = None
    emails: Sequence[str] = ()
    sender: str | None = None
    server: str | None = None
    password_env: str = "SMTP_PASSWORD"
    slack_env: str | None = None


def render_config(new: NewConfig | None = None) -> str:
    """Return the text of a configuration file; the shipped default where nothing is wished."""
    shipped = SHIPPED_CONFIG.read_text(encoding="utf-8")
    if new is None or new == NewConfig():
        return shipped
    return "\n\n".join(_blocks(new, shipped.strip("\n").split("\n\n"))) + "\n"


def _blocks(new: NewConfig, shipped: Sequence[str]) -> Iterator[str]:
    """Yield the tables of the file in their order. Each has its place in the shipped default, some as a comment."""
    head, service, *rest = shipped
    *examples, console, email, slack, route = rest
    channels = [*(["desk"] if new.emails else []), *(["policy-room"] if new.slack_env else [])]
    yield head.replace(_PROMISE, _MADE)
    yield _with(service, timezone=new.timezone, contact=new.contact, operator=channels or None)
    if new.documents:
        yield from _sources(new)
        yield from _watches(new, next(block for block in examples if block.startswith("[[watch]]")))
    else:
        yield from (_with(block, note=new.note) if "note" in block else block for block in examples)
    yield console
    mail = {"to": list(new.emails), "sender": new.sender, "server": new.server}
    yield _with(_uncommented(email), **mail).replace("SMTP_PASSWORD", new.password_env) if new.emails else email
    yield _uncommented(slack).replace("SLACK_WEBHOOK_URL", new.slack_env) if new.slack_env else slack
    yield route.replace('["desk", "policy-room"]', _toml(channels)) if channels else route


def _sources(new: NewConfig) -> Iterator[str]:
    """Yield the sections of the sources that state everything of what is watched, one for each document."""
    chosen: dict[str, SourceDeclaration] = {}
    for document, _ in new.documents:
        primary = [one for one in map(source, SOURCES) if one.primary and one.handles(document)]
        for declared in sorted(primary, key=lambda one: not one.template)[:1]:
            chosen[declared.name] = declared
    for name, declared in chosen.items():
        plain = (
            f"[source.{name}]".ljust(36) + f" # {declared.summary}\nevery   = {_toml(format_duration(declared.every))}"
        )
        yield declared.template.strip("\n") or plain


def _watches(new: NewConfig, example: str) -> Iterator[str]:
    """Yield a table for each bill; the first explains itself."""
    for number, (document, note) in enumerate(new.documents):
        block = _with(example, bill=str(document), note=note)
        lines = block.splitlines() if note else [line for line in block.splitlines() if not line.startswith("note")]
        yield "\n".join(lines if number == 0 else [re.sub(r"\s+# .*", "", line) for line in lines])


def _with(block: str, **values: str | list[str] | None) -> str:
    """Return a table with other values; a key that was a comment becomes one of the table. None leaves a key alone."""
    for key, value in values.items():
        if value:
            form = re.compile(rf"^(?:# )?({key}\s*= )(.*?)(\s+# .*)?$", re.MULTILINE)
            block = form.sub(partial(_line, value=_toml(value)), block, count=1)
    return block


def _line(found: re.Match[str], value: str) -> str:
    """Write one line anew, its remark where it was."""
    remark = (found[3] or "").strip()
    column = len(found[0]) - len(remark)
    return f"{found[1]}{value}".ljust(column - 1) + f" {remark}" if remark else f"{found[1]}{value}"


def _uncommented(block: str) -> str:
    return "\n".join(line.removeprefix("# ") for line in block.splitlines())


def _toml(value: str | list[str]) -> str:
    """Write text or a list of texts as TOML; JSON strings without lone surrogates are TOML strings."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
