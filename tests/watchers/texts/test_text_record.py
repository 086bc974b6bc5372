"""Texts of bills as they are really published: the cases US-8 and US-12 to US-18, and more of each kind.

All texts are constructed; elements, headings and marks are the publishers'.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.errors import Changed
from domain.records.text_difference import Weight, compare
from tests.helpers.english import english
from tests.watchers.congress.publisher import BILL, Publisher, followed
from watchers.texts.markup import Form, difference, paragraphs, read_text
from watchers.texts.versions import TextVersion, compared, versions

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PDF = {"type": "PDF", "url": "https://www.congress.gov/119/plaws/publ1/PLAW-119publ1.pdf"}


def row(formats: Any, date: str | None = "2026-01-30T05:00:00Z", name: str = "Public Law") -> dict[str, Any]:
    return {"date": date, "type": name, "formats": formats}


ANNOUNCED = {
    "without a format": row([]),
    "with a format that is null": row(None),
    "with a list of nothing": row([None]),
    "with a format that has no address": row([{"type": "PDF", "url": None}]),
    "with a format without words": row([{}]),
    "without a day as well": row([], None),
}


@pytest.mark.parametrize("known", [None, "2026-01-30T05:00:00Z"], ids=["undated", "dated"])
@pytest.mark.parametrize("announced", ANNOUNCED.values(), ids=ANNOUNCED)
def test_us_8_a_version_is_reported_when_there_is_something_to_read(
    announced: dict[str, Any], known: str | None
) -> None:
    publisher = Publisher()
    reader = followed(publisher)
    publisher.bills[BILL].lists["text"] = [announced]
    publisher.bills[BILL].updated = publisher.now
    assert reader.news() == []
    assert reader.faults == []
    publisher.bills[BILL].lists["text"] = [row([PDF], known)]
    publisher.bills[BILL].updated = publisher.now
    assert reader.news() == [("text", "Public Law")], "an hour later, the count having stood still"
    assert [news for _ in range(48) if (news := reader.news(HOUR))] == []


def test_us_8_a_version_whose_file_vanishes_for_a_day_is_not_reported_again() -> None:
    publisher = Publisher()
    reader = followed(publisher)
    for formats, told in (([PDF], [("text", "Public Law")]), ([], []), ([PDF], [])):
        publisher.bills[BILL].lists["text"] = [row(formats)]
        publisher.bills[BILL].updated = publisher.now
        assert reader.news(2 * DAY) == told


def test_us_8_what_is_announced_when_a_bill_is_first_followed_is_reported_when_it_is_published() -> None:
    publisher = Publisher()
    publisher.bills[BILL].lists["text"] = [row([]), row([PDF], name="Enrolled Bill")]
    reader = followed(publisher)
    publisher.bills[BILL].lists["text"][0] = row([{"type": "Formatted XML", "url": "https://x/PLAW-119publ1_uslm.xml"}])
    publisher.bills[BILL].updated = publisher.now
    assert reader.news() == [("text", "Public Law")]


USLM = 'xmlns="http://schemas.gpo.gov/xml/uslm"'
RESOLUTION = (
    '<?xml version="1.0"?><resolution resolution-type="house-concurrent"><form><legis-num>H. CON. RES. 1</legis-num>'
    "<action><action-desc>{}</action-desc></action><legis-type>CONCURRENT RESOLUTION</legis-type><official-title>"
    "Constructed.</official-title></form><preamble><whereas><text>Whereas one;</text></whereas></preamble>"
    "<resolution-body><section><text>That it is so.</text></section></resolution-body></resolution>"
)


@pytest.mark.parametrize("padding", [0, 900, 1000, 2500, 9000], ids=lambda n: f"{2 * n} bytes before it")
def test_us_12_a_preamble_is_not_taken_for_a_page(padding: int) -> None:
    said = read_text(RESOLUTION.format("x " * padding).encode())
    assert (said.form, said.text) == (Form.DTD, "Constructed.\nWhereas one;\nThat it is so.")
    assert difference(said, read_text(RESOLUTION.format("").encode())).weight is Weight.SAME


FORMS = {
    "a page": (f"<html><body><pre>\n{'x' * 9000}\n  A BILL\n\nResolved, That so.</pre></body></html>", Form.PAGE),
    "a page with a document type": ("<!DOCTYPE html><html><pre>\nResolved, That so.</pre></html>", Form.PAGE),
    "a page in capitals": ("<HTML><PRE>\nResolved, That so.</PRE></HTML>", Form.PAGE),
    "XML that speaks of <pre> further in": (
        "<bill><legis-body><section><text>Write &lt;pre&gt; for a page.</text></section></legis-body></bill>",
        Form.DTD,
    ),
    "XML behind a stylesheet and a comment": (
        '<?xml version="1.0"?><?xml-stylesheet href="a.xsl"?><!-- <html><pre> --><!DOCTYPE bill PUBLIC "-//x" "b.dtd">'
        "<bill><legis-body><section><text>It is so.</text></section></legis-body></bill>",
        Form.DTD,
    ),
    "XML with a mark of its byte order": (
        f"\ufeff<bill {USLM}><main><section><content>It is so.</content></section></main></bill>",
        Form.USLM,
    ),
    "a preface": (
        f"<bill {USLM}><preface><congress>119th CONGRESS</congress></preface><main><section><content>It is so."
        "</content></section></main></bill>",
        Form.USLM,
    ),
}


@pytest.mark.parametrize(("text", "form"), FORMS.values(), ids=FORMS)
def test_us_12_the_outermost_element_decides_the_form(text: str, form: Form) -> None:
    assert read_text(text.encode()).form is form


READ = {
    "us 13: a bill": (
        f"<bill {USLM}><meta><docNumber>1</docNumber></meta><preface><congress>119th CONGRESS</congress></preface>"
        '<main><section><num>1.</num><content>It shall <p changed="deleted">not</p> be.</content></section></main>'
        "</bill>",
        ["1. It shall be."],
    ),
    "us 13: struck words in other elements": (
        f"<bill {USLM}><main><section><num>1. </num><content>It <deletedText>may</deletedText><addedText>shall"
        "</addedText> be<del>, or not</del>.</content></section></main></bill>",
        ["1. It shall be."],
    ),
    "us 13: a section that was struck out as a whole": (
        f'<bill {USLM}><main><section changed="deleted"><content>Old.</content></section><section changed="added">'
        "<content>New.</content></section></main></bill>",
        ["New."],
    ),
    "us 13: title, kind and what stands on the back": (
        f"<bill {USLM}><main><longTitle><docTitle>AN ACT</docTitle><officialTitle>To be.</officialTitle></longTitle>"
        "<section><content>It is so.</content></section></main><attestation><action>Passed the House May 1, 2026."
        "</action></attestation><endorsement><longTitle><officialTitle>To be.</officialTitle></longTitle></endorsement>"
        '<block role="endorsement"><officialTitle>To be.</officialTitle></block></bill>',
        ["To be.", "It is so."],
    ),
    "us 13: a word divided for print": (
        f"<bill {USLM}><main><section><content>Representa\u00adtives</content></section></main></bill>",
        ["Representatives"],
    ),
    "us 14: an engrossed amendment": (
        f"<engrossedAmendment {USLM}><amendMeta/><amendMain><section><content>That the bill do pass with the following"
        "</content></section><amendmentInstruction><content>Strike all and insert <amendmentContent><longTitle>"
        "<docTitle>AN ACT</docTitle></longTitle><section><content>Nine dollars.</content></section></amendmentContent>"
        "</content></amendmentInstruction></amendMain></engrossedAmendment>",
        ["That the bill do pass with the following", "Strike all and insert", "AN ACT", "Nine dollars."],
    ),
    "us 14: one resolution after another": (
        f"<engrossedAmendment {USLM}><amendPreface><action><date>May 1, 2026</date></action></amendPreface><amendMain>"
        "<resolvingClause>Resolved,</resolvingClause><section><content>That it fails.</content></section>"
        "<resolvingClause>Resolved,</resolvingClause><section><content>That it agrees.</content></section></amendMain>"
        "</engrossedAmendment>",
        ["Resolved,", "That it fails.", "Resolved,", "That it agrees."],
    ),
    "us 15: a side note of a law": (
        f"<pLaw {USLM}><main><section><sidenote><p>Oct. 10, 2013</p></sidenote><num>1.</num>"
        "<content>It is so.</content></section></main></pLaw>",
        ["1. It is so."],
    ),
    "us 15: head, page mark, approval and history of a law": (
        f"<pLaw {USLM}><preface><page>131 STAT. 75</page><type>Public Law</type></preface><main><longTitle><docTitle>"
        "An Act</docTitle><officialTitle>To be.<sidenote>[H.R. 1]</sidenote></officialTitle></longTitle><section>"
        "<content>It is<page>131 STAT. 76</page> so.</content></section><action><actionDescription>Approved March 27, "
        "2017.</actionDescription></action></main><legislativeHistory><note>HOUSE REPORTS: No. 115-1</note>"
        "</legislativeHistory><endMarker>○</endMarker></pLaw>",
        ["To be.", "It is so."],
    ),
    "us 17: an engrossed amendment of the other schema": (
        "<amendment-doc><engrossed-amendment-form><congress>118th CONGRESS</congress><session>2d Session</session>"
        "<action><action-date>March 12, 2024.</action-date></action></engrossed-amendment-form>"
        "<engrossed-amendment-body><section><text>Strike all.</text></section></engrossed-amendment-body>"
        "<attestation><attestor>Secretary.</attestor></attestation></amendment-doc>",
        ["Strike all."],
    ),
    "us 17: a bill struck out and set anew by two committees": (
        "<bill><form><calendar>Calendar No. 1</calendar><official-title>To be.</official-title></form>"
        '<legis-body changed="deleted"><section><text>Old.</text></section></legis-body><legis-body changed="added">'
        "<section><enum>1.</enum><header>Name</header><text>New.</text></section></legis-body><endorsement>Reported "
        "May 1, 2026</endorsement></bill>",
        ["To be.", "1. Name New."],
    ),
    "us 17: a table of contents is the bill's own": (
        "<bill><legis-body><section><enum>1.</enum><text>The contents are:</text><toc><toc-entry>Sec. 1. Name."
        "</toc-entry></toc></section></legis-body></bill>",
        ["1. The contents are:", "Sec. 1. Name."],
    ),
    "us 17: the mark behind a quotation": (
        "<bill><legis-body><section><text>by adding: <quoted-block><section><text>So.</text></section>"
        "<after-quoted-block>.</after-quoted-block></quoted-block></text></section></legis-body></bill>",
        ["by adding:", "So. ."],
    ),
}


@pytest.mark.parametrize(("text", "expected"), READ.values(), ids=READ)
def test_us_13_to_us_17_what_stands_around_the_words_is_no_text(text: str, expected: list[str]) -> None:
    assert paragraphs(text.encode()).split("\n") == expected


BODIES = {
    "an unknown one": f"<bill {USLM}><preface>x</preface><trunk><section>1</section></trunk></bill>",
    "an unknown one beside a known title": (
        "<resolution><form><official-title>To be.</official-title></form><resolved-body><text>That it is so."
        "</text></resolved-body></resolution>"
    ),
    "an unknown one beside a known one": (
        "<bill><legis-body><section><text>One.</text></section></legis-body><annex><text>"
        f"{'word ' * 30}</text></annex></bill>"
    ),
    "a known one without words": f"<bill {USLM}><main><section/></main></bill>",
    "a known one that was struck out as a whole": (
        '<bill><form><official-title>To be.</official-title></form><legis-body changed="deleted"><section><text>Old.'
        "</text></section></legis-body></bill>"
    ),
    "none": "<bill><form><official-title>To be.</official-title></form></bill>",
}


@pytest.mark.parametrize("text", BODIES.values(), ids=BODIES)
def test_us_14_a_body_nobody_knows_is_an_error(text: str) -> None:
    with pytest.raises(Changed, match=r"expected the (body|text)"):
        paragraphs(text.encode())


def test_us_15_an_enrolled_bill_and_its_law_say_the_same_in_either_schema() -> None:
    enrolled = (
        "<bill><form><official-title>To be.</official-title></form><legis-body><section><enum>1.</enum><header>Short "
        "title</header><text>This Act may be cited as the <quote>Be Act</quote>.</text></section><title><enum>I</enum>"
        "<header>Being</header><section><enum>101.</enum><header>Duty</header><text>The agency shall be. </text>"
        "</section></title></legis-body></bill>"
    )
    law = (
        f"<pLaw {USLM}><main><longTitle><docTitle>An Act</docTitle><officialTitle>To be.</officialTitle></longTitle>"
        "<enactingFormula>Be it enacted by the Senate and House of Representatives of the United States of America in "
        "Congress assembled,<sidenote>Be Act.</sidenote></enactingFormula><section><num>SECTION 1. "
        "</num><heading>SHORT "
        "TITLE.</heading><content>This Act may be cited as the “Be Act”.</content></section><title><num>TITLE I—</num>"
        "<heading>BEING</heading><section><num>SEC. 101. </num><heading>DUTY.</heading><content>The agency {} be."
        "</content></section></title></main></pLaw>"
    )
    before = read_text(enrolled.encode())
    assert difference(before, read_text(law.format("shall").encode())).weight <= Weight.TYPOGRAPHY
    found = difference(before, read_text(law.format("may").encode()))
    assert (found.removed, found.added, found.concerns) == (1, 1, ("duties",))


COUNTED = {
    "marks around what was added": ("The sum is paid.", "The sum is paid (12 U.S.C. 1811 note).", (0, 4)),
    "an amount": ("They are paid.", "They are paid $2,108,445,000.", (0, 1)),
    "a word in quotes": ("The term means it.", "The term ``fund'' means it.", (0, 1)),
    "words joined by a hyphen": ("A body.", "A not-for-profit body.", (0, 1)),
    "words divided by a dash": ("The Office.", "The Office—Research and Development.", (0, 3)),
    "one equal word between two others": ("a b c d e", "a x c y e", (2, 2)),
    "a paragraph": ("One.\nThree.", "One.\nTwo words, here; now.\nThree.", (0, 4)),
    "a paragraph replaced": ("One.\nOld words.\nThree.", "One.\nNew text is longer.\nThree.", (2, 4)),
    "marks alone": ("One, two.", "One; two.", (0, 0)),
    "a capital beside another word": ("the agency may act", "the Agency shall act", (2, 2)),
}


@pytest.mark.parametrize(("before", "after", "told"), COUNTED.values(), ids=COUNTED)
def test_us_16_words_are_counted_as_a_reader_counts_them(before: str, after: str, told: tuple[int, int]) -> None:
    found = compare(before, after)
    assert (found.removed, found.added) == told
    back = compare(after, before)
    assert (back.removed, back.added) == told[::-1]


def test_us_16_marks_alone_are_reported_as_such() -> None:
    told = compared(TextVersion("b", "B", None), TextVersion("a", "A", None), compare("One, two.", "One; two."))
    assert told is not None
    assert english(told["label"]) == "B compared with A: only punctuation differs"


def engrossed(*, head: str = "", line: str = "                 In the House of Representatives, U.S.,") -> bytes:
    return (
        "<html><body><pre>\n[Congressional Bills 106th Congress]\n[From the U.S. Government Publishing Office]\n"
        f"[H. Res. 1073 Engrossed in House (EH)]\n{head}\n\n{line}\n\n"
        "                                                     February 23, 1999.\n"
        "    Resolved, That Mr. A shall rank immediately following Mr. B on the \nCommittee on Tests.\n"
        "            Attest:\n\n                                                                          Clerk.\n"
        "</pre></body></html>"
    ).encode()


SAID = "Resolved, That Mr. A shall rank immediately following Mr. B on the Committee on Tests."
ENGROSSED = {
    "of the 106th Congress": engrossed(),
    "with its number in the head": engrossed(head="\nH. Res. 1073"),
    "with U. S. in two": engrossed(line="    In the House of Representatives, U. S.,"),
    "of the Senate": engrossed(line="    In the Senate of the United States,"),
    "of a day by the legislative calendar": engrossed().replace(
        b"February 23, 1999.", b"December 20 (legislative day, December 19), 1999."
    ),
    "with the number of its Congress": engrossed(head="\n106th CONGRESS\n1st Session"),
    "with a mark where the document begins": engrossed(head="\n&lt;DOC&gt;"),
}


@pytest.mark.parametrize("page", ENGROSSED.values(), ids=ENGROSSED)
def test_us_17_a_page_of_an_engrossed_resolution_says_what_was_resolved(page: bytes) -> None:
    assert paragraphs(page) == SAID


INTRODUCED = (
    b"<html><body><pre>\n[Congressional Bills 106th Congress]\n[From the U.S. Government Publishing Office]\n[H. Res. "
    b"1073 Introduced in House (IH)]\n\n&lt;DOC&gt;\n\n106th CONGRESS\n  1st Session\nH. RES. 1073\n\n  Ranking a "
    b"Member.\n\n_______________________________________________________________________\n\n\n                  "
    b"  IN THE "
    b"HOUSE OF REPRESENTATIVES\n\n                           February 12, 1999\n\n Mr. C submitted the following "
    b"resolution; which was considered \n                             and agreed to\n\n____________________________"
    b"___________________________________________\n\n                               RESOLUTION\n\n\n \n  Ranking a "
    b"Member.\n\n    Resolved, That Mr. A shall rank immediately following Mr. B on the \nCommittee on Tests.\n"
    b"                                 &lt;all&gt;\n</pre></body></html>"
)


@pytest.mark.parametrize("page", ENGROSSED.values(), ids=ENGROSSED)
def test_us_17_an_introduced_and_an_engrossed_page_say_the_same(page: bytes) -> None:
    assert paragraphs(INTRODUCED).split("\n") == ["Ranking a Member.", SAID]
    assert difference(read_text(INTRODUCED), read_text(page)).weight is Weight.SAME
    xml = (
        "<resolution><form><official-title>Ranking a Member.</official-title></form><resolution-body><section><text>"
        "That Mr. A shall rank immediately following Mr. B on the Committee on Tests.</text></section>"
        "</resolution-body></resolution>"
    )
    assert difference(read_text(xml.encode()), read_text(page)).weight <= Weight.TYPOGRAPHY


PAGES = {
    "an engrossed bill with its back": (
        "<pre>\n[H.R. 1 Engrossed in House (EH)]\n\n119th CONGRESS\n  1st Session\nH. R. 1\n\n_______________\n\n"
        "             AN ACT\n\n\n \n   To be.\n\n    Be it enacted, That it is so.\n\n            Passed the House of "
        "Representatives May 22, 2025.\n\n            Attest:\n\n                 Clerk.\n119th CONGRESS\n\n  1st "
        "Session\n\n    H. R. 1\n\n______________\n\n         AN ACT\n\n   To be.\n</pre>",
        ["To be.", "Be it enacted, That it is so."],
    ),
    "a reported bill, calendar numbers before and behind": (
        "<pre>\n                         Union Calendar No. 16\n119th CONGRESS\n\n H. R. 1\n\n      [Report No. "
        "119-1]\n\n"
        "           A BILL\n\n\n   To be.\n\n  Be it enacted, That it <DELETED>is</DELETED> shall be.\n\n"
        "               Union Calendar No. 16\n\n119th CONGRESS\n\n  A BILL\n\n  To be.\n\n  May 1, 2026\n</pre>",
        ["To be.", "Be it enacted, That it shall be."],
    ),
    "a law with notes on its margin": (
        "<pre>\n[119th Congress Public Law 5]\n[From the U.S. Government Publishing Office]\n\n[[Page 139 STAT. "
        "72]]\n\n"
        "Public Law 119-5\n119th Congress\n\n           An Act\n\n\n \n To be. &lt;&lt;NOTE: Apr. 10, 2025 -  [H.R. 1]"
        "&gt;&gt; \n\n    Be it enacted, That it is\n[[Page 139 STAT. 73]]\nso.\n\n    Approved April 10, 2025.\n\n"
        "LEGISLATIVE HISTORY--H.R. 1:\n---------------------------------------\nCONGRESSIONAL RECORD, Vol. 171 "
        "(2025):\n"
        "            Mar. 11, considered and passed House.\n\n                 &lt;all&gt;\n</pre>",
        ["To be.", "Be it enacted, That it is so."],
    ),
    "an enrolled bill and its signatures": (
        "<pre>\n[H.R. 1 Enrolled Bill (ENR)]\n\n        H.R.1\n\n     One Hundred Nineteenth Congress\n\n"
        "                            An Act\n\n\n \n To be.\n\n  Be it enacted, That it is so.\n\n              "
        " Speaker "
        "of the House of Representatives.\n\n     Vice President of the United States and\n</pre>",
        ["To be.", "Be it enacted, That it is so."],
    ),
    "an engrossed amendment": (
        "<pre>\n[H.R. 1 Engrossed Amendment Senate (EAS)]\n\n    In the Senate of the United States,\n\n"
        "                 March 12, 2024.\n    Resolved, That the bill (H.R. 1) do pass with the following\n\n"
        "       AMENDMENT:\n\n Strike all and insert:\n\n    Attest:\n\n        Secretary.\n119th CONGRESS\n</pre>",
        ["Resolved, That the bill (H.R. 1) do pass with the following", "AMENDMENT:", "Strike all and insert:"],
    ),
    "a page of the House with blocks": (
        "<!DOCTYPE html><html><head><title>H. R. 1</title><style>p { color: red "
        "}</style></head><body><div>119th CONGRESS"
        "</div><p>H. R. 1</p><div>AN ACT</div><p>To\n\t\t be.</p><p><em>Be it enacted, </em>That it is so.</p><p>"
        "<span>SEC. 2.</span> Name.</p><p>Passed the House of Representatives May 22, 2026.</p><p>Attest:</p></body>"
        "</html>",
        ["To be.", "Be it enacted, That it is so.", "SEC. 2. Name."],
    ),
    "a page saved as plain words": (
        "Union Calendar No. 5\n\n119th CONGRESS\n2d Session\n\nH. R. 1\n\n----------------\n\n*A BILL*\n\nTo "
        "be.\n\n/Be it "
        "enacted, /That it is and/or was so (2 U.S.C. 1 <https://uscode.example/\nx>): /Provided,/ That so.\n\n"
        "-----------------\n\nUnion Calendar No. 5\n\n119th CONGRESS\n     2d Session\n\nH. R. 1\n",
        ["To be.", "Be it enacted, That it is and/or was so (2 U.S.C. 1): Provided, That so."],
    ),
}


@pytest.mark.parametrize(("page", "expected"), PAGES.values(), ids=PAGES)
def test_us_17_a_page_says_what_was_enacted(page: str, expected: list[str]) -> None:
    assert paragraphs(page.encode()).split("\n") == expected


def in_order(*listed: tuple[str, str | None]) -> list[str]:
    """Return the forms of these versions of one bill, in their order."""
    texts = {
        package: {"label": package, "on": on, "formats": [{"type": "XML", "url": f"https://x.example/{package}.xml"}]}
        for package, on in listed
    }
    return [version.package.rpartition("-")[2] for version in versions(texts)]


ORDERS = {
    "an enrolled bill has no day": (
        "PLAW-117publ108_uslm 2022-04-06, BILLS-117hr1enr, BILLS-117hr1ih 2021-05-11",
        "117hr1ih 117hr1enr 117publ108",
    ),
    "nothing has a day": (
        "PLAW-119publ12, BILLS-119hr1enr, BILLS-119hr1rh, BILLS-119hr1eh, BILLS-119hr1rds, BILLS-119hr1ih",
        "119hr1ih 119hr1rh 119hr1eh 119hr1rds 119hr1enr 119publ12",
    ),
    "days, then procedure on one day": (
        "BILLS-119hr1eh 2025-05-22, BILLS-119hr1rh 2025-05-20, BILLS-119hr1eas 2025-07-01, BILLS-119hr1pcs 2025-05-22",
        "119hr1rh 119hr1eh 119hr1pcs 119hr1eas",
    ),
    "an engrossed bill has no day": (
        "BILLS-119hr1rfs 2025-05-23, BILLS-119hr1eh, BILLS-119hr1rh 2025-05-20",
        "119hr1rh 119hr1eh 119hr1rfs",
    ),
    "in a bill of the Senate, what the House reports comes after what the Senate passed": (
        "BILLS-119s5rh 2025-06-01, BILLS-119s5es, BILLS-119s5is 2025-01-01, BILLS-119s5rfh 2025-05-01, BILLS-119s5enr",
        "119s5is 119s5es 119s5rfh 119s5rh 119s5enr",
    ),
    "amendments between the chambers, numbered": (
        "BILLS-115hr1eas2, BILLS-115hr1eas 2017-12-02, BILLS-115hr1eh 2017-11-16, BILLS-115hr1enr",
        "115hr1eh 115hr1eas 115hr1eas2 115hr1enr",
    ),
    "a law of an earlier day than the enrolled bill is listed with": (
        "PLAW-117publ108 2022-04-06, BILLS-117hr1enr 2022-04-07, BILLS-117hr1eh 2022-02-08",
        "117hr1eh 117hr1enr 117publ108",
    ),
    "a form nobody knows stands by its day": (
        "BILLS-119hr1xyz 2025-03-01, BILLS-119hr1ih 2025-01-03, BILLS-119hr1rh 2025-05-20",
        "119hr1ih 119hr1xyz 119hr1rh",
    ),
    "the introduced bill has no day": ("BILLS-119hr1rh 2025-05-20, BILLS-119hr1ih", "119hr1ih 119hr1rh"),
}


@pytest.mark.parametrize(("listed", "expected"), ORDERS.values(), ids=ORDERS)
def test_us_18_a_version_stands_where_its_kind_puts_it(listed: str, expected: str) -> None:
    rows = [(package, on or None) for package, _, on in (one.partition(" ") for one in listed.split(", "))]
    assert in_order(*rows) == expected.split()
    assert in_order(*rows[::-1]) == expected.split()


def test_us_18_the_xml_of_a_law_lies_below_uslm() -> None:
    law, bill = (
        TextVersion("PLAW-117publ108", "Public Law", None),
        TextVersion("BILLS-117hr1enr", "Enrolled Bill", None),
    )
    below = "https://www.govinfo.gov/content/pkg"
    assert law.addresses("https://www.govinfo.gov") == (
        f"{below}/PLAW-117publ108/uslm/PLAW-117publ108.xml",
        f"{below}/PLAW-117publ108/uslm/PLAW-117publ108_uslm.xml",
        f"{below}/PLAW-117publ108/html/PLAW-117publ108.htm",
    )
    assert bill.addresses("https://www.govinfo.gov")[0] == f"{below}/BILLS-117hr1enr/xml/BILLS-117hr1enr.xml"
