"""What happened to a bill, each event once?

The API tells many events twice or more: the House or Senate line and its echo by the Library under another code,
sometimes with "Passed/agreed to in House: " in front; "Introduced in House" under two codes; a referral once for each
committee; a law dated otherwise by another code. All of these are one entry, whichever came first, and `codes` lists
under which codes it was told. Words added later to cite the Congressional Record change nothing. What repeats the same
words on one day at another time of day, or of another committee without being a referral, is another event. A copy by
the Library never dates an event: the day is that of the chamber's own line.

A line of another shape than expected is a fault of its own, and leaves the status in doubt; the others are read as
ever.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import msgspec

from domain.coded_text import coded
from domain.documents import DocumentId
from domain.errors import Changed
from domain.records.facets import Facet, short_digest
from watchers.client import decode_json
from watchers.congress.action_grammar import COPY_PREFIX, is_the_measure
from watchers.congress.action_steps import LineDoubt, read_step
from watchers.congress.client import clean_words, convert_values, parse_stamp, washington_day

LIBRARY = 9
"""The source code of the Library of Congress, whose codes are the authoritative ones for milestones."""

_CITES = re.compile(r"\b(?:CR|text|consideration|Sponsor introductory remarks)\b", re.IGNORECASE)
"""What a citation of the Congressional Record says between its brackets."""
_ONCE = frozenset({"presented", "signed", "unsigned", "vetoed", "pocket_vetoed", "law"})
"""What the President does or lets happen to a bill happens once."""
_REFERRAL = re.compile(r"\breferred\b", re.IGNORECASE)
_CLOCK = re.compile(r"\d{2}:\d{2}:\d{2}")
_NO_OBJECT = re.compile(r"On motion to table (?:Agreed|Adopted)")
_MOVED_TO_TABLE = re.compile(r"\bmoved to (?:table|lay) (?P<object>.+?)(?: on the table)?\.?$")
_COPIED_WITHIN = timedelta(days=7)
"""How far the day of a copy by the Library may lie from that of the line it repeats."""


class _Source(msgspec.Struct):
    code: int | str | None = None
    name: str | None = None


class _Committee(msgspec.Struct, rename="camel"):
    system_code: str | None = None
    name: str | None = None


class _Vote(msgspec.Struct, rename="camel"):
    chamber: str | None = None
    congress: int | None = None
    date: str | None = None
    roll_number: int | None = None
    session_number: int | None = None
    url: str | None = None


class ActionLine(msgspec.Struct, rename="camel"):
    """One line of `actions`, as the API writes it."""

    action_code: str | int | None = None
    action_date: str | None = None
    action_time: str | None = None
    text: str | None = None
    type: str | None = None
    source_system: _Source | None = None
    committees: list[_Committee] | None = None
    recorded_votes: list[_Vote] | None = None


ACTION_LINE = msgspec.json.Decoder(ActionLine)


@dataclass(frozen=True, slots=True)
class ActionLines:
    """The lines of a list of actions that can be read, and what is wrong with the others."""

    lines: tuple[ActionLine, ...]
    unreadable: tuple[Changed, ...]

    def facets(self, bill: DocumentId) -> dict[str, Facet]:
        """Return the facets `actions` and `votes`, and `unreadable` where a line is."""
        actions, votes = action_facets(self.lines, bill)
        unreadable = {short_digest(str(error)): {"text": error.recorded} for error in self.unreadable}
        return {"actions": actions, "votes": votes} | ({"unreadable": unreadable} if unreadable else {})


def read_action_lines(rows: Iterable[bytes | Mapping[str, Any]], where: str) -> ActionLines:
    """Read rows, in JSON or as plain values, each for itself: what is wrong with one is no fault of the others. Changed
    where none can be read."""
    lines: list[ActionLine] = []
    unreadable: list[Changed] = []
    for number, row in enumerate(rows):
        try:
            lines.append(_action_line(row, f"{where}: actions[{number}]"))
        except Changed as error:
            unreadable.append(error)
    if unreadable and not lines:
        raise unreadable[0]
    return ActionLines(tuple(lines), tuple(unreadable))


def _action_line(row: bytes | Mapping[str, Any], at: str) -> ActionLine:
    line = decode_json(row, ACTION_LINE, at) if isinstance(row, bytes) else convert_values(row, ActionLine, at)
    washington_day(line.action_date, f"{at}.actionDate")
    for number, vote in enumerate(line.recorded_votes or ()):
        parse_stamp(vote.date, f"{at}.recordedVotes[{number}].date")
    return line


@dataclass(frozen=True, slots=True)
class _ReadLine:
    """One line, read: what event it tells of (`on`, `words`), and under which code."""

    on: str | None
    words: str
    text: str
    time: str | None
    code: str | None
    source: int | None
    type: str | None
    chamber: str | None
    step: str | None
    committees: frozenset[str]
    votes: Mapping[str, Mapping[str, Any]]
    doubt: LineDoubt | None = None
    copied: bool = False

    @property
    def rank(self) -> tuple[bool, bool, str, str, str]:
        """Whose words stand for the event: those that move the bill, then the Library's; the rest is only order."""
        rest = f"{self.source} {self.type} {sorted(self.committees)} {sorted(self.votes.items(), key=str)}"
        return (self.step is None, self.source != LIBRARY, self.code or "", f"{self.time} {self.text}", rest)


