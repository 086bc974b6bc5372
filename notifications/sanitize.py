"""What of a stranger's text may reach a reader?

Titles and official sentences come from publishers and are treated as hostile: they may carry line breaks, terminal
escapes, direction overrides, lone surrogates or eight million characters.
"""

from __future__ import annotations

from unicodedata import category
from urllib.parse import quote, urlsplit

_SPACE = frozenset({"Cc", "Zl", "Zp", "Zs"})
_DROPPED = frozenset({"Cf"})
_UNREADABLE = frozenset({"Cs", "Cn", "Co"})

_URL_SAFE = "%/:?#[]@!$&'()*+,;=~-._"
_LONGEST_URL = 2000


def one_line(text: str | None, limit: int) -> str:
    """Return `text` as one clean line of at most `limit` characters; "" for None.

    Controls become spaces (so that words stay apart) and runs of spaces one; invisible format characters, among
    them every direction override, are dropped; what cannot be encoded becomes U+FFFD. What is cut ends in `…`.
    """
    if not text:
        return ""
    # Only what could still be shown is looked at: a title of megabytes costs no more than one of a page.
    seen = text[: limit * 4 + 256]
    line = " ".join("".join(map(_shown, seen)).split())
    return _shortened(line, limit, cut=len(seen) < len(text))


def _shown(character: str) -> str:
    if " " <= character <= "~":
        return character
    sort = category(character)
    if sort in _SPACE:
        return " "
    if sort in _DROPPED:
        return ""
    return "\ufffd" if sort in _UNREADABLE else character


def _shortened(line: str, limit: int, *, cut: bool) -> str:
    if len(line) <= limit and not cut:
        return line
    kept = line[: limit - 1]
    space = kept.rfind(" ", max(limit - 30, 1))
    return (kept if space < 0 else kept[:space]).rstrip() + "…"


def safe_link(url: str | None) -> str | None:
    """Return `url` if a person may be led there: http or https with a host, no credentials, nothing invisible.

    What is not ASCII is percent-encoded, and so are `<`, `>`, `"` and `|`.
    """
    if not url or len(url) > _LONGEST_URL or "\\" in url or any(c <= " " or c == "\x7f" for c in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    return quote(url, safe=_URL_SAFE, errors="replace")
