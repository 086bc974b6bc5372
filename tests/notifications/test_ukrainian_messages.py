"""Is everything that we say to a reader of Ukrainian in Ukrainian?

Messages are written from the fixtures of publishers' answers, the regimes that ship and the sample alerts of the
documentation. What is left of Latin script has to be the publisher's word, a name or an address.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from string import Formatter

import pytest

from docs.sample_alerts import ALERTS
from domain.alerts.coverage_report import ReportSubject, count, coverage_report, opened
from domain.alerts.routing import operator_reason, routed
from domain.coded_text import CodedText, coded, is_coded, phrase
from domain.documents import DocumentId, label, named_feed
from domain.errors import Changed, DeliveryError, SourceError, Unavailable, mismatch
from domain.observation import Observation
from domain.ports import Notice
from domain.records.detection import advance, past_changes
from domain.records.facets import Kind, rule_of
from domain.records.record import Change, operational_change
from domain.sources import Health, SourceState
from domain.terms import Coverage
from domain.terms.reminders import due_reminders
from monitor.service.operator_alerts import FAILS, REMOVED, WORKS
from monitor.service.regimes import RegimeFile, shipped_regimes
from notifications.compose import compose, trial_notice
from notifications.sentences import SENTENCES
from notifications.templates import RenderOptions
from notifications.translation import coded_error, language_of
from tests.helpers.catalogue import PHRASED, calls_of_readers, phrases_of_readers
from tests.helpers.paths import CHECKOUT, FIXTURES
from tests.notifications.test_words_of_the_record import NAMES
from tests.watchers.congress.test_fixtures import observe
from tests.watchers.feed.test_fixtures import CASES as FEEDS
from tests.watchers.feed.test_fixtures import observations

NOW = datetime(2026, 1, 20, 10, tzinfo=UTC)
IN_UKRAINIAN = RenderOptions(language_of("uk"), "Europe/Kyiv")
OUR_NAMES = re.compile(
    r"\b(?:al|dl|test)-\w+|sha256:\w+|https?://\S+|`[^`]*`|lexwatch(?: history \S+| sources)?|\bEE?S?T\b|\bUTC\b|"
    r"Europe/Kyiv|\b(?:HR|HJRES|S|HCONRES|COVID)\b|\b\d+(?:st|nd|rd|th)\b|389-VIII|desk|\([0-9a-f]{6}\)|White House|"
    r"NATO"
)
"""Names of ours, of channels and watches, of zones; documents are called the same in every language."""


def words_of(notice: Notice) -> str:
    """Return what a reader of Ukrainian reads, subject and text."""
    message = compose(notice, IN_UKRAINIAN)
    return f"{message.subject}\n{IN_UKRAINIAN.templates.as_text(message)}"


def left_over(said: str, stated: str) -> list[str]:
    """Return the words of Latin script in what is said that the publisher did not state."""
    known = set(re.findall(r"[a-z]+", stated.lower()))
    bare = NAMES.sub("", OUR_NAMES.sub("", said))
    return [word for word in re.findall(r"[A-Za-z]{2,}", bare) if word.lower() not in known]


def about(document: DocumentId, title: str | None, *changes: Change, status: str | None = None) -> Notice:
    return Notice(
        delivery="dl-1",
        alerts=("al-1",),
        document=document,
        changes=changes,
        reasons=(
            routed(
                "Стрічка" if document.is_feed else label(document),
                str(document),
                "desk",
                dict.fromkeys(c.kind for c in changes),
            ),
        ),
        created_at=NOW,
        to="desk@example.org",
        title=title,
        status=status,
        status_on="2026-01-05" if status else None,
        called="Стрічка" if document.is_feed else None,
    )


def news_of(seen: Observation) -> Iterator[Notice]:
    """Yield a message for each change that what is observed would have been, had we watched it come, and for each entry
    that is reworded or gone."""
    step = advance(None, seen, NOW)
    assert step is not None
    record = step.record
    found = [*step.changes, *past_changes(record, seen.source, None, {})]
    for name, facet in seen.facets.items():
        rule = rule_of(name)
        for later in ({}, {key: {**one, "label": None, "text": "1, 2, 3"} for key, one in facet.items()}):
            if facet and (rule.removes or rule.amends):
                facets = {**seen.facets, name: later}
                again = advance(record, Observation(seen.document, seen.source, seen.reader, facets, {}), NOW)
                found += again.changes if again else ()
    for change in found:
        yield about(record.document, record.title, change, status=change.after if change.kind is Kind.STATUS else None)


@pytest.mark.parametrize("case", sorted((FIXTURES / "congress").glob("*.input.json")), ids=lambda path: path.name)
def test_news_of_a_bill(case: Path) -> None:
    answers = json.loads(case.read_text())
    notices = list(news_of(observe(answers)))
    assert len(notices) >= 3
    for notice in notices:
        said = words_of(notice)
        assert left_over(said, json.dumps(answers)) == [], said


@pytest.mark.parametrize("case", FEEDS, ids=lambda path: path.name)
def test_news_of_a_feed(case: Path) -> None:
    for seen in observations(case):
        for notice in news_of(seen):
            said = words_of(notice)
            assert left_over(said, case.read_text()) == [], said


@pytest.mark.parametrize("made", shipped_regimes().values(), ids=lambda made: str(made.regime.document))
def test_news_reminders_and_doubts_of_a_regime(made: RegimeFile) -> None:
    regime, stated = made.regime, made.body.decode()
    stated = "\n".join(line for line in stated.splitlines() if not line.startswith("title "))
    seen = made.observation(NOW)
    notices = list(news_of(seen))
    for days in range(-400, 800, 5):
        due = due_reminders(
            regime, seen.facets, Coverage(NOW - timedelta(days=700), NOW), NOW, NOW + timedelta(days=days)
        )
        for entry in (*due.reminders.values(), *due.doubts.values()):
            said = (None, str(entry["label"]), str(entry["text"]))
            notices.append(operator(Kind.SOURCE, str(regime.document), *said))
            told = operational_change(Kind.REMINDER, "x", 1, "x", said, NOW)
            notices.append(about(regime.document, regime.title, told))
    assert len(notices) > 3
    for notice in notices:
        said_text = words_of(notice)
        assert left_over(said_text, stated) == [], said_text


def operator(kind: Kind, name: str, before: str | None, after: str | None, text: str | None) -> Notice:
    change = operational_change(kind, name, 1, "x", (before, after, text), NOW)
    notice = about(change.document, None, change)
    return Notice(**{f: getattr(notice, f) for f in notice.__slots__} | {"reasons": (operator_reason("desk"),)})


def sentences(text: CodedText) -> str:
    return coded("sentences", parts=(text,)).to_json()


UNREACHED = coded_error(Unavailable, "http.no_connection", {"host": "1.2.3.4", "port": 443, "cause": "timed out"})
REFUSED = coded_error(DeliveryError, "delivery.mail_refused.recipient", {"address": "а@1", "answer": "550"})
REMARK = Changed(mismatch("/bill/119", "JSON", "'<html>' (line 1)"))
FAULT = coded(
    "fault.more", fault=coded("fault.one", document=coded("fault.list"), error=REMARK.recorded), n=3
).to_json()
WAITING = coded(
    "source.waiting_for",
    n=3,
    since="2026-01-05",
    documents=(coded("document.named", document="ua/regime/martial-law"),),
)
OPERATOR = {
    **{f"a source is {state}": (Kind.SOURCE, "congress", "ok", state, UNREACHED.recorded) for state in Health},
    "a source is back": (Kind.SOURCE, "congress", "broken", "ok", None),
    "a source whose answer has another form": (Kind.SOURCE, "congress", "ok", "changed", REMARK.recorded),
    "parts of a source cannot be read": (Kind.SOURCE, "congress", "ok", "changed", FAULT),
    "documents wait": (Kind.SOURCE, "congress", "ok", "starved", WAITING.to_json()),
    "a feed with other addresses": (Kind.SOURCE, "feed/1", None, coded("feed.relinked", n=2).to_json(), None),
    "another feed": (Kind.SOURCE, "feed/1", None, coded("feed.another", n=5).to_json(), None),
    "a channel fails": (
        Kind.CHANNEL,
        "desk",
        WORKS,
        FAILS,
        sentences(coded("channel.failing_since", since=NOW.isoformat(), error=UNREACHED.recorded)),
    ),
    "a channel works again": (Kind.CHANNEL, "desk", FAILS, WORKS, sentences(coded("channel.works_again"))),
    "a channel is gone": (Kind.CHANNEL, "desk", WORKS, REMOVED, sentences(coded("channel.waiting", n=2, days=4))),
    "a message was given up": (
        Kind.CHANNEL,
        "desk",
        None,
        coded("channel.dead").to_json(),
        sentences(coded("channel.message_dead", to="а@1", document="us/bill/119/hr/6508", error=REFUSED.recorded)),
    ),
    "a template": (
        Kind.CHANNEL,
        "templates",
        None,
        coded("template.unusable").to_json(),
        "message.txt, line 3: KeyError",
    ),
    "a configuration": (
        Kind.SOURCE,
        "configuration",
        coded("configuration.in_force").to_json(),
        coded("configuration.refused").to_json(),
        coded("configuration.kept", faults="watch[1].every: expected a duration, saw 3").to_json(),
    ),
}


@pytest.mark.parametrize("told", OPERATOR.values(), ids=OPERATOR)
def test_messages_to_the_operator(told: tuple[Kind, str, str | None, str | None, str | None]) -> None:
    said = words_of(operator(*told))
    remarks = re.sub(r"повідомляє: «[^»]*»", "", " ".join(said.split()))
    assert left_over(remarks, "templates feed bill json html line message txt keyerror") == [], said


def test_what_a_reader_says_of_an_answer_is_kept_as_data_and_said_in_the_language_of_the_channel() -> None:
    error = Changed(mismatch("/bill/119", "a day such as {example}", example="2025-12-09"))
    assert str(error) == "/bill/119: expected a day such as 2025-12-09, saw none"
    assert language_of("en").render(error.recorded) == str(error)
    in_ukrainian = "/bill/119: очікувалося: день у вигляді 2025-12-09; отримано: нічого"
    assert language_of("uk").render(error.recorded) == in_ukrainian


@pytest.mark.parametrize("english", sorted(set(phrases_of_readers())))
def test_what_readers_say_of_answers(english: str) -> None:
    gaps = {name: 1 for _, name, _, _ in Formatter().parse(english) if name}
    said = language_of("uk").render(phrase(english, **gaps).to_json())
    assert left_over(said, "json xml rss atom rdf utf pdf zip doctype billstatus") == [], said


def test_no_reader_raises_a_sentence_that_stays_in_english() -> None:
    """The message of an error is data; a value in a gap holds no words of ours, which two words in a row would be."""
    errors = {c.__name__ for c in (SourceError, *SourceError.__subclasses__())} | {
        "IncompleteList",
        "NoSuchBill",
        "NoList",
    }
    for file, call, name in calls_of_readers():
        if name in errors and call.args:
            assert not isinstance(call.args[0], ast.Constant), (file, call.lineno)
            coded_again = any(keyword.arg == "said" for keyword in call.keywords)
            assert coded_again or not isinstance(call.args[0], ast.JoinedStr), (file, call.lineno)
        if name in PHRASED:
            values = [*call.args[: PHRASED[name]], *call.args[PHRASED[name] + 1 :], *(k.value for k in call.keywords)]
            said = [n.value for value in values for n in _own_words(value)]
            assert not [one for one in said if re.search("[A-Za-z]{2,} [A-Za-z]{2,}", str(one))], (file, call.lineno)
            assert isinstance(call.args[PHRASED[name]], ast.Constant) or file == "domain/errors.py", (file, call.lineno)


def test_the_place_of_a_fault_is_an_address_or_a_path_and_no_words_of_ours() -> None:
    trees = {path: ast.parse(path.read_text("utf-8")) for path in (CHECKOUT / "watchers").rglob("*.py")}
    nodes = [(path, node) for path, tree in trees.items() for node in ast.walk(tree)]
    defined = [node for _, node in nodes if isinstance(node, ast.FunctionDef)]
    taken = {node.name: [arg.arg for arg in node.args.args if arg.arg != "self"] for node in defined}
    places = {name: names.index("where") for name, names in taken.items() if "where" in names}
    assert len(places) > 20
    wrong = []
    for path, node in nodes:
        name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
        is_place = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("where", "at")
        given = node.args[places[name] :][:1] if name in places else [node.value] if is_place else []
        said = [str(constant.value) for value in given for constant in _own_words(value)]
        wrong += [(path.name, node.lineno, one) for one in said if re.search("[A-Za-z]{2,} |[A-Za-z] [A-Za-z]", one)]
    assert wrong == []


def _own_words(value: ast.expr) -> Iterator[ast.Constant]:
    """Yield the constants of a value, except in the calls that it makes."""
    if isinstance(value, ast.Constant):
        yield value
    elif not isinstance(value, ast.Call):
        for child in ast.iter_child_nodes(value):
            if isinstance(child, ast.expr):
                yield from _own_words(child)


@pytest.mark.parametrize("kind", sorted(Kind))
@pytest.mark.parametrize("form", ["added", "changed", "removed", "bare"])
def test_every_kind_of_change_in_every_form(kind: Kind, form: str) -> None:
    said = language_of("uk").say(f"{kind}.{form}", name="назва", before="перед", after="після")
    assert f"{kind}.{form}" in SENTENCES
    assert left_over(said, "") == []


def test_a_coverage_report() -> None:
    state = SourceState("congress", Health.UNAVAILABLE, last_good_at=NOW - timedelta(days=3), error=UNREACHED.recorded)
    account = opened("desk", (), NOW - timedelta(days=1))
    counts = {"congress": count(state, timedelta(minutes=15), account, NOW)}
    subjects = [ReportSubject(f"{n}", ("congress",) if n % 2 else (), date(2026, 1, 5)) for n in range(60)]
    changes = coverage_report(account, subjects, counts, "Europe/Kyiv", NOW)
    for change in changes:
        said = words_of(about(change.document, None, change))
        assert left_over(said, "channel") == [], said


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_the_sample_alerts(alert: object) -> None:
    notice = alert.notice  # type: ignore[attr-defined]
    parts = notice.parts or (notice,)
    stated = " ".join(
        filter(
            None,
            (text for part in parts for change in part.changes for text in (change.text, change.before, change.after)),
        )
    )
    stated = re.sub(r'"code":"[^"]*"', "", stated)
    names = " ".join(str(name) for part in parts for name in (part.title, part.note, part.law, *part.watches))
    names += "".join(f" {one.what}" for one in notice.ahead if not is_coded(one.what)) + " ana bo oppose"
    said = words_of(notice)
    assert left_over(said, f"{stated} {names}") == [], said


def test_a_test_message() -> None:
    said = words_of(trial_notice("desk", "a@example.org", NOW, "UTC"))
    assert left_over(said, "a example org") == []


def test_a_feed_is_called_as_its_owner_calls_it() -> None:
    assert str(named_feed("x").feed) == "feed/x"
