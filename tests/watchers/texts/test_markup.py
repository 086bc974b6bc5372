"""What does a published text say, paragraph by paragraph? All texts are constructed."""

from __future__ import annotations

import pytest

from domain.errors import Changed
from tests.watchers.texts.publisher import bill_xml
from watchers.texts.markup import paragraphs
from watchers.texts.versions import versions

PAGE = """<html><body><pre>
[Congressional Bills 119th Congress]
[From the U.S. Government Publishing Office]
[H.R. 1 Introduced in House (IH)]

&lt;DOC&gt;

119th CONGRESS

                                 A BILL

    Be it enacted by the Senate and House of Representatives of the
United States of America in Congress assembled,

SECTION 1. SHORT TITLE.

[[Page 139 STAT. 72]]

    This Act may be cited as the ``Short Act''.
                                 &lt;all&gt;
</pre></body></html>"""


def test_xml_is_read_section_by_section_without_what_stands_around_it() -> None:
    assert paragraphs(bill_xml("The agency <term>shall</term> act.", "Two.")).split("\n") == [
        "To withdraw from the Treaty.",
        "1. The agency shall act.",
        "2. Two.",
    ]


def test_what_a_committee_struck_out_is_not_said() -> None:
    body = bill_xml("One.").replace(
        b"<section>", b'<section changed="deleted"><text>Old.</text></section><section changed="added">', 1
    )
    assert "Old" not in paragraphs(body)
    assert "One." in paragraphs(body)


def test_a_struck_phrase_leaves_what_follows_it() -> None:
    assert paragraphs(bill_xml("The <deleted-phrase>old </deleted-phrase>agency.")).endswith("1. The agency.")


def test_a_page_is_read_from_its_beginning_without_page_marks() -> None:
    assert paragraphs(PAGE.encode()).split("\n") == [
        "Be it enacted by the Senate and House of Representatives of the United States of America in Congress "
        "assembled,",
        "SECTION 1. SHORT TITLE.",
        "This Act may be cited as the ``Short Act''.",
    ]


BOMB = b'<!DOCTYPE bill [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]><bill><legis-body>&b;</legis-body></bill>'


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"  \n", id="spaces"),
        pytest.param(b"<bill>", id="cut off"),
        pytest.param(b"<html><body>Error</body></html>", id="a web page"),
        pytest.param(b"<bill><legis-body/></bill>", id="a bill without words"),
        pytest.param(b"%PDF-1.7", id="another format"),
        pytest.param(b"\xff\xfe\x00<", id="no letters"),
        pytest.param(BOMB, id="entities"),
        pytest.param(b"<bill>" + b"<quote>" * 5000 + b"</quote>" * 5000 + b"</bill>", id="too deep"),
    ],
)
def test_what_is_no_text_is_refused(body: bytes) -> None:
    with pytest.raises(Changed):
        paragraphs(body)


def test_versions_are_in_the_order_of_their_days_then_of_procedure() -> None:
    def entry(package: str, on: str | None) -> dict[str, object]:
        return {"label": package, "on": on, "formats": [{"type": "PDF", "url": f"https://x.example/{package}.pdf"}]}

    texts = {
        "a": entry("PLAW-119publ12", None),
        "b": entry("BILLS-119hr1enr", None),
        "c": entry("BILLS-119hr1eh", "2025-05-22"),
        "d": entry("BILLS-119hr1rh", "2025-05-20"),
        "e": entry("BILLS-119hr1eas", "2025-07-01"),
        "f": entry("unnamed", "2025-01-01"),
        "g": entry("BILLS-119hr1pcs", "2025-05-22"),
    }
    assert [version.package for version in versions(texts)] == [
        "BILLS-119hr1rh",
        "BILLS-119hr1eh",
        "BILLS-119hr1pcs",
        "BILLS-119hr1eas",
        "BILLS-119hr1enr",
        "PLAW-119publ12",
    ]


def test_an_address_names_the_open_place_of_the_same_file() -> None:
    url = "https://www.congress.gov/119/bills/hr6508/BILLS-119hr6508ih.htm"
    (version,) = versions({"a": {"label": "IH", "on": None, "formats": [{"type": "Formatted Text", "url": url}]}})
    assert version.addresses("https://www.govinfo.gov") == (
        "https://www.govinfo.gov/content/pkg/BILLS-119hr6508ih/xml/BILLS-119hr6508ih.xml",
        "https://www.govinfo.gov/content/pkg/BILLS-119hr6508ih/html/BILLS-119hr6508ih.htm",
    )


USLM = 'xmlns="http://schemas.gpo.gov/xml/uslm"'
RESOLUTION = (
    '<?xml version="1.0"?><resolution resolution-type="house-concurrent"><form><legis-num>H. CON. RES. 1</legis-num>'
    "<action><action-desc>{}</action-desc></action><legis-type>CONCURRENT RESOLUTION</legis-type><official-title>"
    "Constructed.</official-title></form><preamble><whereas><text>Whereas one;</text></whereas></preamble>"
    "<resolution-body><section><text>That it is so.</text></section></resolution-body></resolution>"
)
FORMS = {
    "a bill of the coming schema": (
        f"<bill {USLM}><meta><docNumber>1</docNumber></meta><preface><congress>119th CONGRESS</congress></preface>"
        '<main><section><num>1.</num><content>It shall <p changed="deleted">not</p> be.</content></section></main>'
        "</bill>",
        ["1. It shall be."],
    ),
    "an engrossed amendment of the coming schema": (
        f"<engrossedAmendment {USLM}><amendMeta/><amendMain><section><content>That the bill do pass with the following"
        "</content></section><amendmentInstruction><content>Strike all and insert <amendmentContent><longTitle>AN ACT"
        "</longTitle><section><content>Nine dollars.</content></section></amendmentContent></content>"
        "</amendmentInstruction></amendMain></engrossedAmendment>",
        ["That the bill do pass with the following", "Strike all and insert", "AN ACT", "Nine dollars."],
    ),
    "a law with a side note": (
        f"<pLaw {USLM}><main><section><sidenote><p>Oct. 10, 2013</p></sidenote><num>1.</num>"
        "<content>It is so.</content></section></main></pLaw>",
        ["1. It is so."],
    ),
    "an engrossed amendment": (
        "<amendment-doc><engrossed-amendment-form><congress>118th CONGRESS</congress><session>2d Session</session>"
        "</engrossed-amendment-form><engrossed-amendment-body><section><text>Strike all.</text></section>"
        "</engrossed-amendment-body></amendment-doc>",
        ["Strike all."],
    ),
}


@pytest.mark.parametrize(("text", "expected"), FORMS.values(), ids=FORMS)
def test_what_stands_around_the_words_is_no_text(text: str, expected: list[str]) -> None:
    assert paragraphs(text.encode()).split("\n") == expected


def test_a_preamble_is_not_taken_for_a_page() -> None:
    long, short = RESOLUTION.format("x " * 2500), RESOLUTION.format("")
    assert paragraphs(long.encode()) == paragraphs(short.encode())


def test_a_body_nobody_knows_is_an_error() -> None:
    with pytest.raises(Changed, match="body"):
        paragraphs(f"<bill {USLM}><preface>x</preface><trunk><section>1</section></trunk></bill>".encode())
