"""Which words do facets have in common, so that none needs to spell them out?

A preset dictionary for zlib, commonest last; short bodies shrink by a third. A stored stream names the dictionary it
was made with by checksum, so this text must never change once released: a better one is added to `DICTIONARIES` and
becomes the one for writing.
"""

from __future__ import annotations

import zlib

_FIRST = (
    "This bill prohibits requires the Department of Health and Human Services Defense Agriculture Veterans Affairs "
    "(VA) Homeland Security (DHS) Education the Environmental Protection Agency (EPA) Government Accountability "
    "Office (GAO) This bill reauthorizes through FY2025 the program for and establishes This bill modifies "
    "provisions relating to the must report to Congress on The bill also provides statutory authority for "
    "individuals who are eligible This resolution expresses support for the designation of This bill designates the "
    "facility of the U.S. Postal Service located at Street in as the Post Office Building. federal financial "
    "assistance state and local governments with respect to persons from the services that such as including for "
    'certain activities, grants to carry out the "policy_area":{"text":"Economics and Public FinanceForeign Trade '
    "and International FinanceLabor and EmploymentEducationEnergyEnvironmental ProtectionImmigrationNative "
    "AmericansEmergency ManagementScience, Technology, CommunicationsTransportation and Public WorksFinance and "
    "Financial SectorCommerceHealthPublic Lands and Natural ResourcesCrime and Law EnforcementInternational "
    'AffairsCongressArmed Forces and National SecurityTaxationGovernment Operations and Politics"}},"summaries":{"u'
    's/vote/118/senate/2024/0":{"chamber":"Senate","congress":118,"label":"Senate roll call 1","on":"2024-","roll":'
    '1,"session":2,"taken_at":"2024-T21:00:00+00:00","text":"Resolving differences -- House actions: On motion that '
    "the House suspend the rules and agree to the Senate amendment Agreed to by the Yeas and Nays: (2/3 required): "
    "Resolving differences -- Senate actions: Senate concurred in the House amendment to Record Vote Number: "
    '","url":"https://www.senate.gov/legislative/LIS/roll_call_votes/vote1182/vote_118_2_00001.xml"},"us/vote/119/h'
    'ouse/2025/1":{"chamber":"House","congress":119,"label":"House roll call 1","on":"2025-","roll":1,"session":1,"'
    'url":"https://clerk.house.gov/evs/2025/roll001.xml"}"us/law/119/public/1":{"label":"Public Law '
    '119-","text":"Public Law 119-"}"us/amendment/118/hamdt/1":{"label":"amendment H.Amdt. 1, Amendment sought to '
    'Amendments en bloc printed in part A of House Report 118-","text":"S.Amdt. In the nature of a substitute. To '
    'improve the bill."}"related":{"us/bill/118/hres/1":{"identified_by":["House"],"label":"HRes 1 · 118th: '
    'Procedurally-related","text":"Procedurally-related: HRes 1 · 118th"},"us/bill/118/s/1":{"identified_by":["CRS"'
    ',"House"],"label":"S 1 · 118th: Identical bill","text":"Identical bill: S 1 · 118th"},"us/bill/117/hr/1":{"ide'
    'ntified_by":["CRS"],"label":"HR 1 · 117th: Related bill","text":"Related bill: HR 1 · 117th"},"laws":{},"relat'
    'ed":{},"sponsors":{"M000":{"by_request":false,"label":"Sen. [D-MI]","party":"D","state":"MI","text":"Sponsor: '
    'Sen. [D-MI]"}},"subjects":{"policy_area":{"text":"Health"}},"summaries":{"55":{"label":"Passed Senate (100 '
    'words)","36":{"label":"Passed House (100 words)","on":"2022-","text":"(This measure has not been amended since '
    'it was The summary of that version is repeated here.) "17":{"label":"Reported to House (100 '
    'words)","49":{"label":"Public Law (100 words)","01":{"label":"Introduced in Senate (50 words)","on":"2023-","0'
    '0":{"label":"Introduced in House (50 words)","on":"2025-","text":"This bill "}},"texts":{"Public '
    'Law":{"formats":[{"type":"Formatted XML","url":"https://www.govinfo.gov/content/pkg/PLAW-119publ1_uslm/xml/PLA'
    'W-119publ1_uslm.xml"}],"label":"Public Law","on":null,"text":"Text published: Public '
    'Law"}"formats":[{"type":"Formatted Text","url":"https://www.congress.gov/119/bills/hr1/BILLS-119hr1ih.htm"},{"'
    'type":"PDF","url":"https://www.congress.gov/119/bills/hr1/BILLS-119hr1ih.pdf"},{"type":"Formatted '
    'XML","url":"https://www.congress.gov/119/bills/s1/BILLS-119s1is.xml"}],"label":"Placed on Calendar '
    "SenateReported to SenateReported in HouseReferred in SenateReceived in SenateEnrolled BillEngrossed in "
    'SenateEngrossed in HouseIntroduced in SenateIntroduced in House""Unnamed '
    'version":{"formats":[],"label":"Unnamed version","on":null,"text":"Text published: Unnamed '
    'version"}},"Engrossed in House":{"formats":[{"type":"Formatted XML","url":"https://www.govinfo.gov/content/pkg'
    '/BILLS-119hr1eh/xml/BILLS-119hr1eh.xml"}],"label":"Engrossed in House","on":"2025-","text":"Text published: '
    'Engrossed in House"},"Introduced in Senate":{"formats":[{"type":"Formatted XML","url":"https://www.govinfo.gov'
    '/content/pkg/BILLS-119s1is/xml/BILLS-119s1is.xml"}],"label":"Introduced in Senate","on":"2025-","text":"Text '
    'published: Introduced in Senate"},"Introduced in House":{"formats":[{"type":"Formatted XML","url":"https://www'
    '.govinfo.gov/content/pkg/BILLS-119hr1ih/xml/BILLS-119hr1ih.xml"}],"label":"Introduced in '
    'House","on":"2025-","text":"Text published: Introduced in House"},"title":{"display":{"text":"A resolution '
    'expressing the sense of the Senate that A bill to provide for "}},"titles":{"Short Titles as Reported to Senate '
    "for portions of this billShort Titles as EnactedShort Titles as Passed SenateShort Titles as Passed House for "
    "portions of this billShort Title(s) as Introduced for portions of this billOfficial Titles as Amended by House: "
    "To amend the Internal Revenue Code of 1986 to require the Secretary of the Interior Veterans Affairs to "
    'establish direct the Federal and for other purposes.","type":"Official Title as '
    'Introduced"},"101:0":{"label":"Short Titles as Introduced: ","type":"Short Titles as '
    'Introduced"},"102:0":{"label":"Short Title(s) as Introduced: Act of 2025","text":"Act of 2023","type":"Short '
    'Title(s) as Introduced"},"6:0":{"label":"Official Title as Introduced: A bill to amend the Social Security Act '
    'to provide for To amend title 18, United States Code, to prohibit and for other purposes.","text":"To amend '
    'title 38, United States Code, to authorize ","type":"Official Title as Introduced"}},"votes":{}}"committees":{'
    '"hshm00":{"activities":[{"name":"Referred to","on":"2025-"},{"name":"Markup by","on":"2025-"},{"name":"Reported '
    'by","on":"2025-"},{"name":"Hearings by","on":"},{"name":"Discharged from","on":""}],"chamber":"House","label":'
    '"Appropriations Education and LaborTransportation and InfrastructureAgricultureFinancial ServicesEducation and '
    "the WorkforceScience, Space, and TechnologyArmed ServicesHomeland SecurityHouse AdministrationRulesSmall "
    "BusinessForeign AffairsWays and MeansOversight and ReformEnergy and CommerceNatural ResourcesVeterans' Affairs "
    'Committee (reported by, 2025-","parent":"hsii00","text":"Committee: Veterans\' Affairs Committee"},"ssju00":{"'
    'activities":[{"name":"Referred to","on":"2025-"}],"chamber":"Senate","label":"Health, Education, Labor, and '
    "PensionsForeign RelationsEnergy and Natural ResourcesIndian AffairsCommerce, Science, and "
    "TransportationFinanceBanking, Housing, and Urban AffairsHomeland Security and Governmental AffairsJudiciary "
    'Committee (referred to, 2025-","on":"2025-","text":"Committee: Judiciary Committee"}},"cosponsors":{"R000":{"l'
    'abel":"Sen. [R-TX]","on":"2025-","original":false,"party":"R","state":"TX","text":"Cosponsor: Sen. [R-TX] (2 '
    'cosponsors: 1 D, 1 R)","totals":{"D":1,"R":1},"withdrawn_on":null},"S000":{"label":"Sen. [D-NY]","on":"2023-",'
    '"original":true,"party":"D","state":"NY","text":"Cosponsor: Sen. [D-NY] (3 cosponsors: 3 D)","totals":{"D":3},'
    '"withdrawn_on":null},"C001":{"label":"Rep. [R-FL-1]","on":"2025-","original":false,"party":"R","state":"FL","t'
    'ext":"Cosponsor: Rep. [R-FL-1] (1 cosponsor: 1 R)","totals":{"R":1},"withdrawn_on":null},"B001":{"label":"Rep. '
    '[D-CA-1]","on":"2025-","original":true,"party":"D","state":"CA","text":"Cosponsor: Rep. [D-CA-1] (1 cosponsor: '
    '1 D)","totals":{"D":1},"withdrawn_on":null}},"evidence":{"":"facets":{"actions":{},"amendments":{},"committees'
    '":{},"cosponsors":{},"item":{"":{"chamber":"Senate","congress":118,"introduced_on":"2023-","number":"1","type"'
    ':"s"}},"item":{"":{"chamber":"House","congress":119,"introduced_on":"2025-","number":"1","type":"hr"}},"laws":'
    '{},"related":{},"sponsors":{"C001":{"by_request":false,"label":"Rep. [R-TX-1]","party":"R","state":"TX","text"'
    ':"Sponsor: Rep. [R-TX-1]"}},"words":[["REFERRED","REPORTED","],[null,""codes":["H30200/2"],"text":"Rule '
    "provides for consideration of with 1 hour of general debate. The previous question was ordered pursuant to the "
    "rule. DEBATE - Pursuant to the provisions of H. Res. the House proceeded with one hour of debate on Considered "
    "under the provisions of rule H. Res. (consideration: CR H; text: CR H)On motion to suspend the rules and pass "
    "the bill, as amended Agreed to by the Yeas and Nays: (2/3 required): - (Roll no. ). (text: CR H)Passed/agreed "
    "to in House: On motion to suspend the rules and pass the bill, as amended Agreed to by voice vote. (text: CR "
    'H)","step":"passed:house:amended"Passed/agreed to in Senate: Passed Senate with an amendment by Unanimous '
    "Consent. Passed Senate without amendment by Unanimous Consent. (consideration: CR S; text: CR "
    'S)"step":"passed:senate",By Senator from Committee on filed written report. Report No. 118-. Additional views '
    "filed.Senate Committee on discharged by Unanimous Consent. Measure laid before Senate by unanimous consent. "
    "Committee on Homeland Security and Governmental Affairs. Reported by Senator with an amendment in the nature of "
    "a substitute. With written report No. 118-. Committee on Energy and Natural Resources. Ordered to be reported "
    "with an amendment in the nature of a substitute favorably. without amendment favorably. Committee on Indian "
    "Affairs. Hearings held. Reported (Amended) by the Committee on H. Rept. 118-, Part I. Placed on the Union "
    "Calendar, Calendar No. Placed on Senate Legislative Calendar under General Orders. Calendar No. "
    '","type":"Calendars"Ordered to be Reported (Amended) by the Yeas and Nays: 24 - 16. Subcommittee Hearings Held. '
    "Forwarded by Subcommittee to Full Committee by Voice Vote. Committee Consideration and Mark-up Session Held. "
    'Ordered to be Reported by Unanimous Consent."codes":["E40000/2"],"label":"Became Public Law No: '
    '118-.","step":"law","type":"BecameLaw","codes":["E30000/2"],"label":"Signed by President.","step":"signed","co'
    'des":["28000/9","E20000/2"],"label":"Presented to President.","step":"presented","text":"Presented to '
    'President.","type":"President"Received in the House. Message on Senate action sent to the House. Held at the '
    "desk. Message on House action received in Senate and at desk: House amendment to Senate bill. Motion to "
    'reconsider laid on the table Agreed to without objection.","time":"16:54:07","codes":["H38310/2"],"codes":["H3'
    '7220/2"],"label":"At the conclusion of debate, the Yeas and Nays were demanded and ordered. Pursuant to the '
    "provisions of clause 8, rule XX, the Chair announced that further proceedings on the motion would be "
    'postponed.","codes":["H8D000/2"],"label":"DEBATE - The House proceeded with forty minutes of debate on '
    '","code":"H30000","codes":["H30000/2"],"committees":[],"label":"Considered under suspension of the rules. '
    '(consideration: CR H)","on":"2023-","source":2,"step":null,"text":"Considered under suspension of the rules. '
    '(consideration: CR H)","time":"15:","type":"Floor","votes":["us/vote/118/house/2023/"]},"code":"H30300","codes'
    '":["H30300/2"],"label":"moved to suspend the rules and pass the bill, as amended.","type":"Floor","votes":[]},'
    '"2025-{"chamber":"House","code":null,"codes":["-/1"],"committees":["hsju00"],"label":"Referred to the '
    'Subcommittee on ","on":"2025-","source":1,"step":"referred","text":"Referred to the Subcommittee on '
    '","time":null,"type":"Committee","votes":[]},{"chamber":"Senate","code":null,"codes":["-/-"],"committees":["ss'
    'ga00"],"label":"Received in the Senate and Read twice and referred to the Committee on ","on":"2025-","source"'
    ':null,"step":"referred","text":"Received in the Senate and Read twice and referred to the Committee on '
    '","time":null,"type":"IntroReferral","votes":[]},"2025-":{"chamber":"Senate","code":"10000","codes":["10000/9"'
    '],"committees":[],"label":"Introduced in Senate","on":"2025-","source":9,"step":"introduced","text":"Introduced '
    'in Senate","time":null,"type":"IntroReferral","votes":[]},"2025-":{"chamber":"House","code":"H11100","codes":['
    '"H11100/2"],"committees":["hsgo00"],"label":"Referred to the Committee on , and in addition to the Committee on '
    ", for a period to be subsequently determined by the Speaker, in each case for consideration of such provisions "
    'as fall within the jurisdiction of the committee concerned.","on":"2025-","source":2,"step":"referred","text":'
    '"Referred to the House Committee on ","time":null,"type":"IntroReferral","votes":[]},"2025-":{"chamber":"House'
    '","code":"1000","codes":["1000/9","Intro-H/9"],"committees":[],"label":"Introduced in House","on":"2025-","sou'
    'rce":9,"step":"introduced","text":"Introduced in House","time":null,"type":"IntroReferral","votes":[]}}'
).encode()

WRITING = _FIRST

DICTIONARIES = {zlib.adler32(text): text for text in (_FIRST,)}
"""Every dictionary ever used, by the checksum that a stream made with it carries."""
