"""Whatever a file holds, a reading or a clear Changed comes out."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from pathlib import Path

import pytest

from domain.errors import Changed
from tests.watchers.govinfo.billstatus_files import VERSIONS, written
from watchers.govinfo.billstatus import parse_billstatus

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "an empty file": (b"", "saw an empty file"),
    "white space": (b" \r\n", "saw an empty file"),
    "a byte order mark alone": (b"\xef\xbb\xbf", "expected well-formed XML"),
    "a page of words": (b"Service unavailable", "expected well-formed XML"),
    "a block page": (b"<html><body>Just a moment...</body></html>", "saw <html><body>"),
    "JSON": (b'{"bill": {}}', "expected well-formed XML"),
    "another collection": (b"<bill><number>1</number></bill>", "expected <billStatus><bill>, saw <bill><number>"),
    "no bill in it": (b"<billStatus/>", "saw <billStatus>"),
    "an amendment": (b"<billStatus><amendment/></billStatus>", "saw <billStatus><amendment>"),
    "half a file": (written()[:900], "expected well-formed XML"),
    "a NUL inside": (written().replace(b"Constructed", b"Con\0structed"), "expected well-formed XML"),
    "bytes that are no UTF-8": (written().replace(b"Constructed", b"Con\xff\xfestructed"), "expected well-formed XML"),
    "an unknown encoding": (written().replace(b"utf-8", b"klingon", 1), "expected well-formed XML"),
    "deep nesting": (b"<billStatus>" * 5000, "expected well-formed XML"),
    "a billion laughs": (
        f'<!DOCTYPE b [<!ENTITY l0 "ha">{LAUGHS}]><billStatus><bill><title>&l9;</title></bill></billStatus>'.encode(),
        "entity amplification",
    ),
    "an external document type": (
        b'<!DOCTYPE b SYSTEM "file:///etc/passwd"><billStatus><bill/></billStatus>',
        "document type",
    ),
    "an unknown entity": (written().replace(b"Constructed", b"&constructed;"), "expected well-formed XML"),
    "no such type": (
        written().replace(b"<type>HR</type>", b"<type>XX</type>"),
        "saw XX 9001, 119",
    ),
    "no number": (written().replace(b"<number>9001</number>", b""), "bill.number: expected a number, saw nothing"),
    "a number in words": (written().replace(b">9001<", b">nine<"), "bill.number: expected a number, saw 'nine'"),
    "a number beyond all bills": (written().replace(b">9001<", b">900100000<"), "saw HR 900100000, 119"),
    "no day": (written().replace(b">2025-12-09<", b">2025-13-09<"), "expected a day such as"),
    "a stamp in words": (written(updated="yesterday"), "expected a time such as"),
    "a related bill of no type": (written().replace(b"<type>S</type>", b"<type>Q</type>"), "relatedBills[0]"),
}


@pytest.mark.parametrize(("body", "told"), HOSTILE.values(), ids=HOSTILE)
def test_says_what_was_expected_and_what_was_seen(body: bytes, told: str) -> None:
    with pytest.raises(Changed) as caught:
        parse_billstatus(body)
    assert told in str(caught.value)
    assert len(str(caught.value)) < 500


def test_an_external_entity_is_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("planted secret")
    body = f'<!DOCTYPE b [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode() + written(title="PLACE").split(b"?>", 1)[1]
    with pytest.raises(Changed) as caught:
        parse_billstatus(body.replace(b"PLACE", b"&x;"))
    assert "planted" not in str(caught.value)


@pytest.mark.parametrize("schema", VERSIONS)
def test_damage_anywhere_is_a_reading_or_a_clear_refusal(schema: str) -> None:
    whole = written(schema, roll=12)
    dice = random.Random(schema)
    for _ in range(400):
        body = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(len(body))
            body[place : place + dice.choice((0, 1, 5, 40))] = bytes(dice.randbytes(dice.randint(0, 3)))
        with suppress(Changed):
            parse_billstatus(bytes(body))


def test_a_large_file_is_read_in_time() -> None:
    """115 H.R. 3354 has 359 actions; this constructed one has 5,000."""
    lines = tuple((f"{n}", "9", f"Action {n} of many. (Roll no. {n})", None) for n in range(5000))
    began = time.process_time()
    facets = parse_billstatus(written(actions=lines)).facets
    assert len(facets["actions"]) == 5000
    assert time.process_time() - began < 60
