"""`lexwatch find`: from an article to its citations, what the record says against it, and to watches."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.articles import article_of
from monitor.cli.main import main
from tests.helpers.hr6508 import Publisher
from tests.helpers.http_server import Reply, serve
from tests.helpers.paths import CORPUS
from tests.helpers.sample_database import write

BILL, LAW = "us/bill/119/hr/6508", "ua/regime/martial-law"
ARTICLE = """\
Two votes to watch (constructed)

By our reporter, December 15, 2025

On December 9 a member introduced a bill (HR 6508) on leaving NATO. This bill was referred to the Foreign Affairs
Committee on December 12.

Ukraine's constitution bars elections during martial law. By the sixteenth presidential decree it is extended until
next February.
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with a record of HR 6508, and an article beside it."""
    for name in ("LEXWATCH_CONFIG", "LEXWATCH_NOW", "CONGRESS_API_KEY", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text('[http]\nallow_hosts = ["127.0.0.1"]\n[source.congress]\n')
    (tmp_path / "article.txt").write_text(ARTICLE)
    write(tmp_path / "lexwatch.db")
    return tmp_path


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    result = main(("--now", "2026-01-20T12:00:00Z", "find", *arguments))
    out, err = capsys.readouterr()
    return result, out, err


def rows(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    _, out, _ = answer(capsys, *arguments, "--json")
    return {row["id"] or row["cited"]: row for row in json.loads(out)}


def assert_as_the_seed(found: dict[str, Any]) -> None:
    bill, law = found[BILL], found[LAW]
    assert [(one["kind"], one["says"], one["record"]) for one in bill["differs"]] == [
        ("referred", "2025-12-12", "2025-12-09")
    ]
    assert ("introduced", "2025-12-09") in [(one["kind"], one["value"]) for one in bill["says"]]
    assert (bill["watchable"], bill["confidence"]) == (True, "inferred")
    assert [(one["kind"], one["says"], one["record"]) for one in law["differs"]] == [("number", "16", "17")]
    assert law["record"]["then"] | {"starts_at": ""} == {
        "episode": "2022",
        "number": 17,
        "starts_at": "",
        "ends_at": "2026-02-03T05:30:00+02:00",
        "length": "90 days",
        "instrument": "ua/decree/793/2025",
        "approval": "ua/law/4643-ix",
        "confidence": "official",
    }


def test_the_article_is_held_against_the_record(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = rows(capsys, "article.txt")
    assert {"cited", "id", "watchable", "says", "record", "differs", "confidence"} <= set(found[BILL])
    assert_as_the_seed(found)


@pytest.mark.corpus
def test_the_corpus_article_is_held_against_the_record(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    article = CORPUS.parent / "cases" / "article.txt"
    if not article.exists():
        pytest.skip("the article is not beside the checkout")
    assert_as_the_seed(rows(capsys, str(article)))


def test_it_is_said_in_words(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result, out, err = answer(capsys, "article.txt")
    assert result == 0
    assert "read as written on 2025-12-15 (its dateline)" in out
    assert "referred: the article says 2025-12-12, the record has 2025-12-09 (Referred to the House Committee" in out
    assert "extension: the article says 16, the record has 17" in out
    assert "extension 17, until 2026-02-03, UA decree 793/2025, UA law 4643-IX" in out
    assert f"--watch {BILL} {LAW}" in err


@pytest.mark.parametrize(
    "text",
    ["S. 1541 of the 119th Congress", "December 15, 2025. The Senate took up S. 1541."],
    ids=["said", "of its day"],
)
def test_a_watch_of_another_congress_does_not_decide_what_an_article_means(
    text: str, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = desk / "config.toml"
    config.write_text(config.read_text() + '\n[[watch]]\nbill = "us/bill/117/s/1541"\n')
    (desk / "short.txt").write_text(text)
    assert next(iter(rows(capsys, "short.txt", "--dated", "2025-12-15"))) == "us/bill/119/s/1541"


def test_what_the_record_does_not_hold_is_said(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "a.txt").write_text("On 9 December 2025 S. 2174 was introduced in the Senate of the US.")
    result, out, _ = answer(capsys, "a.txt")
    assert (result, "not in the record: --online asks, or watch it" in out) == (0, True)
    assert rows(capsys, "a.txt")["us/bill/119/s/2174"]["record"] is None


def test_the_title_of_a_bill_on_record_finds_it(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "a.txt").write_text("The committee took up the NATO Act, and the Lower Energy Costs Act of 2023.")
    assert rows(capsys, "a.txt")[BILL]["confidence"] == "named"


def test_online_asks_the_configured_sources_and_keeps_nothing(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "lexwatch.db").unlink()
    with serve(Publisher()) as publisher:
        (desk / "config.toml").write_text(
            f'[http]\nallow_hosts = ["127.0.0.1"]\n[source.congress]\nbase_url = "{publisher.url}/v3"\n'
        )
        assert rows(capsys, "article.txt")[BILL]["record"] is None
        found = rows(capsys, "article.txt", "--online")[BILL]
        (desk / "other.txt").write_text("H.R. 6509 was introduced on December 9, 2025.")
        _, out, _ = answer(capsys, "other.txt", "--online")
    assert (found["record"]["status"], found["record"]["status_on"]) == ("REFERRED", "2025-12-09")
    assert [(one["says"], one["record"]) for one in found["differs"]] == [("2025-12-12", "2025-12-09")]
    assert "no such document at its source" in out
    assert not (desk / "lexwatch.db").exists()


class Citator:
    """Finds what the library of that name finds in the text below."""

    def __init__(self, defaults: list[str]) -> None:
        assert defaults == ["general federal law"]

    def list_cites(self, text: str) -> list[SimpleNamespace]:
        start = text.index("42 U.S.C. 1983")
        place = {"text": "42 U.S.C. 1983", "span": (start, start + 14), "URL": "https://code.example.org/42/1983"}
        return [SimpleNamespace(**place, template=SimpleNamespace(name="U.S. Code"))]


@pytest.mark.parametrize("library", [SimpleNamespace(Citator=Citator), None], ids=["with", "without"])
def test_references_to_codes_are_found_by_a_library_where_there_is_one(
    library: Any, desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "citeurl", library)
    (desk / "a.txt").write_text("HR 6508 would amend 42 U.S.C. 1983 in 2026.")
    _, out, err = answer(capsys, "a.txt")
    assert ("42 U.S.C. 1983: U.S. Code, https://code.example.org/42/1983" in out) == bool(library)
    assert ("pip install 'lexwatch[find]'" in err) == (library is None)


PAGE = """<html><head><meta charset="{charset}"><meta property="article:published_time" content="2023-05-03T10:00:00Z">
<script>var bill = "HR 1111";</script></head><body><nav>HR 2222</nav><article><h1>Про закон</h1><p>{text}</p></article>
<footer>HR 3333</footer></body></html>"""
WORDS = "Комітет розглянув H.R. 1, і в Україні діє воєнний стан. " * 12


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251"])
def test_of_a_page_the_article_is_read_with_its_day(charset: str) -> None:
    article = article_of("page", PAGE.format(charset=charset, text=WORDS).encode(charset), "text/html")
    assert str(article.published_on) == "2023-05-03"
    assert "Комітет розглянув H.R. 1" in article.text
    assert not any(number in article.text for number in ("1111", "2222", "3333"))


def test_a_document_that_a_page_only_links_to_is_cited(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    link = '<a href="https://www.congress.gov/bill/118th-congress/house-bill/1?s=1">the bill</a> and <a href="/x">x</a>'
    (desk / "page.html").write_text(f"<html><body><p>On 9 May 2023 they took up {link}.</p></body></html>")
    found = rows(capsys, "page.html")
    assert (list(found), found["us/bill/118/hr/1"]["confidence"]) == (["us/bill/118/hr/1"], "stated")


def test_an_address_is_asked_through_the_guarded_client(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serve(lambda _: Reply(200, PAGE.format(charset="utf-8", text=WORDS).encode(), "text/html")) as page:
        assert set(rows(capsys, page.url)) == {"us/bill/118/hr/1", LAW}
    with serve(lambda _: Reply(403, b"no")) as page:
        result, out, err = answer(capsys, page.url)
    assert (result, out) == (2, "")
    assert "paste its text into lexwatch find -" in err


PDF = (
    b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj "
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj "
    b"4 0 obj<</Length %d>>stream\n%s\nendstream endobj\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%%%EOF"
)


def pdf(drawn: bytes) -> bytes:
    return PDF % (len(drawn), drawn)


def test_a_pdf_is_read_and_one_of_pictures_says_so(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "a.pdf").write_bytes(pdf(b"BT /F1 12 Tf 10 50 Td (Congress took up H.R. 6508 on December 9, 2025.) Tj ET"))
    (desk / "b.pdf").write_bytes(pdf(b"10 10 m 50 50 l S"))
    (desk / "c.pdf").write_bytes(b"%PDF-1.4 broken")
    assert BILL in rows(capsys, "a.pdf")
    assert "b.pdf holds pictures of pages and no text" in answer(capsys, "b.pdf")[2]
    assert "c.pdf cannot be read as a PDF" in answer(capsys, "c.pdf")[2]


BAD = [
    ("missing.txt", None, 2, "there is no file missing.txt: for a text that you paste, lexwatch find -"),
    ("empty.txt", b" \n", 2, "has no words in it"),
    ("word.docx", b"PK\x03\x04" + bytes(50), 2, "an archive or an office document: save it as text or PDF"),
    ("data.bin", b"ab\0\x01" * 50, 2, "is not text"),
    ("plain.txt", b"A walk in the park.", 1, "cites nothing that lexwatch can name"),
]


@pytest.mark.parametrize(("name", "body", "status", "sentence"), BAD, ids=[name for name, *_ in BAD])
def test_what_cannot_be_read_is_said_in_one_sentence(
    name: str, body: bytes | None, status: int, sentence: str, desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if body is not None:
        (desk / name).write_bytes(body)
    result, _, err = answer(capsys, name)
    assert (result, err.strip().count("\n")) == (status, 0)
    assert sentence in err


def test_chosen_ones_are_followed_and_nothing_else(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result, _, err = answer(capsys, "article.txt", "--watch", "HR 6508", LAW)
    written = (desk / "config.toml").read_text()
    assert result == 0
    assert f'bill = "{BILL}"' in written
    assert f'regime = "{LAW}"' in written
    assert "[source.rada]" in written
    assert "to be alerted by e-mail or in Slack, add a [[channel]]" in err


def test_nobody_is_asked_and_nothing_followed_without_a_terminal(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (desk / "config.toml").read_text()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ARTICLE.encode())))
    result, out, err = answer(capsys, "-", "--watch")
    assert (result, "HR 6508" in out) == (2, True)
    assert f"lexwatch find - --watch {BILL} {LAW}" in err
    assert answer(capsys, "article.txt", "--watch", "HR 1")[0] == 2
    assert (desk / "config.toml").read_text() == before


def test_on_a_terminal_each_is_asked_about(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def confirm(question: str, **_: object) -> bool:
        asked.append(question)
        return "martial" in question

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("click.confirm", confirm)
    assert answer(capsys, "article.txt", "--watch")[0] == 0
    assert asked[:2] == ["follow HR 6508 · 119th?", "follow UA martial law?"]
    assert (desk / "config.toml").read_text().count("[[watch]]") == 1


def test_desk_29_a_text_to_be_watched_is_referred_to_find(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for what, read in (("article.txt", "article.txt"), (ARTICLE, "-")):
        assert main(("--now", "2026-01-20T12:00:00Z", "watch", what)) == 1
        assert f"that is a text: lexwatch find {read} --watch lists what it cites" in capsys.readouterr().err


STATED = [
    ('<meta name="date" content="2023-05-03">', "2023-05-03"),
    ('<meta itemprop="datePublished" content="2023-05-03T23:00:00+03:00">', "2023-05-03"),
    ('<script type="application/ld+json">{"datePublished": "2023-05-03T10:00Z"}</script>', "2023-05-03"),
    ('<time datetime="2023-05-03">3 May</time>', "2023-05-03"),
    ('<meta name="date" content="yesterday">', "None"),
]


@pytest.mark.parametrize(("head", "day"), STATED, ids=[head[:30] for head, _ in STATED])
def test_a_page_states_its_day(head: str, day: str) -> None:
    assert str(article_of("page", f"<html><head>{head}</head><p>HR 6508 waits</p></html>".encode()).published_on) == day


def status(capsys: pytest.CaptureFixture[str], *what: str) -> tuple[int, str, str]:
    result = main(("--now", "2026-01-20T12:00:00Z", "status", *what))
    out, err = capsys.readouterr()
    return result, out, err


def test_desk_28_a_title_on_record_names_its_bill(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for title in ("NATO Act", "nato act", " NATO  Act "):
        result, out, err = status(capsys, title)
        assert (result, "Reported by committee" in out) == (0, True), err
        assert "is the title of HR 6508 · 119th" in err
    result, _, err = status(capsys, "Energy Costs")
    assert result == 1
    assert "did you mean HR 1 · 118th (Lower Energy Costs Act)?" in err
    assert main(("--now", "2026-01-20T12:00:00Z", "watch", "NATO Act")) == 0
    assert f'bill = "{BILL}"' in (desk / "config.toml").read_text()


def test_desk_28_a_title_that_several_have_lists_them(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (desk / "lexwatch.db").unlink()
    write(desk / "lexwatch.db", extra=3)
    result, _, err = status(capsys, "(constructed)")
    assert result == 1
    assert (
        "3 bills of the 119th Congress have these words in their title: S 1 · 119th (Bill 1 (constructed)); S 2" in err
    )
