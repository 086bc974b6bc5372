"""What ships with the demo, made anew: `python -m tests.monitor.demo.record`.

`monitor/demo/data/story.json` holds what is replayed and what is said of it; `answers.json.gz` what the publishers
answered at each moment of it, in their own formats. Both follow from the histories in `tests/fixtures/demo`, whose
`about` says which instants are the record's own and which are modelled, and which texts are constructed.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.helpers.congress_publisher import SUB_LISTS, CongressPublisher
from tests.helpers.demo_http import Asked
from tests.helpers.demo_story import Part, bills, legislation, parts, watched_from
from tests.helpers.paths import CHECKOUT
from tests.helpers.rada_publisher import AGENT, RadaPublisher

DATA = CHECKOUT / "monitor" / "demo" / "data"
DESK = "desk@example.org"
CONFIG = """\
[service]
database = "lexwatch.db"
timezone = "America/New_York"
contact  = "desk@example.org"

[http]
allow_hosts = ["127.0.0.1"]

[source.congress]
every    = "15m"
base_url = "{base}/v3"
api_key  = { file = "api.key" }

[source.rada]
every    = "30m"
base_url = "{base}"

[[channel]]
name   = "desk"
kind   = "email"
to     = ["desk@example.org"]
sender = "lexwatch@example.org"
server = "{server}"

[[channel]]
name    = "policy-room"
kind    = "slack"
webhook = { file = "slack.webhook" }
"""


def story() -> dict[str, Any]:
    """Return what `story.json` holds."""
    played = parts()
    last = max(step.at for part in played for step in part.course.steps())
    updates = legislation().updates(watched_from(), last)
    return {
        "title": "lexwatch demo",
        "introduction": "The real service in fast-forward, against an embedded copy of the past: it polls, detects, "
        "remembers and sends. No network, no keys; all of it lives in a temporary folder that is removed at the end.",
        "servers": [
            ["records", "api.congress.gov and data.rada.gov.ua as they answered then, embedded web servers"],
            ["mailbox", f"{DESK}, an embedded mail server"],
            ["Slack", "#policy-room, an embedded webhook"],
        ],
        "modelled": "Every action, vote, text and name of a bill is the official record's own, and so is every number "
        "and date of a Ukrainian act; the texts of those acts are constructed. When a line became visible is not "
        "recorded: it is modelled as 08:00 in Washington on the next morning, and as 18:00 in Kyiv on the same day.",
        "about": {
            **{str(bill.document): list(bill.about) for bill in bills()},
            "legislation of Ukraine": list(legislation().about),
        },
        "zone": "America/New_York",
        "config": CONFIG,
        "parts": [_part(part) for part in played],
        "other_updates": sum(act not in legislation().renewals for act, _ in updates),
        "later": {
            "now": "2026-08-20T12:00:00+03:00",
            "gap": "This desk, which has read nothing since January: a gap is not an end.",
            "known": ["status", "Martial law"],
            "shipped": "A new desk begins with the history that ships with lexwatch. Of the renewal of May 2026 no "
            "document was found; the terms before and after it fix it, and nothing inferred passes for official.",
            "fresh": [
                ["status", "ua/regime/martial-law"],
                ["status", "ua/regime/martial-law", "--as-of", "2026-06-01"],
            ],
        },
        "afterwards": [["history", "NATO withdrawal"], ["status"]],
    }


def _part(part: Part) -> dict[str, Any]:
    course = part.course
    return {
        "title": part.title,
        "place": course.place,
        "zone": course.zone.key,
        "verb": course.verb,
        "watch": part.watched.toml() if part.watched else None,
        "mail_fails_on": part.mail_fails_on.isoformat() if part.mail_fails_on else None,
        "remark": part.remark,
        "steps": [
            {
                "at": step.at.isoformat(),
                "first": step.after is None,
                "published": course.published(step),
                "counted": [list(one) for one in course.counted([step])],
            }
            for step in course.steps()
        ],
    }


def answers() -> dict[str, list[list[Any]]]:
    """Return what `answers.json.gz` holds: for each path what was answered from which moment on."""
    now = watched_from()
    congress = CongressPublisher(bills(), now=lambda: now)
    rada = RadaPublisher(legislation(), now=lambda: now)
    found: dict[str, list[list[Any]]] = {}
    for now in sorted({step.at for part in parts() for step in part.course.steps()}):
        asked = [(path, congress.answer(_asked(path))) for path in _paths_of_bills()]
        asked += [(path, rada.answer(_asked(path))) for path in _paths_of_acts()] if now >= watched_from() else []
        for path, answer in asked:
            stated = [answer.status, answer.content_type, answer.headers.get("Last-Modified"), answer.body.decode()]
            versions = found.setdefault(path, [])
            if answer.status == 200 and (not versions or versions[-1][1:] != stated):
                versions.append([now.isoformat(), *stated])
    return {path: versions for path, versions in sorted(found.items()) if versions}


def _asked(path: str) -> Asked:
    return Asked("GET", path, {"limit": "250"}, {"x-api-key": "key", "user-agent": AGENT}, b"")


def _paths_of_bills() -> Iterator[str]:
    for bill in bills():
        congress, kind, number = bill.document.parts
        yield f"/v3/bill/{congress}"
        yield f"/v3/bill/{congress}/{kind}/{number}"
        yield from (f"/v3/bill/{congress}/{kind}/{number}/{name}" for name in SUB_LISTS)


def _paths_of_acts() -> Iterator[str]:
    yield from ("/laws/main/r.xml", "/laws/main/n/page1.json", "/laws/main/a/page1.json")
    for act in legislation().acts:
        yield from (f"/laws/card/{act.nreg}.json", f"/laws/show/{act.nreg}.txt")


def written() -> dict[Path, bytes]:
    """Return the files and their bytes."""
    packed = json.dumps(answers(), ensure_ascii=False, separators=(",", ":")).encode()
    return {
        DATA / "story.json": (json.dumps(story(), ensure_ascii=False, indent=1) + "\n").encode(),
        DATA / "answers.json.gz": gzip.compress(packed, mtime=0),
    }


if __name__ == "__main__":
    for path, body in written().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        print(f"{path.relative_to(CHECKOUT)}: {len(body):,} bytes")