_ByEvent = dict[tuple[str | None, str], list[_ReadLine]]


def action_facets(lines: Sequence[ActionLine], bill: DocumentId) -> tuple[Facet, Facet]:
    """Return the facets `actions` and `votes`. The order of `lines` decides nothing: the publisher lists the newest
    first, and they are stated, and reported, in the order in which they happened."""
    read = [_read(line, bill, f"actions[{number}]") for number, line in enumerate(lines)]
    by_event: _ByEvent = {}
    for one in _dated_once(_without_other_objects(read)):
        by_event.setdefault((one.on, one.words), []).append(one)
    actions: dict[str, Mapping[str, Any]] = {}
    votes: dict[str, Mapping[str, Any]] = {}
    for (on, words), in_all in by_event.items():
        name = f"{on or 'undated'}:{short_digest(words)}"
        for number, event in enumerate(_events(in_all), start=1):
            actions[name if number == 1 else f"{name}:{number}"] = _entry(event)
            for one in sorted(event, key=lambda t: t.rank, reverse=True):
                votes |= one.votes
    return dict(reversed(actions.items())), votes


def _without_other_objects(lines: Sequence[_ReadLine]) -> Sequence[_ReadLine]:
    """Take the step from a vote on tabling that names no object, where the motion before it was on something else."""
    if not any(line.step == "tabled:house" and _NO_OBJECT.match(line.words) for line in lines):
        return lines
    motions = sorted(
        (line.on or "", line.time or "", found["object"])
        for line in lines
        if (found := _MOVED_TO_TABLE.search(line.words))
    )
    return [
        replace(line, step=None) if _NO_OBJECT.match(line.words) and _is_on_something_else(line, motions) else line
        for line in lines
    ]


def _is_on_something_else(line: _ReadLine, motions: Sequence[tuple[str, str, str]]) -> bool:
    """Say whether the last motion to table before this vote, on its day, was not on the measure."""
    before = [named for on, time, named in motions if on == line.on and (not line.time or time <= line.time)]
    return bool(before) and not is_the_measure(before[-1])


def _dated_once(lines: Sequence[_ReadLine]) -> Sequence[_ReadLine]:
    """Give the lines of one event one day, where two codes date it otherwise: what can happen but once, and what the
    Library repeats of a chamber. 115 S. 114 became law on two days (usgpo/bill-status #69)."""
    once: dict[tuple[str, str], list[_ReadLine]] = {}
    own: dict[str, set[str]] = {}
    for line in lines:
        if line.step in _ONCE:
            once.setdefault((line.step, line.words), []).append(line)
        elif line.on and not line.copied:
            own.setdefault(line.words, set()).add(line.on)
    days = {event: min(stated, key=_dating).on for event, stated in once.items() if len(stated) > 1}
    own_days = {words: sorted(found) for words, found in own.items()}
    return [_on(line, days.get((line.step or "", line.words)) or _day_copied(line, own_days)) for line in lines]


def _on(line: _ReadLine, day: str | None) -> _ReadLine:
    return line if day is None or day == line.on else replace(line, on=day)


