"""The starter packs: what they hold, and that each makes a configuration that works."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from domain.names import may_be_feed
from monitor.cli.main import main
from monitor.config.loader import load_config
from monitor.config.starter_packs import Publisher, load_pack, pack_names, publishers
from tests.helpers.paths import CORPUS

NOW = datetime(2026, 11, 30, tzinfo=UTC)
ENV = {"CONGRESS_API_KEY": "k"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("LEXWATCH_CONFIG", "LEXWATCH_NOW", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CONGRESS_API_KEY", "k")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("packs", [*[(name,) for name in pack_names()], pack_names()], ids="+".join)
def test_a_pack_makes_a_file_without_fault_or_warning(
    packs: tuple[str, ...], here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [word for name in packs for word in ("--pack", name)]
    assert main(["init", *options]) == 0
    assert main(["check"]) == 0
    err = capsys.readouterr().err
    assert "warning" not in err
    found = load_config(here / "config.toml", now=NOW, env=ENV)
    feeds = {one.address for name in packs for one in load_pack(name).publishers if one.address}
    assert {watch.feed for watch in found.watches if watch.feed} == feeds
    assert {one.source for name in packs for one in load_pack(name).publishers if one.source} <= set(found.sources)
    assert [sorted(map(str, route.kinds)) for route in found.routes][1] == ["appeared"]
    for one in (one for name in packs for one in load_pack(name).publishers):
        if not one.source and not one.address:
            assert f"# {one.name} is not read" in (here / "config.toml").read_text()


def test_a_feed_of_two_packs_is_read_once_with_the_words_of_both(here: Path) -> None:
    assert main(["init", "--pack", "nato", "--pack", "ukraine", "--pack", "nato"]) == 0
    found = load_config(here / "config.toml", now=NOW, env=ENV)
    (state,) = [watch for watch in found.watches if watch.feed and "state.gov" in watch.feed]
    assert {"NATO", "Ukraine"} <= set(state.words)


SEED = {
    "US Congress": "congress",
    "White House": "https://www.whitehouse.gov/",
    "State Department": "https://www.state.gov/",
    "Treasury": "",
    "Federal Register": "federal_register",
    "NATO": "",
    "European Council": "https://www.consilium.europa.eu/",
    "Council of the EU": "https://www.consilium.europa.eu/",
    "European Commission": "https://ec.europa.eu/",
    "President of Ukraine": "president",
    "Verkhovna Rada": "rada",
}
"""Who must be there, by a name that articles use, and how it is read: a source, an address, or not at all."""


@pytest.mark.parametrize(("cited", "read"), SEED.items(), ids=SEED)
def test_each_publisher_an_article_names_is_there(cited: str, read: str) -> None:
    (found,) = [one for one in publishers() if cited in one.cited]
    assert found.pack in pack_names()
    if read:
        assert (found.source or found.address).startswith(read)
    else:
        assert (found.source, found.address) == ("", "")
        assert "refuses" in found.remark
        assert "https://" in found.instead


@pytest.mark.parametrize("one", publishers(), ids=lambda one: one.name)
def test_what_is_said_of_a_publisher_is_whole(one: Publisher) -> None:
    assert one.evidence
    assert not (one.source and one.address)
    assert one.verified_on is None or one.verified_on <= NOW.date()
    assert one.verified_on is not None or one.source or one.remark
    assert one.source or one.address or one.instead
    assert not one.address or (one.address.startswith("https://") and may_be_feed(one.address))


@pytest.mark.corpus
@pytest.mark.parametrize("one", [one for one in publishers() if one.address], ids=lambda one: one.name)
def test_no_address_of_the_corpus_was_invented(one: Publisher) -> None:
    known = (CORPUS.parent / "knowledge" / "feeds.md").read_text(encoding="utf-8")
    parts = urlsplit(unquote(one.address))
    assert parts.hostname is not None
    assert parts.hostname in known
    assert parts.path in known
    for pair in parts.query.split("&") if parts.query else ():
        assert pair in known or pair.replace("FA00", "{FA00}") in known or pair.split("=")[1] in known, pair


def test_the_packs_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["packs"]) == 0
    out, err = capsys.readouterr()
    assert all(name in out for name in ("nato", "ukraine", "sanctions", "us-congress"))
    assert "lexwatch init --pack NAME" in err
    assert main(["packs", "sanctions"]) == 0
    out, _ = capsys.readouterr()
    assert "US Treasury: press releases: not read: it refuses programs" in out
    assert "instead: its e-mail lists" in out
    assert "verified 2026-09-02: fetched" in out
    assert main(["packs", "natto"]) == 2
    assert "did you mean nato?" in capsys.readouterr().err
