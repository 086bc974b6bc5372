"""What does a feed state of its entries where feedparser does not look?

feedparser drops the attributes of `<item>`, and with them the only place where the UK Parliament's feed of all bills
says at which stage a bill is (`p4:stage="Committee stage"`): its guid and its title never change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lxml import etree

from watchers.feed.plain import clean

_NAMES = frozenset({"stage", "status", "state"})
_ENTRIES = frozenset({"item", "entry"})
_MAY_STATE = re.compile(rb"(?i)[\s:<](?:stage|status|state)[\s=>]")
_LONGEST = 200


def stated(body: bytes) -> Sequence[Mapping[str, str]]:
    """Return for each item or entry, in order, what it says under a name that means a state: attribute or child.

    Empty if there is nothing of the kind, or if the body is no well-formed XML. `body` must have passed the guard.
    """
    if not _MAY_STATE.search(body):
        return ()
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except (etree.XMLSyntaxError, ValueError):
        return ()
    entries = (e for e in root.iter() if isinstance(e.tag, str) and _local(e.tag) in _ENTRIES)
    return [_of(entry) for entry in entries]


def _of(entry: etree._Element) -> dict[str, str]:
    found = {_local(str(name)): str(value) for name, value in entry.attrib.items()}
    for child in entry:
        if isinstance(child.tag, str) and len(child) == 0 and child.text:
            found.setdefault(_local(child.tag), child.text)
    said = {name: clean(value)[:_LONGEST] for name, value in found.items() if name in _NAMES}
    return {name: value for name, value in said.items() if value}


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()
