"""English: the words that messages are made of."""

from __future__ import annotations

from domain.jurisdictions.us.statuses import STATUS_WORDS
from domain.records.facets import Kind
from notifications.languages.language import Language, Phrases, Rung

_PHRASES = {
    Kind.STATUS: Phrases("{after}", "{after} (was: {before})", "No longer: {before}", "Status"),
    Kind.ACTION: Phrases(
        "New action: {after}", "Action reworded: {before} → {after}", "Action withdrawn: {before}", "New action"
    ),
    Kind.TEXT: Phrases("New text: {after}", "Text: {before} → {after}", "Text withdrawn: {before}", "New text"),
    Kind.TITLE: Phrases("New title: {after}", "Title: {before} → {after}", "Title dropped: {before}", "New title"),
    Kind.SUMMARY: Phrases(
        "New summary: {after}", "Summary revised: {after}", "Summary withdrawn: {before}", "New summary"
    ),
    Kind.SPONSOR: Phrases(
        "Sponsor added: {after}", "Sponsor: {before} → {after}", "Sponsor withdrew: {before}", "Sponsor added"
    ),
    Kind.COMMITTEE: Phrases(
        "Committee: {after}", "Committee: {before} → {after}", "Committee dropped: {before}", "Committee"
    ),
    Kind.RELATED: Phrases(
        "Related: {after}", "Related: {before} → {after}", "No longer listed as related: {before}", "Related"
    ),
    Kind.VOTE: Phrases("Vote: {after}", "Vote: {after} (was: {before})", "Vote withdrawn: {before}", "Vote"),
    Kind.HEARING: Phrases(
        "Hearing: {after}", "Hearing: {after} (was: {before})", "Hearing withdrawn: {before}", "Hearing"
    ),
    Kind.APPEARED: Phrases(
        "New on the record: {after}", "New on the record: {after}", "Gone: {before}", "New on the record"
    ),
    Kind.TERM: Phrases("{after}", "{after} (was: {before})", "No longer stated: {before}", "Term"),
    Kind.REMINDER: Phrases("{after}", "{after}", "No longer due: {before}", "Reminder"),
    Kind.CORRECTION: Phrases(
        "Correction: {after}", "Correction: {after} (we said: {before})", "Correction: not so: {before}", "Correction"
    ),
    Kind.SOURCE: Phrases(
        "Source {name}: {after}", "Source {name}: {after} (was: {before})", "Source {name}", "Source {name}"
    ),
    Kind.CHANNEL: Phrases(
        "Channel {name}: {after}", "Channel {name}: {after} (was: {before})", "Channel {name}", "Channel {name}"
    ),
    Kind.RECEIPT: Phrases("{after}", "{after}", "Receipt", "Receipt"),
}

_WORDS = {
    "nothing_new": "Nothing new",
    "more_in_subject": "+{n} more",
    "more": "and {n} more",
    "next_short": "next",
    "note_short": "note",
    "happened_short": "happened",
    "more_short": "{n} more",
    "also_new": "Also new",
    "happened": "Happened",
    "published": "published {moment}",
    "seen": "seen {moment}",
    "Published": "Published",
    "Seen": "Seen",
    "standing": "Where it stands",
    "meaning": "What it means",
    "next": "What comes next",
    "note": "Your note",
    "why": "Why you got this",
    "alert": "Alert",
    "message": "message",
    "evidence": "Evidence",
    "source": "source",
    "differs": "What differs",
    "since": "{status}, since {day}",
    "now": "now: {status}",
    "late": "Late news: this happened {days} before we saw it.",
    "corrected": "We said: {before}. The record now says: {after}.",
    "corrected_on": "On {day} we said: {before}. The record now says: {after}.",
    "became_law": "Became {law}",
    "has_number": "It is {law}. Nothing more is needed.",
    "given_up": "a message was given up",
    "came_together": "{number} ({parties}): {names}",
    "came_together_plain": "{number}: {names}",
    "together_now": "Together now {total}",
    "in_documents": "{changes} in {documents}",
    "and_more": "{headline} (and {n} more)",
    "and_more_names": "; and {n} more",
    "daily": "daily",
    "weekly": "weekly",
    "caught up": "caught up",
    "news": "news",
    "advice_ok": "The source is being read again. What it published meanwhile is told now; nothing is lost.",
    "advice_unavailable": "lexwatch asks again by itself. Until then the last good status stands.",
    "advice_refused": "A person has to act: check the key and the address of this source in the configuration.",
    "advice_blocked": "A challenge page stands in front of the source. lexwatch asks again by itself; if this lasts, "
    "write to the publisher.",
    "advice_changed": "The source answers in a shape lexwatch does not know. Until its reader is mended the last good "
    "status stands.",
    "advice_late": "The source has not been read for longer than its rhythm allows. The last good status stands.",
    "advice_quiet": "The source answers, but has published nothing for unusually long.",
    "advice_dead": "Nothing more will be tried for that message. `lexwatch alerts --state dead` lists what was given "
    "up.",
    "advice_a template cannot be used": "Until the file is mended the template that ships is used "
    "in its place: no message is lost.",
}

LANGUAGE = Language(
    code="en",
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    phrases=_PHRASES,
    words=_WORDS,
    nouns={
        "day": ("day", "days"),
        "month": ("month", "months"),
        "year": ("year", "years"),
        "change": ("change", "changes"),
        "check": ("check", "checks"),
        "watch": ("watch", "watches"),
        "document": ("document", "documents"),
        "cosponsors": ("cosponsor", "cosponsors"),
        "amendments": ("amendment", "amendments"),
    },
    plural=lambda number: 0 if number == 1 else 1,
    ladder={status: Rung(*said) for status, said in STATUS_WORDS.items()},
    sentences=(("{x}. ({d})", "{x} ({d})"), ("{x} (since {d})", "{x} (since {d})"), ("{x} ({d})", "{x} ({d})")),
    chambers={"HOUSE": {"": "House"}, "SENATE": {"": "Senate"}, "": {"": "chamber where it began"}},
)
