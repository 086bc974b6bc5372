"""What did a feed say of one entry, read once more from its archived bytes?

An entry is recognised by what was known of the feed then, which is not kept: so every entry of the bytes is read, and
one of them must be the one that was recorded. Its own name, where it is new, follows from its guid, link or words.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.observation import Observation, ParseInput
from watchers.feed.identity import possible_keys, traits_of
from watchers.feed.parser import parse_feed
from watchers.feed.watcher import observe_entry


def reread(told: ParseInput) -> Iterator[Observation]:
    """Read the entries of a feed again (`feed/1`), each as one seen before or as a new one."""
    for digest in dict.fromkeys(told.named.values()):
        kept = told.archive.evidence(digest)
        found = parse_feed(kept.body, kept.content_type, kept.url, told.known_from)
        for entry in found.entries:
            if told.before is None and told.document.parts[-1] not in possible_keys(traits_of(entry)):
                continue
            seen = observe_entry(told.document, entry, told.source, digest, known=told.before is not None)
            facets = {name: facet for name, facet in seen.facets.items() if name in told.named}
            yield told.observation(facets, seen.published_at)
