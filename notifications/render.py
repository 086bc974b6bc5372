"""How is a letter laid out?"""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from notifications.words import Letter


def as_text(letter: Letter) -> str:
    """Lay a letter out as the plain text of an e-mail; lines end in \\n."""
    return _environment().get_template("letter.txt").render(letter=letter)


def as_html(letter: Letter) -> str:
    """Lay a letter out as the HTML of an e-mail: one column, no images, nothing loaded from anywhere."""
    return _environment().get_template("letter.html").render(letter=letter)


def as_block(letter: Letter) -> str:
    """Lay a letter out as a short block for a terminal."""
    return _environment().get_template("console.txt").render(letter=letter)


@cache
def _environment() -> Environment:
    """Templates are ours alone, never made of what a publisher or user wrote; what is HTML escapes by itself."""
    return Environment(
        loader=PackageLoader("notifications"),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
