"""What the law of the United States says of bills of Congress, in one place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from domain.documents import DocumentId
from domain.jurisdictions import Jurisdiction, NameRefused, ParsedName, StatusWords, TimeTrigger, stated_number
from domain.jurisdictions.us import names, statuses
from domain.jurisdictions.us.names import congress_end, congress_on, is_bill, ordinal

if TYPE_CHECKING:
    from domain.coded_text import CodedText
    from domain.records.facets import Facet
    from domain.records.record import StatusPoint
    from domain.upcoming import Upcoming

WASHINGTON = ZoneInfo("America/New_York")

FIRST_CONGRESS = 93
"""The oldest Congress (1973) of whose bills the publisher has a list with actions."""

_INTRODUCING = {
    "h": re.compile(r"introduced in (the )?house|sponsor introductory|referred to the (house )?committee", re.I),
    "s": re.compile(r"(introduced|submitted) in (the )?senate|sponsor introductory|read (twice|the first time)", re.I),
}
"""How the line begins with which a bill of either chamber is introduced, or referred on that day."""

_RESERVED = "reserved for "
_FAMILIES = ("res", "conres", "jres")


class UnitedStates(Jurisdiction):
    """Bills and resolutions of the US Congress; its status is derived from official actions."""

    name = "United States"
    regime_labels: ClassVar[Mapping[str, str]] = {
        "term-of-office/congress": "US Congress, term of office",
        "term-of-office/president": "US President, term of office",
    }
    zone = "America/New_York"
    kinds = ("bill", "amendment", "law", "vote", "fr")
    examples = names.EXAMPLES
    hosts = names.HOSTS
    stages = statuses.STAGES
    sentences = statuses.SENTENCES
    phrases = ("House", "Senate", "Hearing", "Markup", "Meeting", "postponed", "cancelled")
    precedence: ClassVar[Mapping[str, tuple[str, ...]]] = {
        # The Government Publishing Office builds its files from the API, every four hours at best: they are never ahead
        # of it while it works, and an imported file may be years old (usgpo/bill-status, README).
        "bill": ("congress", "govinfo"),
    }
    session_key = "congress"
    session_word = "Congress"
    citation_forms = names.CITATION_FORMS
    claim_forms = statuses.CLAIM_FORMS
    session_behind = names.LAW_BEHIND
    session_before = names.LAW_BEFORE
    session_said = r"\b([0-9]{2,3})(?:st|nd|rd|th)[ -](?:Congress|CONGRESS|Cong\.)"

    def parse_id(self, parts: Sequence[str]) -> DocumentId:
        if parts[0] != "bill":
            return super().parse_id(parts)
        if len(parts) != 4:
            raise NameRefused("a bill is written us/bill/CONGRESS/TYPE/NUMBER")
        return names.us_bill(stated_number(parts[1]), parts[2], stated_number(parts[3]))

    def parse_text(self, text: str, today: date, watched: Collection[DocumentId]) -> ParsedName | None:
        package = names.parse_package(text)
        return ParsedName(package) if package else names.parse_bill(text, today, watched)

    def parse_address(self, host: str, path: Sequence[str]) -> DocumentId | None:
        return names.parse_address(host, path)

    def check_session(self, document: DocumentId, today: date) -> None:
        """The current Congress, the next and past ones have bills; the digits of a later one are a slip."""
        known = document.kind in ("bill", "law", "amendment") and document.parts[0].isdecimal()
        congress, current = int(document.parts[0]) if known else 0, congress_on(today)
        if congress > current + 1:
            years = f"{congress_end(congress - 1).year} to {congress_end(congress).year}"
            raise NameRefused(
                f"the {ordinal(congress)} Congress is that of {years}; the current one is the {ordinal(current)} "
                f"({congress_end(current - 1).year} to {congress_end(current).year})"
            )

    def label(self, document: DocumentId) -> str:
        if document.kind == "fr":
            return f"FR {document.parts[0].upper()}"
        return names.bill_label(document) if document.kind == "bill" else super().label(document)

    def public_url(self, document: DocumentId) -> str | None:
        if document.kind == "fr":
            return f"https://www.federalregister.gov/d/{document.parts[0].upper()}"
        return names.bill_url(document) if is_bill(document) else None

    def session_name(self, document: DocumentId) -> str:
        return f"{ordinal(int(document.parts[0]))} Congress"

    def timeline(self, document: DocumentId, facets: Mapping[str, Facet]) -> tuple[StatusPoint, ...]:
        from domain.jurisdictions.us.timeline import timeline  # reading a record needs it, asking for a stage does not

        return timeline(document, facets) if is_bill(document) else ()

    def doubt(self, document: DocumentId, facets: Mapping[str, Facet]) -> CodedText | None:
        from domain.jurisdictions.us.doubts import doubt

        return doubt(document, facets) if is_bill(document) else None

    def is_placeholder(self, title: str | None) -> bool:
        return (title or "").lower().startswith(_RESERVED)

    def is_decided(self, status: str) -> bool:
        return status.startswith(("VETOED", "PROV_KILL:VETO", "FAIL:")) or super().is_decided(status)

    def status_words(self, status: str, document: DocumentId) -> StatusWords | None:
        return statuses.words_of(status, document)

    def all_status_words(self) -> Iterable[StatusWords]:
        return statuses.all_words()

    def stage(self, status: str | None, document: DocumentId, day: date) -> str:
        return statuses.stage(status, document, day) if is_bill(document) else super().stage(status, document, day)

    def ended_on(self, status: str | None, status_on: str | None, document: DocumentId, day: date) -> date | None:
        return statuses.ended_on(status, document, day) if is_bill(document) else None

    def law_name(self, text: str | None) -> str | None:
        return statuses.law_in(text)

    def day(self, now: datetime) -> date:
        """Return the day whose noon has come in Washington: the one by which the end of a Congress is counted."""
        return (now.astimezone(WASHINGTON) - timedelta(hours=12)).date()

    def session_end(self, document: DocumentId) -> datetime | None:
        if document.kind != "bill":
            return None
        return datetime.combine(congress_end(int(document.parts[0])), time(12), WASHINGTON)

    def time_trigger(self, document: DocumentId) -> TimeTrigger | None:
        if not is_bill(document):
            return None
        from domain.jurisdictions.us.timeline import due_at_end

        return TimeTrigger(due_at_end, self.session_end(document), "congress")

    def upcoming(
        self, document: DocumentId, status: str | None, facets: Mapping[str, Facet], now: datetime
    ) -> Iterator[Upcoming]:
        if is_bill(document) and self.stage(status or "INTRODUCED", document, self.day(now)) in statuses.OPEN_STAGES:
            from domain.jurisdictions.us.timeline import end_ahead

            yield end_ahead(document)

    def search_scope(self, today: date, session: str | None = None) -> DocumentId | None:
        newest = congress_on(today) + 1
        congress = congress_on(today) if session is None else int(session) if session.isdecimal() else 0
        if not FIRST_CONGRESS <= congress <= newest:
            raise NameRefused(f"expected the number of a Congress from {FIRST_CONGRESS} to {newest}")
        return DocumentId("us", "bill", (str(congress),))

    def session_began(self, document: DocumentId) -> date | None:
        congress = document.parts[0]
        return congress_end(int(congress) - 1) if document.kind == "bill" and congress.isdecimal() else None

    def began_on(self, document: DocumentId, facets: Mapping[str, Facet]) -> str | None:
        """Of a bill known from a list alone, its latest action may be that of its introduction."""
        latest = facets.get("listed", {}).values() if is_bill(document) and "actions" not in facets else ()
        lines = _INTRODUCING[document.parts[1][0]] if latest else None
        listed = next((one.get("on") for one in latest if lines and lines.match(str(one.get("text")))), None)
        return super().began_on(document, facets) or listed

    def following_session(self, document: DocumentId, day: date) -> DocumentId | None:
        if not is_bill(document) or day < congress_end(int(document.parts[0])):
            return None
        return DocumentId("us", "bill", (str(congress_on(day)),))

    def may_be_reintroduced_as(self, old: DocumentId, new: DocumentId) -> bool:
        """Bills follow bills, resolutions resolutions of their kind, from either chamber, in a later Congress."""
        both = new.jurisdiction == "us" and is_bill(old) and is_bill(new)
        return both and int(new.parts[0]) > int(old.parts[0]) and _family(old) == _family(new)


def _family(document: DocumentId) -> str:
    kind = document.parts[1][1:]
    return kind if kind in _FAMILIES else "bill"


JURISDICTION = UnitedStates("us")
