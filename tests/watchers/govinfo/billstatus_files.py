"""A constructed bill as GovInfo would have written it at any time since 2015."""

from __future__ import annotations

from html import escape

VERSIONS = ("3.0.0", "1.0.0", "unversioned")

REFERRED = "Referred to the House Committee on Foreign Affairs."
PASSED = "On passage Passed by the Yeas and Nays: 217 - 212 (Roll no. 12)."
TWO = (("H11100", "2", REFERRED, None), ("1000", "9", "Introduced in House", None))
VOTED = ("H37100", "2", PASSED, "17:10:00")


def written(
    schema: str = "3.0.0",
    *,
    number: int = 9001,
    title: str = "Constructed Act",
    updated: str = "2026-01-06T19:58:27Z",
    actions: tuple[tuple[str, str, str, str | None], ...] = TWO,
    cosponsors: tuple[str, ...] = ("L000596",),
    roll: int | None = None,
) -> bytes:
    """Write one file. `actions` are code, source, text and time of day, newest first; `roll` is the roll call of the
    lines that name it."""
    body = _modern if schema == "3.0.0" else _early
    return body(schema, number, escape(title), updated, actions, cosponsors, roll).encode()


def _modern(
    schema: str,
    number: int,
    title: str,
    updated: str,
    actions: tuple[tuple[str, str, str, str | None], ...],
    cosponsors: tuple[str, ...],
    roll: int | None,
) -> str:
    lines = "".join(_line(*line, votes=_vote(roll) if roll and str(roll) in line[2] else "") for line in actions)
    return f"""<?xml version="1.0" encoding="utf-8" standalone="no"?>
<billStatus><version>{schema}</version><bill>
<number>{number}</number><updateDate>{updated}</updateDate><updateDateIncludingText>{updated}</updateDateIncludingText>
<originChamber>House</originChamber><type>HR</type><introducedDate>2025-12-09</introducedDate><congress>119</congress>
<committees>{_committee("")}</committees>
<relatedBills>{_related("S")}</relatedBills>
<actions>{lines}</actions>
<sponsors>{_sponsor("<party>R</party><state>KY</state><isByRequest>N</isByRequest>")}</sponsors>
{"<cosponsors>" + _cosponsors(cosponsors) + "</cosponsors>" if cosponsors else ""}
<policyArea><name>International Affairs</name></policyArea>
<title>{title}</title><titles>{_titles(title)}</titles>
<textVersions>{_TEXT}</textVersions>
<summaries><summary><versionCode>00</versionCode><actionDate>2025-12-09</actionDate>
<actionDesc>Introduced in House</actionDesc><cdata><text><![CDATA[<p>It says &amp; does.</p>]]></text></cdata></summary>
</summaries></bill></billStatus>"""


def _early(
    schema: str,
    number: int,
    title: str,
    updated: str,
    actions: tuple[tuple[str, str, str, str | None], ...],
    cosponsors: tuple[str, ...],
    roll: int | None,
) -> str:
    oldest = schema == "unversioned"
    lines = "".join(
        _line(code, source, text, _twelve(time) if oldest else time) for code, source, text, time in actions
    )
    area = "<name>International Affairs</name>"
    sponsor = "" if oldest else "<party>R</party><state>KY</state>"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<billStatus><bill>
<billNumber>{number}</billNumber><createDate>{updated}</createDate><updateDate>{updated}</updateDate>
<originChamber>House</originChamber><billType>HR</billType><introducedDate>2025-12-09</introducedDate>
<congress>119</congress><recordedVotes>{_vote(roll, inner=True) if roll else ""}</recordedVotes>
<committees><billCommittees>{_committee("<subcommittees />")}</billCommittees></committees>
<relatedBills>{_related("S." if oldest else "S")}</relatedBills>
<actions>{lines}<actionTypeCounts><introducedInHouse>1</introducedInHouse></actionTypeCounts></actions>
<sponsors>{_sponsor(sponsor + "<byRequestType />")}</sponsors>
<cosponsors>{_cosponsors(cosponsors)}</cosponsors><laws /><amendments />
{f"<primarySubject>{area}</primarySubject>" if oldest else f"<policyArea>{area}</policyArea>"}
<title>{title}</title><titles>{_titles(title)}</titles>
{"" if oldest else f"<textVersions>{_TEXT}</textVersions>"}
<summaries><billSummaries><item><versionCode>00</versionCode><actionDate>2025-12-09</actionDate>
<actionDesc>Introduced in House</actionDesc><text><![CDATA[<p>It says &amp; does.</p>]]></text></item></billSummaries>
</summaries>{"" if oldest else f"<version>{schema}</version>"}</bill></billStatus>"""


def _line(code: str, source: str, text: str, time: str | None, votes: str = "") -> str:
    told = f"<actionTime>{time}</actionTime>" if time else ""
    committee = (
        "<committees><item><systemCode>hsfa00</systemCode><name>Foreign Affairs Committee</name></item></committees>"
        if "Committee" in text
        else ""
    )
    return f"""<item><actionDate>2025-12-09</actionDate>{told}{committee}<links /><text>{escape(text)}</text>
<type>IntroReferral</type><actionCode>{code}</actionCode>
<sourceSystem><code>{source}</code><name>some source</name></sourceSystem>{votes}</item>"""


def _vote(roll: int | None, inner: bool = False) -> str:
    vote = f"""<recordedVote><rollNumber>{roll}</rollNumber><chamber>House</chamber><congress>119</congress>
<date>2025-12-09T22:10:00Z</date><sessionNumber>1</sessionNumber><url>https://clerk.example/evs/2025/roll{roll}.xml</url>
</recordedVote>"""
    return vote if inner else f"<recordedVotes>{vote}</recordedVotes>"


def _twelve(time: str | None) -> str | None:
    if time is None:
        return None
    hour = int(time[:2])
    return f"{(hour - 1) % 12 + 1:02}{time[2:5]}{'AM' if hour < 12 else 'PM'}"


def _committee(more: str) -> str:
    return f"""<item><systemCode>hsfa00</systemCode><name>Foreign Affairs Committee</name><chamber>House</chamber>
<type>Standing</type><activities><item><name>Referred To</name><date>2025-12-09T17:05:05Z</date></item></activities>
{more}</item>"""


def _related(kind: str) -> str:
    return f"""<item><title>Another</title><congress>119</congress><number>2174</number><type>{kind}</type>
<relationshipDetails><item><type>Identical bill</type><identifiedBy>CRS</identifiedBy></item></relationshipDetails>
</item>"""


def _sponsor(more: str) -> str:
    return f"""<item><bioguideId>M001184</bioguideId><fullName>Rep. Massie, Thomas [R-KY-4]</fullName>{more}</item>"""


def _cosponsors(names: tuple[str, ...]) -> str:
    return "".join(
        f"""<item><bioguideId>{name}</bioguideId><fullName>Rep. {name} [R-FL-13]</fullName>
<sponsorshipDate>2025-12-10</sponsorshipDate><isOriginalCosponsor>False</isOriginalCosponsor></item>"""
        for name in names
    )


def _titles(title: str) -> str:
    kinds = ("Display Title", "Short Title(s) as Introduced", "Official Title as Introduced")
    return "".join(f"<item><titleType>{kind}</titleType><title>{title}</title></item>" for kind in kinds)


_TEXT = """<item><type>Introduced in House</type><date>2025-12-09T05:00:00Z</date><formats><item>
<url>https://www.govinfo.gov/content/pkg/BILLS-119hr9001ih/xml/BILLS-119hr9001ih.xml</url></item></formats></item>"""
