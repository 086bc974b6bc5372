"""Which words do facets have in common, so that none needs to spell them out?

A preset dictionary for zlib, commonest last; short bodies shrink by a third. A stored stream names the dictionary it
was made with by checksum, so this text must never change once released: a better one is added to `DICTIONARIES` and
becomes the one for writing.
"""

from __future__ import annotations

import zlib

_FIRST = (
    b'{"":{"chamber":"Senate","congress":118,"introduced_on":"2023-01-","number":"","type":"s"}}'
    b'{"policy_area":{"text":"Armed Forces and National SecurityInternational AffairsGovernment Operations and Politics'
    b'TaxationHealthCrime and Law EnforcementPublic Lands and Natural Resources"}}'
    b'{"us/bill/118/s/":{"identified_by":["CRS","House","Senate"],"label":"Related bill","text":"Identical bill: '
    b'Procedurally-related: Related bill: HR "label":"Public Law 118-","text":"Public Law 117-"'
    b'"label":"Short Titles as Passed HouseShort Title(s) as ReportedOfficial Title as Introduced: To amend title 18, '
    b"United States Code, to provide for A bill to amend the Internal Revenue Code of 1986 to require the Secretary of "
    b'the Interior and for other purposes.","text":"To direct the Secretary of to establish of the Social Security Act '
    b'to prohibit and Act of 2023","type":"Short Title(s) as Introduced"}'
    b'"formats":[{"type":"Formatted Text","url":"https://www.congress.gov/118/bills/s/BILLS-118s1is.htm"},'
    b'{"type":"PDF","url":"https://www.congress.gov/119/bills/hr/BILLS-119hr1rh.pdf"},'
    b'{"type":"Formatted XML","url":"https://www.congress.gov/119/bills/hr/BILLS-119hr1ih.xml"}],'
    b'"label":"Engrossed in HouseReferred in SenateReported in HousePlaced on Calendar SenateEnrolled Bill'
    b'Introduced in Senate","on":"2025-01-03","text":"Text published: Introduced in House"}'
    b'{"M000000":{"by_request":false,"label":"Sen. [D-CA]","party":"D","state":"TX","text":"Sponsor: Rep. [R-TX-1]"}}'
    b'{"display":{"text":"A resolution expressing the sense of the Senate thatTo amend the "}}'
    b'{"hsju00":{"activities":[{"on":"2025-","name":"Referred to"},{"name":"Reported by","on":null},'
    b'{"name":"Markup by"},{"name":"Discharged from"}],"chamber":"House","label":"Energy and Commerce Committee'
    b"Ways and Means CommitteeForeign Affairs CommitteeHomeland Security and Governmental Affairs CommitteeFinance "
    b'CommitteeNatural Resources Committee","on":"2025-02-","parent":"hs","text":"Committee: Judiciary Committee"},"ss'
    b'"label":"Sen. [D-NY]","on":"2025-03-","original":false,"text":"Cosponsor: Sen. ","withdrawn_on":null},"S00":'
    b'{"label":"Rep. [D-CA-1]","on":"2025-04-","original":true,"text":"Cosponsor: Rep. [R-FL-1]","withdrawn_on":null},'
    b'"B001","committees":["hsif00"],"on":"2024-12-","source":"House committee actions","text":"Ordered to be Reported '
    b'by the Yeas and Nays: Forwarded by Subcommittee to Full Committee by Voice Vote.","type":"Committee"}'
    b'"code":"H37300","text":"On motion to suspend the rules and pass the bill, as amended Agreed to by the Yeas and '
    b'Nays: (2/3 required): (Roll no. ). (text: CR H)","type":"Floor"'
    b"Considered under suspension of the rules. Motion to reconsider laid on the table Agreed to without objection. "
    b"moved to suspend the rules and pass the bill. The House proceeded with forty minutes of debate on At the "
    b"conclusion of debate, the Yeas and Nays were demanded and ordered. Pursuant to the provisions of clause 8, rule "
    b"XX, the Chair announced that further proceedings on the motion would be postponed."
    b"Placed on the Union Calendar, Calendar No. Placed on Senate Legislative Calendar under General Orders. Calendar "
    b"No. Received in the Senate and Read twice and referred to the Committee on Passed Senate with an amendment by "
    b"Unanimous Consent. Message on Senate action sent to the House. Became Public Law No: 118-. Signed by President. "
    b"Presented to President. Reported by the Committee on H. Rept. 118-, Part I. Committee on . Reported by Senator "
    b"with an amendment in the nature of a substitute. With written report No. "
    b'"code":"Intro-H","on":"2025-01-","source":"House floor actions","text":"Introduced in House","type":'
    b'"IntroReferral"},"code":"10000","source":"Senate","text":"Introduced in Senate","type":"IntroReferral"},'
    b'"code":"1000","committees":[],"on":"2023-","source":"Library of Congress","text":"Referred to the '
    b"Subcommittee on "
    b"Referred to the Committee on , and in addition to the Committee on , for a period to be subsequently determined "
    b"by the Speaker, in each case for consideration of such provisions as fall within the jurisdiction of the "
    b'committee concerned.","type":"IntroReferral"},"code":"H11100","committees":[],"on":"2025-",'
    b'"source":"House floor actions","text":"Referred to the House Committee on ","type":"IntroReferral"},"2025-'
)

WRITING = _FIRST

DICTIONARIES = {zlib.adler32(text): text for text in (_FIRST,)}
"""Every dictionary ever used, by the checksum that a stream made with it carries."""
