"""Which messages do translators have to translate? Run as a script, it brings the files of the translators up to date:
`python -m tests.helpers.catalogue`."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from domain.documents import DocumentId, label
from domain.jurisdictions import all_jurisdictions
from domain.terms import RegimeStatus
from notifications.sentences import PHRASES, SENTENCES, Sentence
from notifications.translation import LANGUAGES, LOCALES
from tests.helpers.paths import CHECKOUT
from watchers import SOURCES

OWN_SOURCES = ("configuration", "database", "clock", "lexwatch", "shipped", "workers")
"""What the operator is alerted of that is no publisher."""

HEADER = """# Translations for lexwatch.
# A pair of msgid and msgid_plural is chosen by number. Names in braces stay as they are; what follows a colon in them
# says how a value is written."""


def messages() -> Iterator[tuple[Sentence, str | None, str]]:
    """Yield every message with its context and where it is used."""
    for code, text in SENTENCES.items():
        yield text, None, code
    for place in all_jurisdictions():
        for code, text in place.sentences.items():
            yield text, None, code
        for words in place.all_status_words():
            yield words.label, "status", place.code
            for text in (words.meaning, words.next_step, words.with_law):
                if text:
                    yield text, None, place.code
        for phrase in place.phrases:
            yield phrase, "phrase", place.code
        for stage in place.stages:
            yield stage.replace("_", " "), "stage", place.code
    for name in (*SOURCES, *OWN_SOURCES):
        yield name, "source", "source"
    for file in (CHECKOUT / "domain" / "jurisdictions" / "regimes").glob("*.toml"):
        regime = tomllib.loads(file.read_text("utf-8"))
        yield regime["title"], "title", "regime"
        yield label(DocumentId.parse(regime["regime"])), "label", "regime"
    for phrase in PHRASES:
        yield phrase, "phrase", "network"
    for phrase in phrases_of_readers():
        yield phrase, "phrase", "reader"
    for status in RegimeStatus:
        yield status.replace("_", " ").capitalize(), "status", "regime"


PHRASED = {"phrase": 0, "mismatch": 1}
"""Calls that say something in English to be translated, and which of their arguments it is."""


def calls_of_readers() -> Iterator[tuple[str, ast.Call, str]]:
    """Yield every call by name in what reads publishers, with the file and the name."""
    for folder in ("domain", "watchers", "monitor/http"):
        for path in sorted((CHECKOUT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    yield path.relative_to(CHECKOUT).as_posix(), node, node.func.id


def phrases_of_readers() -> Iterator[str]:
    """Yield what is said of answers that cannot be read."""
    for _, call, name in calls_of_readers():
        said = call.args[PHRASED[name]] if name in PHRASED else None
        if isinstance(said, ast.Constant):
            yield str(said.value)


def wanted() -> Catalog:
    """Return the catalogue without translations."""
    catalog = Catalog(project="lexwatch", charset="utf-8", header_comment=HEADER)
    for text, context, used in messages():
        catalog.add(text, auto_comments=[used], context=context)
    return catalog


def stored(code: str) -> Catalog:
    with (LOCALES / code / "LC_MESSAGES" / "lexwatch.po").open("rb") as file:
        return read_po(file, locale=code)


def update(code: str) -> None:
    """Add what is missing to the file of one language, untranslated, and drop what is no longer used."""
    catalog = stored(code)
    catalog.update(wanted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    with (LOCALES / code / "LC_MESSAGES" / "lexwatch.po").open("wb") as file:
        write_po(file, catalog, width=116, omit_header=False, sort_output=False)


if __name__ == "__main__":
    for language in LANGUAGES:
        if language != "en":
            update(language)
