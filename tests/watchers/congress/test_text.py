"""What the letters of an answer may do to us: nothing. Numbers are those of the catalogue of faults (34-40)."""

from __future__ import annotations

import codecs
import json
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Changed
from storage.store import open_store
from tests.watchers.congress.publisher import BILL, REFERRED, START, CongressPoller, Publisher, add, followed

WORDS = "Ordered to be Reported by Señor Núñez’s committee, 5–4."


def saying(text: str) -> dict[str, Any]:
    return {**REFERRED, "actionDate": "2026-01-20", "text": text, "actionCode": "H19000"}


def answering(publisher: Publisher, encoded: Callable[[str], bytes]) -> None:
    """Let the publisher write its lists of actions in its own way."""

    def turn(path: str, _: dict[str, str]) -> bytes | None:
        rows = publisher.bills[BILL].lists["actions"]
        answer = {"actions": rows, "pagination": {"count": len(rows)}}
        return encoded(json.dumps(answer, ensure_ascii=False)) if path.endswith("/actions") else None

    publisher.turns = turn


@pytest.mark.parametrize("encoded", [str.encode, lambda text: codecs.BOM_UTF8 + text.encode()], ids=["plain", "marked"])
@pytest.mark.parametrize("declared", ["application/json", "application/json; charset=latin-1", "x; charset=klingon"])
def test_34_35_36_the_letters_are_right_whatever_the_header_says(
    encoded: Callable[[str], bytes], declared: str
) -> None:
    publisher = Publisher(headers={"content-type": declared})
    reader = followed(publisher)
    add(publisher, saying(WORDS))
    answering(publisher, encoded)
    assert ("action", WORDS) in reader.news()
    assert reader.faults == []


def test_36_json_in_utf_16_is_none_and_is_said() -> None:
    """RFC 8259, 8.1: JSON between systems is UTF-8."""
    publisher = Publisher()
    reader = followed(publisher)
    add(publisher, saying(WORDS))
    answering(publisher, lambda text: text.encode("utf-16"))
    assert reader.news() == []
    assert [type(fault.error) for fault in reader.faults] == [Changed]


HOSTILE = {
    "37 NUL": ("Reported\x00 favorably.", "Reported  favorably."),
    "37 an escape sequence": ("Reported \x1b[31mfavorably.", "Reported  [31mfavorably."),
    "37 bidirectional controls": ("Reported \u202efavorably\u2066.", "Reported favorably."),
    "38 half a character": ("Reported \ud800 favorably.", "Reported \ufffd favorably."),
    "38 the other half": ("Reported \udc00 favorably.", "Reported \ufffd favorably."),
    "a whole character of two halves": ("Reported \U0001f3db favorably.", "Reported \U0001f3db favorably."),
    "backslashes before what looks like half of one": ("Reported \\ud800.", "Reported \\ud800."),
    "40 three hundred kilobytes": (f"Reported {'favorably ' * 30_000}.", f"Reported {'favorably ' * 30_000}."),
}


@pytest.mark.parametrize(("text", "told"), HOSTILE.values(), ids=HOSTILE)
def test_any_text_is_reported_once_and_can_be_stored(text: str, told: str, tmp_path: Path) -> None:
    publisher = Publisher()
    publisher.bills[BILL].title = text
    reader = followed(publisher)
    add(publisher, saying(text))
    assert [(change.kind, change.text) for step in reader.poll() for change in step.changes] == [("action", told)]
    assert reader.news(timedelta(days=1)) == []
    assert reader.records[BILL].title == told
    (first, *_) = CongressPoller(publisher).poll()
    store = open_store(str(tmp_path / "record.db"), rehearsal=False, now=START)
    with store.begin() as tx:
        tx.save(first)
    with store.read() as view:
        stored = view.record(BILL)
    store.close()
    assert stored is not None
    assert stored.facets == first.record.facets


SAME = {
    "decomposed letters": lambda text: unicodedata.normalize("NFD", text),
    "no-break spaces": lambda text: text.replace(" ", "\xa0"),
    "narrow spaces": lambda text: text.replace(" ", "\u202f"),
    "a soft hyphen": lambda text: text.replace("committee", "com\xadmittee"),
    "a mark of direction": lambda text: f"\u200e{text}",
    "a space of no width": lambda text: text.replace("committee", "com\u200bmittee"),
}


@pytest.mark.parametrize("altered", SAME.values(), ids=SAME)
def test_39_other_codes_of_the_same_words_are_no_news(altered: Callable[[str], str]) -> None:
    publisher = Publisher()
    reader = followed(publisher)
    add(publisher, saying(WORDS))
    assert ("action", WORDS) in reader.news()
    publisher.bills[BILL].lists["actions"][0]["text"] = altered(WORDS)
    publisher.bills[BILL].updated = publisher.now
    assert reader.news() == []
    assert reader.faults == []
