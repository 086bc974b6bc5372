"""How would data.rada.gov.ua have answered on a day of the past?

The legislation database in its own formats, as of the instant that `now` returns: the RSS of updated documents, the
30-day list and the list of all, cards and texts. The shapes follow the portal's own description, at
data.rada.gov.ua/open: dates are integers and 0 is none, a program says `User-Agent: OpenData`, and what did not change
is a 304.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

from monitor.demo.legislation import Legislation, Paper, Touch
from monitor.demo.loopback import Answer, Asked, serve
from watchers.rada.act_text import STATUSES

PUBLIC = "https://data.rada.gov.ua/laws"
"""Addresses inside answers name the public host, whoever asks."""

AGENT = "OpenData"
REACH = timedelta(days=30)
PAGE = 100

Shown = Sequence[tuple[Paper, Touch]]


@dataclass(slots=True)
class Database:
    """The publisher. `now` returns aware UTC; `asked` grows with every request."""

    legislation: Legislation
    now: Callable[[], datetime]
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Answer:
        """Answer one request, errors included, the way the database does."""
        self.asked.append(asked)
        if asked.headers.get("user-agent") != AGENT:
            return _page(403, "403 Forbidden")
        found = self._find(unquote(asked.path).removeprefix("/laws/"))
        if found is None:
            return _page(404, "404 Not Found")
        body, content_type, touched_at = found
        modified = format_datetime(touched_at, usegmt=True)
        if asked.headers.get("if-modified-since") == modified:
            return Answer(304, b"", content_type, {"Last-Modified": modified})
        return Answer(200, body, content_type, {"Last-Modified": modified})

    def _find(self, path: str) -> tuple[bytes, str, datetime] | None:
        """Return body, type and last change of what is asked for; None where there is nothing."""
        kind, _, rest = path.partition("/")
        shown = self.legislation.shown(self.now())
        if kind == "main" and shown:
            return self._list(rest, shown)
        name, _, form = rest.rpartition(".")
        for paper, touch in shown:
            if paper.nreg == name and (kind, form) == ("card", "json"):
                return _json(_row(paper, touch)), "application/json", touch.at
            if paper.nreg == name and (kind, form) == ("show", "txt") and paper.text is not None:
                return _text(paper, touch).encode(), "text/plain; charset=utf-8", touch.at
        return None

    def _list(self, name: str, shown: Shown) -> tuple[bytes, str, datetime] | None:
        recent = [(paper, touch) for paper, touch in shown if self.now() - touch.at <= REACH]
        newest = shown[0][1].at
        if name == "r.xml":
            return _feed(recent, newest).encode(), "application/rss+xml; charset=utf-8", newest
        letter, _, number = name.removesuffix(".json").partition("/page")
        if letter not in ("n", "a") or not number.isdecimal():
            return None
        return _json(_leaf(recent if letter == "n" else shown, int(number))), "application/json", newest


@contextmanager
def publish(database: Database) -> Iterator[str]:
    """Serve a database on loopback until the block ends; yields its base address."""
    with serve(database.answer) as address:
        yield address


def _leaf(shown: Shown, number: int) -> dict[str, Any]:
    first = (number - 1) * PAGE
    rows = [_row(paper, touch) | {"num": n} for n, (paper, touch) in enumerate(shown[first : first + PAGE], first + 1)]
    return {"cnt": len(shown), "from": first + 1, "max": PAGE, "list": rows}


def _row(paper: Paper, touch: Touch) -> dict[str, Any]:
    """Return a document's card, which is also its row in a list."""
    law = paper.document.kind == "law"
    issuer = 1 if law else 4
    return {
        "orgid": issuer,
        "n_vlas": paper.number,
        "nazva": paper.title,
        "nreg": paper.nreg,
        "org": issuer,
        "organs": f"{issuer}:{_day(paper.on)}:{paper.number}",
        "orgdat": _day(paper.on),
        "orgnum": paper.number,
        "poddat": _day(touch.event_on),
        "pridat": _day(paper.on),
        "status": touch.status,
        "typ": 1 if law else 2,
        "types": "1|216" if law else 2,
        "datred": _day(touch.event_on or paper.on),
        "size": len(paper.text or ""),
        "perv": paper.nreg,
        "lang": "uk",
    }


def _text(paper: Paper, touch: Touch) -> str:
    """Return a document's text; a law's print form ends with its status."""
    ending = f"\n{STATUSES[touch.status]}\n" if paper.document.kind == "law" else ""
    return f"{paper.text}{ending}"


def _feed(shown: Shown, built_at: datetime) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
        f"<title>Законодавство України: оновлені документи</title><link>{PUBLIC}/main/r</link>"
        "<description>Оновлені документи</description><language>uk</language>"
        f"<lastBuildDate>{format_datetime(built_at, usegmt=True)}</lastBuildDate>"
        f"{''.join(_entry(paper, touch) for paper, touch in shown)}</channel></rss>\n"
    )


def _entry(paper: Paper, touch: Touch) -> str:
    page = f"{PUBLIC}/show/{paper.nreg}"
    issuer = "Закон України" if paper.document.kind == "law" else "Указ Президента України"
    return (
        f'<item><title>{escape(paper.title)}</title><link>{page}</link><guid isPermaLink="true">{page}</guid>'
        f"<description>{issuer} від {paper.on:%d.%m.%Y} № {paper.number}</description>"
        f"<pubDate>{format_datetime(touch.at, usegmt=True)}</pubDate></item>"
    )


def _day(day: date | None) -> int:
    return int(f"{day:%Y%m%d}") if day else 0


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _page(status: int, words: str) -> Answer:
    return Answer(status, f"<html><body>{words}</body></html>".encode(), "text/html")
