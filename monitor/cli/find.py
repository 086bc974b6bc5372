"""What does an article cite, and what does the official record say of it? `lexwatch find`.

A file, an address or standard input becomes text (`monitor.articles`), `domain.citations` and `domain.claims` read it,
and the record answers. What the record does not hold is said to be so, and asked of the configured sources only with
`--online`. Nothing is written but, with `--watch`, the configuration, by the same editing as `lexwatch watch`."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from domain.citations import LONGEST_TEXT, Citation, NamedSubject, citations, unwrapped, written_on
from domain.claims import (
    Claim,
    Mismatch,
    claims,
    with_stated_sessions,
)
from domain.documents import DocumentId, label, public_url
from monitor.articles import Article, read_article
from monitor.cli.cited import Known, Said, differences, http_of, known_of
from monitor.cli.session import Session, as_typed, day_option, nothing_recorded
from monitor.cli.terminal import Json, print_facts, print_json, print_note
from monitor.config.starter_packs import publishers
from monitor.portfolio import watched

if TYPE_CHECKING:
    from storage.reader import Reader


def find(
    session: Session,
    what: str,
    chosen: Sequence[str],
    *,
    watch: bool,
    online: bool,
    dated: str | None,
    as_json: bool,
) -> int:
    """List what a text cites and where the record differs; 1 when it cites nothing that has a name here."""
    if chosen and not watch:
        raise click.UsageError("to follow what is cited, add --watch")
    article = read_article(what, lambda: http_of(session))
    day, by = _day_of(article, dated, session)
    text = "\n\n".join((unwrapped(article.text), *article.links))
    with session.reading() as reader:
        found, said = _read(text, day, session, reader)
        known = known_of(session, reader, _documents(found), day, online=online)
        if reader is None:
            print_note(nothing_recorded(session.settings))
    rows = _rows(session, found, said, known, day)
    if as_json:
        print_json(rows)
    else:
        _print(article, day, by, rows, online=online)
    if not rows:
        print_note(
            f"{article.name} cites nothing that lexwatch can name: try the number of a bill or an act with "
            "lexwatch watch, or its words with lexwatch watch WORDS --search"
        )
        return 1
    return _follow(session, what, rows, chosen) if watch else 0


def _day_of(article: Article, dated: str | None, session: Session) -> tuple[date, str]:
    """Return the day an article was written and how that is known."""
    today = session.clock().date()
    if dated:
        return day_option(dated, "--dated"), "as said by --dated"
    if article.published_on:
        return article.published_on, "as the page says"
    found = written_on(article.text[:LONGEST_TEXT], today)
    if found is None:
        return today, "it names no day: taken as today; --dated DAY says otherwise"
    return found[0], "its dateline" if found[1] == "dateline" else "the latest day it names; --dated DAY says otherwise"


def _read(text: str, day: date, session: Session, reader: Reader | None) -> tuple[list[Citation], Said]:
    """Return what a text cites and says. The steps it reports may move a citation to an earlier session."""
    others = [*_references(text), *(_titled(text, reader) if reader else ())]
    found = citations(text, day, subjects=_subjects(session), others=others)
    moved = with_stated_sessions(found, claims(text, day, found), day)
    return moved, claims(text, day, moved)


def _subjects(session: Session) -> list[NamedSubject]:
    """Return what articles call by a name: regimes, and the publishers of the starter packs."""
    from monitor.service.regimes import FOLDER, shipped_regimes, user_regimes

    own, _ = user_regimes(session.settings.path.parent / FOLDER)
    regimes = {**shipped_regimes(), **own}
    named = [
        NamedSubject(document, made.cited.get("names", ()), made.cited.get("near", ()))
        for document, made in regimes.items()
    ]
    return [*named, *(NamedSubject(None, publisher.cited, called=publisher.name) for publisher in publishers())]


def _references(text: str) -> Iterator[Citation]:
    """Yield references to codes and registers, with the page of each; they have no identity here."""
    try:
        from citeurl import Citator
    except ImportError:
        if re.search(r"\b\d{1,3} (?:[A-Z]\.?){2,4} (?:§+ ?)?\d", text):
            print_note("references to codes of law are listed with a library: pip install 'lexwatch[find]'")
        return
    for one in Citator(defaults=["general federal law"]).list_cites(text):
        yield Citation(one.text, one.span, None, one.template.name, url=one.URL or "")


_TITLE = re.compile(
    r"\b(?:[A-Z][\w'’.-]{1,30},?\s(?:(?:and|of|the|to|for|in|on|from|with|by|&)\s){0,3}){1,14}?Act(?:\sof\s(?:19|20)\d{2})?\b"
)


def _titled(text: str, reader: Reader) -> Iterator[Citation]:
    """Yield where the title of a document of the record stands, if only one has it."""
    said: dict[str, tuple[int, int]] = {}
    for match in _TITLE.finditer(text):
        words = match[0].split()
        for first in range(min(len(words) - 1, 6)):
            said.setdefault(" ".join(words[first:]).lower(), match.span())
    ids: dict[str, list[str]] = {}
    for document, title in (reader.titled(list(said)[:500]) if said else {}).items():
        ids.setdefault(" ".join(title.split()).lower(), []).append(document)
    for title, documents in ids.items():
        if len(documents) == 1 and title in said:
            _, end = said[title]
            yield Citation(
                text[end - len(title) : end], (end - len(title), end), DocumentId.parse(documents[0]), basis="named"
            )


def _documents(found: Iterable[Citation]) -> list[DocumentId]:
    return list(dict.fromkeys(one.document for one in found if one.document is not None))


def _rows(
    session: Session, found: Sequence[Citation], said: Said, known: Mapping[DocumentId, Known], day: date
) -> list[Json]:
    """Return one row for each thing cited: documents first, in the order of the text, then what has no identity."""
    follows = watched(session.settings)
    feeds = {watch.feed for watch in session.settings.watches if watch.feed}
    offered = {publisher.name: publisher for publisher in publishers()}
    differing = differences(said, known, day)
    groups: dict[object, list[Citation]] = {}
    for one in found:
        groups.setdefault(one.document or (one.text if one.url else one.called) or one.text, []).append(one)
    rows = []
    for key, cited in groups.items():
        row: Json = {"cited": cited[0].text, "id": None, "watchable": False, "says": [], "record": None, "differs": []}
        row |= {
            "confidence": cited[0].basis,
            "name": cited[0].called,
            "mentions": len(cited),
            "address": cited[0].url or None,
            "watched": False,
        }
        if isinstance(key, DocumentId):
            row |= _document_row(key, cited, said.get(key, ()), known.get(key), differing.get(key, ()))
            row["watched"] = key in follows
        elif publisher := offered.get(str(key)):
            row |= {
                name: getattr(publisher, name) or None for name in ("address", "source", "pack", "remark", "instead")
            }
            row["watchable"] = bool(publisher.address)
            row["watched"] = publisher.address in feeds
        rows.append(row)
    return sorted(rows, key=lambda row: (row["id"] is None, not row["watchable"]))


_BASES = ("stated", "named", "inferred", "possible")


def _document_row(
    document: DocumentId,
    cited: Sequence[Citation],
    said: Sequence[Claim],
    known: Known | None,
    differing: Sequence[Mismatch],
) -> Json:
    return {
        "id": str(document),
        "watchable": _is_read(document),
        "says": [{"kind": claim.kind, "value": claim.value or None, "text": claim.text} for claim in said],
        "record": known.answer if known else None,
        "differs": [
            {
                "kind": one.claim.kind,
                "says": one.claim.value or None,
                "record": one.record or None,
                "text": one.official,
            }
            for one in differing
        ],
        "confidence": min((one.basis for one in cited), key=_BASES.index),
        "name": label(document),
        "address": public_url(document),
    }


def _is_read(document: DocumentId) -> bool:
    """Say whether any source of this version reads such a document."""
    from watchers import SOURCES, source

    return document.kind == "regime" or any(source(name).handles(document) for name in SOURCES)


_KINDS = {"number": "extension", "until": "until"}


def _print(article: Article, day: date, by: str, rows: Sequence[Json], *, online: bool) -> None:
    click.echo(f"{article.name}: read as written on {day} ({by})")
    for row in rows:
        if row["id"]:
            named = row["name"] if row["cited"] in row["name"] else f"{row['name']}, cited as {row['cited']!r}"
            click.echo(f"\n{named}")
            print_facts(_facts(row, online=online))
    others = [row for row in rows if not row["id"]]
    _print_others("also cited", [row for row in others if not row.get("pack")])
    _print_others("named, and publishers to follow", [row for row in others if row.get("pack")])
    followable = [row["id"] for row in rows if row["id"] and row["watchable"] and not row["watched"]]
    if followable:
        print_note(f"to follow: lexwatch find {shlex.quote(article.name)} --watch {' '.join(followable)}")


def _print_others(heading: str, rows: Sequence[Json]) -> None:
    """List what has no identity: the words of the article, and where that is read or published."""
    if rows:
        click.echo(f"\n{heading}:")
    for row in rows:
        read_by = f"[source.{row['source']}]" if row.get("source") else None
        where = row["address"] or read_by or (f"no feed; {row['instead']}" if row.get("instead") else "no feed")
        click.echo(
            f"  {row['cited']}: " + ", ".join(filter(None, (row["name"] if row["name"] != row["cited"] else "", where)))
        )


def _facts(row: Json, *, online: bool) -> dict[str, str | None]:
    record = row["record"] or {}
    missing = (
        "watched, not read yet"
        if row["watched"]
        else "the sources that are configured do not have it"
        if online
        else "not in the record: --online asks, or watch it"
    )
    state = ", since ".join(filter(None, (record.get("label"), record.get("status_on"))))
    wrong = {(one["kind"], one["says"]) for one in row["differs"]}
    agreed = [one for one in row["says"] if (one["kind"], one["value"]) not in wrong]
    return {
        "title": record.get("title"),
        "record": (state or "read, without a status") if record else missing,
        "in words": record.get("status_text"),
        "in force then": _term(record["then"]) if record.get("then") else None,
        **{f"differs {n}" if n > 1 else "differs": _difference(one) for n, one in enumerate(row["differs"], 1)},
        "also says": "; ".join(_claim(one) for one in agreed) or None,
        "taken as": "of the session of that day" if row["confidence"] == "inferred" else None,
        "watched": "yes" if row["watched"] else None,
        "page": record.get("url") or row["address"],
    }


def _term(term: Json) -> str:
    acts = [label(DocumentId.parse(act)) for act in (term["instrument"], term["approval"]) if act]
    number = term["number"]
    place = "introduction" if number == 0 else "in force" if number is None else f"extension {number}"
    return ", ".join(filter(None, (place, f"until {term['ends_at'][:10]}" if term["ends_at"] else None, *acts)))


def _difference(one: Json) -> str:
    kind = _KINDS.get(one["kind"], one["kind"].replace("_", " "))
    official = f" ({one['text']})" if one["text"] else ""
    has = f"{one['record']}{official}" if one["record"] else "no such step"
    return f"{kind}: the article says {one['says'] or 'so, without a day'}, the record has {has}"


def _claim(one: Json) -> str:
    return f"{_KINDS.get(one['kind'], one['kind'].replace('_', ' '))} {one['value'] or ''}".strip()


def _follow(session: Session, what: str, rows: Sequence[Json], chosen: Sequence[str]) -> int:
    """Add watches for what was chosen: by name, or one by one where a person can be asked. Nothing else is followed."""
    open_rows = [row for row in rows if row["watchable"] and not row["watched"]]
    if chosen:
        picked = [_meant(name, rows) for name in chosen]
    elif what != "-" and sys.stdin.isatty():
        picked = [row for row in open_rows if click.confirm(f"follow {row['name'] or row['cited']}?", err=True)]
    else:
        raise click.UsageError(
            "nobody can be asked here: name what is to be followed, "
            f"lexwatch find {what} --watch {' '.join(row['id'] or row['address'] for row in open_rows) or 'ID'}"
        )
    from monitor.cli.configuring import watch

    for row in picked:
        if row["id"]:
            watch(session, row["id"])
        else:
            watch(session, row["address"], {"feed": ""}, {"name": row["name"]})
    if picked and all(channel.kind == "console" for channel in session.settings.channels):
        print_note("alerts are printed by lexwatch run alone: to be alerted by e-mail or in Slack, add a [[channel]]")
    return 0


def _meant(name: str, rows: Sequence[Json]) -> Json:
    """Return the row that somebody names: by identity, label, address or the words of the article."""
    folded = as_typed(name).strip().casefold()
    for row in rows:
        names = (row["id"], row["name"], row["cited"], row["address"])
        if folded in {known.casefold() for known in names if known}:
            if not row["watchable"]:
                raise click.UsageError(f"{name} cannot be followed by itself: no source reads it")
            return row
    listed = ", ".join(row["id"] or row["address"] for row in rows if row["watchable"])
    raise click.UsageError(f"{name} is not among what the article cites; it can be one of {listed or 'nothing'}")
