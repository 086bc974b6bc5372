"""A legislation database in memory, in the shapes of the real one, and somebody who polls it with the real code.

Everything it holds is *constructed*: numbers of decrees and laws that exist where the tests say so, invented otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import unquote
from xml.sax.saxutils import escape
from zlib import crc32

from domain.alerts.routing import Audience, Watch
from domain.documents import DocumentId
from domain.errors import SourceError, Unavailable
from domain.records.facets import DEFAULT_KINDS, Kind
from domain.records.record import Change, Record
from domain.sources import Request, Response, SourceState
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll, PollOutcome
from tests.helpers.stores import TemporaryStore
from watchers.rada.watcher import RadaWatcher

BASE = "https://data.example.org"
MARTIAL_LAW = DocumentId("ua", "regime", ("martial-law",))
MOBILISATION = DocumentId("ua", "regime", ("mobilisation",))
EXTENSION = "Про продовження строку дії воєнного стану в Україні"
MOBILISING = "Про продовження строку проведення загальної мобілізації"
START = datetime(2026, 1, 4, 8, tzinfo=UTC)
_MONTHS = "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня"


def written(day: date) -> str:
    return f"{day.day} {_MONTHS.split()[day.month - 1]} {day.year} року"


@dataclass(frozen=True)
class RadaDocument:
    """One document of the database."""

    nreg: str
    title: str
    on: date
    issuer: str = "Указ Президента України"
    status: int = 6
    touched: datetime = START
    text: str | None = None
    card: bool = True
    edition: date | None = None
    more: tuple[tuple[str, object], ...] = ()

    @property
    def number(self) -> str:
        return self.nreg if "/" in self.nreg else f"{self.nreg.split('-')[0]}-IX"

    def row(self) -> dict[str, object]:
        law = "/" not in self.nreg
        stamp, last = int(f"{self.on:%Y%m%d}"), int(f"{self.touched:%Y%m%d}")
        return {
            "dokid": crc32(self.nreg.encode()) % 10**6,
            "orgid": 1 if law else "4|4",
            "n_vlas": self.number if law else self.nreg,
            "nazva": self.title,
            "nreg": self.nreg,
            "organs": f"4:{stamp}:{self.number}",
            "orgdat": stamp,
            "poddat": last,
            "pridat": stamp,
            "status": self.status,
            "typ": 1 if law else 2,
            "types": "1|216" if law else 2,
            "datred": int(f"{self.edition or self.on:%Y%m%d}"),
            "size": len(self.text or ""),
            **dict(self.more),
        }

    def updated_row(self) -> dict[str, object]:
        """Return its row in the list of updated documents, which says less."""
        kept = ("dokid", "nreg", "nazva", "n_vlas", "organs", "orgdat", "pridat", "poddat", "status", "typ", "types")
        return {name: value for name, value in self.row().items() if name in kept}


def decree(
    nreg: str,
    on: date,
    start: str = "05 години 30 хвилин 3 лютого 2026 року",
    *,
    title: str = EXTENSION,
    what: str = "продовжити строк дії воєнного стану в Україні",
    touched: datetime = START,
) -> RadaDocument:
    """Compose a decree in the words of the real ones."""
    text = (
        f"УКАЗ ПРЕЗИДЕНТА УКРАЇНИ № {nreg}\n\n{title}\n\nНа підставі пропозиції Ради національної безпеки і оборони "
        f"України постановляю:\n\n1. Частково змінивши статтю 1 Указу Президента України від 24 лютого 2022 року "
        f"№ 64/2022 “Про введення воєнного стану в Україні”, {what} з {start} строком на 90 діб.\n\n2. Цей Указ "
        f"набирає чинності одночасно з Законом України.\n\nПрезидент України В.ЗЕЛЕНСЬКИЙ\n\nм. Київ\n{written(on)}\n"
        f"№ {nreg}\n"
    )
    return RadaDocument(nreg, title, on, text=text, touched=touched)


def law(nreg: str, on: date, of: RadaDocument, *, touched: datetime = START) -> RadaDocument:
    """Compose the law that approves a decree."""
    number = f"{nreg.split('-')[0]}-IX"
    title = f'Про затвердження Указу Президента України "{of.title}"'
    text = (
        f"ЗАКОН УКРАЇНИ\n\n{title}\n\nВерховна Рада України постановляє :\n\n1. Затвердити Указ Президента України від "
        f'{written(of.on)} № {of.nreg} "{of.title}".\n\n2. Цей Закон негайно оголошується через медіа та набирає '
        f"чинності з дня його опублікування.\n\nПрезидент України\n\nм. Київ\n\n{written(on)}\n\n№ {number}\n\n"
        f"{title}\n"
        f"Закон України від {on:%d.%m.%Y} № {number}\n\nПрийняття від {on:%d.%m.%Y}\nПостійна адреса:\n"
        f"https://zakon.rada.gov.ua/go/{nreg}\nЗаконодавство України\n\nне набрав чинності\n"
    )
    return RadaDocument(nreg, title, on, issuer="Закон України", text=text, touched=touched)


def noise(count: int, touched: datetime = START) -> list[RadaDocument]:
    """Compose updates of documents that renew nothing, half of which speak of martial law."""
    titles = (
        "Про відзначення державними нагородами України",
        "Про внесення змін до Податкового кодексу України на період дії воєнного стану",
        "Про правовий режим воєнного стану",
        "Про введення надзвичайного стану в окремих регіонах України",
        'Про рішення Ради національної безпеки і оборони України "Щодо дій в умовах воєнного стану"',
        "Про утворення військових адміністрацій",
    )
    return [
        RadaDocument(
            f"{1000 + n}/2026", titles[n % 6], touched.date(), status=5, touched=touched - timedelta(minutes=n)
        )
        for n in range(count)
    ]


@dataclass
class RadaServer:
    """Answers like the database; `refuse` may answer a path in its place. `asked` are the paths, in order."""

    acts: dict[str, RadaDocument] = field(default_factory=dict)
    now: datetime = START
    page_size: int = 100
    dated: bool = False
    asked: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    refuse: Callable[[str], bytes | SourceError | None] = lambda path: None
    everything: list[RadaDocument] | None = None
    unlisted: set[str] = field(default_factory=set)

    def put(self, *acts: RadaDocument) -> None:
        for act in acts:
            self.acts[act.nreg] = act

    def touch(self, nreg: str, **facts: object) -> None:
        """Change a document: it shows as updated now."""
        self.acts[nreg] = replace(self.acts[nreg], touched=self.now, **facts)  # type: ignore[arg-type]

    def taken(self) -> list[str]:
        """Return the paths asked since this was last called."""
        asked, self.asked = self.asked, []
        return asked

    def __call__(self, request: Request) -> Response:
        path = request.url.removeprefix(BASE)
        self.asked.append(path)
        self.requests.append(request)
        body = self.refuse(path)
        if isinstance(body, SourceError):
            raise body
        if body is None:
            body = self.body(path)
        headers = {"content-type": "text/plain"}
        if self.dated and body is not None:
            headers["last-modified"] = f"stamp {crc32(body)}"
            if request.last_modified == headers["last-modified"]:
                return Response(304, request.url, headers, b"", self.now)
        if body is None and 404 not in request.expect:
            raise Unavailable(f"{path}: 404", status=404)
        return Response(404 if body is None else 200, request.url, headers, body or b"", self.now)

    def _newest_first(self) -> list[RadaDocument]:
        listed = (act for act in self.acts.values() if act.nreg not in self.unlisted)
        return sorted(listed, key=lambda act: act.touched, reverse=True)

    def body(self, path: str) -> bytes | None:
        kind, _, rest = path.removeprefix("/laws/").partition("/")
        if rest == "r.xml":
            return self._feed()
        if kind == "main":
            name, _, number = rest.removesuffix(".json").partition("/page")
            if name == "r":
                return self._updated()
            shown = self._newest_first() if name == "n" else self.everything
            return None if shown is None else self._list(shown, int(number))
        act = self.acts.get(unquote(rest.rpartition(".")[0]))
        if act is None or (kind == "card" and not act.card) or (kind == "show" and act.text is None):
            return None
        return json.dumps(act.row()).encode() if kind == "card" else (act.text or "").encode()

    def _list(self, acts: list[RadaDocument], number: int) -> bytes:
        shown = acts[(number - 1) * self.page_size : number * self.page_size]
        rows = [act.row() for act in shown]
        whole = {"cnt": len(acts), "from": (number - 1) * self.page_size + 1, "max": self.page_size, "list": rows}
        return json.dumps(whole, ensure_ascii=False).encode()

    def _updated(self) -> bytes:
        rows = [act.updated_row() for act in self._newest_first()[:200]]
        return json.dumps({"cnt": len(rows), "from": 1, "max": 1000, "list": rows}, ensure_ascii=False).encode()

    def _feed(self) -> bytes:
        items = "".join(
            f"<item><title>{escape(p.title)}</title><link>https://data.rada.gov.ua/laws/show/{p.nreg}</link>"
            f"<description>{p.issuer} від {p.on:%d.%m.%Y} № {p.number}</description>"
            f"<pubDate>{format_datetime(p.touched, usegmt=True)}</pubDate></item>"
            for p in self._newest_first()[:200]
        )
        built = format_datetime(self.now, usegmt=True)
        return (
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Оновлені документи</title>'
            f"<lastBuildDate>{built}</lastBuildDate>{items}</channel></rss>"
        ).encode()


@dataclass
class RadaPoller:
    """Somebody who watches, with a store and a clock; each poll is half an hour after the one before."""

    database: RadaServer
    follows: tuple[DocumentId, ...] = (MARTIAL_LAW,)
    store: TemporaryStore = field(default_factory=TemporaryStore)
    source: SourceState = field(default_factory=lambda: SourceState("rada"))
    made: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.made = self.database.now - timedelta(days=1)

    def poll(self, by: timedelta = timedelta(minutes=30)) -> list[Change]:
        """Poll once; return the changes that were sent, in the order of their messages."""
        self.database.now += by
        before = len(self.store.alerts)
        self.outcome = self._poll()
        self.source = self.outcome.source
        return [
            change for alert in self.store.alerts[before:] for change in alert.changes if change.kind != Kind.SOURCE
        ]

    def _poll(self) -> PollOutcome:
        watches = tuple(Watch(str(d), d, created_at=self.made) for d in self.follows)
        audience = Audience(watches, (), {"desk": ("desk@example.org",)}, ("desk",))
        assert audience.follows(self.follows[0]) == DEFAULT_KINDS
        return Poll(
            self.source,
            ScheduledSource(RadaWatcher(BASE), timedelta(minutes=30)),
            self.database,
            Context(self.store, audience, lambda: self.database.now),
        ).run()

    def record(self, document: DocumentId = MARTIAL_LAW) -> Record:
        with self.store.read() as view:
            record = view.record(document)
        assert record is not None
        return record