def _dating(line: _ReadLine) -> tuple[bool, str]:
    """Say which line dates what happens once: of a law, that of the Library, which numbers it; of anything else that of
    the chamber, which the Library copies; else the first."""
    by_library = line.source == LIBRARY and (line.code or "").isdigit()
    return (line.source != LIBRARY if line.step == "law" else by_library, line.on or "")


def _day_copied(line: _ReadLine, own: Mapping[str, Sequence[str]]) -> str | None:
    """Return the day of the chamber's line that a copy repeats, the nearest; None where there is none near."""
    days = own.get(line.words, ()) if line.copied and line.on else ()
    if line.on is None or not days:
        return None
    day, place = date.fromisoformat(line.on), bisect_left(days, line.on)
    near = days[max(0, place - 1) : place + 1]
    apart, nearest = min((abs(date.fromisoformat(one) - day), one) for one in near)
    return nearest if apart <= _COPIED_WITHIN else None


def event_words(text: str) -> str:
    """Return the words that name an event: without an echo's prefix, later citations of the Record, and odd spaces."""
    words = " ".join(text.split())
    end = len(words)
    while end and words[end - 1] == ")":
        opened = words.rfind("(", 0, end - 1)
        cited = words[opened + 1 : end - 1]
        if opened < 0 or ")" in cited or not _CITES.search(cited):
            break
        end = opened - 1 if words[opened - 1 : opened] == " " else opened
    words = words[: max(end, 0)]
    copied = COPY_PREFIX.match(words)
    return words[copied.end() :] if copied else words


def _read(line: ActionLine, bill: DocumentId, where: str) -> _ReadLine:
    code = str(line.action_code) if line.action_code not in (None, "") else None
    source = _number(line.source_system.code if line.source_system else None)
    text = clean_words(line.text)
    on = washington_day(line.action_date, f"{where}.actionDate")
    step, doubt = read_step(text, code, bill) if on else (None, None)
    return _ReadLine(
        on=on,
        words=event_words(text) or f"[{line.type or 'action'} {code or 'without words'}]",
        text=text,
        time=line.action_time if line.action_time and _CLOCK.fullmatch(line.action_time) else None,
        code=code,
        source=source or None,  # 0 was the Senate's until 2022; since then it has a name and no number
        type=line.type,
        chamber=_chamber(code, source, line.source_system.name if line.source_system else None),
        step=step,
        committees=frozenset(c.system_code.lower() for c in line.committees or () if c.system_code),
        votes=dict(_votes(line, bill, on, text, where)),
        doubt=doubt,
        copied=source == LIBRARY and bool(COPY_PREFIX.match(" ".join(text.split()))),
    )


def _number(code: int | str | None) -> int | None:
    if isinstance(code, str):
        return int(code) if code.isascii() and code.isdigit() and len(code) < 6 else None
    return code


def _chamber(code: str | None, source: int | None, name: str | None) -> str | None:
    """Say whose floor or committee a line belongs to. The Library's numbers below 10000 are the House's, those from
    10000 to 18999 the Senate's; the other sources belong to one chamber."""
    if code and code[0] == "E":
        return None  # what the President does is told by either chamber's source
    if source in (1, 2):
        return "House"
    if source == 0 or (source is None and name == "Senate"):
        return "Senate"
    number = _number(code)
    if number is not None:
        return "House" if number < 10_000 else "Senate" if number < 19_000 else None
    return "House" if code and code[0] == "H" else None


def _events(reported: Sequence[_ReadLine]) -> list[list[_ReadLine]]:
    """Tell apart the events that share day and words: as many as one single code tells of them at the least.

    Each code tells every event at most once; so the lines of different codes are laid on one another in order.
    """
    by_code: dict[tuple[str | None, int | None], list[_ReadLine]] = {}
    for one in reported:
        by_code.setdefault((one.code, one.source), []).append(one)
    layers = [_distinct(lines) for lines in by_code.values()]
    longest = max(len(layer) for layer in layers)
    return [[line for layer in layers for line in _at(layer, number)] for number in range(longest)]


def _at(layer: Sequence[list[_ReadLine]], number: int) -> list[_ReadLine]:
    return layer[number] if number < len(layer) else []


