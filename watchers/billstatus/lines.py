"""Which action lines and roll calls does a file hold, as the API would write them?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from watchers.billstatus.document import inside, members, text, whole
from watchers.xml import Node

Row = dict[str, Any]

_TWELVE_HOURS = re.compile(r"(?:0?[1-9]|1[0-2]):[0-5]\d ?[AP]M", re.IGNORECASE)
_ROLL = {"House": r"\bRoll no\. ?{}\b", "Senate": r"\bRecord Vote Number: ?{}\b"}
"""How a chamber's own line names its roll call."""


def action_rows(bill: Node) -> tuple[list[Row], list[Row]]:
    """Return the lines of `actions`, and lines that stand for roll calls no line of the record names.

    Until December 2022 roll calls were listed beside the actions; the API hangs them on the lines they belong to.
    """
    lines = [_line(node) for node in inside(bill, "actions") if node.tag == "item"]
    return lines, list(_assigned(bill, lines))


def _line(node: Node) -> Row:
    said = members(node)
    parts = {child.tag: child for child in node if len(child)}
    named = [*parts.get("committees", ()), *([parts["committee"]] if "committee" in parts else [])]
    return {
        "actionCode": said.get("actionCode"),
        "actionDate": said.get("actionDate"),
        "actionTime": clock(said.get("actionTime")),
        "text": said.get("text"),
        "type": said.get("type"),
        "sourceSystem": members(parts["sourceSystem"]) if "sourceSystem" in parts else None,
        "committees": [members(one) for one in named],
        "recordedVotes": [_vote(one) for one in parts.get("recordedVotes", ())],
    }


def clock(stated: str | None) -> str | None:
    """Return a time of day with 24 hours; the files of 2015 and early 2016 write 05:10PM, and 12:09PM is noon."""
    if stated is None or not _TWELVE_HOURS.fullmatch(stated.strip()):
        return stated
    plain = stated.strip().upper().replace(" ", "")
    return datetime.strptime(plain, "%I:%M%p").strftime("%H:%M:%S")  # noqa: DTZ007 a wall time without a day


def _vote(node: Node) -> Row:
    said = members(node)
    return {
        "chamber": said.get("chamber"),
        "congress": _whole_if(said, "congress"),
        "date": said.get("date"),
        "rollNumber": _whole_if(said, "rollNumber"),
        "sessionNumber": _whole_if(said, "sessionNumber"),
        "url": said.get("url"),
    }


def _whole_if(said: Mapping[str, str], name: str) -> int | None:
    return whole(said[name], f"recordedVotes.{name}") if name in said else None


def _assigned(bill: Node, lines: list[Row]) -> Iterator[Row]:
    """Hang the roll calls listed beside the actions on the lines that name them; yield the others as lines."""
    for node in inside(bill, "recordedVotes"):
        vote = _vote(node)
        naming = _ROLL.get(vote["chamber"] or "")
        if naming is None or vote["rollNumber"] is None:
            continue  # as where it hangs on a line: no chamber and number, no name
        pattern = re.compile(naming.format(vote["rollNumber"]), re.IGNORECASE)
        told = [line for line in lines if line["text"] and pattern.search(line["text"])]
        for line in told:
            line["recordedVotes"].append(vote)
        if not told:
            words = text(node, "fullActionName")
            yield {"actionDate": (vote["date"] or "")[:10] or None, "text": words, "recordedVotes": [vote]}
