"""What entries do these bytes hold, whatever kind of feed they are?"""

from __future__ import annotations

from datetime import datetime

from watchers.feed.entry import Reading
from watchers.feed.json_feed import is_json, read_json
from watchers.feed.syndication import read_xml


def read(body: bytes, content_type: str, url: str, now: datetime) -> Reading:
    """Read an answer; Changed if it is no feed. `content_type` is the header, `url` where it came from, `now` UTC."""
    return read_json(body, now) if is_json(body) else read_xml(body, content_type, url, now)