def _distinct(lines: Iterable[_ReadLine]) -> list[list[_ReadLine]]:
    """Gather the lines of one code by event. A line that says less than another, or the same, is no other event."""
    events: list[list[_ReadLine]] = []
    everything = _Gathered({}, {})
    by_time: dict[str, _Gathered] = {}
    for line in sorted(lines, key=lambda t: (t.time or "~", -len(t.committees), sorted(t.committees))):
        near = everything if line.time is None else by_time.setdefault(line.time, _Gathered({}, {}))
        same = near.repeated(line)
        if same is not None:
            same.append(line)
            continue
        events.append([line])
        everything.add(events[-1])
        if line.time is not None:
            near.add(events[-1])
    return events


@dataclass(frozen=True, slots=True)
class _Gathered:
    """Events, by the committees of their first line, and by each committee named in it."""

    whole: dict[frozenset[str], list[_ReadLine]]
    naming: dict[str, list[list[_ReadLine]]]

    def add(self, event: list[_ReadLine]) -> None:
        self.whole.setdefault(event[0].committees, event)
        for committee in event[0].committees:
            self.naming.setdefault(committee, []).append(event)

    def repeated(self, line: _ReadLine) -> list[_ReadLine] | None:
        """Return the first event that a line says again: a referral of any, else one whose committees contain its
        own."""
        if not line.committees or _REFERRAL.search(line.words):
            return next(iter(self.whole.values()), None)
        if line.committees in self.whole:
            return self.whole[line.committees]
        fewest = min((self.naming.get(committee, []) for committee in line.committees), key=len)
        return next((event for event in fewest if line.committees <= event[0].committees), None)


def _entry(reported: Sequence[_ReadLine]) -> dict[str, Any]:
    """Say one event once, in the words of the line that says most about where the bill stands."""
    main = min(reported, key=lambda t: t.rank)
    doubt = main.doubt or next((t.doubt for t in reported if t.doubt is LineDoubt.CODE), None)
    in_doubt: dict[str, Any] = {"doubt": str(doubt)} if doubt else {}
    if doubt and (main.step is None or doubt is LineDoubt.UNSAID):
        in_doubt["undecided"] = True  # it may have decided what no status says yet
    return in_doubt | {
        "on": main.on,
        "text": main.text,
        "label": main.text or coded("words.none").to_json(),
        "code": main.code,
        "source": main.source,
        "time": min((t.time for t in reported if t.time), default=None),
        "type": main.type,
        "chamber": main.chamber or next((t.chamber for t in sorted(reported, key=lambda t: t.rank) if t.chamber), None),
        "step": main.step,
        "committees": sorted({code for t in reported for code in t.committees}),
        "votes": sorted({name for t in reported for name in t.votes}),
        "codes": sorted({f"{t.code or '-'}/{'-' if t.source is None else t.source}" for t in reported}),
    }


def _votes(
    line: ActionLine, bill: DocumentId, on: str | None, text: str, where: str
) -> Iterable[tuple[str, dict[str, Any]]]:
    """Name the roll calls of a line by Congress, chamber, year and number, which is how both chambers count them."""
    for number, vote in enumerate(line.recorded_votes or ()):
        at = f"{where}.recordedVotes[{number}]"
        if vote.roll_number is None or (vote.chamber or "").lower() not in ("house", "senate"):
            continue
        chamber = str(vote.chamber).capitalize()
        congress = vote.congress or int(bill.parts[0])
        taken = parse_stamp(vote.date, f"{at}.date")
        day = washington_day(vote.date, f"{at}.date") or on
        year = _counted_in(day) if day else 1788 + 2 * (congress - 1) + (vote.session_number or 1)
        yield (
            f"us/vote/{congress}/{chamber.lower()}/{year}/{vote.roll_number}",
            {
                "on": day,
                "text": text,
                "label": coded("vote.numbered", chamber=chamber, number=vote.roll_number).to_json(),
                "chamber": chamber,
                "congress": congress,
                "session": vote.session_number,
                "roll": vote.roll_number,
                "taken_at": taken.isoformat() if taken else None,
                "url": vote.url,
            },
        )


def _counted_in(day: str) -> int:
    """Return the year whose roll calls a day's are numbered with: a session ends on 3 January (20th Amendment), so that
    the House's vote of 1 January 2013 is number 659 of 2012."""
    return int(day[:4]) - (day[5:] < "01-03")
