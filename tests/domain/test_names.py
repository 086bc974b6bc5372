"""What people type and paste, and the documents they mean."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.documents import DocumentId
from domain.errors import UnknownName
from domain.jurisdictions.us.names import us_bill
from domain.names import LONGEST, Basis, nearest, resolve

TODAY = date(2026, 1, 20)
NATO = us_bill(119, "hr", 6508)

STATED = [
    ("us/bill/119/hr/6508", "us/bill/119/hr/6508"),
    ("US/Bill/119/HR/6508", "us/bill/119/hr/6508"),
    ("us/bill/119/hr/0001", "us/bill/119/hr/1"),
    ("us/amendment/119/samdt/2382", "us/amendment/119/samdt/2382"),
    ("us/law/118/public/50", "us/law/118/public/50"),
    ("us/fr/2026-20321", "us/fr/2026-20321"),
    ("hr6508-119", "us/bill/119/hr/6508"),
    ("119-hr-6508", "us/bill/119/hr/6508"),
    ("119hr6508", "us/bill/119/hr/6508"),
    ("118/hr/1", "us/bill/118/hr/1"),
    ("hr1-118", "us/bill/118/hr/1"),
    ("HR 6508 (119th)", "us/bill/119/hr/6508"),
    ("H.R. 6508, 119th Congress", "us/bill/119/hr/6508"),
    ("HR 6508 · 119th", "us/bill/119/hr/6508"),
    ("[HR 6508 · 119th]", "us/bill/119/hr/6508"),
    ("119th Congress S. 2174", "us/bill/119/s/2174"),
    ("H.R.6508 - 119th Congress (2025-2026): NATO Act | Congress.gov", "us/bill/119/hr/6508"),
    ("NATO Act (H.R. 6508, 119th Congress)", "us/bill/119/hr/6508"),
    ("S.257 – A title (118th Congress)", "us/bill/118/s/257"),
    ("HR 6508 (119): NATO Act", "us/bill/119/hr/6508"),
    ("HB 6508, 119th Congress", "us/bill/119/hr/6508"),
    ("BILLSTATUS-119hr6508.xml", "us/bill/119/hr/6508"),
    ("BILLS-119hr6508ih", "us/bill/119/hr/6508"),
    ("BILLS-118hconres58eh.htm", "us/bill/118/hconres/58"),
    ("PLAW-118publ50", "us/law/118/public/50"),
    ("https://www.congress.gov/bill/119th-congress/house-bill/6508", "us/bill/119/hr/6508"),
    ("https://www.congress.gov/bill/119th-congress/house-bill/6508/all-actions?s=1&r=2#x", "us/bill/119/hr/6508"),
    ("congress.gov/bill/118th-congress/senate-joint-resolution/9", "us/bill/118/sjres/9"),
    ("https://api.congress.gov/v3/bill/119/hr/6508/actions?format=json", "us/bill/119/hr/6508"),
    (
        "https://www.congress.gov/amendment/119th-congress/senate-amendment/2382/text",
        "us/amendment/119/samdt/2382",
    ),
    ("https://www.govinfo.gov/bulkdata/BILLSTATUS/119/hr/BILLSTATUS-119hr6508.xml", "us/bill/119/hr/6508"),
    ("https://www.govinfo.gov/app/details/BILLS-119hr6508ih", "us/bill/119/hr/6508"),
    ("https://www.govinfo.gov/link/bills/119/hr/6508", "us/bill/119/hr/6508"),
    ("https://www.govinfo.gov/content/pkg/PLAW-118publ50/html/PLAW-118publ50.htm", "us/law/118/public/50"),
    ("https://www.govtrack.us/congress/bills/119/hr6508", "us/bill/119/hr/6508"),
    ("ua/decree/793/2025", "ua/decree/793/2025"),
    ("793/2025", "ua/decree/793/2025"),
    ("№793/2025", "ua/decree/793/2025"),
    ("№ 793/2025", "ua/decree/793/2025"),
    ("№\u00a0793/2025", "ua/decree/793/2025"),
    ("N 793/2025", "ua/decree/793/2025"),
    ("No. 793/2025", "ua/decree/793/2025"),
    ("УКАЗ ПРЕЗИДЕНТА УКРАЇНИ №904/2026", "ua/decree/904/2026"),
    ("4643-IX", "ua/law/4643-ix"),
    ("4643-ix", "ua/law/4643-ix"),
    ("4643-ІХ", "ua/law/4643-ix"),
    ("4643-20", "ua/law/4643-ix"),
    ("2630-19", "ua/law/2630-viii"),
    ("Закон України від 21.10.2025 № 4643-IX", "ua/law/4643-ix"),
    ("ua/law/4643-ix", "ua/law/4643-ix"),
    ("ua/bill/9/14128", "ua/bill/9/14128"),
    ("ua/regime/martial-law", "ua/regime/martial-law"),
    ("https://www.president.gov.ua/documents/8752026-61465", "ua/decree/875/2026"),
    ("https://www.president.gov.ua/en/documents/7932025-56989", "ua/decree/793/2025"),
    ("https://zakon.rada.gov.ua/laws/show/793/2025#Text", "ua/decree/793/2025"),
    ("https://zakon.rada.gov.ua/laws/show/793%2F2025", "ua/decree/793/2025"),
    ("https://zakon.rada.gov.ua/laws/show/en/4643-20", "ua/law/4643-ix"),
    ("https://data.rada.gov.ua/laws/card/4643-20.json", "ua/law/4643-ix"),
    ("https://data.rada.gov.ua/laws/show/793/2025.txt", "ua/decree/793/2025"),
    ("https://zakon.rada.gov.ua/laws/show/793/2025/ed20251105", "ua/decree/793/2025"),
    ("https://zakon.rada.gov.ua/laws/show/793/2025/print", "ua/decree/793/2025"),
    ("zakon.rada.gov.ua/go/4643-20", "ua/law/4643-ix"),
    ("source/congress", "source/congress"),
]


@pytest.mark.parametrize(("typed", "expected"), STATED, ids=[typed for typed, _ in STATED])
def test_names_exactly_one_document(typed: str, expected: str) -> None:
    name = resolve(typed, today=TODAY)
    assert str(name.document) == expected
    assert name.basis is Basis.STATED
    assert name.remark is None


ASSUMED = [
    ("HR 6508", "us/bill/119/hr/6508"),
    ("H.R.6508", "us/bill/119/hr/6508"),
    ("H. R. 6508", "us/bill/119/hr/6508"),
    ("hr6508", "us/bill/119/hr/6508"),
    ("HR 0001", "us/bill/119/hr/1"),
    ("hr-1", "us/bill/119/hr/1"),
    ("S. 2174", "us/bill/119/s/2174"),
    ("s2174", "us/bill/119/s/2174"),
    ("H.J.Res. 105", "us/bill/119/hjres/105"),
    ("S.J.Res.9", "us/bill/119/sjres/9"),
    ("H. Con. Res. 58", "us/bill/119/hconres/58"),
    ("S.Con.Res. 7", "us/bill/119/sconres/7"),
    ("H.Res. 12", "us/bill/119/hres/12"),
    ("H. Res. 12", "us/bill/119/hres/12"),
    ("S. Res. 3", "us/bill/119/sres/3"),
    ("НR 6508", "us/bill/119/hr/6508"),  # the first letter is Cyrillic
]


@pytest.mark.parametrize(("typed", "expected"), ASSUMED, ids=[typed for typed, _ in ASSUMED])
def test_a_bill_without_a_congress_means_the_current_one_and_says_so(typed: str, expected: str) -> None:
    name = resolve(typed, today=TODAY)
    assert str(name.document) == expected
    assert name.basis is Basis.CURRENT
    assert "119th Congress, the current one" in (name.remark or "")


def test_a_bill_without_a_congress_means_the_watched_one_first() -> None:
    name = resolve("HR 6508", today=date(2027, 2, 1), watched={"NATO": NATO})
    assert name.document == NATO
    assert name.basis is Basis.WATCHED
    assert "the one watched" in (name.remark or "")


def test_of_two_watched_congresses_the_newest_is_meant() -> None:
    watched = {"old": us_bill(99, "hr", 1), "new": us_bill(118, "hr", 1)}
    assert resolve("hr1", today=TODAY, watched=watched).document == us_bill(118, "hr", 1)


@pytest.mark.parametrize("typed", ["NATO exit", "nato EXIT", " NATO  exit "])
def test_the_name_of_a_watch_names_its_document(typed: str) -> None:
    assert resolve(typed, today=TODAY, watched={"NATO exit": NATO}).document == NATO


PASTED = [
    ("H.R.6508 - NATO Act", "us/bill/119/hr/6508"),
    ("House bill 6508", "us/bill/119/hr/6508"),
    ("HB 6508", "us/bill/119/hr/6508"),
    ("HCR 28", "us/bill/119/hconres/28"),
    ("H.R. 6508: NATO Act", "us/bill/119/hr/6508"),
    ("HR 6508, the NATO Act", "us/bill/119/hr/6508"),
    ("NATO Act (HR 6508)", "us/bill/119/hr/6508"),
    ("bill HR 6508", "us/bill/119/hr/6508"),
    ("SB 12", "us/bill/119/s/12"),
    ("U.S. Senate Bill 12", "us/bill/119/s/12"),
    ("HJR 105", "us/bill/119/hjres/105"),
    ("SCR 4", "us/bill/119/sconres/4"),
    ("House Joint Resolution 105", "us/bill/119/hjres/105"),
    ("senate resolution 9", "us/bill/119/sres/9"),
    ("S.J.Res. 7 - A joint resolution on it", "us/bill/119/sjres/7"),
]


@pytest.mark.parametrize(("typed", "expected"), PASTED, ids=[typed for typed, _ in PASTED])
def test_desk_28_pasted_forms_name_a_bill_of_the_current_congress(typed: str, expected: str) -> None:
    found = resolve(typed, today=TODAY)
    assert (str(found.document), found.basis) == (expected, Basis.CURRENT)


REFUSED = [
    ("", "it is empty"),
    ("   ", "it is empty"),
    ("nonsense", "names no document"),
    ("6508", "names no document"),
    ("hr", "names no document"),
    ("hr 65 08x", "names no document"),
    ("hr１", "not one of the digits 0-9"),
    ("hr١", "not one of the digits 0-9"),
    ("hr²", "not one of the digits 0-9"),
    ("HR 6508, HR 1", "it names several bills"),
    ("HR 6508 - companion of S. 12", "it names several bills"),
    ("hr99999999999", "no such bill"),
    ("hr9999999999999999999999", "is not a number"),
    ("hr0", "no such bill"),
    ("hr1-0", "no such bill"),
    ("118-hr-1-119", "two Congresses"),
    ("1.234/2025", "names no document"),
    ("1,234/2025", "names no document"),
    ("1234-bis/2025", "names no document"),
    ("793/1800", "no decree"),
    ("0/2025", "no decree"),
    ("4643-IIX", "no convocation"),
    ("4643-11", "no convocation"),
    ("us/bill/119/hr", "us/bill/CONGRESS/TYPE/NUMBER"),
    ("us/bil/119/hr/6508", "not a kind of document"),
    ("us/bill/119/hx/6508", "not a bill type"),
    ("us/bill/119/hr/../../etc", "us/bill/CONGRESS/TYPE/NUMBER"),
    ("ua/regime/../../etc/passwd", "lower-case ASCII parts"),
    ("../../etc/passwd", "names no document"),
    ("https://example.org/bill/119/hr/6508", "expected an address of congress.gov"),
    ("https://congress.gov.example.org/bill/119/hr/6508", "expected an address of congress.gov"),
    ("ftp://www.congress.gov/bill/119/hr/6508", "expected an address of congress.gov"),
    ("https://www.congress.gov/members", "not that of a document"),
    ("https://www.president.gov.ua/documents/5832021-rp-40681", "not that of a document"),
    ("https://zakon.rada.gov.ua/laws/main/r", "not that of a document"),
    ("https://[::1", "names no document"),
    ("x" * (LONGEST + 1), "longer than"),
    ("hr\x1b[31m6508", "names no document"),
]


@pytest.mark.parametrize(("typed", "why"), REFUSED, ids=[repr(typed[:40]) for typed, _ in REFUSED])
def test_refuses_what_names_nothing_and_lists_the_accepted_forms(typed: str, why: str) -> None:
    with pytest.raises(UnknownName) as refused:
        resolve(typed, today=TODAY)
    message = str(refused.value)
    assert why in message
    assert "accepted: us/bill/119/hr/6508, HR 6508" in message
    assert "\x1b" not in message
    assert len(message) < 800


def test_names_the_nearest_known() -> None:
    with pytest.raises(UnknownName, match="nearest known: ua/regime/martial-law"):
        resolve("ua/regimes/martial-law", today=TODAY, known=["ua/regime/martial-law", "us/bill/119/hr/6508"])
    assert nearest("white house action", ["White House actions", "NATO"]) == ["White House actions"]


@given(st.text(max_size=40))
def test_any_text_is_a_document_or_a_clear_refusal(typed: str) -> None:
    try:
        document = resolve(typed, today=TODAY).document
    except UnknownName:
        return
    assert DocumentId.parse(str(document)) == document


@given(
    st.integers(1, 119),
    st.sampled_from(["hr", "s", "hjres", "sjres", "hconres", "sconres", "hres", "sres"]),
    st.integers(1, 99_999),
    st.sampled_from(["{c}-{t}-{n}", "{t}{n}-{c}", "{c}/{t}/{n}", "us/bill/{c}/{t}/{n}"]),
)
def test_every_way_to_write_a_bill_names_the_same_bill(congress: int, kind: str, number: int, form: str) -> None:
    typed = form.format(c=congress, t=kind, n=number)
    assert resolve(typed, today=TODAY).document == us_bill(congress, kind, number)


@pytest.mark.parametrize("identity", ["feed/white-house-actions", "feed/white-house-actions/0123456789abcdef"])
def test_a_feed_and_its_entries_are_named_by_their_identity(identity: str) -> None:
    assert str(resolve(identity, today=date(2026, 1, 6)).document) == identity
