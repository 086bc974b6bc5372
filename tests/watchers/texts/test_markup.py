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
        pytest.param(b"<html><body><pre>The document is not available.</pre></body></html>", id="a page that says so"),
        pytest.param(b"Service unavailable", id="plain words of another kind"),
        pytest.param(b"<bill>" + b"<quote>" * 5000 + b"</quote>" * 5000 + b"</bill>", id="too deep"),
    ],
)
def test_what_is_no_text_is_refused(body: bytes) -> None:
    with pytest.raises(Changed):
        paragraphs(body)


def test_an_address_names_the_open_place_of_the_same_file() -> None:
    url = "https://www.congress.gov/119/bills/hr6508/BILLS-119hr6508ih.htm"
    (version,) = versions({"a": {"label": "IH", "on": None, "formats": [{"type": "Formatted Text", "url": url}]}})
    assert version.addresses("https://www.govinfo.gov") == (
        "https://www.govinfo.gov/content/pkg/BILLS-119hr6508ih/xml/BILLS-119hr6508ih.xml",
        "https://www.govinfo.gov/content/pkg/BILLS-119hr6508ih/html/BILLS-119hr6508ih.htm",
    )
