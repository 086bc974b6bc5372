"""One event is one line, and no line holds a secret."""

from __future__ import annotations

import errno
import io
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alerts.delivery import State
from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.options import Secret
from domain.records.record import Record, StatusPoint
from monitor.config.settings import ChannelSettings, Settings, SourceSettings
from monitor.config.tables import ApiKeyOptions
from monitor.service.logs import (
    LineFormatter,
    TerminalFormatter,
    TerminalHandler,
    log_event,
    log_standings,
    setup_logging,
)
from monitor.service.regimes import shipped_regimes
from notifications.channel_options import EmailOptions, SlackOptions

CANARY = "canary b1946ac92492/+=%&"
HOOK = "https://hooks.example.org/services/T00000000/B00000000/zzzzyyyyxxxx"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The log of an installation with three secrets."""
    stream = io.StringIO()
    key = ApiKeyOptions(api_key=Secret(CANARY, "env:KEY"))
    mail = EmailOptions(to=(), sender="", server="", password=Secret("pass\nword\u202e", "file:pw"))
    settings = Settings(
        path=Path("config.toml"),
        database="x.db",
        sources={"congress": SourceSettings("congress", timedelta(minutes=15), "", key)},
        channels=(
            ChannelSettings(
                "desk",
                "email",
                mail,
            ),
            ChannelSettings("room", "slack", SlackOptions(webhook=Secret(HOOK, "env:HOOK"))),
        ),
    )
    root = logging.getLogger()
    level = root.level
    setup_logging(settings, stream)
    yield stream
    root.handlers = [h for h in root.handlers if not isinstance(h.formatter, LineFormatter)]
    root.setLevel(level)


LOG = logging.getLogger("lexwatch")


def test_writes_time_level_event_and_fields(written: io.StringIO) -> None:
    at = datetime(2026, 1, 6, 10, tzinfo=UTC)
    log_event(LOG, "poll", source="congress", changes=2, next=at, error=None, repeat=False, text='a "b" c')
    line = written.getvalue()
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info poll source=congress changes=2 next=2026-01-06T10:00:00Z "
        r'repeat=false text="a \\"b\\" c"\n',
        line,
    )


@given(st.text(), st.text())
def test_any_value_stays_on_one_printable_line(name: str, value: str) -> None:
    record = logging.LogRecord("lexwatch", logging.INFO, "", 0, "delivery", None, None)
    record.fields = {"to": name, "answer": value}
    line = LineFormatter().format(record)
    assert line.isprintable()
    assert " answer=" in line


def test_a_traceback_is_one_line_too(written: io.StringIO) -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        log_event(LOG, "fault", level=logging.ERROR, exc_info=True)
    assert written.getvalue().count("\n") == 1
    assert "error fault traceback=" in written.getvalue()


def test_a_library_cannot_write_a_second_line(written: io.StringIO) -> None:
    logging.getLogger("somebody").warning("one\ntwo %s", "\x1b[31m")
    assert written.getvalue().endswith('warning log logger=somebody message="one\\ntwo \\u001b[31m"\n')


@pytest.mark.parametrize(
    "leak",
    [
        CANARY,
        "https://api.example.org/v3?api_key=canary%20b1946ac92492%2F%2B%3D%25%26",
        "canary+b1946ac92492%2F%2B%3D%25%26",
        HOOK,
        "no answer from hooks.example.org/services/T00000000/B00000000/zzzzyyyyxxxx",
        "zzzzyyyyxxxx",
        "pass\nword\u202e",
        repr("pass\nword\u202e"),
    ],
    ids=[
        "as it is",
        "quoted for an address",
        "quoted for a form",
        "a whole webhook",
        "the path of a webhook",
        "the last part of a webhook",
        "with control characters",
        "as Python would show it",
    ],
)
def test_no_spelling_of_a_secret_reaches_the_log(leak: str, written: io.StringIO) -> None:
    log_event(LOG, "delivery", error=f"refused: {leak}")
    try:
        raise RuntimeError(leak)
    except RuntimeError:
        logging.getLogger("somebody").exception("failed: %s", leak)
    line = written.getvalue()
    for part in ("b1946ac92492", "zzzzyyyyxxxx", "word"):
        assert part not in line
    assert "[env:" in line or "[file:" in line


def test_setting_up_twice_writes_once(written: io.StringIO) -> None:
    again = io.StringIO()
    setup_logging(Settings(path=Path("config.toml"), database="x.db"), again)
    log_event(LOG, "reload", state="ok")
    assert not written.getvalue()
    assert again.getvalue().count("reload") == 1


class Full(io.StringIO):
    """A log on a disk that is full."""

    def write(self, _: str, /) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_log_that_cannot_be_written_stops_nothing(written: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    handler = next(h for h in logging.getLogger().handlers if isinstance(h.formatter, LineFormatter))
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(Full())
    log_event(LOG, "poll", error=CANARY)
    handler.setStream(written)
    log_event(LOG, "delivery", state="sent")
    assert "delivery state=sent" in written.getvalue()
    assert CANARY not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("secret", "text", "shown"),
    [
        ("https://hooks.example.org/services/notifications/b1946ac92492", "notifications of services wait", True),
        ("https://hooks.example.org/services/notifications/b1946ac92492", "no answer: /b1946ac92492", False),
        ("https://hooks.example.org/services/notifications/b1946ac92492", "at notifications/b1946ac92492", False),
        ("https://example.org/incoming-webhook?token=Zx81", "the incoming-webhook failed", True),
        ("https://example.org/incoming-webhook?token=Zx81", "token Zx81", False),
        ("https://example.org/hooks/correcthorse", "GET /hooks/correcthorse", False),
        ("https://example.org/hooks/correcthorse", "correcthorse", False),
        ("https://example.org/hooks/correcthorse", "all hooks are tried", True),
        ("tgram://123456789:AAHdqTcvCH1vGW/12315544", "no chat for AAHdqTcvCH1vGW", False),
        ("slack://TokenA81/TokenB82/TokenC83", "TokenA81 is refused", False),
        ("mailto://ann:correct@example.org", "log-in with correct refused", False),
        ("mailto://ann:c%40rrect@example.org", "log-in with c@rrect refused", False),
        ("mailto://ann:correct@example.org", "example.org does not answer", True),
        ("https://ann:correct@example.org/hooks/Zx81", "correct is refused", False),
        ("https://hooks81.example.org/hooks/Zx81", "hooks81.example.org: no connection", True),
        ("p://[x", "a password of p://[x", False),
        ("mail", "mailbox full, e-mails wait", True),
        ("mail", "password mail refused", False),
    ],
)
def test_ordinary_words_of_a_secret_address_are_left_alone(secret: str, text: str, shown: bool) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter([Secret(secret, "env:HOOK")]))
    handler.handle(logging.LogRecord("somebody", logging.ERROR, __file__, 1, text, None, None))
    assert ("[env:HOOK]" not in stream.getvalue()) is shown


POLLED = {"source": "congress", "state": "ok", "changes": 0, "alerts": 0, "next": None, "error": None}
NEXT = datetime(2026, 1, 6, 14, 23, tzinfo=UTC)
SENT = {"document": "ua/regime/martial-law", "state": State.SENT}


@pytest.mark.parametrize(
    ("event", "fields", "said"),
    [
        ("started", {"sources": 1, "watches": 2}, "started: 2 watches, 1 source; Ctrl-C ends it"),
        ("poll", {**POLLED, "next": NEXT}, "congress was read: nothing new; next look at 15:23"),
        ("poll", {**POLLED, "changes": 2, "alerts": 1, "next": NEXT}, "2 changes, 1 alert; next look at 15:23"),
        (
            "poll",
            {**POLLED, "state": "unavailable", "error": "no network", "next": NEXT},
            "congress cannot be read: no network; trying again at 15:23",
        ),
        (
            "poll",
            {**POLLED, "state": "unavailable", "error": "a.example: no such name", "next": NEXT, "reached": False},
            "congress cannot be reached (no network?): trying again at 15:23",
        ),
        (
            "standing",
            {"document": "HR 6508 · 119th", "status": "Referred", "since": "9 December 2025", "next": NEXT},
            "HR 6508 · 119th: Referred since 9 December 2025; next look at 15:23",
        ),
        (
            "fault",
            {"source": "congress", "document": "us/bill/119/hr/65088", "error": "no such bill at congress"},
            "HR 65088 · 119th: no such bill at congress",
        ),
        ("clock", {"document": "ua/regime/martial-law", "reminders": 1, "doubts": 0}, "UA martial law: 1 reminder"),
        ("delivery", {**SENT, "to": "room", "channel": "room"}, "sent to room: UA martial law"),
        ("delivery", {**SENT, "to": "a@example.org", "channel": "desk"}, "sent to a@example.org by desk: UA martial"),
        ("released", {"delivery": "dl-1"}, "released delivery=dl-1"),
    ],
)
def test_a_terminal_shows_sentences(event: str, fields: dict[str, object], said: str) -> None:
    record = logging.LogRecord("lexwatch", logging.INFO, __file__, 1, event, None, None)
    record.fields = fields
    assert said in TerminalFormatter((), "Europe/Oslo").format(record)


def test_a_secret_does_not_reach_a_terminal() -> None:
    record = logging.LogRecord("lexwatch", logging.WARNING, __file__, 1, "poll", None, None)
    record.fields = {**POLLED, "state": "refused", "error": "key b1946ac92492 refused"}
    assert "b1946ac92492" not in TerminalFormatter([Secret("b1946ac92492", "env:KEY")]).format(record)


def test_desk_16_where_watched_documents_stand_is_said(caplog: pytest.LogCaptureFixture) -> None:
    now = datetime(2026, 1, 6, 12, tzinfo=UTC)
    regime = shipped_regimes()[DocumentId("ua", "regime", ("martial-law",))].observation(now)
    bill = us_bill(119, "hr", 6508)
    known = (
        Record(bill, 1, now, now, {}, (StatusPoint("REFERRED", "2025-12-09", "Referred."),)),
        Record(regime.document, 1, now, now, regime.facets),
        Record(us_bill(119, "s", 1), 1, now, now, {}),
    )
    with caplog.at_level(logging.INFO):
        log_standings(known, now, NEXT)
    formatter = TerminalFormatter((), "UTC")
    assert [formatter.format(record)[6:] for record in caplog.records] == [
        "HR 6508 · 119th: Referred since 9 December 2025; next look at 14:23",
        "UA martial law: in force until 3 Feb 2026 05:30; next look at 14:23",
    ]


@pytest.mark.parametrize(
    ("polls", "said"),
    [
        ([("congress", False)], ["api.example cannot be reached (no network?): trying again at 14:23"]),
        ([("feed/press-1a", False)], ["Press cannot be reached (no network?): trying again at 14:23"]),
        (
            [("congress", False), ("feed/press-1a", False), ("rada", False)],
            ["3 sources cannot be reached (no network?): trying again at 14:23"],
        ),
        (
            [("congress", None), ("rada", False), ("feed/press-1a", None)],
            [
                "2 sources were read: nothing new; next look at 14:23",
                "rada cannot be reached (no network?): trying again at 14:23",
            ],
        ),
        ([("feed/press-1a", None)], ["Press was read: nothing new; next look at 14:23"]),
    ],
    ids=["one", "a feed, by its watch", "several alike", "some read, one not", "one quiet feed"],
)
def test_polls_that_went_alike_are_one_sentence(polls: list[tuple[str, bool | None]], said: list[str]) -> None:
    out = io.StringIO()
    handler = TerminalHandler(out, {"congress": ("congress", "api.example"), "feed/press-1a": ("Press", "Press")})
    handler.setFormatter(TerminalFormatter((), "UTC"))
    for source, reached in polls:
        record = logging.LogRecord("lexwatch", logging.INFO, __file__, 1, "poll", None, None)
        error = None if reached is None else "no such name"
        record.fields = {**POLLED, "source": source, "next": NEXT, "error": error, "reached": reached}
        handler.handle(record)
    assert out.getvalue() == ""
    handler.close()
    assert [line[6:] for line in out.getvalue().splitlines()] == said


def test_a_poll_with_news_waits_for_no_other() -> None:
    out = io.StringIO()
    handler = TerminalHandler(out, {})
    handler.setFormatter(TerminalFormatter((), "UTC"))
    record = logging.LogRecord("lexwatch", logging.INFO, __file__, 1, "poll", None, None)
    record.fields = {**POLLED, "changes": 1, "next": NEXT}
    handler.handle(record)
    assert "congress was read: 1 change; next look at 14:23" in out.getvalue()
