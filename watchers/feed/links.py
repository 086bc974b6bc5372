"""Where does a link lead, and is it the same place as before?"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_LONGEST = 2000
_PASSING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|yclid|_ga|ref_src"
    r"|(?:j|php|asp|aspx)?sess(?:ion)?_?(?:id)?|phpsessid|jsessionid|aspsessionid\w*|sid|cfid|cftoken|sessiontoken"
    r"|(?:access_?|auth_?|csrf_?)?token|nonce|timestamp|ts|rand|random|cache_?(?:buster|bust)?|cb|_",
    re.IGNORECASE,
)
"""Parameters that say who asks and when, not what for."""

_PASSING_FRAGMENT = re.compile(r"(?:xtor|utm_\w+|ref|from)=.*|rss|:~:text=.*", re.IGNORECASE)
_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*", re.IGNORECASE)


def safe(link: str | None) -> str | None:
    """Return an absolute http or https address, without what passes; None for anything else, scripts above all."""
    if not link:
        return None
    text = link.strip()
    if not text or len(text) > _LONGEST or "\\" in text or any(c <= " " or c == "\x7f" for c in text):
        return None
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    return urlunsplit(parts._replace(path=_IN_PATH.sub("", parts.path), query=_lasting(parts.query)))


def place(link: str) -> str:
    """Return what two addresses of one place have in common: no scheme, no `www.`, no last slash.

    A fragment stays, unless it says only where the reader came from: some pages hold a decree under each.
    """
    parts = urlsplit(link)
    host = parts.netloc.lower().removeprefix("www.")
    fragment = "" if _PASSING_FRAGMENT.fullmatch(parts.fragment) else parts.fragment
    return urlunsplit(("", "", f"{host}{parts.path.rstrip('/')}", parts.query, fragment))


def _lasting(query: str) -> str:
    """Drop the parameters that pass; a query without any is left as it was written."""
    if not query:
        return ""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return query
    kept = [pair for pair in pairs if not _PASSING.fullmatch(pair[0])]
    return query if len(kept) == len(pairs) else urlencode(kept)
