"""Every Ukrainian file of the corpus that was served or stored by others goes through its reader; what is read agrees
with what the file states of itself elsewhere. Files of other sites, and transcriptions of pages, are refused."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from domain.documents import DocumentId
from domain.errors import Changed
from domain.jurisdictions.ua import document_of_nreg, nreg_of, number_of
from tests.helpers.paths import CORPUS
from tests.watchers.rada.publisher import RadaDocument, RadaPoller, RadaServer, noise
from watchers.rada.act_card import parse_card, parse_list
from watchers.rada.act_text import is_page, read_decree, read_law
from watchers.rada.bills import parse_search
from watchers.rada.lists import parse_updates
from watchers.rada.president import parse_list as parse_presidents_list
from watchers.rada.text import block_notice, has_signs_of_act

pytestmark = pytest.mark.corpus

WORLD = CORPUS / "live" / "world"
DATABASE, EDITIONS = WORLD / "ua_rada_db", WORLD / "ua_laws_git"
NOW = datetime.fromisoformat("2026-03-10T09:00:00+00:00")


def test_ua_16_the_card_of_the_corpus_says_what_it_says() -> None:
    body = (DATABASE / "card-1103-16.json").read_bytes()
    raw, card = json.loads(body), parse_card(body, "1103-16")
    assert (card.title, card.number, card.dokid) == (raw["nazva"], raw["n_vlas"], str(raw["dokid"]))
    days = {
        name: f"{str(raw[name])[:4]}-{str(raw[name])[4:6]}-{str(raw[name])[6:]}"
        for name in ("pridat", "datred", "poddat")
    }
    assert (card.adopted_on, card.edition_on, card.event_on) == (days["pridat"], days["datred"], days["poddat"])
    assert card.status == "чинний"
    assert len(card.events) == len(raw["hist"])
    assert {event.on.replace("-", "") for event in card.editions} == {str(one["datred"]) for one in raw["eds"]}
    assert card.since("чинний", "2026-03-10") == "2007-06-21"
    assert card.edition_basis == raw["pidstava"]
    again = parse_card(json.dumps({**raw, "hist": None}).encode(), "1103-16")
    assert again.events == card.events, "the string says the same as the list"


def test_ua_16_an_act_of_the_corpus_is_followed_with_all_that_its_card_says() -> None:
    raw = json.loads((DATABASE / "card-1103-16.json").read_bytes())
    text = (DATABASE / "rada-1103-16-law.txt").read_text(encoding="utf-8")
    database = RadaServer(now=NOW)
    database.put(
        *noise(30, touched=NOW),
        RadaDocument("1103-16", raw["nazva"], NOW.date(), touched=NOW, text=text, more=tuple(raw.items())),
    )
    document = DocumentId("ua", "law", ("1103-v",))
    poller = RadaPoller(database, (document,))
    assert poller.poll() == []
    assert poller.outcome.faults == []
    record = poller.record(document)
    last = record.last_status
    assert last is not None
    assert (last.status, last.on, last.text) == (
        "IN_FORCE",
        "2007-06-21",
        "чинний, редакція від 02.03.2026, підстава 4718-IX",
    )
    assert record.facets["item"][""]["introduced_on"] == "2007-05-31"
    assert poller.poll() == []


def plain(path: Path) -> str:
    """Return what a repository made of a text, without its Markdown."""
    packed = path.suffix == ".gz"
    text = (gzip.decompress(path.read_bytes()) if packed else path.read_bytes()).decode()
    text = re.sub(
        r"^\s*[|+].*$", lambda row: row[0].strip().strip("|+").split("|")[0].strip(), text, flags=re.MULTILINE
    )
    text = re.sub(r"\\$|\[\]\{#\w+\}|[*_#]+", "", text, flags=re.MULTILINE)
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)


def test_ua_3_every_edition_of_the_corpus_is_read_as_the_law_it_is() -> None:
    paths = sorted(path for path in EDITIONS.iterdir() if path.suffix != ".json")
    assert len(paths) >= 10
    unsigned = []
    for path in paths:
        text = plain(path)
        head = re.search(r"Закон[^\n]* від (\d\d)\.(\d\d)\.(\d{4}) № (\S+)", text)
        key = re.search(r"Ідентифікатор: (\S+)", text)
        assert head
        assert key
        stated = f"{head[3]}-{head[2]}-{head[1]}"
        read, document = read_law(text), document_of_nreg(key[1], head[4])
        assert document is not None
        assert (nreg_of(document), number_of(document)) == (key[1], head[4]), path.name
        assert document_of_nreg(key[1]) == document, path.name
        assert read.number in (None, head[4]), path.name
        assert read.number is None or read.adopted_on == stated, path.name
        assert read.title
        assert re.search(rf"^\s*{re.escape(read.title[:40])}", text, re.MULTILINE), path.name
        assert read.approves is None, path.name
        assert has_signs_of_act(text)
        assert not is_page(text)
        assert read_decree(text).term is None or path.name.startswith(("389-19", "3543-12", "2232-12")), path.name
        unsigned += [path.name] if read.number is None else []
    assert unsigned == []


def test_ua_3_laws_in_pieces_are_read_or_left_without_a_number() -> None:
    for path in sorted(EDITIONS.glob("*.json")):
        raw = json.loads(path.read_text(encoding="utf-8"))
        text = "\n".join(piece["content"] for piece in raw["provisions"])
        document = document_of_nreg(raw["short_name"])
        assert document is not None
        read = read_law(text)
        assert read.number in (None, number_of(document)), path.name
        assert read.number is None or read.adopted_on == raw["issued_date"], path.name


def test_ua_3_the_text_as_served_is_numbered_by_its_sign_off() -> None:
    text = (DATABASE / "rada-1103-16-law.txt").read_text(encoding="utf-8")
    read = read_law(text)
    assert (read.number, read.adopted_on) == ("1103-V", "2007-05-31")
    assert read.title == text.splitlines()[1]
    assert len(set(re.findall(r"№ (\d+-[IVX]+)", text))) > 10, "many others are cited"
    assert block_notice(text.encode()) is None
    assert has_signs_of_act(text)


def test_ua_2_keys_of_the_corpus_name_laws() -> None:
    keys = (DATABASE / "perv1-sample.txt").read_text(encoding="utf-8").split()
    romans = {"14": {"XIV", "III"}, "15": {"IV"}, "16": {"V"}}
    assert len(keys) > 50
    for key in keys[:-1]:  # the sample is cut in the middle of a key
        number, _, end = key.partition("-")
        document = document_of_nreg(key)
        assert document is not None
        assert nreg_of(document) == key
        assert number_of(document) in {f"{number}-{roman}" for roman in romans[end]}, key


READERS: dict[str, Callable[[bytes], object]] = {
    "list": lambda body: parse_list(body, "list"),
    "card": lambda body: parse_card(body, "2210-14"),
    "feed": lambda body: parse_updates(body, NOW),
    "register": lambda body: parse_search(body, "https://itd.example.org"),
    "President": parse_presidents_list,
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_files_of_other_kinds_are_refused(reader: Callable[[bytes], object]) -> None:
    folders = (WORLD / "reconstructed" / "ua_rada_db", WORLD / "ua_cvk", WORLD / "ua_rada_bills")
    paths = [path for folder in folders for path in sorted(folder.iterdir())]
    assert len(paths) >= 4
    for path in paths:
        with pytest.raises(Changed):
            reader(path.read_bytes())


def test_pages_are_no_texts() -> None:
    for path in (WORLD / "reconstructed" / "ua_rada_db").iterdir():
        assert is_page(path.read_text(encoding="utf-8")), path.name
